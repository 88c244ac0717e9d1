//! The door through which the peer mirror reads this device's own claims: a cursor over their order of last change.
//!
//! Invariant: there is no queue. Memory is one row per key, however slow the peer is; a key is in the order once.

use crate::addr::{InterfaceId, VpnInstance};
use crate::neighbor::{Claim, Key};

/// A place in the order of last change. Every change gets the next one; they are never reused while the process lives.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

/// A key whose claim is new, changed or gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which key.
    pub key: Key,
    /// The claim now; `None` when there is none any more.
    pub claim: Option<Claim>,
}

/// This device's claims as the session sees them.
pub trait ChangeSource {
    /// True once this device has reported everything it knew at start: only then may an END be sent.
    fn complete(&self) -> bool;

    /// Puts the cursor before the oldest claim: a full sync begins. Tombstones are skipped from then on up to the
    /// tail of now, because the receiver sweeps what a full sync does not name.
    fn rewind(&mut self);

    /// The position of the latest change.
    fn tail(&self) -> Position;

    /// The position that the cursor has passed.
    fn cursor(&self) -> Position;

    /// True when changes lie ahead of the cursor.
    fn pending(&self) -> bool {
        self.cursor() < self.tail()
    }

    /// Appends up to `max` changes that lie ahead of the cursor to `out`, oldest first, moves the cursor behind them,
    /// and answers the position it stands at then. A key occurs at most once in what one call appends.
    fn take(&mut self, max: usize, out: &mut Vec<Change>) -> Position;

    /// The VRF that the interface lies in here, if it is bound.
    fn vrf(&self, interface: InterfaceId) -> Option<&VpnInstance>;

    /// A number that grows whenever what [`ChangeSource::vrf`] answers may have changed: an interface was bound,
    /// unbound, or bound in another VRF. The session then names again what it named before, where that differs.
    fn bindings(&self) -> u64;

    /// Tells that a full sync is due although the session was not lost: a tombstone that the cursor had not passed
    /// was evicted. Answers and clears.
    fn take_resync_due(&mut self) -> bool;
}
