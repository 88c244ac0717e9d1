//! The attribute rows against the measured facts of the release.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use std::collections::BTreeMap;

use sai::facts::{self, Attr, CREATE, Init, KEY, Kind, MANDATORY, READ, SET};
use sai_sys::sai_object_type_t;

const ROWS: &str = include_str!("../../sys/tests/facts/sai-1.18.1-attributes.csv");
const FACTS: &str = include_str!("../../sys/tests/facts/sai-1.18.1.json");

type Row = BTreeMap<String, String>;

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

/// Enumerators by enumeration.
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

fn kind_of(value_type: &str, enums: &BTreeMap<String, BTreeMap<String, i64>>) -> Kind {
    match value_type.split(' ').next().unwrap() {
        "bool" => Kind::Bool,
        "char" => Kind::Chars,
        "sai_uint8_t" => Kind::U8,
        "sai_uint16_t" => Kind::U16,
        "sai_uint32_t" => Kind::U32,
        "sai_int32_t" => Kind::S32,
        "sai_uint64_t" => Kind::U64,
        "sai_mac_t" => Kind::Mac,
        "sai_ip_address_t" => Kind::Ip,
        "sai_object_id_t" => Kind::Oid,
        "sai_object_list_t" => Kind::Oids,
        "sai_u8_list_t" => Kind::U8s,
        "sai_s8_list_t" => Kind::S8s,
        "sai_u32_list_t" => Kind::U32s,
        "sai_s32_list_t" => Kind::S32s,
        "sai_map_list_t" => Kind::Maps,
        "sai_u32_range_t" => Kind::U32Range,
        "sai_u16_range_t" => Kind::U16Range,
        "sai_timespec_t" => Kind::Timespec,
        "sai_pointer_t" => Kind::Ptr,
        name if enums.contains_key(name) => Kind::Enum,
        _ => Kind::Opaque,
    }
}

fn flags_of(flags: &str) -> u8 {
    flags
        .split('|')
        .map(|flag| match flag {
            "MANDATORY_ON_CREATE" => MANDATORY,
            "CREATE_ONLY" => CREATE,
            "CREATE_AND_SET" => SET,
            "READ_ONLY" => READ,
            "KEY" => KEY,
            other => panic!("{other}"),
        })
        .fold(0, |all, flag| all | flag)
}

struct Measured {
    enums: BTreeMap<String, BTreeMap<String, i64>>,
    ids: BTreeMap<String, u32>,
}

impl Measured {
    fn number(&self, text: &str) -> Option<i64> {
        let hex = text.strip_prefix("0x").and_then(|t| i64::from_str_radix(t, 16).ok());
        hex.or_else(|| text.parse().ok()).or_else(|| self.enums.values().find_map(|e| e.get(text).copied()))
    }

    fn init(&self, row: &Row) -> Init {
        match row["default"].as_str() {
            _ if row["flags"] == "READ_ONLY" => Init::None,
            "" if row["flags"].starts_with("MANDATORY") => Init::None,
            "SAI_NULL_OBJECT_ID" => Init::Null,
            "true" => Init::Is(true),
            "false" => Init::Is(false),
            "empty" | "" | "0.0.0.0" => Init::Empty,
            "NULL" => Init::Num(0),
            "vendor" | "internal" => Init::Vendor,
            _ if row["value_type"] == "sai_timespec_t" => Init::Empty,
            text => match text.strip_prefix("attrvalue ") {
                Some(name) if name.starts_with("SAI_SWITCH_") => Init::Switch(self.ids[name]),
                Some(name) => Init::VirtualRouter(self.ids[name]),
                None => Init::Num(self.number(text).unwrap_or_else(|| panic!("default {text}"))),
            },
        }
    }

    fn when(&self, condition: &str) -> Vec<(u32, i64)> {
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
    fn only(&self, condition: &str) -> Vec<Vec<(u32, i64)>> {
        let groups = condition.split(" and ").filter(|group| !group.is_empty());
        groups.map(|group| self.when(group.trim_matches(|c| c == '(' || c == ')'))).collect()
    }

    /// The type's enumerators, its range bounds and markers aside.
    fn values(&self, value_type: &str) -> Vec<i64> {
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

    fn objects(&self, text: &str) -> Vec<sai_object_type_t> {
        let types = &self.enums["sai_object_type_t"];
        let names = text.split(',').map(str::trim).filter(|n| !n.is_empty());
        names.map(|name| sai_object_type_t(types[name] as u32)).collect()
    }
}

#[test]
fn every_row_is_as_measured() {
    let rows = rows();
    let enums = enums();
    let ids = rows.iter().map(|r| (r["attribute"].clone(), r["id"].parse().unwrap())).collect();
    let measured = Measured { enums, ids };
    let mut compared = 0;
    for facts in facts::ALL.iter().chain([facts::FDB_FLUSH]) {
        let of_type = format!("sai_{}_attr_t", facts.name);
        let mut count = 0;
        for row in rows.iter().filter(|row| row["enum"] == of_type) {
            let id: u32 = row["id"].parse().unwrap();
            let name = &row["attribute"];
            let attr: &Attr = facts.attr(id).unwrap_or_else(|| panic!("{name} has no row"));
            assert_eq!(attr.id, id, "{name}");
            assert!(name.ends_with(&format!("_ATTR_{}", attr.name)), "{name} {}", attr.name);
            assert_eq!(attr.kind, kind_of(&row["value_type"], &measured.enums), "{name}");
            assert_eq!(attr.flags, flags_of(&row["flags"]), "{name}");
            assert_eq!(attr.init, measured.init(row), "{name}");
            assert_eq!(attr.nullable, row["allow_null"] == "true", "{name}");
            assert_eq!(attr.when, measured.when(&row["condition"]), "{name}");
            assert_eq!(attr.only, measured.only(&row["valid_only"]), "{name}");
            assert_eq!(attr.objects, measured.objects(&row["object_types"]), "{name}");
            let values: Vec<i64> = attr.values.iter().map(|v| i64::from(*v)).collect();
            assert_eq!(values, measured.values(&row["value_type"]), "{name}");
            count += 1;
        }
        // Traps of the host interface are not in the measured list; their numbers are in the header.
        let listed = !facts.name.starts_with("hostif_");
        assert!(!listed || count == facts.attrs.len(), "{}: {count} rows measured", facts.name);
        let header = &measured.enums[&of_type];
        for attr in facts.attrs {
            let name = format!("SAI_{}_ATTR_{}", facts.name.to_uppercase(), attr.name);
            assert_eq!(header.get(&name), Some(&i64::from(attr.id)), "{name}");
        }
        compared += count;
    }
    assert_eq!(compared, rows.len(), "an object of the measured list is not simulated");
}

#[test]
fn the_readme_has_a_row_for_every_profile_key() {
    let readme = include_str!("../README.md");
    for (key, _) in sai::inspect::KEYS {
        assert!(readme.contains(&format!("| `{key}` |")), "{key}");
    }
}
