//! The compact form of a trace: a line for each call.
//!
//! ```text
//! sai-trace 2
//! begin NUMBER WHAT OBJECT SWITCH INPUT ITEM…
//! begin 4d2.1 create neighbor_entry 0 - n:2100000001/…/10.0.0.5{0=m020000000005}
//! end NUMBER STATUS NANOSECONDS OUTPUT ITEM…
//! end 4d2.1 0 812 - *
//! ```
//!
//! A number is of one process and one call. `*` in place of the items of an end says that they are those of the begin;
//! `*0` that they are, each with status 0. A call of which only the end is known, and every call of what was played, is
//! one line:
//!
//! ```text
//! WHAT OBJECT STATUS NANOSECONDS SWITCH INPUT OUTPUT ITEM…
//! create neighbor_entry 0 812 0 - - n:2100000001/…/10.0.0.5{0=m020000000005}
//! ```
//!
//! with `?` for the status of one that never returned. An item is `KEY{ATTRIBUTES}STATUS`; an attribute `ID@ROOM=VALUE`, of which room and value may be missing. Ids and
//! the numbers in values are hexadecimal. `*` for the input says that the call could not be copied. A line that ends
//! with `~` was torn when its process was killed, as a last line without an end is; neither counts.
//!
//! Invariant: [`parse`] of [`line()`] is the record.

use std::collections::HashMap;
use std::fmt::Write;
use std::net::IpAddr;

use sai_sys::sai_object_type_t;

use super::{Item, Key, Record, Shown, Value, WHATS};
use crate::facts;
use crate::value::Mac;

/// The first line of a file.
pub const HEADER: &str = "sai-trace 2";

/// What is put behind a line that its process did not finish.
pub(crate) const TORN: char = '~';

/// Name of an object type as the trace has it: its number if nothing is known of it.
#[must_use]
pub fn object_name(object: sai_object_type_t) -> String {
    facts::of(object).map_or_else(|| object.0.to_string(), |facts| facts.name.to_owned())
}

/// A record as one line, without its end.
#[must_use]
pub fn line(record: &Record) -> String {
    let object = object_name(record.object);
    let Record { what, ended, status, ns, switch, .. } = record;
    let status = if *ended { status.to_string() } else { "?".into() };
    let output = numbers(&record.output);
    format!("{what} {object} {status} {ns} {switch:x} {} {output}{}", input(record), items(record, true))
}

/// The line of a call that begins; `items` are its items.
pub(super) fn begin(number: &str, record: &Record, items: &str) -> String {
    let (what, object) = (record.what, object_name(record.object));
    format!("begin {number} {what} {object} {:x} {}{items}", record.switch, input(record))
}

/// The line of a call that ends, and began with these items.
pub(super) fn end(number: &str, record: &Record, begun: &str) -> String {
    let first = record.items.first().and_then(|item| item.status);
    let alike = record.items.iter().all(|item| item.status == first) && items(record, false) == begun;
    let items = match first {
        _ if !alike => items(record, true),
        Some(status) => format!(" *{status}"),
        None if record.items.is_empty() => String::new(),
        None => " *".into(),
    };
    format!("end {number} {} {} {}{items}", record.status, record.ns, numbers(&record.output))
}

fn input(record: &Record) -> String {
    if record.whole { numbers(&record.input) } else { "*".into() }
}

/// The items of a record, each behind a blank, with their statuses or without.
pub(super) fn items(record: &Record, with_status: bool) -> String {
    let mut line = String::new();
    for item in &record.items {
        line.push(' ');
        line += &key_text(&item.key);
        line.push('{');
        for (n, attr) in item.attrs.iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            let _ = write!(line, "{comma}{}", attr.id);
            if let Some(room) = attr.room {
                let _ = write!(line, "@{room}");
            }
            if let Some(value) = &attr.value {
                let _ = write!(line, "={}", value_text(value));
            }
        }
        line.push('}');
        if let Some(status) = item.status.filter(|_| with_status) {
            let _ = write!(line, "{status}");
        }
    }
    line
}

fn numbers(list: &[u64]) -> String {
    if list.is_empty() { "-".into() } else { join(list, |n| format!("{n:x}")) }
}

fn join<T>(list: &[T], one: impl Fn(&T) -> String) -> String {
    list.iter().map(one).collect::<Vec<_>>().join(".")
}

