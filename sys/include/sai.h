/*
 * sai.h: entry points of the library, and one include for the whole set.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAI_H_
#define __SAI_H_

#include <saitypes.h>
#include <saistatus.h>
#include <saiversion.h>
#include <saibridge.h>
#include <saifdb.h>
#include <saihostif.h>
#include <saiisolationgroup.h>
#include <sailag.h>
#include <saineighbor.h>
#include <sainexthop.h>
#include <sainexthopgroup.h>
#include <saiobject.h>
#include <saiport.h>
#include <sairoute.h>
#include <sairouterinterface.h>
#include <saiswitch.h>
#include <saitunnel.h>
#include <saivirtualrouter.h>
#include <saivlan.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which method table sai_api_query() hands out. */
typedef enum _sai_api_t {
    SAI_API_UNSPECIFIED = 0,
    SAI_API_SWITCH = 1,
    SAI_API_PORT = 2,
    SAI_API_FDB = 3,
    SAI_API_VLAN = 4,
    SAI_API_VIRTUAL_ROUTER = 5,
    SAI_API_ROUTE = 6,
    SAI_API_NEXT_HOP = 7,
    SAI_API_NEXT_HOP_GROUP = 8,
    SAI_API_ROUTER_INTERFACE = 9,
    SAI_API_NEIGHBOR = 10,
    SAI_API_ACL = 11,
    SAI_API_HOSTIF = 12,
    SAI_API_MIRROR = 13,
    SAI_API_SAMPLEPACKET = 14,
    SAI_API_STP = 15,
    SAI_API_LAG = 16,
    SAI_API_POLICER = 17,
    SAI_API_WRED = 18,
    SAI_API_QOS_MAP = 19,
    SAI_API_QUEUE = 20,
    SAI_API_SCHEDULER = 21,
    SAI_API_SCHEDULER_GROUP = 22,
    SAI_API_BUFFER = 23,
    SAI_API_HASH = 24,
    SAI_API_UDF = 25,
    SAI_API_TUNNEL = 26,
    SAI_API_L2MC = 27,
    SAI_API_IPMC = 28,
    SAI_API_RPF_GROUP = 29,
    SAI_API_L2MC_GROUP = 30,
    SAI_API_IPMC_GROUP = 31,
    SAI_API_MCAST_FDB = 32,
    SAI_API_BRIDGE = 33,
    SAI_API_TAM = 34,
    SAI_API_SRV6 = 35,
    SAI_API_MPLS = 36,
    SAI_API_DTEL = 37,
    SAI_API_BFD = 38,
    SAI_API_ISOLATION_GROUP = 39,
    SAI_API_NAT = 40,
    SAI_API_COUNTER = 41,
    SAI_API_DEBUG_COUNTER = 42,
    SAI_API_MACSEC = 43,
    SAI_API_SYSTEM_PORT = 44,
    SAI_API_MY_MAC = 45,
    SAI_API_IPSEC = 46,
    SAI_API_GENERIC_PROGRAMMABLE = 47,
    SAI_API_ARS = 48,
    SAI_API_ARS_PROFILE = 49,
    SAI_API_TWAMP = 50,
    SAI_API_POE = 51,
    SAI_API_ICMP_ECHO = 52,
    SAI_API_PREFIX_COMPRESSION = 53,
    SAI_API_SYNCE = 54,
    SAI_API_MAX = 55,
    SAI_API_CUSTOM_RANGE_BASE = 0x10000000,
    SAI_API_EXTENSIONS_RANGE_BASE = 0x20000000
} sai_api_t;

/** How much an API module logs. */
typedef enum _sai_log_level_t {
    SAI_LOG_LEVEL_DEBUG = 0,
    SAI_LOG_LEVEL_INFO = 1,
    SAI_LOG_LEVEL_NOTICE = 2,
    SAI_LOG_LEVEL_WARN = 3,
    SAI_LOG_LEVEL_ERROR = 4,
    SAI_LOG_LEVEL_CRITICAL = 5
} sai_log_level_t;

/** Looks one profile variable up; NULL when there is none. */
typedef const char *(*sai_profile_get_value_fn)(
    sai_switch_profile_id_t profile_id,
    const char *variable);

/** Walks the profile; a NULL out-pointer restarts, 0 means a pair was given, -1 the end. */
typedef int (*sai_profile_get_next_value_fn)(
    sai_switch_profile_id_t profile_id,
    const char **variable,
    const char **value);

/** Callbacks the host gives the library, for reading its profile of key/value strings. */
typedef struct _sai_service_method_table_t {
    sai_profile_get_value_fn profile_get_value;
    sai_profile_get_next_value_fn profile_get_next_value;
} sai_service_method_table_t;

/** Must come first; flags is 0. */
sai_status_t sai_api_initialize(uint64_t flags, const sai_service_method_table_t *services);

/** Points *api_method_table at the library's table for one API. */
sai_status_t sai_api_query(sai_api_t api, void **api_method_table);

/** Must come last; every table is void afterwards. */
sai_status_t sai_api_uninitialize(void);

/** Sets the log level of one API module. */
sai_status_t sai_log_set(sai_api_t api, sai_log_level_t log_level);

/** Type of an object id, or SAI_OBJECT_TYPE_NULL. */
sai_object_type_t sai_object_type_query(sai_object_id_t object_id);

/** Switch an object id belongs to, or SAI_NULL_OBJECT_ID. */
sai_object_id_t sai_switch_id_query(sai_object_id_t object_id);

/** Writes a debug dump to a file. */
sai_status_t sai_dbg_generate_dump(const char *dump_file_name);

/** How many more objects of this type and these attributes fit. */
sai_status_t sai_object_type_get_availability(
    sai_object_id_t switch_id,
    sai_object_type_t object_type,
    uint32_t attr_count,
    const sai_attribute_t *attr_list,
    uint64_t *count);

#ifdef __cplusplus
}
#endif

#endif
