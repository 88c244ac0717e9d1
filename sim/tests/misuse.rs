//! Misuse is counted and said, and changes no answer.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]
#![allow(clippy::multiple_unsafe_ops_per_block, reason = "one sentence covers a table of calls")]

mod support;

use std::process::{Command, Output};

use sai::inspect;
use sai_sys::*;
use support::*;

#[test]
fn a_second_thread_inside_is_seen_and_waits_its_turn() {
    let client = Client::new(&[("SAI_SIM_FAULTS", "create neighbor 10.0.0.1 hang")]);
    let view = client.switch.clone();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| client.create(&client.entry("10.0.0.1"), &[mac(1)]));
        while view.hanging() == 0 {
            std::thread::yield_now();
        }
        assert_eq!(view.misuse().two_threads, 0, "one is as it should be");
        let second = scope.spawn(|| client.create(&client.entry("10.0.0.2"), &[mac(2)]));
        while view.misuse().two_threads == 0 {
            std::thread::yield_now();
        }
        assert!(!second.is_finished());
        view.release_hangs();
        assert_eq!((first.join().unwrap(), second.join().unwrap()), (SUCCESS, SUCCESS));
    });
    assert_eq!((view.misuse().two_threads, view.neighbor_count()), (1, 2));
    // Who looks is no client, however long the client's call takes.
    assert_eq!(client.create(&client.entry("10.0.0.3"), &[mac(3)]), SUCCESS);
    assert_eq!(view.misuse().two_threads, 1);
}

#[test]
fn a_call_on_a_switch_that_is_gone_is_seen() {
    let client = Client::new(&[]);
    let (entry, neighbor) = (client.entry("10.0.0.1"), client.neighbor);
    assert_eq!(
        client.create(&client.entry_at(client.rif + 1, "10.0.0.1".parse().unwrap()), &[mac(1)]),
        SAI_STATUS_ITEM_NOT_FOUND
    );
    let before = inspect::misuse().stale_switch;
    drop(client);
    // SAFETY: all places are ours.
    let status = unsafe { neighbor.create_neighbor_entry.unwrap()(&raw const entry, 1, [mac(1)].as_ptr()) };
    assert_eq!((status, inspect::misuse().stale_switch), (SAI_STATUS_ITEM_NOT_FOUND, before + 1));
    assert_eq!(sai::sai_object_type_query(entry.rif_id), sai_object_type_t::SAI_OBJECT_TYPE_NULL);
    assert_eq!(inspect::misuse().stale_switch, before + 2);
}

/// An entry of which every byte is given.
fn bytewise<T>(fill: u8, write: impl FnOnce(*mut T)) -> Box<std::mem::MaybeUninit<T>> {
    let mut entry = Box::new(std::mem::MaybeUninit::<T>::uninit());
    // SAFETY: as many bytes as the box has.
    unsafe { entry.as_mut_ptr().cast::<u8>().write_bytes(fill, size_of::<T>()) };
    write(entry.as_mut_ptr());
    entry
}

#[test]
fn padding_that_is_not_zero_is_seen_where_it_is_asked_for() {
    let neighbor = |client: &Client, fill: u8, ip: &str| {
        let from = client.entry(ip);
        let entry = bytewise::<sai_neighbor_entry_t>(fill, |to| {
            // SAFETY: member by member into a box of ours.
            unsafe {
                (*to).switch_id = from.switch_id;
                (*to).rif_id = from.rif_id;
                (*to).ip_address.addr_family = from.ip_address.addr_family;
                if ip.contains(':') {
                    (*to).ip_address.addr.ip6 = from.ip_address.addr.ip6;
                } else {
                    (*to).ip_address.addr.ip4 = from.ip_address.addr.ip4;
                }
            }
        });
        // SAFETY: all places are ours.
        unsafe { client.neighbor.create_neighbor_entry.unwrap()(entry.as_ptr(), 1, [mac(1)].as_ptr()) }
    };
    let fdb = |client: &Client, fill: u8| {
        let entry = bytewise::<sai_fdb_entry_t>(fill, |to| {
            // SAFETY: member by member into a box of ours.
            unsafe {
                (*to).switch_id = client.switch.id();
                (*to).mac_address = [2, 0, 0, 0, 0, fill];
                (*to).bv_id = client.switch.default_vlan();
            }
        });
        let attrs = [num(sai_fdb_entry_attr_t::SAI_FDB_ENTRY_ATTR_TYPE.0, 1)];
        // SAFETY: all places are ours.
        unsafe { client.fdb.create_fdb_entry.unwrap()(entry.as_ptr(), 1, attrs.as_ptr()) }
    };
    let client = Client::new(&[("SAI_SIM_MISUSE", "report+padding")]);
    let untold = Client::new(&[]);
    for client in [&client, &untold] {
        assert_eq!(neighbor(client, 0, "10.0.0.1"), SUCCESS);
        assert_eq!(neighbor(client, 0, "2001:db8::1"), SUCCESS);
        assert_eq!(fdb(client, 0), SUCCESS);
        assert_eq!(client.switch.misuse().padding, 0);
        assert_eq!(neighbor(client, 0xff, "10.0.0.2"), SUCCESS, "four bytes of sixteen count");
        assert_eq!(neighbor(client, 0x01, "2001:db8::2"), SUCCESS);
        assert_eq!(fdb(client, 0x80), SUCCESS);
        assert_eq!(client.switch.neighbor_count(), 4);
    }
    assert_eq!((client.switch.misuse().padding, untold.switch.misuse().padding), (3, 0));
}

const MISUSE: &str = "SAI_SIM_TEST_MISUSE";

/// Not a test of its own: a client that keeps a method table past the end.
#[test]
fn child_goes_on_after_the_end() {
    let Ok(how) = std::env::var(MISUSE) else { return };
    inspect::initialize(&[("SAI_SIM_MISUSE", &how)]).unwrap();
    let client = Client::new(&[]);
    let (entry, neighbor) = (client.entry("10.0.0.1"), client.neighbor);
    assert_eq!(inspect::misuse(), inspect::Misuse::default());
    assert_eq!(sai::sai_api_uninitialize(), SUCCESS);
    for calls in 1..=3 {
        // SAFETY: all places are ours.
        let status =
            unsafe { neighbor.create_neighbor_entry.unwrap()(&raw const entry, 1, [mac(1)].as_ptr()) };
        assert_eq!((status, inspect::misuse().after_end), (SAI_STATUS_UNINITIALIZED, calls));
    }
    assert_eq!(sai::sai_api_uninitialize(), SAI_STATUS_UNINITIALIZED);
    assert_eq!(inspect::misuse().after_end, 4);
    println!("went on");
}

fn child(how: &str) -> (Output, usize) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_goes_on_after_the_end", "--nocapture"])
        .env(MISUSE, how)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr)
        .matches("SAI_SIM: misuse: a function is called after")
        .count();
    (output, said)
}

#[test]
fn a_table_that_is_kept_past_the_end_is_said_once() {
    let (output, said) = child("report");
    assert!(String::from_utf8_lossy(&output.stdout).contains("went on"), "{output:?}");
    assert_eq!(said, 1);
}

#[test]
fn misuse_ends_the_process_that_wants_it() {
    let (output, said) = child("abort");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&output.status), Some(6), "{output:?}");
    assert_eq!(said, 1);
}
