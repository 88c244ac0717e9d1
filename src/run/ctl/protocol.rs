//! What is said over the control socket: one JSON value a line, a [`Request`] up, a [`Reply`] down, in order.
//!
//! Invariant: values only. A request looks, or changes; which of both is [`Request::level`]'s to say (PL-16).

use super::super::kernel::view::KernelView;
use super::access::Level;
pub use super::ports::{FdbQuery, PortQuery, PortSide, PortSource, PortView};
use crate::addr::{InterfaceId, Mac, VpnInstance};
use crate::neighbor::Attachment;
use crate::node::io::Binding;
use crate::node::view::{
    AdmissionView, Counters, HistoryView, HostView, NeighborView, Origin, SessionView, WhyView,
};
pub use crate::node::view::{Cursor, Page};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Longest request, in bytes: no request carries a list.
pub const REQUEST_MAX: usize = 64 * 1024;
/// Most rows that one reply carries, whatever was asked for: the core answers between two batches, and a reply fits
/// into memory on both sides.
pub const PAGE_MAX: usize = 4096;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "request", deny_unknown_fields)]
pub enum Request {
    /// The channel: [`Reply::Session`].
    ShowSession,
    /// Claims, a page of them: [`Reply::Neighbors`].
    ShowNeighbors(NeighborQuery),
    /// The host table as it is wanted and known, a page of it: [`Reply::Hosts`].
    ShowHosts(HostQuery),
    /// Counts: [`Reply::Counters`].
    ShowCounters,
    /// The kernel mirror: [`Reply::Kernel`].
    ShowKernel,
    /// The configuration in force: [`Reply::Config`].
    ShowConfig,
    /// What happened of late, and how often the channel was down for what reason: [`Reply::History`].
    ShowHistory,
    /// The ports, how they are, and who says so: [`Reply::Ports`].
    ShowPorts,
    /// Room in the host table, quotas, and who has it: [`Reply::Admission`].
    ShowAdmission,
    /// What whoever asks may do: [`Reply::Level`].
    ShowLevel,
    /// Says how a port is, or gives it back to whoever else says it: [`Reply::Ports`], with that port. Needs the
    /// configuration level.
    SetPort(PortQuery),
    /// Says what happened in the FDB, where no notification does: [`Reply::Done`]. Needs the configuration level.
    TellFdb(FdbQuery),
    /// Takes command lines and commits them, all or none: [`Reply::Configured`] or [`Reply::Refused`]. Needs the
    /// configuration level.
    Configure(ConfigureQuery),
    /// Sweeps now what awaits it, because the peer did not name most of what was held of it: [`Reply::Done`]. Needs the
    /// configuration level.
    Sweep,
    /// Asks the peer to name everything anew: [`Reply::Done`]. Needs the configuration level.
    Resync,
    /// Everything that is known of an address, interface by interface: [`Reply::Why`].
    Why(WhyQuery),
    /// The neighbour entries that the ASIC holds, read through SAI: [`Reply::Asic`].
    DumpAsic,
    /// The ASIC read back and compared with what is wanted: [`Reply::Verify`].
    Verify,
    /// The same, then what is missing or different is programmed again, and the ASIC compared once more:
    /// [`Reply::Repaired`]. What is not ours stays as it is. Needs the configuration level.
    Repair,
}

impl Request {
    /// The level that it needs (PL-16).
    pub fn level(&self) -> Level {
        match self {
            Request::Configure(_)
            | Request::Sweep
            | Request::Resync
            | Request::Repair
            | Request::SetPort(_)
            | Request::TellFdb(_) => Level::Configuration,
            Request::ShowSession
            | Request::ShowNeighbors(_)
            | Request::ShowHosts(_)
            | Request::ShowCounters
            | Request::ShowConfig
            | Request::ShowKernel
            | Request::ShowHistory
            | Request::ShowPorts
            | Request::ShowAdmission
            | Request::ShowLevel
            | Request::Why(_)
            | Request::DumpAsic
            | Request::Verify => Level::Monitoring,
        }
    }
}

/// Command lines to be committed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConfigureQuery {
    /// The lines, as they are entered from the system view on, on top of what is running.
    pub lines: String,
    /// Only check them; put nothing into force.
    #[serde(default)]
    pub check: bool,
    /// Refuse unless this is the running configuration: so that two who configure at once do not overwrite each other.
    #[serde(default)]
    pub expect: Option<String>,
}

/// What became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Configured {
    /// They say something else than what was running (PL-17).
    pub changed: bool,
    /// It is in force.
    pub applied: bool,
    /// The configuration that results, as it is displayed.
    pub dfs_group: String,
}

