//! The row of a key: everything that the table knows of it.
//!
//! Invariant: what the ASIC holds is not here: the mirror keeps a slot of its own under the same number.

use crate::neighbor::Claim;
use crate::table::list::{Link, Linked};
use crate::table::refusal::Refusal;
use std::net::IpAddr;
use std::num::NonZeroU64;

/// A row's number: the name of a key inside the node while the row lives.
pub(crate) type RowId = u32;

/// Yes-or-no facts of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts(u16);

impl Facts {
    /// The local claim is an operator's.
    pub(crate) const STATIC: u16 = 1;
    /// The row is in the order of change.
    pub(crate) const ORDERED: u16 = 2;
    /// … as a deletion.
    pub(crate) const TOMBSTONE: u16 = 4;
    /// The row waits to be evaluated again.
    pub(crate) const DIRTY: u16 = 8;
    /// Another interface of the VRF may have a row for the same address. Never false when there is one.
    pub(crate) const SHARED: u16 = 16;
    /// The mobility table knows it.
    pub(crate) const MOVING: u16 = 32;
    /// The row is a key's; otherwise it waits in the free list.
    pub(crate) const LIVE: u16 = 64;
    /// The peer is naming the row's bucket again, and has not come to it.
    pub(crate) const SCOPED: u16 = 128;
    /// The peer's claim beat the local one when the row was last evaluated.
    pub(crate) const SUPPRESSED: u16 = 256;
    /// The peer claims another MAC than the local static.
    pub(crate) const DISPUTED: u16 = 512;
    /// The row waits in the lane for claims that are told before their turn.
    pub(crate) const HURRIED: u16 = 1024;
    /// The present sync told it before its turn, and has not come to its place.
    pub(crate) const EARLY: u16 = 2048;

    pub(crate) fn has(self, fact: u16) -> bool {
        self.0 & fact != 0
    }

    pub(crate) fn set(&mut self, fact: u16, on: bool) {
        if on { self.0 |= fact } else { self.0 &= !fact }
    }
}

/// One key's row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The neighbour's address.
    pub(crate) ip: IpAddr,
    /// Yes-or-no facts.
    pub(crate) facts: Facts,
    /// Why the last evaluation refused it.
    pub(crate) refusal: Option<Refusal>,
    /// The interface, by its number in the table's list of interfaces.
    pub(crate) interface: u32,
    /// This device's claim, sent or static.
    pub(crate) local: Option<Claim>,
    /// The peer's claim.
    pub(crate) remote: Option<Claim>,
    /// Place in the order of change.
    pub(crate) position: u64,
    /// The hash of the claim that the peer was last told; see [`digest`](crate::table::digest).
    pub(crate) told: Option<NonZeroU64>,
    /// Neighbours in the order of change.
    pub(crate) order: Link,
    /// Neighbours among the tombstones, oldest first.
    pub(crate) grave: Link,
    /// Neighbours among the peer's claims, the one that it named longest ago first.
    pub(crate) naming: Link,
    /// Neighbours on the same interface; in the free list, the next free row.
    pub(crate) member: Link,
    /// The local dump that last named it.
    pub(crate) local_mark: u32,
    /// The full sync of the peer's that last named it.
    pub(crate) remote_mark: u32,
}

impl Row {
    pub(crate) fn new(interface: u32, ip: IpAddr) -> Self {
        let mut facts = Facts::default();
        facts.set(Facts::LIVE, true);
        Row {
            ip,
            facts,
            refusal: None,
            interface,
            local: None,
            remote: None,
            position: 0,
            told: None,
            order: Link::default(),
            grave: Link::default(),
            naming: Link::default(),
            member: Link::default(),
            local_mark: 0,
            remote_mark: 0,
        }
    }

    /// True when no device claims the key and no deletion waits to be told.
    pub(crate) fn is_vacant(&self) -> bool {
        self.local.is_none() && self.remote.is_none() && !self.facts.has(Facts::ORDERED)
    }
}

macro_rules! linked {
    ($($(#[$doc:meta])* $kind:ident . $field:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $kind {}
        impl Linked<$kind> for Row {
            fn link(&self) -> &Link {
                &self.$field
            }
            fn link_mut(&mut self) -> &mut Link {
                &mut self.$field
            }
        }
    )*};
}

linked!(
    /// The list of rows in the order of their last change.
    ByChange.order,
    /// The list of tombstones in the order of their death.
    ByDeath.grave,
    /// The list of the peer's claims, in the order in which full syncs named them.
    ByNaming.naming,
    /// The list of an interface's rows.
    ByInterface.member
);
