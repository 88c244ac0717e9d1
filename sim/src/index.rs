//! From a hash to a row number: open addressing with linear probing over slots of 8 bytes.
//!
//! Rows themselves are elsewhere, in the order in which they came. So the part that is hit at random is small enough
//! to stay in a cache for long, growing it never touches a row, and a batch can ask for its slots ahead of time.
//!
//! ```text
//! slot = 0 (free) or hash << 32 | row + 1        a slot stands at hash & mask, or behind it without a gap
//! ```
//!
//! Invariant: never more than 7 of 10 slots are taken; there are no tombstones.

use crate::steps::step;

/// The index of one table.
pub(crate) struct Index {
    slots: Vec<u64>,
    taken: usize,
}

/// Slots of the smallest index that holds anything.
const LEAST: usize = 16;

fn slot(hash: u32, row: u32) -> u64 {
    u64::from(hash) << 32 | (u64::from(row) + 1)
}

fn hash_of(slot: u64) -> u32 {
    (slot >> 32) as u32
}

fn row_of(slot: u64) -> u32 {
    (slot as u32).wrapping_sub(1)
}

impl Index {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), taken: 0 }
    }

    fn mask(&self) -> usize {
        self.slots.len().wrapping_sub(1)
    }

    /// Asks for the slot where a hash stands, so that it is near when it is needed. The answer means nothing.
    #[inline]
    pub(crate) fn touch(&self, hash: u32) -> u64 {
        self.slots.get(hash as usize & self.mask()).copied().unwrap_or(0)
    }

    /// The place and row of an entry with this hash for which `is` says yes.
    #[inline]
    pub(crate) fn find(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<(usize, u32)> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.mask();
        let mut place = hash as usize & mask;
        loop {
            step();
            let slot = self.slots[place];
            if slot == 0 {
                return None;
            }
            if hash_of(slot) == hash && is(row_of(slot)) {
                return Some((place, row_of(slot)));
            }
            place = (place + 1) & mask;
        }
    }

    /// Adds a row that is not there.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u32, row: u32) {
        if (self.taken + 1) * 10 > self.slots.len() * 7 {
            self.grow();
        }
        self.place(slot(hash, row));
        self.taken += 1;
    }

    #[inline]
    fn place(&mut self, slot: u64) {
        let mask = self.mask();
        let mut place = hash_of(slot) as usize & mask;
        step();
        while self.slots[place] != 0 {
            step();
            place = (place + 1) & mask;
        }
        self.slots[place] = slot;
    }

    #[cold]
    fn grow(&mut self) {
        let slots = vec![0; (self.slots.len() * 2).max(LEAST)];
        for slot in std::mem::replace(&mut self.slots, slots) {
            if slot != 0 {
                self.place(slot);
            }
        }
    }

    /// Frees a place that `find` answered, and closes the gap: whatever stands behind it and may stand nearer to
    /// where its hash wants it, moves up.
    pub(crate) fn remove(&mut self, place: usize) {
        let mask = self.mask();
        let mut gap = place;
        let mut next = (gap + 1) & mask;
        while self.slots[next] != 0 {
            step();
            let home = hash_of(self.slots[next]) as usize & mask;
            if (next.wrapping_sub(home) & mask) >= (next.wrapping_sub(gap) & mask) {
                self.slots[gap] = self.slots[next];
                gap = next;
            }
            next = (next + 1) & mask;
        }
        self.slots[gap] = 0;
        self.taken -= 1;
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_whatever_collides_and_leaves() {
        // Few hashes, many at the end of the slots: runs collide and wrap around.
        let hash = |row: u32| if row.is_multiple_of(3) { u32::MAX - row % 2 } else { row % 7 };
        let mut index = Index::new();
        let mut there = std::collections::BTreeSet::new();
        let mut dice = 1_u32;
        for _ in 0..5000 {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let row = dice >> 25;
            if there.insert(row) {
                index.insert(hash(row), row);
            } else {
                there.remove(&row);
                let (place, found) = index.find(hash(row), |r| r == row).unwrap();
                assert_eq!(found, row);
                index.remove(place);
            }
            for row in 0..128 {
                let found = index.find(hash(row), |r| r == row).map(|(_, row)| row);
                assert_eq!(found, there.contains(&row).then_some(row));
            }
        }
        assert_eq!(index.taken, there.len());
    }
}
