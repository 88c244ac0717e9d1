//! The sending half of an established session: a cursor over this device's changes, written as windows of frames.
//!
//! ```text
//!             BEGIN                 cursor past the mark: END
//!  Fresh ───────────────► Syncing ─────────────────────────────► Current
//!    ▲   rewind                                                     │ a full sync is due
//!    └──────────────────────────────────────────────────────────────┘
//! ```
//!
//! The mark is the tail at BEGIN, or at the moment when the source first is complete, if that is later: what it had not
//! reported by then must be named before END, or the receiver would sweep it. From there on the mark stands still, so
//! END comes under any churn.
//!
//! Invariant: no claim is kept here. What is held is the write window, however slow the peer is.

use super::conn::{Conn, Outbox};
use super::io::SessionOutput;
use crate::limits;
use crate::table::change::{Change, ChangeSource, Position};
use crate::time::Time;
use crate::wire::encoder::{CHANGE_LONGEST, Written};
use crate::wire::{Encoder, control};

#[derive(Debug)]
pub(super) struct Sender {
    encoder: Encoder,
    phase: Phase,
    /// What [`ChangeSource::bindings`] said when the names were last compared.
    bindings: Option<u64>,
    changes: Vec<Change>,
    pub(super) sent_end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Fresh,
    Syncing { mark: Option<Position> },
    Current,
}

impl Sender {
    pub(super) fn new(max_frame: usize, max_interfaces: usize) -> Self {
        Sender {
            encoder: Encoder::new(max_frame, max_interfaces),
            phase: Phase::Fresh,
            bindings: None,
            changes: Vec::new(),
            sent_end: false,
        }
    }

    /// Writes as long as the window has room and the source has changes. Answers what went out.
    pub(super) fn drive<S: ChangeSource + ?Sized>(
        &mut self,
        now: Time,
        source: &mut S,
        conn: &mut Conn,
        out: &mut Outbox,
    ) -> Written {
        let mut written = Written::default();
        while conn.room() >= limits::WRITE_ROOM {
            let mut bytes = Vec::new();
            let stepped = self.step(source, conn.room(), &mut bytes, out, &mut written);
            if !bytes.is_empty() {
                conn.send(now, bytes, out);
            }
            if !stepped {
                break;
            }
        }
        written
    }

    /// One step; false when there is nothing to do.
    fn step<S: ChangeSource + ?Sized>(
        &mut self,
        source: &mut S,
        room: usize,
        bytes: &mut Vec<u8>,
        out: &mut Outbox,
        written: &mut Written,
    ) -> bool {
        self.rename(source, bytes);
        match self.phase {
            Phase::Fresh => {
                // A sync that was due before is this one.
                source.take_resync_due();
                source.rewind();
                control::begin(bytes);
                self.phase = Phase::Syncing { mark: None };
                return true;
            }
            Phase::Syncing { mark: None } if source.complete() => {
                self.phase = Phase::Syncing { mark: Some(source.tail()) };
                return true;
            }
            Phase::Syncing { mark: Some(mark) } if source.cursor() >= mark => {
                let position = source.cursor();
                control::end(bytes, position);
                out.say(SessionOutput::EndSent { position });
                self.sent_end = true;
                self.phase = Phase::Current;
                return true;
            }
            Phase::Current if source.take_resync_due() => {
                self.phase = Phase::Fresh;
                return true;
            }
            Phase::Syncing { .. } | Phase::Current => {}
        }
        if !source.pending() {
            return false;
        }
        let before = source.cursor();
        let most = (room / CHANGE_LONGEST).clamp(1, limits::WINDOW_CHANGES);
        self.changes.clear();
        let position = source.take(most, &mut self.changes);
        let window = self.encoder.window(&self.changes, position, |interface| source.vrf(interface), bytes);
        written.upserts += window.upserts;
        written.deletes += window.deletes;
        position > before
    }

    /// Names again what lies in another VRF than when it was named.
    fn rename<S: ChangeSource + ?Sized>(&mut self, source: &S, bytes: &mut Vec<u8>) {
        let bindings = Some(source.bindings());
        if self.bindings != bindings {
            self.bindings = bindings;
            self.encoder.refresh(|interface| source.vrf(interface), bytes);
        }
    }
}
