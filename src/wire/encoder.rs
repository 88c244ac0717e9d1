//! A window of changes → frames, grouped by kind; only the last one advances the position.
//!
//! Invariant: a window is whole before its position is said. A receiver that lost the connection inside a window knows
//! nothing of its position, and is told all of it again.

use super::dictionary::{self, Named, Names};
use super::frame::{self, HEADER, Kind};
use super::proof::{self, Exception};
use super::record;
use crate::addr::{InterfaceId, VpnInstance};
use crate::neighbor::Key;
use crate::table::change::{Change, Position};

/// The kinds in the order in which a window holds them: what goes makes room for what comes.
const ORDER: [Kind; 4] = [Kind::DeleteV4, Kind::DeleteV6, Kind::UpsertV4, Kind::UpsertV6];
const CONFIRMS: [Kind; 4] = [Kind::ConfirmV4, Kind::ConfirmV6, Kind::ConfirmV4, Kind::ConfirmV6];
const EXCEPTIONS: [Kind; 4] =
    [Kind::ExceptionsV4, Kind::ExceptionsV6, Kind::ExceptionsV4, Kind::ExceptionsV6];

/// The most bytes that a window takes per change: every change names a new interface, and every frame's header is
/// spread over its records.
pub const CHANGE_LONGEST: usize = record::LONGEST + dictionary::LONGEST + 2 * HEADER;

/// One direction of one connection.
#[derive(Debug)]
pub struct Encoder {
    names: Names,
    news: Vec<Named>,
    records: [Vec<u8>; 4],
    max_frame: usize,
    /// The longest frame that is written at present.
    frame: usize,
}

/// How many records a window held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Claims.
    pub upserts: u64,
    /// Claims that are gone.
    pub deletes: u64,
}

impl Encoder {
    /// An encoder for a receiver that takes frames of `max_frame` bytes and names of `max_interfaces` interfaces.
    pub fn new(max_frame: usize, max_interfaces: usize) -> Self {
        let max_frame = max_frame.max(HEADER + dictionary::LONGEST);
        Encoder {
            names: Names::new(max_interfaces),
            news: Vec::new(),
            records: Default::default(),
            max_frame,
            frame: max_frame,
        }
    }

    /// Frames have at most so many bytes from now on; never more than the receiver takes.
    pub fn set_frame(&mut self, bytes: usize) {
        self.frame = bytes.clamp(HEADER + dictionary::LONGEST, self.max_frame);
    }

    /// The longest frame that the receiver takes.
    pub fn max_frame(&self) -> usize {
        self.max_frame
    }

    /// Appends the frames for `changes`, in which a key occurs at most once, after which the sender stands at
    /// `position`. No changes, no frame.
    pub fn window<'v>(
        &mut self,
        changes: &[Change],
        position: Position,
        vrf: impl Fn(InterfaceId) -> Option<&'v VpnInstance>,
        out: &mut Vec<u8>,
    ) -> Written {
        self.names.begin_window();
        let mut written = Written::default();
        let [deletes_v4, deletes_v6, upserts_v4, upserts_v6] = &mut self.records;
        for change in changes {
            let index = self.names.index(change.key.interface, &vrf, &mut self.news);
            let v4 = change.key.ip.is_ipv4();
            if let Some(claim) = &change.claim {
                written.upserts += 1;
                let records = if v4 { &mut *upserts_v4 } else { &mut *upserts_v6 };
                record::put_upsert(records, index, change.key.ip, claim);
            } else {
                written.deletes += 1;
                let records = if v4 { &mut *deletes_v4 } else { &mut *deletes_v6 };
                record::put_delete(records, index, change.key.ip);
            }
        }
        dictionary::encode(out, &self.news, self.frame);
        self.news.clear();
        self.records(&ORDER, position, out);
        written
    }

    /// Appends the frames that confirm these keys; fewer than a window has.
    pub fn confirms<'v>(
        &mut self,
        keys: &[Key],
        vrf: impl Fn(InterfaceId) -> Option<&'v VpnInstance>,
        out: &mut Vec<u8>,
    ) {
        self.keyed(keys, &CONFIRMS, |key| *key, record::put_confirm, vrf, out);
    }

    /// Appends the frames that list these exceptions; fewer than a window has changes.
    pub fn exceptions<'v>(
        &mut self,
        exceptions: &[Exception],
        vrf: impl Fn(InterfaceId) -> Option<&'v VpnInstance>,
        out: &mut Vec<u8>,
    ) {
        self.keyed(exceptions, &EXCEPTIONS, |e| e.key, proof::put_exception, vrf, out);
    }

    fn keyed<'v, T>(
        &mut self,
        items: &[T],
        kinds: &[Kind; 4],
        key: impl Fn(&T) -> Key,
        put: impl Fn(&mut Vec<u8>, u16, &T),
        vrf: impl Fn(InterfaceId) -> Option<&'v VpnInstance>,
        out: &mut Vec<u8>,
    ) {
        self.names.begin_window();
        for item in items {
            let key = key(item);
            let index = self.names.index(key.interface, &vrf, &mut self.news);
            put(&mut self.records[usize::from(key.ip.is_ipv6())], index, item);
        }
        dictionary::encode(out, &self.news, self.frame);
        self.news.clear();
        self.records(kinds, Position(0), out);
    }

    /// Appends the names of interfaces whose VRF is another one than when they were named, from index `from` on, as far as
    /// `room` bytes go. Answers where to go on, if there may be more.
    pub fn refresh<'v>(
        &mut self,
        from: u16,
        room: usize,
        vrf: impl Fn(InterfaceId) -> Option<&'v VpnInstance>,
        out: &mut Vec<u8>,
    ) -> Option<u16> {
        // A frame's header is shorter than a name, and a frame holds many.
        let most = (room / dictionary::LONGEST).saturating_sub(room / self.frame + 1).max(1);
        let (news, next) = self.names.refresh(from, most, vrf);
        dictionary::encode(out, &news, self.frame);
        next
    }

    fn records(&mut self, kinds: &[Kind; 4], position: Position, out: &mut Vec<u8>) {
        let last = self.records.iter().rposition(|records| !records.is_empty());
        for (at, (kind, records)) in kinds.iter().zip(&mut self.records).enumerate() {
            let size = kind.record().expect("these are kinds of records");
            let per_frame = ((self.frame - HEADER) / size).min(usize::from(u16::MAX)) * size;
            let mut chunks = records.chunks(per_frame).peekable();
            while let Some(chunk) = chunks.next() {
                let is_last = Some(at) == last && chunks.peek().is_none();
                let start = frame::start(out, *kind);
                out.extend_from_slice(chunk);
                let count = u16::try_from(chunk.len() / size).expect("bounded by per_frame");
                frame::finish(out, start, count, if is_last { position } else { Position(0) });
            }
            records.clear();
        }
    }
}
