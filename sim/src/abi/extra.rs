//! The commands of the simulator for clients in C that do something: half of `include/sai_sim.h`; the other half is
//! in `looks`.
//!
//! Each finds its switch by any id that belongs to it; [`commands`](crate::commands) lists them beside what does the
//! same on the control socket and in Rust.
//!
//! Invariant: no trace and no count knows of them, because no client of hardware could call them.

use std::ffi::{CStr, c_char};

use sai_sys::{Status, sai_object_id_t, sai_status_t, sai_switch_oper_status_t};

use super::{guard, one, put, writable};
use crate::inspect::{Mac, View};
use crate::refusal::Result;
use crate::world;

pub(super) fn view(id: sai_object_id_t) -> Result<View> {
    world::find(id)?;
    View::of(id).ok_or(Status::ITEM_NOT_FOUND)
}

/// A C string's text.
///
/// # Safety
/// `text` is a C string that nobody writes while the call runs, or null.
pub(super) unsafe fn text<'a>(text: *const c_char) -> Result<&'a str> {
    if text.is_null() {
        return Err(Status::INVALID_PARAMETER);
    }
    // SAFETY: by this function's contract, and not null.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| Status::INVALID_PARAMETER)
}

/// Pulls a port's cable, or plugs it in.
#[unsafe(no_mangle)]
pub extern "C" fn sai_sim_link(port: sai_object_id_t, up: u8) -> sai_status_t {
    guard(|| view(port)?.link(port, up != 0))
}

/// Lets a frame with this source MAC come in on a bridge port.
///
/// # Safety
/// `mac` points to six bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_hear(
    bv_id: sai_object_id_t,
    mac: *const Mac,
    bridge_port: sai_object_id_t,
) -> sai_status_t {
    // SAFETY: by this function's contract.
    guard(|| view(bv_id)?.hear(bv_id, *unsafe { one(mac) }?, bridge_port))
}

/// Lets a dynamic MAC age out.
///
/// # Safety
/// `mac` points to six bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_age(bv_id: sai_object_id_t, mac: *const Mac) -> sai_status_t {
    // SAFETY: by this function's contract.
    guard(|| view(bv_id)?.age(bv_id, *unsafe { one(mac) }?))
}

/// Lets the hardware flush the dynamic MACs of a bridge port.
#[unsafe(no_mangle)]
pub extern "C" fn sai_sim_flush(bridge_port: sai_object_id_t) -> sai_status_t {
    guard(|| view(bridge_port)?.flush(bridge_port))
}

/// Tells the client that the switch changed its state.
#[unsafe(no_mangle)]
pub extern "C" fn sai_sim_switch_state(
    switch_id: sai_object_id_t,
    state: sai_switch_oper_status_t,
) -> sai_status_t {
    guard(|| view(switch_id)?.switch_state(state))
}

/// Replaces the fault rules; their grammar is that of `SAI_SIM_FAULTS`.
///
/// # Safety
/// `rules` is a C string, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_set_faults(
    switch_id: sai_object_id_t,
    rules: *const c_char,
    seed: u64,
) -> sai_status_t {
    guard(|| {
        // SAFETY: by this function's contract.
        let rules = unsafe { text(rules) }?;
        view(switch_id)?.set_faults(rules, seed).map_err(|why| {
            eprintln!("SAI_SIM: sai_sim_set_faults: {why}");
            Status::INVALID_PARAMETER
        })
    })
}

/// Lets changes be answered before they are programmed, with a delay as in `SAI_SIM_ASYNC`.
///
/// # Safety
/// `delay` is a C string, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_set_async(switch_id: sai_object_id_t, delay: *const c_char) -> sai_status_t {
    guard(|| {
        // SAFETY: by this function's contract.
        let delay = unsafe { text(delay) }?;
        view(switch_id)?.set_async(delay).map_err(|why| {
            eprintln!("SAI_SIM: sai_sim_set_async: {why}");
            Status::INVALID_PARAMETER
        })
    })
}

/// How many calls hang.
///
/// # Safety
/// `count` is a place for a number, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_hanging(switch_id: sai_object_id_t, count: *mut u64) -> sai_status_t {
    // SAFETY: by this function's contract.
    guard(|| unsafe { put(count, view(switch_id)?.hanging()) })
}

/// Lets every call go that hangs.
#[unsafe(no_mangle)]
pub extern "C" fn sai_sim_release_hangs(switch_id: sai_object_id_t) -> sai_status_t {
    guard(|| {
        view(switch_id)?.release_hangs();
        Ok(())
    })
}

/// Starts counting calls anew.
#[unsafe(no_mangle)]
pub extern "C" fn sai_sim_reset_calls(switch_id: sai_object_id_t) -> sai_status_t {
    guard(|| view(switch_id).map(|view| view.reset_calls()))
}

/// Lets all changes land that were answered and have not; how many those were.
///
/// # Safety
/// `landed` is a place for a number, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_land(switch_id: sai_object_id_t, landed: *mut u64) -> sai_status_t {
    guard(|| {
        let view = view(switch_id)?;
        writable(landed)?;
        // SAFETY: by this function's contract.
        unsafe { put(landed, view.land() as u64) }
    })
}

/// Sets the clock forward.
#[unsafe(no_mangle)]
pub extern "C" fn sai_sim_advance(switch_id: sai_object_id_t, ns: u64) -> sai_status_t {
    guard(|| view(switch_id).map(|view| view.advance(ns)))
}
