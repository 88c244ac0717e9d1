//! The frames that prove a copy: digests and their repair, what the hardware holds, and confirmations.
//!
//! ```text
//! DIGEST        count 8 · sum 16                                                        = 24
//! BUCKETS       first 2 · zero 2, then for each: count 4 · sum 16                       = 4 + 20 n
//! REPAIR-ASK, SCOPE-BEGIN      a bit for each bucket                                    = 128
//! HARDWARE      incarnation 8 · position 8 · sync 4 · flags 2 · zero 2 · exceptions 4 · zero 4,
//!               then for each reason: reason 2 · zero 2 · number 4                      = 32 + 8 n
//! EXCEPTIONS    reason 2 · interface 2 · status 4 · IP 4 or 16                          = 12 or 24
//! CONFIRM       zero 2 · interface 2 · zero 4 · IP 4 or 16                              = 12 or 24
//! ```
//!
//! Invariant: only the form is judged here; a reason that is not known is as good as a known one.

use super::dictionary::Interfaces;
use super::frame::{self, Frame, HEADER, Kind};
use super::{Message, WireError};
use crate::limits::BUCKETS;
use crate::neighbor::Key;
use crate::table::change::{Buckets, Digest, Position};
use std::net::IpAddr;

/// Bytes of one bucket.
const BUCKET: usize = 20;
/// Bytes of HARDWARE before its counts, and of one count.
const HARDWARE: usize = 32;
const COUNT: usize = 8;

const FIRST: u16 = 1;
const OVERFLOW: u16 = 2;
const SYNCED: u16 = 4;
const READY: u16 = 8;
const HANGS: u16 = 16;

/// What a receiver's hardware has done of the owner's changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hardware {
    /// The owner's process whose positions these are.
    pub incarnation: u64,
    /// Every change up to here is final: in the hardware, superseded, gone, or an exception.
    pub position: Position,
    /// The owner's sync that it belongs to.
    pub sync: u32,
    /// The exceptions are listed from the beginning: what was listed before is void.
    pub first: bool,
    /// There are more exceptions than are listed, or claims that are not kept.
    pub overflow: bool,
    /// The END of that sync was taken in.
    pub synced: bool,
    /// Everything that the END stands for is final: the receiver is ready to forward.
    pub ready: bool,
    /// A call into the receiver's hardware does not come back.
    pub hangs: bool,
    /// How many exceptions there are, listed or not.
    pub exceptions: u32,
    /// … by reason.
    pub reasons: Vec<(u16, u32)>,
}

/// A claim that is not in the receiver's hardware, or that is no exception any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Whose.
    pub key: Key,
    /// Why; zero when it is no exception any more.
    pub reason: u16,
    /// What SAI said, where it was asked; zero otherwise.
    pub status: i32,
}

/// Appends a DIGEST.
pub fn digest(out: &mut Vec<u8>, digest: Digest) {
    let at = frame::start(out, Kind::Digest);
    out.extend_from_slice(&digest.count.to_be_bytes());
    out.extend_from_slice(&digest.sum.to_be_bytes());
    frame::finish(out, at, 0, Position(0));
}

/// Appends a BUCKETS-ASK.
pub fn buckets_ask(out: &mut Vec<u8>) {
    frame::empty(out, Kind::BucketsAsk, Position(0));
}

