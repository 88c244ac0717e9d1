//! What a switch looks at for one question, one create or one remove does not grow with what it holds, and what it
//! keeps to find things is what a look at everything would find.

use std::net::{IpAddr, Ipv4Addr};

use sai_sys::{
    sai_lag_member_attr_t as LagMember, sai_next_hop_attr_t as NextHop,
    sai_next_hop_group_member_attr_t as GroupMember, sai_object_type_t as T, sai_route_entry_attr_t as Route,
    sai_router_interface_attr_t as RouterInterface, sai_router_interface_type_t as RifType,
    sai_vlan_attr_t as Vlan, sai_vlan_member_attr_t as VlanMember,
};

use super::entry::{self, Entry, New};
use super::forward::{Verdict, host};
use super::late::Delay;
use super::links::linked;
use super::neighbor::{self, Neighbors};
use super::route::{self, Routes};
use super::{Switch, fdb};
use crate::faults::Faults;
use crate::object::Given;
use crate::oid::Oid;
use crate::profile::Settings;
use crate::steps;
use crate::value::Value;

fn switch(profile: &[(&str, &str)]) -> Switch {
    let pairs = [&[("SAI_SIM_PORTS", "64")], profile].concat();
    let given = vec![(sai_sys::sai_switch_attr_t::SAI_SWITCH_ATTR_INIT_SWITCH.0, Value::flag(true))];
    Switch::boot(1, Settings::parse(pairs).unwrap(), given, None, None).unwrap()
}

fn num(id: u32, n: u64) -> Given {
    (id, Value::Num(n))
}

fn rif(switch: &mut Switch) -> u64 {
    let (router, vlan) = (switch.defaults.virtual_router, switch.defaults.vlan);
    let given = vec![
        num(RouterInterface::SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID.0, router),
        num(
            RouterInterface::SAI_ROUTER_INTERFACE_ATTR_TYPE.0,
            RifType::SAI_ROUTER_INTERFACE_TYPE_VLAN.0.into(),
        ),
        num(RouterInterface::SAI_ROUTER_INTERFACE_ATTR_VLAN_ID.0, vlan),
    ];
    switch.create(T::SAI_OBJECT_TYPE_ROUTER_INTERFACE, given).unwrap()
}

fn key(rif: u64, ip: u32) -> neighbor::Key {
    neighbor::Key::v4(Oid::parse(rif).unwrap().serial as u32, ip.to_be_bytes())
}

fn add(switch: &mut Switch, key: neighbor::Key, no_host_route: bool) -> crate::refusal::Result<()> {
    let mut body = Neighbors::BLANK;
    (body.mac, body.no_host_route) = ([2, 0, 0, 0, 0, 1], no_host_route);
    entry::create::<Neighbors>(switch, key, New { body, extras: Vec::new() })
}

fn route(switch: &mut Switch, ip: u32, length: u32, hop: u64) {
    let mut bytes = [[0; 16]; 2];
    bytes[0][..4].copy_from_slice(&ip.to_be_bytes());
    bytes[1] = (!0_u128 << (128 - length)).to_be_bytes();
    let key = route::Key::new(1, false, bytes[0], bytes[1]).unwrap();
    let extras = vec![num(Route::SAI_ROUTE_ENTRY_ATTR_NEXT_HOP_ID.0, hop)];
    entry::create::<Routes>(switch, key, New { body: route::Body, extras }).unwrap();
}

fn vlan(switch: &mut Switch, number: u64) -> u64 {
    switch.create(T::SAI_OBJECT_TYPE_VLAN, vec![num(Vlan::SAI_VLAN_ATTR_VLAN_ID.0, number)]).unwrap()
}

fn member(switch: &mut Switch, vlan: u64, bridge_port: u64) -> u64 {
    let given = vec![
        num(VlanMember::SAI_VLAN_MEMBER_ATTR_VLAN_ID.0, vlan),
        num(VlanMember::SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID.0, bridge_port),
    ];
    switch.create(T::SAI_OBJECT_TYPE_VLAN_MEMBER, given).unwrap()
}

fn lag(switch: &mut Switch, port: u64) -> u64 {
    let lag = switch.create(T::SAI_OBJECT_TYPE_LAG, Vec::new()).unwrap();
    let given = vec![
        num(LagMember::SAI_LAG_MEMBER_ATTR_LAG_ID.0, lag),
        num(LagMember::SAI_LAG_MEMBER_ATTR_PORT_ID.0, port),
    ];
    switch.create(T::SAI_OBJECT_TYPE_LAG_MEMBER, given).unwrap();
    lag
}

