//! What each word of the NOS does to the ASIC of one switch or the other, or is told the other NOS for.
//!
//! Invariant: no test is content with an `Ok`.

use crate::nos::{Hardware, PATIENCE, Pair, host, key, lines, mac, until, vlan10};
use mlagsync::addr::MlagId;
use mlagsync::neighbor::Attachment;
use mlagsync::node::Lifetimes;
use mlagsync::node::io::{Binding, Event, FdbChange, FdbMode, FdbNews, Footing, LinkState, Member, PeerLink};
use mlagsync::node::view::Decision;
use mlagsync::sai::id::Domain;
use mlagsync::sai::{Oid, id};
use mlagsync::{Feed, FeedError, Learned, Mlagsync, Neighbor, News, Subscription};
use std::time::{Duration, Instant};

fn mlag() -> MlagId {
    MlagId::new(7).unwrap()
}

/// The nth host, behind an M-LAG of both.
fn dual_homed(n: u32) -> Learned {
    Learned { attachment: Attachment::Mlag(mlag()), ..host(n, 0) }
}

fn neighbor(n: u32) -> Neighbor {
    Neighbor { key: key(n), mac: mac(n, 0) }
}

/// How many hosts are in the ASIC of this one.
fn held(at: &(crate::netns::Netns, Hardware)) -> usize {
    at.1.sim.neighbor_count()
}

fn heard(news: &Subscription, wanted: impl Fn(&Event) -> bool) {
    let mut seen = Vec::new();
    loop {
        match news.next_within(PATIENCE) {
            Some(News::Event(event)) if wanted(&event) => return,
            Some(other) => seen.push(other),
            None => panic!("it was not told, but {seen:?}"),
        }
    }
}

fn end(instances: impl IntoIterator<Item = Mlagsync>) {
    for nos in instances {
        assert!(nos.stop(PATIENCE).left.is_empty());
    }
}

#[test]
fn a_batch_is_learned_and_a_single_one_forgotten_and_the_other_way_round() {
    let pair = Pair::new();
    let (left, right) = pair.start();
    let (many, keys): (Vec<_>, Vec<_>) = (1..=3000).map(|n| (host(n, 0), key(n))).unzip();
    assert_eq!(left.learned(&many, Feed::Block(PATIENCE)), Ok(3000));
    until("the whole batch is in the peer's ASIC", || held(&pair.right) == 3000);
    assert_eq!(left.forgotten(&keys[..1], Feed::Try), Ok(1));
    until("a single one goes", || held(&pair.right) == 2999);
    assert_eq!(left.learned(&many[..1], Feed::Try), Ok(1));
    until("and comes", || held(&pair.right) == 3000);
    assert_eq!(left.forgotten(&keys, Feed::Block(PATIENCE)), Ok(3000));
    until("and all go", || held(&pair.right) == 0);
    end([left, right]);
}

#[test]
fn what_became_static_goes_from_the_peers_asic_and_comes_back_when_that_is_undone() {
    let pair = Pair::new();
    let (left, right) = pair.start();
    left.learned(&[host(1, 0), host(2, 0)], Feed::Try).unwrap();
    until("both are there", || held(&pair.right) == 2);
    assert_eq!(left.became_static(&[neighbor(1), neighbor(2)], Feed::Try), Ok(2));
    until("statics are not told", || held(&pair.right) == 0);
    left.learned(&[host(1, 0)], Feed::Block(PATIENCE)).unwrap();
    left.forgotten(&[key(2)], Feed::Try).unwrap();
    until("one is dynamic again, and the other gone", || held(&pair.right) == 1);
    assert_eq!(pair.right.1.sim.neighbors()[0].mac, mac(1, 0).0);
    // On the device itself they beat the peer's claim: the entry is the NOS's from then on, and not taken away with the claim.
    assert_eq!(right.became_static(&[neighbor(1)], Feed::Block(PATIENCE)), Ok(1));
    until("its own word counts", || {
        right.why(key(1).ip).unwrap().iter().any(|why| matches!(why.decision, Decision::Nos { .. }))
    });
    left.forgotten(&[key(1)], Feed::Try).unwrap();
    left.learned(&[host(5, 0)], Feed::Try).unwrap();
    until("what was told last has come", || right.counts().unwrap().remote == 1 && held(&pair.right) == 2);
    assert!(pair.right.1.sim.neighbors().iter().any(|entry| entry.mac == mac(1, 0).0));
    end([left, right]);
}

