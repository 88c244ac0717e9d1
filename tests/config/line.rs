//! What a line must be by itself: PL-02, PL-03, PL-05, PL-06, PL-10 to PL-12, and the grammar around them.

use mlagsync::addr::VpnInstance;
use mlagsync::config::{Command, PeerLink, Refusal, View, parse_line};

use crate::{IP, IPV6, group, link, parse, refused};

fn ip(source: &str, peer: &str) -> String {
    format!("peer-link source ip {source} peer {peer} tcp-port 2048")
}

fn ipv6(source: &str, peer: &str) -> String {
    format!("peer-link source ipv6 {source} peer {peer} tcp-port 2048")
}

#[test]
fn pl_02_both_forms_with_and_without_a_vpn_instance() {
    let red = "peer-link source ip 10.1.0.3 vpn-instance red peer 10.1.0.4 tcp-port 2048";
    let red6 = "peer-link source ipv6 2001:db8:1::1 vpn-instance red peer 2001:db8:1::2 tcp-port 2048";
    for line in [IP, IPV6, red, red6] {
        let expected = link(line);
        assert_eq!(expected.to_string(), line);
        assert_eq!(expected.vpn().is_public(), !line.contains("red"));
        assert_eq!(parse(line), Ok(Command::PeerLink(expected.clone())));
        assert_eq!(parse(&format!("undo {line}")), Ok(Command::UndoPeerLink(expected)));
    }
    let parts = link(red);
    assert_eq!(parts.source().to_string(), "10.1.0.3");
    assert_eq!(parts.peer().to_string(), "10.1.0.4");
    assert_eq!(parts.vpn().name(), "red");
    assert_eq!(parts.port().number(), 2048);
}

#[test]
fn pl_02_the_numerically_larger_address_dials() {
    for (smaller, larger) in
        [("10.1.0.3", "10.1.0.4"), ("9.255.255.255", "10.0.0.1"), ("10.1.0.9", "10.1.0.10")]
    {
        assert!(link(&ip(larger, smaller)).is_dialler() && !link(&ip(smaller, larger)).is_dialler());
    }
    for (smaller, larger) in [("2001:db8::9", "2001:db8::10"), ("2001:db8::ffff", "fd00::1")] {
        assert!(link(&ipv6(larger, smaller)).is_dialler() && !link(&ipv6(smaller, larger)).is_dialler());
    }
    assert_eq!(link(IPV6).listens_on().to_string(), "[2001:db8:1::1]:2048");
    assert_eq!(link(IPV6).dials().to_string(), "[2001:db8:1::2]:2048");
}

#[test]
fn pl_02_missing_words_are_asked_for_at_the_end() {
    let whole = "peer-link source ip 10.1.0.3 vpn-instance red peer 10.1.0.4 tcp-port 2048";
    let words: Vec<&str> = whole.split(' ').collect();
    let asked = [
        "source",
        "ip or ipv6",
        "an IPv4 address",
        "vpn-instance or peer",
        "the name of a VPN instance",
        "peer",
        "an IPv4 address",
        "tcp-port",
        "a port from 1024 to 65535",
    ];
    assert_eq!(asked.len(), words.len() - 1);
    for (missing, asked) in asked.iter().enumerate() {
        let line = words[..=missing].join(" ");
        let fault = refused(&line, "PL-02", "");
        assert_eq!(fault.span.column, line.len() + 1);
        assert_eq!(fault.refusal.to_string(), format!("Incomplete command; {asked} is expected next."));
    }
    refused("peer-link source ipv6", "PL-02", "");
    refused("dfs-group", "PL-02", "");
    refused("undo", "PL-02", "");
}

