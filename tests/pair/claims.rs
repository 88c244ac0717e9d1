//! Scenes of claims that contradict each other: hosts that move, ping-pong and depart, statics, interfaces that move.

use crate::model::Truth;
use crate::world::{Interface, World, vlanif};
use mlagsync::addr::Mac;
use mlagsync::neighbor::{Attachment, Claim, Flags, Key};
use mlagsync::node::io::{Event, RifState};
use mlagsync::node::view::{
    Asked, Because, Decision, HostState, NeighborFilter, Origin, Refusal, What, WhyEvent,
};
use mlagsync::node::{Ownership, Tuning};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const MAC: Mac = Mac([2, 0, 0, 0, 2, 1]);

fn key(vlan: u32, ip: &str) -> Key {
    Key { interface: vlanif(vlan), ip: ip.parse().expect("an address") }
}

fn orphan() -> Truth {
    Truth { mac: MAC, attachment: Attachment::Orphan, is_static: false }
}

fn fixed(n: u8) -> Truth {
    Truth { mac: Mac([2, 0, 0, 0, 3, n]), attachment: Attachment::Orphan, is_static: true }
}

/// Two switches whose channel is up.
fn up(tuning: Tuning) -> World {
    let mut world = World::tuned(3, Ownership::All, [tuning; 2]);
    let synced = |world: &mut World| match world.switches.iter().all(|s| s.node.counters().syncs > 0) {
        true => Ok(()),
        false => Err("not synchronised".to_owned()),
    };
    assert_eq!(world.wait(PATIENCE, synced), Ok(()));
    world
}

fn settle(world: &mut World) {
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
}

fn count(world: &World, side: usize, what: impl Fn(&Event) -> bool) -> usize {
    world.switches[side].events.iter().filter(|event| what(event)).count()
}

/// A switch's own rows and its rows of the peer's, as they are shown.
fn origins(world: &World, side: usize) -> Vec<(Origin, bool)> {
    let rows = world.switches[side].node.neighbors(None, 99, &NeighborFilter::default()).rows;
    rows.iter().map(|row| (row.origin, row.wins)).collect()
}

/// The host was behind switch 0, goes to switch 1, and departs. Switch 0 hears its last frames over the peer-link, which
/// is no claim. Wherever the channel breaks meanwhile, in the end neither switch believes anything of it.
#[test]
fn two_sides_never_each_believe_a_departed_host_is_behind_the_other() {
    for cut_after_us in (0..4000).step_by(97) {
        let mut world = up(Tuning::default());
        let k = key(10, "10.0.0.2");
        world.learn(0, k, orphan(), true);
        settle(&mut world);
        let cut = world.now + Duration::from_micros(cut_after_us);
        let pass = |world: &mut World| {
            let until = world.now + Duration::from_micros(1000);
            if (world.now..until).contains(&cut) {
                world.run_until(cut);
                world.net.reset(world.now);
            }
            world.run_until(until);
        };
        world.learn(1, k, orphan(), true);
        pass(&mut world);
        // Its port here no longer hears it: the peer-link does.
        world.forget(0, k);
        pass(&mut world);
        world.forget(1, k);
        pass(&mut world);
        settle(&mut world);
        for side in 0..2 {
            assert_eq!(origins(&world, side), [], "switch {side}, cut after {cut_after_us} µs");
            assert!(world.switches[side].holds().is_empty());
        }
    }
}

/// The loser kept its claim, unheard. When the winner goes, the host may be there or nowhere: it is asked for.
#[test]
fn a_loser_is_asked_for_its_host_when_the_winner_goes_and_what_does_not_answer_is_nowhere() {
    let mut world = up(Tuning::default());
    let k = key(10, "10.0.0.2");
    let probed = |world: &World, side| count(world, side, |e| *e == Event::Probe { key: k });
    world.learn(0, k, orphan(), true);
    settle(&mut world);
    world.learn(1, k, orphan(), true);
    settle(&mut world);
    assert_eq!(origins(&world, 0), [(Origin::Local, false), (Origin::Remote, true)]);
    assert_eq!(probed(&world, 0), 0);
    world.forget(1, k);
    settle(&mut world);
    assert_eq!(origins(&world, 0), [(Origin::Local, true)]);
    assert_eq!((probed(&world, 0), probed(&world, 1)), (1, 0));
    // Unanswered: the NOS takes it back.
    world.forget(0, k);
    settle(&mut world);
    assert_eq!((origins(&world, 0), origins(&world, 1)), (vec![], vec![]));
}

