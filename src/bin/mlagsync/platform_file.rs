//! The platform file: TOML, read with its places, so that every error is one line that says where.
//!
//! ```text
//! leaf-1.toml:7:1: unknown key 'libary' in [sai]; did you mean 'library'?
//! ```
//!
//! What the values mean is [`Platform`]'s; this holds the keys' names, to name the nearest to a wrong one.

use mlagsync::run::{Platform, PlatformError};
use std::fmt;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A platform file of more than this is none.
const LONGEST: u64 = 4 << 20;

/// The keys of each table; the empty name is the file itself. A test holds them against [`Platform`].
const KEYS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "hostname",
            "model",
            "forwarding-mode",
            "node-id",
            "control",
            "monitors",
            "record",
            "journal",
            "ownership",
            "fdb",
            "kernel-mirror",
            "kernel-refresh",
            "kernel-protocol",
            "kernel-at-exit",
            "restart-time-s",
            "stale-timer-s",
            "scrub-s",
            "ageing-time-s",
            "dfs-group",
            "sai",
            "limits",
            "vpn-instance",
            "interface",
            "port",
            "peer-next-hop",
        ],
    ),
    ("sai", &["library", "profile", "profile-file", "assume-api-version", "programming", "hardware-info"]),
    ("limits", &["slots", "ipv6-slots", "vpn-instance-hosts", "interface-hosts"]),
    ("vpn-instance", &["name", "device", "netns", "hosts"]),
    ("interface", &["name", "vrf", "netdev", "mac", "addresses", "attachment", "hosts"]),
    ("port", &["netdev", "role", "sai-port", "sai-lag"]),
    ("peer-next-hop", &["interface", "ip"]),
];

/// Why a platform file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlatformFileError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is wrong at a place.
    #[error("{place}: {message}")]
    Wrong {
        /// Where.
        place: Place,
        /// What is wrong, in one line.
        message: String,
    },
    /// Its parts do not fit together.
    #[error("{}: {source}", path.display())]
    Platform {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        source: PlatformError,
    },
}

/// A file, and a line and a column in it, from 1.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    line: usize,
    column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

/// Reads the platform file at `path`; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Platform, PlatformFileError> {
    let text =
        text(path).map_err(|source| PlatformFileError::Unreadable { path: path.to_owned(), source })?;
    parse(path, &text)
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let source: &mut dyn Read = match path.as_os_str() == "-" {
        true => &mut io::stdin(),
        false => &mut std::fs::File::open(path)?,
    };
    match source.take(LONGEST + 1).read_to_string(&mut text)? as u64 {
        0..=LONGEST => Ok(text),
        _ => Err(io::Error::new(io::ErrorKind::FileTooLarge, "too long to be a platform file")),
    }
}

fn parse(path: &Path, text: &str) -> Result<Platform, PlatformFileError> {
    let wrong = |span: Option<Range<usize>>, message: String| {
        let (line, column) = position(text, span.map_or(0, |span| span.start));
        PlatformFileError::Wrong { place: Place { path: path.to_owned(), line, column }, message }
    };
    let from_toml = |error: toml::de::Error| {
        let value = error.span().and_then(|span| text.get(span)).unwrap_or_default();
        wrong(error.span(), in_toml_words(&one_line(error.message()), value))
    };
    let table = DeTable::parse(text).map_err(from_toml)?;
    if let Some(unknown) = unknown_key(table.get_ref()) {
        return Err(wrong(Some(unknown.span.clone()), unknown.to_string()));
    }
    let platform: Platform = toml::from_str(text).map_err(from_toml)?;
    platform.validate().map_err(|source| PlatformFileError::Platform { path: path.to_owned(), source })?;
    Ok(platform)
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or(before);
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The parser names the types of a program; whoever writes the file knows those of TOML.
fn in_toml_words(message: &str, value: &str) -> String {
    if message == "invalid IP address syntax" {
        return format!("{value} is not an address with its prefix length: write it as \"10.0.0.1/24\"");
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return format!("the key {} is missing", key.replace('`', "'"));
    }
    let Some((found, expected)) = message.split_once(", expected ") else { return message.to_owned() };
    let found = match found.strip_prefix("invalid type: ").or(found.strip_prefix("invalid value: ")) {
        Some("map") => "a table is wrong here",
        Some("sequence") => "an array is wrong here",
        Some(value) => &format!("{} is wrong here", value.trim_end_matches(" as i128")),
        None => return message.to_owned(),
    };
    let expected = match expected {
        "a sequence" => "an array, in brackets (of tables: [[name]])",
        "path string" => "a path as a string",
        "a nonzero u16" => "a whole number from 1 to 65535",
        "u64" => "a whole number from 0 to 9223372036854775807",
        "struct SaiLibrary" => "a table, [sai]",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    format!("{found}: expected {expected}")
}

struct UnknownKey {
    key: String,
    table: &'static str,
    near: Option<&'static str>,
    known: &'static [&'static str],
    span: Range<usize>,
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: String = self.key.chars().map(|c| if c.is_control() { '?' } else { c }).take(40).collect();
        write!(f, "unknown key '{key}'")?;
        if !self.table.is_empty() {
            write!(f, " in [{}]", self.table)?;
        }
        match self.near {
            Some(near) => write!(f, "; did you mean '{near}'?"),
            None => write!(f, "; the keys here are {}", self.known.join(", ")),
        }
    }
}

