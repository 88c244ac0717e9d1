//! Single scenes, each for one sentence of the design.

use crate::model::Truth;
use crate::world::{World, mlag, vlanif};
use mlagsync::addr::Mac;
use mlagsync::neighbor::{Attachment, Key};
use mlagsync::node::Ownership;
use mlagsync::node::io::Event;
use mlagsync::node::view::{NeighborFilter, Origin};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

fn key(vlan: u32, ip: &str) -> Key {
    Key { interface: vlanif(vlan), ip: ip.parse().expect("an address") }
}

fn host(n: u8, attachment: Attachment) -> Truth {
    Truth { mac: Mac([2, 0, 0, 0, 2, n]), attachment, is_static: false }
}

/// A world in which switch 0 has learned `hosts` hosts and everything has settled.
fn settled(ownership: Ownership, hosts: u32) -> World {
    let mut world = World::new(3, ownership);
    for n in 0..hosts {
        let k = key(10, &format!("10.0.{}.{}", n / 200, 2 + n % 200));
        world.learn(0, k, host((n % 251) as u8, mlag(1)), true);
    }
    assert_eq!(world.wait(PATIENCE, |world| up(world).and_then(|()| world.converged())), Ok(()));
    world
}

fn up(world: &World) -> Result<(), String> {
    let synced = world.switches.iter().all(|switch| switch.node.counters().syncs > 0);
    if synced { Ok(()) } else { Err("not synchronised".into()) }
}

fn writes(world: &World) -> [(u64, u64); 2] {
    [0, 1].map(|side| (world.switches[side].asic.writes, world.switches[side].asic.sets))
}

#[test]
fn a_neighbour_learned_on_one_switch_is_in_the_other_asic() {
    let world = settled(Ownership::Received, 3);
    assert_eq!(world.switches[1].holds().len(), 3);
    assert_eq!(world.switches[0].holds().len(), 0, "its own NOS programs what it learned");
    assert_eq!(settled(Ownership::All, 3).switches[0].holds().len(), 3);
}

#[test]
fn a_mac_change_is_one_set_on_either_side() {
    let mut world = settled(Ownership::All, 5);
    let before = writes(&world);
    world.learn(0, key(10, "10.0.0.3"), host(77, mlag(1)), true);
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert_eq!(writes(&world), before.map(|(writes, sets)| (writes + 1, sets + 1)));
}

#[test]
fn a_reconnect_with_an_unchanged_table_writes_nothing() {
    let mut world = settled(Ownership::All, 300);
    let before = writes(&world);
    world.net.reset(world.now);
    let again = world.wait(PATIENCE, |world| {
        let syncs = world.switches.iter().all(|switch| switch.node.counters().syncs > 1);
        if syncs { world.converged() } else { Err("no second sync".into()) }
    });
    assert_eq!(again, Ok(()));
    assert_eq!(writes(&world), before);
}

#[test]
fn a_restart_with_the_asic_kept_writes_nothing() {
    let mut world = settled(Ownership::All, 300);
    let before = writes(&world);
    world.crash(1, true, false, Duration::from_secs(1));
    let back = world.wait(PATIENCE, |world| {
        world.converged()?;
        let counters = world.switches[1].node.counters();
        if counters.programmed == 300 { Ok(()) } else { Err(format!("{counters:?}")) }
    });
    assert_eq!(back, Ok(()));
    assert_eq!(writes(&world), before);
}

#[test]
fn losing_the_session_deletes_nothing_and_a_peer_that_comes_back_empty_is_swept() {
    let mut world = settled(Ownership::All, 20);
    let before = writes(&world);
    world.crash(0, false, true, Duration::from_secs(30));
    world.run(Duration::from_secs(20));
    assert_eq!(world.switches[1].holds().len(), 20);
    assert_eq!(writes(&world)[1], before[1]);
    world.switches[0].truth.clear();
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert_eq!(world.switches[1].holds().len(), 0);
    assert!(world.switches[1].node.counters().swept >= 20);
}

#[test]
fn a_disconnect_between_the_last_update_and_end_sweeps_nothing() {
    let mut world = settled(Ownership::All, 50);
    world.net.reset(world.now);
    // Cut at every moment of the next sync: it never comes to END, so nothing may go.
    for _ in 0..200 {
        world.run(Duration::from_micros(150));
        assert_eq!(world.switches[1].holds().len(), 50);
        world.net.reset(world.now);
    }
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
}

