//! Builds the C clients of this directory: the same body linked with `libsai.so` or opening it, plain or under
//! AddressSanitizer.
//!
//! Invariant: compiles with all warnings as errors; what a client reads about releases and attributes is generated
//! from the measured facts, not typed again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sai::facts::{self, CREATE, Kind, SET};
use sai_sys::releases::TABLES;

/// How the client gets at the library.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Binding {
    /// As a program that is linked with it.
    Linked,
    /// With dlopen, by path.
    Dlopened,
}

/// Which of the built libraries a client gets at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Built {
    /// The simulator as it is.
    Newest,
    /// The second build, which cannot say its release.
    As19,
}

impl Built {
    /// The library's name, as the linker takes it.
    fn name(self) -> &'static str {
        match self {
            Self::Newest => "sai",
            Self::As19 => "sai_1_9",
        }
    }

    /// Where cargo puts it: beside the test programs.
    pub(crate) fn path(self) -> PathBuf {
        let path = library_dir().join(format!("lib{}.so", self.name()));
        assert!(path.is_file(), "no {}", path.display());
        path
    }
}

/// The client, but for how it gets at the library.
const SOURCES: [&str; 9] = [
    "main.c",
    "client.c",
    "sonic_switch.c",
    "sonic_ports.c",
    "sonic_tables.c",
    "fboss.c",
    "fboss_configure.c",
    "fboss_state.c",
    "rules.c",
];

/// The directory of the built `libsai.so`: cargo puts it beside the test programs.
pub(crate) fn library_dir() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a path");
    let dir = program.parent().expect("a program is in a directory").to_owned();
    assert!(dir.join("libsai.so").is_file(), "no libsai.so in {}", dir.display());
    dir
}

/// An empty directory of this test's own.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).expect("removable");
    }
    fs::create_dir_all(&dir).expect("creatable");
    dir
}

/// The C compiler for the target that the tests run on.
pub(crate) fn compiler() -> Command {
    let mut build = cc::Build::new();
    build.target(env!("SAI_SIM_TARGET")).host(env!("SAI_SIM_TARGET")).opt_level(1);
    build.cargo_metadata(false).cargo_warnings(false).cargo_debug(false);
    build.get_compiler().to_command()
}

/// Where `#include <sai.h>` is found.
pub(crate) fn include_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sys/include")
}

/// Compiles the client into `dir`. The error is what the compiler said.
pub(crate) fn build(dir: &Path, binding: Binding, flags: &[&str]) -> Result<PathBuf, String> {
    build_for(Built::Newest, dir, binding, flags)
}

/// The same for another library.
pub(crate) fn build_for(
    built: Built,
    dir: &Path,
    binding: Binding,
    flags: &[&str],
) -> Result<PathBuf, String> {
    fs::write(dir.join("metadata.h"), metadata()).expect("writable");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sequences");
    let program = dir.join("client");
    let mut command = compiler();
    command
        .args(["-std=gnu11", "-g", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-D_GNU_SOURCE"])
        .args(flags);
    command.arg("-I").arg(include_dir()).arg("-I").arg(dir);
    command.args(SOURCES.map(|name| sources.join(name)));
    match binding {
        Binding::Linked => {
            let libraries = library_dir();
            command.arg(sources.join("linked.c")).arg("-L").arg(&libraries);
            command.arg(format!("-l{}", built.name()));
            command.arg(format!("-Wl,-rpath,{}", libraries.display()));
        }
        Binding::Dlopened => {
            command.arg(sources.join("dlopened.c")).arg("-ldl");
        }
    }
    let output = command.arg("-o").arg(&program).output().map_err(|e| e.to_string())?;
    if output.status.success() {
        return Ok(program);
    }
    let arguments: Vec<_> = command.get_args().collect();
    Err(format!("cc {arguments:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// The generated header: since which release each table has each member, and every attribute of every object.
fn metadata() -> String {
    let mut c = "/* Generated from the measured facts. */\n".to_owned();
    for table in TABLES {
        let name = table.name.trim_start_matches("sai_").trim_end_matches("_api_t");
        for member in table.members {
            let _ = writeln!(c, "#define SINCE_{name}_{} {}u", member.name, member.since.api_version());
        }
    }
    c += "enum kind { KIND_OTHER, KIND_OID, KIND_OIDS };\n";
    c += "static const struct { sai_object_type_t object; sai_attr_id_t id; enum kind kind; int given; } attributes[]\n";
    c += "    __attribute__((unused)) = {\n";
    for of in facts::ALL {
        for attr in of.attrs {
            let kind = match attr.kind {
                Kind::Oid => "KIND_OID",
                Kind::Oids => "KIND_OIDS",
                _ => "KIND_OTHER",
            };
            let given = u8::from(attr.flags & (CREATE | SET) != 0);
            let _ = writeln!(c, "    {{{}, {}, {kind}, {given}}},", of.object.0, attr.id);
        }
    }
    c + "};\n"
}

/// What a client said.
pub(crate) struct Said {
    /// Did it end well?
    pub(crate) success: bool,
    /// Both streams.
    pub(crate) text: String,
}

impl Said {
    /// The rows that it has done, by sequence.
    pub(crate) fn rows(&self) -> BTreeMap<String, Vec<u32>> {
        let mut rows: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for line in self.text.lines() {
            if let Some((sequence, row)) = line.strip_prefix("done ").and_then(|l| l.split_once(' ')) {
                rows.entry(sequence.to_owned()).or_default().push(row.parse().expect("a number"));
            }
        }
        rows
    }
}

/// Runs a client with these profile pairs.
pub(crate) fn run(program: &Path, sequence: &str, profile: &[String], env: &[(&str, &str)]) -> Said {
    run_with(Built::Newest, program, sequence, profile, env)
}

/// The same with another library.
pub(crate) fn run_with(
    built: Built,
    program: &Path,
    sequence: &str,
    profile: &[String],
    env: &[(&str, &str)],
) -> Said {
    let mut command = Command::new(program);
    command.arg(sequence).args(profile).env("LIBSAI", built.path());
    // Cargo points it at its own directories, where another build's library may lie.
    command.env_remove("LD_LIBRARY_PATH").envs(env.iter().copied());
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Said { success: output.status.success(), text: format!("{out}{err}") }
}