#[test]
fn what_is_confirmed_is_told_its_owner_and_is_no_claim() {
    let pair = Pair::new();
    let (left, right) = pair.start();
    let news = left.news(1000);
    left.learned(&[host(1, 0), host(2, 0)], Feed::Try).unwrap();
    until("both are there", || held(&pair.right) == 2);
    assert_eq!(right.confirmed(&[neighbor(1)], Feed::Try), Ok(1));
    heard(&news, |event| matches!(event, Event::Confirmed { key: told, .. } if *told == key(1)));
    assert_eq!(right.confirmed(&[neighbor(1), neighbor(2), neighbor(3)], Feed::Block(PATIENCE)), Ok(3));
    heard(&news, |event| matches!(event, Event::Confirmed { key: told, .. } if *told == key(2)));
    assert_eq!(right.counts().unwrap().local, 0, "nobody claims what came over the peer-link");
    assert_eq!(held(&pair.right), 2, "and nothing is programmed for it");
    end([left, right]);
}

/// The session is gone for longer than claims live without it: who hung on the peer alone goes, the others are probed.
#[test]
fn whoever_does_not_answer_the_probe_goes() {
    let pair = Pair::new();
    let (left, right) = pair.start();
    let both = LinkState::Forwarding;
    right.member(Member { mlag: mlag(), port: None, local: both, peer: both }).unwrap();
    right
        .lifetimes(Lifetimes { stale: Duration::from_millis(200), ageing: Duration::from_secs(1200) })
        .unwrap();
    let news = right.news(1000);
    left.learned(&[dual_homed(1), dual_homed(2), dual_homed(3), host(4, 0)], Feed::Try).unwrap();
    until("all are there", || held(&pair.right) == 4);
    left.stop(PATIENCE);
    for n in 1..=3 {
        heard(&news, |event| *event == Event::Probe { key: key(n) });
    }
    until("the orphan goes by itself", || held(&pair.right) == 3);
    assert_eq!(right.unanswered(&[key(1)], Feed::Try), Ok(1));
    until("one did not answer", || held(&pair.right) == 2);
    assert_eq!(right.unanswered(&[key(2), key(3)], Feed::Block(PATIENCE)), Ok(2));
    until("nor did the others", || held(&pair.right) == 0);
    end([right]);
}

#[test]
fn members_say_whether_there_is_a_way_to_a_host() {
    let pair = Pair::new();
    let (left, right) = pair.start();
    let (up, down) = (LinkState::Forwarding, LinkState::Down);
    let member = |local, peer| right.member(Member { mlag: mlag(), port: None, local, peer }).unwrap();
    member(up, up);
    left.learned(&[dual_homed(1)], Feed::Try).unwrap();
    until("it is there", || held(&pair.right) == 1);
    member(down, down);
    until("down on both: there is no way to it", || held(&pair.right) == 0);
    member(up, down);
    until("by the own member", || held(&pair.right) == 1);
    member(down, down);
    until("and no more", || held(&pair.right) == 0);
    right.member_gone(mlag()).unwrap();
    until("of an M-LAG that is not here the peer-link is the way", || held(&pair.right) == 1);
    end([left, right]);
}

