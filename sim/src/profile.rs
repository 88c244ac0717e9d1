//! The settings of a switch, from SAI profile keys that begin with `SAI_SIM_`.
//!
//! Invariant: parses and says what is wrong; where the pairs come from is not its business.

use std::path::{Path, PathBuf};

use sai_sys::releases::{RELEASES, Release};

use crate::faults::Faults;
use crate::misuse::Policy;
use crate::switch::answers::Availability;
use crate::switch::banks::Layout;
use crate::switch::clock::{self, ClockKind};
use crate::switch::late::Delay;

/// How bulk calls on entries behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bulk {
    /// Each entry on its own, as the header describes.
    Spec,
    /// One entry that cannot succeed refuses the whole call, in either error mode.
    WholeBatchReject,
    /// The bulk members of the method tables are NULL.
    NoBulk,
    /// The call answers NOT_IMPLEMENTED and touches nothing.
    NotImplemented,
    /// The call answers NOT_SUPPORTED and touches nothing.
    NotSupported,
    /// The call returns at the first failing entry and leaves its status, and all behind it, untouched.
    EarlyReturn,
    /// The bulk members are NULL when the table is queried, and appear with the next call on any object.
    LazyTable,
}

impl Bulk {
    const NAMES: &[(&str, Self)] = &[
        ("spec", Self::Spec),
        ("whole-batch-reject", Self::WholeBatchReject),
        ("no-bulk", Self::NoBulk),
        ("not-implemented", Self::NotImplemented),
        ("not-supported", Self::NotSupported),
        ("early-return", Self::EarlyReturn),
        ("lazy-table", Self::LazyTable),
    ];
}

/// What becomes of a neighbour behind a VLAN whose MAC is not in the FDB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FdbMiss {
    /// It is created, and packets to it are flooded.
    Flood,
    /// It is created, and packets to it are dropped.
    Drop,
    /// It is created, and packets to it go to the CPU.
    Trap,
    /// It is refused: ADDR_NOT_FOUND.
    Refuse,
}

impl FdbMiss {
    const NAMES: &[(&str, Self)] =
        &[("flood", Self::Flood), ("drop", Self::Drop), ("trap", Self::Trap), ("refuse", Self::Refuse)];
}

/// Everything that a profile says about a switch.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) ports: u32,
    pub(crate) host_capacity: u64,
    pub(crate) v6_slots: u64,
    pub(crate) banks: Option<Layout>,
    /// Longest chain of moves that makes room for an address.
    pub(crate) relocation: u32,
    /// The host table is keyed by virtual router and address, not by interface and address.
    pub(crate) by_router: bool,
    pub(crate) availability: Availability,
    pub(crate) seed: u64,
    pub(crate) fdb_capacity: u64,
    /// Neighbours may have a zero, broadcast or multicast MAC.
    pub(crate) any_neighbor_mac: bool,
    pub(crate) fdb_miss: FdbMiss,
    /// Attributes are taken where they mean nothing: where the condition of a "valid only" does not hold.
    pub(crate) takes_idle: bool,
    pub(crate) bulk: Bulk,
    /// Objects can be counted and listed.
    pub(crate) list: bool,
    pub(crate) release: Release,
    pub(crate) call_ns: u64,
    pub(crate) entry_ns: u64,
    /// By the real clock, calls take what they cost; else they are charged only.
    pub(crate) takes_time: bool,
    /// By how much the cost of a call varies.
    pub(crate) jitter_percent: u64,
    pub(crate) clock: ClockKind,
    /// SUCCESS comes before programming, which happens this much later.
    pub(crate) asynchronous: Option<Delay>,
    pub(crate) misuse: Policy,
    pub(crate) chatter: bool,
    pub(crate) faults: Faults,
    /// The state file.
    pub(crate) state: Option<PathBuf>,
    /// The control socket.
    pub(crate) control: Option<PathBuf>,
    /// The trace.
    pub(crate) trace: Option<PathBuf>,
    /// Come up with what the state file holds.
    pub(crate) warm: bool,
}

/// The oldest release that this build can pretend to be: the first that can say which it is.
pub(crate) const OLDEST: Release =
    if cfg!(sai_1_9) { Release::OLDEST } else { Release { major: 1, minor: 10, revision: 0 } };

/// The newest, which it is if nothing else is said.
pub(crate) const NEWEST: Release =
    if cfg!(sai_1_9) { Release { major: 1, minor: 9, revision: 1 } } else { Release::CURRENT };

/// What a key begins with to be ours.
pub(crate) const PREFIX: &str = "SAI_SIM_";

