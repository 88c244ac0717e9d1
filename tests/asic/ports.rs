//! Ports of the pair in the ASIC: found or made, in every VLAN and bridge, and never twice, whenever a process ends.

use crate::hardware::linked;
use crate::world::{id, interface, lag, mlag, port};
use mlagsync::addr::{InterfaceId, MlagId, VlanId, VpnInstance};
use mlagsync::neighbor::Attachment;
use mlagsync::node::io::Footing;
use mlagsync::run::journal::{Journal, Standing, Thing};
use mlagsync::run::platform::PortRole;
use mlagsync::run::topology::{InterfaceSpec, Layout, Topology};
use mlagsync::sai::{Domain, Oid, RifKind, Tagging, Underlay};
use sai::inspect::SimSwitch;
use sai_sys::sai_object_type_t as T;
use std::collections::BTreeSet;

/// One of everything.
fn everything() -> Layout {
    let tagged = InterfaceSpec { tag: VlanId::new(77), ..interface("Vbdif5010") };
    Layout {
        interfaces: vec![
            interface("Vlanif10"),
            interface("Vlanif20"),
            tagged,
            interface("Vbdif5011"),
            interface("Eth-Trunk8"),
            interface("Eth-Trunk9.100"),
            interface("Eth-Trunk5"),
        ],
        ports: vec![
            lag(mlag(7), &[7, 17]),
            lag(mlag(8), &[8]),
            port(mlag(9), 9),
            port(PortRole::PeerLink, 12),
            port(PortRole::Hosts(Attachment::Orphan), 3),
        ],
        next_hops: vec![(id("Vlanif10"), "10.0.0.2".parse().unwrap())],
    }
}

fn made(sim: &SimSwitch) -> Vec<String> {
    let calls = sim.calls().into_iter().filter(|called| called.calls > 0);
    calls
        .map(|called| called.name)
        .filter(|name| name.starts_with("create") || name.starts_with("set"))
        .collect()
}

#[test]
fn every_port_has_its_place_and_every_interface_its_footing() {
    let (sim, switch) = linked(&[]);
    let topology = Topology::lay(&switch, &everything(), None).unwrap();
    let front = switch.ports().unwrap();
    let on: Vec<_> = topology.ports().iter().map(|port| port.on).collect();
    let lags: Vec<_> = switch.lags().unwrap();
    assert_eq!(lags.len(), 2);
    assert_eq!(on[..2], [Underlay::Lag(lags[0]), Underlay::Lag(lags[1])]);
    assert_eq!(on[2..], [8, 11, 2].map(|n: usize| Underlay::Port(front[n])));
    assert_eq!(switch.lag_ports(lags[0]).unwrap(), [front[6], front[16]]);

    // Switched ports have a bridge port, which is in every VLAN; routed ones have none.
    let member = topology.member_port(MlagId::new(7).unwrap()).unwrap();
    let peer = topology.peer_port().unwrap();
    assert_eq!(topology.member_port(MlagId::new(8).unwrap()), None, "Eth-Trunk8 is routed");
    assert_eq!(topology.member_port(MlagId::new(9).unwrap()), None, "Eth-Trunk9.100 is");
    for name in ["Vlanif10", "Vlanif20"] {
        let Footing::Bridged(Domain::Vlan(vlan)) = topology.footing(id(name)) else { panic!("{name}") };
        let ports: BTreeSet<_> = switch.vlan_ports(vlan).unwrap().into_iter().collect();
        assert_eq!(ports.len(), 3, "{name}: the M-LAG, the peer-link and the orphan port");
        assert!(ports.contains(&member) && ports.contains(&peer), "{name}");
    }
    // In a bridge they are other bridge ports, by the tag; without a tag there are none.
    let Footing::Bridged(Domain::Bridge(bridge)) = topology.footing(id("Vbdif5010")) else { panic!() };
    let found = switch.bridge_ports(bridge).unwrap();
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|found| found.tag == VlanId::new(77)));
    let sub = topology.sub_ports()[&(bridge, member)];
    assert!(found.iter().any(|found| found.id == sub && found.on.is_same(on[0])));
    assert_eq!((topology.known_as(sub), topology.known_as(peer)), (member, peer));
    let Footing::Bridged(Domain::Bridge(bridge)) = topology.footing(id("Vbdif5011")) else { panic!() };
    assert_eq!(switch.bridge_ports(bridge).unwrap(), []);

    // Routed interfaces stand on the M-LAG's place where it has one, else on the port with its number.
    let rifs = switch.router_interfaces().unwrap();
    let kind = |name: &str| {
        let rif = topology.rif(id(name)).unwrap();
        rifs.iter().find(|found| found.id == rif).unwrap().kind.unwrap()
    };
    assert!(kind("Eth-Trunk8").is_same(RifKind::Routed(Underlay::Lag(lags[1]))));
    let parent = Underlay::Port(front[8]);
    assert!(kind("Eth-Trunk9.100").is_same(RifKind::SubPort { parent, tag: VlanId::new(100).unwrap() }));
    assert!(kind("Eth-Trunk5").is_same(RifKind::Routed(Underlay::Port(front[4]))));
    let public = switch.default_virtual_router().unwrap();
    for name in ["Eth-Trunk8", "Eth-Trunk9.100", "Eth-Trunk5"] {
        assert_eq!(topology.footing(id(name)), Footing::Routed(public), "{name}");
    }
    assert_eq!(topology.footing(id("Vlanif99")), Footing::Untold);
    let hops = sim.objects(T::SAI_OBJECT_TYPE_NEXT_HOP);
    assert_eq!(topology.next_hops()[&VpnInstance::public()].raw(), hops[0]);
    assert_eq!(hops.len(), 1);
}

