//! The header that every frame has, and the checksum over all of it.

use super::WireError;
use crate::table::change::Position;
use std::fmt;

/// Length of the header.
pub const HEADER: usize = 20;
/// A receiver that does not know the type must not go on.
pub const MANDATORY: u8 = 0x01;

const CRC_AT: usize = 16;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $flags:expr, $word:literal;)*) => {
        /// What a frame carries. The numbers are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Kind { $($(#[$doc])* $name = $number,)* }

        impl Kind {
            /// Every kind that this version knows.
            pub const ALL: &[Kind] = &[$(Kind::$name),*];

            /// The kind with this number, if it is known.
            pub const fn from_number(number: u8) -> Option<Kind> {
                match number { $($number => Some(Kind::$name),)* _ => None }
            }

            /// The flags that a frame of this kind has: exactly these.
            pub const fn flags(self) -> u8 {
                match self { $(Kind::$name => $flags,)* }
            }
        }

        impl fmt::Display for Kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Kind::$name => $word,)* })
            }
        }
    };
}

kinds! {
    /// Who I am and what I speak. The first frame of either side; its layout never changes.
    Hello = 1, MANDATORY, "HELLO";
    /// Why I am about to close.
    Notify = 2, 0, "NOTIFY";
    /// I am alive.
    Keepalive = 3, 0, "KEEPALIVE";
    /// I leave in good order.
    Goodbye = 4, 0, "GOODBYE";
    /// I have the key. Behind it each of my frames has a tag.
    Auth = 5, MANDATORY, "AUTH";
    /// Who I am, and what I hold of yours.
    Resume = 6, MANDATORY, "RESUME";
    /// Dial again, now: this connection is to be replaced by another.
    Redial = 7, 0, "REDIAL";
    /// From here on I name everything that I claim.
    Begin = 16, MANDATORY, "BEGIN";
    /// I have named everything.
    End = 17, MANDATORY, "END";
    /// What interface indices mean.
    Interfaces = 18, MANDATORY, "INTERFACES";
    /// Name everything anew, when you are through.
    Resync = 19, MANDATORY, "RESYNC";
    /// What the receiver must hold by now.
    Digest = 20, 0, "DIGEST";
    /// Tell me the buckets.
    BucketsAsk = 21, 0, "BUCKETS-ASK";
    /// What the receiver must hold by now, by bucket.
    Buckets = 22, 0, "BUCKETS";
    /// Name these buckets again.
    RepairAsk = 23, 0, "REPAIR-ASK";
    /// From here on I name these buckets again.
    ScopeBegin = 24, MANDATORY, "SCOPE-BEGIN";
    /// I have named them again.
    ScopeEnd = 25, MANDATORY, "SCOPE-END";
    /// IPv4 claims, new or changed.
    UpsertV4 = 32, MANDATORY, "UPSERT-V4";
    /// IPv6 claims, new or changed.
    UpsertV6 = 33, MANDATORY, "UPSERT-V6";
    /// IPv4 claims that are gone.
    DeleteV4 = 34, MANDATORY, "DELETE-V4";
    /// IPv6 claims that are gone.
    DeleteV6 = 35, MANDATORY, "DELETE-V6";
    /// IPv4 neighbours of yours that answered here.
    ConfirmV4 = 36, 0, "CONFIRM-V4";
    /// IPv6 neighbours of yours that answered here.
    ConfirmV6 = 37, 0, "CONFIRM-V6";
    /// Up to where my hardware has done what you told.
    Hardware = 48, 0, "HARDWARE";
    /// IPv4 claims of yours that my hardware does not hold.
    ExceptionsV4 = 49, 0, "EXCEPTIONS-V4";
    /// IPv6 claims of yours that my hardware does not hold.
    ExceptionsV6 = 50, 0, "EXCEPTIONS-V6";
}

impl Kind {
    /// The number on the wire.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// True for the kinds whose position may be other than zero.
    pub const fn may_advance(self) -> bool {
        matches!(self, Kind::End | Kind::UpsertV4 | Kind::UpsertV6 | Kind::DeleteV4 | Kind::DeleteV6)
    }
}

