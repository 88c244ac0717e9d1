//! How large the next batch is, and which class it is taken from.
//!
//! A batch is sized by what the ASIC was measured to need per entry of that kind, and grows step by step, so that a
//! table that slows down never has more than a few milliseconds of work ahead of an urgent change. Classes are strict,
//! but one that waits earns a share of the time that others use.
//!
//! Invariant: measured time is the batch's own, as reported with its answer: no clock is read.

use crate::limits::{BATCH_ASIC_TIME, BATCH_FIRST, BATCH_MAX};
use crate::mirror::batch::OpKind;
use crate::mirror::entry::{HwTable, TABLES};

/// Number of kinds of operation.
pub(crate) const KINDS: usize = 4;
/// Number of classes.
pub(crate) const CLASSES: usize = 4;
/// The largest step by which a batch grows.
const GROWTH: usize = 8;
/// One part in so many of the ASIC's time that a waiting class gets at least.
const FLOOR: u64 = 20;

/// What a batch does, and to which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    pub(crate) table: HwTable,
    pub(crate) kind: OpKind,
}

impl Lane {
    const COUNT: usize = TABLES * KINDS;

    fn index(self) -> usize {
        self.table as usize * KINDS + self.kind as usize
    }
}

/// Sizes and shares.
#[derive(Debug)]
pub(crate) struct Pace {
    size: [usize; Lane::COUNT],
    per_op_ns: [u64; Lane::COUNT],
    credit_ns: [u64; CLASSES],
}

impl Default for Pace {
    fn default() -> Self {
        Pace { size: [BATCH_FIRST; Lane::COUNT], per_op_ns: [0; Lane::COUNT], credit_ns: [0; CLASSES] }
    }
}

impl Pace {
    /// The most entries that the next batch of this kind may have.
    pub(crate) fn size(&self, lane: Lane) -> usize {
        self.size[lane.index()]
    }

    /// What an entry was measured to need; zero before anything was.
    pub(crate) fn per_op_ns(&self, lane: Lane) -> u64 {
        self.per_op_ns[lane.index()]
    }

    /// Starts small again.
    pub(crate) fn restart(&mut self) {
        self.size = [BATCH_FIRST; Lane::COUNT];
    }

    /// A batch was answered. A short one says little about larger ones, so it only ever lets them shrink.
    pub(crate) fn measured(&mut self, lane: Lane, ops: usize, asic_ns: u64) {
        let k = lane.index();
        let ops = ops.max(1);
        let per_op = asic_ns / ops as u64;
        self.per_op_ns[k] = per_op;
        let budget = u64::try_from(BATCH_ASIC_TIME.as_nanos()).unwrap_or(u64::MAX);
        let fits = usize::try_from(budget / per_op.max(1)).unwrap_or(BATCH_MAX).clamp(1, BATCH_MAX);
        let full = ops >= self.size[k];
        if full {
            self.size[k] = fits.min(self.size[k] * GROWTH).max(1);
        } else if asic_ns > budget {
            self.size[k] = self.size[k].min(fits);
        }
    }

    /// The class to serve next: the most urgent one, unless a lesser one has earned its share by waiting.
    pub(crate) fn choose(&self, waiting: [bool; CLASSES], lane_of: impl Fn(usize) -> Lane) -> Option<usize> {
        let first = waiting.iter().position(|w| *w)?;
        let owed = (first + 1..CLASSES).filter(|class| waiting[*class]).find(|class| {
            let per_op = self.per_op_ns[lane_of(*class).index()].max(1);
            self.credit_ns[*class] >= per_op * BATCH_FIRST as u64
        });
        Some(owed.unwrap_or(first))
    }

    /// How many entries of a class that was chosen before its turn it may have.
    pub(crate) fn allowance(&self, class: usize, lane: Lane) -> usize {
        let per_op = self.per_op_ns[lane.index()].max(1);
        usize::try_from(self.credit_ns[class] / per_op).unwrap_or(BATCH_MAX).clamp(1, BATCH_MAX)
    }

    /// Charges a batch of `ops` entries to its class before it runs, and credits those that wait meanwhile.
    pub(crate) fn charge(&mut self, class: usize, lane: Lane, ops: usize, waiting: [bool; CLASSES]) {
        let cost = self.per_op_ns[lane.index()].max(1) * ops as u64;
        for (other, credit) in self.credit_ns.iter_mut().enumerate() {
            *credit = match (other == class, waiting[other]) {
                (true, _) => credit.saturating_sub(cost),
                (false, true) => credit.saturating_add(cost.div_ceil(FLOOR)),
                (false, false) => 0,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: Lane = Lane { table: HwTable::Neighbor, kind: OpKind::Create };
    const SET: Lane = Lane { table: HwTable::Neighbor, kind: OpKind::SetMac };

    #[test]
    fn a_batch_grows_from_16_to_what_fits_in_1500_us_of_asic_time() {
        let mut pace = Pace::default();
        assert_eq!(pace.size(CREATE), 16);
        for _ in 0..5 {
            let n = pace.size(CREATE);
            pace.measured(CREATE, n, 20_000 + 5_000 * n as u64);
        }
        let n = pace.size(CREATE) as u64;
        assert!((285..=300).contains(&n), "{n}");
        assert_eq!(pace.size(SET), 16, "each kind by itself");
    }

    #[test]
    fn a_batch_never_exceeds_4096_and_shrinks_at_once_when_the_asic_slows_down() {
        let mut pace = Pace::default();
        for _ in 0..9 {
            pace.measured(CREATE, pace.size(CREATE), 0);
        }
        assert_eq!(pace.size(CREATE), 4096);
        pace.measured(CREATE, 4096, 30_000_000_000);
        assert_eq!(pace.size(CREATE), 1);
        pace.measured(CREATE, 1, 5_000);
        assert_eq!(pace.size(CREATE), 8);
    }

    #[test]
    fn a_waiting_class_gets_a_twentieth() {
        let mut pace = Pace::default();
        for lane in [SET, CREATE] {
            pace.measured(lane, 16, 16_000);
        }
        let lane_of = |class| if class == 0 { SET } else { CREATE };
        let waiting = [true, false, true, false];
        let mut served = [0usize; CLASSES];
        for _ in 0..10_000 {
            let class = pace.choose(waiting, lane_of).expect("two wait");
            let lane = lane_of(class);
            let ops = if class == 0 { 100 } else { pace.allowance(class, lane).min(100) };
            pace.charge(class, lane, ops, waiting);
            served[class] += ops;
        }
        let share = served[2] as f64 / (served[0] + served[2]) as f64;
        assert!((0.04..0.06).contains(&share), "{share}");
    }
}
