//! A software SAI: a drop-in `libsai.so` whose hardware is a table in memory.
//!
//! ```text
//!  C or Rust client ──► abi ──► world ──► Switch ──► objects, neighbours, FDB, routes
//!                        │ ▲                ├─ facts: every attribute of the release, as rows
//!  profile (SAI_SIM_…) ──┘ │                ├─ faults: what goes wrong, on command
//!  callbacks ◄── notify ───┘                ├─ journal: the state file
//!                                           └─ calls: who called what how often
//!  every call ──► trace: a file that can be read, played and compared
//!  tests in Rust ──► inspect ◄── commands ◄── control ◄── a socket
//! ```
//!
//! As a cdylib it is what a client links or loads; as an rlib the same functions are there as Rust items, and
//! [`inspect`] shows what the hardware holds.
//!
//! Invariant: the two are one code; nothing behaves differently because a test looks.

pub mod abi;
mod calls;
pub mod commands;
mod control;
mod dump;
pub mod facts;
mod faults;
mod hang;
mod index;
pub mod inspect;
mod journal;
mod misuse;
mod object;
mod oid;
mod profile;
mod refusal;
mod steps;
mod switch;
mod table;
pub mod trace;
mod value;
mod world;

pub use abi::globals::*;
pub use abi::queries::*;
