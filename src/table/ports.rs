//! The ports behind which hosts lie: members of M-LAGs and the peer-link, what they are in the ASIC, and how they are.
//!
//! Invariant: plain values, as they are told to the node and written to its log.

use crate::addr::{Mac, MlagId, VpnInstance};
use crate::neighbor::Attachment;
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

/// Whether all that is sent to a bridge port can be made to leave by the peer-link in one write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// It cannot, or not any more: entries are pointed elsewhere one by one.
    #[default]
    Lacking,
    /// It can, and what is sent there leaves there.
    Ready,
    /// What is sent there leaves by the peer-link.
    On,
}

/// Whose claim says where a host lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This device's.
    Ours,
    /// The peer's.
    Theirs,
}

/// By what a host is reached from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// A port of this device that nobody named.
    Own,
    /// This device's member of an M-LAG.
    Member(Option<Oid<id::BridgePort>>),
    /// The peer-link.
    PeerLink,
    /// The overlay.
    Fabric,
    /// Nothing.
    Nowhere,
}

/// Where hosts lie.
#[derive(Clone, Debug, Default)]
pub struct Ports {
    members: BTreeMap<MlagId, Member>,
    peer_link: Option<PeerLink>,
    /// The peer-link has been down for so long that nothing is expected of it.
    is_given_up: bool,
    /// Ports of which something is known, and whether they are to be protected.
    protection: BTreeMap<Oid<id::BridgePort>, (Protection, bool)>,
}

impl Ports {
    /// Nothing is known of any port.
    pub const fn new() -> Self {
        Ports { members: BTreeMap::new(), peer_link: None, is_given_up: false, protection: BTreeMap::new() }
    }

    /// By what a host is reached that hangs so, as this device or the peer says.
    pub fn path(&self, whose: Whose, attachment: Attachment) -> Path {
        let by_peer_link = if self.is_given_up { Path::Nowhere } else { Path::PeerLink };
        match (attachment, whose) {
            (Attachment::Fabric, _) => Path::Fabric,
            (Attachment::Orphan, Whose::Ours) => Path::Own,
            (Attachment::Orphan, Whose::Theirs) => by_peer_link,
            (Attachment::Mlag(mlag), _) => match (self.members.get(&mlag), whose) {
                (Some(member), _) if member.local.forwards() => Path::Member(member.port),
                (Some(member), _) if member.peer == LinkState::Down => Path::Nowhere,
                (Some(_), _) | (None, Whose::Theirs) => by_peer_link,
                (None, Whose::Ours) => Path::Own,
            },
        }
    }

    /// An M-LAG's members.
    pub(crate) fn member(&self, mlag: MlagId) -> Option<&Member> {
        self.members.get(&mlag)
    }

    /// The peer-link, if anybody spoke of it.
    pub(crate) fn peer_link(&self) -> Option<&PeerLink> {
        self.peer_link.as_ref()
    }

    /// The peer-link's bridge port.
    pub(crate) fn peer_port(&self) -> Option<Oid<id::BridgePort>> {
        self.peer_link.as_ref()?.port
    }

    /// By which next hop the peer is reached in a VRF.
    pub(crate) fn next_hop(&self, vrf: &VpnInstance) -> Option<Oid<id::NextHop>> {
        self.peer_link.as_ref()?.next_hops.get(vrf).copied()
    }

    /// True for a port that a host may be behind: not the peer-link, and not a member that does not forward.
    pub(crate) fn is_live(&self, port: Oid<id::BridgePort>) -> bool {
        let dead = |member: &Member| member.port == Some(port) && !member.local.forwards();
        self.peer_port() != Some(port) && !self.members.values().any(dead)
    }

    /// An M-LAG's members, or a change of them. Answers what they were.
    pub(crate) fn set_member(&mut self, member: Member) -> Option<Member> {
        self.members.insert(member.mlag, member)
    }

