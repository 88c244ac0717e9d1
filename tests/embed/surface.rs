//! What is public in formatted sources, item by item: the generator behind `api`.
//!
//! Invariant: sources only; nothing is compiled, and what is under `#[cfg(test)]` is no part of the library.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// A file of the library.
#[derive(Clone)]
pub(crate) struct Module {
    /// From the root of the package.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every module of the library but the functions for C, each after the one that names it.
pub(crate) fn modules(root: &Path) -> Vec<Module> {
    let mut found = Vec::new();
    add(root, "src/lib.rs", "src", &mut found);
    found.sort_by(|a: &Module, b: &Module| a.path.cmp(&b.path));
    found
}

fn add(root: &Path, path: &str, dir: &str, found: &mut Vec<Module>) {
    let text = fs::read_to_string(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
    let (mut is_test, mut elsewhere) = (false, None);
    for line in text.lines() {
        if line.starts_with("#[") {
            is_test |= line.contains("cfg(test)");
            elsewhere =
                line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")).or(elsewhere);
            continue;
        }
        let declared = line
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub(super) ")
            .trim_start_matches("pub ");
        let name = declared.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
        if let Some(name) = name.filter(|name| !is_test && *name != "capi") {
            let (file, folder) = (format!("{dir}/{name}.rs"), format!("{dir}/{name}"));
            match elsewhere {
                Some(elsewhere) => {
                    let beside = path.rsplit_once('/').expect("it is in a folder").0;
                    add(root, &format!("{beside}/{elsewhere}"), &folder, found);
                }
                None if root.join(&file).is_file() => add(root, &file, &folder, found),
                None => add(root, &format!("{folder}/mod.rs"), &folder, found),
            }
        }
        (is_test, elsewhere) = (false, None);
    }
    found.push(Module { path: path.to_owned(), text });
}

/// The names of the public types.
pub(crate) fn types(text: &str) -> Vec<String> {
    let kinds = ["pub struct ", "pub enum ", "pub trait ", "pub type ", "pub union "];
    let named = |line: &str| {
        let rest = kinds.iter().find_map(|kind| line.trim_start().strip_prefix(kind))?;
        Some(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned())
    };
    text.lines().filter_map(named).collect()
}

/// The type that an `impl` is about.
fn about(head: &str) -> &str {
    let of = head.rsplit_once(" for ").map_or(head, |(_, of)| of);
    let of = of.trim_start_matches("impl ").trim_start_matches('&');
    let end = of.find(|c: char| !c.is_alphanumeric() && !"_:$".contains(c)).unwrap_or(of.len());
    of[..end].rsplit("::").next().unwrap_or_default()
}

/// The public items of a source, with what is visible of their insides, one a line, a
/// member or variant after its type: also which traits public types have,
/// and what macros are called with that make public items.
pub(crate) fn surface(source: &str, types: &BTreeSet<String>) -> String {
    let lines = source.lines().map(|line| match line.trim_start().starts_with("//") {
        true => "",
        false => line.split(" // ").next().unwrap_or("").trim_end(),
    });
    let mut lines = lines.filter(|line| !line.is_empty()).peekable();
    let mut makers: Vec<String> = Vec::new();
    let (mut out, mut of, mut attributes) = (String::new(), String::new(), String::new());
    while let Some(line) = lines.next() {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        if text.starts_with("#[") {
            let mut whole = text.to_owned();
            while whole.matches('[').count() > whole.matches(']').count() {
                let Some(more) = lines.next() else { break };
                whole = format!("{whole} {}", more.trim());
            }
            attributes = format!("{attributes}{whole} ");
            continue;
        }
        let attributes = std::mem::take(&mut attributes);
        if let Some(name) = text.strip_prefix("macro_rules! ").filter(|_| indent.is_empty()) {
            let body: Vec<&str> = lines.by_ref().take_while(|inner| *inner != "}").collect();
            if body.iter().any(|line| {
                line.contains("pub struct") || line.contains("pub const") || line.contains("pub fn")
            }) {
                makers.push(format!("{}!", name.trim_end_matches(" {")));
                let _ = writeln!(out, "macro {name} {} }}", squeezed(&body));
            }
            continue;
        }
        if indent.is_empty() && makers.iter().any(|maker| text.starts_with(maker)) {
            let closed = |line: &str| line == "}" || line == ");";
            let mut body = vec![text];
            while !body.last().is_some_and(|last| closed(last) || last.ends_with(");")) {
                let Some(more) = lines.next() else { break };
                body.push(more);
            }
            let _ = writeln!(out, "{}", squeezed(&body));
            continue;
        }
        if indent.is_empty() && (text.starts_with("impl ") || text.starts_with("impl<")) {
            let mut head = text.to_owned();
            while !head.ends_with(['{', '}']) {
                let Some(more) = lines.next() else { break };
                head = format!("{head} {}", more.trim());
            }
            of = head.trim_end_matches("{}").trim_end_matches('{').trim().to_owned();
            let bare = match of.strip_prefix("impl<") {
                Some(rest) => rest.split_once("> ").map_or(rest, |(_, rest)| rest),
                None => &of,
            };
            if of.contains(" for ") && types.contains(about(bare)) {
                let _ = writeln!(out, "{attributes}{of}");
            }
            continue;
        }
        if !text.starts_with("pub ") {
            continue;
        }
        let _ = writeln!(out, "{}", item(text, indent, &attributes, &of, &mut lines));
    }
    out
}

/// An item from its first line on.
fn item<'a>(
    text: &str,
    indent: &str,
    attributes: &str,
    of: &str,
    lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
) -> String {
    // The head: up to its brace, or its end.
    let mut item = text.to_owned();
    while !item.ends_with(['{', ';', ',', '}']) || item.matches('(').count() != item.matches(')').count() {
        let Some(more) = lines.next() else { break };
        item = format!("{item} {}", more.trim());
    }
    let mut insides = Vec::new();
    let has_insides = ["pub struct ", "pub enum ", "pub use ", "pub trait ", "pub union ", "pub const "];
    if has_insides.iter().any(|kind| item.starts_with(kind)) && item.ends_with('{') {
        let is_struct = item.starts_with("pub struct ") || item.starts_with("pub union ");
        let ends = [format!("{indent}}}"), format!("{indent}}};")];
        let name = item.split(['<', '(', ' ', ':']).nth(2).unwrap_or_default().to_owned();
        let (mut hidden, mut piece) = (false, String::new());
        for inner in lines.by_ref().take_while(|inner| !ends.iter().any(|end| end == inner)) {
            let inner = inner.trim();
            let begins = piece.is_empty() || (piece.starts_with("#[") && !piece.contains("pub "));
            if is_struct && begins && !inner.starts_with("pub ") && !inner.starts_with("#[") {
                hidden = true;
                piece.clear();
                continue;
            }
            piece = format!("{piece} {inner}").trim_start().to_owned();
            let open = |what: [char; 2]| piece.matches(what[0]).count() > piece.matches(what[1]).count();
            let is_whole = !item.starts_with("pub use ") && !item.starts_with("pub const ");
            if is_whole && !open(['{', '}']) && !open(['(', ')']) && piece.ends_with([',', ';', '}']) {
                insides.push(format!("{name}: {piece}"));
                piece.clear();
            }
        }
        if !piece.is_empty() && insides.is_empty() {
            item = format!("{item} {piece} }}");
        } else if !piece.is_empty() {
            insides.push(format!("{name}: {piece}"));
        }
        if hidden {
            insides.push(format!("{name}: _"));
        }
    }
    let item = item.trim_end_matches(" {").replace("( ", "(").replace(", )", ")");
    let context = if indent.is_empty() { String::new() } else { format!("{of}: ") };
    let head = format!("{context}{attributes}{item}");
    std::iter::once(head).chain(insides).collect::<Vec<_>>().join("\n")
}

fn squeezed(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_private_is_not_listed_and_what_is_public_is() {
    let source = "/// One.\n#[derive(Debug)]\npub struct A {\n    /// F.\n    pub b: u8,\n    c: u8,\n}\n\nimpl A {\n    pub fn \
                  d(\n        &self,\n    ) -> u8 {\n        0\n    }\n    fn e() {}\n    pub(crate) fn f() {}\n}\n\npub enum \
                  G {\n    H,\n}\n\nimpl Drop for A {\n    fn drop(&mut self) {}\n}\n\nimpl Drop for Hidden {}\nmacro_rules! \
                  m {\n    ($n:ident) => { pub struct $n; };\n}\nm!(I);\n";
    let listed = "#[derive(Debug)] pub struct A\nA: pub b: u8,\nA: _\nimpl A: pub fn d(&self) -> u8\npub enum G\nG: H,\nimpl Drop \
                  for A\nmacro m { ($n:ident) => { pub struct $n; }; }\nm!(I);\n";
    let types = types(source).into_iter().collect();
    assert_eq!(surface(source, &types), listed);
}
