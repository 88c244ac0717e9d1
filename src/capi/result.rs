//! What a function answers: a number that never changes, and the sentence behind it, kept for each thread.
//!
//! Invariant: `MLAGSYNC_OK` is zero, other answers that mean no harm are positive, failures are negative.

use super::text;
use std::cell::RefCell;
use std::ffi::{CStr, c_char};

/// What a function answers.
pub type mlagsync_result_t = i32;

macro_rules! results {
    ($($(#[$doc:meta])* $name:ident = $number:literal,)*) => {
        $($(#[$doc])* pub const $name: mlagsync_result_t = $number;)*

        /// The name of a number.
        fn name(result: mlagsync_result_t) -> &'static CStr {
            const fn text(bytes: &'static [u8]) -> &'static CStr {
                match CStr::from_bytes_with_nul(bytes) {
                    Ok(text) => text,
                    Err(_) => c"",
                }
            }
            match result {
                $($number => const { text(concat!(stringify!($name), "\0").as_bytes()) },)*
                _ => c"MLAGSYNC_?",
            }
        }
    };
}

results! {
    /// Done.
    MLAGSYNC_OK = 0,
    /// Not all of it now.
    MLAGSYNC_AGAIN = 1,
    /// Stopped, and SAI holds a thread.
    MLAGSYNC_LEFT_BEHIND = 2,
    /// A pointer that is needed is NULL.
    MLAGSYNC_E_NULL = -1,
    /// Not a handle, or one that was freed.
    MLAGSYNC_E_HANDLE = -2,
    /// A `struct_size` that cannot be.
    MLAGSYNC_E_STRUCT_SIZE = -3,
    /// A value that is none.
    MLAGSYNC_E_INVALID = -4,
    /// A string that is not UTF-8.
    MLAGSYNC_E_UTF8 = -5,
    /// A string without an end, a length that cannot be.
    MLAGSYNC_E_LENGTH = -6,
    /// The caller's buffer is too short.
    MLAGSYNC_E_BUFFER = -7,
    /// Not in this state.
    MLAGSYNC_E_STATE = -8,
    /// The handle is stopped.
    MLAGSYNC_E_STOPPED = -9,
    /// From inside a callback.
    MLAGSYNC_E_CALLBACK = -10,
    /// In a process that was forked off.
    MLAGSYNC_E_FORKED = -11,
    /// Command lines were refused.
    MLAGSYNC_E_REFUSED = -12,
    /// SAI cannot be used.
    MLAGSYNC_E_SAI = -13,
    /// The operating system refused.
    MLAGSYNC_E_SYSTEM = -14,
    /// No answer in time.
    MLAGSYNC_E_TIMEOUT = -15,
    /// Not in this build.
    MLAGSYNC_E_UNSUPPORTED = -16,
    /// A fault of the library's own.
    MLAGSYNC_E_PANIC = -17,
}

/// A failure: its number and its sentence.
#[derive(Debug)]
pub(super) struct Failure {
    /// The number.
    pub(super) code: mlagsync_result_t,
    /// For people.
    pub(super) text: String,
}

/// What most functions inside answer: `Ok` carries a result that is no failure.
pub(super) type Answer<T = mlagsync_result_t> = Result<T, Failure>;

impl Failure {
    /// One with this number.
    pub(super) fn new(code: mlagsync_result_t, text: impl Into<String>) -> Failure {
        Failure { code, text: text.into() }
    }

    /// A pointer that may not be NULL.
    pub(super) fn null(what: &str) -> Failure {
        Failure::new(MLAGSYNC_E_NULL, format!("{what} is NULL"))
    }

    /// A value that is none.
    pub(super) fn invalid(text: impl Into<String>) -> Failure {
        Failure::new(MLAGSYNC_E_INVALID, text)
    }
}

thread_local! {
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps a failure's sentence for this thread, and answers its number.
pub(super) fn keep(failure: Failure) -> mlagsync_result_t {
    // A thread that is ending has nobody to ask for it.
    let _ = LAST.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut() {
            *last = failure.text;
        }
    });
    failure.code
}

/// The name of a result.
#[unsafe(no_mangle)]
pub extern "C" fn mlagsync_result_name(result: mlagsync_result_t) -> *const c_char {
    name(result).as_ptr()
}

/// What went wrong in the latest call of this thread that failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_last_error(buffer: *mut c_char, size: usize) -> usize {
    let last = LAST.try_with(|last| last.try_borrow().map(|last| last.clone()).unwrap_or_default());
    // SAFETY: by the header, the buffer has `size` bytes, or is NULL.
    unsafe { text::write(&last.unwrap_or_default(), buffer, size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_called_as_in_c() {
        assert_eq!(name(0), c"MLAGSYNC_OK");
        assert_eq!(name(MLAGSYNC_E_PANIC), c"MLAGSYNC_E_PANIC");
        assert_eq!(name(i32::MIN), c"MLAGSYNC_?");
        assert_eq!(name(3), c"MLAGSYNC_?");
    }
}
