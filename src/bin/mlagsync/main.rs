//! The program: one switch's daemon, a look into it, and a demonstration of two.
//!
//! ```text
//! args ─► main ─┬─ run ──────── platform_file, sai_path ─► mlagsync::run::Daemon
//!               ├─ show, why, verify, configure, sweep, … ─── control ─► a daemon's control socket
//!               ├─ demo ─────── namespaces, two `run` processes, the comparison, the report
//!               └─ pages ────── completions, manual
//! ```
//!
//! Invariant: no unsafe; no protocol, no table and no SAI call is written here, only the library's are used.
#![forbid(unsafe_code)]

mod args;
mod configure;
mod control;
mod demo;
mod failure;
mod operate;
mod pages;
mod parent;
mod platform_file;
mod ports;
mod raw;
mod run;
mod sai_path;
mod show;
mod stdio;
mod table;
mod verify;
mod why;

use args::{Cli, Command};
use clap::Parser;
use failure::{Failure, NO};
use std::process::ExitCode;
use stdio::Out;

fn main() -> ExitCode {
    // Before the words are looked at: clap prints help and version itself, and must still have the real descriptor.
    let cli = Cli::parse();
    let out = Out::take().map_err(|source| Failure::System { what: "put standard output aside", source });
    match out.and_then(|mut out| dispatch(cli.command, &mut out)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NO),
        Err(failure) => failure.report(),
    }
}

/// Does what was asked; false when the answer is no.
fn dispatch(command: Command, out: &mut Out) -> Result<bool, Failure> {
    let done = |()| true;
    match command {
        Command::Run(args) => run::run(&args).map(done),
        Command::Show(args) => show::show(&args, out).map(done),
        Command::Configure(args) => configure::configure(&args, out).map(done),
        Command::Sweep(args) => operate::sweep(&args, out).map(done),
        Command::Resync(args) => operate::resync(&args, out).map(done),
        Command::Port(args) => ports::port(&args, out).map(done),
        Command::Fdb(args) => ports::fdb(&args, out).map(done),
        Command::Why(args) => why::why(&args, out),
        Command::Verify(args) => verify::verify(&args, out),
        Command::Demo(args) => Ok(demo::demo(&args, out)?),
        Command::Completions { shell } => pages::completions(shell, out).map(done),
        Command::Man { dir: Some(dir), .. } => pages::man_to(&dir).map(done),
        Command::Man { page, dir: None } => pages::man(page.as_deref(), out).map(done),
        Command::SweepDir { dir } => demo::sweep(&dir).map(done),
        Command::Raw(args) => raw::raw(&args, out).map(done),
    }
}
