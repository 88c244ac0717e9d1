//! What breaks an established session, what does not, and what takes its place.

use super::world::World;
use super::{claim, key, settings};
use crate::session::hello;
use crate::session::io::{Cause, DownReason, Role, SessionInput, SessionOutput};
use crate::table::change::{Change, Position, SyncNumber};
use crate::wire::control::{self, code};
use crate::wire::resume::{self, End};
use crate::wire::{Encoder, Kind};
use std::time::Duration;

#[test]
fn a_newer_connection_takes_over_and_no_loss_is_told() {
    let mut world = World::up(100);
    world.run(Duration::from_secs(3));
    // Side 1 starts anew and side 0 hears nothing of that but a new connection.
    world.restart(1);
    world.ends[1].log.set(key(1_000_000), None);
    world.run_until("synced again", |w| w.ends.iter().all(|e| e.ends >= 2));
    world.run(Duration::from_secs(10));
    assert!(world.in_step());
    assert!(world.is_up());
    let end = &world.ends[0];
    assert_eq!(end.session.counters().superseded, 1);
    assert_eq!(end.downs(), [DownReason::Connecting, DownReason::Handshake], "nothing was lost");
    assert_eq!((end.ups(), end.swept), (1, 1));
}

#[test]
fn unread_bytes_of_the_old_connection_are_dropped() {
    let mut world = World::up(10);
    let old = world.ends[0].link();
    world.restart(1);
    world.run_until("synced again", |w| w.ends[0].ends == 2);
    let copy = world.ends[0].copy.clone();
    let mut bytes = Vec::new();
    let change = Change { key: key(5), claim: Some(claim(5)) };
    Encoder::new(4096, 100).window(&[change], Position(9), |_| None, &mut bytes);
    world.input(0, SessionInput::Bytes { conn: old, bytes });
    world.input(0, SessionInput::Closed { conn: old, cause: Cause::Refused });
    assert_eq!(world.ends[0].copy, copy);
    assert!(world.is_up());
}

#[test]
fn when_both_dial_the_larger_addresss_connection_stands() {
    // Side 0 dials out of turn: before, while and after side 1's own dial.
    for delay in [0, 1, 2, 3, 50] {
        let mut world = World::bare();
        world.configure(0, settings(0));
        world.run(Duration::from_millis(5));
        world.configure(1, settings(1));
        world.run(Duration::from_millis(delay));
        if world.ends[0].session.status().up {
            let standing = world.ends[0].link();
            world.force_dial(0);
            world.run(Duration::from_millis(20));
            assert_eq!(world.ends[0].link(), standing, "after {delay} ms");
        } else {
            world.force_dial(0);
        }
        world.run(Duration::from_secs(5));
        assert!(world.is_up(), "after {delay} ms");
        assert_eq!(world.ends[1].session.status().role, world.ends[0].session.status().role.map(other));
        for n in 0..5 {
            world.learn(0, n);
        }
        world.run(Duration::from_secs(1));
        assert!(world.in_step(), "after {delay} ms");
        assert!(world.ends.iter().all(|e| e.ups() <= 2), "after {delay} ms");
    }
}

fn other(role: Role) -> Role {
    match role {
        Role::Dialled => Role::Accepted,
        Role::Accepted => Role::Dialled,
    }
}

#[test]
fn silence_ends_the_session_after_the_hold_time_on_both_sides() {
    let mut world = World::up(10);
    world.run(Duration::from_secs(30));
    world.cut = true;
    let start = world.now;
    world.run_until("down", |w| w.ends.iter().all(|e| !e.session.status().up));
    assert!(world.now.since(start) <= Duration::from_secs(6));
    assert!(world.now.since(start) >= Duration::from_secs(4));
    for end in &world.ends {
        assert!(end.downs().contains(&DownReason::HoldExpired { hold_ms: 5_000 }));
        assert_eq!(end.copy.len(), 10, "losing the session deletes nothing");
    }
    world.cut = false;
    world.run_until("up again", |w| w.is_up() && w.ends.iter().all(|e| e.ends == 2));
    assert!(world.in_step());
}

#[test]
fn one_way_silence_ends_it_too_and_the_other_side_is_told() {
    let mut world = World::up(10);
    world.mute[1] = true;
    world.run_until("down", |w| !w.ends[0].session.status().up);
    assert!(world.ends[0].downs().contains(&DownReason::HoldExpired { hold_ms: 5_000 }));
    world.run(Duration::from_millis(20));
    let told =
        |reason: &DownReason| matches!(reason, DownReason::PeerNotified { code: code::HOLD_EXPIRED, .. });
    assert!(world.ends[1].downs().iter().any(told), "{:?}", world.ends[1].downs());
}

