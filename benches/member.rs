//! A member goes down under many dual-homed hosts: how fast all of them are pointed at the peer-link, against a loop of
//! bulk sets that does nothing else, on the same simulator in the same run.
//!
//! ```text
//! cargo bench --bench member                    131,072 hosts
//! cargo bench --bench member -- 20000           so many
//! ```
//!
//! The node is on one thread and SAI on another, as in the daemon. Each round runs the raw loop and ours, there and back;
//! `ratio` is the raw loop's time beside ours, the median of the rounds. `CPU` is what all threads take beyond the raw
//! loop, per host.

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

use crossbeam_channel::{Receiver, unbounded};
use mlagsync::addr::Mac;
use mlagsync::neighbor::Attachment;
use mlagsync::node::io::{FdbMode, Footing, Input, LinkState, Member, Output};
use mlagsync::run::asic::{Asic, AsicHandle, Done, Executor, Order};
use mlagsync::sai::{Answer, FdbChange, FdbKey, FdbTable, NextHopTable, Oid, RouteKey, RouteTable, id};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};
use world::{PEER_LINK, PEER_MAC, World, id as interface, mac, mlag_id, out};

const HOSTS: u32 = 131_072;
const ROUNDS: usize = 5;
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

/// What it takes to point a table there and back by hand.
enum Raw {
    Macs { table: FdbTable, keys: Vec<FdbKey>, ports: [Oid<id::BridgePort>; 2] },
    Routes { table: RouteTable, keys: Vec<RouteKey>, peer: Oid<id::NextHop>, own: Vec<Oid<id::NextHop>> },
}

impl Raw {
    fn new(world: &World, kind: Kind, hosts: u32) -> Raw {
        let (name, mlag, _) = kind.place();
        match (kind, world.topology.footing(interface(name))) {
            (Kind::Switched, Footing::Bridged(domain)) => {
                let topology = &world.topology;
                let ports = [topology.peer_port().unwrap(), topology.member_port(mlag_id(mlag)).unwrap()];
                let keys = (0..hosts).map(|n| FdbKey { domain, mac: host(n).1 }).collect();
                Raw::Macs { table: FdbTable::new(&world.switch), keys, ports }
            }
            (Kind::Routed, Footing::Routed(virtual_router)) => {
                let keys: Vec<_> = (0..hosts).map(|n| RouteKey { virtual_router, ip: host(n).0 }).collect();
                let peer = *world.topology.next_hops().values().next().unwrap();
                let mut table = RouteTable::new(&world.switch);
                // Each route has a next hop of its own to go back to.
                table.read(keys.iter().copied());
                let own: Vec<_> = (0..keys.len()).map(|n| table.next_hop(n).unwrap()).collect();
                assert!(NextHopTable::new(&world.switch).list().unwrap().len() > own.len());
                Raw::Routes { table, keys, peer, own }
            }
            _ => unreachable!("the interface has another footing"),
        }
    }

    /// The loop that does nothing else: every entry to the peer-link, or back.
    fn go(&mut self, away: bool) {
        let is_done = |answer: &Answer| *answer == Answer::Done;
        match self {
            Raw::Macs { table, keys, ports } => {
                let port = ports[usize::from(!away)];
                for call in keys.chunks(CALL) {
                    table.change(call.iter().map(|key| (*key, FdbChange::Port(port))));
                    assert!(table.answers().iter().all(is_done));
                }
            }
            Raw::Routes { table, keys, peer, own } => {
                for (call, own) in keys.chunks(CALL).zip(own.chunks(CALL)) {
                    let to = |own: &Oid<id::NextHop>| if away { *peer } else { *own };
                    table.set_next_hop(call.iter().zip(own).map(|(key, own)| (*key, to(own))));
                    assert!(table.answers().iter().all(is_done));
                }
            }
        }
    }
}

/// The node on this thread, the SAI thread beside it.
struct Daemon<'a> {
    world: &'a mut World,
    asic: AsicHandle,
    done: Receiver<Done>,
}

