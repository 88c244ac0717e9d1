//! The command line from outside: one test per requirement, golden sessions, properties.

mod commit;
mod document;
mod golden;
mod line;
mod properties;
mod settings;

use std::cell::RefCell;
use std::net::SocketAddr;

use mlagsync::addr::{DfsGroupId, VpnInstance};
use mlagsync::config::{
    Candidate, Change, Command, Diagnostic, Environment, ForwardingMode, Model, PeerLink, PortOwner, View,
    parse_line,
};

pub(crate) const IP: &str = "peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048";
pub(crate) const IPV6: &str = "peer-link source ipv6 2001:db8:1::1 peer 2001:db8:1::2 tcp-port 2048";

/// A device that a test describes; it notes what it was asked.
pub(crate) struct Device {
    pub(crate) model: &'static Model,
    pub(crate) mode: ForwardingMode,
    pub(crate) vpns: Vec<String>,
    /// VPN instance, listening address, who it is.
    pub(crate) listeners: Vec<(String, SocketAddr, String)>,
    pub(crate) asked: RefCell<Vec<(String, SocketAddr, Option<PeerLink>)>>,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            model: Model::generic(),
            mode: ForwardingMode::Standard,
            vpns: Vec::new(),
            listeners: Vec::new(),
            asked: RefCell::default(),
        }
    }
}

impl Device {
    pub(crate) fn model(name: &str) -> Self {
        Self { model: Model::named(name).expect("a known model"), ..Self::default() }
    }

    pub(crate) fn with_vpn(mut self, name: &str) -> Self {
        self.vpns.push(name.to_owned());
        self
    }

    pub(crate) fn with_listener(mut self, vpn: &str, address: &str, who: &str) -> Self {
        self.listeners.push((vpn.to_owned(), address.parse().expect("an address"), who.to_owned()));
        self
    }
}

impl Environment for Device {
    fn model(&self) -> &Model {
        self.model
    }

    fn forwarding_mode(&self) -> ForwardingMode {
        self.mode
    }

    fn vpn_instance_exists(&self, vpn: &VpnInstance) -> bool {
        self.vpns.iter().any(|name| name == vpn.name())
    }

    fn port_owner(
        &self,
        vpn: &VpnInstance,
        address: SocketAddr,
        running: Option<&PeerLink>,
    ) -> Option<PortOwner> {
        self.asked.borrow_mut().push((vpn.name().to_owned(), address, running.cloned()));
        if running.is_some_and(|link| link.vpn() == vpn && link.listens_on() == address) {
            return None;
        }
        let holds = |held: &SocketAddr| {
            held.port() == address.port() && (held.ip() == address.ip() || held.ip().is_unspecified())
        };
        let found = self.listeners.iter().find(|(name, held, _)| name == vpn.name() && holds(held));
        found.map(|(_, _, who)| PortOwner { what: who.clone() })
    }
}

pub(crate) fn group(number: u32) -> DfsGroupId {
    DfsGroupId::new(number).expect("a group's number")
}

/// The command that `line` is in the view of DFS group 1.
pub(crate) fn parse(line: &str) -> Result<Command, Diagnostic> {
    parse_line(View::DfsGroup(group(1)), line)
}

/// The peer-link of a line that must be one.
pub(crate) fn link(line: &str) -> PeerLink {
    line.parse().unwrap_or_else(|fault| panic!("{fault}"))
}

/// Holds a refused line to its requirement, to the word under the caret, and to one clear sentence.
#[track_caller]
pub(crate) fn refused(line: &str, requirement: &str, word: &str) -> Diagnostic {
    let fault = match parse(line) {
        Ok(command) => panic!("{line:?} was taken as {command:?}"),
        Err(fault) => fault,
    };
    holds(&fault, requirement, word);
    fault
}

/// The same for a fault that is there already.
#[track_caller]
pub(crate) fn holds(fault: &Diagnostic, requirement: &str, word: &str) {
    let under: String = fault.line.chars().skip(fault.span.column).take(fault.span.length).collect();
    assert_eq!((fault.requirement(), under.as_str()), (requirement, word), "{fault}");
    let text = fault.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "line, caret, one sentence: {text}");
    assert_eq!(lines[1].trim(), "^", "{text}");
    assert!(lines[2].starts_with("Error: ") && lines[2].ends_with('.'), "{text}");
    assert!(!lines[2].trim_end_matches('.').contains(". "), "one sentence: {text}");
}

/// A candidate in the view of DFS group 1, over nothing.
pub(crate) fn in_group() -> Candidate {
    let mut candidate = Candidate::default();
    enter(&mut candidate, &["system-view", "dfs-group 1"]);
    candidate
}

#[track_caller]
pub(crate) fn enter(candidate: &mut Candidate, lines: &[&str]) {
    for line in lines {
        if let Err(fault) = candidate.enter(line) {
            panic!("{fault}");
        }
    }
}

#[track_caller]
pub(crate) fn commit(candidate: &mut Candidate, device: &Device) -> Change {
    candidate.commit(device).unwrap_or_else(|faults| panic!("{}", faults[0]))
}

/// A candidate in the view of DFS group 1 with `line` in force.
#[track_caller]
pub(crate) fn running(line: &str, device: &Device) -> Candidate {
    let mut candidate = in_group();
    enter(&mut candidate, &[line]);
    commit(&mut candidate, device);
    candidate
}
