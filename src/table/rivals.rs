//! Rows that compete for one host route: the same address on several interfaces of one VRF.
//!
//! Invariant: a row that has a rival carries [`Facts::SHARED`]; one that carries it need not have any.

use crate::table::Table;
use crate::table::desired::{Rank, rank_of};
use crate::table::row::{Facts, RowId};

impl Table {
    /// Rows that claim the same address on other interfaces of the VRF.
    pub(crate) fn rivals(&self, at: RowId) -> Vec<RowId> {
        let row = &self.rows[at as usize];
        let domain = self.domain(row);
        let same = |other: &RowId| {
            let other = &self.rows[*other as usize];
            other.ip == row.ip && other.interface != row.interface && self.domain(other) == domain
        };
        let mut rivals: Vec<RowId> = self.index.all(self.index.tag(domain, &row.ip)).filter(same).collect();
        rivals.sort_unstable();
        rivals
    }

    /// True when another interface of the VRF may claim the row's address.
    pub(crate) fn is_shared(&self, at: RowId) -> bool {
        self.rows[at as usize].facts.has(Facts::SHARED)
    }

    /// Notes on both sides that rows compete; answers with how many.
    pub(super) fn share(&mut self, at: RowId) -> usize {
        let rivals = self.rivals(at);
        let count = rivals.len();
        self.rows[at as usize].facts.set(Facts::SHARED, count > 0);
        for rival in rivals {
            self.rows[rival as usize].facts.set(Facts::SHARED, true);
            self.mark_dirty(rival);
        }
        count
    }

    pub(super) fn rank(&self, at: RowId) -> Option<Rank> {
        let (key, view) = self.view_beside(at, None);
        rank_of(&view, &key)
    }
}
