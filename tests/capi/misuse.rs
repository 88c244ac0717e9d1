//! What a program may get wrong with handles, pointers, callbacks, threads and processes: no crash, and the result that
//! the header states.

use crate::nos::*;
use ::mlagsync::capi::*;
use sai::inspect::SimSwitch;
use std::collections::BTreeSet;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null_mut;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What the functions that may say no to a handle that is in order do say.
fn is_in_order(call: &str, result: mlagsync_result_t) -> bool {
    match call {
        "mlagsync_next_event" => [MLAGSYNC_OK, MLAGSYNC_AGAIN].contains(&result),
        // There is no channel to ask the peer over, and a thread of the library's calls SAI.
        "mlagsync_resync" => result == MLAGSYNC_E_STATE,
        // Another thread may look at the same time.
        "mlagsync_run_batches" => [MLAGSYNC_E_STATE, MLAGSYNC_AGAIN].contains(&result),
        _ => [MLAGSYNC_OK, MLAGSYNC_AGAIN].contains(&result),
    }
}

#[test]
fn every_function_does_with_what_is_in_order() {
    let (_sim, handle) = plain();
    for (call, run) in calls() {
        let result = run(handle);
        assert!(is_in_order(call, result), "{call}: {}: {}", name(result), last_error());
    }
    assert_eq!(free(handle), MLAGSYNC_OK);
}

/// The list above has every function that takes a handle, but those that end it or begin it.
#[test]
fn the_list_of_functions_is_whole() {
    let listed: BTreeSet<String> = calls().iter().map(|(call, _)| (*call).to_owned()).collect();
    let declared = crate::declared::declared().functions;
    let takes = declared.iter().filter(|(_, (_, p))| p.first().is_some_and(|(of, _)| of == "mlagsync_t *"));
    let takes: BTreeSet<String> = takes.map(|(name, _)| name.clone()).collect();
    let ends = ["mlagsync_stop", "mlagsync_free"].map(str::to_owned);
    assert_eq!(takes, listed.into_iter().chain(ends).collect());
}

#[test]
fn a_null_handle_is_refused_by_every_function() {
    for (call, run) in calls() {
        assert_eq!(name(run(null_mut())), "MLAGSYNC_E_NULL", "{call}");
    }
    assert_eq!(stop(null_mut()), MLAGSYNC_E_NULL);
    assert_eq!(free(null_mut()), MLAGSYNC_E_NULL);
    assert_eq!(last_error(), "mlagsync_t is NULL");
}

#[test]
fn a_handle_that_was_freed_or_never_was_one_is_refused_by_every_function_from_any_thread() {
    let (sim, handle) = plain();
    assert_eq!(free(handle), MLAGSYNC_OK);
    // Its place is taken by another one, which is not meant.
    let (_other_sim, other) = plain();
    let its = builder(&sim);
    let stack = 0u64;
    let (freed, foreign) = (handle.addr(), (&raw const stack).addr());
    let refused = move || {
        for wrong in [freed, foreign, its.addr(), 1, 8, usize::MAX] {
            let wrong: Handle = std::ptr::without_provenance_mut(wrong);
            for (call, run) in calls() {
                assert_eq!(name(run(wrong)), "MLAGSYNC_E_HANDLE", "{call} of {wrong:p}");
            }
            assert_eq!((stop(wrong), free(wrong)), (MLAGSYNC_E_HANDLE, MLAGSYNC_E_HANDLE));
        }
    };
    let its_address = its.addr();
    let from_elsewhere = move || {
        let its: *mut mlagsync_builder_t = std::ptr::without_provenance_mut(its_address);
        let wrong: *mut mlagsync_builder_t = std::ptr::without_provenance_mut(freed);
        // SAFETY: builders, or what is told apart from one.
        unsafe {
            assert_eq!(mlagsync_builder_node_id(wrong, 1), MLAGSYNC_E_HANDLE);
            assert_eq!(mlagsync_builder_free(its), MLAGSYNC_OK);
            assert_eq!(mlagsync_builder_node_id(its, 1), MLAGSYNC_E_HANDLE);
            assert_eq!(mlagsync_builder_free(its), MLAGSYNC_E_HANDLE);
        }
    };
    refused();
    thread::spawn(from_elsewhere).join().unwrap();
    assert_eq!(free(other), MLAGSYNC_OK);
}

