//! `docs/requirements.md` names every requirement, and no test that is not there.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a source folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_table_of_requirements_is_whole_and_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("docs/requirements.md")).expect("the table");
    let mut files = Vec::new();
    for dir in ["src", "tests"] {
        sources(&root.join(dir), &mut files);
    }
    let code: String = files.iter().map(|file| fs::read_to_string(file).expect("a source file")).collect();
    for number in 1..=20 {
        let id = format!("PL-{number:02}");
        let row = table.lines().find(|line| line.starts_with(&format!("| {id} |")));
        let row = row.unwrap_or_else(|| panic!("{id} has no row"));
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().expect("a last cell");
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty() || tests.contains("not yet"), "{id} names no test and does not say so");
        for name in named {
            let function = match name.strip_suffix('*') {
                Some(beginning) => format!("fn {beginning}"),
                None => format!("fn {name}("),
            };
            assert!(code.contains(&function), "{id} names {name}, which is not there");
        }
        for golden in tests.split("golden ").skip(1).flat_map(|list| list.split([',', ';']).map(str::trim)) {
            if golden.len() == 2 && golden.bytes().all(|b| b.is_ascii_digit()) {
                let cases = fs::read_dir(root.join("tests/cases/config")).expect("the cases").flatten();
                let exists = |case: fs::DirEntry| case.file_name().to_string_lossy().starts_with(golden);
                assert!(cases.into_iter().any(exists), "{id} names golden case {golden}, which is not there");
            }
        }
    }
}
