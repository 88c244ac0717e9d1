//! One life of a switch's daemon, without its sockets: the node and the executor on a simulator that keeps its state.

use crate::{Hosts, INTERFACES};
use mlagsync::addr::{InterfaceId, Mac, MlagId, VlanId, VpnInstance};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{
    Binding, Event, Evidence, FdbMode, Footing, Input, LinkState, Member, Ours, Output, PeerLink, RifState,
};
use mlagsync::node::{Node, NodeSettings, Ownership, Tuning};
use mlagsync::run::asic::Executor;
use mlagsync::run::journal::{Boot, Journal};
use mlagsync::run::platform::{PortRole, SaiPlace};
use mlagsync::run::topology::{InterfaceSpec, Layout, PortSpec, Topology};
use mlagsync::run::warm::WarmStart;
use mlagsync::sai::{Domain, Functions, Library, Oid, Options, Switch};
use mlagsync::time::Time;
use sai::inspect::{Op, SimSwitch};
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a switch keeps what outlives its daemon.
pub(crate) struct Place(pub(crate) tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// The hardware: a simulator that is never told to go.
pub(crate) struct Hardware {
    /// Dropped, it would remove the switch.
    pub(crate) sim: ManuallyDrop<SimSwitch>,
    pub(crate) switch: Switch,
    dir: PathBuf,
}

impl Hardware {
    /// The ASIC of this place, with what it held.
    pub(crate) fn up(dir: &Path, more: &[(&str, &str)]) -> Hardware {
        let (state, trace) = (dir.join("state"), dir.join("trace"));
        let own = [
            ("SAI_SIM_PORTS", "4"),
            ("SAI_SIM_STATE", state.to_str().unwrap()),
            ("SAI_SIM_TRACE", trace.to_str().unwrap()),
            ("SAI_BOOT_TYPE", "1"),
        ];
        let given = own.into_iter().filter(|(key, _)| more.iter().all(|(other, _)| other != key));
        let profile: Vec<(&str, &str)> = given.chain(more.iter().copied()).collect();
        let sim = ManuallyDrop::new(SimSwitch::new(&profile).unwrap());
        let functions = Functions {
            api_query: sai::sai_api_query,
            query_api_version: Some(sai::sai_query_api_version),
            api_initialize: None,
            api_uninitialize: None,
            get_object_count: Some(sai::sai_get_object_count),
            get_object_key: Some(sai::sai_get_object_key),
            object_type_get_availability: Some(sai::sai_object_type_get_availability),
        };
        // SAFETY: the functions of one SAI library, which is initialised since it has a switch.
        let library = unsafe { Library::given(functions, Options::default()) }.unwrap();
        let switch = Switch::given(&library, Oid::from_raw(sim.id()));
        Hardware { sim, switch, dir: dir.to_owned() }
    }

    /// Calls that changed something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let writes = |op| matches!(op, Op::Create | Op::Remove | Op::Set);
        self.sim.calls().into_iter().filter(|c| c.calls > 0 && writes(c.op)).map(|c| c.name).collect()
    }

    /// What the host table holds.
    pub(crate) fn holds(&self, topology: &Topology) -> Hosts {
        let entry = |n: sai::inspect::Neighbor| {
            let interface = topology.interface(Oid::from_raw(n.rif)).expect("on an interface of ours");
            (Key { interface, ip: n.ip }, Mac(n.mac))
        };
        self.sim.neighbors().into_iter().map(entry).collect()
    }
}

/// A daemon.
pub(crate) struct Life {
    pub(crate) node: Node,
    pub(crate) executor: Executor,
    pub(crate) topology: Topology,
    pub(crate) boot: Boot,
    pub(crate) foreign: Option<usize>,
    pub(crate) adopted: Ours,
    pub(crate) events: Vec<Event>,
    now: Time,
    wanted: Hosts,
    full: bool,
    /// Called for each batch.
    pub(crate) tick: fn(),
}

impl Life {
    /// It starts: the interfaces are bound, and what is ours is adopted.
    pub(crate) fn begin(hardware: &Hardware) -> Life {
        // Small, so that it grows.
        let journal = Journal::open_bounded(&hardware.dir.join("journal"), 40, 1 << 20).unwrap();
        Life::with_journal(hardware, journal)
    }

    /// The same, with a journal of this kind.
    pub(crate) fn with_journal(hardware: &Hardware, journal: Journal) -> Life {
        Life::of(hardware, journal, false, Tuning::default())
    }

