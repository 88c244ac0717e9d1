//! The threads around a node, from start to stop, whoever owns the SAI and tells of neighbours.
//!
//! A daemon adds a learner that listens to the kernel; a NOS that links the library feeds the node itself.
//!
//! Invariant: a thread that was started is known here, and is either joined or named when the engine stops.

use super::asic::{Asic, Done, Executor, Turns, Warm, Worker};
use super::configure::{Configurator, Outlets};
use super::core::{Core, Known, Links, News};
use super::ctl::protocol::ConfigView;
use super::ctl::read_back::{self, ReadBack, Rifs};
use super::ctl::server::{Commits, ControlSocket, Server};
use super::journal::Journal;
use super::kernel::outlet::KernelOutlet;
use super::learn::Learned;
use super::links::LinkWord;
use super::members::Members;
use super::peer::{Peer, PeerOutlet};
use super::record::Recorder;
use super::source::SourceWatcher;
use super::thread::{self, Guest};
use super::topology::SubPorts;
use super::vpn::Places;
use super::wake::Wake;
use super::{StartError, core};
use crate::limits;
use crate::node::io::{Binding, Input, Limits, Ours};
use crate::node::{Node, NodeSettings};
use crate::sai::{Listening, Notices, Switch};
use crossbeam_channel::{Receiver, Sender, bounded, never, unbounded};
use parking_lot::Mutex;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Reports of the socket's owner that wait for the core, each of up to a [`limits::READ_CHUNK`]: few, because what
/// is urgent comes behind them.
const REPORTS_WAITING: usize = 4;
/// Orders that wait for the socket's owner.
const TRANSPORT_WAITING: usize = 256;
/// Words of the source watcher that wait for the core: an address that comes and goes makes two.
const SOURCE_WORDS_WAITING: usize = 4;
/// Answers how the front ports are: one is asked for at a time, and another one may be on its way.
const PORT_STATES_WAITING: usize = 2;
/// Orders that wait for the source watcher, which reads them all at once; a commit is seconds of somebody's typing.
const ORDERS_WAITING: usize = 16;

/// What an engine is made of.
pub(crate) struct Plan {
    /// Where sockets are opened.
    pub(crate) places: Places,
    /// The node.
    pub(crate) settings: NodeSettings,
    /// The running configuration.
    pub(crate) configurator: Configurator,
    /// What is shown of it.
    pub(crate) view: ConfigView,
    /// Where every input is recorded.
    pub(crate) recorder: Option<Recorder>,
    /// How many hosts may be in the ASIC.
    pub(crate) limits: Limits,
    /// Interfaces that are bound from the start.
    pub(crate) bindings: Vec<Binding>,
    /// What is ours in the ASIC.
    pub(crate) adopted: Ours,
    /// Said in leaving; zero is not said.
    pub(crate) restart_ms: u32,
    /// The switch that is programmed.
    pub(crate) switch: Switch,
    /// The record of what is ours there.
    pub(crate) journal: Option<Journal>,
    /// Which bridge ports its ports have in bridges of their own.
    pub(crate) sub_ports: SubPorts,
    /// The same, where the SAI thread is to find out whether the ASIC holds it still.
    pub(crate) warm: Option<Journal>,
    /// Who calls SAI.
    pub(crate) caller: Caller,
    /// The control socket.
    pub(crate) control: Option<ControlSocket>,
    /// What a learner tells.
    pub(crate) learned: Receiver<Learned>,
    /// The ports, and who tells of them.
    pub(crate) ports: PortEdges,
    /// What a NOS tells.
    pub(crate) fed: Receiver<Input>,
    /// The way to the kernel mirror, where there is one.
    pub(crate) kernel: Option<KernelOutlet>,
    /// Who is told of events.
    pub(crate) news: Option<News>,
    /// Set when everything is to end.
    pub(crate) stop: Arc<AtomicBool>,
    /// What the threads have in common.
    pub(crate) guest: Guest,
    /// Told of threads that end for a reason.
    pub(crate) on_end: Option<OnEnd>,
}

/// The ports, and who tells of them beside an operator. By default there are none.
pub(crate) struct PortEdges {
    /// The ports.
    pub(crate) members: Members,
    /// What the kernel says of their network devices.
    pub(crate) links: Receiver<LinkWord>,
    /// What SAI says, as long as it is listened to.
    pub(crate) told: Option<(Listening, Notices)>,
}

impl Default for PortEdges {
    fn default() -> Self {
        PortEdges { members: Members::default(), links: never(), told: None }
    }
}

/// Told of a thread that ended for a reason; must not wait.
pub(crate) type OnEnd = Arc<dyn Fn(&ThreadEnd) + Send + Sync>;

