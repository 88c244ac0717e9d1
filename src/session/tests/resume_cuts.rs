//! A recorded session, broken behind each of its bytes in turn: both ends always come to hold what the other claims, and
//! what is told again is no more than what had not been acknowledged.

use super::world::World;
use super::{claim, key};
use crate::session::io::{SessionInput, Tuning};
use crate::table::change::Position;
use std::time::Duration;

/// Windows of three changes, so that a sync has many.
const TUNING: Tuning =
    Tuning { capabilities: crate::wire::hello::capability::ALL, window: 3, frame: crate::limits::MAX_FRAME };
/// Claims of each side.
const CLAIMS: u32 = 8;

/// Lives `life` once to see how many bytes it brings to `end`, then once for each of them, broken behind it, and
/// asks `judge`.
fn cut_at_every_byte(life: impl Fn(&mut World), tunings: [Tuning; 2], judge: impl Fn(&World, &str)) {
    for end in 0..2 {
        let mut whole = start(tunings);
        life(&mut whole);
        let before = whole.arrived[end];
        settle(&mut whole);
        let bytes = whole.arrived[end] - before;
        assert!(bytes > 100, "{bytes} bytes are hardly a session");
        for at in 1..=bytes {
            let what = format!("end {end}, behind byte {at} of {bytes}");
            let mut world = start(tunings);
            life(&mut world);
            world.bite = Some((end, at));
            world.run_until("it breaks", |w| w.bitten.is_some());
            settle(&mut world);
            assert!(world.in_step(), "{what}");
            judge(&world, &what);
        }
    }
}

fn start(tunings: [Tuning; 2]) -> World {
    let mut world = World::tuned(tunings);
    world.piece = 70;
    for side in 0..2 {
        for n in 0..CLAIMS {
            world.ends[side as usize].log.set(key(side * 1_000_000 + n), Some(claim(n)));
        }
    }
    world
}

/// Runs until both are up, both heard END on this connection, and nothing is under way.
fn settle(world: &mut World) {
    let done = |w: &World| {
        let heard = |end: &super::world::End| {
            let status = end.session.status();
            status.up && status.received_end && status.sent_end
        };
        w.ends.iter().all(heard) && w.in_step()
    };
    world.run_until("both are in step", done);
    world.run(Duration::from_millis(20));
}

/// No more is told again than what lies behind the position that the receiver had.
fn no_more_than_needed(world: &World, what: &str) {
    let bitten = world.bitten.expect("it broke");
    for end in 0..2 {
        let told = world.ends[end].sent() - bitten.sent[end];
        let owner = world.ends[end].session.incarnation();
        let held = bitten.held[1 - end].filter(|held| held.incarnation == owner);
        let held = held.map_or(Position(0), |held| held.position);
        let changes = world.ends[end].log.behind(held);
        assert!(
            told <= changes,
            "{what}: end {end} told {told} entries of {changes} changes behind {held:?}"
        );
    }
}

#[test]
fn the_first_session_of_all() {
    cut_at_every_byte(
        |_| (),
        [TUNING; 2],
        |world, what| {
            no_more_than_needed(world, what);
            assert!(world.ends.iter().all(|end| end.swept == 0 && end.begins <= 2), "{what}");
        },
    );
}

#[test]
fn changes_of_an_established_session() {
    let life = |world: &mut World| {
        settle(world);
        for side in 0..2u32 {
            for n in 0..CLAIMS {
                let log = &mut world.ends[side as usize].log;
                let key = key(side * 1_000_000 + n);
                match n % 3 {
                    0 => log.set(key, Some(claim(n + 50))),
                    1 => log.set(key, None),
                    _ => log.set(super::key(side * 1_000_000 + 500 + n), Some(claim(n))),
                }
            }
        }
        world.input(0, SessionInput::Wake);
        world.input(1, SessionInput::Wake);
    };
    cut_at_every_byte(life, [TUNING; 2], |world, what| {
        no_more_than_needed(world, what);
        assert!(world.ends.iter().all(|end| end.swept == 0 && end.begins == 1), "{what}");
    });
}

/// A session of an unchanged table: HELLO, RESUME and END.
#[test]
fn a_reconnect_of_an_unchanged_table_tells_nothing() {
    let life = |world: &mut World| {
        settle(world);
        world.reset_all();
    };
    let entries = u64::from(CLAIMS);
    cut_at_every_byte(life, [TUNING; 2], |world, what| {
        for end in &world.ends {
            assert_eq!((end.sent(), end.begins, end.swept), (entries, 1, 0), "{what}");
        }
    });
}

/// The copy is full when the owner, who restarted and lost one host meanwhile, names everything anew: at no byte may
/// the break make the receiver give up what is still claimed, and the one host that went is swept once.
#[test]
fn a_sync_over_a_copy_that_is_there() {
    let life = |world: &mut World| {
        settle(world);
        world.restart(1);
        world.ends[1].log.set(key(1_000_001), None);
    };
    cut_at_every_byte(life, [TUNING; 2], |world, what| {
        no_more_than_needed(world, what);
        assert_eq!((world.ends[0].swept, world.ends[1].swept), (1, 0), "{what}");
        assert!(world.ends[0].begins <= 3, "{what}");
    });
}

/// The same, and every key changes while the line is down.
#[test]
fn a_sync_over_a_copy_that_is_there_under_churn() {
    for end in 0..2 {
        for at in (1..900).step_by(7) {
            let mut world = start([TUNING; 2]);
            settle(&mut world);
            world.restart(1);
            world.bite = Some((end, at));
            let until = world.now + Duration::from_secs(2);
            while world.bitten.is_none() && world.now < until {
                world.run(Duration::from_micros(500));
            }
            for n in 0..CLAIMS {
                world.ends[1].log.set(key(1_000_000 + n), Some(claim(n + 99)));
            }
            world.input(1, SessionInput::Wake);
            settle(&mut world);
            assert!(world.in_step() && world.ends[0].swept == 0, "end {end}, behind byte {at}");
        }
    }
}

#[test]
fn a_session_with_a_peer_that_does_not_resume() {
    for without in [[0, 1], [1, 0]] {
        let tunings = without.map(|capabilities: u64| Tuning { capabilities, ..TUNING });
        let life = |world: &mut World| {
            settle(world);
            world.reset_all();
        };
        cut_at_every_byte(life, tunings, |world, what| {
            assert!(world.ends.iter().all(|end| end.swept == 0), "{what}");
        });
    }
}
