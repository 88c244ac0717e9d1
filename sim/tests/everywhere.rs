//! One client in Rust, run linked with the simulator and opening it, under each release that it can pretend to be,
//! and against the library of release 1.9.
//!
//! ```text
//!  body(&Library, release)  ◄── linked       this program's own copy
//!                           ◄── opened       libsai.so,     SAI_SIM_API_VERSION = 1.10.0 … 1.18.1
//!                           ◄── opened       libsai_1_9.so, 1.9.0 and 1.9.1
//! ```
//!
//! Invariant: the body knows a library only by its functions, and a method table only as far as its release reaches.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

#[allow(dead_code, reason = "each test binary uses its part")]
mod sequences;
mod support;

use std::ffi::{CStr, CString, c_char, c_void};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Mutex;

use sai_sys::releases::{RELEASES, Release, TABLES};
use sai_sys::*;
use sequences::Built;
use support::{STOP, SUCCESS, UNTOUCHED, address, attr, flag, mac, num, oid};

type T = sai_object_type_t;
type A = *const sai_attribute_t;

/// The functions that a library exports, as far as the body needs them.
struct Library {
    initialize: sai_api_initialize_fn,
    query: sai_api_query_fn,
    uninitialize: sai_api_uninitialize_fn,
    object_type: sai_object_type_query_fn,
    count: sai_get_object_count_fn,
    /// Absent before 1.10.
    version: Option<sai_query_api_version_fn>,
}

/// The library that this program is linked with.
fn linked() -> Library {
    Library {
        initialize: sai::sai_api_initialize,
        query: sai::sai_api_query,
        uninitialize,
        object_type,
        count: sai::sai_get_object_count,
        version: Some(sai::sai_query_api_version),
    }
}

unsafe extern "C" fn uninitialize() -> sai_status_t {
    sai::sai_api_uninitialize()
}

unsafe extern "C" fn object_type(id: sai_object_id_t) -> T {
    sai::sai_object_type_query(id)
}

/// A library that is found by its path.
fn opened(path: &Path) -> Library {
    // SAFETY: it is the one that was built with this test.
    let library = Box::leak(Box::new(unsafe { libloading::Library::new(path) }.unwrap()));
    fn symbol<F: Copy>(library: &libloading::Library, name: &str) -> Option<F> {
        // SAFETY: below, each name has the type of its field.
        unsafe { library.get::<F>(name) }.ok().map(|symbol| *symbol)
    }
    Library {
        initialize: symbol(library, "sai_api_initialize").unwrap(),
        query: symbol(library, "sai_api_query").unwrap(),
        uninitialize: symbol(library, "sai_api_uninitialize").unwrap(),
        object_type: symbol(library, "sai_object_type_query").unwrap(),
        count: symbol(library, "sai_get_object_count").unwrap(),
        version: symbol(library, "sai_query_api_version"),
    }
}

/// What the host's profile has for the release.
static MASK: Mutex<Option<CString>> = Mutex::new(None);

unsafe extern "C" fn profile_value(_: sai_switch_profile_id_t, key: *const c_char) -> *const c_char {
    // SAFETY: the library gives a string.
    let key = unsafe { CStr::from_ptr(key) };
    match (key.to_bytes(), MASK.lock().unwrap().as_ref()) {
        (b"SAI_SIM_API_VERSION", Some(mask)) => mask.as_ptr(),
        _ => std::ptr::null(),
    }
}

/// Calls a function of a method table by its name, if the release has it.
struct Client<'a> {
    library: &'a Library,
    release: Release,
}

