//! NULL in every place of every function of the header, and builders that are none.
//!
//! Which places there are is read from the header's declarations: a function without a row here fails.

use crate::declared::declared;
use crate::nos::*;
use ::mlagsync::capi::*;
use std::collections::BTreeSet;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

/// Places that may be NULL, as the header says.
const MAY_BE: &[(&str, &str)] = &[
    // Whatever the program gave comes back.
    ("mlagsync_builder_calls_locked", "userdata"),
    ("mlagsync_builder_on_event", "userdata"),
    ("mlagsync_builder_on_log", "userdata"),
    ("mlagsync_builder_model", "forwarding_mode"),
    ("mlagsync_builder_vpn_instance", "device"),
    ("mlagsync_builder_vpn_instance", "netns"),
    ("mlagsync_builder_vrf_hosts", "vrf"),
    ("mlagsync_configure", "diagnostics"),
    ("mlagsync_configure", "needed"),
    ("mlagsync_configure_channel", "channel"),
    ("mlagsync_configure_channel", "diagnostics"),
    ("mlagsync_configure_channel", "needed"),
    // It only asks then.
    ("mlagsync_configuration", "buffer"),
    ("mlagsync_why", "buffer"),
    ("mlagsync_show", "buffer"),
    ("mlagsync_last_error", "buffer"),
    ("mlagsync_neighbors", "filter"),
    ("mlagsync_hosts", "filter"),
    ("mlagsync_repair", "before"),
    // A name of no feature.
    ("mlagsync_has", "feature"),
];

/// A call as it is written, taken apart: its function, and which of its arguments are NULL.
fn places(call: &str) -> (String, BTreeSet<usize>) {
    let call: String = call.split_whitespace().collect();
    let (name, rest) = call.split_once('(').unwrap();
    let (mut depth, mut nth, mut nulls, mut argument) = (0, 0, BTreeSet::new(), String::new());
    for c in rest.strip_suffix(')').unwrap().chars().chain([',']) {
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        if c == ',' && depth == 0 {
            if ["null()", "null_mut()", "None"].contains(&argument.as_str()) {
                nulls.insert(nth);
            }
            (nth, argument) = (nth + 1, String::new());
        } else {
            argument.push(c);
        }
    }
    (name.to_owned(), nulls)
}

