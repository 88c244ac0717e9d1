//! A trace for people and for tools that read JSON: an object on each line.
//!
//! Invariant: names instead of numbers wherever there is one; nothing that the compact form does not have.

use std::fmt::Write;

use sai_sys::Status;

use super::{Item, Key, Record, Shown, Value, text};
use crate::facts::{Facts, Kind};

/// A record as one line of JSON.
#[must_use]
pub fn line(record: &Record) -> String {
    let mut out = format!("{{\"call\":\"{}\"", record.what);
    if record.object.0 != 0 {
        let _ = write!(out, ",\"object\":\"{}\"", text::object_name(record.object));
    }
    if record.ended {
        let _ = write!(out, ",\"status\":\"{}\",\"ns\":{}", status(record.status), record.ns);
    } else {
        out += ",\"status\":null,\"ended\":false";
    }
    if record.switch != 0 {
        let _ = write!(out, ",\"switch\":\"{:#x}\"", record.switch);
    }
    if !record.whole {
        out += ",\"whole\":false";
    }
    for (name, list) in [("in", &record.input), ("out", &record.output)] {
        if !list.is_empty() {
            let list: Vec<_> = list.iter().map(|n| format!("\"{n:#x}\"")).collect();
            let _ = write!(out, ",\"{name}\":[{}]", list.join(","));
        }
    }
    if !record.items.is_empty() {
        let items: Vec<_> = record.items.iter().map(|item| entry(record.facts(), item)).collect();
        let _ = write!(out, ",\"items\":[{}]", items.join(","));
    }
    out + "}"
}

/// The name of a status, as C has it, with its index.
fn status(status: i32) -> String {
    Status(status).to_string()
}

fn entry(facts: Option<&Facts>, item: &Item) -> String {
    let mut out = match item.key {
        Key::Id(id) => format!("{{\"id\":\"{id:#x}\""),
        Key::Neighbor { rif, ip, .. } => format!("{{\"rif\":\"{rif:#x}\",\"ip\":\"{ip}\""),
        Key::Fdb { bv, mac, .. } => format!("{{\"bv\":\"{bv:#x}\",\"mac\":\"{}\"", colons(mac)),
        Key::Route { vr, ip, mask, .. } => {
            format!("{{\"vr\":\"{vr:#x}\",\"ip\":\"{ip}\",\"mask\":\"{mask}\"")
        }
    };
    if !item.attrs.is_empty() {
        let attrs: Vec<_> = item.attrs.iter().map(|attr| attribute(facts, attr)).collect();
        let _ = write!(out, ",\"attributes\":{{{}}}", attrs.join(","));
    }
    if let Some(own) = item.status {
        let _ = write!(out, ",\"status\":\"{}\"", status(own));
    }
    out + "}"
}

fn attribute(facts: Option<&Facts>, attr: &Shown) -> String {
    let row = facts.and_then(|facts| facts.attr(attr.id));
    let name = row.map_or_else(|| attr.id.to_string(), |row| row.name.to_owned());
    let id = row.is_some_and(|row| matches!(row.kind, Kind::Oid | Kind::Oids | Kind::Ptr));
    let flag = row.is_some_and(|row| row.kind == Kind::Bool);
    let number = |n: u64| if id { format!("\"{n:#x}\"") } else { (n as i64).to_string() };
    let value = match &attr.value {
        None => "null".to_owned(),
        Some(Value::Num(n)) if flag => (*n != 0).to_string(),
        Some(Value::Num(n)) => number(*n),
        Some(Value::Mac(mac)) => format!("\"{}\"", colons(*mac)),
        Some(Value::Ip(ip)) => format!("\"{ip}\""),
        Some(Value::Chars(chars)) => {
            let text: Vec<u8> = chars.iter().copied().take_while(|c| *c != 0).collect();
            quoted(&String::from_utf8_lossy(&text))
        }
        Some(Value::List(list)) => {
            format!("[{}]", list.iter().map(|n| number(*n)).collect::<Vec<_>>().join(","))
        }
        Some(Value::Pairs(list)) => {
            format!("[{}]", list.iter().map(|(k, v)| format!("[{k},{v}]")).collect::<Vec<_>>().join(","))
        }
        Some(Value::Range(min, max)) => format!("[{min},{max}]"),
        Some(Value::Timespec(s, ns)) => format!("[{s},{ns}]"),
    };
    format!("{}:{value}", quoted(&name))
}

fn colons(mac: [u8; 6]) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}
