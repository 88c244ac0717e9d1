//! One connection's outgoing side, and the queue of everything the session says.

use super::io::{ConnId, Role, SessionOutput, Transport};
use crate::auth::{KeyId, Sealer};
use crate::limits;
use crate::time::Time;
use std::collections::VecDeque;

/// Everything said and not yet polled.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub(super) queue: VecDeque<SessionOutput>,
    pub(super) sent_bytes: u64,
}

impl Outbox {
    pub(super) fn say(&mut self, output: SessionOutput) {
        self.queue.push_back(output);
    }

    pub(super) fn transport(&mut self, work: Transport) {
        self.say(SessionOutput::Transport(work));
    }

    pub(super) fn close(&mut self, conn: ConnId, abort: bool) {
        self.transport(Transport::Close { conn, abort });
    }
}

/// A connection that stands.
#[derive(Debug)]
pub(super) struct Conn {
    pub(super) id: ConnId,
    pub(super) role: Role,
    /// Bytes that the kernel has not taken yet.
    outstanding: u64,
    /// When something was last sent, or last moved.
    pub(super) active: Time,
    /// Puts a tag behind each frame, once AUTH went out.
    pub(super) sealer: Option<Sealer>,
    /// The key that the peer proved.
    pub(super) key: Option<KeyId>,
}

impl Conn {
    pub(super) fn new(id: ConnId, role: Role, now: Time) -> Self {
        Conn { id, role, outstanding: 0, active: now, sealer: None, key: None }
    }

    /// Sends whole frames.
    pub(super) fn send(&mut self, now: Time, mut bytes: Vec<u8>, out: &mut Outbox) {
        if let Some(sealer) = &mut self.sealer {
            sealer.seal(&mut bytes);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.outstanding += length;
        self.active = now;
        out.sent_bytes += length;
        out.transport(Transport::Send { conn: self.id, bytes });
    }

    pub(super) fn written(&mut self, now: Time, bytes: u64) {
        self.outstanding = self.outstanding.saturating_sub(bytes);
        self.active = now;
    }

    /// True when everything that was sent has been taken.
    pub(super) fn is_idle(&self) -> bool {
        self.outstanding == 0
    }

    /// Free bytes in the write window.
    pub(super) fn room(&self) -> usize {
        limits::WRITE_WINDOW.saturating_sub(usize::try_from(self.outstanding).unwrap_or(usize::MAX))
    }
}
