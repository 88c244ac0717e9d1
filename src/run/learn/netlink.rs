//! Two rtnetlink sockets of one network namespace: one hears notices, the other one dumps.
//!
//! Why nothing can be missed. The notices are subscribed to *before* the first dump is asked for, so a change is either
//! in a dump or in a notice, or in both. Dumps come by their own socket, so a long dump never takes room from notices.
//! Whatever could still lose something is reported to the caller, who dumps again:
//!
//! - the kernel dropped notices because our buffer was full (ENOBUFS): [`Trouble::overflowed`];
//! - the kernel says that the table changed under the dump (NLM_F_DUMP_INTR): [`Trouble::interrupted`].
//!
//! What the kernel does not say of itself, the resized hash table and the shifted row, is watched for in
//! [`super::resync`].
//!
//! Invariant: never blocks but in `poll`, where the bell is heard as well.

use super::decode::{Body, Message, messages};
use crate::run::wake::Wake;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;
use thiserror::Error;

/// The kernel makes no datagram of a dump longer than 32 KiB; a notice of a device with many virtual functions can be.
const DATAGRAM_FIRST: usize = 256 * 1024;
/// Notices that are read in one go before anything else gets its turn.
const NOTICES_AT_ONCE: usize = 256;

/// Why reading stopped.
#[derive(Debug, Error)]
pub(crate) enum NetlinkError {
    /// The bell was rung.
    #[error("stopped")]
    Stopped,
    /// The system's words.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Errno> for NetlinkError {
    fn from(e: Errno) -> Self {
        NetlinkError::Io(e.into())
    }
}

/// Where a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The kernel told it of its own accord.
    Notice,
    /// It was asked for.
    Dump,
}

/// What was noticed beside the messages themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// Notices were dropped.
    pub(crate) overflowed: bool,
    /// The dump is inconsistent.
    pub(crate) interrupted: bool,
}

/// What can be dumped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Network devices.
    Links,
    /// Addresses of both families.
    Addresses,
    /// Neighbours of a family.
    Neighbors(i32),
    /// The FDBs of all bridges.
    Fdb,
    /// The layout of the neighbours' hash tables.
    Layout,
}

impl Table {
    /// The message type, and the header that the kernel expects behind the netlink header.
    fn request(self) -> (u16, Vec<u8>) {
        match self {
            Table::Links => (libc::RTM_GETLINK, vec![0; 16]),
            Table::Addresses => (libc::RTM_GETADDR, vec![0; 8]),
            Table::Neighbors(family) => (libc::RTM_GETNEIGH, with_family(family)),
            Table::Fdb => (libc::RTM_GETNEIGH, with_family(libc::AF_BRIDGE)),
            Table::Layout => (libc::RTM_GETNEIGHTBL, vec![0; 4]),
        }
    }
}

/// `struct ndmsg` with only the family set.
fn with_family(family: i32) -> Vec<u8> {
    let mut header = vec![0; 12];
    header[0] = u8::try_from(family).expect("address families are small numbers");
    header
}

/// The two sockets.
pub(crate) struct Channel {
    notices: Socket,
    dumps: Socket,
    sequence: u32,
    buffer: Vec<u8>,
    receive_buffer: usize,
}

impl Channel {
    /// Opens both in the namespace of the calling thread and subscribes to `groups`.
    pub(crate) fn open(groups: &[u32], receive_buffer: usize) -> io::Result<Channel> {
        let notices = socket()?;
        for group in groups {
            notices.add_membership(*group)?;
        }
        let dumps = socket()?;
        let mut channel =
            Channel { notices, dumps, sequence: 0, buffer: vec![0; DATAGRAM_FIRST], receive_buffer };
        channel.enlarge(receive_buffer);
        Ok(channel)
    }

    /// The size of the notices' buffer that was asked for last.
    pub(crate) fn receive_buffer(&self) -> usize {
        self.receive_buffer
    }

    /// Asks for a receive buffer of so many bytes; without the privilege, as many as the system grants.
    pub(crate) fn enlarge(&mut self, bytes: usize) {
        self.receive_buffer = bytes;
        if setsockopt(&self.notices, sockopt::RcvBufForce, &bytes).is_err() {
            // An unprivileged user namespace lacks the right; net.core.rmem_max caps this one.
            let _ = setsockopt(&self.notices, sockopt::RcvBuf, &bytes);
        }
    }

    /// Reads the notices that wait, at most a round of them.
    pub(crate) fn read_notices(
        &mut self,
        each: &mut impl FnMut(Source, Body),
    ) -> Result<Trouble, NetlinkError> {
        let mut trouble = Trouble::default();
        for _ in 0..NOTICES_AT_ONCE {
            match receive(&self.notices, &mut self.buffer)? {
                Received::Nothing => break,
                Received::Lost => trouble.overflowed = true,
                Received::Datagram(length) => {
                    for message in messages(&self.buffer[..length]) {
                        each(Source::Notice, message.body);
                    }
                }
            }
        }
        Ok(trouble)
    }

