/*
 * saitypes.h: scalar types, lists, unions and the attribute record that every other header uses.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAITYPES_H_
#define __SAITYPES_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Direction marks that C sources written for SAI put before parameters. They expand to nothing. */
#ifndef _In_
#define _In_
#endif
#ifndef _Out_
#define _Out_
#endif
#ifndef _Inout_
#define _Inout_
#endif

typedef int32_t sai_status_t;
typedef uint32_t sai_switch_profile_id_t;
typedef uint16_t sai_vlan_id_t;
typedef uint32_t sai_attr_id_t;
typedef uint8_t sai_cos_t;
typedef uint8_t sai_queue_index_t;
typedef uint8_t sai_mac_t[6];
typedef uint32_t sai_ip4_t;
typedef uint8_t sai_ip6_t[16];
typedef uint32_t sai_switch_hash_seed_t;
typedef uint32_t sai_label_id_t;
typedef uint32_t sai_stat_id_t;
typedef uint8_t sai_encrypt_key_t[32];
typedef uint8_t sai_auth_key_t[16];
typedef uint8_t sai_macsec_sak_t[32];
typedef uint8_t sai_macsec_auth_key_t[16];
typedef uint8_t sai_macsec_salt_t[12];
typedef uint64_t sai_uint64_t;
typedef int64_t sai_int64_t;
typedef uint32_t sai_uint32_t;
typedef int32_t sai_int32_t;
typedef uint16_t sai_uint16_t;
typedef int16_t sai_int16_t;
typedef uint8_t sai_uint8_t;
typedef int8_t sai_int8_t;
typedef size_t sai_size_t;
typedef uint64_t sai_object_id_t;
typedef void *sai_pointer_t;
typedef uint64_t sai_api_version_t;

/* The object id of nothing. */
#define SAI_NULL_OBJECT_ID 0UL

/** Kind of operation, independent of the object type. */
typedef enum _sai_common_api_t {
    SAI_COMMON_API_CREATE = 0,
    SAI_COMMON_API_REMOVE = 1,
    SAI_COMMON_API_SET = 2,
    SAI_COMMON_API_GET = 3,
    SAI_COMMON_API_BULK_CREATE = 4,
    SAI_COMMON_API_BULK_REMOVE = 5,
    SAI_COMMON_API_BULK_SET = 6,
    SAI_COMMON_API_BULK_GET = 7,
    SAI_COMMON_API_MAX = 8
} sai_common_api_t;

