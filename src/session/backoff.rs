//! Pauses between dials, and the dice they are drawn with.

use crate::limits::{BACKOFF_MAX_ANSWERED, BACKOFF_MAX_SILENT, BACKOFF_MIN};
use std::time::Duration;

/// Numbers from a seed (SplitMix64): the same seed, the same run.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Dice(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// How the last attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The peer's address answered: refused, reset, or talked and was not understood.
    Answered,
    /// Nothing came back.
    Silent,
}

/// Doubling pauses, 25 % up or down.
#[derive(Clone, Debug, Default)]
pub(super) struct Backoff {
    doubled: u32,
}

impl Backoff {
    /// The longest pause is reached after this many doublings.
    const MOST: u32 = 6;

    pub(super) fn reset(&mut self) {
        self.doubled = 0;
    }

    pub(super) fn pause(&mut self, failure: Failure, dice: &mut Dice) -> Duration {
        let most = match failure {
            Failure::Answered => BACKOFF_MAX_ANSWERED,
            Failure::Silent => BACKOFF_MAX_SILENT,
        };
        let pause = (BACKOFF_MIN * (1 << self.doubled)).min(most);
        self.doubled = (self.doubled + 1).min(Self::MOST);
        let per_mille = u32::try_from(750 + dice.next() % 501).expect("at most 1,250");
        pause * per_mille / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_the_bound_of_their_kind() {
        for (failure, bounds) in [
            (Failure::Answered, [100, 200, 400, 800, 800, 800, 800, 800]),
            (Failure::Silent, [100, 200, 400, 800, 1600, 3200, 5000, 5000]),
        ] {
            let mut dice = Dice::new(7);
            let mut backoff = Backoff::default();
            for bound in bounds {
                let pause = backoff.pause(failure, &mut dice).as_millis();
                assert!(
                    (bound * 3 / 4..=bound * 5 / 4).contains(&pause),
                    "{pause} ms is not about {bound} ms"
                );
            }
            backoff.reset();
            assert!(backoff.pause(failure, &mut dice) <= Duration::from_millis(125));
        }
    }

    #[test]
    fn pauses_differ_between_seeds_and_repeat_with_the_same() {
        let draw = |seed| Backoff::default().pause(Failure::Silent, &mut Dice::new(seed));
        assert_eq!(draw(1), draw(1));
        assert!((2..50).any(|seed| draw(seed) != draw(1)));
    }
}
