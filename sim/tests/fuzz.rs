//! Arbitrary bytes as a sequence of calls: none crashes, and memory stays bounded.
//!
//! Bytes decide the function, the ids, attributes, counts, modes and which pointer is null; a pointer that is not null
//! points to as much memory as its count says, since no library can survive less. A few inputs made by hand are
//! replayed first; then changed ones for two seconds, or for as many as `SAI_SIM_FUZZ_SECONDS` says.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::path::Path;
use std::time::{Duration, Instant};

use sai::facts::{self, Kind};
use sai_sys::releases::TABLES;
use sai_sys::*;
use support::*;

/// Inputs that are replayed each time.
const CORPUS: &[&[u8]] = &[
    &[],
    &[0xff; 64],
    &[0; 256],
    b"create, set, get, remove: the order of letters is the order of calls, again and again and again",
    &[
        0, 13, 1, 1, 0, 0, 2, 0, 0, 0, 0, 9, 2, 13, 1, 1, 1, 13, 1, 1, 0, 4, 9, 9, 9, 9, 3, 13, 1, 1, 5, 13,
        2, 1, 7,
    ],
    &[
        4, 13, 3, 250, 251, 252, 253, 254, 255, 5, 13, 3, 1, 6, 13, 3, 0, 7, 13, 3, 2, 8, 0, 9, 0, 10, 0, 11,
        0,
    ],
];

/// What one input may do at most.
const MOST_CALLS: usize = 400;

type A = sai_attribute_t;

/// The address of a function of the method tables, by name.
fn member(name: &str) -> Option<*const c_void> {
    let of = |table: &&releases::Table| table.members.iter().find(|m| m.name == name).map(|m| m.offset);
    let table = TABLES.iter().find(|table| of(table).is_some())?;
    let mut methods = std::ptr::null_mut();
    // SAFETY: the place is ours.
    assert_eq!(unsafe { sai::sai_api_query(table.api, &raw mut methods) }, SUCCESS);
    // SAFETY: the table has this member.
    let place = unsafe { methods.cast::<u8>().add(of(table)?) }.cast::<*const c_void>();
    // SAFETY: within the table, which lives for ever.
    Some(unsafe { place.read() })
}

/// Reads a function's address as this type of function.
macro_rules! as_fn {
    ($member:expr, fn($($arg:ty),*)) => {
        // SAFETY: the member of this name has this signature.
        unsafe { std::mem::transmute::<*const c_void, unsafe extern "C" fn($($arg),*) -> sai_status_t>($member) }
    };
}

struct Fuzz<'a> {
    bytes: std::slice::Iter<'a, u8>,
    client: &'a Client,
    pool: Vec<u64>,
}

