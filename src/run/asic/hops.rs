//! The next hops that host routes by a neighbour need: one for each address on a router interface.
//!
//! ```text
//!   journal: NextHopOf(interface, address)      NextHop(id)
//!   make ──► intended ──► library ──► named by its id, the intention erased
//! ```
//!
//! The id of what is being made is not known, and what is there says by its attributes whose it is: so an intention is
//! named by interface and address, and what was made by its id.
//!
//! Invariant: a next hop that somebody else made is used and never removed; one of ours is removed only while no route of
//! ours leads by it.

use super::executor::Sum;
use super::kept::{Kept, NOWHERE, Spot};
use crate::run::journal::{Journal, Standing, Thing};
use crate::sai::{Answer, Kind, NeighborKey, NextHopTable, Oid, Status, Switch, id};
use ahash::RandomState;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

/// Next hops that one call looks at.
const SLICE: usize = 1024;

/// A fast hash with a key of this process: the peer names the addresses.
pub(super) fn keyed() -> RandomState {
    let drawn = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    RandomState::with_seeds(drawn(), drawn(), drawn(), drawn())
}

/// A next hop that is there.
#[derive(Clone, Copy, Debug)]
struct Hop {
    id: Oid<id::NextHop>,
    ours: bool,
    /// Routes of ours that lead by it.
    routes: u32,
}

pub(super) struct Hops {
    table: NextHopTable,
    by_key: Kept<NeighborKey, Hop>,
    by_id: HashMap<Oid<id::NextHop>, NeighborKey, RandomState>,
    /// Of these the library says that they are removed. They stay named as long as their neighbours are.
    leaving: HashMap<NeighborKey, Oid<id::NextHop>, RandomState>,
    /// What was about to be made when the process before this one ended, and was not there when it was looked for.
    awaited: Vec<NeighborKey>,
}

