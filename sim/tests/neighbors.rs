//! Neighbour entries through the method table: what is refused and how, what is kept, what bulk calls answer.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]
#![allow(clippy::multiple_unsafe_ops_per_block, reason = "one sentence covers a table of calls")]

mod support;

use std::ptr::null;

use sai_sys::*;
use support::*;

const EXISTS: sai_status_t = SAI_STATUS_ITEM_ALREADY_EXISTS;
const MISSING: sai_status_t = SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING;
const NOT_FOUND: sai_status_t = SAI_STATUS_ITEM_NOT_FOUND;
const N: sai_status_t = SAI_STATUS_NOT_EXECUTED;

fn bad_value(index: sai_status_t) -> sai_status_t {
    SAI_STATUS_INVALID_ATTR_VALUE_0 - index
}

/// Six entries 10.0.0.1 to .6 with the MACs 02:…:01 to :06.
fn six(client: &Client) -> (Vec<sai_neighbor_entry_t>, Vec<Vec<sai_attribute_t>>) {
    (1..=6).map(|n| (client.entry(&format!("10.0.0.{n}")), vec![mac(n)])).unzip()
}

#[test]
fn what_was_created_is_read_back_with_the_defaults() {
    let client = Client::new(&[]);
    for ip in ["10.0.0.1", "2001:db8::1", "fe80::1"] {
        let entry = client.entry(ip);
        assert_eq!(client.create(&entry, &[mac(1)]), SUCCESS, "{ip}");
        let ids = [MAC_ATTR, 1, 2, NO_HOST_ROUTE, 4, 5, 6, 7, 8, 9];
        let mut attrs = ids.map(|id| attr(id, |v| v.u64_ = u64::MAX));
        assert_eq!(client.get(&entry, &mut attrs), SUCCESS);
        // SAFETY: each member is the one of the attribute.
        unsafe {
            assert_eq!(attrs[0].value.mac, [2, 0, 0, 0, 0, 1]);
            assert_eq!(attrs[1].value.u32_, sai_packet_action_t::SAI_PACKET_ACTION_FORWARD.0);
            assert_eq!(attrs[2].value.oid, 0);
            assert_eq!(attrs[3].value.u8_, 0);
            assert_eq!(attrs[4].value.u32_, 0);
            assert_eq!(attrs[5].value.oid, 0);
            assert_eq!(attrs[8].value.u8_, 1);
            assert_eq!(attrs[9].value.u32_, u32::from(ip.contains(':')));
        }
        assert_eq!(client.create(&entry, &[mac(2)]), EXISTS);
        assert_eq!(client.mac_of(&entry), Ok([2, 0, 0, 0, 0, 1]), "a refused create changes nothing");
        assert_eq!(client.set(&entry, &mac(3)), SUCCESS);
        assert_eq!(client.mac_of(&entry), Ok([2, 0, 0, 0, 0, 3]));
        assert_eq!(client.remove(&entry), SUCCESS);
        assert_eq!(client.remove(&entry), NOT_FOUND);
        assert_eq!(client.set(&entry, &mac(3)), NOT_FOUND);
        assert_eq!(client.mac_of(&entry), Err(NOT_FOUND));
    }
}

#[test]
fn attributes_outside_the_slot_are_kept_too() {
    let client = Client::new(&[]);
    let meta = sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_META_DATA.0;
    let (entry, other) = (client.entry("10.0.0.1"), client.entry("10.0.0.2"));
    assert_eq!(client.create(&entry, &[mac(1), num(meta, 77)]), SUCCESS);
    assert_eq!(client.create(&other, &[mac(1)]), SUCCESS);
    assert_eq!(client.set(&other, &num(meta, 78)), SUCCESS);
    let read = |entry| {
        let mut attrs = [num(meta, 0)];
        assert_eq!(client.get(entry, &mut attrs), SUCCESS);
        // SAFETY: META_DATA is a u32.
        unsafe { attrs[0].value.u32_ }
    };
    assert_eq!((read(&entry), read(&other)), (77, 78));
    assert_eq!(client.remove(&entry), SUCCESS);
    assert_eq!(client.create(&entry, &[mac(1)]), SUCCESS);
    assert_eq!(read(&entry), 0, "a new entry does not inherit");
}

