/*
 * A SAI client in C, in words that read like the listed call sequences.
 *
 * The library comes from whoever has main(): linked.c takes the symbols it is linked with, dlopened.c looks them
 * up. Everything else is the same code. The first surprise ends the program with a line that says what and where.
 */

#ifndef CLIENT_H
#define CLIENT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sai.h>

/* SINCE_<table>_<member>, and every attribute; written by the build from the measured facts. */
#include "metadata.h"

/* Every function that is not in a method table. */
#define SAI_FUNCTIONS(X) \
    X(sai_api_initialize) \
    X(sai_api_query) \
    X(sai_api_uninitialize) \
    X(sai_log_set) \
    X(sai_object_type_query) \
    X(sai_switch_id_query) \
    X(sai_dbg_generate_dump) \
    X(sai_query_api_version) \
    X(sai_object_type_get_availability) \
    X(sai_get_maximum_attribute_count) \
    X(sai_get_object_count) \
    X(sai_get_object_key) \
    X(sai_bulk_get_attribute) \
    X(sai_query_attribute_capability) \
    X(sai_query_attribute_enum_values_capability) \
    X(sai_query_stats_capability) \
    X(sai_query_stats_st_capability) \
    X(sai_bulk_object_get_stats) \
    X(sai_bulk_object_clear_stats) \
    X(sai_query_object_stage)

struct library {
#define MEMBER(name) __typeof__(name) *name;
    SAI_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* From linked.c or dlopened.c. */
extern struct library library;
void open_library(void);
void close_library(void);

/* From client.c. */
extern sai_service_method_table_t services;
/* What the library says that it is, in the form of SAI_VERSION(). */
extern sai_api_version_t release;
extern sai_object_id_t switch_id;

extern sai_switch_api_t *switch_api;
extern sai_port_api_t *port_api;
extern sai_fdb_api_t *fdb_api;
extern sai_vlan_api_t *vlan_api;
extern sai_virtual_router_api_t *virtual_router_api;
extern sai_route_api_t *route_api;
extern sai_next_hop_api_t *next_hop_api;
extern sai_next_hop_group_api_t *next_hop_group_api;
extern sai_router_interface_api_t *router_interface_api;
extern sai_neighbor_api_t *neighbor_api;
extern sai_hostif_api_t *hostif_api;
extern sai_lag_api_t *lag_api;
extern sai_tunnel_api_t *tunnel_api;
extern sai_bridge_api_t *bridge_api;
extern sai_isolation_group_api_t *isolation_group_api;

/* Adds a pair to the profile, or changes one. */
void profile_set(const char *key, const char *value);

/* Initialises the library, asks its release, and queries every API there is. */
void start_library(void);

typedef sai_status_t (*getter)(sai_object_id_t, uint32_t, sai_attribute_t *);

/* The function that reads objects of this type; NULL for a type without a method table here. */
getter getter_of(sai_object_type_t type);

/* Says which row of the sequence is done, for the test to compare with the document. */
void row(const char *sequence, int number);

_Noreturn void fail(const char *file, int line, const char *what, sai_status_t got, sai_status_t wanted);

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* The call must answer this status. */
#define EXPECT(wanted, call) \
    do { \
        sai_status_t got_ = (call); \
        if (got_ != (wanted)) { \
            fail(__FILE__, __LINE__, #call, got_, (wanted)); \
        } \
    } while (0)
#define OK(call) EXPECT(SAI_STATUS_SUCCESS, call)

/* The condition must hold. */
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fail(__FILE__, __LINE__, #condition, 0, 1); \
        } \
    } while (0)

/* Does the library's release have this member of this table? */
#define HAS(table, member) (release >= SINCE_##table##_##member)

#define OID(attr, x) {.id = (attr), .value = {.oid = (x)}}
#define U8(attr, x) {.id = (attr), .value = {.u8 = (x)}}
#define U16(attr, x) {.id = (attr), .value = {.u16 = (x)}}
#define U32(attr, x) {.id = (attr), .value = {.u32 = (x)}}
#define ENUM(attr, x) {.id = (attr), .value = {.s32 = (x)}}
#define BOOL(attr, x) {.id = (attr), .value = {.booldata = (x)}}
#define PTR(attr, x) {.id = (attr), .value = {.ptr = (sai_pointer_t)(x)}}
#define TEXT(attr, x) {.id = (attr), .value = {.chardata = x}}
#define MAC(attr, ...) {.id = (attr), .value = {.mac = {__VA_ARGS__}}}
#define U32S(attr, array) {.id = (attr), .value = {.u32list = {COUNT(array), (array)}}}
#define IP(attr, x) {.id = (attr), .value = {.ipaddr = (x)}}

/* Creates an object that has an id. */
#define CREATE(api, object, place, ...) \
    do { \
        sai_attribute_t attrs_[] = {__VA_ARGS__}; \
        OK((api)->create_##object((place), switch_id, COUNT(attrs_), attrs_)); \
        CHECK(library.sai_switch_id_query(*(place)) == switch_id); \
    } while (0)

/* Sets one attribute of an object that has an id, and asks for an answer. */
#define TRY_SET(wanted, api, object, id, ...) \
    do { \
        sai_attribute_t attr_ = __VA_ARGS__; \
        EXPECT(wanted, (api)->set_##object##_attribute((id), &attr_)); \
    } while (0)
#define SET(api, object, id, ...) TRY_SET(SAI_STATUS_SUCCESS, api, object, id, __VA_ARGS__)

/* One attribute that must be there. */
sai_attribute_value_t get_at(const char *file, int line, getter get, sai_object_id_t id, sai_attr_id_t attr);
#define GET(api, object, id, attr) get_at(__FILE__, __LINE__, (api)->get_##object##_attribute, (id), (attr))

/* A list of ids: asked for its size with no buffer first, then with a buffer that fits. The caller frees it. */
struct ids {
    uint32_t count;
    sai_object_id_t *list;
};
struct ids ids_at(const char *file, int line, getter get, sai_object_id_t id, sai_attr_id_t attr);
#define IDS(api, object, id, attr) ids_at(__FILE__, __LINE__, (api)->get_##object##_attribute, (id), (attr))

/* Enumerators that an attribute takes: size first, then the list. Answers their number. */
uint32_t enumerators(sai_object_type_t type, sai_attr_id_t attr);

/* A refusal that a client passes over: this attribute or function is not offered. */
int is_absent(sai_status_t status);

sai_ip_address_t ip4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);
/* fd00::<last> or, with link_local, fe80::<last>. */
sai_ip_address_t ip6(int link_local, uint8_t last);
sai_neighbor_entry_t neighbor(sai_object_id_t rif, sai_ip_address_t ip);
sai_route_entry_t route(sai_object_id_t virtual_router, sai_ip_address_t ip, unsigned length);

/* The sequences. */
void sonic_start(void);
void fboss_cold_start(void);
void fboss_warm_exit(void);
void fboss_warm_start(void);
void sai_rules(void);

#endif
