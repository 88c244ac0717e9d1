//! The host table by single and by bulk calls at cost 0, and how it grows.
//!
//! `cargo bench -p sai-sim` prints entries per second; the figures of the README are from here.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a step that fails ends the benchmark; criterion's macros"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
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
    fn new(shape: Shape, count: usize) -> Self {
        let client = Client::new(&[("SAI_SIM_PORTS", "1")]);
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

/// Times creates into an empty table.
fn time(load: &Load, iterations: u64, create: impl Fn(&Load)) -> Duration {
    let mut total = Duration::ZERO;
    for _ in 0..iterations {
        let start = Instant::now();
        create(load);
        total += start.elapsed();
        load.clear();
    }
    total
}

fn benches(criterion: &mut Criterion) {
    for (name, shape) in [
        ("v4", Shape::V4),
        ("v6", Shape::V6),
        ("one link-local on 4000 interfaces", Shape::LinkLocal),
        ("v6 high bits", Shape::HighBits),
    ] {
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_secs(1));
        for size in SIZES {
            let load = Load::new(shape, size);
            load.create_bulk();
            println!("{name} {size}: {} bytes per neighbour", load.client.switch.host_bytes() / size);
            load.clear();
            group.throughput(Throughput::Elements(size as u64));
            group.bench_function(BenchmarkId::new("bulk", size), |b| {
                b.iter_custom(|n| time(&load, n, Load::create_bulk));
            });
            group.bench_function(BenchmarkId::new("single", size), |b| {
                b.iter_custom(|n| time(&load, n, Load::create_single));
            });
        }
        group.finish();
    }
}

criterion_group!(neighbors, benches);
criterion_main!(neighbors);
