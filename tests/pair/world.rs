//! Two switches in virtual time: their nodes, kernels, ASICs, and the network between them.
//!
//! Invariant: one seed decides everything; no clock is read.

use crate::asic::{Asic, Faults};
use crate::model::{Claims, Hearing, Moves, Truth};
use crate::net::{Net, Side};
use crate::trouble::{Coming, unanswered};
use crate::ways::Ways;
use ipnet::IpNet;
use mlagsync::addr::{InterfaceId, Mac, MlagId, NodeId, VlanId, VpnInstance};
use mlagsync::mirror::batch::OpKind;
use mlagsync::neighbor::{Attachment, Claim, Flags, Key};
use mlagsync::node::io::{Binding, Event, Evidence, FdbMode, Input, LinkState, Output, RifState};
use mlagsync::node::log::Writer;
use mlagsync::node::view::{HostFilter, NeighborFilter, Origin};
use mlagsync::node::{Node, NodeSettings, Ownership, Tuning};
use mlagsync::sai::NeighborKey;
use mlagsync::session::io::{SessionInput, Settings, Transport};
use mlagsync::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash};
use std::net::IpAddr;
use std::time::Duration;

/// So long it takes to be told that the SDK is not there.
const GONE: Duration = Duration::from_micros(20);

/// Both switches' router MAC.
pub(crate) const OWN_MAC: Mac = Mac([2, 0, 0, 0, 0, 0xfe]);

/// An interface as it is bound.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    pub(crate) vrf: &'static str,
    pub(crate) addresses: Vec<IpNet>,
    pub(crate) state: RifState,
}

/// One switch.
pub(crate) struct Switch {
    pub(crate) node: Node,
    pub(crate) asic: Asic,
    /// What its kernel knows.
    pub(crate) truth: BTreeMap<Key, Truth>,
    pub(crate) bound: BTreeMap<InterfaceId, Interface>,
    /// Interfaces that are bound to the second of their router interfaces.
    second_rif: BTreeSet<InterfaceId>,
    /// What the ASIC held when the process was last restarted with it, or what belonged to the NOS: not ours to judge.
    pub(crate) left: BTreeSet<(InterfaceId, IpAddr)>,
    /// Answers of the ASIC on their way.
    done: Vec<(Time, Input)>,
    /// Ports, FDB and routes, where the world has them.
    pub(crate) ways: Option<Ways>,
    busy_until: Time,
    pub(crate) log: Writer<Vec<u8>>,
    pub(crate) outputs: DefaultHasher,
    pub(crate) events: Vec<Event>,
    /// How often it may have raised which counter.
    moves: Moves,
    /// It does not run: comes back at this time.
    pub(crate) down_until: Option<Time>,
    /// What its SDK is about to do.
    pub(crate) coming: Vec<(Time, Coming)>,
    /// Entries of ours by the journal, and whether they are in doubt.
    pub(crate) named: Vec<(NeighborKey, bool)>,
}

/// Everything.
pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) net: Net,
    pub(crate) switches: [Switch; 2],
    pub(crate) ownership: Ownership,
    pub(crate) tunings: [Tuning; 2],
    /// Addresses that a switch ever learned or lost by itself, and interfaces that it ever bound otherwise.
    pub(crate) disturbed: [BTreeSet<IpAddr>; 2],
    pub(crate) rebound: [BTreeSet<InterfaceId>; 2],
    /// Acknowledged claims that were compared with an ASIC.
    pub(crate) judged: usize,
    pub(crate) seed: u64,
    incarnations: u64,
    /// Everything is printed.
    talks: bool,
}

/// The interfaces of both switches: VLAN, VRF, subnets; each has a second router interface on VLAN + 100.
const INTERFACES: [(u32, &str, &[&str]); 3] = [
    (10, "red", &["10.0.0.1/8", "2001:db8:10::1/64"]),
    (20, "red", &["10.0.20.1/24", "2001:db8:10:0:20::1/80"]),
    (30, "blue", &["10.0.0.1/8"]),
];

/// A VLAN interface.
pub(crate) fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).expect("a VLAN"))
}

