//! A NOS that starts its instance anew while its ASIC holds what it held.

use crate::nos::{Hardware, PATIENCE, host, key, until};
use mlagsync::node::Lifetimes;
use mlagsync::node::io::Event;
use mlagsync::{Feed, News, Stopped};
use std::time::Duration;

#[test]
fn rule_12_a_restart_writes_nothing_that_is_as_it_should_be_and_sweeps_what_nobody_claims() {
    let hardware = Hardware::new();
    let dir = tempfile::tempdir().unwrap();
    let lifetimes = Lifetimes { stale: Duration::from_millis(500), ageing: Duration::from_secs(1200) };
    let start = || {
        let builder = hardware.builder().journal(dir.path().join("journal")).lifetimes(lifetimes);
        let nos = builder.start().unwrap();
        nos.bind(hardware.binding()).unwrap();
        nos
    };
    let nos = start();
    nos.learned(&[host(1, 0), host(2, 0), host(3, 0)], Feed::Try).unwrap();
    until("all are there", || nos.counts().unwrap().programmed == 3);
    assert_eq!(nos.stop(PATIENCE), Stopped { left: vec![] });
    assert_eq!(hardware.sim.neighbor_count(), 3, "the ASIC keeps what it holds");

    hardware.sim.reset_calls();
    let nos = start();
    let news = nos.news(1000);
    nos.learned(&[host(1, 0), host(2, 0)], Feed::Try).unwrap();
    nos.local_complete().unwrap();
    until("the third goes", || hardware.sim.neighbor_count() == 2);
    until("which is told", || {
        matches!(news.next_now(), Some(News::Event(Event::LeftoversSwept { entries: 1 })))
    });
    let counts = nos.counts().unwrap();
    assert_eq!((counts.creates, counts.sets, counts.programmed), (0, 0, 2), "nothing else is written");
    nos.unbind(key(1).interface).unwrap();
    until("nothing is left", || hardware.sim.neighbor_count() == 0);
    nos.stop(PATIENCE);
}

#[test]
fn what_a_nos_that_does_not_bind_an_interface_any_more_left_on_it_goes() {
    let hardware = Hardware::new();
    let dir = tempfile::tempdir().unwrap();
    let lifetimes = Lifetimes { stale: Duration::from_millis(100), ageing: Duration::from_secs(1200) };
    let builder = || hardware.builder().journal(dir.path().join("journal")).lifetimes(lifetimes);
    let nos = builder().start().unwrap();
    nos.bind(hardware.binding()).unwrap();
    nos.learned(&[host(1, 0)], Feed::Try).unwrap();
    until("it is there", || nos.counts().unwrap().programmed == 1);
    nos.stop(PATIENCE);
    let nos = builder().start().unwrap();
    nos.local_complete().unwrap();
    until("it is gone", || hardware.sim.neighbor_count() == 0);
    nos.stop(PATIENCE);
}
