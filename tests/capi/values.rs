//! What a program may get wrong with values: sizes, counts, enumerators, strings, buffers. All of it is refused by its
//! own result, and nothing of it is half done.

use crate::nos::*;
use ::mlagsync::capi::*;
use std::ffi::{CString, c_char};
use std::ptr::{null, null_mut};

macro_rules! is {
    ($result:ident: $($call:expr;)*) => {
        // SAFETY: pointers to what is there, wrong as it may be otherwise.
        $(assert_eq!(name(unsafe { $call }), stringify!($result), "{}: {}", stringify!($call), last_error());)*
    };
}

/// A struct of a newer release: ours, and four bytes behind it.
#[repr(C)]
#[derive(Clone, Copy)]
struct Newer<T> {
    known: T,
    behind: u64,
}

fn sized<T: Copy>(value: T, size: u32) -> T {
    let mut value = value;
    // SAFETY: those that this is called for begin with their struct_size.
    unsafe { (&raw mut value).cast::<u32>().write(size) };
    value
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let (_sim, handle) = plain();
    for size in [0, 1, 4, 191, 65_537, u32::MAX] {
        is! { MLAGSYNC_E_STRUCT_SIZE:
            mlagsync_bind(handle, &sized(binding(), size));
            mlagsync_session(handle, &mut sized(init(), size));
        }
    }
    is! { MLAGSYNC_E_STRUCT_SIZE:
        mlagsync_member(handle, &sized(member(), 23));
        mlagsync_learned(handle, &sized(learned(1), 0), 1, 0, &mut 0);
        mlagsync_fdb(handle, &sized(fdb_news(), 39), 1, 0, &mut 0);
        mlagsync_counts(handle, &mut sized(init(), 8));
        mlagsync_verify(handle, &mut sized(init(), 8));
        mlagsync_next_event(handle, &mut sized(init(), 8), 0);
        mlagsync_configure_channel(handle, &sized(channel(), 3), null_mut(), 0, null_mut());
        mlagsync_neighbors(handle, null(), [init(); 4].as_mut_ptr(), 63, 4, &mut 0, &mut 0);
        mlagsync_neighbors(handle, null(), [init(); 4].as_mut_ptr(), usize::MAX, 4, &mut 0, &mut 0);
        mlagsync_neighbors(handle, &sized(init(), 5), [init(); 4].as_mut_ptr(), 64, 4, &mut 0, &mut 0);
    }
    // In an array, all of them are of one size.
    let mixed = [learned(1), sized(learned(2), 60)];
    let mut taken = 77;
    is! { MLAGSYNC_E_STRUCT_SIZE: mlagsync_learned(handle, mixed.as_ptr(), 2, 0, &raw mut taken); }
    assert_eq!(taken, 77);
    assert_eq!(free(handle), MLAGSYNC_OK);
}

#[test]
fn a_newer_programs_struct_is_taken_as_long_as_the_new_part_is_zero() {
    let (_sim, handle) = plain();
    let size = size_of::<Newer<mlagsync_binding_t>>() as u32;
    let newer = |behind| Newer { known: sized(binding(), size), behind };
    let items = |behind| {
        let size = size_of::<Newer<mlagsync_learned_t>>() as u32;
        [1, 2].map(|n| Newer { known: sized(learned(n), size), behind })
    };
    let mut taken = 0;
    is! { MLAGSYNC_OK:
        mlagsync_bind(handle, std::ptr::from_ref(&newer(0)).cast());
        mlagsync_learned(handle, items(0).as_ptr().cast(), 2, 1000, &raw mut taken);
    }
    assert_eq!(taken, 2);
    is! { MLAGSYNC_E_STRUCT_SIZE:
        mlagsync_bind(handle, std::ptr::from_ref(&newer(1)).cast());
        mlagsync_learned(handle, items(1).as_ptr().cast(), 2, 1000, &raw mut taken);
    }
    // What is written to a newer program is what is known here, and the rest stays.
    let mut counts = Newer {
        known: sized(init::<mlagsync_counts_t>(), size_of::<Newer<mlagsync_counts_t>>() as u32),
        behind: 9,
    };
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while counts.known.evidence != 2 {
        is! { MLAGSYNC_OK: mlagsync_counts(handle, (&raw mut counts).cast()); }
        assert!(std::time::Instant::now() < end, "{} pieces of evidence", counts.known.evidence);
    }
    assert_eq!((counts.known.struct_size as usize, counts.behind), (size_of_val(&counts), 9));
    // The same at an address that fits no number.
    let mut bytes = [0u8; 200];
    // SAFETY: a struct of 192 bytes inside of 200.
    unsafe { bytes.as_mut_ptr().add(1).cast::<mlagsync_binding_t>().write_unaligned(binding()) };
    is! { MLAGSYNC_OK: mlagsync_bind(handle, bytes.as_ptr().add(1).cast()); }
    assert_eq!(free(handle), MLAGSYNC_OK);
}

