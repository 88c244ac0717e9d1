//! Batches into SAI calls, and the one thread that makes them.
//!
//! ```text
//!   core ──► batches (bounded) ──► mlag-asic: Executor ──► libsai
//!        ◄── deliver(BatchDone) ──     │  ▲
//!   ctl  ──► dump ────────────────────►┘  └── Health: since when a call is inside, whether the thread lives
//! ```
//!
//! A call may hang for as long as the vendor likes; whoever wants to know asks [`AsicHandle::health`], which takes no
//! lock.
//!
//! With a [`Journal`], what a batch is about to create is named there before the library is called, and what the library
//! confirms to be removed is erased behind it.
//!
//! Invariant: batches go first; a dump goes on, a slice at a time, while no batch waits. A batch that was taken is
//! answered once. What is dumped comes from the ASIC alone, never from what the mirror believes.

use crate::mirror::batch::{Batch, BatchDone, Op, OpKind, Outcome, Owned};
use crate::neighbor::Host;
use crate::run::journal::{Journal, Standing, Thing};
use crate::sai::{Answer, Error, Library, NeighborKey, NeighborTable, Reading, Report, Status, Switch};
use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Batches that wait for the thread at most; the node has fewer in flight.
const WAITING: usize = 16;

/// Dumps that wait at most: people ask for them.
const DUMPS_WAITING: usize = 4;

/// Entries that a dump reads between two looks at the batches.
const DUMP_SLICE: usize = 256;

/// Executes batches on a switch. Has no thread: whoever calls it waits for SAI.
pub struct Executor {
    table: NeighborTable,
    keys: Vec<NeighborKey>,
    journal: Option<Journal>,
}

impl Executor {
    /// For the neighbour table of this switch.
    pub fn new(switch: &Switch) -> Self {
        Executor { table: NeighborTable::new(switch), keys: Vec::new(), journal: None }
    }

    /// The same, with a record of what is ours.
    pub fn with_journal(switch: &Switch, journal: Option<Journal>) -> Self {
        Executor { journal, ..Executor::new(switch) }
    }

    /// The record of what is ours.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// These entries are not ours any more, or were found not to be there.
    pub fn disown(&mut self, entries: &[Owned]) {
        if let Some(journal) = &mut self.journal {
            for Owned { rif, ip } in entries {
                journal.erase(&Thing::Neighbor(NeighborKey { rif: *rif, ip: *ip }));
            }
        }
    }

    /// Executes a batch and says what became of each of its entries.
    pub fn execute(&mut self, batch: &Batch) -> BatchDone {
        self.intend(batch);
        let ops = batch.ops.iter();
        let report = match batch.kind {
            OpKind::Create => self.table.create(ops.map(|op| (key(op), op.host))),
            OpKind::SetMac => self.table.set_mac(ops.map(|op| (key(op), op.host.mac))),
            OpKind::Remove => self.table.remove(ops.map(key)),
            OpKind::Read => {
                self.keys.clear();
                self.keys.extend(ops.map(key));
                self.table.read(&self.keys)
            }
        };
        let outcomes: Vec<Outcome> = match batch.kind {
            OpKind::Read => self.table.readings().iter().map(|reading| read_outcome(*reading)).collect(),
            _ => self.table.answers().iter().map(|answer| outcome(*answer)).collect(),
        };
        self.confirm(batch, &outcomes);
        let Report { trouble, calls, ns } = report;
        BatchDone { id: batch.id, outcomes, switch_trouble: trouble, asic_ns: ns, calls }
    }

    /// Before the library is called: whoever comes after us must know what may have happened.
    fn intend(&mut self, batch: &Batch) {
        if batch.kind == OpKind::Read {
            return;
        }
        if let Some(journal) = &mut self.journal {
            for op in &batch.ops {
                journal.note(&Thing::Neighbor(key(op)), Standing::Doubt);
            }
        }
    }

