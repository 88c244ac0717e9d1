//! How many hosts have had to make way of late.
//!
//! Invariant: in no minute, wherever it begins, more than a tenth of the table.

use crate::limits::{EVICTED_PART, EVICTION_WINDOW};
use crate::time::Time;
use std::time::Duration;

/// One second more than the window: the oldest has not wholly left it yet.
const SECONDS: usize = EVICTION_WINDOW.as_secs() as usize + 1;

/// The evictions of the last minute, by the second.
#[derive(Debug)]
pub(super) struct Evictions {
    seconds: [u64; SECONDS],
    /// The last second that is counted.
    now: u64,
    recent: u64,
    total: u64,
}

impl Default for Evictions {
    fn default() -> Self {
        Evictions { seconds: [0; SECONDS], now: 0, recent: 0, total: 0 }
    }
}

impl Evictions {
    /// How many a minute a table of this size bears.
    pub(super) fn allowance(table: u64) -> u64 {
        (table / EVICTED_PART).max(1)
    }

    /// True when one more may go, which is counted.
    pub(super) fn take(&mut self, now: Time, table: u64) -> bool {
        self.tick(now);
        if self.recent >= Self::allowance(table) {
            return false;
        }
        self.recent += 1;
        self.total += 1;
        self.seconds[(self.now % SECONDS as u64) as usize] += 1;
        true
    }

    /// When the next one may, after [`Evictions::take`] said no.
    pub(super) fn next(&self) -> Time {
        let oldest = (self.now.saturating_sub(SECONDS as u64 - 1)..=self.now)
            .find(|second| self.seconds[(second % SECONDS as u64) as usize] > 0)
            .unwrap_or(self.now);
        Time::ZERO + Duration::from_secs(oldest + SECONDS as u64)
    }

    /// In the last minute.
    pub(super) fn recent(&self, now: Time) -> u64 {
        let second = now.since(Time::ZERO).as_secs();
        (0..SECONDS as u64)
            .filter_map(|back| self.now.checked_sub(back))
            .filter(|at| at + SECONDS as u64 > second)
            .map(|at| self.seconds[(at % SECONDS as u64) as usize])
            .sum()
    }

    /// Ever.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    fn tick(&mut self, now: Time) {
        let second = now.since(Time::ZERO).as_secs();
        let passed = second.saturating_sub(self.now).min(SECONDS as u64);
        for ahead in 1..=passed {
            let at = ((second - passed + ahead) % SECONDS as u64) as usize;
            self.recent -= std::mem::take(&mut self.seconds[at]);
        }
        self.now = self.now.max(second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Time {
        Time::ZERO + Duration::from_millis(ms)
    }

    #[test]
    fn rule_11_no_minute_sees_more_than_a_tenth_of_the_table_go() {
        let mut evictions = Evictions::default();
        let mut gone: Vec<u64> = Vec::new();
        for ms in (0..400_000).step_by(70) {
            while evictions.take(at(ms), 1000) {
                gone.push(ms);
                // In bursts, and one by one.
                if ms / 10_000 % 2 == 0 {
                    break;
                }
            }
        }
        for first in &gone {
            let minute = gone.iter().filter(|ms| (*first..first + 60_000).contains(ms)).count();
            assert!(minute <= 100, "{minute} in the minute from {first} ms on");
        }
        assert!(gone.len() > 500, "and nearly as many as may: {}", gone.len());
    }

    #[test]
    fn the_next_may_go_when_the_oldest_has_left_the_window_and_not_before() {
        let mut evictions = Evictions::default();
        assert!(evictions.take(at(5_500), 1), "one of the smallest table");
        assert!(!evictions.take(at(30_000), 1));
        let next = evictions.next();
        assert!(next > at(65_500) && next <= at(67_000), "{next:?}");
        assert_eq!(evictions.recent(at(30_000)), 1);
        assert!(!evictions.take(Time(next.0 - 1), 1));
        assert!(evictions.take(next, 1));
        assert_eq!((evictions.recent(next), evictions.total()), (1, 2));
        assert_eq!(evictions.recent(at(600_000)), 0);
    }
}
