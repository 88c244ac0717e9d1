/*
 * What a drop-in libsai.so may be asked by clients that nobody here has seen: every function with nothing, every type
 * of object, every API, dead and foreign ids, twice what should be done once. Exit 0 and "ok" on stdout, or the first
 * check that failed on stderr and exit 1.
 */

#include <sai_sim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what)                                                                          \
    do {                                                                                     \
        if (!(what)) {                                                                       \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);                       \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)
#define OK(call) CHECK((call) == SAI_STATUS_SUCCESS)
#define IS(call, status) CHECK((call) == (status))

static const sai_service_method_table_t services = {NULL, NULL};
static sai_switch_api_t *switch_api;
static sai_vlan_api_t *vlan_api;
static sai_port_api_t *port_api;

/* The tables that there are, and how many members each has. */
static void *tables[SAI_API_MAX];
static const struct {
    sai_api_t api;
    size_t members;
} known[] = {
#define TABLE(api, type) {api, sizeof(type) / sizeof(void *)}
    TABLE(SAI_API_SWITCH, sai_switch_api_t),
    TABLE(SAI_API_PORT, sai_port_api_t),
    TABLE(SAI_API_FDB, sai_fdb_api_t),
    TABLE(SAI_API_VLAN, sai_vlan_api_t),
    TABLE(SAI_API_VIRTUAL_ROUTER, sai_virtual_router_api_t),
    TABLE(SAI_API_ROUTE, sai_route_api_t),
    TABLE(SAI_API_NEXT_HOP, sai_next_hop_api_t),
    TABLE(SAI_API_NEXT_HOP_GROUP, sai_next_hop_group_api_t),
    TABLE(SAI_API_ROUTER_INTERFACE, sai_router_interface_api_t),
    TABLE(SAI_API_NEIGHBOR, sai_neighbor_api_t),
    TABLE(SAI_API_HOSTIF, sai_hostif_api_t),
    TABLE(SAI_API_LAG, sai_lag_api_t),
    TABLE(SAI_API_TUNNEL, sai_tunnel_api_t),
    TABLE(SAI_API_BRIDGE, sai_bridge_api_t),
    TABLE(SAI_API_ISOLATION_GROUP, sai_isolation_group_api_t),
};
#define KNOWN (sizeof known / sizeof known[0])

static sai_object_id_t create_switch(const char *hardware)
{
    sai_attribute_t attrs[5];
    memset(attrs, 0, sizeof attrs);
    attrs[0].id = SAI_SWITCH_ATTR_INIT_SWITCH;
    attrs[0].value.booldata = true;
    attrs[1].id = SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO;
    attrs[1].value.s8list.count = (uint32_t)strlen(hardware);
    attrs[1].value.s8list.list = (int8_t *)hardware;
    /* Callbacks that are NULL are none. */
    attrs[2].id = SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY;
    attrs[3].id = SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY;
    attrs[4].id = SAI_SWITCH_ATTR_SWITCH_STATE_CHANGE_NOTIFY;
    sai_object_id_t id = SAI_NULL_OBJECT_ID;
    OK(switch_api->create_switch(&id, 5, attrs));
    return id;
}

static sai_object_id_t create_vlan(sai_object_id_t switch_id, uint16_t number)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = SAI_VLAN_ATTR_VLAN_ID;
    attr.value.u16 = number;
    sai_object_id_t id = SAI_NULL_OBJECT_ID;
    OK(vlan_api->create_vlan(&id, switch_id, 1, &attr));
    return id;
}

static sai_object_id_t switch_oid(sai_object_id_t switch_id, sai_attr_id_t id)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = id;
    OK(switch_api->get_switch_attribute(switch_id, 1, &attr));
    return attr.value.oid;
}

/* Every API, those that are not there included: an answer, and on failure the place is as it was. */
static void every_api(void)
{
    void *const untouched = &tables;
    for (uint32_t api = 0; api < SAI_API_MAX + 8; api++) {
        void *table = untouched;
        sai_status_t status = sai_api_query((sai_api_t)api, &table);
        if (status == SAI_STATUS_SUCCESS) {
            CHECK(table && table != untouched);
            tables[api] = table;
        } else {
            int in_range = api != SAI_API_UNSPECIFIED && api < SAI_API_MAX;
            IS(status, in_range ? SAI_STATUS_NOT_IMPLEMENTED : SAI_STATUS_INVALID_PARAMETER);
            CHECK(table == untouched);
        }
        for (uint32_t level = 0; level < 8; level++) {
            int good = api != SAI_API_UNSPECIFIED && api < SAI_API_MAX && level <= SAI_LOG_LEVEL_CRITICAL;
            IS(sai_log_set((sai_api_t)api, (sai_log_level_t)level),
               good ? SAI_STATUS_SUCCESS : SAI_STATUS_INVALID_PARAMETER);
        }
    }
    size_t there = 0;
    for (uint32_t api = 0; api < SAI_API_MAX; api++) {
        there += tables[api] != NULL;
    }
    CHECK(there == KNOWN);
}

