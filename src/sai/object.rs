//! Objects with an id: create, remove, get, list. One SAI call each.

use super::attr::{Attribute, List, ListAttribute, Value};
use super::error::Error;
use super::id::Oid;
use super::library::Library;
use super::memory::Buffer;
use super::status::{Kind, Status};
use super::table::Method;
use sai_sys::releases::MethodTable;
use sai_sys::{sai_attribute_t, sai_object_id_t, sai_object_key_t, sai_object_type_t, sai_status_t};

pub(super) type CreateSwitch =
    unsafe extern "C" fn(*mut sai_object_id_t, u32, *const sai_attribute_t) -> sai_status_t;
pub(super) type Create =
    unsafe extern "C" fn(*mut sai_object_id_t, sai_object_id_t, u32, *const sai_attribute_t) -> sai_status_t;
pub(super) type Remove = unsafe extern "C" fn(sai_object_id_t) -> sai_status_t;
pub(super) type Set = unsafe extern "C" fn(sai_object_id_t, *const sai_attribute_t) -> sai_status_t;
pub(super) type Get = unsafe extern "C" fn(sai_object_id_t, u32, *mut sai_attribute_t) -> sai_status_t;

/// A list that changes while it is read is read again this often.
const LIST_ATTEMPTS: usize = 6;

/// Entries that may appear between the count and the list.
const SLACK: usize = 64;

/// No table that we list has more; a count beyond it is nonsense.
const MOST: usize = 1 << 22;

impl Library {
    pub(super) fn create_switch<T: MethodTable, O>(
        &self,
        method: &Method<T, CreateSwitch>,
        attributes: &List,
    ) -> Result<Oid<O>, Error> {
        let create = self.method(method)?;
        let mut id = 0;
        // SAFETY: `id` is a place for one id; the list has as many attributes as it says, and outlives the call.
        let call = || unsafe { create(&raw mut id, attributes.len(), attributes.as_ptr()) };
        let (status, _) = self.enter(call);
        created(method.name, status, id, attributes)
    }

    pub(super) fn create<T: MethodTable, S, O>(
        &self,
        method: &Method<T, Create>,
        switch: Oid<S>,
        attributes: &List,
    ) -> Result<Oid<O>, Error> {
        let create = self.method(method)?;
        let mut id = 0;
        // SAFETY: as in `create_switch`.
        let call = || unsafe { create(&raw mut id, switch.raw(), attributes.len(), attributes.as_ptr()) };
        let (status, _) = self.enter(call);
        created(method.name, status, id, attributes)
    }

    pub(super) fn remove<T: MethodTable, O>(
        &self,
        method: &Method<T, Remove>,
        object: Oid<O>,
    ) -> Result<(), Error> {
        let remove = self.method(method)?;
        // SAFETY: takes a number; a library refuses what is no id of its own.
        let (status, _) = self.enter(|| unsafe { remove(object.raw()) });
        match Status(status) {
            Status::SUCCESS => Ok(()),
            status => Err(Error::Status { call: method.name, status, attribute: None }),
        }
    }

    pub(super) fn set<T: MethodTable, O, V: Value>(
        &self,
        method: &Method<T, Set>,
        object: Oid<O>,
        attribute: Attribute<V>,
        value: V,
    ) -> Result<(), Error> {
        let set = self.method(method)?;
        let mut slot: Buffer<sai_attribute_t> = Buffer::zeroed(1);
        attribute.put(&mut slot[0], value);
        // SAFETY: one attribute, zeroed but for its id and its value; it outlives the call.
        let (status, _) = self.enter(|| unsafe { set(object.raw(), slot.as_ptr()) });
        match Status(status) {
            Status::SUCCESS => Ok(()),
            status => Err(Error::Status { call: method.name, status, attribute: Some(attribute.name) }),
        }
    }

    pub(super) fn get<T: MethodTable, O, V: Value>(
        &self,
        method: &Method<T, Get>,
        object: Oid<O>,
        attribute: Attribute<V>,
    ) -> Result<V, Error> {
        let get = self.method(method)?;
        let mut slot: Buffer<sai_attribute_t> = Buffer::zeroed(1);
        attribute.ask(&mut slot[0]);
        // SAFETY: the list has one attribute, zeroed but for its id, and outlives the call.
        let (status, _) = self.enter(|| unsafe { get(object.raw(), 1, slot.as_mut_ptr()) });
        match Status(status) {
            Status::SUCCESS => Ok(attribute.take(&slot[0])),
            status => Err(Error::Status { call: method.name, status, attribute: Some(attribute.name) }),
        }
    }

