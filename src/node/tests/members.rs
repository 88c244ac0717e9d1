//! Members and the peer-link that go down and come back.

use super::LinkState::{Down, Forwarding, Up};
use super::*;
use crate::limits::STALE_TIMER;

/// The peer's hosts: two behind the M-LAG, one behind another one, one single-homed.
fn peopled(mut rig: Rig) -> Rig {
    rig.member(2, Forwarding, Forwarding);
    for (n, attachment) in [(1, mlag(1)), (2, mlag(1)), (3, mlag(2)), (4, Attachment::Orphan)] {
        rig.theirs(key(vlanif(10), &format!("10.0.0.{n}")), claim(n, attachment));
    }
    rig.take();
    rig.events.clear();
    rig
}

fn lies(rig: &Rig) -> Vec<u64> {
    (1..5).map(|n| rig.entry(n).map_or(0, |(port, _)| port)).collect()
}

fn repointed(rig: &Rig) -> Vec<(u64, bool)> {
    let of = |event: &Event| match event {
        Event::Repointed { entries, protected, .. } => Some((*entries, *protected)),
        _ => None,
    };
    rig.events.iter().filter_map(of).collect()
}

#[test]
fn a_member_that_goes_down_has_its_hosts_pointed_at_the_peer_link_and_it_is_said_when_that_is_done() {
    for work in [1, 3, 1000] {
        let tuning = Tuning { work, ..unwatched() };
        let settings = NodeSettings { seed: 1, ownership: Ownership::All, fdb: FdbMode::Managed, tuning };
        let mut rig = peopled(Rig::tuned(settings));
        assert_eq!(lies(&rig), [MEMBER, MEMBER, OTHER, PEER]);
        rig.silent = true;
        rig.member(1, Down, Forwarding);
        assert_eq!(repointed(&rig), [], "it is not done");
        rig.speak();
        assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:01 3f", "fdb set 02:00:00:00:00:02 3f"]);
        assert_eq!(repointed(&rig), [(2, false)]);
        assert_eq!(rig.node.counters().repointed, 2);
        rig.recompute();
        // Up is not forwarding.
        rig.member(1, Up, Forwarding);
        assert_eq!(rig.take(), [] as [String; 0]);
        rig.member(1, Forwarding, Forwarding);
        assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:01 31", "fdb set 02:00:00:00:00:02 31"]);
        assert_eq!(repointed(&rig), [(2, false), (2, false)]);
        assert_eq!(lies(&rig), [MEMBER, MEMBER, OTHER, PEER]);
        rig.recompute();
    }
}

#[test]
fn pointing_elsewhere_goes_before_what_is_new() {
    let mut rig = peopled(Rig::managed());
    rig.silent = true;
    for n in 0..200u8 {
        let k = key(vlanif(10), &format!("10.0.1.{n}"));
        rig.node.table.remote_upsert(&[(k, claim(n.wrapping_add(20), mlag(2)))]);
    }
    rig.tell(Input::Wake);
    rig.take();
    rig.member(1, Down, Forwarding);
    rig.speak();
    assert!(rig.take()[..2].iter().all(|line| line.starts_with("fdb set")));
}

#[test]
fn one_input_looks_at_no_more_hosts_than_it_may() {
    let tuning = Tuning { work: 10, ..unwatched() };
    let settings = NodeSettings { seed: 1, ownership: Ownership::All, fdb: FdbMode::Managed, tuning };
    let mut rig = Rig::tuned(settings);
    for n in 0..100u8 {
        rig.node.table.remote_upsert(&[(key(vlanif(10), &format!("10.0.1.{n}")), claim(n + 1, mlag(1)))]);
    }
    rig.tell(Input::Wake);
    rig.take();
    let member =
        Member { mlag: mlag_id(1), port: Some(Oid::from_raw(MEMBER)), local: Down, peer: Forwarding };
    rig.node.handle(rig.now, Input::Member(member));
    let Some(Output::Fdb(batch)) = rig.node.poll() else { panic!("a batch") };
    assert_eq!(batch.ops.len(), 10);
    assert_eq!(rig.node.next_wake(), Some(rig.now), "it comes back at once");
}

