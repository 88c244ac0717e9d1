//! The sending half of an established session: a cursor over this device's changes, written as windows of frames.
//!
//! ```text
//!            the peer holds a part of it                cursor past the mark: END
//!  Awaited ───────────────────────────────► Syncing ─────────────────────────────► Current
//!     │ it does not         BEGIN              ▲                                      │
//!     └─────────────► Fresh ───────────────────┘                                      │
//!                       ▲              a full sync is due, or asked for               │
//!                       └─────────────────────────────────────────────────────────────┘
//! ```
//!
//! The mark is the tail at BEGIN or at the resume, or at the moment when the source first is complete, if that is later:
//! what it had not reported by then must be named before END, or the receiver would sweep it. From there on the mark
//! stands still, so END comes under any churn. At a resume it is the *present* tail, even of a sync that began long ago: a
//! key that was told and never arrived may have changed since and lie behind the old mark.
//!
//! END follows a resume, too, where no sync was running: it tells the receiver that it holds everything up to now.
//!
//! Invariant: no claim is kept here. What is held is the write window, however slow the peer is. A sync that runs is
//! never begun anew on the same connection.

use super::conn::{Conn, Outbox};
use super::io::SessionOutput;
use super::proof::Proofs;
use super::resume::Owner;
use crate::limits;
use crate::table::change::{Change, ChangeSource, Position};
use crate::time::Time;
use crate::wire::Encoder;
use crate::wire::encoder::{CHANGE_LONGEST, Written};
use crate::wire::hello::capability;
use crate::wire::resume::{self, End, Held};

#[derive(Debug)]
pub(super) struct Sender {
    pub(super) encoder: Encoder,
    pub(super) proofs: Proofs,
    phase: Phase,
    /// What [`ChangeSource::bindings`] said when the names were last compared.
    bindings: Option<u64>,
    /// The names from this index on are to be compared.
    renaming: Option<u16>,
    changes: Vec<Change>,
    /// BEGIN and END say which sync they belong to.
    numbered: bool,
    /// The peer asked for a full sync.
    asked: bool,
    /// Changes in one window, …
    window: usize,
    /// … and on the link as it is now.
    most: usize,
    pub(super) sent_end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// What the peer holds is not known.
    Awaited,
    /// It holds this, or nothing.
    Offered(Option<Held>),
    Fresh,
    Syncing {
        mark: Option<Position>,
    },
    Current,
}

impl Sender {
    pub(super) fn new(max_frame: usize, max_interfaces: usize, in_force: u64, window: usize) -> Self {
        let numbered = in_force & capability::RESUME != 0;
        Sender {
            proofs: Proofs::new(in_force & capability::DIGEST != 0, max_frame),
            encoder: Encoder::new(max_frame, max_interfaces),
            phase: if numbered { Phase::Awaited } else { Phase::Fresh },
            bindings: None,
            renaming: None,
            changes: Vec::new(),
            numbered,
            asked: false,
            window,
            most: window,
            sent_end: false,
        }
    }

    /// The peer said what it holds.
    pub(super) fn offer(&mut self, held: Option<Held>) {
        self.phase = Phase::Offered(held);
    }

    /// The peer asks for a full sync: it gets one, when what runs has ended.
    pub(super) fn ask(&mut self) {
        self.asked = true;
    }