#[test]
fn a_handle_that_is_stopped_says_so_and_gives_out_its_last_events() {
    let (_sim, handle) = plain();
    // SAFETY: lines of that length, and no diagnostics.
    let result = unsafe {
        mlagsync_configure(handle, LINES.as_ptr(), LINES.count_bytes(), 0, null_mut(), 0, null_mut())
    };
    assert_eq!(result, MLAGSYNC_OK);
    let first = await_event(handle, MLAGSYNC_EVENT_SESSION_DOWN);
    // SAFETY: the header says that it ends with a zero.
    let reason = unsafe { CStr::from_ptr(first.reason.as_ptr()) };
    assert!([c"connecting", c"source-not-local"].contains(&reason), "{reason:?}");
    // SAFETY: a struct that is there.
    assert_eq!(unsafe { mlagsync_bind(handle, &binding()) }, MLAGSYNC_OK);
    // SAFETY: as above.
    assert_eq!(unsafe { mlagsync_unbind(handle, &vlan(10)) }, MLAGSYNC_OK);
    assert_eq!(stop(handle), MLAGSYNC_OK);
    assert_eq!(stop(handle), MLAGSYNC_OK, "a second stop answers as the first one did");
    for (call, run) in calls() {
        match call {
            "mlagsync_event_fd" => assert_eq!(run(handle), MLAGSYNC_OK),
            "mlagsync_next_event" => {
                while run(handle) == MLAGSYNC_OK {}
                assert_eq!(name(run(handle)), "MLAGSYNC_E_STOPPED");
            }
            _ => assert_eq!(name(run(handle)), "MLAGSYNC_E_STOPPED", "{call}"),
        }
    }
    assert_eq!(free(handle), MLAGSYNC_OK);
    assert_eq!(free(handle), MLAGSYNC_E_HANDLE);
}

/// What a callback was answered, by the function that it called.
#[derive(Default)]
struct Heard {
    handle: AtomicUsize,
    answers: Mutex<Vec<(&'static str, mlagsync_result_t)>>,
    events: AtomicUsize,
    others: AtomicUsize,
}

unsafe extern "C" fn calls_everything(userdata: *mut c_void, event: *const mlagsync_event_t) {
    // SAFETY: what the test gave; it lives until the handle is freed.
    let heard = unsafe { &*userdata.cast::<Heard>() };
    // SAFETY: by the header, there until this returns.
    let event = unsafe { &*event };
    assert_eq!(event.struct_size as usize, size_of::<mlagsync_event_t>());
    heard.events.fetch_add(1, Ordering::Relaxed);
    let handle: Handle = std::ptr::without_provenance_mut(heard.handle.load(Ordering::Acquire));
    if event.r#type != MLAGSYNC_EVENT_RELEASED || handle.is_null() {
        return;
    }
    let mut answers: Vec<_> = calls().iter().map(|(call, run)| (*call, run(handle))).collect();
    answers.push(("mlagsync_stop", stop(handle)));
    answers.push(("mlagsync_free", free(handle)));
    *heard.answers.lock().unwrap() = answers;
}

