//! A daemon: its threads, from start to stop.

use super::asic::{Asic, Done};
use super::configure::{Adopt, Configurator, Outlets};
use super::core::{Core, Known, Links};
use super::ctl::protocol::{ConfigView, InterfaceView};
use super::ctl::read_back::{self, ReadBack};
use super::ctl::server::{Commits, ControlSocket, Server};
use super::journal::Journal;
use super::learn::{Ended, LearnConfig, LearnStats, Learner, netdev_macs};
use super::peer::{Peer, PeerOutlet};
use super::platform::{InterfaceConfig, Platform, SaiLibrary};
use super::record::Recorder;
use super::source::SourceWatcher;
use super::topology::{InterfaceSpec, Topology};
use super::vpn::Places;
use super::wake::Wake;
use super::warm::WarmStart;
use super::{StartError, StartOptions};
use crate::addr::{InterfaceId, Mac, NodeId};
use crate::config::Config;
use crate::limits;
use crate::node::io::{Adopted, Binding, RifState};
use crate::node::{Node, NodeSettings, Tuning};
use crate::sai::{Library, Oid, Options, Profile, Start, Switch, SwitchSpec, Version, id};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Words of the learner that wait for the core: each is up to a thousand pieces of evidence.
const LEARNED_WAITING: usize = 16;
/// Reports of the socket's owner that wait for the core: each is up to 256 KiB.
const REPORTS_WAITING: usize = 16;
/// Orders that wait for the socket's owner.
const TRANSPORT_WAITING: usize = 256;
/// Questions that wait for the core.
const QUESTIONS_WAITING: usize = limits::CONTROL_CLIENTS;

/// Words of the source watcher that wait for the core: an address that comes and goes makes two.
const SOURCE_WORDS_WAITING: usize = 4;
/// Orders that wait for the source watcher, which reads them all at once; a commit is seconds of somebody's typing.
const ORDERS_WAITING: usize = 16;

/// A running daemon.
pub struct Daemon {
    stop: Arc<AtomicBool>,
    bells: Vec<Arc<Wake>>,
    /// Dropped to wake the core up.
    running: Option<Sender<()>>,
    /// Kept, so that the core does not take the end of this for news where nobody can commit.
    _adopt: Sender<Adopt>,
    ends: Receiver<ThreadEnd>,
    threads: usize,
    config: ConfigView,
}

