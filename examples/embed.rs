//! A small NOS in Rust that owns its SAI and links the library: two switches in one process, which sync to each other.
//!
//! ```text
//!   the NOS's SAI ── switch "left"  ── Mlagsync ─┐ 10.1.0.3
//!                 │                              │  a cable between two network namespaces
//!                 └─ switch "right" ── Mlagsync ─┘ 10.1.0.4
//! ```
//!
//! Run it: `cargo run --example embed`, as root or in `unshare -Urn`, for it makes network namespaces. The SAI is the
//! simulator's; a NOS puts its vendor's functions in its place.

#[path = "../tests/common/netns.rs"]
#[allow(unused_imports, clippy::unwrap_used, reason = "the tests' namespaces, of which not all is needed")]
mod netns;

use mlagsync::addr::{InterfaceId, Mac, MlagId, VlanId, VpnInstance};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{Binding, Event, Footing, LinkState, Member, PeerLink, RifState};
use mlagsync::run::topology::{InterfaceSpec, Topology};
use mlagsync::sai::id::Domain;
use mlagsync::sai::{Functions, Library, Oid, Options, Switch, id};
use mlagsync::{Builder, Feed, Learned, LogLevel, Mlagsync, News, Subscription};
use netns::Netns;
use sai::inspect::SimSwitch;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

const HOSTS: u32 = 1000;
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs it; says what it did, line by line.
pub fn main() -> Result<(), Box<dyn Error>> {
    let (left_net, right_net) = (Netns::new(), Netns::new());
    left_net.veth("eth0", &right_net, "eth0");
    left_net.run(|net| net.address("eth0", "10.1.0.3", 24));
    right_net.run(|net| net.address("eth0", "10.1.0.4", 24));
    let (left, right) = (Nos::start("left", &left_net)?, Nos::start("right", &right_net)?);

    // What the operator types.
    left.sync.configure("dfs-group 1\n peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048", false)?;
    right.sync.configure("dfs-group 1\n peer-link source ip 10.1.0.4 peer 10.1.0.3 tcp-port 2048", false)?;
    right.wait_for("the session comes up", |event| matches!(event, Event::SessionUp { .. }))?;

    // The left one hears hosts; it programs them itself and tells us. Then it has told everything that it knows.
    let hosts: Vec<Learned> = (1..=HOSTS).map(host).collect();
    left.sync.learned(&hosts, Feed::Block(PATIENCE))?;
    left.sync.local_complete()?;
    right.sync.local_complete()?;
    right.wait_for("the right one's ports may open", |event| matches!(event, Event::SelfReady { .. }))?;
    println!("right: {} hosts are in its ASIC, all of them the peer's", right.hardware.neighbor_count());
    let why = right.sync.why(hosts[0].key.ip)?;
    println!("right: {} is there because of {:?}", hosts[0].key.ip, why[0].because);

    // Hosts age out; a batch of them.
    let keys: Vec<Key> = hosts.iter().take(10).map(|host| host.key).collect();
    left.sync.forgotten(&keys, Feed::Try)?;
    let begin = Instant::now();
    while right.hardware.neighbor_count() as u32 != HOSTS - 10 {
        if begin.elapsed() > PATIENCE {
            return Err("the hosts that aged out are still there".into());
        }
        std::thread::yield_now();
    }

    // An interface goes: SAI may have it back once nothing of ours is on it.
    right.sync.unbind(interface())?;
    right.wait_for("the interface is released", |event| matches!(event, Event::Released { .. }))?;
    println!("right: {} hosts are left in its ASIC", right.hardware.neighbor_count());
    for nos in [left, right] {
        let left_behind = nos.sync.stop(Duration::from_secs(2)).left;
        println!("{}: stopped, threads left behind: {left_behind:?}", nos.name);
    }
    Ok(())
}

/// A switch of the NOS's, and the instance that it feeds.
struct Nos {
    name: &'static str,
    hardware: SimSwitch,
    sync: Mlagsync,
    news: Subscription,
}

impl Nos {
    fn start(name: &'static str, netns: &Netns) -> Result<Nos, Box<dyn Error>> {
        // What a NOS has anyway: a switch, a VLAN, a router interface on it.
        let hardware = SimSwitch::new(&[])?;
        let switch = switch(&hardware)?;
        let spec = InterfaceSpec {
            interface: interface(),
            vrf: VpnInstance::public(),
            mac: None,
            underlay: None,
            tag: None,
        };
        let rif = Topology::build(&switch, &[spec])?.rif(interface()).ok_or("no router interface")?;
        let vlan = Oid::from_raw(hardware.objects(sai_sys::sai_object_type_t::SAI_OBJECT_TYPE_VLAN)[1]);

        let begin = Instant::now();
        let builder = Builder::new(name, switch.clone()).log(LogLevel::Warn, move |line| {
            println!("{name}: {:?}: {}", line.level, line.text);
        });
        // Its sockets are opened where it is started.
        let sync = netns.inside(|| builder.start())?;
        println!("{name}: started in {:?}", begin.elapsed());
        let news = sync.news(10_000);
        describe(&sync, rif, vlan, switch.src_mac()?)?;
        Ok(Nos { name, hardware, sync, news })
    }

    /// A NOS has a thread for this, or gives a callback to `Builder::on_news`.
    fn wait_for(&self, what: &str, wanted: impl Fn(&Event) -> bool) -> Result<(), Box<dyn Error>> {
        while let Some(news) = self.news.next_within(PATIENCE) {
            if matches!(&news, News::Event(event) if wanted(event)) {
                println!("{}: {what}", self.name);
                return Ok(());
            }
        }
        Err(format!("{}: it was not told that {what}", self.name).into())
    }
}

/// What the NOS tells of itself: its interface, its M-LAG and its peer-link.
fn describe(
    sync: &Mlagsync,
    rif: Oid<id::RouterInterface>,
    vlan: Oid<id::Vlan>,
    mac: Mac,
) -> Result<(), Box<dyn Error>> {
    sync.bind(Binding {
        interface: interface(),
        vrf: VpnInstance::public(),
        rif,
        mac,
        addresses: vec!["10.10.255.254/16".parse()?],
        state: RifState::Up,
        footing: Footing::Bridged(Domain::Vlan(vlan)),
    })?;
    sync.member(Member {
        mlag: mlag(),
        port: None,
        local: LinkState::Forwarding,
        peer: LinkState::Forwarding,
    })?;
    sync.peer_link(PeerLink { state: LinkState::Forwarding, ..PeerLink::default() })?;
    Ok(())
}

/// The NOS's own SAI, as it hands it over: initialised, and with a switch.
fn switch(hardware: &SimSwitch) -> Result<Switch, Box<dyn Error>> {
    let functions = Functions {
        api_query: sai::sai_api_query,
        query_api_version: Some(sai::sai_query_api_version),
        api_initialize: None,
        api_uninitialize: None,
        get_object_count: Some(sai::sai_get_object_count),
        get_object_key: Some(sai::sai_get_object_key),
        object_type_get_availability: Some(sai::sai_object_type_get_availability),
    };
    // SAFETY: the functions of one SAI library, initialised since it has a switch, linked for as long as the process is.
    let library = unsafe { Library::given(functions, Options::default()) }?;
    Ok(Switch::given(&library, Oid::from_raw(hardware.id())))
}

fn interface() -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(10).expect("a legal number"))
}

fn mlag() -> MlagId {
    MlagId::new(7).expect("a legal number")
}

/// The nth host, dual-homed, heard just now.
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