#[test]
fn bad_attributes_are_refused_with_their_place() {
    let client = Client::new(&[]);
    let entry = client.entry("10.0.0.1");
    let of = |bytes| attr(MAC_ATTR, |v| v.mac = bytes);
    assert_eq!(client.create(&entry, &[]), MISSING);
    assert_eq!(client.create(&entry, &[flag(NO_HOST_ROUTE, true)]), MISSING);
    assert_eq!(client.create(&entry, &[of([0; 6])]), bad_value(0));
    assert_eq!(client.create(&entry, &[flag(NO_HOST_ROUTE, true), of([0xff; 6])]), bad_value(1));
    assert_eq!(client.create(&entry, &[of([1, 0, 0x5e, 0, 0, 1])]), bad_value(0));
    assert_eq!(client.create(&entry, &[mac(1), num(1, 99)]), bad_value(1));
    assert_eq!(client.create(&entry, &[mac(1), mac(1)]), SAI_STATUS_INVALID_ATTRIBUTE_0 - 1);
    assert_eq!(client.create(&entry, &[mac(1), num(9, 0)]), SAI_STATUS_INVALID_ATTRIBUTE_0 - 1);
    assert_eq!(client.create(&entry, &[mac(1), num(4000, 0)]), SAI_STATUS_UNKNOWN_ATTRIBUTE_0 - 1);
    assert_eq!(client.create(&entry, &[mac(1), oid(2, client.rif)]), bad_value(1));
    assert!(client.switch.neighbors().is_empty());
    assert_eq!(client.create(&entry, &[mac(1)]), SUCCESS);
    assert_eq!(client.set(&entry, &of([0; 6])), bad_value(0));
    assert_eq!(client.set(&entry, &num(9, 0)), SAI_STATUS_INVALID_ATTRIBUTE_0);
    assert_eq!(client.set(&entry, &num(4000, 0)), SAI_STATUS_UNKNOWN_ATTRIBUTE_0);
}

#[test]
fn bad_keys_are_refused() {
    let client = Client::new(&[]);
    let good = client.entry("10.0.0.1");
    let with = |rif| sai_neighbor_entry_t { rif_id: rif, ..good };
    let invalid = SAI_STATUS_INVALID_PARAMETER;
    for (entry, expected) in [
        (with(0), invalid),
        (with(0x1234), invalid),
        (with(client.switch.default_vlan()), invalid),
        (with(client.rif + 1), NOT_FOUND),
        (client.entry("0.0.0.0"), invalid),
        (client.entry("224.0.0.5"), invalid),
        (client.entry("255.255.255.255"), invalid),
        (client.entry("127.0.0.1"), invalid),
        (client.entry("::"), invalid),
        (client.entry("ff02::1"), invalid),
        (sai_neighbor_entry_t { switch_id: 0, ..good }, invalid),
        (sai_neighbor_entry_t { switch_id: client.rif, ..good }, invalid),
    ] {
        assert_eq!(client.create(&entry, &[mac(1)]), expected, "{:#x} {:#x}", entry.switch_id, entry.rif_id);
    }
    let mut family = good;
    family.ip_address.addr_family = sai_ip_addr_family_t(7);
    assert_eq!(client.create(&family, &[mac(1)]), invalid);
    let other = Client::new(&[]);
    assert_eq!(client.create(&with(other.rif), &[mac(1)]), invalid, "an interface of another switch");
    let dead = client.vlan_rif(&[]).unwrap();
    assert_eq!(client.remove_rif(dead), SUCCESS);
    assert_eq!(client.create(&with(dead), &[mac(1)]), NOT_FOUND);
    let is_virtual = sai_router_interface_attr_t::SAI_ROUTER_INTERFACE_ATTR_IS_VIRTUAL.0;
    let unreal = client.vlan_rif(&[flag(is_virtual, true)]).unwrap();
    assert_eq!(client.create(&with(unreal), &[mac(1)]), invalid);
    assert!(client.switch.neighbors().is_empty());
}

