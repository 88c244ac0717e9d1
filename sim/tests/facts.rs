//! The attribute rows against the measured facts of the release.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

#[path = "support/measured.rs"]
mod measured;

use std::collections::BTreeMap;

use measured::{Measured, Row};
use sai::facts::{self, Attr, CREATE, Init, KEY, Kind, MANDATORY, READ, SET};

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

fn init_of(measured: &Measured, row: &Row) -> Init {
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
            Some(name) if name.starts_with("SAI_SWITCH_") => Init::Switch(measured.ids[name]),
            Some(name) => Init::VirtualRouter(measured.ids[name]),
            None => Init::Num(measured.number(text).unwrap_or_else(|| panic!("default {text}"))),
        },
    }
}

#[test]
fn every_row_is_as_measured() {
    let measured = Measured::load();
    let mut compared = 0;
    for facts in facts::ALL.iter().chain([facts::FDB_FLUSH]) {
        let of_type = format!("sai_{}_attr_t", facts.name);
        let mut count = 0;
        for row in measured.rows.iter().filter(|row| row["enum"] == of_type) {
            let id: u32 = row["id"].parse().unwrap();
            let name = &row["attribute"];
            let attr: &Attr = facts.attr(id).unwrap_or_else(|| panic!("{name} has no row"));
            assert_eq!(attr.id, id, "{name}");
            assert!(name.ends_with(&format!("_ATTR_{}", attr.name)), "{name} {}", attr.name);
            assert_eq!(attr.kind, kind_of(&row["value_type"], &measured.enums), "{name}");
            assert_eq!(attr.flags, flags_of(&row["flags"]), "{name}");
            assert_eq!(attr.init, init_of(&measured, row), "{name}");
            assert_eq!(attr.nullable, row["allow_null"] == "true", "{name}");
            assert_eq!(attr.when, measured.when(&row["condition"]), "{name}");
            assert_eq!(attr.only, measured.only(&row["valid_only"]), "{name}");
            let objects: Vec<u32> = attr.objects.iter().map(|object| object.0).collect();
            assert_eq!(objects, measured.objects(&row["object_types"]), "{name}");
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
    assert_eq!(compared, measured.rows.len(), "an object of the measured list is not simulated");
}

#[test]
fn every_counter_is_as_measured() {
    let enums = Measured::load().enums;
    let marker = |name: &str| ["_START", "_END", "_BASE"].iter().any(|end| name.ends_with(end));
    let mut types = 0;
    for facts in facts::ALL {
        let named = enums.get(&format!("sai_{}_stat_t", facts.name));
        let measured: Option<std::collections::BTreeSet<i64>> =
            named.map(|list| list.iter().filter(|(name, _)| !marker(name)).map(|(_, n)| *n).collect());
        let ranges = facts::counters(facts.object);
        let known = ranges.map(|r| r.iter().flat_map(|(a, b)| i64::from(*a)..=i64::from(*b)).collect());
        assert_eq!(known, measured, "{}", facts.name);
        types += usize::from(known.is_some());
    }
    assert_eq!(types, 7);
}

#[test]
fn the_readme_has_a_row_for_every_profile_key() {
    let readme = include_str!("../README.md");
    for (key, _) in sai::inspect::KEYS {
        assert!(readme.contains(&format!("| `{key}` |")), "{key}");
    }
}
