//! The packet question: where does a packet to this address in this virtual router go?
//!
//! ```text
//! full-length route, else host entry, else longest prefix
//!   └─► next hop, group (its first member that leads anywhere), interface, port
//!         └─► neighbour on the router interface ─► port or LAG, or by (VLAN, MAC) in the FDB
//! ```
//!
//! Invariant: reads; a packet changes no table, learns nothing and is counted nowhere.

use std::collections::BTreeSet;
use std::net::IpAddr;

use sai_sys::{
    sai_bridge_port_attr_t as BridgePort, sai_lag_member_attr_t as LagMember, sai_next_hop_attr_t as NextHop,
    sai_next_hop_group_member_attr_t as GroupMember, sai_object_type_t as T, sai_packet_action_t as Packet,
    sai_route_entry_attr_t as Route, sai_router_interface_attr_t as RouterInterface,
    sai_vlan_member_attr_t as VlanMember,
};

use super::Switch;
use super::entry::Entry;
use super::route::Routes;
use super::{fdb, neighbor};
use crate::oid::Oid;
use crate::profile::FdbMiss;
use crate::value::{Mac, Value};

/// Where a packet goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nowhere.
    Drop,
    /// To the CPU.
    Trap,
    /// Out of a port, to this station.
    Port {
        /// The physical port; of a LAG its first member that can send.
        port: u64,
        /// Destination MAC of the frame.
        mac: Mac,
    },
    /// Out of every port of a VLAN or bridge, because nobody knows where the station is.
    Flood {
        /// The VLAN or bridge.
        bv: u64,
        /// Destination MAC of the frame.
        mac: Mac,
    },
}

/// Virtual router, address and router interface of every neighbour with a host route.
pub(crate) type Hosts = BTreeSet<(u64, IpAddr, u32)>;

pub(super) fn host(switch: &Switch, key: &neighbor::Key) -> (u64, IpAddr, u32) {
    let router = switch.rifs.get(key.rif() as usize).map_or(0, |rif| rif.router);
    (router, key.ip(), key.rif())
}

/// Groups may name groups; one that names itself ends here.
const DEEPEST: u32 = 4;

impl Switch {
    /// Answers the packet question. The first one that looks for a host sorts them all; from then on they stay sorted,
    /// so that a switch of which nobody asks pays nothing for it.
    pub(crate) fn forward(&mut self, vr: u64, to: IpAddr) -> Verdict {
        if self.hosts.is_none() && self.owners.is_none() {
            let hosts = self.neighbors.entries().into_iter().filter(|(_, body)| !body.no_host_route);
            self.hosts = Some(hosts.map(|(key, _)| host(self, &key)).collect());
        }
        self.question(vr, to)
    }

    fn question(&self, vr: u64, to: IpAddr) -> Verdict {
        let full = if to.is_ipv6() { 128 } else { 32 };
        let route = self.longest_prefix(vr, to);
        if route.as_ref().is_none_or(|key| key.prefix().1 < full)
            && let Some(rif) = self.host_rif(vr, to)
        {
            return self.to_neighbor(rif, to);
        }
        let Some(key) = route else { return Verdict::Drop };
        let attr = |id: Route| {
            let row = Routes::facts().ok()?.attr(id.0)?;
            super::entry::get::<Routes>(self, &key, row, 0).ok()?.num()
        };
        match packet(attr(Route::SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION)) {
            Some(verdict) => verdict,
            None => self.to_next_hop(attr(Route::SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID).unwrap_or(0), to, DEEPEST),
        }
    }

    /// The first interface of the virtual router with a host entry for this address.
    fn host_rif(&self, vr: u64, to: IpAddr) -> Option<u64> {
        let rif = match (&self.owners, &self.hosts) {
            (Some(owners), _) => *owners.get(&(vr, to))?,
            (None, Some(hosts)) => hosts.range((vr, to, 0)..=(vr, to, u32::MAX)).next()?.2,
            (None, None) => return None,
        };
        let object = T::SAI_OBJECT_TYPE_ROUTER_INTERFACE;
        Some(Oid { switch: self.id.switch, object, serial: rif.into() }.id())
    }

    /// A neighbour with a host route comes or goes.
    #[inline]
    pub(super) fn note_host(&mut self, key: &neighbor::Key, more: bool) {
        if self.hosts.is_some() {
            let host = host(self, key);
            match &mut self.hosts {
                Some(hosts) if more => drop(hosts.insert(host)),
                Some(hosts) => drop(hosts.remove(&host)),
                None => {}
            }
        }
    }

