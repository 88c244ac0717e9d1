//! Counters: which there are, that each reads zero, and that no other can be read; and counts of objects that a
//! profile refuses.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use sai::facts;
use sai_sys::*;
use support::*;

type T = sai_object_type_t;

fn capability(switch: u64, object: T, room: usize) -> (sai_status_t, u32, Vec<sai_stat_capability_t>) {
    let mut list = vec![sai_stat_capability_t { stat_enum: 4711, stat_modes: 0 }; room];
    let mut asked = sai_stat_capability_list_t { count: room as u32, list: list.as_mut_ptr() };
    // SAFETY: all places are ours.
    let status = unsafe { sai::sai_query_stats_capability(switch, object, &raw mut asked) };
    (status, asked.count, list)
}

#[test]
fn every_counter_of_a_type_is_listed_and_can_be_read_in_every_way() {
    let client = Client::new(&[("SAI_SIM_PORTS", "2")]);
    let switch = client.switch.id();
    let port = client.switch.objects(T::SAI_OBJECT_TYPE_PORT)[1];
    for (object, id) in [
        (T::SAI_OBJECT_TYPE_PORT, port),
        (T::SAI_OBJECT_TYPE_VLAN, client.switch.default_vlan()),
        (T::SAI_OBJECT_TYPE_BRIDGE, client.switch.default_bridge()),
        (T::SAI_OBJECT_TYPE_ROUTER_INTERFACE, client.rif),
        (T::SAI_OBJECT_TYPE_SWITCH, switch),
    ] {
        let known: u32 = facts::counters(object).unwrap().iter().map(|(first, last)| last - first + 1).sum();
        let (status, there, _) = capability(switch, object, 0);
        assert_eq!((status, there), (SAI_STATUS_BUFFER_OVERFLOW, known), "{object:?}");
        let (status, there, list) = capability(switch, object, known as usize);
        assert_eq!((status, there), (SUCCESS, known));
        assert!(list.windows(2).all(|pair| pair[0].stat_enum < pair[1].stat_enum));
        assert!(list.iter().all(|one| one.stat_modes == 31));

        let ids: Vec<_> = list.iter().map(|one| one.stat_enum).collect();
        let mut counters = vec![5_u64; ids.len()];
        // SAFETY: any bits are a value of the struct.
        let mut key: sai_object_key_t = unsafe { std::mem::zeroed() };
        key.key.object_id = id;
        let mut status_of_one = UNTOUCHED;
        let mut read = |ids: &[u32], counters: &mut [u64]| {
            // SAFETY: all places are ours.
            unsafe {
                sai::sai_bulk_object_get_stats(
                    switch,
                    object,
                    1,
                    &raw const key,
                    ids.len() as u32,
                    ids.as_ptr(),
                    sai_stats_mode_t::SAI_STATS_MODE_BULK_READ,
                    &raw mut status_of_one,
                    counters.as_mut_ptr(),
                )
            }
        };
        assert_eq!(read(&ids, &mut counters), SUCCESS);
        assert!(counters.iter().all(|n| *n == 0));
        let last = ids.last().unwrap();
        counters[0] = 5;
        assert_eq!(read(&[last + 1], &mut counters), SAI_STATUS_INVALID_PARAMETER, "no such counter");
        assert_eq!(counters[0], 5);
    }
}

#[test]
fn one_object_is_asked_for_its_own_counters_only() {
    let client = Client::new(&[("SAI_SIM_PORTS", "2")]);
    let api: &sai_vlan_api_t = table(sai_api_t::SAI_API_VLAN);
    let (vlan, mut counter) = (client.switch.default_vlan(), 5_u64);
    let mut get = |id: u32| {
        // SAFETY: all places are ours.
        let status = unsafe { api.get_vlan_stats.unwrap()(vlan, 1, &raw const id, &raw mut counter) };
        (status, counter)
    };
    assert_eq!(get(14), (SAI_STATUS_INVALID_PARAMETER, 5));
    assert_eq!(get(13), (SUCCESS, 0));
    // SAFETY: all places are ours.
    let clear = |id: u32| unsafe { api.clear_vlan_stats.unwrap()(vlan, 1, &raw const id) };
    assert_eq!((clear(13), clear(14)), (SUCCESS, SAI_STATUS_INVALID_PARAMETER));
}

#[test]
fn a_type_without_counters_says_so() {
    let client = Client::new(&[]);
    let switch = client.switch.id();
    assert_eq!(capability(switch, T::SAI_OBJECT_TYPE_LAG, 8).0, SAI_STATUS_NOT_SUPPORTED);
    assert_eq!(capability(switch, T::SAI_OBJECT_TYPE_ACL_TABLE, 8).0, SAI_STATUS_NOT_IMPLEMENTED);
    assert_eq!(capability(switch, T::SAI_OBJECT_TYPE_NULL, 8).0, SAI_STATUS_INVALID_PARAMETER);
    // SAFETY: a null list is what is tested.
    let null =
        unsafe { sai::sai_query_stats_capability(switch, T::SAI_OBJECT_TYPE_VLAN, std::ptr::null_mut()) };
    assert_eq!(null, SAI_STATUS_INVALID_PARAMETER);
}

#[test]
fn a_library_that_cannot_list_objects_says_so() {
    for (list, expected) in [("1", SUCCESS), ("0", SAI_STATUS_NOT_IMPLEMENTED)] {
        let client = Client::new(&[("SAI_SIM_LIST", list)]);
        let (switch, object, mut count, mut room) = (client.switch.id(), T::SAI_OBJECT_TYPE_VLAN, 4711, 8);
        // SAFETY: any bits are a value of the struct.
        let mut keys: [sai_object_key_t; 8] = unsafe { std::mem::zeroed() };
        // SAFETY: all places are ours.
        let counted = unsafe { sai::sai_get_object_count(switch, object, &raw mut count) };
        // SAFETY: all places are ours.
        let listed = unsafe { sai::sai_get_object_key(switch, object, &raw mut room, keys.as_mut_ptr()) };
        assert_eq!((counted, listed), (expected, expected));
        assert_eq!((count, room), if list == "1" { (1, 1) } else { (4711, 8) });
    }
}
