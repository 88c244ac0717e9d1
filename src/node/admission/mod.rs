//! Admission: who of those that should be in the ASIC may be, where there is not room for all.
//!
//! ```text
//!                          ┌── its interface's quota ─┐
//!  desired ─► claim() ─────┼── its VRF's quota ───────┼─► in ─► mirror ─► ASIC
//!                │         └── the table's slots ─────┘    ▲        │ refused for want of room
//!                ▼ not all of them have room               │        ▼
//!             waits at one of them ────────────────────────┘     parked ─► one of a later priority makes way
//!                by priority, then by age    poll(): room came, or somebody makes way
//! ```
//!
//! An interface lies in a VRF, and a VRF in the table, so whoever makes way at an inner bound does at the outer ones, too. A
//! host has room at a bound when those of its own and of earlier priorities leave room for it: only these decide whether it
//! is in, whoever came first. Of equal ones the older stays.
//!
//! Invariant: at most one tenth of the table makes way in a minute, and no host for its equal; nobody is passed by who comes
//! after it; whoever waits does so at a bound that has no room for it, or that is on the list of those to be looked at.

mod evictions;
mod groups;
mod hardware;
mod limit;
mod limits;
mod moves;
mod seats;
#[cfg(test)]
mod tests;
mod told;

pub(in crate::node) use limits::Footprint;
pub use limits::{Limits, Priority, Scope};
pub use told::{AdmissionView, LimitView};

use crate::addr::{InterfaceId, VpnInstance};
use crate::mirror::Mirror;
use crate::neighbor::Key;
use crate::table::desired::{Verdict, View, winning};
use crate::table::refusal::Refusal;
use crate::table::row::RowId;
use crate::time::Time;
use evictions::Evictions;
use hardware::Hardware;
use limit::{Limit, Turn};
use seats::{Level, Place, Seat, Seats};
use std::collections::{BTreeMap, BTreeSet};

/// The table's bound.
const TABLE: u32 = 0;

/// A host that should be in the ASIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::node) struct Wish {
    pub(in crate::node) priority: Priority,
    pub(in crate::node) footprint: Footprint,
    /// It is the NOS's to program: it counts, and is not asked.
    pub(super) nos: bool,
}

impl Wish {
    /// What a row wishes, by what is decided about it; `None`: nothing.
    #[inline]
    pub(in crate::node) fn of(view: &View<'_>, key: &Key, verdict: Verdict) -> Option<Wish> {
        let nos = match verdict {
            Verdict::Ours(_) => false,
            Verdict::Nos(_) => true,
            Verdict::Nothing | Verdict::Refused(_) => return None,
        };
        let (winner, claim) = winning(view)?;
        Some(Wish { priority: Priority::of(winner, claim.attachment), footprint: Footprint::of(key.ip), nos })
    }
}

/// Everybody's seat.
#[derive(Debug)]
pub(super) struct Admission {
    settings: Settings,
    limits: Vec<Limit>,
    by_scope: BTreeMap<Scope, u32>,
    free_limits: Vec<u32>,
    seats: Seats,
    by_pair: BTreeMap<(InterfaceId, VpnInstance), u32>,
    free_groups: Vec<u32>,
    bound: BTreeMap<InterfaceId, u32>,
    /// By the table's number of the interface.
    group_of: Vec<u32>,
    /// Since when those have waited that do, by the count of such.
    ages: BTreeMap<RowId, u64>,
    waits: u64,
    /// Bounds at which something may have to be done, the innermost first: whoever waits there may have waited longest.
    stale: BTreeSet<(Level, u32)>,
    /// Bounds at which nobody may make way for a while.
    starved: BTreeSet<u32>,
    evictions: Evictions,
    hardware: Hardware,
    /// Bounds of which something may have to be told.
    crossed: BTreeSet<u32>,
    /// Bounds that have turned hosts away, and when that is to be told.
    rejecting: BTreeSet<(Time, u32)>,
    /// The budget ended before the work did.
    unfinished: bool,
}

/// [`Limits`], to be looked up.
#[derive(Debug, Default)]
struct Settings {
    limits: Limits,
    vrfs: BTreeMap<VpnInstance, u64>,
    interfaces: BTreeMap<InterfaceId, u64>,
}

impl Settings {
    fn of(&self, scope: &Scope) -> Option<u64> {
        match scope {
            Scope::Table => self.limits.slots,
            Scope::Vrf(vrf) => self.vrfs.get(vrf).copied().or(self.limits.each_vrf),
            Scope::Interface(interface) => {
                self.interfaces.get(interface).copied().or(self.limits.each_interface)
            }
            Scope::Fdb => None,
        }
    }
}

/// What a bound was found to need.
enum Step {
    /// This row is in now, or out.
    Changed(RowId),
    /// There is more to do.
    Again,
    /// Nothing.
    Done,
}

/// What keeps a host from being in.
enum Hindrance {
    /// Others of its own or of an earlier priority, at this level.
    Others(Level),
    /// Others that would make way, at this level.
    Later(Level),
}