/// Entries of the FDB that are ours to write: by the member, by the peer-link, written again, and handed over.
#[test]
fn the_fdb_follows_member_peer_link_and_what_the_nos_passes_on() {
    let pair = Pair::new();
    let hardware = &pair.right.1;
    let vlan = hardware.sim.objects(sai_sys::sai_object_type_t::SAI_OBJECT_TYPE_VLAN)[1];
    let port = |n: usize| {
        let port = hardware.switch.ports().unwrap()[n];
        hardware.switch.bridge_port_of(port).unwrap().unwrap()
    };
    let (own, peers): (Oid<id::BridgePort>, _) = (port(2), port(3));
    let left = pair.left.0.inside(|| pair.left.1.nos(3).start().unwrap());
    left.bind(pair.left.1.binding()).unwrap();
    let right = pair.right.0.inside(|| hardware.nos(4).fdb(FdbMode::Managed).start().unwrap());
    let domain = Domain::Vlan(Oid::from_raw(vlan));
    right.bind(Binding { footing: Footing::Bridged(domain), ..hardware.binding() }).unwrap();
    left.configure(&lines(3, 4), false).unwrap();
    right.configure(&lines(4, 3), false).unwrap();
    let up = LinkState::Forwarding;
    let member = |local| right.member(Member { mlag: mlag(), port: Some(own), local, peer: up }).unwrap();
    member(up);
    right.peer_link(PeerLink { port: Some(peers), state: up, ..PeerLink::default() }).unwrap();

    // Where the ASIC would send what is for this MAC.
    let at = |n: u32| {
        let entry = hardware.sim.fdb().into_iter().find(|entry| entry.mac == mac(n, 0).0);
        entry.map(|entry| Oid::<id::BridgePort>::from_raw(entry.bridge_port))
    };
    left.learned(&[dual_homed(1), host(2, 0)], Feed::Try).unwrap();
    until("the dual-homed one is behind the member", || at(1) == Some(own));
    until("the orphan behind the peer-link", || at(2) == Some(peers));
    member(LinkState::Down);
    until("the member is down: by the peer-link", || at(1) == Some(peers));
    member(up);
    until("and back", || at(1) == Some(own));
    // The peer-link is another port.
    right.peer_link(PeerLink { port: Some(port(4)), state: up, ..PeerLink::default() }).unwrap();
    until("the orphan follows it", || at(2) == Some(port(4)));

    // Somebody flushes the port; the NOS passes on what SAI said.
    hardware.sim.age(vlan, mac(1, 0).0).ok();
    hardware.sim.flush(own.raw()).unwrap();
    let news =
        |change, n, port| FdbNews { change, domain: Some(domain), mac: Some(mac(n, 0)), port: Some(port) };
    assert_eq!(right.fdb(&[news(FdbChange::Flushed, 1, own)], Feed::Try), Ok(1));
    until("it is written again", || at(1) == Some(own));
    until("as ours", || hardware.sim.fdb().iter().any(|entry| entry.mac == mac(1, 0).0 && entry.is_static));
    // It is heard on a port of this device: that is the ASIC's, and not fought.
    let local = port(5);
    hardware.sim.hear(vlan, mac(2, 0).0, local.raw()).unwrap();
    assert_eq!(
        right
            .fdb(&[news(FdbChange::Moved, 2, local), news(FdbChange::Aged, 9, local)], Feed::Block(PATIENCE)),
        Ok(2)
    );
    until("it is handed over", || {
        let fdb = hardware.sim.fdb();
        let entry = fdb.iter().find(|entry| entry.mac == mac(2, 0).0);
        entry.is_some_and(|entry| entry.bridge_port == local.raw() && !entry.is_static)
    });
    end([left, right]);
}

/// Only when the owner has said that it told everything may the peer take away what it did not name.
#[test]
fn the_peer_sweeps_what_was_not_named_after_local_complete_and_not_before() {
    let pair = Pair::new();
    let (left, right) = pair.start();
    left.learned(&[host(1, 0), host(2, 0)], Feed::Try).unwrap();
    left.local_complete().unwrap();
    right.local_complete().unwrap();
    until("both are there", || held(&pair.right) == 2);
    // The NOS of the left one starts anew, and does not know the second host any more.
    left.stop(PATIENCE);
    let left = pair.left.0.inside(|| pair.left.1.nos(3).start().unwrap());
    left.bind(pair.left.1.binding()).unwrap();
    left.learned(&[host(1, 0)], Feed::Try).unwrap();
    let news = right.news(1000);
    left.configure(&lines(3, 4), false).unwrap();
    heard(&news, |event| matches!(event, Event::SessionUp { .. }));
    // What is learned now comes in the same order as what was told before: it is all there.
    left.learned(&[host(3, 0)], Feed::Try).unwrap();
    until("the third comes, and the second stays", || held(&pair.right) == 3);
    let has = |n: u32| pair.right.1.sim.neighbors().iter().any(|entry| entry.mac == mac(n, 0).0);
    assert!(has(1) && has(2) && has(3));
    left.local_complete().unwrap();
    until("the second is swept", || !has(2));
    heard(&news, |event| matches!(event, Event::SyncEnded { swept: 1, .. }));
    assert!(has(1) && has(3), "and nothing else");
    end([left, right]);
}

