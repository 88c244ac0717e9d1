//! HELLO: what is compared, who is told what, and that a failed one disturbs nobody.

use super::world::World;
use super::{ADDRESSES, settings};
use crate::limits;
use crate::session::hello;
use crate::session::io::{Cause, ConnId, DownReason, SessionInput};
use crate::wire::control::{Goodbye, Notify, code};
use crate::wire::hello::Hello;
use crate::wire::resume;
use std::net::SocketAddr;
use std::time::Duration;

/// What side 1 would say.
fn theirs() -> Hello {
    hello::ours(&settings(1), &super::plain(), [7; 16])
}

fn peer() -> SocketAddr {
    SocketAddr::new(ADDRESSES[1], 40_001)
}

/// A connection from the peer's address to side 0, on which `bytes` are said.
fn says(world: &mut World, bytes: Vec<u8>) -> ConnId {
    let conn = world.intrude(0, peer());
    world.input(0, SessionInput::Bytes { conn, bytes });
    conn
}

fn encoded(hello: Hello) -> Vec<u8> {
    let mut bytes = Vec::new();
    hello.encode(&mut bytes);
    bytes
}

#[test]
fn pl_09_another_group_is_shown_on_both_sides_and_healed_by_configuration() {
    let mut world = World::bare();
    let mut other = settings(1);
    other.group = 2;
    world.configure(0, settings(0));
    world.configure(1, other);
    world.run(Duration::from_secs(10));
    assert_eq!(world.ends[0].reason(), DownReason::GroupDiffers { ours: 1, theirs: 2 });
    assert_eq!(world.ends[1].reason(), DownReason::GroupDiffers { ours: 2, theirs: 1 });
    for end in &world.ends {
        assert!(end.downs().len() <= 3, "a reason that stays is told once: {:?}", end.downs());
        assert_eq!(end.ups(), 0);
    }
    assert!(world.ends[1].dials.len() >= 10, "retries go on");
    world.configure(1, settings(1));
    world.run_until("up", World::is_up);
}

#[test]
fn pl_09_another_port_in_hello_is_refused_and_told() {
    let mut world = World::bare();
    world.configure(0, settings(0));
    world.run(Duration::from_millis(10));
    let conn = says(&mut world, encoded(Hello { port: 3000, ..theirs() }));
    assert_eq!(world.ends[0].reason(), DownReason::PortDiffers { ours: 2048, theirs: 3000 });
    let notify = world.ends[0].notified(conn).unwrap();
    assert_eq!(notify.code, code::PORT_DIFFERS);
    assert!(notify.text.contains("2048"));
    assert!(!world.is_open(0, conn));
}

#[test]
fn pl_09_another_port_shows_as_refused_on_one_side_and_as_nobody_on_the_other() {
    let mut world = World::bare();
    let mut other = settings(1);
    other.port = 3000;
    world.configure(0, settings(0));
    world.configure(1, other);
    world.run(Duration::from_secs(15));
    assert_eq!(world.ends[1].reason(), DownReason::PeerRefuses { port: 3000 });
    assert!(matches!(world.ends[0].reason(), DownReason::NobodyDials { .. }));
}

#[test]
fn the_same_node_id_is_shown_on_both_sides() {
    let mut world = World::bare();
    let mut twin = settings(1);
    twin.node_id = settings(0).node_id;
    world.configure(0, settings(0));
    world.configure(1, twin);
    world.run(Duration::from_secs(3));
    let reason = DownReason::SameNodeId { node: settings(0).node_id };
    assert_eq!([world.ends[0].reason(), world.ends[1].reason()], [reason.clone(), reason]);
}

#[test]
fn no_common_version_is_refused_and_told() {
    let mut world = World::bare();
    world.configure(0, settings(0));
    world.run(Duration::from_millis(10));
    let conn = says(&mut world, encoded(Hello { versions: (2, 3), ..theirs() }));
    assert_eq!(world.ends[0].reason(), DownReason::VersionDiffers { ours: (1, 1), theirs: (2, 3) });
    assert_eq!(world.ends[0].notified(conn).unwrap().code, code::VERSION_DIFFERS);
    let conn = says(&mut world, encoded(Hello { versions: (1, 3), capabilities: u64::MAX, ..theirs() }));
    assert!(
        world.is_open(0, conn),
        "one common version is enough, and unknown capabilities are not looked at"
    );
    assert!(world.ends[0].session.status().up);
}

#[test]
fn limits_below_the_protocols_are_refused() {
    for hello in [Hello { max_frame: 4095, ..theirs() }, Hello { max_interfaces: 8191, ..theirs() }] {
        let mut world = World::bare();
        world.configure(0, settings(0));
        world.run(Duration::from_millis(10));
        let conn = says(&mut world, encoded(hello));
        assert_eq!(world.ends[0].notified(conn).unwrap().code, code::LIMITS_TOO_LOW);
        assert!(!world.ends[0].session.status().up);
    }
}

