//! Safe SAI: a library is opened, gated by its release, and called; what it answers is kept as it was said.
//!
//! ```text
//!   Library ── Switch ──┬── objects: virtual router, VLAN, bridge, router interface      (one call each)
//!    one lock, release, │
//!    method tables      └── NeighborTable, FdbTable                                     (bulk, or singles)
//! ```
//!
//! Invariant: nothing here knows a session, a claim or what an entry is for, and nothing is retried for policy: an
//! answer is given per entry, and whoever asked decides.

pub mod id;
pub mod status;

mod error;
mod library;
mod memory;
mod profile;
mod service;
mod table;
mod version;

pub use error::{Error, LibraryError};
pub use id::Oid;
pub use library::{Functions, Library, Options};
pub use profile::{Profile, ProfileError};
pub use status::{AttributeFault, Kind, Status, Verdict};
pub use version::{Version, VersionError};
