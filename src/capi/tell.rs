//! What the program tells and what it heard.
//!
//! Invariant: everything of a call is converted before anything of it is told, so that what is wrong refuses all of it.

use super::convert;
use super::input::{self, Place, Plain, Sized32};
use super::life::with_running;
use super::result::*;
use super::types::*;
use crate::embed::{Feed, FeedError, Mlagsync};
use crate::node::io::{Binding, Footing, Lifetimes, PeerLink};
use crate::sai::Oid;
use crate::sai::id::Domain;
use std::collections::BTreeMap;
use std::time::Duration;

/// Addresses of an interface, and next hops, that come at once.
const FACTS_MOST: usize = 4096;

/// What became of something that is one thing.
fn told(answer: Result<(), FeedError>) -> Answer {
    match answer {
        Ok(()) => Ok(MLAGSYNC_OK),
        Err(FeedError::Again { .. }) => Ok(MLAGSYNC_AGAIN),
        Err(FeedError::Stopped { .. }) => Err(stopped()),
    }
}

/// The instance is stopped.
pub(super) fn stopped() -> Failure {
    Failure::new(MLAGSYNC_E_STOPPED, "the instance is stopped")
}

/// Tells many things.
fn feed<C, T>(
    handle: *mut mlagsync_t,
    items: impl FnOnce() -> Answer<Vec<C>>,
    of: impl Fn(&C) -> Answer<T>,
    wait_ms: u32,
    taken: Answer<Place<usize>>,
    tell: impl FnOnce(&Mlagsync, &[T], Feed) -> Result<usize, FeedError>,
) -> mlagsync_result_t {
    with_running(handle, |api| {
        let taken = taken?;
        let items = items()?.iter().map(of).collect::<Answer<Vec<T>>>()?;
        let feed = match wait_ms {
            0 => Feed::Try,
            ms => Feed::Block(Duration::from_millis(ms.into())),
        };
        match tell(api, &items, feed) {
            Ok(all) => taken.put(all),
            Err(FeedError::Again { taken: some }) => {
                taken.put(some);
                return Ok(MLAGSYNC_AGAIN);
            }
            Err(FeedError::Stopped { .. }) => return Err(stopped()),
        }
        Ok(MLAGSYNC_OK)
    })
}

/// # Safety
/// As `input::read_all`.
unsafe fn grown<T: Sized32>(
    what: &'static str,
    items: *const T,
    count: usize,
) -> impl FnOnce() -> Answer<Vec<T>> {
    // SAFETY: by the caller's promise.
    move || unsafe { input::read_all(what, items, count) }
}

/// # Safety
/// As `input::array`.
unsafe fn fixed<T: Plain>(
    what: &'static str,
    items: *const T,
    count: usize,
) -> impl FnOnce() -> Answer<Vec<T>> {
    // SAFETY: by the caller's promise.
    move || unsafe { input::array(what, items, count, input::ITEMS_MOST) }
}

/// Neighbours that were heard on ports of this switch.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_learned(
    handle: *mut mlagsync_t,
    items: *const mlagsync_learned_t,
    count: usize,
    wait_ms: u32,
    taken: *mut usize,
) -> mlagsync_result_t {
    // SAFETY: by the header, `count` elements, or NULL.
    let items = unsafe { grown("items", items, count) };
    // SAFETY: by the header, writable, or NULL.
    let taken = unsafe { Place::new("taken", taken) };
    feed(handle, items, convert::learned, wait_ms, taken, Mlagsync::learned)
}

/// Neighbours that an operator configured.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_static(
    handle: *mut mlagsync_t,
    items: *const mlagsync_host_t,
    count: usize,
    wait_ms: u32,
    taken: *mut usize,
) -> mlagsync_result_t {
    // SAFETY: by the header, `count` elements, or NULL.
    let items = unsafe { fixed("items", items, count) };
    // SAFETY: by the header, writable, or NULL.
    let taken = unsafe { Place::new("taken", taken) };
    feed(handle, items, convert::host, wait_ms, taken, Mlagsync::became_static)
}

