//! What an instance is to be, and its start.

use super::events::{Hub, News};
use super::handle::Mlagsync;
use super::log::{LogLevel, LogLine, Sink};
use super::worker::{AsicWorker, Handover};
use crate::addr::{InterfaceId, NodeId, VpnInstance};
use crate::limits;
use crate::node::admission::Limits;
use crate::node::io::{FdbMode, Lifetimes};
use crate::node::{NodeSettings, Ownership, Tuning};
use crate::run::StartError;
use crate::run::asic::Turns;
use crate::run::configure::Configurator;
use crate::run::ctl::access::Monitors;
use crate::run::ctl::protocol::ConfigView;
use crate::run::ctl::server::ControlSocket;
use crate::run::engine::{Caller, Engine, Plan, ThreadEnd, random, system};
use crate::run::journal::Journal;
use crate::run::platform::{Platform, VpnInstanceConfig};
use crate::run::record::Recorder;
use crate::run::thread::{Guest, hush_panics};
use crate::run::topology::SubPorts;
use crate::run::vpn::Places;
use crate::sai::Switch;
use crossbeam_channel::{bounded, never};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Who calls SAI.
#[derive(Default)]
pub enum Calls {
    /// A thread of ours, whenever there is something to do: for a SAI that takes calls from several threads, or that
    /// nobody else calls.
    #[default]
    OwnThread,
    /// A thread of ours, between these two: `lock` before each batch, which may wait; `unlock` after it. A batch is at
    /// most some milliseconds of SAI's time, unless a call hangs.
    Locked {
        /// Takes the NOS's lock.
        lock: Box<dyn Fn() + Send + Sync>,
        /// Gives it back.
        unlock: Box<dyn Fn() + Send + Sync>,
    },
    /// A thread of the NOS's, which takes the work with [`Mlagsync::asic_worker`].
    OnNosThread,
}

/// How many hosts may be in the ASIC. What is `None` the model says, where it is known; else there is no bound but the
/// hardware's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomLimits {
    /// Slots of the host table.
    pub slots: Option<u64>,
    /// Slots that an IPv6 host takes, 1 or 2; an IPv4 host takes one.
    pub v6_slots: Option<u8>,
    /// Hosts of each VRF that [`RoomLimits::vrfs`] does not name.
    pub each_vrf: Option<u64>,
    /// Hosts on each interface that [`RoomLimits::interfaces`] does not name.
    pub each_interface: Option<u64>,
    /// Hosts of these VRFs.
    pub vrfs: Vec<(VpnInstance, u64)>,
    /// Hosts on these interfaces.
    pub interfaces: Vec<(InterfaceId, u64)>,
}

impl RoomLimits {
    /// What is said here, and the rest as it is known.
    fn over(self, known: Limits) -> Limits {
        // Of what is named twice the last counts.
        let vrfs = known.vrfs.into_iter().chain(self.vrfs).collect::<BTreeMap<_, _>>();
        let interfaces = known.interfaces.into_iter().chain(self.interfaces).collect::<BTreeMap<_, _>>();
        Limits {
            slots: self.slots.or(known.slots),
            v6_slots: self.v6_slots.unwrap_or(known.v6_slots).clamp(1, 2),
            each_vrf: self.each_vrf.or(known.each_vrf),
            each_interface: self.each_interface.or(known.each_interface),
            vrfs: vrfs.into_iter().collect(),
            interfaces: interfaces.into_iter().collect(),
        }
    }
}

/// Told of news; see [`Builder::on_news`].
pub(super) type OnNews = Box<dyn FnMut(&News) + Send>;

/// An instance as it is to be. Every setting has a default; nothing is read from the environment.
pub struct Builder {
    platform: Platform,
    switch: Switch,
    fdb: FdbMode,
    tuning: Tuning,
    room: RoomLimits,
    calls: Calls,
    sink: Option<Sink>,
    on_news: Option<OnNews>,
}

