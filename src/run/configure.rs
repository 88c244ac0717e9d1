//! The running configuration, and how another one takes its place while the daemon runs.
//!
//! ```text
//!  lines ─► Candidate.load ─► Environment (ports, VPN instances) ─► Change
//!                                                  │
//!              core: Configure(settings) ◄─────────┴─────────► source watcher: another address
//! ```
//!
//! Checking asks the system (who holds the port, PL-07; is the VPN instance there, PL-04), which takes as long as it
//! takes: it runs on a thread of its own and never on the core's or the control socket's.
//!
//! Invariant: lines are taken all or none; what is running is what the last commit left, and the node is told of it
//! before the next commit begins. A start reads the platform file: nothing is ever written to that.

use super::StartError;
use super::ctl::protocol::{ConfigureQuery, Configured, Fault, Reply};
use super::environment::Device;
use super::platform::Platform;
use super::source::{SourceWatch, WatchOrder};
use super::vpn::Places;
use super::wake::Wake;
use crate::addr::NodeId;
use crate::auth::{KeyId, KeyRing, Password, Psk};
use crate::config::{self, Candidate, Change, Config, Diagnostic};
use crate::peering::Security;
use crate::session::io::Settings;
use crossbeam_channel::{Sender, bounded};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The core is to go on with this channel.
#[derive(Debug)]
pub(crate) struct Adopt {
    /// The channel; `None` when there is none (PL-01).
    pub(crate) channel: Option<Settings>,
    /// The command lines, to be shown.
    pub(crate) dfs_group: String,
    /// The number of the order that the source watcher gets: words about earlier ones count no more.
    pub(crate) watch: u64,
    /// Answered when the node has been told.
    pub(crate) done: Sender<()>,
}

/// Where a new configuration is told.
pub(crate) struct Outlets {
    /// To the core.
    pub(crate) core: Sender<Adopt>,
    /// To the watcher of the source address, …
    pub(crate) watcher: Sender<WatchOrder>,
    /// … which is woken up by this.
    pub(crate) bell: Arc<Wake>,
}

/// The running configuration.
pub(crate) struct Configurator {
    platform: Platform,
    places: Places,
    node_id: NodeId,
    candidate: Candidate,
    watch: u64,
    derived: RefCell<Derived>,
}

/// Keys that were derived from passwords, which takes its time: each once, as long as it is configured.
#[derive(Default)]
struct Derived(Vec<(u16, KeyId, Password, Psk)>);

impl Derived {
    fn ring(&mut self, group: u16, keys: &BTreeMap<KeyId, Password>) -> KeyRing {
        let known = std::mem::take(&mut self.0);
        let mut ring = KeyRing::default();
        for (id, password) in keys {
            let same = known.iter().find(|(g, i, p, _)| (*g, *i) == (group, *id) && p == password);
            let psk = same.map_or_else(|| Psk::derive(group, *id, password), |(.., psk)| psk.clone());
            ring.insert(*id, psk.clone());
            self.0.push((group, *id, password.clone(), psk));
        }
        ring
    }
}

impl Configurator {
    /// Enters the platform file's lines and commits them.
    pub(crate) fn start(platform: &Platform, places: &Places, node_id: NodeId) -> Result<Self, StartError> {
        let mut configurator = Configurator {
            platform: platform.clone(),
            places: places.clone(),
            node_id,
            candidate: Candidate::new(Config::default()),
            watch: 1,
            derived: RefCell::default(),
        };
        let mut candidate = configurator.candidate.clone();
        let text = platform.dfs_group.as_deref().unwrap_or_default();
        configurator.load(&mut candidate, text).map_err(StartError::Config)?;
        configurator.candidate = candidate;
        Ok(configurator)
    }

    /// The configuration in force.
    pub(crate) fn running(&self) -> &Config {
        self.candidate.running()
    }

    /// The channel in force.
    pub(crate) fn channel(&self) -> Option<Settings> {
        let group = self.running().dfs_group.as_ref()?;
        let link = group.peer_link.as_ref()?;
        let config::Settings { keys, connect, hold, keepalive, ttl, tcp, facts } = &group.settings;
        let keys = self.derived.borrow_mut().ring(group.id.number(), keys);
        Some(Settings {
            node_id: self.node_id,
            group: group.id.number(),
            source: link.source(),
            peer: link.peer(),
            vpn: link.vpn().clone(),
            port: link.port().number(),
            hold: *hold,
            keepalive: *keepalive,
            connect: *connect,
            security: Security { keys, ttl: *ttl, tcp: tcp.clone() },
            facts: *facts,
        })
    }

    /// What is to be watched for the channel in force.
    pub(crate) fn watch(&self) -> WatchOrder {
        let watch = self.running().peer_link().map(|link| {
            let place = self.places.place(link.vpn());
            SourceWatch {
                ip: link.source(),
                device: place.device().map(str::to_owned),
                netns: place.netns().map(str::to_owned),
            }
        });
        WatchOrder { number: self.watch, watch }
    }

    /// Takes lines on top of what is running, checks the whole, and puts it into force unless it is only to be checked.
    pub(crate) fn configure(&mut self, query: &ConfigureQuery, outlets: &Outlets) -> Reply {
        let running = self.running().to_string();
        if query.expect.as_ref().is_some_and(|expected| *expected != running) {
            let text = "somebody else has committed meanwhile: look at the running configuration again";
            return Reply::Error { text: text.to_owned() };
        }
        let mut candidate = self.candidate.clone();
        let change = match load(&self.platform, &self.places, &mut candidate, &query.lines) {
            Ok(change) => change,
            Err(faults) => return Reply::Refused { faults },
        };
        let configured = Configured {
            changed: change != Change::Nothing,
            applied: !query.check && change != Change::Nothing,
            dfs_group: candidate.running().to_string(),
        };
        if configured.applied {
            self.candidate = candidate;
            self.watch += 1;
            if !self.tell(configured.dfs_group.clone(), outlets) {
                return Reply::Error { text: "the daemon is stopping".to_owned() };
            }
        }
        Reply::Configured(configured)
    }

    /// Tells the node first, so that a word about the new source never comes before it.
    fn tell(&self, dfs_group: String, outlets: &Outlets) -> bool {
        let (done, told) = bounded(1);
        let adopt = Adopt { channel: self.channel(), dfs_group, watch: self.watch, done };
        let told = outlets.core.send(adopt).is_ok() && told.recv().is_ok();
        let ordered = told && outlets.watcher.send(self.watch()).is_ok();
        outlets.bell.ring();
        ordered
    }

    fn load(&self, candidate: &mut Candidate, text: &str) -> Result<Change, Vec<String>> {
        let faults = load(&self.platform, &self.places, candidate, text);
        faults.map_err(|faults| faults.into_iter().map(|fault| fault.text).collect())
    }
}

fn load(
    platform: &Platform,
    places: &Places,
    candidate: &mut Candidate,
    text: &str,
) -> Result<Change, Vec<Fault>> {
    let device = Device::new(platform, places)
        .map_err(|text| vec![Fault { text, requirement: None, line: None, column: 0, length: 0 }])?;
    candidate.load(text, &device).map_err(|faults| faults.iter().map(fault).collect())
}

fn fault(diagnostic: &Diagnostic) -> Fault {
    Fault {
        text: diagnostic.to_string(),
        requirement: Some(diagnostic.requirement().to_owned()).filter(|id| !id.is_empty()),
        line: diagnostic.number,
        column: diagnostic.span.column,
        length: diagnostic.span.length,
    }
}