#[test]
fn counts_that_cannot_be_are_refused_and_none_is_none() {
    let (_sim, handle) = plain();
    let mut taken = 77;
    for count in [(1 << 20) + 1, usize::MAX / 8, usize::MAX] {
        is! { MLAGSYNC_E_LENGTH:
            mlagsync_learned(handle, &learned(1), count, 0, &raw mut taken);
            mlagsync_static(handle, &host(1), count, 0, &raw mut taken);
            mlagsync_forgotten(handle, &key(1), count, 0, &raw mut taken);
            mlagsync_fdb(handle, &fdb_news(), count, 0, &raw mut taken);
            mlagsync_configure(handle, LINES.as_ptr(), count, 0, null_mut(), 0, null_mut());
        }
    }
    is! { MLAGSYNC_E_LENGTH:
        mlagsync_bind(handle, &mlagsync_binding_t { address_count: u32::MAX, ..binding() });
        mlagsync_peer_link(handle, &mlagsync_peer_link_t { next_hop_count: usize::MAX, ..init() });
        mlagsync_neighbors(handle, null(), [init(); 4].as_mut_ptr(), 64, 0, &mut 0, &mut 0);
        mlagsync_neighbors(handle, null(), [init(); 4].as_mut_ptr(), 64, 1, &mut 0, &mut 0);
        mlagsync_hosts(handle, null(), [init(); 4].as_mut_ptr(), 56, 0, &mut 0, &mut 0);
    }
    assert_eq!(taken, 77);
    is! { MLAGSYNC_OK: mlagsync_learned(handle, null(), 0, 0, &raw mut taken); }
    assert_eq!(taken, 0);
    assert_eq!(free(handle), MLAGSYNC_OK);
}

/// What is wrong in one element refuses all of them.
#[test]
fn one_wrong_element_refuses_the_whole_call() {
    let (_sim, handle) = plain();
    let mut items = [1, 2, 3].map(learned);
    items[2].attachment = 99;
    let mut taken = 77;
    is! { MLAGSYNC_E_INVALID: mlagsync_learned(handle, items.as_ptr(), 3, 0, &raw mut taken); }
    assert_eq!(last_error(), "there is no attachment 99");
    is! { MLAGSYNC_OK: mlagsync_local_complete(handle); }
    let mut counts = init::<mlagsync_counts_t>();
    is! { MLAGSYNC_OK: mlagsync_counts(handle, &raw mut counts); }
    assert_eq!((taken, counts.evidence), (77, 0));
    assert_eq!(free(handle), MLAGSYNC_OK);
}

