//! From start to stop: what a start needs, who calls SAI, SAI that hangs, walks through tables, and what a guest leaves
//! alone.

use crate::nos::*;
use ::mlagsync::capi::*;
use sai::inspect::SimSwitch;
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[track_caller]
fn ok(result: mlagsync_result_t) {
    assert_eq!(name(result), "MLAGSYNC_OK", "{}", last_error());
}

/// A builder whose switch writes what is learned, and a router interface for it.
fn writer(profile: &[(&str, &str)]) -> (SimSwitch, *mut mlagsync_builder_t, mlagsync_binding_t) {
    use ::mlagsync::addr::{InterfaceId, VlanId, VpnInstance};
    use ::mlagsync::run::topology::{InterfaceSpec, Topology};
    let (sim, switch) = crate::hardware::linked(profile);
    let interface = InterfaceId::Vlanif(VlanId::new(10).unwrap());
    let spec = InterfaceSpec { interface, vrf: VpnInstance::public(), mac: None, underlay: None, tag: None };
    let rif = Topology::build(&switch, &[spec]).unwrap().rif(interface).unwrap();
    let its = builder(&sim);
    // SAFETY: a builder.
    ok(unsafe { mlagsync_builder_ownership(its, MLAGSYNC_OWNERSHIP_ALL) });
    (sim, its, mlagsync_binding_t { rif: rif.raw(), ..binding() })
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        thread::yield_now();
    }
}

fn learn(handle: Handle, binding: &mlagsync_binding_t, hosts: u8) {
    let items: Vec<mlagsync_learned_t> = (1..=hosts).map(learned).collect();
    let mut taken = 0;
    // SAFETY: structs that are there.
    unsafe {
        ok(mlagsync_bind(handle, binding));
        ok(mlagsync_learned(handle, items.as_ptr(), items.len(), 1000, &raw mut taken));
    }
    assert_eq!(taken, items.len());
}

#[test]
fn what_keeps_a_switch_from_starting_is_said() {
    let (mut its, mut handle) = (null_mut(), null_mut());
    // SAFETY: texts that end, and places.
    unsafe {
        ok(mlagsync_builder_new(c"nos".as_ptr(), &raw mut its));
        assert_eq!(mlagsync_start(its, &raw mut handle), MLAGSYNC_E_STATE);
        assert_eq!(last_error(), "mlagsync_builder_sai was not called");
        let sim = SimSwitch::new(&[]).unwrap();
        ok(mlagsync_builder_sai(its, &sai_of(sim.id())));
        ok(mlagsync_builder_model(its, c"CE0000".as_ptr(), null()));
        let refused = mlagsync_start(its, &raw mut handle);
        assert!(
            [MLAGSYNC_E_INVALID, MLAGSYNC_E_REFUSED].contains(&refused),
            "{}: {}",
            name(refused),
            last_error()
        );
        assert!(last_error().contains("CE0000"), "{}", last_error());
        ok(mlagsync_builder_model(its, c"generic".as_ptr(), null()));
        ok(mlagsync_builder_configuration(its, c"dfs-group 0".as_ptr(), 11));
        assert_eq!(mlagsync_start(its, &raw mut handle), MLAGSYNC_E_REFUSED);
        ok(mlagsync_builder_configuration(its, LINES.as_ptr(), LINES.count_bytes()));
        ok(mlagsync_builder_control(its, c"/proc/nowhere/control".as_ptr()));
        let refused = mlagsync_start(its, &raw mut handle);
        assert_eq!(name(refused), "MLAGSYNC_E_SYSTEM", "{}", last_error());
        assert_eq!(handle, null_mut(), "nothing is written unless it starts");
        ok(mlagsync_builder_free(its));
    }
}

/// It is read, not used up: the second one is another switch.
#[test]
fn one_builder_starts_many() {
    let (first, second) = (SimSwitch::new(&[]).unwrap(), SimSwitch::new(&[]).unwrap());
    let its = builder(&first);
    let mut handles = [null_mut(); 2];
    // SAFETY: a builder, and places.
    unsafe {
        ok(mlagsync_builder_configuration(its, LINES.as_ptr(), LINES.count_bytes()));
        ok(mlagsync_start(its, &raw mut handles[0]));
        ok(mlagsync_builder_sai(its, &sai_of(second.id())));
        ok(mlagsync_start(its, &raw mut handles[1]));
        ok(mlagsync_builder_free(its));
    }
    assert_ne!(handles[0], handles[1]);
    let mut session = init::<mlagsync_session_t>();
    // SAFETY: a place.
    ok(unsafe { mlagsync_session(handles[0], &raw mut session) });
    assert_eq!((session.dfs_group, session.tcp_port, session.source.octets[3], session.up), (1, 2048, 1, 0));
    for handle in handles {
        ok(free(handle));
    }
}

