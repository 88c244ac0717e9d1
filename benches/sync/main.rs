//! How fast the whole path is, beside the bare hardware: learned on one switch, programmed into the other one's ASIC
//! over one TCP connection, against a loop of bulk calls on the same library in the same run.
//!
//! ```text
//! cargo bench --bench sync                      10,000, 50,000 and 128,000 entries
//! cargo bench --bench sync -- 200000            so many
//! cargo bench --bench sync -- --call-ns 20000 --entry-ns 5000
//! ```
//!
//! Ways: `raw` writes prepared arrays with bulk calls of 4,096; `executor` is the SAI room alone; `learn` is from the
//! first entry learned, with the session up, to the last status of the peer's SAI; `sync` is from the session's coming
//! up, with the table there already, to the same.
//!
//! Columns: `ratio` is the rate beside `raw` of the same round, the median of the rounds; the other figures are of that
//! round. CPU is of both switches together, beyond what `raw` takes of it; for `sync` it includes bringing the session
//! up. `busy` is the share of the time in which the SAI thread was inside SAI.

#[allow(dead_code, reason = "the other benchmark watches other things")]
mod device;
mod raw;

use device::{Device, Spec};
use mlagsync::addr::{InterfaceId, Mac, VlanId};
use mlagsync::mirror::batch::{Batch, BatchId, Op, OpKind, Outcome};
use mlagsync::neighbor::{Attachment, Flags, Host, Key};
use mlagsync::node::io::Evidence;
use mlagsync::run::asic::Executor;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Every other host is IPv6.
fn ip(n: u32) -> IpAddr {
    match n % 2 {
        0 => Ipv4Addr::from(0x0a00_0000 + n).into(),
        _ => Ipv6Addr::from((0x2001_0db8 << 96) | u128::from(n)).into(),
    }
}

fn mac(n: u32) -> Mac {
    let [a, b, c, d] = n.to_be_bytes();
    Mac([2, 0, a, b, c, d])
}

fn interface() -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(10).expect("10 is a VLAN"))
}

fn evidence(n: u32) -> Evidence {
    let key = Key { interface: interface(), ip: ip(n) };
    let attachment = Attachment::Orphan;
    Evidence::Learned { key, mac: mac(n), attachment, flags: Flags::default(), fresh: true }
}

/// CPU time of this process, user and system.
fn cpu() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: a place for the answer.
    let answer = unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) };
    assert_eq!(answer, 0);
    // SAFETY: zeroed, then written.
    let usage = unsafe { usage.assume_init() };
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}

/// How often each way is measured.
const ROUNDS: usize = 5;

/// One way to get the entries in.
type Way<'a> = Box<dyn Fn() -> Measured + 'a>;

/// What one way took.
struct Measured {
    wall: Duration,
    cpu: Duration,
    /// Inside SAI.
    asic: Duration,
    calls: u64,
}

fn measured(asic_and_calls: impl FnOnce() -> (Duration, u64)) -> Measured {
    let (begin, before) = (Instant::now(), cpu());
    let (asic, calls) = asic_and_calls();
    Measured { wall: begin.elapsed(), cpu: cpu() - before, asic, calls }
}

fn executor(library: &std::path::Path, profile: &str, n: u32) -> Measured {
    let (switch, rif) = device::hardware(library, profile);
    let mut executor = Executor::new(&switch);
    let op = |n: u32| Op { row: n, rif, ip: ip(n), host: Host { mac: mac(n), no_host_route: false } };
    let batches: Vec<Batch> = (0..n)
        .collect::<Vec<_>>()
        .chunks(4096)
        .map(|chunk| Batch {
            id: BatchId(0),
            kind: OpKind::Create,
            ops: chunk.iter().map(|n| op(*n)).collect(),
        })
        .collect();
    measured(|| {
        let (mut ns, mut calls) = (0, 0);
        for batch in &batches {
            let done = executor.execute(batch);
            assert!(done.outcomes.iter().all(|outcome| *outcome == Outcome::Done));
            ns += done.asic_ns;
            calls += u64::from(done.calls);
        }
        (Duration::from_nanos(ns), calls)
    })
}

/// The session is up, then the entries are learned.
fn learn(library: [&std::path::Path; 2], profile: &str, n: u32) -> Measured {
    let [learner, programmed] = pair(library, profile);
    programmed.wait_up();
    learner.wait_up();
    let all: Vec<Evidence> = (0..n).map(evidence).collect();
    programmed.await_programmed(n);
    let (begin, before) = (Instant::now(), cpu());
    for chunk in all.chunks(1024) {
        learner.learn(chunk.to_vec());
    }
    let wall = programmed.wait_programmed() - begin;
    let (asic, calls) = programmed.asic_time();
    Measured { wall, cpu: cpu() - before, asic, calls }
}

