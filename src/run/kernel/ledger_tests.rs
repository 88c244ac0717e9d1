//! The ledger by itself: what it asks, and what follows from each answer of the kernel's.

use super::*;
use std::net::IpAddr;

const A: Mac = Mac([2, 0, 0, 0, 0, 1]);
const B: Mac = Mac([2, 0, 0, 0, 0, 2]);
const OURS: u8 = 77;
const START: Time = Time::ZERO;

fn key(n: u8) -> Key {
    Key { interface: "Vlanif10".parse().expect("legal"), ip: IpAddr::from([10, 0, 0, n]) }
}

fn host(mac: Mac) -> KernelWant {
    KernelWant::Host { mac, router: false }
}

fn ledger() -> Ledger {
    let mut ledger = Ledger::new(OURS);
    ledger.set_links([(key(1).interface, Link { index: 3, up: true })].into());
    ledger.extern_valid = ExternValid::Has;
    ledger
}

fn row(mac: Mac, state: u16) -> NeighborMessage {
    NeighborMessage {
        family: libc::AF_INET as u8,
        ifindex: 3,
        state,
        flags: libc::NTF_EXT_LEARNED,
        ip: Some(key(1).ip),
        mac: Some(mac),
        master: None,
        vlan: None,
        protocol: Some(OURS),
        flags_ext: EXT_VALIDATED,
        cause: 0,
    }
}

/// What it asks now, in words.
fn asked(ledger: &mut Ledger) -> Vec<String> {
    let word = |(key, request): &(Key, Request)| match request.verb {
        Verb::Write(write) if write.protocol == Some(OURS) => {
            format!("{:?} {} {}", write.how, key.ip, write.mac)
        }
        Verb::Write(write) => format!("hand over {} {}", key.ip, write.mac),
        Verb::Remove => format!("remove {}", key.ip),
        Verb::Look => format!("look {}", key.ip),
    };
    ledger.next(100).iter().map(word).collect()
}

/// Answers everything that it asks now alike.
fn answer(ledger: &mut Ledger, now: Time, answer: Answer) {
    for (key, request) in ledger.next(100) {
        ledger.settle(now, key, &request.verb, answer);
    }
}

fn installed() -> Ledger {
    let mut ledger = ledger();
    ledger.take(&[(key(1), host(A))]);
    answer(&mut ledger, START, Answer::Done);
    assert_eq!((ledger.tally.installed, ledger.has_work()), (1, false));
    ledger
}

#[test]
fn what_is_asked_follows_from_what_is_there() {
    let dead = NeighborMessage { mac: None, protocol: None, ..row(A, libc::NUD_FAILED) };
    let foreign = NeighborMessage { protocol: None, ..row(A, libc::NUD_STALE) };
    let fixed = NeighborMessage { flags: 0, ..row(A, libc::NUD_PERMANENT) };
    let cases = [
        (Answer::Refused(Errno::ENOENT), vec!["New 10.0.0.1 02:00:00:00:00:02"]),
        (Answer::Row(dead), vec!["Over 10.0.0.1 02:00:00:00:00:02"]),
        (Answer::Row(foreign), vec![]),
        (Answer::Row(fixed), vec![]),
        (Answer::Row(row(A, libc::NUD_REACHABLE)), vec!["Change 10.0.0.1 02:00:00:00:00:02"]),
        (Answer::Row(row(B, libc::NUD_STALE)), vec![]),
        (Answer::Lost, vec!["look 10.0.0.1"]),
    ];
    for (found, want) in cases {
        let mut ledger = ledger();
        ledger.take(&[(key(1), host(B))]);
        assert_eq!(asked(&mut ledger), ["New 10.0.0.1 02:00:00:00:00:02"]);
        let new = ledger.host(Wanted { mac: B, router: false }, How::New);
        ledger.settle(START, key(1), &new, Answer::Refused(Errno::EEXIST));
        assert_eq!(asked(&mut ledger), ["look 10.0.0.1"], "something is there");
        ledger.settle(START, key(1), &Verb::Look, found);
        assert_eq!(asked(&mut ledger), want, "{found:?}");
    }
}

#[test]
fn what_changes_while_it_waits_is_asked_once() {
    let mut ledger = installed();
    for mac in [B, A, B, A] {
        ledger.take(&[(key(1), host(mac))]);
    }
    assert_eq!(asked(&mut ledger), Vec::<String>::new(), "there and back again");
    ledger.take(&[(key(1), host(B))]);
    ledger.take(&[(key(1), KernelWant::Nothing)]);
    assert_eq!(asked(&mut ledger), ["remove 10.0.0.1"]);
}

#[test]
fn what_is_gone_is_not_remembered() {
    let mut ledger = installed();
    ledger.take(&[(key(1), KernelWant::Nothing)]);
    answer(&mut ledger, START, Answer::Done);
    assert!(ledger.slots.is_empty());
    ledger.take(&[(key(2), KernelWant::Own), (key(3), KernelWant::Nothing)]);
    assert_eq!(asked(&mut ledger), Vec::<String>::new());
    assert!(ledger.slots.is_empty());
    assert_eq!(ledger.tally.wanted, 0);
}

