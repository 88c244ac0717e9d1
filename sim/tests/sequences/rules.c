/* What any C caller may get wrong at the edges of the library's life, and what it is told. */

#include "client.h"

static int endless(sai_switch_profile_id_t profile, const char **key, const char **value)
{
    (void)profile;
    if (key != NULL && value != NULL) {
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

/* Hosts whose profile says nothing, never ends, or says that it says something and does not. */
static void odd_hosts(void)
{
    const sai_service_method_table_t hosts[] = {{NULL, NULL}, {NULL, endless}, {NULL, silent}};
    for (uint32_t i = 0; i < COUNT(hosts); i++) {
        OK(library.sai_api_initialize(0, &hosts[i]));
        OK(library.sai_api_uninitialize());
    }
}

/* A second switch in the process has objects and numbers of its own; one that is there can be connected to. */
static void second_switch(void)
{
    int8_t info[] = {'s', 'e', 'c', 'o', 'n', 'd'};
    const sai_attribute_t up[] = {
        BOOL(SAI_SWITCH_ATTR_INIT_SWITCH, true),
        {.id = SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO, .value = {.s8list = {COUNT(info), info}}},
    };
    const sai_attribute_t connect[] = {BOOL(SAI_SWITCH_ATTR_INIT_SWITCH, false)};
    sai_object_id_t other, same, vlan, twice;
    EXPECT(SAI_STATUS_ITEM_ALREADY_EXISTS, switch_api->create_switch(&other, 1, up));
    OK(switch_api->create_switch(&other, COUNT(up), up));
    CHECK(other != switch_id);
    OK(switch_api->create_switch(&same, 1, connect));
    CHECK(same == switch_id);
    const sai_attribute_t number[] = {U16(SAI_VLAN_ATTR_VLAN_ID, 2)};
    OK(vlan_api->create_vlan(&vlan, switch_id, 1, number));
    EXPECT(SAI_STATUS_ITEM_ALREADY_EXISTS, vlan_api->create_vlan(&twice, switch_id, 1, number));
    OK(vlan_api->create_vlan(&twice, other, 1, number));
    OK(vlan_api->remove_vlan(vlan));
    OK(switch_api->remove_switch(other));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, switch_api->remove_switch(other));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, vlan_api->remove_vlan(twice));
    const sai_attribute_t beyond[] = {U16(SAI_VLAN_ATTR_VLAN_ID, 4095)};
    EXPECT(SAI_STATUS_INVALID_VLAN_ID, vlan_api->create_vlan(&twice, switch_id, 1, beyond));
}

/* What the library says that it can. */
static void capabilities(void)
{
    sai_attr_capability_t can;
    OK(library.sai_query_attribute_capability(switch_id, SAI_OBJECT_TYPE_VLAN, SAI_VLAN_ATTR_VLAN_ID, &can));
    CHECK(can.create_implemented && !can.set_implemented && can.get_implemented);
    int32_t values[2];
    sai_s32_list_t list = {COUNT(values), values};
    EXPECT(
        SAI_STATUS_BUFFER_OVERFLOW,
        library.sai_query_attribute_enum_values_capability(
            switch_id, SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, SAI_NEIGHBOR_ENTRY_ATTR_PACKET_ACTION, &list));
    CHECK(list.count == 9);
    EXPECT(SAI_STATUS_NOT_IMPLEMENTED, hostif_api->send_hostif_packet(0, 0, NULL, 0, NULL));
}

