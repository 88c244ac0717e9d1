/*
 * saivlan.h: VLANs and their members.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIVLAN_H_
#define __SAIVLAN_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAI_VLAN_COUNTER_SET_DEFAULT 0

/** Tagging of a VLAN on one member. */
typedef enum _sai_vlan_tagging_mode_t {
    SAI_VLAN_TAGGING_MODE_UNTAGGED = 0,
    SAI_VLAN_TAGGING_MODE_TAGGED = 1,
    SAI_VLAN_TAGGING_MODE_PRIORITY_TAGGED = 2
} sai_vlan_tagging_mode_t;

typedef enum _sai_vlan_mcast_lookup_key_type_t {
    SAI_VLAN_MCAST_LOOKUP_KEY_TYPE_MAC_DA = 0,
    SAI_VLAN_MCAST_LOOKUP_KEY_TYPE_XG = 1,
    SAI_VLAN_MCAST_LOOKUP_KEY_TYPE_SG = 2,
    SAI_VLAN_MCAST_LOOKUP_KEY_TYPE_XG_AND_SG = 3
} sai_vlan_mcast_lookup_key_type_t;

typedef enum _sai_vlan_flood_control_type_t {
    SAI_VLAN_FLOOD_CONTROL_TYPE_ALL = 0,
    SAI_VLAN_FLOOD_CONTROL_TYPE_NONE = 1,
    SAI_VLAN_FLOOD_CONTROL_TYPE_L2MC_GROUP = 2,
    SAI_VLAN_FLOOD_CONTROL_TYPE_COMBINED = 3
} sai_vlan_flood_control_type_t;

