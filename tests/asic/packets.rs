//! PL-18, by packets: where they go before a host is known, while it is, and when its member is down.
//!
//! Invariant: what the tables hold is looked at nowhere; a host is where its packets arrive.

use crate::world::*;
use mlagsync::neighbor::Attachment;
use mlagsync::node::io::{FdbMode, LinkState, Protection};
use mlagsync::run::asic::{Done, Executor, Order};
use mlagsync::sai::{Functions, Library, Oid, Options, Switch};
use sai::inspect::Verdict;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Addresses of both families on the nth interface.
fn addresses(nth: usize) -> [IpAddr; 2] {
    [format!("10.{nth}.0.5").parse().unwrap(), format!("2001:db8:{nth}::5").parse().unwrap()]
}

#[test]
fn pl_18_a_host_on_every_kind_of_interface_is_reached_by_the_member_then_the_peer_link_then_the_member() {
    // Whose claim it is; ours are told to the peer too.
    for side in [0, 1] {
        let mut world = World::new(FdbMode::Managed, &[("SAI_SIM_FDB_MISS", "drop")]);
        for (nth, (name, n, number, switched)) in KINDS.into_iter().enumerate() {
            for (family, ip) in addresses(nth).into_iter().enumerate() {
                let what = format!("{name}, {ip}, side {side}");
                let station = mac((100 * nth + 10 * family) as u32);
                assert_eq!(world.whereto(ip), Verdict::Drop, "{what}: before");
                world.learn(side, [(name, ip, station, Attachment::Mlag(mlag_id(n)))]);
                if side == 1 && switched {
                    // A host that was heard here was heard on the member.
                    world.nos_hears(name, station, number);
                }
                assert_eq!(world.whereto(ip), out(&world, number, station), "{what}: programmed");

                world.link(n, false);
                world.run(Duration::from_secs(1));
                let behind = if switched { station } else { PEER_MAC };
                assert_eq!(world.whereto(ip), out(&world, PEER_LINK, behind), "{what}: member down");

                world.link(n, true);
                world.run(Duration::from_secs(1));
                assert_eq!(
                    world.whereto(ip),
                    out(&world, PEER_LINK, behind),
                    "{what}: it does not forward yet"
                );
                world.member(n, LinkState::Forwarding);
                world.run(Duration::from_secs(1));
                if side == 1 && switched {
                    world.nos_hears(name, station, number);
                    world.run(Duration::from_secs(1));
                }
                assert_eq!(world.whereto(ip), out(&world, number, station), "{what}: member up again");

                let moved = mac((100 * nth + 10 * family + 1) as u32);
                world.learn(side, [(name, ip, moved, Attachment::Mlag(mlag_id(n)))]);
                if side == 1 && switched {
                    world.nos_hears(name, moved, number);
                    world.run(Duration::from_secs(1));
                }
                assert_eq!(world.whereto(ip), out(&world, number, moved), "{what}: another MAC");

                world.forget(side, name, ip);
                assert_eq!(world.whereto(ip), Verdict::Drop, "{what}: gone");
            }
        }
        // The way to the peer is all that is left of ours.
        assert_eq!(world.sim.neighbor_count(), 1, "side {side}");
        assert_eq!(world.sim.routes(), [], "side {side}");
        let hops = world.sim.objects(sai_sys::sai_object_type_t::SAI_OBJECT_TYPE_NEXT_HOP);
        assert_eq!(hops.len(), 1, "side {side}");
    }
}

#[test]
fn an_orphan_of_the_peers_is_reached_by_the_peer_link_on_every_kind_of_interface() {
    let mut world = World::new(FdbMode::Managed, &[("SAI_SIM_FDB_MISS", "drop")]);
    for (nth, (name, _, _, switched)) in KINDS.into_iter().enumerate() {
        for ip in addresses(nth) {
            world.learn(0, [(name, ip, mac(nth as u32), Attachment::Orphan)]);
            let behind = if switched { mac(nth as u32) } else { PEER_MAC };
            assert_eq!(world.whereto(ip), out(&world, PEER_LINK, behind), "{name}, {ip}");
        }
    }
}

