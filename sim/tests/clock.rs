//! What calls cost: in a counter that nobody waits for, or in time; always the same for the same seed.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::time::{Duration, Instant};

use support::*;

const HOUR_NS: u64 = 3_600_000_000_000;

/// Creates six in a bulk call and one alone; what these cost.
fn charged(more: &[(&str, &str)]) -> [u64; 2] {
    let profile = [
        &[("SAI_SIM_CALL_NS", "10000000000"), ("SAI_SIM_ENTRY_NS", "1000"), ("SAI_SIM_CLOCK", "virtual")],
        more,
    ];
    let client = Client::new(&profile.concat());
    let (entries, attrs): (Vec<_>, Vec<_>) =
        (1..=6).map(|n| (client.entry(&format!("10.0.0.{n}")), vec![mac(n)])).unzip();
    let mut last = client.switch.charged_ns();
    let mut since = || {
        let now = client.switch.charged_ns();
        now - std::mem::replace(&mut last, now)
    };
    assert_eq!(client.create_many(&entries, &attrs, STOP).0, SUCCESS);
    let bulk = since();
    assert_eq!(client.create(&client.entry("10.0.0.7"), &[mac(7)]), SUCCESS);
    [bulk, since()]
}

#[test]
fn virtual_time_is_counted_to_the_nanosecond_and_nobody_waits() {
    let start = Instant::now();
    assert_eq!(charged(&[]), [10_000_006_000, 10_000_001_000]);
    assert!(start.elapsed() < Duration::from_secs(10), "a call of ten seconds was waited for");
}

#[test]
fn jitter_follows_the_seed_and_keeps_its_bounds() {
    let jitter = |seed: &str| charged(&[("SAI_SIM_JITTER_PERCENT", "20"), ("SAI_SIM_SEED", seed)]);
    assert_eq!(jitter("7"), jitter("7"));
    assert_ne!(jitter("7"), jitter("8"));
    let seen: Vec<u64> = (1..40).flat_map(|seed| jitter(&seed.to_string())).collect();
    assert!(seen.iter().all(|ns| (8_000_000_000..=12_000_008_000).contains(ns)), "{seen:?}");
    assert!(
        seen.iter().any(|ns| *ns < 9_000_000_000) && seen.iter().any(|ns| *ns > 11_000_000_000),
        "{seen:?}"
    );
}

#[test]
fn a_stall_takes_virtual_time_too() {
    let client =
        Client::new(&[("SAI_SIM_CLOCK", "virtual"), ("SAI_SIM_FAULTS", "create neighbor stall 3600000")]);
    let start = Instant::now();
    assert_eq!(client.create(&client.entry("10.0.0.1"), &[mac(1)]), SUCCESS);
    assert_eq!(client.switch.charged_ns(), HOUR_NS);
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_real_clock_waits_for_what_it_charges() {
    let client = Client::new(&[("SAI_SIM_CALL_NS", "400000")]);
    let (before, start) = (client.switch.charged_ns(), Instant::now());
    assert_eq!(client.create(&client.entry("10.0.0.1"), &[mac(1)]), SUCCESS);
    assert!(start.elapsed() >= Duration::from_nanos(400_000));
    assert_eq!(client.switch.charged_ns() - before, 400_000);
}
