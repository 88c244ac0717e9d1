//! Two traces side by side, and the hash of one.
//!
//! Ids differ between libraries and runs, durations always do. So an id counts by the order in which it first
//! appears, as does SWITCH_HARDWARE_INFO, which tells switches apart; and durations do not count.
//!
//! Invariant: two traces of the same calls with the same answers have the same canonical lines.

use std::collections::HashMap;

use sai_sys::{sai_object_type_t as T, sai_switch_attr_t as Attr};

use super::{Item, Key, Record, Shown, Value, text};
use crate::facts::Kind;

/// Replaces the ids of records, one trace after another call.
pub(crate) trait Renamed {
    fn id(&mut self, id: u64) -> u64;

    /// The record with every id replaced, in the order in which its line shows them.
    fn record(&mut self, record: &Record) -> Record {
        let mut new = record.clone();
        let facts = record.facts();
        new.switch = self.id(record.switch);
        if matches!(record.what, "object_type" | "switch_id") {
            new.input = record.input.iter().map(|id| self.id(*id)).collect();
        }
        if record.what == "switch_id" {
            new.output = record.output.iter().map(|id| self.id(*id)).collect();
        }
        for item in &mut new.items {
            item.key = self.key(item.key);
            for attr in &mut item.attrs {
                let row = facts.and_then(|facts| facts.attr(attr.id));
                if row.is_some_and(|row| matches!(row.kind, Kind::Oid | Kind::Oids)) {
                    self.value(attr);
                }
            }
        }
        new
    }

    fn value(&mut self, attr: &mut Shown) {
        match &mut attr.value {
            Some(Value::Num(id)) => *id = self.id(*id),
            Some(Value::List(list)) => list.iter_mut().for_each(|id| *id = self.id(*id)),
            _ => {}
        }
    }

    fn key(&mut self, key: Key) -> Key {
        match key {
            Key::Id(id) => Key::Id(self.id(id)),
            Key::Neighbor { switch, rif, ip } => {
                Key::Neighbor { switch: self.id(switch), rif: self.id(rif), ip }
            }
            Key::Fdb { switch, bv, mac } => Key::Fdb { switch: self.id(switch), bv: self.id(bv), mac },
            Key::Route { switch, vr, ip, mask } => {
                Key::Route { switch: self.id(switch), vr: self.id(vr), ip, mask }
            }
        }
    }
}

/// Ids by the order in which they first appear.
#[derive(Default)]
struct ByAppearance(HashMap<u64, u64>);

impl Renamed for ByAppearance {
    fn id(&mut self, id: u64) -> u64 {
        let next = self.0.len() as u64 + 1;
        if id == 0 { 0 } else { *self.0.entry(id).or_insert(next) }
    }
}

/// The lines of a trace without what differs from run to run.
#[must_use]
pub fn canonical(records: &[Record]) -> Vec<String> {
    let mut names = ByAppearance::default();
    let mut places: Vec<Value> = Vec::new();
    let one = |record: &Record| {
        let mut record = names.record(record);
        record.ns = 0;
        if record.object == T::SAI_OBJECT_TYPE_SWITCH {
            let attrs = record.items.iter_mut().flat_map(|item| &mut item.attrs);
            let info = Attr::SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO.0;
            for value in attrs.filter(|attr| attr.id == info).filter_map(|attr| attr.value.as_mut()) {
                let known = places.iter().position(|place| place == value);
                let place = known.unwrap_or_else(|| {
                    places.push(value.clone());
                    places.len() - 1
                });
                *value = Value::Num(place as u64);
            }
        }
        // A place for a callback is somewhere else in each process.
        let facts = record.facts();
        let callback = |attr: &Shown| {
            facts.and_then(|facts| facts.attr(attr.id)).is_some_and(|row| row.kind == Kind::Ptr)
        };
        let attrs = record.items.iter_mut().flat_map(|item: &mut Item| &mut item.attrs);
        for attr in attrs.filter(|attr| callback(attr)) {
            if let Some(Value::Num(pointer)) = &mut attr.value {
                *pointer = u64::from(*pointer != 0);
            }
        }
        text::line(&record)
    };
    records.iter().map(one).collect()
}

/// A number that two traces share if their canonical lines are the same: FNV-1a, 64 bits.
#[must_use]
pub fn hash(records: &[Record]) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    canonical(records).iter().flat_map(|line| line.bytes().chain([b'\n'])).fold(0xcbf2_9ce4_8422_2325, step)
}

/// The first calls in which two traces differ, at most this many, as lines that begin with `-` or `+`; empty if they
/// do not.
#[must_use]
pub fn diff(old: &[Record], new: &[Record], most: usize) -> Vec<String> {
    let (old, new) = (canonical(old), canonical(new));
    let mut lines = Vec::new();
    for n in 0..old.len().max(new.len()) {
        let (a, b) = (old.get(n), new.get(n));
        if a != b {
            if lines.len() >= most {
                break;
            }
            lines.extend(a.map(|line| format!("- {}: {line}", n + 1)));
            lines.extend(b.map(|line| format!("+ {}: {line}", n + 1)));
        }
    }
    lines
}
