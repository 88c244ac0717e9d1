//! FDB entries and host routes, without a node: what is called, in which order, and what each answer becomes.

use crate::hardware::{linked, loaded};
use crate::{batch, bridge_port, ip, op, routed};
use mlagsync::addr::{Mac, VlanId, VpnInstance};
use mlagsync::mirror::batch::{FdbHost, FdbOp, Op, OpKind, Outcome, Owned, RouteOp, Via};
use mlagsync::run::asic::Executor;
use mlagsync::run::journal::{Journal, Standing, Thing};
use mlagsync::run::topology::{InterfaceSpec, Layout, Topology};
use mlagsync::sai::{Domain, NeighborKey, NextHopTable, Oid, Status, Switch, id};
use sai::inspect::SimSwitch;
use sai_sys::sai_object_type_t as T;

use OpKind::{Create, Read, Remove, SetMac};

const BULK: &[&str] = &[
    "spec",
    "whole-batch-reject",
    "no-bulk",
    "not-implemented",
    "not-supported",
    "early-return",
    "lazy-table",
];

/// Entries of a call.
const N: u32 = 40;

type Rif = Oid<id::RouterInterface>;
type Vr = Oid<id::VirtualRouter>;

fn mac(n: u32) -> Mac {
    let [_, a, b, c] = n.to_be_bytes();
    Mac([2, 7, 0, a, b, c])
}

fn fdb_ops(domain: Domain, host: FdbHost, was: Option<FdbHost>) -> Vec<FdbOp> {
    (0..N).map(|n| FdbOp { row: n, domain, mac: mac(n), host: Some(host), was }).collect()
}

fn route(vr: Vr, n: u32, via: Via) -> RouteOp {
    RouteOp { row: n, virtual_router: vr, ip: ip(n), via: Some(via) }
}

fn routes(vr: Vr, via: Via) -> Vec<RouteOp> {
    (0..N).map(|n| route(vr, n, via)).collect()
}

fn neighbors(rif: Rif) -> Vec<Op> {
    (0..N).map(|n| op(rif, n, 1)).collect()
}

fn done<H>() -> Vec<Outcome<H>> {
    (0..N).map(|_| Outcome::Done).collect()
}

fn held<H: Copy>(value: Option<H>) -> Vec<Outcome<H>> {
    (0..N).map(|_| Outcome::Held(value)).collect()
}

/// A routed interface that leads to the peer, and a next hop there that somebody else made.
fn peer(switch: &Switch) -> (Rif, Oid<id::NextHop>) {
    let interface = "Eth-Trunk9".parse().unwrap();
    let spec = InterfaceSpec { interface, vrf: VpnInstance::public(), mac: None, underlay: None, tag: None };
    let layout = Layout {
        interfaces: vec![spec],
        next_hops: vec![(interface, "192.0.2.2".parse().unwrap())],
        ..Layout::default()
    };
    let topology = Topology::lay(switch, &layout, None).unwrap();
    (topology.rif(interface).unwrap(), topology.next_hops()[&VpnInstance::public()])
}

fn hops(sim: &SimSwitch) -> usize {
    sim.objects(T::SAI_OBJECT_TYPE_NEXT_HOP).len()
}

/// Names of the functions that were called, that change anything.
fn writes(sim: &SimSwitch) -> Vec<(String, u64)> {
    let called = sim.calls().into_iter().filter(|called| called.calls > 0);
    called.map(|called| (called.name, called.calls)).filter(|(name, _)| !name.starts_with("get")).collect()
}

fn calls(all: &[(&str, u64)]) -> Vec<(String, u64)> {
    all.iter().map(|(name, calls)| ((*name).to_owned(), *calls)).collect()
}

