//! Ports and the FDB: what the kernel, the ASIC and an operator say of them, and what the node is told.

use super::*;
use mlagsync::addr::Mac;
use mlagsync::node::io::{FdbChange, LinkState};
use mlagsync::run::ctl::protocol::{FdbQuery, PortQuery, PortSide, PortSource, PortView};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

const HOST: &str = "02:00:00:00:01:01";

/// A switch with a member on a network device and a LAG, a peer-link on a front port, and a record of what the node is told.
fn switch(netns: &Netns) -> Switch<'_> {
    netns.run(|net| {
        net.device("vlan10");
        net.device("eth7");
    });
    let switch = Switch::new(netns, "10.1.0.3", "10.1.0.4");
    let (asic, record) = (switch.dir.path("asic"), switch.dir.path("record"));
    let ports = json!([
        {"netdev": "eth7", "role": "m-lag 7", "sai-lag": [1, 2]},
        {"role": "peer-link", "sai-port": 3},
        {"netdev": "eth9", "role": "m-lag 9"},
    ]);
    let switch = switch.set("port", ports).set("fdb", json!("external")).set("record", json!(record));
    switch.profile(&format!("SAI_SIM_PORTS=8\nSAI_SIM_CONTROL={}", asic.display())).start()
}

/// A command to the simulator; answers its lines.
fn asic(switch: &Switch<'_>, command: &str) -> Vec<String> {
    let mut stream = UnixStream::connect(switch.dir.path("asic")).expect("the simulator answers");
    writeln!(stream, "{command}").expect("it reads");
    let mut said = Vec::new();
    for line in BufReader::new(stream).lines() {
        match line.expect("text") {
            line if line == "ok" => return said,
            line if line.starts_with("error") => panic!("{command}: {line}"),
            line => said.push(line),
        }
    }
    panic!("{command}: it stopped after {said:?}");
}

fn ports(switch: &Switch<'_>) -> Vec<PortView> {
    match switch.ask(Request::ShowPorts) {
        Reply::Ports { ports } => ports,
        other => panic!("{other:?}"),
    }
}

/// How the nth port is on this switch, and who says so.
fn local(switch: &Switch<'_>, n: usize) -> (LinkState, PortSource) {
    let port = ports(switch).swap_remove(n);
    (port.local, port.local_by)
}

