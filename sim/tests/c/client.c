/*
 * A SAI client in C, as a NOS would write it: compiled against the header, linked to the simulator.
 *
 * client SCENARIO; exit 0 and "ok" on stdout, or the first check that failed on stderr and exit 1.
 */

#include <sai.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(what)                                                                          \
    do {                                                                                     \
        if (!(what)) {                                                                       \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                       \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)
#define OK(call) expect(__LINE__, #call, (call), SAI_STATUS_SUCCESS)
#define IS(call, status) expect(__LINE__, #call, (call), (status))

static void expect(int line, const char *what, sai_status_t got, sai_status_t wanted)
{
    if (got != wanted) {
        fprintf(stderr, "%s:%d: %s: %d, wanted %d\n", __FILE__, line, what, got, wanted);
        exit(1);
    }
}

/* The profile: pairs, ended by NULL. */
static const char **pairs;
static size_t next_pair;

static const char *get_value(sai_switch_profile_id_t profile, const char *key)
{
    (void)profile;
    for (size_t i = 0; pairs && pairs[i]; i += 2) {
        if (!strcmp(pairs[i], key)) {
            return pairs[i + 1];
        }
    }
    return NULL;
}

static int get_next_value(sai_switch_profile_id_t profile, const char **key, const char **value)
{
    (void)profile;
    if (!key || !value) {
        next_pair = 0;
        return 0;
    }
    if (!pairs || !pairs[next_pair]) {
        return -1;
    }
    *key = pairs[next_pair];
    *value = pairs[next_pair + 1];
    next_pair += 2;
    return 0;
}

static int endless(sai_switch_profile_id_t profile, const char **key, const char **value)
{
    (void)profile;
    if (key && value) {
        *key = "SOME_KEY";
        *value = "some value";
    }
    return 0;
}

static int silent(sai_switch_profile_id_t profile, const char **key, const char **value)
{
    (void)profile;
    (void)key;
    (void)value;
    return 0;
}

static const sai_service_method_table_t services = {get_value, get_next_value};

static sai_switch_api_t *switch_api;
static sai_port_api_t *port_api;
static sai_vlan_api_t *vlan_api;
static sai_bridge_api_t *bridge_api;
static sai_lag_api_t *lag_api;
static sai_virtual_router_api_t *vr_api;
static sai_router_interface_api_t *rif_api;
static sai_neighbor_api_t *neighbor_api;
static sai_fdb_api_t *fdb_api;
static sai_next_hop_api_t *next_hop_api;
static sai_next_hop_group_api_t *group_api;
static sai_route_api_t *route_api;
static sai_hostif_api_t *hostif_api;
static sai_isolation_group_api_t *isolation_api;

static void query_all(void)
{
    OK(sai_api_query(SAI_API_SWITCH, (void **)&switch_api));
    OK(sai_api_query(SAI_API_PORT, (void **)&port_api));
    OK(sai_api_query(SAI_API_VLAN, (void **)&vlan_api));
    OK(sai_api_query(SAI_API_BRIDGE, (void **)&bridge_api));
    OK(sai_api_query(SAI_API_LAG, (void **)&lag_api));
    OK(sai_api_query(SAI_API_VIRTUAL_ROUTER, (void **)&vr_api));
    OK(sai_api_query(SAI_API_ROUTER_INTERFACE, (void **)&rif_api));
    OK(sai_api_query(SAI_API_NEIGHBOR, (void **)&neighbor_api));
    OK(sai_api_query(SAI_API_FDB, (void **)&fdb_api));
    OK(sai_api_query(SAI_API_NEXT_HOP, (void **)&next_hop_api));
    OK(sai_api_query(SAI_API_NEXT_HOP_GROUP, (void **)&group_api));
    OK(sai_api_query(SAI_API_ROUTE, (void **)&route_api));
    OK(sai_api_query(SAI_API_HOSTIF, (void **)&hostif_api));
    OK(sai_api_query(SAI_API_ISOLATION_GROUP, (void **)&isolation_api));
}

static sai_attribute_t attr_oid(sai_attr_id_t id, sai_object_id_t oid)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = id;
    attr.value.oid = oid;
    return attr;
}

static sai_attribute_t attr_u32(sai_attr_id_t id, uint32_t number)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = id;
    attr.value.u32 = number;
    return attr;
}

static sai_attribute_t attr_bool(sai_attr_id_t id, bool on)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = id;
    attr.value.booldata = on;
    return attr;
}

static sai_attribute_t attr_mac(sai_attr_id_t id, uint8_t last)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = id;
    memcpy(attr.value.mac, (uint8_t[]){2, 0, 0, 0, 0, last}, 6);
    return attr;
}

static sai_attribute_t attr_list(sai_attr_id_t id, sai_object_id_t *list, uint32_t count)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = id;
    attr.value.objlist.count = count;
    attr.value.objlist.list = list;
    return attr;
}

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

static void on_fdb(uint32_t count, const sai_fdb_event_notification_data_t *data)
{
    (void)count;
    (void)data;
}

static void on_port(uint32_t count, const sai_port_oper_status_notification_t *data)
{
    (void)count;
    (void)data;
}

/* A switch of its own hardware info. */
static sai_object_id_t create_switch(const char *info)
{
    sai_attribute_t attrs[4];
    attrs[0] = attr_bool(SAI_SWITCH_ATTR_INIT_SWITCH, true);
    memset(&attrs[1], 0, sizeof attrs[1]);
    attrs[1].id = SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO;
    attrs[1].value.s8list.count = (uint32_t)strlen(info) + 1;
    attrs[1].value.s8list.list = (int8_t *)(uintptr_t)info;
    memset(&attrs[2], 0, sizeof attrs[2]);
    attrs[2].id = SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY;
    attrs[2].value.ptr = (sai_pointer_t)(uintptr_t)on_fdb;
    memset(&attrs[3], 0, sizeof attrs[3]);
    attrs[3].id = SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY;
    attrs[3].value.ptr = (sai_pointer_t)(uintptr_t)on_port;
    sai_object_id_t id = SAI_NULL_OBJECT_ID;
    OK(switch_api->create_switch(&id, COUNT(attrs), attrs));
    CHECK(id != SAI_NULL_OBJECT_ID);
    CHECK(sai_object_type_query(id) == SAI_OBJECT_TYPE_SWITCH);
    CHECK(sai_switch_id_query(id) == id);
    return id;
}

