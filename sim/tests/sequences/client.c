/* What both sequences need: the profile, the method tables, typed reads. */

#include "client.h"

sai_api_version_t release;
sai_object_id_t switch_id;

sai_switch_api_t *switch_api;
sai_port_api_t *port_api;
sai_fdb_api_t *fdb_api;
sai_vlan_api_t *vlan_api;
sai_virtual_router_api_t *virtual_router_api;
sai_route_api_t *route_api;
sai_next_hop_api_t *next_hop_api;
sai_next_hop_group_api_t *next_hop_group_api;
sai_router_interface_api_t *router_interface_api;
sai_neighbor_api_t *neighbor_api;
sai_hostif_api_t *hostif_api;
sai_lag_api_t *lag_api;
sai_tunnel_api_t *tunnel_api;
sai_bridge_api_t *bridge_api;
sai_isolation_group_api_t *isolation_group_api;

#define MOST_PAIRS 32
static struct {
    const char *key;
    const char *value;
} pairs[MOST_PAIRS];
static unsigned pair_count, next_pair;

void profile_set(const char *key, const char *value)
{
    unsigned i = 0;
    while (i < pair_count && strcmp(pairs[i].key, key) != 0) {
        i++;
    }
    CHECK(i < MOST_PAIRS);
    pairs[i].key = key;
    pairs[i].value = value;
    pair_count = i == pair_count ? pair_count + 1 : pair_count;
}

static const char *value_of(sai_switch_profile_id_t profile, const char *variable)
{
    (void)profile;
    for (unsigned i = 0; i < pair_count; i++) {
        if (strcmp(pairs[i].key, variable) == 0) {
            return pairs[i].value;
        }
    }
    return NULL;
}

static int next_of(sai_switch_profile_id_t profile, const char **variable, const char **value)
{
    (void)profile;
    if (variable == NULL || value == NULL) {
        next_pair = 0;
        return 0;
    }
    if (next_pair == pair_count) {
        return -1;
    }
    *variable = pairs[next_pair].key;
    *value = pairs[next_pair].value;
    next_pair++;
    return 0;
}

sai_service_method_table_t services = {value_of, next_of};

_Noreturn void fail(const char *file, int line, const char *what, sai_status_t got, sai_status_t wanted)
{
    printf("%s:%d: %s: is %d, expected %d\n", file, line, what, (int)got, (int)wanted);
    exit(1);
}

void row(const char *sequence, int number)
{
    printf("done %s %d\n", sequence, number);
}

void start_library(void)
{
    struct {
        sai_api_t api;
        void **table;
    } apis[] = {
        {SAI_API_SWITCH, (void **)&switch_api},
        {SAI_API_PORT, (void **)&port_api},
        {SAI_API_FDB, (void **)&fdb_api},
        {SAI_API_VLAN, (void **)&vlan_api},
        {SAI_API_VIRTUAL_ROUTER, (void **)&virtual_router_api},
        {SAI_API_ROUTE, (void **)&route_api},
        {SAI_API_NEXT_HOP, (void **)&next_hop_api},
        {SAI_API_NEXT_HOP_GROUP, (void **)&next_hop_group_api},
        {SAI_API_ROUTER_INTERFACE, (void **)&router_interface_api},
        {SAI_API_NEIGHBOR, (void **)&neighbor_api},
        {SAI_API_HOSTIF, (void **)&hostif_api},
        {SAI_API_LAG, (void **)&lag_api},
        {SAI_API_TUNNEL, (void **)&tunnel_api},
        {SAI_API_BRIDGE, (void **)&bridge_api},
        {SAI_API_ISOLATION_GROUP, (void **)&isolation_group_api},
    };
    OK(library.sai_api_initialize(0, &services));
    for (int api = SAI_API_UNSPECIFIED + 1; api < SAI_API_MAX; api++) {
        void *table = NULL;
        void **place = &table;
        for (unsigned i = 0; i < COUNT(apis); i++) {
            place = apis[i].api == (sai_api_t)api ? apis[i].table : place;
        }
        sai_status_t status = library.sai_api_query((sai_api_t)api, place);
        /* Outside what is simulated there is a clean refusal and no table. */
        if (place == &table) {
            EXPECT(SAI_STATUS_NOT_IMPLEMENTED, status);
            CHECK(table == NULL);
        } else {
            OK(status);
            CHECK(*place != NULL);
        }
        OK(library.sai_log_set((sai_api_t)api, SAI_LOG_LEVEL_WARN));
    }
    if (library.sai_query_api_version == NULL) {
        /* Before 1.10 no library can be asked; whoever runs it has to know. */
        const char *known = getenv("SAI_RELEASE");
        CHECK(known != NULL);
        release = strtoul(known, NULL, 10);
        CHECK(release < SAI_VERSION(1, 10, 0));
    } else {
        OK(library.sai_query_api_version(&release));
    }
    CHECK(release >= SAI_VERSION(1, 9, 0));
}

