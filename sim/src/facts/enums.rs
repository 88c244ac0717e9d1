//! The values that each enumeration has.
//!
//! Invariant: numbers only; range bounds and markers of the header are no values.

pub(crate) const SWITCH_OPER_STATUS: &[i32] = &[0, 1, 2, 3];

pub(crate) const SWITCH_RESTART_TYPE: &[i32] = &[0, 1, 2];

pub(crate) const SWITCH_MCAST_SNOOPING_CAPABILITY: &[i32] = &[0, 1, 2, 3];

pub(crate) const SWITCH_SWITCHING_MODE: &[i32] = &[0, 1];

pub(crate) const PACKET_ACTION: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7, 8];

pub(crate) const HASH_ALGORITHM: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

pub(crate) const TLV_TYPE: &[i32] = &[0, 1, 2, 3];

pub(crate) const OBJECT_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115];

pub(crate) const STATS_MODE: &[i32] = &[0, 1, 2, 4, 8, 16];

pub(crate) const SWITCH_HARDWARE_ACCESS_BUS: &[i32] = &[0, 1, 2];

pub(crate) const SWITCH_FIRMWARE_LOAD_METHOD: &[i32] = &[0, 1, 2];

pub(crate) const SWITCH_FIRMWARE_LOAD_TYPE: &[i32] = &[0, 1, 2];

pub(crate) const SWITCH_TYPE: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const SWITCH_FAILOVER_CONFIG_MODE: &[i32] = &[0, 1];

pub(crate) const SWITCH_HOSTIF_OPER_STATUS_UPDATE_MODE: &[i32] = &[0, 1];

pub(crate) const SWITCH_ASIC_SDK_HEALTH_CATEGORY: &[i32] = &[0, 1, 2, 3];

pub(crate) const STATS_COUNT_MODE: &[i32] = &[0, 1, 2, 3];

pub(crate) const PACKET_TRIM_QUEUE_RESOLUTION_MODE: &[i32] = &[0, 1];

pub(crate) const PORT_PTP_MODE: &[i32] = &[0, 1, 2];

pub(crate) const PACKET_TRIM_DSCP_RESOLUTION_MODE: &[i32] = &[0, 1];

pub(crate) const SWITCH_MACSEC_POST_STATUS: &[i32] = &[0, 1, 2, 3];

pub(crate) const SWITCH_IPSEC_POST_STATUS: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_TYPE: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_OPER_STATUS: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const PORT_BREAKOUT_MODE_TYPE: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_FEC_MODE: &[i32] = &[0, 1, 2];

pub(crate) const PORT_FEC_MODE_EXTENDED: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const PORT_FLOW_CONTROL_MODE: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_MEDIA_TYPE: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const PORT_INTERNAL_LOOPBACK_MODE: &[i32] = &[0, 1, 2];

pub(crate) const PORT_PRIORITY_FLOW_CONTROL_MODE: &[i32] = &[0, 1];

pub(crate) const PORT_INTERFACE_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];

pub(crate) const PORT_LINK_TRAINING_FAILURE_STATUS: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_LINK_TRAINING_RX_STATUS: &[i32] = &[0, 1];

pub(crate) const PORT_PRBS_CONFIG: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_PRBS_RX_STATUS: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_LOOPBACK_MODE: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const PORT_MDIX_MODE_STATUS: &[i32] = &[0, 1];

pub(crate) const PORT_MDIX_MODE_CONFIG: &[i32] = &[0, 1, 2];

pub(crate) const PORT_AUTO_NEG_CONFIG_MODE: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_MODULE_TYPE: &[i32] = &[0, 1, 2];

pub(crate) const PORT_DUAL_MEDIA: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const PORT_HOST_TX_READY_STATUS: &[i32] = &[0, 1];

pub(crate) const PORT_PATH_TRACING_TIMESTAMP_TYPE: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_DATAPATH_ENABLE: &[i32] = &[0, 1];

pub(crate) const PORT_CABLE_PAIR_STATE: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const PORT_CABLE_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5];

pub(crate) const PORT_ERROR_STATUS: &[i32] = &[0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];

