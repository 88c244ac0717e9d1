//! A daemon: its threads, from start to stop.

use super::configure::Configurator;
use super::ctl::protocol::{ConfigView, InterfaceView};
use super::ctl::server::ControlSocket;
use super::engine::{Caller, Engine, Plan, PortEdges, ThreadEnd, bell, random, system};
use super::journal::Journal;
use super::kernel::up::KernelUp;
use super::learn::neighbors::Own;
use super::learn::{Ended, LearnConfig, LearnStats, Learner, netdev_macs};
use super::links::LinkWatcher;
use super::members::Members;
use super::placing::{self, PortsUp};
use super::platform::{InterfaceConfig, Platform, PortConfig, SaiLibrary};
use super::record::Recorder;
use super::thread::Guest;
use super::topology::{InterfaceSpec, Layout, PortSpec, Topology};
use super::vpn::Places;
use super::warm::WarmStart;
use super::{StartError, StartOptions};
use crate::addr::{InterfaceId, Mac, NodeId};
use crate::config::Config;
use crate::limits;
use crate::node::io::{Binding, Ours, RifState};
use crate::node::{NodeSettings, Tuning};
use crate::sai::Family;
use crate::sai::{Library, LibraryError, Options, Profile, Start, Switch, SwitchSpec, Version};
use crate::table::desired::is_link_local;
use crossbeam_channel::{Receiver, bounded, never};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Words of the learner that wait for the core: each is up to a thousand pieces of evidence.
const LEARNED_WAITING: usize = 16;
/// Words of links that wait for the core, each about another device or newer than the one before.
const LINK_WORDS_WAITING: usize = 64;

/// A running daemon.
pub struct Daemon {
    engine: Engine,
    config: ConfigView,
}

impl Daemon {
    /// Starts everything that the platform describes. When it returns, the ASIC's interfaces are there, the kernel is
    /// listened to, and the control socket answers; the channel comes up by itself.
    pub fn start(platform: Platform, options: StartOptions) -> Result<Daemon, StartError> {
        platform.validate()?;
        let places = Places::of(&platform);
        let dice = system("draw random numbers", random)?;
        let node_id = NodeId(platform.node_id.unwrap_or(dice[1]));
        let configurator = Configurator::start(&platform, &places, node_id)?;
        let control = match &platform.control {
            None => None,
            Some(path) => Some(ControlSocket::open(path, &platform.monitors)?),
        };
        let settings = NodeSettings {
            seed: dice[0],
            ownership: platform.ownership,
            fdb: platform.fdb,
            tuning: tuning(&platform),
        };
        let recorder = match &platform.record {
            None => None,
            Some(path) => Some(Recorder::open(path, &settings)?),
        };

        let stop = Arc::new(AtomicBool::new(false));
        let (learn_bell, link_bell) = (bell()?, bell()?);
        let (learned_in, learned) = bounded(LEARNED_WAITING);
        let kernel = KernelUp::of(&platform, &stop)?;
        let learner = Learner::open(
            learn_config(&platform, kernel.as_ref()),
            learned_in,
            learn_bell.clone(),
            stop.clone(),
            Arc::new(LearnStats::default()),
        )
        .map_err(StartError::Netlink)?;
        let (link_words_in, links) = bounded(LINK_WORDS_WAITING);
        let netdevs = platform.ports.iter().filter_map(|port| port.netdev.clone());
        let link_watcher =
            LinkWatcher::open(netdevs, limits::LINK_BUFFER, link_words_in, link_bell.clone(), stop.clone())
                .map_err(StartError::Netlink)?;

        let library =
            platform.sai.library.clone().or(options.default_library).ok_or(StartError::NoLibrary)?;
        let macs = macs(&platform)?;
        let journal = platform.journal.as_deref().map(Journal::open).transpose()?;
        let AsicUp { topology, switch_mac, journal, adopted, ports, slots } =
            start_asic(&platform, &macs, library.clone(), journal)?;
        let PortsUp { placed, states, told } = ports;
        let mut members = Members::new(&platform, &placed);
        members.answer(states);
        link_watcher.found().for_each(|word| members.netdev(&word.netdev, word.state));
        let bindings = bindings(&platform, &topology, &macs, switch_mac);
        let view = config_view(&platform, configurator.running(), &library, &bindings);

        let (kernel, kernel_outlet) = kernel.map(|up| ((up.mirror, up.bell), up.outlet)).unzip();
        let plan = Plan {
            places,
            settings,
            configurator,
            view: view.clone(),
            recorder,
            limits: platform.limits(slots),
            bindings,
            adopted,
            restart_ms: platform.restart_time_s.unwrap_or(0).saturating_mul(1000),
            switch: topology.switch().clone(),
            journal,
            sub_ports: topology.sub_ports(),
            warm: None,
            caller: Caller::Thread,
            control,
            learned,
            ports: PortEdges { members, links, told },
            fed: never(),
            kernel: kernel_outlet,
            news: None,
            stop,
            guest: Guest::default(),
            on_end: None,
        };
        let mut engine = Engine::start(plan)?;
        engine.ring_at_end(learn_bell);
        engine.ring_at_end(link_bell);
        engine.spawn("mlag-links", move || link_watcher.run().map_err(|e| e.to_string()))?;
        engine.spawn("mlag-learn", move || match learner.run() {
            Ended::Stopped => Ok(()),
            Ended::Failed(e) => Err(e.to_string()),
        })?;
        if let Some((mirror, bell)) = kernel {
            engine.ring_at_end(bell);
            engine.spawn("mlag-kernel", move || mirror.run().map_err(|e| e.to_string()))?;
        }
        let control = platform.control.as_deref().map(|path| tracing::field::display(path.display()));
        tracing::info!(hostname = %platform.hostname, node = %node_id, library = %library.display(), control, "started");
        Ok(Daemon { engine, config: view })
    }

