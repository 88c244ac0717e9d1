//! Entries that somebody else made, or makes.

use super::*;

/// A creation that met something, while the entry stopped being wanted.
fn met(rig: &mut Rig, theirs: Host) {
    rig.asic.insert(7, theirs);
    rig.want(7, Some(host(1)));
    let create = rig.next().expect("a creation");
    assert_eq!(create.kind, OpKind::Create);
    rig.want(7, None);
    rig.obey(&create);
}

#[test]
fn what_was_met_on_creation_and_is_not_wanted_any_more_is_read_before_anything_is_done_to_it() {
    let mut rig = Rig::new();
    met(&mut rig, host(9));
    assert_eq!(rig.drain(), [OpKind::Read], "somebody else's: left alone");
    assert_eq!(rig.asic.get(&7), Some(&host(9)));
    assert!(rig.mirror.is_vacant(7));
    let mut rig = Rig::new();
    met(&mut rig, host(1));
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::Remove], "what we would have made, and nobody claims it");
    assert!(rig.asic.is_empty() && rig.mirror.is_vacant(7));
}

#[test]
fn what_was_met_and_cannot_be_read_is_left_alone_unless_it_is_wanted() {
    let mut rig = Rig::new();
    met(&mut rig, host(9));
    rig.fail(OpKind::Read, Outcome::Refused(Status::NOT_SUPPORTED));
    assert_eq!(rig.drain(), []);
    assert!(rig.asic.contains_key(&7) && rig.mirror.is_vacant(7));
    rig.want(7, Some(host(1)));
    assert_eq!(rig.drain(), [OpKind::Create, OpKind::SetMac], "wanted, it is made what it should be");
    assert_eq!(rig.asic.get(&7), Some(&host(1)));
}

#[test]
fn what_was_met_and_is_wanted_again_is_adopted_or_set() {
    for (theirs, then) in [(host(2), vec![OpKind::Read]), (host(9), vec![OpKind::Read, OpKind::SetMac])] {
        let mut rig = Rig::new();
        met(&mut rig, theirs);
        rig.want(7, Some(host(2)));
        assert_eq!(rig.drain(), then);
        assert_eq!(rig.asic.get(&7), Some(&host(2)));
    }
}

#[test]
fn a_read_that_is_not_answered_is_asked_again_before_anything_is_removed() {
    let mut rig = Rig::new();
    met(&mut rig, host(9));
    rig.fail(OpKind::Read, Outcome::Unknown(Status::FAILURE));
    rig.now = rig.now + Duration::from_secs(2);
    rig.mirror.wake(rig.now);
    assert_eq!(rig.drain(), [OpKind::Read]);
    assert!(rig.asic.contains_key(&7));
}

#[test]
fn the_nos_is_told_when_a_removal_in_flight_takes_its_entry_away() {
    let mut rig = Rig::new();
    rig.want(7, Some(host(1)));
    assert_eq!(rig.drain(), [OpKind::Create]);
    rig.want(7, None);
    let remove = rig.next().expect("a removal");
    rig.mirror.release(7);
    // The NOS writes, then our removal lands.
    rig.asic.insert(7, host(1));
    rig.obey(&remove);
    assert_eq!((rig.mirror.poll_taken_away(), rig.mirror.poll_taken_away()), (Some(7), None));
    // One that did not take place took nothing away.
    rig.want(8, Some(host(1)));
    rig.drain();
    rig.want(8, None);
    let remove = rig.next().expect("a removal");
    rig.mirror.release(8);
    rig.answer(&remove, vec![Outcome::NotExecuted]);
    assert_eq!(rig.mirror.poll_taken_away(), None);
}

#[test]
fn what_a_refusal_may_have_done_is_read_before_it_is_relied_on() {
    // A change that was refused and done: back to the former is no change as far as is known.
    let mut rig = Rig::programmed(5, 1);
    rig.want(5, Some(host(2)));
    rig.fail(OpKind::SetMac, Outcome::Refused(Status::OBJECT_IN_USE));
    rig.asic.insert(5, host(2));
    rig.want(5, Some(host(1)));
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::SetMac]);
    assert_eq!(rig.asic[&5], host(1));
    // A removal that was refused and done, of what is wanted again.
    rig.want(5, None);
    rig.fail(OpKind::Remove, Outcome::Refused(Status::OBJECT_IN_USE));
    rig.asic.remove(&5);
    rig.want(5, Some(host(1)));
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::Create]);
    // A creation that was refused and done, and is not wanted any more; somebody else's is left alone.
    for (there, then) in [(host(2), vec![OpKind::Read, OpKind::Remove]), (host(9), vec![OpKind::Read])] {
        rig.want(6, Some(host(2)));
        rig.fail(OpKind::Create, Outcome::Refused(Status::TABLE_FULL));
        rig.asic.insert(6, there);
        rig.want(6, None);
        assert_eq!(rig.drain(), then);
        assert_eq!(rig.asic.remove(&6), (there == host(9)).then_some(there));
        assert!(rig.mirror.is_vacant(6));
    }
}

#[test]
fn a_library_that_reads_nothing_at_all_is_not_in_trouble() {
    let mut rig = Rig::new();
    for row in 0..20 {
        rig.want(row, Some(host(1)));
    }
    while let Some(batch) = rig.next() {
        let n = batch.ops.len();
        let outcomes = match batch.kind {
            OpKind::Read => {
                // As the library without the function: the switch cannot, and nobody was asked.
                let (outcomes, switch_trouble) = (vec![Outcome::NotExecuted; n], Some(Status::NOT_SUPPORTED));
                let done = BatchDone { id: batch.id, outcomes, switch_trouble, asic_ns: 1, calls: 1 };
                assert_eq!(rig.mirror.settle(&mut rig.line, rig.now, &done), None);
                continue;
            }
            OpKind::Create => vec![Outcome::Unknown(Status::FAILURE); n],
            OpKind::SetMac | OpKind::Remove => vec![Outcome::Done; n],
        };
        rig.answer(&batch, outcomes);
    }
    assert_eq!(rig.mirror.tally().programmed, 20, "what cannot be read is written, and nobody waits");
}

#[test]
fn what_a_refused_create_left_behind_is_looked_for_when_the_entry_is_wanted_elsewhere() {
    // (what is found there, what is done about it)
    for (found, removed) in [(Some(host(1)), true), (Some(host(9)), false), (None, false)] {
        let mut rig = Rig::new();
        rig.want(5, Some(host(1)));
        rig.fail(OpKind::Create, Outcome::Refused(Status::TABLE_FULL));
        let elsewhere = rig.mirror.open(vlanif(20), Oid::from_raw(2));
        rig.mirror.want(rig.now, 5, Some((elsewhere, host(1))), true);
        let read = rig.next().unwrap();
        assert_eq!((read.kind, read.ops[0].rif.raw()), (OpKind::Read, 1));
        rig.answer(&read, vec![Outcome::Held(found)]);
        let mut next = rig.next().unwrap();
        if removed {
            assert_eq!((next.kind, next.ops[0].rif.raw()), (OpKind::Remove, 1));
            rig.answer(&next, vec![Outcome::Done]);
            next = rig.next().unwrap();
        }
        assert_eq!((next.kind, next.ops[0].rif.raw()), (OpKind::Create, 2), "{found:?}");
    }
}
