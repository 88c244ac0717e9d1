//! Arbitrary bytes as a sequence of calls: none crashes, and memory stays bounded.
//!
//! Bytes decide the function, the ids, attributes, counts, modes and which pointer is null; a pointer that is not null
//! points to as much memory as its count says, since no library can survive less. Most creates are made such that
//! they succeed, so that what follows finds objects. A few inputs made by hand are replayed first; then changed ones
//! for two seconds, or for as many as `SAI_SIM_FUZZ_SECONDS` says.
//!
//! The same under AddressSanitizer, which instruments the simulator too; no toolchain but the usual one is needed:
//!
//! ```text
//! ASAN_OPTIONS=quarantine_size_mb=16 SAI_SIM_FUZZ_SECONDS=300 RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address \
//!     cargo test -p sai-sim --test fuzz --target x86_64-unknown-linux-gnu -- --nocapture
//! ```
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]
#![allow(clippy::multiple_unsafe_ops_per_block, reason = "a step to an item and its use are one act")]

mod input;
#[path = "../support/member.rs"]
mod member;
mod objects;
#[path = "../support/mod.rs"]
mod support;
mod tables;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use input::Input;
use member::member;
use sai::facts;
use support::Client;
use tables::is_entry;

/// Inputs that are replayed each time.
const CORPUS: &[&[u8]] = &[
    &[],
    &[0xff; 64],
    &[0; 256],
    b"create, set, get, remove: the order of letters is the order of calls, again and again and again",
    &[
        0, 13, 1, 1, 0, 0, 2, 0, 0, 0, 0, 9, 2, 13, 1, 1, 1, 13, 1, 1, 0, 4, 9, 9, 9, 9, 3, 13, 1, 1, 5, 13,
        2, 1, 7,
    ],
    &[
        4, 13, 3, 250, 251, 252, 253, 254, 255, 5, 13, 3, 1, 6, 13, 3, 0, 7, 13, 3, 2, 8, 0, 9, 0, 10, 0, 11,
        0,
    ],
];

/// What one input may do at most.
const MOST_CALLS: usize = 400;

/// Runs one input on a small switch of its own; answers what was called, what of it succeeded, and how many
/// neighbours were left.
fn play(bytes: &[u8], trace: Option<&Path>) -> (BTreeSet<String>, BTreeSet<String>, usize) {
    let mut profile =
        vec![("SAI_SIM_PORTS", "2"), ("SAI_SIM_HOST_CAPACITY", "64"), ("SAI_SIM_FDB_CAPACITY", "64")];
    profile.extend(trace.map(|path| ("SAI_SIM_TRACE", path.to_str().unwrap())));
    let client = Client::new(&profile);
    let mut input = Input::new(bytes, &client);
    for _ in 0..MOST_CALLS {
        if input.is_empty() {
            break;
        }
        match input.byte() {
            0..24 => input.global(),
            24..36 => input.hardware(),
            n => {
                let facts = &facts::ALL[n as usize % facts::ALL.len()];
                if is_entry(facts) {
                    input.entry(facts);
                } else {
                    input.object(facts);
                }
            }
        }
    }
    let view = &client.switch;
    let (used, all) = view.host_slots();
    assert!(used <= all, "{used} of {all} slots");
    let called = view.calls().into_iter().map(|called| called.name).collect();
    (called, input.done, view.neighbor_count())
}

/// Bytes of this process in memory.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn arbitrary_calls_neither_crash_nor_hoard_memory() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", std::process::id()));
    for bytes in CORPUS {
        play(bytes, None);
    }
    let seconds = std::env::var("SAI_SIM_FUZZ_SECONDS").map_or(2, |text| text.parse().unwrap());
    let (end, before) = (Instant::now() + Duration::from_secs(seconds), resident());
    let (mut state, mut inputs) = (0x5eed_u64, 0_u64);
    let (mut reached, mut done, mut stored) = (BTreeSet::new(), BTreeSet::new(), 0);
    // At least as many as surely get somewhere, on a slow machine too.
    while Instant::now() < end || inputs < 1000 {
        let mut bytes = CORPUS[inputs as usize % CORPUS.len()].to_vec();
        bytes.resize(4096, 0);
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if inputs.is_multiple_of(4) || state >> 61 == 0 {
                *byte = (state >> 33) as u8;
            }
        }
        // Copying arguments for the trace must be as safe as using them, and the trace must be one.
        let traced = inputs.is_multiple_of(16).then_some(path.as_path());
        let (called, succeeded, neighbors) = play(&bytes, traced);
        reached.extend(called);
        done.extend(succeeded);
        stored += neighbors;
        if traced.is_some() {
            sai::trace::text::read(&std::fs::read_to_string(&path).unwrap()).unwrap();
            std::fs::remove_file(&path).unwrap();
        }
        inputs += 1;
    }
    for facts in facts::ALL.iter().filter(|facts| facts.name != "switch") {
        for what in ["create", "remove"] {
            for name in [facts.name, facts.plural].map(|name| format!("{what}_{name}")) {
                let is_there = member(&name).is_some();
                assert!(!is_there || done.contains(&name), "{name} never succeeded, in {inputs} inputs");
            }
        }
    }
    for name in [
        "set_router_interfaces_attribute",
        "get_next_hops_attribute",
        "get_port_stats",
        "flush_fdb_entries",
        "remove_all_neighbor_entries",
        "sai_bulk_get_attribute",
        "sai_bulk_object_get_stats",
        "sai_bulk_object_clear_stats",
        "link",
        "hear",
        "age",
        "flush",
    ] {
        assert!(done.contains(name), "{name} never succeeded, in {inputs} inputs");
    }
    assert!(stored > 0, "no neighbour was ever left: nothing but refusals was tried");
    let grown = resident().saturating_sub(before);
    assert!(grown < 128 << 20, "{grown} bytes after {inputs} inputs");
    println!(
        "{inputs} inputs, {} functions called, {} of them with success, {stored} neighbours, {grown} bytes",
        reached.len(),
        done.len()
    );
}
