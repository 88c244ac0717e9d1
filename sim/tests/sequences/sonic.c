/*
 * What a SONiC-style client calls at start: section 1 of the listed sequences, row by row.
 *
 * A row is done when the library answered as that client needs it. Rows stand in the document's order, but for
 * ports: those that are not configured go before new ones take their lanes.
 */

#include "client.h"

#define PORTS 32
#define VLAN_10 10

static struct {
    sai_object_id_t cpu_port, virtual_router, vlan, bridge, trap_group;
    sai_object_id_t loopback;
    struct ids ports;
    sai_object_id_t wide_port;
    sai_object_id_t lag, lag_member;
    sai_object_id_t bridge_port, lag_bridge_port;
    sai_object_id_t vlan_10, hostif;
    sai_object_id_t port_rif, vlan_rif, sub_rif;
    sai_object_id_t next_hops[2], group;
} s;

/* Notifications come on a thread of the library's, with memory that is borrowed for the call. */
static void on_port_state(uint32_t count, const sai_port_oper_status_notification_t *data)
{
    CHECK(count > 0 && data != NULL);
}
static void on_fdb_event(uint32_t count, const sai_fdb_event_notification_data_t *data)
{
    CHECK(count > 0 && data != NULL);
}
static void on_host_tx_ready(sai_object_id_t id, sai_object_id_t port, sai_port_host_tx_ready_status_t status)
{
    CHECK(id != SAI_NULL_OBJECT_ID && port != SAI_NULL_OBJECT_ID);
    CHECK(status == SAI_PORT_HOST_TX_READY_STATUS_READY || status == SAI_PORT_HOST_TX_READY_STATUS_NOT_READY);
}
/* What nothing in a start leads to. */
static void on_shutdown_request(sai_object_id_t id)
{
    (void)id;
    fail(__FILE__, __LINE__, "a request to shut down", 1, 0);
}
static void on_health(void)
{
    fail(__FILE__, __LINE__, "a health event", 1, 0);
}

static const sai_mac_t router_mac = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

static int ids_contain(struct ids ids, sai_object_id_t id)
{
    for (uint32_t i = 0; i < ids.count; i++) {
        if (ids.list[i] == id) {
            return 1;
        }
    }
    return 0;
}

/* Follows every attribute that holds ids, from one object to all that can be reached. Answers how many there are. */
static uint32_t discover(sai_object_id_t start)
{
    enum { MOST = 8192, LONGEST = 1024 };
    sai_object_id_t *found = calloc(MOST, sizeof(*found));
    sai_object_id_t *buffer = calloc(LONGEST, sizeof(*buffer));
    uint32_t count = 0;
    found[count++] = start;
    for (uint32_t i = 0; i < count; i++) {
        sai_object_type_t type = library.sai_object_type_query(found[i]);
        CHECK(type != SAI_OBJECT_TYPE_NULL);
        CHECK(library.sai_switch_id_query(found[i]) == switch_id);
        getter get = getter_of(type);
        for (uint32_t m = 0; get != NULL && m < COUNT(attributes); m++) {
            int is_list = attributes[m].kind == KIND_OIDS;
            int skipped = type == SAI_OBJECT_TYPE_BRIDGE_PORT
                && (attributes[m].id == SAI_BRIDGE_PORT_ATTR_TUNNEL_ID
                    || attributes[m].id == SAI_BRIDGE_PORT_ATTR_RIF_ID);
            if (attributes[m].object != type || skipped || !(is_list || attributes[m].kind == KIND_OID)) {
                continue;
            }
            sai_attribute_t attr = {.id = attributes[m].id};
            if (is_list) {
                attr.value.objlist.count = LONGEST;
                attr.value.objlist.list = buffer;
            }
            if (get(found[i], 1, &attr) != SAI_STATUS_SUCCESS) {
                continue;
            }
            uint32_t names = is_list ? attr.value.objlist.count : 1;
            for (uint32_t n = 0; n < names; n++) {
                sai_object_id_t id = is_list ? buffer[n] : attr.value.oid;
                struct ids known = {count, found};
                if (id != SAI_NULL_OBJECT_ID && !ids_contain(known, id)) {
                    CHECK(count < MOST);
                    found[count++] = id;
                }
            }
        }
    }
    free(buffer);
    free(found);
    return count;
}

static void create_the_switch(void)
{
    start_library();
    for (int n = 1; n <= 4; n++) {
        row("sonic", n);
    }

    sai_attribute_t attrs[] = {
        BOOL(SAI_SWITCH_ATTR_INIT_SWITCH, true),
        PTR(SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY, on_port_state),
        PTR(SAI_SWITCH_ATTR_SWITCH_SHUTDOWN_REQUEST_NOTIFY, on_shutdown_request),
        MAC(SAI_SWITCH_ATTR_SRC_MAC_ADDRESS, 0x02, 0x11, 0x22, 0x33, 0x44, 0x55),
        {.id = SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO, .value = {.s8list = {6, (int8_t *)"asic0"}}},
    };
    OK(switch_api->create_switch(&switch_id, COUNT(attrs), attrs));
    CHECK(library.sai_object_type_query(switch_id) == SAI_OBJECT_TYPE_SWITCH);
    sai_attribute_value_t pointer =
        GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY);
    CHECK(pointer.ptr == (sai_pointer_t)on_port_state);
    row("sonic", 5);

    int8_t info[4096];
    sai_attribute_t hardware = {
        .id = SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO, .value = {.s8list = {COUNT(info), info}}};
    OK(switch_api->get_switch_attribute(switch_id, 1, &hardware));
    CHECK(hardware.value.s8list.count >= 5 && memcmp(info, "asic0", 5) == 0);
    row("sonic", 6);

    for (int api = SAI_API_UNSPECIFIED + 1; api < SAI_API_MAX; api++) {
        OK(library.sai_log_set((sai_api_t)api, SAI_LOG_LEVEL_CRITICAL));
    }
    /* Ports, bridge ports and VLAN members of the start state, and what holds them. */
    CHECK(discover(switch_id) > 3 * PORTS);
    for (int api = SAI_API_UNSPECIFIED + 1; api < SAI_API_MAX; api++) {
        OK(library.sai_log_set((sai_api_t)api, SAI_LOG_LEVEL_NOTICE));
    }
    row("sonic", 7);
}

