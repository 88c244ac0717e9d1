//! Neighbours and the FDB entry of their MAC: neither is spoken of without the other.

use super::*;
use crate::node::hardware::Reason;
use crate::node::view::{HostFilter, HostState};

const FIRST: &str = "fdb create 02:00:00:00:00:01";

fn k(n: u8) -> Key {
    key(vlanif(10), &format!("10.0.0.{n}"))
}

fn reasons(rig: &Rig) -> Vec<(Reason, u64)> {
    rig.node.proof().exceptions.reasons.iter().map(|row| (row.reason, row.count)).collect()
}

fn states(rig: &Rig) -> Vec<HostState> {
    rig.node.hosts(None, 10, &HostFilter::default()).rows.into_iter().map(|row| row.state).collect()
}

/// How often the FDB was said to have no room, and how many were turned away then.
fn alarms(rig: &mut Rig) -> Vec<u64> {
    let of = |event: Event| match event {
        Event::Rejects { reason: Reason::TableFull, scope: Scope::Fdb, count, .. } => Some(count),
        _ => None,
    };
    std::mem::take(&mut rig.events).into_iter().filter_map(of).collect()
}

#[test]
fn a_host_whose_mac_the_fdb_refuses_is_an_exception_until_it_is_there() {
    for (status, reason) in [
        (Status::TABLE_FULL, Reason::TableFull),
        (Status::INSUFFICIENT_RESOURCES, Reason::TableFull),
        (Status::INVALID_PARAMETER, Reason::Rejected),
        (Status::OBJECT_IN_USE, Reason::Waiting),
    ] {
        let mut rig = Rig::managed();
        rig.refusals.push((FIRST, status));
        for n in [2, 3] {
            rig.theirs(k(n), claim(1, mlag(1)));
        }
        rig.theirs(k(4), claim(4, mlag(1)));
        assert_eq!((rig.neighbors.len(), rig.entry(1)), (3, None));
        assert_eq!(reasons(&rig), [(reason, 2)], "both addresses of it, and nobody else");
        let listed = rig.node.proof().exceptions.some;
        assert!(listed.iter().all(|row| row.status == status.0), "{listed:?}");
        let parked = match reason {
            Reason::Rejected => HostState::Failed { status },
            _ => HostState::Parked { status },
        };
        assert_eq!(states(&rig), [parked, parked, HostState::Programmed]);
        let full = reason == Reason::TableFull;
        assert_eq!(alarms(&mut rig), if full { vec![1] } else { vec![] }, "{status:?}");
        rig.recompute_quietly();
        rig.pass(Duration::from_secs(61));
        assert_eq!(alarms(&mut rig), if full { vec![1] } else { vec![] }, "the other one, a minute later");
        assert_eq!(reasons(&rig), [(reason, 2)]);

        rig.refusals.clear();
        match reason {
            // What is wrong is not tried again until it changes.
            Reason::Rejected => rig.news(FdbChange::Aged, 1, None),
            _ => rig.pass(Duration::from_secs(600)),
        }
        assert_eq!(rig.entry(1), Some((MEMBER, false)));
        assert_eq!(reasons(&rig), [], "{status:?}");
        assert_eq!(states(&rig), [HostState::Programmed; 3]);
        rig.take();
        rig.recompute();
    }
}

#[test]
fn a_host_that_leaves_while_its_mac_has_no_room_is_no_exception_any_more() {
    let mut rig = Rig::managed();
    rig.refusals.push((FIRST, Status::TABLE_FULL));
    rig.theirs(k(2), claim(1, mlag(1)));
    rig.theirs(k(3), claim(1, mlag(1)));
    rig.theirs_gone(k(2));
    assert_eq!(reasons(&rig), [(Reason::TableFull, 1)]);
    // The other one has another MAC now, for which there is room.
    rig.theirs(k(3), claim(5, mlag(1)));
    assert_eq!(reasons(&rig), []);
    assert_eq!(rig.fdb.len(), 1);
    rig.theirs_gone(k(3));
    assert!(rig.fdb.is_empty() && rig.neighbors.is_empty());
}

#[test]
fn a_host_behind_a_peer_link_that_has_no_bridge_port_is_not_said_to_be_reached() {
    let mut rig = Rig::managed();
    rig.tell(Input::PeerLink(PeerLink { port: None, state: LinkState::Forwarding, ..PeerLink::default() }));
    rig.theirs(k(2), claim(1, Attachment::Orphan));
    assert_eq!(reasons(&rig), [(Reason::NoNextHop, 1)]);
    assert_eq!(states(&rig), [HostState::Parked { status: Status::ADDR_NOT_FOUND }]);
    rig.peer_link(LinkState::Forwarding);
    assert_eq!((rig.entry(1), reasons(&rig)), (Some((PEER, false)), vec![]));
    rig.tell(Input::PeerLink(PeerLink { port: None, state: LinkState::Forwarding, ..PeerLink::default() }));
    assert_eq!((rig.entry(1), reasons(&rig)), (None, vec![(Reason::NoNextHop, 1)]));
    // Whatever the overlay has, or the NOS keeps, is theirs to know.
    rig.theirs(k(2), claim(1, Attachment::Fabric));
    assert_eq!(reasons(&rig), []);
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    rig.theirs(k(2), claim(1, Attachment::Orphan));
    assert_eq!((reasons(&rig), states(&rig)), (vec![], vec![HostState::Programmed]));
}

