//! The program-wide functions among the calls that are played.
//!
//! Invariant: as for the method tables: a symbol that the library does not have is a call that is left out.

use std::ptr;

use sai_sys::{self as sys, Status};

use super::args::{Attrs, Keys, MOST_ROOM};
use super::{Call, Finish, Player, profile_value, said, values, wanted};
use crate::abi::record;
use crate::trace::Record;

impl Player {
    /// Functions that are exported by name.
    pub(super) fn prepare_global(&self, new: &mut Record) -> Option<Call<'_>> {
        let (switch, object, input) = (new.switch, new.object, new.input.clone());
        let number = move |n: usize| input.get(n).copied().unwrap_or_default();
        let ok: fn() -> Finish = || Box::new(|_| ());
        let answer = |n: u64| -> Finish {
            Box::new(move |record| {
                if record.status == Status::SUCCESS.0 {
                    record.output.push(n);
                }
            })
        };
        // SAFETY, of every call below: what is passed is ours, outlives the call, and is as long as its count says.
        Some(match new.what {
            "initialize" => {
                let call = self.symbol::<sys::sai_api_initialize_fn>("sai_api_initialize")?;
                Box::new(move || {
                    let services = sys::sai_service_method_table_t {
                        profile_get_value: Some(profile_value),
                        profile_get_next_value: None,
                    };
                    // SAFETY: as above; a library copies the table, or its functions.
                    (unsafe { call(number(0), &raw const services) }, ok())
                })
            }
            "uninitialize" => {
                let call = self.symbol::<sys::sai_api_uninitialize_fn>("sai_api_uninitialize")?;
                // SAFETY: no pointers.
                Box::new(move || (unsafe { call() }, ok()))
            }
            "api_query" => {
                let call = self.symbol::<sys::sai_api_query_fn>("sai_api_query")?;
                Box::new(move || {
                    let mut table = ptr::null_mut();
                    // SAFETY: as above.
                    (unsafe { call(sys::sai_api_t(number(0) as u32), &raw mut table) }, ok())
                })
            }
            "log_set" => {
                let call = self.symbol::<sys::sai_log_set_fn>("sai_log_set")?;
                let level = sys::sai_log_level_t(number(1) as u32);
                // SAFETY: no pointers.
                Box::new(move || (unsafe { call(sys::sai_api_t(number(0) as u32), level) }, ok()))
            }
            "object_type" => {
                let call = self.symbol::<sys::sai_object_type_query_fn>("sai_object_type_query")?;
                // SAFETY: no pointers.
                Box::new(move || (0, answer(unsafe { call(number(0)) }.0.into())))
            }
            "switch_id" => {
                let call = self.symbol::<sys::sai_switch_id_query_fn>("sai_switch_id_query")?;
                // SAFETY: no pointers.
                Box::new(move || (0, answer(unsafe { call(number(0)) })))
            }
            "api_version" => {
                let call = self.symbol::<sys::sai_query_api_version_fn>("sai_query_api_version")?;
                Box::new(move || {
                    let mut version = 0;
                    // SAFETY: as above.
                    (unsafe { call(&raw mut version) }, answer(version))
                })
            }
            "count" => {
                let call = self.symbol::<sys::sai_get_object_count_fn>("sai_get_object_count")?;
                Box::new(move || {
                    let mut count = 0;
                    // SAFETY: as above.
                    (unsafe { call(switch, object, &raw mut count) }, answer(count.into()))
                })
            }
            "most_attributes" => {
                let call = self
                    .symbol::<sys::sai_get_maximum_attribute_count_fn>("sai_get_maximum_attribute_count")?;
                Box::new(move || {
                    let mut count = 0;
                    // SAFETY: as above.
                    (unsafe { call(switch, object, &raw mut count) }, answer(count.into()))
                })
            }
            "availability" => {
                let call = self
                    .symbol::<sys::sai_object_type_get_availability_fn>("sai_object_type_get_availability")?;
                let attrs = Attrs::of(new);
                Box::new(move || {
                    let (list, mut count) = (attrs.only(), 0);
                    // SAFETY: as above.
                    let status =
                        unsafe { call(switch, object, list.len() as u32, list.as_ptr(), &raw mut count) };
                    (status, answer(count))
                })
            }
            "stage" => {
                let call = self.symbol::<sys::sai_query_object_stage_fn>("sai_query_object_stage")?;
                let attrs = Attrs::of(new);
                Box::new(move || {
                    let list = attrs.only();
                    let mut stages = vec![sys::sai_object_stage_t(0); list.len() + 1];
                    let (count, list, stages) = (list.len() as u32, list.as_ptr(), stages.as_mut_ptr());
                    // SAFETY: as above; there is a place for each attribute.
                    (unsafe { call(switch, object, count, list, stages) }, ok())
                })
            }
            "keys" => {
                let call = self.symbol::<sys::sai_get_object_key_fn>("sai_get_object_key")?;
                Box::new(move || {
                    let mut room = (number(0) as u32).min(MOST_ROOM);
                    // SAFETY: the type has no invalid bits.
                    let mut list: Vec<sys::sai_object_key_t> =
                        vec![unsafe { std::mem::zeroed() }; room as usize + 1];
                    // SAFETY: as above.
                    let status = unsafe { call(switch, object, &raw mut room, list.as_mut_ptr()) };
                    (status, listed(list, room))
                })
            }
            "bulk_get" => {
                let call = self.symbol::<sys::sai_bulk_get_attribute_fn>("sai_bulk_get_attribute")?;
                let (keys, attrs) = (Keys::of(new).any(), Attrs::of(new));
                let mut statuses = vec![Status::NOT_EXECUTED.0; keys.len()];
                Box::new(move || {
                    let (mut lengths, mut lists) = attrs.each();
                    let (count, k, s) = (keys.len() as u32, keys.as_ptr(), statuses.as_mut_ptr());
                    let lists = lists.as_mut_ptr().cast();
                    // SAFETY: as above.
                    let status = unsafe { call(switch, object, count, k, lengths.as_mut_ptr(), lists, s) };
                    (status, values(attrs, statuses))
                })
            }
            "bulk_stats" => {
                let call = self.symbol::<sys::sai_bulk_object_get_stats_fn>("sai_bulk_object_get_stats")?;
                let (keys, wanted) = (Keys::of(new).any(), wanted(new));
                let mut statuses = vec![Status::NOT_EXECUTED.0; keys.len()];
                Box::new(move || {
                    let mut counters = vec![0_u64; keys.len() * wanted.len() + 1];
                    let mode = sys::sai_stats_mode_t(number(0) as u32);
                    let (n, k, s) = (keys.len() as u32, keys.as_ptr(), statuses.as_mut_ptr());
                    let (w, c) = (wanted.as_ptr(), counters.as_mut_ptr());
                    // SAFETY: as above.
                    let status = unsafe { call(switch, object, n, k, wanted.len() as u32, w, mode, s, c) };
                    (status, said(statuses))
                })
            }
            "bulk_clear_stats" => {
                let call =
                    self.symbol::<sys::sai_bulk_object_clear_stats_fn>("sai_bulk_object_clear_stats")?;
                let (keys, wanted) = (Keys::of(new).any(), wanted(new));
                let mut statuses = vec![Status::NOT_EXECUTED.0; keys.len()];
                Box::new(move || {
                    let mode = sys::sai_stats_mode_t(number(0) as u32);
                    let (n, k, s) = (keys.len() as u32, keys.as_ptr(), statuses.as_mut_ptr());
                    // SAFETY: as above.
                    let status =
                        unsafe { call(switch, object, n, k, wanted.len() as u32, wanted.as_ptr(), mode, s) };
                    (status, said(statuses))
                })
            }
            "attribute_capability" => {
                let call =
                    self.symbol::<sys::sai_query_attribute_capability_fn>("sai_query_attribute_capability")?;
                Box::new(move || {
                    let mut can = sys::sai_attr_capability_t {
                        create_implemented: false,
                        set_implemented: false,
                        get_implemented: false,
                    };
                    // SAFETY: as above.
                    let status = unsafe { call(switch, object, number(0) as u32, &raw mut can) };
                    let flags = [can.create_implemented, can.set_implemented, can.get_implemented];
                    let finish = move |record: &mut Record| {
                        if record.status == Status::SUCCESS.0 {
                            record.output.extend(flags.map(u64::from));
                        }
                    };
                    (status, Box::new(finish))
                })
            }
            "stats_capability" if number(0) == 0 => {
                let call = self.symbol::<sys::sai_query_stats_capability_fn>("sai_query_stats_capability")?;
                Box::new(move || {
                    let room = (number(1) as u32).min(MOST_ROOM);
                    let mut known = vec![sys::sai_stat_capability_t::default(); room as usize + 1];
                    let mut list = sys::sai_stat_capability_list_t { count: room, list: known.as_mut_ptr() };
                    // SAFETY: as above.
                    let status = unsafe { call(switch, object, &raw mut list) };
                    let finish = move |record: &mut Record| {
                        record.output.push(list.count.into());
                        record.output.extend(record::counters(record.status, &known, list.count));
                    };
                    (status, Box::new(finish))
                })
            }
            "stats_capability" => {
                let call =
                    self.symbol::<sys::sai_query_stats_st_capability_fn>("sai_query_stats_st_capability")?;
                Box::new(move || {
                    let mut list = sys::sai_stat_st_capability_list_t { count: 0, list: ptr::null_mut() };
                    // SAFETY: as above; the list has room for nothing.
                    (unsafe { call(switch, object, &raw mut list) }, ok())
                })
            }
            "enum_capability" => {
                let call = self.symbol::<sys::sai_query_attribute_enum_values_capability_fn>(
                    "sai_query_attribute_enum_values_capability",
                )?;
                Box::new(move || {
                    let room = (number(1) as u32).min(MOST_ROOM);
                    let mut values = vec![0_i32; room as usize + 1];
                    let mut list = sys::sai_s32_list_t { count: room, list: values.as_mut_ptr() };
                    // SAFETY: as above.
                    let status = unsafe { call(switch, object, number(0) as u32, &raw mut list) };
                    let finish = move |record: &mut Record| {
                        record.output.push(list.count.into());
                        if record.status == Status::SUCCESS.0 {
                            let values = values.iter().take(list.count as usize);
                            record.output.extend(values.map(|n| i64::from(*n) as u64));
                        }
                    };
                    (status, Box::new(finish))
                })
            }
            _ => return None,
        })
    }
}

/// The keys that the library listed.
fn listed(list: Vec<sys::sai_object_key_t>, count: u32) -> Finish {
    Box::new(move |record| {
        record.output.push(count.into());
        if record.status == Status::SUCCESS.0 {
            let there = (count as usize).min(list.len());
            // SAFETY: the list is at least that long.
            let key = unsafe { record::any_keys(record.object, list.as_ptr(), there as u32) };
            let item = |key| crate::trace::Item { key, attrs: Vec::new(), status: None };
            record.items = (0..there).filter_map(key).map(item).collect();
        }
    })
}
