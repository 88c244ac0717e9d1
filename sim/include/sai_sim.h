/*
 * Commands of the software SAI for tests in C: what happens to hardware without a client asking, and a look at what
 * the hardware would do. They come with libsai.so; a client that must run on other libraries finds them by dlsym.
 *
 * The same commands are lines on the control socket and methods in Rust; README.md has them side by side.
 *
 * Each command finds its switch by any object id of it. It answers UNINITIALIZED before sai_api_initialize,
 * INVALID_PARAMETER of what is no id and of a null pointer, ITEM_NOT_FOUND of what is gone. The lock of the switch is
 * held only while its tables change. Commands appear neither in the trace nor in the counts.
 */

#ifndef SAI_SIM_H
#define SAI_SIM_H

#include <sai.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a packet goes. */
typedef enum _sai_sim_verdict_kind_t {
    SAI_SIM_VERDICT_DROP,  /* nowhere */
    SAI_SIM_VERDICT_TRAP,  /* to the CPU */
    SAI_SIM_VERDICT_PORT,  /* out of the port `where`, to the station `mac` */
    SAI_SIM_VERDICT_FLOOD, /* out of every port of the VLAN or bridge `where` */
} sai_sim_verdict_kind_t;

typedef struct _sai_sim_verdict_t {
    uint32_t kind;         /* sai_sim_verdict_kind_t */
    sai_object_id_t where; /* a physical port, a VLAN, a bridge, or the null id */
    sai_mac_t mac;         /* destination of the frame, or zeros */
} sai_sim_verdict_t;

/* A neighbour in the host table. */
typedef struct _sai_sim_neighbor_t {
    sai_object_id_t rif_id;
    sai_ip_address_t ip_address;
    sai_mac_t mac;
    uint8_t no_host_route; /* 1: it takes no slot */
} sai_sim_neighbor_t;

/* An FDB entry. */
typedef struct _sai_sim_fdb_entry_t {
    sai_object_id_t bv_id;
    sai_object_id_t bridge_port_id; /* or the null id */
    sai_mac_t mac;
    uint8_t is_static; /* 1: STATIC; 0: DYNAMIC */
} sai_sim_fdb_entry_t;

/* A route. */
typedef struct _sai_sim_route_t {
    sai_object_id_t vr_id;
    sai_object_id_t next_hop_id; /* a next hop, group, interface or port; or the null id */
    sai_ip_address_t prefix;
    uint8_t prefix_length;
} sai_sim_route_t;

/* How full the host table is. */
typedef struct _sai_sim_host_table_t {
    uint64_t taken; /* slots that are */
    uint64_t slots; /* slots that there are */
    uint64_t moved; /* addresses that were moved between banks to make room */
    uint64_t bytes; /* of memory that the table has allocated */
} sai_sim_host_table_t;

/* How often clients did what they must not. */
typedef struct _sai_sim_misuse_t {
    uint64_t two_threads;  /* a thread came in while another was inside */
    uint64_t after_end;    /* a function was called after uninitialise */
    uint64_t stale_switch; /* a function was called on a switch that is gone */
    uint64_t padding;      /* keys with unused bytes that are not zero; counted only if SAI_SIM_MISUSE has +padding */
} sai_sim_misuse_t;

/*
 * Events. Each returns after the callback has that the client set for it, which runs on a thread of the library; do
 * not call them from within a callback.
 */

/* Plugs the cable of a port in (up not 0) or pulls it. The port comes up if its admin state is up too. */
sai_status_t sai_sim_link(sai_object_id_t port, uint8_t up);

/* A frame with this source arrives on a bridge port: the MAC is learned there or moves there, unless it is static. */
sai_status_t sai_sim_hear(sai_object_id_t bv_id, const sai_mac_t *mac, sai_object_id_t bridge_port);

/* A dynamic MAC was silent for too long and goes. INVALID_PARAMETER if it is static. */
sai_status_t sai_sim_age(sai_object_id_t bv_id, const sai_mac_t *mac);

