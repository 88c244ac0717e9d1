//! Sessions as people see them. A case is a folder of `tests/cases/config/`: `input.txt` is typed line by line,
//! `expected.txt` is the screen. Lines that begin with `#!` describe the device: `#! model NAME`, `#! mode NAME`,
//! `#! vpn NAME`, `#! listener VPN ADDRESS WHO`; `#! load` loads the rest as one file instead.
//!
//! `UPDATE_EXPECTED=1 cargo test --test config golden` writes the screens anew; read the difference before you keep it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use mlagsync::config::{Candidate, Change, ChannelChange, Diagnostic, Reply};

use crate::Device;

#[test]
fn golden_sessions_look_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/config");
    let mut cases: Vec<_> =
        fs::read_dir(&folder).expect("the cases").map(|entry| entry.expect("a case").path()).collect();
    cases.sort();
    assert!(cases.len() >= 10, "only {} cases in {}", cases.len(), folder.display());
    let mut wrong = Vec::new();
    for case in cases {
        let screen = play(&fs::read_to_string(case.join("input.txt")).expect("input.txt"));
        let expected = case.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &screen).expect("expected.txt can be written");
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(&screen) {
            wrong.push(format!("--- {}\n{screen}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "these screens are not as expected:\n{}", wrong.join("\n"));
}

fn play(input: &str) -> String {
    let (mut device, mut load) = (Device::default(), false);
    let mut lines = Vec::new();
    for line in input.lines() {
        match line.strip_prefix("#! ") {
            Some(setting) => load |= describe(&mut device, setting),
            None => lines.push(line),
        }
    }
    let mut candidate = Candidate::default();
    let mut screen = String::new();
    if load {
        let outcome = candidate.load(&lines.join("\n"), &device);
        show(&mut screen, &outcome);
    } else {
        for line in lines {
            type_line(&mut candidate, line, &device, &mut screen);
        }
    }
    let running = candidate.running().to_string();
    let running = if running.is_empty() { "(nothing)\n" } else { &running };
    writeln!(screen, "== running\n{running}== candidate {}", candidate.prompt("leaf1")).expect("a string");
    screen
}

fn type_line(candidate: &mut Candidate, line: &str, device: &Device, screen: &mut String) {
    writeln!(screen, "{} {}", candidate.prompt("leaf1"), line.trim_end()).expect("a string");
    match candidate.enter(line) {
        Ok(Reply::Commit) => {
            let outcome = candidate.commit(device);
            show(screen, &outcome);
        }
        Ok(_) => {}
        Err(fault) => writeln!(screen, "{fault}").expect("a string"),
    }
}

fn show(screen: &mut String, outcome: &Result<Change, Vec<Diagnostic>>) {
    match outcome {
        Err(faults) => faults.iter().for_each(|fault| writeln!(screen, "{fault}").expect("a string")),
        Ok(change) => {
            let channel = match change.channel() {
                ChannelChange::Keep if *change == Change::Nothing => "nothing changed".to_owned(),
                ChannelChange::Keep => "committed, no channel concerned".to_owned(),
                ChannelChange::Open(_, new) => format!("committed, opens {new}"),
                ChannelChange::Close(_, old) => format!("committed, closes {old}"),
                ChannelChange::Adjust(_, link) => format!("committed, adjusts {link}"),
                ChannelChange::Replace { before, after } => {
                    format!("committed, replaces {} by {}", before.1, after.1)
                }
            };
            writeln!(screen, "-- {channel}").expect("a string");
        }
    }
}

/// Applies one line of the device's description; true for `load`.
fn describe(device: &mut Device, setting: &str) -> bool {
    let (word, rest) = setting.split_once(' ').unwrap_or((setting, ""));
    match word {
        "load" => return true,
        "model" => device.model = Device::model(rest).model,
        "mode" => device.mode = rest.parse().expect("a forwarding mode"),
        "vpn" => device.vpns.push(rest.to_owned()),
        "listener" => {
            let mut parts = rest.splitn(3, ' ');
            let mut part = || parts.next().expect("VPN, address, who").to_owned();
            let (vpn, address, who) = (part(), part(), part());
            device.listeners.push((vpn, address.parse().expect("an address"), who));
        }
        other => panic!("nothing about the device is called {other:?}"),
    }
    false
}
