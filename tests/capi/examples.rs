//! The examples in C and C++, as a reader would build them: with the compiler alone and with pkg-config, with the shared
//! and the static library, under AddressSanitizer and valgrind.

use crate::common::bench::{Bench, await_hosts, line};
use crate::common::netns::Netns;
use crate::common::program::simulator;
use crate::rig::{compiler, good, root, tree};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Addresses of one machine that a channel may have.
pub(crate) const ENDS: [&str; 2] = ["10.9.0.1", "10.9.0.2"];

pub(crate) const SANITIZED: &[&str] = &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// How a program gets at the library.
#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    /// `-lmlagsync`, and the shared library is found.
    Shared,
    /// The archive by its name, and what std needs.
    Static,
    /// What pkg-config says.
    PkgConfig,
    /// What `pkg-config --static` says, with nothing shared of ours there to be found.
    PkgConfigStatic,
}

/// Compiles an example; the program lies in the test's own directory.
pub(crate) fn build(source: &str, by: By, flags: &[&str]) -> PathBuf {
    compile(&root().join("examples").join(source), by, flags)
}

/// The same of any source.
pub(crate) fn compile(source: &Path, by: By, flags: &[&str]) -> PathBuf {
    let path = source;
    let source = source.file_name().unwrap().to_str().unwrap();
    let cpp = source.ends_with(".cpp");
    let name = format!("{source}-{by:?}-{}-{}", flags.len(), std::process::id());
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let sim = simulator().parent().unwrap().to_owned();
    let tree = tree();
    let mut cc = compiler(cpp, if cpp { "c++11" } else { "gnu99" });
    cc.args(flags).arg("-I").arg(root().join("sys/include")).arg(path);
    match by {
        By::Shared => {
            cc.arg("-I").arg(tree.include()).arg("-L").arg(tree.lib()).arg("-lmlagsync");
        }
        By::Static => {
            cc.arg("-I").arg(tree.include()).arg(tree.lib().join("libmlagsync.a"));
            cc.args(["-lpthread", "-ldl", "-lm"]);
        }
        By::PkgConfig => {
            cc.args(tree.pkg_config(&["--cflags", "--libs"]));
        }
        By::PkgConfigStatic => {
            cc.args(tree.pkg_config(&["--cflags"]));
            cc.arg("-Wl,-Bstatic")
                .args(tree.pkg_config(&["--libs-only-L"]))
                .arg("-lmlagsync")
                .arg("-Wl,-Bdynamic");
            let all = tree.pkg_config(&["--static", "--libs-only-l"]);
            cc.args(all.iter().filter(|library| *library != "-lmlagsync"));
        }
    }
    cc.arg("-L").arg(&sim).arg("-lsai").arg("-pthread").arg("-o").arg(&program);
    cc.arg(format!("-Wl,-rpath,{}:{}", sim.display(), tree.lib().display()));
    good(&mut cc);
    let needed = good(Command::new("readelf").arg("-d").arg(&program));
    let shared = needed.contains("[libmlagsync.so.0]");
    assert_eq!(shared, matches!(by, By::Shared | By::PkgConfig), "{by:?}: {needed}");
    program
}

/// A program in a namespace with both addresses.
fn run(program: &Path, arguments: &[&str], variable: &str) {
    let space = Netns::new();
    space.run(|net| ENDS.iter().for_each(|end| net.address("lo", end, 32)));
    let mut command = Command::new(program);
    command.args(arguments).env_remove("LD_LIBRARY_PATH").env(variable, "1");
    let text = space.inside(|| good(&mut command));
    assert!(text.ends_with(": ok\n"), "{text}");
    assert_eq!(text.lines().count(), 1, "the library writes to nobody's stdout: {text}");
}

pub(crate) fn gone(program: PathBuf) {
    std::fs::remove_file(program).unwrap();
}

#[test]
fn two_switches_in_one_process_sync_to_each_other() {
    let program = build("nos.c", By::Shared, &[]);
    for calls in ["NOS_LOCKED", "NOS_OWN_THREAD", "NOS_NOS_THREAD"] {
        run(&program, &["pair", ENDS[0], ENDS[1]], calls);
    }
    run(&program, &["idle"], "NOS_LOCKED");
    // The figures of the documentation can be had.
    let times = good(Command::new(&program).arg("time").env_remove("LD_LIBRARY_PATH"));
    assert!(times.starts_with("started: ") && times.contains("\nanswered: "), "{times}");
    gone(program);
}

#[test]
fn the_examples_build_in_every_way_and_leak_nothing() {
    for by in [By::Shared, By::Static, By::PkgConfig, By::PkgConfigStatic] {
        let program = build("nos.c", by, SANITIZED);
        run(&program, &["pair", ENDS[0], ENDS[1]], "NOS_LOCKED");
        gone(program);
        let program = build("nos.cpp", by, SANITIZED);
        run(&program, &[], "NOS_LOCKED");
        gone(program);
    }
}

#[test]
fn a_switch_in_c_and_a_daemon_sync_to_each_other() {
    let bench = Bench::new();
    bench.learn(0, "10.16.2.1", 0x21);
    bench.learn(0, "10.16.2.2", 0x22);
    let mut daemon = bench.start(0, &line(0, 2048));
    let program = build("nos.c", By::PkgConfig, SANITIZED);
    let mut command = Command::new(&program);
    command.args(["peer", "10.1.0.4", "10.1.0.3", "2"]).env_remove("LD_LIBRARY_PATH");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut nos = bench.spaces[1].inside(|| command.spawn()).unwrap();
    let mut said = BufReader::new(nos.stdout.take().unwrap());
    let mut first = String::new();
    said.read_line(&mut first).unwrap();
    if first == "programmed\n" {
        await_hosts(&mut daemon, &[("10.16.1.1", 1), ("10.16.1.2", 2), ("10.16.1.3", 3)]);
    }
    // It goes when nobody writes to it any more.
    drop(nos.stdin.take());
    let (mut rest, mut errors) = (String::new(), String::new());
    said.read_to_string(&mut rest).unwrap();
    nos.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(
        nos.wait().unwrap().success() && first == "programmed\n",
        "{first}{rest}{errors}\n{}",
        daemon.log()
    );
    gone(program);
}

#[test]
fn valgrind_finds_neither_an_error_nor_a_leak() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "valgrind is not installed");
        return;
    }
    let program = build("nos.c", By::Shared, &[]);
    let mut command = Command::new("valgrind");
    command.args([
        "--quiet",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite,indirect",
        "--error-exitcode=9",
    ]);
    command.arg(&program).arg("idle").env_remove("LD_LIBRARY_PATH");
    let text = good(&mut command);
    assert!(text.ends_with(": ok\n"), "{text}");
    gone(program);
}