/// Whatever is fed: there is no room, which is said, with what was taken; whoever waits waits no longer than he says.
#[test]
fn every_kind_of_word_is_refused_when_there_is_no_room() {
    type Word = fn(&Mlagsync, Feed) -> Result<usize, FeedError>;
    const MANY: u32 = 100_000;
    let words: [(&str, Word); 6] = [
        ("learned", |nos, feed| nos.learned(&(0..MANY).map(|n| host(n, 0)).collect::<Vec<_>>(), feed)),
        ("forgotten", |nos, feed| nos.forgotten(&(0..MANY).map(key).collect::<Vec<_>>(), feed)),
        ("confirmed", |nos, feed| nos.confirmed(&(0..MANY).map(neighbor).collect::<Vec<_>>(), feed)),
        ("static", |nos, feed| nos.became_static(&(0..MANY).map(neighbor).collect::<Vec<_>>(), feed)),
        ("unanswered", |nos, feed| nos.unanswered(&(0..MANY).map(key).collect::<Vec<_>>(), feed)),
        ("fdb", |nos, feed| {
            let news = FdbNews { change: FdbChange::Learned, domain: None, mac: Some(mac(1, 0)), port: None };
            nos.fdb(&vec![news; MANY as usize], feed)
        }),
    ];
    let hardware = Hardware::new();
    for (what, word) in words {
        let nos = hardware.start();
        let end = Instant::now() + PATIENCE;
        let taken = loop {
            assert!(Instant::now() < end, "{what} always finds room");
            if let Err(FeedError::Again { taken }) = word(&nos, Feed::Try) {
                break taken;
            }
        };
        // So many were taken as were offered in whole pieces.
        assert!(
            taken < MANY as usize && taken.is_multiple_of(mlagsync::limits::FED_AT_ONCE),
            "{what}: {taken}"
        );
        assert_eq!(
            word(&nos, Feed::Block(3 * PATIENCE)),
            Ok(MANY as usize),
            "{what}: who waits has it taken"
        );
        nos.stop(PATIENCE);
        assert_eq!(word(&nos, Feed::Block(PATIENCE)), Err(FeedError::Stopped { taken: 0 }), "{what}");
    }
}

/// One wrong line among right ones, a line and a text too long: nothing of it is in force, and each fault has its line.
#[test]
fn wrong_command_lines_change_nothing_however_many_are_right() {
    let hardware = Hardware::new();
    let nos = hardware.start();
    let running = || nos.configuration().unwrap().dfs_group;
    let refused = |text: &str| match nos.configure(text, false) {
        Err(mlagsync::ConfigureError::Lines(faults)) => faults,
        other => panic!("{other:?}"),
    };
    let empty = running();
    let wrong = format!("{} authentication-mode none at all\n hold-time 7\n", lines(3, 4));
    let faults = refused(&wrong);
    assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [Some(3), Some(4)], "{faults:?}");
    assert_eq!(running(), empty, "of the right lines nothing is in force");
    assert!(!nos.configure(&lines(3, 4), true).unwrap().applied, "a right text that is only checked");
    assert_eq!(running(), empty);
    assert!(nos.configure(&lines(3, 4), false).unwrap().applied);
    let before = running();
    assert!(before.contains("tcp-port 2048"));
    refused(&lines(3, 4).replace("2048", "80"));
    assert_eq!(running(), before, "what is in force stays so");

    let long = mlagsync::limits::CONFIG_LINE_CHARS;
    let fits = format!("{:long$}\n", "undo dfs-group 1");
    assert!(nos.configure(&fits, true).is_ok(), "a line of {long} characters");
    let faults = refused(&format!("{fits}x"));
    assert_eq!(faults.len(), 1);
    let faults = refused(&format!("{}{:more$}", lines(3, 4), "quit", more = long + 1));
    assert!(faults.len() == 1 && faults[0].line == Some(3), "{faults:?}");
    assert!(faults[0].text.len() < long, "and is not repeated whole: {faults:?}");
    let most = mlagsync::limits::CONFIG_LINES;
    assert!(nos.configure(&"\n".repeat(most), true).is_ok(), "{most} lines");
    assert!(!refused(&"\n".repeat(most + 1)).is_empty());
    assert!(refused(&"wrong\n".repeat(1000)).len() <= mlagsync::limits::CONFIG_FAULTS + 1);
    assert_eq!(running(), before);
    // The interface that was bound is not the text's business.
    assert_eq!(nos.configuration().unwrap().interfaces.len(), 1, "{}", vlan10());
    nos.stop(PATIENCE);
    assert_eq!(nos.configure(&lines(3, 4), false), Err(mlagsync::ConfigureError::Stopped));
}
