//! FDB entries and host routes from before a restart: adopted, claimed, handed over, and swept in their order.

use super::*;
use crate::limits::STALE_TIMER;

/// What a life before this one left: a host on a VLAN with its FDB entry, and a host of a routed interface with its route.
fn left() -> Rig {
    let mut rig = Rig::managed();
    let host = |n, no_host_route| Host { mac: mac(n), no_host_route };
    rig.neighbors.insert((1, "10.0.0.2".parse().unwrap()), host(1, false));
    rig.fdb.insert((VLAN, mac(1)), FdbHost { port: Oid::from_raw(MEMBER), dynamic: false });
    rig.neighbors.insert((2, "10.9.0.2".parse().unwrap()), host(2, true));
    rig.routes.insert((ROUTER.raw(), "10.9.0.2".parse().unwrap()), Via::Neighbor(Oid::from_raw(2)));
    rig
}

fn adopt(rig: &mut Rig) {
    let (vlan, routed) = (key(vlanif(10), "10.0.0.2"), key(trunk(1), "10.9.0.2"));
    let neighbor = |key: Key, rif| Adopted {
        interface: key.interface,
        rif: Oid::from_raw(rif),
        ip: key.ip,
        doubt: false,
    };
    rig.tell(Input::AdoptFdb(vec![AdoptedFdb { domain: VLAN, mac: mac(1), doubt: false }]));
    // The journal does not know for sure which interface a route is of.
    let route =
        AdoptedRoute { virtual_router: ROUTER, ip: routed.ip, interface: vlan.interface, doubt: false };
    rig.tell(Input::AdoptRoutes(vec![route]));
    rig.tell(Input::Adopt(vec![neighbor(vlan, 1), neighbor(routed, 2)]));
}

fn writes(rig: &mut Rig) -> Vec<String> {
    rig.take().into_iter().filter(|line| !line.contains(" read ")).collect()
}

fn nothing() -> [String; 0] {
    []
}

#[test]
fn what_is_claimed_as_it_is_costs_readings_and_no_write() {
    let mut rig = left();
    adopt(&mut rig);
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.theirs(key(trunk(1), "10.9.0.2"), claim(2, mlag(1)));
    assert_eq!(writes(&mut rig), nothing());
    rig.tell(Input::LocalComplete);
    rig.pass(STALE_TIMER * 2);
    assert_eq!(writes(&mut rig), nothing());
    assert!(!rig.events.iter().any(|event| matches!(event, Event::LeftoversSwept { .. })));
    assert_eq!(rig.disowned, []);
    // It is ours like any other: it follows its member, and goes when its claim goes.
    rig.member(1, LinkState::Down, LinkState::Forwarding);
    assert_eq!(rig.take(), ["fdb set 02:00:00:00:00:01 3f", "route set 10.9.0.2 hop 40"]);
    rig.theirs_gone(key(trunk(1), "10.9.0.2"));
    assert_eq!(rig.take(), ["route remove 10.9.0.2", "neighbor remove 10.9.0.2"]);
}

