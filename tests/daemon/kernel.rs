//! Whole daemons that write into their kernels' neighbour tables.

use super::*;
use crate::netns::{PERMANENT, REACHABLE, STALE};
use mlagsync::run::kernel::view::KernelView;
use std::collections::BTreeMap;
use std::process::Command;

const HOST: [u8; 6] = [2, 0, 0, 0, 1, 1];
const OTHER: [u8; 6] = [2, 0, 0, 0, 1, 2];
const HOST_WORDS: &str = "02:00:00:00:01:01";
const OTHER_WORDS: &str = "02:00:00:00:01:02";

impl Switch<'_> {
    fn kernel(&self) -> KernelView {
        match self.ask(Request::ShowKernel) {
            Reply::Kernel(view) => view,
            other => panic!("{other:?}"),
        }
    }

    fn mirrored(self) -> Self {
        self.set("kernel-mirror", json!(true))
    }
}

/// What `ip neigh` shows of the device, by address.
fn neighbors(netns: &Netns, device: &str) -> BTreeMap<String, String> {
    let shown = netns.inside(|| {
        Command::new("ip")
            .args(["-o", "neigh", "show", "dev", device, "nud", "all"])
            .output()
            .expect("ip runs")
    });
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    let split = |line: &str| {
        let (ip, rest) = line.split_once(' ')?;
        Some((ip.to_owned(), rest.split_whitespace().collect::<Vec<_>>().join(" ")))
    };
    text.lines().filter_map(split).collect()
}

fn neighbor(netns: &Netns, address: &str) -> String {
    neighbors(netns, "vlan10").remove(address).unwrap_or_else(|| "absent".to_owned())
}

fn is_mirrored(netns: &Netns, address: &str, mac: &str) -> bool {
    let words = neighbor(netns, address);
    words.contains(mac) && words.contains("extern_learn") && words.contains("proto 77")
}

#[test]
fn two_mirrors_echo_nothing_to_each_other() {
    let (a, b) = pair();
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").mirrored().start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").mirrored().start();
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, STALE, 0));
    b.run(|net| net.neighbor("vlan10", ip("10.0.0.10"), OTHER, STALE, 0));
    until("the left host is in the right kernel", true, || is_mirrored(&b, "10.0.0.9", HOST_WORDS));
    until("the right host is in the left kernel", true, || is_mirrored(&a, "10.0.0.10", OTHER_WORDS));
    // Whatever each has learned of the other's writing, it has learned by the time that it learns of this.
    for netns in [&a, &b] {
        netns.run(|net| net.neighbor("vlan10", ip("10.0.0.11"), HOST, PERMANENT, 0));
        netns.run(|net| net.delete_neighbor("vlan10", ip("10.0.0.11")));
        netns.run(|net| net.neighbor("vlan10", ip("10.0.0.12"), HOST, PERMANENT, 0));
    }
    for switch in [&left, &right] {
        // A host of its own, its own MAC's addresses, and the static.
        until("the static is learned", "orphan".to_owned(), || switch.static_attachment("10.0.0.12"));
        assert_eq!(switch.attachment("10.0.0.11"), "unknown");
        let view = switch.kernel();
        assert_eq!((view.wanted, view.written, view.changed, view.removed), (1, 1, 0, 0), "{view:?}");
    }
    assert_eq!(left.attachment("10.0.0.10"), "unknown", "an echo is no claim");
    assert_eq!(right.attachment("10.0.0.9"), "unknown");
    assert_eq!((left.counters().moves, right.counters().moves), (0, 0));
    // Another MAC reaches the other kernel by one request, and the end of the host takes it away.
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), OTHER, STALE, 0));
    until("it is changed", true, || is_mirrored(&b, "10.0.0.9", OTHER_WORDS));
    assert_eq!((right.kernel().written, right.kernel().changed), (1, 1));
    a.run(|net| net.delete_neighbor("vlan10", ip("10.0.0.9")));
    until("it is removed", "absent".to_owned(), || neighbor(&b, "10.0.0.9"));
}

