//! VLANs, bridges, LAGs, isolation groups and FDB entries.
//!
//! Invariant: rows only, one for each attribute of the release, in the order of their ids.

use super::Init::*;
use super::Kind::*;
use super::enums::*;
use super::objects::*;
use super::{Attr, CREATE, KEY, MANDATORY, READ, SET, row};

pub(crate) const VLAN_ATTRS: &[Attr] = &[
    row(0, "VLAN_ID", U16, MANDATORY | CREATE | KEY),
    row(1, "MEMBER_LIST", Oids, READ).refers(&[VLAN_MEMBER]),
    row(2, "MAX_LEARNED_ADDRESSES", U32, SET).default(Num(0)),
    row(3, "STP_INSTANCE", Oid, SET).default(Switch(37)).refers(&[STP]),
    row(4, "LEARN_DISABLE", Bool, SET).default(Is(false)),
    row(5, "IPV4_MCAST_LOOKUP_KEY_TYPE", Enum, SET).default(Num(0)).of(VLAN_MCAST_LOOKUP_KEY_TYPE),
    row(6, "IPV6_MCAST_LOOKUP_KEY_TYPE", Enum, SET).default(Num(0)).of(VLAN_MCAST_LOOKUP_KEY_TYPE),
    row(7, "UNKNOWN_NON_IP_MCAST_OUTPUT_GROUP_ID", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable(),
    row(8, "UNKNOWN_IPV4_MCAST_OUTPUT_GROUP_ID", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable(),
    row(9, "UNKNOWN_IPV6_MCAST_OUTPUT_GROUP_ID", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable(),
    row(10, "UNKNOWN_LINKLOCAL_MCAST_OUTPUT_GROUP_ID", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable(),
    row(11, "INGRESS_ACL", Oid, SET).default(Null).refers(&[ACL_TABLE, ACL_TABLE_GROUP]).nullable(),
    row(12, "EGRESS_ACL", Oid, SET).default(Null).refers(&[ACL_TABLE, ACL_TABLE_GROUP]).nullable(),
    row(13, "META_DATA", U32, SET).default(Num(0)),
    row(14, "UNKNOWN_UNICAST_FLOOD_CONTROL_TYPE", Enum, SET).default(Num(0)).of(VLAN_FLOOD_CONTROL_TYPE),
    row(15, "UNKNOWN_UNICAST_FLOOD_GROUP", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable().only(&[&[(14, 2), (14, 3)]]),
    row(16, "UNKNOWN_MULTICAST_FLOOD_CONTROL_TYPE", Enum, SET).default(Num(0)).of(VLAN_FLOOD_CONTROL_TYPE),
    row(17, "UNKNOWN_MULTICAST_FLOOD_GROUP", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable().only(&[&[(16, 2), (16, 3)]]),
    row(18, "BROADCAST_FLOOD_CONTROL_TYPE", Enum, SET).default(Num(0)).of(VLAN_FLOOD_CONTROL_TYPE),
    row(19, "BROADCAST_FLOOD_GROUP", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable().only(&[&[(18, 2), (18, 3)]]),
    row(20, "CUSTOM_IGMP_SNOOPING_ENABLE", Bool, SET).default(Is(false)),
    row(21, "TAM_OBJECT", Oids, SET).default(Empty).refers(&[TAM]),
    row(22, "STATS_COUNT_MODE", Enum, SET).default(Num(0)).of(STATS_COUNT_MODE),
    row(23, "SELECTIVE_COUNTER_LIST", Oids, SET).default(Empty).refers(&[COUNTER]),
];

pub(crate) const VLAN_MEMBER_ATTRS: &[Attr] = &[
    row(0, "VLAN_ID", Oid, MANDATORY | CREATE).refers(&[VLAN]),
    row(1, "BRIDGE_PORT_ID", Oid, MANDATORY | CREATE).refers(&[BRIDGE_PORT]),
    row(2, "VLAN_TAGGING_MODE", Enum, SET).default(Num(0)).of(VLAN_TAGGING_MODE),
    row(3, "TUNNEL_TERM_BUM_TX_DROP", Bool, SET).default(Is(false)),
    row(4, "RX_DROP", Bool, SET).default(Is(false)),
    row(5, "TX_DROP", Bool, SET).default(Is(false)),
];

pub(crate) const BRIDGE_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | CREATE).of(BRIDGE_TYPE),
    row(1, "PORT_LIST", Oids, READ).refers(&[BRIDGE_PORT]),
    row(2, "MAX_LEARNED_ADDRESSES", U32, SET).default(Num(0)),
    row(3, "LEARN_DISABLE", Bool, SET).default(Is(false)),
    row(4, "UNKNOWN_UNICAST_FLOOD_CONTROL_TYPE", Enum, SET).default(Num(0)).of(BRIDGE_FLOOD_CONTROL_TYPE),
    row(5, "UNKNOWN_UNICAST_FLOOD_GROUP", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable().only(&[&[(0, 1)], &[(4, 2), (4, 3)]]),
    row(6, "UNKNOWN_MULTICAST_FLOOD_CONTROL_TYPE", Enum, SET).default(Num(0)).of(BRIDGE_FLOOD_CONTROL_TYPE),
    row(7, "UNKNOWN_MULTICAST_FLOOD_GROUP", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable().only(&[&[(0, 1)], &[(6, 2), (6, 3)]]),
    row(8, "BROADCAST_FLOOD_CONTROL_TYPE", Enum, SET).default(Num(0)).of(BRIDGE_FLOOD_CONTROL_TYPE),
    row(9, "BROADCAST_FLOOD_GROUP", Oid, SET).default(Null).refers(&[L2MC_GROUP]).nullable().only(&[&[(0, 1)], &[(8, 2), (8, 3)]]),
    row(10, "STATS_COUNT_MODE", Enum, SET).default(Num(0)).of(STATS_COUNT_MODE),
    row(11, "SELECTIVE_COUNTER_LIST", Oids, SET).default(Empty).refers(&[COUNTER]),
];

pub(crate) const BRIDGE_PORT_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | CREATE).of(BRIDGE_PORT_TYPE),
    row(1, "PORT_ID", Oid, MANDATORY | CREATE).refers(&[PORT, LAG, SYSTEM_PORT]).when(&[(0, 0), (0, 1)]),
    row(2, "TAGGING_MODE", Enum, SET).default(Num(1)).of(BRIDGE_PORT_TAGGING_MODE).only(&[&[(0, 1)]]),
    row(3, "VLAN_ID", U16, MANDATORY | CREATE).when(&[(0, 1)]),
    row(4, "RIF_ID", Oid, MANDATORY | CREATE).refers(&[ROUTER_INTERFACE]).when(&[(0, 3)]),
    row(5, "TUNNEL_ID", Oid, MANDATORY | CREATE).refers(&[TUNNEL]).when(&[(0, 4)]),
    row(6, "BRIDGE_ID", Oid, MANDATORY | SET).refers(&[BRIDGE]).when(&[(0, 1), (0, 3), (0, 4), (0, 5)]),
    row(7, "FDB_LEARNING_MODE", Enum, SET).default(Num(2)).of(BRIDGE_PORT_FDB_LEARNING_MODE),
    row(8, "MAX_LEARNED_ADDRESSES", U32, SET).default(Num(0)),
    row(9, "FDB_LEARNING_LIMIT_VIOLATION_PACKET_ACTION", Enum, SET).default(Num(0)).of(PACKET_ACTION),
    row(10, "ADMIN_STATE", Bool, SET).default(Is(false)),
    row(11, "INGRESS_FILTERING", Bool, SET).default(Is(false)),
    row(12, "EGRESS_FILTERING", Bool, SET).default(Is(false)).only(&[&[(0, 0)]]),
    row(13, "ISOLATION_GROUP", Oid, SET).default(Null).refers(&[ISOLATION_GROUP]).nullable(),
    row(14, "STATS_COUNT_MODE", Enum, SET).default(Num(0)).of(STATS_COUNT_MODE),
    row(15, "SELECTIVE_COUNTER_LIST", Oids, SET).default(Empty).refers(&[COUNTER]),
    row(16, "BRIDGE_PORT_NEXT_HOP_GROUP_ID", Oid, MANDATORY | CREATE).refers(&[NEXT_HOP_GROUP]).when(&[(0, 5)]),
    row(17, "TUNNEL_TERM_BUM_TX_DROP", Bool, SET).default(Is(false)).only(&[&[(0, 0), (0, 1), (0, 4)]]),
    row(18, "RX_DROP", Bool, SET).default(Is(false)).only(&[&[(0, 0), (0, 1), (0, 4)]]),
    row(19, "TX_DROP", Bool, SET).default(Is(false)).only(&[&[(0, 0), (0, 1), (0, 4)]]),
    row(20, "BRIDGE_PORT_PROTECTION_NEXT_HOP_GROUP_ID", Oid, SET).default(Null).refers(&[NEXT_HOP_GROUP]).nullable(),
    row(21, "BRIDGE_PORT_SET_SWITCHOVER", Bool, SET).default(Is(false)).only(&[&[(0, 0)]]),
];

pub(crate) const LAG_ATTRS: &[Attr] = &[
    row(0, "PORT_LIST", Oids, READ).refers(&[LAG_MEMBER]),
    row(1, "INGRESS_ACL", Oid, SET).default(Null).refers(&[ACL_TABLE, ACL_TABLE_GROUP]).nullable(),
    row(2, "EGRESS_ACL", Oid, SET).default(Null).refers(&[ACL_TABLE, ACL_TABLE_GROUP]).nullable(),
    row(3, "PORT_VLAN_ID", U16, SET).default(Num(1)),
    row(4, "DEFAULT_VLAN_PRIORITY", U8, SET).default(Num(0)),
    row(5, "DROP_UNTAGGED", Bool, SET).default(Is(false)),
    row(6, "DROP_TAGGED", Bool, SET).default(Is(false)),
    row(7, "TPID", U16, SET).default(Num(0x8100)),
    row(8, "SYSTEM_PORT_AGGREGATE_ID", U32, CREATE).default(Num(0)),
    row(9, "LABEL", Chars, SET).default(Empty),
    row(10, "ARS_OBJECT_ID", Oid, SET).default(Null).refers(&[ARS]).nullable(),
    row(11, "ARS_PACKET_DROPS", U32, READ),
    row(12, "ARS_PORT_REASSIGNMENTS", U32, READ),
    row(13, "HASH_ALGORITHM", Enum, CREATE).default(Num(7)).of(HASH_ALGORITHM),
];

pub(crate) const LAG_MEMBER_ATTRS: &[Attr] = &[
    row(0, "LAG_ID", Oid, MANDATORY | CREATE).refers(&[LAG]),
    row(1, "PORT_ID", Oid, MANDATORY | CREATE).refers(&[PORT, SYSTEM_PORT]),
    row(2, "EGRESS_DISABLE", Bool, SET).default(Is(false)),
    row(3, "INGRESS_DISABLE", Bool, SET).default(Is(false)),
    row(4, "WEIGHT", U32, SET).default(Num(1)),
];

pub(crate) const ISOLATION_GROUP_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | CREATE).of(ISOLATION_GROUP_TYPE),
    row(1, "ISOLATION_MEMBER_LIST", Oids, READ).refers(&[ISOLATION_GROUP_MEMBER]),
];

pub(crate) const ISOLATION_GROUP_MEMBER_ATTRS: &[Attr] = &[
    row(0, "ISOLATION_GROUP_ID", Oid, MANDATORY | CREATE).refers(&[ISOLATION_GROUP]),
    row(1, "ISOLATION_OBJECT", Oid, MANDATORY | CREATE).refers(&[PORT, BRIDGE_PORT]),
];

pub(crate) const FDB_ENTRY_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | SET).of(FDB_ENTRY_TYPE),
    row(1, "PACKET_ACTION", Enum, SET).default(Num(1)).of(PACKET_ACTION),
    row(2, "USER_TRAP_ID", Oid, SET).default(Null).refers(&[HOSTIF_USER_DEFINED_TRAP]).nullable(),
    row(3, "BRIDGE_PORT_ID", Oid, SET).default(Null).refers(&[BRIDGE_PORT]).nullable(),
    row(4, "META_DATA", U32, SET).default(Num(0)),
    row(5, "ENDPOINT_IP", Ip, SET).default(Empty),
    row(6, "COUNTER_ID", Oid, SET).default(Null).refers(&[COUNTER]).nullable(),
    row(7, "ALLOW_MAC_MOVE", Bool, SET).default(Is(false)).only(&[&[(0, 1)]]),
];

pub(crate) const FDB_FLUSH_ATTRS: &[Attr] = &[
    row(0, "BRIDGE_PORT_ID", Oid, CREATE).default(Null).refers(&[BRIDGE_PORT]).nullable(),
    row(1, "BV_ID", Oid, CREATE).default(Null).refers(&[BRIDGE, VLAN]).nullable(),
    row(2, "ENTRY_TYPE", Enum, CREATE).default(Num(0)).of(FDB_FLUSH_ENTRY_TYPE),
];
