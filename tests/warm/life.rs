//! One life of a switch's daemon, without its sockets: the node and the executor on a simulator that keeps its state.

use crate::{Hosts, INTERFACES};
use mlagsync::addr::{Mac, VpnInstance};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{Adopted, Binding, Event, Evidence, Input, Output, RifState};
use mlagsync::node::{Node, NodeSettings, Ownership, Tuning};
use mlagsync::run::asic::Executor;
use mlagsync::run::journal::{Boot, Journal};
use mlagsync::run::topology::{InterfaceSpec, Layout, Topology};
use mlagsync::run::warm::WarmStart;
use mlagsync::sai::{Functions, Library, Oid, Options, Switch};
use mlagsync::time::Time;
use sai::inspect::{Op, SimSwitch};
use std::mem::ManuallyDrop;
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
            ("SAI_SIM_PORTS", "2"),
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
    pub(crate) adopted: Vec<Adopted>,
    pub(crate) events: Vec<Event>,
    now: Time,
    wanted: Hosts,
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

    pub(crate) fn with_journal(hardware: &Hardware, mut journal: Journal) -> Life {
        let specs: Vec<InterfaceSpec> = INTERFACES
            .iter()
            .map(|(name, vrf)| InterfaceSpec {
                interface: name.parse().unwrap(),
                vrf: vpn(vrf),
                mac: Some(Mac([2, 0, 0, 0, 0, 0xfe])),
                underlay: None,
                tag: None,
            })
            .collect();
        let WarmStart { boot, topology, adopted, foreign } = WarmStart::begin(
            &hardware.switch,
            &Layout { interfaces: specs.clone(), ..Layout::default() },
            &mut journal,
        )
        .unwrap();
        let settings = NodeSettings {
            seed: 7,
            ownership: Ownership::All,
            fdb: Default::default(),
            tuning: Tuning::default(),
        };
        let mut life = Life {
            node: Node::new(settings),
            executor: Executor::with_journal(&hardware.switch, Some(journal)),
            boot,
            foreign,
            adopted: adopted.clone(),
            events: Vec::new(),
            now: Time::ZERO,
            wanted: Hosts::new(),
            tick: || {},
            topology,
        };
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
                footing: Default::default(),
            }));
        }
        life.tell(Input::Adopt(adopted));
        life
    }

    /// This device hears so: hosts that are new or changed, and hosts that are gone.
    pub(crate) fn hear(&mut self, hosts: &Hosts) {
        let mut evidence: Vec<Evidence> = Vec::new();
        for key in self.wanted.keys().filter(|key| !hosts.contains_key(key)) {
            evidence.push(Evidence::Forgotten { key: *key });
        }
        for (key, mac) in hosts.iter().filter(|(key, mac)| self.wanted.get(key) != Some(mac)) {
            let (attachment, flags) = (Attachment::Orphan, Flags::default());
            evidence.push(Evidence::Learned { key: *key, mac: *mac, attachment, flags, fresh: true });
        }
        self.wanted = hosts.clone();
        self.tell(Input::Evidence(evidence));
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

    fn tell(&mut self, input: Input) {
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
                    Output::Disown(entries) => self.executor.disown(&entries),
                    Output::Fdb(_) | Output::Route(_) | Output::Kernel(_) => {
                        unreachable!("no FDB of ours here, and no routed interface")
                    }
                    Output::Event(event) => self.events.push(event),
                    Output::Transport(_) => {}
                }
            }
        }
    }
}

fn vpn(name: &str) -> VpnInstance {
    if name == "_public_" { VpnInstance::public() } else { name.parse().unwrap() }
}