    /// What the library said of each entry. Where it did not say enough, what was intended stays in doubt.
    fn confirm(&mut self, batch: &Batch, outcomes: &[Outcome]) {
        let Some(journal) = &mut self.journal else { return };
        for (op, outcome) in batch.ops.iter().zip(outcomes) {
            let thing = Thing::Neighbor(key(op));
            match (batch.kind, outcome) {
                (OpKind::Create | OpKind::SetMac, Outcome::Done) => _ = journal.note(&thing, Standing::Sure),
                (OpKind::Remove, Outcome::Done) => journal.erase(&thing),
                (OpKind::Remove, Outcome::Refused(status)) if status.is_not_found() => journal.erase(&thing),
                // What is wanted and is there is ours, whoever made it: it is ours to remove.
                (OpKind::Read, Outcome::Held(Some(_))) if op.is_wanted() => {
                    _ = journal.note(&thing, Standing::Sure);
                }
                _ => {}
            }
        }
    }

    /// Reads the whole neighbour table back, whoever wrote it.
    pub fn dump(&mut self) -> Result<Dump, Error> {
        let mut job = DumpJob::begin(&self.table)?;
        while !job.step(&mut self.table) {}
        Ok(job.dump)
    }
}

fn key(op: &Op) -> NeighborKey {
    NeighborKey { rif: op.rif, ip: op.ip }
}

fn outcome(answer: Answer) -> Outcome {
    match answer {
        Answer::Done => Outcome::Done,
        Answer::Refused(status) => Outcome::Refused(status),
        Answer::Unknown(status) => Outcome::Unknown(status),
        Answer::NotExecuted => Outcome::NotExecuted,
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

/// The neighbour table as the ASIC holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dump {
    /// What it holds, in the library's order.
    pub entries: Vec<(NeighborKey, Host)>,
    /// Entries that it listed and then would not show. One that went in between is in neither list.
    pub unread: Vec<(NeighborKey, Option<Status>)>,
}

/// A dump on its way.
struct DumpJob {
    keys: Vec<NeighborKey>,
    next: usize,
    dump: Dump,
}

impl DumpJob {
    fn begin(table: &NeighborTable) -> Result<DumpJob, Error> {
        Ok(DumpJob { keys: table.list()?, next: 0, dump: Dump::default() })
    }

    /// Reads a slice; true when it was the last one.
    fn step(&mut self, table: &mut NeighborTable) -> bool {
        let end = self.keys.len().min(self.next + DUMP_SLICE);
        let slice = &self.keys[self.next..end];
        table.read(slice);
        for (key, reading) in slice.iter().zip(table.readings()) {
            match *reading {
                Reading::Held(host) => self.dump.entries.push((*key, host)),
                Reading::Missing => {}
                Reading::Refused(status) | Reading::Unknown(status) => {
                    self.dump.unread.push((*key, Some(status)));
                }
                Reading::NotExecuted => self.dump.unread.push((*key, None)),
            }
        }
        self.next = end;
        end == self.keys.len()
    }
}

/// What a dump is answered with.
pub type DumpAnswer = Result<Dump, Error>;

/// The SAI thread. Dropping it and every handle ends the thread once its call is over.
pub struct Asic {
    handle: AsicHandle,
    thread: JoinHandle<()>,
}

/// A way to the SAI thread.
#[derive(Clone)]
pub struct AsicHandle {
    orders: Sender<Order>,
    dumps: Sender<Sender<DumpAnswer>>,
    library: Library,
    ended: Arc<AtomicBool>,
}

/// What the SAI thread is told, in order.
enum Order {
    Batch(Batch),
    Disown(Vec<Owned>),
}

/// How the SAI thread is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// For how long the call that is in the library now has been there.
    pub in_call_for: Option<Duration>,
    /// The thread is there to take batches.
    pub alive: bool,
}

impl Asic {
    /// Starts the thread `mlag-asic`; it hands each answered batch to `deliver`.
    pub fn spawn(switch: &Switch, deliver: impl FnMut(BatchDone) + Send + 'static) -> std::io::Result<Asic> {
        Asic::spawn_with(switch, None, deliver)
    }

    /// The same, with a record of what is ours.
    pub fn spawn_with(
        switch: &Switch,
        journal: Option<Journal>,
        deliver: impl FnMut(BatchDone) + Send + 'static,
    ) -> std::io::Result<Asic> {
        let (orders, orders_in) = bounded(WAITING);
        let (dumps, dumps_in) = bounded(DUMPS_WAITING);
        let ended = Arc::new(AtomicBool::new(false));
        let body = Body {
            executor: Executor::with_journal(switch, journal),
            orders: orders_in,
            dumps: dumps_in,
            deliver,
            ended: Ended(ended.clone()),
        };
        let thread = thread::Builder::new().name("mlag-asic".to_owned()).spawn(move || body.run())?;
        let handle = AsicHandle { orders, dumps, library: switch.library().clone(), ended };
        Ok(Asic { handle, thread })
    }

