//! What a person sees while the demo works: lines on standard error, on a terminal only.

use std::io::{self, IsTerminal, Write};
use std::time::Instant;

/// Draws, or keeps quiet.
pub(crate) struct Progress {
    shown: bool,
    step: String,
    since: Instant,
}

impl Progress {
    /// Quiet for machines, and where nobody looks.
    pub(crate) fn new(json: bool) -> Progress {
        let shown = !json && io::stderr().is_terminal();
        Progress { shown, step: String::new(), since: Instant::now() }
    }

    /// The step before is done, this one begins.
    pub(crate) fn step(&mut self, what: impl Into<String>) {
        self.finish();
        (self.step, self.since) = (what.into(), Instant::now());
        self.draw(&format!("  … {}", self.step));
    }

    /// How far this step is.
    pub(crate) fn at(&self, done: u64, of: u64) {
        self.draw(&format!("  … {}: {done} of {of}", self.step));
    }

    /// The last step is done.
    pub(crate) fn finish(&mut self) {
        if !self.step.is_empty() {
            let took = self.since.elapsed().as_secs_f64();
            self.draw(&format!("  ✓ {} ({took:.2} s)\n", self.step));
            self.step.clear();
        }
    }

    fn draw(&self, line: &str) {
        if self.shown {
            // Progress that cannot be shown is no reason to stop.
            let _ = io::stderr().write_all(format!("\r\x1b[K{line}").as_bytes());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if !self.step.is_empty() {
            self.draw("");
        }
    }
}
