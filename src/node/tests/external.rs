//! Neighbours that wait for their MAC.

use super::*;

fn waiting(fdb: FdbMode) -> Rig {
    let mut rig = Rig::new(fdb, Ownership::All);
    rig.refusals.push(("neighbor create", Status::ADDR_NOT_FOUND));
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.take();
    rig
}

#[test]
fn a_neighbour_without_its_mac_is_tried_again_at_once_when_the_mac_comes() {
    for change in [FdbChange::Learned, FdbChange::Moved] {
        let mut rig = waiting(FdbMode::External);
        rig.refusals.clear();
        rig.news(change, 2, Some(MEMBER));
        let elsewhere =
            FdbNews { change, domain: Some(Domain::Vlan(Oid::from_raw(5))), mac: Some(mac(1)), port: None };
        rig.tell(Input::Fdb(vec![elsewhere]));
        assert_eq!(rig.take(), [] as [String; 0], "another MAC, and another VLAN");
        rig.news(change, 1, Some(MEMBER));
        assert_eq!(rig.take(), ["neighbor create 10.0.0.2"]);
        rig.news(change, 1, Some(MEMBER));
        assert_eq!(rig.take(), [] as [String; 0]);
    }
}

#[test]
fn without_the_news_it_is_tried_from_1_to_60_seconds() {
    let mut rig = waiting(FdbMode::External);
    let mut waits = Vec::new();
    for _ in 0..8 {
        let due = rig.node.mirror.next_wake().unwrap();
        waits.push(due.since(rig.now).as_secs());
        rig.pass(due.since(rig.now));
        assert_eq!(rig.take(), ["neighbor create 10.0.0.2"]);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn an_entry_of_our_own_is_such_news_too() {
    let mut rig = Rig::managed();
    rig.refusals.push(("fdb create", Status::OBJECT_IN_USE));
    rig.refusals.push(("neighbor create", Status::ADDR_NOT_FOUND));
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.pass(Duration::from_millis(999));
    rig.take();
    rig.refusals.clear();
    rig.refusals.push(("neighbor set", Status::FAILURE));
    rig.pass(Duration::from_millis(1));
    assert_eq!(rig.take(), ["fdb create 02:00:00:00:00:01 31", "neighbor create 10.0.0.2"]);
    assert_eq!(rig.neighbors.len(), 1);
}

#[test]
fn what_is_not_waited_for_any_more_is_forgotten() {
    let mut rig = waiting(FdbMode::External);
    rig.theirs_gone(key(vlanif(10), "10.0.0.2"));
    assert_eq!(rig.take(), ["neighbor read 10.0.0.2"], "a refused write may have been done");
    rig.refusals.clear();
    rig.news(FdbChange::Learned, 1, Some(MEMBER));
    assert_eq!(rig.take(), [] as [String; 0]);
}
