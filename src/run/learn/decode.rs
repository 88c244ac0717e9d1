//! rtnetlink messages, as far as they matter here.
//!
//! Reads headers and attributes by hand: a message is never dropped because of an attribute that nobody here looks
//! at and that a newer kernel fills in another way. Numbers: `linux/neighbour.h`, `linux/if_link.h`,
//! `linux/if_addr.h`, `linux/rtnetlink.h`.
//!
//! Invariant: no meaning. What a neighbour's state is worth is decided in [`super::neighbors`].

use crate::addr::Mac;
use netlink_packet_core::{NLM_F_DUMP_INTR, NetlinkBuffer, NlasIterator};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const IFLA_BRPORT_STATE: u16 = 1;
const NDTA_NAME: u16 = 1;
const NDTA_CONFIG: u16 = 5;
const NDTA_STATS: u16 = 7;
/// `NDA_PROTOCOL`: who made a neighbour entry.
pub(crate) const NDA_PROTOCOL: u16 = 12;
/// `NDA_FLAGS_EXT`: `NTF_EXT_…`.
pub(crate) const NDA_FLAGS_EXT: u16 = 15;

/// A neighbour of a layer 3 interface (AF_INET, AF_INET6) or an entry of a bridge's FDB (AF_BRIDGE).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NeighborMessage {
    /// Address family.
    pub(crate) family: u8,
    /// The device; for an FDB entry, the bridge's port.
    pub(crate) ifindex: u32,
    /// `NUD_…`.
    pub(crate) state: u16,
    /// `NTF_…`.
    pub(crate) flags: u8,
    /// `NDA_DST`.
    pub(crate) ip: Option<IpAddr>,
    /// `NDA_LLADDR`, where it has six octets.
    pub(crate) mac: Option<Mac>,
    /// `NDA_MASTER`.
    pub(crate) master: Option<u32>,
    /// `NDA_VLAN`.
    pub(crate) vlan: Option<u16>,
    /// `NDA_PROTOCOL`.
    pub(crate) protocol: Option<u8>,
    /// `NTF_EXT_…`.
    pub(crate) flags_ext: u32,
    /// The netlink socket whose request caused it; 0 for what the kernel did by itself. In a dump's row, whose dump it is.
    pub(crate) cause: u32,
}

/// A network device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkMessage {
    /// Address family: AF_UNSPEC; a bridge's notices of its ports have AF_BRIDGE.
    pub(crate) family: u8,
    /// The device.
    pub(crate) ifindex: u32,
    /// `IFLA_IFNAME`.
    pub(crate) name: String,
    /// `IFLA_ADDRESS`, where it has six octets.
    pub(crate) mac: Option<Mac>,
    /// `IFLA_MASTER`.
    pub(crate) master: Option<u32>,
    /// `IFLA_LINK`: the device below.
    pub(crate) lower: Option<u32>,
    /// True for a bridge.
    pub(crate) bridge: bool,
    /// `IFF_…`.
    pub(crate) flags: u32,
    /// `IFLA_OPERSTATE`: `IF_OPER_…`.
    pub(crate) operstate: Option<u8>,
    /// `IFLA_BRPORT_STATE`: `BR_STATE_…`, where the device is a bridge's port.
    pub(crate) bridge_port: Option<u8>,
}

/// An address of this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AddressMessage {
    /// The device that it is on.
    pub(crate) ifindex: u32,
    /// The address.
    pub(crate) ip: IpAddr,
    /// Its prefix.
    pub(crate) prefix: u8,
    /// `IFA_F_…`.
    pub(crate) flags: u32,
}

/// The kernel's hash table of neighbours of one family, machine-wide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableMessage {
    /// `arp_cache` or `ndisc_cache`.
    pub(crate) name: String,
    /// The hash function's secret.
    pub(crate) hash_rnd: u32,
    /// The number of buckets, less one.
    pub(crate) hash_mask: u32,
    /// How often an entry was refused because the table was full (`gc_thresh3`).
    pub(crate) fulls: u64,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// RTM_NEWNEIGH, or RTM_DELNEIGH when `gone`.
    Neighbor {
        /// It was deleted.
        gone: bool,
        /// Which.
        neighbor: NeighborMessage,
    },
    /// RTM_NEWLINK or RTM_DELLINK.
    Link {
        /// It was deleted.
        gone: bool,
        /// Which.
        link: LinkMessage,
    },
    /// RTM_NEWADDR or RTM_DELADDR.
    Address {
        /// It was deleted.
        gone: bool,
        /// Which.
        address: AddressMessage,
    },
    /// RTM_NEWNEIGHTBL.
    Table(TableMessage),
    /// NLMSG_DONE: a dump ends; the error is negative where it failed.
    Done(i32),
    /// NLMSG_ERROR.
    Error(i32),
    /// Something else, or something that cannot be read.
    Other,
}

