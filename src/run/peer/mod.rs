//! The socket's owner: carries [`Transport`] out and reports what became of it as [`SessionInput`].
//!
//! One thread sleeps in `poll` over the bell, the listeners and the connections. Reading never waits for the hardware:
//! the core takes what comes however slow the ASIC is, and a peer that does not read is the session's to bound, by what
//! was reported as written.
//!
//! Invariant: no protocol. Bytes are moved, never looked at; who may connect is the session's to say.

mod conn;
mod drops;
mod protect;
mod socket;

use super::netns;
use super::ports;
use super::vpn::{Place, Places};
use super::wake::Wake;
use crate::addr::VpnInstance;
use crate::limits;
use crate::session::io::{Cause, ConnId, ListenId, Protection, Role, SessionInput, Transport};
use conn::{Conn, ReadEnd, State};
use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError};
use drops::Drops;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{SockRef, Socket};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Accepted connections are named here, dialled ones by the session: this bit tells them apart.
const ACCEPTED: u64 = 1 << 63;

/// The core is gone: nobody is left to report to, and nothing more will be ordered.
struct CoreGone;

/// The core's way to the socket's owner. Its end is the socket's owner's, once it has written its last words.
pub(crate) struct PeerOutlet {
    /// `None` only while it is dropped.
    commands: Option<Sender<Transport>>,
    bell: Arc<Wake>,
}

impl PeerOutlet {
    /// To whoever receives `commands` and hears `bell`.
    pub(crate) fn new(commands: Sender<Transport>, bell: Arc<Wake>) -> PeerOutlet {
        PeerOutlet { commands: Some(commands), bell }
    }

    /// The channel, to wait for room in it.
    pub(crate) fn commands(&self) -> Option<&Sender<Transport>> {
        self.commands.as_ref()
    }

    /// Hands over as many orders as there is room for, the first ones first.
    pub(crate) fn send(&self, waiting: &mut VecDeque<Transport>) {
        let Some(commands) = &self.commands else { return };
        let mut sent = false;
        while let Some(command) = waiting.pop_front() {
            match commands.try_send(command) {
                Ok(()) => sent = true,
                Err(TrySendError::Full(back)) => {
                    waiting.push_front(back);
                    break;
                }
                // Its thread ended, which the daemon reports.
                Err(TrySendError::Disconnected(_)) => waiting.clear(),
            }
        }
        if sent {
            self.bell.ring();
        }
    }
}

impl Drop for PeerOutlet {
    fn drop(&mut self) {
        self.commands = None;
        self.bell.ring();
    }
}

struct Listener {
    socket: Socket,
    rests_until: Option<Instant>,
    /// What its connections are to be like.
    hold: Duration,
    /// What the kernel throws away where it listens.
    drops: Option<Drops>,
}

/// The socket's owner, ready to run on its thread.
pub(crate) struct Peer {
    places: Places,
    commands: Receiver<Transport>,
    core: Sender<SessionInput>,
    bell: Arc<Wake>,
    listeners: BTreeMap<ListenId, Listener>,
    conns: BTreeMap<ConnId, Conn>,
    accepted: u64,
    buffer: Vec<u8>,
}

impl Peer {
    /// One that listens to `commands` whenever `bell` rings, and reports to `core`.
    pub(crate) fn new(
        places: Places,
        commands: Receiver<Transport>,
        core: Sender<SessionInput>,
        bell: Arc<Wake>,
    ) -> Peer {
        Peer {
            places,
            commands,
            core,
            bell,
            listeners: BTreeMap::new(),
            conns: BTreeMap::new(),
            accepted: 0,
            buffer: vec![0; limits::READ_CHUNK],
        }
    }

    /// Serves until the core is gone; then what is being closed is still written, for a moment.
    pub(crate) fn run(mut self) -> io::Result<()> {
        loop {
            let ready = self.wait()?;
            if self.serve(&ready).is_err() {
                break;
            }
        }
        // Nobody is left to hear how it went, here and below.
        while let Ok(command) = self.commands.try_recv() {
            let _ = self.carry_out(command);
        }
        self.listeners.clear();
        // One of which everything is written stays too: if it went while the other side still sends, the reset that
        // answers this could overtake the last words.
        self.conns.retain(|_, conn| matches!(conn.state, State::Closing { .. }));
        let deadline = Instant::now() + limits::LAST_WORDS;
        for conn in self.conns.values_mut() {
            conn.hurry(deadline);
        }
        while !self.conns.is_empty() {
            let ready = self.wait()?;
            self.bell.hush();
            for id in &ready.conns {
                let _ = self.attend(*id);
            }
            let now = Instant::now();
            self.conns.retain(|_, conn| !conn.is_over(now));
        }
        Ok(())
    }

