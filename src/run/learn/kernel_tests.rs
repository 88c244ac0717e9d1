//! The learner against the real kernel, in private network namespaces.

use super::*;
use crate::addr::MlagId;
use crate::run::netns_of_tests::{NOARP, Net, Netns, PERMANENT, REACHABLE, STALE};
use crate::run::platform::{AttachmentWord, PortRole};
use crossbeam_channel::{Receiver, bounded};
use std::collections::BTreeSet;
use std::net::IpAddr;

const PATIENCE: Duration = Duration::from_secs(20);
const HOST: [u8; 6] = [2, 0, 0, 0, 1, 1];
const OTHER: [u8; 6] = [2, 0, 0, 0, 1, 2];

/// A learner that runs inside a namespace, and what it told put together.
struct Running {
    words: Receiver<Learned>,
    bell: Arc<Wake>,
    stop: Arc<AtomicBool>,
    stats: Arc<LearnStats>,
    thread: Option<std::thread::JoinHandle<()>>,
    held: BTreeMap<Key, Evidence>,
    named: Option<BTreeMap<Key, Evidence>>,
    facts: HashMap<InterfaceId, InterfaceFacts>,
    complete: bool,
}

impl Running {
    fn start(netns: &Netns, config: LearnConfig) -> Running {
        let (out, words) = bounded(4);
        let bell = Arc::new(Wake::new().expect("an eventfd"));
        let (stop, stats) = (Arc::new(AtomicBool::new(false)), Arc::new(LearnStats::default()));
        let learner = netns.inside(|| {
            Learner::open(config, out, bell.clone(), stop.clone(), stats.clone()).expect("netlink sockets")
        });
        let thread = std::thread::spawn(move || _ = learner.run());
        Running {
            words,
            bell,
            stop,
            stats,
            thread: Some(thread),
            held: BTreeMap::new(),
            named: None,
            facts: HashMap::new(),
            complete: false,
        }
    }

    /// Does with the words what a node does with them.
    fn take(&mut self, word: Learned) {
        match word {
            Learned::DumpBegin => self.named = Some(BTreeMap::new()),
            Learned::DumpEnd => self.held = self.named.take().expect("a dump ends that began"),
            Learned::Complete => self.complete = true,
            Learned::Interface(facts) => _ = self.facts.insert(facts.interface, facts),
            Learned::Evidence(all) => {
                assert!(all.len() <= limits::EVIDENCE_AT_ONCE);
                for evidence in all {
                    for table in [Some(&mut self.held), self.named.as_mut()].into_iter().flatten() {
                        match evidence {
                            Evidence::Learned { key, .. } | Evidence::Static { key, .. } => {
                                table.insert(key, evidence);
                            }
                            Evidence::Forgotten { key } => _ = table.remove(&key),
                            Evidence::Heard { .. } => {}
                        }
                    }
                }
            }
        }
    }

    fn until(&mut self, what: &str, mut there: impl FnMut(&Running) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !there(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.words.recv_timeout(left) {
                Ok(word) => self.take(word),
                Err(e) => panic!(
                    "waiting until {what}: {e}; held: {:?}",
                    self.held.values().take(9).collect::<Vec<_>>()
                ),
            }
        }
    }

    fn until_complete(&mut self) {
        self.until("the first dump is told", |r| r.complete);
    }

    fn until_held(&mut self, ip: &str, want: &str) {
        let key = key(ip);
        self.until(&format!("{ip} is {want}"), |r| word(r.held.get(&key)) == want);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.bell.ring();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the learner ends when it is told to");
        }
    }
}

fn key(ip: &str) -> Key {
    Key { interface: "Vlanif10".parse().expect("legal"), ip: addr(ip) }
}

fn addr(ip: &str) -> IpAddr {
    ip.parse().expect("legal")
}

fn word(evidence: Option<&Evidence>) -> String {
    match evidence {
        None => "absent".to_owned(),
        Some(Evidence::Static { mac, .. }) => format!("static {mac}"),
        Some(Evidence::Learned { mac, flags, .. }) if flags.contains(Flags::INTERFACE) => {
            format!("own {mac}")
        }
        Some(Evidence::Learned { mac, attachment, .. }) => format!("{mac} {attachment}"),
        Some(Evidence::Forgotten { .. }) => "forgotten".to_owned(),
        Some(Evidence::Heard { mac, .. }) => format!("heard {mac}"),
    }
}

