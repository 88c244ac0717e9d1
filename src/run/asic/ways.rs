//! By which next hop each of our host routes leads, and which next hops lost their route.
//!
//! Each operation brings the row of its route, which stays the same for as long as the route is there: what is kept of a
//! route is found by it, and a table that is pointed elsewhere as a whole costs no search.
//!
//! Invariant: a route that leads by a next hop of its own is counted there once.

use super::hops::Hops;
use super::kept::{Kept, NOWHERE, Spot};
use crate::limits::MAX_CLAIMS;
use crate::sai::{NeighborKey, Oid, RouteKey, id};

/// Rows beyond this are searched for: nobody has so many.
const ROWS: usize = 4 * MAX_CLAIMS;

/// The next hop of a host that has a route.
#[derive(Clone, Copy, Debug)]
struct Own {
    rif: Oid<id::RouterInterface>,
    /// Where it is among the next hops.
    at: Spot,
    /// The route leads by it; if not, by somebody else's.
    leads: bool,
}

impl Own {
    fn hop(&self, route: &RouteKey) -> NeighborKey {
        NeighborKey { rif: self.rif, ip: route.ip }
    }
}

/// What is known of routes.
pub(super) struct Ways {
    own: Kept<RouteKey, Own>,
    spots: Vec<Spot>,
    /// Next hops that have just lost their route for good.
    pub(super) left: Vec<NeighborKey>,
}

impl Ways {
    pub(super) fn new() -> Self {
        Ways { own: Kept::new(), spots: Vec::new(), left: Vec::new() }
    }

    /// Where the route's own next hop was among the next hops.
    pub(super) fn hint(&self, row: u32, route: &RouteKey) -> Spot {
        self.own.peek(route, self.spot(row)).map_or(NOWHERE, |own| own.at)
    }

    /// A route leads by its host's own next hop on this router interface, or by another.
    pub(super) fn leads(
        &mut self,
        hops: &mut Hops,
        row: u32,
        route: RouteKey,
        by: Option<Oid<id::RouterInterface>>,
    ) {
        let spot = self.own.find(&route, self.spot(row)).unwrap_or(NOWHERE);
        self.remember(row, spot);
        let before = if spot == NOWHERE { None } else { self.own.get_mut(&route, spot) };
        if let Some(before) = &before
            && before.leads
        {
            hops.count(&before.hop(&route), before.at, false);
        }
        let Some(rif) = by else {
            if let Some(own) = before {
                own.leads = false;
            }
            return;
        };
        let at = before.as_ref().map_or(NOWHERE, |before| before.at);
        let at = hops.count(&NeighborKey { rif, ip: route.ip }, at, true);
        let own = Own { rif, at, leads: true };
        match before {
            Some(before) => {
                if before.rif != rif {
                    self.left.push(before.hop(&route));
                }
                *before = own;
            }
            None => {
                let spot = self.own.insert(route, own);
                self.remember(row, spot);
            }
        }
    }

    /// A route went. If it `was` removed, its next hop goes too; if it never came, that one goes with its neighbour.
    pub(super) fn gone(&mut self, hops: &mut Hops, route: &RouteKey, was_removed: bool) {
        if let Some(own) = self.own.remove(route) {
            let hop = own.hop(route);
            if own.leads {
                hops.count(&hop, own.at, false);
            }
            self.left.extend(was_removed.then_some(hop));
        }
    }

    fn spot(&self, row: u32) -> Spot {
        self.spots.get(row as usize).copied().unwrap_or(NOWHERE)
    }

    fn remember(&mut self, row: u32, spot: Spot) {
        let row = row as usize;
        if row >= ROWS || spot == NOWHERE {
            return;
        }
        if self.spots.len() <= row {
            self.spots.resize(row + 1, NOWHERE);
        }
        self.spots[row] = spot;
    }
}
