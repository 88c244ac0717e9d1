//! Attributes: each id is bound to its union member once, here; nobody else names a member.
//!
//! Invariant: a slot is written in zeroed memory and in place; a boolean is read as a byte, for C may write any.

use super::error::Error;
use super::id::{self, Oid};
use super::ip;
use super::memory::Buffer;
use super::status::Status;
use crate::addr::Mac;
use sai_sys::{
    sai_attribute_t, sai_attribute_value_t, sai_bridge_attr_t, sai_bridge_port_attr_t, sai_fdb_entry_attr_t,
    sai_lag_attr_t, sai_lag_member_attr_t, sai_neighbor_entry_attr_t, sai_next_hop_attr_t, sai_object_list_t,
    sai_pointer_t, sai_port_attr_t, sai_route_entry_attr_t, sai_router_interface_attr_t, sai_s8_list_t,
    sai_switch_attr_t, sai_virtual_router_attr_t, sai_vlan_attr_t, sai_vlan_member_attr_t,
};
use std::ffi::{CStr, CString};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr};

/// A value that one member of the union holds.
pub(super) trait Value: Copy {
    /// Writes it; the rest of the slot is zero.
    fn put(self, slot: &mut sai_attribute_value_t);
    /// Reads it from a slot that the library filled.
    fn take(slot: &sai_attribute_value_t) -> Self;
}

macro_rules! values {
    ($($ty:ty = $member:ident,)*) => {$(
        impl Value for $ty {
            fn put(self, slot: &mut sai_attribute_value_t) {
                slot.$member = self;
            }
            fn take(slot: &sai_attribute_value_t) -> Self {
                // SAFETY: slots are zeroed as a whole before anybody writes them, and any bytes are a value.
                unsafe { slot.$member }
            }
        }
    )*};
}

values! {
    u16 = u16_,
    u32 = u32_,
    i32 = s32,
}

impl Value for bool {
    fn put(self, slot: &mut sai_attribute_value_t) {
        slot.booldata = self;
    }
    fn take(slot: &sai_attribute_value_t) -> Self {
        // SAFETY: slots are zeroed as a whole before anybody writes them, and any byte is a u8.
        let byte = unsafe { slot.u8_ };
        byte != 0
    }
}

impl Value for Mac {
    fn put(self, slot: &mut sai_attribute_value_t) {
        slot.mac = self.0;
    }
    fn take(slot: &sai_attribute_value_t) -> Self {
        // SAFETY: slots are zeroed as a whole before anybody writes them, and any bytes are an address.
        Mac(unsafe { slot.mac })
    }
}

impl Value for IpAddr {
    fn put(self, slot: &mut sai_attribute_value_t) {
        // SAFETY: slots are zeroed as a whole before anybody writes them, and any bytes are an address; `Copy` out and in
        // again keeps what is written whole.
        let mut address = unsafe { slot.ipaddr };
        ip::write_ip(&mut address, self);
        slot.ipaddr = address;
    }
    fn take(slot: &sai_attribute_value_t) -> Self {
        // SAFETY: slots are zeroed as a whole before anybody writes them, and any bytes are an address.
        let address = unsafe { slot.ipaddr };
        // What is of no family is no neighbour's address.
        ip::read_ip(&address).unwrap_or(Ipv4Addr::UNSPECIFIED.into())
    }
}

impl<T> Value for Oid<T> {
    fn put(self, slot: &mut sai_attribute_value_t) {
        slot.oid = self.raw();
    }
    fn take(slot: &sai_attribute_value_t) -> Self {
        // SAFETY: slots are zeroed as a whole before anybody writes them, and any number is an id.
        Oid::from_raw(unsafe { slot.oid })
    }
}

/// A function that the library is to call; null: none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Callback(pub(super) sai_pointer_t);

impl Value for Callback {
    fn put(self, slot: &mut sai_attribute_value_t) {
        slot.ptr = self.0;
    }
    fn take(slot: &sai_attribute_value_t) -> Self {
        // SAFETY: slots are zeroed as a whole before anybody writes them, and nobody follows what is read here.
        Callback(unsafe { slot.ptr })
    }
}

/// An attribute whose value is a `V`.
pub(super) struct Attribute<V> {
    pub(super) id: u32,
    /// The header's name.
    pub(super) name: &'static str,
    of: PhantomData<fn(V)>,
}

/// An attribute whose value is a list: of ids of `T`s, or of bytes.
pub(super) struct ListAttribute<T> {
    pub(super) id: u32,
    /// The header's name.
    pub(super) name: &'static str,
    of: PhantomData<fn(T)>,
}

