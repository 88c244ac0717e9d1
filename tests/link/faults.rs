//! Through the proxy: each thing that a network does to a connection.

use super::*;

/// More bytes than any handshake has, and fewer than a sync of [`MANY`] neighbours.
const IN_MID_SYNC: u64 = 20_000;
const MANY: u32 = 3_000;
/// What a peer that is slow may cost: the write window, and as much again for what is on its way to it.
const WINDOW_KIB: u64 = 2 * mlagsync::limits::WRITE_WINDOW as u64 / 1024;
/// Bytes of an upsert.
const RECORD: u64 = 20;

#[test]
fn the_proxy_is_not_noticed() {
    let (bench, proxy) = Bench::through_proxy();
    bench.learn(0, "10.16.1.1", 0x11);
    bench.learn(1, "10.16.2.1", 0x21);
    let [mut one, mut two] = bench.pair();
    await_hosts(&mut two, &[("10.16.1.1", 0x11)]);
    await_hosts(&mut one, &[("10.16.2.1", 0x21)]);
    assert_eq!((count(&mut one, "sessions"), count(&mut two, "sessions")), (1, 1));
    assert!(proxy.passed(0) > 0 && proxy.passed(1) > 0, "they speak through it");
}

/// What waits for a slow peer is the table and not a queue.
#[test]
fn a_slow_link_under_churn_costs_neither_memory_nor_the_session() {
    let (bench, proxy) = Bench::through_proxy();
    bench.learn_many(0, MANY, 1);
    let mut daemons = bench.pair();
    await_many(&mut daemons[1], MANY, 1);
    proxy.both(|rules| rules.bytes_per_second = Some(64_000));
    let mut generation = 1;
    let mut changes = 0;
    // Half a second's worth of bytes fills every buffer on the way; from then on nothing may grow.
    // Ten times what such a link can carry.
    let start = proxy.passed(0);
    let mut churn_until = |bytes: u64, changes: &mut u64| {
        while proxy.passed(0) < start + bytes || *changes < 10 * bytes / RECORD {
            generation += 1;
            *changes += bench.learn_many(0, MANY, generation);
        }
    };
    churn_until(64_000, &mut changes);
    let before = daemons[0].resident_kib();
    churn_until(512_000, &mut changes);
    let after = daemons[0].resident_kib();
    let sent = proxy.passed(0) - start;
    println!("{changes} changes, {sent} bytes, from {before} to {after} KiB");
    assert!(after <= before + before / 20 + WINDOW_KIB, "it grew from {before} to {after} KiB");
    for daemon in &mut daemons {
        assert_eq!(count(daemon, "sessions"), 1);
    }
    proxy.both(|rules| rules.bytes_per_second = None);
    await_many(&mut daemons[1], MANY, generation);
    for daemon in &mut daemons {
        assert_eq!(count(daemon, "sessions"), 1);
    }
}

#[test]
fn a_long_wire_loses_nothing() {
    let (bench, proxy) = Bench::through_proxy();
    proxy.both(|rules| rules.delay = Duration::from_millis(200));
    bench.learn_many(0, MANY, 1);
    bench.learn(1, "10.16.2.1", 0x21);
    let [mut one, mut two] = bench.pair();
    await_many(&mut two, MANY, 1);
    await_hosts(&mut one, &[("10.16.2.1", 0x21)]);
    assert_eq!((count(&mut one, "sessions"), count(&mut two, "sessions")), (1, 1));
}

#[test]
fn a_cut_in_mid_sync_loses_nothing() {
    for from in 0..2 {
        let (bench, proxy) = Bench::through_proxy();
        proxy.rules(from, |rules| rules.cut_after = Some(IN_MID_SYNC));
        bench.learn_many(from, MANY, 1);
        let mut daemons = bench.pair();
        until("the cut", || if proxy.struck() > 0 { Ok(()) } else { Err(proxy.passed(from).to_string()) });
        await_many(&mut daemons[1 - from], MANY, 1);
        await_up(&mut daemons);
        assert!(proxy.connections() >= 2);
        // Nothing was written that was there already.
        let creates = count(&mut daemons[1 - from], "creates");
        assert_eq!((creates, count(&mut daemons[1 - from], "removes")), (u64::from(MANY), 0));
        assert_eq!(count(&mut daemons[1 - from], "sets"), 0);
    }
}

/// A cut again and again, each a little later: whatever is the last that arrived, the next connection goes on well.
#[test]
fn cuts_one_after_the_other_lose_nothing() {
    let (bench, proxy) = Bench::through_proxy();
    bench.learn_many(0, MANY, 1);
    let mut daemons = bench.pair();
    await_many(&mut daemons[1], MANY, 1);
    for n in 0..8u16 {
        bench.learn_many(0, MANY, 2 + n);
        let connections = proxy.connections();
        proxy.cut();
        until("another connection", || {
            let now = proxy.connections();
            if now > connections { Ok(()) } else { Err(now.to_string()) }
        });
    }
    await_many(&mut daemons[1], MANY, 9);
    assert_eq!(count(&mut daemons[1], "removes"), 0);
}

