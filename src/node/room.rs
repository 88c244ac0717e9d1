//! Admission between what is decided about a row and what the mirror is told.
//!
//! Invariant: whether a row may be in follows from its seat alone; whoever shows or lists it asks [`Node::verdict`], so that
//! all say the same.

use crate::neighbor::Key;
use crate::node::Node;
use crate::node::admission::{AdmissionView, Footprint, Wish};
use crate::table::desired::{Verdict, View, desired};
use crate::table::row::RowId;

impl Node {
    /// Room in the host table, quotas, and who has it.
    pub fn admission(&self) -> AdmissionView {
        self.admission.view(self.now, self.mirror.without_room())
    }

    /// What is decided about a row, room considered.
    pub(super) fn verdict(&self, row: RowId, view: &View<'_>, key: &Key) -> Verdict {
        match (desired(view, key), self.admission.refusal(row)) {
            (Verdict::Ours(_), Some(refusal)) => Verdict::Refused(refusal),
            (verdict, _) => verdict,
        }
    }

    /// Asks for room, or gives it up.
    #[inline]
    pub(super) fn admit(&mut self, row: RowId, verdict: Verdict, wish: Option<Wish>) -> Verdict {
        let Some(wish) = wish else {
            self.admission.leave(row);
            return verdict;
        };
        match self.admission.claim(row, self.table.interface(row), wish) {
            Some(refusal) => Verdict::Refused(refusal),
            None => verdict,
        }
    }

    /// Entries from before a restart fill the table, whether somebody claims them or not.
    pub(super) fn count_leftovers(&mut self) {
        while let Some(row) = self.mirror.poll_kept_news() {
            let kept = self.mirror.is_kept(row);
            self.admission.set_kept(row, Footprint::of(self.table.ip(row)), kept);
        }
    }

    /// Tells the mirror who comes first where the hardware has not room for all.
    #[inline]
    pub(super) fn prioritize(&mut self, row: RowId, wish: Option<Wish>) {
        if let Some(wish) = wish {
            self.mirror.prioritize(self.now, row, wish.priority as u8);
        }
    }

    /// A row was looked at when everything was decided.
    pub(super) fn look_at_room(&mut self, row: RowId, key: Key) {
        let place = self.mirror.slot(row).map(|slot| slot.place);
        self.admission.look(row, key, place);
    }

    pub(super) fn tell_admission(&mut self) {
        while let Some(event) = self.admission.poll_event(self.now, self.mirror.without_room()) {
            self.say(event);
        }
        let (used, waiting) = (self.fdb.tally().programmed, self.fdb.without_room() as u64);
        if let Some(event) = self.admission.poll_fdb_event(self.now, used, waiting) {
            self.say(event);
        }
    }
}
