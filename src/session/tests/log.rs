//! A change source in the simplest words: everything by position.

use crate::addr::{InterfaceId, VpnInstance};
use crate::neighbor::{Claim, Key};
use crate::table::change::{Change, ChangeSource, Digest, Position};
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Debug, Default)]
pub(super) struct Log {
    order: BTreeMap<u64, Change>,
    place: HashMap<Key, u64>,
    tail: u64,
    cursor: u64,
    reached: u64,
    /// The keys that a peer that took in everything holds.
    told: BTreeSet<Key>,
    bindings: u64,
    pub(super) vrfs: HashMap<InterfaceId, VpnInstance>,
    pub(super) complete: bool,
    pub(super) resync_due: bool,
    /// Keys that are told before their turn.
    hurried: Vec<Key>,
    /// How many were.
    pub(super) early: usize,
    /// The most that one call was asked for.
    pub(super) largest_take: usize,
}

impl Log {
    pub(super) fn new() -> Self {
        let vrfs = (1..200).map(|n| (super::vlanif(n), VpnInstance::public())).collect();
        Log { complete: true, vrfs, ..Log::default() }
    }

    pub(super) fn set(&mut self, key: Key, claim: Option<Claim>) {
        let at = match self.place.get(&key) {
            Some(&at) if at > self.reached => at,
            Some(at) => {
                self.order.remove(at);
                self.tail += 1;
                self.tail
            }
            None => {
                self.tail += 1;
                self.tail
            }
        };
        let known = self.place.insert(key, at).is_some();
        if known && claim.is_some() {
            self.hurried.push(key);
        }
        self.order.insert(at, Change { key, claim });
    }

    pub(super) fn bind(&mut self, interface: InterfaceId, vrf: &str) {
        self.vrfs.insert(interface, vrf.parse().unwrap());
        self.bindings += 1;
    }

    /// Changes behind a position.
    pub(super) fn behind(&self, position: Position) -> u64 {
        self.order.range(position.0 + 1..).count() as u64
    }

    pub(super) fn claims(&self) -> BTreeMap<Key, Claim> {
        self.order.values().filter_map(|change| Some((change.key, change.claim?))).collect()
    }
}

impl ChangeSource for Log {
    fn complete(&self) -> bool {
        self.complete
    }

    fn rewind(&mut self) {
        self.cursor = 0;
        self.reached = 0;
        self.told.clear();
        self.hurried.clear();
        self.order.retain(|_, change| change.claim.is_some());
        self.place.retain(|_, at| self.order.contains_key(at));
    }

    fn resume(&mut self, position: Position) -> bool {
        let been_there = position.0 <= self.reached;
        if been_there {
            self.cursor = position.0;
        }
        been_there
    }

    fn digest(&self) -> Option<Digest> {
        let known = self.cursor >= self.reached && !self.resync_due;
        known.then_some(Digest { count: self.told.len() as u64, sum: 0 })
    }

    fn tail(&self) -> Position {
        Position(self.tail)
    }

    fn cursor(&self) -> Position {
        Position(self.cursor)
    }

    fn take(&mut self, max: usize, out: &mut Vec<Change>) -> Position {
        self.largest_take = self.largest_take.max(max);
        let ahead: Vec<u64> = self.order.range(self.cursor + 1..).map(|(at, _)| *at).take(max).collect();
        for change in ahead.iter().map(|at| self.order[at]) {
            if change.claim.is_some() {
                self.told.insert(change.key);
            } else {
                self.told.remove(&change.key);
            }
            out.push(change);
        }
        self.cursor = if ahead.len() < max { self.tail } else { ahead[max - 1] };
        self.reached = self.reached.max(self.cursor);
        Position(self.cursor)
    }

    fn take_early(&mut self, beyond: Position, max: usize, out: &mut Vec<Change>) {
        for key in std::mem::take(&mut self.hurried) {
            let change = self.place.get(&key).filter(|at| **at > beyond.0).map(|at| self.order[at]);
            // What the cursor has not reached in this sync is told in its turn: a deletion of it would not be told.
            let change = change.filter(|change| change.claim.is_some() && self.told.contains(&change.key));
            if let Some(change) = change.filter(|change| out.len() < max && !out.contains(change)) {
                out.push(change);
                self.early += 1;
            }
        }
    }

    fn vrf(&self, interface: InterfaceId) -> Option<&VpnInstance> {
        self.vrfs.get(&interface)
    }

    fn bindings(&self) -> u64 {
        self.bindings
    }

    fn take_resync_due(&mut self) -> bool {
        std::mem::take(&mut self.resync_due)
    }
}