/** Type of an object; entries are object types too, though they have no object id. */
typedef enum _sai_object_type_t {
    SAI_OBJECT_TYPE_NULL = 0,
    SAI_OBJECT_TYPE_PORT = 1,
    SAI_OBJECT_TYPE_LAG = 2,
    SAI_OBJECT_TYPE_VIRTUAL_ROUTER = 3,
    SAI_OBJECT_TYPE_NEXT_HOP = 4,
    SAI_OBJECT_TYPE_NEXT_HOP_GROUP = 5,
    SAI_OBJECT_TYPE_ROUTER_INTERFACE = 6,
    SAI_OBJECT_TYPE_ACL_TABLE = 7,
    SAI_OBJECT_TYPE_ACL_ENTRY = 8,
    SAI_OBJECT_TYPE_ACL_COUNTER = 9,
    SAI_OBJECT_TYPE_ACL_RANGE = 10,
    SAI_OBJECT_TYPE_ACL_TABLE_GROUP = 11,
    SAI_OBJECT_TYPE_ACL_TABLE_GROUP_MEMBER = 12,
    SAI_OBJECT_TYPE_HOSTIF = 13,
    SAI_OBJECT_TYPE_MIRROR_SESSION = 14,
    SAI_OBJECT_TYPE_SAMPLEPACKET = 15,
    SAI_OBJECT_TYPE_STP = 16,
    SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP = 17,
    SAI_OBJECT_TYPE_POLICER = 18,
    SAI_OBJECT_TYPE_WRED = 19,
    SAI_OBJECT_TYPE_QOS_MAP = 20,
    SAI_OBJECT_TYPE_QUEUE = 21,
    SAI_OBJECT_TYPE_SCHEDULER = 22,
    SAI_OBJECT_TYPE_SCHEDULER_GROUP = 23,
    SAI_OBJECT_TYPE_BUFFER_POOL = 24,
    SAI_OBJECT_TYPE_BUFFER_PROFILE = 25,
    SAI_OBJECT_TYPE_INGRESS_PRIORITY_GROUP = 26,
    SAI_OBJECT_TYPE_LAG_MEMBER = 27,
    SAI_OBJECT_TYPE_HASH = 28,
    SAI_OBJECT_TYPE_UDF = 29,
    SAI_OBJECT_TYPE_UDF_MATCH = 30,
    SAI_OBJECT_TYPE_UDF_GROUP = 31,
    SAI_OBJECT_TYPE_FDB_ENTRY = 32,
    SAI_OBJECT_TYPE_SWITCH = 33,
    SAI_OBJECT_TYPE_HOSTIF_TRAP = 34,
    SAI_OBJECT_TYPE_HOSTIF_TABLE_ENTRY = 35,
    SAI_OBJECT_TYPE_NEIGHBOR_ENTRY = 36,
    SAI_OBJECT_TYPE_ROUTE_ENTRY = 37,
    SAI_OBJECT_TYPE_VLAN = 38,
    SAI_OBJECT_TYPE_VLAN_MEMBER = 39,
    SAI_OBJECT_TYPE_HOSTIF_PACKET = 40,
    SAI_OBJECT_TYPE_TUNNEL_MAP = 41,
    SAI_OBJECT_TYPE_TUNNEL = 42,
    SAI_OBJECT_TYPE_TUNNEL_TERM_TABLE_ENTRY = 43,
    SAI_OBJECT_TYPE_FDB_FLUSH = 44,
    SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER = 45,
    SAI_OBJECT_TYPE_STP_PORT = 46,
    SAI_OBJECT_TYPE_RPF_GROUP = 47,
    SAI_OBJECT_TYPE_RPF_GROUP_MEMBER = 48,
    SAI_OBJECT_TYPE_L2MC_GROUP = 49,
    SAI_OBJECT_TYPE_L2MC_GROUP_MEMBER = 50,
    SAI_OBJECT_TYPE_IPMC_GROUP = 51,
    SAI_OBJECT_TYPE_IPMC_GROUP_MEMBER = 52,
    SAI_OBJECT_TYPE_L2MC_ENTRY = 53,
    SAI_OBJECT_TYPE_IPMC_ENTRY = 54,
    SAI_OBJECT_TYPE_MCAST_FDB_ENTRY = 55,
    SAI_OBJECT_TYPE_HOSTIF_USER_DEFINED_TRAP = 56,
    SAI_OBJECT_TYPE_BRIDGE = 57,
    SAI_OBJECT_TYPE_BRIDGE_PORT = 58,
    SAI_OBJECT_TYPE_TUNNEL_MAP_ENTRY = 59,
    SAI_OBJECT_TYPE_TAM = 60,
    SAI_OBJECT_TYPE_SRV6_SIDLIST = 61,
    SAI_OBJECT_TYPE_PORT_POOL = 62,
    SAI_OBJECT_TYPE_INSEG_ENTRY = 63,
    SAI_OBJECT_TYPE_DTEL = 64,
    SAI_OBJECT_TYPE_DTEL_QUEUE_REPORT = 65,
    SAI_OBJECT_TYPE_DTEL_INT_SESSION = 66,
    SAI_OBJECT_TYPE_DTEL_REPORT_SESSION = 67,
    SAI_OBJECT_TYPE_DTEL_EVENT = 68,
    SAI_OBJECT_TYPE_BFD_SESSION = 69,
    SAI_OBJECT_TYPE_ISOLATION_GROUP = 70,
    SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER = 71,
    SAI_OBJECT_TYPE_TAM_MATH_FUNC = 72,
    SAI_OBJECT_TYPE_TAM_REPORT = 73,
    SAI_OBJECT_TYPE_TAM_EVENT_THRESHOLD = 74,
    SAI_OBJECT_TYPE_TAM_TEL_TYPE = 75,
    SAI_OBJECT_TYPE_TAM_TRANSPORT = 76,
    SAI_OBJECT_TYPE_TAM_TELEMETRY = 77,
    SAI_OBJECT_TYPE_TAM_COLLECTOR = 78,
    SAI_OBJECT_TYPE_TAM_EVENT_ACTION = 79,
    SAI_OBJECT_TYPE_TAM_EVENT = 80,
    SAI_OBJECT_TYPE_NAT_ZONE_COUNTER = 81,
    SAI_OBJECT_TYPE_NAT_ENTRY = 82,
    SAI_OBJECT_TYPE_TAM_INT = 83,
    SAI_OBJECT_TYPE_COUNTER = 84,
    SAI_OBJECT_TYPE_DEBUG_COUNTER = 85,
    SAI_OBJECT_TYPE_PORT_CONNECTOR = 86,
    SAI_OBJECT_TYPE_PORT_SERDES = 87,
    SAI_OBJECT_TYPE_MACSEC = 88,
    SAI_OBJECT_TYPE_MACSEC_PORT = 89,
    SAI_OBJECT_TYPE_MACSEC_FLOW = 90,
    SAI_OBJECT_TYPE_MACSEC_SC = 91,
    SAI_OBJECT_TYPE_MACSEC_SA = 92,
    SAI_OBJECT_TYPE_SYSTEM_PORT = 93,
    SAI_OBJECT_TYPE_FINE_GRAINED_HASH_FIELD = 94,
    SAI_OBJECT_TYPE_SWITCH_TUNNEL = 95,
    SAI_OBJECT_TYPE_MY_SID_ENTRY = 96,
    SAI_OBJECT_TYPE_MY_MAC = 97,
    SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MAP = 98,
    SAI_OBJECT_TYPE_IPSEC = 99,
    SAI_OBJECT_TYPE_IPSEC_PORT = 100,
    SAI_OBJECT_TYPE_IPSEC_SA = 101,
    SAI_OBJECT_TYPE_GENERIC_PROGRAMMABLE = 102,
    SAI_OBJECT_TYPE_ARS_PROFILE = 103,
    SAI_OBJECT_TYPE_ARS = 104,
    SAI_OBJECT_TYPE_ACL_TABLE_CHAIN_GROUP = 105,
    SAI_OBJECT_TYPE_TWAMP_SESSION = 106,
    SAI_OBJECT_TYPE_TAM_COUNTER_SUBSCRIPTION = 107,
    SAI_OBJECT_TYPE_POE_DEVICE = 108,
    SAI_OBJECT_TYPE_POE_PSE = 109,
    SAI_OBJECT_TYPE_POE_PORT = 110,
    SAI_OBJECT_TYPE_ICMP_ECHO_SESSION = 111,
    SAI_OBJECT_TYPE_PREFIX_COMPRESSION_TABLE = 112,
    SAI_OBJECT_TYPE_PREFIX_COMPRESSION_ENTRY = 113,
    SAI_OBJECT_TYPE_SYNCE_CLOCK = 114,
    SAI_OBJECT_TYPE_PORT_LLR_PROFILE = 115,
    SAI_OBJECT_TYPE_MAX = 116,
    SAI_OBJECT_TYPE_CUSTOM_RANGE_BASE = 0x10000000,
    SAI_OBJECT_TYPE_EXTENSIONS_RANGE_BASE = 0x20000000
} sai_object_type_t;

