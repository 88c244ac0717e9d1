//! Every method table, in full: which function stands at which member.
//!
//! A member of an object type that is not simulated holds a function that answers NOT_IMPLEMENTED, so that only a
//! profile makes a member NULL.
//!
//! Invariant: no logic. The order is the struct's; a member that is missing does not compile.

use sai_sys as sys;

use super::{absent, entries, objects, stats, switches};
use crate::switch::fdb::Fdb;
use crate::switch::neighbor::Neighbors;
use crate::switch::route::Routes;

const fn n(object: sys::sai_object_type_t) -> u32 {
    object.0
}

const BRIDGE: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_BRIDGE);
const BRIDGE_PORT: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_BRIDGE_PORT);
const HOSTIF: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_HOSTIF);
const HOSTIF_TABLE_ENTRY: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_HOSTIF_TABLE_ENTRY);
const HOSTIF_TRAP: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_HOSTIF_TRAP);
const HOSTIF_TRAP_GROUP: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP);
const HOSTIF_USER_DEFINED_TRAP: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_HOSTIF_USER_DEFINED_TRAP);
const ISOLATION_GROUP: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_ISOLATION_GROUP);
const ISOLATION_GROUP_MEMBER: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER);
const LAG: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_LAG);
const LAG_MEMBER: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_LAG_MEMBER);
const NEXT_HOP: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_NEXT_HOP);
const NEXT_HOP_GROUP: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_NEXT_HOP_GROUP);
const NEXT_HOP_GROUP_MAP: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MAP);
const NEXT_HOP_GROUP_MEMBER: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER);
const PORT: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_PORT);
const PORT_CONNECTOR: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_PORT_CONNECTOR);
const PORT_LLR_PROFILE: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_PORT_LLR_PROFILE);
const PORT_POOL: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_PORT_POOL);
const PORT_SERDES: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_PORT_SERDES);
const ROUTER_INTERFACE: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_ROUTER_INTERFACE);
const SWITCH: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_SWITCH);
const SWITCH_TUNNEL: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_SWITCH_TUNNEL);
const TUNNEL: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_TUNNEL);
const TUNNEL_MAP: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_TUNNEL_MAP);
const TUNNEL_MAP_ENTRY: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_TUNNEL_MAP_ENTRY);
const TUNNEL_TERM_TABLE_ENTRY: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_TUNNEL_TERM_TABLE_ENTRY);
const VIRTUAL_ROUTER: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_VIRTUAL_ROUTER);
const VLAN: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_VLAN);
const VLAN_MEMBER: u32 = n(sys::sai_object_type_t::SAI_OBJECT_TYPE_VLAN_MEMBER);

pub(super) fn switch() -> sys::sai_switch_api_t {
    sys::sai_switch_api_t {
        create_switch: Some(switches::create),
        remove_switch: Some(switches::remove),
        set_switch_attribute: Some(objects::set::<SWITCH>),
        get_switch_attribute: Some(objects::get::<SWITCH>),
        get_switch_stats: Some(stats::get::<SWITCH>),
        get_switch_stats_ext: Some(stats::get_ext::<SWITCH>),
        clear_switch_stats: Some(stats::clear::<SWITCH>),
        switch_mdio_read: Some(absent::mdio_read),
        switch_mdio_write: Some(absent::mdio_write),
        create_switch_tunnel: Some(objects::create::<SWITCH_TUNNEL>),
        remove_switch_tunnel: Some(objects::remove::<SWITCH_TUNNEL>),
        set_switch_tunnel_attribute: Some(objects::set::<SWITCH_TUNNEL>),
        get_switch_tunnel_attribute: Some(objects::get::<SWITCH_TUNNEL>),
        switch_mdio_cl22_read: Some(absent::mdio_read),
        switch_mdio_cl22_write: Some(absent::mdio_write),
    }
}

