//! The proof that a copy is whole: what was told, summed up as it is told.
//!
//! ```text
//!  owner     row told ──► − what was told of it before, + what is told now ──► running sum ─┐
//!                                                                                           ├─ equal?
//!  receiver  row named ─► − what was held, + what was named ────────────────► running sum ──┘
//! ```
//!
//! Every claim has a hash; a digest is how many there are and the sum of their hashes. The owner sums what it has *sent*,
//! not what it claims now: so a digest is exact at every point of the stream, under any churn, and nobody has to wait
//! for the moment when nothing is left to send. It costs eight bytes a row, the hash as it was sent.
//!
//! On a difference the rows are divided into [`BUCKETS`] by another hash of their identity alone, and only the buckets
//! that differ are told again: a *scope*. While it runs, both sides leave its rows out until they are named again.
//!
//! Invariant: numbers only; which rows there are, and when a digest is told, is for others to know.

use crate::addr::{InterfaceId, VlanId};
use crate::limits::BUCKETS;
use crate::neighbor::{Attachment, Claim, Flags, Key};
use crate::table::change::Digest;
use crate::table::row::{Facts, Row, RowId};
use siphasher::sip::SipHasher13;
use std::net::IpAddr;
use std::num::NonZeroU64;

/// Second halves of the keys, so that a claim's hash says nothing of its bucket.
const CLAIM: u64 = 0;
const BUCKET: u64 = 1;
/// The flags that are part of a claim's hash: those of version 1, whatever later ones add.
const FLAGS: u16 = Flags::ROUTER.0 | Flags::INTERFACE.0;
/// Bytes of an identity, and of an identity with its claim.
const IDENTITY: usize = 24;
const WHOLE: usize = 40;

/// The hashes of one owner's claims: keyed by its incarnation, so that no host knows how to make two that cancel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hashes {
    claims: SipHasher13,
    buckets: SipHasher13,
}

impl Hashes {
    pub(crate) fn new(incarnation: u64) -> Self {
        Hashes {
            claims: SipHasher13::new_with_keys(incarnation, CLAIM),
            buckets: SipHasher13::new_with_keys(incarnation, BUCKET),
        }
    }

    /// The hash of a claim; zero stands for one, so that a row can say with it whether it was told at all.
    #[inline]
    pub(crate) fn claim(&self, key: &Key, claim: &Claim) -> NonZeroU64 {
        let attachment = match claim.attachment {
            Attachment::Orphan => 0,
            Attachment::Mlag(id) => id.number(),
            Attachment::Fabric => 0xffff,
        };
        let [a, b, c, d, e, f] = claim.mac.0;
        let [g, h] = attachment.to_be_bytes();
        let [k, l] = (claim.flags.0 & FLAGS).to_be_bytes();
        let [m, n, o, p] = claim.counter.to_be_bytes();
        let [kind, first, second] = identity(key);
        let whole = [kind, first, second, [a, b, c, d, e, f, g, h], [k, l, 0, 0, m, n, o, p]];
        let bytes: [u8; WHOLE] = joined(whole.map(u64::from_ne_bytes));
        NonZeroU64::new(self.claims.hash(&bytes)).unwrap_or(NonZeroU64::MIN)
    }

    /// The bucket of an identity.
    pub(crate) fn bucket(&self, key: &Key) -> usize {
        let bytes: [u8; IDENTITY] = joined(identity(key).map(u64::from_ne_bytes));
        (self.buckets.hash(&bytes) % BUCKETS as u64) as usize
    }
}

/// Kind, family, tag, number and address, as the wire has them, in a form of one length.
#[inline]
fn identity(key: &Key) -> [[u8; 8]; 3] {
    let (kind, number, dot1q) = match key.interface {
        InterfaceId::Vlanif(vlan) => (1, u32::from(vlan.number()), 0),
        InterfaceId::Vbdif(bd) => (2, bd.number(), 0),
        InterfaceId::Routed { mlag, dot1q } => (3, u32::from(mlag.number()), dot1q.map_or(0, VlanId::number)),
    };
    let (family, address) = match key.ip {
        // The first four bytes of sixteen.
        IpAddr::V4(ip) => (4, u128::from(u32::from(ip)) << 96),
        IpAddr::V6(ip) => (6, u128::from(ip)),
    };
    let [a, b] = dot1q.to_be_bytes();
    let [c, d, e, f] = number.to_be_bytes();
    let halves = [(address >> 64) as u64, address as u64].map(u64::to_be_bytes);
    [[kind, family, a, b, c, d, e, f], halves[0], halves[1]]
}

