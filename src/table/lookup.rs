//! Finding a key's row, making it, and giving it back.
//!
//! Invariant: a key has at most one row, and the index finds every row that lives.

use crate::limits::MAX_LOCAL_RIVALS;
use crate::neighbor::{Attachment, Key};
use crate::table::ports::Footing;
use crate::table::row::{Facts, Row, RowId};
use crate::table::{Table, index};
use std::net::IpAddr;

/// Keys that are looked up at once: more than a processor has loads under way, few enough to stay in its cache.
pub(super) const AHEAD: usize = 16;

/// What looking ahead saw of a key. It holds as long as no interface is bound and no row given back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glimpse {
    interface: u32,
    tag: index::Tag,
    /// A row under the tag: most likely the key's.
    row: Option<RowId>,
}

pub(super) type Ahead = [Option<Glimpse>; AHEAD];

impl Table {
    /// The row of a key, if it has one.
    pub(crate) fn find(&mut self, key: &Key) -> Option<RowId> {
        let interface = self.interfaces.find(key.interface)?;
        let tag = self.index.tag(self.domain_of(interface, &key.ip), &key.ip);
        self.index.find(tag, |at| self.is_at(at, interface, &key.ip))
    }

    /// Where a row's host hangs, as this device says and as the peer does.
    pub(crate) fn attachments(&self, at: RowId) -> (Option<Attachment>, Option<Attachment>) {
        let row = &self.rows[at as usize];
        (row.local.map(|claim| claim.attachment), row.remote.map(|claim| claim.attachment))
    }

    /// What a row's interface stands on, where it is bound.
    pub(crate) fn footing(&self, at: RowId) -> Option<Footing> {
        let interface = self.interfaces.at(self.rows[at as usize].interface);
        interface.binding.as_ref().map(|binding| binding.footing)
    }

    /// The row of a key that nobody need claim: the ASIC holds an entry of it.
    pub(crate) fn adopt(&mut self, key: &Key) -> Option<RowId> {
        self.row_among(key, &None, MAX_LOCAL_RIVALS)
    }

    /// Gives the row back if nobody claims its key and no deletion is to be told.
    pub(crate) fn release(&mut self, at: RowId) {
        let row = &self.rows[at as usize];
        if !row.is_vacant() || !row.facts.has(Facts::LIVE) || row.facts.has(Facts::DIRTY) {
            return;
        }
        self.unindex(at);
        let interface = self.rows[at as usize].interface;
        self.interfaces.at_mut(interface).members.remove(&mut self.rows, at);
        self.interfaces.vacate(interface);
        if self.rows[at as usize].facts.has(Facts::MOVING) {
            self.mobility.forget(at);
        }
        self.rows[at as usize].facts = Facts::default();
        self.free.push_back(&mut self.rows, at);
    }

    /// Looks a few keys up at once, for [`Table::row_among`]. The index is far larger than a cache; one by one, each key
    /// would wait for its own place of it, and so their waits overlap.
    pub(super) fn look_ahead<'k>(&mut self, keys: impl Iterator<Item = &'k Key>) -> Ahead {
        let mut ahead = [None; AHEAD];
        for (glimpse, key) in ahead.iter_mut().zip(keys) {
            // An interface that has no number yet gets it in its turn: giving one may take another's away.
            if let Some(interface) = self.interfaces.find(key.interface) {
                let tag = self.index.tag(self.domain_of(interface, &key.ip), &key.ip);
                *glimpse = Some(Glimpse { interface, tag, row: self.index.any(tag) });
            }
        }
        ahead
    }

    /// The row of a key; a new one only where it has at most so many rivals.
    pub(super) fn row_among(&mut self, key: &Key, glimpse: &Option<Glimpse>, most: usize) -> Option<RowId> {
        let interface = self.interfaces.intern(key.interface);
        let domain = self.domain_of(interface, &key.ip);
        let glimpse = glimpse.as_ref().filter(|glimpse| glimpse.interface == interface);
        let tag = glimpse.map_or_else(|| self.index.tag(domain, &key.ip), |glimpse| glimpse.tag);
        let glimpsed = glimpse.and_then(|glimpse| glimpse.row);
        if let Some(at) = glimpsed.filter(|at| self.is_at(*at, interface, &key.ip)) {
            return Some(at);
        }
        // Looking for the row passes every row of the same address in the domain, which is how rivals are noticed.
        let mut rivals = 0;
        let same = |at: RowId| {
            let row = &self.rows[at as usize];
            let same_ip = row.ip == key.ip;
            let competes = same_ip && row.interface != interface && self.domain(row) == domain;
            rivals += usize::from(competes);
            same_ip && row.interface == interface
        };
        if let Some(at) = self.index.find(tag, same) {
            return Some(at);
        }
        if rivals > most {
            self.interfaces.release(interface);
            return None;
        }
        let at = self.allocate(Row::new(interface, key.ip));
        self.interfaces.at_mut(interface).members.push_back(&mut self.rows, at);
        self.index.insert(tag, at);
        if rivals > 0 {
            self.share(at);
        }
        Some(at)
    }

    pub(super) fn is_at(&self, at: RowId, interface: u32, ip: &IpAddr) -> bool {
        let row = &self.rows[at as usize];
        row.interface == interface && row.ip == *ip
    }

    pub(super) fn allocate(&mut self, row: Row) -> RowId {
        match self.free.pop_front(&mut self.rows) {
            Some(at) => {
                self.rows[at as usize] = row;
                at
            }
            None => {
                self.rows.push(row);
                self.rows.len() as RowId - 1
            }
        }
    }

    pub(super) fn unindex(&mut self, at: RowId) {
        self.index.remove(self.tag(at), at);
    }

    pub(super) fn tag(&self, at: RowId) -> index::Tag {
        let row = &self.rows[at as usize];
        self.index.tag(self.domain(row), &row.ip)
    }
}
