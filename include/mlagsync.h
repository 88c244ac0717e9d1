/*
 * mlagsync.h: the ARP/ND synchronisation of an M-LAG pair, for a program that owns SAI (a NOS).
 *
 * The program creates a handle for each switch that it drives, tells it what it knows (interfaces, members, the
 * peer-link, what it learned), and is told what happened. The library keeps the channel to the other switch, and writes
 * the other switch's neighbours into the ASIC through the SAI that the program gave it.
 *
 * RESULTS. Every function that can fail answers a mlagsync_result_t: MLAGSYNC_OK, a positive number where it was not
 * (all) done and nothing is wrong, a negative one where something is. The numbers never change. After a negative one
 * mlagsync_last_error() has a sentence for people, in the thread that called. What is in a later event and not in a result
 * (a session that does not come up, a host that the ASIC refuses) is not the call's failure.
 *
 * OUT-PARAMETERS come last and are written on MLAGSYNC_OK only; where another result writes one too, its function says
 * so. They may not be NULL, unless their function says so.
 *
 * OWNERSHIP. What is passed in is copied before the function returns; nothing that the program owns is kept, but for
 * functions (callbacks, and those of SAI) and their userdata, which must stay valid until mlagsync_free() has returned; and,
 * where it answers MLAGSYNC_LEFT_BEHIND, for the rest of the process: the call that hangs comes back into them, and unlock is
 * still called. What is handed out is copied into the caller's memory. What is passed to a callback is valid until that callback returns.
 *
 * STRUCTS that may grow begin with struct_size, which the caller sets to sizeof of the struct as it knows it; the
 * MLAGSYNC_INIT macro makes one that is all zeros otherwise. A program that was compiled with an older header goes on
 * working with a newer library; one compiled with a newer header does with an older library, as long as what that does not
 * know is zero (else MLAGSYNC_E_STRUCT_SIZE). In an array all elements have the same struct_size, which is the distance
 * between them. Where a struct is written, no more than its struct_size is, and what is unknown to the library stays.
 *
 * UNITS are in the names: _s seconds, _ms milliseconds, _ns nanoseconds; times run while the machine is awake. Addresses
 * and MACs are octets in network order, everything else is in the machine's.
 *
 * STRINGS are UTF-8. One that is passed without a length ends with a zero byte, within the bound that its function
 * states; no byte behind the bound is read.
 *
 * HANDLES are names, not addresses. One that was freed, or never was one, is refused with MLAGSYNC_E_HANDLE, from any
 * thread; what is under way on it in another thread ends in good order.
 *
 * THREADS. Every function may be called from every thread at any time, on the same handle too; exceptions are stated.
 * Each handle has five threads from mlagsync_start() to mlagsync_stop(): "mlag-core", "mlag-peer", "mlag-source",
 * "mlag-events" and "mlag-asic"; the last one not with mlagsync_builder_calls_on_nos_thread(). With mlagsync_builder_control()
 * there is "mlag-ctl", and "mlag-readback" and "mlag-commit" while a request lasts; "mlag-netns" while a socket is made in
 * a network namespace. Sockets are made in the namespace of the thread that calls mlagsync_start(), or the VPN instance's.
 * No function waits for SAI or for the network but mlagsync_verify(), mlagsync_repair() and mlagsync_run_batches(); those
 * that wait for something else, or may, state the bound; all others return at once. In a process
 * made by fork() without exec, all functions but those of the section "What this is" answer MLAGSYNC_E_FORKED; the
 * process that forked is not disturbed.
 *
 * CALLBACKS get the program's userdata as first argument. Each comes from one thread of the library: on_event from
 * "mlag-events", lock and unlock from "mlag-asic", on_log from any, also from one of the program's that is inside a call.
 * on_event may call every function but mlagsync_stop(), mlagsync_free(), mlagsync_run_batches() and mlagsync_next_event()
 * on a handle whose callback it is: these answer MLAGSYNC_E_CALLBACK and do nothing. The other callbacks must not call in.
 * A callback must return, must not throw a C++ exception, and must not longjmp out.
 *
 * AS A GUEST the library installs no signal handler, writes to neither stdout nor stderr, reads no environment variable,
 * and never ends the process. Its threads block all signals. A fault of its own that makes a function panic is
 * MLAGSYNC_E_PANIC, and the handle answers nothing else from then on but to mlagsync_stop() and mlagsync_free().
 */

#ifndef MLAGSYNC_H
#define MLAGSYNC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What this is ------------------------------------------------------------------------------------------------ */

/* The release that this header belongs to. */
#define MLAGSYNC_VERSION_MAJOR 0
#define MLAGSYNC_VERSION_MINOR 1
#define MLAGSYNC_VERSION_PATCH 0

/* The number in the shared library's name: it changes when a program must be compiled anew. */
#define MLAGSYNC_ABI 0

/* The release of the library that is loaded, as "0.1.0": valid for ever. Never NULL. */
const char *mlagsync_version(void);

/* MLAGSYNC_ABI of the library that is loaded. */
uint32_t mlagsync_abi(void);

/*
 * 1 when the library has the feature with this name, 0 when not, or when the name is NULL or longer than 64 bytes:
 * "nos-thread" (mlagsync_run_batches()), "event-fd" (mlagsync_event_fd()), "linked-sai" (built with the feature `linked`, to
 * be linked with a libsai).
 */
int32_t mlagsync_has(const char *feature);

/* What a function answers. */
typedef int32_t mlagsync_result_t;
enum {
    /* Done. */
    MLAGSYNC_OK = 0,
    /* Not all of it now: nothing is wrong, try again later. */
    MLAGSYNC_AGAIN = 1,
    /* Stopped; but SAI holds a thread that will end when it lets it go. */
    MLAGSYNC_LEFT_BEHIND = 2,
    /* A pointer that is needed is NULL. */
    MLAGSYNC_E_NULL = -1,
    /* Not a handle, or one that was freed. */
    MLAGSYNC_E_HANDLE = -2,
    /* A struct_size that cannot be, or a newer struct with something in it that is not known here. */
    MLAGSYNC_E_STRUCT_SIZE = -3,
    /* A value that is none: a number outside its range, an enumerator that does not exist, a name that is not legal. */
    MLAGSYNC_E_INVALID = -4,
    /* A string that is not UTF-8. */
    MLAGSYNC_E_UTF8 = -5,
    /* A string without an end within its bound, or a count or length that no memory can have. */
    MLAGSYNC_E_LENGTH = -6,
    /* The caller's buffer is too short; how long it must be was written. */
    MLAGSYNC_E_BUFFER = -7,
    /* Not in this state, or not with what was set up. */
    MLAGSYNC_E_STATE = -8,
    /* The handle is stopped, or stopping. */
    MLAGSYNC_E_STOPPED = -9,
    /* From inside a callback, where this cannot be done. */
    MLAGSYNC_E_CALLBACK = -10,
    /* In a process that was forked off. */
    MLAGSYNC_E_FORKED = -11,
    /* Command lines were refused: nothing was changed, the diagnostics say why. */
    MLAGSYNC_E_REFUSED = -12,
    /* SAI cannot be used. */
    MLAGSYNC_E_SAI = -13,
    /* The operating system refused: no thread, no memory, no file. */
    MLAGSYNC_E_SYSTEM = -14,
    /* There is no answer within the stated time. */
    MLAGSYNC_E_TIMEOUT = -15,
    /* This build of the library cannot do it. */
    MLAGSYNC_E_UNSUPPORTED = -16,
    /* A fault of the library's own. */
    MLAGSYNC_E_PANIC = -17
};

/* The name of a result, as "MLAGSYNC_E_NULL"; "MLAGSYNC_?" for a number that is none. Valid for ever, never NULL. */
const char *mlagsync_result_name(mlagsync_result_t result);