#[test]
fn a_host_that_the_kernel_meets_on_an_entry_of_ours_is_learned_and_handed_over() {
    let (a, b) = pair();
    let host = Netns::new();
    b.run(|net| {
        net.delete("vlan10");
        net.bridge("vlan10");
        net.mac("vlan10", [2, 0, 0, 0, 0, 2]);
        net.address("vlan10", "10.0.0.1", 24);
    });
    b.veth("member", &host, "eth0");
    b.run(|net| net.master("member", Some("vlan10")));
    host.run(|net| {
        net.mac("eth0", HOST);
        net.address("eth0", "10.0.0.9", 24);
    });
    let ports = json!([{"netdev": "member", "role": "m-lag 7"}]);
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").mirrored();
    let left = left
        .set("interface", json!([{"name": "Vlanif10", "netdev": "vlan10", "attachment": "m-lag 7"}]))
        .start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").mirrored().set("port", ports).start();
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    until("it is in the right kernel", true, || is_mirrored(&b, "10.0.0.9", HOST_WORDS));
    // Traffic from this device makes the kernel ask the host, which answers on the member.
    let use_it = || {
        b.inside(|| {
            let socket = std::net::UdpSocket::bind("0.0.0.0:0").expect("a socket");
            let _ = socket.send_to(b"?", "10.0.0.9:9");
        });
        right.attachment("10.0.0.9")
    };
    until("it is claimed", "m-lag 7".to_owned(), use_it);
    until("the entry is the kernel's own", true, || {
        let words = neighbor(&b, "10.0.0.9");
        words.contains(HOST_WORDS) && !words.contains("extern_learn") && words.contains("proto kernel")
    });
    assert_eq!(right.kernel().handed_over, 1);
    // The claim is the kernel's own entry's: it goes with it, and the peer's takes its place.
    b.run(|net| net.delete_neighbor("vlan10", ip("10.0.0.9")));
    until("the peer's is written again", true, || is_mirrored(&b, "10.0.0.9", HOST_WORDS));
    until("the claim is gone", "unknown".to_owned(), || right.attachment("10.0.0.9"));
    assert_eq!(left.counters().moves, 0);
}

/// The classic premature death: the host's answers land on the other switch, and its owner ages it out.
#[test]
fn an_answer_that_lands_on_the_peer_refreshes_the_owners_entry() {
    let (a, b) = pair();
    let dual_homed = json!([{"name": "Vlanif10", "netdev": "vlan10", "attachment": "m-lag 7"}]);
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").set("interface", dual_homed.clone());
    let left = left.set("kernel-refresh", json!(true)).start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").set("interface", dual_homed).start();
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, STALE, 0));
    until("the peer has it", HOST_WORDS.to_owned(), || right.held("10.0.0.9"));
    assert!(neighbor(&a, "10.0.0.9").ends_with("STALE"));
    b.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    until("it is refreshed", true, || neighbor(&a, "10.0.0.9").ends_with("REACHABLE"));
    assert_eq!(left.kernel().refreshed, 1);
    assert!(!left.kernel().mirror);
    assert_eq!((left.counters().moves, right.counters().moves), (0, 0), "a refresh is no evidence");
}

