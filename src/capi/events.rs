//! Events for C: each with its number, and a queue for programs that fetch them.
//!
//! Invariant: whoever puts an event into the queue never waits for whoever takes it; what does not fit is counted, and
//! told in its place.

use super::convert::{interface_to_c, key_to_c, ready_to_c};
use super::guard::Inside;
use super::input::{self, Place, Slot};
use super::life::with;
use super::result::*;
use super::tell::stopped;
use super::text;
use super::types::*;
use crate::embed::News;
use crate::node::io::Event;
use crate::run::wake::Wake;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
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

    /// Takes the first; `Ok(None)` when none comes in time.
    fn take(&self, patience: Duration) -> Answer<Option<mlagsync_event_t>> {
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

fn overflow(count: u64) -> mlagsync_event_t {
    let mut event: mlagsync_event_t = input::zeroed();
    event.struct_size = size_of::<mlagsync_event_t>() as u32;
    event.r#type = MLAGSYNC_EVENT_OVERFLOW;
    event.count = count;
    text::put("overflow", &mut event.reason);
    event
}

/// An event for C.
pub(super) fn to_c(news: &News, lost: &AtomicU64) -> mlagsync_event_t {
    let mut to: mlagsync_event_t = input::zeroed();
    to.struct_size = size_of::<mlagsync_event_t>() as u32;
    match news {
        News::Event(event) => {
            fill(&mut to, event);
            let json = serde_json::to_value(event).unwrap_or_default();
            let name = ["reason", "missing", "why", "event"].iter().find_map(|name| json[name].as_str());
            text::put(name.unwrap_or_default(), &mut to.reason);
            text::put(&json.to_string(), &mut to.text);
        }
        News::Overflow { lost: count } => {
            lost.fetch_add(*count, Ordering::Relaxed);
            to = overflow(*count);
        }
        News::ThreadEnded { thread, error } => {
            to.r#type = MLAGSYNC_EVENT_THREAD_ENDED;
            text::put(thread, &mut to.reason);
            text::put(&format!("the thread {thread} ended: {error}"), &mut to.text);
        }
    }
    to
}

/// The number of an event, and the numbers in it.
fn fill(to: &mut mlagsync_event_t, event: &Event) {
    use Event as E;
    #[allow(unreachable_patterns, reason = "an event that is new has no number of its own at first")]
    let (number, count, other) = match event {
        E::SessionUp { peer } => {
            to.peer = peer.0;
            (MLAGSYNC_EVENT_SESSION_UP, 0, 0)
        }
        E::SessionDown { .. } => (MLAGSYNC_EVENT_SESSION_DOWN, 0, 0),
        E::SyncBegan => (MLAGSYNC_EVENT_SYNC_BEGAN, 0, 0),
        E::SyncEnded { claims, swept } => (MLAGSYNC_EVENT_SYNC_ENDED, *claims, *swept),
        E::SweepHeld { claims, named } => (MLAGSYNC_EVENT_SWEEP_HELD, *claims, *named),
        E::LeftoversHeld { entries } => (MLAGSYNC_EVENT_LEFTOVERS_HELD, *entries, 0),
        E::LeftoversSwept { entries } => (MLAGSYNC_EVENT_LEFTOVERS_SWEPT, *entries, 0),
        E::Swept { claims } => (MLAGSYNC_EVENT_SWEPT, *claims, 0),
        E::CopyDiffers { told, held, .. } => (MLAGSYNC_EVENT_COPY_DIFFERS, *told, *held),
        E::StaleEnded { gone, probed } => (MLAGSYNC_EVENT_STALE_ENDED, *gone, *probed),
        E::GhostsEnded { gone } => (MLAGSYNC_EVENT_GHOSTS_ENDED, *gone, 0),
        E::PeerRestarts { after_ms } => (MLAGSYNC_EVENT_PEER_RESTARTS, *after_ms, 0),
        E::CopyRepaired { buckets } => (MLAGSYNC_EVENT_COPY_REPAIRED, *buckets, 0),
        E::CopyUnrepaired { told, held } => (MLAGSYNC_EVENT_COPY_UNREPAIRED, *told, *held),
        E::SelfReady { state } => {
            to.state = ready_to_c(*state);
            (MLAGSYNC_EVENT_SELF_READY, 0, 0)
        }
        E::PeerReady { state } => {
            to.state = ready_to_c(*state);
            (MLAGSYNC_EVENT_PEER_READY, 0, 0)
        }
        E::Confirmed { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_CONFIRMED, 0, 0)
        }
        E::CopyTruncated { claims } => (MLAGSYNC_EVENT_COPY_TRUNCATED, *claims, 0),
        E::SyncProgrammed { elapsed_ns } => (MLAGSYNC_EVENT_SYNC_PROGRAMMED, *elapsed_ns, 0),
        E::Resumed { position } => (MLAGSYNC_EVENT_RESUMED, position.0, 0),
        E::EndSent { position } => (MLAGSYNC_EVENT_END_SENT, position.0, 0),
        E::AsicTrouble { status } => {
            to.status = status.0;
            (MLAGSYNC_EVENT_ASIC_TROUBLE, 0, 0)
        }
        E::AsicDown { .. } => (MLAGSYNC_EVENT_ASIC_DOWN, 0, 0),
        E::AsicRestarted { intact, entries } => {
            to.state = intact.map_or(-1, i32::from);
            (MLAGSYNC_EVENT_ASIC_RESTARTED, *entries, 0)
        }
        E::AsicRestored { entries, written } => (MLAGSYNC_EVENT_ASIC_RESTORED, *entries, *written),
        E::Repaired { key, found } => {
            (to.key, to.other_mac) = (key_to_c(*key), found.unwrap_or_default().0);
            (MLAGSYNC_EVENT_REPAIRED, 0, 0)
        }
        E::MoreRepaired { entries } => (MLAGSYNC_EVENT_MORE_REPAIRED, *entries, 0),
        E::Contested { key, found } => {
            (to.key, to.other_mac) = (key_to_c(*key), found.unwrap_or_default().0);
            (MLAGSYNC_EVENT_CONTESTED, 0, 0)
        }
        E::Asynchronous { early } => {
            to.state = i32::from(*early);
            (MLAGSYNC_EVENT_ASYNCHRONOUS, 0, 0)
        }
        E::ForeignEntries { entries } => (MLAGSYNC_EVENT_FOREIGN_ENTRIES, *entries, 0),
        E::AsicHangs { for_ms } => (MLAGSYNC_EVENT_ASIC_HANGS, *for_ms, 0),
        E::AsicBack => (MLAGSYNC_EVENT_ASIC_BACK, 0, 0),
        E::PeerAsic { hangs } => {
            to.state = i32::from(*hangs);
            (MLAGSYNC_EVENT_PEER_ASIC, 0, 0)
        }
        E::Released { interface } => {
            to.key.interface = interface_to_c(*interface);
            (MLAGSYNC_EVENT_RELEASED, 0, 0)
        }
        E::VrfDiffers { interface, .. } => {
            to.key.interface = interface_to_c(*interface);
            (MLAGSYNC_EVENT_VRF_DIFFERS, 0, 0)
        }
        E::Frozen { key, for_ms } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_FROZEN, *for_ms, 0)
        }
        E::Thawed { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_THAWED, 0, 0)
        }
        E::Probe { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_PROBE, 0, 0)
        }
        E::StaticDisputed { key, ours, theirs } => {
            (to.key, to.mac, to.other_mac) = (key_to_c(*key), ours.0, theirs.0);
            (MLAGSYNC_EVENT_STATIC_DISPUTED, 0, 0)
        }
        E::TakenAway { key } => {
            to.key = key_to_c(*key);
            (MLAGSYNC_EVENT_TAKEN_AWAY, 0, 0)
        }
        _ => (MLAGSYNC_EVENT_OTHER, 0, 0),
    };
    (to.r#type, to.count, to.other) = (number, count, other);
}

