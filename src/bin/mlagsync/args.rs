//! The words of the command line.
//!
//! Invariant: only clap and the standard library are used here, because the build script reads this file too, to
//! generate the man pages and the completions from the same tree.

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;

/// Synchronise the ARP and ND entries of an M-LAG pair, straight into the ASIC's host table.
#[derive(Debug, Parser)]
#[command(
    name = "mlagsync",
    version = option_env!("MLAGSYNC_VERSION").unwrap_or("unknown"),
    max_term_width = 110,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = EXAMPLES
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  mlagsync demo                        two switches on this machine, 10,000 neighbours
  mlagsync run --config leaf-1.toml    one switch's daemon, in the foreground
  mlagsync show session                is the channel up, and if not, why
  mlagsync verify                      does the ASIC hold what it should

Exit status: 0 done, 1 the answer is no (differences, a demo that failed), 2 it could not be done.";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the daemon of one switch in the foreground
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Show what a running daemon knows
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Give a running daemon command lines, and commit them
    #[command(after_help = CONFIGURE_EXAMPLES)]
    Configure(ConfigureArgs),
    /// Remove now what the peer no longer names, where so much at once was held back
    #[command(after_help = SWEEP_EXAMPLES)]
    Sweep(OperateArgs),
    /// Ask the peer to name everything anew
    #[command(after_help = RESYNC_EXAMPLES)]
    Resync(OperateArgs),
    /// Say how a member or the peer-link is, or leave that to the kernel and the ASIC again
    #[command(after_help = PORT_EXAMPLES)]
    Port(PortArgs),
    /// Say what happened in the FDB, where the hardware does not
    #[command(after_help = FDB_EXAMPLES)]
    Fdb(FdbArgs),
    /// Say of one address what both switches claim, what follows, and what happened to it
    #[command(after_help = WHY_EXAMPLES)]
    Why(WhyArgs),
    /// Read the ASIC back through SAI and compare it with what it should hold
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Show two switches keeping one host table, on this machine
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArgs),
    /// Print the completions of a shell
    #[command(after_help = "Example:\n  mlagsync completions bash > /etc/bash_completion.d/mlagsync")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write all of them to a directory
    #[command(
        after_help = "Examples:\n  mlagsync man | man -l -\n  mlagsync man --dir /usr/local/share/man/man1"
    )]
    Man {
        /// The subcommand whose page to print
        page: Option<String>,
        /// Write every page to this directory instead
        #[arg(long, value_name = "DIR", conflicts_with = "page")]
        dir: Option<PathBuf>,
    },
    /// Remove a directory once the process at the other end of standard input is gone
    #[command(hide = true, name = "_clean")]
    SweepDir {
        /// The directory
        dir: PathBuf,
    },
    /// Create neighbours in bulk on a library and time it; a JSON document on standard output
    #[command(hide = true, name = "_raw")]
    Raw(RawArgs),
}

const RUN_EXAMPLES: &str = "\
Examples:
  mlagsync run --config /etc/mlagsync.toml
  mlagsync run --config leaf-1.toml --check
  mlagsync run --config leaf-1.toml --sai /opt/vendor/lib/libsai.so

The configuration file describes the platform in TOML, with the switch's own command lines as one string in it:
  dfs-group = \"\"\"
  dfs-group 1
   peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048
  \"\"\"
SIGTERM, SIGINT and SIGHUP (unless nohup) say goodbye to the peer and stop; what is in the ASIC stays there.";

/// `mlagsync run`.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// The configuration file; `-` reads standard input
    #[arg(long, short, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Read and check the configuration, then stop
    #[arg(long)]
    pub(crate) check: bool,
    /// The SAI library, instead of the one that the configuration names
    #[arg(long, value_name = "PATH")]
    pub(crate) sai: Option<PathBuf>,
    /// The control socket, instead of the one that the configuration names
    #[arg(long, value_name = "PATH")]
    pub(crate) control: Option<PathBuf>,
    /// Log more: once for debug, twice for trace; RUST_LOG overrides
    #[arg(long, short, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Stop when this process, which must be the parent, ends
    #[arg(long, value_name = "PID", hide = true)]
    pub(crate) die_with: Option<i32>,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  mlagsync show session
  mlagsync show history
  mlagsync show ports
  mlagsync show neighbors | head
  mlagsync show hosts --json | jq '.[] | select(.state != \"programmed\")'
  mlagsync show kernel
  mlagsync show counters --control /run/mlagsync/leaf-2.sock";

/// `mlagsync show`.
#[derive(Args, Debug)]
pub(crate) struct ShowArgs {
    /// What to show
    pub(crate) what: Show,
    /// How to reach the daemon, and how to print.
    #[command(flatten)]
    pub(crate) to: DaemonArgs,
}

