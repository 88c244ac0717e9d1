//! The method tables as a caller gets them: as long as the release that the profile pretends to be has them.
//!
//! A table is an allocation of exactly that many bytes, so that a tool like AddressSanitizer sees who reads a member
//! that the release does not have. Tables are never freed: a caller that keeps one past uninitialise finds functions
//! that answer UNINITIALIZED.
//!
//! Invariant: for one profile the same address each time.

use std::alloc::{Layout, alloc_zeroed};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use sai_sys::releases::{MethodTable, Release, Table};
use sai_sys::{self as sys, Status, sai_api_t};

use super::members;
use crate::calls::Op;
use crate::facts;
use crate::profile::{Bulk, Settings};
use crate::refusal::Result;

/// One function pointer.
const MEMBER: usize = size_of::<usize>();

/// Tables by what they were made for; addresses, because a raw pointer cannot be in a static.
static TABLES: Mutex<BTreeMap<(u32, Release, Shape), usize>> = Mutex::new(BTreeMap::new());

/// Members that a lazy table still owes: where, and what.
static OWED: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());
static OWING: AtomicBool = AtomicBool::new(false);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Shape {
    Full,
    WithoutBulk,
    Lazy,
}

/// The table of an API.
pub(super) fn query(api: sai_api_t, settings: &Settings) -> Result<*mut c_void> {
    let shape = match settings.bulk {
        Bulk::NoBulk => Shape::WithoutBulk,
        Bulk::LazyTable => Shape::Lazy,
        _ => Shape::Full,
    };
    let make = |release| match api {
        sai_api_t::SAI_API_SWITCH => Some(cut(&members::switch(), release, shape)),
        sai_api_t::SAI_API_PORT => Some(cut(&members::port(), release, shape)),
        sai_api_t::SAI_API_FDB => Some(cut(&members::fdb(), release, shape)),
        sai_api_t::SAI_API_VLAN => Some(cut(&members::vlan(), release, shape)),
        sai_api_t::SAI_API_VIRTUAL_ROUTER => Some(cut(&members::virtual_router(), release, shape)),
        sai_api_t::SAI_API_ROUTE => Some(cut(&members::route(), release, shape)),
        sai_api_t::SAI_API_NEXT_HOP => Some(cut(&members::next_hop(), release, shape)),
        sai_api_t::SAI_API_NEXT_HOP_GROUP => Some(cut(&members::next_hop_group(), release, shape)),
        sai_api_t::SAI_API_ROUTER_INTERFACE => Some(cut(&members::router_interface(), release, shape)),
        sai_api_t::SAI_API_NEIGHBOR => Some(cut(&members::neighbor(), release, shape)),
        sai_api_t::SAI_API_HOSTIF => Some(cut(&members::hostif(), release, shape)),
        sai_api_t::SAI_API_LAG => Some(cut(&members::lag(), release, shape)),
        sai_api_t::SAI_API_TUNNEL => Some(cut(&members::tunnel(), release, shape)),
        sai_api_t::SAI_API_BRIDGE => Some(cut(&members::bridge(), release, shape)),
        sai_api_t::SAI_API_ISOLATION_GROUP => Some(cut(&members::isolation_group(), release, shape)),
        _ => None,
    };
    if api.0 == 0 || api.0 >= sai_api_t::SAI_API_MAX.0 {
        return Err(Status::INVALID_PARAMETER);
    }
    let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (api.0, settings.release, shape);
    if let Some(address) = tables.get(&key) {
        return Ok(ptr::with_exposed_provenance_mut(*address));
    }
    let table = make(settings.release).ok_or(Status::NOT_IMPLEMENTED)?;
    tables.insert(key, table.expose_provenance());
    Ok(table.cast())
}

/// Makes a table as a release and a bulk profile have it.
fn cut<M: MethodTable>(whole: &M, release: Release, shape: Shape) -> *mut u8 {
    let facts = M::TABLE;
    let size = facts.size_in(release).unwrap_or(0);
    let layout = Layout::from_size_align(size.max(MEMBER), MEMBER).expect("a table is a few hundred bytes");
    // SAFETY: the layout is not empty.
    let table = unsafe { alloc_zeroed(layout) };
    if table.is_null() {
        std::alloc::handle_alloc_error(layout);
    }
    let whole = ptr::from_ref(whole).cast::<u8>();
    for (member, offset) in placed(facts, release) {
        // SAFETY: the offset is that of a member of the whole table.
        let from = unsafe { whole.add(member.offset) }.cast::<usize>();
        // SAFETY: a member is as large and aligned as a pointer.
        let function = unsafe { from.read() };
        // SAFETY: `placed` answers offsets within the release's size only.
        let to = unsafe { table.add(offset) }.cast::<usize>();
        match shape {
            Shape::WithoutBulk if is_bulk(member.name) => {}
            Shape::Lazy if is_bulk(member.name) => {
                let mut owed = OWED.lock().unwrap_or_else(PoisonError::into_inner);
                owed.push((to.expose_provenance(), function));
                OWING.store(true, Ordering::Release);
            }
            // SAFETY: within the allocation, and aligned as it is.
            _ => unsafe { to.write(function) },
        }
    }
    table
}

