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
//! Invariant: batches go first; a dump goes on, a slice at a time, while no batch waits. A batch that was taken is
//! answered once. What is dumped comes from the ASIC alone, never from what the mirror believes.

use crate::mirror::batch::{Batch, BatchDone, Op, OpKind, Outcome};
use crate::neighbor::Host;
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
}

impl Executor {
    /// For the neighbour table of this switch.
    pub fn new(switch: &Switch) -> Self {
        Executor { table: NeighborTable::new(switch), keys: Vec::new() }
    }

    /// Executes a batch and says what became of each of its entries.
    pub fn execute(&mut self, batch: &Batch) -> BatchDone {
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
        let outcomes = match batch.kind {
            OpKind::Read => self.table.readings().iter().map(|reading| read_outcome(*reading)).collect(),
            _ => self.table.answers().iter().map(|answer| outcome(*answer)).collect(),
        };
        let Report { trouble, calls, ns } = report;
        BatchDone { id: batch.id, outcomes, switch_trouble: trouble, asic_ns: ns, calls }
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
    batches: Sender<Batch>,
    dumps: Sender<Sender<DumpAnswer>>,
    library: Library,
    ended: Arc<AtomicBool>,
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
        let (batches, batches_in) = bounded(WAITING);
        let (dumps, dumps_in) = bounded(DUMPS_WAITING);
        let ended = Arc::new(AtomicBool::new(false));
        let body = Body {
            executor: Executor::new(switch),
            batches: batches_in,
            dumps: dumps_in,
            deliver,
            ended: Ended(ended.clone()),
        };
        let thread = thread::Builder::new().name("mlag-asic".to_owned()).spawn(move || body.run())?;
        let handle = AsicHandle { batches, dumps, library: switch.library().clone(), ended };
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
        self.batches.try_send(batch).map_err(|e| match e {
            TrySendError::Full(batch) | TrySendError::Disconnected(batch) => batch,
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
    batches: Receiver<Batch>,
    dumps: Receiver<Sender<DumpAnswer>>,
    deliver: D,
    ended: Ended,
}

/// What the thread does next.
enum Next {
    Batch(Batch),
    Dump(Sender<DumpAnswer>),
    Slice,
    End,
}

impl<D: FnMut(BatchDone)> Body<D> {
    fn run(mut self) {
        let mut job: Option<(DumpJob, Sender<DumpAnswer>)> = None;
        loop {
            match self.next(job.is_some()) {
                Next::Batch(batch) => (self.deliver)(self.executor.execute(&batch)),
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
        match self.batches.try_recv() {
            Ok(batch) => return Next::Batch(batch),
            Err(TryRecvError::Disconnected) => return Next::End,
            Err(TryRecvError::Empty) if dumping => return Next::Slice,
            Err(TryRecvError::Empty) => {}
        }
        select! {
            recv(self.batches) -> batch => batch.map_or(Next::End, Next::Batch),
            recv(self.dumps) -> asker => asker.map_or(Next::End, Next::Dump),
        }
    }
}
