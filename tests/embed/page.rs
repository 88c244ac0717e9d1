//! The page for integrators is about what there is: every event, every method, and nothing else.

use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../docs/integrators.md");

/// What is written as code on the page, word by word.
fn words() -> BTreeSet<&'static str> {
    let code = PAGE.split('`').skip(1).step_by(2);
    code.flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_')).collect()
}

/// From the snapshot of the API, which is held to the sources.
fn listed(module: &str, before: &str) -> Vec<&'static str> {
    let api = include_str!("api.txt");
    let section = api.split("\n## ").find(|section| section.starts_with(module)).expect(module);
    let rest = section.lines().filter_map(|line| line.strip_prefix(before));
    rest.map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()).collect()
}

#[test]
fn every_event_is_on_the_page() {
    let (words, events) = (words(), listed("src/node/io.rs", "Event: "));
    assert!(events.len() > 45, "{events:?}");
    let missing: Vec<_> = events.iter().filter(|event| !words.contains(*event)).collect();
    assert!(missing.is_empty(), "of these the page says nothing: {missing:?}");
}

#[test]
fn every_method_is_on_the_page() {
    let words = words();
    let methods: Vec<_> = ["feed", "handle", "look", "worker"]
        .iter()
        .flat_map(|file| listed(&format!("src/embed/{file}.rs"), "impl Mlagsync: pub fn "))
        .collect();
    assert!(methods.len() > 25, "{methods:?}");
    // Where the page has `learned` … `unanswered` and the like, each is named elsewhere on it.
    let missing: Vec<_> = methods.iter().filter(|method| !words.contains(*method)).collect();
    assert!(missing.is_empty(), "of these the page says nothing: {missing:?}");
}

#[test]
fn the_bounds_on_the_page_are_those_in_force() {
    use mlagsync::limits::{CONFIG_FAULTS, CONFIG_LINE_CHARS, CONFIG_LINES};
    assert_eq!((CONFIG_LINES, CONFIG_LINE_CHARS, CONFIG_FAULTS), (100_000, 510, 50), "the page has them");
    for word in ["100,000 lines of 510 characters", "the first 50", "less than 10 ms"] {
        assert!(PAGE.contains(word), "{word}");
    }
}
