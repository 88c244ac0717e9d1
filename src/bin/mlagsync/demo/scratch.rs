//! The demo's one directory, and the process that removes it.
//!
//! The remover waits at the end of a pipe whose other end only the demo holds. However the demo ends, orderly, by
//! Ctrl-C or by SIGKILL, the kernel closes that end, and the directory goes. It is in a process group of its own, so
//! that what a terminal sends to the demo does not reach it.

use super::error::DemoError;
use crate::failure::Failure;
use nix::sys::signal::SigSet;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How the directory's name begins.
const PREFIX: &str = "mlagsync-demo-";
/// The longest path that a socket in it may have (`sun_path` and its NUL), less the socket's own name.
const PATH_MAX: usize = 107 - "/leaf-1.sock".len();

/// A private directory that goes when this value or this process goes.
pub(crate) struct Scratch {
    path: PathBuf,
    remover: Child,
}

impl Scratch {
    /// Makes it.
    pub(crate) fn new() -> Result<Scratch, DemoError> {
        let name = format!("{PREFIX}{}", std::process::id());
        let mut parent = std::env::temp_dir();
        if parent.join(&name).as_os_str().as_bytes().len() > PATH_MAX {
            parent = PathBuf::from("/tmp");
        }
        let (path, remover) = make(&parent.join(name))?;
        Ok(Scratch { path, remover })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the directory, under another name when something of that name is there already, and its remover.
fn make(wanted: &Path) -> Result<(PathBuf, Child), DemoError> {
    let mut number = 0;
    loop {
        let path = if number == 0 { wanted.to_owned() } else { wanted.with_extension(number.to_string()) };
        match std::fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => break remover(&path).map(|child| (path, child)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
            Err(source) => return Err(DemoError::Scratch { path, source }),
        }
    }
}

fn remover(path: &Path) -> Result<Child, DemoError> {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("mlagsync").arg("_clean").arg(path).process_group(0);
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    spawned.map_err(|source| {
        // Empty still: nobody knew of it.
        let _ = std::fs::remove_dir(path);
        DemoError::File { path: path.to_owned(), source }
    })
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.remover.stdin.take());
        if self.remover.wait().is_err() {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// The remover: waits for the end of standard input, then removes the directory.
pub(crate) fn sweep(dir: &Path) -> Result<(), Failure> {
    let named = dir.file_name().is_some_and(|name| name.as_bytes().starts_with(PREFIX.as_bytes()));
    let failed = |source| Failure::File { path: dir.to_owned(), source };
    if !named {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a demo's directory")));
    }
    SigSet::all().thread_block().map_err(|errno| failed(errno.into()))?;
    // An error is an end, too.
    let _ = io::stdin().read_to_end(&mut Vec::new());
    match std::fs::remove_dir_all(dir) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(source)),
        _ => Ok(()),
    }
}