impl Daemon<'_> {
    fn new(world: &mut World) -> Daemon<'_> {
        // What is asked of SAI from here on goes to the thread; the world asks nothing any more.
        let left_behind = Executor::new(&world.switch);
        let executor = std::mem::replace(&mut world.executor, left_behind);
        let (answer, done) = unbounded();
        // The receiver is gone when the benchmark is over.
        let asic = Asic::start(executor, move |done| drop(answer.send(done))).unwrap();
        Daemon { world, asic: asic.handle(), done }
    }

    /// Tells the node of the member and serves it until it has nothing to do and nothing to wait for.
    fn member(&mut self, mlag: u32, state: LinkState) {
        let port = self.world.topology.member_port(mlag_id(mlag));
        let peer = LinkState::Forwarding;
        let mut next = Some(Input::Member(Member { mlag: mlag_id(mlag), port, local: state, peer }));
        let mut in_flight = 0;
        while let Some(input) = next {
            self.world.node.handle(self.world.now, input);
            while let Some(output) = self.world.node.poll() {
                let order = match output {
                    Output::Fdb(batch) => Order::Fdb(batch),
                    Output::Route(batch) => Order::Route(batch),
                    Output::Program(batch) => Order::Program(batch),
                    Output::Transport(_) | Output::Event(_) => continue,
                    other => unreachable!("{other:?}"),
                };
                self.asic.order(order).unwrap();
                in_flight += 1;
            }
            let due = self.world.node.next_wake().is_some_and(|at| at <= self.world.now);
            // As in the daemon, answers go first.
            let done = match self.done.try_recv() {
                Err(_) if !due && in_flight > 0 => Some(self.done.recv().unwrap()),
                done => done.ok(),
            };
            in_flight -= usize::from(done.is_some());
            next = done.map(Input::from).or(due.then_some(Input::Wake));
        }
    }
}

/// Wall and CPU time of all threads.
fn timed(what: impl FnOnce()) -> [Duration; 2] {
    let (begin, before) = (Instant::now(), cpu());
    what();
    [begin.elapsed(), cpu() - before]
}

/// CPU time of this process, user and system.
fn cpu() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: a place for the answer.
    let answer = unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) };
    assert_eq!(answer, 0);
    // SAFETY: zeroed, then written.
    let usage = unsafe { usage.assume_init() };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

fn measure(kind: Kind, hosts: u32, profile: &[(&str, &str)], what: &str) {
    let (name, mlag, _) = kind.place();
    let all = [profile, &[("SAI_SIM_FDB_MISS", "drop")]].concat();
    let mut world = World::new(FdbMode::Managed, &all);
    world.learn(0, (0..hosts).map(|n| (name, host(n).0, host(n).1, Attachment::Mlag(mlag_id(mlag)))));
    while astray(&world, kind, hosts, true) > 0 {
        world.run(Duration::from_secs(10));
    }
    let mut raw = Raw::new(&world, kind, hosts);
    let mut daemon = Daemon::new(&mut world);
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let raw = [true, false].map(|away| timed(|| raw.go(away)));
        let ours = [LinkState::Down, LinkState::Forwarding].map(|state| {
            let took = timed(|| daemon.member(mlag, state));
            assert_eq!(astray(daemon.world, kind, hosts, state.forwards()), 0, "all leave as they should");
            took
        });
        rounds.push([0, 1].map(|way| (raw[way], ours[way])));
    }
    for (way, said) in ["down", "up"].into_iter().enumerate() {
        let mut of_way: Vec<_> = rounds.iter().map(|round| round[way]).collect();
        of_way.sort_by(|(raw, ours), (raw_b, ours_b)| {
            let ratio = |raw: &[Duration; 2], ours: &[Duration; 2]| raw[0].div_duration_f64(ours[0]);
            ratio(raw, ours).total_cmp(&ratio(raw_b, ours_b))
        });
        let ([raw, raw_cpu], [ours, ours_cpu]) = of_way[ROUNDS / 2];
        let each = |time: Duration| time.as_nanos() as f64 / f64::from(hosts);
        let ratio = raw.div_duration_f64(ours);
        let verdict = if ratio >= BAR { "met" } else { "missed" };
        println!(
            "{name}, {what}: {hosts} hosts, member {said}: raw {:.0} ns each, ours {:.0}, CPU {:.0}; ratio {ratio:.2} (bar \
             {BAR}: {verdict}); entries re-pointed one by one, no bridge-port protection",
            each(raw),
            each(ours),
            each(ours_cpu.saturating_sub(raw_cpu)),
        );
    }
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
