//! The composition: inputs in, outputs out.

pub mod io;
pub mod view;

pub use io::{Input, Output};
