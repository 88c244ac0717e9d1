//! What the whole candidate must be, asked of the device at commit: PL-01, PL-04, PL-07, PL-08, PL-15, PL-17, PL-19,
//! PL-20, and `undo` of PL-02.

use mlagsync::config::{
    Candidate, Change, ChannelChange, Config, DfsGroup, Diagnostic, ForwardingMode, Ipv6Transport, Model,
    Refusal, Reply, View,
};

use crate::{Device, IP, IPV6, commit, enter, group, holds, in_group, link, running};

/// What a commit that must fail says; nothing may have changed by it.
#[track_caller]
fn faults(candidate: &mut Candidate, device: &Device) -> Vec<Diagnostic> {
    let (before, lines, view) = (candidate.running().clone(), candidate.lines(), candidate.view());
    let faults = candidate.commit(device).expect_err("the commit must be refused");
    assert_eq!(candidate.running(), &before, "the running configuration is untouched");
    assert_eq!((candidate.lines(), candidate.view()), (lines, view), "the candidate is untouched");
    faults
}

#[track_caller]
fn fault(candidate: &mut Candidate, device: &Device, requirement: &str, word: &str) -> Diagnostic {
    let mut faults = faults(candidate, device);
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fault = faults.remove(0);
    holds(&fault, requirement, word);
    fault
}

#[test]
fn pl_01_no_channel_is_configured_by_default() {
    assert_eq!(Config::default().peer_link(), None);
    let mut candidate = Candidate::default();
    assert_eq!((candidate.running(), candidate.lines().len()), (&Config::default(), 0));
    assert_eq!(commit(&mut candidate, &Device::default()), Change::Nothing);
    let mut candidate = in_group();
    let change = commit(&mut candidate, &Device::default());
    assert_eq!(candidate.running().dfs_group, Some(DfsGroup::new(group(1))));
    assert_eq!(change.channel(), ChannelChange::Keep, "a group alone opens no channel");
}

#[test]
fn pl_02_undo_takes_the_whole_line_that_is_configured() {
    let device = Device::default().with_vpn("red");
    let line = "peer-link source ip 10.1.0.3 vpn-instance red peer 10.1.0.4 tcp-port 2048";
    let mut candidate = running(line, &device);
    let words: Vec<&str> = line.split(' ').collect();
    for kept in 1..words.len() {
        let partial = format!("undo {}", words[..kept].join(" "));
        let fault = candidate.enter(&partial).expect_err("a partial undo");
        holds(&fault, "PL-02", "");
        assert_eq!(fault.refusal, Refusal::UndoPartial { configured: vec![link(line)] });
        assert!(fault.refusal.to_string().contains(&format!("`undo {line}`")), "{fault}");
    }
    let other = [
        ("10.1.0.3", "10.1.0.5"),
        ("vpn-instance red", "vpn-instance Red"),
        ("10.1.0.4", "10.1.0.6"),
        ("2048", "2049"),
    ];
    for (is, entered) in other {
        let fault = candidate
            .enter(&format!("undo {}", line.replace(is, entered)))
            .expect_err("not what is configured");
        holds(&fault, "PL-02", entered.split(' ').next_back().expect("a word"));
        assert_eq!(fault.refusal, Refusal::UndoMismatch { configured: vec![link(line)] });
    }
    let fault = candidate.enter(&format!("undo {IP}")).expect_err("the VPN instance is missing");
    holds(&fault, "PL-02", "peer");
    let fault = candidate.enter(&format!("undo {IPV6}")).expect_err("the other form");
    holds(&fault, "PL-02", "ipv6");
    assert!(!candidate.is_changed(), "a refused line changes nothing");
    assert_eq!(candidate.enter(&format!("UNDO {line} ")), Ok(Reply::Changed));
    let change = commit(&mut candidate, &device);
    assert!(matches!(change.channel(), ChannelChange::Close(_, old) if *old == link(line)));
    assert_eq!(candidate.running().peer_link(), None);
}

#[test]
fn pl_02_undo_compares_addresses_not_text() {
    let mut candidate = running(IPV6, &Device::default());
    let spelled = IPV6.replace("2001:db8:1::1", "2001:0DB8:1:0:0:0:0:1");
    assert_eq!(candidate.enter(&format!("undo {spelled}")), Ok(Reply::Changed));
}

