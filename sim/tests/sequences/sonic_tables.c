/*
 * What a SONiC-style client calls at start, rows 65 to 85: router interfaces, hosts, next hops, routes, isolation,
 * and what it watches from then on.
 */

#include "sonic.h"

static void configure_router_interfaces(void)
{
    CREATE(
        router_interface_api, router_interface, &s.port_rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, s.virtual_router),
        MAC(SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS, ROUTER_MAC),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_PORT),
        OID(SAI_ROUTER_INTERFACE_ATTR_PORT_ID, s.ports.list[3]), U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9100));
    CREATE(
        router_interface_api, router_interface, &s.vlan_rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, s.virtual_router),
        MAC(SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS, ROUTER_MAC),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_VLAN),
        OID(SAI_ROUTER_INTERFACE_ATTR_VLAN_ID, s.vlan_10), U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9100),
        U8(SAI_ROUTER_INTERFACE_ATTR_NAT_ZONE_ID, 0), BOOL(SAI_ROUTER_INTERFACE_ATTR_ADMIN_MPLS_STATE, false));
    CREATE(
        router_interface_api, router_interface, &s.sub_rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID, s.virtual_router),
        MAC(SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS, ROUTER_MAC),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_SUB_PORT),
        OID(SAI_ROUTER_INTERFACE_ATTR_PORT_ID, s.lag), U16(SAI_ROUTER_INTERFACE_ATTR_OUTER_VLAN_ID, 100),
        BOOL(SAI_ROUTER_INTERFACE_ATTR_ADMIN_V4_STATE, true), BOOL(SAI_ROUTER_INTERFACE_ATTR_ADMIN_V6_STATE, true),
        U32(SAI_ROUTER_INTERFACE_ATTR_MTU, 9100));
    sai_attribute_value_t mac =
        GET(router_interface_api, router_interface, s.vlan_rif, SAI_ROUTER_INTERFACE_ATTR_SRC_MAC_ADDRESS);
    const sai_mac_t own = {ROUTER_MAC};
    CHECK(memcmp(mac.mac, own, sizeof(own)) == 0);
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
        OK(library.sai_object_type_get_availability(
            switch_id, resources[i].type, i < 2 ? 1 : 0, i < 2 ? &family : NULL, &free_entries));
        CHECK(free_entries > 0);
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
    /* Absent from old libraries, as which of them are linked or opened says. */
    if (library.sai_bulk_object_get_stats != NULL) {
        OK(library.sai_bulk_object_get_stats(
            switch_id, SAI_OBJECT_TYPE_PORT, COUNT(keys), keys, COUNT(counters), counters,
            SAI_STATS_MODE_BULK_READ, statuses, values));
        OK(statuses[0]);
        OK(statuses[1]);
        CHECK(values[0] == 0 && values[1] == 0 && values[2] == 0 && values[3] == 0);
    }
    row("sonic", 84);

    const sai_api_t outside[] = {
        SAI_API_ACL, SAI_API_BUFFER, SAI_API_QOS_MAP, SAI_API_SCHEDULER, SAI_API_WRED, SAI_API_MIRROR};
    for (uint32_t i = 0; i < COUNT(outside); i++) {
        void *table = NULL;
        EXPECT(SAI_STATUS_NOT_IMPLEMENTED, library.sai_api_query(outside[i], &table));
    }
    row("sonic", 85);
}

void sonic_tables(void)
{
    configure_router_interfaces();
    learn_hosts();
    configure_next_hop_groups();
    program_routes();
    isolate();
    watch();
}

void sonic_start(void)
{
    sonic_switch();
    sonic_ports();
    sonic_tables();
    /* All of it can be found from the switch. */
    CHECK(discover(switch_id) > 3 * SONIC_PORTS);
    free(s.ports.list);
    OK(switch_api->remove_switch(switch_id));
    OK(library.sai_api_uninitialize());
}