#[test]
fn all_of_it_is_found_again_and_nothing_is_made_or_set() {
    let (sim, switch) = linked(&[]);
    let first = Topology::lay(&switch, &everything(), None).unwrap();
    sim.reset_calls();
    // A bridge domain's bridge is known by the journal alone.
    let rest = |spec: &InterfaceSpec| !matches!(spec.interface, InterfaceId::Vbdif(_));
    let layout = everything();
    let interfaces = layout.interfaces.iter().filter(|spec| rest(spec)).cloned().collect();
    let second = Topology::lay(&switch, &Layout { interfaces, ..layout }, None).unwrap();
    assert_eq!(made(&sim), Vec::<String>::new());
    assert_eq!(first.ports(), second.ports());
    assert_eq!(first.next_hops(), second.next_hops());
}

#[test]
fn what_the_nos_made_is_used_as_it_is() {
    let (sim, switch) = linked(&[]);
    let front = switch.ports().unwrap();
    // A LAG that has one of both ports so far, untagged in the VLAN.
    let lag_found = switch.create_lag().unwrap();
    switch.create_lag_member(lag_found, front[16]).unwrap();
    let bridge_port =
        switch.create_bridge_port(mlagsync::sai::BridgePort::Port(Underlay::Lag(lag_found))).unwrap();
    let vlan = switch.create_vlan(VlanId::new(10).unwrap()).unwrap();
    switch.create_vlan_member(vlan, bridge_port, Tagging::Untagged).unwrap();
    sim.reset_calls();
    let layout = Layout {
        interfaces: vec![interface("Vlanif10")],
        ports: vec![lag(mlag(7), &[7, 17])],
        ..Layout::default()
    };
    let topology = Topology::lay(&switch, &layout, None).unwrap();
    assert_eq!(made(&sim), ["create_router_interface"]);
    assert_eq!(topology.member_port(MlagId::new(7).unwrap()), Some(bridge_port));
    assert_eq!(switch.lag_ports(lag_found).unwrap(), [front[16]], "its members are its owner's business");
}

#[test]
fn a_kill_at_any_call_leaves_nothing_that_is_made_twice() {
    let whole = {
        let (sim, switch) = linked(&[]);
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&dir.path().join("journal")).unwrap();
        journal.attach(&switch).unwrap();
        Topology::lay(&switch, &everything(), Some(&mut journal)).unwrap();
        census(&sim)
    };
    let mut cuts = 0;
    for object in
        ["lag", "lag_member", "bridge_port", "vlan_member", "bridge", "router_interface", "next_hop", "vlan"]
    {
        for nth in 1.. {
            for moment in ["before", "after"] {
                let (sim, switch) = linked(&[]);
                let dir = tempfile::tempdir().unwrap();
                let path = dir.path().join("journal");
                let mut journal = Journal::open(&path).unwrap();
                journal.attach(&switch).unwrap();
                // The process ends at this call: whatever it answers is heard by nobody.
                sim.set_faults(&format!("create {object} #{nth}.. fail FAILURE {moment}"), 1).unwrap();
                let ended = Topology::lay(&switch, &everything(), Some(&mut journal)).is_err();
                sim.set_faults("", 1).unwrap();
                drop(journal);
                let mut journal = Journal::open(&path).unwrap();
                journal.attach(&switch).unwrap();
                Topology::lay(&switch, &everything(), Some(&mut journal)).unwrap();
                assert_eq!(census(&sim), whole, "{moment} create {object} {nth}");
                let being_made = journal.things().filter(|(thing, standing)| {
                    matches!(thing, Thing::Lag(..)) && *standing == Standing::Doubt
                });
                assert_eq!(being_made.count(), 0, "{moment} create {object} {nth}");
                if !ended {
                    break;
                }
                cuts += 1;
            }
            let (sim, switch) = linked(&[]);
            sim.set_faults(&format!("create {object} #{nth}.. fail FAILURE"), 1).unwrap();
            if Topology::lay(&switch, &everything(), None).is_ok() {
                break;
            }
        }
    }
    assert!(cuts > 40, "{cuts}");
}

/// How many there are of everything.
fn census(sim: &SimSwitch) -> Vec<(T, usize)> {
    [
        T::SAI_OBJECT_TYPE_LAG,
        T::SAI_OBJECT_TYPE_LAG_MEMBER,
        T::SAI_OBJECT_TYPE_BRIDGE_PORT,
        T::SAI_OBJECT_TYPE_VLAN_MEMBER,
        T::SAI_OBJECT_TYPE_BRIDGE,
        T::SAI_OBJECT_TYPE_ROUTER_INTERFACE,
        T::SAI_OBJECT_TYPE_NEXT_HOP,
        T::SAI_OBJECT_TYPE_VLAN,
    ]
    .map(|object| (object, sim.objects(object).len()))
    .to_vec()
}

#[test]
fn a_port_that_the_switch_does_not_have_is_named() {
    let (_sim, switch) = linked(&[("SAI_SIM_PORTS", "4")]);
    let layout = Layout { ports: vec![lag(mlag(7), &[3, 5])], ..Layout::default() };
    let error = Topology::lay(&switch, &layout, None).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "m-lag 7 stands on front port 5, and the switch has 4");
    assert_eq!(switch.lags().unwrap(), Vec::<Oid<_>>::new(), "nothing was made");
}
