//! A start with the ASIC intact: what the journal names is adopted, and swept where nobody claims it.
//!
//! ```text
//!   journal ─► adopt ─► claimed by ours or the peer's ──► nothing is written
//!                  └──► by nobody, when this device has reported everything, and
//!                       the peer has (END), or the stale timer has ended ────────► removed: routes, neighbours, FDB
//! ```
//!
//! A host route is known by its virtual router and address; which interface its host is on, whoever wants one says. Until
//! then, or until the sweep, it waits.
//!
//! Invariant: what nobody claims is swept once, and never before both devices have said all that they know. A peer that
//! comes back empty, as one that restarted does, sweeps no more than [`Tuning::sweep_guard`](super::Tuning) entries.

use super::Node;
use super::io::{Adopted, AdoptedFdb, AdoptedRoute, Event, FdbMode, Output};
use crate::mirror::batch::Owned;
use crate::mirror::entry::Router;
use crate::mirror::slot::{Held, RifId};
use crate::neighbor::Key;
use crate::sai::id::{self, Oid};
use crate::table::change::ChangeSource;
use crate::table::macs::{MacId, Says};
use crate::table::row::RowId;
use crate::time::Time;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What is left to do after a start.
#[derive(Debug, Default)]
pub(super) struct Warm {
    /// Since when adopted entries wait for their claims.
    since: Option<Time>,
    /// The peer has named everything.
    ended: bool,
    /// There are so many that nobody claims that they wait for the stale timer.
    held: bool,
    /// Host routes that nobody has asked for.
    routes: BTreeMap<(Oid<id::VirtualRouter>, IpAddr), AdoptedRoute>,
    sweep: Sweep,
}

/// What stands on something else goes before it.
#[derive(Debug, Default)]
enum Sweep {
    /// Nothing is to go yet.
    #[default]
    Waits,
    /// These routes go; behind them, neighbours and FDB entries.
    Routes(Vec<RowId>),
    /// All is let go of. An FDB entry goes when no neighbour stands on it any more.
    Swept,
}

impl Warm {
    /// The peer has named everything.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }
}

impl Node {
    /// Takes entries over that are ours by the journal.
    pub(super) fn adopt(&mut self, entries: &[Adopted]) {
        self.warm.since.get_or_insert(self.now);
        let mut strangers = Vec::new();
        for Adopted { interface, rif, ip, doubt } in entries {
            let Some(row) = self.table.adopt(&Key { interface: *interface, ip: *ip }) else { continue };
            let rif = self.mirror.open(*interface, *rif);
            if self.bound.get(interface) != Some(&rif) && !strangers.contains(&rif) {
                strangers.push(rif);
            }
            self.mirror.adopt(self.now, row, rif, *doubt);
        }
        // Interfaces that are not configured any more are given back when nothing of ours is left on them.
        for rif in strangers {
            self.mirror.close(rif);
        }
    }

    /// The same of FDB entries. Where the NOS keeps the FDB they are its own from now on, as they are.
    pub(super) fn adopt_fdb(&mut self, entries: &[AdoptedFdb]) {
        if self.settings.fdb != FdbMode::Managed {
            let gone = entries.iter().map(|entry| Owned::Fdb { domain: entry.domain, mac: entry.mac });
            self.out.push_back(Output::Disown(gone.collect()));
            return;
        }
        self.warm.since.get_or_insert(self.now);
        for AdoptedFdb { domain, mac, doubt } in entries {
            let place = self.fdb.open_place(*domain);
            let at = self.macs.adopt(place, *mac);
            while let Some(domain) = self.macs.take_born() {
                self.fdb.hold_place(domain, true);
            }
            self.fdb.adopt(self.now, at, place, *doubt);
            if self.grounds.values().all(|ground| ground.domain != Some(place)) {
                self.fdb.close(place);
            }
        }
    }

    /// The same of host routes.
    pub(super) fn adopt_routes(&mut self, entries: &[AdoptedRoute]) {
        self.warm.since.get_or_insert(self.now);
        for entry in entries {
            self.warm.routes.insert((entry.virtual_router, entry.ip), *entry);
        }
    }

    /// A route is wanted for a row, on this virtual router: the one that is there from before a restart is its own.
    pub(super) fn inherit_route(&mut self, row: RowId, place: RifId) {
        if self.warm.routes.is_empty() {
            return;
        }
        let at = (self.routes.place_at(place).oid, self.table.ip(row));
        if let Some(entry) = self.warm.routes.remove(&at) {
            self.routes.adopt(self.now, row, place, entry.doubt);
        }
    }

