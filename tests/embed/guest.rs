//! A good guest in somebody else's process.

use crate::alone::{alone, asked_of_environment, descriptors, names, signal_actions, threads};
use crate::nos::{Hardware, PATIENCE, Pair, host, lines, until};
use mlagsync::{Calls, Feed, LogLevel, News, Stopped};
use std::io::{Read, Seek};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The threads of an instance that has a callback for news.
const THREADS: [&str; 5] = ["mlag-asic", "mlag-core", "mlag-events", "mlag-peer", "mlag-source"];

#[test]
fn signals_are_the_processs_own_and_threads_are_named_and_counted() {
    alone("guest::signals_are_the_processs_own_and_threads_are_named_and_counted", || {
        let pair = Pair::new();
        let before = signal_actions();
        let (left, right) = pair.start();
        until("four have their names", || names() == ["mlag-asic", "mlag-core", "mlag-peer", "mlag-source"]);
        assert!(threads().values().all(|both| both.len() == 2), "four each: {:?}", threads());
        assert_eq!(right.stop(PATIENCE), Stopped { left: vec![] });
        let heard = pair.left.1.builder().on_news(|_| ()).start().unwrap();
        until("and five", || names() == THREADS);
        for (name, masks) in threads() {
            for blocked in masks {
                // Two cannot be blocked, and two are the C library's own.
                let open: Vec<u32> = (1..=64)
                    .filter(|s| ![9, 19, 32, 33].contains(s) && blocked >> (s - 1) & 1 == 0)
                    .collect();
                assert!(open.is_empty(), "{name} takes {open:?}");
            }
        }
        left.learned(&[host(1, 0)], Feed::Try).unwrap();
        for nos in [left, heard] {
            assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
        }
        assert_eq!(signal_actions(), before, "no handler was installed");
        until("every thread is gone", || names().is_empty());
    });
}