/* Every member of every table, called with nothing but, perhaps, a switch: refused. */
static void every_member(sai_object_id_t first)
{
    typedef sai_status_t (*member_t)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
    for (size_t i = 0; i < KNOWN; i++) {
        CHECK(tables[known[i].api]);
        for (size_t n = 0; n < known[i].members; n++) {
            void *member = ((void **)tables[known[i].api])[n];
            CHECK(member);
            if (first && (known[i].api == SAI_API_SWITCH || known[i].api == SAI_API_NEIGHBOR ||
                          known[i].api == SAI_API_FDB)) {
                /* Here a switch alone may be enough, or be taken for a pointer. */
                continue;
            }
            member_t call;
            memcpy(&call, &member, sizeof call);
            CHECK(call(first & 7, first, 0, 0, 0, 0, 0, 0) != SAI_STATUS_SUCCESS);
        }
    }
}

/* Every question about every type of object, with room for nothing, too little, and enough. */
static void every_type(sai_object_id_t switch_id)
{
    static sai_object_key_t keys[4096];
    for (uint32_t type = 0; type < SAI_OBJECT_TYPE_MAX + 8; type++) {
        sai_object_type_t object = (sai_object_type_t)type;
        int is_type = type != SAI_OBJECT_TYPE_NULL && type < SAI_OBJECT_TYPE_MAX;
        uint32_t count = 4711, most = 0;
        uint64_t room = 0;
        IS(sai_get_object_count(switch_id, object, &count),
           is_type ? SAI_STATUS_SUCCESS : SAI_STATUS_INVALID_PARAMETER);
        IS(sai_get_object_count(switch_id, object, NULL), SAI_STATUS_INVALID_PARAMETER);
        IS(sai_get_object_key(switch_id, object, NULL, keys), SAI_STATUS_INVALID_PARAMETER);
        if (is_type) {
            uint32_t there = 0;
            IS(sai_get_object_key(switch_id, object, &there, NULL),
               count ? SAI_STATUS_BUFFER_OVERFLOW : SAI_STATUS_SUCCESS);
            CHECK(there == count && count <= 4096);
            there = 4096;
            OK(sai_get_object_key(switch_id, object, &there, keys));
            CHECK(there == count);
        }
        sai_status_t status = sai_get_maximum_attribute_count(switch_id, object, &most);
        CHECK(status == SAI_STATUS_SUCCESS || status == SAI_STATUS_NOT_IMPLEMENTED || !is_type);
        status = sai_object_type_get_availability(switch_id, object, 0, NULL, &room);
        CHECK(status == SAI_STATUS_SUCCESS || status == SAI_STATUS_NOT_SUPPORTED ||
              status == SAI_STATUS_NOT_IMPLEMENTED || !is_type);
        CHECK(sai_object_type_get_availability(switch_id, object, 0, NULL, NULL) != SAI_STATUS_SUCCESS);
        sai_stat_capability_list_t counters = {0, NULL};
        status = sai_query_stats_capability(switch_id, object, &counters);
        CHECK(status != SAI_STATUS_SUCCESS);
        for (uint32_t attr = 0; attr < 300; attr++) {
            sai_attr_capability_t can;
            status = sai_query_attribute_capability(switch_id, object, attr, &can);
            CHECK((status == SAI_STATUS_SUCCESS) == (attr < most));
            CHECK(sai_query_attribute_capability(switch_id, object, attr, NULL) != SAI_STATUS_SUCCESS);
            int32_t values[160];
            sai_s32_list_t list = {0, NULL};
            status = sai_query_attribute_enum_values_capability(switch_id, object, attr, &list);
            if (status == SAI_STATUS_BUFFER_OVERFLOW) {
                CHECK(list.count > 0 && list.count < 160);
                uint32_t needed = list.count;
                list.list = values;
                OK(sai_query_attribute_enum_values_capability(switch_id, object, attr, &list));
                CHECK(list.count == needed);
            } else {
                CHECK(status != SAI_STATUS_SUCCESS);
            }
        }
    }
    /* Each attribute has its stage. */
    sai_attribute_t attrs[2];
    memset(attrs, 0, sizeof attrs);
    attrs[0].id = SAI_VLAN_ATTR_VLAN_ID;
    attrs[0].value.u16 = 7;
    attrs[1].id = SAI_VLAN_ATTR_LEARN_DISABLE;
    sai_object_stage_t stages[3] = {(sai_object_stage_t)77, (sai_object_stage_t)77, (sai_object_stage_t)77};
    OK(sai_query_object_stage(switch_id, SAI_OBJECT_TYPE_VLAN, 2, attrs, stages));
    CHECK(stages[0] == SAI_OBJECT_STAGE_BOTH && stages[1] == SAI_OBJECT_STAGE_BOTH);
    CHECK(stages[2] == (sai_object_stage_t)77);
}