#[test]
fn pl_02_unknown_and_surplus_words_are_pointed_at() {
    let cases = [
        ("peerlink source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048", "peerlink"),
        ("peer-link sauce ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048", "sauce"),
        ("peer-link source 10.1.0.3 peer 10.1.0.4 tcp-port 2048", "10.1.0.3"),
        ("peer-link source ipv4 10.1.0.3 peer 10.1.0.4 tcp-port 2048", "ipv4"),
        ("peer-link source ip 10.1.0.3 vpn red peer 10.1.0.4 tcp-port 2048 x", "x"),
        ("peer-link source ip 10.1.0.3 vpn-instance my vpn peer 10.1.0.4 tcp-port 2048", "vpn"),
        ("peer-link source ip 10.1.0.3 peer 10.1.0.4 vpn-instance red tcp-port 2048", "vpn-instance"),
        ("peer-link source ip 10.1.0.3 peer 10.1.0.4 udp-port 2048", "udp-port"),
        ("peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048 # note", "#"),
        ("peer-link source i 10.1.0.3 peer 10.1.0.4 tcp-port 2048", "i"),
        ("undo peer 10.1.0.4 x", "10.1.0.4"),
        ("undo commit", "commit"),
        ("dfs-group 1 1", "1"),
        ("commit now", "now"),
        ("system-view please", "please"),
        ("undo dfs-group 1 all", "all"),
        ("undo peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048 x", "x"),
        ("display current-configuration", "display"),
        ("?", "?"),
        ("peer-linkk", "peer-linkk"),
    ];
    for (line, word) in cases {
        refused(line, "PL-02", word);
    }
    let fault = refused("peer-link source i 10.1.0.3", "PL-02", "i");
    assert_eq!(fault.refusal.to_string(), "Ambiguous command \"i\"; it may stand for ip or ipv6.");
}

#[test]
fn pl_02_keywords_may_be_shortened_and_in_any_case_but_names_keep_theirs() {
    let short = "PEER-L so IP 10.1.0.3 v Red p 10.1.0.4 T 2048";
    let link = link(short);
    assert_eq!(link.vpn().name(), "Red");
    assert_eq!(link.to_string(), "peer-link source ip 10.1.0.3 vpn-instance Red peer 10.1.0.4 tcp-port 2048");
    assert!(parse("peer-link source ipv 2001:db8:1::1 peer 2001:db8:1::2 tcp-port 2048").is_ok());
    assert_eq!(parse("sys"), Ok(Command::SystemView));
}

#[test]
fn pl_02_blanks_tabs_and_both_line_ends_do_not_count() {
    let expected = parse(IP);
    let spread = format!("  \t{}\t ", IP.replace(' ', " \t "));
    for line in [spread.as_str(), &format!("{IP}\r\n"), &format!("{IP}\n"), &format!("{IP}\r")] {
        assert_eq!(parse(line), expected, "{line:?}");
    }
    for blank in ["", "   ", "\t", "\r\n", "#", "# peer-link", "  # caf\u{e9}"] {
        assert_eq!(parse(blank), Ok(Command::Nothing), "{blank:?}");
    }
}

#[test]
fn pl_02_what_is_no_text_is_named() {
    refused("peer\u{2011}link source ip", "PL-02", "\u{2011}");
    refused("peer-link source ip 10.1.0.3\u{a0}peer 10.1.0.4", "PL-02", "\u{a0}");
    refused("peer-link source ip \u{ff11}0.1.0.3", "PL-02", "\u{ff11}");
    refused("peer-link source\u{7} ip", "PL-02", "\u{7}");
    refused("peer-link source\0 ip", "PL-02", "\0");
    refused("peer-link source ip 10.1.0.3 vpn-instance \"red", "PL-02", "\"red");
    refused("peer-link source ip \"10.1.0.3\" peer 10.1.0.4 tcp-port 2048", "PL-02", "\"10.1.0.3\"");
    refused("\"peer-link\" source ip", "PL-02", "\"peer-link\"");
    refused(&format!("{IP}{}x", " ".repeat(500)), "PL-02", "...");
}

#[test]
fn pl_02_the_command_belongs_to_the_dfs_group_view() {
    let cases = [
        (View::User, IP, "`system-view` and `dfs-group 1`"),
        (View::System, IP, "the DFS-group view with `dfs-group 1`"),
        (View::User, "dfs-group 1", "`system-view`"),
        (View::User, "commit", "`system-view`"),
        (View::User, "undo dfs-group 1", "`system-view`"),
    ];
    for (view, line, way) in cases {
        let fault = parse_line(view, line).expect_err("another view's command");
        assert!(matches!(fault.refusal, Refusal::WrongView { way: found, .. } if found == way), "{fault}");
        assert_eq!((fault.span.column, fault.requirement()), (0, "PL-02"));
    }
    let fault = parse_line(View::System, &format!("undo {IP}")).expect_err("another view's command");
    assert!(matches!(fault.refusal, Refusal::WrongView { .. }) && fault.span.column == 5, "{fault}");
}

