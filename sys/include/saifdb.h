/*
 * saifdb.h: forwarding database of MAC addresses.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIFDB_H_
#define __SAIFDB_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Dynamic entries age, static ones stay. */
typedef enum _sai_fdb_entry_type_t {
    SAI_FDB_ENTRY_TYPE_DYNAMIC = 0,
    SAI_FDB_ENTRY_TYPE_STATIC = 1
} sai_fdb_entry_type_t;

/** What happened to an FDB entry. */
typedef enum _sai_fdb_event_t {
    SAI_FDB_EVENT_LEARNED = 0,
    SAI_FDB_EVENT_AGED = 1,
    SAI_FDB_EVENT_MOVE = 2,
    SAI_FDB_EVENT_FLUSHED = 3
} sai_fdb_event_t;

/** Attributes: FDB entry. */
typedef enum _sai_fdb_entry_attr_t {
    SAI_FDB_ENTRY_ATTR_START = 0,
    SAI_FDB_ENTRY_ATTR_TYPE = 0,
    SAI_FDB_ENTRY_ATTR_PACKET_ACTION = 1,
    SAI_FDB_ENTRY_ATTR_USER_TRAP_ID = 2,
    SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID = 3,
    SAI_FDB_ENTRY_ATTR_META_DATA = 4,
    SAI_FDB_ENTRY_ATTR_ENDPOINT_IP = 5,
    SAI_FDB_ENTRY_ATTR_COUNTER_ID = 6,
    SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE = 7,
    SAI_FDB_ENTRY_ATTR_END = 8,
    SAI_FDB_ENTRY_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_FDB_ENTRY_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_fdb_entry_attr_t;

/** Which entries a flush takes. */
typedef enum _sai_fdb_flush_entry_type_t {
    SAI_FDB_FLUSH_ENTRY_TYPE_DYNAMIC = 0,
    SAI_FDB_FLUSH_ENTRY_TYPE_STATIC = 1,
    SAI_FDB_FLUSH_ENTRY_TYPE_ALL = 2
} sai_fdb_flush_entry_type_t;

/** Filters of a flush call. */
typedef enum _sai_fdb_flush_attr_t {
    SAI_FDB_FLUSH_ATTR_START = 0,
    SAI_FDB_FLUSH_ATTR_BRIDGE_PORT_ID = 0,
    SAI_FDB_FLUSH_ATTR_BV_ID = 1,
    SAI_FDB_FLUSH_ATTR_ENTRY_TYPE = 2,
    SAI_FDB_FLUSH_ATTR_END = 3,
    SAI_FDB_FLUSH_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_FDB_FLUSH_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_fdb_flush_attr_t;

/** Key of an FDB entry: MAC address within a bridge or VLAN. */
typedef struct _sai_fdb_entry_t {
    sai_object_id_t switch_id;
    sai_mac_t mac_address;
    sai_object_id_t bv_id;
} sai_fdb_entry_t;

/** One FDB change; attr points into memory that lives only for the callback. */
typedef struct _sai_fdb_event_notification_data_t {
    sai_fdb_event_t event_type;
    sai_fdb_entry_t fdb_entry;
    uint32_t attr_count;
    sai_attribute_t *attr;
} sai_fdb_event_notification_data_t;

typedef sai_status_t (*sai_create_fdb_entry_fn)(
    const sai_fdb_entry_t *fdb_entry,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_fdb_entry_fn)(const sai_fdb_entry_t *fdb_entry);

typedef sai_status_t (*sai_set_fdb_entry_attribute_fn)(
    const sai_fdb_entry_t *fdb_entry,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_fdb_entry_attribute_fn)(
    const sai_fdb_entry_t *fdb_entry,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_flush_fdb_entries_fn)(
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

/** Called on the library's thread with borrowed memory. */
typedef void (*sai_fdb_event_notification_fn)(
    uint32_t count,
    const sai_fdb_event_notification_data_t *data);

typedef sai_status_t (*sai_bulk_create_fdb_entry_fn)(
    uint32_t object_count,
    const sai_fdb_entry_t *fdb_entry,
    const uint32_t *attr_count,
    const sai_attribute_t **attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_remove_fdb_entry_fn)(
    uint32_t object_count,
    const sai_fdb_entry_t *fdb_entry,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_set_fdb_entry_attribute_fn)(
    uint32_t object_count,
    const sai_fdb_entry_t *fdb_entry,
    const sai_attribute_t *attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

typedef sai_status_t (*sai_bulk_get_fdb_entry_attribute_fn)(
    uint32_t object_count,
    const sai_fdb_entry_t *fdb_entry,
    const uint32_t *attr_count,
    sai_attribute_t **attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

/** Method table: FDB. The order is the ABI. */
typedef struct _sai_fdb_api_t {
    sai_create_fdb_entry_fn create_fdb_entry;
    sai_remove_fdb_entry_fn remove_fdb_entry;
    sai_set_fdb_entry_attribute_fn set_fdb_entry_attribute;
    sai_get_fdb_entry_attribute_fn get_fdb_entry_attribute;
    sai_flush_fdb_entries_fn flush_fdb_entries;
    sai_bulk_create_fdb_entry_fn create_fdb_entries;
    sai_bulk_remove_fdb_entry_fn remove_fdb_entries;
    sai_bulk_set_fdb_entry_attribute_fn set_fdb_entries_attribute;
    sai_bulk_get_fdb_entry_attribute_fn get_fdb_entries_attribute;
} sai_fdb_api_t;

#ifdef __cplusplus
}
#endif

#endif
