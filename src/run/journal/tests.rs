//! The file: what it remembers, what it refuses, and what a kill or a full disk leaves of it.

use super::*;
use crate::sai::NeighborKey;
use std::fs;
use std::os::unix::fs::FileExt;

fn thing(n: u32) -> Thing {
    let ip = std::net::Ipv4Addr::from(0x0a00_0000 + n).into();
    Thing::Neighbor(NeighborKey { rif: Oid::from_raw(0x600_0000_0001), ip })
}

fn mark(n: u8) -> Mark {
    Mark { router: Oid::from_raw(u64::from(n)), mac: Mac([2, 0, 0, 0, 0, n]) }
}

fn dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn what_is_noted_is_there_when_it_is_opened_again() {
    let dir = dir();
    let path = dir.path().join("journal");
    let mut journal = Journal::open_bounded(&path, 4, 1000).expect("opens");
    assert_eq!(journal.mark(), None);
    journal.begin(mark(1));
    for n in 0..500 {
        assert!(journal.note(&thing(n), Standing::Doubt));
        assert!(journal.note(&thing(n), Standing::Sure));
    }
    for n in 100..200 {
        journal.erase(&thing(n));
    }
    journal.note(&thing(7), Standing::Doubt);
    drop(journal);
    let mut journal = Journal::open_bounded(&path, 4, 1000).expect("opens again");
    assert_eq!((journal.mark(), journal.len(), journal.damaged()), (Some(mark(1)), 400, 0));
    assert_eq!(journal.standing(&thing(7)), Some(Standing::Doubt));
    assert_eq!(journal.standing(&thing(8)), Some(Standing::Sure));
    assert_eq!(journal.standing(&thing(150)), None);
    journal.begin(mark(2));
    assert!(journal.is_empty(), "another boot: nothing is ours");
    drop(journal);
    let journal = Journal::open(&path).expect("opens");
    assert_eq!((journal.mark(), journal.len()), (Some(mark(2)), 0));
}

#[test]
fn a_torn_or_damaged_record_is_skipped_and_the_others_count() {
    let dir = dir();
    let path = dir.path().join("journal");
    let mut journal = Journal::open_bounded(&path, 8, 8).expect("opens");
    journal.begin(mark(1));
    for n in 0..4 {
        journal.note(&thing(n), Standing::Sure);
    }
    drop(journal);
    let file = fs::OpenOptions::new().write(true).open(&path).expect("the file");
    // One was cut off in its address, one has a state that there is not, one names nothing.
    file.write_all_at(&[9, 9], (HEADER + 17) as u64).expect("written");
    file.write_all_at(&[1], (HEADER + SIZE) as u64).expect("written");
    file.write_all_at(&[0xff; SIZE], (HEADER + 5 * SIZE) as u64).expect("written");
    drop(file);
    let mut journal = Journal::open_bounded(&path, 8, 8).expect("opens all the same");
    assert_eq!(journal.damaged(), 3);
    let named: Vec<Thing> = journal.things().map(|(thing, _)| thing).collect();
    assert_eq!(named, [thing(2), thing(3)]);
    for n in 10..16 {
        assert!(journal.note(&thing(n), Standing::Sure), "the damaged ones' room is there again");
    }
    assert!(!journal.note(&thing(99), Standing::Sure), "and no more than that");
}

#[test]
fn a_kill_between_any_two_stores_leaves_the_record_whole_or_free() {
    // The stores of a new record: its bytes as a free one, then the state.
    let body = Body::of(&thing(1));
    let mut bytes = [0; SIZE];
    for cut in 0..SIZE {
        bytes[..cut].copy_from_slice(&body.bytes()[..cut]);
        assert_eq!(Standing::of(bytes[0]), None, "free after {cut} bytes");
    }
    // What was there before: a whole other record, freed.
    let mut bytes = Body::of(&thing(2)).bytes();
    for cut in 0..SIZE {
        bytes[..cut].copy_from_slice(&body.bytes()[..cut]);
        assert_eq!(Standing::of(bytes[0]), None);
    }
}

#[test]
fn two_daemons_never_share_it() {
    let dir = dir();
    let path = dir.path().join("journal");
    let first = Journal::open(&path).expect("opens");
    let refused = Journal::open(&path).expect_err("it is in use");
    assert_eq!(refused.to_string(), format!("journal {} is in use by another process", path.display()));
    drop(first);
    Journal::open(&path).expect("free again");
}

#[test]
fn another_form_or_another_file_is_refused_and_left_as_it_is() {
    let dir = dir();
    let path = dir.path().join("journal");
    let mut journal = Journal::open(&path).expect("opens");
    journal.begin(mark(1));
    drop(journal);
    let good = fs::read(&path).expect("the file");
    let cases = [
        (8, "is of form 9 with records of 32 bytes; this program reads form 1 with 32"),
        (12, "is of form 1 with records of 9 bytes; this program reads form 1 with 32"),
        (0, "is no journal of this program"),
    ];
    for (at, words) in cases {
        let mut other = good.clone();
        other[at] = 9;
        fs::write(&path, &other).expect("written");
        let refused = Journal::open(&path).expect_err(words).to_string();
        assert!(refused.contains(words), "{refused}");
        assert_eq!(fs::read(&path).expect("the file"), other, "untouched");
    }
    let text = dir.path().join("notes.txt");
    fs::write(&text, "somebody's notes").expect("written");
    assert!(matches!(Journal::open(&text), Err(JournalError::NotOurs { .. })));
    assert_eq!(fs::read(&text).expect("the file"), b"somebody's notes");
    assert!(matches!(Journal::open(dir.path()), Err(JournalError::Io { .. })));
}

#[test]
fn without_room_it_says_so_and_goes_on_and_takes_what_is_freed() {
    let dir = dir();
    let path = dir.path().join("journal");
    let mut journal = Journal::open_bounded(&path, 2, 3).expect("opens");
    journal.begin(mark(1));
    let noted: Vec<bool> = (0..5).map(|n| journal.note(&thing(n), Standing::Doubt)).collect();
    assert_eq!((noted, journal.unrecorded()), (vec![true, true, true, false, false], 2));
    assert!(journal.note(&thing(1), Standing::Sure), "what is named can still be noted");
    journal.erase(&thing(0));
    assert!(journal.note(&thing(4), Standing::Sure));
    assert_eq!((journal.len(), journal.unrecorded()), (3, 0));
}