/// Everything that the node was told, as the record has it. Stops the daemon.
fn record(mut switch: Switch<'_>) -> Vec<Value> {
    assert_eq!(switch.stop(), 0);
    let record = std::fs::read_to_string(switch.dir.path("record")).expect("it was recorded");
    record.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// What the node was told of one kind.
fn of(record: &[Value], kind: &str) -> Vec<Value> {
    record.iter().filter_map(|value| find_key(value, kind)).collect()
}

/// The same of a daemon that ends with it.
fn told(switch: Switch<'_>, kind: &str) -> Vec<Value> {
    of(&record(switch), kind)
}

fn find_key(value: &Value, key: &str) -> Option<Value> {
    match value {
        Value::Object(map) => {
            map.get(key).cloned().or_else(|| map.values().find_map(|inner| find_key(inner, key)))
        }
        Value::Array(list) => list.iter().find_map(|inner| find_key(inner, key)),
        _ => None,
    }
}

fn by_hand(switch: &Switch<'_>, role: &str, side: PortSide, state: Option<LinkState>) -> Reply {
    let role = role.parse().expect("a role");
    switch.ask(Request::SetPort(PortQuery { role, side, state }))
}

#[test]
fn the_kernel_the_asic_and_an_operator_say_how_ports_are() {
    let netns = Netns::new();
    let switch = switch(&netns);
    let view = ports(&switch);
    assert_eq!((view[0].lag, view[0].front_ports.clone()), (true, vec![1, 2]));
    assert!(view[0].bridge_port.is_some() && view[1].bridge_port.is_some() && view[2].bridge_port.is_none());
    until("the member forwards", (LinkState::Forwarding, PortSource::Netdev), || local(&switch, 0));
    assert_eq!(local(&switch, 1), (LinkState::Forwarding, PortSource::Asic), "it was brought up");
    assert_eq!(local(&switch, 2), (LinkState::Down, PortSource::Netdev), "there is no such device");

    netns.run(|net| net.down("eth7-far"));
    until("its cable is pulled", (LinkState::Down, PortSource::Netdev), || local(&switch, 0));
    netns.run(|net| net.up("eth7-far"));
    until("and plugged in", (LinkState::Forwarding, PortSource::Netdev), || local(&switch, 0));

    // The port towards the CPU comes first.
    let front = asic(&switch, "objects port").split_off(1);
    assert_eq!(front.len(), 8);
    for port in &front[..2] {
        asic(&switch, &format!("link {port} down"));
    }
    until("both ports of the LAG", (LinkState::Down, PortSource::Asic), || local(&switch, 0));
    asic(&switch, &format!("link {} up", front[0]));
    until("one of them", LinkState::Forwarding, || local(&switch, 0).0);
    asic(&switch, &format!("link {} down", front[2]));
    until("the peer-link", (LinkState::Down, PortSource::Asic), || local(&switch, 1));

    let reply = by_hand(&switch, "peer-link", PortSide::Local, Some(LinkState::Up));
    assert!(matches!(&reply, Reply::Ports { ports } if ports.len() == 1), "{reply:?}");
    assert_eq!(local(&switch, 1), (LinkState::Up, PortSource::Hand));
    by_hand(&switch, "peer-link", PortSide::Local, None);
    assert_eq!(local(&switch, 1), (LinkState::Down, PortSource::Asic));
    by_hand(&switch, "m-lag 9", PortSide::Peer, Some(LinkState::Down));
    let nine = ports(&switch).swap_remove(2);
    assert_eq!((nine.peer, nine.peer_by), (Some(LinkState::Down), Some(PortSource::Hand)));
    let refused = by_hand(&switch, "m-lag 1", PortSide::Local, None);
    assert!(
        matches!(&refused, Reply::Error { text } if text.contains("m-lag 7, peer-link, m-lag 9")),
        "{refused:?}"
    );

    let record = record(switch);
    let members = of(&record, "Member");
    let seven = members.iter().filter(|member| member["mlag"] == 7).map(|member| member["local"].clone());
    let seven: Vec<Value> = seven.skip_while(|local| local != "forwarding").collect();
    assert_eq!(seven, ["forwarding", "down", "forwarding", "down", "forwarding"], "each change, and once");
    let links = of(&record, "PeerLink").into_iter().map(|link| link["state"].clone()).collect::<Vec<_>>();
    assert_eq!(links, ["forwarding", "down", "up", "down"]);
    let last = members.last().expect("it was told");
    assert_eq!((&last["mlag"], &last["peer"]), (&json!(9), &json!("down")), "{last}");
}

#[test]
fn what_happens_in_the_fdb_is_told_with_its_place() {
    let netns = Netns::new();
    let switch = switch(&netns);
    let vlan = asic(&switch, "objects vlan").pop().expect("VLAN 10 was made last");
    let member = format!("{:#x}", ports(&switch)[0].bridge_port.expect("it has one"));
    let elsewhere = asic(&switch, "objects vlan").swap_remove(0);
    asic(&switch, &format!("hear {vlan} {HOST} {member}"));
    asic(&switch, &format!("hear {elsewhere} {HOST} {member}"));
    asic(&switch, &format!("age {vlan} {HOST}"));
    let query = |change, mac: Option<&str>, role: Option<&str>| FdbQuery {
        change,
        interface: Some("Vlanif10".parse().expect("legal")),
        mac: mac.map(|mac| mac.parse::<Mac>().expect("legal")),
        role: role.map(|role| role.parse().expect("legal")),
        bridge_port: None,
    };
    let tell = |query| switch.ask(Request::TellFdb(query));
    assert!(matches!(tell(query(FdbChange::Moved, Some(HOST), Some("peer-link"))), Reply::Done { .. }));
    let cases = [
        (query(FdbChange::Moved, None, Some("peer-link")), "give all three"),
        (query(FdbChange::Learned, Some(HOST), None), "give all three"),
        (
            query(FdbChange::Aged, Some(HOST), Some("m-lag 9")),
            "the port with role m-lag 9 has no bridge port",
        ),
        (
            FdbQuery {
                interface: Some("Vlanif99".parse().expect("legal")),
                ..query(FdbChange::Aged, None, None)
            },
            "there is no interface Vlanif99",
        ),
        (
            FdbQuery { bridge_port: Some(1), ..query(FdbChange::Aged, None, Some("peer-link")) },
            "by its role or by its bridge port",
        ),
    ];
    for (query, want) in cases {
        let reply = tell(query);
        assert!(matches!(&reply, Reply::Error { text } if text.contains(want)), "{want}: {reply:?}");
    }
    let peer_link = ports(&switch)[1].bridge_port.expect("it has one");
    let member = ports(&switch)[0].bridge_port.expect("it has one");
    let vlan = u64::from_str_radix(vlan.trim_start_matches("0x"), 16).expect("an id");
    let news: Vec<Value> = told(switch, "Fdb")
        .into_iter()
        .flat_map(|news| news.as_array().cloned().unwrap_or_default())
        .collect();
    let one =
        |change, port: u64| json!({"change": change, "domain": {"vlan": vlan}, "mac": HOST, "port": port});
    assert_eq!(news, [one("learned", member), one("aged", member), one("moved", peer_link)]);
}

#[test]
fn more_of_the_fdb_at_once_than_is_copied_counts_as_all_of_it() {
    let netns = Netns::new();
    let switch = switch(&netns);
    let vlan = asic(&switch, "objects vlan").pop().expect("VLAN 10 was made last");
    let member = format!("{:#x}", ports(&switch)[0].bridge_port.expect("it has one"));
    let mut stream = UnixStream::connect(switch.dir.path("asic")).expect("the simulator answers");
    let mut answers = BufReader::new(stream.try_clone().expect("another descriptor")).lines();
    for n in 0..4097u16 {
        let [high, low] = n.to_be_bytes();
        writeln!(stream, "hear {vlan} 02:00:00:01:{high:02x}:{low:02x} {member}").expect("it reads");
        assert_eq!(answers.next().expect("an answer").expect("text"), "ok");
    }
    asic(&switch, &format!("flush {member}"));
    // The core takes what was lost behind what was told, and both before the next question.
    ports(&switch);
    let news: Vec<Value> = told(switch, "Fdb")
        .into_iter()
        .flat_map(|news| news.as_array().cloned().unwrap_or_default())
        .collect();
    assert_eq!(news.len(), 4098);
    assert_eq!(news.last(), Some(&json!({"change": "flushed", "domain": null, "mac": null, "port": null})));
}

#[test]
fn the_switchs_state_is_told_and_its_ports_are_asked_for_when_it_is_back() {
    let netns = Netns::new();
    let switch = switch(&netns);
    let asked = || {
        let calls = asic(&switch, "calls");
        let line = calls
            .iter()
            .find(|line| line.starts_with("get_port_attribute "))
            .expect("they were asked at start");
        line.split(' ').nth(1).and_then(|count| count.parse::<u64>().ok()).expect("a count")
    };
    asic(&switch, "state up");
    asic(&switch, "state unknown");
    let before = asked();
    asic(&switch, "state down");
    asic(&switch, "state failed");
    asic(&switch, "state up");
    until("its three ports are asked for", before + 3, asked);
    let news = told(switch, "Asic");
    let expected = [
        json!({"asic": "down", "why": {"why": "switch"}}),
        json!({"asic": "down", "why": {"why": "failed"}}),
        json!({"asic": "restarted", "intact": null}),
    ];
    assert_eq!(news, expected);
}

/// Where a packet to the host leaves: the port's id, or what became of it.
fn leaves_by(switch: &Switch<'_>, host: &str) -> String {
    let router = asic(switch, "objects virtual_router").swap_remove(0);
    asic(switch, &format!("forward {router} {host}")).join(" ")
}

#[test]
fn packets_to_a_dual_homed_host_leave_by_the_peer_link_while_the_member_is_down() {
    let (a, b) = pair();
    let interface = json!([{"name": "Vlanif10", "netdev": "vlan10", "attachment": "m-lag 7"}]);
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").set("interface", interface.clone()).start();
    let right =
        Switch::new(&b, "10.1.0.4", "10.1.0.3").set("interface", interface).set("fdb", json!("managed"));
    let control = right.dir.path("asic");
    let right = right
        .set("port", json!([{"role": "m-lag 7", "sai-lag": [1, 2]}, {"role": "peer-link", "sai-port": 3}]))
        .profile(&format!("SAI_SIM_PORTS=8\nSAI_SIM_CONTROL={}", control.display()))
        .start();
    until("the session is up", true, || left.session().up && right.session().up);
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), [2, 0, 0, 0, 1, 1], netns::REACHABLE, 0));
    let front = asic(&right, "objects port").split_off(1);
    let number = |n: usize| front[n].trim_start_matches("0x").to_owned();
    let by = |ports: &[String]| {
        let said = leaves_by(&right, "10.0.0.9");
        if ports.iter().any(|port| said.contains(&format!("port: {port}"))) { String::new() } else { said }
    };
    let (lag, peer_link) = (vec![number(0), number(1)], vec![number(2)]);
    until("it leaves by the member", String::new(), || by(&lag));
    for port in &front[..2] {
        asic(&right, &format!("link {port} down"));
    }
    until("the member is down: it leaves by the peer-link", String::new(), || by(&peer_link));
    for port in &front[..2] {
        asic(&right, &format!("link {port} up"));
    }
    until("the member is up again", String::new(), || by(&lag));
    by_hand(&right, "m-lag 7", PortSide::Local, Some(LinkState::Down));
    until("an operator says it is down", String::new(), || by(&peer_link));
    by_hand(&right, "m-lag 7", PortSide::Local, Some(LinkState::Up));
    assert_eq!(by(&peer_link), "", "up is not forwarding");
    by_hand(&right, "m-lag 7", PortSide::Local, None);
    until("it is given back", String::new(), || by(&lag));
    assert_eq!(asic(&right, "misuse")[0], "two-threads 0");
}
