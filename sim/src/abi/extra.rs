//! The commands of the simulator for clients in C: `include/sai_sim.h`.
//!
//! They do what the control socket and [`View`] do. Each finds its switch by any id that belongs to it.
//!
//! Invariant: no trace and no count knows of them, because no client of hardware could call them.

use std::ffi::{CStr, c_char};

use sai_sys::{Status, sai_ip_address_t, sai_object_id_t, sai_status_t, sai_switch_oper_status_t};

use super::{attr, guard, one, put};
use crate::inspect::{Mac, Verdict, View};
use crate::refusal::Result;
use crate::world;

/// Where a packet goes, as C has it.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct sai_sim_verdict_t {
    /// 0 drop, 1 to the CPU, 2 out of a port, 3 flooded.
    pub kind: u32,
    /// Port, or VLAN or bridge of the flood; or the null id.
    pub where_to: sai_object_id_t,
    /// Destination MAC of the frame, or zeros.
    pub mac: Mac,
}

fn view(id: sai_object_id_t) -> Result<View> {
    world::find(id)?;
    View::of(id).ok_or(Status::ITEM_NOT_FOUND)
}

/// A C string's text.
///
/// # Safety
/// `text` is a C string that nobody writes while the call runs, or null.
unsafe fn text<'a>(text: *const c_char) -> Result<&'a str> {
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

/// The packet question.
///
/// # Safety
/// `to` points to an address and `verdict` is a place for the answer, or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_forward(
    vr_id: sai_object_id_t,
    to: *const sai_ip_address_t,
    verdict: *mut sai_sim_verdict_t,
) -> sai_status_t {
    guard(|| {
        // SAFETY: by this function's contract.
        let to = attr::ip(unsafe { one(to) }?).ok_or(Status::INVALID_PARAMETER)?;
        let (kind, where_to, mac) = match view(vr_id)?.forward(vr_id, to) {
            Verdict::Drop => (0, 0, [0; 6]),
            Verdict::Trap => (1, 0, [0; 6]),
            Verdict::Port { port, mac } => (2, port, mac),
            Verdict::Flood { bv, mac } => (3, bv, mac),
        };
        // SAFETY: by this function's contract.
        unsafe { put(verdict, sai_sim_verdict_t { kind, where_to, mac }) }
    })
}

/// How often a function of the method tables was called, and with how many entries; zeros if it never was.
///
/// # Safety
/// `function` is a C string; `calls` and `entries` are places for numbers; each may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_calls(
    switch_id: sai_object_id_t,
    function: *const c_char,
    calls: *mut u64,
    entries: *mut u64,
) -> sai_status_t {
    guard(|| {
        // SAFETY: by this function's contract.
        let name = unsafe { text(function) }?;
        let list = view(switch_id)?.calls();
        let found = list.iter().find(|called| called.name == name);
        let (some_calls, some_entries) = found.map_or((0, 0), |called| (called.calls, called.entries));
        // SAFETY: by this function's contract.
        unsafe { put(calls, some_calls) }?;
        // SAFETY: by this function's contract.
        unsafe { put(entries, some_entries) }
    })
}

/// Starts counting anew.
#[unsafe(no_mangle)]
pub extern "C" fn sai_sim_reset_calls(switch_id: sai_object_id_t) -> sai_status_t {
    guard(|| view(switch_id).map(|view| view.reset_calls()))
}
