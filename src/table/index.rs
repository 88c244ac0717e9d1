//! From domain and address to row number.
//!
//! A place holds the row's number and the upper half of its hash, so that neither growing the table nor passing a
//! stranger's place reads a row: rows are where the cache misses are.
//!
//! Invariant: keyed by the seed; nothing depends on the order in which places lie.

use crate::table::row::RowId;
use ahash::RandomState;
use hashbrown::HashTable;
use std::net::IpAddr;

#[derive(Clone, Copy, Debug)]
struct Place {
    tag: u32,
    row: RowId,
}

/// The hash of a domain and an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag(u32);

/// The index.
#[derive(Debug)]
pub(crate) struct Index {
    places: HashTable<Place>,
    hasher: RandomState,
}

impl Index {
    pub(crate) fn new(hasher: RandomState) -> Self {
        Index { places: HashTable::new(), hasher }
    }

    #[inline]
    pub(crate) fn tag(&self, domain: u64, ip: &IpAddr) -> Tag {
        // A v4 address and the v6 address with the same bits may share a tag; rows are compared in full.
        let bits = match ip {
            IpAddr::V4(v4) => u128::from(u32::from(*v4)),
            IpAddr::V6(v6) => u128::from(*v6),
        };
        Tag((self.hasher.hash_one((domain, bits)) >> 32) as u32)
    }

    /// The row under the tag that is the wanted one; `is_it` is asked about every other row that it passes.
    #[inline]
    pub(crate) fn find(&self, tag: Tag, mut is_it: impl FnMut(RowId) -> bool) -> Option<RowId> {
        self.places.find(spread(tag.0), |place| place.tag == tag.0 && is_it(place.row)).map(|place| place.row)
    }

    /// A row under the tag, whichever.
    #[inline]
    pub(crate) fn any(&self, tag: Tag) -> Option<RowId> {
        self.find(tag, |_| true)
    }

    /// Every row under the tag.
    pub(crate) fn all(&self, tag: Tag) -> impl Iterator<Item = RowId> {
        self.places.iter_hash(spread(tag.0)).filter(move |place| place.tag == tag.0).map(|place| place.row)
    }

    pub(crate) fn insert(&mut self, tag: Tag, row: RowId) {
        self.places.insert_unique(spread(tag.0), Place { tag: tag.0, row }, |place| spread(place.tag));
    }

    pub(crate) fn remove(&mut self, tag: Tag, row: RowId) {
        if let Ok(entry) = self.places.find_entry(spread(tag.0), |place| place.row == row) {
            entry.remove();
        }
    }
}

/// The table takes its place from the low bits of a hash, and what it compares first from the seven highest.
fn spread(tag: u32) -> u64 {
    u64::from(tag) << 32 | u64::from(tag)
}

/// Bytes that a place takes, its control byte included.
#[cfg(test)]
pub(crate) const PLACE_BYTES: usize = size_of::<Place>() + 1;
