//! What outlives the process: noting changes for the state file, and coming up with what it holds.
//!
//! Invariant: use counts, taken slots and the dense list of router interfaces are derived anew, never saved.

use sai_sys::{Status, sai_object_type_t as T, sai_switch_attr_t as Attr};

use super::entry::Entry;
use super::fdb::Fdb;
use super::neighbor::Neighbors;
use super::route::Routes;
use super::{Defaults, Switch};
use crate::facts::Kind;
use crate::journal::{Journal, Packed, Saved, State, Thing};
use crate::object::{Given, Object};
use crate::oid::Oid;
use crate::refusal::Result;
use crate::value::Value;

/// An entry whose kind can be told from a number in the state file, and which has a form in bytes.
pub(crate) trait Lasting: Entry {
    const TABLE: u8;
    fn key_bytes(key: &Self::Key) -> Packed;
    fn key_from(bytes: &[u8]) -> Option<Self::Key>;
    fn body_bytes(body: &Self::Body) -> Packed;
    fn body_from(bytes: &[u8]) -> Option<Self::Body>;
}

/// How a client says that its end is not the data plane's: said of one shutdown, not of the next.
const OF_A_SHUTDOWN: [Attr; 3] = [
    Attr::SAI_SWITCH_ATTR_RESTART_WARM,
    Attr::SAI_SWITCH_ATTR_PRE_SHUTDOWN,
    Attr::SAI_SWITCH_ATTR_UNINIT_DATA_PLANE_ON_REMOVAL,
];

/// Changes that a bulk call writes together. Who is killed in the middle of it loses at most so many.
const TOGETHER: usize = 64;

impl Switch {
    /// Notes that a thing may have changed.
    #[inline]
    pub(crate) fn touch_object(&mut self, id: u64) {
        if self.journal.is_some() {
            self.changed.push(Thing::Object(id));
        }
    }

    /// Notes that an entry may have changed.
    #[inline]
    pub(crate) fn touch_entry<E: Lasting>(&mut self, key: &E::Key) {
        if self.journal.is_some() {
            self.changed.push(Thing::Entry(E::TABLE, E::key_bytes(key)));
        }
    }

    /// Notes that a link went or came.
    pub(crate) fn touch_link(&mut self, port: u64) {
        if self.journal.is_some() {
            self.changed.push(Thing::Unplugged(port));
        }
    }

    /// Notes that a change waits, or no longer does.
    pub(crate) fn touch_late(&mut self, number: u64) {
        if self.journal.is_some() {
            self.changed.push(Thing::Late(number));
        }
    }

    /// In the middle of a call that changes many things: what it has done so far is in the file before it goes on.
    /// Whether that worked is said at its end.
    #[inline]
    pub(crate) fn save_some(&mut self) {
        if self.changed.len() >= TOGETHER {
            let _ = self.save();
        }
    }

    /// Writes how everything that changed is now, and what could not be written before. Where that fails the hardware
    /// has done what its file does not say, and nothing more is done to it until it can be said.
    #[inline]
    pub(crate) fn save(&mut self) -> Result<()> {
        if self.changed.is_empty() && !self.journal.as_ref().is_some_and(Journal::is_behind) {
            return Ok(());
        }
        self.write_changes()
    }

    fn write_changes(&mut self) -> Result<()> {
        let Some(mut journal) = self.journal.take() else { return Ok(()) };
        let was_behind = journal.is_behind();
        let mut changed = std::mem::take(&mut self.changed);
        // Serial numbers change with objects only.
        if changed.iter().any(|thing| matches!(thing, Thing::Object(_))) {
            self.note(&mut journal, &Thing::Switch);
        }
        changed.iter().for_each(|thing| self.note(&mut journal, thing));
        changed.clear();
        self.changed = changed;
        let written = journal.write();
        if written.is_ok() && journal.is_long() {
            self.note_everything(&mut journal);
            if journal.replace().is_err() {
                // The long file is as good.
                journal.drop_notes();
            }
        }
        let path = journal.path().to_owned();
        self.journal = Some(journal);
        written.map_err(|error| {
            // Said once, not with each call that is refused for it.
            if !was_behind {
                eprintln!("SAI_SIM: SAI_SIM_STATE: {}: {error}", path.display());
            }
            Status::INVALID_NV_STORAGE
        })
    }