pub(super) fn port() -> sys::sai_port_api_t {
    sys::sai_port_api_t {
        create_port: Some(objects::create::<PORT>),
        remove_port: Some(objects::remove::<PORT>),
        set_port_attribute: Some(objects::set::<PORT>),
        get_port_attribute: Some(objects::get::<PORT>),
        get_port_stats: Some(stats::get::<PORT>),
        get_port_stats_ext: Some(stats::get_ext::<PORT>),
        clear_port_stats: Some(stats::clear::<PORT>),
        clear_port_all_stats: Some(stats::clear_all::<PORT>),
        create_port_pool: Some(objects::create::<PORT_POOL>),
        remove_port_pool: Some(objects::remove::<PORT_POOL>),
        set_port_pool_attribute: Some(objects::set::<PORT_POOL>),
        get_port_pool_attribute: Some(objects::get::<PORT_POOL>),
        get_port_pool_stats: Some(stats::get::<PORT_POOL>),
        get_port_pool_stats_ext: Some(stats::get_ext::<PORT_POOL>),
        clear_port_pool_stats: Some(stats::clear::<PORT_POOL>),
        create_port_connector: Some(objects::create::<PORT_CONNECTOR>),
        remove_port_connector: Some(objects::remove::<PORT_CONNECTOR>),
        set_port_connector_attribute: Some(objects::set::<PORT_CONNECTOR>),
        get_port_connector_attribute: Some(objects::get::<PORT_CONNECTOR>),
        create_port_serdes: Some(objects::create::<PORT_SERDES>),
        remove_port_serdes: Some(objects::remove::<PORT_SERDES>),
        set_port_serdes_attribute: Some(objects::set::<PORT_SERDES>),
        get_port_serdes_attribute: Some(objects::get::<PORT_SERDES>),
        create_ports: Some(objects::create_many::<PORT>),
        remove_ports: Some(objects::remove_many::<PORT>),
        set_ports_attribute: Some(objects::set_many::<PORT>),
        get_ports_attribute: Some(objects::get_many::<PORT>),
        create_port_serdess: Some(objects::create_many::<PORT_SERDES>),
        remove_port_serdess: Some(objects::remove_many::<PORT_SERDES>),
        set_port_serdess_attribute: Some(objects::set_many::<PORT_SERDES>),
        get_port_serdess_attribute: Some(objects::get_many::<PORT_SERDES>),
        create_port_llr_profile: Some(objects::create::<PORT_LLR_PROFILE>),
        remove_port_llr_profile: Some(objects::remove::<PORT_LLR_PROFILE>),
        set_port_llr_profile_attribute: Some(objects::set::<PORT_LLR_PROFILE>),
        get_port_llr_profile_attribute: Some(objects::get::<PORT_LLR_PROFILE>),
    }
}

pub(super) fn fdb() -> sys::sai_fdb_api_t {
    sys::sai_fdb_api_t {
        create_fdb_entry: Some(entries::create::<Fdb>),
        remove_fdb_entry: Some(entries::remove::<Fdb>),
        set_fdb_entry_attribute: Some(entries::set::<Fdb>),
        get_fdb_entry_attribute: Some(entries::get::<Fdb>),
        flush_fdb_entries: Some(entries::flush_fdb),
        create_fdb_entries: Some(entries::create_many::<Fdb>),
        remove_fdb_entries: Some(entries::remove_many::<Fdb>),
        set_fdb_entries_attribute: Some(entries::set_many::<Fdb>),
        get_fdb_entries_attribute: Some(entries::get_many::<Fdb>),
    }
}

pub(super) fn vlan() -> sys::sai_vlan_api_t {
    sys::sai_vlan_api_t {
        create_vlan: Some(objects::create::<VLAN>),
        remove_vlan: Some(objects::remove::<VLAN>),
        set_vlan_attribute: Some(objects::set::<VLAN>),
        get_vlan_attribute: Some(objects::get::<VLAN>),
        create_vlan_member: Some(objects::create::<VLAN_MEMBER>),
        remove_vlan_member: Some(objects::remove::<VLAN_MEMBER>),
        set_vlan_member_attribute: Some(objects::set::<VLAN_MEMBER>),
        get_vlan_member_attribute: Some(objects::get::<VLAN_MEMBER>),
        create_vlan_members: Some(objects::create_many::<VLAN_MEMBER>),
        remove_vlan_members: Some(objects::remove_many::<VLAN_MEMBER>),
        get_vlan_stats: Some(stats::get::<VLAN>),
        get_vlan_stats_ext: Some(stats::get_ext::<VLAN>),
        clear_vlan_stats: Some(stats::clear::<VLAN>),
    }
}

pub(super) fn virtual_router() -> sys::sai_virtual_router_api_t {
    sys::sai_virtual_router_api_t {
        create_virtual_router: Some(objects::create::<VIRTUAL_ROUTER>),
        remove_virtual_router: Some(objects::remove::<VIRTUAL_ROUTER>),
        set_virtual_router_attribute: Some(objects::set::<VIRTUAL_ROUTER>),
        get_virtual_router_attribute: Some(objects::get::<VIRTUAL_ROUTER>),
    }
}

