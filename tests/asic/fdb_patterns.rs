//! Every pattern of successes and failures of a bulk call of up to eight FDB entries, whatever the library makes of bulk
//! calls: the FDB ends as it is wanted.
//!
//! As for neighbours (`patterns`), there are two kinds of failure: what is natural, with each bulk behaviour; and what a
//! library answers for reasons of its own, before or after it did what it was asked.

use crate::bed::{Bed, Table, mac};
use crate::hardware::{linked, loaded};
use mlagsync::mirror::batch::{OpKind, Outcome};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// Entries of the largest call.
const MOST: u32 = 8;

const KINDS: [OpKind; 3] = [OpKind::Create, OpKind::SetMac, OpKind::Remove];

/// Longer than any pause before a single entry is tried again.
const PATIENCE: Duration = Duration::from_secs(61);

const BULK: [&str; 7] = [
    "spec",
    "whole-batch-reject",
    "no-bulk",
    "not-implemented",
    "not-supported",
    "early-return",
    "lazy-table",
];

/// What the library answers for reasons of its own, to the first call with the entry.
const ANSWERS: [&str; 8] = [
    "FAILURE before",
    "FAILURE after",
    "TABLE_FULL before",
    "OBJECT_IN_USE after",
    "INVALID_PORT_NUMBER before",
    "NOT_EXECUTED after",
    "INVALID_NV_STORAGE after",
    "INSUFFICIENT_RESOURCES before",
];

struct Case {
    what: String,
    kind: OpKind,
    /// The first of its hosts.
    base: u32,
    n: u32,
    /// The entries with a one fail.
    pattern: u32,
}

impl Case {
    fn all(&self) -> Range<u32> {
        self.base..self.base + self.n
    }

    fn failing(&self) -> Vec<u32> {
        self.all().filter(|host| self.pattern & (1 << (host - self.base)) != 0).collect()
    }

    /// What makes the failing entries fail by nature.
    fn spoil(&self, bed: &mut Bed) {
        let failing = self.failing();
        let kind = if self.kind == OpKind::Create { OpKind::Create } else { OpKind::Remove };
        if !failing.is_empty() {
            assert_eq!(bed.behind_its_back(kind, &failing), vec![Outcome::Done; failing.len()]);
        }
    }

    /// Asks for the call: all entries in one batch.
    fn ask(&self, bed: &mut Bed) {
        bed.forget_asked();
        match self.kind {
            OpKind::Create => bed.learn(self.all()),
            OpKind::SetMac => bed.point(!bed.away),
            OpKind::Remove | OpKind::Read => bed.forget(self.all()),
        }
        let first = &bed.asked[0];
        assert_eq!((first.kind, first.hosts.len()), (self.kind, self.n as usize), "{}", self.what);
    }

    /// It ended as it is wanted, took few calls, and nothing that is wanted was removed.
    fn judge(&self, bed: &mut Bed) {
        let removed = bed.asked.iter().filter(|asked| asked.kind == OpKind::Remove);
        let wanted = removed.flat_map(|asked| &asked.hosts).filter(|host| bed.wanted.contains(host)).count();
        assert_eq!(wanted, 0, "{}: a wanted entry was removed", self.what);
        // As a neighbour; and one that is not known is written attribute by attribute.
        let most = 9 * self.n + 4;
        assert!(bed.calls <= most, "{}: {} calls", self.what, bed.calls);
        let held = bed.read(self.all());
        assert_eq!(held, bed.should(), "{}", self.what);
    }
}

/// Lives every pattern of every operation with this switch.
fn live(bed: &mut Bed, what: &str, mut play: impl FnMut(&Case, &mut Bed)) {
    let mut base = 0;
    for kind in KINDS {
        for n in 1..=MOST {
            for pattern in 0..1 << n {
                let what = format!("{what}: {kind:?} of {n}, pattern {pattern:0width$b}", width = n as usize);
                let case = Case { what, kind, base, n, pattern };
                base += n;
                if kind != OpKind::Create {
                    bed.learn(case.all());
                }
                play(&case, bed);
                case.judge(bed);
                bed.forget(case.all());
                assert_eq!(bed.read(case.all()), BTreeMap::new(), "{}: and is gone in the end", case.what);
            }
        }
    }
}

#[test]
fn rule_4_every_pattern_of_natural_failures_ends_in_the_wanted_fdb_at_once() {
    for bulk in BULK {
        let switch = loaded(&format!("SAI_SIM_BULK={bulk}"));
        live(&mut Bed::new(Table::Fdb, &switch), bulk, |case, bed| {
            case.spoil(bed);
            case.ask(bed);
        });
    }
}

#[test]
fn rule_4_every_pattern_of_answers_out_of_the_blue_ends_in_the_wanted_fdb_in_time() {
    for bulk in ["spec", "whole-batch-reject", "not-implemented", "early-return"] {
        let (sim, switch) = linked(&[("SAI_SIM_BULK", bulk)]);
        let mut nth_case = 0;
        live(&mut Bed::new(Table::Fdb, &switch), bulk, |case, bed| {
            let op = match case.kind {
                OpKind::Create => "create",
                OpKind::SetMac => "set",
                OpKind::Remove | OpKind::Read => "remove",
            };
            nth_case += 1;
            let rules = case.failing().into_iter().map(|host| {
                let answer = ANSWERS[(nth_case + host as usize) % ANSWERS.len()];
                format!("{op} fdb {} #1 fail {answer}", mac(host))
            });
            sim.set_faults(&rules.collect::<Vec<_>>().join(";"), 1).unwrap();
            case.ask(bed);
            bed.run(PATIENCE);
            sim.set_faults("", 1).unwrap();
        });
    }
}