fn config(netdev: &str) -> LearnConfig {
    LearnConfig {
        interfaces: vec![InterfaceConfig {
            name: "Vlanif10".parse().expect("legal"),
            vrf: None,
            netdev: Some(netdev.to_owned()),
            mac: None,
            addresses: None,
            attachment: AttachmentWord::default(),
            hosts: None,
        }],
        ports: Vec::new(),
        receive_buffer: limits::NETLINK_BUFFER,
        own: Own::default(),
    }
}

/// A namespace with a bridge `br` that has the ports `member`, `orphan` and `peer`.
fn bridged() -> Netns {
    let netns = Netns::new();
    netns.run(|net| {
        net.bridge("br");
        net.mac("br", [2, 0, 0, 0, 0, 1]);
        for port in ["member", "orphan", "peer"] {
            net.veth_here(port, &format!("{port}-far"));
            net.master(port, Some("br"));
        }
    });
    netns
}

#[test]
fn entries_that_were_there_before_the_start_are_learned() {
    let netns = bridged();
    netns.run(|net| {
        net.address("br", "10.0.0.1", 24);
        net.neighbor("br", addr("10.0.0.9"), HOST, STALE, 0);
        net.neighbor("br", addr("2001:db8::9"), HOST, REACHABLE, 0);
        net.neighbor("br", addr("10.0.0.10"), OTHER, PERMANENT, 0);
        net.neighbor("br", addr("10.0.0.11"), OTHER, NOARP, libc::NTF_EXT_LEARNED);
        net.neighbor_of("br", addr("10.0.0.12"), OTHER, limits::KERNEL_PROTOCOL);
        net.neighbor("orphan-far", addr("10.0.0.13"), OTHER, REACHABLE, 0);
    });
    let mut running = Running::start(&netns, config("br"));
    running.until_complete();
    let held = |ip| word(running.held.get(&key(ip)));
    assert_eq!(held("10.0.0.9"), "02:00:00:00:01:01 orphan");
    assert_eq!(held("2001:db8::9"), "02:00:00:00:01:01 orphan");
    assert_eq!(held("10.0.0.10"), "static 02:00:00:00:01:02");
    assert_eq!(held("10.0.0.11"), "02:00:00:00:01:02 orphan");
    assert_eq!(held("10.0.0.12"), "absent", "our own echo");
    assert_eq!(held("10.0.0.13"), "absent", "not an interface of ours");
    assert_eq!(held("10.0.0.1"), "own 02:00:00:00:00:01");
    let facts = &running.facts[&key("10.0.0.1").interface];
    assert_eq!(facts.mac, Some(Mac([2, 0, 0, 0, 0, 1])));
    assert!(facts.addresses.contains(&"10.0.0.1/24".parse().expect("legal")), "{facts:?}");
}

#[test]
fn changes_are_followed() {
    let netns = bridged();
    let mut running = Running::start(&netns, config("br"));
    running.until_complete();
    for ip in ["10.0.0.9", "2001:db8::9"] {
        netns.run(|net| net.neighbor("br", addr(ip), HOST, REACHABLE, 0));
        running.until_held(ip, "02:00:00:00:01:01 orphan");
        netns.run(|net| net.neighbor("br", addr(ip), OTHER, STALE, 0));
        running.until_held(ip, "02:00:00:00:01:02 orphan");
        netns.run(|net| net.neighbor("br", addr(ip), OTHER, PERMANENT, 0));
        running.until_held(ip, "static 02:00:00:00:01:02");
        netns.run(|net| net.delete_neighbor("br", addr(ip)));
        running.until_held(ip, "absent");
    }
}

