//! Virtual routers and router interfaces.

use super::attr::{List, router_interface as at, virtual_router};
use super::error::Error;
use super::id::{self, Oid};
use super::object;
use super::switch::Switch;
use super::table::{Method, method};
use crate::addr::{Mac, VlanId};
use sai_sys::{
    sai_object_type_t, sai_router_interface_api_t, sai_router_interface_type_t as rif_type,
    sai_virtual_router_api_t,
};

const CREATE_VR: Method<sai_virtual_router_api_t, object::Create> =
    method!(sai_virtual_router_api_t, create_virtual_router);
const REMOVE_VR: Method<sai_virtual_router_api_t, object::Remove> =
    method!(sai_virtual_router_api_t, remove_virtual_router);
const GET_VR: Method<sai_virtual_router_api_t, object::Get> =
    method!(sai_virtual_router_api_t, get_virtual_router_attribute);
const CREATE: Method<sai_router_interface_api_t, object::Create> =
    method!(sai_router_interface_api_t, create_router_interface);
const REMOVE: Method<sai_router_interface_api_t, object::Remove> =
    method!(sai_router_interface_api_t, remove_router_interface);
const GET: Method<sai_router_interface_api_t, object::Get> =
    method!(sai_router_interface_api_t, get_router_interface_attribute);

/// A port or a LAG: SAI takes either where a frame may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Underlay {
    /// A port.
    Port(Oid<id::Port>),
    /// A LAG.
    Lag(Oid<id::Lag>),
}

impl Underlay {
    /// Are both the same? By raw id, for a port and a LAG cannot be told apart by what was read back.
    pub fn is_same(self, other: Underlay) -> bool {
        self.as_port() == other.as_port()
    }

    /// The id by which SAI takes it.
    pub(super) fn as_port(self) -> Oid<id::Port> {
        match self {
            Underlay::Port(port) => port,
            Underlay::Lag(lag) => Oid::from_raw(lag.raw()),
        }
    }
}

/// What a router interface stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RifKind {
    /// A VLAN.
    Vlan(Oid<id::Vlan>),
    /// A routed port or LAG.
    Routed(Underlay),
    /// A tagged subinterface of a routed port or LAG.
    SubPort {
        /// Of what.
        parent: Underlay,
        /// Its tag.
        tag: VlanId,
    },
    /// A bridge of its own; the caller also gives the bridge a port for it.
    Bridge(Oid<id::Bridge>),
}

/// A router interface as it is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rif {
    /// The virtual router that it belongs to.
    pub virtual_router: Oid<id::VirtualRouter>,
    /// What it stands on.
    pub kind: RifKind,
    /// Its own MAC; `None`: the virtual router's.
    pub src_mac: Option<Mac>,
}

/// A router interface as the library has it, as far as it can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RifFound {
    /// Its id.
    pub id: Oid<id::RouterInterface>,
    /// The virtual router that it belongs to.
    pub virtual_router: Oid<id::VirtualRouter>,
    /// What it stands on; a port and a LAG are not told apart. `None`: something else.
    pub kind: Option<RifKind>,
}

impl Switch {
    /// Creates a virtual router.
    pub fn create_virtual_router(&self, src_mac: Option<Mac>) -> Result<Oid<id::VirtualRouter>, Error> {
        let list = List::new().with_some(virtual_router::SRC_MAC_ADDRESS, src_mac);
        self.library().create(&CREATE_VR, self.id(), &list)
    }

    /// The MAC of a virtual router.
    pub fn virtual_router_mac(&self, router: Oid<id::VirtualRouter>) -> Result<Mac, Error> {
        self.library().get(&GET_VR, router, virtual_router::SRC_MAC_ADDRESS)
    }

    /// All virtual routers, where the library can list objects.
    pub fn virtual_routers(&self) -> Result<Vec<Oid<id::VirtualRouter>>, Error> {
        self.library().ids(self.id(), sai_object_type_t::SAI_OBJECT_TYPE_VIRTUAL_ROUTER)
    }

    /// Removes a virtual router.
    pub fn remove_virtual_router(&self, router: Oid<id::VirtualRouter>) -> Result<(), Error> {
        self.library().remove(&REMOVE_VR, router)
    }

