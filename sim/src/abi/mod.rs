//! The C shell: everything that a C caller can reach, and all of the simulator's unsafe code.
//!
//! Each function checks its pointers, copies what they point to, and hands values to a switch. A panic becomes
//! FAILURE; a call before initialise or after uninitialise becomes UNINITIALIZED.
//!
//! Invariant: no reference into a caller's memory outlives the call; no padding and no unused union byte is read, but
//! to be counted where the profile asks for it; booleans are read as bytes.

mod absent;
pub(crate) mod attr;
mod bulk;
mod entries;
pub mod extra;
pub mod globals;
pub mod looks;
mod members;
pub(crate) mod notify;
mod objects;
pub(crate) mod play;
pub mod queries;
pub(crate) mod record;
pub(crate) mod services;
mod stats;
mod switches;
mod tables;
mod wire;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use sai_sys::{Status, sai_object_type_t, sai_status_t};

use crate::calls::Op;
use crate::refusal::Result;
use crate::switch::Switch;
use crate::world;

pub(crate) use switches::{boot_traced, remove_traced};

/// Runs the body of a C function: no panic gets out of it.
fn guard(body: impl FnOnce() -> Result<()>) -> sai_status_t {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => Status::SUCCESS.0,
        Ok(Err(status)) => status.0,
        Err(_) => Status::FAILURE.0,
    }
}

/// The session, which a caller must not have ended.
fn session() -> Result<world::Session> {
    world::blame(world::session())
}

/// Runs a call on the switch that `id` belongs to: counted, talked about, as slow as the cost model wants.
#[inline]
fn on_switch(
    op: Op,
    object: sai_object_type_t,
    entries: u32,
    id: u64,
    body: impl FnOnce(&mut Switch) -> Result<()>,
) -> sai_status_t {
    guard(|| {
        let cell = world::blame(world::find(id))?;
        let mut switch = cell.enter();
        tables::ripen();
        let pace = switch.charge_call(entries);
        switch.land(false);
        switch.calls.add(op, object, entries);
        // What the state file does not take is not piled up: until it does, nothing is changed. A switch can go.
        let stored = switch.save();
        let needs_it = op.changes() && object != sai_object_type_t::SAI_OBJECT_TYPE_SWITCH;
        let result = if needs_it { stored } else { Ok(()) }.and_then(|()| body(&mut switch));
        switch.turn();
        let kept = switch.save();
        let result = if op.changes() { result.and(kept) } else { result };
        if switch.settings.chatter {
            chatter(&op.name(object), entries, result);
        }
        if let Some(pace) = pace {
            wait_until(pace.end());
        }
        result
    })
}

/// Writes a line to stdout, as vendors' libraries do. That it cannot be written is nobody's concern.
fn chatter(name: &str, entries: u32, result: Result<()>) {
    let status = result.err().unwrap_or(Status::SUCCESS);
    let _ = writeln!(std::io::stdout(), "SAI_SIM: {name} entries {entries} -> {status}");
}

/// Sleeps for most of the time and spins for the rest: a sleep alone overshoots by what a call costs.
fn wait_until(end: Instant) {
    const SPIN: Duration = Duration::from_micros(100);
    let left = end.saturating_duration_since(Instant::now());
    if left > 2 * SPIN {
        std::thread::sleep(left - SPIN);
    }
    while Instant::now() < end {
        std::hint::spin_loop();
    }
}

/// What a caller passed as an array.
///
/// # Safety
/// If not null and aligned, `list` points to `count` values that nobody writes while the call runs.
unsafe fn slice<'a, T>(list: *const T, count: u32) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    if list.is_null() || !list.is_aligned() {
        return Err(Status::INVALID_PARAMETER);
    }
    // SAFETY: by this function's contract, and neither null nor misaligned.
    Ok(unsafe { std::slice::from_raw_parts(list, count as usize) })
}

/// What a caller passed as one value.
///
/// # Safety
/// If not null and aligned, `value` points to a value that nobody writes while the call runs.
unsafe fn one<'a, T>(value: *const T) -> Result<&'a T> {
    if value.is_null() || !value.is_aligned() {
        return Err(Status::INVALID_PARAMETER);
    }
    // SAFETY: by this function's contract, and neither null nor misaligned.
    Ok(unsafe { &*value })
}

/// A caller's place for one value.
///
/// # Safety
/// If not null and aligned, `place` points to memory that the caller lets us write.
unsafe fn put<T>(place: *mut T, value: T) -> Result<()> {
    writable(place)?;
    // SAFETY: by this function's contract, and neither null nor misaligned.
    unsafe { place.write(value) };
    Ok(())
}

/// Can something be written here at all?
fn writable<T>(place: *mut T) -> Result<()> {
    if place.is_null() || !place.is_aligned() { Err(Status::INVALID_PARAMETER) } else { Ok(()) }
}
