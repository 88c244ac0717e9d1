//! `port`, `fdb` and `show ports`: what is said, what is refused, and with which words.
#![cfg(feature = "cli")]

#[path = "common/mod.rs"]
mod common;

use common::netns::Netns;
use common::program::{Daemon, mlagsync, refusal, simulator, text, until};
use serde_json::json;

/// A switch with a member of M-LAG 7, a peer-link and an orphan, in a namespace of its own.
fn switch(dir: &tempfile::TempDir) -> (Netns, Daemon) {
    let netns = Netns::new();
    netns.run(|net| net.device("eth7"));
    let platform = format!(
        "hostname = 'leaf-1'\nfdb = 'managed'\n[sai]\nlibrary = '{}'\nprofile = 'SAI_SIM_PORTS=8'\n\
         [[interface]]\nname = 'Vlanif10'\nmac = '02:00:00:00:00:01'\n\
         [[port]]\nnetdev = 'eth7'\nrole = 'm-lag 7'\nsai-lag = [1, 2]\n\
         [[port]]\nrole = 'peer-link'\nsai-port = 3\n[[port]]\nrole = 'orphan'\nsai-port = 4\n",
        simulator().display()
    );
    let mut daemon = Daemon::start(&netns, dir.path(), "leaf-1", &platform);
    until("the member to forward", || {
        let ports = daemon.show("ports");
        if ports[0]["local"] == "forwarding" { Ok(()) } else { Err(ports.to_string()) }
    });
    (netns, daemon)
}

fn on(dir: &tempfile::TempDir, words: &[&str]) -> std::process::Output {
    let socket = dir.path().join("leaf-1.sock");
    mlagsync(&[words, &["--control", socket.to_str().expect("UTF-8")]].concat())
}

#[test]
fn ports_are_shown_said_and_given_back() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (_netns, mut daemon) = switch(&dir);
    let table = text(&on(&dir, &["show", "ports"]).stdout);
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    assert_eq!(rows[0][..4], ["port", "netdev", "in the ASIC", "bridge port"]);
    let (seven, orphan) = (&rows[1], &rows[3]);
    assert_eq!((seven[0], seven[1], seven[2]), ("m-lag 7", "eth7", "LAG of 1 2"));
    assert!(seven[3].starts_with("0x"), "{table}");
    assert_eq!(seven[4..], ["forwarding", "the kernel", "forwarding", "nobody"]);
    assert_eq!((orphan[0], orphan[2]), ("orphan", "port 4"));

    let said = on(&dir, &["port", "m-lag", "7", "peer", "down", "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).expect("JSON");
    assert_eq!((&said[0]["peer"], &said[0]["peer-by"]), (&json!("down"), &json!("hand")));
    let said = text(&on(&dir, &["port", "peer-link", "up"]).stdout);
    assert!(said.contains("up, not forwarding  an operator"), "{said}");
    let ports = daemon.show("ports");
    assert_eq!((&ports[1]["local"], &ports[1]["local-by"]), (&json!("up"), &json!("hand")));
    assert!(on(&dir, &["port", "peer-link", "auto"]).status.success());
    assert!(on(&dir, &["port", "m-lag", "7", "local", "down"]).status.success());
    let ports = daemon.show("ports");
    assert_eq!((&ports[1]["local"], &ports[1]["local-by"]), (&json!("forwarding"), &json!("asic")));
    assert_eq!((&ports[0]["local"], &ports[0]["local-by"]), (&json!("down"), &json!("hand")));

    let mac = ["--mac", "02:00:00:00:00:09", "--interface", "Vlanif10"];
    let told = on(&dir, &[&["fdb", "learned"][..], &mac, &["--port", "m-lag 7"]].concat());
    assert_eq!((text(&told.stdout), told.status.code()), ("told\n".to_owned(), Some(0)));
    let told = on(&dir, &[&["fdb", "moved"][..], &mac, &["--port", seven[3]]].concat());
    assert!(told.status.success(), "by its id: {}", text(&told.stderr));
    assert!(on(&dir, &["fdb", "flushed", "--json"]).status.success());
}

#[test]
fn what_cannot_be_said_is_refused_in_one_line() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (_netns, _daemon) = switch(&dir);
    let cases: [(&[&str], &str); 7] = [
        (
            &["port", "m-lag", "8", "local", "down"],
            "no member or peer-link with role m-lag 8: there are m-lag 7, peer-link",
        ),
        (&["fdb", "learned", "--mac", "02:00:00:00:00:09"], "give all three"),
        (&["fdb", "aged", "--mac", "nonsense"], "--mac 'nonsense': "),
        (&["fdb", "aged", "--interface", "eth0"], "--interface 'eth0': "),
        (&["fdb", "aged", "--interface", "Vlanif99"], "there is no interface Vlanif99"),
        (&["fdb", "aged", "--port", "0xzz"], "--port '0xzz': "),
        (&["fdb", "aged", "--port", "orphan"], "no member or peer-link with role orphan"),
    ];
    for (words, want) in cases {
        let line = refusal(&on(&dir, words), 2);
        assert!(line.contains(want), "{words:?}: {line}");
    }
    // These never reach a daemon.
    for (words, want) in [
        (&["port", "m-lag", "0", "local", "down"][..], "1..=4096"),
        (&["port", "m-lag", "7", "left", "down"], "[possible values: local, peer]"),
        (&["port", "peer-link", "sideways"], "[possible values: down, up, forwarding, auto]"),
        (&["fdb", "forgotten"], "[possible values: learned, moved, aged, flushed]"),
    ] {
        let output = mlagsync(words);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(want), "{error}");
    }
}