#[test]
fn fdb_entries_live_with_every_bulk_behaviour() {
    for bulk in BULK {
        let (_, switch) = (0, loaded(&format!("SAI_SIM_BULK={bulk}")));
        let domain = Domain::Vlan(switch.create_vlan(VlanId::new(10).unwrap()).unwrap());
        let on = |n: usize, dynamic| FdbHost { port: bridge_port(&switch, n), dynamic };
        let mut executor = Executor::new(&switch);
        let mut ask =
            |kind, host, was| executor.execute_fdb(&batch(kind, fdb_ops(domain, host, was))).outcomes;
        assert_eq!(ask(Create, on(0, false), None), done(), "{bulk}");
        assert_eq!(ask(Read, on(0, false), None), held(Some(on(0, false))), "{bulk}");
        // To another port, handed over to the hardware, taken back with nothing known of what is there.
        assert_eq!(ask(SetMac, on(1, false), Some(on(0, false))), done(), "{bulk}");
        assert_eq!(ask(Read, on(0, false), None), held(Some(on(1, false))), "{bulk}");
        assert_eq!(ask(SetMac, on(1, true), Some(on(1, false))), done(), "{bulk}");
        assert_eq!(ask(Read, on(0, false), None), held(Some(on(1, true))), "{bulk}");
        assert_eq!(ask(SetMac, on(2, false), None), done(), "{bulk}");
        assert_eq!(ask(Read, on(0, false), None), held(Some(on(2, false))), "{bulk}");
        let exists = ask(Create, on(0, false), None);
        assert!(
            exists.iter().all(|o| *o == Outcome::Refused(Status::ITEM_ALREADY_EXISTS)),
            "{bulk}: {exists:?}"
        );
        assert_eq!(ask(Remove, on(0, false), None), done(), "{bulk}");
        assert_eq!(ask(Read, on(0, false), None), held(None), "{bulk}");
        let gone = ask(SetMac, on(0, false), None);
        assert!(
            gone.iter().all(|o| matches!(o, Outcome::Refused(s) if s.is_not_found())),
            "{bulk}: {gone:?}"
        );
    }
}

#[test]
fn a_set_of_an_fdb_entry_writes_only_what_differs() {
    let (sim, switch) = linked(&[]);
    let domain = Domain::Vlan(switch.default_vlan().unwrap());
    let on = |n: usize, dynamic| FdbHost { port: bridge_port(&switch, n), dynamic };
    let nowhere = FdbHost { port: Oid::from_raw(0), dynamic: true };
    let mut executor = Executor::new(&switch);
    executor.execute_fdb(&batch(Create, fdb_ops(domain, on(0, false), None)));
    // (from, to) -> bulk sets: the port; the type; the type, and that it may move; all three.
    let cases = [
        (on(0, false), on(1, false), 1),
        (on(1, false), on(1, true), 1),
        (on(1, true), on(1, false), 2),
        (on(1, false), nowhere, 1),
        (on(1, true), on(0, false), 3),
    ];
    for (was, host, sets) in cases {
        sim.reset_calls();
        let asked = executor.execute_fdb(&batch(SetMac, fdb_ops(domain, host, Some(was))));
        assert_eq!((asked.outcomes, asked.calls), (done(), sets), "{was:?} to {host:?}");
        assert_eq!(writes(&sim), calls(&[("set_fdb_entries_attribute", sets.into())]));
    }
    assert!(sim.fdb().iter().all(|entry| entry.is_static && entry.bridge_port == on(0, false).port.raw()));
}

#[test]
fn an_fdb_entry_that_was_changed_in_part_is_not_called_refused() {
    let (sim, switch) = linked(&[]);
    let domain = Domain::Vlan(switch.default_vlan().unwrap());
    let on = |n: usize, dynamic| FdbHost { port: bridge_port(&switch, n), dynamic };
    let mut executor = Executor::new(&switch);
    executor.execute_fdb(&batch(Create, fdb_ops(domain, on(0, true), None)));
    // The port of one is refused, the type of another.
    let rules = format!(
        "set fdb {} #1 fail INVALID_PARAMETER; set fdb {} #2 fail INVALID_PARAMETER",
        mac(3).to_string().replace('-', ":"),
        mac(4).to_string().replace('-', ":")
    );
    sim.set_faults(&rules, 1).unwrap();
    let asked = executor.execute_fdb(&batch(SetMac, fdb_ops(domain, on(1, false), Some(on(0, true)))));
    let mut wanted = done();
    wanted[3] = Outcome::Refused(Status::INVALID_PARAMETER);
    wanted[4] = Outcome::Unknown(Status::INVALID_PARAMETER);
    assert_eq!(asked.outcomes, wanted);
}

