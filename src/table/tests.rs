//! The table against its rules: who wins, what is refused, what the cursor shows to the peer.

use super::change::{ChangeSource, Position};
use super::desired::{Because, Ownership, Refusal, Verdict, View, Winner, because, desired, winning};
use super::evidence::{Binding, Evidence, RifState};
use super::lookup::AHEAD;
use super::*;
use crate::addr::{BdId, InterfaceId, Mac, MlagId, VlanId, VpnInstance};
use crate::limits::MAX_TOMBSTONES;
use crate::neighbor::{Attachment, Claim, Flags, Host};
use crate::sai::Oid;
use crate::table::ports::Ports;
use std::collections::BTreeMap;

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).unwrap())
}

fn key(vlan: u32, ip: &str) -> Key {
    Key { interface: vlanif(vlan), ip: ip.parse().unwrap() }
}

fn mac(n: u8) -> Mac {
    Mac([2, 0, 0, 0, 0, n])
}

fn mlag(n: u32) -> Attachment {
    Attachment::Mlag(MlagId::new(n).unwrap())
}

fn claim(mac_: u8, attachment: Attachment, counter: u32) -> Claim {
    Claim { mac: mac(mac_), attachment, flags: Flags::default(), counter }
}

fn binding(vlan: u32, vrf: &str, addresses: &[&str]) -> Binding {
    Binding {
        interface: vlanif(vlan),
        vrf: vrf.parse().unwrap(),
        rif: Oid::from_raw(u64::from(vlan)),
        mac: mac(0xfe),
        addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
        state: RifState::Up,
        footing: Default::default(),
    }
}

fn learned(key: Key, mac_: u8, fresh: bool) -> Evidence {
    let (mac, flags) = (mac(mac_), Flags::default());
    Evidence::Learned { key, mac, attachment: mlag(1), flags, fresh }
}

fn table() -> Table {
    let mut table = Table::new(7, Ownership::All);
    table.bind(binding(10, "red", &["10.0.10.1/24", "2001:db8:10::1/64"]));
    table.bind(binding(20, "red", &["10.0.20.1/24"]));
    table
}

/// What the node does with work that is cut into steps.
fn walk(table: &mut Table) {
    table.walk(&mut { usize::MAX });
}

fn take(table: &mut Table, max: usize) -> Vec<(Key, Option<Claim>)> {
    let mut out = Vec::new();
    table.take(max, &mut out);
    out.into_iter().map(|change| (change.key, change.claim)).collect()
}

static NO_PORTS: Ports = Ports::new();

fn view<'a>(binding: Option<&'a Binding>, local: Option<Claim>, remote: Option<Claim>) -> View<'a> {
    View {
        local,
        is_static: false,
        remote,
        vrf_differs: false,
        binding,
        we_win_ties: false,
        ownership: Ownership::All,
        rival: None,
        ports: &NO_PORTS,
    }
}