/** Attributes: VLAN. */
typedef enum _sai_vlan_attr_t {
    SAI_VLAN_ATTR_START = 0,
    SAI_VLAN_ATTR_VLAN_ID = 0,
    SAI_VLAN_ATTR_MEMBER_LIST = 1,
    SAI_VLAN_ATTR_MAX_LEARNED_ADDRESSES = 2,
    SAI_VLAN_ATTR_STP_INSTANCE = 3,
    SAI_VLAN_ATTR_LEARN_DISABLE = 4,
    SAI_VLAN_ATTR_IPV4_MCAST_LOOKUP_KEY_TYPE = 5,
    SAI_VLAN_ATTR_IPV6_MCAST_LOOKUP_KEY_TYPE = 6,
    SAI_VLAN_ATTR_UNKNOWN_NON_IP_MCAST_OUTPUT_GROUP_ID = 7,
    SAI_VLAN_ATTR_UNKNOWN_IPV4_MCAST_OUTPUT_GROUP_ID = 8,
    SAI_VLAN_ATTR_UNKNOWN_IPV6_MCAST_OUTPUT_GROUP_ID = 9,
    SAI_VLAN_ATTR_UNKNOWN_LINKLOCAL_MCAST_OUTPUT_GROUP_ID = 10,
    SAI_VLAN_ATTR_INGRESS_ACL = 11,
    SAI_VLAN_ATTR_EGRESS_ACL = 12,
    SAI_VLAN_ATTR_META_DATA = 13,
    SAI_VLAN_ATTR_UNKNOWN_UNICAST_FLOOD_CONTROL_TYPE = 14,
    SAI_VLAN_ATTR_UNKNOWN_UNICAST_FLOOD_GROUP = 15,
    SAI_VLAN_ATTR_UNKNOWN_MULTICAST_FLOOD_CONTROL_TYPE = 16,
    SAI_VLAN_ATTR_UNKNOWN_MULTICAST_FLOOD_GROUP = 17,
    SAI_VLAN_ATTR_BROADCAST_FLOOD_CONTROL_TYPE = 18,
    SAI_VLAN_ATTR_BROADCAST_FLOOD_GROUP = 19,
    SAI_VLAN_ATTR_CUSTOM_IGMP_SNOOPING_ENABLE = 20,
    SAI_VLAN_ATTR_TAM_OBJECT = 21,
    SAI_VLAN_ATTR_STATS_COUNT_MODE = 22,
    SAI_VLAN_ATTR_SELECTIVE_COUNTER_LIST = 23,
    SAI_VLAN_ATTR_END = 24,
    SAI_VLAN_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_VLAN_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_vlan_attr_t;

/** Attributes: VLAN member. */
typedef enum _sai_vlan_member_attr_t {
    SAI_VLAN_MEMBER_ATTR_START = 0,
    SAI_VLAN_MEMBER_ATTR_VLAN_ID = 0,
    SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID = 1,
    SAI_VLAN_MEMBER_ATTR_VLAN_TAGGING_MODE = 2,
    SAI_VLAN_MEMBER_ATTR_TUNNEL_TERM_BUM_TX_DROP = 3,
    SAI_VLAN_MEMBER_ATTR_RX_DROP = 4,
    SAI_VLAN_MEMBER_ATTR_TX_DROP = 5,
    SAI_VLAN_MEMBER_ATTR_END = 6,
    SAI_VLAN_MEMBER_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_VLAN_MEMBER_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_vlan_member_attr_t;

/** Counters: VLAN. */
typedef enum _sai_vlan_stat_t {
    SAI_VLAN_STAT_IN_OCTETS = 0,
    SAI_VLAN_STAT_IN_PACKETS = 1,
    SAI_VLAN_STAT_IN_UCAST_PKTS = 2,
    SAI_VLAN_STAT_IN_NON_UCAST_PKTS = 3,
    SAI_VLAN_STAT_IN_DISCARDS = 4,
    SAI_VLAN_STAT_IN_ERRORS = 5,
    SAI_VLAN_STAT_IN_UNKNOWN_PROTOS = 6,
    SAI_VLAN_STAT_OUT_OCTETS = 7,
    SAI_VLAN_STAT_OUT_PACKETS = 8,
    SAI_VLAN_STAT_OUT_UCAST_PKTS = 9,
    SAI_VLAN_STAT_OUT_NON_UCAST_PKTS = 10,
    SAI_VLAN_STAT_OUT_DISCARDS = 11,
    SAI_VLAN_STAT_OUT_ERRORS = 12,
    SAI_VLAN_STAT_OUT_QLEN = 13
} sai_vlan_stat_t;

typedef sai_status_t (*sai_create_vlan_fn)(
    sai_object_id_t *vlan_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_vlan_fn)(sai_object_id_t vlan_id);

typedef sai_status_t (*sai_set_vlan_attribute_fn)(
    sai_object_id_t vlan_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_vlan_attribute_fn)(
    sai_object_id_t vlan_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_vlan_member_fn)(
    sai_object_id_t *vlan_member_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_vlan_member_fn)(sai_object_id_t vlan_member_id);

typedef sai_status_t (*sai_set_vlan_member_attribute_fn)(
    sai_object_id_t vlan_member_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_vlan_member_attribute_fn)(
    sai_object_id_t vlan_member_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_get_vlan_stats_fn)(
    sai_object_id_t vlan_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    uint64_t *counters);

typedef sai_status_t (*sai_get_vlan_stats_ext_fn)(
    sai_object_id_t vlan_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    sai_stats_mode_t mode,
    uint64_t *counters);

typedef sai_status_t (*sai_clear_vlan_stats_fn)(
    sai_object_id_t vlan_id,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids);

/** Method table: VLAN. The order is the ABI. */
typedef struct _sai_vlan_api_t {
    sai_create_vlan_fn create_vlan;
    sai_remove_vlan_fn remove_vlan;
    sai_set_vlan_attribute_fn set_vlan_attribute;
    sai_get_vlan_attribute_fn get_vlan_attribute;
    sai_create_vlan_member_fn create_vlan_member;
    sai_remove_vlan_member_fn remove_vlan_member;
    sai_set_vlan_member_attribute_fn set_vlan_member_attribute;
    sai_get_vlan_member_attribute_fn get_vlan_member_attribute;
    sai_bulk_object_create_fn create_vlan_members;
    sai_bulk_object_remove_fn remove_vlan_members;
    sai_get_vlan_stats_fn get_vlan_stats;
    sai_get_vlan_stats_ext_fn get_vlan_stats_ext;
    sai_clear_vlan_stats_fn clear_vlan_stats;
} sai_vlan_api_t;

#ifdef __cplusplus
}
#endif

#endif
