//! Copies of what a caller passed and got, for the trace.
//!
//! Invariant: reads only what the function itself may read, by the same checks; changes nothing, neither the
//! caller's memory nor what a call answers. Statuses that a call left untouched are what the caller had there.

use std::time::Instant;

use sai_sys::{
    Status, sai_attribute_t, sai_object_id_t, sai_object_key_t, sai_object_type_t, sai_object_type_t as T,
    sai_stat_capability_t, sai_status_t,
};

use super::attr::{copy, room};
use super::slice;
use super::wire::Wire;
use crate::switch::fdb::Fdb;
use crate::switch::neighbor::Neighbors;
use crate::switch::route::Routes;
use crate::trace::{self, Item, Key, Record, Shown};

/// Runs a call, and writes it down if anything is traced: `start` copies what was given, `end` what was answered.
#[inline]
pub(crate) fn traced(
    start: impl FnOnce() -> Record,
    call: impl FnOnce() -> sai_status_t,
    end: impl FnOnce(&mut Record),
) -> sai_status_t {
    if trace::on() { written(start(), call, end) } else { call() }
}

/// As [`traced`], whether or not anything is traced yet when the call begins.
#[cold]
#[inline(never)]
pub(crate) fn written(
    mut record: Record,
    call: impl FnOnce() -> sai_status_t,
    end: impl FnOnce(&mut Record),
) -> sai_status_t {
    // Before the call, because the call may take the switch away, or the process with it; after it, because it may
    // bring it.
    let begun = trace::tape_for(&record).map(|tape| (tape.begin(&record), tape));
    let begin = Instant::now();
    record.status = call();
    record.ns = begin.elapsed().as_nanos() as u64;
    if record.whole {
        end(&mut record);
    }
    match begun {
        Some((begun, tape)) => tape.end(&begun, &record),
        None => {
            if let Some(tape) = trace::tape_for(&record) {
                tape.whole(&record);
            }
        }
    }
    record.status
}

/// Where the attributes of a call's items are.
#[derive(Clone, Copy)]
pub(super) enum Lists {
    /// There are none.
    None,
    /// A list, of the only item.
    Only(*const sai_attribute_t, u32),
    /// A list for each item: their lengths, and where they are.
    Each(*const u32, *const *const sai_attribute_t),
    /// One attribute for each item.
    One(*const sai_attribute_t),
}

impl Lists {
    /// The list of an item.
    ///
    /// # Safety
    /// The pointers are as the SAI header asks, or null.
    unsafe fn of<'a>(self, index: usize, count: u32) -> Option<&'a [sai_attribute_t]> {
        match self {
            Self::None => Some(&[]),
            // SAFETY: by this function's contract.
            Self::Only(list, length) => unsafe { slice(list, length) }.ok(),
            Self::Each(lengths, lists) => {
                // SAFETY: by this function's contract.
                let length = *unsafe { slice(lengths, count) }.ok()?.get(index)?;
                // SAFETY: by this function's contract.
                let list = *unsafe { slice(lists, count) }.ok()?.get(index)?;
                // SAFETY: by this function's contract.
                unsafe { slice(list, length) }.ok()
            }
            Self::One(list) => {
                // SAFETY: by this function's contract.
                unsafe { slice(list, count) }.ok()?.get(index..=index)
            }
        }
    }
}

/// Does this call ask for values, instead of giving them?
fn asks(record: &Record) -> bool {
    matches!(record.what, "get" | "get_many" | "bulk_get")
}

/// Copies what a call was given.
///
/// # Safety
/// The lists are as the SAI header asks, or null.
pub(super) unsafe fn start(
    mut record: Record,
    count: u32,
    key: impl Fn(usize) -> Option<Key>,
    lists: Lists,
) -> Record {
    let (facts, asked) = (record.facts(), asks(&record));
    record.whole &= count > 0;
    for index in 0..count as usize {
        // SAFETY: by this function's contract.
        let (Some(key), Some(attrs)) = (key(index), unsafe { lists.of(index, count) }) else {
            record.whole = false;
            break;
        };
        let shown = |attr: &sai_attribute_t| {
            let row = facts.and_then(|facts| facts.attr(attr.id));
            // SAFETY: by this function's contract.
            let value = row.filter(|_| !asked).and_then(|row| unsafe { copy(row, &attr.value, 0) }.ok());
            Shown { id: attr.id, room: row.filter(|_| asked).and_then(|row| room(row, &attr.value)), value }
        };
        record.items.push(Item { key, attrs: attrs.iter().map(shown).collect(), status: None });
    }
    if !record.whole {
        record.items.clear();
    }
    record
}

