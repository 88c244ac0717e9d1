//! The hosts of the demonstration: a pure function of how many are wanted.
//!
//! ```text
//! host i   leaf      = i & 1        both switches learn as many
//!          family    = i >> 1 & 1   as many IPv4 as IPv6
//!          interface = i >> 2 & 1   Vlanif10, Vlanif20
//!          number    = i >> 3       one machine: the same MAC under both families
//! ```

use mlagsync::addr::{InterfaceId, Mac, VlanId};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The most neighbours that are resolved by real ARP and ND. The kernel's limit of ordinary entries is the whole
/// machine's, 1,024 by default, so the demo stays far below it.
const RESOLVED: u32 = 32;

/// Addresses of its own that a switch tells its peer of, too: the gateways of both interfaces.
pub(crate) const OWN_ADDRESSES: u64 = 4;

/// One of the two VLANs and its interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Vlan {
    /// 10.16.0.0/12 and fd00:10::/64.
    Ten,
    /// 10.32.0.0/12 and fd00:20::/64.
    Twenty,
}

impl Vlan {
    pub(crate) const ALL: [Vlan; 2] = [Vlan::Ten, Vlan::Twenty];

    /// The VLAN's number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Vlan::Ten => 10,
            Vlan::Twenty => 20,
        }
    }

    /// Its interface.
    pub(crate) fn interface(self) -> InterfaceId {
        InterfaceId::Vlanif(VlanId::new(self.number().into()).expect("10 and 20 are VLANs"))
    }

    /// The address with this number in its subnet of a family. 2²⁰ IPv4 addresses bound the demo's size.
    fn address(self, v6: bool, number: u32) -> IpAddr {
        match (v6, self) {
            (false, Vlan::Ten) => IpAddr::V4(Ipv4Addr::from_bits(0x0a10_0000 + number)),
            (false, Vlan::Twenty) => IpAddr::V4(Ipv4Addr::from_bits(0x0a20_0000 + number)),
            (true, _) => {
                let vlan = if self == Vlan::Ten { 0x10 } else { 0x20 };
                let (high, low) = ((number >> 16) as u16, number as u16);
                IpAddr::V6(Ipv6Addr::new(0xfd00, vlan, 0, 0, 0, 0, high, low))
            }
        }
    }

    /// The router's own addresses, the same on both switches, with the lengths of their subnets.
    pub(crate) fn gateways(self) -> [(IpAddr, u8); 2] {
        [(self.address(false, 1), 12), (self.address(true, 1), 64)]
    }

    /// The router's MAC, the same on both switches.
    pub(crate) fn router_mac(self) -> Mac {
        Mac([0x00, 0x00, 0x5e, 0x00, 0x01, self.number()])
    }

    /// The MAC of the machine that answers ARP and ND behind this VLAN of a switch.
    pub(crate) fn answering_mac(self, leaf: usize) -> Mac {
        Mac([0x02, 0xaa, leaf as u8 + 1, self.number(), 0, 1])
    }
}

/// The port of a switch that a host is heard by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Port {
    /// A member of M-LAG 7.
    MlagMember,
    /// A port that only this switch has.
    Orphan,
}

/// How the kernel comes to know a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// A program installs the entry, as one that offloads learning does.
    Installed,
    /// The kernel asks by ARP or ND, and a machine answers.
    Resolved,
}

/// A host behind one of the switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) leaf: usize,
    pub(crate) vlan: Vlan,
    pub(crate) ip: IpAddr,
    pub(crate) mac: Mac,
    pub(crate) port: Port,
    pub(crate) way: Way,
}

/// Every host of a demonstration with this many.
pub(crate) fn hosts(count: u32) -> impl Iterator<Item = Host> + Clone {
    let resolved = RESOLVED.min(count / 2);
    (0..count).map(move |i| host(i, i < resolved))
}

/// A host that [`hosts`] of `count` does not have: it appears later.
pub(crate) fn latecomer(count: u32, leaf: usize) -> Host {
    host((count | 7) + 1 + leaf as u32, false)
}

/// The address and MAC of the raw loop's entry `i`: half of them IPv6, as the hosts are.
pub(crate) fn raw_host(i: u32) -> (IpAddr, Mac) {
    let [_, a, b, c] = i.to_be_bytes();
    (Vlan::Ten.address(i & 1 == 1, 256 + (i >> 1)), Mac([0x02, 0x10, 1, a, b, c]))
}

fn host(i: u32, resolved: bool) -> Host {
    let (leaf, v6, number) = ((i & 1) as usize, i >> 1 & 1 == 1, i >> 3);
    let vlan = if i >> 2 & 1 == 0 { Vlan::Ten } else { Vlan::Twenty };
    let ip = vlan.address(v6, 256 + number * 2 + leaf as u32);
    let [_, a, b, c] = number.to_be_bytes();
    let installed = Mac([0x02, vlan.number(), leaf as u8 + 1, a, b, c]);
    let (mac, port, way) = match (resolved, vlan) {
        (true, Vlan::Ten) => (vlan.answering_mac(leaf), Port::MlagMember, Way::Resolved),
        (true, Vlan::Twenty) => (vlan.answering_mac(leaf), Port::Orphan, Way::Resolved),
        (false, _) if number % 8 == 7 => (installed, Port::Orphan, Way::Installed),
        (false, _) => (installed, Port::MlagMember, Way::Installed),
    };
    Host { leaf, vlan, ip, mac, port, way }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ten_thousand_are_half_ipv6_on_both_switches_both_interfaces_and_both_kinds_of_port() {
        let all: Vec<Host> = hosts(10_000).collect();
        let count = |what: &dyn Fn(&Host) -> bool| all.iter().filter(|host| what(host)).count();
        assert_eq!(count(&|host| host.ip.is_ipv6()), 5_000);
        assert_eq!(count(&|host| host.leaf == 0), 5_000);
        assert_eq!(count(&|host| host.vlan == Vlan::Ten), 5_000);
        assert_eq!(count(&|host| host.way == Way::Resolved), RESOLVED as usize);
        assert!(count(&|host| host.port == Port::Orphan) > 1_000);
    }

    #[test]
    fn no_address_comes_twice_and_all_lie_in_their_subnets() {
        let mut seen = HashSet::new();
        for host in hosts(1_000_000).chain([latecomer(1_000_000, 0), latecomer(1_000_000, 1)]) {
            assert!(seen.insert(host.ip), "{host:?}");
            let inside = host.vlan.gateways().iter().any(|(gateway, length)| {
                let net = ipnet::IpNet::new(*gateway, *length).expect("a subnet");
                *gateway != host.ip && net.contains(&host.ip)
            });
            assert!(inside, "{host:?}");
        }
    }

    #[test]
    fn a_latecomer_is_on_the_switch_that_was_asked_for() {
        for count in [0, 1, 7, 8, 10_000] {
            assert_eq!([0, 1].map(|leaf| latecomer(count, leaf).leaf), [0, 1]);
        }
    }

    #[test]
    fn one_machine_has_one_mac_under_both_families() {
        let all: Vec<Host> = hosts(1000).collect();
        assert_eq!(all[800].mac, all[802].mac);
        assert!(all[800].ip.is_ipv4() && all[802].ip.is_ipv6());
    }
}
