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
    #[error(
        "'{0}' is not a VPN instance: a name has 1 to 31 characters, none of them a quote, a question mark or a control character"
    )]
    VpnInstance(String),
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
}

impl FromStr for VpnInstance {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, ParseError> {
        let legal = |c: char| !c.is_control() && c != '"' && c != '?';
        if (1..=31).contains(&s.chars().count()) && s.chars().all(legal) {
            Ok(VpnInstance(s.into()))
        } else {
            Err(ParseError::VpnInstance(s.to_owned()))
        }
    }
}

impl TryFrom<String> for VpnInstance {
    type Error = ParseError;
    fn try_from(s: String) -> Result<Self, ParseError> {
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
