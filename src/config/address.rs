//! The addresses of the channel's two ends, as the command line takes them (PL-03, PL-11, PL-12).
//!
//! Invariant: stricter than the standard library where a reader could be misled: no octet with a leading zero, no IPv4
//! address inside an IPv6 one, no zone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::peer_link::Form;
use super::refusal::Refusal;

/// Reads one end of a line of `form`; `after_source` only words the advice.
pub(super) fn parse(word: &str, form: Form, after_source: bool) -> Result<IpAddr, Refusal> {
    let address = match form {
        Form::Ip => ipv4(word).map(IpAddr::V4),
        Form::Ipv6 => ipv6(word).map(IpAddr::V6),
    };
    let address = address.map_err(|refusal| {
        let other = match form {
            Form::Ip => word.parse().ok().map(IpAddr::V6),
            Form::Ipv6 => word.parse().ok().map(IpAddr::V4),
        };
        other.map_or(refusal, |address| Refusal::WrongFamily { address, form, after_source })
    })?;
    check(address)?;
    Ok(address)
}

/// Whether `address` may be an end of the channel: PL-11 for IPv4, PL-12 for IPv6.
pub(super) fn check(address: IpAddr) -> Result<(), Refusal> {
    match address {
        IpAddr::V4(address) => match Ipv4Kind::of(address) {
            Some(kind) => Err(Refusal::Ipv4Kind { address, kind }),
            None => Ok(()),
        },
        IpAddr::V6(address) => match Ipv6Kind::of(address) {
            Some(kind) => Err(Refusal::Ipv6Kind { address, kind }),
            None => Ok(()),
        },
    }
}

/// Four octets in decimal, without leading zeros.
fn ipv4(word: &str) -> Result<Ipv4Addr, Refusal> {
    let form = || Refusal::Ipv4Form { word: shown(word) };
    let octets: Vec<&str> = word.split('.').take(5).collect();
    let digits = |octet: &&str| !octet.is_empty() && octet.bytes().all(|b| b.is_ascii_digit());
    if octets.len() != 4 || !octets.iter().all(digits) {
        return Err(form());
    }
    if let Some(octet) = octets.iter().find(|octet| octet.len() > 1 && octet.starts_with('0')) {
        return Err(Refusal::Ipv4LeadingZero { word: shown(word), octet: shown(octet) });
    }
    word.parse().map_err(|_| form())
}

/// Groups of hexadecimal digits, in either case; `::` at most once.
fn ipv6(word: &str) -> Result<Ipv6Addr, Refusal> {
    let form = || Refusal::Ipv6Form { word: shown(word) };
    if let Some((address, _zone)) = word.split_once('%') {
        let zone = address.parse::<Ipv6Addr>().is_ok();
        return Err(if zone { Refusal::Ipv6Zone { word: shown(word) } } else { form() });
    }
    let address: Ipv6Addr = word.parse().map_err(|_| form())?;
    // The dotted tail is not the X:X:X:X:X:X:X:X form; where it means a mapped address, that is the better reason.
    if word.contains('.') && Ipv6Kind::of(address).is_none() {
        return Err(form());
    }
    Ok(address)
}

/// A word as an error repeats it: cut, so that the sentence stays readable.
pub(super) fn shown(word: &str) -> String {
    const LONGEST: usize = 45;
    word.chars().take(LONGEST).collect()
}

/// What an IPv4 address is, when it is not of class A, B or C (PL-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ipv4Kind {
    /// 0/8.
    ThisNetwork,
    /// 127/8.
    Loopback,
    /// Class D, 224/4.
    Multicast,
    /// Class E, 240/4.
    Reserved,
    /// 255.255.255.255.
    Broadcast,
}