#[test]
fn null_in_every_place_is_refused_and_nothing_is_written() {
    let (sim, handle) = plain();
    let (size, mut taken, mut cursor, mut count) = (size_of::<mlagsync_neighbor_t>(), 77, 0, 77);
    let mut rows = [init::<mlagsync_neighbor_t>(); 4];
    let row = rows.as_mut_ptr();
    let mut host_rows = [init::<mlagsync_host_row_t>(); 4];
    let host_row = host_rows.as_mut_ptr();
    let mut tried: BTreeSet<(String, usize)> = BTreeSet::new();
    macro_rules! refused {
        ($($call:expr;)*) => {$(
            // SAFETY: NULL where it may not be, and what is in order elsewhere.
            assert_eq!(name(unsafe { $call }), "MLAGSYNC_E_NULL", "{}", stringify!($call));
            let (function, nulls) = places(stringify!($call));
            tried.extend(nulls.into_iter().map(|nth| (function.clone(), nth)));
        )*};
    }
    let mut other = null_mut();
    let one = &raw mut taken;
    let many = &raw mut count;
    let at = &raw mut cursor;
    refused! {
        mlagsync_builder_new(null(), &raw mut other);
        mlagsync_builder_new(c"a".as_ptr(), null_mut());
        mlagsync_start(null_mut(), null_mut());
        mlagsync_bind(handle, null());
        mlagsync_unbind(handle, null());
        mlagsync_member(handle, null());
        mlagsync_peer_link(handle, null());
        mlagsync_learned(handle, null(), 1, 0, one);
        mlagsync_learned(handle, &learned(1), 1, 0, null_mut());
        mlagsync_static(handle, null(), 1, 0, one);
        mlagsync_static(handle, &host(1), 1, 0, null_mut());
        mlagsync_confirmed(handle, null(), 1, 0, one);
        mlagsync_confirmed(handle, &host(1), 1, 0, null_mut());
        mlagsync_forgotten(handle, null(), 1, 0, one);
        mlagsync_forgotten(handle, &key(1), 1, 0, null_mut());
        mlagsync_unanswered(handle, null(), 1, 0, one);
        mlagsync_unanswered(handle, &key(1), 1, 0, null_mut());
        mlagsync_fdb(handle, null(), 1, 0, one);
        mlagsync_fdb(handle, &fdb_news(), 1, 0, null_mut());
        mlagsync_bind(handle, &mlagsync_binding_t { address_count: 1, ..binding() });
        mlagsync_peer_link(handle, &mlagsync_peer_link_t { next_hop_count: 1, ..init() });
        mlagsync_configure(handle, null(), 5, 0, null_mut(), 0, null_mut());
        mlagsync_configuration(handle, null_mut(), 0, null_mut());
        mlagsync_session(handle, null_mut());
        mlagsync_counts(handle, null_mut());
        mlagsync_neighbors(handle, null(), null_mut(), size, 4, at, many);
        mlagsync_neighbors(handle, null(), row, size, 4, null_mut(), many);
        mlagsync_neighbors(handle, null(), row, size, 4, at, null_mut());
        mlagsync_hosts(handle, null(), null_mut(), 56, 4, at, many);
        mlagsync_hosts(handle, null(), host_row, 56, 4, null_mut(), many);
        mlagsync_hosts(handle, null(), host_row, 56, 4, at, null_mut());
        mlagsync_why(handle, null(), null_mut(), 0, many);
        mlagsync_why(handle, &ip(1), null_mut(), 0, null_mut());
        mlagsync_show(handle, MLAGSYNC_SHOW_HISTORY, null_mut(), 0, null_mut());
        mlagsync_verify(handle, null_mut());
        mlagsync_repair(handle, null_mut(), null_mut());
        mlagsync_next_event(handle, null_mut(), 0);
        mlagsync_event_fd(handle, null_mut());
        mlagsync_run_batches(handle, 0, null_mut());
    }
    let its = builder(&sim);
    refused! {
        mlagsync_builder_model(its, null(), null());
        mlagsync_builder_control(its, null());
        mlagsync_builder_record(its, null());
        mlagsync_builder_journal(its, null());
        mlagsync_builder_limits(its, null());
        mlagsync_builder_interface_hosts(its, null(), 7);
        mlagsync_builder_vpn_instance(its, null(), null(), null());
        mlagsync_builder_configuration(its, null(), 3);
        mlagsync_builder_sai(its, null());
        mlagsync_builder_sai(its, &mlagsync_sai_t { api_query: None, ..sai_of(1) });
        mlagsync_builder_calls_locked(its, null_mut(), None, Some(nothing));
        mlagsync_builder_calls_locked(its, null_mut(), Some(nothing), None);
        mlagsync_builder_on_log(its, null_mut(), None, MLAGSYNC_LOG_INFO);
        mlagsync_builder_on_event(its, null_mut(), None);
        mlagsync_start(its, null_mut());
    }
    assert_eq!((taken, cursor, count, other), (77, 0, 77, null_mut()));
    // SAFETY: a builder; NULL is a name of no feature.
    assert_eq!(unsafe { (mlagsync_builder_free(its), mlagsync_has(null())) }, (MLAGSYNC_OK, 0));
    assert_eq!(free(handle), MLAGSYNC_OK);

    let declared = declared();
    for (function, (_, parameters)) in &declared.functions {
        for (nth, (of, parameter)) in parameters.iter().enumerate() {
            let handle = nth == 0 && ["mlagsync_t *", "mlagsync_builder_t *"].contains(&of.as_str());
            let is_pointer = of.ends_with('*') || declared.callbacks.contains_key(of);
            let may_be = MAY_BE.contains(&(function, parameter));
            let is_tried = tried.contains(&(function.clone(), nth));
            assert!(
                handle || !is_pointer || may_be || is_tried,
                "{function}: nobody says what NULL is as {parameter}"
            );
        }
    }
}

unsafe extern "C" fn nothing(_: *mut c_void) {}
unsafe extern "C" fn no_event(_: *mut c_void, _: *const mlagsync_event_t) {}
unsafe extern "C" fn no_log(_: *mut c_void, _: i32, _: *const std::ffi::c_char, _: *const std::ffi::c_char) {}

