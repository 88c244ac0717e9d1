//! The answering end of the control socket.
//!
//! One thread over `poll`. A client is read while it has no question open, and its answer waits in its own buffer until
//! it takes it: a client that does not read holds up itself and nobody else. Questions about the node go to the core,
//! which answers between two inputs and never waits for SAI; questions about the ASIC go to a thread of their own, one
//! at a time; so do commits of a configuration.
//!
//! Invariant: what a client may do is decided once, when it connects ([`Level`]); the socket's rights keep away whoever
//! may do nothing.

use super::access::{Level, Monitors, level_of};
use super::protocol::{ConfigureQuery, REQUEST_MAX, Reply, Request};
use super::read_back::ReadBack;
use crate::limits;
use crate::run::StartError;
use crate::run::configure::{Configurator, Outlets};
use crate::run::core::Question;
use crate::run::thread::Guest;
use crate::run::wake::Wake;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use thiserror::Error;

/// The longest path that a Unix socket can have: `sun_path` without its NUL.
const SUN_PATH_MAX: usize = 107;

/// Why the control socket was not made.
#[derive(Debug, Error)]
pub(crate) enum ControlError {
    /// Somebody answers there.
    #[error("another daemon answers there")]
    Live,
    /// A file that is no socket: not ours to replace.
    #[error("there is a file already, and it is no socket")]
    NoSocket,
    /// The system would only name a constant.
    #[error("its path is too long: a socket's path, with room for a process id, has at most {most} bytes")]
    TooLong {
        /// The longest that this process can make.
        most: usize,
    },
    /// The directory cannot be made or written, …
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A control socket that listens; dropping it takes its file away.
#[derive(Debug)]
pub(crate) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of our file: another daemon may have made its own in the same place since.
    file: (u64, u64),
}

impl ControlSocket {
    /// Makes it for an instance that starts.
    pub(crate) fn open(path: &Path, monitors: &Monitors) -> Result<ControlSocket, StartError> {
        Self::bind(path, monitors)
            .map_err(|e| StartError::Control { path: path.to_owned(), why: e.to_string() })
    }