/// The words one behind the other. They are stored as the hash reads them, a word at a time: it would wait for bytes that
/// were stored one by one.
#[inline]
fn joined<const WORDS: usize, const BYTES: usize>(words: [u64; WORDS]) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
        place.copy_from_slice(&word.to_ne_bytes());
    }
    bytes
}

/// The owner's side.
#[derive(Debug)]
pub(crate) struct Told {
    hashes: Hashes,
    sum: Digest,
    /// The highest position told since the last BEGIN.
    passed: u64,
    /// The tail at the last BEGIN: what lies up to here and was not passed was told in an earlier sync, if ever.
    begun: u64,
    /// From here on the sum is what the receiver has been told: after a break it has yet to hear some of it again.
    exact_from: u64,
    /// Where the latest scope ends, or ended.
    scoped: u64,
    /// The highest place of what was told early since the last BEGIN.
    hurried: u64,
}

impl Told {
    pub(crate) fn new(incarnation: u64) -> Self {
        Told {
            hashes: Hashes::new(incarnation),
            sum: Digest::default(),
            passed: 0,
            begun: 0,
            exact_from: 0,
            scoped: 0,
            hurried: 0,
        }
    }

    pub(crate) fn hashes(&self) -> &Hashes {
        &self.hashes
    }

    /// Everything is told from the beginning.
    pub(crate) fn begin(&mut self, tail: u64) {
        *self = Told {
            hashes: self.hashes,
            sum: Digest::default(),
            passed: 0,
            begun: tail,
            exact_from: 0,
            scoped: 0,
            hurried: 0,
        };
    }

    /// The row is told at its place: a claim, or that there is none.
    #[inline]
    pub(crate) fn tell(&mut self, row: &mut Row, key: &Key, claim: Option<&Claim>) {
        self.put(row, key, claim);
        self.passed = self.passed.max(row.position);
    }

    /// The row is told before its turn.
    pub(crate) fn tell_early(&mut self, row: &mut Row, key: &Key, claim: Option<&Claim>) {
        self.put(row, key, claim);
        self.hurried = self.hurried.max(row.position);
    }

    #[inline]
    fn put(&mut self, row: &mut Row, key: &Key, claim: Option<&Claim>) {
        let ahead = row.position > self.passed && row.position <= self.begun;
        // What was told early is counted although its place is ahead.
        let stale = ahead && !row.facts.has(Facts::EARLY);
        if let Some(before) = row.told.filter(|_| !stale) {
            self.sum.remove(before.get());
        }
        row.told = claim.map(|claim| self.hashes.claim(key, claim));
        if let Some(now) = row.told {
            self.sum.add(now.get());
        }
    }

    /// The row is to be told again: until then neither side counts it.
    pub(crate) fn untell(&mut self, row: &mut Row) {
        if let Some(before) = row.told.take() {
            self.sum.remove(before.get());
        }
    }

    /// What lies up to here is to be told again, some of it is untold.
    pub(crate) fn scope(&mut self, mark: u64) {
        self.scoped = self.scoped.max(mark);
    }

    /// The connection broke: what was told may not have arrived, and what was to be told again counts for the receiver.
    pub(crate) fn broken(&mut self) {
        self.exact_from = self.exact_from.max(self.passed).max(self.scoped).max(self.hurried);
    }

    /// The digest of what the receiver holds when it has heard everything up to `cursor`, if that is known.
    pub(crate) fn digest(&self, cursor: u64) -> Option<Digest> {
        (cursor >= self.exact_from).then_some(self.sum)
    }
}

/// The receiver's side.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    hashes: Option<Hashes>,
    sum: Digest,
    /// Rows that the running scope covers, and that were in it when it began.
    pub(crate) scope: Vec<RowId>,
}

impl Heard {
    /// Whose claims they are from now on; `None` when digests are not compared, and need not be kept.
    pub(crate) fn set_owner(&mut self, incarnation: Option<u64>) {
        self.hashes = incarnation.map(Hashes::new);
    }

    pub(crate) fn hashes(&self) -> Option<&Hashes> {
        self.hashes.as_ref()
    }

