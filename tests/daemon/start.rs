//! What keeps a daemon from starting, in words, and what keeps its channel down.

use super::*;
use mlagsync::session::io::DownReason;

fn refused(switch: &mut Switch<'_>) -> String {
    switch.try_start().expect_err("it must not start").to_string()
}

#[test]
fn each_refusal_is_said_in_its_own_words() {
    let netns = Netns::new();
    let new = || Switch::new(&netns, "10.1.0.3", "10.1.0.4");
    let line = "dfs-group 1\n peer-link source ip 10.1.0.3 peer 10.1.0.3 tcp-port 2048\n";
    let cases = [
        (new().set("hostname", json!("")), "hostname is empty"),
        (new().set("model", json!("CE9999")), "CE9999"),
        (new().set("dfs-group", json!(line)), "line 2: "),
        (new().set("dfs-group", json!(line)), "^"),
        (new().set("record", json!("/nowhere/record")), "cannot write record /nowhere/record"),
        (new().set("sai", json!({"library": "/nowhere/libsai.so"})), "/nowhere/libsai.so"),
        (new().set("sai", json!({})), "no SAI library"),
        (new().profile("SAI_SIM_PORTS=0"), "sai_api_initialize"),
        (new().set("control", json!("/proc/control")), "cannot make control socket /proc/control"),
        (
            new().set(
                "dfs-group",
                json!(
                    "dfs-group 1\n peer-link source ip 10.1.0.3 vpn-instance x peer 10.1.0.4 tcp-port 2048\n"
                ),
            ),
            "x",
        ),
    ];
    for (mut switch, want) in cases {
        let got = refused(&mut switch);
        assert!(got.contains(want), "'{got}' does not say '{want}'");
        assert!(!exists(&switch.control()), "a daemon that does not start leaves no socket: {got}");
    }
}

#[test]
fn a_port_that_another_program_has_is_refused_at_commit_and_names_it() {
    let (a, _b) = pair();
    let taken = a.inside(|| std::net::TcpListener::bind("10.1.0.3:2048").expect("free"));
    let mut switch = Switch::new(&a, "10.1.0.3", "10.1.0.4");
    let words = refused(&mut switch);
    assert!(words.contains("2048") && words.contains(&std::process::id().to_string()), "{words}");
    drop(taken);
    switch.try_start().expect("the port is free again");
}

#[test]
fn without_a_channel_nothing_listens_and_neighbours_are_learned_all_the_same() {
    let netns = Netns::new();
    netns.run(|net| net.device("vlan10"));
    let switch = Switch::new(&netns, "10.1.0.3", "10.1.0.4").set("dfs-group", json!("")).start();
    assert_eq!(switch.session().reason, Some(DownReason::NotConfigured));
    netns.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), [2, 0, 0, 0, 1, 1], netns::REACHABLE, 0));
    until("it is learned", true, || switch.counters().local >= 1);
}

#[test]
fn a_source_that_is_not_ours_holds_the_channel_down_until_it_appears() {
    let (a, b) = pair();
    a.run(|net| net.delete_address("eth0", "10.1.0.3", 24));
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").start();
    let reason = DownReason::SourceNotLocal { source: ip("10.1.0.3") };
    until("held down", Some(reason.clone()), || left.session().reason);
    a.run(|net| net.address("eth0", "10.1.0.3", 24));
    until("up by itself", (true, true), || (left.session().up, right.session().up));
    a.run(|net| net.delete_address("eth0", "10.1.0.3", 24));
    until("down again", Some(reason), || left.session().reason);
}

#[test]
fn the_port_is_taken_after_the_commit_and_the_channel_says_whose_it_is() {
    let (a, _b) = pair();
    a.run(|net| net.delete_address("eth0", "10.1.0.3", 24));
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    // Another program takes the port at every address while ours is away.
    let taken = a.inside(|| std::net::TcpListener::bind("0.0.0.0:2048").expect("free"));
    a.run(|net| net.address("eth0", "10.1.0.3", 24));
    let owner = || match left.session().reason {
        Some(DownReason::PortInUse { port: 2048, owner: Some(owner) }) => {
            owner.contains(&std::process::id().to_string())
        }
        _ => false,
    };
    until("it names the owner", true, owner);
    drop(taken);
}

#[test]
fn the_configuration_is_shown_as_committed() {
    let (a, _b) = pair();
    let switch = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let config = switch.config();
    assert!(
        config.dfs_group.contains("peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048"),
        "{config:?}"
    );
    assert_eq!(config.interfaces[0].mac.to_string(), "02:00:00:00:00:01");
    assert!(config.interfaces[0].rif != 0);
    a.run(|net| net.address("vlan10", "10.0.0.1", 24));
    until("addresses are followed", true, || {
        let config = switch.config();
        config.interfaces[0].addresses.iter().any(|net| net.to_string() == "10.0.0.1/24")
    });
}
