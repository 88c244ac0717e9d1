//! Recorded sessions of NSP/1.0: `tests/cases/nsp-1.0/NAME/session.txt` is what both sides said, byte by byte, and
//! `effects.txt` what came of it. Every later version takes them, and makes the same of them, for ever.
//!
//! A session is replayed twice: to the dialler, what the listener said, and to the listener, what the dialler said. What
//! the node of today answers is of no matter.
//!
//! Nothing in that folder is ever changed; [`FROZEN`] has a sum over each session. A new session is recorded by adding it
//! to [`sessions`] and running with `RECORD_NSP=1`, which writes folders that are not there yet and prints their sums.

use crate::bits::unhex;
use crate::device::{ADDRESSES, Device, settings};
use crate::record::{NAMES, Recording};
use mlagsync::addr::{InterfaceId, Mac, MlagId};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::Input;
use mlagsync::node::io::{Binding, Event, Evidence};
use mlagsync::sai::Oid;
use mlagsync::session::io::ConnId;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Each session and the sum over its two files.
const FROZEN: &[(&str, &str)] = &[
    ("01-sync-and-changes", "9d64f6fa713c3de074fe01e00407526e5ef3498d40af43dce1e5d03adb2e2372"),
    ("02-second-connection", "409e09f0ebc62677ba2eceb68e8b087a54041abcf8bd7b54ceeb4bc103ec7957"),
    ("03-goodbye", "9d34f0dd33f235ef2e7c8b5449e801eb87b7c2556a7d5173ddff8d52575ef21c"),
    ("04-another-group", "4375da04b80c864da8ff26eac706fe072c31b7edbc76a1238153c3844d58ea9f"),
    ("05-ipv6-kinds-and-vrfs", "28aa5dcaf7c798f2fe4864865b84644bb53c4f9b364b9478fdd154763df3059d"),
    ("06-broken-protocol", "4972e52157f609a6541816b3998d05329762285d033d1faf9282a24ae92cc299"),
    ("07-proofs-and-resume", "ed4e8584c68aee68ba9ab1172361888d99ba8da9d04274246e5fa1073e34aada"),
    ("08-another-process", "60fd78f23f6a7fcb8a9150fd225ba05b216799987080c55f94216c9a448f7acc"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/nsp-1.0")
}

/// What both nodes live through while it is recorded.
type Act = fn(&mut Recording);

/// What was recorded, and how it came about.
fn sessions() -> Vec<(&'static str, Act)> {
    vec![
        ("01-sync-and-changes", sync_and_changes),
        ("02-second-connection", second_connection),
        ("03-goodbye", goodbye),
        ("04-another-group", another_group),
        ("05-ipv6-kinds-and-vrfs", ipv6_kinds_and_vrfs),
        ("06-broken-protocol", broken_protocol),
        // Up to here no capability was stated, from here on RESUME, DIGEST, HARDWARE and CONFIRM.
        ("07-proofs-and-resume", proofs_and_resume),
        ("08-another-process", another_process),
    ]
}

fn checkpoint(recording: &mut Recording) {
    recording.text.push_str("look\n");
}

fn sync_and_changes(recording: &mut Recording) {
    recording.connect();
    checkpoint(recording);
    recording.ends[0].learn(0, 100, 9, true);
    recording.ends[1].learn(2, 7, 1, true);
    recording.talk();
    recording.ends[0].forget(1, 101);
    recording.ends[1].learn(2, 8, 2, false);
    recording.talk();
    checkpoint(recording);
    recording.wait(Duration::from_millis(3500));
}

fn second_connection(recording: &mut Recording) {
    recording.connect();
    checkpoint(recording);
    recording.lose();
    recording.ends[0].forget(0, 100);
    recording.ends[0].learn(0, 55, 5, true);
    recording.ends[1].learn(1, 111, 6, true);
    recording.wait(Duration::from_secs(1));
    recording.connect();
    checkpoint(recording);
}

fn goodbye(recording: &mut Recording) {
    recording.connect();
    recording.ends[1].configure(None);
    recording.talk();
    checkpoint(recording);
}

fn another_group(recording: &mut Recording) {
    let mut other = settings(1);
    other.group = 2;
    recording.ends[1].configure(Some(other));
    recording.connect();
    checkpoint(recording);
}

fn ipv6_kinds_and_vrfs(recording: &mut Recording) {
    let names = ["Vbdif5010", "Eth-Trunk7.12", "Eth-Trunk8"];
    let interfaces: Vec<InterfaceId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    assert_eq!(interfaces.len(), names.len());
    let bind = |interface: &InterfaceId, n: u64, vrf: &str| Binding {
        interface: *interface,
        vrf: vrf.parse().unwrap(),
        rif: Oid::from_raw(0x2000 + n),
        mac: Mac([2, 0, 0, 0, 0, 0xfe]),
        addresses: vec!["10.77.0.1/16".parse().unwrap(), "2001:db8:7::1/64".parse().unwrap()],
        state: Default::default(),
        footing: Default::default(),
    };
    for end in &mut recording.ends {
        for (n, interface) in (0..).zip(&interfaces) {
            end.tell(Input::Bind(bind(interface, n, "blue")));
        }
    }
    for (n, interface) in (1..).zip(&interfaces) {
        let attachment = Attachment::Mlag(MlagId::new(u32::from(n)).unwrap());
        for ip in [format!("10.77.0.{}", n + 1), format!("2001:db8:7::{:x}", n + 1)] {
            let key = Key { interface: *interface, ip: ip.parse().unwrap() };
            let mac = Mac([2, 0, 0, 7, 0, n]);
            let learned = Evidence::Learned { key, mac, attachment, flags: Flags::ROUTER, fresh: true };
            recording.ends[0].tell(Input::Evidence(vec![learned]));
        }
    }
    recording.connect();
    checkpoint(recording);
    // One of them moves to another VRF on both sides, another one is gone from one side.
    for end in &mut recording.ends {
        end.tell(Input::Bind(bind(&interfaces[0], 7, "日本")));
    }
    recording.ends[0].tell(Input::Unbind(interfaces[1]));
    recording.talk();
    checkpoint(recording);
    for ip in ["10.77.0.2", "2001:db8:7::2"] {
        let gone = Evidence::Forgotten { key: Key { interface: interfaces[0], ip: ip.parse().unwrap() } };
        recording.ends[0].tell(Input::Evidence(vec![gone]));
    }
    recording.talk();
    checkpoint(recording);
}

fn broken_protocol(recording: &mut Recording) {
    recording.connect();
    // Somebody on the way damages something: the dialler says so, and has the last word.
    let conn = *recording.ends[1].open.keys().next().unwrap();
    recording.ends[1].receive(conn, &[0xff; 20]);
    assert!(recording.ends[1].faulted);
    recording.talk();
    checkpoint(recording);
    assert_eq!(recording.ends[0].copy().len(), 2);
}

fn proofs_and_resume(recording: &mut Recording) {
    recording.connect();
    checkpoint(recording);
    recording.ends[0].learn(0, 55, 5, true);
    recording.ends[1].learn(1, 56, 6, false);
    recording.talk();
    recording.wait(Duration::from_secs(12));
    // What both have learned: each hears of it from the other one, too.
    for end in &mut recording.ends {
        end.learn(0, 57, 0x77, true);
    }
    recording.talk();
    recording.wait(Duration::from_secs(12));
    checkpoint(recording);
    recording.lose();
    recording.ends[0].forget(0, 55);
    recording.ends[1].learn(1, 56, 9, true);
    recording.wait(Duration::from_secs(1));
    recording.connect();
    recording.wait(Duration::from_secs(12));
    checkpoint(recording);
}

/// The listener is restarted, knows less than before, and its claims are named anew and swept.
fn another_process(recording: &mut Recording) {
    recording.ends[0].learn(0, 55, 5, true);
    recording.connect();
    checkpoint(recording);
    recording.lose();
    let now = recording.ends[0].now;
    recording.ends[0] = Device::new(0);
    recording.ends[0].now = now;
    recording.wait(Duration::from_secs(1));
    recording.connect();
    checkpoint(recording);
    recording.wait(Duration::from_secs(12));
    recording.ends[0].configure(None);
    recording.talk();
    checkpoint(recording);
}

/// Says to one side what the other one has said; answers what came of it, in words.
fn replay(session: &str, side: usize) -> String {
    let mut device = Device::new(side);
    device.settle();
    let mut conn: Option<ConnId> = None;
    let (mut effects, mut told) = (String::new(), device.news.len());
    for (number, line) in session.lines().enumerate() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "connect" if side == 0 => conn = Some(device.accept(ADDRESSES[1])),
            "connect" => {
                // The pauses between dials are as long as this version likes.
                for _ in 0..100 {
                    if device.dialled.is_none() {
                        device.settle();
                        device.run(Duration::from_millis(100));
                    }
                }
                conn = device.answer();
                assert!(conn.is_some(), "line {}: it does not dial", number + 1);
            }
            "lost" => device.lose(conn.take().expect("it stood")),
            "wait" => device.run(Duration::from_millis(rest.parse().unwrap())),
            "look" => look(&mut effects, &device),
            _ if word == NAMES[1 - side] => {
                device.receive(conn.expect("it stands"), &unhex(rest));
                device.settle();
                while !device.batches.is_empty() {
                    device.asic(0);
                }
            }
            _ => assert!(word == NAMES[side], "line {}: {word}?", number + 1),
        }
        for event in &device.news[told..] {
            if let Some(words) = news(event) {
                writeln!(effects, "{words}").unwrap();
            }
        }
        told = device.news.len();
    }
    effects
}

