//! What keeps the ASIC true over time.
//!
//! ```text
//!  nothing to do ──► a few entries are read back ──► as believed: on to the next few, when their share of time is earned
//!                                                └─► otherwise: programmed again, told, looked at again soon
//! ```
//!
//! Invariant: an entry that is not ours is never touched, whoever asks; nothing that is wanted waits for a reading but for
//! the one that is under way.

use super::io::{Event, Output};
use super::{Node, neighbor_op};
use crate::limits;
use crate::mirror::entry::HwTable;
use crate::mirror::scrub::Glance;
use crate::neighbor::Key;
use crate::table::row::RowId;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

/// How what is believed to be in the ASIC is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scrub {
    /// Everything within so long, if the share allows it; zero: never.
    pub round: Duration,
    /// At most one part in so many of the ASIC's time.
    pub share: u32,
}

impl Default for Scrub {
    fn default() -> Self {
        Scrub { round: limits::SCRUB_ROUND, share: limits::SCRUB_SHARE }
    }
}

impl Scrub {
    /// Nothing is read back.
    pub fn off() -> Scrub {
        Scrub { round: Duration::ZERO, share: 0 }
    }
}

/// How far it is.
#[derive(Debug)]
pub(super) struct Scrubber {
    settings: Scrub,
    /// The round, from 1.
    round: u32,
    /// Where it goes on.
    cursor: RowId,
    /// When it does; `None` while an answer is waited for.
    due: Option<Time>,
    /// Entries in the present batch.
    batch: u64,
    /// Rows that were repaired, and when they are looked at again.
    repaired: VecDeque<(Time, RowId)>,
    /// Repairs that were told of since then, and others.
    tell_since: Time,
    told: usize,
    untold: u64,
    /// Entries that are not ours.
    pub(super) foreign: u64,
}

impl Scrubber {
    pub(super) fn new(settings: Scrub) -> Scrubber {
        Scrubber {
            settings,
            round: 1,
            cursor: 0,
            due: Some(Time::ZERO),
            batch: 0,
            repaired: VecDeque::new(),
            tell_since: Time::ZERO,
            told: 0,
            untold: 0,
            foreign: 0,
        }
    }

    /// Rounds that are complete.
    pub(super) fn rounds(&self) -> u64 {
        u64::from(self.round - 1)
    }

    /// When something is due, if there is anything to look at.
    pub(super) fn next_wake(&self, has_entries: bool) -> Option<Time> {
        if self.settings.round.is_zero() || !has_entries {
            return None;
        }
        let due = self.due?;
        Some(self.repaired.front().map_or(due, |(again, _)| due.min(*again)))
    }

    fn is_due(&self, now: Time) -> bool {
        self.next_wake(true).is_some_and(|at| at <= now)
    }

    /// How many entries at once, so that a round takes its time; few enough that none of them keeps anybody waiting.
    fn size(&self, entries: u64, fit: usize) -> usize {
        let round = self.settings.round.as_millis().max(1);
        let each = u128::from(entries) * SCRUB_BEAT.as_millis() / round;
        usize::try_from(each)
            .unwrap_or(usize::MAX)
            .clamp(limits::BATCH_FIRST, limits::SCRUB_BATCH)
            .min(fit.max(1))
    }

    /// A batch was answered: the next one comes when the round's time and the share of the ASIC's allow it.
    fn answered(&mut self, now: Time, entries: u64, asic_ns: u64) {
        let round = u64::try_from(self.settings.round.as_nanos()).unwrap_or(u64::MAX);
        let even = u128::from(round) * u128::from(self.batch) / u128::from(entries.max(1));
        let even = u64::try_from(even).unwrap_or(u64::MAX).min(round);
        let share = asic_ns.saturating_mul(u64::from(self.settings.share.max(1)));
        self.due = Some(now + Duration::from_nanos(even.max(share)));
    }
}

/// A batch in about this time, or less often where that would be too few entries.
const SCRUB_BEAT: Duration = Duration::from_millis(250);

impl Node {
    /// Somebody found that the ASIC does not hold these as they should be: the ASIC is asked, and believed.
    pub(super) fn repair(&mut self, keys: &[Key]) {
        for key in keys {
            if let Some(row) = self.table.find(key) {
                self.mirror.look_again(self.now, row);
            }
        }
    }