    /// Throws away every notice that is waiting. After an overflow the ones that wait are older than the ones that
    /// were dropped: read behind a dump, they would bring back what the dump has overtaken.
    pub(crate) fn discard_notices(&mut self, bell: &Wake) -> Result<(), NetlinkError> {
        loop {
            for _ in 0..NOTICES_AT_ONCE {
                if let Received::Nothing = receive(&self.notices, &mut self.buffer)? {
                    return Ok(());
                }
            }
            wait_for_notices(&[], bell, Some(Duration::ZERO))?;
        }
    }

    /// Dumps a table, and hears the notices that arrive meanwhile.
    pub(crate) fn dump(
        &mut self,
        table: Table,
        bell: &Wake,
        each: &mut impl FnMut(Source, Body),
    ) -> Result<Trouble, NetlinkError> {
        self.ask(table)?;
        let mut trouble = Trouble::default();
        loop {
            let (notices, dumps) = self.wait(bell)?;
            if notices {
                trouble.overflowed |= self.read_notices(each)?.overflowed;
            }
            if !dumps {
                continue;
            }
            let length = match receive(&self.dumps, &mut self.buffer)? {
                Received::Nothing => continue,
                // A dump waits for room, it is never dropped; a single answer could be.
                Received::Lost => {
                    trouble.interrupted = true;
                    continue;
                }
                Received::Datagram(length) => length,
            };
            for Message { sequence, interrupted, body } in messages(&self.buffer[..length]) {
                if sequence != self.sequence {
                    continue;
                }
                trouble.interrupted |= interrupted;
                match body {
                    Body::Done(0) | Body::Error(0) => return Ok(trouble),
                    Body::Done(code) | Body::Error(code) => {
                        return Err(io::Error::from_raw_os_error(code.saturating_neg()).into());
                    }
                    body => each(Source::Dump, body),
                }
            }
        }
    }

    fn ask(&mut self, table: Table) -> Result<(), NetlinkError> {
        let (kind, header) = table.request();
        self.sequence = self.sequence.wrapping_add(1).max(1);
        let flags = netlink_packet_core::NLM_F_REQUEST | netlink_packet_core::NLM_F_DUMP;
        let mut request = Vec::with_capacity(16 + header.len());
        let length = u32::try_from(16 + header.len()).expect("a header is short");
        request.extend(length.to_ne_bytes());
        request.extend(kind.to_ne_bytes());
        request.extend(flags.to_ne_bytes());
        request.extend(self.sequence.to_ne_bytes());
        request.extend(0u32.to_ne_bytes());
        request.extend(header);
        self.dumps.send_to(&request, &SocketAddr::new(0, 0), 0)?;
        Ok(())
    }

    /// Waits for either socket: (notices, dumps).
    fn wait(&self, bell: &Wake) -> Result<(bool, bool), NetlinkError> {
        let mut fds = [
            PollFd::new(bell.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.notices.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.dumps.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(e) => return Err(e.into()),
        }
        let ready = |fd: &PollFd<'_>| fd.any().unwrap_or(false);
        if ready(&fds[0]) {
            return Err(NetlinkError::Stopped);
        }
        Ok((ready(&fds[1]), ready(&fds[2])))
    }
}

impl AsFd for Channel {
    /// Readable when notices wait.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.notices.as_fd()
    }
}

/// Waits until one of the sockets has something, the bell is rung, or the time is up.
pub(crate) fn wait_for_notices(
    channels: &[&Channel],
    bell: &Wake,
    patience: Option<Duration>,
) -> Result<(), NetlinkError> {
    let mut fds = vec![PollFd::new(bell.as_fd(), PollFlags::POLLIN)];
    fds.extend(channels.iter().map(|c| PollFd::new(c.notices.as_fd(), PollFlags::POLLIN)));
    let patience =
        patience.map_or(PollTimeout::NONE, |p| PollTimeout::try_from(p).unwrap_or(PollTimeout::MAX));
    match poll(&mut fds, patience) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(e) => return Err(e.into()),
    }
    if fds[0].any().unwrap_or(false) { Err(NetlinkError::Stopped) } else { Ok(()) }
}

/// A socket of its own in the calling thread's namespace.
pub(crate) fn socket() -> io::Result<Socket> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    socket.set_non_blocking(true)?;
    Ok(socket)
}

/// What was read.
pub(crate) enum Received {
    /// There is nothing.
    Nothing,
    /// There was something, which was dropped.
    Lost,
    /// A datagram of so many bytes.
    Datagram(usize),
}

/// Reads a datagram, if one waits.
pub(crate) fn receive(socket: &Socket, buffer: &mut Vec<u8>) -> Result<Received, NetlinkError> {
    loop {
        // MSG_TRUNC answers the datagram's true length.
        match socket.recv(&mut &mut buffer[..], libc::MSG_TRUNC) {
            Ok(length) if length > buffer.len() => {
                buffer.resize(length.next_power_of_two(), 0);
                return Ok(Received::Lost);
            }
            Ok(length) => return Ok(Received::Datagram(length)),
            Err(e) => match e.raw_os_error().map(Errno::from_raw) {
                Some(Errno::EAGAIN) => return Ok(Received::Nothing),
                Some(Errno::EINTR) => {}
                Some(Errno::ENOBUFS) => return Ok(Received::Lost),
                _ => return Err(e.into()),
            },
        }
    }
}
