//! What attributes there are, read from the measured facts, in the model's own words.
//!
//! Invariant: nothing of the simulator's is used, so its rows are held against these.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::measured::{Measured, Row as Text};

/// How a value looks in C.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Bool,
    U8,
    U16,
    U32,
    S32,
    Enum,
    U64,
    Pointer,
    Mac,
    Ip,
    Text,
    Id,
    Ids,
    U8s,
    S8s,
    U32s,
    S32s,
    Pairs,
    U32Range,
    U16Range,
    Time,
    /// What no software switch keeps.
    Other,
}

impl Form {
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::Ids | Self::U8s | Self::S8s | Self::U32s | Self::S32s | Self::Pairs)
    }
}

/// What an attribute is that nobody gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Default {
    None,
    Null,
    Number(i64),
    Empty,
    /// Up to the device, which says nothing about it.
    Vendor,
    /// As this attribute of the switch.
    OfSwitch(u32),
    /// As this attribute of the object's virtual router.
    OfRouter(u32),
}

/// One attribute.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) mandatory: bool,
    pub(crate) set: bool,
    pub(crate) read: bool,
    pub(crate) key: bool,
    pub(crate) default: Default,
    pub(crate) values: Vec<i64>,
    pub(crate) objects: Vec<u32>,
    pub(crate) nullable: bool,
    /// It belongs to objects of which one of these holds, if there are any.
    pub(crate) when: Vec<(u32, i64)>,
    /// It means something while one of each of these groups holds.
    pub(crate) only: Vec<Vec<(u32, i64)>>,
}

/// One type of object, or of entry.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) object: u32,
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
}

impl Kind {
    pub(crate) fn row(&self, id: u32) -> Option<&Row> {
        self.rows.get(id as usize)
    }

    /// Name of its bulk functions.
    pub(crate) fn plural(&self) -> String {
        match self.name.strip_suffix("entry") {
            Some(stem) => format!("{stem}entries"),
            None => format!("{}s", self.name),
        }
    }
}

/// Every kind, by the number of its object type.
pub(crate) fn kinds() -> &'static BTreeMap<u32, Kind> {
    static KINDS: OnceLock<BTreeMap<u32, Kind>> = OnceLock::new();
    KINDS.get_or_init(|| {
        let measured = Measured::load();
        let mut kinds: BTreeMap<u32, Kind> = BTreeMap::new();
        for text in &measured.rows {
            let name = text["enum"].trim_start_matches("sai_").trim_end_matches("_attr_t");
            let object = measured.objects(&format!("SAI_OBJECT_TYPE_{}", name.to_uppercase()))[0];
            let kind = kinds.entry(object).or_insert_with(|| Kind {
                object,
                name: name.to_owned(),
                rows: Vec::new(),
            });
            let row = row(&measured, text);
            assert_eq!(row.id as usize, kind.rows.len(), "rows are in the order of their numbers");
            kind.rows.push(row);
        }
        kinds
    })
}

/// The kind of this object type.
pub(crate) fn kind(object: u32) -> &'static Kind {
    &kinds()[&object]
}

fn row(measured: &Measured, text: &Text) -> Row {
    let flag = |flag: &str| text["flags"].split('|').any(|f| f == flag);
    Row {
        id: text["id"].parse().unwrap(),
        name: text["attribute"].clone(),
        form: form(measured, &text["value_type"]),
        mandatory: flag("MANDATORY_ON_CREATE"),
        set: flag("CREATE_AND_SET"),
        read: flag("READ_ONLY"),
        key: flag("KEY"),
        default: default(measured, text),
        values: measured.values(&text["value_type"]),
        objects: measured.objects(&text["object_types"]),
        nullable: text["allow_null"] == "true",
        when: measured.when(&text["condition"]),
        only: measured.only(&text["valid_only"]),
    }
}

fn form(measured: &Measured, value_type: &str) -> Form {
    match value_type.split(' ').next().unwrap() {
        "bool" => Form::Bool,
        "char" => Form::Text,
        "sai_uint8_t" => Form::U8,
        "sai_uint16_t" => Form::U16,
        "sai_uint32_t" => Form::U32,
        "sai_int32_t" => Form::S32,
        "sai_uint64_t" => Form::U64,
        "sai_mac_t" => Form::Mac,
        "sai_ip_address_t" => Form::Ip,
        "sai_object_id_t" => Form::Id,
        "sai_object_list_t" => Form::Ids,
        "sai_u8_list_t" => Form::U8s,
        "sai_s8_list_t" => Form::S8s,
        "sai_u32_list_t" => Form::U32s,
        "sai_s32_list_t" => Form::S32s,
        "sai_map_list_t" => Form::Pairs,
        "sai_u32_range_t" => Form::U32Range,
        "sai_u16_range_t" => Form::U16Range,
        "sai_timespec_t" => Form::Time,
        "sai_pointer_t" => Form::Pointer,
        name if measured.enums.contains_key(name) => Form::Enum,
        _ => Form::Other,
    }
}

fn default(measured: &Measured, text: &Text) -> Default {
    match text["default"].as_str() {
        _ if text["flags"] == "READ_ONLY" => Default::None,
        "" if text["flags"].starts_with("MANDATORY") => Default::None,
        "SAI_NULL_OBJECT_ID" => Default::Null,
        "true" => Default::Number(1),
        "false" | "NULL" => Default::Number(0),
        "empty" | "" | "0.0.0.0" => Default::Empty,
        "vendor" | "internal" => Default::Vendor,
        _ if text["value_type"] == "sai_timespec_t" => Default::Empty,
        other => match other.strip_prefix("attrvalue ") {
            Some(name) if name.starts_with("SAI_SWITCH_") => Default::OfSwitch(measured.ids[name]),
            Some(name) => Default::OfRouter(measured.ids[name]),
            None => Default::Number(measured.number(other).unwrap()),
        },
    }
}
