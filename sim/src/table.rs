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
use crate::steps::step;
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
        // A row of addresses can leave the hasher as another row, which fills neighbouring slots; this scatters it.
        let hash = hasher.finish();
        ((hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
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
        self.entries_where(|_, _| true)
    }

    /// The entries of which this is true, sorted by key.
    pub(crate) fn entries_where(&self, is: impl Fn(&K, &B) -> bool) -> Vec<(K, B)> {
        let mut holes = self.free.clone();
        holes.sort_unstable();
        let mut holes = holes.into_iter().peekable();
        let mut entries = Vec::new();
        for (row, entry) in self.rows.iter().enumerate() {
            step();
            if holes.next_if(|hole| *hole as usize == row).is_none() && is(&entry.0, &entry.1) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps;
    use crate::switch::neighbor::Key as Neighbor;

    /// Steps that an insert and a look-up may take on average, in a table that is half full: of hashes without a
    /// pattern 1.5 are to be expected of a look-up.
    const MOST: [f64; 2] = [12.0, 1.8];

    /// Steps of an insert and of a look-up, on average.
    fn steps_of(keys: &[Neighbor]) -> [f64; 2] {
        let mut table = Table::new();
        let insert = |table: &mut Table<Neighbor, ()>, key: &Neighbor| {
            table.try_insert(*key, (), Extras::new(), Ok(())).unwrap();
        };
        let (inserts, ()) = steps::of(|| keys.iter().for_each(|key| insert(&mut table, key)));
        let (finds, ()) = steps::of(|| assert!(keys.iter().all(|key| table.get(key).is_some())));
        [inserts, finds].map(|steps| steps as f64 / keys.len() as f64)
    }

    #[test]
    fn a_million_keys_of_any_shape_take_as_few_steps_each_as_a_thousand() {
        type Shape = fn(u32) -> Neighbor;
        let shapes: [(&str, Shape); 4] = [
            ("v4", |n| Neighbor::v4(1, (0x0a00_0000 + n).to_be_bytes())),
            ("v6", |n| Neighbor::v6(1, (0x2001_0db8_u128 << 96 | u128::from(n)).to_be_bytes())),
            ("one link-local on 4,000 interfaces, then the next", |n| {
                Neighbor::v6(n % 4000, (0xfe80_u128 << 112 | u128::from(n / 4000)).to_be_bytes())
            }),
            ("high bits only", |n| Neighbor::v6(1, (0x2000_u128 << 112 | u128::from(n) << 80).to_be_bytes())),
        ];
        for (name, key) in shapes {
            // Many tables, because each has a hash of its own.
            for (count, tables) in [(1 << 10, 100), (1 << 20, 1)] {
                let keys: Vec<_> = (0..count).map(key).collect();
                for _ in 0..tables {
                    let [insert, find] = steps_of(&keys);
                    // Of an insert: a look-up that finds nothing, the place, and the growth so far.
                    assert!(insert < MOST[0] && find < MOST[1], "{name}, {count}: {insert} and {find} steps");
                }
            }
        }
    }

    #[test]
    fn keys_that_collide_in_one_table_do_not_in_another() {
        const COUNT: usize = 2000;
        let other = Table::<Neighbor, ()>::new();
        let wanted = |key: &Neighbor| other.hash(key) & 0xff == 0;
        let crafted: Vec<_> =
            (0_u32..).map(|n| Neighbor::v4(1, n.to_be_bytes())).filter(wanted).take(COUNT).collect();
        // Proof that they are crafted: their hashes are as good as equal there.
        let mut there = Table::new();
        there.hash = other.hash.clone();
        for key in &crafted {
            there.try_insert(*key, (), Extras::new(), Ok(())).unwrap();
        }
        let (steps, ()) = steps::of(|| assert!(crafted.iter().all(|key| there.get(key).is_some())));
        assert!(steps > 20 * COUNT as u64, "{steps}");
        let [insert, find] = steps_of(&crafted);
        assert!(insert < MOST[0] && find < MOST[1], "{insert} and {find} steps");
    }
}
