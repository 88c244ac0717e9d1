//! What goes wrong with FDB entries and host routes beyond refusals: lies, somebody else's writes, a full table.
//!
//! Invariant: as in the world: one seed decides everything; what was done to which entry is known to whoever judges.

use crate::sdk::{Lies, Tables};
use crate::ways::{Ways, domain};
use mlagsync::addr::{InterfaceId, Mac};
use mlagsync::mirror::batch::{FdbHost, OpKind, Outcome, Via};
use mlagsync::node::io::{FdbChange, FdbMode, FdbNews};
use mlagsync::sai::id::{Domain, Oid};
use mlagsync::sai::status::Status;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What is wrong, and what is somebody else's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Amiss {
    pub(crate) lies: Lies,
    /// So many entries find room.
    pub(crate) fdb_room: Option<usize>,
    pub(crate) route_room: Option<usize>,
    /// Where the FDB is the NOS's: a neighbour whose MAC it does not have is refused.
    pub(crate) needs_macs: bool,
    pub(crate) fdb: BTreeMap<(Domain, Mac), FdbHost>,
    pub(crate) routes: BTreeMap<(u64, IpAddr), Via>,
    pub(crate) struck: BTreeMap<&'static str, u64>,
}

impl Amiss {
    pub(crate) fn note(&mut self, what: &'static str) {
        *self.struck.entry(what).or_default() += 1;
    }
}

/// A MAC that none of our hosts has.
fn strange(n: u64) -> Mac {
    Mac([2, 0, 0, 0, 8, n as u8])
}

impl Ways {
    /// What is not ours is not written.
    pub(crate) fn look_for_strangers(&self, kind: OpKind, at: (Domain, Mac)) {
        let written = kind != OpKind::Read && self.amiss.fdb.contains_key(&at);
        assert!(!written, "an FDB entry that is not ours is written: {at:?}");
    }

    /// Executes an operation, or says so.
    pub(crate) fn lie<H>(
        &mut self,
        kind: OpKind,
        execute: impl FnOnce(&mut Self) -> Outcome<H>,
    ) -> Outcome<H> {
        let Lies { lied, kept, stored, unread, .. } = self.amiss.lies;
        let lied = if kind == OpKind::Remove { kept } else { lied };
        if kind == OpKind::Read {
            if self.dice.chance(unread) {
                self.amiss.note("unread beside the neighbours");
                return Outcome::Unknown(Status::FAILURE);
            }
        } else if self.dice.chance(lied) {
            self.amiss.note("SUCCESS beside the neighbours, and nothing happened");
            return Outcome::Done;
        } else if self.dice.chance(stored) {
            self.amiss.note("a failure beside the neighbours that happened");
            execute(self);
            let all = [Status::NO_MEMORY, Status::OBJECT_IN_USE, Status::TABLE_FULL];
            let status = *self.dice.pick(if kind == OpKind::Remove { &all[..2] } else { &all });
            return Outcome::Refused(status);
        }
        execute(self)
    }

