//! VLANs and bridges, and the ports in them.

use super::attr::{List, bridge, bridge_port, vlan, vlan_member};
use super::error::Error;
use super::id::{self, Oid};
use super::object;
use super::router::Underlay;
use super::switch::Switch;
use super::table::{Method, method};
use crate::addr::VlanId;
use sai_sys::{
    sai_bridge_api_t, sai_bridge_port_type_t, sai_bridge_type_t, sai_object_type_t, sai_vlan_api_t,
    sai_vlan_tagging_mode_t,
};

const CREATE_VLAN: Method<sai_vlan_api_t, object::Create> = method!(sai_vlan_api_t, create_vlan);
const REMOVE_VLAN: Method<sai_vlan_api_t, object::Remove> = method!(sai_vlan_api_t, remove_vlan);
const GET_VLAN: Method<sai_vlan_api_t, object::Get> = method!(sai_vlan_api_t, get_vlan_attribute);
const CREATE_MEMBER: Method<sai_vlan_api_t, object::Create> = method!(sai_vlan_api_t, create_vlan_member);
const REMOVE_MEMBER: Method<sai_vlan_api_t, object::Remove> = method!(sai_vlan_api_t, remove_vlan_member);
const GET_MEMBER: Method<sai_vlan_api_t, object::Get> = method!(sai_vlan_api_t, get_vlan_member_attribute);
const CREATE_BRIDGE: Method<sai_bridge_api_t, object::Create> = method!(sai_bridge_api_t, create_bridge);
const REMOVE_BRIDGE: Method<sai_bridge_api_t, object::Remove> = method!(sai_bridge_api_t, remove_bridge);
const GET_BRIDGE: Method<sai_bridge_api_t, object::Get> = method!(sai_bridge_api_t, get_bridge_attribute);
const CREATE_PORT: Method<sai_bridge_api_t, object::Create> = method!(sai_bridge_api_t, create_bridge_port);
const REMOVE_PORT: Method<sai_bridge_api_t, object::Remove> = method!(sai_bridge_api_t, remove_bridge_port);
const SET_PORT: Method<sai_bridge_api_t, object::Set> = method!(sai_bridge_api_t, set_bridge_port_attribute);
const GET_PORT: Method<sai_bridge_api_t, object::Get> = method!(sai_bridge_api_t, get_bridge_port_attribute);

/// How frames of a VLAN leave on a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagging {
    /// Without a tag.
    Untagged,
    /// With the VLAN's tag.
    Tagged,
}

/// What a bridge port stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BridgePort {
    /// A port or a LAG, in the default bridge.
    Port(Underlay),
    /// What arrives on a port or a LAG with this tag, in a bridge of its own.
    SubPort {
        /// On which.
        on: Underlay,
        /// The tag.
        tag: VlanId,
        /// The bridge.
        bridge: Oid<id::Bridge>,
    },
    /// A router interface, in a bridge of its own: how a bridge domain gets its gateway.
    Router {
        /// The router interface.
        rif: Oid<id::RouterInterface>,
        /// The bridge.
        bridge: Oid<id::Bridge>,
    },
}

/// A bridge port as the library has it, as far as it can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BridgePortFound {
    /// Its id.
    pub id: Oid<id::BridgePort>,
    /// The port or the LAG that it stands on; the two are not told apart.
    pub on: Underlay,
    /// The tag, of one that stands on what has it.
    pub tag: Option<VlanId>,
}

impl Switch {
    /// Creates a VLAN.
    pub fn create_vlan(&self, vlan_id: VlanId) -> Result<Oid<id::Vlan>, Error> {
        let list = List::new().with(vlan::VLAN_ID, vlan_id.number());
        self.library().create(&CREATE_VLAN, self.id(), &list)
    }

    /// Removes a VLAN.
    pub fn remove_vlan(&self, vlan: Oid<id::Vlan>) -> Result<(), Error> {
        self.library().remove(&REMOVE_VLAN, vlan)
    }

    /// The number of a VLAN, as the library has it.
    pub fn vlan_number(&self, vlan: Oid<id::Vlan>) -> Result<u16, Error> {
        self.library().get(&GET_VLAN, vlan, vlan::VLAN_ID)
    }

