//! What `HostTable` does when the hardware refuses, fills up, lies or fails.
//!
//! Each test brings up a switch of its own, so they run in parallel.

use std::net::Ipv4Addr;

use host_table::{HostTable, Mac, Outcome};
use sai::inspect::SimSwitch;
use sai_sys::*;

/// A switch with this profile, and a routed port on it.
struct Rig {
    switch: SimSwitch,
    rif: sai_object_id_t,
}

impl Rig {
    fn new(profile: &[(&str, &str)]) -> Self {
        let switch = SimSwitch::new(profile).expect("the profile is right");
        let rifs: &sai_router_interface_api_t = table(sai_api_t::SAI_API_ROUTER_INTERFACE);
        use sai_router_interface_attr_t as Attr;
        let vlan = sai_router_interface_type_t::SAI_ROUTER_INTERFACE_TYPE_VLAN;
        let attrs = [
            attr(Attr::SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID.0, |v| v.oid = switch.default_virtual_router()),
            attr(Attr::SAI_ROUTER_INTERFACE_ATTR_TYPE.0, |v| v.u32_ = vlan.0),
            attr(Attr::SAI_ROUTER_INTERFACE_ATTR_VLAN_ID.0, |v| v.oid = switch.default_vlan()),
        ];
        let create = rifs.create_router_interface.expect("every release has it");
        let mut rif = 0;
        // SAFETY: the list has as many attributes as said.
        let status = unsafe { create(&raw mut rif, switch.id(), attrs.len() as u32, attrs.as_ptr()) };
        assert_eq!(Status(status), Status::SUCCESS);
        Self { switch, rif }
    }

    fn hosts(&self) -> HostTable<'_> {
        let api = table(sai_api_t::SAI_API_NEIGHBOR);
        HostTable { api, has_bulk_members: true, switch: self.switch.id(), rif: self.rif }
    }

    /// What the hardware holds, whatever anybody was told.
    fn held(&self) -> Vec<String> {
        self.switch.neighbors().iter().map(|n| n.ip.to_string()).collect()
    }
}

fn table<T>(api: sai_api_t) -> &'static T {
    sai::inspect::initialize(&[]).expect("an empty profile is right");
    let mut table = std::ptr::null_mut();
    // SAFETY: the place is ours.
    let status = unsafe { sai::sai_api_query(api, &raw mut table) };
    assert_eq!(Status(status), Status::SUCCESS);
    // SAFETY: method tables are never freed.
    unsafe { &*table.cast() }
}

fn attr(id: u32, fill: impl FnOnce(&mut sai_attribute_value_t)) -> sai_attribute_t {
    // SAFETY: zero is a value of every member.
    let mut attr: sai_attribute_t = unsafe { std::mem::zeroed() };
    attr.id = id;
    fill(&mut attr.value);
    attr
}

fn host(last: u8) -> (Ipv4Addr, Mac) {
    (Ipv4Addr::new(10, 0, 0, last), [2, 0, 0, 0, 0, last])
}

#[test]
fn hosts_go_in_by_one_call() {
    let rig = Rig::new(&[]);
    assert_eq!(rig.hosts().program(&[host(1), host(2)]), [Outcome::Programmed; 2]);
    assert_eq!(rig.held(), ["10.0.0.1", "10.0.0.2"]);
    assert_eq!(rig.switch.call_count("create_neighbor_entries"), 1);
}

/// The third create of this address fails with TABLE_FULL after it was stored.
#[test]
fn a_refusal_that_is_not_true_is_seen_through() {
    let rig = Rig::new(&[("SAI_SIM_FAULTS", "create neighbor 10.0.0.5 #3 fail TABLE_FULL after")]);
    for round in 1..=3 {
        assert_eq!(rig.hosts().program(&[host(5)]), [Outcome::Programmed], "round {round}");
        assert_eq!(rig.held(), ["10.0.0.5"], "round {round}");
        let remove = rig.hosts().api.remove_all_neighbor_entries.expect("every release has it");
        // SAFETY: an id is passed.
        assert_eq!(Status(unsafe { remove(rig.switch.id()) }), Status::SUCCESS);
    }
}

#[test]
fn a_success_that_is_not_true_is_seen_through() {
    let rig = Rig::new(&[("SAI_SIM_FAULTS", "create neighbor 10.0.0.2 lie")]);
    let outcomes = rig.hosts().program(&[host(1), host(2)]);
    assert_eq!(outcomes, [Outcome::Programmed, Outcome::Refused(Status::ITEM_NOT_FOUND)]);
    assert_eq!(rig.held(), ["10.0.0.1"]);
}

#[test]
fn a_mac_that_the_hardware_garbled_is_put_right() {
    let rig = Rig::new(&[("SAI_SIM_FAULTS", "create neighbor corrupt-mac")]);
    assert_eq!(rig.hosts().program(&[host(1)]), [Outcome::Programmed]);
    assert_eq!(rig.hosts().read(host(1).0), Ok(host(1).1));
}

#[test]
fn a_table_that_is_full_refuses_the_rest() {
    let rig = Rig::new(&[("SAI_SIM_HOST_CAPACITY", "2")]);
    let outcomes = rig.hosts().program(&[host(1), host(2), host(3)]);
    assert_eq!(outcomes[2], Outcome::Refused(Status::TABLE_FULL));
    assert_eq!(rig.held().len(), 2);
}

#[test]
fn libraries_without_bulk_calls_get_single_ones() {
    for bulk in ["not-implemented", "not-supported", "whole-batch-reject"] {
        let rig = Rig::new(&[("SAI_SIM_BULK", bulk)]);
        // The second is there already with another MAC, which some libraries take as a reason to refuse all three.
        assert_eq!(rig.hosts().program(&[(host(2).0, [2, 0, 0, 0, 9, 9])]), [Outcome::Programmed], "{bulk}");
        assert_eq!(rig.hosts().program(&[host(1), host(2), host(3)]), [Outcome::Programmed; 3], "{bulk}");
        assert_eq!(rig.hosts().read(host(2).0), Ok(host(2).1), "{bulk}");
    }
    // A release without the members.
    let rig = Rig::new(&[]);
    let old = HostTable { has_bulk_members: false, ..rig.hosts() };
    assert_eq!(old.program(&[host(1), host(2)]), [Outcome::Programmed; 2]);
    assert_eq!(rig.switch.call_count("create_neighbor_entries"), 0);
}