    /// The peer has named everything that it claims.
    pub(super) fn peer_has_named(&mut self) {
        self.warm.ended = true;
    }

    /// Lets go of what nobody claims, once everybody has spoken.
    pub(super) fn sweep_leftovers(&mut self) {
        self.sweep_on();
        let Some(since) = self.warm.since else { return };
        let late = self.now >= since + self.life.stale();
        if self.table.has_work() || !self.table.complete() || !(self.warm.ended || late) {
            return;
        }
        if !late {
            if self.warm.held {
                return;
            }
            let entries = self.leftovers();
            let tallies = [self.fdb.tally(), self.mirror.tally(), self.routes.tally()];
            let claimed: u64 = tallies.iter().map(|tally| tally.programmed).sum();
            if entries > self.settings.tuning.sweep_guard && entries as u64 > claimed {
                self.warm.held = true;
                self.say(Event::LeftoversHeld { entries: entries as u64 });
                return;
            }
        }
        self.release_leftovers();
    }

    fn leftovers(&self) -> usize {
        self.mirror.leftovers() + self.fdb.leftovers() + self.routes.leftovers() + self.warm.routes.len()
    }

    /// They go now: it is time, or an operator says so.
    pub(super) fn release_leftovers(&mut self) {
        if self.warm.since.take().is_none() {
            return;
        }
        let entries = self.leftovers() as u64;
        if entries > 0 {
            self.say(Event::LeftoversSwept { entries });
        }
        self.place_leftover_routes();
        let rows = self.routes.leftover_rows();
        self.routes.sweep_leftovers(self.now);
        self.warm.sweep = Sweep::Routes(rows);
        self.sweep_on();
    }

    /// Routes that nobody asked for are given to the rows of the hosts that they led to.
    fn place_leftover_routes(&mut self) {
        for ((oid, ip), AdoptedRoute { interface, doubt, .. }) in std::mem::take(&mut self.warm.routes) {
            let Some(row) = self.table.adopt(&Key { interface, ip }) else { continue };
            let place = self.routes.open_place(Router { interface, oid });
            self.routes.adopt(self.now, row, place, doubt);
            if self.grounds.values().all(|ground| ground.router != Some(place)) {
                self.routes.close(place);
            }
        }
    }

    /// Goes on with what is swept when the routes have gone, or do not go.
    fn sweep_on(&mut self) {
        let Sweep::Routes(rows) = &mut self.warm.sweep else { return };
        while rows.pop_if(|row| !self.routes.is_leaving(*row)).is_some() {}
        if !rows.is_empty() {
            return;
        }
        self.warm.sweep = Sweep::Swept;
        for row in self.mirror.leftover_rows() {
            if let Some(Held::Host(host)) = self.mirror.slot(row).map(|slot| slot.held) {
                self.hang(row, Some((host.mac, Says::Leaves)), true);
            }
        }
        self.mirror.sweep_leftovers(self.now);
        self.fdb.let_go_of_what_comes();
        for at in self.fdb.leftover_rows() {
            self.evaluate_mac(at, false);
        }
    }

    /// Nobody claims a MAC, and nothing stands on it: an entry from before the restart goes if it is time.
    pub(super) fn let_go_of_mac(&mut self, at: MacId) {
        if matches!(self.warm.sweep, Sweep::Swept) {
            self.fdb.let_go(self.now, at);
        }
    }

    /// True while leftovers wait for an operator or the stale timer.
    pub(super) fn holds_leftovers(&self) -> bool {
        self.warm.held && self.warm.since.is_some()
    }

    /// When [`Node::sweep_leftovers`] is due at the latest.
    pub(super) fn leftovers_due(&self) -> Option<Time> {
        let due = self.warm.since? + self.life.stale();
        (due > self.now).then_some(due)
    }

    /// Tells what the journal need not name any more.
    pub(super) fn tell_disowned(&mut self) {
        let mut disowned = Vec::new();
        while let Some((row, router)) = self.routes.poll_disowned() {
            disowned.push(Owned::Route { virtual_router: router.oid, ip: self.table.ip(row) });
        }
        while let Some((row, rif)) = self.mirror.poll_disowned() {
            disowned.push(Owned::Neighbor { rif: rif.oid, ip: self.table.ip(row) });
        }
        while let Some((at, domain)) = self.fdb.poll_disowned() {
            disowned.push(Owned::Fdb { domain, mac: self.macs.mac(at).1 });
        }
        if !disowned.is_empty() {
            self.out.push_back(Output::Disown(disowned));
        }
    }
}
