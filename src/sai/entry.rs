//! Tables whose entries are keyed by value: neighbours, FDB. One body for both; a table states its types and methods.
//!
//! Memory is kept from batch to batch and written in place: an entry costs its key, its attributes and its status.
//!
//! Invariant: statuses are NOT_EXECUTED before each bulk call; bulk calls continue after errors.

use super::bulk::{self, Answer, Calls, Memory, Report, Timed};
use super::error::Error;
use super::library::Library;
use super::memory::{Buffer, Plain};
use super::status::Status;
use super::table::Method;
use sai_sys::releases::MethodTable;
use sai_sys::{sai_attribute_t, sai_bulk_op_error_mode_t, sai_status_t};
use std::ops::Range;

pub(super) type Create<K> = unsafe extern "C" fn(*const K, u32, *const sai_attribute_t) -> sai_status_t;
pub(super) type Remove<K> = unsafe extern "C" fn(*const K) -> sai_status_t;
pub(super) type Set<K> = unsafe extern "C" fn(*const K, *const sai_attribute_t) -> sai_status_t;
pub(super) type Get<K> = unsafe extern "C" fn(*const K, u32, *mut sai_attribute_t) -> sai_status_t;
pub(super) type BulkCreate<K> = unsafe extern "C" fn(
    u32,
    *const K,
    *const u32,
    *mut *const sai_attribute_t,
    sai_bulk_op_error_mode_t,
    *mut sai_status_t,
) -> sai_status_t;
pub(super) type BulkRemove<K> =
    unsafe extern "C" fn(u32, *const K, sai_bulk_op_error_mode_t, *mut sai_status_t) -> sai_status_t;
pub(super) type BulkSet<K> = unsafe extern "C" fn(
    u32,
    *const K,
    *const sai_attribute_t,
    sai_bulk_op_error_mode_t,
    *mut sai_status_t,
) -> sai_status_t;
pub(super) type BulkGet<K> = unsafe extern "C" fn(
    u32,
    *const K,
    *const u32,
    *mut *mut sai_attribute_t,
    sai_bulk_op_error_mode_t,
    *mut sai_status_t,
) -> sai_status_t;

/// A kind of entry: its key, and where its calls are.
pub(super) trait Kind {
    type Key: Plain;
    type Api: MethodTable;
    const CREATE: Method<Self::Api, Create<Self::Key>>;
    const REMOVE: Method<Self::Api, Remove<Self::Key>>;
    const SET: Method<Self::Api, Set<Self::Key>>;
    const GET: Method<Self::Api, Get<Self::Key>>;
    const BULK_CREATE: Method<Self::Api, BulkCreate<Self::Key>>;
    const BULK_REMOVE: Method<Self::Api, BulkRemove<Self::Key>>;
    const BULK_SET: Method<Self::Api, BulkSet<Self::Key>>;
    const BULK_GET: Method<Self::Api, BulkGet<Self::Key>>;
    /// Attributes that a create or a get carries at most, rounded up to a power of two: then the lists have room
    /// whenever the attributes have.
    const ATTRIBUTES: usize;
}

/// What is done to the entries of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Create,
    Remove,
    Set,
    Get,
}

/// A table of entries, with the memory of one batch.
pub(super) struct Entries<E: Kind> {
    library: Library,
    pub(super) keys: Buffer<E::Key>,
    /// [`Kind::ATTRIBUTES`] for each entry, for creates.
    pub(super) attributes: Buffer<sai_attribute_t>,
    /// One for each entry, for sets.
    pub(super) changes: Buffer<sai_attribute_t>,
    /// [`Kind::ATTRIBUTES`] for each entry, for gets: the library writes here.
    pub(super) got: Buffer<sai_attribute_t>,
    /// How many attributes each entry's create or get carries.
    pub(super) counts: Vec<u32>,
    /// Where each entry's attributes begin; follows from the buffers' addresses.
    lists: Buffer<*const sai_attribute_t>,
    got_lists: Buffer<*mut sai_attribute_t>,
    statuses: Vec<sai_status_t>,
    memory: [Memory; 4],
    pub(super) answers: Vec<Answer>,
}

// SAFETY: the pointers in the lists point into buffers of this same value, which are on the heap and go with it.
unsafe impl<E: Kind> Send for Entries<E> {}

impl<E: Kind> Entries<E> {
    pub(super) fn new(library: Library) -> Self {
        const { assert!(E::ATTRIBUTES.is_power_of_two()) };
        Entries {
            library,
            keys: Buffer::zeroed(0),
            attributes: Buffer::zeroed(0),
            changes: Buffer::zeroed(0),
            got: Buffer::zeroed(0),
            counts: Vec::new(),
            lists: Buffer::zeroed(0),
            got_lists: Buffer::zeroed(0),
            statuses: Vec::new(),
            memory: [Memory::default(); 4],
            answers: Vec::new(),
        }
    }