/** Tells which member of sai_ip_addr_t is in use. */
typedef enum _sai_ip_addr_family_t {
    SAI_IP_ADDR_FAMILY_IPV4 = 0,
    SAI_IP_ADDR_FAMILY_IPV6 = 1
} sai_ip_addr_family_t;

typedef enum _sai_port_prbs_rx_status_t {
    SAI_PORT_PRBS_RX_STATUS_OK = 0,
    SAI_PORT_PRBS_RX_STATUS_LOCK_WITH_ERRORS = 1,
    SAI_PORT_PRBS_RX_STATUS_NOT_LOCKED = 2,
    SAI_PORT_PRBS_RX_STATUS_LOST_LOCK = 3
} sai_port_prbs_rx_status_t;

typedef enum _sai_packet_color_t {
    SAI_PACKET_COLOR_GREEN = 0,
    SAI_PACKET_COLOR_YELLOW = 1,
    SAI_PACKET_COLOR_RED = 2
} sai_packet_color_t;

typedef enum _sai_acl_table_supported_match_type_t {
    SAI_ACL_TABLE_SUPPORTED_MATCH_TYPE_TERNARY = 0,
    SAI_ACL_TABLE_SUPPORTED_MATCH_TYPE_EXACT = 1,
    SAI_ACL_TABLE_SUPPORTED_MATCH_TYPE_CUSTOM_RANGE_BASE = 0x10000000
} sai_acl_table_supported_match_type_t;

typedef enum _sai_acl_table_chain_group_stage_t {
    SAI_ACL_TABLE_CHAIN_GROUP_STAGE_0 = 0,
    SAI_ACL_TABLE_CHAIN_GROUP_STAGE_1 = 1,
    SAI_ACL_TABLE_CHAIN_GROUP_STAGE_2 = 2,
    SAI_ACL_TABLE_CHAIN_GROUP_STAGE_3 = 3
} sai_acl_table_chain_group_stage_t;

typedef enum _sai_acl_stage_t {
    SAI_ACL_STAGE_INGRESS = 0,
    SAI_ACL_STAGE_EGRESS = 1,
    SAI_ACL_STAGE_INGRESS_MACSEC = 2,
    SAI_ACL_STAGE_EGRESS_MACSEC = 3,
    SAI_ACL_STAGE_PRE_INGRESS = 4,
    SAI_ACL_STAGE_POST_INGRESS = 5
} sai_acl_stage_t;

typedef enum _sai_acl_bind_point_type_t {
    SAI_ACL_BIND_POINT_TYPE_PORT = 0,
    SAI_ACL_BIND_POINT_TYPE_LAG = 1,
    SAI_ACL_BIND_POINT_TYPE_VLAN = 2,
    SAI_ACL_BIND_POINT_TYPE_ROUTER_INTERFACE = 3,
    SAI_ACL_BIND_POINT_TYPE_ROUTER_INTF = 3,
    SAI_ACL_BIND_POINT_TYPE_SWITCH = 4
} sai_acl_bind_point_type_t;

typedef enum _sai_acl_table_match_type_t {
    SAI_ACL_TABLE_MATCH_TYPE_TERNARY = 0,
    SAI_ACL_TABLE_MATCH_TYPE_EXACT = 1
} sai_acl_table_match_type_t;

