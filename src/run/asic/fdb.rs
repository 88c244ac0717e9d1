//! FDB entries.
//!
//! SAI sets one attribute of an entry at a time, so a change of port and type takes several rounds: the port first, for
//! that is where traffic goes. What is known to be as wanted is not written, so re-pointing a failed member's hosts is one
//! bulk call.
//!
//! In a bridge of its own a port is another bridge port than in VLANs, and nobody but this file knows.
//!
//! Invariant: an entry that was changed in part and then refused is not called refused: it is read back.

use super::executor::{Sum, held, outcome};
use crate::mirror::batch::{Batch, BatchDone, FdbHost, FdbOp, OpKind, Outcome};
use crate::run::topology::SubPorts;
use crate::sai::{Answer, Domain, FdbChange, FdbEntry, FdbKey, FdbTable, Hold, Oid, Status, Switch, id};
use std::collections::BTreeMap;

/// Attributes that a change writes at most: the port, the type, and that a static entry may move.
const ROUNDS: usize = 3;

pub(super) struct Fdb {
    table: FdbTable,
    sub_ports: SubPorts,
    /// The same the other way round.
    known_as: BTreeMap<Oid<id::BridgePort>, Oid<id::BridgePort>>,
}

impl Fdb {
    pub(super) fn new(switch: &Switch) -> Self {
        Fdb { table: FdbTable::new(switch), sub_ports: SubPorts::new(), known_as: BTreeMap::new() }
    }

    /// In bridges of their own, ports are other bridge ports than they are known by.
    pub(super) fn translate(&mut self, sub_ports: SubPorts) {
        self.known_as = sub_ports.iter().map(|((_, known), sub)| (*sub, *known)).collect();
        self.sub_ports = sub_ports;
    }

    /// True for a port that is another one in some bridge.
    pub(super) fn is_elsewhere(&self, port: Oid<id::BridgePort>) -> bool {
        self.sub_ports.keys().any(|(_, known)| *known == port)
    }

    /// A port as the ASIC knows it there.
    fn there(&self, domain: Domain, host: FdbHost) -> FdbHost {
        let sub = match domain {
            Domain::Bridge(bridge) => self.sub_ports.get(&(bridge, host.port)).copied(),
            Domain::Vlan(_) => None,
        };
        FdbHost { port: sub.unwrap_or(host.port), ..host }
    }

    /// A port as everybody knows it.
    fn here(&self, entry: FdbEntry) -> FdbHost {
        let known = self.known_as.get(&entry.port).copied();
        FdbHost { port: known.unwrap_or(entry.port), dynamic: entry.hold == Hold::Dynamic }
    }

    pub(super) fn execute(&mut self, batch: &Batch<FdbOp>) -> BatchDone<FdbHost> {
        let mut sum = Sum::default();
        let outcomes = match batch.kind {
            OpKind::Create => {
                // One without a value is no create: it stays as it is.
                let there = |op: &FdbOp| Some((key(op), entry(self.there(op.domain, op.host?))));
                let ops: Vec<_> = batch.ops.iter().filter_map(there).collect();
                sum.add(self.table.create(ops.into_iter()));
                let mut answers = self.table.answers().iter();
                let mut next = || answers.next().map_or(Outcome::NotExecuted, |answer| outcome(*answer));
                let each = |op: &FdbOp| op.host.map_or(Outcome::NotExecuted, |_| next());
                batch.ops.iter().map(each).collect()
            }
            OpKind::SetMac => self.change(&batch.ops, &mut sum),
            OpKind::Remove => {
                sum.add(self.table.remove(batch.ops.iter().map(key)));
                self.table.answers().iter().map(|answer| outcome(*answer)).collect()
            }
            OpKind::Read => {
                sum.add(self.table.read(batch.ops.iter().map(key)));
                let read =
                    |(n, answer): (usize, &Answer)| held(*answer, self.table.entry(n).map(|e| self.here(e)));
                self.table.answers().iter().enumerate().map(read).collect()
            }
        };
        sum.answer(batch, outcomes)
    }

    fn change(&mut self, ops: &[FdbOp], sum: &mut Sum) -> Vec<Outcome<FdbHost>> {
        let mut outcomes: Vec<Outcome<FdbHost>> = vec![Outcome::Done; ops.len()];
        let mut written = vec![false; ops.len()];
        for round in 0..ROUNDS {
            let is_due = |n: &usize| outcomes[*n] == Outcome::Done;
            let due: Vec<(usize, FdbChange)> = (0..ops.len())
                .filter(is_due)
                .filter_map(|n| Some((n, self.changes(&ops[n])[round]?)))
                .collect();
            if due.is_empty() {
                continue;
            }
            if sum.trouble.is_some() {
                // The switch as a whole gave up in an earlier round.
                for (n, _) in due {
                    outcomes[n] = unfinished(Answer::NotExecuted, written[n]);
                }
                continue;
            }
            sum.add(self.table.change(due.iter().map(|(n, change)| (key(&ops[*n]), *change))));
            for ((n, _), answer) in due.iter().zip(self.table.answers()) {
                match answer {
                    Answer::Done => written[*n] = true,
                    answer => outcomes[*n] = unfinished(*answer, written[*n]),
                }
            }
        }
        outcomes
    }

    /// What is to be written of a change, in order.
    fn changes(&self, op: &FdbOp) -> [Option<FdbChange>; ROUNDS] {
        let Some(host) = op.host else { return [None; ROUNDS] };
        // A null port is wherever the hardware has it.
        let new_port = !host.port.is_null() && op.was.is_none_or(|was| was.port != host.port);
        let new_hold = op.was.is_none_or(|was| was.dynamic != host.dynamic);
        [
            new_port.then(|| FdbChange::Port(self.there(op.domain, host).port)),
            new_hold.then_some(FdbChange::Hold(hold(host))),
            (new_hold && !host.dynamic).then_some(FdbChange::AllowMove),
        ]
    }
}

/// What a change that was not done means, when an earlier one of the same entry may have been.
fn unfinished(answer: Answer, written: bool) -> Outcome<FdbHost> {
    match answer {
        Answer::Refused(status) if written => Outcome::Unknown(status),
        Answer::NotExecuted if written => Outcome::Unknown(Status::NOT_EXECUTED),
        answer => outcome(answer),
    }
}

fn key(op: &FdbOp) -> FdbKey {
    FdbKey { domain: op.domain, mac: op.mac }
}

fn hold(host: FdbHost) -> Hold {
    if host.dynamic { Hold::Dynamic } else { Hold::Static }
}

fn entry(host: FdbHost) -> FdbEntry {
    FdbEntry { port: host.port, hold: hold(host) }
}
