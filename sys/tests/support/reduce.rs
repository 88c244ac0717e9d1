//! Header sets of other releases, as far as the history of the method tables tells them apart: made from our own header.
//!
//! They are laid out as the published ones are: two directories from 1.10.1 on, release and return codes by macros with
//! arguments.

use std::fs;
use std::path::{Path, PathBuf};

use sai_sys::releases::{Release, TABLES};

/// Writes the headers of a release under `into`, and answers their directories.
pub(crate) fn reduce(release: Release, into: &Path) -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    let (inc, experimental) = (into.join("inc"), into.join("experimental"));
    fs::create_dir_all(&inc).expect("a new directory");
    for entry in fs::read_dir(&own).expect("our header set") {
        let path = entry.expect("a directory entry").path();
        let name = path.file_name().expect("a file has a name").to_str().expect("of ASCII");
        let text = fs::read_to_string(&path).expect("a header");
        let text = match name {
            "saiversion.h" => version(release, &text),
            "saistatus.h" => status(&text),
            _ => without_later_members(release, &text),
        };
        fs::write(inc.join(name), text).expect("writable");
    }
    if release < (Release { major: 1, minor: 10, revision: 1 }) {
        return vec![inc];
    }
    fs::create_dir_all(&experimental).expect("a new directory");
    let guard = "#ifndef __SAIEXTENSIONS_H_\n#define __SAIEXTENSIONS_H_\n#include <saitypes.h>\n#endif\n";
    fs::write(experimental.join("saiextensions.h"), guard).expect("writable");
    edit(&inc.join("sai.h"), "#include <saivlan.h>\n", "#include <saivlan.h>\n#include <saiextensions.h>\n");
    vec![inc, experimental]
}

/// Replaces a piece of a file that must be there.
pub(crate) fn edit(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).expect("a header");
    assert!(text.contains(old), "{} has no {old:?}", path.display());
    fs::write(path, text.replacen(old, new, 1)).expect("writable");
}

fn version(release: Release, text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        lines.push(match line.split_whitespace().nth(1) {
            Some("SAI_MAJOR") => format!("#define SAI_MAJOR {}", release.major),
            Some("SAI_MINOR") => format!("#define SAI_MINOR {}", release.minor),
            Some("SAI_REVISION") => format!("#define SAI_REVISION {}", release.revision),
            Some("SAI_API_VERSION") => {
                "#define SAI_API_VERSION SAI_VERSION(SAI_MAJOR, SAI_MINOR, SAI_REVISION)".to_owned()
            }
            _ => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}

/// `(-13)` becomes `SAI_STATUS_CODE(0x0000000DL)`.
fn status(text: &str) -> String {
    let line = |line: &str| {
        let number = line.strip_suffix(')').and_then(|line| line.rsplit_once(" (-"));
        match number.and_then(|(head, number)| Some((head, number.parse::<u32>().ok()?))) {
            Some((head, number)) => format!("{head} SAI_STATUS_CODE(0x{number:08X}L)\n"),
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

fn without_later_members(release: Release, text: &str) -> String {
    let mut table = None;
    let mut kept = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("typedef struct _").and_then(|rest| rest.strip_suffix(" {")) {
            table = TABLES.iter().find(|table| table.name == name);
        }
        let member =
            line.trim().strip_suffix(';').and_then(|line| line.rsplit_once(' ')).map(|(_, name)| name);
        let later = table.zip(member).is_some_and(|(table, member)| {
            table.members.iter().any(|known| known.name == member && known.since > release)
        });
        if line.starts_with('}') {
            table = None;
        }
        if !later {
            kept += line;
            kept += "\n";
        }
    }
    kept
}
