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
#[allow(non_camel_case_types, reason = "the names are SAI's")]
mod functions;
mod status;

pub use bindings::*;
pub use functions::*;
pub use status::Status;

/// One number that orders releases of the API: the C header's `SAI_VERSION()`.
#[must_use]
pub const fn sai_version(major: u32, minor: u32, revision: u32) -> sai_api_version_t {
    10_000 * major as sai_api_version_t + 100 * minor as sai_api_version_t + revision as sai_api_version_t
}
