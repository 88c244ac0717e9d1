//! What a record of the journal names, and its bytes.
//!
//! ```text
//!   0       1      2       4         8            16                 32
//!   | state | kind | zeros | CRC32C  | object id  | address or name  |
//! ```
//!
//! The state is one byte, which is written last and alone and is not in the CRC: a kill between two stores leaves a
//! record that is free, or one that is whole. Numbers are little-endian: the file stays on its machine.

use crate::addr::{BdId, InterfaceId, Mac, MlagId, VlanId, VpnInstance};
use crate::sai::{Domain, FdbKey, NeighborKey, Oid, RouteKey, id};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of a record.
pub(super) const SIZE: usize = 32;

/// A free record's state; the others are far from it and from each other.
pub(super) const FREE: u8 = 0;
const DOUBT: u8 = 0x5a;
const SURE: u8 = 0xa5;

/// How a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something was asked of the ASIC, and the answer had not come: it may happen yet.
    Doubt,
    /// The ASIC said that it is there.
    Sure,
}

/// What is ours in the ASIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Thing {
    /// A neighbour entry.
    Neighbor(NeighborKey),
    /// The router interface of an interface.
    Interface(InterfaceId, Oid<id::RouterInterface>),
    /// The bridge of an interface; null while it is being made.
    Bridge(InterfaceId, Oid<id::Bridge>),
    /// The virtual router of a VPN instance, by a digest of its name; null while it is being made.
    Router(VpnDigest, Oid<id::VirtualRouter>),
    /// The LAG whose first front port has this number; null while it is being made.
    Lag(u16, Oid<id::Lag>),
    /// An FDB entry.
    Fdb(FdbKey),
    /// A host route.
    Route(RouteKey),
    /// A next hop that was made: what it is, the library says.
    NextHop(Oid<id::NextHop>),
    /// The next hop to a neighbour while it is being made.
    NextHopOf(NeighborKey),
}

/// A VPN instance's name in sixteen bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VpnDigest([u8; 16]);

impl VpnDigest {
    /// The digest of a name.
    pub fn of(vpn: &VpnInstance) -> VpnDigest {
        let mut hasher = SipHasher13::new();
        hasher.write(vpn.to_string().as_bytes());
        VpnDigest(hasher.finish128().as_u128().to_le_bytes())
    }
}

/// A thing's bytes behind the CRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Body {
    kind: u8,
    oid: u64,
    value: [u8; 16],
}

impl Body {
    pub(super) fn of(thing: &Thing) -> Body {
        match *thing {
            Thing::Neighbor(NeighborKey { rif, ip }) => Body::of_host([1, 2], rif.raw(), ip),
            Thing::Interface(interface, rif) => {
                Body { kind: 3, oid: rif.raw(), value: interface_bytes(interface) }
            }
            Thing::Bridge(interface, bridge) => {
                Body { kind: 4, oid: bridge.raw(), value: interface_bytes(interface) }
            }
            Thing::Router(VpnDigest(value), router) => Body { kind: 5, oid: router.raw(), value },
            Thing::Fdb(FdbKey { domain, mac: Mac(mac) }) => {
                let mut value = [0; 16];
                value[..6].copy_from_slice(&mac);
                match domain {
                    Domain::Vlan(vlan) => Body { kind: 6, oid: vlan.raw(), value },
                    Domain::Bridge(bridge) => Body { kind: 7, oid: bridge.raw(), value },
                }
            }
            Thing::Route(RouteKey { virtual_router, ip }) => Body::of_host([8, 9], virtual_router.raw(), ip),
            Thing::Lag(number, lag) => {
                let mut value = [0; 16];
                value[..2].copy_from_slice(&number.to_le_bytes());
                Body { kind: 13, oid: lag.raw(), value }
            }
            Thing::NextHop(hop) => Body { kind: 10, oid: hop.raw(), value: [0; 16] },
            Thing::NextHopOf(NeighborKey { rif, ip }) => Body::of_host([11, 12], rif.raw(), ip),
        }
    }

    /// An address on an object, of the first kind for IPv4 and of the second for IPv6.
    fn of_host(kinds: [u8; 2], oid: u64, ip: IpAddr) -> Body {
        match ip {
            IpAddr::V4(ip) => {
                let mut value = [0; 16];
                value[..4].copy_from_slice(&ip.octets());
                Body { kind: kinds[0], oid, value }
            }
            IpAddr::V6(ip) => Body { kind: kinds[1], oid, value: ip.octets() },
        }
    }

    /// What it names; `None` for what no version of ours writes.
    pub(super) fn thing(&self) -> Option<Thing> {
        let Body { kind, oid, value } = *self;
        let [a, b, c, d, e, f, ..] = value;
        let v4 = || IpAddr::from(Ipv4Addr::new(a, b, c, d));
        let v6 = || IpAddr::from(Ipv6Addr::from(value));
        let mac = Mac([a, b, c, d, e, f]);
        let neighbor = |ip| NeighborKey { rif: Oid::from_raw(oid), ip };
        let route = |ip| RouteKey { virtual_router: Oid::from_raw(oid), ip };
        match kind {
            1 => Some(Thing::Neighbor(neighbor(v4()))),
            2 => Some(Thing::Neighbor(neighbor(v6()))),
            3 => Some(Thing::Interface(interface_of(&value)?, Oid::from_raw(oid))),
            4 => Some(Thing::Bridge(interface_of(&value)?, Oid::from_raw(oid))),
            5 => Some(Thing::Router(VpnDigest(value), Oid::from_raw(oid))),
            6 => Some(Thing::Fdb(FdbKey { domain: Domain::Vlan(Oid::from_raw(oid)), mac })),
            7 => Some(Thing::Fdb(FdbKey { domain: Domain::Bridge(Oid::from_raw(oid)), mac })),
            8 => Some(Thing::Route(route(v4()))),
            9 => Some(Thing::Route(route(v6()))),
            10 => Some(Thing::NextHop(Oid::from_raw(oid))),
            11 => Some(Thing::NextHopOf(neighbor(v4()))),
            13 => Some(Thing::Lag(u16::from_le_bytes([a, b]), Oid::from_raw(oid))),
            12 => Some(Thing::NextHopOf(neighbor(v6()))),
            _ => None,
        }
    }