/// Copies what a call answered: statuses, and the values that were asked for.
///
/// # Safety
/// The lists are as the SAI header asks, or null.
pub(super) unsafe fn end(record: &mut Record, lists: Lists, statuses: *const sai_status_t) {
    let (facts, asked, count) = (record.facts(), asks(record), record.items.len() as u32);
    if !statuses.is_null() {
        // SAFETY: by this function's contract.
        let statuses = unsafe { slice(statuses, count) }.unwrap_or(&[]);
        record.items.iter_mut().zip(statuses).for_each(|(item, status)| item.status = Some(*status));
    }
    for (index, item) in record.items.iter_mut().enumerate() {
        if !asked || item.status.unwrap_or(record.status) != Status::SUCCESS.0 {
            continue;
        }
        // SAFETY: by this function's contract.
        let attrs = unsafe { lists.of(index, count) }.unwrap_or(&[]);
        for (shown, attr) in item.attrs.iter_mut().zip(attrs) {
            let row = facts.and_then(|facts| facts.attr(attr.id));
            // SAFETY: by this function's contract; after SUCCESS a list holds what its count says.
            shown.value = row.and_then(|row| unsafe { copy(row, &attr.value, 0) }.ok());
        }
    }
}

/// Keys of entries.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn entry_keys<E: Wire>(entries: *const E::C, count: u32) -> impl Fn(usize) -> Option<Key> {
    move |index| {
        // SAFETY: by this function's contract.
        unsafe { slice(entries, count) }.ok()?.get(index).and_then(E::record)
    }
}

/// Keys of objects with an id.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn id_keys(ids: *const sai_object_id_t, count: u32) -> impl Fn(usize) -> Option<Key> {
    move |index| {
        // SAFETY: by this function's contract.
        unsafe { slice(ids, count) }.ok()?.get(index).map(|id| Key::Id(*id))
    }
}

/// Keys of any type.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn any_keys(
    object: sai_object_type_t,
    keys: *const sai_object_key_t,
    count: u32,
) -> impl Fn(usize) -> Option<Key> {
    move |index| {
        // SAFETY: by this function's contract.
        let key = &unsafe { slice(keys, count) }.ok()?.get(index)?.key;
        match object {
            T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY => Neighbors::record(Neighbors::entry_of(key)),
            T::SAI_OBJECT_TYPE_FDB_ENTRY => Fdb::record(Fdb::entry_of(key)),
            T::SAI_OBJECT_TYPE_ROUTE_ENTRY => Routes::record(Routes::entry_of(key)),
            // SAFETY: the key of any other type is an id.
            _ => Some(Key::Id(unsafe { key.object_id })),
        }
    }
}

/// Copies the ids that a create answered.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn created(record: &mut Record, ids: *const sai_object_id_t) {
    let count = record.items.len() as u32;
    // SAFETY: by this function's contract.
    let ids = unsafe { slice(ids, count) }.unwrap_or(&[]);
    for (item, id) in record.items.iter_mut().zip(ids) {
        if item.status.unwrap_or(record.status) == Status::SUCCESS.0 {
            item.key = Key::Id(*id);
        }
    }
}

/// A number that a call answered with SUCCESS.
///
/// # Safety
/// The place is as the SAI header asks, or null.
pub(super) unsafe fn answered<N: Copy + Into<u64>>(record: &mut Record, place: *const N) {
    if record.status == Status::SUCCESS.0 {
        // SAFETY: by this function's contract.
        record.output.extend(unsafe { slice(place, 1) }.unwrap_or(&[]).iter().map(|n| (*n).into()));
    }
}

/// The counters that a call listed with SUCCESS, each with its modes.
pub(super) fn counters(status: sai_status_t, list: &[sai_stat_capability_t], count: u32) -> Vec<u64> {
    let listed = list.iter().take(count as usize).filter(|_| status == Status::SUCCESS.0);
    listed.flat_map(|one| [one.stat_enum, one.stat_modes]).map(u64::from).collect()
}

/// What a caller had in one place.
///
/// # Safety
/// The place is as the SAI header asks, or null.
pub(super) unsafe fn was<N: Copy + Into<u64>>(place: *const N) -> Vec<u64> {
    // SAFETY: by this function's contract.
    unsafe { slice(place, 1) }.unwrap_or(&[]).iter().map(|n| (*n).into()).collect()
}