fn fetched() -> Failure {
    Failure::new(MLAGSYNC_E_STATE, "events go to the callback of mlagsync_builder_on_event")
}

/// The next event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_next_event(
    handle: *mut mlagsync_t,
    event: *mut mlagsync_event_t,
    wait_ms: u32,
) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, writable for its struct_size, or NULL.
        let slot = unsafe { Slot::new("event", event) }?;
        if super::guard::inside() == Inside::Event(instance.number) {
            return Err(Failure::new(MLAGSYNC_E_CALLBACK, "mlagsync_next_event from inside on_event"));
        }
        let queue = instance.queue.as_ref().ok_or_else(fetched)?;
        match queue.take(Duration::from_millis(wait_ms.into()))? {
            Some(event) => slot.put(event),
            None => return Ok(MLAGSYNC_AGAIN),
        }
        Ok(MLAGSYNC_OK)
    })
}

/// A descriptor that is readable while there is an event to take.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_event_fd(handle: *mut mlagsync_t, fd: *mut i32) -> mlagsync_result_t {
    with(handle, |instance| {
        // SAFETY: by the header, writable, or NULL.
        let place = unsafe { Place::new("fd", fd) }?;
        let queue = instance.queue.as_ref().ok_or_else(fetched)?;
        place.put(queue.bell.as_fd().as_raw_fd());
        Ok(MLAGSYNC_OK)
    })
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