/// A key as the trace has it.
#[must_use]
pub fn key_text(key: &Key) -> String {
    match key {
        Key::Id(id) => format!("{id:x}"),
        Key::Neighbor { switch, rif, ip } => format!("n:{switch:x}/{rif:x}/{ip}"),
        Key::Fdb { switch, bv, mac } => format!("f:{switch:x}/{bv:x}/{}", hex(mac)),
        Key::Route { switch, vr, ip, mask } => format!("r:{switch:x}/{vr:x}/{ip}/{mask}"),
    }
}

/// A value as the trace has it.
#[must_use]
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Num(n) => format!("n{n:x}"),
        Value::Mac(mac) => format!("m{}", hex(mac)),
        Value::Ip(ip) => format!("i{ip}"),
        Value::Chars(chars) => format!("t{}", hex(chars).trim_end_matches("00")),
        Value::List(list) => format!("l{}", join(list, |n| format!("{n:x}"))),
        Value::Pairs(list) => {
            format!("p{}", join(list, |(key, value)| format!("{key:x}:{:x}", *value as u32)))
        }
        Value::Range(min, max) => format!("r{min:x}:{max:x}"),
        Value::Timespec(s, ns) => format!("s{s:x}:{ns:x}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a whole file: its calls in the order in which they began. An error names the line.
pub fn read(text: &str) -> Result<Vec<Record>, String> {
    let mut lines = text.split_inclusive('\n');
    if lines.next().map(str::trim_end) != Some(HEADER) {
        return Err(format!("line 1 is not `{HEADER}`: no trace, or of another version"));
    }
    let mut records = Vec::new();
    // Calls that have not ended, by their number.
    let mut open = HashMap::new();
    for (n, line) in lines.enumerate() {
        let Some(line) = line.strip_suffix('\n').filter(|line| !line.ends_with(TORN)) else { continue };
        read_line(line, &mut records, &mut open)
            .ok_or_else(|| format!("line {}: no call: `{line}`", n + 2))?;
    }
    Ok(records)
}

fn read_line<'a>(line: &'a str, records: &mut Vec<Record>, open: &mut HashMap<&'a str, usize>) -> Option<()> {
    let mut words = line.split(' ');
    match words.next()? {
        "begin" => {
            open.insert(words.next()?, records.len());
            records.push(parse_begin(words)?);
        }
        "end" => {
            let record = records.get_mut(open.remove(words.next()?)?)?;
            parse_end(words, record)?;
        }
        _ => records.push(parse(line)?),
    }
    Some(())
}

/// A record from one line.
#[must_use]
pub fn parse(line: &str) -> Option<Record> {
    let mut words = line.split(' ');
    let mut record = named(&mut words)?;
    match words.next()? {
        "?" => record.ended = false,
        status => record.status = status.parse().ok()?,
    }
    record.ns = words.next()?.parse().ok()?;
    given(&mut words, &mut record)?;
    record.output = listed(words.next()?)?;
    record.items = words.map(item).collect::<Option<_>>()?;
    Some(record)
}

fn parse_begin<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<Record> {
    let mut record = named(&mut words)?;
    record.ended = false;
    given(&mut words, &mut record)?;
    record.items = words.map(item).collect::<Option<_>>()?;
    Some(record)
}

fn parse_end<'a>(mut words: impl Iterator<Item = &'a str>, record: &mut Record) -> Option<()> {
    record.ended = true;
    record.status = words.next()?.parse().ok()?;
    record.ns = words.next()?.parse().ok()?;
    record.output = listed(words.next()?)?;
    let words: Vec<&str> = words.collect();
    match words[..] {
        ["*"] => {}
        [word] if word.starts_with('*') => {
            let status = word[1..].parse().ok()?;
            record.items.iter_mut().for_each(|item| item.status = Some(status));
        }
        _ => record.items = words.into_iter().map(item).collect::<Option<_>>()?,
    }
    Some(())
}

/// What was called, and on which type of object.
fn named<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Record> {
    let what = words.next()?;
    let what = WHATS.iter().find(|known| **known == what)?;
    let object = words.next()?;
    let known = facts::ALL.iter().find(|facts| facts.name == object).map(|facts| facts.object);
    let object = known.or_else(|| object.parse().ok().map(sai_object_type_t))?;
    Some(Record::new(what, object, 0))
}

