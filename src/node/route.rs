//! Host routes of routed interfaces: made after their neighbour, removed before it, and pointed at the peer in between.
//!
//! ```text
//!   the member forwards        it goes down                     it is back
//!   neighbour ─► route ──────► route SET to the peer ─────────► neighbour as it should be
//!                              then, if it is to go, neighbour   then route SET to it
//! ```
//!
//! Invariant: a route never points at a neighbour that is not known to be there; a neighbour that a route points at, or
//! may point at, is not removed.

use super::Node;
use crate::addr::InterfaceId;
use crate::mirror::batch::Via;
use crate::mirror::slot::{Facts, Held, Place, RifId, Slot};
use crate::sai::id::{self, Oid};
use crate::table::desired::{Hop, Verdict};
use crate::table::row::RowId;

impl Node {
    /// True while a host route stands, or may stand, on the row's neighbour.
    pub(super) fn is_routed_by(&self, row: RowId) -> bool {
        self.routes.slot(row).is_some_and(|slot| {
            let elsewhere = slot.place != Place::InFlight && matches!(slot.held, Held::Host(Via::NextHop(_)));
            // One that was refused may be there all the same.
            let may_be_there = slot.is_present() || slot.doubted && slot.want.is_some();
            !slot.foreign && may_be_there && !elsewhere
        })
    }

    /// True when the row's neighbour is to go, or to go to another router interface, and a route stands on it: the route
    /// goes first.
    pub(super) fn leaves_under_route(&self, row: RowId, to: Option<RifId>) -> bool {
        self.is_routed_by(row)
            && self.mirror.slot(row).is_some_and(|slot| slot.is_present() && to != Some(slot.held_rif))
    }

    /// Decides what the row's host route should be. `leaves` while its neighbour waits for it to go first.
    pub(super) fn evaluate_route(
        &mut self,
        row: RowId,
        interface: InterfaceId,
        verdict: Verdict,
        hop: Option<Hop>,
        leaves: bool,
    ) {
        if let Verdict::Nos(_) = verdict {
            self.routes.release(row);
            return self.keep_open(row, None);
        }
        let rif = self.bound.get(&interface).copied();
        let hop = hop.filter(|hop| matches!(hop, Hop::Peer(_)) || !leaves);
        self.routes.set_awaited(row, leaves);
        let oid = rif.map(|rif| self.mirror.place_at(rif).oid);
        let news = self.want_route(row, interface, oid, hop);
        if news && let (Some(attachment), _) | (None, Some(attachment)) = self.table.attachments(row) {
            self.repointing.count(attachment);
        }
        self.keep_open(row, hop);
    }

    /// Says what the row's host route should be. Answers whether that is news.
    fn want_route(
        &mut self,
        row: RowId,
        interface: InterfaceId,
        rif: Option<Oid<id::RouterInterface>>,
        hop: Option<Hop>,
    ) -> bool {
        let place = self.grounds.get(&interface).and_then(|ground| ground.router);
        let Some((place, hop)) = place.zip(hop) else {
            return self.routes.want(self.now, row, None, false);
        };
        self.inherit_route(row, place);
        self.routes.watch_row(row);
        let via = match hop {
            Hop::Peer(next_hop) => Some(Via::NextHop(next_hop)),
            Hop::Itself | Hop::Unnamed => {
                self.mirror.watch_row(row);
                let stands = self.mirror.slot(row).is_some_and(|slot| slot.is_programmed());
                rif.map(Via::Neighbor).filter(|_| stands)
            }
        };
        match via {
            Some(via) => {
                let stands = self.routes.is_present(row);
                self.routes.want(self.now, row, Some((place, via)), stands)
            }
            // The neighbour is on its way: a route that there is stays as it is until then.
            None if self.routes.slot(row).is_some_and(|slot| slot.foreign || slot.is_present()) => false,
            None => self.routes.want(self.now, row, None, false),
        }
    }

    /// A route that was found not to be there waits for its neighbour, if that is not there either. The row's turn to be
    /// decided about may come only after the route's to be made.
    pub(super) fn withhold_route(&mut self, row: RowId) {
        let Some(route) = self.routes.slot(row) else { return };
        let on_neighbor = matches!(route.want, Some(Via::Neighbor(_))) && !route.is_present();
        if on_neighbor && !self.mirror.slot(row).is_some_and(Slot::is_programmed) {
            self.routes.want(self.now, row, None, false);
        }
    }

    /// What the answers of the ASIC changed for others.
    pub(super) fn settle_routes(&mut self) {
        let mut rows = Vec::new();
        self.mirror.take_turned(&mut rows);
        self.routes.take_noted(&mut rows);
        for row in &rows {
            self.mirror.note(*row);
        }
        for row in rows.drain(..) {
            self.withhold_route(row);
            self.table.touch(row);
        }
        self.routes.take_turned(&mut rows);
        for row in rows {
            let as_wanted = |slot: &Slot<Via>| slot.is_programmed() && !slot.facts.has(Facts::AWAITED);
            match self.routes.slot(row).filter(|slot| as_wanted(slot)) {
                // Nothing follows from it but that its neighbour is done with, too.
                Some(route) => {
                    let settled = route.is_settled();
                    self.mirror.set_open(row, !settled);
                }
                None => {
                    self.mirror.note(row);
                    self.table.touch(row);
                }
            }
        }
        for (row, what) in self.routes.take_failures() {
            self.table.note(row, what);
        }
    }

    /// A row's neighbour is done with when its route is, or waits for something other than its turn.
    pub(super) fn keep_open(&mut self, row: RowId, hop: Option<Hop>) {
        let Some(route) = self.routes.slot(row) else {
            // The route comes with the neighbour.
            let parked = self.mirror.slot(row).is_none_or(Slot::is_parked);
            return self.mirror.set_open(row, hop.is_some() && !parked);
        };
        let settled = route.is_settled();
        let to_come = route.want.is_none() && matches!(hop, Some(Hop::Itself | Hop::Unnamed));
        let parked = self.mirror.slot(row).is_none_or(Slot::is_parked);
        self.mirror.set_open(row, !settled || to_come && !parked);
    }
}