getter getter_of(sai_object_type_t type)
{
    switch (type) {
    case SAI_OBJECT_TYPE_SWITCH: return switch_api->get_switch_attribute;
    case SAI_OBJECT_TYPE_PORT: return port_api->get_port_attribute;
    case SAI_OBJECT_TYPE_VLAN: return vlan_api->get_vlan_attribute;
    case SAI_OBJECT_TYPE_VLAN_MEMBER: return vlan_api->get_vlan_member_attribute;
    case SAI_OBJECT_TYPE_VIRTUAL_ROUTER: return virtual_router_api->get_virtual_router_attribute;
    case SAI_OBJECT_TYPE_NEXT_HOP: return next_hop_api->get_next_hop_attribute;
    case SAI_OBJECT_TYPE_NEXT_HOP_GROUP: return next_hop_group_api->get_next_hop_group_attribute;
    case SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER: return next_hop_group_api->get_next_hop_group_member_attribute;
    case SAI_OBJECT_TYPE_ROUTER_INTERFACE: return router_interface_api->get_router_interface_attribute;
    case SAI_OBJECT_TYPE_HOSTIF: return hostif_api->get_hostif_attribute;
    case SAI_OBJECT_TYPE_HOSTIF_TABLE_ENTRY: return hostif_api->get_hostif_table_entry_attribute;
    case SAI_OBJECT_TYPE_HOSTIF_TRAP: return hostif_api->get_hostif_trap_attribute;
    case SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP: return hostif_api->get_hostif_trap_group_attribute;
    case SAI_OBJECT_TYPE_LAG: return lag_api->get_lag_attribute;
    case SAI_OBJECT_TYPE_LAG_MEMBER: return lag_api->get_lag_member_attribute;
    case SAI_OBJECT_TYPE_TUNNEL: return tunnel_api->get_tunnel_attribute;
    case SAI_OBJECT_TYPE_BRIDGE: return bridge_api->get_bridge_attribute;
    case SAI_OBJECT_TYPE_BRIDGE_PORT: return bridge_api->get_bridge_port_attribute;
    case SAI_OBJECT_TYPE_ISOLATION_GROUP: return isolation_group_api->get_isolation_group_attribute;
    case SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER: return isolation_group_api->get_isolation_group_member_attribute;
    default: return NULL;
    }
}

sai_attribute_value_t get_at(const char *file, int line, getter get, sai_object_id_t id, sai_attr_id_t attr)
{
    sai_attribute_t one;
    /* What a library does not write must not look like an answer. */
    memset(&one, 0xa5, sizeof(one));
    one.id = attr;
    sai_status_t status = get(id, 1, &one);
    if (status != SAI_STATUS_SUCCESS) {
        char what[64];
        snprintf(what, sizeof(what), "get of attribute %u of 0x%lx", (unsigned)attr, (unsigned long)id);
        fail(file, line, what, status, SAI_STATUS_SUCCESS);
    }
    return one.value;
}

