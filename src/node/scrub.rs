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
use crate::mirror::batch::{FdbOp, RouteOp};
use crate::mirror::entry::{HwTable, Router};
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
    /// Where it goes on: in which table, by [`ORDER`], and there.
    table: usize,
    cursor: RowId,
    /// When it does; `None` while an answer is waited for.
    due: Option<Time>,
    /// Entries in the present batch.
    batch: u64,
    /// Rows that were repaired, and when they are looked at again.
    repaired: VecDeque<(Time, HwTable, RowId)>,
    /// Repairs that were told of since then, and others.
    tell_since: Time,
    told: usize,
    untold: u64,
}

impl Scrubber {
    pub(super) fn new(settings: Scrub) -> Scrubber {
        Scrubber {
            settings,
            round: 1,
            table: 0,
            cursor: 0,
            due: Some(Time::ZERO),
            batch: 0,
            repaired: VecDeque::new(),
            tell_since: Time::ZERO,
            told: 0,
            untold: 0,
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
        Some(self.repaired.front().map_or(due, |(again, ..)| due.min(*again)))
    }

    /// Somebody who writes it himself does so soon.
    fn look_again(&mut self, now: Time, table: HwTable, at: RowId, again: bool) {
        if again && self.repaired.len() < limits::SCRUB_REPAIRED {
            self.repaired.push_back((now + limits::SCRUB_AGAIN, table, at));
        }
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

/// The tables of a round.
const ORDER: [HwTable; 3] = [HwTable::Neighbor, HwTable::Fdb, HwTable::Route];

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
        self.glance(table, Glance::Sample, vec![row])
    }

    /// Entries that are believed to be in the ASIC.
    fn entries(&self) -> u64 {
        [self.mirror.tally(), self.fdb.tally(), self.routes.tally()]
            .iter()
            .map(|tally| tally.programmed + tally.contested)
            .sum()
    }

    /// When something is due.
    pub(super) fn scrub_due(&self) -> Option<Time> {
        self.scrub.next_wake(self.entries() > 0)
    }

    /// Some entries are read back, if the ASIC has nothing else to do.
    pub(super) fn next_scrub(&mut self) -> Option<Output> {
        let now = self.now;
        if self.scrub_due().is_none_or(|at| at > now) {
            return None;
        }
        if !self.line.is_idle(now) || self.table.has_work() {
            let later = now + limits::SCRUB_YIELD;
            self.scrub.due = Some(later);
            self.scrub.repaired.iter_mut().for_each(|(at, ..)| *at = (*at).max(later));
            return None;
        }
        let again = self.scrub.repaired.front().is_some_and(|(at, ..)| *at <= now);
        let batch = if again { self.scrub_again() } else { self.scrub_on() };
        self.scrub.due = match batch {
            Some(_) => None,
            // Rows without an entry were passed over.
            None => Some(now + limits::SCRUB_YIELD),
        };
        batch
    }

    fn scrub_size(&self, table: HwTable) -> usize {
        let fit = self.line.readable_within(table, limits::SCRUB_ASIC_TIME);
        self.scrub.size(self.entries(), fit)
    }

    /// What was repaired is looked at again.
    fn scrub_again(&mut self) -> Option<Output> {
        let (now, table) = (self.now, self.scrub.repaired.front()?.1);
        let most = self.scrub_size(table);
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some((at, of, row)) = self.scrub.repaired.front().copied()
            && (at <= now && of == table)
        {
            self.scrub.repaired.pop_front();
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        self.scrub.batch = 0;
        let round = self.scrub.round;
        self.glance(table, Glance::Scrub(round), rows)
    }

    /// The round goes on.
    fn scrub_on(&mut self) -> Option<Output> {
        let table = ORDER[self.scrub.table];
        let (most, from, scan) = (self.scrub_size(table), self.scrub.cursor, limits::SCRUB_SCAN);
        let mut rows = Vec::new();
        let next = match table {
            HwTable::Neighbor => self.mirror.glances(from, most, scan, &mut rows),
            HwTable::Fdb => self.fdb.glances(from, most, scan, &mut rows),
            HwTable::Route => self.routes.glances(from, most, scan, &mut rows),
        };
        self.scrub.batch = rows.len() as u64;
        self.scrub.cursor = next.unwrap_or(0);
        let round = self.scrub.round;
        if next.is_none() {
            self.scrub.table = (self.scrub.table + 1) % ORDER.len();
            self.scrub.round = round.saturating_add(u32::from(self.scrub.table == 0));
        }
        self.glance(table, Glance::Scrub(round), rows)
    }

    fn glance(&mut self, table: HwTable, glance: Glance, mut rows: Vec<RowId>) -> Option<Output> {
        rows.retain(|row| match table {
            HwTable::Neighbor => self.mirror.is_to_be_seen(*row),
            HwTable::Fdb => self.fdb.is_to_be_seen(*row),
            HwTable::Route => self.routes.is_to_be_seen(*row),
        });
        if rows.is_empty() {
            return None;
        }
        let id = self.line.out_of_turn();
        let (keys, macs) = (&self.table, &self.macs);
        Some(match table {
            HwTable::Neighbor => Output::Program(
                self.mirror.glance(id, glance, &rows, |row, rif, host| neighbor_op(keys, row, rif, host)),
            ),
            HwTable::Fdb => {
                let op = |row, domain, host| FdbOp { row, domain, mac: macs.mac(row).1, host, was: None };
                Output::Fdb(self.fdb.glance(id, glance, &rows, op))
            }
            HwTable::Route => {
                let op = |row, router: Router, via| RouteOp {
                    row,
                    virtual_router: router.oid,
                    ip: keys.ip(row),
                    via,
                };
                Output::Route(self.routes.glance(id, glance, &rows, op))
            }
        })
    }

    /// A batch that only looked was answered.
    pub(super) fn scrubbed(&mut self, asic_ns: u64) {
        if self.scrub.due.is_none() {
            let entries = self.entries();
            self.scrub.answered(self.now, entries, asic_ns);
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
        let others = self.fdb.take_findings().into_iter().map(|f| (HwTable::Fdb, f.at, f.again, f.repaired));
        let routes = self.routes.take_findings().into_iter();
        let others: Vec<_> =
            others.chain(routes.map(|f| (HwTable::Route, f.at, f.again, f.repaired))).collect();
        for (table, at, again, repaired) in others {
            self.scrub.look_again(now, table, at, again);
            self.scrub.untold += u64::from(repaired);
        }
        for finding in self.mirror.take_findings() {
            self.scrub.look_again(now, HwTable::Neighbor, finding.at, finding.again);
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
