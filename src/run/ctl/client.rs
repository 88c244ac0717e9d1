//! The asking end of the control socket.

use super::protocol::{Reply, Request};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// How long an answer may take that does not touch the ASIC; the daemon answers within 100 ms, the machine may not.
const ANSWER: Duration = Duration::from_secs(10);
/// How long reading the whole ASIC may take.
const ASIC_ANSWER: Duration = Duration::from_secs(150);

/// Why a daemon could not be asked.
#[derive(Debug, Error)]
pub enum ClientError {
    /// There is no socket, or nobody behind it.
    #[error("no daemon answers at {}: {source}", path.display())]
    Connect {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It answered and stopped in the middle, or not in time.
    #[error("the daemon did not answer: {0}")]
    Io(#[from] io::Error),
    /// It is stopped, or hangs.
    #[error("the daemon did not answer within {seconds} s: is it stopped, or does its SAI library hang?")]
    Late {
        /// For how long it was waited.
        seconds: u64,
    },
    /// It closed the connection.
    #[error("the daemon closed the connection")]
    Closed,
    /// It said something else than a reply: another release, perhaps.
    #[error("the daemon's answer cannot be read: {0}")]
    Reply(#[from] serde_json::Error),
}

/// A connection to a daemon's control socket.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
}

impl Client {
    /// Connects to the socket at `path`.
    pub fn connect(path: impl AsRef<Path>) -> Result<Client, ClientError> {
        let path = path.as_ref();
        let stream = UnixStream::connect(path)
            .map_err(|source| ClientError::Connect { path: path.to_owned(), source })?;
        stream.set_write_timeout(Some(ANSWER))?;
        Ok(Client { stream: BufReader::new(stream) })
    }

    /// Asks, and waits for the answer. What the daemon refuses comes as [`Reply::Error`].
    pub fn ask(&mut self, request: &Request) -> Result<Reply, ClientError> {
        let patience = match request {
            Request::DumpAsic | Request::Verify => ASIC_ANSWER,
            _ => ANSWER,
        };
        self.stream.get_ref().set_read_timeout(Some(patience))?;
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        let late = |error: io::Error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                ClientError::Late { seconds: patience.as_secs() }
            }
            _ => ClientError::Io(error),
        };
        self.stream.get_mut().write_all(&line).map_err(late)?;
        let mut answer = Vec::new();
        self.stream.read_until(b'\n', &mut answer).map_err(late)?;
        if answer.pop() != Some(b'\n') {
            return Err(ClientError::Closed);
        }
        Ok(serde_json::from_slice(&answer)?)
    }
}
