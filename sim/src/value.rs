//! Attribute values as the simulator keeps them.
//!
//! Invariant: owned data; the way in and out of the C union is in `abi::attr`.

use std::net::IpAddr;

/// A MAC address.
pub type Mac = [u8; 6];

/// One attribute's value. Which form it has follows from the attribute's [`Kind`](crate::facts::Kind).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// Any scalar: a boolean is 0 or 1, what is signed is sign-extended.
    Num(u64),
    /// A MAC address.
    Mac(Mac),
    /// An IP address.
    Ip(IpAddr),
    /// Text of at most 32 bytes.
    Chars([u8; 32]),
    /// Any list of scalars, each as in [`Value::Num`].
    List(Box<[u64]>),
    /// Pairs of key and value.
    Pairs(Box<[(u32, i32)]>),
    /// Lower and upper bound.
    Range(u32, u32),
    /// Seconds and nanoseconds.
    Timespec(u64, u32),
}

impl Value {
    /// The boolean as a value.
    #[must_use]
    pub(crate) const fn flag(on: bool) -> Self {
        Self::Num(on as u64)
    }

    /// The number, if it is a scalar.
    #[must_use]
    pub(crate) const fn num(&self) -> Option<u64> {
        match self {
            Self::Num(n) => Some(*n),
            _ => None,
        }
    }

    /// Every number in it: of a scalar, the one.
    pub(crate) fn nums(&self) -> &[u64] {
        match self {
            Self::Num(n) => std::slice::from_ref(n),
            Self::List(list) => list,
            _ => &[],
        }
    }
}

/// Can a frame be addressed to this MAC as one station? Zero, broadcast and multicast cannot.
#[must_use]
#[inline]
pub(crate) const fn is_station(mac: &Mac) -> bool {
    mac[0] & 1 == 0 && (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) != 0
}