static sai_object_id_t switch_oid(sai_object_id_t switch_id, sai_attr_id_t id)
{
    sai_attribute_t attr = attr_oid(id, 0);
    OK(switch_api->get_switch_attribute(switch_id, 1, &attr));
    return attr.value.oid;
}

static sai_object_id_t create_vlan(sai_object_id_t switch_id, uint16_t number)
{
    sai_attribute_t attr = attr_u32(SAI_VLAN_ATTR_VLAN_ID, 0);
    attr.value.u16 = number;
    sai_object_id_t vlan = 0;
    OK(vlan_api->create_vlan(&vlan, switch_id, 1, &attr));
    return vlan;
}

static sai_object_id_t create_vlan_rif(sai_object_id_t switch_id, sai_object_id_t vlan)
{
    sai_attribute_t attrs[] = {
        attr_oid(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID,
                 switch_oid(switch_id, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID)),
        attr_u32(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_VLAN),
        attr_oid(SAI_ROUTER_INTERFACE_ATTR_VLAN_ID, vlan),
    };
    sai_object_id_t rif = 0;
    OK(rif_api->create_router_interface(&rif, switch_id, COUNT(attrs), attrs));
    return rif;
}

static sai_neighbor_entry_t neighbor(sai_object_id_t switch_id, sai_object_id_t rif, uint8_t last)
{
    sai_neighbor_entry_t entry;
    /* Unused union bytes and padding are noise on purpose. */
    memset(&entry, 0xa5, sizeof entry);
    entry.switch_id = switch_id;
    entry.rif_id = rif;
    entry.ip_address.addr_family = SAI_IP_ADDR_FAMILY_IPV4;
    memcpy(&entry.ip_address.addr.ip4, (uint8_t[]){10, 0, 0, last}, 4);
    return entry;
}

