//! Two ends, the pipes between them, and the clock.

use super::log::Log;
use super::settings;
use crate::addr::{InterfaceId, VpnInstance};
use crate::neighbor::{Claim, Key};
use crate::session::Session;
use crate::session::io::{
    Cause, ConnId, DownReason, ListenId, Received, Role, SessionInput, SessionOutput, Settings, Transport,
    Tuning,
};
use crate::table::change::Position;
use crate::time::Time;
use crate::wire::control::Notify;
use crate::wire::resume::Held;
use crate::wire::{Decoder, Interfaces, Message};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

const LATENCY: Duration = Duration::from_millis(1);
/// The bit that names the socket owner's own connections.
const ACCEPTED: u64 = 1 << 63;

/// One device: its session, its claims, its copy of the other's, and its "kernel".
pub(super) struct End {
    pub(super) session: Session,
    pub(super) log: Log,
    /// The copy of the peer's claims.
    pub(super) copy: BTreeMap<Key, Claim>,
    marked: BTreeSet<Key>,
    pub(super) vrfs: BTreeMap<InterfaceId, Option<VpnInstance>>,
    /// Everything but transport and entries, with its time.
    pub(super) news: Vec<(Time, SessionOutput)>,
    pub(super) positions: Vec<Position>,
    pub(super) begins: usize,
    pub(super) ends: usize,
    pub(super) swept: usize,
    pub(super) dials: Vec<Time>,
    pub(super) listens: usize,
    listener: Option<(ListenId, SocketAddr)>,
    conns: HashMap<ConnId, (usize, usize)>,
    /// What the session closed, or knows to be closed.
    done: BTreeSet<ConnId>,
    /// What was sent on connections that the test opened itself.
    pub(super) watched: HashMap<ConnId, Vec<u8>>,
    /// The other program that has our port.
    pub(super) port_taken: bool,
    /// The socket takes nothing: the peer does not read.
    pub(super) stuck: bool,
    /// Bytes handed over and not taken; and the most there ever were.
    pub(super) outstanding: usize,
    pub(super) most_outstanding: usize,
    /// The process is stopped: nothing is run.
    pub(super) frozen: bool,
    held_inputs: Vec<SessionInput>,
    /// Which process this is: what was on its way to an earlier one is for nobody.
    life: u32,
}

struct Pipe {
    /// Which end, and by what name, on both sides; `None` once that side is closed.
    sides: [Option<(usize, ConnId)>; 2],
    /// Something that this side sent was lost: what it sends behind that does not arrive either.
    torn: [bool; 2],
}

enum Happening {
    Input { end: usize, life: u32, input: SessionInput },
    Dial { end: usize, life: u32, conn: ConnId, local: SocketAddr, remote: SocketAddr },
    Bytes { pipe: usize, to: usize, bytes: Vec<u8> },
    Closed { pipe: usize, to: usize, cause: Cause },
}

pub(super) struct World {
    pub(super) now: Time,
    pub(super) ends: [End; 2],
    pipes: Vec<Pipe>,
    agenda: BTreeMap<(Time, u64), Happening>,
    made: u64,
    /// Nothing gets through, in either direction.
    pub(super) cut: bool,
    /// Nothing from this end gets through.
    pub(super) mute: [bool; 2],
    /// Bytes arrive in pieces of at most this many.
    pub(super) piece: usize,
    /// Everything that is sent is written down.
    pub(super) eavesdrop: bool,
    heard: [Vec<u8>; 2],
    /// What somebody on the way makes of what is sent at once.
    pub(super) tamper: Option<fn(&mut Vec<u8>)>,
    /// Bytes that arrived at each end.
    pub(super) arrived: [usize; 2],
    /// The connection that brings this end so many more bytes breaks behind them.
    pub(super) bite: Option<(usize, usize)>,
    /// What stood when it broke.
    pub(super) bitten: Option<Bitten>,
}

/// How both ends stood when a connection was broken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bitten {
    /// What each end holds of the other.
    pub(super) held: [Option<Held>; 2],
    /// Entries that each end had handed to connections.
    pub(super) sent: [u64; 2],
}

