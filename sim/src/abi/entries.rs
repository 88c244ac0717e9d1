//! The functions of entries that are keyed by value: neighbours, FDB, routes; one body for all three.
//!
//! Invariant: what differs between the kinds is in [`Wire`]; nothing here names one of them but flush and remove-all.

use sai_sys::{
    Status, sai_attribute_t, sai_bulk_op_error_mode_t, sai_object_id_t, sai_object_type_t as T, sai_status_t,
};

use super::attr::{Purpose, read_all};
use super::bulk::{Reply, run, run_ahead};
use super::notify;
use super::objects::fill;
use super::record::{self, Lists, traced};
use super::wire::Wire;
use super::{on_switch, one, slice};
use crate::calls::Op;
use crate::faults::Deed;
use crate::misuse::Kind;
use crate::refusal::Result;
use crate::switch::entry::{self, Entry, New};
use crate::switch::fdb::{Fdb, Flush};
use crate::switch::neighbor::Neighbors;
use crate::switch::{Switch, Tamper};
use crate::trace::{Key, Record};
use crate::value::Value;

/// Reads the attributes of a create.
///
/// # Safety
/// The attributes are as the SAI header asks.
#[inline]
unsafe fn new<E: Wire>(switch: &Switch, attrs: &[sai_attribute_t]) -> Result<New<E>> {
    if let Some(body) = E::short(switch, attrs) {
        return Ok(New { body, extras: Vec::new() });
    }
    // SAFETY: by this function's contract.
    let given = unsafe { read_all(E::facts()?, attrs, Purpose::Create) }?;
    E::judge(switch, &given)?;
    entry::judge(switch, given)
}

/// Asks for the memory that an operation on an entry will need first.
#[inline]
fn touch<E: Wire>(switch: &Switch, entry: &E::C) -> u64 {
    E::key(switch, entry).map_or(0, |key| E::table(switch).touch(&key))
}

/// Changes the attribute of one entry.
///
/// # Safety
/// The attribute is as the SAI header asks.
unsafe fn set_one<E: Wire>(switch: &mut Switch, key: E::Key, attr: &sai_attribute_t) -> Result<()> {
    let facts = E::facts()?;
    // SAFETY: by this function's contract.
    let given = unsafe { read_all(facts, std::slice::from_ref(attr), Purpose::Set) }?;
    E::judge(switch, &given)?;
    for (id, value) in given {
        let row = facts.attr(id).ok_or(Status::FAILURE)?;
        entry::set::<E>(switch, &key, row, value)?;
    }
    Ok(())
}

/// Reads the attributes of one entry.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn get_all<E: Wire>(
    switch: &mut Switch,
    entry: &E::C,
    attr_count: u32,
    attr_list: *mut sai_attribute_t,
) -> Result<()> {
    let key = E::key(switch, entry)?;
    entry::check_exists::<E>(switch, &key)?;
    let tamper = switch.tamper(Deed::Get, E::OBJECT, || E::target(&key))?;
    let flip = |value: Value| match value {
        Value::Mac(mut mac) if tamper == Tamper::CorruptMac => {
            mac[5] ^= 1;
            Value::Mac(mac)
        }
        value => value,
    };
    let get = |row: &_, index| entry::get::<E>(switch, &key, row, index).map(flip);
    // SAFETY: by this function's contract.
    unsafe { fill(E::facts()?, attr_count, attr_list, get) }
}

/// `create_X_entry`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn create<E: Wire>(
    entry: *const E::C,
    attr_count: u32,
    attr_list: *const sai_attribute_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let key = E::key(switch, &entries[0])?;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, attr_count) }?;
        // SAFETY: by this function's contract.
        let new = unsafe { new::<E>(switch, attrs) }?;
        entry::create(switch, key, new)
    };
    let lists = Lists::Only(attr_list, attr_count);
    let call = Call { what: "create", op: Op::Create, entries: (entry, 1), lists, bulk: None };
    // SAFETY: by this function's contract.
    unsafe { call.run::<E>(deed) }
}