/// Every key, with what it says. The README has a row for each.
pub const KEYS: &[(&str, &str)] = &[
    ("SAI_SIM_PORTS", "front panel ports of a switch, 1 to 512; default 32"),
    ("SAI_SIM_HOST_CAPACITY", "slots of the host table; default 4194304"),
    ("SAI_SIM_V6_SLOTS", "slots that an IPv6 host takes, 1 to 8; default 2"),
    (
        "SAI_SIM_HOST_BANKS",
        "hash banks of the host table, BANKSxDEPTH as in 4x4; default none: any slot will do",
    ),
    (
        "SAI_SIM_HOST_RELOCATION",
        "how many addresses in the banks may be moved in a chain to make room for one, 0 to 4; default 0",
    ),
    (
        "SAI_SIM_HOST_KEY",
        "what the host table is keyed by besides the address: interface, or router, where one address of a virtual \
         router on a second interface is ITEM_ALREADY_EXISTS unless NO_HOST_ROUTE; default interface",
    ),
    (
        "SAI_SIM_AVAILABILITY",
        "what is said of the room that is left: exact; `moving P`, off by up to P percent of it; `says N`, whatever is \
         left; default exact",
    ),
    ("SAI_SIM_FDB_CAPACITY", "FDB entries; default 4194304"),
    (
        "SAI_SIM_NEIGHBOR_MACS",
        "MACs that a neighbour may have: stations; any, as clients need that make neighbours of directed broadcasts; \
         default stations",
    ),
    (
        "SAI_SIM_FDB_MISS",
        "a neighbour behind a VLAN whose MAC is not in the FDB: flood, drop, trap, refuse; default flood",
    ),
    (
        "SAI_SIM_VALID_ONLY",
        "an attribute that is not its default where its \"valid only\" does not hold: refuse, accept; default refuse",
    ),
    (
        "SAI_SIM_BULK",
        "bulk behaviour: spec, whole-batch-reject, no-bulk, not-implemented, not-supported, early-return, lazy-table; \
         default spec",
    ),
    ("SAI_SIM_LIST", "1: objects can be counted and listed; 0: that answers NOT_IMPLEMENTED; default 1"),
    ("SAI_SIM_API_VERSION", "the release that the library pretends to be, 1.10.0 to 1.18.1; default 1.18.1"),
    (
        "SAI_SIM_CALL_NS",
        "nanoseconds that a call takes; default 20000, charged and not waited for, or 0 if only SAI_SIM_ENTRY_NS is set",
    ),
    (
        "SAI_SIM_ENTRY_NS",
        "nanoseconds that each entry of a call takes; default 12000, charged and not waited for, or 0 if only \
         SAI_SIM_CALL_NS is set",
    ),
    ("SAI_SIM_JITTER_PERCENT", "by how much the time of a call varies either way, 0 to 100; default 0"),
    (
        "SAI_SIM_CLOCK",
        "real: calls take their time; virtual: it is added to a counter, which is the switch's time; default: real, but \
         the default costs are only charged",
    ),
    (
        "SAI_SIM_ASYNC",
        "neighbours, FDB entries and routes are answered before they are programmed, which happens after `calls N`, \
         after `ns N`, or on `command`; default no",
    ),
    (
        "SAI_SIM_MISUSE",
        "what is done about misuse: report, abort; with +padding, keys are looked at for bytes that are not zero; \
         default report",
    ),
    ("SAI_SIM_CHATTER", "1: a line on stdout for each call; default 0"),
    ("SAI_SIM_FAULTS", "fault rules, separated by semicolons; default none"),
    ("SAI_SIM_STATE", "absolute path of the file that keeps the state when the process ends; default none"),
    ("SAI_SIM_CONTROL", "absolute path of the switch's control socket; default none"),
    ("SAI_SIM_TRACE", "absolute path of the file to which every call is written; default none"),
    ("SAI_SIM_SEED", "seed of everything that is random; default 1"),
];

/// Keys of SAI itself that count here.
pub(crate) const SAI_KEYS: &[&str] = &["SAI_BOOT_TYPE"];

