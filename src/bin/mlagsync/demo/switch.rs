//! One switch's daemon: `mlagsync run` as a process of its own, in its switch's network namespace.
//!
//! Invariant: it ends with the demo, whatever ends the demo; the kernel sees to that, not our good manners.

use super::error::DemoError;
use super::ns::Netns;
use super::patience::{LONG, Patience, Poll};
use mlagsync::node::view::{Counters, HostView, SessionView};
use mlagsync::run::ctl::protocol::AsicDump;
use mlagsync::run::ctl::protocol::HostQuery;
use mlagsync::run::ctl::{Client, ClientError, Reply, Request};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a daemon may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// What went wrong with a switch.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SwitchError {
    /// Its daemon could not be started.
    #[error("{name}: its daemon cannot be started: {source}")]
    Spawn {
        /// Which switch.
        name: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Its daemon ended by itself.
    #[error("{name}: its daemon ended with {status}: {last}")]
    Ended {
        /// Which switch.
        name: &'static str,
        /// How.
        status: ExitStatus,
        /// The last line that it wrote.
        last: String,
    },
    /// Its daemon could not be asked.
    #[error("{name}: {source}")]
    Client {
        /// Which switch.
        name: &'static str,
        /// Why not.
        source: ClientError,
    },
    /// Its daemon refused a question, or answered another one.
    #[error("{name}: its daemon answered: {text}")]
    Answer {
        /// Which switch.
        name: &'static str,
        /// What it said.
        text: String,
    },
}

/// A switch's files and, while it runs, its daemon.
pub(crate) struct Switch {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its control socket.
    pub(crate) control: PathBuf,
    /// Its platform file.
    pub(crate) config: PathBuf,
    log: PathBuf,
    running: Option<(Child, Client)>,
}

impl Switch {
    /// A switch whose files lie in `dir`, with this platform.
    pub(crate) fn new(name: &'static str, dir: &Path, platform: &str) -> Result<Switch, DemoError> {
        let file = |ending: &str| dir.join(format!("{name}.{ending}"));
        let switch =
            Switch { name, control: file("sock"), config: file("toml"), log: file("log"), running: None };
        let written = std::fs::write(&switch.config, platform);
        written.map_err(|source| DemoError::File { path: switch.config.clone(), source })?;
        Ok(switch)
    }

