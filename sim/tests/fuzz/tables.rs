//! Calls about entries, about whole tables, and of the functions that are exported by name; and what hardware does.

use std::ffi::c_void;

use sai::facts::{self, Facts};
use sai_sys::*;

use crate::input::{A, Input};
use crate::member::{as_fn, member};
use crate::objects::Lists;
use crate::support::{SUCCESS, UNTOUCHED};

type T = sai_object_type_t;

/// Is the type one of entries, which are keyed by value?
pub(crate) fn is_entry(facts: &Facts) -> bool {
    facts.name.ends_with("_entry") && facts.object != T::SAI_OBJECT_TYPE_HOSTIF_TABLE_ENTRY
}

impl Input<'_> {
    /// Keys of entries, one behind the other.
    fn keys(&mut self, facts: &Facts, n: u8) -> Vec<u64> {
        let words = match facts.name {
            "neighbor_entry" => size_of::<sai_neighbor_entry_t>(),
            "fdb_entry" => size_of::<sai_fdb_entry_t>(),
            _ => size_of::<sai_route_entry_t>(),
        } / 8;
        let mut packed = Vec::new();
        let made = self.keys.get(&facts.object.0).cloned().unwrap_or_default();
        for _ in 0..n {
            if self.byte() < 140
                && let Some(key) = self.pick(&made)
            {
                packed.extend(&key[..words]);
                continue;
            }
            let (switch, ip, mac) = (self.switch(), self.address(), self.byte());
            let mut key = [0_u64; 8];
            key[0] = switch;
            match facts.name {
                "fdb_entry" => {
                    key[1] = u64::from(mac % 32) << 40 | if mac < 250 { 2 } else { 1 };
                    key[2] = self.id(&[T::SAI_OBJECT_TYPE_VLAN, T::SAI_OBJECT_TYPE_BRIDGE]);
                }
                name => {
                    let is_neighbor = name == "neighbor_entry";
                    let home = if is_neighbor {
                        T::SAI_OBJECT_TYPE_ROUTER_INTERFACE
                    } else {
                        T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER
                    };
                    key[1] = self.id(&[home]);
                    // SAFETY: the array has room for it, aligned to eight; of a route it is the prefix's begin.
                    unsafe { (&raw mut key[2]).cast::<sai_ip_address_t>().write(ip) };
                    // Behind the address of a route is its mask: of zeros, or with bytes of ones.
                    if !is_neighbor && mac >= 64 {
                        let ones = sai_ip_addr_t { ip6: [u8::MAX; 16] };
                        let destination =
                            sai_ip_prefix_t { addr_family: ip.addr_family, addr: ip.addr, mask: ones };
                        // SAFETY: the array has room for it.
                        unsafe { (&raw mut key[2]).cast::<sai_ip_prefix_t>().write(destination) };
                    }
                }
            }
            packed.extend(&key[..words]);
        }
        packed.push(0);
        packed
    }

    /// A call about one neighbour, FDB entry or route, or about many.
    pub(crate) fn entry(&mut self, facts: &Facts) {
        let (what, n) = (self.byte() % 10, self.byte() % 6);
        let packed = self.keys(facts, n.max(1));
        let lists = (0..n.max(1)).map(|_| match what {
            2 | 6 => self.change(facts),
            3 | 7 => self.noise(facts),
            _ => self.given(facts),
        });
        let mut lists = Lists::new(lists.collect());
        let keys: *const c_void = self.or_null(packed.as_ptr().cast());
        let mut statuses = vec![UNTOUCHED; n.into()];
        let said = self.or_null_mut(statuses.as_mut_ptr());
        let (mode, first) = (self.mode(), self.or_null_mut(lists.pointers[0]));
        let (counts, one) = (self.or_null(lists.counts.as_ptr()), self.or_null(lists.ones.as_ptr()));
        lists.pointers[0] = first;
        let all = self.or_null_mut(lists.pointers.as_mut_ptr());
        let (many, stem, plural) = (u32::from(n), facts.name, facts.plural);
        let name = match what {
            0 | 8 => format!("create_{stem}"),
            1 => format!("remove_{stem}"),
            2 => format!("set_{stem}_attribute"),
            3 => format!("get_{stem}_attribute"),
            5 => format!("remove_{plural}"),
            6 => format!("set_{plural}_attribute"),
            7 => format!("get_{plural}_attribute"),
            _ => format!("create_{plural}"),
        };
        let call = member(&name).unwrap();
        let status = match what {
            0 | 3 | 8 => {
                let call = as_fn!(call, fn(*const c_void, u32, *mut A));
                // SAFETY: all places are ours, or null.
                unsafe { call(keys, lists.counts[0], first) }
            }
            1 => {
                let remove = as_fn!(call, fn(*const c_void));
                // SAFETY: all places are ours, or null.
                unsafe { remove(keys) }
            }
            2 => {
                let set = as_fn!(call, fn(*const c_void, *const A));
                // SAFETY: all places are ours, or null.
                unsafe { set(keys, one) }
            }
            5 => {
                let remove = as_fn!(call, fn(u32, *const c_void, u32, *mut i32));
                // SAFETY: all places are ours, or null.
                unsafe { remove(many, keys, mode, said) }
            }
            6 => {
                let set = as_fn!(call, fn(u32, *const c_void, *const A, u32, *mut i32));
                // SAFETY: all places are ours, or null.
                unsafe { set(many, keys, one, mode, said) }
            }
            _ => {
                let call = as_fn!(call, fn(u32, *const c_void, *const u32, *mut *mut A, u32, *mut i32));
                // SAFETY: all places are ours, or null.
                unsafe { call(many, keys, counts, all, mode, said) }
            }
        };
        self.note_many(&name, status, &statuses);
        if status == SUCCESS && name.starts_with("create_") {
            let words = (packed.len() - 1) / usize::from(n.max(1));
            for key in packed.chunks_exact(words) {
                let mut made = [0; 8];
                made[..words].copy_from_slice(key);
                self.keys.entry(facts.object.0).or_default().push(made);
            }
        }
    }

    /// A call about a whole table, or of a function that is exported by name.
    pub(crate) fn global(&mut self) {
        let (id, object) = (self.switch(), self.object_type());
        let (mut count, mut many) = (u32::from(self.byte()) % 64, 0);
        let status = match self.byte() % 12 {
            0 => self.flush(id),
            1 if self.byte() < 64 => {
                let remove = self.client.neighbor.remove_all_neighbor_entries.unwrap();
                // SAFETY: no pointers.
                let status = unsafe { remove(id) };
                self.note("remove_all_neighbor_entries", status);
                status
            }
            // SAFETY: the place is ours.
            2 => unsafe { sai::sai_get_object_count(id, object, &raw mut count) },
            3 => {
                // SAFETY: any bits are a value of the struct.
                let mut keys: Vec<sai_object_key_t> = vec![unsafe { std::mem::zeroed() }; count as usize];
                let place = self.or_null_mut(keys.as_mut_ptr());
                // SAFETY: the list has room for as many as it says.
                unsafe { sai::sai_get_object_key(id, object, &raw mut count, place) }
            }
            4 | 5 => self.get_of_any(id, object),
            6 | 7 => self.stats_of_any(id, object),
            8 => {
                let given = self.noise(facts::of(object).unwrap_or(facts::FDB_FLUSH));
                let (attrs, list) = (given.list.len() as u32, self.or_null(given.list.as_ptr()));
                // SAFETY: all places are ours, or null.
                unsafe { sai::sai_object_type_get_availability(id, object, attrs, list, &raw mut many) }
            }
            9 => {
                let mut can = sai_attr_capability_t::default();
                // SAFETY: the place is ours.
                unsafe { sai::sai_query_attribute_capability(id, object, count, &raw mut can) }
            }
            10 => {
                let mut room = [0_i32; 64];
                let mut list = sai_s32_list_t { count, list: self.or_null_mut(room.as_mut_ptr()) };
                // SAFETY: the list has room for as many as it says, or is null.
                unsafe {
                    sai::sai_query_attribute_enum_values_capability(id, object, count / 2, &raw mut list)
                }
            }
            _ => {
                let odd = self.id(&[object]);
                sai::sai_object_type_query(odd);
                sai::sai_switch_id_query(odd);
                // SAFETY: the place is ours.
                unsafe { sai::sai_get_maximum_attribute_count(id, object, &raw mut count) }
            }
        };
        let _ = status;
    }

    fn object_type(&mut self) -> T {
        let n = self.byte();
        if n < 40 { sai_object_type_t(n.into()) } else { facts::ALL[n as usize % facts::ALL.len()].object }
    }

    fn flush(&mut self, switch: u64) -> sai_status_t {
        let given =
            if self.byte() < 128 { self.noise(facts::FDB_FLUSH) } else { self.given(facts::FDB_FLUSH) };
        let (count, list) = (given.list.len() as u32, self.or_null(given.list.as_ptr()));
        let flush = self.client.fdb.flush_fdb_entries.unwrap();
        // SAFETY: all places are ours, or null.
        let status = unsafe { flush(switch, count, list) };
        self.note("flush_fdb_entries", status);
        status
    }

    /// Keys of objects or entries of any type.
    fn any_keys(&mut self, object: T, n: u8) -> Vec<sai_object_key_t> {
        let facts = facts::of(object).filter(|facts| is_entry(facts));
        let key = |input: &mut Self| {
            // SAFETY: any bits are a value of the struct.
            let mut key: sai_object_key_t = unsafe { std::mem::zeroed() };
            match facts {
                Some(facts) => {
                    let packed = input.keys(facts, 1);
                    let to = (&raw mut key.key).cast::<u64>();
                    let words = (packed.len() - 1).min(size_of_val(&key.key) / 8);
                    // SAFETY: both have as many words.
                    unsafe { std::ptr::copy_nonoverlapping(packed.as_ptr(), to, words) };
                }
                None => key.key.object_id = input.id(&[object]),
            }
            key
        };
        (0..n).map(|_| key(self)).collect()
    }

    fn get_of_any(&mut self, switch: u64, object: T) -> sai_status_t {
        let n = self.byte() % 5;
        let keys = self.any_keys(object, n);
        let facts = facts::of(object).unwrap_or(facts::FDB_FLUSH);
        let mut lists = Lists::new((0..n).map(|_| self.noise(facts)).collect());
        let mut statuses = vec![UNTOUCHED; n.into()];
        let (keys, counts) = (self.or_null(keys.as_ptr()), self.or_null_mut(lists.counts.as_mut_ptr()));
        let all = self.or_null_mut(lists.pointers.as_mut_ptr());
        let said = self.or_null_mut(statuses.as_mut_ptr());
        // SAFETY: all places are ours, or null.
        let status =
            unsafe { sai::sai_bulk_get_attribute(switch, object, n.into(), keys, counts, all, said) };
        self.note("sai_bulk_get_attribute", status);
        status
    }

    fn stats_of_any(&mut self, switch: u64, object: T) -> sai_status_t {
        let (n, per_object, mode) = (self.byte() % 5, self.byte() % 4, sai_stats_mode_t(self.stats_mode()));
        let keys = self.any_keys(object, n);
        let ids = vec![1_u32; per_object.into()];
        let mut counters = vec![7_u64; usize::from(n) * usize::from(per_object)];
        let mut statuses = vec![UNTOUCHED; n.into()];
        let (keys, ids) = (self.or_null(keys.as_ptr()), self.or_null(ids.as_ptr()));
        let said = self.or_null_mut(statuses.as_mut_ptr());
        let (n, per_object) = (u32::from(n), u32::from(per_object));
        if self.byte() < 128 {
            let place = self.or_null_mut(counters.as_mut_ptr());
            // SAFETY: all places are ours, or null.
            let status = unsafe {
                sai::sai_bulk_object_get_stats(switch, object, n, keys, per_object, ids, mode, said, place)
            };
            self.note("sai_bulk_object_get_stats", status);
            return status;
        }
        // SAFETY: all places are ours, or null.
        let status =
            unsafe { sai::sai_bulk_object_clear_stats(switch, object, n, keys, per_object, ids, mode, said) };
        self.note("sai_bulk_object_clear_stats", status);
        status
    }

    /// Something that hardware does.
    pub(crate) fn hardware(&mut self) {
        let view = &self.client.switch.clone();
        let made = self.keys.get(&T::SAI_OBJECT_TYPE_FDB_ENTRY.0).cloned().unwrap_or_default();
        let (mac, bv) = match self.pick(&made).filter(|_| self.byte() < 160) {
            Some([_, mac, bv, ..]) => {
                let [a, b, c, d, e, f, ..] = mac.to_ne_bytes();
                ([a, b, c, d, e, f], bv)
            }
            None => {
                let mac = [2, 0, 0, 0, 0, self.byte() % 32];
                (mac, self.id(&[T::SAI_OBJECT_TYPE_VLAN, T::SAI_OBJECT_TYPE_BRIDGE]))
            }
        };
        let bridge_port = self.id(&[T::SAI_OBJECT_TYPE_BRIDGE_PORT]);
        let (name, result) = match self.byte() % 4 {
            0 => ("link", view.link(self.id(&[T::SAI_OBJECT_TYPE_PORT]), self.byte() < 128)),
            1 => ("age", view.age(bv, mac)),
            2 => ("flush", view.flush(bridge_port)),
            _ => ("hear", view.hear(bv, mac, bridge_port)),
        };
        self.note(name, result.err().map_or(SUCCESS, |status| status.0));
        let router = self.id(&[T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER]);
        let to = std::net::IpAddr::from([10, 0, 0, self.byte()]);
        let _ = view.forward(router, to);
    }
}
