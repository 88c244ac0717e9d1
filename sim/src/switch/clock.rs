//! What calls cost, and what time it is for a switch.
//!
//! With the real clock a call takes as long as the cost model says. With the virtual one nobody waits: the cost is
//! added to a counter, so that a test knows to the nanosecond what its calls would have taken, on any machine.
//!
//! Invariant: the same seed, settings and calls cost the same.

use std::time::{Duration, Instant};

use super::Switch;
use crate::faults::roll;

/// Whose time a switch lives in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ClockKind {
    /// The machine's: calls wait.
    Real,
    /// A counter: calls add to it.
    Virtual,
}

/// The clock of one switch.
pub(crate) struct Clock {
    kind: ClockKind,
    started: Instant,
    /// What all calls so far were to take, and what the clock was set forward.
    charged: u64,
    dice: u64,
}

impl Clock {
    pub(crate) fn new(kind: ClockKind, seed: u64) -> Self {
        // Its own dice: fault rules roll the same with and without jitter.
        Self { kind, started: Instant::now(), charged: 0, dice: seed ^ 0x6a09_e667_f3bc_c908 }
    }

    /// What all calls so far were to take, and what the clock was set forward.
    pub(crate) fn charged(&self) -> u64 {
        self.charged
    }

    /// Nanoseconds since the switch came up.
    pub(crate) fn now(&self) -> u64 {
        match self.kind {
            ClockKind::Virtual => self.charged,
            ClockKind::Real => u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX),
        }
    }

    /// Charges this much; what the caller has still to wait.
    pub(crate) fn charge(&mut self, ns: u64) -> Option<Duration> {
        self.charged = self.charged.saturating_add(ns);
        (self.kind == ClockKind::Real && ns > 0).then(|| Duration::from_nanos(ns))
    }
}

impl Switch {
    /// Charges a call with this many entries; what its caller has to wait.
    #[inline]
    pub(crate) fn charge_call(&mut self, entries: u32) -> Option<Duration> {
        let cost = self.settings.call_ns + self.settings.entry_ns * u64::from(entries);
        if cost == 0 {
            return None;
        }
        let percent = self.settings.jitter_percent;
        if percent == 0 {
            return self.clock.charge(cost);
        }
        // A share of the cost from -percent to +percent, in 32 bits of chance.
        let swing = u128::from(cost) * u128::from(percent) / 100;
        let more = (2 * swing * u128::from(roll(&mut self.clock.dice))) >> 32;
        let jittered = u128::from(cost) - swing + more;
        self.clock.charge(u64::try_from(jittered).unwrap_or(u64::MAX))
    }
}
