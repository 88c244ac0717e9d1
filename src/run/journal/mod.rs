//! The record of what is ours in the ASIC: SAI has no owner tag.
//!
//! ```text
//!   header: magic, form, the boot mark ─┐            page 0
//!   record │ record │ free │ record …   │            from there on
//!                                       └─► a virtual router of ours in the ASIC, with a MAC drawn at random
//! ```
//!
//! A record is written before a create is handed to SAI, and freed when a remove is confirmed: so whatever is ours has a
//! record, whenever the process is killed. A record may name what is not there; whoever adopts it reads it back.
//!
//! The *boot mark* ties the file to the ASIC's tables. SAI tells nobody whether they were kept: a switch has the same id
//! after every boot, and so may all that stands on it. So a virtual router with a MAC that nothing else has is created,
//! and no interface is ever put into it. If it is there and has that MAC, the ASIC holds what it held; if not, it was
//! booted cold, and the records are void.
//!
//! Invariant: a full disk costs records, never entries: what finds no room is programmed all the same, and an alarm says
//! that nobody will know it for ours. A record that is torn or damaged counts as not written.

mod boot;
mod record;

pub use boot::Boot;
pub use record::{Standing, Thing, VpnDigest};

use crate::addr::Mac;
use crate::limits;
use crate::node::io::NoRoom;
use crate::sai::{Oid, Region, id};
use ahash::RandomState;
use hashbrown::HashTable;
use record::{Body, FREE, SIZE};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{Ordering, compiler_fence};
use thiserror::Error;

const MAGIC: [u8; 8] = *b"MLAGJRNL";
/// The form of the file. Another one is refused: records that are read wrongly would name what is not ours.
const FORM: u32 = 1;
/// The records begin here.
const HEADER: usize = 4096;

/// Why a journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Two daemons would believe that the same entries are theirs.
    #[error("journal {} is in use by another process", path.display())]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// The system refuses it.
    #[error("cannot use journal {}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// It is something else.
    #[error("{} is no journal of this program; name another file, or remove it", path.display())]
    NotOurs {
        /// Which file.
        path: PathBuf,
    },
    /// It was written in another form.
    #[error(
        "journal {} is of form {form} with records of {size} bytes; this program reads form {FORM} with {SIZE}. Remove it \
         to go on: what it names will then be reported as foreign, and not removed",
        path.display()
    )]
    Form {
        /// Which file.
        path: PathBuf,
        /// Its form.
        form: u32,
        /// Its records' size.
        size: u32,
    },
}

/// The virtual router that stands for one boot of the ASIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its id; null while it is being made.
    pub router: Oid<id::VirtualRouter>,
    /// Its MAC.
    pub mac: Mac,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    region: Region,
    /// Numbers of records by what they name.
    index: HashTable<u32>,
    hasher: RandomState,
    free: Vec<u32>,
    mark: Option<Mark>,
    damaged: u64,
    /// Things that found no room.
    unrecorded: u64,
    /// Why there was none when it was asked for last.
    no_room: NoRoom,
    most: usize,
}

impl Journal {
    /// Opens or makes the file.
    pub fn open(path: &Path) -> Result<Journal, JournalError> {
        Journal::open_bounded(path, limits::JOURNAL_FIRST, limits::JOURNAL_MAX)
    }