typedef enum _sai_tam_bind_point_type_t {
    SAI_TAM_BIND_POINT_TYPE_QUEUE = 0,
    SAI_TAM_BIND_POINT_TYPE_PORT = 1,
    SAI_TAM_BIND_POINT_TYPE_LAG = 2,
    SAI_TAM_BIND_POINT_TYPE_VLAN = 3,
    SAI_TAM_BIND_POINT_TYPE_SWITCH = 4,
    SAI_TAM_BIND_POINT_TYPE_IPG = 5,
    SAI_TAM_BIND_POINT_TYPE_BSP = 6
} sai_tam_bind_point_type_t;

typedef enum _sai_prefix_compression_stage_t {
    SAI_PREFIX_COMPRESSION_STAGE_INGRESS = 0,
    SAI_PREFIX_COMPRESSION_STAGE_EGRESS = 1
} sai_prefix_compression_stage_t;

typedef enum _sai_prefix_compression_type_t {
    SAI_PREFIX_COMPRESSION_TYPE_BOTH = 0,
    SAI_PREFIX_COMPRESSION_TYPE_SRC = 1,
    SAI_PREFIX_COMPRESSION_TYPE_DST = 2
} sai_prefix_compression_type_t;

typedef enum _sai_tlv_type_t {
    SAI_TLV_TYPE_INGRESS = 0,
    SAI_TLV_TYPE_EGRESS = 1,
    SAI_TLV_TYPE_OPAQUE = 2,
    SAI_TLV_TYPE_HMAC = 3
} sai_tlv_type_t;

typedef enum _sai_poe_port_active_channel_type_t {
    SAI_POE_PORT_ACTIVE_CHANNEL_TYPE_A = 0,
    SAI_POE_PORT_ACTIVE_CHANNEL_TYPE_B = 1,
    SAI_POE_PORT_ACTIVE_CHANNEL_TYPE_A_AND_B = 2
} sai_poe_port_active_channel_type_t;

typedef enum _sai_poe_port_signature_type_t {
    SAI_POE_PORT_SIGNATURE_TYPE_SINGLE = 0,
    SAI_POE_PORT_SIGNATURE_TYPE_DUAL = 1
} sai_poe_port_signature_type_t;

typedef enum _sai_poe_port_class_method_type_t {
    SAI_POE_PORT_CLASS_METHOD_TYPE_REGULAR = 0,
    SAI_POE_PORT_CLASS_METHOD_TYPE_AUTO_CLASS = 1
} sai_poe_port_class_method_type_t;

typedef enum _sai_outseg_type_t {
    SAI_OUTSEG_TYPE_PUSH = 0,
    SAI_OUTSEG_TYPE_SWAP = 1
} sai_outseg_type_t;

typedef enum _sai_outseg_ttl_mode_t {
    SAI_OUTSEG_TTL_MODE_UNIFORM = 0,
    SAI_OUTSEG_TTL_MODE_PIPE = 1
} sai_outseg_ttl_mode_t;

typedef enum _sai_outseg_exp_mode_t {
    SAI_OUTSEG_EXP_MODE_UNIFORM = 0,
    SAI_OUTSEG_EXP_MODE_PIPE = 1
} sai_outseg_exp_mode_t;

typedef enum _sai_port_err_status_t {
    SAI_PORT_ERR_STATUS_DATA_UNIT_CRC_ERROR = 0,
    SAI_PORT_ERR_STATUS_DATA_UNIT_SIZE = 1,
    SAI_PORT_ERR_STATUS_DATA_UNIT_MISALIGNMENT_ERROR = 2,
    SAI_PORT_ERR_STATUS_CODE_GROUP_ERROR = 3,
    SAI_PORT_ERR_STATUS_SIGNAL_LOCAL_ERROR = 4,
    SAI_PORT_ERR_STATUS_NO_RX_REACHABILITY = 5,
    SAI_PORT_ERR_STATUS_CRC_RATE = 6,
    SAI_PORT_ERR_STATUS_REMOTE_FAULT_STATUS = 7,
    SAI_PORT_ERR_STATUS_MAX = 8
} sai_port_err_status_t;

/** What a bulk call does after the first entry that fails. */
typedef enum _sai_bulk_op_error_mode_t {
    SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR = 0,
    SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR = 1
} sai_bulk_op_error_mode_t;

/** Whether reading a counter clears it. */
typedef enum _sai_stats_mode_t {
    SAI_STATS_MODE_NONE = 0,
    SAI_STATS_MODE_READ = 1,
    SAI_STATS_MODE_READ_AND_CLEAR = 2,
    SAI_STATS_MODE_BULK_READ = 4,
    SAI_STATS_MODE_BULK_CLEAR = 8,
    SAI_STATS_MODE_BULK_READ_AND_CLEAR = 16
} sai_stats_mode_t;

typedef enum _sai_stats_count_mode_t {
    SAI_STATS_COUNT_MODE_PACKET_AND_BYTE = 0,
    SAI_STATS_COUNT_MODE_PACKET = 1,
    SAI_STATS_COUNT_MODE_BYTE = 2,
    SAI_STATS_COUNT_MODE_NONE = 3
} sai_stats_count_mode_t;

