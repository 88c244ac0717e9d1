//! The exported symbols: every program-wide function of SAI but the questions, which are in `queries`.
//!
//! Invariant: with those and the commands in `extra`, the only `no_mangle` items of the crate, all named `sai_*`.

use std::cell::Cell;
use std::ffi::{CStr, OsStr, c_char, c_void};
use std::os::unix::ffi::OsStrExt;

use sai_sys::{
    Status, sai_api_t, sai_attribute_t, sai_bulk_op_error_mode_t as Mode, sai_log_level_t,
    sai_neighbor_entry_attr_t as NeighborAttr, sai_object_id_t, sai_object_key_t, sai_object_type_t,
    sai_object_type_t as T, sai_service_method_table_t, sai_status_t,
};

use super::bulk::{Reply, run};
use super::entries;
use super::record::{self, Lists, answered, traced, was, written};
use super::services::Services;
use super::switches::alone;
use super::wire::Wire;
use super::{guard, objects, on_switch, one, put, slice, tables, writable};
use crate::calls::Op;
use crate::facts::{self, TYPES};
use crate::oid::Oid;
use crate::refusal::Result;
use crate::switch::Switch;
use crate::switch::fdb::Fdb;
use crate::switch::neighbor::Neighbors;
use crate::switch::route::Routes;
use crate::trace::{Item, Key, Record};
use crate::world::{self, Session};

/// Must come first; `flags` is 0.
///
/// # Safety
/// `services` is a service table, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_api_initialize(
    flags: u64,
    services: *const sai_service_method_table_t,
) -> sai_status_t {
    let deed = || {
        // SAFETY: by this function's contract.
        let services = Services::new(unsafe { one(services) }?);
        if flags != 0 {
            return Err(Status::INVALID_PARAMETER);
        }
        let _alone = alone();
        if world::is_initialized() {
            return Err(Status::FAILURE);
        }
        let settings = services.settings(0)?;
        let tape = world::tape(&settings)?;
        world::initialize(Session { services, settings, tape })
    };
    let mut record = Record::new("initialize", NONE, 0);
    record.input.push(flags);
    written(record, || guard(deed), |_| ())
}

/// Of calls that are about no type of object.
pub(super) const NONE: sai_object_type_t = T::SAI_OBJECT_TYPE_NULL;

/// A record of a call with numbers only.
pub(super) fn plain(what: &'static str, object: sai_object_type_t, switch: u64, input: &[u64]) -> Record {
    let mut record = Record::new(what, object, switch);
    record.input.extend_from_slice(input);
    record
}

/// Traces a call with numbers only that answers a number.
///
/// # Safety
/// The place for the answer is as the SAI header asks, or null.
pub(super) unsafe fn numbers<N: Copy + Into<u64>>(
    start: impl FnOnce() -> Record,
    call: impl FnOnce() -> sai_status_t,
    answer: *const N,
) -> sai_status_t {
    // SAFETY: by this function's contract.
    traced(start, call, |record| unsafe { answered(record, answer) })
}

/// Points `*api_method_table` at the library's table for one API.
///
/// # Safety
/// `api_method_table` is a place for a pointer, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_api_query(api: sai_api_t, api_method_table: *mut *mut c_void) -> sai_status_t {
    let call = || {
        guard(|| {
            let session = super::session()?;
            writable(api_method_table)?;
            let table = tables::query(api, &session.settings)?;
            // SAFETY: by this function's contract.
            unsafe { put(api_method_table, table) }
        })
    };
    traced(|| plain("api_query", NONE, 0, &[api.0.into()]), call, |_| ())
}

/// Must come last; every object is gone afterwards.
#[unsafe(no_mangle)]
pub extern "C" fn sai_api_uninitialize() -> sai_status_t {
    let call = || guard(|| world::blame(world::uninitialize()));
    traced(|| plain("uninitialize", NONE, 0, &[]), call, |_| ())
}