/// What is written to stdout and stderr while the body runs.
fn written(body: impl FnOnce()) -> String {
    let mut file = tempfile::tempfile().unwrap();
    let saved = [1, 2].map(|fd| {
        // SAFETY: both are open.
        let saved = unsafe { libc::dup(fd) };
        // SAFETY: both are open.
        unsafe { libc::dup2(file.as_raw_fd(), fd) };
        saved
    });
    body();
    for (fd, saved) in [1, 2].into_iter().zip(saved) {
        // SAFETY: it was saved above.
        unsafe { libc::dup2(saved, fd) };
    }
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn nothing_is_written_to_stdout_or_stderr_not_even_by_panics() {
    alone("guest::nothing_is_written_to_stdout_or_stderr_not_even_by_panics", || {
        let log = Arc::new(Mutex::new(Vec::new()));
        let text = written(|| {
            let pair = Pair::new();
            let (left, right) = pair.start();
            left.learned(&[host(1, 0)], Feed::Try).unwrap();
            until("it is synchronised", || pair.right.1.sim.neighbor_count() == 1);
            left.configure("nonsense", false).unwrap_err();
            left.stop(PATIENCE);
            right.stop(PATIENCE);

            // Whatever the NOS gives us to call panics, each on a thread of ours.
            let hardware = Hardware::new();
            let lines = log.clone();
            let lock = Box::new(|| panic!("the NOS's lock"));
            let nos = hardware
                .builder()
                .calls(Calls::Locked { lock, unlock: Box::new(|| ()) })
                .on_news(|_| panic!("the NOS's callback"))
                .log(LogLevel::Debug, move |line| {
                    lines.lock().unwrap().push(line.text.to_owned());
                    panic!("the NOS's log");
                })
                .start()
                .unwrap();
            let news = nos.news(100);
            nos.bind(hardware.binding()).unwrap();
            nos.learned(&[host(1, 0)], Feed::Try).unwrap();
            let mut ended = Vec::new();
            until("both threads are missed", || {
                if let Some(News::ThreadEnded { thread, error }) = news.next_now() {
                    assert!(error.contains("panicked") && error.contains("the NOS's"), "{error}");
                    ended.push(thread);
                }
                ended.len() == 2
            });
            ended.sort_unstable();
            assert_eq!(ended, ["mlag-asic", "mlag-events"]);
            assert!(nos.session().is_ok(), "the core goes on");
            assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
        });
        assert_eq!(text, "");
        let log = log.lock().unwrap();
        let told = |what: &str| log.iter().any(|line| line.contains("panicked") && line.contains(what));
        assert!(told("the NOS's lock") && told("the NOS's callback"), "{log:?}");
    });
}

#[test]
fn nothing_is_read_from_the_environment() {
    alone("guest::nothing_is_read_from_the_environment", || {
        let hardware = Hardware::new();
        let asked = asked_of_environment(|| {
            let nos = hardware.builder().on_news(|_| ()).log(LogLevel::Debug, |_| ()).start().unwrap();
            nos.bind(hardware.binding()).unwrap();
            nos.configure(&lines(3, 4), false).unwrap();
            nos.learned(&[host(1, 0)], Feed::Try).unwrap();
            until("it is programmed", || hardware.sim.neighbor_count() == 1);
            nos.verify().unwrap();
            nos.stop(PATIENCE);
        });
        assert!(asked.is_empty(), "{asked:?}");
        let probe = asked_of_environment(|| drop(std::env::var("HOME")));
        assert_eq!(probe, ["HOME"], "whoever asks is seen");
    });
}

#[test]
fn the_log_goes_to_the_sink_and_no_global_subscriber_is_set() {
    alone("guest::the_log_goes_to_the_sink_and_no_global_subscriber_is_set", || {
        let hardware = Hardware::new();
        let (lines, log) = crossbeam_channel::unbounded();
        let builder = hardware.builder().log(LogLevel::Info, move |line| {
            lines.send((line.level, line.target.to_owned(), line.text.to_owned())).unwrap();
        });
        let nos = builder.start().unwrap();
        nos.configure(&crate::nos::lines(3, 4), false).unwrap();
        let (level, target, text) = log.recv_timeout(PATIENCE).unwrap();
        assert!(level <= LogLevel::Info && target.starts_with("mlagsync"), "{level:?} {target} {text}");
        nos.stop(PATIENCE);
        drop(nos);
        until("the sink goes with the instance", || {
            log.try_recv() == Err(crossbeam_channel::TryRecvError::Disconnected)
        });
        let none = tracing::subscriber::NoSubscriber::default();
        tracing::subscriber::set_global_default(none).expect("nobody has set one");
    });
}

#[test]
fn stop_returns_in_time_while_sai_hangs() {
    alone("guest::stop_returns_in_time_while_sai_hangs", || {
        let hardware = Hardware::new();
        hardware.sim.set_faults("create neighbor #1 hang", 1).unwrap();
        let nos = hardware.start();
        nos.learned(&[host(1, 0)], Feed::Try).unwrap();
        until("the call hangs", || hardware.sim.hanging() == 1);
        let asked = Instant::now();
        let patience = Duration::from_millis(500);
        assert_eq!(nos.stop(patience), Stopped { left: vec!["mlag-asic"] });
        let took = asked.elapsed();
        // Other programs have their turn on this machine, too.
        assert!(took >= patience && took < patience + Duration::from_secs(1), "{took:?}");
        until("no other thread is left", || names() == ["mlag-asic"]);
        hardware.sim.release_hangs();
        until("it ends when its call does", || names().is_empty());
    });
}

#[test]
fn a_hundred_starts_and_stops_leave_no_descriptor_and_no_thread() {
    alone("guest::a_hundred_starts_and_stops_leave_no_descriptor_and_no_thread", || {
        let hardware = Hardware::new();
        let cycle = || {
            let nos = hardware.builder().on_news(|_| ()).start().unwrap();
            nos.bind(hardware.binding()).unwrap();
            nos.configure(&lines(3, 4), false).unwrap();
            nos.session().unwrap();
            assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
        };
        cycle();
        let (before, _) = descriptors();
        for _ in 0..100 {
            cycle();
        }
        until("every thread is gone", || names().is_empty());
        assert_eq!(descriptors().0, before);
    });
}

#[test]
fn the_last_handle_that_goes_ends_the_threads() {
    alone("guest::the_last_handle_that_goes_ends_the_threads", || {
        let hardware = Hardware::new();
        let nos = hardware.start();
        drop(nos.clone());
        assert!(!names().is_empty());
        assert!(nos.session().is_ok(), "another handle is another way to the same");
        drop(nos);
        until("every thread is gone", || names().is_empty());
    });
}

#[test]
fn a_fork_in_the_nos_is_harmless() {
    alone("guest::a_fork_in_the_nos_is_harmless", || {
        let pair = Pair::new();
        let (_, before) = descriptors();
        let (left, right) = pair.start();
        let (_, inherited) = descriptors();
        assert_eq!(inherited, before, "a program that is started inherits nothing of ours");
        // SAFETY: the child does nothing but end.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: ends the child, without anything that has to be cleaned up.
            unsafe { libc::_exit(7) };
        }
        let mut status = 0;
        // SAFETY: waits for the child that was made above.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!(libc::WEXITSTATUS(status), 7);
        left.learned(&[host(1, 0)], Feed::Try).unwrap();
        until("both go on", || pair.right.1.sim.neighbor_count() == 1);
        for nos in [left, right] {
            assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
        }
    });
}

#[test]
fn a_callback_may_call_back_in_and_stop() {
    let hardware = Hardware::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let (counted, slot) = (calls.clone(), Arc::new(Mutex::new(None::<mlagsync::Mlagsync>)));
    let within = slot.clone();
    let builder = hardware.builder().on_news(move |_| {
        let Some(nos) = within.lock().unwrap().take() else { return };
        nos.learned(&[host(1, 0)], Feed::Try).unwrap();
        nos.session().unwrap();
        nos.configure("undo dfs-group 1", false).unwrap();
        assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let nos = builder.start().unwrap();
    *slot.lock().unwrap() = Some(nos.clone());
    nos.configure(&lines(3, 4), false).unwrap();
    until("the callback has stopped it", || calls.load(Ordering::SeqCst) == 1);
    assert!(nos.is_stopped());
    assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] }, "a second time is nothing new");
}