#[test]
fn pl_03_ipv4_is_dotted_decimal_and_nothing_else() {
    for good in ["10.1.0.3", "1.0.0.1", "223.255.255.254", "100.64.0.1", "192.0.2.1"] {
        assert_eq!(link(&ip(good, "10.9.9.9")).source().to_string(), good);
    }
    let bad = [
        "10.1.0",
        "10.1.0.3.4",
        "10.1.0.",
        ".10.1.0",
        "10..0.3",
        "10.1.0.256",
        "10.1.0.1000",
        "10.1.0.-3",
        "10.1.0.+3",
        "10.1.0.3/24",
        "10.1.0.x",
        "0xa.1.0.3",
        "167837699",
        "10,1,0,3",
        "10.1.0.3:2048",
        "host",
        "...",
        "99999999999.1.1.1",
    ];
    for word in bad {
        assert!(
            matches!(refused(&ip(word, "10.1.0.4"), "PL-03", word).refusal, Refusal::Ipv4Form { .. }),
            "{word}"
        );
        refused(&ip("10.1.0.3", word), "PL-03", word);
    }
    for (word, octet) in [("010.1.0.3", "010"), ("10.01.0.3", "01"), ("10.1.0.03", "03"), ("10.1.00.3", "00")]
    {
        let fault = refused(&ip(word, "10.1.0.4"), "PL-03", word);
        assert_eq!(fault.refusal, Refusal::Ipv4LeadingZero { word: word.into(), octet: octet.into() });
    }
}

#[test]
fn pl_03_ipv6_is_taken_in_every_spelling_and_shown_in_one() {
    let cases = [
        ("2001:db8:1:0:0:0:0:1", "2001:db8:1::1"),
        ("2001:0DB8:0001:0000:0000:0000:0000:0001", "2001:db8:1::1"),
        ("2001:DB8:1::1", "2001:db8:1::1"),
        // RFC 5952: the longest run of zeros is shortened, of two equal ones the first, and a single zero never.
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8:1:2:3:4:5::", "2001:db8:1:2:3:4:5:0"),
        ("FD00::A", "fd00::a"),
    ];
    for (word, shown) in cases {
        assert_eq!(
            link(&ipv6(word, "2001:db8:9::9")).to_string(),
            format!("peer-link source ipv6 {shown} peer 2001:db8:9::9 tcp-port 2048")
        );
    }
    let bad = [
        "2001:db8",
        "2001:db8:::1",
        "2001::db8::1",
        "2001:db8:1:2:3:4:5:6:7",
        "2001:db8::12345",
        "2001:db8::g",
        "2001:db8::1/64",
        "[2001:db8::1]",
        ":1",
        "1:",
        "64:ff9b::10.1.0.3",
        "host",
    ];
    for word in bad {
        assert!(
            matches!(refused(&ipv6(word, "2001:db8::2"), "PL-03", word).refusal, Refusal::Ipv6Form { .. }),
            "{word}"
        );
        refused(&ipv6("2001:db8::2", word), "PL-03", word);
    }
}

#[test]
fn pl_03_an_address_of_the_other_family_is_told_so() {
    let fault = refused(&ip("2001:db8::1", "2001:db8::2"), "PL-02", "2001:db8::1");
    assert_eq!(
        fault.refusal.to_string(),
        "2001:db8::1 is an IPv6 address; write `source ipv6` or give an IPv4 address."
    );
    let fault = refused(&ipv6("10.1.0.3", "10.1.0.4"), "PL-02", "10.1.0.3");
    assert!(fault.refusal.to_string().contains("write `source ip` or"), "{fault}");
    let fault = refused(&ip("10.1.0.3", "2001:db8::2"), "PL-02", "2001:db8::2");
    assert!(fault.refusal.to_string().ends_with("so give the peer's IPv4 address."), "{fault}");
    refused(&ipv6("2001:db8::1", "10.1.0.4"), "PL-02", "10.1.0.4");
}

