//! The measured facts as values, and comparison of what a probe printed with what they say.
#![allow(dead_code, reason = "each test program uses its part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

/// Everything that was measured of the headers of release 1.18.1.
#[derive(Deserialize)]
pub(crate) struct Facts {
    pub(crate) sai_version: String,
    /// By file name.
    pub(crate) headers: BTreeMap<String, Header>,
}

#[derive(Deserialize)]
pub(crate) struct Header {
    pub(crate) enums: BTreeMap<String, BTreeMap<String, i64>>,
    pub(crate) structs: BTreeMap<String, Record>,
    pub(crate) unions: BTreeMap<String, Record>,
    pub(crate) typedefs: BTreeMap<String, Typedef>,
    pub(crate) function_types: BTreeMap<String, Signature>,
    pub(crate) functions: BTreeMap<String, Signature>,
    #[serde(default)]
    pub(crate) macros: BTreeMap<String, Constant>,
}

#[derive(Deserialize)]
pub(crate) struct Record {
    pub(crate) size: usize,
    pub(crate) align: usize,
    /// In the order of declaration.
    pub(crate) fields: Vec<Field>,
}

#[derive(Deserialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) offset: usize,
    pub(crate) size: usize,
}

#[derive(Deserialize)]
pub(crate) struct Typedef {
    #[serde(rename = "type")]
    pub(crate) ty: String,
    pub(crate) size: usize,
}

#[derive(Deserialize)]
pub(crate) struct Signature {
    pub(crate) returns: String,
    pub(crate) params: Vec<Param>,
}

#[derive(Deserialize)]
pub(crate) struct Param {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Constant {
    Number(i64),
    Text(String),
}

pub(crate) fn facts() -> Facts {
    let facts: Facts = serde_json::from_str(include_str!("../facts/sai-1.18.1.json")).expect("facts parse");
    assert_eq!(facts.headers.len(), 20, "a header's facts are missing");
    facts
}

impl Facts {
    /// Items of one kind from all headers.
    pub(crate) fn all<'a, T: 'a>(
        &'a self,
        kind: impl Fn(&'a Header) -> &'a BTreeMap<String, T>,
    ) -> impl Iterator<Item = (&'a str, &'a T)> {
        self.headers.values().flat_map(kind).map(|(name, item)| (name.as_str(), item))
    }

    /// Structs and unions.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&str, &Record)> {
        self.all(|h| &h.structs).chain(self.all(|h| &h.unions))
    }
}

/// Rows of a CSV file, by column name. A quoted field may hold commas, not line breaks.
pub(crate) fn csv(text: &str) -> Vec<BTreeMap<&str, &str>> {
    let mut lines = text.lines().map(|line| {
        let mut quoted = false;
        line.split(move |c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        })
        .map(|field| field.trim_matches('"'))
        .collect::<Vec<&str>>()
    });
    let head = lines.next().expect("a head line");
    let rows: Vec<BTreeMap<_, _>> = lines
        .map(|row| {
            assert_eq!(row.len(), head.len(), "{row:?}");
            head.iter().copied().zip(row).collect()
        })
        .collect();
    assert!(!rows.is_empty());
    rows
}

pub(crate) fn attributes() -> Vec<BTreeMap<&'static str, &'static str>> {
    csv(include_str!("../facts/sai-1.18.1-attributes.csv"))
}

/// Values by the expression that gave them. Filled from the facts and from a probe's output, and
/// then compared as a whole.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Values(BTreeMap<String, String>);

impl Values {
    pub(crate) fn put(&mut self, key: impl Into<String>, value: impl ToString) {
        let (key, value) = (key.into(), value.to_string());
        let old = self.0.insert(key.clone(), value.clone());
        assert!(old.is_none_or(|old| old == value), "{key} has two values");
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// From lines of the form `key=value`.
    pub(crate) fn parse(output: &str) -> Self {
        let mut values = Self::default();
        for line in output.lines() {
            let (key, value) = line.rsplit_once('=').expect("key=value");
            values.put(key, value);
        }
        values
    }

    /// Panics with every difference.
    pub(crate) fn assert_same(&self, expected: &Self) {
        let mut differences = Vec::new();
        for (key, want) in &expected.0 {
            match self.0.get(key) {
                Some(got) if got == want => {}
                Some(got) => differences.push(format!("{key}: is {got}, measured {want}")),
                None => differences.push(format!("{key}: not printed, measured {want}")),
            }
        }
        for key in self.0.keys().filter(|key| !expected.0.contains_key(*key)) {
            differences.push(format!("{key}: printed but never measured"));
        }
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An empty directory of this test's own.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).expect("removable");
    }
    std::fs::create_dir_all(&dir).expect("creatable");
    dir
}

/// Runs a command to its end and gives what it printed; panics with its messages if it fails.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
    out.into_owned()
}
