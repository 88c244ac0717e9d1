//! Digests of an owner's table and of a receiver's: equal whenever the copy is, and at no other time.

use super::change::{Buckets, Change, ChangeSource, Digest, Position};
use super::desired::Ownership;
use super::evidence::{Binding, Evidence, RifState};
use super::*;
use crate::addr::{InterfaceId, Mac, MlagId, VlanId};
use crate::limits::BUCKETS;
use crate::neighbor::{Attachment, Claim, Flags};
use crate::sai::Oid;

const OWNER: u64 = 0x00dd_ba11;

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).unwrap())
}

fn key(n: u32) -> Key {
    let ip = if n.is_multiple_of(3) {
        format!("2001:db8::{n:x}")
    } else {
        format!("10.0.{}.{}", n / 256, n % 256)
    };
    Key { interface: vlanif(10 + n % 2 * 10), ip: ip.parse().unwrap() }
}

fn learned(n: u32, mac: u8) -> Evidence {
    Evidence::Learned {
        key: key(n),
        mac: Mac([2, 0, 0, 0, 0, mac]),
        attachment: Attachment::Mlag(MlagId::new(1).unwrap()),
        flags: Flags::default(),
        fresh: true,
    }
}

/// A stream of numbers that the seed decides.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// An owner, a receiver, and the stream between them.
struct Pair {
    owner: Table,
    receiver: Table,
    window: Vec<Change>,
}

impl Pair {
    fn new() -> Self {
        let mut owner = Table::new(1, Ownership::All);
        for vlan in [10, 20] {
            owner.bind(Binding {
                interface: vlanif(vlan),
                vrf: "red".parse().unwrap(),
                rif: Oid::from_raw(u64::from(vlan)),
                mac: Mac([2, 0, 0, 0, 0, 0xfe]),
                addresses: Vec::new(),
                state: RifState::Up,
                footing: Default::default(),
            });
        }
        owner.set_incarnation(OWNER);
        let mut receiver = Table::new(2, Ownership::All);
        receiver.set_owner(Some(OWNER));
        Pair { owner, receiver, window: Vec::new() }
    }

    fn with(count: u32) -> Self {
        let mut pair = Pair::new();
        for n in 0..count {
            pair.owner.evidence(&[learned(n, 1)]);
        }
        pair.begin();
        pair.all();
        pair.receiver.remote_end();
        pair
    }

    fn begin(&mut self) {
        self.owner.rewind();
        self.receiver.remote_begin();
    }

    /// One window of at most `most` changes is told and heard.
    fn tell(&mut self, most: usize) {
        self.window.clear();
        self.owner.take(most, &mut self.window);
        self.hear();
    }

    /// At most so many changes are told and heard before their turn.
    fn tell_early(&mut self, beyond: u64, most: usize) {
        self.window.clear();
        let (before, beyond) = (self.owner.cursor(), Position(self.owner.cursor().0 + beyond));
        self.owner.take_early(beyond, most, &mut self.window);
        assert_eq!(self.owner.cursor(), before, "the cursor stays");
        self.hear();
    }

    fn hear(&mut self) {
        for Change { key, claim } in &self.window {
            match claim {
                Some(claim) => self.receiver.remote_upsert(&[(*key, *claim)]),
                None => self.receiver.remote_delete(&[*key]),
            }
        }
    }

    fn all(&mut self) {
        while self.owner.pending() {
            self.tell(7);
        }
    }

    /// The digest of the copy, worked out anew from what it holds.
    fn recount(&self) -> Digest {
        let hashes = digest::Hashes::new(OWNER);
        let mut sum = Digest::default();
        for at in 0..self.receiver.rows() {
            let row = &self.receiver.rows[at as usize];
            if let Some(claim) = row.remote.filter(|_| self.receiver.is_named(row)) {
                sum.add(hashes.claim(&self.receiver.key(at), &claim).get());
            }
        }
        sum
    }

    #[track_caller]
    fn agree(&self) {
        assert_eq!(self.receiver.copy_digest(), self.recount(), "the receiver's running sum");
        assert_eq!(self.owner.digest(), Some(self.receiver.copy_digest()));
    }

    fn differing(&self) -> Buckets {
        let mut differing = Buckets::NONE;
        let copy = self.receiver.copy_buckets().unwrap();
        for (nth, (told, held)) in self.owner.buckets().iter().zip(&copy).enumerate() {
            if told != held {
                differing.insert(nth);
            }
        }
        differing
    }

    fn corrupt(&mut self, n: u32) {
        let claim = Claim {
            mac: Mac([2, 0, 0, 0, 6, 6]),
            attachment: Attachment::Orphan,
            flags: Flags::default(),
            counter: 0,
        };
        self.receiver.remote_upsert(&[(key(n), claim)]);
    }

    fn repair(&mut self) -> (usize, u64) {
        let buckets = self.differing();
        self.receiver.scope_begin(&buckets);
        let mark = self.owner.scope(&buckets);
        self.agree();
        let mut told = 0;
        while self.owner.cursor() < mark {
            self.tell(3);
            told += self.window.len();
            self.agree();
        }
        (told, self.receiver.scope_end())
    }
}

