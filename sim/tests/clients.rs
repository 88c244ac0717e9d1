//! The simulator as programs in C meet it: the two listed start sequences and the rules of the library's life, linked
//! and dlopened, under each release that it can pretend to be, and under AddressSanitizer.
//!
//! Invariant: the bodies are C (`tests/c`), compiled against `sys/include` alone.

mod c;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use c::{Binding, Said, build, run, scratch};
use sai_sys::releases::RELEASES;

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

fn every_sequence_under_every_release(name: &str, binding: Binding) {
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
        // Row 3 is that of a warm start; row 44 is no call but what a packet callback reads.
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
