//! One object with an id, and the rules by which attribute rows judge a create.
//!
//! Invariant: knows rows and values, no switch: whether a reference is alive is asked of the caller.

use sai_sys::Status;

use crate::facts::{Attr, Facts, Init, MANDATORY};
use crate::refusal::{Result, misplaced};
use crate::value::Value;

/// An attribute as it was given, at its place in the caller's list.
pub(crate) type Given = (u32, Value);

/// An object: what was given, and how many others name it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    pub(crate) attrs: Vec<Given>,
    pub(crate) users: u32,
}

impl Object {
    pub(crate) fn get(&self, id: u32) -> Option<&Value> {
        find(&self.attrs, id)
    }

    /// Changes an attribute; answers what it was.
    pub(crate) fn set(&mut self, id: u32, value: Value) -> Option<Value> {
        match self.attrs.iter_mut().find(|(i, _)| *i == id) {
            Some((_, old)) => Some(std::mem::replace(old, value)),
            None => {
                self.attrs.push((id, value));
                None
            }
        }
    }
}

pub(crate) fn find(attrs: &[Given], id: u32) -> Option<&Value> {
    attrs.iter().find(|(i, _)| *i == id).map(|(_, value)| value)
}

/// A number or boolean as given, else as it is by default.
fn number(facts: &Facts, attrs: &[Given], id: u32) -> Option<i64> {
    match find(attrs, id) {
        Some(Value::Num(n)) => Some(*n as i64),
        Some(_) => None,
        None => match facts.attr(id)?.init {
            Init::Num(n) => Some(n),
            Init::Is(on) => Some(i64::from(on)),
            _ => None,
        },
    }
}

/// Does the attribute belong to an object with these attributes?
pub(crate) fn applies(facts: &Facts, row: &Attr, attrs: &[Given]) -> bool {
    row.when.is_empty() || one_holds(facts, row.when, attrs)
}

/// Does the attribute mean something in an object with these attributes, as they are now?
pub(crate) fn is_valid(facts: &Facts, row: &Attr, attrs: &[Given]) -> bool {
    row.only.iter().all(|any| one_holds(facts, any, attrs))
}

fn one_holds(facts: &Facts, any: &[(u32, i64)], attrs: &[Given]) -> bool {
    any.iter().any(|&(id, value)| number(facts, attrs, id) == Some(value))
}

/// Is every mandatory attribute there, and none that belongs to another kind of object?
pub(crate) fn check_complete(facts: &Facts, given: &[Given]) -> Result<()> {
    for (index, (id, _)) in given.iter().enumerate() {
        let row = facts.attr(*id).ok_or(Status::FAILURE)?;
        if !applies(facts, row, given) {
            return Err(misplaced(index));
        }
    }
    for row in facts.attrs.iter().filter(|row| row.is(MANDATORY)) {
        if find(given, row.id).is_none() && applies(facts, row, given) {
            return Err(Status::MANDATORY_ATTRIBUTE_MISSING);
        }
    }
    Ok(())
}
