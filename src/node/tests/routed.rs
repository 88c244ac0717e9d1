//! Hosts of routed interfaces: a neighbour, and a host route that can be pointed at the peer.

use super::LinkState::{Down, Forwarding};
use super::*;
use crate::limits::REPOINT_AT_ONCE;
use crate::node::view::Reason;

fn host(n: u8) -> Key {
    key(trunk(1), &format!("10.9.0.{n}"))
}

fn peopled() -> Rig {
    let mut rig = Rig::managed();
    for n in [2, 3] {
        rig.theirs(host(n), claim(n, mlag(1)));
    }
    rig
}

fn exceptions(rig: &Rig) -> Vec<(Reason, u64)> {
    rig.node.proof().exceptions.reasons.iter().map(|row| (row.reason, row.count)).collect()
}

#[test]
fn a_host_route_is_made_after_its_neighbour_and_removed_before_it() {
    let mut rig = peopled();
    let made = ["neighbor create 10.9.0.2", "route create 10.9.0.2 itself 2"];
    assert_eq!(rig.take()[..2], made);
    assert!(rig.neighbors.values().all(|host| host.no_host_route));
    rig.recompute();
    rig.refusals.push(("route remove", Status::OBJECT_IN_USE));
    rig.theirs_gone(host(2));
    assert_eq!(rig.take(), ["route remove 10.9.0.2 itself 2"].map(|_| "route remove 10.9.0.2"));
    rig.refusals.clear();
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.take(), ["route remove 10.9.0.2", "neighbor remove 10.9.0.2"]);
    // A MAC change concerns the neighbour alone.
    rig.theirs(host(3), claim(7, mlag(1)));
    assert_eq!(rig.take(), ["neighbor set 10.9.0.3"]);
    rig.recompute();
}

#[test]
fn without_its_neighbour_there_is_no_route() {
    let mut rig = Rig::managed();
    rig.refusals.push(("neighbor create", Status::TABLE_FULL));
    rig.theirs(host(2), claim(2, mlag(1)));
    assert_eq!(rig.take(), ["neighbor create 10.9.0.2"]);
    rig.refusals.clear();
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.take(), ["neighbor create 10.9.0.2", "route create 10.9.0.2 itself 2"]);
}

#[test]
fn a_member_that_goes_down_has_the_routes_pointed_at_the_peer_and_then_back() {
    let mut rig = peopled();
    rig.take();
    rig.events.clear();
    rig.member(1, Down, Forwarding);
    assert_eq!(rig.take(), ["route set 10.9.0.2 hop 40", "route set 10.9.0.3 hop 40"]);
    let entries = rig.events.iter().find_map(|event| match event {
        Event::Repointed { entries, .. } => Some(*entries),
        _ => None,
    });
    assert_eq!(entries, Some(2));
    rig.recompute();
    rig.member(1, Forwarding, Forwarding);
    assert_eq!(rig.take(), ["route set 10.9.0.2 itself 2", "route set 10.9.0.3 itself 2"]);
    rig.recompute();
}

#[test]
fn the_new_path_is_made_before_the_old_one_is_broken() {
    let mut rig = peopled();
    rig.take();
    // The NOS takes the router interface down with the member, whichever it says first.
    for member_first in [true, false] {
        let down = |rig: &mut Rig| rig.bind(trunk(1), 2, Footing::Routed(ROUTER), RifState::Down);
        if member_first {
            rig.member(1, Down, Forwarding);
            down(&mut rig);
            let asked = rig.take();
            assert_eq!(asked[..2], ["route set 10.9.0.2 hop 40", "route set 10.9.0.3 hop 40"]);
            assert_eq!(asked[2..], ["neighbor remove 10.9.0.2", "neighbor remove 10.9.0.3"]);
            rig.recompute();
        }
        assert_eq!(rig.routes.len(), 2);
        // Back: the neighbour first, then the route.
        rig.bind(trunk(1), 2, Footing::Routed(ROUTER), RifState::Up);
        rig.member(1, Forwarding, Forwarding);
        let asked = rig.take();
        if member_first {
            assert_eq!(asked[..2], ["neighbor create 10.9.0.2", "neighbor create 10.9.0.3"]);
            assert_eq!(asked[2..], ["route set 10.9.0.2 itself 2", "route set 10.9.0.3 itself 2"]);
        }
    }
    // A set that fails leaves the old path alone.
    rig.refusals.push(("route set", Status::OBJECT_IN_USE));
    rig.member(1, Down, Forwarding);
    rig.bind(trunk(1), 2, Footing::Routed(ROUTER), RifState::Down);
    assert!(rig.take().iter().all(|line| line.starts_with("route set")));
    assert_eq!((rig.neighbors.len(), rig.routes.len()), (2, 2));
}

