/*
 * saiisolationgroup.h: isolation groups and their members.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIISOLATIONGROUP_H_
#define __SAIISOLATIONGROUP_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Whether the members are ports or bridge ports. */
typedef enum _sai_isolation_group_type_t {
    SAI_ISOLATION_GROUP_TYPE_PORT = 0,
    SAI_ISOLATION_GROUP_TYPE_BRIDGE_PORT = 1
} sai_isolation_group_type_t;

/** Attributes: isolation group. */
typedef enum _sai_isolation_group_attr_t {
    SAI_ISOLATION_GROUP_ATTR_START = 0,
    SAI_ISOLATION_GROUP_ATTR_TYPE = 0,
    SAI_ISOLATION_GROUP_ATTR_ISOLATION_MEMBER_LIST = 1,
    SAI_ISOLATION_GROUP_ATTR_END = 2,
    SAI_ISOLATION_GROUP_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_ISOLATION_GROUP_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_isolation_group_attr_t;

/** Attributes: isolation group member. */
typedef enum _sai_isolation_group_member_attr_t {
    SAI_ISOLATION_GROUP_MEMBER_ATTR_START = 0,
    SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_GROUP_ID = 0,
    SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_OBJECT = 1,
    SAI_ISOLATION_GROUP_MEMBER_ATTR_END = 2,
    SAI_ISOLATION_GROUP_MEMBER_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_ISOLATION_GROUP_MEMBER_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_isolation_group_member_attr_t;

typedef sai_status_t (*sai_create_isolation_group_fn)(
    sai_object_id_t *isolation_group_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_isolation_group_fn)(sai_object_id_t isolation_group_id);

typedef sai_status_t (*sai_set_isolation_group_attribute_fn)(
    sai_object_id_t isolation_group_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_isolation_group_attribute_fn)(
    sai_object_id_t isolation_group_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_isolation_group_member_fn)(
    sai_object_id_t *isolation_group_member_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_isolation_group_member_fn)(
    sai_object_id_t isolation_group_member_id);

typedef sai_status_t (*sai_set_isolation_group_member_attribute_fn)(
    sai_object_id_t isolation_group_member_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_isolation_group_member_attribute_fn)(
    sai_object_id_t isolation_group_member_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

/** Method table: isolation group. The order is the ABI. */
typedef struct _sai_isolation_group_api_t {
    sai_create_isolation_group_fn create_isolation_group;
    sai_remove_isolation_group_fn remove_isolation_group;
    sai_set_isolation_group_attribute_fn set_isolation_group_attribute;
    sai_get_isolation_group_attribute_fn get_isolation_group_attribute;
    sai_create_isolation_group_member_fn create_isolation_group_member;
    sai_remove_isolation_group_member_fn remove_isolation_group_member;
    sai_set_isolation_group_member_attribute_fn set_isolation_group_member_attribute;
    sai_get_isolation_group_member_attribute_fn get_isolation_group_member_attribute;
} sai_isolation_group_api_t;

#ifdef __cplusplus
}
#endif

#endif
