//! Troubles of SDKs, drawn from a seed: which kinds a life has, how often, and what must hold when they are over.
//!
//! Invariant: a life without them is drawn as it was before there were any.

use crate::dice::Dice;
use crate::sdk::{Lies, Place, Tables};
use crate::trouble::Restart;
use crate::ways::ROUTED;
use crate::world::{World, vlanif};
use mlagsync::mirror::batch::OpKind;
use mlagsync::node::io::{AsicDown, Event, FdbMode, Input, Limits, LinkState};
use mlagsync::node::{Ownership, Programming, Scrub, Tuning};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The SDK restarts.
    Restarts,
    /// It says what is not so.
    Lies,
    /// It says SUCCESS first.
    Late,
    /// Somebody else writes the tables.
    Strangers,
    /// Tables have room for few.
    Room,
    /// The FDB is the NOS's, and a neighbour needs its MAC there.
    Macs,
    /// The process is killed, and has a journal.
    Kills,
}

/// How many lives of a thousand have each kind; a life may have several.
const WEIGHTS: [(Kind, u64); 7] = [
    (Kind::Restarts, 400),
    (Kind::Lies, 300),
    (Kind::Late, 250),
    (Kind::Strangers, 300),
    (Kind::Room, 250),
    (Kind::Macs, 300),
    (Kind::Kills, 400),
];

/// The troubles of a life.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plot {
    pub(crate) kinds: BTreeSet<Kind>,
    /// How often something happens, in thousandths of the steps.
    rate: u64,
    /// How often somebody says so when it is over.
    round: Duration,
}

impl Plot {
    pub(crate) fn draw(dice: &mut Dice) -> Plot {
        let mut kinds = BTreeSet::new();
        while kinds.is_empty() {
            kinds = WEIGHTS
                .into_iter()
                .filter(|(_, weight)| dice.chance(*weight))
                .map(|(kind, _)| kind)
                .collect();
        }
        Plot { kinds, rate: 30 + dice.below(200), round: Duration::from_secs(3 + dice.below(8)) }
    }

    fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// What a node is told of its library.
    pub(crate) fn tune(&self, dice: &mut Dice, tuning: &mut Tuning) {
        tuning.scrub = Scrub { round: self.round, share: 10 };
        tuning.programming = match (self.has(Kind::Late), dice.chance(500)) {
            (true, true) => Programming::Asynchronous,
            (false, true) => Programming::Synchronous,
            (_, false) => Programming::Detect,
        };
    }

    /// Prepares a world.
    pub(crate) fn set(&self, world: &mut World, dice: &mut Dice) {
        if self.has(Kind::Kills) {
            world.keep_journals();
        }
        for side in 0..2 {
            let switch = &mut world.switches[side];
            if self.has(Kind::Late) && dice.chance(700) {
                switch.asic.set_late();
            }
            if let Some(ways) = switch.ways.as_mut().filter(|ways| ways.mode == FdbMode::External) {
                ways.amiss.needs_macs = self.has(Kind::Macs);
            }
        }
    }

    /// Perhaps something happens.
    pub(crate) fn step(&self, world: &mut World, dice: &mut Dice) {
        if !dice.chance(self.rate) {
            return;
        }
        let side = dice.below(2) as usize;
        let kinds: Vec<Kind> = self.kinds.iter().copied().collect();
        match dice.pick(&kinds) {
            Kind::Restarts => restart(world, dice, side),
            Kind::Lies => lies(world, dice, side, self.has(Kind::Late)),
            Kind::Late => world.run(Duration::from_millis(dice.below(300))),
            Kind::Strangers => strangers(world, dice, side),
            Kind::Room => room(world, dice, side),
            Kind::Macs if dice.chance(300) => world.teach_macs(),
            Kind::Macs => {
                let (mac, interface) = (crate::chaos::mac(dice), *dice.pick(&[vlanif(10), vlanif(20)]));
                world.disturb_fdb(side, mac, interface);
            }
            Kind::Kills => {
                if dice.chance(400) {
                    world.switches[side].asic.sdk.doomed = true;
                } else {
                    world.crash(side, true, dice.chance(300), Duration::from_millis(dice.below(4000)));
                }
            }
        }
    }

