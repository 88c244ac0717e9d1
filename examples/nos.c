/*
 * A small NOS: it owns SAI, creates its topology, and links mlagsync.
 *
 *   nos pair A B          two switches in this process, A and B being addresses of this machine: each tells the other one
 *                         what it learned
 *   nos peer A B COUNT    one switch with address A; the other end, B, is a daemon. Learns 10.16.1.1 to 10.16.1.3, waits until
 *                         COUNT neighbours of the peer's are in its ASIC, and goes
 *   nos idle              one switch without a channel; started, told everything once, and stopped
 *   nos time              how long mlagsync_start() takes, and until the first question is answered; 100 times
 *
 * Compiled with sai.h and mlagsync.h, and linked with libsai and libmlagsync. With NOS_LOCKED, NOS_OWN_THREAD or
 * NOS_NOS_THREAD in the environment it lets its own lock guard SAI, or calls SAI on its own thread; with NOS_ALL mlagsync
 * writes the hosts that were learned here, too.
 */

#include <mlagsync.h>
#include <sai.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long anything may take on a machine that has other things to do. */
enum { PATIENCE_S = 60 };

#define VLAN 10
#define TCP_PORT 2048

/* ---- Saying what went wrong -------------------------------------------------------------------------------------- */

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "nos: %s: %s\n", what, why);
    exit(1);
}

static void sai_must(const char *what, sai_status_t status)
{
    if (status != SAI_STATUS_SUCCESS) {
        char why[32];
        snprintf(why, sizeof why, "SAI status %d", (int)status);
        fail(what, why);
    }
}

static void must(const char *what, mlagsync_result_t result)
{
    if (result != MLAGSYNC_OK) {
        char why[512], text[1024];
        mlagsync_last_error(why, sizeof why);
        snprintf(text, sizeof text, "%s: %s", mlagsync_result_name(result), why);
        fail(what, text);
    }
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- The NOS's own SAI ------------------------------------------------------------------------------------------- */

static sai_switch_api_t *switch_api;
static sai_vlan_api_t *vlan_api;
static sai_bridge_api_t *bridge_api;
static sai_router_interface_api_t *rif_api;

static const char *profile_get_value(sai_switch_profile_id_t profile, const char *variable)
{
    (void)profile;
    (void)variable;
    return NULL;
}

static int profile_get_next_value(sai_switch_profile_id_t profile, const char **variable, const char **value)
{
    (void)profile;
    (void)variable;
    (void)value;
    return -1;
}

static void sai_up(const sai_service_method_table_t *services)
{
    sai_must("sai_api_initialize", sai_api_initialize(0, services));
    sai_must("the switch's functions", sai_api_query(SAI_API_SWITCH, (void **)&switch_api));
    sai_must("the VLANs' functions", sai_api_query(SAI_API_VLAN, (void **)&vlan_api));
    sai_must("the bridges' functions", sai_api_query(SAI_API_BRIDGE, (void **)&bridge_api));
    sai_must("the router interfaces' functions", sai_api_query(SAI_API_ROUTER_INTERFACE, (void **)&rif_api));
}

static sai_attribute_t attribute(sai_attr_id_t id)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof attr);
    attr.id = id;
    return attr;
}

static sai_object_id_t switch_oid(sai_object_id_t switch_id, sai_attr_id_t id)
{
    sai_attribute_t attr = attribute(id);
    sai_must("get_switch_attribute", switch_api->get_switch_attribute(switch_id, 1, &attr));
    return attr.value.oid;
}

/* One switch of the NOS's, with what mlagsync is told of it. */
struct box {
    const char *name;
    sai_object_id_t switch_id;
    sai_object_id_t vlan;
    sai_object_id_t rif;
    sai_object_id_t peer_link_port;
    mlagsync_t *sync;
    /* Keeps the NOS's SAI calls and mlagsync's apart. */
    pthread_mutex_t sai;
    int locked;
    /* What the events said. */
    pthread_mutex_t news;
    int ups, self_ready, released, ends;
    /* The thread that makes mlagsync's SAI calls, where the NOS wants that. */
    pthread_t worker;
    int has_worker;
};

