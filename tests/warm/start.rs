//! What a start finds: entries of others, a cold-booted ASIC, a library that lists nothing, a peer that knows nothing.

use crate::life::{Hardware, Life, Place};
use crate::{Hosts, hosts, key};
use mlagsync::addr::Mac;
use mlagsync::neighbor::Host;
use mlagsync::node::io::Event;
use mlagsync::run::journal::Boot;
use mlagsync::sai::{NeighborKey, NeighborTable};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A switch comes back under the index that it had, so two of them cannot be up in this process at once.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn live(hardware: &Hardware, wanted: &Hosts) -> Life {
    let mut life = Life::begin(hardware);
    life.hear(wanted);
    life.complete();
    life.settle();
    life
}

#[test]
fn rule_12_what_the_journal_lacks_is_reported_and_never_touched() {
    let _alone = alone();
    let place = Place::new();
    let hardware = Hardware::up(place.path(), &[]);
    let mut wanted = hosts(1, 1);
    let life = live(&hardware, &wanted);
    let rif = life.topology.rif(key(0).interface).unwrap();
    drop(life);
    // The NOS writes two: one that nobody claims, and one that is claimed later, as it is.
    let mut theirs = NeighborTable::new(&hardware.switch);
    let entry = |last: u8| {
        let host = Host { mac: Mac([2, 9, 9, 9, 9, last]), no_host_route: false };
        (NeighborKey { rif, ip: format!("10.9.9.{last}").parse().unwrap() }, host)
    };
    theirs.create([entry(1), entry(2)].into_iter());
    let mut life = Life::begin(&hardware);
    assert_eq!((life.foreign, life.adopted.neighbors.len()), (Some(2), wanted.len()));
    let mut theirs = key(0);
    theirs.ip = entry(2).0.ip;
    wanted.insert(theirs, entry(2).1.mac);
    life.hear(&wanted);
    life.complete();
    life.settle();
    let mut stays = wanted.clone();
    theirs.ip = entry(1).0.ip;
    stays.insert(theirs, entry(1).1.mac);
    assert_eq!(hardware.holds(&life.topology), stays);
    drop(life);
    assert_eq!(Life::begin(&hardware).foreign, Some(1), "what was claimed is ours now");
}

#[test]
fn a_cold_booted_asic_is_not_adopted_from_an_old_journal() {
    let _alone = alone();
    let place = Place::new();
    let wanted = hosts(1, 1);
    let hardware = Hardware::up(place.path(), &[]);
    assert_eq!(live(&hardware, &wanted).boot, Boot::New);
    let rif_before = hardware.sim.objects(sai_sys::sai_object_type_t::SAI_OBJECT_TYPE_ROUTER_INTERFACE);
    // The switch goes, its tables with it; the journal stays. All that is made anew has the ids that it had.
    hardware.switch.clone().remove().unwrap();
    std::fs::remove_file(place.path().join("state")).unwrap();
    let hardware = Hardware::up(place.path(), &[("SAI_BOOT_TYPE", "0")]);
    let life = live(&hardware, &wanted);
    assert_eq!((life.boot, life.adopted.neighbors.len(), life.foreign), (Boot::New, 0, Some(0)));
    let rifs = hardware.sim.objects(sai_sys::sai_object_type_t::SAI_OBJECT_TYPE_ROUTER_INTERFACE);
    assert_eq!(rifs.len(), rif_before.len());
    assert_eq!(hardware.holds(&life.topology), wanted);
    drop(life);
    assert_eq!(
        Life::begin(&hardware).adopted.neighbors.len(),
        wanted.len(),
        "the journal is this boot's now"
    );
}

#[test]
fn leftovers_wait_for_everybody_and_go_at_the_stale_timer_when_there_is_no_peer() {
    let _alone = alone();
    let place = Place::new();
    let hardware = Hardware::up(place.path(), &[]);
    let all = hosts(1, 1);
    drop(live(&hardware, &all));
    let mut fewer = all.clone();
    let gone: Vec<_> = all.keys().copied().take(3).collect();
    fewer.retain(|key, _| !gone.contains(key));
    let mut life = Life::begin(&hardware);
    life.hear(&fewer);
    life.pass(Duration::from_secs(1000));
    assert_eq!(hardware.holds(&life.topology), all, "this device has not reported everything");
    life.complete();
    life.pass(Duration::from_secs(1));
    assert_eq!(hardware.holds(&life.topology), fewer);
    assert!(life.events.contains(&Event::LeftoversSwept { entries: 3 }));
    drop(life);
    // And the other way round: everything is reported, and the peer may yet come.
    let mut fewest = fewer.clone();
    fewest.pop_first();
    let mut life = Life::begin(&hardware);
    life.hear(&fewest);
    life.complete();
    life.pass(mlagsync::limits::STALE_TIMER - Duration::from_secs(1));
    assert_eq!(hardware.holds(&life.topology), fewer);
    life.pass(Duration::from_secs(2));
    assert_eq!(hardware.holds(&life.topology), fewest);
}

#[test]
fn a_library_that_lists_nothing_is_taken_over_by_what_the_journal_names() {
    let _alone = alone();
    let place = Place::new();
    let wanted = hosts(1, 1);
    let hardware = Hardware::up(place.path(), &[("SAI_SIM_LIST", "0")]);
    drop(live(&hardware, &wanted));
    hardware.sim.reset_calls();
    let mut life = Life::begin(&hardware);
    assert_eq!((life.boot, life.foreign, life.adopted.neighbors.len()), (Boot::Kept, None, wanted.len()));
    life.hear(&wanted);
    life.complete();
    life.settle();
    assert_eq!((hardware.writes(), hardware.holds(&life.topology)), (vec![], wanted));
}

#[test]
fn dropping_every_handle_deletes_nothing() {
    let _alone = alone();
    let place = Place::new();
    let wanted = hosts(1, 1);
    let hardware = Hardware::up(place.path(), &[]);
    let life = live(&hardware, &wanted);
    hardware.sim.reset_calls();
    let Life { node, executor, topology, .. } = life;
    drop(node);
    drop(executor);
    assert_eq!((hardware.writes(), hardware.holds(&topology)), (vec![], wanted));
}