/// A frame whose length, checksum and flags are in order. What it says is not looked at yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The type byte.
    pub number: u8,
    /// How many records the body has, where the kind has records.
    pub count: u16,
    /// The position that this frame advances to; zero when it advances nothing.
    pub position: Position,
    /// Everything behind the header.
    pub body: &'a [u8],
    /// Header and body, as they came.
    pub whole: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The length that the header in `bytes` states, as soon as it can be read, checked against `limit`.
    pub(super) fn length(bytes: &[u8], limit: usize) -> Result<Option<usize>, WireError> {
        let Some(length) = bytes.first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length);
        let size = usize::try_from(length).unwrap_or(usize::MAX);
        if size < HEADER {
            return Err(WireError::TooShort { length });
        }
        if size > limit {
            return Err(WireError::TooLong { length, limit: u32::try_from(limit).unwrap_or(u32::MAX) });
        }
        Ok(Some(size))
    }

    /// Checks one whole frame: `bytes` is exactly as long as its header states.
    pub(super) fn check(bytes: &'a [u8]) -> Result<Frame<'a>, WireError> {
        let Some((header, body)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(WireError::TooShort { length: u32::try_from(bytes.len()).unwrap_or(u32::MAX) });
        };
        let [_, _, _, _, number, flags, c0, c1, position @ .., s0, s1, s2, s3] = *header;
        if u32::from_be_bytes([s0, s1, s2, s3]) != checksum(header, body) {
            return Err(WireError::Checksum);
        }
        let position = u64::from_be_bytes(position);
        match Kind::from_number(number) {
            Some(kind) => {
                if flags != kind.flags() {
                    return Err(WireError::Flags { kind: number, flags });
                }
                if position != 0 && !kind.may_advance() {
                    return Err(WireError::Form { kind, what: "has a position" });
                }
            }
            None => {
                if flags & MANDATORY != 0 {
                    return Err(WireError::UnknownMandatory { kind: number });
                }
                // What advances the position must not be skipped, so it has to be flagged mandatory.
                if flags != 0 || position != 0 {
                    return Err(WireError::Flags { kind: number, flags });
                }
            }
        }
        Ok(Frame {
            number,
            count: u16::from_be_bytes([c0, c1]),
            position: Position(position),
            body,
            whole: bytes,
        })
    }

    /// The kind, if it is known; what is not known may be skipped.
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_number(self.number)
    }
}

/// CRC32C over the header with its checksum taken as zero, and the body.
fn checksum(header: &[u8; HEADER], body: &[u8]) -> u32 {
    let mut blank = *header;
    blank[CRC_AT..].fill(0);
    crc32c::crc32c_append(crc32c::crc32c(&blank), body)
}

/// Appends a header for a frame of `kind` to `out` and answers where it begins; [`finish`] completes it.
pub(super) fn start(out: &mut Vec<u8>, kind: Kind) -> usize {
    let at = out.len();
    let mut header = [0; HEADER];
    header[4] = kind.number();
    header[5] = kind.flags();
    out.extend_from_slice(&header);
    at
}

/// Completes the frame that begins at `at` and ends where `out` ends.
pub(super) fn finish(out: &mut [u8], at: usize, count: u16, position: Position) {
    let length = u32::try_from(out.len() - at).expect("frames are far shorter than 4 GiB");
    let Some((header, body)) = out[at..].split_first_chunk_mut::<HEADER>() else {
        unreachable!("start() appended a header");
    };
    header[..4].copy_from_slice(&length.to_be_bytes());
    header[6..8].copy_from_slice(&count.to_be_bytes());
    header[8..16].copy_from_slice(&position.0.to_be_bytes());
    let crc = checksum(header, body);
    header[CRC_AT..].copy_from_slice(&crc.to_be_bytes());
}

/// Appends a frame without a body.
pub(super) fn empty(out: &mut Vec<u8>, kind: Kind, position: Position) {
    let at = start(out, kind);
    finish(out, at, 0, position);
}
