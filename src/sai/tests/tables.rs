//! Method tables that are short, empty, or filled late.

use super::fake::{Fake, fake, neighbor_api};
use crate::addr::Mac;
use crate::neighbor::Host;
use crate::sai::bulk::Answer;
use crate::sai::error::Error;
use crate::sai::id::Oid;
use crate::sai::library::{Library, Options};
use crate::sai::neighbor::{NeighborKey, NeighborTable};
use crate::sai::switch::Switch;
use crate::sai::version::Version;
use sai_sys::{sai_neighbor_api_t, sai_switch_api_t};

pub(super) fn library(fake: &Fake) -> Library {
    // SAFETY: the functions of a fake library, which is part of this program.
    unsafe { Library::given(fake.functions, Options::default()) }.unwrap()
}

pub(super) fn table(library: &Library) -> NeighborTable {
    NeighborTable::new(&Switch::given(library, Oid::from_raw(0x21)))
}

pub(super) fn host(n: u8) -> (NeighborKey, Host) {
    let key = NeighborKey { rif: Oid::from_raw(0x60), ip: [10, 0, 0, n].into() };
    (key, Host { mac: Mac([2, 0, 0, 0, 0, n]), no_host_route: false })
}

fn hosts(n: u8) -> Vec<(NeighborKey, Host)> {
    (0..n).map(host).collect()
}

/// The byte after a short table cannot be read: an over-read ends this program.
#[test]
fn rule_1_a_table_is_not_read_beyond_what_its_release_has() {
    let fake = fake(4);
    fake.with(|state| state.version = 11_002);
    fake.give(&neighbor_api::<4>(), 40);
    let library = library(&fake);
    let mut table = table(&library);
    let report = table.create(hosts(5).into_iter());
    assert_eq!(table.answers(), [Answer::Done; 5]);
    assert_eq!((report.calls, report.trouble), (5, None), "single calls, for 1.10 has no others");
    table.set_mac(hosts(5).into_iter().map(|(key, host)| (key, host.mac)));
    assert_eq!(table.answers(), [Answer::Done; 5]);
    let keys: Vec<_> = hosts(5).into_iter().map(|(key, _)| key).collect();
    table.read(&keys);
    assert!(matches!(table.readings()[4], crate::sai::Reading::Held(held) if held == host(4).1));
    table.remove(keys.into_iter());
    assert_eq!(table.answers(), [Answer::Done; 5]);
    assert_eq!(fake.with(|state| (state.entries.len(), state.bulk_seen.len())), (0, 0));
}

#[test]
fn rule_1_a_member_that_the_release_does_not_have_is_too_old() {
    let fake = fake(5);
    fake.with(|state| state.version = 10_901);
    fake.give(&neighbor_api::<5>(), 40);
    let library = library(&fake);
    let method = crate::sai::table::method!(sai_neighbor_api_t, create_neighbor_entries);
    let error = library.method(&method).map(|_| ()).unwrap_err();
    assert_eq!(error, Error::TooOld { call: "create_neighbor_entries", library: Version::new(1, 9, 1) });
}

/// The whole table is there in 1.11 and later, also in releases that nobody knows yet.
#[test]
fn rule_1_bulk_is_used_from_1_11_on() {
    let fake = fake(6);
    fake.with(|state| state.version = 12_500);
    fake.give(&neighbor_api::<6>(), 72);
    let library = library(&fake);
    let mut table = table(&library);
    let report = table.create(hosts(5).into_iter());
    assert_eq!((table.answers(), report.calls), (&[Answer::Done; 5][..], 1));
}

#[test]
fn rule_1_null_means_absent_now_and_is_never_remembered() {
    let fake = fake(7);
    let whole = neighbor_api::<7>();
    let place = fake.give(&sai_neighbor_api_t::default(), 72);
    let library = library(&fake);
    let mut table = table(&library);

    let report = table.create(hosts(3).into_iter());
    assert!(report.trouble.is_some(), "not one function is there");
    assert_eq!((table.answers(), report.calls), (&[Answer::NotExecuted; 3][..], 0));

    // The place of the whole table, one member filled after the other.
    let mut filled =
        sai_neighbor_api_t { create_neighbor_entry: whole.create_neighbor_entry, ..Default::default() };
    // SAFETY: the table lies in memory of this test, and the library only reads it.
    unsafe { place.write_volatile(filled) };
    let report = table.create(hosts(3).into_iter());
    assert_eq!((table.answers(), report.calls), (&[Answer::Done; 3][..], 3), "singles, once they are there");

    filled.create_neighbor_entries = whole.create_neighbor_entries;
    // SAFETY: as above.
    unsafe { place.write_volatile(filled) };
    let report = table.create(hosts(6).into_iter().skip(3).collect::<Vec<_>>().into_iter());
    assert_eq!((table.answers(), report.calls), (&[Answer::Done; 3][..], 1), "bulk, once it is there");
    assert!(!table.creates_singly());
}

#[test]
fn rule_1_a_table_that_is_not_given_yet_is_asked_for_again() {
    let fake = fake(8);
    let library = library(&fake);
    let switch = Switch::given(&library, Oid::from_raw(0x21));
    let error = switch.cpu_port().unwrap_err();
    assert!(matches!(error, Error::NoTable { table: "sai_switch_api_t", .. }), "{error}");
    fake.give(&sai_switch_api_t::default(), 120);
    assert_eq!(switch.cpu_port(), Err(Error::Absent { call: "get_switch_attribute" }));
}