    /// Starts the daemon inside `ns` and waits until it answers.
    pub(crate) fn start(&mut self, ns: &Netns, patience: &Patience) -> Result<(), DemoError> {
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source| DemoError::File { path, source }
        };
        let log = File::options().create(true).append(true).open(&self.log).map_err(file(&self.log))?;
        let config = self.config.clone();
        let parent = std::process::id().to_string();
        let spawn = move || {
            // The program that runs now, even if another one has been installed in its place meanwhile.
            let mut command = Command::new("/proc/self/exe");
            command.arg0("mlagsync").arg("run").arg("--config").arg(config).args(["--die-with", &parent]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).process_group(0).spawn()
        };
        let name = self.name;
        let mut child = ns.run(spawn).map_err(|source| SwitchError::Spawn { name, source })?;
        let connected = patience.until(&format!("the daemon of {name} to answer"), LONG, || {
            if let Some(status) = child.try_wait().map_err(|source| SwitchError::Spawn { name, source })? {
                return Err(SwitchError::Ended { name, status, last: last_line(&self.log) }.into());
            }
            Ok(match Client::connect(&self.control) {
                Ok(client) => Poll::Ready(client),
                Err(_) => Poll::NotYet(String::new()),
            })
        });
        match connected {
            Ok(client) => {
                self.running = Some((child, client));
                Ok(())
            }
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    /// Asks the daemon.
    fn ask(&mut self, request: &Request) -> Result<Reply, SwitchError> {
        let name = self.name;
        let Some((child, client)) = &mut self.running else {
            return Err(SwitchError::Answer { name, text: "it does not run".to_owned() });
        };
        let answer = client.ask(request);
        if let Err(error) = &answer
            && let Some(status) = ended(child, error)
        {
            return Err(SwitchError::Ended { name, status, last: last_line(&self.log) });
        }
        match answer.map_err(|source| SwitchError::Client { name, source })? {
            Reply::Error { text } => Err(SwitchError::Answer { name, text }),
            reply => Ok(reply),
        }
    }

    fn other(&self, reply: &Reply) -> SwitchError {
        SwitchError::Answer {
            name: self.name,
            text: format!("something else: {reply:?}").chars().take(200).collect(),
        }
    }

    /// The channel.
    pub(crate) fn session(&mut self) -> Result<SessionView, SwitchError> {
        match self.ask(&Request::ShowSession)? {
            Reply::Session(view) => Ok(view),
            other => Err(self.other(&other)),
        }
    }

    /// Its counts.
    pub(crate) fn counters(&mut self) -> Result<Counters, SwitchError> {
        match self.ask(&Request::ShowCounters)? {
            Reply::Counters(counters) => Ok(counters),
            other => Err(self.other(&other)),
        }
    }

    /// What its ASIC holds, read through SAI now.
    pub(crate) fn asic(&mut self) -> Result<AsicDump, SwitchError> {
        match self.ask(&Request::DumpAsic)? {
            Reply::Asic(dump) => Ok(dump),
            other => Err(self.other(&other)),
        }
    }

    /// The row of its host table for an address.
    pub(crate) fn host(&mut self, ip: IpAddr) -> Result<Option<HostView>, SwitchError> {
        let mut query = HostQuery { ip: Some(ip), ..HostQuery::default() };
        loop {
            let page = match self.ask(&Request::ShowHosts(query.clone()))? {
                Reply::Hosts(page) => page,
                other => return Err(self.other(&other)),
            };
            if let Some(row) = page.rows.into_iter().next() {
                return Ok(Some(row));
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(None),
            }
        }
    }

    /// Kills the daemon as a crash does: it cannot say goodbye.
    pub(crate) fn crash(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            end(&mut child);
        }
    }

    /// Has the daemon say goodbye and end.
    pub(crate) fn stop(&mut self, patience: &Patience) {
        let Some((mut child, _)) = self.running.take() else { return };
        let pid = Pid::from_raw(child.id().cast_signed());
        let asked = kill(pid, Signal::SIGTERM).is_ok();
        let ended = patience.until("its end", GOODBYE, || {
            let ended = child.try_wait().map_err(|source| SwitchError::Spawn { name: self.name, source })?;
            Ok(ended.map_or(Poll::NotYet(String::new()), Poll::Ready))
        });
        if !asked || ended.is_err() {
            end(&mut child);
        }
    }
}

/// The last line of a process's log, without our own name in front of it.
pub(super) fn last_line(log: &Path) -> String {
    let log = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&log);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or("it wrote nothing").trim_start_matches("mlagsync: ").chars().take(500).collect()
}

impl Drop for Switch {
    fn drop(&mut self) {
        self.crash();
    }
}

/// How a daemon ended, if that is why it did not answer. A connection that breaks is the first that is seen of a
/// process's end, which itself follows a moment later.
fn ended(child: &mut Child, error: &ClientError) -> Option<ExitStatus> {
    let broke = match error {
        ClientError::Closed => true,
        ClientError::Io(_) => true,
        ClientError::Connect { .. } | ClientError::Late { .. } | ClientError::Reply(_) => false,
    };
    let deadline = Instant::now() + if broke { GOODBYE } else { Duration::ZERO };
    loop {
        let status = child.try_wait().ok().flatten();
        if status.is_some() || Instant::now() >= deadline {
            return status;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Kills a process and reaps it.
fn end(child: &mut Child) {
    // Either may find it gone already, which is what is wanted.
    let _ = child.kill();
    let _ = child.wait();
}
