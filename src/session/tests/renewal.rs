//! A connection takes the place of another without a loss: rollover of keys, worn keys, REDIAL.

use super::settings;
use super::world::World;
use crate::auth::Psk;
use crate::limits;
use crate::peering::{ConnectMode, Security};
use crate::session::io::{DownReason, SessionInput, Settings, SilentDrop};
use std::time::Duration;

/// Key ids and passwords.
type Ring = &'static [(u8, u8)];

fn keyed(side: usize, keys: &[(u8, u8)]) -> Settings {
    let mut security = Security::default();
    keys.iter().for_each(|(id, byte)| security.keys.insert(*id, Psk::of([*byte; 32])));
    Settings { security, ..settings(side) }
}

fn up(keys: &[(u8, u8)]) -> World {
    up_with(|side| keyed(side, keys))
}

/// A pair that has little to say, so that days pass quickly.
fn up_for_days(keys: &[(u8, u8)]) -> World {
    let (hold, keepalive) = (limits::HOLD_MAX, limits::HOLD_MAX / 3);
    up_with(|side| Settings { hold, keepalive, ..keyed(side, keys) })
}

fn up_with(settings: impl Fn(usize) -> Settings) -> World {
    let mut world = World::bare();
    for side in 0..2 {
        world.configure(side, settings(side));
        (0..20).for_each(|n| world.learn(side, 1_000 * side as u32 + n));
    }
    world.run_until("both have synced", |w| w.ends.iter().all(|e| e.ends > 0));
    world
}

/// What happened since then is no loss: nobody was told anything.
#[track_caller]
fn no_loss(world: &World) {
    for end in &world.ends {
        assert_eq!((end.ups(), end.swept), (1, 0));
        let downs = end.downs();
        assert!(
            downs.iter().all(|d| matches!(d, DownReason::Connecting | DownReason::Handshake)),
            "{downs:?}"
        );
    }
    assert!(world.is_up() && world.in_step());
}

fn keys(world: &World) -> [Option<u8>; 2] {
    [0, 1].map(|end| world.ends[end].session.status().key)
}

#[test]
fn a_password_is_rolled_over_without_losing_the_session() {
    for first in 0..2 {
        let mut world = up(&[(1, 7)]);
        // The new key comes on one side, then on the other; then the old one goes.
        let steps: [(usize, Ring, u8); 4] = [
            (first, &[(1, 7), (2, 8)], 1),
            (1 - first, &[(1, 7), (2, 8)], 2),
            (first, &[(2, 8)], 2),
            (1 - first, &[(2, 8)], 2),
        ];
        for (side, ring, in_force) in steps {
            world.configure(side, keyed(side, ring));
            world.run(Duration::from_secs(5));
            no_loss(&world);
            assert_eq!(keys(&world), [Some(in_force); 2], "side {side} has {ring:?}");
        }
    }
}

#[test]
fn authentication_is_turned_on_and_off_without_losing_the_session() {
    for first in 0..2 {
        let mut world = up(&[]);
        for (ring, in_force) in [(&[(1, 7)][..], Some(1)), (&[], None)] {
            world.configure(first, keyed(first, ring));
            world.run(Duration::from_secs(100));
            no_loss(&world);
            world.configure(1 - first, keyed(1 - first, ring));
            world.run(Duration::from_secs(5));
            no_loss(&world);
            assert_eq!(keys(&world), [in_force; 2]);
        }
    }
}

#[test]
fn a_key_that_is_changed_on_one_side_only_leaves_the_session_alone() {
    for side in 0..2 {
        let mut world = up(&[(1, 7)]);
        let link = world.ends[0].link();
        world.configure(side, keyed(side, &[(1, 99)]));
        world.run(Duration::from_secs(300));
        no_loss(&world);
        assert_eq!(world.ends[0].link(), link, "the connection itself stands");
        assert_eq!(
            world.ends[side].reason(),
            DownReason::WrongPassword { key: 1 },
            "and both can see why not"
        );
        let dials = world.ends[1].dials.len();
        world.run(Duration::from_secs(300));
        assert_eq!(world.ends[1].dials.len(), dials, "it is not tried for ever");
    }
}

#[test]
fn keys_are_renewed_after_a_day() {
    let mut world = up_for_days(&[(1, 7)]);
    let link = world.ends[0].link();
    world.run(limits::REKEY - Duration::from_secs(60));
    assert_eq!(world.ends[0].link(), link);
    world.run(Duration::from_secs(120));
    assert_ne!(world.ends[0].link(), link);
    no_loss(&world);
    for end in &world.ends {
        assert_eq!(end.session.counters().superseded, 1);
    }
    world.run(limits::REKEY);
    assert_eq!(world.ends[0].session.counters().superseded, 2);
    no_loss(&world);
}

#[test]
fn keys_are_renewed_after_so_many_frames_in_either_direction() {
    for side in 0..2 {
        let mut world = up(&[(1, 7)]);
        let link = world.ends[0].link();
        let so_far = world.ends[side].frames();
        world.ends[side].renew_after(so_far + 100);
        for n in 0..200 {
            world.learn(1 - side, 50_000 + n);
            world.run(Duration::from_millis(5));
        }
        world.run(Duration::from_secs(5));
        assert_ne!(world.ends[0].link(), link, "side {side} noticed");
        no_loss(&world);
        assert_eq!(world.ends[0].session.counters().superseded, 1, "once");
    }
}

