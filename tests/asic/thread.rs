//! The SAI thread: answers, dumps between batches, and health while a call hangs.

use crate::hardware::linked;
use crate::{batch, op, rif};
use crossbeam_channel::unbounded;
use mlagsync::mirror::batch::{OpKind, Outcome};
use mlagsync::run::asic::Asic;
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(20);

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn batches_are_answered_in_order_and_dumps_in_between() {
    let (sim, switch) = linked(&[]);
    let rif = rif(&switch);
    let (answers, answered) = unbounded();
    let asic = Asic::spawn(&switch, move |done| answers.send(done).unwrap()).unwrap();
    let handle = asic.handle();
    let mut dumps = Vec::new();
    for n in 0..20u32 {
        let mut wanted = batch(OpKind::Create, (n * 100..n * 100 + 100).map(|n| op(rif, n, 0)));
        wanted.id.0 = u64::from(n);
        wait_until("room for a batch", || match handle.submit(wanted.clone()) {
            Ok(()) => true,
            Err(back) => {
                assert_eq!(back, wanted, "what is not taken comes back whole");
                false
            }
        });
        dumps.push(handle.dump());
    }
    for n in 0..20 {
        let done = answered.recv_timeout(DEADLINE).unwrap();
        assert_eq!((done.id.0, done.outcomes), (n, vec![Outcome::Done; 100]));
    }
    let sizes: Vec<usize> = dumps
        .into_iter()
        .filter_map(|dump| dump.recv_timeout(DEADLINE).ok())
        .map(|dump| dump.unwrap().entries.len())
        .collect();
    assert!(sizes.is_sorted() && !sizes.is_empty(), "{sizes:?}");
    let last = handle.dump().recv_timeout(DEADLINE).unwrap().unwrap();
    assert_eq!((last.entries.len(), sim.neighbor_count()), (2000, 2000));
    assert!(handle.health().alive);
    drop(handle);
    asic.join();
}

#[test]
fn rule_14_while_a_call_hangs_the_thread_says_for_how_long() {
    let (sim, switch) = linked(&[]);
    let rif = rif(&switch);
    let (answers, answered) = unbounded();
    let asic = Asic::spawn(&switch, move |done| answers.send(done).unwrap()).unwrap();
    let handle = asic.handle();
    sim.set_faults("create neighbor #1 hang", 1).unwrap();
    handle.submit(batch(OpKind::Create, [op(rif, 1, 0)])).unwrap();
    wait_until("the call hangs", || sim.hanging() == 1);
    // Other switches of the same library are other tests' here: theirs may be the call that is inside now.
    wait_until("it shows", || handle.health().in_call_for.is_some_and(|t| t > Duration::from_millis(20)));
    assert!(handle.health().alive);
    assert!(answered.try_recv().is_err());
    sim.release_hangs();
    assert_eq!(answered.recv_timeout(DEADLINE).unwrap().outcomes.len(), 1);
}

#[test]
fn a_panic_is_seen_by_health_and_by_whoever_joins() {
    let (_sim, switch) = linked(&[]);
    let rif = rif(&switch);
    let asic = Asic::spawn(&switch, |_| panic!("the receiver is broken")).unwrap();
    let handle = asic.handle();
    handle.submit(batch(OpKind::Create, [op(rif, 1, 0)])).unwrap();
    wait_until("the thread is gone", || !handle.health().alive);
    wait_until("nobody takes batches", || handle.submit(batch(OpKind::Create, [])).is_err());
    assert!(handle.dump().recv_timeout(DEADLINE).is_err());
    let joined = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| asic.join()));
    assert!(joined.is_err());
}
