//! The simulator as programs in C meet it: the two listed start sequences and the rules of the library's life, linked
//! and dlopened, under each release that it can pretend to be, and under AddressSanitizer.
//!
//! Invariant: the bodies are C (`tests/sequences`), compiled against `sys/include` alone.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod sequences;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sai_sys::releases::RELEASES;
use sequences::{Binding, Built, Said, build, build_for, run, run_with, scratch};

/// Directed broadcasts get neighbours whose MAC is the broadcast's, which a simulator refuses unless told.
const ANY_MAC: &str = "SAI_SIM_NEIGHBOR_MACS=any";

fn built(name: &str, binding: Binding) -> PathBuf {
    build(&scratch(name), binding, &[]).unwrap_or_else(|why| panic!("{why}"))
}

/// Runs a sequence that must get to its end.
fn finish(program: &Path, sequence: &str, profile: &[&str]) -> Said {
    let profile: Vec<String> = profile.iter().map(|pair| (*pair).to_owned()).collect();
    let said = run(program, sequence, &profile, &[]);
    assert!(said.success && said.text.contains(&format!("finished {sequence} in")), "{}", said.text);
    said
}

/// Releases that the simulator can pretend to be.
fn releases() -> impl Iterator<Item = String> {
    RELEASES.iter().filter(|r| (r.major, r.minor) >= (1, 10)).map(ToString::to_string)
}

/// The second build cannot be asked which release it is, so the client is told.
fn every_sequence_as_1_9(name: &str, binding: Binding) {
    let dir = scratch(&format!("{name}-1-9"));
    let program = build_for(Built::As19, &dir, binding, &[]).unwrap_or_else(|why| panic!("{why}"));
    for release in RELEASES.iter().filter(|r| (r.major, r.minor) == (1, 9)) {
        let profile = [ANY_MAC.to_owned(), format!("SAI_SIM_API_VERSION={release}")];
        let told = release.api_version().to_string();
        for sequence in ["sonic", "fboss", "rules"] {
            let said = run_with(Built::As19, &program, sequence, &profile, &[("SAI_RELEASE", &told)]);
            let finished = format!("finished {sequence} in release {told}");
            assert!(said.success && said.text.contains(&finished), "{release}: {}", said.text);
        }
    }
}

fn every_sequence_under_every_release(name: &str, binding: Binding) {
    every_sequence_as_1_9(name, binding);
    let program = built(name, binding);
    for release in releases() {
        let mask = format!("SAI_SIM_API_VERSION={release}");
        for sequence in ["sonic", "fboss", "rules"] {
            let said = finish(&program, sequence, &[ANY_MAC, &mask]);
            let number: Vec<u32> = release.split('.').map(|n| n.parse().unwrap()).collect();
            let number = number[0] * 10_000 + number[1] * 100 + number[2];
            assert!(said.text.contains(&format!("in release {number}")), "{release}: {}", said.text);
        }
    }
}

#[test]
fn linked_clients_start_under_every_release() {
    every_sequence_under_every_release("linked", Binding::Linked);
}

#[test]
fn clients_that_open_the_library_start_under_every_release() {
    every_sequence_under_every_release("dlopened", Binding::Dlopened);
}

/// The rows of the document are those that the clients do, so that neither can fall behind the other.
#[test]
fn every_listed_row_is_done() {
    let document = include_str!("../docs/client-sequences.md");
    let listed = |section: &str| -> BTreeSet<u32> {
        let text =
            document.split("\n## ").find(|text| text.starts_with(section)).expect("the section is there");
        let number = |line: &str| line.strip_prefix("| ")?.split(' ').next()?.parse().ok();
        text.lines().filter_map(number).collect()
    };
    let program = built("rows", Binding::Linked);
    for (sequence, section, elsewhere) in [
        ("sonic", "1. ", &[][..]),
        // Row 3 is that of a warm start, tested below; row 44 is no call but what a packet callback reads.
        ("fboss", "2. ", &[3, 44]),
    ] {
        let done: BTreeSet<u32> =
            finish(&program, sequence, &[ANY_MAC]).rows()[sequence].iter().copied().collect();
        let wanted: BTreeSet<u32> =
            listed(section).into_iter().filter(|row| !elsewhere.contains(row)).collect();
        assert!(wanted.len() > 40, "{sequence}: {wanted:?}");
        assert_eq!(done, wanted, "{sequence}");
    }
}

