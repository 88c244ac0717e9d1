//! What an operator, a model or the hardware allows, and who comes before whom.
//!
//! Invariant: plain values, as they are told to the node and written to its log.

use crate::addr::{InterfaceId, VpnInstance};
use crate::neighbor::Attachment;
use crate::table::desired::{Winner, is_link_local};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// How many hosts may be in the ASIC. What is `None` has no bound but the hardware's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Slots of the host table. Without a number the hardware says by itself when it is full.
    pub slots: Option<u64>,
    /// Slots that an IPv6 host takes, 1 or 2; an IPv4 host takes one, and a link-local address none.
    pub v6_slots: u8,
    /// Hosts of each VRF that [`Limits::vrfs`] does not name.
    pub each_vrf: Option<u64>,
    /// Hosts on each interface that [`Limits::interfaces`] does not name.
    pub each_interface: Option<u64>,
    /// Hosts of these VRFs.
    pub vrfs: Vec<(VpnInstance, u64)>,
    /// Hosts on these interfaces.
    pub interfaces: Vec<(InterfaceId, u64)>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            slots: None,
            v6_slots: 1,
            each_vrf: None,
            each_interface: None,
            vrfs: Vec::new(),
            interfaces: Vec::new(),
        }
    }
}

/// What a host takes of the host table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::node) enum Footprint {
    /// One slot.
    #[default]
    V4,
    /// As many as are set.
    V6,
    /// None: a link-local address is resolved, and has no host route.
    LinkLocal,
}

impl Footprint {
    /// Every one, in the order in which they are counted.
    pub(super) const ALL: [Footprint; 3] = [Footprint::V4, Footprint::V6, Footprint::LinkLocal];

    #[inline]
    pub(in crate::node) fn of(ip: IpAddr) -> Footprint {
        match ip {
            _ if is_link_local(ip) => Footprint::LinkLocal,
            IpAddr::V4(_) => Footprint::V4,
            IpAddr::V6(_) => Footprint::V6,
        }
    }
}

/// What a bound is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The whole host table, in slots.
    Table,
    /// A VRF, in hosts.
    Vrf(VpnInstance),
    /// An interface, in hosts.
    Interface(InterfaceId),
    /// The FDB, in MACs: it has no bound but the hardware's own.
    Fdb,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Table => f.write_str("the host table"),
            Scope::Vrf(vrf) if vrf.is_public() => f.write_str("the public VPN instance"),
            Scope::Vrf(vrf) => write!(f, "VPN instance {vrf}"),
            Scope::Interface(interface) => write!(f, "interface {interface}"),
            Scope::Fdb => f.write_str("the FDB"),
        }
    }
}

/// Who comes first where there is not room for all: the smaller one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// Heard by this device.
    Local,
    /// Heard by the peer, on an M-LAG: a member of this device's may reach it.
    DualHomed,
    /// Behind the peer.
    #[default]
    Orphan,
}

impl Priority {
    /// Every one, the first first.
    pub const ALL: [Priority; 3] = [Priority::Local, Priority::DualHomed, Priority::Orphan];

    /// The priority of a claim that counts.
    pub(crate) fn of(winner: Winner, attachment: Attachment) -> Priority {
        match (winner, attachment) {
            (Winner::Local | Winner::Both, _) => Priority::Local,
            (Winner::Remote, Attachment::Mlag(_)) => Priority::DualHomed,
            (Winner::Remote, Attachment::Orphan | Attachment::Fabric) => Priority::Orphan,
        }
    }
}
