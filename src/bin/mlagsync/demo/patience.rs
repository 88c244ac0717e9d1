//! Waiting for a condition, with an end, and with an ear for Ctrl-C.

use super::error::DemoError;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take that the kernel or a daemon does on its own.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// Knows whether somebody wants the demo to end.
#[derive(Clone, Debug)]
pub(crate) struct Patience {
    stop: Arc<AtomicBool>,
}

impl Patience {
    /// From now on SIGINT, SIGTERM and SIGHUP ask for an orderly end; a second one ends the process at once.
    pub(crate) fn new() -> io::Result<Patience> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            // In this order: the first signal sets the flag, the second finds it set.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop))?;
            flag::register(signal, Arc::clone(&stop))?;
        }
        Ok(Patience { stop })
    }

    /// Fails when somebody wants the demo to end.
    pub(crate) fn check(&self) -> Result<(), DemoError> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(DemoError::Interrupted),
            false => Ok(()),
        }
    }

    /// Asks `poll` until it has an answer. `limit` runs anew whenever what it answers as "not yet" changes: work that
    /// goes on is waited for, however much there is.
    pub(crate) fn until<T>(
        &self,
        what: &str,
        limit: Duration,
        poll: impl FnMut() -> Result<Poll<T>, DemoError>,
    ) -> Result<T, DemoError> {
        // Not so short that polling slows down what is waited for.
        self.poll(what, limit, Duration::from_millis(20), poll)
    }

    /// As [`Patience::until`], for an instant that is to be measured: asks all the time.
    pub(crate) fn instant<T>(
        &self,
        what: &str,
        limit: Duration,
        poll: impl FnMut() -> Result<Poll<T>, DemoError>,
    ) -> Result<T, DemoError> {
        self.poll(what, limit, Duration::from_micros(50), poll)
    }

    fn poll<T>(
        &self,
        what: &str,
        limit: Duration,
        longest: Duration,
        mut poll: impl FnMut() -> Result<Poll<T>, DemoError>,
    ) -> Result<T, DemoError> {
        let mut last = String::new();
        let mut since = Instant::now();
        // Short at first, because most waits are.
        let mut pause = Duration::from_micros(50);
        loop {
            self.check()?;
            let state = match poll()? {
                Poll::Ready(answer) => return Ok(answer),
                Poll::NotYet(state) => state,
            };
            if state != last {
                (last, since) = (state, Instant::now());
            } else if since.elapsed() > limit {
                let state = if last.is_empty() { last } else { format!(": {last}") };
                return Err(DemoError::TimedOut { what: what.to_owned(), seconds: limit.as_secs(), state });
            }
            std::thread::park_timeout(pause);
            pause = (pause * 2).min(longest);
        }
    }

    /// Waits until somebody wants the demo to end.
    pub(crate) fn forever(&self) {
        while self.check().is_ok() {
            std::thread::park_timeout(Duration::from_millis(100));
        }
    }
}

/// What a poll says.
pub(crate) enum Poll<T> {
    /// The answer.
    Ready(T),
    /// Not yet, and how things stand.
    NotYet(String),
}
