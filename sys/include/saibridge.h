/*
 * saibridge.h: bridges and bridge ports.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIBRIDGE_H_
#define __SAIBRIDGE_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What learning does with a source MAC it has not seen. */
typedef enum _sai_bridge_port_fdb_learning_mode_t {
    SAI_BRIDGE_PORT_FDB_LEARNING_MODE_DROP = 0,
    SAI_BRIDGE_PORT_FDB_LEARNING_MODE_DISABLE = 1,
    SAI_BRIDGE_PORT_FDB_LEARNING_MODE_HW = 2,
    SAI_BRIDGE_PORT_FDB_LEARNING_MODE_CPU_TRAP = 3,
    SAI_BRIDGE_PORT_FDB_LEARNING_MODE_CPU_LOG = 4,
    SAI_BRIDGE_PORT_FDB_LEARNING_MODE_FDB_NOTIFICATION = 5
} sai_bridge_port_fdb_learning_mode_t;

/** What a bridge port stands on. */
typedef enum _sai_bridge_port_type_t {
    SAI_BRIDGE_PORT_TYPE_PORT = 0,
    SAI_BRIDGE_PORT_TYPE_SUB_PORT = 1,
    SAI_BRIDGE_PORT_TYPE_1Q_ROUTER = 2,
    SAI_BRIDGE_PORT_TYPE_1D_ROUTER = 3,
    SAI_BRIDGE_PORT_TYPE_TUNNEL = 4,
    SAI_BRIDGE_PORT_TYPE_BRIDGE_PORT_NEXT_HOP_GROUP = 5
} sai_bridge_port_type_t;

typedef enum _sai_bridge_port_tagging_mode_t {
    SAI_BRIDGE_PORT_TAGGING_MODE_UNTAGGED = 0,
    SAI_BRIDGE_PORT_TAGGING_MODE_TAGGED = 1
} sai_bridge_port_tagging_mode_t;

