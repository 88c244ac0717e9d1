/* What an FBOSS-style client calls at a cold start, but for the reading back: rows 1 to 46. */

#include "fboss.h"

#define VLAN_20 20

struct fboss f;

static void on_fdb_event(uint32_t count, const sai_fdb_event_notification_data_t *data)
{
    (void)count, (void)data;
}
static void on_port_state(uint32_t count, const sai_port_oper_status_notification_t *data)
{
    (void)count, (void)data;
}
static void
on_packet(sai_object_id_t id, sai_size_t size, const void *buffer, uint32_t count, const sai_attribute_t *attrs)
{
    (void)id, (void)size, (void)buffer, (void)count, (void)attrs;
}

static void create_cold(void)
{
    start_library();
    row("fboss", 1);
    sai_attribute_t attrs[] = {
        BOOL(SAI_SWITCH_ATTR_INIT_SWITCH, true),
        {.id = SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO, .value = {.s8list = {5, (int8_t *)"0,0,0"}}},
        MAC(SAI_SWITCH_ATTR_SRC_MAC_ADDRESS, 0x02, 0x90, 0xfb, 0, 0, 1),
        U32(SAI_SWITCH_ATTR_FDB_AGING_TIME, 300),
    };
    OK(switch_api->create_switch(&switch_id, COUNT(attrs), attrs));
    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_FDB_AGING_TIME).u32 == 300);
    row("fboss", 2);
    CHECK(reload() > 0);
    row("fboss", 4);
    row("fboss", 5);
    row("fboss", 6);
}

static void read_defaults(void)
{
    f.cpu_port = GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_CPU_PORT).oid;
    CHECK(GET(port_api, port, f.cpu_port, SAI_PORT_ATTR_TYPE).s32 == SAI_PORT_TYPE_CPU);
    row("fboss", 8);
    struct ids queues = IDS(port_api, port, f.cpu_port, SAI_PORT_ATTR_QOS_QUEUE_LIST);
    CHECK(queues.count > 0);
    for (uint32_t i = 0; i < queues.count; i++) {
        CHECK(library.sai_object_type_query(queues.list[i]) == SAI_OBJECT_TYPE_QUEUE);
    }
    free(queues.list);
    row("fboss", 9);
    f.virtual_router = GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID).oid;
    CHECK(library.sai_object_type_query(f.virtual_router) == SAI_OBJECT_TYPE_VIRTUAL_ROUTER);
    row("fboss", 10);
    sai_object_id_t mpls;
    CREATE(
        router_interface_api, router_interface, &mpls,
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_MPLS_ROUTER),
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, f.virtual_router));
    row("fboss", 11);
    sai_object_id_t vlan = GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_DEFAULT_VLAN_ID).oid;
    CHECK(GET(vlan_api, vlan, vlan, SAI_VLAN_ATTR_VLAN_ID).u16 == 1);
    row("fboss", 12);

    f.ports = IDS(switch_api, switch, switch_id, SAI_SWITCH_ATTR_PORT_LIST);
    CHECK(f.ports.count > 4);
    for (uint32_t i = 0; i < f.ports.count; i++) {
        sai_object_id_t port = f.ports.list[i];
        uint32_t lanes[8];
        sai_attribute_t lane = U32S(SAI_PORT_ATTR_HW_LANE_LIST, lanes);
        OK(port_api->get_port_attribute(port, 1, &lane));
        CHECK(lane.value.u32list.count > 0);
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_SPEED).u32 > 0);
        CHECK(!GET(port_api, port, port, SAI_PORT_ATTR_ADMIN_STATE).booldata);
        CHECK(
            GET(port_api, port, port, SAI_PORT_ATTR_GLOBAL_FLOW_CONTROL_MODE).s32
            == SAI_PORT_FLOW_CONTROL_MODE_DISABLE);
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_PORT_VLAN_ID).u16 == 1);
        sai_attr_id_t loopback = release < SAI_VERSION(1, 12, 0) ? SAI_PORT_ATTR_INTERNAL_LOOPBACK_MODE
                                                                 : SAI_PORT_ATTR_LOOPBACK_MODE;
        CHECK(GET(port_api, port, port, loopback).s32 == SAI_PORT_LOOPBACK_MODE_NONE);
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_MTU).u32 > 0);
        CHECK(GET(port_api, port, port, SAI_PORT_ATTR_TYPE).s32 == SAI_PORT_TYPE_LOGICAL);
    }
    row("fboss", 13);
    SET(switch_api, switch, switch_id, U32(SAI_SWITCH_ATTR_FDB_AGING_TIME, 600));
    row("fboss", 14);
    const sai_api_t outside[] = {SAI_API_ACL, SAI_API_DEBUG_COUNTER};
    for (uint32_t i = 0; i < COUNT(outside); i++) {
        void *table = NULL;
        EXPECT(SAI_STATUS_NOT_IMPLEMENTED, library.sai_api_query(outside[i], &table));
    }
    row("fboss", 15);
    SET(switch_api, switch, switch_id, U32(SAI_SWITCH_ATTR_COUNTER_REFRESH_INTERVAL, 1));
    row("fboss", 16);
}