#[test]
fn a_full_table_is_counted_and_tried_again_ever_more_rarely() {
    let mut ledger = ledger();
    ledger.take(&[(key(1), host(A)), (key(2), host(A))]);
    let mut now = START;
    let mut waits = Vec::new();
    for round in 1..=7 {
        answer(&mut ledger, now, Answer::Refused(Errno::ENOBUFS));
        assert_eq!(asked(&mut ledger), Vec::<String>::new(), "not at once");
        assert_eq!(ledger.tally.table_full, 2 * round);
        let due = ledger.next_wake().expect("it is tried again");
        waits.push(due.since(now).as_secs());
        now = due;
        ledger.wake(now);
        // What became of it is not known, so it is looked at first.
        assert_eq!(ledger.queue.len(), 2);
        answer(&mut ledger, now, Answer::Refused(Errno::ENOENT));
    }
    assert_eq!(waits, [1, 2, 5, 15, 60, 60, 60]);
    answer(&mut ledger, now, Answer::Done);
    assert_eq!((ledger.tally.installed, ledger.refusal), (2, Some(Errno::ENOBUFS)));
    ledger.take(&[(key(3), host(A))]);
    answer(&mut ledger, now, Answer::Refused(Errno::ENOBUFS));
    assert_eq!(ledger.next_wake().map(|at| at.since(now).as_secs()), Some(1), "there was room meanwhile");
}

#[test]
fn one_refusal_does_not_hold_up_the_others() {
    let mut ledger = ledger();
    ledger.take(&[(key(1), host(A)), (key(2), host(A))]);
    for (key, request) in ledger.next(100) {
        let refused = key.ip == IpAddr::from([10, 0, 0, 1]);
        let answer = if refused { Answer::Refused(Errno::EPERM) } else { Answer::Done };
        ledger.settle(START, key, &request.verb, answer);
    }
    assert_eq!((ledger.tally.installed, ledger.tally.refused), (1, 1));
}

#[test]
fn a_kernel_without_externally_validated_entries_is_found_out() {
    let flags = |ledger: &mut Ledger| match ledger.next(1)[..] {
        [(_, Request { verb: Verb::Write(write), .. })] => write.flags_ext,
        ref other => panic!("{other:?}"),
    };
    // Linux 5.16 refuses a flag that it does not know …
    let mut first = ledger();
    first.extern_valid = ExternValid::Untried;
    first.take(&[(key(1), host(A))]);
    answer(&mut first, START, Answer::Refused(Errno::EINVAL));
    answer(&mut first, START, Answer::Refused(Errno::ENOENT));
    assert_eq!((flags(&mut first), first.extern_valid), (0, ExternValid::Lacks));
    // … an older one passes the attribute over …
    for (flags_ext, found) in [(0, ExternValid::Lacks), (EXT_VALIDATED, ExternValid::Has)] {
        let mut ledger = ledger();
        ledger.extern_valid = ExternValid::Untried;
        ledger.take(&[(key(1), host(A))]);
        answer(&mut ledger, START, Answer::Done);
        assert_eq!(ledger.queue.len(), 1, "it is looked at");
        let written = NeighborMessage { flags_ext, ..row(A, libc::NUD_STALE) };
        answer(&mut ledger, START, Answer::Row(written));
        assert_eq!((ledger.extern_valid, ledger.tally.installed), (found, 1));
    }
    // … and what such a kernel gives up is written again.
    let mut ledger = installed();
    let given_up = NeighborMessage { mac: None, ..row(A, libc::NUD_FAILED) };
    ledger.see(key(1), false, &given_up, false);
    assert_eq!(asked(&mut ledger), ["Over 10.0.0.1 02:00:00:00:00:01"]);
}

#[test]
fn a_device_that_is_down_or_gone_is_asked_nothing() {
    let mut ledger = installed();
    let vlanif = key(1).interface;
    ledger.set_links([(vlanif, Link { index: 3, up: false })].into());
    ledger.take(&[(key(1), host(B)), (key(2), host(B))]);
    assert_eq!(asked(&mut ledger), Vec::<String>::new());
    ledger.set_links([(vlanif, Link { index: 3, up: true })].into());
    let mut asks = asked(&mut ledger);
    asks.sort();
    assert_eq!(asks, ["Change 10.0.0.1 02:00:00:00:00:02", "New 10.0.0.2 02:00:00:00:00:02"]);
    ledger.set_links(BTreeMap::new());
    assert_eq!((ledger.tally.installed, asked(&mut ledger)), (0, vec![]));
    ledger.set_links([(vlanif, Link { index: 9, up: true })].into());
    let indices: Vec<u32> = ledger.next(9).iter().map(|(_, request)| request.link).collect();
    assert_eq!(indices, [9, 9]);
}
