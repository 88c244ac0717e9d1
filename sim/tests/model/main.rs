//! Any sequence of calls on the simulator against a reference model in plain words.
//!
//! ```text
//!  seed ─► dice ─► step ─┬─► real    the simulator, through its method tables ─► what it said ─┐
//!            ▲           └─► expect  the model: maps, loops, no index, no counter ─► the same ──┴─► equal?
//!            └── looks at the model                 at the end: every attribute of everything, both ways
//! ```
//!
//! Each seed is a switch of its own with a small table, a way to fail in bulk and two hundred calls: creates, removes,
//! sets, gets, singly and in bulk, good ones and bad ones; counts, counters, flushes; links, learning and ageing.
//! `SAI_SIM_MODEL_SEEDS=1000` tries so many, `SAI_SIM_MODEL_SEED=17` one; a seed that fails prints the command that
//! repeats it.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]
#![allow(clippy::multiple_unsafe_ops_per_block, reason = "a step to an item and its use are one act")]

mod compare;
mod expect;
#[path = "../support/measured.rs"]
mod measured;
#[path = "../support/member.rs"]
mod member;
mod plain;
mod real;
mod rows;
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod value;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use compare::Start;
use plain::{Bulk, Model, Name, Profile};
use real::Real;
use rows::kind;
use sai_sys::*;
use steps::{Dice, KINDS, Step, Way};
use support::{Client, SUCCESS};

/// Calls of a seed.
const STEPS: usize = 200;

