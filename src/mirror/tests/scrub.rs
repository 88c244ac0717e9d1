//! Glances, SUCCESS that comes too early, and an ASIC that comes back.

use super::*;
use crate::limits::{CONFIRM_WAITS, CONFIRM_WINDOW};
use crate::mirror::early::Programming;
use crate::mirror::scrub::Glance;

impl Rig {
    fn with(programming: Programming) -> Self {
        Rig { line: Line::new(programming), ..Rig::new() }
    }

    /// Looks at everything, as in this round.
    fn scrub(&mut self, round: u32) {
        self.look(Glance::Scrub(round));
    }

    fn look(&mut self, glance: Glance) {
        let mut rows = Vec::new();
        assert_eq!(self.mirror.glances(0, 1000, 1000, &mut rows), None);
        let id = self.line.out_of_turn();
        let op = |row, rif: Rif, host: Option<Host>| Op {
            row,
            rif: rif.oid,
            ip: ip(row),
            host: host.unwrap_or_default(),
        };
        let batch = self.mirror.glance(id, glance, &rows, op);
        self.obey(&batch);
    }

    fn repairs(&mut self) -> Vec<(RowId, bool, bool)> {
        let findings = self.mirror.take_findings();
        findings.into_iter().map(|f| (f.at, f.repaired, f.contested)).collect()
    }
}

#[test]
fn rule_13_what_somebody_else_changed_is_found_and_programmed_again() {
    let mut rig = Rig::new();
    for row in 1..=4 {
        rig.want(row, Some(host(row as u8)));
    }
    rig.drain();
    rig.asic.remove(&1);
    rig.asic.insert(2, host(99));
    rig.asic.insert(77, host(77));
    rig.scrub(1);
    assert_eq!(rig.repairs(), [(1, true, false), (2, true, false)]);
    assert_eq!(rig.drain(), [OpKind::SetMac, OpKind::Create]);
    assert_eq!((rig.asic[&1], rig.asic[&2], rig.asic[&77]), (host(1), host(2), host(77)));
    let tally = *rig.mirror.tally();
    assert_eq!((tally.repaired, tally.scrubbed, tally.programmed), (2, 4, 4));
    rig.scrub(2);
    assert!(rig.repairs().is_empty() && rig.drain().is_empty(), "an unchanged table is not written");
}

#[test]
fn rule_13_three_repairs_of_one_key_are_an_alarm_and_then_it_is_left_alone_for_longer_and_longer() {
    let mut rig = Rig::programmed(5, 1);
    let mut written = Vec::new();
    for round in 1..=64 {
        rig.asic.insert(5, host(66));
        rig.scrub(round);
        let alarm = rig.repairs().iter().any(|(_, _, contested)| *contested);
        assert_eq!(alarm, round == 3, "round {round}");
        if !rig.drain().is_empty() {
            written.push(round);
        }
        assert_eq!(rig.mirror.tally().contested, u64::from(rig.asic[&5] == host(66)));
    }
    assert_eq!(written, [1, 2, 3, 6, 8, 16, 32, 64]);
    // Whoever it was is gone: it comes right at once, without a word, and is forgotten.
    rig.asic.insert(5, host(1));
    rig.scrub(65);
    assert_eq!((rig.mirror.tally().contested, rig.mirror.tally().programmed), (0, 1));
    assert!(rig.drain().is_empty());
    for round in [80, 96, 112] {
        rig.scrub(round);
    }
    rig.asic.insert(5, host(66));
    rig.scrub(113);
    assert_eq!(rig.drain(), [OpKind::SetMac], "as at first");
}

#[test]
fn what_changes_while_it_is_looked_at_is_not_judged_by_it() {
    let mut rig = Rig::programmed(5, 1);
    let id = rig.line.out_of_turn();
    let op = |row, rif: Rif, _: Option<Host>| Op { row, rif: rif.oid, ip: ip(row), host: host(1) };
    let batch = rig.mirror.glance(id, Glance::Scrub(1), &[5], op);
    rig.want(5, Some(host(2)));
    let set = rig.next().expect("what is urgent does not wait for a glance");
    assert_eq!(set.kind, OpKind::SetMac);
    rig.answer(&batch, vec![Outcome::Held(None)]);
    rig.obey(&set);
    assert!(rig.repairs().is_empty() && rig.drain().is_empty());
    // What belongs to the NOS is not looked at.
    rig.mirror.release(5);
    assert!(!rig.mirror.is_to_be_seen(5));
}

#[test]
fn a_success_that_comes_too_early_counts_when_it_was_seen() {
    let mut rig = Rig::with(Programming::Asynchronous);
    rig.want(5, Some(host(1)));
    let create = rig.next().unwrap();
    rig.answer(&create, vec![Outcome::Done]);
    let settled = |rig: &Rig| rig.mirror.slot(5).unwrap().is_final();
    assert!(!settled(&rig) && rig.mirror.tally().programmed == 0);
    assert_eq!(rig.next(), None, "it is given a little time");
    rig.pass(CONFIRM_WAITS[0]);
    assert_eq!(rig.drain(), [OpKind::Read], "not there yet");
    assert!(!settled(&rig));
    rig.asic.insert(5, host(1));
    rig.pass(CONFIRM_WAITS[1]);
    assert_eq!(rig.drain(), [OpKind::Read]);
    assert!(settled(&rig) && rig.mirror.tally().programmed == 1);

    // A removal, too: the entry is ours until it is gone.
    rig.want(5, None);
    let remove = rig.next().unwrap();
    rig.answer(&remove, vec![Outcome::Done]);
    assert!(rig.mirror.is_present(5) && !settled(&rig));
    rig.pass(CONFIRM_WAITS[0]);
    rig.drain();
    assert!(rig.mirror.is_present(5));
    rig.asic.remove(&5);
    rig.pass(CONFIRM_WAITS[1]);
    rig.drain();
    assert!(!rig.mirror.is_present(5));
}

