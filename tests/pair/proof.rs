//! Proof between two nodes: what is reported is true, what differs is repaired, and ports open on proof or with a reason.

use crate::asic::Faults;
use crate::model::Truth;
use crate::net::Side;
use crate::world::{World, mlag, vlanif};
use mlagsync::addr::Mac;
use mlagsync::limits::READY_FALLBACK;
use mlagsync::neighbor::Key;
use mlagsync::node::io::{Event, Evidence, Input};
use mlagsync::node::ready::{Missing, Ready};
use mlagsync::node::view::{NeighborFilter, Origin, PeerState, Reason};
use mlagsync::node::{Ownership, Tuning};
use mlagsync::wire::Kind;
use mlagsync::wire::frame::HEADER;
use mlagsync::wire::hello::capability;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Looks at what a switch is about to say of its hardware: up to the position that it acknowledges, its ASIC holds every
/// claim of the other one's, or it lists why not. Nothing is said of addresses that it knows by itself, or of interfaces
/// that were bound otherwise: there it may be at work on something newer.
pub(crate) fn judge(world: &mut World, side: Side, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(length) = rest.first_chunk::<4>() {
        let (frame, behind) = rest.split_at(u32::from_be_bytes(*length) as usize);
        rest = behind;
        if frame[4] == Kind::Hardware.number() {
            let word = |at: usize| u64::from_be_bytes(*frame[HEADER + at..].first_chunk().expect("a word"));
            judge_position(world, side, word(0), word(8));
        }
    }
}

