//! The edges: threads, sockets, netlink, the control socket.
//!
//! ```text
//!  mlag-learn, ─► ┐                    ┌ ──► mlag-peer ──► TCP
//!  mlag-links,    │                    │
//!  mlag-source,   │                    │
//!  mlag-kernel,   │                    ├ ──► mlag-kernel ──► the kernel's neighbours
//!  mlag-peer  ──► ├─► mlag-core: Node ─┤
//!  mlag-asic  ──► │                    └ ──► mlag-asic ──► SAI
//!  mlag-ctl   ──► ┘
//! ```
//!
//! Bounded channels join the threads. The core never waits for SAI or a socket: what a full channel does not take, it
//! keeps, and the session's window and the batches in flight bound how much that can be.
//!
//! Invariant: the only clock, the only sockets and the only randomness of the library are in here.

pub mod asic;
pub(crate) mod configure;
pub(crate) mod core;
pub mod ctl;
mod daemon;
pub(crate) mod engine;
mod environment;
pub mod journal;
pub mod kernel;
mod learn;
mod links;
mod members;
mod netns;
mod peer;
mod placing;
pub mod platform;
pub mod ports;
pub(crate) mod record;
mod source;
pub(crate) mod thread;
pub mod topology;
pub(crate) mod vpn;
pub(crate) mod wake;
pub mod warm;

pub use daemon::Daemon;
pub use engine::ThreadEnd;
pub use platform::{Platform, PlatformError};

use std::fmt;
use std::path::PathBuf;
use thiserror::Error;

/// What the program adds to the platform file.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// The SAI library when the platform names none: the simulator that the program found.
    pub default_library: Option<PathBuf>,
}

/// Why a daemon did not start: one sentence for people.
#[derive(Debug, Error)]
pub enum StartError {
    /// The platform file is wrong.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// Lines of the DFS-group view are refused.
    #[error("the command lines in dfs-group are refused\n{}", Lines(.0))]
    Config(Vec<String>),
    /// No SAI library is named, and the program found none.
    #[error("no SAI library: set library in [sai] of the platform file")]
    NoLibrary,
    /// The SAI library cannot be used.
    #[error("{0}")]
    Sai(String),
    /// The profile file cannot be read.
    #[error("cannot read SAI profile {}: {source}", path.display())]
    ProfileFile {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line of the profile file is wrong.
    #[error("SAI profile {}: {source}", path.display())]
    ProfileLine {
        /// Which file.
        path: PathBuf,
        /// Which line, and what is wrong.
        source: crate::sai::ProfileError,
    },
    /// The control socket cannot be made.
    #[error("cannot make control socket {}: {why}", path.display())]
    Control {
        /// Where.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The record cannot be written.
    #[error("cannot write record {}: {source}", path.display())]
    Record {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    /// The kernel's tables cannot be read.
    #[error("cannot listen to the kernel's neighbour table: {0}")]
    Netlink(std::io::Error),
    /// The kernel's tables cannot be written.
    #[error(
        "cannot write the kernel's neighbour table, as kernel-mirror or kernel-refresh wants (CAP_NET_ADMIN): {0}"
    )]
    KernelMirror(std::io::Error),
    /// The system refused something that every daemon needs.
    #[error("cannot {what}: {source}")]
    System {
        /// What was to be done.
        what: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Shows lines below each other.
struct Lines<'a>(&'a [String]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

#[cfg(test)]
#[path = "../../tests/common/netns.rs"]
mod netns_of_tests;