/// Seeds that are tried each time.
const SEEDS: u64 = 60;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// What was seen, over all seeds.
#[derive(Default)]
struct Seen {
    /// Successes by what was done to which type.
    done: BTreeMap<(&'static str, u32), usize>,
    /// Refusals.
    refused: BTreeMap<i32, usize>,
}

impl Seen {
    fn note(&mut self, step: &Step, said: &real::Said) {
        let (what, object) = match step {
            Step::Create(object, ..) => ("create", *object),
            Step::Remove(object, ..) => ("remove", *object),
            Step::Set(object, ..) => ("set", *object),
            Step::Get(object, ..) => ("get", *object),
            Step::Count(_) => ("count", 0),
            Step::Stats(..) => ("stats", 0),
            Step::Flush(_) => ("flush", 0),
            Step::RemoveAllNeighbors => ("remove all", 0),
            Step::Link(..) => ("link", 0),
            Step::Hear(..) => ("hear", 0),
            Step::Age(..) => ("age", 0),
            Step::HardwareFlush(_) => ("hardware flush", 0),
        };
        let one = [said.status];
        for status in if said.statuses.is_empty() { &one[..] } else { &said.statuses } {
            if *status == SUCCESS {
                *self.done.entry((what, object)).or_default() += 1;
            } else {
                *self.refused.entry(*status).or_default() += 1;
            }
        }
    }
}

fn profile(dice: &mut Dice) -> Profile {
    Profile {
        host_capacity: 8 + dice.below(8),
        v6_slots: 1 + dice.below(3),
        fdb_capacity: 5 + dice.below(8),
        by_router: dice.below(4) == 0,
        bulk: [Bulk::Spec, Bulk::Spec, Bulk::WholeBatchReject, Bulk::EarlyReturn][dice.below(4) as usize],
    }
}

fn client(profile: &Profile) -> Client {
    Client::new(&[
        ("SAI_SIM_PORTS", "3"),
        ("SAI_SIM_HOST_CAPACITY", &profile.host_capacity.to_string()),
        ("SAI_SIM_V6_SLOTS", &profile.v6_slots.to_string()),
        ("SAI_SIM_FDB_CAPACITY", &profile.fdb_capacity.to_string()),
        ("SAI_SIM_HOST_KEY", if profile.by_router { "router" } else { "interface" }),
        (
            "SAI_SIM_BULK",
            match profile.bulk {
                Bulk::Spec => "spec",
                Bulk::WholeBatchReject => "whole-batch-reject",
                Bulk::EarlyReturn => "early-return",
            },
        ),
    ])
}

/// Runs one seed; `at` says how far it got.
fn run(seed: u64, seen: &mut Seen, at: &mut Vec<Step>) {
    let mut dice = Dice::new(seed);
    let profile = profile(&mut dice);
    let client = client(&profile);
    let real = Real { client: &client };
    let mut start = Start::of(&client, profile);
    let foreign = Client::new(&[("SAI_SIM_PORTS", "1")]);
    for n in 0..STEPS {
        let step = dice.step(&start.model, foreign.rif, |name| member::member(name).is_some());
        at.push(step.clone());
        let said = real.run(&step);
        seen.note(&step, &said);
        start.model.follow(&step, &said);
        if n % 100 == 99 {
            start.compare(&real);
        }
    }
    tear_down(&mut start, &real, at);
    start.compare(&real);
}

/// Removes whatever can be removed, over and over: a use that is forgotten, or remembered too long, shows here.
fn tear_down(start: &mut Start, real: &Real, at: &mut Vec<Step>) {
    let count = |model: &Model| model.live.len() + model.entries.len();
    loop {
        let before = count(&start.model);
        let ids = start.model.live.iter().filter(|(_, o)| KINDS.iter().any(|(kind, _)| *kind == o.object));
        let mut all: Vec<(u32, Name)> = ids.map(|(id, o)| (o.object, Name::Id(*id))).collect();
        all.extend(start.model.entries.keys().map(|key| (key.object(), Name::Key(key.clone()))));
        for (object, name) in all {
            let step = Step::Remove(object, Way::Single, vec![name]);
            at.push(step.clone());
            start.model.follow(&step, &real.run(&step));
        }
        if count(&start.model) == before {
            break;
        }
    }
    assert!(start.model.entries.is_empty());
}

#[test]
fn any_sequence_of_calls_equals_the_model() {
    let mut seen = Seen::default();
    let one = setting("SAI_SIM_MODEL_SEED");
    let seeds = one.map_or(0..setting("SAI_SIM_MODEL_SEEDS").unwrap_or(SEEDS), |seed| seed..seed + 1);
    for seed in seeds {
        let mut at = Vec::new();
        let result = catch_unwind(AssertUnwindSafe(|| run(seed, &mut seen, &mut at)));
        if let Err(why) = result {
            let from = at.len().saturating_sub(4);
            at[from..].iter().enumerate().for_each(|(n, step)| eprintln!("call {}: {step:?}", from + n + 1));
            eprintln!("SAI_SIM_MODEL_SEED={seed} cargo test -p sai-sim --test model");
            std::panic::resume_unwind(why);
        }
    }
    if one.is_none() {
        seen.is_enough();
    }
}

impl Seen {
    /// Sequences in which nothing happens would prove nothing.
    fn is_enough(&self) {
        for (object, _) in KINDS {
            let kind = kind(*object);
            let sets = if kind.rows.iter().any(|row| row.set) { 2 } else { 0 };
            for (what, least) in [("create", 40), ("set", sets), ("get", 2), ("remove", 2)] {
                let done = self.done.get(&(what, *object)).copied().unwrap_or_default();
                assert!(done >= least, "{what} {}: {done}", kind.name);
            }
        }
        for what in ["count", "stats", "flush", "remove all", "link", "hear", "age", "hardware flush"] {
            assert!(self.done.contains_key(&(what, 0)), "{what}");
        }
        for status in [
            SAI_STATUS_INVALID_PARAMETER,
            SAI_STATUS_ITEM_ALREADY_EXISTS,
            SAI_STATUS_ITEM_NOT_FOUND,
            SAI_STATUS_BUFFER_OVERFLOW,
            SAI_STATUS_INVALID_OBJECT_TYPE,
            SAI_STATUS_OBJECT_IN_USE,
            SAI_STATUS_TABLE_FULL,
            SAI_STATUS_INSUFFICIENT_RESOURCES,
            SAI_STATUS_INVALID_VLAN_ID,
            SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING,
            SAI_STATUS_NOT_EXECUTED,
            SAI_STATUS_INVALID_ATTRIBUTE_0,
            SAI_STATUS_INVALID_ATTR_VALUE_0,
            SAI_STATUS_UNKNOWN_ATTRIBUTE_0,
            SAI_STATUS_ATTR_NOT_IMPLEMENTED_0,
        ] {
            assert!(self.refused.contains_key(&status), "no call was ever refused with {status}");
        }
        // What was not even tried is no refusal.
        let tried = |(status, _): &(&i32, &usize)| **status < 0 && **status != SAI_STATUS_NOT_EXECUTED;
        let refused = self.refused.iter().filter(tried).map(|(_, n)| n).sum::<usize>();
        let done = self.done.values().sum::<usize>();
        assert!(done > refused, "{done} done, {refused} refused");
    }
}
