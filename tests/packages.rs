//! What the library without its command-line program stands on: `docs/dependencies.md` has every package with its
//! licence, each licence is one that everybody may ship, and none needs a younger Rust than ours.
//!
//! After a change of the dependencies:
//!
//! ```sh
//! UPDATE_DEPENDENCIES=1 cargo test --test packages
//! ```

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Licences that ask for nothing but their notice.
const TAKEN: &[&str] =
    &["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "Unicode-3.0", "Unlicense", "Zlib"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    rust_version: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
    root: String,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

/// What is linked into the library, or builds it; ourselves first.
fn packages() -> Vec<Package> {
    reached(&["--no-default-features"], |kind| kind.is_none())
}

/// The packages that are reached from ours with these features by dependencies of these kinds; ourselves first.
fn reached(features: &[&str], wanted: impl Fn(Option<&str>) -> bool) -> Vec<Package> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--locked"]).args(features);
    cargo.args(["--filter-platform", "x86_64-unknown-linux-gnu"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = cargo.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("cargo's metadata");
    let edges: BTreeMap<&str, &Node> = metadata.resolve.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    let (mut seen, mut open) = (BTreeSet::new(), vec![metadata.resolve.root.as_str()]);
    while let Some(id) = open.pop() {
        if seen.insert(id.to_owned()) {
            let is_wanted = |d: &&Dependency| d.dep_kinds.iter().any(|kind| wanted(kind.kind.as_deref()));
            let linked = edges[id].deps.iter().filter(is_wanted);
            open.extend(linked.map(|dependency| dependency.pkg.as_str()));
        }
    }
    let mut found: Vec<Package> = metadata.packages.into_iter().filter(|p| seen.contains(&p.id)).collect();
    found.sort_by_key(|package| {
        (package.id != metadata.resolve.root, package.name.clone(), package.version.clone())
    });
    found
}

#[test]
fn every_package_is_in_the_list() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dependencies.md");
    let packages = packages();
    let mut text = "# What the library stands on\n\n\
        Without the command-line program (`--no-default-features`), on Linux: what is linked into it, and the procedural\n\
        macros that build it. Licences as the packages state them. A test holds this list to the lock file:\n\
        `UPDATE_DEPENDENCIES=1 cargo test --test packages` writes it anew.\n\n"
        .to_owned();
    let head = "| package | version | licence |\n|---|---|---|\n";
    let row = |package: &Package| {
        let licence = package.license.as_deref().unwrap_or("none");
        format!("| {} | {} | {licence} |\n", package.name, package.version)
    };
    text += head;
    text.extend(packages[1..].iter().map(row));
    let more = |all: Vec<Package>, known: &[&[Package]]| -> String {
        let is_known = |package: &Package| known.iter().any(|known| known.iter().any(|k| k.id == package.id));
        all.iter().filter(|package| !is_known(package)).map(row).collect()
    };
    let program = reached(&["--features", "cli"], |kind| kind.is_none());
    let all = reached(&["--all-features"], |_| true);
    let _ = write!(text, "\nThe program `mlagsync` has these beside them:\n\n{head}");
    text += &more(reached(&["--features", "cli"], |kind| kind.is_none()), &[&packages]);
    let _ =
        write!(text, "\nAnd these only build it, test it, or read a vendor's headers (`bindgen`):\n\n{head}");
    text += &more(all, &[&packages, &program]);
    if std::env::var_os("UPDATE_DEPENDENCIES").is_some() {
        fs::write(&path, &text).expect("docs can be written");
    }
    let listed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        listed == text,
        "docs/dependencies.md is stale: UPDATE_DEPENDENCIES=1 cargo test --test packages"
    );
}

#[test]
fn every_licence_may_be_shipped_by_everybody() {
    // Whatever it is for: what only builds or tests is copied by whoever vendors the sources.
    let all = reached(&["--all-features"], |_| true);
    assert!(all.len() > 2 * packages().len(), "those for building and testing are among them");
    for package in all {
        let licence = package.license.as_deref().unwrap_or_else(|| panic!("{} has no licence", package.name));
        // Of a choice one will do, which was once written with a slash; of what is joined each must.
        let licence = &licence.replace('/', " OR ");
        let taken = |part: &str| {
            part.trim_matches(['(', ')', ' '])
                .split(" OR ")
                .any(|licence| TAKEN.contains(&licence.trim_matches(['(', ')'])))
        };
        assert!(licence.split(" AND ").all(taken), "{} is under {licence}", package.name);
    }
}

#[test]
fn none_needs_a_younger_rust_than_ours() {
    let number =
        |version: &str| version.split('.').map(|n| n.parse().expect("a number")).collect::<Vec<u32>>();
    let packages = packages();
    let ours = packages[0].rust_version.as_deref().expect("it is stated");
    for package in &packages[1..] {
        let theirs = package.rust_version.as_deref().unwrap_or("1");
        assert!(
            number(theirs)[..2.min(number(theirs).len())] <= number(ours)[..],
            "{} needs Rust {theirs}",
            package.name
        );
    }
}

/// The oldest Rust is the same for every package of ours, and clippy holds our own code to it: nothing of the standard library
/// that came later is used.
#[test]
fn the_oldest_rust_is_stated_once_and_held_to() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("it is a manifest");
    let manifest = read("Cargo.toml");
    let ours = env!("CARGO_PKG_RUST_VERSION");
    assert!(manifest.contains(&format!("\nrust-version = \"{ours}\"\n")), "the workspace states it");
    assert!(manifest.contains("\nincompatible_msrv = "), "the lint that holds to it is on");
    for path in ["sys/Cargo.toml", "sim/Cargo.toml", "sim/sai-1.9/Cargo.toml"] {
        let member = read(path);
        assert!(member.contains("\nrust-version.workspace = true\n"), "{path}");
        assert!(member.contains("[lints]\nworkspace = true"), "{path}");
    }
    for path in ["fuzz/Cargo.toml", "examples/ci/rust/Cargo.toml"] {
        let stated = read(path);
        let stated = stated.lines().find_map(|line| line.strip_prefix("rust-version = "));
        assert!(stated.is_none_or(|stated| stated.trim_matches('"') == ours), "{path}: {stated:?}");
    }
    // bindgen writes what that Rust reads.
    let generator = read("sys/build/generate.rs");
    let (_, target) = generator.split_once("RustTarget::stable(").expect("it is said");
    let target: u32 = target.split(',').next().and_then(|n| n.parse().ok()).expect("a number");
    let minor: u32 = ours.split('.').nth(1).and_then(|n| n.parse().ok()).expect("a number");
    assert!(target <= minor, "bindings for Rust 1.{target}");
}