/// What `show` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Show {
    /// The channel to the peer: up or down, and why
    Session,
    /// The claims of both switches
    Neighbors,
    /// The host table: what should be in the ASIC, and how far it is
    Hosts,
    /// Counts since the daemon started
    Counters,
    /// The ports: how they are on both switches, and who says so
    Ports,
    /// Room in the host table, quotas, and who has it
    Admission,
    /// What happened of late, and how often the channel was down for what reason
    History,
    /// What is written into the kernel's neighbour table
    Kernel,
    /// The command lines in force, and the interfaces
    Configuration,
}

const CONFIGURE_EXAMPLES: &str = "\
Examples:
  mlagsync configure -e 'dfs-group 1' -e 'peer-link source ip 10.1.0.3 peer 10.1.0.4 tcp-port 2048'
  mlagsync configure --check peer-link.cfg
  mlagsync configure -e 'undo dfs-group 1'

The lines are entered from the system view on, on top of what is running, and committed together: with a fault
anywhere nothing is changed. The platform file is not written: at its next start the daemon reads that again.

Exit status: 0 taken, 2 refused.";

/// `mlagsync configure`.
#[derive(Args, Debug)]
pub(crate) struct ConfigureArgs {
    /// The file with the lines; `-` reads standard input
    #[arg(value_name = "FILE", default_value = "-", conflicts_with = "lines")]
    pub(crate) file: PathBuf,
    /// A line; may be given several times
    #[arg(short = 'e', long = "line", value_name = "LINE")]
    pub(crate) lines: Vec<String>,
    /// Only check them
    #[arg(long)]
    pub(crate) check: bool,
    /// How to reach the daemon, and how to print.
    #[command(flatten)]
    pub(crate) to: DaemonArgs,
}

const SWEEP_EXAMPLES: &str = "\
Example:
  mlagsync show session    says how many claims await a sweep
  mlagsync sweep

A peer that comes back and names less than half of what was held of it may have lost its table, not its hosts: what it
did not name stays until the stale timer ends, or until this is said.";

const RESYNC_EXAMPLES: &str = "\
Example:
  mlagsync resync

Nothing is removed or written for it that is right already.";

/// `mlagsync sweep`, `mlagsync resync`.
#[derive(Args, Debug)]
pub(crate) struct OperateArgs {
    /// How to reach the daemon, and how to print.
    #[command(flatten)]
    pub(crate) to: DaemonArgs,
}

const PORT_EXAMPLES: &str = "\
Examples:
  mlagsync port m-lag 7 local down     as if our member were down
  mlagsync port m-lag 7 peer down      the peer's member, of which only the NOS can know
  mlagsync port peer-link up           up, and not forwarding yet
  mlagsync port m-lag 7 local auto     what the kernel and the ASIC say counts again
  mlagsync show ports                  who says what

What is said lasts until auto is said, or until the daemon ends.";

/// `mlagsync port`.
#[derive(Args, Debug)]
pub(crate) struct PortArgs {
    /// Which port.
    #[command(subcommand)]
    pub(crate) which: WhichPort,
}

/// Which port is spoken of.
#[derive(Debug, Subcommand)]
pub(crate) enum WhichPort {
    /// A member of an M-LAG
    #[command(name = "m-lag")]
    MLag {
        /// The M-LAG's number
        #[arg(value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
        number: u16,
        /// Whose member
        side: SideWord,
        /// How it is
        state: LinkWord,
        /// How to reach the daemon, and how to print.
        #[command(flatten)]
        to: DaemonArgs,
    },
    /// The link between both switches
    #[command(name = "peer-link")]
    PeerLink {
        /// How it is
        state: LinkWord,
        /// How to reach the daemon, and how to print.
        #[command(flatten)]
        to: DaemonArgs,
    },
}

/// One of both switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SideWord {
    /// This switch's
    Local,
    /// The peer's
    Peer,
}

/// How a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LinkWord {
    /// It carries nothing
    Down,
    /// It is up and does not forward yet
    Up,
    /// It forwards
    Forwarding,
    /// As the kernel and the ASIC say
    Auto,
}

const FDB_EXAMPLES: &str = "\
Examples:
  mlagsync fdb learned --mac 02:00:00:00:00:09 --interface Vlanif10 --port 'm-lag 7'
  mlagsync fdb moved --mac 02:00:00:00:00:09 --interface Vlanif10 --port peer-link
  mlagsync fdb aged --mac 02:00:00:00:00:09 --interface Vlanif10
  mlagsync fdb flushed                 everything, everywhere

For labs, and for a NOS whose library does not notify. With fdb = \"managed\" what aged or was flushed and is still wanted is
programmed again.";

