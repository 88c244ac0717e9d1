//! Judging attributes, in the order in which a library looks at them.

use sai_sys::*;

use super::entries::is_station;
use super::{
    Answer, Attrs, Given, Model, NEIGHBOR_ENTRY, Outcome, RIF_ROUTER, ROUTER_INTERFACE, SWITCH,
    VIRTUAL_ROUTER,
};
use crate::rows::{Default, Form, Kind, Row};
use crate::value::{Value, empty};

impl Model {
    /// Each may be given here, once, and is a value of its kind.
    pub(super) fn judge_form(&self, kind: &Kind, given: &Given, is_set: bool) -> Outcome {
        for (n, (id, value)) in given.iter().enumerate() {
            let place = n as sai_status_t;
            let Some(row) = kind.row(*id) else { return Err(SAI_STATUS_UNKNOWN_ATTRIBUTE_0 - place) };
            let again = given[..n].iter().any(|(earlier, _)| earlier == id);
            if row.read || again || is_set && !row.set {
                return Err(SAI_STATUS_INVALID_ATTRIBUTE_0 - place);
            }
            if row.form == Form::Other {
                return Err(SAI_STATUS_ATTR_NOT_IMPLEMENTED_0 - place);
            }
            let good = match value {
                Value::BadIp | Value::Nowhere(_) => false,
                Value::Number(n) if row.form == Form::Enum => row.values.contains(n),
                Value::Numbers(list) if !row.values.is_empty() => list.iter().all(|n| row.values.contains(n)),
                // Those of neighbours are judged after all else of form.
                Value::Mac(mac) => kind.object == NEIGHBOR_ENTRY || is_station(*mac),
                _ => true,
            };
            if !good {
                return Err(SAI_STATUS_INVALID_ATTR_VALUE_0 - place);
            }
        }
        let bad = |(_, value): &(u32, Value)| matches!(value, Value::Mac(mac) if !is_station(*mac));
        match given.iter().position(bad) {
            Some(n) => Err(SAI_STATUS_INVALID_ATTR_VALUE_0 - n as sai_status_t),
            None => Ok(()),
        }
    }

    /// What they name is there, and of a type that may be named.
    pub(super) fn judge_names(&self, kind: &Kind, given: &Given) -> Outcome {
        for (n, (id, value)) in given.iter().enumerate() {
            let row = &kind.rows[*id as usize];
            for name in value.names() {
                let good = match self.live.get(name) {
                    Some(object) => row.objects.contains(&object.object),
                    None => *name == 0 && row.nullable && row.form == Form::Id,
                };
                if !good {
                    return Err(SAI_STATUS_INVALID_ATTR_VALUE_0 - n as sai_status_t);
                }
            }
        }
        Ok(())
    }

    /// A number that conditions look at.
    pub(super) fn number(&self, kind: &Kind, attrs: &Attrs, id: u32) -> Option<i64> {
        match (attrs.get(&id), kind.rows[id as usize].default) {
            (Some(Value::Number(n)), _) => Some(*n),
            (None, Default::Number(n)) => Some(n),
            _ => None,
        }
    }

    /// Does the attribute belong to such an object?
    pub(super) fn belongs(&self, kind: &Kind, attrs: &Attrs, row: &Row) -> bool {
        row.when.is_empty() || row.when.iter().any(|(id, n)| self.number(kind, attrs, *id) == Some(*n))
    }

    /// Does the attribute mean something in such an object?
    pub(crate) fn has_meaning(&self, kind: &Kind, attrs: &Attrs, row: &Row) -> bool {
        row.only.iter().all(|any| any.iter().any(|(id, n)| self.number(kind, attrs, *id) == Some(*n)))
    }

    /// Nothing is missing, and nothing belongs to another sort of object.
    pub(super) fn judge_whole(&self, kind: &Kind, given: &Given) -> Outcome {
        let attrs: Attrs = given.iter().cloned().collect();
        for (n, (id, _)) in given.iter().enumerate() {
            if !self.belongs(kind, &attrs, &kind.rows[*id as usize]) {
                return Err(SAI_STATUS_INVALID_ATTRIBUTE_0 - n as sai_status_t);
            }
        }
        let missing =
            |row: &Row| row.mandatory && !attrs.contains_key(&row.id) && self.belongs(kind, &attrs, row);
        if kind.rows.iter().any(missing) {
            return Err(SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING);
        }
        for (n, (id, value)) in given.iter().enumerate() {
            self.judge_meaning(kind, &attrs, *id, value, n)?;
        }
        Ok(())
    }

    /// What has no meaning is refused, unless it says nothing either.
    pub(super) fn judge_meaning(
        &self,
        kind: &Kind,
        attrs: &Attrs,
        id: u32,
        value: &Value,
        n: usize,
    ) -> Outcome {
        let row = &kind.rows[id as usize];
        let idle = !self.has_meaning(kind, attrs, row)
            && self.default_of(kind, attrs, row) != Some(Answer::Is(value.clone()));
        if idle { Err(SAI_STATUS_INVALID_ATTRIBUTE_0 - n as sai_status_t) } else { Ok(()) }
    }

    pub(super) fn default_of(&self, kind: &Kind, attrs: &Attrs, row: &Row) -> Option<Answer> {
        let other = |id: Option<u64>, of: u32, attr: u32| {
            let object = self.live.get(&id?)?;
            self.read(crate::rows::kind(of), &object.attrs, attr).ok()
        };
        match row.default {
            Default::None => None,
            Default::Null => Some(Answer::Is(Value::Id(0))),
            Default::Number(n) => Some(Answer::Is(Value::Number(n))),
            Default::Empty => Some(Answer::Is(empty(row.form))),
            Default::Vendor => Some(Answer::Anything),
            Default::OfSwitch(attr) => other(Some(self.switch), SWITCH, attr),
            Default::OfRouter(attr) => {
                debug_assert_eq!(kind.object, ROUTER_INTERFACE);
                other(attrs.get(&RIF_ROUTER).map(|vr| vr.names()[0]), VIRTUAL_ROUTER, attr)
            }
        }
    }

    /// An attribute that somebody may have given.
    pub(super) fn read(&self, kind: &Kind, attrs: &Attrs, id: u32) -> Outcome<Answer> {
        let row = &kind.rows[id as usize];
        if let Some(value) = attrs.get(&id) {
            return Ok(Answer::Is(value.clone()));
        }
        if !self.belongs(kind, attrs, row) && row.default == Default::None {
            return Err(SAI_STATUS_INVALID_ATTRIBUTE_0);
        }
        if row.form == Form::Other {
            return Err(SAI_STATUS_ATTR_NOT_IMPLEMENTED_0);
        }
        self.default_of(kind, attrs, row).ok_or(SAI_STATUS_ATTR_NOT_IMPLEMENTED_0)
    }
}
