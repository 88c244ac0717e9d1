//! Memory that C reads: zeroed once as bytes, padding included, and written in place.
//!
//! Invariant: a struct that a library sees was never built on the stack and moved there, which may leave anything in
//! its padding; some libraries hash or compare keys as bytes.

use std::marker::PhantomData;
use std::mem::{align_of, size_of};
use std::ops::{Index, IndexMut};

/// A type of C's whose all-zero bytes are a value of it, and that has nothing to drop.
///
/// # Safety
/// Both must be true of the type, and its alignment must not exceed eight.
pub(super) unsafe trait Plain: Copy {}

// SAFETY: integers, arrays, unions and pointers only.
unsafe impl Plain for sai_sys::sai_attribute_t {}
// SAFETY: as above.
unsafe impl Plain for sai_sys::sai_neighbor_entry_t {}
// SAFETY: as above.
unsafe impl Plain for sai_sys::sai_fdb_entry_t {}
// SAFETY: as above.
unsafe impl Plain for sai_sys::sai_route_entry_t {}
// SAFETY: as above.
unsafe impl Plain for sai_sys::sai_object_key_t {}
// SAFETY: a pointer, of which NULL is one.
unsafe impl<T> Plain for *const T {}
// SAFETY: as above.
unsafe impl<T> Plain for *mut T {}

/// A run of `T` that C may read and write.
pub(super) struct Buffer<T> {
    /// Eight bytes each, so that every SAI struct is aligned in it.
    words: Vec<u64>,
    len: usize,
    of: PhantomData<T>,
}

impl<T: Plain> Buffer<T> {
    const FITS: () = assert!(align_of::<T>() <= align_of::<u64>());

    /// `len` zeroed elements.
    pub(super) fn zeroed(len: usize) -> Self {
        let () = Self::FITS;
        Buffer { words: vec![0; (len * size_of::<T>()).div_ceil(size_of::<u64>())], len, of: PhantomData }
    }

    /// Makes room for at least `len` elements; true when they are new and zeroed, at another address.
    pub(super) fn ensure(&mut self, len: usize) -> bool {
        let grows = len > self.len;
        if grows {
            *self = Buffer::zeroed(len.next_power_of_two());
        }
        grows
    }

    /// Zeroes the first `len` elements.
    pub(super) fn clear(&mut self, len: usize) {
        let words = (len * size_of::<T>()).div_ceil(size_of::<u64>());
        self.words[..words].fill(0);
    }

    /// Zeroes one element.
    pub(super) fn clear_at(&mut self, at: usize) {
        let bytes = size_of::<T>();
        assert!(bytes.is_multiple_of(size_of::<u64>()) && at < self.len, "an element is a run of words");
        let words = bytes / size_of::<u64>();
        self.words[at * words..(at + 1) * words].fill(0);
    }

    pub(super) fn as_ptr(&self) -> *const T {
        self.words.as_ptr().cast()
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut T {
        self.words.as_mut_ptr().cast()
    }

    fn slots(&self) -> &[T] {
        // SAFETY: the words hold `len` elements, aligned, and zeroed or written as `T` since, and all bytes of a
        // Plain type that are initialised are a value.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.len) }
    }

    fn slots_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `slots`, and `self` is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), self.len) }
    }
}

impl<T: Plain> Index<usize> for Buffer<T> {
    type Output = T;
    fn index(&self, at: usize) -> &T {
        &self.slots()[at]
    }
}

impl<T: Plain> IndexMut<usize> for Buffer<T> {
    fn index_mut(&mut self, at: usize) -> &mut T {
        &mut self.slots_mut()[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sai_sys::sai_fdb_entry_t;

    #[test]
    fn padding_stays_zero_when_fields_are_written() {
        let mut keys: Buffer<sai_fdb_entry_t> = Buffer::zeroed(2);
        for n in 0..2 {
            keys[n].switch_id = u64::MAX;
            keys[n].mac_address = [0xff; 6];
            keys[n].bv_id = u64::MAX;
        }
        let size = size_of::<sai_fdb_entry_t>();
        // SAFETY: two elements lie there, all of them written or zeroed.
        let bytes = unsafe { std::slice::from_raw_parts(keys.as_ptr().cast::<u8>(), 2 * size) };
        let zeros: Vec<usize> = (0..size).filter(|n| bytes[*n] == 0).collect();
        assert_eq!(zeros, [14, 15], "the hole between the MAC and the bridge's id");
        assert_eq!(bytes[..size], bytes[size..]);
        keys.clear(1);
        assert_eq!((keys[0].switch_id, keys[1].switch_id), (0, u64::MAX));
    }
}
