//! Whole daemons with keys, and strangers who can reach the port from the peer's own address: nothing of theirs is
//! applied, the session that stands is not disturbed, and they cost no memory.

use super::netns::REACHABLE;
use super::*;
use mlagsync::session::io::DownReason;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpStream};

const HOST: [u8; 6] = [2, 0, 0, 0, 1, 1];
const HOST_WORDS: &str = "02:00:00:00:01:01";
const A: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 3);
const B: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 4);

/// The group's lines with these behind the peer-link.
fn lines(source: Ipv4Addr, peer: Ipv4Addr, more: &[&str]) -> Value {
    let more: String = more.iter().map(|line| format!(" {line}\n")).collect();
    json!(format!("dfs-group 1\n peer-link source ip {source} peer {peer} tcp-port 2048\n{more}"))
}

const KEY: &str = "authentication-mode hmac-sha256 key-id 7 password correct-horse";

fn switches<'n>(a: &'n Netns, b: &'n Netns, ours: &[&str], theirs: &[&str]) -> (Switch<'n>, Switch<'n>) {
    let left = Switch::new(a, "10.1.0.3", "10.1.0.4").set("dfs-group", lines(A, B, ours)).start();
    let right = Switch::new(b, "10.1.0.4", "10.1.0.3").set("dfs-group", lines(B, A, theirs)).start();
    (left, right)
}

/// Connects to `A` as the peer would, and says something. Answers what was said back.
fn say(words: &[u8]) -> Vec<u8> {
    let to = SocketAddr::V4(SocketAddrV4::new(A, 2048));
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("settable");
    // The other side may have closed already.
    let _ = stream.write_all(words);
    let _ = stream.shutdown(Shutdown::Write);
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    said
}

#[test]
fn with_one_password_on_both_sides_the_session_is_authenticated() {
    let (a, b) = pair();
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    let group = ["priority 150", "m-lag system-id 02:00:5e:10:00:0f", KEY];
    let (left, right) = switches(&a, &b, &group, &[KEY]);
    until("learned", HOST_WORDS.to_owned(), || right.held("10.0.0.9"));
    for switch in [&left, &right] {
        let session = switch.session();
        assert_eq!((session.key, session.keys), (Some(7), vec![7]));
        let shown = switch.config().dfs_group;
        assert!(shown.contains("key-id 7 password ******") && !shown.contains("correct-horse"), "{shown}");
    }
    let theirs = right.session().peer_facts.expect("it said so");
    assert_eq!((theirs.priority, theirs.system_id), (150, "02:00:5e:10:00:0f".parse().ok()));
}

#[test]
fn another_password_is_a_reason_on_both_sides_and_nothing_is_applied() {
    let (a, b) = pair();
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    let other = KEY.replace("correct-horse", "correct-house");
    let (left, right) = switches(&a, &b, &[KEY], &[&other]);
    for switch in [&left, &right] {
        until("the reason", Some(DownReason::WrongPassword { key: 7 }), || switch.session().reason);
    }
    assert_eq!((left.counters().remote, right.counters().remote), (0, 0));
    assert_eq!(right.held("10.0.0.9"), "absent");
}

