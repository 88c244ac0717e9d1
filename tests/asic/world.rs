//! A peer that claims hosts, a node, the executor, and the simulator that is asked where a packet goes.
//!
//! Invariant: time is virtual; the peer's own hardware is nobody's business and never answers.

use crate::hardware::linked;
use crate::net::Net;
use mlagsync::addr::{InterfaceId, Mac, MlagId, NodeId, VpnInstance};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{
    Binding, Event, Evidence, FdbChange, FdbMode, FdbNews, Footing, Input, LinkState, Member, Output,
    PeerLink, Protection, RifState,
};
use mlagsync::node::{Node, NodeSettings, Ownership, Tuning};
use mlagsync::run::asic::{Done, Executor, Order};
use mlagsync::run::platform::{PortRole, SaiPlace};
use mlagsync::run::topology::{InterfaceSpec, Layout, PortSpec, Topology};
use mlagsync::sai::{Domain, Oid, Switch};
use mlagsync::session::io::{SessionInput, Settings};
use mlagsync::time::Time;
use sai::inspect::{SimSwitch, Verdict};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::time::Duration;

/// The peer, on the VLAN that only the peer-link has hosts in.
pub(crate) const PEER: &str = "10.99.0.2";
pub(crate) const PEER_MAC: Mac = Mac([2, 0, 0, 0, 99, 2]);

/// An interface of each kind: the M-LAG that its hosts hang on, the front port by which they are reached, from 1, and
/// where a packet to them goes when the M-LAG's member is down: to themselves, or to the peer.
pub(crate) const KINDS: [(&str, u32, usize, bool); 5] = [
    ("Vlanif10", 7, 7, true),
    ("Vbdif100", 7, 7, true),
    ("Eth-Trunk8", 8, 8, false),
    ("Eth-Trunk9", 9, 9, false),
    ("Eth-Trunk4.100", 4, 4, false),
];
pub(crate) const PEER_LINK: usize = 12;
/// Front ports of each M-LAG's member.
pub(crate) const MEMBERS: [(u32, &[u16]); 4] = [(7, &[7, 17]), (8, &[8, 18]), (9, &[9]), (4, &[4])];

pub(crate) fn mlag_id(n: u32) -> MlagId {
    MlagId::new(n).unwrap()
}

pub(crate) fn mac(n: u32) -> Mac {
    let [_, a, b, c] = n.to_be_bytes();
    Mac([2, 5, 0, a, b, c])
}

pub(crate) fn layout() -> Layout {
    let place = |(n, front): (u32, &[u16])| match *front {
        [one] => port(mlag(n), one),
        _ => lag(mlag(n), front),
    };
    let mut ports: Vec<_> = MEMBERS.into_iter().map(place).collect();
    ports.push(port(PortRole::PeerLink, PEER_LINK as u16));
    Layout {
        interfaces: KINDS.iter().map(|(name, ..)| interface(name)).chain([interface("Vlanif99")]).collect(),
        ports,
        next_hops: vec![(id("Vlanif99"), PEER.parse().unwrap())],
    }
}

