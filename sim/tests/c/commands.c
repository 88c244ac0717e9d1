/*
 * The commands of sai_sim.h, from C: exit 0 and "ok" on stdout, or the first check that failed on stderr and exit 1.
 */

#include <sai_sim.h>

#include <pthread.h>
#include <sched.h>
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

static const char *no_value(sai_switch_profile_id_t profile, const char *key)
{
    (void)profile;
    (void)key;
    return NULL;
}

static const sai_service_method_table_t services = {no_value, NULL};

static sai_switch_api_t *switch_api;
static sai_router_interface_api_t *rif_api;
static sai_neighbor_api_t *neighbor_api;
static sai_port_api_t *port_api;
static sai_bridge_api_t *bridge_api;
static sai_object_id_t switch_id, vr, vlan, bridge_port, port, rif;

/* What the callbacks saw. They return before the command does, so a plain variable will do. */
static sai_port_oper_status_t link_state;
static sai_fdb_event_t fdb_event;
static sai_switch_oper_status_t switch_state;
static unsigned links, events, states;

static void on_link(uint32_t count, const sai_port_oper_status_notification_t *data)
{
    CHECK(count == 1 && data->port_id == port);
    link_state = data->port_state;
    links++;
}

static void on_fdb(uint32_t count, const sai_fdb_event_notification_data_t *data)
{
    CHECK(count == 1 && data->fdb_entry.bv_id == vlan && data->fdb_entry.mac_address[5] == 5);
    fdb_event = data->event_type;
    events++;
}

static void on_switch(sai_object_id_t id, sai_switch_oper_status_t state)
{
    CHECK(id == switch_id);
    switch_state = state;
    states++;
}

static sai_object_id_t switch_oid(sai_attr_id_t id)
{
    sai_attribute_t attr = {.id = id};
    OK(switch_api->get_switch_attribute(switch_id, 1, &attr));
    return attr.value.oid;
}

static void start(void)
{
    OK(sai_api_initialize(0, &services));
    OK(sai_api_query(SAI_API_SWITCH, (void **)&switch_api));
    OK(sai_api_query(SAI_API_ROUTER_INTERFACE, (void **)&rif_api));
    OK(sai_api_query(SAI_API_NEIGHBOR, (void **)&neighbor_api));
    OK(sai_api_query(SAI_API_PORT, (void **)&port_api));
    OK(sai_api_query(SAI_API_BRIDGE, (void **)&bridge_api));
    sai_attribute_t attrs[4];
    memset(attrs, 0, sizeof attrs);
    attrs[0].id = SAI_SWITCH_ATTR_INIT_SWITCH;
    attrs[0].value.booldata = true;
    attrs[1].id = SAI_SWITCH_ATTR_PORT_STATE_CHANGE_NOTIFY;
    attrs[1].value.ptr = (void *)on_link;
    attrs[2].id = SAI_SWITCH_ATTR_FDB_EVENT_NOTIFY;
    attrs[2].value.ptr = (void *)on_fdb;
    attrs[3].id = SAI_SWITCH_ATTR_SWITCH_STATE_CHANGE_NOTIFY;
    attrs[3].value.ptr = (void *)on_switch;
    OK(switch_api->create_switch(&switch_id, 4, attrs));
    vr = switch_oid(SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID);
    vlan = switch_oid(SAI_SWITCH_ATTR_DEFAULT_VLAN_ID);

    sai_object_key_t ports[64];
    uint32_t count = 64;
    OK(sai_get_object_key(switch_id, SAI_OBJECT_TYPE_BRIDGE_PORT, &count, ports));
    CHECK(count > 1);
    /* The first is the bridge's own way to the router; the second is that of a front panel port. */
    bridge_port = ports[1].key.object_id;
    sai_attribute_t attr = {.id = SAI_BRIDGE_PORT_ATTR_PORT_ID};
    OK(bridge_api->get_bridge_port_attribute(bridge_port, 1, &attr));
    port = attr.value.oid;
    attr.id = SAI_PORT_ATTR_ADMIN_STATE;
    attr.value.booldata = true;
    OK(port_api->set_port_attribute(port, &attr));
    attr.id = SAI_BRIDGE_PORT_ATTR_ADMIN_STATE;
    attr.value.booldata = true;
    OK(bridge_api->set_bridge_port_attribute(bridge_port, &attr));

    memset(attrs, 0, sizeof attrs);
    attrs[0].id = SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID;
    attrs[0].value.oid = vr;
    attrs[1].id = SAI_ROUTER_INTERFACE_ATTR_TYPE;
    attrs[1].value.s32 = SAI_ROUTER_INTERFACE_TYPE_VLAN;
    attrs[2].id = SAI_ROUTER_INTERFACE_ATTR_VLAN_ID;
    attrs[2].value.oid = vlan;
    OK(rif_api->create_router_interface(&rif, switch_id, 3, attrs));
}

