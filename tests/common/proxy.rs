//! A network between two switches that does what it is told: it delays, throttles, cuts, corrupts, swallows and stalls.
//!
//! ```text
//!  switch 0 ── wire ── room 0 ┐                     ┌ room 1 ── wire ── switch 1
//!  A                     B    └─ one thread: bytes ─┘    A                    B
//! ```
//!
//! Each switch has its wire to a room (a network namespace) in which the *other* switch's address is. There the proxy
//! accepts what the switch dials, and passes it on from the other room, out of a socket that is bound to the dialler's
//! own address: neither switch can tell that it does not speak with the other. Two rooms and not one, because a
//! namespace that has both addresses would deliver to itself.
//!
//! Invariant: bytes are passed on in order and unchanged but for what [`Rules`] ask for. No frame is looked at.
#![allow(dead_code, missing_docs, unreachable_pub)]

use super::netns::Netns;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Protocol, SockAddr, SockFilter, Socket, Type};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What happens to the bytes of one direction. Counts are of one connection's bytes, from its first one on.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Each byte arrives so much later.
    pub delay: Duration,
    /// No more bytes than this in a second.
    pub bytes_per_second: Option<u64>,
    /// Nothing is read and nothing is written: the sender is held up, as by a receiver that does not read.
    pub stalled: bool,
    /// Everything is read, and nothing passed on.
    pub swallowed: bool,
    /// The connection breaks, in both directions, when so many bytes have been passed on. Once: then it is forgotten.
    pub cut_after: Option<u64>,
    /// This bit is turned over. Once: then it is forgotten.
    pub flip_bit: Option<u64>,
}

/// What the test tells the thread, and what the thread tells the test.
#[derive(Debug, Default)]
struct Board {
    /// Of what comes from switch 0, and of what comes from switch 1.
    rules: [Rules; 2],
    /// Segments are dropped before anybody sees them: not even the kernel answers.
    silent: bool,
    /// Nobody listens: who dials is refused.
    deaf: [bool; 2],
    /// Every connection that stands is to be broken.
    cut: bool,
    /// Bytes passed on that came from each switch.
    passed: [u64; 2],
    /// Connections that both ends stood of.
    connections: u64,
    /// How many stand.
    open: usize,
    /// How often a rule that acts once has acted.
    struck: u64,
}

/// The proxy; it ends with this value.
pub struct Proxy {
    board: Arc<Mutex<Board>>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How much of one direction is held: little, so that a slow link is felt by the sender and not hidden from it.
const HELD: usize = 32 * 1024;
/// The sockets' buffers, for the same reason.
const KERNEL_BUFFER: usize = 32 * 1024;
/// How soon a change of the rules takes effect at the latest, and how finely a rate is kept.
const TICK: Duration = Duration::from_millis(5);

impl Proxy {
    /// Between two rooms: in `rooms[n]`, which is on the wire of switch n, the other switch's address is present.
    /// `addresses` are the switches' own.
    pub fn between(rooms: [&Netns; 2], addresses: [IpAddr; 2], port: u16) -> Proxy {
        let board = Arc::new(Mutex::new(Board::default()));
        let end = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            rooms: rooms.map(Netns::again),
            addresses,
            port,
            listeners: [None, None],
            lines: Vec::new(),
            board: board.clone(),
            end: end.clone(),
        };
        let thread = Some(std::thread::spawn(move || worker.run()));
        Proxy { board, end, thread }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().expect("the proxy's thread lives")
    }

    /// Changes the rules of what comes from switch `from`.
    pub fn rules(&self, from: usize, change: impl FnOnce(&mut Rules)) {
        change(&mut self.board().rules[from]);
    }

    /// Changes the rules of both directions.
    pub fn both(&self, change: impl Fn(&mut Rules)) {
        self.board().rules.iter_mut().for_each(change);
    }

    /// Breaks every connection that stands, with a reset to both switches.
    pub fn cut(&self) {
        self.board().cut = true;
    }

    /// From now on no segment gets through and none is answered, as when a host on the way is gone; or again they do.
    pub fn silence(&self, silent: bool) {
        self.board().silent = silent;
    }

    /// Whether who dials on the wire of switch `n` is refused.
    pub fn refuse(&self, n: usize, refused: bool) {
        self.board().deaf[n] = refused;
    }

    /// Bytes that came from switch `from` and were passed on.
    pub fn passed(&self, from: usize) -> u64 {
        self.board().passed[from]
    }

    /// Connections that stood so far.
    pub fn connections(&self) -> u64 {
        self.board().connections
    }

    /// How often a cut or a turned bit was carried out.
    pub fn struck(&self) -> u64 {
        self.board().struck
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // What went wrong in it is what the test then fails by.
            let _ = thread.join();
        }
    }
}