/// `remove_X_entry`.
///
/// # Safety
/// The pointer is as the SAI header asks, or null.
pub(super) unsafe extern "C" fn remove<E: Wire>(entry: *const E::C) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let key = E::key(switch, &entries[0])?;
        entry::remove::<E>(switch, &key)
    };
    let lists = Lists::None;
    let call = Call { what: "remove", op: Op::Remove, entries: (entry, 1), lists, bulk: None };
    // SAFETY: by this function's contract.
    unsafe { call.run::<E>(deed) }
}

/// `set_X_entry_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn set<E: Wire>(
    entry: *const E::C,
    attr: *const sai_attribute_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let key = E::key(switch, &entries[0])?;
        // SAFETY: by this function's contract.
        let attr = unsafe { one(attr) }?;
        // SAFETY: by this function's contract.
        unsafe { set_one::<E>(switch, key, attr) }
    };
    let lists = Lists::One(attr);
    let call = Call { what: "set", op: Op::Set, entries: (entry, 1), lists, bulk: None };
    // SAFETY: by this function's contract.
    unsafe { call.run::<E>(deed) }
}

/// `get_X_entry_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn get<E: Wire>(
    entry: *const E::C,
    attr_count: u32,
    attr_list: *mut sai_attribute_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        // SAFETY: by this function's contract.
        unsafe { get_all::<E>(switch, &entries[0], attr_count, attr_list) }
    };
    let lists = Lists::Only(attr_list, attr_count);
    let call = Call { what: "get", op: Op::Get, entries: (entry, 1), lists, bulk: None };
    // SAFETY: by this function's contract.
    unsafe { call.run::<E>(deed) }
}

/// `create_X_entries`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn create_many<E: Wire>(
    object_count: u32,
    entry: *const E::C,
    attr_count: *const u32,
    attr_list: *mut *const sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let reply = Reply::new(object_count, mode, object_statuses)?;
        // SAFETY: by this function's contract.
        let counts = unsafe { slice(attr_count, object_count) }?;
        // SAFETY: by this function's contract.
        let lists = unsafe { slice(attr_list.cast_const(), object_count) }?;
        let read = |switch: &Switch, i: usize| {
            // SAFETY: by this function's contract.
            let attrs = unsafe { slice(lists[i], counts[i]) }?;
            let key = E::key(switch, &entries[i])?;
            // SAFETY: by this function's contract.
            Ok((key, unsafe { new::<E>(switch, attrs) }?))
        };
        run_ahead(
            switch,
            reply,
            |switch, i| touch::<E>(switch, &entries[i]),
            |switch, i| {
                read(switch, i).and_then(|(key, new)| {
                    entry::check_create::<E>(switch, &key)?;
                    E::check_body(switch, &key, &new.body)
                })
            },
            |switch, i| {
                let (key, new) = read(switch, i)?;
                entry::create(switch, key, new)
            },
        )
    };
    let lists = Lists::Each(attr_count, attr_list);
    let call = Call {
        what: "create_many",
        op: Op::BulkCreate,
        entries: (entry, object_count),
        lists,
        bulk: Some((mode, object_statuses)),
    };
    // SAFETY: by this function's contract.
    unsafe { call.run::<E>(deed) }
}

/// `remove_X_entries`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn remove_many<E: Wire>(
    object_count: u32,
    entry: *const E::C,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let reply = Reply::new(object_count, mode, object_statuses)?;
        run_ahead(
            switch,
            reply,
            |switch, i| touch::<E>(switch, &entries[i]),
            |switch, i| entry::check_exists::<E>(switch, &E::key(switch, &entries[i])?),
            |switch, i| {
                let key = E::key(switch, &entries[i])?;
                entry::remove::<E>(switch, &key)
            },
        )
    };
    let lists = Lists::None;
    let call = Call {
        what: "remove_many",
        op: Op::BulkRemove,
        entries: (entry, object_count),
        lists,
        bulk: Some((mode, object_statuses)),
    };
    // SAFETY: by this function's contract.
    unsafe { call.run::<E>(deed) }
}

