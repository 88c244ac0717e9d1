//! `verify` finds what the ASIC does not hold as it should.

use super::*;
use mlagsync::addr::Mac;
use mlagsync::neighbor::Host;
use mlagsync::run::ctl::protocol::AsicMethod;
use mlagsync::sai::NeighborKey;

/// Two daemons of which the second is given three hosts, and settles; what is asked of it, and then of it once more.
fn with_three_hosts<T>(profile: &str, ask: impl FnOnce(&Switch<'_>) -> T) -> T {
    let (a, b) = pair();
    a.run(|net| {
        for last in 1..=3 {
            net.neighbor("vlan10", ip(&format!("10.0.0.{last}")), [2, 0, 0, 0, 1, last], netns::REACHABLE, 0);
        }
    });
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    // Nobody else looks, or puts right what is to be found.
    let mut right = Switch::new(&b, "10.1.0.4", "10.1.0.3").profile(profile).set("scrub-s", json!(0));
    right.platform["sai"]["programming"] = json!("synchronous");
    let right = right.start();
    let settled = || {
        let counters = right.counters();
        counters.remote >= 3 && counters.wanted == counters.programmed && right.session().received_end
    };
    until_or("everything is believed to be there", true, settled, || {
        format!("{:?}\n{:?}\n{:?}\n{:?}", left.session(), left.counters(), right.session(), right.counters())
    });
    ask(&right)
}

/// What it says of its ASIC.
fn verified(profile: &str) -> VerifyReport {
    with_three_hosts(profile, |right| right.verify().expect("the ASIC is read"))
}

#[test]
fn an_honest_asic_is_clean() {
    let report = verified("");
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.method, report.foreign_count, report.unsettled), (AsicMethod::Listed, 0, 0));
    assert!(report.equal >= 3 && report.held == report.wanted, "{report:?}");
}

#[test]
fn a_corrupted_entry_is_named_with_both_macs() {
    let report = verified("SAI_SIM_FAULTS=create neighbor 10.0.0.2 corrupt-mac");
    assert_eq!((report.missing_count, report.differing_count), (0, 1), "{report:?}");
    let row = report.differing[0];
    assert_eq!(row.ip, ip("10.0.0.2"));
    assert_eq!(row.wanted.map(|mac| mac.to_string()).as_deref(), Some("02:00:00:00:01:02"));
    assert_eq!(row.held.map(|mac| mac.to_string()).as_deref(), Some("02:00:00:00:01:03"));
}

#[test]
fn an_entry_that_the_library_only_claimed_to_store_is_missing() {
    let report = verified("SAI_SIM_FAULTS=create neighbor 10.0.0.3 lie");
    assert_eq!((report.missing_count, report.differing_count), (1, 0), "{report:?}");
    assert_eq!((report.missing[0].ip, report.missing[0].held), (ip("10.0.0.3"), None));
}

#[test]
fn a_library_that_cannot_list_is_asked_by_key() {
    let report = verified("SAI_SIM_LIST=0");
    assert!(report.is_clean() && report.equal >= 3, "{report:?}");
    assert_eq!(report.method, AsicMethod::ByKey);
    let report = verified(
        "SAI_SIM_LIST=0\nSAI_SIM_FAULTS=create neighbor 10.0.0.2 corrupt-mac; create neighbor 10.0.0.3 lie",
    );
    assert_eq!((report.differing_count, report.missing_count), (1, 1), "{report:?}");
}

/// Removes one, gives another the wrong MAC, and adds one that nobody wants.
fn corrupt(switch: &Switch<'_>) {
    let (mut table, rif) = switch.back_door();
    let key = |text: &str| NeighborKey { rif, ip: ip(text) };
    let strange = Host { mac: Mac([2, 0, 0, 0, 9, 9]), no_host_route: false };
    table.remove(["10.0.0.1", "10.0.0.2"].map(key).into_iter());
    table.create(["10.0.0.2", "10.0.0.77"].map(|ip| (key(ip), strange)).into_iter());
}