#[test]
fn unused_bytes_of_a_key_do_not_count() {
    let client = Client::new(&[]);
    let entry = client.entry("10.0.0.1");
    let mut other = entry;
    other.ip_address.addr = sai_ip_addr_t { ip6: [0x11; 16] };
    other.ip_address.addr.ip4 = u32::from_ne_bytes([10, 0, 0, 1]);
    assert_eq!(client.create(&entry, &[mac(1)]), SUCCESS);
    assert_eq!(client.create(&other, &[mac(1)]), EXISTS);
    assert_eq!(client.remove(&other), SUCCESS);
    assert_eq!(client.remove(&entry), NOT_FOUND);
}

#[test]
fn a_router_interface_with_neighbours_stays() {
    let client = Client::new(&[]);
    let entry = client.entry("10.0.0.1");
    assert_eq!(client.create(&entry, &[mac(1)]), SUCCESS);
    assert_eq!(client.remove_rif(client.rif), SAI_STATUS_OBJECT_IN_USE);
    assert_eq!(client.remove(&entry), SUCCESS);
    assert_eq!(client.remove_rif(client.rif), SUCCESS);
    assert_eq!(client.remove_rif(client.rif), NOT_FOUND);
}

#[test]
fn the_same_address_on_two_interfaces_is_two_neighbours() {
    let client = Client::new(&[]);
    let ip = "fe80::1".parse().unwrap();
    let rif = client.vlan_rif(&[]).unwrap();
    assert_eq!(client.create(&client.entry_at(client.rif, ip), &[mac(1)]), SUCCESS);
    assert_eq!(client.create(&client.entry_at(rif, ip), &[mac(2)]), SUCCESS);
    assert_eq!(client.switch.neighbors().len(), 2);
    assert_eq!(client.mac_of(&client.entry_at(rif, ip)), Ok([2, 0, 0, 0, 0, 2]));
}

#[test]
fn null_pointers_zero_counts_and_bad_modes_are_refused() {
    let client = Client::new(&[]);
    let api = client.neighbor;
    let entry = client.entry("10.0.0.1");
    let attrs = [mac(1)];
    let (count, mut list, mut status) = (1_u32, attrs.as_ptr(), UNTOUCHED);
    let bad = sai_bulk_op_error_mode_t(7);

    let invalid = SAI_STATUS_INVALID_PARAMETER;
    // SAFETY: pointers are ours or null, which is what is tested.
    unsafe {
        let create = api.create_neighbor_entry.unwrap();
        assert_eq!(create(null(), 1, attrs.as_ptr()), invalid);
        assert_eq!(create(&entry, 1, null()), invalid);
        assert_eq!(create(&entry, 0, null()), MISSING);
        assert_eq!(api.remove_neighbor_entry.unwrap()(null()), invalid);
        let set = api.set_neighbor_entry_attribute.unwrap();
        assert_eq!(set(null(), attrs.as_ptr()), invalid);
        assert_eq!(set(&entry, null()), invalid);
        assert_eq!(client.create(&entry, &attrs), SUCCESS);
        let get = api.get_neighbor_entry_attribute.unwrap();
        assert_eq!(get(null(), 1, attrs.as_ptr().cast_mut()), invalid);
        assert_eq!(get(&entry, 0, attrs.as_ptr().cast_mut()), invalid);
        assert_eq!(get(&entry, 1, std::ptr::null_mut()), invalid);
        let many = api.create_neighbor_entries.unwrap();
        let (n, l, s) = (&raw const count, &raw mut list, &raw mut status);
        let nothing = std::ptr::null_mut();
        assert_eq!(many(0, &entry, n, l, STOP, s), invalid);
        assert_eq!(many(1, null(), n, l, STOP, s), invalid);
        assert_eq!(many(1, &entry, null(), l, STOP, s), invalid);
        assert_eq!(many(1, &entry, n, std::ptr::null_mut(), STOP, s), invalid);
        assert_eq!(many(1, &entry, n, l, bad, s), invalid);
        assert_eq!(many(1, &entry, n, l, STOP, nothing), invalid);
        assert_eq!(status, UNTOUCHED);
        let remove = api.remove_neighbor_entries.unwrap();
        assert_eq!(remove(1, null(), STOP, s), invalid);
        assert_eq!(remove(0, &entry, STOP, s), invalid);
        assert_eq!(remove(1, &entry, bad, s), invalid);
        assert_eq!(remove(1, &entry, STOP, std::ptr::null_mut()), invalid);
        let set = api.set_neighbor_entries_attribute.unwrap();
        assert_eq!(set(1, &entry, null(), STOP, s), invalid);
        assert_eq!(set(1, null(), attrs.as_ptr(), STOP, s), invalid);
    }
    let (status, statuses) = client.create_many(&[client.entry("10.0.0.2")], &[vec![]], STOP);
    assert_eq!((status, statuses), (SAI_STATUS_FAILURE, vec![MISSING]));
    assert_eq!(client.switch.neighbors().len(), 1);
}

