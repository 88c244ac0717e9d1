//! Counters: there is no traffic, so each reads zero.
//!
//! Invariant: nothing counts; what is judged is whether there is such a counter.

use sai_sys::{
    Status, sai_object_id_t, sai_object_type_t, sai_stat_capability_list_t, sai_stat_capability_t,
    sai_stat_id_t, sai_stats_mode_t as Mode, sai_status_t,
};

use super::record::traced;
use super::{on_switch, slice, writable};
use crate::calls::Op;
use crate::facts;
use crate::refusal::Result;
use crate::switch::Switch;
use crate::trace::{Item, Key, Record};

/// A record about the counters of one object.
fn about(
    what: &'static str,
    object: u32,
    id: u64,
    count: u32,
    ids: *const sai_stat_id_t,
    mode: Option<Mode>,
) -> Record {
    let mut record = Record::new(what, sai_object_type_t(object), 0);
    record.input.push(mode.map_or(u64::MAX, |mode| mode.0.into()));
    // SAFETY: the list is as the SAI header asks, or null: the contract of the functions below.
    match unsafe { slice(ids, count) } {
        Ok(ids) => record.input.extend(ids.iter().map(|id| u64::from(*id))),
        Err(_) => record.whole = false,
    }
    record.items.push(Item { key: Key::Id(id), attrs: Vec::new(), status: None });
    record
}

/// `get_X_stats`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn get<const T: u32>(
    id: sai_object_id_t,
    count: u32,
    ids: *const sai_stat_id_t,
    counters: *mut u64,
) -> sai_status_t {
    let call = || {
        on_switch(Op::Stats, sai_object_type_t(T), count, id, |switch| {
            Switch::facts(sai_object_type_t(T))?;
            switch.resolve(id, sai_object_type_t(T))?;
            // SAFETY: by this function's contract.
            unsafe { zero(sai_object_type_t(T), count, ids, counters) }
        })
    };
    traced(|| about("stats", T, id, count, ids, None), call, |_| ())
}

/// `get_X_stats_ext`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn get_ext<const T: u32>(
    id: sai_object_id_t,
    count: u32,
    ids: *const sai_stat_id_t,
    mode: Mode,
    counters: *mut u64,
) -> sai_status_t {
    let call = || {
        on_switch(Op::Stats, sai_object_type_t(T), count, id, |switch| {
            Switch::facts(sai_object_type_t(T))?;
            switch.resolve(id, sai_object_type_t(T))?;
            check_mode(mode)?;
            // SAFETY: by this function's contract.
            unsafe { zero(sai_object_type_t(T), count, ids, counters) }
        })
    };
    traced(|| about("stats", T, id, count, ids, Some(mode)), call, |_| ())
}

/// `clear_X_stats`.
///
/// # Safety
/// The pointer is as the SAI header asks, or null.
pub(super) unsafe extern "C" fn clear<const T: u32>(
    id: sai_object_id_t,
    count: u32,
    ids: *const sai_stat_id_t,
) -> sai_status_t {
    let call = || {
        on_switch(Op::ClearStats, sai_object_type_t(T), count, id, |switch| {
            Switch::facts(sai_object_type_t(T))?;
            switch.resolve(id, sai_object_type_t(T))?;
            // SAFETY: by this function's contract.
            unsafe { check_ids(sai_object_type_t(T), count, ids) }
        })
    };
    traced(|| about("clear_stats", T, id, count, ids, None), call, |_| ())
}

/// `clear_X_all_stats`.
pub(super) unsafe extern "C" fn clear_all<const T: u32>(id: sai_object_id_t) -> sai_status_t {
    let deed = |switch: &mut Switch| switch.resolve(id, sai_object_type_t(T)).map(|_| ());
    let call = || on_switch(Op::ClearStats, sai_object_type_t(T), 0, id, deed);
    traced(|| about("clear_stats", T, id, 0, std::ptr::null(), None), call, |_| ())
}

/// A mode for one object or for many.
pub(super) fn check_mode(mode: Mode) -> Result<()> {
    match mode {
        Mode::SAI_STATS_MODE_READ
        | Mode::SAI_STATS_MODE_READ_AND_CLEAR
        | Mode::SAI_STATS_MODE_BULK_READ
        | Mode::SAI_STATS_MODE_BULK_CLEAR
        | Mode::SAI_STATS_MODE_BULK_READ_AND_CLEAR => Ok(()),
        _ => Err(Status::INVALID_PARAMETER),
    }
}

/// Is something asked for, and are all of them counters of this type, if it is known which it has?
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn check_ids(
    object: sai_object_type_t,
    count: u32,
    ids: *const sai_stat_id_t,
) -> Result<()> {
    // SAFETY: by this function's contract.
    let ids = unsafe { slice(ids, count) }?;
    let known = |id: &u32| {
        facts::counters(object).is_none_or(|ranges| ranges.iter().any(|(a, b)| (*a..=*b).contains(id)))
    };
    if ids.is_empty() || !ids.iter().all(known) { Err(Status::INVALID_PARAMETER) } else { Ok(()) }
}

/// # Safety
/// The lists are as the SAI header asks, or null.
unsafe fn zero(
    object: sai_object_type_t,
    count: u32,
    ids: *const sai_stat_id_t,
    counters: *mut u64,
) -> Result<()> {
    // SAFETY: by this function's contract.
    unsafe { check_ids(object, count, ids) }?;
    writable(counters)?;
    // SAFETY: the caller's list has a counter for each id, and was checked to be writable.
    unsafe { counters.write_bytes(0, count as usize) };
    Ok(())
}

/// How counters can be read: every one in every way.
const MODES: u32 = Mode::SAI_STATS_MODE_READ.0
    | Mode::SAI_STATS_MODE_READ_AND_CLEAR.0
    | Mode::SAI_STATS_MODE_BULK_READ.0
    | Mode::SAI_STATS_MODE_BULK_CLEAR.0
    | Mode::SAI_STATS_MODE_BULK_READ_AND_CLEAR.0;

/// Fills a caller's list with the counters of a type; a list that is too short learns how many there are.
///
/// # Safety
/// `capability` is a list of the caller's, or null.
pub(super) unsafe fn capability(
    object: sai_object_type_t,
    capability: *mut sai_stat_capability_list_t,
) -> Result<()> {
    let ranges = facts::counters(object).ok_or(Status::NOT_SUPPORTED)?;
    let all: Vec<_> = ranges
        .iter()
        .flat_map(|(first, last)| *first..=*last)
        .map(|stat_enum| sai_stat_capability_t { stat_enum, stat_modes: MODES })
        .collect();
    writable(capability)?;
    // SAFETY: by this function's contract, and neither null nor misaligned.
    let list = unsafe { &mut *capability };
    let room = list.count as usize;
    list.count = all.len() as u32;
    if room < all.len() {
        return Err(Status::BUFFER_OVERFLOW);
    }
    writable(list.list)?;
    // SAFETY: the caller's list has room for every counter, and is not ours.
    unsafe { list.list.copy_from_nonoverlapping(all.as_ptr(), all.len()) };
    Ok(())
}
