//! Create, remove, set and get of entries that are keyed by value, once for all three kinds.
//!
//! An entry is a key and a small body in the slot of a [`Table`]; attributes that the body has no place for are kept
//! beside it. What differs between the kinds is in their [`Entry`].
//!
//! Invariant: a check changes nothing, so that a whole batch can be judged before any of it is done.

use sai_sys::{Status, sai_object_type_t};

use super::late::{Postponed, is_there, postpone, waits};
use super::warm::Lasting;
use super::{Switch, Tamper};
use crate::facts::{Attr, Facts};
use crate::faults::{Deed, Target};
use crate::object::{Given, check_complete};
use crate::refusal::{Result, not_kept};
use crate::table::{Extras, Key, Table};
use crate::value::Value;

/// A kind of entry.
pub(crate) trait Entry: Sized + 'static {
    type Key: Key;
    type Body: Copy;
    const OBJECT: sai_object_type_t;
    /// The body of an entry of which nothing was given.
    const BLANK: Self::Body;
    fn table(switch: &Switch) -> &Table<Self::Key, Self::Body>;
    fn table_mut(switch: &mut Switch) -> &mut Table<Self::Key, Self::Body>;
    /// Puts an attribute in the body; false if the body has no place for it.
    fn store(body: &mut Self::Body, id: u32, value: &Value) -> bool;
    /// Reads an attribute that the body, or the key, has.
    fn load(switch: &Switch, key: &Self::Key, body: &Self::Body, id: u32) -> Option<Value>;
    /// Does what the key names exist, and take entries?
    fn check_key(switch: &Switch, key: &Self::Key) -> Result<()>;
    /// Would the switch refuse this body, room aside?
    #[inline]
    fn check_body(_: &Switch, _: &Self::Key, _: &Self::Body) -> Result<()> {
        Ok(())
    }
    /// Is there room for this body, in place of `old` if there is one?
    fn has_room(switch: &Switch, key: &Self::Key, body: &Self::Body, old: Option<&Self::Body>) -> bool;
    /// Counts what the entry uses.
    fn account(switch: &mut Switch, key: &Self::Key, body: &Self::Body, more: bool);
    fn target(key: &Self::Key) -> Target;
    /// Flips a bit of what matters most.
    fn corrupt(body: &mut Self::Body);

    fn facts() -> Result<&'static Facts> {
        Switch::facts(Self::OBJECT)
    }
}

/// An entry as a create gives it, its attributes judged.
pub(crate) struct New<E: Entry> {
    pub(crate) body: E::Body,
    pub(crate) extras: Extras,
}

/// Judges the attributes of a create by their rows.
pub(crate) fn judge<E: Entry>(switch: &Switch, given: Vec<Given>) -> Result<New<E>> {
    let facts = E::facts()?;
    for (index, (id, value)) in given.iter().enumerate() {
        let row = facts.attr(*id).ok_or(Status::FAILURE)?;
        switch.check_references(row, value, index)?;
    }
    check_complete(facts, &given)?;
    switch.check_valid(facts, &given)?;
    let mut new = New { body: E::BLANK, extras: Vec::new() };
    for (id, value) in given {
        if !E::store(&mut new.body, id, &value) {
            new.extras.push((id, value));
        }
    }
    Ok(new)
}

/// Could this entry be created, were there room?
pub(crate) fn check_create<E: Lasting>(switch: &Switch, key: &E::Key) -> Result<()> {
    E::check_key(switch, key)?;
    if is_there::<E>(switch, key) { Err(Status::ITEM_ALREADY_EXISTS) } else { Ok(()) }
}

/// Creates an entry.
#[inline]
pub(crate) fn create<E: Lasting>(switch: &mut Switch, key: E::Key, mut new: New<E>) -> Result<()> {
    let tamper = switch.tamper(Deed::Create, E::OBJECT, || E::target(&key))?;
    E::check_key(switch, &key)?;
    if tamper == Tamper::Discard {
        return if is_there::<E>(switch, &key) { Err(Status::ITEM_ALREADY_EXISTS) } else { Ok(()) };
    }
    if tamper == Tamper::CorruptMac {
        E::corrupt(&mut new.body);
    }
    E::check_body(switch, &key, &new.body)?;
    if waits(switch, tamper) {
        check_create::<E>(switch, &key)?;
        return postpone(switch, &key, Postponed::Put(new), tamper);
    }
    put(switch, key, new, tamper)
}

