//! Why a library cannot be used, and why a call did not give what it was asked.
//!
//! Invariant: every error names the call, and keeps the raw status where there was one.

use super::profile::ProfileError;
use super::status::Status;
use super::version::Version;
use std::path::PathBuf;
use thiserror::Error;

/// Why a SAI call did not give what it was asked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The library answered with a status.
    #[error("{call}: {status}{}", blamed(*attribute))]
    Status {
        /// The function.
        call: &'static str,
        /// Its answer.
        status: Status,
        /// The attribute that the status blames, where it blames one.
        attribute: Option<&'static str>,
    },
    /// The method table has no function there. It may have one later: some libraries fill their tables late.
    #[error("{call}: the library's method table holds NULL there now")]
    Absent {
        /// The function.
        call: &'static str,
    },
    /// The method table of the library's release is too short to have the function.
    #[error("{call}: not in the method table of SAI {library}, which is the library's release")]
    TooOld {
        /// The function.
        call: &'static str,
        /// The library's release.
        library: Version,
    },
    /// `sai_api_query` gave no method table.
    #[error("sai_api_query gave no {table}: {status}")]
    NoTable {
        /// The table's type.
        table: &'static str,
        /// The answer; SUCCESS when it succeeded and gave NULL.
        status: Status,
    },
    /// The library does not export a function that it should.
    #[error("{call}: the library does not export it")]
    NoSymbol {
        /// The function.
        call: &'static str,
    },
    /// SUCCESS, and yet what was promised with it is not there.
    #[error("{call} answered SUCCESS and {what}")]
    Inconsistent {
        /// The function.
        call: &'static str,
        /// What is missing.
        what: &'static str,
    },
}

impl Error {
    /// The status, where the library answered with one.
    pub fn status(&self) -> Option<Status> {
        match self {
            Error::Status { status, .. } | Error::NoTable { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The function is not there, or says that it does nothing.
    pub fn is_lacking(&self) -> bool {
        match self {
            Error::Status { status, .. } => status.is_lacking(),
            _ => true,
        }
    }
}

fn blamed(attribute: Option<&'static str>) -> String {
    attribute.map(|name| format!(", which is {name}")).unwrap_or_default()
}

/// Why a SAI library cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// The dynamic linker refused it.
    #[error("cannot load {}: {reason}", path.display())]
    Load {
        /// The path as given.
        path: PathBuf,
        /// The dynamic linker's words.
        reason: String,
    },
    /// A file, but not a SAI library.
    #[error("{library} is no SAI library: it does not export {symbol}")]
    NotSai {
        /// The library.
        library: String,
        /// What it should export.
        symbol: &'static str,
    },
    /// It says nothing of its release, and nobody said it for it.
    #[error(
        "{library} is older than SAI 1.10: it does not export sai_query_api_version, and this program knows the \
         layouts of SAI {} to {}; if it is SAI 1.9, say so with assume_api_version = 1.9",
        Version::OLDEST,
        Version::CURRENT
    )]
    NoVersion {
        /// The library.
        library: String,
    },
    /// Its release has other layouts or other attribute ids.
    #[error(
        "{library} is SAI {version}: this program knows the layouts of SAI {} to {}, attribute ids differ before that",
        Version::OLDEST,
        Version::CURRENT
    )]
    Unknown {
        /// The library.
        library: String,
        /// What it says of itself.
        version: Version,
    },
    /// The number that it gave is no release.
    #[error("{library} calls its release {raw}, which is no SAI version")]
    BadVersion {
        /// The library.
        library: String,
        /// What it says of itself.
        raw: u64,
    },
    /// A release was assumed that the library's exports contradict.
    #[error("{library} cannot be SAI {assumed}: from 1.10 on it would export sai_query_api_version")]
    BadAssumption {
        /// The library.
        library: String,
        /// What was assumed.
        assumed: Version,
    },
    /// A function that has to work at start did not.
    #[error("{library}: {call}: {status}")]
    Start {
        /// The library.
        library: String,
        /// The function.
        call: &'static str,
        /// Its answer.
        status: Status,
    },
    /// The library is in use in this process with another profile: it was initialised once, for all.
    #[error("{library} is in use in this process with another profile; they differ in {keys}")]
    OtherProfile {
        /// The library.
        library: String,
        /// The keys.
        keys: String,
    },
    /// Others in this process still use it.
    #[error("{library} is still in use in this process ({users} other handles)")]
    InUse {
        /// The library.
        library: String,
        /// How many.
        users: usize,
    },
    /// It was initialised by somebody else, who has to end it too.
    #[error("{library} was initialised by its owner, not by this program")]
    NotOurs {
        /// The library.
        library: String,
    },
    /// More libraries than one process can have profiles for.
    #[error("more than {limit} SAI libraries in one process")]
    TooMany {
        /// How many there can be.
        limit: usize,
    },
    /// The profile cannot be handed to C.
    #[error("the SAI profile: {0}")]
    Profile(#[from] ProfileError),
}