/*
 * What went wrong in the latest call of this thread that answered a negative number, as one sentence. Writes at most
 * size bytes to buffer, the last of them zero, and answers how many the whole text needs with its zero; an answer above
 * size says that it was cut. A NULL buffer or a size of 0 only asks. Before any failure the text is empty.
 */
size_t mlagsync_last_error(char *buffer, size_t size);

/* A struct that may grow, all zeros but its size: mlagsync_binding_t b = MLAGSYNC_INIT(mlagsync_binding_t); */
#ifdef __cplusplus
#define MLAGSYNC_INIT(type) (::mlagsync_init_<type>())
#else
#define MLAGSYNC_INIT(type) {.struct_size = (uint32_t)sizeof(type)}
#endif

/* ---- Words ------------------------------------------------------------------------------------------------------- */

/* One switch that is driven. */
typedef struct mlagsync mlagsync_t;

/* What a switch will be, before it is started. */
typedef struct mlagsync_builder mlagsync_builder_t;

/* A raw SAI object id (sai_object_id_t); 0 is SAI_NULL_OBJECT_ID. */
typedef uint64_t mlagsync_oid_t;

/* The longest name of a VPN instance (a VRF), 31 characters, with its zero. */
#define MLAGSYNC_VRF_SIZE 128

/* An address, in network order; all zeros: none. */
typedef struct mlagsync_ip {
    /* 4 or 6; 0: none. */
    uint8_t family;
    /* The first four of an IPv4 address, and zeros behind. */
    uint8_t octets[16];
} mlagsync_ip_t;

/* An address of a router with its subnet. */
typedef struct mlagsync_subnet {
    mlagsync_ip_t ip;
    uint8_t prefix_length;
} mlagsync_subnet_t;

/* What a layer 3 interface is, in words that both switches share. */
enum {
    /* Of a VLAN: number is its id, 1 to 4094. */
    MLAGSYNC_INTERFACE_VLAN = 1,
    /* Of a bridge domain: number is its id, 1 to 16777215. */
    MLAGSYNC_INTERFACE_BRIDGE_DOMAIN = 2,
    /* A routed M-LAG: number is its id, 1 to 4096; dot1q is the subinterface's tag, 1 to 4094, or 0 for none. */
    MLAGSYNC_INTERFACE_ROUTED = 3
};

/* A layer 3 interface, by the name that both switches give it. */
typedef struct mlagsync_interface {
    /* MLAGSYNC_INTERFACE_…; 0: none. */
    uint32_t kind;
    uint32_t number;
    /* 0 unless kind is MLAGSYNC_INTERFACE_ROUTED. */
    uint32_t dot1q;
} mlagsync_interface_t;

/* A neighbour: an address on an interface. */
typedef struct mlagsync_key {
    mlagsync_interface_t interface;
    mlagsync_ip_t ip;
    /* Zero. */
    uint8_t reserved[3];
} mlagsync_key_t;

/* How a host hangs on the pair, which the port that heard it says. */
enum {
    /* Dual-homed: behind a member of an M-LAG. */
    MLAGSYNC_ATTACHMENT_MLAG = 1,
    /* Single-homed: behind a port of this switch alone. */
    MLAGSYNC_ATTACHMENT_ORPHAN = 2,
    /* Behind the overlay. */
    MLAGSYNC_ATTACHMENT_FABRIC = 3
};

/* Facts of a neighbour, OR-ed. */
enum {
    /* An IPv6 router (RFC 4861). */
    MLAGSYNC_FLAG_ROUTER = 1,
    /* This switch's own address. */
    MLAGSYNC_FLAG_INTERFACE = 2
};

/* How a link is. */
enum {
    MLAGSYNC_LINK_DOWN = 0,
    /* Up, and not forwarding yet. */
    MLAGSYNC_LINK_UP = 1,
    MLAGSYNC_LINK_FORWARDING = 2
};

/* ---- Before the start -------------------------------------------------------------------------------------------- */

/*
 * What a switch will be, with the defaults. The hostname (1 to 255 bytes) is for people. The builder is the caller's until
 * mlagsync_builder_free(). One builder is for one thread at a time; two calls at once do no harm, in an order of chance.
 */
mlagsync_result_t mlagsync_builder_new(const char *hostname, mlagsync_builder_t **builder);

/* Ends a builder; the switches that it started live on. */
mlagsync_result_t mlagsync_builder_free(mlagsync_builder_t *builder);

/*
 * The model, as the configuration's rules know it (up to 64 bytes; "generic" without this call), and its forwarding mode
 * where it has several (NULL: the usual one). Whether they exist is said by mlagsync_start().
 */
mlagsync_result_t mlagsync_builder_model(mlagsync_builder_t *builder, const char *model, const char *forwarding_mode);

/* The identity in the pair, which must differ from the peer's: the larger wins ties. Without this call it is drawn. */
mlagsync_result_t mlagsync_builder_node_id(mlagsync_builder_t *builder, uint64_t node_id);

/* Which neighbours this library writes into the ASIC. */
enum {
    /* The peer's; those that were learned here the program writes itself. The default. */
    MLAGSYNC_OWNERSHIP_RECEIVED = 0,
    /* All. */
    MLAGSYNC_OWNERSHIP_ALL = 1
};

/* MLAGSYNC_OWNERSHIP_…. */
mlagsync_result_t mlagsync_builder_ownership(mlagsync_builder_t *builder, int32_t ownership);

/* Who writes the FDB entries of the peer's hosts. */
enum {
    /* The program, by its own synchronisation of MACs. The default. */
    MLAGSYNC_FDB_EXTERNAL = 0,
    /* This library. */
    MLAGSYNC_FDB_MANAGED = 1
};

/* MLAGSYNC_FDB_…. */
mlagsync_result_t mlagsync_builder_fdb(mlagsync_builder_t *builder, int32_t fdb);

/*
 * How long the peer's hosts live on when the session is lost, in seconds: its single-homed ones (0: the default, 360), and
 * the time after which a neighbour ages out, twice which is the end of all others (0: the default, 1200).
 */
mlagsync_result_t mlagsync_builder_lifetimes(mlagsync_builder_t *builder, uint32_t stale_s, uint32_t ageing_s);

/* Said to the peer in leaving: after how many seconds the switch means to be back. 0: nothing is said, as without this call. */
mlagsync_result_t mlagsync_builder_restart_time(mlagsync_builder_t *builder, uint32_t seconds);

/*
 * A control socket, made at this path (up to 4095 bytes), by which the mlagsync program looks into this switch as its own
 * user or as root. Without this call there is none.
 */
mlagsync_result_t mlagsync_builder_control(mlagsync_builder_t *builder, const char *path);

/* Every input of the switch goes into this file (up to 4095 bytes of path), for a replay. Without this call none does. */
mlagsync_result_t mlagsync_builder_record(mlagsync_builder_t *builder, const char *path);

/*
 * A VPN instance and what it is to Linux, for the channel's sockets: the VRF device that they are bound to, or the named
 * network namespace that they are opened in; one of both, or both NULL when no channel runs in it. May be called for as
 * many as there are. The same name again replaces it.
 */
mlagsync_result_t mlagsync_builder_vpn_instance(mlagsync_builder_t *builder, const char *name, const char *device,
                                                const char *netns);

/*
 * Where it is recorded what is ours in the ASIC (a file, up to 4095 bytes of path, made when it is not there; one for each
 * switch), so that a restart with the ASIC intact writes nothing that is as it should be, and removes what nobody claims.
 * What the journal names on an interface is taken over when that is bound, and told as MLAGSYNC_EVENT_ADOPTED. Until SAI has
 * said whether the ASIC was booted since, what is told waits. Without this call nothing is remembered.
 */
mlagsync_result_t mlagsync_builder_journal(mlagsync_builder_t *builder, const char *path);

/* What SUCCESS of a SAI library means. */
enum {
    /* It is found out. The default. */
    MLAGSYNC_PROGRAMMING_DETECT = 0,
    /* It is done. */
    MLAGSYNC_PROGRAMMING_SYNCHRONOUS = 1,
    /* It will be done: every entry is read back before it counts. */
    MLAGSYNC_PROGRAMMING_ASYNCHRONOUS = 2
};