pub(super) fn route() -> sys::sai_route_api_t {
    sys::sai_route_api_t {
        create_route_entry: Some(entries::create::<Routes>),
        remove_route_entry: Some(entries::remove::<Routes>),
        set_route_entry_attribute: Some(entries::set::<Routes>),
        get_route_entry_attribute: Some(entries::get::<Routes>),
        create_route_entries: Some(entries::create_many::<Routes>),
        remove_route_entries: Some(entries::remove_many::<Routes>),
        set_route_entries_attribute: Some(entries::set_many::<Routes>),
        get_route_entries_attribute: Some(entries::get_many::<Routes>),
    }
}

pub(super) fn next_hop() -> sys::sai_next_hop_api_t {
    sys::sai_next_hop_api_t {
        create_next_hop: Some(objects::create::<NEXT_HOP>),
        remove_next_hop: Some(objects::remove::<NEXT_HOP>),
        set_next_hop_attribute: Some(objects::set::<NEXT_HOP>),
        get_next_hop_attribute: Some(objects::get::<NEXT_HOP>),
        create_next_hops: Some(objects::create_many::<NEXT_HOP>),
        remove_next_hops: Some(objects::remove_many::<NEXT_HOP>),
        set_next_hops_attribute: Some(objects::set_many::<NEXT_HOP>),
        get_next_hops_attribute: Some(objects::get_many::<NEXT_HOP>),
    }
}

pub(super) fn next_hop_group() -> sys::sai_next_hop_group_api_t {
    sys::sai_next_hop_group_api_t {
        create_next_hop_group: Some(objects::create::<NEXT_HOP_GROUP>),
        remove_next_hop_group: Some(objects::remove::<NEXT_HOP_GROUP>),
        set_next_hop_group_attribute: Some(objects::set::<NEXT_HOP_GROUP>),
        get_next_hop_group_attribute: Some(objects::get::<NEXT_HOP_GROUP>),
        create_next_hop_group_member: Some(objects::create::<NEXT_HOP_GROUP_MEMBER>),
        remove_next_hop_group_member: Some(objects::remove::<NEXT_HOP_GROUP_MEMBER>),
        set_next_hop_group_member_attribute: Some(objects::set::<NEXT_HOP_GROUP_MEMBER>),
        get_next_hop_group_member_attribute: Some(objects::get::<NEXT_HOP_GROUP_MEMBER>),
        create_next_hop_group_members: Some(objects::create_many::<NEXT_HOP_GROUP_MEMBER>),
        remove_next_hop_group_members: Some(objects::remove_many::<NEXT_HOP_GROUP_MEMBER>),
        create_next_hop_group_map: Some(objects::create::<NEXT_HOP_GROUP_MAP>),
        remove_next_hop_group_map: Some(objects::remove::<NEXT_HOP_GROUP_MAP>),
        set_next_hop_group_map_attribute: Some(objects::set::<NEXT_HOP_GROUP_MAP>),
        get_next_hop_group_map_attribute: Some(objects::get::<NEXT_HOP_GROUP_MAP>),
        set_next_hop_group_members_attribute: Some(objects::set_many::<NEXT_HOP_GROUP_MEMBER>),
        get_next_hop_group_members_attribute: Some(objects::get_many::<NEXT_HOP_GROUP_MEMBER>),
        create_next_hop_groups: Some(objects::create_many::<NEXT_HOP_GROUP>),
        remove_next_hop_groups: Some(objects::remove_many::<NEXT_HOP_GROUP>),
        set_next_hop_groups_attribute: Some(objects::set_many::<NEXT_HOP_GROUP>),
        get_next_hop_groups_attribute: Some(objects::get_many::<NEXT_HOP_GROUP>),
    }
}

pub(super) fn router_interface() -> sys::sai_router_interface_api_t {
    sys::sai_router_interface_api_t {
        create_router_interface: Some(objects::create::<ROUTER_INTERFACE>),
        remove_router_interface: Some(objects::remove::<ROUTER_INTERFACE>),
        set_router_interface_attribute: Some(objects::set::<ROUTER_INTERFACE>),
        get_router_interface_attribute: Some(objects::get::<ROUTER_INTERFACE>),
        get_router_interface_stats: Some(stats::get::<ROUTER_INTERFACE>),
        get_router_interface_stats_ext: Some(stats::get_ext::<ROUTER_INTERFACE>),
        clear_router_interface_stats: Some(stats::clear::<ROUTER_INTERFACE>),
        create_router_interfaces: Some(objects::create_many::<ROUTER_INTERFACE>),
        remove_router_interfaces: Some(objects::remove_many::<ROUTER_INTERFACE>),
        set_router_interfaces_attribute: Some(objects::set_many::<ROUTER_INTERFACE>),
        get_router_interfaces_attribute: Some(objects::get_many::<ROUTER_INTERFACE>),
    }
}

