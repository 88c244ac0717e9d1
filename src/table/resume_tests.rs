//! The order of change with a cursor that is put back: whatever is lost on the way, who hears all of it again holds the
//! claims.

use super::Table;
use super::change::{Change, ChangeSource, Position};
use super::desired::Ownership;
use super::evidence::{Binding, Evidence, RifState};
use crate::addr::{InterfaceId, Mac, VlanId};
use crate::neighbor::{Attachment, Claim, Flags, Key};
use crate::sai::Oid;
use std::collections::{BTreeMap, BTreeSet};

const LIVES: u64 = 400;
const ACTS: usize = 250;

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn key(n: u64) -> Key {
    let interface = InterfaceId::Vlanif(VlanId::new(10).unwrap());
    Key { interface, ip: std::net::Ipv4Addr::from(0x0a00_0a00 + n as u32).into() }
}

fn learned(n: u64, mac: u8) -> Evidence {
    let (mac, attachment, flags) = (Mac([2, 0, 0, 0, 0, mac]), Attachment::Orphan, Flags::default());
    Evidence::Learned { key: key(n), mac, attachment, flags, fresh: false }
}

fn table(tombstones: usize) -> Table {
    let mut table = Table::new(7, Ownership::All);
    table.bind(Binding {
        interface: key(0).interface,
        vrf: "red".parse().unwrap(),
        rif: Oid::from_raw(1),
        mac: Mac([2, 0, 0, 0, 0, 0xfe]),
        addresses: Vec::new(),
        state: RifState::Up,
        footing: Default::default(),
    });
    table.set_bounds(1_000, tombstones);
    table
}

/// The receiver in simple words.
#[derive(Default)]
struct Copy {
    claims: BTreeMap<Key, Claim>,
    marked: BTreeSet<Key>,
    position: Position,
    mid_sync: bool,
}

impl Copy {
    fn begin(&mut self) {
        self.marked = self.claims.keys().copied().collect();
        self.position = Position(0);
        self.mid_sync = true;
    }

    fn apply(&mut self, change: &Change) {
        self.marked.remove(&change.key);
        match change.claim {
            Some(claim) => drop(self.claims.insert(change.key, claim)),
            None => drop(self.claims.remove(&change.key)),
        }
    }

    /// END; answers what was swept.
    fn end(&mut self, count: Option<u64>) -> BTreeSet<Key> {
        let named = (self.claims.len() - self.marked.len()) as u64;
        assert!(count.is_none_or(|count| count == named), "the owner told {count:?}, {named} were named");
        self.mid_sync = false;
        let swept = std::mem::take(&mut self.marked);
        self.claims.retain(|key, _| !swept.contains(key));
        swept
    }
}

/// The sender in simple words: the mark of the END that it owes.
struct Wire {
    mark: Option<Position>,
    /// So many were told before their turn.
    early: usize,
}

impl Wire {
    fn begin(&mut self, table: &mut Table, copy: &mut Copy) {
        table.take_resync_due();
        table.rewind();
        copy.begin();
        self.mark = Some(table.tail());
    }

    /// A window and what goes ahead of it, of which so many changes arrive; with all of them its position does. Answers
    /// whether they do.
    fn window(&mut self, table: &mut Table, copy: &mut Copy, most: usize, arrive: usize) -> bool {
        let mut changes = Vec::new();
        let beyond = Position(table.cursor().0 + most as u64);
        table.take_early(beyond, most, &mut changes);
        self.early += changes.len();
        let position = table.take(most, &mut changes);
        changes.iter().take(arrive).for_each(|change| copy.apply(change));
        if arrive >= changes.len() && !changes.is_empty() {
            copy.position = position;
        }
        arrive >= changes.len()
    }

    /// END, if it is due, and another sync, if that is. Answers what was swept.
    fn end(&mut self, table: &mut Table, copy: &mut Copy) -> BTreeSet<Key> {
        if self.mark.is_none_or(|mark| table.cursor() < mark) {
            return BTreeSet::new();
        }
        self.mark = None;
        let swept = copy.end(table.digest().map(|told| told.count));
        if table.take_resync_due() {
            self.begin(table, copy);
        }
        swept
    }
}

