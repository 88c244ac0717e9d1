//! What can stop a demo before its verdict.

use super::switch::SwitchError;
use crate::sai_path::SaiPathError;
use std::io;
use std::path::PathBuf;

/// Why there was no verdict.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// There is no library.
    #[error(transparent)]
    SaiPath(#[from] SaiPathError),
    /// A `--profile` that is not a profile line.
    #[error("--profile '{line}' is not KEY=VALUE, leaf-1:KEY=VALUE or leaf-2:KEY=VALUE")]
    Profile {
        /// As written.
        line: String,
    },
    /// Private namespaces cannot be had.
    #[error("{0}")]
    Namespaces(#[from] super::ns::NamespaceError),
    /// The kernel refused a part of the two switches' world.
    #[error("the kernel refused {what}: {source}{}", hint(source))]
    Kernel {
        /// What was asked of it.
        what: String,
        /// Its answer.
        source: io::Error,
    },
    /// The directory for the demo's files.
    #[error("cannot make the directory {}: {source}; name a writable place for it with TMPDIR", path.display())]
    Scratch {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of the demo's own.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// A switch.
    #[error(transparent)]
    Switch(#[from] SwitchError),
    /// The raw loop.
    #[error("the raw loop on the same library failed: {0}")]
    Raw(String),
    /// Something that had to happen did not.
    #[error("waited {seconds} s for {what}, in vain{state}")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// For how long.
        seconds: u64,
        /// What was there instead; begins with `: ` unless empty.
        state: String,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// Standard output broke.
    #[error("standard output: {0}")]
    Output(io::Error),
}

fn hint(source: &io::Error) -> &'static str {
    match source.raw_os_error() {
        Some(libc::EOPNOTSUPP) => " (is its module missing: veth, bridge?)",
        Some(libc::EPERM) => {
            " (inside its own namespaces: a security module restricts unprivileged user namespaces)"
        }
        Some(libc::EACCES) => " (is IPv6 disabled on this machine?)",
        Some(libc::ENOBUFS | libc::ENOMEM) => " (its memory or a table's limit is exhausted)",
        _ => "",
    }
}

/// Names what was asked of the kernel when it refuses.
pub(super) trait Asked<T> {
    /// Turns an I/O error into [`DemoError::Kernel`].
    fn asked(self, what: impl FnOnce() -> String) -> Result<T, DemoError>;
}

impl<T> Asked<T> for io::Result<T> {
    fn asked(self, what: impl FnOnce() -> String) -> Result<T, DemoError> {
        self.map_err(|source| DemoError::Kernel { what: what(), source })
    }
}