static void create_topology(struct box *box)
{
    sai_attribute_t attrs[3];
    attrs[0] = attribute(SAI_SWITCH_ATTR_INIT_SWITCH);
    attrs[0].value.booldata = true;
    attrs[1] = attribute(SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO);
    attrs[1].value.s8list.count = (uint32_t)strlen(box->name) + 1;
    attrs[1].value.s8list.list = (int8_t *)(uintptr_t)box->name;
    sai_must("create_switch", switch_api->create_switch(&box->switch_id, 2, attrs));

    attrs[0] = attribute(SAI_VLAN_ATTR_VLAN_ID);
    attrs[0].value.u16 = VLAN;
    sai_must("create_vlan", vlan_api->create_vlan(&box->vlan, box->switch_id, 1, attrs));

    attrs[0] = attribute(SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID);
    attrs[0].value.oid = switch_oid(box->switch_id, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID);
    attrs[1] = attribute(SAI_ROUTER_INTERFACE_ATTR_TYPE);
    attrs[1].value.s32 = SAI_ROUTER_INTERFACE_TYPE_VLAN;
    attrs[2] = attribute(SAI_ROUTER_INTERFACE_ATTR_VLAN_ID);
    attrs[2].value.oid = box->vlan;
    sai_must("create_router_interface", rif_api->create_router_interface(&box->rif, box->switch_id, 3, attrs));

    /* Every port of the simulator has a bridge port; the first one is the peer-link here. */
    sai_object_id_t ports[512];
    sai_object_id_t bridge = switch_oid(box->switch_id, SAI_SWITCH_ATTR_DEFAULT_1Q_BRIDGE_ID);
    attrs[0] = attribute(SAI_BRIDGE_ATTR_PORT_LIST);
    attrs[0].value.objlist.count = sizeof ports / sizeof ports[0];
    attrs[0].value.objlist.list = ports;
    sai_must("get_bridge_attribute", bridge_api->get_bridge_attribute(bridge, 1, attrs));
    if (attrs[0].value.objlist.count == 0) {
        fail("create_topology", "there is no bridge port");
    }
    box->peer_link_port = ports[0];
}

/* ---- What mlagsync calls ----------------------------------------------------------------------------------------- */

static void take_sai(void *userdata)
{
    pthread_mutex_lock(&((struct box *)userdata)->sai);
}

static void give_sai(void *userdata)
{
    struct box *box = userdata;
    box->locked++;
    pthread_mutex_unlock(&box->sai);
}

static void on_event(void *userdata, const mlagsync_event_t *event)
{
    struct box *box = userdata;
    pthread_mutex_lock(&box->news);
    switch (event->type) {
    case MLAGSYNC_EVENT_SESSION_UP:
        box->ups++;
        break;
    case MLAGSYNC_EVENT_SYNC_ENDED:
        box->ends++;
        break;
    case MLAGSYNC_EVENT_SELF_READY:
        box->self_ready = event->state != MLAGSYNC_READY_WAITING;
        break;
    case MLAGSYNC_EVENT_RELEASED:
        box->released++;
        break;
    default:
        break;
    }
    pthread_mutex_unlock(&box->news);
}

static void on_log(void *userdata, int32_t level, const char *target, const char *text)
{
    struct box *box = userdata;
    (void)level;
    if (getenv("NOS_VERBOSE")) {
        fprintf(stderr, "%s: %s: %s\n", box->name, target, text);
    }
}

/* A thread of the NOS's that makes all SAI calls. */
static void *work(void *userdata)
{
    struct box *box = userdata;
    int32_t more = 0;
    while (mlagsync_run_batches(box->sync, 50, &more) == MLAGSYNC_OK) {
    }
    return NULL;
}

/* ---- One switch with mlagsync ------------------------------------------------------------------------------------ */

static mlagsync_ip_t ip4(uint32_t address)
{
    mlagsync_ip_t ip;
    memset(&ip, 0, sizeof ip);
    ip.family = 4;
    address = htonl(address);
    memcpy(ip.octets, &address, 4);
    return ip;
}

static mlagsync_ip_t parse_ip(const char *text)
{
    mlagsync_ip_t ip;
    memset(&ip, 0, sizeof ip);
    if (inet_pton(AF_INET, text, ip.octets) == 1) {
        ip.family = 4;
    } else if (inet_pton(AF_INET6, text, ip.octets) == 1) {
        ip.family = 6;
    } else {
        fail(text, "is no address");
    }
    return ip;
}

