//! One simulated switch: its objects, its tables, and the operations on objects with an id.
//!
//! ```text
//!  abi ──► Switch ── objects   ports, VLANs, router interfaces …     by rows of `facts`
//!                 ├─ neighbors ┐
//!                 ├─ fdb       ├ entries keyed by value, `entry`     by rows, with a short way for the usual ones
//!                 ├─ routes    ┘
//!                 └─ faults    asked before and after each deed
//! ```
//!
//! Invariant: no pointer of a caller gets here; what the caller gave was copied and checked for form.

pub(crate) mod answers;
pub(crate) mod banks;
mod boot;
pub(crate) mod clock;
mod commands;
pub(crate) mod entry;
pub(crate) mod fdb;
pub(crate) mod forward;
pub(crate) mod late;
mod links;
pub(crate) mod neighbor;
mod objects;
mod queue;
pub(crate) mod route;
#[cfg(test)]
mod tests;
pub(crate) mod warm;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::HashMap;
use sai_sys::{Status, sai_object_type_t as T};

use self::answers::Estimate;
use self::banks::Banks;
use self::clock::{Clock, Pace};
use self::late::{Delay, Late};
use crate::calls::Calls;
use crate::facts::{self, Facts};
use crate::faults::{Action, Deed, Moment, Reply, Target};
use crate::hang::Gate;
use crate::journal::{Journal, Thing};
use crate::misuse::Counts;
use crate::object::Object;
use crate::oid::Oid;
use crate::profile::{Bulk, Settings};
use crate::refusal::Result;
use crate::steps::step;
use crate::table::Table;

/// What is told to the deed that a fault rule has struck.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tamper {
    /// Do it as asked.
    None,
    /// Check it, answer SUCCESS, and do nothing.
    Discard,
    /// Store the MAC with its last bit flipped.
    CorruptMac,
    /// Do it, and answer this.
    FailAfter(Status),
    /// Do it, and die.
    CrashAfter,
    /// Do it later, and answer now.
    Late(Delay, Reply),
}

/// A router interface, as its neighbours need it at each call.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rif {
    pub(crate) live: bool,
    /// No neighbour may be created on it.
    pub(crate) is_virtual: bool,
    /// Its virtual router.
    pub(crate) router: u64,
    pub(crate) neighbors: u32,
}

/// The objects that come with a switch.
#[derive(Clone, Copy, Default)]
pub(crate) struct Defaults {
    pub(crate) cpu_port: u64,
    pub(crate) virtual_router: u64,
    pub(crate) vlan: u64,
    pub(crate) bridge: u64,
    pub(crate) stp: u64,
    pub(crate) trap_group: u64,
    pub(crate) ecmp_hash: u64,
    pub(crate) lag_hash: u64,
}

/// A switch.
pub(crate) struct Switch {
    pub(crate) id: Oid,
    pub(crate) settings: Settings,
    pub(crate) objects: BTreeMap<u64, Object>,
    /// Some of them by what they name.
    links: links::Links,
    serials: Vec<u64>,
    pub(crate) defaults: Defaults,
    /// By serial number.
    pub(crate) rifs: Vec<Rif>,
    pub(crate) neighbors: Table<neighbor::Key, neighbor::Body>,
    pub(crate) fdb: Table<fdb::Key, fdb::Body>,
    pub(crate) routes: Table<route::Key, route::Body>,
    /// How many routes there are of each length.
    lengths: route::Lengths,
    /// Slots of the host table that are taken.
    pub(crate) host_slots: u64,
    /// On which interface each address of a virtual router is, if the profile keys the host table by them.
    pub(crate) owners: Option<HashMap<(u64, IpAddr), u32>>,
    /// Where each host address is, once somebody has asked for one.
    hosts: Option<forward::Hosts>,
    /// Where hosts stand, if the profile gives the table banks.
    pub(crate) banks: Option<Banks>,
    /// Ports without a link, whatever their admin state.
    pub(crate) unplugged: BTreeSet<u64>,
    /// The state file, if there is one, and what has changed since it was written.
    pub(crate) journal: Option<Journal>,
    pub(crate) changed: Vec<Thing>,
    pub(crate) calls: Calls,
    pub(crate) clock: Clock,
    /// The call that is worked on, if it is to take its time.
    pace: Option<Pace>,
    /// What is said of the room that is left.
    pub(crate) estimate: Estimate,
    /// Changes that were answered and have not landed.
    pub(crate) late: Late,
    pub(crate) gate: Arc<Gate>,
    pub(crate) misuse: Arc<Counts>,
    /// A rule ends the bulk call that is being worked on.
    pub(crate) abort: Option<Status>,
}