#[test]
fn which_claim_wins() {
    let red = binding(10, "red", &[]);
    let k = key(10, "10.0.10.7");
    let a = |counter| Some(claim(1, mlag(1), counter));
    let b = |counter| Some(claim(2, mlag(1), counter));
    let orphan = |m, counter| Some(claim(m, Attachment::Orphan, counter));
    // (local, remote, we win ties) -> (winner, MAC)
    let cases = [
        ("one claim, ours", a(0), None, false, Winner::Local, 1, Because::OnlyClaim),
        ("one claim, theirs", None, b(0), true, Winner::Remote, 2, Because::OnlyClaim),
        ("the same host on the same M-LAG", a(0), a(9), false, Winner::Both, 1, Because::Agreement),
        ("the higher counter, theirs", a(1), b(2), true, Winner::Remote, 2, Because::HigherCounter),
        ("the higher counter, ours", a(3), b(2), false, Winner::Local, 1, Because::HigherCounter),
        ("a tie, and the larger node is ours", a(2), b(2), true, Winner::Local, 1, Because::LargerNode),
        ("a tie, and the larger node is theirs", a(2), b(2), false, Winner::Remote, 2, Because::LargerNode),
        (
            "the same MAC behind another M-LAG",
            a(0),
            Some(claim(1, mlag(2), 1)),
            true,
            Winner::Remote,
            1,
            Because::HigherCounter,
        ),
        (
            "orphans differ even with one MAC",
            orphan(1, 0),
            orphan(1, 1),
            true,
            Winner::Remote,
            1,
            Because::HigherCounter,
        ),
        ("orphan against dual-homed", orphan(1, 1), a(0), false, Winner::Local, 1, Because::HigherCounter),
    ];
    for (what, local, remote, we_win_ties, winner, m, reason) in cases {
        let view = View { we_win_ties, ..view(Some(&red), local, remote) };
        assert_eq!(winning(&view).map(|(w, c)| (w, c.mac)), Some((winner, mac(m))), "{what}");
        assert_eq!(because(&view), reason, "{what}");
        let host = Host { mac: mac(m), no_host_route: false };
        assert_eq!(desired(&view, &k), Verdict::Ours(host), "{what}");
        // The peer, with both sides exchanged, comes to the same answer.
        let mirrored = View { local: remote, remote: local, we_win_ties: !we_win_ties, ..view };
        assert_eq!(winning(&mirrored).map(|(_, c)| c.mac), Some(mac(m)), "{what}, seen from the peer");
    }
    assert_eq!(desired(&view(Some(&red), None, None), &k), Verdict::Nothing);
}

#[test]
fn a_static_beats_every_claim() {
    let red = binding(10, "red", &[]);
    let view = View {
        is_static: true,
        ..view(Some(&red), Some(claim(1, Attachment::Orphan, 0)), Some(claim(2, mlag(1), 99)))
    };
    let host = Host { mac: mac(1), no_host_route: false };
    assert_eq!(desired(&view, &key(10, "10.0.10.7")), Verdict::Ours(host));
}

#[test]
fn the_router_flag_is_ored_and_a_devices_own_address_is_uncontested() {
    let router = Claim { flags: Flags::ROUTER, ..claim(1, mlag(1), 0) };
    for (local, remote) in [(router, claim(1, mlag(1), 0)), (claim(1, mlag(1), 0), router)] {
        let (_, merged) = winning(&view(None, Some(local), Some(remote))).unwrap();
        assert!(merged.flags.contains(Flags::ROUTER));
    }
    let own = Claim { flags: Flags::INTERFACE, ..claim(3, Attachment::Orphan, 0) };
    let contested = view(None, Some(claim(1, mlag(1), 50)), Some(own));
    assert_eq!(winning(&contested).map(|(w, _)| w), Some(Winner::Remote));
    let ours = view(None, Some(own), Some(claim(1, mlag(1), 50)));
    assert_eq!(winning(&ours).map(|(w, _)| w), Some(Winner::Local));
    assert_eq!(desired(&view(None, Some(own), None), &key(10, "10.0.10.1")), Verdict::Nothing);
}

#[test]
fn ownership_decides_who_programs() {
    let red = binding(10, "red", &[]);
    let k = key(10, "10.0.10.7");
    let (ours, theirs) = (Some(claim(1, mlag(1), 1)), Some(claim(2, mlag(1), 0)));
    let host = |n| Host { mac: mac(n), no_host_route: false };
    let received = |local, remote| {
        desired(&View { ownership: Ownership::Received, ..view(Some(&red), local, remote) }, &k)
    };
    assert_eq!(received(None, theirs), Verdict::Ours(host(2)));
    assert_eq!(received(ours, None), Verdict::Nos(host(1)));
    assert_eq!(received(ours, theirs), Verdict::Nos(host(1)));
    assert_eq!(received(ours, ours), Verdict::Nos(host(1)));
    assert_eq!(desired(&view(Some(&red), ours, theirs), &k), Verdict::Ours(host(1)));
}

