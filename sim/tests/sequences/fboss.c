/* What an FBOSS-style client calls when it stops and starts: section 2.6 of the listed sequences, and rows 3 and 47. */

#include "fboss.h"

static void drop_callbacks(void)
{
    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY, NULL));
    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY, NULL));
    SET(switch_api, switch, switch_id, PTR(SAI_SWITCH_ATTR_PACKET_EVENT_NOTIFY, NULL));
    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY).ptr == NULL);
    row("fboss", 47);
}

/* Everything goes, in the order of a full shutdown. */
void fboss_cold_start(void)
{
    fboss_configure();
    drop_callbacks();
    const sai_object_type_t order[] = {
        SAI_OBJECT_TYPE_ROUTE_ENTRY,           SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, SAI_OBJECT_TYPE_FDB_ENTRY,
        SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER, SAI_OBJECT_TYPE_NEXT_HOP_GROUP, SAI_OBJECT_TYPE_NEXT_HOP,
        SAI_OBJECT_TYPE_ROUTER_INTERFACE,      SAI_OBJECT_TYPE_LAG_MEMBER,     SAI_OBJECT_TYPE_VLAN_MEMBER,
        SAI_OBJECT_TYPE_BRIDGE_PORT,           SAI_OBJECT_TYPE_LAG,            SAI_OBJECT_TYPE_HOSTIF_TRAP,
    };
    for (uint32_t t = 0; t < COUNT(order); t++) {
        struct keys keys = keys_of(order[t]);
        for (uint32_t k = 0; k < keys.count; k++) {
            sai_object_id_t id = keys.list[k].key.object_id;
            switch (order[t]) {
            case SAI_OBJECT_TYPE_ROUTE_ENTRY:
                OK(route_api->remove_route_entry(&keys.list[k].key.route_entry));
                break;
            case SAI_OBJECT_TYPE_NEIGHBOR_ENTRY:
                OK(neighbor_api->remove_neighbor_entry(&keys.list[k].key.neighbor_entry));
                break;
            case SAI_OBJECT_TYPE_FDB_ENTRY:
                OK(fdb_api->remove_fdb_entry(&keys.list[k].key.fdb_entry));
                break;
            case SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER:
                OK(next_hop_group_api->remove_next_hop_group_member(id));
                break;
            case SAI_OBJECT_TYPE_NEXT_HOP_GROUP: OK(next_hop_group_api->remove_next_hop_group(id)); break;
            case SAI_OBJECT_TYPE_NEXT_HOP: OK(next_hop_api->remove_next_hop(id)); break;
            case SAI_OBJECT_TYPE_ROUTER_INTERFACE: OK(router_interface_api->remove_router_interface(id)); break;
            case SAI_OBJECT_TYPE_LAG_MEMBER: OK(lag_api->remove_lag_member(id)); break;
            case SAI_OBJECT_TYPE_VLAN_MEMBER: OK(vlan_api->remove_vlan_member(id)); break;
            case SAI_OBJECT_TYPE_BRIDGE_PORT: OK(bridge_api->remove_bridge_port(id)); break;
            case SAI_OBJECT_TYPE_LAG: OK(lag_api->remove_lag(id)); break;
            default: OK(hostif_api->remove_hostif_trap(id)); break;
            }
        }
        free(keys.list);
        CHECK(keys_of(order[t]).count == 0);
    }
    OK(vlan_api->remove_vlan(f.vlan));
    OK(switch_api->remove_switch(switch_id));
    OK(library.sai_api_uninitialize());
}

/* The file of keys that the client keeps over a warm restart: a type and a key for each object. */
static FILE *key_file(const char *mode)
{
    const char *path = getenv("KEY_FILE");
    CHECK(path != NULL);
    FILE *file = fopen(path, mode);
    CHECK(file != NULL);
    return file;
}

void fboss_warm_exit(void)
{
    fboss_configure();
    drop_callbacks();
    SET(switch_api, switch, switch_id, BOOL(SAI_SWITCH_ATTR_RESTART_WARM, true));
    row("fboss-warm", 1);
    FILE *file = key_file("wb");
    for (uint32_t t = 0; t < COUNT(stored); t++) {
        struct keys keys = keys_of(stored[t]);
        for (uint32_t k = 0; k < keys.count; k++) {
            CHECK(fwrite(&stored[t], sizeof(stored[t]), 1, file) == 1);
            CHECK(fwrite(&keys.list[k], sizeof(keys.list[k]), 1, file) == 1);
        }
        free(keys.list);
    }
    CHECK(fclose(file) == 0);
    row("fboss-warm", 2);
    OK(switch_api->remove_switch(switch_id));
    OK(library.sai_api_uninitialize());
    row("fboss-warm", 3);
}

/* Every object of the key file is there under its old key, and nothing else. */
void fboss_warm_start(void)
{
    start_library();
    sai_attribute_t attrs[] = {
        BOOL(SAI_SWITCH_ATTR_INIT_SWITCH, true),
        {.id = SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO, .value = {.s8list = {5, (int8_t *)"0,0,0"}}},
    };
    OK(switch_api->create_switch(&switch_id, COUNT(attrs), attrs));
    SET(switch_api, switch, switch_id, MAC(SAI_SWITCH_ATTR_SRC_MAC_ADDRESS, 0x02, 0x90, 0xfb, 0, 0, 1));
    SET(switch_api, switch, switch_id, U32(SAI_SWITCH_ATTR_FDB_AGING_TIME, 300));
    CHECK(!GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_RESTART_WARM).booldata);
    CHECK(GET(switch_api, switch, switch_id, SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY).ptr == NULL);
    row("fboss", 3);

    FILE *file = key_file("rb");
    sai_object_type_t type;
    sai_object_key_t key;
    uint32_t known = 0;
    while (fread(&type, sizeof(type), 1, file) == 1) {
        CHECK(fread(&key, sizeof(key), 1, file) == 1);
        known++;
        if (is_entry(type) || getter_of(type) != NULL) {
            read_back(type, &key);
        }
        if (is_entry(type)) {
            sai_attribute_t first = {.id = 0};
            OK(read_one(type, &key, &first));
        } else {
            CHECK(library.sai_object_type_query(key.key.object_id) == type);
        }
    }
    CHECK(fclose(file) == 0);
    CHECK(known > 0 && reload() == known);
    row("fboss-warm", 4);

    /* What exists with the same meaning is taken over, and what nothing claims goes. */
    read_groups();
    struct keys routes = keys_of(SAI_OBJECT_TYPE_ROUTE_ENTRY);
    for (uint32_t k = 0; k < routes.count; k++) {
        sai_attribute_t action = ENUM(SAI_ROUTE_ENTRY_ATTR_PACKET_ACTION, SAI_PACKET_ACTION_FORWARD);
        EXPECT(
            SAI_STATUS_ITEM_ALREADY_EXISTS,
            route_api->create_route_entry(&routes.list[k].key.route_entry, 1, &action));
    }
    row("fboss-warm", 5);
    for (uint32_t k = 0; k < routes.count; k++) {
        OK(route_api->remove_route_entry(&routes.list[k].key.route_entry));
    }
    free(routes.list);
    row("fboss-warm", 6);
    OK(switch_api->remove_switch(switch_id));
    OK(library.sai_api_uninitialize());
}
