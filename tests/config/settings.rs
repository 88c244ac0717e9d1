//! The lines of a DFS group beside its peer-link: DG-01 authentication, DG-02 who dials, DG-03 times, DG-04 distance,
//! DG-05 TCP's own signatures, DG-06 what the pair is called. And that no password is ever shown.

use std::time::Duration;

use mlagsync::auth::{Password, PasswordError};
use mlagsync::config::{
    Candidate, Change, ChannelChange, Diagnostic, Refusal, Reply, Setting, SettingName, Settings,
};
use mlagsync::limits;
use mlagsync::peering::{ConnectMode, TcpSigning, TtlSecurity};
use proptest::prelude::*;

use crate::{Device, IP, commit, enter, group, in_group, running};

const SECRET: &str = "Hu!4-se3cret";

/// The settings in force after these lines.
#[track_caller]
fn settings(lines: &[&str]) -> Settings {
    let mut candidate = running(IP, &Device::default());
    enter(&mut candidate, &["system-view", "dfs-group 1"]);
    enter(&mut candidate, lines);
    commit(&mut candidate, &Device::default());
    candidate.running().dfs_group.clone().expect("it is there").settings
}

#[track_caller]
fn refused(line: &str) -> Diagnostic {
    let mut candidate = in_group();
    let fault = candidate.enter(line).expect_err("it must be refused");
    assert!(!candidate.is_changed() || candidate.lines().len() == 1, "a refused line changes nothing");
    fault
}

fn password(word: &str) -> Password {
    word.parse().expect("legal")
}

#[test]
fn dg_01_several_keys_stand_side_by_side_and_each_is_undone_by_its_id() {
    let all = settings(&[
        "authentication-mode hmac-sha256 password \"with spaces in it\"",
        &format!("authentication-mode hmac-sha256 key-id 7 password {SECRET}"),
        "auth hmac key-id 255 pass another-one",
    ]);
    let keys: Vec<_> = all.keys.iter().map(|(id, password)| (*id, password.clone())).collect();
    let expected = [(0, "with spaces in it"), (7, SECRET), (255, "another-one")];
    assert_eq!(keys, expected.map(|(id, word)| (id, password(word))));
    let mut candidate = in_group();
    enter(&mut candidate, &[IP, &format!("authentication-mode hmac-sha256 key-id 7 password {SECRET}")]);
    commit(&mut candidate, &Device::default());
    let fault = candidate.enter("undo authentication-mode hmac-sha256").expect_err("key 0 is not there");
    assert_eq!(fault.refusal, Refusal::NotSet { name: SettingName::Authentication(0) });
    assert_eq!(candidate.enter("undo authentication-mode hmac-sha256 key-id 7"), Ok(Reply::Changed));
    commit(&mut candidate, &Device::default());
    assert_eq!(candidate.running().dfs_group.as_ref().map(|g| &g.settings), Some(&Settings::default()));
}

#[test]
fn dg_01_passwords_have_their_bounds() {
    let line = |password: &str| format!("authentication-mode hmac-sha256 password {password}");
    let refusal = |password: &str| refused(&line(password)).refusal;
    let length = |length| Refusal::Password(PasswordError::Length { length });
    assert_eq!(refusal("1234567"), length(7));
    assert_eq!(refusal(&"x".repeat(81)), length(81));
    assert_eq!(refusal("pass\u{f6}word"), Refusal::Password(PasswordError::Character));
    for word in ["12345678", &"x".repeat(80)] {
        assert_eq!(in_group().enter(&line(word)), Ok(Reply::Changed), "{word}");
    }
    let mut candidate = in_group();
    for id in 0..limits::KEYS {
        enter(&mut candidate, &[&format!("authentication-mode hmac-sha256 key-id {id} password {SECRET}")]);
    }
    let more = format!("authentication-mode hmac-sha256 key-id 9 password {SECRET}");
    assert_eq!(candidate.enter(&more).expect_err("one too many").refusal, Refusal::TooManyKeys { limit: 8 });
    let again = format!("authentication-mode hmac-sha256 key-id 3 password {SECRET}x");
    assert_eq!(candidate.enter(&again), Ok(Reply::Changed), "one of them may be another");
}

