//! The comparison with other software SAIs: what it claims of this one is shown by tests that are there, what it says
//! of others names a file of which the commit is given, and the README repeats it.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const COMPARISON: &str = include_str!("../docs/comparison.md");
const README: &str = include_str!("../README.md");

/// Rows of a page's tables of features, by feature: their cells.
fn rows(page: &str, title: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut rows: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    let mut inside = false;
    for line in page.lines() {
        inside = line.starts_with(title) || inside && line.starts_with('|');
        if inside && !line.starts_with(title) && !line.starts_with("|---") {
            let mut cells: Vec<_> =
                line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
            rows.entry(cells.remove(0)).or_default().push(cells);
        }
    }
    rows
}

/// Names in backquotes within the last brackets of a cell.
fn named(cell: &str) -> Vec<&str> {
    let Some((_, names)) = cell.rsplit_once(" [") else { return Vec::new() };
    names.trim_end_matches(']').split(", ").map(|name| name.trim_matches('`')).collect()
}

fn tests(dir: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let after =
                text.split("#[test]").skip(1).filter_map(|rest| rest.split_once("fn ")?.1.split_once('('));
            found.extend(after.map(|(name, _)| name.to_owned()));
        }
    }
}

#[test]
fn every_claim_of_ours_names_tests_that_are_there() {
    let mut there = BTreeSet::new();
    tests(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut there);
    let mut claims = 0;
    for (feature, tables) in rows(COMPARISON, "| Feature |") {
        assert_eq!(tables.len(), 2, "{feature}: in both tables");
        assert_eq!(tables[0][0], tables[1][0], "{feature}: and the same in both");
        if feature == "Licence" {
            continue;
        }
        let names = named(&tables[0][0]);
        assert!(!names.is_empty(), "{feature} names no test");
        for name in names {
            assert!(there.contains(name), "{feature}: there is no test {name}");
        }
        claims += 1;
    }
    assert_eq!(claims, 25);
}

#[test]
fn every_mark_is_a_file_with_its_commit() {
    let listed: BTreeSet<&str> = COMPARISON
        .lines()
        .filter_map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [mark, _, commit] = cells[..] else { return None };
            let hash = commit.trim_matches('`');
            (hash.len() == 40 && hash.bytes().all(|b| b.is_ascii_hexdigit())).then_some(mark)
        })
        .collect();
    let mut used = BTreeSet::new();
    let features = rows(COMPARISON, "| Feature |");
    for cells in features.values().flatten() {
        for cell in &cells[1..] {
            let marks: Vec<_> = cell
                .split('[')
                .skip(1)
                .filter_map(|rest| rest.split_once(']'))
                .flat_map(|(marks, _)| marks.split(", "))
                .collect();
            assert!(!marks.is_empty() || cell.starts_with("not checked"), "`{cell}` names no file");
            used.extend(marks);
        }
    }
    let unknown: Vec<_> = used.difference(&listed).collect();
    assert_eq!(unknown, Vec::<&&str>::new());
    let unread: Vec<_> = listed.difference(&used).collect();
    assert_eq!(unread, Vec::<&&str>::new(), "files that show nothing");
}

#[test]
fn the_readme_says_of_each_what_the_comparison_says() {
    let short = rows(README, "| | sai-sim");
    let long = rows(COMPARISON, "| Feature |");
    for (feature, tables) in &short {
        let found = long.get(feature).unwrap_or_else(|| panic!("{feature} is not in the comparison"));
        let cells = found[0].iter().chain(&found[1][1..]);
        assert_eq!(tables[0].len(), cells.clone().count(), "{feature}");
        for (said, shown) in tables[0].iter().zip(cells) {
            let shown = shown.replace("by sending real packets", "by real packets");
            let shown =
                shown.strip_prefix("no: ").filter(|rest| rest.starts_with("none seen")).unwrap_or(&shown);
            let first = shown.split([':', ';', ',', '[', '(']).next().unwrap().trim();
            assert!(
                first.starts_with(said.as_str()),
                "{feature}: README has `{said}`, the comparison `{shown}`"
            );
        }
    }
    assert!(short.len() > 20, "{}", short.len());
}
