/*
 * sairouterinterface.h: router interfaces.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIROUTERINTERFACE_H_
#define __SAIROUTERINTERFACE_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a router interface stands on. */
typedef enum _sai_router_interface_type_t {
    SAI_ROUTER_INTERFACE_TYPE_PORT = 0,
    SAI_ROUTER_INTERFACE_TYPE_VLAN = 1,
    SAI_ROUTER_INTERFACE_TYPE_LOOPBACK = 2,
    SAI_ROUTER_INTERFACE_TYPE_MPLS_ROUTER = 3,
    SAI_ROUTER_INTERFACE_TYPE_SUB_PORT = 4,
    SAI_ROUTER_INTERFACE_TYPE_BRIDGE = 5,
    SAI_ROUTER_INTERFACE_TYPE_QINQ_PORT = 6
} sai_router_interface_type_t;

/** Attributes: router interface. */
typedef enum _sai_router_interface_attr_t {
    SAI_ROUTER_INTERFACE_ATTR_START = 0,
    SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID = 0,
    SAI_ROUTER_INTERFACE_ATTR_TYPE = 1,
    SAI_ROUTER_INTERFACE_ATTR_PORT_ID = 2,
    SAI_ROUTER_INTERFACE_ATTR_VLAN_ID = 3,
    SAI_ROUTER_INTERFACE_ATTR_OUTER_VLAN_ID = 4,
    SAI_ROUTER_INTERFACE_ATTR_INNER_VLAN_ID = 5,
    SAI_ROUTER_INTERFACE_ATTR_BRIDGE_ID = 6,
    SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS = 7,
    SAI_ROUTER_INTERFACE_ATTR_ADMIN_V4_STATE = 8,
    SAI_ROUTER_INTERFACE_ATTR_ADMIN_V6_STATE = 9,
    SAI_ROUTER_INTERFACE_ATTR_MTU = 10,
    SAI_ROUTER_INTERFACE_ATTR_INGRESS_ACL = 11,
    SAI_ROUTER_INTERFACE_ATTR_EGRESS_ACL = 12,
    SAI_ROUTER_INTERFACE_ATTR_NEIGHBOR_MISS_PACKET_ACTION = 13,
    SAI_ROUTER_INTERFACE_ATTR_V4_MCAST_ENABLE = 14,
    SAI_ROUTER_INTERFACE_ATTR_V6_MCAST_ENABLE = 15,
    SAI_ROUTER_INTERFACE_ATTR_LOOPBACK_PACKET_ACTION = 16,
    SAI_ROUTER_INTERFACE_ATTR_IS_VIRTUAL = 17,
    SAI_ROUTER_INTERFACE_ATTR_NAT_ZONE_ID = 18,
    SAI_ROUTER_INTERFACE_ATTR_DISABLE_DECREMENT_TTL = 19,
    SAI_ROUTER_INTERFACE_ATTR_ADMIN_MPLS_STATE = 20,
    SAI_ROUTER_INTERFACE_ATTR_STATS_COUNT_MODE = 21,
    SAI_ROUTER_INTERFACE_ATTR_SELECTIVE_COUNTER_LIST = 22,
    SAI_ROUTER_INTERFACE_ATTR_LABEL = 23,
    SAI_ROUTER_INTERFACE_ATTR_MY_MAC = 24,
    SAI_ROUTER_INTERFACE_ATTR_QOS_DSCP_TO_TC_MAP = 25,
    SAI_ROUTER_INTERFACE_ATTR_QOS_DSCP_TO_COLOR_MAP = 26,
    SAI_ROUTER_INTERFACE_ATTR_QOS_DOT1P_TO_TC_MAP = 27,
    SAI_ROUTER_INTERFACE_ATTR_QOS_DOT1P_TO_COLOR_MAP = 28,
    SAI_ROUTER_INTERFACE_ATTR_QOS_TC_AND_COLOR_TO_DSCP_MAP = 29,
    SAI_ROUTER_INTERFACE_ATTR_QOS_TC_AND_COLOR_TO_DOT1P_MAP = 30,
    SAI_ROUTER_INTERFACE_ATTR_END = 31,
    SAI_ROUTER_INTERFACE_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_ROUTER_INTERFACE_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_router_interface_attr_t;

/** Counters: router interface. */
typedef enum _sai_router_interface_stat_t {
    SAI_ROUTER_INTERFACE_STAT_IN_OCTETS = 0,
    SAI_ROUTER_INTERFACE_STAT_IN_PACKETS = 1,
    SAI_ROUTER_INTERFACE_STAT_OUT_OCTETS = 2,
    SAI_ROUTER_INTERFACE_STAT_OUT_PACKETS = 3,
    SAI_ROUTER_INTERFACE_STAT_IN_ERROR_OCTETS = 4,
    SAI_ROUTER_INTERFACE_STAT_IN_ERROR_PACKETS = 5,
    SAI_ROUTER_INTERFACE_STAT_OUT_ERROR_OCTETS = 6,
    SAI_ROUTER_INTERFACE_STAT_OUT_ERROR_PACKETS = 7
} sai_router_interface_stat_t;

typedef sai_status_t (*sai_create_router_interface_fn)(
    sai_object_id_t *router_interface_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_router_interface_fn)(sai_object_id_t router_interface_id);

typedef sai_status_t (*sai_set_router_interface_attribute_fn)(
    sai_object_id_t router_interface_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_router_interface_attribute_fn)(
    sai_object_id_t router_interface_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_get_router_interface_stats_fn)(
    sai_object_id_t router_interface_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    uint64_t *counters);

typedef sai_status_t (*sai_get_router_interface_stats_ext_fn)(
    sai_object_id_t router_interface_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    sai_stats_mode_t mode,
    uint64_t *counters);

typedef sai_status_t (*sai_clear_router_interface_stats_fn)(
    sai_object_id_t router_interface_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids);

/** Method table: router interface. The order is the ABI. */
typedef struct _sai_router_interface_api_t {
    sai_create_router_interface_fn create_router_interface;
    sai_remove_router_interface_fn remove_router_interface;
    sai_set_router_interface_attribute_fn set_router_interface_attribute;
    sai_get_router_interface_attribute_fn get_router_interface_attribute;
    sai_get_router_interface_stats_fn get_router_interface_stats;
    sai_get_router_interface_stats_ext_fn get_router_interface_stats_ext;
    sai_clear_router_interface_stats_fn clear_router_interface_stats;
    sai_bulk_object_create_fn create_router_interfaces;
    sai_bulk_object_remove_fn remove_router_interfaces;
    sai_bulk_object_set_attribute_fn set_router_interfaces_attribute;
    sai_bulk_object_get_attribute_fn get_router_interfaces_attribute;
} sai_router_interface_api_t;

#ifdef __cplusplus
}
#endif

#endif