/// A thread has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadEnd {
    /// Which.
    pub thread: &'static str,
    /// Why, when it was not told to.
    pub error: Option<String>,
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
            Some(path) => Some(
                ControlSocket::bind(path, &platform.monitors)
                    .map_err(|e| StartError::Control { path: path.clone(), why: e.to_string() })?,
            ),
        };
        let settings = NodeSettings {
            seed: dice[0],
            ownership: platform.ownership,
            fdb: platform.fdb,
            tuning: tuning(&platform),
        };
        let recorder = match &platform.record {
            None => None,
            Some(path) => Some(
                Recorder::create(path, &settings)
                    .map_err(|source| StartError::Record { path: path.clone(), source })?,
            ),
        };

        let stop = Arc::new(AtomicBool::new(false));
        let bell = || system("make an event descriptor", Wake::new).map(Arc::new);
        let (learn_bell, source_bell, peer_bell, ctl_bell) = (bell()?, bell()?, bell()?, bell()?);
        let (learned_in, learned) = bounded(LEARNED_WAITING);
        let learner = Learner::open(
            learn_config(&platform),
            learned_in,
            learn_bell.clone(),
            stop.clone(),
            Arc::new(LearnStats::default()),
        )
        .map_err(StartError::Netlink)?;

        let library =
            platform.sai.library.clone().or(options.default_library).ok_or(StartError::NoLibrary)?;
        let macs = macs(&platform)?;
        let journal = platform.journal.as_deref().map(Journal::open).transpose()?;
        let AsicUp { topology, switch_mac, journal, adopted } =
            start_asic(&platform, &macs, library.clone(), journal)?;
        let rifs: BTreeMap<InterfaceId, Oid<id::RouterInterface>> = topology.rifs().collect();
        let bindings = bindings(&platform, &topology, &macs, switch_mac);
        let view = config_view(&platform, configurator.running(), &library, &bindings);

        let (done_in, done) = bounded(2 * limits::BATCHES_IN_FLIGHT + 2);
        let (read_in, read) = bounded(1);
        let deliver = move |answer: Done| match answer {
            // Both fail only when nobody is left to hear it.
            Done::Program(answer) if read_back::is_ours(answer.id) => drop(read_in.try_send(answer)),
            answer => drop(done_in.send(answer)),
        };
        let asic = system("start a thread", || Asic::spawn_with(topology.switch(), journal, deliver))?;
        let (questions_in, questions) = bounded(QUESTIONS_WAITING);
        let (reports_in, reports) = bounded(REPORTS_WAITING);
        let (transport, commands) = bounded(TRANSPORT_WAITING);
        let (running, stopped) = bounded(0);
        let (adopt_in, adopt) = bounded(1);
        let (words_in, words) = bounded(SOURCE_WORDS_WAITING);
        let (orders_in, orders) = bounded(ORDERS_WAITING);
        let watcher = SourceWatcher::new(orders, words_in, source_bell.clone(), stop.clone());
        let first = configurator.watch();
        let watch = first.number;
        let _ = orders_in.try_send(first);
        let read_back = ReadBack::new(questions_in.clone(), asic.handle(), read, rifs);
        let links = Links {
            learned,
            source: words,
            adopt,
            session: reports,
            done,
            questions,
            stopped,
            peer: PeerOutlet::new(transport, peer_bell.clone()),
            asic: asic.handle(),
        };
        let known = Known { config: view.clone(), watch };
        let restart_ms = platform.restart_time_s.unwrap_or(0).saturating_mul(1000);
        let core = Core::new(Node::new(settings), links, known, recorder, stop.clone());
        let peer = Peer::new(places, commands, reports_in, peer_bell);
        let channel = configurator.channel();

        let (ended, ends) = unbounded();
        let mut daemon = Daemon {
            stop: stop.clone(),
            bells: vec![learn_bell, source_bell.clone(), ctl_bell.clone()],
            running: Some(running),
            _adopt: adopt_in.clone(),
            ends,
            threads: 0,
            config: view,
        };
        // What fails from here on stops what was started: dropping the daemon does.
        daemon.spawn("mlag-asic-end", &ended, move || {
            asic.join();
            Ok(())
        })?;
        daemon.spawn("mlag-core", &ended, move || {
            core.run(bindings, adopted, channel, restart_ms);
            Ok(())
        })?;
        daemon.spawn("mlag-peer", &ended, move || peer.run().map_err(|e| e.to_string()))?;
        daemon.spawn("mlag-learn", &ended, move || match learner.run() {
            Ended::Stopped => Ok(()),
            Ended::Failed(e) => Err(e.to_string()),
        })?;
        daemon.spawn("mlag-source", &ended, move || watcher.run().map_err(|e| e.to_string()))?;
        if let Some(control) = control {
            let outlets = Outlets { core: adopt_in.clone(), watcher: orders_in, bell: source_bell };
            let commits = Commits { configurator: Mutex::new(configurator), outlets };
            let server = Server::new(control, questions_in, read_back, commits, ctl_bell, stop);
            daemon.spawn("mlag-ctl", &ended, move || server.run().map_err(|e| e.to_string()))?;
        }
        let control = platform.control.as_deref().map(|path| tracing::field::display(path.display()));
        tracing::info!(hostname = %platform.hostname, node = %node_id, library = %library.display(), control, "started");
        Ok(daemon)
    }

    /// Tells of threads that end. None does before [`Daemon::stop`] unless something is wrong.
    pub fn ends(&self) -> &Receiver<ThreadEnd> {
        &self.ends
    }

    /// The configuration in force, as at start.
    pub fn config(&self) -> &ConfigView {
        &self.config
    }

    /// Says goodbye to the peer and ends the threads. The ASIC keeps what it holds. Answers the number of threads that
    /// did not end in time, because SAI holds them.
    pub fn stop(mut self) -> usize {
        self.signal();
        let deadline = Instant::now() + limits::STOP;
        while self.threads > 0 && self.ends.recv_deadline(deadline).is_ok() {
            self.threads -= 1;
        }
        if self.threads > 0 {
            tracing::warn!(threads = self.threads, "threads that do not end are left behind");
        }
        self.threads
    }

    fn signal(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The socket's owner is not told: it ends with the core, when what that said last is written.
        self.running = None;
        for bell in &self.bells {
            bell.ring();
        }
    }

    fn spawn(
        &mut self,
        name: &'static str,
        ended: &Sender<ThreadEnd>,
        body: impl FnOnce() -> Result<(), String> + Send + 'static,
    ) -> Result<(), StartError> {
        let report = Report { name, ended: ended.clone(), error: Some("it panicked".to_owned()) };
        let body = move || {
            let mut report = report;
            report.error = body().err();
        };
        system("start a thread", || thread::Builder::new().name(name.to_owned()).spawn(body))?;
        self.threads += 1;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.signal();
    }
}

