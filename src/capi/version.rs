//! What the library is: its release, its ABI, its features.

use super::text;
use std::ffi::c_char;

/// The number in the shared library's name.
pub const MLAGSYNC_ABI: u32 = 0;
/// The release.
pub const MLAGSYNC_VERSION_MAJOR: u32 = 0;
/// The release.
pub const MLAGSYNC_VERSION_MINOR: u32 = 1;
/// The release.
pub const MLAGSYNC_VERSION_PATCH: u32 = 0;

/// The features, and whether this build has them.
const FEATURES: &[(&str, bool)] =
    &[("event-fd", true), ("linked-sai", cfg!(feature = "linked")), ("nos-thread", true)];

/// The release of the library.
#[unsafe(no_mangle)]
pub extern "C" fn mlagsync_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The number in the shared library's name.
#[unsafe(no_mangle)]
pub extern "C" fn mlagsync_abi() -> u32 {
    MLAGSYNC_ABI
}

/// 1 when the library has this feature.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_has(feature: *const c_char) -> i32 {
    // SAFETY: by the header, it ends with a zero, or is NULL.
    let Ok(feature) = (unsafe { text::read("feature", feature, text::WORD_SIZE) }) else { return 0 };
    i32::from(FEATURES.iter().any(|(name, has)| *has && *name == feature))
}