impl Default for Admission {
    fn default() -> Self {
        Admission {
            settings: Settings::default(),
            limits: vec![Limit::new(Scope::Table, None, 1)],
            by_scope: BTreeMap::from([(Scope::Table, TABLE)]),
            free_limits: Vec::new(),
            seats: Seats::default(),
            by_pair: BTreeMap::new(),
            free_groups: Vec::new(),
            bound: BTreeMap::new(),
            group_of: Vec::new(),
            ages: BTreeMap::new(),
            waits: 0,
            stale: BTreeSet::new(),
            starved: BTreeSet::new(),
            evictions: Evictions::default(),
            hardware: Hardware::default(),
            crossed: BTreeSet::new(),
            rejecting: BTreeSet::new(),
            unfinished: false,
        }
    }
}

impl Admission {
    /// How many may be in, from now on. Costs as much as there are bounds; what follows for hosts waits for
    /// [`Admission::poll`].
    pub(super) fn set_limits(&mut self, limits: Limits) {
        let limits = Limits { v6_slots: limits.v6_slots.clamp(1, 2), ..limits };
        let vrfs = limits.vrfs.iter().cloned().collect();
        let interfaces = limits.interfaces.iter().copied().collect();
        if limits != (Limits { v6_slots: limits.v6_slots, ..Limits::default() }) {
            self.seats.contend();
        }
        self.settings = Settings { limits, vrfs, interfaces };
        self.limits[TABLE as usize].v6_weight = u64::from(self.settings.limits.v6_slots);
        for (scope, at) in &self.by_scope {
            let limit = &mut self.limits[*at as usize];
            limit.of = self.settings.of(scope);
            self.stale.insert((limit.level(), *at));
            self.crossed.insert(*at);
        }
    }

    /// A row of a bound interface should be in the ASIC. Answers why it may not be, if so.
    #[inline]
    pub(super) fn claim(&mut self, at: RowId, interface: u32, wish: Wish) -> Option<Refusal> {
        let group = self.group_of[interface as usize];
        let seat = self.seats.get(at);
        let same = seat.group == group
            && seat.priority == wish.priority
            && (seat.place == Place::Nos) == wish.nos
            && seat.place != Place::Out;
        if same {
            return seat.place.refusal();
        }
        self.claim_anew(at, group, wish)
    }

    /// The ASIC holds an entry of the row from before a restart that nobody has claimed; or not any more.
    pub(super) fn set_kept(&mut self, at: RowId, footprint: Footprint, kept: bool) {
        let seat = self.seats.get(at);
        if seat.kept == kept {
            return;
        }
        self.seats.set(at, Seat { kept, ..seat });
        if self.limits[TABLE as usize].keep(footprint, kept) {
            self.crossed.insert(TABLE);
        }
        if !kept && !self.limits[TABLE as usize].waiting.is_empty() {
            self.mark(TABLE);
        }
    }

    /// Nobody wants the row in the ASIC.
    #[inline]
    pub(super) fn leave(&mut self, at: RowId) {
        if self.seats.get(at).place != Place::Out {
            let group = self.vacate(at);
            self.release_group(group);
        }
    }

    /// Why a row that should be in the ASIC may not be.
    #[inline]
    pub(super) fn refusal(&self, at: RowId) -> Option<Refusal> {
        self.seats.get(at).place.refusal()
    }

    /// A row that may be in now, or may not any more: to be decided about anew.
    pub(super) fn poll(&mut self, now: Time, mirror: &Mirror, budget: &mut usize) -> Option<RowId> {
        if !self.starved.is_empty() && self.evictions.next() <= now {
            while let Some(at) = self.starved.pop_first() {
                self.mark(at);
            }
        }
        self.unfinished = false;
        self.hardware.without_room = mirror.without_room() as u64;
        while self.seats.is_walking() {
            if *budget == 0 {
                self.unfinished = true;
                return None;
            }
            *budget -= 1;
            self.seats.walk(&mut self.limits);
        }
        while let Some((level, at)) = self.stale.first().copied() {
            if *budget == 0 {
                self.unfinished = true;
                return None;
            }
            *budget -= 1;
            match self.step(now, at) {
                Step::Changed(row) => return Some(row),
                Step::Again => {}
                Step::Done => {
                    self.stale.remove(&(level, at));
                }
            }
        }
        self.poll_hardware(now, mirror)
    }

    /// The budget ended before everybody was asked.
    pub(super) fn interrupt(&mut self) {
        self.unfinished = true;
    }

    /// True while [`Admission::poll`] has not come to an end.
    pub(super) fn has_work(&self) -> bool {
        self.unfinished
    }

    /// When [`Admission::poll`] is due by time alone.
    pub(super) fn next_wake(&self, mirror: &Mirror) -> Option<Time> {
        let starved = !self.starved.is_empty() || self.hardware.starved;
        let evicts = starved.then(|| self.evictions.next());
        evicts.into_iter().chain(self.comes_back_at(mirror)).chain(self.tells_at()).min()
    }