impl Switch {
    /// Facts about a type; what is not simulated is refused.
    pub(crate) fn facts(object: T) -> Result<&'static Facts> {
        facts::of(object).ok_or(Status::NOT_IMPLEMENTED)
    }

    /// An id that a caller gave as the object to work on: of one of ours, of this type, alive.
    pub(crate) fn resolve(&self, id: u64, object: T) -> Result<Oid> {
        let oid =
            Oid::parse(id).filter(|oid| oid.switch == self.id.switch).ok_or(Status::INVALID_PARAMETER)?;
        if oid.object != object {
            return Err(Status::INVALID_OBJECT_TYPE);
        }
        if !self.objects.contains_key(&id) {
            return Err(Status::ITEM_NOT_FOUND);
        }
        Ok(oid)
    }

    /// Ids of all objects of a type, in the order of their creation.
    pub(crate) fn ids(&self, object: T) -> impl Iterator<Item = (u64, &Object)> {
        let first = Oid { switch: self.id.switch, object, serial: 0 }.id();
        let last = first | crate::oid::LAST_SERIAL;
        self.objects.range(first..=last).map(|(id, object)| {
            step();
            (*id, object)
        })
    }

    /// How many objects of a type there are.
    pub(crate) fn count(&self, object: T) -> usize {
        match object {
            T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY => self.neighbors.len(),
            T::SAI_OBJECT_TYPE_FDB_ENTRY => self.fdb.len(),
            T::SAI_OBJECT_TYPE_ROUTE_ENTRY => self.routes.len(),
            _ => self.ids(object).count(),
        }
    }

    /// One more (or one less) names this object.
    pub(crate) fn refer(&mut self, id: u64, more: bool) {
        if let Some(object) = self.objects.get_mut(&id) {
            object.users = if more { object.users + 1 } else { object.users.saturating_sub(1) };
        }
    }

    /// What a create is told when there is no room. Libraries differ; the one that rejects whole batches says this.
    pub(crate) fn full(&self) -> Status {
        match self.settings.bulk {
            Bulk::WholeBatchReject => Status::INSUFFICIENT_RESOURCES,
            _ => Status::TABLE_FULL,
        }
    }

    /// Asks the fault rules about a deed, and does those of them that come before it.
    pub(crate) fn tamper(
        &mut self,
        deed: Deed,
        object: T,
        target: impl FnOnce() -> Target,
    ) -> Result<Tamper> {
        if self.settings.faults.is_empty() {
            return Ok(Tamper::None);
        }
        match self.settings.faults.strike(deed, object, target()) {
            None => Ok(Tamper::None),
            Some(Action::Fail(status, Moment::Before)) => Err(status),
            Some(Action::Fail(status, Moment::After)) => Ok(Tamper::FailAfter(status)),
            Some(Action::Lie) => Ok(Tamper::Discard),
            Some(Action::CorruptMac) => Ok(Tamper::CorruptMac),
            Some(Action::Abort(status)) => {
                self.abort = Some(status);
                Err(status)
            }
            Some(Action::Stall(time)) => {
                let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
                let _ = self.save();
                if let Some(wait) = self.clock.charge(ns) {
                    std::thread::sleep(wait);
                }
                Ok(Tamper::None)
            }
            Some(Action::Hang) => {
                // Who is killed while it hangs has done all that came before.
                let _ = self.save();
                self.gate.wait();
                Ok(Tamper::None)
            }
            Some(Action::Crash(Moment::Before)) => {
                let _ = self.save();
                std::process::abort()
            }
            Some(Action::Crash(Moment::After)) => Ok(Tamper::CrashAfter),
            Some(Action::Late(delay, reply)) => Ok(Tamper::Late(delay, reply)),
        }
    }
}

impl Tamper {
    /// What the caller is told once the deed is done.
    pub(crate) fn verdict(self, switch: &mut Switch) -> Result<()> {
        match self {
            Self::FailAfter(status) | Self::Late(_, Reply::Status(status)) => Err(status),
            Self::CrashAfter | Self::Late(_, Reply::Crash) => {
                // The hardware has done it, so the hardware's file says so.
                let _ = switch.save();
                std::process::abort()
            }
            Self::None | Self::Discard | Self::CorruptMac | Self::Late(_, Reply::Success) => Ok(()),
        }
    }
}
