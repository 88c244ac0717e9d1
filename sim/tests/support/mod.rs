//! A small SAI client in Rust, written as a client of any library: through the method tables only.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::net::IpAddr;
use std::ptr;

use sai::inspect::SimSwitch;
use sai_sys::*;

pub(crate) const SUCCESS: sai_status_t = SAI_STATUS_SUCCESS;
pub(crate) const STOP: sai_bulk_op_error_mode_t =
    sai_bulk_op_error_mode_t::SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR;
pub(crate) const IGNORE: sai_bulk_op_error_mode_t =
    sai_bulk_op_error_mode_t::SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR;
/// What statuses are filled with before a call: no SAI status.
pub(crate) const UNTOUCHED: sai_status_t = 4711;

/// The table of an API.
pub(crate) fn table<T>(api: sai_api_t) -> &'static T {
    sai::inspect::initialize(&[]).unwrap();
    let mut table = ptr::null_mut();
    // SAFETY: the place is ours.
    let status = unsafe { sai::sai_api_query(api, &raw mut table) };
    assert_eq!(status, SUCCESS);
    // SAFETY: tables live for ever.
    unsafe { &*table.cast() }
}

pub(crate) fn attr(id: u32, fill: impl FnOnce(&mut sai_attribute_value_t)) -> sai_attribute_t {
    // SAFETY: any bits are a value of the struct.
    let mut attr: sai_attribute_t = unsafe { std::mem::zeroed() };
    attr.id = id;
    fill(&mut attr.value);
    attr
}

pub(crate) fn oid(id: u32, value: sai_object_id_t) -> sai_attribute_t {
    attr(id, |v| v.oid = value)
}

pub(crate) fn num(id: u32, value: u32) -> sai_attribute_t {
    attr(id, |v| v.u32_ = value)
}

pub(crate) fn flag(id: u32, value: bool) -> sai_attribute_t {
    attr(id, |v| v.booldata = value)
}

pub(crate) const MAC_ATTR: u32 = sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS.0;
pub(crate) const NO_HOST_ROUTE: u32 = sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE.0;

pub(crate) fn mac(last: u8) -> sai_attribute_t {
    attr(MAC_ATTR, |v| v.mac = [2, 0, 0, 0, 0, last])
}

pub(crate) fn address(ip: IpAddr) -> sai_ip_address_t {
    match ip {
        IpAddr::V4(ip) => sai_ip_address_t {
            addr_family: sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV4,
            // The bytes that IPv4 does not use are noise on purpose.
            addr: {
                let mut addr = sai_ip_addr_t { ip6: [0xa5; 16] };
                addr.ip4 = u32::from_ne_bytes(ip.octets());
                addr
            },
        },
        IpAddr::V6(ip) => sai_ip_address_t {
            addr_family: sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV6,
            addr: sai_ip_addr_t { ip6: ip.octets() },
        },
    }
}

/// A switch with a virtual router interface of VLAN 1, and the tables.
pub(crate) struct Client {
    pub(crate) switch: SimSwitch,
    pub(crate) rif: sai_object_id_t,
    pub(crate) neighbor: &'static sai_neighbor_api_t,
    pub(crate) fdb: &'static sai_fdb_api_t,
    pub(crate) rifs: &'static sai_router_interface_api_t,
}

impl Client {
    pub(crate) fn new(profile: &[(&str, &str)]) -> Self {
        let switch = SimSwitch::new(profile).unwrap();
        let mut client = Self {
            switch,
            rif: 0,
            neighbor: table(sai_api_t::SAI_API_NEIGHBOR),
            fdb: table(sai_api_t::SAI_API_FDB),
            rifs: table(sai_api_t::SAI_API_ROUTER_INTERFACE),
        };
        client.rif = client.vlan_rif(&[]).unwrap();
        client
    }

    /// Creates a router interface on VLAN 1.
    pub(crate) fn vlan_rif(&self, more: &[sai_attribute_t]) -> Result<sai_object_id_t, sai_status_t> {
        use sai_router_interface_attr_t as A;
        let mut attrs = vec![
            oid(A::SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID.0, self.switch.default_virtual_router()),
            num(
                A::SAI_ROUTER_INTERFACE_ATTR_TYPE.0,
                sai_router_interface_type_t::SAI_ROUTER_INTERFACE_TYPE_VLAN.0,
            ),
            oid(A::SAI_ROUTER_INTERFACE_ATTR_VLAN_ID.0, self.switch.default_vlan()),
        ];
        attrs.extend_from_slice(more);
        let mut id = 0;
        let create = self.rifs.create_router_interface.unwrap();
        // SAFETY: all places are ours.
        let status = unsafe { create(&raw mut id, self.switch.id(), attrs.len() as u32, attrs.as_ptr()) };
        if status == SUCCESS { Ok(id) } else { Err(status) }
    }

