//! Who calls SAI when: a thread of ours, the NOS's lock around it, or a thread of the NOS's.

use crate::alone::{alone, names};
use crate::nos::{Hardware, PATIENCE, host, until};
use mlagsync::node::io::Event;
use mlagsync::{Calls, Feed, News, Stopped, Work};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// A lock as a NOS in C has one.
#[derive(Default)]
struct NosLock {
    held: Mutex<bool>,
    free: Condvar,
    taken: AtomicUsize,
}

impl NosLock {
    fn lock(&self) {
        let mut held = self.free.wait_while(self.held.lock().unwrap(), |held| *held).unwrap();
        *held = true;
        self.taken.fetch_add(1, Ordering::SeqCst);
    }

    fn unlock(&self) {
        assert!(std::mem::take(&mut *self.held.lock().unwrap()), "it was held");
        self.free.notify_one();
    }
}

#[test]
fn rule_2_batches_run_within_the_noss_lock_and_the_core_does_not_wait_for_it() {
    let hardware = Hardware::new();
    let lock = Arc::new(NosLock::default());
    let (taken, given) = (lock.clone(), lock.clone());
    let calls =
        Calls::Locked { lock: Box::new(move || taken.lock()), unlock: Box::new(move || given.unlock()) };
    let nos = hardware.builder().calls(calls).start().unwrap();
    nos.bind(hardware.binding()).unwrap();
    lock.lock();
    hardware.sim.reset_calls();
    nos.learned(&[host(1, 0)], Feed::Try).unwrap();
    until("it is wanted", || nos.counts().unwrap().wanted == 1);
    for _ in 0..20 {
        nos.session().unwrap();
    }
    assert!(hardware.sim.calls().iter().all(|call| call.calls == 0), "nobody is in SAI while the NOS is");
    lock.unlock();
    until("it is programmed", || nos.counts().unwrap().programmed == 1);
    until("once by the NOS and once for each batch", || {
        lock.taken.load(Ordering::SeqCst) as u64 == 1 + nos.counts().unwrap().batches
    });
    assert!(!*lock.held.lock().unwrap(), "and given back");
    let before = lock.taken.load(Ordering::SeqCst);
    nos.verify().unwrap();
    assert!(lock.taken.load(Ordering::SeqCst) > before, "whoever reads back takes it, too");
    nos.stop(PATIENCE);
}

#[test]
fn rule_2_calls_are_made_on_the_noss_own_thread_and_nowhere_else() {
    alone("turns::rule_2_calls_are_made_on_the_noss_own_thread_and_nowhere_else", || {
        let hardware = Hardware::new();
        let nos = hardware.builder().calls(Calls::OnNosThread).start().unwrap();
        let mut worker = nos.asic_worker().expect("once");
        assert!(nos.asic_worker().is_none(), "and not twice");
        until("three have their names", || names() == ["mlag-core", "mlag-peer", "mlag-source"]);
        nos.bind(hardware.binding()).unwrap();
        nos.learned(&[host(1, 0)], Feed::Try).unwrap();
        until("it is wanted", || nos.counts().unwrap().wanted == 1);
        assert_eq!(hardware.sim.neighbor_count(), 0, "nobody else does it");
        until("it is programmed", || {
            assert_ne!(worker.run(Instant::now() + Duration::from_millis(20)), Work::Ended);
            nos.counts().unwrap().programmed == 1
        });
        let begin = Instant::now();
        assert_eq!(worker.run(begin), Work::Done, "a deadline that has passed is not waited for");
        assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
        until("and the end is told", || worker.run(Instant::now()) == Work::Ended);
    });
}

#[test]
fn rule_2_two_instances_share_the_librarys_one_lock() {
    alone("turns::rule_2_two_instances_share_the_librarys_one_lock", || {
        let (one, other) = (Hardware::new(), Hardware::new());
        let (first, second) = (one.start(), other.start());
        let news = second.news(1000);
        one.sim.set_faults("create neighbor #1 hang", 1).unwrap();
        first.learned(&[host(1, 0)], Feed::Try).unwrap();
        until("the first is inside", || one.sim.hanging() == 1);
        second.learned(&[host(2, 0)], Feed::Try).unwrap();
        until("the second says that it waits", || {
            matches!(news.next_now(), Some(News::Event(Event::AsicHangs { .. })))
        });
        assert_eq!(other.sim.neighbor_count(), 0, "the second waits for the first");
        assert!(second.session().is_ok(), "and answers meanwhile");
        one.sim.release_hangs();
        until("both are done", || one.sim.neighbor_count() == 1 && other.sim.neighbor_count() == 1);
        for nos in [first, second] {
            assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
        }
    });
}