impl World {
    /// Two ends that know nothing yet.
    pub(super) fn bare() -> Self {
        let end = |side: usize| End {
            session: Session::new(side as u64 + 1, Tuning::default()),
            log: Log::new(),
            copy: BTreeMap::new(),
            marked: BTreeSet::new(),
            vrfs: BTreeMap::new(),
            news: Vec::new(),
            positions: Vec::new(),
            begins: 0,
            ends: 0,
            swept: 0,
            dials: Vec::new(),
            listens: 0,
            listener: None,
            conns: HashMap::new(),
            done: BTreeSet::new(),
            watched: HashMap::new(),
            port_taken: false,
            stuck: false,
            outstanding: 0,
            most_outstanding: 0,
            frozen: false,
            held_inputs: Vec::new(),
            life: 0,
        };
        World {
            now: Time(1_000_000_000),
            ends: [end(0), end(1)],
            pipes: Vec::new(),
            agenda: BTreeMap::new(),
            made: 0,
            cut: false,
            mute: [false; 2],
            piece: 1448,
            arrived: [0; 2],
            bite: None,
            bitten: None,
            eavesdrop: false,
            heard: Default::default(),
            tamper: None,
        }
    }

    /// Two configured ends.
    pub(super) fn new() -> Self {
        World::tuned([Tuning::default(); 2])
    }

    /// Two configured ends that offer what they are told to.
    pub(super) fn tuned(tunings: [Tuning; 2]) -> Self {
        let mut world = World::bare();
        for (end, tuning) in world.ends.iter_mut().zip(tunings) {
            end.session.tuning = tuning;
        }
        for side in 0..2 {
            world.configure(side, settings(side));
        }
        world
    }

    /// Two ends with a session, each with `claims` claims.
    pub(super) fn up(claims: u32) -> Self {
        let mut world = World::new();
        for side in 0..2u32 {
            for n in 0..claims {
                world.learn(side as usize, side * 1_000_000 + n);
            }
        }
        world.run_until("both have synced", |w| w.ends.iter().all(|e| e.ends > 0));
        world
    }

    pub(super) fn configure(&mut self, side: usize, settings: Settings) {
        self.input(side, SessionInput::Configure(Some(settings)));
        self.input(side, SessionInput::SourcePresent(true));
    }

    pub(super) fn learn(&mut self, side: usize, n: u32) {
        self.ends[side].log.set(super::key(n), Some(super::claim(n)));
        self.input(side, SessionInput::Wake);
    }

    pub(super) fn forget(&mut self, side: usize, n: u32) {
        self.ends[side].log.set(super::key(n), None);
        self.input(side, SessionInput::Wake);
    }

    /// Tells an end something, and does what it asks for.
    pub(super) fn input(&mut self, end: usize, input: SessionInput) {
        if self.ends[end].frozen {
            self.ends[end].held_inputs.push(input);
            return;
        }
        let now = self.now;
        let End { session, log, done, .. } = &mut self.ends[end];
        if let SessionInput::Closed { conn, .. } | SessionInput::DialFailed { conn, .. } = input {
            done.insert(conn);
        }
        session.handle(now, input);
        session.drive(now, log);
        while let Some(output) = self.ends[end].session.poll() {
            match output {
                SessionOutput::Transport(work) => self.work(end, work),
                SessionOutput::Received(received) => self.ends[end].receive(received),
                news => self.ends[end].news.push((now, news)),
            }
        }
        // As a device does before it goes to sleep.
        self.ends[end].session.next_wake();
    }

    /// Runs a stopped process on: it hears of everything that came meanwhile, but first its timer fires.
    pub(super) fn thaw(&mut self, end: usize) {
        self.ends[end].frozen = false;
        self.input(end, SessionInput::Wake);
        for input in std::mem::take(&mut self.ends[end].held_inputs) {
            self.input(end, input);
        }
    }

    /// Lets the other side's socket take what is stuck.
    pub(super) fn unstick(&mut self, end: usize) {
        self.ends[end].stuck = false;
        let conns: Vec<ConnId> = self.ends[end].conns.keys().copied().collect();
        let bytes = std::mem::take(&mut self.ends[end].outstanding) as u64;
        for conn in conns {
            self.input(end, SessionInput::Written { conn, bytes });
        }
    }

