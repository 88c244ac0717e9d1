//! How much of what happens is logged.
//!
//! Invariant: whatever happens, within [`LOG_PERIOD`](limits::LOG_PERIOD) no more than [`LOG_LINES`](limits::LOG_LINES)
//! lines are written.

use super::announce;
use crate::limits;
use crate::node::io::Event;
use crate::time::Time;

/// What happens is logged, but not at any rate: a peer that says BEGIN and END, or moves an interface from VRF to VRF,
/// as fast as it can would fill the disk, and whoever reads the log slowly would hold the core up.
#[derive(Debug, Default)]
pub(super) struct Gate {
    since: Time,
    passed: usize,
    kept_back: u64,
}

impl Gate {
    /// Writes an event to the log, if there is room.
    pub(super) fn announce(&mut self, now: Time, event: &Event) {
        if self.admits(now) {
            announce(event);
        }
    }

    /// True when one more may pass; says how many did not, once there is room again.
    fn admits(&mut self, now: Time) -> bool {
        if now.since(self.since) >= limits::LOG_PERIOD {
            self.since = now;
            self.passed = 0;
            let kept_back = std::mem::take(&mut self.kept_back);
            if kept_back > 0 {
                tracing::warn!(kept_back, "so much happened that not everything was logged");
            }
        }
        let admitted = self.passed < limits::LOG_LINES;
        self.passed += usize::from(admitted);
        self.kept_back += u64::from(!admitted);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flood_of_events_does_not_flood_the_log() {
        let mut gate = Gate::default();
        let at = |ms| Time::ZERO + Duration::from_millis(ms);
        let passed = (0..100_000).filter(|_| gate.admits(at(500))).count();
        assert_eq!((passed, gate.kept_back), (limits::LOG_LINES, 100_000 - limits::LOG_LINES as u64));
        assert!(gate.admits(at(500) + limits::LOG_PERIOD), "what happens later is heard");
        assert_eq!(gate.kept_back, 0, "it was said how much was not");
    }
}