#[test]
fn dg_01_a_masked_line_keeps_the_password_that_is_there_and_no_other() {
    let line = format!("authentication-mode hmac-sha256 key-id 7 password {SECRET}");
    let mut candidate = in_group();
    enter(&mut candidate, &[IP, &line]);
    commit(&mut candidate, &Device::default());
    let shown = candidate.running().to_string();
    assert!(shown.contains("key-id 7 password ******") && !shown.contains(SECRET), "{shown}");
    assert_eq!(
        candidate.load(&shown, &Device::default()),
        Ok(Change::Nothing),
        "what is shown is what is there"
    );
    let faults = Candidate::default().load(&shown, &Device::default()).expect_err("nobody knows it there");
    assert_eq!(faults[0].refusal, Refusal::Password(PasswordError::Masked));
    for other in ["authentication-mode hmac-sha256 password ******", "tcp-authentication md5 password ******"]
    {
        let fault = candidate.enter(other).expect_err("there is none of that kind");
        assert_eq!(fault.refusal, Refusal::Password(PasswordError::Masked));
    }
}

#[test]
fn dg_01_another_password_is_a_change_although_it_looks_the_same() {
    let line = |password: &str| format!("authentication-mode hmac-sha256 password {password}");
    let mut candidate = in_group();
    enter(&mut candidate, &[IP, &line("first-password")]);
    commit(&mut candidate, &Device::default());
    let before = candidate.lines();
    assert_eq!(candidate.enter(&line("first-password")), Ok(Reply::Nothing));
    assert_eq!(candidate.enter(&line("second-password")), Ok(Reply::Changed));
    assert_eq!(candidate.lines(), before);
    assert!(candidate.is_changed() && candidate.prompt("a").starts_with("[*"));
    assert_ne!(commit(&mut candidate, &Device::default()), Change::Nothing);
}

#[test]
fn dg_02_to_dg_06_each_line_reads_back_and_its_undo_takes_it_away() {
    let lines = [
        "connect-mode active",
        "connect-mode passive",
        "hold-time 300",
        "hold-time 600000",
        "keepalive-interval 100",
        "m-lag system-id 02:00:5e:10:00:0f",
        "priority 1",
        "priority 254",
        "ttl-security disable",
        "ttl-security hops 254",
    ];
    for line in lines {
        let mut candidate = in_group();
        let enough: &[&str] = if line == "hold-time 300" { &["keepalive-interval 100"] } else { &[] };
        enter(&mut candidate, &[enough, &[IP, line]].concat());
        commit(&mut candidate, &Device::default());
        assert!(candidate.lines().contains(&format!(" {line}")), "{:?}", candidate.lines());
        assert_eq!(candidate.enter(line), Ok(Reply::Nothing), "the same again");
        let name = line.rsplit_once(' ').expect("two words").0;
        let name = name.strip_suffix(" hops").unwrap_or(name);
        assert_eq!(candidate.enter(&format!("undo {name}")), Ok(Reply::Changed), "{name}");
        assert!(matches!(
            candidate.enter(&format!("undo {name}")),
            Err(Diagnostic { refusal: Refusal::NotSet { .. }, .. })
        ));
    }
    let defaults = ["connect-mode auto", "hold-time 5000", "keepalive-interval 1000", "priority 100"];
    for line in defaults {
        assert_eq!(in_group().enter(line), Ok(Reply::Nothing), "{line} is the default");
    }
    let tcp =
        settings(&[&format!("tcp-authentication ao key-id 9 password {SECRET}")]).tcp.expect("it is set");
    assert_eq!((tcp.signing, tcp.password), (TcpSigning::Ao { id: 9 }, Some(password(SECRET))));
    let all = settings(&["ttl-security hops 2", "connect-mode pass", "m-l sys 0200-5e10-000f"]);
    assert_eq!((all.ttl, all.connect), (TtlSecurity::Hops(2), ConnectMode::Passive));
    assert_eq!(all.configured().len(), 3);
    let system_id = all.configured().into_iter().find(|s| matches!(s, Setting::SystemId(_)));
    assert_eq!(system_id.map(|s| s.to_string()), Some("m-lag system-id 02:00:5e:10:00:0f".to_owned()));
}

