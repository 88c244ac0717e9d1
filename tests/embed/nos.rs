//! A small NOS: a switch of the simulator with its interfaces, and an instance that it feeds.

use crate::hardware::linked;
use crate::netns::Netns;
use mlagsync::addr::{InterfaceId, Mac, VlanId, VpnInstance};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::Ownership;
use mlagsync::node::io::{Binding, RifState};
use mlagsync::run::topology::{InterfaceSpec, Topology};
use mlagsync::sai::{Oid, Switch, id};
use mlagsync::{Builder, Learned, Mlagsync};
use sai::inspect::SimSwitch;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The interface that all tests are about.
pub(crate) fn vlan10() -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(10).unwrap())
}

/// The nth host on it, learned just now.
pub(crate) fn host(n: u32, generation: u8) -> Learned {
    Learned {
        key: key(n),
        mac: mac(n, generation),
        attachment: Attachment::Orphan,
        flags: Flags::default(),
        fresh: true,
    }
}

pub(crate) fn key(n: u32) -> Key {
    Key { interface: vlan10(), ip: IpAddr::from(Ipv4Addr::from(0x0a0a_0000 + n)) }
}

pub(crate) fn mac(n: u32, generation: u8) -> Mac {
    let [_, a, b, c] = n.to_be_bytes();
    Mac([2, generation, 0, a, b, c])
}

/// Waits until it holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::yield_now();
    }
}

/// What the NOS owns.
pub(crate) struct Hardware {
    pub(crate) sim: SimSwitch,
    pub(crate) switch: Switch,
    pub(crate) rif: Oid<id::RouterInterface>,
}

impl Hardware {
    pub(crate) fn new() -> Hardware {
        Hardware::with(&[])
    }

    pub(crate) fn with(profile: &[(&str, &str)]) -> Hardware {
        let (sim, switch) = linked(profile);
        let spec = InterfaceSpec {
            interface: vlan10(),
            vrf: VpnInstance::public(),
            mac: None,
            underlay: None,
            tag: None,
        };
        let rif = Topology::build(&switch, &[spec]).unwrap().rif(vlan10()).unwrap();
        Hardware { sim, switch, rif }
    }

    pub(crate) fn binding(&self) -> Binding {
        Binding {
            interface: vlan10(),
            vrf: VpnInstance::public(),
            rif: self.rif,
            mac: Mac([2, 0xff, 0, 0, 0, 1]),
            addresses: Vec::new(),
            state: RifState::Up,
            footing: Default::default(),
        }
    }

    /// An instance that writes what it learns.
    pub(crate) fn builder(&self) -> Builder {
        Builder::new("nos", self.switch.clone()).ownership(Ownership::All)
    }

    /// An instance as a NOS has it that writes its own hosts itself.
    pub(crate) fn nos(&self, id: u64) -> Builder {
        Builder::new("nos", self.switch.clone()).node_id(id)
    }

    /// One that writes what it learns, started, its interface bound.
    pub(crate) fn start(&self) -> Mlagsync {
        let nos = self.builder().start().unwrap();
        nos.bind(self.binding()).unwrap();
        nos
    }
}

/// Two switches with a cable between them.
pub(crate) struct Pair {
    pub(crate) left: (Netns, Hardware),
    pub(crate) right: (Netns, Hardware),
}

impl Pair {
    pub(crate) fn new() -> Pair {
        let (left, right) = (Netns::new(), Netns::new());
        left.veth("eth0", &right, "eth0");
        left.run(|net| net.address("eth0", "10.1.0.3", 24));
        right.run(|net| net.address("eth0", "10.1.0.4", 24));
        Pair { left: (left, Hardware::new()), right: (right, Hardware::new()) }
    }

    /// The same without a channel.
    pub(crate) fn start_unconfigured(&self) -> (Mlagsync, Mlagsync) {
        (start(&self.left, 3), start(&self.right, 4))
    }

    /// Both started, each in its namespace, as the NOS's ownership is: received entries are ours.
    pub(crate) fn start(&self) -> (Mlagsync, Mlagsync) {
        let (left, right) = self.start_unconfigured();
        for (nos, at, peer) in [(&left, 3, 4), (&right, 4, 3)] {
            nos.configure(&lines(at, peer), false).unwrap();
        }
        until("the session is up", || left.session().unwrap().up && right.session().unwrap().up);
        (left, right)
    }
}

/// The command lines of the device 10.1.0.`at`.
pub(crate) fn lines(at: u8, peer: u8) -> String {
    format!("dfs-group 1\n peer-link source ip 10.1.0.{at} peer 10.1.0.{peer} tcp-port 2048\n")
}

fn start((netns, hardware): &(Netns, Hardware), number: u64) -> Mlagsync {
    let nos = netns.inside(|| hardware.nos(number).start().unwrap());
    nos.bind(hardware.binding()).unwrap();
    nos
}
