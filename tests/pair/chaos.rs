//! A life drawn from a seed: hosts come, move and go; lines break, processes die, ASICs refuse.

use crate::asic::Faults;
use crate::model::Truth;
use crate::troubles::Plot;
use crate::world::{World, mlag, vlanif};
use mlagsync::addr::{InterfaceId, Mac};
use mlagsync::neighbor::{Attachment, Key};
use mlagsync::node::io::{Event, FdbMode, Input, LinkState, RifState};
use mlagsync::node::{Lifetimes, Ownership, Tuning};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// How often what happens; drawn anew for each seed, so that some lives are calm and some are not.
#[derive(Clone, Copy, Debug)]
struct Rates {
    fault: u64,
    crash: u64,
    interface: u64,
    asic: Faults,
    hosts: u64,
    /// Members, the peer-link and the FDB.
    ways: u64,
}

/// What happened in a life: a fault that never comes tests nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lived {
    pub(crate) freezes: usize,
    pub(crate) probes: usize,
    pub(crate) disputes: usize,
    pub(crate) repointed: u64,
    pub(crate) struck: BTreeMap<&'static str, u64>,
}

/// Lives one seed and asks for convergence, and for what must hold after it. `troubled` if SDKs do what they should not.
pub(crate) fn live(seed: u64, troubled: bool) -> Lived {
    let mut dice = crate::dice::Dice::new(seed ^ 0xcafe);
    let mut fate = crate::dice::Dice::new(seed ^ 0x5d4b);
    let plot = troubled.then(|| Plot::draw(&mut fate));
    let ownership = if dice.chance(700) { Ownership::All } else { Ownership::Received };
    let mut tunings = [0, 1].map(|_| tuning(&mut dice));
    if let Some(plot) = &plot {
        tunings.iter_mut().for_each(|tuning| plot.tune(&mut fate, tuning));
    }
    let mut world = match dice.below(3) {
        0 => World::tuned(seed, ownership, tunings),
        1 => World::with_ways(seed, ownership, tunings, FdbMode::External),
        _ => World::with_ways(seed, ownership, tunings, FdbMode::Managed),
    };
    let sometimes =
        |dice: &mut crate::dice::Dice, most: u64| if dice.chance(500) { dice.below(most) } else { 0 };
    let asic = Faults {
        refused: sometimes(&mut dice, 100),
        unknown: sometimes(&mut dice, 100),
        skipped: sometimes(&mut dice, 100),
        trouble: sometimes(&mut dice, 50),
    };
    let rates = Rates {
        fault: sometimes(&mut dice, 60),
        crash: sometimes(&mut dice, 30),
        interface: sometimes(&mut dice, 40),
        asic,
        hosts: 2 + dice.below(20),
        ways: sometimes(&mut dice, 150),
    };
    for switch in &mut world.switches {
        switch.asic.faults = rates.asic;
    }
    if let Some(plot) = &plot {
        plot.set(&mut world, &mut fate);
    }
    let steps = 50 + dice.below(250);
    for _ in 0..steps {
        step(&mut world, &mut dice, &rates);
        if let Some(plot) = &plot {
            plot.step(&mut world, &mut fate);
        }
        let pause = if dice.chance(200) { dice.below(3_000_000) } else { dice.below(2_000) };
        world.run(Duration::from_micros(pause));
    }
    world.heal();
    let patience = plot.as_ref().map_or(Duration::from_secs(400), Plot::patience);
    if let Err(why) = world.wait(patience, |world| world.converged()) {
        panic!("{why}\nrates: {rates:?}\ntunings: {tunings:?}\nplot: {plot:?}");
    }
    if let Some(plot) = &plot {
        // What is on its way may make it look as it should be, too.
        world.run(Duration::from_secs(5));
        assert_eq!(world.wait(plot.patience(), |world| world.converged()), Ok(()), "{plot:?}");
    }
    world.check_determinism();
    // What the NOS left behind has to be looked at; what is all ours is known.
    for side in (0..2).filter(|_| ownership == Ownership::All) {
        assert_eq!(world.switches[side].asic.needless, [] as [String; 0], "switch {side}");
    }
    an_unchanged_table_is_not_written_again(&mut world);
    if let Some(plot) = &plot {
        plot.judge(&mut world, &mut fate);
    }
    let struck = crate::troubles::struck(&world);
    let events = || world.switches.iter().flat_map(|switch| &switch.events);
    let count = |what: fn(&Event) -> bool| events().filter(|event| what(event)).count();
    Lived {
        freezes: count(|event| matches!(event, Event::Frozen { .. })),
        probes: count(|event| matches!(event, Event::Probe { .. })),
        disputes: count(|event| matches!(event, Event::StaticDisputed { .. })),
        repointed: world.switches.iter().map(|switch| switch.node.counters().repointed).sum(),
        struck,
    }
}