/* Ids of what was, of what never was, and of another switch. */
static void ids(sai_object_id_t one, sai_object_id_t other)
{
    sai_object_id_t vlan = create_vlan(one, 100), foreign = create_vlan(other, 100), made;
    CHECK(sai_object_type_query(vlan) == SAI_OBJECT_TYPE_VLAN && sai_switch_id_query(vlan) == one);
    CHECK(sai_object_type_query(foreign) == SAI_OBJECT_TYPE_VLAN && sai_switch_id_query(foreign) == other);
    CHECK(sai_object_type_query(one) == SAI_OBJECT_TYPE_SWITCH && sai_switch_id_query(one) == one);
    OK(vlan_api->remove_vlan(vlan));
    const sai_object_id_t dead[] = {vlan, 0, 1, 0x1234, one ^ 1, UINT64_MAX, foreign ^ 0x40};
    for (size_t i = 0; i < sizeof dead / sizeof dead[0]; i++) {
        CHECK(sai_object_type_query(dead[i]) == SAI_OBJECT_TYPE_NULL);
        CHECK(sai_switch_id_query(dead[i]) == SAI_NULL_OBJECT_ID);
        CHECK(vlan_api->remove_vlan(dead[i]) != SAI_STATUS_SUCCESS);
    }
    sai_attribute_t attrs[2];
    memset(attrs, 0, sizeof attrs);
    attrs[0].id = SAI_VLAN_MEMBER_ATTR_VLAN_ID;
    attrs[0].value.oid = foreign;
    attrs[1].id = SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID;
    IS(vlan_api->create_vlan_member(&made, one, 2, attrs), SAI_STATUS_INVALID_ATTR_VALUE_0);
    /* What is listed as a switch's objects is that switch's. */
    sai_object_key_t keys[8];
    uint32_t count = 8;
    OK(sai_get_object_key(other, SAI_OBJECT_TYPE_VLAN, &count, keys));
    CHECK(count == 2 && keys[1].key.object_id == foreign);
    count = 8;
    IS(sai_get_object_key(foreign, SAI_OBJECT_TYPE_VLAN, &count, keys), SAI_STATUS_INVALID_OBJECT_TYPE);
    sai_attribute_t got = {.id = SAI_VLAN_ATTR_VLAN_ID}, *lists[2] = {&got, &got};
    uint32_t counts[2] = {1, 1};
    sai_status_t statuses[2];
    keys[0].key.object_id = vlan;
    IS(sai_bulk_get_attribute(other, SAI_OBJECT_TYPE_VLAN, 2, keys, counts, lists, statuses), SAI_STATUS_FAILURE);
    CHECK(statuses[0] != SAI_STATUS_SUCCESS && statuses[1] == SAI_STATUS_SUCCESS && got.value.u16 == 100);
}

static void dumps(const char *path)
{
    IS(sai_dbg_generate_dump(NULL), SAI_STATUS_INVALID_PARAMETER);
    IS(sai_dbg_generate_dump(""), SAI_STATUS_FAILURE);
    IS(sai_dbg_generate_dump("/"), SAI_STATUS_FAILURE);
    OK(sai_dbg_generate_dump(path));
    OK(sai_dbg_generate_dump(path));
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    for (int round = 0; round < 3; round++) {
        IS(sai_api_uninitialize(), SAI_STATUS_UNINITIALIZED);
        OK(sai_api_initialize(0, &services));
        IS(sai_api_initialize(0, &services), SAI_STATUS_FAILURE);
        every_api();
        switch_api = tables[SAI_API_SWITCH];
        vlan_api = tables[SAI_API_VLAN];
        port_api = tables[SAI_API_PORT];
        every_member(0);
        sai_object_id_t one = create_switch("one"), other = create_switch("other"), again = 0;
        CHECK(one != other);
        every_member(one);
        every_type(one);
        ids(one, other);
        dumps(argv[1]);
        /* Events to callbacks that are none, and to none at all. */
        sai_object_key_t ports[8];
        uint32_t count = 64;
        sai_object_key_t all[64];
        OK(sai_get_object_key(one, SAI_OBJECT_TYPE_PORT, &count, all));
        memcpy(ports, all, sizeof ports);
        OK(sai_sim_link(ports[1].key.object_id, 0));
        sai_attribute_t attr = {.id = SAI_PORT_ATTR_ADMIN_STATE, .value = {.booldata = true}};
        OK(port_api->set_port_attribute(ports[2].key.object_id, &attr));
        /* One goes with its objects, the other is left to uninitialise. */
        sai_object_id_t router = switch_oid(one, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID);
        OK(switch_api->remove_switch(one));
        IS(switch_api->remove_switch(one), SAI_STATUS_ITEM_NOT_FOUND);
        CHECK(sai_object_type_query(router) == SAI_OBJECT_TYPE_NULL);
        CHECK(sai_switch_id_query(router) == SAI_NULL_OBJECT_ID);
        again = create_switch("one");
        CHECK(again != one && again != other);
        OK(sai_api_uninitialize());
        IS(switch_api->remove_switch(again), SAI_STATUS_UNINITIALIZED);
        CHECK(sai_object_type_query(other) == SAI_OBJECT_TYPE_NULL);
    }
    puts("ok");
    return 0;
}
