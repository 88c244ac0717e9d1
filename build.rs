//! Version constants, and with the program its man pages and completions, generated from the program's own argument
//! tree so that they cannot disagree with it. Calls git only to name the commit, and does without.

use std::path::Path;
use std::process::Command;

#[cfg(feature = "cli")]
#[allow(dead_code, unreachable_pub)]
#[path = "src/bin/mlagsync/args.rs"]
mod args;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = version();
    println!("cargo::rustc-env=MLAGSYNC_VERSION={version}");
    println!("cargo::rustc-env=MLAGSYNC_TARGET={}", std::env::var("TARGET").unwrap_or_default());
    #[cfg(feature = "cli")]
    pages::generate(&version);
}

/// `0.1.0`, or `0.1.0 (0123abcd4567)` in a checkout.
fn version() -> String {
    let package = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    // A copy unpacked inside somebody else's checkout must not carry that checkout's commit.
    let ours = git(&["rev-parse", "--show-toplevel"]).is_some_and(|top| Path::new(&top) == Path::new(&here));
    if !ours {
        return package;
    }
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    match git(&["rev-parse", "--short=12", "HEAD"]) {
        Some(commit) => format!("{package} ({commit})"),
        None => package,
    }
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(feature = "cli")]
mod pages {
    use crate::args;
    use clap::CommandFactory;
    use clap_complete::Shell;
    use std::fmt::Write;
    use std::path::PathBuf;

    /// Writes completions and man pages to `OUT_DIR`, and `pages.rs`, the list of them, for the program to include.
    pub(super) fn generate(version: &str) {
        println!("cargo::rerun-if-changed=src/bin/mlagsync/args.rs");
        let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
        // clap wants 'static; the process ends right after.
        let version: &'static str = String::leak(version.to_owned());
        // What is hidden from people is hidden from their completions too: clap_complete offers it otherwise.
        let mut visible = clap::Command::new("mlagsync").version(version);
        let tree = args::Cli::command();
        if let Some(about) = tree.get_about() {
            visible = visible.about(about.clone());
        }
        if let Some(after) = tree.get_after_help() {
            visible = visible.after_help(after.clone());
        }
        for sub in tree.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            visible = visible.subcommand(sub.clone());
        }
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut file = Vec::new();
            clap_complete::generate(shell, &mut visible.clone(), "mlagsync", &mut file);
            std::fs::write(out.join(format!("completions.{shell}")), file).expect("OUT_DIR is writable");
        }
        let pages = out.join("man");
        std::fs::create_dir_all(&pages).expect("OUT_DIR is writable");
        clap_mangen::generate_to(visible.disable_help_subcommand(true), &pages).expect("OUT_DIR is writable");
        let mut names: Vec<String> = std::fs::read_dir(&pages)
            .expect("just created")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort();
        let mut list = String::from("&[\n");
        for name in names {
            let path = pages.join(&name);
            writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("writing to a string");
        }
        list.push(']');
        std::fs::write(out.join("man_pages.rs"), list).expect("OUT_DIR is writable");
    }
}