/// What the session brings again, the ASIC does not hear of.
fn an_unchanged_table_is_not_written_again(world: &mut World) {
    let writes = |switch: &crate::world::Switch| {
        switch.asic.writes + switch.ways.as_ref().map_or(0, |ways| ways.writes)
    };
    let before: Vec<u64> = world.switches.iter().map(writes).collect();
    let syncs: Vec<u64> = world.switches.iter().map(|switch| switch.node.counters().syncs).collect();
    world.net.reset(world.now);
    let synced = world.wait(Duration::from_secs(60), |world| {
        let again = (0..2).all(|side| world.switches[side].node.counters().syncs > syncs[side]);
        if again { world.converged() } else { Err("no second sync".into()) }
    });
    assert_eq!(synced, Ok(()));
    let after: Vec<u64> = world.switches.iter().map(writes).collect();
    assert_eq!(before, after, "writes for an unchanged table");
}

/// Small bounds and short times, so that they matter within a life; or those of production.
fn tuning(dice: &mut crate::dice::Dice) -> Tuning {
    let mut tuning = Tuning::default();
    if dice.chance(200) {
        // None, one by one with RESUME, and one that means nothing without it.
        tuning.session.capabilities = *dice.pick(&[0, 1, 3, 5, 9, 6]);
    }
    if dice.chance(500) {
        tuning.session.window = 1 + dice.below(5) as usize;
    }
    if dice.chance(400) {
        // Some look at a row or two at a time, and come to the same.
        tuning.work = 1 + dice.below(6) as usize;
    }
    if dice.chance(500) {
        tuning.tombstones = 1 + dice.below(10) as usize;
    }
    if dice.chance(500) {
        tuning.sweep_guard = 2 + dice.below(4) as usize;
        let seconds = |most| Duration::from_secs(2 + most);
        tuning.life = Lifetimes { stale: seconds(dice.below(20)), ageing: seconds(dice.below(30)) };
    }
    tuning
}

fn step(world: &mut World, dice: &mut crate::dice::Dice, rates: &Rates) {
    let side = dice.below(2) as usize;
    if dice.chance(rates.fault) {
        return fault(world, dice);
    }
    if dice.chance(rates.crash) {
        let (keep_asic, silently) = (dice.chance(600), dice.chance(300));
        let back_in = Duration::from_millis(dice.below(8000));
        if dice.chance(200) {
            return world.leave(side, dice.below(10_000) as u32, back_in);
        }
        return world.crash(side, keep_asic, silently, back_in);
    }
    if dice.chance(20) {
        let probed = |event: &Event| if let Event::Probe { key } = event { Some(*key) } else { None };
        let keys: Vec<Key> = world.switches[side].events.iter().filter_map(probed).collect();
        return world.tell(side, Input::Unanswered(keys));
    }
    if dice.chance(20) {
        let input = if dice.chance(500) { Input::Sweep } else { Input::Resync };
        return world.tell(side, input);
    }
    if dice.chance(rates.ways) {
        return way(world, dice, side);
    }
    if dice.chance(rates.interface) {
        return interface(world, dice, side);
    }
    let key = key(dice, rates.hosts);
    match dice.below(100) {
        0..60 => {
            let truth = Truth { mac: mac(dice), attachment: attachment(dice), is_static: false };
            let fresh = dice.chance(700);
            world.learn(side, key, truth, fresh);
        }
        60..62 => ping_pong(world, dice, key),
        62..65 => {
            let truth = Truth { mac: mac(dice), attachment: Attachment::Orphan, is_static: true };
            world.learn(side, key, truth, false);
        }
        65..90 => world.forget(side, key),
        90..95 => world.dump(side),
        _ => {
            // What the kernel lost without saying so is found out by the next dump.
            let lost: Vec<Key> =
                world.switches[side].truth.keys().copied().filter(|_| dice.chance(300)).collect();
            for key in lost {
                world.switches[side].truth.remove(&key);
            }
            world.dump(side);
        }
    }
}