/// The switch, and the numbers that were given.
fn given<'a>(words: &mut impl Iterator<Item = &'a str>, record: &mut Record) -> Option<()> {
    record.switch = hex_number(words.next()?)?;
    match words.next()? {
        "*" => record.whole = false,
        input => record.input = listed(input)?,
    }
    Some(())
}

fn listed(text: &str) -> Option<Vec<u64>> {
    if text == "-" { Some(Vec::new()) } else { dotted(text, hex_number) }
}

fn item(word: &str) -> Option<Item> {
    let (key, rest) = word.split_once('{')?;
    let (attrs, status) = rest.split_once('}')?;
    let status = if status.is_empty() { None } else { Some(status.parse().ok()?) };
    let attrs: Option<_> = attrs.split(',').filter(|attr| !attr.is_empty()).map(shown).collect();
    Some(Item { key: key_of(key)?, attrs: attrs?, status })
}

fn shown(attr: &str) -> Option<Shown> {
    let (name, value) = attr.split_once('=').map_or((attr, None), |(name, value)| (name, Some(value)));
    let (id, room) = name.split_once('@').map_or((name, None), |(id, room)| (id, Some(room)));
    let room = match room {
        None => None,
        Some(room) => Some(room.parse().ok()?),
    };
    let value = match value {
        None => None,
        Some(value) => Some(value_of(value)?),
    };
    Some(Shown { id: id.parse().ok()?, room, value })
}

fn key_of(text: &str) -> Option<Key> {
    let Some((kind, rest)) = text.split_once(':') else { return hex_number(text).map(Key::Id) };
    let mut parts = rest.split('/');
    let switch = hex_number(parts.next()?)?;
    let home = hex_number(parts.next()?)?;
    let last = parts.next()?;
    let key = match kind {
        "n" => Key::Neighbor { switch, rif: home, ip: last.parse().ok()? },
        "f" => Key::Fdb { switch, bv: home, mac: mac(last)? },
        "r" => Key::Route { switch, vr: home, ip: last.parse().ok()?, mask: parts.next()?.parse().ok()? },
        _ => return None,
    };
    parts.next().is_none().then_some(key)
}

fn value_of(text: &str) -> Option<Value> {
    let rest = text.get(1..)?;
    Some(match text.as_bytes().first()? {
        b'n' => Value::Num(hex_number(rest)?),
        b'm' => Value::Mac(mac(rest)?),
        b'i' => Value::Ip(rest.parse::<IpAddr>().ok()?),
        b't' => {
            let mut chars = [0; 32];
            let bytes = unhex(rest)?;
            chars.get_mut(..bytes.len())?.copy_from_slice(&bytes);
            Value::Chars(chars)
        }
        b'l' => Value::List(dotted(rest, hex_number)?.into()),
        b'p' => {
            let pair =
                |text: &str| pair(text).and_then(|(k, v)| Some((u32::try_from(k).ok()?, v as u32 as i32)));
            Value::Pairs(dotted(rest, pair)?.into())
        }
        b'r' => {
            let (min, max) = pair(rest)?;
            Value::Range(u32::try_from(min).ok()?, u32::try_from(max).ok()?)
        }
        b's' => {
            let (s, ns) = pair(rest)?;
            Value::Timespec(s, u32::try_from(ns).ok()?)
        }
        _ => return None,
    })
}

fn pair(text: &str) -> Option<(u64, u64)> {
    let (a, b) = text.split_once(':')?;
    Some((hex_number(a)?, hex_number(b)?))
}

fn dotted<T>(text: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split('.').filter(|part| !part.is_empty()).map(one).collect()
}

fn hex_number(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|n| u8::from_str_radix(text.get(n..n + 2)?, 16).ok()).collect()
}