/// The members that a release has, and where. Before a table settled, members that are there already stand one
/// behind the other where they do not stand at their later place; those of which only the later place is known
/// stay NULL.
fn placed(table: &'static Table, release: Release) -> Vec<(&'static sys::releases::Member, usize)> {
    let size = table.size_in(release).unwrap_or(0);
    if release >= table.settled {
        let there = table.members.iter().filter(|m| table.has(m.name, release));
        return there.map(|m| (m, m.offset)).collect();
    }
    let old = |m: &&sys::releases::Member| m.offset + MEMBER <= size && !m.name.contains("group_map");
    let first_young =
        table.members.iter().position(|m| m.since > Release::OLDEST).unwrap_or(table.members.len());
    table.members[..first_young].iter().filter(old).map(|m| (m, m.offset)).collect()
}

/// Does this member work on many objects in one call?
fn is_bulk(name: &str) -> bool {
    const OPS: [Op; 4] = [Op::BulkCreate, Op::BulkRemove, Op::BulkSet, Op::BulkGet];
    name.contains("serdess") || facts::ALL.iter().any(|f| OPS.iter().any(|op| op.name(f.object) == name))
}

/// Fills what lazy tables still owe.
#[inline]
pub(super) fn ripen() {
    if OWING.load(Ordering::Acquire) {
        OWING.store(false, Ordering::Release);
        let owed = std::mem::take(&mut *OWED.lock().unwrap_or_else(PoisonError::into_inner));
        for (place, function) in owed {
            // SAFETY: the place is a member of a table that lives for ever, aligned, and written atomically.
            let member = unsafe { AtomicUsize::from_ptr(ptr::with_exposed_provenance_mut(place)) };
            member.store(function, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(release: Release, bulk: Bulk) -> Settings {
        Settings { release, bulk, ..Settings::parse([]).unwrap() }
    }

    fn read(table: *mut c_void, offset: usize) -> usize {
        // SAFETY: the callers below stay within the sizes that they ask the facts for.
        let member = unsafe { table.cast::<u8>().add(offset) }.cast::<usize>();
        // SAFETY: a member of a table, which lives for ever.
        unsafe { member.read() }
    }

    #[test]
    fn every_member_of_every_table_of_every_release_is_filled() {
        for table in sys::releases::TABLES {
            for release in sys::releases::RELEASES {
                let cut = query(table.api, &settings(*release, Bulk::Spec)).unwrap();
                for member in table.members.iter().filter(|m| table.has(m.name, *release)) {
                    assert_ne!(read(cut, member.offset), 0, "{}.{} in {release}", table.name, member.name);
                }
                assert_eq!(cut, query(table.api, &settings(*release, Bulk::Spec)).unwrap());
            }
        }
    }

    #[test]
    fn without_bulk_exactly_the_bulk_members_are_null() {
        let table = <sys::sai_neighbor_api_t as MethodTable>::TABLE;
        let cut = query(table.api, &settings(Release::CURRENT, Bulk::NoBulk)).unwrap();
        let null: Vec<_> =
            table.members.iter().filter(|m| read(cut, m.offset) == 0).map(|m| m.name).collect();
        let bulk = [
            "create_neighbor_entries",
            "remove_neighbor_entries",
            "set_neighbor_entries_attribute",
            "get_neighbor_entries_attribute",
        ];
        assert_eq!(null, bulk);
    }

    #[test]
    fn what_is_no_api_and_what_is_not_simulated_differ() {
        let settings = settings(Release::CURRENT, Bulk::Spec);
        assert_eq!(query(sai_api_t(0), &settings), Err(Status::INVALID_PARAMETER));
        assert_eq!(query(sai_api_t(4711), &settings), Err(Status::INVALID_PARAMETER));
        assert_eq!(query(sai_api_t::SAI_API_ACL, &settings), Err(Status::NOT_IMPLEMENTED));
    }
}
