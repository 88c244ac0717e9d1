//! Room in the hardware itself, which has its own mind: who makes way when it refuses, and who comes back.
//!
//! A host that the ASIC refuses for want of room is parked by the mirror. While one of a later priority is in, that one makes
//! way: its slot is given to whoever has waited longest. Those that made way come back one a second at first; each second
//! without a refusal doubles the number, a refusal begins anew.
//!
//! In a table of hash buckets a freed slot is another bucket's. Whom the ASIC goes on to refuse when slots are freed, it
//! refuses for its place: nobody makes way for it any more.
//!
//! Invariant: nobody makes way here while the slot of one who did is still to be freed for each that waits.

use super::limit::{Rejects, Turn};
use super::limits::Priority;
use super::seats::{Place, Seat};
use super::{Admission, Hindrance, TABLE};
use crate::limits::{BATCH_MAX, EVICTED_AT_ONCE, ROOM_PROBE};
use crate::mirror::Mirror;
use crate::table::row::RowId;
use crate::time::Time;
use std::collections::BTreeSet;

/// What is known of the hardware's room.
#[derive(Debug, Default)]
pub(super) struct Hardware {
    /// Hosts that made way.
    bench: BTreeSet<Turn>,
    /// Rows whose slots are being freed.
    leaving: BTreeSet<RowId>,
    /// As many may come back in a step, and have not yet.
    step: usize,
    left: usize,
    /// When the next step begins.
    step_at: Time,
    /// Refusals when the present one began.
    refused: u64,
    /// Hosts that the ASIC has no room for, when it was looked last.
    pub(super) without_room: u64,
    /// Somebody should make way and may not for a while.
    pub(super) starved: bool,
    /// Hosts that the ASIC refused.
    pub(super) rejects: Rejects,
    /// Hosts whose MAC the FDB refused.
    pub(super) fdb_rejects: Rejects,
}

impl Hardware {
    /// A host that made way is claimed no more.
    pub(super) fn stand_up(&mut self, turn: Turn) {
        self.bench.remove(&turn);
    }

    /// A host is in: what the ASIC holds of it does not leave any more.
    #[inline]
    pub(super) fn sit(&mut self, at: RowId) {
        if !self.leaving.is_empty() {
            self.leaving.remove(&at);
        }
    }

    /// Hosts that made way.
    pub(super) fn benched(&self) -> usize {
        self.bench.len()
    }
}

impl Admission {
    /// The ASIC holds nothing of the row any more.
    pub(in crate::node) fn vacated(&mut self, at: RowId) {
        self.hardware.leaving.remove(&at);
    }

    /// The ASIC has refused a row that may be in, for want of room; or is done with it otherwise. Answers whether that it
    /// has is news.
    pub(in crate::node) fn set_parked(&mut self, at: RowId, parked: bool) -> bool {
        let place = self.seats.get(at).place;
        let (from, to) = if parked { (Place::In, Place::Parked) } else { (Place::Parked, Place::In) };
        if place != from {
            return false;
        }
        self.seats.delist(&mut self.limits, at);
        let seat = self.seats.get(at);
        self.seats.set(at, Seat { place: to, noted: parked && seat.noted, ..seat });
        self.seats.enlist(&mut self.limits, at);
        parked
    }

    /// A row that makes way in the hardware, or comes back.
    pub(super) fn poll_hardware(&mut self, now: Time, mirror: &Mirror) -> Option<RowId> {
        self.make_way(now, mirror).or_else(|| self.come_back(now, mirror))
    }

    /// When somebody may come back.
    pub(super) fn comes_back_at(&self, mirror: &Mirror) -> Option<Time> {
        let (priority, ..) = self.hardware.bench.first()?;
        (!waits_before(mirror, *priority)).then_some(self.hardware.step_at)
    }

    fn make_way(&mut self, now: Time, mirror: &Mirror) -> Option<RowId> {
        self.hardware.starved = false;
        let mut waiting = 0;
        for priority in [Priority::Local, Priority::DualHomed] {
            waiting += mirror.waiting_for_room(priority as u8);
            if self.hardware.leaving.len() >= waiting.min(EVICTED_AT_ONCE) {
                continue;
            }
            let holds = |at| mirror.slot(at).is_some_and(|slot| slot.is_programmed());
            let table = &self.limits[TABLE as usize];
            let Some(victim) = self.seats.victim_in_hardware(table, priority, holds) else { continue };
            if !self.evictions.take(now, self.size()) {
                self.hardware.starved = true;
                return None;
            }
            self.stand_up(victim);
            self.begin_to_wait(victim);
            self.seats.set(victim, Seat { place: Place::Benched, ..self.seats.get(victim) });
            let turn = self.turn(victim);
            if self.hardware.bench.is_empty() {
                (self.hardware.step, self.hardware.left) = (0, 0);
                self.hardware.step_at = now + ROOM_PROBE;
            }
            self.hardware.refused = mirror.refused_for_room();
            self.hardware.bench.insert(turn);
            self.hardware.leaving.insert(victim);
            return Some(victim);
        }
        None
    }

    fn come_back(&mut self, now: Time, mirror: &Mirror) -> Option<RowId> {
        let (priority, _, at) = *self.hardware.bench.first()?;
        if waits_before(mirror, priority) {
            return None;
        }
        if self.hardware.step_at <= now {
            let refused = std::mem::replace(&mut self.hardware.refused, mirror.refused_for_room());
            let calm = refused == self.hardware.refused;
            let hardware = &mut self.hardware;
            hardware.step = if calm { (hardware.step * 2).clamp(1, BATCH_MAX) } else { 1 };
            (hardware.left, hardware.step_at) = (hardware.step, now + ROOM_PROBE);
        }
        self.hardware.left = self.hardware.left.checked_sub(1)?;
        self.stand_up(at);
        match self.hindrance(at, false) {
            None => self.sit(at, Place::In),
            Some(Hindrance::Others(level) | Hindrance::Later(level)) => self.wait(at, level),
        }
        Some(at)
    }
}

/// True while somebody waits for room who comes before this priority.
fn waits_before(mirror: &Mirror, priority: Priority) -> bool {
    Priority::ALL.into_iter().any(|other| other < priority && mirror.waiting_for_room(other as u8) > 0)
}
