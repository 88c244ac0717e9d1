//! Functions of things that a simulator does not have: packets of the host, MDIO registers.
//!
//! Invariant: each answers NOT_IMPLEMENTED, or UNINITIALIZED before its time, and touches nothing.

use std::ffi::c_void;

use sai_sys::{Status, sai_attribute_t, sai_object_id_t, sai_size_t, sai_status_t};

use super::guard;

fn absent() -> sai_status_t {
    guard(|| super::session().and(Err(Status::NOT_IMPLEMENTED)))
}

pub(super) unsafe extern "C" fn recv(
    _: sai_object_id_t,
    _: *mut sai_size_t,
    _: *mut c_void,
    _: *mut u32,
    _: *mut sai_attribute_t,
) -> sai_status_t {
    absent()
}

pub(super) unsafe extern "C" fn send(
    _: sai_object_id_t,
    _: sai_size_t,
    _: *const c_void,
    _: u32,
    _: *const sai_attribute_t,
) -> sai_status_t {
    absent()
}

pub(super) unsafe extern "C" fn allocate(
    _: sai_object_id_t,
    _: sai_size_t,
    _: *mut *mut c_void,
    _: u32,
    _: *const sai_attribute_t,
) -> sai_status_t {
    absent()
}

pub(super) unsafe extern "C" fn free(_: sai_object_id_t, _: *mut c_void) -> sai_status_t {
    absent()
}

pub(super) unsafe extern "C" fn mdio_read(
    _: sai_object_id_t,
    _: u32,
    _: u32,
    _: u32,
    _: *mut u32,
) -> sai_status_t {
    absent()
}

pub(super) unsafe extern "C" fn mdio_write(
    _: sai_object_id_t,
    _: u32,
    _: u32,
    _: u32,
    _: *const u32,
) -> sai_status_t {
    absent()
}
