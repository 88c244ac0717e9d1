//! Processes that must not outlive the one that started them.

use crate::failure::Failure;
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getppid};

/// Has the kernel end this process when the thread that started it ends.
///
/// `parent` is its process: if it is gone already, so are we.
pub(crate) fn die_with(parent: i32) -> Result<(), Failure> {
    let system = |source| Failure::System { what: "ask for the end of the parent", source };
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(|errno| system(errno.into()))?;
    if getppid() == Pid::from_raw(parent) {
        return Ok(());
    }
    Err(system(std::io::Error::new(std::io::ErrorKind::NotFound, "it has ended already")))
}
