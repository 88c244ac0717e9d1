//! A host table that refuses entries by hash collisions when it is far from full: one switch claims hosts, the other
//! one programs them into banks of buckets.

use crate::dice::Dice;
use crate::net::Net;
use crate::rig::{Rig, held, mac};
use mlagsync::addr::{Mac, NodeId, VpnInstance};
use mlagsync::limits::{ROOM_PROBE, SHOWN_EXCEPTIONS};
use mlagsync::mirror::batch::{OpKind, Outcome};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{Binding, Evidence, Input, Output, RifState};
use mlagsync::node::view::{HostState, Reason};
use mlagsync::node::{Node, NodeSettings, Ownership, Tuning};
use mlagsync::sai::{Oid, Status};
use mlagsync::session::io::{SessionInput, Settings};
use mlagsync::table::refusal::Refusal;
use sai::inspect::SimSwitch;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// Slots of the table: buckets of four in one bank.
const SLOTS: u32 = 16_384;

/// Two fifths of it.
const HOSTS: u32 = SLOTS * 2 / 5;

pub(crate) fn ip(n: u32) -> IpAddr {
    std::net::Ipv4Addr::from(0x0a00_0000 + n).into()
}

fn settings(side: usize) -> Settings {
    let addresses = ["10.1.0.3", "10.1.0.4"].map(|a| a.parse::<IpAddr>().unwrap());
    Settings {
        node_id: NodeId(1000 + side as u64),
        group: 1,
        source: addresses[side],
        peer: addresses[1 - side],
        vpn: VpnInstance::public(),
        port: 2048,
        hold: Duration::from_secs(5),
        keepalive: Duration::from_secs(1),
        connect: mlagsync::peering::ConnectMode::default(),
        security: mlagsync::peering::Security::default(),
        facts: mlagsync::peering::GroupFacts::default(),
    }
}

/// A switch that claims, and a switch with hardware.
pub(crate) struct Pair {
    net: Net,
    pub(crate) owner: Node,
    pub(crate) rig: Rig,
}

impl Pair {
    pub(crate) fn new(mut rig: Rig) -> Pair {
        let tuning = Tuning::default();
        let owner = Node::new(NodeSettings {
            seed: 2,
            ownership: Ownership::Received,
            fdb: Default::default(),
            tuning,
        });
        let interface = rig.interface;
        rig.tell(Input::Session(SessionInput::Configure(Some(settings(1)))));
        rig.tell(Input::Session(SessionInput::SourcePresent(true)));
        rig.tell(Input::LocalComplete);
        let mut pair = Pair { net: Net::new(3), owner, rig };
        pair.tell(Input::Bind(Binding {
            interface,
            vrf: VpnInstance::public(),
            rif: Oid::from_raw(1),
            mac: Mac([2, 0, 0, 0, 0, 0xfd]),
            addresses: Vec::new(),
            state: RifState::Up,
            footing: Default::default(),
        }));
        pair.tell(Input::Session(SessionInput::Configure(Some(settings(0)))));
        pair.tell(Input::Session(SessionInput::SourcePresent(true)));
        pair.tell(Input::LocalComplete);
        pair.run(Duration::from_secs(3));
        assert!(pair.owner.session().up && pair.rig.node.session().up);
        pair
    }

