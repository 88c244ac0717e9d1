//! The trace: every call that a client makes, with its arguments, its outcome and how long it took.
//!
//! ```text
//!  abi::record ──► Record ──► text ──► the file of SAI_SIM_TRACE
//!                                       │
//!          view: json ◄── text ◄────────┤
//!          diff: two traces, ids and durations aside
//!          abi::play: the same calls on any libsai, and a trace of what that answered
//! ```
//!
//! A line is written before its call is worked on, and a short one when it returns, each with one write: a process
//! that is killed, crashes or hangs leaves the call that it was in as the last line. Processes append: a file that was
//! there is continued.
//!
//! Invariant: without a trace a call pays one read of one counter.

pub mod diff;
pub mod json;
pub mod text;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::IpAddr;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use sai_sys::sai_object_type_t;

pub use crate::abi::play::{Played, play};
use crate::facts::{self, Facts};
use crate::value::Mac;
pub use crate::value::Value;
use crate::world;

/// One call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// What was called: one of [`WHATS`].
    pub what: &'static str,
    /// On which type of object; 0 if on none.
    pub object: sai_object_type_t,
    /// Did it return? One that did not answered nothing.
    pub ended: bool,
    /// What it answered.
    pub status: i32,
    /// Nanoseconds from call to return.
    pub ns: u64,
    /// The switch, where it is an argument of its own, or 0.
    pub switch: u64,
    /// Numbers that were given: mode, room, flags.
    pub input: Vec<u64>,
    /// Numbers that were answered.
    pub output: Vec<u64>,
    /// Objects or entries that it was about.
    pub items: Vec<Item>,
    /// False if pointers, counts or keys were such that nothing more could be copied; it cannot be played.
    pub whole: bool,
}

/// An object or entry of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// Which. Of an object that is created, the id that the call answered.
    pub key: Key,
    /// Its attributes, given or asked for.
    pub attrs: Vec<Shown>,
    /// Its own status, in bulk calls.
    pub status: Option<i32>,
}

/// Identity of an object or entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the fields are SAI's")]
pub enum Key {
    Id(u64),
    Neighbor { switch: u64, rif: u64, ip: IpAddr },
    Fdb { switch: u64, bv: u64, mac: Mac },
    Route { switch: u64, vr: u64, ip: IpAddr, mask: IpAddr },
}

/// An attribute of an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Number within the object type.
    pub id: u32,
    /// In a get: how many items the caller's list has room for.
    pub room: Option<u32>,
    /// The value: given, or answered with SUCCESS. `None` of an attribute that has no row, or whose list could not
    /// be read.
    pub value: Option<Value>,
}

/// Every name of a call; those of the method tables without their object.
pub const WHATS: &[&str] = &[
    "create",
    "remove",
    "set",
    "get",
    "create_many",
    "remove_many",
    "set_many",
    "get_many",
    "stats",
    "clear_stats",
    "remove_all",
    "flush",
    "initialize",
    "uninitialize",
    "api_query",
    "log_set",
    "object_type",
    "switch_id",
    "api_version",
    "dump",
    "availability",
    "most_attributes",
    "count",
    "keys",
    "bulk_get",
    "attribute_capability",
    "enum_capability",
    "stats_capability",
    "bulk_stats",
    "bulk_clear_stats",
    "stage",
];

impl Record {
    /// A call of which nothing is known yet but its name. The name must be one of [`WHATS`].
    #[must_use]
    pub fn new(what: &'static str, object: sai_object_type_t, switch: u64) -> Self {
        debug_assert!(WHATS.contains(&what));
        let (input, output, items) = (Vec::new(), Vec::new(), Vec::new());
        Self { what, object, ended: true, status: 0, ns: 0, switch, input, output, items, whole: true }
    }

    /// Rows of the attributes in it.
    #[must_use]
    pub fn facts(&self) -> Option<&'static Facts> {
        if self.what == "flush" { Some(facts::FDB_FLUSH) } else { facts::of(self.object) }
    }

    /// Any id in it that leads to the switch that the call was for.
    fn home(&self) -> u64 {
        match self.items.first().map(|item| item.key) {
            _ if self.switch != 0 => self.switch,
            Some(Key::Id(id)) => id,
            Some(Key::Neighbor { switch, .. } | Key::Fdb { switch, .. } | Key::Route { switch, .. }) => {
                switch
            }
            None => 0,
        }
    }
}

/// An open trace file.
pub(crate) struct Tape {
    file: Mutex<File>,
}

impl Drop for Tape {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

static LIVE: AtomicUsize = AtomicUsize::new(0);
static OPEN: Mutex<BTreeMap<PathBuf, Weak<Tape>>> = Mutex::new(BTreeMap::new());

/// Is anything traced at all?
#[inline]
pub(crate) fn on() -> bool {
    LIVE.load(Ordering::Relaxed) > 0
}

/// The tape of this path: the library and its switches share one.
pub(crate) fn open(path: &Path) -> std::io::Result<Arc<Tape>> {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tape) = open.get(path).and_then(Weak::upgrade) {
        return Ok(tape);
    }
    let mut file = File::options().create(true).append(true).read(true).open(path)?;
    match file.metadata()?.len() {
        0 => file.write_all(format!("{}\n", text::HEADER).as_bytes())?,
        length => {
            let mut last = [0];
            file.read_exact_at(&mut last, length - 1)?;
            // A process was killed in the middle of a line.
            if last != *b"\n" {
                file.write_all(format!("{}\n", text::TORN).as_bytes())?;
            }
        }
    }
    let tape = Arc::new(Tape { file: Mutex::new(file) });
    LIVE.fetch_add(1, Ordering::Relaxed);
    open.insert(path.to_owned(), Arc::downgrade(&tape));
    Ok(tape)
}

/// The tape for a call, by what it names; the library's if that leads to no switch.
pub(crate) fn tape_for(record: &Record) -> Option<Arc<Tape>> {
    match world::find(record.home()) {
        Ok(cell) => cell.tape.clone(),
        Err(_) => world::session().ok()?.tape,
    }
}

/// A call that a tape knows of and that has not returned.
pub(crate) struct Begun {
    number: String,
    items: String,
}

impl Tape {
    /// Adds a call before it is worked on.
    pub(crate) fn begin(&self, record: &Record) -> Begun {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Processes append to one file, so a number alone would come twice.
        let number = format!("{:x}.{:x}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let items = text::items(record, false);
        self.write(text::begin(&number, record, &items));
        Begun { number, items }
    }

    /// Adds what a call answered.
    pub(crate) fn end(&self, begun: &Begun, record: &Record) {
        self.write(text::end(&begun.number, record, &begun.items));
    }

    /// Adds a call that is over before anybody knew that it is traced.
    pub(crate) fn whole(&self, record: &Record) {
        self.write(text::line(record));
    }

    /// That a line cannot be written must not change what the call answers.
    fn write(&self, line: String) {
        let line = line + "\n";
        let _ = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}
