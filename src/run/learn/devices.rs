//! The network devices and addresses of one network namespace, as the kernel tells them.
//!
//! Invariant: an address or a device that a notice spoke of while a dump ran is as the notice said; the dump's row may
//! be older than it, and is passed over.

use super::decode::{AddressMessage, Body, LinkMessage};
use super::netlink::Source;
use crate::addr::Mac;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A network device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// Its name at the moment.
    pub(crate) name: String,
    /// Its MAC.
    pub(crate) mac: Option<Mac>,
    /// The bridge or VRF that it belongs to.
    pub(crate) master: Option<u32>,
    /// The device below it.
    pub(crate) lower: Option<u32>,
    /// It is a bridge.
    pub(crate) bridge: bool,
    /// It is up, as far as the administrator has a say in it.
    pub(crate) up: bool,
}

type AddressKey = (u32, IpAddr, u8);

/// Devices and addresses.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    links: BTreeMap<u32, Device>,
    addresses: BTreeMap<AddressKey, u32>,
    dump: Option<Window>,
}

/// What a running dump has named, and what notices spoke of meanwhile.
#[derive(Debug, Default)]
struct Window {
    links: BTreeSet<u32>,
    addresses: BTreeSet<AddressKey>,
    noticed_links: BTreeSet<u32>,
    noticed_addresses: BTreeSet<AddressKey>,
}

impl Devices {
    /// A dump of both tables is about to be asked for.
    pub(crate) fn begin_dump(&mut self) {
        self.dump = Some(Window::default());
    }

    /// Both dumps are complete: what neither they nor a notice named is gone.
    pub(crate) fn end_dump(&mut self) {
        let Some(window) = self.dump.take() else { return };
        self.links.retain(|index, _| window.links.contains(index) || window.noticed_links.contains(index));
        self.addresses
            .retain(|key, _| window.addresses.contains(key) || window.noticed_addresses.contains(key));
    }

    /// Takes a message in. Answers whether it changed anything.
    pub(crate) fn handle(&mut self, source: Source, body: &Body) -> bool {
        match body {
            Body::Link { gone, link } => self.handle_link(source, *gone, link),
            Body::Address { gone, address } => self.handle_address(source, *gone, address),
            _ => false,
        }
    }

    fn handle_link(&mut self, source: Source, gone: bool, link: &LinkMessage) -> bool {
        // A bridge tells of its ports by messages of the same type: their RTM_DELLINK means "left the bridge".
        if i32::from(link.family) != libc::AF_UNSPEC {
            return false;
        }
        if let Some(window) = &mut self.dump {
            match source {
                Source::Notice => _ = window.noticed_links.insert(link.ifindex),
                Source::Dump if window.noticed_links.contains(&link.ifindex) => return false,
                Source::Dump => _ = window.links.insert(link.ifindex),
            }
        }
        if gone {
            let addresses = self.addresses.len();
            self.addresses.retain(|(index, ..), _| *index != link.ifindex);
            return self.links.remove(&link.ifindex).is_some() || self.addresses.len() != addresses;
        }
        let device = Device {
            name: link.name.clone(),
            mac: link.mac,
            master: link.master,
            lower: link.lower,
            bridge: link.bridge,
            up: link.flags & libc::IFF_UP as u32 != 0,
        };
        self.links.insert(link.ifindex, device.clone()) != Some(device)
    }

    fn handle_address(&mut self, source: Source, gone: bool, address: &AddressMessage) -> bool {
        let key = (address.ifindex, address.ip, address.prefix);
        if let Some(window) = &mut self.dump {
            match source {
                Source::Notice => _ = window.noticed_addresses.insert(key),
                Source::Dump if window.noticed_addresses.contains(&key) => return false,
                Source::Dump => _ = window.addresses.insert(key),
            }
        }
        if gone {
            self.addresses.remove(&key).is_some()
        } else {
            self.addresses.insert(key, address.flags) != Some(address.flags)
        }
    }

    /// The device with that index.
    pub(crate) fn device(&self, index: u32) -> Option<&Device> {
        self.links.get(&index)
    }

    /// The index of the device that bears that name now.
    pub(crate) fn index(&self, name: &str) -> Option<u32> {
        self.links.iter().find(|(_, device)| device.name == name).map(|(index, _)| *index)
    }

