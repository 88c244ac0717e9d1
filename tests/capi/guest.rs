//! A good guest in somebody else's process, looked at from C: guest.c is a NOS that watches its own process.

use crate::common::netns::Netns;
use crate::examples::{By, ENDS, compile, gone};
use crate::rig::root;
use std::path::Path;
use std::process::Command;

/// The functions of the example that are not used are no fault.
const FLAGS: &[&str] = &["-Wno-unused-function", "-D_GNU_SOURCE"];

/// Runs it: neither the library nor the program writes anything when all is well, but for what the program finds.
fn quiet(program: &Path, arguments: &[&str]) {
    let space = Netns::new();
    space.run(|net| ENDS.iter().for_each(|end| net.address("lo", end, 32)));
    let mut command = Command::new(program);
    command.args(arguments).env_remove("LD_LIBRARY_PATH").env("NOS_LOCKED", "1").env("NOS_ALL", "1");
    let output = space.inside(|| command.output().unwrap());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {out}{err}", output.status);
    assert_eq!((&*out, &*err), ("", ""), "somebody wrote to a stream that is not its own");
}

/// Signals, threads by name and number, streams, environment, exits: with each kind of library.
#[test]
fn it_leaves_the_programs_process_alone() {
    for by in [By::Shared, By::Static] {
        let program = compile(&root().join("tests/capi/guest.c"), by, FLAGS);
        quiet(&program, &["pair", ENDS[0], ENDS[1]]);
        gone(program);
    }
}

/// The bound that the header states, and who is left.
#[test]
fn it_is_stopped_in_time_while_sai_hangs() {
    let program = compile(&root().join("tests/capi/guest.c"), By::Shared, FLAGS);
    quiet(&program, &["hang"]);
    gone(program);
}

/// One hook, in one place: whatever is started how often, no hook is put on top of another one of ours.
#[test]
fn there_is_one_panic_hook_and_no_signal_handler_in_the_sources() {
    let mut found = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // The program's own are its own.
            if path.is_dir() {
                if !path.ends_with("src/bin") {
                    open.push(path);
                }
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]\nmod tests").next().unwrap();
            for word in [
                "set_hook(",
                "sigaction(",
                "signal_hook",
                "set_global_default(",
                "process::exit(",
                "process::abort(",
            ] {
                let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                let times = lines.filter(|line| line.contains(word)).count();
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.extend((0..times).map(|_| format!("{name} {word}")));
            }
        }
    }
    assert_eq!(found, ["src/run/thread.rs set_hook("]);
}
