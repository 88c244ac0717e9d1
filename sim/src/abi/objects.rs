//! The functions of objects that have an id: one body for all types, told apart by a type parameter.
//!
//! Invariant: the same function under many addresses; what a type allows is in its rows.

use sai_sys::{
    Status, sai_attribute_t, sai_bulk_op_error_mode_t, sai_object_id_t, sai_object_type_t, sai_status_t,
};

use super::attr::{Purpose, read_all, write};
use super::bulk::{Reply, run};
use super::notify;
use super::record::{self, Lists, traced};
use super::{on_switch, one, put, slice, writable};
use crate::calls::Op;
use crate::facts::Facts;
use crate::object::Given;
use crate::refusal::{Result, unknown};
use crate::switch::Switch;
use crate::trace::{Key, Record};

/// `create_X`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn create<const T: u32>(
    id: *mut sai_object_id_t,
    switch_id: sai_object_id_t,
    attr_count: u32,
    attr_list: *const sai_attribute_t,
) -> sai_status_t {
    let object = sai_object_type_t(T);
    let lists = Lists::Only(attr_list, attr_count);
    let start = || {
        let record = Record::new("create", object, switch_id);
        // SAFETY: by this function's contract.
        unsafe { record::start(record, 1, |_| Some(Key::Id(0)), lists) }
    };
    let deed = |switch: &mut Switch| {
        let facts = Switch::facts(object)?;
        switch.resolve(switch_id, sai_object_type_t::SAI_OBJECT_TYPE_SWITCH)?;
        writable(id)?;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, attr_count) }?;
        // SAFETY: by this function's contract.
        let given = unsafe { read_all(facts, attrs, Purpose::Create) }?;
        let new = create_one(switch, object, given)?;
        // SAFETY: by this function's contract.
        unsafe { put(id, new) }
    };
    let call = || on_switch(Op::Create, object, 1, switch_id, deed);
    // SAFETY: by this function's contract.
    traced(start, call, |record| unsafe { record::created(record, id) })
}

fn create_one(switch: &mut Switch, object: sai_object_type_t, given: Vec<Given>) -> Result<u64> {
    let id = switch.create(object, given)?;
    // A port is created without a link, as far as the client has heard.
    tell_link(switch, id, link(switch, object, id).map(|_| false), link(switch, object, id));
    Ok(id)
}

/// The start of a record about one object.
///
/// # Safety
/// The list is as the SAI header asks, or null.
unsafe fn about(what: &'static str, object: sai_object_type_t, id: u64, lists: Lists) -> Record {
    // SAFETY: by this function's contract.
    unsafe { record::start(Record::new(what, object, 0), 1, |_| Some(Key::Id(id)), lists) }
}

/// `remove_X`.
pub(super) unsafe extern "C" fn remove<const T: u32>(id: sai_object_id_t) -> sai_status_t {
    let object = sai_object_type_t(T);
    let deed = |switch: &mut Switch| {
        Switch::facts(object)?;
        switch.remove(object, id)
    };
    // SAFETY: no list.
    let start = || unsafe { about("remove", object, id, Lists::None) };
    traced(start, || on_switch(Op::Remove, object, 1, id, deed), |_| ())
}

/// `set_X_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn set<const T: u32>(
    id: sai_object_id_t,
    attr: *const sai_attribute_t,
) -> sai_status_t {
    let object = sai_object_type_t(T);
    let deed = |switch: &mut Switch| {
        // SAFETY: by this function's contract.
        let attr = unsafe { one(attr) }?;
        // SAFETY: by this function's contract.
        unsafe { set_one(switch, object, id, attr) }
    };
    // SAFETY: by this function's contract.
    let start = || unsafe { about("set", object, id, Lists::One(attr)) };
    traced(start, || on_switch(Op::Set, object, 1, id, deed), |_| ())
}

/// # Safety
/// The attribute is as the SAI header asks.
unsafe fn set_one(
    switch: &mut Switch,
    object: sai_object_type_t,
    id: u64,
    attr: &sai_attribute_t,
) -> Result<()> {
    let facts = Switch::facts(object)?;
    switch.resolve(id, object)?;
    // SAFETY: by this function's contract.
    let given = unsafe { read_all(facts, std::slice::from_ref(attr), Purpose::Set) }?;
    let was = link(switch, object, id);
    let result = given.into_iter().try_for_each(|attr| switch.set(object, id, attr));
    tell_link(switch, id, was, link(switch, object, id));
    result
}

/// State of a port's link, if this is a port.
fn link(switch: &Switch, object: sai_object_type_t, id: u64) -> Option<bool> {
    (object == sai_object_type_t::SAI_OBJECT_TYPE_PORT).then(|| switch.is_up(id))
}

