//! Executes orders on a switch. Has no thread: whoever calls it waits for SAI.

use super::dump::{Dump, DumpJob};
use super::fdb::Fdb;
use super::record::{confirm, intend, thing_of};
use super::route::Routes;
use super::survey::Survey;
use super::{Done, Order, protection};
use crate::mirror::batch::{Batch, BatchDone, FdbHost, FdbOp, Op, OpKind, Outcome, Owned, RouteOp, Via};
use crate::node::io::{Listed, NoRoom};
use crate::run::journal::{Journal, Standing, Thing};
use crate::run::topology::SubPorts;
use crate::sai::{Answer, Error, NeighborKey, NeighborTable, Reading, Report, Status, Switch};

/// Executes orders on a switch.
pub struct Executor {
    neighbors: NeighborTable,
    keys: Vec<NeighborKey>,
    fdb: Fdb,
    routes: Routes,
    journal: Option<Journal>,
    survey: Survey,
    surveys: u32,
    /// What was told last of the journal's room.
    told: (Option<NoRoom>, u64),
}

impl Executor {
    /// For the tables of this switch.
    pub fn new(switch: &Switch) -> Self {
        Executor::with_journal(switch, None)
    }

    /// The same, with a record of what is ours: next hops that it names are found again.
    pub fn with_journal(switch: &Switch, mut journal: Option<Journal>) -> Self {
        let mut routes = Routes::new(switch);
        if let Some(journal) = &mut journal {
            routes.recall(journal);
        }
        Executor {
            neighbors: NeighborTable::new(switch),
            keys: Vec::new(),
            fdb: Fdb::new(switch),
            routes,
            journal,
            survey: Survey::default(),
            surveys: 0,
            told: (None, 0),
        }
    }

    /// The same, where ports are other bridge ports in bridges of their own.
    #[must_use]
    pub fn on(mut self, sub_ports: SubPorts) -> Self {
        self.fdb.translate(sub_ports);
        self
    }

    /// Its switch.
    pub fn switch(&self) -> &Switch {
        self.neighbors.switch()
    }

    /// The record of what is ours.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// Does what an order says; the answer, where it has one.
    pub fn obey(&mut self, order: &Order) -> Option<Done> {
        Some(match order {
            Order::Program(batch) => Done::Program(self.execute(batch)),
            Order::Fdb(batch) => Done::Fdb(self.execute_fdb(batch)),
            Order::Route(batch) => Done::Route(self.execute_routes(batch)),
            Order::Probe(port) => {
                let elsewhere = self.fdb.is_elsewhere(*port);
                Done::Protection { port: *port, state: protection::probe(self.switch(), *port, elsewhere) }
            }
            Order::Protect { port, on } => {
                Done::Protection { port: *port, state: protection::protect(self.switch(), *port, *on) }
            }
            Order::Survey => Done::Listed(self.survey()),
            Order::Disown(entries) => {
                self.disown(entries);
                return None;
            }
            Order::Bound { interface, rif, gone } => {
                let thing = Thing::Interface(*interface, *rif);
                match &mut self.journal {
                    Some(journal) if *gone => journal.erase(&thing),
                    Some(journal) => _ = journal.note(&thing, Standing::Sure),
                    None => {}
                }
                return None;
            }
        })
    }

    /// Lists what the ASIC holds and the journal does not name, or goes on doing so.
    pub fn survey(&mut self) -> Listed {
        if let Some(journal) = &mut self.journal {
            journal.look_for_room();
        }
        // The first listing comes soon after the start, the second when what was on its way then has landed.
        self.surveys = self.surveys.saturating_add(u32::from(self.survey.begins()));
        if self.surveys > 2 {
            self.routes.look_for_awaited(&mut self.journal);
        }
        self.survey.next(&self.neighbors, self.journal.as_ref())
    }

    /// What is new of the journal's room: that there is none, or some again, or that twice as much has found none.
    pub fn journal_news(&mut self) -> Option<Done> {
        let journal = self.journal.as_ref()?;
        let (full, unrecorded) = (journal.no_room(), journal.unrecorded());
        if full == self.told.0 && unrecorded < self.told.1.saturating_mul(2).max(1) {
            return None;
        }
        self.told = (full, unrecorded);
        Some(Done::Journal { full, unrecorded, records: journal.len() as u64 })
    }

    /// These entries are not ours any more, or were found not to be there.
    pub fn disown(&mut self, entries: &[Owned]) {
        if let Some(journal) = &mut self.journal {
            for owned in entries {
                if let Owned::Neighbor { rif, ip } = *owned {
                    self.routes.disown(&NeighborKey { rif, ip }, journal);
                }
                journal.erase(&thing_of(owned));
            }
        }
    }

    /// Executes a batch of neighbours and says what became of each of its entries.
    pub fn execute(&mut self, batch: &Batch) -> BatchDone {
        intend(&mut self.journal, batch);
        let done = match batch.kind {
            OpKind::Remove if self.routes.has_hops() => self.remove_with_hops(batch),
            _ => self.execute_all(batch),
        };
        confirm(&mut self.journal, batch, &done.outcomes);
        done
    }

