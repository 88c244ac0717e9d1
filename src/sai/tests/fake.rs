//! Libraries in C's clothes, written to be nasty: each has its own functions, so each is a library of its own.

use crate::sai::library::Functions;
use crate::sai::status::Status;
use parking_lot::Mutex;
use sai_sys::releases::MethodTable;
use sai_sys::*;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many fake libraries the tests have; each test takes one that nobody else takes.
const FAKES: usize = 24;

/// What a fake library does and saw.
#[derive(Default)]
pub(super) struct State {
    /// What `sai_query_api_version` says.
    pub(super) version: u64,
    /// What it says after it was started, when that differs.
    pub(super) version_once_started: Option<u64>,
    /// What it returns.
    pub(super) version_status: sai_status_t,
    /// Tables by API; none: `sai_api_query` succeeds and gives NULL.
    pub(super) tables: BTreeMap<u32, Address>,
    pub(super) initialized: u32,
    pub(super) uninitialized: u32,
    /// Raw key bytes to attribute list, as bytes.
    pub(super) entries: BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
    /// The statuses that a bulk call found, the error mode, and the number of entries.
    pub(super) bulk_seen: Vec<(Vec<sai_status_t>, u32)>,
    pub(super) singles_seen: u32,
    /// What the next bulk calls answer instead of working: return code and statuses to write.
    pub(super) bulk_says: Option<(sai_status_t, Option<sai_status_t>)>,
    /// A byte that gets answer as NO_HOST_ROUTE.
    pub(super) boolean: u8,
    /// A get answers NOT_IMPLEMENTED when it asks for an attribute that was never set.
    pub(super) keeps_no_defaults: bool,
    /// Threads that were inside at once, at most.
    pub(super) most_inside: usize,
}

/// An address that may be sent to another thread: the test owns what lies there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address(pub(super) *mut c_void);
// SAFETY: what lies there is never freed.
unsafe impl Send for Address {}

static STATES: [Mutex<Option<State>>; FAKES] = [const { Mutex::new(None) }; FAKES];
static INSIDE: [AtomicUsize; FAKES] = [const { AtomicUsize::new(0) }; FAKES];

/// One fake library.
pub(super) struct Fake {
    pub(super) functions: Functions,
    n: usize,
}

impl Fake {
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(STATES[self.n].lock().as_mut().expect("the fake is set up"))
    }

    /// Lays a table of `bytes` at the very end of readable memory and gives it out as the table of its API.
    pub(super) fn give<T: MethodTable + Copy>(&self, table: &T, bytes: usize) -> *mut T {
        let address = guarded(table, bytes);
        self.with(|state| state.tables.insert(T::TABLE.api.0, Address(address.cast())));
        address
    }
}

