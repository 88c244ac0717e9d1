//! A program in C, compiled against the header and linked to the built library, is a client like any other.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Where cargo puts the cdylib of this package for the profile that the test is built in.
fn library_dir() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    let dir = exe.parent().unwrap().to_owned();
    assert!(dir.join("libsai.so").is_file(), "no libsai.so in {}", dir.display());
    dir
}

/// Compiles the client, with these flags on top; the binary is in the test's own directory.
fn compile(name: &str, flags: &[&str]) -> PathBuf {
    compile_file("client.c", name, flags)
}

fn compile_file(source: &str, name: &str, flags: &[&str]) -> PathBuf {
    let dir = library_dir();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let compiler =
        cc::Build::new().cargo_metadata(false).target(&target).host(&target).opt_level(1).get_compiler();
    let status = compiler
        .to_command()
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-g"])
        .args(flags)
        .arg("-I")
        .arg(here.join("../sys/include"))
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
    assert!(status.success(), "the client does not compile");
    out
}

fn client() -> &'static Path {
    static CLIENT: OnceLock<PathBuf> = OnceLock::new();
    CLIENT.get_or_init(|| compile("client", &[]))
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
fn a_nos_that_reads_everything_back_starts_and_stops() {
    passes("nos-start", &["SAI_SIM_PORTS", "8"]);
}

#[test]
fn an_agent_that_declares_what_it_wants_starts_and_stops() {
    passes("agent-start", &["SAI_SIM_PORTS", "8"]);
}

#[test]
fn nothing_works_before_its_time_and_nothing_crashes() {
    passes("lifecycle", &["SAI_SIM_PORTS", "4"]);
}

#[test]
fn an_old_release_has_short_tables() {
    passes("old-release", &["SAI_SIM_API_VERSION", "1.10.2"]);
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
fn the_address_sanitizer_finds_nothing_and_sees_a_short_table() {
    let program = compile("client-asan", &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    for (scenario, profile) in [
        ("nos-start", &["SAI_SIM_PORTS", "8"][..]),
        ("agent-start", &["SAI_SIM_PORTS", "8"]),
        ("lifecycle", &["SAI_SIM_PORTS", "4"]),
        ("old-release", &["SAI_SIM_API_VERSION", "1.10.2"]),
    ] {
        let output = run(&program, scenario, profile);
        assert!(output.status.success(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let output = run(&program, "overread", &["SAI_SIM_API_VERSION", "1.10.2"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("heap-buffer-overflow"),
        "the member behind the table was read unnoticed: {stderr}"
    );
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
        let output = run(&compile_file("commands.c", name, flags), "", &[]);
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && stdout.ends_with("ok\n"), "{name}: {}\n{stderr}", output.status);
    }
}
