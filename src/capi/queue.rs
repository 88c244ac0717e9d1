//! Events that wait for a program that fetches them.
//!
//! Invariant: whoever puts an event into the queue never waits for whoever takes it; what does not fit is counted, and
//! told in its place.

use super::input;
use super::result::*;
use super::tell::stopped;
use super::text;
use super::types::*;
use crate::run::wake::Wake;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Events that are kept for a program that fetches them.
const KEPT: usize = 4096;

/// Events that wait to be fetched.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    more: Condvar,
    /// Rings while something waits.
    bell: Wake,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<mlagsync_event_t>,
    /// Behind the last of these, so many were lost.
    lost: u64,
    ended: bool,
}

// SAFETY: the fields are plain values, which belong to no thread.
unsafe impl Send for mlagsync_event_t {}

impl Queue {
    /// An empty one.
    pub(super) fn new() -> io::Result<Queue> {
        Ok(Queue { waiting: Mutex::default(), more: Condvar::new(), bell: Wake::new()? })
    }

    /// Puts one behind the others, or counts it.
    pub(super) fn push(&self, event: mlagsync_event_t, lost: &AtomicU64) {
        let mut waiting = self.waiting.lock();
        // An overflow takes a place of its own, in front of what comes after it.
        let needed = 1 + usize::from(waiting.lost > 0);
        if waiting.events.len() + needed > KEPT {
            waiting.lost += 1;
            lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if waiting.lost > 0 {
            let count = std::mem::take(&mut waiting.lost);
            waiting.events.push_back(overflow(count));
        }
        waiting.events.push_back(event);
        self.bell.ring();
        self.more.notify_one();
    }

    /// There will be no more.
    pub(super) fn end(&self) {
        self.waiting.lock().ended = true;
        self.bell.ring();
        self.more.notify_all();
    }

    /// What is readable while something waits.
    pub(super) fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Takes the first; `Ok(None)` when none comes in time.
    pub(super) fn take(&self, patience: Duration) -> Answer<Option<mlagsync_event_t>> {
        let deadline = Instant::now() + patience;
        let mut waiting = self.waiting.lock();
        loop {
            let first = match waiting.events.pop_front() {
                None if waiting.lost > 0 => Some(overflow(std::mem::take(&mut waiting.lost))),
                first => first,
            };
            if waiting.events.is_empty() && waiting.lost == 0 && !waiting.ended {
                self.bell.hush();
            }
            if first.is_some() {
                return Ok(first);
            }
            if waiting.ended {
                return Err(stopped());
            }
            if self.more.wait_until(&mut waiting, deadline).timed_out() && waiting.events.is_empty() {
                return if waiting.ended { Err(stopped()) } else { Ok(None) };
            }
        }
    }
}

/// So many were lost.
pub(super) fn overflow(count: u64) -> mlagsync_event_t {
    let mut event: mlagsync_event_t = input::zeroed();
    event.struct_size = size_of::<mlagsync_event_t>() as u32;
    event.r#type = MLAGSYNC_EVENT_OVERFLOW;
    event.count = count;
    text::put("overflow", &mut event.reason);
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(n: u64) -> mlagsync_event_t {
        let mut event = overflow(n);
        event.r#type = MLAGSYNC_EVENT_OTHER;
        event
    }

    #[test]
    fn what_does_not_fit_is_counted_and_told_in_its_place() {
        let (queue, lost) = (Queue::new().expect("a descriptor"), AtomicU64::new(0));
        for n in 0..KEPT as u64 + 3 {
            queue.push(event(n), &lost);
        }
        assert_eq!(lost.load(Ordering::Relaxed), 3);
        let next = || queue.take(Duration::ZERO).ok().flatten().map(|event| (event.r#type, event.count));
        assert_eq!(next(), Some((MLAGSYNC_EVENT_OTHER, 0)));
        assert_eq!(next(), Some((MLAGSYNC_EVENT_OTHER, 1)));
        queue.push(event(9999), &lost);
        for n in 2..KEPT as u64 {
            assert_eq!(next(), Some((MLAGSYNC_EVENT_OTHER, n)));
        }
        assert_eq!(next(), Some((MLAGSYNC_EVENT_OVERFLOW, 3)));
        assert_eq!(next(), Some((MLAGSYNC_EVENT_OTHER, 9999)));
        assert_eq!(next(), None);
        queue.end();
        assert_eq!(queue.take(Duration::ZERO).err().map(|e| e.code), Some(MLAGSYNC_E_STOPPED));
    }

    #[test]
    fn what_was_lost_last_is_told_too() {
        let (queue, lost) = (Queue::new().expect("a descriptor"), AtomicU64::new(0));
        for n in 0..KEPT as u64 + 1 {
            queue.push(event(n), &lost);
        }
        let types: Vec<i32> =
            std::iter::from_fn(|| queue.take(Duration::ZERO).ok().flatten()).map(|e| e.r#type).collect();
        assert_eq!(types.len(), KEPT + 1);
        assert_eq!(types.last(), Some(&MLAGSYNC_EVENT_OVERFLOW));
    }
}
