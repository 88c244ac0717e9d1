//! The simulator is found by the built, the moved and the installed program, and by name; and missing, it is said
//! where it was looked for.
#![cfg(feature = "cli")]

#[path = "common/mod.rs"]
mod common;

use common::program::{program, refusal, simulator, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A directory with the program in `program_at` and the simulator in `simulator_at`.
fn laid_out(program_at: &str, simulator_at: Option<&str>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let place = |from: &Path, to: &str| {
        let to = dir.path().join(to);
        std::fs::create_dir_all(to.parent().expect("a file")).expect("it is writable");
        std::fs::copy(from, &to).expect("it is writable");
        to
    };
    let program = place(program(), program_at);
    if let Some(to) = simulator_at {
        place(&simulator(), to);
    }
    (dir, program)
}

fn demo(program: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(["demo", "--neighbors", "2", "--json"]).args(more);
    // Another test's child may hold the copy open for writing between its fork and its exec.
    common::program::until("the copied program to be executable", || match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => Err(error.to_string()),
        output => Ok(output.expect("the program starts")),
    })
}

/// Runs a demo and answers the library that it loaded.
fn library_of(output: &Output) -> PathBuf {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(report["verdict"], "pass");
    PathBuf::from(report["library"].as_str().expect("a path"))
}

#[test]
fn the_built_program_finds_it_in_deps() {
    assert_eq!(library_of(&demo(program(), &[])), simulator());
}

#[test]
fn the_moved_program_finds_it_beside_itself() {
    let (dir, program) = laid_out("mlagsync", Some("libsai.so"));
    assert_eq!(library_of(&demo(&program, &[])), dir.path().join("libsai.so"));
}

#[test]
fn the_installed_program_finds_it_under_its_prefix() {
    let (dir, program) = laid_out("bin/mlagsync", Some("lib/mlagsync/sim/libsai.so"));
    assert_eq!(library_of(&demo(&program, &[])), dir.path().join("lib/mlagsync/sim/libsai.so"));
}

#[test]
fn a_named_library_is_the_one() {
    let (dir, program) = laid_out("mlagsync", Some("libsai.so"));
    let named = dir.path().join("vendor.so");
    std::fs::copy(simulator(), &named).expect("it is writable");
    assert_eq!(library_of(&demo(&program, &["--sai", named.to_str().expect("UTF-8")])), named);
}

#[test]
fn nowhere_found_every_place_is_named() {
    let (dir, program) = laid_out("bin/mlagsync", None);
    let line = refusal(&demo(&program, &[]), 2);
    for place in ["bin/libsai.so", "bin/deps/libsai.so", "lib/mlagsync/sim/libsai.so"] {
        assert!(line.contains(dir.path().join(place).to_str().expect("UTF-8")), "{line}");
    }
    assert!(line.contains("--sai PATH"), "{line}");
}

#[test]
fn a_file_that_is_no_library_is_refused_in_one_line() {
    let (dir, program) = laid_out("mlagsync", None);
    let wrong = dir.path().join("wrong.so");
    std::fs::write(&wrong, "not a library").expect("it is writable");
    let line = refusal(&demo(&program, &["--sai", wrong.to_str().expect("UTF-8")]), 2);
    assert!(line.contains("wrong.so"), "{line}");
    let line = refusal(&demo(&program, &["--sai", "/nowhere/libsai.so"]), 2);
    assert!(line.contains("/nowhere/libsai.so cannot be read"), "{line}");
}
