//! Sockets in other network namespaces.
//!
//! Invariant: only a thread that lives as long as one call ever changes its namespace; the daemon's own threads stay
//! where they were started.

use super::thread;
use nix::sched::{CloneFlags, setns};
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Where named network namespaces are mounted.
const NAMED: &str = "/run/netns";

/// The file of a named network namespace.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(NAMED).join(name)
}

/// Calls `f` inside the named network namespace and brings back what it opened there.
pub(crate) fn within<T: Send>(name: &str, f: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    let file = File::open(path(name))
        .map_err(|e| io::Error::new(e.kind(), format!("network namespace {name}: {e}")))?;
    std::thread::scope(|scope| {
        let inside = move || {
            setns(&file, CloneFlags::CLONE_NEWNET).map_err(|e| {
                let e = io::Error::from(e);
                io::Error::new(e.kind(), format!("entering network namespace {name}: {e}"))
            })?;
            f()
        };
        let thread = thread::spawn_scoped(scope, "mlag-netns", inside)?;
        thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the thread that enters the namespace panicked")))
    })
}

/// Calls `f` inside the named network namespace, or right here when there is no name.
pub(crate) fn within_or_here<T: Send>(
    name: Option<&str>,
    f: impl FnOnce() -> io::Result<T> + Send,
) -> io::Result<T> {
    match name {
        Some(name) => within(name, f),
        None => f(),
    }
}