    /// A switch with everything: M-LAG 7, whose member is down, so that we keep the FDB entries of its hosts and point them
    /// at the peer, and M-LAG 1, a LAG that an interface is routed on.
    pub(crate) fn full(hardware: &Hardware) -> Life {
        let journal = Journal::open_bounded(&hardware.dir.join("journal"), 40, 1 << 20).unwrap();
        Life::of(hardware, journal, true, Tuning::default())
    }

    pub(crate) fn of(hardware: &Hardware, mut journal: Journal, full: bool, tuning: Tuning) -> Life {
        let specs: Vec<InterfaceSpec> = INTERFACES
            .iter()
            .map(|(name, vrf)| InterfaceSpec {
                interface: name.parse().unwrap(),
                vrf: vpn(vrf),
                mac: Some(Mac([2, 0, 0, 0, 0, 0xfe])),
                underlay: None,
                tag: full.then(|| VlanId::new(100).unwrap()),
            })
            .collect();
        let WarmStart { boot, topology, adopted, foreign } = WarmStart::begin(
            &hardware.switch,
            &if full { layout(&specs) } else { Layout { interfaces: specs.clone(), ..Layout::default() } },
            &mut journal,
        )
        .unwrap();
        let settings = NodeSettings {
            seed: 7,
            ownership: Ownership::All,
            fdb: if full { FdbMode::Managed } else { FdbMode::External },
            tuning,
        };
        let mut life = Life {
            node: Node::new(settings),
            executor: Executor::with_journal(&hardware.switch, Some(journal)).on(topology.sub_ports()),
            boot,
            foreign,
            adopted: adopted.clone(),
            events: Vec::new(),
            now: Time::ZERO,
            wanted: Hosts::new(),
            full,
            tick: || {},
            topology,
        };
        if full {
            life.member(7, LinkState::Down);
            let next_hops = life.topology.next_hops().clone();
            let port = life.topology.peer_port();
            life.tell(Input::PeerLink(PeerLink { port, state: LinkState::Forwarding, next_hops }));
        }
        for spec in specs {
            let rif = life.topology.rif(spec.interface).unwrap();
            let addresses = ["10.0.0.1/8", "2001:db8::1/32"].map(|net| net.parse().unwrap()).to_vec();
            let mac = spec.mac.unwrap();
            let (interface, vrf, state) = (spec.interface, spec.vrf, RifState::Up);
            life.tell(Input::Bind(Binding {
                interface,
                vrf,
                rif,
                mac,
                addresses,
                state,
                footing: if full { life.topology.footing(interface) } else { Default::default() },
            }));
        }
        life.tell(Input::AdoptFdb(adopted.fdb));
        life.tell(Input::AdoptRoutes(adopted.routes));
        life.tell(Input::Adopt(adopted.neighbors));
        life
    }

    /// A member of an M-LAG is so; the peer's forwards.
    pub(crate) fn member(&mut self, n: u32, local: LinkState) {
        let mlag = MlagId::new(n).unwrap();
        let port = self.topology.member_port(mlag);
        self.tell(Input::Member(Member { mlag, port, local, peer: LinkState::Forwarding }));
    }

    /// This device hears so: hosts that are new or changed, and hosts that are gone.
    pub(crate) fn hear(&mut self, hosts: &Hosts) {
        let mut evidence: Vec<Evidence> = Vec::new();
        for key in self.wanted.keys().filter(|key| !hosts.contains_key(key)) {
            evidence.push(Evidence::Forgotten { key: *key });
        }
        for (key, mac) in hosts.iter().filter(|(key, mac)| self.wanted.get(key) != Some(mac)) {
            let (attachment, flags) = (self.attachment(key), Flags::default());
            evidence.push(Evidence::Learned { key: *key, mac: *mac, attachment, flags, fresh: true });
        }
        self.wanted = hosts.clone();
        self.tell(Input::Evidence(evidence));
    }

    fn attachment(&self, key: &Key) -> Attachment {
        match key.interface {
            _ if !self.full => Attachment::Orphan,
            InterfaceId::Routed { mlag, .. } => Attachment::Mlag(mlag),
            _ => Attachment::Mlag(MlagId::new(7).unwrap()),
        }
    }