/// `mlagsync fdb`.
#[derive(Args, Debug)]
pub(crate) struct FdbArgs {
    /// What happened
    pub(crate) change: FdbWord,
    /// To which MAC; to all of them when it is not given
    #[arg(long, value_name = "MAC")]
    pub(crate) mac: Option<String>,
    /// In the VLAN or bridge domain of this interface; in all of them when it is not given
    #[arg(long, value_name = "NAME")]
    pub(crate) interface: Option<String>,
    /// On this port: 'm-lag N', peer-link, or a bridge port's id as `show ports` has it
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<String>,
    /// How to reach the daemon, and how to print.
    #[command(flatten)]
    pub(crate) to: DaemonArgs,
}

/// What can happen to an FDB entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FdbWord {
    /// The MAC was heard for the first time
    Learned,
    /// It was heard on another port
    Moved,
    /// It was not heard for long
    Aged,
    /// It was removed with others
    Flushed,
}

const WHY_EXAMPLES: &str = "\
Examples:
  mlagsync why 10.0.0.7
  mlagsync why 2001:db8::7 --json

Exit status: 0 it is claimed, 1 nobody claims it, 2 it could not be asked.";

/// `mlagsync why`.
#[derive(Args, Debug)]
pub(crate) struct WhyArgs {
    /// The neighbour's address
    pub(crate) ip: IpAddr,
    /// How to reach the daemon, and how to print.
    #[command(flatten)]
    pub(crate) to: DaemonArgs,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  mlagsync verify
  mlagsync verify --json && echo the ASIC holds what it should
  mlagsync verify --repair

Entries that are not ours are listed, and never touched.
Exit status: 0 no difference (with --repair: none is left), 1 differences, 2 it could not be compared.";

/// `mlagsync verify`.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// Program again what is missing or different, then compare once more
    #[arg(long)]
    pub(crate) repair: bool,
    /// How to reach the daemon, and how to print.
    #[command(flatten)]
    pub(crate) to: DaemonArgs,
}

/// What every question to a daemon takes.
#[derive(Args, Debug)]
pub(crate) struct DaemonArgs {
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub(crate) json: bool,
    /// The daemon's control socket [default: $XDG_RUNTIME_DIR/mlagsync.sock, or /run/mlagsync/mlagsync.sock for root]
    #[arg(long, value_name = "PATH")]
    pub(crate) control: Option<PathBuf>,
}

const DEMO_EXAMPLES: &str = "\
Examples:
  mlagsync demo
  mlagsync demo --ipv6 --neighbors 100000
  mlagsync demo --json | jq .verdict
  mlagsync demo --profile leaf-2:SAI_SIM_FAULTS='create neighbor 10.16.1.0 corrupt-mac'

Two daemons, each with its own simulated ASIC behind the SAI C ABI, learn neighbours from two real Linux kernels' \
tables and tell each other over one TCP connection; another code path reads both ASICs back and compares. Root is \
not needed where unprivileged user namespaces are allowed. Nothing is left behind, whichever way it ends.";

/// `mlagsync demo`.
#[derive(Args, Clone, Debug)]
pub(crate) struct DemoArgs {
    /// How many neighbours the two switches learn between them, half IPv4 and half IPv6
    #[arg(long, short, value_name = "N", default_value = "10000", visible_alias = "entries")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000_000), allow_negative_numbers = true)]
    pub(crate) neighbors: u32,
    /// Run the channel over IPv6: 2001:db8:1::1 and 2001:db8:1::2 instead of 10.1.0.3 and 10.1.0.4
    #[arg(long)]
    pub ipv6: bool,
    /// Print one JSON document instead of progress and tables
    #[arg(long)]
    pub(crate) json: bool,
    /// The SAI library of both switches, instead of the simulator that came with this program
    #[arg(long, value_name = "PATH")]
    pub(crate) sai: Option<PathBuf>,
    /// A SAI profile line for both switches, or for one when it begins with `leaf-1:` or `leaf-2:`
    #[arg(long, value_name = "[LEAF:]KEY=VALUE")]
    pub(crate) profile: Vec<String>,
    /// Leave both switches running at the end, until Ctrl-C, to look around
    #[arg(long, conflicts_with = "json")]
    pub(crate) keep: bool,
}

/// `mlagsync _raw`.
#[derive(Args, Debug)]
pub(crate) struct RawArgs {
    /// The SAI library
    #[arg(long)]
    pub(crate) sai: PathBuf,
    /// How many neighbours
    #[arg(long)]
    pub(crate) entries: u32,
    /// How many in one call
    #[arg(long, default_value = "1024")]
    pub(crate) batch: u32,
    /// Profile lines
    #[arg(long)]
    pub(crate) profile: Vec<String>,
    /// Stop when this process, which must be the parent, ends
    #[arg(long)]
    pub(crate) die_with: Option<i32>,
}

/// Shells with completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}
