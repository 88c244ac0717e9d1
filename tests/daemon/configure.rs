//! A running daemon is given another configuration through its control socket (PL-16, PL-17).

use super::netns::REACHABLE;
use super::*;
use mlagsync::node::io::Event;
use mlagsync::node::view::HistoryView;
use mlagsync::run::ctl::Level;
use mlagsync::run::ctl::protocol::{ConfigureQuery, Configured, Fault};
use mlagsync::session::io::DownReason;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

const HOST: [u8; 6] = [2, 0, 0, 0, 1, 1];
const HOST_WORDS: &str = "02:00:00:00:01:01";

fn line(source: &str, peer: &str, port: u16) -> String {
    let form = if source.contains(':') { "ipv6" } else { "ip" };
    format!("peer-link source {form} {source} peer {peer} tcp-port {port}")
}

impl Switch<'_> {
    fn configure(&self, lines: &str) -> Configured {
        let query = ConfigureQuery { lines: lines.to_owned(), ..ConfigureQuery::default() };
        match self.ask(Request::Configure(query)) {
            Reply::Configured(configured) => configured,
            other => panic!("{other:?}"),
        }
    }

    fn refused(&self, lines: &str) -> Vec<Fault> {
        let query = ConfigureQuery { lines: lines.to_owned(), ..ConfigureQuery::default() };
        match self.ask(Request::Configure(query)) {
            Reply::Refused { faults } => faults,
            other => panic!("{other:?}"),
        }
    }

    fn history(&self) -> HistoryView {
        match self.ask(Request::ShowHistory) {
            Reply::History(view) => view,
            other => panic!("{other:?}"),
        }
    }
}

/// A pair that is up and has one host of `left`'s in `right`'s ASIC.
fn synced<'n>(a: &'n Netns, b: &'n Netns) -> (Switch<'n>, Switch<'n>) {
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    let left = Switch::new(a, "10.1.0.3", "10.1.0.4").start();
    let right = Switch::new(b, "10.1.0.4", "10.1.0.3").start();
    until("learned", HOST_WORDS.to_owned(), || right.held("10.0.0.9"));
    (left, right)
}

#[test]
fn pl_17_the_same_line_again_changes_nothing_and_another_one_moves_the_channel_with_its_entries() {
    let (a, b) = pair();
    let (left, right) = synced(&a, &b);
    let calls = right.counters().creates + right.counters().sets + right.counters().removes;
    let same = left.configure(&format!("dfs-group 1\n {}", line("10.1.0.3", "10.1.0.4", 2048)));
    assert_eq!((same.changed, same.applied), (false, false));
    let sessions = [&left, &right].map(|switch| switch.counters().sessions);

    for (switch, source, peer) in [(&left, "10.1.0.3", "10.1.0.4"), (&right, "10.1.0.4", "10.1.0.3")] {
        let moved = switch.configure(&format!("dfs-group 1\n {}", line(source, peer, 2049)));
        assert!(moved.applied && moved.dfs_group.contains("tcp-port 2049"), "{moved:?}");
        assert_eq!(switch.config().dfs_group, moved.dfs_group);
    }
    let moved = || (left.session().up, left.session().port, right.session().up, right.session().port);
    until("both are on the other port", (true, Some(2049), true, Some(2049)), moved);
    let up = || (left.session().received_end, right.session().received_end);
    until("and in step", (true, true), up);
    assert_eq!(right.held("10.0.0.9"), HOST_WORDS);
    let now = right.counters();
    assert_eq!(now.creates + now.sets + now.removes, calls, "nothing was written for it");
    let kept = [&left, &right].map(|switch| switch.counters().sessions);
    assert_eq!(kept, sessions, "the new channel stood before the old one was let go");
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.10"), HOST, REACHABLE, 0));
    until("the channel works", HOST_WORDS.to_owned(), || right.held("10.0.0.10"));
}

#[test]
fn pl_08_the_other_form_takes_over_in_one_commit_while_the_daemon_runs() {
    let (a, b) = pair();
    let (left, right) = synced(&a, &b);
    for (switch, v4, v6) in [
        (&left, ("10.1.0.3", "10.1.0.4"), ("2001:db8:1::1", "2001:db8:1::2")),
        (&right, ("10.1.0.4", "10.1.0.3"), ("2001:db8:1::2", "2001:db8:1::1")),
    ] {
        let both = switch.refused(&format!("dfs-group 1\n {}", line(v6.0, v6.1, 2048)));
        assert_eq!(both[0].requirement.as_deref(), Some("PL-08"), "{both:?}");
        let text = format!("dfs-group 1\n undo {}\n {}", line(v4.0, v4.1, 2048), line(v6.0, v6.1, 2048));
        assert!(switch.configure(&text).applied);
    }
    let form = || [&left, &right].map(|s| (s.session().up, s.session().source.map(|ip| ip.is_ipv6())));
    until("up over IPv6", [(true, Some(true)); 2], form);
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.10"), HOST, REACHABLE, 0));
    until("the channel works", HOST_WORDS.to_owned(), || right.held("10.0.0.10"));
}