unsafe extern "C" fn must_not_call_in(
    userdata: *mut c_void,
    level: i32,
    target: *const c_char,
    text: *const c_char,
) {
    // SAFETY: what the test gave; it lives until the handle is freed.
    let heard = unsafe { &*userdata.cast::<Heard>() };
    assert!(
        (MLAGSYNC_LOG_ERROR..=MLAGSYNC_LOG_DEBUG).contains(&level) && !target.is_null() && !text.is_null()
    );
    let handle: Handle = std::ptr::without_provenance_mut(heard.handle.load(Ordering::Acquire));
    let (_, run) = calls().swap_remove(0);
    assert_eq!(name(run(handle)), "MLAGSYNC_E_CALLBACK");
    assert_eq!(name(free(handle)), "MLAGSYNC_E_CALLBACK");
    heard.others.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn an_event_may_call_everything_but_what_would_wait_for_it() {
    let sim = SimSwitch::new(&[]).unwrap();
    let heard = Heard::default();
    let its = builder(&sim);
    // SAFETY: functions of the types that the header has, and userdata that outlives the handle.
    unsafe {
        assert_eq!(mlagsync_builder_on_event(its, userdata(&heard), Some(calls_everything)), MLAGSYNC_OK);
        let level = MLAGSYNC_LOG_DEBUG;
        assert_eq!(
            mlagsync_builder_on_log(its, userdata(&heard), Some(must_not_call_in), level),
            MLAGSYNC_OK
        );
    }
    let handle = start(its);
    heard.handle.store(handle.addr(), Ordering::Release);
    // SAFETY: structs that are there.
    unsafe {
        assert_eq!(mlagsync_bind(handle, &binding()), MLAGSYNC_OK);
        assert_eq!(mlagsync_unbind(handle, &vlan(10)), MLAGSYNC_OK);
    }
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while heard.answers.lock().unwrap().is_empty() {
        assert!(std::time::Instant::now() < end, "the interface was not released");
        thread::yield_now();
    }
    for (call, result) in heard.answers.lock().unwrap().iter() {
        match *call {
            "mlagsync_stop" | "mlagsync_free" | "mlagsync_run_batches" | "mlagsync_next_event" => {
                assert_eq!(name(*result), "MLAGSYNC_E_CALLBACK", "{call}");
            }
            "mlagsync_event_fd" => assert_eq!(*result, MLAGSYNC_E_STATE),
            _ => assert!(is_in_order(call, *result), "{call}: {}", name(*result)),
        }
    }
    assert!(heard.others.load(Ordering::Relaxed) > 0, "the log said nothing");
    assert_eq!(free(handle), MLAGSYNC_OK);
    let events = heard.events.load(Ordering::Relaxed);
    thread::yield_now();
    assert_eq!(heard.events.load(Ordering::Relaxed), events, "an event after the end");
}

#[test]
fn a_forked_process_is_refused_everything_and_the_other_one_goes_on() {
    let (_sim, handle) = plain();
    // SAFETY: the child calls nothing but the library and _exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let refused = calls().iter().position(|(_, run)| run(handle) != MLAGSYNC_E_FORKED);
        let ends = stop(handle) == MLAGSYNC_E_FORKED && free(handle) == MLAGSYNC_E_FORKED;
        let mut its = null_mut();
        // SAFETY: a text that ends, and a place.
        let new = unsafe { mlagsync_builder_new(c"child".as_ptr(), &raw mut its) } == MLAGSYNC_E_FORKED;
        // SAFETY: both answer for ever.
        let known = !mlagsync_version().is_null() && mlagsync_abi() == MLAGSYNC_ABI;
        let code = refused.map_or(i32::from(!(ends && new && known)) * 100, |n| 1 + n as i32);
        // SAFETY: ends the child.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: our child, and a place.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(libc::WIFEXITED(status), "the child died of {}", libc::WTERMSIG(status));
    assert_eq!(libc::WEXITSTATUS(status), 0, "the number of the function in the list, from 1");
    for (call, run) in calls() {
        let result = run(handle);
        assert!(is_in_order(call, result), "{call}: {}", name(result));
    }
    assert_eq!(free(handle), MLAGSYNC_OK);
}

/// Four threads call everything while the handle is stopped and freed under them.
#[test]
fn threads_that_call_everything_at_once_are_all_answered() {
    for round in 0..3 {
        let (_sim, handle) = plain();
        let address = handle.addr();
        let hammer = move |turns: usize| {
            let handle: Handle = std::ptr::without_provenance_mut(address);
            for (call, run) in calls().iter().cycle().take(turns) {
                let result = run(handle);
                let ended = [MLAGSYNC_E_STOPPED, MLAGSYNC_E_HANDLE].contains(&result);
                // What was asked when it was stopped is not answered in time, or not at all.
                let late =
                    ["mlagsync_verify", "mlagsync_repair"].contains(call) && result == MLAGSYNC_E_STATE;
                assert!(
                    is_in_order(call, result) || ended || late,
                    "{call}: {}: {}",
                    name(result),
                    last_error()
                );
            }
        };
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| hammer(150));
            }
            scope.spawn(|| {
                let handle: Handle = std::ptr::without_provenance_mut(address);
                hammer(40 * (1 + round));
                let stopped = stop(handle);
                assert_eq!(name(stopped), "MLAGSYNC_OK", "{}", last_error());
                assert_eq!(free(handle), MLAGSYNC_OK);
                assert_eq!(free(handle), MLAGSYNC_E_HANDLE);
            });
        });
    }
}
