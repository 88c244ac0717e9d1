//! Hosts that are told of one by one.

use super::*;
use crate::limits::{HOST_TELL_PERIOD, HOST_TELLS};
use crate::table::refusal::Refusal;

fn of_hosts(rig: &mut Rig) -> Vec<Event> {
    let mut events = std::mem::take(&mut rig.events);
    events.retain(|event| {
        matches!(
            event,
            Event::Refused { .. }
                | Event::MoreRefused { .. }
                | Event::Adopted { .. }
                | Event::MoreAdopted { .. }
        )
    });
    events
}

#[test]
fn a_host_that_is_refused_is_told_of_once_with_its_reason() {
    let mut rig = Rig::managed();
    let (zero, unknown) = (key(vlanif(10), "10.0.0.2"), key(vlanif(11), "10.0.0.3"));
    let no_mac = Claim { mac: Mac::default(), ..claim(0, mlag(1)) };
    for _ in 0..2 {
        rig.theirs(zero, no_mac);
        rig.theirs(unknown, claim(3, mlag(1)));
    }
    let refused = |key, refusal| Event::Refused { key, reason: Reason::Refused(refusal), status: None };
    let expected = [refused(zero, Refusal::MacZero), refused(unknown, Refusal::InterfaceUnknown)];
    assert_eq!(of_hosts(&mut rig), expected);
    rig.theirs(zero, claim(2, mlag(1)));
    assert_eq!(of_hosts(&mut rig), [], "it is not refused any more");
    rig.theirs(zero, no_mac);
    assert_eq!(of_hosts(&mut rig), [refused(zero, Refusal::MacZero)]);
}

#[test]
fn a_host_that_the_asic_refuses_as_wrong_is_told_of_with_its_status() {
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    rig.refusals.push(("neighbor create", Status::INVALID_PARAMETER));
    let lan = key(vlanif(10), "10.0.0.2");
    rig.theirs(lan, claim(1, mlag(1)));
    let status = Some(Status::INVALID_PARAMETER);
    assert_eq!(of_hosts(&mut rig), [Event::Refused { key: lan, reason: Reason::Rejected, status }]);
    // What waits for something is not refused.
    rig.refusals[0].1 = Status::TABLE_FULL;
    rig.theirs(key(vlanif(10), "10.0.0.3"), claim(2, mlag(1)));
    assert_eq!(of_hosts(&mut rig), []);
}

#[test]
fn of_a_whole_table_that_is_refused_some_are_told_and_the_others_counted() {
    let mut rig = Rig::managed();
    let hosts = HOST_TELLS as u32 + 23;
    for n in 0..hosts {
        let key = Key { interface: vlanif(11), ip: std::net::Ipv4Addr::from(0x0a00_0000 + n).into() };
        rig.node.table.remote_upsert(&[(key, claim(1, mlag(1)))]);
    }
    rig.tell(Input::Wake);
    assert_eq!(of_hosts(&mut rig).len(), HOST_TELLS);
    let due = rig.node.next_wake().expect("the count is to be told");
    assert_eq!(due, Time::ZERO + HOST_TELL_PERIOD);
    rig.pass(HOST_TELL_PERIOD);
    assert_eq!(of_hosts(&mut rig), [Event::MoreRefused { hosts: 23 }]);
    let another = key(vlanif(12), "10.0.0.2");
    rig.theirs(another, claim(1, mlag(1)));
    assert_eq!(of_hosts(&mut rig).len(), 1, "and one by one again");
}

/// By the journal, or because somebody else made it: what is found there and is claimed is ours, and told of once.
#[test]
fn an_entry_that_was_there_first_is_told_of_when_it_is_claimed() {
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    let (as_it_is, otherwise, nobodys) =
        (key(vlanif(10), "10.0.0.2"), key(vlanif(10), "10.0.0.3"), key(vlanif(10), "10.0.0.4"));
    let host = |n| Host { mac: mac(n), no_host_route: false };
    for (key, n) in [(as_it_is, 1), (otherwise, 9), (nobodys, 3)] {
        rig.neighbors.insert((1, key.ip), host(n));
    }
    let adopted =
        |key: Key| Adopted { interface: key.interface, rif: Oid::from_raw(1), ip: key.ip, doubt: false };
    rig.tell(Input::Adopt(vec![adopted(as_it_is), adopted(otherwise), adopted(nobodys)]));
    assert_eq!(of_hosts(&mut rig), [], "nobody has claimed them");
    rig.take();
    rig.theirs(as_it_is, claim(1, mlag(1)));
    rig.theirs(otherwise, claim(2, mlag(1)));
    let told = |key, n| Event::Adopted { key, found: mac(n) };
    assert_eq!(of_hosts(&mut rig), [told(as_it_is, 1), told(otherwise, 9)]);
    assert_eq!(rig.take(), ["neighbor set 10.0.0.3"]);
    // Somebody else made this one, which a creation of ours finds out.
    let strangers = key(vlanif(10), "10.0.0.5");
    rig.neighbors.insert((1, strangers.ip), host(7));
    rig.theirs(strangers, claim(5, mlag(1)));
    assert_eq!(of_hosts(&mut rig), [told(strangers, 7)]);
    // One of ours is nobody else's.
    rig.theirs(key(vlanif(10), "10.0.0.6"), claim(6, mlag(1)));
    rig.theirs(as_it_is, claim(8, mlag(1)));
    rig.theirs_gone(as_it_is);
    rig.theirs(as_it_is, claim(8, mlag(1)));
    assert_eq!(of_hosts(&mut rig), []);
}
