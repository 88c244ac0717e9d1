//! A daemon that is killed and started again while its ASIC keeps what it holds: what is as it should be is not written,
//! and what nobody claims any more is removed when the peer has said so.
#![cfg(feature = "cli")]

#[path = "common/mod.rs"]
mod common;

use common::bench::{Bench, PORT, await_hosts, line};
use common::program::{Daemon, simulator, until};
use sai::trace::{Key, Record, text};
use std::path::PathBuf;

/// The second switch, whose ASIC is in a file, and whose daemon has a journal.
struct Kept<'b> {
    bench: &'b Bench,
    journal: PathBuf,
    trace: PathBuf,
}

impl Kept<'_> {
    fn start(&self) -> Daemon {
        let state = self.bench.dir.path().join("state");
        let platform = format!(
            "hostname = 'leaf-2'\nnode-id = 2\njournal = '{}'\ndfs-group = '''\ndfs-group 1\n {}\n'''\n[sai]\n\
             library = '{}'\nprofile = '''\nSAI_SIM_STATE={}\nSAI_SIM_TRACE={}\nSAI_BOOT_TYPE=1\n'''\n\
             [[interface]]\nname = 'Vlanif10'\nnetdev = 'Vlanif10'\n[[interface]]\nname = 'Vbdif5010'\n",
            self.journal.display(),
            line(1, PORT),
            simulator().display(),
            state.display(),
            self.trace.display(),
        );
        Daemon::start(&self.bench.spaces[1], self.bench.dir.path(), "leaf-2", &platform)
    }

    /// What was done to the ASIC since the last time, beside reading.
    fn writes(&self) -> Vec<Record> {
        let bytes = std::fs::read(&self.trace).expect("there was a daemon");
        std::fs::remove_file(&self.trace).expect("it is there");
        let all = text::read(&String::from_utf8_lossy(&bytes)).expect("a trace");
        let write = |record: &Record| {
            let by_name = ["create", "remove", "set"].iter().any(|what| record.what.starts_with(what));
            by_name && record.object != sai_sys::sai_object_type_t::SAI_OBJECT_TYPE_SWITCH
        };
        all.into_iter().filter(write).collect()
    }
}

#[test]
fn killed_and_started_again_a_daemon_writes_nothing_that_is_as_it_should_be_and_sweeps_what_nobody_claims() {
    let bench = Bench::new();
    let path = |name: &str| bench.dir.path().join(name);
    let kept = Kept { bench: &bench, journal: path("journal"), trace: path("trace") };
    for n in 1..=3 {
        bench.learn(0, &format!("10.16.1.{n}"), 0x10 + n);
    }
    let _one = bench.start(0, &line(0, PORT));
    let mut two = kept.start();
    await_hosts(&mut two, &[("10.16.1.1", 0x11), ("10.16.1.2", 0x12), ("10.16.1.3", 0x13)]);
    two.crash();
    assert!(!kept.writes().is_empty());

    let mut two = kept.start();
    await_hosts(&mut two, &[("10.16.1.1", 0x11), ("10.16.1.2", 0x12), ("10.16.1.3", 0x13)]);
    two.await_shown("session", |shown| shown["received_end"] == true);
    let report = two.ask(&["verify"]);
    assert!(report.status.success(), "{report:?}");
    two.crash();
    let lines: Vec<String> = kept.writes().iter().map(text::line).collect();
    assert_eq!(lines, [""; 0], "nothing changed, so nothing is written: no interface either");

    bench.forget(0, "10.16.1.1");
    bench.learn(0, "10.16.1.2", 0x1f);
    let mut two = kept.start();
    await_hosts(&mut two, &[("10.16.1.2", 0x1f), ("10.16.1.3", 0x13)]);
    until("the sweep", || match two.show("counters") {
        counters if counters["removes"] == 1 => Ok(()),
        counters => Err(format!("{counters}; log: {}", two.log())),
    });
    two.crash();
    let done: Vec<(&str, String)> = kept.writes().iter().map(what).collect();
    let set = done.iter().filter(|(what, ip)| what.starts_with("set") && ip == "10.16.1.2").count();
    let removed = done.iter().filter(|(what, ip)| what.starts_with("remove") && ip == "10.16.1.1").count();
    assert_eq!((set, removed, done.len()), (1, 1, 2), "{done:?}");
}

fn what(record: &Record) -> (&'static str, String) {
    let ip = record.items.iter().find_map(|item| match item.key {
        Key::Neighbor { ip, .. } => Some(ip.to_string()),
        _ => None,
    });
    (record.what, ip.unwrap_or_default())
}

/// What a daemon that is killed leaves in the kernel is found again by the next one; a clean stop removes it where that is
/// configured.
#[test]
fn a_kernel_mirror_that_is_killed_finds_its_entries_again_and_a_clean_stop_removes_them() {
    let bench = Bench::new();
    for n in 1..=3 {
        bench.learn(0, &format!("10.16.1.{n}"), 0x10 + n);
    }
    let _one = bench.start(0, &line(0, PORT));
    let platform = format!(
        "hostname = 'leaf-2'\nnode-id = 2\nkernel-mirror = true\nkernel-at-exit = 'remove'\n\
         dfs-group = '''\ndfs-group 1\n {}\n'''\n[sai]\nlibrary = '{}'\n\
         [[interface]]\nname = 'Vlanif10'\nnetdev = 'Vlanif10'\n",
        line(1, PORT),
        simulator().display(),
    );
    let start = || Daemon::start(&bench.spaces[1], bench.dir.path(), "leaf-2", &platform);
    let mut two = start();
    two.await_shown("kernel", |shown| shown["installed"] == 3);
    two.crash();
    assert_eq!(ours(&bench).len(), 3, "whatever is configured for a clean stop");
    bench.forget(0, "10.16.1.1");
    bench.learn(0, "10.16.1.2", 0x1f);
    let mut two = start();
    let shown = two.await_shown("kernel", |shown| shown["removed"] == 1 && shown["installed"] == 2);
    assert_eq!((&shown["written"], &shown["changed"]), (&0.into(), &1.into()), "{shown}");
    let held = ours(&bench);
    assert!(held.len() == 2 && held.iter().all(|line| !line.starts_with("10.16.1.1 ")), "{held:?}");
    let words = two.ask(&["show", "kernel"]);
    let words = String::from_utf8_lossy(&words.stdout).into_owned();
    assert!(words.contains("hosts installed") && words.contains("they go"), "{words}");
    assert!(two.stop().success());
    assert_eq!(ours(&bench), [""; 0]);
}

/// The lines of `ip neigh` about what the mirror wrote on the second switch.
fn ours(bench: &Bench) -> Vec<String> {
    let shown = bench.spaces[1].inside(|| {
        std::process::Command::new("ip").args(["neigh", "show", "dev", "Vlanif10"]).output().expect("ip runs")
    });
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    text.lines().filter(|line| line.contains("proto 77")).map(str::to_owned).collect()
}
