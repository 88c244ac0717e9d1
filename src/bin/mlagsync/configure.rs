//! `configure`: command lines for a running daemon, all or none.

use crate::args::ConfigureArgs;
use crate::control::{ask, connect};
use crate::failure::Failure;
use crate::stdio::Out;
use mlagsync::run::ctl::protocol::ConfigureQuery;
use mlagsync::run::ctl::{Reply, Request};
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

/// No configuration is longer; a device node given by mistake is.
const LONGEST: u64 = 1024 * 1024;

/// Reads the lines, has them committed, and shows what is in force then.
pub(crate) fn configure(args: &ConfigureArgs, out: &mut Out) -> Result<(), Failure> {
    let mut client = connect(args.to.control.as_deref())?;
    let lines = match args.lines.is_empty() {
        true => read(&args.file)?,
        false => args.lines.join("\n"),
    };
    let query = ConfigureQuery { lines, check: args.check, expect: None };
    match ask(&mut client, &Request::Configure(query))? {
        Reply::Configured(configured) if args.to.json => Ok(out.json(&configured)?),
        Reply::Configured(configured) => {
            let what = match (configured.applied, configured.changed) {
                (true, _) => "committed",
                (false, true) => "right, and not committed",
                (false, false) => "nothing changed",
            };
            writeln!(out, "{what}\n{}", configured.dfs_group.trim_end())?;
            Ok(out.flush()?)
        }
        Reply::Refused { faults } if args.to.json => {
            out.json(&faults)?;
            Err(Failure::LinesRefused { faults })
        }
        Reply::Refused { faults } => Err(Failure::LinesRefused { faults }),
        _ => Err(Failure::WrongReply),
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let wrong = |source| Failure::File { path: path.to_owned(), source };
    let mut text = String::new();
    let stdin = path.as_os_str() == "-";
    if stdin && io::stdin().is_terminal() {
        let _ = writeln!(io::stderr(), "mlagsync: type command lines, and Ctrl-D at the end");
    }
    let source: &mut dyn Read = match stdin {
        true => &mut io::stdin(),
        false => &mut File::open(path).map_err(wrong)?,
    };
    match source.take(LONGEST + 1).read_to_string(&mut text).map_err(wrong)? as u64 {
        0..=LONGEST => Ok(text),
        _ => Err(wrong(io::Error::new(io::ErrorKind::FileTooLarge, "too long to be a configuration"))),
    }
}
