//! A switch from its start to its end.
//!
//! Invariant: what a handle names is used through a count of users, so that freeing it in one thread never pulls it away
//! from another; `stop` and `free` are refused where they would wait for themselves.

use super::builder;
use super::guard::{Inside, call, caught, inside};
use super::handle::Table;
use super::input::Place;
use super::queue::Queue;
use super::result::*;
use super::tell::stopped;
use super::types::*;
use crate::embed::{AsicWorker, Mlagsync, Work};
use crate::limits;
use parking_lot::Mutex;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Every switch of this process.
static INSTANCES: Table<Instance> = Table::new(1, "mlagsync_t");

/// A switch that runs, or ran.
pub(super) struct Instance {
    /// Its number in this process: what a callback's thread knows it by.
    pub(super) number: u64,
    /// The Rust API.
    pub(super) api: Mlagsync,
    /// Its events, where no callback takes them.
    pub(super) queue: Option<Arc<Queue>>,
    /// How many events were lost so far.
    pub(super) lost: Arc<AtomicU64>,
    worker: Mutex<Option<AsicWorker>>,
    panicked: AtomicBool,
    /// How `stop` ended; held while it is under way.
    stopped: Mutex<Option<mlagsync_result_t>>,
}

impl Instance {
    /// One that was started just now.
    pub(super) fn new(
        number: u64,
        api: Mlagsync,
        queue: Option<Arc<Queue>>,
        lost: Arc<AtomicU64>,
    ) -> Instance {
        let worker = Mutex::new(api.asic_worker());
        let (panicked, stopped) = (AtomicBool::new(false), Mutex::new(None));
        Instance { number, api, queue, lost, worker, panicked, stopped }
    }

    fn not_from_its_callback(&self, what: &str) -> Answer<()> {
        match inside() == Inside::Event(self.number) {
            true => {
                Err(Failure::new(MLAGSYNC_E_CALLBACK, format!("{what} from inside on_event of the handle")))
            }
            false => Ok(()),
        }
    }

    fn stop(&self, timeout: Duration) -> Answer {
        let Some(mut stopped) = self.stopped.try_lock_for(timeout) else {
            return Err(Failure::new(
                MLAGSYNC_E_TIMEOUT,
                "another thread is stopping it and has not finished",
            ));
        };
        if let Some(result) = *stopped {
            return Ok(result);
        }
        // Where a thread of the program's has it, that thread gives it up when it hears of the end.
        if let Some(mut worker) = self.worker.try_lock() {
            worker.take();
        }
        let left = self.api.stop(timeout).left;
        if let Some(queue) = &self.queue {
            queue.end();
        }
        let result = if left.is_empty() { MLAGSYNC_OK } else { MLAGSYNC_LEFT_BEHIND };
        *stopped = Some(result);
        Ok(result)
    }
}

/// Runs an entry point on a switch.
pub(super) fn with(handle: *mut mlagsync_t, run: impl FnOnce(&Instance) -> Answer) -> mlagsync_result_t {
    call(|| {
        let instance = INSTANCES.find(handle.addr())?;
        if instance.panicked.load(Ordering::Relaxed) {
            return Err(Failure::new(MLAGSYNC_E_PANIC, "an earlier call on this handle met a fault"));
        }
        caught(|| run(&instance)).unwrap_or_else(|failure| {
            instance.panicked.store(true, Ordering::Relaxed);
            Err(failure)
        })
    })
}

/// The same on one that is not stopped.
pub(super) fn with_running(
    handle: *mut mlagsync_t,
    run: impl FnOnce(&Mlagsync) -> Answer,
) -> mlagsync_result_t {
    with(handle, |instance| if instance.api.is_stopped() { Err(stopped()) } else { run(&instance.api) })
}

/// Starts a switch.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_start(
    builder: *mut mlagsync_builder_t,
    handle: *mut *mut mlagsync_t,
) -> mlagsync_result_t {
    call(|| {
        // SAFETY: by the header, writable, or NULL.
        let place = unsafe { Place::new("handle", handle) }?;
        let instance = builder::start(builder)?;
        let name = INSTANCES.insert(Arc::new(instance))?;
        place.put(ptr::without_provenance_mut(name));
        Ok(MLAGSYNC_OK)
    })
}

/// Takes leave of the peer and ends the threads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_stop(handle: *mut mlagsync_t, timeout_ms: u32) -> mlagsync_result_t {
    call(|| {
        let instance = INSTANCES.find(handle.addr())?;
        instance.not_from_its_callback("mlagsync_stop")?;
        let timeout = match timeout_ms {
            0 => limits::STOP,
            ms => Duration::from_millis(ms.into()),
        };
        instance.stop(timeout)
    })
}

/// Stops it, unless that was done, and ends the handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_free(handle: *mut mlagsync_t) -> mlagsync_result_t {
    call(|| {
        INSTANCES.find(handle.addr())?.not_from_its_callback("mlagsync_free")?;
        // From here on the handle is nobody's, whoever else frees it at the same time.
        INSTANCES.remove(handle.addr())?.stop(limits::STOP)
    })
}

/// Runs what waits for SAI on the calling thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_run_batches(
    handle: *mut mlagsync_t,
    budget_ms: u32,
    more: *mut i32,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, writable, or NULL.
        let more = unsafe { Place::new("more", more) }?;
        instance.not_from_its_callback("mlagsync_run_batches")?;
        let Some(mut worker) = instance.worker.try_lock() else { return Ok(MLAGSYNC_AGAIN) };
        let Some(work) = worker.as_mut() else {
            return Err(match instance.api.is_stopped() {
                true => stopped(),
                false => Failure::new(MLAGSYNC_E_STATE, "SAI is called by a thread of the library's"),
            });
        };
        let waits = match work.run(Instant::now() + Duration::from_millis(budget_ms.into())) {
            Work::Done => 0,
            Work::More => 1,
            Work::Ended => {
                worker.take();
                return Err(stopped());
            }
        };
        more.put(waits);
        Ok(MLAGSYNC_OK)
    })
}
