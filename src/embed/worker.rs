//! SAI calls on a thread of the NOS's.

use crate::run::engine::AsicWork;
use crate::run::thread::Guest;
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// Where the engine leaves the work.
pub(super) type Handover = Arc<Mutex<Option<AsicWork>>>;

/// The SAI calls of an instance, for a thread of the NOS's.
pub struct AsicWorker {
    work: AsicWork,
    guest: Guest,
}

/// What [`AsicWorker::run`] leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing waits.
    Done,
    /// The deadline has passed and more waits.
    More,
    /// The instance has been stopped: there will be nothing more.
    Ended,
}

impl AsicWorker {
    pub(super) fn new(work: AsicWork, guest: Guest) -> AsicWorker {
        AsicWorker { work, guest }
    }

    /// Does what waits, and waits for more, until the deadline; with a deadline that has passed it does one piece of work,
    /// if one waits. It returns late by one batch, which is some milliseconds of SAI's time unless a call hangs.
    pub fn run(&mut self, deadline: Instant) -> Work {
        let AsicWorker { work, guest } = self;
        guest.within(|| {
            loop {
                if !work.step(Some(deadline)) {
                    return Work::Ended;
                }
                if Instant::now() >= deadline {
                    return if work.has_work() { Work::More } else { Work::Done };
                }
            }
        })
    }
}

impl fmt::Debug for AsicWorker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsicWorker")
    }
}