#[test]
fn in_a_bridge_of_its_own_a_port_is_another_one_and_nobody_knows() {
    use crate::world::{interface, lag, mlag};
    let (sim, switch) = linked(&[]);
    let layout = Layout {
        interfaces: vec![InterfaceSpec { tag: VlanId::new(7), ..interface("Vbdif5010") }],
        ports: vec![lag(mlag(7), &[7, 8])],
        ..Layout::default()
    };
    let topology = Topology::lay(&switch, &layout, None).unwrap();
    let port = topology.ports()[0].bridge_port.unwrap();
    let ((bridge, _), sub) = topology.sub_ports().into_iter().next().unwrap();
    let mut executor = Executor::new(&switch).on(topology.sub_ports());
    let host = FdbHost { port, dynamic: false };
    for domain in [Domain::Bridge(bridge), Domain::Vlan(switch.default_vlan().unwrap())] {
        let ops = fdb_ops(domain, host, None);
        assert_eq!(executor.execute_fdb(&batch(Create, ops.clone())).outcomes, done());
        let there = if matches!(domain, Domain::Bridge(_)) { sub } else { port };
        assert!(
            sim.fdb().iter().all(|entry| entry.bridge_port == there.raw()),
            "{domain:?} {there:?} {:?}",
            sim.fdb()
        );
        assert_eq!(executor.execute_fdb(&batch(SetMac, ops.clone())).outcomes, done());
        assert!(sim.fdb().iter().all(|entry| entry.bridge_port == there.raw()), "{domain:?}");
        assert_eq!(executor.execute_fdb(&batch(Read, ops.clone())).outcomes, held(Some(host)));
        executor.execute_fdb(&batch(Remove, ops));
    }
}

#[test]
fn a_next_hop_comes_before_its_route_and_goes_before_its_neighbour() {
    for release in ["1.10.0", "1.13.0", "1.18.1"] {
        for bulk in BULK {
            let what = format!("SAI {release}, {bulk}");
            let switch = loaded(&format!("SAI_SIM_API_VERSION={release}\nSAI_SIM_BULK={bulk}"));
            let (rif, vr) = routed(&switch);
            let (_, other) = peer(&switch);
            let mut executor = Executor::new(&switch);
            let table = NextHopTable::new(&switch);
            let hops = || table.list().unwrap().len() - 1;
            assert_eq!(executor.execute(&batch(Create, neighbors(rif))).outcomes, done(), "{what}");
            let mut ask = |kind, via| executor.execute_routes(&batch(kind, routes(vr, via))).outcomes;
            let own = Via::Neighbor(rif);
            assert_eq!(ask(Create, own), done(), "{what}");
            assert_eq!((ask(Read, own), hops()), (held(Some(own)), N as usize), "{what}");
            let exists = ask(Create, own);
            assert!(
                exists.iter().all(|o| *o == Outcome::Refused(Status::ITEM_ALREADY_EXISTS)),
                "{what}: {exists:?}"
            );
            // To the peer and back: its own next hop stays.
            assert_eq!(ask(SetMac, Via::NextHop(other)), done(), "{what}");
            assert_eq!((ask(Read, own), hops()), (held(Some(Via::NextHop(other))), N as usize), "{what}");
            assert_eq!(ask(SetMac, own), done(), "{what}");
            // A neighbour under a next hop under a route stays.
            let kept = executor.execute(&batch(Remove, neighbors(rif))).outcomes;
            assert!(kept.iter().all(|o| *o == Outcome::Refused(Status::OBJECT_IN_USE)), "{what}: {kept:?}");
            let mut ask = |kind, via| executor.execute_routes(&batch(kind, routes(vr, via))).outcomes;
            assert_eq!((ask(Remove, own), hops()), (done(), 0), "{what}");
            assert_eq!(ask(Read, own), held(None), "{what}");
            assert_eq!(executor.execute(&batch(Remove, neighbors(rif))).outcomes, done(), "{what}");
        }
    }
}

