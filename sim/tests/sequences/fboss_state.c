/* How an FBOSS-style client reads back what the hardware holds: rows 4 to 7 of section 2 of the listed sequences. */

#include "fboss.h"

const sai_object_type_t stored[STORED] = {
    SAI_OBJECT_TYPE_PORT,
    SAI_OBJECT_TYPE_VLAN,
    SAI_OBJECT_TYPE_VLAN_MEMBER,
    SAI_OBJECT_TYPE_BRIDGE,
    SAI_OBJECT_TYPE_BRIDGE_PORT,
    SAI_OBJECT_TYPE_LAG,
    SAI_OBJECT_TYPE_LAG_MEMBER,
    SAI_OBJECT_TYPE_VIRTUAL_ROUTER,
    SAI_OBJECT_TYPE_ROUTER_INTERFACE,
    SAI_OBJECT_TYPE_NEXT_HOP,
    SAI_OBJECT_TYPE_NEXT_HOP_GROUP,
    SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER,
    SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP,
    SAI_OBJECT_TYPE_HOSTIF_TRAP,
    SAI_OBJECT_TYPE_FDB_ENTRY,
    SAI_OBJECT_TYPE_NEIGHBOR_ENTRY,
    SAI_OBJECT_TYPE_ROUTE_ENTRY,
    SAI_OBJECT_TYPE_QUEUE,
    SAI_OBJECT_TYPE_SCHEDULER,
    SAI_OBJECT_TYPE_HASH,
    SAI_OBJECT_TYPE_ACL_TABLE,
    SAI_OBJECT_TYPE_ACL_TABLE_GROUP,
    SAI_OBJECT_TYPE_BUFFER_POOL,
    SAI_OBJECT_TYPE_WRED,
};

sai_status_t read_one(sai_object_type_t type, const sai_object_key_t *key, sai_attribute_t *attr)
{
    switch (type) {
    case SAI_OBJECT_TYPE_FDB_ENTRY:
        return fdb_api->get_fdb_entry_attribute(&key->key.fdb_entry, 1, attr);
    case SAI_OBJECT_TYPE_NEIGHBOR_ENTRY:
        return neighbor_api->get_neighbor_entry_attribute(&key->key.neighbor_entry, 1, attr);
    case SAI_OBJECT_TYPE_ROUTE_ENTRY:
        return route_api->get_route_entry_attribute(&key->key.route_entry, 1, attr);
    default:
        return getter_of(type)(key->key.object_id, 1, attr);
    }
}

void read_back(sai_object_type_t type, const sai_object_key_t *key)
{
    for (uint32_t m = 0; m < COUNT(attributes); m++) {
        if (attributes[m].object != type || !attributes[m].given) {
            continue;
        }
        sai_attribute_t attr = {.id = attributes[m].id};
        sai_status_t status = read_one(type, key, &attr);
        if (status == SAI_STATUS_BUFFER_OVERFLOW) {
            /* Every list is a count and a pointer; no element is larger than this. */
            attr.value.objlist.list = calloc(attr.value.objlist.count, 64);
            status = read_one(type, key, &attr);
            free(attr.value.objlist.list);
        }
        /* An attribute that is only there on another condition is refused by its place in the list. */
        if (status != SAI_STATUS_SUCCESS && !is_absent(status) && status != SAI_STATUS_INVALID_ATTRIBUTE_0) {
            printf("object type %d attribute %u: %d\n", (int)type, (unsigned)attr.id, (int)status);
            fail(__FILE__, __LINE__, "a readable attribute", status, SAI_STATUS_SUCCESS);
        }
    }
}

struct keys keys_of(sai_object_type_t type)
{
    struct keys keys = {0, NULL};
    uint32_t count = 0;
    OK(library.sai_get_object_count(switch_id, type, &count));
    if (count > 0) {
        keys.list = calloc(count, sizeof(*keys.list));
        keys.count = count - 1;
        EXPECT(SAI_STATUS_BUFFER_OVERFLOW, library.sai_get_object_key(switch_id, type, &keys.count, keys.list));
        CHECK(keys.count == count);
    }
    OK(library.sai_get_object_key(switch_id, type, &keys.count, keys.list));
    CHECK(keys.count == count);
    return keys;
}

int is_entry(sai_object_type_t type)
{
    return type == SAI_OBJECT_TYPE_FDB_ENTRY || type == SAI_OBJECT_TYPE_NEIGHBOR_ENTRY
        || type == SAI_OBJECT_TYPE_ROUTE_ENTRY;
}

uint32_t reload(void)
{
    uint32_t all = 0;
    for (uint32_t t = 0; t < COUNT(stored); t++) {
        struct keys keys = keys_of(stored[t]);
        for (uint32_t k = 0; k < keys.count; k++) {
            if (!is_entry(stored[t])) {
                CHECK(library.sai_object_type_query(keys.list[k].key.object_id) == stored[t]);
            }
            if (is_entry(stored[t]) || getter_of(stored[t]) != NULL) {
                read_back(stored[t], &keys.list[k]);
            }
        }
        all += keys.count;
        free(keys.list);
    }
    return all;
}

void read_groups(void)
{
    struct keys groups = keys_of(SAI_OBJECT_TYPE_NEXT_HOP_GROUP);
    CHECK(groups.count == 1);
    sai_object_id_t group = groups.list[0].key.object_id;
    free(groups.list);
    struct ids members =
        IDS(next_hop_group_api, next_hop_group, group, SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_MEMBER_LIST);
    CHECK(members.count == 1);
    sai_object_id_t member = members.list[0];
    free(members.list);
    sai_object_id_t next_hop =
        GET(next_hop_group_api, next_hop_group_member, member, SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID).oid;
    CHECK(
        GET(next_hop_group_api, next_hop_group_member, member, SAI_NEXT_HOP_GROUP_MEMBER_ATTR_WEIGHT).u32 == 3);
    CHECK(GET(next_hop_api, next_hop, next_hop, SAI_NEXT_HOP_ATTR_TYPE).s32 == SAI_NEXT_HOP_TYPE_IP);
    sai_object_id_t rif = GET(next_hop_api, next_hop, next_hop, SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID).oid;
    CHECK(library.sai_object_type_query(rif) == SAI_OBJECT_TYPE_ROUTER_INTERFACE);
    sai_ip_address_t ip = GET(next_hop_api, next_hop, next_hop, SAI_NEXT_HOP_ATTR_IP).ipaddr;
    sai_ip_address_t host = ip4(10, 20, 0, 2);
    CHECK(ip.addr_family == host.addr_family && ip.addr.ip4 == host.addr.ip4);
    row("fboss", 7);
}