    /// Makes it. The file of a daemon that is dead is replaced.
    pub(crate) fn bind(path: &Path, monitors: &Monitors) -> Result<ControlSocket, ControlError> {
        if let Ok(there) = fs::symlink_metadata(path) {
            if !there.file_type().is_socket() {
                return Err(ControlError::NoSocket);
            }
            match UnixStream::connect(path) {
                Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path)?,
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                // A daemon whose queue is full is a live one.
                _ => return Err(ControlError::Live),
            }
        }
        // Made under another name and moved, so that it is never there with wider rights than it ends up with.
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(format!(".{}", std::process::id()));
        let temporary = PathBuf::from(temporary);
        if let Some(over) = temporary.as_os_str().len().checked_sub(SUN_PATH_MAX + 1) {
            return Err(ControlError::TooLong { most: path.as_os_str().len() - over - 1 });
        }
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let _ = fs::remove_file(&temporary);
        let listener = UnixListener::bind(&temporary)?;
        // The group before its rights.
        let ready = fs::set_permissions(&temporary, fs::Permissions::from_mode(0o600))
            .and_then(|()| monitors.hand_over(&temporary))
            .and_then(|()| fs::set_permissions(&temporary, fs::Permissions::from_mode(monitors.mode())))
            .and_then(|()| listener.set_nonblocking(true))
            .and_then(|()| fs::rename(&temporary, path))
            .and_then(|()| fs::symlink_metadata(path));
        match ready {
            Ok(metadata) => Ok(ControlSocket { listener, path: path.to_owned(), file: identity(&metadata) }),
            Err(error) => {
                let _ = fs::remove_file(&temporary);
                Err(error.into())
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|there| identity(&there) == self.file) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

struct Client {
    stream: UnixStream,
    level: Level,
    input: Vec<u8>,
    output: VecDeque<u8>,
    /// A question of its is open: nothing more is read until it is answered.
    asking: bool,
    /// Nothing more is read at all; it goes when everything is written.
    leaving: bool,
}

impl Client {
    fn say(&mut self, reply: &Reply) {
        match serde_json::to_vec(reply) {
            Ok(text) => self.output.extend(text),
            Err(error) => self.output.extend(format!(r#"{{"reply":"error","text":"{error}"}}"#).into_bytes()),
        }
        self.output.push_back(b'\n');
    }

    fn refuse(&mut self, text: impl Into<String>) {
        self.say(&Reply::Error { text: text.into() });
    }
}

/// The server, ready to run on its thread.
pub(crate) struct Server {
    socket: ControlSocket,
    core: Sender<Question>,
    read_back: ReadBack,
    commits: Arc<Commits>,
    guest: Guest,
    answers_in: Sender<(u64, Reply)>,
    answers: Receiver<(u64, Reply)>,
    bell: Arc<Wake>,
    stop: Arc<AtomicBool>,
    clients: BTreeMap<u64, Client>,
    named: u64,
    reading_back: Arc<AtomicBool>,
    committing: Arc<AtomicBool>,
    /// Nobody is accepted before: descriptors are short.
    rests_until: Option<Instant>,
}

impl Server {
    /// A server behind that socket.
    pub(crate) fn new(
        socket: ControlSocket,
        core: Sender<Question>,
        read_back: ReadBack,
        commits: Arc<Commits>,
        guest: Guest,
        bell: Arc<Wake>,
        stop: Arc<AtomicBool>,
    ) -> Server {
        // One question per client at most: an answer always has room.
        let (answers_in, answers) = bounded(limits::CONTROL_CLIENTS + 1);
        Server {
            socket,
            core,
            read_back,
            commits,
            guest,
            answers_in,
            answers,
            bell,
            stop,
            clients: BTreeMap::new(),
            named: 0,
            reading_back: Arc::new(AtomicBool::new(false)),
            committing: Arc::new(AtomicBool::new(false)),
            rests_until: None,
        }
    }

    /// Serves until it is told to stop.
    pub(crate) fn run(mut self) -> io::Result<()> {
        while !self.stop.load(Ordering::Relaxed) {
            let (listening, ready) = self.wait()?;
            self.bell.hush();
            while let Ok((name, reply)) = self.answers.try_recv() {
                if let Some(client) = self.clients.get_mut(&name) {
                    client.asking = false;
                    client.say(&reply);
                    self.attend(name);
                }
            }
            for (name, hung_up) in ready {
                // Whoever waits for an answer and goes away would ring for ever.
                if hung_up && self.clients.get(&name).is_some_and(|client| client.asking) {
                    self.clients.remove(&name);
                }
                self.attend(name);
            }
            if listening {
                self.accept();
            }
        }
        Ok(())
    }

    fn wait(&self) -> io::Result<(bool, Vec<(u64, bool)>)> {
        let gone = PollFlags::POLLHUP | PollFlags::POLLERR;
        let rest = self.rests_until.and_then(|until| until.checked_duration_since(Instant::now()));
        let listens = if rest.is_some() { PollFlags::empty() } else { PollFlags::POLLIN };
        let patience = rest.map_or(PollTimeout::NONE, |rest| {
            // A millisecond more, so that it is not woken just before the time.
            PollTimeout::try_from(rest + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX)
        });
        let mut fds = vec![
            PollFd::new(self.bell.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.socket.listener.as_fd(), listens),
        ];
        for client in self.clients.values() {
            let mut events = PollFlags::empty();
            events.set(PollFlags::POLLIN, !client.asking && !client.leaving && client.output.is_empty());
            events.set(PollFlags::POLLOUT, !client.output.is_empty());
            fds.push(PollFd::new(client.stream.as_fd(), events));
        }
        match poll(&mut fds, patience) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        let events: Vec<PollFlags> = fds.iter().map(|fd| fd.revents().unwrap_or(gone)).collect();
        let named = self.clients.keys().zip(&events[2..]).filter(|(_, events)| !events.is_empty());
        let named = named.map(|(name, events)| (*name, events.intersects(gone)));
        Ok((!events[1].is_empty(), named.collect()))
    }

    fn accept(&mut self) {
        loop {
            let stream = match self.socket.listener.accept() {
                Ok((stream, _)) => stream,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => {
                    // Whoever knocks goes on knocking: without a rest this would be a loop that never sleeps.
                    self.rests_until = Some(Instant::now() + limits::ACCEPT_PAUSE);
                    return;
                }
            };
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            let level = level_of(&stream);
            let (input, output) = (Vec::new(), VecDeque::new());
            let mut client = Client { stream, level, input, output, asking: false, leaving: false };
            if self.clients.len() >= limits::CONTROL_CLIENTS {
                client.refuse(format!("{} clients are connected already", limits::CONTROL_CLIENTS));
                // It fits into an empty socket's buffer; if not, closing says enough.
                let _ = client.stream.write(client.output.make_contiguous());
                continue;
            }
            self.named += 1;
            self.clients.insert(self.named, client);
        }
    }

    /// Writes and reads what can be, and takes the next question.
    fn attend(&mut self, name: u64) {
        let Some(mut client) = self.clients.remove(&name) else { return };
        if self.serve(name, &mut client).is_ok() && !(client.leaving && client.output.is_empty()) {
            self.clients.insert(name, client);
        }
    }

    fn serve(&self, name: u64, client: &mut Client) -> io::Result<()> {
        loop {
            while !client.output.is_empty() {
                match client.stream.write(client.output.as_slices().0) {
                    Ok(n) => _ = client.output.drain(..n),
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
            // A long answer's room is given back.
            client.output.shrink_to(REQUEST_MAX);
            if client.asking || client.leaving {
                return Ok(());
            }
            if let Some(end) = client.input.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = client.input.drain(..=end).collect();
                self.take(name, client, &line);
                continue;
            }
            if client.input.len() > REQUEST_MAX {
                client.refuse(format!("a request is one line of at most {REQUEST_MAX} bytes"));
                client.leaving = true;
                continue;
            }
            let mut buffer = [0; 4096];
            match client.stream.read(&mut buffer) {
                Ok(0) => client.leaving = true,
                Ok(n) => client.input.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    fn take(&self, name: u64, client: &mut Client, line: &[u8]) {
        let request: Request = match serde_json::from_slice(line) {
            Ok(request) => request,
            Err(_) if line.trim_ascii().is_empty() => return,
            Err(error) => return client.refuse(format!("not a request: {error}")),
        };
        if client.level < request.level() {
            return client.refuse(format!(
                "this needs the {} level, and you have the {} level: ask as the daemon's user or as root",
                request.level(),
                client.level
            ));
        }
        if request == Request::ShowLevel {
            let level = client.level;
            return client.say(&Reply::Level { level });
        }
        let (answers, bell) = (self.answers_in.clone(), self.bell.clone());
        let answer = move |reply| {
            let _ = answers.try_send((name, reply));
            bell.ring();
        };
        client.asking = true;
        let refused = match request {
            Request::DumpAsic | Request::Verify | Request::Repair => self.read_back(request, answer),
            Request::Configure(query) => self.configure(query, answer),
            request => {
                let question = Question { request, keys: Vec::new(), answer: Box::new(answer) };
                match self.core.try_send(question) {
                    Ok(()) => None,
                    Err(TrySendError::Full(_)) => Some("the daemon is too busy to answer".to_owned()),
                    Err(TrySendError::Disconnected(_)) => Some("the daemon is stopping".to_owned()),
                }
            }
        };
        if let Some(text) = refused {
            client.asking = false;
            client.refuse(text);
        }
    }

    /// Reads the ASIC back on a thread of its own. Answers why not.
    fn read_back(&self, request: Request, answer: impl FnOnce(Reply) + Send + 'static) -> Option<String> {
        let work = self.read_back.clone();
        let read = move || {
            let reply = match request {
                Request::DumpAsic => work.dump().map(Reply::Asic),
                Request::Repair => work.repair().map(Reply::Repaired),
                _ => work.verify().map(Reply::Verify),
            };
            reply.unwrap_or_else(|error| Reply::Error { text: error.to_string() })
        };
        aside(&self.guest, "mlag-readback", &self.reading_back, read, answer).map(|why| {
            why.unwrap_or_else(|| "the ASIC is being read for somebody else; try again".to_owned())
        })
    }

    /// Checks and commits on a thread of its own. Answers why not.
    fn configure(
        &self,
        query: ConfigureQuery,
        answer: impl FnOnce(Reply) + Send + 'static,
    ) -> Option<String> {
        let commits = self.commits.clone();
        let commit = move || commits.configurator.lock().configure(&query, &commits.outlets);
        aside(&self.guest, "mlag-commit", &self.committing, commit, answer)
            .map(|why| why.unwrap_or_else(|| "somebody else is committing; try again".to_owned()))
    }
}

/// Does the work on a thread, one at a time, and answers. `Some(None)`: another one is at it; `Some(Some(why))`: there is
/// no thread to be had.
fn aside(
    guest: &Guest,
    name: &str,
    at_it: &Arc<AtomicBool>,
    work: impl FnOnce() -> Reply + Send + 'static,
    answer: impl FnOnce(Reply) + Send + 'static,
) -> Option<Option<String>> {
    if at_it.swap(true, Ordering::AcqRel) {
        return Some(None);
    }
    let busy = Busy(at_it.clone());
    let body = move || {
        let reply = work();
        // Free for the next one before this one hears of it.
        drop(busy);
        answer(reply);
    };
    guest.spawn(name, body).err().map(|error| Some(format!("cannot start a thread: {error}")))
}

/// The running configuration, and whom to tell of another one.
pub(crate) struct Commits {
    /// The running configuration.
    pub(crate) configurator: Mutex<Configurator>,
    /// Whom to tell.
    pub(crate) outlets: Outlets,
}

/// Somebody is at it as long as this lives.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
