//! Claims by key, their order of change, interfaces, and what is desired.

pub mod change;
