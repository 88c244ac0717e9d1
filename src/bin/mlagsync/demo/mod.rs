//! `demo`: two switches keeping one host table, on this machine, and the proof that they do.
//!
//! ```text
//! world (kernels) ──► pair (two `run` processes) ──► settle ──► compare ──► raw loop ──► acts ──► compare ──► report
//! ```
//!
//! Invariant: the daemons are the same program as anybody's, configured by a platform file and a command line; nothing
//! in them knows of a demo. What is compared comes from the kernel and from SAI, never from their tables.

mod acts;
mod compare;
mod error;
mod hosts;
mod kernel;
mod member;
mod netlink;
mod ns;
mod pair;
mod patience;
mod platform;
mod progress;
mod report;
mod scratch;
mod switch;
mod world;

pub(crate) use error::DemoError;
pub(crate) use hosts::raw_host;
pub(crate) use scratch::sweep;

use crate::args::DemoArgs;
use crate::raw::RawResult;
use crate::stdio::Out;
use compare::Comparison;
use hosts::{Host, Way};
use mlagsync::node::view::Counters;
use pair::Pair;
use patience::Patience;
use platform::Channel;
use progress::Progress;
use report::{Report, SwitchReport};
use scratch::Scratch;
use std::io::Write;
use std::path::Path;
use std::time::Instant;
use switch::Switch;
use world::{LEAVES, World};

/// Shows it; false when the proof failed.
pub(crate) fn demo(args: &DemoArgs, out: &mut Out) -> Result<bool, DemoError> {
    let library = crate::sai_path::find(args.sai.as_deref())?;
    let profiles = platform::profiles(&args.profile)?;
    let channel = Channel::new(args.ipv6);
    // Before the first thread: the kernel gives a user namespace to single-threaded processes only.
    ns::become_able()?;
    let patience = Patience::new().map_err(DemoError::Output)?;
    let scratch = Scratch::new()?;
    let mut progress = Progress::new(args.json);
    if !args.json {
        introduce(args, &channel, &library, out).map_err(DemoError::Output)?;
    }

    progress.step("two switches and their hosts, in private network namespaces");
    let hosts: Vec<Host> = hosts::hosts(args.neighbors).collect();
    let mut world = World::new(args.neighbors)?;
    patience.check()?;
    progress.step(format!("{} neighbours for their kernels to learn", hosts.len()));
    world.learn(hosts.iter().copied())?;
    let platform = |number: usize, ports: bool| {
        platform::text(number, &channel, &library, &profiles[number], scratch.path(), ports)
    };
    let switch = |number: usize| {
        let text = platform(number, false);
        Switch::new(LEAVES[number], scratch.path(), &text)
    };
    let mut pair = Pair { switches: [switch(0)?, switch(1)?], world, patience };
    let expected = [0, 1].map(|leaf| hosts.iter().filter(|host| host.leaf == leaf).count() as u64);
    pair.await_kernels(expected)?;

    let mut report = Report {
        verdict: "fail",
        problems: Vec::new(),
        version: env!("MLAGSYNC_VERSION"),
        library: library.display().to_string(),
        neighbors: args.neighbors,
        command_lines: [channel.line(0), channel.line(1)],
        learn_ms: 0.0,
        switches: Default::default(),
        raw: None,
        ratio: None,
        acts: Vec::new(),
        comparisons: Vec::new(),
    };
    // Another library has ports of its own, and nobody else can be asked where a packet would go.
    let again = args.sai.is_none().then(|| [platform(0, true), platform(1, true)]);
    let again = again.as_ref().map(|platforms| (platforms, scratch.path()));
    match play(&mut pair, &hosts, &channel, again, &mut progress, &mut report) {
        // A pair that does not do what it should is what the verdict is about.
        Err(error @ DemoError::TimedOut { .. }) => report.problems.push(error.to_string()),
        played => played?,
    }
    progress.step("a raw bulk loop on the same library");
    measure_raw(&pair.patience, &library, &profiles[1], scratch.path(), &mut report)?;
    progress.finish();

    judge(&mut report);
    match args.json {
        true => out.json(&report).map_err(DemoError::Output)?,
        false => report.print(out)?,
    }
    if args.keep {
        keep(&pair, out).map_err(DemoError::Output)?;
        pair.patience.forever();
    }
    pair.stop();
    Ok(report.passed())
}