    /// Index and serial numbers: an id is not given twice, not even over a restart.
    fn switch_state(&self) -> Vec<u8> {
        let serials = self.serials.iter().flat_map(|n| n.to_le_bytes());
        self.id.switch.to_le_bytes().into_iter().chain(serials).collect()
    }

    fn note(&self, journal: &mut Journal, thing: &Thing) {
        match thing {
            Thing::Switch => journal.note(thing, Some((&self.switch_state(), &[]))),
            Thing::Object(id) => {
                journal.note(thing, self.objects.get(id).map(|object| (&[][..], &object.attrs[..])));
            }
            Thing::Unplugged(port) => {
                journal.note(thing, self.unplugged.contains(port).then_some((&[], &[])));
            }
            Thing::Late(number) => {
                let state = self.late.state_of(*number);
                journal.note(thing, state.as_ref().map(|state| (&state.body[..], &state.attrs[..])));
            }
            Thing::Entry(Neighbors::TABLE, key) => self.note_entry::<Neighbors>(journal, thing, key),
            Thing::Entry(Fdb::TABLE, key) => self.note_entry::<Fdb>(journal, thing, key),
            Thing::Entry(_, key) => self.note_entry::<Routes>(journal, thing, key),
        }
    }

    fn note_entry<E: Lasting>(&self, journal: &mut Journal, thing: &Thing, key: &[u8]) {
        let Some(key) = E::key_from(key) else { return };
        let table = E::table(self);
        let body = table.get(&key).map(|body| E::body_bytes(body));
        journal.note(thing, body.as_ref().map(|body| (&**body, table.extras(&key))));
    }

    /// Writes a state file anew with all that the switch holds, and keeps to it from now on.
    pub(crate) fn keep(&mut self, mut journal: Journal) -> Result<()> {
        self.note_everything(&mut journal);
        journal.replace().map_err(|error| {
            eprintln!("SAI_SIM: SAI_SIM_STATE: {}: {error}", journal.path().display());
            Status::INVALID_NV_STORAGE
        })?;
        self.changed.clear();
        self.journal = Some(journal);
        Ok(())
    }

    fn note_everything(&self, journal: &mut Journal) {
        self.note(journal, &Thing::Switch);
        self.objects.keys().for_each(|id| self.note(journal, &Thing::Object(*id)));
        self.unplugged.iter().for_each(|port| self.note(journal, &Thing::Unplugged(*port)));
        self.note_all::<Neighbors>(journal);
        self.note_all::<Fdb>(journal);
        self.note_all::<Routes>(journal);
        self.late.numbers().for_each(|number| self.note(journal, &Thing::Late(number)));
    }

    fn note_all<E: Lasting>(&self, journal: &mut Journal) {
        for key in E::table(self).keys() {
            self.note(journal, &Thing::Entry(E::TABLE, E::key_bytes(&key)));
        }
    }

    /// Takes the data plane down: the state file holds nothing any more.
    pub(crate) fn forget(&mut self) {
        if let Some(journal) = &mut self.journal
            && let Err(error) = journal.clear()
        {
            eprintln!("SAI_SIM: SAI_SIM_STATE: {error}");
        }
        self.journal = None;
    }

    /// Does the client want the data plane to go on when the switch is removed? Some say so by RESTART_WARM alone.
    pub(crate) fn is_to_last(&self) -> bool {
        let object = self.objects.get(&self.id.id());
        let number = |attr: Attr| object.and_then(|o| o.get(attr.0)).and_then(Value::num);
        number(Attr::SAI_SWITCH_ATTR_RESTART_WARM) == Some(1)
            || number(Attr::SAI_SWITCH_ATTR_UNINIT_DATA_PLANE_ON_REMOVAL) == Some(0)
    }

