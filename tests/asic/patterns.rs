//! Every pattern of successes and failures of a bulk call of up to eight entries, whatever the library makes of bulk
//! calls: the table ends as it is wanted.
//!
//! Two kinds of failure: what is natural (an entry is there that should not be, or is gone), with each bulk behaviour,
//! NULL members and late ones among them; and what a library answers for reasons of its own, before or after it did
//! what it was asked.

use crate::hardware::loaded;
use crate::rig::{Rig, mac};
use mlagsync::addr::Mac;
use mlagsync::mirror::batch::{OpKind, Outcome};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;
use std::time::Duration;

/// Entries of the largest call.
const MOST: u32 = 8;

const KINDS: [OpKind; 3] = [OpKind::Create, OpKind::SetMac, OpKind::Remove];

/// Longer than any pause before a single entry is tried again.
const PATIENCE: Duration = Duration::from_secs(61);

/// What the library answers for reasons of its own, to the first call with the entry.
/// One that says of what is there to be removed that it is not is believed, so it is not among them.
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
    /// The first of its addresses.
    base: u32,
    n: u32,
    /// The entries with a one fail.
    pattern: u32,
}

impl Case {
    fn ip(&self, nth: u32) -> IpAddr {
        let n = self.base + nth;
        // Both families in one call.
        if n.is_multiple_of(3) {
            std::net::Ipv6Addr::from((0x2001_0db8 << 96) | u128::from(n)).into()
        } else {
            std::net::Ipv4Addr::from(0x0a00_0000 + n).into()
        }
    }

    fn all(&self) -> Range<u32> {
        0..self.n
    }

    fn failing(&self) -> impl Iterator<Item = u32> {
        self.all().filter(|nth| self.pattern & (1 << nth) != 0)
    }

    fn hosts(&self, generation: u8) -> Vec<(IpAddr, Mac)> {
        self.all().map(|nth| (self.ip(nth), mac(self.base + nth, generation))).collect()
    }

    /// What must be there before the call.
    fn prepare(&self, rig: &mut Rig) {
        if self.kind != OpKind::Create {
            rig.learn(self.hosts(1));
        }
    }

    /// What makes the failing entries fail by nature.
    fn spoil(&self, rig: &mut Rig) {
        let failing: Vec<_> = self.failing().map(|nth| (self.ip(nth), mac(nth, 9))).collect();
        let kind = if self.kind == OpKind::Create { OpKind::Create } else { OpKind::Remove };
        if !failing.is_empty() {
            let done = rig.behind_its_back(kind, &failing);
            assert_eq!(done, vec![Outcome::Done; failing.len()]);
        }
    }

    /// Asks for the call: all entries in one batch.
    fn ask(&self, rig: &mut Rig) {
        rig.forget_asked();
        match self.kind {
            OpKind::Create => rig.learn(self.hosts(1)),
            OpKind::SetMac => rig.learn(self.hosts(2)),
            OpKind::Remove | OpKind::Read => {
                rig.forget(self.all().map(|nth| self.ip(nth)).collect::<Vec<_>>())
            }
        }
        let first = &rig.asked[0];
        assert_eq!((first.kind, first.ops.len()), (self.kind, self.n as usize), "{}", self.what);
    }

    /// It took few calls, and nothing that is wanted was removed.
    fn judge(&self, rig: &Rig) {
        let removed = rig.count(OpKind::Remove, |ip| rig.wanted.contains_key(ip));
        assert_eq!(removed, 0, "{}: a wanted entry was removed", self.what);
        // Each entry at most: refused, read, tried again, told to exist, read again; with halves and their bulk calls.
        let most = 6 * self.n + 2;
        assert!(rig.calls <= most, "{}: {} calls", self.what, rig.calls);
    }
}

/// Lives every pattern of every operation with this switch. The table is looked at after all patterns of a length.
fn live(rig: &mut Rig, what: &str, mut play: impl FnMut(&Case, &mut Rig)) {
    let mut base = 0;
    for kind in KINDS {
        for n in 1..=MOST {
            for pattern in 0..1 << n {
                let what = format!("{what}: {kind:?} of {n}, pattern {pattern:0width$b}", width = n as usize);
                let case = Case { what, kind, base, n, pattern };
                base += n;
                case.prepare(rig);
                play(&case, rig);
                case.judge(rig);
            }
            let held: BTreeMap<_, _> = rig.dump().into_iter().map(|(ip, host)| (ip, host.mac)).collect();
            let wrong: Vec<_> = held.iter().filter(|(ip, mac)| rig.wanted.get(ip) != Some(mac)).collect();
            assert_eq!(wrong, [], "{what}: {kind:?} of {n}: there and not wanted so");
            let lacks: Vec<_> = rig.wanted.keys().filter(|ip| !held.contains_key(ip)).collect();
            assert_eq!(lacks, [] as [&IpAddr; 0], "{what}: {kind:?} of {n}: wanted and not there");
            assert_eq!(rig.troubles(), BTreeMap::new(), "{what}: {kind:?} of {n}");
            let gone: Vec<_> = rig.wanted.keys().copied().collect();
            rig.forget(gone);
        }
    }
    assert_eq!(rig.dump(), BTreeMap::new(), "{what}");
}

const BULK: [&str; 7] = [
    "spec",
    "whole-batch-reject",
    "no-bulk",
    "not-implemented",
    "not-supported",
    "early-return",
    "lazy-table",
];

#[test]
fn rule_4_every_pattern_of_natural_failures_ends_in_the_wanted_table_at_once() {
    for bulk in BULK {
        let switch = loaded(&format!("SAI_SIM_BULK={bulk}"));
        live(&mut Rig::new(&switch), bulk, |case, rig| {
            case.spoil(rig);
            case.ask(rig);
        });
    }
}

#[test]
fn rule_4_every_pattern_of_answers_out_of_the_blue_ends_in_the_wanted_table_in_time() {
    for bulk in ["spec", "whole-batch-reject", "not-implemented", "early-return"] {
        let (sim, mut rig) = Rig::linked(&[("SAI_SIM_BULK", bulk)]);
        let mut nth_case = 0;
        live(&mut rig, bulk, |case, rig| {
            let op = match case.kind {
                OpKind::Create => "create",
                OpKind::SetMac => "set",
                OpKind::Remove | OpKind::Read => "remove",
            };
            nth_case += 1;
            let rules = case.failing().map(|nth| {
                let answer = ANSWERS[(nth_case + nth as usize) % ANSWERS.len()];
                format!("{op} neighbor {} #1 fail {answer}", case.ip(nth))
            });
            sim.set_faults(&rules.collect::<Vec<_>>().join(";"), 1).unwrap();
            case.ask(rig);
            rig.run(PATIENCE);
            sim.set_faults("", 1).unwrap();
        });
    }
}