#[test]
fn what_is_refused_and_why() {
    let red = binding(10, "red", &["10.0.10.1/24", "2001:db8:10::1/64"]);
    let with = |m: Mac| Some(Claim { mac: m, ..claim(1, mlag(1), 0) });
    let good = with(mac(1));
    let cases = [
        ("10.0.10.7", with(Mac::ZERO), Refusal::MacZero),
        ("10.0.10.7", with(Mac::BROADCAST), Refusal::MacBroadcast),
        ("10.0.10.7", with(Mac([1, 0, 0x5e, 0, 0, 1])), Refusal::MacMulticast),
        ("10.0.10.7", with(mac(0xfe)), Refusal::MacOwn),
        ("10.0.10.1", good, Refusal::IpOwn),
        ("2001:db8:10::1", good, Refusal::IpOwn),
        ("0.0.0.0", good, Refusal::IpUnspecified),
        ("::", good, Refusal::IpUnspecified),
        ("224.0.0.5", good, Refusal::IpMulticast),
        ("255.255.255.255", good, Refusal::IpMulticast),
        ("ff02::1", good, Refusal::IpMulticast),
        ("127.0.0.1", good, Refusal::IpLoopback),
        ("::1", good, Refusal::IpLoopback),
        ("10.0.11.7", good, Refusal::IpOutsideSubnets),
        ("2001:db8:11::7", good, Refusal::IpOutsideSubnets),
    ];
    for (ip, claim, refusal) in cases {
        let verdict = desired(&view(Some(&red), None, claim), &key(10, ip));
        assert_eq!(verdict, Verdict::Refused(refusal), "{ip} {claim:?}");
    }
    let k = key(10, "10.0.10.7");
    assert_eq!(desired(&view(None, None, good), &k), Verdict::Refused(Refusal::InterfaceUnknown));
    let elsewhere = View { vrf_differs: true, ..view(Some(&red), None, good) };
    assert_eq!(desired(&elsewhere, &k), Verdict::Refused(Refusal::VrfDiffers));
    let host = Host { mac: mac(2), no_host_route: false };
    let local_too = View { local: Some(claim(2, mlag(1), 0)), ..elsewhere };
    assert_eq!(desired(&local_too, &k), Verdict::Ours(host), "the peer speaks of another host");
}

#[test]
fn link_local_addresses_get_no_host_route() {
    let red = binding(10, "red", &["10.0.10.1/24", "2001:db8:10::1/64"]);
    for (ip, no_host_route) in [("fe80::7", true), ("169.254.3.4", true), ("2001:db8:10::7", false)] {
        let verdict = desired(&view(Some(&red), None, Some(claim(1, mlag(1), 0))), &key(10, ip));
        assert_eq!(verdict, Verdict::Ours(Host { mac: mac(1), no_host_route }), "{ip}");
    }
}

#[test]
fn an_interface_whose_only_addresses_are_link_local_takes_any_host() {
    let red = binding(10, "red", &["fe80::1/64"]);
    for ip in ["10.0.10.7", "2001:db8:10::7", "fe80::7"] {
        let verdict = desired(&view(Some(&red), None, Some(claim(1, mlag(1), 0))), &key(10, ip));
        assert!(matches!(verdict, Verdict::Ours(_)), "{ip}: {verdict:?}");
    }
}

#[test]
fn only_fresh_evidence_against_a_differing_claim_raises_the_counter() {
    let now = claim(1, mlag(1), 0);
    let (same, other) = (Some(claim(1, mlag(1), 5)), Some(claim(2, mlag(1), 5)));
    let own = |counter| Some(claim(9, mlag(1), counter));
    // (fresh, before, remote) -> counter
    let cases = [
        (true, None, None, 0),
        (true, None, other, 6),
        (true, own(3), other, 6),
        (true, own(6), other, 6),
        (true, own(8), other, 8),
        (false, None, other, 0),
        (false, own(3), other, 3),
        (true, None, same, 0),
        (true, own(3), None, 3),
        (true, None, Some(claim(2, mlag(1), u32::MAX)), u32::MAX),
    ];
    for (fresh, before, remote, counter) in cases {
        assert_eq!(heard(now, fresh, before, remote).counter, counter, "{fresh} {before:?} {remote:?}");
    }
}

