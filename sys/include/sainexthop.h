/*
 * sainexthop.h: next hops.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAINEXTHOP_H_
#define __SAINEXTHOP_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a next hop is reached. */
typedef enum _sai_next_hop_type_t {
    SAI_NEXT_HOP_TYPE_IP = 0,
    SAI_NEXT_HOP_TYPE_MPLS = 1,
    SAI_NEXT_HOP_TYPE_TUNNEL_ENCAP = 2,
    SAI_NEXT_HOP_TYPE_SRV6_SIDLIST = 3,
    SAI_NEXT_HOP_TYPE_IPMC = 4,
    SAI_NEXT_HOP_TYPE_BRIDGE_PORT = 5
} sai_next_hop_type_t;

/** Attributes: next hop. */
typedef enum _sai_next_hop_attr_t {
    SAI_NEXT_HOP_ATTR_START = 0,
    SAI_NEXT_HOP_ATTR_TYPE = 0,
    SAI_NEXT_HOP_ATTR_IP = 1,
    SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID = 2,
    SAI_NEXT_HOP_ATTR_TUNNEL_ID = 3,
    SAI_NEXT_HOP_ATTR_TUNNEL_VNI = 4,
    SAI_NEXT_HOP_ATTR_TUNNEL_MAC = 5,
    SAI_NEXT_HOP_ATTR_SRV6_SIDLIST_ID = 6,
    SAI_NEXT_HOP_ATTR_LABELSTACK = 7,
    SAI_NEXT_HOP_ATTR_COUNTER_ID = 8,
    SAI_NEXT_HOP_ATTR_DISABLE_DECREMENT_TTL = 9,
    SAI_NEXT_HOP_ATTR_OUTSEG_TYPE = 10,
    SAI_NEXT_HOP_ATTR_OUTSEG_TTL_MODE = 11,
    SAI_NEXT_HOP_ATTR_OUTSEG_TTL_VALUE = 12,
    SAI_NEXT_HOP_ATTR_OUTSEG_EXP_MODE = 13,
    SAI_NEXT_HOP_ATTR_OUTSEG_EXP_VALUE = 14,
    SAI_NEXT_HOP_ATTR_QOS_TC_AND_COLOR_TO_MPLS_EXP_MAP = 15,
    SAI_NEXT_HOP_ATTR_DISABLE_SRC_MAC_REWRITE = 16,
    SAI_NEXT_HOP_ATTR_DISABLE_DST_MAC_REWRITE = 17,
    SAI_NEXT_HOP_ATTR_DISABLE_VLAN_REWRITE = 18,
    SAI_NEXT_HOP_ATTR_META_DATA = 19,
    SAI_NEXT_HOP_ATTR_END = 20,
    SAI_NEXT_HOP_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_NEXT_HOP_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_next_hop_attr_t;

typedef sai_status_t (*sai_create_next_hop_fn)(
    sai_object_id_t *next_hop_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_next_hop_fn)(sai_object_id_t next_hop_id);

typedef sai_status_t (*sai_set_next_hop_attribute_fn)(
    sai_object_id_t next_hop_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_next_hop_attribute_fn)(
    sai_object_id_t next_hop_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

/** Method table: next hop. The order is the ABI. */
typedef struct _sai_next_hop_api_t {
    sai_create_next_hop_fn create_next_hop;
    sai_remove_next_hop_fn remove_next_hop;
    sai_set_next_hop_attribute_fn set_next_hop_attribute;
    sai_get_next_hop_attribute_fn get_next_hop_attribute;
    sai_bulk_object_create_fn create_next_hops;
    sai_bulk_object_remove_fn remove_next_hops;
    sai_bulk_object_set_attribute_fn set_next_hops_attribute;
    sai_bulk_object_get_attribute_fn get_next_hops_attribute;
} sai_next_hop_api_t;

#ifdef __cplusplus
}
#endif

#endif
