//! Digests of both sides by bucket, and the scopes that tell a bucket again.
//!
//! Looking at buckets costs a walk over all rows, some ten milliseconds for a million. It is done when two digests
//! differ, as often as [`limits`](crate::limits) allows; nothing of it is kept up while all is well.
//!
//! Invariant: a row that a scope covers is counted by neither side from the scope's beginning until it is told again.

use crate::addr::Mac;
use crate::limits::{BUCKETS, CONFIRMS};
use crate::neighbor::{Claim, Key};
use crate::table::Table;
use crate::table::change::{Buckets, Digest, Position};
use crate::table::digest::Told;
use crate::table::row::{Facts, RowId};

impl Table {
    /// This device's incarnation: keys the hashes of its claims. To be said before anything is told.
    pub(crate) fn set_incarnation(&mut self, incarnation: u64) {
        self.told = Told::new(incarnation);
    }

    /// The peer's incarnation, whose claims the copy is about to be filled with; `None` when digests are not compared.
    /// A full sync has to follow: what the copy holds is not in its digest.
    pub(crate) fn set_owner(&mut self, incarnation: Option<u64>) {
        self.forget_scope();
        self.heard.begin();
        self.heard.set_owner(incarnation);
    }

    /// The digest of what the peer named: what a sync did not name, or a scope has not yet, is not in it.
    pub(crate) fn copy_digest(&self) -> Digest {
        self.heard.digest()
    }

    /// [`Table::copy_digest`], by bucket. `None` when no hashes are kept.
    pub(crate) fn copy_buckets(&self) -> Option<Vec<Digest>> {
        let hashes = self.heard.hashes()?;
        let mut buckets = vec![Digest::default(); BUCKETS];
        for at in 0..self.rows() {
            if let Some((key, claim)) = self.named(at) {
                buckets[hashes.bucket(&key)].add(hashes.claim(&key, &claim).get());
            }
        }
        Some(buckets)
    }

    /// The peer is about to name these buckets again.
    pub(crate) fn scope_begin(&mut self, buckets: &Buckets) {
        self.forget_scope();
        let Some(hashes) = self.heard.hashes().copied() else { return };
        for at in 0..self.rows() {
            if let Some((key, claim)) = self.named(at)
                && buckets.has(hashes.bucket(&key))
            {
                self.heard.unname(&key, &claim);
                self.rows[at as usize].facts.set(Facts::SCOPED, true);
                self.heard.scope.push(at);
            }
        }
    }

    /// The peer has named the buckets again: answers how many claims were swept because it did not name them.
    pub(crate) fn scope_end(&mut self) -> u64 {
        let mut swept = 0;
        for at in std::mem::take(&mut self.heard.scope) {
            if self.rows[at as usize].facts.has(Facts::SCOPED) {
                self.drop_remote(at);
                swept += 1;
            }
        }
        swept
    }

    /// The connection is lost, or a full sync begins: nobody will end the scope. What it has not named again counts
    /// as it did before.
    pub(crate) fn forget_scope(&mut self) {
        for at in std::mem::take(&mut self.heard.scope) {
            let scoped = self.rows[at as usize].facts.has(Facts::SCOPED);
            self.rows[at as usize].facts.set(Facts::SCOPED, false);
            if let Some((key, claim)) = self.named(at).filter(|_| scoped) {
                self.heard.name(&key, &claim);
            }
        }
    }

    pub(super) fn told_buckets(&self) -> Vec<Digest> {
        let mut buckets = vec![Digest::default(); BUCKETS];
        for at in 0..self.rows() {
            if let Some(hash) = self.rows[at as usize].told {
                buckets[self.told.hashes().bucket(&self.key(at))].add(hash.get());
            }
        }
        buckets
    }

    /// Gives every row of the buckets that was told a place ahead of the cursor; answers the last one's.
    pub(super) fn tell_again(&mut self, buckets: &Buckets) -> Position {
        for at in 0..self.rows() {
            if self.rows[at as usize].facts.has(Facts::ORDERED)
                && buckets.has(self.told.hashes().bucket(&self.key(at)))
            {
                self.told.untell(&mut self.rows[at as usize]);
                if !self.rows[at as usize].facts.has(Facts::TOMBSTONE) {
                    self.order.told_again(&mut self.rows, at);
                }
            }
        }
        self.told.scope(self.order.tail());
        Position(self.order.tail())
    }

    /// Fresh evidence of a neighbour that the peer claims: it is told so, if the two claims say the same.
    pub(super) fn hear_of_theirs(&mut self, key: &Key, mac: Mac, remote: Option<Claim>) {
        if remote.is_some_and(|remote| remote.mac == mac) && self.heard_of_theirs.len() < CONFIRMS {
            self.heard_of_theirs.insert(*key);
        }
    }

    /// True when the peer is to be told of neighbours of its own that answered here.
    pub(crate) fn has_heard_of_theirs(&self) -> bool {
        !self.heard_of_theirs.is_empty()
    }

    /// They.
    pub(crate) fn take_heard_of_theirs(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.heard_of_theirs).into_iter().collect()
    }

    /// True when this device claims the key by what it learned.
    pub(crate) fn claims(&mut self, key: &Key) -> bool {
        let row = self.find(key).map(|at| &self.rows[at as usize]);
        row.is_some_and(|row| row.local.is_some() && !row.facts.has(Facts::STATIC))
    }

    /// The place of the row's claim in the order of changes; zero when the peer is not told of it.
    pub(crate) fn place(&self, at: RowId) -> u64 {
        let row = &self.rows[at as usize];
        let told = row.facts.has(Facts::ORDERED) && !row.facts.has(Facts::TOMBSTONE);
        if told { row.position } else { 0 }
    }

    fn named(&self, at: RowId) -> Option<(Key, Claim)> {
        let row = &self.rows[at as usize];
        let claim = row.remote.filter(|_| self.is_named(row))?;
        Some((self.key(at), claim))
    }

    /// The key of a row that lives.
    pub(crate) fn key(&self, at: RowId) -> Key {
        let row = &self.rows[at as usize];
        Key { interface: self.interfaces.at(row.interface).id, ip: row.ip }
    }
}
