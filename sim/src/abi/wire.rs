//! The three kinds of entry as C sees them: their keys, and the attributes that nearly every call carries.
//!
//! Those attributes are read straight from the caller's list into the body of a row; whatever else is there, or is
//! wrong, takes the long way by the rows of `facts`, which also names what is wrong.
//!
//! Invariant: the short way accepts nothing that the long way refuses.

use std::mem::offset_of;
use std::ops::Range;

use sai_sys::{
    Status, sai_attribute_t, sai_fdb_entry_attr_t as FdbAttr, sai_fdb_entry_t,
    sai_ip_addr_family_t as Family, sai_ip_addr_t, sai_ip_address_t, sai_ip_prefix_t,
    sai_neighbor_entry_attr_t as NeighborAttr, sai_neighbor_entry_t, sai_object_id_t, sai_object_key_entry_t,
    sai_object_type_t as T, sai_route_entry_t,
};

use std::net::IpAddr;

use super::attr::{address, ip};
use crate::object::Given;
use crate::oid::Oid;
use crate::refusal::{Result, bad_value};
use crate::switch::Switch;
use crate::switch::entry::Entry;
use crate::switch::fdb::{self, Fdb};
use crate::switch::neighbor::{self, Neighbors};
use crate::switch::route::{self, Routes};
use crate::switch::warm::Lasting;
use crate::trace;
use crate::value::{Mac, Value, is_station};

/// A kind of entry as C sees it.
pub(super) trait Wire: Lasting {
    /// The key's struct.
    type C;
    fn switch_id(entry: &Self::C) -> sai_object_id_t;
    /// Copies what counts of a key; ids are judged for form only.
    fn key(switch: &Switch, entry: &Self::C) -> Result<Self::Key>;
    /// The short way; `None` sends the list the long way.
    fn short(switch: &Switch, attrs: &[sai_attribute_t]) -> Option<Self::Body>;
    /// Judges given attributes beyond what their rows say.
    fn judge(_: &Switch, _: &[Given]) -> Result<()> {
        Ok(())
    }
    /// The key in C, everything unused zero.
    fn fill_key(switch: &Switch, key: &Self::Key, out: &mut sai_object_key_entry_t);
    fn entry_of(key: &sai_object_key_entry_t) -> &Self::C;
    /// Where a key has bytes that mean nothing.
    fn gaps(entry: &Self::C) -> [Range<usize>; 3];
    /// The key as the trace has it; `None` if its address is of no family.
    fn record(entry: &Self::C) -> Option<trace::Key>;
}

/// A prefix as two addresses of one family.
fn prefix(prefix: &sai_ip_prefix_t) -> Option<(IpAddr, IpAddr)> {
    let of = |addr| ip(&sai_ip_address_t { addr_family: prefix.addr_family, addr });
    Some((of(prefix.addr)?, of(prefix.mask)?))
}

/// Serial number of an id that must be of this switch and type.
#[inline]
fn serial(switch: &Switch, id: u64, object: T) -> Result<u32> {
    let oid = Oid::parse(id).filter(|oid| oid.switch == switch.id.switch && oid.object == object);
    oid.and_then(|oid| u32::try_from(oid.serial).ok())
        .filter(|n| *n < 1 << 31)
        .ok_or(Status::INVALID_PARAMETER)
}

/// Is the key's switch this one?
#[inline]
fn here(switch: &Switch, id: u64) -> Result<()> {
    if id == switch.id.id() { Ok(()) } else { Err(Status::INVALID_PARAMETER) }
}

/// What an address that begins there leaves unused.
fn unused(family: Family, at: usize) -> Range<usize> {
    let used = if family == Family::SAI_IP_ADDR_FAMILY_IPV4 { 4 } else { size_of::<sai_ip_addr_t>() };
    at + used..at + size_of::<sai_ip_addr_t>()
}

impl Wire for Neighbors {
    type C = sai_neighbor_entry_t;

    #[inline]
    fn switch_id(entry: &Self::C) -> sai_object_id_t {
        entry.switch_id
    }

    #[inline]
    fn key(switch: &Switch, entry: &Self::C) -> Result<neighbor::Key> {
        here(switch, entry.switch_id)?;
        let rif = serial(switch, entry.rif_id, T::SAI_OBJECT_TYPE_ROUTER_INTERFACE)?;
        match entry.ip_address.addr_family {
            Family::SAI_IP_ADDR_FAMILY_IPV4 => {
                // SAFETY: the family says that this member is in use; any bits are a value of it.
                Ok(neighbor::Key::v4(rif, unsafe { entry.ip_address.addr.ip4 }.to_ne_bytes()))
            }
            Family::SAI_IP_ADDR_FAMILY_IPV6 => {
                // SAFETY: as above.
                Ok(neighbor::Key::v6(rif, unsafe { entry.ip_address.addr.ip6 }))
            }
            _ => Err(Status::INVALID_PARAMETER),
        }
    }