pub(crate) fn settings(side: usize) -> Settings {
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

/// Brings a front port up.
pub(crate) fn enable(port: u64) {
    use sai_sys::{sai_api_t, sai_attribute_t, sai_port_api_t, sai_port_attr_t};
    let mut table = std::ptr::null_mut();
    // SAFETY: a place for one pointer.
    assert_eq!(unsafe { sai::sai_api_query(sai_api_t::SAI_API_PORT, &raw mut table) }, 0);
    // SAFETY: the simulator's table of that API, which lives as long as the process.
    let set = unsafe { (*table.cast::<sai_port_api_t>()).set_port_attribute }.unwrap();
    // SAFETY: integers, unions and pointers, of which zero is a value.
    let mut admin: sai_attribute_t = unsafe { std::mem::zeroed() };
    admin.id = sai_port_attr_t::SAI_PORT_ATTR_ADMIN_STATE.0;
    admin.value.booldata = true;
    // SAFETY: one attribute that outlives the call.
    assert_eq!(unsafe { set(port, &raw const admin) }, 0);
}

/// Gives a bridge port a protection group whose one member leads to the peer, as a NOS does.
pub(crate) fn protect(switch: u64, bridge_port: u64, next_hop: u64) {
    use sai_sys::{
        sai_api_t, sai_attribute_t, sai_bridge_api_t, sai_bridge_port_attr_t, sai_next_hop_group_api_t,
        sai_next_hop_group_attr_t, sai_next_hop_group_member_attr_t, sai_next_hop_group_type_t,
    };
    let attribute = |id: u32, value: u64| {
        // SAFETY: integers, unions and pointers, of which zero is a value.
        let mut slot: sai_attribute_t = unsafe { std::mem::zeroed() };
        slot.id = id;
        slot.value.oid = value;
        slot
    };
    let table = |api: sai_api_t| {
        let mut table = std::ptr::null_mut();
        // SAFETY: a place for one pointer.
        assert_eq!(unsafe { sai::sai_api_query(api, &raw mut table) }, 0);
        table
    };
    let groups = table(sai_api_t::SAI_API_NEXT_HOP_GROUP).cast::<sai_next_hop_group_api_t>();
    // SAFETY: the simulator's table of that API, which lives as long as the process.
    let create = unsafe { (*groups).create_next_hop_group }.unwrap();
    // SAFETY: as above.
    let join = unsafe { (*groups).create_next_hop_group_member }.unwrap();
    let (mut group, mut member) = (0, 0);
    let kind = sai_next_hop_group_type_t::SAI_NEXT_HOP_GROUP_TYPE_PROTECTION.0;
    let list = [attribute(sai_next_hop_group_attr_t::SAI_NEXT_HOP_GROUP_ATTR_TYPE.0, kind.into())];
    // SAFETY: a place for one id, and a list of one attribute; both outlive the call.
    assert_eq!(unsafe { create(&raw mut group, switch, 1, list.as_ptr()) }, 0);
    let list = [
        attribute(
            sai_next_hop_group_member_attr_t::SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID.0,
            group,
        ),
        attribute(sai_next_hop_group_member_attr_t::SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID.0, next_hop),
    ];
    // SAFETY: as above, two attributes.
    assert_eq!(unsafe { join(&raw mut member, switch, 2, list.as_ptr()) }, 0);
    let ports = table(sai_api_t::SAI_API_BRIDGE).cast::<sai_bridge_api_t>();
    // SAFETY: the simulator's table of that API, which lives as long as the process.
    let set = unsafe { (*ports).set_bridge_port_attribute }.unwrap();
    let by = sai_bridge_port_attr_t::SAI_BRIDGE_PORT_ATTR_BRIDGE_PORT_PROTECTION_NEXT_HOP_GROUP_ID;
    let named = attribute(by.0, group);
    // SAFETY: one attribute that outlives the call.
    assert_eq!(unsafe { set(bridge_port, &raw const named) }, 0);
}

pub(crate) struct World {
    pub(crate) net: Net,
    pub(crate) now: Time,
    /// The peer: it claims, and has no hardware here.
    pub(crate) owner: Node,
    pub(crate) node: Node,
    pub(crate) executor: Executor,
    pub(crate) topology: Topology,
    pub(crate) sim: SimSwitch,
    pub(crate) switch: Switch,
    pub(crate) front: Vec<u64>,
    pub(crate) transport: [Vec<mlagsync::session::io::Transport>; 2],
    pub(crate) events: Vec<Event>,
}

impl World {
    pub(crate) fn new(fdb: FdbMode, profile: &[(&str, &str)]) -> World {
        World::without("", fdb, profile)
    }

    /// The same without one of the interfaces.
    pub(crate) fn without(missing: &str, fdb: FdbMode, profile: &[(&str, &str)]) -> World {
        World::of(missing, fdb, profile, Ownership::All)
    }

    /// The same where the NOS programs what this device learns, or we do.
    pub(crate) fn of(missing: &str, fdb: FdbMode, profile: &[(&str, &str)], ownership: Ownership) -> World {
        let (sim, switch) = linked(profile);
        let mut layout = layout();
        layout.interfaces.retain(|spec| spec.interface.to_string() != missing);
        let topology = Topology::lay(&switch, &layout, None).unwrap();
        let front: Vec<u64> = switch.ports().unwrap().into_iter().map(Oid::raw).collect();
        front.iter().for_each(|port| enable(*port));
        let settings_of = |seed, ownership| NodeSettings { seed, ownership, fdb, tuning: Tuning::default() };
        let mut world = World {
            net: Net::new(3),
            now: Time::ZERO,
            owner: Node::new(settings_of(2, Ownership::Received)),
            node: Node::new(settings_of(1, ownership)),
            executor: Executor::new(&switch).on(topology.sub_ports()),
            topology,
            sim,
            switch,
            front,
            transport: Default::default(),
            events: Vec::new(),
        };
        for side in [0, 1] {
            for spec in &layout.interfaces {
                let binding = world.binding(spec.interface, side);
                world.tell(side, Input::Bind(binding));
            }
        }
        for (n, _) in MEMBERS {
            world.member(n, LinkState::Forwarding);
        }
        world.peer_link(LinkState::Forwarding);
        for side in [0, 1] {
            world.tell(side, Input::Session(SessionInput::Configure(Some(settings(side)))));
            world.tell(side, Input::Session(SessionInput::SourcePresent(true)));
            world.tell(side, Input::LocalComplete);
        }
        world.run(Duration::from_secs(3));
        assert!(world.owner.session().up && world.node.session().up);
        // The way to the peer.
        let flags = Flags::INTERFACE;
        let key = Key { interface: id("Vlanif99"), ip: PEER.parse().unwrap() };
        let attachment = Attachment::Orphan;
        world.tell(
            0,
            Input::Evidence(vec![Evidence::Learned { key, mac: PEER_MAC, attachment, flags, fresh: true }]),
        );
        if fdb == FdbMode::External {
            world.nos_hears("Vlanif99", PEER_MAC, PEER_LINK);
        }
        world.run(Duration::from_secs(2));
        assert_eq!(world.ask(PEER), out(&world, PEER_LINK, PEER_MAC));
        world
    }

    pub(crate) fn binding(&self, interface: InterfaceId, side: usize) -> Binding {
        Binding {
            interface,
            vrf: VpnInstance::public(),
            rif: if side == 1 { self.topology.rif(interface).unwrap() } else { Oid::from_raw(1) },
            mac: Mac([2, 0, 0, 0, 0xfe, side as u8]),
            addresses: Vec::new(),
            state: RifState::Up,
            footing: if side == 1 { self.topology.footing(interface) } else { Footing::Untold },
        }
    }

    pub(crate) fn member(&mut self, n: u32, local: LinkState) {
        let port = self.topology.member_port(mlag_id(n));
        let member = Member { mlag: mlag_id(n), port, local, peer: LinkState::Forwarding };
        self.tell(1, Input::Member(member));
    }

    /// Whoever has a member looks whether it can be protected.
    pub(crate) fn probe(&mut self, n: u32) -> Protection {
        let port = self.topology.member_port(mlag_id(n)).unwrap();
        let Some(Done::Protection { state, .. }) = self.executor.obey(&Order::Probe(port)) else { panic!() };
        self.tell(1, Input::Protection { port, state });
        state
    }

    /// A member of an M-LAG goes down, or comes up and then forwards.
    pub(crate) fn link(&mut self, n: u32, up: bool) {
        let (_, front) = MEMBERS.iter().find(|(mlag, _)| *mlag == n).unwrap();
        for number in *front {
            self.sim.link(self.front[usize::from(*number) - 1], up).unwrap();
        }
        self.member(n, if up { LinkState::Up } else { LinkState::Down });
    }

    pub(crate) fn peer_link(&mut self, state: LinkState) {
        let (port, next_hops) = (self.topology.peer_port(), self.topology.next_hops().clone());
        self.tell(1, Input::PeerLink(PeerLink { port, state, next_hops }));
    }

    /// The hardware hears a MAC on a front port, and says so.
    pub(crate) fn nos_hears(&mut self, interface: &str, mac: Mac, number: usize) {
        let Footing::Bridged(domain) = self.topology.footing(id(interface)) else { panic!("{interface}") };
        let known = self.switch.bridge_port_of(Oid::from_raw(self.front[number - 1])).unwrap();
        let of = |port: &&mlagsync::run::topology::PlacedPort| {
            port.front.iter().any(|front| front.raw() == self.front[number - 1])
        };
        let known =
            self.topology.ports().iter().find(of).and_then(|port| port.bridge_port).or(known).unwrap();
        let (bv, there) = match domain {
            Domain::Vlan(vlan) => (vlan.raw(), known),
            Domain::Bridge(bridge) => {
                (bridge.raw(), self.topology.sub_ports().get(&(bridge, known)).copied().unwrap_or(known))
            }
        };
        self.sim.hear(bv, mac.0, there.raw()).unwrap();
        let news =
            FdbNews { change: FdbChange::Learned, domain: Some(domain), mac: Some(mac), port: Some(known) };
        self.tell(1, Input::Fdb(vec![news]));
    }

    /// Somebody hears hosts: the peer (0), or this device (1).
    pub(crate) fn learn(
        &mut self,
        side: usize,
        hosts: impl IntoIterator<Item = (&'static str, IpAddr, Mac, Attachment)>,
    ) {
        let learned = |(interface, ip, mac, attachment)| {
            let key = Key { interface: id(interface), ip };
            Evidence::Learned { key, mac, attachment, flags: Flags::default(), fresh: true }
        };
        let all: Vec<Evidence> = hosts.into_iter().map(learned).collect();
        for some in all.chunks(1000) {
            self.tell(side, Input::Evidence(some.to_vec()));
        }
        self.run(Duration::from_secs(2));
    }

    pub(crate) fn forget(&mut self, side: usize, interface: &str, ip: IpAddr) {
        let key = Key { interface: id(interface), ip };
        self.tell(side, Input::Evidence(vec![Evidence::Forgotten { key }]));
        self.run(Duration::from_secs(2));
    }

    pub(crate) fn ask(&self, to: &str) -> Verdict {
        self.whereto(to.parse().unwrap())
    }

    pub(crate) fn whereto(&self, to: IpAddr) -> Verdict {
        self.sim.forward(self.sim.default_virtual_router(), to)
    }

    pub(crate) fn tell(&mut self, side: usize, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let node = if side == 1 { &mut self.node } else { &mut self.owner };
            node.handle(self.now, input);
            while let Some(output) = node.poll() {
                let order = match output {
                    Output::Transport(transport) => {
                        self.transport[side].push(transport);
                        continue;
                    }
                    Output::Event(event) => {
                        self.events.extend((side == 1).then_some(event));
                        continue;
                    }
                    Output::Kernel(_) => panic!("nobody mirrors into a kernel"),
                    Output::Protect { port, by: _, on } => Order::Protect { port, on },
                    Output::Program(batch) => Order::Program(batch),
                    Output::Fdb(batch) => Order::Fdb(batch),
                    Output::Route(batch) => Order::Route(batch),
                    Output::Survey => Order::Survey,
                    Output::Disown(entries) => Order::Disown(entries),
                };
                // The peer's hardware is nobody's business here: it never answers.
                if side == 1 {
                    inputs.extend(self.executor.obey(&order).map(Input::from));
                }
            }
        }
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let now = self.now;
            for side in [0, 1] {
                for transport in std::mem::take(&mut self.transport[side]) {
                    self.net.act(now, side, transport);
                }
            }
            let is_due = |node: &Node| node.next_wake().is_some_and(|at| at <= now);
            match self.net.take(now) {
                Some((side, input)) => self.tell(side, Input::Session(input)),
                None if is_due(&self.owner) => self.tell(0, Input::Wake),
                None if is_due(&self.node) => self.tell(1, Input::Wake),
                None => {
                    let next = [self.net.next(), self.owner.next_wake(), self.node.next_wake()];
                    match next.into_iter().flatten().min() {
                        Some(at) if at <= end => self.now = at,
                        _ => break,
                    }
                }
            }
        }
        self.now = end;
    }
}