/// Says that a thread has ended, however it did.
struct Report {
    name: &'static str,
    ended: Sender<ThreadEnd>,
    error: Option<String>,
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(error) = &self.error {
            tracing::error!(thread = self.name, error, "a thread ended");
        }
        let _ = self.ended.send(ThreadEnd { thread: self.name, error: self.error.take() });
    }
}

fn system<T>(what: &'static str, f: impl FnOnce() -> io::Result<T>) -> Result<T, StartError> {
    f().map_err(|source| StartError::System { what, source })
}

/// The node's bounds and times, as far as the platform has a say in them.
fn tuning(platform: &Platform) -> Tuning {
    let mut tuning = Tuning::default();
    let time = |seconds: Option<u32>, default| seconds.map_or(default, |s| Duration::from_secs(s.into()));
    tuning.life.stale = time(platform.stale_timer_s, tuning.life.stale);
    tuning.life.ageing = time(platform.ageing_time_s, tuning.life.ageing);
    tuning
}

/// A seed and an identity.
fn random() -> io::Result<[u64; 2]> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b));
    Ok([number(&bytes[..8]), number(&bytes[8..])])
}

fn learn_config(platform: &Platform) -> LearnConfig {
    LearnConfig {
        interfaces: platform.interfaces.clone(),
        ports: platform.ports.clone(),
        receive_buffer: limits::NETLINK_BUFFER,
    }
}

/// An ASIC that is up.
struct AsicUp {
    topology: Topology,
    /// The router MAC of interfaces without one of their own, where there are such.
    switch_mac: Option<Mac>,
    journal: Option<Journal>,
    /// What it holds that is ours.
    adopted: Vec<Adopted>,
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
    let interfaces: Vec<InterfaceSpec> = platform
        .interfaces
        .iter()
        .map(|interface| InterfaceSpec {
            interface: interface.name,
            vrf: interface.vpn(),
            mac: macs.get(&interface.name).copied(),
            underlay: None,
        })
        .collect();
    let body = move || {
        let library = Library::open(&path, &profile, options).map_err(|e| e.to_string())?;
        let spec = SwitchSpec { start: Start::Initialise, src_mac: None, hardware_info };
        let switch = Switch::create(&library, spec).map_err(|e| e.to_string())?;
        let (topology, adopted) = match &mut journal {
            None => (Topology::build(&switch, &interfaces).map_err(|e| e.to_string())?, Vec::new()),
            Some(journal) => {
                let warm = WarmStart::begin(&switch, &interfaces, journal).map_err(|e| e.to_string())?;
                (warm.topology, warm.adopted)
            }
        };
        let needed = interfaces.iter().any(|interface| interface.mac.is_none());
        let switch_mac = needed.then(|| topology.mac()).transpose().map_err(|e| e.to_string())?;
        Ok(AsicUp { topology, switch_mac, journal, adopted })
    };
    let (answer, answers) = bounded(1);
    let work = move || drop(answer.send(body()));
    system("start a thread", || thread::Builder::new().name("mlag-asic-up".to_owned()).spawn(work))?;
    match answers.recv_timeout(limits::ASIC_START) {
        Ok(topology) => topology.map_err(StartError::Sai),
        Err(_) => Err(StartError::Sai("the SAI library does not come up".to_owned())),
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
            footing: Default::default(),
        })
    };
    platform.interfaces.iter().filter_map(bind).collect()
}

fn config_view(
    platform: &Platform,
    config: &Config,
    library: &std::path::Path,
    bindings: &[Binding],
) -> ConfigView {
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
