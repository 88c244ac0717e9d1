//! One of both processes does not run for a while; the other one's kernel goes on learning.

use super::*;

/// What a peer that does not read may cost: the write window of the connection that is lost, and of the one behind it.
const WINDOWS_KIB: u64 = 4 * mlagsync::limits::WRITE_WINDOW as u64 / 1024;
/// Entries that change all the time.
const MANY: u32 = 4_000;

/// How long it is stopped: long enough for the session to go, and by command for much longer.
fn pause() -> Duration {
    let asked = std::env::var("MLAG_FREEZE_SECONDS").ok();
    Duration::from_secs(asked.map_or(15, |text| text.parse().expect("MLAG_FREEZE_SECONDS is a number")))
}

#[test]
fn a_stopped_peer_that_is_dialled_costs_no_memory_under_churn_and_catches_up() {
    freeze(0);
}

#[test]
fn a_stopped_peer_that_dials_costs_no_memory_under_churn_and_catches_up() {
    freeze(1);
}

fn freeze(stopped: usize) {
    let running = 1 - stopped;
    let bench = Bench::new();
    bench.learn_many(running, MANY, 1);
    bench.learn(stopped, "10.16.2.1", 0x21);
    let mut daemons = bench.pair();
    await_many(&mut daemons[stopped], MANY, 1);
    await_hosts(&mut daemons[running], &[("10.16.2.1", 0x21)]);
    // What churn costs while the peer takes it is what it costs.
    let mut generation = 1;
    for _ in 0..25 {
        generation += 1;
        bench.learn_many(running, MANY, generation);
    }
    await_many(&mut daemons[stopped], MANY, generation);

    daemons[stopped].freeze();
    let before = daemons[running].resident_kib();
    let (since, mut changes, mut most) = (Instant::now(), 0, 0);
    while since.elapsed() < pause() || changes < FLOOR {
        generation = generation % 60_000 + 1;
        changes += bench.learn_many(running, MANY, generation);
        most = most.max(daemons[running].resident_kib());
    }
    let rate = changes as f64 / since.elapsed().as_secs_f64();
    println!("stopped {stopped}: {changes} changes, {rate:.0} a second; from {before} to at most {most} KiB");
    assert!(most <= before + before / 20 + WINDOWS_KIB, "it grew from {before} to {most} KiB");
    // The one that runs has noticed, and has kept what it had.
    await_logged(&daemons[running], "nothing was heard from the peer for 5000 ms");
    await_hosts(&mut daemons[running], &[("10.16.2.1", 0x21)]);

    daemons[stopped].thaw();
    await_many(&mut daemons[stopped], MANY, generation);
    await_hosts(&mut daemons[running], &[("10.16.2.1", 0x21)]);
    await_up(&mut daemons);
    assert_eq!(
        count(&mut daemons[stopped], "removes"),
        0,
        "nothing that is claimed was taken out in between"
    );
}

/// Changes that have to be made in the pause, at least. Not a time: a slow machine takes longer for them.
const FLOOR: u64 = 400_000;