/* The ASIC is not read back while there is nothing else to do. */
#define MLAGSYNC_SCRUB_NEVER UINT32_MAX

/* Bounds and times. 0 stands for the default everywhere. */
typedef struct mlagsync_limits {
    uint32_t struct_size;
    /* MLAGSYNC_PROGRAMMING_…. */
    int32_t programming;
    /* Claims of the peer's that are kept. */
    uint64_t claims;
    /* Deletions that are remembered for a peer that may not have heard of them. */
    uint64_t tombstones;
    /* A sweep of more entries than this, and of more than half of them, waits for an operator or the stale timer. */
    uint64_t sweep_guard;
    /* Slots of the host table; by default what the model has, where that is known, else as many as the ASIC takes. */
    uint64_t slots;
    /* Hosts of each VPN instance, and on each interface; by default any number. */
    uint64_t vrf_hosts;
    uint64_t interface_hosts;
    /* Slots that an IPv6 host takes, 1 or 2. */
    uint32_t v6_slots;
    /* Everything in the ASIC is read back within so many seconds, if the share allows it; or MLAGSYNC_SCRUB_NEVER. */
    uint32_t scrub_round_s;
    /* Reading back takes at most one part in so many of the ASIC's time. */
    uint32_t scrub_share;
    /* Changes that are sent at a time, and the longest frame in bytes, 4096 to 524288. */
    uint32_t window;
    uint32_t frame;
    /* Rows that are looked at for one input. */
    uint32_t work;
} mlagsync_limits_t;

/* Bounds and times, in the place of those that were said before; what mlagsync_builder_lifetimes() says stays. */
mlagsync_result_t mlagsync_builder_limits(mlagsync_builder_t *builder, const mlagsync_limits_t *limits);

/* How many hosts this VPN instance (NULL or empty: the public one), or this interface, may have in the ASIC; 0: as the others. */
mlagsync_result_t mlagsync_builder_vrf_hosts(mlagsync_builder_t *builder, const char *vrf, uint64_t hosts);
mlagsync_result_t mlagsync_builder_interface_hosts(mlagsync_builder_t *builder, const mlagsync_interface_t *interface,
                                                   uint64_t hosts);

/* Command lines of the DFS-group view, as mlagsync_configure() takes them, that are in force from the start on. */
mlagsync_result_t mlagsync_builder_configuration(mlagsync_builder_t *builder, const char *text, size_t length);

/* A function of SAI, whatever its type: cast to this. */
typedef void (*mlagsync_function_t)(void);

/*
 * A SAI that the program has initialised, and ends when it likes, but not before mlagsync_free(). Of the functions only
 * api_query is needed; NULL where the library has none under that name. With "linked-sai" (mlagsync_has()) api_query may be
 * NULL, too: then all of them are those of the libsai that this library is linked with. They must be those of one SAI library, stay
 * callable, and be of the types that SAI's header gives them: what is passed here is called.
 */
typedef struct mlagsync_sai {
    uint32_t struct_size;
    /* For a library without sai_query_api_version: 1.9, as major and minor; zeros otherwise. */
    uint16_t assume_major;
    uint16_t assume_minor;
    /* The switch (SAI_OBJECT_TYPE_SWITCH). */
    mlagsync_oid_t switch_oid;
    /* sai_api_query. */
    mlagsync_function_t api_query;
    /* sai_query_api_version. */
    mlagsync_function_t query_api_version;
    /* sai_get_object_count. */
    mlagsync_function_t get_object_count;
    /* sai_get_object_key. */
    mlagsync_function_t get_object_key;
    /* sai_object_type_get_availability. */
    mlagsync_function_t object_type_get_availability;
} mlagsync_sai_t;

/* The SAI to use. Needed before mlagsync_start(). */
mlagsync_result_t mlagsync_builder_sai(mlagsync_builder_t *builder, const mlagsync_sai_t *sai);

/* Takes, or gives back, whatever keeps the program's own SAI calls out. */
typedef void (*mlagsync_lock_fn)(void *userdata);

/*
 * Each batch of SAI calls is made between lock and unlock, on the library's thread "mlag-asic": for a program that calls
 * SAI too and has a lock for it. A batch is about 5 ms of measured ASIC time. lock may wait.
 */
mlagsync_result_t mlagsync_builder_calls_locked(mlagsync_builder_t *builder, void *userdata, mlagsync_lock_fn lock,
                                                mlagsync_lock_fn unlock);

/*
 * No thread of the library calls SAI: the program calls mlagsync_run_batches() on its own. Of this and
 * mlagsync_builder_calls_locked() the last one counts; without either SAI is called on "mlag-asic" whenever there is something
 * to do.
 */
mlagsync_result_t mlagsync_builder_calls_on_nos_thread(mlagsync_builder_t *builder);

/* How urgent a line of the log is. */
enum {
    MLAGSYNC_LOG_ERROR = 1,
    MLAGSYNC_LOG_WARN = 2,
    MLAGSYNC_LOG_INFO = 3,
    MLAGSYNC_LOG_DEBUG = 4
};

/* Takes one line of the log, without its end: where in the library it comes from, and the text, both ending with zero. */
typedef void (*mlagsync_log_fn)(void *userdata, int32_t level, const char *target, const char *text);

/* Lines up to this level go there. Without this call there is no log. It may be called from several threads at once. */
mlagsync_result_t mlagsync_builder_on_log(mlagsync_builder_t *builder, void *userdata, mlagsync_log_fn on_log,
                                          int32_t level);

struct mlagsync_event;

/* Takes an event. */
typedef void (*mlagsync_event_fn)(void *userdata, const struct mlagsync_event *event);

/* Events go there, one after the other, from the thread "mlag-events". Without this call mlagsync_next_event() has them. */
mlagsync_result_t mlagsync_builder_on_event(mlagsync_builder_t *builder, void *userdata, mlagsync_event_fn on_event);

/* ---- Life -------------------------------------------------------------------------------------------------------- */

/*
 * Starts a switch: its threads run, and the channel comes up by itself, once it is configured. The builder may start others
 * afterwards, for another switch_oid. Calls sai_query_api_version, on the calling thread and without lock, and nothing else
 * of SAI. Events may come before it has returned. It takes some milliseconds. MLAGSYNC_E_STATE: there was no
 * mlagsync_builder_sai(); MLAGSYNC_E_INVALID: no such model or mode; MLAGSYNC_E_REFUSED: command lines that are wrong;
 * MLAGSYNC_E_SAI: a SAI of no release that is known; MLAGSYNC_E_SYSTEM: a file that cannot be used (a journal or a control
 * socket that another one uses is one), or no more threads. Then nothing was started.
 */
mlagsync_result_t mlagsync_start(mlagsync_builder_t *builder, mlagsync_t **handle);

/*
 * Takes leave of the peer and ends the threads; the ASIC keeps what it holds. Returns within timeout_ms and a second, also
 * when SAI hangs; 0 stands for the default, 5 s. MLAGSYNC_OK: no thread of this handle is left, and no callback of it
 * runs or will. MLAGSYNC_LEFT_BEHIND: SAI holds the thread "mlag-asic", which ends when it comes back, calling unlock
 * first; nothing else calls back. A second call waits for the first one's end and answers as it did. After it the handle
 * answers MLAGSYNC_E_STOPPED to everything but mlagsync_next_event(), mlagsync_event_fd(), mlagsync_stop() and
 * mlagsync_free().
 */
mlagsync_result_t mlagsync_stop(mlagsync_t *handle, uint32_t timeout_ms);

/* Stops it, unless that was done, as mlagsync_stop() with its default, and ends the handle. Answers as mlagsync_stop(). */
mlagsync_result_t mlagsync_free(mlagsync_t *handle);