    /// The members of a VLAN.
    pub fn vlan_members(&self, vlan: Oid<id::Vlan>) -> Result<Vec<Oid<id::VlanMember>>, Error> {
        self.library().get_list(&GET_VLAN, vlan, vlan::MEMBER_LIST)
    }

    /// All VLANs, where the library can list objects.
    pub fn vlans(&self) -> Result<Vec<Oid<id::Vlan>>, Error> {
        self.library().ids(self.id(), sai_object_type_t::SAI_OBJECT_TYPE_VLAN)
    }

    /// Puts a bridge port into a VLAN.
    pub fn create_vlan_member(
        &self,
        vlan: Oid<id::Vlan>,
        port: Oid<id::BridgePort>,
        tagging: Tagging,
    ) -> Result<Oid<id::VlanMember>, Error> {
        let tagging = match tagging {
            Tagging::Untagged => sai_vlan_tagging_mode_t::SAI_VLAN_TAGGING_MODE_UNTAGGED,
            Tagging::Tagged => sai_vlan_tagging_mode_t::SAI_VLAN_TAGGING_MODE_TAGGED,
        };
        let list = List::new()
            .with(vlan_member::VLAN_ID, vlan)
            .with(vlan_member::BRIDGE_PORT_ID, port)
            .with(vlan_member::VLAN_TAGGING_MODE, tagging.0 as i32);
        self.library().create(&CREATE_MEMBER, self.id(), &list)
    }

    /// Takes a bridge port out of a VLAN.
    pub fn remove_vlan_member(&self, member: Oid<id::VlanMember>) -> Result<(), Error> {
        self.library().remove(&REMOVE_MEMBER, member)
    }

    /// Creates a bridge of its own (802.1D): a bridge domain.
    pub fn create_bridge(&self) -> Result<Oid<id::Bridge>, Error> {
        let list = List::new().with(bridge::TYPE, sai_bridge_type_t::SAI_BRIDGE_TYPE_1D.0 as i32);
        self.library().create(&CREATE_BRIDGE, self.id(), &list)
    }

    /// All bridges, where the library can list objects.
    pub fn bridges(&self) -> Result<Vec<Oid<id::Bridge>>, Error> {
        self.library().ids(self.id(), sai_object_type_t::SAI_OBJECT_TYPE_BRIDGE)
    }

    /// True when the library shows a bridge of its own under this id.
    pub fn is_bridge(&self, bridge: Oid<id::Bridge>) -> bool {
        self.library().get(&GET_BRIDGE, bridge, bridge::TYPE)
            == Ok(sai_bridge_type_t::SAI_BRIDGE_TYPE_1D.0 as i32)
    }

    /// True for a bridge of its own that has no port.
    pub fn is_empty_bridge(&self, bridge: Oid<id::Bridge>) -> Result<bool, Error> {
        let ports = || self.library().get_list(&GET_BRIDGE, bridge, bridge::PORT_LIST);
        Ok(self.is_bridge(bridge) && ports()?.is_empty())
    }