impl Builder {
    /// An instance for a switch of the NOS's: `Switch::given(&library, oid)` of a [`Library::given`].
    ///
    /// [`Library::given`]: crate::sai::Library::given
    pub fn new(hostname: &str, switch: Switch) -> Builder {
        Builder {
            platform: Platform::named(hostname),
            switch,
            fdb: FdbMode::default(),
            tuning: Tuning::default(),
            room: RoomLimits::default(),
            calls: Calls::default(),
            sink: None,
            on_news: None,
        }
    }

    /// The model, as the configuration's rules know it; `generic` when not said.
    pub fn model(mut self, model: &str) -> Self {
        self.platform.model = model.to_owned();
        self
    }

    /// The forwarding mode, where the model has more than one.
    pub fn forwarding_mode(mut self, mode: &str) -> Self {
        self.platform.forwarding_mode = Some(mode.to_owned());
        self
    }

    /// The identity in the pair; drawn from the system's randomness at each start when not said.
    pub fn node_id(mut self, id: u64) -> Self {
        self.platform.node_id = Some(id);
        self
    }

    /// Which entries of the host table are written by us; those that were received when not said.
    pub fn ownership(mut self, ownership: Ownership) -> Self {
        self.platform.ownership = ownership;
        self
    }

    /// Who programs the FDB entries of the peer's hosts; the NOS when not said.
    pub fn fdb(mut self, mode: FdbMode) -> Self {
        self.fdb = mode;
        self
    }

    /// How long the peer's claims live on without a session.
    pub fn lifetimes(mut self, times: Lifetimes) -> Self {
        self.tuning.life = times;
        self
    }

    /// Bounds and times of the node; includes [`Builder::lifetimes`].
    pub fn limits(mut self, tuning: Tuning) -> Self {
        self.tuning = tuning;
        self
    }

    /// How many hosts may be in the ASIC; what is not said here the model says, where it is known.
    pub fn room(mut self, room: RoomLimits) -> Self {
        self.room = room;
        self
    }

    /// Said to the peer in leaving: after how many seconds the device means to be back.
    pub fn restart_time(mut self, seconds: u32) -> Self {
        self.platform.restart_time_s = Some(seconds);
        self
    }

    /// Where it is recorded what is ours in the ASIC, so that a restart with the ASIC intact writes nothing that is as it
    /// should be, and removes what nobody claims. What the journal names on an interface is taken over when that is bound.
    /// Until SAI has said whether the ASIC was booted since, what is fed waits. Without it nothing is remembered.
    pub fn journal(mut self, path: impl Into<PathBuf>) -> Self {
        self.platform.journal = Some(path.into());
        self
    }

    /// Where a record of every input is written for a replay. Without it there is none.
    pub fn record(mut self, path: impl Into<PathBuf>) -> Self {
        self.platform.record = Some(path.into());
        self
    }

    /// A VPN instance beside the public one: the VRF device or the network namespace that its sockets are opened in.
    pub fn vpn_instance(mut self, vpn: VpnInstanceConfig) -> Self {
        self.platform.vpn_instances.push(vpn);
        self
    }

    /// The command lines of the DFS-group view to begin with; more come with [`Mlagsync::configure`].
    pub fn configuration(mut self, lines: &str) -> Self {
        self.platform.dfs_group = Some(lines.to_owned());
        self
    }

    /// A control socket, by which the `mlagsync` program looks into this instance. Without it there is none.
    pub fn control(mut self, path: impl Into<PathBuf>, monitors: Monitors) -> Self {
        self.platform.control = Some(path.into());
        self.platform.monitors = monitors;
        self
    }

    /// Who calls SAI; a thread of ours when not said.
    pub fn calls(mut self, calls: Calls) -> Self {
        self.calls = calls;
        self
    }