/// The news that a session is about; what else is told may become more.
fn news(event: &Event) -> Option<String> {
    Some(match event {
        Event::SessionUp { peer } => format!("up, peer {peer}"),
        Event::SessionDown { reason } => {
            let name = serde_json::to_value(reason).unwrap();
            let name = name["reason"].as_str().unwrap().to_owned();
            match name.as_str() {
                // What the dialler does between connections, and when, is its own matter.
                "connecting" | "handshake" | "nobody-dials" => return None,
                _ => format!("down: {name}"),
            }
        }
        Event::SyncBegan => "the peer begins to name".to_owned(),
        Event::SyncEnded { claims, swept } => format!("the peer has named {claims}, swept {swept}"),
        _ => return None,
    })
}

fn look(effects: &mut String, device: &Device) {
    let mut rows = device.copy();
    rows.sort_by_key(|row| (row.interface.to_string(), row.ip));
    for row in rows {
        writeln!(
            effects,
            "  {} {} {} {} flags {:#06x} counter {}",
            row.interface, row.ip, row.mac, row.attachment, row.flags.0, row.counter
        )
        .unwrap();
    }
}

fn effects(session: &str) -> String {
    [0, 1].map(|side| format!("== {}\n{}", NAMES[side], replay(session, side))).concat()
}

