//! The order of last change, and the cursor that the sender moves through it.
//!
//! ```text
//!   oldest                 cursor                        tail
//!     ●────●────✝────●────●──┃──●────●────✝────●────●────●
//!        already sent        ┃       still to be sent
//! ```
//!
//! A row that changes ahead of the cursor keeps its place, since its present claim will be read when the cursor gets
//! there; behind the cursor it moves to the tail. ✝ is a tombstone: a claim that is gone and whose delete is to be told.
//!
//! The cursor is put back when a peer that lost the session says how far it got. How far the cursor *reached* before
//! stays known, for what was told up to there may have arrived although the peer cannot say so: a claim that goes then
//! has to be taken back, even where the cursor is to pass it once more.
//!
//! Where much lies between cursor and tail, a host whose claim changed would wait for all of it, and be forwarded to
//! wrongly meanwhile. So rows that had a place when they changed are remembered in a short *lane*, and may be told
//! *early*, where the cursor stands; their places stay, and they are told there once more. What is new waits for its turn,
//! because nothing of it is wrong yet; so does a deletion, because the claim that takes its place may be behind it.
//!
//! Invariant: a row is in the order at most once; positions rise along it; the cursor never stands on a row that has
//! left it. The lane decides nothing: what is dropped from it is told in its turn.

use crate::limits::{EARLY_ROWS, EARLY_WAITING, MAX_TOMBSTONES};
use crate::table::list::{List, NIL};
use crate::table::row::{ByChange, ByDeath, Facts, Row, RowId};
use std::collections::VecDeque;

/// The order of change of this device's claims.
#[derive(Debug)]
pub(crate) struct Order {
    changes: List<ByChange>,
    graves: List<ByDeath>,
    /// So many tombstones are kept.
    most_graves: usize,
    /// The position given out last.
    tail: u64,
    /// The position that the cursor has passed.
    cursor: u64,
    /// The furthest that it was since it was last put before everything.
    reached: u64,
    /// The first row ahead of the cursor.
    next: RowId,
    /// Deletions up to here need not be told unless the cursor reached them: the full sync that runs sweeps them.
    swept_up_to: u64,
    /// The latest tombstone that was told and is forgotten: who stands before it may have missed a deletion.
    horizon: u64,
    /// A deletion that was still to be told was dropped.
    resync_due: bool,
    /// Rows that changed while much was ahead of the cursor, the one that waits longest first.
    lane: VecDeque<RowId>,
    /// Rows that this sync told early and had not told before.
    early: Vec<RowId>,
}

impl Default for Order {
    fn default() -> Self {
        Order {
            changes: List::default(),
            graves: List::default(),
            most_graves: MAX_TOMBSTONES,
            tail: 0,
            cursor: 0,
            reached: 0,
            next: NIL,
            swept_up_to: 0,
            horizon: 0,
            resync_due: false,
            lane: VecDeque::new(),
            early: Vec::new(),
        }
    }
}

impl Order {
    /// Keeps at most so many tombstones from now on.
    pub(crate) fn keep_graves(&mut self, most: usize) {
        self.most_graves = most;
    }

    pub(crate) fn tail(&self) -> u64 {
        self.tail
    }

    pub(crate) fn cursor(&self) -> u64 {
        self.cursor
    }

    pub(crate) fn is_resync_due(&self) -> bool {
        self.resync_due
    }

    pub(crate) fn take_resync_due(&mut self) -> bool {
        std::mem::take(&mut self.resync_due)
    }

    /// The row's claim is new or changed.
    pub(crate) fn changed(&mut self, rows: &mut [Row], at: RowId) {
        let was_ordered = rows[at as usize].facts.has(Facts::ORDERED);
        self.told_again(rows, at);
        if was_ordered {
            self.hurry(rows, at);
        }
    }

    /// The row's claim is to be told, again if it was already.
    pub(crate) fn told_again(&mut self, rows: &mut [Row], at: RowId) {
        if rows[at as usize].facts.has(Facts::TOMBSTONE) {
            self.graves.remove(rows, at);
            rows[at as usize].facts.set(Facts::TOMBSTONE, false);
        }
        self.renew(rows, at);
    }

    /// The row's claim is gone. Answers a row that left the order because of it, for it may be vacant now.
    pub(crate) fn died(&mut self, rows: &mut [Row], at: RowId) -> Option<RowId> {
        if self.is_first(&rows[at as usize]) {
            // The peer has not been told of it in this sync: what the sync does not name is swept.
            self.leave(rows, at);
            return Some(at);
        }
        self.renew(rows, at);
        rows[at as usize].facts.set(Facts::TOMBSTONE, true);
        self.graves.push_back(rows, at);
        if self.graves.len() <= self.most_graves {
            return None;
        }
        let oldest = self.graves.head();
        let row = &rows[oldest as usize];
        if row.position > self.cursor {
            self.resync_due = true;
        } else {
            self.horizon = self.horizon.max(row.position);
        }
        self.leave(rows, oldest);
        Some(oldest)
    }