/// A start costs the NOS less than 10 ms, and no call into SAI is among it: the best of some, for this machine has other
/// programs, too.
#[test]
fn a_start_takes_less_than_ten_milliseconds() {
    alone("guest::a_start_takes_less_than_ten_milliseconds", || {
        let hardware = Hardware::new();
        hardware.sim.reset_calls();
        let once = || {
            let builder =
                hardware.builder().on_news(|_| ()).configuration(&lines(3, 4)).log(LogLevel::Info, |_| ());
            let begin = Instant::now();
            let nos = builder.start().unwrap();
            let took = begin.elapsed();
            assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
            took
        };
        let best = (0..20).map(|_| once()).min().unwrap();
        assert!(best < Duration::from_millis(10), "{best:?}");
        let called: u64 = hardware.sim.calls().iter().map(|call| call.calls).sum();
        assert_eq!(called, 0, "start does not call SAI");
        // Nor does it wait for a SAI that somebody is in.
        hardware.sim.set_faults("create neighbor #1 hang", 1).unwrap();
        let stuck = hardware.start();
        stuck.learned(&[host(1, 0)], Feed::Try).unwrap();
        until("the call hangs", || hardware.sim.hanging() == 1);
        let best = (0..20).map(|_| once()).min().unwrap();
        assert!(best < Duration::from_millis(10), "while SAI hangs: {best:?}");
        hardware.sim.release_hangs();
        stuck.stop(PATIENCE);
    });
}

/// Whatever the patience, and whoever is inside: SAI, the NOS's lock, both; `stop` returns within it.
#[test]
fn stop_keeps_to_its_bound_whatever_hangs() {
    alone("guest::stop_keeps_to_its_bound_whatever_hangs", || {
        for (patience, locked) in [(0, false), (50, false), (300, false), (50, true)] {
            let patience = Duration::from_millis(patience);
            let hardware = Hardware::new();
            let (go_on, gate) = crossbeam_channel::unbounded::<()>();
            let calls = match locked {
                false => Calls::OwnThread,
                true => Calls::Locked {
                    lock: Box::new(move || {
                        let _ = gate.recv();
                    }),
                    unlock: Box::new(|| ()),
                },
            };
            if !locked {
                hardware.sim.set_faults("create neighbor #1 hang", 1).unwrap();
            }
            let nos = hardware.builder().calls(calls).start().unwrap();
            nos.bind(hardware.binding()).unwrap();
            nos.learned(&[host(1, 0)], Feed::Try).unwrap();
            match locked {
                false => until("the call hangs", || hardware.sim.hanging() == 1),
                true => until("it is wanted, and the lock held", || nos.counts().unwrap().wanted == 1),
            }
            let asked = Instant::now();
            let left = nos.stop(patience).left;
            let took = asked.elapsed();
            assert!(left.contains(&"mlag-asic"), "{left:?}");
            assert!(took < patience + Duration::from_secs(1), "{patience:?}: {took:?}");
            // A second time, from another thread, is as bounded.
            let again = nos.clone();
            let asked = Instant::now();
            let left = std::thread::spawn(move || again.stop(Duration::from_millis(50)).left).join().unwrap();
            assert!(left == ["mlag-asic"] && asked.elapsed() < Duration::from_secs(2), "{left:?}");
            drop(go_on);
            hardware.sim.release_hangs();
            until("it ends when its call does", || names().is_empty());
        }
    });
}

/// The page for integrators names every thread, and none that there is not.
#[test]
fn the_threads_are_those_that_the_page_names() {
    let page = include_str!("../../docs/integrators.md");
    let (_, section) = page.split_once("## Threads and locks").expect("the section is there");
    let section = section.split("\n## ").next().unwrap();
    let mut named: Vec<&str> = section.lines().filter(|line| line.starts_with("| `mlag-")).collect();
    named = named.iter().flat_map(|line| line.split('`').filter(|word| word.starts_with("mlag-"))).collect();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![root.join("run"), root.join("embed")];
    let mut started = std::collections::BTreeSet::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        // Those of the daemon alone, which a NOS does not start.
        if path.ends_with("daemon.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let words = text.split('"').filter(|word| word.starts_with("mlag-") && !word.contains([' ', '{']));
        started.extend(words.map(str::to_owned));
    }
    for name in THREADS {
        assert!(named.contains(&name), "{name} is not on the page");
    }
    for name in &named {
        assert!(started.contains(*name), "{name} is on the page, and nobody starts it");
    }
    for name in &started {
        assert!(named.contains(&name.as_str()), "{name} is started and not on the page: {named:?}");
    }
}
