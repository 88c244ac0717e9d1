//! What happens after the first synchronisation: a host appears, changes its MAC, goes; a daemon dies and comes back.
//!
//! Everything happens to leaf-1's kernel or daemon, and is over when leaf-2's ASIC has it.

use super::error::DemoError;
use super::hosts::{Host, Port, latecomer};
use super::pair::Pair;
use super::patience::{LONG, Poll};
use super::progress::Progress;
use super::report::Act;
use super::world::Leaf;
use mlagsync::addr::Mac;
use mlagsync::node::view::{Counters, HostState};
use std::time::Instant;

/// How often a single change is made, to have a median.
const TIMES: usize = 21;

/// A host appears, changes its MAC many times, and goes.
pub(crate) fn single_changes(pair: &mut Pair, count: u32) -> Result<Vec<Act>, DemoError> {
    let mut host = Host { port: Port::MlagMember, ..latecomer(count, 0) };
    let (mut appeared, mut moved, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..TIMES {
        host.mac.0[5] = 2 * round as u8;
        appeared.push(put(pair, host)?);
        host.mac.0[5] += 1;
        moved.push(put(pair, host)?);
        gone.push(change(pair, &host, None, |leaf| leaf.forget(&host))?);
    }
    Ok(vec![act("a neighbour appears", appeared), act("its MAC changes", moved), act("it is deleted", gone)])
}

/// Puts an entry into leaf-1's kernel; the milliseconds until leaf-2's ASIC has it.
fn put(pair: &mut Pair, host: Host) -> Result<f64, DemoError> {
    change(pair, &host, Some(host.mac), |leaf| leaf.install(std::iter::once(host)))
}

/// Changes leaf-1's kernel; the milliseconds until leaf-2's ASIC has followed: until SAI has answered one more write.
///
/// The clock stops at a counter, because asking for it costs next to nothing however long the table is. That it was
/// this entry that was written, and what, is looked at afterwards.
fn change(
    pair: &mut Pair,
    host: &Host,
    mac: Option<Mac>,
    act: impl FnOnce(&mut Leaf) -> Result<(), DemoError>,
) -> Result<f64, DemoError> {
    let patience = pair.patience.clone();
    let other = &mut pair.switches[1];
    let what = match mac {
        Some(mac) => format!("leaf-2's ASIC to hold {} at {mac}", host.ip),
        None => format!("leaf-2's ASIC to let go of {}", host.ip),
    };
    let before = writes(&other.counters()?);
    let began = Instant::now();
    act(&mut pair.world.leaves[0])?;
    let took = patience.instant(&what, LONG, || {
        Ok(match writes(&other.counters()?) > before {
            true => Poll::Ready(began.elapsed().as_secs_f64() * 1e3),
            false => Poll::NotYet(String::new()),
        })
    })?;
    patience.until(&what, LONG, || {
        let row = other.host(host.ip)?;
        let held = match (&row, mac) {
            (None, None) => true,
            (Some(row), Some(mac)) => row.programmed == Some(mac) && row.state == HostState::Programmed,
            _ => false,
        };
        Ok(match held {
            true => Poll::Ready(()),
            false => Poll::NotYet(row.map_or("it does not".to_owned(), |row| format!("{:?}", row.state))),
        })
    })?;
    Ok(took)
}

/// leaf-1's daemon dies without a word; meanwhile its kernel learns, changes and forgets; then it comes back.
///
/// Answers the act, and what is wrong: leaf-2 must keep what it had while leaf-1 was away, and write no more than what
/// changed afterwards.
pub(crate) fn crash(
    pair: &mut Pair,
    hosts: &[Host],
    progress: &Progress,
) -> Result<(Act, Vec<String>), DemoError> {
    let before = pair.switches[1].counters()?;
    pair.switches[0].crash();
    let patience = pair.patience.clone();
    patience.until("leaf-2 to see that leaf-1 is gone", LONG, || {
        Ok(match pair.switches[1].session()?.up {
            true => Poll::NotYet(String::new()),
            false => Poll::Ready(()),
        })
    })?;
    let changes = change_kernel(pair, hosts)?;
    let alone = pair.switches[1].counters()?;
    let expected = pair.kernel_counts()?;
    let began = Instant::now();
    pair.start_one(0)?;
    let [_, after] = pair.settle(expected, progress)?;
    let took = began.elapsed().as_secs_f64() * 1e3;

    let mut problems = Vec::new();
    let (lost, written) = (alone.removes - before.removes, writes(&after) - writes(&before));
    if lost > 0 {
        problems.push(format!("leaf-2 removed {lost} entries because leaf-1's daemon was away"));
    }
    if written != changes {
        problems.push(format!(
            "{changes} neighbours changed while leaf-1's daemon was away; leaf-2 wrote {written}"
        ));
    }
    Ok((act("its daemon is killed and started again", vec![took]), problems))
}

fn writes(counters: &Counters) -> u64 {
    counters.creates + counters.sets + counters.removes
}

/// Changes leaf-1's kernel: one entry more, one with another MAC, one less; answers how many that is.
fn change_kernel(pair: &mut Pair, hosts: &[Host]) -> Result<u64, DemoError> {
    let leaf = &mut pair.world.leaves[0];
    let count = u32::try_from(hosts.len()).unwrap_or(u32::MAX);
    leaf.install(std::iter::once(latecomer(count, 0)))?;
    let mut own =
        hosts.iter().rev().filter(|host| host.leaf == 0 && host.way == super::hosts::Way::Installed);
    let mut changes = 1;
    if let Some(host) = own.next() {
        leaf.forget(host)?;
        changes += 1;
    }
    if let Some(&(mut host)) = own.next() {
        host.mac.0[1] = 0xee;
        leaf.install(std::iter::once(host))?;
        changes += 1;
    }
    Ok(changes)
}

/// Something that happened so often, each time for so long.
pub(super) fn act(what: &str, mut times: Vec<f64>) -> Act {
    times.sort_by(f64::total_cmp);
    let median_ms = times.get(times.len() / 2).copied().unwrap_or_default();
    let longest_ms = times.last().copied().unwrap_or_default();
    Act { what: what.to_owned(), times: times.len(), median_ms, longest_ms }
}
