/*
 * What a SONiC-style client calls at start, rows 1 to 46 of section 1 of the listed sequences: the library, the
 * switch, what it came with, default routes and traps.
 */

#include "sonic.h"

struct sonic s;

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

int ids_contain(struct ids ids, sai_object_id_t id)
{
    for (uint32_t i = 0; i < ids.count; i++) {
        if (ids.list[i] == id) {
            return 1;
        }
    }
    return 0;
}

uint32_t discover(sai_object_id_t start)
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
        MAC(SAI_SWITCH_ATTR_SRC_MAC_ADDRESS, ROUTER_MAC),
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
    CHECK(discover(switch_id) > 3 * SONIC_PORTS);
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

    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_NUMBER_OF_ACTIVE_PORTS).u32 == SONIC_PORTS);
    s.ports = IDS(switch_api, switch, switch_id, SAI_SWITCH_ATTR_PORT_LIST);
    CHECK(s.ports.count == SONIC_PORTS && !ids_contain(s.ports, s.cpu_port));
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
    const sai_mac_t own = {ROUTER_MAC};
    CHECK(memcmp(mac.mac, own, sizeof(own)) == 0);
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

void create_route(sai_route_entry_t entry, int32_t action, sai_object_id_t next_hop)
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

void sonic_switch(void)
{
    create_the_switch();
    read_the_start_state();
    ask_what_is_supported();
    clear_the_start_state();
    create_routes_and_traps();
}
