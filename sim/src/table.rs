//! The store of entries that are keyed by value: neighbours, FDB, routes.
//!
//! Rows stand in the order in which they came, freed ones are used again; an [`Index`] leads from a key to its row.
//! The hash is keyed at random for each table, so that no choice of addresses makes it slow. Attributes that hardly
//! anybody sets live beside the rows, only where set.
//!
//! Invariant: the hash decides nothing that can be seen; who lists entries sorts them.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashMap};
use sai_sys::Status;

use crate::index::Index;
use crate::refusal::Result;
use crate::value::Value;

/// A key of at most a few words.
pub(crate) trait Key: Copy + Ord + std::hash::Hash {
    /// Feeds the key to the hasher in as few words as it has.
    fn feed(&self, hasher: &mut impl Hasher);
}

/// Attributes beyond those that the row holds.
pub(crate) type Extras = Vec<(u32, Value)>;

/// The entries of one kind on one switch.
pub(crate) struct Table<K, B> {
    rows: Vec<(K, B)>,
    /// Rows that hold nothing.
    free: Vec<u32>,
    index: Index,
    extras: HashMap<K, Extras>,
    hash: DefaultHashBuilder,
}

impl<K: Key, B: Copy> Table<K, B> {
    pub(crate) fn new() -> Self {
        Self {
            rows: Vec::new(),
            free: Vec::new(),
            index: Index::new(),
            extras: HashMap::new(),
            hash: DefaultHashBuilder::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len() - self.free.len()
    }

    #[inline]
    fn hash(&self, key: &K) -> u32 {
        let mut hasher = self.hash.build_hasher();
        key.feed(&mut hasher);
        (hasher.finish() >> 32) as u32
    }

    #[inline]
    fn find(&self, key: &K) -> Option<(usize, u32)> {
        self.index.find(self.hash(key), |row| self.rows[row as usize].0 == *key)
    }

    /// Asks for what an operation on this key will need first.
    #[inline]
    pub(crate) fn touch(&self, key: &K) -> u64 {
        self.index.touch(self.hash(key))
    }

    #[inline]
    pub(crate) fn get(&self, key: &K) -> Option<&B> {
        self.find(key).map(|(_, row)| &self.rows[row as usize].1)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut B> {
        self.find(key).map(|(_, row)| &mut self.rows[row as usize].1)
    }

    /// Adds an entry that is not there, if `room` allows it.
    #[inline]
    pub(crate) fn try_insert(&mut self, key: K, body: B, extras: Extras, room: Result<()>) -> Result<()> {
        let hash = self.hash(&key);
        if self.index.find(hash, |row| self.rows[row as usize].0 == key).is_some() {
            return Err(Status::ITEM_ALREADY_EXISTS);
        }
        room?;
        let row = match self.free.pop() {
            Some(row) => {
                self.rows[row as usize] = (key, body);
                row
            }
            None => {
                // The last number stands for "free" in the index.
                let row = u32::try_from(self.rows.len()).ok().filter(|row| *row < u32::MAX);
                let row = row.ok_or(Status::NO_MEMORY)?;
                self.rows.push((key, body));
                row
            }
        };
        self.index.insert(hash, row);
        if !extras.is_empty() {
            self.extras.insert(key, extras);
        }
        Ok(())
    }

    /// Takes an entry out.
    #[inline]
    pub(crate) fn remove(&mut self, key: &K) -> Option<(B, Extras)> {
        let (place, row) = self.find(key)?;
        self.index.remove(place);
        self.free.push(row);
        let extras = if self.extras.is_empty() { None } else { self.extras.remove(key) };
        Some((self.rows[row as usize].1, extras.unwrap_or_default()))
    }

    /// The attributes of an entry that its row does not hold.
    pub(crate) fn extras(&self, key: &K) -> &[(u32, Value)] {
        self.extras.get(key).map_or(&[], Vec::as_slice)
    }

    /// Changes one of them; answers what it was.
    pub(crate) fn set_extra(&mut self, key: K, id: u32, value: Value) -> Option<Value> {
        let extras = self.extras.entry(key).or_default();
        match extras.iter_mut().find(|(i, _)| *i == id) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                extras.push((id, value));
                None
            }
        }
    }

    /// Every entry, sorted by key.
    pub(crate) fn entries(&self) -> Vec<(K, B)> {
        let mut holes = self.free.clone();
        holes.sort_unstable();
        let mut holes = holes.into_iter().peekable();
        let mut entries = Vec::with_capacity(self.len());
        for (row, entry) in self.rows.iter().enumerate() {
            if holes.next_if(|hole| *hole as usize == row).is_none() {
                entries.push(*entry);
            }
        }
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }

    /// Every key, sorted.
    pub(crate) fn keys(&self) -> Vec<K> {
        self.entries().into_iter().map(|(key, _)| key).collect()
    }

    /// Bytes of heap in use, extras aside.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.rows.capacity() * size_of::<(K, B)>()
            + self.free.capacity() * size_of::<u32>()
            + self.index.heap_bytes()
    }
}