    /// Everything is named from the beginning.
    pub(crate) fn begin(&mut self) {
        self.sum = Digest::default();
        self.scope.clear();
    }

    #[inline]
    pub(crate) fn name(&mut self, key: &Key, claim: &Claim) {
        if let Some(hashes) = &self.hashes {
            self.sum.add(hashes.claim(key, claim).get());
        }
    }

    #[inline]
    pub(crate) fn unname(&mut self, key: &Key, claim: &Claim) {
        if let Some(hashes) = &self.hashes {
            self.sum.remove(hashes.claim(key, claim).get());
        }
    }

    pub(crate) fn digest(&self) -> Digest {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{BdId, Mac, MlagId};

    fn key(interface: InterfaceId, ip: &str) -> Key {
        Key { interface, ip: ip.parse().unwrap() }
    }

    /// The numbers of `docs/protocol.md`.
    #[test]
    fn the_hashes_are_those_of_the_specification() {
        let hashes = Hashes::new(0x0123_4567_89ab_cdef);
        let orphan = Claim {
            mac: Mac([2, 0, 0x5e, 0x10, 0, 1]),
            attachment: Attachment::Orphan,
            flags: Flags::default(),
            counter: 0,
        };
        let fabric = Claim { attachment: Attachment::Fabric, flags: Flags(0xffff), counter: 7, ..orphan };
        let v4 = key(InterfaceId::Vlanif(VlanId::new(10).unwrap()), "192.0.2.1");
        let v6 = key(InterfaceId::Vbdif(BdId::new(5010).unwrap()), "2001:db8::1");
        let said = [(v4, orphan), (v6, fabric)].map(|(k, c)| (hashes.claim(&k, &c).get(), hashes.bucket(&k)));
        assert_eq!(said, [(0xd81f_fb63_0919_4b48, 93), (0x9da3_c690_cc1c_a991, 658)]);
        let text = include_str!("../../docs/protocol.md");
        for (hash, bucket) in said {
            assert!(text.contains(&format!("`{hash:016x}` | {bucket}")), "{hash:016x} | {bucket}");
        }
    }

    #[test]
    fn every_part_of_a_claim_and_of_its_identity_counts() {
        let hashes = Hashes::new(1);
        let routed = |mlag, tag| InterfaceId::Routed {
            mlag: MlagId::new(mlag).unwrap(),
            dot1q: (tag > 0).then(|| VlanId::new(tag).unwrap()),
        };
        let vlan = |n| InterfaceId::Vlanif(VlanId::new(n).unwrap());
        let claim = Claim {
            mac: Mac([2, 0, 0, 0, 0, 1]),
            attachment: Attachment::Orphan,
            flags: Flags::default(),
            counter: 0,
        };
        let all = [
            (key(vlan(1), "10.0.0.1"), claim),
            (key(vlan(2), "10.0.0.1"), claim),
            (key(InterfaceId::Vbdif(BdId::new(1).unwrap()), "10.0.0.1"), claim),
            (key(routed(1, 0), "10.0.0.1"), claim),
            (key(routed(1, 1), "10.0.0.1"), claim),
            (key(vlan(1), "10.0.0.2"), claim),
            (key(vlan(1), "a00:1::"), claim),
            (key(vlan(1), "10.0.0.1"), Claim { mac: Mac([2, 0, 0, 0, 0, 2]), ..claim }),
            (key(vlan(1), "10.0.0.1"), Claim { attachment: Attachment::Fabric, ..claim }),
            (
                key(vlan(1), "10.0.0.1"),
                Claim { attachment: Attachment::Mlag(MlagId::new(1).unwrap()), ..claim },
            ),
            (key(vlan(1), "10.0.0.1"), Claim { flags: Flags::ROUTER, ..claim }),
            (key(vlan(1), "10.0.0.1"), Claim { flags: Flags::INTERFACE, ..claim }),
            (key(vlan(1), "10.0.0.1"), Claim { counter: 1, ..claim }),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().map(|(k, c)| hashes.claim(k, c)).collect();
        assert_eq!(distinct.len(), all.len());
        assert_ne!(Hashes::new(2).claim(&all[0].0, &claim), hashes.claim(&all[0].0, &claim), "keyed");
        let later = Claim { flags: Flags(4), ..claim };
        assert_eq!(
            hashes.claim(&all[0].0, &later),
            hashes.claim(&all[0].0, &claim),
            "a later version's flag"
        );
    }
}
