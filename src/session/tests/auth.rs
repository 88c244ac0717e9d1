//! Authentication between two sessions, in virtual time: who gets in, who does not, and what both are told.

use super::world::World;
use super::{ADDRESSES, plain, settings};
use crate::auth::Psk;
use crate::limits;
use crate::peering::Security;
use crate::session::hello;
use crate::session::io::{ConnId, DownReason, SessionInput, Settings};
use crate::wire::control::{self, code};
use crate::wire::frame::HEADER;
use crate::wire::hello::{Hello, Offer};
use std::net::SocketAddr;
use std::time::Duration;

/// Both sides' keys: id and password.
type Rings<'a> = [&'a [(u8, u8)]; 2];

/// A password for each number.
fn psk(byte: u8) -> Psk {
    Psk::of([byte; 32])
}

fn keyed(side: usize, keys: &[(u8, u8)]) -> Settings {
    let mut security = Security::default();
    keys.iter().for_each(|(id, byte)| security.keys.insert(*id, psk(*byte)));
    Settings { security, ..settings(side) }
}

fn two(keys: Rings<'_>) -> World {
    let mut world = World::bare();
    for (side, keys) in keys.into_iter().enumerate() {
        world.configure(side, keyed(side, keys));
    }
    world
}

/// An authenticated session with some claims on both sides.
fn up() -> World {
    let mut world = two([&[(1, 7)]; 2]);
    for n in 0..20 {
        world.learn(0, n);
        world.learn(1, 1_000 + n);
    }
    world.run_until("both have synced", |w| w.ends.iter().all(|e| e.ends > 0));
    assert!(world.in_step());
    world
}

fn peer() -> SocketAddr {
    SocketAddr::new(ADDRESSES[1], 40_001)
}

fn encoded(hello: Hello) -> Vec<u8> {
    let mut bytes = Vec::new();
    hello.encode(&mut bytes);
    bytes
}

/// Side 0's session goes on as if nothing had happened: same connection, nothing told, nothing applied.
#[track_caller]
fn undisturbed(world: &mut World, act: impl FnOnce(&mut World)) {
    let (link, news) = (world.ends[0].link(), world.ends[0].news.len());
    let (copy, begins) = (world.ends[0].copy.clone(), world.ends[0].begins);
    act(world);
    assert_eq!((world.ends[0].link(), world.ends[0].news.len()), (link, news));
    assert_eq!((&world.ends[0].copy, world.ends[0].begins), (&copy, begins));
    world.learn(1, 9_999_999);
    world.run(Duration::from_secs(10));
    assert!(world.is_up() && world.in_step());
    assert_eq!(world.ends[0].news.len(), news);
}

#[test]
fn with_the_same_password_the_session_is_authenticated_and_says_by_which_key() {
    let mut world = up();
    for end in &world.ends {
        assert_eq!(end.session.status().key, Some(1));
    }
    for n in 0..3_000 {
        world.learn(0, 5_000 + n);
    }
    world.run(Duration::from_secs(60));
    assert!(world.in_step() && world.is_up(), "keepalives and windows are sealed as well");
    world.configure(0, keyed(0, &[(1, 7)]));
    world.input(0, SessionInput::Configure(None));
    world.run(Duration::from_millis(10));
    assert_eq!(world.ends[1].reason(), DownReason::PeerGoodbye, "the farewell is sealed, too");
}

#[test]
fn an_authenticated_session_takes_bytes_in_any_split() {
    let mut world = World::bare();
    world.piece = 1;
    for side in 0..2 {
        world.configure(side, keyed(side, &[(1, 7)]));
        world.learn(side, side as u32);
    }
    world.run_until("synced", |w| w.ends.iter().all(|e| e.ends == 1));
    assert!(world.in_step());
}

