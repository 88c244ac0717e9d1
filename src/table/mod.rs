//! Claims by key, their order of change, interfaces, and what is desired.
//!
//! One row per key holds both devices' claims, so one look-up serves an event and the decision that
//! follows from it. Everything else is numbers that point at rows: the index, the order of change, the lists of
//! tombstones and of each interface's rows.
//!
//! The index hashes a row by *domain* and address, where the domain is the VRF of a bound interface, and the interface
//! itself otherwise and for link-local addresses. Rows that compete for one host route therefore meet in the same
//! place of the index, and finding a rival costs nothing where there is none.
//!
//! Invariant: nothing here knows what the ASIC holds. A handler changes a claim and marks the row dirty; what follows
//! is decided by [`desired`](desired::desired) alone. The order of the hash table decides nothing.

#[cfg(test)]
mod bounds_tests;
pub mod change;
pub mod desired;
pub mod evidence;
pub(crate) mod index;
mod interfaces;
pub(crate) mod list;
mod local;
mod order;
mod remote;
pub(crate) mod row;
#[cfg(test)]
mod tests;

pub use local::heard;

use crate::addr::{InterfaceId, VpnInstance};
use crate::limits::{MAX_CLAIMS, MAX_RIVALS};
use crate::neighbor::Key;
use ahash::RandomState;
use change::{Change, ChangeSource, Position};
use desired::{Ownership, Rank, View, is_link_local, rank_of};
use evidence::Binding;
use index::Index;
use interfaces::{Interface, Interfaces, alone};
use list::{List, NIL};
use order::Order;
use row::{ByInterface, ByNaming, Facts, Row, RowId};
use std::net::IpAddr;

/// Keys that are looked up at once: more than a processor has loads under way, few enough to stay in its cache.
const AHEAD: usize = 16;

/// What looking ahead saw of a key. It holds as long as no interface is bound and no row given back.
#[derive(Clone, Copy, Debug)]
struct Glimpse {
    interface: u32,
    tag: index::Tag,
    /// A row under the tag: most likely the key's.
    row: Option<RowId>,
}

type Ahead = [Option<Glimpse>; AHEAD];

/// Both devices' claims.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Row>,
    free: List<ByInterface>,
    index: Index,
    interfaces: Interfaces,
    order: Order,
    dirty: Vec<RowId>,
    ownership: Ownership,
    we_win_ties: bool,
    complete: bool,
    /// How often an interface was bound or unbound.
    bindings: u64,
    dumping: bool,
    syncing: bool,
    local_mark: u32,
    remote_mark: u32,
    local_count: usize,
    /// The peer's claims; those that the present sync has not named are in front.
    remote: List<ByNaming>,
    /// So many claims of the peer's are kept.
    most_claims: usize,
    /// Claims of the peer's that were not kept.
    turned_away: u64,
    /// One of them since the last BEGIN: the copy is not whole.
    truncated: bool,
    /// Interfaces whose rows are all to be looked at again: the peer's word for their VRF changed.
    renamed: Vec<u32>,
}

impl Table {
    /// An empty table. The seed keys the hashes: a stranger who fills the table cannot know it.
    pub(crate) fn new(seed: u64, ownership: Ownership) -> Self {
        let hasher = RandomState::with_seeds(seed, !seed, seed.rotate_left(17), seed.rotate_left(43));
        Table {
            rows: Vec::new(),
            free: List::default(),
            index: Index::new(hasher.clone()),
            interfaces: Interfaces::new(hasher),
            order: Order::default(),
            dirty: Vec::new(),
            ownership,
            we_win_ties: false,
            complete: false,
            bindings: 0,
            dumping: false,
            syncing: false,
            local_mark: 0,
            remote_mark: 0,
            local_count: 0,
            remote: List::default(),
            most_claims: MAX_CLAIMS,
            turned_away: 0,
            truncated: false,
            renamed: Vec::new(),
        }
    }

    /// This device's claims, statics among them.
    pub(crate) fn local_count(&self) -> usize {
        self.local_count
    }

    /// The peer's claims.
    pub(crate) fn remote_count(&self) -> usize {
        self.remote.len()
    }

    /// This device has reported everything it knew at start.
    pub(crate) fn set_complete(&mut self) {
        self.complete = true;
    }

    /// Who wins a tie became known, or changed with the peer.
    pub(crate) fn set_ties(&mut self, we_win: bool) {
        if std::mem::replace(&mut self.we_win_ties, we_win) != we_win {
            for at in 0..self.rows.len() as RowId {
                let row = &self.rows[at as usize];
                if row.local.is_some() && row.remote.is_some() {
                    self.touch(at);
                }
            }
        }
    }