fn judge_position(world: &mut World, side: Side, incarnation: u64, position: u64) {
    let (reporter, owner) = (&world.switches[side], &world.switches[1 - side]);
    let proof = reporter.node.proof();
    if owner.node.proof().incarnation != format!("{incarnation:016x}")
        || proof.exceptions.overflow
        || reporter.node.session().truncated
        || reporter.asic.sdk.untold
    {
        return;
    }
    let holds = reporter.holds();
    // What it was told: what a lie on the way made of it is for the digests to find.
    let copy = reporter.claims(Some(Origin::Remote));
    let mut judged = 0;
    let mut after = None;
    loop {
        let page = owner.node.neighbors(after, 100, &NeighborFilter::default());
        for row in page.rows.iter().filter(|row| row.origin == Origin::Local) {
            let covered = row.position.is_some_and(|at| at <= position);
            let excused = world.disturbed[side].contains(&row.ip)
                || world.rebound[side].contains(&row.interface)
                || reporter.asic.sdk.tainted.contains(&(row.interface, row.ip));
            if !covered || excused {
                continue;
            }
            judged += 1;
            let held = holds.get(&(row.interface, row.ip)).map(|(mac, _)| *mac);
            let key = Key { interface: row.interface, ip: row.ip };
            let listed = proof.exceptions.some.iter().any(|exception| exception.key == key);
            let told = copy.get(&key).map(|(claim, _)| claim.mac);
            assert!(
                told.is_some() && held == told || listed,
                "switch {side} acknowledges {position}, which covers {row:?}, and holds {held:?}: {:?}",
                reporter.node.why(row.ip)
            );
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    world.judged += judged;
}

/// What both sides say when nothing is under way; the error is what is not so.
pub(crate) fn agreed(world: &World) -> Result<(), String> {
    for side in 0..2 {
        let (me, peer) = (&world.switches[side].node, &world.switches[1 - side].node);
        let in_force = capability::in_force(
            me.settings().tuning.session.capabilities,
            peer.settings().tuning.session.capabilities,
        );
        if !me.session().up || !peer.session().up {
            continue;
        }
        if in_force & capability::DIGEST != 0 {
            let (told, copy) = (peer.proof().digest, me.proof().copy_digest);
            if told != copy {
                return Err(format!("switch {side}: the peer told {told:?}, the copy has {copy:?}"));
            }
        }
        if in_force & capability::HARDWARE != 0 {
            let page = me.neighbors(None, usize::MAX, &NeighborFilter::default());
            let pending = |row: &&mlagsync::node::view::NeighborView| {
                let bound = world.switches[side].bound.contains_key(&row.interface);
                row.origin == Origin::Local && bound && matches!(row.peer, None | Some(PeerState::Pending))
            };
            if let Some(row) = page.rows.iter().find(pending) {
                return Err(format!("switch {side}: the peer does not say that it is done with {row:?}"));
            }
        }
    }
    Ok(())
}

fn key(n: u32) -> Key {
    let ip = format!("10.0.{}.{}", n / 200, 2 + n % 200).parse().expect("an address");
    Key { interface: vlanif(10), ip }
}

fn host(n: u8) -> Truth {
    Truth { mac: Mac([2, 0, 0, 0, 2, n]), attachment: mlag(1), is_static: false }
}

fn learn(world: &mut World, hosts: std::ops::Range<u32>) {
    let evidence = hosts.clone().map(|n| {
        let Truth { mac, attachment, .. } = host((n % 251) as u8);
        Evidence::Learned { key: key(n), mac, attachment, flags: Default::default(), fresh: true }
    });
    let evidence = evidence.collect();
    world.switches[0].truth.extend(hosts.map(|n| (key(n), host((n % 251) as u8))));
    world.tell(0, Input::Evidence(evidence));
}

/// A world in which switch 0 has learned `hosts` hosts and everything has settled.
fn settled(hosts: u32, tuning: Tuning) -> World {
    let mut world = World::tuned(3, Ownership::All, [tuning; 2]);
    learn(&mut world, 0..hosts);
    let done = world.wait(PATIENCE, |world| {
        let synced = world.switches.iter().all(|switch| switch.node.counters().syncs > 0);
        if synced { world.converged() } else { Err("not synchronised".into()) }
    });
    assert_eq!(done, Ok(()));
    world
}

fn is_repair(event: &Event) -> bool {
    matches!(event, Event::CopyRepaired { .. })
}

/// Switch 0 learns a host that arrives with another MAC.
fn falsify(world: &mut World) {
    world.net.lies[0] = 1;
    learn(world, 5000..5001);
    world.run(Duration::from_millis(100));
    assert_eq!(world.net.lies[0], 0);
    assert!(world.converged().is_err(), "the copy is false");
}

#[test]
fn a_corrupted_copy_is_found_and_only_its_bucket_is_told_again() {
    let mut world = settled(1500, Tuning::default());
    falsify(&mut world);
    let before = world.switches[0].node.counters();
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    let after = world.switches[0].node.counters();
    let told = after.sent_upserts - before.sent_upserts;
    assert!((1..=20).contains(&told), "one of 1,024 buckets of 1,501 claims: {told}");
    assert_eq!(world.count(1, is_repair), 1);
    assert_eq!(world.switches[1].node.counters().syncs, 1, "no full sync was needed");
    let proof = world.switches[1].node.proof();
    assert_eq!((proof.digests_differed, proof.copies_repaired), (1, 1));
}

#[test]
fn a_corrupted_copy_is_repaired_under_churn() {
    let mut world = settled(500, Tuning::default());
    falsify(&mut world);
    for n in 0..400 {
        learn(&mut world, n..n + 3);
        learn(&mut world, 600 + n..601 + n);
        world.forget(0, key(n));
        world.run(Duration::from_millis(50));
    }
    assert_eq!(world.count(1, is_repair), 1);
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert_eq!(world.switches[1].node.counters().syncs, 1);
}

#[test]
fn a_link_cut_at_any_moment_of_a_repair_loses_nothing() {
    let mut cut = 0;
    for step in 0..20 {
        let mut world = settled(100, Tuning::default());
        falsify(&mut world);
        let differs = |world: &mut World| match world.switches[1].node.proof().digests_differed {
            0 => Err("not seen".to_owned()),
            _ => Ok(()),
        };
        while differs(&mut world).is_err() {
            world.run(Duration::from_micros(100));
        }
        world.run(Duration::from_micros(200 * step));
        cut += u32::from(world.count(1, is_repair) == 0);
        world.net.reset(world.now);
        assert_eq!(world.wait(2 * PATIENCE, |world| world.converged()), Ok(()), "cut after {step}");
        assert_eq!(world.switches[1].node.counters().swept, 0, "cut after {step}");
    }
    assert!(cut > 3, "the repair was over each time: {cut}");
}

#[test]
fn a_copy_that_nothing_puts_right_is_asked_for_once_then_is_an_alarm_and_left_alone() {
    let mut world = settled(50, Tuning::default());
    world.net.lies[0] = usize::MAX;
    learn(&mut world, 60..61);
    world.run(Duration::from_secs(100));
    let alarms = |event: &Event| matches!(event, Event::CopyUnrepaired { .. } | Event::CopyDiffers { .. });
    let said = world.count(1, alarms);
    assert!((1..=8).contains(&said), "{said}");
    let asked = world.switches[1].node.counters().syncs + world.switches[0].node.counters().sent_upserts / 51;
    assert!(asked < 12, "{asked} times everything was told");
    world.net.lies[0] = 0;
    assert_eq!(world.wait(3 * PATIENCE, |world| world.converged()), Ok(()));
}

#[test]
fn without_the_capability_nothing_is_compared_and_nothing_breaks() {
    let mut tuning = Tuning::default();
    tuning.session.capabilities = capability::RESUME;
    let mut world = settled(50, tuning);
    falsify(&mut world);
    world.run(Duration::from_secs(100));
    assert!(world.converged().is_err(), "nobody knows");
    let proof = world.switches[1].node.proof();
    assert_eq!((proof.digests_compared, proof.copy_digest), (0, None));
    assert_eq!(world.switches[0].node.proof().peer_acked, None);
    let why = Missing::Report;
    assert_eq!(world.switches[0].node.proof().peer_ready, Some(Ready::Waiting { why }));
}

#[test]
fn both_are_ready_when_each_asic_holds_what_the_other_told() {
    let world = settled(400, Tuning::default());
    for side in 0..2 {
        let proof = world.switches[side].node.proof();
        assert_eq!((proof.ready, proof.peer_ready), (Some(Ready::Proved), Some(Ready::Proved)));
        let told = |event: &Event| matches!(event, Event::SelfReady { .. } | Event::PeerReady { .. });
        assert_eq!(world.count(side, told), 2);
    }
    assert!(world.judged >= 400, "{} claims were judged", world.judged);
}

#[test]
fn an_unknown_outcome_is_not_acknowledged_and_the_peer_is_not_ready_until_it_is_known() {
    let mut world = World::new(3, Ownership::All);
    world.switches[1].asic.faults = Faults { unknown: 1000, ..Faults::default() };
    learn(&mut world, 0..20);
    world.run(Duration::from_secs(20));
    assert_eq!(world.switches[1].node.counters().syncs, 1, "the END was taken in");
    let proof = world.switches[0].node.proof();
    assert_eq!(proof.peer_ready, Some(Ready::Waiting { why: Missing::PeerReady }));
    let page = world.switches[0].node.neighbors(None, 50, &NeighborFilter::default());
    assert!(page.rows.iter().all(|row| row.peer == Some(PeerState::Pending)), "{:?}", page.rows);
    world.switches[1].asic.faults = Faults::default();
    let ready = world.wait(2 * PATIENCE, |world| {
        let ready = world.switches[0].node.proof().peer_ready == Some(Ready::Proved);
        if ready { world.converged() } else { Err("not ready".into()) }
    });
    assert_eq!(ready, Ok(()));
    assert_eq!(world.switches[1].holds().len(), 20);
}

#[test]
fn a_lone_switch_is_ready_after_240_seconds_and_says_why() {
    let mut world = World::new(3, Ownership::All);
    world.net.cut = true;
    learn(&mut world, 0..5);
    world.run(READY_FALLBACK - Duration::from_secs(1));
    let of = |event: &Event| matches!(event, Event::SelfReady { .. } | Event::PeerReady { .. });
    assert_eq!(world.count(0, of), 0);
    world.run(Duration::from_secs(2));
    let why = Missing::Session;
    let said: Vec<_> = world.switches[0].events.iter().filter(|event| of(event)).cloned().collect();
    let fallback = Ready::Fallback { why };
    assert_eq!(said, [Event::SelfReady { state: fallback }, Event::PeerReady { state: fallback }]);
    world.net.cut = false;
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert_eq!(world.switches[0].node.proof().ready, Some(Ready::Proved));
}

#[test]
fn what_the_peers_asic_refuses_is_listed_with_its_status_and_taken_off_when_it_is_there() {
    let mut world = settled(5, Tuning::default());
    world.switches[1].asic.faults = Faults { refused: 1000, ..Faults::default() };
    learn(&mut world, 10..14);
    // An address that is outside the interface's subnets is refused before the ASIC is asked.
    let outside = Key { interface: vlanif(20), ip: "10.9.9.9".parse().expect("an address") };
    world.learn(0, outside, host(9), true);
    let listed = world.wait(PATIENCE, |world| {
        let theirs = world.switches[0].node.proof().peer_exceptions.expect("it reports");
        if theirs.total == 5 && theirs.some.len() == 5 { Ok(()) } else { Err(format!("{theirs:?}")) }
    });
    assert_eq!(listed, Ok(()));
    let proof = world.switches[0].node.proof();
    for exception in &proof.peer_exceptions.expect("it reports").some {
        match exception.reason {
            Reason::TableFull | Reason::Waiting => assert!(exception.status < 0, "{exception:?}"),
            Reason::Refused(_) => assert_eq!((exception.key, exception.status), (outside, 0)),
            _ => panic!("{exception:?}"),
        }
    }
    let row = |world: &World, key: Key| {
        let filter = NeighborFilter { ip: Some(key.ip), ..NeighborFilter::default() };
        world.switches[0].node.neighbors(None, 9, &filter).rows[0].peer
    };
    assert!(matches!(row(&world, key(10)), Some(PeerState::Exception { .. })), "{:?}", row(&world, key(10)));
    assert_eq!(row(&world, key(1)), Some(PeerState::Done));
    // Another connection is told all of it again.
    world.net.reset(world.now);
    world.run(Duration::from_secs(5));
    assert_eq!(world.switches[0].node.proof().peer_exceptions.map(|all| all.some.len()), Some(5));
    world.switches[1].asic.faults = Faults::default();
    world.forget(0, outside);
    let gone = world.wait(PATIENCE, |world| {
        let theirs = world.switches[0].node.proof().peer_exceptions.expect("it reports");
        if theirs.total == 0 && theirs.some.is_empty() {
            world.converged()
        } else {
            Err(format!("{theirs:?}"))
        }
    });
    assert_eq!(gone, Ok(()));
    assert_eq!(row(&world, key(10)), Some(PeerState::Done));
}

#[test]
fn an_answer_on_the_other_switch_confirms_the_owners_entry_once_a_second() {
    let mut world = settled(3, Tuning::default());
    let confirmed = |world: &World| world.count(0, |event| *event == Event::Confirmed { key: key(1) });
    let mac = world.switches[0].truth[&key(1)].mac;
    let heard = |world: &mut World, n: u32, mac: Mac| {
        world.tell(1, Input::Evidence(vec![Evidence::Heard { key: key(n), mac }]));
    };
    heard(&mut world, 1, mac);
    world.run(Duration::from_millis(10));
    assert_eq!(confirmed(&world), 1);
    for _ in 0..50 {
        heard(&mut world, 1, mac);
        world.run(Duration::from_millis(10));
    }
    assert_eq!(confirmed(&world), 1, "they are collected");
    world.run(Duration::from_secs(2));
    assert_eq!(confirmed(&world), 2);
    heard(&mut world, 1, Mac([2, 9, 9, 9, 9, 9]));
    heard(&mut world, 77, mac);
    world.run(Duration::from_secs(2));
    assert_eq!(confirmed(&world), 2, "another MAC, and what nobody claims, confirm nothing");
    let Truth { mac, attachment, .. } = world.switches[0].truth[&key(2)];
    let dual = Evidence::Learned { key: key(2), mac, attachment, flags: Default::default(), fresh: true };
    world.tell(1, Input::Evidence(vec![dual]));
    world.run(Duration::from_secs(2));
    assert_eq!(world.count(0, |event| *event == Event::Confirmed { key: key(2) }), 1);
    assert_eq!(world.switches[1].node.proof().confirms_sent, 3);
}