#[test]
fn pl_02_undo_of_nothing_says_so() {
    for line in ["undo peer-link", "undo peer-link source ip 10.1.0.3", &format!("undo {IP}")] {
        let fault = in_group().enter(line).expect_err("there is none");
        holds(&fault, "PL-02", "peer-link");
        assert_eq!(fault.refusal, Refusal::UndoNothing);
    }
    let fault = in_group().enter("undo peer-link source ip 10.1.0.300").expect_err("no address");
    assert_eq!(fault.requirement(), "PL-03", "what is wrong by itself is said first");
}

#[test]
fn pl_04_the_vpn_instance_must_exist_at_commit() {
    let line = "peer-link source ip 10.1.0.3 vpn-instance \"my vpn\" peer 10.1.0.4 tcp-port 2048";
    let mut candidate = in_group();
    enter(&mut candidate, &[line]);
    let refused = fault(&mut candidate, &Device::default().with_vpn("My VPN"), "PL-04", "\"my vpn\"");
    assert!(matches!(refused.refusal, Refusal::NoSuchVpn { .. }), "{refused}");
    commit(&mut candidate, &Device::default().with_vpn("my vpn"));
    assert_eq!(candidate.running().peer_link().map(|l| l.vpn().name()), Some("my vpn"));
    // The public instance is there without being asked for.
    running(IP, &Device::default());
}

#[test]
fn pl_07_a_port_in_use_is_refused_with_its_owner() {
    let device = Device::default().with_listener("_public_", "0.0.0.0:2048", "sshd (pid 812)");
    let mut candidate = in_group();
    enter(&mut candidate, &[IP]);
    let refused = fault(&mut candidate, &device, "PL-07", "2048");
    assert_eq!(
        refused.refusal.to_string(),
        "TCP port 2048 is in use by sshd (pid 812); choose another port, on both devices."
    );
    commit(&mut candidate, &Device::default());
}

#[test]
fn pl_07_the_port_is_looked_for_in_its_own_vpn_instance() {
    let line = "peer-link source ip 10.1.0.3 vpn-instance red peer 10.1.0.4 tcp-port 2048";
    let elsewhere = Device::default().with_vpn("red").with_listener("_public_", "10.1.0.3:2048", "bgpd");
    running(line, &elsewhere);
    let there = Device::default().with_vpn("red").with_listener("red", "10.1.0.3:2048", "bgpd");
    let mut candidate = in_group();
    enter(&mut candidate, &[line]);
    let refused = fault(&mut candidate, &there, "PL-07", "2048");
    assert!(refused.refusal.to_string().contains("in VPN instance \"red\" by bgpd"), "{refused}");
}

#[test]
fn pl_07_our_own_listener_does_not_count() {
    let device = Device::default();
    let mut candidate = running(IP, &device);
    // Our listener is now seen in the system; the peer changes, so the port is asked about again.
    let device = device.with_listener("_public_", "10.1.0.3:2048", "mlagsync (pid 7)");
    enter(&mut candidate, &["peer-link source ip 10.1.0.3 peer 10.1.0.9 tcp-port 2048"]);
    commit(&mut candidate, &device);
    let asked = device.asked.borrow();
    assert_eq!(
        asked.last().map(|(_, _, running)| running.clone()),
        Some(Some(link(IP))),
        "it is told what is running"
    );
}

#[test]
fn pl_08_both_forms_at_once_are_refused_at_commit() {
    let device = Device::default();
    for (first, second) in [(IP, IPV6), (IPV6, IP)] {
        let mut candidate = in_group();
        enter(&mut candidate, &[first, second]);
        let refused = fault(&mut candidate, &device, "PL-08", "ipv6");
        assert!(refused.refusal.to_string().contains(&format!("`undo {IPV6}`")), "{refused}");
        // The candidate is still there to be mended.
        enter(&mut candidate, &[&format!("undo {first}")]);
        commit(&mut candidate, &device);
        assert_eq!(candidate.running().peer_link(), Some(&link(second)));
    }
}

#[test]
fn pl_08_the_caret_stands_under_the_form_that_is_new() {
    for (held, new, word) in [(IP, IPV6, "ipv6"), (IPV6, IP, "ip")] {
        let mut candidate = running(held, &Device::default());
        enter(&mut candidate, &[new]);
        fault(&mut candidate, &Device::default(), "PL-08", word);
    }
}

