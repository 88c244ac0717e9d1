//! Why a platform cannot be run: one sentence for each way to be wrong.

use crate::addr::{InterfaceId, Mac, VpnInstance};
use crate::sai::ProfileError;
use std::net::IpAddr;
use std::num::NonZeroU16;
use thiserror::Error;

/// Why a platform cannot be run.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PlatformError {
    /// Not a port's role, or not an attachment.
    #[error("'{word}' is not a port's role: {why}")]
    Role {
        /// As written.
        word: String,
        /// What is wrong.
        why: String,
    },
    /// The profile is not `key=value` lines.
    #[error("SAI profile: {0}")]
    Profile(#[from] ProfileError),
    /// Not a release.
    #[error("assume-api-version: {0}")]
    Version(String),
    /// An empty path is no default: the key is left out for that.
    #[error("{0} is empty: write a path, or leave the key out")]
    EmptyPath(&'static str),
    /// Neither a path nor a C string can have one.
    #[error("{0} has a zero byte in it")]
    ZeroByte(&'static str),
    /// The kernel's neighbours are on network devices.
    #[error("{0} needs an interface with a netdev: there is no table of the kernel's to write to")]
    KernelWithoutNetdev(&'static str),
    /// A value that means something else.
    #[error(
        "kernel-protocol cannot be {0}: 0 to 4 are the kernel's own; write 5 to 255, and one that no routing daemon has"
    )]
    KernelProtocol(u8),
    /// No device has an empty name.
    #[error("hostname is empty")]
    EmptyHostname,
    /// The same thing is configured twice.
    #[error("{what} {name} is configured twice")]
    Twice {
        /// What kind of thing.
        what: &'static str,
        /// Which.
        name: String,
    },
    /// Two interfaces would learn from one network device.
    #[error("interfaces {first} and {second} are both on network device {netdev}")]
    SharedNetdev {
        /// The network device.
        netdev: String,
        /// The one.
        first: InterfaceId,
        /// The other.
        second: InterfaceId,
    },
    /// A name that Linux does not take.
    #[error("'{0}' is not the name of a network device: 1 to 15 characters without spaces, '/' and ':'")]
    Netdev(String),
    /// A name that no named network namespace can have.
    #[error("'{0}' is not the name of a network namespace: one file name without '/'")]
    Netns(String),
    /// `_public_` cannot be configured (PL-04).
    #[error("VPN instance name _public_ is reserved")]
    ReservedVpn,
    /// A VPN instance is a device or a namespace, not both.
    #[error("VPN instance {0} has both a device and a netns: choose one")]
    DeviceAndNetns(VpnInstance),
    /// An interface lies in a VPN instance that is not there.
    #[error(
        "interface {interface} lies in VPN instance {vpn}, which is not configured: add a [[vpn-instance]]"
    )]
    UnknownVpn {
        /// The interface.
        interface: InterfaceId,
        /// The VPN instance.
        vpn: VpnInstance,
    },
    /// Neighbours are learned in the daemon's own network namespace.
    #[error(
        "interface {interface} has netdev {netdev}, but its VPN instance {vpn} is another network namespace: \
         neighbours are learned in the daemon's own namespace only"
    )]
    NetdevInNetns {
        /// The interface.
        interface: InterfaceId,
        /// Its network device.
        netdev: String,
        /// The VPN instance.
        vpn: VpnInstance,
    },
    /// A group address or zeros cannot be a router's MAC.
    #[error(
        "interface {interface} cannot have MAC {mac}: a router's MAC is not zero and not a group address"
    )]
    RouterMac {
        /// The interface.
        interface: InterfaceId,
        /// The MAC.
        mac: Mac,
    },
    /// A port that is nothing to anybody.
    #[error(
        "a port with role {role} has neither a netdev nor a place in the ASIC: give it netdev, sai-port or sai-lag"
    )]
    PortNowhere {
        /// Its role.
        role: String,
    },
    /// A port of the ASIC is a front port or a LAG.
    #[error("a port with role {role} has both sai-port and sai-lag: choose one")]
    TwoKindsOfPlace {
        /// Its role.
        role: String,
    },
    /// A LAG of nothing.
    #[error("sai-lag of a port with role {role} names no front port")]
    EmptyLag {
        /// Its role.
        role: String,
    },
    /// A front port has one role.
    #[error("front port {0} is in sai-port or sai-lag twice")]
    FrontPortTwice(NonZeroU16),
    /// An M-LAG has one member on this device, and there is one peer-link.
    #[error("two ports with role {role} have a place in the ASIC: make it one, a LAG of them with sai-lag")]
    TwoPlaces {
        /// Their role.
        role: String,
    },
    /// Nobody could say where MACs lie.
    #[error("fdb = \"managed\" needs a port with role {role} that has sai-port or sai-lag")]
    ManagedWithout {
        /// The role.
        role: String,
    },
    /// The way to the peer leads over an interface that is not there.
    #[error(
        "peer-next-hop {ip} is reached over interface {interface}, which is not configured: add an [[interface]]"
    )]
    NextHopInterface {
        /// The peer's address.
        ip: IpAddr,
        /// The interface.
        interface: InterfaceId,
    },
    /// No host has such an address.
    #[error("peer-next-hop cannot be {0}: no device has that address for itself")]
    NextHopAddress(IpAddr),
    /// A host table has one size of IPv6 entry or the other.
    #[error("ipv6-slots is {0}: an IPv6 host takes 1 slot of the host table, or 2")]
    Ipv6Slots(u8),
    /// The interface's addresses are known, and the peer's is in no subnet of theirs.
    #[error("peer-next-hop {ip} is in no subnet of interface {interface}")]
    NextHopSubnet {
        /// The peer's address.
        ip: IpAddr,
        /// The interface.
        interface: InterfaceId,
    },
}