#[test]
fn failing_over_to_the_peer_and_back_is_one_bulk_set_each() {
    let (sim, switch) = linked(&[]);
    let (rif, vr) = routed(&switch);
    let (_, other) = peer(&switch);
    let mut executor = Executor::new(&switch);
    executor.execute(&batch(Create, neighbors(rif)));
    executor.execute_routes(&batch(Create, routes(vr, Via::Neighbor(rif))));
    for via in [Via::NextHop(other), Via::Neighbor(rif)] {
        sim.reset_calls();
        assert_eq!(executor.execute_routes(&batch(SetMac, routes(vr, via))).outcomes, done());
        assert_eq!(writes(&sim), calls(&[("set_route_entries_attribute", 1)]));
    }
    // Its route is elsewhere: a neighbour that goes takes its next hop along.
    executor.execute_routes(&batch(SetMac, routes(vr, Via::NextHop(other))));
    sim.reset_calls();
    assert_eq!(executor.execute(&batch(Remove, neighbors(rif))).outcomes, done());
    assert_eq!(writes(&sim), calls(&[("remove_next_hops", 1), ("remove_neighbor_entries", 1)]));
    assert_eq!(hops(&sim), 1, "the peer's is not ours to remove");
}

#[test]
fn a_host_that_changes_its_interface_leaves_no_next_hop_behind() {
    let (sim, switch) = linked(&[]);
    let (one, vr) = routed(&switch);
    let (two, _) = peer(&switch);
    let mut executor = Executor::new(&switch);
    for rif in [one, two] {
        executor.execute(&batch(Create, neighbors(rif)));
    }
    executor.execute_routes(&batch(Create, routes(vr, Via::Neighbor(one))));
    sim.reset_calls();
    assert_eq!(executor.execute_routes(&batch(SetMac, routes(vr, Via::Neighbor(two)))).outcomes, done());
    // New path first, old one after.
    let wanted = [("create_next_hops", 1), ("set_route_entries_attribute", 1), ("remove_next_hops", 1)];
    let mut made = writes(&sim);
    made.sort_unstable();
    let mut wanted = calls(&wanted);
    wanted.sort_unstable();
    assert_eq!((made, hops(&sim)), (wanted, N as usize + 1));
    assert_eq!(executor.execute(&batch(Remove, neighbors(one))).outcomes, done());
}

#[test]
fn what_becomes_of_a_next_hop_is_what_becomes_of_its_route() {
    let (sim, switch) = linked(&[]);
    let (rif, vr) = routed(&switch);
    let mut executor = Executor::new(&switch);
    // (which of them fails, and how) -> what is said of its route
    let cases = [
        ("#3 fail TABLE_FULL", Outcome::Refused(Status::TABLE_FULL)),
        ("#3 fail INSUFFICIENT_RESOURCES", Outcome::Refused(Status::INSUFFICIENT_RESOURCES)),
        ("#3 fail FAILURE before", Outcome::Unknown(Status::FAILURE)),
        // It was made all the same, and is found among those that are there.
        ("#3 fail FAILURE after", Outcome::Done),
    ];
    for (fault, outcome) in cases {
        sim.set_faults(&format!("create next_hop {fault}"), 1).unwrap();
        let mut wanted = done();
        wanted[2] = outcome;
        let asked = executor.execute_routes(&batch(Create, routes(vr, Via::Neighbor(rif))));
        assert_eq!(asked.outcomes, wanted, "{fault}");
        sim.set_faults("", 1).unwrap();
        executor.execute_routes(&batch(Remove, routes(vr, Via::Neighbor(rif))));
        assert_eq!(hops(&sim), 0, "{fault}");
    }
    sim.set_faults("create next_hop fail UNINITIALIZED", 1).unwrap();
    let asked = executor.execute_routes(&batch(Create, routes(vr, Via::Neighbor(rif))));
    assert_eq!(asked.switch_trouble, Some(Status::UNINITIALIZED));
    assert!(asked.outcomes.iter().all(|outcome| !matches!(outcome, Outcome::Done | Outcome::Refused(_))));
    assert_eq!(sim.routes(), []);
}

