//! FDB entries that are ours to keep.

use super::*;

#[test]
fn an_fdb_entry_is_made_before_its_neighbours_and_removed_after_them() {
    let mut rig = Rig::managed();
    for n in 2..5 {
        rig.node.table.remote_upsert(&[(key(vlanif(10), &format!("10.0.0.{n}")), claim(1, mlag(1)))]);
    }
    rig.tell(Input::Wake);
    let asked = rig.take();
    assert_eq!(asked[0], "fdb create 02:00:00:00:00:01 31", "one entry, although there are three addresses");
    assert_eq!(asked.len(), 4);
    assert_eq!(rig.entry(1), Some((MEMBER, false)));
    rig.recompute();
    for n in 2..4 {
        rig.theirs_gone(key(vlanif(10), &format!("10.0.0.{n}")));
    }
    assert_eq!(rig.take(), ["neighbor remove 10.0.0.2", "neighbor remove 10.0.0.3"]);
    // The last one is slow to go: what it stands on stays until it has gone.
    rig.refusals.push(("neighbor remove", Status::OBJECT_IN_USE));
    rig.theirs_gone(key(vlanif(10), "10.0.0.4"));
    assert_eq!(rig.take(), ["neighbor remove 10.0.0.4"]);
    rig.refusals.clear();
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.take(), ["neighbor remove 10.0.0.4", "fdb remove 02:00:00:00:00:01"]);
    assert!(rig.fdb.is_empty() && rig.node.macs.find(0, mac(1)).is_none());
}

#[test]
fn an_entry_that_something_stands_on_already_is_as_urgent_as_that() {
    let mut rig = Rig::managed();
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.take();
    rig.silent = true;
    // Many are new, and two batches are under way; then a host that is there gets another MAC.
    for n in 0..200u8 {
        let k = key(vlanif(10), &format!("10.0.1.{n}"));
        rig.node.table.remote_upsert(&[(k, claim(n.wrapping_add(20), mlag(1)))]);
    }
    rig.tell(Input::Wake);
    rig.take();
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(2, mlag(1)));
    rig.speak();
    let asked = rig.take();
    let place = |what: &str| asked.iter().position(|line| line.starts_with(what)).unwrap();
    assert_eq!(place("fdb create 02:00:00:00:00:02"), 0, "before all that is new: {asked:?}");
    assert_eq!(place("neighbor set 10.0.0.2"), 1);
    assert!(place("fdb remove 02:00:00:00:00:01") > 1);
}

#[test]
fn what_was_lost_is_added_again_and_loss_on_another_port_is_ignored() {
    for change in [FdbChange::Aged, FdbChange::Flushed] {
        let mut rig = Rig::managed();
        rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
        rig.take();
        rig.news(change, 1, Some(LONE));
        assert_eq!(rig.take(), [] as [String; 0], "another port");
        for port in [Some(MEMBER), None] {
            rig.fdb.clear();
            rig.news(change, 1, port);
            assert_eq!(rig.take(), ["fdb create 02:00:00:00:00:01 31"]);
        }
    }
}

#[test]
fn what_was_flushed_with_others_is_added_again_wherever_the_flush_reached() {
    let flush = |domain, port: Option<u64>| FdbNews {
        change: FdbChange::Flushed,
        domain,
        mac: None,
        port: port.map(Oid::from_raw),
    };
    let other = Domain::Vlan(Oid::from_raw(0x26_0020));
    for (flush, lost) in [
        (flush(None, None), vec![1, 2, 3]),
        (flush(Some(VLAN), None), vec![1, 2]),
        (flush(Some(other), None), vec![3]),
        (flush(None, Some(MEMBER)), vec![1, 3]),
        (flush(Some(VLAN), Some(PEER)), vec![2]),
    ] {
        // A row or two at a time comes to the same.
        for work in [2, 1000] {
            let tuning = Tuning { work, ..unwatched() };
            let (fdb, ownership) = (FdbMode::Managed, Ownership::All);
            let mut rig = Rig::tuned(NodeSettings { seed: 1, ownership, fdb, tuning });
            rig.bind(vlanif(20), 3, Footing::Bridged(other), RifState::Up);
            rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
            rig.theirs(key(vlanif(10), "10.0.0.3"), claim(2, Attachment::Orphan));
            rig.theirs(key(vlanif(20), "10.0.0.4"), claim(3, mlag(1)));
            rig.take();
            rig.fdb.retain(|(_, mac), _| !lost.contains(&mac.0[5]));
            rig.tell(Input::Fdb(vec![flush]));
            let asked = rig.take();
            assert_eq!(asked.len(), lost.len(), "{flush:?} {asked:?}");
            assert_eq!(rig.fdb.len(), 3);
        }
    }
}

