/*
 * sairoute.h: route entries.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIROUTE_H_
#define __SAIROUTE_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Attributes: route entry. */
typedef enum _sai_route_entry_attr_t {
    SAI_ROUTE_ENTRY_ATTR_START = 0,
    SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION = 0,
    SAI_ROUTE_ENTRY_ATTR_USER_TRAP_ID = 1,
    SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID = 2,
    SAI_ROUTE_ENTRY_ATTR_META_DATA = 3,
    SAI_ROUTE_ENTRY_ATTR_IP_ADDR_FAMILY = 4,
    SAI_ROUTE_ENTRY_ATTR_COUNTER_ID = 5,
    SAI_ROUTE_ENTRY_ATTR_PREFIX_AGG_ID = 6,
    SAI_ROUTE_ENTRY_ATTR_END = 7,
    SAI_ROUTE_ENTRY_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_ROUTE_ENTRY_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_route_entry_attr_t;

/** Key of a route: prefix in a virtual router. */
typedef struct _sai_route_entry_t {
    sai_object_id_t switch_id;
    sai_object_id_t vr_id;
    sai_ip_prefix_t destination;
} sai_route_entry_t;

typedef sai_status_t (*sai_create_route_entry_fn)(
    const sai_route_entry_t *route_entry,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_route_entry_fn)(const sai_route_entry_t *route_entry);

typedef sai_status_t (*sai_set_route_entry_attribute_fn)(
    const sai_route_entry_t *route_entry,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_route_entry_attribute_fn)(
    const sai_route_entry_t *route_entry,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_bulk_create_route_entry_fn)(
    uint32_t object_count,
    const sai_route_entry_t *route_entry,
    const uint32_t *attr_count,
    const sai_attribute_t **attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_remove_route_entry_fn)(
    uint32_t object_count,
    const sai_route_entry_t *route_entry,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_set_route_entry_attribute_fn)(
    uint32_t object_count,
    const sai_route_entry_t *route_entry,
    const sai_attribute_t *attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_get_route_entry_attribute_fn)(
    uint32_t object_count,
    const sai_route_entry_t *route_entry,
    const uint32_t *attr_count,
    sai_attribute_t **attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

/** Method table: route. The order is the ABI. */
typedef struct _sai_route_api_t {
    sai_create_route_entry_fn create_route_entry;
    sai_remove_route_entry_fn remove_route_entry;
    sai_set_route_entry_attribute_fn set_route_entry_attribute;
    sai_get_route_entry_attribute_fn get_route_entry_attribute;
    sai_bulk_create_route_entry_fn create_route_entries;
    sai_bulk_remove_route_entry_fn remove_route_entries;
    sai_bulk_set_route_entry_attribute_fn set_route_entries_attribute;
    sai_bulk_get_route_entry_attribute_fn get_route_entries_attribute;
} sai_route_api_t;

#ifdef __cplusplus
}
#endif

#endif
