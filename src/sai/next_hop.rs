//! Next hops of a switch: objects with an id, one for each address on a router interface.
//!
//! Made and removed in bulk where the library has that (from 1.13 on), one by one where it has not.
//!
//! Invariant: statuses are NOT_EXECUTED and ids null before each bulk call; SUCCESS without an id is not known.

use super::attr::next_hop as at;
use super::bulk::{self, Answer, Calls, Memory, Report, Timed};
use super::error::Error;
use super::id::{self, Oid};
use super::memory::Buffer;
use super::neighbor::NeighborKey;
use super::object;
use super::status::Status;
use super::switch::Switch;
use super::table::{Method, method};
use sai_sys::{
    sai_attribute_t, sai_bulk_op_error_mode_t, sai_next_hop_api_t, sai_next_hop_type_t, sai_object_id_t,
    sai_object_type_t, sai_status_t,
};
use std::ops::Range;

type BulkCreate = unsafe extern "C" fn(
    sai_object_id_t,
    u32,
    *const u32,
    *mut *const sai_attribute_t,
    sai_bulk_op_error_mode_t,
    *mut sai_object_id_t,
    *mut sai_status_t,
) -> sai_status_t;
type BulkRemove = unsafe extern "C" fn(
    u32,
    *const sai_object_id_t,
    sai_bulk_op_error_mode_t,
    *mut sai_status_t,
) -> sai_status_t;
type BulkGet = unsafe extern "C" fn(
    u32,
    *const sai_object_id_t,
    *const u32,
    *mut *mut sai_attribute_t,
    sai_bulk_op_error_mode_t,
    *mut sai_status_t,
) -> sai_status_t;

const CREATE: Method<sai_next_hop_api_t, object::Create> = method!(sai_next_hop_api_t, create_next_hop);
const REMOVE: Method<sai_next_hop_api_t, object::Remove> = method!(sai_next_hop_api_t, remove_next_hop);
const GET: Method<sai_next_hop_api_t, object::Get> = method!(sai_next_hop_api_t, get_next_hop_attribute);
const BULK_CREATE: Method<sai_next_hop_api_t, BulkCreate> = method!(sai_next_hop_api_t, create_next_hops);
const BULK_REMOVE: Method<sai_next_hop_api_t, BulkRemove> = method!(sai_next_hop_api_t, remove_next_hops);
const BULK_GET: Method<sai_next_hop_api_t, BulkGet> = method!(sai_next_hop_api_t, get_next_hops_attribute);

const MODE: sai_bulk_op_error_mode_t = sai_bulk_op_error_mode_t::SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR;
const ATTRIBUTES: usize = 3;
const IP: i32 = sai_next_hop_type_t::SAI_NEXT_HOP_TYPE_IP.0 as i32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Create,
    Remove,
    Get,
}

/// The next hops of a switch, with the memory of one batch.
pub struct NextHopTable {
    switch: Switch,
    /// [`ATTRIBUTES`] for each.
    attributes: Buffer<sai_attribute_t>,
    counts: Vec<u32>,
    lists: Buffer<*mut sai_attribute_t>,
    ids: Vec<sai_object_id_t>,
    statuses: Vec<sai_status_t>,
    memory: [Memory; 3],
    answers: Vec<Answer>,
}

// SAFETY: the pointers in the lists point into a buffer of this same value, which is on the heap and goes with it.
unsafe impl Send for NextHopTable {}

impl NextHopTable {
    /// The next hops of this switch.
    pub fn new(switch: &Switch) -> Self {
        NextHopTable {
            switch: switch.clone(),
            attributes: Buffer::zeroed(0),
            counts: Vec::new(),
            lists: Buffer::zeroed(0),
            ids: Vec::new(),
            statuses: Vec::new(),
            memory: [Memory::default(); 3],
            answers: Vec::new(),
        }
    }