    /// Somebody else writes the FDB or the routes, and tells nobody.
    pub(crate) fn intrude(&mut self, interface: InterfaceId) {
        let ports = [0x31, 0x35, 0x36].map(Oid::from_raw);
        let at = (domain(interface), strange(self.dice.below(4)));
        match self.dice.below(6) {
            0 => {
                let host = FdbHost { port: *self.dice.pick(&ports), dynamic: false };
                if self.amiss.fdb.contains_key(&at) || !self.fdb.contains_key(&at) {
                    self.fdb.insert(at, host);
                    self.amiss.fdb.insert(at, host);
                    self.left_fdb.insert(at);
                    self.amiss.note("somebody makes an FDB entry");
                }
            }
            1 if self.mode == FdbMode::Managed => {
                let ours = |at: &&(Domain, Mac)| !self.amiss.fdb.contains_key(*at);
                let ours: Vec<_> = self.fdb.keys().filter(ours).copied().collect();
                if let Some(at) = (!ours.is_empty()).then(|| *self.dice.pick(&ours)) {
                    if self.dice.chance(500) {
                        self.fdb.remove(&at);
                    } else if let Some(host) = self.fdb.get_mut(&at).filter(|host| !host.dynamic) {
                        host.port = *self.dice.pick(&ports);
                    }
                    self.amiss.note("somebody writes an FDB entry of ours");
                }
            }
            2 => {
                let ip: IpAddr = format!("10.0.20.{}", 240 + self.dice.below(4)).parse().expect("an address");
                let via = Via::NextHop(Oid::from_raw(0x777));
                self.routes.insert((0x301, ip), via);
                self.left_routes.insert((0x301, ip));
                self.amiss.routes.insert((0x301, ip), via);
                self.amiss.note("somebody makes a route");
            }
            3..6 => {
                let ours: Vec<_> =
                    self.routes.keys().filter(|at| !self.amiss.routes.contains_key(at)).copied().collect();
                if let Some(at) = (!ours.is_empty()).then(|| *self.dice.pick(&ours)) {
                    if self.dice.chance(500) {
                        self.routes.remove(&at);
                    } else {
                        self.routes.insert(at, Via::NextHop(Oid::from_raw(0x778)));
                    }
                    self.amiss.note("somebody writes a route of ours");
                }
            }
            _ => {}
        }
    }

    /// The SDK is back: router interfaces have these ids, and the tables hold this.
    pub(crate) fn come_back(&mut self, tables: Tables, ids: &BTreeMap<u64, u64>) {
        let mut dice = self.dice.clone();
        let mut stays = || match tables {
            Tables::Kept => true,
            Tables::Lost => false,
            Tables::Garbled => dice.chance(500),
        };
        self.fdb.retain(|_, _| stays());
        self.routes.retain(|_, _| stays());
        self.dice = dice;
        if tables == Tables::Lost {
            self.protected.clear();
        }
        for via in self.routes.values_mut() {
            if let Via::Neighbor(rif) = via {
                // A route on what was never there, or is not any more, is on nothing.
                *rif = Oid::from_raw(ids.get(&rif.raw()).copied().unwrap_or(rif.raw()));
            }
        }
        self.left_fdb.retain(|at| self.fdb.contains_key(at));
        self.left_routes.retain(|at| self.routes.contains_key(at));
        self.amiss.fdb.retain(|at, _| self.fdb.contains_key(at));
        self.amiss.routes.retain(|at, _| self.routes.contains_key(at));
    }

    /// The NOS hears a MAC. Answers what it tells.
    pub(crate) fn hear(&mut self, mac: Mac, interface: InterfaceId) -> Vec<FdbNews> {
        let (domain, port) = (domain(interface), Oid::from_raw(0x35));
        if self.fdb.contains_key(&(domain, mac)) {
            return Vec::new();
        }
        self.fdb.insert((domain, mac), FdbHost { port, dynamic: true });
        vec![FdbNews { change: FdbChange::Learned, domain: Some(domain), mac: Some(mac), port: Some(port) }]
    }

    /// True when a neighbour finds its MAC.
    pub(crate) fn finds(&self, interface: InterfaceId, mac: Mac) -> bool {
        let bridged = interface != crate::world::vlanif(crate::ways::ROUTED);
        !(self.amiss.needs_macs && bridged) || self.fdb.contains_key(&(domain(interface), mac))
    }

    /// What is not ours is as whoever made it left it.
    pub(crate) fn judge_strangers(&self) -> Result<(), String> {
        for (at, host) in &self.amiss.fdb {
            if self.fdb.get(at) != Some(host) {
                return Err(format!("somebody else's FDB entry {at:?} is {:?}", self.fdb.get(at)));
            }
        }
        for (at, via) in &self.amiss.routes {
            if self.routes.get(at) != Some(via) {
                return Err(format!("somebody else's route {at:?} is {:?}", self.routes.get(at)));
            }
        }
        Ok(())
    }
}
