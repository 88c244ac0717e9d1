//! The program under test as people run it: its processes, their output, and waiting for what they do.
#![allow(dead_code, missing_docs, unreachable_pub)]

use super::netns::Netns;
use serde_json::Value;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program that cargo built for this test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_mlagsync"))
}

/// The simulator that cargo built beside it.
pub fn simulator() -> PathBuf {
    program().parent().expect("a file is in a directory").join("deps/libsai.so")
}

/// Runs it to its end.
pub fn mlagsync(args: &[&str]) -> Output {
    Command::new(program()).args(args).stdin(Stdio::null()).output().expect("the program starts")
}

/// What a process wrote to a stream.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8")
}

/// Holds that it failed with this status, one line on standard error and nothing on standard output; answers the line.
pub fn refusal(output: &Output, status: i32) -> String {
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{error}");
    assert_eq!(text(&output.stdout), "", "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(!error.contains("panicked") && !error.contains("backtrace"), "{error}");
    error
}

/// Asks `poll` until it answers, for as long as a loaded machine may take.
pub fn until<T>(what: &str, mut poll: impl FnMut() -> Result<T, String>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match poll() {
            Ok(answer) => return answer,
            Err(state) if Instant::now() > end => panic!("waited in vain for {what}: {state}"),
            Err(_) => std::thread::park_timeout(Duration::from_millis(10)),
        }
    }
}

/// A daemon in a network namespace; killed when dropped.
pub struct Daemon {
    child: Child,
    control: PathBuf,
    log: PathBuf,
}

impl Daemon {
    /// Starts `mlagsync run` with this platform file, and does not wait for anything.
    pub fn start(ns: &Netns, dir: &Path, name: &str, platform: &str) -> Daemon {
        let [config, control, log] = ["toml", "sock", "log"].map(|end| dir.join(format!("{name}.{end}")));
        let mut file = File::create(&config).expect("a temporary directory is writable");
        file.write_all(platform.as_bytes()).expect("a temporary directory is writable");
        let errors = File::options().create(true).append(true).open(&log).expect("as above");
        let mut command = Command::new(program());
        command.arg("run").arg("--config").arg(&config).arg("--control").arg(&control);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
        let child = ns.inside(move || command.spawn()).expect("the program starts");
        Daemon { child, control, log }
    }

    /// What `show WHAT --json` prints, once the daemon answers at all.
    pub fn show(&mut self, what: &str) -> Value {
        let control = self.control.to_str().expect("UTF-8").to_owned();
        until(&format!("an answer to show {what}"), || {
            if let Some(status) = self.child.try_wait().expect("our child") {
                panic!("the daemon ended with {status}: {}", self.log());
            }
            let output = mlagsync(&["show", what, "--json", "--control", &control]);
            match output.status.success() {
                true => Ok(serde_json::from_slice(&output.stdout).expect("one JSON document")),
                false => Err(text(&output.stderr)),
            }
        })
    }

    /// Runs a subcommand against this daemon.
    pub fn ask(&self, args: &[&str]) -> Output {
        let control = self.control.to_str().expect("UTF-8");
        mlagsync(&[args, &["--control", control]].concat())
    }

    /// Waits until `show WHAT` is as it should be, and answers it.
    pub fn await_shown(&mut self, what: &str, good: impl Fn(&Value) -> bool) -> Value {
        until(&format!("show {what}"), || {
            let shown = self.show(what);
            if good(&shown) {
                Ok(shown)
            } else {
                Err(format!("{:.3000}; log: {}", shown.to_string(), self.log()))
            }
        })
    }

    /// The reason that `show session` names, once it names this one.
    pub fn await_reason(&mut self, reason: &str) -> Value {
        let shown =
            self.await_shown("session", |shown| shown["up"] == false && shown["reason"]["reason"] == reason);
        shown["reason"].clone()
    }

    /// Memory of its own that is in RAM now, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("Linux tells it");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Stops it, as a debugger or a virtual machine's pause does; [`Daemon::thaw`] lets it go on.
    pub fn freeze(&self) {
        self.signal(nix::sys::signal::Signal::SIGSTOP);
    }

    pub fn thaw(&self) {
        self.signal(nix::sys::signal::Signal::SIGCONT);
    }

    fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(self.child.id() as i32);
        nix::sys::signal::kill(pid, signal).expect("it runs");
    }

    /// Kills it as a crash does.
    pub fn crash(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it was killed");
    }

    /// Sends SIGTERM and waits for its end.
    pub fn stop(mut self) -> std::process::ExitStatus {
        self.signal(nix::sys::signal::Signal::SIGTERM);
        until("the daemon's end", || self.child.try_wait().expect("our child").ok_or(self.log()))
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().expect("our child")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