/// Takes the log level of one API module. The simulator has no log; it judges the arguments.
#[unsafe(no_mangle)]
pub extern "C" fn sai_log_set(api: sai_api_t, log_level: sai_log_level_t) -> sai_status_t {
    let call = || {
        guard(|| {
            super::session()?;
            let api = (1..sai_api_t::SAI_API_MAX.0).contains(&api.0);
            let level = log_level.0 <= sai_log_level_t::SAI_LOG_LEVEL_CRITICAL.0;
            if api && level { Ok(()) } else { Err(Status::INVALID_PARAMETER) }
        })
    };
    traced(|| plain("log_set", NONE, 0, &[api.0.into(), log_level.0.into()]), call, |_| ())
}

/// Type of a live object, or `SAI_OBJECT_TYPE_NULL`.
#[unsafe(no_mangle)]
pub extern "C" fn sai_object_type_query(object_id: sai_object_id_t) -> sai_object_type_t {
    let question = || live(object_id).map_or(0, |oid| oid.object.0.into());
    sai_object_type_t(asked("object_type", object_id, question) as u32)
}

/// Switch that a live object belongs to, or `SAI_NULL_OBJECT_ID`.
#[unsafe(no_mangle)]
pub extern "C" fn sai_switch_id_query(object_id: sai_object_id_t) -> sai_object_id_t {
    asked("switch_id", object_id, || live(object_id).map_or(0, |oid| Oid::of_switch(oid.switch).id()))
}

/// Traces a question that is answered without a status.
fn asked(what: &'static str, id: u64, question: impl FnOnce() -> u64) -> u64 {
    let answer = Cell::new(0);
    let call = || {
        answer.set(question());
        Status::SUCCESS.0
    };
    traced(|| plain(what, NONE, 0, &[id]), call, |record| record.output.push(answer.get()));
    answer.get()
}

fn live(id: u64) -> Option<Oid> {
    let mut found = None;
    guard(|| {
        let oid = Oid::parse(id).ok_or(Status::INVALID_PARAMETER)?;
        found = Some(world::blame(world::find(id))?.enter().resolve(id, oid.object)?);
        Ok(())
    });
    found
}

/// Release that the library pretends to be, in the form of `SAI_VERSION()`. The build of release 1.9 lacks it.
///
/// # Safety
/// `version` is a place for a number, or null.
#[cfg(not(sai_1_9))]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_query_api_version(version: *mut sai_sys::sai_api_version_t) -> sai_status_t {
    let call = || {
        guard(|| {
            // Unlike all others it answers before initialise: that is when a loader asks.
            let release = world::session().map_or(crate::profile::NEWEST, |s| s.settings.release);
            // SAFETY: by this function's contract.
            unsafe { put(version, release.api_version()) }
        })
    };
    // SAFETY: by this function's contract.
    unsafe { numbers(|| plain("api_version", NONE, 0, &[]), call, version) }
}

/// Writes what the switches hold to a file.
///
/// # Safety
/// `dump_file_name` is a C string, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_dbg_generate_dump(dump_file_name: *const c_char) -> sai_status_t {
    let call = || {
        guard(|| {
            super::session()?;
            if dump_file_name.is_null() {
                return Err(Status::INVALID_PARAMETER);
            }
            // SAFETY: by this function's contract, and not null.
            let name = unsafe { CStr::from_ptr(dump_file_name) };
            std::fs::write(OsStr::from_bytes(name.to_bytes()), crate::dump::all())
                .map_err(|_| Status::FAILURE)
        })
    };
    traced(|| plain("dump", NONE, 0, &[]), call, |_| ())
}

/// A live switch, a type that is simulated, or one of which the objects are counted.
pub(super) fn on_type(
    op: Op,
    switch_id: sai_object_id_t,
    object: sai_object_type_t,
    body: impl FnOnce(&mut Switch) -> Result<()>,
) -> sai_status_t {
    on_switch(op, object, 0, switch_id, |switch| {
        switch.resolve(switch_id, T::SAI_OBJECT_TYPE_SWITCH)?;
        if object.0 == 0 || object.0 as usize >= TYPES {
            return Err(Status::INVALID_PARAMETER);
        }
        // Of a type that is not simulated there is none, and that can be said; nothing else can.
        let counts = matches!(op, Op::Count | Op::Keys);
        if counts && !switch.settings.list {
            return Err(Status::NOT_IMPLEMENTED);
        }
        if !counts && facts::of(object).is_none() && switch.count(object) == 0 {
            return Err(Status::NOT_IMPLEMENTED);
        }
        body(switch)
    })
}