#[test]
fn keepalives_hold_an_idle_session_and_nothing_more_is_sent() {
    let mut world = World::up(0);
    let before = world.ends[0].session.counters().sent_bytes;
    world.run(Duration::from_secs(600));
    assert!(world.is_up());
    let sent = world.ends[0].session.counters().sent_bytes - before;
    // A digest a minute takes the place of a keepalive.
    let digests = 10 * (44 - 20);
    assert!((599 * 20..=601 * 20).contains(&(sent - digests)), "{sent} bytes in 600 s");
}

#[test]
fn no_keepalive_is_sent_while_something_else_is() {
    let mut world = World::up(0);
    let before = world.ends[0].session.counters();
    for n in 0..100 {
        world.learn(0, n * 2);
        world.run(Duration::from_millis(500));
    }
    let after = world.ends[0].session.counters();
    let digests = 6 * 44;
    let entries = 100 * (20 + 20) + 7 * 60 + digests;
    assert!(after.sent_bytes - before.sent_bytes <= entries);
    assert!(world.is_up());
}

#[test]
fn keepalives_do_not_pile_up_behind_what_the_peer_does_not_read() {
    let mut world = World::up(0);
    world.ends[1].stuck = true;
    world.learn(1, 1);
    let waiting = world.ends[1].outstanding;
    assert!(waiting > 0);
    world.run(Duration::from_millis(4_500));
    assert_eq!(world.ends[1].outstanding, waiting);
    assert!(world.is_up());
}

#[test]
fn the_larger_hold_time_counts_on_both_sides() {
    let mut world = World::bare();
    let mut patient = settings(1);
    patient.hold = Duration::from_secs(20);
    world.configure(0, settings(0));
    world.configure(1, patient);
    world.run_until("up", World::is_up);
    assert!(world.ends.iter().all(|e| e.session.status().hold == Some(Duration::from_secs(20))));
    world.cut = true;
    world.run(Duration::from_secs(18));
    assert!(world.is_up());
    world.run(Duration::from_secs(4));
    assert!(world.ends.iter().all(|e| !e.session.status().up));
}

#[test]
fn no_hold_time_is_too_short_to_live_with_or_longer_than_ten_minutes() {
    for (said, in_force) in [(Duration::ZERO, 300), (Duration::from_secs(86_400), 600_000)] {
        let mut world = World::bare();
        for side in 0..2 {
            world.configure(side, crate::session::io::Settings { hold: said, ..settings(side) });
        }
        world.run_until("up", World::is_up);
        world.run(Duration::from_secs(100));
        for end in &world.ends {
            assert_eq!(end.session.status().hold, Some(Duration::from_millis(in_force)));
            assert_eq!(end.begins, 1);
        }
    }
}

#[test]
fn a_device_that_was_stopped_does_not_take_its_own_absence_for_the_peers() {
    let mut world = World::up(5);
    for end in 0..2 {
        world.ends[end].frozen = true;
    }
    world.run(Duration::from_secs(60));
    for end in 0..2 {
        world.thaw(end);
    }
    world.run(Duration::from_secs(10));
    assert!(world.is_up());
    assert!(world.ends.iter().all(|e| e.begins == 1), "the session went on");
}

#[test]
fn undo_says_goodbye_and_entries_stay() {
    let mut world = World::up(10);
    world.input(1, SessionInput::Configure(None));
    assert_eq!(world.ends[1].downs().last(), Some(&DownReason::NotConfigured));
    world.run(Duration::from_millis(10));
    assert_eq!(world.ends[0].reason(), DownReason::PeerGoodbye);
    assert_eq!(world.ends[0].copy.len(), 10);
    world.run(Duration::from_secs(30));
    assert_eq!(world.ends[1].dials.len(), 1, "nothing is tried any more");
    let late = settings(1);
    world.configure(1, late);
    world.run_until("up", World::is_up);
}

#[test]
fn a_lost_connection_says_how() {
    let mut world = World::up(1);
    world.reset_all();
    for end in &world.ends {
        assert_eq!(end.reason(), DownReason::ConnectionLost { cause: Cause::Refused });
    }
    world.run_until("up again", World::is_up);
}

#[test]
fn a_session_that_breaks_at_once_again_and_again_is_not_hurried() {
    let mut world = World::up(1);
    for _ in 0..10 {
        world.run_until("up", World::is_up);
        world.reset_all();
    }
    let dials = &world.ends[1].dials;
    let last = dials[dials.len() - 1].since(dials[dials.len() - 2]);
    assert!(last >= Duration::from_millis(600), "{last:?}");
}

