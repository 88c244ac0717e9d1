//! Linked into a NOS that owns SAI: [`Builder`] starts an instance, [`Mlagsync`] is the handle to it.
//!
//! ```text
//!  NOS threads ── bind, member, peer_link, learned … ─► inbox (bounded) ─► mlag-core ─► mlag-peer ─► TCP
//!       ▲   ▲                                                               │   ▲
//!       │   └──────────── snapshots ◄───────── questions ◄──────────────────┘   │ outcomes
//!       └── News ◄── subscription (bounded), or callback on mlag-events    mlag-asic, or a thread of the NOS's ─► SAI
//! ```
//!
//! | thread | there when |
//! |---|---|
//! | `mlag-core`, `mlag-peer`, `mlag-source` | always |
//! | `mlag-asic` | [`Calls::OwnThread`] and [`Calls::Locked`] |
//! | `mlag-events` | [`Builder::on_news`] |
//! | `mlag-ctl` | [`Builder::control`]; it starts `mlag-readback` and `mlag-commit` for as long as one request takes |
//! | `mlag-netns` | a VPN instance is a network namespace, for as long as a socket is being opened in it |
//!
//! A good guest: no signal handler is installed and every signal is blocked on these threads; nothing is written to
//! stdout or stderr, read from the environment, or set globally but one panic hook, which keeps panics of these threads
//! off stderr and passes all others on; the process is never ended.
//!
//! After `fork` the child has none of these threads and must not use the handle; not using it is harmless.
//!
//! Invariant: nothing in here waits for SAI or the network on a thread of the NOS's but [`Mlagsync::verify`] and
//! [`Mlagsync::repair`], which say for how long, and [`AsicWorker`], which is there for it.

mod builder;
mod events;
mod feed;
mod handle;
mod log;
mod look;
mod worker;

pub use builder::{Builder, Calls, RoomLimits};
pub use events::{News, Subscription};
pub use feed::{Feed, FeedError, Learned, Neighbor};
pub use handle::{Mlagsync, Stopped};
pub use log::{LogLevel, LogLine};
pub use look::{AskError, ConfigureError};
pub use worker::{AsicWorker, Work};

pub use crate::node::io::{
    AsicDown, AsicNews, Binding, Event, FdbChange, FdbMode, FdbNews, Footing, LinkState, Member, PeerLink,
    RifState,
};
pub use crate::node::{Lifetimes, Ownership, Tuning};
pub use crate::run::StartError;
pub use crate::run::ctl::access::Monitors;
pub use crate::run::ctl::protocol::{
    AsicMethod, ConfigView, Configured, Fault, HostQuery, InterfaceView, NeighborQuery, RepairReport,
    VerifyReport, VerifyRow,
};
pub use crate::run::platform::VpnInstanceConfig;
