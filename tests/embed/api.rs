//! The public API as the sources have it, against the file that says what it was: a change is seen before it is released.
//!
//! Every module that the library is made of is read. The lint `unreachable_pub` sees to it that whatever is called `pub` in
//! one of them can be reached, so what is listed is what a program in Rust can hold in its hands, and nothing is missing.
//! The functions for C are not here: they have a file of their own.
//!
//! `UPDATE_EXPECTED=1 cargo test --test embed api` writes the file anew; what it takes away or alters breaks programs
//! that are there.

use crate::surface::{Module, modules, surface, types};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const HOW: &str =
    "If that is meant: UPDATE_EXPECTED=1 cargo test --test embed api, and say it in CHANGELOG.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The whole API, module by module.
fn api(modules: &[Module]) -> String {
    let types: BTreeSet<String> = modules.iter().flat_map(|module| types(&module.text)).collect();
    let mut api = String::new();
    for module in modules {
        let items = surface(&module.text, &types);
        if !items.is_empty() {
            let _ = writeln!(api, "## {}\n{items}", module.path);
        }
    }
    api
}

/// What there is that there was not, and the other way round; `None` when nothing is another.
fn difference(was: &str, now: &str) -> Option<String> {
    let lacks = |of: &str, than: &str| {
        let (mut section, mut found) = ("", Vec::new());
        let there: BTreeSet<&str> = than.lines().collect();
        for line in of.lines() {
            section = line.strip_prefix("## ").unwrap_or(section);
            if !there.contains(line) {
                found.push(format!("{section}: {line}"));
            }
        }
        found
    };
    let (gone, new) = (lacks(was, now), lacks(now, was));
    let marked = |mark: &str, lines: Vec<String>| {
        lines.into_iter().map(|l| format!("{mark} {l}\n")).collect::<String>()
    };
    (was != now)
        .then(|| format!("the public API is another:\n{}{}{HOW}", marked("-", gone), marked("+", new)))
}

#[test]
fn the_public_api_is_what_it_was() {
    let api = api(&modules(root()));
    let path = root().join("tests/embed/api.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &api).unwrap();
    }
    let was = fs::read_to_string(&path).unwrap();
    if let Some(difference) = difference(&was, &api) {
        panic!("{difference}");
    }
}

/// Whatever a program that is there would notice is noticed here.
#[test]
fn a_change_is_seen() {
    let before = modules(root());
    let was = api(&before);
    for (path, old, new, line) in [
        // A method that goes, one that is called otherwise, one that takes something else, one that answers something else.
        (
            "src/embed/handle.rs",
            "    pub fn is_stopped(",
            "    pub(crate) fn is_stopped(",
            "- src/embed/handle.rs: impl Mlagsync: pub fn is_stopped(&self) -> bool",
        ),
        (
            "src/embed/feed.rs",
            "pub fn forgotten(&self, keys: &[Key]",
            "pub fn forgotten(&self, keys: &[Neighbor]",
            "+ src/embed/feed.rs: impl Mlagsync: pub fn forgotten(&self, keys: &[Neighbor], feed: Feed)",
        ),
        (
            "src/embed/look.rs",
            "pub fn counts(&self) -> Result<Counters, AskError>",
            "pub fn counts(&self) -> Counters",
            "+ src/embed/look.rs: impl Mlagsync: pub fn counts(&self) -> Counters",
        ),
        // A variant more, a variant less, one that says more.
        (
            "src/embed/feed.rs",
            "pub enum Feed {\n",
            "pub enum Feed {\n    Never,\n",
            "+ src/embed/feed.rs: Feed: Never,",
        ),
        (
            "src/node/io.rs",
            "pub enum Event {\n",
            "pub enum Event {\n    /// News.\n    Other,\n",
            "+ src/node/io.rs: Event: Other,",
        ),
        // A field that is another, one more, one that nobody sees but that a literal lacks.
        (
            "src/embed/feed.rs",
            "    pub fresh: bool,",
            "    pub fresh: u8,",
            "+ src/embed/feed.rs: Learned: pub fresh: u8,",
        ),
        (
            "src/node/view.rs",
            "pub struct SessionView {\n",
            "pub struct SessionView {\n    pub more: u8,\n",
            "+ src/node/view.rs: SessionView: pub more: u8,",
        ),
        (
            "src/embed/handle.rs",
            "    pub left: Vec<&'static str>,\n",
            "    pub left: Vec<&'static str>,\n    why: u8,\n",
            "+ src/embed/handle.rs: Stopped: _",
        ),
        // What a type can do.
        (
            "src/embed/worker.rs",
            "#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum Work",
            "#[derive(Debug)]\npub enum Work",
            "+ src/embed/worker.rs: #[derive(Debug)] pub enum Work",
        ),
        (
            "src/embed/worker.rs",
            "impl fmt::Debug for AsicWorker",
            "impl fmt::Display for AsicWorker",
            "- src/embed/worker.rs: impl fmt::Debug for AsicWorker",
        ),
        // What macros make, what is called otherwise here than where it is, and whole modules.
        ("src/addr.rs", "ranged!(", "ranged!(/* */ ", "src/addr.rs: ranged!("),
        (
            "src/embed/mod.rs",
            "pub use log::{LogLevel, LogLine};",
            "pub use log::LogLine;",
            "+ src/embed/mod.rs: pub use log::LogLine;",
        ),
        ("src/lib.rs", "pub mod time;", "mod time;", "- src/lib.rs: pub mod time;"),
    ] {
        let mut after = before.clone();
        let module = after.iter_mut().find(|module| module.path == path).expect(path);
        assert!(module.text.contains(old), "{path} has no {old:?}");
        module.text = module.text.replacen(old, new, 1);
        let seen = difference(&was, &api(&after)).unwrap_or_else(|| panic!("{path}: {new:?} is not seen"));
        assert!(seen.contains(line) && seen.ends_with(HOW), "{path}: {line:?} is not in\n{seen}");
    }
    // What is nobody else's business is not seen.
    let mut after = before.clone();
    let module = after.iter_mut().find(|module| module.path == "src/embed/handle.rs").unwrap();
    module.text = module
        .text
        .replace("    stopped: AtomicBool,", "    ended: AtomicBool,")
        .replace("/// A running", "/// One running");
    assert_eq!(difference(&was, &api(&after)), None);
}
