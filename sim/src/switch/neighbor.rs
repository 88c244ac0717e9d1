//! The host table: neighbour entries.
//!
//! A neighbour with a host route takes slots of the host table, one for IPv4 and `SAI_SIM_V6_SLOTS` for IPv6; one
//! with NO_HOST_ROUTE takes none.
//!
//! Invariant: key and body are 28 bytes; with the table around them a neighbour costs at most 80.

use std::hash::Hasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sai_sys::{
    Status, sai_ip_addr_family_t as Family, sai_neighbor_entry_attr_t as Attr, sai_object_type_t,
    sai_packet_action_t as Packet,
};

use super::Switch;
use super::entry::Entry;
use super::warm::Lasting;
use crate::faults::Target;
use crate::journal::Packed;
use crate::refusal::Result;
use crate::table::{Key as TableKey, Table};
use crate::value::{Mac, Value};

/// An address on a router interface.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Key {
    /// Serial number of the router interface, and in the top bit whether the address is IPv6.
    rif: u32,
    /// In network order; of IPv4 the first four bytes, the rest zero.
    address: [u8; 16],
}

const V6: u32 = 1 << 31;

impl Key {
    #[inline]
    pub(crate) fn v4(rif: u32, address: [u8; 4]) -> Self {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&address);
        Self { rif, address: bytes }
    }

    #[inline]
    pub(crate) fn v6(rif: u32, address: [u8; 16]) -> Self {
        Self { rif: rif | V6, address }
    }

    pub(crate) fn is_v6(&self) -> bool {
        self.rif & V6 != 0
    }

    /// The key as numbers.
    pub(crate) fn words(&self) -> [u64; 3] {
        let address = u128::from_be_bytes(self.address);
        [u64::from(self.rif), (address >> 64) as u64, address as u64]
    }

    /// Serial number of the router interface.
    pub(crate) fn rif(&self) -> u32 {
        self.rif & !V6
    }

    pub(crate) fn ip(&self) -> IpAddr {
        if self.is_v6() {
            return IpAddr::V6(Ipv6Addr::from(self.address));
        }
        let [a, b, c, d, ..] = self.address;
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    }

    /// Can a host have this address?
    #[inline]
    fn is_host(&self) -> bool {
        if self.is_v6() {
            let ip = Ipv6Addr::from(self.address);
            !ip.is_unspecified() && !ip.is_multicast() && !ip.is_loopback()
        } else {
            let first = self.address[0];
            first != 127 && first < 224 && self.address[..4] != [0; 4]
                || (240..255).contains(&first)
                || first == 255 && self.address[..4] != [255; 4]
        }
    }
}

impl TableKey for Key {
    #[inline]
    fn feed(&self, hasher: &mut impl Hasher) {
        let address = u128::from_ne_bytes(self.address);
        hasher.write_u64(address as u64);
        hasher.write_u64((address >> 64) as u64 ^ (u64::from(self.rif) << 32));
    }
}

/// What a neighbour is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Body {
    pub(crate) mac: Mac,
    pub(crate) no_host_route: bool,
    /// IS_LOCAL in bit 7, PACKET_ACTION below.
    bits: u8,
}

const LOCAL: u8 = 0x80;

impl Body {
    #[inline]
    pub(crate) fn set_action(&mut self, action: u8) {
        self.bits = self.bits & LOCAL | action & !LOCAL;
    }

    #[inline]
    pub(crate) fn set_local(&mut self, local: bool) {
        self.bits = self.bits & !LOCAL | if local { LOCAL } else { 0 };
    }

    pub(crate) fn action(&self) -> u8 {
        self.bits & !LOCAL
    }
}

/// Neighbour entries.
pub(crate) struct Neighbors;

impl Entry for Neighbors {
    type Key = Key;
    type Body = Body;
    const OBJECT: sai_object_type_t = sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
    const BLANK: Body =
        Body { mac: [0; 6], no_host_route: false, bits: LOCAL | Packet::SAI_PACKET_ACTION_FORWARD.0 as u8 };

    #[inline]
    fn table(switch: &Switch) -> &Table<Key, Body> {
        &switch.neighbors
    }

    #[inline]
    fn table_mut(switch: &mut Switch) -> &mut Table<Key, Body> {
        &mut switch.neighbors
    }

    fn store(body: &mut Body, id: u32, value: &Value) -> bool {
        match (Attr(id), value) {
            (Attr::SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, Value::Mac(mac)) => body.mac = *mac,
            (Attr::SAI_NEIGHBOR_ENTRY_ATTR_PACKET_ACTION, Value::Num(n)) => body.set_action(*n as u8),
            (Attr::SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE, Value::Num(n)) => body.no_host_route = *n != 0,
            (Attr::SAI_NEIGHBOR_ENTRY_ATTR_IS_LOCAL, Value::Num(n)) => body.set_local(*n != 0),
            _ => return false,
        }
        true
    }