/// One direction of one connection.
#[derive(Default)]
struct Way {
    /// What was read, and when it may go on.
    held: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    taken: u64,
    given: u64,
    /// The sender closed.
    ended: bool,
    /// The receiver was told so.
    told: bool,
    /// Bytes that may go on now, where the rate is bounded.
    allowance: f64,
    filled: Option<Instant>,
}

/// One connection: a socket to each switch.
struct Line {
    sockets: [Socket; 2],
    /// From each switch to the other.
    ways: [Way; 2],
    /// The second socket's connecting is over.
    stands: bool,
    /// Which switch dialled.
    dialler: usize,
    deafened: bool,
}

struct Listener {
    socket: Socket,
    deafened: bool,
}

struct Worker {
    rooms: [Netns; 2],
    addresses: [IpAddr; 2],
    port: u16,
    listeners: [Option<Listener>; 2],
    lines: Vec<Line>,
    board: Arc<Mutex<Board>>,
    end: Arc<AtomicBool>,
}

/// A connection is over: broken, and to be broken towards both switches.
struct Broken;

impl Worker {
    fn run(mut self) {
        while !self.end.load(Ordering::Relaxed) {
            self.listen();
            self.accept();
            self.carry();
            self.rest();
        }
        self.lines.drain(..).for_each(reset);
    }

    /// Has a listener where the rules want one; silent ones drop what comes.
    fn listen(&mut self) {
        let (deaf, silent) = {
            let board = self.board.lock().expect("the test lives");
            (board.deaf, board.silent)
        };
        for (n, deaf) in deaf.into_iter().enumerate() {
            if deaf {
                self.listeners[n] = None;
            } else if self.listeners[n].is_none() {
                let at = SocketAddr::new(self.addresses[1 - n], self.port);
                let socket = self.rooms[n].inside(|| fresh(at));
                socket.set_reuse_address(true).expect("an option that every kernel has");
                socket.bind(&at.into()).expect("the room has the other switch's address");
                socket.listen(64).expect("it is bound");
                self.listeners[n] = Some(Listener { socket, deafened: false });
            }
            if let Some(Listener { socket, deafened }) = &mut self.listeners[n]
                && std::mem::replace(deafened, silent) != silent
            {
                deafen(socket, silent);
            }
        }
    }

    fn accept(&mut self) {
        for dialler in 0..2 {
            let Some(listener) = &self.listeners[dialler] else { continue };
            let Ok((near, _)) = listener.socket.accept() else { continue };
            near.set_nonblocking(true).expect("an option that every kernel has");
            let (from, to) = (self.addresses[dialler], self.addresses[1 - dialler]);
            let far = self.rooms[1 - dialler].inside(|| fresh(SocketAddr::new(from, 0)));
            far.bind(&SocketAddr::new(from, 0).into()).expect("the room has the dialler's address");
            // It goes on in the background; a refusal is seen when it is looked at.
            let _ = far.connect(&SockAddr::from(SocketAddr::new(to, self.port)));
            let mut sockets = [near, far];
            if dialler == 1 {
                sockets.swap(0, 1);
            }
            let ways = Default::default();
            self.lines.push(Line { sockets, ways, stands: false, dialler, deafened: false });
        }
    }

    fn carry(&mut self) {
        let mut board = self.board.lock().expect("the test lives");
        let cut = std::mem::take(&mut board.cut);
        let lines = std::mem::take(&mut self.lines);
        for mut line in lines {
            let ended = cut || line.carry(&mut board).is_err();
            let over = line.ways.iter().all(|way| way.told);
            match (ended, over) {
                (true, _) => reset(line),
                (false, true) => drop(line),
                (false, false) => self.lines.push(line),
            }
        }
        board.open = self.lines.iter().filter(|line| line.stands).count();
    }

    /// Waits until there is something to do, or for a tick.
    fn rest(&self) {
        let held_up = {
            let board = self.board.lock().expect("the test lives");
            board.silent || board.rules.iter().any(|rules| rules.stalled)
        };
        let busy = self.lines.iter().any(|line| line.ways.iter().any(|way| way.bytes > 0));
        let mut waits = Vec::new();
        // What is held goes on when its time has come, and what is held up stays: of neither does a socket tell.
        if !busy && !held_up {
            let listeners = self.listeners.iter().flatten().map(|listener| &listener.socket);
            let reading = self.lines.iter().flat_map(|line| {
                line.sockets.iter().zip(&line.ways).filter(|(_, way)| way.takes()).map(|(socket, _)| socket)
            });
            waits.extend(
                listeners.chain(reading).map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN)),
            );
        }
        let tick = PollTimeout::try_from(TICK).expect("milliseconds");
        let _ = poll(&mut waits, if busy { PollTimeout::from(1u8) } else { tick });
    }
}

