//! Who is in the hardware where there is not room for all: one switch claims hosts, the other one has quotas, a number of
//! slots, or hardware that is full, and says to both sides what it turned away.

use crate::rig::{Rig, held};
use crate::room::{Pair, ip};
use mlagsync::addr::{InterfaceId, MlagId};
use mlagsync::mirror::batch::OpKind;
use mlagsync::neighbor::Attachment;
use mlagsync::node::io::{Event, Input, Limits, Scope};
use mlagsync::node::view::{ExceptionsView, HostState, Reason};
use mlagsync::sai::Status;
use mlagsync::table::refusal::Refusal;
use sai::inspect::SimSwitch;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn mlag() -> Attachment {
    Attachment::Mlag(MlagId::new(7).unwrap())
}

fn interface() -> InterfaceId {
    "Vlanif10".parse().unwrap()
}

/// Addresses that the hardware does not hold although they are claimed.
fn missing(pair: &Pair, sim: &SimSwitch) -> BTreeSet<std::net::IpAddr> {
    let held = held(sim);
    let wanted = &pair.rig.wanted;
    for (ip, mac) in &held {
        assert_eq!(wanted.get(ip), Some(mac), "nothing else is there");
    }
    wanted.keys().copied().filter(|ip| !held.contains_key(ip)).collect()
}

/// Both sides list what is not in the hardware, for these reasons, and nothing else.
fn both_list(pair: &Pair, sim: &SimSwitch, expected: &[(Reason, usize)]) {
    let missing = missing(pair, sim);
    let said = |view: ExceptionsView| {
        let reasons: Vec<_> = view.reasons.iter().map(|row| (row.reason, row.count as usize)).collect();
        assert_eq!(reasons, expected);
        let listed: BTreeSet<_> = view.some.iter().map(|row| row.key.ip).collect();
        assert_eq!(listed, missing);
    };
    said(pair.rig.node.proof().exceptions);
    said(pair.owner.proof().peer_exceptions.expect("the peer reports"));
    let counted: u64 = pair.rig.node.counters().refusals.values().sum();
    assert_eq!(counted, missing.len() as u64);
}

/// Reasons of rejects with their numbers; thresholds, and whether they were reached.
type Told = (Vec<(Reason, u64)>, Vec<(u8, bool)>);

/// Who was turned away, and how many were by then, in the order in which it was told; thresholds likewise.
fn told(events: &[Event]) -> Told {
    let mut all = Told::default();
    for event in events {
        match event {
            Event::Rejects { reason, count, .. } => all.0.push((*reason, *count)),
            Event::Threshold { percent, rising, .. } => all.1.push((*percent, *rising)),
            _ => {}
        }
    }
    all
}