impl<V: Value> Attribute<V> {
    const fn new(id: u32, name: &'static str) -> Self {
        Attribute { id, name, of: PhantomData }
    }

    /// Writes the attribute into a zeroed slot, or over the same attribute.
    pub(super) fn put(&self, slot: &mut sai_attribute_t, value: V) {
        slot.id = self.id;
        value.put(&mut slot.value);
    }

    /// Asks for the attribute: the slot's value is zeroed.
    pub(super) fn ask(&self, slot: &mut sai_attribute_t) {
        slot.id = self.id;
    }

    /// What the library answered.
    pub(super) fn take(&self, slot: &sai_attribute_t) -> V {
        V::take(&slot.value)
    }
}

impl ListAttribute<i8> {
    /// Writes text as the list of its bytes, the NUL at its end counted. The slot keeps the address: `text` outlives
    /// the call.
    pub(super) fn put(&self, slot: &mut sai_attribute_t, text: &CStr) {
        slot.id = self.id;
        let bytes = text.to_bytes_with_nul();
        let count = u32::try_from(bytes.len()).expect("text is bounded far below 2^32");
        // The library only reads what an attribute of a create points at.
        slot.value.s8list = sai_s8_list_t { count, list: bytes.as_ptr().cast_mut().cast() };
    }
}

impl<T> ListAttribute<T> {
    const fn new(id: u32, name: &'static str) -> Self {
        ListAttribute { id, name, of: PhantomData }
    }

    /// Asks for the list, with room for as many ids as `room` has. The slot keeps the address: `room` outlives the
    /// call.
    pub(super) fn ask(&self, slot: &mut sai_attribute_t, room: &mut [u64]) {
        slot.id = self.id;
        let count = u32::try_from(room.len()).unwrap_or(u32::MAX);
        slot.value.objlist = sai_object_list_t { count, list: room.as_mut_ptr() };
    }

    /// How many ids the library put there, or wants room for.
    pub(super) fn count(&self, slot: &sai_attribute_t) -> usize {
        // SAFETY: `ask` wrote this member, and any number is a count.
        unsafe { slot.value.objlist.count as usize }
    }
}

