//! Programs in C whose output or whose end is what is tested: chatter, dumps, a profile that is wrong, threads,
//! processes that are killed and start again, and the simulator's own commands.
//!
//! Invariant: what a client does from start to stop, under every release and under AddressSanitizer, is in `clients`.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

#[allow(dead_code, reason = "each test binary uses its part")]
mod sequences;

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use sequences::{compiler, include_dir, library_dir};

/// Compiles a program, with these flags on top; the binary is in the test's own directory.
fn compile(source: &str, name: &str, flags: &[&str]) -> PathBuf {
    let (dir, out) = (library_dir(), Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let status = compiler()
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-g"])
        .args(flags)
        .arg("-I")
        .arg(include_dir())
        .arg("-I")
        .arg(here.join("include"))
        .arg(here.join("tests/c").join(source))
        .arg("-o")
        .arg(&out)
        .arg(dir.join("libsai.so"))
        .arg(format!("-Wl,-rpath,{}", dir.display()))
        .arg("-pthread")
        .status()
        .unwrap();
    assert!(status.success(), "{source} does not compile");
    out
}

fn client() -> &'static Path {
    static CLIENT: OnceLock<PathBuf> = OnceLock::new();
    CLIENT.get_or_init(|| compile("client.c", "client", &[]))
}

fn run(program: &Path, scenario: &str, profile: &[&str]) -> Output {
    // Cargo's own search path has other copies of the library in front.
    Command::new(program).arg(scenario).args(profile).env_remove("LD_LIBRARY_PATH").output().unwrap()
}

#[track_caller]
fn passes(scenario: &str, profile: &[&str]) -> String {
    let output = run(client(), scenario, profile);
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        output.status.success() && stdout.ends_with("ok\n"),
        "{scenario}: {}\n{stdout}{stderr}",
        output.status
    );
    stdout.into_owned()
}

#[test]
fn bulk_members_are_null_or_late_when_the_profile_says_so() {
    passes("no-bulk", &["SAI_SIM_BULK", "no-bulk"]);
    passes("lazy-table", &["SAI_SIM_BULK", "lazy-table"]);
}

#[test]
fn several_threads_may_call() {
    passes("threads", &["SAI_SIM_PORTS", "8"]);
}

#[test]
fn chatter_goes_to_stdout() {
    let quiet = passes("chatter", &[]);
    assert_eq!(quiet, "ok\n");
    let loud = passes("chatter", &["SAI_SIM_CHATTER", "1"]);
    assert!(loud.contains("create_vlan"), "{loud}");
}

#[test]
fn a_dump_says_what_is_there() {
    let dump = passes("dump", &[]);
    assert!(dump.contains("neighbor_entry rif 1 10.0.0.1"), "{dump}");
    assert!(dump.contains("VLAN_ID = Num(10)"), "{dump}");
}

#[test]
fn a_wrong_profile_is_one_line_on_stderr() {
    for (key, value) in [
        ("SAI_SIM_NO_SUCH", "1"),
        ("SAI_SIM_PORTS", "many"),
        ("SAI_SIM_API_VERSION", "1.9.0"),
        ("SAI_SIM_FAULTS", "create neighbor explode"),
    ] {
        let output = run(client(), "bad-profile", &[key, value]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(key), "{stderr}");
    }
}

/// A state file of one test.
struct StateFile(PathBuf);

impl StateFile {
    fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("state-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    fn profile<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["SAI_SIM_PORTS", "4", "SAI_SIM_STATE", self.0.to_str().unwrap()], more].concat()
    }

    /// Runs a scenario that ends with this signal.
    #[track_caller]
    fn dies(&self, scenario: &str, signal: i32, more: &[&str]) {
        let output = run(client(), scenario, &self.profile(more));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(signal), "{scenario}: {stderr}");
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const WARM: &[&str] = &["SAI_BOOT_TYPE", "1"];
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

#[test]
fn the_hardware_outlives_a_process_that_is_killed() {
    let state = StateFile::new("killed");
    state.dies("fill-and-die", SIGKILL, &[]);
    state.dies("resume", SIGKILL, WARM);
    // What the second process did lasts too: it took one interface away and added another.
    state.dies("resume", SIGKILL, WARM);
    passes("resume-nothing", &state.profile(&["SAI_BOOT_TYPE", "0"]));
    passes("resume-nothing", &state.profile(WARM));
}

#[test]
fn a_crash_right_after_the_deed_leaves_the_deed_done() {
    let state = StateFile::new("crashed");
    let faults = ["SAI_SIM_FAULTS", "create neighbor 10.0.0.3 crash after"];
    state.dies("fill-and-crash", SIGABRT, &faults);
    passes("resume-crashed", &state.profile(WARM));
}

#[test]
fn a_clean_restart_keeps_the_data_plane_if_asked_to_and_a_removed_switch_does_not() {
    let state = StateFile::new("clean");
    passes("fill-and-restart", &state.profile(&[]));
    state.dies("resume", SIGKILL, WARM);
    passes("fill-and-remove", &state.profile(&[]));
    passes("resume-nothing", &state.profile(WARM));
}

#[test]
fn the_library_exports_sai_functions_and_nothing_else() {
    let library = library_dir().join("libsai.so");
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(&library).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let all = text.lines().filter_map(|line| line.split(' ').next_back());
    let (commands, mut exported): (Vec<_>, Vec<_>) = all.partition(|name| name.starts_with("sai_sim_"));
    exported.sort_unstable();
    let mut expected: Vec<_> = sai_sys::FUNCTION_NAMES.to_vec();
    expected.sort_unstable();
    assert_eq!(exported, expected);
    // Each command is declared in the header, and nothing else is.
    let header = include_str!("../include/sai_sim.h");
    let declared = header.lines().filter_map(|line| line.strip_prefix("sai_status_t ")?.split('(').next());
    assert_eq!(
        declared.collect::<BTreeSet<_>>(),
        commands.into_iter().collect::<BTreeSet<_>>(),
        "sai_sim.h and the library"
    );
}

#[test]
fn the_commands_of_the_simulator_are_there_for_c() {
    for (name, flags) in [
        ("commands", &[][..]),
        ("commands-asan", &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]),
    ] {
        let output = run(&compile("commands.c", name, flags), "", &[]);
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && stdout.ends_with("ok\n"), "{name}: {}\n{stderr}", output.status);
    }
}
