//! RESUME, BEGIN, END and RESYNC: what is held of whose claims, and where naming begins and ends.
//!
//! ```text
//! RESUME   own incarnation 8 · held incarnation 8 · held sync 4 · flags 2 · zero 2 · held position 8   = 32
//! BEGIN    sync 4                                                                  = 4
//! END      sync 4 · flags 2 · zero 2 · count 8 · sum 16                            = 32
//! RESYNC   sync 4 · reason 2 · zero 2                                              = 8
//! ```
//!
//! Invariant: only the form is judged here. Between sides that have not both stated the capability, BEGIN and END have no
//! body; which of the two forms is in order is for the session to say.

use super::frame::{self, Frame, Kind};
use super::{Message, WireError};
use crate::table::change::{Incarnation, Position, SyncNumber};

const MID_SYNC: u16 = 1;
const RESTARTED: u16 = 2;
const TRUNCATED: u16 = 4;

const COUNTED: u16 = 1;
const SUMMED: u16 = 2;

/// Where a copy of the other side's claims stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The owner's process whose claims they are.
    pub incarnation: Incarnation,
    /// The owner's sync that it belongs to.
    pub sync: SyncNumber,
    /// Every change up to here was taken in.
    pub position: Position,
    /// The sync's END has not come.
    pub mid_sync: bool,
    /// Something was not kept: the copy cannot become whole by changes alone.
    pub truncated: bool,
}

/// What a side says first on a session: who it is, and what it holds of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The process that speaks.
    pub own: Incarnation,
    /// What it holds of the other side's claims.
    pub held: Option<Held>,
    /// It has not had a session since it started.
    pub restarted: bool,
}

/// What the sync that ends named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Which sync.
    pub sync: SyncNumber,
    /// How many claims who took everything in holds now; not said when another sync is due.
    pub count: Option<u64>,
    /// The sum of their hashes, where that is kept on both sides.
    pub sum: Option<u128>,
}

/// Asks the owner to name everything anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resync {
    /// The sync after which it is asked for; zero when none is held.
    pub sync: SyncNumber,
    /// A number of [`reason`].
    pub reason: u16,
}

/// Why a sync is asked for: stable, never reused; unknown ones are as good as known ones.
pub mod reason {
    /// What is held is not what the owner says it named.
    pub const DIFFERS: u16 = 1;
    /// The copy was not whole, and there is room again.
    pub const ROOM: u16 = 2;
    /// Claims were given up here that the owner has not taken back.
    pub const GIVEN_UP: u16 = 3;
    /// An operator asked.
    pub const OPERATOR: u16 = 4;
}

impl Resume {
    /// Appends the frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let at = frame::start(out, Kind::Resume);
        let held = self.held.as_ref();
        let flag = |on: bool, flag: u16| if on { flag } else { 0 };
        let flags = flag(held.is_some_and(|held| held.mid_sync), MID_SYNC)
            | flag(self.restarted, RESTARTED)
            | flag(held.is_some_and(|held| held.truncated), TRUNCATED);
        out.extend_from_slice(&self.own.0.to_be_bytes());
        out.extend_from_slice(&held.map_or(0, |held| held.incarnation.0).to_be_bytes());
        out.extend_from_slice(&held.map_or(0, |held| held.sync.0).to_be_bytes());
        out.extend_from_slice(&flags.to_be_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(&held.map_or(0, |held| held.position.0).to_be_bytes());
        frame::finish(out, at, 0, Position(0));
    }

    pub(super) fn decode(frame: &Frame<'_>) -> Result<Resume, WireError> {
        let form = |what| WireError::Form { kind: Kind::Resume, what };
        let body: &[u8; 32] = frame.body.try_into().map_err(|_| form("has another length"))?;
        let own = Incarnation(word(body, 0));
        let (incarnation, sync) = (Incarnation(word(body, 8)), SyncNumber(half(body, 16)));
        let flags = u16::from_be_bytes([body[20], body[21]]);
        let position = Position(word(body, 24));
        if own.0 == 0 || frame.count != 0 {
            return Err(form("says nothing of its sender"));
        }
        let has = |flag| flags & flag != 0;
        let held = Held { incarnation, sync, position, mid_sync: has(MID_SYNC), truncated: has(TRUNCATED) };
        let nothing = incarnation.0 == 0;
        if nothing != (sync.0 == 0) || nothing && (position.0 != 0 || held.mid_sync) {
            return Err(form("contradicts itself about what is held"));
        }
        Ok(Resume { own, held: (!nothing).then_some(held), restarted: has(RESTARTED) })
    }
}

