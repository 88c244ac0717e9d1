//! The network between the two: connections that split, delay, stall and break.
//!
//! Invariant: what a connection delivers is what was sent, in order, up to where it broke.

use crate::dice::Dice;
use mlagsync::addr::VpnInstance;
use mlagsync::session::io::{Cause, ConnId, ListenId, Role, SessionInput, Transport};
use mlagsync::time::Time;
use mlagsync::wire::Kind;
use mlagsync::wire::frame::HEADER;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Which switch.
pub(crate) type Side = usize;

/// One end of a connection.
#[derive(Debug)]
struct End {
    conn: ConnId,
    open: bool,
    /// On the way to this end: when each piece arrives.
    inbound: VecDeque<(Time, Vec<u8>)>,
    /// The other end closed after this was delivered.
    fin: Option<Time>,
}

#[derive(Debug)]
struct Pipe {
    ends: [End; 2],
}

/// The network.
#[derive(Debug)]
pub(crate) struct Net {
    dice: Dice,
    listening: [BTreeMap<ListenId, SocketAddr>; 2],
    pipes: Vec<Pipe>,
    accepted: u64,
    /// Nothing passes while it is cut; what was sent stays in the senders' kernels.
    pub(crate) cut: bool,
    /// So many frames of IPv4 claims that a side sends arrive with another MAC in their first record, and well formed.
    pub(crate) lies: [usize; 2],
    /// The connection that brings this side so many more bytes breaks behind them.
    pub(crate) bite: Option<(Side, usize)>,
    /// Bytes that arrived at each side.
    pub(crate) arrived: [usize; 2],
    /// What happens to whom, and when.
    pending: Vec<(Time, Side, SessionInput)>,
}

impl Net {
    /// A network whose delays the seed decides.
    pub(crate) fn new(seed: u64) -> Self {
        Net {
            dice: Dice::new(seed ^ 0x6e65_7421),
            listening: Default::default(),
            pipes: Vec::new(),
            accepted: 0,
            cut: false,
            lies: [0; 2],
            bite: None,
            arrived: [0; 2],
            pending: Vec::new(),
        }
    }

    /// Does what a node asked of its socket's owner.
    pub(crate) fn act(&mut self, now: Time, side: Side, transport: Transport) {
        match transport {
            Transport::Listen { listener, local, vpn, .. } => {
                assert_eq!(vpn, VpnInstance::public());
                self.listening[side].insert(listener, local);
                self.later(now, side, SessionInput::Listening { listener, result: Ok(()) });
            }
            Transport::Unlisten { listener } => {
                self.listening[side].remove(&listener);
            }
            Transport::Dial { conn, local, remote, .. } => self.dial(now, side, conn, local, remote),
            Transport::Send { conn, bytes } => self.send(now, side, conn, bytes),
            Transport::Hold { .. } => {}
            Transport::Close { conn, abort } => self.close(now, side, conn, abort),
        }
    }

    /// When something happens next.
    pub(crate) fn next(&self) -> Option<Time> {
        let pieces = self.pipes.iter().flat_map(|pipe| &pipe.ends).filter(|_| !self.cut).filter_map(|end| {
            if end.open { end.inbound.front().map(|(at, _)| *at).or(end.fin) } else { None }
        });
        self.pending.iter().map(|(at, ..)| *at).chain(pieces).min()
    }

    /// What happens now, if anything.
    pub(crate) fn take(&mut self, now: Time) -> Option<(Side, SessionInput)> {
        if let Some(nth) = self.pending.iter().position(|(at, ..)| *at <= now) {
            let (_, side, input) = self.pending.remove(nth);
            return Some((side, input));
        }
        if self.cut {
            return None;
        }
        for nth in 0..self.pipes.len() {
            let pipe = &mut self.pipes[nth];
            for side in 0..2 {
                let end = &mut pipe.ends[side];
                let conn = end.conn;
                if !end.open {
                    continue;
                }
                if let Some((at, _)) = end.inbound.front() {
                    if *at > now {
                        continue;
                    }
                    let (_, mut bytes) = end.inbound.pop_front().expect("it has a front");
                    let mut broken = false;
                    if let Some((_, left)) = self.bite.as_mut().filter(|(at, _)| *at == side) {
                        bytes.truncate(*left);
                        *left -= bytes.len();
                        broken = *left == 0;
                    }
                    self.arrived[side] += bytes.len();
                    let (far, len) = (&pipe.ends[1 - side], bytes.len() as u64);
                    if far.open {
                        let written = SessionInput::Written { conn: far.conn, bytes: len };
                        self.pending.push((now, 1 - side, written));
                    }
                    if broken {
                        self.bite = None;
                        let pipe = self.pipes.remove(nth);
                        self.break_off(now, pipe);
                    }
                    return Some((side, SessionInput::Bytes { conn, bytes }));
                }
                if end.fin.is_some_and(|at| at <= now) {
                    end.open = false;
                    return Some((side, SessionInput::Closed { conn, cause: Cause::Closed }));
                }
            }
        }
        self.pipes.retain(|pipe| pipe.ends.iter().any(|end| end.open));
        None
    }

