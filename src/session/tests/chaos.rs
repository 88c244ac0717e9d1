//! Everything at once, by a seed; when it stops, both sides must be in step again.

use super::world::World;
use super::{ADDRESSES, key, settings};
use crate::session::backoff::Dice;
use crate::session::hello;
use crate::session::io::{SessionInput, Settings};
use crate::table::change::{Change, Position, SyncNumber};
use crate::time::Time;
use crate::wire::Encoder;
use crate::wire::control::{self, Goodbye, Notify};
use crate::wire::resume;
use std::net::SocketAddr;
use std::time::Duration;

const SEEDS: u64 = 100;
const ACTS: usize = 80;

#[test]
fn after_any_faults_both_sides_come_up_and_in_step() {
    for seed in 0..SEEDS {
        let world = calm(live(seed));
        let reasons = [0, 1].map(|end| world.ends[end].reason());
        assert!(world.is_up(), "seed {seed}: not up: {reasons:?}");
        assert!(world.in_step(), "seed {seed}: not in step");
        for end in &world.ends {
            assert!(end.most_outstanding <= 2 * crate::limits::WRITE_WINDOW, "seed {seed}");
        }
    }
}

#[test]
fn the_same_seed_is_the_same_life() {
    for seed in 0..5 {
        let news = |world: World| world.ends.map(|end| end.news);
        assert_eq!(news(live(seed)), news(live(seed)));
    }
}

/// A life full of faults.
fn live(seed: u64) -> World {
    let mut dice = Dice::new(seed);
    let mut roll = move |sides: u64| dice.next() % sides;
    let mut world = World::new();
    world.piece = 1 + roll(1448) as usize;
    for _ in 0..ACTS {
        let end = roll(2) as usize;
        let n = end as u32 * 1_000_000 + roll(200) as u32;
        match roll(21) {
            0..5 => world.learn(end, n),
            5..7 => world.forget(end, n),
            7 => (0..roll(3_000) as u32).for_each(|n| {
                world.ends[end].log.set(key(end as u32 * 1_000_000 + n), Some(super::claim(n)))
            }),
            8 => world.reset_all(),
            9 => world.cut = !world.cut,
            10 => world.mute[end] = !world.mute[end],
            11 if !world.ends[end].frozen => world.restart(end),
            12 => world.ends[end].stuck = true,
            13 => world.unstick(end),
            14 if world.ends[end].frozen => world.thaw(end),
            14 => world.ends[end].frozen = true,
            15 => world.input(end, SessionInput::SourcePresent(roll(2) == 0)),
            16 => world.configure(end, Settings { port: 2048 + roll(2) as u16, ..settings(end) }),
            17 => world.input(end, SessionInput::Configure(None)),
            18 => world.ends[end].log.resync_due = true,
            19 if world.ends[end].session.status().up && !world.ends[end].frozen => {
                let conn = world.ends[end].link();
                let bytes = out_of_place(roll(7), n);
                world.input(end, SessionInput::Bytes { conn, bytes });
            }
            _ if !world.ends[end].frozen => {
                let conn = world.intrude(end, SocketAddr::new(ADDRESSES[1 - end], 1));
                let bytes = (0..roll(60)).map(|_| roll(256) as u8).collect();
                world.input(end, SessionInput::Bytes { conn, bytes });
            }
            _ => {}
        }
        world.run(Duration::from_micros(1 << roll(24)));
    }
    world
}

/// Frames that are in order, at a time when the peer would not send them.
fn out_of_place(which: u64, n: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    match which {
        0 => control::keepalive(&mut bytes),
        1 => resume::begin(&mut bytes, Some(SyncNumber(n))),
        2 => resume::end(&mut bytes, Position(n.into()), None),
        3 => Goodbye { restart_ms: n }.encode(&mut bytes),
        4 => Notify { code: 5, text: "out of place".into() }.encode(&mut bytes),
        5 => hello::ours(&settings(0), &super::plain(), [0; 16]).encode(&mut bytes),
        _ => {
            let change = Change { key: key(n), claim: None };
            Encoder::new(4096, 100).window(&[change], Position(n.into()), |_| None, &mut bytes);
        }
    }
    bytes
}

/// Takes every fault away and waits.
fn calm(mut world: World) -> World {
    world.cut = false;
    world.mute = [false; 2];
    // What was said out of place is put right by the next full sync, not before.
    world.reset_all();
    for end in 0..2 {
        world.ends[end].log.resync_due = true;
        world.unstick(end);
        world.thaw(end);
        world.configure(end, settings(end));
    }
    let until = Time(world.now.0 + 20_000_000_000);
    while world.now < until {
        world.run(Duration::from_secs(1));
    }
    world
}
