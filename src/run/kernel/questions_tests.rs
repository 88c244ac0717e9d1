//! Refreshing and probing by themselves: what is written for which entry, and when a probe is over.

use super::*;
use std::net::IpAddr;

const A: Mac = Mac([2, 0, 0, 0, 0, 1]);
const B: Mac = Mac([2, 0, 0, 0, 0, 2]);
const OURS: u8 = 77;
const SOCKET: u32 = 4242;

fn key(n: u16) -> Key {
    let [high, low] = n.to_be_bytes();
    Key { interface: "Vlanif10".parse().expect("legal"), ip: IpAddr::from([10, 0, high, low]) }
}

fn row(state: u16) -> NeighborMessage {
    NeighborMessage {
        family: libc::AF_INET as u8,
        ifindex: 3,
        state,
        flags: 0,
        ip: Some(key(1).ip),
        mac: Some(A),
        master: None,
        vlan: None,
        protocol: None,
        flags_ext: 0,
        cause: 0,
    }
}

/// What is written for a question when the kernel answers so.
fn written(questions: &mut Questions, question: Question, answer: Answer) -> Option<Write> {
    questions.take(question);
    let looks = questions.looks(Time::ZERO);
    let [(key, purpose)] = looks[..] else { panic!("{looks:?}") };
    match questions.judge(Time::ZERO, key, purpose, &answer) {
        None => None,
        Some(Verb::Write(write)) => Some(write),
        Some(other) => panic!("{other:?}"),
    }
}

#[test]
fn only_what_answered_is_refreshed_and_nothing_else_of_it_changes() {
    let confirmed = Question::Confirmed { key: key(1), mac: A };
    let learned = NeighborMessage {
        flags: libc::NTF_EXT_LEARNED | libc::NTF_ROUTER,
        protocol: Some(186),
        flags_ext: EXT_VALIDATED,
        ..row(libc::NUD_STALE)
    };
    let cases = [
        ("stale", Answer::Row(row(libc::NUD_STALE)), true),
        ("delay", Answer::Row(row(libc::NUD_DELAY)), true),
        ("probe", Answer::Row(row(libc::NUD_PROBE)), true),
        ("another program's", Answer::Row(learned), true),
        ("never ages", Answer::Row(row(libc::NUD_PERMANENT)), false),
        ("another host", Answer::Row(NeighborMessage { mac: Some(B), ..row(libc::NUD_STALE) }), false),
        ("given up", Answer::Row(NeighborMessage { mac: None, ..row(libc::NUD_FAILED) }), false),
        ("ours", Answer::Row(NeighborMessage { protocol: Some(OURS), ..row(libc::NUD_STALE) }), false),
        ("gone", Answer::Refused(Errno::ENOENT), false),
        ("not known", Answer::Lost, false),
    ];
    for (name, answer, refreshed) in cases {
        let mut questions = Questions::new(OURS, SOCKET);
        let write = written(&mut questions, confirmed, answer);
        assert_eq!(write.is_some(), refreshed, "{name}");
        assert_eq!(questions.asked.refreshed, u64::from(refreshed), "{name}");
        let Some(write) = write else { continue };
        assert_eq!((write.how, write.mac, write.state), (How::Change, A, libc::NUD_REACHABLE), "{name}");
        if let Answer::Row(row) = answer {
            assert_eq!(
                (write.flags, write.flags_ext, write.protocol),
                (row.flags, row.flags_ext, row.protocol)
            );
        }
    }
}

#[test]
fn a_probe_is_of_the_claims_host_and_of_nobody_else() {
    let probe = |own| Question::Probe { key: key(1), mac: A, own };
    let row_of = |state| Answer::Row(row(state));
    let other = Answer::Row(NeighborMessage { mac: Some(B), ..row(libc::NUD_STALE) });
    let absent = Answer::Refused(Errno::ENOENT);
    let cases = [
        ("stale", true, row_of(libc::NUD_STALE), Some(How::Change)),
        ("stale", false, row_of(libc::NUD_STALE), Some(How::Change)),
        ("answered just now", true, row_of(libc::NUD_REACHABLE), None),
        ("never asked", false, row_of(libc::NUD_PERMANENT), None),
        ("another host", false, other, None),
        ("gone", true, absent, None),
        ("gone", false, absent, Some(How::Over)),
        (
            "given up",
            false,
            Answer::Row(NeighborMessage { mac: None, ..row(libc::NUD_FAILED) }),
            Some(How::Over),
        ),
    ];
    for (name, own, answer, how) in cases {
        let mut questions = Questions::new(OURS, SOCKET);
        let write = written(&mut questions, probe(own), answer);
        assert_eq!(write.map(|write| write.how), how, "{name}, own {own}");
        assert!(write.is_none_or(|write| (write.mac, write.state) == (A, libc::NUD_PROBE)));
        assert_eq!(questions.is_probing(&key(1)), how.is_some(), "{name}");
    }
}