    /// Writes as long as the window has room and the source has changes. Answers what went out.
    pub(super) fn drive<S: ChangeSource + ?Sized>(
        &mut self,
        now: Time,
        source: &mut S,
        owner: &mut Owner,
        conn: &mut Conn,
        out: &mut Outbox,
    ) -> Written {
        let mut written = Written::default();
        // What cannot be told now, for want of room or because a sync runs, is not waited for by a timer.
        self.proofs.rest();
        while conn.room() >= limits::WRITE_ROOM {
            let mut bytes = Vec::new();
            self.encoder.set_frame(conn.frame(self.encoder.max_frame()));
            self.most = conn.window(self.window);
            let stepped = self.step(now, source, owner, conn.room(), &mut bytes, out, &mut written);
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
    #[allow(clippy::too_many_arguments, reason = "each is another room's")]
    fn step<S: ChangeSource + ?Sized>(
        &mut self,
        now: Time,
        source: &mut S,
        owner: &mut Owner,
        room: usize,
        bytes: &mut Vec<u8>,
        out: &mut Outbox,
        written: &mut Written,
    ) -> bool {
        match self.phase {
            Phase::Awaited => return false,
            Phase::Offered(held) => {
                self.phase = match held.filter(|held| owner.owns(held) && source.resume(held.position)) {
                    Some(held) => {
                        out.say(SessionOutput::Resumed { position: held.position });
                        Phase::Syncing { mark: None }
                    }
                    None => Phase::Fresh,
                };
                return true;
            }
            _ => {}
        }
        if self.rename(source, room, bytes) {
            return true;
        }
        match self.phase {
            Phase::Fresh => {
                // A sync that was due or asked for before is this one.
                source.take_resync_due();
                self.asked = false;
                self.proofs.begin();
                source.rewind();
                let sync = owner.begin();
                resume::begin(bytes, self.numbered.then_some(sync));
                self.phase = Phase::Syncing { mark: None };
                return true;
            }
            Phase::Syncing { mark: None } if source.complete() => {
                self.phase = Phase::Syncing { mark: Some(source.tail()) };
                return true;
            }
            Phase::Syncing { mark: Some(mark) } if source.cursor() >= mark => {
                let position = source.cursor();
                let told = source.digest();
                let sum = told.map(|told| told.sum).filter(|_| self.proofs.in_force);
                let end = End { sync: owner.sync, count: told.map(|told| told.count), sum };
                self.proofs.told(now, told);
                resume::end(bytes, position, self.numbered.then_some(&end));
                out.say(SessionOutput::EndSent { position });
                self.sent_end = true;
                self.phase = Phase::Current;
                return true;
            }
            Phase::Current if self.asked || source.take_resync_due() => {
                self.phase = Phase::Fresh;
                return true;
            }
            Phase::Current if self.proofs.step(now, source, bytes) => return true,
            _ => {}
        }
        if !source.pending() {
            return false;
        }
        let before = source.cursor();
        let most = (room / CHANGE_LONGEST).clamp(1, self.most);
        let hurried = self.hurry(source, most, bytes);
        written.upserts += hurried.upserts;
        self.changes.clear();
        let left = most.saturating_sub(hurried.upserts as usize).max(1);
        let position = source.take(left, &mut self.changes);
        let window = self.encoder.window(&self.changes, position, |interface| source.vrf(interface), bytes);
        written.upserts += window.upserts;
        written.deletes += window.deletes;
        position > before
    }

    /// Writes what is told before its turn: frames without a position, ahead of the window that follows. What that window
    /// reaches anyway is not among them.
    fn hurry<S: ChangeSource + ?Sized>(
        &mut self,
        source: &mut S,
        most: usize,
        bytes: &mut Vec<u8>,
    ) -> Written {
        let share = most.div_ceil(limits::EARLY_SHARE);
        // At least so much is left for the window by what goes ahead of it.
        let reach = u64::try_from(most.saturating_sub(share).max(1)).unwrap_or(u64::MAX);
        let beyond = Position(source.cursor().0.saturating_add(reach));
        self.changes.clear();
        source.take_early(beyond, share, &mut self.changes);
        self.encoder.window(&self.changes, Position(0), |interface| source.vrf(interface), bytes)
    }

    /// Names again what lies in another VRF than when it was named, as far as there is room. True when something was, or
    /// more may have to be: nothing that refers to a name goes out before.
    fn rename<S: ChangeSource + ?Sized>(&mut self, source: &S, room: usize, bytes: &mut Vec<u8>) -> bool {
        let bindings = Some(source.bindings());
        if self.bindings != bindings {
            self.bindings = bindings;
            self.renaming = Some(0);
        }
        if let Some(from) = self.renaming {
            self.renaming = self.encoder.refresh(from, room, |interface| source.vrf(interface), bytes);
        }
        self.renaming.is_some() || !bytes.is_empty()
    }
}
