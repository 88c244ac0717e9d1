//! The pair world: two nodes, a network, two simulated ASICs, one seed.
//!
//! After the faults stop, everything must converge: each switch's copy is what the other claims, both ASICs hold what
//! a reference model in simple words expects of both kernels' tables, and nothing is written without need.
//!
//! `MLAG_SEEDS=1000` lives more seeds, `MLAG_SEED=42` lives one.

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
mod scenes;
mod ways;
mod world;

/// Seeds that every run lives.
const SEEDS: u64 = 200;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable)
        .ok()
        .map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is not a number")))
}

#[test]
fn any_life_converges() {
    if let Some(seed) = number("MLAG_SEED") {
        println!("{:?}", chaos::live(seed));
        return;
    }
    let mut lived = chaos::Lived::default();
    for seed in 1..=number("MLAG_SEEDS").unwrap_or(SEEDS) {
        let Ok(life) = std::panic::catch_unwind(|| chaos::live(seed)) else {
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
