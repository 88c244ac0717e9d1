//! Entries that are believed to be in the ASIC, read back.
//!
//! ```text
//!                    as believed
//!   held ──► glance ─────────────► nothing happens
//!                └── otherwise ──► held is what was read: programmed again, or, after three times, left for a while
//! ```
//!
//! A glance takes nothing out of its queue and keeps nothing waiting: an entry that changes meanwhile is not judged by it.
//!
//! Invariant: reading back writes nothing; what is done about a difference follows from wanted and held, as always. What is
//! not ours is not looked at.

use crate::limits::{SCRUB_FORGETS, SCRUB_PATIENCE, SCRUB_REPAIRS};
use crate::mirror::Mirror;
use crate::mirror::batch::{Batch, BatchId, OpKind, Outcome};
use crate::mirror::entry::{Entry, Value};
use crate::mirror::line::Line;
use crate::mirror::slot::{Facts, Held, Place, Slot};
use crate::table::row::RowId;
use crate::time::Time;

/// Why it is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glance {
    /// To see whether SUCCESS means done.
    Sample,
    /// To find what somebody else changed, in this round.
    Scrub(u32),
}

/// An entry that was found otherwise than it was believed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finding<V> {
    pub(crate) at: RowId,
    /// What was there.
    pub(crate) found: Option<V>,
    /// It was found so before, so often that somebody else must be writing it.
    pub(crate) contested: bool,
    /// It is programmed again.
    pub(crate) repaired: bool,
    /// It is worth looking at again soon.
    pub(crate) again: bool,
}

impl<V: Value> Slot<V> {
    /// What is expected of an entry that may be looked at.
    fn expected(&self) -> Option<V> {
        match self.held {
            _ if self.foreign || self.blind => None,
            _ if self.is_contested() => self.want,
            Held::Host(value) if self.place == Place::Idle => Some(value),
            _ => None,
        }
    }
}

impl<E: Entry> Mirror<E> {
    /// What is believed of a wanted entry is forgotten: it is read back at once.
    pub(crate) fn look_again(&mut self, now: Time, at: RowId) {
        let resting = |place| !matches!(place, Place::InFlight | Place::Queued(..));
        let slot = self.slots.get(at as usize);
        if slot.is_some_and(|slot| slot.want.is_some() && !slot.foreign && !slot.blind && resting(slot.place))
        {
            self.edit(at, |m| {
                let slot = &mut m.slots[at as usize];
                if slot.held == Held::Nothing {
                    slot.held_rif = slot.want_rif;
                }
                slot.held = Held::Unknown;
                slot.tries = 0;
                slot.facts.set(Facts::CONTESTED, false);
                slot.facts.set_repairs(0);
                m.place(now, at);
            });
        }
    }

    /// The next rows from there on that may be looked at, at most `most` of them among `scan`; and where to go on, unless
    /// that is the end.
    pub(crate) fn glances(
        &self,
        from: RowId,
        most: usize,
        scan: usize,
        rows: &mut Vec<RowId>,
    ) -> Option<RowId> {
        let end = self.slots.len().min((from as usize).saturating_add(scan));
        for at in from as usize..end {
            if rows.len() == most {
                return Some(at as RowId);
            }
            if self.slots[at].expected().is_some() {
                rows.push(at as RowId);
            }
        }
        (end < self.slots.len()).then_some(end as RowId)
    }

    /// True when there is an entry of ours in the row that may be looked at now.
    pub(crate) fn is_to_be_seen(&self, at: RowId) -> bool {
        self.slots.get(at as usize).is_some_and(|slot| slot.expected().is_some())
    }

    /// A batch that looks at these rows.
    pub(crate) fn glance<O>(
        &mut self,
        id: BatchId,
        glance: Glance,
        rows: &[RowId],
        op: impl Fn(RowId, E::Place, Option<E::Value>) -> O,
    ) -> Batch<O> {
        let mut flight = self.spare.pop().unwrap_or_default();
        let mut ops = Vec::with_capacity(rows.len());
        for at in rows {
            let Some(expected) = self.slots.get(*at as usize).and_then(Slot::expected) else { continue };
            let slot = &self.slots[*at as usize];
            let place = if slot.held == Held::Nothing { slot.want_rif } else { slot.held_rif };
            flight.push((*at, Some(expected)));
            ops.push(op(*at, self.places.at(place), slot.want));
        }
        self.flights.push(super::Flight { id, kind: OpKind::Read, ops: flight, glance: Some(glance) });
        Batch { id, kind: OpKind::Read, ops }
    }

