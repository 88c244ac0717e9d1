//! The copy of the peer's claims: what the channel brought, never edited here.
//!
//! What it costs is bounded: beyond so many claims, interfaces, or interfaces for one address, a claim is not kept and
//! the copy is *truncated*, until the peer names everything anew.
//!
//! Invariant: losing the session changes nothing here; only the peer's own words do, the sweep at its END, and the end of
//! a claim that nothing has vouched for for too long. A sweep
//! costs as much as it sweeps, however often the peer asks for one.

use crate::limits::MAX_RIVALS;
use crate::neighbor::{Claim, Key};
use crate::table::Table;
use crate::table::list::NIL;
use crate::table::lookup::{AHEAD, Glimpse};
use crate::table::row::{Facts, Row, RowId};
use crate::table::trail::What;

impl Table {
    /// The peer begins to name everything it claims.
    pub(crate) fn remote_begin(&mut self) {
        self.remote_mark = self.remote_mark.wrapping_add(1);
        self.syncing = true;
        self.unnamed = self.remote.len();
        self.forget_scope();
        self.heard.begin();
        self.truncated = false;
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
        let Some(at) = self.admit(key, glimpse) else {
            self.turned_away += 1;
            self.truncated = true;
            return;
        };
        let row = &self.rows[at as usize];
        let (known, named) = (row.remote, self.is_named(row));
        if known.is_none() || !named {
            if known.is_some() {
                self.unnamed -= usize::from(row.remote_mark != self.remote_mark);
                self.remote.remove(&mut self.rows, at);
            }
            self.remote.push_back(&mut self.rows, at);
        }
        if let Some(known) = known.filter(|known| named && known != claim) {
            self.heard.unname(key, &known);
        }
        if known != Some(*claim) || !named {
            self.heard.name(key, claim);
        }
        let row = &mut self.rows[at as usize];
        row.remote_mark = self.remote_mark;
        row.facts.set(Facts::SCOPED, false);
        if known != Some(*claim) {
            row.remote = Some(*claim);
            if known.is_some() || !self.syncing {
                self.note_of(*key, What::PeerClaimed(*claim));
            }
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
        self.syncing = false;
        self.sweep_unnamed()
    }

    /// The peer has named everything, but what it did not name stays for now.
    pub(crate) fn remote_end_without_sweep(&mut self) {
        self.syncing = false;
    }

    /// Sweeps what the latest sync did not name.
    pub(crate) fn sweep_unnamed(&mut self) -> u64 {
        let mut swept = 0;
        loop {
            let at = self.remote.head();
            if at == NIL || self.rows[at as usize].remote_mark == self.remote_mark {
                return swept;
            }
            self.drop_remote(at);
            swept += 1;
        }
    }

    /// The peer names everything at present, or was about to when the session was lost.
    pub(crate) fn is_remote_syncing(&self) -> bool {
        self.syncing
    }

    /// The peer's claims that its latest sync did not name.
    pub(crate) fn unnamed_count(&self) -> u64 {
        self.unnamed as u64
    }

    /// The peer's claims that its latest sync named.
    pub(crate) fn named_count(&self) -> u64 {
        (self.remote.len() - self.unnamed) as u64
    }

    /// The peer's claim for a row.
    pub(crate) fn remote_claim(&self, at: RowId) -> Option<(Key, Claim)> {
        let claim = self.rows.get(at as usize)?.remote?;
        Some((self.key(at), claim))
    }

    /// True when the latest sync named the row's claim.
    pub(crate) fn was_named(&self, at: RowId) -> bool {
        self.rows[at as usize].remote_mark == self.remote_mark
    }

    /// Ends a claim that the peer has not taken back. Answers whether the copy is less than what it named by that.
    pub(crate) fn give_up(&mut self, at: RowId) -> bool {
        let named = self.was_named(at);
        self.drop_remote(at);
        named
    }

    /// True when more of the peer's claims could be kept, with something to spare.
    pub(crate) fn has_room(&self) -> bool {
        self.remote.len() < self.most_claims - self.most_claims / 64
    }

    /// True when the peer named the row's claim in the present sync, and is not about to name it again.
    pub(super) fn is_named(&self, row: &Row) -> bool {
        row.remote_mark == self.remote_mark && !row.facts.has(Facts::SCOPED)
    }

    /// True when claims of the peer's were not kept since it last began to name them.
    pub(crate) fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// How many claims of the peer's were not kept, ever.
    pub(crate) fn turned_away(&self) -> u64 {
        self.turned_away
    }

    /// Drops a claim that can no longer be kept.
    pub(super) fn turn_away(&mut self, at: RowId) {
        if self.rows[at as usize].remote.is_some() {
            self.turned_away += 1;
            self.truncated = true;
            self.drop_remote(at);
        }
    }

    /// The row for a claim of the peer's, if it is kept.
    fn admit(&mut self, key: &Key, glimpse: &Option<Glimpse>) -> Option<RowId> {
        if self.remote.len() >= self.most_claims {
            return self.find(key).filter(|at| self.rows[*at as usize].remote.is_some());
        }
        if !self.interfaces.admits(key.interface) {
            return None;
        }
        self.row_among(key, glimpse, MAX_RIVALS)
    }

    pub(super) fn drop_remote(&mut self, at: RowId) {
        let named = self.is_named(&self.rows[at as usize]);
        if let Some(claim) = self.rows[at as usize].remote.take() {
            if named {
                let key = self.key(at);
                self.heard.unname(&key, &claim);
            }
            self.rows[at as usize].facts.set(Facts::SCOPED, false);
            self.unnamed -= usize::from(!self.was_named(at));
            self.remote.remove(&mut self.rows, at);
            self.note(at, What::PeerForgot);
            self.touch(at);
        }
    }
}