/// A message with what its header adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The request that it answers; 0 for a notice.
    pub(crate) sequence: u32,
    /// NLM_F_DUMP_INTR: the table changed while it was dumped, and rows may be missing.
    pub(crate) interrupted: bool,
    /// What it says.
    pub(crate) body: Body,
}

/// The messages of one datagram.
pub(crate) fn messages(mut datagram: &[u8]) -> impl Iterator<Item = Message> + '_ {
    std::iter::from_fn(move || {
        let buffer = NetlinkBuffer::new_checked(datagram).ok()?;
        let length = buffer.length() as usize;
        let mut message = Message {
            sequence: buffer.sequence_number(),
            interrupted: buffer.flags() & NLM_F_DUMP_INTR != 0,
            body: body(buffer.message_type(), datagram.get(16..length)?).unwrap_or(Body::Other),
        };
        if let Body::Neighbor { neighbor, .. } = &mut message.body {
            neighbor.cause = buffer.port_number();
        }
        datagram = datagram.get(length.next_multiple_of(4)..).unwrap_or(&[]);
        Some(message)
    })
}

fn body(kind: u16, payload: &[u8]) -> Option<Body> {
    match kind {
        libc::RTM_NEWNEIGH => Some(Body::Neighbor { gone: false, neighbor: neighbor(payload)? }),
        libc::RTM_DELNEIGH => Some(Body::Neighbor { gone: true, neighbor: neighbor(payload)? }),
        libc::RTM_NEWLINK => Some(Body::Link { gone: false, link: link(payload)? }),
        libc::RTM_DELLINK => Some(Body::Link { gone: true, link: link(payload)? }),
        libc::RTM_NEWADDR => Some(Body::Address { gone: false, address: address(payload)? }),
        libc::RTM_DELADDR => Some(Body::Address { gone: true, address: address(payload)? }),
        libc::RTM_NEWNEIGHTBL => Some(Body::Table(table(payload)?)),
        k if i32::from(k) == libc::NLMSG_DONE => Some(Body::Done(u32_at(payload, 0).unwrap_or(0) as i32)),
        k if i32::from(k) == libc::NLMSG_ERROR => Some(Body::Error(u32_at(payload, 0)? as i32)),
        _ => None,
    }
}

fn neighbor(payload: &[u8]) -> Option<NeighborMessage> {
    let mut n = NeighborMessage {
        family: *payload.first()?,
        ifindex: u32_at(payload, 4)?,
        state: u16_at(payload, 8)?,
        flags: *payload.get(10)?,
        ip: None,
        mac: None,
        master: None,
        vlan: None,
        protocol: None,
        flags_ext: 0,
        cause: 0,
    };
    for attribute in NlasIterator::new(payload.get(12..)?) {
        let Ok(attribute) = attribute else { break };
        let value = attribute.value();
        match attribute.kind() {
            libc::NDA_DST => n.ip = ip(value),
            libc::NDA_LLADDR => n.mac = mac(value),
            libc::NDA_MASTER => n.master = u32_at(value, 0),
            libc::NDA_VLAN => n.vlan = u16_at(value, 0),
            NDA_PROTOCOL => n.protocol = value.first().copied(),
            NDA_FLAGS_EXT => n.flags_ext = u32_at(value, 0).unwrap_or(0),
            _ => {}
        }
    }
    Some(n)
}

fn link(payload: &[u8]) -> Option<LinkMessage> {
    let mut l = LinkMessage {
        family: *payload.first()?,
        ifindex: u32_at(payload, 4)?,
        name: String::new(),
        mac: None,
        master: None,
        lower: None,
        bridge: false,
        flags: u32_at(payload, 8)?,
        operstate: None,
        bridge_port: None,
    };
    for attribute in NlasIterator::new(payload.get(16..)?) {
        let Ok(attribute) = attribute else { break };
        let value = attribute.value();
        match attribute.kind() {
            libc::IFLA_IFNAME => l.name = text(value),
            libc::IFLA_ADDRESS => l.mac = mac(value),
            libc::IFLA_MASTER => l.master = u32_at(value, 0),
            libc::IFLA_LINK => l.lower = u32_at(value, 0),
            libc::IFLA_LINKINFO => {
                let infos = || NlasIterator::new(value).flatten();
                let is_bridge =
                    |kind| infos().any(|info| info.kind() == kind && text(info.value()) == "bridge");
                l.bridge = is_bridge(libc::IFLA_INFO_KIND);
                let data = infos().find(|info| info.kind() == libc::IFLA_INFO_SLAVE_DATA);
                if let Some(data) = data.filter(|_| is_bridge(libc::IFLA_INFO_SLAVE_KIND)) {
                    l.bridge_port = port_state(data.value());
                }
            }
            libc::IFLA_OPERSTATE => l.operstate = value.first().copied(),
            // What a bridge itself says of its ports.
            libc::IFLA_PROTINFO if i32::from(l.family) == libc::AF_BRIDGE => {
                l.bridge_port = port_state(value)
            }
            _ => {}
        }
    }
    Some(l)
}

