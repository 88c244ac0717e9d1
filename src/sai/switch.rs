//! A switch: created, connected to, or given; and what it tells of itself.
//!
//! Invariant: dropping a handle removes nothing.

use super::attr::{self, List, switch as at};
use super::error::Error;
use super::id::{self, Oid};
use super::library::Library;
use super::memory::Buffer;
use super::object;
use super::status::Status;
use super::table::{Method, method};
use crate::addr::Mac;
use sai_sys::{sai_attribute_t, sai_ip_addr_family_t, sai_object_type_t, sai_switch_api_t};
use std::ffi::CString;

const CREATE: Method<sai_switch_api_t, object::CreateSwitch> = method!(sai_switch_api_t, create_switch);
const REMOVE: Method<sai_switch_api_t, object::Remove> = method!(sai_switch_api_t, remove_switch);
const GET: Method<sai_switch_api_t, object::Get> = method!(sai_switch_api_t, get_switch_attribute);

/// A switch of a library.
#[derive(Clone, Debug)]
pub struct Switch {
    library: Library,
    id: Oid<id::Switch>,
}

/// Which way to a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The switch is initialised: by us, for the first time or after a warm boot.
    Initialise,
    /// The SDK runs already, initialised by another process or by its owner: we connect.
    Connect,
}

/// A switch as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchSpec {
    /// Which way to it.
    pub start: Start,
    /// Its router MAC; `None`: the library's own.
    pub src_mac: Option<Mac>,
    /// Which of several switches of the library; `None`: the only one.
    pub hardware_info: Option<CString>,
}

/// An address family's share of the host table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Switch {
    /// Creates the switch object.
    pub fn create(library: &Library, how: SwitchSpec) -> Result<Switch, Error> {
        let list = List::new()
            .with(at::INIT_SWITCH, how.start == Start::Initialise)
            .with_some(at::SRC_MAC_ADDRESS, how.src_mac)
            .with_text(at::SWITCH_HARDWARE_INFO, how.hardware_info);
        let id = library.create_switch(&CREATE, &list)?;
        Ok(Switch { library: library.clone(), id })
    }

    /// The switch that its owner has created already.
    pub fn given(library: &Library, id: Oid<id::Switch>) -> Switch {
        Switch { library: library.clone(), id }
    }

    /// Removes the switch object.
    pub fn remove(self) -> Result<(), Error> {
        self.library.remove(&REMOVE, self.id)
    }

    /// Its library.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Its id.
    pub fn id(&self) -> Oid<id::Switch> {
        self.id
    }

    /// The router MAC that its virtual routers and router interfaces have by default.
    pub fn src_mac(&self) -> Result<Mac, Error> {
        self.library.get(&GET, self.id, at::SRC_MAC_ADDRESS)
    }

    /// The virtual router that it came with.
    pub fn default_virtual_router(&self) -> Result<Oid<id::VirtualRouter>, Error> {
        self.library.get(&GET, self.id, at::DEFAULT_VIRTUAL_ROUTER_ID)
    }

    /// The VLAN that it came with.
    pub fn default_vlan(&self) -> Result<Oid<id::Vlan>, Error> {
        self.library.get(&GET, self.id, at::DEFAULT_VLAN_ID)
    }

    /// The 802.1Q bridge that it came with.
    pub fn default_bridge(&self) -> Result<Oid<id::Bridge>, Error> {
        self.library.get(&GET, self.id, at::DEFAULT_1Q_BRIDGE_ID)
    }

    /// The port towards its CPU.
    pub fn cpu_port(&self) -> Result<Oid<id::Port>, Error> {
        self.library.get(&GET, self.id, at::CPU_PORT)
    }

    /// Its front ports.
    pub fn ports(&self) -> Result<Vec<Oid<id::Port>>, Error> {
        self.library.get_list(&GET, self.id, at::PORT_LIST)
    }

    /// How many more neighbours of a family fit, as the switch attribute has it. Tables are often shared and hashed:
    /// a rejection comes before this is 0.
    pub fn available_neighbors(&self, family: Family) -> Result<u32, Error> {
        let attribute = match family {
            Family::V4 => at::AVAILABLE_IPV4_NEIGHBOR_ENTRY,
            Family::V6 => at::AVAILABLE_IPV6_NEIGHBOR_ENTRY,
        };
        self.library.get(&GET, self.id, attribute)
    }

    /// How many more FDB entries fit, as the switch attribute has it.
    pub fn available_fdb_entries(&self) -> Result<u32, Error> {
        self.library.get(&GET, self.id, at::AVAILABLE_FDB_ENTRY)
    }

    /// The same for neighbours by `sai_object_type_get_availability`, which fewer libraries have.
    pub fn neighbor_availability(&self, family: Family) -> Result<u64, Error> {
        const CALL: &str = "sai_object_type_get_availability";
        let ask = self.library.functions().object_type_get_availability;
        let ask = ask.ok_or(Error::NoSymbol { call: CALL })?;
        let family = match family {
            Family::V4 => sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV4,
            Family::V6 => sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV6,
        };
        let mut slot: Buffer<sai_attribute_t> = Buffer::zeroed(1);
        attr::neighbor::IP_ADDR_FAMILY.put(&mut slot[0], family.0 as i32);
        let object_type = sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
        let mut count = 0;
        // SAFETY: the list has one attribute, `count` is a place for one number; both outlive the call.
        let call = || unsafe { ask(self.id.raw(), object_type, 1, slot.as_ptr(), &raw mut count) };
        let (status, _) = self.library.enter(call);
        match Status(status) {
            Status::SUCCESS => Ok(count),
            status => Err(Error::Status {
                call: CALL,
                status,
                attribute: Some(attr::neighbor::IP_ADDR_FAMILY.name),
            }),
        }
    }
}
