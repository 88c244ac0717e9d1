/* What a SONiC-style client calls at start, rows 47 to 64: ports, LAGs, bridge ports, VLANs. */

#include "sonic.h"

static void configure_ports(void)
{
    /* Four ports of one lane make room for one of four. */
    sai_object_id_t gone[4];
    sai_status_t statuses[4];
    uint32_t lanes[4];
    sai_object_id_t last_queue = SAI_NULL_OBJECT_ID;
    for (uint32_t i = 0; i < COUNT(gone); i++) {
        gone[i] = s.ports.list[s.ports.count - 1 - i];
        uint32_t lane[8];
        sai_attribute_t attr = U32S(SAI_PORT_ATTR_HW_LANE_LIST, lane);
        OK(port_api->get_port_attribute(gone[i], 1, &attr));
        lanes[i] = lane[0];
        struct ids queues = IDS(port_api, port, gone[i], SAI_PORT_ATTR_QOS_QUEUE_LIST);
        CHECK(queues.count > 0);
        CHECK(library.sai_object_type_query(queues.list[0]) == SAI_OBJECT_TYPE_QUEUE);
        last_queue = queues.list[queues.count - 1];
        free(queues.list);
        CHECK(IDS(port_api, port, gone[i], SAI_PORT_ATTR_QOS_SCHEDULER_GROUP_LIST).count == 0);
        CHECK(IDS(port_api, port, gone[i], SAI_PORT_ATTR_INGRESS_PRIORITY_GROUP_LIST).count == 0);
        sai_attribute_t serdes = {.id = SAI_PORT_ATTR_PORT_SERDES_ID};
        sai_status_t status = port_api->get_port_attribute(gone[i], 1, &serdes);
        CHECK(status == SAI_STATUS_SUCCESS || is_absent(status));
    }
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
    CHECK(library.sai_object_type_query(last_queue) == SAI_OBJECT_TYPE_NULL);
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
    CHECK(s.ports.count == SONIC_PORTS - COUNT(gone) + 1 && ids_contain(s.ports, s.wide_port));

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

void sonic_ports(void)
{
    configure_ports();
    configure_lags_and_vlans();
    remove_a_bridge_port();
}
