//! The control socket: how people and programs look into a running daemon.

pub mod access;
pub mod client;
pub mod ports;
pub mod protocol;
pub(crate) mod read_back;
pub(crate) mod server;

pub use access::Level;
pub use client::{Client, ClientError};
pub use protocol::{Reply, Request};
