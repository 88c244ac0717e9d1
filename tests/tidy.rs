//! Reads the sources and holds the house to its drawing: who may use whom, where `unsafe` may live, what the pure
//! rooms must not touch, and that every given dependency is one in fact.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may use whom, room by room. A room always may use itself. `sai::id` and `sai::status` are words (a typed
/// number each), so the pure rooms may speak them; the calls behind them are `run`'s.
const MAY_USE: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("addr", &[]),
    ("limits", &[]),
    ("neighbor", &["addr"]),
    ("auth", &["limits"]),
    ("peering", &["addr", "auth"]),
    ("config", &["addr", "auth", "limits", "peering"]),
    ("sai", &["addr", "neighbor", "limits"]),
    ("wire", &["addr", "auth", "neighbor", "limits", "peering", "table::change"]),
    ("session", &["addr", "auth", "neighbor", "limits", "peering", "time", "wire", "table::change"]),
    ("table", &["addr", "neighbor", "limits", "time", "sai::id", "sai::status"]),
    ("mirror", &["addr", "neighbor", "limits", "time", "table", "sai::id", "sai::status"]),
    (
        "node",
        &[
            "addr",
            "auth",
            "neighbor",
            "limits",
            "peering",
            "time",
            "session",
            "table",
            "mirror",
            "wire",
            "sai::id",
            "sai::status",
        ],
    ),
    (
        "run",
        &[
            "addr", "auth", "neighbor", "limits", "peering", "time", "config", "session", "table", "mirror",
            "node", "sai", "wire",
        ],
    ),
    ("embed", &["addr", "limits", "neighbor", "node", "run", "sai"]),
    ("capi", &["addr", "config", "embed", "limits", "neighbor", "node", "run", "sai"]),
];

/// Rooms without I/O, clock, threads and dice.
const PURE: &[&str] = &[
    "time", "addr", "auth", "limits", "neighbor", "peering", "config", "wire", "session", "table", "mirror",
    "node",
];

/// What a pure room's code must not name.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::thread",
    "std::env",
    "std::process",
    "Instant::now",
    "SystemTime",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "crossbeam_channel",
    "getrandom",
    "thread_rng",
    "RandomState::new()",
    "libc::",
    "println!",
    "eprintln!",
];

/// What a library in somebody else's process does not do.
const RUDE: &[(&str, &str)] = &[
    ("std::env", "the environment is the program's"),
    ("getenv", "the environment is the program's"),
    ("print!(", "stdout is the program's"),
    ("println!(", "stdout is the program's"),
    ("eprint!(", "stderr is the program's"),
    ("eprintln!(", "stderr is the program's"),
    ("dbg!(", "stderr is the program's"),
    ("io::stdout", "stdout is the program's"),
    ("io::stderr", "stderr is the program's"),
    ("process::exit", "only the program ends itself"),
    ("process::abort", "only the program ends itself"),
    ("libc::abort", "only the program ends itself"),
    ("set_global_default", "the subscriber is the program's"),
    ("sigaction", "signal handlers are the program's"),
    ("signal_hook", "signal handlers are the program's"),
    ("thread::spawn(", "threads are made in run::thread, their signals blocked"),
    ("thread::Builder", "threads are made in run::thread, their signals blocked"),
    ("set_hook", "the panic hook is the program's; what must be is in run::thread"),
];

/// Where they are for a reason that is given there.
const THEIR_HOMES: &[(&str, &str)] = &[
    ("thread::Builder", "src/run/thread.rs"),
    ("set_hook", "src/run/thread.rs"),
    ("set_hook", "src/capi/guard.rs"),
];

/// Where `unsafe` may be written.
const UNSAFE_HOMES: &[&str] = &[
    "src/sai/",
    "src/capi/",
    "sys/",
    "sim/",
    "tests/",
    "benches/",
    "fuzz/",
    "examples/ci/rust/",
    "examples/embed.rs",
];

/// The dependencies that the project is given, each a direct one that its sources use.
const GIVEN: &[&str] = &["bindgen", "cc", "libc", "crossbeam-channel", "parking_lot", "tracing", "thiserror"];

/// A file that grows past this holds two things.
const MOST_LINES: usize = 700;

/// Where files are to hold one thing: production and tests, in Rust and in C.
const ROOMY: &[&str] =
    &["src", "tests", "benches", "examples", "sim/src", "sim/tests", "sim/benches", "sys/src", "sys/tests"];

