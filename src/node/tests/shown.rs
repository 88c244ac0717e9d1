//! What is shown of FDB entries and host routes.

use super::*;
use crate::node::view::{FdbVerdict, Hop, HostState};

#[test]
fn why_shows_where_the_mac_lies_and_where_the_route_leads() {
    let mut rig = Rig::managed();
    let (lan, far) = (key(vlanif(10), "10.0.0.2"), key(trunk(1), "10.9.0.2"));
    rig.theirs(lan, claim(1, mlag(1)));
    rig.theirs(far, claim(2, mlag(1)));
    let member = Oid::from_raw(MEMBER);
    let seen = rig.node.why(lan.ip).remove(0);
    let fdb = seen.fdb.unwrap();
    assert_eq!((fdb.decision, fdb.state), (FdbVerdict::Ours(member), Some(HostState::Programmed)));
    assert_eq!(fdb.held, Some(FdbHost { port: member, dynamic: false }));
    assert!(seen.route.is_none());
    let seen = rig.node.why(far.ip).remove(0);
    let route = seen.route.unwrap();
    assert_eq!((route.hop, route.held), (Some(Hop::Itself), Some(Via::Neighbor(Oid::from_raw(2)))));
    assert!(seen.fdb.is_none());
    rig.refusals.push(("route set", Status::OBJECT_IN_USE));
    rig.member(1, LinkState::Down, LinkState::Forwarding);
    let route = rig.node.why(far.ip).remove(0).route.unwrap();
    let parked = Some(HostState::Parked { status: Status::OBJECT_IN_USE });
    assert_eq!((route.hop, route.state), (Some(Hop::Peer(Oid::from_raw(HOP))), parked));
    rig.news(FdbChange::Moved, 1, Some(LONE));
    let fdb = rig.node.why(lan.ip).remove(0).fdb.unwrap();
    assert_eq!((fdb.decision, fdb.state), (FdbVerdict::Hardware(Some(Oid::from_raw(LONE))), None));
    assert_eq!(rig.node.why("10.0.0.77".parse().unwrap()), []);
}
