//! What is said over the control socket about ports and about the FDB.
//!
//! Invariant: values only.

use crate::addr::{InterfaceId, Mac};
use crate::node::io::{FdbChange, LinkState};
use crate::run::platform::PortRole;
use serde::{Deserialize, Serialize};

/// Which of both devices' ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortSide {
    /// This device's.
    #[default]
    Local,
    /// The peer's, of an M-LAG.
    Peer,
}

/// How the port of a role is, by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PortQuery {
    /// `m-lag N` or `peer-link`.
    pub role: PortRole,
    /// Whose.
    #[serde(default)]
    pub side: PortSide,
    /// How it is; nothing gives it back to the kernel and to SAI.
    #[serde(default)]
    pub state: Option<LinkState>,
}

/// What happened in the FDB, by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FdbQuery {
    /// What happened.
    pub change: FdbChange,
    /// In whose VLAN or bridge; in all of them when absent.
    #[serde(default)]
    pub interface: Option<InterfaceId>,
    /// To which MAC; to all when absent.
    #[serde(default)]
    pub mac: Option<Mac>,
    /// On the port of this role …
    #[serde(default)]
    pub role: Option<PortRole>,
    /// … or on the bridge port with this raw object id; on any when both are absent.
    #[serde(default)]
    pub bridge_port: Option<u64>,
}

/// Who says how a port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortSource {
    /// The kernel, of its network devices.
    Netdev,
    /// SAI, of its front ports.
    Asic,
    /// An operator.
    Hand,
    /// Nobody: it is taken to forward.
    Nobody,
}

/// A port of the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PortView {
    /// What it is in the pair.
    pub role: PortRole,
    /// Its network devices.
    pub netdevs: Vec<String>,
    /// The front ports that it is, counted from 1.
    pub front_ports: Vec<u16>,
    /// It is their LAG.
    pub lag: bool,
    /// The bridge port's raw object id.
    pub bridge_port: Option<u64>,
    /// What the kernel says.
    pub netdev: Option<LinkState>,
    /// What SAI says.
    pub asic: Option<LinkState>,
    /// How it is on this device …
    pub local: LinkState,
    /// … and who says so.
    pub local_by: PortSource,
    /// How it is on the peer, of an M-LAG …
    pub peer: Option<LinkState>,
    /// … and who says so.
    pub peer_by: Option<PortSource>,
}