pub(crate) const PORT_LLR_TX_STATUS: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const PORT_LLR_RX_STATUS: &[i32] = &[0, 1, 2, 3];

pub(crate) const PORT_PRBS_PATTERN: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];

pub(crate) const VLAN_MCAST_LOOKUP_KEY_TYPE: &[i32] = &[0, 1, 2, 3];

pub(crate) const VLAN_FLOOD_CONTROL_TYPE: &[i32] = &[0, 1, 2, 3];

pub(crate) const VLAN_TAGGING_MODE: &[i32] = &[0, 1, 2];

pub(crate) const BRIDGE_TYPE: &[i32] = &[0, 1];

pub(crate) const BRIDGE_FLOOD_CONTROL_TYPE: &[i32] = &[0, 1, 2, 3];

pub(crate) const BRIDGE_PORT_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5];

pub(crate) const BRIDGE_PORT_TAGGING_MODE: &[i32] = &[0, 1];

pub(crate) const BRIDGE_PORT_FDB_LEARNING_MODE: &[i32] = &[0, 1, 2, 3, 4, 5];

pub(crate) const ISOLATION_GROUP_TYPE: &[i32] = &[0, 1];

pub(crate) const FDB_ENTRY_TYPE: &[i32] = &[0, 1];

pub(crate) const FDB_FLUSH_ENTRY_TYPE: &[i32] = &[0, 1, 2];

pub(crate) const ROUTER_INTERFACE_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5, 6];

pub(crate) const IP_ADDR_FAMILY: &[i32] = &[0, 1];

pub(crate) const NEXT_HOP_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5];

pub(crate) const OUTSEG_TYPE: &[i32] = &[0, 1];

pub(crate) const OUTSEG_TTL_MODE: &[i32] = &[0, 1];

pub(crate) const OUTSEG_EXP_MODE: &[i32] = &[0, 1];

pub(crate) const NEXT_HOP_GROUP_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7];

pub(crate) const NEXT_HOP_GROUP_ADMIN_ROLE: &[i32] = &[0, 1, 2];

pub(crate) const NEXT_HOP_GROUP_MEMBER_CONFIGURED_ROLE: &[i32] = &[0, 1];

pub(crate) const NEXT_HOP_GROUP_MEMBER_OBSERVED_ROLE: &[i32] = &[0, 1];

pub(crate) const HOSTIF_TYPE: &[i32] = &[0, 1, 2];

pub(crate) const HOSTIF_VLAN_TAG: &[i32] = &[0, 1, 2];

pub(crate) const OBJECT_STAGE: &[i32] = &[0, 1, 2];

pub(crate) const HOSTIF_TRAP_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8203, 8204, 8205, 8206, 8207, 8208, 8209, 8210, 8211, 8212, 8213, 16384, 16385, 16386, 16387, 16388, 16389, 16390, 16391, 16392, 16393, 16394, 16395, 16396, 16397, 16398, 16399, 24576, 24577, 24578, 28672, 28673, 28674, 32768, 32769, 32770, 36864];

pub(crate) const HOSTIF_USER_DEFINED_TRAP_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5];

pub(crate) const HOSTIF_TABLE_ENTRY_TYPE: &[i32] = &[0, 1, 2, 3, 4];

pub(crate) const HOSTIF_TABLE_ENTRY_CHANNEL_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5];

pub(crate) const TUNNEL_TYPE: &[i32] = &[0, 1, 2, 3, 4, 5, 6, 7, 8];

pub(crate) const TUNNEL_PEER_MODE: &[i32] = &[0, 1];

pub(crate) const TUNNEL_TTL_MODE: &[i32] = &[0, 1];

pub(crate) const TUNNEL_DSCP_MODE: &[i32] = &[0, 1];

pub(crate) const TUNNEL_ENCAP_ECN_MODE: &[i32] = &[0, 1];

pub(crate) const TUNNEL_DECAP_ECN_MODE: &[i32] = &[0, 1, 2];

pub(crate) const TUNNEL_VXLAN_UDP_SPORT_MODE: &[i32] = &[0, 1];