#[test]
fn each_way_not_to_authenticate_is_shown_on_both_sides_and_applies_nothing() {
    let none = DownReason::AuthNotConfigured;
    let common =
        |ours: &[u8], theirs: &[u8]| DownReason::NoCommonKey { ours: ours.into(), theirs: theirs.into() };
    let wrong = |key| DownReason::WrongPassword { key };
    let cases: [(Rings<'_>, [DownReason; 2]); 4] = [
        ([&[(1, 7)], &[(1, 8)]], [wrong(1), wrong(1)]),
        ([&[(1, 7)], &[]], [DownReason::AuthRequired, none.clone()]),
        ([&[], &[(1, 7)]], [none, DownReason::AuthRequired]),
        ([&[(5, 7), (3, 7)], &[(4, 7)]], [common(&[5, 3], &[4]), common(&[4], &[5, 3])]),
    ];
    for (keys, reasons) in cases {
        let mut world = two(keys);
        world.learn(0, 1);
        world.learn(1, 2);
        world.run(Duration::from_secs(10));
        for (end, reason) in world.ends.iter().zip(reasons) {
            assert_eq!(end.reason(), reason);
            assert!(end.copy.is_empty() && end.ups() == 0);
            assert!(end.session.counters().refused_auths > 5, "it is tried again, and counted");
            assert!(end.downs().len() <= 3, "a reason that stays is told once: {:?}", end.downs());
        }
        for side in 0..2 {
            world.configure(side, keyed(side, &[(1, 7)]));
        }
        world.run_until("healed by configuration", World::is_up);
    }
}

#[test]
fn another_algorithm_is_refused_and_told() {
    let mut world = two([&[(1, 7)], &[(1, 7)]]);
    world.run(Duration::from_millis(20));
    let mut offer = Offer::of([1].into_iter()).unwrap();
    offer.algorithm = 9;
    let conn = world.intrude(0, peer());
    let bytes = encoded(Hello { auth: Some(offer), ..hello::ours(&settings(1), &plain(), [7; 16]) });
    undisturbed(&mut world, |world| {
        world.input(0, SessionInput::Bytes { conn, bytes });
        assert_eq!(world.ends[0].notified(conn).unwrap().code, code::AUTH_ALGORITHM);
    });
}

/// Whoever knows the address but not the password, whatever it says or repeats, gets nothing done.
#[test]
fn a_stranger_without_the_password_disturbs_nothing() {
    let theirs = || hello::ours(&keyed(1, &[(1, 7)]), &plain(), [7; 16]);
    let auth = |proof: [u8; 32]| {
        let mut bytes = encoded(theirs());
        control::auth(&mut bytes, &proof);
        bytes
    };
    let mut begin = auth([0; 32]);
    control::keepalive(&mut begin);
    let mut skipped = encoded(theirs());
    control::keepalive(&mut skipped);
    let stripped = encoded(Hello { auth: None, ..theirs() });
    let mut twice = encoded(theirs());
    twice.extend(encoded(theirs()));
    let mut oversized = encoded(theirs());
    oversized.extend(513u32.to_be_bytes());
    let cases: [(Vec<u8>, u16); 6] = [
        (auth([0; 32]), code::WRONG_PASSWORD),
        (begin, code::WRONG_PASSWORD),
        (skipped, code::PROTOCOL_ERROR),
        (stripped, code::AUTH_REQUIRED),
        (twice, code::PROTOCOL_ERROR),
        (oversized, code::PROTOCOL_ERROR),
    ];
    for (bytes, code) in cases {
        let mut world = up();
        undisturbed(&mut world, |world| {
            let conn = world.intrude(0, peer());
            world.input(0, SessionInput::Bytes { conn, bytes });
            assert!(!world.is_open(0, conn));
            assert_eq!(world.ends[0].notified(conn).map(|notify| notify.code), Some(code));
        });
    }
}

#[test]
fn a_recorded_session_that_is_replayed_gets_nowhere() {
    let mut world = World::bare();
    world.eavesdrop = true;
    for side in 0..2 {
        world.configure(side, keyed(side, &[(1, 7)]));
        (0..50).for_each(|n| world.learn(side, 100 * side as u32 + n));
    }
    world.run_until("both have synced", |w| w.ends.iter().all(|e| e.ends > 0));
    let recorded = world.overheard(1);
    assert!(recorded.len() > 1_000, "HELLO, AUTH and a full sync were heard");
    undisturbed(&mut world, |world| {
        let conn = world.intrude(0, peer());
        world.input(0, SessionInput::Bytes { conn, bytes: recorded });
        assert!(!world.is_open(0, conn));
        assert_eq!(world.ends[0].notified(conn).map(|notify| notify.code), Some(code::WRONG_PASSWORD));
    });
    // As the acceptor of a connection that it opens itself, the same: each drew a nonce.
    let recorded = world.overheard(0);
    let conn = world.intrude(1, SocketAddr::new(ADDRESSES[0], 40_001));
    world.input(1, SessionInput::Bytes { conn, bytes: recorded });
    assert!(!world.is_open(1, conn));
    assert!(world.is_up());
}

/// A mirror: whatever side 0 says comes back to it, with the node id changed so that it is not noticed by that.
#[test]
fn what_is_reflected_proves_nothing() {
    let mut world = up();
    undisturbed(&mut world, |world| {
        let conn = world.intrude(0, peer());
        let said = world.ends[0].watched[&conn].clone();
        world.input(0, SessionInput::Bytes { conn, bytes: said });
        assert_eq!(world.ends[0].notified(conn).unwrap().code, code::SAME_NODE_ID);

        let conn = world.intrude(0, peer());
        let said = world.ends[0].watched[&conn].clone();
        let nonce = *said[HEADER + 44..].first_chunk::<16>().unwrap();
        let hello = encoded(hello::ours(&keyed(1, &[(1, 7)]), &plain(), nonce));
        world.input(0, SessionInput::Bytes { conn, bytes: hello });
        let auth = world.ends[0].watched[&conn][said.len()..].to_vec();
        assert_eq!(auth.len(), HEADER + 32, "it says AUTH");
        world.input(0, SessionInput::Bytes { conn, bytes: auth });
        assert!(!world.is_open(0, conn));
    });
    assert_eq!(world.ends[0].session.counters().refused_auths, 1);
}

/// Frames of the running session that come again, or the session's own frames that come back, are no frames.
#[test]
fn a_frame_that_is_repeated_or_reflected_inside_the_session_ends_it_and_applies_nothing() {
    for reflected in [false, true] {
        let mut world = up();
        world.eavesdrop = true;
        let from = if reflected { 0 } else { 1 };
        world.learn(from, 77_000);
        world.run(Duration::from_millis(50));
        let bytes = world.overheard(from);
        assert!(!bytes.is_empty());
        world.forget(from, 77_000);
        world.run(Duration::from_millis(50));
        let copy = world.ends[0].copy.clone();
        let conn = world.ends[0].link();
        world.input(0, SessionInput::Bytes { conn, bytes });
        assert_eq!(world.ends[0].reason(), DownReason::NotAuthentic);
        assert_eq!(world.ends[0].session.counters().not_authentic, 1);
        assert_eq!(world.ends[0].copy, copy, "nothing was applied");
        world.run(Duration::from_millis(5));
        let told = world.ends[1].reason();
        assert!(
            matches!(told, DownReason::PeerNotified { code: code::NOT_AUTHENTIC, .. }),
            "the other side is told: {told:?}"
        );
        world.run_until("up again", |w| w.is_up() && w.in_step());
    }
}

#[test]
fn every_flipped_bit_of_a_sealed_frame_is_noticed() {
    let mut world = up();
    world.eavesdrop = true;
    world.mute[1] = true;
    world.learn(1, 77_000);
    let sealed = world.overheard(1);
    assert!(sealed.len() > HEADER + 16);
    let first = u32::from_be_bytes(*sealed.first_chunk().unwrap()) as usize + 16;
    // A length that is flipped only says that another frame was meant; it is the first four bytes.
    for bit in 32..first * 8 {
        let mut decoder = world.ends[0].decoder();
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let result = decoder.next(&mut &flipped[..]).map(|frame| frame.is_some());
        assert_eq!(result, Err(crate::wire::WireError::Tag), "bit {bit}");
    }
    let mut decoder = world.ends[0].decoder();
    assert!(decoder.next(&mut &sealed[..]).unwrap().is_some(), "the frame itself is one");
}

#[test]
fn somebody_who_takes_the_offer_away_on_the_way_is_noticed() {
    let mut world = World::bare();
    world.tamper = Some(|bytes| {
        // HELLO without its only extension, its count, length and checksum put right.
        if bytes.len() > HEADER + 64 && bytes[4] == 1 {
            bytes.truncate(HEADER + 64);
            bytes[..4].copy_from_slice(&84u32.to_be_bytes());
            bytes[6..8].fill(0);
            bytes[16..20].fill(0);
            let crc = crc32c::crc32c(bytes);
            bytes[16..20].copy_from_slice(&crc.to_be_bytes());
        }
    });
    for side in 0..2 {
        world.configure(side, keyed(side, &[(1, 7)]));
    }
    world.run(Duration::from_secs(5));
    for end in &world.ends {
        assert_eq!((end.reason(), end.ups()), (DownReason::AuthRequired, 0));
    }
}

#[test]
fn somebody_who_takes_the_better_key_away_on_the_way_is_noticed() {
    let mut world = World::bare();
    world.tamper = Some(|bytes| {
        // The offer [1, 2, 9, 1] becomes [1, 1, 1].
        if bytes.len() == HEADER + 64 + 8 && bytes[4] == 1 {
            bytes.pop();
            let at = HEADER + 64;
            bytes[at + 2..].copy_from_slice(&[0, 3, 1, 1, 1]);
            bytes[..4].copy_from_slice(&91u32.to_be_bytes());
            bytes[16..20].fill(0);
            let crc = crc32c::crc32c(bytes);
            bytes[16..20].copy_from_slice(&crc.to_be_bytes());
        }
    });
    for side in 0..2 {
        world.configure(side, keyed(side, &[(9, 9), (1, 7)]));
    }
    world.run(Duration::from_secs(5));
    for end in &world.ends {
        assert_eq!((end.reason(), end.ups()), (DownReason::WrongPassword { key: 1 }, 0));
    }
    world.tamper = None;
    world.run_until("up", World::is_up);
    assert_eq!(world.ends[0].session.status().key, Some(9));
}

#[test]
fn hello_without_auth_behind_it_ends_after_three_seconds() {
    let mut world = up();
    undisturbed(&mut world, |world| {
        let conn = world.intrude(0, peer());
        let bytes = encoded(hello::ours(&keyed(1, &[(1, 7)]), &plain(), [7; 16]));
        world.input(0, SessionInput::Bytes { conn, bytes });
        world.run(limits::HELLO_TIMEOUT - Duration::from_millis(1));
        assert!(world.is_open(0, conn));
        world.run(Duration::from_millis(2));
        assert!(!world.is_open(0, conn));
    });
}

#[test]
fn ten_thousand_attempts_leave_the_session_and_no_trace() {
    let mut world = up();
    undisturbed(&mut world, |world| {
        let conns: Vec<ConnId> = (0..10_000u32)
            .map(|n| {
                let conn = world.intrude(0, peer());
                let mut nonce = [0; 16];
                nonce[..4].copy_from_slice(&n.to_be_bytes());
                let bytes = encoded(hello::ours(&keyed(1, &[(1, 7)]), &plain(), nonce));
                world.input(0, SessionInput::Bytes { conn, bytes });
                conn
            })
            .collect();
        let open = conns.iter().filter(|conn| world.is_open(0, **conn)).count();
        assert_eq!(open, limits::MAX_PENDING);
        assert_eq!(world.ends[0].session.pending.len(), limits::MAX_PENDING);
    });
}

#[test]
fn nonces_do_not_tell_the_seed_and_do_not_repeat() {
    let mut world = World::bare();
    world.configure(0, keyed(0, &[(1, 7)]));
    world.run(Duration::from_millis(10));
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let conn = world.intrude(0, peer());
        nonces.insert(world.ends[0].watched[&conn][HEADER + 44..HEADER + 60].to_vec());
    }
    assert_eq!(nonces.len(), 100);
}