    /// [`Journal::open`] with room for `first` records at once and `most` in all.
    pub fn open_bounded(path: &Path, first: usize, most: usize) -> Result<Journal, JournalError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::WouldBlock => JournalError::InUse { path: path.to_owned() },
            _ => JournalError::Io { path: path.to_owned(), source },
        };
        // Before the file is touched: it may be somebody's notes.
        check(path, &peek(path).map_err(failed)?)?;
        // Where the disk has no room for so many, fewer are better than none.
        let full = |opened: &io::Result<Region>| {
            opened.as_ref().is_err_and(|error| no_room(error) != NoRoom::Refused)
        };
        let mut region = Region::open(path, HEADER + first * SIZE);
        for records in [limits::JOURNAL_STEP.min(first), 64.min(first)] {
            if full(&region) {
                region = Region::open(path, HEADER + records * SIZE);
            }
        }
        let region = region.map_err(failed)?;
        let mut journal = Journal {
            path: path.to_owned(),
            region,
            index: HashTable::new(),
            hasher: RandomState::new(),
            free: Vec::new(),
            mark: None,
            damaged: 0,
            unrecorded: 0,
            no_room: NoRoom::Bound,
            most,
        };
        journal.mark = journal.read_mark();
        journal.scan();
        Ok(journal)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The boot that its records belong to; `None` for a new file.
    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// How many things it names.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// True when it names nothing.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Records that were torn or damaged when it was opened, and are not counted.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Things that are ours and found no room since it was opened.
    pub fn unrecorded(&self) -> u64 {
        self.unrecorded
    }

    /// Why what is ours finds no room, while it does not.
    pub fn no_room(&self) -> Option<NoRoom> {
        (self.unrecorded > 0).then_some(self.no_room)
    }

    /// Tries again whether it can grow, if it could not.
    pub fn look_for_room(&mut self) {
        if self.unrecorded > 0 {
            if self.free.is_empty() {
                self.grow();
            }
            self.say_room();
        }
    }

    fn say_room(&mut self) {
        if !self.free.is_empty() && std::mem::take(&mut self.unrecorded) > 0 {
            tracing::info!(path = %self.path.display(), "the journal has room again");
        }
    }

    /// Everything that it names, in the order of the file.
    pub fn things(&self) -> impl Iterator<Item = (Thing, Standing)> {
        (0..self.records()).filter_map(|at| {
            let bytes = self.bytes(at);
            let standing = Standing::of(bytes[0])?;
            Some((Body::read(bytes)?.thing()?, standing))
        })
    }

    /// How a thing stands; `None` when it is not named.
    pub fn standing(&self, thing: &Thing) -> Option<Standing> {
        Standing::of(self.bytes(self.find(&Body::of(thing))?)[0])
    }

    /// Names a thing, or notes how it stands now. False when there is no room.
    pub fn note(&mut self, thing: &Thing, standing: Standing) -> bool {
        let body = Body::of(thing);
        let at = match self.find(&body) {
            Some(at) => at,
            None => {
                let Some(at) = self.allocate() else { return false };
                let start = HEADER + at as usize * SIZE;
                self.region.bytes_mut()[start..start + SIZE].copy_from_slice(&body.bytes());
                let hash = self.hasher.hash_one(body);
                let Journal { index, region, hasher, .. } = self;
                index.insert_unique(hash, at, |at| hash_of(region, hasher, *at));
                at
            }
        };
        self.set_state(at, standing.byte());
        true
    }

    /// A thing is not ours any more, or not there.
    pub fn erase(&mut self, thing: &Thing) {
        let body = Body::of(thing);
        let hash = self.hasher.hash_one(body);
        let region = &self.region;
        let same = |at: &u32| body_at(region, *at) == Some(body);
        if let Ok(found) = self.index.find_entry(hash, same) {
            let (at, _) = found.remove();
            self.set_state(at, FREE);
            self.free.push(at);
        }
    }

    /// Forgets everything, and belongs to this boot from now on.
    pub fn begin(&mut self, mark: Mark) {
        for at in 0..self.records() {
            // A page that nothing was written to need not be.
            if self.bytes(at)[0] != FREE {
                self.set_state(at, FREE);
            }
        }
        self.set_mark(mark);
        self.scan();
    }

    /// The boot's mark has its id.
    pub fn set_mark(&mut self, mark: Mark) {
        let mut bytes = [0; 36];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORM.to_le_bytes());
        bytes[12..16].copy_from_slice(&(SIZE as u32).to_le_bytes());
        bytes[16..24].copy_from_slice(&mark.router.raw().to_le_bytes());
        bytes[24..30].copy_from_slice(&mark.mac.0);
        let sum = crc32c::crc32c(&bytes[..32]);
        bytes[32..].copy_from_slice(&sum.to_le_bytes());
        self.region.bytes_mut()[..36].copy_from_slice(&bytes);
        self.mark = Some(mark);
    }

    fn read_mark(&self) -> Option<Mark> {
        let header = &self.region.bytes()[..HEADER];
        if header.iter().all(|byte| *byte == 0) {
            return None;
        }
        if word(header, 32) != crc32c::crc32c(&header[..32]) {
            // Written while nothing was recorded: a kill in between leaves a file that belongs to no boot.
            tracing::warn!(path = %self.path.display(), "the journal's header is damaged: what it names is void");
            return None;
        }
        let mut oid = [0; 8];
        oid.copy_from_slice(&header[16..24]);
        let mut mac = [0; 6];
        mac.copy_from_slice(&header[24..30]);
        Some(Mark { router: Oid::from_raw(u64::from_le_bytes(oid)), mac: Mac(mac) })
    }

    /// Reads every record anew.
    fn scan(&mut self) {
        self.index.clear();
        self.free.clear();
        self.damaged = 0;
        for at in (0..self.records()).rev() {
            let bytes = self.bytes(at);
            let state = bytes[0];
            let body =
                Standing::of(state).and_then(|_| Body::read(bytes)).filter(|body| body.thing().is_some());
            match body {
                Some(body) if self.find(&body).is_none() => {
                    let hash = self.hasher.hash_one(body);
                    let Journal { index, region, hasher, .. } = self;
                    index.insert_unique(hash, at, |at| hash_of(region, hasher, *at));
                }
                _ => {
                    if state != FREE {
                        self.damaged += 1;
                        self.set_state(at, FREE);
                    }
                    self.free.push(at);
                }
            }
        }
    }

    fn records(&self) -> u32 {
        ((self.region.bytes().len() - HEADER) / SIZE) as u32
    }

    fn bytes(&self, at: u32) -> &[u8] {
        let start = HEADER + at as usize * SIZE;
        &self.region.bytes()[start..start + SIZE]
    }

    /// Alone, and after everything that was written before it: what a kill leaves is decided by this one store.
    fn set_state(&mut self, at: u32, state: u8) {
        compiler_fence(Ordering::SeqCst);
        self.region.bytes_mut()[HEADER + at as usize * SIZE] = state;
        compiler_fence(Ordering::SeqCst);
    }

    fn find(&self, body: &Body) -> Option<u32> {
        let same = |at: &u32| body_at(&self.region, *at) == Some(*body);
        self.index.find(self.hasher.hash_one(body), same).copied()
    }

    fn allocate(&mut self) -> Option<u32> {
        if self.free.is_empty() && self.unrecorded.is_multiple_of(limits::JOURNAL_RETRY) {
            self.grow();
        }
        self.say_room();
        let at = self.free.pop();
        self.unrecorded += u64::from(at.is_none());
        at
    }

    /// Doubles the room, or adds a little where the disk has not as much.
    fn grow(&mut self) {
        let has = self.records() as usize;
        let mut refused = None;
        for more in [has.max(1), limits::JOURNAL_STEP] {
            let records = (has + more).min(self.most);
            if records <= has {
                break;
            }
            match self.region.grow(HEADER + records * SIZE) {
                Ok(()) => {
                    self.free.extend((has as u32..self.records()).rev());
                    return;
                }
                Err(error) => refused = Some(error),
            }
        }
        self.no_room = refused.as_ref().map_or(NoRoom::Bound, no_room);
        if self.unrecorded == 0 {
            let why =
                refused.map_or_else(|| "it is as large as it may be".to_owned(), |error| error.to_string());
            tracing::error!(
                path = %self.path.display(),
                records = has,
                why,
                "the journal cannot grow: entries that are programmed from now on will not be known for ours after a restart"
            );
        }
    }
}