/*
 * With mlagsync_builder_calls_on_nos_thread(): makes the SAI calls that wait on the calling thread, and waits for more of
 * them, until budget_ms are over, which is looked at between two batches of about 5 ms each; with a budget of 0 it makes
 * one batch, if one waits. Writes 1 to more when others wait, else 0, on MLAGSYNC_OK. One thread at a time: another one gets
 * MLAGSYNC_AGAIN. Answers MLAGSYNC_E_STOPPED when the handle is stopped meanwhile.
 */
mlagsync_result_t mlagsync_run_batches(mlagsync_t *handle, uint32_t budget_ms, int32_t *more);

/* ---- What the program tells -------------------------------------------------------------------------------------- */

/*
 * These hand over and return; what follows from it happens behind their back, in the order in which one thread told it.
 * They wait, for at most 1 s, while too much that was handed over is not taken yet; then they answer MLAGSYNC_AGAIN, and
 * nothing of it was told.
 */

/* What a router interface is good for. */
enum {
    MLAGSYNC_RIF_UP = 0,
    /* Neighbours on it would attract traffic that goes nowhere. */
    MLAGSYNC_RIF_DOWN = 1,
    /* SAI_ROUTER_INTERFACE_ATTR_IS_VIRTUAL: it takes no neighbours. */
    MLAGSYNC_RIF_VIRTUAL = 2
};

/* What a router interface stands on: where the MACs of its neighbours lie. */
enum {
    /* Not told: neighbours are written, and nothing else is. */
    MLAGSYNC_FOOTING_UNTOLD = 0,
    /* A VLAN: footing_oid is it. */
    MLAGSYNC_FOOTING_VLAN = 1,
    /* A bridge: footing_oid is it. */
    MLAGSYNC_FOOTING_BRIDGE = 2,
    /* A port, a LAG, or a sub-port of one: footing_oid is the virtual router, in which each host has a route. */
    MLAGSYNC_FOOTING_ROUTED = 3
};

/* A layer 3 interface that both switches have, as it is on this one. */
typedef struct mlagsync_binding {
    uint32_t struct_size;
    mlagsync_interface_t interface;
    /* The router interface (SAI_OBJECT_TYPE_ROUTER_INTERFACE). */
    mlagsync_oid_t rif;
    /* MLAGSYNC_FOOTING_…, and what it is. */
    int32_t footing;
    /* MLAGSYNC_RIF_…. */
    int32_t state;
    mlagsync_oid_t footing_oid;
    /* The VPN instance that it lies in, ending with zero; empty: the public one. */
    char vrf[MLAGSYNC_VRF_SIZE];
    /* The router's own MAC there. */
    uint8_t mac[6];
    /* Zero. */
    uint8_t reserved[2];
    /* How many addresses there are, up to 4096. */
    uint32_t address_count;
    /* The router's own addresses with their subnets; NULL with a count of 0: any address is taken. */
    const mlagsync_subnet_t *addresses;
} mlagsync_binding_t;

/* Binds an interface, or binds it anew with other facts. The same again changes nothing. */
mlagsync_result_t mlagsync_bind(mlagsync_t *handle, const mlagsync_binding_t *binding);

/*
 * The interface goes: what is ours on it is taken out of the ASIC, and MLAGSYNC_EVENT_RELEASED says when nothing is left;
 * then the router interface may be removed. One that is not bound changes nothing.
 */
mlagsync_result_t mlagsync_unbind(mlagsync_t *handle, const mlagsync_interface_t *interface);

/* The members of an M-LAG. */
typedef struct mlagsync_member {
    uint32_t struct_size;
    /* The M-LAG's id, 1 to 4096. */
    uint32_t mlag;
    /* The bridge port of this switch's member; 0: it has none. */
    mlagsync_oid_t bridge_port;
    /* MLAGSYNC_LINK_…: how this switch's member is, … */
    int32_t local;
    /* … and the peer's; MLAGSYNC_LINK_FORWARDING where it is not known. */
    int32_t peer;
} mlagsync_member_t;

/* Tells of an M-LAG; anew whenever one of its members changes. */
mlagsync_result_t mlagsync_member(mlagsync_t *handle, const mlagsync_member_t *member);

/* There is no such M-LAG any more. */
mlagsync_result_t mlagsync_member_gone(mlagsync_t *handle, uint32_t mlag);

/* By which next hop the peer is reached in a VPN instance. */
typedef struct mlagsync_next_hop {
    /* Ending with zero; empty: the public one. */
    char vrf[MLAGSYNC_VRF_SIZE];
    /* The next hop (SAI_OBJECT_TYPE_NEXT_HOP). */
    mlagsync_oid_t next_hop;
} mlagsync_next_hop_t;

/* The link between both switches. */
typedef struct mlagsync_peer_link {
    uint32_t struct_size;
    /* MLAGSYNC_LINK_…. */
    int32_t state;
    /* Its bridge port; 0: it has none. */
    mlagsync_oid_t bridge_port;
    /* For the hosts of routed interfaces, one for each VPN instance; up to 4096. */
    const mlagsync_next_hop_t *next_hops;
    size_t next_hop_count;
} mlagsync_peer_link_t;

/* Tells of the peer-link; anew whenever it changes. */
mlagsync_result_t mlagsync_peer_link(mlagsync_t *handle, const mlagsync_peer_link_t *peer_link);

/*
 * What the ASIC as a whole is, from its notifications or from whoever restarts its SDK. Interfaces whose router interfaces
 * have other ids afterwards are bound anew after it was said to be down and before it is said to be back: so they are known
 * to be the same ones, and what is on them is looked for there.
 */
enum {
    /* It is said to be down: nothing is asked of it until it is back. */
    MLAGSYNC_ASIC_DOWN = 1,
    /* It is said to have failed. */
    MLAGSYNC_ASIC_FAILED = 2,
    /* It, or its SDK, is being shut down or restarted. */
    MLAGSYNC_ASIC_SHUTDOWN = 3,
    /* It is back, and what was programmed is gone: it is programmed again. */
    MLAGSYNC_ASIC_BACK_EMPTY = 4,
    /* It is back, and what was programmed is still there. */
    MLAGSYNC_ASIC_BACK_INTACT = 5,
    /* It is back, and nobody knows: it is read back. */
    MLAGSYNC_ASIC_BACK = 6
};

/* MLAGSYNC_ASIC_…. Interfaces whose router interfaces have other ids now are bound anew before it is said to be back. */
mlagsync_result_t mlagsync_asic(mlagsync_t *handle, int32_t state);

/*
 * The program has told everything that it knew at start: now the peer may take what it has not been told for gone. Once,
 * after the first dump of neighbours; without it the peer never hears the end of a synchronisation.
 */
mlagsync_result_t mlagsync_local_complete(mlagsync_t *handle);

/*
 * Everything that is known locally is told anew between these two, as after a restart of the program's own ARP and ND:
 * neighbours that were not are gone.
 */
mlagsync_result_t mlagsync_dump_begin(mlagsync_t *handle);
mlagsync_result_t mlagsync_dump_end(mlagsync_t *handle);

/* mlagsync_builder_lifetimes(), from now on. */
mlagsync_result_t mlagsync_lifetimes(mlagsync_t *handle, uint32_t stale_s, uint32_t ageing_s);

/* ---- What the program heard -------------------------------------------------------------------------------------- */

/*
 * These take as much as there is room for, waiting for room up to wait_ms (0: not at all), and write how many elements,
 * from the first one on, were taken: all with MLAGSYNC_OK, fewer with MLAGSYNC_AGAIN, and the caller comes back with the
 * rest. Nothing is dropped. An element that is wrong refuses the whole call, and none was taken. A count of 0 is
 * MLAGSYNC_OK, and the array may then be NULL; the largest is 1048576.
 */

