//! What keeps others out of a socket: the least TTL, and the key that signs its segments.
//!
//! What was configured and cannot be had is an error: a channel that looks protected and is not would be worse than
//! none. What is on by default only is done without where the kernel lacks it.

use super::socket::try_option;
use crate::peering::{TcpKey, TcpSigning, TtlSecurity};
use crate::run::netns;
use crate::run::vpn::Place;
use crate::session::io::Protection;
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{SetSockOpt, SockaddrStorage};
use options::{IpMinTtl, Ipv6MinHopCount, Md5Signature, TcpAo, TcpAoKey, TcpMd5};
use socket2::Socket;
use std::io;
use std::net::{IpAddr, SocketAddr};
use zeroize::Zeroize;

/// The lowest TTL that is taken of the peer on sockets at `local`.
pub(super) fn least_ttl(place: &Place, local: IpAddr, protection: &Protection) -> Option<u8> {
    let connected = protection.ttl == TtlSecurity::Auto && is_connected(place, local, protection.peer);
    protection.ttl.least(connected)
}

/// Has the kernel throw away what comes with a lower TTL than `least`.
pub(super) fn set_least_ttl(
    socket: &Socket,
    peer: IpAddr,
    least: Option<u8>,
    protection: &Protection,
) -> io::Result<()> {
    let Some(least) = least.map(i32::from) else { return Ok(()) };
    let (name, result) = match peer {
        IpAddr::V4(_) => ("IP_MINTTL", IpMinTtl.set(socket, &least)),
        IpAddr::V6(_) => ("IPV6_MINHOPCOUNT", Ipv6MinHopCount.set(socket, &least)),
    };
    match (result, protection.ttl) {
        (Err(error), TtlSecurity::Hops(_)) => Err(explained("ttl-security", error)),
        (result, _) => {
            try_option(name, result.map_err(io::Error::from));
            Ok(())
        }
    }
}

/// Has the kernel sign what is sent to the peer, and throw away what comes from it without a signature that fits. To be
/// done before the socket listens or connects.
pub(super) fn set_key(socket: &Socket, protection: &Protection) -> io::Result<()> {
    let Some(TcpKey { signing, password }) = &protection.tcp else { return Ok(()) };
    let password =
        password.as_ref().ok_or_else(|| io::Error::other("the password of tcp-authentication is gone"))?;
    let words = password.expose().as_bytes();
    match signing {
        TcpSigning::Md5 => {
            let mut key = Md5Signature::new(protection.peer, words);
            let result = TcpMd5.set(socket, &key);
            key.key.zeroize();
            result.map_err(|error| match error {
                Errno::ENOPROTOOPT => {
                    lacking("tcp-authentication md5: this kernel has no TCP-MD5 (CONFIG_TCP_MD5SIG)")
                }
                error => explained("tcp-authentication md5", error),
            })
        }
        TcpSigning::Ao { id } => {
            let mut key = TcpAoKey::new(protection.peer, *id, words);
            let result = TcpAo.set(socket, &key);
            key.key.zeroize();
            result.map_err(|error| match error {
                Errno::ENOPROTOOPT => lacking(
                    "tcp-authentication ao: this kernel has no TCP-AO (CONFIG_TCP_AO, Linux 6.7 or later); \
                     authentication-mode protects the channel without it",
                ),
                error => explained("tcp-authentication ao", error),
            })
        }
    }
}

fn lacking(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, words)
}

fn explained(what: &str, error: Errno) -> io::Error {
    let error = io::Error::from(error);
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// Whether the peer lies in the subnet of an interface that has the address `local`.
fn is_connected(place: &Place, local: IpAddr, peer: IpAddr) -> bool {
    let look = || {
        let ours = getifaddrs()?.filter(|entry| entry.address.as_ref().and_then(ip) == Some(local));
        Ok(ours.into_iter().any(|entry| {
            let far = entry.destination.as_ref().and_then(ip) == Some(peer);
            far || entry.netmask.as_ref().and_then(ip).is_some_and(|mask| same_subnet(local, peer, mask))
        }))
    };
    netns::within_or_here(place.netns(), look).unwrap_or_else(|error| {
        tracing::debug!(%error, "cannot find out whether the peer is on a connected subnet");
        false
    })
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|a| IpAddr::V4(a.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|a| IpAddr::V6(a.ip())))
}