/// How many more objects of this type and these attributes fit.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_object_type_get_availability(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    attr_count: u32,
    attr_list: *const sai_attribute_t,
    count: *mut u64,
) -> sai_status_t {
    let call = || {
        on_type(Op::Query, switch_id, object_type, |switch| {
            writable(count)?;
            // SAFETY: by this function's contract.
            let attrs = unsafe { slice(attr_list, attr_count) }?;
            let free = match object_type {
                T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY => {
                    let family = NeighborAttr::SAI_NEIGHBOR_ENTRY_ATTR_IP_ADDR_FAMILY;
                    // SAFETY: the attribute's member by its row; any bits are a value of it.
                    let number = |attr: &sai_attribute_t| unsafe { attr.value.u32_ };
                    match attrs.iter().find(|attr| attr.id == family.0).map(number) {
                        None | Some(0) => switch.free_hosts(false),
                        Some(1) => switch.free_hosts(true),
                        Some(_) => return Err(crate::refusal::bad_value(0)),
                    }
                }
                T::SAI_OBJECT_TYPE_FDB_ENTRY => switch.free_fdb(),
                T::SAI_OBJECT_TYPE_ROUTE_ENTRY
                | T::SAI_OBJECT_TYPE_NEXT_HOP
                | T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP
                | T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER => switch.left(object_type),
                _ => return Err(Status::NOT_SUPPORTED),
            };
            // SAFETY: by this function's contract.
            unsafe { put(count, switch.estimate(free)) }
        })
    };
    let start = || {
        let record = Record::new("availability", object_type, switch_id);
        // SAFETY: by this function's contract.
        unsafe { record::start(record, 1, |_| Some(Key::Id(0)), Lists::Only(attr_list, attr_count)) }
    };
    // SAFETY: by this function's contract.
    unsafe { numbers(start, call, count) }
}

/// Upper bound of attributes an object of this type has.
///
/// # Safety
/// `count` is a place for a number, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_get_maximum_attribute_count(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    count: *mut u32,
) -> sai_status_t {
    let call = || {
        on_type(Op::Query, switch_id, object_type, |_| {
            let rows = facts::of(object_type).map_or(0, |facts| facts.attrs.len());
            // SAFETY: by this function's contract.
            unsafe { put(count, rows as u32) }
        })
    };
    // SAFETY: by this function's contract.
    unsafe { numbers(|| plain("most_attributes", object_type, switch_id, &[]), call, count) }
}

/// How many objects of this type there are.
///
/// # Safety
/// `count` is a place for a number, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_get_object_count(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    count: *mut u32,
) -> sai_status_t {
    let call = || {
        on_type(Op::Count, switch_id, object_type, |switch| {
            let objects = u32::try_from(switch.count(object_type)).map_err(|_| Status::FAILURE)?;
            // SAFETY: by this function's contract.
            unsafe { put(count, objects) }
        })
    };
    // SAFETY: by this function's contract.
    unsafe { numbers(|| plain("count", object_type, switch_id, &[]), call, count) }
}

