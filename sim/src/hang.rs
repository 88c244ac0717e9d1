//! Where calls that a rule makes hang wait until somebody lets them go.
//!
//! Invariant: outside the switch's lock, so that whoever releases never waits for the one who hangs.

use std::sync::{Condvar, Mutex, PoisonError};

/// The gate of one switch.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    turned: Condvar,
}

#[derive(Default)]
struct State {
    waiting: u64,
    releases: u64,
}

impl Gate {
    /// Returns after the next release.
    pub(crate) fn wait(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting += 1;
        self.turned.notify_all();
        let seen = state.releases;
        while state.releases == seen {
            state = self.turned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
    }

    /// Lets every call go that hangs now; how many that were.
    pub(crate) fn release(&self) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.releases += 1;
        self.turned.notify_all();
        state.waiting
    }

    /// How many calls hang.
    pub(crate) fn waiting(&self) -> u64 {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting
    }
}
