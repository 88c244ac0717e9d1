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

mod binding;
#[cfg(test)]
mod bounds_tests;
pub mod change;
pub mod desired;
pub(crate) mod digest;
pub mod evidence;
pub mod fdb;
#[cfg(test)]
mod hop_tests;
pub(crate) mod index;
mod interfaces;
pub(crate) mod list;
mod local;
mod lookup;
pub(crate) mod macs;
pub(crate) mod mobility;
mod order;
pub mod ports;
mod proof;
#[cfg(test)]
mod proof_tests;
pub mod refusal;
mod remote;
#[cfg(test)]
mod resume_tests;
mod rivals;
pub(crate) mod row;
mod source;
pub(crate) mod standing;
#[cfg(test)]
mod standing_tests;
#[cfg(test)]
mod tests;
pub mod trail;
mod work;

pub use local::heard;

use crate::addr::InterfaceId;
use crate::limits::MAX_CLAIMS;
use crate::neighbor::Key;
use crate::time::Time;
use ahash::RandomState;
use desired::{Ownership, Rank, View, is_link_local};
use digest::{Heard, Told};
use index::Index;
use interfaces::{Interfaces, alone};
use list::List;
use mobility::Mobility;
use order::Order;
use ports::Ports;
use refusal::Refusal;
use row::{ByInterface, ByNaming, Facts, Row, RowId};
use standing::News;
use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use trail::{Trail, What};
use work::Walks;