#[test]
fn whatever_is_lost_on_the_way_who_resumes_holds_the_claims() {
    let mut early = 0;
    for life in 1..=LIVES {
        let mut dice = Dice(life.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut table = table([2, 5, 1_000][dice.below(3) as usize]);
        let (mut copy, mut wire) = (Copy::default(), Wire { mark: None, early: 0 });
        let mut truth: BTreeMap<Key, u8> = BTreeMap::new();
        wire.begin(&mut table, &mut copy);
        for _ in 0..ACTS {
            let n = dice.below(12);
            match dice.below(10) {
                0..3 => {
                    let mac = dice.below(3) as u8;
                    table.evidence(&[learned(n, mac)]);
                    truth.insert(key(n), mac);
                }
                3..5 => {
                    table.evidence(&[Evidence::Forgotten { key: key(n) }]);
                    truth.remove(&key(n));
                }
                5 if dice.below(6) == 0 => wire.begin(&mut table, &mut copy),
                6 | 7 => {
                    // The line breaks: windows on their way arrive in part, or not at all.
                    let mut arrive = dice.below(4) as usize;
                    for _ in 0..dice.below(3) {
                        if !wire.window(&mut table, &mut copy, 3, arrive) {
                            arrive = 0;
                        }
                    }
                    for _ in 0..dice.below(4) {
                        let n = dice.below(12);
                        table.evidence(&[Evidence::Forgotten { key: key(n) }]);
                        truth.remove(&key(n));
                    }
                    assert!(table.resume(copy.position), "what was received was sent");
                    wire.mark = Some(table.tail());
                }
                _ => {
                    wire.window(&mut table, &mut copy, 1 + dice.below(4) as usize, usize::MAX);
                    let claimed: BTreeSet<Key> = truth.keys().copied().collect();
                    let swept = wire.end(&mut table, &mut copy);
                    let wrong: Vec<_> = swept.intersection(&claimed).collect();
                    assert!(
                        wrong.is_empty() || table.pending(),
                        "life {life}: {wrong:?} swept, and not told again"
                    );
                }
            }
        }
        loop {
            if wire.mark.is_none() && table.take_resync_due() {
                wire.begin(&mut table, &mut copy);
            }
            if !table.pending() && wire.mark.is_none() {
                break;
            }
            wire.window(&mut table, &mut copy, 5, usize::MAX);
            wire.end(&mut table, &mut copy);
        }
        let held: BTreeMap<Key, u8> = copy.claims.iter().map(|(key, claim)| (*key, claim.mac.0[5])).collect();
        assert_eq!(held, truth, "life {life}");
        early += wire.early;
    }
    assert!(early > LIVES as usize, "{early} were told before their turn");
}

/// What was told before its place came is taken back when it goes, though the sync has not come to it.
#[test]
fn what_a_sync_told_early_and_is_gone_is_not_left_to_the_sweep() {
    let mut table = table(100);
    for n in 0..10 {
        table.evidence(&[learned(n, 1)]);
    }
    let (mut copy, mut wire) = (Copy::default(), Wire { mark: None, early: 0 });
    wire.begin(&mut table, &mut copy);
    wire.window(&mut table, &mut copy, 2, usize::MAX);
    table.evidence(&[learned(7, 2)]);
    wire.window(&mut table, &mut copy, 2, usize::MAX);
    assert_eq!(wire.early, 1);
    assert_eq!(copy.claims[&key(7)].mac, Mac([2, 0, 0, 0, 0, 2]), "before its turn");
    table.evidence(&[Evidence::Forgotten { key: key(7) }]);
    table.evidence(&[Evidence::Forgotten { key: key(8) }]);
    while wire.mark.is_some() {
        wire.window(&mut table, &mut copy, 2, usize::MAX);
        assert!(wire.end(&mut table, &mut copy).is_empty());
    }
    assert!(!copy.claims.contains_key(&key(7)) && !copy.claims.contains_key(&key(8)));
    assert_eq!(copy.claims.len(), 8);
}

/// A table that changes as a whole is told in its order, and the lane is free again for what comes later.
#[test]
fn the_lane_is_short_and_what_it_has_no_room_for_is_told_in_its_turn() {
    let mut table = table(100);
    let many = 2 * crate::limits::EARLY_WAITING as u64;
    let learn = |table: &mut Table, mac| (0..many).for_each(|n| table.evidence(&[learned(n, mac)]));
    learn(&mut table, 1);
    table.take(usize::MAX, &mut Vec::new());
    learn(&mut table, 2);
    let (mut early, mut rest) = (Vec::new(), Vec::new());
    let cursor = table.cursor();
    table.take_early(cursor, usize::MAX, &mut early);
    assert_eq!(early.len(), crate::limits::EARLY_WAITING);
    table.take(usize::MAX, &mut rest);
    assert_eq!(rest.len() as u64, many, "all of them at their places");
    learn(&mut table, 3);
    early.clear();
    let cursor = table.cursor();
    table.take_early(cursor, 3, &mut early);
    assert_eq!(early.len(), 3);
}

#[test]
fn the_cursor_goes_back_to_every_position_that_it_was_at_and_to_no_other() {
    let mut table = table(100);
    for n in 0..50 {
        table.evidence(&[learned(n, 1)]);
    }
    let mut all = Vec::new();
    table.take(30, &mut all);
    for position in 0..=30 {
        assert!(table.resume(Position(position)));
        let mut rest = Vec::new();
        table.take(50, &mut rest);
        assert_eq!(rest.first().map(|change| change.key), Some(key(position)));
        assert_eq!(rest.len() as u64, 50 - position);
    }
    assert!(!table.resume(Position(51)));
    table.evidence(&[learned(60, 1)]);
    assert!(!table.resume(Position(51)), "it is not told yet");
}

/// The deletion was told and is forgotten; the peer, who stands before it, may not have heard it.
#[test]
fn a_deletion_that_was_told_and_is_forgotten_makes_a_sync_due_for_who_stands_before_it() {
    let mut table = table(2);
    for n in 0..6 {
        table.evidence(&[learned(n, 1)]);
    }
    table.take(9, &mut Vec::new());
    for n in 0..4 {
        table.evidence(&[Evidence::Forgotten { key: key(n) }]);
        table.take(9, &mut Vec::new());
    }
    // Positions 7 to 10 are the deletions; the first two are forgotten.
    assert!(table.resume(Position(8)) && !table.take_resync_due());
    assert!(table.resume(Position(7)) && table.take_resync_due());
}