#[test]
fn a_host_of_ours_stays_reachable_when_its_member_goes_down() {
    let mut rig = Rig::managed();
    rig.heard(key(vlanif(10), "10.0.0.2"), 1, mlag(1));
    rig.news(FdbChange::Learned, 1, Some(MEMBER));
    assert_eq!(rig.take(), ["neighbor create 10.0.0.2"]);
    rig.fdb.insert((VLAN, mac(1)), FdbHost { port: Oid::from_raw(MEMBER), dynamic: true });
    rig.member(1, Down, Forwarding);
    assert_eq!(rig.take(), ["fdb read 02:00:00:00:00:01 3f", "fdb set 02:00:00:00:00:01 3f"]);
    rig.member(1, Forwarding, Forwarding);
    assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:01 31 dynamic"], "and is the hardware's again");
    rig.recompute();
}

#[test]
fn a_host_whose_members_are_down_on_both_switches_is_refused_and_comes_back() {
    let mut rig = peopled(Rig::managed());
    rig.member(1, Down, Down);
    let asked = rig.take();
    let removed: Vec<_> = asked.iter().filter(|line| line.contains("remove")).collect();
    assert_eq!(
        removed,
        [
            "neighbor remove 10.0.0.1",
            "neighbor remove 10.0.0.2",
            "fdb remove 02:00:00:00:00:01",
            "fdb remove 02:00:00:00:00:02"
        ]
    );
    let refusals = rig.node.counters().refusals;
    assert_eq!(refusals, BTreeMap::from([(crate::table::refusal::Refusal::NoPath, 2)]));
    rig.recompute();
    rig.member(1, Down, Forwarding);
    assert_eq!(lies(&rig), [PEER, PEER, OTHER, PEER]);
    assert_eq!(rig.neighbors.len(), 4);
    rig.take();
    rig.recompute();
}

#[test]
fn a_peer_link_that_is_down_rewrites_nothing_until_it_has_been_for_long() {
    let mut rig = peopled(Rig::managed());
    rig.member(1, Down, Forwarding);
    rig.take();
    rig.peer_link(Down);
    rig.pass(STALE_TIMER - Duration::from_secs(1));
    assert_eq!(rig.take(), [] as [String; 0]);
    // What brings the news again does not begin the time anew.
    rig.peer_link(Down);
    rig.pass(Duration::from_secs(1));
    rig.take();
    assert_eq!(lies(&rig), [0, 0, OTHER, 0]);
    assert_eq!(rig.neighbors.len(), 1, "what has another way stays");
    assert!(rig.events.contains(&Event::PeerLinkGivenUp { given_up: true }));
    rig.recompute();
    rig.peer_link(Forwarding);
    rig.take();
    assert_eq!(lies(&rig), [PEER, PEER, OTHER, PEER]);
    assert_eq!(rig.neighbors.len(), 4);
    rig.recompute();
}

#[test]
fn another_port_of_the_peer_link_is_pointed_at() {
    let mut rig = peopled(Rig::managed());
    let link = PeerLink { port: Some(Oid::from_raw(0x55)), state: Forwarding, ..PeerLink::default() };
    rig.tell(Input::PeerLink(link));
    assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:04 55"]);
}

#[test]
fn an_m_lag_that_is_gone_is_the_peers_alone() {
    let mut rig = peopled(Rig::managed());
    rig.tell(Input::MemberGone(mlag_id(2)));
    assert_eq!(lies(&rig), [MEMBER, MEMBER, PEER, PEER]);
}