#[test]
fn rule_11_hosts_over_a_quota_are_listed_on_both_sides_told_to_the_nos_and_come_when_room_does() {
    let (sim, rig) = Rig::linked(&[]);
    let mut pair = Pair::new(rig);
    let limits = |quota| Limits { interfaces: vec![(interface(), quota)], ..Limits::default() };
    pair.rig.tell(Input::Limits(limits(10)));
    pair.rig.events.clear();
    pair.claim_as(0..6, Attachment::Orphan);
    pair.run(SECOND);
    both_list(&pair, &sim, &[]);
    assert_eq!(told(&pair.rig.events), (vec![], vec![]));
    pair.claim_as(6..14, Attachment::Orphan);
    pair.run(SECOND);
    both_list(&pair, &sim, &[(Reason::Refused(Refusal::Quota), 4)]);
    let quota = Reason::Refused(Refusal::Quota);
    assert_eq!(told(&pair.rig.events), (vec![(quota, 4)], vec![(70, true), (85, true)]));
    // More of them are told of together, later.
    pair.rig.events.clear();
    for n in 14..20 {
        pair.claim_as([n], Attachment::Orphan);
        pair.run(SECOND);
    }
    assert_eq!(told(&pair.rig.events), (vec![], vec![]));
    pair.run(60 * SECOND);
    assert_eq!(told(&pair.rig.events).0, [(quota, 6)]);
    let view = pair.rig.node.admission();
    assert_eq!((view.quotas.len(), view.table.of), (1, None));
    let row = &view.quotas[0];
    assert_eq!((&row.scope, row.used, row.of), (&Scope::Interface(interface()), 10, Some(10)));
    assert_eq!((row.threshold, row.orphan, row.waiting), (Some(85), 10, 10));
    // `why` says so, too.
    assert_eq!(pair.rig.host(ip(19)).unwrap().state, HostState::Refused { refusal: Refusal::Quota });

    // Two leave: the two who have waited longest come, without a refused call.
    pair.rig.forget_asked();
    pair.withdraw(&BTreeSet::from([3, 5]));
    pair.run(SECOND);
    assert_eq!(missing(&pair, &sim), (12..20).map(ip).collect());
    both_list(&pair, &sim, &[(quota, 8)]);
    assert_eq!((pair.rig.count(OpKind::Create, |_| true), pair.refused()), (2, 0));
    // A larger quota: all come. A smaller one: the youngest go, a tenth of what is there in a minute.
    pair.rig.tell(Input::Limits(limits(100)));
    pair.run(SECOND);
    both_list(&pair, &sim, &[]);
    pair.rig.events.clear();
    pair.rig.tell(Input::Limits(limits(14)));
    pair.run(SECOND);
    both_list(&pair, &sim, &[(quota, 1)]);
    pair.run(300 * SECOND);
    both_list(&pair, &sim, &[(quota, 4)]);
    pair.rig.node.recompute();
    assert_eq!(missing(&pair, &sim).len(), 4);
}

#[test]
fn rule_11_a_dual_homed_host_takes_an_orphans_slot_and_the_orphan_comes_back() {
    let (sim, rig) = Rig::linked(&[]);
    let mut pair = Pair::new(rig);
    pair.rig.tell(Input::Limits(Limits { slots: Some(100), ..Limits::default() }));
    pair.claim_as(0..100, Attachment::Orphan);
    pair.run(SECOND);
    pair.rig.forget_asked();
    pair.claim_as(200..205, mlag());
    pair.run(SECOND);
    let capacity = Reason::Refused(Refusal::Capacity);
    both_list(&pair, &sim, &[(capacity, 5)]);
    assert!(missing(&pair, &sim).iter().all(|gone| (0..100).any(|n| ip(n) == *gone)));
    assert_eq!((pair.rig.count(OpKind::Remove, |_| true), pair.refused()), (5, 0));
    // An equal gets nobody's slot.
    pair.claim_as([300], Attachment::Orphan);
    pair.run(120 * SECOND);
    both_list(&pair, &sim, &[(capacity, 6)]);
    pair.withdraw(&(200..205).collect());
    pair.run(SECOND);
    assert_eq!(missing(&pair, &sim).len(), 1);
    both_list(&pair, &sim, &[(capacity, 1)]);
}

