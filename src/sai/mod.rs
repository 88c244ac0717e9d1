//! Safe SAI: a library is opened, gated by its release, and called; what it answers is kept as it was said.
//!
//! ```text
//!   Library ── Switch ──┬── objects: virtual router, VLAN, bridge, router interface      (one call each)
//!    one lock, release, │
//!    method tables      └── NeighborTable, FdbTable, RouteTable, NextHopTable           (bulk, or singles)
//! ```
//!
//! Invariant: nothing here knows a session, a claim or what an entry is for, and nothing is retried for policy: an
//! answer is given per entry, and whoever asked decides.

pub mod id;
pub mod status;

mod attr;
mod bridge;
mod bulk;
mod entry;
mod error;
mod fdb;
mod ip;
mod lag;
mod library;
mod memory;
mod neighbor;
mod next_hop;
mod notify;
mod object;
mod port;
mod profile;
mod region;
mod route;
mod router;
mod service;
mod switch;
mod table;
mod version;

pub use bridge::{BridgePort, BridgePortFound, Tagging};
pub use bulk::{Answer, Report};
pub use error::{Error, LibraryError};
pub use fdb::{Domain, FdbChange, FdbEntry, FdbKey, FdbTable, Hold};
pub use id::Oid;
pub use library::{Functions, Library, Options};
pub use neighbor::{NeighborKey, NeighborTable, Reading};
pub use next_hop::NextHopTable;
pub use notify::{FdbEvent, FdbNotice, Inbox, ListenError, Listening, Notice, Notices, SwitchState, Told};
pub use port::PortState;
pub use profile::{Profile, ProfileError};
pub use region::Region;
pub use route::{RouteKey, RouteTable};
pub use router::{Rif, RifFound, RifKind, Underlay};
pub use status::{AttributeFault, Kind, Status, Verdict};
pub use switch::{Family, Start, Switch, SwitchSpec};
pub use version::{Version, VersionError};

#[cfg(test)]
mod tests;
