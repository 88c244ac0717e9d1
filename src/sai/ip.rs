//! Addresses and host prefixes as C has them.
//!
//! Invariant: network byte order; bytes that the family does not use are zero, whatever the slot held before.

use super::error::Error;
use sai_sys::{sai_ip_addr_family_t, sai_ip_address_t, sai_ip_prefix_t};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Writes an address.
pub(super) fn write_ip(slot: &mut sai_ip_address_t, ip: IpAddr) {
    let (family, octets) = parts(ip);
    slot.addr_family = family;
    slot.addr.ip6 = octets;
}

/// Reads an address out of a slot that was zeroed before the library wrote it.
pub(super) fn read_ip(slot: &sai_ip_address_t) -> Result<IpAddr, Error> {
    // SAFETY: the whole slot was zeroed before the library wrote it, and any bytes are an address.
    let octets = unsafe { slot.addr.ip6 };
    whole(slot.addr_family, octets)
}

/// Writes the prefix that is one host.
pub(super) fn write_host(slot: &mut sai_ip_prefix_t, ip: IpAddr) {
    let (family, octets) = parts(ip);
    let mut mask = [0; 16];
    mask[..if ip.is_ipv4() { 4 } else { 16 }].fill(0xff);
    slot.addr_family = family;
    slot.addr.ip6 = octets;
    slot.mask.ip6 = mask;
}

/// The host that a prefix is; `None` for one of more than a host.
pub(super) fn read_host(slot: &sai_ip_prefix_t) -> Result<Option<IpAddr>, Error> {
    // SAFETY: the whole slot was zeroed before the library wrote it, and any bytes are an address.
    let octets = unsafe { slot.addr.ip6 };
    // SAFETY: as above.
    let mask = unsafe { slot.mask.ip6 };
    let ip = whole(slot.addr_family, octets)?;
    let used = if ip.is_ipv4() { 4 } else { 16 };
    Ok(mask[..used].iter().all(|byte| *byte == 0xff).then_some(ip))
}

fn parts(ip: IpAddr) -> (sai_ip_addr_family_t, [u8; 16]) {
    match ip {
        IpAddr::V4(ip) => {
            let mut octets = [0; 16];
            octets[..4].copy_from_slice(&ip.octets());
            (sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV4, octets)
        }
        IpAddr::V6(ip) => (sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV6, ip.octets()),
    }
}

fn whole(family: sai_ip_addr_family_t, octets: [u8; 16]) -> Result<IpAddr, Error> {
    let [a, b, c, d, ..] = octets;
    match family {
        sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV4 => Ok(Ipv4Addr::new(a, b, c, d).into()),
        sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV6 => Ok(Ipv6Addr::from(octets).into()),
        _ => Err(Error::Inconsistent { call: "sai_get_object_key", what: "gave a key of no address family" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sai::memory::Buffer;
    use sai_sys::{sai_neighbor_entry_t, sai_route_entry_t};

    #[test]
    fn rule_3_addresses_are_in_network_byte_order_and_reused_slots_are_clean() {
        let mut keys: Buffer<sai_neighbor_entry_t> = Buffer::zeroed(1);
        let bytes = |keys: &Buffer<sai_neighbor_entry_t>| {
            // SAFETY: one element lies there, zeroed or written.
            let whole = unsafe { std::slice::from_raw_parts(keys.as_ptr().cast::<u8>(), 40) };
            whole[16..].to_vec()
        };
        let (v4, v6): (IpAddr, IpAddr) = ("10.1.2.3".parse().unwrap(), "2001:db8::ff".parse().unwrap());
        write_ip(&mut keys[0].ip_address, v6);
        assert_eq!(read_ip(&keys[0].ip_address), Ok(v6));
        assert_eq!(bytes(&keys)[..6], [1, 0, 0, 0, 0x20, 0x01]);
        write_ip(&mut keys[0].ip_address, v4);
        assert_eq!(read_ip(&keys[0].ip_address), Ok(v4));
        let mut wanted = vec![0; 24];
        wanted[4..8].copy_from_slice(&[10, 1, 2, 3]);
        assert_eq!(bytes(&keys), wanted, "nothing of the IPv6 address is left");
    }

    #[test]
    fn rule_3_a_host_prefix_is_full_of_ones_and_a_shorter_one_is_no_host() {
        let mut keys: Buffer<sai_route_entry_t> = Buffer::zeroed(1);
        let (v4, v6): (IpAddr, IpAddr) = ("10.1.2.3".parse().unwrap(), "2001:db8::ff".parse().unwrap());
        write_host(&mut keys[0].destination, v6);
        assert_eq!(read_host(&keys[0].destination), Ok(Some(v6)));
        write_host(&mut keys[0].destination, v4);
        assert_eq!(read_host(&keys[0].destination), Ok(Some(v4)));
        // SAFETY: one element lies there, zeroed or written.
        let bytes = unsafe { std::slice::from_raw_parts(keys.as_ptr().cast::<u8>(), 56) };
        let mut wanted = [0; 40];
        wanted[4..8].copy_from_slice(&[10, 1, 2, 3]);
        wanted[20..24].fill(0xff);
        assert_eq!(bytes[16..], wanted, "nothing of the IPv6 prefix is left");
        keys[0].destination.mask.ip4 = u32::from_ne_bytes([255, 255, 255, 0]);
        assert_eq!(read_host(&keys[0].destination), Ok(None));
    }
}
