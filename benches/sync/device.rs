//! A switch of the pair in this process: a node, its SAI thread, and a socket with a thread each way.

use crate::interface;
use crossbeam_channel::{Receiver, Sender, bounded, select, unbounded};
use mlagsync::addr::{Mac, NodeId, VpnInstance};
use mlagsync::limits;
use mlagsync::mirror::batch::{BatchDone, BatchId, OpKind, Outcome};
use mlagsync::node::io::{Binding, Event, Evidence, Input, Output, RifState};
use mlagsync::node::{Node, NodeSettings, Ownership, Tuning};
use mlagsync::run::asic::{Asic, AsicHandle, Done, Order};
use mlagsync::run::topology::{InterfaceSpec, Topology};
use mlagsync::sai::{Library, Oid, Options, Profile, Start, Switch, SwitchSpec, id};
use mlagsync::session::io::{Cause, ConnId, Role, SessionInput, Settings, Transport};
use mlagsync::time::Time;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any size that anybody measures takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// What was read from the socket and waits for the core at most: as in the daemon, few, for what is urgent comes behind.
const REPORTS_WAITING: usize = 4;

/// What a device is made of.
pub(crate) struct Spec<'a> {
    pub(crate) node: u64,
    pub(crate) own: IpAddr,
    pub(crate) peer: IpAddr,
    pub(crate) port: u16,
    pub(crate) library: &'a Path,
    pub(crate) profile: &'a str,
}

/// A switch of the library's and a router interface on VLAN 10.
pub(crate) fn hardware(library: &Path, profile: &str) -> (Switch, Oid<id::RouterInterface>) {
    let profile: Profile = profile.parse().expect("a profile");
    let library = Library::open(library, &profile, Options::default()).expect("the simulator");
    let how = SwitchSpec { start: Start::Initialise, src_mac: None, hardware_info: None };
    let switch = Switch::create(&library, how).expect("a switch");
    let vlanif = InterfaceSpec {
        interface: interface(),
        vrf: VpnInstance::public(),
        mac: None,
        underlay: None,
        tag: None,
    };
    let topology = Topology::build(&switch, &[vlanif]).expect("a VLAN interface");
    let rif = topology.rif(interface()).expect("it has a router interface");
    (switch, rif)
}

/// Copies of libsai.so: each is a library of its own, with hardware of its own.
pub(crate) struct Copies {
    dir: PathBuf,
    next: AtomicU32,
}

