//! Bounds and times of a switch, its room in the ASIC, and its journal.
//!
//! Invariant: zero is always the default, so that a struct of zeros changes nothing.

use super::builder::change;
use super::convert;
use super::input;
use super::result::*;
use super::text;
use super::types::*;
use crate::addr::VpnInstanceError;
use crate::embed::{RoomLimits, Tuning};
use crate::node::Programming;
use std::ffi::c_char;
use std::time::Duration;

/// Bounds and times.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_limits(
    builder: *mut mlagsync_builder_t,
    limits: *const mlagsync_limits_t,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, readable for its struct_size, or NULL.
        let its = unsafe { input::read("limits", limits) }?;
        let tuning = tuning(&its, &plan.tuning)?;
        let room = room(&its, &plan.room)?;
        (plan.tuning, plan.room) = (tuning, room);
        Ok(())
    })
}

/// The number, or what stands for none.
fn or<T>(number: u64, default: T) -> Answer<T>
where
    T: TryFrom<u64>,
{
    match number {
        0 => Ok(default),
        some => T::try_from(some).map_err(|_| Failure::invalid(format!("{some} is too many"))),
    }
}

fn tuning(its: &mlagsync_limits_t, before: &Tuning) -> Answer<Tuning> {
    let mut tuning = Tuning { life: before.life, ..Tuning::default() };
    tuning.claims = or(its.claims, tuning.claims)?;
    tuning.tombstones = or(its.tombstones, tuning.tombstones)?;
    tuning.sweep_guard = or(its.sweep_guard, tuning.sweep_guard)?;
    tuning.work = or(its.work.into(), tuning.work)?;
    tuning.session.window = or(its.window.into(), tuning.session.window)?;
    tuning.session.frame = or(its.frame.into(), tuning.session.frame)?;
    tuning.scrub.share = or(its.scrub_share.into(), tuning.scrub.share)?;
    tuning.scrub.round = match its.scrub_round_s {
        0 => tuning.scrub.round,
        MLAGSYNC_SCRUB_NEVER => Duration::ZERO,
        seconds => Duration::from_secs(seconds.into()),
    };
    tuning.programming = match its.programming {
        MLAGSYNC_PROGRAMMING_DETECT => Programming::Detect,
        MLAGSYNC_PROGRAMMING_SYNCHRONOUS => Programming::Synchronous,
        MLAGSYNC_PROGRAMMING_ASYNCHRONOUS => Programming::Asynchronous,
        other => return Err(Failure::invalid(format!("there is no programming {other}"))),
    };
    Ok(tuning)
}

fn room(its: &mlagsync_limits_t, before: &RoomLimits) -> Answer<RoomLimits> {
    let some = |number: u64| (number > 0).then_some(number);
    let v6_slots = match its.v6_slots {
        0 => None,
        slots @ 1..=2 => Some(slots as u8),
        other => {
            return Err(Failure::invalid(format!("an IPv6 host takes 1 slot or 2, not {other}")));
        }
    };
    Ok(RoomLimits {
        slots: some(its.slots),
        v6_slots,
        each_vrf: some(its.vrf_hosts),
        each_interface: some(its.interface_hosts),
        ..before.clone()
    })
}

/// How many hosts a VPN instance may have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_vrf_hosts(
    builder: *mut mlagsync_builder_t,
    vrf: *const c_char,
    hosts: u64,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, it ends with a zero, or is NULL.
        let name = unsafe { text::read_optional("vrf", vrf, MLAGSYNC_VRF_SIZE) }?.unwrap_or_default();
        let vrf = match name.is_empty() {
            true => crate::addr::VpnInstance::public(),
            false => name.parse().map_err(|e: VpnInstanceError| Failure::invalid(e.to_string()))?,
        };
        plan.room.vrfs.retain(|(of, _)| *of != vrf);
        if hosts > 0 {
            plan.room.vrfs.push((vrf, hosts));
        }
        Ok(())
    })
}

/// How many hosts an interface may have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_interface_hosts(
    builder: *mut mlagsync_builder_t,
    interface: *const mlagsync_interface_t,
    hosts: u64,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, readable, or NULL.
        let interface = convert::interface(&unsafe { input::one("interface", interface) }?)?;
        plan.room.interfaces.retain(|(of, _)| *of != interface);
        if hosts > 0 {
            plan.room.interfaces.push((interface, hosts));
        }
        Ok(())
    })
}

/// Where it is recorded what is ours in the ASIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_builder_journal(
    builder: *mut mlagsync_builder_t,
    path: *const c_char,
) -> mlagsync_result_t {
    change(builder, |plan| {
        // SAFETY: by the header, it ends with a zero, or is NULL.
        plan.journal = Some(unsafe { text::read("path", path, text::PATH_SIZE) }?);
        Ok(())
    })
}
