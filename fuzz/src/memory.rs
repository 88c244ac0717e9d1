//! How much memory a run may take.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// More than any run needs that holds to the limits: the write windows of a few connections, and copies of what its own
/// bytes can claim.
const MOST: usize = 64 << 20;

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static MOST_LIVE: AtomicUsize = AtomicUsize::new(0);

fn more(size: usize) {
    let live = LIVE.fetch_add(size, Ordering::Relaxed) + size;
    MOST_LIVE.fetch_max(live, Ordering::Relaxed);
}

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        more(layout.size());
        // SAFETY: the caller keeps what the trait asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps what the trait asks for.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Runs it, and holds it to the bound.
pub fn bounded(run: impl FnOnce()) {
    let before = LIVE.load(Ordering::Relaxed);
    MOST_LIVE.store(before, Ordering::Relaxed);
    run();
    let most = MOST_LIVE.load(Ordering::Relaxed).saturating_sub(before);
    assert!(most <= MOST, "{most} bytes were held at once");
}
