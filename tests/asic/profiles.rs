//! The same life of a table on every release and every kind of bulk behaviour.

use crate::hardware::{Copy, first, libsai, loaded};
use crate::{batch, op, rif};
use mlagsync::mirror::batch::{OpKind, Outcome};
use mlagsync::run::asic::Executor;
use mlagsync::sai::{Kind, Library, LibraryError, NeighborTable, Options, Profile, Status, Switch};

const RELEASES: &[&str] = &["1.10.0", "1.10.2", "1.11.0", "1.13.3", "1.16.4", "1.18.1"];
const BULK: &[&str] = &[
    "spec",
    "whole-batch-reject",
    "no-bulk",
    "not-implemented",
    "not-supported",
    "early-return",
    "lazy-table",
];

/// Entries in the test's table.
const N: u32 = 300;

fn kind(status: Status) -> Kind {
    status.kind()
}

/// Creates, creates again, changes, reads, dumps, removes, removes again.
fn live(switch: &Switch, what: &str) {
    let rif = rif(switch);
    let mut executor = Executor::new(switch);
    let all = |generation: u8| (0..N).map(move |n| op(rif, n, generation));
    // Every third entry is there already, with another MAC.
    let old: Vec<_> = all(0).step_by(3).collect();
    let done = executor.execute(&batch(OpKind::Create, old));
    assert_eq!(done.outcomes, vec![Outcome::Done; 100], "{what}");
    let done = executor.execute(&batch(OpKind::Create, all(1)));
    assert_eq!(done.switch_trouble, None, "{what}");
    for (n, outcome) in done.outcomes.iter().enumerate() {
        match outcome {
            Outcome::Refused(status) if n % 3 == 0 => {
                assert_eq!(kind(*status), Kind::ItemAlreadyExists, "{what}");
            }
            Outcome::Done if n % 3 != 0 => {}
            other => panic!("{what}: entry {n}: {other:?}"),
        }
    }
    let done = executor.execute(&batch(OpKind::SetMac, all(2)));
    assert_eq!(done.outcomes, vec![Outcome::Done; N as usize], "{what}");

    let done = executor.execute(&batch(OpKind::Read, all(9)));
    for (op, outcome) in all(2).zip(&done.outcomes) {
        assert_eq!(*outcome, Outcome::Held(Some(op.host)), "{what}: {}", op.ip);
    }
    let dump = executor.dump().unwrap();
    let mut held: Vec<_> = dump.entries.iter().map(|(key, host)| (key.ip, *host)).collect();
    let mut wanted: Vec<_> = all(2).map(|op| (op.ip, op.host)).collect();
    held.sort_unstable_by_key(|(ip, _)| *ip);
    wanted.sort_unstable_by_key(|(ip, _)| *ip);
    assert_eq!((held, dump.unread), (wanted, vec![]), "{what}");

    let done = executor.execute(&batch(OpKind::Remove, all(0).step_by(2)));
    assert_eq!(done.outcomes, vec![Outcome::Done; 150], "{what}");
    let done = executor.execute(&batch(OpKind::Remove, all(0)));
    for (n, outcome) in done.outcomes.iter().enumerate() {
        match outcome {
            Outcome::Refused(status) if n % 2 == 0 => assert_eq!(kind(*status), Kind::ItemNotFound, "{what}"),
            Outcome::Done if n % 2 != 0 => {}
            other => panic!("{what}: entry {n}: {other:?}"),
        }
    }
    let done = executor.execute(&batch(OpKind::Read, all(0)));
    assert_eq!(done.outcomes, vec![Outcome::Held(None); N as usize], "{what}");
    assert_eq!(executor.dump().unwrap().entries, vec![], "{what}");
}

#[test]
fn a_table_lives_on_every_release_with_every_bulk_behaviour() {
    for release in RELEASES {
        for bulk in BULK {
            let what = format!("SAI {release}, {bulk}");
            let switch = loaded(&format!("SAI_SIM_API_VERSION={release}\nSAI_SIM_BULK={bulk}"));
            assert_eq!(switch.library().version().to_string(), *release);
            live(&switch, &what);
        }
    }
}