#[test]
fn without_keys_nothing_wears_out() {
    let mut world = up_for_days(&[]);
    let link = world.ends[0].link();
    world.run(2 * limits::REKEY);
    assert_eq!(world.ends[0].link(), link);
}

/// The side that waits moves to another VPN instance; the side that dials is not told to do anything by its own
/// configuration.
#[test]
fn a_waiting_side_that_is_moved_is_dialled_again_at_once() {
    let mut world = up(&[]);
    let (link, start) = (world.ends[1].link(), world.now);
    world.configure(0, Settings { vpn: "red".parse().unwrap(), ..settings(0) });
    world.run_until("the new connection", |w| w.ends[1].link() != link);
    assert!(world.now.since(start) < Duration::from_secs(1), "{:?}", world.now.since(start));
    world.run(Duration::from_secs(100));
    no_loss(&world);
}

#[test]
fn a_peer_that_asks_to_be_dialled_over_and_over_is_not_obeyed_at_any_rate() {
    let mut world = up(&[]);
    let dials = world.ends[1].dials.len();
    for _ in 0..1_000 {
        let conn = world.ends[1].link();
        let mut bytes = Vec::new();
        crate::wire::control::redial(&mut bytes);
        world.input(1, SessionInput::Bytes { conn, bytes });
        world.run(Duration::from_millis(10));
    }
    let dialled = world.ends[1].dials.len() - dials;
    assert!((5..=15).contains(&dialled), "{dialled} dials in 10 s");
    world.run(Duration::from_secs(1));
    no_loss(&world);
}

#[test]
fn who_dials_can_be_said() {
    use ConnectMode::{Active, Auto, Passive};
    // By side: the modes, and who dials then. Side 1 has the larger address.
    let cases = [
        ([Auto, Auto], [false, true]),
        ([Active, Passive], [true, false]),
        ([Active, Auto], [true, true]),
        ([Active, Active], [true, true]),
        ([Passive, Auto], [false, true]),
        ([Auto, Passive], [false, false]),
        ([Passive, Passive], [false, false]),
    ];
    for (modes, dial) in cases {
        let mut world = World::bare();
        for (side, connect) in modes.into_iter().enumerate() {
            world.configure(side, Settings { connect, ..settings(side) });
            world.learn(side, side as u32);
        }
        world.run(Duration::from_secs(30));
        assert_eq!([0, 1].map(|side| !world.ends[side].dials.is_empty()), dial, "{modes:?}");
        let up = dial != [false, false];
        assert_eq!((world.is_up(), world.in_step()), (up, up), "{modes:?}");
        if !up {
            let nobody = |side: usize| matches!(world.ends[side].reason(), DownReason::NobodyDials { .. });
            assert!(nobody(0) && nobody(1), "{modes:?}");
        }
    }
}

#[test]
fn who_dials_changes_without_touching_the_session() {
    let mut world = up(&[]);
    let link = world.ends[0].link();
    world.configure(0, Settings { connect: ConnectMode::Active, ..settings(0) });
    world.configure(1, Settings { connect: ConnectMode::Passive, ..settings(1) });
    world.run(Duration::from_secs(100));
    assert_eq!(world.ends[0].link(), link);
    world.reset_all();
    world.run_until("up again", World::is_up);
    assert!(!world.ends[0].dials.is_empty());
}

#[test]
fn silence_is_explained_by_what_the_kernel_throws_away() {
    let mut world = World::bare();
    world.cut = true;
    for side in 0..2 {
        world.configure(side, settings(side));
    }
    world.run(Duration::from_secs(20));
    assert_eq!(world.ends[1].reason(), DownReason::PeerSilent { port: 2048 });
    assert!(matches!(world.ends[0].reason(), DownReason::NobodyDials { .. }));
    for _ in 0..30 {
        for side in 0..2 {
            world.input(side, SessionInput::Dropped { what: SilentDrop::Md5Wrong, segments: 3 });
        }
        world.run(Duration::from_secs(1));
    }
    let dropped = DownReason::SegmentsDropped { what: SilentDrop::Md5Wrong };
    for end in &world.ends {
        assert_eq!(end.reason(), dropped);
        assert_eq!(end.downs().iter().filter(|reason| **reason == dropped).count(), 1, "told once");
        assert_eq!(end.session.counters().dropped_segments, 90);
    }
    world.run(Duration::from_secs(60));
    assert_eq!(world.ends[1].reason(), DownReason::PeerSilent { port: 2048 }, "it is over");
    world.cut = false;
    world.run_until("up", World::is_up);
    let news = world.ends[0].news.len();
    world.input(0, SessionInput::Dropped { what: SilentDrop::TtlTooLow, segments: 1_000_000 });
    assert!(world.is_up());
    assert_eq!(world.ends[0].news.len(), news, "a session that stands has nothing to do with it");
}
