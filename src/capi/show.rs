//! What the library shows: snapshots, in the caller's memory.
//!
//! Invariant: nothing of the caller's is written before the answer is whole.

use super::convert;
use super::input::{self, Place, Slot};
use super::life::{Instance, with};
use super::result::*;
use super::tell::stopped;
use super::text;
use super::types::*;
use crate::addr::Mac;
use crate::embed::{AskError, HostQuery, NeighborQuery, VerifyReport};
use crate::node::view::{Cursor, NeighborView};
use std::ffi::c_char;
use std::sync::atomic::Ordering;

/// Rows that one page has at most.
const PAGE: usize = 4096;

fn asked<T>(answer: Result<T, AskError>) -> Answer<T> {
    answer.map_err(|error| {
        let code = match &error {
            AskError::Busy => MLAGSYNC_E_TIMEOUT,
            AskError::Stopped => MLAGSYNC_E_STOPPED,
            AskError::Refused(_) => MLAGSYNC_E_STATE,
        };
        Failure::new(code, error.to_string())
    })
}

fn running(instance: &Instance) -> Answer<&crate::embed::Mlagsync> {
    if instance.api.is_stopped() { Err(stopped()) } else { Ok(&instance.api) }
}

/// How the channel is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_session(
    handle: *mut mlagsync_t,
    session: *mut mlagsync_session_t,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, writable for its struct_size, or NULL.
        let slot = unsafe { Slot::new("session", session) }?;
        let view = asked(running(instance)?.session())?;
        let none = mlagsync_ip_t { family: 0, octets: [0; 16] };
        let proof = &view.proof;
        let mut to = mlagsync_session_t {
            up: view.up.into(),
            received_end: view.received_end.into(),
            sent_end: view.sent_end.into(),
            truncated: view.truncated.into(),
            asic_hangs: proof.hangs.into(),
            peer_asic_hangs: proof.peer_hangs.into(),
            self_ready: proof.ready.map_or(MLAGSYNC_READY_WAITING, convert::ready_to_c),
            peer_ready: proof.peer_ready.map_or(MLAGSYNC_READY_WAITING, convert::ready_to_c),
            node_id: view.node.map_or(0, |node| node.0),
            peer_node_id: view.peer_node.map_or(0, |node| node.0),
            since_ms: view.since_ms,
            position: proof.tail.0,
            peer_acked: proof.peer_acked.map_or(0, |position| position.0),
            received: proof.received.map_or(0, |position| position.0),
            acked: proof.acked.0,
            awaits_sweep: view.awaits_sweep,
            source: view.source.map_or(none, convert::ip_to_c),
            peer: view.peer.map_or(none, convert::ip_to_c),
            tcp_port: view.port.unwrap_or(0),
            dfs_group: view.group.unwrap_or(0),
            ..input::zeroed()
        };
        if let Some(reason) = &view.reason {
            let json = serde_json::to_value(reason).unwrap_or_default();
            text::put(json["reason"].as_str().unwrap_or_default(), &mut to.reason);
            text::put(&reason.to_string(), &mut to.text);
        }
        slot.put(to);
        Ok(MLAGSYNC_OK)
    })
}

/// Counts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_counts(
    handle: *mut mlagsync_t,
    counts: *mut mlagsync_counts_t,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, writable for its struct_size, or NULL.
        let slot = unsafe { Slot::new("counts", counts) }?;
        let all = asked(running(instance)?.counts())?;
        slot.put(mlagsync_counts_t {
            struct_size: 0,
            reserved: 0,
            local: all.local,
            remote: all.remote,
            wanted: all.wanted,
            programmed: all.programmed,
            refused: all.refused,
            parked: all.parked,
            frozen: all.frozen,
            evidence: all.evidence,
            sent_upserts: all.sent_upserts,
            sent_deletes: all.sent_deletes,
            received_upserts: all.received_upserts,
            received_deletes: all.received_deletes,
            sessions: all.sessions,
            syncs: all.syncs,
            sai_calls: all.sai_calls,
            creates: all.creates,
            sets: all.sets,
            removes: all.removes,
            reads: all.reads,
            asic_ns: all.asic_ns,
            events_lost: instance.lost.load(Ordering::Relaxed),
        });
        Ok(MLAGSYNC_OK)
    })
}

/// Where a walk goes on; `None` at its end.
fn from_c(cursor: mlagsync_cursor_t) -> Answer<Option<Cursor>> {
    match cursor {
        MLAGSYNC_CURSOR_BEGIN => Ok(None),
        // One above the place, for a walk may go on behind place 0.
        place => match u32::try_from(place - 1) {
            Ok(place) => Ok(Some(Cursor(place))),
            Err(_) => Err(Failure::invalid("the cursor is at the end, or none of ours")),
        },
    }
}

