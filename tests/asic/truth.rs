//! What keeps the ASIC true over time, with the simulator: lies, other writers, SUCCESS that comes too early, an SDK that
//! restarts.

use crate::hardware::linked;
use crate::rig::{Rig, held, mac};
use mlagsync::mirror::batch::{OpKind, Outcome};
use mlagsync::node::io::{AsicDown, AsicNews, Event, Input};
use mlagsync::node::view::HostState;
use mlagsync::node::{Programming, Scrub, Tuning};
use sai::inspect::SimSwitch;
use std::net::IpAddr;
use std::time::Duration;

const ROUND: Duration = Duration::from_secs(60);

fn ip(n: u32) -> IpAddr {
    std::net::Ipv4Addr::from(0x0a00_0000 + n).into()
}

fn hosts(range: std::ops::Range<u32>) -> Vec<(IpAddr, mlagsync::addr::Mac)> {
    range.map(|n| (ip(n), mac(n, 1))).collect()
}

fn rig(profile: &[(&str, &str)], programming: Programming) -> (SimSwitch, Rig) {
    let (sim, switch) = linked(profile);
    let scrub = Scrub { round: ROUND, ..Scrub::default() };
    let rig = Rig::tuned(&switch, Tuning { scrub, programming, ..Tuning::default() });
    (sim, rig)
}

fn writes(rig: &Rig) -> usize {
    rig.asked.iter().filter(|asked| asked.kind != OpKind::Read).map(|asked| asked.ops.len()).sum()
}

#[test]
fn rule_13_lies_and_other_writers_are_found_within_a_round_and_put_right() {
    let faults = "create neighbor 10.0.0.5 #1 lie; create neighbor 10.0.0.6 #1 corrupt-mac";
    let (sim, mut rig) = rig(&[("SAI_SIM_FAULTS", faults)], Programming::Synchronous);
    rig.learn(hosts(0..1000));
    assert_ne!(held(&sim), rig.wanted, "the library lied");
    rig.behind_its_back(OpKind::Remove, &[(ip(7), mac(7, 1))]);
    rig.behind_its_back(OpKind::SetMac, &[(ip(8), mac(8, 9))]);
    let foreign = (ip(5000), mac(5000, 1));
    rig.behind_its_back(OpKind::Create, &[foreign]);
    rig.forget_asked();
    rig.run(ROUND + Duration::from_secs(10));
    let mut there = held(&sim);
    assert_eq!(there.remove(&foreign.0), Some(foreign.1), "what is not ours is not touched");
    assert_eq!(there, rig.wanted);
    assert_eq!(writes(&rig), 4, "and nothing else was written");
    let repaired = rig.events.iter().filter(|event| matches!(event, Event::Repaired { .. })).count();
    assert_eq!((repaired, rig.node.counters().repaired, rig.node.counters().contested), (4, 4, 0));
    // From then on it is only read, and all of it in each round.
    rig.forget_asked();
    let before = rig.node.counters();
    rig.run(3 * ROUND);
    let after = rig.node.counters();
    assert_eq!(writes(&rig), 0);
    assert!((2..=4).contains(&(after.scrub_rounds - before.scrub_rounds)), "{after:?}");
    assert!(after.scrubbed - before.scrubbed >= 2000, "{after:?}");
}

#[test]
fn rule_13_reading_back_takes_its_share_of_idle_time_and_makes_nobody_wait() {
    let (_sim, mut rig) = rig(&[], Programming::Synchronous);
    rig.learn(hosts(0..20_000));
    rig.forget_asked();
    rig.run(2 * ROUND);
    let largest = rig.asked.iter().map(|asked| asked.ops.len()).max().unwrap();
    // The rig charges 20 µs a call and 5 µs an entry.
    assert!(20 + 5 * largest <= 1100, "a batch of {largest} takes more than a millisecond");
    let ops: usize = rig.asked.iter().map(|asked| asked.ops.len()).sum();
    let time = Duration::from_micros((20 * rig.asked.len() + 5 * ops) as u64);
    assert!(time < 2 * ROUND / 10, "{time:?} of {:?}", 2 * ROUND);
    assert!(ops >= 35_000, "{ops} of 40,000 in two rounds");
}

#[test]
fn rule_13_a_key_that_somebody_else_writes_is_an_alarm_and_no_fight() {
    let (sim, mut rig) = rig(&[], Programming::Synchronous);
    rig.learn(hosts(0..10));
    rig.forget_asked();
    for _ in 0..400 {
        rig.behind_its_back(OpKind::SetMac, &[(ip(3), mac(3, 9))]);
        rig.run(Duration::from_secs(3));
    }
    let alarms = rig.events.iter().filter(|event| matches!(event, Event::Contested { .. })).count();
    assert_eq!(alarms, 1);
    let sets = rig.count(OpKind::SetMac, |_| true);
    assert!((3..=10).contains(&sets), "{sets} in 20 minutes");
    assert_eq!(rig.host(ip(3)).unwrap().state, HostState::Contested);
    assert_eq!(held(&sim)[&ip(3)], mac(3, 9));
    // What is wanted otherwise is written at once.
    rig.learn([(ip(3), mac(3, 2))]);
    assert_eq!(held(&sim), rig.wanted);
    // An operator has it programmed again.
    rig.behind_its_back(OpKind::SetMac, &[(ip(3), mac(3, 9))]);
    rig.run(ROUND * 2);
    let key = mlagsync::neighbor::Key { interface: rig.interface, ip: ip(3) };
    rig.tell(Input::Repair(vec![key]));
    assert_eq!(held(&sim), rig.wanted);
}

