//! A neighbour learned on one switch is in the other switch's ASIC.

use super::netns::{NOARP, PERMANENT, REACHABLE, STALE};
use super::*;
use mlagsync::node::log;
use std::fs::File;
use std::io::BufReader;

const HOST: [u8; 6] = [2, 0, 0, 0, 1, 1];
const OTHER: [u8; 6] = [2, 0, 0, 0, 1, 2];
const HOST_WORDS: &str = "02:00:00:00:01:01";
const OTHER_WORDS: &str = "02:00:00:00:01:02";

#[test]
fn what_one_learns_is_in_the_others_asic() {
    for (here, there) in [("10.1.0.3", "10.1.0.4"), ("2001:db8:1::1", "2001:db8:1::2")] {
        let (a, b) = pair();
        // There before the start.
        a.run(|net| {
            net.neighbor("br", ip("10.0.0.9"), HOST, REACHABLE, 0);
            net.neighbor("br", ip("2001:db8::9"), HOST, NOARP, libc::NTF_EXT_LEARNED);
            net.neighbor("br", ip("10.0.0.66"), HOST, PERMANENT, 0);
        });
        let left = Switch::new(&a, here, there).start();
        let right = Switch::new(&b, there, here).start();
        until("v4 learned before the start", HOST_WORDS.to_owned(), || right.held("10.0.0.9"));
        until("v6 learned before the start", HOST_WORDS.to_owned(), || right.held("2001:db8::9"));
        assert_eq!(right.held("10.0.0.66"), "absent", "a static entry is not sent");
        assert_eq!(left.held("10.0.0.9"), "absent", "the NOS programs what it learned itself");

        a.run(|net| net.neighbor("br", ip("10.0.0.9"), OTHER, STALE, 0));
        until("another MAC", OTHER_WORDS.to_owned(), || right.held("10.0.0.9"));
        b.run(|net| net.neighbor("br", ip("10.0.0.10"), HOST, REACHABLE, 0));
        until("the other way", HOST_WORDS.to_owned(), || left.held("10.0.0.10"));
        a.run(|net| net.delete_neighbor("br", ip("10.0.0.9")));
        until("deleted", "absent".to_owned(), || right.held("10.0.0.9"));

        let session = left.session();
        assert!(session.up && session.received_end && session.sent_end, "{session:?}");
        assert_eq!(
            (session.source, session.peer, session.port),
            (Some(ip(here)), Some(ip(there)), Some(2048))
        );
        let report = right.verify().expect("the ASIC is read");
        assert!(report.is_clean() && report.equal > 0, "{report:?}");
    }
}

#[test]
fn a_thousand_neighbours_go_by_bulk_calls() {
    const MANY: u32 = 1000;
    let (a, b) = pair();
    a.run(|net| {
        for n in 0..MANY {
            let ip = IpAddr::from(std::net::Ipv4Addr::from(0x0a02_0000 + n));
            net.neighbor("br", ip, HOST, NOARP, libc::NTF_EXT_LEARNED);
        }
    });
    let _left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").start();
    let present = || right.asic().iter().filter(|row| row.mac.to_string() == HOST_WORDS).count();
    until("every one is in the ASIC", MANY as usize, present);
    let counters = right.counters();
    assert!(counters.sai_calls < u64::from(MANY) / 4, "{} SAI calls for {MANY} entries", counters.sai_calls);
    assert!(right.hosts() >= MANY as usize);
}

#[test]
fn a_daemon_that_comes_back_empty_takes_its_old_claims_back() {
    let (a, b) = pair();
    a.run(|net| {
        net.neighbor("br", ip("10.0.0.9"), HOST, REACHABLE, 0);
        net.neighbor("br", ip("10.0.0.10"), HOST, REACHABLE, 0);
    });
    let mut left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").start();
    until("learned", HOST_WORDS.to_owned(), || right.held("10.0.0.10"));
    assert_eq!(left.stop(), 0, "every thread ends in time");
    until("the loss is noticed", false, || right.session().up);
    assert_eq!(right.held("10.0.0.9"), HOST_WORDS, "losing the session deletes nothing");
    a.run(|net| net.delete_neighbor("br", ip("10.0.0.9")));
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    until("what is gone is swept", "absent".to_owned(), || right.held("10.0.0.9"));
    assert_eq!(right.held("10.0.0.10"), HOST_WORDS);
    assert!(left.session().up);
}

#[test]
fn the_record_repeats_the_node() {
    let (a, b) = pair();
    let mut left = Switch::new(&a, "10.1.0.3", "10.1.0.4");
    let record = left.dir.path("record");
    left.platform["record"] = json!(record);
    let mut left = left.start();
    let _right = Switch::new(&b, "10.1.0.4", "10.1.0.3").start();
    b.run(|net| net.neighbor("br", ip("10.0.0.9"), HOST, REACHABLE, 0));
    until("received", HOST_WORDS.to_owned(), || left.held("10.0.0.9"));
    let counters = left.counters();
    left.stop();
    let file = BufReader::new(File::open(&record).expect("the record is there"));
    let node = log::replay(file, |_, _| {}).expect("it can be replayed");
    let replayed = node.counters();
    assert_eq!((replayed.remote, replayed.programmed), (counters.remote, counters.programmed));
    assert!(replayed.creates >= 1 && replayed.sessions == 1);
}