/// Out of this front port, from 1, to this station.
pub(crate) fn out(world: &World, number: usize, mac: Mac) -> Verdict {
    Verdict::Port { port: world.front[number - 1], mac: mac.0 }
}

/// Hosts on the M-LAG, on a switched and on a routed interface.
pub(crate) fn many(n: u32) -> impl Iterator<Item = (&'static str, IpAddr, Mac, Attachment)> {
    (0..n).map(|n| {
        let (name, at) = if n % 4 == 0 { ("Eth-Trunk8", 8) } else { ("Vlanif10", 7) };
        let ip = match n % 3 {
            0 => std::net::Ipv6Addr::from((0x2001_0db8 << 96) | u128::from(n)).into(),
            _ => std::net::Ipv4Addr::from(0x0a00_0000 + n).into(),
        };
        (name, ip, mac(n), Attachment::Mlag(mlag_id(at)))
    })
}

pub(crate) fn mlag(n: u32) -> PortRole {
    PortRole::Hosts(Attachment::Mlag(MlagId::new(n).unwrap()))
}

pub(crate) fn lag(role: PortRole, numbers: &[u16]) -> PortSpec {
    let numbers = numbers.iter().map(|n| NonZeroU16::new(*n).unwrap()).collect();
    PortSpec { role, place: SaiPlace::Lag(numbers) }
}

pub(crate) fn port(role: PortRole, number: u16) -> PortSpec {
    PortSpec { role, place: SaiPlace::Port(NonZeroU16::new(number).unwrap()) }
}

pub(crate) fn interface(name: &str) -> InterfaceSpec {
    let interface = name.parse().unwrap();
    InterfaceSpec { interface, vrf: VpnInstance::public(), mac: None, underlay: None, tag: None }
}

pub(crate) fn id(name: &str) -> InterfaceId {
    name.parse().unwrap()
}
