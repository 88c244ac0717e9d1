//! How the program ends when it could not do what it was asked: one line on standard error, and a status.

use crate::demo::DemoError;
use crate::platform_file::PlatformFileError;
use crate::sai_path::SaiPathError;
use mlagsync::config::{Diagnostic, UnknownName};
use mlagsync::run::StartError;
use mlagsync::run::ctl::ClientError;
use mlagsync::run::ctl::protocol::Fault;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// The answer is no: differences were found, a demo's verdict is bad.
pub(crate) const NO: u8 = 1;
/// It could not be done.
pub(crate) const COULD_NOT: u8 = 2;
/// What a shell sees of a program that SIGPIPE ended: the reader of our output went away, and nobody minds.
const BROKEN_PIPE: u8 = 141;
/// What a shell sees of a program that SIGINT ended.
const INTERRUPTED: u8 = 130;

/// Why the program could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The platform file.
    #[error(transparent)]
    PlatformFile(#[from] PlatformFileError),
    /// The platform file names a model or a forwarding mode that nobody knows.
    #[error("{}: {source}", path.display())]
    Model {
        /// The platform file.
        path: PathBuf,
        /// The name, and the known ones.
        source: UnknownName,
    },
    /// Lines of the DFS-group view are refused.
    #[error(
        "{}: the command lines in dfs-group are refused\n{}",
        path.display(),
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    )]
    CommandLines {
        /// The platform file.
        path: PathBuf,
        /// What is wrong, each with its line.
        faults: Vec<Diagnostic>,
    },
    /// The daemon refused command lines.
    #[error("refused, and nothing is changed\n{}", faults.iter().map(|f| f.text.as_str()).collect::<Vec<_>>().join("\n"))]
    LinesRefused {
        /// What is wrong, each with its line.
        faults: Vec<Fault>,
    },
    /// The daemon did not start.
    #[error("{source}{}", start_hint(source))]
    Start {
        /// Why.
        #[from]
        source: StartError,
    },
    /// A thread of the daemon's ended by itself.
    #[error("thread {thread}: {error}")]
    ThreadEnded {
        /// Which.
        thread: &'static str,
        /// Why.
        error: String,
    },
    /// The SAI library.
    #[error(transparent)]
    SaiPath(#[from] SaiPathError),
    /// No daemon answers.
    #[error("{source}{}", control_hint(source))]
    Client {
        /// What was tried.
        #[from]
        source: ClientError,
    },
    /// The daemon refused the question.
    #[error("the daemon says: {0}")]
    Refused(String),
    /// A word of the command line is none of those that it can be.
    #[error("--{option} '{word}': {why}")]
    Word {
        /// Which option.
        option: &'static str,
        /// The word.
        word: String,
        /// What it should be.
        why: String,
    },
    /// The daemon answered another question.
    #[error("the daemon's answer is not one to this question: is it of another release?")]
    WrongReply,
    /// The demo.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// There is no such manual page.
    #[error("there is no manual page '{asked}'; there are {there}")]
    NoPage {
        /// The page asked for.
        asked: String,
        /// Those that exist.
        there: String,
    },
    /// A file could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The system refused something every run needs.
    #[error("cannot {what}: {source}")]
    System {
        /// What.
        what: &'static str,
        /// Its words.
        source: io::Error,
    },
    /// The raw loop.
    #[error("{0}")]
    Raw(#[from] crate::raw::RawError),
    /// Standard output.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
}

fn start_hint(error: &StartError) -> &'static str {
    match error {
        StartError::Control { .. } => "; name another with control in the platform file, or --control PATH",
        _ => "",
    }
}

fn control_hint(error: &ClientError) -> &'static str {
    match error {
        ClientError::Connect { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            "; the daemon answers its own user and root, and others only where its platform file has monitors"
        }
        ClientError::Connect { .. } => "; is it running? Name its control socket with --control PATH",
        _ => "",
    }
}

impl Failure {
    /// Says it, unless nobody is to be told, and answers the status to end with.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Failure::Output(error) | Failure::Demo(DemoError::Output(error))
                if error.kind() == io::ErrorKind::BrokenPipe =>
            {
                ExitCode::from(BROKEN_PIPE)
            }
            _ => {
                // A daemon whose standard error is gone has nobody left to tell.
                let _ = io::Write::write_all(&mut io::stderr(), format!("mlagsync: {self}\n").as_bytes());
                ExitCode::from(match self {
                    Failure::Demo(DemoError::Interrupted) => INTERRUPTED,
                    Failure::Demo(DemoError::TimedOut { .. }) => NO,
                    _ => COULD_NOT,
                })
            }
        }
    }
}
