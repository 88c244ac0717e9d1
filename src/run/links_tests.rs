//! Links against the real kernel, in private network namespaces.

use super::*;
use crate::run::netns_of_tests::Netns;
use LinkState::{Down, Forwarding, Up};
use crossbeam_channel::{Receiver, bounded};

const PATIENCE: Duration = Duration::from_secs(20);
const BR_STATE_BLOCKING: u8 = 4;

struct Running {
    words: Receiver<LinkWord>,
    found: BTreeMap<String, LinkState>,
    bell: Arc<Wake>,
    stop: Arc<AtomicBool>,
    dumps: Arc<AtomicU64>,
    watcher: Option<LinkWatcher>,
    thread: Option<std::thread::JoinHandle<io::Result<()>>>,
}

impl Running {
    /// A watcher that has looked once, and does not run yet.
    fn open(netns: &Netns, names: &[&str], receive_buffer: usize) -> Running {
        let (out, words) = bounded(1);
        let bell = Arc::new(Wake::new().expect("an eventfd"));
        let stop = Arc::new(AtomicBool::new(false));
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let watcher = netns
            .inside(|| LinkWatcher::open(names, receive_buffer, out, bell.clone(), stop.clone()))
            .expect("netlink sockets");
        let found = watcher.found().map(|word| (word.netdev, word.state)).collect();
        let dumps = watcher.dumps.clone();
        Running { words, found, bell, stop, dumps, watcher: Some(watcher), thread: None }
    }

    fn start(netns: &Netns, names: &[&str]) -> Running {
        Running::open(netns, names, 64 * 1024).go()
    }

    fn go(mut self) -> Running {
        let watcher = self.watcher.take().expect("it does not run yet");
        self.thread = Some(std::thread::spawn(move || watcher.run()));
        self
    }

    #[track_caller]
    fn next(&self) -> LinkWord {
        self.words.recv_timeout(PATIENCE).expect("a word")
    }

