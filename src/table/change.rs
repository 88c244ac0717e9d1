//! The door through which the peer mirror reads this device's own claims: a cursor over their order of last change.
//!
//! Invariant: there is no queue. Memory is one row per key, however slow the peer is; a key is in the order once.

use crate::addr::{InterfaceId, VpnInstance};
use crate::limits::BUCKETS;
use crate::neighbor::{Claim, Key};

/// A place in the order of last change. Every change gets the next one; they are never reused while the process lives.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

/// One life of an owner's process: positions and syncs of another one mean nothing. Never zero.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Incarnation(pub u64);

/// The full syncs of an incarnation, from 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct SyncNumber(pub u32);

/// How many claims, and the sum of their hashes as `table::digest` takes them: equal on both sides when a copy
/// is whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Digest {
    /// How many.
    pub count: u64,
    /// The sum of their hashes, modulo 2^128.
    pub sum: u128,
}

impl Digest {
    #[inline]
    pub(crate) fn add(&mut self, hash: u64) {
        self.count = self.count.wrapping_add(1);
        self.sum = self.sum.wrapping_add(u128::from(hash));
    }

    #[inline]
    pub(crate) fn remove(&mut self, hash: u64) {
        self.count = self.count.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(u128::from(hash));
    }
}

/// A set of buckets, the first one in the highest bit of the first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets(pub [u8; BUCKETS / 8]);

impl Buckets {
    /// No bucket.
    pub const NONE: Buckets = Buckets([0; BUCKETS / 8]);

    /// True when the bucket is in the set.
    pub fn has(&self, bucket: usize) -> bool {
        self.0[bucket / 8] & 0x80 >> (bucket % 8) != 0
    }

    /// Adds a bucket to the set.
    pub fn insert(&mut self, bucket: usize) {
        self.0[bucket / 8] |= 0x80 >> (bucket % 8);
    }

    /// How many are in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }

    /// True when none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

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

    /// Puts the cursor behind `position`, which a peer says it has taken in everything up to; false when that lies beyond
    /// the tail. Where a deletion behind it was forgotten meanwhile, a full sync is due.
    fn resume(&mut self, position: Position) -> bool;

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

    /// Appends claims that changed of late and whose places lie beyond `beyond`, at most `max` of them, as they are now.
    /// The cursor stays where it is, and each of them is told again at its place. Which ones, if any, is the source's to
    /// choose: whatever is not told early is told in its turn. A key occurs at most once in what one call appends.
    fn take_early(&mut self, beyond: Position, max: usize, out: &mut Vec<Change>) {
        let _ = (beyond, max, out);
    }

    /// The VRF that the interface lies in here, if it is bound.
    fn vrf(&self, interface: InterfaceId) -> Option<&VpnInstance>;

    /// A number that grows whenever what [`ChangeSource::vrf`] answers may have changed: an interface was bound,
    /// unbound, or bound in another VRF. The session then names again what it named before, where that differs.
    fn bindings(&self) -> u64;

    /// The digest of what was taken since the last rewind, as the receiver holds it when it has all of it. `None` when
    /// that is not known: after a break, until what had been sent before it was taken again.
    fn digest(&self) -> Option<Digest> {
        None
    }

    /// [`ChangeSource::digest`], by bucket.
    fn buckets(&self) -> Vec<Digest> {
        vec![Digest::default(); BUCKETS]
    }

    /// Everything in these buckets is to be sent again: answers the position at which all of it has been.
    fn scope(&mut self, buckets: &Buckets) -> Position {
        let _ = buckets;
        self.tail()
    }

    /// Tells that a full sync is due although the session was not lost: a tombstone that the cursor had not passed
    /// was evicted. Answers and clears.
    fn take_resync_due(&mut self) -> bool;
}