#[test]
fn bulk_creates_sets_gets_and_removes() {
    let client = Client::new(&[]);
    let (entries, attrs) = six(&client);
    assert_eq!(client.create_many(&entries, &attrs, STOP), (SUCCESS, vec![SUCCESS; 6]));
    assert_eq!(client.switch.neighbors().len(), 6);
    let macs: Vec<_> = (11..=16).map(mac).collect();
    assert_eq!(client.set_many(&entries, &macs, STOP), (SUCCESS, vec![SUCCESS; 6]));
    let mut got = [attr(MAC_ATTR, |_| ()), attr(MAC_ATTR, |_| ())];
    let (one, two) = got.split_at_mut(1);
    let mut lists = [one.as_mut_ptr(), two.as_mut_ptr()];
    let mut statuses = [UNTOUCHED; 2];
    let get = client.neighbor.get_neighbor_entries_attribute.unwrap();
    // SAFETY: all places are ours.
    let status =
        unsafe { get(2, entries.as_ptr(), [1, 1].as_ptr(), lists.as_mut_ptr(), STOP, statuses.as_mut_ptr()) };
    assert_eq!((status, statuses), (SUCCESS, [SUCCESS; 2]));
    // SAFETY: a get of a MAC fills the MAC.
    assert_eq!(got.map(|a| unsafe { a.value.mac[5] }), [11, 12]);
    assert_eq!(client.remove_many(&entries, IGNORE), (SUCCESS, vec![SUCCESS; 6]));
    assert!(client.switch.neighbors().is_empty());
    assert_eq!(client.switch.call_count("create_neighbor_entries"), 1);
    assert_eq!(client.switch.calls().iter().map(|c| c.entries).max(), Some(6));
}

#[test]
fn by_default_each_entry_of_a_bulk_call_stands_for_itself() {
    let client = Client::new(&[]);
    let (entries, mut attrs) = six(&client);
    assert_eq!(client.create(&entries[3], &attrs[3]), SUCCESS);
    let failure = SAI_STATUS_FAILURE;
    let stopped = vec![SUCCESS, SUCCESS, SUCCESS, EXISTS, N, N];
    assert_eq!(client.create_many(&entries, &attrs, STOP), (failure, stopped));
    assert_eq!(client.switch.neighbors().len(), 4);
    attrs[4].clear();
    let went_on = vec![EXISTS, EXISTS, EXISTS, EXISTS, MISSING, SUCCESS];
    assert_eq!(client.create_many(&entries, &attrs, IGNORE), (failure, went_on));
    let macs: Vec<_> = (11..=16).map(mac).collect();
    let sets = vec![SUCCESS, SUCCESS, SUCCESS, SUCCESS, NOT_FOUND, SUCCESS];
    assert_eq!(client.set_many(&entries, &macs, IGNORE), (failure, sets));
    let removes = vec![SUCCESS, SUCCESS, SUCCESS, SUCCESS, NOT_FOUND, N];
    assert_eq!(client.remove_many(&entries, STOP), (failure, removes));
    assert_eq!(client.switch.neighbors().len(), 1);
}