impl Ipv4Kind {
    /// What `address` is, if it may not be an end of the channel. 169.254/16 is class B, and may.
    pub fn of(address: Ipv4Addr) -> Option<Self> {
        match address.octets() {
            [255, 255, 255, 255] => Some(Self::Broadcast),
            [0, ..] => Some(Self::ThisNetwork),
            [127, ..] => Some(Self::Loopback),
            [224..=239, ..] => Some(Self::Multicast),
            [240..=255, ..] => Some(Self::Reserved),
            _ => None,
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::ThisNetwork => "in 0.0.0.0/8, which is no host's",
            Self::Loopback => "a loopback address",
            Self::Multicast => "a multicast address (class D)",
            Self::Reserved => "a reserved address (class E)",
            Self::Broadcast => "the broadcast address",
        }
    }
}

/// What an IPv6 address is, when it may not be an end of the channel (PL-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ipv6Kind {
    /// `::`.
    Unspecified,
    /// `::1`.
    Loopback,
    /// `ff00::/8`.
    Multicast,
    /// `fe80::/10`.
    LinkLocal,
    /// `::ffff:0:0/96`.
    V4Mapped,
    /// `::/96`, other than `::` and `::1`.
    V4Compatible,
}

impl Ipv6Kind {
    /// What `address` is, if it may not be an end of the channel. 2001:db8::/32 and fc00::/7 may.
    pub fn of(address: Ipv6Addr) -> Option<Self> {
        match address.segments() {
            [0, 0, 0, 0, 0, 0, 0, 0] => Some(Self::Unspecified),
            [0, 0, 0, 0, 0, 0, 0, 1] => Some(Self::Loopback),
            [0, 0, 0, 0, 0, 0xffff, ..] => Some(Self::V4Mapped),
            [0, 0, 0, 0, 0, 0, ..] => Some(Self::V4Compatible),
            [0xff00..=0xffff, ..] => Some(Self::Multicast),
            [0xfe80..=0xfebf, ..] => Some(Self::LinkLocal),
            _ => None,
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Unspecified => "the unspecified address",
            Self::Loopback => "the loopback address",
            Self::Multicast => "a multicast address",
            Self::LinkLocal => "a link-local address",
            Self::V4Mapped => "an IPv4-mapped address",
            Self::V4Compatible => "an IPv4-compatible address",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ipv4_address_has_the_kind_of_its_first_octet() {
        for first in 0..=255u8 {
            let kind = Ipv4Kind::of(Ipv4Addr::new(first, 1, 2, 3));
            let expected = match first {
                0 => Some(Ipv4Kind::ThisNetwork),
                127 => Some(Ipv4Kind::Loopback),
                1..=223 => None,
                224..=239 => Some(Ipv4Kind::Multicast),
                240..=255 => Some(Ipv4Kind::Reserved),
            };
            assert_eq!(kind, expected, "{first}");
        }
        assert_eq!(Ipv4Kind::of(Ipv4Addr::BROADCAST), Some(Ipv4Kind::Broadcast));
    }

    #[test]
    fn ipv6_kinds_end_where_their_prefixes_end() {
        let cases = [
            ("::", Some(Ipv6Kind::Unspecified)),
            ("::1", Some(Ipv6Kind::Loopback)),
            ("::2", Some(Ipv6Kind::V4Compatible)),
            ("::a01:3", Some(Ipv6Kind::V4Compatible)),
            ("::fffe:a01:3", None),
            ("::ffff:a01:3", Some(Ipv6Kind::V4Mapped)),
            ("::1:a01:3", None),
            ("::1:0:0:0", None),
            ("fe7f:ffff::1", None),
            ("fe80::1", Some(Ipv6Kind::LinkLocal)),
            ("febf::1", Some(Ipv6Kind::LinkLocal)),
            ("fec0::1", None),
            ("feff::1", None),
            ("ff00::1", Some(Ipv6Kind::Multicast)),
            ("ffff::1", Some(Ipv6Kind::Multicast)),
            ("fc00::1", None),
            ("2001:db8::1", None),
        ];
        for (address, expected) in cases {
            assert_eq!(Ipv6Kind::of(address.parse().expect("an address")), expected, "{address}");
        }
    }
}
