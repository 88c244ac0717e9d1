//! Interfaces that are taken away under their hosts.

use super::*;

fn released(rig: &mut Rig) -> Vec<InterfaceId> {
    let of = |event: Event| match event {
        Event::Released { interface } => Some(interface),
        _ => None,
    };
    std::mem::take(&mut rig.events).into_iter().filter_map(of).collect()
}

#[test]
fn an_interface_is_released_when_nothing_is_left_on_it_in_any_table() {
    for (left, interface, ip) in [
        ("neighbor remove", vlanif(10), "10.0.0.2"),
        ("fdb remove", vlanif(10), "10.0.0.2"),
        ("route remove", trunk(1), "10.9.0.2"),
        ("neighbor remove", trunk(1), "10.9.0.2"),
    ] {
        let mut rig = Rig::managed();
        rig.theirs(key(interface, ip), claim(1, mlag(1)));
        rig.refusals.push((left, Status::OBJECT_IN_USE));
        rig.tell(Input::Unbind(interface));
        assert_eq!(released(&mut rig), [], "{left}");
        rig.refusals.clear();
        rig.pass(Duration::from_secs(2));
        assert_eq!(released(&mut rig), [interface], "{left}");
        assert!(rig.neighbors.is_empty() && rig.fdb.is_empty() && rig.routes.is_empty());
        rig.take();
        rig.recompute();
    }
}

#[test]
fn a_route_by_the_peer_is_waited_for_although_its_neighbour_is_gone() {
    let mut rig = Rig::managed();
    rig.theirs(key(trunk(1), "10.9.0.2"), claim(1, mlag(1)));
    rig.member(1, LinkState::Down, LinkState::Forwarding);
    rig.bind(trunk(1), 2, Footing::Routed(ROUTER), RifState::Down);
    assert_eq!((rig.neighbors.len(), rig.routes.len()), (0, 1));
    rig.refusals.push(("route remove", Status::OBJECT_IN_USE));
    rig.tell(Input::Unbind(trunk(1)));
    assert_eq!(released(&mut rig), []);
    rig.refusals.clear();
    rig.pass(Duration::from_secs(2));
    assert_eq!(released(&mut rig), [trunk(1)]);
}

#[test]
fn one_that_comes_back_meanwhile_is_not_released() {
    let mut rig = Rig::managed();
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.refusals.push(("fdb remove", Status::OBJECT_IN_USE));
    rig.tell(Input::Unbind(vlanif(10)));
    rig.bind(vlanif(10), 1, Footing::Bridged(VLAN), RifState::Up);
    rig.refusals.clear();
    rig.pass(Duration::from_secs(5));
    assert_eq!(released(&mut rig), []);
    assert_eq!((rig.neighbors.len(), rig.fdb.len()), (1, 1));
}

#[test]
fn two_interfaces_of_one_vlan_do_not_wait_for_each_other() {
    let mut rig = Rig::managed();
    rig.bind(vlanif(20), 3, Footing::Bridged(VLAN), RifState::Up);
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.theirs(key(vlanif(20), "10.0.0.3"), claim(1, mlag(1)));
    rig.tell(Input::Unbind(vlanif(10)));
    assert_eq!(released(&mut rig), [vlanif(10)]);
    assert_eq!((rig.neighbors.len(), rig.fdb.len()), (1, 1), "the MAC is the other one's, too");
    rig.tell(Input::Unbind(vlanif(20)));
    assert_eq!(released(&mut rig), [vlanif(20)]);
    assert!(rig.fdb.is_empty());
}

#[test]
fn a_vrf_that_goes_takes_all_of_its_interfaces() {
    let mut rig = Rig::managed();
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.theirs(key(trunk(1), "10.9.0.2"), claim(2, mlag(1)));
    for interface in [vlanif(10), trunk(1)] {
        rig.tell(Input::Unbind(interface));
    }
    let mut all = released(&mut rig);
    all.sort();
    assert_eq!(all, [vlanif(10), trunk(1)]);
    assert!(rig.neighbors.is_empty() && rig.fdb.is_empty() && rig.routes.is_empty());
}

#[test]
fn nothing_is_put_on_a_virtual_router_interface() {
    let mut rig = Rig::managed();
    rig.theirs(key(vlanif(10), "10.0.0.2"), claim(1, mlag(1)));
    rig.theirs(key(trunk(1), "10.9.0.2"), claim(2, mlag(1)));
    rig.bind(vlanif(10), 1, Footing::Bridged(VLAN), RifState::Virtual);
    rig.bind(trunk(1), 2, Footing::Routed(ROUTER), RifState::Virtual);
    assert!(rig.neighbors.is_empty() && rig.routes.is_empty());
    let refusals = rig.node.counters().refusals;
    assert_eq!(refusals, BTreeMap::from([(crate::table::refusal::Refusal::RifVirtual, 2)]));
    rig.take();
    rig.recompute();
}

#[test]
fn a_number_is_not_given_to_another_vlan_while_macs_speak_of_it() {
    let mut rig = Rig::managed();
    let other = Domain::Vlan(Oid::from_raw(0x26_0020));
    // The hardware keeps this one, so nothing of ours is in the FDB; and its neighbour does not go.
    rig.heard(key(vlanif(10), "10.0.0.2"), 1, Attachment::Orphan);
    rig.news(FdbChange::Learned, 1, Some(LONE));
    rig.refusals.push(("neighbor remove", Status::OBJECT_IN_USE));
    rig.tell(Input::Unbind(vlanif(10)));
    assert_eq!((rig.neighbors.len(), rig.fdb.len()), (1, 0));
    // The same MAC in another VLAN is another host: where the first one was heard says nothing of it.
    rig.bind(vlanif(20), 3, Footing::Bridged(other), RifState::Up);
    rig.theirs(key(vlanif(20), "10.0.0.3"), claim(1, mlag(1)));
    let host = FdbHost { port: Oid::from_raw(MEMBER), dynamic: false };
    assert_eq!(rig.fdb, BTreeMap::from([((other, mac(1)), host)]));
    rig.refusals.clear();
    rig.pass(Duration::from_secs(2));
    assert_eq!(released(&mut rig), [vlanif(10)]);
    assert_eq!(rig.fdb.len(), 1);
    rig.take();
    rig.recompute();
}
