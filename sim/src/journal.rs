//! The state file: what the hardware holds, kept outside the process, as an ASIC keeps its tables when the program
//! that drives it dies.
//!
//! ```text
//! file   = record*                    appended after each call, in one write
//! record = length u32, check u32, then `length` bytes: kind u8 and what the kind has
//! ```
//!
//! A record says how one thing is now, or that it is gone; the last one counts. A record that is cut off or damaged,
//! and all behind it, counts as not written. Opening the file writes it anew without what was overtaken.
//!
//! Invariant: bytes and what they mean; which things changed is noted by the switch.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::path::Path;

use crate::object::Given;
use crate::value::Value;

/// One thing that a switch holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Thing {
    /// The switch's own index, and with it the last serial number of each type.
    Switch,
    Object(u64),
    /// An entry: which kind, and its key in the bytes of its kind.
    Entry(u8, Vec<u8>),
    /// A port without a link.
    Unplugged(u64),
    /// A change that was answered and has not landed, by its number.
    Late(u64),
}

/// How it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct State {
    pub(crate) body: Vec<u8>,
    pub(crate) attrs: Vec<Given>,
}

/// An open state file.
pub(crate) struct Journal {
    file: File,
    buffer: Vec<u8>,
}

/// Everything in a file.
pub(crate) type Saved = BTreeMap<Thing, State>;

/// Reads a state file; empty if there is none.
pub(crate) fn load(path: &Path) -> io::Result<Saved> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => file.read_to_end(&mut bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Saved::new()),
        Err(error) => return Err(error),
    };
    let mut saved = Saved::new();
    let mut rest = &bytes[..];
    while let Some((thing, state)) = read_record(&mut rest) {
        match state {
            Some(state) => saved.insert(thing, state),
            None => saved.remove(&thing),
        };
    }
    Ok(saved)
}

impl Journal {
    /// Starts a file that holds nothing yet, in place of what is there.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        Ok(Self { file, buffer: Vec::new() })
    }

    /// Notes how a thing is, `None`: gone.
    pub(crate) fn note(&mut self, thing: &Thing, state: Option<&State>) {
        let start = self.buffer.len();
        self.buffer.extend([0; 8]);
        write_thing(&mut self.buffer, thing, state.is_some());
        if let Some(state) = state {
            write_bytes(&mut self.buffer, &state.body);
            write_attrs(&mut self.buffer, &state.attrs);
        }
        let body = start + 8;
        let (length, check) = ((self.buffer.len() - body) as u32, checksum(&self.buffer[body..]));
        self.buffer[start..start + 4].copy_from_slice(&length.to_le_bytes());
        self.buffer[start + 4..body].copy_from_slice(&check.to_le_bytes());
    }

    /// Writes what was noted.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.file.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Forgets everything: the data plane is taken down.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.buffer.clear();
        self.file.set_len(0)
    }
}

/// FNV-1a: enough to tell a record that was cut off from one that was not.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend(bytes);
}

fn write_thing(out: &mut Vec<u8>, thing: &Thing, there: bool) {
    let kind = |n: u8| n << 1 | u8::from(there);
    match thing {
        Thing::Switch => out.push(kind(0)),
        Thing::Object(id) => {
            out.push(kind(1));
            out.extend(id.to_le_bytes());
        }
        Thing::Entry(table, key) => {
            out.push(kind(2));
            out.push(*table);
            write_bytes(out, key);
        }
        Thing::Unplugged(port) => {
            out.push(kind(3));
            out.extend(port.to_le_bytes());
        }
        Thing::Late(number) => {
            out.push(kind(4));
            out.extend(number.to_le_bytes());
        }
    }
}

