//! The measured facts of the release as a test reads them: rows of attributes, and enumerators.
//!
//! Invariant: knows nothing of the simulator, so that what it says can be held against it.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::BTreeMap;

const ROWS: &str = include_str!("../../../sys/tests/facts/sai-1.18.1-attributes.csv");
const FACTS: &str = include_str!("../../../sys/tests/facts/sai-1.18.1.json");

/// A row of the attribute file, by the names of its columns.
pub(crate) type Row = BTreeMap<String, String>;

/// Everything that was measured, as far as attributes need it.
pub(crate) struct Measured {
    pub(crate) rows: Vec<Row>,
    /// Enumerators by enumeration.
    pub(crate) enums: BTreeMap<String, BTreeMap<String, i64>>,
    /// Number of each attribute.
    pub(crate) ids: BTreeMap<String, u32>,
}

/// Comma-separated values with quotes.
fn rows() -> Vec<Row> {
    let split = |line: &str| {
        let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => fields.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        fields.push(field);
        fields
    };
    let mut lines = ROWS.lines();
    let names = split(lines.next().unwrap());
    lines.map(|line| names.iter().cloned().zip(split(line)).collect()).collect()
}

fn enums() -> BTreeMap<String, BTreeMap<String, i64>> {
    let facts: serde_json::Value = serde_json::from_str(FACTS).unwrap();
    let mut all = BTreeMap::new();
    for header in facts["headers"].as_object().unwrap().values() {
        for (name, values) in header["enums"].as_object().unwrap() {
            let values = values.as_object().unwrap().iter().map(|(n, v)| (n.clone(), v.as_i64().unwrap()));
            all.insert(name.clone(), values.collect());
        }
    }
    all
}

impl Measured {
    pub(crate) fn load() -> Self {
        let rows = rows();
        let ids = rows.iter().map(|r| (r["attribute"].clone(), r["id"].parse().unwrap())).collect();
        Self { rows, enums: enums(), ids }
    }

    /// A number, or an enumerator.
    pub(crate) fn number(&self, text: &str) -> Option<i64> {
        let hex = text.strip_prefix("0x").and_then(|t| i64::from_str_radix(t, 16).ok());
        hex.or_else(|| text.parse().ok()).or_else(|| self.enums.values().find_map(|e| e.get(text).copied()))
    }

    /// Pairs of attribute and value, joined by "or".
    pub(crate) fn when(&self, condition: &str) -> Vec<(u32, i64)> {
        let terms = condition.split(" or ").filter(|t| !t.is_empty());
        terms
            .map(|term| {
                let (name, value) = term.split_once(" == ").unwrap();
                let value = match value {
                    "true" => 1,
                    "false" => 0,
                    value => self.number(value).unwrap(),
                };
                (self.ids[name], value)
            })
            .collect()
    }

    /// Groups that are joined by "and", each in brackets if it has an "or".
    pub(crate) fn only(&self, condition: &str) -> Vec<Vec<(u32, i64)>> {
        let groups = condition.split(" and ").filter(|group| !group.is_empty());
        groups.map(|group| self.when(group.trim_matches(|c| c == '(' || c == ')'))).collect()
    }

    /// The type's enumerators, its range bounds and markers aside.
    pub(crate) fn values(&self, value_type: &str) -> Vec<i64> {
        let Some(name) = value_type.split(' ').rfind(|name| self.enums.contains_key(*name)) else {
            return Vec::new();
        };
        let marker = |n: &str| {
            ["_START", "_END", "_MAX"].iter().any(|end| n.ends_with(end))
                || n.contains("CUSTOM_RANGE")
                || n.contains("EXTENSIONS_RANGE")
        };
        let named = self.enums[name].iter().filter(|(n, _)| !marker(n));
        let mut values: Vec<_> = named.map(|(_, v)| *v).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    /// Numbers of the object types that a list names.
    pub(crate) fn objects(&self, text: &str) -> Vec<u32> {
        let types = &self.enums["sai_object_type_t"];
        text.split(',').map(str::trim).filter(|n| !n.is_empty()).map(|name| types[name] as u32).collect()
    }
}