#[test]
fn the_devices_own_addresses_are_followed() {
    let netns = bridged();
    let mut running = Running::start(&netns, config("br"));
    running.until_complete();
    netns.run(|net| net.address("br", "10.0.0.1", 24));
    running.until_held("10.0.0.1", "own 02:00:00:00:00:01");
    netns.run(|net| net.mac("br", [2, 0, 0, 0, 0, 7]));
    running.until_held("10.0.0.1", "own 02:00:00:00:00:07");
    netns.run(|net| net.delete_address("br", "10.0.0.1", 24));
    running.until_held("10.0.0.1", "absent");
    running.until("the interface has no such subnet any more", |r| {
        r.facts.values().all(|facts| facts.addresses.iter().all(|net| net.addr() != addr("10.0.0.1")))
    });
}

#[test]
fn the_bridge_tells_by_which_port_a_host_is_heard() {
    let netns = bridged();
    let role = |netdev: &str, role| PortConfig {
        netdev: Some(netdev.to_owned()),
        role,
        sai_port: None,
        sai_lag: None,
    };
    let mlag = Attachment::Mlag(MlagId::new(7).expect("legal"));
    let ports = vec![
        role("member", PortRole::Hosts(mlag)),
        role("orphan", PortRole::Hosts(Attachment::Orphan)),
        role("peer", PortRole::PeerLink),
    ];
    netns.run(|net| {
        net.fdb("member", HOST);
        net.neighbor("br", addr("10.0.0.9"), HOST, REACHABLE, 0);
        net.fdb("peer", OTHER);
        net.neighbor("br", addr("10.0.0.10"), OTHER, REACHABLE, 0);
    });
    let mut running = Running::start(&netns, LearnConfig { ports, ..config("br") });
    running.until_complete();
    assert_eq!(word(running.held.get(&key("10.0.0.9"))), "02:00:00:00:01:01 m-lag 7");
    assert_eq!(word(running.held.get(&key("10.0.0.10"))), "absent", "heard on the peer-link");
    netns.run(|net| net.fdb("orphan", OTHER));
    running.until_held("10.0.0.10", "02:00:00:00:01:02 orphan");
    netns.run(|net| net.fdb("member", OTHER));
    running.until_held("10.0.0.10", "02:00:00:00:01:02 m-lag 7");
    netns.run(|net| {
        net.delete_fdb("member", OTHER);
        net.neighbor("br", addr("10.0.0.11"), HOST, REACHABLE, 0);
    });
    running.until_held("10.0.0.11", "02:00:00:00:01:01 m-lag 7");
    assert_eq!(word(running.held.get(&key("10.0.0.10"))), "02:00:00:00:01:02 m-lag 7", "aged, not moved");
}

#[test]
fn a_device_may_come_later_be_renamed_and_be_made_again() {
    let netns = Netns::new();
    let mut running = Running::start(&netns, config("br"));
    running.until_complete();
    let make = |net: &mut Net| {
        net.device("br");
        net.neighbor("br", addr("10.0.0.9"), HOST, REACHABLE, 0);
    };
    netns.run(make);
    running.until_held("10.0.0.9", "02:00:00:00:01:01 orphan");
    netns.run(|net| {
        net.neighbor("br", addr("10.0.0.10"), OTHER, PERMANENT, 0);
        net.rename("br", "was-br");
    });
    running.until_held("10.0.0.10", "absent");
    netns.run(|net| net.rename("was-br", "br"));
    running.until_held("10.0.0.9", "02:00:00:00:01:01 orphan");
    netns.run(|net| net.delete("br"));
    running.until_held("10.0.0.9", "absent");
    netns.run(make);
    running.until_held("10.0.0.9", "02:00:00:00:01:01 orphan");
}

