//! The C ABI: what `include/mlagsync.h` declares, as a thin shell over the Rust API.
//!
//! ```text
//!  C ──► extern "C" fn ──► guard: forked? panicked? ──► handle table ──► convert ──► embed
//!    ◄── result code  ◄── last error's text ◄────────────────────────── convert ◄──
//! ```
//!
//! The header is written by hand, for it is what its readers read: its sections, its prose and its macros are no
//! generator's. A test (`tests/capi/header.rs`) makes declarations of the sources in here and has a C compiler compare
//! them with the header, both ways: every function's type, every struct's size, offsets and types of fields, and the
//! number of every constant.
//!
//! Types and constants have the names that they have in C, so that neither side needs a dictionary.
//!
//! Invariant: no logic of its own beyond conversion, handles and the panic boundary. No function panics, whatever it is
//! passed, as long as pointers point to what the header says.
#![allow(non_camel_case_types, reason = "the names are those of the header")]
#![allow(
    clippy::missing_safety_doc,
    reason = "the header says what a caller owes, for all functions at once"
)]

mod builder;
mod configure;
mod convert;
mod events;
mod fork;
mod guard;
mod handle;
mod input;
mod life;
mod limits;
mod queue;
mod result;
mod sai;
mod show;
mod tell;
mod text;
mod types;
mod version;

pub use builder::*;
pub use configure::*;
pub use events::*;
pub use life::*;
pub use limits::*;
pub use result::*;
pub use sai::*;
pub use show::*;
pub use tell::*;
pub use types::*;
pub use version::*;
