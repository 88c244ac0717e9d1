//! A blocking rtnetlink conversation, in the network namespace of the thread that opened it.
//!
//! Holds requests with their acknowledgement, batches of them, and dumps. Invariant: this is the demo's own; it shares
//! no code with the daemon's learner, so what it says of a kernel's table is a second opinion.

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};
use std::io;

/// Requests in one datagram. The kernel answers an error for each that fails, so a batch must fit in the receive
/// buffer if all of them do.
const BATCH: usize = 128;

/// A dump that changed under the reader is begun again this often before it is an error.
const DUMP_ATTEMPTS: usize = 20;

/// One rtnetlink socket.
pub(crate) struct Rtnl {
    socket: Socket,
    sequence: u32,
}

impl Rtnl {
    /// Opens a socket in this thread's network namespace.
    pub(crate) fn open() -> io::Result<Rtnl> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        // What the system allows; a refusal of more than that is no error.
        let _ = socket.set_rx_buf_sz(4_i32 << 20);
        Ok(Rtnl { socket, sequence: 0 })
    }

    /// Sends many requests, many to a datagram, each acknowledged: all were carried out, or the first refusal is the
    /// answer and those after its datagram were not sent.
    pub(crate) fn batch(
        &mut self,
        messages: impl IntoIterator<Item = (RouteNetlinkMessage, u16)>,
    ) -> io::Result<()> {
        let mut messages = messages.into_iter().peekable();
        let mut bytes = Vec::new();
        while messages.peek().is_some() {
            bytes.clear();
            let first = self.sequence.wrapping_add(1);
            for (message, flags) in messages.by_ref().take(BATCH) {
                self.append(&mut bytes, message, NLM_F_REQUEST | NLM_F_ACK | flags);
            }
            self.socket.send(&bytes, 0)?;
            self.acknowledged(first)?;
        }
        Ok(())
    }

    fn append(&mut self, bytes: &mut Vec<u8>, message: RouteNetlinkMessage, flags: u16) {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = flags;
        header.sequence_number = self.sequence;
        let mut packet = NetlinkMessage::new(header, NetlinkPayload::from(message));
        packet.finalize();
        let start = bytes.len();
        bytes.resize(start + packet.buffer_len().next_multiple_of(4), 0);
        packet.serialize(&mut bytes[start..]);
    }

    /// Reads until every request from `first` to the latest is answered; the first refusal is the error.
    fn acknowledged(&mut self, first: u32) -> io::Result<()> {
        let mut open = self.sequence.wrapping_sub(first).wrapping_add(1);
        let mut refusal = None;
        while open > 0 {
            for packet in self.receive()? {
                let packet = packet?;
                let ours =
                    packet.header.sequence_number.wrapping_sub(first) <= self.sequence.wrapping_sub(first);
                if let (true, NetlinkPayload::Error(answer)) = (ours, packet.payload) {
                    open -= 1;
                    if answer.code.is_some() && refusal.is_none() {
                        refusal = Some(answer.to_io());
                    }
                }
            }
        }
        refusal.map_or(Ok(()), Err)
    }

    /// Dumps what `request` asks for: every message, from one dump that nothing interrupted.
    pub(crate) fn dump(&mut self, request: &RouteNetlinkMessage) -> io::Result<Vec<RouteNetlinkMessage>> {
        for _ in 0..DUMP_ATTEMPTS {
            let mut bytes = Vec::new();
            self.append(&mut bytes, request.clone(), NLM_F_REQUEST | NLM_F_DUMP);
            self.socket.send(&bytes, 0)?;
            if let Some(messages) = self.dumped()? {
                return Ok(messages);
            }
        }
        Err(io::Error::new(io::ErrorKind::ResourceBusy, "the table changed during every attempt to dump it"))
    }

    /// `None` when the table changed meanwhile, so that something may be missing.
    fn dumped(&mut self) -> io::Result<Option<Vec<RouteNetlinkMessage>>> {
        let mut messages = Vec::new();
        let mut whole = true;
        loop {
            for packet in self.receive()? {
                let packet = packet?;
                if packet.header.sequence_number != self.sequence {
                    continue;
                }
                whole &= packet.header.flags & NLM_F_DUMP_INTR == 0;
                match packet.payload {
                    NetlinkPayload::Done(_) => return Ok(whole.then_some(messages)),
                    NetlinkPayload::Error(error) => return Err(error.to_io()),
                    NetlinkPayload::InnerMessage(message) => messages.push(message),
                    _ => {}
                }
            }
        }
    }

    /// The messages of one datagram.
    fn receive(&mut self) -> io::Result<Vec<io::Result<NetlinkMessage<RouteNetlinkMessage>>>> {
        let (bytes, _) = self.socket.recv_from_full()?;
        let mut packets = Vec::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
            let packet = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest).map_err(invalid);
            let length = packet.as_ref().map_or(rest.len(), |packet| packet.header.length as usize);
            packets.push(packet);
            rest = rest.get(length.next_multiple_of(4).max(4)..).unwrap_or_default();
        }
        Ok(packets)
    }
}