impl Settings {
    /// Reads the pairs whose key is ours. An error is one line that names key and value.
    pub(crate) fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, String> {
        let mut settings = Self {
            ports: 32,
            host_capacity: 1 << 22,
            v6_slots: 2,
            banks: None,
            relocation: 0,
            by_router: false,
            availability: Availability::Exact,
            seed: 1,
            fdb_capacity: 1 << 22,
            any_neighbor_mac: false,
            fdb_miss: FdbMiss::Flood,
            takes_idle: false,
            bulk: Bulk::Spec,
            list: true,
            release: NEWEST,
            call_ns: clock::CALL_NS,
            entry_ns: clock::ENTRY_NS,
            takes_time: false,
            jitter_percent: 0,
            clock: ClockKind::Real,
            asynchronous: None,
            misuse: Policy::default(),
            chatter: false,
            faults: Faults::default(),
            state: None,
            control: None,
            trace: None,
            warm: false,
        };
        let mut faults = "";
        let (mut call_ns, mut entry_ns, mut kind) = (None, None, None);
        for (key, value) in pairs {
            match key {
                "SAI_SIM_PORTS" => settings.ports = number(key, value, 1, 512)? as u32,
                "SAI_SIM_HOST_CAPACITY" => settings.host_capacity = number(key, value, 0, 1 << 32)?,
                "SAI_SIM_V6_SLOTS" => settings.v6_slots = number(key, value, 1, 8)?,
                "SAI_SIM_HOST_BANKS" => {
                    let layout = Layout::parse(value);
                    let why = "is not BANKSxDEPTH, each 1 to 16, as in 4x4";
                    settings.banks = Some(layout.ok_or_else(|| wrong(key, value, why))?);
                }
                "SAI_SIM_HOST_RELOCATION" => settings.relocation = number(key, value, 0, 4)? as u32,
                "SAI_SIM_HOST_KEY" => {
                    settings.by_router = match value {
                        "interface" => false,
                        "router" => true,
                        _ => return Err(wrong(key, value, "is neither `interface` nor `router`")),
                    }
                }
                "SAI_SIM_AVAILABILITY" => {
                    let why = "is none of `exact`, `moving P`, `says N`";
                    settings.availability =
                        Availability::parse(value).ok_or_else(|| wrong(key, value, why))?;
                }
                "SAI_SIM_FDB_CAPACITY" => settings.fdb_capacity = number(key, value, 0, 1 << 32)?,
                "SAI_SIM_NEIGHBOR_MACS" => {
                    settings.any_neighbor_mac = match value {
                        "stations" => false,
                        "any" => true,
                        _ => return Err(wrong(key, value, "is neither `stations` nor `any`")),
                    }
                }
                "SAI_SIM_FDB_MISS" => {
                    let found = FdbMiss::NAMES.iter().find(|(name, _)| *name == value);
                    settings.fdb_miss =
                        found.ok_or_else(|| wrong(key, value, "is none of flood, drop, trap, refuse"))?.1;
                }
                "SAI_SIM_VALID_ONLY" => {
                    settings.takes_idle = match value {
                        "refuse" => false,
                        "accept" => true,
                        _ => return Err(wrong(key, value, "is neither `refuse` nor `accept`")),
                    }
                }
                "SAI_SIM_BULK" => {
                    let found = Bulk::NAMES.iter().find(|(name, _)| *name == value);
                    settings.bulk = found.ok_or_else(|| wrong(key, value, "is no bulk behaviour"))?.1;
                }
                "SAI_SIM_LIST" => settings.list = number(key, value, 0, 1)? == 1,
                "SAI_SIM_API_VERSION" => settings.release = release(key, value)?,
                "SAI_SIM_CALL_NS" => call_ns = Some(number(key, value, 0, 60_000_000_000)?),
                "SAI_SIM_ENTRY_NS" => entry_ns = Some(number(key, value, 0, 60_000_000_000)?),
                "SAI_SIM_JITTER_PERCENT" => settings.jitter_percent = number(key, value, 0, 100)?,
                "SAI_SIM_CLOCK" => {
                    kind = Some(match value {
                        "real" => ClockKind::Real,
                        "virtual" => ClockKind::Virtual,
                        _ => return Err(wrong(key, value, "is neither `real` nor `virtual`")),
                    });
                }
                "SAI_SIM_ASYNC" => {
                    let why = "is none of `calls N`, `ns N`, `command`";
                    settings.asynchronous = Some(Delay::parse(value).ok_or_else(|| wrong(key, value, why))?);
                }
                "SAI_SIM_MISUSE" => {
                    let why = "is neither `report` nor `abort`, with or without `+padding`";
                    settings.misuse = Policy::parse(value).ok_or_else(|| wrong(key, value, why))?;
                }
                "SAI_SIM_CHATTER" => settings.chatter = number(key, value, 0, 1)? == 1,
                "SAI_SIM_FAULTS" => faults = value,
                "SAI_SIM_SEED" => settings.seed = number(key, value, 0, u64::MAX)?,
                "SAI_SIM_STATE" => settings.state = Some(place(key, value)?),
                "SAI_SIM_TRACE" => settings.trace = Some(place(key, value)?),
                "SAI_SIM_CONTROL" => settings.control = Some(place(key, value)?),
                // SAI's own key: 0 cold, 1 warm, 2 fast, which keeps no table either.
                "SAI_BOOT_TYPE" => settings.warm = value == "1",
                _ if key.starts_with(PREFIX) => return Err(format!("{key}: there is no such key")),
                _ => {}
            }
        }
        if call_ns.or(entry_ns).is_some() {
            (settings.call_ns, settings.entry_ns) = (call_ns.unwrap_or(0), entry_ns.unwrap_or(0));
        }
        // Who names a cost or the real clock wants calls to take their time; nobody else is kept waiting.
        settings.takes_time = call_ns.or(entry_ns).is_some() || kind.is_some();
        settings.clock = kind.unwrap_or(ClockKind::Real);
        settings.faults =
            Faults::parse(faults, settings.seed).map_err(|why| format!("SAI_SIM_FAULTS: {why}"))?;
        Ok(settings)
    }
}