/// Everything that the node says is there is there.
fn says_the_truth(sim: &SimSwitch, rig: &Rig) {
    let there = held(sim);
    let mut after = None;
    loop {
        let page = rig.node.hosts(after, 1000, &mlagsync::node::view::HostFilter::default());
        for row in page.rows.iter().filter(|row| row.state == HostState::Programmed) {
            assert_eq!(there.get(&row.ip).copied(), row.mac, "{row:?}");
        }
        after = page.next;
        if after.is_none() {
            return;
        }
    }
}

#[test]
fn an_asynchronous_library_is_not_believed_before_its_entries_were_seen() {
    for delay in ["calls 1", "calls 7", "command"] {
        let (sim, mut rig) = rig(&[("SAI_SIM_ASYNC", delay)], Programming::Asynchronous);
        rig.learn(hosts(0..300));
        for _ in 0..50 {
            says_the_truth(&sim, &rig);
            rig.run(Duration::from_millis(7));
        }
        sim.land();
        for n in 0..20 {
            rig.learn([(ip(n), mac(n, 3))]);
            rig.forget([ip(n + 100)]);
            rig.run(Duration::from_millis(3));
            says_the_truth(&sim, &rig);
            sim.land();
        }
        rig.run(Duration::from_secs(10));
        sim.land();
        rig.run(Duration::from_secs(20));
        assert_eq!(held(&sim), rig.wanted, "{delay}");
        assert_eq!(rig.node.counters().programmed, rig.wanted.len() as u64, "{delay}");
    }
}

#[test]
fn an_asynchronous_library_is_found_out_and_a_synchronous_one_is_believed() {
    let (sim, mut rig) = rig(&[("SAI_SIM_ASYNC", "command")], Programming::Detect);
    rig.learn(hosts(0..10));
    assert!(rig.events.contains(&Event::Asynchronous { early: true }), "{:?}", rig.events);
    rig.learn(hosts(10..200));
    assert!(rig.node.counters().programmed < 10, "what comes after that is not believed");
    sim.land();
    rig.run(Duration::from_secs(60));
    sim.land();
    rig.run(ROUND * 2);
    sim.land();
    rig.run(ROUND);
    assert_eq!(held(&sim), rig.wanted);
    says_the_truth(&sim, &rig);

    let (_sim, mut rig) = self::rig(&[], Programming::Detect);
    rig.learn(hosts(0..2000));
    rig.run(ROUND * 2);
    assert!(!rig.events.iter().any(|event| matches!(event, Event::Asynchronous { .. })));
}

#[test]
fn a_lie_is_found_before_it_counts_when_the_library_is_mistrusted() {
    let faults = "create neighbor every 10 lie";
    let (sim, mut rig) = rig(&[("SAI_SIM_FAULTS", faults)], Programming::Asynchronous);
    rig.learn(hosts(0..500));
    for _ in 0..2000 {
        says_the_truth(&sim, &rig);
        rig.run(Duration::from_millis(10));
    }
    assert_eq!(held(&sim), rig.wanted);
}

#[test]
fn an_sdk_that_restarts_is_fenced_off_and_its_table_read_back_and_not_written() {
    for intact in [Some(true), None] {
        let (sim, mut rig) = rig(&[], Programming::Synchronous);
        rig.learn(hosts(0..1000));
        rig.forget_asked();
        rig.tell(Input::Asic(AsicNews::Down { why: AsicDown::Failed }));
        rig.learn([(ip(5), mac(5, 2))]);
        rig.run(Duration::from_secs(600));
        assert_eq!(rig.asked.len(), 0, "nothing is asked of it");
        rig.tell(Input::Asic(AsicNews::Restarted { intact }));
        assert_eq!(writes(&rig), 1, "only what changed meanwhile: {intact:?}");
        assert_eq!(held(&sim), rig.wanted);
        assert!(rig.events.contains(&Event::AsicDown { why: AsicDown::Failed }));
        assert!(rig.events.contains(&Event::AsicRestarted { intact, entries: 1000 }));
        assert!(rig.events.contains(&Event::AsicRestored { entries: 1000, written: 1 }), "{:?}", rig.events);
    }
}