/// Why a line was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fault {
    /// The line, the caret below the word, and one sentence.
    pub text: String,
    /// The requirement that it breaks, as `PL-06`.
    pub requirement: Option<String>,
    /// The line's number, from 1.
    pub line: Option<usize>,
    /// Where the word stands in the line, in characters from 0.
    pub column: usize,
    /// How many characters the word has.
    pub length: usize,
}

/// Which address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WhyQuery {
    /// The address.
    pub ip: IpAddr,
}

/// Which claims, and from where on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct NeighborQuery {
    /// Only this interface's.
    pub interface: Option<InterfaceId>,
    /// Only this address's.
    pub ip: Option<IpAddr>,
    /// Only this MAC's.
    pub mac: Option<Mac>,
    /// Only this table's.
    pub origin: Option<Origin>,
    /// From behind this place on: [`Page::next`] of the page before.
    pub after: Option<Cursor>,
    /// At most about this many rows: a key's rows are never torn apart.
    pub limit: Option<usize>,
}

/// Which hosts, and from where on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct HostQuery {
    /// Only this interface's.
    pub interface: Option<InterfaceId>,
    /// Only this address's.
    pub ip: Option<IpAddr>,
    /// Only this MAC's.
    pub mac: Option<Mac>,
    /// Only those that are not as wanted.
    pub trouble: bool,
    /// From behind this place on: [`Page::next`] of the page before.
    pub after: Option<Cursor>,
    /// At most this many rows.
    pub limit: Option<usize>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reply")]
pub enum Reply {
    /// The channel.
    Session(SessionView),
    /// Claims.
    Neighbors(Page<NeighborView>),
    /// The host table.
    Hosts(Page<HostView>),
    /// Counts.
    Counters(Counters),
    /// The kernel mirror.
    Kernel(KernelView),
    /// The configuration in force.
    Config(ConfigView),
    /// What happened of late.
    History(HistoryView),
    /// Ports.
    Ports {
        /// In the platform file's order.
        ports: Vec<PortView>,
    },
    /// Room in the host table, quotas, and who has it.
    Admission(AdmissionView),
    /// What whoever asked may do.
    Level {
        /// The level.
        level: Level,
    },
    /// The lines were taken.
    Configured(Configured),
    /// It was done, or has begun.
    Done {
        /// How many claims it is about, so far as that is known.
        claims: u64,
    },
    /// The lines are wrong, and nothing was changed.
    Refused {
        /// What is wrong, each with its place.
        faults: Vec<Fault>,
    },
    /// What is known of an address, interface by interface.
    Why(Vec<WhyView>),
    /// What the ASIC holds.
    Asic(AsicDump),
    /// Whether the ASIC holds what is wanted.
    Verify(VerifyReport),
    /// What was not as wanted, and what is not after it was repaired.
    Repaired(RepairReport),
    /// It could not be answered.
    Error {
        /// Why, in one sentence.
        text: String,
    },
}

/// The configuration in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConfigView {
    /// The device's name.
    pub hostname: String,
    /// The model.
    pub model: String,
    /// The command lines of the DFS-group view, as they are displayed.
    pub dfs_group: String,
    /// The SAI library.
    pub sai_library: String,
    /// The interfaces, with the router interface that each is in the ASIC.
    pub interfaces: Vec<InterfaceView>,
}

/// An interface as it is bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct InterfaceView {
    /// Its name on the wire.
    pub name: InterfaceId,
    /// The VPN instance.
    pub vrf: VpnInstance,
    /// The network device.
    pub netdev: Option<String>,
    /// The router interface's raw object id.
    pub rif: u64,
    /// The router's MAC.
    pub mac: Mac,
    /// The router's addresses.
    pub addresses: Vec<ipnet::IpNet>,
    /// Where a host hangs whose hearing port is not known.
    pub attachment: Attachment,
}

impl InterfaceView {
    /// A binding, of an interface that nothing is learned on by ourselves.
    pub(crate) fn of(binding: &Binding) -> InterfaceView {
        InterfaceView {
            name: binding.interface,
            vrf: binding.vrf.clone(),
            netdev: None,
            rif: binding.rif.raw(),
            mac: binding.mac,
            addresses: binding.addresses.clone(),
            attachment: Attachment::Orphan,
        }
    }
}

/// One neighbour entry of the ASIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AsicRow {
    /// The interface, where the router interface is one of ours.
    pub interface: Option<InterfaceId>,
    /// The router interface's raw object id.
    pub rif: u64,
    /// The address.
    pub ip: IpAddr,
    /// The destination MAC.
    pub mac: Mac,
    /// No host route is made of it.
    pub no_host_route: bool,
}