/** Attributes: bridge port. */
typedef enum _sai_bridge_port_attr_t {
    SAI_BRIDGE_PORT_ATTR_START = 0,
    SAI_BRIDGE_PORT_ATTR_TYPE = 0,
    SAI_BRIDGE_PORT_ATTR_PORT_ID = 1,
    SAI_BRIDGE_PORT_ATTR_TAGGING_MODE = 2,
    SAI_BRIDGE_PORT_ATTR_VLAN_ID = 3,
    SAI_BRIDGE_PORT_ATTR_RIF_ID = 4,
    SAI_BRIDGE_PORT_ATTR_TUNNEL_ID = 5,
    SAI_BRIDGE_PORT_ATTR_BRIDGE_ID = 6,
    SAI_BRIDGE_PORT_ATTR_FDB_LEARNING_MODE = 7,
    SAI_BRIDGE_PORT_ATTR_MAX_LEARNED_ADDRESSES = 8,
    SAI_BRIDGE_PORT_ATTR_FDB_LEARNING_LIMIT_VIOLATION_PACKET_ACTION = 9,
    SAI_BRIDGE_PORT_ATTR_ADMIN_STATE = 10,
    SAI_BRIDGE_PORT_ATTR_INGRESS_FILTERING = 11,
    SAI_BRIDGE_PORT_ATTR_EGRESS_FILTERING = 12,
    SAI_BRIDGE_PORT_ATTR_ISOLATION_GROUP = 13,
    SAI_BRIDGE_PORT_ATTR_STATS_COUNT_MODE = 14,
    SAI_BRIDGE_PORT_ATTR_SELECTIVE_COUNTER_LIST = 15,
    SAI_BRIDGE_PORT_ATTR_BRIDGE_PORT_NEXT_HOP_GROUP_ID = 16,
    SAI_BRIDGE_PORT_ATTR_TUNNEL_TERM_BUM_TX_DROP = 17,
    SAI_BRIDGE_PORT_ATTR_RX_DROP = 18,
    SAI_BRIDGE_PORT_ATTR_TX_DROP = 19,
    SAI_BRIDGE_PORT_ATTR_BRIDGE_PORT_PROTECTION_NEXT_HOP_GROUP_ID = 20,
    SAI_BRIDGE_PORT_ATTR_BRIDGE_PORT_SET_SWITCHOVER = 21,
    SAI_BRIDGE_PORT_ATTR_END = 22,
    SAI_BRIDGE_PORT_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_BRIDGE_PORT_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_bridge_port_attr_t;

/** Counters: bridge port. */
typedef enum _sai_bridge_port_stat_t {
    SAI_BRIDGE_PORT_STAT_IN_OCTETS = 0,
    SAI_BRIDGE_PORT_STAT_IN_PACKETS = 1,
    SAI_BRIDGE_PORT_STAT_OUT_OCTETS = 2,
    SAI_BRIDGE_PORT_STAT_OUT_PACKETS = 3
} sai_bridge_port_stat_t;

typedef enum _sai_bridge_type_t {
    SAI_BRIDGE_TYPE_1Q = 0,
    SAI_BRIDGE_TYPE_1D = 1
} sai_bridge_type_t;

typedef enum _sai_bridge_flood_control_type_t {
    SAI_BRIDGE_FLOOD_CONTROL_TYPE_SUB_PORTS = 0,
    SAI_BRIDGE_FLOOD_CONTROL_TYPE_NONE = 1,
    SAI_BRIDGE_FLOOD_CONTROL_TYPE_L2MC_GROUP = 2,
    SAI_BRIDGE_FLOOD_CONTROL_TYPE_COMBINED = 3
} sai_bridge_flood_control_type_t;

/** Attributes: bridge. */
typedef enum _sai_bridge_attr_t {
    SAI_BRIDGE_ATTR_START = 0,
    SAI_BRIDGE_ATTR_TYPE = 0,
    SAI_BRIDGE_ATTR_PORT_LIST = 1,
    SAI_BRIDGE_ATTR_MAX_LEARNED_ADDRESSES = 2,
    SAI_BRIDGE_ATTR_LEARN_DISABLE = 3,
    SAI_BRIDGE_ATTR_UNKNOWN_UNICAST_FLOOD_CONTROL_TYPE = 4,
    SAI_BRIDGE_ATTR_UNKNOWN_UNICAST_FLOOD_GROUP = 5,
    SAI_BRIDGE_ATTR_UNKNOWN_MULTICAST_FLOOD_CONTROL_TYPE = 6,
    SAI_BRIDGE_ATTR_UNKNOWN_MULTICAST_FLOOD_GROUP = 7,
    SAI_BRIDGE_ATTR_BROADCAST_FLOOD_CONTROL_TYPE = 8,
    SAI_BRIDGE_ATTR_BROADCAST_FLOOD_GROUP = 9,
    SAI_BRIDGE_ATTR_STATS_COUNT_MODE = 10,
    SAI_BRIDGE_ATTR_SELECTIVE_COUNTER_LIST = 11,
    SAI_BRIDGE_ATTR_END = 12,
    SAI_BRIDGE_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_BRIDGE_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_bridge_attr_t;

/** Counters: bridge. */
typedef enum _sai_bridge_stat_t {
    SAI_BRIDGE_STAT_IN_OCTETS = 0,
    SAI_BRIDGE_STAT_IN_PACKETS = 1,
    SAI_BRIDGE_STAT_OUT_OCTETS = 2,
    SAI_BRIDGE_STAT_OUT_PACKETS = 3
} sai_bridge_stat_t;

typedef sai_status_t (*sai_create_bridge_port_fn)(
    sai_object_id_t *bridge_port_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_bridge_port_fn)(sai_object_id_t bridge_port_id);

typedef sai_status_t (*sai_set_bridge_port_attribute_fn)(
    sai_object_id_t bridge_port_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_bridge_port_attribute_fn)(
    sai_object_id_t bridge_port_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_get_bridge_port_stats_fn)(
    sai_object_id_t bridge_port_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    uint64_t *counters);

typedef sai_status_t (*sai_get_bridge_port_stats_ext_fn)(
    sai_object_id_t bridge_port_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    sai_stats_mode_t mode,
    uint64_t *counters);

typedef sai_status_t (*sai_clear_bridge_port_stats_fn)(
    sai_object_id_t bridge_port_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids);

typedef sai_status_t (*sai_create_bridge_fn)(
    sai_object_id_t *bridge_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_bridge_fn)(sai_object_id_t bridge_id);

typedef sai_status_t (*sai_set_bridge_attribute_fn)(
    sai_object_id_t bridge_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_bridge_attribute_fn)(
    sai_object_id_t bridge_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_get_bridge_stats_fn)(
    sai_object_id_t bridge_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    uint64_t *counters);

typedef sai_status_t (*sai_get_bridge_stats_ext_fn)(
    sai_object_id_t bridge_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    sai_stats_mode_t mode,
    uint64_t *counters);

typedef sai_status_t (*sai_clear_bridge_stats_fn)(
    sai_object_id_t bridge_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids);

/** Method table: bridge. The order is the ABI. */
typedef struct _sai_bridge_api_t {
    sai_create_bridge_fn create_bridge;
    sai_remove_bridge_fn remove_bridge;
    sai_set_bridge_attribute_fn set_bridge_attribute;
    sai_get_bridge_attribute_fn get_bridge_attribute;
    sai_get_bridge_stats_fn get_bridge_stats;
    sai_get_bridge_stats_ext_fn get_bridge_stats_ext;
    sai_clear_bridge_stats_fn clear_bridge_stats;
    sai_create_bridge_port_fn create_bridge_port;
    sai_remove_bridge_port_fn remove_bridge_port;
    sai_set_bridge_port_attribute_fn set_bridge_port_attribute;
    sai_get_bridge_port_attribute_fn get_bridge_port_attribute;
    sai_get_bridge_port_stats_fn get_bridge_port_stats;
    sai_get_bridge_port_stats_ext_fn get_bridge_port_stats_ext;
    sai_clear_bridge_port_stats_fn clear_bridge_port_stats;
} sai_bridge_api_t;

#ifdef __cplusplus
}
#endif

#endif
