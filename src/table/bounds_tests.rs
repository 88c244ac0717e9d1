//! What a peer that may say anything can make the table hold, and how long it can keep it busy.

use super::evidence::{Binding, Evidence, RifState};
use super::*;
use crate::addr::{BdId, InterfaceId, Mac, VlanId};
use crate::limits::{HELD_INTERFACES, MAX_RIVALS};
use crate::neighbor::{Attachment, Claim, Flags};
use crate::sai::Oid;
use crate::table::desired::{Refusal, Verdict, desired};
use std::net::Ipv4Addr;

const ROWS: u32 = 50_000;

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).unwrap())
}

fn key(vlan: u32, host: u32) -> Key {
    Key { interface: vlanif(vlan), ip: Ipv4Addr::from(0x0a00_0000 + host).into() }
}

fn claim(counter: u32) -> Claim {
    Claim { mac: Mac([2, 0, 0, 0, 0, 1]), attachment: Attachment::Fabric, flags: Flags::default(), counter }
}

fn bind(table: &mut Table, vlan: u32, vrf: &str) {
    let (vrf, rif, mac) = (vrf.parse().unwrap(), Oid::from_raw(u64::from(vlan)), Mac([2, 0, 0, 0, 0, 0xfe]));
    table.bind(Binding {
        interface: vlanif(vlan),
        vrf,
        rif,
        mac,
        addresses: Vec::new(),
        state: RifState::Up,
        footing: Default::default(),
    });
}

fn table() -> Table {
    let mut table = Table::new(7, Ownership::All);
    bind(&mut table, 10, "red");
    table
}

/// What the node does with a row that nobody claims any more.
fn release_vacant(table: &mut Table) {
    let mut dirty = Vec::new();
    table.take_dirty(&mut dirty);
    dirty.into_iter().for_each(|row| table.release(row));
}

fn verdict(table: &mut Table, key: Key) -> Verdict {
    let row = table.find(&key).expect("it is kept");
    let (key, view) = table.view(row).expect("it lives");
    desired(&view, &key)
}

#[test]
fn claims_beyond_the_cap_are_turned_away_and_those_held_still_change() {
    let mut table = table();
    table.most_claims = 3;
    table.remote_begin();
    let claims: Vec<_> = (1..=5).map(|n| (key(10, n), claim(0))).collect();
    table.remote_upsert(&claims);
    assert_eq!((table.remote_count(), table.turned_away(), table.is_truncated()), (3, 2, true));
    table.remote_upsert(&[(key(10, 3), claim(9)), (key(10, 9), claim(0))]);
    let row = table.find(&key(10, 3)).unwrap();
    assert_eq!(table.view(row).unwrap().1.remote, Some(claim(9)));
    assert!(table.find(&key(10, 9)).is_none(), "nothing is left of what is not kept");
    // Our own neighbour at the same address is our own affair.
    let (mac, attachment, flags) = (claim(0).mac, Attachment::Orphan, Flags::default());
    table.evidence(&[Evidence::Learned { key: key(10, 5), mac, attachment, flags, fresh: true }]);
    table.remote_upsert(&[(key(10, 5), claim(0))]);
    assert_eq!((table.local_count(), table.remote_count()), (1, 3));
    // Room again, and the next sync makes the copy whole.
    table.remote_end();
    table.remote_delete(&[key(10, 1)]);
    table.remote_begin();
    table.remote_upsert(&[(key(10, 2), claim(0)), (key(10, 3), claim(0)), (key(10, 4), claim(0))]);
    assert_eq!((table.remote_end(), table.is_truncated(), table.remote_count()), (0, false, 3));
}

#[test]
fn an_address_is_kept_on_a_bounded_number_of_interfaces_of_a_vrf() {
    let mut table = Table::new(7, Ownership::All);
    let vlans = 1..=4000;
    for vlan in vlans.clone() {
        bind(&mut table, vlan, "red");
    }
    table.remote_begin();
    for counter in 0..3 {
        let claims: Vec<_> = vlans.clone().map(|vlan| (key(vlan, 7), claim(counter))).collect();
        table.remote_upsert(&claims);
        let mut dirty = Vec::new();
        table.take_dirty(&mut dirty);
        assert!(dirty.len() <= MAX_RIVALS + 1, "each change is weighed against so many, and no more");
        let ours = dirty.iter().filter(|row| {
            let (key, view) = table.view(**row).expect("it lives");
            matches!(desired(&view, &key), Verdict::Ours(_))
        });
        assert_eq!(ours.count(), 1);
    }
    assert_eq!(table.remote_count(), MAX_RIVALS + 1);
    assert!(table.is_truncated());
}