    /// Makes room for a batch of `n`. A batch for [`Act::Get`] finds its slots zeroed.
    pub(super) fn begin(&mut self, n: usize, act: Act) {
        self.keys.ensure(n);
        match act {
            Act::Create => {
                if self.attributes.ensure(n * E::ATTRIBUTES) {
                    self.lists.ensure(n.next_power_of_two());
                    let base = self.attributes.as_ptr();
                    for at in 0..n.next_power_of_two() {
                        self.lists[at] = base.wrapping_add(at * E::ATTRIBUTES);
                    }
                }
            }
            Act::Get => {
                if self.got.ensure(n * E::ATTRIBUTES) {
                    self.got_lists.ensure(n.next_power_of_two());
                    let base = self.got.as_mut_ptr();
                    for at in 0..n.next_power_of_two() {
                        self.got_lists[at] = base.wrapping_add(at * E::ATTRIBUTES);
                    }
                } else {
                    self.got.clear(n * E::ATTRIBUTES);
                }
            }
            Act::Set => drop(self.changes.ensure(n)),
            Act::Remove => {}
        }
        self.counts.clear();
        self.counts.resize(n, 0);
        self.statuses.resize(n, 0);
    }

    /// Gets the batch through; the answers are in `answers`.
    pub(super) fn execute(&mut self, act: Act) -> Report {
        let n = self.counts.len();
        let mut answers = std::mem::take(&mut self.answers);
        let mut memory = self.memory[act as usize];
        let report = bulk::execute(&mut Pass { entries: self, act }, n, &mut memory, &mut answers);
        self.memory[act as usize] = memory;
        self.answers = answers;
        report
    }

    /// Has the library told that it has no bulk function for this?
    pub(super) fn goes_by_singles(&self, act: Act) -> bool {
        self.memory[act as usize].singles_only
    }

    fn bulk(&mut self, act: Act, range: Range<usize>) -> Result<Timed, Error> {
        const MODE: sai_bulk_op_error_mode_t = sai_bulk_op_error_mode_t::SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR;
        let n = u32::try_from(range.len()).expect("a batch is bounded far below 2^32");
        let (library, first) = (&self.library, range.start);
        let keys = self.keys.as_ptr().wrapping_add(first);
        let counts = self.counts[range.clone()].as_ptr();
        let lists = self.lists.as_mut_ptr().wrapping_add(first);
        let got_lists = self.got_lists.as_mut_ptr().wrapping_add(first);
        let changes = self.changes.as_ptr().wrapping_add(first);
        let statuses = &mut self.statuses[range];
        statuses.fill(Status::NOT_EXECUTED.0);
        let statuses = statuses.as_mut_ptr();
        let (status, ns) = match act {
            Act::Create => {
                let create = library.method(&E::BULK_CREATE)?;
                // SAFETY: `begin` made room for the batch, in which the range lies: `n` keys, counts, lists with as
                // many attributes as the counts say, and statuses; nobody else touches them during the call.
                library.enter(|| unsafe { create(n, keys, counts, lists, MODE, statuses) })
            }
            Act::Remove => {
                let remove = library.method(&E::BULK_REMOVE)?;
                // SAFETY: as above: `n` keys and statuses.
                library.enter(|| unsafe { remove(n, keys, MODE, statuses) })
            }
            Act::Set => {
                let set = library.method(&E::BULK_SET)?;
                // SAFETY: as above: `n` keys, attributes and statuses.
                library.enter(|| unsafe { set(n, keys, changes, MODE, statuses) })
            }
            Act::Get => {
                let get = library.method(&E::BULK_GET)?;
                // SAFETY: as for creates, with lists that the library may write.
                library.enter(|| unsafe { get(n, keys, counts, got_lists, MODE, statuses) })
            }
        };
        Ok((Status(status), ns))
    }

    fn single(&mut self, act: Act, at: usize) -> Result<Timed, Error> {
        let library = &self.library;
        let key: *const E::Key = &raw const self.keys[at];
        let count = self.counts[at];
        let (status, ns) = match act {
            Act::Create => {
                let create = library.method(&E::CREATE)?;
                let list = self.lists[at];
                // SAFETY: one key, and a list with as many attributes as its count says; both outlive the call.
                library.enter(|| unsafe { create(key, count, list) })
            }
            Act::Remove => {
                let remove = library.method(&E::REMOVE)?;
                // SAFETY: one key that outlives the call.
                library.enter(|| unsafe { remove(key) })
            }
            Act::Set => {
                let set = library.method(&E::SET)?;
                let change: *const sai_attribute_t = &raw const self.changes[at];
                // SAFETY: one key and one attribute that outlive the call.
                library.enter(|| unsafe { set(key, change) })
            }
            Act::Get => {
                let get = library.method(&E::GET)?;
                let list = self.got_lists[at];
                // SAFETY: as for create, with a list that the library may write.
                library.enter(|| unsafe { get(key, count, list) })
            }
        };
        Ok((Status(status), ns))
    }
}

/// A batch on its way.
struct Pass<'a, E: Kind> {
    entries: &'a mut Entries<E>,
    act: Act,
}

impl<E: Kind> Calls for Pass<'_, E> {
    fn bulk(&mut self, range: Range<usize>) -> Result<Timed, Error> {
        self.entries.bulk(self.act, range)
    }
    fn status(&self, at: usize) -> Status {
        Status(self.entries.statuses[at])
    }
    fn single(&mut self, at: usize) -> Result<Timed, Error> {
        self.entries.single(self.act, at)
    }
    fn only_reads(&self) -> bool {
        self.act == Act::Get
    }
}
