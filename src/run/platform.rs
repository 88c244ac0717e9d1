//! What a device is told about itself: the platform file.
//!
//! Holds the deserialised form and the checks that need nothing but the file. Invariant: no file is read here and no
//! system is asked; the text is parsed by whoever has it (the binary reads TOML, a NOS may build the value in code).

mod error;
pub(crate) mod kernel;
mod limits;
mod ports;

use super::ctl::access::Monitors;
pub use super::kernel::view::AtExit;
use crate::addr::{InterfaceId, Mac, VpnInstance};
pub use crate::node::Ownership;
use crate::node::Programming;
use crate::node::io::FdbMode;
use crate::sai::{Profile, Version};
pub use error::PlatformError;
use ipnet::IpNet;
pub use limits::{Asked, LimitsConfig, Slots};
pub use ports::{AttachmentWord, PeerNextHop, PortConfig, PortRole, SaiPlace};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;

/// The longest name of a network device that Linux takes (IFNAMSIZ without its NUL).
const NETDEV_NAME_MAX: usize = 15;

/// A device: its name, its ports and interfaces, its SAI library and its channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Platform {
    /// The name in the prompt and in the log.
    pub hostname: String,
    /// The model, as the configuration's rules know it (PL-15).
    #[serde(default = "default_model")]
    pub model: String,
    /// The forwarding mode, where the model has more than one (PL-15).
    #[serde(default)]
    pub forwarding_mode: Option<String>,
    /// The identity in the pair; drawn from the system's randomness at each start when it is not given.
    #[serde(default)]
    pub node_id: Option<u64>,
    /// Where the control socket is made. Without it there is none.
    #[serde(default)]
    pub control: Option<PathBuf>,
    /// Who may look through the control socket beside the daemon's user and root (PL-16).
    #[serde(default)]
    pub monitors: Monitors,
    /// Where every input of the node is recorded for a replay. Without it nothing is.
    #[serde(default)]
    pub record: Option<PathBuf>,
    /// Where it is recorded what is ours in the ASIC, so that a restart with the ASIC intact writes nothing that is as it
    /// should be and removes what nobody claims. Without it nothing is remembered.
    #[serde(default)]
    pub journal: Option<PathBuf>,
    /// Which entries of the host table this daemon writes.
    #[serde(default)]
    pub ownership: Ownership,
    /// Who programs the FDB entries of the peer's hosts.
    #[serde(default)]
    pub fdb: FdbMode,
    /// Whether the peer's hosts are written into the kernel's neighbour table, too.
    #[serde(default)]
    pub kernel_mirror: bool,
    /// Whether the kernel's own entries are refreshed when their hosts answered the peer, and probed when the node asks
    /// whether somebody is still there; as `kernel_mirror` when it is not said.
    #[serde(default)]
    pub kernel_refresh: Option<bool>,
    /// The NDA_PROTOCOL value of what is written there; 77 when it is not said.
    #[serde(default)]
    pub kernel_protocol: Option<u8>,
    /// What becomes of the mirror's entries at a clean stop.
    #[serde(default)]
    pub kernel_at_exit: AtExit,
    /// After which time the device means to be back when the daemon stops, in seconds: told to the peer, which keeps this
    /// device's hosts for that long instead of its stale timer. Without it nothing is told.
    #[serde(default)]
    pub restart_time_s: Option<u32>,
    /// After which time without a session the peer's single-homed hosts are given up, in seconds.
    #[serde(default)]
    pub stale_timer_s: Option<u32>,
    /// Everything that is believed to be in the ASIC is read back within so many seconds, in idle time; 0: never.
    #[serde(default)]
    pub scrub_s: Option<u32>,
    /// The neighbours' ageing time, in seconds: the peer's last hosts are given up after twice that without a session.
    #[serde(default)]
    pub ageing_time_s: Option<u32>,
    /// The command lines of the DFS-group view, one a line.
    #[serde(default)]
    pub dfs_group: Option<String>,
    /// The SAI library.
    #[serde(default)]
    pub sai: SaiLibrary,
    /// How many hosts may be in the ASIC.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// The VPN instances beside the public one.
    #[serde(default, rename = "vpn-instance")]
    pub vpn_instances: Vec<VpnInstanceConfig>,
    /// The layer 3 interfaces that both devices share.
    #[serde(default, rename = "interface")]
    pub interfaces: Vec<InterfaceConfig>,
    /// The ports: members of M-LAGs, the peer-link, and what else hosts are heard by.
    #[serde(default, rename = "port")]
    pub ports: Vec<PortConfig>,
    /// The ways to the peer for hosts of routed interfaces, one for each VPN instance at most.
    #[serde(default, rename = "peer-next-hop")]
    pub peer_next_hops: Vec<PeerNextHop>,
}