/// Both devices' claims.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Row>,
    free: List<ByInterface>,
    index: Index,
    interfaces: Interfaces,
    order: Order,
    dirty: VecDeque<RowId>,
    /// How often a row was marked dirty.
    marks: u64,
    walks: Walks,
    /// Where hosts lie.
    pub(crate) ports: Ports,
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
    /// So many of them the latest sync has not named.
    unnamed: usize,
    /// So many claims of the peer's are kept.
    most_claims: usize,
    /// Claims of the peer's that were not kept.
    turned_away: u64,
    /// One of them since the last BEGIN: the copy is not whole.
    truncated: bool,
    now: Time,
    mobility: Mobility,
    trail: Trail,
    /// News for the owner, oldest first.
    news: Vec<News>,
    /// Rows whose static disagrees with the peer.
    disputed: u64,
    /// Local claims that were not kept.
    local_turned_away: u64,
    /// Claims refused now, by reason.
    refusals: [u64; refusal::ALL.len()],
    told: Told,
    heard: Heard,
    /// Neighbours that only the peer need claim, and that answered here.
    heard_of_theirs: BTreeSet<Key>,
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
            dirty: VecDeque::new(),
            marks: 0,
            walks: Walks::default(),
            ports: Ports::new(),
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
            unnamed: 0,
            most_claims: MAX_CLAIMS,
            turned_away: 0,
            truncated: false,
            now: Time::ZERO,
            mobility: Mobility::default(),
            trail: Trail::default(),
            news: Vec::new(),
            disputed: 0,
            local_turned_away: 0,
            refusals: [0; refusal::ALL.len()],
            told: Told::new(seed),
            heard: Heard::default(),
            heard_of_theirs: BTreeSet::new(),
        }
    }

    /// Keeps at most so many claims of the peer's, and so many deletions to be told.
    pub(crate) fn set_bounds(&mut self, claims: usize, tombstones: usize) {
        self.most_claims = claims;
        self.order.keep_graves(tombstones);
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
            self.look_at_ties();
        }
    }

    /// The row that changed longest ago and was not asked for since.
    pub(crate) fn next_dirty(&mut self) -> Option<RowId> {
        let at = self.dirty.pop_front()?;
        self.rows[at as usize].facts.set(Facts::DIRTY, false);
        Some(at)
    }

    /// Every row that changed since the last call, each once, in the order of their first change.
    #[cfg(test)]
    pub(crate) fn take_dirty(&mut self, into: &mut Vec<RowId>) {
        self.walk(&mut { usize::MAX });
        into.extend(std::iter::from_fn(|| self.next_dirty()));
    }

    /// True when the row waits to be evaluated again.
    pub(crate) fn is_dirty(&self, at: RowId) -> bool {
        self.rows[at as usize].facts.has(Facts::DIRTY)
    }

    /// How many rows [`Table::next_dirty`] has given and will give.
    pub(crate) fn marks(&self) -> u64 {
        self.marks
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

    /// Notes why the row's claim is refused, if it is.
    #[inline]
    pub(crate) fn set_refusal(&mut self, at: RowId, refusal: Option<Refusal>) {
        let before = std::mem::replace(&mut self.rows[at as usize].refusal, refusal);
        if before != refusal {
            let what = refusal.map_or(What::Admitted, |refusal| What::Refused { refusal });
            self.note(at, what);
            if let Some(before) = before {
                self.refusals[usize::from(before.code()) - 1] -= 1;
            }
            if let Some(refusal) = refusal {
                self.refusals[usize::from(refusal.code()) - 1] += 1;
                if !refusal.is_for_room() {
                    self.news.push(News::Refused(self.key(at), refusal));
                }
            }
        }
    }

    /// Writes down what happened to a row.
    pub(crate) fn note(&mut self, at: RowId, what: What) {
        self.note_of(self.key(at), what);
    }

    fn note_of(&mut self, key: Key, what: What) {
        self.trail.note(self.now, key, what);
    }

    /// What happened to keys of late.
    pub(crate) fn trail(&self) -> &Trail {
        &self.trail
    }

    /// The rows of an address, in the order of their interfaces' numbers.
    pub(crate) fn rows_of(&self, ip: IpAddr) -> Vec<RowId> {
        let on = |interface| {
            let tag = self.index.tag(self.domain_of(interface, &ip), &ip);
            self.index.find(tag, |at| self.is_at(at, interface, &ip))
        };
        self.interfaces.numbers().filter_map(on).collect()
    }

    /// How many claims are refused now, and why.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = (Refusal, u64)> {
        refusal::ALL.into_iter().zip(self.refusals).filter(|(_, count)| *count > 0)
    }

    /// The address of a row.
    pub(crate) fn ip(&self, at: RowId) -> IpAddr {
        self.rows[at as usize].ip
    }

    /// Where an address means one host, in the row's view.
    pub(crate) fn domain_at(&self, at: RowId) -> u64 {
        self.domain(&self.rows[at as usize])
    }

    /// Marks the rows of an address in a domain to be evaluated again.
    pub(crate) fn touch_at(&mut self, domain: u64, ip: IpAddr) {
        let same = |at: &RowId| {
            let row = &self.rows[*at as usize];
            row.ip == ip && self.domain(row) == domain
        };
        let mut rows: Vec<RowId> = self.index.all(self.index.tag(domain, &ip)).filter(same).collect();
        rows.sort_unstable();
        self.touch_all(rows);
    }

    /// The rows on an interface.
    pub(crate) fn rows_on(&mut self, interface: InterfaceId) -> Vec<RowId> {
        let mut rows = Vec::new();
        if let Some(at) = self.interfaces.find(interface) {
            self.for_members(at, |_, row| rows.push(row));
        }
        rows
    }

    /// The number of the row's interface.
    pub(crate) fn interface(&self, at: RowId) -> u32 {
        self.rows[at as usize].interface
    }

    /// One past the largest row number in use.
    pub(crate) fn rows(&self) -> RowId {
        self.rows.len() as RowId
    }

    fn mark_dirty(&mut self, at: RowId) {
        let facts = &mut self.rows[at as usize].facts;
        if !facts.has(Facts::DIRTY) {
            facts.set(Facts::DIRTY, true);
            self.dirty.push_back(at);
            self.marks += 1;
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
            ports: &self.ports,
        };
        (Key { interface: interface.id, ip: row.ip }, view)
    }

    fn domain(&self, row: &Row) -> u64 {
        self.domain_of(row.interface, &row.ip)
    }

    fn domain_of(&self, interface: u32, ip: &IpAddr) -> u64 {
        if is_link_local(*ip) { alone(interface) } else { self.interfaces.at(interface).domain }
    }
}