    fn neighbor_on(&self, rif: u64, ip: IpAddr) -> Option<&neighbor::Body> {
        let serial = Oid::parse(rif)?.serial as u32;
        let key = match ip {
            IpAddr::V4(ip) => neighbor::Key::v4(serial, ip.octets()),
            IpAddr::V6(ip) => neighbor::Key::v6(serial, ip.octets()),
        };
        self.neighbors.get(&key)
    }

    fn number(&self, id: u64, attr: u32) -> Option<u64> {
        let facts = Self::facts(Oid::parse(id)?.object).ok()?;
        self.get(facts, id, facts.attr(attr)?, 0).ok()?.num()
    }

    fn to_next_hop(&self, hop: u64, to: IpAddr, deep: u32) -> Verdict {
        let Some(oid) = Oid::parse(hop).filter(|_| deep > 0) else { return Verdict::Drop };
        match oid.object {
            T::SAI_OBJECT_TYPE_ROUTER_INTERFACE => self.to_neighbor(hop, to),
            T::SAI_OBJECT_TYPE_PORT if hop == self.defaults.cpu_port => Verdict::Trap,
            T::SAI_OBJECT_TYPE_NEXT_HOP => {
                let attrs = self.objects.get(&hop);
                let via = attrs.and_then(|o| o.get(NextHop::SAI_NEXT_HOP_ATTR_IP.0));
                let rif = self.number(hop, NextHop::SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID.0);
                match (via, rif) {
                    (Some(Value::Ip(via)), Some(rif)) => self.to_neighbor(rif, *via),
                    _ => Verdict::Drop,
                }
            }
            T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP => {
                let group = GroupMember::SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID.0;
                let next = GroupMember::SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID.0;
                self.with(T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER, group, hop)
                    .filter_map(|(_, member)| member.get(next).and_then(Value::num))
                    .map(|next| self.to_next_hop(next, to, deep - 1))
                    .find(|verdict| *verdict != Verdict::Drop)
                    .unwrap_or(Verdict::Drop)
            }
            _ => Verdict::Drop,
        }
    }

    fn to_neighbor(&self, rif: u64, ip: IpAddr) -> Verdict {
        use sai_sys::sai_router_interface_type_t as Type;
        let attr = |attr: RouterInterface| self.number(rif, attr.0);
        let Some(body) = self.neighbor_on(rif, ip) else {
            let miss = attr(RouterInterface::SAI_ROUTER_INTERFACE_ATTR_NEIGHBOR_MISS_PACKET_ACTION);
            return packet(miss).unwrap_or(Verdict::Drop);
        };
        if let Some(verdict) = packet(Some(u64::from(body.action()))) {
            return verdict;
        }
        let kind = attr(RouterInterface::SAI_ROUTER_INTERFACE_ATTR_TYPE).unwrap_or_default();
        let bv = match Type(kind as u32) {
            Type::SAI_ROUTER_INTERFACE_TYPE_VLAN => attr(RouterInterface::SAI_ROUTER_INTERFACE_ATTR_VLAN_ID),
            Type::SAI_ROUTER_INTERFACE_TYPE_BRIDGE => {
                attr(RouterInterface::SAI_ROUTER_INTERFACE_ATTR_BRIDGE_ID)
            }
            _ => {
                let port = attr(RouterInterface::SAI_ROUTER_INTERFACE_ATTR_PORT_ID).unwrap_or(0);
                return self.out_of(port, body.mac);
            }
        };
        self.to_station(bv.unwrap_or(0), body.mac)
    }

    fn to_station(&self, bv: u64, mac: Mac) -> Verdict {
        let key = Oid::parse(bv).and_then(|bv| fdb::Key::new(bv, mac));
        match key.and_then(|key| self.fdb.get(&key)) {
            Some(entry) => {
                let bridge_port = entry.port(self);
                if let Some(verdict) = self.by_protection(bridge_port, mac) {
                    return verdict;
                }
                let port = self.number(bridge_port, BridgePort::SAI_BRIDGE_PORT_ATTR_PORT_ID.0);
                let port = port.filter(|_| self.is_in(bv, bridge_port));
                self.out_of(port.unwrap_or(0), mac)
            }
            None => match self.settings.fdb_miss {
                FdbMiss::Flood => Verdict::Flood { bv, mac },
                FdbMiss::Trap => Verdict::Trap,
                FdbMiss::Drop | FdbMiss::Refuse => Verdict::Drop,
            },
        }
    }

