//! One switch in virtual time: the real node, the SAI thread's executor without its thread, and the simulator behind
//! the C ABI.
//!
//! Invariant: what the hardware holds is asked of the simulator; what the node believes is asked of its views.

use crate::hardware::linked;
use crate::{rif, vlanif};
use mlagsync::addr::{InterfaceId, Mac, VpnInstance};
use mlagsync::mirror::batch::{Op, OpKind, Outcome};
use mlagsync::neighbor::{Attachment, Flags, Host, Key};
use mlagsync::node::io::{Binding, Event, Evidence, Input, Output, RifState};
use mlagsync::node::view::{HostFilter, HostState, HostView};
use mlagsync::node::{Node, NodeSettings, Ownership, Programming, Scrub, Tuning};
use mlagsync::run::asic::{Done, Executor};
use mlagsync::sai::{Oid, Switch, id};
use mlagsync::session::io::Transport;
use mlagsync::time::Time;
use sai::inspect::SimSwitch;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

/// What the hardware should hold.
pub(crate) type Wanted = BTreeMap<IpAddr, Mac>;

/// A batch that was executed.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) kind: OpKind,
    pub(crate) ops: Vec<Op>,
    pub(crate) outcomes: Vec<Outcome>,
}

/// The switch.
pub(crate) struct Rig {
    pub(crate) node: Node,
    pub(crate) now: Time,
    pub(crate) interface: InterfaceId,
    pub(crate) rif: Oid<id::RouterInterface>,
    executor: Executor,
    /// Batches since [`Rig::forget_asked`].
    pub(crate) asked: Vec<Asked>,
    /// SAI calls since then.
    pub(crate) calls: u32,
    pub(crate) events: Vec<Event>,
    /// What it asked of its socket's owner.
    pub(crate) transport: Vec<Transport>,
    done: VecDeque<Done>,
    /// Inputs that come after so many answers to the present one.
    pub(crate) interruptions: VecDeque<(usize, Input)>,
    /// Two operations on one key were with the ASIC at a time.
    pub(crate) had_one_key_twice: bool,
    in_flight: Vec<Vec<IpAddr>>,
    /// What was learned and not forgotten.
    pub(crate) wanted: Wanted,
}

/// A MAC of the nth host, of this generation.
pub(crate) fn mac(n: u32, generation: u8) -> Mac {
    let [_, a, b, c] = n.to_be_bytes();
    Mac([2, generation, 0, a, b, c])
}

impl Rig {
    /// A node for a switch of the linked simulator, and a look into it.
    pub(crate) fn linked(profile: &[(&str, &str)]) -> (SimSwitch, Rig) {
        let (sim, switch) = linked(profile);
        let rig = Rig::new(&switch);
        (sim, rig)
    }

    /// A node that programs what it learns itself, takes SUCCESS at its word, and does not look after it.
    pub(crate) fn new(switch: &Switch) -> Rig {
        let tuning =
            Tuning { scrub: Scrub::off(), programming: Programming::Synchronous, ..Tuning::default() };
        Rig::tuned(switch, tuning)
    }

    /// A node that programs what it learns itself.
    pub(crate) fn tuned(switch: &Switch, tuning: Tuning) -> Rig {
        let settings = NodeSettings { seed: 1, ownership: Ownership::All, fdb: Default::default(), tuning };
        let (interface, rif) = (vlanif(10).interface, rif(switch));
        let mut rig = Rig {
            node: Node::new(settings),
            now: Time::ZERO,
            interface,
            rif,
            executor: Executor::new(switch),
            asked: Vec::new(),
            calls: 0,
            events: Vec::new(),
            transport: Vec::new(),
            done: VecDeque::new(),
            interruptions: VecDeque::new(),
            had_one_key_twice: false,
            in_flight: Vec::new(),
            wanted: Wanted::new(),
        };
        rig.tell(Input::Bind(Binding {
            interface,
            vrf: VpnInstance::public(),
            rif,
            mac: Mac([2, 0, 0, 0, 0, 0xfe]),
            addresses: Vec::new(),
            state: RifState::Up,
            footing: Default::default(),
        }));
        rig
    }

    /// Tells the node, and has everything done that it asks for until it asks for nothing.
    pub(crate) fn tell(&mut self, input: Input) {
        self.node.handle(self.now, input);
        self.execute();
        let mut answers = 0;
        while let Some(done) = self.done.pop_front() {
            if matches!(done, Done::Program(_)) {
                self.in_flight.remove(0);
            }
            self.node.handle(self.now, done.into());
            self.execute();
            answers += 1;
            let due = self.interruptions.front().is_some_and(|(after, _)| *after <= answers);
            if due && let Some((_, input)) = self.interruptions.pop_front() {
                self.node.handle(self.now, input);
                self.execute();
            }
            assert!(answers < 10_000, "it spins: {:?}", self.asked.last());
        }
    }