    /// Puts the cursor before the oldest claim. The tombstones of the past are of no more use: `left` gets their rows.
    pub(crate) fn rewind(&mut self, rows: &mut [Row], left: &mut Vec<RowId>) {
        while self.graves.head() != NIL {
            let at = self.graves.head();
            self.leave(rows, at);
            left.push(at);
        }
        for at in self.early.drain(..) {
            rows[at as usize].facts.set(Facts::EARLY, false);
        }
        for at in self.lane.drain(..) {
            rows[at as usize].facts.set(Facts::HURRIED, false);
        }
        self.cursor = 0;
        self.reached = 0;
        self.next = self.changes.head();
        self.swept_up_to = self.tail;
        self.horizon = 0;
        self.resync_due = false;
    }

    /// Puts the cursor behind `position`; false when it never was there.
    pub(crate) fn resume(&mut self, rows: &[Row], position: u64) -> bool {
        if position > self.reached {
            return false;
        }
        self.resync_due |= position < self.horizon;
        self.cursor = position;
        self.next = self.first_behind(rows, position);
        true
    }

    /// The first row behind `position`, walked to from the nearer end.
    fn first_behind(&self, rows: &[Row], position: u64) -> RowId {
        let (head, tail) = (self.changes.head(), self.changes.tail());
        if head == NIL {
            return NIL;
        }
        let place = |at: RowId| rows[at as usize].position;
        if position.saturating_sub(place(head)) < place(tail).saturating_sub(position) {
            let mut at = head;
            while at != NIL && place(at) <= position {
                at = List::<ByChange>::next(rows, at);
            }
            return at;
        }
        let (mut at, mut first) = (tail, NIL);
        while at != NIL && place(at) > position {
            first = at;
            at = List::<ByChange>::prev(rows, at);
        }
        first
    }

    /// Moves the cursor over the next row and answers it.
    pub(crate) fn step(&mut self, rows: &[Row]) -> Option<RowId> {
        let at = self.next;
        if at == NIL {
            self.pass(self.tail);
            return None;
        }
        self.next = List::<ByChange>::next(rows, at);
        self.pass(if self.next == NIL { self.tail } else { rows[at as usize].position });
        Some(at)
    }

    /// The next row to be told early, among those whose places lie beyond `beyond`.
    pub(crate) fn step_early(&mut self, rows: &mut [Row], beyond: u64) -> Option<RowId> {
        while let Some(at) = self.lane.pop_front() {
            let Row { facts, position, .. } = &mut rows[at as usize];
            // The row may have left since, and be another key's now.
            let is_hurried = facts.has(Facts::HURRIED);
            facts.set(Facts::HURRIED, false);
            let is_told = is_hurried && !facts.has(Facts::TOMBSTONE) && *position > beyond;
            let (first, full) = (self.is_first(&rows[at as usize]), self.early.len() >= EARLY_ROWS);
            if is_told && !(first && full) {
                return Some(at);
            }
        }
        None
    }

    /// The row was told early.
    pub(crate) fn told_early(&mut self, rows: &mut [Row], at: RowId) {
        if self.is_first(&rows[at as usize]) {
            rows[at as usize].facts.set(Facts::EARLY, true);
            self.early.push(at);
        }
    }

    /// The present sync has not told the row yet.
    fn is_first(&self, row: &Row) -> bool {
        row.position > self.reached && row.position <= self.swept_up_to && !row.facts.has(Facts::EARLY)
    }

    /// The row is to be told before its turn, if there is room in the lane, and something before it.
    fn hurry(&mut self, rows: &mut [Row], at: RowId) {
        let facts = &mut rows[at as usize].facts;
        if self.next != at && self.lane.len() < EARLY_WAITING && !facts.has(Facts::HURRIED) {
            facts.set(Facts::HURRIED, true);
            self.lane.push_back(at);
        }
    }

    fn pass(&mut self, position: u64) {
        self.cursor = position;
        self.reached = self.reached.max(position);
    }

    /// Gives the row a place ahead of the cursor: its own, if it has one.
    fn renew(&mut self, rows: &mut [Row], at: RowId) {
        let row = &rows[at as usize];
        if row.facts.has(Facts::ORDERED) {
            if row.position > self.cursor {
                return;
            }
            self.changes.remove(rows, at);
        }
        self.tail += 1;
        self.changes.push_back(rows, at);
        let row = &mut rows[at as usize];
        row.position = self.tail;
        row.facts.set(Facts::ORDERED, true);
        if self.next == NIL {
            self.next = at;
        }
    }

    fn leave(&mut self, rows: &mut [Row], at: RowId) {
        if self.next == at {
            self.next = List::<ByChange>::next(rows, at);
        }
        self.changes.remove(rows, at);
        if rows[at as usize].facts.has(Facts::TOMBSTONE) {
            self.graves.remove(rows, at);
        }
        let row = &mut rows[at as usize];
        row.facts.set(Facts::ORDERED, false);
        row.facts.set(Facts::TOMBSTONE, false);
        row.facts.set(Facts::HURRIED, false);
        row.facts.set(Facts::EARLY, false);
        row.position = 0;
        row.told = None;
    }
}