#[test]
fn an_unchanged_repeat_is_no_change() {
    let mut table = table();
    let k = key(10, "10.0.10.7");
    table.evidence(&[learned(k, 1, true)]);
    let tail = table.tail();
    let mut dirty = Vec::new();
    table.take_dirty(&mut dirty);
    for fresh in [false, true] {
        table.evidence(&[learned(k, 1, fresh)]);
    }
    assert_eq!(table.tail(), tail);
    dirty.clear();
    table.take_dirty(&mut dirty);
    assert!(dirty.is_empty());
}

#[test]
fn a_claim_that_changes_ahead_of_the_cursor_keeps_its_place_and_behind_it_moves_to_the_tail() {
    let mut table = table();
    let keys = [key(10, "10.0.10.1"), key(10, "10.0.10.2"), key(10, "10.0.10.3")];
    for k in keys {
        table.evidence(&[learned(k, 1, true)]);
    }
    assert_eq!(take(&mut table, 1), [(keys[0], Some(claim(1, mlag(1), 0)))]);
    let tail = table.tail();
    table.evidence(&[learned(keys[1], 2, true)]);
    assert_eq!(table.tail(), tail, "ahead of the cursor: its place is kept");
    table.evidence(&[learned(keys[0], 3, true)]);
    assert!(table.tail() > tail, "behind the cursor: to the tail");
    let rest = take(&mut table, 9);
    let macs: Vec<_> = rest.iter().map(|(k, c)| (*k, c.unwrap().mac)).collect();
    assert_eq!(macs, [(keys[1], mac(2)), (keys[2], mac(1)), (keys[0], mac(3))]);
    assert!(!table.pending());
}

#[test]
fn a_claim_that_goes_or_turns_static_sends_its_delete_and_a_static_is_never_sent() {
    let mut table = table();
    let (gone, fixed) = (key(10, "10.0.10.2"), key(10, "10.0.10.3"));
    table.evidence(&[learned(gone, 1, true)]);
    table.evidence(&[learned(fixed, 1, true)]);
    take(&mut table, 9);
    table.evidence(&[Evidence::Forgotten { key: gone }]);
    table.evidence(&[Evidence::Static { key: fixed, mac: mac(5) }]);
    table.evidence(&[Evidence::Static { key: key(10, "10.0.10.4"), mac: mac(6) }]);
    assert_eq!(take(&mut table, 9), [(gone, None), (fixed, None)]);
    table.evidence(&[learned(fixed, 1, false)]);
    assert_eq!(take(&mut table, 9), [(fixed, Some(claim(1, mlag(1), 0)))], "dynamic again");
}

#[test]
fn a_peers_delete_never_removes_a_local_claim_and_its_claims_are_never_sent() {
    let mut table = table();
    let k = key(10, "10.0.10.2");
    table.evidence(&[learned(k, 1, true)]);
    take(&mut table, 9);
    let tail = table.tail();
    table.remote_upsert(&[(k, claim(2, mlag(1), 0)), (key(10, "10.0.10.9"), claim(2, mlag(1), 0))]);
    table.remote_delete(&[k]);
    assert_eq!(table.tail(), tail);
    assert_eq!((table.local_count(), table.remote_count()), (1, 1));
}

