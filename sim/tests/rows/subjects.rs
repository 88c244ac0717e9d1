//! Every type with its functions, and the attributes of a create that succeeds.

use std::sync::atomic::{AtomicU32, Ordering};

use sai::facts::{self, Facts};
use sai_sys::*;

use crate::support::*;
use crate::world::{World, create_one, ip, text};

type T = sai_object_type_t;
pub(crate) type Create<'a> = Box<dyn Fn(&[sai_attribute_t]) -> Result<u64, sai_status_t> + 'a>;
pub(crate) type Change<'a> = Box<dyn Fn(u64, &mut sai_attribute_t) -> sai_status_t + 'a>;
pub(crate) type Remove<'a> = Box<dyn Fn(u64) -> sai_status_t + 'a>;
pub(crate) type Functions<'a> = (Create<'a>, Remove<'a>, Change<'a>, Change<'a>);

/// An object type with its functions and the attributes of a create that succeeds.
pub(crate) struct Subject<'a> {
    pub(crate) facts: &'static Facts,
    /// A function, because some attributes must differ between two objects.
    pub(crate) good: Box<dyn Fn() -> Vec<sai_attribute_t> + 'a>,
    pub(crate) create: Create<'a>,
    pub(crate) remove: Remove<'a>,
    pub(crate) set: Change<'a>,
    pub(crate) get: Change<'a>,
}

macro_rules! functions {
    ($world:expr, $table:ty, $api:ident, $create:ident, $remove:ident, $set:ident, $get:ident) => {{
        let api: &'static $table = table(sai_api_t::$api);
        let switch = $world.client.switch.id();
        let create: Create = Box::new(move |attrs| {
            let mut id = 0;
            // SAFETY: all places are ours.
            let status =
                unsafe { api.$create.unwrap()(&raw mut id, switch, attrs.len() as u32, attrs.as_ptr()) };
            if status == SUCCESS { Ok(id) } else { Err(status) }
        });
        // SAFETY: no pointers.
        let remove: Remove = Box::new(move |id| unsafe { api.$remove.unwrap()(id) });
        // SAFETY: all places are ours.
        let set: Change = Box::new(move |id, attr| unsafe { api.$set.unwrap()(id, attr) });
        // SAFETY: all places are ours.
        let get: Change = Box::new(move |id, attr| unsafe { api.$get.unwrap()(id, 1, attr) });
        (create, remove, set, get)
    }};
}

