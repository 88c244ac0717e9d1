//! Counts the steps of look-ups, so that tests can bound them by what they are, not by how long they take.
//!
//! Invariant: nothing outside unit tests counts; there, each thread counts its own.

#[cfg(test)]
thread_local! {
    static TAKEN: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// One slot, row or object was looked at.
#[inline]
pub(crate) fn step() {
    #[cfg(test)]
    TAKEN.set(TAKEN.get() + 1);
}

/// Steps that this takes.
#[cfg(test)]
pub(crate) fn of<R>(deed: impl FnOnce() -> R) -> (u64, R) {
    let before = TAKEN.get();
    let result = deed();
    (TAKEN.get() - before, result)
}
