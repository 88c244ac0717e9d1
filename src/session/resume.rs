//! What outlives a connection: whose process we are, our latest sync, and where the copy of the peer's claims stands.
//!
//! ```text
//!   established ──► RESUME (who I am, what I hold) ──► the peer's RESUME
//!                                                        │ mine, my latest sync, not beyond what I sent
//!                                         goes on behind ◄┴► BEGIN, of another number
//! ```
//!
//! Invariant: a position is taken over into [`Copy`] only when everything up to it was handed out, so that it may be
//! said of the copy at any moment. What makes the copy other than what the owner told forgets where it stands.

use super::conn::Outbox;
use super::io::{Received, SessionOutput};
use super::{ProtocolFault, Session};
use crate::table::change::{Incarnation, Position, SyncNumber};
use crate::time::Time;
use crate::wire::resume::{End, Held, Resume, Resync};

/// This device as an owner of claims.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner {
    pub(super) incarnation: Incarnation,
    /// The latest full sync that began; zero before the first.
    pub(super) sync: SyncNumber,
}

impl Owner {
    /// The number of the full sync that begins.
    pub(super) fn begin(&mut self) -> SyncNumber {
        self.sync = SyncNumber(self.sync.0.wrapping_add(1).max(1));
        self.sync
    }

    /// True when a copy belongs to the sync that was begun last.
    pub(super) fn owns(&self, held: &Held) -> bool {
        held.incarnation == self.incarnation && held.sync == self.sync && !held.truncated
    }
}

/// Where the copy of the peer's claims stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Copy {
    held: Option<Held>,
    /// As the tables' owner said last.
    pub(super) truncated: bool,
}

impl Copy {
    /// What is said of it in RESUME.
    pub(super) fn held(&self) -> Option<Held> {
        self.held.map(|held| Held { truncated: self.truncated, ..held })
    }

    /// It is nothing that the owner could go on with.
    pub(super) fn forget(&mut self) {
        self.held = None;
    }

    /// The number of the sync that it belongs to; zero when there is none.
    pub(super) fn sync(&self) -> SyncNumber {
        self.held.map_or(SyncNumber(0), |held| held.sync)
    }

    fn advance(&mut self, position: Position) {
        if let Some(held) = &mut self.held {
            held.position = position;
        }
    }
}

/// How far the peer's naming is on one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// RESUME is in force, and the peer's has not come.
    Unknown,
    /// The peer may go on where the copy stands, or begin.
    Resumable,
    /// The peer must begin.
    Awaited,
    /// END is owed.
    Running,
    /// END has come.
    Done,
}

/// The receiving half's order of frames.
#[derive(Debug)]
pub(super) struct Naming {
    phase: Phase,
    /// What we said that we hold.
    said: Option<Held>,
    /// The peer's process, where RESUME is in force and it has said so.
    theirs: Option<Incarnation>,
    numbered: bool,
    position: Position,
}

impl Naming {
    /// A connection begins; `numbered` when RESUME is in force, and then it says what is held.
    pub(super) fn new(numbered: bool, copy: &Copy) -> Self {
        let phase = if numbered { Phase::Unknown } else { Phase::Awaited };
        Naming { phase, said: copy.held(), theirs: None, numbered, position: Position(0) }
    }

    /// What is said first of all, where RESUME is in force.
    pub(super) fn introduction(&self, owner: &Owner, restarted: bool) -> Resume {
        Resume { own: owner.incarnation, held: self.said, restarted }
    }

    /// Whether frames that say anything of claims may come.
    pub(super) fn check_known(&self) -> Result<(), ProtocolFault> {
        match self.phase {
            Phase::Unknown => Err(ProtocolFault::new("claims were spoken of before RESUME")),
            _ => Ok(()),
        }
    }

    /// The peer said who it is, where that is to be said.
    pub(super) fn is_known(&self) -> bool {
        self.phase != Phase::Unknown
    }

