//! The exported symbols by which a client asks what the library can, and for counters of many objects.
//!
//! Those that release 1.9 did not have are exported by younger builds only.
//!
//! Invariant: answers come from the rows of `facts`; asking changes nothing.

use sai_sys::{
    Status, sai_attr_capability_t, sai_attr_id_t, sai_attribute_t, sai_bulk_op_error_mode_t as Mode,
    sai_object_id_t, sai_object_key_t, sai_object_stage_t, sai_object_type_t, sai_s32_list_t,
    sai_stat_capability_list_t, sai_stat_id_t, sai_stat_st_capability_list_t, sai_stats_mode_t, sai_status_t,
};

use super::attr::{Purpose, read_all};
use super::bulk::{Reply, run};
use super::globals::{on_type, plain};
use super::record::{self, Lists, traced};
use super::{put, slice, stats, writable};
use crate::calls::Op;
use crate::facts::{self, CREATE, Kind, SET};
use crate::refusal::Result;
use crate::switch::Switch;
use crate::trace::{Key, Record};

/// Which operations are implemented on an attribute.
///
/// # Safety
/// `attr_capability` is a place for the answer, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_query_attribute_capability(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    attr_id: sai_attr_id_t,
    attr_capability: *mut sai_attr_capability_t,
) -> sai_status_t {
    let call = || {
        on_type(Op::Query, switch_id, object_type, |switch| {
            let row =
                facts::of(object_type).and_then(|f| f.attr(attr_id)).ok_or(Status::INVALID_PARAMETER)?;
            let kept = row.kind != Kind::Opaque;
            let answer = sai_attr_capability_t {
                create_implemented: kept && row.flags & (CREATE | SET) != 0,
                set_implemented: kept && row.is(SET),
                get_implemented: kept && switch.can_read(object_type, row),
            };
            // SAFETY: by this function's contract.
            unsafe { put(attr_capability, answer) }
        })
    };
    let end = |record: &mut Record| {
        if record.status == Status::SUCCESS.0 {
            // SAFETY: by this function's contract, and just written.
            let answer = unsafe { slice(attr_capability, 1) }.unwrap_or(&[]);
            let flags =
                |a: &sai_attr_capability_t| [a.create_implemented, a.set_implemented, a.get_implemented];
            record.output = answer.iter().flat_map(flags).map(u64::from).collect();
        }
    };
    traced(|| plain("attribute_capability", object_type, switch_id, &[attr_id.into()]), call, end)
}

/// Which enumerators an attribute accepts.
///
/// # Safety
/// `enum_values_capability` is a list of the caller's, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_query_attribute_enum_values_capability(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    attr_id: sai_attr_id_t,
    enum_values_capability: *mut sai_s32_list_t,
) -> sai_status_t {
    let call = || {
        on_type(Op::Query, switch_id, object_type, |_| {
            let row =
                facts::of(object_type).and_then(|f| f.attr(attr_id)).ok_or(Status::INVALID_PARAMETER)?;
            if row.values.is_empty() {
                return Err(Status::INVALID_PARAMETER);
            }
            writable(enum_values_capability)?;
            // SAFETY: by this function's contract, and neither null nor misaligned.
            let list = unsafe { &mut *enum_values_capability };
            let room = list.count as usize;
            list.count = row.values.len() as u32;
            if room < row.values.len() {
                return Err(Status::BUFFER_OVERFLOW);
            }
            writable(list.list)?;
            // SAFETY: the caller's list has room for every value, and is not ours.
            unsafe { list.list.copy_from_nonoverlapping(row.values.as_ptr(), row.values.len()) };
            Ok(())
        })
    };
    let list = |record: &Record| {
        // SAFETY: by this function's contract.
        let list = unsafe { slice(enum_values_capability, 1) }.unwrap_or(&[]).first();
        list.map(|list| (list.count, list.list)).filter(|_| record.whole)
    };
    let start = || {
        let mut record = plain("enum_capability", object_type, switch_id, &[attr_id.into()]);
        match list(&record) {
            Some((room, _)) => record.input.push(room.into()),
            None => record.whole = false,
        }
        record
    };
    let end = |record: &mut Record| {
        if let Some((count, values)) = list(record) {
            record.output.push(count.into());
            if record.status == Status::SUCCESS.0 {
                // SAFETY: by this function's contract; after SUCCESS the list holds what its count says.
                let values = unsafe { slice(values, count) }.unwrap_or(&[]);
                record.output.extend(values.iter().map(|n| i64::from(*n) as u64));
            }
        }
    };
    traced(start, call, end)
}

