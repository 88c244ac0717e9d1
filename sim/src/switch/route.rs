//! Routes: a prefix in a virtual router.
//!
//! Invariant: prefixes are kept with the bits behind their length cleared, so two spellings of one are one route.

use std::hash::Hasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sai_sys::{
    Status, sai_ip_addr_family_t as Family, sai_object_type_t, sai_object_type_t as T,
    sai_route_entry_attr_t as Attr,
};

use super::Switch;
use super::entry::Entry;
use super::warm::Lasting;
use crate::faults::Target;
use crate::journal::Packed;
use crate::oid::Oid;
use crate::refusal::Result;
use crate::table::{Key as TableKey, Table};
use crate::value::Value;

/// A prefix in a virtual router.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Key {
    vr: u32,
    v6: bool,
    length: u8,
    address: [u8; 16],
}

impl Key {
    /// `None` if the mask has a hole. Of IPv4 only the first four bytes count.
    pub(crate) fn new(vr: u32, v6: bool, mut address: [u8; 16], mut mask: [u8; 16]) -> Option<Self> {
        if !v6 {
            address[4..].fill(0);
            mask[4..].fill(0);
        }
        let bits = u128::from_be_bytes(mask);
        let length = bits.leading_ones();
        if bits.count_ones() != length {
            return None;
        }
        let address = (u128::from_be_bytes(address) & bits).to_be_bytes();
        Some(Self { vr, v6, length: length as u8, address })
    }

    /// Id of the virtual router.
    pub(crate) fn vr(&self, switch: &Switch) -> u64 {
        let object = T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER;
        Oid { switch: switch.id.switch, object, serial: u64::from(self.vr) }.id()
    }

    pub(crate) fn prefix(&self) -> (IpAddr, u8) {
        let [a, b, c, d, ..] = self.address;
        let ip =
            if self.v6 { IpAddr::V6(Ipv6Addr::from(self.address)) } else { Ipv4Addr::new(a, b, c, d).into() };
        (ip, self.length)
    }

    pub(crate) fn is_v6(&self) -> bool {
        self.v6
    }

    /// The prefix of this length that an address is within.
    fn around(vr: u32, ip: IpAddr, length: u8) -> Self {
        let mut address = [0; 16];
        match ip {
            IpAddr::V4(ip) => address[..4].copy_from_slice(&ip.octets()),
            IpAddr::V6(ip) => address = ip.octets(),
        }
        let address = (u128::from_be_bytes(address) & mask(length)).to_be_bytes();
        Self { vr, v6: ip.is_ipv6(), length, address }
    }

    /// Address and mask in network order.
    pub(crate) fn bytes(&self) -> ([u8; 16], [u8; 16]) {
        (self.address, mask(self.length).to_be_bytes())
    }
}

fn mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

/// How many routes there are of each length, in all virtual routers, so that a look-up tries no other length.
pub(crate) struct Lengths([[u32; 129]; 2]);

impl Default for Lengths {
    fn default() -> Self {
        Self([[0; 129]; 2])
    }
}

impl Switch {
    /// The route with the longest prefix that an address is within.
    pub(super) fn longest_prefix(&self, vr: u64, to: IpAddr) -> Option<Key> {
        let vr = Oid::parse(vr).filter(|vr| vr.object == T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER)?.serial as u32;
        let counts = &self.lengths.0[usize::from(to.is_ipv6())];
        let lengths = (0..=128_u8).rev().filter(|length| counts[usize::from(*length)] > 0);
        lengths.map(|length| Key::around(vr, to, length)).find(|key| self.routes.get(key).is_some())
    }
}

impl TableKey for Key {
    fn feed(&self, hasher: &mut impl Hasher) {
        let address = u128::from_ne_bytes(self.address);
        hasher.write_u64(address as u64);
        hasher.write_u64((address >> 64) as u64);
        hasher.write_u64(u64::from(self.vr) << 32 | u64::from(self.length) << 1 | u64::from(self.v6));
    }
}

/// All attributes of a route are kept beside its slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Body;

/// Route entries.
pub(crate) struct Routes;

impl Entry for Routes {
    type Key = Key;
    type Body = Body;
    const OBJECT: sai_object_type_t = T::SAI_OBJECT_TYPE_ROUTE_ENTRY;
    const BLANK: Body = Body;

    fn table(switch: &Switch) -> &Table<Key, Body> {
        &switch.routes
    }

    fn table_mut(switch: &mut Switch) -> &mut Table<Key, Body> {
        &mut switch.routes
    }

    fn store(_: &mut Body, _: u32, _: &Value) -> bool {
        false
    }

    fn load(_: &Switch, key: &Key, _: &Body, id: u32) -> Option<Value> {
        let family = if key.v6 { Family::SAI_IP_ADDR_FAMILY_IPV6 } else { Family::SAI_IP_ADDR_FAMILY_IPV4 };
        (Attr(id) == Attr::SAI_ROUTE_ENTRY_ATTR_IP_ADDR_FAMILY).then(|| Value::Num(u64::from(family.0)))
    }

    fn check_key(switch: &Switch, key: &Key) -> Result<()> {
        if switch.objects.contains_key(&key.vr(switch)) { Ok(()) } else { Err(Status::ITEM_NOT_FOUND) }
    }

    fn has_room(_: &Switch, _: &Key, _: &Body, _: Option<&Body>) -> bool {
        true
    }

    fn account(switch: &mut Switch, key: &Key, _: &Body, more: bool) {
        let vr = key.vr(switch);
        switch.refer(vr, more);
        let count = &mut switch.lengths.0[usize::from(key.v6)][usize::from(key.length)];
        *count = if more { *count + 1 } else { *count - 1 };
    }

    fn target(key: &Key) -> Target {
        let (ip, length) = key.prefix();
        Target::Prefix(ip, length)
    }

    fn corrupt(_: &mut Body) {}
}

impl Lasting for Routes {
    const TABLE: u8 = 2;

    fn key_bytes(key: &Key) -> Packed {
        Packed::of(&[&key.vr.to_le_bytes(), &[u8::from(key.v6), key.length], &key.address])
    }

    fn key_from(bytes: &[u8]) -> Option<Key> {
        let (vr, rest) = bytes.split_at_checked(4)?;
        let (&[v6, length], address) = rest.split_first_chunk::<2>()?;
        let vr = u32::from_le_bytes(vr.try_into().ok()?);
        Some(Key { vr, v6: v6 != 0, length, address: address.try_into().ok()? })
    }

    fn body_bytes(_: &Body) -> Packed {
        Packed::default()
    }

    fn body_from(_: &[u8]) -> Option<Body> {
        Some(Body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_behind_the_length_do_not_make_another_route() {
        let mask = u128::MAX << 120;
        let key = |last: u8| {
            let mut address = [0; 16];
            address[..4].copy_from_slice(&[10, 1, 2, last]);
            address[9] = last;
            Key::new(1, false, address, mask.to_be_bytes())
        };
        assert_eq!(key(0), key(77));
        assert_eq!(key(0).unwrap().prefix(), ("10.0.0.0".parse().unwrap(), 8));
        assert_eq!(Key::new(1, true, [0; 16], (mask | 1).to_be_bytes()), None);
    }
}
