//! What calls cost: in a counter that nobody waits for, or in time; always the same for the same seed.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::time::{Duration, Instant};

use sai_sys::*;
use support::*;

const HOUR_NS: u64 = 3_600_000_000_000;

/// What a single call on one entry costs where a profile names no cost, and what a bulk call of a thousand.
const SINGLE_NS: u64 = 32_000;
const THOUSAND_NS: u64 = 12_020_000;

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
    let (before, start) = (client.switch.charged_ns(), Instant::now());
    assert_eq!(client.create(&client.entry("10.0.0.1"), &[mac(1)]), SUCCESS);
    assert_eq!(client.switch.charged_ns() - before, HOUR_NS + SINGLE_NS);
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

/// A thousand neighbours in a bulk call.
fn thousand(client: &Client) -> (Vec<sai_neighbor_entry_t>, Vec<Vec<sai_attribute_t>>) {
    (1..=1000_u32)
        .map(|n| (client.entry_at(client.rif, (0x0a00_0000 + n).to_be_bytes().into()), vec![mac(1)]))
        .unzip()
}

#[test]
fn without_a_cost_in_the_profile_calls_are_charged_what_hardware_takes_and_take_nothing() {
    let client = Client::new(&[]);
    let (entries, attrs) = thousand(&client);
    let before = client.switch.charged_ns();
    let start = Instant::now();
    for round in 1..=50 {
        assert_eq!(client.create_many(&entries, &attrs, STOP).0, SUCCESS);
        assert_eq!(client.switch.charged_ns() - before, (2 * round - 1) * THOUSAND_NS);
        assert_eq!(client.remove_many(&entries, STOP).0, SUCCESS);
    }
    assert!(start.elapsed() < Duration::from_nanos(100 * THOUSAND_NS), "calls took what they were charged");
}

#[test]
fn a_named_cost_or_the_real_clock_makes_calls_take_their_time() {
    for (profile, cost) in [
        (&[("SAI_SIM_CLOCK", "real")][..], THOUSAND_NS),
        (&[("SAI_SIM_CALL_NS", "5000000")], 5_000_000),
        (&[("SAI_SIM_ENTRY_NS", "5000")], 5_000_000),
    ] {
        let client = Client::new(profile);
        let (entries, attrs) = thousand(&client);
        let (before, start) = (client.switch.charged_ns(), Instant::now());
        assert_eq!(client.create_many(&entries, &attrs, STOP).0, SUCCESS);
        assert!(start.elapsed() >= Duration::from_nanos(cost), "{profile:?}");
        assert_eq!(client.switch.charged_ns() - before, cost, "{profile:?}");
    }
    let client = Client::new(&[("SAI_SIM_CALL_NS", "0")]);
    assert_eq!(client.create(&client.entry("10.0.0.1"), &[mac(1)]), SUCCESS);
    assert_eq!(client.switch.charged_ns(), 0);
}
