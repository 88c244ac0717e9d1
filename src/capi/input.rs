//! Structs and arrays from C and to C.
//!
//! ```text
//!  a program's struct   |struct_size ........ |        |struct_size ..... ...|
//!  ours                 |struct_size ........ 0 0 0|   |struct_size .....|
//!                        older program: zeros behind    newer one: what is behind must be zero
//! ```
//!
//! Invariant: a struct is copied byte by byte, so that it may lie at any address; every type that comes in here is a
//! [`Plain`] one, of which every pattern of bits is a value.

use super::result::{Answer, Failure, MLAGSYNC_E_LENGTH, MLAGSYNC_E_STRUCT_SIZE};
use std::mem::MaybeUninit;

/// Largest `struct_size` that is believed.
const STRUCT_MOST: usize = 65_536;
/// Most elements of an array of news.
pub(super) const ITEMS_MOST: usize = 1 << 20;

/// A type whose every pattern of bits is a value, padding aside, and which is copied freely.
///
/// # Safety
/// The type is `repr(C)`, `Copy`, and made of integers, pointers, optional functions and such types.
pub(super) unsafe trait Plain: Copy {}

// SAFETY: integers.
unsafe impl Plain for u8 {}

/// A plain type that begins with its `struct_size`.
///
/// # Safety
/// The first field is `struct_size: u32`.
pub(super) unsafe trait Sized32: Plain {
    /// Its size in the first release that had it.
    const FIRST: usize;
}

