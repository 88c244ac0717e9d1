//! Entries of ours from before a restart: adopted, claimed or swept, and watched for what may land late.
//!
//! ```text
//!            adopt()          read                     want()
//!  journal ─────────► unknown ────► held, kept ───────────────────► as any other: nothing is written if it is as wanted
//!                                    │  sweep_leftovers()
//!                                    └──────────────────────────────► removed
//! ```
//!
//! What had been asked of the ASIC and was not answered when the process ended may happen at any time after it was read
//! back: a create over a newer MAC, a remove under a claim. Such entries, and those that should be there and are not,
//! are read again several times before they are believed.
//!
//! An adopted entry of an address that is claimed on another interface stays in its way until the sweep: the claim that
//! keeps it may be the next to come.
//!
//! Invariant: what was adopted is neither written nor removed before somebody wants it or it is swept.

use crate::limits::LATE_CHECKS;
use crate::mirror::Mirror;
use crate::mirror::entry::{Entry, HwTable};
use crate::mirror::slot::{Facts, Held, Place, RETRIED, RifId, Slot};
use crate::table::row::RowId;
use crate::time::Time;

/// What is remembered of entries that were not made in this life.
#[derive(Debug)]
pub(super) struct Adoption<P, V> {
    /// What nobody wanted was let go of: what turns up from now on goes at once.
    swept: bool,
    /// Rows whose entries may change by themselves.
    doubtful: Vec<RowId>,
    /// How often these have been read again, and when they are next.
    checks: usize,
    next_check: Option<Time>,
    /// Entries that the journal need not name any more.
    /// Entries that were there before they were wanted, and are ours now; with what was found.
    taken_over: Vec<(RowId, V)>,
    pub(super) disowned: Vec<(RowId, P)>,
    /// Rows whose entries were looked at for the first time.
    read: Vec<RowId>,
}

impl<P, V> Default for Adoption<P, V> {
    fn default() -> Self {
        Adoption {
            swept: false,
            doubtful: Vec::new(),
            checks: 0,
            next_check: None,
            disowned: Vec::new(),
            taken_over: Vec::new(),
            read: Vec::new(),
        }
    }
}

impl<E: Entry> Mirror<E> {
    /// The journal names an entry of this row: the ASIC holds it, or did, or may yet.
    pub(crate) fn adopt(&mut self, now: Time, at: RowId, rif: RifId, doubt: bool) {
        if self.slots.len() <= at as usize {
            self.slots.resize_with(at as usize + 1, Slot::default);
        }
        let slot = &self.slots[at as usize];
        if slot.want.is_some() || slot.foreign || slot.is_present() {
            // It was wanted before it was adopted, and what is there is found out by writing.
            return;
        }
        self.edit(at, |m| {
            let slot = &mut m.slots[at as usize];
            (slot.held, slot.held_rif) = (Held::Unknown, rif);
            for fact in [Facts::KEPT, Facts::UNREAD, Facts::RECORDED, Facts::INHERITED] {
                slot.facts.set(fact, true);
            }
            if doubt {
                m.watch(now, at);
            }
            m.place(now, at);
        });
    }

    /// Entries that were adopted and that nobody wants.
    pub(crate) fn leftovers(&self) -> usize {
        self.slots.iter().filter(|slot| slot.is_kept()).count()
    }

    /// True when the row has such an entry.
    pub(crate) fn is_kept(&self, at: RowId) -> bool {
        self.slots.get(at as usize).is_some_and(Slot::is_kept)
    }

    /// A row that has come to have such an entry, or has it no more.
    pub(crate) fn poll_kept_news(&mut self) -> Option<RowId> {
        self.kept_news.pop()
    }

    /// The rows of these.
    pub(crate) fn leftover_rows(&self) -> Vec<RowId> {
        let is_left = |slot: &Slot<E::Value>| slot.facts.has(Facts::KEPT) && slot.is_present();
        (0..).zip(&self.slots).filter(|(_, slot)| is_left(slot)).map(|(at, _)| at).collect()
    }

    /// True while an entry is on its way out: nobody wants it, and it is there.
    pub(crate) fn is_leaving(&self, at: RowId) -> bool {
        self.slots.get(at as usize).is_some_and(|slot| {
            slot.is_present() && slot.want.is_none() && !slot.foreign && !slot.is_parked()
        })
    }

    /// Rows whose adopted entries were looked at for the first time.
    pub(crate) fn take_read(&mut self) -> Vec<RowId> {
        std::mem::take(&mut self.adoption.read)
    }

    /// True for an adopted entry that nobody has claimed, and that has not been looked at yet but can be.
    pub(crate) fn is_unread(&self, at: RowId) -> bool {
        self.slots.get(at as usize).is_some_and(|slot| {
            slot.facts.has(Facts::KEPT) && slot.facts.has(Facts::UNREAD) && slot.is_present() && !slot.blind
        })
    }