#[test]
fn a_bulk_call_may_repeat_a_key() {
    let client = Client::new(&[]);
    let (mut entries, attrs) = six(&client);
    entries[3] = entries[1];
    let statuses = vec![SUCCESS, SUCCESS, SUCCESS, EXISTS, SUCCESS, SUCCESS];
    assert_eq!(client.create_many(&entries, &attrs, IGNORE), (SAI_STATUS_FAILURE, statuses));
}

#[test]
fn whole_batch_reject_behaves_as_was_seen() {
    let client = Client::new(&[("SAI_SIM_BULK", "whole-batch-reject")]);
    let (entries, mut attrs) = six(&client);
    assert_eq!(client.create(&entries[3], &attrs[3]), SUCCESS);
    for mode in [STOP, IGNORE] {
        assert_eq!(client.create_many(&entries, &attrs, mode), (EXISTS, vec![N, N, N, EXISTS, N, N]));
    }
    assert_eq!(client.remove(&entries[3]), SUCCESS);
    attrs[2].clear();
    for mode in [STOP, IGNORE] {
        assert_eq!(client.create_many(&entries, &attrs, mode), (MISSING, vec![N, N, MISSING, N, N, N]));
        let removes = vec![NOT_FOUND, N, N, N, N, N];
        assert_eq!(client.remove_many(&entries, mode), (NOT_FOUND, removes));
    }
    assert!(client.switch.neighbors().is_empty());
    let (mut entries, attrs) = six(&client);
    entries[3] = entries[1];
    let stopped = vec![SUCCESS, SUCCESS, SUCCESS, EXISTS, N, N];
    assert_eq!(client.create_many(&entries, &attrs, STOP), (SAI_STATUS_FAILURE, stopped));
}

#[test]
fn whole_batch_reject_calls_a_full_table_by_its_other_name() {
    let client = Client::new(&[("SAI_SIM_BULK", "whole-batch-reject"), ("SAI_SIM_HOST_CAPACITY", "2")]);
    let (entries, attrs) = six(&client);
    let full = SAI_STATUS_INSUFFICIENT_RESOURCES;
    assert_eq!(
        client.create_many(&entries, &attrs, STOP),
        (SAI_STATUS_FAILURE, vec![SUCCESS, SUCCESS, full, N, N, N])
    );
}

#[test]
fn bulk_that_is_not_there_touches_nothing() {
    for (bulk, status) in
        [("not-implemented", SAI_STATUS_NOT_IMPLEMENTED), ("not-supported", SAI_STATUS_NOT_SUPPORTED)]
    {
        let client = Client::new(&[("SAI_SIM_BULK", bulk)]);
        let (entries, attrs) = six(&client);
        assert_eq!(client.create_many(&entries, &attrs, IGNORE), (status, vec![UNTOUCHED; 6]));
        assert_eq!(client.create(&entries[0], &attrs[0]), SUCCESS);
        assert_eq!(client.switch.neighbors().len(), 1);
    }
}

#[test]
fn early_return_leaves_the_failing_status_untouched() {
    let client = Client::new(&[("SAI_SIM_BULK", "early-return")]);
    let (entries, attrs) = six(&client);
    assert_eq!(client.create(&entries[2], &attrs[2]), SUCCESS);
    let (u, s) = (UNTOUCHED, SUCCESS);
    assert_eq!(client.create_many(&entries, &attrs, IGNORE), (EXISTS, vec![s, s, u, u, u, u]));
}