/* The start of a NOS that keeps every object in a database: reads everything back, then builds its own. */
static void scenario_nos_start(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    for (uint32_t api = SAI_API_SWITCH; api < SAI_API_MAX; api++) {
        OK(sai_log_set((sai_api_t)api, SAI_LOG_LEVEL_WARN));
    }
    sai_api_version_t version = 0;
    OK(sai_query_api_version(&version));
    CHECK(version == SAI_VERSION(1, 18, 1));

    sai_object_id_t sw = create_switch("0:1");
    sai_object_id_t cpu = switch_oid(sw, SAI_SWITCH_ATTR_CPU_PORT);
    CHECK(sai_object_type_query(cpu) == SAI_OBJECT_TYPE_PORT);
    sai_object_id_t vlan1 = switch_oid(sw, SAI_SWITCH_ATTR_DEFAULT_VLAN_ID);
    sai_object_id_t bridge = switch_oid(sw, SAI_SWITCH_ATTR_DEFAULT_1Q_BRIDGE_ID);
    sai_object_id_t vr = switch_oid(sw, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID);
    CHECK(sai_object_type_query(bridge) == SAI_OBJECT_TYPE_BRIDGE);
    CHECK(sai_object_type_query(switch_oid(sw, SAI_SWITCH_ATTR_DEFAULT_STP_INST_ID)) == SAI_OBJECT_TYPE_STP);
    CHECK(sai_object_type_query(switch_oid(sw, SAI_SWITCH_ATTR_ECMP_HASH)) == SAI_OBJECT_TYPE_HASH);

    /* Ports: count, list, lanes. */
    sai_attribute_t attr = attr_u32(SAI_SWITCH_ATTR_NUMBER_OF_ACTIVE_PORTS, 0);
    OK(switch_api->get_switch_attribute(sw, 1, &attr));
    CHECK(attr.value.u32 == 8);
    sai_object_id_t ports[8];
    attr = attr_list(SAI_SWITCH_ATTR_PORT_LIST, ports, 3);
    IS(switch_api->get_switch_attribute(sw, 1, &attr), SAI_STATUS_BUFFER_OVERFLOW);
    CHECK(attr.value.objlist.count == 8);
    attr = attr_list(SAI_SWITCH_ATTR_PORT_LIST, ports, COUNT(ports));
    OK(switch_api->get_switch_attribute(sw, 1, &attr));
    CHECK(attr.value.objlist.count == 8);
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t lanes[4];
        sai_attribute_t got[2];
        got[0] = attr_u32(SAI_PORT_ATTR_HW_LANE_LIST, 0);
        got[0].value.u32list.count = COUNT(lanes);
        got[0].value.u32list.list = lanes;
        got[1] = attr_u32(SAI_PORT_ATTR_OPER_STATUS, 0);
        OK(port_api->get_port_attribute(ports[i], 2, got));
        CHECK(got[0].value.u32list.count == 1 && lanes[0] == i + 1);
        CHECK(got[1].value.s32 == SAI_PORT_OPER_STATUS_DOWN);
        attr = attr_bool(SAI_PORT_ATTR_ADMIN_STATE, true);
        OK(port_api->set_port_attribute(ports[i], &attr));
        OK(port_api->get_port_attribute(ports[i], 2, got));
        CHECK(got[1].value.s32 == SAI_PORT_OPER_STATUS_UP);
        attr = attr_u32(SAI_PORT_ATTR_MTU, 9100);
        OK(port_api->set_port_attribute(ports[i], &attr));
    }

    /* VLAN 1 and the default bridge come with all ports, which this NOS takes out. */
    sai_object_id_t list[16];
    attr = attr_list(SAI_VLAN_ATTR_MEMBER_LIST, list, COUNT(list));
    OK(vlan_api->get_vlan_attribute(vlan1, 1, &attr));
    CHECK(attr.value.objlist.count == 8);
    for (uint32_t i = 0; i < 8; i++) {
        OK(vlan_api->remove_vlan_member(list[i]));
    }
    attr = attr_list(SAI_BRIDGE_ATTR_PORT_LIST, list, COUNT(list));
    OK(bridge_api->get_bridge_attribute(bridge, 1, &attr));
    CHECK(attr.value.objlist.count == 8);
    for (uint32_t i = 0; i < 8; i++) {
        OK(bridge_api->remove_bridge_port(list[i]));
    }
    IS(vlan_api->remove_vlan(vlan1), SAI_STATUS_OBJECT_IN_USE);
    IS(vr_api->remove_virtual_router(vr), SAI_STATUS_OBJECT_IN_USE);

    /* Traps. */
    sai_object_id_t trap_group = 0, trap = 0;
    attr = attr_u32(SAI_HOSTIF_TRAP_GROUP_ATTR_QUEUE, 4);
    OK(hostif_api->create_hostif_trap_group(&trap_group, sw, 1, &attr));
    sai_attribute_t trap_attrs[] = {
        attr_u32(SAI_HOSTIF_TRAP_ATTR_TRAP_TYPE, SAI_HOSTIF_TRAP_TYPE_ARP_REQUEST),
        attr_u32(SAI_HOSTIF_TRAP_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_TRAP),
        attr_oid(SAI_HOSTIF_TRAP_ATTR_TRAP_GROUP, trap_group),
    };
    OK(hostif_api->create_hostif_trap(&trap, sw, COUNT(trap_attrs), trap_attrs));
    sai_object_id_t again = 0;
    IS(hostif_api->create_hostif_trap(&again, sw, COUNT(trap_attrs), trap_attrs), SAI_STATUS_ITEM_ALREADY_EXISTS);
    IS(hostif_api->remove_hostif_trap_group(trap_group), SAI_STATUS_OBJECT_IN_USE);

    /* A LAG of two ports, its bridge port, its VLAN membership, its host interface. */
    sai_object_id_t lag = 0, members[2], bridge_port = 0, member = 0, hostif = 0;
    OK(lag_api->create_lag(&lag, sw, 0, NULL));
    for (uint32_t i = 0; i < 2; i++) {
        sai_attribute_t attrs[] = {
            attr_oid(SAI_LAG_MEMBER_ATTR_LAG_ID, lag),
            attr_oid(SAI_LAG_MEMBER_ATTR_PORT_ID, ports[i]),
        };
        OK(lag_api->create_lag_member(&members[i], sw, COUNT(attrs), attrs));
        IS(lag_api->create_lag_member(&again, sw, COUNT(attrs), attrs), SAI_STATUS_ITEM_ALREADY_EXISTS);
    }
    attr = attr_list(SAI_LAG_ATTR_PORT_LIST, list, COUNT(list));
    OK(lag_api->get_lag_attribute(lag, 1, &attr));
    CHECK(attr.value.objlist.count == 2 && list[0] == members[0] && list[1] == members[1]);
    IS(lag_api->remove_lag(lag), SAI_STATUS_OBJECT_IN_USE);
    sai_attribute_t bp_attrs[] = {
        attr_u32(SAI_BRIDGE_PORT_ATTR_TYPE, SAI_BRIDGE_PORT_TYPE_PORT),
        attr_oid(SAI_BRIDGE_PORT_ATTR_PORT_ID, lag),
        attr_bool(SAI_BRIDGE_PORT_ATTR_ADMIN_STATE, true),
        attr_u32(SAI_BRIDGE_PORT_ATTR_FDB_LEARNING_MODE, SAI_BRIDGE_PORT_FDB_LEARNING_MODE_HW),
    };
    OK(bridge_api->create_bridge_port(&bridge_port, sw, COUNT(bp_attrs), bp_attrs));
    sai_object_id_t vlan = create_vlan(sw, 100);
    sai_attribute_t vlan_attrs[] = {
        attr_oid(SAI_VLAN_MEMBER_ATTR_VLAN_ID, vlan),
        attr_oid(SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID, bridge_port),
        attr_u32(SAI_VLAN_MEMBER_ATTR_VLAN_TAGGING_MODE, SAI_VLAN_TAGGING_MODE_TAGGED),
    };
    OK(vlan_api->create_vlan_member(&member, sw, COUNT(vlan_attrs), vlan_attrs));
    sai_attribute_t hostif_attrs[] = {
        attr_u32(SAI_HOSTIF_ATTR_TYPE, SAI_HOSTIF_TYPE_NETDEV),
        attr_oid(SAI_HOSTIF_ATTR_OBJ_ID, lag),
        attr_u32(SAI_HOSTIF_ATTR_NAME, 0),
    };
    strcpy(hostif_attrs[2].value.chardata, "PortChannel1");
    OK(hostif_api->create_hostif(&hostif, sw, COUNT(hostif_attrs), hostif_attrs));
    sai_attribute_t name = attr_u32(SAI_HOSTIF_ATTR_NAME, 0);
    OK(hostif_api->get_hostif_attribute(hostif, 1, &name));
    CHECK(!strcmp(name.value.chardata, "PortChannel1"));

    /* Routing on the VLAN: interface, neighbour, next hop, group, routes. */
    sai_object_id_t rif = create_vlan_rif(sw, vlan);
    attr = attr_u32(SAI_ROUTER_INTERFACE_ATTR_MTU, 0);
    OK(rif_api->get_router_interface_attribute(rif, 1, &attr));
    CHECK(attr.value.u32 == 1514);
    sai_neighbor_entry_t entry = neighbor(sw, rif, 1);
    attr = attr_mac(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 1);
    OK(neighbor_api->create_neighbor_entry(&entry, 1, &attr));
    sai_attribute_t hop_attrs[3];
    hop_attrs[0] = attr_u32(SAI_NEXT_HOP_ATTR_TYPE, SAI_NEXT_HOP_TYPE_IP);
    memset(&hop_attrs[1], 0, sizeof hop_attrs[1]);
    hop_attrs[1].id = SAI_NEXT_HOP_ATTR_IP;
    hop_attrs[1].value.ipaddr = entry.ip_address;
    hop_attrs[2] = attr_oid(SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID, rif);
    sai_object_id_t hop = 0, group = 0, group_member = 0;
    OK(next_hop_api->create_next_hop(&hop, sw, COUNT(hop_attrs), hop_attrs));
    attr = attr_u32(SAI_NEXT_HOP_GROUP_ATTR_TYPE, SAI_NEXT_HOP_GROUP_TYPE_DYNAMIC_UNORDERED_ECMP);
    OK(group_api->create_next_hop_group(&group, sw, 1, &attr));
    sai_attribute_t group_attrs[] = {
        attr_oid(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID, group),
        attr_oid(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID, hop),
    };
    OK(group_api->create_next_hop_group_member(&group_member, sw, COUNT(group_attrs), group_attrs));
    attr = attr_u32(SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_COUNT, 0);
    OK(group_api->get_next_hop_group_attribute(group, 1, &attr));
    CHECK(attr.value.u32 == 1);
    sai_route_entry_t route;
    memset(&route, 0, sizeof route);
    route.switch_id = sw;
    route.vr_id = vr;
    route.destination.addr_family = SAI_IP_ADDR_FAMILY_IPV4;
    memcpy(&route.destination.addr.ip4, (uint8_t[]){10, 9, 0, 0}, 4);
    memcpy(&route.destination.mask.ip4, (uint8_t[]){255, 255, 0, 0}, 4);
    attr = attr_oid(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, group);
    OK(route_api->create_route_entry(&route, 1, &attr));
    IS(route_api->create_route_entry(&route, 1, &attr), SAI_STATUS_ITEM_ALREADY_EXISTS);
    IS(group_api->remove_next_hop_group(group), SAI_STATUS_OBJECT_IN_USE);
    attr = attr_oid(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, hop);
    OK(route_api->set_route_entry_attribute(&route, &attr));
    attr = attr_oid(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, 0);
    OK(route_api->get_route_entry_attribute(&route, 1, &attr));
    CHECK(attr.value.oid == hop);

    /* Isolation between the LAG and a port. */
    sai_object_id_t isolation = 0, isolated = 0;
    attr = attr_u32(SAI_ISOLATION_GROUP_ATTR_TYPE, SAI_ISOLATION_GROUP_TYPE_BRIDGE_PORT);
    OK(isolation_api->create_isolation_group(&isolation, sw, 1, &attr));
    sai_attribute_t isolation_attrs[] = {
        attr_oid(SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_GROUP_ID, isolation),
        attr_oid(SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_OBJECT, bridge_port),
    };
    OK(isolation_api->create_isolation_group_member(&isolated, sw, COUNT(isolation_attrs), isolation_attrs));

    /* Counters. */
    sai_stat_id_t stats[2] = {0, 1};
    uint64_t counters[2] = {7, 7};
    OK(port_api->get_port_stats(ports[0], 2, stats, counters));
    CHECK(counters[0] == 0 && counters[1] == 0);
    OK(rif_api->clear_router_interface_stats(rif, 2, stats));

    /* Everything in the reverse order, each removed only once it is not used. */
    IS(bridge_api->remove_bridge_port(bridge_port), SAI_STATUS_OBJECT_IN_USE);
    OK(isolation_api->remove_isolation_group_member(isolated));
    OK(isolation_api->remove_isolation_group(isolation));
    OK(route_api->remove_route_entry(&route));
    IS(next_hop_api->remove_next_hop(hop), SAI_STATUS_OBJECT_IN_USE);
    OK(group_api->remove_next_hop_group_member(group_member));
    OK(group_api->remove_next_hop_group(group));
    OK(next_hop_api->remove_next_hop(hop));
    OK(neighbor_api->remove_neighbor_entry(&entry));
    IS(vlan_api->remove_vlan(vlan), SAI_STATUS_OBJECT_IN_USE);
    OK(rif_api->remove_router_interface(rif));
    OK(vlan_api->remove_vlan_member(member));
    OK(vlan_api->remove_vlan(vlan));
    OK(bridge_api->remove_bridge_port(bridge_port));
    OK(hostif_api->remove_hostif(hostif));
    OK(lag_api->remove_lag_member(members[0]));
    OK(lag_api->remove_lag_member(members[1]));
    OK(lag_api->remove_lag(lag));
    OK(hostif_api->remove_hostif_trap(trap));
    OK(hostif_api->remove_hostif_trap_group(trap_group));
    OK(switch_api->remove_switch(sw));
    CHECK(sai_object_type_query(sw) == SAI_OBJECT_TYPE_NULL);
    OK(sai_api_uninitialize());
}