    /// How long it may take until everything is found and put right: somebody who wrote the same entry again and again
    /// is left alone for as many as 64 rounds.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(400) + self.round * 140
    }

    /// What must hold when it is over and everything is as it should be.
    pub(crate) fn judge(&self, world: &mut World, dice: &mut Dice) {
        for side in 0..2 {
            a_restart_that_keeps_the_tables_writes_nothing(world, side, dice.chance(500));
        }
        // What nobody claims before the stale timer ends goes.
        let patient = world.tunings.iter().all(|tuning| tuning.life.stale > Duration::from_secs(60));
        if self.has(Kind::Kills) && world.ownership == Ownership::All && patient {
            for _ in 0..1 + dice.below(3) {
                let side = dice.below(2) as usize;
                a_kill_with_a_journal_writes_nothing(world, side, dice);
            }
        }
    }
}

fn restart(world: &mut World, dice: &mut Dice, side: usize) {
    let ms = |dice: &mut Dice, most: u64| Duration::from_micros(dice.below(most * 1000));
    let tables = *dice.pick(&[Tables::Kept, Tables::Kept, Tables::Lost, Tables::Garbled]);
    let intact = match (tables, dice.chance(500)) {
        (Tables::Kept, true) => Some(true),
        (Tables::Lost, true) => Some(false),
        _ => None,
    };
    let how = Restart {
        end: dice.chance(800).then(|| ms(dice, 20)),
        back: if dice.chance(700) { ms(dice, 200) } else { ms(dice, 8000) },
        tables,
        other_ids: dice.chance(400),
        told: ms(dice, 50),
        intact,
    };
    // In the middle of a full sync, or of a re-point.
    match dice.below(4) {
        0 => {
            world.tell(side, Input::Resync);
            world.run(ms(dice, 3));
        }
        1 => {
            let state = *dice.pick(&[LinkState::Down, LinkState::Forwarding]);
            world.set_member(side, dice.below(2) as usize, state);
            world.run(Duration::from_micros(dice.below(100)));
        }
        _ => {}
    }
    world.restart_sdk(side, how);
}

fn lies(world: &mut World, dice: &mut Dice, side: usize, late: bool) {
    let mut rate = |most: u64| if dice.chance(400) { dice.below(most) } else { 0 };
    // A library of which it is not known that it is late may have a removal lost, and nobody would know.
    let drawn = Lies {
        lied: rate(400),
        kept: if late { 0 } else { rate(400) },
        stored: if late { 0 } else { rate(300) },
        aborted: rate(300),
        unread: rate(500),
    };
    let switch = &mut world.switches[side];
    if dice.chance(300) {
        let ip = crate::chaos::key(dice, 12).ip;
        switch.asic.sdk.deaf.insert(ip);
        return;
    }
    let honest = dice.chance(300);
    switch.asic.sdk.lies = if honest { Lies::default() } else { drawn };
    if let Some(ways) = &mut switch.ways {
        ways.amiss.lies = if honest || dice.chance(500) { Lies::default() } else { drawn };
    }
}

fn strangers(world: &mut World, dice: &mut Dice, side: usize) {
    let key = crate::chaos::key(dice, 12);
    for _ in 0..1 + dice.below(3) {
        let switch = &mut world.switches[side];
        if switch.asic.sdk.gone {
            return;
        }
        match &mut switch.ways {
            Some(ways) if dice.chance(500) => ways.intrude(*dice.pick(&[vlanif(10), vlanif(20)])),
            ways => {
                let routed = ways.is_some().then_some(vlanif(ROUTED));
                switch.asic.intrude(key.ip, key.interface, routed);
            }
        }
        world.run(Duration::from_millis(dice.below(2000)));
    }
}

