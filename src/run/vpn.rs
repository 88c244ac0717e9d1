//! What a VPN instance is to Linux: where its sockets are opened.

use super::netns;
use super::platform::Platform;
use crate::addr::VpnInstance;
use std::collections::BTreeMap;

/// Where the sockets of a VPN instance are opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the daemon's own namespace.
    Here,
    /// Bound to this VRF device.
    Device(String),
    /// In this named network namespace.
    Netns(String),
    /// Nowhere: the instance exists in the ASIC only.
    Nowhere,
}

impl Place {
    /// The VRF device, where it is one.
    pub(crate) fn device(&self) -> Option<&str> {
        if let Place::Device(name) = self { Some(name) } else { None }
    }

    /// The network namespace, where it is one.
    pub(crate) fn netns(&self) -> Option<&str> {
        if let Place::Netns(name) = self { Some(name) } else { None }
    }
}

/// The places of all VPN instances.
#[derive(Clone, Debug)]
pub(crate) struct Places(BTreeMap<VpnInstance, Place>);

impl Places {
    /// Those that the platform names, and the public one.
    pub(crate) fn of(platform: &Platform) -> Places {
        let configured = platform.vpn_instances.iter().map(|vpn| {
            let place = match (&vpn.device, &vpn.netns) {
                (Some(device), _) => Place::Device(device.clone()),
                (None, Some(netns)) => Place::Netns(netns.clone()),
                (None, None) => Place::Nowhere,
            };
            (vpn.name.clone(), place)
        });
        Places(configured.chain([(VpnInstance::public(), Place::Here)]).collect())
    }

    /// The place of that VPN instance; nowhere when it is not configured.
    pub(crate) fn place(&self, vpn: &VpnInstance) -> &Place {
        self.0.get(vpn).unwrap_or(&Place::Nowhere)
    }

    /// Whether the VPN instance is there, now: a channel could be opened in it (PL-04).
    pub(crate) fn exists(&self, vpn: &VpnInstance) -> bool {
        match self.place(vpn) {
            Place::Here => true,
            // Not by /sys, which shows the namespace that it was mounted in.
            Place::Device(name) => nix::net::if_::if_nametoindex(name.as_str()).is_ok(),
            Place::Netns(name) => netns::path(name).exists(),
            Place::Nowhere => false,
        }
    }
}
