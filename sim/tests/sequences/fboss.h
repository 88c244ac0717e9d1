/* What the parts of the FBOSS-style client share. Entries are created, set and removed one at a time. */

#ifndef FBOSS_H
#define FBOSS_H

#include "client.h"

/* What one part made and a later one uses. */
extern struct fboss {
    sai_object_id_t cpu_port, virtual_router, bridge;
    struct ids ports;
    sai_object_id_t vlan, lag, bridge_port, rif, next_hop, group, member;
    sai_fdb_entry_t mac;
    sai_neighbor_entry_t host;
    sai_route_entry_t subnet;
} f;

/* Types that the client stores, those outside the simulated set too. */
#define STORED 24
extern const sai_object_type_t stored[STORED];

struct keys {
    uint32_t count;
    sai_object_key_t *list;
};

/* Every object of a type: counted, asked for with a list that is one too short, then with one that fits. */
struct keys keys_of(sai_object_type_t type);

/* Is it keyed by value? */
int is_entry(sai_object_type_t type);

/* Reads one attribute of an object of any type. */
sai_status_t read_one(sai_object_type_t type, const sai_object_key_t *key, sai_attribute_t *attr);

/* Reads what the client would have given at create, one attribute for each call, lists in two steps. */
void read_back(sai_object_type_t type, const sai_object_key_t *key);

/* Everything that the hardware holds, as the client takes it over. Answers how many objects there are. */
uint32_t reload(void);

/* A group is read back by its members, and they by their next hops. */
void read_groups(void);

/* A cold start and a whole configuration: rows 1, 2 and 4 to 46. */
void fboss_configure(void);

#endif