#[test]
fn digests_agree_after_every_window_of_any_life() {
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut pair = Pair::new();
        pair.begin();
        let mut syncing = true;
        let mut early = 0;
        for _ in 0..600 {
            let n = dice.below(40) as u32;
            match dice.below(20) {
                0..9 => pair.owner.evidence(&[learned(n, dice.below(3) as u8)]),
                9..12 => pair.owner.evidence(&[Evidence::Forgotten { key: key(n) }]),
                12 => {
                    let mac = Mac([2, 0, 0, 0, 0, 9]);
                    pair.owner.evidence(&[Evidence::Static { key: key(n), mac }]);
                }
                13 if !syncing => {
                    pair.begin();
                    syncing = true;
                }
                14 if syncing && !pair.owner.pending() => {
                    pair.receiver.remote_end();
                    syncing = false;
                }
                15 if !syncing && !pair.owner.pending() => {
                    let mut buckets = Buckets::NONE;
                    for _ in 0..400 {
                        buckets.insert(dice.below(BUCKETS as u64) as usize);
                    }
                    pair.receiver.scope_begin(&buckets);
                    let mark = pair.owner.scope(&buckets);
                    while pair.owner.cursor() < mark {
                        pair.tell_early(dice.below(4), dice.below(3) as usize);
                        pair.agree();
                        pair.tell(1 + dice.below(3) as usize);
                        pair.agree();
                        pair.owner.evidence(&[learned(dice.below(40) as u32, dice.below(3) as u8)]);
                    }
                    assert_eq!(pair.receiver.scope_end(), 0, "a copy that is right loses nothing");
                }
                16 | 17 => {
                    pair.tell_early(dice.below(8), dice.below(4) as usize);
                    early += pair.window.len();
                }
                _ => pair.tell(1 + dice.below(5) as usize),
            }
            pair.agree();
        }
        while pair.owner.pending() {
            pair.tell(3);
            pair.agree();
        }
        pair.receiver.remote_end();
        pair.agree();
        assert!(early > 0, "seed {seed}: nothing was told before its turn");
        assert_eq!(pair.receiver.remote_count() as u64, pair.owner.digest().unwrap().count);
    }
}

#[test]
fn a_corrupted_copy_is_found_and_only_its_bucket_is_told_again() {
    let mut pair = Pair::with(5000);
    pair.agree();
    pair.corrupt(77);
    assert_ne!(pair.owner.digest(), Some(pair.receiver.copy_digest()));
    assert_eq!(pair.differing().len(), 1);
    let (told, swept) = pair.repair();
    assert!((1..30).contains(&told), "one of 1,024 buckets of 5,000 claims: {told}");
    assert_eq!(swept, 0);
    pair.agree();
    assert!(pair.differing().is_empty());
}

#[test]
fn a_claim_too_many_is_swept_and_one_too_few_is_told() {
    let mut pair = Pair::with(100);
    pair.corrupt(5000);
    pair.receiver.remote_delete(&[key(8)]);
    assert_eq!(pair.differing().len(), 2);
    assert_eq!(pair.repair().1, 1);
    pair.agree();
    assert_eq!(pair.receiver.remote_count(), 100);
}

#[test]
fn a_scope_that_nobody_ends_sweeps_nothing_and_counts_as_before() {
    let mut pair = Pair::with(300);
    pair.corrupt(7);
    let before = pair.receiver.copy_digest();
    let buckets = Buckets([0xff; BUCKETS / 8]);
    pair.receiver.scope_begin(&buckets);
    assert_eq!(pair.receiver.copy_digest(), Digest::default());
    pair.receiver.forget_scope();
    assert_eq!(pair.receiver.copy_digest(), before);
    assert_eq!(pair.receiver.scope_end(), 0);
    assert_eq!(pair.receiver.remote_count(), 300);
}

#[test]
fn after_a_break_the_digest_waits_until_what_was_told_early_was_told_again() {
    let mut pair = Pair::with(20);
    for n in 0..10 {
        pair.owner.evidence(&[learned(n, 2)]);
    }
    let heard = pair.owner.cursor();
    // It never arrives: the receiver is not told of it.
    let mut lost = Vec::new();
    pair.owner.take_early(heard, 9, &mut lost);
    assert_eq!(lost.len(), 9, "the first one is next in any case");
    assert!(pair.owner.resume(heard));
    while pair.owner.pending() {
        assert_eq!(pair.owner.digest(), None);
        pair.tell(1);
    }
    pair.agree();
}

#[test]
fn after_a_break_the_digest_waits_until_everything_was_told_again() {
    let mut pair = Pair::with(20);
    pair.owner.scope(&Buckets([0xff; BUCKETS / 8]));
    pair.tell(5);
    let heard = pair.owner.cursor();
    pair.tell(5);
    assert!(pair.owner.resume(heard));
    assert_eq!(pair.owner.digest(), None);
    // What the scope has not come to counts for the receiver, which has forgotten it.
    while pair.owner.pending() {
        pair.tell(1);
        assert!(pair.owner.digest().is_none_or(|told| told == pair.receiver.copy_digest()));
    }
    pair.agree();
}
