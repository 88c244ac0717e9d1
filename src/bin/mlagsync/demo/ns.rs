//! Private namespaces: nameless, held by this process alone, gone with it.
//!
//! ```text
//! demo ──unshare──► (user namespace, unless root may do without)
//!   ├─ thread "leaf-1" ──unshare──► network namespace ──spawns──► daemon of leaf-1
//!   ├─ thread "leaf-2" …
//!   └─ threads of the hosts …
//! ```
//!
//! Invariant: nothing is written to /run/netns or anywhere else; no process is forked to hold a namespace.

use crossbeam_channel::{Sender, bounded};
use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use std::fs;
use std::fs::File;
use std::io;
use std::thread::JoinHandle;

/// Why private namespaces cannot be had, and what would have to change.
#[derive(Debug, thiserror::Error)]
#[error("private network namespaces are needed and not to be had: {what} ({errno}); {remedy}")]
pub(crate) struct NamespaceError {
    what: String,
    errno: Errno,
    remedy: &'static str,
}

/// Gives this process the right to make network namespaces: root has it, others get it in a user namespace of their
/// own, where they are root. Must come before the first thread.
pub(crate) fn become_able() -> Result<(), NamespaceError> {
    let (user, group) = (nix::unistd::geteuid(), nix::unistd::getegid());
    // Root may still be without CAP_SYS_ADMIN, in a container; only trying tells.
    let without = match user.is_root() {
        true => unshare(CloneFlags::CLONE_NEWNET).err(),
        false => Some(Errno::EPERM),
    };
    let Some(errno) = without else { return Ok(()) };
    if errno != Errno::EPERM {
        return Err(refused("unshare(CLONE_NEWNET)", errno));
    }
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|errno| refused("unshare(CLONE_NEWUSER)", errno))?;
    let maps = [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("0 {user} 1")),
        ("gid_map", format!("0 {group} 1")),
    ];
    for (file, line) in maps {
        let written = fs::write(format!("/proc/self/{file}"), line);
        written.map_err(|error| refused(&format!("writing /proc/self/{file}"), errno_of(&error)))?;
    }
    unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| refused("unshare(CLONE_NEWNET) in it", errno))
}

fn errno_of(error: &io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw)
}

/// Says which of the known obstacles stands here.
fn refused(what: &str, errno: Errno) -> NamespaceError {
    let setting = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let is = |path: &str, value: &str| setting(path).as_deref() == Some(value);
    let filtered = || {
        let status = setting("/proc/self/status").unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("Seccomp:").is_some_and(|mode| mode.trim() == "2"))
    };
    let remedy = if is("/proc/sys/user/max_user_namespaces", "0") {
        "user namespaces are switched off: set sysctl user.max_user_namespaces, or run it as root"
    } else if is("/proc/sys/user/max_net_namespaces", "0") {
        "network namespaces are switched off: set sysctl user.max_net_namespaces"
    } else if is("/proc/sys/kernel/unprivileged_userns_clone", "0") {
        "set sysctl kernel.unprivileged_userns_clone=1, or run it as root"
    } else if is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1") {
        "AppArmor restricts them: set sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run it as root"
    } else if errno == Errno::ENOSPC {
        "the limit of namespaces is reached: see sysctl user.max_user_namespaces and user.max_net_namespaces"
    } else if errno == Errno::EINVAL {
        "the kernel was built without them (CONFIG_USER_NS, CONFIG_NET_NS)"
    } else if filtered() {
        "a seccomp filter, probably the container's, forbids it: run the container with CAP_SYS_ADMIN and CAP_NET_ADMIN"
    } else {
        "run it as root, or where unprivileged user namespaces are allowed"
    };
    NamespaceError { what: format!("{what} was refused"), errno, remedy }
}

type Job = Box<dyn FnOnce() + Send>;

/// A network namespace, and the thread that lives in it.
///
/// The thread lives as long as this value: processes that it spawned with a parent-death signal end when it does.
pub(crate) struct Netns {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    handle: File,
}

impl Netns {
    /// Makes a namespace and its thread.
    pub(crate) fn new(name: &str) -> Result<Netns, NamespaceError> {
        let (ready, made) = bounded(1);
        let (jobs, inbox) = bounded::<Job>(0);
        let body = move || {
            let entered = unshare(CloneFlags::CLONE_NEWNET);
            let opened = entered
                .and_then(|()| File::open("/proc/thread-self/ns/net").map_err(|error| errno_of(&error)));
            // Whoever asked is waiting; if not, there is nothing to do here.
            let _ = ready.send(opened);
            inbox.into_iter().for_each(|job| job());
        };
        let refused = |errno| refused("unshare(CLONE_NEWNET)", errno);
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(body)
            .map_err(|e| refused(errno_of(&e)))?;
        let handle = made.recv().unwrap_or(Err(Errno::ECHILD)).map_err(refused)?;
        Ok(Netns { jobs: Some(jobs), thread: Some(thread), handle })
    }

    /// Runs `work` inside and waits for it. Sockets opened and processes spawned by it stay inside.
    pub(crate) fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (done, result) = bounded(1);
        let job: Job = Box::new(move || {
            let _ = done.send(work());
        });
        let jobs = self.jobs.as_ref().expect("taken in drop only");
        jobs.send(job).expect("the thread serves until drop");
        result.recv().expect("the job sends its result or panics, and a panic here is ours to pass on")
    }

    /// The namespace itself, for `IFLA_NET_NS_FD`.
    pub(crate) fn handle(&self) -> &File {
        &self.handle
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // It panicked or it ended: either way it is gone.
            let _ = thread.join();
        }
    }
}