#[test]
fn a_full_sync_names_every_claim_and_no_deletion_of_the_past() {
    let mut table = table();
    let [stays, goes, later] = ["10.0.10.2", "10.0.10.3", "10.0.10.4"].map(|ip| key(10, ip));
    table.evidence(&[learned(stays, 1, true)]);
    table.evidence(&[learned(goes, 1, true)]);
    take(&mut table, 9);
    table.evidence(&[Evidence::Forgotten { key: goes }]);
    table.rewind();
    assert_eq!(take(&mut table, 9), [(stays, Some(claim(1, mlag(1), 0)))]);
    table.rewind();
    table.evidence(&[learned(later, 1, true)]);
    table.evidence(&[Evidence::Forgotten { key: stays }]);
    table.evidence(&[Evidence::Forgotten { key: later }]);
    // What was ahead of the cursor at BEGIN is swept at END; what came after BEGIN is told.
    assert_eq!(take(&mut table, 9), [(later, None)]);
    assert_eq!(table.cursor(), table.tail());
}

#[test]
fn tombstones_are_bounded_and_one_evicted_ahead_of_the_cursor_makes_a_sync_due() {
    let mut table = table();
    let nth = |n: u32| Key { interface: vlanif(10), ip: std::net::Ipv4Addr::from(0x0a00_0a00 + n).into() };
    let n = MAX_TOMBSTONES as u32;
    for i in 0..n + 2 {
        table.evidence(&[learned(nth(i), 1, true)]);
    }
    take(&mut table, n as usize + 2);
    for i in 0..n {
        table.evidence(&[Evidence::Forgotten { key: nth(i) }]);
    }
    assert!(!table.take_resync_due());
    take(&mut table, 1);
    table.evidence(&[Evidence::Forgotten { key: nth(n) }]);
    assert!(!table.take_resync_due(), "the oldest had been told");
    table.evidence(&[Evidence::Forgotten { key: nth(n + 1) }]);
    assert_eq!(table.digest(), None, "what the peer holds is not known any more");
    assert!(table.take_resync_due() && !table.take_resync_due());
}

#[test]
fn a_dump_sweeps_what_it_does_not_name_but_not_the_devices_own_addresses() {
    let mut table = table();
    let [named, heard, unnamed, own] =
        ["10.0.10.2", "10.0.10.3", "10.0.10.4", "10.0.10.1"].map(|ip| key(10, ip));
    for k in [named, heard, unnamed] {
        table.evidence(&[learned(k, 1, true)]);
    }
    let (mac, flags, attachment) = (mac(0xfe), Flags::INTERFACE, Attachment::Orphan);
    table.evidence(&[Evidence::Learned { key: own, mac, attachment, flags, fresh: true }]);
    table.dump_begin();
    table.evidence(&[learned(named, 1, false)]);
    table.evidence(&[learned(heard, 1, true)]);
    table.dump_end();
    walk(&mut table);
    assert_eq!(table.local_count(), 3);
    table.dump_end();
    walk(&mut table);
    assert_eq!(table.local_count(), 3, "an end without a beginning sweeps nothing");
    table.dump_begin();
    table.dump_begin();
    table.evidence(&[learned(named, 1, false)]);
    table.dump_end();
    walk(&mut table);
    assert_eq!(table.local_count(), 2);
}

#[test]
fn end_sweeps_what_the_sync_did_not_name() {
    let mut table = table();
    let k = |n: u8| Key { interface: vlanif(10), ip: std::net::Ipv4Addr::new(10, 0, 10, n).into() };
    let c = claim(1, mlag(1), 0);
    table.remote_begin();
    table.remote_upsert(&[(k(2), c), (k(3), c), (k(4), c)]);
    assert_eq!(table.remote_end(), 0);
    // A sync that breaks off sweeps nothing; the next one counts from its own beginning.
    table.remote_begin();
    table.remote_upsert(&[(k(2), c)]);
    table.remote_begin();
    table.remote_upsert(&[(k(3), c), (k(5), c)]);
    table.remote_delete(&[k(5)]);
    assert_eq!(table.remote_end(), 2);
    assert_eq!(table.remote_count(), 1);
    assert_eq!(table.remote_end(), 0);
}

