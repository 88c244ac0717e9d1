//! Writes that the library answers with SUCCESS and never does: told, at first at once and then now and then.
//!
//! Invariant: what is told is bounded, however many entries it happens to.

use super::Node;
use super::io::{Event, NoRoom};
use crate::limits::LOST_TELL_PERIOD;
use crate::table::row::RowId;
use crate::time::Time;

/// What was told of the ASIC's word, and of the journal's room.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// When it was told last …
    told: Option<Time>,
    /// … of how many entries it was not told since …
    untold: u64,
    /// … and one of them.
    example: Option<RowId>,
    /// Why the journal has no room, and how many writes found none.
    journal: Option<NoRoom>,
    pub(super) unrecorded: u64,
}

impl Node {
    /// Tells of entries that are written again and again, and are never there.
    pub(super) fn tell_lost(&mut self) {
        for row in self.mirror.take_denied().into_iter().chain(self.routes.take_denied()) {
            self.lost.untold += 1;
            self.lost.example = Some(row);
        }
        for at in self.fdb.take_denied() {
            self.lost.untold += 1;
            self.lost.example = self.macs.row(at).or(self.lost.example);
        }
        if self.lost.untold == 0 || self.lost_due().is_some_and(|at| at > self.now) {
            return;
        }
        self.lost.told = Some(self.now);
        let entries = std::mem::take(&mut self.lost.untold);
        let example = self.lost.example.take().map(|row| self.table.key(row));
        self.say(Event::WritesLost { entries, example });
    }

    /// When what was not told is.
    pub(super) fn lost_due(&self) -> Option<Time> {
        let told = self.lost.told.filter(|_| self.lost.untold > 0)?;
        Some(told + LOST_TELL_PERIOD)
    }

    /// The journal has no room, or has some again.
    pub(super) fn journal_news(&mut self, full: Option<NoRoom>, unrecorded: u64, records: u64) {
        let before = std::mem::replace(&mut self.lost.journal, full);
        self.lost.unrecorded = unrecorded;
        match (before, full) {
            (None, Some(why)) => self.say(Event::JournalFull { why, records }),
            (Some(_), None) => self.say(Event::JournalHasRoom { records }),
            _ => {}
        }
    }
}