#[test]
fn a_change_that_only_the_fdb_sees_is_final_when_the_fdb_has_answered() {
    let mut rig = Rig::managed();
    rig.member(2, LinkState::Forwarding, LinkState::Forwarding);
    rig.theirs(k(2), claim(1, mlag(1)));
    let row = rig.node.table.find(&k(2)).unwrap();
    let settled = |rig: &Rig| rig.node.mirror.slot(row).unwrap().is_settled();
    assert!(settled(&rig));
    rig.take();
    rig.silent = true;
    rig.theirs(k(2), claim(1, mlag(2)));
    assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:01 32"]);
    assert!(!settled(&rig) && states(&rig) == [HostState::Pending]);
    rig.speak();
    assert!(settled(&rig) && states(&rig) == [HostState::Programmed]);
    // One that is refused is as final as one that is done: it is listed.
    rig.refusals.push(("fdb set", Status::TABLE_FULL));
    rig.theirs(k(2), claim(1, mlag(1)));
    assert!(settled(&rig) && reasons(&rig) == [(Reason::TableFull, 1)]);
}

#[test]
fn the_old_macs_entry_stays_as_long_as_the_neighbour_may_have_it() {
    for status in
        [Status::TABLE_FULL, Status::INVALID_PARAMETER, Status::OBJECT_IN_USE, Status::FAILURE, Status(-77)]
    {
        let mut rig = Rig::managed();
        rig.theirs(k(2), claim(1, mlag(1)));
        rig.refusals.push(("neighbor set", status));
        rig.theirs(k(2), claim(2, mlag(1)));
        rig.pass(Duration::from_secs(120));
        let held = |rig: &Rig| rig.neighbors.values().map(|host| host.mac).collect::<Vec<_>>();
        assert_eq!(held(&rig), [mac(1)], "{status:?}");
        assert_eq!(
            (rig.entry(1), rig.entry(2)),
            (Some((MEMBER, false)), Some((MEMBER, false))),
            "{status:?}"
        );
        rig.take();
        rig.recompute_quietly();
        // A third one takes the second one's place, not the first one's.
        rig.theirs(k(2), claim(3, mlag(1)));
        rig.pass(Duration::from_secs(120));
        assert_eq!((held(&rig), rig.entry(1)), (vec![mac(1)], Some((MEMBER, false))), "{status:?}");
        rig.refusals.clear();
        rig.theirs(k(2), claim(4, mlag(1)));
        rig.pass(Duration::from_secs(600));
        assert_eq!((held(&rig), rig.fdb.len()), (vec![mac(4)], 1), "{status:?}: {:?}", rig.fdb);
        assert_eq!(rig.entry(4), Some((MEMBER, false)));
        rig.take();
        rig.recompute();
        rig.theirs_gone(k(2));
        assert!(rig.fdb.is_empty() && rig.node.macs.find(0, mac(1)).is_none(), "{status:?}");
    }
}

#[test]
fn the_old_macs_entry_goes_with_the_neighbour_or_when_it_is_wanted_again() {
    // It leaves while its change is refused.
    let mut rig = Rig::managed();
    rig.theirs(k(2), claim(1, mlag(1)));
    rig.refusals.push(("neighbor set", Status::TABLE_FULL));
    rig.theirs(k(2), claim(2, mlag(1)));
    rig.take();
    rig.theirs_gone(k(2));
    rig.pass(Duration::from_secs(5));
    let asked = rig.take();
    let place = |what: &str| asked.iter().position(|line| line.starts_with(what)).unwrap();
    assert!(place("neighbor remove") < place("fdb remove"), "{asked:?}");
    assert!(rig.fdb.is_empty() && rig.neighbors.is_empty());
    // It has its old MAC again: the other one's entry goes.
    rig.refusals.clear();
    rig.theirs(k(2), claim(1, mlag(1)));
    rig.refusals.push(("neighbor set", Status::TABLE_FULL));
    rig.theirs(k(2), claim(2, mlag(1)));
    rig.theirs(k(2), claim(1, mlag(1)));
    rig.pass(Duration::from_secs(5));
    assert_eq!((rig.entry(1), rig.entry(2)), (Some((MEMBER, false)), None));
    rig.take();
    rig.recompute();
}

#[test]
fn of_several_macs_in_a_row_all_stay_that_the_neighbour_may_have() {
    let mut rig = Rig::managed();
    rig.theirs(k(2), claim(1, mlag(1)));
    rig.silent = true;
    rig.theirs(k(2), claim(2, mlag(1)));
    rig.theirs(k(2), claim(3, mlag(1)));
    rig.theirs(k(2), claim(4, mlag(1)));
    assert!(rig.entry(1).is_some(), "the first change is not answered");
    rig.speak();
    assert_eq!(rig.fdb.keys().map(|(_, mac)| *mac).collect::<Vec<_>>(), [mac(4)]);
    rig.take();
    rig.recompute();
}