#[test]
fn a_host_heard_on_both_sides_at_once_freezes_with_an_alarm_and_thaws() {
    let mut world = up(Tuning::default());
    let k = key(10, "10.0.0.2");
    let frozen = |event: &Event| matches!(event, Event::Frozen { key, for_ms: 1_800_000 } if *key == k);
    for turn in 0..40 {
        world.learn(turn % 2, k, orphan(), true);
        world.run(Duration::from_secs(1));
    }
    settle(&mut world);
    // Five times each; the sixth time of the one that was first to move is one too many, and so the other keeps it.
    assert_eq!([0, 1].map(|side| count(&world, side, frozen)), [0, 1]);
    let counters = [0, 1].map(|side| world.switches[side].node.counters());
    assert_eq!(counters.map(|counters| (counters.frozen, counters.moves)), [(0, 5), (1, 5)]);
    // Both know the same winner, and neither programs anything any more, however long it goes on.
    let before: Vec<u64> = world.switches.iter().map(|s| s.asic.writes).collect();
    let winner = |world: &World| [0, 1].map(|side| origins(world, side));
    let winners = winner(&world);
    for turn in 0..200 {
        world.learn(turn % 2, k, orphan(), true);
        world.run(Duration::from_secs(2));
    }
    assert_eq!(winner(&world), winners);
    assert_eq!(world.switches.iter().map(|s| s.asic.writes).collect::<Vec<_>>(), before);
    // Half an hour after it froze, it may move again.
    world.run(Duration::from_secs(1800));
    assert_eq!([0, 1].map(|side| count(&world, side, |e| *e == Event::Thawed { key: k })), [0, 1]);
    assert_eq!(world.switches[1].node.counters().frozen, 0);
    assert_eq!(origins(&world, 1), [(Origin::Local, false), (Origin::Remote, true)]);
    world.learn(1, k, orphan(), true);
    settle(&mut world);
    assert_eq!(origins(&world, 1), [(Origin::Local, true), (Origin::Remote, false)]);
}

#[test]
fn a_static_is_not_sent_beats_the_peers_claim_and_the_disagreement_is_told() {
    let mut world = up(Tuning::default());
    let k = key(10, "10.0.0.2");
    let disputes = |world: &World, side| count(world, side, |e| matches!(e, Event::StaticDisputed { .. }));
    world.learn(0, k, orphan(), true);
    settle(&mut world);
    assert_eq!(origins(&world, 1), [(Origin::Remote, true)]);
    // Turned static: taken back from the peer.
    world.learn(0, k, fixed(9), false);
    settle(&mut world);
    assert_eq!(origins(&world, 1), []);
    world.learn(1, k, orphan(), true);
    settle(&mut world);
    assert_eq!(origins(&world, 0), [(Origin::Static, true), (Origin::Remote, false)]);
    assert_eq!((disputes(&world, 0), disputes(&world, 1)), (1, 0));
    assert_eq!(world.switches[0].node.counters().statics_disputed, 1);
    assert_eq!(world.switches[0].holds().values().map(|(mac, _)| *mac).collect::<Vec<_>>(), [fixed(9).mac]);
    // Dynamic again: it is sent again, and loses or wins like any other.
    world.learn(0, k, orphan(), true);
    settle(&mut world);
    assert_eq!(world.switches[0].node.counters().statics_disputed, 0);
    assert_eq!(origins(&world, 1).len(), 2);
}