    /// Tells the owner.
    fn tell(&mut self, input: Input) {
        let now = self.rig.now;
        self.owner.handle(now, input);
        while let Some(output) = self.owner.poll() {
            match output {
                Output::Transport(transport) => self.net.act(now, 0, transport),
                Output::Program(batch) => panic!("it received no claim: {batch:?}"),
                Output::Fdb(_) | Output::Route(_) | Output::Kernel(_) => {
                    unreachable!("no FDB of ours here, and no routed interface")
                }
                Output::Protect { .. } => unreachable!("nobody says that a port can be protected"),
                Output::Event(_) | Output::Disown(_) | Output::Survey => {}
            }
        }
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.rig.now + time;
        loop {
            let now = self.rig.now;
            for transport in std::mem::take(&mut self.rig.transport) {
                self.net.act(now, 1, transport);
            }
            let is_due = |node: &Node| node.next_wake().is_some_and(|at| at <= now);
            match self.net.take(now) {
                Some((0, input)) => self.tell(Input::Session(input)),
                Some((_, input)) => self.rig.tell(Input::Session(input)),
                None if is_due(&self.owner) => self.tell(Input::Wake),
                None if is_due(&self.rig.node) => self.rig.tell(Input::Wake),
                None => {
                    let next = [self.net.next(), self.owner.next_wake(), self.rig.node.next_wake()];
                    match next.into_iter().flatten().min() {
                        Some(at) if at <= end => self.rig.now = at,
                        _ => break,
                    }
                }
            }
        }
        self.rig.now = end;
    }

    fn key(&self, n: u32) -> Key {
        Key { interface: self.rig.interface, ip: ip(n) }
    }

    fn claim(&mut self, hosts: impl IntoIterator<Item = u32>) {
        self.claim_as(hosts, Attachment::Orphan);
    }

    pub(crate) fn claim_as(&mut self, hosts: impl IntoIterator<Item = u32>, attachment: Attachment) {
        let mut evidence = Vec::new();
        for n in hosts {
            self.rig.wanted.insert(ip(n), mac(n, 1));
            let (key, mac) = (self.key(n), mac(n, 1));
            evidence.push(Evidence::Learned { key, mac, attachment, flags: Flags::default(), fresh: true });
        }
        self.tell(Input::Evidence(evidence));
    }

    pub(crate) fn withdraw(&mut self, hosts: &BTreeSet<u32>) {
        let gone = hosts.iter().map(|n| Evidence::Forgotten { key: self.key(*n) }).collect();
        for n in hosts {
            self.rig.wanted.remove(&ip(*n));
        }
        self.tell(Input::Evidence(gone));
    }

    /// Hosts that wait for room: on both sides, and nothing else is amiss. The hardware holds all others.
    fn waiting(&self, sim: &SimSwitch) -> BTreeSet<IpAddr> {
        let troubles = self.rig.troubles();
        for (ip, state) in &troubles {
            assert_eq!(*state, HostState::Parked { status: Status::TABLE_FULL }, "{ip}");
        }
        let waiting: BTreeSet<IpAddr> = troubles.into_keys().collect();
        let mut wanted = self.rig.wanted.clone();
        wanted.retain(|ip, _| !waiting.contains(ip));
        assert_eq!(held(sim), wanted, "all others are in the table");
        let counters = self.rig.node.counters();
        let refused = BTreeMap::from([(Refusal::Capacity, waiting.len() as u64)]);
        assert_eq!(counters.parked, waiting.len() as u64);
        assert_eq!(counters.refusals, if waiting.is_empty() { BTreeMap::new() } else { refused });
        self.peer_knows(&waiting);
        waiting
    }

    /// Both sides list them, with the reason and the status.
    fn peer_knows(&self, waiting: &BTreeSet<IpAddr>) {
        let (ours, theirs) = (self.rig.node.proof().exceptions, self.owner.proof().peer_exceptions);
        for said in [ours, theirs.expect("the peer reports")] {
            let reasons: Vec<_> = said.reasons.iter().map(|row| (row.reason, row.count)).collect();
            let count = waiting.len() as u64;
            assert_eq!((said.total, said.overflow), (count, false));
            assert_eq!(reasons, if count > 0 { vec![(Reason::TableFull, count)] } else { vec![] });
            assert_eq!(said.some.len(), waiting.len().min(SHOWN_EXCEPTIONS));
            for row in said.some {
                assert!(waiting.contains(&row.key.ip), "{row:?}");
                assert_eq!((row.reason, row.status), (Reason::TableFull, Status::TABLE_FULL.0));
            }
        }
    }

