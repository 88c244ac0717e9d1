//! Identities and addresses: parsed once, legal for ever after.
//!
//! Does not hold the peer-link's address rules (they are the command's: `crate::config`).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;

/// Why a word is not the identity it should be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ParseError {
    /// Not six octets in hexadecimal.
    #[error("'{0}' is not a MAC address: write it as aa:bb:cc:dd:ee:ff or aabb-ccdd-eeff")]
    Mac(String),
    /// A number outside its range, or no number at all.
    #[error("{what} '{word}' is not a number from {min} to {max}")]
    Number {
        /// What the number identifies.
        what: &'static str,
        /// The word as written.
        word: String,
        /// Smallest legal value.
        min: u32,
        /// Largest legal value.
        max: u32,
    },
    /// Not the name of a synchronised interface.
    #[error(
        "'{0}' is not an interface that both devices share: write Vlanif10, Vbdif5010, Eth-Trunk7 or Eth-Trunk7.100"
    )]
    Interface(String),
    /// Not a VPN instance's name.
    #[error(transparent)]
    VpnInstance(#[from] VpnInstanceError),
}

/// An IEEE 802 MAC address, first octet first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// All zeros: never a host.
    pub const ZERO: Mac = Mac([0; 6]);
    /// All ones.
    pub const BROADCAST: Mac = Mac([0xff; 6]);

    /// True for group addresses, broadcast among them.
    pub fn is_multicast(self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Mac {
    type Err = ParseError;

    /// Takes twelve hexadecimal digits with `:`, `-` or `.` between any octets.
    fn from_str(s: &str) -> Result<Self, ParseError> {
        let bad = || ParseError::Mac(s.to_owned());
        let digits: Vec<char> = s.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
        if digits.len() != 12 || s.len() > 17 {
            return Err(bad());
        }
        let mut mac = [0u8; 6];
        for (octet, pair) in mac.iter_mut().zip(digits.chunks(2)) {
            let high = pair[0].to_digit(16).ok_or_else(bad)?;
            let low = pair[1].to_digit(16).ok_or_else(bad)?;
            *octet = (high << 4 | low) as u8;
        }
        Ok(Mac(mac))
    }
}

impl Serialize for Mac {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! ranged {
    ($(#[$doc:meta])* $name:ident, $int:ty, $what:literal, $min:literal ..= $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "u32", into = "u32")]
        pub struct $name($int);

        impl $name {
            /// The identity with this number, if the number is legal.
            pub const fn new(n: u32) -> Option<Self> {
                if n >= $min && n <= $max { Some(Self(n as $int)) } else { None }
            }
            /// The number.
            pub const fn number(self) -> $int {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl TryFrom<u32> for $name {
            type Error = ParseError;
            fn try_from(n: u32) -> Result<Self, ParseError> {
                Self::new(n).ok_or_else(|| ParseError::Number { what: $what, word: n.to_string(), min: $min, max: $max })
            }
        }

        impl From<$name> for u32 {
            fn from(id: $name) -> u32 {
                id.0.into()
            }
        }

        impl FromStr for $name {
            type Err = ParseError;
            fn from_str(s: &str) -> Result<Self, ParseError> {
                let bad = || ParseError::Number { what: $what, word: s.to_owned(), min: $min, max: $max };
                if s.is_empty() || !s.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(bad());
                }
                s.parse::<u32>().ok().and_then(Self::new).ok_or_else(bad)
            }
        }
    };
}

ranged!(
    /// An IEEE 802.1Q VLAN.
    VlanId, u16, "VLAN", 1..=4094
);
ranged!(
    /// A bridge domain.
    BdId, u32, "bridge domain", 1..=16_777_215
);
ranged!(
    /// An M-LAG, by the number that both devices gave it.
    MlagId, u16, "M-LAG", 1..=4096
);

ranged!(
    /// A DFS group: the pair, by the number that both devices give it (PL-09).
    DfsGroupId, u16, "DFS group", 1..=65_535
);

/// A TCP port that a channel may use: 1024 to 65535 (PL-05, PL-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct TcpPort(u16);

/// Why a word is no port for the channel.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TcpPortError {
    /// Not decimal digits alone.
    #[error("{word:?} is not a TCP port; write a number from 1024 to 65535 in decimal digits.")]
    NotANumber {
        /// The word as written.
        word: String,
    },
    /// A zero in front, which some read as octal.
    #[error("The TCP port {word} begins with a zero; write it without.")]
    LeadingZero {
        /// The word as written.
        word: String,
    },
    /// Outside 1 to 65535 (PL-05).
    #[error("There is no TCP port {word}; use a port from 1024 to 65535.")]
    OutOfRange {
        /// The word as written.
        word: String,
    },
    /// A well-known port, 1 to 1023 (PL-06).
    #[error("TCP port {port} is a well-known port; use a port from 1024 to 65535.")]
    WellKnown {
        /// The port.
        port: u16,
    },
}

impl TcpPort {
    /// The smallest port that is not well known.
    pub const MIN: u16 = 1024;

    /// The port with this number, if the channel may use it.
    pub fn new(number: u16) -> Result<Self, TcpPortError> {
        match number {
            0 => Err(TcpPortError::OutOfRange { word: "0".to_owned() }),
            1..Self::MIN => Err(TcpPortError::WellKnown { port: number }),
            _ => Ok(Self(number)),
        }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TcpPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for TcpPort {
    type Err = TcpPortError;

    fn from_str(s: &str) -> Result<Self, TcpPortError> {
        // The word goes into the error, so what is longer than any number is cut.
        let word = || s.chars().take(24).collect();
        if s.is_empty() || !s.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TcpPortError::NotANumber { word: word() });
        }
        if s.len() > 1 && s.starts_with('0') {
            return Err(TcpPortError::LeadingZero { word: word() });
        }
        let number = s.parse().map_err(|_| TcpPortError::OutOfRange { word: word() })?;
        Self::new(number)
    }
}

impl TryFrom<u16> for TcpPort {
    type Error = TcpPortError;
    fn try_from(number: u16) -> Result<Self, TcpPortError> {
        Self::new(number)
    }
}

impl From<TcpPort> for u16 {
    fn from(port: TcpPort) -> u16 {
        port.0
    }
}

/// An interface as both devices name it: what the wire carries instead of local names and OIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InterfaceId {
    /// The layer 3 interface of a VLAN.
    Vlanif(VlanId),
    /// The layer 3 interface of a bridge domain.
    Vbdif(BdId),
    /// A routed Eth-Trunk that is an M-LAG, or a subinterface of one.
    Routed {
        /// The M-LAG.
        mlag: MlagId,
        /// The subinterface's tag.
        dot1q: Option<VlanId>,
    },
}

impl fmt::Display for InterfaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InterfaceId::Vlanif(vlan) => write!(f, "Vlanif{vlan}"),
            InterfaceId::Vbdif(bd) => write!(f, "Vbdif{bd}"),
            InterfaceId::Routed { mlag, dot1q: None } => write!(f, "Eth-Trunk{mlag}"),
            InterfaceId::Routed { mlag, dot1q: Some(tag) } => write!(f, "Eth-Trunk{mlag}.{tag}"),
        }
    }
}