pub(super) fn neighbor() -> sys::sai_neighbor_api_t {
    sys::sai_neighbor_api_t {
        create_neighbor_entry: Some(entries::create::<Neighbors>),
        remove_neighbor_entry: Some(entries::remove::<Neighbors>),
        set_neighbor_entry_attribute: Some(entries::set::<Neighbors>),
        get_neighbor_entry_attribute: Some(entries::get::<Neighbors>),
        remove_all_neighbor_entries: Some(entries::remove_all_neighbors),
        create_neighbor_entries: Some(entries::create_many::<Neighbors>),
        remove_neighbor_entries: Some(entries::remove_many::<Neighbors>),
        set_neighbor_entries_attribute: Some(entries::set_many::<Neighbors>),
        get_neighbor_entries_attribute: Some(entries::get_many::<Neighbors>),
    }
}

pub(super) fn hostif() -> sys::sai_hostif_api_t {
    sys::sai_hostif_api_t {
        create_hostif: Some(objects::create::<HOSTIF>),
        remove_hostif: Some(objects::remove::<HOSTIF>),
        set_hostif_attribute: Some(objects::set::<HOSTIF>),
        get_hostif_attribute: Some(objects::get::<HOSTIF>),
        create_hostif_table_entry: Some(objects::create::<HOSTIF_TABLE_ENTRY>),
        remove_hostif_table_entry: Some(objects::remove::<HOSTIF_TABLE_ENTRY>),
        set_hostif_table_entry_attribute: Some(objects::set::<HOSTIF_TABLE_ENTRY>),
        get_hostif_table_entry_attribute: Some(objects::get::<HOSTIF_TABLE_ENTRY>),
        create_hostif_trap_group: Some(objects::create::<HOSTIF_TRAP_GROUP>),
        remove_hostif_trap_group: Some(objects::remove::<HOSTIF_TRAP_GROUP>),
        set_hostif_trap_group_attribute: Some(objects::set::<HOSTIF_TRAP_GROUP>),
        get_hostif_trap_group_attribute: Some(objects::get::<HOSTIF_TRAP_GROUP>),
        create_hostif_trap: Some(objects::create::<HOSTIF_TRAP>),
        remove_hostif_trap: Some(objects::remove::<HOSTIF_TRAP>),
        set_hostif_trap_attribute: Some(objects::set::<HOSTIF_TRAP>),
        get_hostif_trap_attribute: Some(objects::get::<HOSTIF_TRAP>),
        create_hostif_user_defined_trap: Some(objects::create::<HOSTIF_USER_DEFINED_TRAP>),
        remove_hostif_user_defined_trap: Some(objects::remove::<HOSTIF_USER_DEFINED_TRAP>),
        set_hostif_user_defined_trap_attribute: Some(objects::set::<HOSTIF_USER_DEFINED_TRAP>),
        get_hostif_user_defined_trap_attribute: Some(objects::get::<HOSTIF_USER_DEFINED_TRAP>),
        recv_hostif_packet: Some(absent::recv),
        send_hostif_packet: Some(absent::send),
        allocate_hostif_packet: Some(absent::allocate),
        free_hostif_packet: Some(absent::free),
    }
}

pub(super) fn lag() -> sys::sai_lag_api_t {
    sys::sai_lag_api_t {
        create_lag: Some(objects::create::<LAG>),
        remove_lag: Some(objects::remove::<LAG>),
        set_lag_attribute: Some(objects::set::<LAG>),
        get_lag_attribute: Some(objects::get::<LAG>),
        create_lag_member: Some(objects::create::<LAG_MEMBER>),
        remove_lag_member: Some(objects::remove::<LAG_MEMBER>),
        set_lag_member_attribute: Some(objects::set::<LAG_MEMBER>),
        get_lag_member_attribute: Some(objects::get::<LAG_MEMBER>),
        create_lag_members: Some(objects::create_many::<LAG_MEMBER>),
        remove_lag_members: Some(objects::remove_many::<LAG_MEMBER>),
    }
}

