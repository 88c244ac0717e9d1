//! One switch in virtual time whose hosts need more than a neighbour: an FDB entry each, or a host route each. All of them
//! can be pointed elsewhere at a time.
//!
//! Invariant: what the hardware holds is asked of the hardware; what the node believes is asked of its views.

use crate::{bridge_port, vlanif};
use mlagsync::addr::{InterfaceId, Mac, MlagId, VpnInstance};
use mlagsync::mirror::batch::{FdbHost, FdbOp, OpKind, Outcome};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{
    Binding, Evidence, FdbMode, Footing, Input, LinkState, Member, Output, PeerLink, RifState,
};
use mlagsync::node::view::HostState;
use mlagsync::node::{Node, NodeSettings, Ownership, Programming, Scrub, Tuning};
use mlagsync::run::asic::{Done, Executor};
use mlagsync::run::topology::{InterfaceSpec, Layout, Topology};
use mlagsync::sai::{Oid, Switch, id};
use mlagsync::time::Time;
use sai::inspect::SimSwitch;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

/// Which table is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    Fdb,
    Route,
}

/// What was asked of that table at a time.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) kind: OpKind,
    pub(crate) hosts: Vec<u32>,
}

pub(crate) struct Bed {
    table: Table,
    pub(crate) node: Node,
    now: Time,
    executor: Executor,
    interface: InterfaceId,
    mlag: MlagId,
    footing: Footing,
    ports: [Oid<id::BridgePort>; 4],
    next_hop: Oid<id::NextHop>,
    done: VecDeque<Done>,
    /// All are pointed the other way after so many answers to the present input.
    pub(crate) turn_after: Option<usize>,
    pub(crate) asked: Vec<Asked>,
    /// How many were asked by then, and how many neighbours were to be made.
    pub(crate) neighbors: Vec<(usize, usize)>,
    /// Calls for that table.
    pub(crate) calls: u32,
    /// Hosts that are there.
    pub(crate) wanted: BTreeSet<u32>,
    /// They are pointed elsewhere than at first.
    pub(crate) away: bool,
}

pub(crate) fn ip(n: u32) -> IpAddr {
    std::net::Ipv4Addr::from(0x0a00_0000 + n).into()
}

pub(crate) fn mac(n: u32) -> Mac {
    let [_, a, b, c] = n.to_be_bytes();
    Mac([2, 5, 0, a, b, c])
}

fn number(mac: Mac) -> u32 {
    u32::from_be_bytes([0, mac.0[3], mac.0[4], mac.0[5]])
}

impl Bed {
    pub(crate) fn new(table: Table, switch: &Switch) -> Bed {
        let (near, far): (InterfaceId, InterfaceId) =
            ("Eth-Trunk3".parse().unwrap(), "Eth-Trunk9".parse().unwrap());
        let spec = |interface| InterfaceSpec { interface, ..vlanif(10) };
        let interface = if table == Table::Fdb { vlanif(10).interface } else { near };
        let layout = Layout {
            interfaces: vec![spec(interface), spec(far)],
            next_hops: vec![(far, "192.0.2.2".parse().unwrap())],
            ..Layout::default()
        };
        let topology = Topology::lay(switch, &layout, None).unwrap();
        let footing = topology.footing(interface);
        let tuning =
            Tuning { scrub: Scrub::off(), programming: Programming::Synchronous, ..Tuning::default() };
        let (ownership, fdb) = (Ownership::All, FdbMode::Managed);
        let mut bed = Bed {
            table,
            node: Node::new(NodeSettings { seed: 1, ownership, fdb, tuning }),
            now: Time::ZERO,
            executor: Executor::new(switch),
            interface,
            mlag: MlagId::new(3).unwrap(),
            footing,
            ports: [0, 1, 2, 3].map(|n| bridge_port(switch, n)),
            next_hop: topology.next_hops()[&VpnInstance::public()],
            done: VecDeque::new(),
            turn_after: None,
            asked: Vec::new(),
            neighbors: Vec::new(),
            calls: 0,
            wanted: BTreeSet::new(),
            away: false,
        };
        bed.tell(Input::Bind(Binding {
            interface,
            vrf: VpnInstance::public(),
            rif: topology.rif(interface).unwrap(),
            mac: Mac([2, 0, 0, 0, 0, 0xfe]),
            addresses: Vec::new(),
            state: RifState::Up,
            footing,
        }));
        bed.point(false);
        bed
    }

