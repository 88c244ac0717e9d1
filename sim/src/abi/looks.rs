//! The commands of the simulator for clients in C that look: the other half of `include/sai_sim.h`.
//!
//! Invariant: as in `extra`; what is listed is sorted, and a list that is too short is answered as SAI does.

use std::ffi::c_char;

use sai_sys::{Status, sai_ip_address_t, sai_object_id_t, sai_object_type_t, sai_status_t};

use super::extra::{text, view};
use super::{attr, guard, one, put, writable};
use crate::facts::TYPES;
use crate::inspect::{self, Mac, Misuse, Verdict};
use crate::refusal::Result;

macro_rules! c_struct {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy)]
        #[allow(missing_debug_implementations, non_camel_case_types, reason = "the name in C")]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    };
}

c_struct! {
    /// Where a packet goes, as C has it.
    sai_sim_verdict_t {
        /// 0 drop, 1 to the CPU, 2 out of a port, 3 flooded.
        kind: u32,
        /// Port, or VLAN or bridge of the flood; or the null id.
        where_to: sai_object_id_t,
        /// Destination MAC of the frame, or zeros.
        mac: Mac,
    }
}

c_struct! {
    /// A neighbour, as C has it.
    sai_sim_neighbor_t {
        /// Router interface.
        rif_id: sai_object_id_t,
        /// Address.
        ip_address: sai_ip_address_t,
        /// Where frames to it go.
        mac: Mac,
        /// 1: it takes no slot of the host table.
        no_host_route: u8,
    }
}

c_struct! {
    /// An FDB entry, as C has it.
    sai_sim_fdb_entry_t {
        /// VLAN or bridge.
        bv_id: sai_object_id_t,
        /// Bridge port, or the null id.
        bridge_port_id: sai_object_id_t,
        /// Address.
        mac: Mac,
        /// 1: STATIC; 0: DYNAMIC.
        is_static: u8,
    }
}

c_struct! {
    /// A route, as C has it.
    sai_sim_route_t {
        /// Virtual router.
        vr_id: sai_object_id_t,
        /// Next hop, group, interface or port; or the null id.
        next_hop_id: sai_object_id_t,
        /// Address of the prefix.
        prefix: sai_ip_address_t,
        /// Its length.
        prefix_length: u8,
    }
}

c_struct! {
    /// The host table, as C has it.
    sai_sim_host_table_t {
        /// Slots that are taken.
        taken: u64,
        /// Slots.
        slots: u64,
        /// Addresses that were moved between banks.
        moved: u64,
        /// Bytes of memory.
        bytes: u64,
    }
}

c_struct! {
    /// Counts of misuse, as C has them.
    sai_sim_misuse_t {
        /// A thread came in while another was inside.
        two_threads: u64,
        /// A function was called after uninitialise.
        after_end: u64,
        /// A function was called on a switch that is gone.
        stale_switch: u64,
        /// Keys with padding or unused bytes that are not zero.
        padding: u64,
    }
}

/// Fills a caller's list: `count` says what it has room for, and then what is there.
///
/// # Safety
/// The pointers are as `sai_sim.h` asks, or null.
unsafe fn list<T>(items: impl ExactSizeIterator<Item = T>, count: *mut u32, list: *mut T) -> Result<()> {
    writable(count)?;
    // SAFETY: by this function's contract, and neither null nor misaligned.
    let room = unsafe { count.read() } as usize;
    let there = u32::try_from(items.len()).map_err(|_| Status::FAILURE)?;
    // SAFETY: by this function's contract.
    unsafe { put(count, there) }?;
    if room < items.len() {
        return Err(Status::BUFFER_OVERFLOW);
    }
    for (n, item) in items.enumerate() {
        writable(list)?;
        // SAFETY: the caller's list has room for every item.
        let place = unsafe { list.add(n) };
        // SAFETY: within the caller's list.
        unsafe { place.write(item) };
    }
    Ok(())
}

/// Every neighbour.
///
/// # Safety
/// `count` is a place for a number, and `neighbors` points to as many places as it says; or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_neighbors(
    switch_id: sai_object_id_t,
    count: *mut u32,
    neighbors: *mut sai_sim_neighbor_t,
) -> sai_status_t {
    guard(|| {
        let all = view(switch_id)?.neighbors();
        let items = all.into_iter().map(|n| sai_sim_neighbor_t {
            rif_id: n.rif,
            ip_address: attr::address(n.ip),
            mac: n.mac,
            no_host_route: n.no_host_route.into(),
        });
        // SAFETY: by this function's contract.
        unsafe { list(items, count, neighbors) }
    })
}

