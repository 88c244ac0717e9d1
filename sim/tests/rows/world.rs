//! One live object of each type that attributes name.

use std::cell::Cell;

use sai_sys::*;

use crate::support::*;

type T = sai_object_type_t;

/// One live object of each type that attributes name.
pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) port: u64,
    pub(crate) bridge_port: u64,
    pub(crate) bridge: u64,
    pub(crate) vlan: u64,
    pub(crate) lag: u64,
    pub(crate) hop: u64,
    pub(crate) group: u64,
    pub(crate) trap: u64,
    pub(crate) hostif: u64,
    pub(crate) isolation: u64,
    pub(crate) user_trap: u64,
    pub(crate) next: Cell<u32>,
}

macro_rules! create_one {
    ($world:expr, $table:ty, $api:ident, $create:ident, $attrs:expr) => {{
        let (api, attrs, mut id): (&'static $table, Vec<sai_attribute_t>, u64) =
            (table(sai_api_t::$api), $attrs, 0);
        // SAFETY: all places are ours.
        let status = unsafe {
            api.$create.unwrap()(&raw mut id, $world.switch.id(), attrs.len() as u32, attrs.as_ptr())
        };
        assert_eq!(status, SUCCESS, stringify!($create));
        id
    }};
}
pub(crate) use create_one;

pub(crate) fn ip(id: u32, text: &str) -> sai_attribute_t {
    attr(id, |v| v.ipaddr = address(text.parse().unwrap()))
}

pub(crate) fn text(id: u32, letter: u8) -> sai_attribute_t {
    let mut chars = [0; 32];
    chars[0] = letter as std::ffi::c_char;
    attr(id, |v| v.chardata = chars)
}

pub(crate) fn world() -> World {
    let client = Client::new(&[("SAI_SIM_PORTS", "2")]);
    let switch = &client.switch;
    let (vlan, bridge) = (switch.default_vlan(), switch.default_bridge());
    let port = switch.objects(T::SAI_OBJECT_TYPE_PORT)[1];
    let bridge_port = switch.objects(T::SAI_OBJECT_TYPE_BRIDGE_PORT)[0];
    let lag = create_one!(client, sai_lag_api_t, SAI_API_LAG, create_lag, vec![]);
    let hop_attrs = vec![num(0, 0), ip(1, "10.0.0.1"), oid(2, client.rif)];
    let hop = create_one!(client, sai_next_hop_api_t, SAI_API_NEXT_HOP, create_next_hop, hop_attrs);
    let group = create_one!(
        client,
        sai_next_hop_group_api_t,
        SAI_API_NEXT_HOP_GROUP,
        create_next_hop_group,
        vec![num(2, 0)]
    );
    let trap =
        create_one!(client, sai_hostif_api_t, SAI_API_HOSTIF, create_hostif_trap, vec![num(0, 1), num(1, 4)]);
    let user_trap = create_one!(
        client,
        sai_hostif_api_t,
        SAI_API_HOSTIF,
        create_hostif_user_defined_trap,
        vec![num(0, 1)]
    );
    let hostif = create_one!(
        client,
        sai_hostif_api_t,
        SAI_API_HOSTIF,
        create_hostif,
        vec![num(0, sai_hostif_type_t::SAI_HOSTIF_TYPE_FD.0)]
    );
    let isolation = create_one!(
        client,
        sai_isolation_group_api_t,
        SAI_API_ISOLATION_GROUP,
        create_isolation_group,
        vec![num(0, 0)]
    );
    World {
        client,
        port,
        bridge_port,
        bridge,
        vlan,
        lag,
        hop,
        group,
        trap,
        hostif,
        isolation,
        user_trap,
        next: Cell::new(10),
    }
}

impl World {
    pub(crate) fn number(&self) -> u32 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    /// An object that an attribute of these types may name.
    pub(crate) fn reference(&self, objects: &[T]) -> Option<u64> {
        objects.iter().find_map(|object| match *object {
            T::SAI_OBJECT_TYPE_PORT => Some(self.port),
            T::SAI_OBJECT_TYPE_LAG => Some(self.lag),
            T::SAI_OBJECT_TYPE_VLAN => Some(self.vlan),
            T::SAI_OBJECT_TYPE_BRIDGE => Some(self.bridge),
            T::SAI_OBJECT_TYPE_BRIDGE_PORT => Some(self.bridge_port),
            T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER => Some(self.client.switch.default_virtual_router()),
            T::SAI_OBJECT_TYPE_ROUTER_INTERFACE => Some(self.client.rif),
            T::SAI_OBJECT_TYPE_NEXT_HOP => Some(self.hop),
            T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP => Some(self.group),
            T::SAI_OBJECT_TYPE_HOSTIF => Some(self.hostif),
            T::SAI_OBJECT_TYPE_HOSTIF_TRAP => Some(self.trap),
            T::SAI_OBJECT_TYPE_HOSTIF_USER_DEFINED_TRAP => Some(self.user_trap),
            T::SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP => {
                self.client.switch.objects(T::SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP).first().copied()
            }
            T::SAI_OBJECT_TYPE_ISOLATION_GROUP => Some(self.isolation),
            T::SAI_OBJECT_TYPE_STP => self.client.switch.objects(T::SAI_OBJECT_TYPE_STP).first().copied(),
            T::SAI_OBJECT_TYPE_HASH => self.client.switch.objects(T::SAI_OBJECT_TYPE_HASH).first().copied(),
            _ => None,
        })
    }

    /// A live object of a type that is not among these.
    pub(crate) fn wrong_reference(&self, objects: &[T]) -> u64 {
        if objects.contains(&T::SAI_OBJECT_TYPE_VLAN) { self.isolation } else { self.vlan }
    }
}