/** Pipeline stage an object is placed in. */
typedef enum _sai_object_stage_t {
    SAI_OBJECT_STAGE_BOTH = 0,
    SAI_OBJECT_STAGE_INGRESS = 1,
    SAI_OBJECT_STAGE_EGRESS = 2
} sai_object_stage_t;

typedef enum _sai_health_data_type_t {
    SAI_HEALTH_DATA_TYPE_GENERAL = 0,
    SAI_HEALTH_DATA_TYPE_SER = 1
} sai_health_data_type_t;

typedef enum _sai_ser_type_t {
    SAI_SER_TYPE_UNKNOWN = 0,
    SAI_SER_TYPE_PARITY = 1,
    SAI_SER_TYPE_ECC_SINGLE_BIT = 2,
    SAI_SER_TYPE_ECC_DOUBLE_BIT = 3
} sai_ser_type_t;

typedef enum _sai_ser_correction_type_t {
    SAI_SER_CORRECTION_TYPE_NO_ACTION = 0,
    SAI_SER_CORRECTION_TYPE_FAIL_TO_CORRECT = 1,
    SAI_SER_CORRECTION_TYPE_ENTRY_CLEAR = 2,
    SAI_SER_CORRECTION_TYPE_SW_CACHE_RESTORE = 3,
    SAI_SER_CORRECTION_TYPE_HW_CACHE_RESTORE = 4,
    SAI_SER_CORRECTION_TYPE_SPECIAL = 5
} sai_ser_correction_type_t;

typedef enum _sai_ser_log_type_t {
    SAI_SER_LOG_TYPE_NONE = 0,
    SAI_SER_LOG_TYPE_MEM = 1,
    SAI_SER_LOG_TYPE_REG = 2,
    SAI_SER_LOG_TYPE_MULTI = 4,
    SAI_SER_LOG_TYPE_CORRECTED = 8,
    SAI_SER_LOG_TYPE_ENTRY_INFO = 16,
    SAI_SER_LOG_TYPE_CACHE = 32
} sai_ser_log_type_t;

typedef struct _sai_timespec_t {
    uint64_t tv_sec;
    uint32_t tv_nsec;
} sai_timespec_t;

/** Caller's buffer for object ids; count is its capacity on the way in. */
typedef struct _sai_object_list_t {
    uint32_t count;
    sai_object_id_t *list;
} sai_object_list_t;

typedef struct _sai_u8_list_t {
    uint32_t count;
    uint8_t *list;
} sai_u8_list_t;

typedef struct _sai_s8_list_t {
    uint32_t count;
    int8_t *list;
} sai_s8_list_t;

typedef struct _sai_u16_list_t {
    uint32_t count;
    uint16_t *list;
} sai_u16_list_t;

typedef struct _sai_s16_list_t {
    uint32_t count;
    int16_t *list;
} sai_s16_list_t;

typedef struct _sai_u32_list_t {
    uint32_t count;
    uint32_t *list;
} sai_u32_list_t;

typedef struct _sai_s32_list_t {
    uint32_t count;
    int32_t *list;
} sai_s32_list_t;

typedef struct _sai_u32_range_t {
    uint32_t min;
    uint32_t max;
} sai_u32_range_t;

typedef struct _sai_s32_range_t {
    int32_t min;
    int32_t max;
} sai_s32_range_t;

typedef struct _sai_u16_range_t {
    uint16_t min;
    uint16_t max;
} sai_u16_range_t;

typedef struct _sai_u64_range_t {
    uint64_t min;
    uint64_t max;
} sai_u64_range_t;

typedef struct _sai_u16_range_list_t {
    uint32_t count;
    sai_u16_range_t *list;
} sai_u16_range_list_t;

typedef struct _sai_u64_range_list_t {
    uint32_t count;
    sai_u64_range_t *list;
} sai_u64_range_list_t;

typedef struct _sai_vlan_list_t {
    uint32_t count;
    sai_vlan_id_t *list;
} sai_vlan_list_t;

typedef struct _sai_taps_list_t {
    uint32_t count;
    sai_s32_list_t *list;
} sai_taps_list_t;

typedef struct _sai_prbs_per_lane_rx_status_t {
    uint32_t lane;
    sai_port_prbs_rx_status_t rx_status;
} sai_prbs_per_lane_rx_status_t;

typedef struct _sai_prbs_per_lane_rx_status_list_t {
    uint32_t count;
    sai_prbs_per_lane_rx_status_t *list;
} sai_prbs_per_lane_rx_status_list_t;

typedef struct _sai_prbs_rx_state_t {
    sai_port_prbs_rx_status_t rx_status;
    uint32_t error_count;
} sai_prbs_rx_state_t;

typedef struct _sai_latch_status_t {
    bool current_status;
    bool changed;
} sai_latch_status_t;

typedef struct _sai_prbs_bit_error_rate_t {
    uint8_t exponent;
    uint64_t mantissa;
} sai_prbs_bit_error_rate_t;

