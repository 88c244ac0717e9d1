//! A row that sits down, waits, or stands up.
//!
//! Invariant: what is counted at the bounds and who is in the lists changes here alone.

use super::Admission;
use super::seats::{Level, Place, Seat};
use crate::table::row::RowId;

impl Admission {
    pub(super) fn sit(&mut self, at: RowId, place: Place) {
        self.hardware.sit(at);
        if !self.ages.is_empty() {
            self.ages.remove(&at);
        }
        let seat = Seat { place, noted: false, ..self.seats.get(at) };
        self.seats.set(at, seat);
        for limit in self.seats.groups[seat.group as usize].limits {
            if self.limits[limit as usize].count(seat.priority, seat.footprint, true) {
                self.crossed.insert(limit);
            }
        }
        self.seats.enlist(&mut self.limits, at);
    }

    pub(super) fn wait(&mut self, at: RowId, level: Level) {
        self.begin_to_wait(at);
        let seat = Seat { place: Place::Waits(level), ..self.seats.get(at) };
        self.seats.set(at, seat);
        let turn = self.turn(at);
        let bound = self.seats.groups[seat.group as usize].limits[level as usize];
        let limit = &mut self.limits[bound as usize];
        limit.waiting.insert(turn);
        if limit.would_fit(seat.priority, seat.footprint) {
            self.mark(bound);
        }
    }

    pub(super) fn begin_to_wait(&mut self, at: RowId) {
        self.ages.entry(at).or_insert_with(|| {
            self.waits += 1;
            self.waits
        });
    }

    /// Takes a row from wherever it is; it is nowhere then.
    pub(super) fn stand_up(&mut self, at: RowId) {
        let seat = self.seats.get(at);
        let limits = self.seats.groups[seat.group as usize].limits;
        match seat.place {
            Place::Out => return,
            Place::In | Place::Parked | Place::Nos => {
                self.seats.delist(&mut self.limits, at);
                for bound in limits {
                    let limit = &mut self.limits[bound as usize];
                    if limit.count(seat.priority, seat.footprint, false) {
                        self.crossed.insert(bound);
                    }
                    if !limit.waiting.is_empty() {
                        self.mark(bound);
                    }
                }
            }
            Place::Waits(level) => {
                let turn = self.turn(at);
                let limit = &mut self.limits[limits[level as usize] as usize];
                limit.waiting.remove(&turn);
                if !limit.waiting.is_empty() {
                    self.mark(limits[level as usize]);
                }
            }
            Place::Benched => self.hardware.stand_up(self.turn(at)),
        }
        self.seats.set(at, Seat { place: Place::Out, ..seat });
    }

    /// Takes a row away altogether. Answers its group.
    pub(super) fn vacate(&mut self, at: RowId) -> u32 {
        self.stand_up(at);
        self.ages.remove(&at);
        let group = self.seats.get(at).group;
        self.seats.groups[group as usize].rows -= 1;
        group
    }
}