/// Every FDB entry.
///
/// # Safety
/// `count` is a place for a number, and `entries` points to as many places as it says; or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_fdb(
    switch_id: sai_object_id_t,
    count: *mut u32,
    entries: *mut sai_sim_fdb_entry_t,
) -> sai_status_t {
    guard(|| {
        let all = view(switch_id)?.fdb();
        let items = all.into_iter().map(|e| sai_sim_fdb_entry_t {
            bv_id: e.bv,
            bridge_port_id: e.bridge_port,
            mac: e.mac,
            is_static: e.is_static.into(),
        });
        // SAFETY: by this function's contract.
        unsafe { list(items, count, entries) }
    })
}

/// Every route.
///
/// # Safety
/// `count` is a place for a number, and `routes` points to as many places as it says; or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_routes(
    switch_id: sai_object_id_t,
    count: *mut u32,
    routes: *mut sai_sim_route_t,
) -> sai_status_t {
    guard(|| {
        let all = view(switch_id)?.routes();
        let items = all.into_iter().map(|r| sai_sim_route_t {
            vr_id: r.virtual_router,
            next_hop_id: r.next_hop,
            prefix: attr::address(r.ip),
            prefix_length: r.length,
        });
        // SAFETY: by this function's contract.
        unsafe { list(items, count, routes) }
    })
}

/// Ids of all objects of a type, oldest first.
///
/// # Safety
/// `count` is a place for a number, and `ids` points to as many places as it says; or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_objects(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    count: *mut u32,
    ids: *mut sai_object_id_t,
) -> sai_status_t {
    guard(|| {
        let view = view(switch_id)?;
        if object_type.0 == 0 || object_type.0 as usize >= TYPES {
            return Err(Status::INVALID_PARAMETER);
        }
        // SAFETY: by this function's contract.
        unsafe { list(view.objects(object_type).into_iter(), count, ids) }
    })
}

/// How full the host table is.
///
/// # Safety
/// `host_table` is a place for the answer, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_host_table(
    switch_id: sai_object_id_t,
    host_table: *mut sai_sim_host_table_t,
) -> sai_status_t {
    guard(|| {
        let view = view(switch_id)?;
        let ((taken, slots), moved) = (view.host_slots(), view.relocations());
        let answer = sai_sim_host_table_t { taken, slots, moved, bytes: view.host_bytes() as u64 };
        // SAFETY: by this function's contract.
        unsafe { put(host_table, answer) }
    })
}

/// How often clients did what they must not; of the null id, as far as it belongs to no switch.
///
/// # Safety
/// `misuse` is a place for the answer, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_misuse(
    switch_id: sai_object_id_t,
    misuse: *mut sai_sim_misuse_t,
) -> sai_status_t {
    guard(|| {
        let Misuse { two_threads, after_end, stale_switch, padding } =
            if switch_id == 0 { inspect::misuse() } else { view(switch_id)?.misuse() };
        // SAFETY: by this function's contract.
        unsafe { put(misuse, sai_sim_misuse_t { two_threads, after_end, stale_switch, padding }) }
    })
}

/// Changes that were answered and have not landed, and those that were lost because they no longer could.
///
/// # Safety
/// `waiting` and `lost` are places for numbers, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_late(
    switch_id: sai_object_id_t,
    waiting: *mut u64,
    lost: *mut u64,
) -> sai_status_t {
    guard(|| {
        let (some_waiting, some_lost) = view(switch_id)?.late();
        // SAFETY: by this function's contract.
        unsafe { put(waiting, some_waiting as u64) }?;
        // SAFETY: by this function's contract.
        unsafe { put(lost, some_lost) }
    })
}

/// Nanoseconds that the calls so far were to take.
///
/// # Safety
/// `ns` is a place for a number, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_sim_clock(switch_id: sai_object_id_t, ns: *mut u64) -> sai_status_t {
    // SAFETY: by this function's contract.
    guard(|| unsafe { put(ns, view(switch_id)?.charged_ns()) })
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