struct ids ids_at(const char *file, int line, getter get, sai_object_id_t id, sai_attr_id_t attr)
{
    struct ids ids = {0, NULL};
    sai_attribute_t one = {.id = attr, .value = {.objlist = {0, NULL}}};
    sai_status_t status = get(id, 1, &one);
    ids.count = one.value.objlist.count;
    if (status != (ids.count == 0 ? SAI_STATUS_SUCCESS : SAI_STATUS_BUFFER_OVERFLOW)) {
        fail(file, line, "size of a list", status, SAI_STATUS_BUFFER_OVERFLOW);
    }
    if (ids.count > 0) {
        /* Exactly as long as the library said: one id more is a write past the end. */
        ids.list = calloc(ids.count, sizeof(*ids.list));
        one.value.objlist.list = ids.list;
        one.value.objlist.count = ids.count - 1;
        status = get(id, 1, &one);
        if (status != SAI_STATUS_BUFFER_OVERFLOW || one.value.objlist.count != ids.count) {
            fail(file, line, "a list one too short", status, SAI_STATUS_BUFFER_OVERFLOW);
        }
        status = get(id, 1, &one);
        if (status != SAI_STATUS_SUCCESS || one.value.objlist.count != ids.count) {
            fail(file, line, "a list that fits", status, SAI_STATUS_SUCCESS);
        }
    }
    return ids;
}

uint32_t enumerators(sai_object_type_t type, sai_attr_id_t attr)
{
    sai_s32_list_t list = {0, NULL};
    EXPECT(
        SAI_STATUS_BUFFER_OVERFLOW,
        library.sai_query_attribute_enum_values_capability(switch_id, type, attr, &list));
    CHECK(list.count > 0);
    list.list = calloc(list.count, sizeof(*list.list));
    OK(library.sai_query_attribute_enum_values_capability(switch_id, type, attr, &list));
    free(list.list);
    return list.count;
}

int is_absent(sai_status_t status)
{
    return status == SAI_STATUS_NOT_IMPLEMENTED || status == SAI_STATUS_NOT_SUPPORTED
        || SAI_STATUS_IS_ATTR_NOT_IMPLEMENTED(status) || SAI_STATUS_IS_ATTR_NOT_SUPPORTED(status);
}

sai_ip_address_t ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    sai_ip_address_t ip;
    const uint8_t bytes[] = {a, b, c, d};
    /* The bytes that IPv4 does not use mean nothing. */
    memset(&ip, 0xa5, sizeof(ip));
    ip.addr_family = SAI_IP_ADDR_FAMILY_IPV4;
    memcpy(&ip.addr.ip4, bytes, sizeof(bytes));
    return ip;
}

sai_ip_address_t ip6(int link_local, uint8_t last)
{
    sai_ip_address_t ip;
    memset(&ip, 0, sizeof(ip));
    ip.addr_family = SAI_IP_ADDR_FAMILY_IPV6;
    ip.addr.ip6[0] = link_local ? 0xfe : 0xfd;
    ip.addr.ip6[1] = link_local ? 0x80 : 0;
    ip.addr.ip6[15] = last;
    return ip;
}

sai_neighbor_entry_t neighbor(sai_object_id_t rif, sai_ip_address_t ip)
{
    sai_neighbor_entry_t entry;
    memset(&entry, 0xa5, sizeof(entry));
    entry.switch_id = switch_id;
    entry.rif_id = rif;
    entry.ip_address = ip;
    return entry;
}

sai_route_entry_t route(sai_object_id_t virtual_router, sai_ip_address_t ip, unsigned length)
{
    sai_route_entry_t entry;
    memset(&entry, 0xa5, sizeof(entry));
    entry.switch_id = switch_id;
    entry.vr_id = virtual_router;
    entry.destination.addr_family = ip.addr_family;
    entry.destination.addr = ip.addr;
    unsigned bits = ip.addr_family == SAI_IP_ADDR_FAMILY_IPV4 ? 32 : 128;
    uint8_t *mask = (uint8_t *)&entry.destination.mask;
    for (unsigned i = 0; i < bits; i++) {
        uint8_t bit = (uint8_t)(0x80 >> (i % 8));
        mask[i / 8] = (uint8_t)(i < length ? mask[i / 8] | bit : mask[i / 8] & ~bit);
    }
    return entry;
}
