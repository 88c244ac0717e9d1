//! Changes that come late: those that a rule holds back, also past the death of their caller, and those of a library
//! that answers before it programs.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::path::PathBuf;
use std::process::Command;

use sai_sys::*;
use support::*;

const NOT_FOUND: sai_status_t = SAI_STATUS_ITEM_NOT_FOUND;
const EXISTS: sai_status_t = SAI_STATUS_ITEM_ALREADY_EXISTS;

fn of(last: u8) -> Result<[u8; 6], sai_status_t> {
    Ok([2, 0, 0, 0, 0, last])
}

#[test]
fn a_late_create_lands_after_so_many_more_calls() {
    let client = Client::new(&[("SAI_SIM_FAULTS", "create neighbor 10.0.0.5 #1 late 2")]);
    let (late, other) = (client.entry("10.0.0.5"), client.entry("10.0.0.6"));
    assert_eq!(client.create(&late, &[mac(5)]), SUCCESS);
    assert_eq!((client.switch.late(), client.switch.neighbor_count()), ((1, 0), 0));
    assert_eq!(client.mac_of(&late), Err(NOT_FOUND), "the first call after it");
    assert_eq!(client.switch.late(), (1, 0));
    assert_eq!(client.create(&other, &[mac(6)]), SUCCESS, "the second");
    assert_eq!((client.switch.late(), client.switch.neighbor_count()), ((0, 0), 2));
    assert_eq!(client.mac_of(&late), of(5));
    assert_eq!(client.switch.host_slots().0, 2);
}

/// The caller was told that it failed, tried again with what had changed, and is overtaken by its own past.
#[test]
fn a_late_write_overwrites_what_it_finds() {
    let rules = "create neighbor 10.0.0.5 #1 late FAILURE; remove neighbor 10.0.0.6 late; set neighbor 10.0.0.7 late 9";
    let client = Client::new(&[("SAI_SIM_FAULTS", rules)]);
    let entry = client.entry("10.0.0.5");
    assert_eq!(client.create(&entry, &[mac(1)]), SAI_STATUS_FAILURE);
    assert_eq!(client.create(&entry, &[mac(2)]), SUCCESS);
    assert_eq!(client.mac_of(&entry), of(2));
    assert_eq!(client.switch.land(), 1);
    assert_eq!(client.mac_of(&entry), of(1));
    assert_eq!(client.switch.host_slots().0, 1, "in the same slot");

    let gone = client.entry("10.0.0.6");
    assert_eq!(client.create(&gone, &[mac(6)]), SUCCESS);
    assert_eq!(client.remove(&gone), SUCCESS);
    assert_eq!(client.mac_of(&gone), of(6), "still there");
    let changed = client.entry("10.0.0.7");
    assert_eq!(client.create(&changed, &[mac(7)]), SUCCESS);
    assert_eq!(client.set(&changed, &mac(8)), SUCCESS);
    assert_eq!(client.mac_of(&changed), of(7));
    assert_eq!(client.switch.land(), 2);
    assert_eq!((client.mac_of(&gone), client.mac_of(&changed)), (Err(NOT_FOUND), of(8)));
    assert_eq!(client.switch.late(), (0, 0));
}

#[test]
fn what_no_longer_can_land_is_lost() {
    let client = Client::new(&[("SAI_SIM_FAULTS", "any neighbor late"), ("SAI_SIM_HOST_CAPACITY", "1")]);
    let rif = client.vlan_rif(&[]).unwrap();
    assert_eq!(client.create(&client.entry_at(rif, "10.0.0.1".parse().unwrap()), &[mac(1)]), SUCCESS);
    assert_eq!(client.remove_rif(rif), SUCCESS, "what waits holds no interface");
    assert_eq!(client.create(&client.entry("10.0.0.2"), &[mac(2)]), SUCCESS);
    assert_eq!(client.create(&client.entry("10.0.0.3"), &[mac(3)]), SUCCESS);
    assert_eq!(client.switch.land(), 3);
    assert_eq!((client.switch.late(), client.switch.neighbor_count()), ((0, 2), 1));
}

#[test]
fn an_asynchronous_library_answers_before_it_programs() {
    let client = Client::new(&[("SAI_SIM_ASYNC", "command"), ("SAI_SIM_HOST_CAPACITY", "2")]);
    let entry = |n: u8| client.entry(&format!("10.0.0.{n}"));
    for n in 1..=3 {
        assert_eq!(client.create(&entry(n), &[mac(n)]), SUCCESS, "the third has no room, which nobody says");
    }
    assert_eq!(client.switch.neighbor_count(), 0);
    assert_eq!(client.create(&entry(1), &[mac(9)]), EXISTS, "the library knows what it has promised");
    assert_eq!(client.set(&entry(2), &mac(22)), SUCCESS);
    assert_eq!(client.set(&entry(4), &mac(4)), NOT_FOUND);
    assert_eq!(client.remove(&entry(1)), SUCCESS);
    assert_eq!(client.remove(&entry(1)), NOT_FOUND);
    assert_eq!(client.create(&entry(1), &[mac(11)]), SUCCESS);
    assert_eq!(client.switch.land(), 6, "in the order of the calls");
    let macs: Vec<_> = client.switch.neighbors().iter().map(|n| n.mac[5]).collect();
    assert_eq!(
        (macs, client.switch.late()),
        (vec![11, 22], (0, 1)),
        "the third found no room when its turn came"
    );
}

