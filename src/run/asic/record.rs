//! What the journal is told of a batch: what is about to be written, and what the library confirmed.

use crate::mirror::batch::{Batch, FdbOp, Op, OpKind, Outcome, Owned, RouteOp};
use crate::run::journal::{Journal, Standing, Thing};
use crate::sai::{FdbKey, NeighborKey, RouteKey};

/// An operation on an entry that the journal names.
pub(super) trait Recorded {
    fn thing(&self) -> Thing;
    /// The entry is wanted, and so ours if it is there.
    fn is_ours(&self) -> bool;
}

impl Recorded for Op {
    fn thing(&self) -> Thing {
        Thing::Neighbor(NeighborKey { rif: self.rif, ip: self.ip })
    }
    fn is_ours(&self) -> bool {
        self.is_wanted()
    }
}

impl Recorded for FdbOp {
    fn thing(&self) -> Thing {
        Thing::Fdb(FdbKey { domain: self.domain, mac: self.mac })
    }
    /// One that the hardware ages and moves was handed over to it.
    fn is_ours(&self) -> bool {
        self.host.is_some_and(|host| !host.dynamic)
    }
}

impl Recorded for RouteOp {
    fn thing(&self) -> Thing {
        Thing::Route(RouteKey { virtual_router: self.virtual_router, ip: self.ip })
    }
    fn is_ours(&self) -> bool {
        self.via.is_some()
    }
}

/// Before the library is called: whoever comes after us must know what may have happened.
pub(super) fn intend<O: Recorded>(journal: &mut Option<Journal>, batch: &Batch<O>) {
    if batch.kind == OpKind::Read {
        return;
    }
    if let Some(journal) = journal {
        for op in &batch.ops {
            journal.note(&op.thing(), Standing::Doubt);
        }
    }
}

/// What the library said of each entry. Where it did not say enough, what was intended stays in doubt.
///
/// What it says is gone stays named: a library may say so before it is. The mirror knows whether to believe it, and has the
/// record erased ([`Output::Disown`](crate::node::io::Output::Disown)) when it does.
pub(super) fn confirm<O: Recorded, H>(
    journal: &mut Option<Journal>,
    batch: &Batch<O>,
    outcomes: &[Outcome<H>],
) {
    let Some(journal) = journal else { return };
    for (op, outcome) in batch.ops.iter().zip(outcomes) {
        let thing = op.thing();
        match (batch.kind, outcome) {
            (OpKind::Create | OpKind::SetMac, Outcome::Done) if op.is_ours() => {
                journal.note(&thing, Standing::Sure);
            }
            // What is wanted and is there is ours, whoever made it: it is ours to remove.
            (OpKind::Read, Outcome::Held(Some(_))) if op.is_ours() => {
                journal.note(&thing, Standing::Sure);
            }
            _ => {}
        }
    }
}

/// The journal's name for an entry.
pub(super) fn thing_of(owned: &Owned) -> Thing {
    match *owned {
        Owned::Neighbor { rif, ip } => Thing::Neighbor(NeighborKey { rif, ip }),
        Owned::Fdb { domain, mac } => Thing::Fdb(FdbKey { domain, mac }),
        Owned::Route { virtual_router, ip } => Thing::Route(RouteKey { virtual_router, ip }),
    }
}
