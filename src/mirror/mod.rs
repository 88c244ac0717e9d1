//! What the ASIC should hold, does hold, and is being told.

pub mod batch;
