//! Which release of the API first had what: how long each method table is in every release, and
//! since when each member is there.
//!
//! A library built for an older release hands out a shorter table. Reading a member past its end is
//! an out-of-bounds read, not a NULL, so users ask here before they read.
//!
//! Invariant: measured data and look-ups in it; nothing here touches a table.

use core::fmt;
use core::mem::{offset_of, size_of};

use crate::bindings::*;

/// A release of the API; ordered by age.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Release {
    /// 1 so far.
    pub major: u16,
    /// Grows with every set of new features.
    pub minor: u16,
    /// Grows with corrections; tables have grown in them too.
    pub revision: u16,
}

impl Release {
    /// The oldest release whose attribute ids are those of this crate; ids shift in each minor
    /// release before it.
    pub const OLDEST: Self = r(1, 9, 0);
    /// The release that the header and the bindings state.
    pub const CURRENT: Self = r(SAI_MAJOR as u16, SAI_MINOR as u16, SAI_REVISION as u16);

    /// Takes apart what `sai_query_api_version` answers: the number of the C header's
    /// `SAI_VERSION()`. `None` if that is no release number.
    #[must_use]
    pub const fn from_api_version(version: sai_api_version_t) -> Option<Self> {
        if version >= 10_000 * 100 {
            return None;
        }
        Some(r((version / 10_000) as u16, (version / 100 % 100) as u16, (version % 100) as u16))
    }

    /// The number of the C header's `SAI_VERSION()`.
    #[must_use]
    pub const fn api_version(self) -> sai_api_version_t {
        10_000 * self.major as sai_api_version_t
            + 100 * self.minor as sai_api_version_t
            + self.revision as sai_api_version_t
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.revision)
    }
}

const fn r(major: u16, minor: u16, revision: u16) -> Release {
    Release { major, minor, revision }
}

/// Every release that was measured, oldest first.
pub const RELEASES: &[Release] = &[
    r(1, 9, 0),
    r(1, 9, 1),
    r(1, 10, 0),
    r(1, 10, 1),
    r(1, 10, 2),
    r(1, 11, 0),
    r(1, 12, 0),
    r(1, 12, 1),
    r(1, 13, 0),
    r(1, 13, 1),
    r(1, 13, 2),
    r(1, 13, 3),
    r(1, 14, 0),
    r(1, 14, 1),
    r(1, 15, 0),
    r(1, 15, 1),
    r(1, 15, 2),
    r(1, 15, 3),
    r(1, 15, 4),
    r(1, 15, 5),
    r(1, 15, 6),
    r(1, 15, 7),
    r(1, 16, 0),
    r(1, 16, 1),
    r(1, 16, 2),
    r(1, 16, 3),
    r(1, 16, 4),
    r(1, 17, 0),
    r(1, 17, 1),
    r(1, 17, 2),
    r(1, 17, 3),
    r(1, 17, 4),
    r(1, 17, 5),
    r(1, 18, 0),
    r(1, 18, 1),
];

/// A method table: what `sai_api_query` hands out for one API.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Name of the C type.
    pub name: &'static str,
    /// The API that it belongs to.
    pub api: sai_api_t,
    /// First release whose members are where this crate says: two tables moved some before it.
    pub settled: Release,
    /// The table's length in bytes since a release, oldest first.
    pub sizes: &'static [(Release, usize)],
    /// Every member, in the order of the table.
    pub members: &'static [Member],
}

/// One function pointer of a method table.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Name in C and in Rust.
    pub name: &'static str,
    /// Bytes from the start of the table.
    pub offset: usize,
    /// First release that has it, or [`Release::OLDEST`] if it is older than that.
    pub since: Release,
}

impl Table {
    /// Bytes of the table that a library of this release hands out. A release newer than those
    /// known has at least what the newest known one has; for one older than [`Release::OLDEST`]
    /// there is no answer.
    #[must_use]
    pub fn size_in(&self, release: Release) -> Option<usize> {
        self.sizes.iter().rev().find(|(since, _)| *since <= release).map(|(_, size)| *size)
    }

    /// May this member be read in the table of a library of this release? A name that the table
    /// does not have may not.
    #[must_use]
    pub fn has(&self, member: &str, release: Release) -> bool {
        let Some(member) = self.members.iter().find(|m| m.name == member) else { return false };
        let end = member.offset + size_of::<Option<unsafe extern "C" fn()>>();
        release >= self.settled
            && release >= member.since
            && self.size_in(release).is_some_and(|size| end <= size)
    }
}

/// A method table as a Rust type.
pub trait MethodTable {
    /// Its measured history.
    const TABLE: &'static Table;
}

