//! One connection's socket and what waits to be written to it.

use super::protect;
use crate::limits;
use crate::session::io::Protection;
use socket2::Socket;
use std::collections::VecDeque;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

/// Buffers that one system call takes at most.
const SLICES: usize = 64;
/// Chunks that one connection may read before the others have their turn.
const CHUNKS_AT_ONCE: usize = 4;

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The dial is under way.
    Dialling {
        /// To there.
        remote: SocketAddr,
    },
    /// It stands.
    Open,
    /// Its owner closed it: what was handed over is still written, what comes is thrown away. The socket is not simply
    /// closed, because bytes that nobody read would make the kernel answer with a reset, and that could overtake the
    /// last words on their way.
    Closing {
        /// At the latest it goes then.
        until: Instant,
    },
}

/// A connection.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) socket: Socket,
    pub(super) state: State,
    out: VecDeque<Vec<u8>>,
    /// Of the first buffer, already written.
    offset: usize,
    shut: bool,
    /// What a dialled one is to be protected with once it stands: the least TTL.
    pub(super) protection: Option<(Option<u8>, Protection)>,
}

/// What reading came to.
pub(super) enum ReadEnd {
    /// There is no more for now.
    Dry,
    /// There may be more; others first.
    More,
    /// The other side is done.
    Closed,
}

impl Conn {
    pub(super) fn new(socket: Socket, state: State) -> Conn {
        Conn { socket, state, out: VecDeque::new(), offset: 0, shut: false, protection: None }
    }

    /// It stands: from here on only what comes from near enough is taken.
    pub(super) fn protect(&mut self, remote: SocketAddr) -> io::Result<()> {
        let Some((least, protection)) = self.protection.take() else { return Ok(()) };
        protect::set_least_ttl(&self.socket, remote.ip(), least, &protection)
    }

    /// Something waits to be written.
    pub(super) fn has_output(&self) -> bool {
        !self.out.is_empty()
    }

    pub(super) fn push(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.out.push_back(bytes);
        }
    }

    /// No more will be pushed.
    pub(super) fn begin_close(&mut self, linger: Duration) {
        self.state = State::Closing { until: Instant::now() + linger };
    }

    /// It has to be closed by then.
    pub(super) fn hurry(&mut self, deadline: Instant) {
        if let State::Closing { until } = &mut self.state {
            *until = (*until).min(deadline);
        }
    }

    /// Its time to close is up.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        matches!(self.state, State::Closing { until } if until <= now)
    }

    /// Writes what the kernel takes, and answers how many bytes that was.
    pub(super) fn write(&mut self) -> io::Result<u64> {
        let mut written = 0;
        while !self.out.is_empty() {
            let skip = std::iter::once(self.offset).chain(std::iter::repeat(0));
            let slices: Vec<IoSlice<'_>> =
                self.out.iter().zip(skip).take(SLICES).map(|(b, skip)| IoSlice::new(&b[skip..])).collect();
            match (&self.socket).write_vectored(&slices) {
                Ok(n) => {
                    written += n as u64;
                    self.consume(n);
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        if self.out.is_empty() && matches!(self.state, State::Closing { .. }) && !self.shut {
            self.shut = true;
            self.socket.shutdown(Shutdown::Write)?;
        }
        Ok(written)
    }

    fn consume(&mut self, mut n: usize) {
        while let Some(first) = self.out.front() {
            let left = first.len() - self.offset;
            if n < left {
                self.offset += n;
                return;
            }
            n -= left;
            self.offset = 0;
            self.out.pop_front();
        }
    }

    /// Reads what is there, chunk by chunk.
    pub(super) fn read(&self, buffer: &mut [u8], mut each: impl FnMut(&[u8])) -> io::Result<ReadEnd> {
        debug_assert!(buffer.len() <= limits::READ_CHUNK);
        for _ in 0..CHUNKS_AT_ONCE {
            match (&self.socket).read(buffer) {
                Ok(0) => return Ok(ReadEnd::Closed),
                Ok(n) => {
                    each(&buffer[..n]);
                    if n < buffer.len() {
                        return Ok(ReadEnd::Dry);
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(ReadEnd::Dry),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(ReadEnd::More)
    }
}