static mlagsync_interface_t vlanif(void)
{
    mlagsync_interface_t interface;
    memset(&interface, 0, sizeof interface);
    interface.kind = MLAGSYNC_INTERFACE_VLAN;
    interface.number = VLAN;
    return interface;
}

static void box_make(struct box *box, const char *name)
{
    memset(box, 0, sizeof *box);
    box->name = name;
    pthread_mutex_init(&box->sai, NULL);
    pthread_mutex_init(&box->news, NULL);
    create_topology(box);
}

static void box_start(struct box *box)
{
    mlagsync_builder_t *builder = NULL;
    mlagsync_sai_t sai = MLAGSYNC_INIT(mlagsync_sai_t);

    must("mlagsync_builder_new", mlagsync_builder_new(box->name, &builder));
    sai.switch_oid = box->switch_id;
#ifndef NOS_LINKED
    /* A library that was made with FEATURES=linked knows them by itself. */
    sai.api_query = (mlagsync_function_t)sai_api_query;
    sai.query_api_version = (mlagsync_function_t)sai_query_api_version;
    sai.get_object_count = (mlagsync_function_t)sai_get_object_count;
    sai.get_object_key = (mlagsync_function_t)sai_get_object_key;
    sai.object_type_get_availability = (mlagsync_function_t)sai_object_type_get_availability;
#endif
    must("mlagsync_builder_sai", mlagsync_builder_sai(builder, &sai));
    must("mlagsync_builder_on_event", mlagsync_builder_on_event(builder, box, on_event));
    must("mlagsync_builder_on_log", mlagsync_builder_on_log(builder, box, on_log, MLAGSYNC_LOG_INFO));
    if (getenv("NOS_NOS_THREAD")) {
        must("calls_on_nos_thread", mlagsync_builder_calls_on_nos_thread(builder));
    } else if (!getenv("NOS_OWN_THREAD")) {
        must("calls_locked", mlagsync_builder_calls_locked(builder, box, take_sai, give_sai));
    }
    if (getenv("NOS_ALL")) {
        must("mlagsync_builder_ownership", mlagsync_builder_ownership(builder, MLAGSYNC_OWNERSHIP_ALL));
    }
    must("mlagsync_start", mlagsync_start(builder, &box->sync));
    must("mlagsync_builder_free", mlagsync_builder_free(builder));
    if (getenv("NOS_NOS_THREAD")) {
        box->has_worker = pthread_create(&box->worker, NULL, work, box) == 0;
    }
}

static void box_up(struct box *box, const char *name)
{
    box_make(box, name);
    box_start(box);
}

/* Everything that mlagsync is told once: the interface, the M-LAG, the peer-link, and that this was all. */
static void tell(struct box *box, uint32_t router)
{
    mlagsync_subnet_t subnet;
    mlagsync_binding_t binding = MLAGSYNC_INIT(mlagsync_binding_t);
    mlagsync_member_t member = MLAGSYNC_INIT(mlagsync_member_t);
    mlagsync_peer_link_t peer_link = MLAGSYNC_INIT(mlagsync_peer_link_t);
    /* The gateway's virtual MAC, which both switches of a pair have. */
    const uint8_t mac[6] = {0, 0, 0x5e, 0, 1, VLAN};

    subnet.ip = ip4(router);
    subnet.prefix_length = 16;
    binding.interface = vlanif();
    binding.rif = box->rif;
    binding.footing = MLAGSYNC_FOOTING_VLAN;
    binding.footing_oid = box->vlan;
    memcpy(binding.mac, mac, sizeof mac);
    binding.addresses = &subnet;
    binding.address_count = 1;
    must("mlagsync_bind", mlagsync_bind(box->sync, &binding));

    member.mlag = 1;
    member.local = MLAGSYNC_LINK_FORWARDING;
    member.peer = MLAGSYNC_LINK_FORWARDING;
    must("mlagsync_member", mlagsync_member(box->sync, &member));

    peer_link.state = MLAGSYNC_LINK_FORWARDING;
    peer_link.bridge_port = box->peer_link_port;
    must("mlagsync_peer_link", mlagsync_peer_link(box->sync, &peer_link));
}