#[test]
fn after_the_stale_timer_the_kernel_asks_for_the_peers_hosts_and_who_is_silent_goes() {
    let (a, b) = pair();
    let host = Netns::new();
    b.run(|net| net.delete("vlan10"));
    b.veth("vlan10", &host, "eth0");
    b.run(|net| {
        net.mac("vlan10", [2, 0, 0, 0, 0, 2]);
        net.address("vlan10", "10.0.0.1", 24);
    });
    host.run(|net| {
        net.mac("eth0", HOST);
        net.address("eth0", "10.0.0.9", 24);
    });
    let dual_homed = json!([{"name": "Vlanif10", "netdev": "vlan10", "attachment": "m-lag 7"}]);
    let mut left = Switch::new(&a, "10.1.0.3", "10.1.0.4").set("interface", dual_homed.clone()).start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").set("interface", dual_homed).mirrored();
    let right = right.set("stale-timer-s", json!(1)).start();
    a.run(|net| {
        net.neighbor("vlan10", ip("10.0.0.9"), HOST, STALE, 0);
        net.neighbor("vlan10", ip("10.0.0.10"), OTHER, STALE, 0);
    });
    for (address, mac) in [("10.0.0.9", HOST_WORDS), ("10.0.0.10", OTHER_WORDS)] {
        until("it is in the kernel", true, || is_mirrored(&b, address, mac));
    }
    left.stop();
    until("who is silent is gone", "absent".to_owned(), || neighbor(&b, "10.0.0.10"));
    until("and not in the ASIC", "absent".to_owned(), || right.held("10.0.0.10"));
    until("who answers is this switch's", "m-lag 7".to_owned(), || right.attachment("10.0.0.9"));
    let view = right.kernel();
    assert_eq!((view.probed, view.answered, view.unanswered), (2, 1, 1));
}

#[test]
fn at_a_stop_entries_stay_or_go_and_the_next_start_writes_nothing_that_is_as_it_should_be() {
    let (a, b) = pair();
    let _left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    a.run(|net| {
        net.neighbor("vlan10", ip("10.0.0.9"), HOST, STALE, 0);
        net.neighbor("vlan10", ip("10.0.0.10"), HOST, STALE, 0);
    });
    let is_there = |address: &str| is_mirrored(&b, address, HOST_WORDS);
    let mut right = Switch::new(&b, "10.1.0.4", "10.1.0.3").mirrored().start();
    until("both are there", true, || is_there("10.0.0.9") && is_there("10.0.0.10"));
    right.stop();
    assert!(is_there("10.0.0.9") && is_there("10.0.0.10"), "keep is the default");
    a.run(|net| net.delete_neighbor("vlan10", ip("10.0.0.10")));
    drop(right);
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").mirrored();
    let mut right = right.set("kernel-at-exit", json!("remove")).start();
    until("what nobody claims any more is swept", "absent".to_owned(), || neighbor(&b, "10.0.0.10"));
    until("the other one is adopted", 1, || right.kernel().installed);
    let view = right.kernel();
    assert_eq!((view.written, view.changed, view.removed), (0, 0, 1), "{view:?}");
    right.stop();
    assert_eq!(neighbor(&b, "10.0.0.9"), "absent");
}

#[test]
fn what_cannot_be_written_is_refused_at_the_start() {
    let netns = Netns::new();
    let switch = Switch::new(&netns, "10.1.0.3", "10.1.0.4").mirrored();
    let platform: Platform = serde_json::from_value(switch.platform.clone()).expect("a legal platform");
    let refused =
        netns.inside(|| without_privileges(|| Daemon::start(platform, StartOptions::default()).map(drop)));
    let error = refused.expect_err("it may not").to_string();
    assert!(error.contains("kernel-mirror") && error.contains("CAP_NET_ADMIN"), "{error}");
    let off = Switch::new(&netns, "10.1.0.3", "10.1.0.4").start();
    match off.ask(Request::ShowKernel) {
        Reply::Error { text } => assert!(text.contains("kernel-mirror"), "{text}"),
        other => panic!("{other:?}"),
    }
}

/// Does something as one who has no capabilities, on a thread of its own.
fn without_privileges<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    let body = || {
        // struct __user_cap_header_struct of version 3, and two __user_cap_data_struct of it.
        let (header, none) = ([0x2008_0522_u32, 0], [0_u32; 6]);
        // SAFETY: both point to as many words as the kernel reads for version 3, and only this thread is changed.
        let done = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
        assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
        f()
    };
    std::thread::scope(|scope| scope.spawn(body).join().expect("it does not panic"))
}