impl Hops {
    pub(super) fn new(switch: &Switch) -> Self {
        Hops {
            table: NextHopTable::new(switch),
            by_key: Kept::new(),
            by_id: HashMap::with_hasher(keyed()),
            leaving: HashMap::with_hasher(keyed()),
            awaited: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// The id of the next hop to this neighbour, if there is one; it was there once.
    pub(super) fn id(&self, key: &NeighborKey, hint: Spot) -> Option<Oid<id::NextHop>> {
        self.by_key.get(key, hint).map(|hop| hop.id)
    }

    /// Whose next hop it is, as far as is known.
    pub(super) fn name(&self, id: Oid<id::NextHop>) -> Option<NeighborKey> {
        self.by_id.get(&id).copied()
    }

    /// One more route leads by it, or one less; it was there once. Answers where it is.
    pub(super) fn count(&mut self, key: &NeighborKey, hint: Spot, more: bool) -> Spot {
        let Some(spot) = self.by_key.find(key, hint) else { return NOWHERE };
        if let Some(hop) = self.by_key.get_mut(key, spot) {
            hop.routes = if more { hop.routes + 1 } else { hop.routes.saturating_sub(1) };
        }
        spot
    }

    /// True when no route of ours leads by it, and it is ours.
    pub(super) fn is_idle(&self, key: &NeighborKey) -> bool {
        self.by_key.get(key, NOWHERE).is_some_and(|hop| hop.ours && hop.routes == 0)
    }

    /// True when it is ours and a route of ours leads by it.
    pub(super) fn is_used(&self, key: &NeighborKey) -> bool {
        self.by_key.get(key, NOWHERE).is_some_and(|hop| hop.ours && hop.routes > 0)
    }

    fn insert(&mut self, key: NeighborKey, id: Oid<id::NextHop>, ours: bool) {
        self.by_id.insert(id, key);
        self.by_key.insert(key, Hop { id, ours, routes: 0 });
    }

    fn forget(&mut self, key: &NeighborKey) -> Option<Hop> {
        let hop = self.by_key.remove(key)?;
        self.by_id.remove(&hop.id);
        Some(hop)
    }

    /// Makes those that are not there; what became of each, in their order.
    pub(super) fn make(
        &mut self,
        keys: &[NeighborKey],
        journal: &mut Option<Journal>,
        sum: &mut Sum,
    ) -> Vec<Answer> {
        if keys.is_empty() {
            return Vec::new();
        }
        if let Some(journal) = journal {
            for key in keys {
                journal.note(&Thing::NextHopOf(*key), Standing::Doubt);
            }
        }
        sum.add(self.table.create(keys.iter().copied()));
        let mut answers = self.table.answers().to_vec();
        let mut unseen = Vec::new();
        for (n, (key, answer)) in keys.iter().zip(&mut answers).enumerate() {
            match answer {
                Answer::Done => {
                    if let Some(id) = self.table.made(n) {
                        self.insert(*key, id, true);
                        if let (Some(before), Some(journal)) = (self.leaving.remove(key), journal.as_mut())
                            && before != id
                        {
                            journal.erase(&Thing::NextHop(before));
                        }
                        named(journal, key, id);
                    }
                }
                Answer::Refused(status) if status.kind() == Kind::ItemAlreadyExists => {
                    unseen.push((n, *key, false));
                }
                Answer::Unknown(_) => unseen.push((n, *key, true)),
                Answer::Refused(_) | Answer::NotExecuted => unintended(journal, key),
            }
        }
        if !unseen.is_empty() {
            self.look_for(&unseen.iter().map(|(_, key, ours)| (*key, *ours)).collect::<Vec<_>>(), sum);
            for (n, key, ours) in unseen {
                match self.by_key.get(&key, NOWHERE).copied() {
                    Some(hop) => {
                        answers[n] = Answer::Done;
                        if ours { named(journal, &key, hop.id) } else { unintended(journal, &key) }
                    }
                    // It is there, and the library does not show it: whoever has it must let it go.
                    None if !ours => {
                        answers[n] = Answer::Refused(Status::OBJECT_IN_USE);
                        unintended(journal, &key);
                    }
                    None => {}
                }
            }
        }
        answers
    }

    /// Removes next hops of ours that no route leads by; what became of each, in their order.
    pub(super) fn remove(
        &mut self,
        keys: &[NeighborKey],
        journal: &mut Option<Journal>,
        sum: &mut Sum,
    ) -> Vec<Answer> {
        if keys.is_empty() {
            return Vec::new();
        }
        let ids: Vec<_> = keys
            .iter()
            .map(|key| self.by_key.get(key, NOWHERE).map_or(Oid::from_raw(0), |hop| hop.id))
            .collect();
        sum.add(self.table.remove(ids.iter().copied()));
        let mut answers = self.table.answers().to_vec();
        let unknown: Vec<usize> =
            (0..answers.len()).filter(|n| matches!(answers[*n], Answer::Unknown(_))).collect();
        if !unknown.is_empty() {
            sum.add(self.table.read(unknown.iter().map(|n| ids[*n])));
            for (n, answer) in unknown.iter().zip(self.table.answers()) {
                if matches!(answer, Answer::Refused(status) if status.is_not_found()) {
                    answers[*n] = Answer::Done;
                }
            }
        }
        for (key, answer) in keys.iter().zip(&mut answers) {
            let gone = match answer {
                Answer::Done => true,
                Answer::Refused(status) => status.is_not_found(),
                _ => false,
            };
            if gone {
                *answer = Answer::Done;
                self.lose(key, journal);
            }
        }
        answers
    }

    fn lose(&mut self, key: &NeighborKey, journal: &mut Option<Journal>) {
        let (Some(hop), Some(journal)) = (self.forget(key), journal) else { return };
        if !hop.ours {
            return;
        }
        journal.note(&Thing::NextHop(hop.id), Standing::Doubt);
        if let Some(before) = self.leaving.insert(*key, hop.id).filter(|before| *before != hop.id) {
            journal.erase(&Thing::NextHop(before));
        }
    }

    /// A neighbour is known to be gone: so are the next hops to it that were removed before it, and those that never came.
    pub(super) fn disown(&mut self, key: &NeighborKey, journal: &mut Journal) {
        if let Some(id) = self.leaving.remove(key)
            && self.by_key.get(key, NOWHERE).is_none_or(|hop| hop.id != id)
        {
            journal.erase(&Thing::NextHop(id));
        }
        journal.erase(&Thing::NextHopOf(*key));
    }

    /// Looks whether these are still there, and forgets those that are not: then true.
    pub(super) fn verify(
        &mut self,
        keys: &[NeighborKey],
        journal: &mut Option<Journal>,
        sum: &mut Sum,
    ) -> Vec<bool> {
        let ids: Vec<_> = keys.iter().map(|key| self.by_key.get(key, NOWHERE).map(|hop| hop.id)).collect();
        sum.add(self.table.read(ids.iter().map(|id| id.unwrap_or(Oid::from_raw(0)))));
        let gone: Vec<bool> = (0..keys.len())
            .map(|n| match self.table.answers()[n] {
                Answer::Done => self.table.seen(n) != Some(keys[n]),
                Answer::Refused(status) => status.is_not_found() || !status.is_lacking(),
                _ => false,
            })
            .collect();
        for (key, gone) in keys.iter().zip(&gone) {
            if *gone {
                self.lose(key, journal);
            }
        }
        gone
    }

    /// Asks whose these are; those to which nobody is known are somebody else's.
    pub(super) fn learn(&mut self, ids: impl IntoIterator<Item = Oid<id::NextHop>>, sum: &mut Sum) {
        let known = &self.by_id;
        let mut strange: Vec<_> =
            ids.into_iter().filter(|id| !id.is_null() && !known.contains_key(id)).collect();
        strange.sort_unstable();
        strange.dedup();
        for slice in strange.chunks(SLICE) {
            sum.add(self.table.read(slice.iter().copied()));
            let seen: Vec<_> = (0..slice.len()).map(|n| self.table.seen(n)).collect();
            for (id, key) in slice.iter().zip(seen) {
                if let Some(key) = key.filter(|key| self.by_key.find(key, NOWHERE).is_none()) {
                    self.insert(key, *id, false);
                }
            }
        }
    }

    /// Looks for next hops whose ids are not known, among all that the library lists.
    fn look_for(&mut self, wanted: &[(NeighborKey, bool)], sum: &mut Sum) {
        let Ok(all) = self.table.list() else { return };
        let mut left: HashMap<NeighborKey, bool> = wanted.iter().copied().collect();
        let strange: Vec<_> = all.into_iter().filter(|id| !self.by_id.contains_key(id)).collect();
        for slice in strange.chunks(SLICE) {
            if left.is_empty() || sum.trouble.is_some() {
                return;
            }
            sum.add(self.table.read(slice.iter().copied()));
            let seen: Vec<_> = (0..slice.len()).map(|n| self.table.seen(n)).collect();
            for (id, key) in slice.iter().zip(seen) {
                if let Some((key, ours)) = key.and_then(|key| Some((key, left.remove(&key)?))) {
                    self.insert(key, *id, ours);
                }
            }
        }
    }

    /// Finds again what the journal names.
    pub(super) fn recall(&mut self, journal: &mut Journal) {
        let mut sum = Sum::default();
        let mut ids = Vec::new();
        let mut intended = Vec::new();
        for (thing, _) in journal.things() {
            match thing {
                Thing::NextHop(id) => ids.push(id),
                Thing::NextHopOf(key) => intended.push((key, true)),
                _ => {}
            }
        }
        for slice in ids.chunks(SLICE) {
            self.table.read(slice.iter().copied());
            for (n, id) in slice.iter().enumerate() {
                match (self.table.seen(n), self.table.answers()[n]) {
                    (Some(key), _) => {
                        self.by_id.insert(*id, key);
                        self.by_key.insert(key, Hop { id: *id, ours: true, routes: 0 });
                    }
                    (None, Answer::Refused(status)) if status.is_not_found() => {
                        journal.erase(&Thing::NextHop(*id));
                    }
                    (None, _) => {}
                }
            }
        }
        intended.retain(|(key, _)| self.by_key.find(key, NOWHERE).is_none());
        if !intended.is_empty() {
            self.look_for(&intended, &mut sum);
        }
        for (key, _) in intended {
            // One that is not there may be on its way: its intention stays.
            match self.by_key.get(&key, NOWHERE) {
                Some(hop) => {
                    journal.note(&Thing::NextHop(hop.id), Standing::Sure);
                    journal.erase(&Thing::NextHopOf(key));
                }
                None => self.awaited.push(key),
            }
        }
    }

    /// Looks once more for what may have been on its way; what has not come by now does not.
    pub(super) fn look_for_awaited(&mut self, journal: &mut Option<Journal>) {
        let mut awaited = std::mem::take(&mut self.awaited);
        awaited.retain(|key| self.by_key.find(key, NOWHERE).is_none());
        if awaited.is_empty() {
            return;
        }
        self.look_for(&awaited.iter().map(|key| (*key, true)).collect::<Vec<_>>(), &mut Sum::default());
        for key in awaited {
            match self.by_key.get(&key, NOWHERE).map(|hop| hop.id) {
                Some(id) => named(journal, &key, id),
                None => unintended(journal, &key),
            }
        }
    }
}

fn named(journal: &mut Option<Journal>, key: &NeighborKey, id: Oid<id::NextHop>) {
    if let Some(journal) = journal {
        journal.note(&Thing::NextHop(id), Standing::Sure);
        journal.erase(&Thing::NextHopOf(*key));
    }
}

fn unintended(journal: &mut Option<Journal>, key: &NeighborKey) {
    if let Some(journal) = journal {
        journal.erase(&Thing::NextHopOf(*key));
    }
}
