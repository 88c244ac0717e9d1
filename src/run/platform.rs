//! What a device is told about itself: the platform file.
//!
//! Holds the deserialised form and the checks that need nothing but the file. Invariant: no file is read here and no
//! system is asked; the text is parsed by whoever has it (the binary reads TOML, a NOS may build the value in code).

use super::ctl::access::Monitors;
use crate::addr::{InterfaceId, Mac, MlagId, VpnInstance};
use crate::neighbor::Attachment;
pub use crate::node::Ownership;
use crate::sai::{Profile, ProfileError, Version};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

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
    /// After which time the device means to be back when the daemon stops, in seconds: told to the peer, which keeps this
    /// device's hosts for that long instead of its stale timer. Without it nothing is told.
    #[serde(default)]
    pub restart_time_s: Option<u32>,
    /// After which time without a session the peer's single-homed hosts are given up, in seconds.
    #[serde(default)]
    pub stale_timer_s: Option<u32>,
    /// The neighbours' ageing time, in seconds: the peer's last hosts are given up after twice that without a session.
    #[serde(default)]
    pub ageing_time_s: Option<u32>,
    /// The command lines of the DFS-group view, one a line.
    #[serde(default)]
    pub dfs_group: Option<String>,
    /// The SAI library.
    #[serde(default)]
    pub sai: SaiLibrary,
    /// The VPN instances beside the public one.
    #[serde(default, rename = "vpn-instance")]
    pub vpn_instances: Vec<VpnInstanceConfig>,
    /// The layer 3 interfaces that both devices share.
    #[serde(default, rename = "interface")]
    pub interfaces: Vec<InterfaceConfig>,
    /// The ports by which hosts are heard.
    #[serde(default, rename = "port")]
    pub ports: Vec<PortConfig>,
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
}

impl InterfaceConfig {
    /// The VPN instance that it lies in.
    pub fn vpn(&self) -> VpnInstance {
        self.vrf.clone().unwrap_or_else(VpnInstance::public)
    }
}

/// A port by which hosts are heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PortConfig {
    /// Its network device, a port of a bridge.
    pub netdev: String,
    /// What it is in the pair.
    pub role: PortRole,
}

/// An attachment as a file writes it: `orphan`, `fabric` or `m-lag 7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AttachmentWord(pub Attachment);

impl Default for AttachmentWord {
    fn default() -> Self {
        AttachmentWord(Attachment::Orphan)
    }
}

/// What a port is in the pair: `orphan`, `fabric`, `m-lag 7` or `peer-link`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PortRole {
    /// Hosts heard here are claimed with this attachment.
    Hosts(Attachment),
    /// The link to the peer: what is heard here is the peer's to claim.
    PeerLink,
}

impl FromStr for PortRole {
    type Err = PlatformError;

    fn from_str(s: &str) -> Result<Self, PlatformError> {
        let words: Vec<&str> = s.split_whitespace().collect();
        match words[..] {
            ["orphan"] => Ok(PortRole::Hosts(Attachment::Orphan)),
            ["fabric"] => Ok(PortRole::Hosts(Attachment::Fabric)),
            ["peer-link"] => Ok(PortRole::PeerLink),
            ["m-lag", number] => number
                .parse::<MlagId>()
                .map(|id| PortRole::Hosts(Attachment::Mlag(id)))
                .map_err(|e| PlatformError::Role { word: s.to_owned(), why: e.to_string() }),
            _ => Err(PlatformError::Role {
                word: s.to_owned(),
                why: "write orphan, fabric, peer-link or m-lag NUMBER".to_owned(),
            }),
        }
    }
}

impl fmt::Display for PortRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortRole::Hosts(attachment) => attachment.fmt(f),
            PortRole::PeerLink => f.write_str("peer-link"),
        }
    }
}

impl TryFrom<String> for PortRole {
    type Error = PlatformError;
    fn try_from(s: String) -> Result<Self, PlatformError> {
        s.parse()
    }
}

impl From<PortRole> for String {
    fn from(role: PortRole) -> String {
        role.to_string()
    }
}

impl TryFrom<String> for AttachmentWord {
    type Error = PlatformError;
    fn try_from(s: String) -> Result<Self, PlatformError> {
        match s.parse()? {
            PortRole::Hosts(attachment) => Ok(AttachmentWord(attachment)),
            PortRole::PeerLink => Err(PlatformError::Role {
                word: s,
                why: "a host behind the peer-link is the peer's; write orphan, fabric or m-lag NUMBER"
                    .to_owned(),
            }),
        }
    }
}

impl From<AttachmentWord> for String {
    fn from(word: AttachmentWord) -> String {
        word.0.to_string()
    }
}

