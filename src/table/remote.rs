//! The copy of the peer's claims: what the channel brought, never edited here.
//!
//! Invariant: losing the session changes nothing here; only the peer's own words do, and the sweep at its END.

use crate::neighbor::{Claim, Key};
use crate::table::row::RowId;
use crate::table::{AHEAD, Glimpse, Table};

impl Table {
    /// The peer begins to name everything it claims.
    pub(crate) fn remote_begin(&mut self) {
        self.remote_mark += 1;
        self.remote_marked = 0;
        self.syncing = true;
    }

    /// Claims of the peer's, new or changed.
    pub(crate) fn remote_upsert(&mut self, claims: &[(Key, Claim)]) {
        for claims in claims.chunks(AHEAD) {
            let ahead = self.look_ahead(claims.iter().map(|(key, _)| key));
            for ((key, claim), glimpse) in claims.iter().zip(&ahead) {
                self.remote_upsert_one(key, claim, glimpse);
            }
        }
    }

    fn remote_upsert_one(&mut self, key: &Key, claim: &Claim, glimpse: &Option<Glimpse>) {
        let at = self.row(key, glimpse);
        let row = &mut self.rows[at as usize];
        let known = row.remote.is_some();
        self.remote_count += usize::from(!known);
        self.remote_marked += usize::from(!known || row.remote_mark != self.remote_mark);
        row.remote_mark = self.remote_mark;
        if row.remote != Some(*claim) {
            row.remote = Some(*claim);
            self.touch(at);
        }
    }

    /// Claims that the peer took back.
    pub(crate) fn remote_delete(&mut self, keys: &[Key]) {
        for key in keys {
            if let Some(at) = self.find(key) {
                self.drop_remote(at);
            }
        }
    }

    /// The peer has named everything: answers how many claims were swept because it did not name them.
    pub(crate) fn remote_end(&mut self) -> u64 {
        if !std::mem::take(&mut self.syncing) || self.remote_marked == self.remote_count {
            return 0;
        }
        let mut swept = 0;
        for at in 0..self.rows.len() {
            let row = &self.rows[at];
            if row.remote.is_some() && row.remote_mark != self.remote_mark {
                self.drop_remote(at as RowId);
                swept += 1;
            }
        }
        swept
    }

    fn drop_remote(&mut self, at: RowId) {
        let row = &mut self.rows[at as usize];
        if row.remote.take().is_some() {
            self.remote_count -= 1;
            self.remote_marked -= usize::from(row.remote_mark == self.remote_mark);
            self.touch(at);
        }
    }
}