pub(crate) fn fresh_asic(seed: u64) -> Asic {
    let spec = |extra| {
        INTERFACES
            .map(|(vlan, vrf, _)| (vlanif(vlan + extra), vrf.parse::<VpnInstance>().expect("a VRF's name")))
    };
    let all: Vec<_> = spec(0).into_iter().chain(spec(100)).collect();
    Asic::new(seed, &all)
}

/// An input as it is printed: what only the session knows is left out.
fn short(input: &Input) -> String {
    match input {
        Input::Session(_) | Input::Wake => String::from("of the session, or of time"),
        other => format!("{other:?}"),
    }
}

pub(crate) fn hash_of(hasher: &mut DefaultHasher, at: Time, output: &Output) {
    (at.0, format!("{output:?}")).hash(hasher);
}

impl Switch {
    fn new(settings: NodeSettings, asic: Asic) -> Self {
        Switch {
            log: Writer::new(Vec::new(), &settings).expect("memory takes everything"),
            node: Node::new(settings),
            asic,
            truth: BTreeMap::new(),
            bound: BTreeMap::new(),
            second_rif: BTreeSet::new(),
            left: BTreeSet::new(),
            done: Vec::new(),
            ways: None,
            busy_until: Time::ZERO,
            outputs: DefaultHasher::new(),
            events: Vec::new(),
            moves: Moves::default(),
            down_until: None,
            coming: Vec::new(),
            named: Vec::new(),
        }
    }

    /// The ASIC answers after it has been busy for so long.
    fn answer(&mut self, now: Time, took: Duration, answer: Input) {
        self.busy_until = self.busy_until.max(now) + took;
        self.done.push((self.busy_until, answer));
    }

    /// What it claims, counters and statics included.
    pub(crate) fn claims(&self, origin: Option<Origin>) -> Claims {
        let mut claims = Claims::new();
        let mut after = None;
        loop {
            let page = self.node.neighbors(after, 7, &NeighborFilter::default());
            for row in page.rows {
                let wanted = match origin {
                    Some(origin) => row.origin == origin,
                    None => row.origin != Origin::Remote,
                };
                if wanted {
                    let key = Key { interface: row.interface, ip: row.ip };
                    let claim = Claim {
                        mac: row.mac,
                        attachment: row.attachment,
                        flags: row.flags,
                        counter: row.counter,
                    };
                    claims.insert(key, (claim, row.origin == Origin::Static));
                }
            }
            after = page.next;
            if after.is_none() {
                return claims;
            }
        }
    }

    /// What the ASIC holds, by the interface's own name where it is on the router interface that is bound, and else by
    /// the name of its other one.
    pub(crate) fn holds(&self) -> BTreeMap<(InterfaceId, IpAddr), (Mac, bool)> {
        let name = |interface| {
            let own = base(interface);
            let second = self.second_rif.contains(&own);
            if second == (interface == second_of(own)) { own } else { second_of(own) }
        };
        self.asic.holds().into_iter().map(|((interface, ip), host)| ((name(interface), ip), host)).collect()
    }

    /// What its node itself sees amiss.
    pub(crate) fn troubles(&self) -> String {
        let filter = HostFilter { trouble: true, ..HostFilter::default() };
        let page = self.node.hosts(None, 50, &filter);
        page.rows.iter().map(|row| format!("  sees {row:?}\n")).collect()
    }

    /// The ASIC's name of the router interface that an interface is bound to.
    pub(crate) fn bound_name(&self, interface: InterfaceId) -> InterfaceId {
        if self.second_rif.contains(&interface) { second_of(interface) } else { interface }
    }

    pub(crate) fn binding(&self, interface: InterfaceId) -> Binding {
        let facts = &self.bound[&interface];
        Binding {
            interface,
            vrf: facts.vrf.parse().expect("a VRF's name"),
            rif: self.asic.rif(self.bound_name(interface)),
            mac: OWN_MAC,
            addresses: facts.addresses.clone(),
            state: facts.state,
            footing: match self.ways {
                Some(_) => crate::ways::footing(interface, facts.vrf),
                None => Default::default(),
            },
        }
    }
}