fn room(world: &mut World, dice: &mut Dice, side: usize) {
    let switch = &mut world.switches[side];
    let entries = switch.asic.holds().len() as u64;
    let near = |dice: &mut Dice, entries: u64| {
        dice.chance(800).then(|| (entries.saturating_sub(dice.below(3)) + dice.below(3)) as usize)
    };
    switch.asic.sdk.room = near(dice, entries);
    if let Some(ways) = &mut switch.ways {
        let (fdb, routes) = (ways.fdb.len() as u64, ways.routes.len() as u64);
        ways.amiss.fdb_room = near(dice, fdb);
        ways.amiss.route_room = near(dice, routes);
    }
    if dice.chance(300) {
        let slots = dice.chance(500).then(|| 1 + dice.below(20));
        let each_interface = dice.chance(300).then(|| 1 + dice.below(8));
        world.tell(side, Input::Limits(Limits { slots, each_interface, ..Limits::default() }));
    }
}

/// Writes that took place on both switches.
fn writes(world: &World) -> [u64; 2] {
    [0, 1].map(|side| {
        let switch = &world.switches[side];
        switch.asic.writes + switch.ways.as_ref().map_or(0, |ways| ways.writes)
    })
}

fn a_restart_that_keeps_the_tables_writes_nothing(world: &mut World, side: usize, other_ids: bool) {
    let before = writes(world);
    let restored = |event: &Event| matches!(event, Event::AsicRestored { .. });
    let count = world.count(side, restored);
    world.restart_sdk(side, Restart { other_ids, intact: Some(true), ..Restart::default() });
    let done = world.wait(Duration::from_secs(60), |world| {
        if world.count(side, restored) > count {
            world.converged()
        } else {
            Err(format!("it is not restored:\n{}", world.switches[side].troubles()))
        }
    });
    if let Err(why) = done {
        panic!("switch {side}, other ids: {other_ids}: {why}");
    }
    assert_eq!(before, writes(world), "writes after a restart that kept the tables; other ids: {other_ids}");
}

/// Of two claims to one address the one that counts may be another after a restart: counters are forgotten.
fn a_kill_with_a_journal_writes_nothing(world: &mut World, side: usize, dice: &mut Dice) {
    let mut said: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for switch in &world.switches {
        for key in switch.claims(None).into_keys() {
            *said.entry(key.ip).or_default() += 1;
        }
    }
    world.switches.iter_mut().for_each(|switch| switch.asic.sdk.written.clear());
    world.crash(side, true, dice.chance(300), Duration::from_millis(dice.below(3000)));
    let synced = world.wait(Duration::from_secs(600), |world| {
        let again = world.switches[side].node.counters().syncs > 0;
        if again { world.converged() } else { Err("no sync".into()) }
    });
    assert_eq!(synced, Ok(()), "switch {side} after a kill");
    for switch in &world.switches {
        let written = switch.asic.sdk.written.iter().filter(|(_, (_, ip))| said.get(ip) == Some(&1));
        let written: Vec<_> = written.collect();
        assert_eq!(
            written,
            [] as [&(OpKind, Place); 0],
            "writes after a kill of switch {side} with a journal"
        );
    }
}

/// What struck, by kind.
pub(crate) fn struck(world: &World) -> BTreeMap<&'static str, u64> {
    let mut all: BTreeMap<&'static str, u64> = BTreeMap::new();
    for switch in &world.switches {
        let ways = switch.ways.iter().flat_map(|ways| &ways.amiss.struck);
        for (what, times) in switch.asic.sdk.struck.iter().chain(ways) {
            *all.entry(what).or_default() += times;
        }
        let seen = |what: fn(&Event) -> bool| switch.events.iter().filter(|event| what(event)).count() as u64;
        let events: [(&'static str, u64); 5] = [
            ("a repair", seen(|event| matches!(event, Event::Repaired { .. }))),
            ("a contest", seen(|event| matches!(event, Event::Contested { .. }))),
            ("found to be late", seen(|event| matches!(event, Event::Asynchronous { early: true }))),
            ("restored", seen(|event| matches!(event, Event::AsicRestored { .. }))),
            (
                "found to be gone",
                seen(|event| matches!(event, Event::AsicDown { why: AsicDown::Answers { .. } })),
            ),
        ];
        for (what, times) in events {
            *all.entry(what).or_default() += times;
        }
    }
    all
}