    #[inline]
    fn short(switch: &Switch, attrs: &[sai_attribute_t]) -> Option<neighbor::Body> {
        let mut body = Self::BLANK;
        let mut seen = 0_u32;
        for attr in attrs {
            let value = &attr.value;
            match NeighborAttr(attr.id) {
                NeighborAttr::SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS => {
                    // SAFETY: the attribute's member by its row; any bits are a value of it.
                    body.mac = unsafe { value.mac };
                }
                NeighborAttr::SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE => {
                    // SAFETY: as above, and a boolean is read as a byte.
                    body.no_host_route = unsafe { value.u8_ } != 0;
                }
                NeighborAttr::SAI_NEIGHBOR_ENTRY_ATTR_IS_LOCAL => {
                    // SAFETY: as above, and a boolean is read as a byte.
                    body.set_local(unsafe { value.u8_ } != 0);
                }
                NeighborAttr::SAI_NEIGHBOR_ENTRY_ATTR_PACKET_ACTION => {
                    // SAFETY: as above.
                    let action = unsafe { value.u32_ };
                    if action > PACKET_ACTION_LAST {
                        return None;
                    }
                    body.set_action(action as u8);
                }
                _ => return None,
            }
            let bit = 1 << attr.id;
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
        }
        (seen & 1 != 0 && takes(switch, &body.mac)).then_some(body)
    }

    fn judge(switch: &Switch, given: &[Given]) -> Result<()> {
        let refused = |(_, value): &Given| matches!(value, Value::Mac(mac) if !takes(switch, mac));
        given.iter().position(refused).map_or(Ok(()), |index| Err(bad_value(index)))
    }

    fn fill_key(switch: &Switch, key: &neighbor::Key, out: &mut sai_object_key_entry_t) {
        let object = T::SAI_OBJECT_TYPE_ROUTER_INTERFACE;
        let rif = Oid { switch: switch.id.switch, object, serial: u64::from(key.rif()) };
        out.neighbor_entry = sai_neighbor_entry_t {
            switch_id: switch.id.id(),
            rif_id: rif.id(),
            ip_address: address(key.ip()),
        };
    }

    fn entry_of(key: &sai_object_key_entry_t) -> &sai_neighbor_entry_t {
        // SAFETY: the caller says that the key is of this type; any bits are a value of it.
        unsafe { &key.neighbor_entry }
    }

    fn gaps(entry: &sai_neighbor_entry_t) -> [Range<usize>; 3] {
        const AT: usize = offset_of!(sai_neighbor_entry_t, ip_address);
        const END: usize = AT + size_of::<sai_ip_address_t>();
        let unused = unused(entry.ip_address.addr_family, AT + offset_of!(sai_ip_address_t, addr));
        [unused, 0..0, END..size_of::<sai_neighbor_entry_t>()]
    }

    fn record(entry: &Self::C) -> Option<trace::Key> {
        let ip = ip(&entry.ip_address)?;
        Some(trace::Key::Neighbor { switch: entry.switch_id, rif: entry.rif_id, ip })
    }
}

/// May a neighbour of this switch have this MAC?
#[inline]
fn takes(switch: &Switch, mac: &Mac) -> bool {
    switch.settings.any_neighbor_mac || is_station(mac)
}

/// The last enumerator of `sai_packet_action_t`; they are dense from 0.
const PACKET_ACTION_LAST: u32 = sai_sys::sai_packet_action_t::SAI_PACKET_ACTION_DONOTDROP.0;

impl Wire for Fdb {
    type C = sai_fdb_entry_t;

    #[inline]
    fn switch_id(entry: &Self::C) -> sai_object_id_t {
        entry.switch_id
    }

    #[inline]
    fn key(switch: &Switch, entry: &Self::C) -> Result<fdb::Key> {
        here(switch, entry.switch_id)?;
        let bv = Oid::parse(entry.bv_id).filter(|oid| oid.switch == switch.id.switch);
        bv.and_then(|bv| fdb::Key::new(bv, entry.mac_address)).ok_or(Status::INVALID_PARAMETER)
    }

    #[inline]
    fn short(switch: &Switch, attrs: &[sai_attribute_t]) -> Option<fdb::Body> {
        let mut body = Self::BLANK;
        let mut seen = 0_u32;
        for attr in attrs {
            let value = &attr.value;
            match FdbAttr(attr.id) {
                FdbAttr::SAI_FDB_ENTRY_ATTR_TYPE => {
                    // SAFETY: the attribute's member by its row; any bits are a value of it.
                    let kind = unsafe { value.u32_ };
                    if kind > sai_sys::sai_fdb_entry_type_t::SAI_FDB_ENTRY_TYPE_STATIC.0 {
                        return None;
                    }
                    body.set_type(u64::from(kind));
                }
                FdbAttr::SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID => {
                    // SAFETY: as above.
                    let id = unsafe { value.oid };
                    serial(switch, id, T::SAI_OBJECT_TYPE_BRIDGE_PORT).ok()?;
                    if !switch.objects.contains_key(&id) {
                        return None;
                    }
                    body.set_port(id);
                }
                FdbAttr::SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE => {
                    // SAFETY: as above, and a boolean is read as a byte.
                    body.set_allow_move(unsafe { value.u8_ } != 0);
                }
                _ => return None,
            }
            let bit = 1 << attr.id;
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
        }
        // What only a static entry may have is for the rows to judge.
        (seen & 1 != 0 && (body.is_static || !body.allows_move())).then_some(body)
    }