#[test]
fn a_neighbour_that_is_to_go_goes_as_soon_as_its_route_leads_elsewhere() {
    let mut rig = peopled();
    rig.take();
    rig.silent = true;
    rig.member(1, Down, Forwarding);
    rig.bind(trunk(1), 2, Footing::Routed(ROUTER), RifState::Down);
    assert_eq!(rig.take(), ["route set 10.9.0.2 hop 40", "route set 10.9.0.3 hop 40"]);
    rig.speak();
    assert_eq!(rig.take(), ["neighbor remove 10.9.0.2", "neighbor remove 10.9.0.3"]);
    rig.recompute();
}

#[test]
fn a_host_that_is_pointed_elsewhere_is_looked_at_once() {
    let mut rig = peopled();
    let before = rig.node.table.marks();
    rig.member(1, Down, Forwarding);
    assert_eq!(rig.node.table.marks() - before, 2);
    rig.member(1, Forwarding, Forwarding);
    assert_eq!(rig.node.table.marks() - before, 4);
    assert_eq!(rig.take()[4..].len(), 4, "both were pointed there and back");
}

#[test]
fn the_asic_has_work_before_all_hosts_were_found() {
    let mut rig = Rig::managed();
    let ip = |n: u32| std::net::Ipv4Addr::from(0x0a09_0000 + n).into();
    let all: Vec<_> = (0..2 * REPOINT_AT_ONCE as u32 + 1)
        .map(|n| (Key { interface: trunk(1), ip: ip(n) }, claim(2, mlag(1))))
        .collect();
    rig.node.table.remote_upsert(&all);
    rig.tell(Input::Wake);
    assert_eq!(rig.routes.len(), all.len());
    let port = Some(Oid::from_raw(MEMBER));
    let down = Member { mlag: mlag_id(1), port, local: Down, peer: Forwarding };
    rig.node.handle(rig.now, Input::Member(down));
    let first = std::iter::from_fn(|| rig.node.poll()).find(|output| matches!(output, Output::Route(_)));
    assert!(first.is_some() && rig.node.repointing.is_walking());
    assert_eq!(rig.node.next_wake(), Some(rig.now));
}

#[test]
fn without_a_next_hop_to_the_peer_nothing_is_lost_and_it_is_said() {
    let mut rig = peopled();
    rig.take();
    rig.tell(Input::PeerLink(PeerLink { state: Forwarding, ..PeerLink::default() }));
    rig.member(1, Down, Forwarding);
    assert_eq!(rig.take(), [] as [String; 0], "it is as it was, for when the member is back");
    assert_eq!(exceptions(&rig), [(Reason::NoNextHop, 2)]);
    rig.peer_link(Forwarding);
    assert_eq!(rig.take(), ["route set 10.9.0.2 hop 40", "route set 10.9.0.3 hop 40"]);
    assert_eq!(exceptions(&rig), []);
    rig.recompute();
}

#[test]
fn no_way_at_all_takes_route_and_neighbour_out() {
    let mut rig = peopled();
    rig.take();
    rig.member(1, Down, Down);
    let asked = rig.take();
    assert_eq!(asked[..2], ["route remove 10.9.0.2", "route remove 10.9.0.3"]);
    assert_eq!(asked[2..], ["neighbor remove 10.9.0.2", "neighbor remove 10.9.0.3"]);
    rig.recompute();
}

