//! A disk that has no room for the journal.

use crate::life::{Hardware, Life, Place};
use crate::start::alone;
use crate::{Hosts, hosts, key};
use mlagsync::addr::Mac;
use mlagsync::node::Tuning;
use mlagsync::node::io::{Event, NoRoom};
use mlagsync::run::journal::{Journal, Standing, Thing};
use mlagsync::sai::{NeighborKey, Oid};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs with a file system of so many bytes at this place, which nobody else sees. As root, as all that mounts.
fn with_disk(dir: &Path, bytes: usize, body: impl FnOnce() + Send) {
    let run = || {
        unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace: this test needs CAP_SYS_ADMIN");
        let none: Option<&str> = None;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
        let size = format!("size={bytes}");
        mount(Some("tmpfs"), dir, Some("tmpfs"), MsFlags::empty(), Some(&*size)).unwrap();
        body();
    };
    std::thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

fn thing(n: u32) -> Thing {
    let ip = std::net::Ipv4Addr::from(0x0a00_0000 + n).into();
    Thing::Neighbor(NeighborKey { rif: Oid::from_raw(1), ip })
}

#[test]
fn a_full_disk_costs_records_and_neither_the_process_nor_what_was_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal");
    with_disk(dir.path(), 1 << 20, || {
        let mut journal = Journal::open_bounded(&path, 1000, 1 << 20).unwrap();
        let noted = (0..100_000).filter(|n| journal.note(&thing(*n), Standing::Sure)).count();
        assert!((20_000..33_000).contains(&noted), "1 MiB has room for fewer than 32,768: {noted}");
        assert_eq!(journal.unrecorded(), 100_000 - noted as u64);
        drop(journal);
        let journal = Journal::open_bounded(&path, 1000, 1 << 20).unwrap();
        assert_eq!((journal.len(), journal.damaged()), (noted, 0));
    });
}

#[test]
fn a_disk_that_is_full_already_is_lived_with_and_room_that_appears_is_used() {
    let dir = tempfile::tempdir().unwrap();
    with_disk(dir.path(), 1 << 20, || {
        let filler = dir.path().join("filler");
        std::fs::write(&filler, vec![1; (1 << 20) - (16 << 10)]).unwrap();
        let mut journal = Journal::open(&dir.path().join("journal")).expect("with what there is");
        let noted = (0..5000).filter(|n| journal.note(&thing(*n), Standing::Sure)).count();
        assert!(noted < 1000, "{noted}");
        std::fs::remove_file(&filler).unwrap();
        let later = (10_000..20_000).filter(|n| journal.note(&thing(*n), Standing::Sure)).count();
        assert!(later > 8000, "{later}");
        assert_eq!(journal.standing(&thing(0)), Some(Standing::Sure));
    });
}

#[test]
fn entries_without_a_record_are_programmed_all_the_same_and_adopted_by_reading_when_they_are_claimed() {
    let _alone = alone();
    let place = Place::new();
    let hardware = Hardware::up(place.path(), &[]);
    let wanted = hosts(1, 1);
    let path = place.path().join("journal");
    let live = |life: &mut Life| {
        life.hear(&wanted);
        life.complete();
        life.settle();
    };
    let mut life = Life::with_journal(&hardware, Journal::open_bounded(&path, 16, 16).unwrap());
    live(&mut life);
    assert_eq!(hardware.holds(&life.topology), wanted);
    let recorded = life.executor.journal().unwrap().len();
    assert_eq!(recorded, 16);
    drop(life);
    let mut life = Life::begin(&hardware);
    assert_eq!(life.adopted.neighbors.len() + life.foreign.unwrap(), wanted.len());
    live(&mut life);
    assert_eq!(hardware.holds(&life.topology), wanted, "each was found where it was to be created");
    drop(life);
    assert_eq!(
        Life::begin(&hardware).adopted.neighbors.len(),
        wanted.len(),
        "and is known for ours from then on"
    );
}

#[test]
fn a_disk_without_room_for_the_first_records_refuses_the_start_in_the_disks_words() {
    let place = Place::new();
    with_disk(place.path(), 4096, || {
        let path = place.path().join("journal");
        let error = Journal::open(&path).expect_err("there is one page, and a header needs it");
        assert!(error.to_string().contains("No space left"), "{error}");
    });
}

#[test]
fn a_journal_without_room_is_told_of_with_what_to_do_and_when_it_has_room_again_and_nothing_waits_for_it() {
    let _alone = alone();
    let place = Place::new();
    let disk = tempfile::tempdir().unwrap();
    with_disk(disk.path(), 256 << 10, || {
        let filler = disk.path().join("filler");
        std::fs::write(&filler, vec![1; 248 << 10]).unwrap();
        let hardware = Hardware::up(place.path(), &[]);
        let open = || Journal::open_bounded(&disk.path().join("journal"), 40, 1 << 20).unwrap();
        let mut life = Life::of(&hardware, open(), false, Tuning::default());
        let wanted: Hosts = (0..200).map(|n| (key(n), Mac([2, 0, 0, 0, 1, n as u8]))).collect();
        life.hear(&wanted);
        life.complete();
        life.settle();
        assert_eq!(hardware.holds(&life.topology), wanted, "programming goes on");
        let full: Vec<&Event> =
            life.events.iter().filter(|event| matches!(event, Event::JournalFull { .. })).collect();
        assert!(
            matches!(full[..], [Event::JournalFull { why: NoRoom::DiskFull, records: 60..130 }]),
            "{full:?}"
        );
        assert!(NoRoom::DiskFull.advice().contains("room on the disk"));
        assert!(life.node.counters().unrecorded > 0);
        let shown = life.node.history().entries;
        assert!(shown.iter().any(|entry| matches!(entry.event, Event::JournalFull { .. })));
        std::fs::remove_file(&filler).unwrap();
        life.pass(Duration::from_secs(130));
        assert!(life.events.iter().any(|event| matches!(event, Event::JournalHasRoom { .. })));
        assert_eq!(life.node.counters().unrecorded, 0);
        // What found none is named when it was read back.
        life.pass(Duration::from_secs(1300));
        drop(life);
        let life = Life::of(&hardware, open(), false, Tuning::default());
        assert_eq!((life.adopted.neighbors.len(), life.foreign), (wanted.len(), Some(0)));
    });
}

const LIMITED: &str = "MLAGSYNC_WARM_LIMITED";

/// Not a test of its own: a process that may not write large files.
#[test]
fn limited() {
    let Ok(path) = std::env::var(LIMITED) else { return };
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, 16 << 10, hard).unwrap();
    let mut journal = Journal::open_bounded(Path::new(&path), 40, 1 << 20).unwrap();
    let noted = (0..5000).filter(|n| journal.note(&thing(*n), Standing::Sure)).count();
    assert!((200..=(12 << 10) / 32).contains(&noted), "{noted}");
    assert_eq!(journal.no_room(), Some(NoRoom::FileLimit));
    setrlimit(Resource::RLIMIT_FSIZE, hard, hard).unwrap();
    journal.look_for_room();
    assert_eq!((journal.no_room(), journal.note(&thing(9999), Standing::Sure)), (None, true));
    std::process::exit(77);
}

/// The system ends a process that writes beyond its limit, unless it looks first.
#[test]
fn trap_a_limit_on_the_size_of_files_costs_records_and_not_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "disk::limited", "--nocapture"]).env(LIMITED, dir.path().join("journal"));
    let output = child.output().unwrap();
    assert_eq!(output.status.code(), Some(77), "{}", String::from_utf8_lossy(&output.stderr));
}
