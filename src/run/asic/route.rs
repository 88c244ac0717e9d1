//! Host routes, and the next hops that they bring.
//!
//! ```text
//!   create, set:  next hop made ─► route ─► the next hop that it led by before, of another interface, removed
//!   remove:       route ─► its next hop removed
//!   neighbour to be removed:       its next hop removed ─► neighbour
//! ```
//!
//! A route that is pointed at somebody else's next hop (the peer-link's) keeps its own one: failing over and back are one
//! bulk set each.
//!
//! Invariant: new path first, old one after; a next hop is never removed under a route of ours, nor a neighbour under a next
//! hop of ours.

use super::executor::{Sum, held, outcome};
use super::hops::Hops;
use super::kept::NOWHERE;
use super::ways::Ways;
use crate::mirror::batch::{Batch, OpKind, Outcome, RouteOp, Via};
use crate::run::journal::Journal;
use crate::sai::{Answer, Kind, NeighborKey, Oid, RouteKey, RouteTable, Status, Switch, id};

pub(super) struct Routes {
    table: RouteTable,
    hops: Hops,
    ways: Ways,
    /// What is written in the present batch; kept for its memory.
    ready: Vec<Ready>,
}

/// A route that is written once its next hop is there.
struct Ready {
    /// The operation's place in the batch.
    nth: usize,
    key: RouteKey,
    to: Option<Oid<id::NextHop>>,
}

impl Routes {
    pub(super) fn new(switch: &Switch) -> Self {
        Routes {
            table: RouteTable::new(switch),
            hops: Hops::new(switch),
            ways: Ways::new(),
            ready: Vec::new(),
        }
    }

    /// Finds again what the journal names.
    pub(super) fn recall(&mut self, journal: &mut Journal) {
        self.hops.recall(journal);
    }

    /// Looks once more for next hops that may have been on their way when the process before this one ended.
    pub(super) fn look_for_awaited(&mut self, journal: &mut Option<Journal>) {
        self.hops.look_for_awaited(journal);
    }

    /// A neighbour is known to be gone.
    pub(super) fn disown(&mut self, key: &NeighborKey, journal: &mut Journal) {
        self.hops.disown(key, journal);
    }

    /// There are next hops that may be in a neighbour's way.
    pub(super) fn has_hops(&self) -> bool {
        !self.hops.is_empty()
    }

    pub(super) fn execute(
        &mut self,
        batch: &Batch<RouteOp>,
        journal: &mut Option<Journal>,
    ) -> (Vec<Outcome<Via>>, Sum) {
        let mut sum = Sum::default();
        let ops = &batch.ops;
        let outcomes = match batch.kind {
            OpKind::Create | OpKind::SetMac => self.write(batch.kind, ops, journal, &mut sum),
            OpKind::Remove => self.remove(ops, &mut sum),
            OpKind::Read => self.read(ops, &mut sum),
        };
        (outcomes, sum)
    }

    /// Removes the next hops that lost their routes.
    pub(super) fn tidy(&mut self, journal: &mut Option<Journal>, sum: &mut Sum) {
        if self.ways.left.is_empty() || sum.trouble.is_some() {
            return;
        }
        let mut left = std::mem::take(&mut self.ways.left);
        left.sort_unstable();
        left.dedup();
        left.retain(|key| self.hops.is_idle(key));
        // One that stays for whatever reason goes before its neighbour.
        self.hops.remove(&left, journal, sum);
    }

    /// These neighbours are to go: so are their next hops. Answers what keeps those that must stay.
    pub(super) fn give_up<H: Clone>(
        &mut self,
        keys: &[NeighborKey],
        journal: &mut Option<Journal>,
        sum: &mut Sum,
    ) -> Vec<Option<Outcome<H>>> {
        let mut kept = vec![None; keys.len()];
        let idle: Vec<usize> = (0..keys.len()).filter(|n| self.hops.is_idle(&keys[*n])).collect();
        let hops: Vec<NeighborKey> = idle.iter().map(|n| keys[*n]).collect();
        let answers = self.hops.remove(&hops, journal, sum);
        for (n, answer) in idle.into_iter().zip(answers) {
            kept[n] = (answer != Answer::Done).then(|| outcome(answer));
        }
        for (key, kept) in keys.iter().zip(&mut kept) {
            if self.hops.is_used(key) {
                *kept = Some(Outcome::Refused(Status::OBJECT_IN_USE));
            }
        }
        kept
    }

