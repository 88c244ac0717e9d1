//! The ports of a platform: what each is in the pair, to Linux, and in the ASIC.

use super::error::PlatformError;
use crate::addr::{InterfaceId, MlagId};
use crate::neighbor::Attachment;
use crate::node::io::FdbMode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::str::FromStr;

/// A port: a way to hosts, or to the peer. It is a network device, a place in the ASIC, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PortConfig {
    /// Its network device, a port of a bridge: by it hosts are heard, and its state is the port's. Without one the ASIC
    /// alone says how it is.
    #[serde(default)]
    pub netdev: Option<String>,
    /// What it is in the pair.
    pub role: PortRole,
    /// The front port that it is in the ASIC, by its place in the switch's list of ports, counted from 1.
    #[serde(default)]
    pub sai_port: Option<NonZeroU16>,
    /// The front ports whose LAG it is in the ASIC, counted likewise.
    #[serde(default)]
    pub sai_lag: Option<Vec<NonZeroU16>>,
}

/// Where a port is in the ASIC, in front ports by their place in the switch's list, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaiPlace {
    /// A port.
    Port(NonZeroU16),
    /// The LAG of these, of which there is one at least.
    Lag(Vec<NonZeroU16>),
}

impl SaiPlace {
    /// The front ports that it consists of.
    pub fn front_ports(&self) -> &[NonZeroU16] {
        match self {
            SaiPlace::Port(number) => std::slice::from_ref(number),
            SaiPlace::Lag(members) => members,
        }
    }
}

impl PortConfig {
    /// Where it is in the ASIC, if it is there.
    pub fn place(&self) -> Option<SaiPlace> {
        let lag = || self.sai_lag.clone().map(SaiPlace::Lag);
        self.sai_port.map(SaiPlace::Port).or_else(lag)
    }
}

/// By which address the peer is reached over the peer-link in a VPN instance: what hosts of routed interfaces are pointed at
/// when this device's member is down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PeerNextHop {
    /// The interface over which it is reached; the next hop is its VPN instance's.
    pub interface: InterfaceId,
    /// The peer's address there.
    pub ip: IpAddr,
}

/// An attachment as a file writes it: `orphan`, `fabric` or `m-lag 7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttachmentWord(pub Attachment);

impl Default for AttachmentWord {
    fn default() -> Self {
        AttachmentWord(Attachment::Orphan)
    }
}

/// What a port is in the pair: `orphan`, `fabric`, `m-lag 7` or `peer-link`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PortRole {
    /// Hosts heard here are claimed with this attachment.
    Hosts(Attachment),
    /// The link to the peer: what is heard here is the peer's to claim.
    PeerLink,
}

impl FromStr for PortRole {
    type Err = PlatformError;

    fn from_str(s: &str) -> Result<Self, PlatformError> {
        let words: Vec<&str> = s.split_whitespace().collect();
        match words[..] {
            ["orphan"] => Ok(PortRole::Hosts(Attachment::Orphan)),
            ["fabric"] => Ok(PortRole::Hosts(Attachment::Fabric)),
            ["peer-link"] => Ok(PortRole::PeerLink),
            ["m-lag", number] => number
                .parse::<MlagId>()
                .map(|id| PortRole::Hosts(Attachment::Mlag(id)))
                .map_err(|e| PlatformError::Role { word: s.to_owned(), why: e.to_string() }),
            _ => Err(PlatformError::Role {
                word: s.to_owned(),
                why: "write orphan, fabric, peer-link or m-lag NUMBER".to_owned(),
            }),
        }
    }
}

impl fmt::Display for PortRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortRole::Hosts(attachment) => attachment.fmt(f),
            PortRole::PeerLink => f.write_str("peer-link"),
        }
    }
}

impl TryFrom<String> for PortRole {
    type Error = PlatformError;
    fn try_from(s: String) -> Result<Self, PlatformError> {
        s.parse()
    }
}

impl From<PortRole> for String {
    fn from(role: PortRole) -> String {
        role.to_string()
    }
}

impl TryFrom<String> for AttachmentWord {
    type Error = PlatformError;
    fn try_from(s: String) -> Result<Self, PlatformError> {
        match s.parse()? {
            PortRole::Hosts(attachment) => Ok(AttachmentWord(attachment)),
            PortRole::PeerLink => Err(PlatformError::Role {
                word: s,
                why: "a host behind the peer-link is the peer's; write orphan, fabric or m-lag NUMBER"
                    .to_owned(),
            }),
        }
    }
}

impl From<AttachmentWord> for String {
    fn from(word: AttachmentWord) -> String {
        word.0.to_string()
    }
}

/// Checks what the ports say of themselves and of each other.
pub(super) fn check(ports: &[PortConfig], fdb: FdbMode) -> Result<(), PlatformError> {
    let mut netdevs = BTreeSet::new();
    let mut front_ports = BTreeSet::new();
    let mut placed = BTreeSet::new();
    for port in ports {
        let role = || port.role.to_string();
        if let Some(netdev) = &port.netdev {
            super::check_netdev(netdev)?;
            if !netdevs.insert(netdev) {
                return Err(PlatformError::Twice { what: "port", name: netdev.clone() });
            }
        }
        let place = match (&port.sai_port, &port.sai_lag) {
            (Some(_), Some(_)) => return Err(PlatformError::TwoKindsOfPlace { role: role() }),
            (None, Some(members)) if members.is_empty() => {
                return Err(PlatformError::EmptyLag { role: role() });
            }
            _ => port.place(),
        };
        let Some(place) = place else {
            if port.netdev.is_none() {
                return Err(PlatformError::PortNowhere { role: role() });
            }
            continue;
        };
        if let Some(number) = place.front_ports().iter().find(|number| !front_ports.insert(**number)) {
            return Err(PlatformError::FrontPortTwice(*number));
        }
        let is_one = matches!(port.role, PortRole::PeerLink | PortRole::Hosts(Attachment::Mlag(_)));
        if !placed.insert(role()) && is_one {
            return Err(PlatformError::TwoPlaces { role: role() });
        }
    }
    match fdb {
        FdbMode::External => Ok(()),
        FdbMode::Managed => check_managed(ports, &placed),
    }
}

/// Whoever programs the FDB must know where each member and the peer-link are.
fn check_managed(ports: &[PortConfig], placed: &BTreeSet<String>) -> Result<(), PlatformError> {
    let is_member = |port: &&PortConfig| matches!(port.role, PortRole::Hosts(Attachment::Mlag(_)));
    let members = ports.iter().filter(is_member).map(|port| port.role);
    let mut needed = std::iter::once(PortRole::PeerLink).chain(members);
    match needed.find(|role| !placed.contains(&role.to_string())) {
        Some(role) => Err(PlatformError::ManagedWithout { role: role.to_string() }),
        None => Ok(()),
    }
}
