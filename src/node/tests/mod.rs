//! A node beside an ASIC that a map is: which entries are asked for, in which order, and what is held in the end.

mod adopted;
mod external;
mod in_use;
mod leftovers;
mod mac_rows;
mod managed;
mod members;
mod released;
mod renamed;
mod routed;
mod shown;
mod told;

use super::*;
use crate::addr::{Mac, MlagId, VlanId, VpnInstance};
use crate::mirror::batch::{Batch, BatchDone, FdbHost, OpKind, Outcome, Owned, Via};
use crate::neighbor::{Attachment, Claim, Flags, Host};
use crate::node::io::*;
use crate::sai::id::{self, Domain, Oid};
use crate::sai::status::Status;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

const MEMBER: u64 = 0x31;
const OTHER: u64 = 0x32;
const LONE: u64 = 0x33;
const PEER: u64 = 0x3f;
const HOP: u64 = 0x40;
const VLAN: Domain = Domain::Vlan(Oid::from_raw(0x26_0010));
const ROUTER: Oid<id::VirtualRouter> = Oid::from_raw(0x30);

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).unwrap())
}

fn trunk(n: u32) -> InterfaceId {
    InterfaceId::Routed { mlag: mlag_id(n), dot1q: None }
}

fn mlag_id(n: u32) -> MlagId {
    MlagId::new(n).unwrap()
}

fn mlag(n: u32) -> Attachment {
    Attachment::Mlag(mlag_id(n))
}

fn mac(n: u8) -> Mac {
    Mac([2, 0, 0, 0, 0, n])
}

fn key(interface: InterfaceId, ip: &str) -> Key {
    Key { interface, ip: ip.parse().unwrap() }
}

fn claim(n: u8, attachment: Attachment) -> Claim {
    Claim { mac: mac(n), attachment, flags: Flags::default(), counter: 0 }
}

/// A node, and an ASIC that does what it is asked.
struct Rig {
    node: Node,
    now: Time,
    neighbors: BTreeMap<(u64, IpAddr), Host>,
    fdb: BTreeMap<(Domain, Mac), FdbHost>,
    routes: BTreeMap<(u64, IpAddr), Via>,
    /// What was asked, one line for each operation.
    asked: Vec<String>,
    events: Vec<Event>,
    disowned: Vec<Owned>,
    protects: Vec<(u64, u64, bool)>,
    /// What is refused, by the beginning of its line.
    refusals: Vec<(&'static str, Status)>,
    /// Batches are not answered.
    silent: bool,
    unanswered: Vec<Input>,
}

impl Rig {
    fn new(fdb: FdbMode, ownership: Ownership) -> Self {
        let settings = NodeSettings { seed: 7, ownership, fdb, tuning: unwatched() };
        Rig::tuned(settings)
    }

    fn tuned(settings: NodeSettings) -> Self {
        let mut rig = Rig {
            node: Node::new(settings),
            now: Time::ZERO,
            neighbors: BTreeMap::new(),
            fdb: BTreeMap::new(),
            routes: BTreeMap::new(),
            asked: Vec::new(),
            events: Vec::new(),
            disowned: Vec::new(),
            protects: Vec::new(),
            refusals: Vec::new(),
            silent: false,
            unanswered: Vec::new(),
        };
        rig.bind(vlanif(10), 1, Footing::Bridged(VLAN), RifState::Up);
        rig.bind(trunk(1), 2, Footing::Routed(ROUTER), RifState::Up);
        rig.member(1, LinkState::Forwarding, LinkState::Forwarding);
        rig.peer_link(LinkState::Forwarding);
        rig.asked.clear();
        rig
    }

    fn managed() -> Self {
        Rig::new(FdbMode::Managed, Ownership::All)
    }

    fn binding(interface: InterfaceId, rif: u64, footing: Footing, state: RifState) -> Binding {
        Binding {
            interface,
            vrf: "red".parse().unwrap(),
            rif: Oid::from_raw(rif),
            mac: mac(0xfe),
            addresses: Vec::new(),
            state,
            footing,
        }
    }