macro_rules! attributes {
    ($( $(#[$doc:meta])* $object:ident: $enum:ident { $( $name:ident: $of:ident<$value:ty> = $c:ident; )* } )*) => {$(
        $(#[$doc])*
        pub(super) mod $object {
            use super::*;
            $( pub(in crate::sai) const $name: $of<$value> = $of::new($enum::$c.0, stringify!($c)); )*
        }
    )*};
}

attributes! {
    /// Of a switch.
    switch: sai_switch_attr_t {
        INIT_SWITCH: Attribute<bool> = SAI_SWITCH_ATTR_INIT_SWITCH;
        SRC_MAC_ADDRESS: Attribute<Mac> = SAI_SWITCH_ATTR_SRC_MAC_ADDRESS;
        SWITCH_HARDWARE_INFO: ListAttribute<i8> = SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO;
        PORT_LIST: ListAttribute<id::Port> = SAI_SWITCH_ATTR_PORT_LIST;
        CPU_PORT: Attribute<Oid<id::Port>> = SAI_SWITCH_ATTR_CPU_PORT;
        DEFAULT_VLAN_ID: Attribute<Oid<id::Vlan>> = SAI_SWITCH_ATTR_DEFAULT_VLAN_ID;
        DEFAULT_VIRTUAL_ROUTER_ID: Attribute<Oid<id::VirtualRouter>> = SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID;
        DEFAULT_1Q_BRIDGE_ID: Attribute<Oid<id::Bridge>> = SAI_SWITCH_ATTR_DEFAULT_1Q_BRIDGE_ID;
        AVAILABLE_IPV4_NEIGHBOR_ENTRY: Attribute<u32> = SAI_SWITCH_ATTR_AVAILABLE_IPV4_NEIGHBOR_ENTRY;
        AVAILABLE_IPV6_NEIGHBOR_ENTRY: Attribute<u32> = SAI_SWITCH_ATTR_AVAILABLE_IPV6_NEIGHBOR_ENTRY;
        AVAILABLE_FDB_ENTRY: Attribute<u32> = SAI_SWITCH_ATTR_AVAILABLE_FDB_ENTRY;
        FDB_EVENT_NOTIFY: Attribute<Callback> = SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY;
        PORT_STATE_CHANGE_NOTIFY: Attribute<Callback> = SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY;
        SWITCH_STATE_CHANGE_NOTIFY: Attribute<Callback> = SAI_SWITCH_ATTR_SWITCH_STATE_CHANGE_NOTIFY;
    }
    /// Of a port.
    port: sai_port_attr_t {
        OPER_STATUS: Attribute<i32> = SAI_PORT_ATTR_OPER_STATUS;
        ADMIN_STATE: Attribute<bool> = SAI_PORT_ATTR_ADMIN_STATE;
    }
    /// Of a virtual router.
    virtual_router: sai_virtual_router_attr_t {
        SRC_MAC_ADDRESS: Attribute<Mac> = SAI_VIRTUAL_ROUTER_ATTR_SRC_MAC_ADDRESS;
    }
    /// Of a VLAN.
    vlan: sai_vlan_attr_t {
        VLAN_ID: Attribute<u16> = SAI_VLAN_ATTR_VLAN_ID;
        MEMBER_LIST: ListAttribute<id::VlanMember> = SAI_VLAN_ATTR_MEMBER_LIST;
    }
    /// Of a VLAN member.
    vlan_member: sai_vlan_member_attr_t {
        VLAN_ID: Attribute<Oid<id::Vlan>> = SAI_VLAN_MEMBER_ATTR_VLAN_ID;
        BRIDGE_PORT_ID: Attribute<Oid<id::BridgePort>> = SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID;
        VLAN_TAGGING_MODE: Attribute<i32> = SAI_VLAN_MEMBER_ATTR_VLAN_TAGGING_MODE;
    }
    /// Of a LAG.
    lag: sai_lag_attr_t {
        PORT_LIST: ListAttribute<id::LagMember> = SAI_LAG_ATTR_PORT_LIST;
    }
    /// Of a LAG member.
    lag_member: sai_lag_member_attr_t {
        LAG_ID: Attribute<Oid<id::Lag>> = SAI_LAG_MEMBER_ATTR_LAG_ID;
        PORT_ID: Attribute<Oid<id::Port>> = SAI_LAG_MEMBER_ATTR_PORT_ID;
    }
    /// Of a bridge.
    bridge: sai_bridge_attr_t {
        TYPE: Attribute<i32> = SAI_BRIDGE_ATTR_TYPE;
        PORT_LIST: ListAttribute<id::BridgePort> = SAI_BRIDGE_ATTR_PORT_LIST;
    }
    /// Of a bridge port. `PORT_ID` takes a port's id or a LAG's.
    bridge_port: sai_bridge_port_attr_t {
        TYPE: Attribute<i32> = SAI_BRIDGE_PORT_ATTR_TYPE;
        PORT_ID: Attribute<Oid<id::Port>> = SAI_BRIDGE_PORT_ATTR_PORT_ID;
        VLAN_ID: Attribute<u16> = SAI_BRIDGE_PORT_ATTR_VLAN_ID;
        RIF_ID: Attribute<Oid<id::RouterInterface>> = SAI_BRIDGE_PORT_ATTR_RIF_ID;
        BRIDGE_ID: Attribute<Oid<id::Bridge>> = SAI_BRIDGE_PORT_ATTR_BRIDGE_ID;
        ADMIN_STATE: Attribute<bool> = SAI_BRIDGE_PORT_ATTR_ADMIN_STATE;
        PROTECTION_GROUP: Attribute<Oid<id::NextHopGroup>> = SAI_BRIDGE_PORT_ATTR_BRIDGE_PORT_PROTECTION_NEXT_HOP_GROUP_ID;
        SET_SWITCHOVER: Attribute<bool> = SAI_BRIDGE_PORT_ATTR_BRIDGE_PORT_SET_SWITCHOVER;
    }
    /// Of a router interface. `PORT_ID` takes a port's id or a LAG's.
    router_interface: sai_router_interface_attr_t {
        VIRTUAL_ROUTER_ID: Attribute<Oid<id::VirtualRouter>> = SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID;
        TYPE: Attribute<i32> = SAI_ROUTER_INTERFACE_ATTR_TYPE;
        PORT_ID: Attribute<Oid<id::Port>> = SAI_ROUTER_INTERFACE_ATTR_PORT_ID;
        VLAN_ID: Attribute<Oid<id::Vlan>> = SAI_ROUTER_INTERFACE_ATTR_VLAN_ID;
        OUTER_VLAN_ID: Attribute<u16> = SAI_ROUTER_INTERFACE_ATTR_OUTER_VLAN_ID;
        BRIDGE_ID: Attribute<Oid<id::Bridge>> = SAI_ROUTER_INTERFACE_ATTR_BRIDGE_ID;
        SRC_MAC_ADDRESS: Attribute<Mac> = SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS;
    }
    /// Of a neighbour entry.
    neighbor: sai_neighbor_entry_attr_t {
        DST_MAC_ADDRESS: Attribute<Mac> = SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS;
        NO_HOST_ROUTE: Attribute<bool> = SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE;
        IP_ADDR_FAMILY: Attribute<i32> = SAI_NEIGHBOR_ENTRY_ATTR_IP_ADDR_FAMILY;
    }
    /// Of an FDB entry.
    fdb: sai_fdb_entry_attr_t {
        TYPE: Attribute<i32> = SAI_FDB_ENTRY_ATTR_TYPE;
        BRIDGE_PORT_ID: Attribute<Oid<id::BridgePort>> = SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID;
        ALLOW_MAC_MOVE: Attribute<bool> = SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE;
    }
    /// Of a route. `NEXT_HOP_ID` takes the id of a next hop, of a group, and more.
    route: sai_route_entry_attr_t {
        NEXT_HOP_ID: Attribute<Oid<id::NextHop>> = SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID;
    }
    /// Of a next hop.
    next_hop: sai_next_hop_attr_t {
        TYPE: Attribute<i32> = SAI_NEXT_HOP_ATTR_TYPE;
        IP: Attribute<IpAddr> = SAI_NEXT_HOP_ATTR_IP;
        ROUTER_INTERFACE_ID: Attribute<Oid<id::RouterInterface>> = SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID;
    }
}

/// The attribute list of one call.
pub(super) struct List {
    slots: Buffer<sai_attribute_t>,
    names: Vec<&'static str>,
    /// What text attributes point at.
    texts: Vec<CString>,
}

impl List {
    /// More than any object of ours takes.
    const ROOM: usize = 8;

    pub(super) fn new() -> Self {
        List { slots: Buffer::zeroed(List::ROOM), names: Vec::new(), texts: Vec::new() }
    }

    pub(super) fn with<V: Value>(mut self, attribute: Attribute<V>, value: V) -> Self {
        attribute.put(&mut self.slots[self.names.len()], value);
        self.names.push(attribute.name);
        self
    }

    pub(super) fn with_text(mut self, attribute: ListAttribute<i8>, text: Option<CString>) -> Self {
        if let Some(text) = text {
            attribute.put(&mut self.slots[self.names.len()], &text);
            self.names.push(attribute.name);
            self.texts.push(text);
        }
        self
    }

    pub(super) fn with_some<V: Value>(self, attribute: Attribute<V>, value: Option<V>) -> Self {
        match value {
            Some(value) => self.with(attribute, value),
            None => self,
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.names.len() as u32
    }

    pub(super) fn as_ptr(&self) -> *const sai_attribute_t {
        self.slots.as_ptr()
    }

    /// The error of a call with this list: the attribute that the status blames, by name.
    pub(super) fn error(&self, call: &'static str, status: Status) -> Error {
        let attribute = status.attribute_index().and_then(|n| self.names.get(usize::from(n)).copied());
        Error::Status { call, status, attribute }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_3_a_boolean_is_read_as_a_byte_and_the_rest_stays_zero() {
        let mut slots: Buffer<sai_attribute_t> = Buffer::zeroed(1);
        neighbor::NO_HOST_ROUTE.put(&mut slots[0], true);
        // SAFETY: one element lies there, all of it zeroed or written.
        let bytes =
            unsafe { std::slice::from_raw_parts(slots.as_ptr().cast::<u8>(), size_of::<sai_attribute_t>()) };
        let written: Vec<(usize, u8)> = bytes.iter().copied().enumerate().filter(|(_, b)| *b != 0).collect();
        assert_eq!(written, [(0, 3), (8, 1)], "the id and one byte of the value");
        for byte in [0u8, 1, 2, 0xff] {
            slots[0].value.u8_ = byte;
            assert_eq!(neighbor::NO_HOST_ROUTE.take(&slots[0]), byte != 0);
        }
    }

    #[test]
    fn an_error_names_the_attribute_that_the_status_blames() {
        let list = List::new()
            .with(router_interface::TYPE, 1)
            .with_some(router_interface::OUTER_VLAN_ID, None)
            .with(router_interface::SRC_MAC_ADDRESS, Mac([2; 6]));
        let status = Status(sai_sys::SAI_STATUS_INVALID_ATTR_VALUE_0 - 1);
        assert_eq!(
            list.error("create_router_interface", status).to_string(),
            "create_router_interface: SAI_STATUS_INVALID_ATTR_VALUE_0+1 (-131073), \
             which is SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS"
        );
    }
}