    /// Binds an interface, or binds it anew with other facts. Answers the interface's number.
    pub(crate) fn bind(&mut self, binding: Binding) -> u32 {
        let at = self.interfaces.intern(binding.interface);
        let before = &self.interfaces.at(at).binding;
        if before.as_ref() == Some(&binding) {
            return at;
        }
        let is_new = before.is_none();
        self.bindings += 1;
        let domain = self.interfaces.vrf_domain(&binding.vrf);
        self.interfaces.at_mut(at).binding = Some(binding);
        self.set_domain(at, domain);
        self.for_members(at, |table, row| {
            if is_new {
                table.announce(row);
            }
            table.touch(row);
        });
        at
    }

    /// Takes an interface's binding away.
    pub(crate) fn unbind(&mut self, id: InterfaceId) {
        let Some(at) = self.interfaces.find(id) else {
            return;
        };
        if self.interfaces.at_mut(at).binding.take().is_none() {
            return;
        }
        self.bindings += 1;
        // The rivals on other interfaces must hear of it while they can still be found.
        self.for_members(at, |table, row| {
            table.touch(row);
            table.withdraw(row);
        });
        self.set_domain(at, alone(at));
        self.interfaces.release(at);
    }

    /// The peer says in which VRF an interface lies there. Answers whether the two devices disagree now and did not
    /// before. A peer may say so as often as it likes: what follows for the rows waits for [`Table::spread`].
    pub(crate) fn name_remote(&mut self, id: InterfaceId, vrf: Option<VpnInstance>) -> bool {
        if !self.interfaces.admits(id) {
            return false;
        }
        let at = self.interfaces.intern(id);
        let interface = self.interfaces.at_mut(at);
        let differed = interface.vrf_differs();
        interface.theirs = vrf;
        let differs = interface.vrf_differs();
        if differs != differed
            && !interface.members.is_empty()
            && !std::mem::replace(&mut interface.renamed, true)
        {
            self.renamed.push(at);
        }
        self.interfaces.release(at);
        differs && !differed
    }

    /// Marks the rows of the interfaces that the peer named otherwise.
    pub(crate) fn spread(&mut self) {
        for at in std::mem::take(&mut self.renamed) {
            if self.interfaces.take_renamed(at) {
                self.for_members(at, Table::touch);
            }
        }
    }

    /// The peer's VRF and ours of an interface, where they differ.
    pub(crate) fn vrf_conflict(&self, id: InterfaceId) -> Option<(VpnInstance, VpnInstance)> {
        let interface = self.interfaces.get(id).filter(|interface| interface.vrf_differs())?;
        Some((interface.theirs.clone()?, interface.binding.as_ref()?.vrf.clone()))
    }

    /// Every row that changed since the last call, each once, in the order of their first change.
    pub(crate) fn take_dirty(&mut self, into: &mut Vec<RowId>) {
        into.append(&mut self.dirty);
        for at in into.iter() {
            self.rows[*at as usize].facts.set(Facts::DIRTY, false);
        }
    }

    /// Marks a row, and those that compete with it for a host route, to be evaluated again.
    pub(crate) fn touch(&mut self, at: RowId) {
        self.mark_dirty(at);
        if self.rows[at as usize].facts.has(Facts::SHARED) {
            for rival in self.rivals(at) {
                self.mark_dirty(rival);
            }
        }
    }

    /// What [`desired::desired`] is to be asked for a row.
    #[inline]
    pub(crate) fn view(&mut self, at: RowId) -> Option<(Key, View<'_>)> {
        if !self.rows[at as usize].facts.has(Facts::LIVE) {
            return None;
        }
        let mut rival = None;
        if self.rows[at as usize].facts.has(Facts::SHARED) {
            let rivals = self.rivals(at);
            self.rows[at as usize].facts.set(Facts::SHARED, !rivals.is_empty());
            rival = rivals.into_iter().filter_map(|other| self.rank(other)).max();
        }
        Some(self.view_beside(at, rival))
    }

    /// [`Table::view`] for people, who only look.
    pub(crate) fn peek(&self, at: RowId) -> Option<(Key, View<'_>)> {
        let facts = self.rows.get(at as usize)?.facts;
        if !facts.has(Facts::LIVE) {
            return None;
        }
        let rivals = if facts.has(Facts::SHARED) { self.rivals(at) } else { Vec::new() };
        let rival = rivals.into_iter().filter_map(|other| self.rank(other)).max();
        Some(self.view_beside(at, rival))
    }

    /// Rows that claim the same address on other interfaces of the VRF.
    pub(crate) fn rivals(&self, at: RowId) -> Vec<RowId> {
        let row = &self.rows[at as usize];
        let domain = self.domain(row);
        let same = |other: &RowId| {
            let other = &self.rows[*other as usize];
            other.ip == row.ip && other.interface != row.interface && self.domain(other) == domain
        };
        let mut rivals: Vec<RowId> = self.index.all(self.index.tag(domain, &row.ip)).filter(same).collect();
        rivals.sort_unstable();
        rivals
    }