    fn load(_: &Switch, key: &Key, body: &Body, id: u32) -> Option<Value> {
        Some(match Attr(id) {
            Attr::SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS => Value::Mac(body.mac),
            Attr::SAI_NEIGHBOR_ENTRY_ATTR_PACKET_ACTION => Value::Num(u64::from(body.action())),
            Attr::SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE => Value::flag(body.no_host_route),
            Attr::SAI_NEIGHBOR_ENTRY_ATTR_IS_LOCAL => Value::flag(body.bits & LOCAL != 0),
            Attr::SAI_NEIGHBOR_ENTRY_ATTR_IP_ADDR_FAMILY => Value::Num(u64::from(if key.is_v6() {
                Family::SAI_IP_ADDR_FAMILY_IPV6.0
            } else {
                Family::SAI_IP_ADDR_FAMILY_IPV4.0
            })),
            _ => return None,
        })
    }

    #[inline]
    fn check_key(switch: &Switch, key: &Key) -> Result<()> {
        match switch.rifs.get(key.rif() as usize) {
            Some(rif) if rif.live && !rif.is_virtual && key.is_host() => Ok(()),
            Some(rif) if rif.live => Err(Status::INVALID_PARAMETER),
            _ => Err(Status::ITEM_NOT_FOUND),
        }
    }

    #[inline]
    fn check_body(switch: &Switch, key: &Key, body: &Body) -> Result<()> {
        if let Some(owners) = &switch.owners
            && !body.no_host_route
            && owners.get(&host_key(switch, key)).is_some_and(|rif| *rif != key.rif())
        {
            return Err(Status::ITEM_ALREADY_EXISTS);
        }
        if switch.misses(key.rif(), body.mac) { Err(Status::ADDR_NOT_FOUND) } else { Ok(()) }
    }

    #[inline]
    fn has_room(switch: &Switch, key: &Key, body: &Body, old: Option<&Body>) -> bool {
        let before = old.map_or(0, |old| slots(switch, key, old));
        let after = slots(switch, key, body);
        after <= before
            || switch.host_slots - before + after <= switch.settings.host_capacity
                && switch.banks.as_ref().is_none_or(|banks| banks.has_room(key, after))
    }

    #[inline]
    fn account(switch: &mut Switch, key: &Key, body: &Body, more: bool) {
        let slots = slots(switch, key, body);
        switch.host_slots = if more { switch.host_slots + slots } else { switch.host_slots - slots };
        match &mut switch.banks {
            Some(banks) if slots > 0 && more => banks.put(*key, slots),
            Some(banks) if slots > 0 => banks.take(key),
            _ => {}
        }
        if slots > 0 {
            switch.note_host(key, more);
        }
        if slots > 0 && switch.owners.is_some() {
            let host = host_key(switch, key);
            match &mut switch.owners {
                Some(owners) if more => drop(owners.insert(host, key.rif())),
                Some(owners) => drop(owners.remove(&host)),
                None => {}
            }
        }
        if let Some(rif) = switch.rifs.get_mut(key.rif() as usize) {
            rif.neighbors = if more { rif.neighbors + 1 } else { rif.neighbors - 1 };
        }
    }

    fn target(key: &Key) -> Target {
        Target::Address(key.ip())
    }

    fn corrupt(body: &mut Body) {
        body.mac[5] ^= 1;
    }
}

impl Lasting for Neighbors {
    const TABLE: u8 = 0;

    #[inline]
    fn key_bytes(key: &Key) -> Packed {
        Packed::of(&[&key.rif.to_le_bytes(), &key.address])
    }

    fn key_from(bytes: &[u8]) -> Option<Key> {
        let (rif, address) = bytes.split_at_checked(4)?;
        Some(Key { rif: u32::from_le_bytes(rif.try_into().ok()?), address: address.try_into().ok()? })
    }

    fn body_bytes(body: &Body) -> Packed {
        Packed::of(&[&body.mac, &[u8::from(body.no_host_route), body.bits]])
    }

    fn body_from(bytes: &[u8]) -> Option<Body> {
        let [a, b, c, d, e, f, no_host_route, bits] = *bytes else { return None };
        Some(Body { mac: [a, b, c, d, e, f], no_host_route: no_host_route != 0, bits })
    }
}

/// The key of a host table that knows virtual routers and no interfaces.
fn host_key(switch: &Switch, key: &Key) -> (u64, IpAddr) {
    (switch.rifs.get(key.rif() as usize).map_or(0, |rif| rif.router), key.ip())
}

/// Slots of the host table that a neighbour takes.
#[inline]
fn slots(switch: &Switch, key: &Key, body: &Body) -> u64 {
    match (body.no_host_route, key.is_v6()) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => switch.settings.v6_slots,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_28_bytes() {
        assert_eq!(size_of::<(Key, Body)>(), 28);
    }

    #[test]
    fn only_addresses_of_hosts_are_taken() {
        let good = |text: &str| match text.parse().unwrap() {
            IpAddr::V4(ip) => Key::v4(1, ip.octets()).is_host(),
            IpAddr::V6(ip) => Key::v6(1, ip.octets()).is_host(),
        };
        for ip in
            ["10.0.0.1", "1.0.0.0", "169.254.1.1", "223.255.255.255", "240.0.0.1", "2001:db8::1", "fe80::1"]
        {
            assert!(good(ip), "{ip}");
        }
        for ip in
            ["0.0.0.0", "127.0.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255", "::", "::1", "ff02::1"]
        {
            assert!(!good(ip), "{ip}");
        }
    }
}