    /// There is no such M-LAG any more.
    pub(crate) fn remove_member(&mut self, mlag: MlagId) -> Option<Member> {
        self.members.remove(&mlag)
    }

    /// The peer-link, or a change of it. Answers what it was.
    pub(crate) fn set_peer_link(&mut self, link: PeerLink) -> Option<PeerLink> {
        self.peer_link.replace(link)
    }

    /// Whether anything is expected of the peer-link. Answers whether that is news.
    pub(crate) fn give_up(&mut self, given_up: bool) -> bool {
        std::mem::replace(&mut self.is_given_up, given_up) != given_up
    }

    /// What is known of a port's protection, and whether it is wanted.
    pub(crate) fn protection(&self, port: Oid<id::BridgePort>) -> (Protection, bool) {
        self.protection.get(&port).copied().unwrap_or_default()
    }

    /// True when what is sent to a port leaves by the peer-link, or is about to.
    pub(crate) fn is_protected(&self, port: Oid<id::BridgePort>) -> bool {
        self.protection(port).1
    }

    /// The ports that are to be protected.
    pub(crate) fn protected(&self) -> impl Iterator<Item = Oid<id::BridgePort>> {
        self.protection.iter().filter(|(_, (_, wanted))| *wanted).map(|(port, _)| *port)
    }

    /// A port's protection is known, or wanted.
    pub(crate) fn set_protection(&mut self, port: Oid<id::BridgePort>, state: Protection, wanted: bool) {
        self.protection.insert(port, (state, wanted));
    }

    /// The M-LAG whose member here has this bridge port.
    pub(crate) fn mlag_of(&self, port: Oid<id::BridgePort>) -> Option<MlagId> {
        self.members.values().find(|member| member.port == Some(port)).map(|member| member.mlag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_what_a_host_is_reached() {
        use LinkState::{Down, Forwarding, Up};
        use Whose::{Ours, Theirs};
        let mlag = |n| MlagId::new(n).unwrap();
        let port = Some(Oid::from_raw(0x3a));
        let dual = Attachment::Mlag(mlag(1));
        // (this device's member, the peer's, the peer-link is given up, who says so, where the host hangs) -> by what
        let cases = [
            (Forwarding, Forwarding, false, Ours, dual, Path::Member(port)),
            (Forwarding, Down, true, Theirs, dual, Path::Member(port)),
            (Down, Forwarding, false, Ours, dual, Path::PeerLink),
            (Down, Forwarding, false, Theirs, dual, Path::PeerLink),
            (Up, Forwarding, false, Theirs, dual, Path::PeerLink),
            (Down, Up, false, Theirs, dual, Path::PeerLink),
            (Down, Forwarding, true, Theirs, dual, Path::Nowhere),
            (Down, Down, false, Ours, dual, Path::Nowhere),
            (Up, Down, false, Theirs, dual, Path::Nowhere),
            (Down, Down, false, Ours, Attachment::Mlag(mlag(2)), Path::Own),
            (Down, Down, false, Theirs, Attachment::Mlag(mlag(2)), Path::PeerLink),
            (Down, Down, true, Ours, Attachment::Orphan, Path::Own),
            (Down, Down, false, Theirs, Attachment::Orphan, Path::PeerLink),
            (Forwarding, Forwarding, true, Theirs, Attachment::Orphan, Path::Nowhere),
            (Down, Down, true, Ours, Attachment::Fabric, Path::Fabric),
            (Down, Down, true, Theirs, Attachment::Fabric, Path::Fabric),
        ];
        for (local, peer, given_up, whose, attachment, path) in cases {
            let mut ports = Ports::new();
            ports.set_member(Member { mlag: mlag(1), port, local, peer });
            ports.give_up(given_up);
            assert_eq!(
                ports.path(whose, attachment),
                path,
                "{local:?} {peer:?} {given_up} {whose:?} {attachment}"
            );
        }
    }
}
