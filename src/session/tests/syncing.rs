//! Full syncs, increments, and the window.

use super::world::World;
use super::{claim, key, settings, vlanif};
use crate::limits;
use crate::session::io::{SessionInput, SessionOutput, Settings};
use crate::table::change::ChangeSource;
use std::time::Duration;

#[test]
fn both_directions_sync_and_then_follow() {
    let mut world = World::up(500);
    assert!(world.in_step());
    assert_eq!(world.ends[0].copy.len(), 500);
    world.learn(0, 77_777);
    world.forget(1, 1_000_003);
    world.ends[0].log.set(key(4), Some(claim(5)));
    world.input(0, SessionInput::Wake);
    world.run(Duration::from_millis(10));
    assert!(world.in_step());
    assert_eq!(world.ends[1].copy.len(), 501);
    assert_eq!(world.ends[0].copy.len(), 499);
    assert_eq!((world.ends[0].begins, world.ends[0].ends), (1, 1));
    assert_eq!((world.ends[0].swept, world.ends[1].swept), (0, 0));
    let counters = world.ends[0].session.counters();
    assert_eq!((counters.sent_upserts, counters.sent_deletes), (502, 0));
    assert_eq!((counters.received_upserts, counters.received_deletes), (500, 1));
}

#[test]
fn an_empty_table_ends_its_sync_at_once() {
    let mut world = World::new();
    let start = world.now;
    world.run_until("END on both sides", |w| w.ends.iter().all(|e| e.ends == 1));
    assert!(world.now.since(start) < Duration::from_millis(20));
    assert!(world.ends.iter().all(|e| e.session.status().received_end && e.session.status().sent_end));
}

#[test]
fn no_end_before_the_source_is_complete_and_then_everything_reported_by_then_is_in_it() {
    let mut world = World::up(20);
    world.ends[1].log.complete = false;
    world.restart(1);
    world.run_until("a second BEGIN", |w| w.ends[0].begins == 2);
    // The owner has forgotten key 0 … 9 of its claims and learns them anew, late.
    let claims: Vec<u32> = (0..10).map(|n| 1_000_000 + n).collect();
    world.run(Duration::from_secs(3));
    assert_eq!(world.ends[0].ends, 1);
    for n in claims {
        world.ends[1].log.set(key(n), Some(claim(n + 1)));
    }
    world.ends[1].log.complete = true;
    world.input(1, SessionInput::Wake);
    world.run(Duration::from_millis(10));
    assert_eq!(world.ends[0].ends, 2);
    assert_eq!(world.ends[0].swept, 0, "what was reported before the owner was complete is named before END");
    assert!(world.in_step());
}

/// The change lies behind the cursor and goes to the tail; the peer has it long before the sync is told.
#[test]
fn a_change_of_what_a_sync_has_passed_leaves_with_the_next_window() {
    let mut world = World::new();
    for n in 0..200_000 {
        world.ends[1].log.set(key(n), Some(claim(n)));
    }
    world.input(1, SessionInput::Wake);
    world.run_until("the first window", |w| w.ends[0].copy.len() >= limits::WINDOW_CHANGES);
    let before = world.ends[1].log.cursor().0;
    let changed = *world.ends[0].copy.keys().next().unwrap();
    world.ends[1].log.set(changed, Some(claim(777)));
    world.input(1, SessionInput::Wake);
    world.run_until("the change", |w| w.ends[0].copy[&changed] == claim(777));
    assert_eq!(world.ends[0].ends, 0, "the sync is not told yet");
    let after = world.ends[1].log.cursor().0;
    let ahead = (limits::WRITE_WINDOW / crate::wire::record::LONGEST) as u64;
    assert!(
        after - before <= 4 * ahead,
        "it left with the next window, not {} changes later",
        after - before
    );
    assert_eq!(world.ends[1].log.early, 1);
    world.run_until("END", |w| w.ends[0].ends == 1);
    world.run(Duration::from_secs(1));
    assert!(world.in_step());
}

#[test]
fn end_comes_under_any_churn() {
    let mut world = World::new();
    for n in 0..6_000 {
        world.ends[1].log.set(key(n), Some(claim(n)));
    }
    // Faster than it is sent: everything changes again before it has all gone out once.
    let mut round = 0;
    while world.ends[0].ends == 0 {
        round += 1;
        assert!(round < 12, "END does not come under churn");
        for n in 0..6_000 {
            world.ends[1].log.set(key(n), Some(claim(n + round)));
        }
        world.input(1, SessionInput::Wake);
        world.run(Duration::from_millis(1));
    }
    assert!(world.ends[1].log.pending(), "the churn goes on");
    world.run(Duration::from_secs(1));
    assert!(world.in_step());
}

#[test]
fn a_delete_between_begin_and_end_is_not_resurrected() {
    let mut world = World::new();
    for n in 0..30_000 {
        world.ends[1].log.set(key(n), Some(claim(n)));
    }
    world.ends[1].stuck = true;
    world.run_until("BEGIN", |w| w.ends[0].begins == 1 && !w.ends[0].copy.is_empty());
    let (passed, ahead) = (*world.ends[0].copy.first_key_value().unwrap().0, key(29_999));
    assert!(!world.ends[0].copy.contains_key(&ahead));
    world.ends[1].log.set(passed, None);
    world.ends[1].log.set(ahead, None);
    world.unstick(1);
    world.run_until("END", |w| w.ends[0].ends == 1);
    world.run(Duration::from_millis(10));
    assert!(world.in_step());
    assert_eq!(world.ends[0].copy.len(), 29_998);
}

