//! The receiver's look at digests: when the copy is not what the owner told, what is to be done about it.
//!
//! ```text
//!            differs            these differ              differs still        differs after END
//!  Even ────────────► Asked ──────────────► Repairing ────────────► Resyncing ─────────────────► Resting 60 s
//!   ▲                   │ none does             │ the digest agrees      │ agrees                   │
//!   └───────────────────┴───────────────────────┴────────────────────────┴──────────────────────────┘
//! ```
//!
//! Invariant: whatever the owner says, it is asked at most once per digest that it tells, for one full sync at most before
//! an alarm, and for nothing in the time after one.

use crate::limits::{AUDIT_PAUSE, BUCKETS};
use crate::session::proof::Ask;
use crate::table::change::{Buckets, Digest};
use crate::time::Time;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Even,
    Asked,
    /// So many buckets are repaired, or have been.
    Repairing(usize),
    Resyncing,
    Resting(Time),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask the owner.
    Ask(Ask),
    /// Ask it for a full sync: repairing has not helped.
    Resync,
    /// Nothing has helped.
    Alarm,
    /// The copy is right again, of which so many buckets were not.
    Repaired(usize),
}

/// Counts since start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) compared: u64,
    pub(crate) differed: u64,
    pub(crate) repaired: u64,
    pub(crate) alarms: u64,
}

/// The comparison.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    state: State,
    differing: Option<Buckets>,
    pub(crate) tally: Tally,
}

impl Audit {
    /// A connection begins: what was asked on another one is not answered.
    pub(crate) fn restart(&mut self) {
        self.differing = None;
        if matches!(self.state, State::Asked | State::Repairing(_)) {
            self.state = State::Even;
        }
    }

    /// The owner told its digest, of which the copy has this one.
    pub(crate) fn compare(&mut self, now: Time, told: Digest, ours: Digest) -> Option<Step> {
        if matches!(self.state, State::Resting(until) if until > now) {
            return None;
        }
        self.tally.compared += 1;
        if told == ours {
            return match std::mem::take(&mut self.state) {
                State::Repairing(buckets) => {
                    self.tally.repaired += 1;
                    Some(Step::Repaired(buckets))
                }
                State::Resyncing => {
                    self.tally.repaired += 1;
                    Some(Step::Repaired(BUCKETS))
                }
                State::Even | State::Asked | State::Resting(_) => None,
            };
        }
        self.tally.differed += 1;
        let (state, step) = match self.state {
            State::Even | State::Asked | State::Resting(_) => (State::Asked, Step::Ask(Ask::Buckets)),
            State::Repairing(_) => (State::Resyncing, Step::Resync),
            State::Resyncing => {
                self.tally.alarms += 1;
                (State::Resting(now + AUDIT_PAUSE), Step::Alarm)
            }
        };
        self.state = state;
        Some(step)
    }

    /// True when buckets were asked for.
    pub(crate) fn is_asking(&self) -> bool {
        self.state == State::Asked
    }

    /// The owner told its buckets, from the first of these on; `ours` has all of the copy's.
    pub(crate) fn buckets(&mut self, first: u16, told: &[Digest], ours: &[Digest]) -> Option<Step> {
        if !self.is_asking() {
            return None;
        }
        let first = usize::from(first);
        let differing = self.differing.get_or_insert(Buckets::NONE);
        for (at, told) in told.iter().enumerate().map(|(nth, told)| (first + nth, told)) {
            if ours.get(at) != Some(told) {
                differing.insert(at);
            }
        }
        if first + told.len() < BUCKETS {
            return None;
        }
        let differing = self.differing.take().filter(|differing| !differing.is_empty());
        self.state = differing.as_ref().map_or(State::Even, |differing| State::Repairing(differing.len()));
        differing.map(|differing| Step::Ask(Ask::Repair(differing)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEIRS: Digest = Digest { count: 2, sum: 20 };
    const OURS: Digest = Digest { count: 2, sum: 21 };

    /// Buckets of which number 5 differs.
    fn buckets(differs: bool) -> (Vec<Digest>, Vec<Digest>) {
        let told = vec![THEIRS; BUCKETS];
        let mut ours = told.clone();
        ours[5] = if differs { OURS } else { THEIRS };
        (told, ours)
    }

    fn repair(audit: &mut Audit) {
        let (told, ours) = buckets(true);
        assert_eq!(audit.compare(Time(1), THEIRS, OURS), Some(Step::Ask(Ask::Buckets)));
        assert_eq!(audit.buckets(0, &told[..500], &ours), None, "not all of them came");
        let mut five = Buckets::NONE;
        five.insert(5);
        assert_eq!(audit.buckets(500, &told[500..], &ours), Some(Step::Ask(Ask::Repair(five))));
    }

    #[test]
    fn what_differs_is_repaired_then_synced_then_told_and_left_alone_for_a_minute() {
        let mut audit = Audit::default();
        assert_eq!(audit.compare(Time(0), THEIRS, THEIRS), None);
        repair(&mut audit);
        assert_eq!(audit.compare(Time(2), THEIRS, THEIRS), Some(Step::Repaired(1)));
        repair(&mut audit);
        assert_eq!(audit.compare(Time(3), THEIRS, OURS), Some(Step::Resync));
        assert_eq!(audit.compare(Time(4), THEIRS, OURS), Some(Step::Alarm));
        assert_eq!(audit.compare(Time(5), THEIRS, OURS), None);
        let later = Time(4) + AUDIT_PAUSE;
        assert_eq!(audit.compare(later, THEIRS, OURS), Some(Step::Ask(Ask::Buckets)));
    }

    #[test]
    fn buckets_that_nobody_asked_for_and_an_answer_of_another_connection_ask_for_nothing() {
        let mut audit = Audit::default();
        let (told, ours) = buckets(true);
        assert_eq!(audit.buckets(0, &told, &ours), None);
        assert_eq!(audit.compare(Time(1), THEIRS, OURS), Some(Step::Ask(Ask::Buckets)));
        audit.restart();
        assert_eq!(audit.buckets(0, &told, &ours), None);
    }

    #[test]
    fn a_difference_that_is_gone_when_the_buckets_come_needs_no_repair() {
        let mut audit = Audit::default();
        let (told, ours) = buckets(false);
        assert_eq!(audit.compare(Time(1), THEIRS, OURS), Some(Step::Ask(Ask::Buckets)));
        assert_eq!(audit.buckets(0, &told, &ours), None);
        assert_eq!(audit.compare(Time(2), THEIRS, OURS), Some(Step::Ask(Ask::Buckets)), "and asks again");
    }
}
