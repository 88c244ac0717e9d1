//! Who says how a port is, and what follows.

use super::*;
use crate::run::topology::PlacedPort;
use crate::sai::Underlay;
use LinkState::{Down, Forwarding, Up};
use serde_json::json;

fn members() -> Members {
    let platform: Platform = serde_json::from_value(json!({
        "hostname": "a",
        "port": [
            {"netdev": "trunk7-10", "role": "m-lag 7", "sai-lag": [1, 2]},
            {"netdev": "trunk7-20", "role": "m-lag 7"},
            {"netdev": "eth8", "role": "m-lag 8"},
            {"role": "m-lag 9", "sai-port": 3},
            {"role": "peer-link", "sai-port": 4},
            {"netdev": "eth5", "role": "orphan"},
        ],
    }))
    .expect("a legal platform");
    platform.validate().expect("a legal platform");
    let at = |role: PortRole, front: &[u64], bridge_port: u64| PlacedPort {
        role,
        on: Underlay::Port(Oid::from_raw(front[0])),
        front: front.iter().map(|raw| Oid::from_raw(*raw)).collect(),
        bridge_port: Some(Oid::from_raw(bridge_port)),
    };
    let ports =
        vec![at(mlag(7), &[1, 2], 0x107), at(mlag(9), &[3], 0x109), at(PortRole::PeerLink, &[4], 0x100)];
    let sub = (Oid::from_raw(0xb1), Oid::from_raw(0x107));
    let placed = Placed {
        ports,
        next_hops: [(VpnInstance::public(), Oid::from_raw(0x77))].into(),
        sub_ports: [(sub, Oid::from_raw(0x1007))].into(),
    };
    Members::new(&platform, &placed)
}

fn mlag(number: u16) -> PortRole {
    format!("m-lag {number}").parse().expect("legal")
}

fn local(members: &Members, role: PortRole) -> (LinkState, PortSource) {
    let view = members.view().into_iter().find(|port| port.role == role).expect("it is there");
    (view.local, view.local_by)
}

fn answer(members: &mut Members, states: &[(u64, PortState)]) {
    members.answer(states.iter().map(|(raw, state)| (Oid::from_raw(*raw), *state)).collect());
}

#[test]
fn the_node_is_told_what_it_does_not_know_and_once() {
    let mut members = members();
    let told = members.changes();
    assert_eq!(told.len(), 4, "three members and the peer-link: {told:?}");
    let Input::Member(first) = told[0] else { panic!("{told:?}") };
    assert_eq!((first.port, first.local, first.peer), (Some(Oid::from_raw(0x107)), Down, Forwarding));
    let Input::PeerLink(link) = &told[3] else { panic!("{told:?}") };
    assert_eq!((link.port, link.next_hops.len()), (Some(Oid::from_raw(0x100)), 1));
    assert_eq!(members.changes(), []);
    members.netdev("eth5", Forwarding);
    members.netdev("no-such-port", Forwarding);
    members.netdev("eth8", Down);
    assert_eq!(members.changes(), [], "nothing that the node is told changed");
    members.netdev("eth8", Forwarding);
    members.netdev("eth8", Up);
    let mlag = MlagId::new(8).expect("legal");
    assert_eq!(members.changes(), [Input::Member(Member { mlag, port: None, local: Up, peer: Forwarding })]);
}

#[test]
fn the_worse_of_both_words_counts_and_the_best_of_several_parts() {
    let mut members = members();
    let seven = mlag(7);
    members.netdev("trunk7-20", Up);
    assert_eq!(local(&members, seven), (Up, PortSource::Netdev), "the better of both devices");
    members.netdev("trunk7-10", Forwarding);
    assert_eq!(local(&members, seven), (Forwarding, PortSource::Netdev));
    answer(&mut members, &[(1, PortState::Down)]);
    assert_eq!(local(&members, seven).0, Forwarding, "the other half of the LAG may be up");
    answer(&mut members, &[(2, PortState::Down)]);
    assert_eq!(local(&members, seven), (Down, PortSource::Asic));
    answer(&mut members, &[(2, PortState::Up)]);
    assert_eq!(local(&members, seven).0, Forwarding);
    members.netdev("trunk7-10", Down);
    members.netdev("trunk7-20", Down);
    assert_eq!(local(&members, seven), (Down, PortSource::Netdev));
}