#[test]
fn an_sdk_that_comes_back_empty_is_programmed_again() {
    for intact in [Some(false), None] {
        let (sim, mut rig) = rig(&[], Programming::Synchronous);
        rig.learn(hosts(0..1000));
        rig.tell(Input::Asic(AsicNews::Down { why: AsicDown::Shutdown }));
        let outcomes = rig.behind_its_back(OpKind::Remove, &hosts(0..1000));
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
        rig.tell(Input::Asic(AsicNews::Restarted { intact }));
        rig.run(Duration::from_secs(1));
        assert_eq!(held(&sim), rig.wanted, "{intact:?}");
        assert!(rig.events.iter().any(|event| matches!(event, Event::AsicRestored { written: 1000, .. })));
    }
}

#[test]
fn an_sdk_that_answers_nothing_but_that_it_is_not_there_is_read_back_when_it_does() {
    let (sim, mut rig) = rig(&[], Programming::Synchronous);
    rig.learn(hosts(0..100));
    sim.set_faults("any neighbor abort UNINITIALIZED", 1).unwrap();
    rig.learn(hosts(100..200));
    rig.run(Duration::from_secs(60));
    let down = |event: &Event| matches!(event, Event::AsicDown { why: AsicDown::Answers { .. } });
    assert_eq!(rig.events.iter().filter(|event| down(event)).count(), 1, "{:?}", rig.events);
    sim.set_faults("", 1).unwrap();
    rig.behind_its_back(OpKind::Remove, &hosts(0..50));
    rig.run(Duration::from_secs(30));
    assert!(rig.events.iter().any(|event| matches!(event, Event::AsicRestored { .. })), "{:?}", rig.events);
    assert_eq!(held(&sim), rig.wanted, "what it lost is there again, long before a round is over");
}

#[test]
fn rule_12_dropping_handles_never_deletes_hardware() {
    let (sim, mut rig) = Rig::linked(&[]);
    rig.learn(hosts(0..100));
    let (before, wanted) = (held(&sim), rig.wanted.clone());
    drop(rig);
    assert_eq!((&held(&sim), &before), (&wanted, &wanted));
}

#[test]
fn a_write_that_is_lost_again_and_again_is_tried_ever_more_seldom_and_told_of_once() {
    let (sim, mut rig) =
        rig(&[("SAI_SIM_FAULTS", "create neighbor 10.0.0.5 lie")], Programming::Asynchronous);
    rig.learn(hosts(0..10));
    let lost = |rig: &Rig| {
        let lost = |event: &&Event| matches!(event, Event::WritesLost { .. });
        rig.events.iter().filter(lost).cloned().collect::<Vec<_>>()
    };
    let mut creates = Vec::new();
    for _ in 0..60 {
        rig.forget_asked();
        rig.run(Duration::from_secs(60));
        creates.push(rig.count(OpKind::Create, |of| *of == ip(5)));
    }
    assert!(creates[0] >= 4, "soon at first: {creates:?}");
    assert!(creates[5..].iter().all(|times| *times <= 1), "then once a minute at most: {creates:?}");
    assert!(creates[5..].iter().sum::<usize>() > 40, "and never not at all: {creates:?}");
    let key = mlagsync::neighbor::Key { interface: rig.interface, ip: ip(5) };
    assert_eq!(lost(&rig), [Event::WritesLost { entries: 1, example: Some(key) }]);
    assert_ne!(rig.host(ip(5)).unwrap().state, HostState::Programmed);
    sim.set_faults("", 1).unwrap();
    rig.run(Duration::from_secs(70));
    assert_eq!(held(&sim), rig.wanted);
    // What is wanted otherwise is tried at once, whatever was lost before.
    sim.set_faults("set neighbor 10.0.0.5 lie", 1).unwrap();
    rig.learn([(ip(5), mac(5, 2))]);
    rig.run(Duration::from_secs(600));
    sim.set_faults("", 1).unwrap();
    rig.learn([(ip(5), mac(5, 3))]);
    rig.run(Duration::from_millis(100));
    assert_eq!(held(&sim), rig.wanted);
}

#[test]
fn what_a_call_did_that_was_given_up_is_read_back_when_it_returns() {
    // It comes back and says SUCCESS; one entry is not there, and one is another.
    let faults = "create neighbor 10.0.0.20 #1 lie; create neighbor 10.0.0.21 #1 corrupt-mac";
    for hangs in [true, false] {
        let (sim, mut rig) = Rig::linked(&[("SAI_SIM_FAULTS", faults)]);
        if hangs {
            rig.interruptions.push_back((1, Input::Hanging { for_ms: 10_000 }));
            rig.interruptions.push_back((2, Input::Hanging { for_ms: 0 }));
        }
        rig.learn(hosts(0..100));
        rig.run(Duration::from_secs(5));
        assert_eq!(held(&sim) == rig.wanted, hangs, "a call that comes back in time is believed");
        let read = rig.count(OpKind::Read, |_| true);
        assert!(if hangs { (16..40).contains(&read) } else { read == 0 }, "{read} of one batch");
    }
}
