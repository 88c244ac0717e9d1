//! The cursor, in a node whose table is written to directly.

use crate::addr::{InterfaceId, Mac, VpnInstance};
use crate::limits::{KERNEL_WORD, KERNEL_WORDS};
use crate::mirror::batch::{Batch, BatchDone, Outcome};
use crate::neighbor::{Attachment, Claim, Flags, Key};
use crate::node::io::{Binding, Evidence, Input, KernelSweep, KernelWant, KernelWord, Output, RifState};
use crate::node::{Node, NodeSettings, Ownership, Tuning};
use crate::sai::id::Oid;
use crate::table::evidence::Footing;
use crate::time::Time;
use std::net::Ipv4Addr;
use std::time::Duration;

const A: Mac = Mac([2, 0, 0, 0, 0, 1]);
const B: Mac = Mac([2, 0, 0, 0, 0, 2]);

fn interface() -> InterfaceId {
    "Vlanif10".parse().expect("legal")
}

fn key(n: u32) -> Key {
    Key { interface: interface(), ip: Ipv4Addr::from(0x0a00_0000 + n).into() }
}

fn claim(mac: Mac) -> Claim {
    Claim { mac, attachment: Attachment::Orphan, flags: Flags::default(), counter: 0 }
}

fn host(mac: Mac) -> KernelWant {
    KernelWant::Host { mac, router: false }
}

fn at(seconds: u64) -> Time {
    Time::ZERO + Duration::from_secs(seconds)
}

fn node() -> Node {
    let tuning = Tuning::default();
    let settings = NodeSettings { seed: 7, ownership: Ownership::All, fdb: Default::default(), tuning };
    let mut node = Node::new(settings);
    node.handle(Time::ZERO, Input::KernelMirror);
    node.handle(
        Time::ZERO,
        Input::Bind(Binding {
            interface: interface(),
            vrf: VpnInstance::public(),
            rif: Oid::from_raw(6),
            mac: Mac([2, 0, 0, 0, 0, 0xfe]),
            addresses: Vec::new(),
            state: RifState::Up,
            footing: Footing::Untold,
        }),
    );
    node
}

/// Lets the node work until it has nothing more to do, and takes its words.
fn words(node: &mut Node, now: Time) -> Vec<KernelWord> {
    let mut words = Vec::new();
    node.handle(now, Input::Wake);
    loop {
        while let Some(output) = node.poll() {
            match output {
                Output::Kernel(word) => words.push(word),
                Output::Program(Batch { id, ops, .. }) => {
                    let outcomes = vec![Outcome::Done; ops.len()];
                    let done = BatchDone { id, outcomes, switch_trouble: None, asic_ns: 1, calls: 1 };
                    node.handle(now, Input::BatchDone(done));
                }
                _ => {}
            }
        }
        if node.next_wake().is_none_or(|at| at > now) {
            return words;
        }
        node.handle(now, Input::Wake);
    }
}

/// The same, each word given back as soon as it is taken.
fn all_changes(node: &mut Node, now: Time) -> Vec<(Key, KernelWant)> {
    let mut changes = Vec::new();
    loop {
        let words = words(node, now);
        if words.is_empty() {
            return changes;
        }
        for word in words {
            changes.extend(word.changes);
            node.handle(now, Input::KernelTaken);
        }
    }
}

fn learned(mac: Mac, n: u32, fresh: bool) -> Input {
    let flags = Flags::default();
    Input::Evidence(vec![Evidence::Learned {
        key: key(n),
        mac,
        attachment: Attachment::Orphan,
        flags,
        fresh,
    }])
}

#[test]
fn a_host_of_the_peers_is_told_changed_and_taken_back_and_changes_coalesce() {
    let mut node = node();
    node.table.remote_upsert(&[(key(1), claim(A))]);
    assert_eq!(all_changes(&mut node, at(0)), [(key(1), host(A))]);
    let router = Claim { flags: Flags::ROUTER, ..claim(B) };
    node.table.remote_upsert(&[(key(1), claim(B))]);
    node.handle(at(0), Input::Wake);
    node.table.remote_upsert(&[(key(1), router)]);
    let now = KernelWant::Host { mac: B, router: true };
    assert_eq!(all_changes(&mut node, at(0)), [(key(1), now)]);
    // There and back again is nothing.
    node.table.remote_upsert(&[(key(1), claim(A))]);
    node.handle(at(0), Input::Wake);
    node.table.remote_upsert(&[(key(1), router)]);
    assert_eq!(all_changes(&mut node, at(0)), []);
    node.table.remote_delete(&[key(1)]);
    assert_eq!(all_changes(&mut node, at(0)), [(key(1), KernelWant::Nothing)]);
}

