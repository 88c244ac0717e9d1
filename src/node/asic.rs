//! The ASIC as a whole: it goes, and comes back.
//!
//! ```text
//!   up ── Down ──► fenced: nothing is asked, nothing that is answered counts, the peer is told
//!   ▲                │ Restarted
//!   └── all final ── read back, or programmed again; what was acknowledged is taken back until then
//! ```
//!
//! An SDK that answers for some time nothing but that it is not there is taken for one that restarts, without anybody
//! saying so: it is asked on, seldom, and is back when it answers.
//!
//! Invariant: what the ASIC held before counts after only if it was read back; where all of it is there, nothing is written.

use super::Node;
use super::io::{AsicDown, AsicNews, Event};
use crate::sai::Status;
use crate::time::Time;

/// How the ASIC is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum AsicState {
    /// It takes orders.
    #[default]
    Up,
    /// It was said to be gone.
    Down,
    /// It answers that it is gone.
    Lost,
    /// It is back, and what it holds is looked at.
    Restoring {
        /// Writes before that.
        written: u64,
        /// Entries that were to be looked at.
        entries: u64,
    },
}

impl AsicState {
    /// True while nothing can be said of what it holds.
    pub(super) fn is_away(self) -> bool {
        matches!(self, AsicState::Down | AsicState::Lost)
    }
}

impl Node {
    /// News of the ASIC as a whole.
    pub(super) fn asic_news(&mut self, news: AsicNews) {
        match news {
            AsicNews::Down { why } => {
                self.line.fence();
                if self.asic != AsicState::Down {
                    self.asic = AsicState::Down;
                    self.say(Event::AsicDown { why });
                }
            }
            AsicNews::Restarted { intact } => self.asic_restarted(intact),
        }
    }

    /// A call that was given up may yet come back, and say anything: what it did is read back. Batches are executed in the
    /// order in which they were handed over, so it is the first one's.
    pub(super) fn doubt_hanging(&mut self) {
        let first =
            [self.fdb.first_in_flight(), self.mirror.first_in_flight(), self.routes.first_in_flight()];
        if let Some(hanging) = first.into_iter().flatten().min() {
            self.line.doubt(hanging);
        }
    }

    /// Nobody says so, but it does not answer, or answers again.
    pub(super) fn watch_for_loss(&mut self, now: Time) {
        let lost = self.line.is_lost(now);
        if self.asic == AsicState::Lost && self.line.answers() {
            self.asic_restarted(None);
        } else if lost && !self.asic.is_away() {
            self.asic = AsicState::Lost;
            self.say(Event::AsicDown { why: AsicDown::Answers { status: Status::UNINITIALIZED } });
        }
    }

    fn asic_restarted(&mut self, intact: Option<bool>) {
        self.line.unfence();
        let entries = self.fdb.restarted(self.now, intact)
            + self.mirror.restarted(self.now, intact)
            + self.routes.restarted(self.now, intact);
        if intact != Some(true) {
            self.forget_heard();
            self.protect_again();
        }
        self.asic = AsicState::Restoring { written: self.written(), entries };
        self.say(Event::AsicRestarted { intact, entries });
        if intact == Some(false) {
            self.withdraw_readiness();
        }
    }

    /// What is not there behind open ports is a hole in the traffic: once something is found lost, this switch is not
    /// ready before it is programmed again.
    pub(super) fn look_at_restoration(&mut self) {
        let AsicState::Restoring { written, entries } = self.asic else { return };
        let wrote = self.written() - written;
        if wrote > 0 && entries > 0 {
            self.withdraw_readiness();
        }
        let settled = self.fdb.is_settled() && self.mirror.is_settled() && self.routes.is_settled();
        if settled && !self.table.has_work() {
            self.asic = AsicState::Up;
            self.say(Event::AsicRestored { entries, written: wrote });
        }
    }

    fn written(&self) -> u64 {
        let tallies = [self.fdb.tally(), self.mirror.tally(), self.routes.tally()];
        tallies.iter().map(|tally| tally.creates + tally.sets).sum()
    }
}