fn to_c(next: Option<Cursor>) -> mlagsync_cursor_t {
    next.map_or(MLAGSYNC_CURSOR_END, |place| u64::from(place.0) + 1)
}

/// # Safety
/// NULL, or readable for its `struct_size`.
unsafe fn filter(filter: *const mlagsync_filter_t) -> Answer<mlagsync_filter_t> {
    if filter.is_null() {
        return Ok(input::zeroed());
    }
    // SAFETY: by the caller's promise.
    let filter = unsafe { input::read("filter", filter) }?;
    convert::zero("mlagsync_filter_t", &filter.reserved)?;
    Ok(filter)
}

fn mac(filter: &mlagsync_filter_t) -> Option<Mac> {
    (filter.mac != [0; 6]).then_some(Mac(filter.mac))
}

/// A walk's places in the caller's memory.
struct Walk {
    cursor: Place<mlagsync_cursor_t>,
    after: Option<Cursor>,
    count: Place<usize>,
}

impl Walk {
    /// # Safety
    /// Both NULL, or readable and writable.
    unsafe fn new(cursor: *mut mlagsync_cursor_t, count: *mut usize) -> Answer<Walk> {
        // SAFETY: by the caller's promise.
        let after = from_c(unsafe { input::one("cursor", cursor.cast_const()) }?)?;
        // SAFETY: as above.
        let cursor = unsafe { Place::new("cursor", cursor) }?;
        // SAFETY: as above.
        let count = unsafe { Place::new("count", count) }?;
        Ok(Walk { cursor, after, count })
    }

    fn end(self, count: usize, next: Option<Cursor>) -> Answer {
        self.count.put(count);
        self.cursor.put(to_c(next));
        Ok(MLAGSYNC_OK)
    }
}

/// Claims, a page of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_neighbors(
    handle: *mut mlagsync_t,
    filter: *const mlagsync_filter_t,
    rows: *mut mlagsync_neighbor_t,
    row_size: usize,
    capacity: usize,
    cursor: *mut mlagsync_cursor_t,
    count: *mut usize,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, as in the whole of it.
        let walk = unsafe { Walk::new(cursor, count) }?;
        // SAFETY: by the header, readable for its struct_size, or NULL.
        let filter = unsafe { self::filter(filter) }?;
        // SAFETY: by the header, so many rows of this size, or NULL.
        let slots = unsafe { Slot::rows("rows", rows, row_size, capacity.min(PAGE)) }?;
        if filter.trouble != 0 {
            return Err(Failure::invalid("trouble is a word about hosts"));
        }
        // The core never tears a key's rows apart, and so may give one row more than it is asked for.
        let Some(limit) = slots.len().checked_sub(1).filter(|limit| *limit > 0) else {
            return Err(Failure::new(MLAGSYNC_E_LENGTH, "there must be room for 2 rows"));
        };
        let query = NeighborQuery {
            interface: convert::interface_or_none(&filter.interface)?,
            ip: convert::ip_or_none(&filter.ip)?,
            mac: mac(&filter),
            origin: convert::origin(filter.origin)?,
            after: walk.after,
            limit: Some(limit),
        };
        let page = asked(running(instance)?.neighbors(query))?;
        write_rows(walk, slots, page.rows.iter().map(convert_neighbor), page.next)
    })
}

fn convert_neighbor(row: &NeighborView) -> mlagsync_neighbor_t {
    convert::neighbor_to_c(row)
}

fn write_rows<T: input::Sized32>(
    walk: Walk,
    slots: Vec<Slot<T>>,
    rows: impl ExactSizeIterator<Item = T>,
    next: Option<Cursor>,
) -> Answer {
    let count = rows.len();
    if count > slots.len() {
        return Err(Failure::new(
            MLAGSYNC_E_BUFFER,
            format!("{count} rows came, and there is room for fewer"),
        ));
    }
    for (slot, row) in slots.into_iter().zip(rows) {
        slot.put(row);
    }
    walk.end(count, next)
}

/// The host table, a page of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_hosts(
    handle: *mut mlagsync_t,
    filter: *const mlagsync_filter_t,
    rows: *mut mlagsync_host_row_t,
    row_size: usize,
    capacity: usize,
    cursor: *mut mlagsync_cursor_t,
    count: *mut usize,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, as in the whole of it.
        let walk = unsafe { Walk::new(cursor, count) }?;
        // SAFETY: by the header, readable for its struct_size, or NULL.
        let filter = unsafe { self::filter(filter) }?;
        // SAFETY: by the header, so many rows of this size, or NULL.
        let slots = unsafe { Slot::rows("rows", rows, row_size, capacity.min(PAGE)) }?;
        if filter.origin != 0 {
            return Err(Failure::invalid("origin is a word about neighbours"));
        }
        let trouble = convert::flag("trouble", u8::try_from(filter.trouble).unwrap_or(u8::MAX))?;
        let query = HostQuery {
            interface: convert::interface_or_none(&filter.interface)?,
            ip: convert::ip_or_none(&filter.ip)?,
            mac: mac(&filter),
            trouble,
            after: walk.after,
            limit: Some(slots.len()),
        };
        let page = asked(running(instance)?.hosts(query))?;
        write_rows(walk, slots, page.rows.iter().map(convert::host_row_to_c), page.next)
    })
}