/* The start of an agent that declares what it wants: routed ports and static MACs, bulk for the tables. */
static void scenario_agent_start(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    sai_object_id_t sw = create_switch("agent");
    sai_object_id_t vr = 0;
    OK(vr_api->create_virtual_router(&vr, sw, 0, NULL));
    sai_object_id_t ports[8];
    sai_attribute_t attr = attr_list(SAI_SWITCH_ATTR_PORT_LIST, ports, COUNT(ports));
    OK(switch_api->get_switch_attribute(sw, 1, &attr));

    sai_attribute_t rif_attrs[] = {
        attr_oid(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, vr),
        attr_u32(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_PORT),
        attr_oid(SAI_ROUTER_INTERFACE_ATTR_PORT_ID, ports[0]),
    };
    sai_object_id_t rif = 0, sub = 0;
    OK(rif_api->create_router_interface(&rif, sw, COUNT(rif_attrs), rif_attrs));
    sai_attribute_t sub_attrs[] = {
        rif_attrs[0],
        attr_u32(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_SUB_PORT),
        attr_oid(SAI_ROUTER_INTERFACE_ATTR_PORT_ID, ports[1]),
        attr_u32(SAI_ROUTER_INTERFACE_ATTR_OUTER_VLAN_ID, 0),
    };
    IS(rif_api->create_router_interface(&sub, sw, COUNT(sub_attrs) - 1, sub_attrs),
       SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING);
    IS(rif_api->create_router_interface(&sub, sw, COUNT(sub_attrs), sub_attrs), SAI_STATUS_INVALID_ATTR_VALUE_0 - 3);
    sub_attrs[3].value.u16 = 200;
    OK(rif_api->create_router_interface(&sub, sw, COUNT(sub_attrs), sub_attrs));

    enum { MANY = 1000 };
    static sai_neighbor_entry_t entries[MANY];
    static sai_attribute_t macs[MANY];
    static const sai_attribute_t *lists[MANY];
    static uint32_t counts[MANY];
    static sai_status_t statuses[MANY];
    for (uint32_t i = 0; i < MANY; i++) {
        entries[i] = neighbor(sw, rif, (uint8_t)(i % 250 + 1));
        ((uint8_t *)&entries[i].ip_address.addr.ip4)[2] = (uint8_t)(i / 250);
        macs[i] = attr_mac(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, (uint8_t)(i % 250));
        lists[i] = &macs[i];
        counts[i] = 1;
        statuses[i] = SAI_STATUS_NOT_EXECUTED;
    }
    OK(neighbor_api->create_neighbor_entries(MANY, entries, counts, lists, SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR,
                                             statuses));
    for (uint32_t i = 0; i < MANY; i++) {
        CHECK(statuses[i] == SAI_STATUS_SUCCESS);
    }
    uint32_t count = 0;
    OK(sai_get_object_count(sw, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, &count));
    CHECK(count == MANY);
    static sai_object_key_t keys[MANY];
    count = 10;
    IS(sai_get_object_key(sw, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, &count, keys), SAI_STATUS_BUFFER_OVERFLOW);
    CHECK(count == MANY);
    OK(sai_get_object_key(sw, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, &count, keys));
    CHECK(count == MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        sai_attribute_t got = attr_u32(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 0);
        OK(neighbor_api->get_neighbor_entry_attribute(&keys[i].key.neighbor_entry, 1, &got));
    }
    sai_attribute_t got[2] = {attr_u32(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 0),
                              attr_u32(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 0)};
    sai_attribute_t *got_lists[2] = {&got[0], &got[1]};
    OK(sai_bulk_get_attribute(sw, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, 2, keys, counts, got_lists, statuses));
    CHECK(got[0].value.mac[0] == 2 && got[1].value.mac[0] == 2);

    /* Static MACs in a VLAN, then a flush of one kind. */
    sai_object_id_t vlan = create_vlan(sw, 10);
    sai_object_id_t bridge_ports[16];
    attr = attr_list(SAI_BRIDGE_ATTR_PORT_LIST, bridge_ports, COUNT(bridge_ports));
    OK(bridge_api->get_bridge_attribute(switch_oid(sw, SAI_SWITCH_ATTR_DEFAULT_1Q_BRIDGE_ID), 1, &attr));
    sai_fdb_entry_t fdb[2];
    sai_attribute_t fdb_attrs[2][2];
    for (uint8_t i = 0; i < 2; i++) {
        memset(&fdb[i], 0xa5, sizeof fdb[i]);
        fdb[i].switch_id = sw;
        fdb[i].bv_id = vlan;
        memcpy(fdb[i].mac_address, (uint8_t[]){2, 0, 0, 0, 0, i}, 6);
        fdb_attrs[i][0] =
            attr_u32(SAI_FDB_ENTRY_ATTR_TYPE, i ? SAI_FDB_ENTRY_TYPE_STATIC : SAI_FDB_ENTRY_TYPE_DYNAMIC);
        fdb_attrs[i][1] = attr_oid(SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID, bridge_ports[i]);
        lists[i] = fdb_attrs[i];
        counts[i] = 2;
    }
    OK(fdb_api->create_fdb_entries(2, fdb, counts, lists, SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR, statuses));
    IS(fdb_api->create_fdb_entry(&fdb[0], 2, fdb_attrs[0]), SAI_STATUS_ITEM_ALREADY_EXISTS);
    IS(vlan_api->remove_vlan(vlan), SAI_STATUS_OBJECT_IN_USE);
    attr = attr_oid(SAI_FDB_FLUSH_ATTR_BV_ID, vlan);
    OK(fdb_api->flush_fdb_entries(sw, 1, &attr));
    attr = attr_oid(SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID, 0);
    IS(fdb_api->get_fdb_entry_attribute(&fdb[0], 1, &attr), SAI_STATUS_ITEM_NOT_FOUND);
    OK(fdb_api->get_fdb_entry_attribute(&fdb[1], 1, &attr));
    CHECK(attr.value.oid == bridge_ports[1]);
    OK(fdb_api->remove_fdb_entry(&fdb[1]));
    OK(vlan_api->remove_vlan(vlan));

    OK(neighbor_api->remove_all_neighbor_entries(sw));
    OK(rif_api->remove_router_interface(rif));
    OK(rif_api->remove_router_interface(sub));
    OK(vr_api->remove_virtual_router(vr));
    OK(switch_api->remove_switch(sw));
    OK(sai_api_uninitialize());
}

