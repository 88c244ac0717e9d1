//! The router interfaces that entries are, or were, programmed on, and how many of ours each still holds.
//!
//! Invariant: a number is given away again only when the ASIC holds nothing of ours under it.

use crate::addr::InterfaceId;
use crate::mirror::slot::RifId;
use crate::sai::id::{self, Oid};

#[derive(Debug)]
struct Rif {
    oid: Oid<id::RouterInterface>,
    interface: InterfaceId,
    held: usize,
    closing: bool,
}

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Rifs {
    slots: Vec<Option<Rif>>,
    closing: usize,
}

impl Rifs {
    /// The number of an interface's router interface, from now on wanted.
    pub(crate) fn open(&mut self, interface: InterfaceId, oid: Oid<id::RouterInterface>) -> RifId {
        let same = |rif: &Option<Rif>| rif.as_ref().is_some_and(|r| r.oid == oid && r.interface == interface);
        let at = self.slots.iter().position(same).unwrap_or_else(|| {
            let free = self.slots.iter().position(Option::is_none);
            let at = free.unwrap_or_else(|| {
                self.slots.push(None);
                self.slots.len() - 1
            });
            self.slots[at] = Some(Rif { oid, interface, held: 0, closing: false });
            at
        });
        if let Some(rif) = &mut self.slots[at] {
            self.closing -= usize::from(std::mem::replace(&mut rif.closing, false));
        }
        RifId::try_from(at).expect("interfaces are bounded far below 65,536")
    }

    /// The router interface is to be given back once nothing of ours is on it.
    pub(crate) fn close(&mut self, at: RifId) {
        if let Some(rif) = &mut self.slots[usize::from(at)] {
            self.closing += usize::from(!std::mem::replace(&mut rif.closing, true));
        }
    }

    /// Interfaces that were closed and hold nothing any more.
    pub(crate) fn released(&mut self) -> Option<InterfaceId> {
        if self.closing == 0 {
            return None;
        }
        let done = |rif: &Option<Rif>| rif.as_ref().is_some_and(|r| r.closing && r.held == 0);
        let at = self.slots.iter().position(done)?;
        self.closing -= 1;
        self.slots[at].take().map(|rif| rif.interface)
    }

    pub(crate) fn oid(&self, at: RifId) -> Oid<id::RouterInterface> {
        self.slots[usize::from(at)].as_ref().expect("a router interface in use is in the list").oid
    }

    pub(crate) fn hold(&mut self, at: RifId) {
        if let Some(rif) = &mut self.slots[usize::from(at)] {
            rif.held += 1;
        }
    }

    pub(crate) fn let_go(&mut self, at: RifId) {
        if let Some(rif) = &mut self.slots[usize::from(at)] {
            rif.held -= 1;
        }
    }
}
