//! A method table of a library, read one pointer at a time.
//!
//! ```text
//!   the table as this program knows it   ┌────────┬────────┬────────┬────────┐
//!   the table of the library's release   ├────────┼────────┤ whatever lies behind it
//!                                        read ok   read ok   TooOld   TooOld
//! ```
//!
//! Invariant: the table is never copied, no reference to it is ever formed, and what was read is not kept: some
//! libraries hand the table out first and fill it later.

use super::error::Error;
use super::version::Version;
use sai_sys::releases::MethodTable;
use std::ffi::c_void;
use std::marker::PhantomData;

/// A member of a method table: a function of type `F` in a table of type `T`.
pub(super) struct Method<T, F> {
    /// The function's name.
    pub(super) name: &'static str,
    offset: usize,
    of: PhantomData<fn(T) -> F>,
}

impl<T, F> Method<T, F> {
    /// The witness is never called: it makes the compiler agree that the member is of type `F`.
    pub(super) const fn new(name: &'static str, offset: usize, _witness: fn(&T) -> &Option<F>) -> Self {
        Method { name, offset, of: PhantomData }
    }
}

/// States a member of a method table.
macro_rules! method {
    ($table:ty, $member:ident) => {
        $crate::sai::table::Method::<$table, _>::new(
            stringify!($member),
            std::mem::offset_of!($table, $member),
            |table| &table.$member,
        )
    };
}
pub(super) use method;

/// Where a library's table lies.
pub(super) struct Table<T> {
    base: *const c_void,
    /// How much of it may be read.
    bytes: usize,
    library: Version,
    of: PhantomData<T>,
}

impl<T: MethodTable> Table<T> {
    /// # Safety
    /// At `base` lies, and stays for as long as this value, a `T` as it was in release `library`.
    pub(super) unsafe fn new(base: *const c_void, library: Version) -> Self {
        let settled = library.0 >= T::TABLE.settled;
        let bytes = if settled { T::TABLE.size_in(library.0).unwrap_or(0) } else { 0 };
        Table { base, bytes, library, of: PhantomData }
    }

    /// The function that the library has there now.
    pub(super) fn read<F: Copy>(&self, method: &Method<T, F>) -> Result<F, Error> {
        let end = method.offset + size_of::<Option<F>>();
        if end > self.bytes {
            return Err(Error::TooOld { call: method.name, library: self.library });
        }
        let place = self.base.wrapping_byte_add(method.offset).cast::<Option<F>>();
        // SAFETY: `new` was promised a table of that release, in which the member ends within `bytes`; the offset is
        // the member's, so the pointer is aligned. Volatile, because the library may write it at any time.
        let function = unsafe { place.read_volatile() };
        function.ok_or(Error::Absent { call: method.name })
    }
}
