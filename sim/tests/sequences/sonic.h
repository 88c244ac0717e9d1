/*
 * What the parts of the SONiC-style start share. A row is done when the library answered as that client needs it.
 * Rows stand in the document's order, but for ports: those that are not configured go before new ones take their
 * lanes.
 */

#ifndef SONIC_H
#define SONIC_H

#include "client.h"

#define SONIC_PORTS 32
#define VLAN_10 10

/* The client's own MAC, for the switch and its router interfaces. */
#define ROUTER_MAC 0x02, 0x11, 0x22, 0x33, 0x44, 0x55

/* What one part made and a later one uses. */
extern struct sonic {
    sai_object_id_t cpu_port, virtual_router, vlan, bridge, trap_group;
    sai_object_id_t loopback;
    struct ids ports;
    sai_object_id_t wide_port;
    sai_object_id_t lag, lag_member;
    sai_object_id_t bridge_port, lag_bridge_port;
    sai_object_id_t vlan_10, hostif;
    sai_object_id_t port_rif, vlan_rif, sub_rif;
    sai_object_id_t next_hops[2], group;
} s;

int ids_contain(struct ids ids, sai_object_id_t id);

/* Follows every attribute that holds ids, from one object to all that can be reached. Answers how many there are. */
uint32_t discover(sai_object_id_t start);

/* Creates a route; a null next hop is left out. */
void create_route(sai_route_entry_t entry, int32_t action, sai_object_id_t next_hop);

/* The parts, in their order: rows 1 to 46, 47 to 64, 65 to 85. */
void sonic_switch(void);
void sonic_ports(void);
void sonic_tables(void);

#endif