    /// Where a frame leaves that is sent to a bridge port which is switched over to its protection group: by the group, as it
    /// is.
    fn by_protection(&self, bridge_port: u64, mac: Mac) -> Option<Verdict> {
        let attr = |attr: BridgePort| self.number(bridge_port, attr.0).filter(|value| *value != 0);
        attr(BridgePort::SAI_BRIDGE_PORT_ATTR_BRIDGE_PORT_SET_SWITCHOVER)?;
        let group = attr(BridgePort::SAI_BRIDGE_PORT_ATTR_BRIDGE_PORT_PROTECTION_NEXT_HOP_GROUP_ID)?;
        Some(match self.to_next_hop(group, std::net::Ipv4Addr::UNSPECIFIED.into(), DEEPEST) {
            Verdict::Port { port, .. } => Verdict::Port { port, mac },
            other => other,
        })
    }

    /// Does a VLAN or bridge send frames to this bridge port? An entry may point at one that it has not.
    fn is_in(&self, bv: u64, bridge_port: u64) -> bool {
        if Oid::parse(bv).is_some_and(|oid| oid.object == T::SAI_OBJECT_TYPE_BRIDGE) {
            return self.number(bridge_port, BridgePort::SAI_BRIDGE_PORT_ATTR_BRIDGE_ID.0) == Some(bv);
        }
        let vlan = VlanMember::SAI_VLAN_MEMBER_ATTR_VLAN_ID.0;
        let of = VlanMember::SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID.0;
        self.with(T::SAI_OBJECT_TYPE_VLAN_MEMBER, vlan, bv)
            .any(|(_, member)| member.get(of).and_then(Value::num) == Some(bridge_port))
    }

    /// Out of a port, or of the first member of a LAG that can send.
    fn out_of(&self, port: u64, mac: Mac) -> Verdict {
        let lag = LagMember::SAI_LAG_MEMBER_ATTR_LAG_ID.0;
        let sends = |member: u64| {
            let disabled = self.number(member, LagMember::SAI_LAG_MEMBER_ATTR_EGRESS_DISABLE.0);
            let port = self.number(member, LagMember::SAI_LAG_MEMBER_ATTR_PORT_ID.0)?;
            (disabled == Some(0) && self.is_up(port)).then_some(port)
        };
        let port = match Oid::parse(port).map(|oid| oid.object) {
            Some(T::SAI_OBJECT_TYPE_PORT) => Some(port).filter(|port| self.is_up(*port)),
            Some(T::SAI_OBJECT_TYPE_LAG) => {
                self.with(T::SAI_OBJECT_TYPE_LAG_MEMBER, lag, port).find_map(|(member, _)| sends(member))
            }
            _ => None,
        };
        port.map_or(Verdict::Drop, |port| Verdict::Port { port, mac })
    }

    /// Would a neighbour with this MAC be refused, because the FDB does not know the station?
    #[inline]
    pub(crate) fn misses(&self, rif: u32, mac: Mac) -> bool {
        self.settings.fdb_miss == FdbMiss::Refuse && self.is_unknown_station(rif, mac)
    }

    fn is_unknown_station(&self, serial: u32, mac: Mac) -> bool {
        let object = T::SAI_OBJECT_TYPE_ROUTER_INTERFACE;
        let rif = Oid { switch: self.id.switch, object, serial: serial.into() }.id();
        let attrs = self.objects.get(&rif);
        let vlan = attrs.and_then(|o| o.get(RouterInterface::SAI_ROUTER_INTERFACE_ATTR_VLAN_ID.0));
        let key = vlan.and_then(Value::num).and_then(Oid::parse).and_then(|vlan| fdb::Key::new(vlan, mac));
        key.is_some_and(|key| self.fdb.get(&key).is_none())
    }
}

/// What a packet action does, if it does not forward.
fn packet(action: Option<u64>) -> Option<Verdict> {
    match Packet(action? as u32) {
        Packet::SAI_PACKET_ACTION_DROP | Packet::SAI_PACKET_ACTION_DENY => Some(Verdict::Drop),
        Packet::SAI_PACKET_ACTION_TRAP => Some(Verdict::Trap),
        _ => None,
    }
}