    /// True when another interface of the VRF may claim the row's address.
    pub(crate) fn is_shared(&self, at: RowId) -> bool {
        self.rows[at as usize].facts.has(Facts::SHARED)
    }

    /// Notes whether the row's claim is refused; answers whether it was.
    pub(crate) fn set_refused(&mut self, at: RowId, refused: bool) -> bool {
        let facts = &mut self.rows[at as usize].facts;
        let was = facts.has(Facts::REFUSED);
        facts.set(Facts::REFUSED, refused);
        was
    }

    /// The address of a row.
    pub(crate) fn ip(&self, at: RowId) -> IpAddr {
        self.rows[at as usize].ip
    }

    /// The number of the row's interface.
    pub(crate) fn interface(&self, at: RowId) -> u32 {
        self.rows[at as usize].interface
    }

    /// One past the largest row number in use.
    pub(crate) fn rows(&self) -> RowId {
        self.rows.len() as RowId
    }

    /// The row of a key, if it has one.
    pub(crate) fn find(&mut self, key: &Key) -> Option<RowId> {
        let interface = self.interfaces.find(key.interface)?;
        let tag = self.index.tag(self.domain_of(interface, &key.ip), &key.ip);
        self.index.find(tag, |at| self.is_at(at, interface, &key.ip))
    }

    /// Gives the row back if nobody claims its key and no deletion is to be told.
    pub(crate) fn release(&mut self, at: RowId) {
        let row = &self.rows[at as usize];
        if !row.is_vacant() || !row.facts.has(Facts::LIVE) || row.facts.has(Facts::DIRTY) {
            return;
        }
        self.unindex(at);
        let interface = self.rows[at as usize].interface;
        self.interfaces.at_mut(interface).members.remove(&mut self.rows, at);
        self.interfaces.vacate(interface);
        self.rows[at as usize].facts = Facts::default();
        self.free.push_back(&mut self.rows, at);
    }

