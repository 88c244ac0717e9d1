//! Wrong files, places and surroundings: each is one clear line and an exit status, never a panic; and what the pages
//! show to be copied is right.
#![cfg(feature = "cli")]

#[path = "common/mod.rs"]
mod common;

use common::program::{mlagsync, program, refusal, simulator, text, until};
use nix::sys::signal::Signal;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn in_tree(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn check(dir: &Path, platform: &str, more: &[&str]) -> std::process::Output {
    let file = dir.join("p.toml");
    fs::write(&file, platform).expect("it is writable");
    mlagsync(&[&["run", "--config", file.to_str().expect("UTF-8")], more].concat())
}

/// A daemon without a channel whose control socket is `p.sock`.
fn daemon(dir: &Path, stderr: impl Into<Stdio>, rust_log: Option<&str>) -> Child {
    fs::write(dir.join("p.toml"), "hostname = 'x'\ncontrol = 'p.sock'\n").expect("it is writable");
    let mut command = Command::new(program());
    command.args(["run", "--config", "p.toml"]).current_dir(dir).stdin(Stdio::null()).stderr(stderr);
    match rust_log {
        Some(words) => command.env("RUST_LOG", words),
        None => command.env_remove("RUST_LOG"),
    };
    command.spawn().expect("the program starts")
}

/// Waits until it answers, and asks for its end.
fn end(mut child: Child, dir: &Path, signal: Signal) -> std::process::ExitStatus {
    let socket = dir.join("p.sock");
    let answers = || {
        if let Some(status) = child.try_wait().expect("it is our child") {
            return Err(format!("it ended: {status}, code {:?}", status.code()));
        }
        fs::symlink_metadata(&socket).map(drop).map_err(|e| e.to_string())
    };
    until("the control socket", answers);
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    nix::sys::signal::kill(pid, signal).expect("it is our child");
    child.wait().expect("it is our child")
}

#[test]
fn every_platform_file_that_the_pages_show_is_accepted() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let sai = simulator();
    let sai = sai.to_str().expect("UTF-8");
    let page = in_tree("docs/platform.md");
    let blocks: Vec<&str> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty(), "the page shows a file");
    let readme = in_tree("README.md");
    let readme = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lab = [in_tree("examples/lab/leaf-1.toml"), in_tree("examples/lab/leaf-2.toml")];
    for platform in blocks.into_iter().chain(readme).chain(lab.iter().map(String::as_str)) {
        let output = check(dir.path(), platform, &["--check", "--sai", sai]);
        assert!(output.status.success(), "{platform}\n{}", text(&output.stderr));
    }
}

#[test]
fn a_control_socket_that_cannot_be_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    // Named, so that there is no warning of the simulator.
    let sai = simulator();
    let sai = sai.to_str().expect("UTF-8");
    let long = format!("{}/{}/p.sock", dir.path().display(), "x".repeat(120));
    let line = refusal(&check(dir.path(), "hostname = 'x'\n", &["--sai", sai, "--control", &long]), 2);
    assert!(
        line.contains("too long") && line.contains("at most") && line.contains("--control PATH"),
        "{line}"
    );
    assert!(!Path::new(&long).parent().expect("it has one").exists(), "nothing is left behind");
    let plain = dir.path().join("p.toml");
    let taken =
        check(dir.path(), "hostname = 'x'\n", &["--sai", sai, "--control", plain.to_str().expect("UTF-8")]);
    let line = refusal(&taken, 2);
    assert!(line.contains("it is no socket; name another"), "{line}");
}

#[test]
fn values_that_no_system_can_take_are_refused_by_their_key() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let cases = [
        ("record = ''", "record is empty"),
        ("control = \"a\\u0000b\"", "control has a zero byte"),
        ("[sai]\nlibrary = ''", "library is empty"),
        ("[sai]\nassume-api-version = 'x'", "assume-api-version: 'x' is not a SAI release"),
        ("[sai]\nhardware-info = \"a\\u0000b\"", "hardware-info has a zero byte"),
        ("model = 'CE9999'", "p.toml: There is no model"),
        ("sai = 5", "p.toml:2:7: integer `5` is wrong here: expected a table, [sai]"),
    ];
    for (key, expected) in cases {
        let line = refusal(&check(dir.path(), &format!("hostname = 'x'\n{key}\n"), &["--check"]), 2);
        assert!(line.contains(expected) && !line.contains('\0'), "{line}");
    }
}

#[test]
fn a_profile_file_lies_beside_the_platform_file_and_its_wrong_line_is_named() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let control = dir.path().join("p.sock");
    fs::write(dir.path().join("sai.profile"), "A=1\nnonsense\n").expect("it is writable");
    let platform = "hostname = 'x'\n[sai]\nprofile-file = 'sai.profile'\n";
    let output = check(dir.path(), platform, &["--control", control.to_str().expect("UTF-8")]);
    let line = text(&output.stderr).lines().last().unwrap_or_default().to_owned();
    assert_eq!(output.status.code(), Some(2), "{line}");
    assert!(line.contains("sai.profile: line 2: 'nonsense' is not"), "{line}");
    assert!(!control.exists(), "nothing is left behind");
}

#[test]
fn a_negative_number_of_neighbours_is_called_that() {
    let error = text(&mlagsync(&["demo", "--neighbors", "-1"]).stderr);
    assert!(error.contains("invalid value '-1'"), "{error}");
}

#[test]
fn a_demo_without_a_place_for_its_files_says_how_to_name_one() {
    let mut command = Command::new(program());
    let output = command.args(["demo", "--neighbors", "1"]).env("TMPDIR", "/nowhere").output();
    let line = refusal(&output.expect("the program starts"), 2);
    assert!(line.contains("/nowhere/") && line.contains("with TMPDIR"), "{line}");
}

#[test]
fn a_log_that_cannot_be_written_ends_nobody() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let full = fs::File::options().write(true).open("/dev/full").expect("the device");
    let status = end(daemon(dir.path(), full, None), dir.path(), Signal::SIGTERM);
    assert_eq!((status.code(), status.signal()), (Some(0), None));
}

#[test]
fn a_wrong_filter_is_said_and_the_log_is_as_without_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("log");
    let log = fs::File::create(&path).expect("it is writable");
    let status = end(daemon(dir.path(), log, Some("[[[=x")), dir.path(), Signal::SIGTERM);
    let log = fs::read_to_string(path).expect("it is there");
    assert!(status.success(), "{log}");
    assert!(log.contains("RUST_LOG is not a filter"), "{log}");
    assert!(log.contains("started") && log.contains("control=p.sock"), "{log}");
}

#[test]
fn a_terminal_that_goes_ends_the_daemon_in_order() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("p.toml"), "hostname = 'x'\ncontrol = 'p.sock'\n").expect("it is writable");
    // Under nohup this test's own children would rightly stay.
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP").arg(program()).args(["run", "--config", "p.toml"]);
    command.current_dir(dir.path()).stdin(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().expect("env of coreutils");
    let status = end(child, dir.path(), Signal::SIGHUP);
    assert_eq!((status.code(), status.signal()), (Some(0), None));
    assert!(!dir.path().join("p.sock").exists(), "its control socket is left behind");
}