fn write_attrs(out: &mut Vec<u8>, attrs: &[Given]) {
    out.extend((attrs.len() as u32).to_le_bytes());
    for (id, value) in attrs {
        out.extend(id.to_le_bytes());
        match value {
            Value::Num(n) => {
                out.push(0);
                out.extend(n.to_le_bytes());
            }
            Value::Mac(mac) => {
                out.push(1);
                out.extend(mac);
            }
            Value::Ip(IpAddr::V4(ip)) => {
                out.push(2);
                out.extend(ip.octets());
            }
            Value::Ip(IpAddr::V6(ip)) => {
                out.push(3);
                out.extend(ip.octets());
            }
            Value::Chars(chars) => {
                out.push(4);
                out.extend(chars);
            }
            Value::List(list) => {
                out.push(5);
                out.extend((list.len() as u32).to_le_bytes());
                list.iter().for_each(|n| out.extend(n.to_le_bytes()));
            }
            Value::Pairs(pairs) => {
                out.push(6);
                out.extend((pairs.len() as u32).to_le_bytes());
                for (key, value) in pairs {
                    out.extend(key.to_le_bytes());
                    out.extend(value.to_le_bytes());
                }
            }
            Value::Range(min, max) => {
                out.push(7);
                out.extend(min.to_le_bytes());
                out.extend(max.to_le_bytes());
            }
            Value::Timespec(s, ns) => {
                out.push(8);
                out.extend(s.to_le_bytes());
                out.extend(ns.to_le_bytes());
            }
        }
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    take(rest, N)?.try_into().ok()
}

fn read_u32(rest: &mut &[u8]) -> Option<u32> {
    array(rest).map(u32::from_le_bytes)
}

fn read_u64(rest: &mut &[u8]) -> Option<u64> {
    array(rest).map(u64::from_le_bytes)
}

fn read_bytes(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let count = read_u32(rest)? as usize;
    take(rest, count).map(<[u8]>::to_vec)
}

fn read_record(rest: &mut &[u8]) -> Option<(Thing, Option<State>)> {
    let (length, check) = (read_u32(rest)? as usize, read_u32(rest)?);
    let mut record = take(rest, length)?;
    if checksum(record) != check {
        return None;
    }
    let [kind] = array(&mut record)?;
    let thing = match kind >> 1 {
        0 => Thing::Switch,
        1 => Thing::Object(read_u64(&mut record)?),
        2 => {
            let [table] = array(&mut record)?;
            Thing::Entry(table, read_bytes(&mut record)?)
        }
        3 => Thing::Unplugged(read_u64(&mut record)?),
        4 => Thing::Late(read_u64(&mut record)?),
        _ => return None,
    };
    if kind & 1 == 0 {
        return Some((thing, None));
    }
    let body = read_bytes(&mut record)?;
    let attrs = read_attrs(&mut record)?;
    Some((thing, Some(State { body, attrs })))
}

fn read_attrs(rest: &mut &[u8]) -> Option<Vec<Given>> {
    let count = read_u32(rest)?;
    (0..count).map(|_| Some((read_u32(rest)?, read_value(rest)?))).collect()
}

fn read_value(rest: &mut &[u8]) -> Option<Value> {
    let [tag] = array(rest)?;
    Some(match tag {
        0 => Value::Num(read_u64(rest)?),
        1 => Value::Mac(array(rest)?),
        2 => Value::Ip(IpAddr::from(array::<4>(rest)?)),
        3 => Value::Ip(IpAddr::from(array::<16>(rest)?)),
        4 => Value::Chars(array(rest)?),
        5 => {
            let count = read_u32(rest)?;
            Value::List((0..count).map(|_| read_u64(rest)).collect::<Option<_>>()?)
        }
        6 => {
            let count = read_u32(rest)?;
            let pair = |rest: &mut &[u8]| Some((read_u32(rest)?, i32::from_le_bytes(array(rest)?)));
            Value::Pairs((0..count).map(|_| pair(rest)).collect::<Option<_>>()?)
        }
        7 => Value::Range(read_u32(rest)?, read_u32(rest)?),
        8 => Value::Timespec(read_u64(rest)?, read_u32(rest)?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_value() -> Vec<Given> {
        [
            Value::Num(u64::MAX),
            Value::Mac([1, 2, 3, 4, 5, 6]),
            Value::Ip("10.0.0.1".parse().unwrap()),
            Value::Ip("2001:db8::1".parse().unwrap()),
            Value::Chars([7; 32]),
            Value::List(Box::new([1, 2])),
            Value::Pairs(Box::new([(1, -2)])),
            Value::Range(3, 4),
            Value::Timespec(5, 6),
        ]
        .into_iter()
        .zip(0..)
        .map(|(value, id)| (id, value))
        .collect()
    }

    #[test]
    fn what_was_written_last_is_read_and_a_cut_off_record_is_not() {
        let path = std::env::temp_dir().join(format!("sai-sim-journal-{}", std::process::id()));
        let state = |n: u8| State { body: vec![n; 3], attrs: every_value() };
        let entry = Thing::Entry(1, vec![9; 20]);
        let mut journal = Journal::create(&path).unwrap();
        for (thing, n) in [(&Thing::Switch, 1), (&entry, 2), (&Thing::Object(7), 3), (&entry, 4)] {
            journal.note(thing, Some(&state(n)));
        }
        journal.note(&Thing::Object(7), None);
        journal.write().unwrap();
        let before = load(&path).unwrap();
        let expected = Saved::from([(Thing::Switch, state(1)), (entry, state(4))]);
        assert_eq!(before, expected);

        journal.note(&Thing::Unplugged(5), Some(&State::default()));
        journal.write().unwrap();
        assert_eq!(load(&path).unwrap().len(), 3);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..20 {
            std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
            assert_eq!(load(&path).unwrap(), before, "{cut} bytes cut off");
        }
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(load(&path).unwrap(), before);
        std::fs::remove_file(&path).unwrap();
        assert!(load(&path).unwrap().is_empty());
    }
}