#[test]
fn enumerators_and_numbers_that_do_not_exist_are_refused() {
    let (sim, handle) = plain();
    let one = &mut 0;
    for bad in [-1, 3, 99, i32::MIN, i32::MAX] {
        is! { MLAGSYNC_E_INVALID:
            mlagsync_bind(handle, &mlagsync_binding_t { state: bad, ..binding() });
            mlagsync_member(handle, &mlagsync_member_t { local: bad, ..member() });
            mlagsync_member(handle, &mlagsync_member_t { peer: bad, ..member() });
            mlagsync_peer_link(handle, &mlagsync_peer_link_t { state: bad, ..init() });
        }
    }
    for bad in [-1, 0, 7, 99, i32::MIN, i32::MAX] {
        is! { MLAGSYNC_E_INVALID:
            mlagsync_bind(handle, &mlagsync_binding_t { footing: if bad == 0 { 4 } else { bad }, footing_oid: 1, ..binding() });
            mlagsync_learned(handle, &mlagsync_learned_t { attachment: bad, ..learned(1) }, 1, 0, one);
            mlagsync_fdb(handle, &mlagsync_fdb_news_t { change: bad, ..fdb_news() }, 1, 0, one);
            mlagsync_asic(handle, bad);
        }
    }
    let refused = |result| assert_eq!(name(result), "MLAGSYNC_E_INVALID");
    let filter = |filter: mlagsync_filter_t| {
        // SAFETY: everything is there.
        refused(unsafe {
            mlagsync_neighbors(handle, &filter, [init(); 4].as_mut_ptr(), 64, 4, &mut 0, &mut 0)
        });
    };
    let hosts = |filter: mlagsync_filter_t| {
        // SAFETY: everything is there.
        refused(unsafe { mlagsync_hosts(handle, &filter, [init(); 4].as_mut_ptr(), 56, 4, &mut 0, &mut 0) });
    };
    let of = |kind, number, dot1q| mlagsync_interface_t { kind, number, dot1q };
    for bad in [
        of(0, 1, 0),
        of(1, 0, 0),
        of(1, 4095, 0),
        of(1, 1, 1),
        of(2, 0, 0),
        of(2, 1 << 24, 0),
        of(3, 0, 0),
        of(3, 4097, 0),
        of(3, 1, 4095),
        of(4, 1, 0),
        of(u32::MAX, u32::MAX, u32::MAX),
    ] {
        let its = mlagsync_key_t { interface: bad, ..key(1) };
        is! { MLAGSYNC_E_INVALID:
            mlagsync_bind(handle, &mlagsync_binding_t { interface: bad, ..binding() });
            mlagsync_unbind(handle, &bad);
            mlagsync_forgotten(handle, &its, 1, 0, one);
        }
        filter(mlagsync_filter_t { interface: bad, ..init() });
    }
    let address = |family, last| {
        let mut ip = ip(1);
        (ip.family, ip.octets[15]) = (family, last);
        ip
    };
    for bad in [address(0, 0), address(5, 0), address(255, 0), address(4, 1)] {
        is! { MLAGSYNC_E_INVALID:
            mlagsync_forgotten(handle, &mlagsync_key_t { ip: bad, ..key(1) }, 1, 0, one);
            mlagsync_why(handle, &bad, null_mut(), 0, &mut 0);
        }
        hosts(mlagsync_filter_t { ip: bad, ..init() });
    }
    let subnet = |ip, prefix_length| mlagsync_subnet_t { ip, prefix_length };
    for bad in [subnet(ip(1), 33), subnet(address(6, 1), 129), subnet(address(0, 0), 0)] {
        is! { MLAGSYNC_E_INVALID:
            mlagsync_bind(handle, &mlagsync_binding_t { address_count: 1, addresses: &bad, ..binding() });
        }
    }
    is! { MLAGSYNC_E_INVALID:
        mlagsync_bind(handle, &mlagsync_binding_t { rif: 0, ..binding() });
        mlagsync_bind(handle, &mlagsync_binding_t { footing: MLAGSYNC_FOOTING_VLAN, ..binding() });
        mlagsync_bind(handle, &mlagsync_binding_t { footing_oid: 7, ..binding() });
        mlagsync_bind(handle, &mlagsync_binding_t { reserved: [0, 1], ..binding() });
        mlagsync_learned(handle, &mlagsync_learned_t { flags: 4, ..learned(1) }, 1, 0, one);
        mlagsync_learned(handle, &mlagsync_learned_t { flags: 1 << 16, ..learned(1) }, 1, 0, one);
        mlagsync_learned(handle, &mlagsync_learned_t { fresh: 2, ..learned(1) }, 1, 0, one);
        mlagsync_learned(handle, &mlagsync_learned_t { mlag: 7, ..learned(1) }, 1, 0, one);
        mlagsync_learned(handle, &mlagsync_learned_t { attachment: MLAGSYNC_ATTACHMENT_MLAG, ..learned(1) }, 1, 0, one);
        mlagsync_forgotten(handle, &mlagsync_key_t { reserved: [1; 3], ..key(1) }, 1, 0, one);
        mlagsync_fdb(handle, &mlagsync_fdb_news_t { vlan: 1, bridge: 2, ..fdb_news() }, 1, 0, one);
        mlagsync_fdb(handle, &mlagsync_fdb_news_t { has_mac: 9, ..fdb_news() }, 1, 0, one);
        mlagsync_member_gone(handle, 0);
        mlagsync_member_gone(handle, 4097);
        mlagsync_configure(handle, LINES.as_ptr(), 4, 2, null_mut(), 0, null_mut());
        mlagsync_hosts(handle, null(), [init(); 4].as_mut_ptr(), 56, 4, &mut { MLAGSYNC_CURSOR_END }, &mut 0);
        mlagsync_configure_channel(handle, &mlagsync_channel_t { dfs_group: 0, ..channel() }, null_mut(), 0, null_mut());
        mlagsync_configure_channel(handle, &mlagsync_channel_t { tcp_port: 22, ..channel() }, null_mut(), 0, null_mut());
        mlagsync_configure_channel(handle, &mlagsync_channel_t { peer: ip(1), ..channel() }, null_mut(), 0, null_mut());
    }
    filter(mlagsync_filter_t { origin: 4, ..init() });
    filter(mlagsync_filter_t { trouble: 1, ..init() });
    hosts(mlagsync_filter_t { origin: 1, ..init() });
    hosts(mlagsync_filter_t { trouble: 2, ..init() });
    let its = builder(&sim);
    for bad in [-1, 2, 99, i32::MAX] {
        is! { MLAGSYNC_E_INVALID:
            mlagsync_builder_ownership(its, bad);
            mlagsync_builder_fdb(its, bad);
            mlagsync_builder_on_log(its, null_mut(), Some(no_log), if bad == 2 { 5 } else { bad });
        }
    }
    is! { MLAGSYNC_E_INVALID:
        mlagsync_builder_sai(its, &sai_of(0));
        mlagsync_builder_new(c"".as_ptr(), &mut null_mut());
        mlagsync_builder_vpn_instance(its, c"".as_ptr(), null(), null());
        mlagsync_builder_vpn_instance(its, c"red".as_ptr(), c"vrf-red".as_ptr(), c"red".as_ptr());
    }
    is! { MLAGSYNC_OK: mlagsync_builder_free(its); }
    assert_eq!(free(handle), MLAGSYNC_OK);
}

