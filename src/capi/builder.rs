//! What a switch will be: everything that is said of it before its start, and the start.
//!
//! Invariant: a builder is data. It is read, never used up, when a switch is started from it.

use super::events;
use super::guard::{Inside, call, callback};
use super::handle::Table;
use super::input::{Place, Plain};
use super::life::Instance;
use super::queue::Queue;
use super::result::*;
use super::tell::lifetimes;
use super::text;
use super::types::*;
use crate::embed::{Builder, Calls, LogLevel, LogLine, RoomLimits, Tuning};
use crate::node::Ownership;
use crate::node::io::FdbMode;
use crate::run::StartError;
use crate::run::ctl::access::Monitors;
use crate::run::platform::VpnInstanceConfig;
use crate::sai::{Functions, Library, Oid, Options, Switch};
use parking_lot::Mutex;
use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Every builder of this process.
static BUILDERS: Table<Mutex<Plan>> = Table::new(2, "mlagsync_builder_t");

/// The longest text of command lines, in bytes.
pub(super) const LINES_MOST: usize = 1 << 20;

/// What the program gives to its callbacks. It says that they may run on any thread.
#[derive(Clone, Copy)]
struct Userdata(*mut c_void);

// SAFETY: never looked into here; the header says from which threads it is handed back.
unsafe impl Send for Userdata {}
// SAFETY: as above.
unsafe impl Sync for Userdata {}

impl Userdata {
    /// As a method, so that a closure takes all of it and not the bare pointer.
    fn get(self) -> *mut c_void {
        self.0
    }
}

type Lock = unsafe extern "C" fn(*mut c_void);
type OnLog = unsafe extern "C" fn(*mut c_void, i32, *const c_char, *const c_char);
type OnEvent = unsafe extern "C" fn(*mut c_void, *const mlagsync_event_t);

/// Who calls SAI.
#[derive(Clone, Copy, Default)]
enum Caller {
    #[default]
    OwnThread,
    Locked(Userdata, Lock, Lock),
    NosThread,
}

/// What was said so far.
#[derive(Clone, Default)]
pub(super) struct Plan {
    hostname: String,
    model: Option<String>,
    forwarding_mode: Option<String>,
    node_id: Option<u64>,
    ownership: Ownership,
    fdb: FdbMode,
    /// Bounds and times.
    pub(super) tuning: Tuning,
    /// Room in the ASIC.
    pub(super) room: RoomLimits,
    /// Where the record of what is ours lies.
    pub(super) journal: Option<String>,
    restart_s: u32,
    control: Option<String>,
    record: Option<String>,
    vpn_instances: Vec<VpnInstanceConfig>,
    configuration: Option<String>,
    /// Its SAI.
    pub(super) sai: Option<(Functions, Options, u64)>,
    calls: Caller,
    log: Option<(LogLevel, Userdata, OnLog)>,
    event: Option<(Userdata, OnEvent)>,
}

pub(super) fn change(
    builder: *mut mlagsync_builder_t,
    run: impl FnOnce(&mut Plan) -> Answer<()>,
) -> mlagsync_result_t {
    call(|| {
        let plan = BUILDERS.find(builder.addr())?;
        run(&mut plan.lock())?;
        Ok(MLAGSYNC_OK)
    })
}

/// What a switch will be, with the defaults.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_new(
    hostname: *const c_char,
    builder: *mut *mut mlagsync_builder_t,
) -> mlagsync_result_t {
    call(|| {
        // SAFETY: by the header, writable, or NULL.
        let place = unsafe { Place::new("builder", builder) }?;
        // SAFETY: by the header, it ends with a zero, or is NULL.
        let hostname = unsafe { text::read("hostname", hostname, text::NAME_SIZE) }?;
        if hostname.is_empty() {
            return Err(Failure::invalid("the hostname is empty"));
        }
        let name = BUILDERS.insert(Arc::new(Mutex::new(Plan { hostname, ..Plan::default() })))?;
        place.put(std::ptr::without_provenance_mut(name));
        Ok(MLAGSYNC_OK)
    })
}