    /// The record's bytes, as a free one.
    pub(super) fn bytes(&self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        bytes[0] = FREE;
        bytes[1] = self.kind;
        bytes[8..16].copy_from_slice(&self.oid.to_le_bytes());
        bytes[16..].copy_from_slice(&self.value);
        let sum = sum(&bytes);
        bytes[4..8].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// What the bytes of a record say, whatever its state; `None` when they are damaged.
    pub(super) fn read(bytes: &[u8]) -> Option<Body> {
        let bytes: &[u8; SIZE] = bytes.try_into().ok()?;
        let stored = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        if stored != sum(bytes) {
            return None;
        }
        let mut oid = [0; 8];
        oid.copy_from_slice(&bytes[8..16]);
        let mut value = [0; 16];
        value.copy_from_slice(&bytes[16..]);
        Some(Body { kind: bytes[1], oid: u64::from_le_bytes(oid), value })
    }
}

impl Standing {
    pub(super) fn byte(self) -> u8 {
        match self {
            Standing::Doubt => DOUBT,
            Standing::Sure => SURE,
        }
    }

    pub(super) fn of(byte: u8) -> Option<Standing> {
        match byte {
            DOUBT => Some(Standing::Doubt),
            SURE => Some(Standing::Sure),
            _ => None,
        }
    }
}

fn sum(bytes: &[u8; SIZE]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&bytes[1..4]), &bytes[8..])
}

fn interface_bytes(interface: InterfaceId) -> [u8; 16] {
    let (tag, number, dot1q) = match interface {
        InterfaceId::Vlanif(vlan) => (1, u32::from(vlan.number()), 0),
        InterfaceId::Vbdif(bd) => (2, bd.number(), 0),
        InterfaceId::Routed { mlag, dot1q } => (3, u32::from(mlag.number()), dot1q.map_or(0, VlanId::number)),
    };
    let mut value = [0; 16];
    value[0] = tag;
    value[2..4].copy_from_slice(&dot1q.to_le_bytes());
    value[4..8].copy_from_slice(&number.to_le_bytes());
    value
}

fn interface_of(value: &[u8; 16]) -> Option<InterfaceId> {
    let [tag, _, q0, q1, n0, n1, n2, n3, ..] = *value;
    let number = u32::from_le_bytes([n0, n1, n2, n3]);
    let dot1q = u16::from_le_bytes([q0, q1]);
    match tag {
        1 => Some(InterfaceId::Vlanif(VlanId::new(number)?)),
        2 => Some(InterfaceId::Vbdif(BdId::new(number)?)),
        3 => Some(InterfaceId::Routed {
            mlag: MlagId::new(number)?,
            dot1q: if dot1q == 0 { None } else { Some(VlanId::new(dot1q.into())?) },
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thing_reads_back_and_no_bit_of_it_may_change() {
        let interface = |name: &str| name.parse::<InterfaceId>().expect("an interface");
        let key = |ip: &str| NeighborKey { rif: Oid::from_raw(7), ip: ip.parse().expect("ip") };
        let neighbor = |ip: &str| Thing::Neighbor(key(ip));
        let hop_of = |ip: &str| Thing::NextHopOf(key(ip));
        let route = |ip: &str| {
            Thing::Route(RouteKey { virtual_router: Oid::from_raw(7), ip: ip.parse().expect("ip") })
        };
        let things = [
            neighbor("10.0.0.9"),
            neighbor("2001:db8::9"),
            Thing::Interface(interface("Vlanif4094"), Oid::from_raw(1 << 60)),
            Thing::Interface(interface("Eth-Trunk3"), Oid::from_raw(2)),
            Thing::Interface(interface("Eth-Trunk3.100"), Oid::from_raw(3)),
            Thing::Bridge(interface("Vbdif5010"), Oid::from_raw(0)),
            Thing::Router(VpnDigest::of(&VpnInstance::public()), Oid::from_raw(9)),
            Thing::Fdb(FdbKey { domain: Domain::Vlan(Oid::from_raw(4)), mac: Mac([2, 1, 0, 0, 0, 9]) }),
            Thing::Fdb(FdbKey { domain: Domain::Bridge(Oid::from_raw(4)), mac: Mac([2, 1, 0, 0, 0, 9]) }),
            route("10.0.0.9"),
            route("2001:db8::9"),
            Thing::NextHop(Oid::from_raw(11)),
            Thing::Lag(515, Oid::from_raw(12)),
            hop_of("10.0.0.9"),
            hop_of("2001:db8::9"),
        ];
        for thing in things {
            let bytes = Body::of(&thing).bytes();
            assert_eq!(Body::read(&bytes).and_then(|body| body.thing()), Some(thing));
            for bit in 8..8 * SIZE {
                let mut torn = bytes;
                torn[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Body::read(&torn), None, "bit {bit} of {thing:?}");
            }
        }
        assert_eq!(Body::read(&[0; SIZE]).and_then(|body| body.thing()), None, "zeros name nothing");
    }
}