#[test]
fn after_an_overflow_nothing_that_the_kernel_holds_is_missing() {
    const MANY: u32 = 3000;
    let netns = bridged();
    let ip = |n: u32| IpAddr::from(std::net::Ipv4Addr::from(0x0a01_0000 + n));
    // A buffer of the kernel's smallest size, and nobody who takes words: notices are lost for certain.
    let mut running = Running::start(&netns, LearnConfig { receive_buffer: 1, ..config("br") });
    running.until_complete();
    netns.run(|net| {
        net.neighbor("br", ip(0), HOST, NOARP, libc::NTF_EXT_LEARNED);
        for n in 1..MANY {
            net.neighbor("br", ip(n), HOST, NOARP, libc::NTF_EXT_LEARNED);
        }
        for n in (0..MANY).step_by(3) {
            net.delete_neighbor("br", ip(n));
        }
    });
    let expected: BTreeSet<IpAddr> = (0..MANY).filter(|n| n % 3 != 0).map(ip).collect();
    running.until("the table is as the kernel's", |r| {
        r.held.len() >= expected.len()
            && r.held
                .values()
                .filter(|e| matches!(e, Evidence::Learned { flags, .. } if flags.0 == 0))
                .count()
                == expected.len()
            && r.named.is_none()
            && expected.iter().all(|ip| r.held.contains_key(&Key { ip: *ip, ..key("10.0.0.9") }))
    });
    assert!(running.stats.overflows.load(Ordering::Relaxed) > 0, "the test makes the buffer overflow");
    assert!(running.stats.dumps.load(Ordering::Relaxed) > 1);
}

/// What waits in the buffer when notices are dropped is older than what was dropped.
#[test]
fn after_an_overflow_nothing_older_comes_back() {
    const MANY: u32 = 3000;
    const LAST: u16 = 6;
    let netns = bridged();
    // More notices wait in it than are read in one go, and far fewer than there will be.
    let mut running = Running::start(&netns, LearnConfig { receive_buffer: 512 << 10, ..config("br") });
    running.until_complete();
    netns.run(|net| (1..=LAST).for_each(|generation| net.learn_many("br", MANY, generation)));
    running.until("every entry is as the kernel has it", |r| {
        let last =
            |e: &&Evidence| matches!(e, Evidence::Learned { mac, .. } if mac.0[4..] == LAST.to_be_bytes());
        r.held.values().filter(last).count() == MANY as usize && r.named.is_none()
    });
    assert!(running.stats.overflows.load(Ordering::Relaxed) > 0, "the test makes the buffer overflow");
}

#[test]
fn what_changes_while_the_first_dump_runs_is_not_missed() {
    const MANY: u32 = 3000;
    let netns = bridged();
    let ip = |n: u32| IpAddr::from(std::net::Ipv4Addr::from(0x0a01_0000 + n));
    let set = |net: &mut Net, n: u32, mac| net.neighbor("br", ip(n), mac, NOARP, libc::NTF_EXT_LEARNED);
    netns.run(|net| (0..MANY).for_each(|n| set(net, n, HOST)));
    let (started, has_started) = bounded(1);
    let mut running = std::thread::scope(|scope| {
        // Changes, deletes and makes again, all over the table and several times over.
        let churn = scope.spawn(|| {
            netns.run(|net| {
                for step in 0..4 * MANY {
                    let n = step * 7 % MANY;
                    match (n % 3, step / MANY) {
                        (0, _) => set(net, n, if step.is_multiple_of(2) { OTHER } else { HOST }),
                        (1, 0 | 2) => net.delete_neighbor("br", ip(n)),
                        (1, _) => set(net, n, OTHER),
                        (_, round) => set(net, n, if round == 3 { OTHER } else { HOST }),
                    }
                    if step == 0 {
                        started.send(()).expect("it is waited for");
                    }
                }
            });
        });
        has_started.recv_timeout(PATIENCE).expect("the churn begins");
        let mut running = Running::start(&netns, config("br"));
        running.until_complete();
        churn.join().expect("the churn ends");
        running
    });
    let last = |n: u32| {
        (3 * MANY..4 * MANY).rev().find(|step| step * 7 % MANY == n).expect("each is met in each round")
    };
    let expected = |n: u32| if n.is_multiple_of(3) && !last(n).is_multiple_of(2) { HOST } else { OTHER };
    let held = |r: &Running, n: u32| match r.held.get(&Key { ip: ip(n), ..key("10.0.0.9") }) {
        Some(Evidence::Learned { mac, .. }) => Some(mac.0),
        _ => None,
    };
    running.until("the table is as the kernel's", |r| (0..MANY).all(|n| held(r, n) == Some(expected(n))));
    assert_eq!(running.stats.overflows.load(Ordering::Relaxed), 0, "no overflow helped");
}