    /// Makes next hops; what became of each is in [`Self::answers`], in their order, and its id in [`Self::made`].
    pub fn create(&mut self, batch: impl ExactSizeIterator<Item = NeighborKey>) -> Report {
        self.begin(batch.len());
        for (n, NeighborKey { rif, ip }) in batch.enumerate() {
            let first = n * ATTRIBUTES;
            at::TYPE.put(&mut self.attributes[first], IP);
            at::IP.put(&mut self.attributes[first + 1], ip);
            at::ROUTER_INTERFACE_ID.put(&mut self.attributes[first + 2], rif);
        }
        self.execute(Act::Create)
    }

    /// Removes next hops.
    pub fn remove(&mut self, batch: impl ExactSizeIterator<Item = Oid<id::NextHop>>) -> Report {
        self.begin(batch.len());
        self.ids.clear();
        self.ids.extend(batch.map(Oid::raw));
        self.execute(Act::Remove)
    }

    /// Looks at next hops: [`Self::seen`] says what they are.
    pub fn read(&mut self, batch: impl ExactSizeIterator<Item = Oid<id::NextHop>>) -> Report {
        self.begin(batch.len());
        self.ids.clear();
        self.ids.extend(batch.map(Oid::raw));
        for n in 0..self.ids.len() {
            let first = n * ATTRIBUTES;
            at::TYPE.ask(&mut self.attributes[first]);
            at::IP.ask(&mut self.attributes[first + 1]);
            at::ROUTER_INTERFACE_ID.ask(&mut self.attributes[first + 2]);
        }
        self.execute(Act::Get)
    }

    /// What became of each of the last batch.
    pub fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// After [`Self::create`]: the id of the next hop at this place of the batch, if it was made.
    pub fn made(&self, n: usize) -> Option<Oid<id::NextHop>> {
        let done = self.answers.get(n) == Some(&Answer::Done);
        done.then(|| Oid::from_raw(self.ids[n]))
    }

    /// After [`Self::read`]: the address and interface of the next hop at this place of the batch; `None` when it is not
    /// there, or leads elsewhere than to an address.
    pub fn seen(&self, n: usize) -> Option<NeighborKey> {
        let first = n * ATTRIBUTES;
        let done = self.answers.get(n) == Some(&Answer::Done) && at::TYPE.take(&self.attributes[first]) == IP;
        done.then(|| NeighborKey {
            rif: at::ROUTER_INTERFACE_ID.take(&self.attributes[first + 2]),
            ip: at::IP.take(&self.attributes[first + 1]),
        })
    }

    /// All next hops of this switch, whoever made them, where the library can list them.
    pub fn list(&self) -> Result<Vec<Oid<id::NextHop>>, Error> {
        self.switch.library().ids(self.switch.id(), sai_object_type_t::SAI_OBJECT_TYPE_NEXT_HOP)
    }

    /// Makes one next hop.
    pub fn make(&mut self, key: NeighborKey) -> Result<Oid<id::NextHop>, Error> {
        self.create(std::iter::once(key));
        let failed = |status| Error::Status { call: CREATE.name, status, attribute: None };
        match self.answers.first() {
            Some(Answer::Done) => Ok(Oid::from_raw(self.ids[0])),
            Some(Answer::Refused(status) | Answer::Unknown(status)) => Err(failed(*status)),
            _ => Err(failed(Status::NOT_IMPLEMENTED)),
        }
    }

    fn begin(&mut self, n: usize) {
        if self.attributes.ensure(n * ATTRIBUTES) {
            // Room for as many lists as the buffer, rounded up, has attributes.
            let room = (n * ATTRIBUTES).next_power_of_two() / ATTRIBUTES;
            self.lists.ensure(room);
            let base = self.attributes.as_mut_ptr();
            for at in 0..room {
                self.lists[at] = base.wrapping_add(at * ATTRIBUTES);
            }
        } else {
            self.attributes.clear(n * ATTRIBUTES);
        }
        self.counts.clear();
        self.counts.resize(n, ATTRIBUTES as u32);
        self.ids.clear();
        self.ids.resize(n, 0);
        self.statuses.clear();
        self.statuses.resize(n, 0);
    }

