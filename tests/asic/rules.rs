//! Rules of programming that no other file here is about, with the real node in front.

use crate::bed::{Bed, Table};
use crate::hardware::linked;
use crate::rig::{Rig, held, mac};
use mlagsync::limits::{BATCH_ASIC_TIME, BATCH_FIRST, BATCH_MAX};
use mlagsync::mirror::batch::OpKind;
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::{Evidence, Input};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

fn ip(n: u32) -> IpAddr {
    std::net::Ipv4Addr::from(0x0a00_0000 + n).into()
}

fn hosts(range: std::ops::Range<u32>, generation: u8) -> Vec<(IpAddr, mlagsync::addr::Mac)> {
    range.map(|n| (ip(n), mac(n, generation))).collect()
}

/// What a batch is charged by the rig's cost model.
fn asic_time(calls: u64, entries: usize) -> Duration {
    Duration::from_nanos(calls * 20_000 + entries as u64 * 5_000)
}

#[test]
fn rule_6_a_mac_change_is_one_set_and_another_port_is_no_call() {
    let (sim, mut rig) = Rig::linked(&[]);
    rig.learn(hosts(0..10, 1));
    rig.forget_asked();
    sim.reset_calls();
    rig.learn(hosts(0..10, 2));
    let asked: Vec<_> = rig.asked.iter().map(|asked| (asked.kind, asked.ops.len())).collect();
    assert_eq!((asked, rig.calls), (vec![(OpKind::SetMac, 10)], 1));
    assert_eq!(held(&sim), rig.wanted);
    // The same host behind another port.
    rig.forget_asked();
    let moved = |(ip, mac)| {
        let (key, attachment) = (Key { interface: rig.interface, ip }, Attachment::Fabric);
        Evidence::Learned { key, mac, attachment, flags: Flags::default(), fresh: true }
    };
    let evidence = hosts(0..10, 2).into_iter().map(moved).collect();
    rig.tell(Input::Evidence(evidence));
    assert_eq!(rig.calls, 0);
}

#[test]
fn rule_8_a_key_is_once_in_a_batch_and_never_in_two_at_a_time() {
    let (sim, mut rig) = Rig::linked(&[]);
    // Each host changes with every answer of the ASIC, and in between is gone.
    let changes = (0..200u32).map(|n| {
        let key = |host| Key { interface: rig.interface, ip: ip(host) };
        let each = (0..50u32).map(|host| match (n + host) % 5 {
            0 => Evidence::Forgotten { key: key(host) },
            generation => {
                let (mac, attachment) = (mac(host, generation as u8), Attachment::Orphan);
                Evidence::Learned { key: key(host), mac, attachment, flags: Flags::default(), fresh: true }
            }
        });
        Input::Evidence(each.collect())
    });
    rig.interruptions = changes.enumerate().collect();
    rig.learn(hosts(0..50, 1));
    for asked in &rig.asked {
        let keys: BTreeSet<IpAddr> = asked.ops.iter().map(|op| op.ip).collect();
        assert_eq!(keys.len(), asked.ops.len(), "{:?}", asked.kind);
    }
    assert!(rig.asked.len() > 100 && rig.interruptions.is_empty());
    assert!(!rig.had_one_key_twice, "two operations on one key at a time");
    rig.learn(hosts(0..50, 7));
    assert_eq!(held(&sim), rig.wanted);
}

#[test]
fn rule_8_link_local_addresses_make_no_host_route_and_others_do() {
    let (sim, mut rig) = Rig::linked(&[]);
    let cases = [
        ("fe80::1", true),
        ("febf::1", true),
        ("169.254.7.7", true),
        ("fec0::1", false),
        ("169.253.0.1", false),
    ];
    rig.learn(cases.iter().map(|(ip, _)| (ip.parse().unwrap(), mac(1, 1))));
    let neighbors = sim.neighbors();
    assert_eq!(neighbors.len(), cases.len());
    for (ip, without) in cases {
        let held = neighbors.iter().find(|held| held.ip == ip.parse::<IpAddr>().unwrap()).unwrap();
        assert_eq!(held.no_host_route, without, "{ip}");
    }
}

#[test]
fn rule_10_a_batch_begins_with_16_and_takes_little_of_the_asics_time() {
    let (sim, mut rig) = Rig::linked(&[]);
    rig.learn(hosts(0..16_000, 1));
    assert_eq!(rig.asked[0].ops.len(), BATCH_FIRST);
    let largest = rig.asked.iter().map(|asked| asked.ops.len()).max().unwrap();
    assert!(asic_time(1, largest) <= BATCH_ASIC_TIME + Duration::from_micros(25), "{largest} entries");
    assert!(asic_time(1, 2 * largest) > BATCH_ASIC_TIME && largest <= BATCH_MAX, "{largest} entries");
    assert_eq!(held(&sim), rig.wanted);
    // Nothing else to do: a single change goes at once.
    rig.forget_asked();
    rig.learn(hosts(0..1, 2));
    assert_eq!(rig.asked.len(), 1);
}