/* Hosts that this switch heard: first, first + 1, … */
static void learn(struct box *box, uint32_t first, uint32_t count)
{
    mlagsync_learned_t *items = calloc(count, sizeof *items);
    size_t taken = 0;
    for (uint32_t n = 0; n < count; n++) {
        items[n].struct_size = sizeof items[n];
        items[n].key.interface = vlanif();
        items[n].key.ip = ip4(first + n);
        items[n].attachment = MLAGSYNC_ATTACHMENT_ORPHAN;
        items[n].mac[0] = 2;
        items[n].mac[5] = (uint8_t)(first + n);
        items[n].fresh = 1;
    }
    for (size_t done = 0; done < count; done += taken) {
        mlagsync_result_t result = mlagsync_learned(box->sync, items + done, count - done, 1000, &taken);
        if (result != MLAGSYNC_AGAIN) {
            must("mlagsync_learned", result);
        }
    }
    free(items);
}

static void connect_boxes(struct box *box, const char *source, const char *peer)
{
    char diagnostics[1024];
    mlagsync_channel_t channel = MLAGSYNC_INIT(mlagsync_channel_t);
    channel.dfs_group = 1;
    channel.source = parse_ip(source);
    channel.peer = parse_ip(peer);
    channel.tcp_port = TCP_PORT;
    must("mlagsync_configure_channel",
         mlagsync_configure_channel(box->sync, &channel, diagnostics, sizeof diagnostics, NULL));
}

/* Hosts of the peer's that the ASIC holds, as mlagsync knows. */
static uint64_t programmed(struct box *box)
{
    mlagsync_counts_t counts = MLAGSYNC_INIT(mlagsync_counts_t);
    must("mlagsync_counts", mlagsync_counts(box->sync, &counts));
    return counts.programmed;
}

static void breathe(void)
{
    const struct timespec moment = {0, 10 * 1000 * 1000};
    nanosleep(&moment, NULL);
}

static void await_programmed(struct box *box, uint64_t count)
{
    double end = now_s() + PATIENCE_S;
    while (programmed(box) != count) {
        if (now_s() > end) {
            mlagsync_session_t session = MLAGSYNC_INIT(mlagsync_session_t);
            must("mlagsync_session", mlagsync_session(box->sync, &session));
            fail("waited in vain for the peer's hosts", session.text);
        }
        breathe();
    }
}

static void await_news(struct box *box, const char *what, const int *counter)
{
    double end = now_s() + PATIENCE_S;
    int seen = 0;
    while (!seen) {
        pthread_mutex_lock(&box->news);
        seen = *counter;
        pthread_mutex_unlock(&box->news);
        if (now_s() > end) {
            fail("waited in vain for", what);
        }
        breathe();
    }
}

/* The ASIC read back by mlagsync itself. */
static void verify(struct box *box, uint64_t count)
{
    mlagsync_verdict_t verdict = MLAGSYNC_INIT(mlagsync_verdict_t);
    must("mlagsync_verify", mlagsync_verify(box->sync, &verdict));
    if (!verdict.clean || verdict.equal != count) {
        fail("mlagsync_verify", "the ASIC does not hold what it should");
    }
}

/* A walk through all claims of the peer's, two pages at least. */
static size_t walk(struct box *box)
{
    mlagsync_neighbor_t rows[3];
    mlagsync_filter_t filter = MLAGSYNC_INIT(mlagsync_filter_t);
    mlagsync_cursor_t cursor = MLAGSYNC_CURSOR_BEGIN;
    size_t all = 0, count = 0;
    filter.origin = MLAGSYNC_ORIGIN_REMOTE;
    while (cursor != MLAGSYNC_CURSOR_END) {
        must("mlagsync_neighbors",
             mlagsync_neighbors(box->sync, &filter, rows, sizeof rows[0], 3, &cursor, &count));
        all += count;
    }
    return all;
}

static void box_down(struct box *box)
{
    mlagsync_interface_t interface = vlanif();
    must("mlagsync_unbind", mlagsync_unbind(box->sync, &interface));
    await_news(box, "the interface's release", &box->released);
    /* The router interface is nobody's now, and the NOS may remove it. */
    pthread_mutex_lock(&box->sai);
    sai_must("remove_router_interface", rif_api->remove_router_interface(box->rif));
    pthread_mutex_unlock(&box->sai);
    must("mlagsync_stop", mlagsync_stop(box->sync, 0));
    if (box->has_worker) {
        pthread_join(box->worker, NULL);
    }
    must("mlagsync_free", mlagsync_free(box->sync));
    pthread_mutex_destroy(&box->sai);
    pthread_mutex_destroy(&box->news);
}

