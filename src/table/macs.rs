//! MACs that hosts are claimed with, by where they are learned in (a VLAN, a bridge), and the rows that claim them.
//!
//! ```text
//!   (domain, MAC) ─► entry ─► rows: ours, the latest first … theirs, the latest last
//! ```
//!
//! A row hangs on at most one entry: its winning claim says where. Several addresses of one host are rows of one entry.
//! While the hardware's neighbour has, or may have, another MAC than the row claims now, the row stands on that one, too.
//!
//! Invariant: finding the claim that counts, adding one and taking one away cost the same however many rows an entry has.

use crate::addr::Mac;
use crate::neighbor::Attachment;
use crate::sai::id::{self, Oid};
use crate::table::list::{Link, Linked, List, NIL};
use crate::table::ports::Whose;
use crate::table::row::RowId;
use ahash::RandomState;
use hashbrown::HashTable;
use std::collections::BTreeSet;

/// An entry's number.
pub(crate) type MacId = u32;

/// What a row says of its MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// Where the host hangs.
    Claims(Whose, Attachment),
    /// Nothing any more, but its neighbour still stands on the MAC.
    Leaves,
}

#[derive(Clone, Copy, Debug)]
struct Hanging {
    link: Link,
    on: MacId,
    says: Option<Says>,
}

impl Default for Hanging {
    fn default() -> Self {
        Hanging { link: Link::default(), on: NIL, says: None }
    }
}

/// The list of an entry's rows.
#[derive(Debug)]
enum ByMac {}

impl Linked<ByMac> for Hanging {
    fn link(&self) -> &Link {
        &self.link
    }
    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }
}

/// A MAC in one of the places that MACs are learned in.
#[derive(Debug)]
struct Entry {
    mac: Mac,
    domain: u16,
    is_live: bool,
    claims: List<ByMac>,
    leaving: u32,
    learned: Option<Oid<id::BridgePort>>,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Macs {
    hasher: RandomState,
    index: HashTable<MacId>,
    entries: Vec<Entry>,
    free: Vec<MacId>,
    hanging: Vec<Hanging>,
    /// Rows whose neighbour may still be on an entry that they do not claim any more.
    standing: BTreeSet<(RowId, MacId)>,
    /// The domains of entries that are new.
    born: Vec<u16>,
}

impl Macs {
    /// The seed keys the hash: a stranger who fills the table cannot know it.
    pub(crate) fn new(seed: u64) -> Self {
        let hasher = RandomState::with_seeds(!seed, seed, seed.rotate_left(29), seed.rotate_left(11));
        Macs {
            hasher,
            index: HashTable::new(),
            entries: Vec::new(),
            free: Vec::new(),
            hanging: Vec::new(),
            standing: BTreeSet::new(),
            born: Vec::new(),
        }
    }

    /// What a row says of which MAC. Answers the entry that it hung on before, if it is another one, and the one that it
    /// hangs on now if that is news there.
    pub(crate) fn set(
        &mut self,
        row: RowId,
        says: Option<(u16, Mac, Says)>,
    ) -> (Option<MacId>, Option<MacId>) {
        let before = self.hanging.get(row as usize).copied().unwrap_or_default();
        let Some((domain, mac, says)) = says else {
            return (self.take(row), None);
        };
        let known = (before.on != NIL).then(|| &self.entries[before.on as usize]);
        if known.is_some_and(|entry| entry.mac == mac && entry.domain == domain) {
            if before.says == Some(says) {
                return (None, None);
            }
            self.take(row);
            self.put(row, before.on, says);
            return (None, Some(before.on));
        }
        let left = self.take(row);
        let on = self.intern(domain, mac);
        self.put(row, on, says);
        (left, Some(on))
    }

    /// The claim that counts: ours before theirs, the latest of them.
    pub(crate) fn claim(&self, at: MacId) -> Option<(Whose, Attachment)> {
        let claims = &self.entries[at as usize].claims;
        let says = |row: RowId| match self.hanging.get(row as usize)?.says? {
            Says::Claims(whose, attachment) => Some((whose, attachment)),
            Says::Leaves => None,
        };
        says(claims.head()).filter(|(whose, _)| *whose == Whose::Ours).or_else(|| says(claims.tail()))
    }

    /// The rows that claim the MAC.
    pub(crate) fn rows(&self, at: MacId) -> impl Iterator<Item = RowId> {
        let first = self.entries[at as usize].claims.head();
        let some = |row: RowId| (row != NIL).then_some(row);
        std::iter::successors(some(first), move |row| some(List::<ByMac>::next(&self.hanging, *row)))
    }

