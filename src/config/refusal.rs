//! Every reason for which a line or a candidate is refused, each with its requirement.
//!
//! Invariant: a reason is fields, never text that somebody has to match on; its `Display` is one sentence that says what
//! is wrong and what to do. The device's own error strings are not published, so these are ours, in its manner.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

use super::address::{Ipv4Kind, Ipv6Kind};
use super::environment::PortOwner;
use super::model::ForwardingMode;
use super::peer_link::{Form, PeerLink};
use super::setting::SettingName;
use crate::addr::{DfsGroupId, TcpPort, TcpPortError, VpnInstance, VpnInstanceError};
use crate::auth::PasswordError;

/// Why a line or a candidate was refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// More characters than a line may have.
    #[error("The line has {length} characters; a command has at most {limit}.")]
    LineTooLong {
        /// How many there are.
        length: usize,
        /// How many there may be.
        limit: usize,
    },
    /// More lines than a configuration may have.
    #[error("The text has more than {limit} lines; this is not a configuration.")]
    TooManyLines {
        /// How many there may be.
        limit: usize,
    },
    /// A control character other than a tab.
    #[error("The line contains the control character U+{:04X}; remove it.", u32::from(*character))]
    ControlCharacter {
        /// The first one.
        character: char,
    },
    /// A keyword, address or number with a character that only looks right, such as a dash from a text editor.
    #[error("The character U+{:04X} is not ASCII; type the word again with plain letters, digits and dashes.", u32::from(*character))]
    NonAscii {
        /// The first one.
        character: char,
    },
    /// A quote that is never closed.
    #[error("The quote is not closed; end the name with '\"'.")]
    UnclosedQuote,
    /// A quote inside a word, against a word, or around one that is no name.
    #[error("Quotes may only enclose the whole name of a VPN instance; remove them.")]
    StrayQuote,
    /// A word that has no meaning here.
    #[error("Unrecognized command {word:?}; {} expected here.", one_of(expected))]
    Unrecognized {
        /// The word, cut to a showable length.
        word: String,
        /// What would be understood instead.
        expected: Vec<&'static str>,
    },
    /// An abbreviation of more than one keyword.
    #[error("Ambiguous command {word:?}; it may stand for {}.", matches.join(" or "))]
    Ambiguous {
        /// The word.
        word: String,
        /// The keywords that begin with it.
        matches: Vec<&'static str>,
    },
    /// The line ends too early.
    #[error("Incomplete command; {} expected next.", one_of(expected))]
    Incomplete {
        /// What may come next.
        expected: Vec<&'static str>,
    },
    /// The line goes on after its command is complete.
    #[error("Unrecognized command {word:?}; the command is complete before it, remove the rest.")]
    TrailingWord {
        /// The first word too many.
        word: String,
    },
    /// A command of another view.
    #[error("The command {command} belongs to another view; enter {way} first.")]
    WrongView {
        /// The command's keyword.
        command: &'static str,
        /// How to get to its view.
        way: &'static str,
    },
    /// Not a DFS group's number.
    #[error("{word:?} is not a DFS group; write a number from 1 to 65535.")]
    DfsGroupNumber {
        /// The word as written.
        word: String,
    },
    /// A second DFS group on a device, which is one half of one pair.
    #[error(
        "DFS group {configured} exists, and a device has one DFS group only; enter `undo dfs-group {configured}` first."
    )]
    AnotherDfsGroup {
        /// The group that exists.
        configured: DfsGroupId,
    },
    /// `undo` of a DFS group that does not exist.
    #[error("DFS group {asked} does not exist; nothing to undo.")]
    NoSuchDfsGroup {
        /// The group that was to go.
        asked: DfsGroupId,
    },

    /// Not an IPv4 address in dotted decimal.
    #[error("{word:?} is not an IPv4 address; write it in dotted decimal, as 10.1.0.3.")]
    Ipv4Form {
        /// The word as written.
        word: String,
    },
    /// An octet with a zero in front, which some programs read as octal.
    #[error("The octet {octet} of {word} begins with a zero, which some read as octal; write it without.")]
    Ipv4LeadingZero {
        /// The word as written.
        word: String,
        /// The octet.
        octet: String,
    },
    /// Not an IPv6 address in colon-hexadecimal.
    #[error("{word:?} is not an IPv6 address; write it as X:X:X:X:X:X:X:X, where :: may stand for zeros.")]
    Ipv6Form {
        /// The word as written.
        word: String,
    },
    /// An address of the other family than the form's.
    #[error("{address} is an {} address; {}.", family(address), wrong_family_advice(*form, *after_source))]
    WrongFamily {
        /// The address.
        address: IpAddr,
        /// The form of the line.
        form: Form,
        /// Whether it is the source address, so that the other form may have been meant.
        after_source: bool,
    },
    /// Source and peer of different families.
    #[error(
        "The source {source_address} and the peer {peer} are of different families; use two IPv4 or two IPv6 addresses."
    )]
    MixedFamilies {
        /// The source address.
        source_address: IpAddr,
        /// The peer address.
        peer: IpAddr,
    },
    /// Source and peer are one address.
    #[error("The peer address {address} is also the source address; name the other device's address.")]
    SameAddress {
        /// The address.
        address: IpAddr,
    },
    /// An IPv4 address that no device can have on an interface.
    #[error("{address} is {}; use an address of class A, B or C.", kind.noun())]
    Ipv4Kind {
        /// The address.
        address: Ipv4Addr,
        /// What it is instead.
        kind: Ipv4Kind,
    },
    /// An IPv6 address that cannot be one end of the channel.
    #[error("{address} is {}; use a global or unique local unicast address.", kind.noun())]
    Ipv6Kind {
        /// The address.
        address: Ipv6Addr,
        /// What it is instead.
        kind: Ipv6Kind,
    },
    /// An IPv6 address with a zone (`%eth0`).
    #[error("{word:?} has a zone; write a global or unique local unicast address, without '%'.")]
    Ipv6Zone {
        /// The word as written.
        word: String,
    },
    /// Not a port for the channel.
    #[error(transparent)]
    Port(#[from] TcpPortError),
    /// Not a VPN instance's name.
    #[error(transparent)]
    VpnName(#[from] VpnInstanceError),
    /// The name of the public instance.
    #[error("The name {} is reserved; leave vpn-instance out for the public instance.", VpnInstance::PUBLIC)]
    VpnReserved,

    /// `undo peer-link` while there is none.
    #[error("No peer-link is configured; nothing to undo.")]
    UndoNothing,
    /// `undo peer-link` with too few words.
    #[error(
        "Incomplete command; undo takes the whole line that is configured: `undo {}`.",
        lines(configured)
    )]
    UndoPartial {
        /// What is configured.
        configured: Vec<PeerLink>,
    },
    /// `undo peer-link` with other words than are configured.
    #[error("This is not what is configured; enter `undo {}`.", lines(configured))]
    UndoMismatch {
        /// What is configured.
        configured: Vec<PeerLink>,
    },

    /// A number outside its bounds.
    #[error("{word:?} is not {what}; write a number from {least} to {most}.")]
    Number {
        /// The word as written; masked where a password may stand in its place.
        word: String,
        /// What it should be.
        what: &'static str,
        /// The smallest.
        least: u32,
        /// The largest.
        most: u32,
    },
    /// Not a password.
    #[error(transparent)]
    Password(PasswordError),
    /// Another key than there may be.
    #[error("There are {limit} keys already; take one back with `undo authentication-mode` first.")]
    TooManyKeys {
        /// How many there may be.
        limit: usize,
    },
    /// Not a system id.
    #[error("{word:?} is not a system id; write a MAC address of one device, as 02:00:5e:10:00:01.")]
    SystemId {
        /// The word as written.
        word: String,
    },
    /// `undo` of what is not set.
    #[error("{name} is not configured; nothing to undo.")]
    NotSet {
        /// What was to be taken back.
        name: SettingName,
    },
    /// A keepalive interval that leaves the hold time no room for a lost one.
    #[error(
        "A keepalive interval of {keepalive_ms} ms is more than a third of the hold time, {hold_ms} ms; \
         the session would end with the first one that is lost."
    )]
    KeepaliveTooLong {
        /// The interval.
        keepalive_ms: u64,
        /// The hold time.
        hold_ms: u64,
    },

    /// Both forms at once.
    #[error("The ip and the ipv6 form exclude each other; enter `undo {ip}` or `undo {ipv6}` before commit.")]
    BothForms {
        /// The line of the ip form.
        ip: Box<PeerLink>,
        /// The line of the ipv6 form.
        ipv6: Box<PeerLink>,
    },
    /// The VPN instance is not there.
    #[error("The VPN instance {vpn:?} does not exist; create it first or correct the name (case counts).")]
    NoSuchVpn {
        /// The name.
        vpn: VpnInstance,
    },
    /// Somebody else has the port.
    #[error("TCP port {port} is in use{} by {owner}; choose another port, on both devices.", in_vpn(vpn))]
    PortInUse {
        /// The port.
        port: TcpPort,
        /// The VPN instance in which it is taken.
        vpn: VpnInstance,
        /// Who has it.
        owner: PortOwner,
    },
    /// The model has no ipv6 form.
    #[error("The model {model} does not support the ipv6 form; use `peer-link source ip`.")]
    Ipv6NotOnModel {
        /// The model's name.
        model: String,
    },
    /// The model has the ipv6 form in the standard forwarding mode only.
    #[error(
        "The model {model} supports the ipv6 form in the standard forwarding mode only, not in {mode}; use `peer-link source ip` or change the mode."
    )]
    Ipv6ForwardingMode {
        /// The model's name.
        model: String,
        /// The mode that it is in.
        mode: ForwardingMode,
    },
}

