//! `run`: one switch's daemon, in the foreground.

use crate::args::RunArgs;
use crate::control;
use crate::failure::Failure;
use crate::parent;
use crate::platform_file;
use crate::sai_path;
use crossbeam_channel::{bounded, select};
use mlagsync::addr::VpnInstance;
use mlagsync::config::{Candidate, Config, Environment, ForwardingMode, Model, PeerLink, PortOwner};
use mlagsync::run::{Daemon, Platform, StartOptions, ThreadEnd};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::Path;
use tracing_subscriber::EnvFilter;

/// Runs it until SIGTERM or SIGINT, or until its terminal goes.
pub(crate) fn run(args: &RunArgs) -> Result<(), Failure> {
    if let Some(parent) = args.die_with {
        parent::die_with(parent)?;
    }
    let platform = platform(args)?;
    check(&args.config, &platform)?;
    if args.check {
        return Ok(());
    }
    log_to_stderr(args.verbose);
    let default_library = match platform.sai.library {
        Some(_) => None,
        None => Some(sai_path::find(None)?),
    };
    if let Some(library) = &default_library {
        tracing::warn!(library = %library.display(), "no library in [sai]: this is the simulator");
    }
    let platform = with_control(platform)?;
    serve(platform, StartOptions { default_library })
}

/// The platform file, with what the command line says instead.
fn platform(args: &RunArgs) -> Result<Platform, Failure> {
    let mut platform = platform_file::read(&args.config)?;
    let beside = args.config.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Some(library) = &args.sai {
        platform.sai.library = Some(library.clone());
    } else if let Some(library) = platform.sai.library.take() {
        // A bare name is for the dynamic linker to find; any other is beside the file that has it.
        let bare = library.components().count() == 1;
        platform.sai.library = Some(if bare { library } else { beside.join(library) });
    }
    if let Some(library) = platform.sai.library.as_deref().filter(|library| library.components().count() > 1)
    {
        platform.sai.library = Some(sai_path::find(Some(library))?);
    }
    platform.sai.profile_file = platform.sai.profile_file.map(|file| beside.join(file));
    platform.control = args.control.clone().or(platform.control);
    Ok(platform)
}

/// A daemon that was given no control socket has the one where `show` looks.
fn with_control(mut platform: Platform) -> Result<Platform, Failure> {
    if platform.control.is_none() {
        let path = control::default_path();
        let dir = path.parent().unwrap_or(Path::new("/")).to_owned();
        std::fs::create_dir_all(&dir).map_err(|source| Failure::File { path: dir, source })?;
        platform.control = Some(path);
    }
    Ok(platform)
}

/// Checks what the files alone can tell: the model, the command lines.
fn check(file: &Path, platform: &Platform) -> Result<(), Failure> {
    let unknown = |source| Failure::Model { path: file.to_owned(), source };
    let model = Model::named(&platform.model).map_err(unknown)?;
    let mode = platform.forwarding_mode.as_deref().map(str::parse).transpose().map_err(unknown)?;
    let device = OnPaper { model, mode: mode.unwrap_or_default(), platform };
    let lines = platform.dfs_group.as_deref().unwrap_or_default();
    match Candidate::new(Config::default()).load(lines, &device) {
        Ok(_) => Ok(()),
        Err(faults) => Err(Failure::CommandLines { path: file.to_owned(), faults }),
    }
}

/// The device as its platform file describes it; nothing is asked of the system.
struct OnPaper<'a> {
    model: &'static Model,
    mode: ForwardingMode,
    platform: &'a Platform,
}

impl Environment for OnPaper<'_> {
    fn model(&self) -> &Model {
        self.model
    }

    fn forwarding_mode(&self) -> ForwardingMode {
        self.mode
    }

    fn vpn_instance_exists(&self, vpn: &VpnInstance) -> bool {
        self.platform.vpn_instances.iter().any(|instance| instance.name == *vpn)
    }

    fn port_owner(&self, _: &VpnInstance, _: SocketAddr, _: Option<&PeerLink>) -> Option<PortOwner> {
        None
    }
}

fn log_to_stderr(verbose: u8) {
    let level = ["info", "debug", "trace"][usize::from(verbose.min(2))];
    let asked = std::env::var_os(EnvFilter::DEFAULT_ENV).filter(|words| !words.is_empty());
    let filter = asked.map(|words| words.to_string_lossy().parse::<EnvFilter>());
    let wrong = matches!(filter, Some(Err(_)));
    let filter = filter.and_then(Result::ok).unwrap_or_else(|| EnvFilter::new(level));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A line that cannot be written is lost; telling standard error so would panic on the same full disk.
    log.log_internal_errors(false).with_ansi(io::stderr().is_terminal()).with_target(false).init();
    if wrong {
        tracing::warn!("RUST_LOG is not a filter and is ignored: write a level, or mlagsync::run=debug,info");
    }
}

/// True under nohup, whose wish is that the daemon outlives its terminal.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (SIGHUP - 1)) != 0)
}

/// Runs the daemon until somebody asks for its end, or one of its threads ends by itself.
fn serve(platform: Platform, options: StartOptions) -> Result<(), Failure> {
    let system = |what| move |source| Failure::System { what, source };
    // Before the daemon's threads, so that a signal during the start is not lost.
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(system("hear signals"))?;
    if !hangup_is_ignored() {
        signals.add_signal(SIGHUP).map_err(system("hear signals"))?;
    }
    let (heard, asked_to_stop) = bounded(1);
    let listener = move || {
        for signal in signals.forever() {
            // One is enough; whoever is impatient has SIGKILL.
            let _ = heard.try_send(signal);
        }
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(listener)
        .map_err(system("start a thread"))?;
    let daemon = Daemon::start(platform, options)?;
    let ended = select! {
        recv(asked_to_stop) -> _ => None,
        recv(daemon.ends()) -> end => end.ok(),
    };
    daemon.stop();
    match ended {
        None => Ok(()),
        Some(ThreadEnd { thread, error }) => {
            Err(Failure::ThreadEnded { thread, error: error.unwrap_or_else(|| "it ended".to_owned()) })
        }
    }
}
