//! A bell: one thread rings, another one sleeps in `poll` beside its sockets and hears it.
//!
//! Invariant: a ring is never lost. Rings that nobody heard yet are one ring.

use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// The bell.
#[derive(Debug)]
pub(crate) struct Wake {
    fd: EventFd,
}

impl Wake {
    /// A silent bell.
    pub(crate) fn new() -> io::Result<Wake> {
        Ok(Wake { fd: EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)? })
    }

    /// Rings.
    pub(crate) fn ring(&self) {
        // The only failure is a counter at its ceiling, and then it rings already.
        let _ = self.fd.write(1);
    }

    /// Silences it; what was rung for is looked at after this.
    pub(crate) fn hush(&self) {
        // Fails when it did not ring.
        let _ = self.fd.read();
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
