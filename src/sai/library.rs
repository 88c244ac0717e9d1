//! A SAI library in this process: found, gated by release, initialised once, shared by all.
//!
//! ```text
//!   Library (handle) ─┐
//!   Library (handle) ─┴─► Loaded: one per library and process: functions, release, tables, one lock
//! ```
//!
//! Invariant: one lock per loaded library, and no call goes in without it. A library is never unloaded: its SDK's
//! threads run in its code.

use super::error::{Error, LibraryError};
use super::profile::Profile;
use super::service;
use super::status::Status;
use super::table::{Method, Table};
use super::version::Version;
use parking_lot::Mutex;
use sai_sys::{
    releases::MethodTable, sai_api_initialize_fn, sai_api_query_fn, sai_api_t, sai_api_uninitialize_fn,
    sai_get_object_count_fn, sai_get_object_key_fn, sai_object_type_get_availability_fn,
    sai_query_api_version_fn,
};
use std::ffi::c_void;
use std::fmt;
#[cfg(not(feature = "linked"))]
use std::path::Path;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The program-wide functions of a library. What a library may lack is optional.
#[derive(Clone, Copy, Debug)]
pub struct Functions {
    /// Gives the method tables.
    pub api_query: sai_api_query_fn,
    /// Tells the release; from 1.10 on.
    pub query_api_version: Option<sai_query_api_version_fn>,
    /// Starts the library; `None` where its owner has done that already.
    pub api_initialize: Option<sai_api_initialize_fn>,
    /// Ends the library.
    pub api_uninitialize: Option<sai_api_uninitialize_fn>,
    /// Counts objects.
    pub get_object_count: Option<sai_get_object_count_fn>,
    /// Lists objects.
    pub get_object_key: Option<sai_get_object_key_fn>,
    /// Tells how many more objects fit.
    pub object_type_get_availability: Option<sai_object_type_get_availability_fn>,
}

/// How a library is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The release of a library that does not tell it; 1.9 is the only one that can be meant.
    pub assume_api_version: Option<Version>,
}

/// A handle of a SAI library in use.
pub struct Library {
    loaded: &'static Loaded,
}

/// What all handles of one library share; lives as long as the process.
struct Loaded {
    name: String,
    functions: Functions,
    /// The release, as `sai_query_api_version` has it: as it was when the library was started last.
    version: AtomicU64,
    /// What was assumed, for a library that does not tell.
    assumed: Option<Version>,
    /// Method tables by the number of their API, once the library gave them.
    tables: [AtomicPtr<c_void>; APIS],
    /// Held in every call.
    turn: Mutex<()>,
    /// When the call that is inside went in, by `clock_ns`; 0: none is.
    inside_since: AtomicU64,
    users: AtomicUsize,
    /// The profile that we initialised it with; `None`: its owner did it.
    profile: Mutex<Option<&'static Profile>>,
}

/// More than SAI has APIs; ours have numbers below 40.
const APIS: usize = 64;

/// Every library that was ever opened in this process.
static REGISTRY: Mutex<Vec<&'static Loaded>> = Mutex::new(Vec::new());

impl Library {
    /// Loads the library at `path` and initialises it with `profile`, unless this process did so already: then the
    /// profile must be the same. A path without a slash is looked up as the dynamic linker does.
    ///
    /// The library's own code runs in this process: whoever names the path trusts it.
    #[cfg(not(feature = "linked"))]
    pub fn open(path: &Path, profile: &Profile, options: Options) -> Result<Library, LibraryError> {
        let load =
            |e: libloading::Error| LibraryError::Load { path: path.to_owned(), reason: words(e, path) };
        let flags = libloading::os::unix::RTLD_NOW | libloading::os::unix::RTLD_LOCAL;
        // SAFETY: runs the library's initialisers, which the operator has asked for by naming it.
        let file = unsafe { libloading::os::unix::Library::open(Some(path), flags) }.map_err(load)?;
        let name = path.display().to_string();
        let functions = Functions::of(&file, &name)?;
        // The handle is given up and the library stays: its SDK's threads run in its code.
        let _ = file.into_raw();
        Library::join(functions, name, Some(profile), options)
    }

    /// Uses a library that its owner (a NOS) has initialised already and will end: neither is done here.
    ///
    /// # Safety
    /// The functions are those of one SAI library of release 1.9 or later, initialised, and stay callable for as long
    /// as the process lives.
    pub unsafe fn given(functions: Functions, options: Options) -> Result<Library, LibraryError> {
        let functions = Functions { api_initialize: None, api_uninitialize: None, ..functions };
        Library::join(functions, "the given SAI".to_owned(), None, options)
    }

