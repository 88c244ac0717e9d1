//! The channel's configuration changes while the session is up (PL-17).

use super::settings;
use super::world::World;
use crate::limits;
use crate::session::io::{DownReason, SessionInput, Settings};
use std::time::Duration;

fn with_port(side: usize, port: u16) -> Settings {
    Settings { port, ..settings(side) }
}

#[test]
fn pl_01_nothing_is_done_without_a_configuration() {
    let mut world = World::bare();
    world.input(0, SessionInput::SourcePresent(true));
    world.input(0, SessionInput::Configure(None));
    world.run(Duration::from_secs(10));
    assert_eq!(world.ends[0].reason(), DownReason::NotConfigured);
    assert!(world.ends[0].news.is_empty());
    assert_eq!(world.ends[0].session.next_wake(), None);
}

#[test]
fn pl_17_the_same_line_again_changes_nothing() {
    let mut world = World::up(5);
    let news = world.ends[1].news.len();
    for side in 0..2 {
        world.configure(side, settings(side));
    }
    world.run(Duration::from_secs(10));
    assert_eq!(world.ends[1].news.len(), news);
    assert_eq!((world.ends[1].listens, world.ends[1].dials.len(), world.ends[1].begins), (1, 1, 1));
}

#[test]
fn pl_17_another_line_replaces_the_channel_without_a_loss() {
    for first in 0..2 {
        let mut world = World::up(50);
        let (downs, ups): (Vec<_>, Vec<_>) = world.ends.iter().map(|e| (e.downs().len(), e.ups())).unzip();
        world.configure(first, with_port(first, 3000));
        world.run(Duration::from_secs(20));
        assert!(world.is_up(), "the old channel stands until the other side is configured too");
        world.learn(0, 500);
        world.run(Duration::from_millis(10));
        assert!(world.in_step());
        world.configure(1 - first, with_port(1 - first, 3000));
        world.run_until("the new channel", |w| w.ends.iter().all(|e| e.ends == 2));
        world.run(Duration::from_secs(120));
        assert!(world.is_up() && world.in_step());
        for (side, end) in world.ends.iter().enumerate() {
            assert_eq!((end.downs().len(), end.ups()), (downs[side], ups[side]), "no loss is told");
            assert_eq!(end.swept, 0);
        }
    }
}

#[test]
fn pl_17_the_old_channel_outlives_its_configuration_by_a_minute_at_most() {
    let mut world = World::up(5);
    world.configure(1, with_port(1, 3000));
    world.run(limits::REPLACE_GRACE - Duration::from_millis(10));
    assert!(world.is_up());
    world.run(Duration::from_millis(20));
    assert!(!world.ends[0].session.status().up && !world.ends[1].session.status().up);
    assert_eq!(world.ends[1].reason(), DownReason::PeerRefuses { port: 3000 });
    assert!(world.ends[0].downs().contains(&DownReason::PeerGoodbye));
    assert_eq!(world.ends[0].copy.len(), 5, "entries are kept");
}

#[test]
fn a_change_that_is_taken_back_leaves_the_session_alone() {
    let mut world = World::up(5);
    world.configure(1, with_port(1, 3000));
    world.run(Duration::from_secs(5));
    world.configure(1, settings(1));
    world.run(Duration::from_secs(120));
    assert!(world.is_up());
    assert_eq!(world.ends[1].begins, 1);
}

#[test]
fn times_change_in_place() {
    let mut world = World::up(5);
    let mut patient = settings(0);
    patient.hold = Duration::from_secs(30);
    patient.keepalive = Duration::from_secs(2);
    world.configure(0, patient);
    assert_eq!(world.ends[0].session.status().hold, Some(Duration::from_secs(30)));
    world.run(Duration::from_secs(100));
    assert!(world.is_up());
    assert_eq!(world.ends[0].begins, 1);
}

#[test]
fn another_line_while_down_is_tried_at_once() {
    let mut world = World::bare();
    world.configure(0, with_port(0, 3000));
    world.configure(1, settings(1));
    world.run(Duration::from_secs(10));
    let start = world.now;
    world.configure(1, with_port(1, 3000));
    world.run_until("up", World::is_up);
    assert!(world.now.since(start) < Duration::from_millis(20));
}