static sai_status_t create(uint8_t host)
{
    sai_neighbor_entry_t entry;
    memset(&entry, 0, sizeof entry);
    entry.switch_id = switch_id;
    entry.rif_id = rif;
    entry.ip_address.addr_family = SAI_IP_ADDR_FAMILY_IPV4;
    uint8_t bytes[4] = {10, 0, 0, host};
    memcpy(&entry.ip_address.addr.ip4, bytes, 4);
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS;
    attr.value.mac[0] = 2;
    attr.value.mac[5] = host;
    return neighbor_api->create_neighbor_entry(&entry, 1, &attr);
}

static sai_sim_verdict_t forward(void)
{
    sai_ip_address_t to;
    memset(&to, 0, sizeof to);
    to.addr_family = SAI_IP_ADDR_FAMILY_IPV4;
    uint8_t bytes[4] = {10, 0, 0, 5};
    memcpy(&to.addr.ip4, bytes, 4);
    sai_sim_verdict_t verdict;
    OK(sai_sim_forward(vr, &to, &verdict));
    return verdict;
}

static void *hang(void *status)
{
    *(sai_status_t *)status = create(9);
    return NULL;
}

int main(void)
{
    const sai_mac_t mac = {2, 0, 0, 0, 0, 5};
    uint64_t calls, entries, hanging = 0;

    CHECK(sai_sim_link(1, 1) == SAI_STATUS_UNINITIALIZED);
    start();

    /* Learned, seen, forwarded; and each step told. */
    OK(create(5));
    CHECK(forward().kind == SAI_SIM_VERDICT_FLOOD && forward().where == vlan);
    OK(sai_sim_hear(vlan, &mac, bridge_port));
    CHECK(events == 1 && fdb_event == SAI_FDB_EVENT_LEARNED);
    sai_sim_verdict_t verdict = forward();
    CHECK(verdict.kind == SAI_SIM_VERDICT_PORT && verdict.where == port && !memcmp(verdict.mac, mac, 6));
    OK(sai_sim_link(port, 0));
    /* The first was that the port was enabled. */
    CHECK(links == 2 && link_state == SAI_PORT_OPER_STATUS_DOWN && forward().kind == SAI_SIM_VERDICT_DROP);
    OK(sai_sim_link(port, 1));
    CHECK(links == 3 && link_state == SAI_PORT_OPER_STATUS_UP);
    OK(sai_sim_age(vlan, &mac));
    CHECK(events == 2 && fdb_event == SAI_FDB_EVENT_AGED);
    CHECK(sai_sim_age(vlan, &mac) == SAI_STATUS_ITEM_NOT_FOUND);
    OK(sai_sim_hear(vlan, &mac, bridge_port));
    OK(sai_sim_flush(bridge_port));
    CHECK(events == 4 && fdb_event == SAI_FDB_EVENT_FLUSHED);
    OK(sai_sim_switch_state(switch_id, SAI_SWITCH_OPER_STATUS_FAILED));
    CHECK(states == 1 && switch_state == SAI_SWITCH_OPER_STATUS_FAILED);

    /* Counts. */
    OK(sai_sim_calls(switch_id, "create_neighbor_entry", &calls, &entries));
    CHECK(calls == 1 && entries == 1);
    OK(sai_sim_reset_calls(switch_id));
    OK(sai_sim_calls(switch_id, "create_neighbor_entry", &calls, &entries));
    CHECK(calls == 0 && entries == 0);

    /* What the hardware holds. */
    sai_sim_neighbor_t hosts[2];
    sai_sim_fdb_entry_t macs[2];
    sai_object_id_t ids[4];
    sai_sim_host_table_t host_table;
    memset(hosts, 0, sizeof hosts);
    uint32_t count = 0;
    CHECK(sai_sim_neighbors(switch_id, &count, NULL) == SAI_STATUS_BUFFER_OVERFLOW && count == 1);
    OK(sai_sim_neighbors(switch_id, &count, hosts));
    CHECK(count == 1 && hosts[0].rif_id == rif && !memcmp(hosts[0].mac, mac, 6) && !hosts[0].no_host_route);
    CHECK(hosts[0].ip_address.addr_family == SAI_IP_ADDR_FAMILY_IPV4);
    CHECK(!memcmp(&hosts[0].ip_address.addr.ip4, "\x0a\x00\x00\x05", 4));
    count = 0;
    OK(sai_sim_fdb(switch_id, &count, NULL));
    CHECK(count == 0);
    OK(sai_sim_hear(vlan, &mac, bridge_port));
    count = 2;
    OK(sai_sim_fdb(switch_id, &count, macs));
    CHECK(count == 1 && macs[0].bv_id == vlan && macs[0].bridge_port_id == bridge_port);
    CHECK(!memcmp(macs[0].mac, mac, 6) && !macs[0].is_static);
    count = 0;
    OK(sai_sim_routes(switch_id, &count, NULL));
    CHECK(count == 0);
    count = 4;
    OK(sai_sim_objects(switch_id, SAI_OBJECT_TYPE_ROUTER_INTERFACE, &count, ids));
    CHECK(count == 1 && ids[0] == rif);
    CHECK(sai_sim_objects(switch_id, SAI_OBJECT_TYPE_MAX, &count, ids) == SAI_STATUS_INVALID_PARAMETER);
    OK(sai_sim_host_table(switch_id, &host_table));
    CHECK(host_table.taken == 1 && host_table.slots > 1 && host_table.moved == 0 && host_table.bytes > 0);

    /* What is answered before it is done, and time. */
    uint64_t waiting, lost, landed, before, after;
    OK(sai_sim_set_faults(switch_id, "create neighbor late", 1));
    OK(create(7));
    OK(sai_sim_late(switch_id, &waiting, &lost));
    OK(sai_sim_host_table(switch_id, &host_table));
    CHECK(waiting == 1 && lost == 0 && host_table.taken == 1);
    CHECK(sai_sim_land(switch_id, NULL) == SAI_STATUS_INVALID_PARAMETER);
    OK(sai_sim_land(switch_id, &landed));
    OK(sai_sim_host_table(switch_id, &host_table));
    CHECK(landed == 1 && host_table.taken == 2);
    OK(sai_sim_clock(switch_id, &before));
    OK(sai_sim_advance(switch_id, 1000));
    OK(sai_sim_clock(switch_id, &after));
    CHECK(after == before + 1000);

    /* Faults, and a call that hangs. */
    OK(sai_sim_set_faults(switch_id, "create neighbor 10.0.0.6 fail TABLE_FULL; create neighbor 10.0.0.9 hang", 1));
    CHECK(create(6) == SAI_STATUS_TABLE_FULL);
    CHECK(sai_sim_set_faults(switch_id, "create neighbor explode", 1) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(create(6) == SAI_STATUS_TABLE_FULL);
    sai_status_t status = -4711;
    pthread_t thread;
    CHECK(!pthread_create(&thread, NULL, hang, &status));
    while (!hanging) {
        OK(sai_sim_hanging(switch_id, &hanging));
        sched_yield();
    }
    CHECK(hanging == 1);
    OK(sai_sim_release_hangs(switch_id));
    CHECK(!pthread_join(thread, NULL) && status == SAI_STATUS_SUCCESS);
    OK(sai_sim_set_faults(switch_id, "", 1));
    OK(create(6));

    /* All changes late. */
    OK(sai_sim_set_async(switch_id, "command"));
    OK(create(8));
    OK(sai_sim_late(switch_id, &waiting, &lost));
    CHECK(waiting == 1);
    OK(sai_sim_land(switch_id, &landed));
    CHECK(landed == 1);

    /* What is wrong. */
    CHECK(sai_sim_set_async(switch_id, "someday") == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_link(0, 1) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_link(vlan, 1) == SAI_STATUS_INVALID_OBJECT_TYPE);
    CHECK(sai_sim_hear(vlan, NULL, bridge_port) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_set_faults(switch_id, NULL, 1) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_forward(vr, NULL, &verdict) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_hanging(switch_id, NULL) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_calls(switch_id, "create_neighbor_entry", NULL, &entries) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_neighbors(switch_id, NULL, hosts) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_fdb(switch_id, NULL, macs) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_routes(switch_id, NULL, NULL) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_host_table(switch_id, NULL) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_late(switch_id, &waiting, NULL) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_clock(switch_id, NULL) == SAI_STATUS_INVALID_PARAMETER);
    CHECK(sai_sim_misuse(switch_id, NULL) == SAI_STATUS_INVALID_PARAMETER);
    OK(switch_api->remove_switch(switch_id));
    CHECK(sai_sim_flush(bridge_port) == SAI_STATUS_ITEM_NOT_FOUND);

    /* What nobody should do is counted, here and after the end. */
    sai_sim_misuse_t misuse;
    sai_attribute_t attr = {.id = SAI_SWITCH_ATTR_CPU_PORT};
    OK(sai_sim_misuse(SAI_NULL_OBJECT_ID, &misuse));
    CHECK(misuse.after_end == 0 && misuse.padding == 0);
    uint64_t stale = misuse.stale_switch;
    CHECK(switch_api->get_switch_attribute(switch_id, 1, &attr) == SAI_STATUS_ITEM_NOT_FOUND);
    OK(sai_sim_misuse(SAI_NULL_OBJECT_ID, &misuse));
    CHECK(misuse.stale_switch == stale + 1);
    OK(sai_api_uninitialize());
    CHECK(switch_api->get_switch_attribute(switch_id, 1, &attr) == SAI_STATUS_UNINITIALIZED);
    OK(sai_sim_misuse(SAI_NULL_OBJECT_ID, &misuse));
    CHECK(misuse.after_end == 1);
    puts("ok");
    return 0;
}