/// Which counters an object type has, and how they can be read: all in every way.
///
/// # Safety
/// `stats_capability` is a list of the caller's, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sai_query_stats_capability(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    stats_capability: *mut sai_stat_capability_list_t,
) -> sai_status_t {
    let call = || {
        on_type(Op::Query, switch_id, object_type, |_| {
            // SAFETY: by this function's contract.
            unsafe { stats::capability(object_type, stats_capability) }
        })
    };
    let list = |record: &Record| {
        // SAFETY: by this function's contract.
        let list = unsafe { slice(stats_capability, 1) }.unwrap_or(&[]).first();
        list.map(|list| (list.count, list.list)).filter(|_| record.whole)
    };
    let start = || {
        let mut record = plain("stats_capability", object_type, switch_id, &[0]);
        match list(&record) {
            Some((room, _)) => record.input.push(room.into()),
            None => record.whole = false,
        }
        record
    };
    let end = |record: &mut Record| {
        if let Some((count, known)) = list(record) {
            // SAFETY: by this function's contract; after SUCCESS the list holds what its count says.
            let known = if record.status == 0 { unsafe { slice(known, count) } } else { Ok(&[][..]) };
            record.output.push(count.into());
            record.output.extend(record::counters(record.status, known.unwrap_or(&[]), count));
        }
    };
    traced(start, call, end)
}

/// Which counters can be streamed: none.
#[cfg_attr(not(sai_1_9), unsafe(no_mangle))]
pub extern "C" fn sai_query_stats_st_capability(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    _stats_capability: *mut sai_stat_st_capability_list_t,
) -> sai_status_t {
    let call = || on_type(Op::Query, switch_id, object_type, |_| Err(Status::NOT_IMPLEMENTED));
    traced(|| plain("stats_capability", object_type, switch_id, &[1]), call, |_| ())
}

/// Pipeline stage of each attribute: the simulator has one pipeline, so both.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
#[cfg_attr(not(sai_1_9), unsafe(no_mangle))]
pub unsafe extern "C" fn sai_query_object_stage(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    attr_count: u32,
    attr_list: *const sai_attribute_t,
    stage: *mut sai_object_stage_t,
) -> sai_status_t {
    let call = || {
        on_type(Op::Query, switch_id, object_type, |_| {
            writable(stage)?;
            // SAFETY: by this function's contract.
            let attrs = unsafe { slice(attr_list, attr_count) }?;
            // SAFETY: by this function's contract.
            unsafe { read_all(Switch::facts(object_type)?, attrs, Purpose::Create) }?;
            for n in 0..attrs.len() {
                // SAFETY: the caller's list has a place for each attribute.
                let place = unsafe { stage.add(n) };
                // SAFETY: within the caller's list.
                unsafe { put(place, sai_object_stage_t::SAI_OBJECT_STAGE_BOTH) }?;
            }
            Ok(())
        })
    };
    let start = || {
        let record = Record::new("stage", object_type, switch_id);
        // SAFETY: by this function's contract.
        unsafe { record::start(record, 1, |_| Some(Key::Id(0)), Lists::Only(attr_list, attr_count)) }
    };
    traced(start, call, |_| ())
}