/// How the rows of the ASIC were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AsicMethod {
    /// The library listed its entries: foreign ones are among them.
    Listed,
    /// The library cannot list; every wanted entry was asked for by its key, foreign ones are invisible.
    ByKey,
}

/// What the ASIC holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AsicDump {
    /// How it was found.
    pub method: AsicMethod,
    /// The entries, by router interface and address.
    pub rows: Vec<AsicRow>,
}

/// The ASIC compared with what is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// How the ASIC was read.
    pub method: AsicMethod,
    /// Entries wanted.
    pub wanted: u64,
    /// Of them, held as wanted.
    pub equal: u64,
    /// Of them, not yet certain when it was read (on their way, parked, refused): no verdict.
    pub unsettled: u64,
    /// Entries that the ASIC holds.
    pub held: u64,
    /// Wanted, believed to be there, and not there.
    pub missing: Vec<VerifyRow>,
    /// There with another value than is wanted.
    pub differing: Vec<VerifyRow>,
    /// There, on an interface of ours, and not wanted by us.
    pub foreign: Vec<VerifyRow>,
    /// How many rows each list would have; a list holds the first [`VERIFY_ROWS_MAX`].
    pub missing_count: u64,
    /// See `missing_count`.
    pub differing_count: u64,
    /// See `missing_count`. Foreign entries are not wrong by themselves: the NOS programs its own.
    pub foreign_count: u64,
}

/// Most rows that a list of a [`VerifyReport`] names.
pub const VERIFY_ROWS_MAX: usize = 1000;

impl VerifyReport {
    /// True when everything that should be there is there as it should be.
    pub fn is_clean(&self) -> bool {
        self.missing_count == 0 && self.differing_count == 0
    }
}

/// The ASIC before and after a repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairReport {
    /// What was found. What is missing or different here was to be repaired, listed or not.
    pub before: VerifyReport,
    /// What was found after that.
    pub after: VerifyReport,
    /// Entries of these that could not be repaired.
    pub unrepaired: u64,
}

impl RepairReport {
    /// True when everything that should be there is there as it should be now.
    pub fn is_clean(&self) -> bool {
        self.after.is_clean() && self.unrepaired == 0
    }
}

/// One disagreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct VerifyRow {
    /// The interface, where the router interface is one of ours.
    pub interface: Option<InterfaceId>,
    /// The router interface's raw object id.
    pub rif: u64,
    /// The address.
    pub ip: IpAddr,
    /// The MAC that is wanted.
    pub wanted: Option<Mac>,
    /// The MAC that the ASIC holds.
    pub held: Option<Mac>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_short_lines_of_json() {
        let text = |r: &Request| serde_json::to_string(r).expect("serialises");
        assert_eq!(text(&Request::ShowSession), r#"{"request":"show-session"}"#);
        let configure: Request =
            serde_json::from_str(r#"{"request":"configure","lines":"undo dfs-group 1"}"#)
                .expect("check and expect may be left out");
        assert_eq!(configure.level(), Level::Configuration, "PL-16: changing needs the configuration level");
        assert_eq!(Request::ShowSession.level(), Level::Monitoring, "PL-16: looking does not");
        for (line, level) in [
            (r#"{"request":"show-ports"}"#, Level::Monitoring),
            (r#"{"request":"set-port","role":"m-lag 7","side":"peer","state":"down"}"#, Level::Configuration),
            (r#"{"request":"set-port","role":"peer-link"}"#, Level::Configuration),
            (r#"{"request":"tell-fdb","change":"flushed"}"#, Level::Configuration),
        ] {
            let request: Request = serde_json::from_str(line).expect(line);
            assert_eq!(request.level(), level, "PL-16: {line}");
        }
        let page: Request =
            serde_json::from_str(r#"{"request":"show-neighbors","interface":"Vlanif10","limit":5}"#)
                .expect("fields may be left out");
        let Request::ShowNeighbors(query) = &page else { panic!("{page:?}") };
        assert_eq!((query.limit, query.interface.is_some(), &query.after), (Some(5), true, &None));
        assert_eq!(serde_json::from_str::<Request>(&text(&page)).expect("reads its own"), page);
    }

    #[test]
    fn an_unknown_request_is_refused_and_named() {
        let error = serde_json::from_str::<Request>(r#"{"request":"reboot"}"#).expect_err("unknown");
        assert!(error.to_string().contains("reboot"), "{error}");
        let error = serde_json::from_str::<Request>(r#"{"request":"show-hosts","intreface":"Vlanif10"}"#);
        let error = error.expect_err("a slip of the pen is no filter");
        assert!(error.to_string().contains("intreface"), "{error}");
    }
}