#[test]
fn rule_10_what_forwards_wrongly_goes_first_then_deletes_and_who_waits_gets_its_twentieth() {
    let (sim, mut rig) = Rig::linked(&[]);
    rig.learn(hosts(0..4_000, 1));
    rig.forget_asked();
    // In the middle of 12,000 new ones, one host changes its MAC and one leaves.
    let change = [Evidence::Learned {
        key: Key { interface: rig.interface, ip: ip(7) },
        mac: mac(7, 2),
        attachment: Attachment::Orphan,
        flags: Flags::default(),
        fresh: true,
    }];
    let gone = [Evidence::Forgotten { key: Key { interface: rig.interface, ip: ip(8) } }];
    let both = change.into_iter().chain(gone).collect();
    rig.interruptions.push_back((3, Input::Evidence(both)));
    rig.learn(hosts(4_000..16_000, 1));
    rig.wanted.insert(ip(7), mac(7, 2));
    rig.wanted.remove(&ip(8));
    let at = |kind| rig.asked.iter().position(|asked| asked.kind == kind).unwrap();
    // Three were answered and two were in flight by then.
    let (set, remove) = (at(OpKind::SetMac), at(OpKind::Remove));
    assert!(set <= 5 && remove <= 6 && set < remove, "set {set}, remove {remove}, of {}", rig.asked.len());
    assert!(rig.asked.len() > 10, "others waited");
    assert_eq!(held(&sim), rig.wanted);

    // All 16,000 change while some thousand are new: these get their share before the changes are through.
    rig.forget_asked();
    let mut both = hosts(0..16_000, 3);
    both.retain(|(ip, _)| rig.wanted.contains_key(ip));
    let changes = both.len();
    both.extend(hosts(20_000..22_000, 1));
    rig.learn(both);
    let last_set = rig.asked.iter().rposition(|asked| asked.kind == OpKind::SetMac).unwrap();
    let before: usize = rig.asked[..last_set]
        .iter()
        .filter(|asked| asked.kind == OpKind::Create)
        .map(|asked| asked.ops.len())
        .sum();
    assert!(before * 25 >= changes && before < 2_000, "{before} new ones beside {changes} changes");
    assert_eq!(held(&sim), rig.wanted);
}

#[test]
fn rule_10_hosts_of_a_failed_link_go_before_a_flood_of_new_ones_which_do_not_starve() {
    for table in [Table::Fdb, Table::Route] {
        let (sim, switch) = linked(&[]);
        let mut bed = Bed::new(table, &switch);
        bed.learn(0..4_000);
        bed.forget_asked();
        bed.turn_after = Some(3);
        bed.learn(4_000..12_000);
        let first = bed.asked.iter().position(|asked| asked.kind == OpKind::SetMac).unwrap();
        let last = bed.asked.iter().rposition(|asked| asked.kind == OpKind::SetMac).unwrap();
        assert!(first <= 6, "{table:?}: what was under way, and then these: {first}");
        let entries = |some: &[crate::bed::Asked], kind| -> usize {
            some.iter().filter(|asked| asked.kind == kind).map(|asked| asked.hosts.len()).sum()
        };
        let between = &bed.asked[first..last];
        let meanwhile = bed.neighbors.iter().filter(|(after, _)| (first + 1..=last).contains(after));
        let changed = entries(between, OpKind::SetMac);
        // New hosts begin with their FDB entry, or with their neighbour.
        let new = match table {
            Table::Fdb => entries(between, OpKind::Create),
            Table::Route => meanwhile.map(|(_, made)| made).sum(),
        };
        assert!(changed >= 3_000, "{table:?}: {changed}");
        // Beside the changes who waits gets a twentieth of the time.
        assert!(new * 50 >= changed && new * 5 <= changed, "{table:?}: {new} new ones beside {changed}");
        assert_eq!(bed.look(&sim), bed.should(), "{table:?}");
    }
}

#[test]
fn rule_10_changes_of_one_key_while_a_batch_is_under_way_are_one_write_of_the_last() {
    let (sim, mut rig) = Rig::linked(&[]);
    rig.learn(hosts(0..20, 1));
    rig.forget_asked();
    // Each comes while the first is under way: nothing was answered before.
    let interface = rig.interface;
    let change = |generation| {
        let each = hosts(0..20, generation).into_iter().map(|(ip, mac)| {
            let (key, attachment) = (Key { interface, ip }, Attachment::Orphan);
            Evidence::Learned { key, mac, attachment, flags: Flags::default(), fresh: true }
        });
        Input::Evidence(each.collect())
    };
    let now = rig.now;
    for generation in 2..50 {
        rig.node.handle(now, change(generation));
        if generation == 2 {
            rig.take_batches();
        }
    }
    rig.learn(hosts(0..20, 50));
    let sets: Vec<_> = rig.asked.iter().filter(|asked| asked.kind == OpKind::SetMac).collect();
    for host in 0..20 {
        let of = |op: &&mlagsync::mirror::batch::Op| op.ip == ip(host);
        let macs: Vec<_> =
            sets.iter().flat_map(|asked| &asked.ops).filter(of).map(|op| op.host.mac).collect();
        assert_eq!(macs, [mac(host, 2), mac(host, 50)], "the one under way, and the last");
    }
    assert_eq!(held(&sim), rig.wanted);
}
