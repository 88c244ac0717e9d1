//! The feature `linked`: a program that is linked with a libsai has nothing of the simulator's in it and opens nothing,
//! and what cannot be built so is said in one sentence.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("linked").join(name);
    drop(fs::remove_dir_all(&dir));
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// Where this test's cargo builds: what others need, too, is not built again.
fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(3).expect("PROFILE/deps/PROGRAM").to_owned()
}

fn cargo(words: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(words).arg("--offline").env("CARGO_TARGET_DIR", target()).env_remove("SAI_LIB_DIR");
    // Cargo's own variables of this run are not for the one below it.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST"))
        {
            cargo.env_remove(name);
        }
    }
    cargo.env_remove("RUSTC_WORKSPACE_WRAPPER").env_remove("LD_LIBRARY_PATH").current_dir(root());
    cargo
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn errors(output: &Output) -> Vec<String> {
    let said = text(&output.stderr);
    assert!(!output.status.success(), "it was built: {said}");
    said.lines().filter(|line| line.starts_with("error")).map(str::to_owned).collect()
}

/// A library that the linker finds as `-lsai`: the simulator's.
fn libsai(dir: &Path) -> PathBuf {
    let lib = dir.join("a vendor's lib");
    fs::create_dir_all(&lib).unwrap();
    let built = std::env::current_exe().unwrap().with_file_name("libsai.so");
    fs::copy(built, lib.join("libsai.so")).unwrap();
    lib
}

/// A package of its own that stands on the library with this feature only.
fn package(dir: &Path) -> PathBuf {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, profile) = manifest.split_once("[profile.dev]").expect("the workspace has one");
    let text = format!(
        "[package]\nname = \"linked-nos\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[[bin]]\nname = \
         \"linked-nos\"\npath = {program:?}\n\n[dependencies]\nmlagsync = {{ path = {root:?}, default-features = false, \
         features = [\"linked\"] }}\nnetlink-sys = \"0.9\"\nnix = {{ version = \"0.31\", default-features = false, features \
         = [\"mount\", \"net\", \"sched\"] }}\nlibc = \"0.2\"\n\n[profile.dev]{profile}",
        program = root().join("tests/linked/program.rs"),
        root = root(),
    );
    fs::write(dir.join("Cargo.toml"), text).unwrap();
    fs::copy(root().join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
    dir.join("Cargo.toml")
}

#[test]
fn a_program_that_is_linked_with_its_libsai_syncs_and_has_no_simulator_in_it() {
    let dir = scratch("nos");
    let (lib, manifest) = (libsai(&dir), package(&dir));
    let mut build = cargo(&["build"]);
    let output = build.arg("--manifest-path").arg(&manifest).env("SAI_LIB_DIR", &lib).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let program = target().join("debug/linked-nos");

    let run = Command::new(&program).env("LD_LIBRARY_PATH", &lib).output().unwrap();
    let said = text(&run.stdout);
    assert!(run.status.success(), "{}\n{said}\n{}", run.status, text(&run.stderr));
    assert!(said.contains("the linked libsai, SAI 1.") && said.contains("100 neighbours"), "{said}");

    // It needs the library to start at all, which has the functions; and neither opens another nor brings one.
    let alone = Command::new(&program).env_remove("LD_LIBRARY_PATH").output().unwrap();
    assert!(!alone.status.success() && text(&alone.stderr).contains("libsai.so"), "{}", text(&alone.stderr));
    let symbols = |words: &[&str]| {
        let output = Command::new("nm").args(words).arg(&program).output().expect("binutils are there");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let undefined = symbols(&["-D", "--undefined-only"]);
    assert!(undefined.contains(" sai_api_query") && undefined.contains(" sai_api_initialize"), "{undefined}");
    let opens = undefined.lines().find(|line| line.contains("dlopen") || line.contains("dlmopen"));
    assert_eq!(opens, None, "it opens a library at run time");
    // What is defined is defined elsewhere; the simulator's crate is called `sai`.
    let defined = symbols(&["--defined-only", "-C"]);
    let simulators = |line: &&str| {
        line.contains(" sai::") || line.ends_with(" sai_api_query") || line.contains("libloading")
    };
    let found: Vec<&str> = defined.lines().filter(simulators).take(5).collect();
    assert_eq!(found, Vec::<&str>::new());
    assert!(defined.contains(" mlagsync::"), "the names are there to be looked for");
}

#[test]
fn what_cannot_be_linked_is_said_in_one_sentence() {
    let dir = scratch("refused");
    for features in [&["--all-features"][..], &["--features", "linked"]] {
        let output = cargo(&["check", "--lib"]).args(features).output().unwrap();
        let errors = errors(&output);
        let first = &errors[0];
        assert!(first.contains("`linked` excludes the simulator"), "{errors:#?}");
        assert!(first.contains("--no-default-features --features linked"), "{errors:#?}");
        // Beside it only cargo's own line that a build script has failed.
        assert!(errors.len() <= 2, "{errors:#?}");
    }
    let output = cargo(&["check", "--lib", "--no-default-features", "--features", "linked"])
        .env("SAI_LIB_DIR", &dir)
        .output()
        .unwrap();
    assert!(errors(&output)[0].contains("neither a libsai.so nor a libsai.a in SAI_LIB_DIR"));
    let output = cargo(&["check", "--lib", "--no-default-features", "--features", "linked"])
        .env("SAI_LIB_DIR", dir.join("none"))
        .output()
        .unwrap();
    assert!(errors(&output)[0].contains("none, which is not a directory"));
}
