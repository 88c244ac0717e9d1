//! A program that uses the C ABI, in Rust: a switch of the simulator, a handle, and every function of it with arguments
//! that are in order.

use ::mlagsync::capi::*;
use sai::inspect::SimSwitch;
use std::ffi::{CStr, CString, c_char, c_void};
use std::mem::{transmute, zeroed};
use std::ptr::{null, null_mut};
use std::time::{Duration, Instant};

pub(crate) type Handle = *mut mlagsync_t;
/// A function of the header's with all its other arguments.
pub(crate) type Call = fn(Handle) -> mlagsync_result_t;

/// A function of the library's as the header has it, without its type.
fn function(address: *const ()) -> mlagsync_function_t {
    // SAFETY: a function's address, under the type that stands for every function.
    Some(unsafe { transmute::<*const (), unsafe extern "C" fn()>(address) })
}

/// A struct that is all zeros but its size.
pub(crate) fn init<T: Copy>() -> T {
    // SAFETY: the structs of the header are plain.
    let mut value: T = unsafe { zeroed() };
    // SAFETY: those that this is called for begin with their struct_size.
    unsafe { (&raw mut value).cast::<u32>().write(size_of::<T>() as u32) };
    value
}

/// The functions of the simulator, for this switch.
pub(crate) fn sai_of(switch_oid: u64) -> mlagsync_sai_t {
    mlagsync_sai_t {
        switch_oid,
        api_query: function(sai::sai_api_query as *const ()),
        query_api_version: function(sai::sai_query_api_version as *const ()),
        get_object_count: function(sai::sai_get_object_count as *const ()),
        get_object_key: function(sai::sai_get_object_key as *const ()),
        object_type_get_availability: function(sai::sai_object_type_get_availability as *const ()),
        ..init()
    }
}

/// A builder with its SAI.
pub(crate) fn builder(sim: &SimSwitch) -> *mut mlagsync_builder_t {
    let mut builder = null_mut();
    // SAFETY: a text that ends, and a place.
    assert_eq!(unsafe { mlagsync_builder_new(c"nos".as_ptr(), &raw mut builder) }, MLAGSYNC_OK);
    // SAFETY: a struct that is there.
    assert_eq!(unsafe { mlagsync_builder_sai(builder, &sai_of(sim.id())) }, MLAGSYNC_OK, "{}", last_error());
    builder
}

/// Starts it and ends the builder.
pub(crate) fn start(builder: *mut mlagsync_builder_t) -> Handle {
    let mut handle = null_mut();
    // SAFETY: a place.
    assert_eq!(unsafe { mlagsync_start(builder, &raw mut handle) }, MLAGSYNC_OK, "{}", last_error());
    // SAFETY: a builder.
    assert_eq!(unsafe { mlagsync_builder_free(builder) }, MLAGSYNC_OK);
    handle
}

/// A switch that runs, with its events to be fetched.
pub(crate) fn plain() -> (SimSwitch, Handle) {
    let sim = SimSwitch::new(&[]).unwrap();
    let handle = start(builder(&sim));
    (sim, handle)
}

/// The router interface's id need not exist for what is asked here.
pub(crate) const RIF: u64 = 0x6_0000_0000_0001;

pub(crate) fn vlan(number: u32) -> mlagsync_interface_t {
    mlagsync_interface_t { kind: MLAGSYNC_INTERFACE_VLAN, number, dot1q: 0 }
}

pub(crate) fn ip(last: u8) -> mlagsync_ip_t {
    let mut octets = [0; 16];
    octets[..4].copy_from_slice(&[10, 0, 0, last]);
    mlagsync_ip_t { family: 4, octets }
}

pub(crate) fn key(last: u8) -> mlagsync_key_t {
    mlagsync_key_t { interface: vlan(10), ip: ip(last), reserved: [0; 3] }
}

pub(crate) fn binding() -> mlagsync_binding_t {
    mlagsync_binding_t { interface: vlan(10), rif: RIF, mac: [2, 0, 0, 0, 0, 0xfe], ..init() }
}

pub(crate) fn learned(last: u8) -> mlagsync_learned_t {
    mlagsync_learned_t {
        attachment: MLAGSYNC_ATTACHMENT_ORPHAN,
        key: key(last),
        mac: [2, 0, 0, 0, 0, last],
        fresh: 1,
        ..init()
    }
}

pub(crate) fn host(last: u8) -> mlagsync_host_t {
    mlagsync_host_t { key: key(last), mac: [2, 0, 0, 0, 0, last], reserved: [0; 2] }
}

pub(crate) fn member() -> mlagsync_member_t {
    mlagsync_member_t { mlag: 1, local: MLAGSYNC_LINK_FORWARDING, peer: MLAGSYNC_LINK_FORWARDING, ..init() }
}

pub(crate) fn fdb_news() -> mlagsync_fdb_news_t {
    mlagsync_fdb_news_t { change: MLAGSYNC_FDB_LEARNED, has_mac: 1, mac: [2, 0, 0, 0, 0, 9], ..init() }
}