fn wrong(key: &str, value: &str, why: &str) -> String {
    format!("{key}: `{value}` {why}")
}

fn number(key: &str, value: &str, least: u64, most: u64) -> Result<u64, String> {
    value
        .parse()
        .ok()
        .filter(|n| (least..=most).contains(n))
        .ok_or_else(|| wrong(key, value, &format!("is no number from {least} to {most}")))
}

fn place(key: &str, value: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(value);
    let there = path.is_absolute() && path.file_name().is_some() && path.parent().is_some_and(Path::is_dir);
    if there { Ok(path) } else { Err(wrong(key, value, "is no absolute path in a directory that exists")) }
}

fn release(key: &str, value: &str) -> Result<Release, String> {
    let why = || wrong(key, value, &format!("is no release from {OLDEST} to {NEWEST}"));
    let found = RELEASES.iter().find(|r| (OLDEST..=NEWEST).contains(*r) && r.to_string() == value);
    found.copied().ok_or_else(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_others_are_passed_over_and_ours_are_read() {
        let settings = Settings::parse([
            ("SAI_BOOT_TYPE", "1"),
            ("SAI_SIM_PORTS", "4"),
            ("SAI_SIM_BULK", "whole-batch-reject"),
            ("SAI_SIM_API_VERSION", "1.10.2"),
        ])
        .unwrap();
        assert_eq!((settings.ports, settings.bulk), (4, Bulk::WholeBatchReject));
        assert_eq!(settings.release.to_string(), "1.10.2");
    }

    #[test]
    fn each_wrong_pair_is_named() {
        for (key, value) in [
            ("SAI_SIM_PORT", "4"),
            ("SAI_SIM_PORTS", "0"),
            ("SAI_SIM_PORTS", "four"),
            ("SAI_SIM_HOST_CAPACITY", "-1"),
            ("SAI_SIM_HOST_BANKS", "4"),
            ("SAI_SIM_HOST_BANKS", "0x4"),
            ("SAI_SIM_HOST_RELOCATION", "5"),
            ("SAI_SIM_HOST_KEY", "port"),
            ("SAI_SIM_AVAILABILITY", "moving 101"),
            ("SAI_SIM_AVAILABILITY", "says"),
            ("SAI_SIM_NEIGHBOR_MACS", "broadcast"),
            ("SAI_SIM_FDB_MISS", "guess"),
            ("SAI_SIM_VALID_ONLY", "ignore"),
            ("SAI_SIM_BULK", "fast"),
            ("SAI_SIM_API_VERSION", "1.9.0"),
            ("SAI_SIM_API_VERSION", "2.0.0"),
            ("SAI_SIM_CHATTER", "yes"),
            ("SAI_SIM_MISUSE", "forgive"),
            ("SAI_SIM_MISUSE", "padding"),
            ("SAI_SIM_JITTER_PERCENT", "101"),
            ("SAI_SIM_CLOCK", "sundial"),
            ("SAI_SIM_ASYNC", "calls"),
            ("SAI_SIM_ASYNC", "ns 0"),
            ("SAI_SIM_ASYNC", "command 3"),
            ("SAI_SIM_STATE", "somewhere"),
            ("SAI_SIM_STATE", "/no/such/directory/file"),
            ("SAI_SIM_FAULTS", "create neighbor explode"),
        ] {
            let why = Settings::parse([(key, value)]).unwrap_err();
            assert!(why.starts_with(key) && !why.contains('\n'), "{why}");
        }
    }

    #[test]
    fn every_key_is_understood() {
        for (key, _) in KEYS {
            let why = Settings::parse([(*key, "~")]).expect_err("no key takes this value");
            assert!(!why.contains("no such key"), "{why}");
        }
    }
}