#[test]
fn without_a_network_device_the_asic_says_it_and_without_either_it_forwards() {
    let mut members = members();
    assert_eq!(local(&members, mlag(9)), (Forwarding, PortSource::Nobody));
    answer(&mut members, &[(3, PortState::Down), (4, PortState::Down)]);
    assert_eq!(local(&members, mlag(9)), (Down, PortSource::Asic));
    assert_eq!(local(&members, PortRole::PeerLink), (Down, PortSource::Asic));
    assert_eq!(local(&members, mlag(8)), (Down, PortSource::Netdev), "that is not there");
}

#[test]
fn what_sai_told_since_it_was_asked_counts_more_than_its_answer() {
    let mut members = members();
    let asked = members.ask();
    assert_eq!(asked.len(), 4);
    members.notice(Oid::from_raw(3), PortState::Down);
    answer(&mut members, &[(3, PortState::Up), (4, PortState::Up)]);
    assert_eq!(local(&members, mlag(9)), (Down, PortSource::Asic));
    assert_eq!(local(&members, PortRole::PeerLink), (Forwarding, PortSource::Asic));
    members.ask();
    answer(&mut members, &[(3, PortState::Up)]);
    assert_eq!(local(&members, mlag(9)), (Forwarding, PortSource::Asic));
}

#[test]
fn an_operators_word_counts_until_it_is_given_back() {
    let mut members = members();
    members.changes();
    members.by_hand(mlag(7), PortSide::Local, Some(Forwarding)).expect("it is there");
    assert_eq!(local(&members, mlag(7)), (Forwarding, PortSource::Hand));
    members.by_hand(mlag(7), PortSide::Peer, Some(Down)).expect("it is there");
    members.by_hand(PortRole::PeerLink, PortSide::Local, Some(Down)).expect("it is there");
    let told = members.changes();
    let [Input::Member(Member { local: Forwarding, peer: Down, .. }), Input::PeerLink(link)] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!(link.state, Down);
    for (role, side) in
        [(mlag(7), PortSide::Local), (mlag(7), PortSide::Peer), (PortRole::PeerLink, PortSide::Local)]
    {
        members.by_hand(role, side, None).expect("it is there");
    }
    assert_eq!(local(&members, mlag(7)), (Down, PortSource::Netdev));
    assert_eq!(members.changes().len(), 2);
    let refused = members.by_hand(mlag(1), PortSide::Local, None).expect_err("no such M-LAG").to_string();
    assert_eq!(
        refused,
        "the platform file has no member or peer-link with role m-lag 1: there are m-lag 7, m-lag 8, m-lag 9, peer-link"
    );
    let refused = members.by_hand(PortRole::PeerLink, PortSide::Peer, None).expect_err("it has no sides");
    assert_eq!(refused, NoSuchPort::OneLink);
    assert!(members.by_hand("orphan".parse().expect("legal"), PortSide::Local, None).is_err());
}

#[test]
fn a_port_is_known_by_one_bridge_port_in_all_bridges() {
    let members = members();
    let known = |raw| members.known_as(Oid::from_raw(raw)).raw();
    assert_eq!((known(0x1007), known(0x107), known(0x5)), (0x107, 0x107, 0x5));
    assert_eq!(members.bridge_port(mlag(7)), Ok(Oid::from_raw(0x107)));
    assert_eq!(members.bridge_port(mlag(8)), Err(NoSuchPort::Nowhere { role: "m-lag 8".to_owned() }));
}