static void configure_ports(void)
{
    for (uint32_t i = 0; i < 4; i++) {
        sai_object_id_t port = f.ports.list[i];
        SET(port_api, port, port, BOOL(SAI_PORT_ATTR_ADMIN_STATE, true));
        SET(port_api, port, port, U32(SAI_PORT_ATTR_MTU, 9412));
    }
    row("fboss", 17);

    uint32_t lanes[] = {1000, 1001};
    sai_object_id_t port;
    CREATE(
        port_api, port, &port, U32S(SAI_PORT_ATTR_HW_LANE_LIST, lanes), U32(SAI_PORT_ATTR_SPEED, 100000),
        BOOL(SAI_PORT_ATTR_ADMIN_STATE, true), ENUM(SAI_PORT_ATTR_FEC_MODE, SAI_PORT_FEC_MODE_RS),
        ENUM(SAI_PORT_ATTR_INTERNAL_LOOPBACK_MODE, SAI_PORT_INTERNAL_LOOPBACK_MODE_NONE),
        ENUM(SAI_PORT_ATTR_MEDIA_TYPE, SAI_PORT_MEDIA_TYPE_FIBER),
        ENUM(SAI_PORT_ATTR_GLOBAL_FLOW_CONTROL_MODE, SAI_PORT_FLOW_CONTROL_MODE_DISABLE),
        U16(SAI_PORT_ATTR_PORT_VLAN_ID, 1), U32(SAI_PORT_ATTR_MTU, 9412),
        ENUM(SAI_PORT_ATTR_INTERFACE_TYPE, SAI_PORT_INTERFACE_TYPE_SR4),
        ENUM(SAI_PORT_ATTR_PTP_MODE, SAI_PORT_PTP_MODE_NONE), BOOL(SAI_PORT_ATTR_LINK_TRAINING_ENABLE, false),
        ENUM(SAI_PORT_ATTR_PRIORITY_FLOW_CONTROL_MODE, SAI_PORT_PRIORITY_FLOW_CONTROL_MODE_COMBINED),
        U8(SAI_PORT_ATTR_PRIORITY_FLOW_CONTROL, 0));
    row("fboss", 18);
    struct ids queues = IDS(port_api, port, port, SAI_PORT_ATTR_QOS_QUEUE_LIST);
    CHECK(queues.count > 0);
    free(queues.list);
    row("fboss", 19);
    SET(port_api, port, port, ENUM(SAI_PORT_ATTR_LOOPBACK_MODE, SAI_PORT_LOOPBACK_MODE_NONE));
}

