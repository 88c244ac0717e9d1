/*
 * sainexthopgroup.h: next-hop groups, their members and maps.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAINEXTHOPGROUP_H_
#define __SAINEXTHOPGROUP_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum _sai_next_hop_group_type_t {
    SAI_NEXT_HOP_GROUP_TYPE_DYNAMIC_UNORDERED_ECMP = 0,
    SAI_NEXT_HOP_GROUP_TYPE_ECMP = 0,
    SAI_NEXT_HOP_GROUP_TYPE_DYNAMIC_ORDERED_ECMP = 1,
    SAI_NEXT_HOP_GROUP_TYPE_FINE_GRAIN_ECMP = 2,
    SAI_NEXT_HOP_GROUP_TYPE_PROTECTION = 3,
    SAI_NEXT_HOP_GROUP_TYPE_CLASS_BASED = 4,
    SAI_NEXT_HOP_GROUP_TYPE_HW_PROTECTION = 5,
    SAI_NEXT_HOP_GROUP_TYPE_ECMP_WITH_MEMBERS = 6,
    SAI_NEXT_HOP_GROUP_TYPE_BRIDGE_PORT = 7
} sai_next_hop_group_type_t;

typedef enum _sai_next_hop_group_member_configured_role_t {
    SAI_NEXT_HOP_GROUP_MEMBER_CONFIGURED_ROLE_PRIMARY = 0,
    SAI_NEXT_HOP_GROUP_MEMBER_CONFIGURED_ROLE_STANDBY = 1
} sai_next_hop_group_member_configured_role_t;

typedef enum _sai_next_hop_group_member_observed_role_t {
    SAI_NEXT_HOP_GROUP_MEMBER_OBSERVED_ROLE_ACTIVE = 0,
    SAI_NEXT_HOP_GROUP_MEMBER_OBSERVED_ROLE_INACTIVE = 1
} sai_next_hop_group_member_observed_role_t;

typedef enum _sai_next_hop_group_admin_role_t {
    SAI_NEXT_HOP_GROUP_ADMIN_ROLE_AUTO = 0,
    SAI_NEXT_HOP_GROUP_ADMIN_ROLE_PRIMARY = 1,
    SAI_NEXT_HOP_GROUP_ADMIN_ROLE_STANDBY = 2
} sai_next_hop_group_admin_role_t;

/** Attributes: next hop group. */
typedef enum _sai_next_hop_group_attr_t {
    SAI_NEXT_HOP_GROUP_ATTR_START = 0,
    SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_COUNT = 0,
    SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_MEMBER_LIST = 1,
    SAI_NEXT_HOP_GROUP_ATTR_TYPE = 2,
    SAI_NEXT_HOP_GROUP_ATTR_SET_SWITCHOVER = 3,
    SAI_NEXT_HOP_GROUP_ATTR_COUNTER_ID = 4,
    SAI_NEXT_HOP_GROUP_ATTR_CONFIGURED_SIZE = 5,
    SAI_NEXT_HOP_GROUP_ATTR_REAL_SIZE = 6,
    SAI_NEXT_HOP_GROUP_ATTR_SELECTION_MAP = 7,
    SAI_NEXT_HOP_GROUP_ATTR_HIERARCHICAL_NEXTHOP = 8,
    SAI_NEXT_HOP_GROUP_ATTR_ARS_OBJECT_ID = 9,
    SAI_NEXT_HOP_GROUP_ATTR_ARS_PACKET_DROPS = 10,
    SAI_NEXT_HOP_GROUP_ATTR_ARS_NEXT_HOP_REASSIGNMENTS = 11,
    SAI_NEXT_HOP_GROUP_ATTR_ARS_PORT_REASSIGNMENTS = 12,
    SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_LIST = 13,
    SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_MEMBER_WEIGHT_LIST = 14,
    SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_MEMBER_COUNTER_LIST = 15,
    SAI_NEXT_HOP_GROUP_ATTR_HASH_ALGORITHM = 16,
    SAI_NEXT_HOP_GROUP_ATTR_LABEL = 17,
    SAI_NEXT_HOP_GROUP_ATTR_ADMIN_ROLE = 18,
    SAI_NEXT_HOP_GROUP_ATTR_END = 19,
    SAI_NEXT_HOP_GROUP_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_NEXT_HOP_GROUP_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_next_hop_group_attr_t;

/** Attributes: next hop group member. */
typedef enum _sai_next_hop_group_member_attr_t {
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_START = 0,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID = 0,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID = 1,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_WEIGHT = 2,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_CONFIGURED_ROLE = 3,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_OBSERVED_ROLE = 4,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_MONITORED_OBJECT = 5,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_INDEX = 6,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_SEQUENCE_ID = 7,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_COUNTER_ID = 8,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_ARS_ALTERNATE_PATH = 9,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_END = 10,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_NEXT_HOP_GROUP_MEMBER_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_next_hop_group_member_attr_t;

typedef enum _sai_next_hop_group_map_type_t {
    SAI_NEXT_HOP_GROUP_MAP_TYPE_FORWARDING_CLASS_TO_INDEX = 0
} sai_next_hop_group_map_type_t;

/** Attributes: next hop group map. */
typedef enum _sai_next_hop_group_map_attr_t {
    SAI_NEXT_HOP_GROUP_MAP_ATTR_START = 0,
    SAI_NEXT_HOP_GROUP_MAP_ATTR_TYPE = 0,
    SAI_NEXT_HOP_GROUP_MAP_ATTR_MAP_TO_VALUE_LIST = 1,
    SAI_NEXT_HOP_GROUP_MAP_ATTR_END = 2,
    SAI_NEXT_HOP_GROUP_MAP_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_NEXT_HOP_GROUP_MAP_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_next_hop_group_map_attr_t;

typedef sai_status_t (*sai_create_next_hop_group_fn)(
    sai_object_id_t *next_hop_group_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_next_hop_group_fn)(sai_object_id_t next_hop_group_id);

typedef sai_status_t (*sai_set_next_hop_group_attribute_fn)(
    sai_object_id_t next_hop_group_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_next_hop_group_attribute_fn)(
    sai_object_id_t next_hop_group_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_next_hop_group_member_fn)(
    sai_object_id_t *next_hop_group_member_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_next_hop_group_member_fn)(
    sai_object_id_t next_hop_group_member_id);

typedef sai_status_t (*sai_set_next_hop_group_member_attribute_fn)(
    sai_object_id_t next_hop_group_member_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_next_hop_group_member_attribute_fn)(
    sai_object_id_t next_hop_group_member_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_next_hop_group_map_fn)(
    sai_object_id_t *next_hop_group_map_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_next_hop_group_map_fn)(sai_object_id_t next_hop_group_map_id);

typedef sai_status_t (*sai_set_next_hop_group_map_attribute_fn)(
    sai_object_id_t next_hop_group_map_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_next_hop_group_map_attribute_fn)(
    sai_object_id_t next_hop_group_map_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

/** Method table: next hop group. The order is the ABI. */
typedef struct _sai_next_hop_group_api_t {
    sai_create_next_hop_group_fn create_next_hop_group;
    sai_remove_next_hop_group_fn remove_next_hop_group;
    sai_set_next_hop_group_attribute_fn set_next_hop_group_attribute;
    sai_get_next_hop_group_attribute_fn get_next_hop_group_attribute;
    sai_create_next_hop_group_member_fn create_next_hop_group_member;
    sai_remove_next_hop_group_member_fn remove_next_hop_group_member;
    sai_set_next_hop_group_member_attribute_fn set_next_hop_group_member_attribute;
    sai_get_next_hop_group_member_attribute_fn get_next_hop_group_member_attribute;
    sai_bulk_object_create_fn create_next_hop_group_members;
    sai_bulk_object_remove_fn remove_next_hop_group_members;
    sai_create_next_hop_group_map_fn create_next_hop_group_map;
    sai_remove_next_hop_group_map_fn remove_next_hop_group_map;
    sai_set_next_hop_group_map_attribute_fn set_next_hop_group_map_attribute;
    sai_get_next_hop_group_map_attribute_fn get_next_hop_group_map_attribute;
    sai_bulk_object_set_attribute_fn set_next_hop_group_members_attribute;
    sai_bulk_object_get_attribute_fn get_next_hop_group_members_attribute;
    sai_bulk_object_create_fn create_next_hop_groups;
    sai_bulk_object_remove_fn remove_next_hop_groups;
    sai_bulk_object_set_attribute_fn set_next_hop_groups_attribute;
    sai_bulk_object_get_attribute_fn get_next_hop_groups_attribute;
} sai_next_hop_group_api_t;

#ifdef __cplusplus
}
#endif

#endif