/// Ends a builder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_free(builder: *mut mlagsync_builder_t) -> mlagsync_result_t {
    call(|| BUILDERS.remove(builder.addr()).map(|_| MLAGSYNC_OK))
}

/// The model and its forwarding mode.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_model(
    builder: *mut mlagsync_builder_t,
    model: *const c_char,
    forwarding_mode: *const c_char,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, it ends with a zero, or is NULL.
        let model = unsafe { text::read("model", model, text::WORD_SIZE) }?;
        // SAFETY: as above.
        let mode = unsafe { text::read_optional("forwarding_mode", forwarding_mode, text::WORD_SIZE) }?;
        (plan.model, plan.forwarding_mode) = (Some(model), mode);
        Ok(())
    })
}

/// The identity in the pair.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_node_id(
    builder: *mut mlagsync_builder_t,
    node_id: u64,
) -> mlagsync_result_t {
    change(builder, |plan| {
        plan.node_id = Some(node_id);
        Ok(())
    })
}

/// Which neighbours this library writes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_ownership(
    builder: *mut mlagsync_builder_t,
    ownership: i32,
) -> mlagsync_result_t {
    change(builder, |plan| {
        plan.ownership = match ownership {
            MLAGSYNC_OWNERSHIP_RECEIVED => Ownership::Received,
            MLAGSYNC_OWNERSHIP_ALL => Ownership::All,
            other => return Err(Failure::invalid(format!("there is no ownership {other}"))),
        };
        Ok(())
    })
}

/// Who writes the FDB entries of the peer's hosts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_fdb(
    builder: *mut mlagsync_builder_t,
    fdb: i32,
) -> mlagsync_result_t {
    change(builder, |plan| {
        plan.fdb = match fdb {
            MLAGSYNC_FDB_EXTERNAL => FdbMode::External,
            MLAGSYNC_FDB_MANAGED => FdbMode::Managed,
            other => return Err(Failure::invalid(format!("there is no mode {other} of the FDB"))),
        };
        Ok(())
    })
}

/// How long the peer's hosts live on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_lifetimes(
    builder: *mut mlagsync_builder_t,
    stale_s: u32,
    ageing_s: u32,
) -> mlagsync_result_t {
    change(builder, |plan| {
        plan.tuning.life = lifetimes(stale_s, ageing_s);
        Ok(())
    })
}

/// After how many seconds the switch means to be back.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_restart_time(
    builder: *mut mlagsync_builder_t,
    seconds: u32,
) -> mlagsync_result_t {
    change(builder, |plan| {
        plan.restart_s = seconds;
        Ok(())
    })
}

/// A control socket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_control(
    builder: *mut mlagsync_builder_t,
    path: *const c_char,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, it ends with a zero, or is NULL.
        plan.control = Some(unsafe { text::read("path", path, text::PATH_SIZE) }?);
        Ok(())
    })
}

/// A record of every input.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_record(
    builder: *mut mlagsync_builder_t,
    path: *const c_char,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, it ends with a zero, or is NULL.
        plan.record = Some(unsafe { text::read("path", path, text::PATH_SIZE) }?);
        Ok(())
    })
}

/// A VPN instance.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_vpn_instance(
    builder: *mut mlagsync_builder_t,
    name: *const c_char,
    device: *const c_char,
    netns: *const c_char,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, it ends with a zero, or is NULL; here and below.
        let name = unsafe { text::read("name", name, MLAGSYNC_VRF_SIZE) }?;
        // SAFETY: as above.
        let device = unsafe { text::read_optional("device", device, text::NAME_SIZE) }?;
        // SAFETY: as above.
        let netns = unsafe { text::read_optional("netns", netns, text::NAME_SIZE) }?;
        if device.is_some() && netns.is_some() {
            return Err(Failure::invalid("a VPN instance is a device or a network namespace, not both"));
        }
        let name: crate::addr::VpnInstance =
            name.parse().map_err(|e: crate::addr::VpnInstanceError| Failure::invalid(e.to_string()))?;
        plan.vpn_instances.retain(|vpn| vpn.name != name);
        plan.vpn_instances.push(VpnInstanceConfig { name, device, netns, hosts: None });
        Ok(())
    })
}