pub(crate) fn channel() -> mlagsync_channel_t {
    mlagsync_channel_t { dfs_group: 1, source: ip(1), peer: ip(2), tcp_port: 2048, ..init() }
}

pub(crate) const LINES: &CStr = c"dfs-group 1\n peer-link source ip 10.0.0.1 peer 10.0.0.2 tcp-port 2048\n";

/// Every function that takes a handle and leaves it as it is, with arguments that are in order.
pub(crate) fn calls() -> Vec<(&'static str, Call)> {
    macro_rules! calls {
        ($($name:ident($($argument:expr),*);)*) => {
            vec![$((stringify!($name), |handle| {
                // SAFETY: arguments that the header allows, whatever the handle is.
                unsafe { $name(handle $(, $argument)*) }
            }),)*]
        };
    }
    calls! {
        mlagsync_bind(&binding());
        mlagsync_member(&member());
        mlagsync_peer_link(&mlagsync_peer_link_t { state: MLAGSYNC_LINK_UP, ..init() });
        mlagsync_learned(&learned(7), 1, 1000, &mut 0);
        mlagsync_static(&host(8), 1, 1000, &mut 0);
        mlagsync_confirmed(&host(9), 1, 1000, &mut 0);
        mlagsync_forgotten(&key(7), 1, 1000, &mut 0);
        mlagsync_unanswered(&key(7), 1, 1000, &mut 0);
        mlagsync_fdb(&fdb_news(), 1, 1000, &mut 0);
        mlagsync_local_complete();
        mlagsync_dump_begin();
        mlagsync_dump_end();
        mlagsync_lifetimes(0, 0);
        mlagsync_configure(LINES.as_ptr(), LINES.count_bytes(), MLAGSYNC_CONFIGURE_CHECK, null_mut(), 0, null_mut());
        mlagsync_configure_channel(null(), null_mut(), 0, null_mut());
        mlagsync_configuration([0; 4096].as_mut_ptr(), 4096, &mut 0);
        mlagsync_session(&mut init());
        mlagsync_counts(&mut init());
        mlagsync_neighbors(null(), [init(); 4].as_mut_ptr(), size_of::<mlagsync_neighbor_t>(), 4, &mut 0, &mut 0);
        mlagsync_hosts(null(), [init(); 4].as_mut_ptr(), size_of::<mlagsync_host_row_t>(), 4, &mut 0, &mut 0);
        mlagsync_why(&ip(7), [0; 65536].as_mut_ptr(), 65536, &mut 0);
        mlagsync_sweep();
        mlagsync_member_gone(1);
        mlagsync_unbind(&vlan(10));
        mlagsync_event_fd(&mut 0);
        mlagsync_next_event(&mut init(), 0);
        mlagsync_verify(&mut init());
        mlagsync_repair(null_mut(), &mut init());
        mlagsync_show(MLAGSYNC_SHOW_ADMISSION, [0; 65536].as_mut_ptr(), 65536, &mut 0);
        mlagsync_run_batches(0, &mut 0);
        mlagsync_resync();
        mlagsync_asic(MLAGSYNC_ASIC_BACK);
    }
}

pub(crate) fn free(handle: Handle) -> mlagsync_result_t {
    // SAFETY: a handle, or something else that is told apart from one.
    unsafe { mlagsync_free(handle) }
}

pub(crate) fn stop(handle: Handle) -> mlagsync_result_t {
    // SAFETY: as above.
    unsafe { mlagsync_stop(handle, 0) }
}

pub(crate) fn name(result: mlagsync_result_t) -> &'static str {
    // SAFETY: it answers a text that ends with a zero and lives for ever.
    unsafe { CStr::from_ptr(mlagsync_result_name(result)) }.to_str().unwrap()
}

/// The sentence of the latest failure in this thread.
pub(crate) fn last_error() -> String {
    let mut text = [0 as c_char; 4096];
    // SAFETY: a buffer of that size.
    let needed = unsafe { mlagsync_last_error(text.as_mut_ptr(), text.len()) };
    assert!(needed <= text.len());
    // SAFETY: it was ended with a zero.
    unsafe { CStr::from_ptr(text.as_ptr()) }.to_str().unwrap().to_owned()
}

/// The next event of this type, within a time that a loaded machine keeps.
pub(crate) fn await_event(handle: Handle, of: i32) -> mlagsync_event_t {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let mut event = init::<mlagsync_event_t>();
        // SAFETY: a place.
        let result = unsafe { mlagsync_next_event(handle, &raw mut event, 1000) };
        if result == MLAGSYNC_OK && event.r#type == of {
            return event;
        }
        assert!(result >= 0, "{}: {}", name(result), last_error());
    }
    panic!("no event {of}");
}

/// Userdata that is a value of Rust's.
pub(crate) fn userdata<T>(of: &T) -> *mut c_void {
    std::ptr::from_ref(of).cast_mut().cast()
}

pub(crate) fn text(of: &str) -> CString {
    CString::new(of).unwrap()
}
