//! Requests about the kernel's neighbours, many in one system call, and what it answers to each.
//!
//! Only refusals and rows are answered, and the last request always is; the kernel works a message off before the call
//! returns, so whatever it has to say waits by then, in order, and the last answer ends the round. Where the socket's
//! buffer was too small for all of them, those of the whole round are [`Answer::Lost`]: whoever asked has to look.
//!
//! Invariant: no meaning. What to write and what follows from an answer is decided in [`super::ledger`] and
//! [`super::questions`].

use crate::addr::Mac;
use crate::limits;
use crate::run::learn::decode::{Body, NDA_FLAGS_EXT, NDA_PROTOCOL, NeighborMessage, messages};
use crate::run::learn::netlink::{NetlinkError, Received, receive, socket};
use netlink_packet_core::{NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_REQUEST};
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;
use nix::sys::socket::{setsockopt, sockopt};
use std::io;
use std::net::IpAddr;

/// What is to be there already when an entry is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Nothing.
    New,
    /// Whatever it is.
    Over,
    /// An entry.
    Change,
}

/// An entry as it is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Write {
    pub(super) how: How,
    pub(super) mac: Mac,
    /// `NUD_…`.
    pub(super) state: u16,
    /// `NTF_…`.
    pub(super) flags: u8,
    /// `NTF_EXT_…`; an attribute of its own, which is left out when there are none.
    pub(super) flags_ext: u32,
    /// `NDA_PROTOCOL`; what it was stays when it is left out.
    pub(super) protocol: Option<u8>,
}

/// What is asked of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// RTM_NEWNEIGH.
    Write(Write),
    /// RTM_DELNEIGH.
    Remove,
    /// RTM_GETNEIGH.
    Look,
}

/// … and about which entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// The device.
    pub(super) link: u32,
    /// The neighbour's address.
    pub(super) ip: IpAddr,
    pub(super) verb: Verb,
}

/// What the kernel answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It did it.
    Done,
    /// The entry that was looked for.
    Row(NeighborMessage),
    /// It did not.
    Refused(Errno),
    /// Whether it did is not known.
    Lost,
}

/// The socket that writes.
pub(super) struct Bulk {
    socket: Socket,
    port: u32,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Bulk {
    /// Opens it in the namespace of the calling thread.
    pub(super) fn open() -> io::Result<Bulk> {
        let socket = socket()?;
        let mut address = SocketAddr::new(0, 0);
        socket.get_address(&mut address)?;
        // A refusal repeats the request without this.
        socket.set_cap_ack(true)?;
        let bulk = Bulk { socket, port: address.port_number(), sequence: 0, buffer: vec![0; 256 * 1024] };
        bulk.set_buffer(limits::KERNEL_ANSWERS);
        Ok(bulk)
    }

    /// The socket's name, as notices about what it did have it.
    pub(super) fn port(&self) -> u32 {
        self.port
    }

    /// Asks for a buffer of so many bytes for answers; without the privilege, as many as the system grants.
    pub(super) fn set_buffer(&self, bytes: usize) {
        if setsockopt(&self.socket, sockopt::RcvBufForce, &bytes).is_err() {
            let _ = setsockopt(&self.socket, sockopt::RcvBuf, &bytes);
        }
    }

    /// Whether this process may write the table: an entry that cannot be is refused for what it is only to those who may.
    pub(super) fn may_write(&mut self) -> io::Result<()> {
        let nowhere = Request { link: 0, ip: IpAddr::from([0, 0, 0, 0]), verb: Verb::Remove };
        match self.round(&[nowhere])?[..] {
            [Answer::Refused(e @ (Errno::EPERM | Errno::EACCES))] => Err(e.into()),
            _ => Ok(()),
        }
    }

    /// Asks all of it, in this order, and answers each.
    pub(super) fn round(&mut self, requests: &[Request]) -> io::Result<Vec<Answer>> {
        let mut answers = vec![Answer::Done; requests.len()];
        if requests.is_empty() {
            return Ok(answers);
        }
        let first = self.sequence.wrapping_add(1);
        let mut message = Vec::with_capacity(requests.len() * 80);
        for (n, request) in requests.iter().enumerate() {
            self.sequence = self.sequence.wrapping_add(1);
            append(&mut message, self.sequence, n + 1 == requests.len(), request);
        }
        if let Err(e) = self.send(&message) {
            return match Errno::from_raw(e.raw_os_error().unwrap_or(0)) {
                // No memory for it at the moment: nothing was done.
                Errno::ENOBUFS | Errno::ENOMEM | Errno::EAGAIN => {
                    Ok(vec![Answer::Refused(Errno::EAGAIN); requests.len()])
                }
                _ => Err(e),
            };
        }
        loop {
            let length = match receive(&self.socket, &mut self.buffer).map_err(io_error)? {
                Received::Datagram(length) => length,
                Received::Nothing | Received::Lost => {
                    while !matches!(
                        receive(&self.socket, &mut self.buffer).map_err(io_error)?,
                        Received::Nothing
                    ) {}
                    return Ok(vec![Answer::Lost; requests.len()]);
                }
            };
            for answer in messages(&self.buffer[..length]) {
                let at = answer.sequence.wrapping_sub(first) as usize;
                let Some(slot) = answers.get_mut(at) else { continue };
                match answer.body {
                    Body::Neighbor { neighbor, .. } => *slot = Answer::Row(neighbor),
                    Body::Error(0) => {}
                    Body::Error(code) => *slot = Answer::Refused(Errno::from_raw(code.saturating_neg())),
                    _ => continue,
                }
                if at + 1 == answers.len() && matches!(answer.body, Body::Error(_)) {
                    return Ok(answers);
                }
            }
        }
    }

    fn send(&self, message: &[u8]) -> io::Result<()> {
        loop {
            match self.socket.send_to(message, &SocketAddr::new(0, 0), 0) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                sent => return sent.map(drop),
            }
        }
    }
}