/// Tells the client that a port's link came up or went down, because its admin state did. Nobody waits for that.
fn tell_link(switch: &Switch, id: u64, was: Option<bool>, is: Option<bool>) {
    if was != is {
        notify::emit(switch, switch.link_event(id));
    }
}

/// `get_X_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn get<const T: u32>(
    id: sai_object_id_t,
    attr_count: u32,
    attr_list: *mut sai_attribute_t,
) -> sai_status_t {
    let object = sai_object_type_t(T);
    let lists = Lists::Only(attr_list, attr_count);
    // SAFETY: by this function's contract.
    let deed = |switch: &mut Switch| unsafe { get_all(switch, object, id, attr_count, attr_list) };
    // SAFETY: by this function's contract.
    let start = || unsafe { about("get", object, id, lists) };
    let call = || on_switch(Op::Get, object, 1, id, deed);
    // SAFETY: by this function's contract.
    traced(start, call, |record| unsafe { record::end(record, lists, std::ptr::null()) })
}

/// Reads the attributes of one object.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn get_all(
    switch: &mut Switch,
    object: sai_object_type_t,
    id: u64,
    attr_count: u32,
    attr_list: *mut sai_attribute_t,
) -> Result<()> {
    let facts = Switch::facts(object)?;
    switch.resolve(id, object)?;
    switch.tamper(crate::faults::Deed::Get, object, || crate::faults::Target::Other)?;
    // SAFETY: by this function's contract.
    unsafe { fill(facts, attr_count, attr_list, |row, index| switch.get(facts, id, row, index)) }
}

/// Fills a caller's list with values. The first attribute that cannot be read decides the status; a list that is too
/// short lets the others be read first.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn fill(
    facts: &Facts,
    attr_count: u32,
    attr_list: *mut sai_attribute_t,
    value: impl Fn(&crate::facts::Attr, usize) -> Result<crate::value::Value>,
) -> Result<()> {
    if attr_count == 0 {
        return Err(Status::INVALID_PARAMETER);
    }
    writable(attr_list)?;
    let mut short = Ok(());
    for index in 0..attr_count as usize {
        // SAFETY: within the caller's list.
        let at = unsafe { attr_list.add(index) };
        // SAFETY: the list is neither null nor misaligned, and ours to write for this call.
        let attr = unsafe { &mut *at };
        let row = facts.attr(attr.id).ok_or_else(|| unknown(index))?;
        let value = value(row, index)?;
        // SAFETY: by this function's contract.
        match unsafe { write(row, &value, &mut attr.value) } {
            Err(Status::BUFFER_OVERFLOW) => short = Err(Status::BUFFER_OVERFLOW),
            other => other?,
        }
    }
    short
}

/// `create_Xs`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn create_many<const T: u32>(
    switch_id: sai_object_id_t,
    object_count: u32,
    attr_count: *const u32,
    attr_list: *mut *const sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_id: *mut sai_object_id_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let object = sai_object_type_t(T);
    let lists = Lists::Each(attr_count, attr_list);
    let start = || {
        let mut record = Record::new("create_many", object, switch_id);
        record.input.push(mode.0.into());
        // SAFETY: by this function's contract.
        unsafe { record::start(record, object_count, |_| Some(Key::Id(0)), lists) }
    };
    let end = |record: &mut Record| {
        // SAFETY: by this function's contract.
        unsafe { record::end(record, lists, object_statuses) };
        // SAFETY: by this function's contract.
        unsafe { record::created(record, object_id) };
    };
    let deed = |switch: &mut Switch| {
        let facts = Switch::facts(object)?;
        switch.resolve(switch_id, sai_object_type_t::SAI_OBJECT_TYPE_SWITCH)?;
        let reply = Reply::new(object_count, mode, object_statuses)?;
        writable(object_id)?;
        // SAFETY: by this function's contract.
        let counts = unsafe { slice(attr_count, object_count) }?;
        // SAFETY: by this function's contract.
        let lists = unsafe { slice(attr_list.cast_const(), object_count) }?;
        let given = |i: usize| {
            // SAFETY: by this function's contract.
            let attrs = unsafe { slice(lists[i], counts[i]) }?;
            // SAFETY: by this function's contract.
            unsafe { read_all(facts, attrs, Purpose::Create) }
        };
        run(
            switch,
            reply,
            |switch, i| switch.check_create(facts, &given(i)?),
            |switch, i| {
                let new = create_one(switch, object, given(i)?)?;
                // SAFETY: the caller's list has a place for each object.
                let place = unsafe { object_id.add(i) };
                // SAFETY: within the caller's list.
                unsafe { put(place, new) }
            },
        )
    };
    traced(start, || on_switch(Op::BulkCreate, object, object_count, switch_id, deed), end)
}

