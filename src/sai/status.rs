//! What a SAI call answered, raw code kept.

use serde::{Deserialize, Serialize};

/// A `sai_status_t` as the library returned it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Status(pub i32);

impl Status {
    /// The call did what it was asked.
    pub const SUCCESS: Status = Status(0);
}
