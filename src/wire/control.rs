//! NOTIFY, GOODBYE, AUTH and the frames that say all they say by being there.

use super::WireError;
use super::frame::{self, Frame, Kind};
use crate::auth::PROOF;
use crate::table::change::Position;

/// The longest text of a NOTIFY, in bytes: it has to fit a frame before HELLO.
pub const MAX_TEXT: usize = 400;

/// Why the sender is about to close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// A number of [`code`].
    pub code: u16,
    /// For people.
    pub text: String,
}

/// The codes of NOTIFY: stable, never reused.
pub mod code {
    /// No version in common.
    pub const VERSION_DIFFERS: u16 = 1;
    /// Another DFS group.
    pub const GROUP_DIFFERS: u16 = 2;
    /// Another port.
    pub const PORT_DIFFERS: u16 = 3;
    /// The same node id on both sides.
    pub const SAME_NODE_ID: u16 = 4;
    /// The other side broke the protocol.
    pub const PROTOCOL_ERROR: u16 = 5;
    /// Nothing was heard for the hold time.
    pub const HOLD_EXPIRED: u16 = 6;
    /// Another connection stands, and has precedence.
    pub const OTHER_STANDS: u16 = 7;
    /// The other side's limits are below what the protocol asks for.
    pub const LIMITS_TOO_LOW: u16 = 8;
    /// The HELLO did not come in time.
    pub const HELLO_TIMEOUT: u16 = 9;
    /// This side authenticates, the other offers no key.
    pub const AUTH_REQUIRED: u16 = 10;
    /// The other side authenticates, this one has no key.
    pub const AUTH_NOT_CONFIGURED: u16 = 11;
    /// The other side authenticates in a way that this one does not know.
    pub const AUTH_ALGORITHM: u16 = 12;
    /// Both authenticate, with no key id in common.
    pub const NO_COMMON_KEY: u16 = 13;
    /// AUTH does not prove the key: another password, or somebody else.
    pub const WRONG_PASSWORD: u16 = 14;
    /// The AUTH did not come in time.
    pub const AUTH_TIMEOUT: u16 = 15;
    /// A frame's tag is wrong.
    pub const NOT_AUTHENTIC: u16 = 16;
}

impl Notify {
    /// Appends the frame; a text that is too long loses its end.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let at = frame::start(out, Kind::Notify);
        out.extend_from_slice(&self.code.to_be_bytes());
        let fits = |(at, c): (usize, char)| (at + c.len_utf8() <= MAX_TEXT).then_some(at + c.len_utf8());
        let end = self.text.char_indices().map_while(fits).last().unwrap_or(0);
        out.extend_from_slice(&self.text.as_bytes()[..end]);
        frame::finish(out, at, 0, Position(0));
    }

    /// Control characters become spaces: the text goes to logs and terminals.
    pub(super) fn decode(frame: &Frame<'_>) -> Result<Notify, WireError> {
        let form = |what| WireError::Form { kind: Kind::Notify, what };
        let (code, text) = frame.body.split_first_chunk::<2>().ok_or(form("is too short"))?;
        if text.len() > MAX_TEXT || frame.count != 0 {
            return Err(form("is too long"));
        }
        let text = std::str::from_utf8(text).map_err(|_| form("its text is not UTF-8"))?;
        let text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Ok(Notify { code: u16::from_be_bytes(*code), text })
    }
}

/// The sender leaves in good order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goodbye {
    /// In how many milliseconds it means to be back; zero when it does not say.
    pub restart_ms: u32,
}

impl Goodbye {
    /// Appends the frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let at = frame::start(out, Kind::Goodbye);
        out.extend_from_slice(&self.restart_ms.to_be_bytes());
        frame::finish(out, at, 0, Position(0));
    }

    pub(super) fn decode(frame: &Frame<'_>) -> Result<Goodbye, WireError> {
        match *frame.body {
            [a, b, c, d] if frame.count == 0 => Ok(Goodbye { restart_ms: u32::from_be_bytes([a, b, c, d]) }),
            _ => Err(WireError::Form { kind: Kind::Goodbye, what: "has another length" }),
        }
    }
}

/// Appends an AUTH.
pub fn auth(out: &mut Vec<u8>, proof: &[u8; PROOF]) {
    let at = frame::start(out, Kind::Auth);
    out.extend_from_slice(proof);
    frame::finish(out, at, 0, Position(0));
}

/// Reads an AUTH.
pub(super) fn decode_auth(frame: &Frame<'_>) -> Result<[u8; PROOF], WireError> {
    let proof = frame.body.try_into().ok().filter(|_| frame.count == 0);
    proof.ok_or(WireError::Form { kind: Kind::Auth, what: "has another length" })
}

/// Appends a REDIAL.
pub fn redial(out: &mut Vec<u8>) {
    frame::empty(out, Kind::Redial, Position(0));
}

/// Appends a KEEPALIVE.
pub fn keepalive(out: &mut Vec<u8>) {
    frame::empty(out, Kind::Keepalive, Position(0));
}