/// Everything that is known of an address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_why(
    handle: *mut mlagsync_t,
    ip: *const mlagsync_ip_t,
    buffer: *mut c_char,
    size: usize,
    needed: *mut usize,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, readable, or NULL.
        let ip = unsafe { input::one("ip", ip) }?;
        let views = asked(running(instance)?.why(convert::ip("ip", &ip)?))?;
        let text =
            serde_json::to_string(&views).map_err(|e| Failure::new(MLAGSYNC_E_STATE, e.to_string()))?;
        // SAFETY: by the header, writable for `size`, or NULL; needed writable, or NULL.
        unsafe { text::answer(&text, buffer, size, needed) }
    })
}

/// The command lines in force.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_configuration(
    handle: *mut mlagsync_t,
    buffer: *mut c_char,
    size: usize,
    needed: *mut usize,
) -> mlagsync_result_t {
    with(handle, |instance| {
        let lines = asked(running(instance)?.configuration())?.dfs_group;
        // SAFETY: by the header, writable for `size`, or NULL; needed writable, or NULL.
        unsafe { text::answer(&lines, buffer, size, needed) }
    })
}

/// Reads the ASIC back and compares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_verify(
    handle: *mut mlagsync_t,
    verdict: *mut mlagsync_verdict_t,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, writable for its struct_size, or NULL.
        let slot = unsafe { Slot::new("verdict", verdict) }?;
        slot.put(verdict_to_c(&asked(running(instance)?.verify())?));
        Ok(MLAGSYNC_OK)
    })
}

fn verdict_to_c(report: &VerifyReport) -> mlagsync_verdict_t {
    mlagsync_verdict_t {
        struct_size: 0,
        clean: report.is_clean().into(),
        wanted: report.wanted,
        equal: report.equal,
        unsettled: report.unsettled,
        held: report.held,
        missing: report.missing_count,
        differing: report.differing_count,
        foreign: report.foreign_count,
        unrepaired: 0,
    }
}

/// Reads the ASIC back, compares, has what differs programmed again, and compares once more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_repair(
    handle: *mut mlagsync_t,
    before: *mut mlagsync_verdict_t,
    after: *mut mlagsync_verdict_t,
) -> mlagsync_result_t {
    with(handle, |instance| {
        let before = match before.is_null() {
            true => None,
            // SAFETY: by the header, writable for its struct_size.
            false => Some(unsafe { Slot::new("before", before) }?),
        };
        // SAFETY: as above, or NULL.
        let after = unsafe { Slot::new("after", after) }?;
        let report = asked(running(instance)?.repair())?;
        if let Some(before) = before {
            before.put(verdict_to_c(&report.before));
        }
        let found = verdict_to_c(&report.after);
        let clean = report.is_clean().into();
        after.put(mlagsync_verdict_t { clean, unrepaired: report.unrepaired, ..found });
        Ok(MLAGSYNC_OK)
    })
}

/// What it knows of something, as JSON.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_show(
    handle: *mut mlagsync_t,
    what: i32,
    buffer: *mut c_char,
    size: usize,
    needed: *mut usize,
) -> mlagsync_result_t {
    with(handle, |instance| {
        let api = running(instance)?;
        let text = match what {
            MLAGSYNC_SHOW_SESSION => serde_json::to_string(&asked(api.session())?),
            MLAGSYNC_SHOW_COUNTERS => serde_json::to_string(&asked(api.counts())?),
            MLAGSYNC_SHOW_HISTORY => serde_json::to_string(&asked(api.history())?),
            MLAGSYNC_SHOW_ADMISSION => serde_json::to_string(&asked(api.admission())?),
            other => return Err(Failure::invalid(format!("there is nothing to show with number {other}"))),
        };
        let text = text.map_err(|e| Failure::new(MLAGSYNC_E_STATE, e.to_string()))?;
        // SAFETY: by the header, writable for `size`, or NULL; needed writable, or NULL.
        unsafe { text::answer(&text, buffer, size, needed) }
    })
}

/// An operator releases a sweep that waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_sweep(handle: *mut mlagsync_t) -> mlagsync_result_t {
    with(handle, |instance| asked(running(instance)?.sweep()).map(|_| MLAGSYNC_OK))
}

/// An operator has the peer name everything anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_resync(handle: *mut mlagsync_t) -> mlagsync_result_t {
    with(handle, |instance| asked(running(instance)?.resync()).map(|()| MLAGSYNC_OK))
}
