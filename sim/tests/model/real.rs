//! Steps done on the simulator, through the method tables.

use std::ffi::c_void;

use sai_sys::*;

use crate::member::{as_fn, member};
use crate::plain::*;
use crate::rows::{Kind, kind};
use crate::steps::{Step, Way};
use crate::support::{Client, IGNORE, STOP, SUCCESS, UNTOUCHED, address};
use crate::value::{Room, Value, count_of, from_c, to_c, to_read};

type A = sai_attribute_t;

/// What a call answered.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Said {
    pub(crate) status: sai_status_t,
    /// Of a bulk call, one for each.
    pub(crate) statuses: Vec<sai_status_t>,
    /// Of a create, one for each; null where nothing was created.
    pub(crate) ids: Vec<u64>,
    /// Of a get, by item and attribute; nothing where none was filled, and how many a list has that was too long.
    pub(crate) values: Vec<Vec<Read>>,
}

/// An attribute after a get.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Read {
    /// Nobody looked at it, or it was refused.
    Nothing,
    Is(Value),
    /// A list of this many items, for which there was too little room.
    Needs(u32),
}

/// Calls of a client of one switch.
pub(crate) struct Real<'a> {
    pub(crate) client: &'a Client,
}

/// Keys one behind the other, as bulk functions take them.
fn pack(switch_id: u64, keys: &[Key]) -> Vec<u64> {
    // No key is longer than 64 bytes, and all of one call are of one kind.
    let mut memory = vec![0_u64; 8 * keys.len() + 8];
    let at = memory.as_mut_ptr();
    for (n, key) in keys.iter().enumerate() {
        match key {
            Key::Neighbor { rif, ip } => {
                let entry = sai_neighbor_entry_t { switch_id, rif_id: *rif, ip_address: address(*ip) };
                // SAFETY: within the memory.
                unsafe { at.cast::<sai_neighbor_entry_t>().add(n).write(entry) };
            }
            Key::Fdb { bv, mac } => {
                let entry = sai_fdb_entry_t { switch_id, mac_address: *mac, bv_id: *bv };
                // SAFETY: within the memory.
                unsafe { at.cast::<sai_fdb_entry_t>().add(n).write(entry) };
            }
            Key::Route { vr, ip, mask } => {
                let (ip, mask) = (address(*ip), address(*mask));
                let destination =
                    sai_ip_prefix_t { addr_family: ip.addr_family, addr: ip.addr, mask: mask.addr };
                let entry = sai_route_entry_t { switch_id, vr_id: *vr, destination };
                // SAFETY: within the memory.
                unsafe { at.cast::<sai_route_entry_t>().add(n).write(entry) };
            }
        }
    }
    memory
}

/// Names as a call takes them: ids or packed keys, in memory of eight-byte words.
fn names(switch: u64, names: &[Name]) -> Vec<u64> {
    let keys: Vec<Key> =
        names.iter().filter_map(|n| if let Name::Key(k) = n { Some(k.clone()) } else { None }).collect();
    if keys.is_empty() {
        names.iter().map(|n| if let Name::Id(id) = n { *id } else { 0 }).collect()
    } else {
        pack(switch, &keys)
    }
}