fn io_error(e: NetlinkError) -> io::Error {
    match e {
        NetlinkError::Io(e) => e,
        NetlinkError::Stopped => io::ErrorKind::Interrupted.into(),
    }
}

fn append(out: &mut Vec<u8>, sequence: u32, last: bool, Request { link, ip, verb }: &Request) {
    let (kind, mut flags, state, ntf) = match verb {
        Verb::Write(write) => {
            let how = match write.how {
                How::New => NLM_F_CREATE | NLM_F_EXCL,
                How::Over => NLM_F_CREATE | NLM_F_REPLACE,
                How::Change => NLM_F_REPLACE,
            };
            (libc::RTM_NEWNEIGH, how, write.state, write.flags)
        }
        Verb::Remove => (libc::RTM_DELNEIGH, 0, 0, 0),
        Verb::Look => (libc::RTM_GETNEIGH, 0, 0, 0),
    };
    flags |= NLM_F_REQUEST | if last { NLM_F_ACK } else { 0 };
    let at = out.len();
    out.extend([0; 4]);
    out.extend(kind.to_ne_bytes());
    out.extend(flags.to_ne_bytes());
    out.extend(sequence.to_ne_bytes());
    out.extend([0; 4]);
    // struct ndmsg
    out.extend([if ip.is_ipv4() { libc::AF_INET as u8 } else { libc::AF_INET6 as u8 }, 0, 0, 0]);
    out.extend(link.to_ne_bytes());
    out.extend(state.to_ne_bytes());
    out.extend([ntf, 0]);
    match ip {
        IpAddr::V4(ip) => attribute(out, libc::NDA_DST, &ip.octets()),
        IpAddr::V6(ip) => attribute(out, libc::NDA_DST, &ip.octets()),
    }
    if let Verb::Write(write) = verb {
        attribute(out, libc::NDA_LLADDR, &write.mac.0);
        if let Some(protocol) = write.protocol {
            attribute(out, NDA_PROTOCOL, &[protocol]);
        }
        if write.flags_ext != 0 {
            attribute(out, NDA_FLAGS_EXT, &write.flags_ext.to_ne_bytes());
        }
    }
    let length = u32::try_from(out.len() - at).expect("a request is short");
    out[at..at + 4].copy_from_slice(&length.to_ne_bytes());
}

fn attribute(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = u16::try_from(4 + value.len()).expect("an attribute is short");
    out.extend(length.to_ne_bytes());
    out.extend(kind.to_ne_bytes());
    out.extend(value);
    out.resize(out.len().next_multiple_of(4), 0);
}