#[test]
fn dg_02_to_dg_06_what_is_out_of_bounds_is_refused_with_the_bounds() {
    let cases = [
        ("hold-time 299", "299"),
        ("hold-time 600001", "600001"),
        ("hold-time 05000", "05000"),
        ("keepalive-interval 99", "99"),
        ("priority 0", "0"),
        ("priority 255", "255"),
        ("ttl-security hops 0", "0"),
        ("ttl-security hops 255", "255"),
        ("authentication-mode hmac-sha256 key-id 256 password 12345678", "256"),
    ];
    for (line, word) in cases {
        let fault = refused(line);
        assert!(matches!(&fault.refusal, Refusal::Number { word: said, .. } if said == word), "{fault}");
        let under: String = fault.line.chars().skip(fault.span.column).take(fault.span.length).collect();
        assert_eq!(under, word, "{fault}");
    }
    for line in
        ["m-lag system-id 00:00:00:00:00:00", "m-lag system-id 01:00:5e:00:00:01", "m-lag system-id x"]
    {
        assert!(matches!(refused(line).refusal, Refusal::SystemId { .. }), "{line}");
    }
    for line in ["connect-mode a", "hold-time", "connect-mode active now", "priority \"1\""] {
        refused(line);
    }
}

#[test]
fn dg_03_a_keepalive_interval_fits_three_times_into_the_hold_time() {
    let mut candidate = in_group();
    enter(&mut candidate, &[IP, "keepalive-interval 1667"]);
    let faults = candidate.commit(&Device::default()).expect_err("three of them are more than 5 s");
    assert_eq!(faults[0].refusal, Refusal::KeepaliveTooLong { keepalive_ms: 1667, hold_ms: 5000 });
    enter(&mut candidate, &["keepalive-interval 1666"]);
    commit(&mut candidate, &Device::default());
    let settings = &candidate.running().dfs_group.as_ref().expect("committed").settings;
    assert_eq!((settings.hold, settings.keepalive), (Duration::from_secs(5), Duration::from_millis(1666)));
}

#[test]
fn only_another_line_group_or_form_replaces_the_channel() {
    let lines = [
        "authentication-mode hmac-sha256 password 12345678",
        "connect-mode active",
        "hold-time 9000",
        "priority 7",
        "tcp-authentication md5 password 12345678",
        "ttl-security disable",
    ];
    for line in lines {
        let mut candidate = running(IP, &Device::default());
        enter(&mut candidate, &["system-view", "dfs-group 1", line]);
        let change = commit(&mut candidate, &Device::default());
        assert!(
            matches!(change.channel(), ChannelChange::Adjust(g, _) if g.id == group(1)),
            "{line}: {change:?}"
        );
    }
    let mut candidate = running(IP, &Device::default());
    enter(&mut candidate, &["system-view", "dfs-group 1", "priority 7", &IP.replace("2048", "2049")]);
    let change = commit(&mut candidate, &Device::default());
    assert!(matches!(change.channel(), ChannelChange::Replace { .. }));
}

