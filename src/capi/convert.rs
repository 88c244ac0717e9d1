//! The structs of the header into the words of the house, and back.
//!
//! Invariant: nothing is guessed. A number outside its range, an enumerator that does not exist and a reserved field that
//! is not zero are refused with the field's name.

use super::result::{Answer, Failure};
use super::text;
use super::types::*;
use crate::addr::{BdId, InterfaceId, Mac, MlagId, VlanId, VpnInstance};
use crate::embed::{Learned, Neighbor};
use crate::neighbor::{Attachment, Flags, Key};
use crate::node::io::{AsicDown, AsicNews, FdbChange, FdbNews, LinkState, Member, RifState};
use crate::node::view::{HostState, HostView, NeighborView, Origin, Ready};
use crate::sai::Oid;
use crate::sai::id::Domain;
use ipnet::IpNet;
use std::ffi::c_char;
use std::net::IpAddr;

/// A reserved field.
pub(super) fn zero(what: &str, reserved: &[u8]) -> Answer<()> {
    match reserved.iter().all(|byte| *byte == 0) {
        true => Ok(()),
        false => Err(Failure::invalid(format!("the reserved bytes of {what} are not zero"))),
    }
}

/// A field that is 0 or 1.
pub(super) fn flag(what: &str, byte: u8) -> Answer<bool> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Failure::invalid(format!("{what} is {byte}, neither 0 nor 1"))),
    }
}

fn no_such<T>(what: &str, number: impl std::fmt::Display) -> Answer<T> {
    Err(Failure::invalid(format!("there is no {what} {number}")))
}

/// An address; family 0 is none.
pub(super) fn ip_or_none(ip: &mlagsync_ip_t) -> Answer<Option<IpAddr>> {
    let [a, b, c, d, rest @ ..] = ip.octets;
    match ip.family {
        0 if ip.octets == [0; 16] => Ok(None),
        4 if rest == [0; 12] => Ok(Some(IpAddr::from([a, b, c, d]))),
        6 => Ok(Some(IpAddr::from(ip.octets))),
        0 | 4 => Err(Failure::invalid(format!("octets of an address of family {} are not zero", ip.family))),
        other => no_such("family of addresses", other),
    }
}

/// An address that is there.
pub(super) fn ip(what: &str, ip: &mlagsync_ip_t) -> Answer<IpAddr> {
    ip_or_none(ip)?.ok_or_else(|| Failure::invalid(format!("{what} is no address")))
}

/// An address for C.
pub(super) fn ip_to_c(ip: IpAddr) -> mlagsync_ip_t {
    match ip {
        IpAddr::V4(ip) => {
            let mut octets = [0; 16];
            octets[..4].copy_from_slice(&ip.octets());
            mlagsync_ip_t { family: 4, octets }
        }
        IpAddr::V6(ip) => mlagsync_ip_t { family: 6, octets: ip.octets() },
    }
}

/// An address with its subnet.
pub(super) fn subnet(subnet: &mlagsync_subnet_t) -> Answer<IpNet> {
    let address = ip("an address of the interface", &subnet.ip)?;
    IpNet::new(address, subnet.prefix_length)
        .map_err(|_| Failure::invalid(format!("{address} has no subnet of /{}", subnet.prefix_length)))
}

/// An interface; kind 0 is none.
pub(super) fn interface_or_none(interface: &mlagsync_interface_t) -> Answer<Option<InterfaceId>> {
    let mlagsync_interface_t { kind, number, dot1q } = *interface;
    if dot1q != 0 && kind != MLAGSYNC_INTERFACE_ROUTED {
        return Err(Failure::invalid("only a routed interface has a dot1q"));
    }
    let vlan = |number| VlanId::new(number).map_or_else(|| no_such("VLAN", number), Ok);
    match kind {
        0 if number == 0 => Ok(None),
        MLAGSYNC_INTERFACE_VLAN => Ok(Some(InterfaceId::Vlanif(vlan(number)?))),
        MLAGSYNC_INTERFACE_BRIDGE_DOMAIN => match BdId::new(number) {
            Some(bd) => Ok(Some(InterfaceId::Vbdif(bd))),
            None => no_such("bridge domain", number),
        },
        MLAGSYNC_INTERFACE_ROUTED => {
            let dot1q = (dot1q != 0).then(|| vlan(dot1q)).transpose()?;
            Ok(Some(InterfaceId::Routed { mlag: mlag(number)?, dot1q }))
        }
        other => no_such("kind of interface", other),
    }
}

/// An interface that is there.
pub(super) fn interface(interface: &mlagsync_interface_t) -> Answer<InterfaceId> {
    interface_or_none(interface)?.ok_or_else(|| Failure::invalid("there is no interface of kind 0"))
}

