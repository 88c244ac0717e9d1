//! The store of entries that are keyed by value: neighbours, FDB, routes.
//!
//! One open-addressing table of small fixed slots under a hash that is keyed at random for each table, so that no
//! choice of addresses makes it slow. Attributes that hardly anybody sets live beside it, only where set.
//!
//! Invariant: the order of a table decides nothing; who lists entries sorts them.

use std::hash::{BuildHasher, Hasher};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use sai_sys::Status;

use crate::refusal::Result;
use crate::value::Value;

/// A key of at most a few words.
pub(crate) trait Key: Copy + Ord + std::hash::Hash {
    /// Feeds the key to the hasher in as few words as it has.
    fn feed(&self, hasher: &mut impl Hasher);
}

/// Attributes beyond those that the slot holds.
pub(crate) type Extras = Vec<(u32, Value)>;

/// The entries of one kind on one switch.
pub(crate) struct Table<K, B> {
    slots: HashTable<(K, B)>,
    extras: HashMap<K, Extras>,
    hash: DefaultHashBuilder,
}

impl<K: Key, B: Copy> Table<K, B> {
    pub(crate) fn new() -> Self {
        Self { slots: HashTable::new(), extras: HashMap::new(), hash: DefaultHashBuilder::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    fn hash(hash: &DefaultHashBuilder, key: &K) -> u64 {
        let mut hasher = hash.build_hasher();
        key.feed(&mut hasher);
        hasher.finish()
    }

    #[inline]
    pub(crate) fn get(&self, key: &K) -> Option<&B> {
        self.slots.find(Self::hash(&self.hash, key), |(k, _)| k == key).map(|(_, body)| body)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut B> {
        self.slots.find_mut(Self::hash(&self.hash, key), |(k, _)| k == key).map(|(_, body)| body)
    }

    /// Adds an entry that is not there, if `room` allows it.
    #[inline]
    pub(crate) fn try_insert(&mut self, key: K, body: B, extras: Extras, room: Result<()>) -> Result<()> {
        let hash = &self.hash;
        match self.slots.entry(Self::hash(hash, &key), |(k, _)| *k == key, |(k, _)| Self::hash(hash, k)) {
            Entry::Occupied(_) => return Err(Status::ITEM_ALREADY_EXISTS),
            Entry::Vacant(slot) => {
                room?;
                slot.insert((key, body));
            }
        }
        if !extras.is_empty() {
            self.extras.insert(key, extras);
        }
        Ok(())
    }

    /// Takes an entry out.
    #[inline]
    pub(crate) fn remove(&mut self, key: &K) -> Option<(B, Extras)> {
        let slot = self.slots.find_entry(Self::hash(&self.hash, key), |(k, _)| k == key).ok()?;
        let ((_, body), _) = slot.remove();
        let extras = if self.extras.is_empty() { None } else { self.extras.remove(key) };
        Some((body, extras.unwrap_or_default()))
    }

    /// The attributes of an entry that its slot does not hold.
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

    /// Every entry, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &B)> {
        self.slots.iter().map(|(key, body)| (key, body))
    }

    /// Every key, sorted.
    pub(crate) fn keys(&self) -> Vec<K> {
        let mut keys: Vec<K> = self.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys
    }

    /// Bytes of heap in use, extras aside.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.slots.allocation_size()
    }
}