impl Copies {
    pub(crate) fn new() -> Copies {
        let dir = std::env::temp_dir().join(format!("mlagsync-bench-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a directory for copies");
        Copies { dir, next: AtomicU32::new(0) }
    }

    pub(crate) fn fresh(&self) -> PathBuf {
        let program = std::env::current_exe().expect("this program");
        let original = program.parent().expect("a directory").join("libsai.so");
        let copy = self.dir.join(format!("libsai-{}.so", self.next.fetch_add(1, Ordering::Relaxed)));
        std::fs::copy(original, &copy).expect("libsai.so lies beside the program");
        copy
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A port that nobody has on either address now.
pub(crate) fn free_port() -> u16 {
    let any = TcpListener::bind((IpAddr::from([127, 0, 0, 1]), 0)).expect("a port");
    any.local_addr().expect("it is bound").port()
}

enum Message {
    Input(Input),
    Accepted(TcpStream),
    Stop,
}

/// What the benchmark watches.
#[derive(Default)]
struct Progress {
    /// When the session came up.
    up: OnceLock<Instant>,
    learned: AtomicU32,
    programmed: AtomicU32,
    /// How many are to be programmed, and when the last of them was.
    awaited: AtomicU32,
    done: OnceLock<Instant>,
    asic_ns: AtomicU64,
    calls: AtomicU64,
    /// MAC changes that SAI has answered, in that order.
    sets: Mutex<Vec<(IpAddr, Mac, Instant)>>,
}

/// A running device.
pub(crate) struct Device {
    inbox: Sender<Message>,
    progress: Arc<Progress>,
    /// Gets a word whenever there is progress.
    bell: Receiver<()>,
    settings: Settings,
}

impl Device {
    pub(crate) fn start(spec: Spec<'_>) -> Device {
        let (switch, rif) = hardware(spec.library, spec.profile);
        let (inbox, messages) = unbounded();
        // As in the daemon, the ASIC's answers have a way of their own and go first.
        let (answers_in, answers) = bounded(16);
        let (received_in, received) = bounded(REPORTS_WAITING);
        let (ring, bell) = bounded(1);
        let progress = Arc::new(Progress::default());
        let asic = Asic::spawn(&switch, move |done| {
            // The core is gone when the benchmark is over.
            let _ = answers_in.send(done);
        });
        let mac = switch.src_mac().expect("the switch has a MAC");
        let vrf = VpnInstance::public();
        let core = Core {
            node: Node::new(NodeSettings {
                seed: spec.node,
                ownership: Ownership::Received,
                fdb: Default::default(),
                tuning: Tuning::default(),
            }),
            peer: spec.peer,
            epoch: Instant::now(),
            inbox: inbox.clone(),
            received: received_in,
            asic: asic.expect("a thread").handle(),
            writers: HashMap::new(),
            accepted: 1 << 63,
            progress: progress.clone(),
            ring,
            setting: Vec::new(),
        };
        thread::spawn(move || core.run(&messages, &received, &answers));
        let settings = Settings {
            node_id: NodeId(spec.node),
            group: 1,
            source: spec.own,
            peer: spec.peer,
            vpn: vrf.clone(),
            port: spec.port,
            hold: limits::HOLD,
            keepalive: limits::KEEPALIVE,
            connect: mlagsync::peering::ConnectMode::default(),
            security: mlagsync::peering::Security::default(),
            facts: mlagsync::peering::GroupFacts::default(),
        };
        let device = Device { inbox, progress, bell, settings };
        let binding = Binding {
            interface: interface(),
            vrf,
            rif,
            mac,
            addresses: Vec::new(),
            state: RifState::Up,
            footing: Default::default(),
        };
        device.tell(Input::Bind(binding));
        device.tell(Input::LocalComplete);
        device
    }

    /// Configures the channel.
    pub(crate) fn configure(&self) {
        self.tell(Input::Session(SessionInput::Configure(Some(self.settings.clone()))));
        self.tell(Input::Session(SessionInput::SourcePresent(true)));
    }

    pub(crate) fn learn(&self, evidence: Vec<Evidence>) {
        self.tell(Input::Evidence(evidence));
    }

    fn tell(&self, input: Input) {
        self.inbox.send(Message::Input(input)).expect("the core runs");
    }

    /// Waits until the session is up, and answers since when it is.
    pub(crate) fn wait_up(&self) -> Instant {
        self.wait(|progress| progress.up.get().is_some());
        *self.progress.up.get().expect("it is up")
    }

    /// From now on, looks for the last of `n` entries to be programmed.
    pub(crate) fn await_programmed(&self, n: u32) {
        self.progress.awaited.store(n, Ordering::Release);
    }

    pub(crate) fn wait_learned(&self, n: u32) {
        self.wait(|progress| progress.learned.load(Ordering::Acquire) >= n);
    }

    /// Waits until they are, and answers since when they are.
    pub(crate) fn wait_programmed(&self) -> Instant {
        self.wait(|progress| progress.done.get().is_some());
        *self.progress.done.get().expect("all are programmed")
    }

    fn wait(&self, holds: impl Fn(&Progress) -> bool) {
        while !holds(&self.progress) {
            self.bell.recv_timeout(PATIENCE).expect("progress");
        }
    }

    /// How many entries are programmed.
    pub(crate) fn programmed(&self) -> u32 {
        self.progress.programmed.load(Ordering::Acquire)
    }

    /// Waits until so many are.
    pub(crate) fn wait_for(&self, n: u32) {
        self.wait(|progress| progress.programmed.load(Ordering::Acquire) >= n);
    }

    /// Waits until SAI has answered so many changes of a MAC, and answers which and when.
    pub(crate) fn wait_sets(&self, n: usize) -> Vec<(IpAddr, Mac, Instant)> {
        let sets = |progress: &Progress| progress.sets.lock().expect("nobody panics with it").clone();
        self.wait(|progress| sets(progress).len() >= n);
        sets(&self.progress)
    }

    /// Time inside SAI so far, and calls.
    pub(crate) fn asic_time(&self) -> (Duration, u64) {
        let ns = self.progress.asic_ns.load(Ordering::Acquire);
        (Duration::from_nanos(ns), self.progress.calls.load(Ordering::Acquire))
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // A core that ended already needs no word.
        let _ = self.inbox.send(Message::Stop);
    }
}

struct Core {
    node: Node,
    peer: IpAddr,
    epoch: Instant,
    inbox: Sender<Message>,
    /// What comes over connections.
    received: Sender<SessionInput>,
    asic: AsicHandle,
    writers: HashMap<ConnId, Sender<Vec<u8>>>,
    accepted: u64,
    progress: Arc<Progress>,
    ring: Sender<()>,
    /// Changes of MACs that SAI has not answered.
    setting: Vec<(BatchId, Vec<(IpAddr, Mac)>)>,
}

impl Core {
    fn run(
        mut self,
        messages: &Receiver<Message>,
        received: &Receiver<SessionInput>,
        answers: &Receiver<Done>,
    ) {
        loop {
            while let Ok(done) = answers.try_recv() {
                self.take(done.into());
            }
            let now = Time(self.epoch.elapsed().as_nanos() as u64);
            let wait = self.node.next_wake().map_or(PATIENCE, |at| at.since(now));
            select! {
                recv(answers) -> done => match done {
                    Ok(done) => self.take(done.into()),
                    Err(_) => return,
                },
                recv(received) -> input => match input {
                    Ok(input) => self.take(Input::Session(input)),
                    Err(_) => return,
                },
                recv(messages) -> message => match message {
                    Ok(Message::Input(input)) => self.take(input),
                    Ok(Message::Accepted(stream)) => {
                        self.accepted += 1;
                        self.connected(ConnId(self.accepted), Role::Accepted, stream);
                    }
                    Ok(Message::Stop) | Err(_) => return,
                },
                default(wait) => self.handle(Input::Wake),
            }
        }
    }

    fn take(&mut self, input: Input) {
        match &input {
            Input::BatchDone(done) => {
                self.count(done);
                self.note_sets(done);
            }
            Input::Evidence(evidence) => {
                self.progress.learned.fetch_add(evidence.len() as u32, Ordering::Release);
            }
            _ => {}
        }
        self.handle(input);
        // One word is enough: whoever waits looks at everything.
        let _ = self.ring.try_send(());
    }

    fn count(&self, done: &BatchDone) {
        let programmed = done.outcomes.iter().filter(|outcome| **outcome == Outcome::Done).count();
        self.progress.asic_ns.fetch_add(done.asic_ns, Ordering::Release);
        self.progress.calls.fetch_add(done.calls.into(), Ordering::Release);
        let before = self.progress.programmed.fetch_add(programmed as u32, Ordering::Release);
        if before + programmed as u32 >= self.progress.awaited.load(Ordering::Acquire) {
            // The first time counts.
            let _ = self.progress.done.set(Instant::now());
        }
    }

    fn note_sets(&mut self, done: &BatchDone) {
        let Some(at) = self.setting.iter().position(|(id, _)| *id == done.id) else { return };
        let (_, sets) = self.setting.remove(at);
        let now = Instant::now();
        let all = sets.into_iter().zip(&done.outcomes).filter(|(_, outcome)| **outcome == Outcome::Done);
        let all = all.map(|((ip, mac), _)| (ip, mac, now));
        self.progress.sets.lock().expect("nobody panics with it").extend(all);
    }

    fn handle(&mut self, input: Input) {
        let now = Time(self.epoch.elapsed().as_nanos() as u64);
        self.node.handle(now, input);
        while let Some(output) = self.node.poll() {
            match output {
                Output::Program(batch) => {
                    if batch.kind == OpKind::SetMac {
                        let sets = batch.ops.iter().map(|op| (op.ip, op.host.mac)).collect();
                        self.setting.push((batch.id, sets));
                    }
                    self.asic.submit(batch).expect("fewer in flight than it takes");
                }
                Output::Event(Event::SessionUp { .. }) => _ = self.progress.up.set(Instant::now()),
                Output::Fdb(batch) => self.asic.order(Order::Fdb(batch)).expect("as above"),
                Output::Route(batch) => self.asic.order(Order::Route(batch)).expect("as above"),
                Output::Protect { .. } => unreachable!("nobody says that a port can be protected"),
                Output::Kernel(_) => unreachable!("no kernel mirror is asked for"),
                Output::Event(_) | Output::Disown(_) | Output::Survey => {}
                Output::Transport(transport) => self.transport(transport),
            }
        }
    }

    fn transport(&mut self, transport: Transport) {
        match transport {
            Transport::Listen { listener, local, .. } => {
                let result = TcpListener::bind(local).map_err(|e| Cause::Other(e.to_string()));
                let result = result.map(|socket| {
                    let inbox = self.inbox.clone();
                    thread::spawn(move || {
                        while let Ok((stream, _)) = socket.accept() {
                            if inbox.send(Message::Accepted(stream)).is_err() {
                                return;
                            }
                        }
                    });
                });
                self.handle(Input::Session(SessionInput::Listening { listener, result }));
            }
            Transport::Dial { conn, remote, .. } => match TcpStream::connect(remote) {
                Ok(stream) => self.connected(conn, Role::Dialled, stream),
                Err(_) => {
                    let cause = Cause::Refused;
                    self.handle(Input::Session(SessionInput::DialFailed { conn, cause }));
                }
            },
            Transport::Send { conn, bytes } => {
                if let Some(writer) = self.writers.get(&conn) {
                    // A writer that ended has reported that its connection is gone.
                    let _ = writer.send(bytes);
                }
            }
            Transport::Close { conn, .. } => drop(self.writers.remove(&conn)),
            Transport::Unlisten { .. } | Transport::Hold { .. } => {}
        }
    }

    fn connected(&mut self, conn: ConnId, role: Role, stream: TcpStream) {
        stream.set_nodelay(true).expect("a TCP socket");
        // As in the daemon: what the kernel holds is what a change waits behind.
        let socket = socket2::SockRef::from(&stream);
        socket.set_tcp_notsent_lowat(limits::NOT_SENT).expect("a TCP socket");
        socket.set_recv_buffer_size(limits::RECEIVE_BUFFER).expect("a TCP socket");
        // Loopback lets a dialled address answer, but gives every dialler the same one.
        let remote = match role {
            Role::Dialled => stream.peer_addr().expect("connected"),
            Role::Accepted => SocketAddr::new(self.peer, stream.peer_addr().expect("connected").port()),
        };
        let (writer, bytes) = unbounded::<Vec<u8>>();
        self.writers.insert(conn, writer);
        let (mut reading, mut writing) = (stream.try_clone().expect("a descriptor"), stream);
        let inbox = self.inbox.clone();
        thread::spawn(move || {
            for bytes in bytes {
                if writing.write_all(&bytes).is_err() {
                    return;
                }
                let bytes = bytes.len() as u64;
                let _ = inbox.send(Message::Input(Input::Session(SessionInput::Written { conn, bytes })));
            }
            let _ = writing.shutdown(std::net::Shutdown::Both);
        });
        let received = self.received.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; limits::READ_CHUNK];
            while let Ok(n @ 1..) = reading.read(&mut buffer) {
                let bytes = buffer[..n].to_vec();
                if received.send(SessionInput::Bytes { conn, bytes }).is_err() {
                    return;
                }
            }
            let _ = received.send(SessionInput::Closed { conn, cause: Cause::Closed });
        });
        self.handle(Input::Session(SessionInput::Connected { conn, role, remote }));
    }
}