/// What the system's refusal to make a file larger means.
fn no_room(error: &io::Error) -> NoRoom {
    match error.kind() {
        io::ErrorKind::StorageFull => NoRoom::DiskFull,
        io::ErrorKind::QuotaExceeded => NoRoom::Quota,
        io::ErrorKind::FileTooLarge => NoRoom::FileLimit,
        _ => NoRoom::Refused,
    }
}

/// The first bytes of what is there; none when nothing is.
fn peek(path: &Path) -> io::Result<Vec<u8>> {
    match fs::metadata(path) {
        Ok(facts) if facts.is_file() => {}
        Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    }
    let mut head = Vec::new();
    fs::File::open(path)?.take(HEADER as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Is it a journal, and in our form? One that was killed before it wrote its header is all zeros.
fn check(path: &Path, head: &[u8]) -> Result<(), JournalError> {
    if head.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    if head.len() < HEADER || head[..8] != MAGIC {
        return Err(JournalError::NotOurs { path: path.to_owned() });
    }
    let (form, size) = (word(head, 8), word(head, 12));
    if form != FORM || size != SIZE as u32 {
        return Err(JournalError::Form { path: path.to_owned(), form, size });
    }
    Ok(())
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn body_at(region: &Region, at: u32) -> Option<Body> {
    let start = HEADER + at as usize * SIZE;
    Body::read(&region.bytes()[start..start + SIZE])
}

fn hash_of(region: &Region, hasher: &RandomState, at: u32) -> u64 {
    // The CRC is not asked again for what is in the index: only this process writes there.
    body_at(region, at).map_or(0, |body| hasher.hash_one(body))
}

#[cfg(test)]
mod tests;
