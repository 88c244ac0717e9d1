/*
 * saihostif.h: host interfaces: traps, netdevs and packets to and from the CPU.
 *
 * Own statement of the names, values and layouts of the SAI C API, release 1.18.1 (LP64), under the
 * published file name for drop-in use. Not the published text.
 */

#ifndef __SAIHOSTIF_H_
#define __SAIHOSTIF_H_

#include <saitypes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SAI_HOSTIF_NAME_SIZE 16
#define SAI_HOSTIF_GENETLINK_MCGRP_NAME_SIZE 16

/** Attributes: host interface trap group. */
typedef enum _sai_hostif_trap_group_attr_t {
    SAI_HOSTIF_TRAP_GROUP_ATTR_START = 0,
    SAI_HOSTIF_TRAP_GROUP_ATTR_ADMIN_STATE = 0,
    SAI_HOSTIF_TRAP_GROUP_ATTR_QUEUE = 1,
    SAI_HOSTIF_TRAP_GROUP_ATTR_POLICER = 2,
    SAI_HOSTIF_TRAP_GROUP_ATTR_OBJECT_STAGE = 3,
    SAI_HOSTIF_TRAP_GROUP_ATTR_END = 4,
    SAI_HOSTIF_TRAP_GROUP_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_HOSTIF_TRAP_GROUP_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_hostif_trap_group_attr_t;

/** Packet classes the CPU can take. */
typedef enum _sai_hostif_trap_type_t {
    SAI_HOSTIF_TRAP_TYPE_START = 0,
    SAI_HOSTIF_TRAP_TYPE_STP = 0,
    SAI_HOSTIF_TRAP_TYPE_LACP = 1,
    SAI_HOSTIF_TRAP_TYPE_EAPOL = 2,
    SAI_HOSTIF_TRAP_TYPE_LLDP = 3,
    SAI_HOSTIF_TRAP_TYPE_PVRST = 4,
    SAI_HOSTIF_TRAP_TYPE_IGMP_TYPE_QUERY = 5,
    SAI_HOSTIF_TRAP_TYPE_IGMP_TYPE_LEAVE = 6,
    SAI_HOSTIF_TRAP_TYPE_IGMP_TYPE_V1_REPORT = 7,
    SAI_HOSTIF_TRAP_TYPE_IGMP_TYPE_V2_REPORT = 8,
    SAI_HOSTIF_TRAP_TYPE_IGMP_TYPE_V3_REPORT = 9,
    SAI_HOSTIF_TRAP_TYPE_SAMPLEPACKET = 10,
    SAI_HOSTIF_TRAP_TYPE_UDLD = 11,
    SAI_HOSTIF_TRAP_TYPE_CDP = 12,
    SAI_HOSTIF_TRAP_TYPE_VTP = 13,
    SAI_HOSTIF_TRAP_TYPE_DTP = 14,
    SAI_HOSTIF_TRAP_TYPE_PAGP = 15,
    SAI_HOSTIF_TRAP_TYPE_PTP = 16,
    SAI_HOSTIF_TRAP_TYPE_PTP_TX_EVENT = 17,
    SAI_HOSTIF_TRAP_TYPE_DHCP_L2 = 18,
    SAI_HOSTIF_TRAP_TYPE_DHCPV6_L2 = 19,
    SAI_HOSTIF_TRAP_TYPE_ESMC = 20,
    SAI_HOSTIF_TRAP_TYPE_PTP_PEER_DELAY = 21,
    SAI_HOSTIF_TRAP_TYPE_SWITCH_CUSTOM_RANGE_BASE = 0x1000,
    SAI_HOSTIF_TRAP_TYPE_ARP_REQUEST = 0x2000,
    SAI_HOSTIF_TRAP_TYPE_ARP_RESPONSE = 0x2001,
    SAI_HOSTIF_TRAP_TYPE_DHCP = 0x2002,
    SAI_HOSTIF_TRAP_TYPE_OSPF = 0x2003,
    SAI_HOSTIF_TRAP_TYPE_PIM = 0x2004,
    SAI_HOSTIF_TRAP_TYPE_VRRP = 0x2005,
    SAI_HOSTIF_TRAP_TYPE_DHCPV6 = 0x2006,
    SAI_HOSTIF_TRAP_TYPE_OSPFV6 = 0x2007,
    SAI_HOSTIF_TRAP_TYPE_VRRPV6 = 0x2008,
    SAI_HOSTIF_TRAP_TYPE_IPV6_NEIGHBOR_DISCOVERY = 0x2009,
    SAI_HOSTIF_TRAP_TYPE_IPV6_MLD_V1_V2 = 0x200a,
    SAI_HOSTIF_TRAP_TYPE_IPV6_MLD_V1_REPORT = 0x200b,
    SAI_HOSTIF_TRAP_TYPE_IPV6_MLD_V1_DONE = 0x200c,
    SAI_HOSTIF_TRAP_TYPE_MLD_V2_REPORT = 0x200d,
    SAI_HOSTIF_TRAP_TYPE_UNKNOWN_L3_MULTICAST = 0x200e,
    SAI_HOSTIF_TRAP_TYPE_SNAT_MISS = 0x200f,
    SAI_HOSTIF_TRAP_TYPE_DNAT_MISS = 0x2010,
    SAI_HOSTIF_TRAP_TYPE_NAT_HAIRPIN = 0x2011,
    SAI_HOSTIF_TRAP_TYPE_IPV6_NEIGHBOR_SOLICITATION = 0x2012,
    SAI_HOSTIF_TRAP_TYPE_IPV6_NEIGHBOR_ADVERTISEMENT = 0x2013,
    SAI_HOSTIF_TRAP_TYPE_ISIS = 0x2014,
    SAI_HOSTIF_TRAP_TYPE_NEIGHBOR_MISS = 0x2015,
    SAI_HOSTIF_TRAP_TYPE_ROUTER_CUSTOM_RANGE_BASE = 0x3000,
    SAI_HOSTIF_TRAP_TYPE_IP2ME = 0x4000,
    SAI_HOSTIF_TRAP_TYPE_SSH = 0x4001,
    SAI_HOSTIF_TRAP_TYPE_SNMP = 0x4002,
    SAI_HOSTIF_TRAP_TYPE_BGP = 0x4003,
    SAI_HOSTIF_TRAP_TYPE_BGPV6 = 0x4004,
    SAI_HOSTIF_TRAP_TYPE_BFD = 0x4005,
    SAI_HOSTIF_TRAP_TYPE_BFDV6 = 0x4006,
    SAI_HOSTIF_TRAP_TYPE_BFD_MICRO = 0x4007,
    SAI_HOSTIF_TRAP_TYPE_BFDV6_MICRO = 0x4008,
    SAI_HOSTIF_TRAP_TYPE_LDP = 0x4009,
    SAI_HOSTIF_TRAP_TYPE_GNMI = 0x400a,
    SAI_HOSTIF_TRAP_TYPE_P4RT = 0x400b,
    SAI_HOSTIF_TRAP_TYPE_NTPCLIENT = 0x400c,
    SAI_HOSTIF_TRAP_TYPE_NTPSERVER = 0x400d,
    SAI_HOSTIF_TRAP_TYPE_HTTPCLIENT = 0x400e,
    SAI_HOSTIF_TRAP_TYPE_HTTPSERVER = 0x400f,
    SAI_HOSTIF_TRAP_TYPE_LOCAL_IP_CUSTOM_RANGE_BASE = 0x5000,
    SAI_HOSTIF_TRAP_TYPE_L3_MTU_ERROR = 0x6000,
    SAI_HOSTIF_TRAP_TYPE_TTL_ERROR = 0x6001,
    SAI_HOSTIF_TRAP_TYPE_STATIC_FDB_MOVE = 0x6002,
    SAI_HOSTIF_TRAP_TYPE_PIPELINE_DISCARD_EGRESS_BUFFER = 0x7000,
    SAI_HOSTIF_TRAP_TYPE_PIPELINE_DISCARD_WRED = 0x7001,
    SAI_HOSTIF_TRAP_TYPE_PIPELINE_DISCARD_ROUTER = 0x7002,
    SAI_HOSTIF_TRAP_TYPE_MPLS_TTL_ERROR = 0x8000,
    SAI_HOSTIF_TRAP_TYPE_MPLS_ROUTER_ALERT_LABEL = 0x8001,
    SAI_HOSTIF_TRAP_TYPE_MPLS_LABEL_LOOKUP_MISS = 0x8002,
    SAI_HOSTIF_TRAP_TYPE_CUSTOM_EXCEPTION_RANGE_BASE = 0x9000,
    SAI_HOSTIF_TRAP_TYPE_END = 0xa000
} sai_hostif_trap_type_t;

/** Attributes: host interface trap. */
typedef enum _sai_hostif_trap_attr_t {
    SAI_HOSTIF_TRAP_ATTR_START = 0,
    SAI_HOSTIF_TRAP_ATTR_TRAP_TYPE = 0,
    SAI_HOSTIF_TRAP_ATTR_PACKET_ACTION = 1,
    SAI_HOSTIF_TRAP_ATTR_TRAP_PRIORITY = 2,
    SAI_HOSTIF_TRAP_ATTR_EXCLUDE_PORT_LIST = 3,
    SAI_HOSTIF_TRAP_ATTR_TRAP_GROUP = 4,
    SAI_HOSTIF_TRAP_ATTR_MIRROR_SESSION = 5,
    SAI_HOSTIF_TRAP_ATTR_COUNTER_ID = 6,
    SAI_HOSTIF_TRAP_ATTR_END = 7,
    SAI_HOSTIF_TRAP_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_HOSTIF_TRAP_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_hostif_trap_attr_t;

typedef enum _sai_hostif_user_defined_trap_type_t {
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_START = 0,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_ROUTER = 0,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_NEIGHBOR = 1,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_NEIGH = 1,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_ACL = 2,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_FDB = 3,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_INSEG_ENTRY = 4,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_TAM = 5,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_END = 6,
    SAI_HOSTIF_USER_DEFINED_TRAP_TYPE_CUSTOM_RANGE_BASE = 0x10000000
} sai_hostif_user_defined_trap_type_t;

/** Attributes: host interface user defined trap. */
typedef enum _sai_hostif_user_defined_trap_attr_t {
    SAI_HOSTIF_USER_DEFINED_TRAP_ATTR_START = 0,
    SAI_HOSTIF_USER_DEFINED_TRAP_ATTR_TYPE = 0,
    SAI_HOSTIF_USER_DEFINED_TRAP_ATTR_TRAP_PRIORITY = 1,
    SAI_HOSTIF_USER_DEFINED_TRAP_ATTR_TRAP_GROUP = 2,
    SAI_HOSTIF_USER_DEFINED_TRAP_ATTR_END = 3,
    SAI_HOSTIF_USER_DEFINED_TRAP_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_HOSTIF_USER_DEFINED_TRAP_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_hostif_user_defined_trap_attr_t;

/** How a host interface appears to the host. */
typedef enum _sai_hostif_type_t {
    SAI_HOSTIF_TYPE_NETDEV = 0,
    SAI_HOSTIF_TYPE_FD = 1,
    SAI_HOSTIF_TYPE_GENETLINK = 2
} sai_hostif_type_t;

typedef enum _sai_hostif_vlan_tag_t {
    SAI_HOSTIF_VLAN_TAG_STRIP = 0,
    SAI_HOSTIF_VLAN_TAG_KEEP = 1,
    SAI_HOSTIF_VLAN_TAG_ORIGINAL = 2
} sai_hostif_vlan_tag_t;

/** Attributes: host interface. */
typedef enum _sai_hostif_attr_t {
    SAI_HOSTIF_ATTR_START = 0,
    SAI_HOSTIF_ATTR_TYPE = 0,
    SAI_HOSTIF_ATTR_OBJ_ID = 1,
    SAI_HOSTIF_ATTR_NAME = 2,
    SAI_HOSTIF_ATTR_OPER_STATUS = 3,
    SAI_HOSTIF_ATTR_QUEUE = 4,
    SAI_HOSTIF_ATTR_VLAN_TAG = 5,
    SAI_HOSTIF_ATTR_GENETLINK_MCGRP_NAME = 6,
    SAI_HOSTIF_ATTR_END = 7,
    SAI_HOSTIF_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_HOSTIF_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_hostif_attr_t;

typedef enum _sai_hostif_table_entry_type_t {
    SAI_HOSTIF_TABLE_ENTRY_TYPE_PORT = 0,
    SAI_HOSTIF_TABLE_ENTRY_TYPE_LAG = 1,
    SAI_HOSTIF_TABLE_ENTRY_TYPE_VLAN = 2,
    SAI_HOSTIF_TABLE_ENTRY_TYPE_TRAP_ID = 3,
    SAI_HOSTIF_TABLE_ENTRY_TYPE_WILDCARD = 4
} sai_hostif_table_entry_type_t;

typedef enum _sai_hostif_table_entry_channel_type_t {
    SAI_HOSTIF_TABLE_ENTRY_CHANNEL_TYPE_CB = 0,
    SAI_HOSTIF_TABLE_ENTRY_CHANNEL_TYPE_FD = 1,
    SAI_HOSTIF_TABLE_ENTRY_CHANNEL_TYPE_NETDEV_PHYSICAL_PORT = 2,
    SAI_HOSTIF_TABLE_ENTRY_CHANNEL_TYPE_NETDEV_LOGICAL_PORT = 3,
    SAI_HOSTIF_TABLE_ENTRY_CHANNEL_TYPE_NETDEV_L3 = 4,
    SAI_HOSTIF_TABLE_ENTRY_CHANNEL_TYPE_GENETLINK = 5
} sai_hostif_table_entry_channel_type_t;

/** Attributes: host interface table entry. */
typedef enum _sai_hostif_table_entry_attr_t {
    SAI_HOSTIF_TABLE_ENTRY_ATTR_START = 0,
    SAI_HOSTIF_TABLE_ENTRY_ATTR_TYPE = 0,
    SAI_HOSTIF_TABLE_ENTRY_ATTR_OBJ_ID = 1,
    SAI_HOSTIF_TABLE_ENTRY_ATTR_TRAP_ID = 2,
    SAI_HOSTIF_TABLE_ENTRY_ATTR_CHANNEL_TYPE = 3,
    SAI_HOSTIF_TABLE_ENTRY_ATTR_HOST_IF = 4,
    SAI_HOSTIF_TABLE_ENTRY_ATTR_END = 5,
    SAI_HOSTIF_TABLE_ENTRY_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_HOSTIF_TABLE_ENTRY_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_hostif_table_entry_attr_t;

typedef enum _sai_hostif_tx_type_t {
    SAI_HOSTIF_TX_TYPE_PIPELINE_BYPASS = 0,
    SAI_HOSTIF_TX_TYPE_PIPELINE_LOOKUP = 1,
    SAI_HOSTIF_TX_TYPE_CUSTOM_RANGE_BASE = 0x10000000
} sai_hostif_tx_type_t;

/** Attributes: host interface packet. */
typedef enum _sai_hostif_packet_attr_t {
    SAI_HOSTIF_PACKET_ATTR_START = 0,
    SAI_HOSTIF_PACKET_ATTR_HOSTIF_TRAP_ID = 0,
    SAI_HOSTIF_PACKET_ATTR_INGRESS_PORT = 1,
    SAI_HOSTIF_PACKET_ATTR_INGRESS_LAG = 2,
    SAI_HOSTIF_PACKET_ATTR_HOSTIF_TX_TYPE = 3,
    SAI_HOSTIF_PACKET_ATTR_EGRESS_PORT_OR_LAG = 4,
    SAI_HOSTIF_PACKET_ATTR_BRIDGE_ID = 5,
    SAI_HOSTIF_PACKET_ATTR_TIMESTAMP = 6,
    SAI_HOSTIF_PACKET_ATTR_EGRESS_QUEUE_INDEX = 7,
    SAI_HOSTIF_PACKET_ATTR_ZERO_COPY_TX = 8,
    SAI_HOSTIF_PACKET_ATTR_END = 9,
    SAI_HOSTIF_PACKET_ATTR_CUSTOM_RANGE_START = 0x10000000,
    SAI_HOSTIF_PACKET_ATTR_CUSTOM_RANGE_END = 0x10000001
} sai_hostif_packet_attr_t;

typedef sai_status_t (*sai_create_hostif_trap_group_fn)(
    sai_object_id_t *hostif_trap_group_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_hostif_trap_group_fn)(sai_object_id_t hostif_trap_group_id);

typedef sai_status_t (*sai_set_hostif_trap_group_attribute_fn)(
    sai_object_id_t hostif_trap_group_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_hostif_trap_group_attribute_fn)(
    sai_object_id_t hostif_trap_group_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_hostif_trap_fn)(
    sai_object_id_t *hostif_trap_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_hostif_trap_fn)(sai_object_id_t hostif_trap_id);

typedef sai_status_t (*sai_set_hostif_trap_attribute_fn)(
    sai_object_id_t hostif_trap_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_hostif_trap_attribute_fn)(
    sai_object_id_t hostif_trap_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_hostif_user_defined_trap_fn)(
    sai_object_id_t *hostif_user_defined_trap_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_hostif_user_defined_trap_fn)(
    sai_object_id_t hostif_user_defined_trap_id);

typedef sai_status_t (*sai_set_hostif_user_defined_trap_attribute_fn)(
    sai_object_id_t hostif_user_defined_trap_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_hostif_user_defined_trap_attribute_fn)(
    sai_object_id_t hostif_user_defined_trap_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_hostif_fn)(
    sai_object_id_t *hostif_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_hostif_fn)(sai_object_id_t hostif_id);

typedef sai_status_t (*sai_set_hostif_attribute_fn)(
    sai_object_id_t hostif_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_hostif_attribute_fn)(
    sai_object_id_t hostif_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_create_hostif_table_entry_fn)(
    sai_object_id_t *hostif_table_entry_id,
    sai_object_id_t switch_id,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_remove_hostif_table_entry_fn)(sai_object_id_t hostif_table_entry_id);

typedef sai_status_t (*sai_set_hostif_table_entry_attribute_fn)(
    sai_object_id_t hostif_table_entry_id,
    const sai_attribute_t *attr);

typedef sai_status_t (*sai_get_hostif_table_entry_attribute_fn)(
    sai_object_id_t hostif_table_entry_id,
    uint32_t attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_recv_hostif_packet_fn)(
    sai_object_id_t hostif_id,
    sai_size_t *buffer_size,
    void *buffer,
    uint32_t *attr_count,
    sai_attribute_t *attr_list);

typedef sai_status_t (*sai_send_hostif_packet_fn)(
    sai_object_id_t hostif_id,
    sai_size_t buffer_size,
    const void *buffer,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_allocate_hostif_packet_fn)(
    sai_object_id_t hostif_id,
    sai_size_t buffer_size,
    void **buffer,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

typedef sai_status_t (*sai_free_hostif_packet_fn)(sai_object_id_t hostif_id, void *buffer);

/** A packet for the CPU, on the library's thread with borrowed memory. */
typedef void (*sai_packet_event_notification_fn)(
    sai_object_id_t switch_id,
    sai_size_t buffer_size,
    const void *buffer,
    uint32_t attr_count,
    const sai_attribute_t *attr_list);

/** Method table: host interface. The order is the ABI. */
typedef struct _sai_hostif_api_t {
    sai_create_hostif_fn create_hostif;
    sai_remove_hostif_fn remove_hostif;
    sai_set_hostif_attribute_fn set_hostif_attribute;
    sai_get_hostif_attribute_fn get_hostif_attribute;
    sai_create_hostif_table_entry_fn create_hostif_table_entry;
    sai_remove_hostif_table_entry_fn remove_hostif_table_entry;
    sai_set_hostif_table_entry_attribute_fn set_hostif_table_entry_attribute;
    sai_get_hostif_table_entry_attribute_fn get_hostif_table_entry_attribute;
    sai_create_hostif_trap_group_fn create_hostif_trap_group;
    sai_remove_hostif_trap_group_fn remove_hostif_trap_group;
    sai_set_hostif_trap_group_attribute_fn set_hostif_trap_group_attribute;
    sai_get_hostif_trap_group_attribute_fn get_hostif_trap_group_attribute;
    sai_create_hostif_trap_fn create_hostif_trap;
    sai_remove_hostif_trap_fn remove_hostif_trap;
    sai_set_hostif_trap_attribute_fn set_hostif_trap_attribute;
    sai_get_hostif_trap_attribute_fn get_hostif_trap_attribute;
    sai_create_hostif_user_defined_trap_fn create_hostif_user_defined_trap;
    sai_remove_hostif_user_defined_trap_fn remove_hostif_user_defined_trap;
    sai_set_hostif_user_defined_trap_attribute_fn set_hostif_user_defined_trap_attribute;
    sai_get_hostif_user_defined_trap_attribute_fn get_hostif_user_defined_trap_attribute;
    sai_recv_hostif_packet_fn recv_hostif_packet;
    sai_send_hostif_packet_fn send_hostif_packet;
    sai_allocate_hostif_packet_fn allocate_hostif_packet;
    sai_free_hostif_packet_fn free_hostif_packet;
} sai_hostif_api_t;

#ifdef __cplusplus
}
#endif

#endif