#[test]
fn what_is_lost_while_it_is_written_is_read_back() {
    let mut rig = Rig::managed();
    rig.silent = true;
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.fdb.clear();
    rig.news(FdbChange::Flushed, 1, None);
    rig.take();
    rig.speak();
    assert_eq!(rig.take()[..2], ["fdb read 02:00:00:00:00:01 31", "fdb create 02:00:00:00:00:01 31"]);
}

#[test]
fn what_the_hardware_hears_on_a_port_of_ours_it_keeps_and_it_is_not_fought_over() {
    for change in [FdbChange::Learned, FdbChange::Moved] {
        let mut rig = Rig::managed();
        rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, Attachment::Orphan));
        assert_eq!(rig.entry(1), Some((PEER, false)));
        rig.take();
        rig.fdb.insert((VLAN, mac(1)), FdbHost { port: Oid::from_raw(LONE), dynamic: false });
        rig.news(change, 1, Some(LONE));
        assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:01 33 dynamic"], "handed over");
        // From now on it is the hardware's, wherever it has it.
        rig.news(FdbChange::Moved, 1, Some(MEMBER));
        rig.theirs(key(vlanif(10), "10.0.0.3"), claim(1, Attachment::Orphan));
        assert_eq!(rig.take(), ["neighbor create 10.0.0.3"]);
        rig.recompute();
        // … until it has lost it, and the peer still says that it is there.
        rig.fdb.clear();
        rig.news(FdbChange::Aged, 1, Some(LONE));
        assert_eq!(rig.take(), [] as [String; 0], "not where it is");
        rig.news(FdbChange::Aged, 1, Some(MEMBER));
        assert_eq!(rig.take().last().unwrap(), "fdb create 02:00:00:00:00:01 3f");
    }
}

#[test]
fn a_move_to_the_peer_link_is_put_right() {
    let mut rig = Rig::managed();
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.take();
    rig.fdb.insert((VLAN, mac(1)), FdbHost { port: Oid::from_raw(PEER), dynamic: false });
    rig.news(FdbChange::Moved, 1, Some(PEER));
    assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:01 31"]);
}

#[test]
fn a_host_that_is_heard_here_is_handed_over_and_one_that_leaves_is_taken_back() {
    let mut rig = Rig::managed();
    let k = key(vlanif(10), "10.0.0.2");
    rig.theirs(k, claim(1, Attachment::Orphan));
    rig.take();
    rig.heard(k, 1, Attachment::Orphan);
    assert_eq!(
        rig.take(),
        ["fdb set 02:00:00:00:00:01 3f dynamic"],
        "and where it is the hardware knows best"
    );
    rig.recompute();
    // It moves to the peer, which says so with a higher counter. What the hardware has meanwhile is looked at first.
    rig.theirs(k, Claim { counter: 9, ..claim(1, Attachment::Orphan) });
    assert_eq!(rig.take(), ["fdb read 02:00:00:00:00:01 3f", "fdb set 02:00:00:00:00:01 3f"]);
    rig.heard(key(vlanif(10), "10.0.0.9"), 2, mlag(1));
    assert_eq!(rig.take(), ["neighbor create 10.0.0.9"], "what is learned here has no entry of ours");
}

#[test]
fn the_overlays_hosts_are_left_alone() {
    let mut rig = Rig::managed();
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, Attachment::Fabric));
    assert_eq!(rig.take(), ["neighbor create 10.0.0.2"]);
}

#[test]
fn where_the_nos_keeps_the_fdb_nothing_is_asked_of_it() {
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.news(FdbChange::Aged, 1, None);
    rig.member(1, LinkState::Down, LinkState::Forwarding);
    assert_eq!(rig.take(), ["neighbor create 10.0.0.2"]);
}