static void read_the_start_state(void)
{
    const struct {
        sai_switch_attr_t attr;
        sai_object_type_t type;
        sai_object_id_t *place;
    } defaults[] = {
        {SAI_SWITCH_ATTR_CPU_PORT, SAI_OBJECT_TYPE_PORT, &s.cpu_port},
        {SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID, SAI_OBJECT_TYPE_VIRTUAL_ROUTER, &s.virtual_router},
        {SAI_SWITCH_ATTR_DEFAULT_VLAN_ID, SAI_OBJECT_TYPE_VLAN, &s.vlan},
        {SAI_SWITCH_ATTR_DEFAULT_1Q_BRIDGE_ID, SAI_OBJECT_TYPE_BRIDGE, &s.bridge},
        {SAI_SWITCH_ATTR_DEFAULT_TRAP_GROUP, SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP, &s.trap_group},
        {SAI_SWITCH_ATTR_DEFAULT_STP_INST_ID, SAI_OBJECT_TYPE_STP, NULL},
        {SAI_SWITCH_ATTR_ECMP_HASH, SAI_OBJECT_TYPE_HASH, NULL},
        {SAI_SWITCH_ATTR_LAG_HASH, SAI_OBJECT_TYPE_HASH, NULL},
    };
    for (uint32_t i = 0; i < COUNT(defaults); i++) {
        sai_object_id_t id = GET(switch_api, switch, switch_id, defaults[i].attr).oid;
        CHECK(library.sai_object_type_query(id) == defaults[i].type);
        CHECK(library.sai_switch_id_query(id) == switch_id);
        if (defaults[i].place != NULL) {
            *defaults[i].place = id;
        }
    }
    row("sonic", 8);

    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_TYPE).s32 == SAI_SWITCH_TYPE_NPU);
    row("sonic", 9);

    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_NUMBER_OF_ACTIVE_PORTS).u32 == PORTS);
    s.ports = IDS(switch_api, switch, switch_id, SAI_SWITCH_ATTR_PORT_LIST);
    CHECK(s.ports.count == PORTS && !ids_contain(s.ports, s.cpu_port));
    row("sonic", 10);

    for (uint32_t i = 0; i < s.ports.count; i++) {
        CHECK(library.sai_object_type_query(s.ports.list[i]) == SAI_OBJECT_TYPE_PORT);
        uint32_t lanes[8];
        sai_attribute_t attr = U32S(SAI_PORT_ATTR_HW_LANE_LIST, lanes);
        OK(port_api->get_port_attribute(s.ports.list[i], 1, &attr));
        CHECK(attr.value.u32list.count > 0);
    }
    row("sonic", 11);

    sai_attribute_value_t mac = GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_SRC_MAC_ADDRESS);
    CHECK(memcmp(mac.mac, router_mac, sizeof(router_mac)) == 0);
    row("sonic", 12);
    row("sonic", 14);

    GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_VXLAN_DEFAULT_ROUTER_MAC);
    row("sonic", 13);

    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID).oid == s.virtual_router);
    row("sonic", 15);

    sai_attribute_t snat = {.id = SAI_SWITCH_ATTR_AVAILABLE_SNAT_ENTRY};
    CHECK(is_absent(switch_api->get_switch_attribute(switch_id, 1, &snat)));
    row("sonic", 16);

    CREATE(
        router_interface_api, router_interface, &s.loopback,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, s.virtual_router),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_LOOPBACK),
        U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9100));
    row("sonic", 17);
}

static sai_attr_capability_t capability(sai_object_type_t type, sai_attr_id_t attr)
{
    sai_attr_capability_t capability;
    memset(&capability, 0, sizeof(capability));
    OK(library.sai_query_attribute_capability(switch_id, type, attr, &capability));
    return capability;
}

static void ask_what_is_supported(void)
{
    const sai_switch_attr_t health[] = {
        SAI_SWITCH_ATTR_SWITCH_ASIC_SDK_HEALTH_EVENT_NOTIFY,
        SAI_SWITCH_ATTR_REG_FATAL_SWITCH_ASIC_SDK_HEALTH_CATEGORY,
        SAI_SWITCH_ATTR_REG_WARNING_SWITCH_ASIC_SDK_HEALTH_CATEGORY,
        SAI_SWITCH_ATTR_REG_NOTICE_SWITCH_ASIC_SDK_HEALTH_CATEGORY,
    };
    for (uint32_t i = 0; i < COUNT(health); i++) {
        CHECK(capability(SAI_OBJECT_TYPE_SWITCH, health[i]).set_implemented);
    }
    row("sonic", 18);
    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_SWITCH_ASIC_SDK_HEALTH_EVENT_NOTIFY, on_health));
    row("sonic", 19);

    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_CPU_PORT).oid == s.cpu_port);
    row("sonic", 20);
    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_NUMBER_OF_ACTIVE_PORTS).u32 == s.ports.count);
    row("sonic", 21);
    row("sonic", 22);

    CHECK(enumerators(SAI_OBJECT_TYPE_VLAN, SAI_VLAN_ATTR_UNKNOWN_UNICAST_FLOOD_CONTROL_TYPE) >= 4);
    CHECK(enumerators(SAI_OBJECT_TYPE_VLAN, SAI_VLAN_ATTR_BROADCAST_FLOOD_CONTROL_TYPE) >= 4);
    row("sonic", 23);

    CHECK(capability(SAI_OBJECT_TYPE_HOSTIF, SAI_HOSTIF_ATTR_QUEUE).create_implemented);
    CHECK(capability(SAI_OBJECT_TYPE_PORT, SAI_PORT_ATTR_HOST_TX_SIGNAL_ENABLE).set_implemented);
    CHECK(capability(SAI_OBJECT_TYPE_PORT, SAI_PORT_ATTR_AUTO_NEG_FEC_MODE_OVERRIDE).set_implemented);
    CHECK(!capability(SAI_OBJECT_TYPE_PORT, SAI_PORT_ATTR_OPER_PORT_FEC_MODE).set_implemented);
    CHECK(capability(SAI_OBJECT_TYPE_SWITCH, SAI_SWITCH_ATTR_PORT_HOST_TX_READY_NOTIFY).set_implemented);
    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_PORT_HOST_TX_READY_NOTIFY, on_host_tx_ready));
    row("sonic", 24);
}

