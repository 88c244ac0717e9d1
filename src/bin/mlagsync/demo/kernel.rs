//! What is asked of the kernel, as rtnetlink messages with their flags: pure values, and the reading of dumps.

use super::netlink::Rtnl;
use mlagsync::addr::Mac;
use netlink_packet_core::{NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::address::{AddressAttribute, AddressHeaderFlags, AddressMessage, AddressScope};
use netlink_packet_route::link::{
    AfSpecInet6, AfSpecUnspec, In6AddrGenMode, InfoData, InfoKind, InfoVeth, LinkAttribute, LinkFlags,
    LinkInfo, LinkMessage,
};
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourFlags, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::route::RouteType;
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use std::io;
use std::net::IpAddr;
use std::os::fd::RawFd;

/// A message and the flags that belong to it.
pub(crate) type Request = (RouteNetlinkMessage, u16);

const NEW: u16 = NLM_F_CREATE | NLM_F_EXCL;
const PUT: u16 = NLM_F_CREATE | NLM_F_REPLACE;

/// A pair of connected devices, the far one in another network namespace.
pub(crate) fn veth(
    name: &str,
    mac: Option<Mac>,
    far_name: &str,
    far_mac: Option<Mac>,
    far_namespace: Option<RawFd>,
) -> Request {
    let end = |name: &str, mac: Option<Mac>| {
        let mut end = LinkMessage::default();
        end.attributes.push(LinkAttribute::IfName(name.to_owned()));
        end.attributes.extend(mac.map(|mac| LinkAttribute::Address(mac.0.to_vec())));
        end
    };
    let mut far = end(far_name, far_mac);
    far.attributes.extend(far_namespace.map(LinkAttribute::NetNsFd));
    let mut near = end(name, mac);
    near.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(InfoKind::Veth),
        LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(far))),
    ]));
    (RouteNetlinkMessage::NewLink(near), NEW)
}

/// A bridge.
pub(crate) fn bridge(name: &str, mac: Mac) -> Request {
    let mut link = LinkMessage::default();
    link.attributes.push(LinkAttribute::IfName(name.to_owned()));
    link.attributes.push(LinkAttribute::Address(mac.0.to_vec()));
    link.attributes.push(LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Bridge)]));
    (RouteNetlinkMessage::NewLink(link), NEW)
}

/// A device that gives itself no link-local address: what hosts there are is what the demo says there are. To be
/// asked for before the device is up.
pub(crate) fn without_link_local(index: u32) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    let mode = AfSpecInet6::AddrGenMode(In6AddrGenMode::None);
    link.attributes.push(LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet6(vec![mode])]));
    (RouteNetlinkMessage::SetLink(link), 0)
}

/// A device brought up, as a port of `master` if there is one.
pub(crate) fn up(index: u32, master: Option<u32>) -> Request {
    let mut link = LinkMessage::default();
    link.header.index = index;
    link.header.flags = LinkFlags::Up;
    link.header.change_mask = LinkFlags::Up;
    link.attributes.extend(master.map(LinkAttribute::Controller));
    (RouteNetlinkMessage::SetLink(link), 0)
}

/// An address of a device, usable at once: nobody else can have it here, so nothing is to be probed.
pub(crate) fn address(index: u32, ip: IpAddr, length: u8) -> Request {
    let mut message = AddressMessage::default();
    message.header.family = family(ip);
    message.header.prefix_len = length;
    message.header.index = index;
    message.header.scope = AddressScope::Universe;
    message.header.flags = AddressHeaderFlags::Nodad;
    message.attributes = vec![AddressAttribute::Local(ip), AddressAttribute::Address(ip)];
    (RouteNetlinkMessage::NewAddress(message), PUT)
}

