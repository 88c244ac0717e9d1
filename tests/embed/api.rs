//! The public API as the sources have it, against the file that says what it was: a change is seen before it is released.
//!
//! `UPDATE_EXPECTED=1 cargo test --test embed api` writes the file anew; what it takes away or alters breaks programs
//! that are there.

use std::fmt::Write;
use std::fs;
use std::path::Path;

/// What a NOS in Rust holds in its hands.
const SOURCES: &[&str] = &[
    "src/embed/builder.rs",
    "src/embed/events.rs",
    "src/embed/feed.rs",
    "src/embed/handle.rs",
    "src/embed/log.rs",
    "src/embed/look.rs",
    "src/embed/mod.rs",
    "src/embed/worker.rs",
    "src/addr.rs",
    "src/neighbor.rs",
    "src/table/evidence.rs",
    "src/sai/id.rs",
];

/// The public items of a formatted source, with what is visible of their insides, one a line.
fn surface(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or(source);
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or("").trim_end());
    let mut lines = lines.filter(|line| !line.is_empty()).peekable();
    let (mut out, mut of, mut attributes) = (String::new(), String::new(), String::new());
    while let Some(line) = lines.next() {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        if text.starts_with("#[") {
            attributes = format!("{attributes}{text} ");
            continue;
        }
        let attributes = std::mem::take(&mut attributes);
        if indent.is_empty() && text.starts_with("impl") {
            of = text.trim_end_matches(" {").to_owned();
        }
        if !text.starts_with("pub ") {
            continue;
        }
        // The head: up to its brace, or its end.
        let mut item = text.to_owned();
        while !item.ends_with(['{', ';', ',', '}']) || item.matches('(').count() != item.matches(')').count()
        {
            let Some(more) = lines.next() else { break };
            item = format!("{item} {}", more.trim());
        }
        let is_type =
            ["pub struct ", "pub enum ", "pub use ", "pub trait "].iter().any(|kind| item.starts_with(kind));
        if is_type && item.ends_with('{') {
            let private = item.starts_with("pub struct ");
            for inner in lines.by_ref().take_while(|inner| *inner != format!("{indent}}}") && *inner != "};")
            {
                let inner = inner.trim();
                if !private || inner.starts_with("pub ") {
                    item = format!("{item} {inner}");
                }
            }
            item += " }";
        }
        let item = item.trim_end_matches(" {").replace("( ", "(").replace(", )", ")");
        let context = if indent.is_empty() { String::new() } else { format!("{of}: ") };
        let _ = writeln!(out, "{context}{attributes}{item}");
    }
    out
}

#[test]
fn the_public_api_is_what_it_was() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut api = String::new();
    for source in SOURCES {
        let text = fs::read_to_string(root.join(source)).unwrap();
        let _ = writeln!(api, "## {source}\n{}", surface(&text));
    }
    let lib = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let _ = write!(api, "## src/lib.rs\n{}", surface(&lib));
    let path = root.join("tests/embed/api.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &api).unwrap();
    }
    let was = fs::read_to_string(&path).unwrap();
    let missing: Vec<&str> = was.lines().filter(|line| !api.lines().any(|now| now == *line)).collect();
    let new: Vec<&str> = api.lines().filter(|line| !was.lines().any(|then| then == *line)).collect();
    assert!(
        was == api,
        "the public API is another:\n- {}\n+ {}\nIf that is meant: UPDATE_EXPECTED=1 cargo test --test embed api, and say it \
         in CHANGELOG.md",
        missing.join("\n- "),
        new.join("\n+ ")
    );
}

#[test]
fn what_is_private_is_not_listed_and_what_is_public_is() {
    let source = "/// One.\n#[derive(Debug)]\npub struct A {\n    /// F.\n    pub b: u8,\n    c: u8,\n}\n\nimpl A {\n    pub fn \
                  d(\n        &self,\n    ) -> u8 {\n        0\n    }\n    fn e() {}\n    pub(crate) fn f() {}\n}\n\npub enum \
                  G {\n    H,\n}\n";
    let listed =
        "#[derive(Debug)] pub struct A { pub b: u8, }\nimpl A: pub fn d(&self) -> u8\npub enum G { H, }\n";
    assert_eq!(surface(source), listed);
}
