//! A member goes down under many dual-homed hosts: how fast all of them are pointed at the peer-link, against a loop of
//! bulk sets that does nothing else, on the same simulator in the same run.
//!
//! `cargo bench --bench member [-- HOSTS]`

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]
#![allow(clippy::print_stdout, reason = "its figures")]

#[path = "../tests/pair/dice.rs"]
#[allow(dead_code, reason = "not all of it is thrown here")]
mod dice;
#[path = "../tests/common/hardware.rs"]
#[allow(dead_code, reason = "the simulator is linked here")]
mod hardware;
#[path = "../tests/pair/net.rs"]
#[allow(dead_code, reason = "nothing breaks here")]
mod net;
#[path = "../tests/asic/world.rs"]
#[allow(dead_code, reason = "the tests ask for more")]
mod world;

use mlagsync::addr::Mac;
use mlagsync::neighbor::Attachment;
use mlagsync::node::io::{FdbMode, Footing, LinkState};
use mlagsync::sai::{Answer, FdbChange, FdbKey, FdbTable, NextHopTable, Oid, RouteKey, RouteTable, id};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};
use world::{PEER_LINK, PEER_MAC, World, id as interface, mac, mlag_id, out};

const HOSTS: u32 = 131_072;
const ROUNDS: u32 = 3;
/// Entries of a raw bulk call.
const CALL: usize = 4096;
/// What re-pointing is to reach of the raw loop's rate.
const BAR: f64 = 0.8;

/// Hosts of a switched or of a routed interface.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Switched,
    Routed,
}

impl Kind {
    fn place(self) -> (&'static str, u32, usize) {
        match self {
            Kind::Switched => ("Vlanif10", 7, 7),
            Kind::Routed => ("Eth-Trunk8", 8, 8),
        }
    }
}

fn host(n: u32) -> (IpAddr, Mac) {
    (Ipv4Addr::from(0x0a00_0100 + n).into(), mac(n))
}

/// Hosts whose packets do not leave as they should.
fn astray(world: &World, kind: Kind, hosts: u32, up: bool) -> usize {
    let (_, _, number) = kind.place();
    let is_astray = |n: &u32| {
        let (ip, mac) = host(*n);
        let wanted = match (up, kind) {
            (true, _) => out(world, number, mac),
            (false, Kind::Switched) => out(world, PEER_LINK, mac),
            (false, Kind::Routed) => out(world, PEER_LINK, PEER_MAC),
        };
        world.whereto(ip) != wanted
    };
    (0..hosts).filter(is_astray).count()
}

/// The loop that does nothing else: every entry there and back.
fn raw(world: &World, kind: Kind, hosts: u32) -> Duration {
    let (name, mlag, _) = kind.place();
    match (kind, world.topology.footing(interface(name))) {
        (Kind::Switched, Footing::Bridged(domain)) => {
            let ports =
                [world.topology.peer_port().unwrap(), world.topology.member_port(mlag_id(mlag)).unwrap()];
            let keys: Vec<FdbKey> = (0..hosts).map(|n| FdbKey { domain, mac: host(n).1 }).collect();
            let mut table = FdbTable::new(&world.switch);
            both_ways(ports, |port| {
                for call in keys.chunks(CALL) {
                    table.change(call.iter().map(|key| (*key, FdbChange::Port(port))));
                    assert!(table.answers().iter().all(|answer| *answer == Answer::Done));
                }
            })
        }
        (Kind::Routed, Footing::Routed(virtual_router)) => {
            let keys: Vec<RouteKey> =
                (0..hosts).map(|n| RouteKey { virtual_router, ip: host(n).0 }).collect();
            let peer = *world.topology.next_hops().values().next().unwrap();
            let mut table = RouteTable::new(&world.switch);
            // Each route has a next hop of its own to go back to.
            table.read(keys.iter().copied());
            let own: Vec<Oid<id::NextHop>> = (0..keys.len()).map(|n| table.next_hop(n).unwrap()).collect();
            assert!(NextHopTable::new(&world.switch).list().unwrap().len() > own.len());
            both_ways([true, false], |away| {
                for (call, own) in keys.chunks(CALL).zip(own.chunks(CALL)) {
                    let to = |own: &Oid<id::NextHop>| if away { peer } else { *own };
                    table.set_next_hop(call.iter().zip(own).map(|(key, own)| (*key, to(own))));
                    assert!(table.answers().iter().all(|answer| *answer == Answer::Done));
                }
            })
        }
        _ => unreachable!("the interface has another footing"),
    }
}

/// The mean time of one way.
fn both_ways<T: Copy>(ways: [T; 2], mut go: impl FnMut(T)) -> Duration {
    let begin = Instant::now();
    for _ in 0..ROUNDS {
        ways.into_iter().for_each(&mut go);
    }
    begin.elapsed() / (2 * ROUNDS)
}

fn measure(kind: Kind, hosts: u32, profile: &[(&str, &str)], what: &str) {
    let (name, mlag, _) = kind.place();
    let all = [profile, &[("SAI_SIM_FDB_MISS", "drop")]].concat();
    let mut world = World::new(FdbMode::Managed, &all);
    world.learn(0, (0..hosts).map(|n| (name, host(n).0, host(n).1, Attachment::Mlag(mlag_id(mlag)))));
    while astray(&world, kind, hosts, true) > 0 {
        world.run(Duration::from_secs(10));
    }
    let raw = raw(&world, kind, hosts);
    let mut took = [Duration::ZERO; 2];
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        world.link(mlag, false);
        world.run(Duration::from_millis(500));
        took[0] += begin.elapsed();
        assert_eq!(astray(&world, kind, hosts, false), 0, "all leave by the peer-link");
        world.link(mlag, true);
        let begin = Instant::now();
        world.member(mlag, LinkState::Forwarding);
        world.run(Duration::from_millis(500));
        took[1] += begin.elapsed();
        assert_eq!(astray(&world, kind, hosts, true), 0, "all leave by the member");
    }
    let [down, up] = took.map(|time| time / ROUNDS);
    let ratio = raw.as_secs_f64() / down.as_secs_f64();
    let verdict = if ratio >= BAR { "met" } else { "missed" };
    println!(
        "{name}, {what}: {hosts} hosts; raw loop {raw:.1?}; member down {down:.1?}, up {up:.1?}; {:.0} ns each; \
         ratio {ratio:.2} (bar {BAR}: {verdict}); entries re-pointed one by one, no bridge-port protection",
        down.as_nanos() as f64 / f64::from(hosts),
    );
}

fn main() {
    let hosts = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(HOSTS);
    let capacity = (2 * hosts + 1000).to_string();
    let room = [("SAI_SIM_HOST_CAPACITY", capacity.as_str()), ("SAI_SIM_FDB_CAPACITY", capacity.as_str())];
    let free = [("SAI_SIM_CALL_NS", "0"), ("SAI_SIM_ENTRY_NS", "0")];
    let cost = [("SAI_SIM_CALL_NS", "20000"), ("SAI_SIM_ENTRY_NS", "5000")];
    for kind in [Kind::Switched, Kind::Routed] {
        measure(kind, hosts, &[room, free].concat(), "ASIC at no cost");
        measure(kind, hosts, &[room, cost].concat(), "20 µs a call and 5 µs an entry");
    }
}