impl World {
    pub(crate) fn subjects<'a>(&'a self) -> Vec<Subject<'a>> {
        let mut subjects = Vec::new();
        let mut add =
            |object: T, good: Box<dyn Fn() -> Vec<sai_attribute_t> + 'a>, functions: Functions<'a>| {
                let (create, remove, set, get) = functions;
                subjects.push(Subject { facts: facts::of(object).unwrap(), good, create, remove, set, get });
            };
        let vr = self.client.switch.default_virtual_router();
        macro_rules! add {
            ($object:ident, $table:ty, $api:ident, $c:ident, $r:ident, $s:ident, $g:ident, $good:expr) => {
                add(T::$object, Box::new(move || $good), functions!(self, $table, $api, $c, $r, $s, $g))
            };
        }
        add!(
            SAI_OBJECT_TYPE_PORT,
            sai_port_api_t,
            SAI_API_PORT,
            create_port,
            remove_port,
            set_port_attribute,
            get_port_attribute,
            {
                let lane = Box::leak(Box::new(1000 + self.number()));
                vec![
                    attr(30, |v| v.u32list = sai_u32_list_t { count: 1, list: &raw mut *lane }),
                    num(31, 100_000),
                ]
            }
        );
        add!(
            SAI_OBJECT_TYPE_VLAN,
            sai_vlan_api_t,
            SAI_API_VLAN,
            create_vlan,
            remove_vlan,
            set_vlan_attribute,
            get_vlan_attribute,
            vec![num(0, self.number())]
        );
        add!(
            SAI_OBJECT_TYPE_VLAN_MEMBER,
            sai_vlan_api_t,
            SAI_API_VLAN,
            create_vlan_member,
            remove_vlan_member,
            set_vlan_member_attribute,
            get_vlan_member_attribute,
            {
                let vlan = create_one!(
                    self.client,
                    sai_vlan_api_t,
                    SAI_API_VLAN,
                    create_vlan,
                    vec![num(0, self.number())]
                );
                vec![oid(0, vlan), oid(1, self.bridge_port)]
            }
        );
        add!(
            SAI_OBJECT_TYPE_BRIDGE,
            sai_bridge_api_t,
            SAI_API_BRIDGE,
            create_bridge,
            remove_bridge,
            set_bridge_attribute,
            get_bridge_attribute,
            vec![num(0, 1)]
        );
        add!(
            SAI_OBJECT_TYPE_BRIDGE_PORT,
            sai_bridge_api_t,
            SAI_API_BRIDGE,
            create_bridge_port,
            remove_bridge_port,
            set_bridge_port_attribute,
            get_bridge_port_attribute,
            vec![num(0, 1), oid(1, self.port), num(3, 7), oid(6, self.bridge)]
        );
        add!(
            SAI_OBJECT_TYPE_LAG,
            sai_lag_api_t,
            SAI_API_LAG,
            create_lag,
            remove_lag,
            set_lag_attribute,
            get_lag_attribute,
            vec![]
        );
        add!(
            SAI_OBJECT_TYPE_LAG_MEMBER,
            sai_lag_api_t,
            SAI_API_LAG,
            create_lag_member,
            remove_lag_member,
            set_lag_member_attribute,
            get_lag_member_attribute,
            vec![oid(0, self.lag), oid(1, self.port)]
        );
        add!(
            SAI_OBJECT_TYPE_ISOLATION_GROUP,
            sai_isolation_group_api_t,
            SAI_API_ISOLATION_GROUP,
            create_isolation_group,
            remove_isolation_group,
            set_isolation_group_attribute,
            get_isolation_group_attribute,
            vec![num(0, 0)]
        );
        add!(
            SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER,
            sai_isolation_group_api_t,
            SAI_API_ISOLATION_GROUP,
            create_isolation_group_member,
            remove_isolation_group_member,
            set_isolation_group_member_attribute,
            get_isolation_group_member_attribute,
            vec![oid(0, self.isolation), oid(1, self.port)]
        );
        add!(
            SAI_OBJECT_TYPE_VIRTUAL_ROUTER,
            sai_virtual_router_api_t,
            SAI_API_VIRTUAL_ROUTER,
            create_virtual_router,
            remove_virtual_router,
            set_virtual_router_attribute,
            get_virtual_router_attribute,
            vec![]
        );
        // Each type of router interface has its own mandatory attributes.
        for more in [
            vec![num(1, 0), oid(2, self.port)],
            vec![num(1, 1), oid(3, self.vlan)],
            vec![num(1, 2)],
            vec![num(1, 3)],
            vec![num(1, 4), oid(2, self.lag), num(4, 7)],
            vec![num(1, 5), oid(6, self.bridge)],
            vec![num(1, 6), num(4, 7), num(5, 8)],
        ] {
            add!(
                SAI_OBJECT_TYPE_ROUTER_INTERFACE,
                sai_router_interface_api_t,
                SAI_API_ROUTER_INTERFACE,
                create_router_interface,
                remove_router_interface,
                set_router_interface_attribute,
                get_router_interface_attribute,
                [&[oid(0, vr)][..], &more].concat()
            );
        }
        add!(
            SAI_OBJECT_TYPE_NEXT_HOP,
            sai_next_hop_api_t,
            SAI_API_NEXT_HOP,
            create_next_hop,
            remove_next_hop,
            set_next_hop_attribute,
            get_next_hop_attribute,
            vec![num(0, 0), ip(1, "10.0.0.9"), oid(2, self.client.rif)]
        );
        add!(
            SAI_OBJECT_TYPE_NEXT_HOP_GROUP,
            sai_next_hop_group_api_t,
            SAI_API_NEXT_HOP_GROUP,
            create_next_hop_group,
            remove_next_hop_group,
            set_next_hop_group_attribute,
            get_next_hop_group_attribute,
            vec![num(2, 0)]
        );
        add!(
            SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER,
            sai_next_hop_group_api_t,
            SAI_API_NEXT_HOP_GROUP,
            create_next_hop_group_member,
            remove_next_hop_group_member,
            set_next_hop_group_member_attribute,
            get_next_hop_group_member_attribute,
            vec![oid(0, self.group), oid(1, self.hop)]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif,
            remove_hostif,
            set_hostif_attribute,
            get_hostif_attribute,
            vec![num(0, 0), oid(1, self.port), text(2, 0x61)]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif_trap_group,
            remove_hostif_trap_group,
            set_hostif_trap_group_attribute,
            get_hostif_trap_group_attribute,
            vec![]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF_TRAP,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif_trap,
            remove_hostif_trap,
            set_hostif_trap_attribute,
            get_hostif_trap_attribute,
            vec![num(0, 2), num(1, 4)]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF_USER_DEFINED_TRAP,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif_user_defined_trap,
            remove_hostif_user_defined_trap,
            set_hostif_user_defined_trap_attribute,
            get_hostif_user_defined_trap_attribute,
            vec![num(0, 2)]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF_TABLE_ENTRY,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif_table_entry,
            remove_hostif_table_entry,
            set_hostif_table_entry_attribute,
            get_hostif_table_entry_attribute,
            vec![num(0, 0), oid(1, self.port), oid(2, self.trap), num(3, 1), oid(4, self.hostif)]
        );
        add!(
            SAI_OBJECT_TYPE_TUNNEL,
            sai_tunnel_api_t,
            SAI_API_TUNNEL,
            create_tunnel,
            remove_tunnel,
            set_tunnel_attribute,
            get_tunnel_attribute,
            vec![num(0, sai_tunnel_type_t::SAI_TUNNEL_TYPE_VXLAN.0), oid(1, self.client.rif)]
        );
        self.add_entries(&mut add);
        self.add_switch(&mut add);
        subjects
    }

    pub(crate) fn add_entries<'a>(
        &'a self,
        add: &mut impl FnMut(T, Box<dyn Fn() -> Vec<sai_attribute_t> + 'a>, Functions<'a>),
    ) {
        macro_rules! entry {
            ($object:ident, $table:ty, $api:ident, $c:ident, $r:ident, $s:ident, $g:ident, $key:expr, $good:expr) => {{
                let (api, key): (&'static $table, _) = (table(sai_api_t::$api), $key);
                let create: Create = Box::new(move |attrs| {
                    // SAFETY: all places are ours.
                    match unsafe { api.$c.unwrap()(&raw const key, attrs.len() as u32, attrs.as_ptr()) } {
                        SUCCESS => Ok(1),
                        status => Err(status),
                    }
                });
                // SAFETY: all places are ours.
                let remove: Remove = Box::new(move |_| unsafe { api.$r.unwrap()(&raw const key) });
                // SAFETY: all places are ours.
                let set: Change = Box::new(move |_, attr| unsafe { api.$s.unwrap()(&raw const key, attr) });
                // SAFETY: all places are ours.
                let get: Change =
                    Box::new(move |_, attr| unsafe { api.$g.unwrap()(&raw const key, 1, attr) });
                add(T::$object, Box::new(move || $good), (create, remove, set, get));
            }};
        }
        entry!(
            SAI_OBJECT_TYPE_NEIGHBOR_ENTRY,
            sai_neighbor_api_t,
            SAI_API_NEIGHBOR,
            create_neighbor_entry,
            remove_neighbor_entry,
            set_neighbor_entry_attribute,
            get_neighbor_entry_attribute,
            self.client.entry("10.0.0.77"),
            vec![mac(1)]
        );
        let fdb = sai_fdb_entry_t {
            switch_id: self.client.switch.id(),
            mac_address: [2, 0, 0, 0, 0, 77],
            bv_id: self.vlan,
        };
        entry!(
            SAI_OBJECT_TYPE_FDB_ENTRY,
            sai_fdb_api_t,
            SAI_API_FDB,
            create_fdb_entry,
            remove_fdb_entry,
            set_fdb_entry_attribute,
            get_fdb_entry_attribute,
            fdb,
            vec![num(0, 1)]
        );
        let all = address("0.0.0.0".parse().unwrap());
        let route = sai_route_entry_t {
            switch_id: self.client.switch.id(),
            vr_id: self.client.switch.default_virtual_router(),
            destination: sai_ip_prefix_t { addr_family: all.addr_family, addr: all.addr, mask: all.addr },
        };
        entry!(
            SAI_OBJECT_TYPE_ROUTE_ENTRY,
            sai_route_api_t,
            SAI_API_ROUTE,
            create_route_entry,
            remove_route_entry,
            set_route_entry_attribute,
            get_route_entry_attribute,
            route,
            vec![]
        );
    }

    pub(crate) fn add_switch<'a>(
        &'a self,
        add: &mut impl FnMut(T, Box<dyn Fn() -> Vec<sai_attribute_t> + 'a>, Functions<'a>),
    ) {
        let api: &'static sai_switch_api_t = table(sai_api_t::SAI_API_SWITCH);
        let create: Create = Box::new(move |attrs| {
            let mut id = 0;
            // SAFETY: all places are ours.
            match unsafe { api.create_switch.unwrap()(&raw mut id, attrs.len() as u32, attrs.as_ptr()) } {
                SUCCESS => Ok(id),
                status => Err(status),
            }
        });
        // SAFETY: no pointers.
        let remove: Remove = Box::new(move |id| unsafe { api.remove_switch.unwrap()(id) });
        // SAFETY: all places are ours.
        let set: Change = Box::new(move |id, attr| unsafe { api.set_switch_attribute.unwrap()(id, attr) });
        // SAFETY: all places are ours.
        let get: Change = Box::new(move |id, attr| unsafe { api.get_switch_attribute.unwrap()(id, 1, attr) });
        let good = || {
            // Unlike all else, switches of tests that run at the same time meet.
            static NEXT: AtomicU32 = AtomicU32::new(1);
            let info = Box::leak(Box::new(
                (NEXT.fetch_add(2, Ordering::Relaxed) | 1).to_be_bytes().map(|b| b as i8),
            ));
            let list = sai_s8_list_t { count: 4, list: info.as_mut_ptr() };
            vec![flag(116, true), attr(114, |v| v.s8list = list)]
        };
        add(T::SAI_OBJECT_TYPE_SWITCH, Box::new(good), (create, remove, set, get));
    }
}