#[test]
fn undo_ends_the_channel_and_keeps_the_entries_and_it_can_be_made_again() {
    let (a, b) = pair();
    let (left, right) = synced(&a, &b);
    assert!(left.configure("undo dfs-group 1").applied);
    assert_eq!((left.session().up, left.session().reason), (false, Some(DownReason::NotConfigured)));
    until("the peer was told", false, || right.session().up);
    assert_eq!(right.held("10.0.0.9"), HOST_WORDS, "losing the session deletes nothing");
    let reasons = |switch: &Switch<'_>| {
        let downs = switch.history().downs;
        downs.into_iter().map(|row| row.reason).collect::<Vec<_>>()
    };
    assert!(reasons(&left).contains(&"not-configured".to_owned()), "{:?}", reasons(&left));
    assert!(reasons(&right).contains(&"peer-goodbye".to_owned()), "{:?}", reasons(&right));

    assert!(left.configure(&format!("dfs-group 1\n {}", line("10.1.0.3", "10.1.0.4", 2048))).applied);
    until("up again", (true, true), || (left.session().up, right.session().up));
    let ups = right.history().entries.iter().filter(|e| matches!(e.event, Event::SessionUp { .. })).count();
    assert_eq!(ups, 2);
}

#[test]
fn pl_14_the_new_sources_absence_holds_the_channel_down_and_its_coming_brings_it_up() {
    let (a, b) = pair();
    let (left, right) = synced(&a, &b);
    for (switch, source, peer) in [(&left, "10.1.0.33", "10.1.0.34"), (&right, "10.1.0.34", "10.1.0.33")] {
        let undo = if source == "10.1.0.33" { ("10.1.0.3", "10.1.0.4") } else { ("10.1.0.4", "10.1.0.3") };
        let text =
            format!("dfs-group 1\n undo {}\n {}", line(undo.0, undo.1, 2048), line(source, peer, 2048));
        assert!(switch.configure(&text).applied);
    }
    let absent = DownReason::SourceNotLocal { source: ip("10.1.0.33") };
    until("held down", Some(absent), || left.session().reason);
    a.run(|net| net.address("eth0", "10.1.0.33", 24));
    b.run(|net| net.address("eth0", "10.1.0.34", 24));
    let up = || [&left, &right].map(|s| (s.session().up, s.session().source));
    until("up by itself", [(true, Some(ip("10.1.0.33"))), (true, Some(ip("10.1.0.34")))], up);
    assert_eq!(right.held("10.0.0.9"), HOST_WORDS);
}

#[test]
fn wrong_lines_change_nothing_and_say_where() {
    let (a, _b) = pair();
    let switch = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let before = switch.config();
    let faults = switch.refused("dfs-group 1\n peer-link source ip 10.1.0.3 peer 10.1.0.3 tcp-port 2048\n");
    let fault = &faults[0];
    assert_eq!((fault.requirement.as_deref(), fault.line, fault.length), (Some("PL-10"), Some(2), 8));
    assert!(fault.text.contains('^'), "{}", fault.text);
    assert_eq!(switch.config(), before);

    // Another program's port, in the namespace where the channel would listen (PL-07).
    let taken = a.inside(|| std::net::TcpListener::bind("10.1.0.3:2050").expect("free"));
    let faults = switch.refused(&format!("dfs-group 1\n {}", line("10.1.0.3", "10.1.0.4", 2050)));
    assert_eq!(faults[0].requirement.as_deref(), Some("PL-07"), "{faults:?}");
    drop(taken);

    let check = ConfigureQuery { lines: "undo dfs-group 1".into(), check: true, expect: None };
    let Reply::Configured(checked) = switch.ask(Request::Configure(check)) else { panic!("it is right") };
    assert!(checked.changed && !checked.applied && checked.dfs_group.is_empty());
    assert_eq!(switch.config(), before);

    let stale = ConfigureQuery {
        lines: "undo dfs-group 1".into(),
        expect: Some("dfs-group 7\n".into()),
        ..ConfigureQuery::default()
    };
    let Reply::Error { text } = switch.ask(Request::Configure(stale)) else { panic!("it is stale") };
    assert!(text.contains("somebody else"), "{text}");
    assert_eq!(switch.config(), before);
}

