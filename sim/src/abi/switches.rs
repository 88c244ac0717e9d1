//! Create and remove of switches.
//!
//! SWITCH_HARDWARE_INFO tells the switches of a process apart; SWITCH_PROFILE_ID says with which profile of the host
//! a switch comes up, so that two switches of one process can differ in every `SAI_SIM_` key.
//!
//! Invariant: the lock of the world is not held while the host's profile functions run.

use std::cell::Cell;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::PoisonError;

use sai_sys::{
    Status, sai_attribute_t, sai_object_id_t, sai_object_type_t, sai_status_t, sai_switch_attr_t as Attr,
};

use super::attr::{Purpose, read_all};
use super::record::{self, Lists, traced, written};
use super::{guard, on_switch, put, slice, tables, writable};
use crate::calls::Op;
use crate::journal::{Journal, Saved, Thing};
use crate::object::{Given, find};
use crate::profile::Settings;
use crate::refusal::Result;
use crate::switch::Switch;
use crate::trace::{Item, Key, Record, Shown};
use crate::value::Value;
use crate::world;

const SWITCH: sai_object_type_t = sai_object_type_t::SAI_OBJECT_TYPE_SWITCH;

/// `create_switch`.
///
/// # Safety
/// The pointers are as the SAI header asks, or null.
pub(super) unsafe extern "C" fn create(
    switch_id: *mut sai_object_id_t,
    attr_count: u32,
    attr_list: *const sai_attribute_t,
) -> sai_status_t {
    let start = || {
        let lists = Lists::Only(attr_list, attr_count);
        // SAFETY: by this function's contract.
        unsafe { record::start(Record::new("create", SWITCH, 0), 1, |_| Some(Key::Id(0)), lists) }
    };
    let deed = || {
        let session = super::session()?;
        tables::ripen();
        writable(switch_id)?;
        // SAFETY: by this function's contract.
        let attrs = unsafe { slice(attr_list, attr_count) }?;
        // SAFETY: by this function's contract.
        let given = unsafe { read_all(Switch::facts(SWITCH)?, attrs, Purpose::Create) }?;
        let number = |id: Attr| find(&given, id.0).and_then(Value::num);
        let settings = match number(Attr::SAI_SWITCH_ATTR_SWITCH_PROFILE_ID) {
            None | Some(0) => session.settings,
            Some(profile) => session.services.settings(profile as u32)?,
        };
        let id = if number(Attr::SAI_SWITCH_ATTR_INIT_SWITCH) == Some(0) {
            connect(&given)?
        } else {
            boot(settings, given)?
        };
        // SAFETY: by this function's contract.
        unsafe { put(switch_id, id) }
    };
    // SAFETY: by this function's contract.
    traced(start, || guard(deed), |record| unsafe { record::created(record, switch_id) })
}

/// As [`boot`], and `remove` below, for a test that has its switch without a client; in the trace it has one.
pub(crate) fn boot_traced(settings: Settings, given: Vec<Given>) -> Result<u64> {
    let shown = |(id, value): &Given| Shown { id: *id, room: None, value: Some(value.clone()) };
    let mut record = Record::new("create", SWITCH, 0);
    record.items.push(Item { key: Key::Id(0), attrs: given.iter().map(shown).collect(), status: None });
    let id = Cell::new(0);
    let call = || {
        guard(|| {
            id.set(boot(settings, given)?);
            Ok(())
        })
    };
    match written(record, call, |record| {
        record.items.iter_mut().for_each(|item| item.key = Key::Id(id.get()))
    }) {
        0 => Ok(id.get()),
        status => Err(Status(status)),
    }
}

/// Takes a switch away that [`boot_traced`] brought up, if it is still there.
pub(crate) fn remove_traced(id: u64) {
    if world::find(id).is_ok() {
        traced(|| about_to_remove(id), || guard(|| world::remove(id)), |_| ());
    }
}

fn about_to_remove(id: u64) -> Record {
    let mut record = Record::new("remove", SWITCH, 0);
    record.items.push(Item { key: Key::Id(id), attrs: Vec::new(), status: None });
    record
}

/// INIT_SWITCH false: somebody else brought the switch up.
fn connect(given: &[Given]) -> Result<u64> {
    let cell = world::with_hardware(&hardware(given)).ok_or(Status::ITEM_NOT_FOUND)?;
    Ok(cell.id)
}

/// Brings a switch up.
pub(crate) fn boot(settings: Settings, given: Vec<Given>) -> Result<u64> {
    if world::with_hardware(&hardware(&given)).is_some() {
        return Err(Status::ITEM_ALREADY_EXISTS);
    }
    let journal = settings.state.as_deref().map(open).transpose()?;
    let saved = match &journal {
        Some(journal) if settings.warm => journal.load().map_err(|error| bad_file(journal.path(), &error))?,
        _ => Saved::new(),
    };
    // Without a record of the switch itself there is nothing to come back to: a cold start.
    let index = saved.get(&Thing::Switch).and_then(|state| state.body.first_chunk());
    let index = index.map(|bytes| u16::from_le_bytes(*bytes));
    let saved = index.map(|_| saved);
    world::add(hardware(&given), index, |index| {
        let mut switch = Switch::boot(index, settings, given, saved, journal)?;
        switch.calls.add(Op::Create, SWITCH, 1);
        Ok(switch)
    })
}

/// Opens a state file. What holds it open is another process, or another switch of this one.
fn open(path: &Path) -> Result<Journal> {
    Journal::open(path).map_err(|error| {
        if error.kind() == ErrorKind::WouldBlock {
            eprintln!("SAI_SIM: SAI_SIM_STATE: {}: another switch keeps its state there", path.display());
            return Status::OBJECT_IN_USE;
        }
        bad_file(path, &error)
    })
}

fn bad_file(path: &Path, error: &std::io::Error) -> Status {
    eprintln!("SAI_SIM: SAI_SIM_STATE: {}: {error}", path.display());
    Status::INVALID_NV_STORAGE
}

fn hardware(given: &[Given]) -> Vec<u8> {
    let info = find(given, Attr::SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO.0);
    let mut bytes: Vec<u8> = info.map_or(&[][..], Value::nums).iter().map(|n| *n as u8).collect();
    // C callers count the terminating NUL in, or not.
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    bytes
}

/// `remove_switch`.
pub(super) unsafe extern "C" fn remove(switch_id: sai_object_id_t) -> sai_status_t {
    let call = || {
        let status = on_switch(Op::Remove, SWITCH, 1, switch_id, |switch| {
            switch.resolve(switch_id, SWITCH)?;
            if switch.is_to_last() {
                switch.save()?;
            } else {
                switch.forget();
            }
            // Whoever still looks at the switch keeps nobody from its file.
            switch.journal = None;
            Ok(())
        });
        if status != Status::SUCCESS.0 {
            return status;
        }
        guard(|| world::remove(switch_id))
    };
    traced(|| about_to_remove(switch_id), call, |_| ())
}

/// Serialises what must not run twice at once: reading a profile and initialising with it.
pub(super) static INITIALIZING: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Holds [`INITIALIZING`].
pub(super) fn alone() -> std::sync::MutexGuard<'static, ()> {
    INITIALIZING.lock().unwrap_or_else(PoisonError::into_inner)
}