impl Refusal {
    /// The requirement that is broken, as `PL-06`; the grammar itself is PL-02.
    pub fn requirement(&self) -> &'static str {
        match self {
            Self::LineTooLong { .. }
            | Self::TooManyLines { .. }
            | Self::ControlCharacter { .. }
            | Self::NonAscii { .. }
            | Self::UnclosedQuote
            | Self::StrayQuote
            | Self::Unrecognized { .. }
            | Self::Ambiguous { .. }
            | Self::Incomplete { .. }
            | Self::TrailingWord { .. }
            | Self::WrongView { .. }
            | Self::WrongFamily { .. }
            | Self::MixedFamilies { .. }
            | Self::UndoNothing
            | Self::UndoPartial { .. }
            | Self::UndoMismatch { .. } => "PL-02",
            Self::Ipv4Form { .. } | Self::Ipv4LeadingZero { .. } | Self::Ipv6Form { .. } => "PL-03",
            Self::VpnName(_) | Self::VpnReserved | Self::NoSuchVpn { .. } => "PL-04",
            Self::Port(TcpPortError::WellKnown { .. }) => "PL-06",
            Self::Port(_) => "PL-05",
            Self::PortInUse { .. } => "PL-07",
            Self::BothForms { .. } => "PL-08",
            Self::DfsGroupNumber { .. } | Self::AnotherDfsGroup { .. } | Self::NoSuchDfsGroup { .. } => {
                "PL-09"
            }
            Self::SameAddress { .. } => "PL-10",
            Self::Ipv4Kind { .. } => "PL-11",
            Self::Ipv6Kind { .. } | Self::Ipv6Zone { .. } => "PL-12",
            Self::Ipv6NotOnModel { .. } | Self::Ipv6ForwardingMode { .. } => "PL-15",
            Self::Password(_) | Self::TooManyKeys { .. } => "DG-01",
            Self::KeepaliveTooLong { .. } => "DG-03",
            Self::SystemId { .. } => "DG-06",
            Self::Number { .. } | Self::NotSet { .. } => "PL-02",
        }
    }
}

fn family(address: &IpAddr) -> &'static str {
    if address.is_ipv4() { "IPv4" } else { "IPv6" }
}

fn wrong_family_advice(form: Form, after_source: bool) -> String {
    let other = form.other();
    if after_source {
        format!("write `source {other}` or give an {} address", form.family())
    } else {
        format!("the source is an {0} address, so give the peer's {0} address", form.family())
    }
}

fn one_of(expected: &[&str]) -> String {
    match expected {
        [] => "nothing".to_owned(),
        [one] => format!("{one} is"),
        [many @ .., last] => format!("{} or {last} is", many.join(", ")),
    }
}

fn in_vpn(vpn: &VpnInstance) -> String {
    if vpn.is_public() { String::new() } else { format!(" in VPN instance {vpn:?}") }
}

fn lines(links: &[PeerLink]) -> String {
    links.iter().map(ToString::to_string).collect::<Vec<_>>().join("` or `undo ")
}
