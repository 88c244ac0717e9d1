//! The host table as hardware hashes it: banks of buckets, so that an entry is refused long before the table is full.
//!
//! An address hashes to one bucket in each bank and goes into the emptiest of them; if all are full it is refused,
//! however many slots there are elsewhere. What stands somewhere is not moved.
//!
//! Invariant: the same seed and order of creates refuse the same addresses. The availability that a client can ask
//! for knows nothing of this, as in real ones.

use hashbrown::HashMap;

use super::neighbor::Key;

/// Number of banks, and slots of a bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    pub(crate) banks: u32,
    pub(crate) depth: u32,
}

impl Layout {
    /// Reads `4x4`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (banks, depth) = text.split_once('x')?;
        let number = |text: &str| text.parse().ok().filter(|n| (1..=16).contains(n));
        Some(Self { banks: number(banks)?, depth: number(depth)? })
    }
}

/// What stands where.
pub(crate) struct Banks {
    layout: Layout,
    buckets: u64,
    seed: u64,
    /// Slots taken of each bucket, bank by bank.
    taken: Vec<u8>,
    /// In which bank each address is.
    places: HashMap<Key, u32>,
}

impl Banks {
    /// Banks of together this many slots, rounded down to whole buckets.
    pub(crate) fn new(layout: Layout, slots: u64, seed: u64) -> Self {
        let buckets = (slots / u64::from(layout.banks * layout.depth)).max(1);
        let taken = vec![0; (buckets * u64::from(layout.banks)) as usize];
        Self { layout, buckets, seed, taken, places: HashMap::new() }
    }

    fn bucket(&self, key: &Key, bank: u32) -> usize {
        let [a, b, c] = key.words();
        let mix = |state: u64, word: u64| {
            let z = (state ^ word).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (z ^ (z >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) ^ (z >> 32)
        };
        let start = mix(self.seed, u64::from(bank) + 1);
        let hash = [a, b, c].into_iter().fold(start, mix);
        let index = ((u128::from(hash) * u128::from(self.buckets)) >> 64) as u64;
        (u64::from(bank) * self.buckets + index) as usize
    }

    /// The bank whose bucket for this address is emptiest; the first of equals.
    fn emptiest(&self, key: &Key) -> (u32, usize) {
        (0..self.layout.banks)
            .map(|bank| (bank, self.bucket(key, bank)))
            .min_by_key(|(_, bucket)| self.taken[*bucket])
            .unwrap_or((0, 0))
    }

    /// Is there a bucket with this many free slots?
    pub(crate) fn has_room(&self, key: &Key, slots: u64) -> bool {
        u64::from(self.taken[self.emptiest(key).1]) + slots <= u64::from(self.layout.depth)
    }

    /// Puts an address where it fits; one that was stored by another process's order of creates may overfill.
    pub(crate) fn put(&mut self, key: Key, slots: u64) {
        let (bank, bucket) = self.emptiest(&key);
        self.taken[bucket] = self.taken[bucket].saturating_add(slots as u8);
        self.places.insert(key, bank);
    }

    /// Takes an address out.
    pub(crate) fn take(&mut self, key: &Key, slots: u64) {
        if let Some(bank) = self.places.remove(key) {
            let bucket = self.bucket(key, bank);
            self.taken[bucket] = self.taken[bucket].saturating_sub(slots as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of the slots that are taken when the first address is refused, in percent, over some seeds.
    fn fill(text: &str, v6_of_ten: u32) -> u64 {
        const SLOTS: u64 = 16_384;
        const SEEDS: u64 = 8;
        let one = |seed: u64| {
            let mut banks = Banks::new(Layout::parse(text).unwrap(), SLOTS, seed);
            let mut taken = 0;
            for n in 0_u32.. {
                let slots = if n % 10 < v6_of_ten { 2 } else { 1 };
                let key = Key::v4(1, n.to_be_bytes());
                if !banks.has_room(&key, slots) {
                    break;
                }
                banks.put(key, slots);
                taken += slots;
            }
            taken
        };
        (1..=SEEDS).map(one).sum::<u64>() * 100 / SLOTS / SEEDS
    }

    #[test]
    fn banks_refuse_about_where_the_model_of_hardware_does() {
        for (text, v6, expected) in [("1x8", 0, 25), ("2x4", 0, 61), ("4x4", 0, 85), ("2x4", 5, 29)] {
            let share = fill(text, v6);
            assert!(
                share.abs_diff(expected) <= 12,
                "{text} with {v6}/10 IPv6: {share} %, expected {expected} %"
            );
        }
        assert!(fill("1x8", 0) < fill("2x4", 0) && fill("2x4", 0) < fill("4x4", 0));
    }

    #[test]
    fn what_is_taken_out_leaves_room() {
        let mut banks = Banks::new(Layout { banks: 1, depth: 2 }, 2, 1);
        let key = |n: u8| Key::v4(1, [10, 0, 0, n]);
        banks.put(key(1), 1);
        banks.put(key(2), 1);
        assert!(!banks.has_room(&key(3), 1));
        banks.take(&key(1), 1);
        assert!(banks.has_room(&key(3), 1) && !banks.has_room(&key(3), 2));
        banks.take(&key(1), 1);
        assert!(!banks.has_room(&key(3), 2), "taking out what is not there frees nothing");
    }
}