/// A next-hop group with one member, whose next hop is this neighbour.
fn group(switch: &mut Switch, rif: u64, ip: u32) -> u64 {
    let hop = vec![
        num(NextHop::SAI_NEXT_HOP_ATTR_TYPE.0, 0),
        (NextHop::SAI_NEXT_HOP_ATTR_IP.0, Value::Ip(Ipv4Addr::from(ip).into())),
        num(NextHop::SAI_NEXT_HOP_ATTR_ROUTER_INTERFACE_ID.0, rif),
    ];
    let hop = switch.create(T::SAI_OBJECT_TYPE_NEXT_HOP, hop).unwrap();
    let group = switch.put_new(T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP, Vec::new()).unwrap();
    let member = vec![
        num(GroupMember::SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID.0, group),
        num(GroupMember::SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_ID.0, hop),
    ];
    switch.put_new(T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER, member).unwrap();
    group
}

const HOSTS: u32 = 0x0a00_0000;
const PREFIXES: u32 = 0x1400_0000;

/// A switch with this many of everything, and what is asked of it takes: steps of a question for a host, of one for a
/// routed address, of creates of a VLAN, its member and a neighbour, and of the remove of an interface.
fn steps_with(profile: &[(&str, &str)], many: u32) -> Vec<u64> {
    let mut switch = switch(profile);
    let rifs: Vec<u64> = (0..many / 8).map(|_| rif(&mut switch)).collect();
    let at = |n: u32| rifs[n as usize % rifs.len()];
    for n in 0..many {
        add(&mut switch, key(at(n), HOSTS + n), false).unwrap();
        let hop = group(&mut switch, at(n), HOSTS + n);
        route(&mut switch, PREFIXES + (n << 8), 24, hop);
    }
    let bridge_ports: Vec<u64> = switch.ids(T::SAI_OBJECT_TYPE_BRIDGE_PORT).map(|(id, _)| id).collect();
    for n in 0..u64::from(many) / 8 {
        let vlan = vlan(&mut switch, n + 2);
        for port in &bridge_ports {
            member(&mut switch, vlan, *port);
        }
    }
    let ports: Vec<u64> = switch.ids(T::SAI_OBJECT_TYPE_PORT).skip(1).map(|(id, _)| id).collect();
    let lags: Vec<u64> = ports.iter().take(many as usize / 64).map(|port| lag(&mut switch, *port)).collect();
    assert_eq!(lags.len(), many as usize / 64);

    let router = switch.defaults.virtual_router;
    let ask = |switch: &mut Switch, ip: u32| {
        let _ = switch.forward(router, Ipv4Addr::from(ip + 1).into());
        let (steps, verdict) = steps::of(|| switch.forward(router, Ipv4Addr::from(ip).into()));
        assert!(matches!(verdict, Verdict::Flood { .. }), "{verdict:?}");
        steps
    };
    let host = ask(&mut switch, HOSTS + many - 2);
    let routed = ask(&mut switch, PREFIXES + ((many - 2) << 8) + 9);
    let (new_vlan, id) = steps::of(|| vlan(&mut switch, 4000));
    let (new_member, _) = steps::of(|| member(&mut switch, id, bridge_ports[0]));
    let (read_members, _) = steps::of(|| switch.queues(ports[3]));
    let empty = rif(&mut switch);
    let (neighbor, done) = steps::of(|| add(&mut switch, key(empty, HOSTS), true));
    assert_eq!(done, Ok(()));
    entry::remove::<Neighbors>(&mut switch, &key(empty, HOSTS)).unwrap();
    let (gone, done) = steps::of(|| switch.remove(T::SAI_OBJECT_TYPE_ROUTER_INTERFACE, empty));
    assert_eq!(done, Ok(()));
    vec![host, routed, new_vlan, new_member, read_members, neighbor, gone]
}

#[test]
fn a_full_switch_answers_and_changes_in_as_few_steps_as_an_empty_one() {
    for profile in [&[][..], &[("SAI_SIM_HOST_KEY", "router")]] {
        for many in [64, 4096] {
            let steps = steps_with(profile, many);
            // Each is a handful of look-ups, each of which may meet a run of slots.
            assert!(steps.iter().all(|steps| *steps < 100), "{many}: {steps:?}");
        }
    }
}

