//! The configured ports: what each is in the pair, who says how it is, and what the node is told of it.
//!
//! ```text
//!   the kernel, of network devices ─┐
//!   SAI, of front ports ────────────┼─► the port of a role ─► Input::Member, Input::PeerLink
//!   an operator, by hand ───────────┘
//! ```
//!
//! How a port is on this device:
//!
//! - an operator's word counts, until the operator gives it back;
//! - else the worse of what the kernel says of its network devices and of what SAI says of its front ports: a port that is
//!   up on one side only carries nothing;
//! - of several network devices of one role (VLANs of one trunk) the best counts, and so does the best of a LAG's front
//!   ports: the LAG carries something as long as one of them does;
//! - SAI knows no spanning tree: a front port that is up forwards, as far as SAI is concerned;
//! - where nobody says anything, it forwards.
//!
//! How the peer's member is, only the NOS can say, which is the operator here; unsaid, it forwards.
//!
//! Invariant: pure. What follows is a function of what was said last, in whatever order it was said.

use super::ctl::ports::{PortSide, PortSource, PortView};
use super::placing::Placed;
use super::platform::{Platform, PortRole, SaiPlace};
use super::topology::SubPorts;
use crate::addr::{MlagId, VpnInstance};
use crate::neighbor::Attachment;
use crate::node::io::{Input, LinkState, Member, PeerLink};
use crate::sai::{Oid, PortState, id};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Why a word of an operator's was not taken.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum NoSuchPort {
    /// No port has that role.
    #[error("the platform file has no member or peer-link with role {role}: there are {there}")]
    Role {
        /// The role.
        role: String,
        /// Those that there are.
        there: String,
    },
    /// It is not in the ASIC, or an interface is routed on it.
    #[error("the port with role {role} has no bridge port in the ASIC")]
    Nowhere {
        /// The role.
        role: String,
    },
    /// The peer-link is one link.
    #[error("the peer-link is the same on both devices: only a member has a side")]
    OneLink,
}

/// One port, or all ports of one role where the role has one only.
#[derive(Clone, Debug)]
struct Port {
    role: PortRole,
    netdevs: BTreeMap<String, LinkState>,
    place: Option<SaiPlace>,
    front_ports: BTreeMap<Oid<id::Port>, Option<PortState>>,
    bridge_port: Option<Oid<id::BridgePort>>,
    by_hand: Option<LinkState>,
    peer_by_hand: Option<LinkState>,
}

impl Port {
    fn netdev_state(&self) -> Option<LinkState> {
        self.netdevs.values().copied().max_by_key(|state| rank(*state))
    }

    fn asic_state(&self) -> Option<LinkState> {
        let mut states = self.front_ports.values();
        if states.clone().any(|state| *state == Some(PortState::Up)) {
            return Some(LinkState::Forwarding);
        }
        // A LAG is down when it is known of each that it is.
        let all_down = states.len() > 0 && states.all(|state| *state == Some(PortState::Down));
        all_down.then_some(LinkState::Down)
    }

    /// How it is here, and who says so.
    fn local(&self) -> (LinkState, PortSource) {
        let told = [(self.netdev_state(), PortSource::Netdev), (self.asic_state(), PortSource::Asic)];
        let worst =
            told.into_iter().filter_map(|(state, by)| Some((state?, by))).min_by_key(|(s, _)| rank(*s));
        match self.by_hand {
            Some(state) => (state, PortSource::Hand),
            None => worst.unwrap_or((LinkState::Forwarding, PortSource::Nobody)),
        }
    }

    fn peer(&self) -> (LinkState, PortSource) {
        match self.peer_by_hand {
            Some(state) => (state, PortSource::Hand),
            None => (LinkState::Forwarding, PortSource::Nobody),
        }
    }
}

/// The node is told of members and of the peer-link; there is one port of such a role.
fn is_told(role: PortRole) -> bool {
    matches!(role, PortRole::PeerLink | PortRole::Hosts(Attachment::Mlag(_)))
}

/// From worst to best.
fn rank(state: LinkState) -> u8 {
    match state {
        LinkState::Down => 0,
        LinkState::Up => 1,
        LinkState::Forwarding => 2,
    }
}

/// The ports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    ports: Vec<Port>,
    next_hops: BTreeMap<VpnInstance, Oid<id::NextHop>>,
    sub_ports: SubPorts,
    told_members: BTreeMap<MlagId, Member>,
    told_peer_link: Option<PeerLink>,
    /// An answer about these is out, and a notice came in between, which knows better.
    noticed: BTreeSet<Oid<id::Port>>,
}

impl Members {
    /// The ports of a platform. The kernel's and SAI's words come after.
    pub(crate) fn new(platform: &Platform, placed: &Placed) -> Members {
        let mut ports: Vec<Port> = Vec::new();
        let mut placed_ports = placed.ports.iter();
        for config in &platform.ports {
            let is_one = is_told(config.role);
            let at = ports.iter().position(|port| is_one && port.role == config.role);
            let at = at.unwrap_or_else(|| {
                ports.push(Port::new(config.role));
                ports.len() - 1
            });
            let port = &mut ports[at];
            port.netdevs.extend(config.netdev.iter().map(|netdev| (netdev.clone(), LinkState::Down)));
            if let Some(place) = config.place()
                && let Some(placed) = placed_ports.next()
            {
                port.front_ports = placed.front.iter().map(|port| (*port, None)).collect();
                port.bridge_port = placed.bridge_port;
                port.place = Some(place);
            }
        }
        let (next_hops, sub_ports) = (placed.next_hops.clone(), placed.sub_ports.clone());
        Members { ports, next_hops, sub_ports, ..Members::default() }
    }