    /// No naming runs.
    pub(super) fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }

    pub(super) fn check_position(&self, position: Position) -> Result<(), ProtocolFault> {
        match position {
            Position(0) => Ok(()),
            position if position < self.position => {
                Err(ProtocolFault::new("a position is behind an earlier one"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn resume(&mut self, resume: &Resume) -> Result<(), ProtocolFault> {
        if self.phase != Phase::Unknown {
            return Err(ProtocolFault::new("RESUME came where none is due"));
        }
        self.theirs = Some(resume.own);
        self.phase = match self.said {
            Some(held) if held.incarnation == resume.own && !held.truncated => {
                self.position = held.position;
                Phase::Resumable
            }
            _ => Phase::Awaited,
        };
        Ok(())
    }

    pub(super) fn begin(&mut self, sync: Option<SyncNumber>, copy: &mut Copy) -> Result<(), ProtocolFault> {
        self.check_known()?;
        if self.phase == Phase::Running {
            return Err(ProtocolFault::new("BEGIN came before the END of the one before"));
        }
        if sync.is_some() != self.numbered {
            return Err(ProtocolFault::new("BEGIN is of the form of another capability"));
        }
        copy.held = self.theirs.zip(sync).map(|(incarnation, sync)| Held {
            incarnation,
            sync,
            position: Position(0),
            mid_sync: true,
            truncated: false,
        });
        copy.truncated = false;
        self.phase = Phase::Running;
        self.position = Position(0);
        Ok(())
    }

    pub(super) fn entries(&mut self) -> Result<(), ProtocolFault> {
        match self.phase {
            Phase::Unknown | Phase::Awaited => Err(ProtocolFault::new("entries came before BEGIN")),
            Phase::Resumable => {
                self.phase = Phase::Running;
                Ok(())
            }
            Phase::Running | Phase::Done => Ok(()),
        }
    }

    pub(super) fn end(&mut self, end: Option<&End>, copy: &mut Copy) -> Result<(), ProtocolFault> {
        if !matches!(self.phase, Phase::Running | Phase::Resumable) {
            return Err(ProtocolFault::new("END came without BEGIN"));
        }
        if end.is_some() != self.numbered {
            return Err(ProtocolFault::new("END is of the form of another capability"));
        }
        if let Some(held) = &mut copy.held {
            if end.is_some_and(|end| end.sync != held.sync) {
                return Err(ProtocolFault::new("END is of another sync"));
            }
            held.mid_sync = false;
        }
        self.phase = Phase::Done;
        Ok(())
    }

    /// Everything up to here was handed out.
    pub(super) fn advance(&mut self, position: Position, copy: &mut Copy, out: &mut Outbox) {
        self.position = position;
        copy.advance(position);
        out.say(SessionOutput::Received(Received::Position(position)));
    }
}

impl Session {
    /// Which of this device's lives it is, for those who receive its claims.
    pub fn incarnation(&self) -> Incarnation {
        self.owner.incarnation
    }

    /// Tells whether claims of the peer's are missing because they were not kept.
    pub fn set_truncated(&mut self, truncated: bool) {
        self.copy.truncated = truncated;
    }

    /// The copy of the peer's claims is other than what the peer told: it cannot go on from where it stands. While a
    /// session is up, the peer is asked at once to name everything anew; else it does so in the next session. Answers whether
    /// it was asked: a peer without RESUME cannot be.
    pub fn ask_resync(&mut self, now: Time, reason: u16) -> bool {
        let sync = self.copy.sync();
        self.copy.forget();
        let Some(link) = self.link.as_mut().filter(|link| link.resumes) else { return false };
        let mut bytes = Vec::new();
        Resync { sync, reason }.encode(&mut bytes);
        link.conn.send(now, bytes, &mut self.out);
        self.counters.asked_resyncs += 1;
        true
    }
}

#[cfg(test)]
impl Copy {
    /// Says of the copy what is not so.
    pub(super) fn pretend(&mut self, held: Held) {
        self.held = Some(held);
    }
}
