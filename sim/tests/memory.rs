//! What the simulator allocates: bytes for each neighbour, and nothing at all for a call that changes nothing, unless
//! somebody wants it written down.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::ptr;

use sai_sys::*;
use support::*;

/// Bytes that a neighbour may take, with all that its table keeps for it.
const MOST: usize = 150;

/// Entries of a bulk call.
const BATCH: usize = 1024;

/// Counts what each thread allocates, so that tests beside this one count for themselves.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<isize> = const { Cell::new(0) };
    static MOST_BYTES: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread that ends allocates when nothing counts any more.
    let _ = BYTES.try_with(|all| {
        all.set(all.get() + bytes);
        let _ = MOST_BYTES.try_with(|most| most.set(most.get().max(all.get())));
    });
    if bytes > 0 {
        let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
    }
}

// SAFETY: all is done by the system's allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: by this function's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: by this function's contract.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Calls of the allocator that this takes.
fn allocations(deed: impl FnOnce()) -> usize {
    let before = CALLS.get();
    deed();
    CALLS.get() - before
}

/// What creating these neighbours in bulk leaves allocated, and what it had allocated at most, in bytes for each.
fn bytes_each(client: &Client, count: usize, ip: impl Fn(usize) -> IpAddr) -> [usize; 2] {
    let create = client.neighbor.create_neighbor_entries.unwrap();
    let (attr, counts, mut statuses) = (mac(1), [1_u32; BATCH], [UNTOUCHED; BATCH]);
    let mut lists = [&raw const attr; BATCH];
    let mut batch = Vec::with_capacity(BATCH);
    let before = BYTES.get();
    MOST_BYTES.set(before);
    for first in (0..count).step_by(BATCH) {
        batch.clear();
        batch.extend((first..count.min(first + BATCH)).map(|n| client.entry_at(client.rif, ip(n))));
        let (len, lists) = (batch.len() as u32, lists.as_mut_ptr());
        // SAFETY: all places are ours.
        let status =
            unsafe { create(len, batch.as_ptr(), counts.as_ptr(), lists, STOP, statuses.as_mut_ptr()) };
        assert_eq!(status, SUCCESS);
    }
    [BYTES.get() - before, MOST_BYTES.get() - before].map(|bytes| usize::try_from(bytes).unwrap() / count)
}

fn v4(n: usize) -> IpAddr {
    Ipv4Addr::from(0x0a00_0001 + n as u32).into()
}

fn v6(n: usize) -> IpAddr {
    Ipv6Addr::from((0x2001_0db8 << 96) + n as u128 + 1).into()
}

#[test]
fn a_neighbour_takes_at_most_150_bytes() {
    // One more than a power of two is the worst: the table has just grown.
    for count in [128 << 10, (128 << 10) + 1, 1 << 20, (1 << 20) + 1] {
        for ip in [v4, v6] {
            let client = Client::new(&[("SAI_SIM_PORTS", "1")]);
            let [left, most] = bytes_each(&client, count, ip);
            assert!(left >= 28, "that is the entry itself: {left}");
            assert!(left <= MOST && most <= MOST, "{count}: {left} bytes, {most} while it grew");
        }
    }
}

#[test]
fn a_neighbour_that_is_asked_for_takes_at_most_150_bytes_too() {
    for ip in [v4, v6] {
        let client = Client::new(&[("SAI_SIM_PORTS", "1")]);
        let ask = || client.switch.forward(client.switch.default_virtual_router(), ip(0));
        ask();
        let count = (128 << 10) + 1;
        let [left, _] = bytes_each(&client, count, ip);
        assert!((70..=MOST).contains(&left), "with the addresses sorted for questions: {left}");
    }
}

/// A round of calls that change nothing.
fn round(client: &Client, entries: &[sai_neighbor_entry_t], lists: &mut [*const sai_attribute_t]) {
    let (counts, mut statuses) = ([1_u32; 16], [UNTOUCHED; 16]);
    let create = client.neighbor.create_neighbor_entries.unwrap();
    for entry in entries {
        assert_eq!(client.create(entry, &[mac(1)]), SAI_STATUS_ITEM_ALREADY_EXISTS);
    }
    // SAFETY: all places are ours.
    let status = unsafe {
        create(16, entries.as_ptr(), counts.as_ptr(), lists.as_mut_ptr(), IGNORE, statuses.as_mut_ptr())
    };
    assert_eq!((status, statuses), (SAI_STATUS_FAILURE, [SAI_STATUS_ITEM_ALREADY_EXISTS; 16]));
}

/// One test, because a trace counts for the whole process.
#[test]
fn a_call_allocates_nothing_while_nothing_is_traced() {
    let client = Client::new(&[("SAI_SIM_PORTS", "1")]);
    let entries: Vec<_> = (0..16).map(|n| client.entry_at(client.rif, v4(n))).collect();
    let attr = mac(1);
    let mut lists = [ptr::from_ref(&attr); 16];
    for entry in &entries {
        assert_eq!(client.create(entry, &[attr]), SUCCESS);
    }
    assert_eq!(allocations(|| round(&client, &entries, &mut lists)), 0);

    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("memory-{}", std::process::id()));
    let traced = Client::new(&[("SAI_SIM_PORTS", "1"), ("SAI_SIM_TRACE", path.to_str().unwrap())]);
    let entries: Vec<_> = (0..16).map(|n| traced.entry_at(traced.rif, v4(n))).collect();
    for entry in &entries {
        assert_eq!(traced.create(entry, &[attr]), SUCCESS);
    }
    assert!(allocations(|| round(&traced, &entries, &mut lists)) > 16, "what is written down is copied");
    drop(traced);
    std::fs::remove_file(path).unwrap();
}