/* All dynamic MACs of a bridge port go, as when its link does. */
sai_status_t sai_sim_flush(sai_object_id_t bridge_port);

/* The switch says that its state changed. */
sai_status_t sai_sim_switch_state(sai_object_id_t switch_id, sai_switch_oper_status_t state);

/* Faults. */

/*
 * Replaces the fault rules by these, in the grammar of the profile key SAI_SIM_FAULTS; "" takes all away. Rules count
 * from here on. INVALID_PARAMETER, and a line on stderr, if they are none.
 */
sai_status_t sai_sim_set_faults(sai_object_id_t switch_id, const char *rules, uint64_t seed);

/*
 * From now on changes of entries are answered before they are programmed, and land after this delay, in the words of the
 * profile key SAI_SIM_ASYNC. INVALID_PARAMETER, and a line on stderr, if it is none.
 */
sai_status_t sai_sim_set_async(sai_object_id_t switch_id, const char *delay);

/* How many calls hang now, because a rule says so. */
sai_status_t sai_sim_hanging(sai_object_id_t switch_id, uint64_t *count);

/* Lets every call go that hangs now. */
sai_status_t sai_sim_release_hangs(sai_object_id_t switch_id);

/* Time. */

/*
 * Lets every change land that was answered and has not, because of SAI_SIM_ASYNC or a rule with `late`; how many
 * those were.
 */
sai_status_t sai_sim_land(sai_object_id_t switch_id, uint64_t *landed);

/* Changes that were answered and have not landed, and those that were lost because they no longer could. */
sai_status_t sai_sim_late(sai_object_id_t switch_id, uint64_t *waiting, uint64_t *lost);

/* Nanoseconds that all calls so far were to take by the cost model, and that the clock was set forward. */
sai_status_t sai_sim_clock(sai_object_id_t switch_id, uint64_t *ns);

/* Sets the clock forward; what waits for that time lands. */
sai_status_t sai_sim_advance(sai_object_id_t switch_id, uint64_t ns);

/*
 * Looks. A list has room for *count items, and *count says afterwards how many there are; if they do not fit the
 * answer is BUFFER_OVERFLOW, and the list may be NULL if there are none.
 */

/* Every neighbour, by interface and address. */
sai_status_t sai_sim_neighbors(sai_object_id_t switch_id, uint32_t *count, sai_sim_neighbor_t *neighbors);

/* Every FDB entry, by VLAN or bridge and MAC. */
sai_status_t sai_sim_fdb(sai_object_id_t switch_id, uint32_t *count, sai_sim_fdb_entry_t *entries);

/* Every route, by virtual router and prefix. */
sai_status_t sai_sim_routes(sai_object_id_t switch_id, uint32_t *count, sai_sim_route_t *routes);

/* Every object of a type that has ids, oldest first; also if SAI_SIM_LIST is 0. */
sai_status_t sai_sim_objects(
    sai_object_id_t switch_id, sai_object_type_t object_type, uint32_t *count, sai_object_id_t *ids);

/* How full the host table is. */
sai_status_t sai_sim_host_table(sai_object_id_t switch_id, sai_sim_host_table_t *host_table);

/* Counts of misuse. Of the null id, those that belong to no switch; that answers after uninitialise too. */
sai_status_t sai_sim_misuse(sai_object_id_t switch_id, sai_sim_misuse_t *misuse);

/* Where a packet to this address in this virtual router would go, by tables and links as they are now. */
sai_status_t sai_sim_forward(sai_object_id_t vr_id, const sai_ip_address_t *to, sai_sim_verdict_t *verdict);

/*
 * How often a function was called on the switch, by its name in the method table ("create_neighbor_entries"), and
 * with how many entries altogether. A name that was never called, or is none, has zeros.
 */
sai_status_t sai_sim_calls(sai_object_id_t switch_id, const char *function, uint64_t *calls, uint64_t *entries);

/* Sets all these counts to zero. */
sai_status_t sai_sim_reset_calls(sai_object_id_t switch_id);

#ifdef __cplusplus
}
#endif

#endif