fn default_model() -> String {
    "generic".to_owned()
}

/// The SAI library and what it is started with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SaiLibrary {
    /// The shared object.
    #[serde(default)]
    pub library: Option<PathBuf>,
    /// `key=value` lines that the library asks for through its profile services.
    #[serde(default)]
    pub profile: Option<String>,
    /// A file of such lines; those of [`SaiLibrary::profile`] come after it and win.
    #[serde(default)]
    pub profile_file: Option<PathBuf>,
    /// The release to assume of a library that cannot tell its own: `1.9`.
    #[serde(default)]
    pub assume_api_version: Option<String>,
    /// What SUCCESS means: that it is done, that it will be done, or that this is found out.
    #[serde(default)]
    pub programming: Programming,
    /// SAI_SWITCH_ATTR_SWITCH_HARDWARE_INFO.
    #[serde(default)]
    pub hardware_info: Option<String>,
}

/// A VPN instance and what it is to Linux. With neither a device nor a namespace it exists in the ASIC only, and no
/// channel can run in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VpnInstanceConfig {
    /// Its name.
    pub name: VpnInstance,
    /// The VRF device that its sockets are bound to.
    #[serde(default)]
    pub device: Option<String>,
    /// The named network namespace that its sockets are opened in.
    #[serde(default)]
    pub netns: Option<String>,
    /// So many of its hosts may be in the ASIC.
    #[serde(default)]
    pub hosts: Option<u64>,
}

/// A layer 3 interface that both devices share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InterfaceConfig {
    /// Its name on the wire.
    pub name: InterfaceId,
    /// The VPN instance that it lies in; the public one when absent.
    #[serde(default)]
    pub vrf: Option<VpnInstance>,
    /// The network device that its neighbours are learned from; without one it only receives.
    #[serde(default)]
    pub netdev: Option<String>,
    /// The router's MAC; the network device's when absent.
    #[serde(default)]
    pub mac: Option<Mac>,
    /// The router's addresses with their subnets; the network device's when absent, followed as they change.
    #[serde(default)]
    pub addresses: Option<Vec<IpNet>>,
    /// Where a host hangs whose hearing port the bridge does not know.
    #[serde(default)]
    pub attachment: AttachmentWord,
    /// So many hosts on it may be in the ASIC.
    #[serde(default)]
    pub hosts: Option<u64>,
}

impl InterfaceConfig {
    /// The VPN instance that it lies in.
    pub fn vpn(&self) -> VpnInstance {
        self.vrf.clone().unwrap_or_else(VpnInstance::public)
    }
}

impl Platform {
    /// A device of that name, and every default.
    pub fn named(hostname: &str) -> Platform {
        let only = serde_json::json!({ "hostname": hostname });
        serde_json::from_value(only).expect("every other key has a default")
    }

    /// Checks everything that the file alone can tell.
    pub fn validate(&self) -> Result<(), PlatformError> {
        if self.hostname.trim().is_empty() {
            return Err(PlatformError::EmptyHostname);
        }
        self.validate_vpn_instances()?;
        self.validate_interfaces()?;
        ports::check(&self.ports, self.fdb)?;
        self.validate_next_hops()?;
        self.validate_limits()?;
        self.validate_paths()?;
        self.validate_kernel()?;
        if let Some(text) = &self.sai.profile {
            text.parse::<Profile>()?;
        }
        if let Some(text) = &self.sai.assume_api_version {
            text.parse::<Version>().map_err(|e| PlatformError::Version(e.to_string()))?;
        }
        if self.sai.hardware_info.as_deref().is_some_and(|text| text.contains('\0')) {
            return Err(PlatformError::ZeroByte("hardware-info"));
        }
        Ok(())
    }

