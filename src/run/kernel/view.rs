//! What is shown of the kernel mirror.
//!
//! Invariant: plain values.

use super::ledger::ExternValid;
use super::{KernelConfig, KernelMirror};
use serde::{Deserialize, Serialize};

/// What becomes of the mirror's entries at a clean stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AtExit {
    /// They stay, as what is in the ASIC does, and the next start finds them.
    #[default]
    Keep,
    /// They go.
    Remove,
}

/// The kernel mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct KernelView {
    /// The peer's hosts are written; otherwise the kernel's own entries are refreshed and probed only.
    pub mirror: bool,
    /// The NDA_PROTOCOL value of what is written.
    pub protocol: u8,
    /// What becomes of it at a clean stop.
    pub at_exit: AtExit,
    /// The kernel has externally validated entries (Linux 6.17); nothing until one was written.
    pub extern_valid: Option<bool>,
    /// Hosts of the peer's that should be there.
    pub wanted: u64,
    /// Those of them that are, as they should be.
    pub installed: u64,
    /// Those in whose place an entry of the kernel's own or of another program's is.
    pub foreign: u64,
    /// Entries of ours from before the restart that nobody has claimed yet.
    pub leftovers: u64,
    /// Entries written where there was none.
    pub written: u64,
    /// Entries changed.
    pub changed: u64,
    /// Entries removed.
    pub removed: u64,
    /// Entries that became the kernel's own, because it met the host itself.
    pub handed_over: u64,
    /// Refusals by the kernel.
    pub refused: u64,
    /// Those of them for want of room (`gc_thresh3`).
    pub table_full: u64,
    /// Entries of the kernel's own that were refreshed because their hosts answered the peer.
    pub refreshed: u64,
    /// Hosts that the kernel was made to probe.
    pub probed: u64,
    /// Those of them that answered.
    pub answered: u64,
    /// Those of them that did not.
    pub unanswered: u64,
    /// Questions that were dropped, because too many waited.
    pub dropped: u64,
    /// Dumps of the kernel's table.
    pub dumps: u64,
    /// Times that the kernel dropped notices because our buffer was full.
    pub overflows: u64,
    /// Answers that were lost for the same reason; what became of the requests was looked at.
    pub lost_answers: u64,
}

impl KernelView {
    /// Before anything has happened.
    pub(super) fn new(config: &KernelConfig) -> KernelView {
        KernelView {
            mirror: config.mirror,
            protocol: config.protocol,
            at_exit: config.at_exit,
            extern_valid: None,
            wanted: 0,
            installed: 0,
            foreign: 0,
            leftovers: 0,
            written: 0,
            changed: 0,
            removed: 0,
            handed_over: 0,
            refused: 0,
            table_full: 0,
            refreshed: 0,
            probed: 0,
            answered: 0,
            unanswered: 0,
            dropped: 0,
            dumps: 0,
            overflows: 0,
            lost_answers: 0,
        }
    }

    /// As it is now.
    pub(super) fn fill(&mut self, mirror: &KernelMirror) {
        let (tally, asked) = (mirror.ledger.tally, mirror.questions.asked);
        self.extern_valid = match mirror.ledger.extern_valid {
            ExternValid::Untried => None,
            ExternValid::Has => Some(true),
            ExternValid::Lacks => Some(false),
        };
        self.wanted = tally.wanted;
        self.installed = tally.installed;
        self.foreign = tally.foreign;
        self.leftovers = tally.leftovers;
        self.written = tally.written;
        self.changed = tally.changed;
        self.removed = tally.removed;
        self.handed_over = tally.handed_over;
        self.refused = tally.refused;
        self.table_full = tally.table_full;
        self.lost_answers = tally.lost;
        self.refreshed = asked.refreshed;
        self.probed = asked.probed;
        self.answered = asked.answered;
        self.unanswered = asked.unanswered;
        self.dropped = asked.dropped;
        self.dumps = mirror.dumps;
        self.overflows = mirror.overflows;
    }
}
