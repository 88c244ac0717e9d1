//! How many hosts may be in the ASIC, as the file says it.
//!
//! Invariant: what the file leaves out is the model's to say, and then the hardware's.

use super::{Platform, PlatformError};
use crate::config::Model;
use crate::node::io::Limits;
use serde::{Deserialize, Serialize};

/// The `[limits]` of a platform file. The quota of one VPN instance or interface stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LimitsConfig {
    /// Slots of the host table. Without it the hardware refuses by itself what has no room.
    #[serde(default)]
    pub slots: Option<Slots>,
    /// Slots that an IPv6 host takes, 1 or 2.
    #[serde(default)]
    pub ipv6_slots: Option<u8>,
    /// Hosts of each VPN instance without a number of its own, the public one among them.
    #[serde(default)]
    pub vpn_instance_hosts: Option<u64>,
    /// Hosts on each interface without a number of its own.
    #[serde(default)]
    pub interface_hosts: Option<u64>,
}

/// Slots of the host table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Slots {
    /// So many.
    Number(u64),
    /// As many as SAI says.
    Asked(Asked),
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// The library, once at start: what is free, and what is there already.
    Sai,
}

impl Platform {
    /// True when the library is to be asked how large the host table is.
    pub fn asks_for_slots(&self) -> bool {
        self.limits.slots == Some(Slots::Asked(Asked::Sai))
    }

    /// What a node is told; `asked` is what the library said, where it was asked.
    pub fn limits(&self, asked: Option<u64>) -> Limits {
        let model = Model::named(&self.model).ok();
        let slots = match self.limits.slots {
            Some(Slots::Number(slots)) => Some(slots),
            Some(Slots::Asked(Asked::Sai)) => asked,
            None => model.and_then(|model| model.host_entries).map(u64::from),
        };
        let v6_slots = self.limits.ipv6_slots.or(model.and_then(|model| model.v6_entries));
        let vrfs = self.vpn_instances.iter().filter_map(|vpn| Some((vpn.name.clone(), vpn.hosts?)));
        let interfaces = self.interfaces.iter().filter_map(|one| Some((one.name, one.hosts?)));
        Limits {
            slots,
            v6_slots: v6_slots.unwrap_or(Limits::default().v6_slots),
            each_vrf: self.limits.vpn_instance_hosts,
            each_interface: self.limits.interface_hosts,
            vrfs: vrfs.collect(),
            interfaces: interfaces.collect(),
        }
    }

    pub(super) fn validate_limits(&self) -> Result<(), PlatformError> {
        match self.limits.ipv6_slots {
            None | Some(1 | 2) => Ok(()),
            Some(other) => Err(PlatformError::Ipv6Slots(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_file_says_of_room_is_told_to_the_node() {
        let mut value = json!({
            "hostname": "a",
            "limits": {"slots": 1000, "ipv6-slots": 2, "vpn-instance-hosts": 500, "interface-hosts": 50},
            "vpn-instance": [{"name": "red", "hosts": 7}, {"name": "blue"}],
            "interface": [{"name": "Vlanif10", "vrf": "red", "hosts": 5}, {"name": "Vlanif11"}],
        });
        let platform: Platform = serde_json::from_value(value.clone()).unwrap();
        platform.validate().unwrap();
        let limits = platform.limits(Some(3));
        assert_eq!((limits.slots, limits.v6_slots), (Some(1000), 2));
        assert_eq!((limits.each_vrf, limits.each_interface), (Some(500), Some(50)));
        assert_eq!(limits.vrfs, [("red".parse().unwrap(), 7)]);
        assert_eq!(limits.interfaces, [("Vlanif10".parse().unwrap(), 5)]);
        value["limits"] = json!({"slots": "sai"});
        let platform: Platform = serde_json::from_value(value.clone()).unwrap();
        assert!(platform.asks_for_slots());
        assert_eq!((platform.limits(Some(3)).slots, platform.limits(None).slots), (Some(3), None));
        assert_eq!(Platform::named("a").limits(Some(3)), Limits::default(), "nothing is bounded by itself");
        for wrong in [json!({"slots": "all"}), json!({"slots": -1}), json!({"slot": 1})] {
            value["limits"] = wrong;
            assert!(serde_json::from_value::<Platform>(value.clone()).is_err(), "{value}");
        }
    }
}