typedef struct _sai_prbs_per_lane_bit_error_rate_t {
    uint32_t lane;
    sai_prbs_bit_error_rate_t ber;
} sai_prbs_per_lane_bit_error_rate_t;

typedef struct _sai_prbs_per_lane_bit_error_rate_list_t {
    uint32_t count;
    sai_prbs_per_lane_bit_error_rate_t *list;
} sai_prbs_per_lane_bit_error_rate_list_t;

typedef struct _sai_port_lane_latch_status_t {
    uint32_t lane;
    sai_latch_status_t value;
} sai_port_lane_latch_status_t;

typedef struct _sai_port_lane_latch_status_list_t {
    uint32_t count;
    sai_port_lane_latch_status_t *list;
} sai_port_lane_latch_status_list_t;

typedef struct _sai_prbs_per_lane_rx_state_t {
    uint32_t lane;
    sai_prbs_rx_state_t rx_state;
} sai_prbs_per_lane_rx_state_t;

typedef struct _sai_prbs_per_lane_rx_state_list_t {
    uint32_t count;
    sai_prbs_per_lane_rx_state_t *list;
} sai_prbs_per_lane_rx_state_list_t;

typedef struct _sai_qos_map_params_t {
    sai_cos_t tc;
    sai_uint8_t dscp;
    sai_uint8_t dot1p;
    sai_uint8_t prio;
    sai_uint8_t pg;
    sai_queue_index_t queue_index;
    sai_packet_color_t color;
    sai_uint8_t mpls_exp;
    sai_uint8_t fc;
} sai_qos_map_params_t;

typedef struct _sai_qos_map_t {
    sai_qos_map_params_t key;
    sai_qos_map_params_t value;
} sai_qos_map_t;

typedef struct _sai_qos_map_list_t {
    uint32_t count;
    sai_qos_map_t *list;
} sai_qos_map_list_t;

typedef struct _sai_map_t {
    sai_uint32_t key;
    sai_int32_t value;
} sai_map_t;

typedef struct _sai_map_list_t {
    uint32_t count;
    sai_map_t *list;
} sai_map_list_t;

typedef struct _sai_acl_chain_t {
    sai_acl_table_chain_group_stage_t chain_group_stage;
    sai_acl_table_supported_match_type_t supported_match_type;
} sai_acl_chain_t;

typedef struct _sai_acl_chain_list_t {
    uint32_t count;
    sai_acl_chain_t *list;
} sai_acl_chain_list_t;

typedef struct _sai_acl_capability_t {
    bool is_action_list_mandatory;
    sai_s32_list_t action_list;
    sai_acl_table_supported_match_type_t supported_match_type;
    bool is_non_contiguous_bits_exact_match_supported;
} sai_acl_capability_t;

typedef struct _sai_acl_resource_t {
    sai_acl_stage_t stage;
    sai_acl_bind_point_type_t bind_point;
    sai_uint32_t avail_num;
} sai_acl_resource_t;

typedef struct _sai_acl_resource_list_t {
    uint32_t count;
    sai_acl_resource_t *list;
} sai_acl_resource_list_t;

typedef struct _sai_hmac_t {
    sai_uint32_t key_id;
    sai_uint32_t hmac[8];
} sai_hmac_t;

typedef struct _sai_segment_list_t {
    uint32_t count;
    sai_ip6_t *list;
} sai_segment_list_t;

typedef struct _sai_json_t {
    sai_s8_list_t json;
} sai_json_t;

typedef struct _sai_port_lane_eye_values_t {
    uint32_t lane;
    int32_t left;
    int32_t right;
    int32_t up;
    int32_t down;
} sai_port_lane_eye_values_t;

typedef struct _sai_port_eye_values_list_t {
    uint32_t count;
    sai_port_lane_eye_values_t *list;
} sai_port_eye_values_list_t;

typedef struct _sai_port_pam4_lane_eye_values_t {
    uint32_t lane;
    int32_t upper_ht;
    int32_t upper_wd;
    int32_t middle_ht;
    int32_t middle_wd;
    int32_t lower_ht;
    int32_t lower_wd;
} sai_port_pam4_lane_eye_values_t;

typedef struct _sai_port_pam4_eye_values_list_t {
    uint32_t count;
    sai_port_pam4_lane_eye_values_t *list;
} sai_port_pam4_eye_values_list_t;

typedef struct _sai_port_frequency_offset_ppm_values_t {
    uint32_t lane;
    sai_int16_t ppm;
} sai_port_frequency_offset_ppm_values_t;

typedef struct _sai_port_frequency_offset_ppm_list_t {
    uint32_t count;
    sai_port_frequency_offset_ppm_values_t *list;
} sai_port_frequency_offset_ppm_list_t;

typedef struct _sai_port_snr_values_t {
    uint32_t lane;
    sai_uint16_t snr;
} sai_port_snr_values_t;

typedef struct _sai_port_snr_list_t {
    uint32_t count;
    sai_port_snr_values_t *list;
} sai_port_snr_list_t;