/// Replies of neighbours that came over the peer-link or a tunnel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_confirmed(
    handle: *mut mlagsync_t,
    items: *const mlagsync_host_t,
    count: usize,
    wait_ms: u32,
    taken: *mut usize,
) -> mlagsync_result_t {
    // SAFETY: by the header, `count` elements, or NULL.
    let items = unsafe { fixed("items", items, count) };
    // SAFETY: by the header, writable, or NULL.
    let taken = unsafe { Place::new("taken", taken) };
    feed(handle, items, convert::host, wait_ms, taken, Mlagsync::confirmed)
}

/// Neighbours that are gone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_forgotten(
    handle: *mut mlagsync_t,
    items: *const mlagsync_key_t,
    count: usize,
    wait_ms: u32,
    taken: *mut usize,
) -> mlagsync_result_t {
    // SAFETY: by the header, `count` elements, or NULL.
    let items = unsafe { fixed("items", items, count) };
    // SAFETY: by the header, writable, or NULL.
    let taken = unsafe { Place::new("taken", taken) };
    feed(handle, items, convert::key, wait_ms, taken, Mlagsync::forgotten)
}

/// Neighbours that were probed and did not answer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_unanswered(
    handle: *mut mlagsync_t,
    items: *const mlagsync_key_t,
    count: usize,
    wait_ms: u32,
    taken: *mut usize,
) -> mlagsync_result_t {
    // SAFETY: by the header, `count` elements, or NULL.
    let items = unsafe { fixed("items", items, count) };
    // SAFETY: by the header, writable, or NULL.
    let taken = unsafe { Place::new("taken", taken) };
    feed(handle, items, convert::key, wait_ms, taken, Mlagsync::unanswered)
}

/// What the FDB notification says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_fdb(
    handle: *mut mlagsync_t,
    items: *const mlagsync_fdb_news_t,
    count: usize,
    wait_ms: u32,
    taken: *mut usize,
) -> mlagsync_result_t {
    // SAFETY: by the header, `count` elements, or NULL.
    let items = unsafe { grown("items", items, count) };
    // SAFETY: by the header, writable, or NULL.
    let taken = unsafe { Place::new("taken", taken) };
    feed(handle, items, convert::fdb, wait_ms, taken, Mlagsync::fdb)
}

/// Binds an interface.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_bind(
    handle: *mut mlagsync_t,
    binding: *const mlagsync_binding_t,
) -> mlagsync_result_t {
    with_running(handle, |api| {
        // SAFETY: by the header, readable for its struct_size, or NULL.
        let its = unsafe { input::read("binding", binding) }?;
        let count = its.address_count as usize;
        // SAFETY: by the header, so many addresses, or NULL.
        let addresses = unsafe { input::array("addresses", its.addresses, count, FACTS_MOST) }?;
        convert::zero("mlagsync_binding_t", &its.reserved)?;
        let footing_is = |oid: u64| match oid {
            0 => Err(Failure::invalid("footing_oid is 0")),
            raw => Ok(raw),
        };
        let footing = match its.footing {
            MLAGSYNC_FOOTING_UNTOLD if its.footing_oid == 0 => Footing::Untold,
            MLAGSYNC_FOOTING_UNTOLD => return Err(Failure::invalid("an untold footing has a footing_oid")),
            MLAGSYNC_FOOTING_VLAN => {
                Footing::Bridged(Domain::Vlan(Oid::from_raw(footing_is(its.footing_oid)?)))
            }
            MLAGSYNC_FOOTING_BRIDGE => {
                Footing::Bridged(Domain::Bridge(Oid::from_raw(footing_is(its.footing_oid)?)))
            }
            MLAGSYNC_FOOTING_ROUTED => Footing::Routed(Oid::from_raw(footing_is(its.footing_oid)?)),
            other => return Err(Failure::invalid(format!("there is no footing {other}"))),
        };
        if its.rif == 0 {
            return Err(Failure::invalid("rif is 0"));
        }
        told(api.bind(Binding {
            interface: convert::interface(&its.interface)?,
            vrf: convert::vrf(&its.vrf)?,
            rif: Oid::from_raw(its.rif),
            mac: crate::addr::Mac(its.mac),
            addresses: addresses.iter().map(convert::subnet).collect::<Answer<_>>()?,
            state: convert::rif_state(its.state)?,
            footing,
        }))
    })
}