impl Client<'_> {
    fn has(&self, name: &str) -> bool {
        TABLES.iter().any(|table| table.has(name, self.release))
    }

    fn member(&self, name: &str) -> *const c_void {
        let table = TABLES.iter().find(|table| table.has(name, self.release));
        let table = table.unwrap_or_else(|| panic!("{}: no {name}", self.release));
        let mut methods = std::ptr::null_mut();
        // SAFETY: the place is ours.
        assert_eq!(unsafe { (self.library.query)(table.api, &raw mut methods) }, SUCCESS);
        let offset = table.members.iter().find(|member| member.name == name).unwrap().offset;
        // SAFETY: the table of this release has this member.
        let place = unsafe { methods.cast::<u8>().add(offset) }.cast::<*const c_void>();
        // SAFETY: within the table, which lives for ever.
        let function = unsafe { place.read() };
        assert!(!function.is_null(), "{}: {name} is NULL", self.release);
        function
    }

    fn create(&self, name: &str, switch: u64, attrs: &[sai_attribute_t]) -> u64 {
        let (member, mut id) = (self.member(&format!("create_{name}")), 0);
        let (count, list) = (attrs.len() as u32, attrs.as_ptr());
        let status = if switch == 0 {
            // SAFETY: the member of this name has this signature.
            let create: unsafe extern "C" fn(*mut u64, u32, A) -> i32 =
                unsafe { std::mem::transmute(member) };
            // SAFETY: all places are ours.
            unsafe { create(&raw mut id, count, list) }
        } else {
            // SAFETY: the member of this name has this signature.
            let create: unsafe extern "C" fn(*mut u64, u64, u32, A) -> i32 =
                unsafe { std::mem::transmute(member) };
            // SAFETY: all places are ours.
            unsafe { create(&raw mut id, switch, count, list) }
        };
        assert_eq!(status, SUCCESS, "{}: create_{name}", self.release);
        // SAFETY: no pointers.
        assert_ne!(unsafe { (self.library.object_type)(id) }, T::SAI_OBJECT_TYPE_NULL);
        id
    }

    fn remove(&self, name: &str, id: u64) -> sai_status_t {
        // SAFETY: the member of this name has this signature.
        let remove: unsafe extern "C" fn(u64) -> i32 =
            unsafe { std::mem::transmute(self.member(&format!("remove_{name}"))) };
        // SAFETY: no pointers.
        unsafe { remove(id) }
    }

    fn get(&self, name: &str, id: u64, attr: &mut sai_attribute_t) -> sai_status_t {
        // SAFETY: the member of this name has this signature.
        let get: unsafe extern "C" fn(u64, u32, *mut sai_attribute_t) -> i32 =
            unsafe { std::mem::transmute(self.member(&format!("get_{name}_attribute"))) };
        // SAFETY: all places are ours.
        unsafe { get(id, 1, attr) }
    }

    /// An id that the switch answers.
    fn of_switch(&self, switch: u64, id: sai_switch_attr_t) -> u64 {
        let mut attr = attr(id.0, |_| ());
        assert_eq!(self.get("switch", switch, &mut attr), SUCCESS);
        // SAFETY: a get of an id fills the id.
        unsafe { attr.value.oid }
    }

    /// A call on one entry: create, with attributes, or remove, without.
    fn entry<E>(&self, name: &str, key: &E, attrs: Option<&[sai_attribute_t]>) -> sai_status_t {
        let member = self.member(name);
        match attrs {
            Some(attrs) => {
                // SAFETY: the member of this name has this signature.
                let call: unsafe extern "C" fn(*const E, u32, A) -> i32 =
                    unsafe { std::mem::transmute(member) };
                // SAFETY: all places are ours.
                unsafe { call(key, attrs.len() as u32, attrs.as_ptr()) }
            }
            None => {
                // SAFETY: the member of this name has this signature.
                let call: unsafe extern "C" fn(*const E) -> i32 = unsafe { std::mem::transmute(member) };
                // SAFETY: all places are ours.
                unsafe { call(key) }
            }
        }
    }

    fn count(&self, switch: u64, object: T) -> u32 {
        let mut count = 0;
        // SAFETY: the place is ours.
        assert_eq!(unsafe { (self.library.count)(switch, object, &raw mut count) }, SUCCESS);
        count
    }

    fn life_of_neighbors(&self, switch: u64, rif: u64) {
        let neighbor = |ip: &str| sai_neighbor_entry_t {
            switch_id: switch,
            rif_id: rif,
            ip_address: address(ip.parse::<IpAddr>().unwrap()),
        };
        let object = T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
        let (v4, v6) = (neighbor("10.0.0.1"), neighbor("2001:db8::1"));
        let create = |key, attrs: &[_]| self.entry("create_neighbor_entry", key, Some(attrs));
        assert_eq!(create(&v4, &[]), SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING);
        assert_eq!(create(&v4, &[mac(1)]), SUCCESS);
        assert_eq!(create(&v4, &[mac(2)]), SAI_STATUS_ITEM_ALREADY_EXISTS);
        assert_eq!(create(&v6, &[mac(3), flag(support::NO_HOST_ROUTE, true)]), SUCCESS);
        assert_eq!(self.count(switch, object), 2);
        // SAFETY: the member of this name has this signature.
        let get: unsafe extern "C" fn(*const sai_neighbor_entry_t, u32, *mut sai_attribute_t) -> i32 =
            unsafe { std::mem::transmute(self.member("get_neighbor_entry_attribute")) };
        let mut got = mac(9);
        // SAFETY: all places are ours.
        assert_eq!(unsafe { get(&raw const v4, 1, &raw mut got) }, SUCCESS);
        // SAFETY: a get of a MAC fills the MAC.
        assert_eq!(unsafe { got.value.mac }, [2, 0, 0, 0, 0, 1]);
        assert_eq!(self.remove("router_interface", rif), SAI_STATUS_OBJECT_IN_USE);

        let bulk = "create_neighbor_entries";
        assert_eq!(self.has(bulk), (self.release.major, self.release.minor) >= (1, 11));
        if self.has(bulk) {
            let keys = [neighbor("10.0.0.2"), v4, neighbor("10.0.0.3")];
            let (attrs, mut statuses) = ([mac(5)], [UNTOUCHED; 3]);
            let (counts, mut lists) = ([1; 3], [attrs.as_ptr(); 3]);
            type Create = unsafe extern "C" fn(
                u32,
                *const sai_neighbor_entry_t,
                *const u32,
                *mut A,
                sai_bulk_op_error_mode_t,
                *mut sai_status_t,
            ) -> sai_status_t;
            // SAFETY: the member of this name has this signature.
            let create: Create = unsafe { std::mem::transmute(self.member(bulk)) };
            let (lists, said) = (lists.as_mut_ptr(), statuses.as_mut_ptr());
            // SAFETY: all places are ours.
            let status = unsafe { create(3, keys.as_ptr(), counts.as_ptr(), lists, STOP, said) };
            assert_eq!(status, SAI_STATUS_FAILURE);
            assert_eq!(statuses, [SUCCESS, SAI_STATUS_ITEM_ALREADY_EXISTS, SAI_STATUS_NOT_EXECUTED]);
            assert_eq!(self.entry("remove_neighbor_entry", &keys[0], None), SUCCESS);
        }
        for key in [&v4, &v6] {
            assert_eq!(self.entry("remove_neighbor_entry", key, None), SUCCESS);
            assert_eq!(self.entry("remove_neighbor_entry", key, None), SAI_STATUS_ITEM_NOT_FOUND);
        }
        assert_eq!(self.count(switch, object), 0);
    }

    fn life_of_routes(&self, switch: u64, vr_id: u64, rif: u64) {
        let hop = self.create(
            "next_hop",
            switch,
            &[
                num(sai_next_hop_attr_t::SAI_NEXT_HOP_ATTR_TYPE.0, 0),
                attr(sai_next_hop_attr_t::SAI_NEXT_HOP_ATTR_IP.0, |v| {
                    v.ipaddr = address("10.0.0.9".parse().unwrap());
                }),
                oid(sai_next_hop_attr_t::SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID.0, rif),
            ],
        );
        let (all, none) = (address("10.1.0.0".parse().unwrap()), address("255.255.0.0".parse().unwrap()));
        let destination = sai_ip_prefix_t { addr_family: all.addr_family, addr: all.addr, mask: none.addr };
        let route = sai_route_entry_t { switch_id: switch, vr_id, destination };
        let via = [oid(sai_route_entry_attr_t::SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID.0, hop)];
        assert_eq!(self.entry("create_route_entry", &route, Some(&via)), SUCCESS);
        assert_eq!(self.remove("next_hop", hop), SAI_STATUS_OBJECT_IN_USE);
        assert_eq!(self.entry("remove_route_entry", &route, None), SUCCESS);
        assert_eq!(self.remove("next_hop", hop), SUCCESS);
    }

    fn life_of_stations(&self, switch: u64, bv_id: u64) {
        let station = sai_fdb_entry_t { switch_id: switch, mac_address: [2, 0, 0, 0, 0, 7], bv_id };
        let dynamic = [num(sai_fdb_entry_attr_t::SAI_FDB_ENTRY_ATTR_TYPE.0, 0)];
        assert_eq!(self.entry("create_fdb_entry", &station, Some(&dynamic)), SUCCESS);
        // SAFETY: the member of this name has this signature.
        let flush: unsafe extern "C" fn(u64, u32, A) -> i32 =
            unsafe { std::mem::transmute(self.member("flush_fdb_entries")) };
        // SAFETY: no list.
        assert_eq!(unsafe { flush(switch, 0, std::ptr::null()) }, SUCCESS);
        assert_eq!(self.entry("remove_fdb_entry", &station, None), SAI_STATUS_ITEM_NOT_FOUND);
    }

    /// Counters of a port read zero.
    fn life_of_counters(&self, switch: u64) {
        let port = self.of_switch(switch, sai_switch_attr_t::SAI_SWITCH_ATTR_CPU_PORT);
        // SAFETY: the member of this name has this signature.
        let stats: unsafe extern "C" fn(u64, u32, *const u32, *mut u64) -> i32 =
            unsafe { std::mem::transmute(self.member("get_port_stats")) };
        let (ids, mut counters) = ([0, 1], [7; 2]);
        // SAFETY: all places are ours.
        assert_eq!(unsafe { stats(port, 2, ids.as_ptr(), counters.as_mut_ptr()) }, SUCCESS);
        assert_eq!(counters, [0, 0]);
    }
}