/* Nothing works before initialise or after uninitialise, and nothing crashes. */
static void scenario_lifecycle(void)
{
    void *table = NULL;
    uint32_t count = 0;
    IS(sai_api_query(SAI_API_SWITCH, &table), SAI_STATUS_UNINITIALIZED);
    IS(sai_api_uninitialize(), SAI_STATUS_UNINITIALIZED);
    IS(sai_log_set(SAI_API_SWITCH, SAI_LOG_LEVEL_INFO), SAI_STATUS_UNINITIALIZED);
    IS(sai_get_object_count(1, SAI_OBJECT_TYPE_PORT, &count), SAI_STATUS_UNINITIALIZED);
    IS(sai_dbg_generate_dump("/nowhere/at/all"), SAI_STATUS_UNINITIALIZED);
    CHECK(sai_object_type_query(1) == SAI_OBJECT_TYPE_NULL);
    CHECK(sai_switch_id_query(1) == SAI_NULL_OBJECT_ID);

    IS(sai_api_initialize(0, NULL), SAI_STATUS_INVALID_PARAMETER);
    IS(sai_api_initialize(1, &services), SAI_STATUS_INVALID_PARAMETER);
    sai_service_method_table_t none = {NULL, NULL};
    OK(sai_api_initialize(0, &none));
    IS(sai_api_initialize(0, &none), SAI_STATUS_FAILURE);
    OK(sai_api_uninitialize());
    sai_service_method_table_t odd = {NULL, endless};
    OK(sai_api_initialize(0, &odd));
    OK(sai_api_uninitialize());
    odd.profile_get_next_value = silent;
    OK(sai_api_initialize(0, &odd));

    query_all();
    IS(sai_api_query(SAI_API_SWITCH, NULL), SAI_STATUS_INVALID_PARAMETER);
    IS(sai_api_query(SAI_API_UNSPECIFIED, &table), SAI_STATUS_INVALID_PARAMETER);
    IS(sai_api_query((sai_api_t)9999, &table), SAI_STATUS_INVALID_PARAMETER);
    IS(sai_api_query(SAI_API_ACL, &table), SAI_STATUS_NOT_IMPLEMENTED);
    IS(sai_query_api_version(NULL), SAI_STATUS_INVALID_PARAMETER);
    sai_attribute_t init = attr_bool(SAI_SWITCH_ATTR_INIT_SWITCH, true);
    sai_object_id_t sw = 0, other = 0;
    IS(switch_api->create_switch(NULL, 1, &init), SAI_STATUS_INVALID_PARAMETER);
    IS(switch_api->create_switch(&sw, 1, NULL), SAI_STATUS_INVALID_PARAMETER);
    IS(switch_api->create_switch(&sw, 0, NULL), SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING);
    OK(switch_api->create_switch(&sw, 1, &init));
    IS(switch_api->create_switch(&other, 1, &init), SAI_STATUS_ITEM_ALREADY_EXISTS);
    other = create_switch("second");
    CHECK(other != sw);
    sai_attribute_t connect = attr_bool(SAI_SWITCH_ATTR_INIT_SWITCH, false);
    sai_object_id_t same = 0;
    OK(switch_api->create_switch(&same, 1, &connect));
    CHECK(same == sw);

    sai_object_id_t vlan = create_vlan(sw, 2), twice = 0;
    sai_attribute_t attr = attr_u32(SAI_VLAN_ATTR_VLAN_ID, 2);
    IS(vlan_api->create_vlan(&twice, sw, 1, &attr), SAI_STATUS_ITEM_ALREADY_EXISTS);
    OK(vlan_api->create_vlan(&twice, other, 1, &attr));
    attr.value.u16 = 4095;
    IS(vlan_api->create_vlan(&twice, sw, 1, &attr), SAI_STATUS_INVALID_VLAN_ID);
    IS(vlan_api->remove_vlan(switch_oid(sw, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID)),
       SAI_STATUS_INVALID_OBJECT_TYPE);
    IS(vlan_api->remove_vlan(0), SAI_STATUS_INVALID_PARAMETER);
    IS(vlan_api->remove_vlan(0x1234), SAI_STATUS_INVALID_PARAMETER);
    OK(vlan_api->remove_vlan(vlan));
    IS(vlan_api->remove_vlan(vlan), SAI_STATUS_ITEM_NOT_FOUND);
    IS(hostif_api->send_hostif_packet(0, 0, NULL, 0, NULL), SAI_STATUS_NOT_IMPLEMENTED);
    sai_attr_capability_t can;
    OK(sai_query_attribute_capability(sw, SAI_OBJECT_TYPE_VLAN, SAI_VLAN_ATTR_VLAN_ID, &can));
    CHECK(can.create_implemented && !can.set_implemented && can.get_implemented);
    int32_t values[2];
    sai_s32_list_t list = {COUNT(values), values};
    IS(sai_query_attribute_enum_values_capability(sw, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY,
                                                  SAI_NEIGHBOR_ENTRY_ATTR_PACKET_ACTION, &list),
       SAI_STATUS_BUFFER_OVERFLOW);
    CHECK(list.count == 9);

    OK(switch_api->remove_switch(sw));
    IS(switch_api->remove_switch(sw), SAI_STATUS_ITEM_NOT_FOUND);
    OK(sai_api_uninitialize());
    /* Tables that a client kept. */
    IS(switch_api->remove_switch(other), SAI_STATUS_UNINITIALIZED);
    IS(switch_api->create_switch(&sw, 1, &init), SAI_STATUS_UNINITIALIZED);
    IS(neighbor_api->remove_all_neighbor_entries(other), SAI_STATUS_UNINITIALIZED);
    IS(hostif_api->send_hostif_packet(0, 0, NULL, 0, NULL), SAI_STATUS_UNINITIALIZED);
    sai_neighbor_entry_t entry = neighbor(other, 1, 1);
    IS(neighbor_api->create_neighbor_entry(&entry, 0, NULL), SAI_STATUS_UNINITIALIZED);
    IS(neighbor_api->create_neighbor_entries(0, NULL, NULL, NULL, SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR, NULL),
       SAI_STATUS_UNINITIALIZED);
}

