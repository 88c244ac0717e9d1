//! Every golden frame with every one of its bits turned over, in front of a node in each state that takes the frame.

use crate::bytes::frames;
use crate::device::{ADDRESSES, Device};
use crate::{Greeting, MANDATORY, frame, said};
use mlagsync::limits;
use mlagsync::session::io::ConnId;
use mlagsync::wire::hello::capability;
use std::path::{Path, PathBuf};

/// What a peer has said when a golden frame comes: each state that a receiver can be in.
fn states() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let hello = Greeting::default().frame();
    let begin = frame(16, MANDATORY, 0, 0, &[]);
    let end = frame(17, MANDATORY, 0, 1, &[]);
    let all = Greeting { capabilities: capability::ALL, ..Greeting::default() }.frame();
    let [resume, numbered, counted, scope] = ["resume", "begin-numbered", "end-numbered", "scope-begin"]
        .map(|name| unhex(&std::fs::read_to_string(folder().join(name).with_extension("hex")).unwrap()));
    vec![
        ("HELLO awaited", vec![]),
        ("connected", vec![hello.clone()]),
        ("syncing", vec![hello.clone(), begin.clone()]),
        ("synced", vec![hello, begin, end]),
        ("RESUME awaited", vec![all.clone()]),
        ("resumed", vec![all.clone(), resume.clone()]),
        ("syncing by number", vec![all.clone(), resume.clone(), numbered.clone()]),
        ("synced by number", vec![all.clone(), resume.clone(), numbered.clone(), counted.clone()]),
        ("in a scope", vec![all, resume, numbered, counted, scope]),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/wire")
}

/// Whether a version that has these capabilities takes such a frame from anybody at all. AUTH is a proof of one
/// session, and of no other one: its bits are turned over in [`super::sealed`].
fn is_taken(frame: &[u8]) -> bool {
    let needs = match frame[4] {
        5 => return false,
        20..=25 => 2,
        48..=50 => 4,
        36 | 37 => 8,
        _ => 0,
    };
    capability::ALL & needs == needs
}

fn golden() -> Vec<(PathBuf, Vec<Vec<u8>>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("refused") {
            let bytes = unhex(&std::fs::read_to_string(&path).unwrap());
            all.push((path, frames(&bytes).unwrap()));
        }
    }
    all.sort();
    all
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// One node for all of it: a connection for each frame.
struct Bench {
    device: Device,
}

impl Bench {
    fn meet(&mut self, before: &[Vec<u8>]) -> ConnId {
        let open: Vec<ConnId> = self.device.open.keys().copied().collect();
        open.into_iter().for_each(|conn| self.device.lose(conn));
        self.device.sent.clear();
        self.device.closed.clear();
        self.device.batches.clear();
        let conn = self.device.accept(ADDRESSES[1]);
        for frame in before {
            self.device.receive(conn, frame);
            assert!(!self.device.faulted, "the frames before are in order");
        }
        conn
    }

    /// Whether the node's last word on the connection is that the protocol was broken.
    fn refuses(&mut self, conn: ConnId, bytes: &[u8]) -> bool {
        self.device.receive(conn, bytes);
        said(&self.device, conn).last().is_some_and(|last| last[4] == 2 && last[20..22] == [0, 5])
    }
}

#[test]
fn every_flipped_bit_of_every_golden_frame_ends_the_session_and_nothing_of_the_frame_is_applied() {
    // What follows on the channel: a frame whose length was made longer swallows it, and is refused all the same.
    let after = vec![0x55; limits::MAX_FRAME];
    let mut bench = Bench { device: Device::new(0) };
    bench.device.settle();
    let (mut flips, mut taken_by_none) = (0, Vec::new());
    for (path, golden) in golden() {
        let mut taken = 0;
        for (state, before) in states() {
            let mut before = before.clone();
            for (nth, frame) in golden.iter().enumerate() {
                let conn = bench.meet(&before);
                if bench.refuses(conn, frame) {
                    break;
                }
                taken += usize::from(nth + 1 == golden.len());
                for bit in 0..frame.len() * 8 {
                    let conn = bench.meet(&before);
                    let (copy, up) = (bench.device.copy(), bench.device.node.session().up);
                    let mut flipped = frame.clone();
                    flipped[bit / 8] ^= 1 << (bit % 8);
                    let refused = bench.refuses(conn, &flipped) || bench.refuses(conn, &after);
                    let case = || format!("{}: {state}: frame {nth}, bit {bit}", path.display());
                    assert!(refused, "{}", case());
                    assert!(!bench.device.open.contains_key(&conn), "{}", case());
                    assert!(!bench.device.node.session().up || !up, "{}", case());
                    assert_eq!(bench.device.copy(), copy, "{}", case());
                    flips += 1;
                }
                before.push(frame.clone());
            }
        }
        if taken == 0 && golden.iter().all(|frame| is_taken(frame)) {
            taken_by_none.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert_eq!(taken_by_none, [""; 0], "no state of a receiver takes these");
    assert!(flips > 10_000, "only {flips} bits were turned over");
}