pub(super) fn tunnel() -> sys::sai_tunnel_api_t {
    sys::sai_tunnel_api_t {
        create_tunnel_map: Some(objects::create::<TUNNEL_MAP>),
        remove_tunnel_map: Some(objects::remove::<TUNNEL_MAP>),
        set_tunnel_map_attribute: Some(objects::set::<TUNNEL_MAP>),
        get_tunnel_map_attribute: Some(objects::get::<TUNNEL_MAP>),
        create_tunnel: Some(objects::create::<TUNNEL>),
        remove_tunnel: Some(objects::remove::<TUNNEL>),
        set_tunnel_attribute: Some(objects::set::<TUNNEL>),
        get_tunnel_attribute: Some(objects::get::<TUNNEL>),
        get_tunnel_stats: Some(stats::get::<TUNNEL>),
        get_tunnel_stats_ext: Some(stats::get_ext::<TUNNEL>),
        clear_tunnel_stats: Some(stats::clear::<TUNNEL>),
        create_tunnel_term_table_entry: Some(objects::create::<TUNNEL_TERM_TABLE_ENTRY>),
        remove_tunnel_term_table_entry: Some(objects::remove::<TUNNEL_TERM_TABLE_ENTRY>),
        set_tunnel_term_table_entry_attribute: Some(objects::set::<TUNNEL_TERM_TABLE_ENTRY>),
        get_tunnel_term_table_entry_attribute: Some(objects::get::<TUNNEL_TERM_TABLE_ENTRY>),
        create_tunnel_map_entry: Some(objects::create::<TUNNEL_MAP_ENTRY>),
        remove_tunnel_map_entry: Some(objects::remove::<TUNNEL_MAP_ENTRY>),
        set_tunnel_map_entry_attribute: Some(objects::set::<TUNNEL_MAP_ENTRY>),
        get_tunnel_map_entry_attribute: Some(objects::get::<TUNNEL_MAP_ENTRY>),
        create_tunnels: Some(objects::create_many::<TUNNEL>),
        remove_tunnels: Some(objects::remove_many::<TUNNEL>),
        set_tunnels_attribute: Some(objects::set_many::<TUNNEL>),
        get_tunnels_attribute: Some(objects::get_many::<TUNNEL>),
    }
}

pub(super) fn bridge() -> sys::sai_bridge_api_t {
    sys::sai_bridge_api_t {
        create_bridge: Some(objects::create::<BRIDGE>),
        remove_bridge: Some(objects::remove::<BRIDGE>),
        set_bridge_attribute: Some(objects::set::<BRIDGE>),
        get_bridge_attribute: Some(objects::get::<BRIDGE>),
        get_bridge_stats: Some(stats::get::<BRIDGE>),
        get_bridge_stats_ext: Some(stats::get_ext::<BRIDGE>),
        clear_bridge_stats: Some(stats::clear::<BRIDGE>),
        create_bridge_port: Some(objects::create::<BRIDGE_PORT>),
        remove_bridge_port: Some(objects::remove::<BRIDGE_PORT>),
        set_bridge_port_attribute: Some(objects::set::<BRIDGE_PORT>),
        get_bridge_port_attribute: Some(objects::get::<BRIDGE_PORT>),
        get_bridge_port_stats: Some(stats::get::<BRIDGE_PORT>),
        get_bridge_port_stats_ext: Some(stats::get_ext::<BRIDGE_PORT>),
        clear_bridge_port_stats: Some(stats::clear::<BRIDGE_PORT>),
    }
}

pub(super) fn isolation_group() -> sys::sai_isolation_group_api_t {
    sys::sai_isolation_group_api_t {
        create_isolation_group: Some(objects::create::<ISOLATION_GROUP>),
        remove_isolation_group: Some(objects::remove::<ISOLATION_GROUP>),
        set_isolation_group_attribute: Some(objects::set::<ISOLATION_GROUP>),
        get_isolation_group_attribute: Some(objects::get::<ISOLATION_GROUP>),
        create_isolation_group_member: Some(objects::create::<ISOLATION_GROUP_MEMBER>),
        remove_isolation_group_member: Some(objects::remove::<ISOLATION_GROUP_MEMBER>),
        set_isolation_group_member_attribute: Some(objects::set::<ISOLATION_GROUP_MEMBER>),
        get_isolation_group_member_attribute: Some(objects::get::<ISOLATION_GROUP_MEMBER>),
    }
}
