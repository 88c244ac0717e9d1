//! The host table by single and by bulk calls, and how it grows; what a state file, a trace, a rule cost; and the
//! packet question.
//!
//! `cargo bench -p sai-sim` prints entries per second of the CPU's time, not the clock's, so that a machine that has
//! other work too gives nearly the same; the figures of the README are from here.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a step that fails ends the benchmark; criterion's macros"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nix::time::{ClockId, clock_gettime};
use sai::inspect::Verdict;
use sai_sys::*;
use support::*;

/// Entries of the table, of every shape.
const SIZES: [usize; 4] = [1_024, 10_240, 131_072, 1_048_576];

/// Entries of one bulk call.
const BATCH: usize = 1024;

/// Which addresses.
#[derive(Clone, Copy)]
enum Shape {
    V4,
    V6,
    /// One link-local address on 4,000 interfaces, then the next.
    LinkLocal,
    /// Addresses that differ only in their high bits.
    HighBits,
}

struct Load {
    client: Client,
    entries: Vec<sai_neighbor_entry_t>,
    mac: sai_attribute_t,
}

impl Load {
    fn new(shape: Shape, count: usize, profile: &[(&str, &str)]) -> Self {
        let client = Client::new(&[&[("SAI_SIM_PORTS", "1")], profile].concat());
        let rifs: Vec<_> = match shape {
            Shape::LinkLocal => (0..4000).map(|_| client.vlan_rif(&[]).unwrap()).collect(),
            _ => vec![client.rif],
        };
        let entry = |i: usize| {
            let n = i as u32;
            let ip = match shape {
                Shape::V4 => Ipv4Addr::from(0x0a00_0001 + n).into(),
                Shape::V6 => Ipv6Addr::from((0x2001_0db8 << 96) + u128::from(n) + 1).into(),
                Shape::LinkLocal => Ipv6Addr::from((0xfe80 << 112) + (i / rifs.len()) as u128 + 1).into(),
                Shape::HighBits => Ipv6Addr::from((0x2000 << 112) + (u128::from(n) << 80) + 1).into(),
            };
            client.entry_at(rifs[i % rifs.len()], ip)
        };
        let entries = (0..count).map(entry).collect();
        Self { client, entries, mac: mac(1) }
    }

    fn create_bulk(&self) {
        let create = self.client.neighbor.create_neighbor_entries.unwrap();
        let (counts, mut lists) = ([1_u32; BATCH], [&raw const self.mac; BATCH]);
        let mut statuses = [UNTOUCHED; BATCH];
        for batch in self.entries.chunks(BATCH) {
            // SAFETY: all places are ours.
            let status = unsafe {
                create(
                    batch.len() as u32,
                    batch.as_ptr(),
                    counts.as_ptr(),
                    lists.as_mut_ptr(),
                    STOP,
                    statuses.as_mut_ptr(),
                )
            };
            assert_eq!(status, SUCCESS);
        }
    }

    fn create_single(&self) {
        for entry in &self.entries {
            assert_eq!(self.client.create(entry, &[self.mac]), SUCCESS);
        }
    }

    fn clear(&self) {
        for batch in self.entries.chunks(BATCH) {
            assert_eq!(self.client.remove_many(batch, STOP).0, SUCCESS);
        }
    }
}

/// What this thread has taken of a CPU.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

/// Times creates into a table that was as large before.
fn time(load: &Load, iterations: u64, create: impl Fn(&Load)) -> Duration {
    let mut total = Duration::ZERO;
    for _ in 0..iterations {
        let start = cpu_time();
        create(load);
        total += cpu_time() - start;
        load.clear();
    }
    total
}

fn group<'a>(criterion: &'a mut Criterion, name: &str, count: usize) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .throughput(Throughput::Elements(count as u64));
    group
}

/// Shapes and sizes, single against bulk.
fn sizes(criterion: &mut Criterion) {
    for (name, shape) in [
        ("v4", Shape::V4),
        ("v6", Shape::V6),
        ("one link-local on 4000 interfaces", Shape::LinkLocal),
        ("v6 high bits", Shape::HighBits),
    ] {
        for size in SIZES {
            let load = Load::new(shape, size, &[]);
            load.create_bulk();
            println!("{name} {size}: {} bytes per neighbour", load.client.switch.host_bytes() / size);
            load.clear();
            let mut group = group(criterion, name, size);
            group.bench_function(BenchmarkId::new("bulk", size), |b| {
                b.iter_custom(|n| time(&load, n, Load::create_bulk));
            });
            group.bench_function(BenchmarkId::new("single", size), |b| {
                b.iter_custom(|n| time(&load, n, Load::create_single));
            });
            group.finish();
        }
    }
}

/// Entries of the tables that are compared.
const COMPARED: usize = 131_072;

/// The same bulk creates with one key of the profile.
fn profiles(criterion: &mut Criterion) {
    let file = std::env::temp_dir().join(format!("sai-sim-bench-{}", std::process::id()));
    let path = file.to_str().unwrap();
    for (name, profile) in [
        ("nothing", &[][..]),
        ("cost 0", &[("SAI_SIM_CALL_NS", "0")]),
        ("a rule that strikes nobody", &[("SAI_SIM_FAULTS", "create fdb lie")]),
        ("padding", &[("SAI_SIM_MISUSE", "report+padding")]),
        ("a host table by router", &[("SAI_SIM_HOST_KEY", "router")]),
        ("a state file", &[("SAI_SIM_STATE", path)]),
        ("a trace", &[("SAI_SIM_TRACE", path)]),
    ] {
        let load = Load::new(Shape::V4, COMPARED, profile);
        load.create_bulk();
        load.clear();
        let mut group = group(criterion, "v4 bulk, with", COMPARED);
        group.bench_function(name, |b| b.iter_custom(|n| time(&load, n, Load::create_bulk)));
        group.finish();
        drop(load);
        let _ = std::fs::remove_file(&file);
    }
}

/// The first creates of all, while the table grows.
fn growth(criterion: &mut Criterion) {
    let mut group = group(criterion, "v4 bulk, as the table grows", COMPARED);
    group.bench_function("131072", |b| {
        b.iter_custom(|n| {
            let fresh = || Load::new(Shape::V4, COMPARED, &[]);
            (0..n).map(|_| time(&fresh(), 1, Load::create_bulk)).sum()
        });
    });
    group.finish();
}

/// Where does a packet to each of the neighbours go?
fn questions(criterion: &mut Criterion) {
    for size in SIZES {
        let load = Load::new(Shape::V4, size, &[]);
        load.create_bulk();
        let router = load.client.switch.default_virtual_router();
        let ask =
            |n: usize| load.client.switch.forward(router, Ipv4Addr::from(0x0a00_0001 + n as u32).into());
        let mut group = group(criterion, "packet questions", size);
        group.bench_function(size.to_string(), |b| {
            b.iter_custom(|n| {
                let start = cpu_time();
                for _ in 0..n {
                    (0..size).for_each(|n| assert_ne!(ask(n), Verdict::Drop));
                }
                cpu_time() - start
            });
        });
        group.finish();
    }
}

criterion_group!(neighbors, profiles, growth, sizes, questions);
criterion_main!(neighbors);
