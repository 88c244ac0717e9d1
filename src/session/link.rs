//! An established session: the receiving half, the hold timer, and the [`Sender`].
//!
//! Invariant: a frame is judged whole before anything of it is handed out.

use super::conn::{Conn, Outbox};
use super::io::{DownReason, Received, SessionOutput, Settings};
use super::sender::Sender;
use super::status::Counters;
use super::{ProtocolFault, hello};
use crate::limits;
use crate::table::change::Position;
use crate::time::Time;
use crate::wire::{Decoder, Frame, Hello, Interfaces, Message};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Link {
    pub(super) conn: Conn,
    /// What it came up with; the present settings may be others already.
    pub(super) settings: Settings,
    pub(super) peer: Hello,
    pub(super) hold: Duration,
    pub(super) keepalive: Duration,
    pub(super) since: Time,
    /// When a byte last came.
    pub(super) heard: Time,
    /// When a keepalive is looked into next.
    pub(super) keepalive_at: Time,
    /// Its configuration was replaced: it ends then at the latest.
    pub(super) until: Option<Time>,
    pub(super) sender: Sender,
    pub(super) received_end: bool,
    decoder: Decoder,
    interfaces: Interfaces,
    sync: Sync,
    position: Position,
}

/// How far the peer's naming is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sync {
    Awaited,
    Running,
    Done,
}

/// What ends a session from the peer's side.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It broke the protocol, and is to be told so.
    Fault(ProtocolFault),
    /// It said why it ends.
    Told(DownReason),
}

impl From<ProtocolFault> for Ended {
    fn from(fault: ProtocolFault) -> Self {
        Ended::Fault(fault)
    }
}

impl Link {
    pub(super) fn new(conn: Conn, decoder: Decoder, settings: Settings, peer: Hello, now: Time) -> Self {
        let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let max_frame = size(peer.max_frame).min(limits::MAX_FRAME);
        let max_interfaces = size(peer.max_interfaces).min(limits::MAX_INTERFACES);
        let mut link = Link {
            conn,
            peer,
            hold: Duration::ZERO,
            keepalive: Duration::ZERO,
            since: now,
            heard: now,
            keepalive_at: now,
            until: None,
            sender: Sender::new(max_frame, max_interfaces),
            received_end: false,
            decoder,
            interfaces: Interfaces::default(),
            sync: Sync::Awaited,
            position: Position(0),
            settings,
        };
        link.decoder.set_limit(limits::MAX_FRAME);
        link.retime(now);
        link
    }

    /// Takes its times from its settings, of which the hold and the keepalive time may have changed.
    pub(super) fn retime(&mut self, now: Time) {
        self.hold = hello::hold(&self.settings, &self.peer);
        // Never so rarely that one lost wake-up costs the session.
        self.keepalive = self.settings.keepalive.min(self.hold / 3);
        self.keepalive_at = now + self.keepalive;
    }

    /// Takes bytes in and hands out what they say.
    pub(super) fn bytes(
        &mut self,
        now: Time,
        mut bytes: &[u8],
        out: &mut Outbox,
        counters: &mut Counters,
    ) -> Result<(), Ended> {
        self.heard = now;
        // The decoder lends out what it decoded; it is put back when the bytes are used up.
        let mut decoder = std::mem::replace(&mut self.decoder, Decoder::new(0));
        let result = loop {
            match decoder.next(&mut bytes) {
                Ok(None) => break Ok(()),
                Err(error) => break Err(Ended::Fault(error.into())),
                Ok(Some(frame)) => {
                    if let Err(ended) = self.frame(&frame, out, counters) {
                        break Err(ended);
                    }
                }
            }
        };
        self.decoder = decoder;
        result
    }

    fn frame(&mut self, frame: &Frame<'_>, out: &mut Outbox, counters: &mut Counters) -> Result<(), Ended> {
        let message = Message::decode(frame, &self.interfaces).map_err(ProtocolFault::from)?;
        counters.received_frames += 1;
        let advances = frame.position != Position(0);
        if advances && frame.position < self.position {
            return Err(ProtocolFault::new("a position is behind an earlier one").into());
        }
        match message {
            Message::Keepalive | Message::Skipped => {}
            Message::Hello(_) => return Err(ProtocolFault::new("HELLO came a second time").into()),
            Message::Notify(notify) => {
                return Err(Ended::Told(DownReason::PeerNotified { code: notify.code, text: notify.text }));
            }
            Message::Goodbye(_) => return Err(Ended::Told(DownReason::PeerGoodbye)),
            Message::Begin if self.sync == Sync::Running => {
                return Err(ProtocolFault::new("BEGIN came before the END of the one before").into());
            }
            Message::Begin => {
                self.sync = Sync::Running;
                self.position = Position(0);
                out.say(SessionOutput::Received(Received::Begin));
            }
            Message::End if self.sync != Sync::Running => {
                return Err(ProtocolFault::new("END came without BEGIN").into());
            }
            Message::End => {
                self.sync = Sync::Done;
                self.received_end = true;
                out.say(SessionOutput::Received(Received::End));
            }
            Message::Interfaces(named) => {
                self.interfaces.learn(&named);
                for entry in named {
                    let received = Received::Interface { interface: entry.interface, vrf: entry.vrf };
                    out.say(SessionOutput::Received(received));
                }
            }
            Message::Upserts(_) | Message::Deletes(_) if self.sync == Sync::Awaited => {
                return Err(ProtocolFault::new("entries came before BEGIN").into());
            }
            Message::Upserts(claims) => {
                counters.received_upserts += claims.len() as u64;
                out.say(SessionOutput::Received(Received::Upserts(claims)));
            }
            Message::Deletes(keys) => {
                counters.received_deletes += keys.len() as u64;
                out.say(SessionOutput::Received(Received::Deletes(keys)));
            }
        }
        if advances {
            self.position = frame.position;
            out.say(SessionOutput::Received(Received::Position(frame.position)));
        }
        Ok(())
    }
}