/// A probe of a host of the peer's, for which an entry was made, that has begun.
fn probing(own: bool, found: Answer) -> Questions {
    let mut questions = Questions::new(OURS, SOCKET);
    assert!(written(&mut questions, Question::Probe { key: key(1), mac: A, own }, found).is_some());
    let late = NeighborMessage { protocol: Some(OURS), ..row(libc::NUD_STALE) };
    questions.notice(key(1), false, &late);
    assert!(questions.is_probing(&key(1)), "it is older than the probe");
    let ours = NeighborMessage { protocol: Some(OURS), cause: SOCKET, ..row(libc::NUD_PROBE) };
    questions.notice(key(1), false, &ours);
    questions.notice(key(1), false, &NeighborMessage { cause: 0, ..ours });
    assert!(questions.is_probing(&key(1)), "the kernel probes");
    questions
}

#[test]
fn nobody_answers() {
    let absent = Answer::Refused(Errno::ENOENT);
    let there = Answer::Row(row(libc::NUD_STALE));
    for (state, gone) in [(libc::NUD_FAILED, false), (libc::NUD_STALE, false), (libc::NUD_STALE, true)] {
        let last = NeighborMessage { protocol: Some(OURS), ..row(state) };
        let mut questions = probing(false, absent);
        questions.notice(key(1), gone, &last);
        assert_eq!(questions.follow(), [(key(1), Verb::Remove)], "what was made for it goes");
        assert_eq!((questions.take_unanswered(), questions.asked.unanswered), (vec![key(1)], 1));
        let mut questions = probing(false, there);
        questions.notice(key(1), gone, &last);
        assert_eq!((questions.follow(), questions.take_unanswered()), (vec![], vec![key(1)]));
        let mut questions = probing(true, there);
        questions.notice(key(1), gone, &last);
        assert_eq!((questions.follow(), questions.take_unanswered()), (vec![], vec![]), "the learner tells");
    }
}

#[test]
fn somebody_answers() {
    let answered = NeighborMessage { protocol: Some(OURS), ..row(libc::NUD_REACHABLE) };
    let mut questions = probing(false, Answer::Refused(Errno::ENOENT));
    questions.notice(key(1), false, &answered);
    assert_eq!(questions.follow(), [(key(1), Verb::Write(hand_over(A, false, libc::NUD_REACHABLE)))]);
    assert_eq!((questions.take_unanswered(), questions.take_handed_over()), (vec![], vec![key(1)]));
    assert_eq!(questions.asked.answered, 1);
    let mut questions = probing(true, Answer::Row(row(libc::NUD_STALE)));
    questions.notice(key(1), false, &row(libc::NUD_REACHABLE));
    assert_eq!((questions.follow(), questions.asked.answered), (vec![], 1), "it was the kernel's all along");
}

#[test]
fn a_probe_of_which_nothing_is_heard_is_looked_at() {
    let mut questions = probing(false, Answer::Refused(Errno::ENOENT));
    let due = questions.next_wake().expect("it is not waited for without end");
    assert_eq!(due, Time::ZERO + limits::KERNEL_PROBE_PATIENCE);
    assert_eq!(questions.looks(due), [(key(1), Purpose::Late)]);
    questions.judge(due, key(1), Purpose::Late, &Answer::Row(row(libc::NUD_PROBE)));
    assert_eq!(questions.next_wake(), Some(due + limits::KERNEL_PROBE_PATIENCE));
    questions.judge(due, key(1), Purpose::Late, &Answer::Refused(Errno::ENOENT));
    assert_eq!(questions.take_unanswered(), [key(1)]);
}

#[test]
fn what_waits_and_what_is_probed_at_once_is_bounded() {
    let mut questions = Questions::new(OURS, SOCKET);
    for n in 0..u16::MAX {
        questions.take(Question::Probe { key: key(n), mac: A, own: false });
    }
    for n in 0..10 {
        questions.take(Question::Probe { key: key(n), mac: A, own: false });
    }
    assert_eq!(questions.asked.dropped, 9);
    let looks = questions.looks(Time::ZERO);
    assert_eq!(looks.len(), limits::KERNEL_PROBES);
    for (key, purpose) in looks {
        questions.judge(Time::ZERO, key, purpose, &Answer::Refused(Errno::ENOENT));
    }
    assert!(questions.looks(Time::ZERO).is_empty() && !questions.has_work(), "until some are over");
}