    /// What turns up from now on and is not wanted goes at once.
    pub(crate) fn let_go_of_what_comes(&mut self) {
        self.adoption.swept = true;
    }

    /// Everybody who may want an entry has spoken: what is left of the adopted ones goes. Answers how many.
    pub(crate) fn sweep_leftovers(&mut self, now: Time) -> usize {
        self.adoption.swept = true;
        let swept = self.leftovers();
        for at in 0..self.slots.len() as RowId {
            self.let_go(now, at);
        }
        swept
    }

    /// Nobody wants an adopted entry.
    pub(crate) fn let_go(&mut self, now: Time, at: RowId) {
        if self.slots.get(at as usize).is_some_and(|slot| slot.facts.has(Facts::KEPT)) {
            self.edit(at, |m| {
                let slot = &mut m.slots[at as usize];
                slot.facts.set(Facts::KEPT, false);
                if slot.place != Place::InFlight {
                    m.place(now, at);
                }
            });
        }
    }

    /// A row whose entry was ours by the journal and is not any more, or is not there.
    pub(crate) fn poll_disowned(&mut self) -> Option<(RowId, E::Place)> {
        self.adoption.disowned.pop()
    }

    /// When [`Mirror::check_late`] is due.
    pub(super) fn next_check(&self) -> Option<Time> {
        self.adoption.next_check
    }

    /// Reads again what may have changed by itself; in the end believes it.
    pub(super) fn check_late(&mut self, now: Time) {
        if self.adoption.next_check.is_none_or(|at| at > now) {
            return;
        }
        let believe = self.adoption.checks + 1 == LATE_CHECKS.len();
        self.adoption.checks += 1;
        self.adoption.next_check = (!believe).then(|| now + LATE_CHECKS[self.adoption.checks]);
        let rows = std::mem::take(&mut self.adoption.doubtful);
        for at in &rows {
            if self.slots[*at as usize].facts.has(Facts::DOUBT) {
                self.edit(*at, |m| m.check_one(now, *at, believe));
            }
        }
        if !believe {
            self.adoption.doubtful = rows;
        }
    }

    fn check_one(&mut self, now: Time, at: RowId, believe: bool) {
        let slot = &mut self.slots[at as usize];
        slot.facts.set(Facts::DOUBT, !believe);
        let reads = !believe && slot.place == Place::Idle && !slot.foreign && !slot.blind;
        if reads {
            if slot.held == Held::Nothing {
                slot.held_rif = if slot.want.is_some() { slot.want_rif } else { slot.held_rif };
            }
            slot.held = Held::Unknown;
            slot.facts.set(Facts::KEPT, slot.want.is_none());
            slot.tries = RETRIED;
        }
        if slot.place == Place::Idle {
            self.place(now, at);
        }
    }

    /// An adopted entry was looked at. One that should be there and is not may be on its way.
    pub(super) fn was_read(&mut self, now: Time, at: RowId) {
        let slot = &mut self.slots[at as usize];
        if slot.facts.set(Facts::UNREAD, false) {
            let is_gone = slot.held == Held::Nothing;
            self.adoption.read.push(at);
            if is_gone {
                self.watch(now, at);
            }
        }
        let slot = &mut self.slots[at as usize];
        if self.adoption.swept {
            slot.facts.set(Facts::KEPT, false);
        }
    }

    /// What is known to be held changed, or what is wanted: an entry that was there first is ours once both are the case.
    pub(super) fn take_over(&mut self, at: RowId) {
        let slot = &mut self.slots[at as usize];
        let Held::Host(found) = slot.held else { return };
        let wanted = slot.want.is_some() && slot.want_rif == slot.held_rif;
        if wanted && slot.facts.set(Facts::INHERITED, false) && E::TABLE == HwTable::Neighbor {
            self.adoption.taken_over.push((at, found));
        }
    }

    /// Entries that were there before they were wanted, and are ours since the last time; with what was found.
    pub(crate) fn take_taken_over(&mut self) -> Vec<(RowId, E::Value)> {
        std::mem::take(&mut self.adoption.taken_over)
    }

    /// A slot has nothing to do: nor has the journal, if the ASIC holds nothing of it.
    pub(super) fn settle_record(&mut self, at: RowId) {
        let slot = &mut self.slots[at as usize];
        let idle = slot.want.is_none() && slot.held == Held::Nothing && !slot.facts.has(Facts::DOUBT);
        if idle && slot.facts.set(Facts::RECORDED, false) {
            let place = self.places.at(slot.held_rif);
            self.adoption.disowned.push((at, place));
        }
    }

    fn watch(&mut self, now: Time, at: RowId) {
        let slot = &mut self.slots[at as usize];
        if !slot.facts.set(Facts::DOUBT, true) {
            self.adoption.doubtful.push(at);
            if self.adoption.next_check.is_none() {
                self.adoption.checks = 0;
                self.adoption.next_check = Some(now + LATE_CHECKS[0]);
            }
        }
    }
}
