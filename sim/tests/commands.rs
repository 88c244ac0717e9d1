//! The commands in their three forms, and the words that profiles and fault rules take, are those of the README and
//! of the header: none is missing there, and none is there that the code does not have.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::collections::BTreeSet;
use std::process::Command as Process;

use sai::commands::COMMANDS;
use sai::inspect::{FAULT_WORDS, KEYS};

const README: &str = include_str!("../README.md");
const HEADER: &str = include_str!("../include/sai_sim.h");

/// Methods of a look that no command needs: they say in another way what another says, or what SAI itself says.
const CONVENIENCES: &[&str] =
    &["of", "id", "neighbor_count", "call_count", "default_virtual_router", "default_vlan", "default_bridge"];

fn set<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    words.into_iter().collect()
}

/// Cells of the tables in a part of the README, header and rule aside.
fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let part = README.split("\n## ").find(|part| part.lines().next() == Some(heading)).unwrap();
    let rows = part.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

fn unquoted(cell: &str) -> &str {
    cell.trim_matches('`')
}

#[test]
fn every_command_has_its_row_in_the_readme() {
    let rows = rows("Commands");
    let written: Vec<_> =
        rows.iter().map(|row| (unquoted(row[0]).replace(r"\|", "|"), row[1], row[2])).collect();
    let expected: Vec<_> = COMMANDS
        .iter()
        .map(|command| format!("{} {}", command.word, command.args).trim_end().to_owned())
        .collect();
    assert_eq!(written.iter().map(|(line, ..)| line.clone()).collect::<Vec<_>>(), expected);
    for (command, row) in COMMANDS.iter().zip(&rows) {
        assert_eq!(unquoted(row[1]), command.c);
        let methods: Vec<_> = row[2].split(", ").map(unquoted).collect();
        assert_eq!(methods, command.rust);
        assert_eq!(row[3], command.says);
    }
}

#[test]
fn every_command_is_declared_in_c_and_exported() {
    let functions = set(COMMANDS.iter().map(|command| command.c));
    assert_eq!(functions.len(), COMMANDS.len(), "a function stands for one command");
    let declared = HEADER.lines().filter_map(|line| line.strip_prefix("sai_status_t ")?.split('(').next());
    assert_eq!(set(declared), functions, "sai_sim.h");
    let exe = std::env::current_exe().unwrap();
    let library = exe.parent().unwrap().join("libsai.so");
    let output = Process::new("nm").args(["-D", "--defined-only"]).arg(library).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let exported = text.lines().filter_map(|line| line.split(' ').next_back());
    assert_eq!(set(exported.filter(|name| name.starts_with("sai_sim_"))), functions, "the library");
    let client = include_str!("c/commands.c");
    for function in functions {
        assert!(client.contains(&format!("{function}(")), "the C client does not use {function}");
    }
}

#[test]
fn every_command_is_a_method_and_every_method_is_a_command() {
    let source = include_str!("../src/inspect.rs");
    let of_view = &source[source.find("impl View {").unwrap()..source.find("pub struct SimSwitch").unwrap()];
    let name = |line: &'static str| line.strip_prefix("    pub fn ")?.split(['(', '<']).next();
    let methods = set(of_view.lines().filter_map(name));
    let commands = COMMANDS.iter().flat_map(|command| command.rust).copied();
    assert_eq!(methods, set(commands.chain(CONVENIENCES.iter().copied())));
}

#[test]
fn every_profile_key_has_its_row_and_every_row_its_key() {
    let written: Vec<_> = rows("Profile keys").iter().map(|row| unquoted(row[0])).collect();
    assert_eq!(written, KEYS.iter().map(|(key, _)| *key).collect::<Vec<_>>());
}

#[test]
fn every_word_of_a_fault_rule_is_in_its_grammar_and_none_more() {
    let part = README.split("\n## ").find(|part| part.starts_with("Fault rules")).unwrap();
    let grammar = part.split("```").nth(1).unwrap().strip_prefix("text\n").unwrap();
    for (place, words) in FAULT_WORDS {
        let line = |text: &str| text.split(" = ").next().map(str::trim) == Some(place);
        let start = grammar.lines().position(line).unwrap_or_else(|| panic!("no `{place}`"));
        let more = |text: &&str| !text.contains(" = ");
        let lines = grammar.lines().skip(start);
        let rule: String = lines.clone().take(1).chain(lines.skip(1).take_while(more)).collect();
        // What is in brackets stands behind a word, and may be missing.
        let outside = |text: &str| text.split('[').map(|p| p.split_once(']').map_or(p, |(_, p)| p)).collect();
        let rule: String = outside(rule.split_once(" = ").unwrap().1);
        // An alternative begins with its word; capitals and signs stand for what varies.
        let first = rule.split(" | ").filter_map(|way| way.split_whitespace().next());
        let written = set(first.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())));
        let words = set(words.iter().copied());
        let missing: Vec<_> = words.difference(&written).collect();
        assert_eq!(missing, Vec::<&&str>::new(), "{place}: {rule}");
        let prose = set(["a", "an"]);
        let unknown: Vec<_> = written.difference(&words).filter(|word| !prose.contains(*word)).collect();
        assert_eq!(unknown, Vec::<&&str>::new(), "{place}: {rule}");
    }
}