/// Files that hold one thing and much of it: rows of numbers, one a line.
const DATA: &[&str] = &["sys/src/bindings.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under `dir` with this ending, sorted, as a path relative to the root.
fn files(dir: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(dir)];
    while let Some(dir) = open.pop() {
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries {
            let path = entry.expect("a directory entry").path();
            let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && !name.starts_with(".git") {
                    open.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path.strip_prefix(root()).expect("under the root").to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The source without comments and without its unit tests: what runs in production.
fn production(source: &str) -> String {
    let body = source.split("#[cfg(test)]\nmod ").next().unwrap_or(source);
    body.lines().map(|l| l.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The room that a file of `src/` belongs to; `None` for lib.rs and the binary.
fn room(path: &Path) -> Option<String> {
    let first = path.iter().nth(1)?.to_string_lossy().into_owned();
    let name = first.strip_suffix(".rs").unwrap_or(&first).to_owned();
    (name != "lib" && name != "bin").then_some(name)
}

/// The paths after `crate::` that a piece of source names, `use` groups opened.
fn uses(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in source.match_indices("crate::") {
        let inside_a_word = source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &source[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            _ if inside_a_word => {}
            Some(group) => drop(open_group("", group, &mut found)),
            None => drop(path_of("", rest, &mut found)),
        }
    }
    found
}

/// Reads one path such as `a::b::{c, d}` behind `prefix` and answers how much it read.
fn path_of(prefix: &str, text: &str, found: &mut BTreeSet<String>) -> usize {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    if path.ends_with("::") && text[end..].starts_with('{') {
        return end + 1 + open_group(&path, &text[end + 1..], found);
    }
    found.insert(path.trim_end_matches(':').to_owned());
    end
}

/// Reads `a, b::{c}, d}` behind `prefix` and answers how much it read.
fn open_group(prefix: &str, text: &str, found: &mut BTreeSet<String>) -> usize {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c == '}' {
            return at + 1;
        }
        at +=
            if c.is_alphanumeric() || c == '_' { path_of(prefix, &text[at..], found) } else { c.len_utf8() };
    }
    at
}

/// `sai::Oid` and `sai::Status` are `sai::id::Oid` and `sai::status::Status` by their short names.
fn long_name(path: &str) -> String {
    match path {
        "sai::Oid" => "sai::id".to_owned(),
        "sai::Status" => "sai::status".to_owned(),
        other => other.to_owned(),
    }
}

/// True when `path` is `room` or lies in it.
fn lies_in(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn rooms_use_only_whom_they_may() {
    let may: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let Some(room) = room(&path) else { continue };
        let Some(allowed) = may.get(room.as_str()) else {
            wrong.push(format!("{}: room '{room}' is in no row of MAY_USE", path.display()));
            continue;
        };
        for used in uses(&production(&read(&path))) {
            let used = long_name(&used);
            let is_room = may.contains_key(used.split("::").next().unwrap_or(""));
            if is_room && !lies_in(&used, &room) && !allowed.iter().any(|a| lies_in(&used, a)) {
                wrong.push(format!("{}: '{room}' must not use '{used}'", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_touch_no_world() {
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        if !room(&path).is_some_and(|room| PURE.contains(&room.as_str())) {
            continue;
        }
        let source = production(&read(&path));
        let named = IMPURE.iter().filter(|w| source.contains(**w));
        wrong.extend(named.map(|w| format!("{}: names {w}", path.display())));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn unsafe_stays_at_home() {
    let mut wrong = Vec::new();
    for path in files(".", ".rs") {
        let text = path.to_string_lossy();
        if UNSAFE_HOMES.iter().any(|home| text.starts_with(home)) {
            continue;
        }
        let source = production(&read(&path));
        let words = source.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let named = words.filter(|word| *word == "unsafe").count();
        if named > 0 {
            wrong.push(format!("{text}: {named} times"));
        }
    }
    assert!(wrong.is_empty(), "unsafe away from home:\n{}", wrong.join("\n"));
}

#[test]
fn the_library_is_a_good_guest() {
    let mut wrong = Vec::new();
    let is_test = |path: &Path| {
        path.iter().any(|part| part.to_string_lossy().trim_end_matches(".rs").ends_with("tests"))
    };
    for path in files("src", ".rs") {
        if path.starts_with("src/bin") || is_test(&path) {
            continue;
        }
        let source = production(&read(&path));
        for (word, why) in RUDE {
            let home = THEIR_HOMES.iter().any(|(known, at)| known == word && path == Path::new(at));
            let named = source.match_indices(word).any(|(at, _)| {
                // `println!(` is in `eprintln!(`, too.
                !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            });
            if named && !home {
                wrong.push(format!("{}: {word}: {why}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn tests_wait_for_conditions() {
    let mut wrong = Vec::new();
    for path in ["tests", "sim/tests", "sys/tests"].iter().flat_map(|dir| files(dir, ".rs")) {
        if path == Path::new("tests/tidy.rs") {
            continue;
        }
        for (n, line) in read(&path).lines().enumerate() {
            if line.contains("sleep(") || line.contains("#[ignore") {
                wrong.push(format!("{}:{}: {}", path.display(), n + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_hold_one_thing() {
    let mut wrong = Vec::new();
    let of = |ending: &'static str| ROOMY.iter().flat_map(move |dir| files(dir, ending));
    for path in of(".rs").chain(of(".c")).filter(|path| !DATA.iter().any(|data| path == Path::new(data))) {
        let lines = read(&path).lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(wrong.is_empty(), "these files hold two things:\n{}", wrong.join("\n"));
    for path in DATA {
        assert!(read(Path::new(path)).lines().count() > MOST_LINES, "{path} is not as much as it says");
    }
}

/// The rules of programming, by `docs/asic.md`.
const RULES: std::ops::RangeInclusive<u32> = 1..=15;

#[test]
fn every_rule_of_programming_has_a_test() {
    let doc = read(Path::new("docs/asic.md"));
    let rows = doc.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok());
    let rules: Vec<u32> = rows.collect();
    assert_eq!(rules, RULES.collect::<Vec<_>>(), "the rules of docs/asic.md");
    let sources = ["src", "tests"].iter().flat_map(|dir| files(dir, ".rs"));
    let mut tested = BTreeMap::new();
    for text in sources.filter(|path| !path.ends_with("tidy.rs")).map(|path| read(&path)) {
        for rule in ruled_tests(&text) {
            *tested.entry(rule).or_insert(0) += 1;
        }
    }
    let untested: Vec<u32> = RULES.filter(|rule| !tested.contains_key(rule)).collect();
    assert!(untested.is_empty(), "no test has the name of these rules: {untested:?}");
    let unknown: Vec<&u32> = tested.keys().filter(|rule| !RULES.contains(rule)).collect();
    assert!(unknown.is_empty(), "there are no such rules: {unknown:?}");
}

/// The numbers of the rules that tests of this source have in their names: functions with `#[test]` before them.
fn ruled_tests(source: &str) -> Vec<u32> {
    let mut rules = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("fn ").filter(|_| is_test) {
            let number = name.split_once("rule_").map(|(_, rest)| rest.split('_').next().unwrap_or_default());
            rules.extend(number.and_then(|number| number.parse::<u32>().ok()));
        }
        is_test = line == "#[test]" || is_test && (line.starts_with("#[") || line.starts_with("//"));
    }
    rules
}

#[test]
fn the_reader_of_rules_sees_tests_and_nothing_else() {
    let source = "#[test]\nfn rule_4_this() {}\nfn rule_5_no_test() {}\n#[test]\n#[cfg(unix)]\nfn at_rule_12_too() {}\n\
                  // #[test]\nfn rule_7_neither() {}";
    assert_eq!(ruled_tests(source), [4, 12]);
}

#[test]
fn every_module_says_what_it_holds() {
    let sources = ["src", "sim/src", "sys/src"].iter().flat_map(|dir| files(dir, ".rs"));
    let silent: Vec<PathBuf> = sources
        .filter(|path| !path.ends_with("bindings.rs"))
        .filter(|path| {
            !["//!", "#![doc = include_str!"].iter().any(|doc| read(path).trim_start().starts_with(doc))
        })
        .collect();
    assert!(silent.is_empty(), "no module documentation: {silent:?}");
}

#[test]
fn given_dependencies_are_direct_and_used() {
    let packages = ["", "sys", "sim"];
    for name in GIVEN {
        let declares = |package: &&&str| {
            let manifest = read(&Path::new(package).join("Cargo.toml"));
            // A feature of the same name is a list.
            manifest
                .lines()
                .any(|l| l.strip_prefix(&format!("{name} = ")).is_some_and(|rest| !rest.starts_with('[')))
        };
        let users: Vec<&&str> = packages.iter().filter(declares).collect();
        assert!(!users.is_empty(), "{name} is no direct dependency");
        for user in users {
            let path = format!("{}::", name.replace('-', "_"));
            let own = |p: &&PathBuf| !user.is_empty() || !(p.starts_with("sys") || p.starts_with("sim"));
            let sources = files(if user.is_empty() { "." } else { user }, ".rs");
            let mut own_sources = sources.iter().filter(own).filter(|p| !p.ends_with("tidy.rs"));
            assert!(
                own_sources.any(|p| read(p).contains(&path)),
                "{name} is a dependency of '{user}', whose sources do not use it"
            );
        }
    }
}

#[test]
fn the_reader_of_uses_reads() {
    let source = "use crate::a::{b, c::{D, e}};\nuse crate::{f, g::h};\nlet x = crate::sai::Status(0);";
    let found: Vec<String> = uses(source).into_iter().collect();
    assert_eq!(found, ["a::b", "a::c::D", "a::c::e", "f", "g::h", "sai::Status"]);
}