#[test]
fn what_somebody_else_changed_is_repaired_and_what_is_his_is_not_touched() {
    with_three_hosts("", |right| {
        corrupt(right);
        let before = right.counters();
        let report = right.repair().expect("the ASIC is read");
        let RepairReport { before: found, after, .. } = &report;
        assert_eq!(
            (found.missing_count, found.differing_count, found.foreign_count),
            (1, 1, 1),
            "{report:?}"
        );
        assert_eq!((found.missing[0].ip, found.differing[0].ip), (ip("10.0.0.1"), ip("10.0.0.2")));
        assert!(after.is_clean() && after.equal == found.equal + 2, "{report:?}");
        assert_eq!((after.foreign_count, after.foreign[0].ip), (1, ip("10.0.0.77")));
        assert_eq!(right.held("10.0.0.1"), "02:00:00:00:01:01");
        assert_eq!(right.held("10.0.0.2"), "02:00:00:00:01:02");
        assert_eq!(right.held("10.0.0.77"), "02:00:00:00:09:09", "it is not ours");
        // Those two, and no other.
        let after = right.counters();
        assert_eq!((after.creates - before.creates, after.sets - before.sets), (1, 1));
        assert_eq!(after.removes, before.removes);
        assert!(right.repair().expect("the ASIC is read").before.is_clean());
    });
}

#[test]
fn what_cannot_be_repaired_is_told() {
    with_three_hosts("SAI_SIM_FAULTS=set neighbor 10.0.0.2 fail INVALID_PARAMETER", |right| {
        corrupt(right);
        let report = right.repair().expect("the ASIC is read");
        assert_eq!((report.after.missing_count, report.unrepaired), (0, 1), "{report:?}");
        assert!(!report.is_clean(), "{report:?}");
        assert_eq!(right.held("10.0.0.2"), "02:00:00:00:09:09");
    });
}

#[test]
fn while_a_call_hangs_whoever_compares_is_told_so_at_once() {
    with_three_hosts("SAI_SIM_FAULTS=remove neighbor 10.0.0.78 stall 4000", |right| {
        let (mut table, rif) = right.back_door();
        let hanging = std::thread::spawn(move || {
            table.remove([NeighborKey { rif, ip: ip("10.0.0.78") }].into_iter());
        });
        // Asked before it is known to hang: told as soon as it is. Asked from then on: told at once.
        until("somebody is told", true, || right.verify().is_err());
        let asked = Instant::now();
        let error = right.verify().expect_err("it hangs");
        let waited = asked.elapsed();
        assert!(error.contains("inside one call"), "{error}");
        assert!(right.repair().is_err());
        assert!(waited <= Duration::from_millis(100), "{waited:?}");
        hanging.join().expect("it came back");
        until("the ASIC is read again", true, || right.verify().is_ok());
    });
}

#[test]
fn a_daemon_finds_and_repairs_by_itself_what_somebody_else_changed() {
    let (a, b) = pair();
    a.run(|net| {
        for last in 1..=3 {
            net.neighbor("vlan10", ip(&format!("10.0.0.{last}")), [2, 0, 0, 0, 1, last], netns::REACHABLE, 0);
        }
    });
    let _left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").set("scrub-s", json!(1)).start();
    until("the hosts are there", true, || right.held("10.0.0.3") == "02:00:00:00:01:03");
    corrupt(&right);
    until("one is there again", "02:00:00:00:01:01".to_owned(), || right.held("10.0.0.1"));
    until("the other one is as it was", "02:00:00:00:01:02".to_owned(), || right.held("10.0.0.2"));
    assert_eq!(right.held("10.0.0.77"), "02:00:00:00:09:09", "it is not ours");
    until("it counts them", true, || right.counters().repaired >= 2 && right.counters().scrub_rounds > 0);
}