impl FromStr for InterfaceId {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, ParseError> {
        let lower = s.to_ascii_lowercase();
        if let Some(n) = lower.strip_prefix("vlanif") {
            return Ok(InterfaceId::Vlanif(n.parse()?));
        }
        if let Some(n) = lower.strip_prefix("vbdif") {
            return Ok(InterfaceId::Vbdif(n.parse()?));
        }
        let Some(n) = lower.strip_prefix("eth-trunk") else {
            return Err(ParseError::Interface(s.to_owned()));
        };
        match n.split_once('.') {
            None => Ok(InterfaceId::Routed { mlag: n.parse()?, dot1q: None }),
            Some((mlag, tag)) => Ok(InterfaceId::Routed { mlag: mlag.parse()?, dot1q: Some(tag.parse()?) }),
        }
    }
}

impl Serialize for InterfaceId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InterfaceId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The identity of a device in its pair: drawn or configured once; the larger wins ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub u64);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A VPN instance (a VRF) by name; the public one is called `_public_`, which nobody may configure.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VpnInstance(Arc<str>);

impl VpnInstance {
    /// The reserved name of the public instance.
    pub const PUBLIC: &'static str = "_public_";

    /// The public instance: what an entry or a channel without a VPN instance is in.
    pub fn public() -> Self {
        VpnInstance(Self::PUBLIC.into())
    }

    /// True for the public instance.
    pub fn is_public(&self) -> bool {
        &*self.0 == Self::PUBLIC
    }

    /// The name, case as configured.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The longest name (PL-04), in characters.
    pub const MAX_CHARS: usize = 31;

