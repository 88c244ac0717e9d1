//! One connection's outgoing side, and the queue of everything the session says.

use super::io::{ConnId, Role, SessionOutput, Transport};
use super::rate::Rate;
use crate::auth::{KeyId, Sealer};
use crate::limits;
use crate::time::Time;
use crate::wire::record;
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
    rate: Rate,
    /// When something was last sent, or last moved.
    pub(super) active: Time,
    /// Puts a tag behind each frame, once AUTH went out.
    pub(super) sealer: Option<Sealer>,
    /// The key that the peer proved.
    pub(super) key: Option<KeyId>,
}

impl Conn {
    pub(super) fn new(id: ConnId, role: Role, now: Time) -> Self {
        Conn { id, role, outstanding: 0, rate: Rate::default(), active: now, sealer: None, key: None }
    }

    /// Sends whole frames.
    pub(super) fn send(&mut self, now: Time, mut bytes: Vec<u8>, out: &mut Outbox) {
        if let Some(sealer) = &mut self.sealer {
            sealer.seal(&mut bytes);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.outstanding += length;
        self.rate.offered(now);
        self.active = now;
        out.sent_bytes += length;
        out.transport(Transport::Send { conn: self.id, bytes });
    }

    pub(super) fn written(&mut self, now: Time, bytes: u64) {
        self.outstanding = self.outstanding.saturating_sub(bytes);
        self.rate.taken(now, bytes, self.outstanding == 0);
        self.active = now;
    }

    /// True when everything that was sent has been taken.
    pub(super) fn is_idle(&self) -> bool {
        self.outstanding == 0
    }

    /// How long a frame may be, so that the link is done with it soon: at most `most`.
    pub(super) fn frame(&self, most: usize) -> usize {
        self.rate.within(limits::FRAME_TIME, limits::MIN_MAX_FRAME, most)
    }

    /// How many changes one window may have, so that its position is said soon: at most `most`.
    pub(super) fn window(&self, most: usize) -> usize {
        let bytes = self.rate.within(limits::WINDOW_TIME, 0, usize::MAX);
        (bytes / record::LONGEST).clamp(limits::WINDOW_LEAST.min(most), most)
    }

    /// Free bytes in the write window.
    pub(super) fn room(&self) -> usize {
        let window = self.rate.within(limits::WINDOW_TIME, limits::WRITE_ROOM, limits::WRITE_WINDOW);
        window.saturating_sub(usize::try_from(self.outstanding).unwrap_or(usize::MAX))
    }
}