static void configure_l2(void)
{
    CREATE(vlan_api, vlan, &f.vlan, U16(SAI_VLAN_ATTR_VLAN_ID, VLAN_20));
    row("fboss", 20);
    CREATE(lag_api, lag, &f.lag, TEXT(SAI_LAG_ATTR_LABEL, "Port-Channel1"));
    CHECK(strcmp(GET(lag_api, lag, f.lag, SAI_LAG_ATTR_LABEL).chardata, "Port-Channel1") == 0);
    row("fboss", 21);
    sai_object_id_t member;
    CREATE(
        lag_api, lag_member, &member, OID(SAI_LAG_MEMBER_ATTR_LAG_ID, f.lag),
        OID(SAI_LAG_MEMBER_ATTR_PORT_ID, f.ports.list[1]));
    row("fboss", 22);
    f.bridge = GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_DEFAULT_1Q_BRIDGE_ID).oid;
    CHECK(GET(bridge_api, bridge, f.bridge, SAI_BRIDGE_ATTR_TYPE).s32 == SAI_BRIDGE_TYPE_1Q);
    row("fboss", 23);
    CREATE(
        bridge_api, bridge_port, &f.bridge_port, ENUM(SAI_BRIDGE_PORT_ATTR_TYPE, SAI_BRIDGE_PORT_TYPE_PORT),
        OID(SAI_BRIDGE_PORT_ATTR_PORT_ID, f.lag), BOOL(SAI_BRIDGE_PORT_ATTR_ADMIN_STATE, true),
        ENUM(SAI_BRIDGE_PORT_ATTR_FDB_LEARNING_MODE, SAI_BRIDGE_PORT_FDB_LEARNING_MODE_HW));
    row("fboss", 24);
    CREATE(
        vlan_api, vlan_member, &member, OID(SAI_VLAN_MEMBER_ATTR_VLAN_ID, f.vlan),
        OID(SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID, f.bridge_port));
    CHECK(
        GET(vlan_api, vlan_member, member, SAI_VLAN_MEMBER_ATTR_VLAN_TAGGING_MODE).s32
        == SAI_VLAN_TAGGING_MODE_UNTAGGED);
    row("fboss", 25);
}

