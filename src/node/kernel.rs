//! What the kernel's neighbour table should hold of the peer's hosts: a cursor over the rows that changed.
//!
//! A row is told when what it should be there differs from what was told of it last, so changes of one key coalesce, and
//! a mirror that is arbitrarily slow costs one mark a row. So many words may be under way, [`CREDIT`]; the taker gives
//! each back with [`Input::KernelTaken`](super::io::Input::KernelTaken).
//!
//! Invariant: nothing here knows what the kernel holds, and no step is longer than one word, [`WORD`] rows.

use super::Node;
use super::io::Output;
use crate::addr::Mac;
use crate::limits::{KERNEL_WORD as WORD, KERNEL_WORDS as CREDIT};
use crate::neighbor::{Flags, Key};
use crate::table::change::ChangeSource;
use crate::table::desired::{Verdict, View, Winner, winning};
use crate::table::row::RowId;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// What the kernel should hold of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KernelWant {
    /// Nothing of ours.
    #[default]
    Nothing,
    /// What it has is its own from now on: this device has learned the host by itself.
    Own,
    /// A host of the peer's.
    Host {
        /// Its MAC.
        mac: Mac,
        /// It is an IPv6 router.
        router: bool,
    },
}

/// Entries of ours that nobody wants, from before a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KernelSweep {
    /// Both devices have told everything: they may go, unless they are so many that a peer without its table is more likely.
    Told,
    /// They go: the peer was waited for long enough, or an operator says so.
    All,
}

/// One word to the kernel mirror.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KernelWord {
    /// What became different, each key once.
    pub changes: Vec<(Key, KernelWant)>,
    /// After these, what nobody wants may go.
    pub sweep: Option<KernelSweep>,
}

/// A row here.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    want: KernelWant,
    /// What it was last told to hold of ours, or nothing.
    told: KernelWant,
    dirty: bool,
}

impl Slot {
    /// Where nothing of ours is, the kernel's own needs no word.
    fn is_news(&self) -> bool {
        self.want != self.told && (self.want, self.told) != (KernelWant::Own, KernelWant::Nothing)
    }
}

/// The cursor.
#[derive(Debug, Default)]
pub(super) struct KernelCursor {
    on: bool,
    slots: Vec<Slot>,
    dirty: VecDeque<RowId>,
    /// Words that are under way.
    under_way: usize,
    /// Since when both devices' words are waited for; `None` when it was long enough.
    since: Option<Time>,
    swept: Option<KernelSweep>,
}

impl KernelCursor {
    /// Tells from now on.
    pub(super) fn begin(&mut self, now: Time) {
        self.on = true;
        self.since = Some(now);
    }

    /// The taker has taken a word.
    pub(super) fn taken(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// What was decided of a row.
    #[inline]
    pub(super) fn want(&mut self, row: RowId, view: &View<'_>, verdict: &Verdict) {
        if !self.on {
            return;
        }
        let want = wanted(view, verdict);
        let at = row as usize;
        if self.slots.len() <= at {
            if !matches!(want, KernelWant::Host { .. }) {
                return;
            }
            self.slots.resize(at + 1, Slot::default());
        }
        let slot = &mut self.slots[at];
        slot.want = want;
        if slot.is_news() && !slot.dirty {
            slot.dirty = true;
            self.dirty.push_back(row);
        }
    }

    /// True when the row's number may be given to another key.
    #[inline]
    pub(super) fn is_done(&self, row: RowId) -> bool {
        self.slots.get(row as usize).is_none_or(|slot| !slot.dirty && slot.told == KernelWant::Nothing)
    }
}

/// Only what the peer alone vouches for is ours; what was learned here is the kernel's own, and ages there.
fn wanted(view: &View<'_>, verdict: &Verdict) -> KernelWant {
    match (verdict, winning(view)) {
        (Verdict::Ours(host), Some((Winner::Remote, claim))) => {
            KernelWant::Host { mac: host.mac, router: claim.flags.contains(Flags::ROUTER) }
        }
        _ if view.local.is_some() => KernelWant::Own,
        _ => KernelWant::Nothing,
    }
}

impl Node {
    /// The next word for the kernel mirror, if it may have one.
    pub(super) fn next_kernel_word(&mut self) -> Option<Output> {
        let cursor = &mut self.kernel;
        if !cursor.on || cursor.under_way >= CREDIT {
            return None;
        }
        let mut changes = Vec::new();
        for _ in 0..WORD {
            let Some(row) = self.kernel.dirty.pop_front() else { break };
            let slot = &mut self.kernel.slots[row as usize];
            slot.dirty = false;
            if slot.is_news() {
                slot.told = match slot.want {
                    KernelWant::Own => KernelWant::Nothing,
                    want => want,
                };
                changes.push((self.table.key(row), slot.want));
            }
            if self.kernel.is_done(row) {
                // It may have been kept for this alone.
                self.table.touch(row);
            }
        }
        let sweep = if self.kernel.dirty.is_empty() { self.kernel_sweep() } else { None };
        if changes.is_empty() && sweep.is_none() {
            return None;
        }
        self.kernel.under_way += 1;
        Some(Output::Kernel(KernelWord { changes, sweep }))
    }

    /// An operator releases what awaits a sweep.
    pub(super) fn release_kernel_sweep(&mut self) {
        self.kernel.since = None;
    }

    /// Whether what nobody wants may go now; said once each.
    fn kernel_sweep(&mut self) -> Option<KernelSweep> {
        if self.kernel.swept == Some(KernelSweep::All) || self.table.has_work() || !self.table.complete() {
            return None;
        }
        let due = if self.kernel_sweep_at() <= self.now {
            KernelSweep::All
        } else if self.warm.has_ended() {
            KernelSweep::Told
        } else {
            return None;
        };
        let before = self.kernel.swept.replace(due);
        (before != Some(due)).then_some(due)
    }

    fn kernel_sweep_at(&self) -> Time {
        self.kernel.since.map_or(Time::ZERO, |since| since + self.life.stale())
    }

    /// When there is something to tell, or the last sweep is due.
    pub(super) fn kernel_due(&self) -> Option<Time> {
        let cursor = &self.kernel;
        let words = (!cursor.dirty.is_empty() && cursor.under_way < CREDIT).then_some(self.now);
        let waits = cursor.on && cursor.swept != Some(KernelSweep::All);
        words.or_else(|| waits.then(|| self.kernel_sweep_at()).filter(|at| *at > self.now))
    }

    /// The MAC of the claim that a confirmation or a probe is about, and whether it is this device's own.
    pub fn claimed(&mut self, key: &Key) -> Option<(Mac, bool)> {
        let row = self.table.find(key)?;
        let (_, view) = self.table.peek(row)?;
        let own = view.local.filter(|_| !view.is_static).map(|claim| (claim.mac, true));
        own.or_else(|| view.remote.map(|claim| (claim.mac, false)))
    }
}

#[cfg(test)]
mod tests;
