//! What people and the NOS are told of admission: thresholds that are passed, hosts that are turned away, and the whole of
//! it for who looks.
//!
//! Invariant: a threshold is told when it is passed, a host that is turned away at once or with others a minute later;
//! neither as often as it may happen.

use super::evictions::Evictions;
use super::limit::{Limit, Rejects};
use super::limits::{Priority, Scope};
use super::seats::{Level, Place, Seat};
use super::{Admission, TABLE};
use crate::mirror::slot::Place as Slot;
use crate::neighbor::Key;
use crate::node::hardware::Reason;
use crate::node::io::Event;
use crate::table::refusal::Refusal;
use crate::table::row::RowId;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// Room, and who has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AdmissionView {
    /// Slots of the table that an IPv6 host takes.
    pub v6_slots: u64,
    /// The table, in slots.
    pub table: LimitView,
    /// Quotas, in hosts: those that bound something.
    pub quotas: Vec<LimitView>,
    /// Hosts that the ASIC has refused for want of room.
    pub no_room: u64,
    /// Hosts that made way in the ASIC for others, and have not come back.
    pub made_way: u64,
    /// Hosts that had to make way for others, in the last minute …
    pub evicted_last_minute: u64,
    /// … of so many that may, …
    pub evicted_most: u64,
    /// … and ever.
    pub evicted: u64,
}

/// One bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LimitView {
    /// What it is about.
    pub scope: Scope,
    /// How much of it is used: by what is wanted in the ASIC, or the NOS's own there; of the table also by entries from
    /// before a restart that nobody has claimed.
    pub used: u64,
    /// How much there is, where that is known.
    pub of: Option<u64>,
    /// The highest threshold that has been passed, in percent.
    pub threshold: Option<u8>,
    /// Hosts heard here.
    pub local: u64,
    /// Hosts of the peer's on an M-LAG.
    pub dual_homed: u64,
    /// Hosts behind the peer.
    pub orphan: u64,
    /// Hosts that wait for room here.
    pub waiting: u64,
}

impl Admission {
    /// A row was looked at after everything of an input was decided: the slot that the mirror has of it, and whether what
    /// it should be is the ASIC's business. What keeps it out is noted, once.
    pub(in crate::node) fn look(&mut self, at: RowId, key: Key, slot: Option<Slot>) {
        match slot {
            Some(Slot::Room) => {
                self.seats.contend();
                if self.set_parked(at, true) && self.note_seat(at) {
                    self.hardware.rejects.note(key);
                }
            }
            Some(Slot::Queued(..) | Slot::InFlight) => {}
            _ => {
                self.set_parked(at, false);
            }
        }
        let seat = self.seats.get(at);
        if let Place::Waits(level) = seat.place
            && self.note_seat(at)
        {
            let bound = self.seats.groups[seat.group as usize].limits[level as usize];
            let rejects = &mut self.limits[bound as usize].rejects;
            rejects.note(key);
            self.rejecting.extend(rejects.next_wake().map(|due| (due, bound)));
        }
    }

    /// Notes for people that a row has no room. Answers whether that is news.
    fn note_seat(&mut self, at: RowId) -> bool {
        let seat = self.seats.get(at);
        self.seats.set(at, Seat { noted: true, ..seat });
        !seat.noted
    }

    /// What is to be told.
    pub(in crate::node) fn poll_event(&mut self, now: Time, parked: usize) -> Option<Event> {
        while let Some(bound) = self.crossed.first().copied() {
            let limit = &mut self.limits[bound as usize];
            let Some((percent, rising)) = limit.poll_threshold() else {
                self.crossed.remove(&bound);
                continue;
            };
            let (scope, used, of) = (limit.scope.clone(), limit.used(), limit.of.unwrap_or(0));
            return Some(Event::Threshold { scope, percent, used, of, rising });
        }
        let rejects = |limit: &Limit, reason, (count, example), waiting| Event::Rejects {
            reason,
            scope: limit.scope.clone(),
            count,
            example,
            waiting,
            used: limit.used(),
            of: limit.of,
        };
        if let Some(some) = self.hardware.rejects.poll(now) {
            let table = &self.limits[TABLE as usize];
            return Some(rejects(table, Reason::TableFull, some, parked as u64));
        }
        let (due, bound) = self.rejecting.first().copied().filter(|(due, _)| *due <= now)?;
        self.rejecting.remove(&(due, bound));
        let some = self.limits[bound as usize].rejects.poll(now)?;
        let limit = &self.limits[bound as usize];
        let refusal = if bound == TABLE { Refusal::Capacity } else { Refusal::Quota };
        Some(rejects(limit, Reason::Refused(refusal), some, limit.waiting.len() as u64))
    }

    /// A host was turned away because its MAC has no room in the FDB.
    pub(in crate::node) fn reject_in_fdb(&mut self, key: Key) {
        self.hardware.fdb_rejects.note(key);
    }

    /// What is to be told of the FDB, in which `used` entries are ours and `waiting` have no room.
    pub(in crate::node) fn poll_fdb_event(&mut self, now: Time, used: u64, waiting: u64) -> Option<Event> {
        let (count, example) = self.hardware.fdb_rejects.poll(now)?;
        let (reason, scope) = (Reason::TableFull, Scope::Fdb);
        Some(Event::Rejects { reason, scope, count, example, waiting, used, of: None })
    }

    /// When [`Admission::poll_event`] is due, or [`Admission::poll_fdb_event`].
    pub(super) fn tells_at(&self) -> Option<Time> {
        let rejects = [&self.hardware.rejects, &self.hardware.fdb_rejects];
        let rejected = rejects.into_iter().filter_map(Rejects::next_wake);
        self.rejecting.first().map(|(due, _)| *due).into_iter().chain(rejected).min()
    }

    /// Room, and who has it.
    pub(in crate::node) fn view(&self, now: Time, no_room: usize) -> AdmissionView {
        let table = &self.limits[TABLE as usize];
        let bounds = self.by_scope.values().filter(|at| **at != TABLE);
        let quotas = bounds.map(|at| &self.limits[*at as usize]).filter(|limit| limit.of.is_some());
        AdmissionView {
            v6_slots: table.v6_weight,
            table: limit_view(table),
            quotas: quotas.map(limit_view).collect(),
            no_room: no_room as u64,
            made_way: self.hardware.benched() as u64,
            evicted_last_minute: self.evictions.recent(now),
            evicted_most: Evictions::allowance(self.size()),
            evicted: self.evictions.total(),
        }
    }
}

fn limit_view(limit: &Limit) -> LimitView {
    LimitView {
        scope: limit.scope.clone(),
        used: limit.used(),
        of: limit.of,
        threshold: limit.passed(),
        local: limit.hosts(Priority::Local),
        dual_homed: limit.hosts(Priority::DualHomed),
        orphan: limit.hosts(Priority::Orphan),
        waiting: limit.waiting.len() as u64,
    }
}

/// The levels of a group are in the order of its bounds.
const _: () =
    assert!(Level::Interface as usize == 0 && Level::Vrf as usize == 1 && Level::Table as usize == 2);
