//! What the NOS may ask: snapshots from the core, the command lines, and the ASIC read back.

use super::handle::Mlagsync;
use crate::limits;
use crate::node::view::{
    AdmissionView, Counters, HistoryView, HostView, NeighborView, Page, SessionView, WhyView,
};
use crate::run::core::Question;
use crate::run::ctl::protocol::{
    ConfigView, ConfigureQuery, Configured, Fault, HostQuery, NeighborQuery, RepairReport, Reply, Request,
    VerifyReport, WhyQuery,
};
use crossbeam_channel::bounded;
use std::net::IpAddr;
use std::time::Instant;
use thiserror::Error;

/// A question was not answered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AskError {
    /// The core has more to do than it can.
    #[error("there is too much to do to answer now")]
    Busy,
    /// The instance has been stopped.
    #[error("the instance is stopped")]
    Stopped,
    /// It cannot be done.
    #[error("{0}")]
    Refused(String),
}

/// Command lines were not taken; nothing was changed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConfigureError {
    /// They are wrong.
    #[error("the command lines are refused\n{}", texts(.0))]
    Lines(Vec<Fault>),
    /// The instance has been stopped.
    #[error("the instance is stopped")]
    Stopped,
}

fn texts(faults: &[Fault]) -> String {
    faults.iter().map(|fault| fault.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Each of these waits for the core only, which never waits for SAI or the network, and for at most a second.
impl Mlagsync {
    /// The channel.
    pub fn session(&self) -> Result<SessionView, AskError> {
        self.ask(
            Request::ShowSession,
            |reply| if let Reply::Session(view) = reply { Some(view) } else { None },
        )
    }

    /// Claims, this device's and the peer's, a page of them.
    pub fn neighbors(&self, query: NeighborQuery) -> Result<Page<NeighborView>, AskError> {
        let request = Request::ShowNeighbors(query);
        self.ask(request, |reply| if let Reply::Neighbors(page) = reply { Some(page) } else { None })
    }

    /// The host table as it is wanted and known, a page of it.
    pub fn hosts(&self, query: HostQuery) -> Result<Page<HostView>, AskError> {
        let request = Request::ShowHosts(query);
        self.ask(request, |reply| if let Reply::Hosts(page) = reply { Some(page) } else { None })
    }

    /// Counts.
    pub fn counts(&self) -> Result<Counters, AskError> {
        self.ask(
            Request::ShowCounters,
            |reply| if let Reply::Counters(all) = reply { Some(all) } else { None },
        )
    }

    /// Room in the host table, quotas, and who has it.
    pub fn admission(&self) -> Result<AdmissionView, AskError> {
        self.ask(
            Request::ShowAdmission,
            |reply| if let Reply::Admission(view) = reply { Some(view) } else { None },
        )
    }

    /// What happened of late.
    pub fn history(&self) -> Result<HistoryView, AskError> {
        self.ask(Request::ShowHistory, |reply| if let Reply::History(all) = reply { Some(all) } else { None })
    }

    /// Everything that is known of an address, interface by interface.
    pub fn why(&self, ip: IpAddr) -> Result<Vec<WhyView>, AskError> {
        let request = Request::Why(WhyQuery { ip });
        self.ask(request, |reply| if let Reply::Why(all) = reply { Some(all) } else { None })
    }

    /// The configuration in force, and the interfaces as they are bound.
    pub fn configuration(&self) -> Result<ConfigView, AskError> {
        self.ask(Request::ShowConfig, |reply| if let Reply::Config(view) = reply { Some(view) } else { None })
    }

    /// An operator releases a sweep that waits. Answers how many claims it is about.
    pub fn sweep(&self) -> Result<u64, AskError> {
        self.ask(Request::Sweep, |reply| if let Reply::Done { claims } = reply { Some(claims) } else { None })
    }

    /// An operator has the peer name everything anew.
    pub fn resync(&self) -> Result<(), AskError> {
        self.ask(Request::Resync, |reply| if let Reply::Done { .. } = reply { Some(()) } else { None })
    }

    /// Takes command lines as they are entered from the system view on, on top of what is running, all or none; with
    /// `check` they are only checked. Asks the system whether the port is free and the VPN instance is there, and derives
    /// keys from passwords, which takes some milliseconds each. A text has at most
    /// [`CONFIG_LINES`](crate::limits::CONFIG_LINES) lines of at most
    /// [`CONFIG_LINE_CHARS`](crate::limits::CONFIG_LINE_CHARS) characters; of what is wrong with it the first
    /// [`CONFIG_FAULTS`](crate::limits::CONFIG_FAULTS) are told, each with its line.
    pub fn configure(&self, lines: &str, check: bool) -> Result<Configured, ConfigureError> {
        if self.is_stopped() {
            return Err(ConfigureError::Stopped);
        }
        let query = ConfigureQuery { lines: lines.to_owned(), check, expect: None };
        let commits = self.commits();
        let reply = self.guest().within(|| commits.configurator.lock().configure(&query, &commits.outlets));
        match reply {
            Reply::Configured(configured) => Ok(configured),
            Reply::Refused { faults } => Err(ConfigureError::Lines(faults)),
            _ => Err(ConfigureError::Stopped),
        }
    }

    /// Reads the ASIC back and compares it with what is wanted. It waits for SAI, up to
    /// [`READ_BACK`](crate::limits::READ_BACK), or [`CALL_HANGS`](crate::limits::CALL_HANGS) where a call does not come back:
    /// not for a thread that has other things to do.
    pub fn verify(&self) -> Result<VerifyReport, AskError> {
        let read_back = self.read_back().ok_or(AskError::Stopped)?;
        self.guest().within(|| read_back.verify().map_err(|error| AskError::Refused(error.to_string())))
    }

    /// The same; then what is missing or different is programmed again, and compared once more. Entries that are not ours
    /// stay. It waits for SAI as [`Mlagsync::verify`] does.
    pub fn repair(&self) -> Result<RepairReport, AskError> {
        let read_back = self.read_back().ok_or(AskError::Stopped)?;
        self.guest().within(|| read_back.repair().map_err(|error| AskError::Refused(error.to_string())))
    }

    fn ask<T>(&self, request: Request, take: impl FnOnce(Reply) -> Option<T>) -> Result<T, AskError> {
        if self.is_stopped() {
            return Err(AskError::Stopped);
        }
        let deadline = Instant::now() + limits::ASK_PATIENCE;
        let (answer, answers) = bounded(1);
        let question =
            Question { request, keys: Vec::new(), answer: Box::new(move |reply| drop(answer.send(reply))) };
        let late = |timed_out| if timed_out { AskError::Busy } else { AskError::Stopped };
        self.questions().send_deadline(question, deadline).map_err(|e| late(e.is_timeout()))?;
        let reply = answers.recv_deadline(deadline).map_err(|e| late(e.is_timeout()))?;
        match reply {
            Reply::Error { text } => Err(AskError::Refused(text)),
            reply => {
                take(reply).ok_or_else(|| AskError::Refused("the core answered another question".to_owned()))
            }
        }
    }
}