type Build = fn(*mut mlagsync_builder_t) -> mlagsync_result_t;

/// Every function that takes a builder, with arguments that are in order.
fn builds() -> Vec<(&'static str, Build)> {
    macro_rules! builds {
        ($($name:ident($($argument:expr),*);)*) => {
            vec![$((stringify!($name), |builder| {
                // SAFETY: arguments that the header allows, whatever the builder is.
                unsafe { $name(builder $(, $argument)*) }
            }),)*]
        };
    }
    builds! {
        mlagsync_builder_model(c"generic".as_ptr(), null());
        mlagsync_builder_node_id(7);
        mlagsync_builder_ownership(MLAGSYNC_OWNERSHIP_ALL);
        mlagsync_builder_fdb(MLAGSYNC_FDB_EXTERNAL);
        mlagsync_builder_lifetimes(0, 0);
        mlagsync_builder_limits(&init::<mlagsync_limits_t>());
        mlagsync_builder_vrf_hosts(null(), 7);
        mlagsync_builder_interface_hosts(&vlan(10), 7);
        mlagsync_builder_restart_time(7);
        mlagsync_builder_journal(c"/nowhere/journal".as_ptr());
        mlagsync_builder_control(c"/nowhere/control".as_ptr());
        mlagsync_builder_record(c"/nowhere/record".as_ptr());
        mlagsync_builder_vpn_instance(c"red".as_ptr(), null(), null());
        mlagsync_builder_configuration(LINES.as_ptr(), LINES.count_bytes());
        mlagsync_builder_sai(&sai_of(7));
        mlagsync_builder_calls_locked(null_mut(), Some(nothing), Some(nothing));
        mlagsync_builder_calls_on_nos_thread();
        mlagsync_builder_on_log(null_mut(), Some(no_log), MLAGSYNC_LOG_INFO);
        mlagsync_builder_on_event(null_mut(), Some(no_event));
    }
}

#[test]
fn a_builder_that_is_none_is_refused_by_every_function() {
    let listed: BTreeSet<String> = builds().iter().map(|(call, _)| (*call).to_owned()).collect();
    let functions = declared().functions;
    let takes =
        functions.iter().filter(|(_, (_, p))| p.first().is_some_and(|(of, _)| of == "mlagsync_builder_t *"));
    let takes: BTreeSet<String> = takes.map(|(name, _)| name.clone()).collect();
    let others = ["mlagsync_builder_free", "mlagsync_start"].map(str::to_owned);
    assert_eq!(takes, listed.into_iter().chain(others).collect());

    let (mut its, mut handle) = (null_mut(), null_mut());
    // SAFETY: a text that ends, and a place.
    assert_eq!(unsafe { mlagsync_builder_new(c"nos".as_ptr(), &raw mut its) }, MLAGSYNC_OK);
    for (call, run) in builds() {
        assert_eq!(name(run(its)), "MLAGSYNC_OK", "{call}: {}", last_error());
        assert_eq!(name(run(null_mut())), "MLAGSYNC_E_NULL", "{call}");
    }
    // SAFETY: a builder.
    assert_eq!(unsafe { mlagsync_builder_free(its) }, MLAGSYNC_OK);
    let (_sim, running) = plain();
    for wrong in [its.addr(), running.addr(), 1, usize::MAX] {
        let wrong = std::ptr::without_provenance_mut(wrong);
        for (call, run) in builds() {
            assert_eq!(name(run(wrong)), "MLAGSYNC_E_HANDLE", "{call}");
        }
        // SAFETY: told apart from a builder; and a place.
        let ends = unsafe { (mlagsync_builder_free(wrong), mlagsync_start(wrong, &raw mut handle)) };
        assert_eq!((ends, handle), ((MLAGSYNC_E_HANDLE, MLAGSYNC_E_HANDLE), null_mut()));
    }
    // SAFETY: NULL is told apart, too.
    let ends = unsafe { (mlagsync_builder_free(null_mut()), mlagsync_start(null_mut(), &raw mut handle)) };
    assert_eq!(ends, (MLAGSYNC_E_NULL, MLAGSYNC_E_NULL));
    assert_eq!(free(running), MLAGSYNC_OK);
}