    /// Waits until the device is said to be so; what is said on the way there is a level, too, and may come.
    #[track_caller]
    fn until(&self, netdev: &str, state: LinkState) {
        let mut last = None;
        loop {
            match self.words.recv_timeout(PATIENCE) {
                Ok(word) if word == (LinkWord { netdev: netdev.to_owned(), state }) => return,
                Ok(word) => last = Some(word),
                Err(e) => panic!("{netdev} is never said to be {state:?}: {e}; last {last:?}"),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.bell.ring();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join().expect("it does not panic");
            assert!(ended.is_ok() || std::thread::panicking(), "{ended:?}");
        }
    }
}

#[test]
fn a_cable_that_is_pulled_and_a_device_that_is_shut_are_down() {
    let (netns, far) = (Netns::new(), Netns::new());
    netns.veth("eth0", &far, "eth0");
    netns.veth("eth1", &far, "eth1");
    let running = Running::start(&netns, &["eth0", "eth9"]);
    assert_eq!(running.found["eth0"], Forwarding);
    assert_eq!(running.found["eth9"], Down, "there is no such device");
    far.run(|net| net.down("eth0"));
    running.until("eth0", Down);
    far.run(|net| net.up("eth0"));
    running.until("eth0", Forwarding);
    netns.run(|net| net.down("eth0"));
    running.until("eth0", Down);
    netns.run(|net| net.up("eth0"));
    running.until("eth0", Forwarding);
    // Another device's news is none.
    netns.run(|net| net.down("eth1"));
    netns.run(|net| net.delete("eth0"));
    running.until("eth0", Down);
    netns.run(|net| net.rename("eth1", "eth0"));
    netns.run(|net| net.up("eth0"));
    running.until("eth0", Forwarding);
    netns.run(|net| net.down("eth0"));
    running.until("eth0", Down);
}

#[test]
fn a_bridge_port_is_up_at_once_and_forwards_when_spanning_tree_lets_it() {
    let (netns, far) = (Netns::new(), Netns::new());
    netns.veth("eth0", &far, "eth0");
    netns.run(|net| net.spanning_tree_bridge("br0"));
    let running = Running::start(&netns, &["eth0"]);
    assert_eq!(running.found["eth0"], Forwarding);
    netns.run(|net| net.master("eth0", Some("br0")));
    running.until("eth0", Up);
    let later = Running::open(&netns, &["eth0"], 64 * 1024);
    assert_eq!(later.found["eth0"], Up, "the dump says so, too");
    // Four seconds later, and no sooner word of it.
    assert_eq!(running.next(), LinkWord { netdev: "eth0".to_owned(), state: Forwarding });
    netns.run(|net| net.down("br0"));
    running.until("eth0", Up);
    netns.run(|net| net.master("eth0", None));
    running.until("eth0", Forwarding);
}

#[test]
fn what_the_kernel_dropped_is_dumped_again() {
    let (netns, far) = (Netns::new(), Netns::new());
    netns.veth("eth0", &far, "eth0");
    netns.veth("eth1", &far, "eth1");
    let running = Running::open(&netns, &["eth0"], 4096);
    assert_eq!(running.found["eth0"], Forwarding);
    netns.run(|net| {
        for _ in 0..64 {
            net.down("eth1");
            net.up("eth1");
        }
        net.down("eth0");
    });
    let before = running.dumps.load(Ordering::Relaxed);
    let running = running.go();
    running.until("eth0", Down);
    assert!(running.dumps.load(Ordering::Relaxed) > before, "the buffer was too large for this test");
}

fn link(index: u32, name: &str, up: bool) -> LinkMessage {
    let flags = if up { (libc::IFF_UP | libc::IFF_LOWER_UP).cast_unsigned() } else { 0 };
    LinkMessage {
        family: 0,
        ifindex: index,
        name: name.to_owned(),
        mac: None,
        master: None,
        lower: None,
        bridge: false,
        flags,
        operstate: Some(if up { 6 } else { 2 }),
        bridge_port: None,
    }
}

#[test]
fn a_notice_knows_better_than_the_row_of_a_dump() {
    let mut netdevs = Netdevs::default();
    let hear = |netdevs: &mut Netdevs, source, gone, link| netdevs.handle(source, &Body::Link { gone, link });
    hear(&mut netdevs, Source::Notice, false, link(1, "gone", true));
    netdevs.begin_dump();
    hear(&mut netdevs, Source::Notice, false, link(2, "eth2", false));
    hear(&mut netdevs, Source::Dump, false, link(2, "eth2", true));
    let bridge = LinkMessage {
        family: libc::AF_BRIDGE as u8,
        bridge_port: Some(BR_STATE_BLOCKING),
        ..link(3, "eth3", true)
    };
    hear(&mut netdevs, Source::Notice, false, bridge);
    let joined = LinkMessage { bridge_port: Some(BR_STATE_FORWARDING), ..link(3, "eth3", true) };
    hear(&mut netdevs, Source::Dump, false, joined);
    netdevs.end_dump();
    let states = ["gone", "eth2", "eth3"].map(|name| netdevs.state(name));
    assert_eq!(states, [Down, Down, Up]);
}

#[test]
fn every_operational_state_has_its_meaning() {
    let of = |operstate: Option<i32>, flags: i32, bridge_port: Option<u8>| {
        let operstate = operstate.map(|state| u8::try_from(state).expect("small"));
        Netdev { name: String::new(), flags: flags.cast_unsigned(), operstate, bridge_port }.state()
    };
    let on = libc::IFF_UP | libc::IFF_LOWER_UP;
    assert_eq!(of(Some(libc::IF_OPER_UP), on, None), Forwarding);
    assert_eq!(of(Some(libc::IF_OPER_UNKNOWN), on, None), Forwarding, "a device that keeps no state");
    assert_eq!(of(None, on, None), Forwarding);
    for down in [libc::IF_OPER_NOTPRESENT, libc::IF_OPER_DOWN, libc::IF_OPER_LOWERLAYERDOWN] {
        assert_eq!(of(Some(down), on, None), Down);
    }
    for waiting in [libc::IF_OPER_TESTING, libc::IF_OPER_DORMANT] {
        assert_eq!(of(Some(waiting), on, None), Up);
    }
    assert_eq!(of(Some(libc::IF_OPER_UP), libc::IFF_UP, None), Down, "no carrier");
    assert_eq!(of(Some(libc::IF_OPER_UP), libc::IFF_LOWER_UP, None), Down, "shut");
    for (state, link) in [(0, Up), (1, Up), (2, Up), (3, Forwarding), (4, Up)] {
        assert_eq!(of(Some(libc::IF_OPER_UP), on, Some(state)), link, "bridge port state {state}");
    }
}
