//! FDB entries, host routes and their next hops across a restart; entries of others that come and go; a removal that the
//! library has promised.

use crate::life::{Hardware, Life, Place};
use crate::start::alone;
use crate::{Hosts, hosts, key};
use mlagsync::addr::Mac;
use mlagsync::neighbor::Host;
use mlagsync::node::io::{Event, LinkState};
use mlagsync::node::{Programming, Scrub, Tuning};
use mlagsync::run::journal::{Journal, Standing, Thing};
use mlagsync::sai::{FdbEntry, FdbKey, FdbTable, Hold, NeighborKey, NeighborTable, RouteKey, RouteTable};
use std::time::Duration;

const UP: LinkState = LinkState::Forwarding;

fn live(hardware: &Hardware, wanted: &Hosts, trunk: LinkState) -> Life {
    let mut life = Life::full(hardware);
    life.member(1, trunk);
    life.hear(wanted);
    life.complete();
    life.settle();
    life
}

#[test]
fn an_unchanged_table_of_all_three_kinds_is_not_written() {
    for trunk in [UP, LinkState::Down] {
        let _alone = alone();
        let place = Place::new();
        let hardware = Hardware::up(place.path(), &[]);
        let wanted = hosts(1, 1);
        let life = live(&hardware, &wanted, trunk);
        let beside = life.beside(&wanted, trunk);
        assert!(beside.fdb.len() > 10 && beside.routes.len() > 10, "{beside:?}");
        assert_eq!(hardware.beside(&life.topology), beside);
        drop(life);
        hardware.sim.reset_calls();
        let life = live(&hardware, &wanted, trunk);
        let adopted = (life.adopted.fdb.len(), life.adopted.routes.len());
        assert_eq!(adopted, (beside.fdb.len(), beside.routes.len()));
        assert_eq!(hardware.writes(), [""; 0], "{trunk:?}");
        assert_eq!(hardware.beside(&life.topology), beside);
    }
}

#[test]
fn what_of_ours_nobody_claims_goes_from_every_table_and_what_is_not_ours_stays() {
    let _alone = alone();
    let place = Place::new();
    let hardware = Hardware::up(place.path(), &[]);
    let wanted = hosts(1, 1);
    let life = live(&hardware, &wanted, UP);
    // The NOS has an FDB entry and a host route of its own beside ours.
    let named: Vec<Thing> = life.executor.journal().unwrap().things().map(|(thing, _)| thing).collect();
    let domain = named.iter().find_map(|thing| match thing {
        Thing::Fdb(FdbKey { domain, .. }) => Some(*domain),
        _ => None,
    });
    let router = named.iter().find_map(|thing| match thing {
        Thing::Route(RouteKey { virtual_router, .. }) => Some(*virtual_router),
        _ => None,
    });
    let (domain, virtual_router) = (domain.unwrap(), router.unwrap());
    let theirs = FdbEntry { port: life.topology.peer_port().unwrap(), hold: Hold::Static };
    let mut table = FdbTable::new(&hardware.switch);
    table.create([(FdbKey { domain, mac: Mac([2, 9, 9, 9, 9, 9]) }, theirs)].into_iter());
    let hop = *life.topology.next_hops().values().next().unwrap();
    let mut table = RouteTable::new(&hardware.switch);
    table.create([(RouteKey { virtual_router, ip: "10.200.0.9".parse().unwrap() }, hop)].into_iter());
    let (before, ours) = (hardware.beside(&life.topology), life.beside(&wanted, UP));
    assert_eq!(before.fdb.len() + before.routes.len(), ours.fdb.len() + ours.routes.len() + 2);
    drop(life);
    let mut few = wanted.clone();
    few.retain(|key, _| key.ip.is_ipv6());
    let life = live(&hardware, &few, UP);
    let (mut left, stays) = (hardware.beside(&life.topology), life.beside(&few, UP));
    assert!(stays.fdb.iter().all(|entry| left.fdb.remove(entry)));
    assert!(stays.routes.iter().all(|entry| left.routes.remove(entry)));
    assert_eq!((left.fdb.len(), left.routes.len()), (1, 1), "the NOS's: {left:?}");
    let gone = 2 * (wanted.len() - few.len()) as u64;
    assert!(life.events.contains(&Event::LeftoversSwept { entries: gone }), "{gone} {:?}", life.events);
    let hops = hardware.sim.objects(sai_sys::sai_object_type_t::SAI_OBJECT_TYPE_NEXT_HOP).len();
    assert_eq!(hops, 1 + stays.routes.len(), "and their next hops with them");
}