/// The interface that a second router interface belongs to.
pub(crate) fn base(interface: InterfaceId) -> InterfaceId {
    match interface {
        InterfaceId::Vlanif(vlan) if vlan.number() > 100 => vlanif(u32::from(vlan.number()) - 100),
        other => other,
    }
}

fn second_of(interface: InterfaceId) -> InterfaceId {
    match interface {
        InterfaceId::Vlanif(vlan) => vlanif(u32::from(vlan.number()) + 100),
        other => other,
    }
}

impl World {
    /// Two switches, configured and bound, and nothing learned.
    pub(crate) fn new(seed: u64, ownership: Ownership) -> Self {
        World::tuned(seed, ownership, [Tuning::default(); 2])
    }

    /// The same, with bounds and times as they are told.
    pub(crate) fn tuned(seed: u64, ownership: Ownership, tunings: [Tuning; 2]) -> Self {
        let settings = |side: usize| NodeSettings {
            seed: seed * 2 + side as u64,
            ownership,
            fdb: Default::default(),
            tuning: tunings[side],
        };
        let mut world = World {
            now: Time::ZERO,
            net: Net::new(seed),
            switches: [0, 1].map(|side| Switch::new(settings(side), fresh_asic(seed * 2 + side as u64))),
            ownership,
            tunings,
            disturbed: Default::default(),
            rebound: Default::default(),
            judged: 0,
            seed,
            incarnations: 2,
            talks: std::env::var_os("MLAG_TALK").is_some(),
        };
        for side in 0..2 {
            for (vlan, vrf, addresses) in INTERFACES {
                let addresses = addresses.iter().map(|a| a.parse().expect("a subnet")).collect();
                world.switches[side]
                    .bound
                    .insert(vlanif(vlan), Interface { vrf, addresses, state: RifState::Up });
            }
            world.boot(side);
        }
        world
    }

    /// The switch with the larger node id.
    pub(crate) fn is_larger(&self, side: Side) -> bool {
        node_id(self.seed, side) > node_id(self.seed, 1 - side)
    }

    /// Tells a node something, and does what it asks.
    pub(crate) fn tell(&mut self, side: Side, input: Input) {
        if self.switches[side].down_until.is_some() {
            return;
        }
        let switch = &mut self.switches[side];
        switch.log.note(self.now, &input).expect("memory takes everything");
        if self.talks {
            println!("{:?} switch {side} hears {}", self.now.0, short(&input));
        }
        switch.node.handle(self.now, input);
        while let Some(output) = self.switches[side].node.poll() {
            let switch = &mut self.switches[side];
            hash_of(&mut switch.outputs, self.now, &output);
            if self.talks && !matches!(output, Output::Transport(_)) {
                println!("{:?} switch {side} says {output:?}", self.now.0);
            }
            match output {
                Output::Transport(transport) => {
                    if let Transport::Send { bytes, .. } = &transport {
                        crate::proof::judge(self, side, bytes);
                    }
                    self.net.act(self.now, side, transport);
                }
                Output::Fdb(batch) if switch.asic.sdk.gone => {
                    switch.answer(self.now, GONE, Input::FdbDone(unanswered(&batch)));
                }
                Output::Route(batch) if switch.asic.sdk.gone => {
                    switch.answer(self.now, GONE, Input::RouteDone(unanswered(&batch)));
                }
                Output::Fdb(batch) => {
                    let ways = switch.ways.as_mut().expect("nobody asked for an FDB");
                    let done = ways.program_fdb(&batch, &switch.asic.faults);
                    let took = Duration::from_nanos(done.asic_ns);
                    switch.answer(self.now, took, Input::FdbDone(done));
                }
                Output::Route(batch) => {
                    let ways = switch.ways.as_mut().expect("no interface is a routed one");
                    let done = ways.program_routes(&batch, &switch.asic, &switch.asic.faults);
                    let took = Duration::from_nanos(done.asic_ns);
                    switch.answer(self.now, took, Input::RouteDone(done));
                }
                Output::Protect { port, on, .. } => {
                    let ways = switch.ways.as_mut().expect("nobody said that a port can be protected");
                    let done = ways.protect(port.raw(), on, &switch.asic.faults);
                    switch.answer(self.now, Duration::from_micros(25), done);
                }
                Output::Kernel(_) => unreachable!("no kernel mirror here"),
                Output::Event(event) => {
                    switch.asic.sdk.restored |= matches!(event, Event::AsicRestored { .. });
                    switch.events.push(event);
                }
                Output::Survey => {}
                Output::Disown(entries) => switch.asic.disown(&entries),
                Output::Program(batch) => {
                    self.judge(side, &batch);
                    let switch = &mut self.switches[side];
                    if let (OpKind::Remove, Some(ways)) = (batch.kind, &switch.ways) {
                        batch.ops.iter().for_each(|op| ways.judge_removal(op.rif, op.ip));
                    }
                    let lacking = switch.ways.clone().filter(|ways| ways.amiss.needs_macs);
                    let done = switch.asic.execute(&batch, lacking.as_ref());
                    let took = Duration::from_nanos(done.asic_ns);
                    if switch.asic.sdk.died {
                        // Nobody is left to hear it.
                        continue;
                    }
                    switch.answer(self.now, took, Input::BatchDone(done));
                    if switch.asic.sdk.is_late {
                        let lands = Duration::from_micros(switch.asic.dice.below(2_000_000));
                        self.land_in(side, lands);
                    }
                }
            }
        }
    }