    /// Quotes and the help key cannot be typed into a name; what cannot be seen makes two names look like one.
    fn legal(c: char) -> bool {
        let invisible = matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
        c == ' ' || !(c.is_control() || c.is_whitespace() || invisible || c == '"' || c == '?')
    }
}

impl Default for VpnInstance {
    fn default() -> Self {
        Self::public()
    }
}

/// Why a word is no VPN instance's name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum VpnInstanceError {
    /// Nothing, or too much.
    #[error("A VPN instance's name has 1 to {} characters, not {length}.", VpnInstance::MAX_CHARS)]
    Length {
        /// How many characters were given.
        length: usize,
    },
    /// One of the characters may not be in a name.
    #[error("The character {character:?} may not be in a VPN instance's name; leave it out.")]
    Character {
        /// The first such character.
        character: char,
    },
}

impl FromStr for VpnInstance {
    type Err = VpnInstanceError;

    /// Takes the reserved name too: who reads a user's words refuses it there.
    fn from_str(s: &str) -> Result<Self, VpnInstanceError> {
        let length = s.chars().count();
        if !(1..=Self::MAX_CHARS).contains(&length) {
            return Err(VpnInstanceError::Length { length });
        }
        match s.chars().find(|&c| !Self::legal(c)) {
            Some(character) => Err(VpnInstanceError::Character { character }),
            None => Ok(VpnInstance(s.into())),
        }
    }
}

impl TryFrom<String> for VpnInstance {
    type Error = VpnInstanceError;
    fn try_from(s: String) -> Result<Self, VpnInstanceError> {
        s.parse()
    }
}

impl From<VpnInstance> for String {
    fn from(v: VpnInstance) -> String {
        v.0.as_ref().to_owned()
    }
}

impl fmt::Display for VpnInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for VpnInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vpn_names_are_counted_in_characters_and_keep_their_case() {
        for good in ["a", "VPN-1", "vpn one", " ", "_public_", &"x".repeat(31), &"\u{e9}".repeat(31)] {
            let vpn: VpnInstance = good.parse().expect("a legal name");
            assert_eq!(vpn.name(), good);
        }
        assert_eq!("".parse::<VpnInstance>(), Err(VpnInstanceError::Length { length: 0 }));
        for long in ["x".repeat(32), "\u{e9}".repeat(32)] {
            assert_eq!(long.parse::<VpnInstance>(), Err(VpnInstanceError::Length { length: 32 }));
        }
        assert_ne!("a".parse::<VpnInstance>(), "A".parse::<VpnInstance>());
        for character in ['"', '?', '\t', '\n', '\0', '\u{7f}', '\u{a0}', '\u{202e}', '\u{200b}', '\u{feff}']
        {
            let refused = format!("a{character}b").parse::<VpnInstance>();
            assert_eq!(refused, Err(VpnInstanceError::Character { character }));
        }
    }

    #[test]
    fn ports_are_decimal_and_never_well_known() {
        for (word, number) in [("1024", 1024), ("2048", 2048), ("65535", 65535)] {
            assert_eq!(word.parse::<TcpPort>().map(TcpPort::number), Ok(number));
        }
        assert_eq!("1".parse::<TcpPort>(), Err(TcpPortError::WellKnown { port: 1 }));
        assert_eq!("1023".parse::<TcpPort>(), Err(TcpPortError::WellKnown { port: 1023 }));
        for word in ["0", "65536", "99999999999", "18446744073709551617"] {
            assert_eq!(word.parse::<TcpPort>(), Err(TcpPortError::OutOfRange { word: word.to_owned() }));
        }
        for word in ["", "-1", "+1", "2048x", "0x800", " 2048", "2e3"] {
            assert_eq!(word.parse::<TcpPort>(), Err(TcpPortError::NotANumber { word: word.to_owned() }));
        }
        assert_eq!("02048".parse::<TcpPort>(), Err(TcpPortError::LeadingZero { word: "02048".to_owned() }));
    }

    #[test]
    fn what_serde_reads_is_parsed_too() {
        assert!(serde_json::from_str::<TcpPort>("80").is_err());
        assert!(serde_json::from_str::<DfsGroupId>("0").is_err());
        assert!(serde_json::from_str::<VpnInstance>("\"\"").is_err());
        assert_eq!(serde_json::from_str::<VpnInstance>("\"_public_\"").ok(), Some(VpnInstance::public()));
    }
}
