//! The state file: what the hardware holds, kept outside the process, as an ASIC keeps its tables when the program
//! that drives it dies.
//!
//! ```text
//! file   = record*                    appended while a call is worked on, some records with one write
//! record = length u32, check u32, then `length` bytes: kind u8 and what the kind has
//! ```
//!
//! A record says how one thing is now, or that it is gone; the last one counts. A record that is cut off or damaged,
//! and all behind it, counts as not written. Who opens the file has it alone; the lock goes with the process. Without
//! what was overtaken it is written anew beside itself and takes its own place, at the start and whenever it has grown
//! too long, so that at no time there is less than one whole state.
//!
//! Invariant: bytes and what they mean; which things changed is noted by the switch.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::net::IpAddr;
use std::ops::Deref;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{Flock, FlockArg};

use crate::object::Given;
use crate::value::Value;

/// A few bytes: the key of an entry, or its body.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Packed {
    bytes: [u8; Self::MOST],
    length: u8,
}

impl Packed {
    /// A route's key is the longest.
    pub(crate) const MOST: usize = 22;

    /// These parts one after the other, all of which a caller knows to be short.
    #[inline]
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut packed = Self::default();
        for part in parts {
            let start = usize::from(packed.length);
            packed.bytes[start..start + part.len()].copy_from_slice(part);
            packed.length += part.len() as u8;
        }
        packed
    }
}

impl Deref for Packed {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// One thing that a switch holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Thing {
    /// The switch's own index, and with it the last serial number of each type.
    Switch,
    Object(u64),
    /// An entry: which kind, and its key in the bytes of its kind.
    Entry(u8, Packed),
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

/// Everything in a file.
pub(crate) type Saved = BTreeMap<Thing, State>;

/// A state file that nobody else has open.
pub(crate) struct Journal {
    file: Flock<File>,
    path: PathBuf,
    /// Where the next record goes. All before it is whole.
    end: u64,
    /// Where it was when the file was written anew.
    base: u64,
    /// Records that are not in the file.
    buffer: Vec<u8>,
}

/// A file is written anew when it is longer than this and four times what it was.
const LONG: u64 = 1 << 20;

impl Journal {
    /// Opens a state file; an empty one if there is none. [`io::ErrorKind::WouldBlock`]: somebody has it open.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        loop {
            let file =
                lock(OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?)?;
            // Between open and lock another file may have taken its place: then that is the one to lock.
            let (ours, there) = (file.metadata()?, fs::metadata(path));
            if there.is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino())) {
                // Where it really is: a link to it must not be replaced.
                let (path, end) = (fs::canonicalize(path)?, ours.len());
                return Ok(Self { file, path, end, base: end, buffer: Vec::new() });
            }
        }
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the file holds.
    pub(crate) fn load(&self) -> io::Result<Saved> {
        let mut bytes = Vec::new();
        (&*self.file).read_to_end(&mut bytes)?;
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

    /// Notes how a thing is: what it is and its attributes, or `None`: gone.
    pub(crate) fn note(&mut self, thing: &Thing, state: Option<(&[u8], &[Given])>) {
        let start = self.buffer.len();
        self.buffer.extend([0; 8]);
        write_thing(&mut self.buffer, thing, state.is_some());
        if let Some((body, attrs)) = state {
            write_bytes(&mut self.buffer, body);
            write_attrs(&mut self.buffer, attrs);
        }
        let body = start + 8;
        let (length, check) = ((self.buffer.len() - body) as u32, checksum(&self.buffer[body..]));
        self.buffer[start..start + 4].copy_from_slice(&length.to_le_bytes());
        self.buffer[start + 4..body].copy_from_slice(&check.to_le_bytes());
    }

    /// Is anything noted that is not in the file?
    #[inline]
    pub(crate) fn is_behind(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Writes what was noted. If that fails it stays noted, and the next time goes over what half of it left.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        self.file.write_all_at(&self.buffer, self.end)?;
        self.end += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Has most of the file been overtaken?
    pub(crate) fn is_long(&self) -> bool {
        self.end > LONG && self.end / 4 > self.base
    }

    /// Puts what was noted, which must be all there is, in place of the file. If that fails the file is as it was.
    pub(crate) fn replace(&mut self) -> io::Result<()> {
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let beside = PathBuf::from(name);
        let written =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&beside).and_then(
                |file| {
                    let file = lock(file)?;
                    file.write_all_at(&self.buffer, 0)?;
                    fs::rename(&beside, &self.path)?;
                    Ok(file)
                },
            );
        match written {
            Ok(file) => self.file = file,
            Err(error) => {
                // It may never have been there.
                let _ = fs::remove_file(&beside);
                return Err(error);
            }
        }
        self.end = self.buffer.len() as u64;
        self.base = self.end;
        self.buffer = Vec::new();
        Ok(())
    }

    /// Forgets what was noted and is not in the file.
    pub(crate) fn drop_notes(&mut self) {
        self.buffer.clear();
        self.base = self.end;
    }

    /// Forgets everything: the data plane is taken down.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.buffer.clear();
        self.end = 0;
        self.file.set_len(0)
    }
}