    fn write(
        &mut self,
        kind: OpKind,
        ops: &[RouteOp],
        journal: &mut Option<Journal>,
        sum: &mut Sum,
    ) -> Vec<Outcome<Via>> {
        // One without a value is no write: it stays as it is.
        let mut outcomes: Vec<Outcome<Via>> = vec![Outcome::NotExecuted; ops.len()];
        let mut ready = std::mem::take(&mut self.ready);
        ready.clear();
        let (mut missing, mut places) = (Vec::new(), Vec::new());
        for (nth, op) in ops.iter().enumerate() {
            let key = key(op);
            let to = match op.via {
                None => continue,
                Some(Via::NextHop(id)) => Some(id),
                Some(Via::Neighbor(rif)) => {
                    let hop = NeighborKey { rif, ip: op.ip };
                    let id = self.hops.id(&hop, self.ways.hint(op.row, &key));
                    if id.is_none() {
                        missing.push(hop);
                        places.push(ready.len());
                    }
                    id
                }
            };
            ready.push(Ready { nth, key, to });
        }
        if !missing.is_empty() {
            let made = self.hops.make(&missing, journal, sum);
            for ((place, hop), answer) in places.into_iter().zip(&missing).zip(made) {
                let waiting = &mut ready[place];
                match answer {
                    Answer::Done => waiting.to = self.hops.id(hop, NOWHERE),
                    answer => outcomes[waiting.nth] = outcome(answer),
                }
            }
            ready.retain(|ready| ready.to.is_some());
        }
        if sum.trouble.is_none() && !ready.is_empty() {
            let entries = ready.iter().map(|Ready { key, to, .. }| (*key, to.unwrap_or(Oid::from_raw(0))));
            sum.add(match kind {
                OpKind::Create => self.table.create(entries),
                _ => self.table.set_next_hop(entries),
            });
            let mut doubtful = Vec::new();
            for (Ready { nth, key, .. }, answer) in ready.iter().zip(self.table.answers()) {
                let op = &ops[*nth];
                outcomes[*nth] = outcome(*answer);
                match answer {
                    Answer::Done => self.ways.leads(&mut self.hops, op.row, *key, own_rif(op)),
                    Answer::Refused(status) if may_mean_the_next_hop(*status) => {
                        doubtful.extend(own_hop(op).map(|hop| (*nth, hop, *status)));
                    }
                    _ => {}
                }
            }
            self.look_again(doubtful, &mut outcomes, journal, sum);
        }
        self.ready = ready;
        outcomes
    }

    /// A route was refused for something that may be its next hop's fault: one that went behind our back is forgotten, and
    /// the route is to be tried again.
    fn look_again(
        &mut self,
        doubtful: Vec<(usize, NeighborKey, Status)>,
        outcomes: &mut [Outcome<Via>],
        journal: &mut Option<Journal>,
        sum: &mut Sum,
    ) {
        if doubtful.is_empty() || sum.trouble.is_some() {
            return;
        }
        let hops: Vec<NeighborKey> = doubtful.iter().map(|(_, hop, _)| *hop).collect();
        let gone = self.hops.verify(&hops, journal, sum);
        for ((n, _, status), gone) in doubtful.into_iter().zip(gone) {
            if gone {
                outcomes[n] = Outcome::Unknown(status);
            }
        }
    }

    fn remove(&mut self, ops: &[RouteOp], sum: &mut Sum) -> Vec<Outcome<Via>> {
        sum.add(self.table.remove(ops.iter().map(key)));
        for (op, answer) in ops.iter().zip(self.table.answers()) {
            let gone = match answer {
                Answer::Done => true,
                Answer::Refused(status) => status.is_not_found(),
                _ => false,
            };
            if gone {
                self.ways.gone(&mut self.hops, &key(op), true);
            }
        }
        self.table.answers().iter().map(|answer| outcome(*answer)).collect()
    }

    fn read(&mut self, ops: &[RouteOp], sum: &mut Sum) -> Vec<Outcome<Via>> {
        sum.add(self.table.read(ops.iter().map(key)));
        let found: Vec<_> =
            (0..ops.len()).map(|n| (self.table.answers()[n], self.table.next_hop(n))).collect();
        self.hops.learn(found.iter().filter_map(|(_, id)| *id), sum);
        let mut outcomes = Vec::with_capacity(ops.len());
        for (op, (answer, id)) in ops.iter().zip(found) {
            let via = id.map(|id| match self.hops.name(id).filter(|hop| hop.ip == op.ip) {
                Some(hop) => Via::Neighbor(hop.rif),
                None => Via::NextHop(id),
            });
            let outcome = held(answer, via);
            match outcome {
                Outcome::Held(Some(Via::Neighbor(rif))) => {
                    self.ways.leads(&mut self.hops, op.row, key(op), Some(rif));
                }
                Outcome::Held(Some(Via::NextHop(_))) => {
                    self.ways.leads(&mut self.hops, op.row, key(op), None);
                }
                // It went, or never came.
                Outcome::Held(None) => self.ways.gone(&mut self.hops, &key(op), false),
                _ => {}
            }
            outcomes.push(outcome);
        }
        outcomes
    }
}

/// The status may speak of the next hop, and not of the route.
fn may_mean_the_next_hop(status: Status) -> bool {
    status.is_not_found()
        || matches!(status.kind(), Kind::Attribute { .. } | Kind::InvalidParameter | Kind::InvalidObjectType)
}

/// The router interface of the next hop of its own that an operation needs.
fn own_rif(op: &RouteOp) -> Option<Oid<id::RouterInterface>> {
    match op.via? {
        Via::Neighbor(rif) => Some(rif),
        Via::NextHop(_) => None,
    }
}

/// That next hop.
fn own_hop(op: &RouteOp) -> Option<NeighborKey> {
    own_rif(op).map(|rif| NeighborKey { rif, ip: op.ip })
}

fn key(op: &RouteOp) -> RouteKey {
    RouteKey { virtual_router: op.virtual_router, ip: op.ip }
}
