//! The structs and constants of the header, field by field.
//!
//! Invariant: plain values. What they mean is said in the header and done in `convert`.

use super::input::{Plain, Sized32};
use std::ffi::{c_char, c_void};

/// A switch that runs: a name, never an address.
#[repr(C)]
pub struct mlagsync_t {
    _opaque: [u8; 0],
}

/// What a switch will be: a name, never an address.
#[repr(C)]
pub struct mlagsync_builder_t {
    _opaque: [u8; 0],
}

/// A raw SAI object id.
pub type mlagsync_oid_t = u64;
/// Where a walk through a table stands.
pub type mlagsync_cursor_t = u64;

/// A function of SAI, whatever its type.
pub type mlagsync_function_t = Option<unsafe extern "C" fn()>;
/// Takes or gives back a lock.
pub type mlagsync_lock_fn = Option<unsafe extern "C" fn(userdata: *mut c_void)>;
/// Takes a line of the log.
pub type mlagsync_log_fn = Option<
    unsafe extern "C" fn(userdata: *mut c_void, level: i32, target: *const c_char, text: *const c_char),
>;
/// Takes an event.
pub type mlagsync_event_fn =
    Option<unsafe extern "C" fn(userdata: *mut c_void, event: *const mlagsync_event_t)>;

macro_rules! constants {
    ($kind:ty: $($name:ident = $number:literal,)*) => {
        $(#[doc = "See the header."] pub const $name: $kind = $number;)*
    };
}

constants! { usize: MLAGSYNC_VRF_SIZE = 128, }
constants! { u32:
    MLAGSYNC_INTERFACE_VLAN = 1,
    MLAGSYNC_INTERFACE_BRIDGE_DOMAIN = 2,
    MLAGSYNC_INTERFACE_ROUTED = 3,
    MLAGSYNC_FLAG_ROUTER = 1,
    MLAGSYNC_FLAG_INTERFACE = 2,
    MLAGSYNC_CONFIGURE_CHECK = 1,
    MLAGSYNC_SCRUB_NEVER = 0xffff_ffff,
}
constants! { u64:
    MLAGSYNC_CURSOR_BEGIN = 0,
    MLAGSYNC_CURSOR_END = 0xffff_ffff_ffff_ffff,
}
constants! { i32:
    MLAGSYNC_ATTACHMENT_MLAG = 1,
    MLAGSYNC_ATTACHMENT_ORPHAN = 2,
    MLAGSYNC_ATTACHMENT_FABRIC = 3,
    MLAGSYNC_LINK_DOWN = 0,
    MLAGSYNC_LINK_UP = 1,
    MLAGSYNC_LINK_FORWARDING = 2,
    MLAGSYNC_OWNERSHIP_RECEIVED = 0,
    MLAGSYNC_OWNERSHIP_ALL = 1,
    MLAGSYNC_FDB_EXTERNAL = 0,
    MLAGSYNC_FDB_MANAGED = 1,
    MLAGSYNC_LOG_ERROR = 1,
    MLAGSYNC_LOG_WARN = 2,
    MLAGSYNC_LOG_INFO = 3,
    MLAGSYNC_LOG_DEBUG = 4,
    MLAGSYNC_PROGRAMMING_DETECT = 0,
    MLAGSYNC_PROGRAMMING_SYNCHRONOUS = 1,
    MLAGSYNC_PROGRAMMING_ASYNCHRONOUS = 2,
    MLAGSYNC_SHOW_SESSION = 1,
    MLAGSYNC_SHOW_COUNTERS = 2,
    MLAGSYNC_SHOW_HISTORY = 3,
    MLAGSYNC_SHOW_ADMISSION = 4,
    MLAGSYNC_RIF_UP = 0,
    MLAGSYNC_RIF_DOWN = 1,
    MLAGSYNC_RIF_VIRTUAL = 2,
    MLAGSYNC_FOOTING_UNTOLD = 0,
    MLAGSYNC_FOOTING_VLAN = 1,
    MLAGSYNC_FOOTING_BRIDGE = 2,
    MLAGSYNC_FOOTING_ROUTED = 3,
    MLAGSYNC_ASIC_DOWN = 1,
    MLAGSYNC_ASIC_FAILED = 2,
    MLAGSYNC_ASIC_SHUTDOWN = 3,
    MLAGSYNC_ASIC_BACK_EMPTY = 4,
    MLAGSYNC_ASIC_BACK_INTACT = 5,
    MLAGSYNC_ASIC_BACK = 6,
    MLAGSYNC_FDB_LEARNED = 1,
    MLAGSYNC_FDB_MOVED = 2,
    MLAGSYNC_FDB_AGED = 3,
    MLAGSYNC_FDB_FLUSHED = 4,
    MLAGSYNC_READY_WAITING = 0,
    MLAGSYNC_READY_PROVED = 1,
    MLAGSYNC_READY_FALLBACK = 2,
    MLAGSYNC_ORIGIN_LOCAL = 1,
    MLAGSYNC_ORIGIN_REMOTE = 2,
    MLAGSYNC_ORIGIN_STATIC = 3,
    MLAGSYNC_HOST_PROGRAMMED = 1,
    MLAGSYNC_HOST_PENDING = 2,
    MLAGSYNC_HOST_ADOPTED = 3,
    MLAGSYNC_HOST_REMOVING = 4,
    MLAGSYNC_HOST_UNKNOWN = 5,
    MLAGSYNC_HOST_PARKED = 6,
    MLAGSYNC_HOST_FAILED = 7,
    MLAGSYNC_HOST_REFUSED = 8,
    MLAGSYNC_HOST_OTHER = 255,
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
    MLAGSYNC_REFUSAL_NO_PATH = 17,
    MLAGSYNC_REFUSAL_TABLE_FULL = 64,
    MLAGSYNC_REFUSAL_REJECTED = 65,
    MLAGSYNC_REFUSAL_WAITING = 66,
    MLAGSYNC_REFUSAL_ADDRESS_LEAVING = 67,
    MLAGSYNC_REFUSAL_NO_NEXT_HOP = 68,
    MLAGSYNC_REFUSAL_IN_USE = 69,
    MLAGSYNC_REFUSAL_CONTESTED = 70,
    MLAGSYNC_SCOPE_TABLE = 1,
    MLAGSYNC_SCOPE_VRF = 2,
    MLAGSYNC_SCOPE_INTERFACE = 3,
    MLAGSYNC_SCOPE_FDB = 4,
    MLAGSYNC_EVENT_SESSION_UP = 1,
    MLAGSYNC_EVENT_SESSION_DOWN = 2,
    MLAGSYNC_EVENT_SYNC_BEGAN = 3,
    MLAGSYNC_EVENT_SYNC_ENDED = 4,
    MLAGSYNC_EVENT_SWEEP_HELD = 5,
    MLAGSYNC_EVENT_SWEPT = 6,
    MLAGSYNC_EVENT_COPY_DIFFERS = 7,
    MLAGSYNC_EVENT_COPY_REPAIRED = 8,
    MLAGSYNC_EVENT_COPY_UNREPAIRED = 9,
    MLAGSYNC_EVENT_COPY_TRUNCATED = 10,
    MLAGSYNC_EVENT_STALE_ENDED = 11,
    MLAGSYNC_EVENT_GHOSTS_ENDED = 12,
    MLAGSYNC_EVENT_PEER_RESTARTS = 13,
    MLAGSYNC_EVENT_SELF_READY = 14,
    MLAGSYNC_EVENT_PEER_READY = 15,
    MLAGSYNC_EVENT_CONFIRMED = 16,
    MLAGSYNC_EVENT_PROBE = 17,
    MLAGSYNC_EVENT_SYNC_PROGRAMMED = 18,
    MLAGSYNC_EVENT_RESUMED = 19,
    MLAGSYNC_EVENT_END_SENT = 20,
    MLAGSYNC_EVENT_ASIC_TROUBLE = 21,
    MLAGSYNC_EVENT_ASIC_HANGS = 22,
    MLAGSYNC_EVENT_ASIC_BACK = 23,
    MLAGSYNC_EVENT_PEER_ASIC = 24,
    MLAGSYNC_EVENT_RELEASED = 25,
    MLAGSYNC_EVENT_VRF_DIFFERS = 26,
    MLAGSYNC_EVENT_FROZEN = 27,
    MLAGSYNC_EVENT_THAWED = 28,
    MLAGSYNC_EVENT_STATIC_DISPUTED = 29,
    MLAGSYNC_EVENT_TAKEN_AWAY = 30,
    MLAGSYNC_EVENT_LEFTOVERS_HELD = 31,
    MLAGSYNC_EVENT_LEFTOVERS_SWEPT = 32,
    MLAGSYNC_EVENT_OVERFLOW = 33,
    MLAGSYNC_EVENT_ASIC_DOWN = 34,
    MLAGSYNC_EVENT_ASIC_RESTARTED = 35,
    MLAGSYNC_EVENT_ASIC_RESTORED = 36,
    MLAGSYNC_EVENT_REPAIRED = 37,
    MLAGSYNC_EVENT_MORE_REPAIRED = 38,
    MLAGSYNC_EVENT_CONTESTED = 39,
    MLAGSYNC_EVENT_ASYNCHRONOUS = 40,
    MLAGSYNC_EVENT_FOREIGN_ENTRIES = 41,
    MLAGSYNC_EVENT_THREAD_ENDED = 42,
    MLAGSYNC_EVENT_REFUSED = 43,
    MLAGSYNC_EVENT_MORE_REFUSED = 44,
    MLAGSYNC_EVENT_ADOPTED = 45,
    MLAGSYNC_EVENT_MORE_ADOPTED = 46,
    MLAGSYNC_EVENT_THRESHOLD = 47,
    MLAGSYNC_EVENT_REJECTS = 48,
    MLAGSYNC_EVENT_REPOINTED = 49,
    MLAGSYNC_EVENT_PROTECTION_FAILED = 50,
    MLAGSYNC_EVENT_PEER_LINK_GIVEN_UP = 51,
    MLAGSYNC_EVENT_KEPT_IN_USE = 52,
    MLAGSYNC_EVENT_PROTECTION_STUCK = 53,
    MLAGSYNC_EVENT_WRITES_LOST = 54,
    MLAGSYNC_EVENT_JOURNAL_FULL = 55,
    MLAGSYNC_EVENT_JOURNAL_HAS_ROOM = 56,
    MLAGSYNC_EVENT_OTHER = 255,
}

macro_rules! structs {
    ($($(#[$doc:meta])* $name:ident = $tag:ident $(sized $first:literal)? {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {
        $(
            $(#[$doc])*
            #[repr(C)]
            #[derive(Clone, Copy)]
            pub struct $name {
                $($(#[$field_doc])* #[doc = "See the header."] pub $field: $type,)*
            }
            // SAFETY: repr(C), of plain types.
            unsafe impl Plain for $name {}
            $(
                // SAFETY: struct_size comes first, as a test holds against the header.
                unsafe impl Sized32 for $name {
                    const FIRST: usize = $first;
                }
            )?
        )*

        /// Each struct's name in C, its tag, and its size in the first release where it may grow.
        #[cfg(test)]
        pub(super) const STRUCTS: &[(&str, usize, usize)] =
            &[$((stringify!($name), size_of::<$name>(), first!($($first)?)),)*];
    };
}

#[cfg(test)]
macro_rules! first {
    () => {
        0
    };
    ($first:literal) => {
        $first
    };
}

structs! {
    /// An address.
    mlagsync_ip_t = mlagsync_ip { family: u8, octets: [u8; 16], }
    /// An address of a router with its subnet.
    mlagsync_subnet_t = mlagsync_subnet { ip: mlagsync_ip_t, prefix_length: u8, }
    /// A layer 3 interface.
    mlagsync_interface_t = mlagsync_interface { kind: u32, number: u32, dot1q: u32, }
    /// A neighbour.
    mlagsync_key_t = mlagsync_key { interface: mlagsync_interface_t, ip: mlagsync_ip_t, reserved: [u8; 3], }
    /// A SAI that the program owns.
    mlagsync_sai_t = mlagsync_sai sized 56 {
        struct_size: u32,
        assume_major: u16,
        assume_minor: u16,
        switch_oid: mlagsync_oid_t,
        api_query: mlagsync_function_t,
        query_api_version: mlagsync_function_t,
        get_object_count: mlagsync_function_t,
        get_object_key: mlagsync_function_t,
        object_type_get_availability: mlagsync_function_t,
    }
    /// Bounds and times.
    mlagsync_limits_t = mlagsync_limits sized 80 {
        struct_size: u32,
        programming: i32,
        claims: u64,
        tombstones: u64,
        sweep_guard: u64,
        slots: u64,
        vrf_hosts: u64,
        interface_hosts: u64,
        v6_slots: u32,
        scrub_round_s: u32,
        scrub_share: u32,
        window: u32,
        frame: u32,
        work: u32,
    }
    /// An interface as it is on this switch.
    mlagsync_binding_t = mlagsync_binding sized 192 {
        struct_size: u32,
        interface: mlagsync_interface_t,
        rif: mlagsync_oid_t,
        footing: i32,
        state: i32,
        footing_oid: mlagsync_oid_t,
        vrf: [c_char; MLAGSYNC_VRF_SIZE],
        mac: [u8; 6],
        reserved: [u8; 2],
        address_count: u32,
        addresses: *const mlagsync_subnet_t,
    }
    /// The members of an M-LAG.
    mlagsync_member_t = mlagsync_member sized 24 {
        struct_size: u32,
        mlag: u32,
        bridge_port: mlagsync_oid_t,
        local: i32,
        peer: i32,
    }
    /// By which next hop the peer is reached.
    mlagsync_next_hop_t = mlagsync_next_hop { vrf: [c_char; MLAGSYNC_VRF_SIZE], next_hop: mlagsync_oid_t, }
    /// The link between both switches.
    mlagsync_peer_link_t = mlagsync_peer_link sized 32 {
        struct_size: u32,
        state: i32,
        bridge_port: mlagsync_oid_t,
        next_hops: *const mlagsync_next_hop_t,
        next_hop_count: usize,
    }
    /// A neighbour that was heard.
    mlagsync_learned_t = mlagsync_learned sized 56 {
        struct_size: u32,
        attachment: i32,
        mlag: u32,
        flags: u32,
        key: mlagsync_key_t,
        mac: [u8; 6],
        fresh: u8,
        reserved: [u8; 1],
    }
    /// A neighbour and its MAC.
    mlagsync_host_t = mlagsync_host { key: mlagsync_key_t, mac: [u8; 6], reserved: [u8; 2], }
    /// What the ASIC says of the FDB.
    mlagsync_fdb_news_t = mlagsync_fdb_news sized 40 {
        struct_size: u32,
        change: i32,
        vlan: mlagsync_oid_t,
        bridge: mlagsync_oid_t,
        bridge_port: mlagsync_oid_t,
        mac: [u8; 6],
        has_mac: u8,
        reserved: [u8; 1],
    }
    /// The channel of the pair.
    mlagsync_channel_t = mlagsync_channel sized 172 {
        struct_size: u32,
        dfs_group: u32,
        source: mlagsync_ip_t,
        peer: mlagsync_ip_t,
        tcp_port: u16,
        vrf: [c_char; MLAGSYNC_VRF_SIZE],
    }
    /// How the channel is.
    mlagsync_session_t = mlagsync_session sized 448 {
        struct_size: u32,
        up: u8,
        received_end: u8,
        sent_end: u8,
        truncated: u8,
        asic_hangs: u8,
        peer_asic_hangs: u8,
        reserved: [u8; 2],
        self_ready: i32,
        peer_ready: i32,
        node_id: u64,
        peer_node_id: u64,
        since_ms: u64,
        position: u64,
        peer_acked: u64,
        received: u64,
        acked: u64,
        awaits_sweep: u64,
        source: mlagsync_ip_t,
        peer: mlagsync_ip_t,
        tcp_port: u16,
        dfs_group: u16,
        reason: [c_char; 64],
        text: [c_char; 256],
    }
    /// Counts.
    mlagsync_counts_t = mlagsync_counts sized 176 {
        struct_size: u32,
        reserved: u32,
        local: u64,
        remote: u64,
        wanted: u64,
        programmed: u64,
        refused: u64,
        parked: u64,
        frozen: u64,
        evidence: u64,
        sent_upserts: u64,
        sent_deletes: u64,
        received_upserts: u64,
        received_deletes: u64,
        sessions: u64,
        syncs: u64,
        sai_calls: u64,
        creates: u64,
        sets: u64,
        removes: u64,
        reads: u64,
        asic_ns: u64,
        events_lost: u64,
    }
    /// The ASIC compared with what it should hold.
    mlagsync_verdict_t = mlagsync_verdict sized 64 {
        struct_size: u32,
        clean: u32,
        wanted: u64,
        equal: u64,
        unsettled: u64,
        held: u64,
        missing: u64,
        differing: u64,
        foreign: u64,
        unrepaired: u64,
    }
    /// Which rows are looked for.
    mlagsync_filter_t = mlagsync_filter sized 48 {
        struct_size: u32,
        origin: i32,
        trouble: u32,
        interface: mlagsync_interface_t,
        ip: mlagsync_ip_t,
        mac: [u8; 6],
        reserved: [u8; 1],
    }
    /// One claim.
    mlagsync_neighbor_t = mlagsync_neighbor sized 64 {
        struct_size: u32,
        origin: i32,
        key: mlagsync_key_t,
        attachment: i32,
        mlag: u32,
        flags: u32,
        counter: u32,
        mac: [u8; 6],
        wins: u8,
        reserved: [u8; 1],
    }
    /// One entry of the host table.
    mlagsync_host_row_t = mlagsync_host_row sized 56 {
        struct_size: u32,
        state: i32,
        detail: i32,
        key: mlagsync_key_t,
        wanted: [u8; 6],
        programmed: [u8; 6],
    }
    /// An event.
    mlagsync_event_t = mlagsync_event sized 664 {
        struct_size: u32,
        r#type: i32,
        state: i32,
        status: i32,
        count: u64,
        other: u64,
        peer: u64,
        key: mlagsync_key_t,
        mac: [u8; 6],
        other_mac: [u8; 6],
        reason: [c_char; 64],
        text: [c_char; 512],
        scope: i32,
        percent: u32,
        mlag: u32,
        reserved: u32,
        waiting: u64,
        vrf: [c_char; MLAGSYNC_VRF_SIZE],
    }
}

#[cfg(test)]
mod tests {
    use super::STRUCTS;

    #[test]
    fn no_struct_is_smaller_than_it_was_first() {
        for (name, size, first) in STRUCTS {
            assert!(size >= first, "{name}: {size} bytes, {first} in the first release");
        }
    }
}
