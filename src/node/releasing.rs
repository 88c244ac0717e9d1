//! Interfaces that were unbound: told when the ASIC holds nothing of ours on them any more, whatever it is.
//!
//! Invariant: an interface is told once for each time that it was closed, and not if it came back meanwhile.

use crate::addr::InterfaceId;
use crate::mirror::entry::{Rif, Router};
use crate::sai::id::Domain;

/// What is waited for of one interface.
#[derive(Debug)]
struct Waits {
    rif: Rif,
    neighbors: bool,
    router: Option<Router>,
    domain: Option<Domain>,
}

/// What was released.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Neighbors(Rif),
    Routes(Router),
    Macs(Domain),
}

/// The interfaces.
#[derive(Debug, Default)]
pub(super) struct Releasing {
    waits: Vec<Waits>,
}

impl Releasing {
    /// An interface was closed, and what it stood on.
    pub(super) fn close(&mut self, rif: Rif, router: Option<Router>, domain: Option<Domain>) {
        self.waits.push(Waits { rif, neighbors: true, router, domain });
    }

    /// It is bound again with the same router interface.
    pub(super) fn reopen(&mut self, rif: Rif) {
        self.waits.retain(|waits| waits.rif != rif);
    }

    /// Something is used again by an interface that is bound: nobody need wait for it.
    pub(super) fn reuse(&mut self, router: Option<Router>, domain: Option<Domain>) -> Vec<InterfaceId> {
        for waits in &mut self.waits {
            waits.router.take_if(|other| router == Some(*other));
            waits.domain.take_if(|other| domain == Some(*other));
        }
        self.done()
    }

    /// Something holds nothing of ours any more. Answers the interfaces that this was the last of.
    pub(super) fn released(&mut self, part: Part) -> Vec<InterfaceId> {
        // Router interfaces from before a restart were never closed here.
        if let Part::Neighbors(rif) = part
            && !self.waits.iter().any(|waits| waits.rif == rif)
        {
            return vec![rif.interface];
        }
        for waits in &mut self.waits {
            match part {
                Part::Neighbors(rif) => waits.neighbors &= waits.rif != rif,
                Part::Routes(router) => drop(waits.router.take_if(|other| *other == router)),
                Part::Macs(domain) => drop(waits.domain.take_if(|other| *other == domain)),
            }
        }
        self.done()
    }

    fn done(&mut self) -> Vec<InterfaceId> {
        let done = |waits: &mut Waits| !waits.neighbors && waits.router.is_none() && waits.domain.is_none();
        self.waits.extract_if(.., done).map(|waits| waits.rif.interface).collect()
    }
}