/// Who calls SAI.
pub(crate) enum Caller {
    /// A thread of ours, …
    Thread,
    /// … which takes the process's lock around each batch.
    Locked(Turns),
    /// A thread of the process's, which is handed the work.
    Elsewhere(Box<dyn FnOnce(AsicWork)>),
}

/// The SAI thread's work for a thread of the process's.
pub(crate) type AsicWork = Worker<Box<dyn FnMut(Done) + Send>>;

/// A thread has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadEnd {
    /// Which.
    pub thread: &'static str,
    /// Why, when it was not told to.
    pub error: Option<String>,
}

/// A running node and its threads. Dropping it tells them to end and waits for none of them.
pub(crate) struct Engine {
    stop: Arc<AtomicBool>,
    bells: Vec<Arc<Wake>>,
    /// Dropped to wake the core up.
    running: Option<Sender<()>>,
    ended: Sender<ThreadEnd>,
    ends: Receiver<ThreadEnd>,
    threads: Vec<(&'static str, JoinHandle<()>)>,
    guest: Guest,
    on_end: Option<OnEnd>,
    /// The way to the SAI thread, which ends with the last of them.
    read_back: Option<ReadBack>,
    questions: Sender<core::Question>,
    commits: Arc<Commits>,
}

impl Engine {
    /// Starts all threads. What fails stops what was started.
    pub(crate) fn start(plan: Plan) -> Result<Engine, StartError> {
        let Plan { stop, guest, configurator, .. } = plan;
        let (done_in, done) = bounded(2 * limits::BATCHES_IN_FLIGHT + 2);
        let (read_in, read) = bounded(1);
        let deliver: Box<dyn FnMut(Done) + Send> = Box::new(move |answer: Done| match answer {
            // Both fail only when nobody is left to hear it.
            Done::Program(answer) if read_back::is_ours(answer.id) => drop(read_in.try_send(answer)),
            answer => drop(done_in.send(answer)),
        });
        let turns = if let Caller::Locked(turns) = &plan.caller { Some(turns.clone()) } else { None };
        let executor = Executor::with_journal(&plan.switch, plan.journal).on(plan.sub_ports);
        let (asic, mut worker) = Asic::prepare(executor, turns, deliver);
        let warm = plan.warm.map(|journal| {
            let (tell, told) = bounded(1);
            let tell = Box::new(move |adopted| drop(tell.send(adopted)));
            worker.warm = Some(Warm { journal, switch: plan.switch.clone(), tell });
            told
        });
        let (source_bell, peer_bell, ctl_bell) = (bell()?, bell()?, bell()?);
        // Without a bound, for whoever asks waits for the answer and asks one thing at a time; and because a channel with a
        // bound keeps what is in it when its receiver goes, so that whoever asked last would wait for nobody.
        let (questions_in, questions) = unbounded();
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
        let rifs = Rifs::default();
        let read_back = ReadBack::new(questions_in.clone(), asic.clone(), read, rifs.clone());
        let PortEdges { members, links: link_words, told } = plan.ports;
        let (listening, notices) = told.unzip();
        let (port_states_in, port_states) = bounded(PORT_STATES_WAITING);
        let links = Links {
            links: link_words,
            notices,
            port_states,
            port_states_in,
            learned: plan.learned,
            fed: plan.fed,
            warm,
            news: plan.news,
            source: words,
            adopt,
            session: reports,
            done,
            questions,
            stopped,
            peer: PeerOutlet::new(transport, peer_bell.clone()),
            asic,
            kernel: plan.kernel,
        };
        let known = Known { config: plan.view, watch, rifs };
        let node = Node::new(plan.settings);
        let core = Core::new(node, links, members, known, plan.recorder, stop.clone());
        let peer = Peer::new(plan.places, commands, reports_in, peer_bell);
        let channel = configurator.channel();
        let outlets = Outlets { core: adopt_in, watcher: orders_in, bell: source_bell.clone() };
        let commits = Arc::new(Commits { configurator: Mutex::new(configurator), outlets });

        let (ended, ends) = unbounded();
        let mut engine = Engine {
            stop: stop.clone(),
            bells: vec![source_bell, ctl_bell.clone()],
            running: Some(running),
            ended,
            ends,
            threads: Vec::new(),
            guest,
            on_end: plan.on_end,
            read_back: Some(read_back.clone()),
            questions: questions_in.clone(),
            commits: commits.clone(),
        };
        let (limits, bindings, adopted) = (plan.limits, plan.bindings, plan.adopted);
        let restart_ms = plan.restart_ms;
        match plan.caller {
            Caller::Elsewhere(take) => take(worker),
            Caller::Thread | Caller::Locked(_) => engine.spawn("mlag-asic", move || {
                worker.run();
                // Now, when no call hangs any more.
                if let Some(listening) = listening {
                    listening.stop();
                }
                Ok(())
            })?,
        }
        engine.spawn("mlag-core", move || {
            core.run(limits, bindings, adopted, channel, restart_ms);
            Ok(())
        })?;
        engine.spawn("mlag-peer", move || peer.run().map_err(|e| e.to_string()))?;
        engine.spawn("mlag-source", move || watcher.run().map_err(|e| e.to_string()))?;
        if let Some(control) = plan.control {
            let guest = engine.guest.clone();
            let server = Server::new(control, questions_in, read_back, commits, guest, ctl_bell, stop);
            engine.spawn("mlag-ctl", move || server.run().map_err(|e| e.to_string()))?;
        }
        Ok(engine)
    }

