//! Restarts with the ASIC intact: a process that drives a simulated ASIC with a journal is killed anywhere, and the next
//! one takes over what it left.
//!
//! ```text
//!   parent ──► child: node, executor, journal ──► simulator ──► state file, trace     killed at a drawn call
//!          ──► child: the same, from the state file                                   must converge
//!          ──► reads the trace: nothing that was wanted all along was removed, or made twice
//! ```

#![allow(clippy::unwrap_used, reason = "a test")]

mod disk;
mod kill;
mod late;
mod life;
mod start;
mod tables;

use mlagsync::addr::{InterfaceId, Mac};
use mlagsync::neighbor::Key;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What a switch should hold.
type Hosts = BTreeMap<Key, Mac>;

/// Hosts that are there all the time, with the same MAC.
const STILL: u32 = 24;
/// Behind them, hosts that are there all the time, and change their MAC at each step.
const CHANGING: u32 = 12;
/// Behind those, hosts that come and go.
const VISITING: u32 = 24;

/// The key of the nth host.
fn key(n: u32) -> Key {
    let interface: InterfaceId = INTERFACES[n as usize % INTERFACES.len()].0.parse().unwrap();
    let ip: IpAddr = match n % 4 {
        0 => format!("2001:db8::{n:x}").parse().unwrap(),
        _ => format!("10.0.0.{}", n + 10).parse().unwrap(),
    };
    Key { interface, ip }
}

/// The interfaces of the switch, and their VPN instances.
const INTERFACES: [(&str, &str); 3] =
    [("Vlanif10", "_public_"), ("Vbdif5010", "red"), ("Eth-Trunk1", "_public_")];

/// The table at a step of a history.
fn hosts(seed: u64, step: u64) -> Hosts {
    let mut hosts = Hosts::new();
    for n in 0..STILL + CHANGING + VISITING {
        let visits = mix(seed ^ mix(step << 16 | u64::from(n))).is_multiple_of(2);
        let generation = if n < STILL { 0 } else { step as u8 };
        if n < STILL + CHANGING || visits {
            hosts.insert(key(n), Mac([2, 0, generation, 0, 0, n as u8]));
        }
    }
    hosts
}

/// SplitMix64: numbers that look drawn, and repeat.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