/* Initialise answers INVALID_PARAMETER to the profile given on the command line. */
static void scenario_bad_profile(void)
{
    IS(sai_api_initialize(0, &services), SAI_STATUS_INVALID_PARAMETER);
    void *table = NULL;
    IS(sai_api_query(SAI_API_SWITCH, &table), SAI_STATUS_UNINITIALIZED);
}

/* A release before bulk neighbours: its version, and single calls on its short tables. */
static void scenario_old_release(void)
{
    OK(sai_api_initialize(0, &services));
    sai_api_version_t version = 0;
    OK(sai_query_api_version(&version));
    CHECK(version == SAI_VERSION(1, 10, 2));
    query_all();
    sai_object_id_t sw = create_switch("old");
    sai_object_id_t rif = create_vlan_rif(sw, create_vlan(sw, 10));
    sai_neighbor_entry_t entry = neighbor(sw, rif, 1);
    sai_attribute_t attr = attr_mac(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 1);
    OK(neighbor_api->create_neighbor_entry(&entry, 1, &attr));
    OK(neighbor_api->remove_neighbor_entry(&entry));
    OK(sai_api_uninitialize());
}

/* Reads past the end of a short table: only run under AddressSanitizer, which must object. */
static void scenario_overread(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    CHECK(neighbor_api->create_neighbor_entries == NULL);
}