    fn execute_all(&mut self, batch: &Batch) -> BatchDone {
        let ops = batch.ops.iter();
        let report = match batch.kind {
            OpKind::Create => self.neighbors.create(ops.map(|op| (key(op), op.host))),
            OpKind::SetMac => self.neighbors.set_mac(ops.map(|op| (key(op), op.host.mac))),
            OpKind::Remove => self.neighbors.remove(ops.map(key)),
            OpKind::Read => {
                self.keys.clear();
                self.keys.extend(ops.map(key));
                self.neighbors.read(&self.keys)
            }
        };
        let outcomes = match batch.kind {
            OpKind::Read => self.neighbors.readings().iter().map(|reading| read_outcome(*reading)).collect(),
            _ => self.neighbors.answers().iter().map(|answer| outcome(*answer)).collect(),
        };
        let mut sum = Sum::default();
        sum.add(report);
        sum.answer(batch, outcomes)
    }

    /// Removes neighbours behind their next hops; one whose next hop stays, stays.
    fn remove_with_hops(&mut self, batch: &Batch) -> BatchDone {
        let mut sum = Sum::default();
        let keys: Vec<NeighborKey> = batch.ops.iter().map(key).collect();
        let mut outcomes = self.routes.give_up(&keys, &mut self.journal, &mut sum);
        let free = || outcomes.iter().zip(&keys).filter(|(kept, _)| kept.is_none()).map(|(_, key)| *key);
        if sum.trouble.is_none() {
            self.keys.clear();
            self.keys.extend(free());
            sum.add(self.neighbors.remove(self.keys.iter().copied()));
            let mut answers = self.neighbors.answers().iter();
            for place in outcomes.iter_mut().filter(|kept| kept.is_none()) {
                *place = answers.next().map(|answer| outcome(*answer));
            }
        }
        let outcomes = outcomes.into_iter().map(|o| o.unwrap_or(Outcome::NotExecuted)).collect();
        sum.answer(batch, outcomes)
    }

    /// Executes a batch of FDB entries.
    pub fn execute_fdb(&mut self, batch: &Batch<FdbOp>) -> BatchDone<FdbHost> {
        intend(&mut self.journal, batch);
        let done = self.fdb.execute(batch);
        confirm(&mut self.journal, batch, &done.outcomes);
        done
    }

    /// Executes a batch of host routes, and what it takes of next hops.
    pub fn execute_routes(&mut self, batch: &Batch<RouteOp>) -> BatchDone<Via> {
        intend(&mut self.journal, batch);
        let (outcomes, mut sum) = self.routes.execute(batch, &mut self.journal);
        confirm(&mut self.journal, batch, &outcomes);
        self.routes.tidy(&mut self.journal, &mut sum);
        sum.answer(batch, outcomes)
    }

    /// Reads the whole neighbour table back, whoever wrote it.
    pub fn dump(&mut self) -> Result<Dump, Error> {
        let mut job = DumpJob::begin(&self.neighbors)?;
        while !job.step(&mut self.neighbors) {}
        Ok(job.dump)
    }

    pub(super) fn neighbors(&mut self) -> &mut NeighborTable {
        &mut self.neighbors
    }
}

/// What the calls of one batch took, together.
#[derive(Debug, Default)]
pub(super) struct Sum {
    pub(super) trouble: Option<Status>,
    calls: u32,
    ns: u64,
}

impl Sum {
    pub(super) fn add(&mut self, report: Report) {
        let Report { trouble, calls, ns } = report;
        self.trouble = self.trouble.or(trouble);
        self.calls += calls;
        self.ns += ns;
    }

    pub(super) fn answer<O, H>(self, batch: &Batch<O>, outcomes: Vec<Outcome<H>>) -> BatchDone<H> {
        let Sum { trouble, calls, ns } = self;
        BatchDone { id: batch.id, outcomes, switch_trouble: trouble, asic_ns: ns, calls }
    }
}

fn key(op: &Op) -> NeighborKey {
    NeighborKey { rif: op.rif, ip: op.ip }
}

/// What a write's answer means for its operation.
pub(super) fn outcome<H>(answer: Answer) -> Outcome<H> {
    match answer {
        Answer::Done => Outcome::Done,
        Answer::Refused(status) => Outcome::Refused(status),
        Answer::Unknown(status) => Outcome::Unknown(status),
        Answer::NotExecuted => Outcome::NotExecuted,
    }
}

/// What a read's answer means, with what was found.
pub(super) fn held<H>(answer: Answer, found: Option<H>) -> Outcome<H> {
    match answer {
        Answer::Done => Outcome::Held(found),
        Answer::Refused(status) if status.is_not_found() => Outcome::Held(None),
        other => outcome(other),
    }
}

fn read_outcome(reading: Reading) -> Outcome {
    match reading {
        Reading::Held(host) => Outcome::Held(Some(host)),
        Reading::Missing => Outcome::Held(None),
        Reading::Refused(status) => Outcome::Refused(status),
        Reading::Unknown(status) => Outcome::Unknown(status),
        Reading::NotExecuted => Outcome::NotExecuted,
    }
}
