//! Safe SAI.

pub mod id;
pub mod status;

pub use id::Oid;
pub use status::Status;