fn object_key(switch_id: u64, name: &Name) -> sai_object_key_t {
    // SAFETY: any bits are a value of the union.
    let mut key: sai_object_key_t = unsafe { std::mem::zeroed() };
    match name {
        Name::Id(id) => key.key.object_id = *id,
        Name::Key(one) => {
            let packed = pack(switch_id, std::slice::from_ref(one));
            let to = (&raw mut key.key).cast::<u64>();
            // SAFETY: a packed key is as long as the union at least.
            let bytes = unsafe { std::slice::from_raw_parts(packed.as_ptr(), size_of_val(&key.key) / 8) };
            // SAFETY: the union has this many words.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        }
    }
    key
}

fn mode(way: Way) -> u32 {
    if way == Way::Stop { STOP.0 } else { IGNORE.0 }
}

fn function(name: &str) -> *const c_void {
    member(name).unwrap_or_else(|| panic!("no {name}"))
}

impl Real<'_> {
    fn switch(&self) -> u64 {
        self.client.switch.id()
    }

    pub(crate) fn run(&self, step: &Step) -> Said {
        let view = &self.client.switch;
        let said = |result: Result<(), Status>| Said {
            status: result.err().map_or(SUCCESS, |status| status.0),
            ..Said::default()
        };
        match step {
            Step::Create(object, way, items) => self.create(kind(*object), *way, items),
            Step::Remove(object, way, list) => self.remove(kind(*object), *way, list),
            Step::Set(object, way, items) => self.set(kind(*object), *way, items),
            Step::Get(object, way, items) => self.get(kind(*object), *way, items),
            Step::Count(object) => {
                let mut count = 0;
                let object = sai_object_type_t(*object);
                // SAFETY: the place is ours.
                let status = unsafe { sai::sai_get_object_count(self.switch(), object, &raw mut count) };
                let values = vec![vec![Read::Is(Value::Number(count.into()))]];
                Said { status, values, ..Said::default() }
            }
            Step::Stats(object, id, n) => self.stats(kind(*object), *id, *n),
            Step::Flush(given) => {
                let mut room = Room::new();
                let attrs = in_c(kind(FDB_FLUSH), given, &mut room);
                let flush = self.client.fdb.flush_fdb_entries.unwrap();
                // SAFETY: all places are ours.
                let status = unsafe { flush(self.switch(), attrs.len() as u32, attrs.as_ptr()) };
                Said { status, ..Said::default() }
            }
            Step::RemoveAllNeighbors => {
                let remove = self.client.neighbor.remove_all_neighbor_entries.unwrap();
                // SAFETY: no pointers.
                Said { status: unsafe { remove(self.switch()) }, ..Said::default() }
            }
            Step::Link(port, up) => said(view.link(*port, *up)),
            Step::Hear(bv, mac, port) => said(view.hear(*bv, *mac, *port)),
            Step::Age(bv, mac) => said(view.age(*bv, *mac)),
            Step::HardwareFlush(port) => said(view.flush(*port)),
        }
    }

    fn create(&self, kind: &Kind, way: Way, items: &[(Option<Key>, Given)]) -> Said {
        let mut room = Room::new();
        let lists: Vec<Vec<A>> = items.iter().map(|(_, given)| in_c(kind, given, &mut room)).collect();
        let counts: Vec<u32> = lists.iter().map(|list| list.len() as u32).collect();
        let mut pointers: Vec<*const A> = lists.iter().map(|list| list.as_ptr()).collect();
        let keys: Vec<Key> = items.iter().filter_map(|(key, _)| key.clone()).collect();
        let packed = pack(self.switch(), &keys);
        let (n, mut ids) = (items.len() as u32, vec![0_u64; items.len()]);
        let mut statuses = vec![UNTOUCHED; items.len()];
        let is_entry = !keys.is_empty();
        let status = if way == Way::Single {
            statuses.clear();
            let create = function(&format!("create_{}", kind.name));
            if is_entry {
                let create = as_fn!(create, fn(*const u64, u32, *const A));
                // SAFETY: all places are ours.
                unsafe { create(packed.as_ptr(), counts[0], pointers[0]) }
            } else {
                let create = as_fn!(create, fn(*mut u64, u64, u32, *const A));
                // SAFETY: all places are ours.
                unsafe { create(ids.as_mut_ptr(), self.switch(), counts[0], pointers[0]) }
            }
        } else {
            let create = function(&format!("create_{}", kind.plural()));
            let (counts, lists) = (counts.as_ptr(), pointers.as_mut_ptr());
            if is_entry {
                let create =
                    as_fn!(create, fn(u32, *const u64, *const u32, *mut *const A, u32, *mut sai_status_t));
                // SAFETY: all places are ours.
                unsafe { create(n, packed.as_ptr(), counts, lists, mode(way), statuses.as_mut_ptr()) }
            } else {
                let create =
                    as_fn!(create, fn(u64, u32, *const u32, *mut *const A, u32, *mut u64, *mut sai_status_t));
                let (ids, said) = (ids.as_mut_ptr(), statuses.as_mut_ptr());
                // SAFETY: all places are ours.
                unsafe { create(self.switch(), n, counts, lists, mode(way), ids, said) }
            }
        };
        Said { status, statuses, ids, ..Said::default() }
    }

    fn remove(&self, kind: &Kind, way: Way, list: &[Name]) -> Said {
        let named = names(self.switch(), list);
        if way != Way::Single {
            let mut statuses = vec![UNTOUCHED; list.len()];
            let remove = as_fn!(
                function(&format!("remove_{}", kind.plural())),
                fn(u32, *const u64, u32, *mut sai_status_t)
            );
            // SAFETY: all places are ours.
            let status =
                unsafe { remove(list.len() as u32, named.as_ptr(), mode(way), statuses.as_mut_ptr()) };
            return Said { status, statuses, ..Said::default() };
        }
        let remove = function(&format!("remove_{}", kind.name));
        let status = match &list[0] {
            Name::Id(id) => {
                let remove = as_fn!(remove, fn(u64));
                // SAFETY: no pointers.
                unsafe { remove(*id) }
            }
            Name::Key(_) => {
                let remove = as_fn!(remove, fn(*const u64));
                // SAFETY: all places are ours.
                unsafe { remove(named.as_ptr()) }
            }
        };
        Said { status, ..Said::default() }
    }

    fn set(&self, kind: &Kind, way: Way, items: &[(Name, (u32, Value))]) -> Said {
        let mut room = Room::new();
        let list: Vec<Name> = items.iter().map(|(name, _)| name.clone()).collect();
        let given: Given = items.iter().map(|(_, attr)| attr.clone()).collect();
        let (named, attrs) = (names(self.switch(), &list), in_c(kind, &given, &mut room));
        if way != Way::Single {
            let mut statuses = vec![UNTOUCHED; list.len()];
            let set = as_fn!(
                function(&format!("set_{}_attribute", kind.plural())),
                fn(u32, *const u64, *const A, u32, *mut sai_status_t)
            );
            let (n, said) = (list.len() as u32, statuses.as_mut_ptr());
            // SAFETY: all places are ours.
            let status = unsafe { set(n, named.as_ptr(), attrs.as_ptr(), mode(way), said) };
            return Said { status, statuses, ..Said::default() };
        }
        let set = function(&format!("set_{}_attribute", kind.name));
        let status = match &list[0] {
            Name::Id(id) => {
                let set = as_fn!(set, fn(u64, *const A));
                // SAFETY: all places are ours.
                unsafe { set(*id, attrs.as_ptr()) }
            }
            Name::Key(_) => {
                let set = as_fn!(set, fn(*const u64, *const A));
                // SAFETY: all places are ours.
                unsafe { set(named.as_ptr(), attrs.as_ptr()) }
            }
        };
        Said { status, ..Said::default() }
    }

    fn get(&self, kind: &Kind, way: Way, items: &[(Name, Vec<(u32, u32)>)]) -> Said {
        let mut room = Room::new();
        let list: Vec<Name> = items.iter().map(|(name, _)| name.clone()).collect();
        let mut wanted: Vec<Vec<A>> = items
            .iter()
            .map(|(_, ids)| {
                ids.iter().map(|(id, items)| to_read(*id, kind.row(*id), *items, &mut room)).collect()
            })
            .collect();
        let mut counts: Vec<u32> = wanted.iter().map(|list| list.len() as u32).collect();
        let mut pointers: Vec<*mut A> = wanted.iter_mut().map(|list| list.as_mut_ptr()).collect();
        let named = names(self.switch(), &list);
        let mut statuses = vec![UNTOUCHED; list.len()];
        let status = match way {
            Way::Single => {
                statuses.clear();
                let get = function(&format!("get_{}_attribute", kind.name));
                match &list[0] {
                    Name::Id(id) => {
                        let get = as_fn!(get, fn(u64, u32, *mut A));
                        // SAFETY: all places are ours.
                        unsafe { get(*id, counts[0], pointers[0]) }
                    }
                    Name::Key(_) => {
                        let get = as_fn!(get, fn(*const u64, u32, *mut A));
                        // SAFETY: all places are ours.
                        unsafe { get(named.as_ptr(), counts[0], pointers[0]) }
                    }
                }
            }
            Way::Any => {
                let keys: Vec<_> = list.iter().map(|name| object_key(self.switch(), name)).collect();
                // SAFETY: all places are ours.
                unsafe {
                    sai::sai_bulk_get_attribute(
                        self.switch(),
                        sai_object_type_t(kind.object),
                        list.len() as u32,
                        keys.as_ptr(),
                        counts.as_mut_ptr(),
                        pointers.as_mut_ptr(),
                        statuses.as_mut_ptr(),
                    )
                }
            }
            _ => {
                let get = as_fn!(
                    function(&format!("get_{}_attribute", kind.plural())),
                    fn(u32, *const u64, *const u32, *mut *mut A, u32, *mut sai_status_t)
                );
                let (n, lists) = (list.len() as u32, pointers.as_mut_ptr());
                // SAFETY: all places are ours.
                unsafe { get(n, named.as_ptr(), counts.as_ptr(), lists, mode(way), statuses.as_mut_ptr()) }
            }
        };
        let values = wanted
            .iter()
            .zip(items)
            .map(|(list, (_, ids))| {
                list.iter().zip(ids).map(|(attr, (_, room))| read(kind, attr, *room)).collect()
            })
            .collect();
        Said { status, statuses, values, ..Said::default() }
    }

    fn stats(&self, kind: &Kind, id: u64, n: usize) -> Said {
        let get = as_fn!(function(&format!("get_{}_stats", kind.name)), fn(u64, u32, *const u32, *mut u64));
        let (ids, mut counters) = (vec![0_u32; n], vec![7_u64; n]);
        // SAFETY: all places are ours.
        let status = unsafe { get(id, n as u32, ids.as_ptr(), counters.as_mut_ptr()) };
        let counters = counters.into_iter().map(|n| Read::Is(Value::Number(n as i64)));
        Said { status, values: vec![counters.collect()], ..Said::default() }
    }
}

fn in_c(kind: &Kind, given: &Given, room: &mut Room) -> Vec<A> {
    given.iter().map(|(id, value)| to_c(*id, kind.row(*id), value, room)).collect()
}

/// An attribute after a get. What was not written is as it was sent.
fn read(kind: &Kind, attr: &A, room: u32) -> Read {
    let Some(row) = kind.row(attr.id) else { return Read::Nothing };
    if row.form.is_list() && count_of(attr) > room {
        return Read::Needs(count_of(attr));
    }
    Read::Is(from_c(row, attr))
}
