//! A neighbour learned on one switch is in the other switch's ASIC.

use super::netns::{NOARP, PERMANENT, REACHABLE, STALE};
use super::*;
use mlagsync::node::log;
use mlagsync::session::io::DownReason;
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
            net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0);
            net.neighbor("vlan10", ip("2001:db8::9"), HOST, NOARP, libc::NTF_EXT_LEARNED);
            net.neighbor("vlan10", ip("10.0.0.66"), HOST, PERMANENT, 0);
        });
        let left = Switch::new(&a, here, there).start();
        let right = Switch::new(&b, there, here).start();
        until_or(
            "v4 learned before the start",
            HOST_WORDS.to_owned(),
            || right.held("10.0.0.9"),
            || {
                format!(
                    "{:?}\n{:?}\n{:?}\n{:?}",
                    left.session(),
                    left.counters(),
                    right.session(),
                    right.counters()
                )
            },
        );
        until("v6 learned before the start", HOST_WORDS.to_owned(), || right.held("2001:db8::9"));
        assert_eq!(right.held("10.0.0.66"), "absent", "a static entry is not sent");
        assert_eq!(left.held("10.0.0.9"), "absent", "the NOS programs what it learned itself");

        a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), OTHER, STALE, 0));
        until("another MAC", OTHER_WORDS.to_owned(), || right.held("10.0.0.9"));
        b.run(|net| net.neighbor("vlan10", ip("10.0.0.10"), HOST, REACHABLE, 0));
        until("the other way", HOST_WORDS.to_owned(), || left.held("10.0.0.10"));
        a.run(|net| net.delete_neighbor("vlan10", ip("10.0.0.9")));
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
            net.neighbor("vlan10", ip, HOST, NOARP, libc::NTF_EXT_LEARNED);
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
        net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0);
        net.neighbor("vlan10", ip("10.0.0.10"), HOST, REACHABLE, 0);
    });
    let mut left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").start();
    until("learned", HOST_WORDS.to_owned(), || right.held("10.0.0.10"));
    assert_eq!(left.stop(), 0, "every thread ends in time");
    let goodbye = || (right.session().up, right.session().reason);
    until("it said goodbye", (false, true), || (goodbye().0, goodbye().1 == Some(DownReason::PeerGoodbye)));
    assert_eq!(right.held("10.0.0.9"), HOST_WORDS, "losing the session deletes nothing");
    a.run(|net| net.delete_neighbor("vlan10", ip("10.0.0.9")));
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
    b.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    until("received", HOST_WORDS.to_owned(), || left.held("10.0.0.9"));
    let counters = left.counters();
    left.stop();
    let file = BufReader::new(File::open(&record).expect("the record is there"));
    let node = log::replay(file, |_, _| {}).expect("it can be replayed");
    let replayed = node.counters();
    assert_eq!((replayed.remote, replayed.programmed), (counters.remote, counters.programmed));
    assert!(replayed.creates >= 1 && replayed.sessions == 1);
}

/// The platform of a switch whose channel lies in a VPN instance: `place` names a device or a namespace.
fn in_a_vpn_instance(place: Value, source: &str, peer: &str) -> Value {
    let line = format!("peer-link source ip {source} vpn-instance mgmt peer {peer} tcp-port 2048");
    let mut vpn = json!({"name": "mgmt"});
    vpn.as_object_mut().expect("an object").extend(place.as_object().expect("an object").clone());
    json!({"dfs-group": format!("dfs-group 1\n {line}\n"), "vpn-instance": [vpn]})
}

#[test]
fn the_channel_runs_in_a_vpn_instance_that_is_a_device() {
    let (a, b) = pair();
    a.run(|net| net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0));
    let mut switches = Vec::new();
    for (netns, source, peer) in [(&a, "10.1.0.3", "10.1.0.4"), (&b, "10.1.0.4", "10.1.0.3")] {
        let set = in_a_vpn_instance(json!({"device": "eth0"}), source, peer);
        let switch = Switch::new(netns, source, peer);
        switches.push(
            switch
                .set("dfs-group", set["dfs-group"].clone())
                .set("vpn-instance", set["vpn-instance"].clone())
                .start(),
        );
    }
    until("learned", HOST_WORDS.to_owned(), || switches[1].held("10.0.0.9"));
    assert_eq!(switches[0].session().vpn.map(|vpn| vpn.to_string()).as_deref(), Some("mgmt"));
}

#[test]
fn the_channel_runs_in_a_vpn_instance_that_is_a_network_namespace() {
    let (a, b) = pair();
    // The daemons live elsewhere: only the channel is in the pair's namespaces.
    let (home_a, home_b) = (Netns::new(), Netns::new());
    home_a.run(|net| {
        net.device("vlan10");
        net.neighbor("vlan10", ip("10.0.0.9"), HOST, REACHABLE, 0);
    });
    home_b.run(|net| net.device("vlan10"));
    let mut switches = Vec::new();
    let mut names = Vec::new();
    for (home, channel, source, peer) in
        [(&home_a, &a, "10.1.0.3", "10.1.0.4"), (&home_b, &b, "10.1.0.4", "10.1.0.3")]
    {
        let name = channel.named();
        let set = in_a_vpn_instance(json!({"netns": name.name()}), source, peer);
        names.push(name);
        let switch = Switch::new(home, source, peer);
        switches.push(
            switch
                .set("dfs-group", set["dfs-group"].clone())
                .set("vpn-instance", set["vpn-instance"].clone())
                .start(),
        );
    }
    until("learned", HOST_WORDS.to_owned(), || switches[1].held("10.0.0.9"));
    // The source is watched where the channel is.
    a.run(|net| net.delete_address("eth0", "10.1.0.3", 24));
    let reason = DownReason::SourceNotLocal { source: ip("10.1.0.3") };
    until("held down", Some(reason), || switches[0].session().reason);
}

#[test]
fn a_host_that_answers_arp_and_nd_is_claimed_where_the_bridge_heard_it() {
    let (a, b) = pair();
    let host = Netns::new();
    a.run(|net| {
        net.bridge("br");
        net.address("br", "10.0.0.1", 24);
        net.address("br", "2001:db8::1", 64);
    });
    a.veth("member", &host, "eth0");
    a.run(|net| net.master("member", Some("br")));
    host.run(|net| {
        net.mac("eth0", HOST);
        net.address("eth0", "10.0.0.9", 24);
        net.address("eth0", "2001:db8::9", 64);
    });
    let ports = json!([{"netdev": "member", "role": "m-lag 7"}]);
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").set("port", ports);
    let left = left.set("interface", json!([{"name": "Vlanif10", "netdev": "br"}])).start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").start();
    for address in ["10.0.0.9", "2001:db8::9"] {
        // The kernel resolves the neighbour; a new bridge port forwards after a while, so it is asked again.
        let ask = || {
            a.inside(|| {
                let any = if address.contains(':') { "[::]:0" } else { "0.0.0.0:0" };
                let socket = std::net::UdpSocket::bind(any).expect("a socket");
                let _ = socket.send_to(b"?", (address, 9));
            });
            left.attachment(address)
        };
        until("it is claimed", "m-lag 7".to_owned(), ask);
        until("it is in the other's ASIC", HOST_WORDS.to_owned(), || right.held(address));
    }
}
