//! Sessions that go on where the peer's copy stands, and those that must not.

use super::world::World;
use super::{claim, key, settings};
use crate::session::io::{DownReason, SessionInput, SessionOutput, Tuning};
use crate::table::change::{ChangeSource, Incarnation, Position, SyncNumber};
use crate::wire::hello::capability;
use crate::wire::resume::{self, Held, Resume, reason};
use std::time::Duration;

/// Runs until both ends have heard END once more than they had.
#[track_caller]
fn until_ends(world: &mut World, more: usize) {
    let before = [0, 1].map(|end| world.ends[end].ends);
    world.run_until("END on both sides", |w| (0..2).all(|end| w.ends[end].ends >= before[end] + more));
    world.run(Duration::from_millis(10));
}

fn resumed(world: &World, end: usize) -> usize {
    let news = world.ends[end].news.iter();
    news.filter(|(_, news)| matches!(news, SessionOutput::Resumed { .. })).count()
}

#[test]
fn an_unchanged_table_costs_no_entry_on_a_reconnect() {
    let mut world = World::up(500);
    let sent = [0, 1].map(|end| world.ends[end].sent());
    for n in 1..=5 {
        world.reset_all();
        until_ends(&mut world, 1);
        assert_eq!([0, 1].map(|end| resumed(&world, end)), [n; 2]);
    }
    assert_eq!([0, 1].map(|end| world.ends[end].sent()), sent);
    for end in &world.ends {
        assert_eq!((end.begins, end.swept), (1, 0));
    }
    assert!(world.in_step());
}

#[test]
fn what_changed_meanwhile_is_all_that_is_sent() {
    let mut world = World::up(500);
    world.reset_all();
    let sent = world.ends[1].sent();
    world.ends[1].log.set(key(1_000_003), Some(claim(9)));
    world.ends[1].log.set(key(1_000_004), None);
    world.ends[1].log.set(key(2_000_000), Some(claim(7)));
    until_ends(&mut world, 1);
    assert_eq!(world.ends[1].sent() - sent, 3);
    assert!(world.in_step());
}

#[test]
fn a_peer_without_resume_is_synchronised_in_full_as_ever() {
    for without in [[true, false], [false, true], [true, true]] {
        let none = Tuning { capabilities: 0, ..Tuning::default() };
        let mut world = World::tuned(without.map(|without| if without { none } else { Tuning::default() }));
        for n in 0..20 {
            world.learn(1, n);
        }
        until_ends(&mut world, 1);
        world.reset_all();
        world.ends[1].log.set(key(3), None);
        until_ends(&mut world, 1);
        assert_eq!((world.ends[0].begins, world.ends[0].swept), (2, 1));
        assert!(world.in_step());
        // Its software is replaced by one that resumes: what it took in before does not count.
        for end in &mut world.ends {
            end.session.tuning.capabilities = capability::ALL;
        }
        world.reset_all();
        until_ends(&mut world, 1);
        assert_eq!(world.ends[0].begins, 3);
        world.reset_all();
        until_ends(&mut world, 1);
        assert_eq!(world.ends[0].begins, 3);
    }
}

#[test]
fn a_restarted_owner_begins_and_a_restarted_copy_gets_all() {
    let mut world = World::up(20);
    world.restart(1);
    world.ends[1].log.set(key(1_000_000), None);
    until_ends(&mut world, 1);
    assert_eq!((world.ends[0].begins, world.ends[0].swept), (2, 1), "positions of another life mean nothing");
    assert_eq!(world.ends[1].copy.len(), 20);
    assert_eq!(resumed(&world, 0), 0, "who restarted holds nothing");
    assert!(world.in_step());
}

