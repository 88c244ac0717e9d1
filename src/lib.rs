//! Two switches of an M-LAG pair, one host table.
//!
//! Each switch tells the other, over one TCP channel, the ARP and ND entries that it has learned; what a switch
//! receives goes straight into its ASIC's host table through SAI, in bulk.
//!
//! One idea carries the house: **one reconciler, two mirrors.** The other side (the ASIC, the peer) is made to hold
//! what this side wants it to hold. Both take batches, answer per entry, lose state on restart, may be slow or full.
//!
//! ```text
//!                 ┌───────────── node: pure, one owner, no I/O, no clock, no dice ──────────────┐
//!  local learn ──►│ local ─┐                        ┌─► ASIC mirror ─► Batch ────────────────── ┼─► run::asic ─► sai ─► ASIC
//!  interfaces  ──►│ remote ┼─► desired(view, key) ──┤        ▲── per-entry outcomes ◄────────── ┼──
//!  TCP bytes   ──►│ wire ─► session ─► remote      └─► peer mirror = cursor over changes ─► wire┼─► run::peer ─► TCP
//!                 └─ handle(now, Input) · poll() -> Output until empty · next_wake() ───────────┘
//! ```
//!
//! | room | holds |
//! |---|---|
//! | [`time`], [`addr`], [`neighbor`], [`limits`] | the words everybody uses: instants, parsed identities, keys and claims, every bound |
//! | [`auth`], [`peering`] | passwords, keys, proofs, and the tags of frames; what else keeps others out |
//! | [`config`] | the command line of the DFS-group view, candidates, models |
//! | [`wire`] | frames, records, codec |
//! | [`session`] | the peer state machine |
//! | [`table`] | claims by key, their order of change, interfaces, and `desired` |
//! | [`mirror`] | what the ASIC should hold, does hold, and is being told |
//! | [`node`] | the composition: [`node::Input`] in, [`node::Output`] out |
//! | [`sai`] | safe SAI |
//! | [`run`] | the edges: sockets, netlink, the SAI thread, the control socket |
//! | [`embed`] | the library in a NOS that owns SAI: [`Builder`], [`Mlagsync`] |
//! | `capi` | the C ABI, with the feature of that name |
//!
//! Invariant: nothing above `run` and `sai` reads a clock, opens a socket, spawns a thread or draws randomness that
//! did not come from a seed.
#![deny(unsafe_code)]

pub mod addr;
pub mod auth;
#[cfg(feature = "capi")]
#[allow(unsafe_code)]
pub mod capi;
pub mod config;
pub mod embed;
pub mod limits;
pub mod mirror;
pub mod neighbor;
pub mod node;
pub mod peering;
pub mod run;
#[allow(unsafe_code)]
pub mod sai;
pub mod session;
pub mod table;
pub mod time;
pub mod wire;

pub use embed::{
    AsicWorker, AskError, Builder, Calls, ConfigureError, Feed, FeedError, Learned, LogLevel, LogLine,
    Mlagsync, Neighbor, News, StartError, Stopped, Subscription, Work,
};