impl Fuzz<'_> {
    fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    fn word(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    fn id(&mut self) -> u64 {
        match self.byte() {
            0 => 0,
            1 => self.word(),
            n => self.pool[n as usize % self.pool.len()],
        }
    }

    /// A list of attributes, with the memory that their lists point to.
    fn attrs(&mut self, facts: &facts::Facts) -> (Vec<A>, Vec<Vec<u64>>) {
        let mut rooms = Vec::new();
        let mut list = Vec::new();
        for _ in 0..self.byte() % 5 {
            let id = match self.byte() {
                0..64 => list.len() as u32,
                n => u32::from(n) % (facts.attrs.len() as u32 + 2),
            };
            let kind = facts.attr(id).map(|row| row.kind);
            let (count, word, other) = (self.byte() % 9, self.word(), self.word());
            let named = self.id();
            let mut room = vec![word; 16];
            list.push(attr(id, |value| match kind {
                None | Some(Kind::Ptr | Kind::Opaque) => {}
                Some(Kind::Oid) => value.oid = named,
                Some(Kind::Oids | Kind::U8s | Kind::S8s | Kind::U32s | Kind::S32s | Kind::Maps) => {
                    room.fill(if kind == Some(Kind::Oids) { named } else { word });
                    let null = count == 8;
                    let list = if null { std::ptr::null_mut() } else { room.as_mut_ptr() };
                    value.objlist = sai_object_list_t { count: count.into(), list };
                }
                Some(Kind::Ip) => {
                    let family = sai_ip_addr_family_t(word as u32 % 3);
                    value.ipaddr =
                        sai_ip_address_t { addr_family: family, addr: sai_ip_addr_t { ip6: [count; 16] } };
                }
                Some(Kind::Chars) => value.chardata = [count as core::ffi::c_char; 32],
                Some(_) => value.u64_ = if count > 4 { other } else { u64::from(count) },
            }));
            rooms.push(room);
        }
        (list, rooms)
    }

    fn address(&mut self) -> sai_ip_address_t {
        let host = self.byte();
        let mut address = address(std::net::IpAddr::from([10, 0, host % 3, host]));
        if host > 200 {
            address.addr_family = sai_ip_addr_family_t(host.into());
        } else if host > 128 {
            address.addr_family = sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV6;
        }
        address
    }

    /// One call on objects with an id.
    fn object(&mut self, facts: &facts::Facts) {
        let (mut attrs, _rooms) = self.attrs(facts);
        let count = attrs.len() as u32;
        let list = if self.byte() == 9 { std::ptr::null() } else { attrs.as_mut_ptr().cast_const() };
        let (what, id) = (self.byte() % 4, self.id());
        let is_switch = facts.object == sai_object_type_t::SAI_OBJECT_TYPE_SWITCH;
        let name = match what {
            // A switch is made and removed by the test.
            0 | 1 if is_switch => return,
            0 => format!("create_{}", facts.name),
            1 => format!("remove_{}", facts.name),
            2 => format!("set_{}_attribute", facts.name),
            _ => format!("get_{}_attribute", facts.name),
        };
        let Some(member) = member(&name) else { return };
        match what {
            0 => {
                let mut new = 0;
                let switch = if self.byte() < 8 { id } else { self.client.switch.id() };
                let create = as_fn!(member, fn(*mut u64, u64, u32, *const A));
                // SAFETY: all places are ours, or null.
                if unsafe { create(&raw mut new, switch, count, list) } == SUCCESS && self.pool.len() < 4096 {
                    self.pool.push(new);
                }
            }
            1 => {
                let remove = as_fn!(member, fn(u64));
                // SAFETY: no pointers.
                unsafe { remove(id) };
            }
            2 => {
                let set = as_fn!(member, fn(u64, *const A));
                let list = if attrs.is_empty() { std::ptr::null() } else { list };
                // SAFETY: all places are ours, or null.
                unsafe { set(id, list) };
            }
            _ => {
                let get = as_fn!(member, fn(u64, u32, *const A));
                // SAFETY: all places are ours, or null.
                unsafe { get(id, count, list) };
            }
        }
    }

    /// One call on neighbours, FDB entries or routes, singly or in bulk.
    fn entry(&mut self, facts: &facts::Facts) {
        let n = usize::from(self.byte() % 6);
        let size = match facts.name {
            "neighbor_entry" => size_of::<sai_neighbor_entry_t>(),
            "fdb_entry" => size_of::<sai_fdb_entry_t>(),
            _ => size_of::<sai_route_entry_t>(),
        };
        let mut packed: Vec<u64> = Vec::new();
        for _ in 0..n {
            let switch = if self.byte() < 8 { self.id() } else { self.client.switch.id() };
            // Mostly where entries of the kind belong, or nearly every call would be refused for that alone.
            let home = match (self.byte() % 4, facts.name) {
                (0, _) => self.id(),
                (_, "neighbor_entry") => self.client.rif,
                (_, "fdb_entry") => self.client.switch.default_vlan(),
                _ => self.client.switch.default_virtual_router(),
            };
            let address = self.address();
            let mut words = [0_u64; 7];
            words[0] = switch;
            if facts.name == "fdb_entry" {
                (words[1], words[2]) = (u64::from(self.byte()) << 40 | 2, home);
            } else {
                words[1] = home;
                let at = (&raw mut words[2]).cast::<sai_ip_address_t>();
                // SAFETY: the array has room for it, aligned to eight.
                unsafe { at.write(address) };
            }
            packed.extend(&words[..size / 8]);
        }
        packed.push(0);
        let mut lists: Vec<_> = (0..n).map(|_| self.attrs(facts)).collect();
        let mut pointers: Vec<*const A> =
            lists.iter_mut().map(|(list, _)| list.as_mut_ptr().cast_const()).collect();
        let counts: Vec<u32> = lists.iter().map(|(list, _)| list.len() as u32).collect();
        let ones: Vec<A> = lists.iter().map(|(l, _)| l.first().copied().unwrap_or(attr(0, |_| ()))).collect();
        let null = self.byte();
        let entries: *const c_void = if null == 1 { std::ptr::null() } else { packed.as_ptr().cast() };
        let mut statuses = vec![UNTOUCHED; n + 1];
        let said = if null == 2 { std::ptr::null_mut() } else { statuses.as_mut_ptr() };
        if null == 3
            && let Some(first) = pointers.first_mut()
        {
            *first = std::ptr::null();
        }
        let (mode, count, plural) = (u32::from(self.byte() % 3), n as u32, facts.plural);
        let single = |name: &str| n.checked_sub(1).and_then(|_| member(name));
        match self.byte() % 8 {
            0 => {
                if let Some(create) = single(&format!("create_{}", facts.name)) {
                    let create = as_fn!(create, fn(*const c_void, u32, *const A));
                    // SAFETY: all places are ours, or null.
                    unsafe { create(entries, counts[0], pointers[0]) };
                }
            }
            1 => {
                if let Some(remove) = single(&format!("remove_{}", facts.name)) {
                    // SAFETY: all places are ours, or null.
                    unsafe { as_one(remove)(entries) };
                }
            }
            2 => {
                if let Some(set) = single(&format!("set_{}_attribute", facts.name)) {
                    let set = as_fn!(set, fn(*const c_void, *const A));
                    // SAFETY: all places are ours, or null.
                    unsafe { set(entries, ones.as_ptr()) };
                }
            }
            3 => {
                if let Some(get) = single(&format!("get_{}_attribute", facts.name)) {
                    let get = as_fn!(get, fn(*const c_void, u32, *const A));
                    // SAFETY: all places are ours, or null.
                    unsafe { get(entries, counts[0], pointers[0]) };
                }
            }
            5 => {
                let remove = member(&format!("remove_{plural}")).unwrap();
                let remove = as_fn!(remove, fn(u32, *const c_void, u32, *mut i32));
                // SAFETY: all places are ours, or null.
                unsafe { remove(count, entries, mode, said) };
            }
            6 => {
                let set = member(&format!("set_{plural}_attribute")).unwrap();
                let set = as_fn!(set, fn(u32, *const c_void, *const A, u32, *mut i32));
                // SAFETY: all places are ours, or null.
                unsafe { set(count, entries, ones.as_ptr(), mode, said) };
            }
            what => {
                let name =
                    if what == 7 { format!("get_{plural}_attribute") } else { format!("create_{plural}") };
                let call = member(&name).unwrap();
                let call = as_fn!(call, fn(u32, *const c_void, *const u32, *const *const A, u32, *mut i32));
                // SAFETY: all places are ours, or null.
                unsafe { call(count, entries, counts.as_ptr(), pointers.as_ptr(), mode, said) };
            }
        }
    }

    /// One call of a function that is exported by name.
    fn global(&mut self) {
        let (id, object, mut count) = (self.id(), sai_object_type_t(self.byte().into()), 0_u32);
        match self.byte() % 4 {
            0 => _ = sai::sai_object_type_query(id),
            1 => _ = sai::sai_switch_id_query(id),
            // SAFETY: the place is ours.
            2 => _ = unsafe { sai::sai_get_object_count(id, object, &raw mut count) },
            // SAFETY: the place is ours, and the list has room for nothing.
            _ => _ = unsafe { sai::sai_get_object_key(id, object, &raw mut count, std::ptr::null_mut()) },
        }
    }
}