#[test]
fn binding_twice_changes_nothing_and_unbinding_releases_once() {
    let (sim, its, binding) = writer(&[]);
    let handle = start(its);
    learn(handle, &binding, 3);
    learn(handle, &binding, 3);
    until("three hosts", || sim.neighbor_count() == 3);
    // SAFETY: a struct that is there.
    ok(unsafe { mlagsync_unbind(handle, &binding.interface) });
    let event = await_event(handle, MLAGSYNC_EVENT_RELEASED);
    assert_eq!((event.key.interface.kind, event.key.interface.number), (MLAGSYNC_INTERFACE_VLAN, 10));
    assert_eq!(sim.neighbor_count(), 0);
    ok(free(handle));
}

/// Every row is shown once, however small the pages are, and fields are what was told.
#[test]
fn a_walk_shows_every_row_once() {
    let (_sim, its, binding) = writer(&[]);
    let handle = start(its);
    learn(handle, &binding, 200);
    let mut counts = init::<mlagsync_counts_t>();
    until("all of them in the ASIC", || {
        // SAFETY: a place.
        ok(unsafe { mlagsync_counts(handle, &raw mut counts) });
        counts.programmed == 200
    });
    assert_eq!((counts.local, counts.wanted, counts.evidence), (200, 200, 200));
    let (mut claims, mut hosts) = (Vec::new(), Vec::new());
    let (mut cursor, mut count) = (MLAGSYNC_CURSOR_BEGIN, 0);
    while cursor != MLAGSYNC_CURSOR_END {
        let mut rows = [init::<mlagsync_neighbor_t>(); 3];
        // SAFETY: three rows, and places.
        ok(unsafe {
            mlagsync_neighbors(handle, null(), rows.as_mut_ptr(), 64, 3, &raw mut cursor, &raw mut count)
        });
        claims.extend(rows[..count].iter().map(|row| (row.key.ip.octets[3], row.mac[5])));
        assert!(rows[..count].iter().all(|row| row.struct_size == 64 && row.wins == 1));
    }
    cursor = MLAGSYNC_CURSOR_BEGIN;
    while cursor != MLAGSYNC_CURSOR_END {
        let mut rows = [init::<mlagsync_host_row_t>(); 1];
        // SAFETY: a row, and places.
        ok(unsafe {
            mlagsync_hosts(handle, null(), rows.as_mut_ptr(), 56, 1, &raw mut cursor, &raw mut count)
        });
        hosts.extend(rows[..count].iter().map(|row| (row.key.ip.octets[3], row.programmed[5])));
        assert!(rows[..count].iter().all(|row| row.state == MLAGSYNC_HOST_PROGRAMMED));
    }
    let all: Vec<(u8, u8)> = (1..=200).map(|n| (n, n)).collect();
    claims.sort_unstable();
    hosts.sort_unstable();
    assert_eq!((&claims, &hosts), (&all, &all));
    let filter = mlagsync_filter_t { ip: ip(77), origin: MLAGSYNC_ORIGIN_LOCAL, ..init() };
    let mut rows = [init::<mlagsync_neighbor_t>(); 4];
    cursor = MLAGSYNC_CURSOR_BEGIN;
    // SAFETY: four rows, and places.
    ok(unsafe {
        mlagsync_neighbors(handle, &filter, rows.as_mut_ptr(), 64, 4, &raw mut cursor, &raw mut count)
    });
    assert_eq!((count, rows[0].key.ip.octets[3], rows[0].origin), (1, 77, MLAGSYNC_ORIGIN_LOCAL));
    ok(free(handle));
}

/// A lock of the program's: taken and given back in turn, and held whenever SAI is called.
#[derive(Default)]
struct Lock {
    held: AtomicUsize,
    times: AtomicUsize,
}

unsafe extern "C" fn lock(userdata: *mut c_void) {
    // SAFETY: what the test gave; it lives until the handle is freed.
    let lock = unsafe { &*userdata.cast::<Lock>() };
    assert_eq!(lock.held.fetch_add(1, Ordering::SeqCst), 0, "it was not given back");
}