    /// Uses functions that are part of this process and initialises them with `profile`: a library that the program
    /// is linked with.
    ///
    /// # Safety
    /// The functions are those of one SAI library of release 1.9 or later and stay callable for as long as the process
    /// lives.
    pub unsafe fn resident(
        functions: Functions,
        name: &str,
        profile: &Profile,
        options: Options,
    ) -> Result<Library, LibraryError> {
        Library::join(functions, name.to_owned(), Some(profile), options)
    }

    /// The libsai that this program is linked with.
    #[cfg(feature = "linked")]
    pub fn linked(profile: &Profile, options: Options) -> Result<Library, LibraryError> {
        Library::join(Functions::linked(), "the linked libsai".to_owned(), Some(profile), options)
    }

    fn join(
        functions: Functions,
        name: String,
        profile: Option<&Profile>,
        options: Options,
    ) -> Result<Library, LibraryError> {
        let mut registry = REGISTRY.lock();
        let address = functions.api_query as usize;
        let known = registry.iter().find(|loaded| loaded.functions.api_query as usize == address).copied();
        let loaded = match known {
            Some(loaded) => loaded,
            None => {
                let loaded: &'static Loaded = Box::leak(Box::new(Loaded::new(functions, name, options)?));
                if let Some(profile) = profile {
                    loaded.initialize(profile)?;
                }
                registry.push(loaded);
                loaded
            }
        };
        loaded.agree(profile)?;
        loaded.users.fetch_add(1, Ordering::Relaxed);
        Ok(Library { loaded })
    }

    /// Ends the library for this process, which takes its switches with it as the library sees fit. Only for the last
    /// handle of a library that was initialised here. Dropping handles ends nothing.
    pub fn uninitialize(self) -> Result<(), LibraryError> {
        let _registry = REGISTRY.lock();
        let name = || self.loaded.name.clone();
        let users = self.loaded.users.load(Ordering::Relaxed) - 1;
        if users > 0 {
            return Err(LibraryError::InUse { library: name(), users });
        }
        let mut profile = self.loaded.profile.lock();
        let (Some(_), Some(end)) = (*profile, self.loaded.functions.api_uninitialize) else {
            return Err(LibraryError::NotOurs { library: name() });
        };
        // SAFETY: initialised by us, nobody else is in or has a handle.
        let (status, _) = self.enter(|| Status(unsafe { end() }));
        if !status.is_success() {
            return Err(LibraryError::Start { library: name(), call: "sai_api_uninitialize", status });
        }
        *profile = None;
        for table in &self.loaded.tables {
            table.store(ptr::null_mut(), Ordering::Relaxed);
        }
        Ok(())
    }

    /// Its path, or what it is.
    pub fn name(&self) -> &str {
        &self.loaded.name
    }

    /// Its release.
    pub fn version(&self) -> Version {
        self.loaded.version()
    }

    /// For how long the call that is in the library now has been there; `None`: none is.
    pub fn busy_for(&self) -> Option<Duration> {
        let since = self.loaded.inside_since.load(Ordering::Relaxed);
        (since != 0).then(|| Duration::from_nanos(clock_ns().saturating_sub(since)))
    }

    /// Runs a call under the library's lock; with it the nanoseconds that it took.
    pub(super) fn enter<R>(&self, call: impl FnOnce() -> R) -> (R, u64) {
        self.loaded.enter(call)
    }

    /// The function that the library has in its table now.
    pub(super) fn method<T: MethodTable, F: Copy>(&self, method: &Method<T, F>) -> Result<F, Error> {
        self.loaded.table::<T>()?.read(method)
    }

    /// The program-wide functions.
    pub(super) fn functions(&self) -> &'static Functions {
        &self.loaded.functions
    }
}

impl Clone for Library {
    fn clone(&self) -> Self {
        self.loaded.users.fetch_add(1, Ordering::Relaxed);
        Library { loaded: self.loaded }
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.loaded.users.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Library({}, SAI {})", self.name(), self.version())
    }
}