#[test]
fn foreign_entries_are_told_when_they_come_and_when_they_go_whoever_restarts() {
    let _alone = alone();
    let place = Place::new();
    let hardware = Hardware::up(place.path(), &[]);
    let wanted = hosts(1, 1);
    let mut life = Life::begin(&hardware);
    life.hear(&wanted);
    life.complete();
    life.pass(Duration::from_secs(100));
    let told = |life: &mut Life| -> Vec<u64> {
        let events = std::mem::take(&mut life.events);
        let entries =
            |event| if let Event::ForeignEntries { entries } = event { Some(entries) } else { None };
        events.into_iter().filter_map(entries).collect()
    };
    assert_eq!(told(&mut life), [] as [u64; 0]);
    let rif = life.topology.rif(key(0).interface).unwrap();
    let mut theirs = NeighborTable::new(&hardware.switch);
    let entry = |last: u8| NeighborKey { rif, ip: format!("10.9.9.{last}").parse().unwrap() };
    let host = Host { mac: Mac([2, 9, 9, 9, 9, 9]), no_host_route: false };
    theirs.create([(entry(1), host), (entry(2), host)].into_iter());
    life.pass(Duration::from_secs(70));
    assert_eq!((told(&mut life), life.node.counters().foreign), (vec![2], 2));
    life.pass(Duration::from_secs(200));
    assert_eq!(told(&mut life), [] as [u64; 0], "it is told once");
    theirs.remove([entry(1)].into_iter());
    life.pass(Duration::from_secs(70));
    assert_eq!((told(&mut life), life.node.counters().foreign), (vec![1], 1));
    drop(life);
    // A start looks soon.
    let mut life = Life::begin(&hardware);
    life.hear(&wanted);
    life.complete();
    life.pass(Duration::from_secs(10));
    assert_eq!(told(&mut life), [1]);
    // What is claimed is ours from then on.
    let mut more = wanted.clone();
    let mut claimed = key(0);
    claimed.ip = entry(2).ip;
    more.insert(claimed, host.mac);
    life.hear(&more);
    life.pass(Duration::from_secs(70));
    assert_eq!((told(&mut life), life.node.counters().foreign), (vec![0], 0));
    assert_eq!(hardware.holds(&life.topology), more);
}

#[test]
fn a_removal_that_has_not_landed_keeps_its_record_so_that_the_next_life_owns_the_entry() {
    let _alone = alone();
    let place = Place::new();
    let hardware = Hardware::up(place.path(), &[("SAI_SIM_ASYNC", "command")]);
    let tuning = Tuning { programming: Programming::Asynchronous, scrub: Scrub::off(), ..Tuning::default() };
    let open = || Journal::open(&place.path().join("journal")).unwrap();
    let mut life = Life::of(&hardware, open(), true, tuning);
    let wanted = hosts(1, 1);
    life.member(1, UP);
    life.hear(&wanted);
    life.complete();
    for _ in 0..20 {
        life.pass(Duration::from_millis(100));
        hardware.sim.land();
    }
    life.pass(Duration::from_secs(20));
    assert_eq!(hardware.holds(&life.topology), wanted);
    life.hear(&Hosts::new());
    let named = |journal: &Journal| {
        let is_entry = |thing: &Thing| {
            matches!(thing, Thing::Neighbor(_) | Thing::Fdb(_) | Thing::Route(_) | Thing::NextHop(_))
        };
        journal.things().filter(|(thing, _)| is_entry(thing)).count()
    };
    // The process dies between SUCCESS and the deed, and some of what was asked is never done.
    let there = hardware.beside(&life.topology);
    let hops = hardware.sim.objects(sai_sys::sai_object_type_t::SAI_OBJECT_TYPE_NEXT_HOP).len() - 1;
    let entries = hardware.holds(&life.topology).len() + there.fdb.len() + there.routes.len() + hops;
    assert!(entries > wanted.len());
    let of = named(life.executor.journal().unwrap());
    assert!(of >= entries, "{entries} are there, and the journal names {of}");
    // Where it lives on, the records go when the entries have.
    for _ in 0..40 {
        life.pass(Duration::from_millis(100));
        hardware.sim.land();
    }
    life.pass(Duration::from_secs(60));
    assert!(hardware.holds(&life.topology).is_empty());
    assert_eq!(named(life.executor.journal().unwrap()), 0);
    let rif = life.topology.rif(key(0).interface).unwrap();
    let thing = Thing::Neighbor(NeighborKey { rif, ip: key(0).ip });
    assert_ne!(life.executor.journal().unwrap().standing(&thing), Some(Standing::Sure));
}