    /// Lets this much time pass.
    pub(super) fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while self.step(until) {}
        self.now = until;
    }

    /// Lets time pass until `done`; a minute is far more than anything takes.
    #[track_caller]
    pub(super) fn run_until(&mut self, what: &str, done: impl Fn(&World) -> bool) {
        let until = self.now + Duration::from_secs(60);
        while !done(self) {
            let reasons = [0, 1].map(|end| self.ends[end].session.status().reason);
            assert!(self.step(until), "never: {what}; the ends say {reasons:?}");
        }
    }

    /// The next thing that happens before `until`; false when nothing does.
    fn step(&mut self, until: Time) -> bool {
        let wakes = [0, 1].map(|end| {
            let end = &mut self.ends[end];
            if end.frozen { None } else { end.session.next_wake() }
        });
        let wake = wakes.iter().flatten().min().copied();
        let due = self.agenda.keys().next().map(|(at, _)| *at);
        let Some(at) = [wake, due].into_iter().flatten().min().filter(|at| *at <= until) else {
            return false;
        };
        self.now = self.now.max(at);
        if due.is_some_and(|due| due <= self.now) {
            let (_, happening) = self.agenda.pop_first().unwrap();
            self.happen(happening);
        } else {
            let end = if wakes[0] == wake { 0 } else { 1 };
            self.input(end, SessionInput::Wake);
        }
        true
    }

    pub(super) fn is_up(&self) -> bool {
        self.ends.iter().all(|end| end.session.status().up)
    }

    /// Each has all of the other's claims, and nothing else.
    pub(super) fn in_step(&self) -> bool {
        self.ends[0].copy == self.ends[1].log.claims() && self.ends[1].copy == self.ends[0].log.claims()
    }

    /// The process is killed and started again, with what it knows, and with nothing said to the other side.
    pub(super) fn restart(&mut self, end: usize) {
        let seed = self.now.0;
        let this = &mut self.ends[end];
        let tuning = this.session.tuning;
        this.session = Session::new(seed, tuning);
        this.listener = None;
        this.done.clear();
        this.life += 1;
        for (pipe, side) in std::mem::take(&mut this.conns).into_values() {
            self.pipes[pipe].sides[side] = None;
        }
        this.copy.clear();
        self.configure(end, settings(end));
    }

    /// Opens a connection to `end` that nobody asked for, from `remote`; answers its name there.
    pub(super) fn intrude(&mut self, end: usize, remote: SocketAddr) -> ConnId {
        let conn = self.accepted();
        let pipe = self.pipes.len();
        self.pipes.push(Pipe { sides: [Some((end, conn)), None], torn: [false; 2] });
        self.ends[end].conns.insert(conn, (pipe, 0));
        self.ends[end].watched.insert(conn, Vec::new());
        self.input(end, SessionInput::Connected { conn, role: Role::Accepted, remote });
        conn
    }

    /// True as long as the end has not closed that connection.
    pub(super) fn is_open(&self, end: usize, conn: ConnId) -> bool {
        self.ends[end].conns.contains_key(&conn)
    }

    /// What this end has said since that was asked last.
    pub(super) fn overheard(&mut self, end: usize) -> Vec<u8> {
        std::mem::take(&mut self.heard[end])
    }

    /// Resets every connection.
    pub(super) fn reset_all(&mut self) {
        for pipe in 0..self.pipes.len() {
            for side in 0..2 {
                self.close_side(pipe, side, Cause::Refused);
            }
        }
    }

    /// Has `end` dial although it is not its turn, as a peer would that takes roles otherwise.
    pub(super) fn force_dial(&mut self, end: usize) {
        let local = SocketAddr::new(super::ADDRESSES[end], 40_000);
        let remote = SocketAddr::new(super::ADDRESSES[1 - end], 2048);
        let pipe = self.pipes.len();
        let (ours, theirs) = (self.accepted(), self.accepted());
        self.pipes.push(Pipe { sides: [Some((end, ours)), Some((1 - end, theirs))], torn: [false; 2] });
        self.ends[end].conns.insert(ours, (pipe, 0));
        self.ends[1 - end].conns.insert(theirs, (pipe, 1));
        self.ends[end].session.channel.pretend_dialling(ours, self.now);
        self.input(end, SessionInput::Connected { conn: ours, role: Role::Dialled, remote });
        self.input(1 - end, SessionInput::Connected { conn: theirs, role: Role::Accepted, remote: local });
    }

    fn accepted(&mut self) -> ConnId {
        self.made += 1;
        ConnId(ACCEPTED | self.made)
    }

    fn later(&mut self, happening: Happening) {
        self.made += 1;
        self.agenda.insert((self.now + LATENCY, self.made), happening);
    }

    fn work(&mut self, end: usize, work: Transport) {
        let life = self.ends[end].life;
        match work {
            Transport::Listen { listener, local, .. } => {
                self.ends[end].listens += 1;
                let result = if self.ends[end].port_taken {
                    Err(Cause::PortInUse { owner: Some("other (77)".into()) })
                } else {
                    self.ends[end].listener = Some((listener, local));
                    Ok(())
                };
                self.later(Happening::Input {
                    end,
                    life,
                    input: SessionInput::Listening { listener, result },
                });
            }
            Transport::Unlisten { listener } => {
                let gone = self.ends[end].listener.take_if(|(id, _)| *id == listener);
                assert!(gone.is_some(), "what does not listen is told to stop");
            }
            Transport::Dial { conn, local, remote, .. } => {
                let now = self.now;
                self.ends[end].dials.push(now);
                self.later(Happening::Dial {
                    end,
                    life,
                    conn,
                    local: SocketAddr::new(local, 40_000),
                    remote,
                });
            }
            Transport::Send { conn, mut bytes } => {
                if self.eavesdrop {
                    self.heard[end].extend_from_slice(&bytes);
                }
                if let Some(tamper) = self.tamper {
                    tamper(&mut bytes);
                }
                assert!(!self.ends[end].done.contains(&conn), "nothing is sent on what is closed");
                let Some(&(pipe, side)) = self.ends[end].conns.get(&conn) else { return };
                let length = bytes.len();
                if let Some(watched) = self.ends[end].watched.get_mut(&conn) {
                    watched.extend_from_slice(&bytes);
                }
                self.pipes[pipe].torn[side] |= self.cut || self.mute[end];
                let torn = self.pipes[pipe].torn[side];
                if self.ends[end].stuck || torn {
                    let this = &mut self.ends[end];
                    this.outstanding += length;
                    this.most_outstanding = this.most_outstanding.max(this.outstanding);
                } else {
                    let written = SessionInput::Written { conn, bytes: length as u64 };
                    self.later(Happening::Input { end, life, input: written });
                }
                if !torn {
                    for bytes in bytes.chunks(self.piece) {
                        self.later(Happening::Bytes { pipe, to: 1 - side, bytes: bytes.to_vec() });
                    }
                }
            }
            Transport::Hold { .. } => {}
            Transport::Close { conn, abort } => {
                self.ends[end].done.insert(conn);
                let Some((pipe, side)) = self.ends[end].conns.remove(&conn) else { return };
                self.pipes[pipe].sides[side] = None;
                if !(self.cut || self.mute[end]) {
                    let cause = if abort { Cause::Refused } else { Cause::Closed };
                    self.later(Happening::Closed { pipe, to: 1 - side, cause });
                }
            }
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Input { end, life, .. } | Happening::Dial { end, life, .. }
                if life != self.ends[end].life => {}
            Happening::Input { end, input, .. } => self.input(end, input),
            Happening::Dial { .. } if self.cut => {}
            Happening::Dial { end, conn, local, remote, .. } => {
                let other = 1 - end;
                let open = self.ends[other].listener.as_ref().is_some_and(|(_, at)| *at == remote);
                if !open {
                    self.input(end, SessionInput::DialFailed { conn, cause: Cause::Refused });
                    return;
                }
                let theirs = self.accepted();
                let pipe = self.pipes.len();
                self.pipes.push(Pipe { sides: [Some((end, conn)), Some((other, theirs))], torn: [false; 2] });
                self.ends[end].conns.insert(conn, (pipe, 0));
                self.ends[other].conns.insert(theirs, (pipe, 1));
                self.input(
                    other,
                    SessionInput::Connected { conn: theirs, role: Role::Accepted, remote: local },
                );
                self.input(end, SessionInput::Connected { conn, role: Role::Dialled, remote });
            }
            Happening::Bytes { pipe, to, bytes } => {
                if let Some((end, conn)) = self.pipes[pipe].sides[to] {
                    self.arrive(pipe, end, conn, bytes);
                }
            }
            Happening::Closed { pipe, to, cause } => self.close_side(pipe, to, cause),
        }
    }

    fn arrive(&mut self, pipe: usize, end: usize, conn: ConnId, mut bytes: Vec<u8>) {
        let broken = match &mut self.bite {
            Some((at, left)) if *at == end => {
                bytes.truncate(*left);
                *left -= bytes.len();
                *left == 0
            }
            _ => false,
        };
        self.arrived[end] += bytes.len();
        if !bytes.is_empty() {
            self.input(end, SessionInput::Bytes { conn, bytes });
        }
        if broken {
            self.bite = None;
            self.bitten = Some(self.standing());
            for side in 0..2 {
                self.close_side(pipe, side, Cause::Refused);
            }
        }
    }

    /// How both ends stand.
    pub(super) fn standing(&self) -> Bitten {
        let ends = [&self.ends[0], &self.ends[1]];
        Bitten { held: ends.map(|end| end.session.copy.held()), sent: ends.map(End::sent) }
    }

    fn close_side(&mut self, pipe: usize, side: usize, cause: Cause) {
        if let Some((end, conn)) = self.pipes[pipe].sides[side].take() {
            self.ends[end].conns.remove(&conn);
            self.input(end, SessionInput::Closed { conn, cause });
        }
    }
}

