#include "hosts.h"

#include <string.h>

sai_status_t host_program(const struct host_table *table, sai_ip4_t ip, const sai_mac_t mac)
{
    sai_neighbor_entry_t entry;
    sai_attribute_t wanted, there;
    sai_status_t status, read;

    memset(&entry, 0, sizeof(entry));
    entry.switch_id = table->switch_id;
    entry.rif_id = table->rif_id;
    entry.ip_address.addr_family = SAI_IP_ADDR_FAMILY_IPV4;
    entry.ip_address.addr.ip4 = ip;
    memset(&wanted, 0, sizeof(wanted));
    wanted.id = SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS;
    memcpy(wanted.value.mac, mac, sizeof(sai_mac_t));
    memset(&there, 0, sizeof(there));
    there.id = wanted.id;

    status = table->api->create_neighbor_entry(&entry, 1, &wanted);
    read = table->api->get_neighbor_entry_attribute(&entry, 1, &there);
    if (read == SAI_STATUS_SUCCESS && memcmp(there.value.mac, mac, sizeof(sai_mac_t)) != 0) {
        status = table->api->set_neighbor_entry_attribute(&entry, &wanted);
        read = table->api->get_neighbor_entry_attribute(&entry, 1, &there);
    }
    if (read == SAI_STATUS_SUCCESS && memcmp(there.value.mac, mac, sizeof(sai_mac_t)) == 0) {
        return SAI_STATUS_SUCCESS;
    }
    return status == SAI_STATUS_SUCCESS ? read : status;
}