    /// The entry that a row claims.
    pub(crate) fn claimed(&self, row: RowId) -> Option<MacId> {
        let hanging = self.hanging.get(row as usize)?;
        matches!(hanging.says, Some(Says::Claims(..))).then_some(hanging.on)
    }

    /// The row's neighbour has, or may have, this MAC, whatever the row claims.
    pub(crate) fn stand(&mut self, row: RowId, at: MacId) {
        if self.standing.insert((row, at)) {
            self.entries[at as usize].leaving += 1;
        }
    }

    /// The row's neighbour has the MAC that is claimed, or is gone. Answers what it stood on beside.
    pub(crate) fn step_off(&mut self, row: RowId) -> Vec<MacId> {
        if self.standing.is_empty() {
            return Vec::new();
        }
        let left: Vec<MacId> = self.standing.range((row, 0)..=(row, MacId::MAX)).map(|(_, at)| *at).collect();
        for at in &left {
            self.standing.remove(&(row, *at));
            self.entries[*at as usize].leaving -= 1;
        }
        left
    }

    /// True while a neighbour stands on the entry that nobody claims any more.
    pub(crate) fn is_stood_on(&self, at: MacId) -> bool {
        self.entries[at as usize].leaving > 0
    }

    /// True when no row says anything of the MAC.
    pub(crate) fn is_vacant(&self, at: MacId) -> bool {
        let entry = &self.entries[at as usize];
        entry.claims.is_empty() && entry.leaving == 0
    }

    /// The entry of a MAC.
    pub(crate) fn find(&self, domain: u16, mac: Mac) -> Option<MacId> {
        let same = |at: &MacId| self.is_at(*at, domain, mac);
        self.index.find(self.hash(domain, mac), same).copied()
    }

    /// The entry of a MAC, made if there is none: the ASIC may hold it although no row says anything of it.
    pub(crate) fn adopt(&mut self, domain: u16, mac: Mac) -> MacId {
        self.intern(domain, mac)
    }

    /// A row that claims the entry's MAC.
    pub(crate) fn row(&self, at: MacId) -> Option<RowId> {
        Some(self.entries[at as usize].claims.head()).filter(|row| *row != NIL)
    }

    /// The entry that a row hangs on.
    pub(crate) fn of(&self, row: RowId) -> Option<MacId> {
        self.hanging.get(row as usize).map(|hanging| hanging.on).filter(|on| *on != NIL)
    }

    /// Which MAC an entry is, and where.
    pub(crate) fn mac(&self, at: MacId) -> (u16, Mac) {
        let entry = &self.entries[at as usize];
        (entry.domain, entry.mac)
    }

    /// The port on which the hardware heard it.
    pub(crate) fn learned(&self, at: MacId) -> Option<Oid<id::BridgePort>> {
        self.entries[at as usize].learned
    }

    /// The hardware heard it there, or has lost it.
    pub(crate) fn set_learned(&mut self, at: MacId, port: Option<Oid<id::BridgePort>>) {
        self.entries[at as usize].learned = port;
    }

    /// One past the largest number in use.
    pub(crate) fn len(&self) -> MacId {
        self.entries.len() as MacId
    }

    /// True when the number is an entry's.
    pub(crate) fn is_live(&self, at: MacId) -> bool {
        self.entries[at as usize].is_live
    }

    /// The domain of an entry that is new, each once.
    pub(crate) fn take_born(&mut self) -> Option<u16> {
        self.born.pop()
    }

    /// Gives the number of a vacant entry back.
    pub(crate) fn release(&mut self, at: MacId) {
        let entry = &mut self.entries[at as usize];
        if !std::mem::replace(&mut entry.is_live, false) {
            return;
        }
        let (domain, mac) = (entry.domain, entry.mac);
        let hash = self.hash(domain, mac);
        if let Ok(found) = self.index.find_entry(hash, |other| *other == at) {
            found.remove();
        }
        self.free.push(at);
    }

    fn put(&mut self, row: RowId, on: MacId, says: Says) {
        if self.hanging.len() <= row as usize {
            self.hanging.resize(row as usize + 1, Hanging::default());
        }
        self.hanging[row as usize] = Hanging { link: Link::default(), on, says: Some(says) };
        let entry = &mut self.entries[on as usize];
        match says {
            Says::Claims(Whose::Ours, _) => entry.claims.push_front(&mut self.hanging, row),
            Says::Claims(Whose::Theirs, _) => entry.claims.push_back(&mut self.hanging, row),
            Says::Leaves => entry.leaving += 1,
        }
    }

    fn take(&mut self, row: RowId) -> Option<MacId> {
        let Hanging { on, says, .. } = self.hanging.get(row as usize).copied()?;
        match says? {
            Says::Claims(..) => self.entries[on as usize].claims.remove(&mut self.hanging, row),
            Says::Leaves => self.entries[on as usize].leaving -= 1,
        }
        self.hanging[row as usize] = Hanging::default();
        Some(on)
    }

