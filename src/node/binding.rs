//! Interfaces that are bound and unbound, and what their hosts' entries are put on in each table of the ASIC.
//!
//! Invariant: what an interface does not stand on any more is closed, and told as released when nothing of ours is left.

use super::Node;
use super::io::{Binding, Event, FdbMode, Footing};
use super::releasing::Part;
use crate::addr::InterfaceId;
use crate::mirror::batch::Via;
use crate::mirror::entry::{Rif, Router};
use crate::mirror::slot::RifId;
use crate::table::change::ChangeSource;

/// What an interface's entries are put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ground {
    pub(super) rif: RifId,
    pub(super) router: Option<RifId>,
    pub(super) domain: Option<RifId>,
}

impl Node {
    pub(super) fn bind(&mut self, binding: Binding) {
        let interface = binding.interface;
        if self.table.vrf(interface).is_some_and(|vrf| *vrf != binding.vrf) {
            self.linger(interface);
        }
        let same = self.asic.is_away() && self.table.vrf(interface) == Some(&binding.vrf);
        let renamed = self.grounds.get(&interface).copied().filter(|_| same);
        if let Some(before) = renamed {
            self.rename_ground(&binding, before);
        }
        let ground = self.open_ground(&binding, renamed);
        self.bound.insert(interface, ground.rif);
        if let Some(before) = self.grounds.insert(interface, ground) {
            self.close_ground(before, Some(ground));
        }
        for (domain, ip) in self.lingering.return_to(ground.rif) {
            self.table.touch_at(domain, ip);
        }
        let vrf = binding.vrf.clone();
        let number = self.table.bind(binding) as usize;
        self.admission.bind(number as u32, interface, &vrf);
        if self.rif_of.len() <= number {
            self.rif_of.resize(number + 1, 0);
            self.fdb_state.domain_of.resize(number + 1, None);
        }
        self.rif_of[number] = ground.rif;
        self.fdb_state.domain_of[number] = ground.domain;
        self.tell_vrf_conflict(interface);
    }

    pub(super) fn unbind(&mut self, interface: InterfaceId) {
        if self.bound.remove(&interface).is_some() {
            self.linger(interface);
            self.table.unbind(interface);
            self.admission.unbind(interface);
        }
        if let Some(ground) = self.grounds.remove(&interface) {
            self.close_ground(ground, None);
        }
    }

    /// While the ASIC is away nothing is made or removed: what an interface stands on has other ids when it comes back, and
    /// is what it was. So its entries are looked for under the new ones, and not removed under the old.
    fn rename_ground(&mut self, binding: &Binding, ground: Ground) {
        let before = self.mirror.place_at(ground.rif);
        let rif = Rif { oid: binding.rif, ..before };
        if rif != before {
            self.mirror.rename_place(ground.rif, rif);
            for row in self.table.rows_on(binding.interface) {
                self.routes.rename_value(row, Via::Neighbor(before.oid), Via::Neighbor(rif.oid));
            }
        }
        match (binding.footing, ground.router, ground.domain) {
            (Footing::Routed(oid), Some(router), _) => {
                let before = self.routes.place_at(router);
                self.routes.rename_place(router, Router { oid, ..before });
            }
            (Footing::Bridged(domain), _, Some(at)) => {
                let before = self.fdb.place_at(at);
                self.fdb.rename_place(at, domain);
                // Two may have changed places, and the other one have taken the name already.
                if self.fdb_state.domains.get(&before) == Some(&at) {
                    self.fdb_state.domains.remove(&before);
                }
            }
            _ => {}
        }
    }

    /// What the interface stands on: what it stood on, under another name, where it was `renamed`.
    fn open_ground(&mut self, binding: &Binding, renamed: Option<Ground>) -> Ground {
        let rif = Rif { interface: binding.interface, oid: binding.rif };
        let managed = self.settings.fdb == FdbMode::Managed;
        let (router, domain) = match binding.footing {
            Footing::Bridged(domain) if managed => (None, Some(domain)),
            Footing::Routed(oid) => (Some(Router { interface: binding.interface, oid }), None),
            Footing::Untold | Footing::Bridged(_) => (None, None),
        };
        self.releasing.reopen(rif);
        for interface in self.releasing.reuse(router, domain) {
            self.say(Event::Released { interface });
        }
        let ground = Ground {
            rif: match renamed {
                Some(before) => before.rif,
                None => self.mirror.open(rif.interface, rif.oid),
            },
            router: router.map(|router| {
                let same = renamed.and_then(|before| before.router);
                same.unwrap_or_else(|| self.routes.open_place(router))
            }),
            domain: domain.map(|domain| {
                let same = renamed.and_then(|before| before.domain);
                same.unwrap_or_else(|| self.fdb.open_place(domain))
            }),
        };
        self.fdb_state.domains.extend(domain.zip(ground.domain));
        ground
    }

    /// Closes what nobody stands on any more.
    fn close_ground(&mut self, before: Ground, after: Option<Ground>) {
        let stays = |part: fn(Ground) -> Option<RifId>| part(before) == after.and_then(part);
        let router = before.router.filter(|_| !stays(|ground| ground.router));
        let used = |domain: &RifId| self.grounds.values().any(|ground| ground.domain == Some(*domain));
        let domain = before.domain.filter(|domain| !stays(|ground| ground.domain) && !used(domain));
        if let Some(router) = router {
            self.routes.close(router);
        }
        if let Some(domain) = domain {
            self.fdb.close(domain);
        }
        if !stays(|ground| Some(ground.rif)) {
            let rif = self.mirror.place_at(before.rif);
            let router = router.map(|router| self.routes.place_at(router));
            let domain = domain.map(|domain| self.fdb.place_at(domain));
            self.releasing.close(rif, router, domain);
            self.mirror.close(before.rif);
        }
    }

    /// Tells the interfaces on which nothing of ours is left.
    pub(super) fn tell_released(&mut self) {
        let mut released = Vec::new();
        while let Some(router) = self.routes.poll_released() {
            released.extend(self.releasing.released(Part::Routes(router)));
        }
        while let Some(domain) = self.fdb.poll_released() {
            self.fdb_state.domains.remove(&domain);
            released.extend(self.releasing.released(Part::Macs(domain)));
        }
        while let Some(rif) = self.mirror.poll_released() {
            released.extend(self.releasing.released(Part::Neighbors(rif)));
        }
        for interface in released {
            self.say(Event::Released { interface });
        }
    }

    /// The interface leaves its VRF: what the ASIC holds of it is in the way there until it is gone.
    fn linger(&mut self, interface: InterfaceId) {
        for row in self.table.rows_on(interface) {
            if let Some(slot) = self.mirror.slot(row).filter(|_| self.holds(row)) {
                self.lingering.add((self.table.domain_at(row), self.table.ip(row)), row, slot.held_rif);
            }
        }
    }
}
