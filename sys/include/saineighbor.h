/*
 * saineighbor.h: neighbour entries: the ARP and ND table of the ASIC.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAINEIGHBOR_H_
#define __SAINEIGHBOR_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Attributes: neighbor entry. */
typedef enum _sai_neighbor_entry_attr_t {
    SAI_NEIGHBOR_ENTRY_ATTR_START = 0,
    SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS = 0,
    SAI_NEIGHBOR_ENTRY_ATTR_PACKET_ACTION = 1,
    SAI_NEIGHBOR_ENTRY_ATTR_USER_TRAP_ID = 2,
    SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE = 3,
    SAI_NEIGHBOR_ENTRY_ATTR_META_DATA = 4,
    SAI_NEIGHBOR_ENTRY_ATTR_COUNTER_ID = 5,
    SAI_NEIGHBOR_ENTRY_ATTR_ENCAP_INDEX = 6,
    SAI_NEIGHBOR_ENTRY_ATTR_ENCAP_IMPOSE_INDEX = 7,
    SAI_NEIGHBOR_ENTRY_ATTR_IS_LOCAL = 8,
    SAI_NEIGHBOR_ENTRY_ATTR_IP_ADDR_FAMILY = 9,
    SAI_NEIGHBOR_ENTRY_ATTR_END = 10,
    SAI_NEIGHBOR_ENTRY_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_NEIGHBOR_ENTRY_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_neighbor_entry_attr_t;

/** Key of a neighbour: address on a router interface. */
typedef struct _sai_neighbor_entry_t {
    sai_object_id_t switch_id;
    sai_object_id_t rif_id;
    sai_ip_address_t ip_address;
} sai_neighbor_entry_t;

typedef sai_status_t (*sai_create_neighbor_entry_fn)(
    const sai_neighbor_entry_t *neighbor_entry,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_neighbor_entry_fn)(const sai_neighbor_entry_t *neighbor_entry);

typedef sai_status_t (*sai_set_neighbor_entry_attribute_fn)(
    const sai_neighbor_entry_t *neighbor_entry,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_neighbor_entry_attribute_fn)(
    const sai_neighbor_entry_t *neighbor_entry,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_all_neighbor_entries_fn)(sai_object_id_t switch_id);

typedef sai_status_t (*sai_bulk_create_neighbor_entry_fn)(
    uint32_t object_count,
    const sai_neighbor_entry_t *neighbor_entry,
    const uint32_t *attr_count,
    const sai_attribute_t **attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_remove_neighbor_entry_fn)(
    uint32_t object_count,
    const sai_neighbor_entry_t *neighbor_entry,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_set_neighbor_entry_attribute_fn)(
    uint32_t object_count,
    const sai_neighbor_entry_t *neighbor_entry,
    const sai_attribute_t *attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_get_neighbor_entry_attribute_fn)(
    uint32_t object_count,
    const sai_neighbor_entry_t *neighbor_entry,
    const uint32_t *attr_count,
    sai_attribute_t **attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

/** Method table: neighbor. The order is the ABI. */
typedef struct _sai_neighbor_api_t {
    sai_create_neighbor_entry_fn create_neighbor_entry;
    sai_remove_neighbor_entry_fn remove_neighbor_entry;
    sai_set_neighbor_entry_attribute_fn set_neighbor_entry_attribute;
    sai_get_neighbor_entry_attribute_fn get_neighbor_entry_attribute;
    sai_remove_all_neighbor_entries_fn remove_all_neighbor_entries;
    sai_bulk_create_neighbor_entry_fn create_neighbor_entries;
    sai_bulk_remove_neighbor_entry_fn remove_neighbor_entries;
    sai_bulk_set_neighbor_entry_attribute_fn set_neighbor_entries_attribute;
    sai_bulk_get_neighbor_entry_attribute_fn get_neighbor_entries_attribute;
} sai_neighbor_api_t;

#ifdef __cplusplus
}
#endif

#endif