/* A neighbour that was heard. */
typedef struct mlagsync_learned {
    uint32_t struct_size;
    /* MLAGSYNC_ATTACHMENT_…: of the port that heard it, never of an FDB entry that was written. */
    int32_t attachment;
    /* The M-LAG's id with MLAGSYNC_ATTACHMENT_MLAG, else 0. */
    uint32_t mlag;
    /* MLAGSYNC_FLAG_…, OR-ed. */
    uint32_t flags;
    mlagsync_key_t key;
    uint8_t mac[6];
    /*
     * 1 when it says that the host is here now: a reply, a change, a step to REACHABLE. 0 for repeats, STALE and dumps, by
     * which a host is never taken to have moved here.
     */
    uint8_t fresh;
    /* Zero. */
    uint8_t reserved[1];
} mlagsync_learned_t;

/* Neighbours that were heard on ports of this switch: its claims. Not what came over the peer-link or a tunnel. */
mlagsync_result_t mlagsync_learned(mlagsync_t *handle, const mlagsync_learned_t *items, size_t count, uint32_t wait_ms,
                                   size_t *taken);

/* A neighbour and its MAC. */
typedef struct mlagsync_host {
    mlagsync_key_t key;
    uint8_t mac[6];
    /* Zero. */
    uint8_t reserved[2];
} mlagsync_host_t;

/* Neighbours that an operator configured: they beat every claim here, and are not sent. */
mlagsync_result_t mlagsync_static(mlagsync_t *handle, const mlagsync_host_t *items, size_t count, uint32_t wait_ms,
                                  size_t *taken);

/*
 * Replies of neighbours that came over the peer-link or a tunnel: never a claim, but their owner is told, so that it does
 * not age them out.
 */
mlagsync_result_t mlagsync_confirmed(mlagsync_t *handle, const mlagsync_host_t *items, size_t count, uint32_t wait_ms,
                                     size_t *taken);

/* Neighbours that are gone: aged out, deleted, or not static any more. */
mlagsync_result_t mlagsync_forgotten(mlagsync_t *handle, const mlagsync_key_t *items, size_t count, uint32_t wait_ms,
                                     size_t *taken);

/* Neighbours that MLAGSYNC_EVENT_PROBE asked for, and that did not answer. */
mlagsync_result_t mlagsync_unanswered(mlagsync_t *handle, const mlagsync_key_t *items, size_t count, uint32_t wait_ms,
                                      size_t *taken);

/* What happened in the FDB. */
enum {
    MLAGSYNC_FDB_LEARNED = 1,
    MLAGSYNC_FDB_MOVED = 2,
    MLAGSYNC_FDB_AGED = 3,
    MLAGSYNC_FDB_FLUSHED = 4
};

/* What the ASIC says of the FDB. */
typedef struct mlagsync_fdb_news {
    uint32_t struct_size;
    /* MLAGSYNC_FDB_LEARNED and so on. */
    int32_t change;
    /* In which VLAN (SAI_OBJECT_TYPE_VLAN), or … */
    mlagsync_oid_t vlan;
    /* … in which bridge (SAI_OBJECT_TYPE_BRIDGE); both 0: in all of them. */
    mlagsync_oid_t bridge;
    /* On which port, the new one where it moved; 0: on any, or not known. */
    mlagsync_oid_t bridge_port;
    /* To which MAC, with has_mac 1; to all, with 0. */
    uint8_t mac[6];
    uint8_t has_mac;
    /* Zero. */
    uint8_t reserved[1];
} mlagsync_fdb_news_t;

/* What the FDB notification says, in its order. The library never asks SAI for notifications by itself. */
mlagsync_result_t mlagsync_fdb(mlagsync_t *handle, const mlagsync_fdb_news_t *items, size_t count, uint32_t wait_ms,
                               size_t *taken);

/* ---- Configuration ----------------------------------------------------------------------------------------------- */

/* Only look whether the lines are right: change nothing. */
#define MLAGSYNC_CONFIGURE_CHECK 1u

/*
 * Takes command lines, as they are entered from the system view on, on top of what is in force, all or none:
 *
 *     dfs-group 1
 *      peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048
 *
 * length is that of the text in bytes; up to 1 MiB. When lines are wrong (MLAGSYNC_E_REFUSED), diagnostics gets what is wrong and
 * where, cut at size - 1 bytes and ending with zero, and needed how many bytes the whole takes with its zero; on MLAGSYNC_OK
 * it gets an empty text. diagnostics may be NULL with a size of 0, and needed may be NULL. It returns when the lines are in
 * force, which takes some milliseconds, and as many for each password in them; neither SAI nor the peer is waited for, but
 * another thread that configures is. Whether the session comes up is said by MLAGSYNC_EVENT_SESSION_UP and _DOWN.
 */
mlagsync_result_t mlagsync_configure(mlagsync_t *handle, const char *text, size_t length, uint32_t flags,
                                     char *diagnostics, size_t size, size_t *needed);

/* The channel of the pair, for a program that has no command lines. */
typedef struct mlagsync_channel {
    uint32_t struct_size;
    /* The DFS group, 1 to 65535, the same on both switches. */
    uint32_t dfs_group;
    /* The address of this switch, … */
    mlagsync_ip_t source;
    /* … and the peer's, of the same family. */
    mlagsync_ip_t peer;
    /* The TCP port, 1024 to 65535, the same on both switches. */
    uint16_t tcp_port;
    /* The VPN instance of both addresses, ending with zero; empty: the public one. */
    char vrf[MLAGSYNC_VRF_SIZE];
} mlagsync_channel_t;

/*
 * The same as the peer-link line with these words, which replaces the one in force; NULL as channel takes the one in force
 * away (MLAGSYNC_E_TIMEOUT when that was not found out within 1 s). Otherwise as mlagsync_configure().
 */
mlagsync_result_t mlagsync_configure_channel(mlagsync_t *handle, const mlagsync_channel_t *channel, char *diagnostics,
                                             size_t size, size_t *needed);

/*
 * The command lines in force. Writes at most size bytes to buffer, the last of them zero, and to needed how many the whole
 * text needs with its zero; that also with MLAGSYNC_E_BUFFER, when size is too small. Waits up to 1 s.
 */
mlagsync_result_t mlagsync_configuration(mlagsync_t *handle, char *buffer, size_t size, size_t *needed);

/* ---- What the library shows -------------------------------------------------------------------------------------- */

/* These wait for an answer up to 1 s (MLAGSYNC_E_TIMEOUT): none of them waits for SAI, or the network. */

/* How far one switch is. */
enum {
    /* Its ports should stay closed. */
    MLAGSYNC_READY_WAITING = 0,
    /* Its ASIC holds everything that the other one told: ports may be opened. */
    MLAGSYNC_READY_PROVED = 1,
    /* It was waited for long enough: ports may be opened. */
    MLAGSYNC_READY_FALLBACK = 2
};

/* The channel. */
typedef struct mlagsync_session {
    uint32_t struct_size;
    /* 1 when it is up. */
    uint8_t up;
    /* 1 when the peer has named everything that it claims. */
    uint8_t received_end;
    /* 1 when everything that is claimed here was named to the peer. */
    uint8_t sent_end;
    /* 1 when claims of the peer's were not kept, for there were too many. */
    uint8_t truncated;
    /* 1 when a SAI call does not come back here. */
    uint8_t asic_hangs;
    /* 1 when one does not on the peer, as it says. */
    uint8_t peer_asic_hangs;
    uint8_t reserved[2];
    /* MLAGSYNC_READY_… of this switch … */
    int32_t self_ready;
    /* … and of the peer, as it says. */
    int32_t peer_ready;
    /* The identity of this switch, 0 when no channel is configured, … */
    uint64_t node_id;
    /* … and of the peer, 0 when it has not said. */
    uint64_t peer_node_id;
    /* For how long it has been up or down, in milliseconds. */
    uint64_t since_ms;
    /* The latest change of this switch, and up to which of them the peer's ASIC is done. */
    uint64_t position;
    uint64_t peer_acked;
    /* Up to which of the peer's changes were received, and up to which this ASIC is done. */
    uint64_t received;
    uint64_t acked;
    /* Claims that wait for an operator to sweep them. */
    uint64_t awaits_sweep;
    /* The addresses; family 0 when no channel is configured. */
    mlagsync_ip_t source;
    mlagsync_ip_t peer;
    uint16_t tcp_port;
    uint16_t dfs_group;
    /* Why it is down, as one of the names of docs/protocol.md, ending with zero; when it is up, why it was down last. */
    char reason[64];
    /* The same in a sentence, cut where it is too long, ending with zero. */
    char text[256];
} mlagsync_session_t;