#[test]
fn another_router_interface_takes_the_route_with_it() {
    let mut rig = Rig::managed();
    rig.theirs(host(2), claim(2, mlag(1)));
    rig.take();
    rig.bind(trunk(1), 9, Footing::Routed(ROUTER), RifState::Up);
    let asked = rig.take();
    let moved = [
        "route remove 10.9.0.2",
        "neighbor remove 10.9.0.2",
        "neighbor create 10.9.0.2",
        "route create 10.9.0.2 itself 9",
    ];
    assert_eq!(asked, moved);
    rig.recompute();
}

#[test]
fn what_the_nos_owns_has_no_route_of_ours_and_changes_hands_without_a_write() {
    let mut rig = Rig::new(FdbMode::Managed, Ownership::Received);
    rig.heard(host(2), 2, mlag(1));
    assert_eq!(rig.take(), [] as [String; 0]);
    rig.theirs(host(3), claim(3, mlag(1)));
    assert_eq!(rig.take().len(), 2);
    rig.heard(host(3), 3, mlag(1));
    assert_eq!(rig.take(), [] as [String; 0]);
    rig.tell(Input::Evidence(vec![Evidence::Forgotten { key: host(3) }]));
    let asked = rig.take();
    assert!(asked.iter().all(|line| line.contains("read")), "looked at, and as it should be: {asked:?}");
    assert_eq!((rig.neighbors.len(), rig.routes.len()), (1, 1));
}

#[test]
fn link_local_addresses_have_no_route_anywhere() {
    let mut rig = Rig::managed();
    for (n, ip) in [(2, "169.254.0.7"), (3, "fe80::7")] {
        rig.theirs(key(trunk(1), ip), claim(n, mlag(1)));
        rig.theirs(key(vlanif(10), ip), claim(n, mlag(1)));
    }
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(2, mlag(1)));
    assert!(rig.routes.is_empty());
    for ((_, ip), host) in &rig.neighbors {
        assert_eq!(host.no_host_route, ip.to_string() != "10.0.0.2", "{ip}");
    }
}

#[test]
fn a_change_is_final_when_its_route_is() {
    let mut rig = Rig::managed();
    rig.silent = true;
    rig.theirs(host(2), claim(2, mlag(1)));
    let open = |rig: &Rig| rig.node.mirror.slot(0).map(|slot| !slot.is_settled());
    assert_eq!(open(&rig), Some(true));
    let answer = rig.unanswered.remove(0);
    rig.tell(answer);
    assert_eq!((rig.neighbors.len(), rig.routes.len()), (1, 1), "both are there, and one is not answered");
    assert_eq!(open(&rig), Some(true));
    rig.speak();
    assert_eq!(open(&rig), Some(false));
    // A neighbour that waits for something else holds nothing up.
    rig.refusals.push(("neighbor create", Status::TABLE_FULL));
    rig.theirs(host(3), claim(3, mlag(1)));
    assert_eq!(rig.node.mirror.slot(1).map(|slot| slot.is_settled()), Some(true));
    // Nor does a route, which is told.
    rig.refusals.clear();
    rig.refusals.push(("route create", Status::TABLE_FULL));
    rig.theirs(host(4), claim(4, mlag(1)));
    assert_eq!(rig.node.mirror.slot(2).map(|slot| slot.is_settled()), Some(true));
    assert!(exceptions(&rig).contains(&(Reason::TableFull, 2)), "{:?}", exceptions(&rig));
}

#[test]
fn an_address_that_moves_between_two_interfaces_waits_for_its_route_to_go() {
    let mut rig = Rig::managed();
    rig.bind(vlanif(20), 3, Footing::Untold, RifState::Up);
    rig.theirs(key(trunk(1), "10.9.0.2"), claim(2, mlag(1)));
    rig.take();
    rig.theirs(key(vlanif(20), "10.9.0.2"), Claim { counter: 5, ..claim(2, mlag(1)) });
    let asked = rig.take();
    assert_eq!(asked, ["route remove 10.9.0.2", "neighbor remove 10.9.0.2", "neighbor create 10.9.0.2"]);
    rig.recompute();
}