impl Loaded {
    fn new(functions: Functions, name: String, options: Options) -> Result<Loaded, LibraryError> {
        let assumed = options.assume_api_version;
        // Asked before it is started, so that a library that cannot be used is not started at all.
        let version = release(&functions, &name, assumed, functions.api_initialize.is_none())?;
        Ok(Loaded {
            name,
            functions,
            version: AtomicU64::new(version.raw()),
            assumed,
            tables: [const { AtomicPtr::new(ptr::null_mut()) }; APIS],
            turn: Mutex::new(()),
            inside_since: AtomicU64::new(0),
            users: AtomicUsize::new(0),
            profile: Mutex::new(None),
        })
    }

    fn initialize(&self, profile: &Profile) -> Result<(), LibraryError> {
        let Some(start) = self.functions.api_initialize else {
            return Err(LibraryError::NotSai { library: self.name.clone(), symbol: "sai_api_initialize" });
        };
        let profile: &'static Profile = Box::leak(Box::new(profile.clone()));
        let services = service::serve(self.functions.api_query as usize, profile)?;
        // SAFETY: flags are zero by the header; the services live as long as the process.
        let (status, _) = self.enter(|| Status(unsafe { start(0, services) }));
        if !status.is_success() {
            return Err(LibraryError::Start {
                library: self.name.clone(),
                call: "sai_api_initialize",
                status,
            });
        }
        // Asked again, for some say which release they are only once they have read their profile.
        match release(&self.functions, &self.name, self.assumed, true) {
            Ok(version) => self.version.store(version.raw(), Ordering::Relaxed),
            Err(error) => {
                if let Some(end) = self.functions.api_uninitialize {
                    // SAFETY: initialised just now, and nobody has a handle.
                    self.enter(|| unsafe { end() });
                }
                return Err(error);
            }
        }
        *self.profile.lock() = Some(profile);
        Ok(())
    }

    fn version(&self) -> Version {
        Version::from_raw(self.version.load(Ordering::Relaxed)).expect("stored from a version")
    }

    /// Whoever comes later comes with the same profile, or with none. A library that was ended starts anew.
    fn agree(&self, wanted: Option<&Profile>) -> Result<(), LibraryError> {
        let Some(wanted) = wanted else { return Ok(()) };
        let current = *self.profile.lock();
        match current {
            Some(current) if current == wanted => Ok(()),
            Some(current) => {
                let keys = current.differs_in(wanted).into_iter().collect::<Vec<_>>();
                let keys = if keys.is_empty() { "their order".to_owned() } else { keys.join(", ") };
                Err(LibraryError::OtherProfile { library: self.name.clone(), keys })
            }
            None if self.functions.api_initialize.is_none() => {
                Err(LibraryError::NotOurs { library: self.name.clone() })
            }
            None => self.initialize(wanted),
        }
    }

    fn enter<R>(&self, call: impl FnOnce() -> R) -> (R, u64) {
        let _turn = self.turn.lock();
        let begin = clock_ns();
        self.inside_since.store(begin, Ordering::Relaxed);
        let answer = call();
        self.inside_since.store(0, Ordering::Relaxed);
        (answer, clock_ns() - begin)
    }

    /// The library's table of this type. Its address is kept, once there is one; its contents never are.
    fn table<T: MethodTable>(&self) -> Result<Table<T>, Error> {
        let api = T::TABLE.api;
        let place = &self.tables[api.0 as usize];
        let mut base = place.load(Ordering::Acquire);
        if base.is_null() {
            base = self.query_table(api, T::TABLE.name)?;
            place.store(base, Ordering::Release);
        }
        // SAFETY: the library gave it as its table of this API, and tables live until it is uninitialised, which needs
        // that no handle is left.
        Ok(unsafe { Table::new(base, self.version()) })
    }

    fn query_table(&self, api: sai_api_t, table: &'static str) -> Result<*mut c_void, Error> {
        let mut base = ptr::null_mut();
        let query = self.functions.api_query;
        // SAFETY: the second argument is a place for one pointer.
        let (status, _) = self.enter(|| Status(unsafe { query(api, &raw mut base) }));
        let is_aligned = (base as usize).is_multiple_of(align_of::<*const c_void>());
        if status.is_success() && !base.is_null() && is_aligned {
            Ok(base)
        } else {
            Err(Error::NoTable { table, status })
        }
    }
}

