//! A connection whose HELLO is awaited.
//!
//! Invariant: it holds no more than one unfinished frame of 512 bytes, and that for no longer than three seconds.

use super::ProtocolFault;
use super::conn::{Conn, Outbox};
use super::hello::{self, Refused};
use super::io::{ConnId, DownReason, Role, Settings};
use crate::limits;
use crate::time::Time;
use crate::wire::{Decoder, Hello, Interfaces, Message};

#[derive(Debug)]
pub(super) struct Pending {
    pub(super) conn: Conn,
    pub(super) decoder: Decoder,
    since: Time,
}

/// What the bytes so far amount to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No whole frame yet.
    Waiting,
    /// A HELLO that is in order.
    Welcome(Hello),
    /// A HELLO that is not.
    Refused(Refused),
    /// No HELLO.
    Fault(ProtocolFault),
    /// The peer refuses us.
    Told(DownReason),
}

impl Pending {
    /// Says HELLO.
    pub(super) fn greet(now: Time, id: ConnId, role: Role, ours: Hello, out: &mut Outbox) -> Self {
        let mut conn = Conn::new(id, role, now);
        let mut bytes = Vec::new();
        ours.encode(&mut bytes);
        conn.send(now, bytes, out);
        Pending { conn, decoder: Decoder::new(limits::MAX_FRAME_PENDING), since: now }
    }

    /// When patience ends.
    pub(super) fn due(&self) -> Time {
        self.since + limits::HELLO_TIMEOUT
    }

    /// Takes bytes up to the end of the first frame that matters; answers how many.
    pub(super) fn bytes(&mut self, bytes: &[u8], settings: &Settings) -> (Verdict, usize) {
        let mut rest = bytes;
        let verdict = loop {
            let message = match self.decoder.next(&mut rest) {
                Ok(None) => break Verdict::Waiting,
                Ok(Some(frame)) => Message::decode(&frame, &Interfaces::default()),
                Err(error) => Err(error),
            };
            break match message {
                Ok(Message::Skipped) => continue,
                Ok(Message::Hello(theirs)) => match hello::check(settings, &theirs) {
                    Ok(()) => Verdict::Welcome(theirs),
                    Err(refused) => Verdict::Refused(refused),
                },
                Ok(Message::Notify(notify)) => {
                    Verdict::Told(DownReason::PeerNotified { code: notify.code, text: notify.text })
                }
                Ok(_) => Verdict::Fault(ProtocolFault::new("the first frame is not HELLO")),
                Err(error) => Verdict::Fault(error.into()),
            };
        };
        (verdict, bytes.len() - rest.len())
    }
}
