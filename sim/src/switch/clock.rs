//! What calls cost, and what time it is for a switch.
//!
//! With the real clock a call takes as long as the cost model says. With the virtual one nobody waits: the cost is
//! added to a counter, so that a test knows to the nanosecond what its calls would have taken, on any machine. Where a
//! profile says nothing of either, the clock is the machine's, and calls are charged what hardware would take without
//! taking it.
//!
//! A bulk call that takes its time takes it entry by entry, and what it has done by then is in the state file: who is
//! killed in the middle of it leaves the first entries, as hardware does.
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

/// What a call costs where a profile says nothing: 32 µs alone, and in bulk 12 µs for each entry.
///
/// Published is hardly more than one log of a chassis: 10,000 single creates of routes in 318 ms, and bulk calls of
/// 1,000 that took at least 12 ms (aristanetworks/sonic, issue 59). Of neighbours nothing was found.
pub(crate) const CALL_NS: u64 = 20_000;
/// See [`CALL_NS`].
pub(crate) const ENTRY_NS: u64 = 12_000;

/// A bulk call stops for nothing shorter than this before its end: sleeping costs about a tenth of it.
const SLICE: Duration = Duration::from_millis(1);

/// A call that takes its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    start: Instant,
    cost: Duration,
}

impl Pace {
    /// When all of it is over.
    pub(crate) fn end(&self) -> Instant {
        self.start + self.cost
    }
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
    /// Charges a call with this many entries. If it has to take that time, it has begun to.
    #[inline]
    pub(crate) fn charge_call(&mut self, entries: u32) -> Option<Pace> {
        let cost = self.settings.call_ns + self.settings.entry_ns * u64::from(entries);
        self.pace = None;
        if cost > 0 {
            let wait = self.charge_jittered(cost).filter(|_| self.settings.takes_time);
            self.pace = wait.map(|cost| Pace { start: Instant::now(), cost });
        }
        self.pace
    }

    /// After `done` of `all` entries of a bulk call: waits until hardware would have come so far.
    #[inline]
    pub(crate) fn keep_pace(&mut self, done: usize, all: usize) {
        if let Some(pace) = self.pace {
            let due = pace.start + pace.cost.mul_f64(done as f64 / all.max(1) as f64);
            let left = due.saturating_duration_since(Instant::now());
            if left >= SLICE && done < all {
                // Whether that worked is said at the end of the call.
                let _ = self.save();
                std::thread::sleep(left);
            }
        }
    }

    fn charge_jittered(&mut self, cost: u64) -> Option<Duration> {
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
