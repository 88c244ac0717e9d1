//! What stands on an entry, or is stood on by others: watching, pinning, hurrying, losing, retrying.
//!
//! Invariant: nothing here decides what is wanted; it says what else is known of an entry that bears on when it is written.

use crate::mirror::Mirror;
use crate::mirror::batch::OpKind;
use crate::mirror::entry::Entry;
use crate::mirror::slot::{Class, Facts, Held, Place, Slot};
use crate::table::row::RowId;
use crate::time::Time;

impl<E: Entry> Mirror<E> {
    /// From now on it is told when the row comes to be as wanted, or ceases to be.
    pub(crate) fn watch_row(&mut self, at: RowId) {
        self.reach(at).facts.set(Facts::WATCHED, true);
    }

    /// Watched rows that came to be as wanted, or ceased to be; routes only if not because another one is wanted.
    pub(crate) fn take_turned(&mut self, into: &mut Vec<RowId>) {
        into.append(&mut self.turned);
    }

    /// What the entry stands on waits for it to be elsewhere, or gone; or not any more.
    pub(crate) fn set_awaited(&mut self, at: RowId, awaited: bool) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            slot.facts.set(Facts::AWAITED, awaited);
        }
    }

    /// The NOS uses the entry, and it is not to be removed; or it uses it no more.
    pub(crate) fn pin(&mut self, now: Time, at: RowId, used: bool) {
        if self.reach(at).facts.has(Facts::PINNED) == used {
            return;
        }
        self.edit(at, |m| {
            let slot = &mut m.slots[at as usize];
            slot.facts.set(Facts::PINNED, used);
            match slot.place {
                Place::Queued(_, OpKind::Remove) | Place::Waiting(_) | Place::InUse => m.place(now, at),
                Place::Queued(..) | Place::Idle | Place::InFlight | Place::Room | Place::Failed => {}
                Place::Confirming(_) => {}
            }
        });
    }

    /// What stands on the entry is not done with, or is.
    pub(crate) fn set_open(&mut self, at: RowId, open: bool) {
        if self.slots.get(at as usize).is_some_and(|slot| slot.facts.has(Facts::OPEN) != open) {
            self.edit(at, |m| {
                m.slots[at as usize].facts.set(Facts::OPEN, open);
            });
        }
    }

    /// Something that is there already is about to stand on the entry: if it is new, it is urgent.
    pub(crate) fn hurry(&mut self, now: Time, at: RowId) {
        let Some(slot) = self.slots.get(at as usize) else { return };
        if slot.place == Place::Queued(Class::New, OpKind::Create) {
            self.edit(at, |m| {
                m.slots[at as usize].moved = true;
                m.place(now, at);
            });
        }
    }

    /// The ASIC says that it has lost the entry. What is under way may be about it as it was, or make it anew.
    pub(crate) fn lost(&mut self, now: Time, at: RowId) {
        let Some(slot) = self.slots.get(at as usize) else { return };
        if slot.foreign || slot.want.is_none() && slot.held == Held::Nothing {
            return;
        }
        self.edit(at, |m| {
            let slot = &mut m.slots[at as usize];
            if slot.place == Place::InFlight {
                slot.handed = true;
                return;
            }
            slot.held = Held::Nothing;
            (slot.doubted, slot.moved) = (false, true);
            m.place(now, at);
        });
    }

    /// What was written, or is to be, is called otherwise from now on.
    pub(crate) fn rename_value(&mut self, at: RowId, before: E::Value, after: E::Value) {
        let Some(slot) = self.slots.get_mut(at as usize) else { return };
        if slot.want == Some(before) {
            slot.want = Some(after);
        }
        slot.held = match slot.held {
            Held::Host(value) if value == before => Held::Host(after),
            Held::Found(value) if value == before => Held::Found(after),
            Held::Written(value) if value == before => Held::Written(after),
            held => held,
        };
    }

    /// The ASIC says that it has changed the entry to this by itself.
    pub(crate) fn changed(&mut self, now: Time, at: RowId, to: E::Value) {
        let Some(slot) = self.slots.get(at as usize) else { return };
        if slot.foreign || !slot.is_present() {
            return;
        }
        self.edit(at, |m| {
            let slot = &mut m.slots[at as usize];
            if slot.place == Place::InFlight {
                slot.handed = true;
                return;
            }
            slot.held = Held::Host(to);
            slot.doubted = false;
            m.place(now, at);
        });
    }

    /// What a waiting row waits for may be there: it is tried again at once.
    pub(crate) fn retry(&mut self, now: Time, at: RowId) {
        if self.slots.get(at as usize).is_some_and(|slot| matches!(slot.place, Place::Waiting(_))) {
            self.edit(at, |m| {
                let slot = &mut m.slots[at as usize];
                (slot.tries, slot.patience) = (0, 0);
                m.place(now, at);
            });
        }
    }

    fn reach(&mut self, at: RowId) -> &mut Slot<E::Value> {
        if self.slots.len() <= at as usize {
            self.slots.resize_with(at as usize + 1, Slot::default);
        }
        &mut self.slots[at as usize]
    }
}
