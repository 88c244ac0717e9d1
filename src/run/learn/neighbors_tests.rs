//! What each message of the kernel is worth, case by case.

use super::*;
use crate::addr::MlagId;

const BR: u32 = 10;
/// A VLAN device on the bridge.
const UPPER: u32 = 11;
const MEMBER: u32 = 21;
const ORPHAN: u32 = 22;
const PEER_LINK: u32 = 23;

const HOST: Mac = Mac([2, 0, 0, 0, 0, 9]);
const OTHER: Mac = Mac([2, 0, 0, 0, 0, 10]);

fn mlag() -> Attachment {
    Attachment::Mlag(MlagId::new(7).expect("legal"))
}

fn world() -> Neighbors {
    let mut n = Neighbors::default();
    let interface = Interface {
        id: "Vlanif10".parse().expect("legal"),
        attachment: Attachment::Orphan,
        bridge: Some(BR),
    };
    let ports = [
        (MEMBER, PortRole::Hosts(mlag())),
        (ORPHAN, PortRole::Hosts(Attachment::Orphan)),
        (PEER_LINK, PortRole::PeerLink),
    ];
    assert!(n.assign([(BR, interface)].into(), ports.into()), "a new interface asks for a dump");
    n
}

fn neighbor(state: u16) -> NeighborMessage {
    NeighborMessage {
        family: libc::AF_INET as u8,
        ifindex: BR,
        state,
        flags: 0,
        ip: Some("10.0.0.9".parse().expect("legal")),
        mac: Some(HOST),
        master: None,
        vlan: None,
        protocol: None,
        flags_ext: 0,
        cause: 0,
    }
}

fn fdb(port: u32) -> NeighborMessage {
    NeighborMessage {
        family: libc::AF_BRIDGE as u8,
        ifindex: port,
        ip: None,
        master: Some(BR),
        ..neighbor(libc::NUD_REACHABLE)
    }
}

/// One word for a piece of evidence.
fn words(n: &mut Neighbors) -> Vec<String> {
    let word = |e: Evidence| match e {
        Evidence::Learned { mac, attachment, fresh, flags, .. } => {
            let router = if flags.contains(Flags::ROUTER) { " router" } else { "" };
            format!("{}{mac} {attachment}{router}", if fresh { "fresh " } else { "" })
        }
        Evidence::Static { mac, .. } => format!("static {mac}"),
        Evidence::Forgotten { .. } => "forgotten".to_owned(),
        Evidence::Heard { mac, .. } => format!("heard {mac}"),
    };
    n.out().drain(..).map(word).collect()
}

fn notice(n: &mut Neighbors, message: NeighborMessage) -> Vec<String> {
    n.handle(Source::Notice, false, &message);
    words(n)
}

fn deleted(n: &mut Neighbors, message: NeighborMessage) -> Vec<String> {
    n.handle(Source::Notice, true, &message);
    words(n)
}

#[test]
fn every_state_of_the_kernel_has_its_meaning() {
    let cases = [
        (libc::NUD_REACHABLE, 0, vec!["fresh 02:00:00:00:00:09 orphan"]),
        (libc::NUD_STALE, 0, vec!["fresh 02:00:00:00:00:09 orphan"]),
        (libc::NUD_DELAY, 0, vec!["fresh 02:00:00:00:00:09 orphan"]),
        (libc::NUD_PROBE, 0, vec!["fresh 02:00:00:00:00:09 orphan"]),
        (libc::NUD_PERMANENT, 0, vec!["static 02:00:00:00:00:09"]),
        (libc::NUD_NOARP, 0, vec!["static 02:00:00:00:00:09"]),
        (libc::NUD_NOARP, libc::NTF_EXT_LEARNED, vec!["fresh 02:00:00:00:00:09 orphan"]),
        (libc::NUD_REACHABLE, libc::NTF_ROUTER, vec!["fresh 02:00:00:00:00:09 orphan router"]),
        (libc::NUD_REACHABLE, libc::NTF_PROXY, vec![]),
        (libc::NUD_INCOMPLETE, 0, vec![]),
        (libc::NUD_FAILED, 0, vec![]),
        (libc::NUD_NONE, 0, vec![]),
    ];
    for (state, flags, want) in cases {
        let mut n = world();
        assert_eq!(
            notice(&mut n, NeighborMessage { flags, ..neighbor(state) }),
            want,
            "{state:#x} {flags:#x}"
        );
        if state & (libc::NUD_INCOMPLETE | libc::NUD_FAILED) != 0 {
            notice(&mut n, neighbor(libc::NUD_REACHABLE));
            assert_eq!(
                notice(&mut n, neighbor(state)),
                ["forgotten"],
                "a known one is forgotten at {state:#x}"
            );
        }
    }
}

