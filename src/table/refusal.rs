//! Why a claim is not in the ASIC: one stable enum, for views, counts and the peer.
//!
//! Invariant: a number and a name, once given, mean the same for ever; [`ALL`] has every one of them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a claim is not wanted in the ASIC, or why the ASIC does not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Refusal {
    /// The MAC is all zeros.
    MacZero = 1,
    /// The MAC is a group address.
    MacMulticast = 2,
    /// The MAC is broadcast.
    MacBroadcast = 3,
    /// The MAC is this router's own.
    MacOwn = 4,
    /// The address is this router's own.
    IpOwn = 5,
    /// The address is the unspecified one.
    IpUnspecified = 6,
    /// The address is a group address, or the broadcast address.
    IpMulticast = 7,
    /// The address is a loopback address.
    IpLoopback = 8,
    /// The address lies in none of the interface's subnets.
    IpOutsideSubnets = 9,
    /// The interface is not bound here.
    InterfaceUnknown = 10,
    /// The interface lies in another VRF at the peer.
    VrfDiffers = 11,
    /// The same address is wanted on another interface of the VRF.
    AddressElsewhere = 12,
    /// The router interface is down.
    RifDown = 13,
    /// The router interface is a virtual one, which holds no neighbours.
    RifVirtual = 14,
    /// The interface, or its VRF, has as many as it may have.
    Quota = 15,
    /// The hardware table has no room.
    Capacity = 16,
    /// Neither device's member forwards, or the only way there is a peer-link that has been down for long.
    NoPath = 17,
}

/// Every reason, in the order of their numbers.
pub const ALL: [Refusal; 17] = [
    Refusal::MacZero,
    Refusal::MacMulticast,
    Refusal::MacBroadcast,
    Refusal::MacOwn,
    Refusal::IpOwn,
    Refusal::IpUnspecified,
    Refusal::IpMulticast,
    Refusal::IpLoopback,
    Refusal::IpOutsideSubnets,
    Refusal::InterfaceUnknown,
    Refusal::VrfDiffers,
    Refusal::AddressElsewhere,
    Refusal::RifDown,
    Refusal::RifVirtual,
    Refusal::Quota,
    Refusal::Capacity,
    Refusal::NoPath,
];

impl Refusal {
    /// Its number, as the peer is told. Numbers from 64 on are not refusals of this enum.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// True when it is for want of room: others in the same place would be taken.
    pub(crate) const fn is_for_room(self) -> bool {
        matches!(self, Refusal::Quota | Refusal::Capacity)
    }

    /// The reason with this number.
    pub fn from_code(code: u8) -> Option<Refusal> {
        ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::MacZero => "the MAC is all zeros",
            Refusal::MacMulticast => "the MAC is a group address",
            Refusal::MacBroadcast => "the MAC is broadcast",
            Refusal::MacOwn => "the MAC is this router's own",
            Refusal::IpOwn => "the address is this router's own",
            Refusal::IpUnspecified => "the address is the unspecified one",
            Refusal::IpMulticast => "the address is a group or broadcast address",
            Refusal::IpLoopback => "the address is a loopback address",
            Refusal::IpOutsideSubnets => "the address lies in none of the interface's subnets",
            Refusal::InterfaceUnknown => "the interface is not bound here",
            Refusal::VrfDiffers => "the interface lies in another VRF at the peer",
            Refusal::AddressElsewhere => "the address is wanted on another interface of the VRF",
            Refusal::RifDown => "the router interface is down",
            Refusal::RifVirtual => "the router interface is virtual and holds no neighbours",
            Refusal::Quota => "the interface or its VRF has as many hosts as it may have",
            Refusal::Capacity => "the hardware table has no room",
            Refusal::NoPath => "no member and no peer-link leads to the host",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_stable() {
        let names: Vec<String> = ALL
            .into_iter()
            .map(|refusal| format!("{} {}", refusal.code(), serde_json::to_value(refusal).unwrap()))
            .collect();
        let stable = [
            "1 \"mac-zero\"",
            "2 \"mac-multicast\"",
            "3 \"mac-broadcast\"",
            "4 \"mac-own\"",
            "5 \"ip-own\"",
            "6 \"ip-unspecified\"",
            "7 \"ip-multicast\"",
            "8 \"ip-loopback\"",
            "9 \"ip-outside-subnets\"",
            "10 \"interface-unknown\"",
            "11 \"vrf-differs\"",
            "12 \"address-elsewhere\"",
            "13 \"rif-down\"",
            "14 \"rif-virtual\"",
            "15 \"quota\"",
            "16 \"capacity\"",
            "17 \"no-path\"",
        ];
        assert_eq!(names, stable);
        for refusal in ALL {
            assert_eq!(Refusal::from_code(refusal.code()), Some(refusal));
        }
        assert_eq!((Refusal::from_code(0), Refusal::from_code(18)), (None, None));
    }
}
