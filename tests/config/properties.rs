//! What holds for every line there is: parsing is total, and what is shown reads back as what it was.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use mlagsync::addr::{TcpPort, VpnInstance};
use mlagsync::config::{Candidate, Command, Ipv4Kind, Ipv6Kind, PeerLink, View, parse_line};
use proptest::prelude::*;

use crate::{Device, group, parse};

fn vpn() -> impl Strategy<Value = VpnInstance> {
    let name = prop_oneof![Just(VpnInstance::PUBLIC.to_owned()), "[!#->@-~ ]{1,31}", "[^\\pC\\pZ\"?]{1,31}",];
    name.prop_filter_map("not a name", |name| name.parse().ok())
}

fn ends() -> impl Strategy<Value = (IpAddr, IpAddr)> {
    let v4 = || any::<u32>().prop_map(Ipv4Addr::from).prop_filter("class", |a| Ipv4Kind::of(*a).is_none());
    // Many zero groups, so that every way to shorten an address comes up.
    let group = prop_oneof![Just(0u16), Just(1), any::<u16>()];
    let v6 = move || {
        proptest::array::uniform8(group.clone())
            .prop_map(Ipv6Addr::from)
            .prop_filter("kind", |a| Ipv6Kind::of(*a).is_none())
    };
    let pair4 = (v4(), v4()).prop_map(|(a, b)| (IpAddr::V4(a), IpAddr::V4(b)));
    let pair6 = (v6(), v6()).prop_map(|(a, b)| (IpAddr::V6(a), IpAddr::V6(b)));
    prop_oneof![pair4, pair6].prop_filter("differ", |(a, b)| a != b)
}

fn peer_link() -> impl Strategy<Value = PeerLink> {
    (ends(), vpn(), TcpPort::MIN..=u16::MAX).prop_map(|((source, peer), vpn, port)| {
        let port = TcpPort::new(port).expect("not well known");
        PeerLink::new(source, peer, vpn, port).expect("legal by construction")
    })
}

/// Words that get a line past the first checks, and others that do not.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec![
            "peer-link", "undo", "source", "ip", "ipv6", "vpn-instance", "peer", "tcp-port", "dfs-group", "1", "2048",
            "10.1.0.3", "10.1.0.4", "2001:db8::1", "2001:db8::2", "commit", "quit", "return", "system-view", "\"a b\"", "#",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[0-9.:%\"?a-f]{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_legal_peer_link_reads_back_as_itself(link in peer_link()) {
        let line = link.to_string();
        prop_assert_eq!(line.parse::<PeerLink>(), Ok(link.clone()));
        prop_assert_eq!(parse(&line), Ok(Command::PeerLink(link.clone())));
        let undo = parse(&format!("undo {line}"));
        prop_assert_eq!(undo, Ok(Command::UndoPeerLink(link.clone())));
        let json = serde_json::to_string(&link).expect("a string");
        prop_assert_eq!(serde_json::from_str::<PeerLink>(&json).ok(), Some(link));
        prop_assert!(line.chars().count() + "undo ".len() <= mlagsync::limits::CONFIG_LINE_CHARS / 2);
    }

    #[test]
    fn every_byte_string_is_a_command_or_a_diagnostic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn every_row_of_words_is_a_command_or_a_diagnostic(words in prop::collection::vec(word(), 0..12)) {
        check(&words.join(" "))?;
    }

    #[test]
    fn a_candidate_survives_any_conversation(lines in prop::collection::vec(prop::collection::vec(word(), 0..12), 0..12)) {
        let device = Device::default();
        let mut candidate = Candidate::default();
        for line in &lines {
            let before = (candidate.lines(), candidate.running().clone(), candidate.view());
            if candidate.enter(&line.join(" ")).is_err() {
                prop_assert_eq!(before, (candidate.lines(), candidate.running().clone(), candidate.view()));
            }
            let before = (candidate.lines(), candidate.running().clone());
            match candidate.commit(&device) {
                Ok(_) => prop_assert!(!candidate.is_changed()),
                Err(_) => prop_assert_eq!(before, (candidate.lines(), candidate.running().clone())),
            }
        }
        let text: Vec<String> = lines.iter().map(|line| line.join(" ")).collect();
        let before = candidate.running().clone();
        if candidate.load(&text.join("\n"), &device).is_err() {
            prop_assert_eq!(candidate.running(), &before);
        }
    }
}

/// A refused line is drawn with its caret inside the line, or just behind it.
fn check(line: &str) -> Result<(), TestCaseError> {
    for view in [View::User, View::System, View::DfsGroup(group(1))] {
        if let Err(fault) = parse_line(view, line) {
            let length = fault.line.chars().count();
            prop_assert!(fault.span.column <= length + 1, "{fault:?}");
            prop_assert!(fault.span.length >= 1, "{fault:?}");
            let text = fault.to_string();
            prop_assert_eq!(text.lines().count(), 3, "{}", text);
            prop_assert!(
                text.lines()
                    .take(2)
                    .all(|l| l.chars().all(|c| c == '\t' || c == ' ' || c.is_ascii_graphic()))
            );
            prop_assert!(!text.lines().any(|l| l.chars().any(|c| c != '\t' && c.is_control())), "{text:?}");
        }
    }
    Ok(())
}
