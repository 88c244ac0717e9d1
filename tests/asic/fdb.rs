//! The FDB: created in bulk, pointed elsewhere, read back, removed.

use crate::hardware::linked;
use mlagsync::addr::{Mac, VlanId};
use mlagsync::sai::{
    Answer, Domain, FdbChange, FdbEntry, FdbKey, FdbTable, Hold, Kind, Oid, Status, Tagging,
};

#[test]
fn entries_are_created_in_bulk_pointed_elsewhere_and_removed() {
    for bulk in ["spec", "whole-batch-reject", "not-supported", "no-bulk", "early-return"] {
        let (sim, switch) = linked(&[("SAI_SIM_BULK", bulk)]);
        let vlan = switch.create_vlan(VlanId::new(10).unwrap()).unwrap();
        let ports = switch.ports().unwrap();
        let port = |n: usize| switch.bridge_port_of(ports[n]).unwrap().expect("in the default bridge");
        let (one, two) = (port(0), port(1));
        let member = switch.create_vlan_member(vlan, one, Tagging::Tagged).unwrap();
        assert_eq!(switch.vlan_members(vlan).unwrap(), [member]);

        let mut fdb = FdbTable::new(&switch);
        let key = |n: u8| FdbKey { domain: Domain::Vlan(vlan), mac: Mac([2, 0, 0, 0, 0, n]) };
        let keys = |n: std::ops::Range<u8>| n.map(key).collect::<Vec<_>>();
        // The same slots first hold static entries with three attributes, then dynamic ones with two.
        for (hold, range) in [(Hold::Static, 0..60), (Hold::Dynamic, 60..120)] {
            let entry = FdbEntry { port: one, hold };
            fdb.create(keys(range).into_iter().map(|key| (key, entry)).collect::<Vec<_>>().into_iter());
            assert_eq!(fdb.answers(), [Answer::Done; 60], "{bulk}");
        }
        for held in sim.fdb() {
            assert_eq!((held.bridge_port, held.bv), (one.raw(), vlan.raw()), "{bulk}");
            assert_eq!(held.is_static, held.mac[5] < 60, "{bulk}");
        }
        fdb.change(
            keys(0..60).into_iter().map(|key| (key, FdbChange::Port(two))).collect::<Vec<_>>().into_iter(),
        );
        assert_eq!(fdb.answers(), [Answer::Done; 60], "{bulk}");
        fdb.read(keys(0..121).into_iter());
        let (moved, other) =
            (FdbEntry { port: two, hold: Hold::Static }, FdbEntry { port: one, hold: Hold::Dynamic });
        let read = [0, 59, 60, 120].map(|n| fdb.entry(n));
        assert_eq!(read, [Some(moved), Some(moved), Some(other), None], "{bulk}");
        assert!(matches!(fdb.answers()[120], Answer::Refused(status) if status.is_not_found()), "{bulk}");
        fdb.remove(keys(0..120).into_iter());
        assert_eq!((fdb.answers().to_vec(), sim.fdb().len()), (vec![Answer::Done; 120], 0), "{bulk}");
        switch.remove_vlan_member(member).unwrap();
        switch.remove_vlan(vlan).unwrap();
    }
}

#[test]
fn a_refusal_names_the_attribute() {
    let (_sim, switch) = linked(&[]);
    let vlan = switch.create_vlan(VlanId::new(10).unwrap()).unwrap();
    let mut fdb = FdbTable::new(&switch);
    let key = FdbKey { domain: Domain::Vlan(vlan), mac: Mac([2; 6]) };
    let nowhere = FdbEntry { port: Oid::from_raw(vlan.raw()), hold: Hold::Static };
    fdb.create([(key, nowhere)].into_iter());
    let Answer::Refused(status) = fdb.answers()[0] else { panic!("{:?}", fdb.answers()) };
    if matches!(status.kind(), Kind::Attribute { .. }) {
        assert_eq!(FdbTable::blamed_attribute(status), Some("SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID"));
    } else {
        assert_ne!(status, Status::SUCCESS);
    }
}