#[test]
fn entries_of_the_kernels_own_are_nobodys() {
    let mut n = world();
    for ip in ["224.0.0.22", "255.255.255.255", "127.0.0.1", "0.0.0.0", "ff02::16", "::1"] {
        let message = NeighborMessage { ip: Some(ip.parse().expect("legal")), ..neighbor(libc::NUD_NOARP) };
        assert_eq!(notice(&mut n, message), [""; 0], "{ip}");
    }
    let subnet_broadcast = NeighborMessage { mac: Some(Mac::BROADCAST), ..neighbor(libc::NUD_NOARP) };
    assert_eq!(notice(&mut n, subnet_broadcast), [""; 0]);
    let no_mac = NeighborMessage { mac: Some(Mac::ZERO), ..neighbor(libc::NUD_NOARP) };
    assert_eq!(notice(&mut n, no_mac), [""; 0]);
}

#[test]
fn our_own_echo_is_known_by_its_protocol_and_another_programs_is_not() {
    let mut n = world();
    let echo = NeighborMessage {
        protocol: Some(KERNEL_PROTOCOL),
        flags: libc::NTF_EXT_LEARNED,
        ..neighbor(libc::NUD_NOARP)
    };
    assert_eq!(notice(&mut n, echo), [""; 0]);
    assert_eq!(
        notice(&mut n, NeighborMessage { protocol: Some(186), ..echo }),
        ["fresh 02:00:00:00:00:09 orphan"]
    );
}

#[test]
fn only_a_step_to_reachable_or_a_change_is_fresh_and_repeats_are_silent() {
    let mut n = world();
    notice(&mut n, neighbor(libc::NUD_STALE));
    assert_eq!(notice(&mut n, neighbor(libc::NUD_REACHABLE)), ["fresh 02:00:00:00:00:09 orphan"]);
    assert_eq!(notice(&mut n, neighbor(libc::NUD_REACHABLE)), [""; 0]);
    assert_eq!(notice(&mut n, neighbor(libc::NUD_STALE)), [""; 0]);
    assert_eq!(notice(&mut n, neighbor(libc::NUD_PROBE)), [""; 0]);
    let moved = NeighborMessage { mac: Some(OTHER), ..neighbor(libc::NUD_STALE) };
    assert_eq!(notice(&mut n, moved), ["fresh 02:00:00:00:00:0a orphan"]);
    assert_eq!(deleted(&mut n, moved), ["forgotten"]);
    assert_eq!(deleted(&mut n, moved), [""; 0]);
}

#[test]
fn the_port_that_heard_the_host_decides_where_it_hangs() {
    let mut n = world();
    notice(&mut n, fdb(MEMBER));
    assert_eq!(notice(&mut n, neighbor(libc::NUD_REACHABLE)), ["fresh 02:00:00:00:00:09 m-lag 7"]);
    assert_eq!(
        notice(&mut n, fdb(ORPHAN)),
        ["fresh 02:00:00:00:00:09 orphan"],
        "the host moved to another port"
    );
    assert_eq!(deleted(&mut n, fdb(ORPHAN)), [""; 0], "an aged FDB entry takes nothing back");
    assert_eq!(notice(&mut n, fdb(MEMBER)), ["fresh 02:00:00:00:00:09 m-lag 7"]);
}

#[test]
fn what_is_heard_on_the_peer_link_is_the_peers() {
    let mut n = world();
    notice(&mut n, fdb(PEER_LINK));
    let heard = "heard 02:00:00:00:00:09";
    assert_eq!(notice(&mut n, neighbor(libc::NUD_REACHABLE)), [heard], "a confirmation for its owner");
    assert_eq!(notice(&mut n, neighbor(libc::NUD_STALE)), [""; 0]);
    assert_eq!(notice(&mut n, fdb(ORPHAN)), ["fresh 02:00:00:00:00:09 orphan"], "it moved here");
    assert_eq!(notice(&mut n, fdb(PEER_LINK)), ["forgotten", heard], "and back");
    assert_eq!(deleted(&mut n, neighbor(libc::NUD_REACHABLE)), [""; 0], "it is not forgotten twice");
}