    /// What was seen at a glance.
    pub(super) fn settle_glance(
        &mut self,
        line: &mut Line,
        now: Time,
        glance: Glance,
        ops: &mut Vec<(RowId, Option<E::Value>)>,
        outcomes: &[Outcome<E::Value>],
    ) {
        for ((at, expected), outcome) in ops.drain(..).zip(outcomes) {
            let slot = &self.slots[at as usize];
            let (Some(expected), Outcome::Held(read)) = (expected, *outcome) else { continue };
            if slot.expected() != Some(expected) {
                continue;
            }
            self.tally.reads += 1;
            self.tally.scrubbed += u64::from(matches!(glance, Glance::Scrub(_)));
            let same = read.is_some_and(|read| !expected.must_set(read));
            match glance {
                Glance::Sample if same => line.early.was_prompt(now),
                Glance::Sample => {
                    line.early.was_late(now);
                    self.edit(at, |m| {
                        let slot = &mut m.slots[at as usize];
                        slot.held = Held::Written(expected);
                        // It was looked at once.
                        slot.patience = 1;
                        m.confirm_later(now, at);
                    });
                }
                Glance::Scrub(round) if same => self.is_true(now, at, round),
                Glance::Scrub(round) => self.is_otherwise(now, at, round, read),
            }
        }
    }

    /// An entry is as it should be.
    fn is_true(&mut self, now: Time, at: RowId, round: u32) {
        let slot = &mut self.slots[at as usize];
        if slot.is_contested() {
            // Whoever it is wants the same by now.
            self.edit(at, |m| {
                let slot = &mut m.slots[at as usize];
                slot.held = slot.want.map_or(Held::Nothing, Held::Host);
                slot.held_rif = slot.want_rif;
                m.place(now, at);
            });
        } else if slot.facts.repairs() > 0 && round.is_multiple_of(SCRUB_FORGETS) {
            let times = slot.facts.repairs() - 1;
            slot.facts.set_repairs(times);
            if times == 0 {
                slot.facts.set(Facts::CONTESTED, false);
            }
        }
    }

    /// An entry is not as it should be.
    fn is_otherwise(&mut self, now: Time, at: RowId, round: u32, read: Option<E::Value>) {
        self.edit(at, |m| {
            let slot = &mut m.slots[at as usize];
            let left_alone = slot.is_contested();
            slot.held = read.map_or(Held::Nothing, Held::Host);
            if slot.want.is_none() {
                return m.place(now, at);
            }
            let (mut contested, mut repaired) = (false, true);
            if left_alone {
                // Now and then: whoever it was may be gone.
                repaired = round.is_multiple_of(1 << slot.patience.min(SCRUB_PATIENCE));
                slot.patience += u8::from(repaired && slot.patience < SCRUB_PATIENCE);
            } else if slot.facts.has(Facts::CONTESTED) {
                repaired = false;
                slot.patience = slot.patience.max(1);
            } else {
                slot.facts.set_repairs(slot.facts.repairs() + 1);
                contested = slot.facts.repairs() >= SCRUB_REPAIRS;
                slot.facts.set(Facts::CONTESTED, contested);
            }
            m.tally.repaired += u64::from(repaired);
            m.findings.push(Finding { at, found: read, contested, repaired, again: !left_alone });
            if !repaired {
                return m.queues.put(&mut m.slots, at, Place::Failed, now);
            }
            let slot = &mut m.slots[at as usize];
            slot.tries = 0;
            slot.moved |= read.is_none();
            m.place(now, at);
        });
    }

    /// What was found since this was asked last.
    pub(crate) fn take_findings(&mut self) -> Vec<Finding<E::Value>> {
        std::mem::take(&mut self.findings)
    }
}
