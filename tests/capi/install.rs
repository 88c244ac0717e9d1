//! The install recipe: what is there, what it exports, what goes again, and what is said when it cannot be.

use crate::common::program::simulator;
use crate::declared::declared;
use crate::rig::{alone, compiler, good, make, root, tree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every file and link under it, by its path there.
fn files(dir: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => open.push(entry.path()),
                false => _ = found.insert(entry.path().strip_prefix(dir).unwrap().to_owned()),
            }
        }
    }
    found
}

#[test]
fn it_installs_both_libraries_the_header_and_the_pc_file_and_takes_them_away_again() {
    let dir = tempfile::tempdir().unwrap();
    let destdir = format!("DESTDIR={}", dir.path().display());
    let place = [destdir.as_str(), "PREFIX=/usr", "LIBDIR=/usr/lib/x86_64-linux-gnu"];
    let made = alone(&mut make(&[&["install"][..], &place].concat()));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let version = env!("CARGO_PKG_VERSION");
    let lib = "usr/lib/x86_64-linux-gnu";
    let expected = [
        format!("{lib}/libmlagsync.a"),
        format!("{lib}/libmlagsync.so"),
        format!("{lib}/libmlagsync.so.0"),
        format!("{lib}/libmlagsync.so.{version}"),
        format!("{lib}/pkgconfig/mlagsync.pc"),
        "usr/include/mlagsync.h".to_owned(),
    ];
    assert_eq!(files(dir.path()), expected.into_iter().map(PathBuf::from).collect());
    let link = |name: &str| std::fs::read_link(dir.path().join(lib).join(name)).unwrap();
    assert_eq!(link("libmlagsync.so"), Path::new("libmlagsync.so.0"));
    assert_eq!(link("libmlagsync.so.0"), PathBuf::from(format!("libmlagsync.so.{version}")));
    let pc = std::fs::read_to_string(dir.path().join(lib).join("pkgconfig/mlagsync.pc")).unwrap();
    assert!(!pc.contains(dir.path().to_str().unwrap()), "a staging directory is in it:\n{pc}");
    assert!(pc.contains("libdir=/usr/lib/x86_64-linux-gnu\n"), "{pc}");
    good(&mut make(&[&["uninstall"][..], &place].concat()));
    assert_eq!(files(dir.path()), BTreeSet::new());
}

/// Every name that a program could link against.
fn exported(library: &Path) -> BTreeSet<String> {
    let text = good(Command::new("nm").args(["-D", "--defined-only"]).arg(library));
    text.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect()
}

#[test]
fn the_shared_library_exports_what_the_header_declares_and_needs_nothing_of_ours() {
    let library = tree().lib().join("libmlagsync.so");
    assert_eq!(exported(&library), declared().functions.into_keys().collect());

    let text = good(Command::new("readelf").arg("-d").arg(&library));
    assert!(text.contains("soname: [libmlagsync.so.0]"), "{text}");
    for needed in text.lines().filter(|line| line.contains("(NEEDED)")) {
        let known = ["libc.so", "libgcc_s.so", "libm.so", "ld-linux"];
        assert!(known.iter().any(|name| needed.contains(name)), "{needed}");
    }
}

/// The simulator is another library, and no part of this one.
#[test]
fn no_function_of_sai_is_in_the_libraries() {
    let text = good(Command::new("nm").arg("--defined-only").arg(tree().lib().join("libmlagsync.a")));
    let sai: Vec<&str> = text
        .lines()
        // The others are the names of the archive's members.
        .filter(|line| line.split_whitespace().count() == 3)
        .filter(|line| line.split(' ').next_back().is_some_and(|n| n.starts_with("sai_")))
        .collect();
    assert!(sai.is_empty(), "{sai:?}");
}

/// A library that is linked with a libsai: it says so, needs it, and finds its functions by itself.
#[test]
fn a_linked_one_needs_its_libsai_and_takes_its_functions() {
    let dir = tempfile::tempdir().unwrap();
    let sim = simulator().parent().unwrap().to_owned();
    let (destdir, sai) =
        (format!("DESTDIR={}", dir.path().display()), format!("SAI_LIB_DIR={}", sim.display()));
    let made = alone(&mut make(&["install", &destdir, "PREFIX=/usr", "FEATURES=linked", &sai]));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let lib = dir.path().join("usr/lib");
    let library = lib.join("libmlagsync.so");
    let needed = good(Command::new("readelf").arg("-d").arg(&library));
    assert!(needed.contains("libsai.so") && needed.contains("soname: [libmlagsync.so.0]"), "{needed}");
    assert_eq!(exported(&library), declared().functions.into_keys().collect());
    let pc = std::fs::read_to_string(lib.join("pkgconfig/mlagsync.pc")).unwrap();
    assert!(pc.contains("-lsai"), "whoever links the archive needs it:\n{pc}");

    let program = dir.path().join("nos");
    let mut cc = compiler(false, "gnu99");
    cc.arg("-DNOS_LINKED").arg("-I").arg(dir.path().join("usr/include"));
    cc.arg("-I").arg(root().join("sys/include")).arg(root().join("examples/nos.c"));
    cc.arg("-L").arg(&lib).arg("-L").arg(&sim).args(["-lmlagsync", "-lsai", "-pthread", "-o"]).arg(&program);
    cc.arg(format!("-Wl,-rpath,{}:{}", sim.display(), lib.display()));
    good(&mut cc);
    let said = good(Command::new(&program).arg("idle").env_remove("LD_LIBRARY_PATH").env("NOS_ALL", "1"));
    assert!(said.ends_with(": ok\n"), "{said}");

    // What is linked with none says so.
    let mut nowhere = make(&["install", "DESTDIR=/proc/nowhere", "FEATURES=no-such-feature"]);
    let nowhere = alone(&mut nowhere);
    let error = String::from_utf8_lossy(&nowhere.stderr).into_owned();
    assert!(!nowhere.status.success() && error.contains("no-such-feature"), "{error}");
}

#[test]
fn what_cannot_be_is_said_in_a_sentence() {
    let nowhere = alone(&mut make(&["install", "DESTDIR=/proc/nowhere"]));
    let error = String::from_utf8_lossy(&nowhere.stderr).into_owned();
    assert!(
        !nowhere.status.success() && error.contains("cannot write to /proc/nowhere/usr/local"),
        "{error}"
    );
    let mut without = make(&["install"]);
    without.args(["CARGO=no-such-cargo", "DESTDIR=/proc/nowhere"]);
    let without = alone(&mut without);
    let error = String::from_utf8_lossy(&without.stderr).into_owned();
    assert!(
        !without.status.success() && error.contains("no-such-cargo is not there: install Rust"),
        "{error}"
    );
}