#[test]
fn what_nobody_claims_is_swept_once_all_have_spoken_what_stands_on_others_first() {
    let mut rig = left();
    // Whose these are the journal does not say.
    let theirs = (VLAN, mac(9));
    rig.fdb.insert(theirs, FdbHost { port: Oid::from_raw(LONE), dynamic: false });
    let route = (ROUTER.raw(), "10.9.0.9".parse().unwrap());
    rig.routes.insert(route, Via::NextHop(Oid::from_raw(HOP)));
    adopt(&mut rig);
    rig.pass(STALE_TIMER - Duration::from_secs(1));
    rig.tell(Input::LocalComplete);
    assert_eq!(writes(&mut rig), nothing(), "the peer may yet come");
    rig.pass(Duration::from_secs(2));
    let swept = writes(&mut rig);
    let place = |what: &str| swept.iter().position(|line| line == what).expect(what);
    assert_eq!(swept.len(), 4, "{swept:?}");
    assert!(place("route remove 10.9.0.2") < place("neighbor remove 10.9.0.2"));
    assert!(place("neighbor remove 10.0.0.2") < place("fdb remove 02:00:00:00:00:01"));
    assert!(rig.events.contains(&Event::LeftoversSwept { entries: 4 }));
    assert_eq!(rig.fdb.keys().collect::<Vec<_>>(), [&theirs]);
    assert_eq!(rig.routes.keys().collect::<Vec<_>>(), [&route]);
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    rig.disowned.sort_unstable();
    let named = [
        Owned::Neighbor { rif: Oid::from_raw(1), ip: ip("10.0.0.2") },
        Owned::Neighbor { rif: Oid::from_raw(2), ip: ip("10.9.0.2") },
        Owned::Fdb { domain: VLAN, mac: mac(1) },
        Owned::Route { virtual_router: ROUTER, ip: ip("10.9.0.2") },
    ];
    assert_eq!(rig.disowned, named, "and the journal names none of them any more");
}

#[test]
fn an_fdb_entry_waits_for_a_neighbour_that_is_slow_to_go() {
    let mut rig = left();
    rig.refusals.push(("neighbor remove 10.0.0.2", Status::OBJECT_IN_USE));
    adopt(&mut rig);
    rig.tell(Input::LocalComplete);
    rig.pass(STALE_TIMER + Duration::from_secs(1));
    rig.pass(Duration::from_secs(10));
    assert_eq!(rig.entry(1), Some((MEMBER, false)), "its neighbour is there");
    rig.refusals.clear();
    rig.pass(Duration::from_secs(60));
    assert!(rig.neighbors.is_empty() && rig.fdb.is_empty());
}

#[test]
fn one_that_this_device_has_come_to_hear_itself_is_handed_over_once_it_was_read() {
    let mut rig = left();
    rig.silent = true;
    rig.tell(Input::AdoptFdb(vec![AdoptedFdb { domain: VLAN, mac: mac(1), doubt: false }]));
    rig.heard(key(vlanif(10), "10.0.0.3"), 1, mlag(1));
    rig.speak();
    assert_eq!(rig.entry(1), Some((MEMBER, true)), "the hardware ages it from now on");
    assert_eq!(rig.disowned, [Owned::Fdb { domain: VLAN, mac: mac(1) }]);
}

#[test]
fn one_that_the_hardware_keeps_already_is_not_ours_and_not_swept() {
    let mut rig = left();
    rig.fdb.insert((VLAN, mac(1)), FdbHost { port: Oid::from_raw(MEMBER), dynamic: true });
    adopt(&mut rig);
    rig.tell(Input::LocalComplete);
    rig.pass(STALE_TIMER * 2);
    assert_eq!(rig.entry(1), Some((MEMBER, true)));
    assert!(rig.disowned.contains(&Owned::Fdb { domain: VLAN, mac: mac(1) }));
}

#[test]
fn one_that_the_hardware_keeps_on_a_live_port_is_left_to_it_when_the_peer_claims_its_mac() {
    let mut rig = Rig::managed();
    rig.fdb.insert((VLAN, mac(1)), FdbHost { port: Oid::from_raw(LONE), dynamic: true });
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    assert_eq!(rig.entry(1), Some((LONE, true)), "as it says itself, only that it said so before our start");
    let asked = rig.take();
    assert!(!asked.iter().any(|line| line.starts_with("fdb set")), "{asked:?}");
}

#[test]
fn where_the_nos_keeps_the_fdb_its_entries_are_its_own_from_now_on_as_they_are() {
    let mut rig = Rig::new(FdbMode::External, Ownership::All);
    rig.fdb.insert((VLAN, mac(1)), FdbHost { port: Oid::from_raw(MEMBER), dynamic: false });
    rig.tell(Input::AdoptFdb(vec![AdoptedFdb { domain: VLAN, mac: mac(1), doubt: false }]));
    rig.tell(Input::LocalComplete);
    rig.pass(STALE_TIMER * 2);
    assert_eq!((writes(&mut rig), rig.fdb.len()), (vec![], 1));
    assert_eq!(rig.disowned, [Owned::Fdb { domain: VLAN, mac: mac(1) }]);
}

