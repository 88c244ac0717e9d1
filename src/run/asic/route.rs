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
use super::hops::{Hops, keyed};
use crate::mirror::batch::{Batch, OpKind, Outcome, RouteOp, Via};
use crate::run::journal::Journal;
use crate::sai::{Answer, Kind, NeighborKey, Oid, RouteKey, RouteTable, Status, Switch, id};
use ahash::RandomState;
use std::collections::HashMap;

/// The next hop of a host that has a route.
#[derive(Clone, Copy, Debug)]
struct Own {
    hop: NeighborKey,
    /// The route leads by it; if not, by somebody else's.
    leads: bool,
}

pub(super) struct Routes {
    table: RouteTable,
    hops: Hops,
    own: HashMap<RouteKey, Own, RandomState>,
    /// Next hops that have just lost their route for good.
    left: Vec<NeighborKey>,
}

impl Routes {
    pub(super) fn new(switch: &Switch) -> Self {
        Routes {
            table: RouteTable::new(switch),
            hops: Hops::new(switch),
            own: HashMap::with_hasher(keyed()),
            left: Vec::new(),
        }
    }

    /// Finds again what the journal names.
    pub(super) fn recall(&mut self, journal: &mut Journal) {
        self.hops.recall(journal);
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
        if self.left.is_empty() || sum.trouble.is_some() {
            return;
        }
        let mut left = std::mem::take(&mut self.left);
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
        let missing: Vec<NeighborKey> =
            ops.iter().filter_map(hop).filter(|hop| self.hops.id(hop).is_none()).collect();
        let mut made = self.hops.make(&missing, journal, sum).into_iter();
        let mut outcomes: Vec<Outcome<Via>> = Vec::with_capacity(ops.len());
        let mut ready = Vec::with_capacity(ops.len());
        let mut missing = missing.into_iter().peekable();
        for (n, op) in ops.iter().enumerate() {
            let answer = match hop(op) {
                Some(hop) if missing.peek() == Some(&hop) => {
                    missing.next();
                    made.next().unwrap_or(Answer::NotExecuted)
                }
                _ => Answer::Done,
            };
            match (self.next_hop(op), answer) {
                (Some(id), Answer::Done) => {
                    ready.push((n, key(op), id));
                    outcomes.push(Outcome::NotExecuted);
                }
                (_, answer) if answer != Answer::Done => outcomes.push(outcome(answer)),
                // One without a value is no write: it stays as it is.
                _ => outcomes.push(Outcome::NotExecuted),
            }
        }
        if sum.trouble.is_some() || ready.is_empty() {
            return outcomes;
        }
        let entries = ready.iter().map(|(_, key, id)| (*key, *id));
        sum.add(match kind {
            OpKind::Create => self.table.create(entries),
            _ => self.table.set_next_hop(entries),
        });
        let mut doubtful = Vec::new();
        for (place, (n, key, _)) in ready.iter().enumerate() {
            let answer = self.table.answers()[place];
            outcomes[*n] = outcome(answer);
            match answer {
                Answer::Done => {
                    Self::leads(&mut self.hops, &mut self.own, &mut self.left, *key, hop(&ops[*n]))
                }
                Answer::Refused(status) if may_mean_the_next_hop(status) => {
                    doubtful.extend(hop(&ops[*n]).map(|hop| (*n, hop, status)));
                }
                _ => {}
            }
        }
        self.look_again(doubtful, &mut outcomes, journal, sum);
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
            if gone && let Some(own) = self.own.remove(&key(op)) {
                if own.leads {
                    self.hops.count(&own.hop, false);
                }
                self.left.push(own.hop);
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
                    let hop = NeighborKey { rif, ip: op.ip };
                    Self::leads(&mut self.hops, &mut self.own, &mut self.left, key(op), Some(hop));
                }
                Outcome::Held(Some(Via::NextHop(_))) => {
                    Self::leads(&mut self.hops, &mut self.own, &mut self.left, key(op), None);
                }
                // It went, or never came: what it left goes with its neighbour.
                Outcome::Held(None) => {
                    if let Some(own) = self.own.remove(&key(op)).filter(|own| own.leads) {
                        self.hops.count(&own.hop, false);
                    }
                }
                _ => {}
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    /// A route leads by its host's own next hop, or by another.
    fn leads(
        hops: &mut Hops,
        own: &mut HashMap<RouteKey, Own, RandomState>,
        left: &mut Vec<NeighborKey>,
        key: RouteKey,
        by: Option<NeighborKey>,
    ) {
        let before = own.get(&key).copied();
        if let Some(before) = before.filter(|before| before.leads) {
            hops.count(&before.hop, false);
        }
        match by {
            Some(hop) => {
                hops.count(&hop, true);
                own.insert(key, Own { hop, leads: true });
                left.extend(before.map(|before| before.hop).filter(|before| *before != hop));
            }
            None => {
                if let Some(own) = own.get_mut(&key) {
                    own.leads = false;
                }
            }
        }
    }

    /// The next hop that a route is to lead by, once it is there.
    fn next_hop(&self, op: &RouteOp) -> Option<Oid<id::NextHop>> {
        match op.via? {
            Via::NextHop(id) => Some(id),
            Via::Neighbor(_) => self.hops.id(&hop(op)?),
        }
    }
}

/// The status may speak of the next hop, and not of the route.
fn may_mean_the_next_hop(status: Status) -> bool {
    status.is_not_found()
        || matches!(status.kind(), Kind::Attribute { .. } | Kind::InvalidParameter | Kind::InvalidObjectType)
}

/// The next hop of its own that an operation needs.
fn hop(op: &RouteOp) -> Option<NeighborKey> {
    match op.via? {
        Via::Neighbor(rif) => Some(NeighborKey { rif, ip: op.ip }),
        Via::NextHop(_) => None,
    }
}

fn key(op: &RouteOp) -> RouteKey {
    RouteKey { virtual_router: op.virtual_router, ip: op.ip }
}