    /// True when a bridge has its port for a router interface.
    pub fn has_router_port(
        &self,
        bridge: Oid<id::Bridge>,
        rif: Oid<id::RouterInterface>,
    ) -> Result<bool, Error> {
        for port in self.library().get_list(&GET_BRIDGE, bridge, bridge::PORT_LIST)? {
            let kind = self.library().get(&GET_PORT, port, bridge_port::TYPE)?;
            if kind == sai_bridge_port_type_t::SAI_BRIDGE_PORT_TYPE_1D_ROUTER.0 as i32
                && self.library().get(&GET_PORT, port, bridge_port::RIF_ID)? == rif
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes a bridge.
    pub fn remove_bridge(&self, bridge: Oid<id::Bridge>) -> Result<(), Error> {
        self.library().remove(&REMOVE_BRIDGE, bridge)
    }

    /// Creates a bridge port, enabled.
    pub fn create_bridge_port(&self, on: BridgePort) -> Result<Oid<id::BridgePort>, Error> {
        let kind = |kind: sai_bridge_port_type_t| List::new().with(bridge_port::TYPE, kind.0 as i32);
        let list = match on {
            BridgePort::Port(on) => kind(sai_bridge_port_type_t::SAI_BRIDGE_PORT_TYPE_PORT)
                .with(bridge_port::PORT_ID, on.as_port()),
            BridgePort::SubPort { on, tag, bridge } => {
                kind(sai_bridge_port_type_t::SAI_BRIDGE_PORT_TYPE_SUB_PORT)
                    .with(bridge_port::PORT_ID, on.as_port())
                    .with(bridge_port::VLAN_ID, tag.number())
                    .with(bridge_port::BRIDGE_ID, bridge)
            }
            BridgePort::Router { rif, bridge } => {
                kind(sai_bridge_port_type_t::SAI_BRIDGE_PORT_TYPE_1D_ROUTER)
                    .with(bridge_port::RIF_ID, rif)
                    .with(bridge_port::BRIDGE_ID, bridge)
            }
        };
        self.library().create(&CREATE_PORT, self.id(), &list.with(bridge_port::ADMIN_STATE, true))
    }

    /// Removes a bridge port.
    pub fn remove_bridge_port(&self, port: Oid<id::BridgePort>) -> Result<(), Error> {
        self.library().remove(&REMOVE_PORT, port)
    }

    /// The bridge port that stands on a port in the default bridge.
    pub fn bridge_port_of(&self, port: Oid<id::Port>) -> Result<Option<Oid<id::BridgePort>>, Error> {
        let on = Underlay::Port(port);
        let found = self.bridge_ports(self.default_bridge()?)?;
        Ok(found.into_iter().find(|found| found.tag.is_none() && found.on.is_same(on)).map(|found| found.id))
    }

    /// The ports of a bridge that stand on ports and LAGs, with and without a tag.
    pub fn bridge_ports(&self, bridge: Oid<id::Bridge>) -> Result<Vec<BridgePortFound>, Error> {
        const PORT: i32 = sai_bridge_port_type_t::SAI_BRIDGE_PORT_TYPE_PORT.0 as i32;
        const SUB_PORT: i32 = sai_bridge_port_type_t::SAI_BRIDGE_PORT_TYPE_SUB_PORT.0 as i32;
        let library = self.library();
        let mut found = Vec::new();
        for id in library.get_list(&GET_BRIDGE, bridge, bridge::PORT_LIST)? {
            let tag = match library.get(&GET_PORT, id, bridge_port::TYPE)? {
                PORT => None,
                SUB_PORT => VlanId::new(library.get(&GET_PORT, id, bridge_port::VLAN_ID)?.into()),
                _ => continue,
            };
            let on = Underlay::Port(library.get(&GET_PORT, id, bridge_port::PORT_ID)?);
            found.push(BridgePortFound { id, on, tag });
        }
        Ok(found)
    }

    /// By which group of next hops frames leave that are sent to a bridge port while it is switched over; null where it is
    /// not protected. From 1.16 on: an older library has other attributes there, or none.
    pub fn protection_group(&self, port: Oid<id::BridgePort>) -> Result<Oid<id::NextHopGroup>, Error> {
        self.library().get(&GET_PORT, port, bridge_port::PROTECTION_GROUP)
    }

    /// Is a bridge port switched over to its protection group?
    pub fn is_switched_over(&self, port: Oid<id::BridgePort>) -> Result<bool, Error> {
        self.library().get(&GET_PORT, port, bridge_port::SET_SWITCHOVER)
    }

    /// Switches a bridge port over to its protection group, or back.
    pub fn switch_over(&self, port: Oid<id::BridgePort>, over: bool) -> Result<(), Error> {
        self.library().set(&SET_PORT, port, bridge_port::SET_SWITCHOVER, over)
    }

    /// The bridge ports that are in a VLAN.
    pub fn vlan_ports(&self, vlan: Oid<id::Vlan>) -> Result<Vec<Oid<id::BridgePort>>, Error> {
        let port = |member| self.library().get(&GET_MEMBER, member, vlan_member::BRIDGE_PORT_ID);
        self.vlan_members(vlan)?.into_iter().map(port).collect()
    }
}