typedef struct _sai_poe_port_power_consumption_t {
    sai_poe_port_active_channel_type_t active_channel;
    uint32_t voltage;
    uint32_t current;
    uint32_t consumption;
    sai_poe_port_signature_type_t signature_type;
    sai_poe_port_class_method_type_t class_method;
    uint8_t measured_class_a;
    uint8_t assigned_class_a;
    uint8_t measured_class_b;
    uint8_t assigned_class_b;
} sai_poe_port_power_consumption_t;

typedef struct _sai_system_port_config_t {
    uint32_t port_id;
    uint32_t attached_switch_id;
    uint32_t attached_core_index;
    uint32_t attached_core_port_index;
    uint32_t speed;
    uint32_t num_voq;
} sai_system_port_config_t;

typedef struct _sai_system_port_config_list_t {
    uint32_t count;
    sai_system_port_config_t *list;
} sai_system_port_config_list_t;

typedef struct _sai_fabric_port_reachability_t {
    uint32_t switch_id;
    bool reachable;
} sai_fabric_port_reachability_t;

typedef struct _sai_port_err_status_list_t {
    uint32_t count;
    sai_port_err_status_t *list;
} sai_port_err_status_list_t;

typedef struct _sai_stat_capability_t {
    sai_stat_id_t stat_enum;
    uint32_t stat_modes;
} sai_stat_capability_t;

typedef struct _sai_stat_capability_list_t {
    uint32_t count;
    sai_stat_capability_t *list;
} sai_stat_capability_list_t;

typedef struct _sai_stat_st_capability_t {
    sai_stat_capability_t capability;
    uint64_t minimal_polling_interval;
} sai_stat_st_capability_t;

typedef struct _sai_stat_st_capability_list_t {
    uint32_t count;
    sai_stat_st_capability_t *list;
} sai_stat_st_capability_list_t;

typedef struct _sai_ser_health_data_t {
    sai_ser_type_t type;
    sai_ser_correction_type_t correction_type;
    uint32_t ser_log_type;
} sai_ser_health_data_t;

/** Address bytes in network order. */
typedef union _sai_ip_addr_t {
    sai_ip4_t ip4;
    sai_ip6_t ip6;
} sai_ip_addr_t;

/** An address with its family. */
typedef struct _sai_ip_address_t {
    sai_ip_addr_family_t addr_family;
    sai_ip_addr_t addr;
} sai_ip_address_t;

typedef struct _sai_ip_address_list_t {
    uint32_t count;
    sai_ip_address_t *list;
} sai_ip_address_list_t;

/** A prefix: address and mask of the same family. */
typedef struct _sai_ip_prefix_t {
    sai_ip_addr_family_t addr_family;
    sai_ip_addr_t addr;
    sai_ip_addr_t mask;
} sai_ip_prefix_t;

typedef struct _sai_ip_prefix_list_t {
    uint32_t count;
    sai_ip_prefix_t *list;
} sai_ip_prefix_list_t;

typedef union _sai_acl_field_data_mask_t {
    sai_uint8_t u8;
    sai_int8_t s8;
    sai_uint16_t u16;
    sai_int16_t s16;
    sai_uint32_t u32;
    sai_int32_t s32;
    sai_uint64_t u64;
    sai_mac_t mac;
    sai_ip4_t ip4;
    sai_ip6_t ip6;
    sai_u8_list_t u8list;
} sai_acl_field_data_mask_t;

typedef union _sai_acl_field_data_data_t {
    bool booldata;
    sai_uint8_t u8;
    sai_int8_t s8;
    sai_uint16_t u16;
    sai_int16_t s16;
    sai_uint32_t u32;
    sai_int32_t s32;
    sai_uint64_t u64;
    sai_mac_t mac;
    sai_ip4_t ip4;
    sai_ip6_t ip6;
    sai_object_id_t oid;
    sai_object_list_t objlist;
    sai_u8_list_t u8list;
} sai_acl_field_data_data_t;

typedef struct _sai_acl_field_data_t {
    bool enable;
    sai_acl_field_data_mask_t mask;
    sai_acl_field_data_data_t data;
} sai_acl_field_data_t;

typedef union _sai_acl_action_parameter_t {
    bool booldata;
    sai_uint8_t u8;
    sai_int8_t s8;
    sai_uint16_t u16;
    sai_int16_t s16;
    sai_uint32_t u32;
    sai_int32_t s32;
    sai_mac_t mac;
    sai_ip4_t ip4;
    sai_ip6_t ip6;
    sai_object_id_t oid;
    sai_object_list_t objlist;
    sai_ip_address_t ipaddr;
} sai_acl_action_parameter_t;

typedef struct _sai_acl_action_data_t {
    bool enable;
    sai_acl_action_parameter_t parameter;
} sai_acl_action_data_t;

typedef union _sai_tlv_entry_t {
    sai_ip6_t ingress_node;
    sai_ip6_t egress_node;
    sai_uint32_t opaque_container[4];
    sai_hmac_t hmac;
} sai_tlv_entry_t;