void sai_rules(void)
{
    void *table = NULL;
    sai_object_id_t id = 1;
    uint32_t count = 0;

    /* Before initialise there is nothing. */
    EXPECT(SAI_STATUS_UNINITIALIZED, library.sai_api_query(SAI_API_SWITCH, &table));
    CHECK(table == NULL);
    EXPECT(SAI_STATUS_UNINITIALIZED, library.sai_log_set(SAI_API_SWITCH, SAI_LOG_LEVEL_WARN));
    EXPECT(SAI_STATUS_UNINITIALIZED, library.sai_get_object_count(id, SAI_OBJECT_TYPE_PORT, &count));
    EXPECT(SAI_STATUS_UNINITIALIZED, library.sai_api_uninitialize());
    CHECK(library.sai_object_type_query(id) == SAI_OBJECT_TYPE_NULL);
    CHECK(library.sai_switch_id_query(id) == SAI_NULL_OBJECT_ID);
    EXPECT(SAI_STATUS_INVALID_PARAMETER, library.sai_api_initialize(0, NULL));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, library.sai_api_initialize(1, &services));
    EXPECT(SAI_STATUS_UNINITIALIZED, library.sai_dbg_generate_dump("/nowhere/at/all"));
    odd_hosts();

    start_library();
    EXPECT(SAI_STATUS_FAILURE, library.sai_api_initialize(0, &services));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, library.sai_api_query(SAI_API_SWITCH, NULL));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, library.sai_api_query(SAI_API_UNSPECIFIED, &table));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, library.sai_api_query(SAI_API_MAX, &table));
    if (library.sai_query_api_version != NULL) {
        EXPECT(SAI_STATUS_INVALID_PARAMETER, library.sai_query_api_version(NULL));
    }
    OK(library.sai_api_query(SAI_API_SWITCH, &table));
    CHECK(table == switch_api);

    const sai_attribute_t up[] = {BOOL(SAI_SWITCH_ATTR_INIT_SWITCH, true)};
    EXPECT(SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING, switch_api->create_switch(&switch_id, 0, NULL));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, switch_api->create_switch(NULL, 1, up));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, switch_api->create_switch(&switch_id, 1, NULL));
    OK(switch_api->create_switch(&switch_id, 1, up));
    second_switch();
    capabilities();

    /* Ids that are none, ids of another type, ids of what is gone. */
    sai_object_id_t vlan = GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_DEFAULT_VLAN_ID).oid;
    sai_attribute_t attr = {.id = 0};
    EXPECT(SAI_STATUS_INVALID_PARAMETER, vlan_api->get_vlan_attribute(SAI_NULL_OBJECT_ID, 1, &attr));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, vlan_api->get_vlan_attribute(~0ul, 1, &attr));
    EXPECT(SAI_STATUS_INVALID_OBJECT_TYPE, port_api->get_port_attribute(vlan, 1, &attr));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, vlan_api->get_vlan_attribute(vlan, 0, &attr));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, vlan_api->get_vlan_attribute(vlan, 1, NULL));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, vlan_api->set_vlan_attribute(vlan, NULL));
    sai_object_id_t other;
    CREATE(vlan_api, vlan, &other, U16(SAI_VLAN_ATTR_VLAN_ID, 7));
    OK(vlan_api->remove_vlan(other));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, vlan_api->remove_vlan(other));
    EXPECT(SAI_STATUS_ITEM_NOT_FOUND, vlan_api->get_vlan_attribute(other, 1, &attr));

    /* Only for 0 and 1 is a bool's byte sure in C; any other byte set means true, and is not undefined here. */
    sai_object_id_t rif;
    CREATE(
        router_interface_api, router_interface, &rif,
        OID(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID,
            GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID).oid),
        ENUM(SAI_ROUTER_INTERFACE_ATTR_TYPE, SAI_ROUTER_INTERFACE_TYPE_VLAN),
        OID(SAI_ROUTER_INTERFACE_ATTR_VLAN_ID, vlan));
    sai_neighbor_entry_t host = neighbor(rif, ip4(10, 0, 0, 2));
    const sai_attribute_t attrs[] = {
        MAC(SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS, 2, 0, 0, 0, 0, 2),
        U8(SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE, 0x80),
    };
    OK(neighbor_api->create_neighbor_entry(&host, COUNT(attrs), attrs));
    sai_attribute_t back = {.id = SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE, .value = {.u64 = ~0ul}};
    OK(neighbor_api->get_neighbor_entry_attribute(&host, 1, &back));
    CHECK(back.value.u8 == 1);
    /* The same key with other noise in its unused bytes is the same neighbour. */
    memset(&host.ip_address.addr.ip6[4], 0, 12);
    OK(neighbor_api->remove_neighbor_entry(&host));
    EXPECT(SAI_STATUS_INVALID_PARAMETER, neighbor_api->create_neighbor_entry(NULL, 1, attrs));

    if (HAS(neighbor, create_neighbor_entries)) {
        const sai_attribute_t *lists[] = {attrs};
        const uint32_t counts[] = {1};
        sai_status_t status = 1;
        OK(neighbor_api->create_neighbor_entries(
            1, &host, counts, lists, SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR, &status));
        OK(status);
        EXPECT(
            SAI_STATUS_INVALID_PARAMETER,
            neighbor_api->remove_neighbor_entries(1, &host, SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR, NULL));
        EXPECT(
            SAI_STATUS_INVALID_PARAMETER,
            neighbor_api->remove_neighbor_entries(1, &host, (sai_bulk_op_error_mode_t)2, &status));
        EXPECT(
            SAI_STATUS_INVALID_PARAMETER,
            neighbor_api->remove_neighbor_entries(0, &host, SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR, &status));
        OK(neighbor_api->remove_neighbor_entries(1, &host, SAI_BULK_OP_ERROR_MODE_STOP_ON_ERROR, &status));
    }

    /* After uninitialise a table that was kept still has functions, and they say what is wrong. */
    OK(library.sai_api_uninitialize());
    EXPECT(SAI_STATUS_UNINITIALIZED, vlan_api->get_vlan_attribute(vlan, 1, &attr));
    EXPECT(SAI_STATUS_UNINITIALIZED, neighbor_api->create_neighbor_entry(&host, 1, attrs));
    EXPECT(SAI_STATUS_UNINITIALIZED, switch_api->create_switch(&switch_id, 1, up));
    EXPECT(SAI_STATUS_UNINITIALIZED, hostif_api->send_hostif_packet(0, 0, NULL, 0, NULL));
    EXPECT(SAI_STATUS_UNINITIALIZED, neighbor_api->remove_all_neighbor_entries(switch_id));
    EXPECT(SAI_STATUS_UNINITIALIZED, library.sai_api_uninitialize());
    close_library();
    /* So does one of a library that was closed: it stays in memory. */
    EXPECT(SAI_STATUS_UNINITIALIZED, vlan_api->get_vlan_attribute(vlan, 1, &attr));
    open_library();
}