/// Appends a BEGIN; with its number where the capability is in force.
pub fn begin(out: &mut Vec<u8>, sync: Option<SyncNumber>) {
    let at = frame::start(out, Kind::Begin);
    if let Some(sync) = sync {
        out.extend_from_slice(&sync.0.to_be_bytes());
    }
    frame::finish(out, at, 0, Position(0));
}

/// Appends an END that says up to where the sender's cursor has passed; with what was named where the capability is in
/// force.
pub fn end(out: &mut Vec<u8>, position: Position, end: Option<&End>) {
    let at = frame::start(out, Kind::End);
    if let Some(end) = end {
        let flags = match (end.count, end.sum) {
            (None, _) => 0,
            (Some(_), None) => COUNTED,
            (Some(_), Some(_)) => COUNTED | SUMMED,
        };
        out.extend_from_slice(&end.sync.0.to_be_bytes());
        out.extend_from_slice(&flags.to_be_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(&end.count.unwrap_or(0).to_be_bytes());
        out.extend_from_slice(&end.sum.unwrap_or(0).to_be_bytes());
    }
    frame::finish(out, at, 0, position);
}

impl Resync {
    /// Appends the frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let at = frame::start(out, Kind::Resync);
        out.extend_from_slice(&self.sync.0.to_be_bytes());
        out.extend_from_slice(&self.reason.to_be_bytes());
        out.extend_from_slice(&[0; 2]);
        frame::finish(out, at, 0, Position(0));
    }

    pub(super) fn decode(frame: &Frame<'_>) -> Result<Resync, WireError> {
        match *frame.body {
            [a, b, c, d, e, f, _, _] if frame.count == 0 => Ok(Resync {
                sync: SyncNumber(u32::from_be_bytes([a, b, c, d])),
                reason: u16::from_be_bytes([e, f]),
            }),
            _ => Err(WireError::Form { kind: Kind::Resync, what: "has another length" }),
        }
    }
}

pub(super) fn decode_begin(frame: &Frame<'_>) -> Result<Message, WireError> {
    let form = |what| WireError::Form { kind: Kind::Begin, what };
    match *frame.body {
        _ if frame.count != 0 => Err(form("has a count")),
        [] => Ok(Message::Begin(None)),
        [0, 0, 0, 0] => Err(form("has no number")),
        [a, b, c, d] => Ok(Message::Begin(Some(SyncNumber(u32::from_be_bytes([a, b, c, d]))))),
        _ => Err(form("has another length")),
    }
}

pub(super) fn decode_end(frame: &Frame<'_>) -> Result<Message, WireError> {
    let form = |what| WireError::Form { kind: Kind::End, what };
    if frame.count != 0 {
        return Err(form("has a count in its header"));
    }
    if frame.body.is_empty() {
        return Ok(Message::End(None));
    }
    let body: &[u8; 32] = frame.body.try_into().map_err(|_| form("has another length"))?;
    let flags = u16::from_be_bytes([body[4], body[5]]);
    let sum = u128::from(word(body, 16)) << 64 | u128::from(word(body, 24));
    if flags & COUNTED == 0 && flags & SUMMED != 0 {
        return Err(form("has a sum without a count"));
    }
    let count = (flags & COUNTED != 0).then(|| word(body, 8));
    let sum = (flags & SUMMED != 0).then_some(sum);
    Ok(Message::End(Some(End { sync: SyncNumber(half(body, 0)), count, sum })))
}

fn word(body: &[u8; 32], at: usize) -> u64 {
    u64::from(half(body, at)) << 32 | u64::from(half(body, at + 4))
}

fn half(body: &[u8; 32], at: usize) -> u32 {
    u32::from_be_bytes([body[at], body[at + 1], body[at + 2], body[at + 3]])
}
