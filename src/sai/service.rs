//! The callbacks by which a library reads its profile.
//!
//! They carry no user data, so each library in the process gets callbacks of its own: a slot.
//!
//! Invariant: what a callback hands out lives as long as the process; a library may keep it.

use super::error::LibraryError;
use super::profile::Profile;
use parking_lot::Mutex;
use sai_sys::{sai_service_method_table_t, sai_switch_profile_id_t};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// Libraries that one process can initialise: a box of several ASIC vendors has two, a test program some dozens.
const SLOTS: usize = 128;

struct Slot {
    /// The address of the library's `sai_api_query`; 0: free.
    owner: usize,
    profile: Option<&'static Profile>,
    /// The pair that `profile_get_next_value` gives next.
    next: usize,
}

static SLOT: [Mutex<Slot>; SLOTS] = [const { Mutex::new(Slot { owner: 0, profile: None, next: 0 }) }; SLOTS];

/// Takes the slot of the library with this address, its old one if it had one, and puts the profile there.
pub(super) fn serve(
    owner: usize,
    profile: &'static Profile,
) -> Result<&'static sai_service_method_table_t, LibraryError> {
    // Looking and taking is one act: nobody takes the same free slot in between.
    static TAKING: Mutex<()> = Mutex::new(());
    let _taking = TAKING.lock();
    let owned_by = |owner: usize| (0..SLOTS).find(|&n| SLOT[n].lock().owner == owner);
    let Some(n) = owned_by(owner).or_else(|| owned_by(0)) else {
        return Err(LibraryError::TooMany { limit: SLOTS });
    };
    *SLOT[n].lock() = Slot { owner, profile: Some(profile), next: 0 };
    Ok(&METHODS[n])
}

extern "C" fn profile_get_value<const N: usize>(
    _profile: sai_switch_profile_id_t,
    variable: *const c_char,
) -> *const c_char {
    let Some(profile) = SLOT[N].lock().profile else { return ptr::null() };
    if variable.is_null() {
        return ptr::null();
    }
    // SAFETY: the header has the library pass a NUL-terminated string that lives for the call.
    let wanted = unsafe { CStr::from_ptr(variable) };
    let pair = profile.entries().iter().find(|(key, _)| key.as_c_str() == wanted);
    pair.map_or(ptr::null(), |(_, value)| value.as_ptr())
}

extern "C" fn profile_get_next_value<const N: usize>(
    _profile: sai_switch_profile_id_t,
    variable: *mut *const c_char,
    value: *mut *const c_char,
) -> c_int {
    let mut slot = SLOT[N].lock();
    if variable.is_null() || value.is_null() {
        slot.next = 0;
        return 0;
    }
    let pair = slot.profile.and_then(|profile| profile.entries().get(slot.next));
    let Some((key, text)) = pair else { return -1 };
    slot.next += 1;
    // SAFETY: not NULL, and the header has the library pass a place for one pointer.
    unsafe { variable.write(key.as_ptr()) };
    // SAFETY: as above.
    unsafe { value.write(text.as_ptr()) };
    0
}

const fn methods<const N: usize>() -> sai_service_method_table_t {
    sai_service_method_table_t {
        profile_get_value: Some(profile_get_value::<N>),
        profile_get_next_value: Some(profile_get_next_value::<N>),
    }
}

macro_rules! all {
    ($($n:literal)*) => { [$(methods::<$n>()),*] };
}

static METHODS: [sai_service_method_table_t; SLOTS] = all!(
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
    64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95
    96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119
    120 121 122 123 124 125 126 127
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a profile as a C library does: by key, then by iteration, twice, restarted either way.
    #[test]
    fn a_library_in_c_reads_the_profile() {
        let profile: Profile = "b=2\na=1\nempty=".parse().unwrap();
        let methods = serve(0x1000_0001, Box::leak(Box::new(profile))).unwrap();
        let get = methods.profile_get_value.unwrap();
        let next = methods.profile_get_next_value.unwrap();
        // SAFETY: what the callbacks hand out is a NUL-terminated string or NULL.
        let text = |p: *const c_char| (!p.is_null()).then(|| unsafe { CStr::from_ptr(p) }.to_str().unwrap());
        // SAFETY: the argument is a NUL-terminated string or NULL.
        let value = |key: *const c_char| text(unsafe { get(0, key) });
        assert_eq!(value(c"a".as_ptr()), Some("1"));
        assert_eq!(value(c"empty".as_ptr()), Some(""));
        assert_eq!(value(c"A".as_ptr()), None);
        assert_eq!(value(ptr::null()), None);

        let read_all = || {
            let mut pairs = Vec::new();
            loop {
                let (mut key, mut value) = (ptr::null(), ptr::null());
                // SAFETY: both point at places for a pointer.
                let answer = unsafe { next(0, &raw mut key, &raw mut value) };
                if answer != 0 {
                    assert_eq!(answer, -1);
                    return pairs;
                }
                pairs.push((text(key).unwrap(), text(value).unwrap()));
            }
        };
        let whole = [("b", "2"), ("a", "1"), ("empty", "")];
        assert_eq!(read_all(), whole);
        assert_eq!(read_all(), [], "the end stays the end");
        let mut key = ptr::null();
        // SAFETY: NULL is a documented argument.
        assert_eq!(unsafe { next(0, ptr::null_mut(), ptr::null_mut()) }, 0);
        assert_eq!(read_all(), whole);
        // SAFETY: as above.
        assert_eq!(unsafe { next(0, &raw mut key, ptr::null_mut()) }, 0);
        assert_eq!(read_all(), whole);
        // SAFETY: as above.
        assert_eq!(unsafe { next(0, ptr::null_mut(), &raw mut key) }, 0);
        assert_eq!(read_all(), whole);
    }

    #[test]
    fn two_libraries_read_their_own_profiles() {
        let one: &Profile = Box::leak(Box::new("k=one".parse().unwrap()));
        let two: &Profile = Box::leak(Box::new("k=two".parse().unwrap()));
        let (first, second) = (serve(0x2000_0001, one).unwrap(), serve(0x2000_0002, two).unwrap());
        let value = |m: &sai_service_method_table_t| {
            // SAFETY: the argument is a NUL-terminated string.
            let p = unsafe { m.profile_get_value.unwrap()(0, c"k".as_ptr()) };
            // SAFETY: the key is there, so this is a NUL-terminated string.
            unsafe { CStr::from_ptr(p) }.to_str().unwrap()
        };
        assert_eq!((value(first), value(second)), ("one", "two"));
        assert!(ptr::eq(serve(0x2000_0001, two).unwrap(), first), "a library keeps its slot");
        assert_eq!(value(first), "two");
    }
}