    /// Everything that this device knew at start is told.
    pub(crate) fn complete(&mut self) {
        self.tell(Input::LocalComplete);
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.node.next_wake().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.tell(Input::Wake);
        }
        self.now = until;
        self.tell(Input::Wake);
    }

    /// So much time that everything that waits for time has happened, the sweep included.
    pub(crate) fn settle(&mut self) {
        self.pass(mlagsync::limits::STALE_TIMER + Duration::from_secs(60));
    }

    pub(crate) fn tell(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            self.node.handle(self.now, input);
            while let Some(output) = self.node.poll() {
                match output {
                    Output::Program(batch) => {
                        (self.tick)();
                        inputs.push(Input::BatchDone(self.executor.execute(&batch)));
                    }
                    Output::Protect { .. } => unreachable!("nobody says that a port can be protected"),
                    Output::Survey => inputs.push(Input::Listed(self.executor.survey())),
                    Output::Disown(entries) => self.executor.disown(&entries),
                    Output::Fdb(batch) => {
                        (self.tick)();
                        inputs.push(Input::FdbDone(self.executor.execute_fdb(&batch)));
                    }
                    Output::Route(batch) => {
                        (self.tick)();
                        inputs.push(Input::RouteDone(self.executor.execute_routes(&batch)));
                    }
                    Output::Kernel(_) => unreachable!("no kernel mirror is asked for"),
                    Output::Event(event) => self.events.push(event),
                    Output::Transport(_) => {}
                }
                inputs.extend(self.executor.journal_news().map(Input::from));
            }
        }
    }
}

fn vpn(name: &str) -> VpnInstance {
    if name == "_public_" { VpnInstance::public() } else { name.parse().unwrap() }
}

/// M-LAG 7 on front port 1, M-LAG 1 on a LAG of 2 and 3, the peer-link on 4.
fn layout(specs: &[InterfaceSpec]) -> Layout {
    let mlag = |n| PortRole::Hosts(Attachment::Mlag(MlagId::new(n).unwrap()));
    let front = |n| NonZeroU16::new(n).unwrap();
    Layout {
        interfaces: specs.to_vec(),
        ports: vec![
            PortSpec { role: mlag(7), place: SaiPlace::Port(front(1)) },
            PortSpec { role: mlag(1), place: SaiPlace::Lag(vec![front(2), front(3)]) },
            PortSpec { role: PortRole::PeerLink, place: SaiPlace::Port(front(4)) },
        ],
        next_hops: vec![("Vlanif10".parse().unwrap(), "10.0.0.250".parse().unwrap())],
    }
}

/// What the FDB and the routes hold that is not dynamic and not the switch's own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// By VLAN or bridge and MAC, and the bridge port.
    pub(crate) fdb: BTreeSet<(u64, [u8; 6], u64)>,
    /// By virtual router and address, and whether it leads to the peer.
    pub(crate) routes: BTreeSet<(u64, IpAddr, bool)>,
}

impl Hardware {
    /// What the hardware holds beside neighbours.
    pub(crate) fn beside(&self, topology: &Topology) -> Beside {
        let peer: Vec<u64> = topology.next_hops().values().map(|hop| hop.raw()).collect();
        let fdb = self.sim.fdb().into_iter().filter(|entry| entry.is_static);
        let is_host = |route: &sai::inspect::Route| route.length == if route.ip.is_ipv4() { 32 } else { 128 };
        let routes = self.sim.routes().into_iter().filter(is_host);
        Beside {
            fdb: fdb.map(|entry| (entry.bv, entry.mac, entry.bridge_port)).collect(),
            routes: routes.map(|r| (r.virtual_router, r.ip, peer.contains(&r.next_hop))).collect(),
        }
    }
}

impl Life {
    /// What there should be beside neighbours for these hosts while M-LAG 1 is so.
    pub(crate) fn beside(&self, hosts: &Hosts, trunk: LinkState) -> Beside {
        let mut beside = Beside::default();
        let peer = self.topology.peer_port().unwrap();
        for (key, mac) in hosts {
            match self.topology.footing(key.interface) {
                Footing::Bridged(domain) => {
                    let (bv, sub) = match domain {
                        Domain::Vlan(vlan) => (vlan.raw(), None),
                        Domain::Bridge(bridge) => {
                            (bridge.raw(), self.topology.sub_ports().get(&(bridge, peer)).copied())
                        }
                    };
                    beside.fdb.insert((bv, mac.0, sub.unwrap_or(peer).raw()));
                }
                Footing::Routed(router) => {
                    beside.routes.insert((router.raw(), key.ip, !trunk.forwards()));
                }
                Footing::Untold => panic!("{key}"),
            }
        }
        beside
    }
}
