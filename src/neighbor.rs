//! The nouns of neighbour synchronisation: key, claim, host.
//!
//! Invariant: nothing here knows an OID, a netdev or a socket; a key means the same on both devices.

use crate::addr::{InterfaceId, Mac, MlagId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// What a neighbour entry is about. The VRF is the interface's: an interface lies in one VRF at a time, and a peer
/// that puts it in another is refused when it names the interface, so the key need not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The layer 3 interface.
    pub interface: InterfaceId,
    /// The neighbour's address.
    pub ip: IpAddr,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.ip, self.interface)
    }
}

/// How a host hangs on the pair, fixed by the port that heard it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attachment {
    /// Dual-homed: a member of this M-LAG on both devices.
    Mlag(MlagId),
    /// Single-homed to the claiming device.
    Orphan,
    /// Behind the overlay.
    Fabric,
}

impl fmt::Display for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Attachment::Mlag(id) => write!(f, "m-lag {id}"),
            Attachment::Orphan => f.write_str("orphan"),
            Attachment::Fabric => f.write_str("fabric"),
        }
    }
}

/// Facts about a neighbour beside its address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(pub u16);

impl Flags {
    /// An IPv6 router (RFC 4861); OR-ed when both devices claim the key.
    pub const ROUTER: Flags = Flags(1);
    /// The claiming device's own address: orphan, uncontested, never aged.
    pub const INTERFACE: Flags = Flags(2);

    /// True when every flag of `other` is set.
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
}

impl std::ops::BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

/// What one device says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Claim {
    /// The neighbour's MAC address.
    pub mac: Mac,
    /// Where it hangs.
    pub attachment: Attachment,
    /// Facts beside.
    pub flags: Flags,
    /// The mobility counter: the higher claim wins.
    pub counter: u32,
}

/// What the ASIC's host table should hold for a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Host {
    /// The destination MAC address.
    pub mac: Mac,
    /// Resolve only: no host route is to be made of it (link-local addresses).
    pub no_host_route: bool,
}
