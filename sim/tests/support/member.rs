//! Functions of the method tables by their names, for tests that go through all of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::c_void;

use sai_sys::releases::{TABLES, Table};
use sai_sys::{SAI_STATUS_SUCCESS, sai_status_t};

thread_local! {
    /// What was found; looking through all tables takes longer than most calls.
    static FOUND: RefCell<HashMap<String, Option<*const c_void>>> = RefCell::default();
}

/// The address of a function of the method tables, by name; `None` if no table has it.
pub(crate) fn member(name: &str) -> Option<*const c_void> {
    if let Some(found) = FOUND.with_borrow(|found| found.get(name).copied()) {
        return found;
    }
    let found = look(name);
    FOUND.with_borrow_mut(|all| all.insert(name.to_owned(), found));
    found
}

fn look(name: &str) -> Option<*const c_void> {
    let of = |table: &&Table| table.members.iter().find(|m| m.name == name).map(|m| m.offset);
    let table = TABLES.iter().find(|table| of(table).is_some())?;
    let mut methods = std::ptr::null_mut();
    // SAFETY: the place is ours.
    let status: sai_status_t = unsafe { sai::sai_api_query(table.api, &raw mut methods) };
    assert_eq!(status, SAI_STATUS_SUCCESS);
    // SAFETY: the table has this member.
    let place = unsafe { methods.cast::<u8>().add(of(table)?) }.cast::<*const c_void>();
    // SAFETY: within the table, which lives for ever.
    Some(unsafe { place.read() })
}

/// Reads a function's address as this type of function.
macro_rules! as_fn {
    ($member:expr, fn($($arg:ty),*)) => {
        // SAFETY: the member of this name has this signature.
        unsafe {
            std::mem::transmute::<*const std::ffi::c_void, unsafe extern "C" fn($($arg),*) -> sai_status_t>($member)
        }
    };
}
pub(crate) use as_fn;
