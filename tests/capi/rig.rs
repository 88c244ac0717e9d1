//! Compilers, the install tree, and programs made with both.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, OnceLock};
use tempfile::TempDir;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs it and holds that it succeeds; answers what it printed.
#[track_caller]
pub(crate) fn good(command: &mut Command) -> String {
    let output = output(command);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
    out.into_owned()
}

#[track_caller]
pub(crate) fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"))
}

/// Where this test's cargo builds.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// `make` with the recipe, as a person would call it; not as a part of some other make.
pub(crate) fn make(arguments: &[&str]) -> Command {
    let mut make = Command::new("make");
    make.current_dir(root()).args(["-s", "PROFILE=dev"]).args(arguments);
    make.arg(format!("CARGO_TARGET_DIR={}", target().display())).arg(format!("CARGO={}", env!("CARGO")));
    for name in
        ["MAKEFLAGS", "MAKELEVEL", "MFLAGS", "DESTDIR", "PREFIX", "LD_LIBRARY_PATH", "CARGO_TARGET_DIR"]
    {
        make.env_remove(name);
    }
    make.env("CARGO_TARGET_DIR", target());
    make
}

/// Runs it while no other one runs: they build in the same directory.
pub(crate) fn alone(make: &mut Command) -> Output {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    output(make)
}

/// What `make install` makes, once for all tests.
pub(crate) struct Tree {
    dir: TempDir,
}

impl Tree {
    /// The directory that stands for `/`.
    pub(crate) fn destdir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn lib(&self) -> PathBuf {
        self.destdir().join("opt/mlagsync/lib")
    }

    pub(crate) fn include(&self) -> PathBuf {
        self.destdir().join("opt/mlagsync/include")
    }

    /// `pkg-config` for a tree that is not in its place.
    pub(crate) fn pkg_config(&self, arguments: &[&str]) -> Vec<String> {
        let mut command = Command::new("pkg-config");
        command.args(arguments).arg("mlagsync");
        command.env("PKG_CONFIG_PATH", self.lib().join("pkgconfig"));
        command.env("PKG_CONFIG_SYSROOT_DIR", self.destdir());
        good(&mut command).split_whitespace().map(str::to_owned).collect()
    }
}

pub(crate) fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let destdir = format!("DESTDIR={}", dir.path().display());
        let made = alone(&mut make(&["install", &destdir, "PREFIX=/opt/mlagsync"]));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Tree { dir }
    })
}

/// A C or C++ compiler with every warning an error.
pub(crate) fn compiler(cpp: bool, standard: &str) -> Command {
    let mut cc = Command::new(if cpp { "c++" } else { "cc" });
    cc.arg(format!("-std={standard}")).args(["-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
    cc
}