#[test]
fn somebody_elses_next_hop_is_used_and_stays() {
    let (sim, switch) = linked(&[]);
    let (rif, vr) = routed(&switch);
    let theirs = NextHopTable::new(&switch).make(NeighborKey { rif, ip: ip(1) }).unwrap();
    let mut executor = Executor::new(&switch);
    executor.execute(&batch(Create, neighbors(rif)));
    // Whose it is shows when a route by it is read.
    executor.execute_routes(&batch(Create, [route(vr, 1, Via::NextHop(theirs))]));
    let read = executor.execute_routes(&batch(Read, [route(vr, 1, Via::Neighbor(rif))]));
    assert_eq!(read.outcomes, [Outcome::Held(Some(Via::Neighbor(rif)))]);
    executor.execute_routes(&batch(Remove, [route(vr, 1, Via::Neighbor(rif))]));
    executor.execute(&batch(Remove, neighbors(rif)));
    assert_eq!(sim.objects(T::SAI_OBJECT_TYPE_NEXT_HOP), [theirs.raw()]);
}

#[test]
fn a_next_hop_that_went_behind_our_back_is_made_again() {
    let (sim, switch) = linked(&[]);
    let (rif, vr) = routed(&switch);
    let (_, other) = peer(&switch);
    let mut executor = Executor::new(&switch);
    executor.execute(&batch(Create, neighbors(rif)));
    executor.execute_routes(&batch(Create, routes(vr, Via::Neighbor(rif))));
    executor.execute_routes(&batch(SetMac, routes(vr, Via::NextHop(other))));
    let mut table = NextHopTable::new(&switch);
    let ours: Vec<_> = table.list().unwrap().into_iter().filter(|hop| *hop != other).collect();
    table.remove(ours.into_iter());
    let asked = executor.execute_routes(&batch(SetMac, routes(vr, Via::Neighbor(rif)))).outcomes;
    assert!(asked.iter().all(|outcome| matches!(outcome, Outcome::Unknown(_))), "{asked:?}");
    assert_eq!(executor.execute_routes(&batch(SetMac, routes(vr, Via::Neighbor(rif)))).outcomes, done());
    assert_eq!(hops(&sim), N as usize + 1);
}