    /// What a kernel tells its node about a key.
    pub(crate) fn learn(&mut self, side: Side, key: Key, truth: Truth, fresh: bool) {
        self.disturbed[side].insert(key.ip);
        let (before, theirs) = (self.claim(side, key, None), self.claim(side, key, Some(Origin::Remote)));
        self.switches[side].truth.insert(key, truth);
        if self.ownership == Ownership::Received {
            // The NOS may have it now, or may have had it: what the ASIC then holds is the NOS's to clear away.
            self.switches[side].left.insert((key.interface, key.ip));
        }
        let evidence = evidence(key, truth, fresh);
        self.tell(side, Input::Evidence(vec![evidence]));
        let vrf = |side: usize| self.switches[side].bound.get(&key.interface).map(|facts| facts.vrf);
        if self.switches[side].down_until.is_none()
            && vrf(0).is_some()
            && vrf(0) == vrf(1)
            && !truth.is_static
        {
            let after = self.claim(side, key, None).map(|(claim, _)| claim).expect("it was just learned");
            let before = before.filter(|(_, is_static)| !is_static).map(|(claim, _)| claim);
            let theirs = theirs.map(|(claim, _)| claim);
            let heard = Hearing { now: self.now, key, fresh, before, theirs, after };
            if let Err(why) = self.switches[side].moves.judge(&heard) {
                panic!("switch {side}: {why}: {heard:?}");
            }
        } else {
            self.switches[side].moves.unseen(self.now, key);
        }
    }

    fn claim(&self, side: Side, key: Key, origin: Option<Origin>) -> Option<(Claim, bool)> {
        self.switches[side].claims(origin).remove(&key)
    }

    /// A kernel has lost a key.
    pub(crate) fn forget(&mut self, side: Side, key: Key) {
        self.disturbed[side].insert(key.ip);
        self.switches[side].truth.remove(&key);
        self.switches[side].moves.doubt();
        self.tell(side, Input::Evidence(vec![Evidence::Forgotten { key }]));
    }

    /// An interface comes, or comes back, or is bound otherwise.
    pub(crate) fn bind(&mut self, side: Side, interface: InterfaceId, facts: Interface, second: bool) {
        self.rebound[side].insert(interface);
        let switch = &mut self.switches[side];
        switch.bound.insert(interface, facts);
        if second {
            switch.second_rif.insert(interface);
        } else {
            switch.second_rif.remove(&interface);
        }
        let binding = switch.binding(interface);
        self.tell(side, Input::Bind(binding));
    }

    /// An interface goes.
    pub(crate) fn unbind(&mut self, side: Side, interface: InterfaceId) {
        self.rebound[side].insert(interface);
        self.switches[side].bound.remove(&interface);
        self.tell(side, Input::Unbind(interface));
    }