fn mac(text: &str) -> Option<Mac> {
    unhex(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_its_line() {
        let values = [
            Value::Num(u64::MAX),
            Value::Mac([2, 0, 0, 0, 0, 0x5a]),
            Value::Ip("fe80::1".parse().unwrap()),
            Value::Chars(*b"Ethernet0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            Value::Chars([0; 32]),
            Value::List([1, 2, u64::MAX].into()),
            Value::List([].into()),
            Value::Pairs([(1, -2), (3, 4)].into()),
            Value::Range(1, u32::MAX),
            Value::Timespec(7, 999_999_999),
        ];
        let shown = |(n, value)| Shown { id: n as u32, room: (n == 5).then_some(8), value: Some(value) };
        let mut attrs: Vec<_> = values.into_iter().enumerate().map(shown).collect();
        attrs.push(Shown { id: 4711, room: None, value: None });
        let ip = "10.0.0.1".parse().unwrap();
        let keys = [
            Key::Id(0x0001_2100_0000_0001),
            Key::Neighbor { switch: 1, rif: 2, ip: "2001:db8::1".parse().unwrap() },
            Key::Fdb { switch: 1, bv: 2, mac: [1, 2, 3, 4, 5, 6] },
            Key::Route { switch: 1, vr: 2, ip, mask: "255.255.255.0".parse().unwrap() },
        ];
        let mut record = Record::new("create_many", sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY, 5);
        (record.status, record.ns, record.input, record.output) = (-1, 77, vec![1, 0x1f], vec![9]);
        record.items = keys.map(|key| Item { key, attrs: attrs.clone(), status: Some(-6) }).into();
        assert_eq!(parse(&line(&record)), Some(record.clone()));
        record.items[0].attrs.clear();
        record.items[1].status = None;
        (record.whole, record.object) = (false, sai_object_type_t(4711));
        record.input.clear();
        record.ended = false;
        record.status = 0;
        assert_eq!(parse(&line(&record)), Some(record));
    }

    fn file(lines: &[String]) -> String {
        [HEADER].into_iter().chain(lines.iter().map(String::as_str)).map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn a_call_that_began_and_ended_is_one_record_and_one_that_did_not_end_says_so() {
        let neighbor = sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
        let item = |n, status| {
            let ip = IpAddr::from([10, 0, 0, n]);
            let mac = Shown { id: 0, room: None, value: Some(Value::Mac([2, 0, 0, 0, 0, n])) };
            Item { key: Key::Neighbor { switch: 1, rif: 2, ip }, attrs: vec![mac], status }
        };
        let call = |statuses: [Option<i32>; 2]| {
            let mut record = Record::new("create_many", neighbor, 0);
            record.input = vec![1];
            record.items = vec![item(1, statuses[0]), item(2, statuses[1])];
            record
        };
        let begun = call([None; 2]);
        let sent = items(&begun, false);
        for statuses in [[Some(0); 2], [Some(0), Some(-6)], [None; 2]] {
            let mut ended = call(statuses);
            (ended.status, ended.ns, ended.output) = (-1, 77, vec![5]);
            let lines = [begin("1.1", &begun, &sent), begin("1.2", &begun, &sent), end("1.1", &ended, &sent)];
            let read = read(&file(&lines)).unwrap();
            assert_eq!(read, [ended, Record { ended: false, ..begun.clone() }]);
            let all_alike = statuses[0] == statuses[1];
            assert_eq!(lines[2].len() < 20, all_alike, "what was given is not repeated: {}", lines[2]);
        }
        let created = Record { items: vec![Item { key: Key::Id(9), ..item(1, None) }], ..begun.clone() };
        let lines = [begin("1.1", &begun, &sent), end("1.1", &created, &sent)];
        assert_eq!(read(&file(&lines)).unwrap(), [created]);
    }

    #[test]
    fn a_line_that_was_torn_does_not_count() {
        let whole = line(&Record::new("count", sai_object_type_t(0), 5));
        let torn = format!("{HEADER}\n{whole}\nbegin 1.1 crea~\n{whole}\nbegin 1.2 cou");
        assert_eq!(read(&torn).unwrap().len(), 2);
        read(&format!("{HEADER}\nend 1.1 0 5 -\n")).expect_err("an end without a begin");
    }

    #[test]
    fn what_is_no_trace_is_refused_with_its_line() {
        read("").unwrap_err();
        let why = read(&format!("{HEADER}\ndance 0 0 0 0 - -\n")).unwrap_err();
        assert!(why.starts_with("line 2"), "{why}");
        for wrong in
            ["", "create", "create vlan 0 0 0 - - x", "create vlan 0 0 0 - - 1{0=q}", "get vlan 0 0 0 - - é{"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