    /// A way to the thread.
    pub fn handle(&self) -> AsicHandle {
        self.handle.clone()
    }

    /// Waits until the thread has ended: when every other handle is gone and its call is over. The panic that ended
    /// it, if one did, goes on in the caller.
    pub fn join(self) {
        drop(self.handle);
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

impl AsicHandle {
    /// Hands a batch over, or gives it back: the thread has as many as it takes, or has ended.
    pub fn submit(&self, batch: Batch) -> Result<(), Batch> {
        self.order(Order::Batch(batch)).map_err(|back| match back {
            Order::Batch(batch) => batch,
            Order::Disown(_) => unreachable!("what comes back is what was sent"),
        })
    }

    /// Says that these entries are not ours any more, behind the batches that were submitted; or gives them back.
    pub fn disown(&self, entries: Vec<Owned>) -> Result<(), Vec<Owned>> {
        self.order(Order::Disown(entries)).map_err(|back| match back {
            Order::Disown(entries) => entries,
            Order::Batch(_) => unreachable!("what comes back is what was sent"),
        })
    }

    fn order(&self, order: Order) -> Result<(), Order> {
        self.orders.try_send(order).map_err(|e| match e {
            TrySendError::Full(order) | TrySendError::Disconnected(order) => order,
        })
    }

    /// Asks for the whole neighbour table; the answer comes when batches leave time for it. A receiver that is
    /// disconnected says that the thread did not take it.
    pub fn dump(&self) -> Receiver<DumpAnswer> {
        let (answer, answers) = bounded(1);
        // A full or ended thread drops the sender, which disconnects the receiver.
        let _ = self.dumps.try_send(answer);
        answers
    }

    /// How the thread is.
    pub fn health(&self) -> Health {
        Health { in_call_for: self.library.busy_for(), alive: !self.ended.load(Ordering::Relaxed) }
    }
}

/// Says that the thread ended, however it did.
struct Ended(Arc<AtomicBool>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        if thread::panicking() {
            tracing::error!("the SAI thread ended by a panic; nothing is programmed any more");
        }
    }
}

struct Body<D> {
    executor: Executor,
    orders: Receiver<Order>,
    dumps: Receiver<Sender<DumpAnswer>>,
    deliver: D,
    ended: Ended,
}

/// What the thread does next.
enum Next {
    Order(Order),
    Dump(Sender<DumpAnswer>),
    Slice,
    End,
}

impl<D: FnMut(BatchDone)> Body<D> {
    fn run(mut self) {
        let mut job: Option<(DumpJob, Sender<DumpAnswer>)> = None;
        loop {
            match self.next(job.is_some()) {
                Next::Order(Order::Batch(batch)) => (self.deliver)(self.executor.execute(&batch)),
                Next::Order(Order::Disown(entries)) => self.executor.disown(&entries),
                Next::Dump(asker) => match DumpJob::begin(&self.executor.table) {
                    Ok(begun) => job = Some((begun, asker)),
                    // An asker that went away wants no answer; here and below.
                    Err(error) => drop(asker.send(Err(error))),
                },
                Next::Slice => {
                    let Some((mut begun, asker)) = job.take() else { continue };
                    if begun.step(&mut self.executor.table) {
                        drop(asker.send(Ok(begun.dump)));
                    } else {
                        job = Some((begun, asker));
                    }
                }
                Next::End => break,
            }
        }
        drop(self.ended);
    }

    fn next(&self, dumping: bool) -> Next {
        match self.orders.try_recv() {
            Ok(order) => return Next::Order(order),
            Err(TryRecvError::Disconnected) => return Next::End,
            Err(TryRecvError::Empty) if dumping => return Next::Slice,
            Err(TryRecvError::Empty) => {}
        }
        select! {
            recv(self.orders) -> order => order.map_or(Next::End, Next::Order),
            recv(self.dumps) -> asker => asker.map_or(Next::End, Next::Dump),
        }
    }
}
