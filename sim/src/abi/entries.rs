//! The functions of entries that are keyed by value: neighbours, FDB, routes; one body for all three.
//!
//! The attributes that nearly every call carries are read straight from the caller's list into the body of a slot;
//! whatever else is there, or is wrong, takes the long way by the rows, which also names what is wrong.
//!
//! Invariant: the short way accepts nothing that the long way refuses; a test compares them.

use sai_sys::{
    Status, sai_attribute_t, sai_bulk_op_error_mode_t, sai_fdb_entry_attr_t as FdbAttr, sai_fdb_entry_t,
    sai_ip_addr_family_t as Family, sai_ip_addr_t, sai_ip_prefix_t,
    sai_neighbor_entry_attr_t as NeighborAttr, sai_neighbor_entry_t, sai_object_id_t, sai_object_key_entry_t,
    sai_object_type_t as T, sai_route_entry_t, sai_status_t,
};

use super::attr::{Purpose, address, read_all};
use super::bulk::{Reply, run, run_ahead};
use super::notify;
use super::objects::fill;
use super::{on_switch, one, slice};
use crate::calls::Op;
use crate::faults::Deed;
use crate::object::Given;
use crate::oid::Oid;
use crate::refusal::{Result, bad_value};
use crate::switch::entry::{self, Entry, New};
use crate::switch::fdb::{self, Fdb, Flush};
use crate::switch::neighbor::{self, Neighbors};
use crate::switch::route::{self, Routes};
use crate::switch::warm::Lasting;
use crate::switch::{Switch, Tamper};
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
        (seen & 1 != 0).then_some(body)
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
}

/// Reads the attributes of a create.
///
/// # Safety
/// The attributes are as the SAI header asks.
#[inline]
unsafe fn new<E: Wire>(switch: &Switch, attrs: &[sai_attribute_t]) -> Result<New<E>> {
    if let Some(body) = E::short(switch, attrs) {
        return Ok(New { body, extras: Vec::new() });
    }
    // SAFETY: by this function's contract.
    let given = unsafe { read_all(E::facts()?, attrs, Purpose::Create) }?;
    E::judge(switch, &given)?;
    entry::judge(switch, given)
}

/// Asks for the memory that an operation on an entry will need first.
#[inline]
fn touch<E: Wire>(switch: &Switch, entry: &E::C) -> u64 {
    E::key(switch, entry).map_or(0, |key| E::table(switch).touch(&key))
}

/// Changes the attribute of one entry.
///
/// # Safety
/// The attribute is as the SAI header asks.
unsafe fn set_one<E: Wire>(switch: &mut Switch, key: E::Key, attr: &sai_attribute_t) -> Result<()> {
    let facts = E::facts()?;
    // SAFETY: by this function's contract.
    let given = unsafe { read_all(facts, std::slice::from_ref(attr), Purpose::Set) }?;
    E::judge(switch, &given)?;
    for (id, value) in given {
        let row = facts.attr(id).ok_or(Status::FAILURE)?;
        entry::set::<E>(switch, &key, row, value)?;
    }
    Ok(())
}

/// Reads the attributes of one entry.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe fn get_all<E: Wire>(
    switch: &mut Switch,
    entry: &E::C,
    attr_count: u32,
    attr_list: *mut sai_attribute_t,
) -> Result<()> {
    let key = E::key(switch, entry)?;
    entry::check_exists::<E>(switch, &key)?;
    let tamper = switch.tamper(Deed::Get, E::OBJECT, || E::target(&key))?;
    let flip = |value: Value| match value {
        Value::Mac(mut mac) if tamper == Tamper::CorruptMac => {
            mac[5] ^= 1;
            Value::Mac(mac)
        }
        value => value,
    };
    let get = |row: &_, index| entry::get::<E>(switch, &key, row, index).map(flip);
    // SAFETY: by this function's contract.
    unsafe { fill(E::facts()?, attr_count, attr_list, get) }
}

/// `create_X_entry`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn create<E: Wire>(
    entry: *const E::C,
    attr_count: u32,
    attr_list: *const sai_attribute_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let key = E::key(switch, &entries[0])?;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, attr_count) }?;
        // SAFETY: by this function's contract.
        let new = unsafe { new::<E>(switch, attrs) }?;
        entry::create(switch, key, new)
    };
    // SAFETY: by this function's contract.
    unsafe { on_entries::<E>(Op::Create, 1, entry, deed) }
}

