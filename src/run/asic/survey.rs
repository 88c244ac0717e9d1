//! What the ASIC holds and the journal does not name, a slice at a time.
//!
//! Invariant: the library is asked once for each listing; nothing is written.

use crate::limits;
use crate::node::io::Listed;
use crate::run::journal::{Journal, Thing};
use crate::sai::{NeighborKey, NeighborTable};
use std::time::Instant;

/// A listing on its way: what was not handed over yet.
#[derive(Debug, Default)]
pub(super) struct Survey {
    left: Vec<NeighborKey>,
}

impl Survey {
    /// True when the next slice is the first one of a new listing.
    pub(super) fn begins(&self) -> bool {
        self.left.is_empty()
    }

    /// The next slice of the listing, or the first of a new one.
    pub(super) fn next(&mut self, table: &NeighborTable, journal: Option<&Journal>) -> Listed {
        let mut asic_ns = 0;
        if self.left.is_empty() {
            let began = Instant::now();
            let listed = table.list();
            asic_ns = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
            let Ok(keys) = listed else { return Listed { keys: None, more: false, asic_ns } };
            self.left = keys;
            if let Some(journal) = journal {
                self.left.retain(|key| journal.standing(&Thing::Neighbor(*key)).is_none());
            }
        }
        let keys = self.left.split_off(self.left.len().saturating_sub(limits::SURVEY_SLICE));
        let keys = keys.into_iter().map(|key| (key.rif, key.ip)).collect();
        Listed { keys: Some(keys), more: !self.left.is_empty(), asic_ns }
    }
}
