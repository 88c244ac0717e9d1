//! Neighbours that the NOS uses for next hops of its own.

use super::*;
use crate::node::view::Reason;

fn used(rig: &mut Rig, ip: &str, used: bool) {
    rig.tell(Input::InUse { keys: vec![key(vlanif(10), ip)], used });
}

#[test]
fn a_neighbour_that_is_used_is_not_removed_and_that_is_said() {
    let k = key(vlanif(10), "10.0.0.2");
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    rig.theirs(k, claim(1, mlag(1)));
    used(&mut rig, "10.0.0.2", true);
    rig.take();
    rig.theirs_gone(k);
    rig.pass(Duration::from_secs(600));
    assert_eq!(rig.take(), [] as [String; 0]);
    assert!(rig.events.contains(&Event::KeptInUse { key: k }));
    let reasons: Vec<_> = rig.node.proof().exceptions.reasons.iter().map(|row| row.reason).collect();
    assert_eq!(reasons, [Reason::InUse]);
    // It may change, and come back.
    rig.theirs(k, claim(2, mlag(1)));
    assert_eq!(rig.take(), ["neighbor set 10.0.0.2"]);
    rig.theirs_gone(k);
    assert_eq!(rig.take(), [] as [String; 0]);
    used(&mut rig, "10.0.0.2", false);
    assert_eq!(rig.take(), ["neighbor remove 10.0.0.2"]);
    assert!(rig.node.proof().exceptions.reasons.is_empty());
    assert!(rig.node.mirror.is_vacant(0));
}

#[test]
fn one_that_is_used_before_it_is_claimed_is_remembered() {
    let k = key(vlanif(10), "10.0.0.2");
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    used(&mut rig, "10.0.0.2", true);
    rig.theirs(k, claim(1, mlag(1)));
    rig.theirs_gone(k);
    assert_eq!(rig.take(), ["neighbor create 10.0.0.2"]);
    used(&mut rig, "10.0.0.2", false);
    assert_eq!(rig.take(), ["neighbor remove 10.0.0.2"]);
}

#[test]
fn one_that_waits_to_be_removed_is_kept_and_one_that_is_used_keeps_its_interface() {
    let k = key(vlanif(10), "10.0.0.2");
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    rig.theirs(k, claim(1, mlag(1)));
    rig.refusals.push(("neighbor remove", Status::OBJECT_IN_USE));
    rig.theirs_gone(k);
    rig.refusals.clear();
    used(&mut rig, "10.0.0.2", true);
    rig.take();
    rig.tell(Input::Unbind(vlanif(10)));
    rig.pass(Duration::from_secs(600));
    assert_eq!(rig.take(), [] as [String; 0]);
    assert!(!rig.events.contains(&Event::Released { interface: vlanif(10) }));
    used(&mut rig, "10.0.0.2", false);
    assert_eq!(rig.take(), ["neighbor remove 10.0.0.2"]);
    assert!(rig.events.contains(&Event::Released { interface: vlanif(10) }));
}
