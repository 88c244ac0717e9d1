//! Lists of objects from libraries that count wrongly.

use super::fake::fake;
use crate::sai::error::Error;
use crate::sai::id::Oid;
use crate::sai::library::{Functions, Library, Options};
use crate::sai::neighbor::NeighborTable;
use crate::sai::status::Status;
use crate::sai::switch::Switch;
use sai_sys::{sai_ip_addr_family_t, sai_object_id_t, sai_object_key_t, sai_object_type_t, sai_status_t};
use std::sync::atomic::{AtomicU32, Ordering};

const SWITCH: u64 = 0x21;

/// How a library lists `HELD` neighbours.
enum Temper {
    /// Says 0 when counting, and what it needs when listing.
    CountsNothing,
    /// Needs more each time.
    Grows,
    /// Says that it wrote more than there was room for.
    Boasts,
    /// Counts nonsense.
    Nonsense,
}

const HELD: u32 = 300;
static LISTED: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];

const fn temper(n: usize) -> Temper {
    match n {
        0 => Temper::CountsNothing,
        1 => Temper::Grows,
        2 => Temper::Boasts,
        _ => Temper::Nonsense,
    }
}

extern "C" fn count<const N: usize>(_: sai_object_id_t, _: sai_object_type_t, n: *mut u32) -> sai_status_t {
    let said = match temper(N) {
        Temper::CountsNothing | Temper::Grows => 0,
        Temper::Boasts => HELD,
        Temper::Nonsense => u32::MAX,
    };
    // SAFETY: a place for one number.
    unsafe { n.write(said) };
    0
}

extern "C" fn keys<const N: usize>(
    _: sai_object_id_t,
    _: sai_object_type_t,
    count: *mut u32,
    list: *mut sai_object_key_t,
) -> sai_status_t {
    LISTED[N].fetch_add(1, Ordering::Relaxed);
    // SAFETY: the caller says how much room there is.
    let room = unsafe { count.read() };
    let needed = if matches!(temper(N), Temper::Grows) { room.saturating_add(1) } else { HELD };
    // SAFETY: as above.
    unsafe { count.write(if matches!(temper(N), Temper::Boasts) { u32::MAX } else { needed }) };
    if needed > room {
        return Status::BUFFER_OVERFLOW.0;
    }
    for n in 0..HELD {
        let entry = list.wrapping_add(n as usize).cast::<sai_sys::sai_neighbor_entry_t>();
        let ip_address = sai_sys::sai_ip_address_t {
            addr_family: sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV4,
            addr: sai_sys::sai_ip_addr_t { ip4: (0x0a00_0000 + n).to_be() },
        };
        // The last one is another switch's.
        let switch_id = if n + 1 == HELD { SWITCH + 1 } else { SWITCH };
        // SAFETY: there is room for it.
        unsafe { entry.write(sai_sys::sai_neighbor_entry_t { switch_id, rif_id: 0x60, ip_address }) };
    }
    0
}

fn table<const N: usize>() -> NeighborTable {
    let fake = fake(18 + N);
    let functions =
        Functions { get_object_count: Some(count::<N>), get_object_key: Some(keys::<N>), ..fake.functions };
    // SAFETY: the functions of a fake library, which is part of this program.
    let library = unsafe { Library::given(functions, Options::default()) }.unwrap();
    NeighborTable::new(&Switch::given(&library, Oid::from_raw(SWITCH)))
}

#[test]
fn a_list_that_needs_more_room_than_was_counted_gets_it() {
    let found = table::<0>().list().unwrap();
    assert_eq!(found.len() as u32, HELD - 1, "what is another switch's is not ours");
    assert_eq!(found[298].ip.to_string(), "10.0.1.42");
    assert_eq!(LISTED[0].load(Ordering::Relaxed), 2);
}

#[test]
fn a_list_that_never_has_room_enough_is_given_up() {
    let error = table::<1>().list().unwrap_err();
    assert_eq!(error.status(), Some(Status::BUFFER_OVERFLOW));
    assert!(LISTED[1].load(Ordering::Relaxed) < 10);
}

#[test]
fn more_than_there_was_room_for_is_not_believed() {
    // The slots behind what was written are zero: of no switch.
    assert_eq!(table::<2>().list().unwrap().len() as u32, HELD - 1);
}

#[test]
fn a_count_beyond_reason_costs_no_memory_beyond_reason() {
    assert_eq!(table::<3>().list().unwrap().len() as u32, HELD - 1);
}

#[test]
fn a_library_that_cannot_list_says_so() {
    let fake = fake(22);
    // SAFETY: the functions of a fake library, which is part of this program.
    let library = unsafe { Library::given(fake.functions, Options::default()) }.unwrap();
    let table = NeighborTable::new(&Switch::given(&library, Oid::from_raw(SWITCH)));
    let error = table.list().unwrap_err();
    assert_eq!(error, Error::NoSymbol { call: "sai_get_object_count" });
    assert!(error.is_lacking());
}