#[test]
fn pl_08_undo_of_one_form_and_the_other_form_go_in_one_commit() {
    let device = Device::default();
    for (old, new) in [(IP, IPV6), (IPV6, IP)] {
        for lines in [[format!("undo {old}"), new.to_owned()], [new.to_owned(), format!("undo {old}")]] {
            let mut candidate = running(old, &device);
            enter(&mut candidate, &[&lines[0], &lines[1]]);
            let change = commit(&mut candidate, &device);
            let ChannelChange::Replace { before, after } = change.channel() else { panic!("{change:?}") };
            assert_eq!((before.1, after.1), (&link(old), &link(new)));
        }
    }
}

/// The list of PL-15, written out a second time on purpose.
const IPV6_MODELS: [&str; 23] = [
    "CE6863H",
    "CE6863H-K",
    "CE6860-SAN",
    "CE6866K",
    "CE6866",
    "CE6860-HAM",
    "CE6855-48XS8CQ",
    "CE6885-SAN",
    "CE8850-SAN",
    "CE8855",
    "CE8851-32CQ4BQ",
    "CE8851K",
    "CE8851-32CQ8DQ-P",
    "CE8850-HAM",
    "CE6881H",
    "CE6881H-K",
    "CE6820H",
    "CE6820H-K",
    "CE6820S",
    "CE6885",
    "CE6885-T",
    "CE6885-LL",
    "CE6863E-48S8CQ",
];

#[test]
fn pl_15_the_23_models_and_generic_take_the_ipv6_form() {
    for name in IPV6_MODELS.into_iter().chain(["generic"]) {
        running(IPV6, &Device::model(name));
        running(IP, &Device::model(name));
    }
    let have = Model::all().iter().filter(|model| model.ipv6_transport != Ipv6Transport::No).count();
    assert_eq!(have, IPV6_MODELS.len() + 1, "no other model has it");
}

#[test]
fn pl_15_other_models_take_the_ip_form_only() {
    let mut others = 0;
    for model in
        Model::all().iter().filter(|model| !IPV6_MODELS.contains(&model.name) && model.name != "generic")
    {
        let device = Device::model(model.name);
        let mut candidate = in_group();
        enter(&mut candidate, &[IPV6]);
        let refused = fault(&mut candidate, &device, "PL-15", "ipv6");
        assert!(refused.refusal.to_string().contains(model.name), "{refused}");
        running(IP, &device);
        others += 1;
    }
    assert!(others > 0);
}

#[test]
fn pl_15_the_ce6885_ll_takes_it_in_the_standard_forwarding_mode_only() {
    let device = Device { mode: ForwardingMode::LowLatency, ..Device::model("CE6885-LL") };
    let mut candidate = in_group();
    enter(&mut candidate, &[IPV6]);
    let refused = fault(&mut candidate, &device, "PL-15", "ipv6");
    assert!(
        refused.refusal.to_string().contains("standard forwarding mode only, not in low-latency"),
        "{refused}"
    );
    running(IP, &device);
    running(IPV6, &Device { mode: ForwardingMode::LowLatency, ..Device::model("CE6885") });
}

#[test]
fn pl_17_the_same_line_again_changes_nothing() {
    let device = Device::default();
    for (held, again) in [(IP, IP), (IPV6, "PEER-LINK so ipv6 2001:DB8:1:0::1 peer 2001:db8:1::2 tcp 2048")] {
        let mut candidate = running(held, &device);
        device.asked.borrow_mut().clear();
        assert_eq!(candidate.enter(again), Ok(Reply::Nothing));
        assert!(!candidate.is_changed());
        assert_eq!(commit(&mut candidate, &device), Change::Nothing);
        assert!(device.asked.borrow().is_empty(), "what is in force is not asked about again");
    }
}

#[test]
fn pl_17_a_line_entered_and_taken_back_changes_nothing() {
    let mut candidate = running(IP, &Device::default());
    enter(&mut candidate, &[&format!("undo {IP}"), IP]);
    assert!(!candidate.is_changed());
    assert_eq!(commit(&mut candidate, &Device::default()), Change::Nothing);
}

#[test]
fn pl_17_another_line_of_the_same_form_replaces() {
    let device = Device::default().with_vpn("red");
    let others = [
        "peer-link source ip 10.1.0.5 peer 10.1.0.4 tcp-port 2048",
        "peer-link source ip 10.1.0.3 peer 10.1.0.5 tcp-port 2048",
        "peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2049",
        "peer-link source ip 10.1.0.3 vpn-instance red peer 10.1.0.4 tcp-port 2048",
    ];
    for other in others {
        let mut candidate = running(IP, &device);
        assert_eq!(candidate.enter(other), Ok(Reply::Changed));
        let change = commit(&mut candidate, &device);
        let ChannelChange::Replace { before, after } = change.channel() else { panic!("{change:?}") };
        assert_eq!((before.1, after.1), (&link(IP), &link(other)));
        assert_eq!(candidate.running().peer_link(), Some(&link(other)));
    }
}