/// The interface goes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_unbind(
    handle: *mut mlagsync_t,
    interface: *const mlagsync_interface_t,
) -> mlagsync_result_t {
    with_running(handle, |api| {
        // SAFETY: by the header, readable, or NULL.
        let interface = unsafe { input::one("interface", interface) }?;
        told(api.unbind(convert::interface(&interface)?))
    })
}

/// Tells of an M-LAG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_member(
    handle: *mut mlagsync_t,
    member: *const mlagsync_member_t,
) -> mlagsync_result_t {
    with_running(handle, |api| {
        // SAFETY: by the header, readable for its struct_size, or NULL.
        let member = unsafe { input::read("member", member) }?;
        told(api.member(convert::member(&member)?))
    })
}

/// There is no such M-LAG any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_member_gone(handle: *mut mlagsync_t, mlag: u32) -> mlagsync_result_t {
    with_running(handle, |api| told(api.member_gone(convert::mlag(mlag)?)))
}

/// Tells of the peer-link.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_peer_link(
    handle: *mut mlagsync_t,
    peer_link: *const mlagsync_peer_link_t,
) -> mlagsync_result_t {
    with_running(handle, |api| {
        // SAFETY: by the header, readable for its struct_size, or NULL.
        let its = unsafe { input::read("peer_link", peer_link) }?;
        // SAFETY: by the header, so many next hops, or NULL.
        let hops = unsafe { input::array("next_hops", its.next_hops, its.next_hop_count, FACTS_MOST) }?;
        let mut next_hops = BTreeMap::new();
        for hop in &hops {
            let vrf = convert::vrf(&hop.vrf)?;
            if hop.next_hop == 0 {
                return Err(Failure::invalid(format!("the next hop in {vrf} is 0")));
            }
            if next_hops.insert(vrf.clone(), Oid::from_raw(hop.next_hop)).is_some() {
                return Err(Failure::invalid(format!("there are two next hops in {vrf}")));
            }
        }
        let port = convert::oid_or_none(its.bridge_port);
        told(api.peer_link(PeerLink { port, state: convert::link(its.state)?, next_hops }))
    })
}

/// What the ASIC as a whole is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_asic(handle: *mut mlagsync_t, state: i32) -> mlagsync_result_t {
    with_running(handle, |api| told(api.asic(convert::asic(state)?)))
}

/// The program has told everything that it knew at start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_local_complete(handle: *mut mlagsync_t) -> mlagsync_result_t {
    with_running(handle, |api| told(api.local_complete()))
}

/// Everything that is known locally is told anew from here on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_dump_begin(handle: *mut mlagsync_t) -> mlagsync_result_t {
    with_running(handle, |api| told(api.dump_begin()))
}

/// What was not told since is gone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_dump_end(handle: *mut mlagsync_t) -> mlagsync_result_t {
    with_running(handle, |api| told(api.dump_end()))
}

/// How long the peer's hosts live on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mlagsync_lifetimes(
    handle: *mut mlagsync_t,
    stale_s: u32,
    ageing_s: u32,
) -> mlagsync_result_t {
    with_running(handle, |api| told(api.lifetimes(lifetimes(stale_s, ageing_s))))
}

/// The times in seconds, 0 for the default.
pub(super) fn lifetimes(stale_s: u32, ageing_s: u32) -> Lifetimes {
    let Lifetimes { stale, ageing } = Lifetimes::default();
    let time = |seconds: u32, default| match seconds {
        0 => default,
        s => Duration::from_secs(s.into()),
    };
    Lifetimes { stale: time(stale_s, stale), ageing: time(ageing_s, ageing) }
}