/// `remove_X_entry`.
///
/// # Safety
/// The pointer is as the SAI header asks, or null.
pub(super) unsafe extern "C" fn remove<E: Wire>(entry: *const E::C) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let key = E::key(switch, &entries[0])?;
        entry::remove::<E>(switch, &key)
    };
    // SAFETY: by this function's contract.
    unsafe { on_entries::<E>(Op::Remove, 1, entry, deed) }
}

/// `set_X_entry_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn set<E: Wire>(
    entry: *const E::C,
    attr: *const sai_attribute_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let key = E::key(switch, &entries[0])?;
        // SAFETY: by this function's contract.
        let attr = unsafe { one(attr) }?;
        // SAFETY: by this function's contract.
        unsafe { set_one::<E>(switch, key, attr) }
    };
    // SAFETY: by this function's contract.
    unsafe { on_entries::<E>(Op::Set, 1, entry, deed) }
}

/// `get_X_entry_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn get<E: Wire>(
    entry: *const E::C,
    attr_count: u32,
    attr_list: *mut sai_attribute_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        // SAFETY: by this function's contract.
        unsafe { get_all::<E>(switch, &entries[0], attr_count, attr_list) }
    };
    // SAFETY: by this function's contract.
    unsafe { on_entries::<E>(Op::Get, 1, entry, deed) }
}

/// `create_X_entries`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn create_many<E: Wire>(
    object_count: u32,
    entry: *const E::C,
    attr_count: *const u32,
    attr_list: *mut *const sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let reply = Reply::new(object_count, mode, object_statuses)?;
        // SAFETY: by this function's contract.
        let counts = unsafe { slice(attr_count, object_count) }?;
        // SAFETY: by this function's contract.
        let lists = unsafe { slice(attr_list.cast_const(), object_count) }?;
        let read = |switch: &Switch, i: usize| {
            // SAFETY: by this function's contract.
            let attrs = unsafe { slice(lists[i], counts[i]) }?;
            let key = E::key(switch, &entries[i])?;
            // SAFETY: by this function's contract.
            Ok((key, unsafe { new::<E>(switch, attrs) }?))
        };
        run_ahead(
            switch,
            reply,
            |switch, i| touch::<E>(switch, &entries[i]),
            |switch, i| read(switch, i).and_then(|(key, _)| entry::check_create::<E>(switch, &key)),
            |switch, i| {
                let (key, new) = read(switch, i)?;
                entry::create(switch, key, new)
            },
        )
    };
    // SAFETY: by this function's contract.
    unsafe { on_entries::<E>(Op::BulkCreate, object_count, entry, deed) }
}

/// `remove_X_entries`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn remove_many<E: Wire>(
    object_count: u32,
    entry: *const E::C,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let reply = Reply::new(object_count, mode, object_statuses)?;
        run_ahead(
            switch,
            reply,
            |switch, i| touch::<E>(switch, &entries[i]),
            |switch, i| entry::check_exists::<E>(switch, &E::key(switch, &entries[i])?),
            |switch, i| {
                let key = E::key(switch, &entries[i])?;
                entry::remove::<E>(switch, &key)
            },
        )
    };
    // SAFETY: by this function's contract.
    unsafe { on_entries::<E>(Op::BulkRemove, object_count, entry, deed) }
}

/// `set_X_entries_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn set_many<E: Wire>(
    object_count: u32,
    entry: *const E::C,
    attr_list: *const sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let reply = Reply::new(object_count, mode, object_statuses)?;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, object_count) }?;
        run_ahead(
            switch,
            reply,
            |switch, i| touch::<E>(switch, &entries[i]),
            |switch, i| {
                let facts = E::facts()?;
                // SAFETY: by this function's contract.
                let given = unsafe { read_all(facts, std::slice::from_ref(&attrs[i]), Purpose::Set) }?;
                E::judge(switch, &given)?;
                for (id, value) in &given {
                    switch.check_references(facts.attr(*id).ok_or(Status::FAILURE)?, value, 0)?;
                }
                entry::check_exists::<E>(switch, &E::key(switch, &entries[i])?)
            },
            |switch, i| {
                let key = E::key(switch, &entries[i])?;
                // SAFETY: by this function's contract.
                unsafe { set_one::<E>(switch, key, &attrs[i]) }
            },
        )
    };
    // SAFETY: by this function's contract.
    unsafe { on_entries::<E>(Op::BulkSet, object_count, entry, deed) }
}