impl Line {
    fn carry(&mut self, board: &mut Board) -> Result<(), Broken> {
        if std::mem::replace(&mut self.deafened, board.silent) != board.silent {
            self.sockets.iter().for_each(|socket| deafen(socket, board.silent));
        }
        if !self.stands {
            let far = &self.sockets[1 - self.dialler];
            if far.take_error().ok().flatten().is_some() {
                return Err(Broken);
            }
            if far.peer_addr().is_err() {
                return Ok(());
            }
            self.stands = true;
            board.connections += 1;
        }
        if board.silent {
            return Ok(());
        }
        for from in 0..2 {
            let rules = board.rules[from].clone();
            if rules.stalled {
                continue;
            }
            let way = &mut self.ways[from];
            let flipped = way.read(&self.sockets[from], &rules)?;
            if flipped {
                board.rules[from].flip_bit = None;
                board.struck += 1;
            }
            board.passed[from] += way.write(&self.sockets[1 - from], &rules)?;
            if rules.cut_after.is_some_and(|most| way.given >= most) {
                board.rules[from].cut_after = None;
                board.struck += 1;
                return Err(Broken);
            }
        }
        Ok(())
    }
}

impl Way {
    fn takes(&self) -> bool {
        !self.ended && self.bytes < HELD
    }

    /// Answers whether a bit was turned.
    fn read(&mut self, from: &Socket, rules: &Rules) -> Result<bool, Broken> {
        let mut flipped = false;
        // A long delay is a long wire: it holds what is on the way, whatever that is.
        while !self.ended && (self.bytes < HELD || !rules.delay.is_zero() && self.bytes < 64 * HELD) {
            let mut piece = vec![0; 8192];
            let length = match (&mut &*from).read(&mut piece) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Err(Broken),
            };
            piece.truncate(length);
            let first = self.taken;
            self.taken += length as u64;
            if rules.swallowed {
                continue;
            }
            if let Some(bit) = rules.flip_bit.filter(|bit| (first..self.taken).contains(&(bit / 8))) {
                piece[(bit / 8 - first) as usize] ^= 1 << (bit % 8);
                flipped = true;
            }
            self.bytes += length;
            self.held.push_back((Instant::now() + rules.delay, piece));
            if flipped {
                break;
            }
        }
        Ok(flipped)
    }

    /// Answers how many bytes went on.
    fn write(&mut self, to: &Socket, rules: &Rules) -> Result<u64, Broken> {
        let now = Instant::now();
        if let Some(rate) = rules.bytes_per_second {
            let since = self.filled.map_or(TICK, |filled| now - filled);
            // What was not used up is worth a twentieth of a second at most, so that a pause is not made good.
            let most = rate as f64 / 20.0;
            self.allowance = (self.allowance + since.as_secs_f64() * rate as f64).min(most.max(1.0));
        }
        self.filled = Some(now);
        let before = self.given;
        while let Some((due, piece)) = self.held.front_mut() {
            let mut most = piece.len();
            if rules.bytes_per_second.is_some() {
                most = most.min(self.allowance as usize);
            }
            if let Some(cut) = rules.cut_after {
                most = most.min(usize::try_from(cut.saturating_sub(self.given)).expect("64 bits"));
            }
            if *due > now || most == 0 {
                break;
            }
            match (&mut &*to).write(&piece[..most]) {
                Ok(length) => {
                    piece.drain(..length);
                    self.given += length as u64;
                    self.bytes -= length;
                    self.allowance -= length as f64;
                    if piece.is_empty() {
                        self.held.pop_front();
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Err(Broken),
            }
        }
        if self.ended && self.held.is_empty() && !self.told && !rules.swallowed {
            self.told = true;
            // It may be gone already.
            let _ = to.shutdown(std::net::Shutdown::Write);
        }
        Ok(self.given - before)
    }
}

/// A socket of the present namespace that a switch takes for its neighbour's.
fn fresh(address: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP));
    let socket = socket.expect("a socket");
    socket.set_nonblocking(true).expect("an option that every kernel has");
    socket.set_tcp_nodelay(true).expect("an option that every kernel has");
    socket.set_recv_buffer_size(KERNEL_BUFFER).expect("an option that every kernel has");
    socket.set_send_buffer_size(KERNEL_BUFFER).expect("an option that every kernel has");
    match address {
        SocketAddr::V4(_) => socket.set_ttl_v4(255).expect("an option that every kernel has"),
        SocketAddr::V6(_) => socket.set_unicast_hops_v6(255).expect("an option that every kernel has"),
    }
    socket
}

/// Drops every segment that comes in for this socket before it is looked at, or no longer does.
fn deafen(socket: &Socket, deaf: bool) {
    /// BPF_RET with a constant: take zero bytes, which is none of the segment.
    const NOTHING: SockFilter = SockFilter::new(0x06, 0, 0, 0);
    if deaf {
        socket.attach_filter(&[NOTHING]).expect("a program that every kernel takes");
    } else {
        // Without one this is an error, and nothing else.
        let _ = socket.detach_filter();
    }
}

fn reset(line: Line) {
    for socket in &line.sockets {
        // It may be gone already.
        let _ = socket.set_linger(Some(Duration::ZERO));
    }
}