/// Lines in which a password stands where it should, or where it should not.
fn slips() -> Vec<String> {
    let s = SECRET;
    [
        "authentication-mode hmac-sha256 password S",
        "authentication-mode hmac-sha256 password S S",
        "authentication-mode hmac-sha256 password \"S",
        "authentication-mode hmac-sha256 password \"S\"x",
        "authentication-mode hmac-sha256 key-id S",
        "authentication-mode hmac-sha256 key-id 3 S",
        "authentication-mode hmac-sha256 key-id 300 password S",
        "authentication-mode hmac-sha256 S",
        "authentication-mode S",
        "authentication-mode hmac-sha265 password S",
        "authentication-mode hmac-sha256 passwrd S",
        "authentication-mode hmac-sha256 pasword S",
        "authentication-mode hmac-sha256 key-id 3 password",
        "authenticaton-mode hmac-sha256 password S",
        "athentication-mode hmac-sha256 key-id 3 S",
        "auth hmac p S trailing S",
        "undo authentication-mode hmac-sha256 password S",
        "undo authentication-mode hmac-sha256 key-id S",
        "undo auth S",
        "tcp-authentication md5 password S S",
        "tcp-authentication md5 S",
        "tcp-authentication ao key-id 3 password S\u{7}",
        "tcp-authentication ao key-id 3 password S\u{f6}",
        "tcp-auth S",
        "  \tauthentication-mode\thmac-sha256  password\tS S",
        "password S",
        "peer-link source ip 10.1.0.3 password S",
    ]
    .map(|line| line.replace('S', s))
    .into()
}

#[test]
fn no_refusal_shows_a_password() {
    for line in slips() {
        let mut candidate = in_group();
        for load in [false, true] {
            let text = match load {
                false => candidate
                    .enter(&line)
                    .map(|_| String::new())
                    .unwrap_or_else(|fault| format!("{fault}\n{fault:?}")),
                true => match candidate.load(&format!("dfs-group 1\n{line}"), &Device::default()) {
                    Ok(_) => String::new(),
                    Err(faults) => format!("{faults:?} {}", faults[0]),
                },
            };
            assert!(!text.contains(SECRET), "{line:?} is answered with\n{text}");
        }
        let shown = format!("{candidate:?} {:?} {}", candidate.lines(), candidate.running());
        assert!(!shown.contains(SECRET), "{line:?} is kept as\n{shown}");
        let mut candidate = Candidate::default();
        let fault = candidate.enter(&line).expect_err("in the user view nothing of this is a command");
        assert!(!format!("{fault} {fault:?}").contains(SECRET), "{fault}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_password_is_shown_whatever_it_is_and_the_caret_stands_in_the_line(
        word in "[!#-~]{8,80}",
        line in prop::sample::select(slips()),
        cut in 0usize..60,
    ) {
        prop_assume!(word.len() >= 8 && !"authentication-mode hmac-sha256 tcp-authentication password ******".contains(&word));
        let line = line.replace(SECRET, &word);
        let line = format!("{} {word}", line.chars().take(line.chars().count().saturating_sub(cut)).collect::<String>());
        let smells = line.trim_start().to_ascii_lowercase().trim_start_matches("undo ").starts_with("au");
        if let Err(fault) = in_group().enter(&line) {
            let text = format!("{fault} {fault:?}");
            prop_assert!(!smells || !text.contains(&word), "{}", text);
            prop_assert!(fault.span.column <= fault.line.chars().count() + 1, "{:?}", fault);
        }
    }

    #[test]
    fn every_legal_setting_reads_back_as_itself(
        key in any::<u8>(),
        word in "[!#-~][ !#-~]{6,78}[!#-~]",
        ms in 300u64..=600_000,
        hops in 1u8..=254,
    ) {
        prop_assume!(word != "******");
        let lines = [
            format!("authentication-mode hmac-sha256 key-id {key} password \"{word}\""),
            format!("tcp-authentication ao key-id {key} password \"{word}\""),
            format!("hold-time {ms}"),
            format!("ttl-security hops {hops}"),
            format!("priority {hops}"),
        ];
        for line in lines {
            let mut candidate = in_group();
            candidate.enter(&line).map_err(|fault| TestCaseError::fail(fault.to_string()))?;
            let shown = candidate.lines();
            let hidden = !format!("{shown:?}").contains(&word);
            prop_assert!(hidden);
            for line in &shown[1..] {
                // What is shown says what is there, and its undo takes it away.
                prop_assert_eq!(candidate.enter(line), Ok(Reply::Nothing), "{}", line);
            }
        }
    }
}
