//! The raw bulk loop: what the library takes when nothing but the library is in the way.
//!
//! Runs in a process of its own, as the daemons do, so that it finds the machine as they found it and its ASIC empty.

use crate::args::RawArgs;
use crate::demo::raw_host;
use crate::failure::Failure;
use crate::parent;
use crate::stdio::Out;
use mlagsync::addr::VlanId;
use mlagsync::neighbor::Host;
use mlagsync::sai::{
    Error, Library, LibraryError, NeighborKey, NeighborTable, Options, Profile, ProfileError, Rif, RifKind,
    Start, Switch, SwitchSpec,
};
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What the loop measured.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct RawResult {
    /// Entries created.
    pub(crate) entries: u64,
    /// Calls that it took.
    pub(crate) calls: u64,
    /// From the first call to the last status.
    pub(crate) ms: f64,
    /// Of that, inside SAI.
    pub(crate) sai_ms: f64,
}

impl RawResult {
    /// Entries a second.
    pub(crate) fn rate(&self) -> f64 {
        self.entries as f64 / self.ms.max(1e-6) * 1e3
    }
}

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RawError {
    /// The library.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A profile line.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// An object that the loop needs.
    #[error("{what}: {source}")]
    Object {
        /// Which.
        what: &'static str,
        /// The library's answer.
        source: Error,
    },
    /// Not everything was created.
    #[error("{created} of {entries} entries were created")]
    Incomplete {
        /// How many were.
        created: u64,
        /// Of how many.
        entries: u64,
    },
}

/// Runs the loop in a process of its own, whose standard error goes to `log`; `go_on` is asked meanwhile.
pub(crate) fn in_process(
    library: &Path,
    entries: u64,
    profile: &[String],
    log: File,
    go_on: impl Fn() -> bool,
) -> Result<RawResult, String> {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("mlagsync").args([OsStr::new("_raw"), OsStr::new("--sai"), library.as_os_str()]);
    command.arg("--entries").arg(entries.to_string()).arg("--die-with").arg(std::process::id().to_string());
    command.args(profile.iter().map(|line| format!("--profile={line}"))).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut output = Vec::new();
    let status = loop {
        if !go_on() {
            // It is gone, or going; the answer does not matter any more.
            let _ = child.kill();
        }
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => std::thread::park_timeout(std::time::Duration::from_millis(5)),
            Err(error) => return Err(error.to_string()),
        }
    };
    let mut pipe = child.stdout.take().expect("it was piped");
    pipe.read_to_end(&mut output).map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(status.to_string());
    }
    serde_json::from_slice(&output).map_err(|error| error.to_string())
}

/// The process: creates the entries and prints what it measured.
pub(crate) fn raw(args: &RawArgs, out: &mut Out) -> Result<(), Failure> {
    if let Some(parent) = args.die_with {
        parent::die_with(parent)?;
    }
    let mut profile = Profile::new();
    for line in &args.profile {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        profile.insert(key.trim(), value.trim()).map_err(RawError::from)?;
    }
    let library = Library::open(&args.sai, &profile, Options::default()).map_err(RawError::from)?;
    let result = fill(&library, args.entries, args.batch.max(1) as usize)?;
    Ok(out.json(&result)?)
}

fn fill(library: &Library, entries: u32, batch: usize) -> Result<RawResult, RawError> {
    let object = |what| move |source| RawError::Object { what, source };
    let how = SwitchSpec { start: Start::Initialise, src_mac: None, hardware_info: None };
    let switch = Switch::create(library, how).map_err(object("the switch"))?;
    let virtual_router = switch.default_virtual_router().map_err(object("the virtual router"))?;
    let vlan = VlanId::new(10).expect("10 is a VLAN");
    let vlan = switch.create_vlan(vlan).map_err(object("a VLAN"))?;
    let rif = Rif { virtual_router, kind: RifKind::Vlan(vlan), src_mac: None };
    let rif = switch.create_router_interface(&rif).map_err(object("a router interface"))?;
    // Made before the clock runs: a synchroniser has its entries in memory, too.
    let wanted: Vec<(NeighborKey, Host)> = (0..entries)
        .map(raw_host)
        .map(|(ip, mac)| (NeighborKey { rif, ip }, Host { mac, no_host_route: false }))
        .collect();
    let mut table = NeighborTable::new(&switch);
    let (mut calls, mut ns, mut created) = (0, 0, 0);
    let began = Instant::now();
    for chunk in wanted.chunks(batch) {
        let report = table.create(chunk.iter().copied());
        calls += u64::from(report.calls);
        ns += report.ns;
        created +=
            table.answers().iter().filter(|answer| **answer == mlagsync::sai::Answer::Done).count() as u64;
    }
    let ms = began.elapsed().as_secs_f64() * 1e3;
    // Faults that a profile asks for may refuse some; a figure of fewer entries would still be one, of none it is not.
    if created == 0 && entries > 0 {
        return Err(RawError::Incomplete { created, entries: entries.into() });
    }
    Ok(RawResult { entries: created, calls, ms, sai_ms: ns as f64 / 1e6 })
}
