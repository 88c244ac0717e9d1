//! Hosts that move between the two devices: how often, and when it is too often.
//!
//! ```text
//!            fresh evidence against the peer's claim             one move more than allowed
//!   at rest ───────────────────────────────────────► moving ───────────────────────────────► frozen
//!      ▲        the window passes without another       │         no counter is raised          │
//!      └───────────────────────────────────────────────┴───────────────────────────────────────┘
//! ```
//!
//! A host that is heard on both devices at once (a loop, or one address used twice) would otherwise make both raise
//! their counters against each other as fast as they can talk. Each device counts the rises of its own counter alone,
//! so each comes to rest by itself, whatever the other one does; the higher counter still wins, on both.
//!
//! Invariant: a side table for the few that move; a row says by [`Facts::MOVING`](super::row::Facts::MOVING) that it is
//! here, so one that never moved costs nothing.

use crate::limits::{FREEZE, MAX_MOVES, MAX_MOVING, MOVE_WINDOW};
use crate::table::row::RowId;
use crate::time::Time;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// What a device may do with its counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// Raise it.
    Counted,
    /// Leave it: it would be one move too many.
    Froze,
    /// Leave it: it is frozen already.
    Frozen,
}

#[derive(Debug)]
struct Mover {
    /// When it moved, oldest first.
    moves: Vec<Time>,
    frozen: bool,
    /// When it thaws, or is forgotten.
    until: Time,
}

/// The rows that moved of late.
#[derive(Debug, Default)]
pub(crate) struct Mobility {
    movers: BTreeMap<RowId, Mover>,
    by_time: BTreeSet<(Time, RowId)>,
    frozen: usize,
    moves: u64,
}

impl Mobility {
    /// A row's claim is about to be raised above the peer's. Answers a row that had to be forgotten for it, too.
    pub(crate) fn moves(&mut self, now: Time, at: RowId) -> (Move, Option<RowId>) {
        let evicted = if self.movers.contains_key(&at) || self.movers.len() < MAX_MOVING {
            None
        } else {
            self.by_time.first().map(|(_, oldest)| *oldest).inspect(|oldest| self.forget(*oldest))
        };
        let fresh = || Mover { moves: Vec::with_capacity(MAX_MOVES), frozen: false, until: Time::ZERO };
        let mover = self.movers.entry(at).or_insert_with(fresh);
        if mover.frozen {
            return (Move::Frozen, evicted);
        }
        self.by_time.remove(&(mover.until, at));
        mover.moves.retain(|then| now.since(*then) < MOVE_WINDOW);
        let answer = if mover.moves.len() >= MAX_MOVES {
            mover.frozen = true;
            mover.until = now + FREEZE;
            self.frozen += 1;
            Move::Froze
        } else {
            mover.moves.push(now);
            mover.until = now + MOVE_WINDOW;
            self.moves += 1;
            Move::Counted
        };
        self.by_time.insert((mover.until, at));
        (answer, evicted)
    }

    /// A row that is forgotten by now, and whether it was frozen.
    pub(crate) fn due(&mut self, now: Time) -> Option<(RowId, bool)> {
        let (_, at) = self.by_time.first().copied().filter(|(until, _)| *until <= now)?;
        let frozen = self.is_frozen(at);
        self.forget(at);
        Some((at, frozen))
    }

    /// When something here is due.
    pub(crate) fn next_wake(&self) -> Option<Time> {
        self.by_time.first().map(|(until, _)| *until)
    }

    /// The row is no more.
    pub(crate) fn forget(&mut self, at: RowId) {
        if let Some(mover) = self.movers.remove(&at) {
            self.by_time.remove(&(mover.until, at));
            self.frozen -= usize::from(mover.frozen);
        }
    }

    /// True while the row's counter is not raised.
    pub(crate) fn is_frozen(&self, at: RowId) -> bool {
        self.movers.get(&at).is_some_and(|mover| mover.frozen)
    }

    /// When a frozen row thaws.
    pub(crate) fn thaws(&self, at: RowId) -> Option<Time> {
        self.movers.get(&at).filter(|mover| mover.frozen).map(|mover| mover.until)
    }

    /// How many are frozen now.
    pub(crate) fn frozen(&self) -> usize {
        self.frozen
    }

    /// How often a counter was raised, ever.
    pub(crate) fn count(&self) -> u64 {
        self.moves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(secs: u64) -> Time {
        Time::ZERO + Duration::from_secs(secs)
    }

    #[test]
    fn the_sixth_move_in_the_window_freezes_and_time_thaws() {
        let mut mobility = Mobility::default();
        for n in 0..5 {
            assert_eq!(mobility.moves(at(n * 30), 7).0, Move::Counted, "move {n}");
        }
        assert_eq!(mobility.moves(at(179), 7).0, Move::Froze);
        assert_eq!((mobility.frozen(), mobility.count()), (1, 5));
        assert_eq!(mobility.moves(at(1000), 7).0, Move::Frozen);
        assert_eq!(mobility.next_wake(), Some(at(1979)), "frozen from then on, however often it is heard");
        assert_eq!(mobility.due(at(1978)), None);
        assert_eq!(mobility.due(at(1979)), Some((7, true)));
        assert_eq!((mobility.frozen(), mobility.next_wake()), (0, None));
        assert_eq!(mobility.moves(at(1979), 7).0, Move::Counted, "and begins anew");
    }

    #[test]
    fn moves_that_are_far_apart_never_freeze() {
        let mut mobility = Mobility::default();
        for n in 0..100 {
            assert_eq!(mobility.moves(at(n * 36), 7).0, Move::Counted, "move {n}");
        }
        assert_eq!(mobility.due(at(99 * 36 + 180)), Some((7, false)));
        assert_eq!(mobility.next_wake(), None);
    }

    #[test]
    fn those_that_move_are_bounded_and_the_one_at_rest_longest_makes_room() {
        let mut mobility = Mobility::default();
        for row in 0..MAX_MOVING as u32 {
            assert_eq!(mobility.moves(at(1), row).1, None);
        }
        assert_eq!(mobility.moves(at(2), 0), (Move::Counted, None));
        assert_eq!(mobility.moves(at(2), u32::MAX), (Move::Counted, Some(1)));
        assert_eq!(mobility.movers.len(), MAX_MOVING);
        assert_eq!(mobility.by_time.len(), MAX_MOVING);
    }
}