    /// Where the log goes, from this level on: `sink` is called on any thread of ours, and on the NOS's in its own calls.
    /// It must not wait. Without it the log goes where the process's `tracing` subscriber says, which is nowhere when
    /// there is none.
    pub fn log(mut self, most: LogLevel, sink: impl Fn(&LogLine<'_>) + Send + Sync + 'static) -> Self {
        self.sink = Some(Sink::new(most, sink));
        self
    }

    /// Called with all news, one after the other, on the thread `mlag-events`. It may call every method of the handle,
    /// [`Mlagsync::stop`] too. While it takes its time news wait, and when too many do they are counted and told as
    /// [`News::Overflow`]. A callback that panics is not called again, which the log and other subscriptions tell.
    pub fn on_news(mut self, callback: impl FnMut(&News) + Send + 'static) -> Self {
        self.on_news = Some(Box::new(callback));
        self
    }

    /// Starts the instance's threads. The channel comes up by itself once a peer-link is configured; SAI is not called
    /// before the first host is to be programmed. Returns within some milliseconds and does not wait for SAI or the
    /// network.
    pub fn start(self) -> Result<Mlagsync, StartError> {
        hush_panics();
        let guest = Guest { log: self.sink.as_ref().map(Sink::dispatch) };
        guest.clone().within(|| self.start_within(guest))
    }

    fn start_within(self, guest: Guest) -> Result<Mlagsync, StartError> {
        let platform = self.platform;
        platform.validate()?;
        let places = Places::of(&platform);
        let dice = system("draw random numbers", random)?;
        let node_id = NodeId(platform.node_id.unwrap_or(dice[1]));
        let configurator = Configurator::start(&platform, &places, node_id)?;
        let control = platform.control.as_deref();
        let control = control.map(|path| ControlSocket::open(path, &platform.monitors)).transpose()?;
        let settings =
            NodeSettings { seed: dice[0], ownership: platform.ownership, fdb: self.fdb, tuning: self.tuning };
        let recorder = platform.record.as_deref().map(|path| Recorder::open(path, &settings)).transpose()?;
        let warm = platform.journal.as_deref().map(Journal::open).transpose()?;
        let view = ConfigView {
            hostname: platform.hostname.clone(),
            model: platform.model.clone(),
            dfs_group: configurator.running().to_string(),
            sai_library: self.switch.library().name().to_owned(),
            interfaces: Vec::new(),
        };
        let (fed_in, fed) = bounded(limits::FED_WAITING);
        let hub = Arc::new(Hub::default());
        let (worker, caller) = match self.calls {
            Calls::OwnThread => (None, Caller::Thread),
            Calls::Locked { lock, unlock } => {
                (None, Caller::Locked(Turns { lock: lock.into(), unlock: unlock.into() }))
            }
            Calls::OnNosThread => {
                let place = Handover::default();
                let there = place.clone();
                (Some(place), Caller::Elsewhere(Box::new(move |work| *there.lock() = Some(work))))
            }
        };
        let on_end = {
            let hub = hub.clone();
            move |ThreadEnd { thread, error }: &ThreadEnd| {
                let error = error.clone().unwrap_or_default();
                hub.publish(&News::ThreadEnded { thread, error });
            }
        };
        let plan = Plan {
            places,
            settings,
            configurator,
            view,
            recorder,
            limits: self.room.over(platform.limits(None)),
            bindings: Vec::new(),
            adopted: Default::default(),
            restart_ms: platform.restart_time_s.unwrap_or(0).saturating_mul(1000),
            switch: self.switch,
            journal: None,
            sub_ports: SubPorts::new(),
            warm,
            caller,
            control,
            learned: never(),
            ports: Default::default(),
            fed,
            kernel: None,
            news: Some(hub.outlet()),
            stop: Arc::new(AtomicBool::new(false)),
            guest: guest.clone(),
            on_end: Some(Arc::new(on_end)),
        };
        let mut engine = Engine::start(plan)?;
        if let Some(mut callback) = self.on_news {
            let news = hub.subscribe(limits::NEWS_WAITING);
            engine.spawn("mlag-events", move || {
                while let Some(news) = news.wait() {
                    callback(&news);
                }
                Ok(())
            })?;
        }
        let worker =
            worker.and_then(|place| place.lock().take()).map(|work| AsicWorker::new(work, guest.clone()));
        Ok(Mlagsync::new(engine, fed_in, hub, worker, guest))
    }
}