/* ---- What it does ------------------------------------------------------------------------------------------------ */

static void pair(const char *a, const char *b)
{
    struct box left, right;
    box_up(&left, "nos-left");
    box_up(&right, "nos-right");
    tell(&left, 0x0a100001);
    tell(&right, 0x0a100002);
    learn(&left, 0x0a100101, 7);
    learn(&right, 0x0a100201, 5);
    must("mlagsync_local_complete", mlagsync_local_complete(left.sync));
    must("mlagsync_local_complete", mlagsync_local_complete(right.sync));
    connect_boxes(&left, a, b);
    connect_boxes(&right, b, a);
    await_programmed(&left, 5);
    await_programmed(&right, 7);
    await_news(&left, "readiness", &left.self_ready);
    await_news(&right, "readiness", &right.self_ready);
    if (!getenv("NOS_NOS_THREAD")) {
        verify(&left, 5);
        verify(&right, 7);
    }
    if (walk(&left) != 5 || walk(&right) != 7) {
        fail("mlagsync_neighbors", "not all claims were shown");
    }
    /* A host that is gone here is gone there. */
    mlagsync_key_t key;
    size_t taken = 0;
    memset(&key, 0, sizeof key);
    key.interface = vlanif();
    key.ip = ip4(0x0a100101);
    must("mlagsync_forgotten", mlagsync_forgotten(left.sync, &key, 1, 1000, &taken));
    await_programmed(&right, 6);
    if (!getenv("NOS_NOS_THREAD") && !getenv("NOS_OWN_THREAD") && left.locked == 0) {
        fail("the lock", "was never asked for");
    }
    box_down(&left);
    box_down(&right);
}

static void peer(const char *a, const char *b, uint64_t count)
{
    struct box box;
    box_up(&box, "nos");
    tell(&box, 0x0a100001);
    learn(&box, 0x0a100101, 3);
    must("mlagsync_local_complete", mlagsync_local_complete(box.sync));
    connect_boxes(&box, a, b);
    await_programmed(&box, count);
    await_news(&box, "readiness", &box.self_ready);
    /* The daemon's test looks for these three while we stay; a line tells it when. */
    puts("programmed");
    fflush(stdout);
    while (getchar() != EOF) {
    }
    box_down(&box);
}

static void idle(void)
{
    struct box box;
    box_up(&box, "nos");
    tell(&box, 0x0a100001);
    learn(&box, 0x0a100101, 100);
    must("mlagsync_local_complete", mlagsync_local_complete(box.sync));
    box_down(&box);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *what, double *times, size_t count)
{
    qsort(times, count, sizeof *times, by_size);
    printf("%s: %.2f ms in the middle, %.2f ms at most\n", what, times[count / 2] * 1e3, times[count - 1] * 1e3);
}

static void time_starts(void)
{
    enum { TIMES = 100 };
    struct box box;
    double started[TIMES], answered[TIMES];
    box_make(&box, "nos");
    for (int n = 0; n < TIMES; n++) {
        mlagsync_session_t session = MLAGSYNC_INIT(mlagsync_session_t);
        double begin = now_s();
        box_start(&box);
        started[n] = now_s() - begin;
        must("mlagsync_session", mlagsync_session(box.sync, &session));
        answered[n] = now_s() - begin;
        must("mlagsync_free", mlagsync_free(box.sync));
    }
    print_times("started", started, TIMES);
    print_times("answered", answered, TIMES);
}

int main(int argc, char **argv)
{
    static const sai_service_method_table_t services = {profile_get_value, profile_get_next_value};
    sai_up(&services);
    if (argc == 4 && !strcmp(argv[1], "pair")) {
        pair(argv[2], argv[3]);
    } else if (argc == 5 && !strcmp(argv[1], "peer")) {
        peer(argv[2], argv[3], strtoull(argv[4], NULL, 10));
    } else if (argc == 2 && !strcmp(argv[1], "idle")) {
        idle();
    } else if (argc == 2 && !strcmp(argv[1], "time")) {
        time_starts();
    } else {
        fprintf(stderr, "usage: nos pair A B | nos peer A B COUNT | nos idle | nos time\n");
        return 2;
    }
    sai_must("sai_api_uninitialize", sai_api_uninitialize());
    printf("mlagsync %s: ok\n", mlagsync_version());
    return 0;
}