/// Stores an entry that was judged.
#[inline]
pub(super) fn put<E: Lasting>(switch: &mut Switch, key: E::Key, new: New<E>, tamper: Tamper) -> Result<()> {
    let room = E::has_room(switch, &key, &new.body, None);
    let full = switch.full();
    if !new.extras.is_empty() {
        // Rare, so it may cost a second look-up: references are counted only if the entry will be there.
        if E::table(switch).get(&key).is_some() {
            return Err(Status::ITEM_ALREADY_EXISTS);
        }
        if room {
            switch.refer_all(E::OBJECT, &new.extras, true);
        }
    }
    E::table_mut(switch).try_insert(key, new.body, new.extras, if room { Ok(()) } else { Err(full) })?;
    E::account(switch, &key, &new.body, true);
    switch.touch_entry::<E>(&key);
    tamper.verdict(switch)
}

/// Is there such an entry?
pub(crate) fn check_exists<E: Lasting>(switch: &Switch, key: &E::Key) -> Result<()> {
    if is_there::<E>(switch, key) { Ok(()) } else { Err(Status::ITEM_NOT_FOUND) }
}

/// Removes an entry.
pub(crate) fn remove<E: Lasting>(switch: &mut Switch, key: &E::Key) -> Result<()> {
    let tamper = switch.tamper(Deed::Remove, E::OBJECT, || E::target(key))?;
    if tamper == Tamper::Discard {
        return check_exists::<E>(switch, key);
    }
    if waits(switch, tamper) {
        check_exists::<E>(switch, key)?;
        return postpone::<E>(switch, key, Postponed::Take, tamper);
    }
    take::<E>(switch, key, tamper)
}

/// Takes an entry out.
#[inline]
pub(super) fn take<E: Lasting>(switch: &mut Switch, key: &E::Key, tamper: Tamper) -> Result<()> {
    let (body, extras) = E::table_mut(switch).remove(key).ok_or(Status::ITEM_NOT_FOUND)?;
    E::account(switch, key, &body, false);
    switch.touch_entry::<E>(key);
    switch.refer_all(E::OBJECT, &extras, false);
    tamper.verdict(switch)
}

/// Could this attribute be changed, were there room?
pub(crate) fn check_set<E: Lasting>(switch: &Switch, key: &E::Key, row: &Attr, value: &Value) -> Result<()> {
    check_exists::<E>(switch, key)?;
    switch.check_references(row, value, 0)?;
    // What waits to be programmed has no body to look at yet, and a key no meaning but its own.
    let Some(body) = E::table(switch).get(key).filter(|_| !row.only.is_empty()) else { return Ok(()) };
    let look = |&(id, _): &(u32, i64)| E::load(switch, key, body, id).map(|value| (id, value));
    let attrs: Vec<Given> = row.only.iter().copied().flatten().filter_map(look).collect();
    switch.check_meaning(E::facts()?, row, value, &attrs, 0)
}

/// Changes one attribute, which its row allows to be set.
pub(crate) fn set<E: Lasting>(switch: &mut Switch, key: &E::Key, row: &Attr, value: Value) -> Result<()> {
    let tamper = switch.tamper(Deed::Set, E::OBJECT, || E::target(key))?;
    check_set::<E>(switch, key, row, &value)?;
    if tamper == Tamper::Discard {
        return Ok(());
    }
    if waits(switch, tamper) {
        return postpone::<E>(switch, key, Postponed::Set((row.id, value)), tamper);
    }
    change::<E>(switch, key, row, value, tamper)
}

/// Stores one attribute that was judged.
pub(super) fn change<E: Lasting>(
    switch: &mut Switch,
    key: &E::Key,
    row: &Attr,
    value: Value,
    tamper: Tamper,
) -> Result<()> {
    let old = *E::table(switch).get(key).ok_or(Status::ITEM_NOT_FOUND)?;
    switch.touch_entry::<E>(key);
    let mut body = old;
    if E::store(&mut body, row.id, &value) {
        if tamper == Tamper::CorruptMac {
            E::corrupt(&mut body);
        }
        E::check_body(switch, key, &body)?;
        if !E::has_room(switch, key, &body, Some(&old)) {
            return Err(switch.full());
        }
        E::account(switch, key, &old, false);
        E::account(switch, key, &body, true);
        if let Some(slot) = E::table_mut(switch).get_mut(key) {
            *slot = body;
        }
    } else {
        switch.refer_value(row, &value, true);
        if let Some(old) = E::table_mut(switch).set_extra(*key, row.id, value) {
            switch.refer_value(row, &old, false);
        }
    }
    tamper.verdict(switch)
}

/// Reads one attribute.
pub(crate) fn get<E: Entry>(switch: &Switch, key: &E::Key, row: &Attr, index: usize) -> Result<Value> {
    let body = E::table(switch).get(key).ok_or(Status::ITEM_NOT_FOUND)?;
    if let Some(value) = E::load(switch, key, body, row.id) {
        return Ok(value);
    }
    let extras = E::table(switch).extras(key);
    match crate::object::find(extras, row.id) {
        Some(value) => Ok(value.clone()),
        None => switch.default_of(row, extras).ok_or_else(|| not_kept(index)),
    }
}
