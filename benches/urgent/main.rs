//! How soon a single change reaches the other switch's ASIC while that is busy with a full sync.
//!
//! ```text
//! cargo bench --bench urgent                    128,000 entries, 20 us a call and 5 us an entry
//! cargo bench --bench urgent -- 50000           so many
//! ```
//!
//! A host that the sync has programmed already gets another MAC on the switch that learned it, every two milliseconds
//! another host, until the sync is over. What is measured is the time from that evidence to the SAI status of the SET on
//! the other switch: over TCP, through both nodes, behind what the ASIC has before it.

#[allow(dead_code, reason = "the other benchmark watches other things")]
#[path = "../sync/device.rs"]
mod device;

use device::{Device, Spec};
use mlagsync::addr::{InterfaceId, Mac, VlanId};
use mlagsync::neighbor::{Attachment, Flags, Key};
use mlagsync::node::io::Evidence;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::thread;
use std::time::{Duration, Instant};

/// The ASIC takes its time, and takes it really.
const PROFILE: &str = "SAI_SIM_CALL_NS=20000\nSAI_SIM_ENTRY_NS=5000\nSAI_SIM_CLOCK=real\n";
/// Between two changes.
const EVERY: Duration = Duration::from_millis(2);
/// How often it is measured.
const ROUNDS: usize = 5;

fn interface() -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(10).expect("10 is a VLAN"))
}

/// Every other host is IPv6.
fn ip(n: u32) -> IpAddr {
    match n % 2 {
        0 => Ipv4Addr::from(0x0a00_0000 + n).into(),
        _ => Ipv6Addr::from((0x2001_0db8 << 96) | u128::from(n)).into(),
    }
}

fn mac(n: u32, generation: u8) -> Mac {
    let [a, b, c, d] = n.to_be_bytes();
    Mac([2 + 4 * generation, 0, a, b, c, d])
}

fn evidence(n: u32, generation: u8) -> Evidence {
    let key = Key { interface: interface(), ip: ip(n) };
    let attachment = Attachment::Orphan;
    Evidence::Learned { key, mac: mac(n, generation), attachment, flags: Flags::default(), fresh: true }
}

/// One full sync; answers how long each change took, and how long the sync.
fn round(copies: &device::Copies, n: u32) -> (Vec<Duration>, Duration) {
    let port = device::free_port();
    let [a, b]: [IpAddr; 2] = [[127, 0, 0, 1].into(), [127, 0, 0, 2].into()];
    let [first, second] = [copies.fresh(), copies.fresh()];
    let learner = Device::start(Spec { node: 1, own: a, peer: b, port, library: &first, profile: PROFILE });
    let programmed =
        Device::start(Spec { node: 2, own: b, peer: a, port, library: &second, profile: PROFILE });
    let all: Vec<Evidence> = (0..n).map(|n| evidence(n, 0)).collect();
    for chunk in all.chunks(1024) {
        learner.learn(chunk.to_vec());
    }
    learner.wait_learned(n);
    programmed.await_programmed(n);
    learner.configure();
    programmed.configure();
    // What is told first is programmed first.
    let there = n / 64;
    programmed.wait_for(there);
    let began = programmed.wait_up();
    let mut changed = HashMap::new();
    for host in (0..there / 2).cycle() {
        if programmed.programmed() >= n || changed.contains_key(&ip(host)) {
            break;
        }
        changed.insert(ip(host), Instant::now());
        learner.learn(vec![evidence(host, 1)]);
        thread::sleep(EVERY);
    }
    let took = programmed.wait_programmed() - began;
    let sets = programmed.wait_sets(changed.len());
    let late = sets.iter().filter(|(_, mac, _)| mac.0[0] == 6);
    let took_each: Vec<Duration> = late.map(|(ip, _, at)| *at - changed[ip]).collect();
    assert_eq!(took_each.len(), changed.len(), "every change arrives, each once");
    (took_each, took)
}

fn main() {
    let is_bench = std::env::args().any(|word| word == "--bench");
    let n = std::env::args().skip(1).find_map(|word| word.replace(['_', ','], "").parse().ok());
    // Without `--bench` cargo runs it as a test: that it works at all.
    let n: u32 = n.unwrap_or(if is_bench { 128_000 } else { 2_000 });
    let copies = device::Copies::new();
    println!(
        "{:>9} {:>8} {:>9} {:>9} {:>9} {:>9}",
        "entries", "changes", "sync ms", "p50 ms", "p99 ms", "worst ms"
    );
    for _ in 0..if is_bench { ROUNDS } else { 1 } {
        let (mut took, sync) = round(&copies, n);
        took.sort();
        let ms = |duration: Duration| duration.as_secs_f64() * 1e3;
        let at = |percent: usize| {
            took.get((took.len() * percent / 100).min(took.len() - 1)).copied().unwrap_or_default()
        };
        println!(
            "{n:>9} {:>8} {:>9.1} {:>9.2} {:>9.2} {:>9.2}",
            took.len(),
            ms(sync),
            ms(at(50)),
            ms(at(99)),
            ms(at(100))
        );
    }
}