#[test]
fn asynchronous_programming_keeps_pace_with_calls_or_with_time() {
    let client = Client::new(&[("SAI_SIM_ASYNC", "calls 2")]);
    let (entries, attrs): (Vec<_>, Vec<_>) =
        (1..=4).map(|n| (client.entry(&format!("10.0.0.{n}")), vec![mac(n)])).unzip();
    assert_eq!(client.create_many(&entries, &attrs, STOP), (SUCCESS, vec![SUCCESS; 4]));
    assert_eq!(client.mac_of(&entries[0]), Err(NOT_FOUND));
    assert_eq!(client.switch.neighbor_count(), 0);
    assert_eq!(client.mac_of(&entries[0]), Err(NOT_FOUND));
    assert_eq!(client.switch.neighbor_count(), 4);
    assert_eq!(client.remove_many(&entries, STOP), (SUCCESS, vec![SUCCESS; 4]));
    assert_eq!((client.switch.neighbor_count(), client.switch.late().0), (4, 4));
    // SAFETY: no pointers.
    let status = unsafe { client.neighbor.remove_all_neighbor_entries.unwrap()(client.switch.id()) };
    assert_eq!((status, client.switch.neighbor_count(), client.switch.late()), (SUCCESS, 0, (0, 0)));

    let client =
        Client::new(&[("SAI_SIM_ASYNC", "ns 1000"), ("SAI_SIM_CLOCK", "virtual"), ("SAI_SIM_CALL_NS", "0")]);
    assert_eq!(client.create(&client.entry("10.0.0.1"), &[mac(1)]), SUCCESS);
    client.switch.advance(999);
    assert_eq!(client.switch.neighbor_count(), 0);
    client.switch.advance(1);
    assert_eq!(client.switch.neighbor_count(), 1);
}

/// Where the child finds the state file.
const STATE: &str = "SAI_SIM_TEST_STATE";

/// Not a test of its own: the client that dies.
#[test]
fn child_dies_after_it_has_asked() {
    let Ok(state) = std::env::var(STATE) else { return };
    let rules = "create neighbor 10.0.0.1 late 1; create neighbor 10.0.0.2 late 2 crash";
    let client = Client::new(&[("SAI_SIM_STATE", &state), ("SAI_SIM_FAULTS", rules)]);
    assert_eq!(client.create(&client.entry("10.0.0.1"), &[mac(1)]), SUCCESS);
    client.create(&client.entry("10.0.0.2"), &[mac(2)]);
    unreachable!("the second create kills");
}

#[test]
fn a_change_lands_after_its_caller_died() {
    let state: PathBuf = std::env::temp_dir().join(format!("sai-sim-late-{}", std::process::id()));
    let died = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_dies_after_it_has_asked"])
        .env(STATE, &state)
        .output()
        .unwrap();
    let signal = std::os::unix::process::ExitStatusExt::signal(&died.status);
    assert_eq!(signal, Some(6), "{}", String::from_utf8_lossy(&died.stdout));

    let warm = [("SAI_SIM_STATE", state.to_str().unwrap()), ("SAI_BOOT_TYPE", "1")];
    let switch = sai::inspect::SimSwitch::new(&warm).unwrap();
    let macs = || switch.neighbors().iter().map(|n| n.mac[5]).collect::<Vec<_>>();
    assert_eq!((macs(), switch.late()), (vec![], (2, 0)), "what the new client reads back");
    // Any call of the new client; the first came up with the switch.
    let mut count = 0;
    let object = sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
    let mut step = |expected: &[u8]| {
        // SAFETY: the place is ours.
        let status = unsafe { sai::sai_get_object_count(switch.id(), object, &raw mut count) };
        assert_eq!((status, &macs()[..]), (SUCCESS, expected));
    };
    step(&[]);
    step(&[1]);
    step(&[1, 2]);
    drop(switch);

    let cold = [("SAI_SIM_STATE", state.to_str().unwrap()), ("SAI_BOOT_TYPE", "0")];
    assert_eq!(sai::inspect::SimSwitch::new(&cold).unwrap().late(), (0, 0));
    std::fs::remove_file(&state).unwrap();
}
