//! The mirror against the real kernel, in private network namespaces.

mod asked_tests;
mod exits_tests;
mod hosts_tests;
mod links_tests;

use super::*;
use crate::addr::Mac;
use crate::node::io::{KernelSweep, KernelWant};
use crate::run::netns_of_tests::{NOARP, Netns, PERMANENT, REACHABLE, STALE};
use crate::run::platform::AttachmentWord;
use crossbeam_channel::bounded;
use std::net::{IpAddr, Ipv4Addr};
use std::thread::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(30);
const HOST: Mac = Mac([2, 0, 0, 0, 1, 1]);
const OTHER: Mac = Mac([2, 0, 0, 0, 1, 2]);

/// A mirror that runs inside a namespace.
struct Running {
    handle: KernelHandle,
    told: Receiver<Told>,
    end: Arc<Wake>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
    unanswered: Vec<Key>,
}

fn config(at_exit: AtExit) -> KernelConfig {
    let interface = InterfaceConfig {
        name: "Vlanif10".parse().expect("legal"),
        vrf: None,
        netdev: Some("vlan10".to_owned()),
        mac: None,
        addresses: None,
        attachment: AttachmentWord::default(),
        hosts: None,
    };
    KernelConfig {
        interfaces: vec![interface],
        mirror: true,
        protocol: limits::KERNEL_PROTOCOL,
        at_exit,
        receive_buffer: limits::NETLINK_BUFFER,
    }
}

impl Running {
    fn start(netns: &Netns) -> Running {
        Running::start_with(netns, config(AtExit::Keep), |_| {})
    }

    fn start_with(
        netns: &Netns,
        config: KernelConfig,
        change: impl FnOnce(&mut KernelMirror) + Send,
    ) -> Running {
        let (out, told) = bounded(4);
        let wake = || Arc::new(Wake::new().expect("an eventfd"));
        let stop = Arc::new(AtomicBool::new(false));
        let bells = Bells { orders: wake(), end: wake(), stop: stop.clone() };
        let end = bells.end.clone();
        let (mut mirror, handle) = netns.inside(|| {
            KernelMirror::open(config, bounded(64), out, bells).expect("sockets, and the right to write")
        });
        change(&mut mirror);
        let thread = std::thread::spawn(move || mirror.run());
        Running { handle, told, end, stop, thread: Some(thread), unanswered: Vec::new() }
    }

    fn order(&mut self, mut order: Order) {
        let deadline = Instant::now() + PATIENCE;
        while let Err(back) = self.handle.submit(order) {
            assert!(Instant::now() < deadline, "it takes nothing");
            order = back;
            self.hear();
        }
    }

    fn word(&mut self, changes: Vec<(Key, KernelWant)>, sweep: Option<KernelSweep>) {
        self.order(Order::Word(KernelWord { changes, sweep }));
    }

    fn want(&mut self, ip: &str, want: KernelWant) {
        self.word(vec![(key(ip), want)], None);
    }

    /// Takes what is told, for a moment.
    fn hear(&mut self) {
        if let Ok(Told::Unanswered(keys)) = self.told.recv_timeout(Duration::from_millis(1)) {
            self.unanswered.extend(keys);
        }
    }

    fn view(&self) -> KernelView {
        self.handle.view()
    }

    #[track_caller]
    fn until(&mut self, what: &str, mut there: impl FnMut(&Running) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !there(self) {
            assert!(Instant::now() < deadline, "waiting until {what}: {:?}", self.view());
            self.hear();
        }
    }

    #[track_caller]
    fn until_view(&mut self, what: &str, there: impl Fn(&KernelView) -> bool) {
        self.until(what, |running| there(&running.view()));
    }

    #[track_caller]
    fn until_held(&mut self, netns: &Netns, ip: &str, want: &str) {
        let at = ip.parse().expect("legal");
        self.until(&format!("{ip} is {want}"), |_| word(table(netns).get(&at)) == want);
    }

    fn end_thread(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.end.ring();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it does not panic").expect("netlink works");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end_thread();
    }
}

fn key(ip: &str) -> Key {
    Key { interface: "Vlanif10".parse().expect("legal"), ip: ip.parse().expect("legal") }
}

fn host(mac: Mac) -> KernelWant {
    KernelWant::Host { mac, router: false }
}

/// What the kernel holds on `vlan10`.
fn table(netns: &Netns) -> BTreeMap<IpAddr, NeighborMessage> {
    netns.inside(|| {
        let mut channel = Channel::open(&[], limits::NETLINK_BUFFER).expect("a socket");
        let bell = Wake::new().expect("an eventfd");
        let Ok(index) = nix::net::if_::if_nametoindex("vlan10") else { return BTreeMap::new() };
        let mut rows = BTreeMap::new();
        for family in [libc::AF_INET, libc::AF_INET6] {
            // An interrupted dump may lack rows.
            loop {
                let trouble = channel.dump(Table::Neighbors(family), &bell, &mut |_, body| {
                    if let Body::Neighbor { neighbor, .. } = body
                        && neighbor.ifindex == index
                        && let Some(ip) = neighbor.ip.filter(|ip| !ip.is_multicast())
                    {
                        rows.insert(ip, neighbor);
                    }
                });
                if !trouble.expect("a dump").interrupted {
                    break;
                }
            }
        }
        rows
    })
}

/// An entry in words: its MAC, its state, whose it is.
fn word(row: Option<&NeighborMessage>) -> String {
    let Some(row) = row else { return "absent".to_owned() };
    let state = match row.state {
        libc::NUD_REACHABLE => "reachable",
        libc::NUD_STALE => "stale",
        libc::NUD_PROBE => "probe",
        libc::NUD_DELAY => "delay",
        libc::NUD_FAILED => "failed",
        libc::NUD_INCOMPLETE => "incomplete",
        libc::NUD_PERMANENT => "permanent",
        libc::NUD_NOARP => "noarp",
        _ => "?",
    };
    let whose = match row.protocol {
        Some(limits::KERNEL_PROTOCOL) => "ours",
        _ => "the kernel's",
    };
    let mac = row.mac.map_or("-".to_owned(), |mac| mac.to_string());
    let learned = if row.flags & libc::NTF_EXT_LEARNED != 0 { " learned" } else { "" };
    format!("{mac} {state} {whose}{learned}")
}

/// A namespace with a device `vlan10`.
fn netns() -> Netns {
    let netns = Netns::new();
    netns.run(|net| {
        net.device("vlan10");
        net.address("vlan10", "10.0.0.1", 8);
    });
    netns
}

fn nth(n: u32) -> IpAddr {
    Ipv4Addr::from(0x0a01_0000 + n).into()
}

fn nth_key(n: u32) -> Key {
    Key { ip: nth(n), ..key("10.0.0.9") }
}

/// A MAC of its own for each host, in each generation.
fn nth_mac(n: u32, generation: u8) -> Mac {
    Mac([2, generation, (n >> 24) as u8, (n >> 16) as u8, (n >> 8) as u8, n as u8])
}