    /// Tells of threads that end. None does before [`Daemon::stop`] unless something is wrong.
    pub fn ends(&self) -> &Receiver<ThreadEnd> {
        self.engine.ends()
    }

    /// The configuration in force, as at start.
    pub fn config(&self) -> &ConfigView {
        &self.config
    }

    /// Says goodbye to the peer and ends the threads. The ASIC keeps what it holds. Answers the number of threads that
    /// did not end in time, because SAI holds them.
    pub fn stop(mut self) -> usize {
        self.engine.stop(limits::STOP).len()
    }
}

/// The node's bounds and times, as far as the platform has a say in them.
fn tuning(platform: &Platform) -> Tuning {
    let mut tuning = Tuning::default();
    let time = |seconds: Option<u32>, default| seconds.map_or(default, |s| Duration::from_secs(s.into()));
    tuning.life.stale = time(platform.stale_timer_s, tuning.life.stale);
    tuning.life.ageing = time(platform.ageing_time_s, tuning.life.ageing);
    tuning.scrub.round = time(platform.scrub_s, tuning.scrub.round);
    tuning.programming = platform.sai.programming;
    tuning
}

fn learn_config(platform: &Platform, kernel: Option<&KernelUp>) -> LearnConfig {
    let protocol = platform.kernel_protocol.unwrap_or(limits::KERNEL_PROTOCOL);
    LearnConfig {
        interfaces: platform.interfaces.clone(),
        ports: platform.ports.clone(),
        receive_buffer: limits::NETLINK_BUFFER,
        own: Own { protocol, socket: kernel.map(|kernel| kernel.mirror.socket()) },
    }
}

/// An ASIC that is up.
struct AsicUp {
    topology: Topology,
    /// The router MAC of interfaces without one of their own, where there are such.
    switch_mac: Option<Mac>,
    journal: Option<Journal>,
    /// What it holds that is ours.
    adopted: Ours,
    ports: PortsUp,
    /// Slots of its host table, where it was asked and has said.
    slots: Option<u64>,
}

#[cfg(not(feature = "linked"))]
fn library(path: &Path, profile: &Profile, options: Options) -> Result<Library, LibraryError> {
    Library::open(path, profile, options)
}

/// The one that the program is linked with: none is opened, whatever it is called.
#[cfg(feature = "linked")]
fn library(_: &Path, profile: &Profile, options: Options) -> Result<Library, LibraryError> {
    Library::linked(profile, options)
}

/// Brings the library, the switch and the interfaces up. On a thread of its own: a library may never come back.
fn start_asic(
    platform: &Platform,
    macs: &BTreeMap<InterfaceId, Mac>,
    path: PathBuf,
    mut journal: Option<Journal>,
) -> Result<AsicUp, StartError> {
    let profile = profile(&platform.sai)?;
    let assumed = platform.sai.assume_api_version.as_deref().map(str::parse::<Version>).transpose();
    let options = Options { assume_api_version: assumed.map_err(|e| StartError::Sai(e.to_string()))? };
    let hardware_info = platform.sai.hardware_info.clone().map(CString::new).transpose();
    let hardware_info =
        hardware_info.map_err(|_| StartError::Sai("hardware-info has a zero byte in it".to_owned()))?;
    let layout = layout(platform, macs);
    let asks = platform.asks_for_slots();
    let v6_slots = platform.limits(None).v6_slots.into();
    let body = move || {
        let library = library(&path, &profile, options).map_err(|e| e.to_string())?;
        let spec = SwitchSpec { start: Start::Initialise, src_mac: None, hardware_info };
        let switch = Switch::create(&library, spec).map_err(|e| e.to_string())?;
        let (topology, adopted) = match &mut journal {
            None => (Topology::lay(&switch, &layout, None).map_err(|e| e.to_string())?, Ours::default()),
            Some(journal) => {
                let warm = WarmStart::begin(&switch, &layout, journal).map_err(|e| e.to_string())?;
                (warm.topology, warm.adopted)
            }
        };
        let ports = placing::bring_up(&switch, &topology);
        let needed = layout.interfaces.iter().any(|interface| interface.mac.is_none());
        let switch_mac = needed.then(|| topology.mac()).transpose().map_err(|e| e.to_string())?;
        let ours = adopted.neighbors.iter().map(|entry| slots_of(entry.ip, v6_slots)).sum();
        let slots = asks.then(|| slots(&switch, ours)).flatten();
        Ok(AsicUp { topology, switch_mac, journal, adopted, ports, slots })
    };
    let (answer, answers) = bounded(1);
    let work = move || drop(answer.send(body()));
    system("start a thread", || Guest::default().spawn("mlag-asic-up", work))?;
    match answers.recv_timeout(limits::ASIC_START) {
        Ok(topology) => topology.map_err(StartError::Sai),
        Err(_) => Err(StartError::Sai("the SAI library does not come up".to_owned())),
    }
}