#[test]
fn what_finds_hosts_and_members_is_what_a_look_at_everything_finds() {
    let mut switch = switch(&[]);
    let rifs: Vec<u64> = (0..4).map(|_| rif(&mut switch)).collect();
    let (router, row) = (switch.defaults.virtual_router, Neighbors::facts().unwrap());
    let no_host_route =
        row.attr(sai_sys::sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE.0).unwrap();
    let mut dice = 1_u64;
    let mut roll = |below: u64| crate::faults::roll(&mut dice) % below;
    let mut lags = Vec::new();
    for _ in 0..3000 {
        let key = key(rifs[roll(4) as usize], HOSTS + roll(20) as u32);
        // That some of these are refused is part of it.
        let _ = match roll(6) {
            0 => add(&mut switch, key, false),
            1 => add(&mut switch, key, true),
            2 => entry::remove::<Neighbors>(&mut switch, &key),
            3 => entry::set::<Neighbors>(&mut switch, &key, no_host_route, Value::flag(roll(2) == 0)),
            4 if lags.len() < 64 => {
                let port = switch.ids(T::SAI_OBJECT_TYPE_PORT).nth(1 + lags.len()).unwrap().0;
                lags.push(lag(&mut switch, port));
                Ok(())
            }
            _ => match lags.pop() {
                Some(id) => {
                    let by = LagMember::SAI_LAG_MEMBER_ATTR_LAG_ID.0;
                    let member = switch.with(T::SAI_OBJECT_TYPE_LAG_MEMBER, by, id).next().unwrap().0;
                    switch.remove(T::SAI_OBJECT_TYPE_LAG_MEMBER, member).unwrap();
                    switch.remove(T::SAI_OBJECT_TYPE_LAG, id)
                }
                None => Ok(()),
            },
        };
        let _ = switch.forward(router, IpAddr::from(Ipv4Addr::from(HOSTS)));
        let hosts = switch.neighbors.entries().into_iter().filter(|(_, body)| !body.no_host_route);
        assert_eq!(switch.hosts, Some(hosts.map(|(key, _)| host(&switch, &key)).collect()));
    }
    let links = switch.objects.iter().flat_map(|(id, object)| {
        let oid = Oid::parse(*id).unwrap();
        linked(oid.object)
            .iter()
            .filter_map(move |attr| Some((oid.object.0, *attr, object.get(*attr)?.num()?, *id)))
    });
    assert_eq!(switch.links, links.collect());
}

#[test]
fn the_longest_prefix_is_found_among_all_lengths() {
    let mut switch = switch(&[]);
    let cpu = switch.defaults.cpu_port;
    for length in 1..=32 {
        route(&mut switch, u32::MAX, length, cpu);
    }
    let router = switch.defaults.virtual_router;
    for length in 0..=32_u32 {
        // The first bit that differs is the one behind the prefix.
        let ip = if length == 32 { u32::MAX } else { !(1 << (31 - length)) };
        let found =
            switch.longest_prefix(router, Ipv4Addr::from(ip).into()).map(|key| u32::from(key.prefix().1));
        assert_eq!(found, Some(length).filter(|length| *length > 0));
    }
    assert_eq!(switch.longest_prefix(router, "ffff::".parse().unwrap()), None);
}

#[test]
fn what_waits_costs_the_calls_nothing_that_it_does_not_wait_for() {
    let mut switch = switch(&[]);
    let rif = rif(&mut switch);
    for (rules, first) in [("create neighbor late", 0), ("create neighbor late 100000", 2000)] {
        switch.settings.faults = Faults::parse(rules, 1).unwrap();
        (first..first + 2000).for_each(|n| add(&mut switch, key(rif, HOSTS + n), false).unwrap());
    }
    assert_eq!((switch.late.counts().0, Delay::parse("command")), (4000, Some(Delay::Command)));
    let (steps, ()) = steps::of(|| switch.turn());
    assert!(steps < 4, "{steps}");
    let (steps, landed) = steps::of(|| switch.land(true));
    assert_eq!(landed, 4000);
    assert!(steps < 4000 * 20, "{steps}");
}

#[test]
fn a_flush_looks_at_each_entry_once() {
    let mut switch = switch(&[]);
    let vlan = Oid::parse(switch.defaults.vlan).unwrap();
    let port = switch.ids(T::SAI_OBJECT_TYPE_BRIDGE_PORT).next().unwrap().0;
    for n in 0..1000_u32 {
        let [_, a, b, c] = n.to_be_bytes();
        let mut body = fdb::Fdb::BLANK;
        body.set_port(if n == 7 { port } else { 0 });
        let key = fdb::Key::new(vlan, [2, 0, 0, a, b, c]).unwrap();
        entry::create::<fdb::Fdb>(&mut switch, key, New { body, extras: Vec::new() }).unwrap();
    }
    let flush = fdb::Flush { port: Some(port), bv: None, is_static: None };
    let (steps, gone) = steps::of(|| switch.flush_fdb(flush));
    assert_eq!(gone.len(), 1);
    assert!((1000..1100).contains(&steps), "{steps}");
}
