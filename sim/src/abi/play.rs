//! The calls of a trace once more, on any library.
//!
//! What was an id then is another id now: whatever a call answers as an id teaches which is which. A callback that
//! the client had becomes one that does nothing.
//!
//! Invariant: passes what the trace says and nothing that it does not; a call that could not be copied, or that the
//! library does not have, is left out and counted.

mod args;
mod global;

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;
use std::ptr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use libloading::{Library, Symbol};
use sai_sys::releases::{Release, TABLES};
use sai_sys::{self as sys, Status, sai_attribute_t, sai_object_type_t as T, sai_status_t};

use self::args::{Attrs, Keys};
use super::record::{self, Lists};
use crate::calls::Op;
use crate::facts::Kind;
use crate::trace::diff::Renamed;
use crate::trace::{Key, Record};

/// What became of a trace.
#[derive(Debug)]
pub struct Played {
    /// The calls that were made, with what this library answered.
    pub records: Vec<Record>,
    /// Those of the trace that were left out, by their place in it.
    pub skipped: Vec<usize>,
}

/// The profile of the library that is played against: a C function without an argument of ours reads it.
static PROFILE: Mutex<Vec<(CString, CString)>> = Mutex::new(Vec::new());

/// Makes the calls of a trace on the library at `path`. The profile is what the library is told, whatever the traced
/// one was told.
pub fn play(path: &Path, profile: &[(&str, &str)], records: &[Record]) -> Result<Played, String> {
    let c_string = |text: &str| CString::new(text).map_err(|_| format!("`{text}` has a NUL in it"));
    let pairs = profile.iter().map(|(key, value)| Ok((c_string(key)?, c_string(value)?)));
    let pairs: Result<_, String> = pairs.collect();
    *PROFILE.lock().unwrap_or_else(PoisonError::into_inner) = pairs?;
    // SAFETY: whoever names a library to be opened trusts what it does on being opened.
    let library = unsafe { Library::new(path) }.map_err(|error| error.to_string())?;
    let mut player = Player { library, release: Release::CURRENT, ids: HashMap::new() };
    player.release = player.release();
    let mut played = Played { records: Vec::with_capacity(records.len()), skipped: Vec::new() };
    for (n, record) in records.iter().enumerate() {
        match player.again(record) {
            Some(new) => played.records.push(new),
            None => played.skipped.push(n),
        }
    }
    Ok(played)
}

/// The host's `profile_get_value`. The pairs stay where they are until the next play.
unsafe extern "C" fn profile_value(_: u32, key: *const c_char) -> *const c_char {
    if key.is_null() {
        return ptr::null();
    }
    // SAFETY: not null, so the library gave a string.
    let key = unsafe { CStr::from_ptr(key) };
    let pairs = PROFILE.lock().unwrap_or_else(PoisonError::into_inner);
    pairs.iter().find(|(known, _)| known.as_c_str() == key).map_or(ptr::null(), |(_, value)| value.as_ptr())
}

/// Stands for every callback: under the C calling convention what is passed may be ignored.
extern "C" fn nothing() {}

struct Player {
    library: Library,
    release: Release,
    /// Ids of the trace, and what they are here.
    ids: HashMap<u64, u64>,
}

impl Renamed for Player {
    fn id(&mut self, id: u64) -> u64 {
        self.ids.get(&id).copied().unwrap_or(id)
    }
}

type Member = *const c_void;
type A = *const sai_attribute_t;

/// Reads a function's address as this type of function.
macro_rules! as_fn {
    ($member:expr, fn($($arg:ty),*)) => {
        // SAFETY: the member of this name has this signature, whatever the object type.
        unsafe { std::mem::transmute::<Member, unsafe extern "C" fn($($arg),*) -> sai_status_t>($member) }
    };
}