#[test]
fn a_flipped_bit_ends_the_session_by_name_on_both_sides_and_nothing_of_it_is_applied() {
    let (bench, proxy) = Bench::through_proxy();
    bench.learn_many(0, 100, 1);
    let mut daemons = bench.pair();
    await_many(&mut daemons[1], 100, 1);
    // Nothing but the next frames is damaged, and whoever dials after that is not let in.
    proxy.refuse(0, true);
    proxy.refuse(1, true);
    // The last bit of the MAC of one of the entries: a frame that was applied would leave an entry that nobody claimed.
    let bits = |bytes: u64| bytes * 8;
    let next = proxy.passed(0);
    proxy.rules(0, |rules| rules.flip_bit = Some(bits(next + 20 + 20 * 50 + 15)));
    bench.learn_many(0, 100, 2);
    await_logged(&daemons[1], "the peer broke the protocol: a frame's checksum is wrong");
    await_logged(&daemons[0], "the peer ended the session: a frame's checksum is wrong");
    assert_eq!(proxy.struck(), 1);
    // Exactly what was whole is there: each entry as it was before or as it is now, and none otherwise.
    let shown = daemons[1].show("hosts");
    let rows: Vec<&Value> =
        shown.as_array().expect("a list").iter().filter(|row| row["state"] != "refused").collect();
    assert_eq!(rows.len(), 100);
    for row in rows {
        let mac = row["programmed"].as_str().expect("text").to_owned();
        let n: u32 =
            row["ip"].as_str().expect("text").rsplit('.').next().expect("parts").parse().expect("a number");
        let good = [1, 2].map(|generation| format!("02:00:00:{n:02x}:00:{generation:02x}"));
        assert!(good.contains(&mac), "{mac} was never claimed for {}", row["ip"]);
    }
    proxy.refuse(0, false);
    proxy.refuse(1, false);
    await_many(&mut daemons[1], 100, 2);
}

/// The connection stands, and nothing comes of it any more: the hold time tells, and who does not hear tells the other.
#[test]
fn a_half_open_connection_is_noticed_within_the_hold_time() {
    let (bench, proxy) = Bench::through_proxy();
    bench.learn(0, "10.16.1.1", 0x11);
    let mut daemons = bench.pair();
    await_hosts(&mut daemons[1], &[("10.16.1.1", 0x11)]);
    await_up(&mut daemons);
    let hold = Duration::from_secs(5);
    // Only one direction is dead: what the one says is swallowed, and it still hears the other.
    proxy.rules(0, |rules| rules.swallowed = true);
    let since = Instant::now();
    await_logged(&daemons[1], "nothing was heard from the peer for 5000 ms");
    let noticed = since.elapsed();
    assert!(
        noticed > hold - Duration::from_secs(2),
        "{noticed:?} is too soon: a keepalive is due each second"
    );
    assert!(noticed < hold + Duration::from_secs(1) + SLACK, "{noticed:?}");
    await_logged(&daemons[0], "the peer ended the session: nothing was heard from the peer for 5000 ms");
    bench.learn(0, "10.16.1.1", 0x12);
    proxy.rules(0, |rules| rules.swallowed = false);
    await_hosts(&mut daemons[1], &[("10.16.1.1", 0x12)]);
}

/// A loaded machine shows what happened so much later than it did.
const SLACK: Duration = Duration::from_secs(2);

#[test]
fn a_silent_network_is_noticed_by_both_within_the_hold_time() {
    let (bench, proxy) = Bench::through_proxy();
    bench.learn(0, "10.16.1.1", 0x11);
    let mut daemons = bench.pair();
    await_hosts(&mut daemons[1], &[("10.16.1.1", 0x11)]);
    proxy.silence(true);
    let since = Instant::now();
    for daemon in &daemons {
        await_logged(daemon, "nothing was heard from the peer for 5000 ms");
    }
    let noticed = since.elapsed();
    assert!(noticed < Duration::from_secs(6) + SLACK, "{noticed:?}");
    // Losing the session deletes nothing, and each side says what it sees: nobody answers, and nobody dials.
    await_hosts(&mut daemons[1], &[("10.16.1.1", 0x11)]);
    let silent = daemons[1].await_reason("peer-silent");
    assert_eq!(silent["port"], 2048);
    daemons[0].await_reason("nobody-dials");
    bench.learn(0, "10.16.1.1", 0x12);
    proxy.silence(false);
    await_hosts(&mut daemons[1], &[("10.16.1.1", 0x12)]);
}

/// Held up for less than the hold time: nothing is lost, not even the session.
#[test]
fn a_direction_that_stalls_for_a_moment_is_waited_for() {
    let (bench, proxy) = Bench::through_proxy();
    let mut daemons = bench.pair();
    await_up(&mut daemons);
    proxy.rules(0, |rules| rules.stalled = true);
    bench.learn_many(0, MANY, 1);
    // Two keepalives of the other direction.
    let passed = proxy.passed(1);
    until("two keepalives", || {
        let now = proxy.passed(1);
        if now >= passed + 40 { Ok(()) } else { Err(now.to_string()) }
    });
    proxy.rules(0, |rules| rules.stalled = false);
    await_many(&mut daemons[1], MANY, 1);
    for daemon in &mut daemons {
        assert_eq!(count(daemon, "sessions"), 1);
    }
}
