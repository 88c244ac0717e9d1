//! Whether this process was forked off the one that the library runs in.
//!
//! A forked process has one thread, and every lock as another one held it at that instant: nothing may be touched there.
//! The kernel wipes one page of ours in it (MADV_WIPEONFORK), which costs a look at memory on each call and needs neither a
//! handler nor a system call.

use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What stands in the page.
const HERE: u32 = 0x6d6c_6167;

struct Page(*const AtomicU32);

// SAFETY: an atomic in memory that is never given back.
unsafe impl Send for Page {}
// SAFETY: as above.
unsafe impl Sync for Page {}

static PAGE: OnceLock<Option<Page>> = OnceLock::new();

/// Maps the page, once.
fn map() -> Option<Page> {
    let (read_write, private) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    let length = 4096;
    // SAFETY: a new mapping, which touches nothing that is there.
    let page = unsafe { libc::mmap(ptr::null_mut(), length, read_write, private, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the whole of the mapping made just now.
    let wiped = unsafe { libc::madvise(page, length, libc::MADV_WIPEONFORK) };
    if wiped != 0 {
        // SAFETY: as above, and nobody has its address.
        unsafe { libc::munmap(page, length) };
        return None;
    }
    let word = page.cast::<AtomicU32>().cast_const();
    // SAFETY: a page is aligned, zeroed, and stays.
    unsafe { &*word }.store(HERE, Ordering::Relaxed);
    Some(Page(word))
}

/// True in a process that was forked off one in which the library was used. Where the kernel cannot tell (before 4.14),
/// never.
pub(super) fn forked() -> bool {
    let Some(Page(word)) = PAGE.get_or_init(map) else { return false };
    // SAFETY: the page is never unmapped.
    unsafe { &**word }.load(Ordering::Relaxed) != HERE
}