impl Player {
    fn symbol<F>(&self, name: &str) -> Option<Symbol<'_, F>> {
        // SAFETY: the callers below name the type of this function in the C header.
        unsafe { self.library.get(name) }.ok()
    }

    /// The release that the library says it is.
    fn release(&self) -> Release {
        let mut version = 0;
        let known = self.symbol::<sys::sai_query_api_version_fn>("sai_query_api_version");
        // SAFETY: the place is ours.
        let status = known.map_or(-1, |query| unsafe { query(&raw mut version) });
        let release = Release::from_api_version(version).filter(|_| status == Status::SUCCESS.0);
        release.unwrap_or(Release::OLDEST)
    }

    /// A function of a method table. NULL counts as missing.
    fn member(&self, name: &str) -> Option<Member> {
        let table = TABLES.iter().find(|table| table.has(name, self.release))?;
        let member = table.members.iter().find(|member| member.name == name)?;
        let query = self.symbol::<sys::sai_api_query_fn>("sai_api_query")?;
        let mut methods = ptr::null_mut();
        // SAFETY: the place is ours.
        let status = unsafe { query(table.api, &raw mut methods) };
        if status != Status::SUCCESS.0 || methods.is_null() {
            return None;
        }
        // SAFETY: the table of this release has this member.
        let place = unsafe { methods.cast::<u8>().add(member.offset) }.cast::<Member>();
        // SAFETY: within the table, which lives until uninitialise.
        Some(unsafe { place.read() }).filter(|function| !function.is_null())
    }

    /// Makes a call of the trace; `None` if it cannot be made.
    fn again(&mut self, old: &Record) -> Option<Record> {
        if !old.whole {
            return None;
        }
        let mut new = self.record(old);
        new.output.clear();
        new.ended = true;
        let asks = matches!(old.what, "get" | "get_many" | "bulk_get");
        for item in &mut new.items {
            item.status = None;
            item.attrs.iter_mut().filter(|_| asks).for_each(|attr| attr.value = None);
            if matches!(old.what, "create" | "create_many") && matches!(item.key, Key::Id(_)) {
                item.key = Key::Id(0);
            }
        }
        if old.what == "keys" {
            new.items.clear();
        }
        let call = self.prepare(&mut new)?;
        let begin = Instant::now();
        let (status, finish) = call();
        new.ns = begin.elapsed().as_nanos() as u64;
        new.status = status;
        finish(&mut new);
        self.learn(old, &new);
        Some(new)
    }

    /// Ids at the same place of two records are the same object's.
    fn learn(&mut self, old: &Record, new: &Record) {
        if old.what == "switch_id" {
            self.ids.extend(old.output.iter().copied().zip(new.output.iter().copied()));
        }
        let facts = old.facts();
        let asks = matches!(old.what, "get" | "get_many" | "bulk_get");
        for (old, new) in old.items.iter().zip(&new.items) {
            if let (Key::Id(was), Key::Id(is)) = (old.key, new.key)
                && was != 0
                && is != 0
            {
                self.ids.insert(was, is);
            }
            for (old, new) in old.attrs.iter().zip(&new.attrs).filter(|_| asks) {
                let row = facts.and_then(|facts| facts.attr(old.id));
                if row.is_some_and(|row| matches!(row.kind, Kind::Oid | Kind::Oids))
                    && let (Some(was), Some(is)) = (&old.value, &new.value)
                {
                    let pairs = was.nums().iter().copied().zip(is.nums().iter().copied());
                    self.ids.extend(pairs.filter(|(was, is)| *was != 0 && *is != 0));
                }
            }
        }
    }
}

/// What remains to be written down after a call.
type Finish = Box<dyn FnOnce(&mut Record)>;
/// A call with everything that it needs.
type Call<'a> = Box<dyn FnOnce() -> (sai_status_t, Finish) + 'a>;