#[test]
fn bulk_is_used_where_the_library_has_it_and_one_by_one_where_not() {
    let calls = |release: &str, bulk: &str| {
        let switch = loaded(&format!("SAI_SIM_API_VERSION={release}\nSAI_SIM_BULK={bulk}"));
        let rif = rif(&switch);
        let mut table = NeighborTable::new(&switch);
        let mut create = |n: std::ops::Range<u32>| {
            let ops: Vec<_> = n.map(|n| op(rif, n, 0)).collect();
            let key =
                |op: &mlagsync::mirror::batch::Op| mlagsync::sai::NeighborKey { rif: op.rif, ip: op.ip };
            table.create(ops.iter().map(|op| (key(op), op.host))).calls
        };
        (create(0..100), create(100..200))
    };
    assert_eq!(calls("1.18.1", "spec"), (1, 1));
    assert_eq!(calls("1.11.0", "whole-batch-reject"), (1, 1));
    assert_eq!(calls("1.10.2", "spec"), (100, 100));
    assert_eq!(calls("1.18.1", "no-bulk"), (100, 100));
    assert_eq!(calls("1.18.1", "not-implemented"), (101, 100), "asked once, remembered");
    assert_eq!(calls("1.18.1", "not-supported"), (101, 100), "asked once, remembered");
}

#[test]
fn two_libraries_in_one_process_have_their_own_profiles() {
    // The longer list does not fit in what is asked for at first.
    let (one, two) = (loaded("SAI_SIM_PORTS=4"), loaded("SAI_SIM_PORTS=500"));
    assert_eq!((one.ports().unwrap().len(), two.ports().unwrap().len()), (4, 500));
    assert_ne!(one.library().name(), two.library().name());
}

#[test]
fn a_wrong_profile_is_an_error_of_the_start() {
    let copy = Copy::new();
    let profile: Profile = "SAI_SIM_PORTS=none".parse().unwrap();
    let error = Library::open(copy.path(), &profile, Options::default()).unwrap_err();
    assert!(matches!(error, LibraryError::Start { call: "sai_api_initialize", .. }), "{error}");
    // The library may be started with a better one then.
    let profile: Profile = "SAI_SIM_PORTS=3".parse().unwrap();
    let library = Library::open(copy.path(), &profile, Options::default()).unwrap();
    assert_eq!(Switch::create(&library, first()).unwrap().ports().unwrap().len(), 3);
}

/// The simulator of release 1.9, as a library that cannot be asked which release it is.
#[test]
fn a_library_of_1_9_is_refused_until_somebody_says_that_it_is() {
    let path = libsai().with_file_name("libsai_1_9.so");
    // SAFETY: the simulator's initialisers do nothing.
    let raw = unsafe { libloading::Library::new(&path) }.unwrap();
    // What came with later releases.
    let younger = [
        "sai_query_api_version",
        "sai_bulk_object_get_stats",
        "sai_bulk_object_clear_stats",
        "sai_query_object_stage",
        "sai_query_stats_st_capability",
    ];
    for symbol in sai_sys::FUNCTION_NAMES {
        // SAFETY: looked up, and not called.
        let found = unsafe { raw.get::<*const ()>(symbol.as_bytes()) };
        assert_eq!(found.is_ok(), !younger.contains(symbol), "{symbol}");
    }
    let open = |assumed: Option<&str>| {
        let assume_api_version = assumed.map(|text| text.parse().unwrap());
        Library::open(&path, &Profile::new(), Options { assume_api_version })
    };
    let refused = open(None).unwrap_err();
    assert!(matches!(refused, LibraryError::NoVersion { .. }), "{refused}");
    let text = refused.to_string();
    for word in ["sai_query_api_version", "1.9.0", "1.18.1", "assume_api_version"] {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    assert!(matches!(open(Some("1.10")).unwrap_err(), LibraryError::BadAssumption { .. }));

    let library = open(Some("1.9")).unwrap();
    assert_eq!(library.version().to_string(), "1.9.0");
    live(&Switch::create(&library, first()).unwrap(), "1.9");
}
