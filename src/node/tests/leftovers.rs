//! Entries from before a restart, where there is not room for all.

use super::*;
use crate::limits::STALE_TIMER;
use crate::table::refusal::Refusal;

fn k(n: u8) -> Key {
    key(vlanif(10), &format!("10.0.0.{n}"))
}

fn refused(rig: &Rig) -> u64 {
    rig.node.counters().refusals.get(&Refusal::Capacity).copied().unwrap_or(0)
}

/// Two entries are there from before a restart, with the MAC of their number, in a table of so many slots.
fn rig(slots: u64) -> Rig {
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    rig.tell(Input::Limits(Limits { slots: Some(slots), ..Limits::default() }));
    for n in [2, 3] {
        rig.neighbors.insert((1, k(n).ip), Host { mac: mac(n), no_host_route: false });
    }
    let adopted = |n| Adopted { interface: vlanif(10), rif: Oid::from_raw(1), ip: k(n).ip, doubt: false };
    rig.tell(Input::Adopt(vec![adopted(2), adopted(3)]));
    rig.take();
    rig
}

#[test]
fn rule_11_entries_from_before_a_restart_take_slots_until_they_are_claimed_or_swept() {
    let mut rig = rig(3);
    assert_eq!(rig.node.admission().table.used, 2);
    rig.theirs(k(4), claim(4, mlag(1)));
    rig.theirs(k(5), claim(5, mlag(1)));
    assert_eq!(
        (rig.take(), refused(&rig)),
        (vec!["neighbor create 10.0.0.4".to_owned()], 1),
        "one slot was free"
    );
    assert_eq!(rig.node.admission().table.used, 3);
    // It is claimed as it is: it has its slot, and nothing is written.
    rig.theirs(k(2), claim(2, mlag(1)));
    assert_eq!((rig.take(), refused(&rig)), (vec![], 1));
    assert_eq!(rig.node.admission().table.used, 3);
    rig.recompute();
    // What nobody claimed goes, and makes room.
    rig.tell(Input::LocalComplete);
    rig.pass(STALE_TIMER);
    assert_eq!(rig.take(), ["neighbor remove 10.0.0.3", "neighbor create 10.0.0.5"]);
    assert_eq!((refused(&rig), rig.node.admission().table.used), (0, 3));
    rig.recompute();
}

#[test]
fn rule_11_a_full_table_from_before_a_restart_is_taken_over_without_a_write() {
    let mut rig = rig(2);
    rig.theirs(k(4), claim(4, Attachment::Orphan));
    for n in [3, 2] {
        rig.theirs(k(n), claim(n, Attachment::Orphan));
    }
    assert_eq!((rig.take(), refused(&rig)), (vec![], 1), "each has its own slot, and there is no other");
    assert_eq!(rig.node.admission().table.used, 2);
    rig.theirs_gone(k(3));
    assert_eq!(rig.take(), ["neighbor remove 10.0.0.3", "neighbor create 10.0.0.4"]);
    rig.recompute();
}
