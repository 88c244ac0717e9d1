//! `examples/ci` as somebody outside would build it: a crate that is no member of this workspace, and a program in C
//! with its Makefile; both test themselves against the simulator.
//!
//! Invariant: nothing is written outside cargo's target directory, and nothing is fetched.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// An empty directory of this test's own.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// Runs a command to its end; panics with its messages if it fails.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let arguments: Vec<_> = command.get_args().collect();
    assert!(output.status.success(), "{:?} {arguments:?}: {}\n{text}", command.get_program(), output.status);
    text.into_owned()
}

#[test]
fn the_crate_outside_the_workspace_tests_itself() {
    let (from, to) = (root().join("examples/ci/rust"), scratch("ci-rust"));
    for file in ["src/lib.rs", "tests/faults.rs"] {
        fs::create_dir_all(to.join(file).parent().unwrap()).unwrap();
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    // The copy is elsewhere, so its paths to this repository are made absolute.
    let manifest = fs::read_to_string(from.join("Cargo.toml")).unwrap();
    let absolute = format!("path = \"{}/", root().display());
    assert_eq!(manifest.matches("path = \"../../../").count(), 2, "{manifest}");
    fs::write(to.join("Cargo.toml"), manifest.replace("path = \"../../../", &absolute)).unwrap();
    // The versions of this workspace: they are on this machine already. Cargo drops what is not used.
    fs::copy(root().join("Cargo.lock"), to.join("Cargo.lock")).unwrap();

    let said = run(Command::new(env!("CARGO"))
        .args(["test", "--offline", "--manifest-path"])
        .arg(to.join("Cargo.toml"))
        // Kept over runs, beside this build's own, so that only the first one compiles the simulator.
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("ci-rust-target")));
    assert!(said.contains("a_refusal_that_is_not_true_is_seen_through ... ok"), "{said}");
}

#[test]
fn the_program_in_c_tests_itself() {
    let built = scratch("ci-c");
    let program = std::env::current_exe().unwrap();
    let said = run(Command::new("make")
        .arg("-C")
        .arg(root().join("examples/ci/c"))
        .arg("check")
        .arg(format!("BUILD={}", built.display()))
        .arg(format!("SAI_LIB={}", program.parent().unwrap().display())));
    assert_eq!(said.matches("ok: ").count(), 7, "{said}");
    assert!(!said.contains("FAILED"), "{said}");
}

/// Each fault rule and key that the page shows is one that the simulator takes.
#[test]
fn the_page_shows_profiles_that_are_right() {
    let page = fs::read_to_string(root().join("docs/ci.md")).unwrap();
    let pairs: Vec<(&str, &str)> =
        page.lines().filter(|line| line.starts_with("SAI_SIM_")).filter_map(|l| l.split_once('=')).collect();
    assert!(pairs.len() >= 5, "{pairs:?}");
    for pair in pairs {
        sai::inspect::SimSwitch::new(&[pair]).unwrap_or_else(|why| panic!("{pair:?}: {why}"));
    }
}