#[test]
fn the_journal_knows_entries_of_every_kind_and_the_next_hops_again() {
    let (sim, switch) = linked(&[]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let open = || {
        let mut journal = Journal::open(&path).unwrap();
        journal.attach(&switch).unwrap();
        Executor::with_journal(&switch, Some(journal))
    };
    let (rif, vr) = routed(&switch);
    let domain = Domain::Vlan(switch.default_vlan().unwrap());
    let host = FdbHost { port: bridge_port(&switch, 0), dynamic: false };
    let mut executor = open();
    let named = |executor: &Executor| {
        let all: Vec<_> = executor.journal().unwrap().things().collect();
        let count = |is: fn(&Thing) -> bool| all.iter().filter(|(thing, _)| is(thing)).count();
        assert!(all.iter().all(|(_, standing)| *standing == Standing::Sure), "{all:?}");
        [
            count(|thing| matches!(thing, Thing::Fdb(_))),
            count(|thing| matches!(thing, Thing::Route(_))),
            count(|thing| matches!(thing, Thing::NextHop(_))),
            count(|thing| matches!(thing, Thing::NextHopOf(_))),
        ]
    };
    executor.execute_fdb(&batch(Create, fdb_ops(domain, host, None)));
    executor.execute(&batch(Create, neighbors(rif)));
    executor.execute_routes(&batch(Create, routes(vr, Via::Neighbor(rif))));
    let n = N as usize;
    assert_eq!(named(&executor), [n, n, n, 0]);
    // One that is handed over to the hardware is not ours any more, when whoever asked for that believes it.
    let over = FdbHost { dynamic: true, ..host };
    let of_fdb = fdb_ops(domain, over, Some(host));
    let owned: Vec<Owned> = of_fdb.iter().map(|op| Owned::Fdb { domain, mac: op.mac }).collect();
    let names = |executor: &Executor| executor.journal().unwrap().len();
    let before = names(&executor);
    executor.execute_fdb(&batch(SetMac, of_fdb));
    assert_eq!(names(&executor), before, "it said so, no more");
    executor.disown(&owned);
    assert_eq!(named(&executor), [0, n, n, 0]);
    drop(executor);

    // Another life: what is there is known, and nothing is made twice.
    let mut executor = open();
    sim.reset_calls();
    let read = executor.execute_routes(&batch(Read, routes(vr, Via::Neighbor(rif)))).outcomes;
    assert_eq!(read, held(Some(Via::Neighbor(rif))));
    assert_eq!(writes(&sim), []);
    let before = names(&executor);
    let of_routes = routes(vr, Via::Neighbor(rif));
    let owned = of_routes.iter().map(|op| Owned::Route { virtual_router: vr, ip: op.ip });
    let owned: Vec<Owned> =
        owned.chain(neighbors(rif).iter().map(|op| Owned::Neighbor { rif, ip: op.ip })).collect();
    executor.execute_routes(&batch(Remove, of_routes));
    executor.execute(&batch(Remove, neighbors(rif)));
    assert_eq!((names(&executor), hops(&sim)), (before, 0), "a library may say so before it is done");
    executor.disown(&owned);
    assert_eq!(named(&executor), [0, 0, 0, 0]);
    assert_eq!(names(&executor), before - 3 * n, "neighbours, routes and next hops");
}

#[test]
fn a_kill_in_between_leaves_a_next_hop_that_is_found_by_its_intention() {
    let (sim, switch) = linked(&[]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    let (rif, vr) = routed(&switch);
    let key = NeighborKey { rif, ip: ip(1) };
    let mut journal = Journal::open(&path).unwrap();
    journal.attach(&switch).unwrap();
    // What the journal holds when the process ends inside the call that makes it.
    journal.note(&Thing::NextHopOf(key), Standing::Doubt);
    let left = NextHopTable::new(&switch).make(key).unwrap();
    drop(journal);
    let mut journal = Journal::open(&path).unwrap();
    journal.attach(&switch).unwrap();
    let mut executor = Executor::with_journal(&switch, Some(journal));
    executor.execute(&batch(Create, neighbors(rif)));
    let one = || [route(vr, 1, Via::Neighbor(rif))];
    assert_eq!(executor.execute_routes(&batch(Create, one())).outcomes, [Outcome::Done]);
    assert_eq!(sim.objects(T::SAI_OBJECT_TYPE_NEXT_HOP), [left.raw()], "it is used, and no other is made");
    executor.execute_routes(&batch(Remove, one()));
    assert_eq!(sim.objects(T::SAI_OBJECT_TYPE_NEXT_HOP), [0; 0], "and it is ours to remove");
}

#[test]
fn all_patterns_of_routes_and_next_hops_that_fail_end_as_they_are_wanted() {
    for bulk in ["spec", "whole-batch-reject", "no-bulk", "early-return"] {
        let (sim, switch) = linked(&[("SAI_SIM_BULK", bulk)]);
        let (rif, vr) = routed(&switch);
        let mut executor = Executor::new(&switch);
        for pattern in 0..1u32 << 6 {
            let first = pattern * 6;
            let ops = || (0..6).map(|n| route(vr, first + n, Via::Neighbor(rif)));
            let failing = (0..6).filter(|n| pattern & (1 << n) != 0);
            // Some are there already, some routes fail, some next hops do.
            let rules: Vec<String> = failing
                .map(|n| match n % 2 {
                    0 => format!(
                        "create route {}/{} #1 fail TABLE_FULL",
                        ip(first + n),
                        if ip(first + n).is_ipv4() { 32 } else { 128 }
                    ),
                    _ => format!("create next_hop #{} fail INSUFFICIENT_RESOURCES", n + 1),
                })
                .collect();
            sim.set_faults(&rules.join("; "), 1).unwrap();
            let mut left: Vec<RouteOp> = ops().collect();
            for _ in 0..4 {
                let asked = executor.execute_routes(&batch(Create, left.clone())).outcomes;
                left = left
                    .into_iter()
                    .zip(asked)
                    .filter(|(_, o)| *o != Outcome::Done)
                    .map(|(op, _)| op)
                    .collect();
            }
            assert_eq!(left, [], "{bulk}, pattern {pattern:06b}");
            sim.set_faults("", 1).unwrap();
            let read = executor.execute_routes(&batch(Read, ops())).outcomes;
            assert_eq!(read, [Outcome::Held(Some(Via::Neighbor(rif))); 6], "{bulk}, pattern {pattern:06b}");
        }
        assert_eq!((sim.routes().len(), hops(&sim)), (6 * 64, 6 * 64));
    }
}
