//! What entries are, or were, programmed on (router interfaces, VLANs, virtual routers), and how many of ours each still
//! holds.
//!
//! Invariant: a number is given away again only when the ASIC holds nothing of ours under it, and nothing is to be put there.

use crate::mirror::slot::RifId;

#[derive(Debug)]
struct Held<P> {
    place: P,
    held: usize,
    closing: bool,
}

/// The list.
#[derive(Debug)]
pub(crate) struct Places<P> {
    slots: Vec<Option<Held<P>>>,
    closing: usize,
}

impl<P> Default for Places<P> {
    fn default() -> Self {
        Places { slots: Vec::new(), closing: 0 }
    }
}

impl<P: Copy + PartialEq> Places<P> {
    /// The number of a place, from now on wanted.
    pub(crate) fn open(&mut self, place: P) -> RifId {
        let same = |slot: &Option<Held<P>>| slot.as_ref().is_some_and(|slot| slot.place == place);
        let at = self.slots.iter().position(same).unwrap_or_else(|| {
            let free = self.slots.iter().position(Option::is_none);
            let at = free.unwrap_or_else(|| {
                self.slots.push(None);
                self.slots.len() - 1
            });
            self.slots[at] = Some(Held { place, held: 0, closing: false });
            at
        });
        if let Some(slot) = &mut self.slots[at] {
            self.closing -= usize::from(std::mem::replace(&mut slot.closing, false));
        }
        RifId::try_from(at).expect("interfaces are bounded far below 65,536")
    }

    /// The place is to be given back once nothing of ours is on it.
    pub(crate) fn close(&mut self, at: RifId) {
        if let Some(slot) = &mut self.slots[usize::from(at)] {
            self.closing += usize::from(!std::mem::replace(&mut slot.closing, true));
        }
    }

    /// A place that was closed and holds nothing any more.
    pub(crate) fn released(&mut self) -> Option<P> {
        if self.closing == 0 {
            return None;
        }
        let done = |slot: &Option<Held<P>>| slot.as_ref().is_some_and(|slot| slot.closing && slot.held == 0);
        let at = self.slots.iter().position(done)?;
        self.closing -= 1;
        self.slots[at].take().map(|slot| slot.place)
    }

    /// The place with this number.
    pub(crate) fn at(&self, at: RifId) -> P {
        self.slots[usize::from(at)].as_ref().expect("a place in use is in the list").place
    }

    /// The same place has another name: what was on it is on it still.
    pub(crate) fn rename(&mut self, at: RifId, place: P) {
        if let Some(slot) = &mut self.slots[usize::from(at)] {
            slot.place = place;
        }
    }

    /// True when nothing is to be put there any more.
    pub(crate) fn is_closing(&self, at: RifId) -> bool {
        self.slots[usize::from(at)].as_ref().is_some_and(|slot| slot.closing)
    }

    pub(crate) fn hold(&mut self, at: RifId) {
        if let Some(slot) = &mut self.slots[usize::from(at)] {
            slot.held += 1;
        }
    }

    pub(crate) fn let_go(&mut self, at: RifId) {
        if let Some(slot) = &mut self.slots[usize::from(at)] {
            slot.held -= 1;
        }
    }
}
