//! A start with the ASIC intact: what the journal names is adopted, and swept where nobody claims it.
//!
//! ```text
//!   journal ─► adopt ─► claimed by ours or the peer's ──► nothing is written
//!                  └──► by nobody, when this device has reported everything, and
//!                       the peer has (END), or the stale timer has ended ────────► removed
//! ```
//!
//! Invariant: what nobody claims is swept once, and never before both devices have said all that they know. A peer that
//! comes back empty, as one that restarted does, sweeps no more than [`Tuning::sweep_guard`](super::Tuning) entries.

use super::Node;
use super::io::{Adopted, Event, Output};
use crate::mirror::batch::Owned;
use crate::neighbor::Key;
use crate::table::change::ChangeSource;
use crate::time::Time;

/// What is left to do after a start.
#[derive(Debug, Default)]
pub(super) struct Warm {
    /// Since when adopted entries wait for their claims.
    since: Option<Time>,
    /// The peer has named everything.
    ended: bool,
    /// There are so many that nobody claims that they wait for the stale timer.
    held: bool,
}

impl Warm {
    /// The peer has named everything.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }
}

impl Node {
    /// Takes entries over that are ours by the journal.
    pub(super) fn adopt(&mut self, entries: &[Adopted]) {
        self.warm.since.get_or_insert(self.now);
        let mut strangers = Vec::new();
        for Adopted { interface, rif, ip, doubt } in entries {
            let Some(row) = self.table.adopt(&Key { interface: *interface, ip: *ip }) else { continue };
            let rif = self.mirror.open(*interface, *rif);
            if self.bound.get(interface) != Some(&rif) && !strangers.contains(&rif) {
                strangers.push(rif);
            }
            self.mirror.adopt(self.now, row, rif, *doubt);
        }
        // Interfaces that are not configured any more are given back when nothing of ours is left on them.
        for rif in strangers {
            self.mirror.close(rif);
        }
    }

    /// The peer has named everything that it claims.
    pub(super) fn peer_has_named(&mut self) {
        self.warm.ended = true;
    }

    /// Lets go of what nobody claims, once everybody has spoken.
    pub(super) fn sweep_leftovers(&mut self) {
        let Some(since) = self.warm.since else { return };
        let late = self.now >= since + self.life.stale();
        if self.table.has_work() || !self.table.complete() || !(self.warm.ended || late) {
            return;
        }
        if !late {
            if self.warm.held {
                return;
            }
            let entries = self.mirror.leftovers();
            let claimed = self.mirror.tally().programmed as usize;
            if entries > self.settings.tuning.sweep_guard && entries > claimed {
                self.warm.held = true;
                self.say(Event::LeftoversHeld { entries: entries as u64 });
                return;
            }
        }
        self.release_leftovers();
    }

    /// They go now: it is time, or an operator says so.
    pub(super) fn release_leftovers(&mut self) {
        if self.warm.since.take().is_some() {
            let entries = self.mirror.sweep_leftovers(self.now) as u64;
            if entries > 0 {
                self.say(Event::LeftoversSwept { entries });
            }
        }
    }

    /// True while leftovers wait for an operator or the stale timer.
    pub(super) fn holds_leftovers(&self) -> bool {
        self.warm.held && self.warm.since.is_some()
    }

    /// When [`Node::sweep_leftovers`] is due at the latest.
    pub(super) fn leftovers_due(&self) -> Option<Time> {
        let due = self.warm.since? + self.life.stale();
        (due > self.now).then_some(due)
    }

    /// Tells what the journal need not name any more.
    pub(super) fn tell_disowned(&mut self) {
        let mut disowned = Vec::new();
        while let Some((row, rif)) = self.mirror.poll_disowned() {
            disowned.push(Owned::Neighbor { rif: rif.oid, ip: self.table.ip(row) });
        }
        if !disowned.is_empty() {
            self.out.push_back(Output::Disown(disowned));
        }
    }
}
