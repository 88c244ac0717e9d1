//! Two daemons, two real processes, and between them a network that delays, throttles, cuts, corrupts and swallows; or one
//! of both is stopped. Whatever happens in between: nothing is lost, nothing is made up, memory stays what it was.
#![cfg(feature = "cli")]

#[path = "../common/mod.rs"]
mod common;

mod ends;
mod faults;
mod frozen;
mod hostile;

use common::bench::{Bench, await_hosts, await_many};
use common::program::{Daemon, until};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Waits until both are up.
fn await_up(daemons: &mut [Daemon; 2]) {
    for daemon in daemons {
        daemon.await_shown("session", |shown| shown["up"] == true);
    }
}

/// What the log of a daemon says of the end of a session, as soon as it says it.
fn await_logged(daemon: &Daemon, words: &str) {
    until(&format!("'{words}' in the log"), || {
        let log = daemon.log();
        if log.contains(words) { Ok(()) } else { Err(log) }
    });
}

fn count(daemon: &mut Daemon, what: &str) -> u64 {
    let shown = daemon.show("counters");
    shown[what].as_u64().unwrap_or_else(|| panic!("{what} in {shown}"))
}
