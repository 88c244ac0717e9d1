//! The SAI thread: answers, dumps between batches, and health while a call hangs.

use crate::hardware::linked;
use crate::{batch, bridge_port, op, rif, routed};
use crossbeam_channel::unbounded;
use mlagsync::mirror::batch::{BatchDone, FdbHost, FdbOp, OpKind, Outcome, Owned, RouteOp, Via};
use mlagsync::run::asic::{Asic, Done, Order};
use mlagsync::sai::Domain;
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(20);

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

/// The answer to a batch of neighbours.
fn neighbors(done: Done) -> BatchDone {
    match done {
        Done::Program(done) => done,
        other => panic!("not of neighbours: {other:?}"),
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
        let done = neighbors(answered.recv_timeout(DEADLINE).unwrap());
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
fn rule_9_orders_of_every_kind_are_done_in_the_order_in_which_they_came() {
    let (sim, switch) = linked(&[]);
    let (answers, answered) = unbounded();
    let (on, host) = routed(&switch);
    let port = bridge_port(&switch, 0);
    let domain = Domain::Vlan(switch.default_vlan().unwrap());
    let asic = Asic::spawn(&switch, move |done| answers.send(done).unwrap()).unwrap();
    let handle = asic.handle();
    let order = |order: Order| {
        wait_until("room for an order", || handle.order(order.clone()).is_ok());
        order.is_answered()
    };
    let neighbor = |kind| Order::Program(batch(kind, [op(on, 1, 0)]));
    let owned = Owned::Neighbor { rif: on, ip: crate::ip(1) };
    let fdb = |kind| {
        let host = Some(FdbHost { port, dynamic: false });
        Order::Fdb(batch(kind, [FdbOp { row: 0, domain, mac: op(on, 1, 0).host.mac, host, was: None }]))
    };
    let route = |kind| {
        let via = Some(Via::Neighbor(on));
        Order::Route(batch(kind, [RouteOp { row: 0, virtual_router: host, ip: crate::ip(1), via }]))
    };
    use OpKind::{Create, Remove};
    // Each but the first needs the one before it, there and back.
    let orders = [
        fdb(Create),
        neighbor(Create),
        route(Create),
        Order::Disown(vec![owned]),
        route(Remove),
        neighbor(Remove),
        fdb(Remove),
    ];
    for _ in 0..30 {
        let asked = orders.iter().filter(|one| order((*one).clone())).count();
        for wanted in orders.iter().filter(|one| one.is_answered()).take(asked) {
            let done = answered.recv_timeout(DEADLINE).unwrap();
            match (wanted, done) {
                (Order::Program(_), Done::Program(done)) => assert_eq!(done.outcomes, [Outcome::Done]),
                (Order::Fdb(_), Done::Fdb(done)) => assert_eq!(done.outcomes, [Outcome::Done]),
                (Order::Route(_), Done::Route(done)) => assert_eq!(done.outcomes, [Outcome::Done]),
                (wanted, done) => panic!("{wanted:?} was answered by {done:?}"),
            }
        }
    }
    assert_eq!((sim.neighbor_count(), sim.fdb().len(), sim.routes().len()), (0, 0, 0));
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
    assert_eq!(neighbors(answered.recv_timeout(DEADLINE).unwrap()).outcomes.len(), 1);
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