/// What the platform has in the ASIC.
fn layout(platform: &Platform, macs: &BTreeMap<InterfaceId, Mac>) -> Layout {
    let interface = |interface: &InterfaceConfig| InterfaceSpec {
        interface: interface.name,
        vrf: interface.vpn(),
        mac: macs.get(&interface.name).copied(),
        underlay: None,
        tag: None,
    };
    let port = |port: &PortConfig| Some(PortSpec { role: port.role, place: port.place()? });
    Layout {
        interfaces: platform.interfaces.iter().map(interface).collect(),
        ports: platform.ports.iter().filter_map(port).collect(),
        next_hops: platform.peer_next_hops.iter().map(|hop| (hop.interface, hop.ip)).collect(),
    }
}

/// Slots of the host table: those that are free, by either of two ways to ask, and those that ours take.
fn slots(switch: &Switch, ours: u64) -> Option<u64> {
    let by_attribute = |_| switch.available_neighbors(Family::V4).map(u64::from);
    match switch.neighbor_availability(Family::V4).or_else(by_attribute) {
        Ok(free) => Some(free + ours),
        Err(e) => {
            tracing::warn!(error = %e, "the library does not say how large its host table is: it has no bound but its own");
            None
        }
    }
}

/// Slots that an entry of ours takes.
fn slots_of(ip: IpAddr, v6_slots: u64) -> u64 {
    match ip {
        _ if is_link_local(ip) => 0,
        IpAddr::V4(_) => 1,
        IpAddr::V6(_) => v6_slots,
    }
}

/// The pairs of the profile's file, and those of the platform after them.
fn profile(sai: &SaiLibrary) -> Result<Profile, StartError> {
    let wrong = |e: crate::sai::ProfileError| StartError::Sai(format!("SAI profile: {e}"));
    let mut profile = Profile::new();
    if let Some(path) = &sai.profile_file {
        let text = fs::read_to_string(path)
            .map_err(|source| StartError::ProfileFile { path: path.clone(), source })?;
        profile = text.parse().map_err(|source| StartError::ProfileLine { path: path.clone(), source })?;
    }
    let own: Profile = sai.profile.as_deref().unwrap_or_default().parse().map_err(wrong)?;
    for (key, value) in own.iter() {
        profile.set(key, value).map_err(wrong)?;
    }
    Ok(profile)
}

/// The MAC of each interface that has one in the file, or whose network device is there already.
fn macs(platform: &Platform) -> Result<BTreeMap<InterfaceId, Mac>, StartError> {
    let netdevs = netdev_macs().map_err(StartError::Netlink)?;
    let mac = |interface: &InterfaceConfig| {
        let netdev = || netdevs.get(interface.netdev.as_deref()?).copied();
        Some((interface.name, interface.mac.or_else(netdev)?))
    };
    Ok(platform.interfaces.iter().filter_map(mac).collect())
}

fn bindings(
    platform: &Platform,
    topology: &Topology,
    macs: &BTreeMap<InterfaceId, Mac>,
    switch_mac: Option<Mac>,
) -> Vec<Binding> {
    let bind = |interface: &InterfaceConfig| {
        Some(Binding {
            interface: interface.name,
            vrf: interface.vpn(),
            rif: topology.rif(interface.name)?,
            mac: macs.get(&interface.name).copied().or(switch_mac)?,
            addresses: interface.addresses.clone().unwrap_or_default(),
            state: RifState::Up,
            footing: topology.footing(interface.name),
        })
    };
    platform.interfaces.iter().filter_map(bind).collect()
}

fn config_view(platform: &Platform, config: &Config, library: &Path, bindings: &[Binding]) -> ConfigView {
    let interfaces = platform.interfaces.iter().filter_map(|interface| {
        let binding = bindings.iter().find(|binding| binding.interface == interface.name)?;
        Some(InterfaceView {
            name: interface.name,
            vrf: binding.vrf.clone(),
            netdev: interface.netdev.clone(),
            rif: binding.rif.raw(),
            mac: binding.mac,
            addresses: binding.addresses.clone(),
            attachment: interface.attachment.0,
        })
    });
    ConfigView {
        hostname: platform.hostname.clone(),
        model: platform.model.clone(),
        dfs_group: config.to_string(),
        sai_library: library.display().to_string(),
        interfaces: interfaces.collect(),
    }
}