    fn intern(&mut self, domain: u16, mac: Mac) -> MacId {
        if let Some(at) = self.find(domain, mac) {
            return at;
        }
        let entry = Entry { mac, domain, is_live: true, claims: List::default(), leaving: 0, learned: None };
        let at = match self.free.pop() {
            Some(at) => {
                self.entries[at as usize] = entry;
                at
            }
            None => {
                self.entries.push(entry);
                self.entries.len() as MacId - 1
            }
        };
        self.born.push(domain);
        let hash = self.hash(domain, mac);
        let (entries, hasher) = (&self.entries, &self.hasher);
        self.index.insert_unique(hash, at, |at| {
            let entry = &entries[*at as usize];
            hasher.hash_one((entry.domain, entry.mac))
        });
        at
    }

    fn is_at(&self, at: MacId, domain: u16, mac: Mac) -> bool {
        let entry = &self.entries[at as usize];
        entry.mac == mac && entry.domain == domain
    }

    fn hash(&self, domain: u16, mac: Mac) -> u64 {
        self.hasher.hash_one((domain, mac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::MlagId;

    fn mac(n: u8) -> Mac {
        Mac([2, 0, 0, 0, 0, n])
    }

    fn says(whose: Whose, mlag: u32) -> Says {
        Says::Claims(whose, Attachment::Mlag(MlagId::new(mlag).unwrap()))
    }

    #[test]
    fn ours_counts_before_theirs_and_the_latest_of_each() {
        let mut macs = Macs::new(1);
        let hang = |macs: &mut Macs, row, whose, mlag| {
            macs.set(row, Some((0, mac(1), says(whose, mlag)))).1.expect("it is news")
        };
        let counts = |macs: &Macs| match macs.claim(0) {
            Some((_, Attachment::Mlag(mlag))) => mlag.to_string(),
            other => format!("{other:?}"),
        };
        let mut seen = Vec::new();
        for (row, whose, mlag) in [
            (1, Whose::Theirs, 11),
            (2, Whose::Theirs, 12),
            (3, Whose::Ours, 13),
            (4, Whose::Ours, 14),
            (5, Whose::Theirs, 15),
            (1, Whose::Theirs, 16),
            (3, Whose::Ours, 17),
        ] {
            assert_eq!(hang(&mut macs, row, whose, mlag), 0, "one MAC is one entry");
            seen.push(counts(&macs));
        }
        for row in [3, 4, 1] {
            macs.set(row, None);
            seen.push(counts(&macs));
        }
        assert_eq!(seen, ["11", "12", "13", "14", "14", "14", "17", "14", "16", "15"]);
        for row in [2, 5] {
            assert_eq!(macs.set(row, None), (Some(0), None));
        }
        assert!(macs.is_vacant(0));
    }

    #[test]
    fn a_mac_with_one_address_costs_less_than_its_neighbour() {
        // Beside the row's part: the entry, its number in the index, which may be just grown, and a control byte.
        let bytes = size_of::<Hanging>() as f64 + size_of::<Entry>() as f64 + 5.0 * 8.0 / 3.5;
        assert!(bytes <= 96.0, "{bytes} bytes: {} and {}", size_of::<Hanging>(), size_of::<Entry>());
    }

    #[test]
    fn one_that_leaves_claims_nothing_and_keeps_the_entry() {
        let mut macs = Macs::new(1);
        macs.set(7, Some((0, mac(1), says(Whose::Theirs, 1))));
        assert_eq!(macs.set(7, Some((0, mac(1), Says::Leaves))), (None, Some(0)));
        assert_eq!(macs.claim(0), None);
        assert!(macs.is_stood_on(0) && !macs.is_vacant(0));
        assert_eq!(macs.set(7, Some((0, mac(2), says(Whose::Theirs, 1)))), (Some(0), Some(1)));
        assert!(macs.is_vacant(0));
        // Its neighbour may be on the first one still, and on nothing when it is said so once.
        macs.stand(7, 0);
        macs.stand(7, 0);
        assert!(macs.is_stood_on(0) && !macs.is_vacant(0) && macs.step_off(8).is_empty());
        assert_eq!((macs.claimed(7), macs.rows(1).collect::<Vec<_>>()), (Some(1), vec![7]));
        assert_eq!((macs.step_off(7), macs.step_off(7)), (vec![0], vec![]));
        assert!(macs.is_vacant(0));
        macs.release(0);
        assert_eq!((macs.find(0, mac(1)), macs.find(0, mac(2)), macs.find(1, mac(2))), (None, Some(1), None));
    }
}
