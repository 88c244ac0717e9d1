//! The demonstration, as people and machines run it: its verdict can be trusted, and it leaves nothing behind.
#![cfg(feature = "cli")]

#[path = "common/mod.rs"]
mod common;

use common::program::{mlagsync, program, refusal, simulator, text, until};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};

fn report(output: &Output) -> Value {
    let standard = text(&output.stdout);
    serde_json::from_str(&standard).unwrap_or_else(|error| {
        panic!("{error}: not one JSON document:\n{standard}\n{}", text(&output.stderr))
    })
}

fn json(args: &[&str]) -> (Option<i32>, Value) {
    let output = mlagsync(&[&["demo", "--json"], args].concat());
    (output.status.code(), report(&output))
}

fn number(report: &Value, switch: usize, what: &str) -> u64 {
    report["switches"][switch][what].as_u64().unwrap_or_else(|| panic!("no {what} in {report}"))
}

#[test]
fn ten_thousand_neighbours_are_in_the_other_asic_and_the_numbers_say_so() {
    let (status, report) = json(&[]);
    assert_eq!((status, &report["verdict"]), (Some(0), &Value::from("pass")), "{report}");
    assert_eq!(report["neighbors"], 10_000);
    for own in [0, 1] {
        for what in ["kernel", "programmed"] {
            assert_eq!(number(&report, own, what), 5_000, "{what}: {report}");
        }
        // The gateways' addresses go to the peer as well, which has the same ones and refuses them.
        for (what, expected) in [("learned", 5_004), ("sent", 5_004), ("received", 5_004), ("refused", 4)] {
            assert_eq!(number(&report, own, what), expected, "{what}: {report}");
        }
        assert!(number(&report, own, "resolved") >= 8, "{report}");
        let calls = number(&report, own, "sai_calls");
        assert!((2..2_500).contains(&calls), "5,000 entries in {calls} calls are not programmed in bulk");
        assert!(report["switches"][own]["sync_ms"].as_f64().expect("a number") > 0.0);
    }
    assert_eq!(report["raw"]["entries"], 5_000);
    assert!(report["ratio"].as_f64().expect("a number") > 0.0);
    let comparisons = report["comparisons"].as_array().expect("a list");
    assert_eq!(comparisons.len(), 6);
    assert!(
        comparisons.iter().all(|found| found["equal"] == found["kernel"] && found["asic"] == found["kernel"])
    );
    let acts: Vec<&str> =
        report["acts"].as_array().expect("a list").iter().filter_map(|act| act["what"].as_str()).collect();
    assert_eq!(acts.len(), 6, "{acts:?}");
    assert_eq!(acts[4..], ["a member of an M-LAG goes down", "it comes up again"]);
    let line = report["command_lines"][0].as_str().expect("a line");
    assert_eq!(line, "peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048");
}

