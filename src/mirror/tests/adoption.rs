//! Entries from before a restart.

use super::*;
use crate::limits::LATE_CHECKS;

/// A mirror that adopts row 7, of which the ASIC holds this.
fn adopting(held: Option<Host>, doubt: bool) -> Rig {
    let mut rig = Rig::new();
    rig.asic.extend(held.map(|host| (7, host)));
    rig.mirror.adopt(rig.now, 7, rig.rif, doubt);
    rig
}

/// Every look at what may land late, and what is asked meanwhile.
fn looks(rig: &mut Rig) -> Vec<OpKind> {
    LATE_CHECKS
        .iter()
        .flat_map(|time| {
            rig.pass(*time);
            rig.drain()
        })
        .collect()
}

#[test]
fn an_adopted_entry_that_is_claimed_as_it_is_costs_a_reading_and_no_write() {
    for before in [true, false] {
        let mut rig = adopting(Some(host(1)), false);
        if !before {
            assert_eq!(rig.drain(), [OpKind::Read]);
            assert_eq!(rig.mirror.leftovers(), 1);
        }
        rig.want(7, Some(host(1)));
        let asked = rig.drain();
        assert_eq!(asked, if before { vec![OpKind::Read] } else { vec![] });
        assert!(rig.mirror.slot(7).is_some_and(Slot::is_programmed));
        assert_eq!(rig.mirror.sweep_leftovers(rig.now), 0);
        assert_eq!(rig.drain(), []);
        assert_eq!(looks(&mut rig), []);
        assert_eq!(rig.asic.get(&7), Some(&host(1)));
    }
}

#[test]
fn one_that_is_claimed_otherwise_is_set_and_never_made_anew() {
    let mut rig = adopting(Some(host(1)), false);
    rig.want(7, Some(host(2)));
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::SetMac]);
    assert_eq!(rig.asic.get(&7), Some(&host(2)));
}

#[test]
fn one_that_nobody_claims_stays_until_it_is_swept_and_then_goes() {
    let mut rig = adopting(Some(host(1)), false);
    rig.mirror.adopt(rig.now, 8, rig.rif, false);
    rig.asic.insert(8, host(2));
    assert_eq!(rig.drain(), [OpKind::Read]);
    rig.want(7, None);
    assert_eq!(rig.drain(), [], "that nobody wants it is not news");
    rig.want(8, Some(host(2)));
    assert_eq!(rig.mirror.sweep_leftovers(rig.now), 1);
    assert_eq!(rig.drain(), [OpKind::Remove]);
    assert_eq!(rig.asic.keys().copied().collect::<Vec<_>>(), [8]);
    assert!(rig.mirror.is_vacant(7) && !rig.mirror.is_vacant(8));
}

#[test]
fn one_that_becomes_the_nos_s_is_left_as_it_is_and_the_journal_hears_of_it() {
    let mut rig = adopting(Some(host(1)), true);
    rig.drain();
    rig.mirror.release(7);
    assert_eq!(rig.mirror.poll_disowned().map(|(row, _)| row), Some(7));
    rig.mirror.sweep_leftovers(rig.now);
    assert_eq!((rig.drain(), looks(&mut rig)), (vec![], vec![]));
    assert_eq!(rig.asic.get(&7), Some(&host(1)));
}

/// An operation that lands in the ASIC after a warm restart has read it back.
#[test]
fn trap_a_create_that_lands_after_it_was_read_back_goes_in_the_end_if_nobody_wants_it() {
    let mut rig = adopting(None, true);
    assert_eq!(rig.drain(), [OpKind::Read]);
    assert_eq!(rig.mirror.sweep_leftovers(rig.now), 0, "there is nothing");
    assert!(!rig.mirror.is_vacant(7), "and yet it is remembered");
    assert_eq!(rig.mirror.poll_disowned(), None);
    rig.asic.insert(7, host(1));
    rig.pass(LATE_CHECKS[0]);
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::Remove]);
    assert!(rig.asic.is_empty());
    assert_eq!(looks(&mut rig)[..1], [OpKind::Read], "it is not believed at once");
    assert!(rig.mirror.is_vacant(7));
}