unsafe extern "C" fn no_log(_: *mut std::ffi::c_void, _: i32, _: *const c_char, _: *const c_char) {}

fn field(bytes: &[u8]) -> [c_char; MLAGSYNC_VRF_SIZE] {
    let mut field = [0; MLAGSYNC_VRF_SIZE];
    for (place, byte) in field.iter_mut().zip(bytes) {
        *place = c_char::from_ne_bytes([*byte]);
    }
    field
}

#[test]
fn strings_that_are_none_are_refused() {
    let (sim, handle) = plain();
    let its = builder(&sim);
    let (long, endless) = (text(&"x".repeat(300)), field(&[b'a'; MLAGSYNC_VRF_SIZE]));
    is! { MLAGSYNC_E_LENGTH:
        mlagsync_builder_new(long.as_ptr(), &mut null_mut());
        mlagsync_builder_model(its, long.as_ptr(), null());
        mlagsync_builder_model(its, c"generic".as_ptr(), long.as_ptr());
        mlagsync_builder_control(its, text(&"x".repeat(5000)).as_ptr());
        mlagsync_builder_vpn_instance(its, long.as_ptr(), null(), null());
        mlagsync_bind(handle, &mlagsync_binding_t { vrf: endless, ..binding() });
    }
    let bad = c"\xff\xfe".as_ptr();
    is! { MLAGSYNC_E_UTF8:
        mlagsync_builder_new(bad, &mut null_mut());
        mlagsync_builder_model(its, bad, null());
        mlagsync_builder_record(its, bad);
        mlagsync_builder_vpn_instance(its, bad, null(), null());
        mlagsync_builder_configuration(its, bad, 2);
        mlagsync_bind(handle, &mlagsync_binding_t { vrf: field(b"a\xc3("), ..binding() });
        mlagsync_configure(handle, bad, 2, 0, null_mut(), 0, null_mut());
    }
    is! { MLAGSYNC_E_INVALID:
        mlagsync_bind(handle, &mlagsync_binding_t { vrf: field(&[b'a'; 32]), ..binding() });
        mlagsync_bind(handle, &mlagsync_binding_t { vrf: field(b"tab\there"), ..binding() });
    }
    let hop = |vrf: &[u8], next_hop| mlagsync_next_hop_t { vrf: field(vrf), next_hop };
    for hops in
        [[hop(b"red", 1), hop(b"red", 2)], [hop(b"", 0), hop(b"red", 2)], [hop(b"", 1), hop(b"_public_", 2)]]
    {
        let link = mlagsync_peer_link_t { next_hops: hops.as_ptr(), next_hop_count: 2, ..init() };
        is! { MLAGSYNC_E_INVALID: mlagsync_peer_link(handle, &link); }
    }
    // The longest name that there is, with the most bytes that it can have.
    let longest = field("\u{1f600}".repeat(31).as_bytes());
    is! { MLAGSYNC_OK: mlagsync_bind(handle, &mlagsync_binding_t { vrf: longest, ..binding() }); }
    is! { MLAGSYNC_OK: mlagsync_builder_free(its); }
    // SAFETY: texts that end; a name of a feature ends within 64 bytes.
    let has = |name: &str| unsafe { mlagsync_has(text(name).as_ptr()) };
    assert_eq!((has("event-fd"), has("time-travel"), has(&"x".repeat(65))), (1, 0, 0));
    assert_eq!(free(handle), MLAGSYNC_OK);
}