#[test]
fn a_host_that_moves_is_where_it_was_heard_last_and_both_sides_agree() {
    let mut world = settled(Ownership::All, 1);
    let k = key(10, "10.0.0.2");
    for turn in 0u8..6 {
        let side = usize::from(turn % 2);
        world.learn(1 - side, k, host(1, Attachment::Orphan), true);
        assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
        for (at, switch) in world.switches.iter().enumerate() {
            let rows = switch.node.neighbors(None, 9, &NeighborFilter::default()).rows;
            let winners: Vec<_> = rows.iter().filter(|row| row.wins).map(|row| row.origin).collect();
            let expected = if at == 1 - side { Origin::Local } else { Origin::Remote };
            assert_eq!(winners, [expected], "turn {turn}, switch {at}: {rows:?}");
        }
    }
}

#[test]
fn a_key_that_changes_hands_with_an_equal_value_is_not_written() {
    let mut world = settled(Ownership::Received, 4);
    let before = writes(&world);
    let k = key(10, "10.0.0.2");
    let same = world.switches[0].truth[&k];
    world.learn(1, k, same, true);
    world.run(Duration::from_secs(1));
    world.forget(1, k);
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert_eq!(writes(&world), before, "received, learned here as well, and received again");
}

#[test]
fn an_address_that_moves_between_interfaces_of_a_vrf_is_removed_before_it_is_created() {
    let mut world = settled(Ownership::All, 0);
    let (long, short) = (key(20, "10.0.20.9"), key(10, "10.0.20.9"));
    world.learn(0, short, host(1, mlag(1)), true);
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert!(world.switches[1].holds().contains_key(&(vlanif(10), short.ip)));
    world.learn(0, long, host(1, mlag(1)), true);
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    for switch in &world.switches {
        let holds: Vec<_> = switch.holds().into_keys().collect();
        assert_eq!(holds, [(vlanif(20), long.ip)], "the longer subnet");
        assert_eq!(switch.asic.most_with_one_address, 1, "at no time were there two");
    }
    world.forget(0, long);
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert_eq!(world.switches[1].asic.most_with_one_address, 1);
}

#[test]
fn an_interface_that_goes_is_released_when_nothing_of_ours_is_left_on_it() {
    let mut world = settled(Ownership::All, 40);
    world.unbind(1, vlanif(10));
    let released = world.wait(PATIENCE, |world| {
        let event = Event::Released { interface: vlanif(10) };
        if world.switches[1].events.contains(&event) { Ok(()) } else { Err("not released".into()) }
    });
    assert_eq!(released, Ok(()));
    assert_eq!(world.switches[1].holds().len(), 0);
    assert_eq!(world.converged(), Ok(()));
    world.bind(1, vlanif(10), World::facts(vlanif(10)), false);
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert_eq!(world.switches[1].holds().len(), 40);
}

#[test]
fn an_interface_in_another_vrf_than_the_peers_is_refused_until_they_agree() {
    let mut world = settled(Ownership::All, 5);
    let facts = World::facts(vlanif(10));
    world.bind(1, vlanif(10), crate::world::Interface { vrf: "blue", ..facts.clone() }, false);
    world.run(Duration::from_secs(1));
    let differs =
        |event: &Event| matches!(event, Event::VrfDiffers { interface, .. } if *interface == vlanif(10));
    assert!(world.switches[1].events.iter().any(differs));
    assert_eq!(world.switches[1].holds().len(), 0);
    assert_eq!(world.switches[1].node.counters().refused, 5);
    world.bind(1, vlanif(10), facts, false);
    assert_eq!(world.wait(PATIENCE, |world| world.converged()), Ok(()));
    assert_eq!(world.switches[1].holds().len(), 5);
}

#[test]
fn the_time_from_begin_to_the_last_status_is_told() {
    let world = settled(Ownership::All, 1000);
    let told = world.switches[1].events.iter().find_map(|event| match event {
        Event::SyncProgrammed { elapsed_ns } => Some(*elapsed_ns),
        _ => None,
    });
    // The cost model: 5 µs an entry and 20 µs a call.
    let elapsed = told.expect("it is told once everything is programmed");
    assert!((5_000_000..500_000_000).contains(&elapsed), "{elapsed}");
    assert_eq!(world.switches[1].node.counters().last_sync_ns, elapsed);
}

#[test]
fn pages_show_every_row_once() {
    let world = settled(Ownership::All, 300);
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = world.switches[1].node.neighbors(after, 7, &NeighborFilter::default());
        assert!(page.rows.len() <= 8);
        seen.extend(page.rows.into_iter().map(|row| (row.interface, row.ip)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 300);
}

#[test]
fn a_log_repeats_every_output() {
    let mut world = settled(Ownership::All, 100);
    world.net.reset(world.now);
    world.run(Duration::from_secs(5));
    world.check_determinism();
}