    /// Has what the node asks for now done, without an answer yet.
    pub(crate) fn take_batches(&mut self) {
        self.execute();
    }

    fn execute(&mut self) {
        while let Some(output) = self.node.poll() {
            match output {
                Output::Program(batch) => {
                    let mut done = self.executor.execute(&batch);
                    // By a cost model, so that a run repeats.
                    done.asic_ns = u64::from(done.calls) * 20_000 + batch.ops.len() as u64 * 5_000;
                    self.calls += done.calls;
                    let outcomes = done.outcomes.clone();
                    let keys: Vec<IpAddr> = batch.ops.iter().map(|op| op.ip).collect();
                    let is_in_flight = |ip: &IpAddr| self.in_flight.iter().flatten().any(|other| other == ip);
                    self.had_one_key_twice |= !self.interruptions.is_empty() && keys.iter().any(is_in_flight);
                    self.in_flight.push(keys);
                    self.asked.push(Asked { kind: batch.kind, ops: batch.ops, outcomes });
                    self.done.push_back(Done::Program(done));
                }
                Output::Fdb(batch) => self.done.push_back(Done::Fdb(self.executor.execute_fdb(&batch))),
                Output::Route(batch) => {
                    self.done.push_back(Done::Route(self.executor.execute_routes(&batch)))
                }
                Output::Kernel(_) => unreachable!("no kernel mirror is asked for"),
                Output::Event(event) => self.events.push(event),
                Output::Protect { .. } => unreachable!("nobody says that a port can be protected"),
                Output::Survey => self.done.push_back(Done::Listed(self.executor.survey())),
                Output::Disown(entries) => self.executor.disown(&entries),
                Output::Transport(transport) => self.transport.push(transport),
            }
        }
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

    pub(crate) fn forget_asked(&mut self) {
        self.asked.clear();
        self.calls = 0;
    }

    fn key(&self, ip: IpAddr) -> Key {
        Key { interface: self.interface, ip }
    }

    /// Hosts are heard.
    pub(crate) fn learn(&mut self, hosts: impl IntoIterator<Item = (IpAddr, Mac)>) {
        let mut evidence = Vec::new();
        for (ip, mac) in hosts {
            self.wanted.insert(ip, mac);
            let (attachment, flags) = (Attachment::Orphan, Flags::default());
            evidence.push(Evidence::Learned { key: self.key(ip), mac, attachment, flags, fresh: true });
        }
        self.tell(Input::Evidence(evidence));
    }

    /// Hosts are gone.
    pub(crate) fn forget(&mut self, hosts: impl IntoIterator<Item = IpAddr>) {
        let mut evidence = Vec::new();
        for ip in hosts {
            self.wanted.remove(&ip);
            evidence.push(Evidence::Forgotten { key: self.key(ip) });
        }
        self.tell(Input::Evidence(evidence));
    }

    /// What the node believes of one host.
    pub(crate) fn host(&self, ip: IpAddr) -> Option<HostView> {
        let filter = HostFilter { ip: Some(ip), ..HostFilter::default() };
        self.node.hosts(None, 10, &filter).rows.pop()
    }

    /// Hosts that are not as wanted, and how.
    pub(crate) fn troubles(&self) -> BTreeMap<IpAddr, HostState> {
        let filter = HostFilter { trouble: true, ..HostFilter::default() };
        let mut all = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.node.hosts(after, 1000, &filter);
            all.extend(page.rows.into_iter().map(|row| (row.ip, row.state)));
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    }

    /// What the hardware holds, as it says itself when it is read.
    pub(crate) fn dump(&mut self) -> BTreeMap<IpAddr, Host> {
        let dump = self.executor.dump().unwrap();
        assert_eq!(dump.unread, []);
        dump.entries.into_iter().map(|(key, host)| (key.ip, host)).collect()
    }

    /// Executes something behind the node's back.
    pub(crate) fn behind_its_back(&mut self, kind: OpKind, hosts: &[(IpAddr, Mac)]) -> Vec<Outcome> {
        let op = |(ip, mac): &(IpAddr, Mac)| {
            let host = Host { mac: *mac, no_host_route: false };
            Op { row: 0, rif: self.rif, ip: *ip, host }
        };
        let batch = crate::batch(kind, hosts.iter().map(op));
        self.executor.execute(&batch).outcomes
    }

    /// Operations of this kind that were asked, of these hosts.
    pub(crate) fn count(&self, kind: OpKind, of: impl Fn(&IpAddr) -> bool) -> usize {
        let ops = self.asked.iter().filter(|asked| asked.kind == kind).flat_map(|asked| &asked.ops);
        ops.filter(|op| of(&op.ip)).count()
    }
}

/// What the hardware holds, by address.
pub(crate) fn held(sim: &SimSwitch) -> Wanted {
    sim.neighbors().into_iter().map(|n| (n.ip, Mac(n.mac))).collect()
}