/// Counters of many objects of one type: zero.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
#[cfg_attr(not(sai_1_9), unsafe(no_mangle))]
pub unsafe extern "C" fn sai_bulk_object_get_stats(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    object_count: u32,
    object_key: *const sai_object_key_t,
    number_of_counters: u32,
    counter_ids: *const sai_stat_id_t,
    mode: sai_stats_mode_t,
    object_statuses: *mut sai_status_t,
    counters: *mut u64,
) -> sai_status_t {
    let per_object = number_of_counters as usize;
    let zero = |i: usize| {
        // SAFETY: the caller's list has this many counters for each object.
        let first = unsafe { counters.add(i * per_object) };
        // SAFETY: within the caller's list.
        unsafe { first.write_bytes(0, per_object) };
    };
    let (objects, ids) = ((object_count, object_key), (number_of_counters, counter_ids));
    let many = Many { switch_id, object_type, objects, ids, mode, object_statuses };
    // SAFETY: by this function's contract.
    unsafe { many.run("bulk_stats", Op::Stats, || writable(counters), zero) }
}

/// Clears counters of many objects of one type.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
#[cfg_attr(not(sai_1_9), unsafe(no_mangle))]
pub unsafe extern "C" fn sai_bulk_object_clear_stats(
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    object_count: u32,
    object_key: *const sai_object_key_t,
    number_of_counters: u32,
    counter_ids: *const sai_stat_id_t,
    mode: sai_stats_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let (objects, ids) = ((object_count, object_key), (number_of_counters, counter_ids));
    let many = Many { switch_id, object_type, objects, ids, mode, object_statuses };
    // SAFETY: by this function's contract.
    unsafe { many.run("bulk_clear_stats", Op::ClearStats, || Ok(()), |_| ()) }
}

/// What the two calls on counters of many objects are given alike.
struct Many {
    switch_id: sai_object_id_t,
    object_type: sai_object_type_t,
    objects: (u32, *const sai_object_key_t),
    ids: (u32, *const sai_stat_id_t),
    mode: sai_stats_mode_t,
    object_statuses: *mut sai_status_t,
}

impl Many {
    /// Makes the call, and traces it: `ready` judges what only one of them has, `each` is done for each live object.
    ///
    /// # Safety
    /// The pointers are as the SAI header asks, or null.
    unsafe fn run(
        &self,
        what: &'static str,
        op: Op,
        ready: impl FnOnce() -> Result<()>,
        each: impl Fn(usize),
    ) -> sai_status_t {
        let ((count, keys), (counters, ids)) = (self.objects, self.ids);
        let deed = |switch: &mut Switch| {
            ready()?;
            let ignore = Mode::SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR;
            let reply = Reply::new(count, ignore, self.object_statuses)?;
            stats::check_mode(self.mode)?;
            // SAFETY: by this function's contract.
            unsafe { stats::check_ids(self.object_type, counters, ids) }?;
            // SAFETY: by this function's contract.
            let keys = unsafe { slice(keys, count) }?;
            let one = |switch: &mut Switch, i: usize| {
                // SAFETY: objects with counters are those with an id.
                switch.resolve(unsafe { keys[i].key.object_id }, self.object_type)?;
                each(i);
                Ok(())
            };
            run(switch, reply, |_, _| Ok(()), one)
        };
        let start = || {
            let mut record = plain(what, self.object_type, self.switch_id, &[self.mode.0.into()]);
            // SAFETY: by this function's contract.
            match unsafe { slice(ids, counters) } {
                Ok(ids) => record.input.extend(ids.iter().map(|id| u64::from(*id))),
                Err(_) => record.whole = false,
            }
            // SAFETY: by this function's contract.
            let keys = unsafe { record::any_keys(self.object_type, keys, count) };
            // SAFETY: by this function's contract.
            unsafe { record::start(record, count, keys, Lists::None) }
        };
        let call = || on_type(op, self.switch_id, self.object_type, deed);
        // SAFETY: by this function's contract.
        traced(start, call, |record| unsafe { record::end(record, Lists::None, self.object_statuses) })
    }
}
