//! A session of two whole switches, broken behind each byte in turn: nothing is told or written that need not be.

use crate::model::Truth;
use crate::world::{World, mlag, vlanif};
use mlagsync::addr::Mac;
use mlagsync::neighbor::{Attachment, Key};
use mlagsync::node::Ownership;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const HOSTS: u8 = 6;

fn settled() -> World {
    let mut world = World::new(3, Ownership::All);
    for n in 0..2 * HOSTS {
        let key = Key { interface: vlanif(10), ip: format!("10.0.0.{}", 2 + n).parse().expect("an address") };
        let attachment = if n % 3 == 0 { Attachment::Orphan } else { mlag(1) };
        let truth = Truth { mac: Mac([2, 0, 0, 0, 2, n]), attachment, is_static: false };
        world.learn(usize::from(n % 2), key, truth, true);
    }
    again(&mut world, [0; 2]);
    world
}

fn ends(world: &World) -> [u64; 2] {
    [0, 1].map(|side| world.switches[side].node.counters().syncs)
}

/// Waits until both have heard END more often than that, and everything is as it should be.
#[track_caller]
fn again(world: &mut World, before: [u64; 2]) {
    let done = world.wait(PATIENCE, |world| {
        let session = |side: usize| world.switches[side].node.session();
        let heard = (0..2).all(|side| session(side).up && session(side).received_end);
        if heard && ends(world) > before { world.converged() } else { Err("no END".into()) }
    });
    assert_eq!(done, Ok(()));
}

fn writes(world: &World) -> [u64; 2] {
    [0, 1].map(|side| world.switches[side].asic.writes)
}

#[test]
fn a_reconnect_with_an_unchanged_table_broken_behind_every_byte_tells_and_writes_nothing() {
    let mut world = settled();
    let before = world.net.arrived;
    world.net.reset(world.now);
    again(&mut world, ends(&settled()));
    world.run(Duration::from_millis(100));
    let bytes = [0, 1].map(|side| world.net.arrived[side] - before[side]);
    let (writes_before, told) = (writes(&world), [0, 1].map(|side| world.told(side)));
    for (side, bytes) in bytes.into_iter().enumerate() {
        // Beyond the handshake there are the keepalives.
        for at in 1..=bytes {
            let heard = ends(&world);
            world.net.bite = Some((side, at));
            world.net.reset(world.now);
            let broken = world.wait(PATIENCE, |world| {
                if world.net.bite.is_none() { Ok(()) } else { Err("it has not broken".into()) }
            });
            assert_eq!(broken, Ok(()), "side {side}, behind byte {at}");
            again(&mut world, heard);
            assert_eq!(writes(&world), writes_before, "side {side}, behind byte {at}");
            assert_eq!([0, 1].map(|side| world.told(side)), told, "side {side}, behind byte {at}");
        }
    }
}

/// Switch 0 dies and comes back with its table; the sync in which it names everything is broken behind every byte.
#[test]
fn a_sync_over_an_unchanged_copy_broken_behind_every_byte_writes_nothing() {
    let mut world = settled();
    let writes_before = writes(&world)[1];
    for side in 0..2 {
        for at in (1..700).step_by(3) {
            world.net.bite = Some((side, at));
            world.crash(0, true, false, Duration::from_millis(100));
            world.run(Duration::from_millis(900));
            world.net.bite = None;
            again(&mut world, [0; 2]);
            assert_eq!(writes(&world)[1], writes_before, "side {side}, behind byte {at}");
        }
    }
    assert_eq!(world.switches[1].node.counters().swept, 0);
}