#[test]
fn people_see_tables_and_a_verdict_and_no_escape_codes_in_a_file() {
    let output = mlagsync(&["demo", "--neighbors", "200", "--ipv6"]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}{}", text(&output.stderr));
    assert!(
        shown.contains("peer-link source ipv6 2001:db8:1::1 peer 2001:db8:1::2 tcp-port 2048"),
        "{shown}"
    );
    for word in [
        "learned by netlink",
        "SAI calls",
        "BEGIN to last SAI status",
        "raw bulk loop",
        "its MAC changes",
        "a member of an M-LAG goes down",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    assert!(shown.lines().last().is_some_and(|line| line.starts_with("PASS")), "{shown}");
    assert!(!shown.contains('\u{1b}') && output.stderr.is_empty(), "{shown}");
}

#[test]
fn nothing_one_and_too_many_have_clear_answers() {
    for (count, on_the_first) in [("0", 4), ("1", 5), ("3", 6)] {
        let (status, report) = json(&["--neighbors", count]);
        assert_eq!((status, &report["verdict"]), (Some(0), &Value::from("pass")), "{report}");
        assert_eq!(number(&report, 0, "learned"), on_the_first);
    }
    for absurd in ["1000001", "-1", "x", "99999999999999999999"] {
        let output = mlagsync(&["demo", &format!("--neighbors={absurd}")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("--neighbors"), "{}", text(&output.stderr));
    }
    assert!(refusal(&mlagsync(&["demo", "--profile", "nonsense"]), 2).contains("KEY=VALUE"));
}

/// The proof must be able to fail: each way in which an ASIC can differ from what it was told is seen.
#[test]
fn a_wrong_entry_in_an_asic_fails_the_demo_and_is_named() {
    let cases = [
        ("leaf-2:SAI_SIM_FAULTS=create neighbor 10.16.1.4 corrupt-mac", "leaf-2", "different", "10.16.1.4"),
        (
            "leaf-1:SAI_SIM_FAULTS=create neighbor fd00:10::105 corrupt-mac",
            "leaf-1",
            "different",
            "fd00:10::105",
        ),
        ("leaf-2:SAI_SIM_FAULTS=create neighbor 10.16.1.4 lie", "leaf-2", "missing", "10.16.1.4"),
    ];
    for (profile, asic_of, what, ip) in cases {
        let (status, report) = json(&["--neighbors", "100", "--profile", profile]);
        assert_eq!((status, &report["verdict"]), (Some(1), &Value::from("fail")), "{report}");
        let comparisons = report["comparisons"].as_array().expect("a list");
        let first = comparisons.iter().find(|found| found["asic_of"] == asic_of).expect("both are compared");
        assert_eq!(first[what], 1, "{first}");
        assert!(first["examples"][0].as_str().expect("a sentence").contains(ip), "{first}");
        assert!(report["problems"].to_string().contains(ip), "{report}");
    }
}

#[test]
fn what_a_library_prints_never_gets_into_the_document() {
    let (status, report) = json(&["--neighbors", "50", "--profile", "SAI_SIM_CHATTER=1"]);
    assert_eq!((status, &report["verdict"]), (Some(0), &Value::from("pass")), "{report}");
}

/// A directory that everybody may enter, with the program and the simulator in it.
fn for_everybody() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755));
    open(dir.path()).expect("our own");
    let moved = dir.path().join("mlagsync");
    std::fs::copy(program(), &moved).expect("it is writable");
    std::fs::copy(simulator(), dir.path().join("libsai.so")).expect("it is writable");
    open(&moved).expect("our own");
    (dir, moved)
}

/// Runs a shell line; a copied program may still be open for writing in another test's child.
fn shell(line: &str) -> Output {
    until("the copied program to be executable", || {
        let output = Command::new("sh").args(["-c", line]).stdin(Stdio::null()).output().expect("a shell");
        let busy = text(&output.stderr).contains("Text file busy");
        if busy { Err(text(&output.stderr)) } else { Ok(output) }
    })
}

/// Somebody without any capability. With all ids at hand (root outside of any user namespace) somebody else, too.
fn nobody() -> &'static str {
    let map = std::fs::read_to_string("/proc/self/uid_map").expect("every process has one");
    match map.split_whitespace().nth(2) == Some("4294967295") && nix::unistd::geteuid().is_root() {
        true => "setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs",
        false => "setpriv --bounding-set=-all --inh-caps=-all --no-new-privs",
    }
}

#[test]
fn an_unprivileged_user_needs_user_namespaces_only() {
    let (_dir, program) = for_everybody();
    let output = shell(&format!("exec {} {} demo --neighbors 100 --json", nobody(), program.display()));
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(report(&output)["verdict"], "pass");
}

#[test]
fn without_user_namespaces_it_says_which_setting_is_in_the_way() {
    let (_dir, program) = for_everybody();
    let output = shell(&format!(
        "exec unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_user_namespaces; \
         exec setpriv --bounding-set=-all --inh-caps=-all {} demo --json'",
        program.display()
    ));
    let line = refusal(&output, 2);
    assert!(line.contains("unshare(CLONE_NEWUSER)") && line.contains("user.max_user_namespaces"), "{line}");
}

