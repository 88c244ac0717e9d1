//! What a node is made with.
//!
//! Invariant: plain values, the first line of its log.

use super::scrub::Scrub;
use crate::limits;
use crate::mirror::early::Programming;
use crate::node::io::FdbMode;
use crate::node::life::Lifetimes;
use crate::session;
use crate::table::desired::Ownership;
use serde::{Deserialize, Serialize};

/// What a node is before it is told anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSettings {
    /// Keys the hashes, and decides pauses and nonces.
    pub seed: u64,
    /// Who programs what was learned here.
    pub ownership: Ownership,
    /// Who programs the FDB entries of the peer's hosts.
    #[serde(default)]
    pub fdb: FdbMode,
    /// How much of what, and for how long.
    #[serde(default)]
    pub tuning: Tuning,
}

/// Bounds and times of a node. The defaults are for production, the reasons are in [`limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tuning {
    /// The session's.
    pub session: session::io::Tuning,
    /// Deletions that are remembered for a peer that has not been told of them, or may not have heard.
    pub tombstones: usize,
    /// Claims of the peer's that are kept.
    pub claims: usize,
    /// A sweep of more than this, and more than half, waits.
    pub sweep_guard: usize,
    /// How long the peer's claims live on without a session.
    pub life: Lifetimes,
    /// Rows that are looked at for one input.
    pub work: usize,
    /// How what is believed to be in the ASIC is read back. A log from before this was there has none of it.
    #[serde(default = "Scrub::off")]
    pub scrub: Scrub,
    /// What SUCCESS means; a log from before this was there takes it at its word.
    #[serde(default = "at_its_word")]
    pub programming: Programming,
}

fn at_its_word() -> Programming {
    Programming::Synchronous
}

impl Default for Tuning {
    fn default() -> Self {
        Tuning {
            session: session::io::Tuning::default(),
            tombstones: limits::MAX_TOMBSTONES,
            claims: limits::MAX_CLAIMS,
            sweep_guard: limits::SWEEP_GUARD,
            life: Lifetimes::default(),
            work: limits::WORK_AT_ONCE,
            scrub: Scrub::default(),
            programming: Programming::default(),
        }
    }
}
