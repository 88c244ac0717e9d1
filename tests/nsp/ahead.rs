//! A peer that is one version ahead: it speaks 1 and 2, and uses every place where a version 1 is to look away.

use crate::bytes::seal;
use crate::device::Device;
use crate::{Greeting, MANDATORY, frame, met, said};
use mlagsync::neighbor::Attachment;
use mlagsync::node::view::NeighborView;
use mlagsync::session::io::{ConnId, DownReason};

/// Capabilities that version 1 has given a meaning to.
const KNOWN: u64 = 0xf;

/// HELLO with everything that is to be skipped: versions, capabilities, extensions, the bytes that nobody looks at.
fn greeting() -> Greeting {
    Greeting {
        versions: (1, 2),
        capabilities: !KNOWN,
        zero: *b"seen",
        extensions: vec![(0x7fff, vec![1; 200]), (0x0042, vec![]), (0x0042, vec![2; 100])],
        ..Greeting::default()
    }
}

/// Optional frames of types that version 1 does not have: short, long, with a count.
fn novelties() -> Vec<Vec<u8>> {
    vec![frame(11, 0, 0, 0, &[]), frame(100, 0, 0xffff, 0, &[3; 300]), frame(255, 0, 1, 0, &[4; 1])]
}

/// What the peer says, with a novelty in front of, between and behind everything.
fn stream() -> Vec<Vec<u8>> {
    let interfaces: &[u8] =
        &[0, 0, 1, 8, 0, 0, 0, 1, 0, 0, 0, 0, b'_', b'p', b'u', b'b', b'l', b'i', b'c', b'_'];
    let upsert = |flags: [u8; 2], counter: u8, mac: u8, host: u8| {
        [flags[0], flags[1], 0, 0, 0, 0, 0, 0, 0, counter, 2, 0, 0, 2, 0, mac, 10, 0, 0, host]
    };
    // Flags of records that have no meaning yet, beside one that has.
    let two = [upsert([0xff, 0xfd], 0, 7, 50), upsert([0, 0], 3, 8, 51)].concat();
    // The places of a delete that are zero in version 1.
    let delete = [0xab, 0xcd, 0, 0, 1, 2, 3, 4, 10, 0, 0, 51];
    vec![
        greeting().frame(),
        frame(16, MANDATORY, 0, 0, &[]),
        frame(18, MANDATORY, 1, 0, interfaces),
        frame(32, MANDATORY, 2, 9, &two),
        frame(17, MANDATORY, 0, 9, &[]),
        frame(34, MANDATORY, 1, 10, &delete),
        frame(3, 0, 0, 0, &[]),
        frame(32, MANDATORY, 1, 12, &upsert([0, 0], 1, 9, 52)),
    ]
}

fn hosts(rows: &[NeighborView]) -> Vec<(String, String, u16, u32)> {
    rows.iter().map(|row| (row.ip.to_string(), row.mac.to_string(), row.flags.0, row.counter)).collect()
}

#[test]
fn a_peer_one_version_ahead_is_understood() {
    for step in [usize::MAX, 1] {
        let (mut device, conn) = met();
        let mut all = Vec::new();
        for said in stream() {
            // Nothing may stand in front of HELLO but what a stranger may say, too.
            if !all.is_empty() {
                all.extend(novelties().concat());
            }
            all.extend(said);
        }
        all.extend(novelties().concat());
        let known = mlagsync::neighbor::Flags::ROUTER.0 | mlagsync::neighbor::Flags::INTERFACE.0;
        for piece in all.chunks(step.min(all.len())) {
            device.receive(conn, piece);
            assert!(!device.faulted, "{:?}", device.node.session().reason);
        }
        let session = device.node.session();
        assert!(session.up && session.received_end, "{session:?}");
        let expected = [
            ("10.0.0.50".to_owned(), "02:00:00:02:00:07".to_owned(), 0xfffd & known, 0),
            ("10.0.0.52".to_owned(), "02:00:00:02:00:09".to_owned(), 0, 1),
        ];
        let mut rows = device.copy();
        rows.sort_by_key(|row| row.ip);
        assert_eq!(hosts(&rows), expected);
        assert!(rows.iter().all(|row| row.attachment == Attachment::Orphan));
        // And it is told what this device claims, in version 1.
        let kinds: Vec<u8> = said(&device, conn).iter().map(|frame| frame[4]).collect();
        assert!(kinds.contains(&16) && kinds.contains(&17) && kinds.contains(&32), "{kinds:?}");
    }
}

#[test]
fn an_optional_frame_in_front_of_hello_is_skipped() {
    let (mut device, conn) = met();
    device.receive(conn, &novelties().concat());
    device.receive(conn, &greeting().frame());
    assert!(device.node.session().up);
}

/// Says it to a node that has met the peer so far; answers why the session is down, and the NOTIFY's code and words.
fn refused(before: &[Vec<u8>], novelty: &[u8]) -> (DownReason, u16, String) {
    let (mut device, conn): (Device, ConnId) = met();
    for frame in before {
        device.receive(conn, frame);
    }
    let copy = device.copy();
    device.receive(conn, novelty);
    let last = said(&device, conn).pop().expect("it says why");
    assert_eq!(last[4], 2, "NOTIFY is its last word");
    assert!(!device.open.contains_key(&conn), "the connection is closed");
    assert_eq!(device.copy(), copy);
    let session = device.node.session();
    assert!(!session.up);
    let code = u16::from_be_bytes([last[20], last[21]]);
    (session.reason.expect("down has a reason"), code, String::from_utf8(last[22..].to_vec()).unwrap())
}

#[test]
fn a_peer_that_no_longer_speaks_version_1_is_told_so() {
    let (reason, code, words) = refused(&[], &Greeting { versions: (2, 3), ..greeting() }.frame());
    assert_eq!(reason, DownReason::VersionDiffers { ours: (1, 1), theirs: (2, 3) });
    assert_eq!(code, 1, "{words}");
}

#[test]
fn a_mandatory_extension_of_hello_that_is_not_known_is_named() {
    let extensions = vec![(0x0042, vec![1]), (0x8000 | 0x0777, vec![2; 9])];
    let (reason, code, words) = refused(&[], &Greeting { extensions, ..greeting() }.frame());
    let DownReason::ProtocolError { detail } = reason else { panic!("{reason:?}") };
    assert!(detail.contains(&0x0777.to_string()) && words.contains(&0x0777.to_string()), "{detail}, {words}");
    assert_eq!(code, 5);
}

#[test]
fn a_mandatory_frame_that_is_not_known_is_named() {
    let all = stream();
    // In front of HELLO, and in every state behind it.
    for before in 0..all.len() {
        let (reason, code, words) = refused(&all[..before], &frame(251, MANDATORY, 0, 0, &[1, 2, 3]));
        let DownReason::ProtocolError { detail } = reason else { panic!("{reason:?}") };
        assert!(detail.contains("251") && words.contains("251"), "{detail}, {words}");
        assert_eq!(code, 5);
    }
}

#[test]
fn what_advances_the_position_must_not_be_skipped() {
    let (_, code, _) = refused(&stream()[..3], &frame(100, 0, 0, 77, &[]));
    assert_eq!(code, 5);
    // A flag that has no meaning yet is no novelty that may be skipped either.
    let mut odd = frame(100, 0, 0, 0, &[]);
    odd[5] = 2;
    seal(&mut odd);
    assert_eq!(refused(&stream()[..3], &odd).1, 5);
}