#[test]
fn trap_what_never_lands_is_forgotten_in_the_end_by_the_journal_too() {
    let mut rig = adopting(None, true);
    assert_eq!(rig.drain(), [OpKind::Read]);
    assert_eq!(looks(&mut rig), [OpKind::Read; LATE_CHECKS.len() - 1], "nothing is written");
    assert_eq!(rig.mirror.poll_disowned().map(|(row, _)| row), Some(7));
    assert!(rig.mirror.is_vacant(7));
    assert_eq!(rig.mirror.next_wake(), None);
}

#[test]
fn trap_an_old_create_that_lands_over_a_new_one_is_put_right() {
    let mut rig = adopting(None, true);
    rig.want(7, Some(host(2)));
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::Create]);
    rig.asic.insert(7, host(1));
    rig.pass(LATE_CHECKS[0]);
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::SetMac]);
    assert_eq!(rig.asic.get(&7), Some(&host(2)));
}

#[test]
fn trap_an_old_remove_that_lands_under_a_claim_is_put_right() {
    let mut rig = adopting(Some(host(1)), true);
    rig.want(7, Some(host(1)));
    assert_eq!(rig.drain(), [OpKind::Read]);
    rig.asic.remove(&7);
    rig.pass(LATE_CHECKS[0]);
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::Create]);
    assert_eq!(rig.asic.get(&7), Some(&host(1)));
}

#[test]
fn trap_an_old_create_that_lands_between_the_reading_and_ours_is_removed_when_it_is_not_wanted_any_more() {
    let mut rig = adopting(None, true);
    rig.want(7, Some(host(2)));
    assert_eq!(
        rig.next().map(|batch| {
            rig.obey(&batch);
            batch.kind
        }),
        Some(OpKind::Read)
    );
    let create = rig.next().expect("a creation");
    rig.asic.insert(7, host(1));
    rig.want(7, None);
    rig.obey(&create);
    assert_eq!(
        rig.drain(),
        [OpKind::Read, OpKind::Remove],
        "the journal named it: it is ours, whatever it says"
    );
    assert!(rig.asic.is_empty());
}

#[test]
fn one_that_should_be_there_and_is_not_is_watched_although_nothing_was_in_doubt() {
    let mut rig = adopting(None, false);
    assert_eq!(rig.drain(), [OpKind::Read]);
    rig.mirror.sweep_leftovers(rig.now);
    rig.asic.insert(7, host(1));
    rig.pass(LATE_CHECKS[0]);
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::Remove]);
}

#[test]
fn a_library_that_cannot_read_writes_what_is_claimed_and_removes_what_is_not() {
    let mut rig = adopting(Some(host(1)), false);
    rig.mirror.adopt(rig.now, 8, rig.rif, false);
    rig.asic.insert(8, host(2));
    let batch = rig.next().expect("a reading");
    rig.answer(&batch, vec![Outcome::Refused(Status::NOT_SUPPORTED); 2]);
    assert_eq!(rig.drain(), []);
    rig.want(7, Some(host(1)));
    assert_eq!(rig.drain(), [OpKind::SetMac]);
    rig.mirror.sweep_leftovers(rig.now);
    assert_eq!(rig.drain(), [OpKind::Remove]);
    assert_eq!(rig.asic.keys().copied().collect::<Vec<_>>(), [7]);
}

#[test]
fn what_was_refused_and_is_not_wanted_any_more_is_no_longer_named() {
    let mut rig = Rig::new();
    rig.want(7, Some(host(1)));
    rig.fail(OpKind::Create, Outcome::Refused(Status::TABLE_FULL));
    assert_eq!(rig.mirror.poll_disowned(), None, "it is tried again");
    rig.want(7, None);
    assert_eq!(rig.mirror.poll_disowned(), None, "a library that refuses may yet have done it");
    assert_eq!(rig.drain(), [OpKind::Read]);
    assert_eq!(rig.mirror.poll_disowned().map(|(row, _)| row), Some(7));
}