#[test]
fn what_was_learned_here_becomes_the_kernels_own_and_is_else_not_told() {
    let mut node = node();
    node.handle(at(0), learned(A, 1, true));
    assert_eq!(all_changes(&mut node, at(0)), [], "whatever the ownership of the ASIC is");
    node.table.remote_upsert(&[(key(2), claim(A))]);
    assert_eq!(all_changes(&mut node, at(0)), [(key(2), host(A))]);
    node.handle(at(0), learned(B, 2, true));
    assert_eq!(all_changes(&mut node, at(0)), [(key(2), KernelWant::Own)]);
    node.handle(at(0), Input::Evidence(vec![Evidence::Forgotten { key: key(2) }]));
    assert_eq!(all_changes(&mut node, at(0)), [(key(2), host(A))], "the peer's claim counts again");
}

#[test]
fn a_mirror_that_takes_nothing_costs_no_more_than_two_words() {
    const MANY: u32 = 5 * KERNEL_WORD as u32;
    let mut node = node();
    for mac in [A, B, A, B] {
        let claims: Vec<_> = (0..MANY).map(|n| (key(n), claim(mac))).collect();
        node.table.remote_upsert(&claims);
        words(&mut node, at(0));
    }
    assert_eq!(words(&mut node, at(0)), [], "until one is given back");
    assert!(node.kernel.dirty.len() <= MANY as usize, "a mark a row, however often it changes");
    node.handle(at(0), Input::KernelTaken);
    let next = words(&mut node, at(0));
    assert_eq!(next.iter().map(|word| word.changes.len()).collect::<Vec<_>>(), [KERNEL_WORD]);
    for _ in 0..KERNEL_WORDS {
        node.handle(at(0), Input::KernelTaken);
    }
    let rest = all_changes(&mut node, at(0));
    assert!(rest.iter().all(|(_, want)| *want == host(B)), "what is told late is told as it is now");
}

#[test]
fn a_rows_number_is_not_given_away_before_the_kernel_was_told() {
    let mut node = node();
    node.table.remote_upsert(&[(key(1), claim(A))]);
    words(&mut node, at(0));
    // Both words are under way, so nothing more can be told.
    node.kernel.under_way = KERNEL_WORDS;
    node.table.remote_delete(&[key(1)]);
    words(&mut node, at(0));
    node.table.remote_upsert(&[(key(2), claim(B))]);
    words(&mut node, at(0));
    node.kernel.under_way = 0;
    assert_eq!(all_changes(&mut node, at(0)), [(key(1), KernelWant::Nothing), (key(2), host(B))]);
    let rows = node.table.rows();
    node.table.remote_upsert(&[(key(3), claim(B))]);
    all_changes(&mut node, at(0));
    assert_eq!(node.table.rows(), rows, "told, it is free again");
}

#[test]
fn leftovers_may_go_when_both_have_told_everything_or_after_the_stale_timer() {
    let sweeps = |node: &mut Node, now| {
        let words = words(node, now);
        for _ in &words {
            node.handle(now, Input::KernelTaken);
        }
        words.into_iter().filter_map(|word| word.sweep).collect::<Vec<_>>()
    };
    let mut told = node();
    told.peer_has_named();
    assert_eq!(sweeps(&mut told, at(1)), [], "this device has not told everything");
    told.handle(at(1), Input::LocalComplete);
    assert_eq!(sweeps(&mut told, at(1)), [KernelSweep::Told]);
    assert_eq!(sweeps(&mut told, at(2)), [], "once");
    let stale = Tuning::default().life.stale;
    told.handle(Time::ZERO + stale, Input::Wake);
    assert_eq!(sweeps(&mut told, Time::ZERO + stale), [KernelSweep::All]);

    let mut alone = node();
    alone.handle(at(1), Input::LocalComplete);
    assert_eq!(sweeps(&mut alone, at(1)), [], "the peer has not");
    assert_eq!(alone.kernel_due(), Some(Time::ZERO + stale));
    alone.handle(at(2), Input::Sweep);
    assert_eq!(sweeps(&mut alone, at(2)), [KernelSweep::All], "an operator says so");
}
