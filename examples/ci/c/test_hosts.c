/* Tests of hosts.c against the simulator: each case is a profile, and what programming one host must answer. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"

/* The profile of the running case: one pair, or none. */
static const char *key, *value;

static const char *profile_get_value(sai_switch_profile_id_t profile, const char *variable)
{
    (void)profile;
    return key != NULL && strcmp(key, variable) == 0 ? value : NULL;
}

static int profile_get_next_value(sai_switch_profile_id_t profile, const char **variable, const char **text)
{
    static int given;
    (void)profile;
    if (variable == NULL || text == NULL) {
        given = key == NULL;
        return 0;
    }
    if (given) {
        return -1;
    }
    *variable = key;
    *text = value;
    given = 1;
    return 0;
}

static void must(const char *what, sai_status_t status)
{
    if (status != SAI_STATUS_SUCCESS) {
        fprintf(stderr, "%s: %d\n", what, (int)status);
        exit(1);
    }
}

/* The id that a switch attribute holds. */
static sai_object_id_t default_of(const sai_switch_api_t *api, sai_object_id_t switch_id, sai_switch_attr_t id)
{
    sai_attribute_t attr;
    memset(&attr, 0, sizeof(attr));
    attr.id = id;
    must("get_switch_attribute", api->get_switch_attribute(switch_id, 1, &attr));
    return attr.value.oid;
}

/* Brings a switch up, programs 10.0.0.5 some times (removing it in between), and answers what the last one said. */
static sai_status_t run(const char *profile_key, const char *profile_value, int times)
{
    const sai_service_method_table_t services = {profile_get_value, profile_get_next_value};
    const sai_mac_t mac = {2, 0, 0, 0, 0, 5};
    struct host_table hosts;
    sai_switch_api_t *switches;
    sai_router_interface_api_t *rifs;
    sai_neighbor_api_t *neighbors;
    sai_attribute_t up, rif[3];
    sai_status_t status = SAI_STATUS_SUCCESS;

    key = profile_key;
    value = profile_value;
    must("sai_api_initialize", sai_api_initialize(0, &services));
    must("sai_api_query", sai_api_query(SAI_API_SWITCH, (void **)&switches));
    must("sai_api_query", sai_api_query(SAI_API_ROUTER_INTERFACE, (void **)&rifs));
    must("sai_api_query", sai_api_query(SAI_API_NEIGHBOR, (void **)&neighbors));
    hosts.api = neighbors;

    memset(&up, 0, sizeof(up));
    up.id = SAI_SWITCH_ATTR_INIT_SWITCH;
    up.value.booldata = true;
    must("create_switch", switches->create_switch(&hosts.switch_id, 1, &up));
    memset(rif, 0, sizeof(rif));
    rif[0].id = SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID;
    rif[0].value.oid = default_of(switches, hosts.switch_id, SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID);
    rif[1].id = SAI_ROUTER_INTERFACE_ATTR_TYPE;
    rif[1].value.s32 = SAI_ROUTER_INTERFACE_TYPE_VLAN;
    rif[2].id = SAI_ROUTER_INTERFACE_ATTR_VLAN_ID;
    rif[2].value.oid = default_of(switches, hosts.switch_id, SAI_SWITCH_ATTR_DEFAULT_VLAN_ID);
    must("create_router_interface", rifs->create_router_interface(&hosts.rif_id, hosts.switch_id, 3, rif));

    for (int i = 0; i < times; i++) {
        must("remove_all", neighbors->remove_all_neighbor_entries(hosts.switch_id));
        status = host_program(&hosts, htonl(0x0a000005), mac);
    }
    must("sai_api_uninitialize", sai_api_uninitialize());
    return status;
}

int main(void)
{
    const struct {
        const char *what;
        const char *key, *value;
        int times;
        sai_status_t status;
    } cases[] = {
        {"hardware that does as told", NULL, NULL, 1, SAI_STATUS_SUCCESS},
        {"a full table", "SAI_SIM_HOST_CAPACITY", "0", 1, SAI_STATUS_TABLE_FULL},
        {"a success that is not true", "SAI_SIM_FAULTS", "create neighbor lie", 1, SAI_STATUS_ITEM_NOT_FOUND},
        {"a MAC that is garbled once", "SAI_SIM_FAULTS", "create neighbor corrupt-mac", 1, SAI_STATUS_SUCCESS},
        {"a third create that fails after it was stored", "SAI_SIM_FAULTS",
         "create neighbor 10.0.0.5 #3 fail TABLE_FULL after", 3, SAI_STATUS_SUCCESS},
        {"a third create that fails", "SAI_SIM_FAULTS", "create neighbor 10.0.0.5 #3 fail TABLE_FULL", 3,
         SAI_STATUS_TABLE_FULL},
        {"a release without bulk neighbours", "SAI_SIM_API_VERSION", "1.10.2", 1, SAI_STATUS_SUCCESS},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sai_status_t status = run(cases[i].key, cases[i].value, cases[i].times);
        int good = status == cases[i].status;
        printf("%s: %s\n", good ? "ok" : "FAILED", cases[i].what);
        if (!good) {
            printf("    answers %d, not %d\n", (int)status, (int)cases[i].status);
            failed++;
        }
    }
    return failed > 0;
}