static void clear_the_start_state(void)
{
    sai_attribute_t both[] = {
        {.id = SAI_SWITCH_ATTR_DEFAULT_1Q_BRIDGE_ID},
        {.id = SAI_SWITCH_ATTR_DEFAULT_VLAN_ID},
    };
    OK(switch_api->get_switch_attribute(switch_id, COUNT(both), both));
    CHECK(both[0].value.oid == s.bridge && both[1].value.oid == s.vlan);
    row("sonic", 25);

    struct ids members = IDS(vlan_api, vlan, s.vlan, SAI_VLAN_ATTR_MEMBER_LIST);
    CHECK(members.count == s.ports.count);
    row("sonic", 26);
    for (uint32_t i = 0; i < members.count; i++) {
        CHECK(GET(vlan_api, vlan_member, members.list[i], SAI_VLAN_MEMBER_ATTR_VLAN_ID).oid == s.vlan);
        OK(vlan_api->remove_vlan_member(members.list[i]));
        CHECK(library.sai_object_type_query(members.list[i]) == SAI_OBJECT_TYPE_NULL);
    }
    free(members.list);
    CHECK(IDS(vlan_api, vlan, s.vlan, SAI_VLAN_ATTR_MEMBER_LIST).count == 0);
    row("sonic", 27);

    struct ids bridge_ports = IDS(bridge_api, bridge, s.bridge, SAI_BRIDGE_ATTR_PORT_LIST);
    CHECK(bridge_ports.count >= s.ports.count && bridge_ports.count <= s.ports.count + 1);
    row("sonic", 28);
    for (uint32_t i = 0; i < bridge_ports.count; i++) {
        int32_t type = GET(bridge_api, bridge_port, bridge_ports.list[i], SAI_BRIDGE_PORT_ATTR_TYPE).s32;
        if (type == SAI_BRIDGE_PORT_TYPE_PORT) {
            OK(bridge_api->remove_bridge_port(bridge_ports.list[i]));
        }
    }
    free(bridge_ports.list);
    CHECK(IDS(bridge_api, bridge, s.bridge, SAI_BRIDGE_ATTR_PORT_LIST).count == 0);
    row("sonic", 29);
    row("sonic", 30);

    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY, on_fdb_event));
    row("sonic", 31);

    sai_attribute_t types = {.id = SAI_SWITCH_ATTR_SUPPORTED_OBJECT_TYPE_LIST};
    sai_status_t status = switch_api->get_switch_attribute(switch_id, 1, &types);
    CHECK(is_absent(status) || status == SAI_STATUS_BUFFER_OVERFLOW);
    row("sonic", 32);

    const sai_object_type_t with_counters[] = {SAI_OBJECT_TYPE_PORT, SAI_OBJECT_TYPE_QUEUE};
    for (uint32_t i = 0; i < COUNT(with_counters); i++) {
        sai_stat_capability_list_t list = {0, NULL};
        status = library.sai_query_stats_capability(switch_id, with_counters[i], &list);
        CHECK(is_absent(status) || status == SAI_STATUS_BUFFER_OVERFLOW);
        if (status == SAI_STATUS_BUFFER_OVERFLOW) {
            list.list = calloc(list.count, sizeof(*list.list));
            OK(library.sai_query_stats_capability(switch_id, with_counters[i], &list));
            free(list.list);
        }
    }
    row("sonic", 33);

    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_NUMBER_OF_ECMP_GROUPS).u32 > 0);
    row("sonic", 34);
}

static void create_route(sai_route_entry_t entry, int32_t action, sai_object_id_t next_hop)
{
    sai_attribute_t attrs[] = {
        ENUM(SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION, action),
        OID(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, next_hop),
    };
    OK(route_api->create_route_entry(&entry, next_hop == SAI_NULL_OBJECT_ID ? 1 : 2, attrs));
}

static void create_routes_and_traps(void)
{
    create_route(route(s.virtual_router, ip4(0, 0, 0, 0), 0), SAI_PACKET_ACTION_DROP, SAI_NULL_OBJECT_ID);
    sai_ip_address_t any6;
    memset(&any6, 0, sizeof(any6));
    any6.addr_family = SAI_IP_ADDR_FAMILY_IPV6;
    create_route(route(s.virtual_router, any6, 0), SAI_PACKET_ACTION_DROP, SAI_NULL_OBJECT_ID);
    row("sonic", 35);
    create_route(route(s.virtual_router, ip6(1, 1), 128), SAI_PACKET_ACTION_FORWARD, s.cpu_port);
    create_route(route(s.virtual_router, ip6(1, 0), 10), SAI_PACKET_ACTION_FORWARD, s.cpu_port);
    row("sonic", 36);

    CHECK(enumerators(SAI_OBJECT_TYPE_HOSTIF_TRAP, SAI_HOSTIF_TRAP_ATTR_TRAP_TYPE) > 30);
    row("sonic", 37);
    sai_object_id_t wildcard;
    CREATE(
        hostif_api, hostif_table_entry, &wildcard,
        ENUM(SAI_HOSTIF_TABLE_ENTRY_ATTR_TYPE, SAI_HOSTIF_TABLE_ENTRY_TYPE_WILDCARD),
        ENUM(SAI_HOSTIF_TABLE_ENTRY_ATTR_CHANNEL_TYPE, SAI_HOSTIF_TABLE_ENTRY_CHANNEL_TYPE_NETDEV_PHYSICAL_PORT));
    row("sonic", 38);
    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_DEFAULT_TRAP_GROUP).oid == s.trap_group);
    row("sonic", 39);

    sai_object_id_t trap, group;
    CREATE(
        hostif_api, hostif_trap, &trap,
        ENUM(SAI_HOSTIF_TRAP_ATTR_TRAP_TYPE, SAI_HOSTIF_TRAP_TYPE_TTL_ERROR),
        ENUM(SAI_HOSTIF_TRAP_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_TRAP),
        OID(SAI_HOSTIF_TRAP_ATTR_TRAP_GROUP, s.trap_group), U32(SAI_HOSTIF_TRAP_ATTR_TRAP_PRIORITY, 1));
    row("sonic", 40);
    CREATE(hostif_api, hostif_trap_group, &group, U32(SAI_HOSTIF_TRAP_GROUP_ATTR_QUEUE, 4));
    row("sonic", 41);

    void *policers = NULL;
    EXPECT(SAI_STATUS_NOT_IMPLEMENTED, library.sai_api_query(SAI_API_POLICER, &policers));
    row("sonic", 42);
    /* Without a policer to name, what is left is to name none, and to be told of an id that is none. */
    SET(hostif_api, hostif_trap_group, group, OID(SAI_HOSTIF_TRAP_GROUP_ATTR_POLICER, SAI_NULL_OBJECT_ID));
    TRY_SET(
        SAI_STATUS_INVALID_ATTR_VALUE_0, hostif_api, hostif_trap_group, group,
        OID(SAI_HOSTIF_TRAP_GROUP_ATTR_POLICER, trap));
    row("sonic", 43);

    const sai_hostif_trap_type_t traps[] = {
        SAI_HOSTIF_TRAP_TYPE_ARP_REQUEST, SAI_HOSTIF_TRAP_TYPE_ARP_RESPONSE,
        SAI_HOSTIF_TRAP_TYPE_IPV6_NEIGHBOR_DISCOVERY, SAI_HOSTIF_TRAP_TYPE_LACP,
        SAI_HOSTIF_TRAP_TYPE_LLDP, SAI_HOSTIF_TRAP_TYPE_BGP, SAI_HOSTIF_TRAP_TYPE_IP2ME,
    };
    for (uint32_t i = 0; i < COUNT(traps); i++) {
        CREATE(
            hostif_api, hostif_trap, &trap, ENUM(SAI_HOSTIF_TRAP_ATTR_TRAP_TYPE, traps[i]),
            OID(SAI_HOSTIF_TRAP_ATTR_TRAP_GROUP, group),
            ENUM(SAI_HOSTIF_TRAP_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_TRAP),
            U32(SAI_HOSTIF_TRAP_ATTR_TRAP_PRIORITY, 4));
        CHECK(GET(hostif_api, hostif_trap, trap, SAI_HOSTIF_TRAP_ATTR_TRAP_GROUP).oid == group);
    }
    EXPECT(SAI_STATUS_OBJECT_IN_USE, hostif_api->remove_hostif_trap_group(group));
    row("sonic", 44);

    sai_object_id_t genetlink, entry;
    CREATE(
        hostif_api, hostif, &genetlink, ENUM(SAI_HOSTIF_ATTR_TYPE, SAI_HOSTIF_TYPE_GENETLINK),
        TEXT(SAI_HOSTIF_ATTR_NAME, "psample"), TEXT(SAI_HOSTIF_ATTR_GENETLINK_MCGRP_NAME, "packets"));
    row("sonic", 45);
    CREATE(
        hostif_api, hostif_table_entry, &entry,
        ENUM(SAI_HOSTIF_TABLE_ENTRY_ATTR_TYPE, SAI_HOSTIF_TABLE_ENTRY_TYPE_TRAP_ID),
        OID(SAI_HOSTIF_TABLE_ENTRY_ATTR_TRAP_ID, trap),
        ENUM(SAI_HOSTIF_TABLE_ENTRY_ATTR_CHANNEL_TYPE, SAI_HOSTIF_TABLE_ENTRY_CHANNEL_TYPE_GENETLINK),
        OID(SAI_HOSTIF_TABLE_ENTRY_ATTR_HOST_IF, genetlink));
    row("sonic", 46);
}