    /// Breaks every connection; both ends hear of it.
    pub(crate) fn reset(&mut self, now: Time) {
        for pipe in std::mem::take(&mut self.pipes) {
            self.break_off(now, pipe);
        }
    }

    fn break_off(&mut self, now: Time, pipe: Pipe) {
        for (side, end) in pipe.ends.into_iter().enumerate().filter(|(_, end)| end.open) {
            self.later(now, side, SessionInput::Closed { conn: end.conn, cause: Cause::Refused });
        }
    }

    /// A process is gone, and its sockets with it. `silently`: the machine is, and nobody tells the other side.
    pub(crate) fn died(&mut self, now: Time, side: Side, silently: bool) {
        self.listening[side].clear();
        self.pending.retain(|(_, to, _)| *to != side);
        for pipe in &mut self.pipes {
            pipe.ends[side].open = false;
            let far = &mut pipe.ends[1 - side];
            far.inbound.clear();
            far.fin = None;
            if far.open && !silently {
                far.open = false;
                let closed = SessionInput::Closed { conn: far.conn, cause: Cause::Refused };
                self.pending.push((now + Duration::from_micros(50), 1 - side, closed));
            }
        }
    }

    fn dial(&mut self, now: Time, side: Side, conn: ConnId, local: IpAddr, remote: SocketAddr) {
        let far = 1 - side;
        if self.cut {
            return self.fail(now + Duration::from_secs(2), side, conn, Cause::TimedOut);
        }
        if !self.listening[far].values().any(|at| *at == remote) {
            return self.fail(now + Duration::from_micros(100), side, conn, Cause::Refused);
        }
        self.accepted += 1;
        let theirs = ConnId(1 << 63 | self.accepted);
        let end = |conn| End { conn, open: true, inbound: VecDeque::new(), fin: None };
        let mut ends = [end(conn), end(theirs)];
        if side == 1 {
            ends.swap(0, 1);
        }
        self.pipes.push(Pipe { ends });
        let dialled = SessionInput::Connected { conn, role: Role::Dialled, remote };
        let from = SocketAddr::new(local, 50_000 + (self.accepted % 10_000) as u16);
        let accepted = SessionInput::Connected { conn: theirs, role: Role::Accepted, remote: from };
        self.later(now, side, dialled);
        self.later(now, far, accepted);
    }

    fn send(&mut self, now: Time, side: Side, conn: ConnId, bytes: Vec<u8>) {
        let bytes = self.falsify(side, bytes);
        let Some(pipe) = pipe(&mut self.pipes, side, conn) else { return };
        let far = &mut pipe.ends[1 - side];
        let mut at = far.inbound.back().map_or(now, |(at, _)| *at).max(now);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let most =
                if self.dice.chance(300) { 1 + self.dice.below(40) } else { 1 + self.dice.below(4096) };
            let (piece, behind) = rest.split_at(rest.len().min(most as usize));
            at = at + Duration::from_micros(20 + self.dice.below(200));
            far.inbound.push_back((at, piece.to_vec()));
            rest = behind;
        }
    }

    fn falsify(&mut self, side: Side, mut bytes: Vec<u8>) -> Vec<u8> {
        let mut at = 0;
        while let Some(length) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
            let end = at + u32::from_be_bytes(*length) as usize;
            let frame = &mut bytes[at..end];
            if frame[4] == Kind::UpsertV4.number() && self.lies[side] > 0 {
                self.lies[side] -= 1;
                frame[HEADER + 15] ^= 0x55;
                frame[16..20].fill(0);
                let crc = crc32c::crc32c(frame);
                frame[16..20].copy_from_slice(&crc.to_be_bytes());
            }
            at = end;
        }
        bytes
    }

    fn close(&mut self, now: Time, side: Side, conn: ConnId, abort: bool) {
        let Some(pipe) = pipe(&mut self.pipes, side, conn) else { return };
        pipe.ends[side].open = false;
        let far = &mut pipe.ends[1 - side];
        if abort {
            far.inbound.clear();
        }
        far.fin = Some(far.inbound.back().map_or(now, |(at, _)| *at) + Duration::from_micros(50));
    }

    fn fail(&mut self, at: Time, side: Side, conn: ConnId, cause: Cause) {
        self.pending.push((at, side, SessionInput::DialFailed { conn, cause }));
    }

    fn later(&mut self, now: Time, side: Side, input: SessionInput) {
        let delay = Duration::from_micros(10 + self.dice.below(100));
        self.pending.push((now + delay, side, input));
    }
}

/// The connection that a process calls so; an earlier process may have called another one the same.
fn pipe(pipes: &mut [Pipe], side: Side, conn: ConnId) -> Option<&mut Pipe> {
    pipes.iter_mut().find(|pipe| pipe.ends[side].open && pipe.ends[side].conn == conn)
}