/// The body: what any client does, from initialise to what is left after uninitialise.
fn body(library: &Library, release: Release) {
    *MASK.lock().unwrap() = Some(CString::new(release.to_string()).unwrap());
    let services =
        sai_service_method_table_t { profile_get_value: Some(profile_value), profile_get_next_value: None };
    // SAFETY: the table outlives the library's use of it: its functions are this program's.
    assert_eq!(unsafe { (library.initialize)(0, &raw const services) }, SUCCESS);
    let mut version = release.api_version();
    // SAFETY: the place is ours.
    assert_eq!(library.version.map_or(SUCCESS, |ask| unsafe { ask(&raw mut version) }), SUCCESS);
    assert_eq!(Release::from_api_version(version), Some(release));
    let client = Client { library, release };
    let init = [flag(sai_switch_attr_t::SAI_SWITCH_ATTR_INIT_SWITCH.0, true)];
    let switch = client.create("switch", 0, &init);
    let vr = client.of_switch(switch, sai_switch_attr_t::SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID);
    let vlan = client.create("vlan", switch, &[num(sai_vlan_attr_t::SAI_VLAN_ATTR_VLAN_ID.0, 7)]);
    use sai_router_interface_attr_t as Rif;
    let on_vlan = sai_router_interface_type_t::SAI_ROUTER_INTERFACE_TYPE_VLAN.0;
    let rif = client.create(
        "router_interface",
        switch,
        &[
            oid(Rif::SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID.0, vr),
            num(Rif::SAI_ROUTER_INTERFACE_ATTR_TYPE.0, on_vlan),
            oid(Rif::SAI_ROUTER_INTERFACE_ATTR_VLAN_ID.0, vlan),
        ],
    );
    assert_eq!(client.remove("vlan", vlan), SAI_STATUS_OBJECT_IN_USE);
    client.life_of_neighbors(switch, rif);
    client.life_of_routes(switch, vr, rif);
    client.life_of_stations(switch, vlan);
    client.life_of_counters(switch);
    assert_eq!(client.remove("router_interface", rif), SUCCESS);
    assert_eq!(client.remove("vlan", vlan), SUCCESS);

    // Whatever was handed out before still says what is wrong.
    let get = client.member("get_vlan_attribute");
    // SAFETY: no pointers.
    assert_eq!(unsafe { (library.uninitialize)() }, SUCCESS);
    // SAFETY: the member of this name has this signature.
    let get: unsafe extern "C" fn(u64, u32, *mut sai_attribute_t) -> i32 =
        unsafe { std::mem::transmute(get) };
    let mut number = num(0, 0);
    // SAFETY: all places are ours.
    assert_eq!(unsafe { get(vlan, 1, &raw mut number) }, SAI_STATUS_UNINITIALIZED);
}

/// One after the other, in one test: a library has one life at a time in a process.
#[test]
fn the_same_client_lives_linked_and_opened_under_every_release() {
    let (linked, newest) = (linked(), opened(&Built::Newest.path()));
    let as_1_9 = opened(&Built::As19.path());
    assert!(as_1_9.version.is_none() && newest.version.is_some());
    let mut lives = 0;
    for release in RELEASES {
        let libraries = if release.minor < 10 { vec![&as_1_9] } else { vec![&linked, &newest] };
        for library in libraries {
            body(library, *release);
            lives += 1;
        }
    }
    assert_eq!(lives, 2 + 2 * (RELEASES.len() - 2), "two of 1.9, and each other twice");
}