#[test]
fn pieces_told_at_once_are_as_those_told_one_by_one() {
    // Keys that occur twice within what is looked up at once, rivals, an interface that was never named before.
    let pieces: Vec<Evidence> = (0..5 * AHEAD as u32)
        .map(|n| learned(key(10 + 10 * (n % 3), &format!("10.0.{}.7", n % 11)), n as u8, true))
        .collect();
    let (mut at_once, mut one_by_one) = (table(), table());
    at_once.evidence(&pieces);
    pieces.iter().for_each(|piece| one_by_one.evidence(std::slice::from_ref(piece)));
    assert_eq!(at_once.local_count(), 33);
    let shown = |table: &Table| -> Vec<_> {
        (0..table.rows()).map(|at| table.peek(at).map(|(key, view)| (key, view.local, view.rival))).collect()
    };
    assert_eq!(shown(&at_once), shown(&one_by_one));
    assert_eq!(take(&mut at_once, 99), take(&mut one_by_one, 99));
}

#[test]
fn an_interface_that_loses_its_number_while_keys_are_looked_up_gets_another() {
    let vbdif = |n| InterfaceId::Vbdif(BdId::new(n).unwrap());
    let on = |n| Key { interface: vbdif(n), ip: "10.0.0.7".parse().unwrap() };
    let mut table = Table::new(7, Ownership::All);
    let named = 2 * crate::limits::MAX_INTERFACES as u32;
    for n in 1..=named {
        table.name_remote(vbdif(n), Some(VpnInstance::public()));
    }
    // The first key's interface is one too many: those that nothing uses go, the second key's among them.
    let c = claim(1, mlag(1), 0);
    table.remote_upsert(&[(on(named + 1), c), (on(named), c), (on(1), c)]);
    for n in [named + 1, named, 1] {
        let row = table.find(&on(n)).expect("it was told");
        assert_eq!(table.peek(row).map(|(key, view)| (key, view.remote)), Some((on(n), Some(c))));
    }
    assert_eq!(table.remote_count(), 3);
}

#[test]
fn claims_on_an_interface_that_is_not_bound_are_withheld_and_taken_back() {
    let mut table = table();
    let (k, other) = (key(30, "10.0.30.7"), key(10, "10.0.10.7"));
    table.evidence(&[learned(k, 1, true)]);
    table.evidence(&[learned(other, 1, true)]);
    assert_eq!(take(&mut table, 9).len(), 1, "nobody could say what VRF it is in");
    table.bind(binding(30, "red", &[]));
    walk(&mut table);
    assert_eq!(take(&mut table, 9), [(k, Some(claim(1, mlag(1), 0)))]);
    table.unbind(vlanif(30));
    walk(&mut table);
    assert_eq!(take(&mut table, 9), [(k, None)]);
}

#[test]
fn of_one_address_on_several_interfaces_of_a_vrf_one_is_desired() {
    let verdict = |table: &mut Table, k: Key| {
        let row = table.find(&k).unwrap();
        let (k, view) = table.view(row).unwrap();
        desired(&view, &k)
    };
    let elsewhere = Verdict::Refused(Refusal::AddressElsewhere);
    let mut table = Table::new(7, Ownership::All);
    for (vlan, vrf, net) in
        [(10, "red", "10.0.0.1/8"), (20, "red", "10.0.20.1/24"), (40, "blue", "10.0.0.1/8")]
    {
        table.bind(binding(vlan, vrf, &[net]));
    }
    let [a, b, c] = [10, 20, 40].map(|vlan| key(vlan, "10.0.20.7"));
    table.remote_upsert(&[(a, claim(1, mlag(1), 9)), (b, claim(2, mlag(1), 0)), (c, claim(3, mlag(1), 0))]);
    assert_eq!(verdict(&mut table, a), elsewhere, "the longer subnet wins over the counter");
    assert!(matches!(verdict(&mut table, b), Verdict::Ours(_)));
    assert!(matches!(verdict(&mut table, c), Verdict::Ours(_)), "another VRF");
    // Equal subnets: the counter; equal counters: the smaller identity.
    table.bind(binding(20, "red", &["10.0.0.2/8"]));
    assert_eq!(verdict(&mut table, b), elsewhere);
    table.remote_upsert(&[(a, claim(1, mlag(1), 0))]);
    assert!(matches!(verdict(&mut table, a), Verdict::Ours(_)));
    // The interface moves to the other VRF, where it has a rival too.
    table.bind(binding(10, "blue", &["10.0.0.1/8"]));
    assert!(matches!(verdict(&mut table, b), Verdict::Ours(_)));
    assert_eq!(verdict(&mut table, c), elsewhere);
    let mut dirty = Vec::new();
    table.take_dirty(&mut dirty);
    table.remote_delete(&[a]);
    table.take_dirty(&mut dirty);
    let c_row = table.find(&c).unwrap();
    assert!(dirty.contains(&c_row), "a rival that goes makes the others be looked at again");
    assert!(matches!(verdict(&mut table, c), Verdict::Ours(_)));
    // Link-local addresses compete with nobody.
    let [x, y] = [20, 40].map(|vlan| key(vlan, "fe80::1"));
    table.remote_upsert(&[(x, claim(1, mlag(1), 0)), (y, claim(1, mlag(1), 0))]);
    table.bind(binding(20, "blue", &[]));
    assert!(
        matches!(verdict(&mut table, x), Verdict::Ours(_))
            && matches!(verdict(&mut table, y), Verdict::Ours(_))
    );
}

