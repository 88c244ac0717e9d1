//! Whether the two devices' ports may be opened: on proof, or because waiting longer helps nobody.
//!
//! ```text
//!  Waiting(why) ──► Proved            the END was taken in, and everything that it stands for is final in the ASIC
//!       └─────────► Fallback(why)     240 s have passed: a switch without a peer, or with one that is stuck, comes up
//! ```
//!
//! Invariant: proof may follow a fallback. Of this device what was proved is not taken back, for ports that are open stay
//! open, unless the ASIC lost what was proved; of the peer it holds as long as the peer says so.

use crate::limits::READY_FALLBACK;
use crate::table::change::Position;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is missing for proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "missing")]
pub enum Missing {
    /// There is no session.
    Session,
    /// The peer has not named everything.
    End,
    /// Claims of the peer's are not kept: the copy is not whole.
    WholeCopy,
    /// What the peer told is not final in the ASIC.
    Outcomes {
        /// Everything up to this position of the peer's is.
        acked: Position,
    },
    /// The ASIC is away, or what it should hold after its restart is not there yet.
    Asic,
    /// The peer does not say what its hardware holds.
    Report,
    /// The peer says that it is not ready.
    PeerReady,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Session => f.write_str("there is no session"),
            Missing::End => f.write_str("the peer has not named everything"),
            Missing::WholeCopy => f.write_str("not every claim of the peer's is kept"),
            Missing::Outcomes { acked } => {
                write!(f, "the ASIC is done only up to position {} of the peer's", acked.0)
            }
            Missing::Asic => f.write_str("the ASIC does not hold after its restart what it should"),
            Missing::Report => f.write_str("the peer does not say what its hardware holds"),
            Missing::PeerReady => f.write_str("the peer says that it is not"),
        }
    }
}

/// How ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Ready {
    /// It is not.
    Waiting {
        /// What is missing.
        #[serde(flatten)]
        why: Missing,
    },
    /// It is.
    Proved,
    /// It was waited for long enough.
    Fallback {
        /// What was missing then.
        #[serde(flatten)]
        why: Missing,
    },
}

impl Ready {
    /// May ports be opened?
    pub fn is_ready(self) -> bool {
        !matches!(self, Ready::Waiting { .. })
    }
}

/// One device's readiness.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Ready,
    /// What was proved stays so.
    latches: bool,
}

impl Gate {
    /// A gate that nothing has come to; `latches` when what is proved stays so.
    pub(crate) fn new(latches: bool) -> Self {
        Gate { state: Ready::Waiting { why: Missing::Session }, latches }
    }

    pub(crate) fn state(&self) -> Ready {
        self.state
    }

    /// What was proved does not hold any more, however it was. True when it was ready.
    pub(crate) fn withdraw(&mut self, why: Missing) -> bool {
        let was_ready = self.state.is_ready();
        if was_ready {
            self.state = Ready::Waiting { why };
        }
        was_ready
    }

    /// Looks at what is missing now; `fallen` when it was waited for long enough. Answers with the state if it is of
    /// another kind than before.
    pub(crate) fn look(&mut self, missing: Option<Missing>, fallen: bool) -> Option<Ready> {
        let next = match (self.state, missing) {
            (_, None) => Ready::Proved,
            (Ready::Proved, Some(_)) if self.latches => Ready::Proved,
            (Ready::Fallback { .. }, Some(_)) => self.state,
            (_, Some(why)) if fallen => Ready::Fallback { why },
            (_, Some(why)) => Ready::Waiting { why },
        };
        let before = std::mem::replace(&mut self.state, next);
        (std::mem::discriminant(&before) != std::mem::discriminant(&next)).then_some(next)
    }
}

/// When it has been waited for long enough.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    started: Option<Time>,
}

impl Patience {
    /// True when the time that began with the first call is over.
    pub(crate) fn is_over(&mut self, now: Time) -> bool {
        now.since(*self.started.get_or_insert(now)) >= READY_FALLBACK
    }

    /// When it will be.
    pub(crate) fn ends(&self, now: Time) -> Option<Time> {
        self.started.map(|started| started + READY_FALLBACK).filter(|end| *end > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_proved_or_falls_back_and_is_not_taken_back() {
        let mut gate = Gate::new(true);
        assert_eq!(gate.look(Some(Missing::End), false), None);
        assert_eq!(gate.state(), Ready::Waiting { why: Missing::End });
        let fallback = Ready::Fallback { why: Missing::Session };
        assert_eq!(gate.look(Some(Missing::Session), true), Some(fallback));
        assert_eq!(gate.look(Some(Missing::End), true), None, "it says what was missing then");
        assert_eq!(gate.state(), fallback);
        assert_eq!(gate.look(None, true), Some(Ready::Proved));
        assert_eq!(gate.look(Some(Missing::Session), true), None);
        assert_eq!(gate.state(), Ready::Proved);
    }

    #[test]
    fn the_peers_readiness_is_what_it_says_now() {
        let mut gate = Gate::new(false);
        assert_eq!(gate.look(None, false), Some(Ready::Proved));
        let waiting = Ready::Waiting { why: Missing::Session };
        assert_eq!(gate.look(Some(Missing::Session), false), Some(waiting));
        assert_eq!(gate.look(Some(Missing::Report), false), None);
        let fallback = Ready::Fallback { why: Missing::Report };
        assert_eq!(gate.look(Some(Missing::Report), true), Some(fallback));
    }
}