unsafe extern "C" fn unlock(userdata: *mut c_void) {
    // SAFETY: as above.
    let lock = unsafe { &*userdata.cast::<Lock>() };
    assert_eq!(lock.held.fetch_sub(1, Ordering::SeqCst), 1, "it was not taken");
    lock.times.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn every_batch_is_made_between_lock_and_unlock() {
    let (sim, its, binding) = writer(&[]);
    let guard = Lock::default();
    // SAFETY: functions of the types that the header has, and userdata that outlives the handle.
    ok(unsafe { mlagsync_builder_calls_locked(its, userdata(&guard), Some(lock), Some(unlock)) });
    let handle = start(its);
    assert_eq!(guard.times.load(Ordering::SeqCst), 0, "nothing is asked of SAI at start");
    learn(handle, &binding, 100);
    until("all of them", || sim.neighbor_count() == 100);
    let mut verdict = init::<mlagsync_verdict_t>();
    // SAFETY: a place.
    ok(unsafe { mlagsync_verify(handle, &raw mut verdict) });
    assert_eq!((verdict.clean, verdict.held), (1, 100));
    ok(free(handle));
    assert!(guard.times.load(Ordering::SeqCst) > 0);
    assert_eq!(guard.held.load(Ordering::SeqCst), 0);
}

#[test]
fn batches_run_on_the_programs_thread_and_on_no_other() {
    let (sim, its, binding) = writer(&[]);
    // SAFETY: a builder.
    ok(unsafe { mlagsync_builder_calls_on_nos_thread(its) });
    let handle = start(its);
    learn(handle, &binding, 100);
    assert_eq!(sim.neighbor_count(), 0);
    let (mut more, mut ran) = (0, false);
    until("all of them", || {
        // SAFETY: a place.
        let result = unsafe { mlagsync_run_batches(handle, 10, &raw mut more) };
        ran |= result == MLAGSYNC_OK;
        sim.neighbor_count() == 100
    });
    assert!(ran);
    // One thread at a time; and the one inside hears of the end.
    let address = handle.addr();
    let inside = thread::spawn(move || {
        let handle: Handle = std::ptr::without_provenance_mut(address);
        let mut more = 0;
        // Whoever looks whether we are inside may be inside at that moment.
        loop {
            // SAFETY: a place.
            match unsafe { mlagsync_run_batches(handle, 600_000, &raw mut more) } {
                MLAGSYNC_AGAIN => thread::yield_now(),
                result => return result,
            }
        }
    });
    until("the other thread is inside", || {
        // SAFETY: a place.
        unsafe { mlagsync_run_batches(handle, 0, &raw mut more) == MLAGSYNC_AGAIN }
    });
    ok(stop(handle));
    assert_eq!(name(inside.join().unwrap()), "MLAGSYNC_E_STOPPED");
    // SAFETY: a place.
    assert_eq!(unsafe { mlagsync_run_batches(handle, 0, &raw mut more) }, MLAGSYNC_E_STOPPED);
    ok(free(handle));
}

#[test]
fn a_sai_that_hangs_keeps_nobody() {
    let (sim, its, binding) = writer(&[("SAI_SIM_FAULTS", "create neighbor hang")]);
    let guard = Lock::default();
    // SAFETY: functions of the types that the header has, and userdata that outlives the handle.
    ok(unsafe { mlagsync_builder_calls_locked(its, userdata(&guard), Some(lock), Some(unlock)) });
    let handle = start(its);
    learn(handle, &binding, 1);
    until("SAI hangs", || sim.hanging() > 0);
    await_event(handle, MLAGSYNC_EVENT_ASIC_HANGS);
    let mut session = init::<mlagsync_session_t>();
    // SAFETY: a place.
    ok(unsafe { mlagsync_session(handle, &raw mut session) });
    assert_eq!(session.asic_hangs, 1);
    let begin = Instant::now();
    // SAFETY: a handle.
    let result = unsafe { mlagsync_stop(handle, 500) };
    assert_eq!(name(result), "MLAGSYNC_LEFT_BEHIND");
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert_eq!(name(free(handle)), "MLAGSYNC_LEFT_BEHIND");
    assert_eq!(guard.held.load(Ordering::SeqCst), 1, "the call is inside");
    // It comes back, gives the lock back, and goes.
    sim.release_hangs();
    until("the lock is free", || guard.held.load(Ordering::SeqCst) == 0);
}

/// The descriptor is readable while there is an event, and not when all of them were taken.
#[test]
fn the_descriptor_is_readable_while_there_is_an_event() {
    let (_sim, handle) = plain();
    let mut fd = -1;
    // SAFETY: a place.
    ok(unsafe { mlagsync_event_fd(handle, &raw mut fd) });
    let readable = |ms| {
        let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        // SAFETY: one place.
        unsafe { libc::poll(&raw mut poll, 1, ms) == 1 }
    };
    for _ in 0..2 {
        assert!(!readable(0));
        // SAFETY: structs that are there.
        unsafe {
            ok(mlagsync_bind(handle, &binding()));
            ok(mlagsync_unbind(handle, &vlan(10)));
        }
        assert!(readable(60_000));
        await_event(handle, MLAGSYNC_EVENT_RELEASED);
    }
    ok(free(handle));
}
