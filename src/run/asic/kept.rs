//! Values by key, found again without hashing by whoever remembers where they were.
//!
//! Invariant: a place is a hint and nothing more. Whoever has one names the key too, and is told where its value is now.

use super::hops::keyed;
use ahash::RandomState;
use std::collections::HashMap;
use std::hash::Hash;

/// Where a value was when it was looked for last.
pub(super) type Spot = u32;

/// Nobody remembers.
pub(super) const NOWHERE: Spot = Spot::MAX;

/// The values.
pub(super) struct Kept<K, V> {
    slots: Vec<Option<(K, V)>>,
    free: Vec<Spot>,
    by_key: HashMap<K, Spot, RandomState>,
}

impl<K: Copy + Eq + Hash, V> Kept<K, V> {
    pub(super) fn new() -> Self {
        Kept { slots: Vec::new(), free: Vec::new(), by_key: HashMap::with_hasher(keyed()) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Where the key's value is, which was at `hint` once.
    pub(super) fn find(&self, key: &K, hint: Spot) -> Option<Spot> {
        match self.peek(key, hint) {
            Some(_) => Some(hint),
            None => self.by_key.get(key).copied(),
        }
    }

    pub(super) fn get(&self, key: &K, hint: Spot) -> Option<&V> {
        self.peek(key, self.find(key, hint)?)
    }

    /// The key's value if it is where it was.
    pub(super) fn peek(&self, key: &K, hint: Spot) -> Option<&V> {
        let slot = self.slots.get(hint as usize)?.as_ref();
        slot.filter(|(there, _)| there == key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &K, hint: Spot) -> Option<&mut V> {
        let spot = self.find(key, hint)?;
        self.slots[spot as usize].as_mut().map(|(_, value)| value)
    }

    /// Keeps a value, in the place of the key's one before. Answers where.
    pub(super) fn insert(&mut self, key: K, value: V) -> Spot {
        let Kept { slots, free, by_key } = self;
        let spot = *by_key.entry(key).or_insert_with(|| {
            free.pop().unwrap_or_else(|| {
                slots.push(None);
                Spot::try_from(slots.len() - 1).expect("entries of an ASIC are far fewer than 2^32")
            })
        });
        slots[spot as usize] = Some((key, value));
        spot
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let spot = self.by_key.remove(key)?;
        self.free.push(spot);
        self.slots[spot as usize].take().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_wherever_it_is_whatever_the_hint_says() {
        let mut kept = Kept::new();
        let spots: Vec<Spot> = (0..4).map(|key| kept.insert(key, key * 10)).collect();
        for hint in spots.iter().copied().chain([NOWHERE]) {
            assert_eq!(kept.get(&2, hint), Some(&20));
        }
        assert_eq!(kept.remove(&1), Some(10));
        assert_eq!(kept.insert(7, 70), spots[1], "its place is another's now");
        assert_eq!(kept.get(&1, spots[1]), None);
        assert_eq!((kept.peek(&1, spots[1]), kept.peek(&2, spots[1])), (None, None));
        assert_eq!(kept.insert(2, 21), spots[2]);
        assert_eq!((kept.get(&2, NOWHERE), kept.get(&7, spots[2])), (Some(&21), Some(&70)));
    }
}