fn port_state(value: &[u8]) -> Option<u8> {
    let state = NlasIterator::new(value).flatten().find(|a| a.kind() == IFLA_BRPORT_STATE)?;
    state.value().first().copied()
}

fn address(payload: &[u8]) -> Option<AddressMessage> {
    let mut flags = u32::from(*payload.get(2)?);
    let (mut local, mut address) = (None, None);
    for attribute in NlasIterator::new(payload.get(8..)?) {
        let Ok(attribute) = attribute else { break };
        let value = attribute.value();
        match attribute.kind() {
            // On a point-to-point link IFA_ADDRESS is the other end, and IFA_LOCAL is ours.
            libc::IFA_LOCAL => local = ip(value),
            libc::IFA_ADDRESS => address = ip(value),
            // The header has room for the first eight flags only.
            libc::IFA_FLAGS => flags = u32_at(value, 0)?,
            _ => {}
        }
    }
    Some(AddressMessage {
        ifindex: u32_at(payload, 4)?,
        ip: local.or(address)?,
        prefix: *payload.get(1)?,
        flags,
    })
}

fn table(payload: &[u8]) -> Option<TableMessage> {
    let (mut name, mut config, mut fulls) = (String::new(), None, 0);
    for attribute in NlasIterator::new(payload.get(4..)?) {
        let Ok(attribute) = attribute else { break };
        match attribute.kind() {
            NDTA_NAME => name = text(attribute.value()),
            // struct ndt_config: key length, entry size, entries, last flush, last rand, hash rnd, hash mask, …
            NDTA_CONFIG => config = Some((u32_at(attribute.value(), 16)?, u32_at(attribute.value(), 20)?)),
            // struct ndt_stats: eleven counters, the last of which is table_fulls.
            NDTA_STATS => fulls = u64_at(attribute.value(), 80).unwrap_or(0),
            _ => {}
        }
    }
    // The tables' per-device parameters come as messages of the same type, without this attribute.
    let (hash_rnd, hash_mask) = config?;
    Some(TableMessage { name, hash_rnd, hash_mask, fulls })
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn mac(value: &[u8]) -> Option<Mac> {
    Some(Mac(value.try_into().ok()?))
}

fn ip(value: &[u8]) -> Option<IpAddr> {
    match value.len() {
        4 => Some(Ipv4Addr::from(*value.first_chunk::<4>()?).into()),
        16 => Some(Ipv6Addr::from(*value.first_chunk::<16>()?).into()),
        _ => None,
    }
}

fn text(value: &[u8]) -> String {
    let end = value.iter().position(|b| *b == 0).unwrap_or(value.len());
    String::from_utf8_lossy(&value[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_datagram_makes_it_panic_or_loop() {
        // Every prefix of a plausible datagram, with every length that its header can claim.
        let mut datagram = [0u8; 64];
        datagram[4] = libc::RTM_NEWNEIGH as u8;
        for claimed in 0..=80u32 {
            datagram[..4].copy_from_slice(&claimed.to_ne_bytes());
            for end in 0..=datagram.len() {
                assert!(messages(&datagram[..end]).count() <= 4, "claimed {claimed}, {end} bytes");
            }
        }
    }

    #[test]
    fn a_bad_attribute_does_not_cost_the_message() {
        let mut payload = vec![0u8; 12];
        payload[0] = libc::AF_INET as u8;
        payload[4..8].copy_from_slice(&7u32.to_ne_bytes());
        payload.extend([8, 0, libc::NDA_DST as u8, 0, 10, 0, 0, 9]);
        payload.extend([3, 0, 99, 0]);
        let n = neighbor(&payload).expect("the header and the first attribute stand");
        assert_eq!((n.ifindex, n.ip), (7, Some("10.0.0.9".parse().expect("legal"))));
    }
}