#[test]
fn the_host_table_fills_by_slots() {
    let client = Client::new(&[("SAI_SIM_HOST_CAPACITY", "5"), ("SAI_SIM_V6_SLOTS", "2")]);
    let full = SAI_STATUS_TABLE_FULL;
    let create = |ip: &str| client.create(&client.entry(ip), &[mac(1)]);
    assert_eq!(create("2001:db8::1"), SUCCESS);
    assert_eq!(create("2001:db8::2"), SUCCESS);
    assert_eq!(client.switch.host_slots(), (4, 5));
    assert_eq!(create("2001:db8::3"), full);
    assert_eq!(create("10.0.0.1"), SUCCESS);
    assert_eq!(create("10.0.0.2"), full);
    assert_eq!(create("10.0.0.1"), EXISTS, "a key that is there is no question of room");
    let linklocal = client.entry("fe80::1");
    assert_eq!(client.create(&linklocal, &[mac(1), flag(NO_HOST_ROUTE, true)]), SUCCESS);
    assert_eq!(client.set(&linklocal, &flag(NO_HOST_ROUTE, false)), full);
    assert_eq!(client.remove(&client.entry("2001:db8::1")), SUCCESS);
    assert_eq!(client.set(&linklocal, &flag(NO_HOST_ROUTE, false)), SUCCESS);
    assert_eq!(client.switch.host_slots(), (5, 5));
    assert_eq!(client.set(&client.entry("10.0.0.1"), &mac(9)), SUCCESS, "a set needs no room");
    let (status, statuses) = client.create_many(
        &[client.entry("10.0.0.8"), client.entry("10.0.0.9")],
        &[vec![mac(1)], vec![mac(1)]],
        IGNORE,
    );
    assert_eq!((status, statuses), (SAI_STATUS_FAILURE, vec![full; 2]));
}

#[test]
fn a_hashed_table_is_full_before_it_is_full() {
    let client = Client::new(&[("SAI_SIM_HOST_CAPACITY", "4096"), ("SAI_SIM_HOST_BANKS", "2x4")]);
    let entry =
        |n: u16| client.entry_at(client.rif, std::net::Ipv4Addr::from(0x0a00_0000 + u32::from(n)).into());
    let refused = (1..=4096).find(|n| client.create(&entry(*n), &[mac(1)]) != SUCCESS).unwrap();
    assert!((1000..4000).contains(&refused), "{refused}");
    assert_eq!(client.create(&entry(refused), &[mac(1)]), SAI_STATUS_TABLE_FULL);
    let (taken, all) = client.switch.host_slots();
    assert_eq!((taken, all), (u64::from(refused) - 1, 4096), "and says that there is room");
    let others =
        (refused + 1..refused + 50).filter(|n| client.create(&entry(*n), &[mac(1)]) == SUCCESS).count();
    assert!(others > 0, "other addresses still fit");
    (1..refused).for_each(|n| assert_eq!(client.remove(&entry(n)), SUCCESS));
    assert_eq!(client.create(&entry(refused), &[mac(1)]), SUCCESS);
}

#[test]
fn one_address_on_two_interfaces_collides_where_the_table_is_keyed_by_the_router() {
    for (how, second) in [("interface", SUCCESS), ("router", EXISTS)] {
        let client = Client::new(&[("SAI_SIM_HOST_KEY", how)]);
        let other = client.vlan_rif(&[]).unwrap();
        for ip in ["10.0.0.1", "2001:db8::1"] {
            let ip = ip.parse().unwrap();
            let (here, there) = (client.entry_at(client.rif, ip), client.entry_at(other, ip));
            assert_eq!(client.create(&here, &[mac(1)]), SUCCESS);
            assert_eq!(client.create(&there, &[mac(2)]), second, "{how} {ip}");
            client.remove(&there);
            assert_eq!(client.mac_of(&here), Ok([2, 0, 0, 0, 0, 1]));
            assert_eq!(
                client.create(&there, &[mac(2), flag(NO_HOST_ROUTE, true)]),
                SUCCESS,
                "takes no place"
            );
            assert_eq!(client.set(&there, &flag(NO_HOST_ROUTE, false)), second, "nor may it take one later");
            assert_eq!(client.set(&here, &mac(3)), SUCCESS);
            // The address moves: removed here, it has room there.
            assert_eq!(client.remove(&here), SUCCESS);
            assert_eq!(client.set(&there, &flag(NO_HOST_ROUTE, false)), SUCCESS);
            assert_eq!(client.create(&here, &[mac(1)]), second);
        }
        assert_eq!(
            client.switch.host_slots().0,
            client.switch.neighbors().iter().map(|n| if n.ip.is_ipv4() { 1 } else { 2 }).sum::<u64>()
        );
    }
    let client = Client::new(&[("SAI_SIM_HOST_KEY", "router"), ("SAI_SIM_BULK", "whole-batch-reject")]);
    let other = client.vlan_rif(&[]).unwrap();
    assert_eq!(client.create(&client.entry("10.0.0.2"), &[mac(2)]), SUCCESS);
    let both = ["10.0.0.1", "10.0.0.2"].map(|ip| client.entry_at(other, ip.parse().unwrap()));
    assert_eq!(client.create_many(&both, &[vec![mac(1)], vec![mac(2)]], STOP), (EXISTS, vec![N, EXISTS]));
    assert_eq!(client.switch.neighbor_count(), 1);
}