#[test]
fn a_removal_keeps_its_record_until_it_was_seen_where_the_library_is_not_believed() {
    let tuning = Tuning { programming: Programming::Asynchronous, ..unwatched() };
    let (fdb, ownership) = (FdbMode::Managed, Ownership::All);
    let mut rig = Rig::tuned(NodeSettings { seed: 7, ownership, fdb, tuning });
    for (k, n) in [(key(vlanif(10), "10.0.0.2"), 1), (key(trunk(1), "10.9.0.2"), 2)] {
        rig.theirs(k, claim(n, mlag(1)));
    }
    for _ in 0..50 {
        rig.pass(Duration::from_millis(20));
    }
    assert_eq!((rig.neighbors.len(), rig.fdb.len(), rig.routes.len()), (2, 1, 1));
    rig.theirs_gone(key(vlanif(10), "10.0.0.2"));
    rig.theirs_gone(key(trunk(1), "10.9.0.2"));
    assert_eq!(rig.disowned, [], "it says so, and it may not be done");
    for _ in 0..50 {
        rig.pass(Duration::from_millis(20));
    }
    assert_eq!((rig.neighbors.len(), rig.fdb.len(), rig.routes.len()), (0, 0, 0));
    assert_eq!(rig.disowned.len(), 4, "{:?}", rig.disowned);
}

#[test]
fn many_that_nobody_claims_wait_for_an_operator_when_the_peer_comes_back_empty() {
    let tuning = Tuning { sweep_guard: 3, ..unwatched() };
    let (fdb, ownership) = (FdbMode::Managed, Ownership::All);
    let mut rig = Rig::tuned(NodeSettings { seed: 7, ownership, fdb, tuning });
    let from = left();
    (rig.neighbors, rig.fdb, rig.routes) = (from.neighbors, from.fdb, from.routes);
    adopt(&mut rig);
    rig.tell(Input::LocalComplete);
    rig.node.peer_has_named();
    rig.tell(Input::Wake);
    let held = |rig: &Rig| rig.events.iter().filter(|e| matches!(e, Event::LeftoversHeld { .. })).count();
    assert!(rig.events.contains(&Event::LeftoversHeld { entries: 4 }), "{:?}", rig.events);
    rig.pass(STALE_TIMER - Duration::from_secs(2));
    assert_eq!((writes(&mut rig).len(), held(&rig)), (0, 1), "it is told once, and nothing goes");
    rig.tell(Input::Sweep);
    assert_eq!(writes(&mut rig).len(), 4);
    assert!(rig.events.contains(&Event::LeftoversSwept { entries: 4 }));
    assert!(rig.neighbors.is_empty() && rig.fdb.is_empty() && rig.routes.is_empty());
}

#[test]
fn held_leftovers_go_at_the_stale_timer_without_an_operator_and_few_are_not_held() {
    for (guard, held) in [(3, true), (4, false)] {
        let tuning = Tuning { sweep_guard: guard, ..unwatched() };
        let (fdb, ownership) = (FdbMode::Managed, Ownership::All);
        let mut rig = Rig::tuned(NodeSettings { seed: 7, ownership, fdb, tuning });
        let from = left();
        (rig.neighbors, rig.fdb, rig.routes) = (from.neighbors, from.fdb, from.routes);
        adopt(&mut rig);
        rig.tell(Input::LocalComplete);
        rig.node.peer_has_named();
        rig.tell(Input::Wake);
        assert_eq!(rig.neighbors.is_empty(), !held, "guard {guard}");
        rig.pass(STALE_TIMER + Duration::from_secs(1));
        assert!(rig.neighbors.is_empty() && rig.fdb.is_empty() && rig.routes.is_empty());
    }
}