    fn execute(&mut self, act: Act) -> Report {
        let n = self.counts.len();
        let mut answers = std::mem::take(&mut self.answers);
        let mut memory = self.memory[act as usize];
        let report = bulk::execute(&mut Pass { table: self, act }, n, &mut memory, &mut answers);
        self.memory[act as usize] = memory;
        self.answers = answers;
        report
    }

    /// What a status says, of a create: one that says SUCCESS and gives no id is not known.
    fn checked(&self, act: Act, at: usize, status: Status) -> Status {
        if act == Act::Create && status.is_success() && self.ids[at] == 0 { Status::FAILURE } else { status }
    }
}

/// A batch on its way.
struct Pass<'a> {
    table: &'a mut NextHopTable,
    act: Act,
}

impl Calls for Pass<'_> {
    fn bulk(&mut self, range: Range<usize>) -> Result<Timed, Error> {
        let NextHopTable { switch, counts, lists, ids, statuses, .. } = &mut *self.table;
        let n = u32::try_from(range.len()).expect("a batch is bounded far below 2^32");
        let library = switch.library();
        let counts = counts[range.clone()].as_ptr();
        let lists = lists.as_mut_ptr().wrapping_add(range.start);
        let ids = &mut ids[range.clone()];
        let statuses = &mut statuses[range];
        statuses.fill(Status::NOT_EXECUTED.0);
        let statuses = statuses.as_mut_ptr();
        let (status, ns) = match self.act {
            Act::Create => {
                let create = library.method(&BULK_CREATE)?;
                ids.fill(0);
                let (ids, lists, of) = (ids.as_mut_ptr(), lists.cast(), switch.id().raw());
                // SAFETY: `begin` made room for the batch, in which the range lies: `n` counts, lists with as many
                // attributes as the counts say, ids and statuses; nobody else touches them during the call.
                library.enter(|| unsafe { create(of, n, counts, lists, MODE, ids, statuses) })
            }
            Act::Remove => {
                let remove = library.method(&BULK_REMOVE)?;
                let ids = ids.as_ptr();
                // SAFETY: as above: `n` ids and statuses.
                library.enter(|| unsafe { remove(n, ids, MODE, statuses) })
            }
            Act::Get => {
                let get = library.method(&BULK_GET)?;
                let ids = ids.as_ptr();
                // SAFETY: as above, with lists that the library may write.
                library.enter(|| unsafe { get(n, ids, counts, lists, MODE, statuses) })
            }
        };
        Ok((Status(status), ns))
    }

    fn status(&self, at: usize) -> Status {
        self.table.checked(self.act, at, Status(self.table.statuses[at]))
    }

    fn single(&mut self, at: usize) -> Result<Timed, Error> {
        let NextHopTable { switch, lists, ids, .. } = &mut *self.table;
        let library = switch.library();
        let list = lists[at];
        let (status, ns) = match self.act {
            Act::Create => {
                let create = library.method(&CREATE)?;
                ids[at] = 0;
                let (id, of): (*mut u64, u64) = (&raw mut ids[at], switch.id().raw());
                // SAFETY: a place for one id, and a list with three attributes; both outlive the call.
                library.enter(|| unsafe { create(id, of, ATTRIBUTES as u32, list) })
            }
            Act::Remove => {
                let remove = library.method(&REMOVE)?;
                let id = ids[at];
                // SAFETY: takes a number; a library refuses what is no id of its own.
                library.enter(|| unsafe { remove(id) })
            }
            Act::Get => {
                let get = library.method(&GET)?;
                let id = ids[at];
                // SAFETY: a list with three attributes that the library may write, and that outlives the call.
                library.enter(|| unsafe { get(id, ATTRIBUTES as u32, list) })
            }
        };
        Ok((self.table.checked(self.act, at, Status(status)), ns))
    }

    fn only_reads(&self) -> bool {
        self.act == Act::Get
    }
}