fn sum(name: &str) -> String {
    let mut hash = Sha256::new();
    for file in ["session.txt", "effects.txt"] {
        let path = folder().join(name).join(file);
        hash.update(std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn recorded_sessions_do_today_what_they_did_then() {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        names.push(entry.unwrap().file_name().into_string().unwrap());
    }
    for name in names {
        let read = |file| std::fs::read_to_string(folder().join(&name).join(file)).unwrap();
        assert_eq!(effects(&read("session.txt")), read("effects.txt"), "{name}");
    }
}

#[test]
fn nobody_has_changed_a_recorded_session() {
    let mut present: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    present.sort();
    let frozen: Vec<&str> = FROZEN.iter().map(|(name, _)| *name).collect();
    assert_eq!(present, frozen, "each session has its sum");
    for (name, expected) in FROZEN {
        assert_eq!(sum(name), *expected, "{name} is not what it was when it was recorded");
    }
}

/// Not a test of anything unless it is asked to record.
#[test]
fn what_is_not_there_yet_is_recorded_when_asked_for() {
    for (name, act) in sessions() {
        let path = folder().join(name);
        if std::env::var_os("RECORD_NSP").is_some() && !path.exists() {
            let mut recording = Recording::new();
            act(&mut recording);
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join("effects.txt"), effects(&recording.text)).unwrap();
            std::fs::write(path.join("session.txt"), &recording.text).unwrap();
            println!("    (\"{name}\", \"{}\"),", sum(name));
        }
        assert!(path.exists(), "{name} was never recorded");
    }
}