/// Keys of all objects of this type; `SAI_STATUS_BUFFER_OVERFLOW` tells the count that is needed.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_get_object_key(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    object_count: *mut u32,
    object_list: *mut sai_object_key_t,
) -> sai_status_t {
    let call = || {
        on_type(Op::Keys, switch_id, object_type, |switch| {
            writable(object_count)?;
            // SAFETY: by this function's contract, and neither null nor misaligned.
            let room = unsafe { object_count.read() } as usize;
            let there = switch.count(object_type);
            // SAFETY: by this function's contract.
            unsafe { put(object_count, there as u32) }?;
            if room < there {
                return Err(Status::BUFFER_OVERFLOW);
            }
            if there == 0 {
                return Ok(());
            }
            writable(object_list)?;
            let mut next = object_list;
            let mut write = |fill: &dyn Fn(&mut sai_object_key_t)| {
                // SAFETY: the type has no invalid bits.
                let mut key: sai_object_key_t = unsafe { std::mem::zeroed() };
                fill(&mut key);
                // SAFETY: the caller's list has room for every key.
                unsafe { next.write(key) };
                // SAFETY: at most one past the caller's list.
                next = unsafe { next.add(1) };
            };
            match object_type {
                T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY => {
                    switch
                        .neighbors
                        .keys()
                        .iter()
                        .for_each(|k| write(&|o| Neighbors::fill_key(switch, k, &mut o.key)));
                }
                T::SAI_OBJECT_TYPE_FDB_ENTRY => {
                    switch.fdb.keys().iter().for_each(|k| write(&|o| Fdb::fill_key(switch, k, &mut o.key)));
                }
                T::SAI_OBJECT_TYPE_ROUTE_ENTRY => {
                    switch
                        .routes
                        .keys()
                        .iter()
                        .for_each(|k| write(&|o| Routes::fill_key(switch, k, &mut o.key)));
                }
                _ => switch.ids(object_type).for_each(|(id, _)| write(&|o| o.key.object_id = id)),
            }
            Ok(())
        })
    };
    let start = || {
        let mut record = Record::new("keys", object_type, switch_id);
        // SAFETY: by this function's contract.
        record.input = unsafe { was(object_count) };
        record.whole = !record.input.is_empty();
        record
    };
    let end = |record: &mut Record| {
        // SAFETY: by this function's contract.
        record.output = unsafe { was(object_count) };
        if record.status == Status::SUCCESS.0 {
            let there = record.output.first().map_or(0, |n| *n as u32);
            // SAFETY: by this function's contract.
            let key = unsafe { record::any_keys(object_type, object_list, there) };
            let keys = (0..there as usize).filter_map(key);
            record.items = keys.map(|key| Item { key, attrs: Vec::new(), status: None }).collect();
        }
    };
    traced(start, call, end)
}

/// Attributes of many objects of one type. A failing object does not keep the others from being read.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_bulk_get_attribute(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    object_count: u32,
    object_key: *const sai_object_key_t,
    attr_count: *mut u32,
    attr_list: *mut *mut sai_attribute_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let call = || {
        on_type(Op::BulkGet, switch_id, object_type, |switch| {
            let reply = Reply::new(object_count, Mode::SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR, object_statuses)?;
            // SAFETY: by this function's contract.
            let keys = unsafe { slice(object_key, object_count) }?;
            // SAFETY: by this function's contract.
            let counts = unsafe { slice(attr_count.cast_const(), object_count) }?;
            // SAFETY: by this function's contract.
            let lists = unsafe { slice(attr_list.cast_const(), object_count) }?;
            run(
                switch,
                reply,
                |_, _| Ok(()),
                |switch, i| {
                    let (key, count, list) = (&keys[i].key, counts[i], lists[i]);
                    match object_type {
                        // SAFETY: by this function's contract.
                        T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY => unsafe {
                            entries::get_all::<Neighbors>(switch, Neighbors::entry_of(key), count, list)
                        },
                        // SAFETY: by this function's contract.
                        T::SAI_OBJECT_TYPE_FDB_ENTRY => unsafe {
                            entries::get_all::<Fdb>(switch, Fdb::entry_of(key), count, list)
                        },
                        // SAFETY: by this function's contract.
                        T::SAI_OBJECT_TYPE_ROUTE_ENTRY => unsafe {
                            entries::get_all::<Routes>(switch, Routes::entry_of(key), count, list)
                        },
                        _ => {
                            // SAFETY: the key of any other type is an id.
                            let id = unsafe { key.object_id };
                            // SAFETY: by this function's contract.
                            unsafe { objects::get_all(switch, object_type, id, count, list) }
                        }
                    }
                },
            )
        })
    };
    let lists = Lists::Each(attr_count, attr_list.cast());
    let start = || {
        // SAFETY: by this function's contract.
        let keys = unsafe { record::any_keys(object_type, object_key, object_count) };
        // SAFETY: by this function's contract.
        unsafe { record::start(Record::new("bulk_get", object_type, switch_id), object_count, keys, lists) }
    };
    // SAFETY: by this function's contract.
    traced(start, call, |record| unsafe { record::end(record, lists, object_statuses) })
}
