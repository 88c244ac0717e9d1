//! Text to C and from C.
//!
//! Invariant: no byte is read behind a string's bound, none is written behind a buffer's end, and what is written ends
//! with a zero and is cut between two characters.

use super::result::{Answer, Failure, MLAGSYNC_E_BUFFER, MLAGSYNC_E_LENGTH, MLAGSYNC_E_UTF8};
use super::{input, result};
use std::ffi::c_char;

/// Most bytes of a path, its zero included.
pub(super) const PATH_SIZE: usize = 4096;
/// Most bytes of a name, its zero included.
pub(super) const NAME_SIZE: usize = 256;
/// Most bytes of a word (a model, a feature), its zero included.
pub(super) const WORD_SIZE: usize = 65;

/// Reads a string that ends with a zero within `bound` bytes.
///
/// # Safety
/// NULL, or readable up to its zero or for `bound` bytes, whichever comes first.
pub(super) unsafe fn read(what: &str, text: *const c_char, bound: usize) -> Answer<String> {
    if text.is_null() {
        return Err(Failure::null(what));
    }
    // SAFETY: by the caller's promise; strnlen reads no further than the zero or the bound.
    let length = unsafe { libc::strnlen(text, bound) };
    if length == bound {
        let most = bound - 1;
        return Err(Failure::new(MLAGSYNC_E_LENGTH, format!("{what} has no end within {most} bytes")));
    }
    // SAFETY: strnlen has just read these bytes.
    let bytes = unsafe { std::slice::from_raw_parts(text.cast::<u8>(), length) };
    utf8(what, bytes.to_vec())
}

/// The same, where NULL stands for none.
///
/// # Safety
/// As [`read`].
pub(super) unsafe fn read_optional(what: &str, text: *const c_char, bound: usize) -> Answer<Option<String>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller promises.
    unsafe { read(what, text, bound) }.map(Some)
}

/// Reads a text of a given length.
///
/// # Safety
/// NULL, or readable for `length` bytes.
pub(super) unsafe fn read_counted(
    what: &str,
    text: *const c_char,
    length: usize,
    most: usize,
) -> Answer<String> {
    // SAFETY: by the caller's promise.
    let bytes = unsafe { input::array(what, text.cast::<u8>(), length, most) }?;
    utf8(what, bytes.to_vec())
}

/// The text in an array of characters.
pub(super) fn field(what: &str, field: &[c_char]) -> Answer<String> {
    let bytes: Vec<u8> =
        field.iter().map(|byte| byte.to_ne_bytes()[0]).take_while(|byte| *byte != 0).collect();
    if bytes.len() == field.len() {
        let most = field.len() - 1;
        return Err(Failure::new(MLAGSYNC_E_LENGTH, format!("{what} has no end within {most} bytes")));
    }
    utf8(what, bytes)
}

fn utf8(what: &str, bytes: Vec<u8>) -> Answer<String> {
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Failure::new(MLAGSYNC_E_UTF8, format!("{what} is not UTF-8 from byte {at} on"))
    })
}

/// Puts a text into an array of characters, cut to fit.
pub(super) fn put(text: &str, field: &mut [c_char]) {
    let bytes = cut(text, field.len().saturating_sub(1)).bytes().chain(std::iter::repeat(0));
    for (place, byte) in field.iter_mut().zip(bytes) {
        *place = c_char::from_ne_bytes([byte]);
    }
}

fn cut(text: &str, most: usize) -> &str {
    // A zero in it would end it for C.
    let text = text.split('\0').next().unwrap_or_default();
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Writes a text into the caller's buffer, cut to fit, and answers how many bytes the whole needs with its zero.
///
/// # Safety
/// NULL, or writable for `size` bytes.
pub(super) unsafe fn write(text: &str, buffer: *mut c_char, size: usize) -> usize {
    let whole = cut(text, usize::MAX);
    if !buffer.is_null() && size > 0 {
        let shown = cut(whole, size - 1);
        // SAFETY: `shown` is shorter than the buffer, and was made by us, so that they do not overlap.
        unsafe { std::ptr::copy_nonoverlapping(shown.as_ptr(), buffer.cast::<u8>(), shown.len()) };
        // SAFETY: as above: one behind it is still inside.
        let end = unsafe { buffer.add(shown.len()) };
        // SAFETY: as above.
        unsafe { end.write(0) };
    }
    whole.len() + 1
}

/// Answers with a text, or with how long the buffer must be.
///
/// # Safety
/// `buffer` as in [`write`], `needed` writable.
pub(super) unsafe fn answer(text: &str, buffer: *mut c_char, size: usize, needed: *mut usize) -> Answer {
    if needed.is_null() {
        return Err(Failure::null("needed"));
    }
    // SAFETY: by the caller's promise.
    let whole = unsafe { write(text, buffer, size) };
    // SAFETY: as above.
    unsafe { needed.write(whole) };
    if buffer.is_null() || whole > size {
        return Err(Failure::new(MLAGSYNC_E_BUFFER, format!("the text needs {whole} bytes, not {size}")));
    }
    Ok(result::MLAGSYNC_OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters_and_ends_with_a_zero() {
        let mut buffer = [1; 4];
        put("\u{e9}\u{e9}", &mut buffer);
        assert_eq!(buffer.map(|byte| byte.to_ne_bytes()[0]), [0xc3, 0xa9, 0, 0]);
        put("abcdef", &mut buffer);
        assert_eq!(buffer.map(|byte| byte.to_ne_bytes()[0]), *b"abc\0");
        put("a\0b", &mut buffer);
        assert_eq!(buffer.map(|byte| byte.to_ne_bytes()[0]), *b"a\0\0\0");
        put("x", &mut []);
    }

    #[test]
    fn what_is_written_stays_inside() {
        let mut buffer = [c_char::from_ne_bytes([7]); 6];
        // SAFETY: five of the six bytes.
        let needed = unsafe { write("hello world", buffer.as_mut_ptr(), 5) };
        assert_eq!(needed, 12);
        assert_eq!(buffer.map(|byte| byte.to_ne_bytes()[0]), *b"hell\0\x07");
        // SAFETY: nothing is written.
        assert_eq!(unsafe { write("hello", std::ptr::null_mut(), 99) }, 6);
    }

    #[test]
    fn a_string_is_read_up_to_its_bound_and_no_further() {
        let bytes = *b"abc";
        // SAFETY: three bytes are there, and the bound is three.
        let failure = unsafe { read("it", bytes.as_ptr().cast(), 3) }.expect_err("no end");
        assert_eq!(failure.code, MLAGSYNC_E_LENGTH);
        // SAFETY: it ends.
        assert_eq!(unsafe { read("it", c"ab".as_ptr(), 3) }.ok().as_deref(), Some("ab"));
        // SAFETY: it ends.
        let failure = unsafe { read("it", c"\xff".as_ptr(), 3) }.expect_err("not UTF-8");
        assert_eq!(failure.code, MLAGSYNC_E_UTF8);
    }
}