/// All zeros.
pub(super) fn zeroed<T: Plain>() -> T {
    // SAFETY: of a plain type, all zeros is a value.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// Looks at a `struct_size`.
fn size_of_its<T: Sized32>(what: &str, size: usize) -> Answer<()> {
    if (T::FIRST..=STRUCT_MOST).contains(&size) {
        return Ok(());
    }
    let text = format!("struct_size of {what} is {size}; it was {} in the first release", T::FIRST);
    Err(Failure::new(MLAGSYNC_E_STRUCT_SIZE, text))
}

/// # Safety
/// Readable for the four bytes of its `struct_size`.
unsafe fn struct_size<T: Sized32>(what: &str, at: *const T) -> Answer<usize> {
    // SAFETY: by the caller's promise; unaligned, because the address is not ours.
    let size = unsafe { at.cast::<u32>().read_unaligned() } as usize;
    size_of_its::<T>(what, size)?;
    Ok(size)
}

/// Reads a struct.
///
/// # Safety
/// NULL, or readable for its `struct_size`.
pub(super) unsafe fn read<T: Sized32>(what: &str, at: *const T) -> Answer<T> {
    if at.is_null() {
        return Err(Failure::null(what));
    }
    // SAFETY: by the caller's promise.
    let size = unsafe { struct_size(what, at) }?;
    // SAFETY: as above.
    unsafe { read_sized(what, at, size) }
}

/// # Safety
/// Readable for `size` bytes.
unsafe fn read_sized<T: Sized32>(what: &str, at: *const T, size: usize) -> Answer<T> {
    let known = size.min(size_of::<T>());
    let mut value = zeroed::<T>();
    // SAFETY: both are at least `known` bytes, and ours is on our stack.
    unsafe { std::ptr::copy_nonoverlapping(at.cast::<u8>(), (&raw mut value).cast::<u8>(), known) };
    // SAFETY: still inside what is readable.
    let behind = unsafe { at.cast::<u8>().add(known) };
    // SAFETY: as above.
    let behind = unsafe { std::slice::from_raw_parts(behind, size - known) };
    if behind.iter().any(|byte| *byte != 0) {
        let text = format!("{what} is of a newer release, and has something in it that is not known here");
        return Err(Failure::new(MLAGSYNC_E_STRUCT_SIZE, text));
    }
    Ok(value)
}

/// Reads an array of structs.
///
/// # Safety
/// NULL, or readable for `count` times the first one's `struct_size`.
pub(super) unsafe fn read_all<T: Sized32>(what: &str, at: *const T, count: usize) -> Answer<Vec<T>> {
    check_count(what, at, count, ITEMS_MOST)?;
    if count == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: by the caller's promise, the first one is there.
    let stride = unsafe { struct_size(what, at) }?;
    let mut all = Vec::with_capacity(count);
    for n in 0..count {
        // SAFETY: by the caller's promise, so many are there.
        let item = unsafe { at.cast::<u8>().add(n * stride) }.cast::<T>();
        // SAFETY: as above.
        let own = unsafe { item.cast::<u32>().read_unaligned() } as usize;
        if own != stride {
            let text = format!("struct_size of {what} {n} is {own}, and {stride} of the first one");
            return Err(Failure::new(MLAGSYNC_E_STRUCT_SIZE, text));
        }
        // SAFETY: as above.
        all.push(unsafe { read_sized(what, item, stride) }?);
    }
    Ok(all)
}

/// Reads an array of elements that do not grow.
///
/// # Safety
/// NULL, or readable for `count` elements.
pub(super) unsafe fn array<T: Plain>(what: &str, at: *const T, count: usize, most: usize) -> Answer<Vec<T>> {
    check_count(what, at, count, most)?;
    let mut all = Vec::with_capacity(count);
    for n in 0..count {
        // SAFETY: by the caller's promise, so many are there.
        let item = unsafe { at.cast::<u8>().add(n * size_of::<T>()) }.cast::<T>();
        // SAFETY: as above; unaligned, because the address is not ours.
        all.push(unsafe { item.read_unaligned() });
    }
    Ok(all)
}

/// Reads one element that does not grow.
///
/// # Safety
/// NULL, or readable.
pub(super) unsafe fn one<T: Plain>(what: &str, at: *const T) -> Answer<T> {
    if at.is_null() {
        return Err(Failure::null(what));
    }
    // SAFETY: by the caller's promise; unaligned, because the address is not ours.
    Ok(unsafe { at.read_unaligned() })
}

fn check_count<T>(what: &str, at: *const T, count: usize, most: usize) -> Answer<()> {
    if count > most {
        return Err(Failure::new(MLAGSYNC_E_LENGTH, format!("{count} of {what}; at most {most}")));
    }
    if at.is_null() && count > 0 {
        return Err(Failure::null(what));
    }
    Ok(())
}

/// A place for one value, to be written when all went well.
pub(super) struct Place<T>(*mut T);

impl<T: Plain> Place<T> {
    /// # Safety
    /// NULL, or writable.
    pub(super) unsafe fn new(what: &str, at: *mut T) -> Answer<Place<T>> {
        if at.is_null() { Err(Failure::null(what)) } else { Ok(Place(at)) }
    }

    /// Writes it.
    pub(super) fn put(self, value: T) {
        // SAFETY: writable, as whoever made the place promised; unaligned, because the address is not ours.
        unsafe { self.0.write_unaligned(value) };
    }
}

/// A place for a struct, of which no more is written than its program knows.
pub(super) struct Slot<T> {
    at: *mut T,
    size: usize,
}

impl<T: Sized32> Slot<T> {
    /// # Safety
    /// NULL, or readable and writable for its `struct_size`.
    pub(super) unsafe fn new(what: &str, at: *mut T) -> Answer<Slot<T>> {
        if at.is_null() {
            return Err(Failure::null(what));
        }
        // SAFETY: by the caller's promise.
        let size = unsafe { struct_size(what, at.cast_const()) }?;
        Ok(Slot { at, size })
    }

    /// The rows of an array whose elements are `size` bytes long.
    ///
    /// # Safety
    /// NULL, or writable for `count` times `size`.
    pub(super) unsafe fn rows(what: &str, at: *mut T, size: usize, count: usize) -> Answer<Vec<Slot<T>>> {
        check_count(what, at.cast_const(), count, ITEMS_MOST)?;
        if count == 0 {
            return Err(Failure::new(MLAGSYNC_E_LENGTH, format!("there is no room for {what}")));
        }
        size_of_its::<T>(what, size)?;
        // SAFETY: by the caller's promise, each is inside.
        let row = |n: usize| unsafe { at.cast::<u8>().add(n * size) }.cast::<T>();
        Ok((0..count).map(|n| Slot { at: row(n), size }).collect())
    }

    /// Writes it, its `struct_size` included.
    pub(super) fn put(self, mut value: T) {
        let known = self.size.min(size_of::<T>());
        let size = u32::try_from(self.size).expect("a struct_size was one");
        // SAFETY: a sized type begins with its struct_size.
        unsafe { (&raw mut value).cast::<u32>().write(size) };
        // SAFETY: writable for that many bytes, as whoever made the slot promised, and ours is on our stack.
        unsafe {
            std::ptr::copy_nonoverlapping((&raw const value).cast::<u8>(), self.at.cast::<u8>(), known)
        };
    }
}
