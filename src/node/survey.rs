//! Entries in the ASIC on interfaces of ours that are not ours: counted now and then, and told when their number changes.
//!
//! ```text
//!   due, nothing else to do ─► the ASIC lists its keys ─► those that the journal lacks ─► those that nobody here knows
//!                                                                                          │ another number, twice
//!                                                                                          └─► ForeignEntries
//! ```
//!
//! A neighbour that the NOS wrote a moment before it told us of the host is not foreign: so what is news is counted once
//! more after a while. Keys that are the NOS's by agreement are not foreign either.
//!
//! Invariant: nothing is written, and nothing that is wanted waits for more than one listing.

use super::Node;
use super::io::{Event, Listed, Output};
use crate::addr::InterfaceId;
use crate::limits;
use crate::neighbor::Key;
use crate::sai::id::{self, Oid};
use crate::time::Time;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// How far it is.
#[derive(Debug)]
pub(super) struct Survey {
    /// When it is looked next, or when the present look goes on; `None` while an answer is waited for.
    due: Option<Time>,
    /// What was found so far, if a look is under way, …
    counted: Option<u64>,
    /// … and how many entries had been removed when it began.
    removes: u64,
    /// What the look before found, if that was news.
    seen: Option<u64>,
    /// What was told.
    told: u64,
}

impl Default for Survey {
    fn default() -> Self {
        let due = Some(Time::ZERO + limits::SURVEY_FIRST);
        Survey { due, counted: None, removes: 0, seen: None, told: 0 }
    }
}

impl Survey {
    /// Entries that are not ours, when it was looked last.
    pub(super) fn foreign(&self) -> u64 {
        self.told
    }
}

impl Node {
    /// When something is due.
    pub(super) fn survey_due(&self) -> Option<Time> {
        self.survey.due.filter(|_| !self.settings.tuning.scrub.round.is_zero() && !self.bound.is_empty())
    }

    /// The ASIC is asked what it holds, if it has nothing else to do.
    pub(super) fn next_survey(&mut self) -> Option<Output> {
        let now = self.now;
        if self.survey_due().is_none_or(|at| at > now) {
            return None;
        }
        if self.survey.counted.is_none() {
            if !self.line.is_idle(now) || self.table.has_work() {
                self.survey.due = Some(now + limits::SCRUB_YIELD);
                return None;
            }
            self.survey.counted = Some(0);
            self.survey.removes = self.mirror.tally().removes;
        }
        self.survey.due = None;
        Some(Output::Survey)
    }

    /// The ASIC has listed some of what it holds.
    pub(super) fn surveyed(&mut self, listed: &Listed) {
        let Some(counted) = self.survey.counted else { return };
        let Some(keys) = &listed.keys else {
            // It cannot, and will not be able to.
            self.survey.counted = None;
            return;
        };
        let counted = counted + self.strangers(keys);
        if listed.more {
            self.survey.counted = Some(counted);
            self.survey.due = Some(self.now);
            return;
        }
        self.survey.counted = None;
        let pause = if self.mirror.tally().removes != self.survey.removes {
            // What was ours when it was listed may not have been when it was looked up.
            limits::SURVEY_AGAIN
        } else if counted == self.survey.told {
            self.survey.seen = None;
            let share = u64::from(self.settings.tuning.scrub.share.max(1));
            limits::SURVEY_PERIOD.max(Duration::from_nanos(listed.asic_ns.saturating_mul(share)))
        } else if self.survey.seen.replace(counted) == Some(counted) {
            self.survey.seen = None;
            self.survey.told = counted;
            self.say(Event::ForeignEntries { entries: counted });
            limits::SURVEY_PERIOD
        } else {
            limits::SURVEY_AGAIN
        };
        self.survey.due = Some(self.now + pause);
    }

    /// How many of these are on bound interfaces, and nobody's here.
    fn strangers(&mut self, keys: &[(Oid<id::RouterInterface>, IpAddr)]) -> u64 {
        let interfaces: BTreeMap<Oid<id::RouterInterface>, InterfaceId> =
            self.bound.iter().map(|(interface, rif)| (self.mirror.place_at(*rif).oid, *interface)).collect();
        let mut strangers = 0;
        for (rif, ip) in keys {
            let Some(interface) = interfaces.get(rif).copied() else { continue };
            let row = self.table.find(&Key { interface, ip: *ip });
            let slot = row.and_then(|row| self.mirror.slot(row));
            let is_strange = slot.is_none_or(|slot| !slot.foreign && !slot.may_be_there());
            strangers += u64::from(is_strange);
        }
        strangers
    }
}