    /// Creates that were refused since the rig forgot what was asked.
    pub(crate) fn refused(&self) -> usize {
        let creates = self.rig.asked.iter().filter(|asked| asked.kind == OpKind::Create);
        let outcomes = creates.flat_map(|asked| &asked.outcomes);
        outcomes.filter(|outcome| **outcome == Outcome::Refused(Status::TABLE_FULL)).count()
    }
}

#[test]
fn rule_7_a_table_that_refuses_at_two_fifths_takes_everything_else_and_the_rest_as_room_appears() {
    let slots = SLOTS.to_string();
    let (sim, rig) = Rig::linked(&[("SAI_SIM_HOST_CAPACITY", &slots), ("SAI_SIM_HOST_BANKS", "1x4")]);
    let mut pair = Pair::new(rig);
    let seconds = Duration::from_secs;
    pair.claim(0..HOSTS);
    pair.run(Duration::from_millis(900));
    let rejected = pair.waiting(&sim);
    assert!(rejected.len() > 50, "{} rejects: nothing is tested", rejected.len());
    assert_eq!(pair.refused(), rejected.len(), "each was asked once");

    // Nothing changes: one probe a second, another one each time.
    pair.rig.forget_asked();
    pair.run(seconds(60));
    assert_eq!(pair.waiting(&sim), rejected);
    let probes = 60 / ROOM_PROBE.as_secs() as usize;
    assert!((probes - 1..=probes + 1).contains(&pair.refused()), "{} probes", pair.refused());
    let probed: BTreeSet<IpAddr> =
        pair.rig.asked.iter().flat_map(|asked| &asked.ops).map(|op| op.ip).collect();
    assert_eq!(probed.len(), pair.refused().min(rejected.len()), "candidates rotate");

    // Ten leave: as many are retried at once as slots were freed, no more.
    let in_table = |n: &u32| !rejected.contains(&ip(*n));
    let ten: BTreeSet<u32> = (0..HOSTS).filter(in_table).take(10).collect();
    pair.rig.forget_asked();
    pair.withdraw(&ten);
    pair.run(Duration::from_millis(900));
    let retried = pair.rig.count(OpKind::Create, |_| true);
    assert!((10..=11).contains(&retried), "{retried} of {} were retried", rejected.len());

    // A tenth of the hosts leaves; and the probes go on.
    let in_table = |n: &u32| in_table(n) && !ten.contains(n);
    let mut dice = Dice::new(5);
    let leaving: BTreeSet<u32> = (0..HOSTS).filter(in_table).filter(|_| dice.chance(100)).collect();
    pair.rig.forget_asked();
    pair.withdraw(&leaving);
    pair.run(Duration::from_millis(900));
    assert!(pair.refused() <= leaving.len() + 1);
    pair.run(seconds(300));
    let waiting = pair.waiting(&sim);
    let came = rejected.len() - waiting.len();
    assert!(came > 0, "room appeared");
    let most = leaving.len() + 300 + 2 * came;
    assert!(pair.refused() <= most, "{} refused creates, {most} are allowed", pair.refused());
    assert_eq!(pair.rig.count(OpKind::Remove, |ip| pair.rig.wanted.contains_key(ip)), 0);
    // Nobody waits for whom there is room: only whose bucket is full.
    for ip in &waiting {
        let host = [(*ip, pair.rig.wanted[ip])];
        let tried = pair.rig.behind_its_back(OpKind::Create, &host);
        assert_eq!(tried, [Outcome::Refused(Status::TABLE_FULL)], "there was room for {ip}");
    }

    // All the others leave.
    let rest = (0..HOSTS).filter(|n| in_table(n) && !leaving.contains(n)).collect();
    pair.withdraw(&rest);
    pair.run(seconds(5));
    assert_eq!(pair.waiting(&sim), BTreeSet::new());
}
