//! Frames, records, codec: the bytes of the channel, as `docs/protocol.md` specifies them.
//!
//! ```text
//!  0        4    5     6     8          16     20
//!  ├ length ┼type┼flags┼count┼ position ┼ CRC  ┼ records of one kind …
//! ```
//!
//! | part | holds |
//! |---|---|
//! | [`frame`] | the header, the kinds of frame, the checksum |
//! | [`decoder`] | bytes in any split → whole, checked frames |
//! | [`message`] | a frame → what it says |
//! | [`hello`], [`control`] | HELLO, NOTIFY, GOODBYE |
//! | [`resume`] | RESUME, BEGIN, END, RESYNC |
//! | [`record`], [`dictionary`] | upserts and deletes, and the interfaces that they name by index |
//! | [`proof`] | digests, what the hardware holds, confirmations |
//! | [`encoder`] | a window of changes → frames |
//!
//! Invariant: no state of the session is here. A frame is taken whole or not at all; nothing is allocated for a length
//! that was not checked; nothing in here panics, whatever the bytes are.

pub mod control;
pub mod decoder;
pub mod dictionary;
pub mod encoder;
mod error;
pub mod frame;
pub mod hello;
pub mod message;
pub mod proof;
pub mod record;
pub mod resume;

pub use decoder::Decoder;
pub use dictionary::{Interfaces, Names};
pub use encoder::Encoder;
pub use error::WireError;
pub use frame::{Frame, Kind};
pub use hello::Hello;
pub use message::Message;
