//! A client that asks what clients that nobody here has seen may ask.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn library_dir() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

fn compile(name: &str, flags: &[&str]) -> PathBuf {
    let (dir, here) = (library_dir(), Path::new(env!("CARGO_MANIFEST_DIR")));
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let mut build = cc::Build::new();
    let compiler = build.cargo_metadata(false).target(&target).host(&target).opt_level(1).get_compiler();
    let mut command = compiler.to_command();
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-g"]).args(flags);
    for include in ["../sys/include", "include"] {
        command.arg("-I").arg(here.join(include));
    }
    command.arg(here.join("tests/c/foreign.c")).arg("-o").arg(&out).arg(dir.join("libsai.so"));
    let status = command.arg(format!("-Wl,-rpath,{}", dir.display())).status().unwrap();
    assert!(status.success(), "the client does not compile");
    out
}

#[test]
fn whatever_a_client_asks_it_is_answered() {
    for (name, flags) in [
        ("foreign", &[][..]),
        ("foreign-asan", &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]),
    ] {
        let dump = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.dump"));
        let program = compile(name, flags);
        // Cargo's own search path has other copies of the library in front.
        let output = Command::new(program).arg(&dump).env_remove("LD_LIBRARY_PATH").output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.ends_with("ok\n"), "{name}: {}\n{err}", output.status);
        assert!(!err.contains("panicked"), "{name}: {err}");
    }
}