    /// Creates a router interface.
    pub fn create_router_interface(&self, rif: &Rif) -> Result<Oid<id::RouterInterface>, Error> {
        let kind = |kind: rif_type| {
            List::new().with(at::VIRTUAL_ROUTER_ID, rif.virtual_router).with(at::TYPE, kind.0 as i32)
        };
        let list = match rif.kind {
            RifKind::Vlan(vlan) => kind(rif_type::SAI_ROUTER_INTERFACE_TYPE_VLAN).with(at::VLAN_ID, vlan),
            RifKind::Routed(parent) => {
                kind(rif_type::SAI_ROUTER_INTERFACE_TYPE_PORT).with(at::PORT_ID, parent.as_port())
            }
            RifKind::SubPort { parent, tag } => kind(rif_type::SAI_ROUTER_INTERFACE_TYPE_SUB_PORT)
                .with(at::PORT_ID, parent.as_port())
                .with(at::OUTER_VLAN_ID, tag.number()),
            RifKind::Bridge(bridge) => {
                kind(rif_type::SAI_ROUTER_INTERFACE_TYPE_BRIDGE).with(at::BRIDGE_ID, bridge)
            }
        };
        let list = list.with_some(at::SRC_MAC_ADDRESS, rif.src_mac);
        self.library().create(&CREATE, self.id(), &list)
    }

    /// Removes a router interface.
    pub fn remove_router_interface(&self, rif: Oid<id::RouterInterface>) -> Result<(), Error> {
        self.library().remove(&REMOVE, rif)
    }

    /// The MAC of a router interface.
    pub fn router_interface_mac(&self, rif: Oid<id::RouterInterface>) -> Result<Mac, Error> {
        self.library().get(&GET, rif, at::SRC_MAC_ADDRESS)
    }

    /// All router interfaces, where the library can list objects.
    pub fn router_interfaces(&self) -> Result<Vec<RifFound>, Error> {
        let all = self.library().ids(self.id(), sai_object_type_t::SAI_OBJECT_TYPE_ROUTER_INTERFACE)?;
        all.into_iter().map(|rif| self.router_interface(rif)).collect()
    }

    /// A router interface by its id.
    pub fn router_interface(&self, rif: Oid<id::RouterInterface>) -> Result<RifFound, Error> {
        let library = self.library();
        let parent = || Ok(Underlay::Port(library.get(&GET, rif, at::PORT_ID)?));
        let kind = match rif_type(library.get(&GET, rif, at::TYPE)? as u32) {
            rif_type::SAI_ROUTER_INTERFACE_TYPE_VLAN => {
                Some(RifKind::Vlan(library.get(&GET, rif, at::VLAN_ID)?))
            }
            rif_type::SAI_ROUTER_INTERFACE_TYPE_PORT => Some(RifKind::Routed(parent()?)),
            rif_type::SAI_ROUTER_INTERFACE_TYPE_SUB_PORT => {
                let tag = VlanId::new(library.get(&GET, rif, at::OUTER_VLAN_ID)?.into());
                let parent = parent()?;
                tag.map(|tag| RifKind::SubPort { parent, tag })
            }
            rif_type::SAI_ROUTER_INTERFACE_TYPE_BRIDGE => {
                Some(RifKind::Bridge(library.get(&GET, rif, at::BRIDGE_ID)?))
            }
            _ => None,
        };
        let virtual_router = library.get(&GET, rif, at::VIRTUAL_ROUTER_ID)?;
        Ok(RifFound { id: rif, virtual_router, kind })
    }
}

impl RifKind {
    /// Do both stand on the same? By raw id, for a port and a LAG cannot be told apart by what was read back.
    pub fn is_same(self, other: RifKind) -> bool {
        match (self, other) {
            (RifKind::Vlan(a), RifKind::Vlan(b)) => a == b,
            (RifKind::Bridge(a), RifKind::Bridge(b)) => a == b,
            (RifKind::Routed(a), RifKind::Routed(b)) => a.as_port() == b.as_port(),
            (RifKind::SubPort { parent: a, tag: s }, RifKind::SubPort { parent: b, tag: t }) => {
                a.as_port() == b.as_port() && s == t
            }
            _ => false,
        }
    }
}