typedef struct _sai_tlv_t {
    sai_tlv_type_t tlv_type;
    sai_tlv_entry_t entry;
} sai_tlv_t;

typedef struct _sai_tlv_list_t {
    uint32_t count;
    sai_tlv_t *list;
} sai_tlv_list_t;

/** One value; the attribute id decides which member is in use. */
typedef union _sai_attribute_value_t {
    bool booldata;
    char chardata[32];
    sai_uint8_t u8;
    sai_int8_t s8;
    sai_uint16_t u16;
    sai_int16_t s16;
    sai_uint32_t u32;
    sai_int32_t s32;
    sai_uint64_t u64;
    sai_int64_t s64;
    sai_pointer_t ptr;
    sai_mac_t mac;
    sai_ip4_t ip4;
    sai_ip6_t ip6;
    sai_ip_address_t ipaddr;
    sai_ip_prefix_t ipprefix;
    sai_prbs_rx_state_t rx_state;
    sai_object_id_t oid;
    sai_object_list_t objlist;
    sai_u8_list_t u8list;
    sai_s8_list_t s8list;
    sai_u16_list_t u16list;
    sai_s16_list_t s16list;
    sai_u32_list_t u32list;
    sai_s32_list_t s32list;
    sai_u32_range_t u32range;
    sai_s32_range_t s32range;
    sai_u16_range_list_t u16rangelist;
    sai_vlan_list_t vlanlist;
    sai_qos_map_list_t qosmap;
    sai_map_list_t maplist;
    sai_acl_field_data_t aclfield;
    sai_acl_action_data_t aclaction;
    sai_acl_field_data_mask_t aclmask;
    sai_acl_capability_t aclcapability;
    sai_acl_resource_list_t aclresource;
    sai_tlv_list_t tlvlist;
    sai_segment_list_t segmentlist;
    sai_ip_address_list_t ipaddrlist;
    sai_port_eye_values_list_t porteyevalues;
    sai_timespec_t timespec;
    sai_encrypt_key_t encrypt_key;
    sai_auth_key_t authkey;
    sai_macsec_sak_t macsecsak;
    sai_macsec_auth_key_t macsecauthkey;
    sai_macsec_salt_t macsecsalt;
    sai_system_port_config_t sysportconfig;
    sai_system_port_config_list_t sysportconfiglist;
    sai_fabric_port_reachability_t reachability;
    sai_port_err_status_list_t porterror;
    sai_port_lane_latch_status_list_t portlanelatchstatuslist;
    sai_latch_status_t latchstatus;
    sai_json_t json;
    sai_ip_prefix_list_t ipprefixlist;
    sai_acl_chain_list_t aclchainlist;
    sai_port_frequency_offset_ppm_list_t portfrequencyoffsetppmlist;
    sai_port_snr_list_t portsnrlist;
    sai_poe_port_power_consumption_t portpowerconsumption;
    sai_port_pam4_eye_values_list_t portpam4eyevalues;
    sai_taps_list_t portserdestaps;
    sai_u16_range_t u16range;
    sai_prbs_per_lane_rx_status_list_t prbs_rx_status_list;
    sai_prbs_per_lane_rx_state_list_t prbs_rx_state_list;
    sai_prbs_bit_error_rate_t prbs_ber;
    sai_prbs_per_lane_bit_error_rate_list_t prbs_ber_list;
    sai_u64_range_t u64range;
    sai_u64_range_list_t u64rangelist;
} sai_attribute_value_t;

/** One attribute: id and value. */
typedef struct _sai_attribute_t {
    sai_attr_id_t id;
    sai_attribute_value_t value;
} sai_attribute_t;

typedef union _sai_health_data_t {
    sai_ser_health_data_t ser;
} sai_health_data_t;

typedef struct _sai_switch_health_data_t {
    sai_health_data_type_t data_type;
    sai_health_data_t data;
} sai_switch_health_data_t;

/** Bulk create of objects that have an id; statuses is mandatory. */
typedef sai_status_t (*sai_bulk_object_create_fn)(
    sai_object_id_t switch_id,
    uint32_t object_count,
    const uint32_t *attr_count,
    const sai_attribute_t **attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_object_id_t *object_id,
    sai_status_t *object_statuses);

/** Bulk remove of objects that have an id. */
typedef sai_status_t (*sai_bulk_object_remove_fn)(
    uint32_t object_count,
    const sai_object_id_t *object_id,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

/** Bulk set: one attribute per object. */
typedef sai_status_t (*sai_bulk_object_set_attribute_fn)(
    uint32_t object_count,
    const sai_object_id_t *object_id,
    const sai_attribute_t *attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

/** Bulk get: a list of attributes per object. */
typedef sai_status_t (*sai_bulk_object_get_attribute_fn)(
    uint32_t object_count,
    const sai_object_id_t *object_id,
    const uint32_t *attr_count,
    sai_attribute_t **attr_list,
    sai_bulk_op_error_mode_t mode,
    sai_status_t *object_statuses);

#ifdef __cplusplus
}
#endif

#endif