#[test]
fn pl_18_a_host_in_the_fabric_is_where_the_overlay_has_it() {
    for fdb in [FdbMode::Managed, FdbMode::External] {
        let mut world = World::new(fdb, &[("SAI_SIM_FDB_MISS", "trap")]);
        let ip: IpAddr = "10.1.0.9".parse().unwrap();
        let before = world.sim.fdb();
        world.learn(0, [("Vbdif100", ip, mac(9), Attachment::Fabric)]);
        assert_eq!(world.whereto(ip), Verdict::Trap, "{fdb:?}: the overlay does not know it yet");
        assert_eq!(world.sim.fdb(), before, "{fdb:?}: the FDB is the overlay's");
        world.nos_hears("Vbdif100", mac(9), 17);
        assert!(matches!(world.whereto(ip), Verdict::Port { mac: to, .. } if to == mac(9).0), "{fdb:?}");
        // No member of ours has anything to do with it.
        world.link(4, false);
        world.run(Duration::from_secs(1));
        assert!(matches!(world.whereto(ip), Verdict::Port { mac: to, .. } if to == mac(9).0), "{fdb:?}");
    }
}

#[test]
fn with_an_external_fdb_a_neighbour_waits_for_its_mac_and_follows_it() {
    let mut world = World::new(FdbMode::External, &[("SAI_SIM_FDB_MISS", "refuse")]);
    let ip: IpAddr = "10.0.0.9".parse().unwrap();
    world.learn(0, [("Vlanif10", ip, mac(9), Attachment::Mlag(mlag_id(7)))]);
    assert_eq!(world.whereto(ip), Verdict::Drop, "refused with ADDR_NOT_FOUND");
    assert_eq!(world.sim.neighbor_count(), 1, "the way to the peer is there");
    // The NOS's own MAC synchronisation has it now.
    world.nos_hears("Vlanif10", mac(9), 7);
    world.run(Duration::from_millis(10));
    assert_eq!(world.whereto(ip), out(&world, 7, mac(9)), "it did not wait any longer");
    // The member goes: the NOS points the entry elsewhere, and nothing is ours to do.
    world.link(7, false);
    world.nos_hears("Vlanif10", mac(9), PEER_LINK);
    world.run(Duration::from_secs(1));
    assert_eq!(world.whereto(ip), out(&world, PEER_LINK, mac(9)));
}

#[test]
fn rule_9_a_managed_fdb_comes_before_the_neighbour_so_nothing_is_refused() {
    let mut world = World::new(FdbMode::Managed, &[("SAI_SIM_FDB_MISS", "refuse")]);
    world.sim.reset_calls();
    let hosts = (0..200u32).map(|n| {
        let ip = std::net::Ipv4Addr::from(0x0a00_0100 + n).into();
        ("Vlanif10", ip, mac(n), Attachment::Mlag(mlag_id(7)))
    });
    world.learn(0, hosts);
    for n in 0..200u32 {
        let ip = std::net::Ipv4Addr::from(0x0a00_0100 + n).into();
        assert_eq!(world.whereto(ip), out(&world, 7, mac(n)));
    }
    let creates =
        |name: &str| world.sim.calls().into_iter().filter(|c| c.name == name).map(|c| c.entries).sum::<u64>();
    assert_eq!(creates("create_neighbor_entries") + creates("create_neighbor_entry"), 200, "none twice");
}

