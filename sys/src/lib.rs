#![doc = include_str!("../README.md")]
#![no_std]

/// Types and constants, one to one as in `include/sai.h`.
#[allow(
    missing_docs,
    non_camel_case_types,
    non_upper_case_globals,
    clippy::all,
    clippy::pedantic,
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "generated, and the names are SAI's"
)]
mod bindings {
    #[cfg(feature = "bindgen")]
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
    #[cfg(not(feature = "bindgen"))]
    include!("bindings.rs");
}
/// What the vendor's headers lack, of which this crate was built: those are of an earlier release. It is there all the
/// same, as later releases have it. Empty for the committed bindings.
#[cfg(feature = "bindgen")]
pub const LACKING: &[&str] = include!(concat!(env!("OUT_DIR"), "/headers.rs"));
/// What the vendor's headers lack, of which this crate was built. These are the committed bindings, which lack nothing.
#[cfg(not(feature = "bindgen"))]
pub const LACKING: &[&str] = &[];

#[allow(non_camel_case_types, reason = "the names are SAI's")]
mod functions;
pub mod releases;
mod status;

pub use bindings::*;
pub use functions::*;
pub use releases::{MethodTable, Release};
pub use status::Status;
