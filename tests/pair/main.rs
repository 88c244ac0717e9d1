//! The pair world: two nodes, a network, two simulated ASICs, one seed.
//!
//! After the faults stop, everything must converge: each switch's copy is what the other claims, both ASICs hold what
//! a reference model in simple words expects of both kernels' tables, and nothing is written without need.
//!
//! `MLAG_SEEDS=1000` lives more seeds, `MLAG_FROM=5000` others; `MLAG_SEED=42` lives one, and `MLAG_TROUBLED=42` one in
//! which SDKs do what they should not ([`troubles`]). `MLAG_TALK=1` prints everything that is told and asked for.

mod amiss;
mod asic;
mod chaos;
mod claims;
mod cuts;
mod dice;
mod judged;
mod life;
mod model;
mod net;
mod proof;
mod rest;
mod scenes;
mod sdk;
mod trouble;
mod troubles;
mod ways;
mod world;

use std::collections::BTreeMap;

/// Seeds that every run lives.
const SEEDS: u64 = 100;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is not a number")))
}

#[test]
fn any_life_converges() {
    if let Some(seed) = number("MLAG_SEED") {
        println!("{:?}", chaos::live(seed, false));
        return;
    }
    let mut lived = chaos::Lived::default();
    for seed in 1..=number("MLAG_SEEDS").unwrap_or(SEEDS) {
        let Ok(life) = std::panic::catch_unwind(|| chaos::live(seed, false)) else {
            panic!(
                "seed {seed} failed; repeat it with:\n  MLAG_SEED={seed} cargo test --test pair any_life_converges"
            );
        };
        lived.freezes += life.freezes;
        lived.probes += life.probes;
        lived.disputes += life.disputes;
        lived.repointed += life.repointed;
    }
    let all = lived.freezes > 0 && lived.probes > 0 && lived.disputes > 0 && lived.repointed > 0;
    assert!(all, "what never happens is not tested: {lived:?}");
}

/// Seeds of lives in which SDKs do what they should not, that every run lives.
const TROUBLED: u64 = 40;

/// Lives that once ended otherwise, and why. What was wrong may need other dice by now: 65, 284 and 493 still fail when the
/// cure is taken out, 46 and 103 do so for what was not added again; the rest are lived because they once found something.
const REGRESSIONS: [(u64, &str); 10] = [
    (26, "a router interface's number was given away while an entry was still to be put there"),
    (
        1,
        "entries on a router interface with another id after a restart were waited for under the old one for ever",
    ),
    (46, "what the hardware had heard before a restart, and lost in it, was not added again"),
    (103, "what the hardware had heard before a restart, and lost in it, was not added again"),
    (21, "a route was made before its neighbour, which a restart had taken as well"),
    (65, "an entry on a router interface's id of before a restart was refused, and asked for again for ever"),
    (183, "an entry that the library had promised and not made was given up, and turned up later"),
    (284, "a port that was protected before a restart was not protected after it"),
    (310, "entries were read for ever under the id of a router interface that was not there any more"),
    (493, "a neighbour was removed under a route that was refused and there all the same"),
];

/// What must have struck, or have been noticed, somewhere among the seeds.
const KINDS: [&str; 16] = [
    "SUCCESS, and nothing happened",
    "SUCCESS beside the neighbours, and nothing happened",
    "a failure that happened",
    "a failure beside the neighbours that happened",
    "a removal that did not happen",
    "half-done",
    "unread",
    "late",
    "found to be late",
    "no room",
    "no MAC",
    "an SDK restarts with other ids",
    "restored",
    "somebody changes an entry of ours",
    "somebody removes an entry of ours",
    "killed in the middle of a batch",
];

#[test]
fn whatever_an_sdk_does_it_converges() {
    if let Some(seed) = number("MLAG_TROUBLED") {
        println!("{:#?}", chaos::live(seed, true));
        return;
    }
    let from = number("MLAG_FROM").unwrap_or(1000);
    let seeds = from..from + number("MLAG_SEEDS").unwrap_or(TROUBLED);
    let mut struck: BTreeMap<&'static str, u64> = BTreeMap::new();
    for (seed, why) in REGRESSIONS.into_iter().chain(seeds.map(|seed| (seed, "it is new"))) {
        let Ok(life) = std::panic::catch_unwind(|| chaos::live(seed, true)) else {
            panic!(
                "seed {seed} failed ({why}); repeat it with:\n  MLAG_TROUBLED={seed} cargo test --test pair \
                 whatever_an_sdk_does_it_converges"
            );
        };
        for (what, times) in life.struck {
            *struck.entry(what).or_default() += times;
        }
    }
    let never: Vec<_> = KINDS.iter().filter(|kind| !struck.contains_key(*kind)).collect();
    assert_eq!(never, [] as [&&str; 0], "what never happens is not tested: {struck:#?}");
}
