//! What this device says of itself: its interfaces, and the neighbours it heard.
//!
//! Invariant: plain values, as they are told to the node and written to its log.

use crate::addr::{InterfaceId, Mac, VpnInstance};
use crate::neighbor::{Attachment, Flags, Key};
use crate::sai::id::{self, Oid};
pub use crate::table::ports::Footing;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A layer 3 interface that both devices share, as it is on this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Its name on the wire.
    pub interface: InterfaceId,
    /// The VRF that it lies in.
    pub vrf: VpnInstance,
    /// The router interface in the ASIC.
    pub rif: Oid<id::RouterInterface>,
    /// The router's own MAC there.
    pub mac: Mac,
    /// The router's own addresses with their subnets. Empty: any address is taken.
    pub addresses: Vec<IpNet>,
    /// What the router interface is good for now.
    #[serde(default)]
    pub state: RifState,
    /// What the router interface stands on.
    #[serde(default)]
    pub footing: Footing,
}

/// What a router interface is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RifState {
    /// Neighbours may be put on it.
    #[default]
    Up,
    /// It is down: neighbours on it would attract traffic that goes nowhere.
    Down,
    /// It is virtual (SAI_ROUTER_INTERFACE_ATTR_IS_VIRTUAL), and takes no neighbours.
    Virtual,
}

/// Something this device learned of a neighbour by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The neighbour is there.
    Learned {
        /// Which.
        key: Key,
        /// Its MAC.
        mac: Mac,
        /// Where it hangs.
        attachment: Attachment,
        /// Facts beside.
        flags: Flags,
        /// A reply, a change or a step to REACHABLE; false for repeats, STALE and dumps, which never raise a counter.
        fresh: bool,
    },
    /// Fresh evidence that came over the peer-link or a tunnel: never a claim, but its owner is told if it claims the same.
    Heard {
        /// Which.
        key: Key,
        /// Its MAC.
        mac: Mac,
    },
    /// An operator configured it: it beats every claim and is not sent.
    Static {
        /// Which.
        key: Key,
        /// Its MAC.
        mac: Mac,
    },
    /// It is gone.
    Forgotten {
        /// Which.
        key: Key,
    },
}

impl Evidence {
    /// Which neighbour it is about.
    pub fn key(&self) -> &Key {
        match self {
            Evidence::Learned { key, .. }
            | Evidence::Heard { key, .. }
            | Evidence::Static { key, .. }
            | Evidence::Forgotten { key } => key,
        }
    }
}