/// The first key that no table has.
fn unknown_key(root: &DeTable<'_>) -> Option<UnknownKey> {
    let found = KEYS.iter().flat_map(|(name, known)| {
        let tables: Vec<&DeTable<'_>> = match *name {
            "" => vec![root],
            name => root.get(name).map(|value| tables(value)).unwrap_or_default(),
        };
        tables.into_iter().filter_map(|table| unknown_in(table, name, known)).collect::<Vec<_>>()
    });
    found.min_by_key(|unknown| unknown.span.start)
}

/// A table, or the tables of an array of tables.
fn tables<'t, 'i>(value: &'t Spanned<DeValue<'i>>) -> Vec<&'t DeTable<'i>> {
    match value.get_ref() {
        DeValue::Table(table) => vec![table],
        DeValue::Array(array) => array.iter().filter_map(|item| item.get_ref().as_table()).collect(),
        _ => Vec::new(),
    }
}

fn unknown_in(table: &DeTable<'_>, name: &'static str, known: &'static [&'static str]) -> Option<UnknownKey> {
    let unknown = table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
    let key = unknown.min_by_key(|key| key.span().start)?;
    let text = key.get_ref().to_string();
    let distance = |candidate: &&&str| edits(&text.to_ascii_lowercase().replace('_', "-"), candidate);
    // A word is meant when at most a third of it has to change.
    let near = known.iter().min_by_key(distance).filter(|near| edits(&text, near) <= near.len().div_ceil(3));
    Some(UnknownKey { key: text, table: name, near: near.copied(), known, span: key.span() })
}

/// Insertions, deletions and replacements between two words.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn error(text: &str) -> String {
        parse(Path::new("f.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn every_error_is_one_line_with_its_place() {
        let cases = [
            ("hostname = 'a'\nmodle = 'x'\n", "f.toml:2:1: unknown key 'modle'; did you mean 'model'?"),
            (
                "hostname = 'a'\n[sai]\n  libary = 'x'\n",
                "f.toml:3:3: unknown key 'libary' in [sai]; did you mean 'library'?",
            ),
            (
                "hostname = 'a'\n[[port]]\nnetdev = 'a'\nrole = 'orphan'\nspeed = 1\n",
                "f.toml:5:1: unknown key 'speed' in [port]; the keys here are netdev, role, sai-port, sai-lag",
            ),
            ("hostname = 'a'\nhost\u{e9} = 'x'", "f.toml:2:5: "),
            (
                "hostname = 'a'\nnode-id = 'x'\n",
                "f.toml:2:11: string \"x\" is wrong here: expected a whole number",
            ),
            ("hostname = 'a'\nhostname = 'b'\n", "f.toml:2:1: duplicate key"),
            ("model = 'generic'\n", "f.toml:1:1: the key 'hostname' is missing"),
            ("hostname = 'a'\nsai = 5\n", "f.toml:2:7: integer `5` is wrong here: expected a table, [sai]"),
            (
                "hostname = 'a'\n[interface]\nname = 'Vlanif1'\n",
                "f.toml:2:1: a table is wrong here: expected an array, in brackets (of tables: [[name]])",
            ),
            ("hostname = 'a'\nrecord = 5\n", "f.toml:2:10: integer `5` is wrong here: expected a path"),
            (
                "hostname = 'a'\n[[interface]]\nname = 'Vlanif1'\naddresses = ['10.0.0.1']\n",
                "f.toml:4:14: '10.0.0.1' is not an address with its prefix length: write it as",
            ),
            ("hostname = 'a'\n[[interface]]\nname = 'Vlan10'\n", "f.toml:3:8: 'Vlan10' is not an interface"),
            (
                "hostname = 'a'\n[[port]]\nrole = 'orphan'\nsai-port = 0\n",
                "f.toml:4:12: integer `0` is wrong here: expected a whole number from 1 to 65535",
            ),
            (
                "hostname = 'a'\nfdb = 'mine'\n",
                "f.toml:2:7: unknown variant `mine`, expected `external` or `managed`",
            ),
            ("hostname = ' '\n", "f.toml: hostname is empty"),
        ];
        for (text, expected) in cases {
            let error = error(text);
            assert!(error.starts_with(expected), "{text:?}: {error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[test]
    fn the_keys_are_the_platforms() {
        let text = include_str!("platform_file/everything.toml");
        let platform = parse(Path::new("everything.toml"), text).expect("legal");
        let value = serde_json::to_value(&platform).expect("plain values");
        let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let keys = |value: &serde_json::Value| {
            value.as_object().expect("a table").keys().cloned().collect::<BTreeSet<_>>()
        };
        found.insert("", keys(&value));
        found.insert("sai", keys(&value["sai"]));
        found.insert("limits", keys(&value["limits"]));
        for name in ["vpn-instance", "interface", "port", "peer-next-hop"] {
            found.insert(name, keys(&value[name][0]));
        }
        let stated: BTreeMap<&str, BTreeSet<String>> = KEYS
            .iter()
            .map(|(name, keys)| (*name, keys.iter().map(|&key| key.to_owned()).collect()))
            .collect();
        assert_eq!(found, stated);
    }
}