/// A receiver in simple words: what it was told, in order.
fn tell(peer: &mut BTreeMap<Key, Claim>, key: Key, claim: Option<Claim>) {
    match claim {
        Some(claim) => drop(peer.insert(key, claim)),
        None => drop(peer.remove(&key)),
    }
}

#[test]
fn whatever_happens_a_peer_that_reads_all_changes_holds_the_claims() {
    let mut dice = 0x9e37_79b9_7f4a_7c15u64;
    let mut roll = move |n: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % n
    };
    for _ in 0..200 {
        let mut table = table();
        let mut model: BTreeMap<Key, Claim> = BTreeMap::new();
        let mut peer: BTreeMap<Key, Claim> = BTreeMap::new();
        let mut named: Option<Vec<Key>> = None;
        let mut mark = Position(0);
        let mut bound = true;
        for _ in 0..300 {
            let k = key(10, &format!("10.0.10.{}", 2 + roll(6)));
            match roll(12) {
                0..4 => {
                    let m = roll(3) as u8;
                    table.evidence(&[learned(k, m, true)]);
                    model.insert(k, claim(m, mlag(1), 0));
                }
                4..6 => {
                    table.evidence(&[Evidence::Forgotten { key: k }]);
                    model.remove(&k);
                }
                6 => {
                    table.evidence(&[Evidence::Static { key: k, mac: mac(9) }]);
                    model.remove(&k);
                }
                7 if roll(3) == 0 => {
                    table.rewind();
                    mark = table.tail();
                    named = Some(Vec::new());
                }
                // Walks go a few rows at a time, and other things happen between two steps.
                9 => table.walk(&mut { roll(4) as usize }),
                8 if roll(3) == 0 => {
                    bound = !bound;
                    if bound {
                        table.bind(binding(10, "red", &[]));
                    } else {
                        table.unbind(vlanif(10));
                    }
                }
                _ => {
                    for (k, c) in take(&mut table, 1 + roll(3) as usize) {
                        if let Some(named) = &mut named {
                            named.push(k);
                        }
                        tell(&mut peer, k, c);
                    }
                    if table.cursor() >= mark
                        && let Some(named) = named.take()
                    {
                        peer.retain(|k, _| named.contains(k));
                    }
                }
            }
        }
        walk(&mut table);
        for (k, c) in take(&mut table, 1000) {
            if let Some(named) = &mut named {
                named.push(k);
            }
            tell(&mut peer, k, c);
        }
        if let Some(named) = named {
            peer.retain(|k, _| named.contains(k));
        }
        assert_eq!(peer, if bound { model } else { BTreeMap::new() });
        assert!(!table.take_resync_due());
    }
}
