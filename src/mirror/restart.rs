//! The ASIC, or its SDK, comes back.
//!
//! Invariant: nothing that was believed before counts after, unless it was read back; what is found as it should be is not
//! written.

use crate::mirror::Mirror;
use crate::mirror::entry::Entry;
use crate::mirror::slot::{Facts, Held, Place, RifId};
use crate::table::row::RowId;
use crate::time::Time;

impl<E: Entry> Mirror<E> {
    /// While the ASIC was away a place has got another id: what was on it is looked for under that, and nothing is asked of
    /// the old one, which may be somebody else's by now.
    pub(crate) fn rename_place(&mut self, at: RifId, place: E::Place) {
        let before = self.places.at(at);
        if before != place {
            self.renamed.entry(at).or_insert(before);
            self.places.rename(at, place);
        }
    }

    /// What was programmed is to be read back, or, where it is known to be gone, to be programmed again. Answers how many
    /// entries that is about.
    pub(crate) fn restarted(&mut self, now: Time, intact: Option<bool>) -> u64 {
        let ticket = self.tickets.retreat();
        let gone = intact == Some(false);
        let mut entries = 0;
        let renamed = std::mem::take(&mut self.renamed);
        for at in 0..self.slots.len() as RowId {
            let slot = &mut self.slots[at as usize];
            if let Some(before) = renamed.get(&slot.held_rif)
                && slot.facts.set(Facts::RECORDED, false)
            {
                // It is named anew when it was read.
                self.adoption.disowned.push((at, *before));
            }
            let slot = &self.slots[at as usize];
            let is_there = slot.held != Held::Nothing;
            // What is in flight is looked at when it is answered; of what was refused for want of room, room decides.
            let tried_again = gone && matches!(slot.place, Place::Room | Place::Failed | Place::Waiting(_));
            if slot.foreign || slot.place == Place::InFlight || !(is_there || tried_again) {
                continue;
            }
            entries += u64::from(is_there);
            self.edit(at, |m| {
                let slot = &mut m.slots[at as usize];
                slot.tries = 0;
                slot.patience = 0;
                slot.held = match slot.held {
                    _ if gone => Held::Nothing,
                    Held::Found(tried) => Held::Found(tried),
                    Held::Nothing => Held::Nothing,
                    _ => Held::Unknown,
                };
                slot.moved |= gone && slot.want.is_some();
                if gone {
                    slot.facts.set(Facts::KEPT, false);
                }
                m.place(now, at);
            });
            self.hold(at, ticket, false);
        }
        entries
    }

    /// True when every entry that is wanted is final.
    pub(crate) fn is_settled(&self) -> bool {
        self.tally.unsettled == 0
    }
}