    fn serve(&mut self, ready: &Ready) -> Result<(), CoreGone> {
        if ready.bell {
            self.bell.hush();
            loop {
                match self.commands.try_recv() {
                    Ok(command) => self.carry_out(command)?,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Err(CoreGone),
                }
            }
        }
        for listener in &ready.listeners {
            self.accept(*listener)?;
        }
        for conn in &ready.conns {
            self.attend(*conn)?;
        }
        let now = Instant::now();
        self.conns.retain(|_, conn| !conn.is_over(now));
        let dropped = self.listeners.values_mut().filter_map(|listener| listener.drops.as_mut());
        let dropped: Vec<_> = dropped.flat_map(|drops| drops.look(now)).collect();
        for (what, segments) in dropped {
            self.report(SessionInput::Dropped { what, segments })?;
        }
        Ok(())
    }

    fn report(&self, input: SessionInput) -> Result<(), CoreGone> {
        self.core.send(input).map_err(|_| CoreGone)
    }

    fn carry_out(&mut self, command: Transport) -> Result<(), CoreGone> {
        match command {
            Transport::Listen { listener, local, vpn, protection } => {
                let result = self.listen(listener, local, &vpn, &protection);
                self.report(SessionInput::Listening { listener, result })
            }
            Transport::Unlisten { listener } => {
                self.listeners.remove(&listener);
                Ok(())
            }
            Transport::Dial { conn, local, remote, vpn, protection } => {
                self.dial(conn, local, remote, &vpn, &protection)
            }
            Transport::Hold { conn, hold } => {
                if let Some(conn) = self.conns.get(&conn) {
                    socket::outlive(&conn.socket, hold);
                }
                Ok(())
            }
            Transport::Send { conn: id, bytes } => {
                if let Some(conn) = self.conns.get_mut(&id) {
                    conn.push(bytes);
                    self.write(id)?;
                }
                Ok(())
            }
            Transport::Close { conn: id, abort } => {
                let Some(conn) = self.conns.get_mut(&id) else { return Ok(()) };
                if abort || conn.state != State::Open {
                    // No linger: the other side is to know at once, and nothing of ours is to arrive later.
                    let _ = SockRef::from(&conn.socket).set_linger(Some(Duration::ZERO));
                    self.conns.remove(&id);
                    return Ok(());
                }
                conn.begin_close(limits::CLOSE_LINGER);
                self.write(id)?;
                self.bound_lingering();
                Ok(())
            }
        }
    }

    /// A peer that comes and is refused, over and over, must not use up our descriptors.
    fn bound_lingering(&mut self) {
        let closing = self.conns.iter().filter_map(|(id, conn)| match conn.state {
            State::Closing { until } => Some((until, *id)),
            State::Dialling { .. } | State::Open => None,
        });
        let closing: Vec<(Instant, ConnId)> = closing.collect();
        if closing.len() > limits::LINGERING
            && let Some((_, oldest)) = closing.into_iter().min()
        {
            self.conns.remove(&oldest);
        }
    }

    fn listen(
        &mut self,
        listener: ListenId,
        local: SocketAddr,
        vpn: &VpnInstance,
        protection: &Protection,
    ) -> Result<(), Cause> {
        let place = self.places.place(vpn);
        let socket = socket::listen(place, local, protection).map_err(|e| {
            match Errno::from_raw(e.raw_os_error().unwrap_or(0)) {
                Errno::EADDRINUSE => Cause::PortInUse { owner: port_owner(place, local) },
                _ => cause(&e),
            }
        })?;
        let (hold, drops) = (protection.hold, Drops::open(place));
        self.listeners.insert(listener, Listener { socket, rests_until: None, hold, drops });
        Ok(())
    }