impl Player {
    /// Gets a call ready: what it is passed, and the function.
    fn prepare(&self, new: &mut Record) -> Option<Call<'_>> {
        let entry = matches!(
            new.object,
            T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY | T::SAI_OBJECT_TYPE_FDB_ENTRY | T::SAI_OBJECT_TYPE_ROUTE_ENTRY
        );
        let op = match new.what {
            "create" => Op::Create,
            "remove" => Op::Remove,
            "set" => Op::Set,
            "get" => Op::Get,
            "create_many" => Op::BulkCreate,
            "remove_many" => Op::BulkRemove,
            "set_many" => Op::BulkSet,
            "get_many" => Op::BulkGet,
            "stats" => Op::Stats,
            "clear_stats" => Op::ClearStats,
            "remove_all" => Op::RemoveAll,
            "flush" => Op::Flush,
            _ => return self.prepare_global(new),
        };
        let mut name = op.name(new.object);
        if op == Op::Stats && new.input.first().is_some_and(|mode| *mode != u64::MAX) {
            name += "_ext";
        }
        let member = self.member(&name)?;
        let (keys, attrs) = (Keys::of(new), Attrs::of(new));
        if op != Op::Flush && keys.len() != new.items.len() {
            return None;
        }
        let count = keys.len() as u32;
        let (switch, object, input) = (new.switch, new.object, new.input.clone());
        let first = match &keys {
            Keys::Ids(ids) => ids.first().copied().unwrap_or_default(),
            _ => 0,
        };
        let wanted = wanted(new);
        let mode = sys::sai_bulk_op_error_mode_t(input.first().copied().unwrap_or_default() as u32);
        let mut statuses = vec![Status::NOT_EXECUTED.0; keys.len()];
        let mut ids = vec![0_u64; keys.len().max(1)];
        let ok: fn() -> Finish = || Box::new(|_| ());
        // SAFETY, of every call below: what is passed is ours, outlives the call, and is as long as its count says.
        Some(match op {
            Op::Create if object == T::SAI_OBJECT_TYPE_SWITCH => Box::new(move || {
                let create = as_fn!(member, fn(*mut u64, u32, A));
                // SAFETY: as above.
                let status =
                    unsafe { create(ids.as_mut_ptr(), attrs.only().len() as u32, attrs.only().as_ptr()) };
                (status, made(ids))
            }),
            Op::Create if !entry => Box::new(move || {
                let create = as_fn!(member, fn(*mut u64, u64, u32, A));
                let list = attrs.only();
                // SAFETY: as above.
                let status = unsafe { create(ids.as_mut_ptr(), switch, list.len() as u32, list.as_ptr()) };
                (status, made(ids))
            }),
            Op::Create => Box::new(move || {
                let create = as_fn!(member, fn(*const c_void, u32, A));
                // SAFETY: as above.
                (unsafe { create(keys.list(), attrs.only().len() as u32, attrs.only().as_ptr()) }, ok())
            }),
            Op::Remove if !entry => {
                let remove = as_fn!(member, fn(u64));
                // SAFETY: no pointers.
                Box::new(move || (unsafe { remove(first) }, ok()))
            }
            Op::Remove => {
                let remove = as_fn!(member, fn(*const c_void));
                // SAFETY: as above.
                Box::new(move || (unsafe { remove(keys.list()) }, ok()))
            }
            Op::Set if !entry => {
                let set = as_fn!(member, fn(u64, A));
                // SAFETY: as above.
                Box::new(move || (unsafe { set(first, attrs.first().as_ptr()) }, ok()))
            }
            Op::Set => Box::new(move || {
                let set = as_fn!(member, fn(*const c_void, A));
                // SAFETY: as above.
                (unsafe { set(keys.list(), attrs.first().as_ptr()) }, ok())
            }),
            Op::Get => Box::new(move || {
                let (length, list) = (attrs.only().len() as u32, attrs.only().as_ptr());
                let status = if entry {
                    let get = as_fn!(member, fn(*const c_void, u32, A));
                    // SAFETY: as above.
                    unsafe { get(keys.list(), length, list) }
                } else {
                    let get = as_fn!(member, fn(u64, u32, A));
                    // SAFETY: as above.
                    unsafe { get(first, length, list) }
                };
                (status, values(attrs, Vec::new()))
            }),
            Op::BulkCreate => Box::new(move || {
                let (lengths, lists) = attrs.each();
                let (l, a, s) = (lengths.as_ptr(), lists.as_ptr(), statuses.as_mut_ptr());
                let status = if entry {
                    let create = as_fn!(member, fn(u32, *const c_void, *const u32, *const A, u32, *mut i32));
                    // SAFETY: as above.
                    unsafe { create(count, keys.list(), l, a, mode.0, s) }
                } else {
                    let create = as_fn!(member, fn(u64, u32, *const u32, *const A, u32, *mut u64, *mut i32));
                    // SAFETY: as above.
                    unsafe { create(switch, count, l, a, mode.0, ids.as_mut_ptr(), s) }
                };
                let (said, made) = (said(statuses), made(ids));
                let finish = move |record: &mut Record| {
                    said(record);
                    if !entry {
                        made(record);
                    }
                };
                (status, Box::new(finish))
            }),
            Op::BulkRemove => Box::new(move || {
                let remove = as_fn!(member, fn(u32, *const c_void, u32, *mut i32));
                // SAFETY: as above.
                let status = unsafe { remove(count, keys.list(), mode.0, statuses.as_mut_ptr()) };
                (status, said(statuses))
            }),
            Op::BulkSet => Box::new(move || {
                let set = as_fn!(member, fn(u32, *const c_void, A, u32, *mut i32));
                let list = attrs.first();
                // SAFETY: as above.
                let status = unsafe { set(count, keys.list(), list.as_ptr(), mode.0, statuses.as_mut_ptr()) };
                (status, said(statuses))
            }),
            Op::BulkGet => Box::new(move || {
                let get = as_fn!(member, fn(u32, *const c_void, *const u32, *const A, u32, *mut i32));
                let (lengths, lists) = attrs.each();
                let (l, a, s) = (lengths.as_ptr(), lists.as_ptr(), statuses.as_mut_ptr());
                // SAFETY: as above.
                let status = unsafe { get(count, keys.list(), l, a, mode.0, s) };
                (status, values(attrs, statuses))
            }),
            Op::Stats | Op::ClearStats => Box::new(move || {
                let mut counters = vec![0_u64; wanted.len() + 1];
                let (n, w, c) = (wanted.len() as u32, wanted.as_ptr(), counters.as_mut_ptr());
                let status = match (op, input.first()) {
                    (Op::ClearStats, _) => {
                        let clear = as_fn!(member, fn(u64, u32, *const u32));
                        // SAFETY: as above.
                        unsafe { clear(first, n, w) }
                    }
                    (_, Some(&mode)) if mode != u64::MAX => {
                        let get = as_fn!(member, fn(u64, u32, *const u32, u32, *mut u64));
                        // SAFETY: as above.
                        unsafe { get(first, n, w, mode as u32, c) }
                    }
                    _ => {
                        let get = as_fn!(member, fn(u64, u32, *const u32, *mut u64));
                        // SAFETY: as above.
                        unsafe { get(first, n, w, c) }
                    }
                };
                (status, ok())
            }),
            Op::RemoveAll => {
                let remove = as_fn!(member, fn(u64));
                // SAFETY: no pointers.
                Box::new(move || (unsafe { remove(switch) }, ok()))
            }
            Op::Flush => Box::new(move || {
                let flush = as_fn!(member, fn(u64, u32, A));
                // SAFETY: as above.
                (unsafe { flush(switch, attrs.only().len() as u32, attrs.only().as_ptr()) }, ok())
            }),
            _ => return None,
        })
    }
}

/// The counters that were asked for, behind the mode.
fn wanted(record: &Record) -> Vec<u32> {
    record.input.iter().skip(1).map(|id| *id as u32).collect()
}

/// The ids that a create answered.
fn made(ids: Vec<u64>) -> Finish {
    // SAFETY: the list is as long as the items are many.
    Box::new(move |record| unsafe { record::created(record, ids.as_ptr()) })
}

/// The statuses of a bulk call.
fn said(statuses: Vec<sai_status_t>) -> Finish {
    // SAFETY: the list is as long as the items are many.
    Box::new(move |record| unsafe { record::end(record, Lists::None, statuses.as_ptr()) })
}

/// The values that a get answered, and its statuses if it was for many.
fn values(attrs: Attrs, statuses: Vec<sai_status_t>) -> Finish {
    Box::new(move |record| {
        let (lengths, lists) = attrs.each();
        let lists = Lists::Each(lengths.as_ptr(), lists.as_ptr());
        let statuses = if statuses.is_empty() { ptr::null() } else { statuses.as_ptr() };
        // SAFETY: the lists are as long as the items are many.
        unsafe { record::end(record, lists, statuses) }
    })
}