    fn bind(&mut self, interface: InterfaceId, rif: u64, footing: Footing, state: RifState) {
        self.tell(Input::Bind(Rig::binding(interface, rif, footing, state)));
    }

    fn member(&mut self, n: u32, local: LinkState, peer: LinkState) {
        let port = Some(Oid::from_raw(if n == 1 { MEMBER } else { OTHER }));
        self.tell(Input::Member(Member { mlag: mlag_id(n), port, local, peer }));
    }

    fn peer_link(&mut self, state: LinkState) {
        let vrf: VpnInstance = "red".parse().unwrap();
        let next_hops = BTreeMap::from([(vrf, Oid::from_raw(HOP))]);
        self.tell(Input::PeerLink(PeerLink { port: Some(Oid::from_raw(PEER)), state, next_hops }));
    }

    /// The peer claims this.
    fn theirs(&mut self, key: Key, claim: Claim) {
        self.node.table.remote_upsert(&[(key, claim)]);
        self.tell(Input::Wake);
    }

    fn theirs_gone(&mut self, key: Key) {
        self.node.table.remote_delete(&[key]);
        self.tell(Input::Wake);
    }

    fn heard(&mut self, key: Key, n: u8, attachment: Attachment) {
        let flags = Flags::default();
        let learned = Evidence::Learned { key, mac: mac(n), attachment, flags, fresh: true };
        self.tell(Input::Evidence(vec![learned]));
    }

    fn news(&mut self, change: FdbChange, n: u8, port: Option<u64>) {
        let news = FdbNews { change, domain: Some(VLAN), mac: Some(mac(n)), port: port.map(Oid::from_raw) };
        self.tell(Input::Fdb(vec![news]));
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.tell(Input::Wake);
    }

    /// Tells the node something and answers everything that it asks for then.
    fn tell(&mut self, input: Input) {
        let mut inputs = vec![input];
        for _ in 0..10_000 {
            let Some(input) = inputs.pop() else {
                if self.node.next_wake().is_none_or(|at| at > self.now) {
                    return;
                }
                inputs.push(Input::Wake);
                continue;
            };
            self.node.handle(self.now, input);
            while let Some(output) = self.node.poll() {
                let answer = match output {
                    Output::Transport(_) | Output::Kernel(_) | Output::Survey => continue,
                    Output::Disown(entries) => {
                        self.disowned.extend(entries);
                        continue;
                    }
                    Output::Event(event) => {
                        self.events.push(event);
                        continue;
                    }
                    Output::Protect { port, by, on } => {
                        self.protects.push((port.raw(), by.raw(), on));
                        continue;
                    }
                    Output::Program(batch) => Input::BatchDone(self.program(batch)),
                    Output::Fdb(batch) => Input::FdbDone(self.program_fdb(batch)),
                    Output::Route(batch) => Input::RouteDone(self.program_routes(batch)),
                };
                if self.silent { self.unanswered.push(answer) } else { inputs.insert(0, answer) }
            }
        }
        panic!("it never ends: {:?}", &self.asked[self.asked.len() - 20..]);
    }

    /// The answers that were withheld.
    fn speak(&mut self) {
        self.silent = false;
        for answer in std::mem::take(&mut self.unanswered) {
            self.tell(answer);
        }
    }

    fn refused(&self, line: &str) -> Option<Status> {
        self.refusals.iter().find(|(begin, _)| line.starts_with(begin)).map(|(_, status)| *status)
    }

    fn program(&mut self, batch: Batch) -> BatchDone {
        let outcomes = batch.ops.iter().map(|op| {
            let value = (batch.kind != OpKind::Read).then_some(op.host);
            let line = format!("neighbor {} {}", word(batch.kind), op.ip);
            self.asked.push(line.clone());
            match self.refused(&line) {
                Some(status) => Outcome::Refused(status),
                None => obey(&mut self.neighbors, batch.kind, (op.rif.raw(), op.ip), value),
            }
        });
        let outcomes = outcomes.collect();
        BatchDone { id: batch.id, outcomes, switch_trouble: None, asic_ns: 1000, calls: 1 }
    }