/// `remove_Xs`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn remove_many<const T: u32>(
    object_count: u32,
    object_id: *const sai_object_id_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let object = sai_object_type_t(T);
    let remove = |switch: &mut Switch, ids: &[u64]| {
        Switch::facts(object)?;
        let reply = Reply::new(object_count, mode, object_statuses)?;
        run(
            switch,
            reply,
            |switch, i| switch.check_remove(object, ids[i]).map(|_| ()),
            |switch, i| switch.remove(object, ids[i]),
        )
    };
    let tape = Tape { what: "remove_many", lists: Lists::None, mode, statuses: object_statuses };
    // SAFETY: by this function's contract.
    unsafe { on_many(Op::BulkRemove, object, object_count, object_id, tape, remove) }
}

/// `set_Xs_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn set_many<const T: u32>(
    object_count: u32,
    object_id: *const sai_object_id_t,
    attr_list: *const sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let object = sai_object_type_t(T);
    let set = |switch: &mut Switch, ids: &[u64]| {
        let facts = Switch::facts(object)?;
        let reply = Reply::new(object_count, mode, object_statuses)?;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, object_count) }?;
        run(
            switch,
            reply,
            |switch, i| {
                switch.resolve(ids[i], object)?;
                // SAFETY: by this function's contract.
                let given = unsafe { read_all(facts, std::slice::from_ref(&attrs[i]), Purpose::Set) }?;
                given.iter().try_for_each(|attr| switch.check_set(object, ids[i], attr))
            },
            // SAFETY: by this function's contract.
            |switch, i| unsafe { set_one(switch, object, ids[i], &attrs[i]) },
        )
    };
    let tape = Tape { what: "set_many", lists: Lists::One(attr_list), mode, statuses: object_statuses };
    // SAFETY: by this function's contract.
    unsafe { on_many(Op::BulkSet, object, object_count, object_id, tape, set) }
}

/// `get_Xs_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn get_many<const T: u32>(
    object_count: u32,
    object_id: *const sai_object_id_t,
    attr_count: *const u32,
    attr_list: *mut *mut sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let object = sai_object_type_t(T);
    let get = |switch: &mut Switch, ids: &[u64]| {
        Switch::facts(object)?;
        let reply = Reply::new(object_count, mode, object_statuses)?;
        // SAFETY: by this function's contract.
        let counts = unsafe { slice(attr_count, object_count) }?;
        // SAFETY: by this function's contract.
        let lists = unsafe { slice(attr_list.cast_const(), object_count) }?;
        run(
            switch,
            reply,
            |switch, i| switch.resolve(ids[i], object).map(|_| ()),
            // SAFETY: by this function's contract.
            |switch, i| unsafe { get_all(switch, object, ids[i], counts[i], lists[i]) },
        )
    };
    let lists = Lists::Each(attr_count, attr_list.cast());
    let tape = Tape { what: "get_many", lists, mode, statuses: object_statuses };
    // SAFETY: by this function's contract.
    unsafe { on_many(Op::BulkGet, object, object_count, object_id, tape, get) }
}

/// What the trace wants to know of a bulk call.
#[derive(Clone, Copy)]
struct Tape {
    what: &'static str,
    lists: Lists,
    mode: sai_bulk_op_error_mode_t,
    statuses: *const sai_status_t,
}

/// Runs a bulk call on the switch of the first object.
///
/// # Safety
/// The lists are as the SAI header asks, or null.
unsafe fn on_many(
    op: Op,
    object: sai_object_type_t,
    count: u32,
    ids: *const sai_object_id_t,
    tape: Tape,
    body: impl FnOnce(&mut Switch, &[u64]) -> Result<()>,
) -> sai_status_t {
    let start = || {
        let mut record = Record::new(tape.what, object, 0);
        record.input.push(tape.mode.0.into());
        // SAFETY: by this function's contract.
        let keys = unsafe { record::id_keys(ids, count) };
        // SAFETY: by this function's contract.
        unsafe { record::start(record, count, keys, tape.lists) }
    };
    let call = || {
        // SAFETY: by this function's contract.
        let ids = match unsafe { slice(ids, count) } {
            Ok(ids) => ids,
            Err(status) => return super::guard(|| super::session().and(Err(status))),
        };
        let Some(first) = ids.first() else {
            return super::guard(|| super::session().and(Err(Status::INVALID_PARAMETER)));
        };
        // A dead or foreign first id must not decide about the others: any id that leads to a switch will do.
        let id = ids.iter().copied().find(|id| crate::world::find(*id).is_ok()).unwrap_or(*first);
        on_switch(op, object, count, id, |switch| body(switch, ids))
    };
    // SAFETY: by this function's contract.
    traced(start, call, |record| unsafe { record::end(record, tape.lists, tape.statuses) })
}
