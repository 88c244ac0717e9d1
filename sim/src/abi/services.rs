//! The host's side of the profile: the service table given to `sai_api_initialize`.
//!
//! Invariant: whatever the host's functions do short of crashing, reading a profile ends.

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use sai_sys::{
    Status, sai_profile_get_next_value_fn, sai_profile_get_value_fn, sai_service_method_table_t,
    sai_switch_profile_id_t,
};

use crate::profile::{KEYS, SAI_KEYS, Settings};
use crate::refusal::Result;

/// A host that says "there is one more" for ever is believed this often.
const MOST_PAIRS: usize = 4096;

/// The host's functions, as they were at initialise.
#[derive(Clone, Copy, Default)]
pub(crate) struct Services {
    value: sai_profile_get_value_fn,
    next: sai_profile_get_next_value_fn,
}

impl Services {
    pub(crate) fn new(table: &sai_service_method_table_t) -> Self {
        Self { value: table.profile_get_value, next: table.profile_get_next_value }
    }

    /// Reads the profile; what is wrong with it is said on stderr, in one line.
    pub(crate) fn settings(&self, profile: sai_switch_profile_id_t) -> Result<Settings> {
        let pairs = self.pairs(profile);
        Settings::parse(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))).map_err(|why| {
            eprintln!("SAI_SIM: {why}");
            Status::INVALID_PARAMETER
        })
    }

    /// Every pair that can be enumerated, and then what each known key has: a host may offer either way.
    fn pairs(&self, profile: sai_switch_profile_id_t) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        if let Some(next) = self.next {
            // SAFETY: null out-pointers restart the walk, by the header's contract.
            unsafe { next(profile, ptr::null_mut(), ptr::null_mut()) };
            for _ in 0..MOST_PAIRS {
                let (mut key, mut value) = (ptr::null(), ptr::null());
                // SAFETY: both out-pointers are places of ours.
                let more = unsafe { next(profile, &raw mut key, &raw mut value) };
                if more != 0 || key.is_null() {
                    break;
                }
                // SAFETY: the host gave a string for the key.
                let key = unsafe { text(key) };
                // SAFETY: the host gave a string or null for the value.
                let value = unsafe { text(value) };
                if let (Some(key), Some(value)) = (key, value) {
                    pairs.push((key, value));
                }
            }
        }
        if let Some(get) = self.value {
            for key in KEYS.iter().map(|(key, _)| key).chain(SAI_KEYS) {
                let name = CString::new(*key).expect("keys have no NUL");
                // SAFETY: the name is a C string that lives through the call.
                let value = unsafe { get(profile, name.as_ptr()) };
                // SAFETY: the host gave a string or null.
                if let Some(value) = unsafe { text(value) } {
                    pairs.push(((*key).to_owned(), value));
                }
            }
        }
        pairs
    }
}

/// A copy of a C string; `None` of null.
///
/// # Safety
/// If not null, `text` points to a NUL-terminated string.
unsafe fn text(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: by this function's contract, and not null.
    Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}
