/*
 * saitunnel.h: tunnels, their maps and their termination table.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAITUNNEL_H_
#define __SAITUNNEL_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a tunnel map translates from and to. */
typedef enum _sai_tunnel_map_type_t {
    SAI_TUNNEL_MAP_TYPE_OECN_TO_UECN = 0,
    SAI_TUNNEL_MAP_TYPE_UECN_OECN_TO_OECN = 1,
    SAI_TUNNEL_MAP_TYPE_VNI_TO_VLAN_ID = 2,
    SAI_TUNNEL_MAP_TYPE_VLAN_ID_TO_VNI = 3,
    SAI_TUNNEL_MAP_TYPE_VNI_TO_BRIDGE_IF = 4,
    SAI_TUNNEL_MAP_TYPE_BRIDGE_IF_TO_VNI = 5,
    SAI_TUNNEL_MAP_TYPE_VNI_TO_VIRTUAL_ROUTER_ID = 6,
    SAI_TUNNEL_MAP_TYPE_VIRTUAL_ROUTER_ID_TO_VNI = 7,
    SAI_TUNNEL_MAP_TYPE_VSID_TO_VLAN_ID = 8,
    SAI_TUNNEL_MAP_TYPE_VLAN_ID_TO_VSID = 9,
    SAI_TUNNEL_MAP_TYPE_VSID_TO_BRIDGE_IF = 10,
    SAI_TUNNEL_MAP_TYPE_BRIDGE_IF_TO_VSID = 11,
    SAI_TUNNEL_MAP_TYPE_VIRTUAL_ROUTER_ID_TO_VPN_SID = 12,
    SAI_TUNNEL_MAP_TYPE_PREFIX_AGG_ID_TO_SRV6_VPN_SID = 13,
    SAI_TUNNEL_MAP_TYPE_PREFIX_AGG_ID_TO_TUNNEL_MAP_ID = 14,
    SAI_TUNNEL_MAP_TYPE_FORWARDING_CLASS_TO_SRV6_VPN_SID = 15,
    SAI_TUNNEL_MAP_TYPE_CUSTOM_RANGE_BASE = 0x10000000
} sai_tunnel_map_type_t;

