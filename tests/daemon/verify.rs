//! `verify` finds what the ASIC does not hold as it should.

use super::*;
use mlagsync::run::ctl::protocol::AsicMethod;

/// Right's ASIC with three hosts of left's, and faults.
fn verified(profile: &str) -> VerifyReport {
    let (a, b) = pair();
    a.run(|net| {
        for last in 1..=3 {
            net.neighbor("vlan10", ip(&format!("10.0.0.{last}")), [2, 0, 0, 0, 1, last], netns::REACHABLE, 0);
        }
    });
    let left = Switch::new(&a, "10.1.0.3", "10.1.0.4").start();
    let right = Switch::new(&b, "10.1.0.4", "10.1.0.3").profile(profile).start();
    let settled = || {
        let counters = right.counters();
        counters.remote >= 3 && counters.wanted == counters.programmed && right.session().received_end
    };
    until_or("everything is believed to be there", true, settled, || {
        format!("{:?}\n{:?}\n{:?}\n{:?}", left.session(), left.counters(), right.session(), right.counters())
    });
    right.verify().expect("the ASIC is read")
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