/// States each table once. The offsets and the newest size come from the bindings.
macro_rules! tables {
    ($( $table:ident = $api:ident, settled $settled:tt, sizes [$($size_since:tt: $size:literal),*], {
        $( since $since:tt: $($member:ident),*; )*
    } )*) => {
        /// Every method table that this crate describes.
        pub const TABLES: &[&Table] = &[$(<$table as MethodTable>::TABLE),*];

        $(
            impl MethodTable for $table {
                const TABLE: &'static Table = &Table {
                    name: stringify!($table),
                    api: sai_api_t::$api,
                    settled: r $settled,
                    sizes: &[$((r $size_since, $size)),*],
                    members: &[$($(Member {
                        name: stringify!($member),
                        offset: offset_of!($table, $member),
                        since: r $since,
                    }),*),*],
                };
            }
        )*
    };
}

tables! {
    sai_bridge_api_t = SAI_API_BRIDGE, settled (1, 9, 0), sizes [(1, 9, 0): 112], {
        since (1, 9, 0):
            create_bridge, remove_bridge, set_bridge_attribute, get_bridge_attribute,
            get_bridge_stats, get_bridge_stats_ext, clear_bridge_stats, create_bridge_port,
            remove_bridge_port, set_bridge_port_attribute, get_bridge_port_attribute,
            get_bridge_port_stats, get_bridge_port_stats_ext, clear_bridge_port_stats;
    }

    sai_fdb_api_t = SAI_API_FDB, settled (1, 9, 0), sizes [(1, 9, 0): 72], {
        since (1, 9, 0):
            create_fdb_entry, remove_fdb_entry, set_fdb_entry_attribute, get_fdb_entry_attribute,
            flush_fdb_entries, create_fdb_entries, remove_fdb_entries, set_fdb_entries_attribute,
            get_fdb_entries_attribute;
    }

    sai_hostif_api_t = SAI_API_HOSTIF, settled (1, 9, 0), sizes [(1, 9, 0): 192], {
        since (1, 9, 0):
            create_hostif, remove_hostif, set_hostif_attribute, get_hostif_attribute,
            create_hostif_table_entry, remove_hostif_table_entry, set_hostif_table_entry_attribute,
            get_hostif_table_entry_attribute, create_hostif_trap_group, remove_hostif_trap_group,
            set_hostif_trap_group_attribute, get_hostif_trap_group_attribute, create_hostif_trap,
            remove_hostif_trap, set_hostif_trap_attribute, get_hostif_trap_attribute,
            create_hostif_user_defined_trap, remove_hostif_user_defined_trap,
            set_hostif_user_defined_trap_attribute, get_hostif_user_defined_trap_attribute,
            recv_hostif_packet, send_hostif_packet, allocate_hostif_packet, free_hostif_packet;
    }

    sai_lag_api_t = SAI_API_LAG, settled (1, 9, 0), sizes [(1, 9, 0): 80], {
        since (1, 9, 0):
            create_lag, remove_lag, set_lag_attribute, get_lag_attribute, create_lag_member,
            remove_lag_member, set_lag_member_attribute, get_lag_member_attribute,
            create_lag_members, remove_lag_members;
    }

    sai_neighbor_api_t = SAI_API_NEIGHBOR, settled (1, 9, 0), sizes [(1, 9, 0): 40, (1, 11, 0): 72], {
        since (1, 9, 0):
            create_neighbor_entry, remove_neighbor_entry, set_neighbor_entry_attribute,
            get_neighbor_entry_attribute, remove_all_neighbor_entries;
        since (1, 11, 0):
            create_neighbor_entries, remove_neighbor_entries, set_neighbor_entries_attribute,
            get_neighbor_entries_attribute;
    }

    sai_next_hop_group_api_t = SAI_API_NEXT_HOP_GROUP, settled (1, 11, 0), sizes [(1, 9, 0): 112, (1, 10, 0): 128, (1, 16, 0): 160], {
        since (1, 9, 0):
            create_next_hop_group, remove_next_hop_group, set_next_hop_group_attribute,
            get_next_hop_group_attribute, create_next_hop_group_member,
            remove_next_hop_group_member, set_next_hop_group_member_attribute,
            get_next_hop_group_member_attribute, create_next_hop_group_members,
            remove_next_hop_group_members, create_next_hop_group_map, remove_next_hop_group_map,
            set_next_hop_group_map_attribute, get_next_hop_group_map_attribute;
        since (1, 10, 0):
            set_next_hop_group_members_attribute, get_next_hop_group_members_attribute;
        since (1, 16, 0):
            create_next_hop_groups, remove_next_hop_groups, set_next_hop_groups_attribute,
            get_next_hop_groups_attribute;
    }

    sai_next_hop_api_t = SAI_API_NEXT_HOP, settled (1, 9, 0), sizes [(1, 9, 0): 32, (1, 13, 0): 64], {
        since (1, 9, 0):
            create_next_hop, remove_next_hop, set_next_hop_attribute, get_next_hop_attribute;
        since (1, 13, 0):
            create_next_hops, remove_next_hops, set_next_hops_attribute, get_next_hops_attribute;
    }

    sai_route_api_t = SAI_API_ROUTE, settled (1, 9, 0), sizes [(1, 9, 0): 64], {
        since (1, 9, 0):
            create_route_entry, remove_route_entry, set_route_entry_attribute,
            get_route_entry_attribute, create_route_entries, remove_route_entries,
            set_route_entries_attribute, get_route_entries_attribute;
    }

    sai_port_api_t = SAI_API_PORT, settled (1, 9, 0), sizes [(1, 9, 0): 184, (1, 10, 2): 216, (1, 13, 0): 248, (1, 18, 0): 280], {
        since (1, 9, 0):
            create_port, remove_port, set_port_attribute, get_port_attribute, get_port_stats,
            get_port_stats_ext, clear_port_stats, clear_port_all_stats, create_port_pool,
            remove_port_pool, set_port_pool_attribute, get_port_pool_attribute, get_port_pool_stats,
            get_port_pool_stats_ext, clear_port_pool_stats, create_port_connector,
            remove_port_connector, set_port_connector_attribute, get_port_connector_attribute,
            create_port_serdes, remove_port_serdes, set_port_serdes_attribute,
            get_port_serdes_attribute;
        since (1, 10, 2):
            create_ports, remove_ports, set_ports_attribute, get_ports_attribute;
        since (1, 13, 0):
            create_port_serdess, remove_port_serdess, set_port_serdess_attribute,
            get_port_serdess_attribute;
        since (1, 18, 0):
            create_port_llr_profile, remove_port_llr_profile, set_port_llr_profile_attribute,
            get_port_llr_profile_attribute;
    }

    sai_router_interface_api_t = SAI_API_ROUTER_INTERFACE, settled (1, 9, 0), sizes [(1, 9, 0): 56, (1, 14, 0): 88], {
        since (1, 9, 0):
            create_router_interface, remove_router_interface, set_router_interface_attribute,
            get_router_interface_attribute, get_router_interface_stats,
            get_router_interface_stats_ext, clear_router_interface_stats;
        since (1, 14, 0):
            create_router_interfaces, remove_router_interfaces, set_router_interfaces_attribute,
            get_router_interfaces_attribute;
    }

    sai_switch_api_t = SAI_API_SWITCH, settled (1, 9, 0), sizes [(1, 9, 0): 104, (1, 11, 0): 120], {
        since (1, 9, 0):
            create_switch, remove_switch, set_switch_attribute, get_switch_attribute,
            get_switch_stats, get_switch_stats_ext, clear_switch_stats, switch_mdio_read,
            switch_mdio_write, create_switch_tunnel, remove_switch_tunnel,
            set_switch_tunnel_attribute, get_switch_tunnel_attribute;
        since (1, 11, 0):
            switch_mdio_cl22_read, switch_mdio_cl22_write;
    }

    sai_tunnel_api_t = SAI_API_TUNNEL, settled (1, 11, 0), sizes [(1, 9, 0): 152, (1, 10, 0): 168, (1, 11, 0): 184], {
        since (1, 9, 0):
            create_tunnel_map, remove_tunnel_map, set_tunnel_map_attribute,
            get_tunnel_map_attribute, create_tunnel, remove_tunnel, set_tunnel_attribute,
            get_tunnel_attribute, get_tunnel_stats, get_tunnel_stats_ext, clear_tunnel_stats,
            create_tunnel_term_table_entry, remove_tunnel_term_table_entry,
            set_tunnel_term_table_entry_attribute, get_tunnel_term_table_entry_attribute,
            create_tunnel_map_entry, remove_tunnel_map_entry, set_tunnel_map_entry_attribute,
            get_tunnel_map_entry_attribute;
        since (1, 11, 0):
            create_tunnels, remove_tunnels;
        since (1, 10, 0):
            set_tunnels_attribute, get_tunnels_attribute;
    }

    sai_virtual_router_api_t = SAI_API_VIRTUAL_ROUTER, settled (1, 9, 0), sizes [(1, 9, 0): 32], {
        since (1, 9, 0):
            create_virtual_router, remove_virtual_router, set_virtual_router_attribute,
            get_virtual_router_attribute;
    }

    sai_vlan_api_t = SAI_API_VLAN, settled (1, 9, 0), sizes [(1, 9, 0): 104], {
        since (1, 9, 0):
            create_vlan, remove_vlan, set_vlan_attribute, get_vlan_attribute, create_vlan_member,
            remove_vlan_member, set_vlan_member_attribute, get_vlan_member_attribute,
            create_vlan_members, remove_vlan_members, get_vlan_stats, get_vlan_stats_ext,
            clear_vlan_stats;
    }

    sai_isolation_group_api_t = SAI_API_ISOLATION_GROUP, settled (1, 9, 0), sizes [(1, 9, 0): 64], {
        since (1, 9, 0):
            create_isolation_group, remove_isolation_group, set_isolation_group_attribute,
            get_isolation_group_attribute, create_isolation_group_member,
            remove_isolation_group_member, set_isolation_group_member_attribute,
            get_isolation_group_member_attribute;
    }
}