    fn fill_key(switch: &Switch, key: &fdb::Key, out: &mut sai_object_key_entry_t) {
        let entry = &raw mut out.fdb_entry;
        // SAFETY: the union is at least as large as this member, and ours to write.
        unsafe { (*entry).switch_id = switch.id.id() };
        // SAFETY: as above.
        unsafe { (*entry).mac_address = key.mac };
        // SAFETY: as above.
        unsafe { (*entry).bv_id = key.bv(switch) };
    }

    fn entry_of(key: &sai_object_key_entry_t) -> &sai_fdb_entry_t {
        // SAFETY: the caller says that the key is of this type; any bits are a value of it.
        unsafe { &key.fdb_entry }
    }

    fn gaps(_: &sai_fdb_entry_t) -> [Range<usize>; 3] {
        const END: usize = offset_of!(sai_fdb_entry_t, mac_address) + size_of::<Mac>();
        [END..offset_of!(sai_fdb_entry_t, bv_id), 0..0, 0..0]
    }

    fn record(entry: &Self::C) -> Option<trace::Key> {
        Some(trace::Key::Fdb { switch: entry.switch_id, bv: entry.bv_id, mac: entry.mac_address })
    }
}

impl Wire for Routes {
    type C = sai_route_entry_t;

    fn switch_id(entry: &Self::C) -> sai_object_id_t {
        entry.switch_id
    }

    fn key(switch: &Switch, entry: &Self::C) -> Result<route::Key> {
        here(switch, entry.switch_id)?;
        let vr = serial(switch, entry.vr_id, T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER)?;
        let prefix = &entry.destination;
        let v6 = match prefix.addr_family {
            Family::SAI_IP_ADDR_FAMILY_IPV4 => false,
            Family::SAI_IP_ADDR_FAMILY_IPV6 => true,
            _ => return Err(Status::INVALID_PARAMETER),
        };
        let bytes = |addr: &sai_ip_addr_t| {
            if v6 {
                // SAFETY: the family says that this member is in use; any bits are a value of it.
                return unsafe { addr.ip6 };
            }
            let mut bytes = [0; 16];
            // SAFETY: as above.
            bytes[..4].copy_from_slice(&unsafe { addr.ip4 }.to_ne_bytes());
            bytes
        };
        route::Key::new(vr, v6, bytes(&prefix.addr), bytes(&prefix.mask)).ok_or(Status::INVALID_PARAMETER)
    }

    fn short(_: &Switch, _: &[sai_attribute_t]) -> Option<route::Body> {
        None
    }

    fn fill_key(switch: &Switch, key: &route::Key, out: &mut sai_object_key_entry_t) {
        let (ip, _) = key.prefix();
        let (_, mask) = key.bytes();
        let mask = if key.is_v6() {
            sai_ip_addr_t { ip6: mask }
        } else {
            let mut addr = sai_ip_addr_t { ip6: [0; 16] };
            addr.ip4 = u32::from_ne_bytes([mask[0], mask[1], mask[2], mask[3]]);
            addr
        };
        let address = address(ip);
        let destination = sai_ip_prefix_t { addr_family: address.addr_family, addr: address.addr, mask };
        out.route_entry = sai_route_entry_t { switch_id: switch.id.id(), vr_id: key.vr(switch), destination };
    }

    fn entry_of(key: &sai_object_key_entry_t) -> &sai_route_entry_t {
        // SAFETY: the caller says that the key is of this type; any bits are a value of it.
        unsafe { &key.route_entry }
    }

    fn gaps(entry: &sai_route_entry_t) -> [Range<usize>; 3] {
        const AT: usize = offset_of!(sai_route_entry_t, destination);
        const END: usize = AT + size_of::<sai_ip_prefix_t>();
        let unused = |offset| unused(entry.destination.addr_family, AT + offset);
        [
            unused(offset_of!(sai_ip_prefix_t, addr)),
            unused(offset_of!(sai_ip_prefix_t, mask)),
            END..size_of::<sai_route_entry_t>(),
        ]
    }

    fn record(entry: &Self::C) -> Option<trace::Key> {
        let (ip, mask) = prefix(&entry.destination)?;
        Some(trace::Key::Route { switch: entry.switch_id, vr: entry.vr_id, ip, mask })
    }
}