fn named(vpn: &str) -> String {
    format!("peer-link source ip 10.1.0.3 vpn-instance {vpn} peer 10.1.0.4 tcp-port 2048")
}

#[test]
fn pl_04_a_name_has_1_to_31_characters_and_keeps_its_case() {
    let longest = "x".repeat(31);
    let wide = "\u{e9}".repeat(31);
    for name in
        ["a", "VPN-1", "_public", "_PUBLIC_", "peer", "tcp-port", "10.1.0.4", "#1", "it's", &longest, &wide]
    {
        let parsed = link(&named(name));
        assert_eq!(parsed.vpn().name(), name);
        assert_eq!(parsed.to_string(), named(name));
        assert_eq!(link(&named(&format!("\"{name}\""))), parsed, "quotes that are not needed are not kept");
    }
    assert_ne!(link(&named("red")), link(&named("Red")));
    let too_long = "x".repeat(32);
    refused(&named(&too_long), "PL-04", &too_long);
    refused(&named(&"\u{e9}".repeat(32)), "PL-04", &"\u{e9}".repeat(32));
    refused(&named("\"\""), "PL-04", "\"\"");
    for word in ["wh?t", "\"wh?t\"", "a\u{200b}b", "a\u{202e}b", "a\u{a0}b"] {
        refused(&named(word), "PL-04", word);
    }
}

#[test]
fn pl_04_a_name_with_spaces_is_quoted() {
    for name in ["my vpn", " edge ", "a  b", "peer 10.1.0.4"] {
        let line = named(&format!("\"{name}\""));
        assert_eq!(link(&line).vpn().name(), name);
        assert_eq!(link(&line).to_string(), line);
    }
    refused(&named("\"my vpn"), "PL-02", "\"my vpn peer 10.1.0.4 tcp-port 2048");
    refused(&named("my\"vpn"), "PL-02", "\"");
    refused(&named("\"my\"vpn"), "PL-02", "\"");
}

#[test]
fn pl_04_the_public_instance_is_never_written() {
    refused(&named("_public_"), "PL-04", "_public_");
    refused(&named("\"_public_\""), "PL-04", "\"_public_\"");
    let public = link(IP);
    assert_eq!(public.vpn(), &VpnInstance::public());
    assert!(!public.to_string().contains("vpn-instance"));
}

#[test]
fn pl_05_a_port_is_a_number_from_1_to_65535() {
    for port in [1024, 1025, 2048, 65534, 65535] {
        assert_eq!(link(&IP.replace("2048", &port.to_string())).port().number(), port);
    }
    for word in ["0", "65536", "99999999999", "340282366920938463463374607431768211457"] {
        let fault = refused(&IP.replace("2048", word), "PL-05", word);
        assert!(fault.refusal.to_string().starts_with("There is no TCP port"), "{fault}");
    }
    for word in ["-1", "+2048", "2048.", "0x800", "2e3", "http", "2,048"] {
        let fault = refused(&IP.replace("2048", word), "PL-05", word);
        assert!(fault.refusal.to_string().contains("is not a TCP port"), "{fault}");
    }
    refused(&IP.replace("2048", "02048"), "PL-05", "02048");
    assert!("".parse::<mlagsync::addr::TcpPort>().is_err());
}

#[test]
fn pl_06_well_known_ports_are_refused() {
    for port in [1, 22, 80, 179, 1022, 1023] {
        let word = port.to_string();
        for line in [IP, IPV6] {
            let fault = refused(&line.replace("2048", &word), "PL-06", &word);
            assert!(fault.refusal.to_string().contains("1024 to 65535"), "{fault}");
        }
    }
}