impl End {
    fn receive(&mut self, received: Received) {
        match received {
            Received::Begin => {
                self.begins += 1;
                self.marked = self.copy.keys().copied().collect();
            }
            Received::Interface { interface, vrf } => {
                self.vrfs.insert(interface, vrf);
            }
            Received::Upserts(claims) => {
                for (key, claim) in claims {
                    assert!(
                        self.vrfs.contains_key(&key.interface),
                        "an interface is named before it is used"
                    );
                    self.marked.remove(&key);
                    self.copy.insert(key, claim);
                }
            }
            Received::Deletes(keys) => {
                for key in keys {
                    self.marked.remove(&key);
                    self.copy.remove(&key);
                }
            }
            Received::End { count, .. } => {
                self.ends += 1;
                let held = self.copy.len() - self.marked.len();
                assert!(count.is_none_or(|count| count == held as u64), "{count:?}, and {held} are held");
                for key in std::mem::take(&mut self.marked) {
                    self.copy.remove(&key);
                    self.swept += 1;
                }
            }
            Received::Position(position) => self.positions.push(position),
            // What proves the copy is for the tables' owner.
            _ => {}
        }
    }

    /// Entries handed to connections.
    pub(super) fn sent(&self) -> u64 {
        let counters = self.session.counters();
        counters.sent_upserts + counters.sent_deletes
    }