    /// Points all hosts one way or the other. Hosts of the VLAN lie behind a member that is down: it is the peer-link's port
    /// that changes. Those of the routed interface go by the member or by the peer.
    pub(crate) fn point(&mut self, away: bool) {
        for input in self.turn(away) {
            self.tell(input);
        }
    }

    fn turn(&mut self, away: bool) -> [Input; 2] {
        self.away = away;
        let up = self.table == Table::Route && !away;
        let local = if up { LinkState::Forwarding } else { LinkState::Down };
        let member =
            Member { mlag: self.mlag, port: Some(self.ports[0]), local, peer: LinkState::Forwarding };
        let next_hops = BTreeMap::from([(VpnInstance::public(), self.next_hop)]);
        let port = Some(self.port(away));
        let link = PeerLink { port, state: LinkState::Forwarding, next_hops };
        [Input::Member(member), Input::PeerLink(link)]
    }

    fn port(&self, away: bool) -> Oid<id::BridgePort> {
        self.ports[if away && self.table == Table::Fdb { 2 } else { 1 }]
    }

    fn tell(&mut self, input: Input) {
        self.node.handle(self.now, input);
        self.execute();
        let mut answers = 0;
        while let Some(done) = self.done.pop_front() {
            self.node.handle(self.now, done.into());
            self.execute();
            answers += 1;
            if self.turn_after.take_if(|after| *after <= answers).is_some() {
                for input in self.turn(!self.away) {
                    self.node.handle(self.now, input);
                    self.execute();
                }
            }
            assert!(answers < 10_000, "it spins: {:?}", self.asked.last());
        }
    }

    fn execute(&mut self) {
        while let Some(output) = self.node.poll() {
            let done = match output {
                Output::Program(batch) => {
                    let mut done = self.executor.execute(&batch);
                    let made = if batch.kind == OpKind::Create { batch.ops.len() } else { 0 };
                    self.neighbors.push((self.asked.len(), made));
                    done.asic_ns = u64::from(done.calls) * 20_000 + batch.ops.len() as u64 * 5_000;
                    Done::Program(done)
                }
                Output::Survey => Done::Listed(self.executor.survey()),
                Output::Fdb(batch) => {
                    let mut done = self.executor.execute_fdb(&batch);
                    done.asic_ns = u64::from(done.calls) * 20_000 + batch.ops.len() as u64 * 5_000;
                    self.note(Table::Fdb, batch.kind, done.calls, || {
                        batch.ops.iter().map(|op| number(op.mac)).collect()
                    });
                    Done::Fdb(done)
                }
                Output::Route(batch) => {
                    let mut done = self.executor.execute_routes(&batch);
                    done.asic_ns = u64::from(done.calls) * 20_000 + batch.ops.len() as u64 * 5_000;
                    self.note(Table::Route, batch.kind, done.calls, || {
                        batch.ops.iter().map(|op| host(op.ip)).collect()
                    });
                    Done::Route(done)
                }
                Output::Event(_) | Output::Transport(_) | Output::Disown(_) => continue,
                Output::Kernel(_) | Output::Protect { .. } => unreachable!("nobody asked for it"),
            };
            self.done.push_back(done);
        }
    }

    fn note(&mut self, table: Table, kind: OpKind, calls: u32, hosts: impl FnOnce() -> Vec<u32>) {
        if table == self.table {
            self.asked.push(Asked { kind, hosts: hosts() });
            self.calls += calls;
        }
    }