#[test]
fn the_record_of_an_authenticated_session_holds_no_key_and_is_replayed_with_the_configurations() {
    use mlagsync::config::{Candidate, Environment, ForwardingMode, Model, PeerLink, PortOwner};
    struct Anywhere;
    impl Environment for Anywhere {
        fn model(&self) -> &Model {
            Model::generic()
        }
        fn forwarding_mode(&self) -> ForwardingMode {
            ForwardingMode::default()
        }
        fn vpn_instance_exists(&self, _: &mlagsync::addr::VpnInstance) -> bool {
            true
        }
        fn port_owner(
            &self,
            _: &mlagsync::addr::VpnInstance,
            _: SocketAddr,
            _: Option<&PeerLink>,
        ) -> Option<PortOwner> {
            None
        }
    }
    let (a, b) = pair();
    let mut left = Switch::new(&a, "10.1.0.3", "10.1.0.4").set("dfs-group", lines(A, B, &[KEY]));
    let record = left.dir.path("record");
    left.platform["record"] = json!(record);
    let mut left = left.start();
    let _right = Switch::new(&b, "10.1.0.4", "10.1.0.3").set("dfs-group", lines(B, A, &[KEY])).start();
    b.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    until("received", HOST_WORDS.to_owned(), || left.held("10.0.0.9"));
    let counters = left.counters();
    left.stop();
    let log = std::fs::read(&record).expect("the record is there");
    assert!(!String::from_utf8_lossy(&log).contains("correct-horse"));
    let mut candidate = Candidate::default();
    candidate.load(lines(A, B, &[KEY]).as_str().expect("text"), &Anywhere).expect("legal");
    let keys = candidate.running().dfs_group.as_ref().expect("committed").key_ring();
    let node = mlagsync::node::log::replay_with(&log[..], &keys, |_, _| {}).expect("it can be replayed");
    let replayed = node.counters();
    assert_eq!((replayed.remote, replayed.sessions), (counters.remote, 1));
    let without = mlagsync::node::log::replay(&log[..], |_, _| {}).expect("it can be read");
    assert_eq!(without.counters().sessions, 0, "without the keys nobody proves anything");
}

/// Whoever sits on the peer's own address, with its TTL, and knows everything but the password. What that costs in memory
/// is seen where the daemon is a process of its own (`tests/link`).
#[test]
fn ten_thousand_attempts_from_the_peers_address_disturb_nothing() {
    const ATTEMPTS: usize = 10_000;
    let (a, b) = pair();
    // An ordinary program's TTL must not be what keeps it out: that is another test.
    let open = [KEY, "ttl-security disable"];
    let (left, right) = switches(&a, &b, &open, &open);
    b.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    until("received", HOST_WORDS.to_owned(), || left.held("10.0.0.9"));
    let before = (left.session(), left.counters());
    b.inside(|| {
        let garbage = b"GET / HTTP/1.1\r\nHost: switch\r\n\r\n";
        let oversized = [&513u32.to_be_bytes()[..], &[1, 1, 0, 0]].concat();
        let huge = u32::MAX.to_be_bytes();
        for words in [&garbage[..], &oversized, &huge, &[0], &[]] {
            let said = say(words);
            // Whoever leaves at once may not even hear its HELLO.
            let hello = said.is_empty() || said.starts_with(&[0, 0, 0]);
            assert!(hello && said.len() < 1_000, "it says HELLO, why not, and no more: {said:?}");
        }
        for n in 0..ATTEMPTS {
            let to = SocketAddr::V4(SocketAddrV4::new(A, 2048));
            let mut stream = TcpStream::connect_timeout(&to, PATIENCE).expect("it listens");
            let words: &[u8] = [&garbage[..], &oversized, &huge, &[0]][n % 4];
            let _ = stream.write_all(words);
        }
    });
    let after = left.session();
    assert!(after.up && after.key == Some(7) && after.since_ms >= before.0.since_ms, "{after:?}");
    assert_eq!(left.counters().sessions, before.1.sessions);
    assert_eq!(left.counters().remote, before.1.remote);
    b.run(|net| net.neighbor("vlan10", ip("10.0.0.10"), HOST, REACHABLE, 0));
    until("the session goes on", HOST_WORDS.to_owned(), || left.held("10.0.0.10"));
    assert!(right.session().up);
    assert_eq!(left.counters().sessions, before.1.sessions);
}

#[test]
fn an_ordinary_ttl_is_the_reason_why_nothing_is_heard() {
    let (a, b) = pair();
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    until("it listens", true, || left.session().reason == Some(DownReason::Connecting));
    let reason = || left.session().reason.map(|reason| reason.to_string()).unwrap_or_default();
    // Until it listens there is nobody to drop anything: it is tried until somebody does.
    let tried = || {
        b.inside(|| {
            let to = SocketAddr::V4(SocketAddrV4::new(A, 2048));
            let outcome = TcpStream::connect_timeout(&to, Duration::from_secs(2));
            assert!(outcome.is_err(), "a TTL of 64 is not answered on a connected subnet");
        });
        reason().contains("TTL is too low")
    };
    until_or("the reason", true, tried, reason);
}