/// An interface for C.
pub(super) fn interface_to_c(interface: InterfaceId) -> mlagsync_interface_t {
    let (kind, number, dot1q) = match interface {
        InterfaceId::Vlanif(vlan) => (MLAGSYNC_INTERFACE_VLAN, vlan.number().into(), None),
        InterfaceId::Vbdif(bd) => (MLAGSYNC_INTERFACE_BRIDGE_DOMAIN, bd.number(), None),
        InterfaceId::Routed { mlag, dot1q } => (MLAGSYNC_INTERFACE_ROUTED, mlag.number().into(), dot1q),
    };
    mlagsync_interface_t { kind, number, dot1q: dot1q.map_or(0, |vlan| vlan.number().into()) }
}

/// An M-LAG.
pub(super) fn mlag(number: u32) -> Answer<MlagId> {
    MlagId::new(number).map_or_else(|| no_such("M-LAG", number), Ok)
}

/// A neighbour.
pub(super) fn key(key: &mlagsync_key_t) -> Answer<Key> {
    zero("mlagsync_key_t", &key.reserved)?;
    Ok(Key { interface: interface(&key.interface)?, ip: ip("the neighbour's address", &key.ip)? })
}

/// A neighbour for C.
pub(super) fn key_to_c(key: Key) -> mlagsync_key_t {
    mlagsync_key_t { interface: interface_to_c(key.interface), ip: ip_to_c(key.ip), reserved: [0; 3] }
}

/// A VPN instance; an empty name is the public one.
pub(super) fn vrf(name: &[c_char]) -> Answer<VpnInstance> {
    let name = text::field("vrf", name)?;
    if name.is_empty() {
        return Ok(VpnInstance::public());
    }
    name.parse().map_err(|e: crate::addr::VpnInstanceError| Failure::invalid(e.to_string()))
}

/// How a link is.
pub(super) fn link(state: i32) -> Answer<LinkState> {
    match state {
        MLAGSYNC_LINK_DOWN => Ok(LinkState::Down),
        MLAGSYNC_LINK_UP => Ok(LinkState::Up),
        MLAGSYNC_LINK_FORWARDING => Ok(LinkState::Forwarding),
        other => no_such("state of a link", other),
    }
}

/// What a router interface is good for.
pub(super) fn rif_state(state: i32) -> Answer<RifState> {
    match state {
        MLAGSYNC_RIF_UP => Ok(RifState::Up),
        MLAGSYNC_RIF_DOWN => Ok(RifState::Down),
        MLAGSYNC_RIF_VIRTUAL => Ok(RifState::Virtual),
        other => no_such("state of a router interface", other),
    }
}

/// An object id that is there, or 0.
pub(super) fn oid_or_none<T>(raw: mlagsync_oid_t) -> Option<Oid<T>> {
    (raw != 0).then(|| Oid::from_raw(raw))
}

/// The members of an M-LAG.
pub(super) fn member(member: &mlagsync_member_t) -> Answer<Member> {
    Ok(Member {
        mlag: mlag(member.mlag)?,
        port: oid_or_none(member.bridge_port),
        local: link(member.local)?,
        peer: link(member.peer)?,
    })
}

/// A neighbour that was heard.
pub(super) fn learned(item: &mlagsync_learned_t) -> Answer<Learned> {
    zero("mlagsync_learned_t", &item.reserved)?;
    let attachment = match item.attachment {
        MLAGSYNC_ATTACHMENT_MLAG => Attachment::Mlag(mlag(item.mlag)?),
        _ if item.mlag != 0 => return Err(Failure::invalid("only MLAGSYNC_ATTACHMENT_MLAG has an M-LAG")),
        MLAGSYNC_ATTACHMENT_ORPHAN => Attachment::Orphan,
        MLAGSYNC_ATTACHMENT_FABRIC => Attachment::Fabric,
        other => return no_such("attachment", other),
    };
    let known = MLAGSYNC_FLAG_ROUTER | MLAGSYNC_FLAG_INTERFACE;
    let flags = u16::try_from(item.flags).ok().filter(|_| item.flags & !known == 0);
    let Some(flags) = flags else { return no_such("set of flags", format!("{:#x}", item.flags)) };
    Ok(Learned {
        key: key(&item.key)?,
        mac: Mac(item.mac),
        attachment,
        flags: Flags(flags),
        fresh: flag("fresh", item.fresh)?,
    })
}

/// A neighbour and its MAC.
pub(super) fn host(item: &mlagsync_host_t) -> Answer<Neighbor> {
    zero("mlagsync_host_t", &item.reserved)?;
    Ok(Neighbor { key: key(&item.key)?, mac: Mac(item.mac) })
}