/// Copies the first `bytes` of a table so that the byte after them cannot be read.
pub(super) fn guarded<T: Copy>(table: &T, bytes: usize) -> *mut T {
    assert!(bytes <= size_of::<T>() && bytes <= 4096);
    // SAFETY: asks for two fresh pages.
    let pages = unsafe {
        libc::mmap(
            ptr::null_mut(),
            8192,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    assert_ne!(pages, libc::MAP_FAILED);
    // SAFETY: the second of the two pages.
    let guarded = unsafe { libc::mprotect(pages.wrapping_byte_add(4096), 4096, libc::PROT_NONE) };
    assert_eq!(guarded, 0);
    let place = pages.wrapping_byte_add(4096 - bytes);
    // SAFETY: `bytes` of the table go to the end of the first page, which is writable.
    unsafe { ptr::copy_nonoverlapping(ptr::from_ref(table).cast::<u8>(), place.cast::<u8>(), bytes) };
    place.cast()
}

/// The fake with this number, set up anew. Numbers are the tests' own: no two tests use the same.
pub(super) fn fake(n: usize) -> Fake {
    let mut state = STATES[n].lock();
    assert!(state.is_none(), "two tests use fake {n}");
    *state = Some(State { version: 11_801, ..State::default() });
    Fake { functions: FUNCTIONS[n], n }
}

extern "C" fn query_version<const N: usize>(version: *mut sai_api_version_t) -> sai_status_t {
    let state = STATES[N].lock();
    let state = state.as_ref().expect("set up");
    let told = state.version_once_started.filter(|_| state.initialized > 0).unwrap_or(state.version);
    // SAFETY: a place for a version.
    unsafe { version.write(told) };
    state.version_status
}

extern "C" fn initialize<const N: usize>(
    _flags: u64,
    services: *const sai_service_method_table_t,
) -> sai_status_t {
    assert!(!services.is_null());
    STATES[N].lock().as_mut().expect("set up").initialized += 1;
    0
}

extern "C" fn uninitialize<const N: usize>() -> sai_status_t {
    STATES[N].lock().as_mut().expect("set up").uninitialized += 1;
    0
}

extern "C" fn query<const N: usize>(api: sai_api_t, table: *mut *mut c_void) -> sai_status_t {
    let state = STATES[N].lock();
    let given = state.as_ref().expect("set up").tables.get(&api.0).map_or(ptr::null_mut(), |at| at.0);
    // SAFETY: a place for a pointer.
    unsafe { table.write(given) };
    0
}

macro_rules! functions {
    ($($n:literal)*) => {[$(Functions {
        api_query: query::<$n>,
        query_api_version: Some(query_version::<$n>),
        api_initialize: Some(initialize::<$n>),
        api_uninitialize: Some(uninitialize::<$n>),
        get_object_count: None,
        get_object_key: None,
        object_type_get_availability: None,
    }),*]};
}

static FUNCTIONS: [Functions; FAKES] =
    functions!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23);

/// A whole neighbour table of the fake with number `N`.
pub(super) fn neighbor_api<const N: usize>() -> sai_neighbor_api_t {
    sai_neighbor_api_t {
        create_neighbor_entry: Some(create::<N>),
        remove_neighbor_entry: Some(remove::<N>),
        set_neighbor_entry_attribute: Some(set::<N>),
        get_neighbor_entry_attribute: Some(get::<N>),
        remove_all_neighbor_entries: None,
        create_neighbor_entries: Some(bulk_create::<N>),
        remove_neighbor_entries: Some(bulk_remove::<N>),
        set_neighbor_entries_attribute: Some(bulk_set::<N>),
        get_neighbor_entries_attribute: Some(bulk_get::<N>),
    }
}

/// The bytes of a struct as C sees them, padding included.
fn bytes<T>(place: *const T) -> Vec<u8> {
    // SAFETY: the caller passed a struct that it zeroed as bytes.
    unsafe { std::slice::from_raw_parts(place.cast::<u8>(), size_of::<T>()) }.to_vec()
}

/// Goes in, works with the state, and notes how many were inside at once.
fn inside<const N: usize, R>(work: impl FnOnce(&mut State) -> R) -> R {
    let now = INSIDE[N].fetch_add(1, Ordering::SeqCst) + 1;
    std::thread::yield_now();
    let answer = {
        let mut state = STATES[N].lock();
        let state = state.as_mut().expect("set up");
        state.most_inside = state.most_inside.max(now);
        work(state)
    };
    std::thread::yield_now();
    INSIDE[N].fetch_sub(1, Ordering::SeqCst);
    answer
}

type Key = *const sai_neighbor_entry_t;

fn do_create(state: &mut State, key: Key, count: u32, list: *const sai_attribute_t) -> sai_status_t {
    let key = bytes(key);
    if state.entries.contains_key(&key) {
        return Status::ITEM_ALREADY_EXISTS.0;
    }
    let list = (0..count as usize).map(|n| bytes(list.wrapping_add(n))).collect();
    state.entries.insert(key, list);
    0
}

fn do_set(state: &mut State, key: Key, attribute: *const sai_attribute_t) -> sai_status_t {
    let Some(list) = state.entries.get_mut(&bytes(key)) else { return Status::ITEM_NOT_FOUND.0 };
    list[0] = bytes(attribute);
    0
}

fn do_remove(state: &mut State, key: Key) -> sai_status_t {
    state.entries.remove(&bytes(key)).map_or(Status::ITEM_NOT_FOUND.0, |_| 0)
}

fn do_get(state: &State, key: Key, count: u32, list: *mut sai_attribute_t) -> sai_status_t {
    let Some(held) = state.entries.get(&bytes(key)) else { return Status::ITEM_NOT_FOUND.0 };
    if state.keeps_no_defaults && count as usize > held.len() {
        return Status::NOT_IMPLEMENTED.0;
    }
    for n in 0..count as usize {
        let slot = list.wrapping_add(n);
        // SAFETY: the caller's list has `count` attributes.
        let id = unsafe { (*slot).id };
        let value = if id == 0 { held[0][8..14].to_vec() } else { vec![state.boolean] };
        let place = slot.cast::<u8>().wrapping_add(8);
        // SAFETY: the value lies at offset 8 of the attribute, and has room for six bytes.
        unsafe { ptr::copy_nonoverlapping(value.as_ptr(), place, value.len()) };
    }
    0
}

extern "C" fn create<const N: usize>(key: Key, n: u32, list: *const sai_attribute_t) -> sai_status_t {
    inside::<N, _>(|state| {
        state.singles_seen += 1;
        do_create(state, key, n, list)
    })
}

extern "C" fn remove<const N: usize>(key: Key) -> sai_status_t {
    inside::<N, _>(|state| {
        state.singles_seen += 1;
        do_remove(state, key)
    })
}

extern "C" fn set<const N: usize>(key: Key, attribute: *const sai_attribute_t) -> sai_status_t {
    inside::<N, _>(|state| {
        state.singles_seen += 1;
        do_set(state, key, attribute)
    })
}

extern "C" fn get<const N: usize>(key: Key, n: u32, list: *mut sai_attribute_t) -> sai_status_t {
    inside::<N, _>(|state| {
        state.singles_seen += 1;
        do_get(state, key, n, list)
    })
}

/// The body of every bulk call: notes what it found, then says what it was told to say, or works entry by entry.
fn bulk<const N: usize>(
    count: u32,
    mode: sai_bulk_op_error_mode_t,
    statuses: *mut sai_status_t,
    mut one: impl FnMut(&mut State, usize) -> sai_status_t,
) -> sai_status_t {
    // SAFETY: the caller's list has `count` statuses.
    let statuses = unsafe { std::slice::from_raw_parts_mut(statuses, count as usize) };
    inside::<N, _>(|state| {
        state.bulk_seen.push((statuses.to_vec(), mode.0));
        if let Some((returned, written)) = state.bulk_says {
            if let Some(status) = written {
                statuses.fill(status);
            }
            return returned;
        }
        let mut failed = false;
        for (n, status) in statuses.iter_mut().enumerate() {
            *status = one(state, n);
            failed |= *status != 0;
        }
        if failed { Status::FAILURE.0 } else { 0 }
    })
}

extern "C" fn bulk_create<const N: usize>(
    count: u32,
    keys: Key,
    counts: *const u32,
    lists: *mut *const sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    statuses: *mut sai_status_t,
) -> sai_status_t {
    bulk::<N>(count, mode, statuses, |state, n| {
        // SAFETY: the caller's lists have `count` elements; here and below.
        let attributes = unsafe { counts.wrapping_add(n).read() };
        // SAFETY: as above.
        let list = unsafe { lists.wrapping_add(n).read() };
        do_create(state, keys.wrapping_add(n), attributes, list)
    })
}

extern "C" fn bulk_remove<const N: usize>(
    count: u32,
    keys: Key,
    mode: sai_bulk_op_error_mode_t,
    statuses: *mut sai_status_t,
) -> sai_status_t {
    bulk::<N>(count, mode, statuses, |state, n| do_remove(state, keys.wrapping_add(n)))
}

extern "C" fn bulk_set<const N: usize>(
    count: u32,
    keys: Key,
    list: *const sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    statuses: *mut sai_status_t,
) -> sai_status_t {
    bulk::<N>(count, mode, statuses, |state, n| do_set(state, keys.wrapping_add(n), list.wrapping_add(n)))
}

extern "C" fn bulk_get<const N: usize>(
    count: u32,
    keys: Key,
    counts: *const u32,
    lists: *mut *mut sai_attribute_t,
    mode: sai_bulk_op_error_mode_t,
    statuses: *mut sai_status_t,
) -> sai_status_t {
    bulk::<N>(count, mode, statuses, |state, n| {
        // SAFETY: as above.
        let attributes = unsafe { counts.wrapping_add(n).read() };
        // SAFETY: as above.
        let list = unsafe { lists.wrapping_add(n).read() };
        do_get(state, keys.wrapping_add(n), attributes, list)
    })
}
