//! Hosts that are told of one by one: those that are refused, and those whose entries were there first and are ours now.
//!
//! Invariant: however many there are, within [`HOST_TELL_PERIOD`] at most [`HOST_TELLS`] are told of; the others are
//! counted, and the count is told when the time is over. Which of them does not decide anything: `why` knows of each.

use super::Node;
use super::hardware::Reason;
use super::io::Event;
use crate::limits::{HOST_TELL_PERIOD, HOST_TELLS};
use crate::mirror::slot::Place;
use crate::neighbor::Key;
use crate::sai::status::Status;
use crate::table::row::RowId;
use crate::table::trail::What;
use crate::time::Time;

/// How many were told of, of each kind.
#[derive(Debug, Default)]
pub(super) struct Telling {
    refused: Tally,
    adopted: Tally,
}

/// So many were told of since then, and so many were not.
#[derive(Debug, Default)]
struct Tally {
    since: Time,
    told: usize,
    untold: u64,
}

impl Tally {
    /// True when one more may be told of; otherwise it is counted.
    fn admits(&mut self) -> bool {
        let admitted = self.told < HOST_TELLS;
        self.told += usize::from(admitted);
        self.untold += u64::from(!admitted);
        admitted
    }

    /// The time is over, if it is: how many were not told of.
    fn turn(&mut self, now: Time) -> Option<u64> {
        if now < self.since + HOST_TELL_PERIOD {
            return None;
        }
        (self.since, self.told) = (now, 0);
        Some(std::mem::take(&mut self.untold)).filter(|untold| *untold > 0)
    }

    fn due(&self) -> Option<Time> {
        (self.untold > 0).then(|| self.since + HOST_TELL_PERIOD)
    }
}

impl Telling {
    /// When [`Node::tell_hosts`] is due.
    pub(super) fn next_wake(&self) -> Option<Time> {
        self.refused.due().into_iter().chain(self.adopted.due()).min()
    }
}

impl Node {
    /// A host is refused from now on.
    pub(super) fn tell_refused(&mut self, key: Key, reason: Reason, status: Option<Status>) {
        self.tell_hosts();
        if self.telling.refused.admits() {
            self.say(Event::Refused { key, reason, status });
        }
    }

    /// The ASIC did not do something: that is told of a host where it is not asked again.
    pub(super) fn tell_rejected(&mut self, row: RowId, what: What) {
        let What::AsicRefused { status, .. } = what else { return };
        let is_failed =
            |slot: &crate::mirror::slot::Slot| slot.place == Place::Failed && !slot.is_contested();
        if self.mirror.slot(row).is_some_and(is_failed) {
            self.tell_refused(self.table.key(row), Reason::Rejected, Some(status));
        }
    }

    /// Tells of what was taken over, and how many were not told of one by one.
    pub(super) fn tell_hosts(&mut self) {
        if let Some(hosts) = self.telling.refused.turn(self.now) {
            self.say(Event::MoreRefused { hosts });
        }
        if let Some(entries) = self.telling.adopted.turn(self.now) {
            self.say(Event::MoreAdopted { entries });
        }
        for (row, found) in self.mirror.take_taken_over() {
            if self.telling.adopted.admits() {
                self.say(Event::Adopted { key: self.table.key(row), found: found.mac });
            }
        }
    }
}
