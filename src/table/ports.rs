//! The ports behind which hosts lie: members of M-LAGs and the peer-link, what they are in the ASIC, and how they are.
//!
//! Invariant: plain values, as they are told to the node and written to its log.

use crate::addr::{Mac, MlagId, VpnInstance};
use crate::sai::id::{self, Domain, Oid};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a router interface stands on: where the MACs of its neighbours lie, or that they need none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Footing {
    /// Not told: its neighbours are programmed, and nothing else is.
    #[default]
    Untold,
    /// A VLAN or a bridge: the port is found by the MAC.
    Bridged(Domain),
    /// A port, a LAG, or a sub-port of one: there is no MAC to look up, and each host has a route of its own, which can be
    /// pointed at the peer-link.
    Routed(Oid<id::VirtualRouter>),
}

/// How a link is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// It carries nothing.
    #[default]
    Down,
    /// It is up and does not forward yet (spanning tree, a delay).
    Up,
    /// It forwards.
    Forwarding,
}

impl LinkState {
    /// True when traffic may be sent there.
    pub const fn forwards(self) -> bool {
        matches!(self, LinkState::Forwarding)
    }
}

/// The two members of an M-LAG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Which M-LAG.
    pub mlag: MlagId,
    /// The bridge port of this device's member, if it has one.
    pub port: Option<Oid<id::BridgePort>>,
    /// How this device's member is.
    pub local: LinkState,
    /// How the peer's is, as the NOS says; taken to forward where nobody says.
    pub peer: LinkState,
}

/// The link between both devices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerLink {
    /// Its bridge port.
    pub port: Option<Oid<id::BridgePort>>,
    /// How it is.
    pub state: LinkState,
    /// By which next hop the peer is reached in each VRF, for hosts of routed interfaces.
    pub next_hops: BTreeMap<VpnInstance, Oid<id::NextHop>>,
}

/// Who programs the FDB entries of the peer's hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FdbMode {
    /// The NOS: its own MAC synchronisation does it.
    #[default]
    External,
    /// We do.
    Managed,
}

/// What happened to an FDB entry, or to many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FdbChange {
    /// A MAC was heard for the first time.
    Learned,
    /// It was heard on another port than before.
    Moved,
    /// It was not heard for long, and is gone.
    Aged,
    /// It was removed with others.
    Flushed,
}

/// What the ASIC, or the NOS, says of the FDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FdbNews {
    /// What happened.
    pub change: FdbChange,
    /// Where; `None`: in all of them.
    pub domain: Option<Domain>,
    /// To which MAC; `None`: to all.
    pub mac: Option<Mac>,
    /// On which port, the new one where it moved; `None`: on any, or not known.
    pub port: Option<Oid<id::BridgePort>>,
}

/// Where hosts lie.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ports {
    members: BTreeMap<MlagId, Member>,
    peer_link: PeerLink,
}

impl Ports {
    /// An M-LAG's members, or a change of them.
    pub(crate) fn set_member(&mut self, member: Member) {
        self.members.insert(member.mlag, member);
    }

    /// There is no such M-LAG any more.
    pub(crate) fn remove_member(&mut self, mlag: MlagId) {
        self.members.remove(&mlag);
    }

    /// The peer-link, or a change of it.
    pub(crate) fn set_peer_link(&mut self, link: PeerLink) {
        self.peer_link = link;
    }
}