    /// An entry is read back at once, to see whether the library says SUCCESS before it is done.
    pub(super) fn next_sample(&mut self) -> Option<Output> {
        if !self.line.is_open(self.now) {
            return None;
        }
        let (table, row) = self.line.sample.take()?;
        match table {
            HwTable::Neighbor => self.glance(Glance::Sample, vec![row]),
            HwTable::Fdb | HwTable::Route => None,
        }
    }

    /// Some entries are read back, if the ASIC has nothing else to do.
    pub(super) fn next_scrub(&mut self) -> Option<Output> {
        if !self.mirror.has_entries() || !self.scrub.is_due(self.now) {
            return None;
        }
        if !self.line.is_idle(self.now) || self.table.has_work() {
            self.scrub.due = Some(self.now + limits::SCRUB_YIELD);
            self.scrub
                .repaired
                .iter_mut()
                .for_each(|(at, _)| *at = (*at).max(self.now + limits::SCRUB_YIELD));
            return None;
        }
        let fit = self.line.readable_within(HwTable::Neighbor, limits::SCRUB_ASIC_TIME);
        let most = self.scrub.size(self.mirror.tally().programmed, fit);
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some((_, row)) = self.scrub.repaired.pop_front_if(|(at, _)| *at <= self.now)
        {
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        self.scrub.batch = 0;
        if self.scrub.due.is_some_and(|due| due <= self.now) && rows.len() < most {
            let before = rows.len();
            let next = self.mirror.glances(self.scrub.cursor, most, limits::SCRUB_SCAN, &mut rows);
            self.scrub.cursor = next.unwrap_or(0);
            self.scrub.round = self.scrub.round.saturating_add(u32::from(next.is_none()));
            self.scrub.batch = (rows.len() - before) as u64;
            rows.sort_unstable();
            rows.dedup();
        }
        let round = self.scrub.round;
        let batch = self.glance(Glance::Scrub(round), rows);
        self.scrub.due = match batch {
            Some(_) => None,
            // Rows without an entry were passed over.
            None => Some(self.now + limits::SCRUB_YIELD),
        };
        batch
    }

    fn glance(&mut self, glance: Glance, mut rows: Vec<RowId>) -> Option<Output> {
        rows.retain(|row| self.mirror.is_to_be_seen(*row));
        if rows.is_empty() {
            return None;
        }
        let id = self.line.out_of_turn();
        let table = &self.table;
        let batch =
            self.mirror.glance(id, glance, &rows, |row, rif, host| neighbor_op(table, row, rif, host));
        Some(Output::Program(batch))
    }

    /// A batch that only looked was answered.
    pub(super) fn scrubbed(&mut self, asic_ns: u64) {
        if self.scrub.due.is_none() {
            self.scrub.answered(self.now, self.mirror.tally().programmed, asic_ns);
        }
    }

    /// Tells of what was found; of some of it one by one.
    pub(super) fn tell_findings(&mut self) {
        if let Some(early) = self.line.early.take_news() {
            self.say(Event::Asynchronous { early });
        }
        let now = self.now;
        if now >= self.scrub.tell_since + limits::SCRUB_TELL_PERIOD {
            self.scrub.tell_since = now;
            self.scrub.told = 0;
            let entries = std::mem::take(&mut self.scrub.untold);
            if entries > 0 {
                self.say(Event::MoreRepaired { entries });
            }
        }
        for finding in self.mirror.take_findings() {
            if finding.again && self.scrub.repaired.len() < limits::SCRUB_REPAIRED {
                self.scrub.repaired.push_back((now + limits::SCRUB_AGAIN, finding.at));
            }
            if !finding.contested && !finding.repaired {
                continue;
            }
            if self.scrub.told == limits::SCRUB_TELLS {
                self.scrub.untold += 1;
                continue;
            }
            self.scrub.told += 1;
            let (key, found) = (self.table.key(finding.at), finding.found.map(|host| host.mac));
            if finding.repaired {
                self.say(Event::Repaired { key, found });
            }
            if finding.contested {
                self.say(Event::Contested { key, found });
            }
        }
    }

    /// When repairs that were not told of are counted out.
    pub(super) fn findings_due(&self) -> Option<Time> {
        (self.scrub.untold > 0).then(|| self.scrub.tell_since + limits::SCRUB_TELL_PERIOD)
    }
}
