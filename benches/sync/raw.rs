//! The bare library: prepared arrays, bulk calls, nothing else.

use crate::{Measured, ip, mac, measured};
use mlagsync::sai::Switch;
use sai_sys::*;
use std::net::IpAddr;
use std::path::Path;
use std::ptr;
use std::time::Instant;

const BATCH: usize = 4096;

/// Creates `n` neighbours. The switch comes up through the safe layer; what is measured does not go through it.
pub(crate) fn create(library: &Path, profile: &str, n: u32) -> Measured {
    let (switch, rif) = crate::device::hardware(library, profile);
    let create = function(library, &switch);
    let zeroed = sai_neighbor_entry_t {
        switch_id: switch.id().raw(),
        rif_id: rif.raw(),
        ip_address: sai_ip_address_t::default(),
    };
    let mut keys = vec![zeroed; n as usize];
    let mut attributes = vec![sai_attribute_t::default(); n as usize];
    for (at, (key, attribute)) in keys.iter_mut().zip(&mut attributes).enumerate() {
        match ip(at as u32) {
            IpAddr::V4(ip) => key.ip_address.addr.ip4 = u32::from_ne_bytes(ip.octets()),
            IpAddr::V6(ip) => {
                key.ip_address.addr_family = sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV6;
                key.ip_address.addr.ip6 = ip.octets();
            }
        }
        attribute.id = sai_neighbor_entry_attr_t::SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS.0;
        attribute.value.mac = mac(at as u32).0;
    }
    let counts = vec![1u32; n as usize];
    let mut lists: Vec<*const sai_attribute_t> = attributes.iter().map(ptr::from_ref).collect();
    let mut statuses = vec![0; n as usize];
    let mode = sai_bulk_op_error_mode_t::SAI_BULK_OP_ERROR_MODE_IGNORE_ERROR;
    measured(|| {
        let begin = Instant::now();
        let mut calls = 0;
        for first in (0..n as usize).step_by(BATCH) {
            let range = first..(first + BATCH).min(n as usize);
            let count = range.len() as u32;
            let (keys, counts) = (keys[range.clone()].as_ptr(), counts[range.clone()].as_ptr());
            let (lists, statuses) = (lists[range.clone()].as_mut_ptr(), statuses[range].as_mut_ptr());
            // SAFETY: `count` keys, counts, lists and statuses, which outlive the call.
            let status = unsafe { create(count, keys, counts, lists, mode, statuses) };
            assert_eq!(status, 0);
            calls += 1;
        }
        (begin.elapsed(), calls)
    })
}

type BulkCreate = unsafe extern "C" fn(
    u32,
    *const sai_neighbor_entry_t,
    *const u32,
    *mut *const sai_attribute_t,
    sai_bulk_op_error_mode_t,
    *mut sai_status_t,
) -> sai_status_t;

/// The function itself, from the library that is loaded already.
fn function(library: &Path, _up: &Switch) -> BulkCreate {
    // SAFETY: loaded already; its initialisers do not run again.
    let file = unsafe { libloading::Library::new(library) }.expect("it is loaded");
    // SAFETY: the header's type of this function.
    let query = unsafe { file.get::<sai_api_query_fn>(b"sai_api_query") }.expect("a SAI library");
    let mut table = ptr::null_mut();
    // SAFETY: a place for one pointer.
    let status = unsafe { query(sai_api_t::SAI_API_NEIGHBOR, &raw mut table) };
    assert_eq!(status, 0);
    // SAFETY: the simulator's table is whole: it is of the release of these bindings.
    let table = unsafe { table.cast::<sai_neighbor_api_t>().read() };
    table.create_neighbor_entries.expect("the simulator has bulk calls")
}
