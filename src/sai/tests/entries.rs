//! Entries as a library in C sees them.

use super::fake::{fake, neighbor_api};
use super::tables::{host, library, table};
use crate::addr::Mac;
use crate::neighbor::Host;
use crate::sai::bulk::Answer;
use crate::sai::id::Oid;
use crate::sai::neighbor::{NeighborKey, Reading};
use crate::sai::status::Status;
use std::sync::Barrier;
use std::thread;

const KEY_BYTES: usize = 40;
const ATTRIBUTE_BYTES: usize = 48;

fn key_bytes(ip: &[u8], family: u8) -> Vec<u8> {
    let mut wanted = vec![0u8; KEY_BYTES];
    wanted[0] = 0x21;
    wanted[8] = 0x60;
    wanted[16] = family;
    wanted[20..20 + ip.len()].copy_from_slice(ip);
    wanted
}

fn attribute_bytes(id: u8, value: &[u8]) -> Vec<u8> {
    let mut wanted = vec![0u8; ATTRIBUTE_BYTES];
    wanted[0] = id;
    wanted[8..8 + value.len()].copy_from_slice(value);
    wanted
}

#[test]
fn rule_3_c_sees_zeroed_structs_network_order_and_only_the_attributes_that_are_wanted() {
    let fake = fake(9);
    fake.give(&neighbor_api::<9>(), 72);
    let library = library(&fake);
    let mut table = table(&library);
    let rif = Oid::from_raw(0x60);
    let v6: [u8; 16] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    let mac = Mac([2, 1, 2, 3, 4, 5]);
    // The same slots first hold IPv6 with two attributes, then IPv4 with one: nothing of the first may be left.
    for round in 0..2 {
        let batch: Vec<_> = (0..2u8)
            .map(|n| {
                let wide = (n == 0) == (round == 0);
                let ip = if wide { v6.into() } else { [10, 1, 2, n].into() };
                (NeighborKey { rif, ip }, Host { mac, no_host_route: wide })
            })
            .collect();
        table.create(batch.into_iter());
        assert_eq!(table.answers(), [Answer::Done; 2], "round {round}");
        let entries = fake.with(|state| std::mem::take(&mut state.entries));
        let wide = &entries[&key_bytes(&v6, 1)];
        assert_eq!(*wide, [attribute_bytes(0, &mac.0), attribute_bytes(3, &[1])]);
        let narrow = entries.iter().find(|(key, _)| key[16] == 0).unwrap();
        assert_eq!(*narrow.0, key_bytes(&[10, 1, 2, narrow.0[23]], 0));
        assert_eq!(*narrow.1, [attribute_bytes(0, &mac.0)], "NO_HOST_ROUTE only where it is wanted");
    }
}

#[test]
fn rule_3_any_byte_but_zero_is_true() {
    let fake = fake(10);
    fake.give(&neighbor_api::<10>(), 72);
    let library = library(&fake);
    let mut table = table(&library);
    table.create([host(1)].into_iter());
    for byte in [0u8, 1, 2, 0x80, 0xff] {
        fake.with(|state| state.boolean = byte);
        table.read(&[host(1).0]);
        let wanted = Host { no_host_route: byte != 0, ..host(1).1 };
        assert_eq!(table.readings(), [Reading::Held(wanted)], "{byte}");
    }
    table.read(&[host(2).0]);
    assert_eq!(table.readings(), [Reading::Missing]);
}

#[test]
fn rule_4_statuses_are_not_executed_before_each_bulk_call_which_goes_on_after_errors() {
    let fake = fake(11);
    fake.give(&neighbor_api::<11>(), 72);
    let library = library(&fake);
    let mut table = table(&library);
    let keys = || (0..50).map(|n| host(n).0).collect::<Vec<_>>();
    for round in 0..2 {
        table.create((0..50).map(host).collect::<Vec<_>>().into_iter());
        let wanted = if round == 0 { Answer::Done } else { Answer::Refused(Status::ITEM_ALREADY_EXISTS) };
        assert_eq!(table.answers(), [wanted; 50]);
    }
    table.set_mac(keys().into_iter().map(|key| (key, Mac([2; 6]))).collect::<Vec<_>>().into_iter());
    table.read(&keys());
    assert_eq!(table.readings()[49], Reading::Held(Host { mac: Mac([2; 6]), no_host_route: false }));
    table.remove(keys().into_iter());
    table.remove(keys().into_iter());
    assert_eq!(table.answers(), [Answer::Refused(Status::ITEM_NOT_FOUND); 50]);
    fake.with(|state| {
        assert_eq!((state.bulk_seen.len(), state.singles_seen), (6, 0));
        for (statuses, mode) in &state.bulk_seen {
            assert_eq!(statuses, &[Status::NOT_EXECUTED.0; 50]);
            assert_eq!(*mode, 1, "SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR");
        }
    });
}