static void configure_ports(void)
{
    /* Four ports of one lane make room for one of four. */
    sai_object_id_t gone[4];
    sai_status_t statuses[4];
    uint32_t lanes[4];
    for (uint32_t i = 0; i < COUNT(gone); i++) {
        gone[i] = s.ports.list[s.ports.count - 1 - i];
        uint32_t lane[8];
        sai_attribute_t attr = U32S(SAI_PORT_ATTR_HW_LANE_LIST, lane);
        OK(port_api->get_port_attribute(gone[i], 1, &attr));
        lanes[i] = lane[0];
        struct ids queues = IDS(port_api, port, gone[i], SAI_PORT_ATTR_QOS_QUEUE_LIST);
        CHECK(queues.count > 0);
        CHECK(library.sai_object_type_query(queues.list[0]) == SAI_OBJECT_TYPE_QUEUE);
        free(queues.list);
        CHECK(IDS(port_api, port, gone[i], SAI_PORT_ATTR_QOS_SCHEDULER_GROUP_LIST).count == 0);
        CHECK(IDS(port_api, port, gone[i], SAI_PORT_ATTR_INGRESS_PRIORITY_GROUP_LIST).count == 0);
        sai_attribute_t serdes = {.id = SAI_PORT_ATTR_PORT_SERDES_ID};
        sai_status_t status = port_api->get_port_attribute(gone[i], 1, &serdes);
        CHECK(status == SAI_STATUS_SUCCESS || is_absent(status));
    }
    struct ids queues = IDS(port_api, port, gone[0], SAI_PORT_ATTR_QOS_QUEUE_LIST);
    sai_object_id_t first_queue = queues.list[0];
    free(queues.list);
    if (HAS(port, remove_ports)) {
        OK(port_api->remove_ports(COUNT(gone), gone, SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR, statuses));
        for (uint32_t i = 0; i < COUNT(gone); i++) {
            OK(statuses[i]);
        }
    } else {
        for (uint32_t i = 0; i < COUNT(gone); i++) {
            OK(port_api->remove_port(gone[i]));
        }
    }
    CHECK(library.sai_object_type_query(gone[0]) == SAI_OBJECT_TYPE_NULL);
    CHECK(library.sai_object_type_query(first_queue) == SAI_OBJECT_TYPE_NULL);
    row("sonic", 49);

    const sai_attribute_t attrs[] = {
        U32S(SAI_PORT_ATTR_HW_LANE_LIST, lanes),
        U32(SAI_PORT_ATTR_SPEED, 400000),
        BOOL(SAI_PORT_ATTR_AUTO_NEG_MODE, false),
        ENUM(SAI_PORT_ATTR_FEC_MODE, SAI_PORT_FEC_MODE_RS),
        BOOL(SAI_PORT_ATTR_HOST_TX_SIGNAL_ENABLE, true),
    };
    if (HAS(port, create_ports)) {
        const sai_attribute_t *lists[] = {attrs};
        const uint32_t counts[] = {COUNT(attrs)};
        OK(port_api->create_ports(
            switch_id, 1, counts, lists, SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR, &s.wide_port, statuses));
        OK(statuses[0]);
    } else {
        OK(port_api->create_port(&s.wide_port, switch_id, COUNT(attrs), attrs));
    }
    uint32_t back[8];
    sai_attribute_t attr = U32S(SAI_PORT_ATTR_HW_LANE_LIST, back);
    OK(port_api->get_port_attribute(s.wide_port, 1, &attr));
    CHECK(attr.value.u32list.count == COUNT(lanes) && memcmp(back, lanes, sizeof(lanes)) == 0);
    row("sonic", 47);
    CHECK(discover(s.wide_port) > 1);
    row("sonic", 48);

    free(s.ports.list);
    s.ports = IDS(switch_api, switch, switch_id, SAI_SWITCH_ATTR_PORT_LIST);
    CHECK(s.ports.count == PORTS - COUNT(gone) + 1 && ids_contain(s.ports, s.wide_port));

    for (uint32_t i = 0; i < s.ports.count; i++) {
        sai_object_id_t port = s.ports.list[i];
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_NUMBER_OF_INGRESS_PRIORITY_GROUPS).u32 == 0);
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_QOS_NUMBER_OF_SCHEDULER_GROUPS).u32 == 0);
        struct ids queues = IDS(port_api, port, port, SAI_PORT_ATTR_QOS_QUEUE_LIST);
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_QOS_NUMBER_OF_QUEUES).u32 == queues.count);
        free(queues.list);
    }
    row("sonic", 50);

    CREATE(
        hostif_api, hostif, &s.hostif, ENUM(SAI_HOSTIF_ATTR_TYPE, SAI_HOSTIF_TYPE_NETDEV),
        OID(SAI_HOSTIF_ATTR_OBJ_ID, s.ports.list[0]), TEXT(SAI_HOSTIF_ATTR_NAME, "Ethernet0"),
        BOOL(SAI_HOSTIF_ATTR_OPER_STATUS, false), U32(SAI_HOSTIF_ATTR_QUEUE, 7));
    CHECK(strcmp(GET(hostif_api, hostif, s.hostif, SAI_HOSTIF_ATTR_NAME).chardata, "Ethernet0") == 0);
    row("sonic", 51);

    sai_object_id_t port = s.ports.list[0];
    CHECK(GET(port_api, port, port, SAI_PORT_ATTR_SPEED).u32 > 0);
    CHECK(GET(port_api, port, port, SAI_PORT_ATTR_MTU).u32 > 0);
    CHECK(!GET(port_api, port, port, SAI_PORT_ATTR_ADMIN_STATE).booldata);
    CHECK(!GET(port_api, port, port, SAI_PORT_ATTR_AUTO_NEG_MODE).booldata);
    CHECK(GET(port_api, port, port, SAI_PORT_ATTR_OPER_STATUS).s32 == SAI_PORT_OPER_STATUS_DOWN);
    CHECK(GET(port_api, port, port, SAI_PORT_ATTR_HOST_TX_READY_STATUS).s32 == SAI_PORT_HOST_TX_READY_STATUS_READY);
    row("sonic", 52);
    sai_attribute_t headroom = {.id = SAI_PORT_ATTR_QOS_MAXIMUM_HEADROOM_SIZE};
    CHECK(is_absent(port_api->get_port_attribute(port, 1, &headroom)));
    sai_attribute_t speeds = {.id = SAI_PORT_ATTR_SUPPORTED_SPEED};
    EXPECT(SAI_STATUS_BUFFER_OVERFLOW, port_api->get_port_attribute(port, 1, &speeds));
    row("sonic", 53);

    for (uint32_t i = 0; i < s.ports.count; i++) {
        port = s.ports.list[i];
        SET(port_api, port, port, BOOL(SAI_PORT_ATTR_ADMIN_STATE, true));
        SET(port_api, port, port, U32(SAI_PORT_ATTR_MTU, 9100 + 22));
        SET(port_api, port, port, U16(SAI_PORT_ATTR_TPID, 0x8100));
        SET(port_api, port, port, ENUM(SAI_PORT_ATTR_FEC_MODE, SAI_PORT_FEC_MODE_RS));
        SET(port_api, port, port,
            ENUM(SAI_PORT_ATTR_PRIORITY_FLOW_CONTROL_MODE, SAI_PORT_PRIORITY_FLOW_CONTROL_MODE_COMBINED));
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_MTU).u32 == 9122);
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_OPER_STATUS).s32 == SAI_PORT_OPER_STATUS_UP);
    }
    row("sonic", 54);
}

