//! What keeps the ASIC true over time.
//!
//! Invariant: an entry that is not ours is never touched, whoever asks.

use super::Node;
use crate::neighbor::Key;

impl Node {
    /// Somebody found that the ASIC does not hold these as they should be: the ASIC is asked, and believed.
    pub(super) fn repair(&mut self, keys: &[Key]) {
        for key in keys {
            if let Some(row) = self.table.find(key) {
                self.mirror.look_again(self.now, row);
            }
        }
    }
}