#[test]
fn pl_19_changes_are_candidates_until_commit_and_the_prompt_shows_it() {
    let device = Device::default();
    let mut candidate = Candidate::default();
    let prompt = |candidate: &Candidate| candidate.prompt("leaf1");
    assert_eq!(prompt(&candidate), "<leaf1>");
    enter(&mut candidate, &["system-view"]);
    assert_eq!(prompt(&candidate), "[~leaf1]");
    enter(&mut candidate, &["dfs-group 1"]);
    assert_eq!(prompt(&candidate), "[*leaf1-dfs-group-1]", "the group itself is new");
    commit(&mut candidate, &device);
    assert_eq!(prompt(&candidate), "[~leaf1-dfs-group-1]");
    enter(&mut candidate, &[IP]);
    assert_eq!(prompt(&candidate), "[*leaf1-dfs-group-1]");
    assert_eq!(candidate.running().peer_link(), None, "nothing is in force before commit");
    assert_eq!(candidate.enter("commit"), Ok(Reply::Commit));
    assert_eq!(candidate.running().peer_link(), None, "the line only asks for it");
    commit(&mut candidate, &device);
    assert_eq!(prompt(&candidate), "[~leaf1-dfs-group-1]");
    enter(&mut candidate, &[&format!("undo {IP}")]);
    candidate.discard();
    assert_eq!((prompt(&candidate).as_str(), candidate.is_changed()), ("[~leaf1-dfs-group-1]", false));
}

#[test]
fn pl_19_the_views_are_walked_as_on_the_device() {
    let mut candidate = Candidate::default();
    let one = View::DfsGroup(group(1));
    let walk = [
        ("system-view", Reply::Moved(View::System)),
        ("dfs-group 1", Reply::Moved(one)),
        ("dfs-group 1", Reply::Moved(one)),
        ("# a comment", Reply::Nothing),
        ("", Reply::Nothing),
        ("quit", Reply::Moved(View::System)),
        ("  dfs-group 1", Reply::Moved(one)),
        ("system-view", Reply::Moved(View::System)),
        ("dfs-group 1", Reply::Moved(one)),
        ("return", Reply::Moved(View::User)),
        ("quit", Reply::Leave),
    ];
    for (line, reply) in walk {
        assert_eq!(candidate.enter(line), Ok(reply), "{line}");
    }
    assert_eq!(candidate.view(), View::User);
}

#[test]
fn pl_19_a_discarded_group_is_left() {
    let mut candidate = in_group();
    candidate.discard();
    assert_eq!((candidate.view(), candidate.lines().len()), (View::System, 0));
}

#[test]
fn pl_09_a_device_has_one_dfs_group() {
    let mut candidate = running(IP, &Device::default());
    let refused = candidate.enter("dfs-group 2").expect_err("there is one");
    holds(&refused, "PL-09", "2");
    assert_eq!(refused.refusal, Refusal::AnotherDfsGroup { configured: group(1) });
    let refused = candidate.enter("undo dfs-group 2").expect_err("it is not there");
    holds(&refused, "PL-09", "2");
    enter(&mut candidate, &["undo dfs-group 1", "dfs-group 2", IP]);
    let change = commit(&mut candidate, &Device::default());
    let ChannelChange::Replace { before, after } = change.channel() else { panic!("{change:?}") };
    assert_eq!(
        (before.0.id, after.0.id),
        (group(1), group(2)),
        "the same line in another group is another channel"
    );
    enter(&mut candidate, &["undo dfs-group 2"]);
    assert_eq!(candidate.view(), View::System);
    let change = commit(&mut candidate, &Device::default());
    assert!(matches!(change.channel(), ChannelChange::Close(..)));
    assert_eq!(candidate.running(), &Config::default());
}

#[test]
fn pl_20_the_examples_work_as_printed() {
    for example in [IP, IPV6] {
        let mut candidate = Candidate::default();
        enter(&mut candidate, &["system-view", "dfs-group 1", example]);
        assert_eq!(candidate.enter("commit"), Ok(Reply::Commit));
        let change = commit(&mut candidate, &Device::default());
        assert!(
            matches!(change.channel(), ChannelChange::Open(group, open) if group.id.number() == 1 && *open == link(example))
        );
        assert_eq!(candidate.running().to_string(), format!("dfs-group 1\n {example}\n"));
    }
}