/// A demo in a temporary directory of its own, caught while both daemons run.
struct Caught {
    child: Child,
    dir: tempfile::TempDir,
    namespaces: BTreeSet<PathBuf>,
}

impl Caught {
    fn running(args: &[&str]) -> Caught {
        let dir = tempfile::Builder::new().prefix("caught").tempdir().expect("a temporary directory");
        let mut command = Command::new(program());
        command.arg("demo").args(args).env("TMPDIR", dir.path()).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let mut caught = until("two daemons to run", || {
            assert!(child.try_wait().expect("our child").is_none(), "it ended too early");
            let running = processes(dir.path());
            let daemons = running.iter().filter(|(_, line)| line.contains("leaf-")).count();
            let sockets =
                files(dir.path()).iter().filter(|path| path.extension().is_some_and(|e| e == "sock")).count();
            match (daemons, sockets) {
                (2, 2) => Ok(running.iter().filter_map(|(pid, _)| namespace(*pid)).collect::<BTreeSet<_>>()),
                _ => Err(format!("{running:?}")),
            }
        });
        caught.extend(namespace(child.id()));
        let own = namespace(std::process::id()).expect("we have one");
        caught.remove(&own);
        assert!(caught.len() >= 2, "{caught:?}");
        Caught { child, dir, namespaces: caught }
    }

    /// Waits for its end and holds that nothing of it is left.
    fn ended(mut self) -> ExitStatus {
        let status = until("its end", || self.child.try_wait().expect("our child").ok_or(String::new()));
        until("its processes, namespaces, sockets and files to be gone", || {
            let running = processes(self.dir.path());
            let left: Vec<PathBuf> = files(self.dir.path());
            let inside: Vec<u32> = all_processes()
                .filter(|pid| namespace(*pid).is_some_and(|namespace| self.namespaces.contains(&namespace)))
                .collect();
            match running.is_empty() && left.is_empty() && inside.is_empty() {
                true => Ok(()),
                false => Err(format!("{running:?} {left:?} {inside:?}")),
            }
        });
        status
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

fn all_processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").expect("it is mounted");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The processes whose command line names this directory.
fn processes(dir: &Path) -> Vec<(u32, String)> {
    let dir = dir.to_str().expect("UTF-8");
    let lines = all_processes().filter_map(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&line).replace('\0', " ")))
    });
    lines.filter(|(_, line)| line.contains(dir)).collect()
}

fn namespace(pid: u32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/ns/net")).ok()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.flat_map(|path| [files(&path), vec![path]].concat()).collect()
}

#[test]
fn control_c_leaves_nothing_behind() {
    let caught = Caught::running(&["--neighbors", "2000", "--keep"]);
    killpg(caught.pid(), Signal::SIGINT).expect("it runs");
    let status = caught.ended();
    assert!(matches!(status.code(), Some(0 | 130)), "{status}");
}

#[test]
fn control_c_in_the_middle_of_a_synchronisation_leaves_nothing_behind() {
    // An ASIC that takes ten seconds for the first entry: whatever is going on then, goes on for long.
    let stalled = ["--neighbors", "100", "--profile", "SAI_SIM_FAULTS=create neighbor #1 stall 10000"];
    let caught = Caught::running(&stalled);
    killpg(caught.pid(), Signal::SIGINT).expect("it runs");
    assert_eq!(caught.ended().code(), Some(130));
}

#[test]
fn killed_without_a_warning_it_leaves_nothing_behind() {
    let caught = Caught::running(&["--neighbors", "100", "--keep"]);
    kill(caught.pid(), Signal::SIGKILL).expect("it runs");
    assert_eq!(caught.ended().signal(), Some(libc::SIGKILL));
}

#[test]
fn an_orderly_end_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let output = Command::new(program())
        .args(["demo", "--neighbors", "10", "--json"])
        .env("TMPDIR", dir.path())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!((files(dir.path()), processes(dir.path())), (Vec::new(), Vec::new()));
}
