//! The host table as hardware hashes it: banks of buckets, so that an entry is refused long before the table is full.
//!
//! An address hashes to one bucket in each bank and goes into the emptiest of them; if all are full it is refused,
//! however many slots there are elsewhere. With `SAI_SIM_HOST_RELOCATION` others are moved to make room for it, in
//! chains of at most that many.
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
    /// In which bank each address is, and how many slots it takes.
    places: HashMap<Key, (u32, u8)>,
    /// Longest chain of moves that makes room for an address.
    relocation: u32,
    /// Who stands in each bucket; kept only where it can matter, for relocation.
    residents: HashMap<usize, Vec<Key>>,
    moves: u64,
}

/// How many addresses are looked at to make room for one: hardware has little time too.
const LOOKS: u32 = 4096;

/// An address that goes from one bank to another.
struct Move {
    key: Key,
    to: u32,
}

impl Banks {
    /// Banks of together this many slots, rounded down to whole buckets.
    pub(crate) fn new(layout: Layout, relocation: u32, slots: u64, seed: u64) -> Self {
        let buckets = (slots / u64::from(layout.banks * layout.depth)).max(1);
        let taken = vec![0; (buckets * u64::from(layout.banks)) as usize];
        let (places, residents) = (HashMap::new(), HashMap::new());
        Self { layout, buckets, seed, taken, places, relocation, residents, moves: 0 }
    }