    /// Starts another thread that ends when it is told to.
    pub(crate) fn spawn(
        &mut self,
        name: &'static str,
        body: impl FnOnce() -> Result<(), String> + Send + 'static,
    ) -> Result<(), StartError> {
        let end = ThreadEnd { thread: name, error: None };
        let report = Report { end, ended: self.ended.clone(), on_end: self.on_end.clone() };
        let body = move || {
            let mut report = report;
            let ended = thread::caught(body);
            report.end.error = match ended {
                Ok(ended) => ended.err(),
                Err(panic) => Some(format!("it panicked: {panic}")),
            };
        };
        let thread = system("start a thread", || self.guest.spawn(name, body))?;
        self.threads.push((name, thread));
        Ok(())
    }

    /// Rung when everything is to end.
    pub(crate) fn ring_at_end(&mut self, bell: Arc<Wake>) {
        self.bells.push(bell);
    }

    /// Tells of threads that end. None does before [`Engine::stop`] unless something is wrong.
    pub(crate) fn ends(&self) -> &Receiver<ThreadEnd> {
        &self.ends
    }

    /// Says goodbye to the peer and ends the threads. The ASIC keeps what it holds. Answers which threads did not end in
    /// time, because SAI or whoever they call holds them.
    pub(crate) fn stop(&mut self, patience: Duration) -> Vec<&'static str> {
        self.signal();
        let deadline = Instant::now() + patience;
        // A callback may stop us: its thread ends when it returns.
        let here = std::thread::current().id();
        self.threads.retain(|(_, thread)| thread.thread().id() != here);
        while !self.threads.is_empty()
            && let Ok(end) = self.ends.recv_deadline(deadline)
        {
            let at = self.threads.iter().position(|(name, _)| *name == end.thread);
            if let Some((_, thread)) = at.map(|at| self.threads.swap_remove(at)) {
                // It has said its last word. What it panicked with, if it did, is in the log.
                let _ = thread.join();
            }
        }
        let left: Vec<&'static str> = self.threads.iter().map(|(name, _)| *name).collect();
        if !left.is_empty() {
            tracing::warn!(?left, "threads that do not end are left behind");
        }
        left
    }

    /// Asks the core.
    pub(crate) fn questions(&self) -> Sender<core::Question> {
        self.questions.clone()
    }

    /// Configures.
    pub(crate) fn commits(&self) -> Arc<Commits> {
        self.commits.clone()
    }

    /// Reads the ASIC back; not when it is stopping.
    pub(crate) fn read_back(&self) -> Option<ReadBack> {
        self.read_back.clone()
    }

    /// Tells the threads to end.
    pub(crate) fn signal(&mut self) {
        self.stop.store(true, Ordering::Release);
        // The socket's owner is not told: it ends with the core, when what that said last is written.
        self.running = None;
        self.read_back = None;
        for bell in &self.bells {
            bell.ring();
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.signal();
    }
}

/// Says that a thread has ended, however it did.
struct Report {
    end: ThreadEnd,
    ended: Sender<ThreadEnd>,
    on_end: Option<OnEnd>,
}

impl Drop for Report {
    fn drop(&mut self) {
        if let Some(error) = &self.end.error {
            tracing::error!(thread = self.end.thread, error, "a thread ended");
            if let Some(tell) = &self.on_end {
                tell(&self.end);
            }
        }
        let _ = self.ended.send(self.end.clone());
    }
}

/// A bell.
pub(crate) fn bell() -> Result<Arc<Wake>, StartError> {
    system("make an event descriptor", Wake::new).map(Arc::new)
}

/// The system's refusal, with what was to be done.
pub(crate) fn system<T>(what: &'static str, f: impl FnOnce() -> io::Result<T>) -> Result<T, StartError> {
    f().map_err(|source| StartError::System { what, source })
}

/// A seed and an identity.
pub(crate) fn random() -> io::Result<[u64; 2]> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b));
    Ok([number(&bytes[..8]), number(&bytes[8..])])
}
