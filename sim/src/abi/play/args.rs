//! The arguments of a call that is played: a record's keys and attributes as C wants them.
//!
//! Invariant: whatever a pointer here points to lives as long as what it is in.

use std::ffi::c_void;
use std::ptr;

use sai_sys::{self as sys, sai_attribute_t, sai_object_id_t, sai_object_type_t as T};

use super::nothing;
use crate::abi::attr::{address, lend, write};
use crate::facts::Kind;
use crate::trace::{Key, Record, Shown, Value};

/// Entries or ids, one behind the other as C wants them.
pub(super) enum Keys {
    Ids(Vec<sai_object_id_t>),
    Neighbors(Vec<sys::sai_neighbor_entry_t>),
    Fdb(Vec<sys::sai_fdb_entry_t>),
    Routes(Vec<sys::sai_route_entry_t>),
}

impl Keys {
    pub(super) fn of(record: &Record) -> Self {
        let keys = record.items.iter().map(|item| item.key);
        match record.object {
            T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY => Self::Neighbors(keys.filter_map(neighbor).collect()),
            T::SAI_OBJECT_TYPE_FDB_ENTRY => Self::Fdb(keys.filter_map(fdb).collect()),
            T::SAI_OBJECT_TYPE_ROUTE_ENTRY => Self::Routes(keys.filter_map(route).collect()),
            _ => Self::Ids(
                keys.filter_map(|key| if let Key::Id(id) = key { Some(id) } else { None }).collect(),
            ),
        }
    }

    pub(super) fn list(&self) -> *const c_void {
        match self {
            Self::Ids(list) => list.as_ptr().cast(),
            Self::Neighbors(list) => list.as_ptr().cast(),
            Self::Fdb(list) => list.as_ptr().cast(),
            Self::Routes(list) => list.as_ptr().cast(),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ids(list) => list.len(),
            Self::Neighbors(list) => list.len(),
            Self::Fdb(list) => list.len(),
            Self::Routes(list) => list.len(),
        }
    }

    /// The form that calls on objects of any type take.
    pub(super) fn any(&self) -> Vec<sys::sai_object_key_t> {
        let key = |n: usize| {
            // SAFETY: the type has no invalid bits.
            let mut key: sys::sai_object_key_t = unsafe { std::mem::zeroed() };
            match self {
                Self::Ids(list) => key.key.object_id = list[n],
                Self::Neighbors(list) => key.key.neighbor_entry = list[n],
                Self::Fdb(list) => key.key.fdb_entry = list[n],
                Self::Routes(list) => key.key.route_entry = list[n],
            }
            key
        };
        (0..self.len()).map(key).collect()
    }
}

fn neighbor(key: Key) -> Option<sys::sai_neighbor_entry_t> {
    let Key::Neighbor { switch, rif, ip } = key else { return None };
    Some(sys::sai_neighbor_entry_t { switch_id: switch, rif_id: rif, ip_address: address(ip) })
}

fn fdb(key: Key) -> Option<sys::sai_fdb_entry_t> {
    let Key::Fdb { switch, bv, mac } = key else { return None };
    Some(sys::sai_fdb_entry_t { switch_id: switch, mac_address: mac, bv_id: bv })
}

fn route(key: Key) -> Option<sys::sai_route_entry_t> {
    let Key::Route { switch, vr, ip, mask } = key else { return None };
    let (ip, mask) = (address(ip), address(mask));
    let destination = sys::sai_ip_prefix_t { addr_family: ip.addr_family, addr: ip.addr, mask: mask.addr };
    Some(sys::sai_route_entry_t { switch_id: switch, vr_id: vr, destination })
}

/// Attributes of the items, with the memory that their lists point to.
pub(super) struct Attrs {
    lists: Vec<Vec<sai_attribute_t>>,
    _room: Vec<Vec<u64>>,
}

/// A list that the trace says to have had more room than this gets this much.
pub(super) const MOST_ROOM: u32 = 1 << 20;

impl Attrs {
    pub(super) fn of(record: &Record) -> Self {
        let mut room = Vec::new();
        let mut lists = Vec::new();
        for item in &record.items {
            let attr = |shown: &Shown| Self::one(record, shown, &mut room);
            lists.push(item.attrs.iter().map(attr).collect());
        }
        Self { lists, _room: room }
    }

    fn one(record: &Record, shown: &Shown, rooms: &mut Vec<Vec<u64>>) -> sai_attribute_t {
        // SAFETY: any bits are a value of the struct.
        let mut attr: sai_attribute_t = unsafe { std::mem::zeroed() };
        attr.id = shown.id;
        let Some(row) = record.facts().and_then(|facts| facts.attr(shown.id)) else { return attr };
        let items = match &shown.value {
            Some(Value::List(list)) => Some(list.len() as u32),
            Some(Value::Pairs(list)) => Some(list.len() as u32),
            _ => shown.room,
        };
        if let Some(items) = items {
            let items = items.min(MOST_ROOM);
            let mut list = vec![0_u64; items as usize + 1];
            lend(&mut attr.value, list.as_mut_ptr(), items);
            rooms.push(list);
        }
        match &shown.value {
            Some(Value::Num(pointer)) if row.kind == Kind::Ptr => {
                let place: *mut c_void = if *pointer == 0 { ptr::null_mut() } else { nothing as *mut c_void };
                attr.value.ptr = place;
            }
            Some(value) => {
                // SAFETY: a list has the room that was lent to it. A value of another kind than the row's changes
                // nothing, and the call gets a zero.
                let _ = unsafe { write(row, value, &mut attr.value) };
            }
            None => {}
        }
        attr
    }

    /// Pointers to the lists, and their lengths.
    pub(super) fn each(&self) -> (Vec<u32>, Vec<*const sai_attribute_t>) {
        let lengths = self.lists.iter().map(|list| list.len() as u32).collect();
        (lengths, self.lists.iter().map(Vec::as_ptr).collect())
    }

    /// One attribute for each item.
    pub(super) fn first(&self) -> Vec<sai_attribute_t> {
        self.lists.iter().filter_map(|list| list.first().copied()).collect()
    }

    pub(super) fn only(&self) -> &[sai_attribute_t] {
        self.lists.first().map_or(&[], Vec::as_slice)
    }
}