    /// Looks a few keys up at once, for [`Table::row`]. The index is far larger than a cache; one by one, each key
    /// would wait for its own place of it, and so their waits overlap.
    fn look_ahead<'k>(&mut self, keys: impl Iterator<Item = &'k Key>) -> Ahead {
        let mut ahead = [None; AHEAD];
        for (glimpse, key) in ahead.iter_mut().zip(keys) {
            // An interface that has no number yet gets it in its turn: giving one may take another's away.
            if let Some(interface) = self.interfaces.find(key.interface) {
                let tag = self.index.tag(self.domain_of(interface, &key.ip), &key.ip);
                *glimpse = Some(Glimpse { interface, tag, row: self.index.any(tag) });
            }
        }
        ahead
    }

    /// The row of a key, new if there was none.
    fn row(&mut self, key: &Key, glimpse: &Option<Glimpse>) -> RowId {
        self.row_among(key, glimpse, usize::MAX).expect("nothing has so many rivals")
    }

    /// The row of a key; a new one only where it has at most so many rivals.
    fn row_among(&mut self, key: &Key, glimpse: &Option<Glimpse>, most: usize) -> Option<RowId> {
        let interface = self.interfaces.intern(key.interface);
        let domain = self.domain_of(interface, &key.ip);
        let glimpse = glimpse.as_ref().filter(|glimpse| glimpse.interface == interface);
        let tag = glimpse.map_or_else(|| self.index.tag(domain, &key.ip), |glimpse| glimpse.tag);
        let glimpsed = glimpse.and_then(|glimpse| glimpse.row);
        if let Some(at) = glimpsed.filter(|at| self.is_at(*at, interface, &key.ip)) {
            return Some(at);
        }
        // Looking for the row passes every row of the same address in the domain, which is how rivals are noticed.
        let mut rivals = 0;
        let same = |at: RowId| {
            let row = &self.rows[at as usize];
            let same_ip = row.ip == key.ip;
            let competes = same_ip && row.interface != interface && self.domain(row) == domain;
            rivals += usize::from(competes);
            same_ip && row.interface == interface
        };
        if let Some(at) = self.index.find(tag, same) {
            return Some(at);
        }
        if rivals > most {
            self.interfaces.release(interface);
            return None;
        }
        let at = self.allocate(Row::new(interface, key.ip));
        self.interfaces.at_mut(interface).members.push_back(&mut self.rows, at);
        self.index.insert(tag, at);
        if rivals > 0 {
            self.share(at);
        }
        Some(at)
    }

    fn is_at(&self, at: RowId, interface: u32, ip: &IpAddr) -> bool {
        let row = &self.rows[at as usize];
        row.interface == interface && row.ip == *ip
    }

    fn allocate(&mut self, row: Row) -> RowId {
        match self.free.pop_front(&mut self.rows) {
            Some(at) => {
                self.rows[at as usize] = row;
                at
            }
            None => {
                self.rows.push(row);
                self.rows.len() as RowId - 1
            }
        }
    }

    fn unindex(&mut self, at: RowId) {
        self.index.remove(self.tag(at), at);
    }

    fn tag(&self, at: RowId) -> index::Tag {
        let row = &self.rows[at as usize];
        self.index.tag(self.domain(row), &row.ip)
    }

    /// Moves an interface's rows to another domain.
    fn set_domain(&mut self, interface: u32, domain: u64) {
        if self.interfaces.at(interface).domain == domain {
            return;
        }
        self.for_members(interface, |table, at| {
            if table.is_shared(at) {
                table.touch(at);
            }
            table.unindex(at);
        });
        self.interfaces.at_mut(interface).domain = domain;
        self.for_members(interface, |table, at| {
            let tag = table.tag(at);
            table.index.insert(tag, at);
            if table.share(at) > MAX_RIVALS {
                table.turn_away(at);
            }
        });
    }

    /// Notes on both sides that rows compete; answers with how many.
    fn share(&mut self, at: RowId) -> usize {
        let rivals = self.rivals(at);
        let count = rivals.len();
        self.rows[at as usize].facts.set(Facts::SHARED, count > 0);
        for rival in rivals {
            self.rows[rival as usize].facts.set(Facts::SHARED, true);
            self.mark_dirty(rival);
        }
        count
    }

    fn for_members(&mut self, interface: u32, mut each: impl FnMut(&mut Table, RowId)) {
        let mut at = self.interfaces.at(interface).members.head();
        while at != NIL {
            each(self, at);
            at = List::<ByInterface>::next(&self.rows, at);
        }
    }

    fn mark_dirty(&mut self, at: RowId) {
        let facts = &mut self.rows[at as usize].facts;
        if !facts.has(Facts::DIRTY) {
            facts.set(Facts::DIRTY, true);
            self.dirty.push(at);
        }
    }

    fn touch_all(&mut self, rows: impl IntoIterator<Item = RowId>) {
        for at in rows {
            self.touch(at);
        }
    }

    #[inline]
    fn view_beside(&self, at: RowId, rival: Option<Rank>) -> (Key, View<'_>) {
        let row = &self.rows[at as usize];
        let interface = self.interfaces.at(row.interface);
        let view = View {
            local: row.local,
            is_static: row.facts.has(Facts::STATIC),
            remote: row.remote,
            vrf_differs: interface.vrf_differs(),
            binding: interface.binding.as_ref(),
            we_win_ties: self.we_win_ties,
            ownership: self.ownership,
            rival,
        };
        (Key { interface: interface.id, ip: row.ip }, view)
    }

    fn rank(&self, at: RowId) -> Option<Rank> {
        let (key, view) = self.view_beside(at, None);
        rank_of(&view, &key)
    }

    fn domain(&self, row: &Row) -> u64 {
        self.domain_of(row.interface, &row.ip)
    }

    fn domain_of(&self, interface: u32, ip: &IpAddr) -> u64 {
        domain_of(self.interfaces.at(interface), interface, ip)
    }
}

fn domain_of(interface: &Interface, number: u32, ip: &IpAddr) -> u64 {
    if is_link_local(*ip) { alone(number) } else { interface.domain }
}

impl ChangeSource for Table {
    fn complete(&self) -> bool {
        self.complete
    }

    fn rewind(&mut self) {
        let mut left = Vec::new();
        self.order.rewind(&mut self.rows, &mut left);
        self.touch_all(left);
    }

    fn tail(&self) -> Position {
        Position(self.order.tail())
    }

    fn cursor(&self) -> Position {
        Position(self.order.cursor())
    }

    fn take(&mut self, max: usize, out: &mut Vec<Change>) -> Position {
        for _ in 0..max {
            let Some(at) = self.order.step(&self.rows) else {
                break;
            };
            let row = &self.rows[at as usize];
            let claim = row.local.filter(|_| !row.facts.has(Facts::TOMBSTONE));
            let key = Key { interface: self.interfaces.at(row.interface).id, ip: row.ip };
            out.push(Change { key, claim });
        }
        self.cursor()
    }

    fn vrf(&self, interface: InterfaceId) -> Option<&VpnInstance> {
        self.interfaces.binding(interface).map(|binding| &binding.vrf)
    }

    fn bindings(&self) -> u64 {
        self.bindings
    }

    fn take_resync_due(&mut self) -> bool {
        self.order.take_resync_due()
    }
}