    /// The kernel says how a network device is.
    pub(crate) fn netdev(&mut self, name: &str, state: LinkState) {
        let known = self.ports.iter_mut().filter_map(|port| port.netdevs.get_mut(name));
        known.for_each(|known| *known = state);
    }

    /// SAI says of its own accord how a front port is.
    pub(crate) fn notice(&mut self, port: Oid<id::Port>, state: PortState) {
        self.noticed.insert(port);
        self.set_front_port(port, state);
    }

    /// SAI is about to be asked how the front ports are.
    pub(crate) fn ask(&mut self) -> Vec<Oid<id::Port>> {
        self.noticed.clear();
        self.ports.iter().flat_map(|port| port.front_ports.keys().copied()).collect()
    }

    /// SAI answers how front ports were when it was asked; of what it told of its own accord since, that counts.
    pub(crate) fn answer(&mut self, states: Vec<(Oid<id::Port>, PortState)>) {
        for (port, state) in states {
            if !self.noticed.contains(&port) {
                self.set_front_port(port, state);
            }
        }
    }

    fn set_front_port(&mut self, front: Oid<id::Port>, state: PortState) {
        let known = self.ports.iter_mut().filter_map(|port| port.front_ports.get_mut(&front));
        known.for_each(|known| *known = Some(state));
    }

    /// An operator says how the port of a role is; `None` gives it back to whoever else says it.
    pub(crate) fn by_hand(
        &mut self,
        role: PortRole,
        side: PortSide,
        state: Option<LinkState>,
    ) -> Result<(), NoSuchPort> {
        let Some(at) = self.ports.iter().position(|port| port.role == role && is_told(role)) else {
            return Err(self.no_such(role));
        };
        let port = &mut self.ports[at];
        if side == PortSide::Peer && role == PortRole::PeerLink {
            return Err(NoSuchPort::OneLink);
        }
        match side {
            PortSide::Local => port.by_hand = state,
            PortSide::Peer => port.peer_by_hand = state,
        }
        Ok(())
    }

    fn roles(&self) -> impl Iterator<Item = PortRole> {
        self.ports.iter().map(|port| port.role).filter(|role| is_told(*role))
    }

    /// The bridge port of a role.
    pub(crate) fn bridge_port(&self, role: PortRole) -> Result<Oid<id::BridgePort>, NoSuchPort> {
        let port = self.ports.iter().find(|port| port.role == role && is_told(role));
        let port = port.ok_or_else(|| self.no_such(role))?;
        port.bridge_port.ok_or_else(|| NoSuchPort::Nowhere { role: role.to_string() })
    }

    fn no_such(&self, role: PortRole) -> NoSuchPort {
        let there: Vec<String> = self.roles().map(|role| role.to_string()).collect();
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        NoSuchPort::Role { role: role.to_string(), there }
    }

    /// The bridge port that a port is known by, of one that it has in some bridge.
    pub(crate) fn known_as(&self, port: Oid<id::BridgePort>) -> Oid<id::BridgePort> {
        let found = self.sub_ports.iter().find(|(_, sub)| **sub == port);
        found.map_or(port, |((_, known), _)| *known)
    }

    /// What the node has not been told yet.
    pub(crate) fn changes(&mut self) -> Vec<Input> {
        let mut changes = Vec::new();
        for port in &self.ports {
            let ((local, _), (peer, _)) = (port.local(), port.peer());
            match port.role {
                PortRole::Hosts(Attachment::Mlag(mlag)) => {
                    let member = Member { mlag, port: port.bridge_port, local, peer };
                    if self.told_members.insert(mlag, member) != Some(member) {
                        changes.push(Input::Member(member));
                    }
                }
                PortRole::PeerLink => {
                    let next_hops = self.next_hops.clone();
                    let link = PeerLink { port: port.bridge_port, state: local, next_hops };
                    if self.told_peer_link.as_ref() != Some(&link) {
                        self.told_peer_link = Some(link.clone());
                        changes.push(Input::PeerLink(link));
                    }
                }
                PortRole::Hosts(_) => {}
            }
        }
        changes
    }

    /// What people see of them.
    pub(crate) fn view(&self) -> Vec<PortView> {
        let view = |port: &Port| {
            let ((local, local_by), (peer, peer_by)) = (port.local(), port.peer());
            let is_member = matches!(port.role, PortRole::Hosts(Attachment::Mlag(_)));
            let place = port.place.as_ref();
            PortView {
                role: port.role,
                netdevs: port.netdevs.keys().cloned().collect(),
                front_ports: place
                    .map(|p| p.front_ports().iter().map(|n| n.get()).collect())
                    .unwrap_or_default(),
                lag: matches!(place, Some(SaiPlace::Lag(_))),
                bridge_port: port.bridge_port.map(Oid::raw),
                netdev: port.netdev_state(),
                asic: port.asic_state(),
                local,
                local_by,
                peer: is_member.then_some(peer),
                peer_by: is_member.then_some(peer_by),
            }
        };
        self.ports.iter().map(view).collect()
    }
}

impl Port {
    fn new(role: PortRole) -> Port {
        Port {
            role,
            netdevs: BTreeMap::new(),
            place: None,
            front_ports: BTreeMap::new(),
            bridge_port: None,
            by_hand: None,
            peer_by_hand: None,
        }
    }
}

#[cfg(test)]
#[path = "members_tests.rs"]
mod tests;
