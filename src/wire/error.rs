//! The one error of the room.

use super::frame::Kind;
use thiserror::Error;

/// What is wrong with the peer's bytes. The peer's fault, never ours: counted, told to the peer, and the session ends.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum WireError {
    /// The header's length is below the header's own.
    #[error("a frame states a length of {length} bytes, which is less than its header")]
    TooShort {
        /// The stated length.
        length: u32,
    },
    /// The header's length is more than this side takes now.
    #[error("a frame states a length of {length} bytes, where at most {limit} are taken")]
    TooLong {
        /// The stated length.
        length: u32,
        /// What is taken.
        limit: u32,
    },
    /// The tag does not fit: the frame was changed, is out of its place, or is somebody else's.
    #[error("a frame's authentication tag is wrong")]
    Tag,
    /// The checksum does not fit.
    #[error("a frame's checksum is wrong")]
    Checksum,
    /// A flag that this version does not define, or one that this kind of frame must have and lacks.
    #[error("a frame of type {kind} has the flags {flags:#04x}")]
    Flags {
        /// The type byte.
        kind: u8,
        /// The flags byte.
        flags: u8,
    },
    /// A frame of a kind that is not known here, and that must not be skipped.
    #[error("a mandatory frame of type {kind} is not known here")]
    UnknownMandatory {
        /// The type byte.
        kind: u8,
    },
    /// A HELLO extension that is not known here, and that must not be skipped.
    #[error("a mandatory HELLO extension of type {kind} is not known here")]
    UnknownExtension {
        /// The extension's type without its mandatory bit.
        kind: u16,
    },
    /// The frame is whole, but not of the form that its kind has.
    #[error("{kind}: {what}")]
    Form {
        /// Which kind.
        kind: Kind,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A record names an interface by an index that was not given a meaning.
    #[error("{kind}: interface index {index} was not named before")]
    UnnamedInterface {
        /// Which kind.
        kind: Kind,
        /// The index.
        index: u16,
    },
}