static void scenario_no_bulk(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    CHECK(!neighbor_api->create_neighbor_entries && !neighbor_api->get_neighbor_entries_attribute);
    CHECK(!fdb_api->create_fdb_entries && !lag_api->create_lag_members);
    CHECK(neighbor_api->create_neighbor_entry && neighbor_api->remove_all_neighbor_entries);
    CHECK(fdb_api->flush_fdb_entries);
    OK(sai_api_uninitialize());
}

static void scenario_lazy_table(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    CHECK(!neighbor_api->create_neighbor_entries && neighbor_api->create_neighbor_entry);
    create_switch("lazy");
    CHECK(neighbor_api->create_neighbor_entries && fdb_api->set_fdb_entries_attribute);
    OK(sai_api_uninitialize());
}

static void scenario_chatter(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    sai_object_id_t sw = create_switch("chatter");
    create_vlan(sw, 10);
    OK(sai_api_uninitialize());
}

static void scenario_dump(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    sai_object_id_t sw = create_switch("dump");
    sai_object_id_t rif = create_vlan_rif(sw, create_vlan(sw, 10));
    sai_neighbor_entry_t entry = neighbor(sw, rif, 1);
    sai_attribute_t attr = attr_mac(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 1);
    OK(neighbor_api->create_neighbor_entry(&entry, 1, &attr));
    IS(sai_dbg_generate_dump(NULL), SAI_STATUS_INVALID_PARAMETER);
    IS(sai_dbg_generate_dump("/nowhere/at/all"), SAI_STATUS_FAILURE);
    OK(sai_dbg_generate_dump("/dev/stdout"));
    OK(sai_api_uninitialize());
}

static void *hammer(void *at)
{
    sai_object_id_t sw = *(sai_object_id_t *)at;
    for (int i = 0; i < 200; i++) {
        uint32_t count = 0;
        OK(sai_get_object_count(sw, SAI_OBJECT_TYPE_PORT, &count));
        CHECK(count == 9);
    }
    return NULL;
}

/* Calls from several threads are taken one after the other. */
static void scenario_threads(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    sai_object_id_t sw = create_switch("threads");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        CHECK(!pthread_create(&threads[i], NULL, hammer, &sw));
    }
    for (int i = 0; i < 4; i++) {
        CHECK(!pthread_join(threads[i], NULL));
    }
    OK(sai_api_uninitialize());
}

static sai_fdb_entry_t fdb_entry(sai_object_id_t sw, sai_object_id_t vlan)
{
    sai_fdb_entry_t entry;
    memset(&entry, 0, sizeof entry);
    entry.switch_id = sw;
    entry.bv_id = vlan;
    memcpy(entry.mac_address, (uint8_t[]){2, 0, 0, 0, 0, 9}, 6);
    return entry;
}

static sai_route_entry_t default_route(sai_object_id_t sw)
{
    sai_route_entry_t route;
    memset(&route, 0, sizeof route);
    route.switch_id = sw;
    route.vr_id = switch_oid(sw, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID);
    route.destination.addr_family = SAI_IP_ADDR_FAMILY_IPV4;
    return route;
}

/* Fills a switch: VLAN 10 with an interface and neighbours 1 and 3, a static MAC, a default route. */
static sai_object_id_t fill(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    sai_object_id_t sw = create_switch("lasting");
    sai_object_id_t vlan = create_vlan(sw, 10);
    sai_object_id_t rif = create_vlan_rif(sw, vlan);
    CHECK(rif == create_vlan_rif(sw, vlan) - 1);
    sai_neighbor_entry_t entries[3];
    sai_attribute_t attrs[3];
    const sai_attribute_t *lists[3];
    uint32_t counts[3] = {1, 1, 1};
    sai_status_t statuses[3];
    for (uint8_t i = 0; i < 3; i++) {
        entries[i] = neighbor(sw, rif, (uint8_t)(i + 1));
        attrs[i] = attr_mac(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, (uint8_t)(i + 1));
        lists[i] = &attrs[i];
    }
    OK(neighbor_api->create_neighbor_entries(3, entries, counts, lists, SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR,
                                             statuses));
    OK(neighbor_api->remove_neighbor_entry(&entries[1]));
    sai_attribute_t attr = attr_mac(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 33);
    OK(neighbor_api->set_neighbor_entry_attribute(&entries[2], &attr));
    attr = attr_u32(SAI_NEIGHBOR_ENTRY_ATTR_META_DATA, 77);
    OK(neighbor_api->set_neighbor_entry_attribute(&entries[2], &attr));
    sai_fdb_entry_t fdb = fdb_entry(sw, vlan);
    attr = attr_u32(SAI_FDB_ENTRY_ATTR_TYPE, SAI_FDB_ENTRY_TYPE_STATIC);
    OK(fdb_api->create_fdb_entry(&fdb, 1, &attr));
    sai_route_entry_t route = default_route(sw);
    attr = attr_u32(SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_DROP);
    OK(route_api->create_route_entry(&route, 1, &attr));
    printf("%llx\n", (unsigned long long)rif);
    fflush(stdout);
    return sw;
}

static void scenario_fill_and_die(void)
{
    fill();
    kill(getpid(), SIGKILL);
}

/* A rule makes the third neighbour's create kill the process after the hardware has done it. */
static void scenario_fill_and_crash(void)
{
    fill();
    CHECK(!"the process is dead");
}

static void scenario_fill_and_remove(void)
{
    sai_object_id_t sw = fill();
    OK(switch_api->remove_switch(sw));
    OK(sai_api_uninitialize());
}