/// The first synchronisation and everything after it, each followed by a comparison.
fn play(
    pair: &mut Pair,
    hosts: &[Host],
    channel: &Channel,
    again: Option<(&[String; 2], &Path)>,
    progress: &mut Progress,
    report: &mut Report,
) -> Result<(), DemoError> {
    let expected = pair.kernel_counts()?;
    progress.step("two daemons learn what their kernels know");
    let began = Instant::now();
    pair.start()?;
    pair.await_learned(expected, progress)?;
    report.learn_ms = began.elapsed().as_secs_f64() * 1e3;
    // Now, so that what is measured next is the synchronisation and not the learning. The daemons have been waiting
    // for their source addresses.
    progress.step("the peer-link gets its addresses: synchronise and program");
    pair.world.connect(channel.ends, channel.prefix_length)?;
    let counters = pair.settle(expected, progress)?;
    report.switches = [0, 1].map(|own| switch_report(own, hosts, expected[own], &counters[own]));
    progress.step("each kernel compared with the other switch's ASIC");
    report.comparisons.extend(pair.compare("after the first sync")?);
    if !report.comparisons.iter().all(Comparison::is_clean) {
        // What follows would only measure what is broken.
        return Ok(());
    }

    progress.step("neighbours that appear, change and go");
    let count = u32::try_from(hosts.len()).unwrap_or(u32::MAX);
    report.acts.extend(acts::single_changes(pair, count)?);
    report.comparisons.extend(pair.compare("after single changes")?);

    progress.step("a daemon that dies and comes back");
    let (act, problems) = acts::crash(pair, hosts, progress)?;
    report.acts.push(act);
    report.problems.extend(problems);
    report.comparisons.extend(pair.compare("after the restart")?);

    if let Some((platforms, dir)) = again {
        progress.step("a member of an M-LAG that goes down and comes up again");
        report.acts.extend(member::member_down(pair, hosts, platforms, dir, progress)?);
    }
    Ok(())
}

fn switch_report(own: usize, hosts: &[Host], kernel: u64, counters: &Counters) -> SwitchReport {
    let resolved = hosts.iter().filter(|host| host.leaf == own && host.way == Way::Resolved).count();
    SwitchReport {
        name: LEAVES[own],
        kernel,
        resolved: resolved as u64,
        learned: counters.local,
        sent: counters.sent_upserts,
        received: counters.received_upserts,
        refused: counters.refused,
        programmed: counters.programmed,
        sai_calls: counters.sai_calls,
        sai_ms: counters.asic_ns as f64 / 1e6,
        sync_ms: counters.last_sync_ns as f64 / 1e6,
    }
}

/// Runs the raw loop with as many entries as a switch received, in a process of its own as the daemons are.
fn measure_raw(
    patience: &Patience,
    library: &Path,
    profile: &[String],
    dir: &Path,
    report: &mut Report,
) -> Result<(), DemoError> {
    let entries = report.switches.iter().map(|switch| switch.received - switch.refused).max().unwrap_or(0);
    if entries == 0 {
        return Ok(());
    }
    let path = dir.join("raw.log");
    let log =
        std::fs::File::create(&path).map_err(|source| DemoError::File { path: path.clone(), source })?;
    let raw = crate::raw::in_process(library, entries, profile, log, || patience.check().is_ok());
    patience.check()?;
    let raw: RawResult = raw.map_err(|how| DemoError::Raw(format!("{how}: {}", switch::last_line(&path))))?;
    report.ratio = report.slower_rate().map(|rate| rate / raw.rate());
    report.raw = Some(raw);
    Ok(())
}

fn judge(report: &mut Report) {
    for found in report.comparisons.iter().filter(|found| !found.is_clean()) {
        report.problems.push(format!(
            "{}: {}'s kernel and {}'s ASIC differ: {} missing, {} different, {} extra: {}",
            found.when,
            found.kernel_of,
            found.asic_of,
            found.missing,
            found.different,
            found.extra,
            found.examples.join("; ")
        ));
    }
    report.verdict = if report.passed() { "pass" } else { "fail" };
}

fn introduce(args: &DemoArgs, channel: &Channel, library: &Path, out: &mut Out) -> std::io::Result<()> {
    writeln!(
        out,
        "two switches, {} neighbours, each with its own ASIC behind {}",
        args.neighbors,
        library.display()
    )?;
    for (number, name) in LEAVES.iter().enumerate() {
        writeln!(out, "  {name}: dfs-group 1; {}", channel.line(number))?;
    }
    writeln!(out)?;
    out.flush()
}

fn keep(pair: &Pair, out: &mut Out) -> std::io::Result<()> {
    writeln!(out, "\nboth switches go on running until Ctrl-C; look at them with")?;
    for switch in &pair.switches {
        writeln!(out, "  mlagsync show session --control {}", switch.control.display())?;
    }
    out.flush()
}