fn same_subnet(a: IpAddr, b: IpAddr, mask: IpAddr) -> bool {
    match (a, b, mask) {
        (IpAddr::V4(a), IpAddr::V4(b), IpAddr::V4(mask)) => (a.to_bits() ^ b.to_bits()) & mask.to_bits() == 0,
        (IpAddr::V6(a), IpAddr::V6(b), IpAddr::V6(mask)) => (a.to_bits() ^ b.to_bits()) & mask.to_bits() == 0,
        _ => false,
    }
}

/// The socket options that the crates below lack, as the kernel's headers have them.
mod options {
    #![allow(unreachable_pub, reason = "the macro makes its types public")]

    use super::{IpAddr, SocketAddr};
    use nix::{setsockopt_impl, sockopt_impl};
    use socket2::SockAddr;

    const TCP_AO_ADD_KEY: libc::c_int = 38;
    /// The longest key of both.
    const KEY: usize = 80;

    sockopt_impl!(IpMinTtl, SetOnly, libc::IPPROTO_IP, libc::IP_MINTTL, i32);
    sockopt_impl!(Ipv6MinHopCount, SetOnly, libc::IPPROTO_IPV6, libc::IPV6_MINHOPCOUNT, i32);
    sockopt_impl!(TcpMd5, SetOnly, libc::IPPROTO_TCP, libc::TCP_MD5SIG, Md5Signature);
    sockopt_impl!(TcpAo, SetOnly, libc::IPPROTO_TCP, TCP_AO_ADD_KEY, TcpAoKey);

    /// `struct tcp_md5sig`.
    #[repr(C, align(8))]
    pub struct Md5Signature {
        address: [u8; 128],
        flags: u8,
        prefix: u8,
        length: u16,
        interface: i32,
        pub(super) key: [u8; KEY],
    }

    impl Md5Signature {
        /// For exactly this peer.
        pub(super) fn new(peer: IpAddr, words: &[u8]) -> Md5Signature {
            let (key, length) = fixed(words);
            Md5Signature {
                address: address(peer),
                flags: 0,
                prefix: 0,
                length: length.into(),
                interface: 0,
                key,
            }
        }
    }

    /// `struct tcp_ao_add`.
    #[repr(C, align(8))]
    pub struct TcpAoKey {
        address: [u8; 128],
        algorithm: [u8; 64],
        interface: i32,
        /// Bit 0: sign with it; bit 1: ask the other side to.
        set: u32,
        reserved: u16,
        prefix: u8,
        send_id: u8,
        receive_id: u8,
        mac_length: u8,
        flags: u8,
        length: u8,
        pub(super) key: [u8; KEY],
    }

    impl TcpAoKey {
        /// For exactly this peer, HMAC-SHA-1-96 (RFC 5926).
        pub(super) fn new(peer: IpAddr, id: u8, words: &[u8]) -> TcpAoKey {
            let (key, length) = fixed(words);
            let mut algorithm = [0; 64];
            algorithm[..10].copy_from_slice(b"hmac(sha1)");
            TcpAoKey {
                address: address(peer),
                algorithm,
                interface: 0,
                set: 0b11,
                reserved: 0,
                prefix: if peer.is_ipv4() { 32 } else { 128 },
                send_id: id,
                receive_id: id,
                mac_length: 12,
                flags: 0,
                length,
                key,
            }
        }
    }

    fn fixed(words: &[u8]) -> ([u8; KEY], u8) {
        let mut key = [0; KEY];
        let length = words.len().min(KEY);
        key[..length].copy_from_slice(&words[..length]);
        (key, u8::try_from(length).expect("at most 80"))
    }

    /// `struct __kernel_sockaddr_storage`.
    fn address(peer: IpAddr) -> [u8; 128] {
        let mut bytes = [0; 128];
        let family = SockAddr::from(SocketAddr::new(peer, 0)).family();
        bytes[..2].copy_from_slice(&family.to_ne_bytes());
        match peer {
            IpAddr::V4(peer) => bytes[4..8].copy_from_slice(&peer.octets()),
            IpAddr::V6(peer) => bytes[8..24].copy_from_slice(&peer.octets()),
        }
        bytes
    }

    #[cfg(test)]
    #[test]
    fn the_structures_have_the_kernels_layout() {
        use std::mem::{offset_of, size_of};
        assert_eq!((size_of::<Md5Signature>(), offset_of!(Md5Signature, key)), (216, 136));
        assert_eq!((size_of::<TcpAoKey>(), offset_of!(TcpAoKey, key)), (288, 208));
        assert_eq!(offset_of!(TcpAoKey, prefix), 202);
    }
}