#[test]
fn claims_on_an_interface_that_is_not_bound_yet_are_kept_and_replayed_when_it_is() {
    let mut world = up(Tuning::default());
    world.unbind(1, vlanif(30));
    for n in 2..40 {
        world.learn(0, key(30, &format!("10.0.0.{n}")), orphan(), true);
    }
    settle(&mut world);
    let counters = world.switches[1].node.counters();
    assert_eq!((counters.remote, counters.refusals.get(&Refusal::InterfaceUnknown)), (38, Some(&38)));
    assert!(world.switches[1].holds().is_empty());
    world.bind(1, vlanif(30), World::facts(vlanif(30)), false);
    settle(&mut world);
    assert_eq!(world.switches[1].holds().len(), 38);
    assert!(world.switches[1].node.counters().refusals.is_empty());
}

/// The interface goes, or goes elsewhere, while its entry is in the ASIC or on its way there. Nobody else gets the
/// address before it is gone.
#[test]
fn an_interface_that_leaves_while_its_entry_is_on_its_way_keeps_the_address_until_it_is_gone() {
    for moves in [false, true] {
        for settled in [false, true] {
            let mut world = up(Tuning::default());
            let (a, b) = (key(10, "10.0.20.9"), key(20, "10.0.20.9"));
            world.learn(1, a, orphan(), true);
            if settled {
                settle(&mut world);
            }
            if moves {
                world.bind(1, vlanif(10), Interface { vrf: "blue", ..World::facts(vlanif(10)) }, false);
            } else {
                world.unbind(1, vlanif(10));
            }
            world.learn(1, b, orphan(), true);
            let entries = |world: &World| world.switches[1].asic.most_with_one_address;
            world
                .wait(PATIENCE, |world| match world.switches[1].holds().contains_key(&(vlanif(20), b.ip)) {
                    true => Ok(()),
                    false => Err("not programmed".to_owned()),
                })
                .expect("it gets the address in the end");
            if !moves {
                assert_eq!(entries(&world), 1, "settled {settled}: never two at a time");
            }
        }
    }
}

#[test]
fn an_interface_that_goes_down_holds_nothing_until_it_is_up_again() {
    let mut world = up(Tuning::default());
    for n in 2..20 {
        world.learn(0, key(10, &format!("10.0.0.{n}")), orphan(), true);
    }
    settle(&mut world);
    world.bind(1, vlanif(10), Interface { state: RifState::Down, ..World::facts(vlanif(10)) }, false);
    settle(&mut world);
    assert!(world.switches[1].holds().is_empty());
    assert_eq!(world.switches[1].node.counters().refusals.get(&Refusal::RifDown), Some(&18));
    world.bind(1, vlanif(10), World::facts(vlanif(10)), false);
    settle(&mut world);
    assert_eq!(world.switches[1].holds().len(), 18);
}

/// One input costs a bounded amount of work, whatever it changes; the rest is done with time.
#[test]
fn a_change_of_everything_is_worked_off_in_steps_and_ends_as_if_it_were_one() {
    const WORK: usize = 50;
    let mut world = up(Tuning { work: WORK, ..Tuning::default() });
    for n in 0..1000u32 {
        world.learn(0, key(10, &format!("10.1.{}.{}", n / 200, 2 + n % 200)), orphan(), true);
    }
    settle(&mut world);
    let refused = |world: &World| world.switches[1].node.counters().refused as usize;
    let node = |world: &World| world.switches[1].node.next_wake();
    // All of them are outside the subnets now, then inside again, then on an interface that is gone.
    let facts = World::facts(vlanif(10));
    let elsewhere = Interface { addresses: vec!["192.0.2.1/24".parse().expect("a subnet")], ..facts.clone() };
    world.bind(1, vlanif(10), elsewhere, false);
    assert!(refused(&world) <= WORK, "{} rows in one step", refused(&world));
    assert_eq!(node(&world), Some(world.now), "it wants to be called again at once");
    settle(&mut world);
    assert_eq!((refused(&world), world.switches[1].holds().len()), (1000, 0));
    world.bind(1, vlanif(10), facts, false);
    assert!(refused(&world) >= 1000 - WORK);
    settle(&mut world);
    assert_eq!((refused(&world), world.switches[1].holds().len()), (0, 1000));
    world.unbind(1, vlanif(10));
    assert!(refused(&world) <= WORK);
    settle(&mut world);
    assert_eq!((refused(&world), world.switches[1].holds().len()), (1000, 0));
    world.check_determinism();
}