#[test]
fn what_was_said_to_be_written_and_never_was_is_written_again_a_few_times() {
    let mut rig = Rig::with(Programming::Asynchronous);
    rig.want(5, Some(host(1)));
    let (mut creates, mut was_final) = (0, false);
    for _ in 0..200 {
        while let Some(batch) = rig.next() {
            creates += u32::from(batch.kind == OpKind::Create);
            let outcome = if batch.kind == OpKind::Create { Outcome::Done } else { Outcome::Held(None) };
            rig.answer(&batch, vec![outcome]);
        }
        was_final |= rig.mirror.slot(5).unwrap().is_final();
        rig.pass(Duration::from_millis(100));
    }
    assert!((2..=8).contains(&creates), "{creates} in 20 s");
    assert!(was_final, "in the end the peer is told that it is not there");
    assert_eq!(rig.mirror.tally().programmed, 0);
}

#[test]
fn a_library_that_is_caught_is_mistrusted_from_then_on() {
    let mut rig = Rig::with(Programming::Detect);
    rig.want(5, Some(host(1)));
    let create = rig.next().unwrap();
    rig.answer(&create, vec![Outcome::Done]);
    assert_eq!(rig.mirror.tally().programmed, 1, "it is taken at its word");
    let (_, row) = rig.line.sample.take().expect("and looked at");
    assert_eq!(row, 5);
    rig.look(Glance::Sample);
    assert!(rig.line.early.confirms() && rig.mirror.tally().programmed == 0);
    rig.asic.insert(5, host(1));
    rig.pass(CONFIRM_WAITS[1]);
    assert_eq!(rig.drain(), [OpKind::Read]);
    assert_eq!(rig.mirror.tally().programmed, 1);
    // The next one is not believed before it was seen.
    rig.want(6, Some(host(2)));
    assert_eq!(rig.drain(), [OpKind::Create]);
    assert_eq!(rig.mirror.tally().programmed, 1);
    rig.pass(CONFIRM_WAITS[0]);
    assert_eq!(rig.drain(), [OpKind::Read]);
    assert_eq!(rig.mirror.tally().programmed, 2);
}

#[test]
fn only_so_many_wait_to_be_seen() {
    let mut rig = Rig::with(Programming::Asynchronous);
    for row in 0..3 * CONFIRM_WINDOW as u32 {
        rig.want(row, Some(host(1)));
    }
    loop {
        rig.line.unconfirmed = rig.mirror.tally().unconfirmed as usize;
        let Some(batch) = rig.next() else { break };
        rig.answer(&batch, vec![Outcome::Done; batch.ops.len()]);
    }
    let waiting = rig.mirror.tally().unconfirmed as usize;
    assert!((CONFIRM_WINDOW..CONFIRM_WINDOW + BATCH_MAX).contains(&waiting), "{waiting}");
}

#[test]
fn an_asic_that_comes_back_as_it_was_is_read_and_not_written() {
    for intact in [Some(true), None] {
        let mut rig = Rig::new();
        for row in 1..=3 {
            rig.want(row, Some(host(row as u8)));
        }
        rig.drain();
        rig.line.fence();
        rig.want(3, Some(host(33)));
        assert_eq!(rig.next(), None, "nothing is asked of it");
        assert_eq!(rig.mirror.restarted(rig.now, intact), 3);
        rig.line.unfence();
        assert!(!rig.mirror.is_settled());
        assert_eq!(rig.drain(), [OpKind::Read, OpKind::SetMac], "but what changed meanwhile");
        assert!(rig.mirror.is_settled());
        assert_eq!(rig.mirror.tally().programmed, 3);
    }
}

#[test]
fn an_asic_that_comes_back_empty_is_programmed_again() {
    for intact in [Some(false), None] {
        let mut rig = Rig::new();
        for row in 1..=3 {
            rig.want(row, Some(host(row as u8)));
        }
        rig.drain();
        rig.asic.clear();
        rig.mirror.restarted(rig.now, intact);
        let asked = rig.drain();
        assert_eq!(asked.contains(&OpKind::Read), intact.is_none(), "{asked:?}");
        assert_eq!(rig.asic.len(), 3);
    }
}

#[test]
fn what_was_in_flight_when_the_asic_went_proves_nothing() {
    let mut rig = Rig::new();
    rig.want(5, Some(host(1)));
    let create = rig.next().unwrap();
    rig.line.fence();
    rig.answer(&create, vec![Outcome::Done]);
    assert_eq!(rig.mirror.tally().programmed, 0);
    rig.mirror.restarted(rig.now, None);
    rig.line.unfence();
    assert_eq!(rig.drain(), [OpKind::Read, OpKind::Create]);
    // The same of one that is answered after it is back.
    rig.want(6, Some(host(2)));
    let create = rig.next().unwrap();
    rig.line.fence();
    rig.mirror.restarted(rig.now, Some(false));
    rig.line.unfence();
    rig.answer(&create, vec![Outcome::Done]);
    rig.drain();
    assert_eq!((rig.asic[&5], rig.asic[&6]), (host(1), host(2)));
}