#[test]
fn rule_11_full_hardware_makes_room_for_an_earlier_class_and_takes_the_others_back() {
    let (sim, rig) = Rig::linked(&[("SAI_SIM_HOST_CAPACITY", "100")]);
    let mut pair = Pair::new(rig);
    pair.claim_as(0..100, Attachment::Orphan);
    pair.run(SECOND);
    pair.rig.forget_asked();
    pair.rig.events.clear();
    pair.claim_as(200..225, mlag());
    pair.run(SECOND);
    let dual_homed = |pair: &Pair| {
        let held = held(&sim);
        let there = (200..225).filter(|n| held.contains_key(&ip(*n))).count();
        assert_eq!(held.len(), 100, "no slot is left unused");
        assert!(there <= pair.rig.count(OpKind::Remove, |_| true));
        there
    };
    assert_eq!(dual_homed(&pair), 10, "a tenth of the table in a minute");
    // Those that made way, and those that wait for others to do so.
    let made_way = Reason::Refused(Refusal::Capacity);
    both_list(&pair, &sim, &[(made_way, 10), (Reason::TableFull, 15)]);
    assert_eq!(told(&pair.rig.events).0, [(Reason::TableFull, 25)], "the alarm on refusals by the ASIC");
    pair.run(200 * SECOND);
    assert_eq!(dual_homed(&pair), 25);
    let creates = pair.rig.count(OpKind::Create, |_| true);
    assert!(pair.refused() < 25 + 2 * 200 + 25, "{} of {creates} were refused", pair.refused());
    assert_eq!(pair.rig.count(OpKind::Remove, |gone| (200..225).any(|n| ip(n) == *gone)), 0);
    // It has come to rest: nobody makes way any more.
    pair.rig.forget_asked();
    pair.run(600 * SECOND);
    assert_eq!(pair.rig.count(OpKind::Remove, |_| true), 0);
    // They leave, and all others come back.
    pair.withdraw(&(200..225).collect());
    pair.run(60 * SECOND);
    assert_eq!(missing(&pair, &sim), BTreeSet::new());
    both_list(&pair, &sim, &[]);
}

#[test]
fn rule_11_a_host_whose_bucket_is_full_turns_nobody_out_for_long() {
    let profile = [("SAI_SIM_HOST_CAPACITY", "1024"), ("SAI_SIM_HOST_BANKS", "1x4")];
    let (sim, rig) = Rig::linked(&profile);
    let mut pair = Pair::new(rig);
    pair.claim_as(0..500, Attachment::Orphan);
    pair.run(SECOND);
    let stuck_orphans = missing(&pair, &sim).len();
    pair.claim_as(1000..1100, mlag());
    pair.run(600 * SECOND);
    let dual_homed = |missing: &BTreeSet<_>| (1000..1100).filter(|n| missing.contains(&ip(*n))).count();
    let gone = missing(&pair, &sim);
    let stuck = dual_homed(&gone);
    assert!(stuck > 0 && stuck_orphans > 0, "nothing is tested: {stuck}, {stuck_orphans}");
    // Those that made way are back where there is room: only whose bucket is full is out.
    for out in &gone {
        let host = [(*out, pair.rig.wanted[out])];
        let tried = pair.rig.behind_its_back(OpKind::Create, &host);
        let full = mlagsync::mirror::batch::Outcome::Refused(Status::TABLE_FULL);
        assert_eq!(tried, [full], "there was room for {out}");
    }
    let view = pair.rig.node.admission();
    assert_eq!(view.made_way, 0, "{view:?}");
    assert!(view.evicted <= 5 * stuck as u64 + 100, "{view:?}");
    // And nobody makes way any more; one test a second goes on.
    pair.rig.forget_asked();
    pair.run(600 * SECOND);
    assert_eq!(pair.rig.count(OpKind::Remove, |_| true), 0);
    assert!(pair.refused() <= 601, "{}", pair.refused());
    let reasons = BTreeMap::from([(Refusal::Capacity, gone.len() as u64)]);
    assert_eq!(pair.rig.node.counters().refusals, reasons);
}

#[test]
fn room_is_decided_in_pieces_however_large_the_table_is() {
    let (sim, mut rig) = Rig::linked(&[]);
    let hosts = 40_000u32;
    rig.learn((0..hosts).map(|n| (ip(n), crate::rig::mac(n, 1))));
    rig.run(SECOND);
    assert_eq!(sim.neighbor_count(), hosts as usize);
    // The node does so much for one input, and asks to be woken at once for the rest.
    let now = rig.now;
    rig.node.handle(now, Input::Limits(Limits { slots: Some(39_000), ..Limits::default() }));
    assert!(rig.node.next_wake().is_some_and(|at| at <= now), "not all at once");
    rig.run(SECOND);
    assert_eq!(rig.node.admission().table.waiting, 1000);
    assert_eq!(sim.neighbor_count(), 39_000);
    rig.tell(Input::Limits(Limits::default()));
    rig.run(SECOND);
    assert_eq!(sim.neighbor_count(), hosts as usize);
}