#[test]
fn a_loss_between_the_last_change_and_end_sweeps_nothing_and_end_is_still_owed() {
    let mut world = World::up(50);
    world.ends[1].log.complete = false;
    world.restart(1);
    world.run_until("a second BEGIN", |w| w.ends[0].begins == 2 && w.ends[0].positions.len() > 1);
    world.run(Duration::from_millis(50));
    world.reset_all();
    assert_eq!(world.ends[0].ends, 1);
    world.ends[1].log.set(key(1_000_007), None);
    world.ends[1].log.complete = true;
    world.run_until("END", |w| w.ends[0].ends == 2);
    assert_eq!(world.ends[0].swept, 0, "what went meanwhile is told");
    assert_eq!(world.ends[0].begins, 2, "and nothing is told twice");
    assert!(world.in_step());
}

#[test]
fn a_peer_that_does_not_read_costs_no_more_than_the_window() {
    let mut world = World::new();
    world.ends[1].stuck = true;
    for n in 0..30_000 {
        world.ends[1].log.set(key(n), Some(claim(n)));
    }
    world.run(Duration::from_secs(2));
    for n in 0..30_000 {
        world.ends[1].log.set(key(n), Some(claim(n + 1)));
        if n % 1000 == 0 {
            world.input(1, SessionInput::Wake);
        }
    }
    let most = world.ends[1].most_outstanding;
    assert!(most > limits::WRITE_WINDOW - 2 * limits::WRITE_ROOM, "the window is used: {most}");
    assert!(most <= limits::WRITE_WINDOW, "{most} bytes outstanding");
    assert!(world.ends[1].log.largest_take <= limits::WINDOW_CHANGES);
    assert!(world.is_up());
    world.unstick(1);
    world.run_until("END", |w| w.ends[0].ends == 1);
    world.run(Duration::from_millis(100));
    assert!(world.in_step());
    assert_eq!(world.ends[1].downs().len(), 2, "Connecting and Handshake, no loss");
}

#[test]
fn on_a_slow_link_frames_and_windows_are_what_it_takes_soon() {
    const RATE: u64 = 64_000;
    let mut world = World::up(0);
    // What is sent arrives at once here, and only its being taken is slow: the peer must not miss the rest.
    for side in [0, 1] {
        world.configure(side, Settings { hold: Duration::from_secs(60), ..settings(side) });
    }
    world.ends[1].stuck = true;
    for n in 0..60_000 {
        world.ends[1].log.set(key(n), Some(claim(n)));
    }
    let conn = world.ends[1].link();
    let trickle = |world: &mut World, steps: u32| {
        for _ in 0..steps {
            world.run(Duration::from_millis(100));
            world.input(1, SessionInput::Written { conn, bytes: RATE / 10 });
        }
    };
    // The first windows were sent before anything was known.
    trickle(&mut world, 90);
    world.ends[1].log.largest_take = 0;
    world.ends[1].watched.insert(conn, Vec::new());
    trickle(&mut world, 40);
    let sent = &world.ends[1].watched[&conn][..];
    let mut frames = Vec::new();
    let mut rest = sent;
    while let Some(length) = rest.first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        frames.push(length);
        rest = &rest[length..];
    }
    let longest = *frames.iter().max().expect("it goes on");
    assert!((2_000..=7_000).contains(&longest), "{longest} bytes are more than 100 ms of the link");
    assert!(
        sent.len() as u64 >= 2 * RATE,
        "and the next window waits for the one before only: {}",
        sent.len()
    );
    let most = world.ends[1].log.largest_take;
    assert!(most <= 2_100, "a window of {most} changes takes more than a second");
    assert!(world.is_up());
}

#[test]
fn positions_are_those_of_the_source_and_only_said_behind_whole_windows() {
    let mut world = World::up(3_000);
    world.learn(1, 9_999_999);
    world.run(Duration::from_millis(10));
    let positions = &world.ends[0].positions;
    assert!(positions.is_sorted());
    assert_eq!(positions.last().unwrap().0, 3_001);
    let windows = positions.len();
    // No window asks for more room than there is, were every change to name an interface.
    let smallest = limits::WRITE_ROOM / crate::wire::encoder::CHANGE_LONGEST;
    let most = 3_000 / smallest + 4;
    assert!(windows <= most, "{windows} positions, not {most}, for the windows, END and one change");
}

#[test]
fn a_sync_that_falls_due_comes_after_end() {
    let mut world = World::up(10);
    world.ends[1].log.resync_due = true;
    world.input(1, SessionInput::Wake);
    world.run(Duration::from_millis(10));
    assert_eq!((world.ends[0].begins, world.ends[0].ends), (2, 2));
    assert!(world.in_step());
    let sent = |(_, news): &&(_, SessionOutput)| matches!(news, SessionOutput::EndSent { .. });
    assert_eq!(world.ends[1].news.iter().filter(sent).count(), 2);
}

#[test]
fn an_interface_is_named_with_its_vrf_and_again_when_that_changes() {
    let mut world = World::up(10);
    assert!(world.ends[0].vrfs.values().all(|vrf| vrf.as_ref().unwrap().is_public()));
    world.ends[1].log.bind(vlanif(12), "red");
    world.ends[1].log.bind(vlanif(150), "red");
    world.input(1, SessionInput::Wake);
    world.run(Duration::from_millis(10));
    assert_eq!(world.ends[0].vrfs[&vlanif(12)].as_ref().unwrap().name(), "red");
    assert!(!world.ends[0].vrfs.contains_key(&vlanif(150)), "what no entry uses is not named");
    world.ends[1].log.vrfs.remove(&vlanif(13));
    world.ends[1].log.bind(vlanif(150), "red");
    world.input(1, SessionInput::Wake);
    world.run(Duration::from_millis(10));
    assert_eq!(world.ends[0].vrfs[&vlanif(13)], None);
}