#[test]
fn a_member_down_and_packets_to_all_dual_homed_hosts_leave_by_the_peer_link() {
    const HOSTS: u32 = 8_192;
    let mut world = World::new(FdbMode::Managed, &[("SAI_SIM_FDB_MISS", "drop")]);
    world.learn(0, many(HOSTS));
    world.run(Duration::from_secs(20));
    let astray = |world: &World, up: bool| {
        many(HOSTS)
            .filter(|(name, ip, mac, _)| {
                let (number, switched) = if *name == "Vlanif10" { (7, true) } else { (8, false) };
                let wanted = match (up, switched) {
                    (true, _) => out(world, number, *mac),
                    (false, true) => out(world, PEER_LINK, *mac),
                    (false, false) => out(world, PEER_LINK, PEER_MAC),
                };
                world.whereto(*ip) != wanted
            })
            .count()
    };
    assert_eq!(astray(&world, true), 0, "all are reached by their members");
    for _ in 0..2 {
        world.sim.reset_calls();
        world.link(7, false);
        world.link(8, false);
        world.run(Duration::from_secs(5));
        assert_eq!(astray(&world, false), 0, "all are reached by the peer-link");
        let sets: BTreeMap<String, (u64, u64)> = world
            .sim
            .calls()
            .into_iter()
            .filter(|called| called.calls > 0 && !called.name.starts_with("get"))
            .map(|called| (called.name, (called.calls, called.entries)))
            .collect();
        let entries = |name: &str| sets.get(name).map_or(0, |(_, entries)| *entries);
        assert_eq!(entries("set_fdb_entries_attribute"), u64::from(HOSTS) * 3 / 4, "{sets:?}");
        assert_eq!(entries("set_route_entries_attribute"), u64::from(HOSTS) / 4, "{sets:?}");
        assert_eq!(sets.len(), 2, "and nothing else: {sets:?}");
        for n in [7, 8] {
            world.link(n, true);
            world.member(n, LinkState::Forwarding);
        }
        world.run(Duration::from_secs(5));
        assert_eq!(astray(&world, true), 0, "and by their members again");
    }
}

#[test]
fn with_bridge_port_protection_a_member_down_is_one_write_whatever_hangs_on_it() {
    const HOSTS: u32 = 500;
    let hosts = || many(4 * HOSTS).filter(|(name, ..)| *name == "Vlanif10");
    let profile = [("SAI_SIM_FDB_MISS", "drop")];
    let mut world = World::without("Vbdif100", FdbMode::Managed, &profile);
    assert_eq!(world.probe(7), Protection::Lacking, "it has no group");
    let port = world.topology.member_port(mlag_id(7)).unwrap();
    let next_hop = *world.topology.next_hops().values().next().unwrap();
    protect(world.sim.id(), port.raw(), next_hop.raw());
    assert_eq!(world.probe(7), Protection::Ready);
    world.learn(0, hosts());
    world.run(Duration::from_secs(5));
    let all = |world: &World, number: usize| {
        hosts().all(|(_, ip, mac, _)| world.whereto(ip) == out(world, number, mac))
    };
    assert!(all(&world, 7));
    let writes = |world: &World| -> Vec<(String, u64)> {
        let called = world.sim.calls().into_iter().filter(|called| called.calls > 0);
        called.map(|c| (c.name, c.entries)).filter(|(name, _)| !name.starts_with("get")).collect()
    };
    let one = [("set_bridge_port_attribute".to_owned(), 1)];
    for _ in 0..2 {
        world.sim.reset_calls();
        world.link(7, false);
        world.run(Duration::from_secs(5));
        assert!(all(&world, PEER_LINK), "all leave by the peer-link");
        assert_eq!(writes(&world), one);
        world.sim.reset_calls();
        world.link(7, true);
        world.member(7, LinkState::Forwarding);
        world.run(Duration::from_secs(5));
        assert!(all(&world, 7), "and by the member again");
        assert_eq!(writes(&world), one);
    }
    // It cannot be switched over when it matters: the entries are pointed elsewhere one by one.
    world.sim.set_faults("set bridge_port fail NOT_SUPPORTED", 1).unwrap();
    world.sim.reset_calls();
    world.link(7, false);
    world.run(Duration::from_secs(5));
    assert!(all(&world, PEER_LINK), "all leave by the peer-link all the same");
    let entries = hosts().count() as u64;
    assert!(writes(&world).contains(&("set_fdb_entries_attribute".to_owned(), entries)));
}

#[test]
fn a_port_is_not_protected_where_that_would_lose_hosts_or_sai_is_too_old_or_refuses() {
    let ready = |world: &mut World| {
        let port = world.topology.member_port(mlag_id(7)).unwrap();
        let next_hop = *world.topology.next_hops().values().next().unwrap();
        protect(world.sim.id(), port.raw(), next_hop.raw());
        world.probe(7)
    };
    let mut world = World::new(FdbMode::Managed, &[]);
    assert_eq!(ready(&mut world), Protection::Lacking, "hosts in a bridge of its own would be lost");
    let mut world = World::without("Vbdif100", FdbMode::Managed, &[]);
    world.sim.set_faults("set bridge_port #2 fail NOT_IMPLEMENTED", 1).unwrap();
    assert_eq!(ready(&mut world), Protection::Lacking, "the trial is refused");
    assert_eq!(ready(&mut world), Protection::Ready);
}