static void configure_l3(void)
{
    sai_object_id_t port_rif;
    CREATE(
        router_interface_api, router_interface, &f.rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, f.virtual_router),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_VLAN),
        OID(SAI_ROUTER_INTERFACE_ATTR_VLAN_ID, f.vlan),
        MAC(SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS, 0x02, 0x90, 0xfb, 0, 0, 1),
        U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9000));
    CREATE(
        router_interface_api, router_interface, &port_rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, f.virtual_router),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_PORT),
        OID(SAI_ROUTER_INTERFACE_ATTR_PORT_ID, f.ports.list[2]),
        MAC(SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS, 0x02, 0x90, 0xfb, 0, 0, 1),
        U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9000));
    row("fboss", 26);
    sai_route_entry_t own = route(f.virtual_router, ip4(10, 20, 0, 1), 32);
    const sai_attribute_t to_cpu[] = {
        ENUM(SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_FORWARD),
        OID(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, f.cpu_port),
        U32(SAI_ROUTE_ENTRY_ATTR_META_DATA, 2),
    };
    OK(route_api->create_route_entry(&own, COUNT(to_cpu), to_cpu));
    row("fboss", 27);
    CHECK(GET(router_interface_api, router_interface, f.rif, SAI_ROUTER_INTERFACE_ATTR_VLAN_ID).oid == f.vlan);
    row("fboss", 28);

    const sai_attribute_t learned[] = {
        ENUM(SAI_FDB_ENTRY_ATTR_TYPE, SAI_FDB_ENTRY_TYPE_STATIC),
        OID(SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID, f.bridge_port),
        U32(SAI_FDB_ENTRY_ATTR_META_DATA, 1),
    };
    f.mac = (sai_fdb_entry_t){.switch_id = switch_id, .mac_address = {2, 0, 0, 0, 20, 2}, .bv_id = f.vlan};
    OK(fdb_api->create_fdb_entry(&f.mac, COUNT(learned), learned));
    row("fboss", 29);
    CHECK(GET(port_api, port, f.ports.list[1], SAI_PORT_ATTR_OPER_STATUS).s32 == SAI_PORT_OPER_STATUS_UP);
    CHECK(GET(port_api, port, f.ports.list[5], SAI_PORT_ATTR_OPER_STATUS).s32 == SAI_PORT_OPER_STATUS_DOWN);
    row("fboss", 30);

    sai_attribute_t host[] = {
        MAC(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 2, 0, 0, 0, 20, 2),
        U32(SAI_NEIGHBOR_ENTRY_ATTR_META_DATA, 1),
    };
    f.host = neighbor(f.rif, ip4(10, 20, 0, 2));
    OK(neighbor_api->create_neighbor_entry(&f.host, COUNT(host), host));
    row("fboss", 31);
    OK(neighbor_api->remove_neighbor_entry(&f.host));
    OK(neighbor_api->create_neighbor_entry(&f.host, COUNT(host), host));
    row("fboss", 32);
    CREATE(
        next_hop_api, next_hop, &f.next_hop, ENUM(SAI_NEXT_HOP_ATTR_TYPE, SAI_NEXT_HOP_TYPE_IP),
        OID(SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID, f.rif), IP(SAI_NEXT_HOP_ATTR_IP, f.host.ip_address));
    row("fboss", 33);
    CREATE(
        next_hop_group_api, next_hop_group, &f.group,
        ENUM(SAI_NEXT_HOP_GROUP_ATTR_TYPE, SAI_NEXT_HOP_GROUP_TYPE_ECMP));
    row("fboss", 34);
    CREATE(
        next_hop_group_api, next_hop_group_member, &f.member,
        OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID, f.group),
        OID(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID, f.next_hop),
        U32(SAI_NEXT_HOP_GROUP_MEMBER_ATTR_WEIGHT, 3));
    row("fboss", 35);

    sai_route_entry_t far = route(f.virtual_router, ip6(0, 0), 64);
    const sai_object_id_t by[] = {f.rif, f.next_hop, f.group, f.cpu_port};
    f.subnet = route(f.virtual_router, ip4(10, 20, 0, 0), 24);
    for (uint32_t i = 0; i < COUNT(by); i++) {
        sai_attribute_t attrs[] = {
            ENUM(SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_FORWARD),
            OID(SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID, by[i]),
        };
        if (i == 0) {
            OK(route_api->create_route_entry(&f.subnet, COUNT(attrs), attrs));
            OK(route_api->create_route_entry(&far, COUNT(attrs), attrs));
        }
        OK(route_api->set_route_entry_attribute(&far, &attrs[1]));
        sai_attribute_t back = {.id = SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID};
        OK(route_api->get_route_entry_attribute(&far, 1, &back));
        CHECK(back.value.oid == by[i]);
    }
    row("fboss", 36);
}