/// `set_X_entries_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn set_many<E: Wire>(
    object_count: u32,
    entry: *const E::C,
    attr_list: *const sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let reply = Reply::new(object_count, mode, object_statuses)?;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, object_count) }?;
        run_ahead(
            switch,
            reply,
            |switch, i| touch::<E>(switch, &entries[i]),
            |switch, i| {
                let key = E::key(switch, &entries[i])?;
                let facts = E::facts()?;
                // SAFETY: by this function's contract.
                let given = unsafe { read_all(facts, std::slice::from_ref(&attrs[i]), Purpose::Set) }?;
                E::judge(switch, &given)?;
                for (id, value) in &given {
                    let row = facts.attr(*id).ok_or(Status::FAILURE)?;
                    entry::check_set::<E>(switch, &key, row, value)?;
                }
                Ok(())
            },
            |switch, i| {
                let key = E::key(switch, &entries[i])?;
                // SAFETY: by this function's contract.
                unsafe { set_one::<E>(switch, key, &attrs[i]) }
            },
        )
    };
    let lists = Lists::One(attr_list);
    let call = Call {
        what: "set_many",
        op: Op::BulkSet,
        entries: (entry, object_count),
        lists,
        bulk: Some((mode, object_statuses)),
    };
    // SAFETY: by this function's contract.
    unsafe { call.run::<E>(deed) }
}

/// `get_X_entries_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn get_many<E: Wire>(
    object_count: u32,
    entry: *const E::C,
    attr_count: *const u32,
    attr_list: *mut *mut sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let reply = Reply::new(object_count, mode, object_statuses)?;
        // SAFETY: by this function's contract.
        let counts = unsafe { slice(attr_count, object_count) }?;
        // SAFETY: by this function's contract.
        let lists = unsafe { slice(attr_list.cast_const(), object_count) }?;
        run(
            switch,
            reply,
            |switch, i| entry::check_exists::<E>(switch, &E::key(switch, &entries[i])?),
            // SAFETY: by this function's contract.
            |switch, i| unsafe { get_all::<E>(switch, &entries[i], counts[i], lists[i]) },
        )
    };
    let lists = Lists::Each(attr_count, attr_list.cast());
    let call = Call {
        what: "get_many",
        op: Op::BulkGet,
        entries: (entry, object_count),
        lists,
        bulk: Some((mode, object_statuses)),
    };
    // SAFETY: by this function's contract.
    unsafe { call.run::<E>(deed) }
}

/// What the functions of entries have in common.
struct Call<C> {
    what: &'static str,
    op: Op,
    entries: (*const C, u32),
    lists: Lists,
    /// Mode and statuses of a bulk call.
    bulk: Option<(sai_bulk_op_error_mode_t, *const sai_status_t)>,
}

impl<C> Call<C> {
    /// Makes the call, and traces it.
    ///
    /// # Safety
    /// The pointers are as the SAI header asks, or null.
    #[inline]
    unsafe fn run<E: Wire<C = C>>(self, deed: impl FnOnce(&mut Switch, &[C]) -> Result<()>) -> sai_status_t {
        let Self { what, op, entries: (entries, count), lists, bulk } = self;
        let start = || {
            let mut record = Record::new(what, E::OBJECT, 0);
            record.input.extend(bulk.map(|(mode, _)| u64::from(mode.0)));
            // SAFETY: by this function's contract.
            let keys = unsafe { record::entry_keys::<E>(entries, count) };
            // SAFETY: by this function's contract.
            unsafe { record::start(record, count, keys, lists) }
        };
        // SAFETY: by this function's contract.
        let call = || unsafe { on_entries::<E>(op, count, entries, deed) };
        let statuses = bulk.map_or(std::ptr::null(), |(_, statuses)| statuses);
        // SAFETY: by this function's contract.
        traced(start, call, |record| unsafe { record::end(record, lists, statuses) })
    }
}

/// Are there bytes in a key that mean nothing, and are not zero?
fn has_noise<E: Wire>(entry: &E::C) -> bool {
    let bytes = std::ptr::from_ref(entry).cast::<u8>();
    E::gaps(entry).into_iter().flatten().any(|offset| {
        debug_assert!(offset < size_of::<E::C>());
        // SAFETY: within the entry.
        let byte = unsafe { bytes.add(offset) };
        // SAFETY: the caller's memory; volatile, so that whatever the caller left there is what is seen.
        unsafe { byte.read_volatile() != 0 }
    })
}

