/*
 * sailag.h: link aggregation groups and their members.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAILAG_H_
#define __SAILAG_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Attributes: LAG. */
typedef enum _sai_lag_attr_t {
    SAI_LAG_ATTR_START = 0,
    SAI_LAG_ATTR_PORT_LIST = 0,
    SAI_LAG_ATTR_INGRESS_ACL = 1,
    SAI_LAG_ATTR_EGRESS_ACL = 2,
    SAI_LAG_ATTR_PORT_VLAN_ID = 3,
    SAI_LAG_ATTR_DEFAULT_VLAN_PRIORITY = 4,
    SAI_LAG_ATTR_DROP_UNTAGGED = 5,
    SAI_LAG_ATTR_DROP_TAGGED = 6,
    SAI_LAG_ATTR_TPID = 7,
    SAI_LAG_ATTR_SYSTEM_PORT_AGGREGATE_ID = 8,
    SAI_LAG_ATTR_LABEL = 9,
    SAI_LAG_ATTR_ARS_OBJECT_ID = 10,
    SAI_LAG_ATTR_ARS_PACKET_DROPS = 11,
    SAI_LAG_ATTR_ARS_PORT_REASSIGNMENTS = 12,
    SAI_LAG_ATTR_HASH_ALGORITHM = 13,
    SAI_LAG_ATTR_END = 14,
    SAI_LAG_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_LAG_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_lag_attr_t;

/** Attributes: LAG member. */
typedef enum _sai_lag_member_attr_t {
    SAI_LAG_MEMBER_ATTR_START = 0,
    SAI_LAG_MEMBER_ATTR_LAG_ID = 0,
    SAI_LAG_MEMBER_ATTR_PORT_ID = 1,
    SAI_LAG_MEMBER_ATTR_EGRESS_DISABLE = 2,
    SAI_LAG_MEMBER_ATTR_INGRESS_DISABLE = 3,
    SAI_LAG_MEMBER_ATTR_WEIGHT = 4,
    SAI_LAG_MEMBER_ATTR_END = 5,
    SAI_LAG_MEMBER_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_LAG_MEMBER_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_lag_member_attr_t;

typedef sai_status_t (*sai_create_lag_fn)(
    sai_object_id_t *lag_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_lag_fn)(sai_object_id_t lag_id);

typedef sai_status_t (*sai_set_lag_attribute_fn)(
    sai_object_id_t lag_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_lag_attribute_fn)(
    sai_object_id_t lag_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_lag_member_fn)(
    sai_object_id_t *lag_member_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_lag_member_fn)(sai_object_id_t lag_member_id);

typedef sai_status_t (*sai_set_lag_member_attribute_fn)(
    sai_object_id_t lag_member_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_lag_member_attribute_fn)(
    sai_object_id_t lag_member_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

/** Method table: LAG. The order is the ABI. */
typedef struct _sai_lag_api_t {
    sai_create_lag_fn create_lag;
    sai_remove_lag_fn remove_lag;
    sai_set_lag_attribute_fn set_lag_attribute;
    sai_get_lag_attribute_fn get_lag_attribute;
    sai_create_lag_member_fn create_lag_member;
    sai_remove_lag_member_fn remove_lag_member;
    sai_set_lag_member_attribute_fn set_lag_member_attribute;
    sai_get_lag_member_attribute_fn get_lag_member_attribute;
    sai_bulk_object_create_fn create_lag_members;
    sai_bulk_object_remove_fn remove_lag_members;
} sai_lag_api_t;

#ifdef __cplusplus
}
#endif

#endif