    fn validate_paths(&self) -> Result<(), PlatformError> {
        let paths = [
            ("control", &self.control),
            ("record", &self.record),
            ("journal", &self.journal),
            ("library", &self.sai.library),
            ("profile-file", &self.sai.profile_file),
        ];
        for (key, path) in paths {
            match path.as_deref().map(|path| path.as_os_str().as_encoded_bytes()) {
                Some([]) => return Err(PlatformError::EmptyPath(key)),
                Some(bytes) if bytes.contains(&0) => return Err(PlatformError::ZeroByte(key)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The VPN instance of that name, if it is configured. The public one never is: it needs no words.
    pub fn vpn_instance(&self, name: &VpnInstance) -> Option<&VpnInstanceConfig> {
        self.vpn_instances.iter().find(|vpn| vpn.name == *name)
    }

    fn validate_vpn_instances(&self) -> Result<(), PlatformError> {
        let mut names = BTreeSet::new();
        for vpn in &self.vpn_instances {
            if vpn.name.is_public() {
                return Err(PlatformError::ReservedVpn);
            }
            if !names.insert(&vpn.name) {
                return Err(PlatformError::Twice { what: "VPN instance", name: vpn.name.to_string() });
            }
            if vpn.device.is_some() && vpn.netns.is_some() {
                return Err(PlatformError::DeviceAndNetns(vpn.name.clone()));
            }
            if let Some(device) = &vpn.device {
                check_netdev(device)?;
            }
            if let Some(netns) = &vpn.netns {
                check_netns(netns)?;
            }
        }
        Ok(())
    }

    fn validate_next_hops(&self) -> Result<(), PlatformError> {
        let mut vpns = BTreeSet::new();
        for &PeerNextHop { interface, ip } in &self.peer_next_hops {
            let unusable = match ip {
                IpAddr::V4(v4) => {
                    v4.is_unspecified() || v4.is_broadcast() || ip.is_multicast() || ip.is_loopback()
                }
                IpAddr::V6(v6) => v6.is_unspecified() || ip.is_multicast() || ip.is_loopback(),
            };
            if unusable {
                return Err(PlatformError::NextHopAddress(ip));
            }
            let Some(over) = self.interfaces.iter().find(|over| over.name == interface) else {
                return Err(PlatformError::NextHopInterface { ip, interface });
            };
            if over.addresses.as_ref().is_some_and(|nets| !nets.iter().any(|net| net.contains(&ip))) {
                return Err(PlatformError::NextHopSubnet { ip, interface });
            }
            if !vpns.insert(over.vpn()) {
                return Err(PlatformError::Twice {
                    what: "peer-next-hop of VPN instance",
                    name: over.vpn().to_string(),
                });
            }
        }
        Ok(())
    }

    fn validate_interfaces(&self) -> Result<(), PlatformError> {
        let mut names = BTreeSet::new();
        let mut netdevs: BTreeMap<&str, InterfaceId> = BTreeMap::new();
        for interface in &self.interfaces {
            if !names.insert(interface.name) {
                return Err(PlatformError::Twice { what: "interface", name: interface.name.to_string() });
            }
            if let Some(mac) = interface.mac.filter(|mac| mac.is_multicast() || *mac == Mac::ZERO) {
                return Err(PlatformError::RouterMac { interface: interface.name, mac });
            }
            let vpn = interface.vpn();
            let configured = self.vpn_instance(&vpn);
            if configured.is_none() && !vpn.is_public() {
                return Err(PlatformError::UnknownVpn { interface: interface.name, vpn });
            }
            let Some(netdev) = &interface.netdev else { continue };
            check_netdev(netdev)?;
            if configured.is_some_and(|vpn| vpn.netns.is_some()) {
                return Err(PlatformError::NetdevInNetns {
                    interface: interface.name,
                    netdev: netdev.clone(),
                    vpn,
                });
            }
            if let Some(first) = netdevs.insert(netdev, interface.name) {
                return Err(PlatformError::SharedNetdev {
                    netdev: netdev.clone(),
                    first,
                    second: interface.name,
                });
            }
        }
        Ok(())
    }
}

fn check_netdev(name: &str) -> Result<(), PlatformError> {
    let legal = |c: char| !c.is_whitespace() && c != '/' && c != ':' && c != '\0';
    let fits = (1..=NETDEV_NAME_MAX).contains(&name.len());
    if fits && name.chars().all(legal) && name != "." && name != ".." {
        Ok(())
    } else {
        Err(PlatformError::Netdev(name.to_owned()))
    }
}

fn check_netns(name: &str) -> Result<(), PlatformError> {
    if name.is_empty() || name.contains(['/', '\0']) || name == "." || name == ".." {
        return Err(PlatformError::Netns(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::num::NonZeroU16;

    fn platform(rest: serde_json::Value) -> Result<Platform, String> {
        let mut value = json!({"hostname": "a"});
        let fields = rest.as_object().expect("an object").clone();
        value.as_object_mut().expect("an object").extend(fields);
        let platform: Platform = serde_json::from_value(value).map_err(|e| e.to_string())?;
        platform.validate().map_err(|e| e.to_string())?;
        Ok(platform)
    }

    #[test]
    fn a_hostname_is_enough() {
        let p = platform(json!({})).expect("valid");
        assert_eq!((p.model.as_str(), p.ownership, p.control), ("generic", Ownership::Received, None));
        assert_eq!(p.fdb, FdbMode::External, "nothing is programmed that nobody asked for");
    }

    #[test]
    fn a_full_platform_is_read() {
        let p = platform(json!({
            "model": "CE6866", "forwarding-mode": "standard", "node-id": 7, "control": "/run/x", "ownership": "all",
            "dfs-group": "dfs-group 1\n", "sai": {"library": "libsai.so", "profile": "A=1\n# no\n\nB = x=y\n"},
            "vpn-instance": [{"name": "mgmt", "device": "vrf-mgmt"}, {"name": "far", "netns": "far"}],
            "interface": [{"name": "Vlanif10", "vrf": "mgmt", "netdev": "br0", "mac": "00:00:5e:00:01:01",
                           "addresses": ["10.0.0.1/24"], "attachment": "m-lag 7"}],
            "fdb": "managed",
            "port": [{"netdev": "eth1", "role": "m-lag 7", "sai-lag": [3, 4]},
                     {"netdev": "eth2", "role": "peer-link", "sai-port": 32}, {"role": "orphan", "sai-port": 5}],
            "peer-next-hop": [{"interface": "Vlanif10", "ip": "10.0.0.2"}],
        }))
        .expect("valid");
        assert_eq!(p.interfaces[0].attachment.0.to_string(), "m-lag 7");
        assert_eq!((p.ports[1].role, p.fdb), (PortRole::PeerLink, FdbMode::Managed));
        let places: Vec<_> = p.ports.iter().map(PortConfig::place).collect();
        let n = |n| NonZeroU16::new(n).expect("not zero");
        let wanted = [SaiPlace::Lag(vec![n(3), n(4)]), SaiPlace::Port(n(32)), SaiPlace::Port(n(5))];
        assert_eq!(places, wanted.map(Some));
        let text = serde_json::to_string(&p).expect("serialises");
        assert_eq!(serde_json::from_str::<Platform>(&text).expect("reads its own"), p);
    }

    #[test]
    fn each_wrong_platform_has_its_own_words() {
        let vlanif = |n: u32, dev: &str| json!({"name": format!("Vlanif{n}"), "netdev": dev});
        let cases = [
            (json!({"hostnam": "x"}), "unknown field `hostnam`"),
            (json!({"hostname": " "}), "hostname is empty"),
            (json!({"interface": [vlanif(1, "a"), vlanif(1, "b")]}), "interface Vlanif1 is configured twice"),
            (
                json!({"interface": [vlanif(1, "a"), vlanif(2, "a")]}),
                "interfaces Vlanif1 and Vlanif2 are both on network device a",
            ),
            (
                json!({"interface": [vlanif(1, "much-too-long-name")]}),
                "'much-too-long-name' is not the name of",
            ),
            (
                json!({"interface": [{"name": "Vlanif1", "vrf": "x"}]}),
                "VPN instance x, which is not configured",
            ),
            (json!({"interface": [{"name": "Vlanif1", "mac": "ff:ff:ff:ff:ff:ff"}]}), "cannot have MAC"),
            (json!({"interface": [{"name": "Vlanif1", "attachment": "peer-link"}]}), "is the peer's"),
            (json!({"port": [{"netdev": "a", "role": "trunk"}]}), "'trunk' is not a port's role"),
            (json!({"port": [{"netdev": "a", "role": "m-lag 0"}]}), "'m-lag 0' is not a port's role"),
            (
                json!({"port": [{"netdev": "a", "role": "orphan"}, {"netdev": "a", "role": "fabric"}]}),
                "port a is configured twice",
            ),
            (
                json!({"port": [{"role": "orphan"}]}),
                "role orphan has neither a netdev nor a place in the ASIC",
            ),
            (
                json!({"port": [{"role": "orphan", "sai-port": 1, "sai-lag": [2]}]}),
                "role orphan has both sai-port and sai-lag",
            ),
            (json!({"port": [{"role": "m-lag 7", "sai-lag": []}]}), "role m-lag 7 names no front port"),
            (json!({"port": [{"role": "orphan", "sai-port": 0}]}), "expected a nonzero u16"),
            (
                json!({"port": [{"role": "orphan", "sai-port": 3}, {"role": "m-lag 7", "sai-lag": [2, 3]}]}),
                "front port 3 is in sai-port or sai-lag twice",
            ),
            (
                json!({"port": [{"role": "m-lag 7", "sai-lag": [2, 2]}]}),
                "front port 2 is in sai-port or sai-lag twice",
            ),
            (
                json!({"port": [{"role": "m-lag 7", "sai-port": 1}, {"role": "m-lag 7", "sai-port": 2}]}),
                "two ports with role m-lag 7 have a place",
            ),
            (
                json!({"port": [{"role": "peer-link", "sai-port": 1}, {"role": "peer-link", "sai-port": 2}]}),
                "two ports with role peer-link have a place",
            ),
            (json!({"kernel-mirror": true}), "kernel-mirror needs an interface with a netdev"),
            (
                json!({"kernel-refresh": true, "interface": [{"name": "Vlanif1"}]}),
                "kernel-refresh needs an interface",
            ),
            (json!({"kernel-protocol": 4}), "kernel-protocol cannot be 4"),
            (json!({"kernel-at-exit": "leave"}), "unknown variant `leave`"),
            (json!({"limits": {"ipv6-slots": 3}}), "ipv6-slots is 3: an IPv6 host takes 1 slot"),
            (json!({"fdb": "mine"}), "unknown variant `mine`"),
            (json!({"fdb": "managed"}), "needs a port with role peer-link that has sai-port or sai-lag"),
            (
                json!({"fdb": "managed", "port": [{"role": "peer-link", "sai-port": 1}, {"netdev": "a", "role": "m-lag 7"}]}),
                "needs a port with role m-lag 7 that has sai-port or sai-lag",
            ),
            (
                json!({"peer-next-hop": [{"interface": "Vlanif9", "ip": "10.0.0.2"}]}),
                "over interface Vlanif9, which is not configured",
            ),
            (
                json!({"interface": [{"name": "Vlanif9"}],
                       "peer-next-hop": [{"interface": "Vlanif9", "ip": "224.0.0.5"}]}),
                "peer-next-hop cannot be 224.0.0.5",
            ),
            (
                json!({"interface": [{"name": "Vlanif9", "addresses": ["10.0.0.1/30"]}],
                       "peer-next-hop": [{"interface": "Vlanif9", "ip": "10.0.0.9"}]}),
                "10.0.0.9 is in no subnet of interface Vlanif9",
            ),
            (
                json!({"interface": [{"name": "Vlanif8"}, {"name": "Vlanif9"}],
                       "peer-next-hop": [{"interface": "Vlanif8", "ip": "10.0.0.2"},
                                         {"interface": "Vlanif9", "ip": "10.0.1.2"}]}),
                "peer-next-hop of VPN instance _public_ is configured twice",
            ),
            (json!({"vpn-instance": [{"name": "_public_"}]}), "reserved"),
            (
                json!({"vpn-instance": [{"name": "x", "netns": "a/b"}]}),
                "'a/b' is not the name of a network namespace",
            ),
            (
                json!({"vpn-instance": [{"name": "x", "netns": "a", "device": "b"}]}),
                "both a device and a netns",
            ),
            (json!({"vpn-instance": [{"name": "x"}, {"name": "x"}]}), "VPN instance x is configured twice"),
            (
                json!({"vpn-instance": [{"name": "x", "netns": "n"}],
                       "interface": [{"name": "Vlanif1", "vrf": "x", "netdev": "a"}]}),
                "learned in the daemon's own namespace only",
            ),
            (
                json!({"sai": {"assume-api-version": "x"}}),
                "assume-api-version: 'x' is not a SAI release: write it as 1.9 or 1.18.1",
            ),
            (json!({"sai": {"hardware-info": "a\0"}}), "hardware-info has a zero byte in it"),
            (json!({"sai": {"library": ""}}), "library is empty: write a path"),
            (json!({"record": ""}), "record is empty"),
            (json!({"journal": ""}), "journal is empty"),
            (json!({"control": "a\0b"}), "control has a zero byte"),
            (
                json!({"sai": {"profile": "ok=1\nnonsense"}}),
                "SAI profile: line 2: 'nonsense' is not key=value",
            ),
        ];
        for (rest, want) in cases {
            let got = platform(rest.clone()).expect_err(&rest.to_string());
            assert!(got.contains(want), "{rest}: {got}");
        }
    }
}