/* How the channel is. */
mlagsync_result_t mlagsync_session(mlagsync_t *handle, mlagsync_session_t *session);

/* Counts: the first seven are of now, the others since the start. */
typedef struct mlagsync_counts {
    uint32_t struct_size;
    uint32_t reserved;
    /* Claims of this switch. */
    uint64_t local;
    /* Claims of the peer's. */
    uint64_t remote;
    /* Hosts that the ASIC should hold, as far as that is our doing. */
    uint64_t wanted;
    /* Of these, those that it is known to hold. */
    uint64_t programmed;
    /* Claims that are refused before the ASIC is asked. */
    uint64_t refused;
    /* Hosts that the ASIC refused. */
    uint64_t parked;
    /* Hosts that moved too often. */
    uint64_t frozen;
    /* Pieces of local evidence. */
    uint64_t evidence;
    /* Entries sent and received. */
    uint64_t sent_upserts;
    uint64_t sent_deletes;
    uint64_t received_upserts;
    uint64_t received_deletes;
    /* Sessions that came up, and synchronisations that were received to their end. */
    uint64_t sessions;
    uint64_t syncs;
    /* SAI calls, what they did entry by entry, and nanoseconds inside. */
    uint64_t sai_calls;
    uint64_t creates;
    uint64_t sets;
    uint64_t removes;
    uint64_t reads;
    uint64_t asic_ns;
    /* Events that nobody took in time. */
    uint64_t events_lost;
} mlagsync_counts_t;

mlagsync_result_t mlagsync_counts(mlagsync_t *handle, mlagsync_counts_t *counts);

/* Which rows are looked for: those that are as each field that is not zero says. */
typedef struct mlagsync_filter {
    uint32_t struct_size;
    /* MLAGSYNC_ORIGIN_…, of neighbours only; 0: all. */
    int32_t origin;
    /* Of hosts only: 1 for those that are not as they should be. */
    uint32_t trouble;
    /* Its kind 0: all. */
    mlagsync_interface_t interface;
    /* Its family 0: all. */
    mlagsync_ip_t ip;
    /* All zeros: all. */
    uint8_t mac[6];
    uint8_t reserved[1];
} mlagsync_filter_t;

/* Whose a claim is. */
enum {
    MLAGSYNC_ORIGIN_LOCAL = 1,
    MLAGSYNC_ORIGIN_REMOTE = 2,
    /* A static entry of this switch. */
    MLAGSYNC_ORIGIN_STATIC = 3
};

/* Where a walk through a table stands: begin with MLAGSYNC_CURSOR_BEGIN, go on until it is MLAGSYNC_CURSOR_END. */
typedef uint64_t mlagsync_cursor_t;
#define MLAGSYNC_CURSOR_BEGIN UINT64_C(0)
#define MLAGSYNC_CURSOR_END UINT64_MAX

/* One claim. */
typedef struct mlagsync_neighbor {
    uint32_t struct_size;
    /* MLAGSYNC_ORIGIN_…. */
    int32_t origin;
    mlagsync_key_t key;
    /* MLAGSYNC_ATTACHMENT_…, and the M-LAG's id or 0. */
    int32_t attachment;
    uint32_t mlag;
    /* MLAGSYNC_FLAG_…. */
    uint32_t flags;
    /* The mobility counter: the higher claim wins. */
    uint32_t counter;
    uint8_t mac[6];
    /* 1 when it is the one that counts. */
    uint8_t wins;
    uint8_t reserved[1];
} mlagsync_neighbor_t;

/*
 * Claims, a page of them. row_size is sizeof(mlagsync_neighbor_t), capacity the number of rows that there is room for, at
 * least 2: both claims on a key come together. Writes how many rows there are and the cursor to go on from. A page may be empty without being the last
 * one. The filter may be NULL. Rows that live through the whole walk are shown once.
 */
mlagsync_result_t mlagsync_neighbors(mlagsync_t *handle, const mlagsync_filter_t *filter, mlagsync_neighbor_t *rows,
                                     size_t row_size, size_t capacity, mlagsync_cursor_t *cursor, size_t *count);

/* How far an entry of the ASIC is. */
enum {
    /* Held as it should be. */
    MLAGSYNC_HOST_PROGRAMMED = 1,
    /* On its way. */
    MLAGSYNC_HOST_PENDING = 2,
    /* Ours from before a restart; whether it should be is not known yet. */
    MLAGSYNC_HOST_ADOPTED = 3,
    /* On its way out. */
    MLAGSYNC_HOST_REMOVING = 4,
    /* Not known: to be read back. */
    MLAGSYNC_HOST_UNKNOWN = 5,
    /* The ASIC had no room, or something stands in the way: it is tried again. detail is the SAI status. */
    MLAGSYNC_HOST_PARKED = 6,
    /* The ASIC refused it as wrong. detail is the SAI status. */
    MLAGSYNC_HOST_FAILED = 7,
    /* It was refused before the ASIC was asked. detail is MLAGSYNC_REFUSAL_…. */
    MLAGSYNC_HOST_REFUSED = 8,
    /* Another state, of a newer library. */
    MLAGSYNC_HOST_OTHER = 255
};

/* Why a claim is not in the ASIC. A newer library may have others. */
enum {
    MLAGSYNC_REFUSAL_MAC_ZERO = 1,
    MLAGSYNC_REFUSAL_MAC_MULTICAST = 2,
    MLAGSYNC_REFUSAL_MAC_BROADCAST = 3,
    MLAGSYNC_REFUSAL_MAC_OWN = 4,
    MLAGSYNC_REFUSAL_IP_OWN = 5,
    MLAGSYNC_REFUSAL_IP_UNSPECIFIED = 6,
    MLAGSYNC_REFUSAL_IP_MULTICAST = 7,
    MLAGSYNC_REFUSAL_IP_LOOPBACK = 8,
    MLAGSYNC_REFUSAL_IP_OUTSIDE_SUBNETS = 9,
    MLAGSYNC_REFUSAL_INTERFACE_UNKNOWN = 10,
    MLAGSYNC_REFUSAL_VRF_DIFFERS = 11,
    MLAGSYNC_REFUSAL_ADDRESS_ELSEWHERE = 12,
    MLAGSYNC_REFUSAL_RIF_DOWN = 13,
    MLAGSYNC_REFUSAL_RIF_VIRTUAL = 14,
    MLAGSYNC_REFUSAL_QUOTA = 15,
    MLAGSYNC_REFUSAL_CAPACITY = 16,
    /* No member and no peer-link leads to the host. */
    MLAGSYNC_REFUSAL_NO_PATH = 17,
    /* From here on, of events only: the ASIC has no room, … */
    MLAGSYNC_REFUSAL_TABLE_FULL = 64,
    /* … it refused the entry as wrong, or cannot do it, … */
    MLAGSYNC_REFUSAL_REJECTED = 65,
    /* … something else is missing there, or in the way. */
    MLAGSYNC_REFUSAL_WAITING = 66,
    /* The same address is still on another interface. */
    MLAGSYNC_REFUSAL_ADDRESS_LEAVING = 67,
    /* Only the peer reaches the host, and no next hop to the peer is named in the VPN instance. */
    MLAGSYNC_REFUSAL_NO_NEXT_HOP = 68,
    /* Nobody claims the host any more, and the program uses the entry. */
    MLAGSYNC_REFUSAL_IN_USE = 69,
    /* Somebody else writes the entry. */
    MLAGSYNC_REFUSAL_CONTESTED = 70
};