    /// The facts of an interface as it is at first.
    pub(crate) fn facts(interface: InterfaceId) -> Interface {
        let (_, vrf, addresses) =
            INTERFACES.into_iter().find(|(vlan, ..)| vlanif(*vlan) == interface).expect("one of ours");
        Interface {
            vrf,
            addresses: addresses.iter().map(|a| a.parse().expect("a subnet")).collect(),
            state: RifState::Up,
        }
    }

    /// The process stops in good order and says when it means to be back; it is, or not.
    pub(crate) fn leave(&mut self, side: Side, restart_ms: u32, back_in: Duration) {
        self.tell(side, Input::Session(SessionInput::Leave { restart_ms }));
        // What it said last is written before it is gone.
        self.run(Duration::from_millis(50));
        self.crash(side, true, false, back_in);
    }

    /// Entries that a switch has told, and full syncs that it has heard begin and end.
    pub(crate) fn told(&self, side: Side) -> u64 {
        let counters = self.switches[side].node.counters();
        counters.sent_upserts + counters.sent_deletes
    }

    /// So many events of this kind have been said.
    pub(crate) fn count(&self, side: Side, which: impl Fn(&Event) -> bool) -> usize {
        self.switches[side].events.iter().filter(|event| which(event)).count()
    }

    /// The process dies, and comes back after a while; the ASIC lives on, or starts empty.
    pub(crate) fn crash(&mut self, side: Side, keep_asic: bool, silently: bool, back_in: Duration) {
        self.net.died(self.now, side, silently);
        self.incarnations += 1;
        let settings = NodeSettings {
            seed: self.seed * 1000 + self.incarnations,
            ownership: self.ownership,
            fdb: self.switches[side].ways.as_ref().map_or(FdbMode::External, |ways| ways.mode),
            tuning: self.tunings[side],
        };
        let switch = &mut self.switches[side];
        let asic_faults = switch.asic.faults;
        if let Some(ways) = &mut switch.ways {
            ways.crash(keep_asic);
        }
        if !keep_asic {
            let old = std::mem::replace(&mut switch.asic, fresh_asic(self.seed * 1000 + self.incarnations));
            switch.asic.faults = asic_faults;
            switch.asic.succeed(old);
            // What the kernel still knows is told to the next process, and is the NOS's from the start.
            let known = switch.truth.keys().map(|key| (key.interface, key.ip));
            switch.left = known.filter(|_| self.ownership == Ownership::Received).collect();
        } else if switch.asic.sdk.journal.is_some() {
            switch.asic.disturbed = true;
        } else {
            // Without a journal nobody knows whose these are.
            switch.asic.disturbed = true;
            let holds = switch.holds();
            switch.left.extend(holds.keys().map(|(interface, ip)| (base(*interface), *ip)));
        }
        self.take_stock(side, keep_asic);
        let switch = &mut self.switches[side];
        switch.log = Writer::new(Vec::new(), &settings).expect("memory takes everything");
        switch.node = Node::new(settings);
        switch.moves = Moves::default();
        switch.outputs = DefaultHasher::new();
        switch.done.clear();
        switch.busy_until = self.now;
        switch.down_until = Some(self.now + back_in);
    }

