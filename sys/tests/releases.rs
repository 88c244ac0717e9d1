//! The history of the method tables, held to the measured facts.

mod support;

use sai_sys::releases::{MethodTable, RELEASES, Release, TABLES, Table};
use support::csv;

const SIZES: &str = include_str!("facts/method-table-sizes.csv");
const HISTORY: &str = include_str!("facts/method-table-history.csv");

#[test]
fn releases_are_those_measured() {
    let head = SIZES.lines().next().expect("a head line");
    let measured: Vec<&str> = head.split(',').skip(1).collect();
    let ours: Vec<String> = RELEASES.iter().map(Release::to_string).collect();
    assert_eq!(ours, measured);
    assert!(RELEASES.is_sorted());
    assert_eq!(RELEASES.first(), Some(&Release::OLDEST));
    // Built with a vendor's headers, this crate is of their release.
    let newest = RELEASES.last().copied();
    assert!(newest == Some(Release::CURRENT) || cfg!(feature = "bindgen"), "{newest:?}");
}

#[test]
fn sizes_are_those_measured() {
    let rows = csv(SIZES);
    assert_eq!(rows.len(), TABLES.len());
    for row in rows {
        let table = table(row["table"]);
        for release in RELEASES {
            let measured = row[release.to_string().as_str()].parse().ok();
            assert!(measured.is_some());
            assert_eq!(table.size_in(*release), measured, "{} in {release}", table.name);
        }
    }
}

#[test]
fn members_are_those_measured() {
    let mut rows = csv(HISTORY).into_iter();
    for table in TABLES {
        for member in table.members {
            let row = rows.find(|row| row["table"] == table.name).expect("the member is measured");
            assert_eq!(row["member"], member.name, "{}", table.name);
            assert_eq!(row["offset_lp64"], member.offset.to_string(), "{}", member.name);
            let since = match row["first_version"] {
                "1.9.0 or earlier" => Release::OLDEST.to_string(),
                version => version.to_owned(),
            };
            assert_eq!(since, member.since.to_string(), "{}", member.name);
        }
    }
    let known: usize = TABLES.iter().map(|table| table.members.len()).sum();
    assert_eq!(csv(HISTORY).len(), known, "a measured member is missing");
}

/// The bulk calls for neighbours came in 1.11.0: in older libraries their place is past the end.
#[test]
fn a_member_is_there_from_its_release_on() {
    let neighbor = sai_sys::sai_neighbor_api_t::TABLE;
    assert!(!neighbor.has("create_neighbor_entries", release(1, 10, 2)));
    assert!(neighbor.has("create_neighbor_entries", release(1, 11, 0)));
    assert!(neighbor.has("create_neighbor_entry", release(1, 9, 0)));
    assert!(neighbor.has("create_neighbor_entries", release(1, 19, 0)), "tables only grow");
    assert!(!neighbor.has("no_such_member", Release::CURRENT));
    assert!(!neighbor.has("create_neighbor_entry", release(1, 8, 1)), "nothing is known of 1.8");
    assert_eq!(neighbor.size_in(release(1, 8, 1)), None);
}

/// In 1.10 the tunnel table was long enough for `create_tunnels`, but had another member there.
#[test]
fn a_table_that_moved_members_is_not_read_before_it_settled() {
    for table in [sai_sys::sai_tunnel_api_t::TABLE, sai_sys::sai_next_hop_group_api_t::TABLE] {
        for member in table.members {
            assert!(!table.has(member.name, release(1, 10, 2)), "{}", member.name);
            assert!(table.has(member.name, release(1, 18, 1)), "{}", member.name);
        }
    }
}

#[test]
fn a_member_never_ends_past_the_table_it_is_read_in() {
    for table in TABLES {
        for release in RELEASES {
            let size = table.size_in(*release).expect("measured");
            for member in table.members.iter().filter(|m| table.has(m.name, *release)) {
                assert!(member.offset + 8 <= size, "{} in {release}", member.name);
            }
        }
    }
}

#[test]
fn api_versions_and_releases_are_the_same_thing() {
    assert_eq!(Release::CURRENT.api_version(), sai_sys::SAI_API_VERSION);
    for release in RELEASES {
        assert_eq!(Release::from_api_version(release.api_version()), Some(*release));
    }
    assert_eq!(Release::from_api_version(u64::MAX), None);
}

fn table(name: &str) -> &'static Table {
    TABLES.iter().find(|table| table.name == name).expect("the table is described")
}

fn release(major: u16, minor: u16, revision: u16) -> Release {
    Release { major, minor, revision }
}
