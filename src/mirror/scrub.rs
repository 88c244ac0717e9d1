//! Entries that were confirmed, read back.
//!
//! Invariant: reading back writes nothing; what is done about a difference follows from wanted and held, as always.

use crate::mirror::Mirror;
use crate::mirror::entry::Entry;
use crate::mirror::slot::{Held, Place};
use crate::table::row::RowId;
use crate::time::Time;

impl<E: Entry> Mirror<E> {
    /// What is believed of a wanted entry is forgotten: it is read back at once.
    pub(crate) fn look_again(&mut self, now: Time, at: RowId) {
        let idle = |place| matches!(place, Place::Idle | Place::Waiting(_) | Place::Failed | Place::Room);
        let slot = self.slots.get(at as usize);
        if slot.is_some_and(|slot| slot.want.is_some() && !slot.foreign && !slot.blind && idle(slot.place)) {
            self.edit(at, |m| {
                let slot = &mut m.slots[at as usize];
                if slot.held == Held::Nothing {
                    slot.held_rif = slot.want_rif;
                }
                slot.held = Held::Unknown;
                slot.tries = 0;
                m.place(now, at);
            });
        }
    }
}
