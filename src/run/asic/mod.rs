//! Batches into SAI calls, and the one thread that makes them.
//!
//! ```text
//!   core ──► batches (bounded) ──► mlag-asic: Executor ──► libsai
//!        ◄── deliver(BatchDone) ──     │  ▲
//!   ctl  ──► dump ────────────────────►┘  └── Health: since when a call is inside, whether the thread lives
//! ```
//!
//! Batches of neighbours, of FDB entries and of host routes, and what the journal is to forget, stand in one queue: what
//! was asked for first is done first, whatever it is. A host route by a neighbour brings its next hop with it: made before
//! the route, removed when the route is gone, and always before the neighbour.
//!
//! A call may hang for as long as the vendor likes; whoever wants to know asks [`AsicHandle::health`], which takes no
//! lock.
//!
//! With a [journal](super::journal), what a batch is about to create is named there before the library is called, and what the library
//! confirms to be removed is erased behind it.
//!
//! Invariant: batches go first; a dump goes on, a slice at a time, while no batch waits. A batch that was taken is
//! answered once. What is dumped comes from the ASIC alone, never from what the mirror believes.

mod dump;
mod executor;
mod fdb;
mod hops;
mod kept;
mod protection;
mod record;
mod route;
mod survey;
mod ways;
mod worker;

pub use dump::Dump;
pub use executor::Executor;
pub(crate) use worker::{Turns, Warm, Worker};

use crate::addr::InterfaceId;
use crate::mirror::batch::{Batch, BatchDone, FdbHost, FdbOp, Owned, RouteOp, Via};
use crate::node::io::{Input, Listed, NoRoom, Protection};
use crate::run::thread::Guest;
use crate::sai::{Error, Library, Oid, Switch, id};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use worker::Ended;

/// Batches that wait for the thread at most; the node has fewer in flight.
const WAITING: usize = 16;

/// Dumps that wait at most: people ask for them.
const DUMPS_WAITING: usize = 4;

/// What a dump is answered with.
pub type DumpAnswer = Result<Dump, Error>;

/// Something else that is asked of the library: what little of it there is, is asked where all calls are made.
pub type Errand = Box<dyn FnOnce(&Switch) + Send>;

/// Errands that wait at most.
const ERRANDS_WAITING: usize = 4;

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
    errands: Sender<Errand>,
    library: Library,
    ended: Arc<AtomicBool>,
}

/// What the SAI thread is told, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Neighbours.
    Program(Batch),
    /// FDB entries.
    Fdb(Batch<FdbOp>),
    /// Host routes.
    Route(Batch<RouteOp>),
    /// Can this bridge port be protected?
    Probe(Oid<id::BridgePort>),
    /// What is sent to this bridge port is to leave by its protection group, or not any more.
    Protect {
        /// Which port.
        port: Oid<id::BridgePort>,
        /// It is.
        on: bool,
    },
    /// To list what the ASIC holds, or to go on.
    Survey,
    /// These entries are not ours any more, or were found not to be there.
    Disown(Vec<Owned>),
    /// This router interface is an interface's, which the journal is to name; or is not any more.
    Bound {
        /// The interface.
        interface: InterfaceId,
        /// The router interface.
        rif: Oid<id::RouterInterface>,
        /// Not any more.
        gone: bool,
    },
}

impl Order {
    /// True when it will be answered.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Order::Disown(_) | Order::Bound { .. })
    }
}

/// An order that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Of neighbours.
    Program(BatchDone),
    /// Of FDB entries.
    Fdb(BatchDone<FdbHost>),
    /// Of host routes.
    Route(BatchDone<Via>),
    /// How a bridge port's protection stands now.
    Protection {
        /// Which port.
        port: Oid<id::BridgePort>,
        /// How.
        state: Protection,
    },
    /// Of what is in the ASIC.
    Listed(Listed),
    /// The journal's room: nobody asks for it.
    Journal {
        /// Why it has none.
        full: Option<NoRoom>,
        /// So often something found none.
        unrecorded: u64,
        /// Records that it has.
        records: u64,
    },
}

impl Done {
    /// True for what answers an order.
    pub fn is_answer(&self) -> bool {
        !matches!(self, Done::Journal { .. })
    }
}

impl From<Done> for Input {
    fn from(done: Done) -> Input {
        match done {
            Done::Program(done) => Input::BatchDone(done),
            Done::Fdb(done) => Input::FdbDone(done),
            Done::Route(done) => Input::RouteDone(done),
            Done::Protection { port, state } => Input::Protection { port, state },
            Done::Listed(listed) => Input::Listed(listed),
            Done::Journal { full, unrecorded, records } => Input::Journal { full, unrecorded, records },
        }
    }
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
    pub fn spawn(switch: &Switch, deliver: impl FnMut(Done) + Send + 'static) -> std::io::Result<Asic> {
        Asic::start(Executor::new(switch), deliver)
    }

    /// The same with an executor that was made before.
    pub fn start(executor: Executor, deliver: impl FnMut(Done) + Send + 'static) -> std::io::Result<Asic> {
        let (handle, worker) = Asic::prepare(executor, None, deliver);
        let thread = Guest::default().spawn("mlag-asic", move || worker.run())?;
        Ok(Asic { handle, thread })
    }

    /// The thread's work and the way to it, for whoever has a thread for it.
    pub(crate) fn prepare<D: FnMut(Done) + Send + 'static>(
        executor: Executor,
        turns: Option<Turns>,
        deliver: D,
    ) -> (AsicHandle, Worker<D>) {
        let library = executor.switch().library().clone();
        let (orders, orders_in) = bounded(WAITING);
        let (dumps, dumps_in) = bounded(DUMPS_WAITING);
        let (errands, errands_in) = bounded(ERRANDS_WAITING);
        let ended = Arc::new(AtomicBool::new(false));
        let worker = Worker {
            switch: executor.switch().clone(),
            errands: errands_in,
            executor,
            orders: orders_in,
            dumps: dumps_in,
            deliver,
            job: None,
            turns,
            warm: None,
            ended: Ended(ended.clone()),
        };
        (AsicHandle { orders, dumps, errands, library, ended }, worker)
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
    /// Hands a batch of neighbours over, or gives it back: the thread has as many as it takes, or has ended.
    pub fn submit(&self, batch: Batch) -> Result<(), Batch> {
        self.order(Order::Program(batch)).map_err(|back| match back {
            Order::Program(batch) => batch,
            _ => unreachable!("what comes back is what was sent"),
        })
    }

    /// Hands an order over, behind those before it; or gives it back.
    pub fn order(&self, order: Order) -> Result<(), Order> {
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

    /// Has the thread run an errand when batches leave time for it; false when it does not take it.
    pub fn errand(&self, errand: Errand) -> bool {
        self.errands.try_send(errand).is_ok()
    }

    /// How the thread is.
    pub fn health(&self) -> Health {
        Health { in_call_for: self.library.busy_for(), alive: !self.ended.load(Ordering::Relaxed) }
    }
}
