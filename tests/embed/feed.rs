//! Feeding: what is told gets into the ASIC and to the peer, and nothing is dropped on the way.

use crate::nos::{Hardware, PATIENCE, Pair, host, key, mac, until};
use mlagsync::{Feed, FeedError, Stopped};
use std::time::{Duration, Instant};

#[test]
fn what_is_learned_is_programmed_and_what_is_forgotten_is_removed() {
    let hardware = Hardware::new();
    let nos = hardware.start();
    assert_eq!(nos.learned(&[host(1, 0), host(2, 0)], Feed::Try), Ok(2));
    until("both are in the ASIC", || hardware.sim.neighbor_count() == 2);
    nos.forgotten(&[key(1)], Feed::Try).unwrap();
    until("one is gone", || hardware.sim.neighbor_count() == 1);
    assert_eq!(hardware.sim.neighbors()[0].mac, mac(2, 0).0);
    nos.unbind(key(2).interface).unwrap();
    until("nothing is left on an interface that goes", || hardware.sim.neighbor_count() == 0);
    assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
    assert_eq!(nos.learned(&[host(1, 0)], Feed::Try), Err(FeedError::Stopped { taken: 0 }));
}

#[test]
fn two_instances_in_one_process_sync_to_each_other() {
    let pair = Pair::new();
    let (left, right) = pair.start();
    left.learned(&[host(1, 0), host(2, 0)], Feed::Try).unwrap();
    until("the peer's ASIC holds them", || pair.right.1.sim.neighbor_count() == 2);
    assert_eq!(pair.left.1.sim.neighbor_count(), 0, "the NOS programs what it learned itself");
    left.forgotten(&[key(1)], Feed::Try).unwrap();
    until("and lets go of them", || pair.right.1.sim.neighbor_count() == 1);
    for nos in [left, right] {
        assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
    }
}

#[test]
fn rule_15_what_is_fed_is_taken_or_refused_and_never_dropped() {
    let hardware = Hardware::new();
    let nos = hardware.start();
    // Faster than the core can: until there is no room, then waiting for it.
    let many: Vec<_> = (0..200_000).map(|n| host(n % 5000, 0)).collect();
    let mut fed = 0;
    let begin = Instant::now();
    let again = loop {
        assert!(begin.elapsed() < PATIENCE, "whatever is offered is taken: some of it can only be dropped");
        match nos.learned(&many, Feed::Try) {
            Ok(taken) => fed += taken as u64,
            Err(FeedError::Again { taken }) => break taken,
            Err(other) => panic!("{other}"),
        }
    };
    assert!(again < many.len());
    fed += again as u64;
    let rest = &many[again..];
    assert_eq!(nos.learned(rest, Feed::Block(PATIENCE)), Ok(rest.len()), "who can wait has it taken");
    fed += rest.len() as u64;
    until("every piece is counted", || nos.counts().is_ok_and(|counts| counts.evidence == fed));
    until("and programmed", || nos.counts().is_ok_and(|counts| counts.programmed == 5000));
    assert_eq!(hardware.sim.neighbor_count(), 5000);
    // Nobody waits longer than he says.
    let begin = Instant::now();
    while nos.learned(&many, Feed::Block(Duration::from_millis(10))).is_ok() {}
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    nos.stop(PATIENCE);
}
