//! Virtual routers, router interfaces, neighbours, next hops, routes.
//!
//! Invariant: rows only, one for each attribute of the release, in the order of their ids.

use super::Init::*;
use super::Kind::*;
use super::enums::*;
use super::objects::*;
use super::{Attr, CREATE, MANDATORY, READ, SET, row};

pub(crate) const VIRTUAL_ROUTER_ATTRS: &[Attr] = &[
    row(0, "ADMIN_V4_STATE", Bool, SET).default(Is(true)),
    row(1, "ADMIN_V6_STATE", Bool, SET).default(Is(true)),
    row(2, "SRC_MAC_ADDRESS", Mac, SET).default(Switch(83)),
    row(3, "VIOLATION_TTL1_PACKET_ACTION", Enum, SET).default(Num(4)).of(PACKET_ACTION),
    row(4, "VIOLATION_IP_OPTIONS_PACKET_ACTION", Enum, SET).default(Num(4)).of(PACKET_ACTION),
    row(5, "UNKNOWN_L3_MULTICAST_PACKET_ACTION", Enum, SET).default(Num(0)).of(PACKET_ACTION),
    row(6, "LABEL", Chars, SET).default(Empty),
];

pub(crate) const ROUTER_INTERFACE_ATTRS: &[Attr] = &[
    row(0, "VIRTUAL_ROUTER_ID", Oid, MANDATORY | CREATE).refers(&[VIRTUAL_ROUTER]),
    row(1, "TYPE", Enum, MANDATORY | CREATE).of(ROUTER_INTERFACE_TYPE),
    row(2, "PORT_ID", Oid, MANDATORY | CREATE).refers(&[PORT, LAG, SYSTEM_PORT]).when(&[(1, 0), (1, 4)]),
    row(3, "VLAN_ID", Oid, MANDATORY | CREATE).refers(&[VLAN]).when(&[(1, 1)]),
    row(4, "OUTER_VLAN_ID", U16, MANDATORY | CREATE).when(&[(1, 6), (1, 4)]),
    row(5, "INNER_VLAN_ID", U16, MANDATORY | CREATE).when(&[(1, 6)]),
    row(6, "BRIDGE_ID", Oid, MANDATORY | CREATE).refers(&[BRIDGE]).when(&[(1, 5)]),
    row(7, "SRC_MAC_ADDRESS", Mac, SET).default(VirtualRouter(2)),
    row(8, "ADMIN_V4_STATE", Bool, SET).default(Is(true)),
    row(9, "ADMIN_V6_STATE", Bool, SET).default(Is(true)),
    row(10, "MTU", U32, SET).default(Num(1514)),
    row(11, "INGRESS_ACL", Oid, SET).default(Null).refers(&[ACL_TABLE, ACL_TABLE_GROUP]).nullable(),
    row(12, "EGRESS_ACL", Oid, SET).default(Null).refers(&[ACL_TABLE, ACL_TABLE_GROUP]).nullable(),
    row(13, "NEIGHBOR_MISS_PACKET_ACTION", Enum, SET).default(Num(4)).of(PACKET_ACTION),
    row(14, "V4_MCAST_ENABLE", Bool, SET).default(Is(false)),
    row(15, "V6_MCAST_ENABLE", Bool, SET).default(Is(false)),
    row(16, "LOOPBACK_PACKET_ACTION", Enum, SET).default(Num(1)).of(PACKET_ACTION),
    row(17, "IS_VIRTUAL", Bool, CREATE).default(Is(false)),
    row(18, "NAT_ZONE_ID", U8, SET).default(Num(0)),
    row(19, "DISABLE_DECREMENT_TTL", Bool, SET).default(Is(false)),
    row(20, "ADMIN_MPLS_STATE", Bool, SET).default(Is(false)),
    row(21, "STATS_COUNT_MODE", Enum, SET).default(Num(0)).of(STATS_COUNT_MODE),
    row(22, "SELECTIVE_COUNTER_LIST", Oids, SET).default(Empty).refers(&[COUNTER]),
    row(23, "LABEL", Chars, SET).default(Empty),
    row(24, "MY_MAC", Oid, CREATE).default(Null).refers(&[MY_MAC]).nullable(),
    row(25, "QOS_DSCP_TO_TC_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(26, "QOS_DSCP_TO_COLOR_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(27, "QOS_DOT1P_TO_TC_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(28, "QOS_DOT1P_TO_COLOR_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(29, "QOS_TC_AND_COLOR_TO_DSCP_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(30, "QOS_TC_AND_COLOR_TO_DOT1P_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
];

pub(crate) const NEIGHBOR_ENTRY_ATTRS: &[Attr] = &[
    row(0, "DST_MAC_ADDRESS", Mac, MANDATORY | SET),
    row(1, "PACKET_ACTION", Enum, SET).default(Num(1)).of(PACKET_ACTION),
    row(2, "USER_TRAP_ID", Oid, SET).default(Null).refers(&[HOSTIF_USER_DEFINED_TRAP]).nullable(),
    row(3, "NO_HOST_ROUTE", Bool, SET).default(Is(false)),
    row(4, "META_DATA", U32, SET).default(Num(0)),
    row(5, "COUNTER_ID", Oid, SET).default(Null).refers(&[COUNTER]).nullable(),
    row(6, "ENCAP_INDEX", U32, SET).default(Vendor),
    row(7, "ENCAP_IMPOSE_INDEX", Bool, SET).default(Is(false)),
    row(8, "IS_LOCAL", Bool, SET).default(Is(true)),
    row(9, "IP_ADDR_FAMILY", Enum, READ).of(IP_ADDR_FAMILY),
];

pub(crate) const NEXT_HOP_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | CREATE).of(NEXT_HOP_TYPE),
    row(1, "IP", Ip, MANDATORY | CREATE).when(&[(0, 0), (0, 1), (0, 2), (0, 4), (0, 5)]),
    row(2, "ROUTER_INTERFACE_ID", Oid, MANDATORY | CREATE).refers(&[ROUTER_INTERFACE]).when(&[(0, 0), (0, 1), (0, 4)]),
    row(3, "TUNNEL_ID", Oid, MANDATORY | CREATE).refers(&[TUNNEL]).when(&[(0, 2), (0, 3), (0, 5)]),
    row(4, "TUNNEL_VNI", U32, SET).default(Num(0)).only(&[&[(0, 2)]]),
    row(5, "TUNNEL_MAC", Mac, SET).default(Switch(148)).only(&[&[(0, 2)]]),
    row(6, "SRV6_SIDLIST_ID", Oid, MANDATORY | CREATE).refers(&[SRV6_SIDLIST]).nullable().when(&[(0, 3)]),
    row(7, "LABELSTACK", U32s, MANDATORY | CREATE).when(&[(0, 1)]),
    row(8, "COUNTER_ID", Oid, SET).default(Null).refers(&[COUNTER]).nullable(),
    row(9, "DISABLE_DECREMENT_TTL", Bool, SET).default(Is(false)),
    row(10, "OUTSEG_TYPE", Enum, SET).default(Num(1)).of(OUTSEG_TYPE).only(&[&[(0, 1)]]),
    row(11, "OUTSEG_TTL_MODE", Enum, SET).default(Num(0)).of(OUTSEG_TTL_MODE).only(&[&[(0, 1)], &[(10, 0)]]),
    row(12, "OUTSEG_TTL_VALUE", U8, SET).default(Num(255)).only(&[&[(0, 1)], &[(10, 0)], &[(11, 1)]]),
    row(13, "OUTSEG_EXP_MODE", Enum, SET).default(Num(0)).of(OUTSEG_EXP_MODE).only(&[&[(0, 1)], &[(10, 0)]]),
    row(14, "OUTSEG_EXP_VALUE", U8, SET).default(Num(0)).only(&[&[(0, 1)], &[(10, 0)], &[(11, 1)]]),
    row(15, "QOS_TC_AND_COLOR_TO_MPLS_EXP_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable().only(&[&[(0, 1)], &[(10, 0)], &[(11, 0)]]),
    row(16, "DISABLE_SRC_MAC_REWRITE", Bool, SET).default(Is(false)),
    row(17, "DISABLE_DST_MAC_REWRITE", Bool, SET).default(Is(false)),
    row(18, "DISABLE_VLAN_REWRITE", Bool, SET).default(Is(false)),
    row(19, "META_DATA", U32, SET).default(Num(0)),
];

pub(crate) const NEXT_HOP_GROUP_ATTRS: &[Attr] = &[
    row(0, "NEXT_HOP_COUNT", U32, READ),
    row(1, "NEXT_HOP_MEMBER_LIST", Oids, READ).refers(&[NEXT_HOP_GROUP_MEMBER]),
    row(2, "TYPE", Enum, MANDATORY | CREATE).of(NEXT_HOP_GROUP_TYPE),
    row(3, "SET_SWITCHOVER", Bool, SET).default(Is(false)).only(&[&[(2, 3)]]),
    row(4, "COUNTER_ID", Oid, SET).default(Null).refers(&[COUNTER]).nullable(),
    row(5, "CONFIGURED_SIZE", U32, CREATE).default(Num(0)).only(&[&[(2, 2), (2, 4)]]),
    row(6, "REAL_SIZE", U32, READ),
    row(7, "SELECTION_MAP", Oid, SET).default(Null).refers(&[NEXT_HOP_GROUP_MAP]).nullable().only(&[&[(2, 4)]]),
    row(8, "HIERARCHICAL_NEXTHOP", Bool, CREATE).default(Is(true)).only(&[&[(2, 0), (2, 1)]]),
    row(9, "ARS_OBJECT_ID", Oid, SET).default(Null).refers(&[ARS]).nullable(),
    row(10, "ARS_PACKET_DROPS", U32, READ),
    row(11, "ARS_NEXT_HOP_REASSIGNMENTS", U32, READ),
    row(12, "ARS_PORT_REASSIGNMENTS", U32, READ),
    row(13, "NEXT_HOP_LIST", Oids, SET).default(Empty).refers(&[NEXT_HOP]).only(&[&[(2, 6)]]),
    row(14, "NEXT_HOP_MEMBER_WEIGHT_LIST", U32s, SET).default(Empty).only(&[&[(2, 6)]]),
    row(15, "NEXT_HOP_MEMBER_COUNTER_LIST", Oids, SET).default(Empty).refers(&[COUNTER]).only(&[&[(2, 6)]]),
    row(16, "HASH_ALGORITHM", Enum, CREATE).default(Num(7)).of(HASH_ALGORITHM).only(&[&[(2, 0), (2, 1)]]),
    row(17, "LABEL", Chars, SET).default(Empty),
    row(18, "ADMIN_ROLE", Enum, SET).default(Num(0)).of(NEXT_HOP_GROUP_ADMIN_ROLE).only(&[&[(2, 5)]]),
];

pub(crate) const NEXT_HOP_GROUP_MEMBER_ATTRS: &[Attr] = &[
    row(0, "NEXT_HOP_GROUP_ID", Oid, MANDATORY | CREATE).refers(&[NEXT_HOP_GROUP]),
    row(1, "NEXT_HOP_ID", Oid, MANDATORY | SET).refers(&[NEXT_HOP, NEXT_HOP_GROUP]),
    row(2, "WEIGHT", U32, SET).default(Num(1)),
    row(3, "CONFIGURED_ROLE", Enum, CREATE).default(Num(0)).of(NEXT_HOP_GROUP_MEMBER_CONFIGURED_ROLE),
    row(4, "OBSERVED_ROLE", Enum, READ).of(NEXT_HOP_GROUP_MEMBER_OBSERVED_ROLE),
    row(5, "MONITORED_OBJECT", Oid, SET).default(Null).refers(&[PORT, LAG, ROUTER_INTERFACE, VLAN_MEMBER, TUNNEL, BRIDGE_PORT, ICMP_ECHO_SESSION, BFD_SESSION]).nullable(),
    row(6, "INDEX", U32, CREATE).default(Num(0)),
    row(7, "SEQUENCE_ID", U32, SET).default(Num(0)),
    row(8, "COUNTER_ID", Oid, SET).default(Null).refers(&[COUNTER]).nullable(),
    row(9, "ARS_ALTERNATE_PATH", Bool, SET).default(Is(false)),
];

pub(crate) const ROUTE_ENTRY_ATTRS: &[Attr] = &[
    row(0, "PACKET_ACTION", Enum, SET).default(Num(1)).of(PACKET_ACTION),
    row(1, "USER_TRAP_ID", Oid, SET).default(Null).refers(&[HOSTIF_USER_DEFINED_TRAP]).nullable(),
    row(2, "NEXT_HOP_ID", Oid, SET).default(Null).refers(&[NEXT_HOP, NEXT_HOP_GROUP, ROUTER_INTERFACE, PORT]).nullable(),
    row(3, "META_DATA", U32, SET).default(Num(0)),
    row(4, "IP_ADDR_FAMILY", Enum, READ).of(IP_ADDR_FAMILY),
    row(5, "COUNTER_ID", Oid, SET).default(Null).refers(&[COUNTER]).nullable(),
    row(6, "PREFIX_AGG_ID", U32, SET).default(Num(0)),
];