#[test]
fn rule_4_a_list_that_the_library_did_not_write_is_unknown() {
    let fake = fake(12);
    fake.give(&neighbor_api::<12>(), 72);
    let library = library(&fake);
    let mut table = table(&library);
    fake.with(|state| state.bulk_says = Some((0, None)));
    let report = table.create((0..20).map(host).collect::<Vec<_>>().into_iter());
    assert_eq!(table.answers(), [Answer::Unknown(Status::SUCCESS); 20]);
    assert_eq!(report.calls, 1);
}

#[test]
fn rule_5_no_bulk_is_remembered_for_each_function_by_itself() {
    let fake = fake(13);
    fake.give(&neighbor_api::<13>(), 72);
    let library = library(&fake);
    let mut table = table(&library);
    fake.with(|state| state.bulk_says = Some((Status::NOT_SUPPORTED.0, None)));
    let batch = || (0..20).map(host).collect::<Vec<_>>().into_iter();
    table.create(batch());
    assert_eq!(table.answers(), [Answer::Done; 20]);
    assert!(table.creates_singly());
    fake.with(|state| state.bulk_says = None);
    table.remove(batch().map(|(key, _)| key));
    table.create(batch());
    assert_eq!(table.answers(), [Answer::Done; 20]);
    fake.with(|state| {
        assert_eq!(state.bulk_seen.len(), 2, "create once, remove once");
        assert_eq!((state.singles_seen, state.entries.len()), (40, 20));
    });
}

#[test]
fn rule_2_calls_take_turns_whoever_makes_them() {
    let fake = fake(14);
    fake.give(&neighbor_api::<14>(), 72);
    let first = library(&fake);
    // A second handle, as another instance in the process has it.
    let second = library(&fake);
    let start = Barrier::new(2);
    thread::scope(|scope| {
        for (n, library) in [&first, &second].into_iter().enumerate() {
            let start = &start;
            scope.spawn(move || {
                let mut table = table(library);
                let rif = Oid::from_raw(n as u64 + 1);
                let key = |ip: u8| NeighborKey { rif, ip: [10, 0, 0, ip].into() };
                start.wait();
                for _ in 0..200 {
                    table.create((0..2).map(|ip| (key(ip), host(ip).1)).collect::<Vec<_>>().into_iter());
                    table.read(&[key(0)]);
                    table.remove((0..2).map(key).collect::<Vec<_>>().into_iter());
                }
            });
        }
    });
    assert_eq!(fake.with(|state| state.most_inside), 1);
    assert_eq!(first.busy_for(), None);
}

#[test]
fn rule_3_a_default_that_the_library_does_not_keep_is_false() {
    for (number, singles) in [(16, true), (17, false)] {
        let fake = fake(number);
        let mut api = if singles { neighbor_api::<16>() } else { neighbor_api::<17>() };
        if singles {
            api.get_neighbor_entries_attribute = None;
        }
        fake.give(&api, 72);
        let library = library(&fake);
        let mut table = table(&library);
        let wanted: Vec<_> =
            (0..100).map(|n| (host(n).0, Host { no_host_route: n == 50, ..host(n).1 })).collect();
        table.create(wanted.clone().into_iter());
        fake.with(|state| (state.keeps_no_defaults, state.boolean) = (true, 1));
        let keys: Vec<_> = wanted.iter().map(|(key, _)| *key).collect();
        let report = table.read(&keys);
        assert_eq!(report.trouble, None);
        for ((_, host), reading) in wanted.iter().zip(table.readings()) {
            // Where nobody says it, it may be unknown; it is never made up.
            let said = matches!(reading, Reading::Held(held) if held.mac == host.mac);
            assert!(said, "{number} {reading:?} {:?}", table.readings());
        }
        let unset =
            table.readings().iter().filter(|r| matches!(r, Reading::Held(h) if !h.no_host_route)).count();
        assert!(unset >= 99);
    }
}