    fn program_fdb(&mut self, batch: Batch<FdbOp>) -> BatchDone<FdbHost> {
        let mut outcomes = Vec::new();
        for op in &batch.ops {
            let how = op
                .host
                .map(|host| format!(" {:x}{}", host.port.raw(), if host.dynamic { " dynamic" } else { "" }));
            let line = format!("fdb {} {}{}", word(batch.kind), op.mac, how.unwrap_or_default());
            self.asked.push(line.clone());
            outcomes.push(match self.refused(&line) {
                Some(status) => Outcome::Refused(status),
                None => obey(&mut self.fdb, batch.kind, (op.domain, op.mac), op.host),
            });
        }
        BatchDone { id: batch.id, outcomes, switch_trouble: None, asic_ns: 1000, calls: 1 }
    }

    fn program_routes(&mut self, batch: Batch<RouteOp>) -> BatchDone<Via> {
        let mut outcomes = Vec::new();
        for op in &batch.ops {
            let how = match op.via {
                Some(Via::Neighbor(rif)) => format!(" itself {}", rif.raw()),
                Some(Via::NextHop(hop)) => format!(" hop {:x}", hop.raw()),
                None => String::new(),
            };
            let line = format!("route {} {}{how}", word(batch.kind), op.ip);
            self.asked.push(line.clone());
            outcomes.push(match self.refused(&line) {
                Some(status) => Outcome::Refused(status),
                None => obey(&mut self.routes, batch.kind, (op.virtual_router.raw(), op.ip), op.via),
            });
        }
        BatchDone { id: batch.id, outcomes, switch_trouble: None, asic_ns: 1000, calls: 1 }
    }

    /// What was asked since the last time.
    fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.asked)
    }

    fn entry(&self, n: u8) -> Option<(u64, bool)> {
        self.fdb.get(&(VLAN, mac(n))).map(|host| (host.port.raw(), host.dynamic))
    }

    /// Evaluating everything anew asks for nothing.
    fn recompute_quietly(&mut self) {
        self.take();
        self.node.recompute();
        self.tell(Input::Wake);
        assert_eq!(self.take(), [] as [String; 0], "it is as it was");
    }

    /// Evaluating everything anew changes nothing, and nothing was asked before.
    fn recompute(&mut self) {
        assert_eq!(self.take(), [] as [String; 0], "asked before");
        self.node.recompute();
        self.tell(Input::Wake);
        assert_eq!(self.take(), [] as [String; 0], "it is as it was");
    }
}

fn word(kind: OpKind) -> &'static str {
    match kind {
        OpKind::Create => "create",
        OpKind::SetMac => "set",
        OpKind::Remove => "remove",
        OpKind::Read => "read",
    }
}

fn obey<K: Ord, V: Copy>(table: &mut BTreeMap<K, V>, kind: OpKind, key: K, value: Option<V>) -> Outcome<V> {
    match (kind, table.contains_key(&key)) {
        (OpKind::Create, true) => Outcome::Refused(Status::ITEM_ALREADY_EXISTS),
        (OpKind::SetMac | OpKind::Remove, false) => Outcome::Refused(Status::ITEM_NOT_FOUND),
        (OpKind::Read, _) => Outcome::Held(table.get(&key).copied()),
        (OpKind::Create | OpKind::SetMac, _) => {
            table.insert(key, value.expect("a value"));
            Outcome::Done
        }
        (OpKind::Remove, true) => {
            table.remove(&key);
            Outcome::Done
        }
    }
}

/// A library that is taken at its word, and not looked after.
fn unwatched() -> Tuning {
    Tuning { scrub: Scrub::off(), programming: Programming::Synchronous, ..Tuning::default() }
}
