//! Simulated hardware for tests: linked into the test, or loaded as a library of its own.

use mlagsync::sai::{Functions, Library, Oid, Options, Profile, Start, Switch, SwitchSpec};
use sai::inspect::SimSwitch;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A switch of the simulator that is linked into the test, and a look into it.
#[allow(dead_code, reason = "each test program takes what it needs")]
pub(crate) fn linked(profile: &[(&str, &str)]) -> (SimSwitch, Switch) {
    let sim = SimSwitch::new(profile).unwrap();
    // SAFETY: the functions of one SAI library, which is initialised since it has a switch.
    let library = unsafe { Library::given(functions(), Options::default()) }.unwrap();
    let switch = Switch::given(&library, Oid::from_raw(sim.id()));
    (sim, switch)
}

/// The linked simulator's functions.
#[allow(dead_code, reason = "each test program takes what it needs")]
pub(crate) fn functions() -> Functions {
    Functions {
        api_query: sai::sai_api_query,
        query_api_version: Some(sai::sai_query_api_version),
        api_initialize: None,
        api_uninitialize: None,
        get_object_count: Some(sai::sai_get_object_count),
        get_object_key: Some(sai::sai_get_object_key),
        object_type_get_availability: Some(sai::sai_object_type_get_availability),
    }
}

/// The simulator's libsai.so, which cargo builds beside the test program.
pub(crate) fn libsai() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let path = program.parent().unwrap().join("libsai.so");
    assert!(path.exists(), "{} is not there", path.display());
    path
}

/// A copy of libsai.so, which the dynamic linker takes for a library of its own; gone with the value, though the
/// library stays loaded.
pub(crate) struct Copy(PathBuf);

impl Copy {
    #[allow(clippy::new_without_default, reason = "it writes a file")]
    pub(crate) fn new() -> Copy {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mlagsync-{}-{n}-libsai.so", std::process::id()));
        std::fs::copy(libsai(), &path).unwrap();
        Copy(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A switch of a libsai.so of its own.
#[allow(dead_code, reason = "each test program takes what it needs")]
pub(crate) fn loaded(profile: &str) -> Switch {
    let copy = Copy::new();
    let profile: Profile = profile.parse().unwrap();
    let library = Library::open(copy.path(), &profile, Options::default()).unwrap();
    Switch::create(&library, first()).unwrap()
}

/// The switch that a library has when nobody says which.
pub(crate) fn first() -> SwitchSpec {
    SwitchSpec { start: Start::Initialise, src_mac: None, hardware_info: None }
}