fn as_one(member: *const c_void) -> unsafe extern "C" fn(*const c_void) -> sai_status_t {
    as_fn!(member, fn(*const c_void))
}

/// Runs one input on a small switch of its own.
fn play(bytes: &[u8], trace: Option<&Path>) -> (BTreeSet<String>, usize) {
    let mut profile =
        vec![("SAI_SIM_PORTS", "2"), ("SAI_SIM_HOST_CAPACITY", "64"), ("SAI_SIM_FDB_CAPACITY", "64")];
    profile.extend(trace.map(|path| ("SAI_SIM_TRACE", path.to_str().unwrap())));
    let client = Client::new(&profile);
    let view = &client.switch;
    let mut pool = vec![view.id(), client.rif, view.default_vlan(), view.default_virtual_router()];
    pool.extend(view.objects(sai_object_type_t::SAI_OBJECT_TYPE_BRIDGE_PORT));
    pool.extend(view.objects(sai_object_type_t::SAI_OBJECT_TYPE_PORT));
    let mut fuzz = Fuzz { bytes: bytes.iter(), client: &client, pool };
    for _ in 0..MOST_CALLS {
        if fuzz.bytes.len() == 0 {
            break;
        }
        match fuzz.byte() {
            0..16 => fuzz.global(),
            n => {
                let facts = &facts::ALL[n as usize % facts::ALL.len()];
                if matches!(facts.name, "neighbor_entry" | "fdb_entry" | "route_entry") {
                    fuzz.entry(facts);
                } else {
                    fuzz.object(facts);
                }
            }
        }
    }
    let (used, all) = view.host_slots();
    assert!(used <= all, "{used} of {all} slots");
    (view.calls().into_iter().map(|called| called.name).collect(), view.neighbor_count())
}