#[test]
fn a_dual_homed_host_stays_ours_when_its_frames_come_by_the_peer_link() {
    let mut n = world();
    notice(&mut n, fdb(MEMBER));
    notice(&mut n, neighbor(libc::NUD_REACHABLE));
    assert_eq!(notice(&mut n, fdb(PEER_LINK)), [""; 0]);
}

#[test]
fn an_fdb_entry_of_the_exact_vlan_counts_and_one_of_another_vlan_or_bridge_does_not() {
    let mut n = world();
    let mut interfaces = n.interfaces.clone();
    let interface = interfaces.remove(&BR).expect("the world's interface");
    assert!(n.assign([(UPPER, interface)].into(), n.ports.clone()));
    let neighbor = NeighborMessage { ifindex: UPPER, ..neighbor(libc::NUD_REACHABLE) };
    notice(&mut n, NeighborMessage { vlan: Some(11), ..fdb(MEMBER) });
    notice(&mut n, NeighborMessage { master: Some(99), ..fdb(MEMBER) });
    assert_eq!(notice(&mut n, neighbor), ["fresh 02:00:00:00:00:09 orphan"]);
    assert_eq!(
        notice(&mut n, NeighborMessage { vlan: Some(10), ..fdb(MEMBER) }),
        ["fresh 02:00:00:00:00:09 m-lag 7"]
    );
    assert_eq!(notice(&mut n, fdb(ORPHAN)), [""; 0], "an entry of no VLAN says less than one of the VLAN");
    let own = NeighborMessage { state: libc::NUD_PERMANENT, vlan: Some(10), ..fdb(ORPHAN) };
    assert_eq!(notice(&mut n, own), [""; 0], "a port's own MAC says nothing of hosts");
}

#[test]
fn hosts_of_the_bridge_itself_are_in_the_vlan_of_untagged_frames() {
    let mut n = world();
    notice(&mut n, NeighborMessage { vlan: Some(1), ..fdb(MEMBER) });
    assert_eq!(notice(&mut n, neighbor(libc::NUD_REACHABLE)), ["fresh 02:00:00:00:00:09 m-lag 7"]);
}

#[test]
fn a_dump_names_everything_is_never_fresh_and_sweeps_the_rest() {
    let mut n = world();
    notice(&mut n, neighbor(libc::NUD_REACHABLE));
    let second =
        NeighborMessage { ip: Some("2001:db8::9".parse().expect("legal")), ..neighbor(libc::NUD_REACHABLE) };
    notice(&mut n, second);
    n.begin_dump();
    n.handle(Source::Dump, false, &neighbor(libc::NUD_REACHABLE));
    assert_eq!(words(&mut n), ["02:00:00:00:00:09 orphan"], "named again although nothing changed");
    n.end_dump();
    assert_eq!(words(&mut n), ["forgotten"], "the second was not named");
}

#[test]
fn a_notice_beats_the_row_of_a_dump_that_began_before_it() {
    let mut n = world();
    n.begin_dump();
    notice(&mut n, NeighborMessage { mac: Some(OTHER), ..neighbor(libc::NUD_REACHABLE) });
    n.handle(Source::Dump, false, &neighbor(libc::NUD_REACHABLE));
    assert_eq!(words(&mut n), [""; 0], "the older row is passed over");
    deleted(&mut n, neighbor(libc::NUD_REACHABLE));
    n.handle(Source::Dump, false, &neighbor(libc::NUD_REACHABLE));
    n.end_dump();
    assert_eq!(words(&mut n), [""; 0], "and the deleted one does not come back");
}

#[test]
fn a_device_that_is_renamed_away_takes_its_neighbours_with_it() {
    let mut n = world();
    notice(&mut n, neighbor(libc::NUD_REACHABLE));
    assert!(!n.assign(BTreeMap::new(), BTreeMap::new()));
    assert_eq!(words(&mut n), ["forgotten"]);
    assert_eq!(notice(&mut n, neighbor(libc::NUD_STALE)), [""; 0], "the kernel still tells of it, in vain");
}

const MIRROR: u32 = 4242;

/// A world with a kernel mirror, and an entry that it wrote.
fn mirrored() -> (Neighbors, NeighborMessage) {
    let mut n = world();
    n.own.socket = Some(MIRROR);
    let echo = NeighborMessage {
        protocol: Some(KERNEL_PROTOCOL),
        flags: libc::NTF_EXT_LEARNED,
        cause: MIRROR,
        ..neighbor(libc::NUD_STALE)
    };
    assert_eq!(notice(&mut n, echo), [""; 0]);
    (n, echo)
}

