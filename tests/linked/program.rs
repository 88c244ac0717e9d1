//! A program that is linked with its libsai: two switches of that, an instance for each, which sync to each other.
//!
//! `linked` builds and runs it as a package of its own, for nothing of the simulator's may be in it.

#[path = "../common/netns.rs"]
mod netns;

use mlagsync::addr::{InterfaceId, Mac, MlagId, VlanId, VpnInstance};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{Binding, LinkState, Member, PeerLink, RifState};
use mlagsync::run::topology::{InterfaceSpec, Topology};
use mlagsync::sai::{Library, NeighborTable, Options, Profile, Start, Switch, SwitchSpec};
use mlagsync::{Builder, Feed, Learned, Mlagsync};
use netns::Netns;
use std::ffi::CString;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

const HOSTS: u32 = 100;
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let library = Library::linked(&Profile::new(), Options::default()).expect("the linked libsai starts");
    println!("{}, SAI {}", library.name(), library.version());
    let nets = [Netns::new(), Netns::new()];
    nets[0].veth("eth0", &nets[1], "eth0");
    nets[0].run(|net| net.address("eth0", "10.1.0.3", 24));
    nets[1].run(|net| net.address("eth0", "10.1.0.4", 24));
    let [(_, left), (switch, right)] = [(0, "left"), (1, "right")].map(|(n, name)| {
        let hardware_info = Some(CString::new(name).expect("no zero byte"));
        let spec = SwitchSpec { start: Start::Initialise, src_mac: None, hardware_info };
        let switch = Switch::create(&library, spec).expect("a switch");
        let sync = start(name, &switch, &nets[n]);
        let (own, other) = [("10.1.0.3", "10.1.0.4"), ("10.1.0.4", "10.1.0.3")][n];
        let line = format!("dfs-group 1\n peer-link source ip {own} peer {other} tcp-port 2048");
        sync.configure(&line, false).expect("a right line");
        (switch, sync)
    });
    let hosts: Vec<Learned> = (1..=HOSTS).map(host).collect();
    left.learned(&hosts, Feed::Block(PATIENCE)).expect("there is room");
    for sync in [&left, &right] {
        sync.local_complete().expect("there is room");
    }
    let begin = Instant::now();
    let in_asic = || NeighborTable::new(&switch).list().expect("it lists its neighbours").len();
    while in_asic() != HOSTS as usize {
        assert!(begin.elapsed() < PATIENCE, "{} of {HOSTS} are there: {:?}", in_asic(), right.session());
        std::thread::yield_now();
    }
    println!("{} neighbours are in the right one's ASIC", in_asic());
    for sync in [left, right] {
        assert!(sync.stop(PATIENCE).left.is_empty());
    }
}

fn start(name: &str, switch: &Switch, netns: &Netns) -> Mlagsync {
    let (vrf, interface) = (VpnInstance::public(), interface());
    let spec = InterfaceSpec { interface, vrf: vrf.clone(), mac: None, underlay: None, tag: None };
    let topology = Topology::build(switch, &[spec]).expect("an interface");
    let sync = netns.inside(|| Builder::new(name, switch.clone()).start()).expect("it starts");
    let binding = Binding {
        interface,
        vrf,
        rif: topology.rif(interface).expect("it was made"),
        mac: switch.src_mac().expect("it has one"),
        addresses: vec!["10.10.255.254/16".parse().expect("an address")],
        state: RifState::Up,
        footing: topology.footing(interface),
    };
    sync.bind(binding).expect("there is room");
    let both = LinkState::Forwarding;
    sync.member(Member { mlag: mlag(), port: None, local: both, peer: both }).expect("there is room");
    sync.peer_link(PeerLink { state: both, ..PeerLink::default() }).expect("there is room");
    sync
}

fn interface() -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(10).expect("a legal number"))
}

fn mlag() -> MlagId {
    MlagId::new(7).expect("a legal number")
}

fn host(n: u32) -> Learned {
    let [_, a, b, c] = n.to_be_bytes();
    Learned {
        key: Key { interface: interface(), ip: IpAddr::V4(Ipv4Addr::from(0x0a0a_0000 + n)) },
        mac: Mac([2, 0, 1, a, b, c]),
        attachment: Attachment::Mlag(mlag()),
        flags: Flags::default(),
        fresh: true,
    }
}
