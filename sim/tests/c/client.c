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

static const sai_service_method_table_t services = {get_value, get_next_value};

static sai_switch_api_t *switch_api;
static sai_vlan_api_t *vlan_api;
static sai_lag_api_t *lag_api;
static sai_router_interface_api_t *rif_api;
static sai_neighbor_api_t *neighbor_api;
static sai_fdb_api_t *fdb_api;
static sai_route_api_t *route_api;

static void query_all(void)
{
    OK(sai_api_query(SAI_API_SWITCH, (void **)&switch_api));
    OK(sai_api_query(SAI_API_VLAN, (void **)&vlan_api));
    OK(sai_api_query(SAI_API_LAG, (void **)&lag_api));
    OK(sai_api_query(SAI_API_ROUTER_INTERFACE, (void **)&rif_api));
    OK(sai_api_query(SAI_API_NEIGHBOR, (void **)&neighbor_api));
    OK(sai_api_query(SAI_API_FDB, (void **)&fdb_api));
    OK(sai_api_query(SAI_API_ROUTE, (void **)&route_api));
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

/* Initialise answers INVALID_PARAMETER to the profile given on the command line. */
static void scenario_bad_profile(void)
{
    IS(sai_api_initialize(0, &services), SAI_STATUS_INVALID_PARAMETER);
    void *table = NULL;
    IS(sai_api_query(SAI_API_SWITCH, &table), SAI_STATUS_UNINITIALIZED);
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
        {"bad-profile", scenario_bad_profile},
        {"no-bulk", scenario_no_bulk},
        {"lazy-table", scenario_lazy_table},
        {"chatter", scenario_chatter},
        {"dump", scenario_dump},
        {"threads", scenario_threads},
        {"fill-and-die", scenario_fill_and_die},
        {"fill-and-crash", scenario_fill_and_crash},
        {"fill-and-remove", scenario_fill_and_remove},
        {"fill-and-restart", scenario_fill_and_restart},
        {"resume", scenario_resume},
        {"resume-crashed", scenario_resume_crashed},
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
