/*
 * saiobject.h: object keys and the calls that work on any object type.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIOBJECT_H_
#define __SAIOBJECT_H_

#include <saitypes.h>
#include <saifdb.h>
#include <saineighbor.h>
#include <sairoute.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Keys of object types that this header set does not describe: only their size is stated. */
typedef struct _sai_mcast_fdb_entry_t {
    uint64_t opaque[3];
} sai_mcast_fdb_entry_t;

typedef struct _sai_l2mc_entry_t {
    uint64_t opaque[8];
} sai_l2mc_entry_t;

typedef struct _sai_ipmc_entry_t {
    uint64_t opaque[8];
} sai_ipmc_entry_t;

typedef struct _sai_inseg_entry_t {
    uint64_t opaque[2];
} sai_inseg_entry_t;

typedef struct _sai_nat_entry_t {
    uint64_t opaque[7];
} sai_nat_entry_t;

typedef struct _sai_my_sid_entry_t {
    uint64_t opaque[5];
} sai_my_sid_entry_t;

typedef struct _sai_direction_lookup_entry_t {
    uint64_t opaque[2];
} sai_direction_lookup_entry_t;

typedef struct _sai_eni_ether_address_map_entry_t {
    uint64_t opaque[2];
} sai_eni_ether_address_map_entry_t;

typedef struct _sai_inbound_routing_entry_t {
    uint64_t opaque[8];
} sai_inbound_routing_entry_t;

typedef struct _sai_outbound_ca_to_pa_entry_t {
    uint64_t opaque[5];
} sai_outbound_ca_to_pa_entry_t;

typedef struct _sai_outbound_routing_entry_t {
    uint64_t opaque[7];
} sai_outbound_routing_entry_t;

typedef struct _sai_pa_validation_entry_t {
    uint64_t opaque[5];
} sai_pa_validation_entry_t;

typedef struct _sai_prefix_compression_entry_t {
    uint64_t opaque[7];
} sai_prefix_compression_entry_t;

typedef struct _sai_vip_entry_t {
    uint64_t opaque[4];
} sai_vip_entry_t;

typedef struct _sai_meter_bucket_entry_t {
    uint64_t opaque[3];
} sai_meter_bucket_entry_t;

typedef struct _sai_flow_entry_t {
    uint64_t opaque[8];
} sai_flow_entry_t;

typedef struct _sai_outbound_port_map_port_range_entry_t {
    uint64_t opaque[3];
} sai_outbound_port_map_port_range_entry_t;

typedef struct _sai_global_trusted_vni_entry_t {
    uint64_t opaque[2];
} sai_global_trusted_vni_entry_t;

typedef struct _sai_eni_trusted_vni_entry_t {
    uint64_t opaque[3];
} sai_eni_trusted_vni_entry_t;

/** Which operations a library implements on one attribute. */
typedef struct _sai_attr_capability_t {
    bool create_implemented;
    bool set_implemented;
    bool get_implemented;
} sai_attr_capability_t;

/** Key of any object type; which member is in use follows from the type. */
typedef union _sai_object_key_entry_t {
    sai_object_id_t object_id;
    sai_fdb_entry_t fdb_entry;
    sai_neighbor_entry_t neighbor_entry;
    sai_route_entry_t route_entry;
    sai_mcast_fdb_entry_t mcast_fdb_entry;
    sai_l2mc_entry_t l2mc_entry;
    sai_ipmc_entry_t ipmc_entry;
    sai_inseg_entry_t inseg_entry;
    sai_nat_entry_t nat_entry;
    sai_my_sid_entry_t my_sid_entry;
    sai_direction_lookup_entry_t direction_lookup_entry;
    sai_eni_ether_address_map_entry_t eni_ether_address_map_entry;
    sai_inbound_routing_entry_t inbound_routing_entry;
    sai_outbound_ca_to_pa_entry_t outbound_ca_to_pa_entry;
    sai_outbound_routing_entry_t outbound_routing_entry;
    sai_pa_validation_entry_t pa_validation_entry;
    sai_prefix_compression_entry_t prefix_compression_entry;
    sai_vip_entry_t vip_entry;
    sai_meter_bucket_entry_t meter_bucket_entry;
    sai_flow_entry_t flow_entry;
    sai_outbound_port_map_port_range_entry_t outbound_port_map_port_range_entry;
    sai_global_trusted_vni_entry_t global_trusted_vni_entry;
    sai_eni_trusted_vni_entry_t eni_trusted_vni_entry;
} sai_object_key_entry_t;

/** Key of any object: its id, or the entry for types that are keyed by value. */
typedef struct _sai_object_key_t {
    sai_object_key_entry_t key;
} sai_object_key_t;

/** Upper bound of attributes an object of this type has. */
sai_status_t sai_get_maximum_attribute_count(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    uint32_t *count);

/** How many objects of this type there are. */
sai_status_t sai_get_object_count(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    uint32_t *count);

/** Keys of all objects of this type; BUFFER_OVERFLOW tells the count that is needed. */
sai_status_t sai_get_object_key(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    uint32_t *object_count,
    sai_object_key_t *object_list);

/** Attributes of many objects of one type. */
sai_status_t sai_bulk_get_attribute(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    uint32_t object_count,
    const sai_object_key_t *object_key,
    uint32_t *attr_count,
    sai_attribute_t **attr_list,
    sai_status_t *object_statuses);

/** Which operations are implemented on an attribute. */
sai_status_t sai_query_attribute_capability(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    sai_attr_id_t attr_id,
    sai_attr_capability_t *attr_capability);

/** Which enumerators an attribute accepts. */
sai_status_t sai_query_attribute_enum_values_capability(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    sai_attr_id_t attr_id,
    sai_s32_list_t *enum_values_capability);

/** Which counters an object type has. */
sai_status_t sai_query_stats_capability(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    sai_stat_capability_list_t *stats_capability);

/** Which counters of an object type can be streamed. */
sai_status_t sai_query_stats_st_capability(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    sai_stat_st_capability_list_t *stats_capability);

/** Counters of many objects of one type. */
sai_status_t sai_bulk_object_get_stats(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    uint32_t object_count,
    const sai_object_key_t *object_key,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    sai_stats_mode_t mode,
    sai_status_t *object_statuses,
    uint64_t *counters);

/** Clears counters of many objects of one type. */
sai_status_t sai_bulk_object_clear_stats(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    uint32_t object_count,
    const sai_object_key_t *object_key,
    uint32_t number_of_counters,
    const sai_stat_id_t *counter_ids,
    sai_stats_mode_t mode,
    sai_status_t *object_statuses);

/** Pipeline stage of each attribute; `stage` has a place for each. */
sai_status_t sai_query_object_stage(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    uint32_t attr_count,
    const sai_attribute_t *attr_list,
    sai_object_stage_t *stage);

#ifdef __cplusplus
}
#endif

#endif