    fn claim_anew(&mut self, at: RowId, group: u32, wish: Wish) -> Option<Refusal> {
        let before = self.seats.get(at);
        let age = self.ages.get(&at).copied();
        let left = (before.place != Place::Out).then(|| self.vacate(at));
        self.seats.set(
            at,
            Seat {
                group,
                place: Place::Out,
                priority: wish.priority,
                footprint: wish.footprint,
                noted: before.noted,
                kept: before.kept,
            },
        );
        self.seats.groups[group as usize].rows += 1;
        if let Some(left) = left {
            self.release_group(left);
        }
        // It goes on to wait from where it did.
        self.ages.extend(age.map(|age| (at, age)));
        if wish.nos {
            self.sit(at, Place::Nos);
            let limits = self.seats.groups[group as usize].limits;
            for at in limits {
                if self.limits[at as usize].is_over() {
                    self.mark(at);
                }
            }
            return None;
        }
        // One that is there from before a restart takes no other slot than its own, and is behind nobody.
        self.set_kept(at, wish.footprint, false);
        let stays = before.place.is_in() || before.kept;
        let parked = before.place == Place::Parked;
        match self.hindrance(at, stays) {
            None => self.sit(at, if parked { Place::Parked } else { Place::In }),
            Some(Hindrance::Others(level) | Hindrance::Later(level)) => {
                self.wait(at, level);
                self.set_kept(at, wish.footprint, before.kept);
            }
        }
        self.seats.get(at).place.refusal()
    }

    /// What keeps a host that is not in from being in. One that only changed its place is not behind those that wait.
    fn hindrance(&self, at: RowId, stays: bool) -> Option<Hindrance> {
        let seat = self.seats.get(at);
        let limits = self.seats.groups[seat.group as usize].limits;
        let bounds = || Level::ALL.into_iter().zip(limits.map(|limit| &self.limits[limit as usize]));
        let turn = self.turn(at);
        let earlier = |limit: &Limit| limit.waiting.first().is_some_and(|first| *first < turn);
        let others = |limit: &Limit| {
            let asks = limit.of.is_some() && limit.cost(seat.footprint) > 0;
            asks && (!limit.would_fit(seat.priority, seat.footprint) || !stays && earlier(limit))
        };
        if let Some((level, _)) = bounds().find(|(_, limit)| others(limit)) {
            return Some(Hindrance::Others(level));
        }
        bounds().find(|(_, limit)| !limit.fits(seat.footprint)).map(|(level, _)| Hindrance::Later(level))
    }

    /// Looks at one bound, as far as one row.
    fn step(&mut self, now: Time, bound: u32) -> Step {
        let limit = &self.limits[bound as usize];
        if limit.is_over() {
            return match self.seats.victim(limit, None) {
                Some(victim) => self.evict(now, victim, bound),
                None => Step::Done,
            };
        }
        let Some((priority, _, at)) = limit.waiting.first().copied() else { return Step::Done };
        let limits = self.seats.groups[self.seats.get(at).group as usize].limits;
        match self.hindrance(at, false) {
            None => {
                self.stand_up(at);
                self.sit(at, Place::In);
                Step::Changed(at)
            }
            Some(Hindrance::Others(level)) if limits[level as usize] == bound => Step::Done,
            Some(Hindrance::Later(level)) if limits[level as usize] == bound => {
                match self.seats.victim(&self.limits[bound as usize], Some(priority)) {
                    Some(victim) => self.evict(now, victim, bound),
                    None => Step::Done,
                }
            }
            Some(Hindrance::Others(level) | Hindrance::Later(level)) => {
                self.stand_up(at);
                self.wait(at, level);
                Step::Again
            }
        }
    }

    /// A host makes way at a bound, if it may.
    fn evict(&mut self, now: Time, victim: RowId, bound: u32) -> Step {
        if !self.evictions.take(now, self.size()) {
            self.starved.insert(bound);
            return Step::Done;
        }
        let limits = self.seats.groups[self.seats.get(victim).group as usize].limits;
        self.stand_up(victim);
        let level = Level::ALL.into_iter().find(|level| limits[*level as usize] == bound);
        self.wait(victim, level.unwrap_or(Level::Table));
        Step::Changed(victim)
    }

    /// Something may have to be done at a bound.
    fn mark(&mut self, at: u32) {
        self.stale.insert((self.limits[at as usize].level(), at));
    }

    /// What a tenth is counted of: all slots, or those that are taken where nobody says how many there are.
    fn size(&self) -> u64 {
        let table = &self.limits[TABLE as usize];
        let used = table.used();
        table.of.map_or_else(|| used.saturating_sub(self.hardware.without_room), |of| of.max(used))
    }

    /// Whose turn it is by priority, then by how long they have waited.
    fn turn(&self, at: RowId) -> Turn {
        (self.seats.get(at).priority, self.ages.get(&at).copied().unwrap_or(u64::MAX), at)
    }
}
