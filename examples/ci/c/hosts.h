/* The code under test: brings a host into an ASIC's host table through SAI. It knows nothing of the simulator. */

#ifndef HOSTS_H
#define HOSTS_H

#include <sai.h>

struct host_table {
    const sai_neighbor_api_t *api;
    sai_object_id_t switch_id;
    sai_object_id_t rif_id;
};

/*
 * Programs an IPv4 host, given in network order. SAI_STATUS_SUCCESS says that the hardware was asked afterwards and
 * holds the host with this MAC; anything else is why it does not.
 */
sai_status_t host_program(const struct host_table *table, sai_ip4_t ip, const sai_mac_t mac);

#endif
