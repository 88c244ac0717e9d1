//! libFuzzer's loop around [`mlagsync_fuzz::capi`].
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| mlagsync_fuzz::bounded(|| mlagsync_fuzz::capi(bytes)));