/// The library's release: what it says, or, where it has no words for it, what was assumed.
fn release(
    functions: &Functions,
    name: &str,
    assumed: Option<Version>,
    started: bool,
) -> Result<Version, LibraryError> {
    let library = || name.to_owned();
    let version = match (functions.query_api_version, assumed) {
        (None, None) => return Err(LibraryError::NoVersion { library: library() }),
        (None, Some(assumed)) if assumed >= Version::FIRST_TO_TELL => {
            return Err(LibraryError::BadAssumption { library: library(), assumed });
        }
        (None, Some(assumed)) => assumed,
        (Some(query), _) => {
            let mut raw = 0;
            // SAFETY: the argument is a place for one version number.
            let status = Status(unsafe { query(&raw mut raw) });
            if status == Status::UNINITIALIZED && !started {
                // It tells once it is started, and nothing else is called before.
                return Ok(Version::OLDEST);
            }
            if !status.is_success() {
                return Err(LibraryError::Start {
                    library: library(),
                    call: "sai_query_api_version",
                    status,
                });
            }
            Version::from_raw(raw).ok_or(LibraryError::BadVersion { library: library(), raw })?
        }
    };
    if version.is_usable() { Ok(version) } else { Err(LibraryError::Unknown { library: library(), version }) }
}

impl Functions {
    #[cfg(not(feature = "linked"))]
    fn of(file: &libloading::os::unix::Library, name: &str) -> Result<Functions, LibraryError> {
        let lacks = |symbol| LibraryError::NotSai { library: name.to_owned(), symbol };
        // SAFETY: each name is the header's name of a function of the type that it is looked up as; here and below.
        let api_query = unsafe { symbol(file, "sai_api_query") }.ok_or(lacks("sai_api_query"))?;
        Ok(Functions {
            api_query,
            // SAFETY: as above.
            query_api_version: unsafe { symbol(file, "sai_query_api_version") },
            // SAFETY: as above.
            api_initialize: unsafe { symbol(file, "sai_api_initialize") },
            // SAFETY: as above.
            api_uninitialize: unsafe { symbol(file, "sai_api_uninitialize") },
            // SAFETY: as above.
            get_object_count: unsafe { symbol(file, "sai_get_object_count") },
            // SAFETY: as above.
            get_object_key: unsafe { symbol(file, "sai_get_object_key") },
            // SAFETY: as above.
            object_type_get_availability: unsafe { symbol(file, "sai_object_type_get_availability") },
        })
    }

    /// What the linker found; what an older library may lack is looked up in the running process.
    #[cfg(feature = "linked")]
    pub(crate) fn linked() -> Functions {
        Functions {
            api_query: sai_sys::sai_api_query,
            // SAFETY: the name is the header's name of a function of this type.
            query_api_version: unsafe { resident(c"sai_query_api_version") },
            api_initialize: Some(sai_sys::sai_api_initialize),
            api_uninitialize: Some(sai_sys::sai_api_uninitialize),
            // SAFETY: as above.
            get_object_count: unsafe { resident(c"sai_get_object_count") },
            // SAFETY: as above.
            get_object_key: unsafe { resident(c"sai_get_object_key") },
            // SAFETY: as above.
            object_type_get_availability: unsafe { resident(c"sai_object_type_get_availability") },
        }
    }
}

/// Looks a function up without insisting on it.
///
/// # Safety
/// What the library has under this name is a function of type `F`.
#[cfg(not(feature = "linked"))]
unsafe fn symbol<F: Copy>(file: &libloading::os::unix::Library, name: &str) -> Option<F> {
    // SAFETY: by the caller's promise.
    let found = unsafe { file.get::<F>(name.as_bytes()) };
    found.ok().map(|symbol| *symbol)
}

/// Looks a function of the process up without insisting on it, and opens nothing for it.
///
/// # Safety
/// What the process has under this name is a function of type `F`, which is one pointer wide.
#[cfg(feature = "linked")]
unsafe fn resident<F: Copy>(name: &std::ffi::CStr) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
    // SAFETY: the name ends with a zero byte.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    // SAFETY: by the caller's promise, and as wide as a pointer.
    (!address.is_null()).then(|| unsafe { std::mem::transmute_copy(&address) })
}

/// The dynamic linker's words, which the error keeps behind its own, without the path that they often begin with.
#[cfg(not(feature = "linked"))]
fn words(error: libloading::Error, path: &Path) -> String {
    let words = match &error {
        libloading::Error::DlOpen { desc } => format!("{desc:?}").trim_matches('"').to_owned(),
        other => other.to_string(),
    };
    let path = format!("{}: ", path.display());
    words.strip_prefix(&path).map(str::to_owned).unwrap_or(words)
}

/// Nanoseconds since the first time anybody asked, plus one: never 0.
fn clock_ns() -> u64 {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    1 + EPOCH.get_or_init(Instant::now).elapsed().as_nanos() as u64
}