    /// Fills an empty switch with what a state file holds, `given` on top.
    pub(crate) fn restore(&mut self, saved: Saved, given: &[Given]) -> Result<()> {
        let bad = Status::INVALID_NV_STORAGE;
        for (thing, state) in &saved {
            match thing {
                Thing::Switch => {
                    let serials = state.body.get(2..).ok_or(bad)?.chunks_exact(8);
                    for (serial, bytes) in self.serials.iter_mut().zip(serials) {
                        *serial = u64::from_le_bytes(bytes.try_into().map_err(|_| bad)?);
                    }
                }
                Thing::Object(id) => {
                    let oid = Oid::parse(*id).filter(|oid| oid.switch == self.id.switch).ok_or(bad)?;
                    self.seat(oid, &state.attrs)?;
                    let users = u32::from(oid.object == T::SAI_OBJECT_TYPE_QUEUE);
                    self.insert(*id, Object { attrs: state.attrs.clone(), users });
                }
                Thing::Unplugged(port) => {
                    self.unplugged.insert(*port);
                }
                Thing::Entry(..) | Thing::Late(_) => {}
            }
        }
        self.adopt(given)?;
        for (thing, state) in saved {
            if let Thing::Object(id) = thing {
                let oid = Oid::parse(id).ok_or(bad)?;
                let attrs = self.objects.get(&id).map(|o| o.attrs.clone()).unwrap_or_default();
                self.refer_all(oid.object, &attrs, true);
            } else if let Thing::Late(number) = thing {
                self.restore_late(number, state).ok_or(bad)?;
            } else if let Thing::Entry(table, key) = thing {
                match table {
                    Neighbors::TABLE => self.restore_entry::<Neighbors>(&key, state),
                    Fdb::TABLE => self.restore_entry::<Fdb>(&key, state),
                    _ => self.restore_entry::<Routes>(&key, state),
                }
                .ok_or(bad)?;
            }
        }
        Ok(())
    }

    /// The switch's own attributes: what this create gives goes before what was saved, how the last process wanted
    /// to end is over, and no callback of a process that is gone is ever called.
    fn adopt(&mut self, given: &[Given]) -> Result<()> {
        let facts = Self::facts(T::SAI_OBJECT_TYPE_SWITCH)?;
        let switch = self.objects.entry(self.id.id()).or_default();
        switch.attrs.retain(|(id, _)| {
            !OF_A_SHUTDOWN.contains(&Attr(*id)) && facts.attr(*id).is_some_and(|row| row.kind != Kind::Ptr)
        });
        for (id, value) in given {
            switch.set(*id, value.clone());
        }
        let id = |object, serial| Oid { switch: self.id.switch, object, serial }.id();
        self.defaults = Defaults {
            cpu_port: id(T::SAI_OBJECT_TYPE_PORT, 1),
            virtual_router: id(T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER, 1),
            vlan: id(T::SAI_OBJECT_TYPE_VLAN, 1),
            bridge: id(T::SAI_OBJECT_TYPE_BRIDGE, 1),
            stp: id(T::SAI_OBJECT_TYPE_STP, 1),
            trap_group: id(T::SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP, 1),
            ecmp_hash: id(T::SAI_OBJECT_TYPE_HASH, 1),
            lag_hash: id(T::SAI_OBJECT_TYPE_HASH, 2),
        };
        let d = self.defaults;
        let pinned =
            [d.cpu_port, d.virtual_router, d.vlan, d.bridge, d.stp, d.trap_group, d.ecmp_hash, d.lag_hash];
        pinned.into_iter().chain([self.id.id()]).for_each(|id| self.refer(id, true));
        Ok(())
    }

    fn restore_entry<E: Lasting>(&mut self, key: &[u8], state: State) -> Option<()> {
        let (key, body) = (E::key_from(key)?, E::body_from(&state.body)?);
        self.refer_all(E::OBJECT, &state.attrs, true);
        E::table_mut(self).try_insert(key, body, state.attrs, Ok(())).ok()?;
        E::account(self, &key, &body, true);
        Some(())
    }
}