/// A neighbour as a program installs it that learned it elsewhere: exempt from the kernel's limit, never probed.
pub(crate) fn neighbor(index: u32, ip: IpAddr, mac: Mac) -> Request {
    let mut message = neighbor_of(index, ip);
    message.header.state = NeighbourState::Stale;
    message.header.flags = NeighbourFlags::ExtLearned;
    message.attributes.push(NeighbourAttribute::LinkLayerAddress(mac.0.to_vec()));
    (RouteNetlinkMessage::NewNeighbour(message), PUT)
}

/// A neighbour to be forgotten.
pub(crate) fn delete_neighbor(index: u32, ip: IpAddr) -> Request {
    (RouteNetlinkMessage::DelNeighbour(neighbor_of(index, ip)), 0)
}

fn neighbor_of(index: u32, ip: IpAddr) -> NeighbourMessage {
    let mut message = NeighbourMessage::default();
    message.header.family = family(ip);
    message.header.ifindex = index;
    message.header.kind = RouteType::Unicast;
    message.attributes = vec![NeighbourAttribute::Destination(match ip {
        IpAddr::V4(ip) => NeighbourAddress::Inet(ip),
        IpAddr::V6(ip) => NeighbourAddress::Inet6(ip),
    })];
    message
}

/// An entry of a bridge's forwarding table, behind the port with this index.
pub(crate) fn fdb_entry(port: u32, mac: Mac) -> Request {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Bridge;
    message.header.ifindex = port;
    message.header.state = NeighbourState::Reachable;
    message.header.flags = NeighbourFlags::Controller | NeighbourFlags::ExtLearned;
    message.attributes = vec![NeighbourAttribute::LinkLayerAddress(mac.0.to_vec())];
    (RouteNetlinkMessage::NewNeighbour(message), PUT)
}

/// The index of a device.
pub(crate) fn index_of(rtnl: &mut Rtnl, name: &str) -> io::Result<u32> {
    let links = rtnl.dump(&RouteNetlinkMessage::GetLink(LinkMessage::default()))?;
    let index = links.iter().find_map(|message| {
        let RouteNetlinkMessage::NewLink(link) = message else { return None };
        let named = |attribute: &LinkAttribute| matches!(attribute, LinkAttribute::IfName(it) if it == name);
        link.attributes.iter().any(named).then_some(link.header.index)
    });
    index.ok_or_else(|| io::Error::from_raw_os_error(libc::ENODEV))
}

/// The neighbours of a device whose MAC the kernel knows by itself: neither static nor unresolved ones.
pub(crate) fn neighbors(rtnl: &mut Rtnl, index: u32) -> io::Result<Vec<(IpAddr, Mac)>> {
    let mut found = Vec::new();
    for family in [AddressFamily::Inet, AddressFamily::Inet6] {
        let mut request = NeighbourMessage::default();
        request.header.family = family;
        for message in rtnl.dump(&RouteNetlinkMessage::GetNeighbour(request))? {
            let RouteNetlinkMessage::NewNeighbour(row) = message else { continue };
            if row.header.ifindex == index && learned(row.header.state) {
                found.extend(ip_and_mac(&row.attributes));
            }
        }
    }
    Ok(found)
}

fn learned(state: NeighbourState) -> bool {
    use NeighbourState::{Delay, Probe, Reachable, Stale};
    matches!(state, Reachable | Stale | Delay | Probe)
}

fn ip_and_mac(attributes: &[NeighbourAttribute]) -> Option<(IpAddr, Mac)> {
    let ip = attributes.iter().find_map(|attribute| match attribute {
        NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)) => Some(IpAddr::V4(*ip)),
        NeighbourAttribute::Destination(NeighbourAddress::Inet6(ip)) => Some(IpAddr::V6(*ip)),
        _ => None,
    });
    let mac = attributes.iter().find_map(|attribute| match attribute {
        NeighbourAttribute::LinkLayerAddress(bytes) => bytes.as_slice().try_into().ok().map(Mac),
        _ => None,
    });
    Some((ip?, mac?))
}

fn family(ip: IpAddr) -> AddressFamily {
    if ip.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 }
}