#[test]
fn an_address_that_was_claimed_before_the_interfaces_were_bound_is_bounded_too() {
    let mut table = Table::new(7, Ownership::All);
    let vlans = 1..=1000;
    table.remote_begin();
    let claims: Vec<_> = vlans.clone().flat_map(|vlan| [1, 2].map(|n| (key(vlan, n), claim(vlan)))).collect();
    table.remote_upsert(&claims);
    assert_eq!(
        (table.remote_count(), table.is_truncated()),
        (2000, false),
        "unbound, they compete with nobody"
    );
    for vlan in vlans {
        bind(&mut table, vlan, "red");
        release_vacant(&mut table);
    }
    assert_eq!((table.remote_count(), table.is_truncated()), (2 * (MAX_RIVALS + 1), true));
    let best = key(MAX_RIVALS as u32 + 1, 1);
    assert!(matches!(verdict(&mut table, best), Verdict::Ours(_)), "the highest counter of those kept");
    assert_eq!(verdict(&mut table, key(1, 1)), Verdict::Refused(Refusal::AddressElsewhere));
}

#[test]
fn interfaces_that_only_the_peer_speaks_of_are_bounded() {
    let mut table = table();
    table.remote_begin();
    for bd in 1..=HELD_INTERFACES as u32 + 50_000 {
        let interface = InterfaceId::Vbdif(BdId::new(bd).unwrap());
        table.name_remote(interface, Some("blue".parse().unwrap()));
        table.remote_upsert(&[(Key { interface, ip: Ipv4Addr::LOCALHOST.into() }, claim(0))]);
    }
    assert_eq!(table.remote_count() + 1, HELD_INTERFACES, "beside the one that is bound");
    assert!(table.is_truncated());
    table.remote_upsert(&[(key(10, 1), claim(0))]);
    assert!(matches!(verdict(&mut table, key(10, 1)), Verdict::Ours(_)), "what is bound here has its place");
    // They go with their claims, and then there is room.
    table.remote_begin();
    table.remote_end();
    release_vacant(&mut table);
    table.remote_upsert(&[(key(20, 1), claim(0))]);
    assert_eq!((table.remote_count(), table.is_truncated()), (1, false));
}

/// The device has many neighbours of its own; the peer asks for a sweep of one claim, over and over. What a sweep costs
/// is not asserted, since the table reads no clock: its list of the peer's claims, oldest first, has nothing else in it.
#[test]
fn a_sweep_takes_the_one_claim_that_was_not_named() {
    let mut table = table();
    let (mac, attachment, flags) = (claim(0).mac, Attachment::Orphan, Flags::default());
    for host in 0..ROWS {
        table.evidence(&[Evidence::Learned { key: key(10, host), mac, attachment, flags, fresh: false }]);
    }
    for n in 0..100 {
        table.remote_begin();
        table.remote_upsert(&[(key(10, n % 2), claim(0))]);
        assert_eq!(table.remote_end(), u64::from(n > 0));
        assert_eq!((table.remote_count(), table.local_count()), (1, ROWS as usize));
    }
}

/// Every claim lies on one interface, and the peer moves that from VRF to VRF.
#[test]
fn naming_an_interface_over_and_over_costs_no_more_than_naming_it_once() {
    let mut table = table();
    let claims: Vec<_> = (0..ROWS).map(|host| (key(10, host), claim(0))).collect();
    table.remote_begin();
    table.remote_upsert(&claims);
    let mut dirty = Vec::new();
    table.take_dirty(&mut dirty);
    for n in 0..20_000 {
        let vrf = if n % 2 == 0 { "blue" } else { "red" };
        let news = table.name_remote(vlanif(10), Some(vrf.parse().unwrap()));
        assert_eq!(news, n % 2 == 0, "it is news once each time");
    }
    table.name_remote(vlanif(10), Some("blue".parse().unwrap()));
    dirty.clear();
    assert_eq!(table.next_dirty(), None, "no row was looked for yet");
    table.take_dirty(&mut dirty);
    assert_eq!(dirty.len(), ROWS as usize, "each row is looked at again, once");
    assert_eq!(verdict(&mut table, key(10, 1)), Verdict::Refused(Refusal::VrfDiffers));
}