/// The entries are there, then the session comes up.
fn sync(library: [&std::path::Path; 2], profile: &str, n: u32) -> Measured {
    let [learner, programmed] = pair_without_channel(library, profile);
    let all: Vec<Evidence> = (0..n).map(evidence).collect();
    for chunk in all.chunks(1024) {
        learner.learn(chunk.to_vec());
    }
    learner.wait_learned(n);
    programmed.await_programmed(n);
    let before = cpu();
    learner.configure();
    programmed.configure();
    let wall = programmed.wait_programmed() - programmed.wait_up();
    let (asic, calls) = programmed.asic_time();
    Measured { wall, cpu: cpu() - before, asic, calls }
}

fn pair_without_channel(library: [&std::path::Path; 2], profile: &str) -> [Device; 2] {
    // Loopback has a whole /8 of addresses; the port is one that the kernel says is free.
    let port = device::free_port();
    let [a, b]: [IpAddr; 2] = [[127, 0, 0, 1].into(), [127, 0, 0, 2].into()];
    [
        Device::start(Spec { node: 1, own: a, peer: b, port, library: library[0], profile }),
        Device::start(Spec { node: 2, own: b, peer: a, port, library: library[1], profile }),
    ]
}

fn pair(library: [&std::path::Path; 2], profile: &str) -> [Device; 2] {
    let pair = pair_without_channel(library, profile);
    for device in &pair {
        device.configure();
    }
    pair
}

struct Arguments {
    sizes: Vec<u32>,
    profile: String,
}

fn arguments() -> Arguments {
    let (mut sizes, mut profile, mut is_bench) = (Vec::new(), String::new(), false);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--bench" => is_bench = true,
            "--call-ns" | "--entry-ns" => {
                let key = if word == "--call-ns" { "SAI_SIM_CALL_NS" } else { "SAI_SIM_ENTRY_NS" };
                let value = words.next().expect("a number of nanoseconds follows");
                profile.push_str(&format!("{key}={value}\n"));
            }
            word => sizes.extend(word.replace(['_', ','], "").parse::<u32>()),
        }
    }
    if sizes.is_empty() {
        // Without `--bench` cargo runs it as a test: that it works at all.
        sizes = if is_bench { vec![10_000, 50_000, 128_000] } else { vec![500] };
    }
    Arguments { sizes, profile }
}

fn main() {
    let Arguments { sizes, profile } = arguments();
    let copies = device::Copies::new();
    println!(
        "{:>9} {:<9} {:>6} {:>12} {:>9} {:>9} {:>5} {:>6}",
        "entries", "way", "ratio", "entries/s", "CPU ns/e", "SAI ns/e", "busy", "calls"
    );
    for n in sizes {
        let fresh = || -> [PathBuf; 2] { [copies.fresh(), copies.fresh()] };
        let ways: [(&str, Way<'_>); 4] = [
            ("raw", Box::new(|| raw::create(&copies.fresh(), &profile, n))),
            ("executor", Box::new(|| executor(&copies.fresh(), &profile, n))),
            (
                "learn",
                Box::new(|| {
                    let [a, b] = fresh();
                    learn([&a, &b], &profile, n)
                }),
            ),
            (
                "sync",
                Box::new(|| {
                    let [a, b] = fresh();
                    sync([&a, &b], &profile, n)
                }),
            ),
        ];
        // All ways take part in each round, so that none has the quiet hour for itself, and what is compared was
        // measured within a second.
        let rounds: Vec<Vec<Measured>> =
            (0..ROUNDS).map(|_| ways.iter().map(|(_, way)| way()).collect()).collect();
        for (at, (name, _)) in ways.iter().enumerate() {
            let mut pairs: Vec<_> = rounds.iter().map(|round| (&round[0], &round[at])).collect();
            let ratio = |(raw, way): &(&Measured, &Measured)| raw.wall.as_secs_f64() / way.wall.as_secs_f64();
            pairs.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
            let (raw, way) = pairs[ROUNDS / 2];
            let each = |duration: Duration| duration.as_nanos() as f64 / f64::from(n);
            println!(
                "{n:>9} {name:<9} {:>6.2} {:>12.0} {:>9.0} {:>9.0} {:>5.2} {:>6}",
                ratio(&(raw, way)),
                1e9 / each(way.wall),
                each(way.cpu.saturating_sub(raw.cpu)),
                each(way.asic),
                way.asic.as_secs_f64() / way.wall.as_secs_f64(),
                way.calls,
            );
        }
    }
}