static void configure_the_cpu(void)
{
    sai_object_id_t group, trap;
    CREATE(hostif_api, hostif_trap_group, &group, U32(SAI_HOSTIF_TRAP_GROUP_ATTR_QUEUE, 5));
    row("fboss", 37);
    CREATE(
        hostif_api, hostif_trap, &trap, ENUM(SAI_HOSTIF_TRAP_ATTR_TRAP_TYPE, SAI_HOSTIF_TRAP_TYPE_ARP_REQUEST),
        ENUM(SAI_HOSTIF_TRAP_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_TRAP),
        U32(SAI_HOSTIF_TRAP_ATTR_TRAP_PRIORITY, 20), OID(SAI_HOSTIF_TRAP_ATTR_TRAP_GROUP, group));
    row("fboss", 38);
    SET(switch_api, switch, switch_id, U32(SAI_SWITCH_ATTR_ECMP_DEFAULT_HASH_SEED, 77));
    SET(switch_api, switch, switch_id, ENUM(SAI_SWITCH_ATTR_ECMP_DEFAULT_HASH_ALGORITHM, SAI_HASH_ALGORITHM_CRC));
    SET(switch_api, switch, switch_id, OID(SAI_SWITCH_ATTR_ECMP_HASH_IPV4, SAI_NULL_OBJECT_ID));
    SET(switch_api, switch, switch_id, OID(SAI_SWITCH_ATTR_ECMP_HASH_IPV6, SAI_NULL_OBJECT_ID));
    row("fboss", 39);
    const sai_api_t outside[] = {SAI_API_ACL, SAI_API_MIRROR, SAI_API_MPLS, SAI_API_QOS_MAP, SAI_API_UDF, SAI_API_TAM};
    for (uint32_t i = 0; i < COUNT(outside); i++) {
        void *table = NULL;
        EXPECT(SAI_STATUS_NOT_IMPLEMENTED, library.sai_api_query(outside[i], &table));
    }
    row("fboss", 40);

    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY, on_fdb_event));
    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY, on_port_state));
    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_PACKET_EVENT_NOTIFY, on_packet));
    row("fboss", 41);
    for (uint32_t i = 0; i < f.ports.count; i++) {
        GET(port_api, port, f.ports.list[i], SAI_PORT_ATTR_OPER_STATUS);
    }
    row("fboss", 42);
    /* Packets are not simulated: the refusal must be one, and touch nothing. */
    const uint8_t packet[64] = {0};
    const sai_attribute_t how[] = {
        ENUM(SAI_HOSTIF_PACKET_ATTR_HOSTIF_TX_TYPE, SAI_HOSTIF_TX_TYPE_PIPELINE_BYPASS),
        OID(SAI_HOSTIF_PACKET_ATTR_EGRESS_PORT_OR_LAG, f.ports.list[0]),
    };
    EXPECT(
        SAI_STATUS_NOT_IMPLEMENTED,
        hostif_api->send_hostif_packet(switch_id, sizeof(packet), packet, COUNT(how), how));
    row("fboss", 43);

    const sai_stat_id_t counters[] = {SAI_PORT_STAT_IF_IN_OCTETS, SAI_PORT_STAT_IF_OUT_OCTETS};
    uint64_t values[2] = {1, 1};
    OK(port_api->get_port_stats(f.ports.list[0], COUNT(counters), counters, values));
    CHECK(values[0] == 0 && values[1] == 0);
    OK(port_api->get_port_stats_ext(f.ports.list[0], COUNT(counters), counters, SAI_STATS_MODE_READ, values));
    OK(port_api->get_port_stats_ext(
        f.ports.list[0], COUNT(counters), counters, SAI_STATS_MODE_READ_AND_CLEAR, values));
    const sai_stat_id_t rif_counters[] = {SAI_ROUTER_INTERFACE_STAT_OUT_OCTETS};
    values[0] = 1;
    OK(router_interface_api->get_router_interface_stats_ext(
        f.rif, COUNT(rif_counters), rif_counters, SAI_STATS_MODE_READ, values));
    CHECK(values[0] == 0);
    row("fboss", 45);

    struct keys macs = keys_of(SAI_OBJECT_TYPE_FDB_ENTRY);
    CHECK(macs.count == 1);
    const sai_fdb_entry_t *mac = &macs.list[0].key.fdb_entry;
    CHECK(mac->switch_id == switch_id && mac->bv_id == f.vlan);
    CHECK(memcmp(mac->mac_address, f.mac.mac_address, sizeof(sai_mac_t)) == 0);
    sai_attribute_t back[] = {{.id = SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID}, {.id = SAI_FDB_ENTRY_ATTR_META_DATA}};
    OK(fdb_api->get_fdb_entry_attribute(mac, COUNT(back), back));
    CHECK(back[1].value.u32 == 1);
    CHECK(GET(bridge_api, bridge_port, back[0].value.oid, SAI_BRIDGE_PORT_ATTR_PORT_ID).oid == f.lag);
    CHECK(GET(vlan_api, vlan, mac->bv_id, SAI_VLAN_ATTR_VLAN_ID).u16 == VLAN_20);
    free(macs.list);
    row("fboss", 46);
}

void fboss_configure(void)
{
    create_cold();
    read_defaults();
    configure_ports();
    configure_l2();
    configure_l3();
    configure_the_cpu();
    read_groups();
    free(f.ports.list);
}
