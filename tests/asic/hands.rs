//! A host that passes from the peer to this device, or back: its entry changes hands, and the hardware is not written.

use crate::world::{World, id, mlag_id};
use mlagsync::addr::Mac;
use mlagsync::neighbor::Attachment;
use mlagsync::node::Ownership;
use mlagsync::node::io::FdbMode;
use mlagsync::sai::Oid;
use sai::inspect::Op;
use std::net::IpAddr;
use std::time::Duration;

/// Calls that changed something, or tried to.
fn writes(world: &World) -> Vec<String> {
    let writes = |op| matches!(op, Op::Create | Op::Remove | Op::Set);
    world.sim.calls().into_iter().filter(|c| c.calls > 0 && writes(c.op)).map(|c| c.name).collect()
}

fn held(world: &World, name: &str, ip: IpAddr) -> Option<Mac> {
    let rif = world.topology.rif(id(name)).unwrap();
    let mut all = world.sim.neighbors().into_iter();
    all.find(|n| Oid::from_raw(n.rif) == rif && n.ip == ip).map(|n| Mac(n.mac))
}

#[test]
fn a_key_that_passes_from_received_to_local_and_back_is_not_written() {
    let mac = Mac([2, 7, 0, 0, 0, 1]);
    for ownership in [Ownership::All, Ownership::Received] {
        for (name, mlag, ip) in
            [("Vlanif10", 7, "10.0.7.7"), ("Vlanif10", 7, "2001:db8::77"), ("Eth-Trunk8", 8, "10.8.7.7")]
        {
            let mut world = World::of("", FdbMode::External, &[], ownership);
            let ip: IpAddr = ip.parse().unwrap();
            let host = || [(name, ip, mac, Attachment::Mlag(mlag_id(mlag)))];
            if name == "Vlanif10" {
                world.nos_hears(name, mac, 7);
            }
            world.learn(0, host());
            let story = format!("{ownership:?} {name} {ip}");
            assert_eq!(held(&world, name, ip), Some(mac), "{story}: received");
            world.sim.reset_calls();
            for round in 0..3 {
                world.learn(1, host());
                world.forget(0, name, ip);
                world.run(Duration::from_secs(2));
                assert_eq!(writes(&world), [""; 0], "{story}: to local, round {round}");
                world.learn(0, host());
                world.forget(1, name, ip);
                world.run(Duration::from_secs(2));
                assert_eq!(writes(&world), [""; 0], "{story}: and back, round {round}");
            }
            assert_eq!(held(&world, name, ip), Some(mac), "{story}");
            // And it is ours again: it goes with its claim.
            world.forget(0, name, ip);
            world.run(Duration::from_secs(2));
            assert_eq!(held(&world, name, ip), None, "{story}: gone");
        }
    }
}