/// News of the FDB.
pub(super) fn fdb(item: &mlagsync_fdb_news_t) -> Answer<FdbNews> {
    zero("mlagsync_fdb_news_t", &item.reserved)?;
    let change = match item.change {
        MLAGSYNC_FDB_LEARNED => FdbChange::Learned,
        MLAGSYNC_FDB_MOVED => FdbChange::Moved,
        MLAGSYNC_FDB_AGED => FdbChange::Aged,
        MLAGSYNC_FDB_FLUSHED => FdbChange::Flushed,
        other => return no_such("change of the FDB", other),
    };
    let domain = match (oid_or_none(item.vlan), oid_or_none(item.bridge)) {
        (Some(_), Some(_)) => {
            return Err(Failure::invalid("a MAC lies in a VLAN or in a bridge, not in both"));
        }
        (Some(vlan), None) => Some(Domain::Vlan(vlan)),
        (None, bridge) => bridge.map(Domain::Bridge),
    };
    let mac = flag("has_mac", item.has_mac)?.then_some(Mac(item.mac));
    Ok(FdbNews { change, domain, mac, port: oid_or_none(item.bridge_port) })
}

/// What the ASIC as a whole is.
pub(super) fn asic(state: i32) -> Answer<AsicNews> {
    Ok(match state {
        MLAGSYNC_ASIC_DOWN => AsicNews::Down { why: AsicDown::Switch },
        MLAGSYNC_ASIC_FAILED => AsicNews::Down { why: AsicDown::Failed },
        MLAGSYNC_ASIC_SHUTDOWN => AsicNews::Down { why: AsicDown::Shutdown },
        MLAGSYNC_ASIC_BACK_EMPTY => AsicNews::Restarted { intact: Some(false) },
        MLAGSYNC_ASIC_BACK_INTACT => AsicNews::Restarted { intact: Some(true) },
        MLAGSYNC_ASIC_BACK => AsicNews::Restarted { intact: None },
        other => return no_such("state of the ASIC", other),
    })
}

/// How ready.
pub(super) fn ready_to_c(ready: Ready) -> i32 {
    match ready {
        Ready::Waiting { .. } => MLAGSYNC_READY_WAITING,
        Ready::Proved => MLAGSYNC_READY_PROVED,
        Ready::Fallback { .. } => MLAGSYNC_READY_FALLBACK,
    }
}

/// Whose; 0 is anybody's.
pub(super) fn origin(origin: i32) -> Answer<Option<Origin>> {
    match origin {
        0 => Ok(None),
        MLAGSYNC_ORIGIN_LOCAL => Ok(Some(Origin::Local)),
        MLAGSYNC_ORIGIN_REMOTE => Ok(Some(Origin::Remote)),
        MLAGSYNC_ORIGIN_STATIC => Ok(Some(Origin::Static)),
        other => no_such("origin", other),
    }
}

/// A claim for C.
pub(super) fn neighbor_to_c(row: &NeighborView) -> mlagsync_neighbor_t {
    let (attachment, mlag) = match row.attachment {
        Attachment::Mlag(mlag) => (MLAGSYNC_ATTACHMENT_MLAG, mlag.number().into()),
        Attachment::Orphan => (MLAGSYNC_ATTACHMENT_ORPHAN, 0),
        Attachment::Fabric => (MLAGSYNC_ATTACHMENT_FABRIC, 0),
    };
    mlagsync_neighbor_t {
        struct_size: 0,
        origin: match row.origin {
            Origin::Local => MLAGSYNC_ORIGIN_LOCAL,
            Origin::Remote => MLAGSYNC_ORIGIN_REMOTE,
            Origin::Static => MLAGSYNC_ORIGIN_STATIC,
        },
        key: key_to_c(Key { interface: row.interface, ip: row.ip }),
        attachment,
        mlag,
        flags: row.flags.0.into(),
        counter: row.counter,
        mac: row.mac.0,
        wins: row.wins.into(),
        reserved: [0],
    }
}

/// An entry of the host table for C.
pub(super) fn host_row_to_c(row: &HostView) -> mlagsync_host_row_t {
    #[allow(unreachable_patterns, reason = "a state that is new has no number of its own at first")]
    let (state, detail) = match row.state {
        HostState::Programmed => (MLAGSYNC_HOST_PROGRAMMED, 0),
        HostState::Pending => (MLAGSYNC_HOST_PENDING, 0),
        HostState::Adopted => (MLAGSYNC_HOST_ADOPTED, 0),
        HostState::Removing => (MLAGSYNC_HOST_REMOVING, 0),
        HostState::Unknown => (MLAGSYNC_HOST_UNKNOWN, 0),
        HostState::Parked { status } => (MLAGSYNC_HOST_PARKED, status.0),
        HostState::Failed { status } => (MLAGSYNC_HOST_FAILED, status.0),
        HostState::Refused { refusal } => (MLAGSYNC_HOST_REFUSED, refusal.code().into()),
        _ => (MLAGSYNC_HOST_OTHER, 0),
    };
    mlagsync_host_row_t {
        struct_size: 0,
        state,
        detail,
        key: key_to_c(Key { interface: row.interface, ip: row.ip }),
        wanted: row.mac.unwrap_or_default().0,
        programmed: row.programmed.unwrap_or_default().0,
    }
}