#[test]
fn relocation_makes_room_in_a_hashed_table() {
    let filled = |relocation| {
        let banks = [("SAI_SIM_HOST_CAPACITY", "4096"), ("SAI_SIM_HOST_BANKS", "2x4")];
        let client = Client::new(&[&banks[..], &[("SAI_SIM_HOST_RELOCATION", relocation)]].concat());
        let ip = |n: u16| std::net::Ipv4Addr::from(0x0a00_0000 + u32::from(n)).into();
        let create = |n: u16| client.create(&client.entry_at(client.rif, ip(n)), &[mac(1)]);
        let refused = (1..=4096).find(|n| create(*n) != SUCCESS).unwrap();
        assert_eq!(client.switch.neighbor_count() + 1, usize::from(refused), "who is moved is not lost");
        (refused, client.switch.relocations())
    };
    let ((without, none), (with, some)) = (filled("0"), filled("2"));
    assert_eq!(none, 0);
    assert!(some > 0 && with > without + 400, "{without} without, {with} with {some} moves");
}

/// What a client is told that asks how many IPv4 neighbours still fit.
fn v4_left(client: &Client) -> u64 {
    let mut count = 0;
    let object = sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
    // SAFETY: the place is ours.
    let status = unsafe {
        sai::sai_object_type_get_availability(client.switch.id(), object, 0, null(), &raw mut count)
    };
    assert_eq!(status, SUCCESS);
    count
}

#[test]
fn availability_moves_or_lies_where_the_profile_wants_it() {
    let with = |how: &str, seed: &str| {
        let profile =
            [("SAI_SIM_HOST_CAPACITY", "1000"), ("SAI_SIM_AVAILABILITY", how), ("SAI_SIM_SEED", seed)];
        let client = Client::new(&profile);
        let answers: Vec<u64> = (0..50).map(|_| v4_left(&client)).collect();
        assert_eq!(client.switch.host_slots(), (0, 1000), "asking takes nothing");
        answers
    };
    assert_eq!(with("exact", "1"), vec![1000; 50]);
    assert_eq!(with("says 7", "1"), vec![7; 50]);
    let moving = with("moving 10", "1");
    assert_eq!(moving, with("moving 10", "1"));
    assert_ne!(moving, with("moving 10", "2"));
    assert!(moving.iter().all(|n| (900..=1100).contains(n)), "{moving:?}");
    assert!(moving.iter().any(|n| *n < 960) && moving.iter().any(|n| *n > 1040), "{moving:?}");
}

#[test]
fn availability_counts_what_is_left_per_family() {
    let client = Client::new(&[("SAI_SIM_HOST_CAPACITY", "9")]);
    let family = sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_IP_ADDR_FAMILY.0;
    let left = |v6: u32| {
        let (attrs, mut count) = ([num(family, v6)], 0);
        let object = sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
        // SAFETY: all places are ours.
        let status = unsafe {
            sai::sai_object_type_get_availability(
                client.switch.id(),
                object,
                1,
                attrs.as_ptr(),
                &raw mut count,
            )
        };
        assert_eq!(status, SUCCESS);
        count
    };
    assert_eq!((left(0), left(1)), (9, 4));
    assert_eq!(client.create(&client.entry("10.0.0.1"), &[mac(1)]), SUCCESS);
    assert_eq!((left(0), left(1)), (8, 4));
    assert_eq!(client.create(&client.entry("2001:db8::1"), &[mac(1)]), SUCCESS);
    assert_eq!((left(0), left(1)), (6, 3));
}

