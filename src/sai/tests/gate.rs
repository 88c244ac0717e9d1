//! Which libraries are let in, and how often they are started.

use super::fake::{Fake, fake};
use crate::sai::error::LibraryError;
use crate::sai::library::{Functions, Library, Options};
use crate::sai::profile::Profile;
use crate::sai::status::Status;
use crate::sai::version::Version;
use std::path::Path;

fn join(functions: Functions, assumed: Option<Version>) -> Result<Library, LibraryError> {
    // SAFETY: the functions of a fake library, which is part of this program.
    unsafe { Library::resident(functions, "fake", &Profile::new(), Options { assume_api_version: assumed }) }
}

fn untold(fake: &Fake) -> Functions {
    Functions { query_api_version: None, ..fake.functions }
}

#[test]
fn rule_1_a_library_that_tells_no_release_is_refused_unless_it_is_said_to_be_1_9() {
    let fake = fake(0);
    let refused = join(untold(&fake), None).unwrap_err();
    assert!(matches!(refused, LibraryError::NoVersion { .. }));
    let text = refused.to_string();
    assert!(text.contains("1.10") && text.contains("1.9.0") && text.contains("1.18.1"), "{text}");
    let too_old = join(untold(&fake), Some(Version::new(1, 8, 1))).unwrap_err();
    assert!(matches!(too_old, LibraryError::Unknown { .. }), "{too_old}");
    let contradiction = join(untold(&fake), Some(Version::new(1, 10, 0))).unwrap_err();
    assert!(matches!(contradiction, LibraryError::BadAssumption { .. }), "{contradiction}");
    assert_eq!(fake.with(|state| state.initialized), 0, "what is refused is not started");
    let library = join(untold(&fake), Some(Version::new(1, 9, 0))).unwrap();
    assert_eq!(library.version(), Version::new(1, 9, 0));
}

#[test]
fn rule_1_what_a_library_tells_of_itself_counts() {
    let fake = fake(1);
    let says = |raw: u64| {
        fake.with(|state| state.version = raw);
        join(fake.functions, Some(Version::new(1, 9, 0)))
    };
    let refused = says(10_801).unwrap_err();
    assert!(matches!(&refused, LibraryError::Unknown { version, .. } if *version == Version::new(1, 8, 1)));
    let text = refused.to_string();
    assert!(text.contains("1.8.1") && text.contains("1.18.1"), "{text}");
    assert!(matches!(says(20_000), Err(LibraryError::Unknown { .. })), "another major release");
    assert!(matches!(says(u64::MAX), Err(LibraryError::BadVersion { .. })));
    fake.with(|state| state.version_status = -2);
    assert!(matches!(says(11_801), Err(LibraryError::Start { call: "sai_query_api_version", .. })));
    fake.with(|state| state.version_status = 0);
    assert_eq!(fake.with(|state| state.initialized), 0);
    fake.with(|state| state.version_status = Status::UNINITIALIZED.0);
    let silent = says(11_801).unwrap_err();
    assert!(matches!(silent, LibraryError::Start { status: Status::UNINITIALIZED, .. }), "{silent}");
    assert_eq!(
        fake.with(|state| (state.initialized, state.uninitialized)),
        (1, 1),
        "asked once started, ended"
    );
    fake.with(|state| state.version_status = 0);
    assert_eq!(says(11_302).unwrap().version(), Version::new(1, 13, 2));
}

/// A library whose profile says which release it is: the table is measured by what it says then.
#[test]
fn rule_1_a_library_is_asked_again_once_it_is_started() {
    let fake = fake(15);
    fake.with(|state| state.version_once_started = Some(11_002));
    let library = join(fake.functions, None).unwrap();
    assert_eq!(library.version(), Version::new(1, 10, 2));
    library.uninitialize().unwrap();
    fake.with(|state| state.version_once_started = Some(10_801));
    let refused = join(fake.functions, None).unwrap_err();
    assert!(matches!(refused, LibraryError::Unknown { .. }), "{refused}");
    assert_eq!(fake.with(|state| (state.initialized, state.uninitialized)), (2, 2));
}

#[test]
fn rule_2_a_library_is_started_once_and_has_one_profile() {
    let fake = fake(2);
    // SAFETY: the functions of a fake library, which is part of this program.
    let open =
        |profile: &Profile| unsafe { Library::resident(fake.functions, "fake", profile, Options::default()) };
    let (a, b): (Profile, Profile) = ("k=1\nonly=a".parse().unwrap(), "k=2".parse().unwrap());
    let first = open(&a).unwrap();
    let second = open(&a).unwrap();
    assert_eq!(fake.with(|state| state.initialized), 1);
    let other = open(&b).unwrap_err();
    assert!(matches!(&other, LibraryError::OtherProfile { keys, .. } if keys == "k, only"), "{other}");

    let still_used = first.uninitialize().unwrap_err();
    assert!(matches!(still_used, LibraryError::InUse { users: 1, .. }), "{still_used}");
    assert_eq!(fake.with(|state| state.uninitialized), 0);
    second.uninitialize().unwrap();
    assert_eq!(fake.with(|state| state.uninitialized), 1);
    drop(open(&b).unwrap());
    assert_eq!(fake.with(|state| (state.initialized, state.uninitialized)), (2, 1), "dropping ends nothing");
}

#[test]
fn rule_2_a_library_that_its_owner_started_is_neither_started_nor_ended() {
    let fake = fake(3);
    // SAFETY: the functions of a fake library, which is part of this program.
    let given = unsafe { Library::given(fake.functions, Options::default()) }.unwrap();
    let opened = join(fake.functions, None).unwrap_err();
    assert!(matches!(opened, LibraryError::NotOurs { .. }), "{opened}");
    assert!(matches!(given.uninitialize(), Err(LibraryError::NotOurs { .. })));
    assert_eq!(fake.with(|state| (state.initialized, state.uninitialized)), (0, 0));
}

#[test]
fn a_path_that_is_no_library_is_named() {
    let open = |path: &str| Library::open(Path::new(path), &Profile::new(), Options::default()).unwrap_err();
    let missing = open("/nowhere/libsai.so");
    assert!(missing.to_string().starts_with("cannot load /nowhere/libsai.so: "), "{missing}");
    assert!(matches!(open("Cargo.toml"), LibraryError::Load { .. }));
    let other = open("libc.so.6").to_string();
    assert_eq!(other, "libc.so.6 is no SAI library: it does not export sai_api_query");
}
