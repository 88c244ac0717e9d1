//! The handle: one instance, from start to stop.

use super::events::{Hub, Subscription};
use super::worker::AsicWorker;
use crate::node::io::Input;
use crate::run::core::Question;
use crate::run::ctl::read_back::ReadBack;
use crate::run::ctl::server::Commits;
use crate::run::engine::Engine;
use crate::run::thread::Guest;
use crossbeam_channel::Sender;
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A running instance. Clones are the same instance, and all of its methods may be called from any thread at any time;
/// when the last clone goes, the threads are told to end and nobody waits for them.
#[derive(Clone)]
pub struct Mlagsync {
    inner: Arc<Inner>,
}

struct Inner {
    fed: Sender<Input>,
    questions: Sender<Question>,
    commits: Arc<Commits>,
    read_back: Mutex<Option<ReadBack>>,
    hub: Arc<Hub>,
    worker: Mutex<Option<AsicWorker>>,
    guest: Guest,
    stopped: AtomicBool,
    engine: Mutex<Engine>,
}

/// What became of the threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Those that have not ended in time: `mlag-asic` where a SAI call or the NOS's `lock` does not come back,
    /// `mlag-events` where the NOS's callback does not. They end when it does.
    pub left: Vec<&'static str>,
}

const fn is_shared<T: Send + Sync + Clone>() {}
const _: () = is_shared::<Mlagsync>();

impl Mlagsync {
    pub(super) fn new(
        engine: Engine,
        fed: Sender<Input>,
        hub: Arc<Hub>,
        worker: Option<AsicWorker>,
        guest: Guest,
    ) -> Mlagsync {
        let inner = Inner {
            fed,
            questions: engine.questions(),
            commits: engine.commits(),
            read_back: Mutex::new(engine.read_back()),
            hub,
            worker: Mutex::new(worker),
            guest,
            stopped: AtomicBool::new(false),
            engine: Mutex::new(engine),
        };
        Mlagsync { inner: Arc::new(inner) }
    }

    /// News from now on; `room` of them are kept for whoever reads late, and the rest is counted.
    pub fn news(&self, room: usize) -> Subscription {
        self.inner.hub.subscribe(room)
    }

    /// The SAI calls of [`Calls::OnNosThread`](super::Calls::OnNosThread), once: `None` afterwards, and where SAI is called
    /// otherwise.
    pub fn asic_worker(&self) -> Option<AsicWorker> {
        self.inner.worker.lock().take()
    }

    /// Says goodbye to the peer and ends the threads; the ASIC keeps what it holds. Returns within `patience`, which half
    /// a second is enough for where SAI comes back. Once stopped, an instance stays so: everything else then answers that
    /// it is.
    pub fn stop(&self, patience: Duration) -> Stopped {
        let deadline = Instant::now() + patience;
        self.inner.stopped.store(true, Ordering::Relaxed);
        self.inner.guest.within(|| {
            // What nobody took ends with the instance, and what reads the ASIC back must not keep its thread.
            drop(self.inner.worker.try_lock_until(deadline).map(|mut worker| worker.take()));
            drop(self.inner.read_back.try_lock_until(deadline).map(|mut read_back| read_back.take()));
            match self.inner.engine.try_lock_until(deadline) {
                Some(mut engine) => {
                    let left = engine.stop(deadline.saturating_duration_since(Instant::now()));
                    Stopped { left }
                }
                // Somebody else is stopping it, with more patience.
                None => Stopped { left: vec!["another call of stop"] },
            }
        })
    }

    /// True once [`Mlagsync::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.inner.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn fed(&self) -> &Sender<Input> {
        &self.inner.fed
    }

    pub(super) fn questions(&self) -> &Sender<Question> {
        &self.inner.questions
    }

    pub(super) fn commits(&self) -> &Commits {
        &self.inner.commits
    }

    pub(super) fn read_back(&self) -> Option<ReadBack> {
        self.inner.read_back.lock().clone()
    }

    pub(super) fn guest(&self) -> &Guest {
        &self.inner.guest
    }
}

impl fmt::Debug for Mlagsync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mlagsync").field("stopped", &self.is_stopped()).finish_non_exhaustive()
    }
}