/* One entry of the ASIC's host table. */
typedef struct mlagsync_host_row {
    uint32_t struct_size;
    /* MLAGSYNC_HOST_…. */
    int32_t state;
    /* What belongs to the state. */
    int32_t detail;
    mlagsync_key_t key;
    /* The MAC that should be there, all zeros for none, … */
    uint8_t wanted[6];
    /* … and the one that is known to be there. */
    uint8_t programmed[6];
} mlagsync_host_row_t;

/* The host table as it should be and is known, a page of it; as mlagsync_neighbors(), but capacity is at least 1. */
mlagsync_result_t mlagsync_hosts(mlagsync_t *handle, const mlagsync_filter_t *filter, mlagsync_host_row_t *rows,
                                 size_t row_size, size_t capacity, mlagsync_cursor_t *cursor, size_t *count);

/*
 * Everything that is known of an address, as a JSON document: both claims, the decision and its reason, the state of the
 * ASIC, and what happened. buffer, size and needed as in mlagsync_configuration().
 */
mlagsync_result_t mlagsync_why(mlagsync_t *handle, const mlagsync_ip_t *ip, char *buffer, size_t size, size_t *needed);

/* The ASIC compared with what it should hold. */
typedef struct mlagsync_verdict {
    uint32_t struct_size;
    /* 1 when everything that should be there is there as it should be. */
    uint32_t clean;
    /* Entries that should be there, … */
    uint64_t wanted;
    /* … those that are, … */
    uint64_t equal;
    /* … and those that were on their way, without a verdict. */
    uint64_t unsettled;
    /* Entries that the ASIC holds. */
    uint64_t held;
    /* Not there, there with another MAC, and there without being ours, which is not wrong by itself. */
    uint64_t missing;
    uint64_t differing;
    uint64_t foreign;
    /* Of mlagsync_repair(): entries that could not be put right. */
    uint64_t unrepaired;
} mlagsync_verdict_t;

/*
 * Reads the ASIC back and compares. This and mlagsync_repair() are the ones that wait for SAI, up to 120 s: not for a thread that has other
 * things to do, nor, with mlagsync_builder_calls_on_nos_thread(), for the one that runs the batches.
 */
mlagsync_result_t mlagsync_verify(mlagsync_t *handle, mlagsync_verdict_t *verdict);

/*
 * The same; then what is missing or differs is programmed again, and compared once more. Entries that are not ours stay.
 * before may be NULL.
 */
mlagsync_result_t mlagsync_repair(mlagsync_t *handle, mlagsync_verdict_t *before, mlagsync_verdict_t *after);

/* What mlagsync_show() shows. */
enum {
    /* The channel, with the proof of what both ASICs hold. */
    MLAGSYNC_SHOW_SESSION = 1,
    /* All counters. */
    MLAGSYNC_SHOW_COUNTERS = 2,
    /* The latest 100 events that matter, with their times, and how often the channel was down for what reason. */
    MLAGSYNC_SHOW_HISTORY = 3,
    /* Room in the host table, quotas, and who has it. */
    MLAGSYNC_SHOW_ADMISSION = 4
};

/*
 * MLAGSYNC_SHOW_… as a JSON document: for people and for tools, which pass over members that they do not know. buffer, size
 * and needed as in mlagsync_configuration(). Waits up to 1 s.
 */
mlagsync_result_t mlagsync_show(mlagsync_t *handle, int32_t what, char *buffer, size_t size, size_t *needed);

/* An operator's words: sweep now what waits to be swept, and have the peer name everything anew. */
mlagsync_result_t mlagsync_sweep(mlagsync_t *handle);
mlagsync_result_t mlagsync_resync(mlagsync_t *handle);

/* ---- Events ------------------------------------------------------------------------------------------------------ */

