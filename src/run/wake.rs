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

    /// Silences it, then looks at all that it may have rung for, the end included: a ring for what was looked at before
    /// could be the one that is taken away, and nobody would ever wake up for it.
    pub(crate) fn hush_then<T>(&self, look: impl FnOnce() -> T) -> T {
        self.hush();
        look()
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    fn rings(bell: &Wake) -> bool {
        poll(&mut [PollFd::new(bell.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO)
            .expect("it can be polled")
            == 1
    }

    #[test]
    fn what_rings_while_it_is_looked_keeps_ringing() {
        let bell = Wake::new().expect("an event descriptor");
        bell.ring();
        bell.hush_then(|| assert!(!rings(&bell), "it is silent before it is looked"));
        assert!(!rings(&bell));
        // Somebody says the end and rings just after it was looked whether it is there.
        bell.hush_then(|| bell.ring());
        assert!(rings(&bell));
    }
}