#[test]
fn a_port_that_does_not_leave_its_protection_at_first_leaves_it_in_the_end() {
    let mut world = World::without("Vbdif100", FdbMode::Managed, &[("SAI_SIM_FDB_MISS", "drop")]);
    let port = world.topology.member_port(mlag_id(7)).unwrap();
    let next_hop = *world.topology.next_hops().values().next().unwrap();
    protect(world.sim.id(), port.raw(), next_hop.raw());
    assert_eq!(world.probe(7), Protection::Ready);
    let ip: IpAddr = "10.0.0.9".parse().unwrap();
    world.learn(0, [("Vlanif10", ip, mac(9), Attachment::Mlag(mlag_id(7)))]);
    world.link(7, false);
    world.run(Duration::from_secs(1));
    assert_eq!(world.whereto(ip), out(&world, PEER_LINK, mac(9)));
    for fault in ["set bridge_port #1..3 fail FAILURE", "set bridge_port #1..3 fail INVALID_PARAMETER"] {
        world.sim.set_faults(fault, 1).unwrap();
        world.link(7, true);
        world.member(7, LinkState::Forwarding);
        // Two retries are refused, too; meanwhile it is reached by the peer-link.
        assert_eq!(world.whereto(ip), out(&world, PEER_LINK, mac(9)), "{fault}");
        world.run(Duration::from_secs(8));
        assert_eq!(world.whereto(ip), out(&world, 7, mac(9)), "{fault}");
        world.sim.reset_calls();
        world.run(Duration::from_secs(300));
        let called = world.sim.calls();
        let asked = called.iter().any(|c| c.calls > 0 && c.name == "set_bridge_port_attribute");
        assert!(!asked, "and nothing is asked any more");
        world.link(7, false);
        world.run(Duration::from_secs(1));
        assert_eq!(world.whereto(ip), out(&world, PEER_LINK, mac(9)), "it can be protected again");
    }
}

#[test]
fn bridge_port_protection_is_looked_for_from_1_16_on_and_not_read_before() {
    /// A library that tells this release. Each is one of its own: a library is known by its functions.
    fn told<const RELEASE: u64>() -> Library {
        unsafe extern "C" fn release<const RELEASE: u64>(version: *mut u64) -> i32 {
            // SAFETY: a place for one number, by the function's contract.
            unsafe { *version = RELEASE };
            0
        }
        unsafe extern "C" fn query<const RELEASE: u64>(
            api: sai_sys::sai_api_t,
            table: *mut *mut std::ffi::c_void,
        ) -> i32 {
            assert!(std::hint::black_box(RELEASE) > 0);
            // SAFETY: by the function's contract, which is the simulator's.
            unsafe { sai::sai_api_query(api, table) }
        }
        let functions = Functions {
            api_query: query::<RELEASE>,
            query_api_version: Some(release::<RELEASE>),
            ..crate::hardware::functions()
        };
        // SAFETY: the functions of one SAI library, which is initialised since it has a switch.
        unsafe { Library::given(functions, Options::default()) }.unwrap()
    }
    let world = World::without("Vbdif100", FdbMode::Managed, &[]);
    let port = world.topology.member_port(mlag_id(7)).unwrap();
    let next_hop = *world.topology.next_hops().values().next().unwrap();
    protect(world.sim.id(), port.raw(), next_hop.raw());
    for (version, library, state) in [
        ("1.15.9", told::<11_509>(), Protection::Lacking),
        ("1.16.0", told::<11_600>(), Protection::Ready),
        ("1.18.1", told::<11_801>(), Protection::Ready),
    ] {
        let mut executor = Executor::new(&Switch::given(&library, Oid::from_raw(world.sim.id())));
        world.sim.reset_calls();
        let Some(Done::Protection { state: found, .. }) = executor.obey(&Order::Probe(port)) else {
            panic!()
        };
        assert_eq!(found, state, "{version}");
        let asked = world.sim.calls().into_iter().any(|c| c.calls > 0 && c.name.contains("bridge_port"));
        assert_eq!(asked, state == Protection::Ready, "{version}");
    }
}