    pub(crate) fn forget_asked(&mut self) {
        self.asked.clear();
        self.neighbors.clear();
        self.calls = 0;
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        let mut steps = 0;
        while let Some(at) = self.node.next_wake().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.tell(Input::Wake);
            steps += 1;
            assert!(steps < 100_000, "it wants to be woken all the time");
        }
        self.now = end;
    }

    pub(crate) fn learn(&mut self, hosts: impl IntoIterator<Item = u32>) {
        let (attachment, flags) = (Attachment::Mlag(self.mlag), Flags::default());
        let hosts: Vec<u32> = hosts.into_iter().collect();
        self.wanted.extend(&hosts);
        let learned = |n: &u32| {
            let key = Key { interface: self.interface, ip: ip(*n) };
            Evidence::Learned { key, mac: mac(*n), attachment, flags, fresh: true }
        };
        self.tell(Input::Evidence(hosts.iter().map(learned).collect()));
    }

    pub(crate) fn forget(&mut self, hosts: impl IntoIterator<Item = u32>) {
        let hosts: Vec<u32> = hosts.into_iter().collect();
        self.wanted.retain(|n| !hosts.contains(n));
        let gone = |n: &u32| Evidence::Forgotten { key: Key { interface: self.interface, ip: ip(*n) } };
        self.tell(Input::Evidence(hosts.iter().map(gone).collect()));
    }

    /// What the hardware should hold, and whether it is pointed elsewhere.
    pub(crate) fn should(&self) -> BTreeMap<u32, Option<bool>> {
        self.wanted.iter().map(|n| (*n, Some(self.away))).collect()
    }

    /// What it holds, by asking the simulator; `None` where that is neither way.
    pub(crate) fn look(&self, sim: &SimSwitch) -> BTreeMap<u32, Option<bool>> {
        let way = |raw: u64, away: bool| match self.table {
            Table::Fdb => self.port(away).raw() == raw,
            Table::Route => (self.next_hop.raw() == raw) == away,
        };
        let either = |raw| [false, true].into_iter().find(|away| way(raw, *away));
        match self.table {
            Table::Fdb => {
                sim.fdb().into_iter().map(|held| (number(Mac(held.mac)), either(held.bridge_port))).collect()
            }
            Table::Route => {
                let routes = sim.routes().into_iter().filter(|route| route.length == 32);
                routes.map(|route| (host(route.ip), either(route.next_hop))).collect()
            }
        }
    }

    /// What the FDB holds of these, as it says itself when it is read.
    pub(crate) fn read(&mut self, hosts: impl IntoIterator<Item = u32>) -> BTreeMap<u32, Option<bool>> {
        let hosts: Vec<u32> = hosts.into_iter().collect();
        let outcomes = self.behind_its_back(OpKind::Read, &hosts);
        let ports = [false, true].map(|away| (self.port(away), away));
        let either = |port| ports.iter().find(|(other, _)| *other == port).map(|(_, away)| *away);
        let each = hosts.into_iter().zip(outcomes).filter_map(|(n, outcome)| match outcome {
            Outcome::Held(held) => held.map(|host: FdbHost| (n, either(host.port).filter(|_| !host.dynamic))),
            other => panic!("{n}: {other:?}"),
        });
        each.collect()
    }

    /// Does something to FDB entries that the node knows nothing of; what is made is on a port of nobody's.
    pub(crate) fn behind_its_back(&mut self, kind: OpKind, hosts: &[u32]) -> Vec<Outcome<FdbHost>> {
        let Footing::Bridged(domain) = self.footing else { panic!("there is no FDB") };
        let value = Some(FdbHost { port: self.ports[3], dynamic: false });
        let op = |n: &u32| FdbOp { row: 0, domain, mac: mac(*n), host: value, was: None };
        self.executor.execute_fdb(&crate::batch(kind, hosts.iter().map(op))).outcomes
    }

    /// How the node says that a host's entry is.
    pub(crate) fn state(&self, n: u32) -> Option<HostState> {
        let why = self.node.why(ip(n)).pop()?;
        match self.table {
            Table::Fdb => why.fdb?.state,
            Table::Route => why.route?.state,
        }
    }
}

fn host(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(ip) => u32::from(ip) - 0x0a00_0000,
        IpAddr::V6(_) => panic!("there is none"),
    }
}