    pub(crate) fn remove_rif(&self, rif: sai_object_id_t) -> sai_status_t {
        // SAFETY: no pointers.
        unsafe { self.rifs.remove_router_interface.unwrap()(rif) }
    }

    pub(crate) fn entry(&self, ip: &str) -> sai_neighbor_entry_t {
        self.entry_at(self.rif, ip.parse().unwrap())
    }

    pub(crate) fn entry_at(&self, rif_id: sai_object_id_t, ip: IpAddr) -> sai_neighbor_entry_t {
        sai_neighbor_entry_t { switch_id: self.switch.id(), rif_id, ip_address: address(ip) }
    }

    pub(crate) fn create(&self, entry: &sai_neighbor_entry_t, attrs: &[sai_attribute_t]) -> sai_status_t {
        // SAFETY: all places are ours.
        unsafe { self.neighbor.create_neighbor_entry.unwrap()(entry, attrs.len() as u32, attrs.as_ptr()) }
    }

    pub(crate) fn remove(&self, entry: &sai_neighbor_entry_t) -> sai_status_t {
        // SAFETY: all places are ours.
        unsafe { self.neighbor.remove_neighbor_entry.unwrap()(entry) }
    }

    pub(crate) fn set(&self, entry: &sai_neighbor_entry_t, attr: &sai_attribute_t) -> sai_status_t {
        // SAFETY: all places are ours.
        unsafe { self.neighbor.set_neighbor_entry_attribute.unwrap()(entry, attr) }
    }

    pub(crate) fn get(&self, entry: &sai_neighbor_entry_t, attrs: &mut [sai_attribute_t]) -> sai_status_t {
        let get = self.neighbor.get_neighbor_entry_attribute.unwrap();
        // SAFETY: all places are ours.
        unsafe { get(entry, attrs.len() as u32, attrs.as_mut_ptr()) }
    }

    /// Bulk create; answers the return code and the statuses.
    pub(crate) fn create_many(
        &self,
        entries: &[sai_neighbor_entry_t],
        attrs: &[Vec<sai_attribute_t>],
        mode: sai_bulk_op_error_mode_t,
    ) -> (sai_status_t, Vec<sai_status_t>) {
        let counts: Vec<u32> = attrs.iter().map(|a| a.len() as u32).collect();
        let mut lists: Vec<_> = attrs.iter().map(|a| a.as_ptr()).collect();
        let mut statuses = vec![UNTOUCHED; entries.len()];
        let create = self.neighbor.create_neighbor_entries.unwrap();
        // SAFETY: all places are ours.
        let status = unsafe {
            create(
                entries.len() as u32,
                entries.as_ptr(),
                counts.as_ptr(),
                lists.as_mut_ptr(),
                mode,
                statuses.as_mut_ptr(),
            )
        };
        (status, statuses)
    }

    pub(crate) fn set_many(
        &self,
        entries: &[sai_neighbor_entry_t],
        attrs: &[sai_attribute_t],
        mode: sai_bulk_op_error_mode_t,
    ) -> (sai_status_t, Vec<sai_status_t>) {
        let mut statuses = vec![UNTOUCHED; entries.len()];
        let set = self.neighbor.set_neighbor_entries_attribute.unwrap();
        // SAFETY: all places are ours.
        let status = unsafe {
            set(entries.len() as u32, entries.as_ptr(), attrs.as_ptr(), mode, statuses.as_mut_ptr())
        };
        (status, statuses)
    }

    pub(crate) fn remove_many(
        &self,
        entries: &[sai_neighbor_entry_t],
        mode: sai_bulk_op_error_mode_t,
    ) -> (sai_status_t, Vec<sai_status_t>) {
        let mut statuses = vec![UNTOUCHED; entries.len()];
        let remove = self.neighbor.remove_neighbor_entries.unwrap();
        // SAFETY: all places are ours.
        let status = unsafe { remove(entries.len() as u32, entries.as_ptr(), mode, statuses.as_mut_ptr()) };
        (status, statuses)
    }

    /// The MAC that a get answers.
    pub(crate) fn mac_of(&self, entry: &sai_neighbor_entry_t) -> Result<[u8; 6], sai_status_t> {
        let mut attrs = [attr(MAC_ATTR, |_| ())];
        match self.get(entry, &mut attrs) {
            // SAFETY: a get of a MAC fills the MAC.
            SUCCESS => Ok(unsafe { attrs[0].value.mac }),
            status => Err(status),
        }
    }
}
