//! What the SAI thread does, one thing after the other, on whichever thread that is.
//!
//! Invariant: SAI is called within the process's own lock, where there is one, and not a batch longer.

use super::dump::DumpJob;
use super::executor::Executor;
use super::{Done, DumpAnswer, Errand, Order};
use crate::node::io::Ours;
use crate::run::journal::Journal;
use crate::run::warm;
use crate::sai::Switch;
use crossbeam_channel::{Receiver, Sender, TryRecvError, at, never, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

/// The work.
pub(crate) struct Worker<D> {
    pub(super) executor: Executor,
    pub(super) orders: Receiver<Order>,
    pub(super) dumps: Receiver<Sender<DumpAnswer>>,
    pub(super) switch: Switch,
    pub(super) errands: Receiver<Errand>,
    pub(super) deliver: D,
    /// A dump on its way, and who asked.
    pub(super) job: Option<(DumpJob, Sender<DumpAnswer>)>,
    pub(super) turns: Option<Turns>,
    /// What is done before everything else.
    pub(crate) warm: Option<Warm>,
    pub(super) ended: Ended,
}

/// Says that the work ended, however it did.
pub(super) struct Ended(pub(super) Arc<AtomicBool>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        if thread::panicking() {
            tracing::error!("the SAI thread ended by a panic; nothing is programmed any more");
        }
    }
}

/// A record of what is ours in an ASIC that may hold it still. To find out takes SAI calls.
pub(crate) struct Warm {
    /// The record.
    pub(crate) journal: Journal,
    /// The ASIC.
    pub(crate) switch: Switch,
    /// Told what is ours in it.
    pub(crate) tell: Box<dyn FnOnce(Ours) + Send>,
}

impl Warm {
    /// Ties the record to the ASIC. From then on it is the executor's.
    fn begin(mut self) -> Executor {
        match self.journal.attach(&self.switch) {
            Ok(_) => {
                (self.tell)(warm::ours(&self.journal));
                Executor::with_journal(&self.switch, Some(self.journal))
            }
            Err(error) => {
                tracing::error!(%error, "the ASIC's boot cannot be marked: nothing is recorded");
                (self.tell)(Ours::default());
                Executor::new(&self.switch)
            }
        }
    }
}

/// The process's own lock around SAI.
#[derive(Clone)]
pub(crate) struct Turns {
    /// Takes it; may wait.
    pub(crate) lock: Arc<dyn Fn() + Send + Sync>,
    /// Gives it back.
    pub(crate) unlock: Arc<dyn Fn() + Send + Sync>,
}

impl Turns {
    fn hold(&self) -> Held<'_> {
        (self.lock)();
        Held(self)
    }
}

struct Held<'a>(&'a Turns);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        (self.0.unlock)();
    }
}

/// What is done next.
enum Next {
    Order(Order),
    Dump(Sender<DumpAnswer>),
    Slice,
    Errand(Errand),
    Nothing,
    End,
}

impl Next {
    fn calls_sai(&self) -> bool {
        match self {
            Next::Order(order) => order.is_answered(),
            Next::Dump(_) | Next::Slice | Next::Errand(_) => true,
            Next::Nothing | Next::End => false,
        }
    }
}

impl<D: FnMut(Done)> Worker<D> {
    /// Works until every handle is gone.
    pub(crate) fn run(mut self) {
        while self.step(None) {}
        drop(self.ended);
    }

    /// Does one thing, waiting for it until the deadline; false when every handle is gone.
    pub(crate) fn step(&mut self, deadline: Option<Instant>) -> bool {
        if let Some(warm) = self.warm.take() {
            let _turn = self.turns.as_ref().map(Turns::hold);
            self.executor = warm.begin();
            return true;
        }
        let next = self.next(deadline);
        let turn = self.turns.as_ref().filter(|_| next.calls_sai()).map(Turns::hold);
        match next {
            Next::Order(order) => {
                let done = self.executor.obey(&order);
                drop(turn);
                if let Some(done) = done {
                    (self.deliver)(done);
                }
                if let Some(news) = self.executor.journal_news() {
                    (self.deliver)(news);
                }
            }
            Next::Dump(asker) => match DumpJob::begin(self.executor.neighbors()) {
                Ok(begun) => self.job = Some((begun, asker)),
                // An asker that went away wants no answer; here and below.
                Err(error) => drop(asker.send(Err(error))),
            },
            Next::Slice => {
                let Some((mut begun, asker)) = self.job.take() else { return true };
                if begun.step(self.executor.neighbors()) {
                    drop(asker.send(Ok(begun.dump)));
                } else {
                    self.job = Some((begun, asker));
                }
            }
            Next::Errand(errand) => errand(&self.switch),
            Next::Nothing => {}
            Next::End => return false,
        }
        true
    }

    /// True when something waits to be done.
    pub(crate) fn has_work(&self) -> bool {
        self.warm.is_some()
            || self.job.is_some()
            || !self.orders.is_empty()
            || !self.dumps.is_empty()
            || !self.errands.is_empty()
    }

    fn next(&self, deadline: Option<Instant>) -> Next {
        match self.orders.try_recv() {
            Ok(order) => return Next::Order(order),
            Err(TryRecvError::Disconnected) => return Next::End,
            Err(TryRecvError::Empty) => {}
        }
        if let Ok(errand) = self.errands.try_recv() {
            return Next::Errand(errand);
        }
        if self.job.is_some() {
            return Next::Slice;
        }
        let late = deadline.map_or_else(never, at);
        select! {
            recv(self.orders) -> order => order.map_or(Next::End, Next::Order),
            recv(self.dumps) -> asker => asker.map_or(Next::End, Next::Dump),
            recv(self.errands) -> errand => errand.map_or(Next::End, Next::Errand),
            recv(late) -> _ => Next::Nothing,
        }
    }
}