fn lock(file: File) -> io::Result<Flock<File>> {
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error.into())
}

/// Enough to tell a record that was cut off from one that was not.
fn checksum(bytes: &[u8]) -> u32 {
    let mix = |sum: u64, word: u64| (sum.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (words, tail) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(bytes.len() as u64, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..tail.len()].copy_from_slice(tail);
    (mix(sum, u64::from_le_bytes(last)) >> 32) as u32
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
            let count = read_u32(&mut record)? as usize;
            let key = take(&mut record, count).filter(|key| key.len() <= Packed::MOST)?;
            Thing::Entry(table, Packed::of(&[key]))
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

    /// A place for a state file, empty.
    fn place(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("sai-sim-journal-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        path
    }

    fn note(journal: &mut Journal, thing: &Thing, state: &State) {
        journal.note(thing, Some((&state.body, &state.attrs)));
    }

    /// What is in the file, read as the next process reads it.
    fn load(path: &Path) -> Saved {
        Journal::open(path).unwrap().load().unwrap()
    }

    #[test]
    fn what_was_written_last_is_read_and_a_cut_off_record_is_not() {
        let path = place("cut");
        let state = |n: u8| State { body: vec![n; 3], attrs: every_value() };
        let entry = Thing::Entry(1, Packed::of(&[&[9; 20]]));
        let mut journal = Journal::open(&path).unwrap();
        for (thing, n) in [(&Thing::Switch, 1), (&entry, 2), (&Thing::Object(7), 3), (&entry, 4)] {
            note(&mut journal, thing, &state(n));
        }
        journal.note(&Thing::Object(7), None);
        journal.write().unwrap();
        let shorter = journal.end;
        note(&mut journal, &Thing::Unplugged(5), &State::default());
        journal.write().unwrap();
        drop(journal);
        let whole = fs::read(&path).unwrap();
        let before = Saved::from([(Thing::Switch, state(1)), (entry, state(4))]);
        assert_eq!(load(&path).len(), 3);
        for cut in 1..=whole.len() as u64 - shorter {
            fs::write(&path, &whole[..whole.len() - cut as usize]).unwrap();
            assert_eq!(load(&path), before, "{cut} bytes cut off");
        }
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        fs::write(&path, damaged).unwrap();
        assert_eq!(load(&path), before);
        fs::remove_file(&path).unwrap();
        assert!(load(&path).is_empty());
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_file_has_one_owner_also_after_it_was_written_anew() {
        let path = place("owner");
        let refused = || Journal::open(&path).err().map(|error| error.kind());
        let mut journal = Journal::open(&path).unwrap();
        assert_eq!(refused(), Some(io::ErrorKind::WouldBlock));
        note(&mut journal, &Thing::Object(1), &State::default());
        journal.replace().unwrap();
        assert_eq!(refused(), Some(io::ErrorKind::WouldBlock));
        note(&mut journal, &Thing::Object(2), &State::default());
        journal.write().unwrap();
        drop(journal);
        assert_eq!(load(&path).len(), 2, "the new file is the one that is appended to");
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_link_to_a_file_stays_one() {
        let (path, link) = (place("real"), place("link"));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut journal = Journal::open(&link).unwrap();
        note(&mut journal, &Thing::Object(1), &State::default());
        journal.replace().unwrap();
        drop(journal);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(load(&path).len(), 1);
        fs::remove_file(path).unwrap();
        fs::remove_file(link).unwrap();
    }

    #[test]
    fn what_could_not_be_replaced_is_as_it_was() {
        let path = place("beside");
        let mut journal = Journal::open(&path).unwrap();
        note(&mut journal, &Thing::Object(1), &State::default());
        journal.write().unwrap();
        // Nothing can be written where a directory is.
        let beside = path.with_extension("new");
        fs::create_dir(&beside).unwrap();
        note(&mut journal, &Thing::Object(2), &State::default());
        assert!(journal.replace().is_err());
        journal.drop_notes();
        note(&mut journal, &Thing::Object(3), &State::default());
        journal.write().unwrap();
        drop(journal);
        let there: Vec<_> = load(&path).into_keys().collect();
        assert_eq!(there, [Thing::Object(1), Thing::Object(3)]);
        fs::remove_dir(&beside).unwrap();
        fs::remove_file(&path).unwrap();
    }
}