#[test]
fn faults_strike_before_after_and_in_disguise() {
    let client = Client::new(&[(
        "SAI_SIM_FAULTS",
        "create neighbor 10.0.0.1 corrupt-mac; create neighbor 10.0.0.2 fail TABLE_FULL; \
         create neighbor 10.0.0.3 fail FAILURE after; create neighbor 10.0.0.4 lie; \
         remove neighbor 10.0.0.5 fail FAILURE after; set neighbor 10.0.0.6 lie; get neighbor 10.0.0.6 #1 fail FAILURE",
    )]);
    let (entries, attrs) = six(&client);
    let failure = SAI_STATUS_FAILURE;
    let statuses = vec![SUCCESS, SAI_STATUS_TABLE_FULL, failure, SUCCESS, SUCCESS, SUCCESS];
    assert_eq!(client.create_many(&entries, &attrs, IGNORE), (failure, statuses));
    assert_eq!(client.mac_of(&entries[0]), Ok([2, 0, 0, 0, 0, 0]), "the last bit of :01 is flipped");
    assert_eq!(client.mac_of(&entries[1]), Err(NOT_FOUND));
    assert_eq!(client.mac_of(&entries[2]), Ok([2, 0, 0, 0, 0, 3]));
    assert_eq!(client.mac_of(&entries[3]), Err(NOT_FOUND));
    assert_eq!(client.remove(&entries[4]), failure);
    assert_eq!(client.mac_of(&entries[4]), Err(NOT_FOUND));
    assert_eq!(client.mac_of(&entries[5]), Err(failure));
    assert_eq!(client.set(&entries[5], &mac(99)), SUCCESS);
    assert_eq!(client.mac_of(&entries[5]), Ok([2, 0, 0, 0, 0, 6]));
}

#[test]
fn an_aborted_bulk_call_is_half_done() {
    let client = Client::new(&[("SAI_SIM_FAULTS", "create neighbor #3 abort FAILURE")]);
    let (entries, attrs) = six(&client);
    let (u, s) = (UNTOUCHED, SUCCESS);
    assert_eq!(client.create_many(&entries, &attrs, IGNORE), (SAI_STATUS_FAILURE, vec![s, s, u, u, u, u]));
    assert_eq!(client.switch.neighbors().len(), 2);
    assert_eq!(client.create_many(&entries[2..], &attrs[2..], STOP), (s, vec![s; 4]));
}

#[test]
fn a_call_that_hangs_returns_when_it_is_let_go() {
    let client = Client::new(&[("SAI_SIM_FAULTS", "create neighbor 10.0.0.1 #1 hang")]);
    let view = client.switch.clone();
    let entry = client.entry("10.0.0.1");
    std::thread::scope(|scope| {
        let hanging = scope.spawn(|| client.create(&entry, &[mac(1)]));
        while view.hanging() == 0 {
            std::thread::yield_now();
        }
        assert!(!hanging.is_finished());
        assert_eq!(view.release_hangs(), 1);
        assert_eq!(hanging.join().unwrap(), SUCCESS);
    });
    assert_eq!(view.neighbors().len(), 1);
}

#[test]
fn remove_all_takes_every_neighbour_and_no_more() {
    let client = Client::new(&[]);
    let other = Client::new(&[]);
    for client in [&client, &other] {
        let (entries, attrs) = six(client);
        assert_eq!(client.create_many(&entries, &attrs, STOP).0, SUCCESS);
    }
    // SAFETY: no pointers.
    let status = unsafe { client.neighbor.remove_all_neighbor_entries.unwrap()(client.switch.id()) };
    assert_eq!(status, SUCCESS);
    assert_eq!((client.switch.neighbors().len(), other.switch.neighbors().len()), (0, 6));
    assert_eq!(client.switch.host_slots().0, 0);
}

#[test]
fn the_cost_model_takes_its_time() {
    let client = Client::new(&[("SAI_SIM_CALL_NS", "300000"), ("SAI_SIM_ENTRY_NS", "100000")]);
    let (entries, attrs) = six(&client);
    let start = std::time::Instant::now();
    assert_eq!(client.create_many(&entries, &attrs, STOP).0, SUCCESS);
    assert!(start.elapsed() >= std::time::Duration::from_nanos(900_000));
}