    /// How many addresses were moved to make room for others.
    pub(crate) fn moves(&self) -> u64 {
        self.moves
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

    fn fits(&self, bucket: usize, slots: u64) -> bool {
        u64::from(self.taken[bucket]) + slots <= u64::from(self.layout.depth)
    }

    /// Is there a bucket with this many free slots, or one that can be made?
    pub(crate) fn has_room(&self, key: &Key, slots: u64) -> bool {
        self.fits(self.emptiest(key).1, slots) || self.way(key, slots).is_some()
    }

    /// The bank in which there is room for an address once these moves are done, last first.
    fn way(&self, key: &Key, slots: u64) -> Option<(u32, Vec<Move>)> {
        // The shortest chain of all; what it costs to look is bounded, not what it finds.
        let mut looks = LOOKS;
        (1..=self.relocation).find_map(|length| {
            (0..self.layout.banks).find_map(|bank| {
                let bucket = self.bucket(key, bank);
                Some((bank, self.clear(bucket, slots, length, &mut vec![bucket], &mut looks)?))
            })
        })
    }

    /// Moves that give a bucket this many free slots, in a chain of at most `length`, past no bucket of `path`.
    fn clear(
        &self,
        bucket: usize,
        slots: u64,
        length: u32,
        path: &mut Vec<usize>,
        looks: &mut u32,
    ) -> Option<Vec<Move>> {
        if self.fits(bucket, slots) {
            return Some(Vec::new());
        }
        if length == 0 {
            return None;
        }
        let free = u64::from(self.layout.depth).saturating_sub(u64::from(self.taken[bucket]));
        for key in self.residents.get(&bucket)? {
            let (home, size) = self.places.get(key).map(|(home, size)| (*home, u64::from(*size)))?;
            if free + size < slots {
                continue;
            }
            for to in (0..self.layout.banks).filter(|bank| *bank != home) {
                *looks = looks.checked_sub(1)?;
                let target = self.bucket(key, to);
                if path.contains(&target) {
                    continue;
                }
                path.push(target);
                let found = self.clear(target, size, length - 1, path, looks);
                path.pop();
                if let Some(mut moves) = found {
                    moves.push(Move { key: *key, to });
                    return Some(moves);
                }
            }
        }
        None
    }

    /// Puts an address where it fits; one that was stored by another process's order of creates may overfill.
    pub(crate) fn put(&mut self, key: Key, slots: u64) {
        let (mut bank, bucket) = self.emptiest(&key);
        if !self.fits(bucket, slots)
            && let Some((freed, moves)) = self.way(&key, slots)
        {
            for step in moves {
                if let Some(size) = self.unseat(&step.key) {
                    self.seat(step.key, step.to, size);
                    self.moves += 1;
                }
            }
            bank = freed;
        }
        self.seat(key, bank, slots as u8);
    }

    /// Takes an address out.
    pub(crate) fn take(&mut self, key: &Key) {
        self.unseat(key);
    }

    fn seat(&mut self, key: Key, bank: u32, slots: u8) {
        let bucket = self.bucket(&key, bank);
        self.taken[bucket] = self.taken[bucket].saturating_add(slots);
        self.places.insert(key, (bank, slots));
        if self.relocation > 0 {
            self.residents.entry(bucket).or_default().push(key);
        }
    }

    fn unseat(&mut self, key: &Key) -> Option<u8> {
        let (bank, slots) = self.places.remove(key)?;
        let bucket = self.bucket(key, bank);
        self.taken[bucket] = self.taken[bucket].saturating_sub(slots);
        if let Some(residents) = self.residents.get_mut(&bucket) {
            residents.retain(|resident| resident != key);
        }
        Some(slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of the slots that are taken when the first address is refused, in percent, over some seeds.
    fn fill(text: &str, relocation: u32, v6_of_ten: u32) -> u64 {
        const SLOTS: u64 = 16_384;
        const SEEDS: u64 = 8;
        let one = |seed: u64| {
            let mut banks = Banks::new(Layout::parse(text).unwrap(), relocation, SLOTS, seed);
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
            let share = fill(text, 0, v6);
            assert!(
                share.abs_diff(expected) <= 12,
                "{text} with {v6}/10 IPv6: {share} %, expected {expected} %"
            );
        }
        assert!(fill("1x8", 0, 0) < fill("2x4", 0, 0) && fill("2x4", 0, 0) < fill("4x4", 0, 0));
    }

    #[test]
    fn each_move_more_gets_nearer_to_full() {
        let shares = [0, 1, 2].map(|relocation| fill("2x4", relocation, 0));
        assert!(shares[0] + 10 < shares[1] && shares[1] < shares[2] && shares[2] > 80, "{shares:?}");
        assert!(fill("2x4", 2, 5) > fill("2x4", 0, 5) + 10);
        assert_eq!(fill("1x8", 2, 0), fill("1x8", 0, 0), "with one bank there is nowhere to go");
    }

    #[test]
    fn moves_lose_nobody_and_overfill_nothing() {
        let mut banks = Banks::new(Layout { banks: 4, depth: 2 }, 3, 512, 1);
        let keys: Vec<_> =
            (0_u32..600).map(|n| (Key::v4(1, n.to_be_bytes()), 1 + u64::from(n % 5 == 0))).collect();
        let mut there = Vec::new();
        for (key, slots) in &keys {
            if banks.has_room(key, *slots) {
                banks.put(*key, *slots);
                there.push((*key, *slots));
            }
            assert!(banks.taken.iter().all(|taken| *taken <= 2));
        }
        let sum: u64 = there.iter().map(|(_, slots)| slots).sum();
        assert_eq!(banks.taken.iter().map(|n| u64::from(*n)).sum::<u64>(), sum);
        assert!(banks.moves() > 10 && sum > 450, "{} moves, {sum} of 512", banks.moves());
        there.iter().for_each(|(key, _)| banks.take(key));
        assert!(banks.taken.iter().all(|taken| *taken == 0) && banks.places.is_empty());
        assert!(banks.residents.values().all(Vec::is_empty));
    }

    #[test]
    fn what_is_taken_out_leaves_room() {
        let mut banks = Banks::new(Layout { banks: 1, depth: 2 }, 0, 2, 1);
        let key = |n: u8| Key::v4(1, [10, 0, 0, n]);
        banks.put(key(1), 1);
        banks.put(key(2), 1);
        assert!(!banks.has_room(&key(3), 1));
        banks.take(&key(1));
        assert!(banks.has_room(&key(3), 1) && !banks.has_room(&key(3), 2));
        banks.take(&key(1));
        assert!(!banks.has_room(&key(3), 2), "taking out what is not there frees nothing");
    }
}
