//! Tunnels.
//!
//! Invariant: rows only, one for each attribute of the release, in the order of their ids.

use super::Init::*;
use super::Kind::*;
use super::enums::*;
use super::objects::*;
use super::{Attr, CREATE, MANDATORY, READ, SET, row};

pub(crate) const TUNNEL_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | CREATE).of(TUNNEL_TYPE),
    row(1, "UNDERLAY_INTERFACE", Oid, MANDATORY | CREATE).refers(&[ROUTER_INTERFACE]).when(&[(0, 0), (0, 1), (0, 2), (0, 4), (0, 5), (0, 6), (0, 7), (0, 8)]),
    row(2, "OVERLAY_INTERFACE", Oid, MANDATORY | CREATE).refers(&[ROUTER_INTERFACE]).when(&[(0, 0), (0, 1), (0, 6), (0, 7)]),
    row(3, "PEER_MODE", Enum, CREATE).default(Num(1)).of(TUNNEL_PEER_MODE),
    row(4, "ENCAP_SRC_IP", Ip, CREATE).default(Empty),
    row(5, "ENCAP_DST_IP", Ip, CREATE).default(Empty).only(&[&[(3, 0)]]),
    row(6, "ENCAP_TTL_MODE", Enum, SET).default(Num(0)).of(TUNNEL_TTL_MODE),
    row(7, "ENCAP_TTL_VAL", U8, SET).default(Num(255)).only(&[&[(6, 1)]]),
    row(8, "ENCAP_DSCP_MODE", Enum, SET).default(Num(0)).of(TUNNEL_DSCP_MODE),
    row(9, "ENCAP_DSCP_VAL", U8, SET).default(Num(0)).only(&[&[(8, 1)]]),
    row(10, "ENCAP_GRE_KEY_VALID", Bool, CREATE).default(Is(false)),
    row(11, "ENCAP_GRE_KEY", U32, SET).default(Num(0)).only(&[&[(10, 1)]]),
    row(12, "ENCAP_ECN_MODE", Enum, CREATE).default(Num(0)).of(TUNNEL_ENCAP_ECN_MODE),
    row(13, "ENCAP_MAPPERS", Oids, CREATE).default(Empty).refers(&[TUNNEL_MAP]),
    row(14, "DECAP_ECN_MODE", Enum, CREATE).default(Num(0)).of(TUNNEL_DECAP_ECN_MODE),
    row(15, "DECAP_MAPPERS", Oids, CREATE).default(Empty).refers(&[TUNNEL_MAP]),
    row(16, "DECAP_TTL_MODE", Enum, SET).default(Num(0)).of(TUNNEL_TTL_MODE),
    row(17, "DECAP_DSCP_MODE", Enum, SET).default(Num(0)).of(TUNNEL_DSCP_MODE),
    row(18, "TERM_TABLE_ENTRY_LIST", Oids, READ).refers(&[TUNNEL_TERM_TABLE_ENTRY]),
    row(19, "LOOPBACK_PACKET_ACTION", Enum, SET).default(Num(1)).of(PACKET_ACTION),
    row(20, "VXLAN_UDP_SPORT_MODE", Enum, SET).default(Num(1)).of(TUNNEL_VXLAN_UDP_SPORT_MODE),
    row(21, "VXLAN_UDP_SPORT", U16, SET).default(Num(0)).only(&[&[(0, 2)], &[(20, 0)]]),
    row(22, "VXLAN_UDP_SPORT_MASK", U8, SET).default(Num(0)).only(&[&[(0, 2)], &[(20, 0)]]),
    row(23, "SA_INDEX", U32, SET).default(Num(0)).only(&[&[(0, 6), (0, 7), (0, 8)]]),
    row(24, "IPSEC_SA_PORT_LIST", Oids, SET).default(Empty).refers(&[PORT]),
    row(25, "ENCAP_QOS_TC_AND_COLOR_TO_DSCP_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(26, "ENCAP_QOS_TC_TO_QUEUE_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(27, "DECAP_QOS_DSCP_TO_TC_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(28, "DECAP_QOS_TC_TO_PRIORITY_GROUP_MAP", Oid, SET).default(Null).refers(&[QOS_MAP]).nullable(),
    row(29, "VXLAN_UDP_SPORT_SECURITY", Bool, SET).default(Is(false)).only(&[&[(0, 2)], &[(20, 0)]]),
    row(30, "STATS_COUNT_MODE", Enum, SET).default(Num(0)).of(STATS_COUNT_MODE),
    row(31, "SELECTIVE_COUNTER_LIST", Oids, SET).default(Empty).refers(&[COUNTER]),
];