    /// Every device's name and MAC, where it has one.
    pub(crate) fn macs(&self) -> impl Iterator<Item = (String, Mac)> {
        let mac = |device: &Device| Some((device.name.clone(), device.mac.filter(|mac| *mac != Mac::ZERO)?));
        self.links.values().filter_map(mac)
    }

    /// The usable addresses of a device with their subnets, in order.
    pub(crate) fn addresses(&self, index: u32) -> Vec<IpNet> {
        self.usable()
            .filter(|((on, ..), _)| *on == index)
            .filter_map(|((_, ip, prefix), _)| IpNet::new(*ip, *prefix).ok())
            .collect()
    }

    /// Whether `ip` is an address of this device; when `vrf` is given, of that device or of one enslaved to it.
    pub(crate) fn has_address(&self, ip: IpAddr, vrf: Option<&str>) -> bool {
        let vrf = match vrf.map(|name| self.index(name)) {
            None => None,
            Some(None) => return false,
            Some(Some(index)) => Some(index),
        };
        self.usable().any(|((on, address, _), _)| {
            let inside =
                |vrf| *on == vrf || self.links.get(on).is_some_and(|device| device.master == Some(vrf));
            *address == ip && vrf.is_none_or(inside)
        })
    }

    /// Addresses that a socket can be bound to: duplicate address detection is over, and found no duplicate.
    fn usable(&self) -> impl Iterator<Item = (&AddressKey, &u32)> {
        self.addresses.iter().filter(|(_, flags)| {
            let pending = **flags & libc::IFA_F_TENTATIVE != 0 && **flags & libc::IFA_F_OPTIMISTIC == 0;
            !pending && **flags & libc::IFA_F_DADFAILED == 0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(index: u32, name: &str, master: Option<u32>) -> LinkMessage {
        LinkMessage {
            family: 0,
            ifindex: index,
            name: name.to_owned(),
            mac: None,
            master,
            lower: None,
            bridge: false,
            flags: 0,
            operstate: None,
            bridge_port: None,
        }
    }

    fn up(devices: &mut Devices, source: Source, link: LinkMessage) -> bool {
        devices.handle(source, &Body::Link { gone: false, link })
    }

    fn address(devices: &mut Devices, index: u32, ip: &str, flags: u32, gone: bool) -> bool {
        let address = AddressMessage { ifindex: index, ip: ip.parse().expect("legal"), prefix: 24, flags };
        devices.handle(Source::Notice, &Body::Address { gone, address })
    }

    #[test]
    fn a_port_that_leaves_a_bridge_is_still_a_device() {
        let mut devices = Devices::default();
        up(&mut devices, Source::Notice, link(3, "eth0", Some(9)));
        let left = LinkMessage { family: libc::AF_BRIDGE as u8, ..link(3, "eth0", Some(9)) };
        assert!(!devices.handle(Source::Notice, &Body::Link { gone: true, link: left }));
        assert_eq!(devices.index("eth0"), Some(3));
    }

    #[test]
    fn a_notice_beats_the_row_of_a_dump_that_began_before_it() {
        let mut devices = Devices::default();
        up(&mut devices, Source::Notice, link(1, "gone", None));
        devices.begin_dump();
        devices.handle(Source::Notice, &Body::Link { gone: true, link: link(2, "old", None) });
        up(&mut devices, Source::Notice, link(3, "new", None));
        up(&mut devices, Source::Dump, link(2, "old", None));
        up(&mut devices, Source::Dump, link(3, "before", None));
        devices.end_dump();
        assert_eq!(
            (devices.index("gone"), devices.index("old"), devices.index("before")),
            (None, None, None)
        );
        assert_eq!(devices.index("new"), Some(3));
    }

    #[test]
    fn the_source_must_be_usable_and_in_the_vpn_instance() {
        let mut devices = Devices::default();
        let ip = "10.1.0.3".parse().expect("legal");
        up(&mut devices, Source::Notice, link(1, "vrf-a", None));
        up(&mut devices, Source::Notice, link(2, "eth0", Some(1)));
        address(&mut devices, 2, "10.1.0.3", libc::IFA_F_TENTATIVE, false);
        assert!(!devices.has_address(ip, None), "tentative: a socket could not be bound to it");
        address(&mut devices, 2, "10.1.0.3", 0, false);
        assert!(devices.has_address(ip, None) && devices.has_address(ip, Some("vrf-a")));
        assert!(!devices.has_address(ip, Some("vrf-b")));
        address(&mut devices, 2, "10.1.0.3", 0, true);
        assert!(!devices.has_address(ip, None));
    }
}