/* What happened. Others may come: a program passes over what it does not know. */
enum {
    /* The session is up: peer is the other switch's node id. */
    MLAGSYNC_EVENT_SESSION_UP = 1,
    /* It is down, or for another reason than before: reason, text. */
    MLAGSYNC_EVENT_SESSION_DOWN = 2,
    /* The peer begins to name everything. */
    MLAGSYNC_EVENT_SYNC_BEGAN = 3,
    /* It has: count claims are held, other were swept. */
    MLAGSYNC_EVENT_SYNC_ENDED = 4,
    /* It named only other claims, and count others wait for the stale timer or an operator. */
    MLAGSYNC_EVENT_SWEEP_HELD = 5,
    /* What waited was swept: count. */
    MLAGSYNC_EVENT_SWEPT = 6,
    /* count claims were told, and other of them are held: they are asked for anew. */
    MLAGSYNC_EVENT_COPY_DIFFERS = 7,
    /* The copy was put right: count of its parts. */
    MLAGSYNC_EVENT_COPY_REPAIRED = 8,
    /* It could not be: count were told, other are held. */
    MLAGSYNC_EVENT_COPY_UNREPAIRED = 9,
    /* The peer claims more than is kept of it: count are held. */
    MLAGSYNC_EVENT_COPY_TRUNCATED = 10,
    /* The session has been away for so long that the peer's single-homed hosts were given up: count; other are probed. */
    MLAGSYNC_EVENT_STALE_ENDED = 11,
    /* … and the last ones: count. */
    MLAGSYNC_EVENT_GHOSTS_ENDED = 12,
    /* The peer left, and means to be back after count milliseconds. */
    MLAGSYNC_EVENT_PEER_RESTARTS = 13,
    /* This switch: state is MLAGSYNC_READY_…; when it is not WAITING, ports may be opened. text says what is missing. */
    MLAGSYNC_EVENT_SELF_READY = 14,
    /* The same of the peer, as it says. */
    MLAGSYNC_EVENT_PEER_READY = 15,
    /* A neighbour of ours (key) answered the peer: it is not to be aged out. */
    MLAGSYNC_EVENT_CONFIRMED = 16,
    /* Is this neighbour (key) still there? Ask for it; tell mlagsync_unanswered() when nobody answers. */
    MLAGSYNC_EVENT_PROBE = 17,
    /* Every claim that the synchronisation brought is final in the ASIC: count nanoseconds from its begin. */
    MLAGSYNC_EVENT_SYNC_PROGRAMMED = 18,
    /* The session goes on behind position count of ours. */
    MLAGSYNC_EVENT_RESUMED = 19,
    /* Everything up to position count of ours was handed to the channel. */
    MLAGSYNC_EVENT_END_SENT = 20,
    /* The ASIC cannot, as a whole: status. */
    MLAGSYNC_EVENT_ASIC_TROUBLE = 21,
    /* A SAI call does not come back, for count milliseconds now. */
    MLAGSYNC_EVENT_ASIC_HANGS = 22,
    /* It has come back. */
    MLAGSYNC_EVENT_ASIC_BACK = 23,
    /* The peer says that a SAI call of its does not come back (state 1), or has (0). */
    MLAGSYNC_EVENT_PEER_ASIC = 24,
    /* Nothing of ours is left on an interface that was unbound: key.interface. */
    MLAGSYNC_EVENT_RELEASED = 25,
    /* An interface of the peer's (key.interface) lies in another VPN instance here: vrf; text has the peer's. */
    MLAGSYNC_EVENT_VRF_DIFFERS = 26,
    /* A host (key) moves too often, and is frozen for count milliseconds. */
    MLAGSYNC_EVENT_FROZEN = 27,
    /* It is not frozen any more. */
    MLAGSYNC_EVENT_THAWED = 28,
    /* The peer claims with another MAC (other_mac) what is static here (key, mac). */
    MLAGSYNC_EVENT_STATIC_DISPUTED = 29,
    /* A removal of ours may have taken away an entry (key) that the program wrote: it is to be written again. */
    MLAGSYNC_EVENT_TAKEN_AWAY = 30,
    /* count entries of ours from before the restart that nobody claims wait for the stale timer or an operator. */
    MLAGSYNC_EVENT_LEFTOVERS_HELD = 31,
    /* They were removed: count. */
    MLAGSYNC_EVENT_LEFTOVERS_SWEPT = 32,
    /* count events were lost, because nobody took them in time: look at everything anew. */
    MLAGSYNC_EVENT_OVERFLOW = 33,
    /* The ASIC takes no order any more: reason. */
    MLAGSYNC_EVENT_ASIC_DOWN = 34,
    /* It is back, and count entries are looked at; state is 1 when what was there is said to be, 0 when not, -1: nobody knows. */
    MLAGSYNC_EVENT_ASIC_RESTARTED = 35,
    /* Everything is as it should be after that: count entries were looked at, and it took other writes. */
    MLAGSYNC_EVENT_ASIC_RESTORED = 36,
    /* An entry (key) was not in the ASIC as it had confirmed, and is written again; other_mac was found there. */
    MLAGSYNC_EVENT_REPAIRED = 37,
    /* So were count others, not told one by one. */
    MLAGSYNC_EVENT_MORE_REPAIRED = 38,
    /* An entry (key) was repaired again and again: somebody else writes it (other_mac). It is left for a while. */
    MLAGSYNC_EVENT_CONTESTED = 39,
    /* The ASIC says that it is done before it is (state 1), or not any more (0). */
    MLAGSYNC_EVENT_ASYNCHRONOUS = 40,
    /* count entries in the ASIC on interfaces of ours are not ours, each time that their number changes; they are never touched. */
    MLAGSYNC_EVENT_FOREIGN_ENTRIES = 41,
    /* A thread of the library ended by a fault: stop the handle and start anew. text says which. */
    MLAGSYNC_EVENT_THREAD_ENDED = 42,
    /*
     * A host (key) is not in the ASIC because its claim is refused: state is MLAGSYNC_REFUSAL_…, status what SAI answered
     * where it was asked. 100 within 10 s are told one by one; want of room is told as MLAGSYNC_EVENT_REJECTS.
     */
    MLAGSYNC_EVENT_REFUSED = 43,
    /* So were count others, not told one by one. */
    MLAGSYNC_EVENT_MORE_REFUSED = 44,
    /*
     * An entry (key) was in the ASIC already, from before a restart or made by somebody else, is claimed, and is the
     * library's from now on: other_mac was found there. 100 within 10 s are told one by one.
     */
    MLAGSYNC_EVENT_ADOPTED = 45,
    /* So were count others, not told one by one. */
    MLAGSYNC_EVENT_MORE_ADOPTED = 46,
    /*
     * The host table, or a quota (scope), is percent full (state 1), or below that again (0): count are used, of other.
     * With MLAGSYNC_SCOPE_VRF vrf says of which, with MLAGSYNC_SCOPE_INTERFACE key.interface.
     */
    MLAGSYNC_EVENT_THRESHOLD = 47,
    /*
     * There was not room for all hosts (scope, as above): count were turned away since the last time, key is one of them,
     * state is MLAGSYNC_REFUSAL_TABLE_FULL, _QUOTA or _CAPACITY; waiting wait there now. other are used, percent of the
     * whole, 0 where that is not known.
     */
    MLAGSYNC_EVENT_REJECTS = 48,
    /*
     * A member of an M-LAG (mlag) went down or came up, and the hosts behind it are reached the other way, since other
     * nanoseconds after it was told: count entries were pointed elsewhere one by one, or state is 1: one write for all.
     */
    MLAGSYNC_EVENT_REPOINTED = 49,
    /* A bridge port (of mlag, 0: of none) cannot be protected although that was said: its hosts are pointed elsewhere one by one. */
    MLAGSYNC_EVENT_PROTECTION_FAILED = 50,
    /* The peer-link has been down for so long that what has no other way goes (state 1); or it is back (0). */
    MLAGSYNC_EVENT_PEER_LINK_GIVEN_UP = 51,
    /* A neighbour (key) that nobody claims any more stays, because the program uses it for a next hop. */
    MLAGSYNC_EVENT_KEPT_IN_USE = 52,
    /*
     * A member of an M-LAG (mlag, 0: of none) forwards again, and its bridge port does not leave its protection: its hosts
     * are reached by the peer-link. It is asked again, after longer and longer pauses.
     */
    MLAGSYNC_EVENT_PROTECTION_STUCK = 53,
    /* The ASIC says SUCCESS and count entries (key: one of them) are never there; they are tried again ever more seldom. */
    MLAGSYNC_EVENT_WRITES_LOST = 54,
    /*
     * The journal cannot grow beyond count records. What is programmed from now on is programmed all the same, and will not
     * be known for ours after a restart. reason says why: disk-full, quota, file-limit, bound, refused.
     */
    MLAGSYNC_EVENT_JOURNAL_FULL = 55,
    /* The journal has room again; it has count records. */
    MLAGSYNC_EVENT_JOURNAL_HAS_ROOM = 56,
    /* Something that has no number of its own: reason is its name, text says what. */
    MLAGSYNC_EVENT_OTHER = 255
};

/* What a bound is about. */
enum {
    /* The whole host table, in slots. */
    MLAGSYNC_SCOPE_TABLE = 1,
    /* A VPN instance, in hosts. */
    MLAGSYNC_SCOPE_VRF = 2,
    /* An interface, in hosts. */
    MLAGSYNC_SCOPE_INTERFACE = 3,
    /* The FDB, in MACs: MLAGSYNC_EVENT_REJECTS of hosts whose MAC has no room in it. */
    MLAGSYNC_SCOPE_FDB = 4
};

/* An event. What its type does not speak of is zero. */
typedef struct mlagsync_event {
    uint32_t struct_size;
    /* MLAGSYNC_EVENT_…. */
    int32_t type;
    int32_t state;
    /* A SAI status. */
    int32_t status;
    uint64_t count;
    uint64_t other;
    uint64_t peer;
    mlagsync_key_t key;
    uint8_t mac[6];
    uint8_t other_mac[6];
    /* The name of what happened, or of the reason, which never changes; ending with zero. */
    char reason[64];
    /* The event as a JSON object, cut where it is too long, ending with zero. */
    char text[512];
    /* MLAGSYNC_SCOPE_…. */
    int32_t scope;
    uint32_t percent;
    /* An M-LAG's id. */
    uint32_t mlag;
    uint32_t reserved;
    /* Hosts that wait. */
    uint64_t waiting;
    /* A VPN instance on this switch, ending with zero; empty: the public one, or none. */
    char vrf[MLAGSYNC_VRF_SIZE];
} mlagsync_event_t;

/*
 * The next event, waiting for it up to wait_ms (0: not at all); MLAGSYNC_AGAIN: there is none. After mlagsync_stop() what
 * is left can still be taken, and then it answers MLAGSYNC_E_STOPPED. MLAGSYNC_E_STATE with
 * mlagsync_builder_on_event(). 4096 events are kept; what does not fit is counted, and told as MLAGSYNC_EVENT_OVERFLOW.
 */
mlagsync_result_t mlagsync_next_event(mlagsync_t *handle, mlagsync_event_t *event, uint32_t wait_ms);

/*
 * A descriptor that is readable while there is an event to take, for poll() and its like. It is the library's: it is not
 * to be read, written or closed, and goes with mlagsync_free(). MLAGSYNC_E_STATE with mlagsync_builder_on_event().
 */
mlagsync_result_t mlagsync_event_fd(mlagsync_t *handle, int32_t *fd);

#ifdef __cplusplus
} /* extern "C" */

template <typename T> inline T mlagsync_init_() {
    T made = T();
    made.struct_size = static_cast<uint32_t>(sizeof(T));
    return made;
}
#endif

#endif /* MLAGSYNC_H */