#[test]
fn pl_10_the_ends_differ_as_addresses_not_as_text() {
    refused(&ip("10.1.0.3", "10.1.0.3"), "PL-10", "10.1.0.3");
    refused(&ipv6("2001:db8::1", "2001:DB8:0:0::1"), "PL-10", "2001:DB8:0:0::1");
    assert_eq!(
        refused("peer-link source ip 10.1.0.3 peer 10.1.0.3 tcp-port 2048", "PL-10", "10.1.0.3").span.column,
        "peer-link source ip 10.1.0.3 peer ".len(),
        "the caret stands under the peer"
    );
    refused("peer-link source ip 10.1.0.3 peer 10.1.0.3", "PL-10", "10.1.0.3");
    assert!(parse(&ipv6("2001:db8::1", "2001:db8::10")).is_ok());
    let (a, b) = (link(IP), link(IPV6));
    let same = PeerLink::new(a.source(), a.source(), VpnInstance::public(), a.port());
    assert_eq!(same, Err(Refusal::SameAddress { address: a.source() }));
    let mixed = PeerLink::new(a.source(), b.peer(), VpnInstance::public(), a.port());
    assert!(matches!(mixed, Err(Refusal::MixedFamilies { .. })));
}

#[test]
fn pl_11_ipv4_ends_are_of_class_a_b_or_c() {
    for good in [
        "1.0.0.1",
        "126.255.255.254",
        "128.0.0.1",
        "169.254.0.1",
        "191.255.0.1",
        "192.0.0.1",
        "223.255.255.1",
    ] {
        assert!(parse(&ip(good, "10.1.0.4")).is_ok(), "{good}");
        assert!(parse(&ip("10.1.0.4", good)).is_ok(), "{good}");
    }
    let bad = [
        "0.0.0.0",
        "0.1.2.3",
        "127.0.0.1",
        "127.255.255.255",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "254.1.1.1",
        "255.0.0.1",
        "255.255.255.255",
    ];
    for word in bad {
        let fault = refused(&ip(word, "10.1.0.4"), "PL-11", word);
        assert!(fault.refusal.to_string().ends_with("use an address of class A, B or C."), "{fault}");
        refused(&ip("10.1.0.4", word), "PL-11", word);
        let address = word.parse().expect("an address");
        let good = link(IP);
        assert!(PeerLink::new(address, good.peer(), VpnInstance::public(), good.port()).is_err(), "{word}");
        assert!(PeerLink::new(good.source(), address, VpnInstance::public(), good.port()).is_err(), "{word}");
    }
}

#[test]
fn pl_12_ipv6_ends_are_routable_unicast() {
    for good in ["2001:db8::1", "fc00::1", "fdff:ffff::1", "2000::1", "64:ff9b::a01:3", "fec0::1", "100::1"] {
        assert!(parse(&ipv6(good, "2001:db8:9::9")).is_ok(), "{good}");
        assert!(parse(&ipv6("2001:db8:9::9", good)).is_ok(), "{good}");
    }
    let bad = [
        "::",
        "0:0:0:0:0:0:0:0",
        "::1",
        "0::0:1",
        "ff02::1",
        "ff00::",
        "ffff::1",
        "fe80::1",
        "FE80::1",
        "febf::1",
        "::ffff:10.1.0.3",
        "::FFFF:a01:3",
        "::10.1.0.3",
        "::a01:3",
        "::2",
    ];
    for word in bad {
        refused(&ipv6(word, "2001:db8::2"), "PL-12", word);
        refused(&ipv6("2001:db8::2", word), "PL-12", word);
        let address = word.parse().expect("an address");
        let good = link(IPV6);
        assert!(PeerLink::new(address, good.peer(), VpnInstance::public(), good.port()).is_err(), "{word}");
        assert!(PeerLink::new(good.source(), address, VpnInstance::public(), good.port()).is_err(), "{word}");
    }
    for word in ["fe80::1%eth0", "2001:db8::1%2", "2001:db8::1%"] {
        assert!(matches!(
            refused(&ipv6(word, "2001:db8::2"), "PL-12", word).refusal,
            Refusal::Ipv6Zone { .. }
        ));
    }
    refused(&ipv6("eth0%1", "2001:db8::2"), "PL-03", "eth0%1");
}

#[test]
fn pl_09_a_dfs_group_has_a_number() {
    for number in [1, 2, 65535] {
        assert_eq!(parse(&format!("dfs-group {number}")), Ok(Command::DfsGroup(group(number))));
        assert_eq!(parse(&format!("undo dfs-group {number}")), Ok(Command::UndoDfsGroup(group(number))));
    }
    for word in ["0", "65536", "-1", "one", "01", "99999999999"] {
        refused(&format!("dfs-group {word}"), "PL-09", word);
    }
}