/// Appends BUCKETS frames of up to `max_frame` bytes, which together hold every bucket.
pub fn buckets(out: &mut Vec<u8>, digests: &[Digest], max_frame: usize) {
    let per_frame = ((max_frame - HEADER - 4) / BUCKET).max(1);
    for (nth, chunk) in digests.chunks(per_frame).enumerate() {
        let at = frame::start(out, Kind::Buckets);
        let number = |n: usize| u16::try_from(n).expect("there are 1,024 buckets");
        out.extend_from_slice(&number(nth * per_frame).to_be_bytes());
        out.extend_from_slice(&[0; 2]);
        for bucket in chunk {
            out.extend_from_slice(&u32::try_from(bucket.count).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(&bucket.sum.to_be_bytes());
        }
        frame::finish(out, at, number(chunk.len()), Position(0));
    }
}

/// Appends a REPAIR-ASK.
pub fn repair_ask(out: &mut Vec<u8>, buckets: &Buckets) {
    set(out, Kind::RepairAsk, buckets);
}

/// Appends a SCOPE-BEGIN.
pub fn scope_begin(out: &mut Vec<u8>, buckets: &Buckets) {
    set(out, Kind::ScopeBegin, buckets);
}

/// Appends a SCOPE-END.
pub fn scope_end(out: &mut Vec<u8>) {
    frame::empty(out, Kind::ScopeEnd, Position(0));
}

fn set(out: &mut Vec<u8>, kind: Kind, buckets: &Buckets) {
    let at = frame::start(out, kind);
    out.extend_from_slice(&buckets.0);
    frame::finish(out, at, 0, Position(0));
}

impl Hardware {
    /// Appends the frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let at = frame::start(out, Kind::Hardware);
        let flag = |on: bool, flag: u16| if on { flag } else { 0 };
        let flags = flag(self.first, FIRST)
            | flag(self.overflow, OVERFLOW)
            | flag(self.synced, SYNCED)
            | flag(self.ready, READY)
            | flag(self.hangs, HANGS);
        out.extend_from_slice(&self.incarnation.to_be_bytes());
        out.extend_from_slice(&self.position.0.to_be_bytes());
        out.extend_from_slice(&self.sync.to_be_bytes());
        out.extend_from_slice(&flags.to_be_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(&self.exceptions.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        for (reason, number) in &self.reasons {
            out.extend_from_slice(&reason.to_be_bytes());
            out.extend_from_slice(&[0; 2]);
            out.extend_from_slice(&number.to_be_bytes());
        }
        let count = u16::try_from(self.reasons.len()).expect("there are few reasons");
        frame::finish(out, at, count, Position(0));
    }

    fn decode(frame: &Frame<'_>) -> Result<Hardware, WireError> {
        let form = |what| WireError::Form { kind: Kind::Hardware, what };
        let (fixed, counts) = frame.body.split_first_chunk::<HARDWARE>().ok_or(form("is too short"))?;
        let (counts, rest) = counts.as_chunks::<COUNT>();
        if !rest.is_empty() || counts.len() != usize::from(frame.count) {
            return Err(form("the count of reasons does not fit the length"));
        }
        let flags = u16::from_be_bytes([fixed[20], fixed[21]]);
        let has = |flag| flags & flag != 0;
        let reason = |c: &[u8; COUNT]| (u16::from_be_bytes([c[0], c[1]]), be32(&c[4..]));
        Ok(Hardware {
            incarnation: be64(&fixed[..8]),
            position: Position(be64(&fixed[8..16])),
            sync: be32(&fixed[16..20]),
            first: has(FIRST),
            overflow: has(OVERFLOW),
            synced: has(SYNCED),
            ready: has(READY),
            hangs: has(HANGS),
            exceptions: be32(&fixed[24..28]),
            reasons: counts.iter().map(reason).collect(),
        })
    }
}

/// Appends the record of an exception; its kind follows from the address.
pub(super) fn put_exception(out: &mut Vec<u8>, interface: u16, exception: &Exception) {
    out.extend_from_slice(&exception.reason.to_be_bytes());
    out.extend_from_slice(&interface.to_be_bytes());
    out.extend_from_slice(&exception.status.to_be_bytes());
    match exception.key.ip {
        IpAddr::V4(ip) => out.extend_from_slice(&ip.octets()),
        IpAddr::V6(ip) => out.extend_from_slice(&ip.octets()),
    }
}

/// Reads a frame of this file's kinds, except those of records.
pub(super) fn decode(kind: Kind, frame: &Frame<'_>) -> Result<Message, WireError> {
    let form = |what| WireError::Form { kind, what };
    if frame.count != 0 && !matches!(kind, Kind::Buckets | Kind::Hardware) {
        return Err(form("has a count"));
    }
    Ok(match kind {
        Kind::Digest => {
            let body: &[u8; 24] = frame.body.try_into().map_err(|_| form("has another length"))?;
            Message::Digest(Digest { count: be64(&body[..8]), sum: be128(&body[8..]) })
        }
        Kind::Buckets => {
            let (head, rest) = frame.body.split_first_chunk::<4>().ok_or(form("is too short"))?;
            let first = u16::from_be_bytes([head[0], head[1]]);
            let (buckets, rest) = rest.as_chunks::<BUCKET>();
            if !rest.is_empty() || buckets.len() != usize::from(frame.count) || buckets.is_empty() {
                return Err(form("the count of buckets does not fit the length"));
            }
            if usize::from(first) + buckets.len() > BUCKETS {
                return Err(form("has more buckets than there are"));
            }
            let read = |b: &[u8; BUCKET]| Digest { count: be32(&b[..4]).into(), sum: be128(&b[4..]) };
            Message::Buckets { first, digests: buckets.iter().map(read).collect() }
        }
        Kind::Hardware => Message::Hardware(Hardware::decode(frame)?),
        Kind::RepairAsk | Kind::ScopeBegin => {
            let buckets = Buckets(frame.body.try_into().map_err(|_| form("has another length"))?);
            if buckets.is_empty() {
                return Err(form("is of no bucket"));
            }
            if kind == Kind::RepairAsk { Message::RepairAsk(buckets) } else { Message::ScopeBegin(buckets) }
        }
        _ if !frame.body.is_empty() => return Err(form("has a body")),
        Kind::BucketsAsk => Message::BucketsAsk,
        _ => Message::ScopeEnd,
    })
}

/// Reads every record of an EXCEPTIONS frame, or none.
pub(super) fn decode_exceptions(
    kind: Kind,
    frame: &Frame<'_>,
    interfaces: &Interfaces,
) -> Result<Message, WireError> {
    let keys = super::record::keys(kind, frame, interfaces)?;
    let size = kind.record().expect("EXCEPTIONS are records of one size");
    let facts = frame.body.chunks_exact(size).map(|r| (u16::from_be_bytes([r[0], r[1]]), be32(&r[4..8])));
    let one = |(key, (reason, status)): (Key, (u16, u32))| Exception {
        key,
        reason,
        status: i32::from_be_bytes(status.to_be_bytes()),
    };
    Ok(Message::Exceptions(keys.into_iter().zip(facts).map(one).collect()))
}

fn be32(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |n, byte| n << 8 | u32::from(*byte))
}

fn be64(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
}

fn be128(bytes: &[u8]) -> u128 {
    bytes.iter().take(16).fold(0, |n, byte| n << 8 | u128::from(*byte))
}