/// Both claims, the decision and its reason, the hardware, and what happened, in order.
#[test]
fn why_tells_the_whole_story_of_a_key_and_of_no_other() {
    let mut world = up(Tuning::default());
    let (k, other) = (key(10, "10.0.0.2"), key(10, "10.0.0.3"));
    assert_eq!(world.switches[0].node.why(k.ip), []);
    world.learn(0, k, orphan(), true);
    world.learn(0, other, orphan(), true);
    settle(&mut world);
    world.learn(1, k, orphan(), true);
    settle(&mut world);
    let why = world.switches[0].node.why(k.ip);
    let [row] = &why[..] else { panic!("{why:?}") };
    assert_eq!((row.interface, row.because), (vlanif(10), Because::HigherCounter));
    assert_eq!(row.decision, Decision::Ours { mac: MAC });
    let claims: Vec<_> = row.claims.iter().map(|claim| (claim.origin, claim.counter, claim.wins)).collect();
    assert_eq!(claims, [(Origin::Local, 0, false), (Origin::Remote, 1, true)]);
    assert!(matches!(&row.host, Some(host) if host.state == HostState::Programmed));
    let claim =
        |counter| Claim { mac: MAC, attachment: Attachment::Orphan, flags: Flags::default(), counter };
    let happened: Vec<What> = row.events.iter().map(|event| event.what).collect();
    assert_eq!(happened, [What::Claimed(claim(0)), What::PeerClaimed(claim(1))]);
    // The winner goes, the interface goes, and time passes.
    world.forget(1, k);
    settle(&mut world);
    world.unbind(0, vlanif(10));
    settle(&mut world);
    world.run(Duration::from_secs(7));
    let why = world.switches[0].node.why(k.ip);
    let happened: Vec<What> = why[0].events.iter().skip(2).map(|event| event.what).collect();
    let refusal = Refusal::InterfaceUnknown;
    assert_eq!(happened, [What::PeerForgot, What::Probed, What::Refused { refusal }]);
    let ages: Vec<u64> = why[0].events.iter().map(|event| event.ago_ms).collect();
    assert!(ages.is_sorted_by(|a, b| a >= b) && ages[4] >= 6000, "{ages:?}");
    assert_eq!((why[0].because, why[0].decision), (Because::OnlyClaim, Decision::Refused { refusal }));
    assert_eq!(why[0].host.as_ref().map(|host| host.state), Some(HostState::Refused { refusal }));
}

#[test]
fn why_names_what_the_asic_refused_and_where_else_an_address_is_claimed() {
    let mut world = up(Tuning::default());
    let (short, long) = (key(10, "10.0.20.9"), key(20, "10.0.20.9"));
    world.switches[0].asic.faults.refused = 1000;
    world.learn(0, short, orphan(), true);
    world.run(Duration::from_secs(1));
    let why = world.switches[0].node.why(short.ip);
    let refused = |event: &WhyEvent| matches!(event.what, What::AsicRefused { asked: Asked::Create, .. });
    assert!(why[0].events.iter().any(refused), "{why:?}");
    world.switches[0].asic.faults.refused = 0;
    world.learn(0, long, orphan(), true);
    settle(&mut world);
    let why = world.switches[0].node.why(short.ip);
    let told: Vec<_> = why.iter().map(|row| (row.interface, row.decision, row.elsewhere.clone())).collect();
    let elsewhere = Decision::Refused { refusal: Refusal::AddressElsewhere };
    let expected = [
        (vlanif(10), elsewhere, vec![vlanif(20)]),
        (vlanif(20), Decision::Ours { mac: MAC }, vec![vlanif(10)]),
    ];
    assert_eq!(told, expected);
}
