//! What the checks at `commit` need to know of the device.
//!
//! Invariant: a trait only. The answers need I/O, so they live at the edge; config itself asks nothing of the system.

use std::fmt;
use std::net::SocketAddr;

use super::model::{ForwardingMode, Model};
use super::peer_link::PeerLink;
use crate::addr::VpnInstance;

/// The device as `commit` sees it.
pub trait Environment {
    /// The configured model (PL-15).
    fn model(&self) -> &Model;

    /// The forwarding mode, which matters on a few models only (PL-15).
    fn forwarding_mode(&self) -> ForwardingMode;

    /// Whether the VPN instance exists (PL-04). Never asked about the public one, which always does.
    fn vpn_instance_exists(&self, vpn: &VpnInstance) -> bool;

    /// Who, other than our own channel `running`, holds `address` in `vpn` (PL-07).
    ///
    /// An address that is not there yet is nobody's: that is a down reason at run time (PL-14), not a refusal.
    fn port_owner(
        &self,
        vpn: &VpnInstance,
        address: SocketAddr,
        running: Option<&PeerLink>,
    ) -> Option<PortOwner>;
}

/// Who holds a TCP port, in words: `sshd (pid 812)`, or `another process` when it cannot be found out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PortOwner {
    /// A noun phrase for the error.
    pub what: String,
}

impl fmt::Display for PortOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}