static void configure_lags_and_vlans(void)
{
    OK(lag_api->create_lag(&s.lag, switch_id, 0, NULL));
    row("sonic", 55);
    SET(lag_api, lag, s.lag, U16(SAI_LAG_ATTR_TPID, 0x8100));
    row("sonic", 56);
    CREATE(
        lag_api, lag_member, &s.lag_member, OID(SAI_LAG_MEMBER_ATTR_LAG_ID, s.lag),
        OID(SAI_LAG_MEMBER_ATTR_PORT_ID, s.ports.list[1]), BOOL(SAI_LAG_MEMBER_ATTR_EGRESS_DISABLE, true),
        BOOL(SAI_LAG_MEMBER_ATTR_INGRESS_DISABLE, true));
    struct ids members = IDS(lag_api, lag, s.lag, SAI_LAG_ATTR_PORT_LIST);
    CHECK(members.count == 1 && members.list[0] == s.lag_member);
    free(members.list);
    EXPECT(SAI_STATUS_OBJECT_IN_USE, lag_api->remove_lag(s.lag));
    row("sonic", 57);
    SET(lag_api, lag_member, s.lag_member, BOOL(SAI_LAG_MEMBER_ATTR_INGRESS_DISABLE, false));
    SET(lag_api, lag_member, s.lag_member, BOOL(SAI_LAG_MEMBER_ATTR_EGRESS_DISABLE, false));
    CHECK(!GET(lag_api, lag_member, s.lag_member, SAI_LAG_MEMBER_ATTR_EGRESS_DISABLE).booldata);
    row("sonic", 58);

    const sai_object_id_t under[] = {s.ports.list[0], s.lag};
    sai_object_id_t *places[] = {&s.bridge_port, &s.lag_bridge_port};
    for (uint32_t i = 0; i < COUNT(under); i++) {
        CREATE(
            bridge_api, bridge_port, places[i], ENUM(SAI_BRIDGE_PORT_ATTR_TYPE, SAI_BRIDGE_PORT_TYPE_PORT),
            OID(SAI_BRIDGE_PORT_ATTR_PORT_ID, under[i]), BOOL(SAI_BRIDGE_PORT_ATTR_ADMIN_STATE, true),
            ENUM(SAI_BRIDGE_PORT_ATTR_FDB_LEARNING_MODE, SAI_BRIDGE_PORT_FDB_LEARNING_MODE_HW));
        CHECK(GET(bridge_api, bridge_port, *places[i], SAI_BRIDGE_PORT_ATTR_PORT_ID).oid == under[i]);
    }
    row("sonic", 59);
    SET(hostif_api, hostif, s.hostif, ENUM(SAI_HOSTIF_ATTR_VLAN_TAG, SAI_HOSTIF_VLAN_TAG_KEEP));
    row("sonic", 60);

    CREATE(vlan_api, vlan, &s.vlan_10, U16(SAI_VLAN_ATTR_VLAN_ID, VLAN_10));
    row("sonic", 61);
    sai_object_id_t tagged, untagged;
    CREATE(
        vlan_api, vlan_member, &untagged, OID(SAI_VLAN_MEMBER_ATTR_VLAN_ID, s.vlan_10),
        OID(SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID, s.bridge_port),
        ENUM(SAI_VLAN_MEMBER_ATTR_VLAN_TAGGING_MODE, SAI_VLAN_TAGGING_MODE_UNTAGGED));
    CREATE(
        vlan_api, vlan_member, &tagged, OID(SAI_VLAN_MEMBER_ATTR_VLAN_ID, s.vlan_10),
        OID(SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID, s.lag_bridge_port),
        ENUM(SAI_VLAN_MEMBER_ATTR_VLAN_TAGGING_MODE, SAI_VLAN_TAGGING_MODE_TAGGED));
    members = IDS(vlan_api, vlan, s.vlan_10, SAI_VLAN_ATTR_MEMBER_LIST);
    CHECK(members.count == 2 && ids_contain(members, tagged) && ids_contain(members, untagged));
    free(members.list);
    row("sonic", 62);
    SET(port_api, port, s.ports.list[0], U16(SAI_PORT_ATTR_PORT_VLAN_ID, VLAN_10));
    SET(lag_api, lag, s.lag, U16(SAI_LAG_ATTR_PORT_VLAN_ID, VLAN_10));
    row("sonic", 63);
}