/// Command lines that are in force from the start on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_configuration(
    builder: *mut mlagsync_builder_t,
    text: *const c_char,
    length: usize,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, `length` bytes, or NULL.
        plan.configuration = Some(unsafe { text::read_counted("text", text, length, LINES_MOST) }?);
        Ok(())
    })
}

/// Each batch is made between lock and unlock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_calls_locked(
    builder: *mut mlagsync_builder_t,
    userdata: *mut c_void,
    lock: mlagsync_lock_fn,
    unlock: mlagsync_lock_fn,
) -> mlagsync_result_t {
    change(builder, |plan| {
        let lock = lock.ok_or_else(|| Failure::null("lock"))?;
        let unlock = unlock.ok_or_else(|| Failure::null("unlock"))?;
        plan.calls = Caller::Locked(Userdata(userdata), lock, unlock);
        Ok(())
    })
}

/// The program calls `mlagsync_run_batches`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_calls_on_nos_thread(
    builder: *mut mlagsync_builder_t,
) -> mlagsync_result_t {
    change(builder, |plan| {
        plan.calls = Caller::NosThread;
        Ok(())
    })
}

/// Lines up to this level go there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_on_log(
    builder: *mut mlagsync_builder_t,
    userdata: *mut c_void,
    on_log: mlagsync_log_fn,
    level: i32,
) -> mlagsync_result_t {
    change(builder, |plan| {
        let on_log = on_log.ok_or_else(|| Failure::null("on_log"))?;
        let level = match level {
            MLAGSYNC_LOG_ERROR => LogLevel::Error,
            MLAGSYNC_LOG_WARN => LogLevel::Warn,
            MLAGSYNC_LOG_INFO => LogLevel::Info,
            MLAGSYNC_LOG_DEBUG => LogLevel::Debug,
            other => return Err(Failure::invalid(format!("there is no level {other} of the log"))),
        };
        plan.log = Some((level, Userdata(userdata), on_log));
        Ok(())
    })
}

/// Events go there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_on_event(
    builder: *mut mlagsync_builder_t,
    userdata: *mut c_void,
    on_event: mlagsync_event_fn,
) -> mlagsync_result_t {
    change(builder, |plan| {
        let on_event = on_event.ok_or_else(|| Failure::null("on_event"))?;
        plan.event = Some((Userdata(userdata), on_event));
        Ok(())
    })
}

// SAFETY: a pointer, of which every pattern of bits is a value.
unsafe impl<T> Plain for *mut T {}
// SAFETY: integers.
unsafe impl Plain for usize {}
// SAFETY: integers.
unsafe impl Plain for i32 {}
// SAFETY: integers.
unsafe impl Plain for u64 {}