#[test]
fn pl_20_the_examples_work_as_a_file() {
    let spellings = [
        format!("system-view\ndfs-group 1\n{IP}\n"),
        format!("dfs-group 1\n {IP}"),
        format!("\u{feff}#\r\ndfs-group 1\r\n\t{IP}\r\n#\r\nreturn\r\n"),
        format!("system-view\ndfs-group 1\n{IPV6}\ncommit\nundo {IPV6}\n{IP}\ncommit\nquit\nquit\nquit\n"),
    ];
    for text in spellings {
        let mut candidate = Candidate::default();
        let change =
            candidate.load(&text, &Device::default()).unwrap_or_else(|faults| panic!("{}", faults[0]));
        assert!(matches!(change.channel(), ChannelChange::Open(_, open) if *open == link(IP)), "{text:?}");
        assert_eq!((candidate.view(), candidate.is_changed()), (View::User, false));
        // What is shown is what can be loaded again.
        let shown = candidate.running().to_string();
        assert_eq!(candidate.load(&shown, &Device::default()), Ok(Change::Nothing));
    }
}

#[test]
fn a_file_with_faults_changes_nothing_and_names_their_lines() {
    let text = format!("dfs-group 1\n {IP}\ncommit\n\n {}\n foo\nquit\n{IPV6}\n", IPV6.replace("2048", "80"));
    let mut candidate = Candidate::default();
    let faults = candidate.load(&text, &Device::default()).expect_err("three faults");
    let found: Vec<_> = faults.iter().map(|fault| (fault.number, fault.requirement())).collect();
    assert_eq!(
        found,
        [(Some(5), "PL-06"), (Some(6), "PL-02")],
        "what only follows from an earlier fault is not repeated"
    );
    assert!(faults[0].to_string().starts_with("line 5:  peer-link source ipv6"), "{}", faults[0]);
    assert_eq!((candidate.running(), candidate.view()), (&Config::default(), View::User));
    assert!(!candidate.is_changed());
}

#[test]
fn a_fault_found_at_the_end_of_a_file_points_at_the_line_that_caused_it() {
    let text = format!("dfs-group 1\n\t{}\n", IP.replace("peer 10", "vpn-instance red peer 10"));
    let faults = Candidate::default().load(&text, &Device::default()).expect_err("no such VPN instance");
    assert_eq!((faults.len(), faults[0].number), (1, Some(2)));
    holds(&faults[0], "PL-04", "red");
}

#[test]
fn the_device_is_not_asked_about_a_file_that_has_faults() {
    let text = format!("dfs-group 1\nfoo\n {IP}\ncommit\n");
    let device = Device::default().with_listener("_public_", "0.0.0.0:2048", "x");
    let faults = Candidate::default().load(&text, &device).expect_err("a fault");
    assert_eq!(faults.iter().map(|fault| fault.number).collect::<Vec<_>>(), [Some(2)]);
    assert!(device.asked.borrow().is_empty());
}

#[test]
fn all_faults_of_a_commit_are_told_at_once() {
    let device = Device::model("CE6881-48S6CQ").with_listener("_public_", "[::]:2048", "x").with_listener(
        "_public_",
        "0.0.0.0:2048",
        "y",
    );
    let mut candidate = in_group();
    enter(&mut candidate, &[IP, IPV6]);
    let found: Vec<_> = faults(&mut candidate, &device).iter().map(Diagnostic::requirement).collect();
    assert_eq!(found, ["PL-07", "PL-15", "PL-07", "PL-08"]);
}

#[test]
fn a_text_that_is_no_configuration_is_bounded() {
    let limit = mlagsync::limits::CONFIG_LINES;
    let faults =
        Candidate::default().load(&"\n".repeat(limit + 1), &Device::default()).expect_err("too many lines");
    assert_eq!(faults[0].refusal, Refusal::TooManyLines { limit });
    assert_eq!(Candidate::default().load(&"\n".repeat(limit), &Device::default()), Ok(Change::Nothing));
    let faults =
        Candidate::default().load(&"x\n".repeat(1000), &Device::default()).expect_err("a thousand faults");
    assert_eq!(faults.len(), mlagsync::limits::CONFIG_FAULTS);
}