    /// The reasons told, in order.
    pub(super) fn downs(&self) -> Vec<DownReason> {
        let down = |(_, news): &(Time, SessionOutput)| match news {
            SessionOutput::Down(reason) => Some(reason.clone()),
            _ => None,
        };
        self.news.iter().filter_map(down).collect()
    }

    /// What was last said in NOTIFY on a connection that the test opened itself.
    pub(super) fn notified(&self, conn: ConnId) -> Option<Notify> {
        let (mut decoder, mut rest) = (Decoder::new(512), &self.watched[&conn][..]);
        let mut last = None;
        // Behind AUTH a frame has a tag, which is no frame; a NOTIFY is the last one.
        while let Ok(Some(frame)) = decoder.next(&mut rest) {
            if let Ok(Message::Notify(notify)) = Message::decode(&frame, &Interfaces::default()) {
                last = Some(notify);
            }
        }
        last
    }

    /// The name of the established connection.
    pub(super) fn link(&self) -> ConnId {
        self.session.link.as_ref().expect("it is up").conn.id
    }

    /// How it would judge what comes next.
    pub(super) fn decoder(&self) -> Decoder {
        self.session.link.as_ref().expect("it is up").decoder.clone()
    }

    /// The frames that its keys have sealed or judged, in the direction in which there are more.
    pub(super) fn frames(&self) -> u64 {
        let link = self.session.link.as_ref().expect("it is up");
        link.decoder.opened().max(link.conn.sealer.as_ref().expect("it is sealed").count())
    }

    /// Has its keys worn out by so many frames.
    pub(super) fn renew_after(&mut self, frames: u64) {
        self.session.link.as_mut().expect("it is up").renew_frames = frames;
    }

    /// How often it came up.
    pub(super) fn ups(&self) -> usize {
        self.news.iter().filter(|(_, news)| matches!(news, SessionOutput::Up { .. })).count()
    }

    pub(super) fn reason(&self) -> DownReason {
        self.session.status().reason
    }
}