/* A bridge port that goes: down, flushed, removed. */
static void remove_a_bridge_port(void)
{
    sai_object_id_t bridge_port;
    CREATE(
        bridge_api, bridge_port, &bridge_port, ENUM(SAI_BRIDGE_PORT_ATTR_TYPE, SAI_BRIDGE_PORT_TYPE_PORT),
        OID(SAI_BRIDGE_PORT_ATTR_PORT_ID, s.ports.list[2]), BOOL(SAI_BRIDGE_PORT_ATTR_ADMIN_STATE, true));
    sai_fdb_entry_t entry = {.switch_id = switch_id, .mac_address = {2, 0, 0, 0, 9, 1}, .bv_id = s.vlan_10};
    const sai_attribute_t attrs[] = {
        ENUM(SAI_FDB_ENTRY_ATTR_TYPE, SAI_FDB_ENTRY_TYPE_DYNAMIC),
        OID(SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID, bridge_port),
    };
    OK(fdb_api->create_fdb_entry(&entry, COUNT(attrs), attrs));
    SET(bridge_api, bridge_port, bridge_port, BOOL(SAI_BRIDGE_PORT_ATTR_ADMIN_STATE, false));
    const sai_attribute_t filter[] = {OID(SAI_FDB_FLUSH_ATTR_BRIDGE_PORT_ID, bridge_port)};
    OK(fdb_api->flush_fdb_entries(switch_id, COUNT(filter), filter));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, fdb_api->remove_fdb_entry(&entry));
    OK(bridge_api->remove_bridge_port(bridge_port));
    row("sonic", 64);
}

static void configure_router_interfaces(void)
{
    CREATE(
        router_interface_api, router_interface, &s.port_rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, s.virtual_router),
        MAC(SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS, 2, 0x11, 0x22, 0x33, 0x44, 0x55),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_PORT),
        OID(SAI_ROUTER_INTERFACE_ATTR_PORT_ID, s.ports.list[3]), U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9100));
    CREATE(
        router_interface_api, router_interface, &s.vlan_rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, s.virtual_router),
        MAC(SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS, 2, 0x11, 0x22, 0x33, 0x44, 0x55),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_VLAN),
        OID(SAI_ROUTER_INTERFACE_ATTR_VLAN_ID, s.vlan_10), U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9100),
        U8(SAI_ROUTER_INTERFACE_ATTR_NAT_ZONE_ID, 0), BOOL(SAI_ROUTER_INTERFACE_ATTR_ADMIN_MPLS_STATE, false));
    CREATE(
        router_interface_api, router_interface, &s.sub_rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, s.virtual_router),
        MAC(SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS, 2, 0x11, 0x22, 0x33, 0x44, 0x55),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_SUB_PORT),
        OID(SAI_ROUTER_INTERFACE_ATTR_PORT_ID, s.lag), U16(SAI_ROUTER_INTERFACE_ATTR_OUTER_VLAN_ID, 100),
        BOOL(SAI_ROUTER_INTERFACE_ATTR_ADMIN_V4_STATE, true), BOOL(SAI_ROUTER_INTERFACE_ATTR_ADMIN_V6_STATE, true),
        U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9100));
    sai_attribute_value_t mac =
        GET(router_interface_api, router_interface, s.vlan_rif, SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS);
    CHECK(memcmp(mac.mac, router_mac, sizeof(router_mac)) == 0);
    EXPECT(SAI_STATUS_OBJECT_IN_USE, vlan_api->remove_vlan(s.vlan_10));
    row("sonic", 65);
    create_route(route(s.virtual_router, ip4(10, 0, 0, 1), 32), SAI_PACKET_ACTION_FORWARD, s.cpu_port);
    create_route(route(s.virtual_router, ip6(0, 1), 128), SAI_PACKET_ACTION_FORWARD, s.cpu_port);
    row("sonic", 66);

    sai_neighbor_entry_t broadcast = neighbor(s.vlan_rif, ip4(10, 0, 0, 255));
    const sai_attribute_t to_all = MAC(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 255, 255, 255, 255, 255, 255);
    OK(neighbor_api->create_neighbor_entry(&broadcast, 1, &to_all));
    sai_attribute_t back = {.id = SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS};
    OK(neighbor_api->get_neighbor_entry_attribute(&broadcast, 1, &back));
    CHECK(memcmp(back.value.mac, to_all.value.mac, sizeof(sai_mac_t)) == 0);
    OK(neighbor_api->set_neighbor_entry_attribute(&broadcast, &to_all));
    OK(neighbor_api->remove_neighbor_entry(&broadcast));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, neighbor_api->remove_neighbor_entry(&broadcast));
    OK(neighbor_api->create_neighbor_entry(&broadcast, 1, &to_all));
    row("sonic", 67);
}