#[test]
fn what_a_peer_notifies_instead_of_hello_is_kept() {
    let mut world = World::bare();
    world.configure(0, settings(0));
    world.run(Duration::from_millis(10));
    let mut bytes = Vec::new();
    Notify { code: 900, text: "not today\x1b[31m".into() }.encode(&mut bytes);
    says(&mut world, bytes);
    let text = "not today [31m".to_owned();
    assert_eq!(world.ends[0].reason(), DownReason::PeerNotified { code: 900, text });
}

#[test]
fn a_peer_that_closes_before_hello_is_explained() {
    let mut world = World::bare();
    world.configure(0, settings(0));
    world.run(Duration::from_millis(10));
    let conn = world.intrude(0, peer());
    assert_eq!(world.ends[0].reason(), DownReason::Handshake);
    world.input(0, SessionInput::Closed { conn, cause: Cause::Refused });
    assert_eq!(world.ends[0].reason(), DownReason::NoHello { cause: Some(Cause::Refused) });
}

#[test]
fn nothing_that_fails_before_hello_disturbs_the_established_session() {
    let garbage = b"GET / HTTP/1.1\r\nHost: switch\r\n\r\n".to_vec();
    let mut oversized = encoded(theirs());
    oversized[..4].copy_from_slice(&513u32.to_be_bytes());
    let mut flipped = encoded(theirs());
    flipped[40] ^= 4;
    let mut goodbye = Vec::new();
    Goodbye { restart_ms: 0 }.encode(&mut goodbye);
    let mut begin = Vec::new();
    resume::begin(&mut begin, None);
    let group = encoded(Hello { group: 9, ..theirs() });
    for bytes in [garbage, oversized, flipped, goodbye, begin, group] {
        let mut world = World::up(5);
        let news = world.ends[0].news.len();
        let (heard, link) = (world.ends[0].session.status(), world.ends[0].link());
        let conn = says(&mut world, bytes);
        assert!(!world.is_open(0, conn));
        assert!(world.ends[0].notified(conn).is_some(), "it is told why");
        assert_eq!((world.ends[0].session.status().since, world.ends[0].link()), (heard.since, link));
        world.learn(1, 9_999_999);
        world.run(Duration::from_secs(10));
        assert!(world.in_step() && world.is_up());
        assert_eq!(world.ends[0].news.len(), news, "nothing is told of it");
    }
}

#[test]
fn one_byte_and_silence_ends_after_three_seconds() {
    let mut world = World::up(5);
    let conn = says(&mut world, vec![0]);
    world.run(limits::HELLO_TIMEOUT - Duration::from_millis(1));
    assert!(world.is_open(0, conn));
    world.run(Duration::from_millis(2));
    assert!(!world.is_open(0, conn));
    assert_eq!(world.ends[0].notified(conn).unwrap().code, code::HELLO_TIMEOUT);
    assert!(world.is_up());
    assert_eq!(world.ends[0].begins, 1);
}

#[test]
fn a_byte_at_a_time_does_not_buy_more_than_three_seconds() {
    let mut world = World::up(0);
    let conn = world.intrude(0, peer());
    for byte in encoded(theirs()).into_iter().take(40) {
        world.input(0, SessionInput::Bytes { conn, bytes: vec![byte] });
        world.run(Duration::from_millis(100));
    }
    assert!(!world.is_open(0, conn));
}

#[test]
fn at_most_two_wait_for_their_hello() {
    let mut world = World::up(0);
    let conns: Vec<ConnId> = (0..10_000).map(|_| world.intrude(0, peer())).collect();
    let open = conns.iter().filter(|conn| world.is_open(0, **conn)).count();
    assert_eq!(open, limits::MAX_PENDING);
    assert!(world.is_open(0, conns[9_999]), "the newest stays");
    assert_eq!(world.ends[0].session.counters().crowded_out, 10_000 - limits::MAX_PENDING as u64);
    assert!(world.is_up());
}

#[test]
fn a_hello_in_single_bytes_is_a_hello() {
    let mut world = World::bare();
    world.piece = 1;
    world.configure(0, settings(0));
    world.configure(1, settings(1));
    for n in 0..20 {
        world.learn(0, n);
    }
    world.run_until("synced", |w| w.ends.iter().all(|e| e.ends == 1));
    assert!(world.in_step());
}

/// The peer may have heard our HELLO already, and for it the session stands.
#[test]
fn a_side_that_leaves_before_the_peers_hello_came_says_goodbye() {
    let mut world = World::bare();
    world.configure(0, settings(0));
    world.run(Duration::from_millis(10));
    let conn = world.intrude(0, peer());
    world.input(0, SessionInput::Configure(None));
    let mut goodbye = Vec::new();
    Goodbye { restart_ms: 0 }.encode(&mut goodbye);
    assert!(world.ends[0].watched[&conn].ends_with(&goodbye));
}