/// Runs a call on the switch that the first entry names.
///
/// # Safety
/// The list of entries is as the SAI header asks, or null.
#[inline]
unsafe fn on_entries<E: Wire>(
    op: Op,
    count: u32,
    entries: *const E::C,
    body: impl FnOnce(&mut Switch, &[E::C]) -> Result<()>,
) -> sai_status_t {
    // SAFETY: by this function's contract.
    let entries = unsafe { slice(entries, count) };
    let Some(first) = entries.ok().and_then(<[_]>::first) else {
        return super::guard(|| super::session().and(Err(Status::INVALID_PARAMETER)));
    };
    on_switch(op, E::OBJECT, count, E::switch_id(first), |switch| {
        let entries = entries.unwrap_or(&[]);
        if switch.settings.misuse.padding {
            entries
                .iter()
                .filter(|entry| has_noise::<E>(entry))
                .for_each(|_| switch.misuse.note(Kind::Padding));
        }
        body(switch, entries)
    })
}

/// `remove_all_neighbor_entries`.
pub(super) unsafe extern "C" fn remove_all_neighbors(switch_id: sai_object_id_t) -> sai_status_t {
    let call = || {
        on_switch(Op::RemoveAll, Neighbors::OBJECT, 0, switch_id, |switch| {
            switch.resolve(switch_id, T::SAI_OBJECT_TYPE_SWITCH)?;
            // "All" are those that were promised, too.
            if switch.settings.asynchronous.is_some() {
                switch.land(true);
            }
            switch.neighbors.keys().iter().try_for_each(|key| {
                switch.save_some();
                entry::remove::<Neighbors>(switch, key)
            })
        })
    };
    traced(|| Record::new("remove_all", Neighbors::OBJECT, switch_id), call, |_| ())
}

/// `flush_fdb_entries`.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe extern "C" fn flush_fdb(
    switch_id: sai_object_id_t,
    attr_count: u32,
    attr_list: *const sai_attribute_t,
) -> sai_status_t {
    use sai_sys::{sai_fdb_flush_attr_t as Filter, sai_fdb_flush_entry_type_t as Kind};
    let start = || {
        let record = Record::new("flush", Fdb::OBJECT, switch_id);
        // SAFETY: by this function's contract.
        unsafe { record::start(record, 1, |_| Some(Key::Id(0)), Lists::Only(attr_list, attr_count)) }
    };
    let deed = |switch: &mut Switch| {
        switch.resolve(switch_id, T::SAI_OBJECT_TYPE_SWITCH)?;
        let facts = crate::facts::FDB_FLUSH;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, attr_count) }?;
        // SAFETY: by this function's contract.
        let given = unsafe { read_all(facts, attrs, Purpose::Create) }?;
        let mut flush = Flush { is_static: Some(false), ..Flush::default() };
        for (index, (id, value)) in given.iter().enumerate() {
            let row = facts.attr(*id).ok_or(Status::FAILURE)?;
            switch.check_references(row, value, index)?;
            let number = value.num().unwrap_or_default();
            match Filter(*id) {
                Filter::SAI_FDB_FLUSH_ATTR_BRIDGE_PORT_ID => flush.port = (number != 0).then_some(number),
                Filter::SAI_FDB_FLUSH_ATTR_BV_ID => flush.bv = (number != 0).then_some(number),
                _ => {
                    flush.is_static = match Kind(number as u32) {
                        Kind::SAI_FDB_FLUSH_ENTRY_TYPE_DYNAMIC => Some(false),
                        Kind::SAI_FDB_FLUSH_ENTRY_TYPE_STATIC => Some(true),
                        _ => None,
                    }
                }
            }
        }
        if let Some(event) = switch.flush(flush) {
            notify::emit(switch, event);
        }
        Ok(())
    };
    traced(start, || on_switch(Op::Flush, Fdb::OBJECT, 0, switch_id, deed), |_| ())
}