#[test]
fn a_position_beyond_what_was_sent_or_of_another_sync_is_not_believed() {
    let incarnation = |world: &World| world.ends[1].session.incarnation();
    type Lie = fn(Held) -> Held;
    let lies: [(&str, Lie); 4] = [
        ("a position beyond", |held| Held { position: Position(1_000), ..held }),
        ("an older sync", |held| Held { sync: SyncNumber(held.sync.0 - 1), ..held }),
        ("another life", |held| Held { incarnation: Incarnation(held.incarnation.0 ^ 1), ..held }),
        ("a truncated copy", |held| Held { truncated: true, ..held }),
    ];
    for (what, lie) in lies {
        let mut world = World::up(5);
        world.ends[1].log.resync_due = true;
        world.input(1, SessionInput::Wake);
        until_ends(&mut world, 0);
        world.run(Duration::from_millis(10));
        let held = world.standing().held[0].expect("it is in step");
        assert_eq!((held.incarnation, held.sync), (incarnation(&world), SyncNumber(2)));
        world.ends[0].session.copy.pretend(lie(held));
        world.ends[0].session.copy.truncated = lie(held).truncated;
        world.reset_all();
        let begins = world.ends[0].begins;
        until_ends(&mut world, 1);
        assert_eq!(world.ends[0].begins, begins + 1, "{what}");
        assert!(world.in_step(), "{what}");
    }
}

/// A trap: what the receiver never got has changed since, and lies behind the mark of the sync that broke.
#[test]
fn a_key_that_was_told_and_lost_and_changed_is_not_swept_by_the_sync_that_goes_on() {
    let mut world = World::up(30);
    // A life later: everything is named anew, three at a time, and the line breaks in the midst of it.
    world.ends[1].session.tuning.window = 3;
    world.restart(1);
    let arrived = world.arrived[0];
    world.bite = Some((0, 520));
    world.run_until("it breaks", |w| w.bitten.is_some());
    assert!(world.arrived[0] - arrived == 520);
    let held = world.standing().held[0].expect("BEGIN has come");
    assert!(held.mid_sync && held.position > Position(0) && held.position < world.ends[1].log.cursor());
    for n in 0..30 {
        world.ends[1].log.set(key(1_000_000 + n), Some(claim(n)));
    }
    let begins = world.ends[0].begins;
    until_ends(&mut world, 1);
    assert_eq!((world.ends[0].begins, world.ends[0].swept), (begins, 0), "it goes on, and nothing is swept");
    assert!(world.in_step());
}

#[test]
fn a_sync_that_falls_due_in_a_sync_that_goes_on_comes_after_its_end() {
    let mut world = World::up(30);
    world.ends[1].session.tuning.window = 3;
    world.restart(1);
    world.bite = Some((0, 520));
    world.run_until("it breaks", |w| w.bitten.is_some());
    world.ends[1].log.resync_due = true;
    let (begins, ends) = (world.ends[0].begins, world.ends[0].ends);
    world.run_until("both", |w| w.ends[0].ends == ends + 2);
    assert_eq!(world.ends[0].begins, begins + 1);
    assert!(world.in_step());
}

#[test]
fn a_sync_that_is_asked_for_comes_and_when_one_runs_after_its_end() {
    let mut world = World::up(50);
    let now = world.now;
    assert!(world.ends[0].session.ask_resync(now, reason::OPERATOR));
    world.input(0, SessionInput::Wake);
    until_ends(&mut world, 0);
    assert_eq!((world.ends[0].begins, world.ends[0].ends), (2, 2));
    world.ends[1].log.complete = false;
    world.restart(1);
    world.run_until("BEGIN", |w| w.ends[0].begins == 3);
    let now = world.now;
    world.ends[0].session.ask_resync(now, reason::OPERATOR);
    world.input(0, SessionInput::Wake);
    world.run(Duration::from_millis(50));
    assert_eq!(world.ends[0].begins, 3, "the one that runs is not begun anew");
    world.ends[1].log.complete = true;
    world.input(1, SessionInput::Wake);
    world.run(Duration::from_millis(50));
    assert_eq!((world.ends[0].begins, world.ends[0].ends), (4, 4));
    assert!(world.in_step());
}

#[test]
fn a_copy_that_was_forgotten_is_brought_in_full_by_the_next_session() {
    let mut world = World::up(10);
    world.reset_all();
    let now = world.now;
    assert!(!world.ends[0].session.ask_resync(now, reason::GIVEN_UP), "nobody is there to ask");
    until_ends(&mut world, 1);
    assert_eq!((world.ends[0].begins, world.ends[1].begins), (2, 1));
}

