//! A batch: what the mirror asks of the ASIC, and what comes back, entry by entry.
//!
//! Invariant: one operation per key per batch; every operation of a batch is of the same kind; a batch is answered
//! once, with as many outcomes as it has operations, in their order.

use crate::addr::Mac;
use crate::neighbor::Host;
use crate::sai::id::Domain;
use crate::sai::{Oid, Status, id};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Names a batch between the mirror and whoever executes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(pub u64);

/// What every operation of a batch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpKind {
    /// Create the entry.
    Create,
    /// Change an existing entry: a neighbour's destination MAC, an FDB entry's port and type, a route's next hop. The one
    /// and only way to change it.
    SetMac,
    /// Remove the entry.
    Remove,
    /// Read the entry back; nothing is written.
    Read,
}

/// One neighbour entry: the key as SAI has it, and the value where the kind needs one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Op {
    /// The mirror's own name for the entry, handed back untouched by order.
    pub row: u32,
    /// The router interface.
    pub rif: Oid<id::RouterInterface>,
    /// The neighbour's address.
    pub ip: IpAddr,
    /// What to write; for [`OpKind::Read`] what is wanted there, all zeros where nothing is; of no meaning for
    /// [`OpKind::Remove`].
    pub host: Host,
}

impl Op {
    /// True when the entry is wanted, and so ours if it is there.
    pub fn is_wanted(&self) -> bool {
        self.host.mac != Mac::ZERO
    }
}

/// The key of an entry that is, or was, ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owned {
    /// A neighbour entry.
    Neighbor {
        /// The router interface.
        rif: Oid<id::RouterInterface>,
        /// The neighbour's address.
        ip: IpAddr,
    },
    /// An FDB entry.
    Fdb {
        /// Where the MAC lies.
        domain: Domain,
        /// The MAC.
        mac: Mac,
    },
    /// A host route.
    Route {
        /// The virtual router.
        virtual_router: Oid<id::VirtualRouter>,
        /// The host's address.
        ip: IpAddr,
    },
}

/// An FDB entry: where a MAC lies. It stays, and moves when the MAC is heard elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdbHost {
    /// The bridge port that it lies behind.
    pub port: Oid<id::BridgePort>,
    /// The hardware ages it and moves it as it hears the MAC.
    pub dynamic: bool,
}

/// One FDB entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdbOp {
    /// The mirror's own name for the entry.
    pub row: u32,
    /// Where the MAC lies.
    pub domain: Domain,
    /// The MAC.
    pub mac: Mac,
    /// What to write; for [`OpKind::Read`] what is wanted there, if anything.
    pub host: Option<FdbHost>,
    /// For [`OpKind::SetMac`], what is there as far as is known: only what differs is written. `None`: everything is.
    pub was: Option<FdbHost>,
}

/// By which next hop a host of a routed interface is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// By itself, on this router interface: the next hop is made with the route, and goes with it.
    Neighbor(Oid<id::RouterInterface>),
    /// By this one, which is somebody else's.
    NextHop(Oid<id::NextHop>),
}

/// One host route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteOp {
    /// The mirror's own name for the entry.
    pub row: u32,
    /// The virtual router.
    pub virtual_router: Oid<id::VirtualRouter>,
    /// The host's address; the whole of it is the prefix.
    pub ip: IpAddr,
    /// What to write; for [`OpKind::Read`] what is wanted there, if anything.
    pub via: Option<Via>,
}

/// Operations of one kind, to be executed as one bulk call where the library can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch<O = Op> {
    /// Its name.
    pub id: BatchId,
    /// What is done.
    pub kind: OpKind,
    /// To which entries.
    pub ops: Vec<O>,
}

/// What became of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome<H = Host> {
    /// The library said SUCCESS for this entry.
    Done,
    /// [`OpKind::Read`]: the entry as the ASIC holds it, or that it holds none.
    Held(Option<H>),
    /// The library refused this entry with this status; the table is as before.
    Refused(Status),
    /// Whether it took place is not known (FAILURE, an interrupted or unheard-of status, SUCCESS with an untouched
    /// status list): it must be read back.
    Unknown(Status),
    /// It was certainly not attempted; it may be sent again as it is.
    NotExecuted,
}

/// The answer to a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchDone<H = Host> {
    /// Which batch.
    pub id: BatchId,
    /// One for each operation, in order.
    pub outcomes: Vec<Outcome<H>>,
    /// It is the switch, not the entries: SAI answered as a whole that it is uninitialised or out of memory, or
    /// everything failed alike. The mirror backs off.
    pub switch_trouble: Option<Status>,
    /// Time spent inside SAI, in nanoseconds: what batch sizes are measured by.
    pub asic_ns: u64,
    /// SAI calls that it took.
    pub calls: u32,
}