/// Both switches hear the host, one after the other, as in a loop.
fn ping_pong(world: &mut World, dice: &mut crate::dice::Dice, key: Key) {
    let truth = Truth { mac: mac(dice), attachment: Attachment::Orphan, is_static: false };
    for n in 0..2 + dice.below(16) {
        world.learn((n % 2) as usize, key, truth, true);
        world.run(Duration::from_millis(dice.below(2000)));
    }
}

fn fault(world: &mut World, dice: &mut crate::dice::Dice) {
    match dice.below(3) {
        0 => world.net.reset(world.now),
        1 => world.net.cut = true,
        _ => world.net.cut = false,
    }
}

/// A member or the peer-link goes down or comes up, or something happens to the FDB.
fn way(world: &mut World, dice: &mut crate::dice::Dice, side: usize) {
    let state = *dice.pick(&[LinkState::Down, LinkState::Down, LinkState::Up, LinkState::Forwarding]);
    match dice.below(20) {
        0..6 => world.set_member(side, dice.below(2) as usize, state),
        6 => world.set_peer_link(state),
        _ => {
            let interface = *dice.pick(&[vlanif(10), vlanif(20)]);
            world.disturb_fdb(side, mac(dice), interface);
        }
    }
}

fn interface(world: &mut World, dice: &mut crate::dice::Dice, side: usize) {
    let interface = *dice.pick(&[vlanif(10), vlanif(20), vlanif(30)]);
    if dice.chance(500) && world.switches[side].bound.contains_key(&interface) {
        return world.unbind(side, interface);
    }
    let mut facts = World::facts(interface);
    if dice.chance(200) {
        facts.vrf = if dice.chance(500) { "red" } else { "blue" };
    }
    if dice.chance(200) {
        facts.addresses.truncate(1);
    }
    if dice.chance(100) {
        facts.state = *dice.pick(&[RifState::Down, RifState::Virtual]);
    }
    let second = dice.chance(300);
    world.bind(side, interface, facts, second);
}

pub(crate) fn key(dice: &mut crate::dice::Dice, hosts: u64) -> Key {
    let interface: InterfaceId = *dice.pick(&[vlanif(10), vlanif(10), vlanif(20), vlanif(30)]);
    let n = 2 + dice.below(hosts);
    let ip: IpAddr = match dice.below(20) {
        0..9 => format!("10.0.20.{n}"),
        9..14 => format!("2001:db8:10:0:20::{n:x}"),
        14..17 => format!("fe80::{n:x}"),
        17 => format!("169.254.0.{n}"),
        18 => "10.0.20.1".to_owned(),
        _ => (*dice.pick(&["224.0.0.5", "127.0.0.1", "172.16.0.1", "::"])).to_owned(),
    }
    .parse()
    .expect("an address");
    Key { interface, ip }
}

pub(crate) fn mac(dice: &mut crate::dice::Dice) -> Mac {
    match dice.below(40) {
        0 => Mac::ZERO,
        1 => Mac::BROADCAST,
        2 => crate::world::OWN_MAC,
        n => Mac([2, 0, 0, 0, 1, (n % 5) as u8]),
    }
}

fn attachment(dice: &mut crate::dice::Dice) -> Attachment {
    match dice.below(10) {
        0..6 => mlag(1),
        6 => mlag(2),
        7 | 8 => Attachment::Orphan,
        _ => Attachment::Fabric,
    }
}
