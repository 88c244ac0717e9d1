//! The command line of the DFS-group view: lines, candidates, checks, models.
//!
//! ```text
//!  line ─► words ─► command ─► Candidate (both forms may stand in it) ── commit ──► Config (one channel or none)
//!          place    parsed     what was entered, and where                 │        Change: what the edge has to do
//!          of each  once                                                   │
//!                                                          Environment: model, VPN instances, port owners
//! ```
//!
//! A line is parsed into a type that cannot be illegal by itself; `commit` asks the [`Environment`] for the rest. What is
//! refused says why, as fields ([`Refusal`]), with the requirement that it breaks and a place in the line
//! ([`Diagnostic`]).
//!
//! Two requirements are kept elsewhere, because they are states of a running channel and not of a text: both devices use
//! the same port and group (PL-09, the handshake), and the source is one of this device's addresses (PL-14, the channel
//! is held down until it is).
//!
//! Invariant: no I/O, no clock, no threads; nothing here knows SAI, the wire or the kernel.

mod address;
mod candidate;
mod command;
mod diagnostic;
mod environment;
mod group;
mod model;
mod near;
mod peer_link;
mod refusal;
mod secret;
mod setting;
mod setting_words;
mod words;

pub use address::{Ipv4Kind, Ipv6Kind};
pub use candidate::{Candidate, Reply};
pub use command::{Command, View, parse_line};
pub use diagnostic::{Diagnostic, Span};
pub use environment::{Environment, PortOwner};
pub use group::{Change, ChannelChange, Config, DfsGroup};
pub use model::{ForwardingMode, Ipv6Transport, Model, UnknownName};
pub use peer_link::{Form, PeerLink};
pub use refusal::Refusal;
pub use secret::mask;
pub use setting::{Setting, SettingName, Settings};