static void learn_hosts(void)
{
    sai_fdb_entry_t mac = {.switch_id = switch_id, .mac_address = {2, 0, 0, 0, 0, 2}, .bv_id = s.vlan_10};
    sai_attribute_t attrs[] = {
        ENUM(SAI_FDB_ENTRY_ATTR_TYPE, SAI_FDB_ENTRY_TYPE_STATIC),
        OID(SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID, s.bridge_port),
        BOOL(SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE, true),
        IP(SAI_FDB_ENTRY_ATTR_ENDPOINT_IP, ip4(192, 0, 2, 1)),
    };
    OK(fdb_api->create_fdb_entry(&mac, COUNT(attrs), attrs));
    EXPECT(SAI_STATUS_ITEM_ALREADY_EXISTS, fdb_api->create_fdb_entry(&mac, COUNT(attrs), attrs));
    row("sonic", 68);
    attrs[1].value.oid = s.lag_bridge_port;
    for (uint32_t i = 0; i < COUNT(attrs); i++) {
        OK(fdb_api->set_fdb_entry_attribute(&mac, &attrs[i]));
    }
    sai_attribute_t port = {.id = SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID};
    OK(fdb_api->get_fdb_entry_attribute(&mac, 1, &port));
    CHECK(port.value.oid == s.lag_bridge_port);
    row("sonic", 69);
    OK(fdb_api->remove_fdb_entry(&mac));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, fdb_api->remove_fdb_entry(&mac));
    row("sonic", 70);

    const sai_attribute_t first[] = {
        MAC(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 2, 0, 0, 0, 0, 2),
        BOOL(SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE, true),
    };
    const sai_attribute_t second = MAC(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 2, 0, 0, 0, 0, 3);
    sai_attribute_t back = {.id = SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS};
    sai_neighbor_entry_t link_local = neighbor(s.vlan_rif, ip4(169, 254, 0, 1));
    OK(neighbor_api->create_neighbor_entry(&link_local, COUNT(first), first));
    const sai_ip_address_t hosts[] = {ip4(10, 0, 0, 2), ip6(0, 2)};
    for (uint32_t i = 0; i < COUNT(hosts); i++) {
        sai_neighbor_entry_t entry = neighbor(s.vlan_rif, hosts[i]);
        OK(neighbor_api->create_neighbor_entry(&entry, 1, first));
        EXPECT(SAI_STATUS_ITEM_ALREADY_EXISTS, neighbor_api->create_neighbor_entry(&entry, 1, &second));
        OK(neighbor_api->get_neighbor_entry_attribute(&entry, 1, &back));
        CHECK(memcmp(back.value.mac, first[0].value.mac, sizeof(sai_mac_t)) == 0);
    }
    row("sonic", 71);
    for (uint32_t i = 0; i < COUNT(hosts); i++) {
        sai_neighbor_entry_t entry = neighbor(s.vlan_rif, hosts[i]);
        OK(neighbor_api->set_neighbor_entry_attribute(&entry, &second));
        OK(neighbor_api->get_neighbor_entry_attribute(&entry, 1, &back));
        CHECK(memcmp(back.value.mac, second.value.mac, sizeof(sai_mac_t)) == 0);
    }
    EXPECT(SAI_STATUS_OBJECT_IN_USE, router_interface_api->remove_router_interface(s.vlan_rif));
    row("sonic", 72);

    for (uint32_t i = 0; i < COUNT(hosts); i++) {
        CREATE(
            next_hop_api, next_hop, &s.next_hops[i], ENUM(SAI_NEXT_HOP_ATTR_TYPE, SAI_NEXT_HOP_TYPE_IP),
            IP(SAI_NEXT_HOP_ATTR_IP, hosts[i]), OID(SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID, s.vlan_rif));
        CHECK(GET(next_hop_api, next_hop, s.next_hops[i], SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID).oid == s.vlan_rif);
    }
    row("sonic", 73);

    sai_neighbor_entry_t leaving = neighbor(s.port_rif, ip4(10, 1, 0, 2));
    sai_object_id_t next_hop;
    OK(neighbor_api->create_neighbor_entry(&leaving, 1, first));
    CREATE(
        next_hop_api, next_hop, &next_hop, ENUM(SAI_NEXT_HOP_ATTR_TYPE, SAI_NEXT_HOP_TYPE_IP),
        IP(SAI_NEXT_HOP_ATTR_IP, leaving.ip_address), OID(SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID, s.port_rif));
    OK(next_hop_api->remove_next_hop(next_hop));
    OK(neighbor_api->remove_neighbor_entry(&leaving));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, next_hop_api->remove_next_hop(next_hop));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, neighbor_api->remove_neighbor_entry(&leaving));
    row("sonic", 74);
}

static void configure_next_hop_groups(void)
{
    CREATE(
        next_hop_group_api, next_hop_group, &s.group,
        ENUM(SAI_NEXT_HOP_GROUP_ATTR_TYPE, SAI_NEXT_HOP_GROUP_TYPE_ECMP));
    row("sonic", 75);

    /* The third names no next hop: the call stops there, and says so of the fourth. */
    sai_attribute_t attrs[4][2] = {
        {OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID, s.group),
         OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID, s.next_hops[0])},
        {OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID, s.group),
         OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID, s.next_hops[1])},
        {OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID, s.group),
         OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID, s.vlan_rif)},
        {OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID, s.group),
         OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID, s.next_hops[0])},
    };
    const sai_attribute_t *lists[] = {attrs[0], attrs[1], attrs[2], attrs[3]};
    const uint32_t counts[] = {2, 2, 2, 2};
    sai_object_id_t members[4];
    sai_status_t statuses[4] = {1, 1, 1, 1};
    EXPECT(
        SAI_STATUS_FAILURE,
        next_hop_group_api->create_next_hop_group_members(
            switch_id, 4, counts, lists, SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR, members, statuses));
    OK(statuses[0]);
    OK(statuses[1]);
    CHECK(SAI_STATUS_IS_INVALID_ATTR_VALUE(statuses[2]));
    EXPECT(SAI_STATUS_NOT_EXECUTED, statuses[3]);
    struct ids there = IDS(next_hop_group_api, next_hop_group, s.group, SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_MEMBER_LIST);
    CHECK(there.count == 2 && ids_contain(there, members[0]) && ids_contain(there, members[1]));
    free(there.list);
    CHECK(GET(next_hop_group_api, next_hop_group, s.group, SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_COUNT).u32 == 2);
    EXPECT(SAI_STATUS_OBJECT_IN_USE, next_hop_api->remove_next_hop(s.next_hops[0]));
    row("sonic", 76);
}

static void program_routes(void)
{
    sai_route_entry_t entries[3];
    for (uint8_t i = 0; i < 3; i++) {
        entries[i] = route(s.virtual_router, ip4(20, i, 0, 0), 16);
    }
    const sai_attribute_t by_group = OID(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, s.group);
    const sai_attribute_t nowhere = ENUM(SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_DROP);
    const sai_attribute_t bad = OID(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, s.vlan_10);
    const sai_attribute_t *lists[] = {&by_group, &bad, &nowhere};
    const uint32_t counts[] = {1, 1, 1};
    sai_status_t statuses[4] = {1, 1, 1, 1};
    EXPECT(
        SAI_STATUS_FAILURE,
        route_api->create_route_entries(3, entries, counts, lists, SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR, statuses));
    OK(statuses[0]);
    EXPECT(SAI_STATUS_INVALID_ATTR_VALUE_0, statuses[1]);
    OK(statuses[2]);
    row("sonic", 77);

    /* One attribute for each row, so that a route that is dropped becomes one that forwards by two rows. */
    const sai_route_entry_t rows[] = {entries[2], entries[2], entries[1]};
    const sai_attribute_t attrs[] = {
        ENUM(SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_FORWARD),
        OID(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, s.next_hops[0]),
        OID(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, s.next_hops[0]),
    };
    EXPECT(
        SAI_STATUS_FAILURE,
        route_api->set_route_entries_attribute(3, rows, attrs, SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR, statuses));
    OK(statuses[0]);
    OK(statuses[1]);
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, statuses[2]);
    sai_attribute_t back[] = {
        {.id = SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION}, {.id = SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID}};
    OK(route_api->get_route_entry_attribute(&entries[2], COUNT(back), back));
    CHECK(back[0].value.s32 == SAI_PACKET_ACTION_FORWARD && back[1].value.oid == s.next_hops[0]);
    row("sonic", 78);
}