#[test]
fn what_a_peer_that_comes_back_empty_did_not_name_waits_for_an_operator() {
    const MANY: u32 = 1_200;
    let (a, b) = pair();
    let host = |n: u32| IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + n));
    a.run(|net| {
        for n in 0..MANY {
            net.neighbor("vlan10", host(n), HOST, netns::NOARP, libc::NTF_EXT_LEARNED);
        }
    });
    let mut left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").start();
    let programmed = |switch: &Switch<'_>| switch.counters().programmed >= u64::from(MANY);
    until("all are there", true, || programmed(&right));
    left.stop();
    a.run(|net| (0..MANY).for_each(|n| net.delete_neighbor("vlan10", host(n))));
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    until("most of the copy awaits a sweep", true, || right.session().awaits_sweep >= u64::from(MANY));
    assert!(programmed(&right), "and is in the ASIC all the while");
    let syncs = right.counters().syncs;
    let Reply::Done { .. } = right.ask(Request::Resync) else { panic!("there is a session") };
    until("the peer named everything anew", true, || right.counters().syncs > syncs);
    assert!(programmed(&right), "which decides nothing");
    let Reply::Done { claims } = right.ask(Request::Sweep) else { panic!("it may") };
    assert!(claims >= u64::from(MANY));
    until("it is gone", "absent".to_owned(), || right.held("10.0.0.1"));
    let Reply::Done { claims } = right.ask(Request::Sweep) else { panic!("it may") };
    assert_eq!(claims, 0, "nothing is left to sweep");
    let mut left = left;
    left.stop();
    until("down", false, || right.session().up);
    assert!(matches!(right.ask(Request::Resync), Reply::Error { .. }), "nobody could be asked");
}

/// Runs the program as another user of this machine.
fn as_nobody(switch: &Switch<'_>, words: &[&str]) -> std::io::Result<(Option<i32>, String)> {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_mlagsync"));
    program.args(words).arg("--control").arg(switch.control()).uid(65_534).gid(65_534);
    let output = program.output()?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn pl_16_looking_needs_less_than_changing() {
    let netns = Netns::new();
    netns.run(|net| net.device("vlan10"));
    let switch = Switch::new(&netns, "10.1.0.3", "10.1.0.4").set("monitors", json!("everyone")).start();
    let mode = std::fs::metadata(switch.control()).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o666);
    let Reply::Level { level } = switch.ask(Request::ShowLevel) else { panic!("a level") };
    assert_eq!(level, Level::Configuration, "the daemon's own user may change");

    let looked = match as_nobody(&switch, &["show", "session"]) {
        Err(e) if std::env::var_os("CI").is_none() => {
            return eprintln!("not tested: this machine does not let us be another user: {e}");
        }
        looked => looked.expect("CI lets us be another user"),
    };
    assert_eq!(looked.0, Some(0), "{}", looked.1);
    let before = switch.config();
    let (status, said) = as_nobody(&switch, &["configure", "-e", "undo dfs-group 1"]).expect("as before");
    assert_eq!(status, Some(2));
    assert!(said.contains("this needs the configuration level"), "{said}");
    assert_eq!(switch.config(), before);
}

#[test]
fn pl_16_by_default_nobody_else_may_even_look() {
    let netns = Netns::new();
    netns.run(|net| net.device("vlan10"));
    let switch = Switch::new(&netns, "10.1.0.3", "10.1.0.4").start();
    match as_nobody(&switch, &["show", "session"]) {
        Err(e) if std::env::var_os("CI").is_none() => {
            eprintln!("not tested: this machine does not let us be another user: {e}");
        }
        looked => {
            let (status, said) = looked.expect("CI lets us be another user");
            assert_eq!(status, Some(2));
            assert!(said.contains("monitors"), "it says what would let them: {said}");
        }
    }
}

#[test]
fn a_group_that_is_not_there_is_said_at_the_start() {
    let netns = Netns::new();
    netns.run(|net| net.device("vlan10"));
    let mut switch =
        Switch::new(&netns, "10.1.0.3", "10.1.0.4").set("monitors", json!("group no-such-group-here"));
    let words = switch.try_start().expect_err("nobody could look").to_string();
    assert!(words.contains("there is no group no-such-group-here"), "{words}");
    assert!(!exists(&switch.control()));
}