#[test]
fn on_an_entry_of_ours_the_kernels_own_step_to_reachable_is_evidence() {
    let reachable = |echo| NeighborMessage { state: libc::NUD_REACHABLE, cause: 0, ..echo };
    for (port, want) in [
        (Some(MEMBER), "fresh 02:00:00:00:00:09 m-lag 7"),
        (Some(ORPHAN), "fresh 02:00:00:00:00:09 orphan"),
        (Some(PEER_LINK), "heard 02:00:00:00:00:09"),
        // That it lives is certain; where it hangs is the peer's to say.
        (None, "heard 02:00:00:00:00:09"),
    ] {
        let (mut n, echo) = mirrored();
        if let Some(port) = port {
            notice(&mut n, fdb(port));
        }
        for state in [libc::NUD_DELAY, libc::NUD_PROBE, libc::NUD_STALE] {
            let by_itself = NeighborMessage { state, cause: 0, ..echo };
            assert_eq!(notice(&mut n, by_itself), [""; 0], "{port:?}: state {state}");
        }
        assert_eq!(notice(&mut n, reachable(echo)), [want], "{port:?}");
        if want.starts_with("heard") {
            continue;
        }
        // From here on it is a neighbour as any, and the mirror's handing it over changes nothing.
        let handed_over = NeighborMessage { protocol: Some(2), flags: 0, ..reachable(echo) };
        assert_eq!(notice(&mut n, NeighborMessage { cause: MIRROR, ..handed_over }), [""; 0]);
        assert_eq!(deleted(&mut n, handed_over), ["forgotten"]);
    }
}

#[test]
fn on_an_entry_of_ours_another_mac_is_evidence_if_the_mirror_did_not_write_it() {
    let (mut n, echo) = mirrored();
    let moved = NeighborMessage { mac: Some(OTHER), ..echo };
    assert_eq!(notice(&mut n, moved), [""; 0], "the peer's host has another MAC now");
    let late = NeighborMessage { state: libc::NUD_DELAY, cause: 0, ..moved };
    assert_eq!(notice(&mut n, late), [""; 0], "and the kernel uses it");
    let spoke = NeighborMessage { cause: 0, ..echo };
    assert_eq!(notice(&mut n, spoke), ["fresh 02:00:00:00:00:09 orphan"]);
    assert_eq!(notice(&mut n, moved), ["forgotten"], "the peer's was written over it");
}

#[test]
fn our_echo_in_a_dump_is_nothing_unless_the_kernel_has_met_the_host() {
    let (mut n, echo) = mirrored();
    notice(&mut n, fdb(MEMBER));
    for (state, mac, want) in [
        (libc::NUD_STALE, HOST, vec![]),
        // Who wrote it is not said.
        (libc::NUD_STALE, OTHER, vec![]),
        (libc::NUD_REACHABLE, HOST, vec!["02:00:00:00:00:09 m-lag 7"]),
    ] {
        n.begin_dump();
        n.handle(Source::Dump, false, &NeighborMessage { state, mac: Some(mac), cause: 77, ..echo });
        assert_eq!(words(&mut n), want, "state {state}");
        n.end_dump();
        words(&mut n);
    }
}

#[test]
fn what_an_operator_makes_of_an_entry_of_ours_is_static() {
    let (mut n, echo) = mirrored();
    let fixed = NeighborMessage { state: libc::NUD_PERMANENT, flags: 0, cause: 99, ..echo };
    assert_eq!(notice(&mut n, fixed), ["static 02:00:00:00:00:09"]);
}

#[test]
fn what_the_mirror_refreshes_is_no_fresh_evidence() {
    let mut n = world();
    n.own.socket = Some(MIRROR);
    notice(&mut n, neighbor(libc::NUD_STALE));
    let refreshed = NeighborMessage { cause: MIRROR, ..neighbor(libc::NUD_REACHABLE) };
    assert_eq!(notice(&mut n, refreshed), [""; 0]);
    notice(&mut n, neighbor(libc::NUD_STALE));
    assert_eq!(notice(&mut n, neighbor(libc::NUD_REACHABLE)), ["fresh 02:00:00:00:00:09 orphan"]);
}