#[test]
fn a_simulator_that_was_not_told_refuses_neighbours_of_broadcasts() {
    let said = run(&built("broadcast", Binding::Linked), "sonic", &[], &[]);
    assert!(!said.success, "{}", said.text);
    let refused = said.text.lines().last().unwrap_or_default();
    assert!(
        refused.contains("create_neighbor_entry(&broadcast") && refused.contains("-131072"),
        "{}",
        said.text
    );
    assert_eq!(said.rows()["sonic"].last(), Some(&66), "the row before it is done");
}

/// A client under AddressSanitizer. `None` where the compiler cannot build one; with CI set that is a failure.
fn sanitized(name: &str, binding: Binding) -> Option<PathBuf> {
    let flags =
        ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"];
    let trial = scratch(&format!("{name}-trial"));
    std::fs::write(trial.join("trial.c"), "int main(void)\n{\n    return 0;\n}\n").unwrap();
    let compiled = sequences::compiler()
        .args(flags)
        .arg(trial.join("trial.c"))
        .arg("-o")
        .arg(trial.join("trial"))
        .status()
        .is_ok_and(|status| status.success());
    let runs =
        compiled && std::process::Command::new(trial.join("trial")).status().is_ok_and(|s| s.success());
    if !runs {
        assert!(std::env::var_os("CI").is_none(), "the C compiler builds no program with AddressSanitizer");
        eprintln!("not run: the C compiler builds no program with AddressSanitizer");
        return None;
    }
    // What works for the trial must work for the client.
    Some(build(&scratch(name), binding, &flags).unwrap_or_else(|why| panic!("{why}")))
}

/// Leaks count too, ours and the client's. The library is not instrumented, but its heap is the program's, so that
/// every allocation of it is watched and red zones lie behind each method table.
const SANITIZERS: &[(&str, &str)] = &[
    (
        "ASAN_OPTIONS",
        "detect_leaks=1:detect_stack_use_after_return=1:check_initialization_order=1:exitcode=99",
    ),
    ("UBSAN_OPTIONS", "print_stacktrace=1"),
];

fn clean_under_address_sanitizer(name: &str, binding: Binding) {
    let Some(program) = sanitized(name, binding) else { return };
    let oldest = releases().next().unwrap();
    for release in [oldest, "1.18.1".to_owned()] {
        for sequence in ["sonic", "fboss", "rules"] {
            let profile = [ANY_MAC.to_owned(), format!("SAI_SIM_API_VERSION={release}")];
            let said = run(&program, sequence, &profile, SANITIZERS);
            assert!(said.success && said.text.contains("finished"), "{release}: {}", said.text);
            assert!(!said.text.contains("Sanitizer"), "{}", said.text);
        }
    }
}

#[test]
fn linked_clients_are_clean_under_address_sanitizer() {
    clean_under_address_sanitizer("linked-asan", Binding::Linked);
}

#[test]
fn clients_that_open_the_library_are_clean_under_address_sanitizer() {
    clean_under_address_sanitizer("dlopened-asan", Binding::Dlopened);
}

/// A table is as long as its release's, to the byte: who reads the next member is caught in the act.
#[test]
fn reading_past_the_table_of_an_old_release_is_seen_by_address_sanitizer() {
    let Some(program) = sanitized("past-asan", Binding::Linked) else { return };
    let said = run(&program, "past-the-table", &["SAI_SIM_API_VERSION=1.10.2".to_owned()], SANITIZERS);
    assert!(!said.success && said.text.contains("heap-buffer-overflow"), "{}", said.text);
}

/// Two processes share a state file and the keys that the client wrote; what the first left, the second takes over.
#[test]
fn a_warm_exit_leaves_everything_for_the_warm_start() {
    let dir = scratch("warm");
    let keys = dir.join("keys");
    let state = format!("SAI_SIM_STATE={}", dir.join("state").display());
    for binding in [Binding::Linked, Binding::Dlopened] {
        let program = build(&dir, binding, &[]).unwrap_or_else(|why| panic!("{why}"));
        let step = |sequence: &str, boot: &str| {
            let profile = [state.clone(), format!("SAI_BOOT_TYPE={boot}")];
            let said = run(&program, sequence, &profile, &[("KEY_FILE", keys.to_str().unwrap())]);
            assert!(said.success && said.text.contains("finished"), "{}", said.text);
            said.rows()
        };
        assert_eq!(step("fboss-warm-exit", "0")["fboss-warm"], [1, 2, 3]);
        let rows = step("fboss-warm-start", "1");
        assert_eq!((&rows["fboss"][..], &rows["fboss-warm"][..]), (&[3, 7][..], &[4, 5, 6][..]));
    }
}