    /// Lets time pass up to `until`, doing what is due on the way.
    pub(crate) fn run_until(&mut self, until: Time) {
        loop {
            if let Some((side, input)) = self.net.take(self.now) {
                self.tell(side, Input::Session(input));
                continue;
            }
            if self.due_on_a_switch() {
                continue;
            }
            let next = self.next().filter(|at| *at <= until);
            match next {
                Some(at) => self.now = at.max(self.now),
                None => break,
            }
        }
        self.now = until;
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    /// Asks until `what` holds, for up to `patience` of virtual time. The error is what was wrong last.
    pub(crate) fn wait(
        &mut self,
        patience: Duration,
        what: impl Fn(&mut World) -> Result<(), String>,
    ) -> Result<(), String> {
        let until = self.now + patience;
        loop {
            match what(self) {
                Ok(()) => return Ok(()),
                Err(why) if self.now >= until => return Err(format!("after {patience:?}: {why}")),
                Err(_) => self.run(Duration::from_millis(500)),
            }
        }
    }

    /// Everything goes well from now on, and everything is there again.
    pub(crate) fn heal(&mut self) {
        self.net.cut = false;
        for side in 0..2 {
            self.switches[side].asic.faults = Faults::default();
        }
        self.heal_sdks();
        self.set_peer_link(LinkState::Forwarding);
        self.run(Duration::from_secs(10));
        self.teach_macs();
        for side in 0..2 {
            for (vlan, ..) in INTERFACES {
                self.bind(side, vlanif(vlan), World::facts(vlanif(vlan)), false);
            }
        }
    }

    fn boot(&mut self, side: Side) {
        self.switches[side].down_until = None;
        let settings = settings(self.seed, side);
        self.tell(side, Input::Session(SessionInput::Configure(Some(settings))));
        self.tell(side, Input::Session(SessionInput::SourcePresent(true)));
        if let Some(ways) = &self.switches[side].ways {
            let told: Vec<Input> = std::iter::once(ways.peer_link()).chain(ways.protection()).collect();
            for input in told {
                self.tell(side, input);
            }
            self.tell_member(side, 0);
            self.tell_member(side, 1);
        }
        let interfaces: Vec<InterfaceId> = self.switches[side].bound.keys().copied().collect();
        for interface in interfaces {
            let binding = self.switches[side].binding(interface);
            self.tell(side, Input::Bind(binding));
        }
        self.tell_named(side);
        self.dump(side);
        self.tell(side, Input::LocalComplete);
    }

    /// The kernel's tables are read anew.
    pub(crate) fn dump(&mut self, side: Side) {
        self.switches[side].moves.doubt();
        self.tell(side, Input::DumpBegin);
        let truth: Vec<_> = self.switches[side].truth.iter().map(|(k, t)| evidence(*k, *t, false)).collect();
        for piece in truth.chunks(5) {
            self.tell(side, Input::Evidence(piece.to_vec()));
        }
        self.tell(side, Input::DumpEnd);
    }

    fn due_on_a_switch(&mut self) -> bool {
        for side in 0..2 {
            let switch = &mut self.switches[side];
            if let Some(at) = switch.down_until {
                if at <= self.now {
                    self.boot(side);
                    return true;
                }
                continue;
            }
            if let Some(nth) = switch.done.iter().position(|(at, _)| *at <= self.now) {
                let (_, done) = switch.done.remove(nth);
                self.tell(side, done);
                return true;
            }
            if switch.node.next_wake().is_some_and(|at| at <= self.now) {
                self.tell(side, Input::Wake);
                return true;
            }
        }
        self.sdk_is_due()
    }

    fn next(&self) -> Option<Time> {
        let switches = self.switches.iter().flat_map(|switch| match switch.down_until {
            Some(at) => vec![at],
            None => switch.done.iter().map(|(at, _)| *at).chain(switch.node.next_wake()).collect(),
        });
        let coming = self.switches.iter().flat_map(|switch| switch.coming.iter().map(|(at, _)| *at));
        switches.chain(coming).chain(self.net.next()).min()
    }
}

/// A switch's channel.
pub(crate) fn settings(seed: u64, side: Side) -> Settings {
    let addresses = ["10.1.0.3", "10.1.0.4"].map(|a| a.parse::<IpAddr>().expect("an address"));
    Settings {
        node_id: node_id(seed, side),
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

fn node_id(seed: u64, side: Side) -> NodeId {
    // Either side may have the larger one.
    NodeId(1000 + if seed.is_multiple_of(2) { side as u64 } else { 1 - side as u64 })
}

fn evidence(key: Key, truth: Truth, fresh: bool) -> Evidence {
    let Truth { mac, attachment, is_static } = truth;
    if is_static {
        Evidence::Static { key, mac }
    } else {
        Evidence::Learned { key, mac, attachment, flags: Flags::default(), fresh }
    }
}

/// An M-LAG.
pub(crate) fn mlag(n: u32) -> Attachment {
    Attachment::Mlag(MlagId::new(n).expect("an M-LAG"))
}