/** Attributes: tunnel map entry. */
typedef enum _sai_tunnel_map_entry_attr_t {
    SAI_TUNNEL_MAP_ENTRY_ATTR_START = 0,
    SAI_TUNNEL_MAP_ENTRY_ATTR_TUNNEL_MAP_TYPE = 0,
    SAI_TUNNEL_MAP_ENTRY_ATTR_TUNNEL_MAP = 1,
    SAI_TUNNEL_MAP_ENTRY_ATTR_OECN_KEY = 2,
    SAI_TUNNEL_MAP_ENTRY_ATTR_OECN_VALUE = 3,
    SAI_TUNNEL_MAP_ENTRY_ATTR_UECN_KEY = 4,
    SAI_TUNNEL_MAP_ENTRY_ATTR_UECN_VALUE = 5,
    SAI_TUNNEL_MAP_ENTRY_ATTR_VLAN_ID_KEY = 6,
    SAI_TUNNEL_MAP_ENTRY_ATTR_VLAN_ID_VALUE = 7,
    SAI_TUNNEL_MAP_ENTRY_ATTR_VNI_ID_KEY = 8,
    SAI_TUNNEL_MAP_ENTRY_ATTR_VNI_ID_VALUE = 9,
    SAI_TUNNEL_MAP_ENTRY_ATTR_BRIDGE_ID_KEY = 10,
    SAI_TUNNEL_MAP_ENTRY_ATTR_BRIDGE_ID_VALUE = 11,
    SAI_TUNNEL_MAP_ENTRY_ATTR_VIRTUAL_ROUTER_ID_KEY = 12,
    SAI_TUNNEL_MAP_ENTRY_ATTR_VIRTUAL_ROUTER_ID_VALUE = 13,
    SAI_TUNNEL_MAP_ENTRY_ATTR_VSID_ID_KEY = 14,
    SAI_TUNNEL_MAP_ENTRY_ATTR_VSID_ID_VALUE = 15,
    SAI_TUNNEL_MAP_ENTRY_ATTR_PREFIX_AGG_ID_KEY = 16,
    SAI_TUNNEL_MAP_ENTRY_ATTR_SRV6_VPN_SID_VALUE = 17,
    SAI_TUNNEL_MAP_ENTRY_ATTR_TUNNEL_MAP_ID_VALUE = 18,
    SAI_TUNNEL_MAP_ENTRY_ATTR_FORWARDING_CLASS_KEY = 19,
    SAI_TUNNEL_MAP_ENTRY_ATTR_END = 20,
    SAI_TUNNEL_MAP_ENTRY_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_TUNNEL_MAP_ENTRY_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_tunnel_map_entry_attr_t;

/** Attributes: tunnel map. */
typedef enum _sai_tunnel_map_attr_t {
    SAI_TUNNEL_MAP_ATTR_START = 0,
    SAI_TUNNEL_MAP_ATTR_TYPE = 0,
    SAI_TUNNEL_MAP_ATTR_ENTRY_LIST = 1,
    SAI_TUNNEL_MAP_ATTR_END = 2,
    SAI_TUNNEL_MAP_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_TUNNEL_MAP_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_tunnel_map_attr_t;

typedef enum _sai_tunnel_ttl_mode_t {
    SAI_TUNNEL_TTL_MODE_UNIFORM_MODEL = 0,
    SAI_TUNNEL_TTL_MODE_PIPE_MODEL = 1
} sai_tunnel_ttl_mode_t;

typedef enum _sai_tunnel_dscp_mode_t {
    SAI_TUNNEL_DSCP_MODE_UNIFORM_MODEL = 0,
    SAI_TUNNEL_DSCP_MODE_PIPE_MODEL = 1
} sai_tunnel_dscp_mode_t;

/** Whether a tunnel has one remote end or many. */
typedef enum _sai_tunnel_peer_mode_t {
    SAI_TUNNEL_PEER_MODE_P2P = 0,
    SAI_TUNNEL_PEER_MODE_P2MP = 1
} sai_tunnel_peer_mode_t;

/** Attributes: tunnel. */
typedef enum _sai_tunnel_attr_t {
    SAI_TUNNEL_ATTR_START = 0,
    SAI_TUNNEL_ATTR_TYPE = 0,
    SAI_TUNNEL_ATTR_UNDERLAY_INTERFACE = 1,
    SAI_TUNNEL_ATTR_OVERLAY_INTERFACE = 2,
    SAI_TUNNEL_ATTR_PEER_MODE = 3,
    SAI_TUNNEL_ATTR_ENCAP_SRC_IP = 4,
    SAI_TUNNEL_ATTR_ENCAP_DST_IP = 5,
    SAI_TUNNEL_ATTR_ENCAP_TTL_MODE = 6,
    SAI_TUNNEL_ATTR_ENCAP_TTL_VAL = 7,
    SAI_TUNNEL_ATTR_ENCAP_DSCP_MODE = 8,
    SAI_TUNNEL_ATTR_ENCAP_DSCP_VAL = 9,
    SAI_TUNNEL_ATTR_ENCAP_GRE_KEY_VALID = 10,
    SAI_TUNNEL_ATTR_ENCAP_GRE_KEY = 11,
    SAI_TUNNEL_ATTR_ENCAP_ECN_MODE = 12,
    SAI_TUNNEL_ATTR_ENCAP_MAPPERS = 13,
    SAI_TUNNEL_ATTR_DECAP_ECN_MODE = 14,
    SAI_TUNNEL_ATTR_DECAP_MAPPERS = 15,
    SAI_TUNNEL_ATTR_DECAP_TTL_MODE = 16,
    SAI_TUNNEL_ATTR_DECAP_DSCP_MODE = 17,
    SAI_TUNNEL_ATTR_TERM_TABLE_ENTRY_LIST = 18,
    SAI_TUNNEL_ATTR_LOOPBACK_PACKET_ACTION = 19,
    SAI_TUNNEL_ATTR_VXLAN_UDP_SPORT_MODE = 20,
    SAI_TUNNEL_ATTR_VXLAN_UDP_SPORT = 21,
    SAI_TUNNEL_ATTR_VXLAN_UDP_SPORT_MASK = 22,
    SAI_TUNNEL_ATTR_SA_INDEX = 23,
    SAI_TUNNEL_ATTR_IPSEC_SA_PORT_LIST = 24,
    SAI_TUNNEL_ATTR_ENCAP_QOS_TC_AND_COLOR_TO_DSCP_MAP = 25,
    SAI_TUNNEL_ATTR_ENCAP_QOS_TC_TO_QUEUE_MAP = 26,
    SAI_TUNNEL_ATTR_DECAP_QOS_DSCP_TO_TC_MAP = 27,
    SAI_TUNNEL_ATTR_DECAP_QOS_TC_TO_PRIORITY_GROUP_MAP = 28,
    SAI_TUNNEL_ATTR_VXLAN_UDP_SPORT_SECURITY = 29,
    SAI_TUNNEL_ATTR_STATS_COUNT_MODE = 30,
    SAI_TUNNEL_ATTR_SELECTIVE_COUNTER_LIST = 31,
    SAI_TUNNEL_ATTR_END = 32,
    SAI_TUNNEL_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_TUNNEL_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_tunnel_attr_t;

/** Counters: tunnel. */
typedef enum _sai_tunnel_stat_t {
    SAI_TUNNEL_STAT_IN_OCTETS = 0,
    SAI_TUNNEL_STAT_IN_PACKETS = 1,
    SAI_TUNNEL_STAT_OUT_OCTETS = 2,
    SAI_TUNNEL_STAT_OUT_PACKETS = 3
} sai_tunnel_stat_t;

/** Which addresses a termination entry matches. */
typedef enum _sai_tunnel_term_table_entry_type_t {
    SAI_TUNNEL_TERM_TABLE_ENTRY_TYPE_P2P = 0,
    SAI_TUNNEL_TERM_TABLE_ENTRY_TYPE_P2MP = 1,
    SAI_TUNNEL_TERM_TABLE_ENTRY_TYPE_MP2P = 2,
    SAI_TUNNEL_TERM_TABLE_ENTRY_TYPE_MP2MP = 3
} sai_tunnel_term_table_entry_type_t;

/** Attributes: tunnel term table entry. */
typedef enum _sai_tunnel_term_table_entry_attr_t {
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_START = 0,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_VR_ID = 0,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_TYPE = 1,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_DST_IP = 2,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_DST_IP_MASK = 3,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_SRC_IP = 4,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_SRC_IP_MASK = 5,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_TUNNEL_TYPE = 6,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_ACTION_TUNNEL_ID = 7,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_IP_ADDR_FAMILY = 8,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_IPSEC_VERIFIED = 9,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_PRIORITY = 10,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_END = 11,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_TUNNEL_TERM_TABLE_ENTRY_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_tunnel_term_table_entry_attr_t;

typedef sai_status_t (*sai_create_tunnel_map_fn)(
    sai_object_id_t *tunnel_map_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_tunnel_map_fn)(sai_object_id_t tunnel_map_id);

typedef sai_status_t (*sai_set_tunnel_map_attribute_fn)(
    sai_object_id_t tunnel_map_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_tunnel_map_attribute_fn)(
    sai_object_id_t tunnel_map_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_tunnel_fn)(
    sai_object_id_t *tunnel_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_tunnel_fn)(sai_object_id_t tunnel_id);

typedef sai_status_t (*sai_set_tunnel_attribute_fn)(
    sai_object_id_t tunnel_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_tunnel_attribute_fn)(
    sai_object_id_t tunnel_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_get_tunnel_stats_fn)(
    sai_object_id_t tunnel_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    uint64_t *counters);

typedef sai_status_t (*sai_get_tunnel_stats_ext_fn)(
    sai_object_id_t tunnel_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    sai_stats_mode_t mode,
    uint64_t *counters);

typedef sai_status_t (*sai_clear_tunnel_stats_fn)(
    sai_object_id_t tunnel_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids);

typedef sai_status_t (*sai_create_tunnel_term_table_entry_fn)(
    sai_object_id_t *tunnel_term_table_entry_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_tunnel_term_table_entry_fn)(
    sai_object_id_t tunnel_term_table_entry_id);

typedef sai_status_t (*sai_set_tunnel_term_table_entry_attribute_fn)(
    sai_object_id_t tunnel_term_table_entry_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_tunnel_term_table_entry_attribute_fn)(
    sai_object_id_t tunnel_term_table_entry_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_tunnel_map_entry_fn)(
    sai_object_id_t *tunnel_map_entry_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_tunnel_map_entry_fn)(sai_object_id_t tunnel_map_entry_id);

typedef sai_status_t (*sai_set_tunnel_map_entry_attribute_fn)(
    sai_object_id_t tunnel_map_entry_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_tunnel_map_entry_attribute_fn)(
    sai_object_id_t tunnel_map_entry_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

/** Method table: tunnel. The order is the ABI. */
typedef struct _sai_tunnel_api_t {
    sai_create_tunnel_map_fn create_tunnel_map;
    sai_remove_tunnel_map_fn remove_tunnel_map;
    sai_set_tunnel_map_attribute_fn set_tunnel_map_attribute;
    sai_get_tunnel_map_attribute_fn get_tunnel_map_attribute;
    sai_create_tunnel_fn create_tunnel;
    sai_remove_tunnel_fn remove_tunnel;
    sai_set_tunnel_attribute_fn set_tunnel_attribute;
    sai_get_tunnel_attribute_fn get_tunnel_attribute;
    sai_get_tunnel_stats_fn get_tunnel_stats;
    sai_get_tunnel_stats_ext_fn get_tunnel_stats_ext;
    sai_clear_tunnel_stats_fn clear_tunnel_stats;
    sai_create_tunnel_term_table_entry_fn create_tunnel_term_table_entry;
    sai_remove_tunnel_term_table_entry_fn remove_tunnel_term_table_entry;
    sai_set_tunnel_term_table_entry_attribute_fn set_tunnel_term_table_entry_attribute;
    sai_get_tunnel_term_table_entry_attribute_fn get_tunnel_term_table_entry_attribute;
    sai_create_tunnel_map_entry_fn create_tunnel_map_entry;
    sai_remove_tunnel_map_entry_fn remove_tunnel_map_entry;
    sai_set_tunnel_map_entry_attribute_fn set_tunnel_map_entry_attribute;
    sai_get_tunnel_map_entry_attribute_fn get_tunnel_map_entry_attribute;
    sai_bulk_object_create_fn create_tunnels;
    sai_bulk_object_remove_fn remove_tunnels;
    sai_bulk_object_set_attribute_fn set_tunnels_attribute;
    sai_bulk_object_get_attribute_fn get_tunnels_attribute;
} sai_tunnel_api_t;

#ifdef __cplusplus
}
#endif

#endif