/// Why a platform cannot be run.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PlatformError {
    /// Not a port's role, or not an attachment.
    #[error("'{word}' is not a port's role: {why}")]
    Role {
        /// As written.
        word: String,
        /// What is wrong.
        why: String,
    },
    /// The profile is not `key=value` lines.
    #[error("SAI profile: {0}")]
    Profile(#[from] ProfileError),
    /// Not a release.
    #[error("assume-api-version: {0}")]
    Version(String),
    /// An empty path is no default: the key is left out for that.
    #[error("{0} is empty: write a path, or leave the key out")]
    EmptyPath(&'static str),
    /// Neither a path nor a C string can have one.
    #[error("{0} has a zero byte in it")]
    ZeroByte(&'static str),
    /// No device has an empty name.
    #[error("hostname is empty")]
    EmptyHostname,
    /// The same thing is configured twice.
    #[error("{what} {name} is configured twice")]
    Twice {
        /// What kind of thing.
        what: &'static str,
        /// Which.
        name: String,
    },
    /// Two interfaces would learn from one network device.
    #[error("interfaces {first} and {second} are both on network device {netdev}")]
    SharedNetdev {
        /// The network device.
        netdev: String,
        /// The one.
        first: InterfaceId,
        /// The other.
        second: InterfaceId,
    },
    /// A name that Linux does not take.
    #[error("'{0}' is not the name of a network device: 1 to 15 characters without spaces, '/' and ':'")]
    Netdev(String),
    /// A name that no named network namespace can have.
    #[error("'{0}' is not the name of a network namespace: one file name without '/'")]
    Netns(String),
    /// `_public_` cannot be configured (PL-04).
    #[error("VPN instance name _public_ is reserved")]
    ReservedVpn,
    /// A VPN instance is a device or a namespace, not both.
    #[error("VPN instance {0} has both a device and a netns: choose one")]
    DeviceAndNetns(VpnInstance),
    /// An interface lies in a VPN instance that is not there.
    #[error(
        "interface {interface} lies in VPN instance {vpn}, which is not configured: add a [[vpn-instance]]"
    )]
    UnknownVpn {
        /// The interface.
        interface: InterfaceId,
        /// The VPN instance.
        vpn: VpnInstance,
    },
    /// Neighbours are learned in the daemon's own network namespace.
    #[error(
        "interface {interface} has netdev {netdev}, but its VPN instance {vpn} is another network namespace: \
         neighbours are learned in the daemon's own namespace only"
    )]
    NetdevInNetns {
        /// The interface.
        interface: InterfaceId,
        /// Its network device.
        netdev: String,
        /// The VPN instance.
        vpn: VpnInstance,
    },
    /// A group address or zeros cannot be a router's MAC.
    #[error(
        "interface {interface} cannot have MAC {mac}: a router's MAC is not zero and not a group address"
    )]
    RouterMac {
        /// The interface.
        interface: InterfaceId,
        /// The MAC.
        mac: Mac,
    },
}

impl Platform {
    /// Checks everything that the file alone can tell.
    pub fn validate(&self) -> Result<(), PlatformError> {
        if self.hostname.trim().is_empty() {
            return Err(PlatformError::EmptyHostname);
        }
        self.validate_vpn_instances()?;
        self.validate_interfaces()?;
        let mut ports = BTreeSet::new();
        for port in &self.ports {
            check_netdev(&port.netdev)?;
            if !ports.insert(&port.netdev) {
                return Err(PlatformError::Twice { what: "port", name: port.netdev.clone() });
            }
        }
        self.validate_paths()?;
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
    }

    #[test]
    fn a_full_platform_is_read() {
        let p = platform(json!({
            "model": "CE6866", "forwarding-mode": "standard", "node-id": 7, "control": "/run/x", "ownership": "all",
            "dfs-group": "dfs-group 1\n", "sai": {"library": "libsai.so", "profile": "A=1\n# no\n\nB = x=y\n"},
            "vpn-instance": [{"name": "mgmt", "device": "vrf-mgmt"}, {"name": "far", "netns": "far"}],
            "interface": [{"name": "Vlanif10", "vrf": "mgmt", "netdev": "br0", "mac": "00:00:5e:00:01:01",
                           "addresses": ["10.0.0.1/24"], "attachment": "m-lag 7"}],
            "port": [{"netdev": "eth1", "role": "m-lag 7"}, {"netdev": "eth2", "role": "peer-link"}],
        }))
        .expect("valid");
        assert_eq!(p.interfaces[0].attachment.0.to_string(), "m-lag 7");
        assert_eq!(p.ports[1].role, PortRole::PeerLink);
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