/// Bytes of this process in memory.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn arbitrary_calls_neither_crash_nor_hoard_memory() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", std::process::id()));
    for bytes in CORPUS {
        play(bytes, None);
    }
    let seconds = std::env::var("SAI_SIM_FUZZ_SECONDS").map_or(2, |text| text.parse().unwrap());
    let (end, before) = (Instant::now() + Duration::from_secs(seconds), resident());
    let (mut state, mut inputs) = (0x5eed_u64, 0_u64);
    let (mut reached, mut stored) = (BTreeSet::new(), 0);
    // At least as many as surely get somewhere, on a slow machine too.
    while Instant::now() < end || inputs < 1000 {
        let mut bytes = CORPUS[inputs as usize % CORPUS.len()].to_vec();
        bytes.resize(2048, 0);
        for byte in &mut bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            if inputs.is_multiple_of(4) || state >> 61 == 0 {
                *byte = (state >> 33) as u8;
            }
        }
        // Copying arguments for the trace must be as safe as using them, and the trace must be one.
        let traced = inputs.is_multiple_of(16).then_some(path.as_path());
        let (called, neighbors) = play(&bytes, traced);
        reached.extend(called);
        stored += neighbors;
        if traced.is_some() {
            sai::trace::text::read(&std::fs::read_to_string(&path).unwrap()).unwrap();
            std::fs::remove_file(&path).unwrap();
        }
        inputs += 1;
    }
    assert!(reached.len() > 60, "the bytes reach too little: {reached:?}");
    assert!(stored > 0, "no neighbour was ever left: nothing but refusals was tried");
    let grown = resident().saturating_sub(before);
    assert!(grown < 128 << 20, "{grown} bytes after {inputs} inputs");
    println!("{inputs} inputs, {} functions, {stored} neighbours, {grown} bytes", reached.len());
}
