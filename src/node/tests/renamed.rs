//! An SDK that restarts and gives its objects other ids: what is there is found under them, and nothing is asked of the old
//! ones.

use super::*;

const SWAPPED: Domain = Domain::Vlan(Oid::from_raw(0x26_0020));
const NEW_ROUTER: Oid<id::VirtualRouter> = Oid::from_raw(0x130);

/// Hosts of two VLANs and of a routed interface.
fn peopled() -> Rig {
    let mut rig = Rig::managed();
    rig.bind(vlanif(20), 3, Footing::Bridged(SWAPPED), RifState::Up);
    for n in 1..5 {
        rig.theirs(key(vlanif(10), &format!("10.0.0.{n}")), claim(n, mlag(1)));
        rig.theirs(key(vlanif(20), &format!("10.0.1.{n}")), claim(n + 10, mlag(1)));
        rig.theirs(key(trunk(1), &format!("10.9.0.{n}")), claim(n + 20, mlag(1)));
    }
    rig.take();
    rig
}

/// The ASIC's tables with other ids: the router interfaces and the VLANs have changed places.
fn renumber(rig: &mut Rig) {
    let rif = |old| match old {
        1 => 3,
        2 => 12,
        _ => 1,
    };
    let domain = |old| if old == VLAN { SWAPPED } else { VLAN };
    rig.neighbors =
        std::mem::take(&mut rig.neighbors).into_iter().map(|((r, ip), h)| ((rif(r), ip), h)).collect();
    rig.fdb = std::mem::take(&mut rig.fdb).into_iter().map(|((d, mac), h)| ((domain(d), mac), h)).collect();
    let via = |via| match via {
        Via::Neighbor(old) => Via::Neighbor(Oid::from_raw(rif(old.raw()))),
        other => other,
    };
    let routes = std::mem::take(&mut rig.routes);
    rig.routes = routes.into_iter().map(|((_, ip), v)| ((NEW_ROUTER.raw(), ip), via(v))).collect();
}

fn bind_anew(rig: &mut Rig) {
    rig.bind(vlanif(10), 3, Footing::Bridged(SWAPPED), RifState::Up);
    rig.bind(vlanif(20), 1, Footing::Bridged(VLAN), RifState::Up);
    rig.bind(trunk(1), 12, Footing::Routed(NEW_ROUTER), RifState::Up);
}

#[test]
fn what_an_sdk_kept_is_found_under_its_new_ids_and_not_written() {
    for intact in [Some(true), None] {
        let mut rig = peopled();
        rig.tell(Input::Asic(AsicNews::Down { why: AsicDown::Shutdown }));
        renumber(&mut rig);
        let tables = (rig.neighbors.clone(), rig.fdb.clone(), rig.routes.clone());
        bind_anew(&mut rig);
        rig.tell(Input::Asic(AsicNews::Restarted { intact }));
        let asked = rig.take();
        assert!(asked.iter().all(|line| line.contains(" read ")), "{intact:?} {asked:?}");
        assert_eq!((&rig.neighbors, &rig.fdb, &rig.routes), (&tables.0, &tables.1, &tables.2));
        assert!(rig.events.contains(&Event::AsicRestored { entries: 24, written: 0 }), "{:?}", rig.events);
        let old = Owned::Neighbor { rif: Oid::from_raw(2), ip: "10.9.0.1".parse().unwrap() };
        assert!(rig.disowned.contains(&old), "the journal names nothing under the old ids");
        assert_eq!(rig.disowned.len(), 24);
        // From then on it is as any other.
        rig.theirs_gone(key(trunk(1), "10.9.0.1"));
        rig.theirs_gone(key(vlanif(10), "10.0.0.1"));
        assert_eq!((rig.neighbors.len(), rig.fdb.len(), rig.routes.len()), (10, 7, 3));
    }
}

#[test]
fn what_an_sdk_lost_is_made_under_its_new_ids_and_nothing_is_removed() {
    let mut rig = peopled();
    rig.tell(Input::Asic(AsicNews::Down { why: AsicDown::Failed }));
    renumber(&mut rig);
    let tables = (rig.neighbors.clone(), rig.fdb.clone(), rig.routes.clone());
    (rig.neighbors, rig.fdb, rig.routes) = Default::default();
    bind_anew(&mut rig);
    rig.tell(Input::Asic(AsicNews::Restarted { intact: Some(false) }));
    rig.pass(Duration::from_secs(5));
    let asked = rig.take();
    assert!(!asked.iter().any(|line| line.contains(" remove ")), "{asked:?}");
    assert_eq!((rig.neighbors, rig.fdb, rig.routes), tables);
}

#[test]
fn an_interface_that_gets_another_router_interface_while_the_asic_is_up_moves() {
    let mut rig = peopled();
    rig.bind(vlanif(10), 5, Footing::Bridged(VLAN), RifState::Up);
    let asked = rig.take();
    assert!(asked.contains(&"neighbor remove 10.0.0.1".to_owned()), "{asked:?}");
    assert!(rig.neighbors.keys().all(|(rif, _)| *rif != 1));
}