static void scenario_fill_and_restart(void)
{
    sai_object_id_t sw = fill();
    sai_attribute_t attr = attr_bool(SAI_SWITCH_ATTR_RESTART_WARM, true);
    OK(switch_api->set_switch_attribute(sw, &attr));
    attr = attr_bool(SAI_SWITCH_ATTR_PRE_SHUTDOWN, true);
    OK(switch_api->set_switch_attribute(sw, &attr));
    attr = attr_bool(SAI_SWITCH_ATTR_UNINIT_DATA_PLANE_ON_REMOVAL, false);
    OK(switch_api->set_switch_attribute(sw, &attr));
    OK(switch_api->remove_switch(sw));
    OK(sai_api_uninitialize());
}

static uint32_t count_of(sai_object_id_t sw, sai_object_type_t type)
{
    uint32_t count = 0;
    OK(sai_get_object_count(sw, type, &count));
    return count;
}

/* What fill() left is there, and works. */
static void scenario_resume(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    sai_object_id_t sw = create_switch("lasting");
    CHECK(count_of(sw, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY) == 2);
    CHECK(count_of(sw, SAI_OBJECT_TYPE_FDB_ENTRY) == 1);
    CHECK(count_of(sw, SAI_OBJECT_TYPE_ROUTE_ENTRY) == 1);
    CHECK(count_of(sw, SAI_OBJECT_TYPE_VLAN) == 2);
    sai_object_key_t keys[2];
    uint32_t count = COUNT(keys);
    OK(sai_get_object_key(sw, SAI_OBJECT_TYPE_ROUTER_INTERFACE, &count, keys));
    CHECK(count == 2);
    sai_object_id_t rif = keys[0].key.object_id;
    sai_neighbor_entry_t entry = neighbor(sw, rif, 3);
    sai_attribute_t got[2] = {attr_mac(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 0),
                              attr_u32(SAI_NEIGHBOR_ENTRY_ATTR_META_DATA, 0)};
    OK(neighbor_api->get_neighbor_entry_attribute(&entry, 2, got));
    CHECK(got[0].value.mac[5] == 33 && got[1].value.u32 == 77);
    entry = neighbor(sw, rif, 2);
    IS(neighbor_api->get_neighbor_entry_attribute(&entry, 1, got), SAI_STATUS_ITEM_NOT_FOUND);

    /* Uses are counted as before; ids go on where they were. */
    IS(rif_api->remove_router_interface(rif), SAI_STATUS_OBJECT_IN_USE);
    OK(rif_api->remove_router_interface(keys[1].key.object_id));
    sai_attribute_t attr = attr_oid(SAI_ROUTER_INTERFACE_ATTR_VLAN_ID, 0);
    OK(rif_api->get_router_interface_attribute(rif, 1, &attr));
    sai_object_id_t vlan = attr.value.oid;
    CHECK(create_vlan_rif(sw, vlan) > keys[1].key.object_id);
    IS(vlan_api->remove_vlan(vlan), SAI_STATUS_OBJECT_IN_USE);
    IS(vlan_api->remove_vlan(switch_oid(sw, SAI_SWITCH_ATTR_DEFAULT_VLAN_ID)), SAI_STATUS_OBJECT_IN_USE);
    sai_fdb_entry_t fdb = fdb_entry(sw, vlan);
    OK(fdb_api->get_fdb_entry_attribute(&fdb, 1, &(sai_attribute_t){.id = SAI_FDB_ENTRY_ATTR_TYPE}));
    sai_route_entry_t route = default_route(sw);
    attr = attr_u32(SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION, 0);
    OK(route_api->get_route_entry_attribute(&route, 1, &attr));
    CHECK(attr.value.s32 == SAI_PACKET_ACTION_DROP);
    /* A callback of the dead process is gone, that of this one is there. */
    attr = attr_u32(SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY, 0);
    OK(switch_api->get_switch_attribute(sw, 1, &attr));
    CHECK(attr.value.ptr == (sai_pointer_t)(uintptr_t)on_fdb);
    /* And it dies again without a word. */
    kill(getpid(), SIGKILL);
}

/* Only the neighbour whose create was the last deed of a process that crashed right after it. */
static void scenario_resume_crashed(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    sai_object_id_t sw = create_switch("lasting");
    CHECK(count_of(sw, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY) == 3);
    OK(sai_api_uninitialize());
}

/* Nothing of what was there. */
static void scenario_resume_nothing(void)
{
    OK(sai_api_initialize(0, &services));
    query_all();
    sai_object_id_t sw = create_switch("lasting");
    CHECK(count_of(sw, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY) == 0);
    CHECK(count_of(sw, SAI_OBJECT_TYPE_VLAN) == 1);
    CHECK(count_of(sw, SAI_OBJECT_TYPE_ROUTER_INTERFACE) == 0);
    OK(sai_api_uninitialize());
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } scenarios[] = {
        {"nos-start", scenario_nos_start},     {"agent-start", scenario_agent_start},
        {"lifecycle", scenario_lifecycle},     {"bad-profile", scenario_bad_profile},
        {"old-release", scenario_old_release}, {"overread", scenario_overread},
        {"no-bulk", scenario_no_bulk},         {"lazy-table", scenario_lazy_table},
        {"chatter", scenario_chatter},         {"dump", scenario_dump},
        {"threads", scenario_threads},         {"fill-and-die", scenario_fill_and_die},
        {"fill-and-crash", scenario_fill_and_crash},
        {"fill-and-remove", scenario_fill_and_remove},
        {"fill-and-restart", scenario_fill_and_restart},
        {"resume", scenario_resume},           {"resume-crashed", scenario_resume_crashed},
        {"resume-nothing", scenario_resume_nothing},
    };
    CHECK(argc >= 2 && argc % 2 == 0);
    pairs = (const char **)(argv + 2);
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        if (!strcmp(argv[1], scenarios[i].name)) {
            scenarios[i].run();
            puts("ok");
            return 0;
        }
    }
    fprintf(stderr, "no scenario %s\n", argv[1]);
    return 2;
}