    pub(super) fn get_list<T: MethodTable, O, I>(
        &self,
        method: &Method<T, Get>,
        object: Oid<O>,
        attribute: ListAttribute<I>,
    ) -> Result<Vec<Oid<I>>, Error> {
        let get = self.method(method)?;
        let mut room = vec![0u64; SLACK];
        for _ in 0..LIST_ATTEMPTS {
            let mut slot: Buffer<sai_attribute_t> = Buffer::zeroed(1);
            attribute.ask(&mut slot[0], &mut room);
            // SAFETY: the list has one attribute, whose value says how many ids `room` takes; both outlive the call.
            let (status, _) = self.enter(|| unsafe { get(object.raw(), 1, slot.as_mut_ptr()) });
            let count = attribute.count(&slot[0]);
            match Status(status) {
                Status::SUCCESS => {
                    // A count beyond the room is not true: nothing was written there.
                    return Ok(room.into_iter().take(count).map(Oid::from_raw).collect());
                }
                Status::BUFFER_OVERFLOW => room.resize(grown(room.len(), count), 0),
                status => {
                    return Err(Error::Status { call: method.name, status, attribute: Some(attribute.name) });
                }
            }
        }
        Err(too_small(method.name, attribute.name))
    }

    /// The keys of all objects of a type.
    pub(super) fn keys<S>(
        &self,
        switch: Oid<S>,
        object_type: sai_object_type_t,
    ) -> Result<(Buffer<sai_object_key_t>, usize), Error> {
        const COUNT: &str = "sai_get_object_count";
        const KEY: &str = "sai_get_object_key";
        let count_of = self.functions().get_object_count.ok_or(Error::NoSymbol { call: COUNT })?;
        let keys_of = self.functions().get_object_key.ok_or(Error::NoSymbol { call: KEY })?;
        let failed = |call, status| Error::Status { call, status: Status(status), attribute: None };

        let mut count = 0;
        // SAFETY: `count` is a place for one number.
        let (status, _) = self.enter(|| unsafe { count_of(switch.raw(), object_type, &raw mut count) });
        if !Status(status).is_success() {
            return Err(failed(COUNT, status));
        }
        let mut room = (count as usize).min(MOST) + SLACK;
        for _ in 0..LIST_ATTEMPTS {
            let mut keys = Buffer::zeroed(room);
            let mut found = u32::try_from(room).unwrap_or(u32::MAX);
            // SAFETY: `keys` has room for `found` keys; both outlive the call.
            let call = || unsafe { keys_of(switch.raw(), object_type, &raw mut found, keys.as_mut_ptr()) };
            let (status, _) = self.enter(call);
            match Status(status).kind() {
                Kind::Success => return Ok((keys, room.min(found as usize))),
                Kind::BufferOverflow => room = grown(room, found as usize),
                _ => return Err(failed(KEY, status)),
            }
        }
        Err(too_small(KEY, "its list"))
    }

    /// The ids of all objects of a type.
    pub(super) fn ids<S, O>(
        &self,
        switch: Oid<S>,
        object_type: sai_object_type_t,
    ) -> Result<Vec<Oid<O>>, Error> {
        let (keys, count) = self.keys(switch, object_type)?;
        let id = |n: usize| {
            // SAFETY: keys are zeroed as a whole before the library writes them, and any number is an id.
            Oid::from_raw(unsafe { keys[n].key.object_id })
        };
        Ok((0..count).map(id).collect())
    }
}

/// The room for the next attempt: what the library asked for within reason, and never the same again.
fn grown(room: usize, wanted: usize) -> usize {
    wanted.clamp(room, MOST.max(room)) + SLACK
}

fn too_small(call: &'static str, list: &'static str) -> Error {
    Error::Status { call, status: Status::BUFFER_OVERFLOW, attribute: Some(list) }
}

fn created<O>(
    call: &'static str,
    status: sai_status_t,
    id: sai_object_id_t,
    list: &List,
) -> Result<Oid<O>, Error> {
    match Status(status) {
        Status::SUCCESS if id == 0 => Err(Error::Inconsistent { call, what: "gave no object id" }),
        Status::SUCCESS => Ok(Oid::from_raw(id)),
        status => Err(list.error(call, status)),
    }
}
