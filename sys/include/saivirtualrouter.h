/*
 * saivirtualrouter.h: virtual routers.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIVIRTUALROUTER_H_
#define __SAIVIRTUALROUTER_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Attributes: virtual router. */
typedef enum _sai_virtual_router_attr_t {
    SAI_VIRTUAL_ROUTER_ATTR_START = 0,
    SAI_VIRTUAL_ROUTER_ATTR_ADMIN_V4_STATE = 0,
    SAI_VIRTUAL_ROUTER_ATTR_ADMIN_V6_STATE = 1,
    SAI_VIRTUAL_ROUTER_ATTR_SRC_MAC_ADDRESS = 2,
    SAI_VIRTUAL_ROUTER_ATTR_VIOLATION_TTL1_PACKET_ACTION = 3,
    SAI_VIRTUAL_ROUTER_ATTR_VIOLATION_IP_OPTIONS_PACKET_ACTION = 4,
    SAI_VIRTUAL_ROUTER_ATTR_UNKNOWN_L3_MULTICAST_PACKET_ACTION = 5,
    SAI_VIRTUAL_ROUTER_ATTR_LABEL = 6,
    SAI_VIRTUAL_ROUTER_ATTR_END = 7,
    SAI_VIRTUAL_ROUTER_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_VIRTUAL_ROUTER_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_virtual_router_attr_t;

typedef sai_status_t (*sai_create_virtual_router_fn)(
    sai_object_id_t *virtual_router_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_virtual_router_fn)(sai_object_id_t virtual_router_id);

typedef sai_status_t (*sai_set_virtual_router_attribute_fn)(
    sai_object_id_t virtual_router_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_virtual_router_attribute_fn)(
    sai_object_id_t virtual_router_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

/** Method table: virtual router. The order is the ABI. */
typedef struct _sai_virtual_router_api_t {
    sai_create_virtual_router_fn create_virtual_router;
    sai_remove_virtual_router_fn remove_virtual_router;
    sai_set_virtual_router_attribute_fn set_virtual_router_attribute;
    sai_get_virtual_router_attribute_fn get_virtual_router_attribute;
} sai_virtual_router_api_t;

#ifdef __cplusplus
}
#endif

#endif
