//! The peer-link line: where the channel runs.
//!
//! ```text
//! peer-link source ip   A [vpn-instance V] peer B tcp-port P
//! peer-link source ipv6 A [vpn-instance V] peer B tcp-port P
//! ```
//!
//! Invariant: a [`PeerLink`] that exists is legal by itself. What depends on the device (does the VPN instance exist, is
//! the port free, has the model the form) is asked at commit; whether the source is one of our addresses is a state of
//! the running channel (PL-14), because addresses come and go.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::address;
use super::command;
use super::diagnostic::Diagnostic;
use super::refusal::Refusal;
use crate::addr::{TcpPort, VpnInstance};

/// One legal peer-link line.
///
/// ```
/// use mlagsync::config::PeerLink;
/// let link: PeerLink = "peer-link source ipv6 2001:DB8:1:0::1 peer 2001:db8:1::2 tcp-port 2048".parse()?;
/// assert_eq!(link.to_string(), "peer-link source ipv6 2001:db8:1::1 peer 2001:db8:1::2 tcp-port 2048");
/// # Ok::<(), mlagsync::config::Diagnostic>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerLink {
    source: IpAddr,
    peer: IpAddr,
    vpn: VpnInstance,
    port: TcpPort,
}

impl PeerLink {
    /// The line with these words, if it is legal (PL-10, PL-11, PL-12); the port and the name are legal by their types.
    pub fn new(source: IpAddr, peer: IpAddr, vpn: VpnInstance, port: TcpPort) -> Result<Self, Refusal> {
        if source.is_ipv4() != peer.is_ipv4() {
            return Err(Refusal::MixedFamilies { source_address: source, peer });
        }
        address::check(source)?;
        address::check(peer)?;
        if source == peer {
            return Err(Refusal::SameAddress { address: peer });
        }
        Ok(Self { source, peer, vpn, port })
    }

    /// This device's end, which the channel is bound to.
    pub fn source(&self) -> IpAddr {
        self.source
    }

    /// The other device's end, of the same family.
    pub fn peer(&self) -> IpAddr {
        self.peer
    }

    /// The VPN instance in which both are reached; the public one when none is named.
    pub fn vpn(&self) -> &VpnInstance {
        &self.vpn
    }

    /// The port on which both devices listen.
    pub fn port(&self) -> TcpPort {
        self.port
    }

    /// Which of the two forms the line has.
    pub fn form(&self) -> Form {
        if self.source.is_ipv4() { Form::Ip } else { Form::Ipv6 }
    }

    /// Where this device listens.
    pub fn listens_on(&self) -> SocketAddr {
        SocketAddr::new(self.source, self.port.number())
    }

    /// Where the other device listens.
    pub fn dials(&self) -> SocketAddr {
        SocketAddr::new(self.peer, self.port.number())
    }

    /// Whether this device is the one that dials: the numerically larger address does, so that one connection results.
    pub fn is_dialler(&self) -> bool {
        self.source > self.peer
    }
}

impl fmt::Display for PeerLink {
    /// The whole line in canonical form: full keywords, addresses by RFC 5952, the name in quotes if it needs them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer-link source {} {}", self.form(), self.source)?;
        if !self.vpn.is_public() {
            let quote = if self.vpn.name().contains(' ') { "\"" } else { "" };
            write!(f, " vpn-instance {quote}{}{quote}", self.vpn)?;
        }
        write!(f, " peer {} tcp-port {}", self.peer, self.port)
    }
}

impl FromStr for PeerLink {
    type Err = Diagnostic;

    fn from_str(line: &str) -> Result<Self, Diagnostic> {
        command::parse_peer_link(line)
    }
}

impl Serialize for PeerLink {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PeerLink {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?
            .parse()
            .map_err(|refused: Diagnostic| serde::de::Error::custom(refused.refusal))
    }
}

/// The two forms of the line, which exclude each other (PL-08).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `source ip`.
    Ip,
    /// `source ipv6`.
    Ipv6,
}

impl Form {
    /// The form that this one excludes.
    pub fn other(self) -> Self {
        match self {
            Self::Ip => Self::Ipv6,
            Self::Ipv6 => Self::Ip,
        }
    }

    /// The family of its addresses, as people call it.
    pub fn family(self) -> &'static str {
        match self {
            Self::Ip => "IPv4",
            Self::Ipv6 => "IPv6",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ip => "ip",
            Self::Ipv6 => "ipv6",
        })
    }
}