#[test]
fn a_port_that_can_be_protected_costs_one_write() {
    let port = Oid::from_raw(MEMBER);
    let protection = |state| Input::Protection { port, state };
    let mut rig = peopled(Rig::managed());
    rig.tell(protection(Protection::Ready));
    rig.member(1, Down, Forwarding);
    assert_eq!(rig.take(), [] as [String; 0]);
    assert_eq!(rig.protects, [(MEMBER, PEER, true)]);
    assert_eq!(repointed(&rig), [], "it is not answered");
    rig.tell(protection(Protection::On));
    assert_eq!(repointed(&rig), [(0, true)]);
    rig.theirs(key(vlanif(10), "10.0.0.9"), claim(9, mlag(1)));
    assert_eq!(rig.take(), ["fdb create 02:00:00:00:00:09 31", "neighbor create 10.0.0.9"]);
    rig.recompute();
    rig.member(1, Forwarding, Forwarding);
    assert_eq!(rig.protects[1..], [(MEMBER, PEER, false)]);
    rig.tell(protection(Protection::Ready));
    assert_eq!(rig.take(), [] as [String; 0]);
    assert_eq!(repointed(&rig), [(0, true), (0, true)]);
}

#[test]
fn where_protection_fails_the_hosts_are_pointed_elsewhere_one_by_one() {
    let port = Oid::from_raw(MEMBER);
    let mut rig = peopled(Rig::managed());
    rig.tell(Input::Protection { port, state: Protection::Ready });
    rig.member(1, Down, Forwarding);
    rig.tell(Input::Protection { port, state: Protection::Lacking });
    assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:01 3f", "fdb set 02:00:00:00:00:02 3f"]);
    assert!(rig.events.contains(&Event::ProtectionFailed { mlag: Some(mlag_id(1)) }));
    assert_eq!(repointed(&rig), [(2, false)]);
}

#[test]
fn a_port_that_is_found_protected_stays_so_while_its_member_is_down_and_no_longer() {
    for local in [Down, Forwarding] {
        let mut rig = Rig::managed();
        rig.member(1, local, Forwarding);
        rig.protects.clear();
        rig.tell(Input::Protection { port: Oid::from_raw(MEMBER), state: Protection::On });
        rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
        // Either way its hosts are pointed at it: what is sent there leaves by the peer-link, or by itself.
        assert_eq!(rig.entry(1), Some((MEMBER, false)), "{local:?}");
        let ended = if local.forwards() { vec![(MEMBER, PEER, false)] } else { vec![] };
        assert_eq!(rig.protects, ended, "{local:?}");
    }
}

#[test]
fn a_port_that_does_not_leave_its_protection_is_asked_again_after_longer_and_longer_pauses() {
    let port = Oid::from_raw(MEMBER);
    let protection = |state| Input::Protection { port, state };
    let mut rig = peopled(Rig::managed());
    rig.tell(protection(Protection::Ready));
    rig.member(1, Down, Forwarding);
    rig.tell(protection(Protection::On));
    rig.member(1, Forwarding, Forwarding);
    rig.protects.clear();
    rig.events.clear();
    // It is still on: nothing is lost, and nothing is said to be done.
    rig.tell(protection(Protection::On));
    assert_eq!((rig.protects.len(), repointed(&rig)), (0, vec![]), "not at once");
    let stuck = Event::ProtectionStuck { mlag: Some(mlag_id(1)) };
    let said = |rig: &Rig| rig.events.iter().filter(|event| **event == stuck).count();
    assert_eq!(said(&rig), 1);
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let begun = rig.now;
        while rig.protects.is_empty() {
            rig.now = rig.node.next_wake().expect("it is asked again");
            rig.tell(Input::Wake);
        }
        pauses.push(rig.now.since(begun).as_secs());
        assert_eq!(std::mem::take(&mut rig.protects), [(MEMBER, PEER, false)]);
        rig.tell(protection(Protection::On));
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(said(&rig), 1, "it is said once");
    // The member goes down meanwhile: it is as it should be, and is asked for all the same.
    rig.member(1, Down, Forwarding);
    assert_eq!(std::mem::take(&mut rig.protects), [(MEMBER, PEER, true)]);
    rig.tell(protection(Protection::On));
    rig.pass(Duration::from_secs(300));
    assert_eq!(rig.protects, []);
    rig.member(1, Forwarding, Forwarding);
    rig.tell(protection(Protection::Ready));
    rig.protects.clear();
    rig.pass(Duration::from_secs(300));
    assert_eq!((rig.protects.len(), rig.take().len()), (0, 0), "it has left");
}