    fn dial(
        &mut self,
        conn: ConnId,
        local: IpAddr,
        remote: SocketAddr,
        vpn: &VpnInstance,
        protection: &Protection,
    ) -> Result<(), CoreGone> {
        let place = self.places.place(vpn);
        match socket::dial(place, local, remote, protection) {
            Ok(socket) => {
                let least = protect::least_ttl(place, local, protection);
                let protection = Some((least, protection.clone()));
                let mut new = Conn::new(socket, State::Dialling { remote });
                new.protection = protection;
                self.conns.insert(conn, new);
                Ok(())
            }
            Err(e) => self.report(SessionInput::DialFailed { conn, cause: cause(&e) }),
        }
    }

    fn accept(&mut self, id: ListenId) -> Result<(), CoreGone> {
        // A flood of connections must not keep us from what was ordered, nor from the connection that stands.
        for _ in 0..limits::ACCEPTS_AT_ONCE {
            let Some(listener) = self.listeners.get_mut(&id) else { return Ok(()) };
            let error = match listener.socket.accept() {
                Ok((socket, remote)) => {
                    let Some(remote) = remote.as_socket() else { continue };
                    if let Err(error) = socket::accepted(&socket, remote, listener.hold) {
                        tracing::debug!(%error, %remote, "an accepted connection is gone already");
                        continue;
                    }
                    let conn = ConnId(ACCEPTED | self.accepted);
                    self.accepted += 1;
                    self.conns.insert(conn, Conn::new(socket, State::Open));
                    self.report(SessionInput::Connected { conn, role: Role::Accepted, remote })?;
                    continue;
                }
                Err(error) => error,
            };
            match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
                Errno::EAGAIN => return Ok(()),
                Errno::EINTR | Errno::ECONNABORTED => {}
                // The socket itself is no listener any more.
                Errno::EBADF | Errno::EINVAL | Errno::ENOTSOCK | Errno::EOPNOTSUPP => {
                    self.listeners.remove(&id);
                    return self.report(SessionInput::Listening { listener: id, result: Err(cause(&error)) });
                }
                // Descriptors or memory are short, or one connection came to nothing.
                _ => {
                    listener.rests_until = Some(Instant::now() + limits::ACCEPT_PAUSE);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Looks after a connection that `poll` named.
    fn attend(&mut self, id: ConnId) -> Result<(), CoreGone> {
        match self.conns.get(&id).map(|conn| conn.state) {
            None => Ok(()),
            Some(State::Dialling { remote }) => self.dialled(id, remote),
            Some(State::Open | State::Closing { .. }) => {
                self.read(id)?;
                self.write(id)
            }
        }
    }

    fn dialled(&mut self, id: ConnId, remote: SocketAddr) -> Result<(), CoreGone> {
        let Some(conn) = self.conns.get_mut(&id) else { return Ok(()) };
        let outcome = match conn.socket.take_error() {
            Ok(None) => conn.socket.peer_addr().and_then(|_| conn.protect(remote)),
            Ok(Some(error)) | Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => {
                conn.state = State::Open;
                self.report(SessionInput::Connected { conn: id, role: Role::Dialled, remote })
            }
            // Woken too early: the handshake goes on.
            Err(e) if e.kind() == io::ErrorKind::NotConnected => Ok(()),
            Err(e) => {
                self.conns.remove(&id);
                self.report(SessionInput::DialFailed { conn: id, cause: cause(&e) })
            }
        }
    }

    fn read(&mut self, id: ConnId) -> Result<(), CoreGone> {
        self.read_some(id).map(|_| ())
    }

    /// True when there may be more.
    fn read_some(&mut self, id: ConnId) -> Result<bool, CoreGone> {
        let Some(conn) = self.conns.get(&id) else { return Ok(false) };
        let open = conn.state == State::Open;
        let mut gone = Ok(());
        let core = &self.core;
        let end = conn.read(&mut self.buffer, |bytes| {
            if open && gone.is_ok() {
                gone = core.send(SessionInput::Bytes { conn: id, bytes: bytes.to_vec() });
            }
        });
        gone.map_err(|_| CoreGone)?;
        match end {
            Ok(ReadEnd::More) => Ok(true),
            Ok(ReadEnd::Dry) => Ok(false),
            Ok(ReadEnd::Closed) => self.lost(id, Cause::Closed).map(|()| false),
            Err(e) => self.lost(id, cause(&e)).map(|()| false),
        }
    }

    fn write(&mut self, id: ConnId) -> Result<(), CoreGone> {
        let Some(conn) = self.conns.get_mut(&id) else { return Ok(()) };
        if matches!(conn.state, State::Dialling { .. }) {
            return Ok(());
        }
        match conn.write() {
            Ok(0) => Ok(()),
            Ok(bytes) if conn.state == State::Open => self.report(SessionInput::Written { conn: id, bytes }),
            Ok(_) => Ok(()),
            Err(e) => {
                // What the other side said before it went is worth more than that we could not write.
                while self.read_some(id)? {}
                self.lost(id, cause(&e))
            }
        }
    }

    fn lost(&mut self, id: ConnId, cause: Cause) -> Result<(), CoreGone> {
        match self.conns.remove(&id) {
            Some(conn) if conn.state == State::Open => self.report(SessionInput::Closed { conn: id, cause }),
            _ => Ok(()),
        }
    }

    /// Sleeps until something is to be done.
    fn wait(&self) -> io::Result<Ready> {
        let now = Instant::now();
        let mut fds = vec![PollFd::new(self.bell.as_fd(), PollFlags::POLLIN)];
        let mut alarm: Option<Instant> = None;
        let mut earliest = |at: Instant| alarm = Some(alarm.map_or(at, |alarm| alarm.min(at)));
        let mut listeners = Vec::new();
        for (id, listener) in &self.listeners {
            listener.drops.iter().for_each(|drops| earliest(drops.due()));
            match listener.rests_until.filter(|until| *until > now) {
                Some(until) => earliest(until),
                None => {
                    listeners.push(*id);
                    fds.push(PollFd::new(listener.socket.as_fd(), PollFlags::POLLIN));
                }
            }
        }
        for conn in self.conns.values() {
            let mut events = PollFlags::POLLIN;
            match conn.state {
                State::Dialling { .. } => events = PollFlags::POLLOUT,
                State::Open => {}
                State::Closing { until } => earliest(until),
            }
            if conn.has_output() {
                events |= PollFlags::POLLOUT;
            }
            fds.push(PollFd::new(conn.socket.as_fd(), events));
        }
        let patience = alarm.map_or(PollTimeout::NONE, |at| {
            // A millisecond more, so that it is not woken just before the time.
            let left = at.saturating_duration_since(now) + Duration::from_millis(1);
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
        });
        match poll(&mut fds, patience) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        let mut ready = fds.iter().map(|fd| fd.any().unwrap_or(false));
        let bell = ready.next().unwrap_or(false);
        let named = |ready: &mut dyn Iterator<Item = bool>, ids: Vec<ListenId>| {
            ids.into_iter().zip(ready).filter(|(_, ready)| *ready).map(|(id, _)| id).collect::<Vec<_>>()
        };
        let count = listeners.len();
        let listeners = named(&mut ready.by_ref().take(count), listeners);
        let conns = self.conns.keys().zip(ready).filter(|(_, ready)| *ready).map(|(id, _)| *id).collect();
        Ok(Ready { bell, listeners, conns })
    }
}

/// What `poll` named.
struct Ready {
    bell: bool,
    listeners: Vec<ListenId>,
    conns: Vec<ConnId>,
}

/// Who has the port, in the namespace that it was asked for in.
pub(super) fn port_owner(place: &Place, address: SocketAddr) -> Option<String> {
    let look = || Ok(ports::port_owner_on(place.device(), address, None));
    match netns::within_or_here(place.netns(), look) {
        Ok(owner) => owner.map(|owner| owner.what),
        Err(error) => {
            tracing::debug!(%error, "cannot find out who has the port");
            None
        }
    }
}

fn cause(error: &io::Error) -> Cause {
    match Errno::from_raw(error.raw_os_error().unwrap_or(0)) {
        Errno::ECONNREFUSED | Errno::ECONNRESET | Errno::EPIPE => Cause::Refused,
        // No answer to ARP or ND is silence, too.
        Errno::ETIMEDOUT | Errno::EHOSTUNREACH => Cause::TimedOut,
        _ => Cause::Other(error.to_string()),
    }
}

#[cfg(test)]
mod guard_tests;
#[cfg(test)]
mod tests;