#[test]
fn what_comes_out_of_order_around_resume_breaks_the_protocol() {
    let resume = |world: &World, held| {
        let mut bytes = Vec::new();
        let own = Incarnation(77);
        let _ = world;
        Resume { own, held, restarted: false }.encode(&mut bytes);
        bytes
    };
    let begin = |sync: Option<SyncNumber>| {
        let mut bytes = Vec::new();
        resume::begin(&mut bytes, sync);
        bytes
    };
    let end = |sync| {
        let mut bytes = Vec::new();
        let end = resume::End { sync: SyncNumber(sync), count: None, sum: None };
        resume::end(&mut bytes, Position(1), Some(&end));
        bytes
    };
    let cases: [(&str, Vec<Vec<u8>>); 6] = [
        ("BEGIN before RESUME", vec![begin(Some(SyncNumber(1)))]),
        ("RESUME twice", vec![resume(&World::bare(), None), resume(&World::bare(), None)]),
        ("BEGIN without its number", vec![resume(&World::bare(), None), begin(None)]),
        ("END of another sync", vec![resume(&World::bare(), None), begin(Some(SyncNumber(1))), end(2)]),
        ("END without BEGIN of who is not known", vec![resume(&World::bare(), None), end(1)]),
        (
            "RESYNC before RESUME",
            vec![{
                let mut bytes = Vec::new();
                resume::Resync { sync: SyncNumber(0), reason: 1 }.encode(&mut bytes);
                bytes
            }],
        ),
    ];
    for (what, frames) in cases {
        let mut world = World::bare();
        world.configure(0, settings(0));
        world.run(Duration::from_millis(10));
        let conn = world.intrude(0, std::net::SocketAddr::new(settings(1).source, 1));
        let mut bytes = Vec::new();
        let tuning = Tuning { capabilities: capability::RESUME, ..Tuning::default() };
        crate::session::hello::ours(&settings(1), &tuning, [0; 16]).encode(&mut bytes);
        bytes.extend(frames.concat());
        world.input(0, SessionInput::Bytes { conn, bytes });
        let reason = world.ends[0].reason();
        assert!(matches!(reason, DownReason::ProtocolError { .. }), "{what}: {reason:?}");
        assert_eq!(world.ends[0].ends, 0, "{what}");
    }
}

#[test]
fn nothing_of_the_claims_is_said_before_the_peer_said_what_it_holds() {
    let mut world = World::bare();
    for n in 0..10 {
        world.ends[0].log.set(key(n), Some(claim(n)));
    }
    world.configure(0, settings(0));
    world.run(Duration::from_millis(10));
    let conn = world.intrude(0, std::net::SocketAddr::new(settings(1).source, 1));
    let mut bytes = Vec::new();
    let tuning = Tuning { capabilities: capability::RESUME, ..Tuning::default() };
    crate::session::hello::ours(&settings(1), &tuning, [0; 16]).encode(&mut bytes);
    world.input(0, SessionInput::Bytes { conn, bytes });
    assert!(world.ends[0].session.status().up);
    assert_eq!((world.ends[0].sent(), world.ends[0].session.owner.sync), (0, SyncNumber(0)));
    let mut bytes = Vec::new();
    Resume { own: Incarnation(5), held: None, restarted: true }.encode(&mut bytes);
    world.input(0, SessionInput::Bytes { conn, bytes });
    assert_eq!((world.ends[0].sent(), world.ends[0].session.owner.sync), (10, SyncNumber(1)));
}

#[test]
fn a_restart_is_announced_in_leaving_and_told_before_the_loss() {
    let mut world = World::up(5);
    world.input(1, SessionInput::Leave { restart_ms: 90_000 });
    assert_eq!(world.ends[1].reason(), DownReason::NotConfigured);
    world.run(Duration::from_millis(10));
    let news: Vec<_> = world.ends[0].news.iter().rev().take(2).map(|(_, news)| news).collect();
    let after = Duration::from_secs(90);
    assert_eq!(news, [&SessionOutput::Down(DownReason::PeerGoodbye), &SessionOutput::PeerRestarts { after }]);
    // The next undo announces nothing.
    world.configure(1, settings(1));
    world.run_until("up", World::is_up);
    world.input(1, SessionInput::Configure(None));
    world.run(Duration::from_millis(10));
    let told = |(_, news): &&(_, SessionOutput)| matches!(news, SessionOutput::PeerRestarts { .. });
    assert_eq!(world.ends[0].news.iter().filter(told).count(), 1);
}
