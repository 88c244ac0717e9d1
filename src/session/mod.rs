//! The peer state machine.

pub mod io;
