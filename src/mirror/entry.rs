//! What a mirror programs: neighbours, FDB entries or host routes.
//!
//! One reconciler serves all three. What differs is here: where an entry is, what is written to it, and when that is to
//! be set.
//!
//! Invariant: nothing here has state.

use crate::addr::InterfaceId;
use crate::mirror::batch::{FdbHost, Via};
use crate::neighbor::Host;
use crate::sai::id::{self, Domain, Oid};
use std::fmt;

/// A table of the ASIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HwTable {
    /// Where MACs lie.
    Fdb,
    /// Neighbours.
    Neighbor,
    /// Host routes.
    Route,
}

/// How many tables there are.
pub(crate) const TABLES: usize = 3;

/// What is written to an entry.
pub(crate) trait Value: Copy + PartialEq + fmt::Debug {
    /// True when an entry that holds `held` must be set to be this.
    fn must_set(self, held: Self) -> bool;

    /// True when the hardware keeps such an entry by itself.
    fn is_the_hardwares(self) -> bool {
        false
    }
}

/// A kind of entry.
pub(crate) trait Entry: fmt::Debug {
    /// Which table it is in.
    const TABLE: HwTable;
    /// What it belongs to, and is found by together with its own address.
    type Place: Copy + PartialEq + fmt::Debug;
    /// What is written to it.
    type Value: Value;
}

/// A neighbour on a router interface.
#[derive(Debug)]
pub(crate) enum Neighbor {}

/// A MAC in a VLAN or a bridge.
#[derive(Debug)]
pub(crate) enum FdbEntry {}

/// A host's route in a virtual router.
#[derive(Debug)]
pub(crate) enum HostRoute {}

/// A router interface, and the interface that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rif {
    pub(crate) interface: InterfaceId,
    pub(crate) oid: Oid<id::RouterInterface>,
}

/// A virtual router, and the interface whose hosts have routes there: what is released is the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Router {
    pub(crate) interface: InterfaceId,
    pub(crate) oid: Oid<id::VirtualRouter>,
}

impl Entry for Neighbor {
    const TABLE: HwTable = HwTable::Neighbor;
    type Place = Rif;
    type Value = Host;
}

impl Entry for FdbEntry {
    const TABLE: HwTable = HwTable::Fdb;
    type Place = Domain;
    type Value = FdbHost;
}

impl Entry for HostRoute {
    const TABLE: HwTable = HwTable::Route;
    type Place = Router;
    type Value = Via;
}

impl Value for Host {
    /// Whether there is a host route of it is decided by its address, and never changes.
    fn must_set(self, held: Host) -> bool {
        self.mac != held.mac
    }
}

impl Value for FdbHost {
    fn must_set(self, held: FdbHost) -> bool {
        self != held
    }

    fn is_the_hardwares(self) -> bool {
        self.dynamic
    }
}

impl Value for Via {
    fn must_set(self, held: Via) -> bool {
        self != held
    }
}
