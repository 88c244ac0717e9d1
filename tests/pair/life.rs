//! What becomes of the peer's claims while it is away, and when it comes back otherwise than it went.

use crate::model::Truth;
use crate::world::{World, mlag, vlanif};
use mlagsync::addr::{Mac, NodeId};
use mlagsync::neighbor::{Attachment, Claim, Flags, Key};
use mlagsync::node::io::{Event, Input, Output};
use mlagsync::node::{Lifetimes, Node, NodeSettings, Ownership, Tuning};
use mlagsync::session::io::{ConnId, Role, SessionInput, Transport};
use mlagsync::table::change::{Change, Incarnation, Position, SyncNumber};
use mlagsync::time::Time;
use mlagsync::wire::hello::capability;
use mlagsync::wire::resume::{self, End, Resume};
use mlagsync::wire::{Decoder, Encoder, Hello, Interfaces, Message};
use std::net::SocketAddr;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

fn key(n: u32) -> Key {
    let ip = format!("10.0.{}.{}", n / 200, 2 + n % 200).parse().expect("an address");
    Key { interface: vlanif(10), ip }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Switch 0 has learned so many orphans, and so many dual-homed hosts behind them; everything has settled.
fn settled(orphans: u32, dual_homed: u32, tunings: [Tuning; 2]) -> World {
    let mut world = World::tuned(3, Ownership::All, tunings);
    for n in 0..orphans + dual_homed {
        let attachment = if n < orphans { Attachment::Orphan } else { mlag(1) };
        let mac = Mac([2, 0, 0, 0, 2, (n % 251) as u8]);
        world.learn(0, key(n), Truth { mac, attachment, is_static: false }, true);
    }
    converge(&mut world);
    world
}

#[track_caller]
fn converge(world: &mut World) {
    let done = world.wait(PATIENCE, |world| {
        let synced = world.switches.iter().all(|switch| switch.node.session().received_end);
        if synced { world.converged() } else { Err("not synchronised".into()) }
    });
    assert_eq!(done, Ok(()));
}

fn held(world: &World) -> usize {
    world.switches[1].holds().len()
}

fn begins(world: &World) -> usize {
    world.count(1, |event| *event == Event::SyncBegan)
}

fn plain() -> [Tuning; 2] {
    [Tuning::default(); 2]
}

fn guarded(sweep_guard: usize) -> [Tuning; 2] {
    [Tuning { sweep_guard, ..Tuning::default() }; 2]
}

#[test]
fn a_second_loss_while_stale_does_not_start_the_timer_anew() {
    let mut world = settled(3, 2, plain());
    world.net.cut = true;
    world.net.reset(world.now);
    let lost = world.now;
    // Every minute a session comes up, and breaks before END.
    for minute in 1..=5 {
        world.run_until(lost + seconds(60 * minute));
        world.net.cut = false;
        let ups = world.count(1, |event| matches!(event, Event::SessionUp { .. }));
        while world.count(1, |event| matches!(event, Event::SessionUp { .. })) == ups {
            world.run(Duration::from_micros(20));
        }
        world.net.reset(world.now);
        world.net.cut = true;
    }
    world.run(Duration::from_millis(1));
    assert!(!world.switches[1].node.session().up);
    assert!(world.switches[1].node.session().stale_ms >= Some(299_000));
    world.run_until(lost + seconds(359));
    assert_eq!(held(&world), 5);
    world.run_until(lost + seconds(361));
    assert_eq!(held(&world), 2, "single-homed hosts are given up");
    assert_eq!(world.count(1, |event| *event == Event::StaleEnded { gone: 3, probed: 2 }), 1);
    for n in 3..5 {
        assert_eq!(world.count(1, |event| *event == Event::Probe { key: key(n) }), 1);
    }
    // Nobody answers for one of them; the other is a ghost in the end.
    world.tell(1, Input::Unanswered(vec![key(3), key(99)]));
    assert_eq!(world.switches[1].node.counters().remote, 1);
    world.run_until(lost + seconds(2_399));
    assert_eq!(held(&world), 1);
    world.run_until(lost + seconds(2_401));
    assert_eq!(held(&world), 0);
    assert_eq!(world.count(1, |event| *event == Event::GhostsEnded { gone: 1 }), 1);
    // What was given up here is not forgotten there: it is all brought again.
    world.net.cut = false;
    converge(&mut world);
    assert_eq!(held(&world), 5);
    assert_eq!(world.switches[1].node.session().stale_ms, None);
}

#[test]
fn a_session_that_goes_on_in_time_ends_the_timer_and_an_unanswered_probe_does_nothing_then() {
    let mut world = settled(3, 2, plain());
    let told = world.told(0);
    world.net.cut = true;
    world.net.reset(world.now);
    world.run(seconds(350));
    world.net.cut = false;
    converge(&mut world);
    assert_eq!(world.told(0), told, "not one entry was told again");
    world.tell(1, Input::Unanswered(vec![key(0), key(4)]));
    world.run(seconds(3_000));
    assert_eq!(held(&world), 5);
    assert_eq!(world.count(1, |event| matches!(event, Event::StaleEnded { .. })), 0);
}

#[test]
fn an_announced_restart_takes_the_place_of_the_stale_timer_within_an_hour() {
    for (restart_ms, ends) in [(60_000, 60), (1_000_000, 1_000), (u32::MAX, 3_600), (0, 360)] {
        let mut world = settled(3, 2, plain());
        world.leave(0, restart_ms, seconds(100_000));
        world.run(seconds(ends - 1));
        assert_eq!(held(&world), 5, "{restart_ms} ms");
        world.run(seconds(2));
        // What a restart of an hour leaves no time for is given up with the rest.
        let left = if ends >= 2_400 { 0 } else { 2 };
        assert_eq!(held(&world), left, "{restart_ms} ms");
    }
}

#[test]
fn replacing_a_connection_is_no_loss() {
    let mut world = settled(0, 0, plain());
    for n in 0..3 {
        let mac = Mac([2, 0, 0, 0, 2, n as u8]);
        world.learn(1, key(n), Truth { mac, attachment: Attachment::Orphan, is_static: false }, true);
    }
    converge(&mut world);
    let changes = |event: &Event| matches!(event, Event::SessionUp { .. } | Event::SessionDown { .. });
    let began = |event: &Event| *event == Event::SyncBegan;
    let before = (world.count(0, changes), world.count(0, began));
    // Who dials dies without a word and is back at once: its new connection takes the place of the old one.
    world.crash(1, true, true, Duration::from_millis(10));
    world.run(seconds(400));
    assert_eq!((world.count(0, changes), world.count(0, began)), (before.0, before.1 + 1));
    assert_eq!(world.switches[0].node.session().stale_ms, None);
    assert_eq!(world.switches[0].holds().len(), 3);
}

#[test]
fn an_undone_channel_makes_both_copies_stale() {
    let mut world = settled(3, 2, plain());
    world.tell(1, Input::Session(SessionInput::Configure(None)));
    world.run(seconds(1));
    assert!(world.switches.iter().all(|switch| switch.node.session().stale_ms.is_some()));
    assert_eq!(held(&world), 5);
    world.run(seconds(360));
    assert_eq!(held(&world), 2);
}

/// A trap: the peer lost its table, and its END would have everything of it swept.
#[test]
fn a_peer_that_comes_back_empty_does_not_sweep_most_of_a_table_at_once() {
    for operator in [false, true] {
        let mut world = settled(0, 20, guarded(10));
        world.switches[0].truth.clear();
        world.crash(0, false, false, seconds(1));
        converge_session(&mut world);
        assert_eq!(held(&world), 20);
        assert_eq!(world.count(1, |event| *event == Event::SweepHeld { claims: 20, named: 0 }), 1);
        assert_eq!(world.switches[1].node.session().awaits_sweep, 20);
        world.run(seconds(300));
        // Another loss does not put it off, and does not hurry it.
        world.net.reset(world.now);
        world.run(seconds(50));
        assert_eq!(held(&world), 20);
        if operator {
            world.tell(1, Input::Sweep);
        } else {
            world.run(seconds(15));
        }
        world.run(seconds(1));
        assert_eq!(held(&world), 0);
        assert_eq!(world.count(1, |event| *event == Event::Swept { claims: 20 }), 1);
        assert_eq!(world.converged(), Ok(()));
    }
}

fn converge_session(world: &mut World) {
    let syncs = world.switches[1].node.counters().syncs;
    let done = world.wait(PATIENCE, |world| {
        let more = world.switches[1].node.counters().syncs > syncs;
        if more && world.switches[1].node.session().up { Ok(()) } else { Err("no END".into()) }
    });
    assert_eq!(done, Ok(()));
}

#[test]
fn what_awaits_a_sweep_and_is_named_after_all_stays() {
    let mut world = settled(0, 20, guarded(10));
    let truth = std::mem::take(&mut world.switches[0].truth);
    world.crash(0, false, false, seconds(1));
    converge_session(&mut world);
    let before = world.switches[1].asic.writes;
    for (key, host) in truth {
        world.learn(0, key, host, false);
    }
    world.run(seconds(400));
    assert_eq!((held(&world), world.switches[1].asic.writes), (20, before));
    assert_eq!(world.converged(), Ok(()));
}

#[test]
fn a_small_or_a_partial_sweep_does_not_wait() {
    for (hosts, left, guard) in [(20, 11, 5), (10, 0, 10)] {
        let mut world = settled(0, hosts, guarded(guard));
        for n in left..hosts {
            world.switches[0].truth.remove(&key(n));
        }
        world.crash(0, false, false, seconds(1));
        converge(&mut world);
        assert_eq!(held(&world), left as usize);
        assert_eq!(world.count(1, |event| matches!(event, Event::SweepHeld { .. })), 0);
    }
}

/// A trap: the deletion that the peer has not heard of was forgotten.
#[test]
fn tombstones_evicted_past_a_lagging_cursor_make_another_sync() {
    let mut world = settled(0, 20, [Tuning { tombstones: 4, ..Tuning::default() }; 2]);
    world.net.cut = true;
    world.net.reset(world.now);
    for n in 0..4 {
        world.forget(0, key(n));
    }
    world.net.cut = false;
    converge(&mut world);
    assert_eq!((held(&world), begins(&world)), (16, 1), "four of them are remembered");
    world.net.cut = true;
    world.net.reset(world.now);
    for n in 4..9 {
        world.forget(0, key(n));
    }
    world.net.cut = false;
    converge(&mut world);
    assert_eq!((held(&world), begins(&world)), (11, 2), "five are not");
    assert_eq!(world.switches[1].node.counters().swept, 1);
}

#[test]
fn a_truncated_copy_is_asked_for_anew_when_room_came_and_not_in_a_loop() {
    let mut world = settled_truncated();
    let asked = begins(&world);
    world.run(seconds(600));
    assert_eq!(begins(&world), asked, "there is no room");
    for n in 0..12 {
        world.forget(0, key(n));
    }
    world.run(seconds(61));
    assert!(!world.switches[1].node.session().truncated);
    assert_eq!(world.converged(), Ok(()));
    assert_eq!(held(&world), 8);
}

fn settled_truncated() -> World {
    let mut world = World::tuned(3, Ownership::All, [Tuning { claims: 10, ..Tuning::default() }; 2]);
    for n in 0..20 {
        let mac = Mac([2, 0, 0, 0, 2, n as u8]);
        world.learn(0, key(n), Truth { mac, attachment: mlag(1), is_static: false }, true);
    }
    world.run(seconds(5));
    assert!(world.switches[1].node.session().truncated);
    world
}

/// A node whose peer is played by hand.
struct Played {
    node: Node,
    now: Time,
    conn: ConnId,
    decoder: Decoder,
    /// RESYNC frames that it sent.
    resyncs: usize,
    events: Vec<Event>,
}

impl Played {
    fn new() -> Self {
        let tuning = Tuning { life: Lifetimes::default(), ..Tuning::default() };
        let node =
            Node::new(NodeSettings { seed: 1, ownership: Ownership::All, fdb: Default::default(), tuning });
        let conn = ConnId(1 << 63);
        let decoder = Decoder::new(1 << 16);
        let mut played = Played { node, now: Time(1), conn, decoder, resyncs: 0, events: Vec::new() };
        let settings = crate::world::settings(9, 0);
        let peer = SocketAddr::new(settings.peer, 2048);
        let (group, port) = (settings.group, settings.port);
        played.session(SessionInput::Configure(Some(settings)));
        played.session(SessionInput::SourcePresent(true));
        played.session(SessionInput::Connected { conn, role: Role::Accepted, remote: peer });
        let hello = Hello {
            versions: (1, 1),
            capabilities: capability::RESUME,
            node: NodeId(77),
            group,
            port,
            hold_ms: 600_000,
            max_frame: 1 << 16,
            max_interfaces: 1 << 14,
            max_claims: u32::MAX,
            nonce: [3; 16],
            auth: None,
            facts: None,
        };
        played.says(|out| hello.encode(out));
        played.says(|out| Resume { own: Incarnation(5), held: None, restarted: true }.encode(out));
        played
    }

    fn session(&mut self, input: SessionInput) {
        self.tell(Input::Session(input));
    }

    fn says(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = Vec::new();
        write(&mut bytes);
        let conn = self.conn;
        self.session(SessionInput::Bytes { conn, bytes });
    }

    fn tell(&mut self, input: Input) {
        self.node.handle(self.now, input);
        while let Some(output) = self.node.poll() {
            match output {
                Output::Event(event) => self.events.push(event),
                Output::Transport(Transport::Send { bytes, .. }) => {
                    let mut rest = &bytes[..];
                    while let Some(frame) = self.decoder.next(&mut rest).expect("it writes whole frames") {
                        let message = Message::decode(&frame, &Interfaces::default());
                        self.resyncs += usize::from(matches!(message, Ok(Message::Resync(_))));
                    }
                }
                _ => {}
            }
        }
    }

    /// A full sync that names so many hosts and says that it named `count`.
    fn sync(&mut self, number: u32, named: u32, count: u64) {
        let sync = SyncNumber(number);
        self.says(|out| resume::begin(out, Some(sync)));
        let claim = |n| Claim {
            mac: Mac([2, 0, 0, 0, 0, n as u8]),
            attachment: mlag(1),
            flags: Flags::default(),
            counter: 0,
        };
        let changes: Vec<Change> =
            (0..named).map(|n| Change { key: key(n), claim: Some(claim(n)) }).collect();
        self.says(|out| {
            Encoder::new(1 << 16, 100).window(&changes, Position(named.into()), |_| None, out);
        });
        let end = End { sync, count: Some(count), sum: None };
        self.says(|out| resume::end(out, Position(named.into()), Some(&end)));
    }

    fn held(&self) -> u64 {
        self.node.counters().remote
    }
}

#[test]
fn a_copy_that_is_not_what_the_peer_told_is_not_swept_but_asked_for_anew_and_not_in_a_loop() {
    let mut played = Played::new();
    played.sync(1, 6, 6);
    assert_eq!((played.held(), played.resyncs), (6, 0));
    // It says four and names three: one was lost on the way, and what was not named may be that one.
    for (number, resyncs) in [(2, 1), (3, 2), (4, 2), (5, 2)] {
        played.sync(number, 3, 4);
        assert_eq!((played.held(), played.resyncs), (6, resyncs), "sync {number}");
    }
    let differs = Event::CopyDiffers { told: 4, held: 3, times: 4 };
    assert_eq!(played.events.last(), Some(&differs));
    for _ in 0..61 {
        played.now = played.now + seconds(1);
        played.tell(Input::Wake);
    }
    assert_eq!(played.resyncs, 3, "a minute later");
    played.sync(6, 3, 3);
    assert_eq!((played.held(), played.resyncs), (3, 3), "it agrees, and the rest is swept");
    played.sync(7, 2, 3);
    assert_eq!(played.resyncs, 4, "at once again");
}

#[test]
fn an_operator_has_everything_named_anew() {
    let mut played = Played::new();
    played.sync(1, 6, 6);
    played.tell(Input::Resync);
    assert_eq!(played.resyncs, 1);
    let mut world = settled(0, 5, plain());
    world.tell(1, Input::Resync);
    world.run(seconds(1));
    assert_eq!((begins(&world), held(&world)), (2, 5));
}