/// Starts a switch.
pub(super) fn start(builder: *mut mlagsync_builder_t) -> Answer<Instance> {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let plan = BUILDERS.find(builder.addr())?.lock().clone();
    let Some((functions, options, switch)) = plan.sai else {
        return Err(Failure::new(MLAGSYNC_E_STATE, "mlagsync_builder_sai was not called"));
    };
    // SAFETY: by the header, the functions of one SAI library that is initialised, and they stay callable.
    let library = unsafe { Library::given(functions, options) };
    let library = library.map_err(|e| Failure::new(MLAGSYNC_E_SAI, e.to_string()))?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let lost = Arc::new(AtomicU64::new(0));
    let mut its = Builder::new(&plan.hostname, Switch::given(&library, Oid::from_raw(switch)))
        .ownership(plan.ownership)
        .fdb(plan.fdb)
        .limits(plan.tuning)
        .room(plan.room)
        .calls(calls(plan.calls));
    if let Some(model) = &plan.model {
        its = its.model(model);
    }
    if let Some(mode) = &plan.forwarding_mode {
        its = its.forwarding_mode(mode);
    }
    if let Some(id) = plan.node_id {
        its = its.node_id(id);
    }
    if plan.restart_s > 0 {
        its = its.restart_time(plan.restart_s);
    }
    if let Some(path) = plan.control {
        its = its.control(path, Monitors::default());
    }
    if let Some(path) = plan.journal {
        its = its.journal(path);
    }
    if let Some(path) = plan.record {
        its = its.record(path);
    }
    if let Some(lines) = &plan.configuration {
        its = its.configuration(lines);
    }
    for vpn in plan.vpn_instances {
        its = its.vpn_instance(vpn);
    }
    if let Some((level, userdata, on_log)) = plan.log {
        its = its.log(level, move |line| log(line, userdata.get(), on_log));
    }
    let (queue, its) = match plan.event {
        Some((userdata, on_event)) => {
            let lost = lost.clone();
            let tell = move |event: &mlagsync_event_t| {
                let userdata = userdata.get();
                // SAFETY: the program's function with the program's userdata, and an event that lives until it returns.
                callback(Inside::Event(number), || unsafe { on_event(userdata, event) });
            };
            (None, its.on_news(move |news| tell(&events::to_c(news, &lost))))
        }
        None => {
            let queue = Arc::new(Queue::new().map_err(|e| Failure::new(MLAGSYNC_E_SYSTEM, e.to_string()))?);
            let (to, lost) = (queue.clone(), lost.clone());
            (Some(queue), its.on_news(move |news| to.push(events::to_c(news, &lost), &lost)))
        }
    };
    let api = its.start().map_err(|error| Failure::new(code(&error), error.to_string()))?;
    Ok(Instance::new(number, api, queue, lost))
}

fn calls(caller: Caller) -> Calls {
    let hook = |userdata: Userdata, hook: Lock| {
        Box::new(move || {
            let userdata = userdata.get();
            // SAFETY: the program's function with the program's userdata.
            callback(Inside::Other, || unsafe { hook(userdata) });
        })
    };
    match caller {
        Caller::OwnThread => Calls::OwnThread,
        Caller::NosThread => Calls::OnNosThread,
        Caller::Locked(userdata, lock, unlock) => {
            Calls::Locked { lock: hook(userdata, lock), unlock: hook(userdata, unlock) }
        }
    }
}

fn log(line: &LogLine<'_>, userdata: *mut c_void, on_log: OnLog) {
    let level = match line.level {
        LogLevel::Error => MLAGSYNC_LOG_ERROR,
        LogLevel::Warn => MLAGSYNC_LOG_WARN,
        LogLevel::Info => MLAGSYNC_LOG_INFO,
        LogLevel::Debug => MLAGSYNC_LOG_DEBUG,
    };
    let c = |text: &str| CString::new(text.replace('\0', "")).unwrap_or_default();
    let (target, text) = (c(line.target), c(line.text));
    // SAFETY: the program's function with the program's userdata, and texts that live until it returns.
    callback(Inside::Other, || unsafe { on_log(userdata, level, target.as_ptr(), text.as_ptr()) });
}

fn code(error: &StartError) -> mlagsync_result_t {
    match error {
        StartError::Platform(_) => MLAGSYNC_E_INVALID,
        StartError::Config(_) => MLAGSYNC_E_REFUSED,
        StartError::NoLibrary
        | StartError::Sai(_)
        | StartError::ProfileFile { .. }
        | StartError::ProfileLine { .. } => MLAGSYNC_E_SAI,
        _ => MLAGSYNC_E_SYSTEM,
    }
}
