//! What hostile libraries do to the safe layer, and what it makes of it.
//!
//! Each of the rules of safe SAI has a test that is named after it.

mod bulk;
mod entries;
mod fake;
mod gate;
mod lists;
mod tables;