/// A window of one upsert by an encoder that is `named` already or not.
fn window(named: bool, position: u64) -> Vec<u8> {
    let mut encoder = Encoder::new(4096, 100);
    let change = Change { key: key(4), claim: Some(claim(4)) };
    let mut bytes = Vec::new();
    if named {
        encoder.window(&[change], Position(position), |_| None, &mut bytes);
        bytes.clear();
    }
    encoder.window(&[change], Position(position), |_| None, &mut bytes);
    bytes
}

fn begin(out: &mut Vec<u8>) {
    resume::begin(out, Some(SyncNumber(9)));
}

fn end(out: &mut Vec<u8>, position: Position) {
    resume::end(out, position, Some(&End { sync: SyncNumber(9), count: None, sum: None }));
}

type Write<'a> = &'a dyn Fn(&mut Vec<u8>);

fn frames(write: &[Write<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write.iter().for_each(|write| write(&mut bytes));
    bytes
}

#[test]
fn what_breaks_the_protocol_ends_the_session_and_is_told() {
    let hello = hello::ours(&settings(1), &super::plain(), [0; 16]);
    let mut unknown = frames(&[&begin]);
    unknown[4] = 99;
    refresh_checksum(&mut unknown);
    let mut too_long = vec![0; 20];
    too_long[..4].copy_from_slice(&65_537u32.to_be_bytes());
    let mut flipped = window(false, 1_000);
    *flipped.last_mut().unwrap() ^= 1;
    let cases: [(&str, Vec<u8>); 9] = [
        ("a frame of 64 KiB and one byte", too_long),
        ("a bit flipped", flipped),
        ("a second HELLO", frames(&[&|out| hello.encode(out)])),
        ("END without BEGIN", frames(&[&|out| end(out, Position(1_000))])),
        ("BEGIN twice", frames(&[&begin, &begin])),
        ("an index that was not named", window(true, 1_000)),
        ("a position that goes back", window(false, 1)),
        ("a mandatory frame of an unknown type", unknown),
        ("bytes that are no frame", vec![0xff; 64]),
    ];
    for (what, bytes) in cases {
        let mut world = World::up(3);
        // The copy has its own dictionary: none of the 3 names is index 200.
        let copy = world.ends[0].copy.clone();
        let bytes = if what.contains("not named") { renamed(bytes) } else { bytes };
        let conn = world.ends[0].link();
        world.input(0, SessionInput::Bytes { conn, bytes });
        let reason = world.ends[0].reason();
        assert!(matches!(&reason, DownReason::ProtocolError { .. }), "{what}: {reason:?}");
        assert_eq!(world.ends[0].copy, copy, "{what}: nothing is applied");
        assert_eq!(world.ends[0].session.counters().faults, 1, "{what}");
        world.run(Duration::from_millis(10));
        let told = world.ends[1].downs();
        let notified = told.iter().any(|r| matches!(r, DownReason::PeerNotified { code: 5, .. }));
        assert!(notified, "{what}: the peer shows it as well: {told:?}");
        world.run_until("up again", |w| w.is_up() && w.ends.iter().all(|e| e.ends == 2));
        assert!(world.in_step(), "{what}");
    }
}

#[test]
fn entries_before_begin_break_the_protocol() {
    let mut world = World::bare();
    world.configure(0, settings(0));
    world.run(Duration::from_millis(10));
    let conn = world.intrude(0, std::net::SocketAddr::new(settings(1).source, 1));
    let mut bytes = Vec::new();
    hello::ours(&settings(1), &super::plain(), [0; 16]).encode(&mut bytes);
    bytes.extend(window(false, 1));
    world.input(0, SessionInput::Bytes { conn, bytes });
    assert!(matches!(world.ends[0].reason(), DownReason::ProtocolError { .. }));
    assert!(world.ends[0].copy.is_empty());
    assert_eq!(world.ends[0].news.iter().filter(|(_, n)| matches!(n, SessionOutput::Up { .. })).count(), 1);
}

#[test]
fn an_unknown_frame_that_may_be_skipped_is_skipped() {
    let mut world = World::up(3);
    let mut bytes = frames(&[&control::keepalive]);
    assert_eq!(bytes[4], Kind::Keepalive.number());
    bytes[4] = 99;
    refresh_checksum(&mut bytes);
    let conn = world.ends[0].link();
    world.input(0, SessionInput::Bytes { conn, bytes });
    assert!(world.is_up());
}

/// Rewrites the one record's interface index.
fn renamed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[22..24].copy_from_slice(&200u16.to_be_bytes());
    refresh_checksum(&mut bytes);
    bytes
}

/// Says the checksum of the one frame that this is.
fn refresh_checksum(frame: &mut [u8]) {
    frame[16..20].fill(0);
    let crc = crc32c::crc32c(frame);
    frame[16..20].copy_from_slice(&crc.to_be_bytes());
}