static void isolate(void)
{
    sai_object_id_t group, member;
    CREATE(
        isolation_group_api, isolation_group, &group,
        ENUM(SAI_ISOLATION_GROUP_ATTR_TYPE, SAI_ISOLATION_GROUP_TYPE_BRIDGE_PORT));
    row("sonic", 79);
    CREATE(
        isolation_group_api, isolation_group_member, &member,
        OID(SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_GROUP_ID, group),
        OID(SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_OBJECT, s.lag_bridge_port));
    struct ids members =
        IDS(isolation_group_api, isolation_group, group, SAI_ISOLATION_GROUP_ATTR_ISOLATION_MEMBER_LIST);
    CHECK(members.count == 1 && members.list[0] == member);
    free(members.list);
    row("sonic", 80);
    sai_object_id_t of_ports;
    CREATE(
        isolation_group_api, isolation_group, &of_ports,
        ENUM(SAI_ISOLATION_GROUP_ATTR_TYPE, SAI_ISOLATION_GROUP_TYPE_PORT));
    SET(bridge_api, bridge_port, s.bridge_port, OID(SAI_BRIDGE_PORT_ATTR_ISOLATION_GROUP, group));
    SET(port_api, port, s.ports.list[4], OID(SAI_PORT_ATTR_ISOLATION_GROUP, of_ports));
    EXPECT(SAI_STATUS_OBJECT_IN_USE, isolation_group_api->remove_isolation_group(of_ports));
    row("sonic", 81);
}

static void watch(void)
{
    const struct {
        sai_object_type_t type;
        sai_attr_id_t family;
    } resources[] = {
        {SAI_OBJECT_TYPE_ROUTE_ENTRY, SAI_ROUTE_ENTRY_ATTR_IP_ADDR_FAMILY},
        {SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, SAI_NEIGHBOR_ENTRY_ATTR_IP_ADDR_FAMILY},
        {SAI_OBJECT_TYPE_FDB_ENTRY, 0},
        {SAI_OBJECT_TYPE_NEXT_HOP_GROUP, 0},
    };
    for (uint32_t i = 0; i < COUNT(resources); i++) {
        const sai_attribute_t family = ENUM(resources[i].family, SAI_IP_ADDR_FAMILY_IPV6);
        uint64_t free_entries = 0;
        sai_status_t status = library.sai_object_type_get_availability(
            switch_id, resources[i].type, i < 2 ? 1 : 0, i < 2 ? &family : NULL, &free_entries);
        CHECK(is_absent(status) || (status == SAI_STATUS_SUCCESS && free_entries > 0));
    }
    row("sonic", 82);

    const sai_switch_attr_t counted[] = {
        SAI_SWITCH_ATTR_AVAILABLE_IPV4_ROUTE_ENTRY,     SAI_SWITCH_ATTR_AVAILABLE_IPV6_ROUTE_ENTRY,
        SAI_SWITCH_ATTR_AVAILABLE_IPV4_NEXTHOP_ENTRY,   SAI_SWITCH_ATTR_AVAILABLE_IPV6_NEXTHOP_ENTRY,
        SAI_SWITCH_ATTR_AVAILABLE_IPV4_NEIGHBOR_ENTRY,  SAI_SWITCH_ATTR_AVAILABLE_IPV6_NEIGHBOR_ENTRY,
        SAI_SWITCH_ATTR_AVAILABLE_NEXT_HOP_GROUP_ENTRY, SAI_SWITCH_ATTR_AVAILABLE_NEXT_HOP_GROUP_MEMBER_ENTRY,
        SAI_SWITCH_ATTR_AVAILABLE_FDB_ENTRY,
    };
    for (uint32_t i = 0; i < COUNT(counted); i++) {
        CHECK(GET(switch_api, switch, switch_id, counted[i]).u32 > 0);
    }
    const sai_switch_attr_t others[] = {
        SAI_SWITCH_ATTR_AVAILABLE_IPMC_ENTRY, SAI_SWITCH_ATTR_AVAILABLE_SNAT_ENTRY,
        SAI_SWITCH_ATTR_AVAILABLE_DNAT_ENTRY, SAI_SWITCH_ATTR_AVAILABLE_ACL_TABLE,
        SAI_SWITCH_ATTR_AVAILABLE_ACL_TABLE_GROUP,
    };
    for (uint32_t i = 0; i < COUNT(others); i++) {
        sai_attribute_t attr = {.id = others[i]};
        CHECK(is_absent(switch_api->get_switch_attribute(switch_id, 1, &attr)));
    }
    row("sonic", 83);

    const sai_stat_id_t counters[] = {SAI_PORT_STAT_IF_IN_OCTETS, SAI_PORT_STAT_IF_OUT_OCTETS};
    uint64_t values[4] = {1, 1, 1, 1};
    OK(port_api->get_port_stats(s.ports.list[0], COUNT(counters), counters, values));
    CHECK(values[0] == 0 && values[1] == 0 && values[2] == 1);
    values[0] = 1;
    OK(port_api->get_port_stats_ext(
        s.ports.list[0], COUNT(counters), counters, SAI_STATS_MODE_READ_AND_CLEAR, values));
    CHECK(values[0] == 0);
    const sai_stat_id_t rif_counters[] = {SAI_ROUTER_INTERFACE_STAT_IN_OCTETS};
    values[0] = 1;
    OK(router_interface_api->get_router_interface_stats(s.vlan_rif, COUNT(rif_counters), rif_counters, values));
    CHECK(values[0] == 0);
    sai_object_key_t keys[2];
    keys[0].key.object_id = s.ports.list[0];
    keys[1].key.object_id = s.ports.list[1];
    sai_status_t statuses[2] = {1, 1};
    memset(values, 1, sizeof(values));
    OK(library.sai_bulk_object_get_stats(
        switch_id, SAI_OBJECT_TYPE_PORT, COUNT(keys), keys, COUNT(counters), counters, SAI_STATS_MODE_BULK_READ,
        statuses, values));
    OK(statuses[0]);
    OK(statuses[1]);
    CHECK(values[0] == 0 && values[1] == 0 && values[2] == 0 && values[3] == 0);
    row("sonic", 84);

    const sai_api_t outside[] = {
        SAI_API_ACL, SAI_API_BUFFER, SAI_API_QOS_MAP, SAI_API_SCHEDULER, SAI_API_WRED, SAI_API_MIRROR};
    for (uint32_t i = 0; i < COUNT(outside); i++) {
        void *table = NULL;
        EXPECT(SAI_STATUS_NOT_IMPLEMENTED, library.sai_api_query(outside[i], &table));
    }
    row("sonic", 85);
}

void sonic_start(void)
{
    create_the_switch();
    read_the_start_state();
    ask_what_is_supported();
    clear_the_start_state();
    create_routes_and_traps();
    configure_ports();
    configure_lags_and_vlans();
    remove_a_bridge_port();
    configure_router_interfaces();
    learn_hosts();
    configure_next_hop_groups();
    program_routes();
    isolate();
    watch();
    /* All of it can be found from the switch. */
    CHECK(discover(switch_id) > 3 * PORTS);
    free(s.ports.list);
    OK(switch_api->remove_switch(switch_id));
    OK(library.sai_api_uninitialize());
}
