//! How fast a connection takes bytes, measured while it has some to take.
//!
//! A frame counts only when all of it is there, and a window's position only when all of the window is: on a slow link
//! both are cut to what the link takes in a short time, so that progress is made and kept however often it breaks.
//!
//! Invariant: as long as nothing is known the link counts as fast.

use crate::limits;
use crate::time::Time;
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Rate {
    /// Since when there is something to take, if there is.
    busy_since: Option<Time>,
    /// For how long there was something to take since the last sample, and how much was taken.
    busy: Duration,
    taken: u64,
    per_second: Option<u64>,
}

impl Rate {
    /// There is something to take from now on.
    pub(super) fn offered(&mut self, now: Time) {
        self.busy_since.get_or_insert(now);
    }

    /// Some of it was taken; `idle` when that was all.
    pub(super) fn taken(&mut self, now: Time, bytes: u64, idle: bool) {
        let Some(since) = self.busy_since else { return };
        self.busy += now.since(since);
        self.taken += bytes;
        self.busy_since = (!idle).then_some(now);
        if self.busy < limits::RATE_SAMPLE && self.taken < limits::RATE_SAMPLE_BYTES {
            return;
        }
        let busy = self.busy.max(Duration::from_millis(1));
        let nanos = u64::try_from(busy.as_nanos()).unwrap_or(u64::MAX);
        let sample =
            u64::try_from(u128::from(self.taken) * 1_000_000_000 / u128::from(nanos)).unwrap_or(u64::MAX);
        self.per_second = Some(self.per_second.map_or(sample, |rate| rate / 2 + sample / 2));
        (self.busy, self.taken) = (Duration::ZERO, 0);
    }

    /// What the link takes in that time, between two bounds; the upper one when nothing is known.
    pub(super) fn within(&self, time: Duration, least: usize, most: usize) -> usize {
        let Some(rate) = self.per_second else { return most };
        let bytes = u128::from(rate) * time.as_millis() / 1000;
        usize::try_from(bytes).unwrap_or(usize::MAX).clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: usize = 4096;
    const MOST: usize = 64 * 1024;

    fn at(ms: u64) -> Time {
        Time::ZERO + Duration::from_millis(ms)
    }

    fn frame(rate: &Rate) -> usize {
        rate.within(Duration::from_millis(100), LEAST, MOST)
    }

    #[test]
    fn a_slow_link_is_known_after_a_while_and_a_fast_one_again() {
        let mut rate = Rate::default();
        assert_eq!(frame(&rate), MOST, "nothing is known");
        rate.offered(at(0));
        // What the kernel's own buffer takes at once says little.
        rate.taken(at(1), 128 * 1024, false);
        for step in 1..=20 {
            rate.taken(at(100 * step), 6_400, false);
        }
        assert!((6_000..7_000).contains(&frame(&rate)), "64 kB/s: {}", frame(&rate));
        rate.taken(at(2_001), 512 * 1024, true);
        assert_eq!(frame(&rate), MOST);
    }

    #[test]
    fn time_without_anything_to_take_does_not_count() {
        let mut rate = Rate::default();
        for second in 0..100 {
            rate.offered(at(1000 * second));
            rate.taken(at(1000 * second + 2), 3_000, true);
        }
        assert_eq!(frame(&rate), MOST, "3,000 bytes in 2 ms, once a second, are 1.5 MB/s");
    }

    #[test]
    fn a_crawling_link_keeps_frames_that_are_more_than_headers() {
        let mut rate = Rate::default();
        rate.offered(at(0));
        for second in 1..=20 {
            rate.taken(at(1000 * second), 1_000, false);
        }
        assert_eq!(frame(&rate), LEAST);
    }
}