#[test]
fn text_is_cut_and_its_length_is_told() {
    let (_sim, handle) = plain();
    let lines = CString::from(LINES);
    let length = lines.count_bytes();
    let mut needed = 77;
    is! { MLAGSYNC_OK:
        mlagsync_configure(handle, lines.as_ptr(), length, MLAGSYNC_CONFIGURE_CHECK, null_mut(), 0, &raw mut needed);
        mlagsync_configure(handle, lines.as_ptr(), length, 0, null_mut(), 0, null_mut());
    }
    assert_eq!(needed, 1, "no diagnostics");
    let mut buffer = [0x55 as c_char; 256];
    for size in [0, 1, 20] {
        is! { MLAGSYNC_E_BUFFER: mlagsync_configuration(handle, buffer.as_mut_ptr(), size, &raw mut needed); }
        assert_eq!((needed, buffer[size]), (length + 1, 0x55));
        assert!(size == 0 || buffer[size - 1] == 0);
    }
    is! { MLAGSYNC_OK: mlagsync_configuration(handle, buffer.as_mut_ptr(), length + 1, &raw mut needed); }
    // SAFETY: it was ended with a zero.
    assert_eq!(unsafe { std::ffi::CStr::from_ptr(buffer.as_ptr()) }, LINES);

    // Lines that are wrong change nothing, and say where; the last error has the whole of it.
    let wrong = c"dfs-group 1\n peer-link source ip 10.0.0.1 peer 10.0.0.1 tcp-port 80\n";
    buffer.fill(0x55);
    is! { MLAGSYNC_E_REFUSED:
        mlagsync_configure(handle, wrong.as_ptr(), wrong.count_bytes(), 0, buffer.as_mut_ptr(), 16, &raw mut needed);
    }
    assert_eq!((needed, buffer[15], buffer[16]), (last_error().len() + 1, 0, 0x55));
    assert!(last_error().contains("tcp-port 80") && last_error().contains('^'), "{}", last_error());

    // The channel in a struct, another one in its place, and none.
    is! { MLAGSYNC_OK:
        mlagsync_configure_channel(handle, &mlagsync_channel_t { tcp_port: 2049, ..channel() }, null_mut(), 0, null_mut());
        mlagsync_configuration(handle, buffer.as_mut_ptr(), 256, &raw mut needed);
    }
    // SAFETY: it was ended with a zero.
    let shown = unsafe { std::ffi::CStr::from_ptr(buffer.as_ptr()) };
    assert_eq!(shown.to_str(), Ok(LINES.to_str().unwrap().replace("2048", "2049").as_str()));
    is! { MLAGSYNC_OK:
        mlagsync_configure_channel(handle, null(), null_mut(), 0, null_mut());
        mlagsync_configuration(handle, buffer.as_mut_ptr(), 256, &raw mut needed);
    }
    assert_eq!(needed, b"dfs-group 1\n\0".len());
    assert_eq!(free(handle), MLAGSYNC_OK);
}

#[test]
fn the_last_error_is_the_threads_own() {
    assert_eq!(stop(null_mut()), MLAGSYNC_E_NULL);
    assert_eq!(last_error(), "mlagsync_t is NULL");
    std::thread::spawn(|| assert_eq!(last_error(), "")).join().unwrap();
    // SAFETY: nothing is written.
    assert_eq!(unsafe { mlagsync_last_error(null_mut(), 5) }, 19);
}