/// `get_X_entries_attribute`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn get_many<E: Wire>(
    object_count: u32,
    entry: *const E::C,
    attr_count: *const u32,
    attr_list: *mut *mut sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    object_statuses: *mut sai_status_t,
) -> sai_status_t {
    let deed = |switch: &mut Switch, entries: &[E::C]| {
        let reply = Reply::new(object_count, mode, object_statuses)?;
        // SAFETY: by this function's contract.
        let counts = unsafe { slice(attr_count, object_count) }?;
        // SAFETY: by this function's contract.
        let lists = unsafe { slice(attr_list.cast_const(), object_count) }?;
        run(
            switch,
            reply,
            |switch, i| entry::check_exists::<E>(switch, &E::key(switch, &entries[i])?),
            // SAFETY: by this function's contract.
            |switch, i| unsafe { get_all::<E>(switch, &entries[i], counts[i], lists[i]) },
        )
    };
    // SAFETY: by this function's contract.
    unsafe { on_entries::<E>(Op::BulkGet, object_count, entry, deed) }
}

/// Runs a call on the switch that the first entry names.
///
/// # Safety
/// The list of entries is as the SAI header asks, or null.
#[inline]
unsafe fn on_entries<E: Wire>(
    op: Op,
    count: u32,
    entries: *const E::C,
    body: impl FnOnce(&mut Switch, &[E::C]) -> Result<()>,
) -> sai_status_t {
    // SAFETY: by this function's contract.
    let entries = unsafe { slice(entries, count) };
    let Some(first) = entries.ok().and_then(<[_]>::first) else {
        return super::guard(|| crate::world::session().and(Err(Status::INVALID_PARAMETER)));
    };
    on_switch(op, E::OBJECT, count, E::switch_id(first), |switch| body(switch, entries.unwrap_or(&[])))
}

/// `remove_all_neighbor_entries`.
pub(super) unsafe extern "C" fn remove_all_neighbors(switch_id: sai_object_id_t) -> sai_status_t {
    on_switch(Op::RemoveAll, Neighbors::OBJECT, 0, switch_id, |switch| {
        switch.resolve(switch_id, T::SAI_OBJECT_TYPE_SWITCH)?;
        switch.neighbors.keys().iter().try_for_each(|key| entry::remove::<Neighbors>(switch, key))
    })
}

/// `flush_fdb_entries`.
///
/// # Safety
/// The list is as the SAI header asks, or null.
pub(super) unsafe extern "C" fn flush_fdb(
    switch_id: sai_object_id_t,
    attr_count: u32,
    attr_list: *const sai_attribute_t,
) -> sai_status_t {
    use sai_sys::{sai_fdb_flush_attr_t as Filter, sai_fdb_flush_entry_type_t as Kind};
    on_switch(Op::Flush, Fdb::OBJECT, 0, switch_id, |switch| {
        switch.resolve(switch_id, T::SAI_OBJECT_TYPE_SWITCH)?;
        let facts = crate::facts::FDB_FLUSH;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, attr_count) }?;
        // SAFETY: by this function's contract.
        let given = unsafe { read_all(facts, attrs, Purpose::Create) }?;
        let mut flush = Flush { is_static: Some(false), ..Flush::default() };
        for (index, (id, value)) in given.iter().enumerate() {
            let row = facts.attr(*id).ok_or(Status::FAILURE)?;
            switch.check_references(row, value, index)?;
            let number = value.num().unwrap_or_default();
            match Filter(*id) {
                Filter::SAI_FDB_FLUSH_ATTR_BRIDGE_PORT_ID => flush.port = (number != 0).then_some(number),
                Filter::SAI_FDB_FLUSH_ATTR_BV_ID => flush.bv = (number != 0).then_some(number),
                _ => {
                    flush.is_static = match Kind(number as u32) {
                        Kind::SAI_FDB_FLUSH_ENTRY_TYPE_DYNAMIC => Some(false),
                        Kind::SAI_FDB_FLUSH_ENTRY_TYPE_STATIC => Some(true),
                        _ => None,
                    }
                }
            }
        }
        if let Some(event) = switch.flush(flush) {
            notify::emit(switch, event);
        }
        Ok(())
    })
}
