//! Calls about objects with an id, singly and in bulk.

use sai::facts::Facts;
use sai_sys::*;

use crate::input::{A, Given, Input};
use crate::member::{as_fn, member};
use crate::support::{SUCCESS, UNTOUCHED};

type T = sai_object_type_t;

/// Objects beyond this are not made, so that memory stays bounded.
const MOST_OBJECTS: usize = 400;

/// The lists of a bulk call.
pub(crate) struct Lists {
    _given: Vec<Given>,
    pub(crate) counts: Vec<u32>,
    pub(crate) pointers: Vec<*mut A>,
    /// The first attribute of each.
    pub(crate) ones: Vec<A>,
}

impl Lists {
    pub(crate) fn new(mut given: Vec<Given>) -> Self {
        let pointers = given.iter_mut().map(|g| g.list.as_mut_ptr()).collect();
        let counts = given.iter().map(|g| g.list.len() as u32).collect();
        let blank = crate::support::attr(0, |_| ());
        let ones = given.iter().map(|g| g.list.first().copied().unwrap_or(blank)).collect();
        Self { _given: given, counts, pointers, ones }
    }
}

impl Input<'_> {
    pub(crate) fn note(&mut self, name: &str, status: sai_status_t) {
        if status == SUCCESS {
            self.done.insert(name.to_owned());
        }
    }

    /// A bulk call that was good for one of many was good.
    pub(crate) fn note_many(&mut self, name: &str, status: sai_status_t, statuses: &[sai_status_t]) {
        self.note(name, if statuses.contains(&SUCCESS) { SUCCESS } else { status });
    }

    fn born(&mut self, facts: &Facts, id: u64) {
        self.live.entry(facts.object.0).or_default().push(id);
    }

    fn buried(&mut self, id: u64) {
        self.live.values_mut().for_each(|ids| ids.retain(|other| *other != id));
        self.dead.push(id);
    }

    /// A call about one object with an id, or about many.
    pub(crate) fn object(&mut self, facts: &Facts) {
        let is_switch = facts.object == T::SAI_OBJECT_TYPE_SWITCH;
        let crowded = self.live.values().map(Vec::len).sum::<usize>() > MOST_OBJECTS;
        match self.byte() % 10 {
            // A switch is made and removed by the test.
            0..6 if is_switch => {}
            0..3 if !crowded => self.create(facts),
            3 if !crowded => self.create_many(facts),
            4 => self.remove(facts),
            5 => self.remove_many(facts),
            6 => self.set(facts),
            7 => self.get(facts),
            8 => self.set_or_get_many(facts),
            _ => self.stats(facts),
        }
    }

    fn create(&mut self, facts: &Facts) {
        let (name, given, switch) = (format!("create_{}", facts.name), self.given(facts), self.switch());
        let Some(create) = member(&name) else { return };
        let (mut id, list) = (0, self.or_null(given.list.as_ptr()));
        let (place, count) = (self.or_null_mut(&raw mut id), given.list.len() as u32);
        let create = as_fn!(create, fn(*mut u64, u64, u32, *const A));
        // SAFETY: all places are ours, or null.
        let status = unsafe { create(place, switch, count, list) };
        self.note(&name, status);
        if status == SUCCESS {
            self.born(facts, id);
        }
    }

    fn create_many(&mut self, facts: &Facts) {
        let (name, n) = (format!("create_{}", facts.plural), self.byte() % 5);
        let Some(create) = member(&name) else { return self.create(facts) };
        let mut lists = Lists::new((0..n).map(|_| self.given(facts)).collect());
        let (switch, mode) = (self.switch(), self.mode());
        let (mut ids, mut statuses) = (vec![0; n.into()], vec![UNTOUCHED; n.into()]);
        let counts = self.or_null(lists.counts.as_ptr());
        let all = self.or_null_mut(lists.pointers.as_mut_ptr().cast::<*const A>());
        let (made, said) = (self.or_null_mut(ids.as_mut_ptr()), self.or_null_mut(statuses.as_mut_ptr()));
        let create =
            as_fn!(create, fn(u64, u32, *const u32, *mut *const A, u32, *mut u64, *mut sai_status_t));
        // SAFETY: all places are ours, or null.
        let status = unsafe { create(switch, n.into(), counts, all, mode, made, said) };
        self.note_many(&name, status, &statuses);
        for (id, _) in ids.iter().zip(&statuses).filter(|(id, status)| **id != 0 && **status == SUCCESS) {
            self.born(facts, *id);
        }
    }

    fn remove(&mut self, facts: &Facts) {
        let (name, id) = (format!("remove_{}", facts.name), self.id(&[facts.object]));
        let Some(remove) = member(&name) else { return };
        let remove = as_fn!(remove, fn(u64));
        // SAFETY: no pointers.
        let status = unsafe { remove(id) };
        self.note(&name, status);
        if status == SUCCESS {
            self.buried(id);
        }
    }

    fn remove_many(&mut self, facts: &Facts) {
        let (name, n) = (format!("remove_{}", facts.plural), self.byte() % 5);
        let Some(remove) = member(&name) else { return self.remove(facts) };
        let ids: Vec<u64> = (0..n).map(|_| self.id(&[facts.object])).collect();
        let (mode, mut statuses) = (self.mode(), vec![UNTOUCHED; n.into()]);
        let (list, said) = (self.or_null(ids.as_ptr()), self.or_null_mut(statuses.as_mut_ptr()));
        let remove = as_fn!(remove, fn(u32, *const u64, u32, *mut sai_status_t));
        // SAFETY: all places are ours, or null.
        let status = unsafe { remove(n.into(), list, mode, said) };
        self.note_many(&name, status, &statuses);
        for (id, _) in ids.iter().zip(&statuses).filter(|(_, status)| **status == SUCCESS) {
            self.buried(*id);
        }
    }

    fn set(&mut self, facts: &Facts) {
        let (name, id) = (format!("set_{}_attribute", facts.name), self.id(&[facts.object]));
        let (Some(set), given) = (member(&name), self.change(facts)) else { return };
        let one = self.or_null(given.list.as_ptr());
        let set = as_fn!(set, fn(u64, *const A));
        // SAFETY: all places are ours, or null.
        let status = unsafe { set(id, one) };
        self.note(&name, status);
    }

    fn get(&mut self, facts: &Facts) {
        let (name, id) = (format!("get_{}_attribute", facts.name), self.id(&[facts.object]));
        let (Some(get), mut given) = (member(&name), self.noise(facts)) else { return };
        let (count, list) = (given.list.len() as u32, self.or_null_mut(given.list.as_mut_ptr()));
        let get = as_fn!(get, fn(u64, u32, *mut A));
        // SAFETY: all places are ours, or null.
        let status = unsafe { get(id, count, list) };
        self.note(&name, status);
    }

    fn set_or_get_many(&mut self, facts: &Facts) {
        let (n, is_set) = (self.byte() % 5, self.byte().is_multiple_of(2));
        let name = format!("{}_{}_attribute", if is_set { "set" } else { "get" }, facts.plural);
        let Some(call) = member(&name) else { return };
        let ids: Vec<u64> = (0..n).map(|_| self.id(&[facts.object])).collect();
        let given = (0..n).map(|_| if is_set { self.change(facts) } else { self.noise(facts) }).collect();
        let mut lists = Lists::new(given);
        let (mode, mut statuses) = (self.mode(), vec![UNTOUCHED; n.into()]);
        let (ids, said) = (self.or_null(ids.as_ptr()), self.or_null_mut(statuses.as_mut_ptr()));
        let status = if is_set {
            let (set, ones) = (
                as_fn!(call, fn(u32, *const u64, *const A, u32, *mut i32)),
                self.or_null(lists.ones.as_ptr()),
            );
            // SAFETY: all places are ours, or null.
            unsafe { set(n.into(), ids, ones, mode, said) }
        } else {
            let get = as_fn!(call, fn(u32, *const u64, *const u32, *mut *mut A, u32, *mut i32));
            let (counts, all) =
                (self.or_null(lists.counts.as_ptr()), self.or_null_mut(lists.pointers.as_mut_ptr()));
            // SAFETY: all places are ours, or null.
            unsafe { get(n.into(), ids, counts, all, mode, said) }
        };
        self.note_many(&name, status, &statuses);
    }

    /// How counters are read; now and then in no way that there is.
    pub(crate) fn stats_mode(&mut self) -> u32 {
        match self.byte() {
            n @ 0..240 => 1 << (n % 5),
            n => n.into(),
        }
    }

    fn stats(&mut self, facts: &Facts) {
        let (what, id, n) = (self.byte() % 4, self.id(&[facts.object]), self.byte() % 5);
        let ids: Vec<u32> = (0..n).map(|_| self.byte().into()).collect();
        let (mut counters, mode) = (vec![7_u64; n.into()], self.stats_mode());
        let (list, place) = (self.or_null(ids.as_ptr()), self.or_null_mut(counters.as_mut_ptr()));
        let stem = facts.name;
        let name = match what {
            0 => format!("get_{stem}_stats"),
            1 => format!("get_{stem}_stats_ext"),
            2 => format!("clear_{stem}_stats"),
            _ => format!("clear_{stem}_all_stats"),
        };
        let Some(call) = member(&name) else { return };
        let status = match what {
            0 => {
                let get = as_fn!(call, fn(u64, u32, *const u32, *mut u64));
                // SAFETY: all places are ours, or null.
                unsafe { get(id, n.into(), list, place) }
            }
            1 => {
                let get = as_fn!(call, fn(u64, u32, *const u32, u32, *mut u64));
                // SAFETY: all places are ours, or null.
                unsafe { get(id, n.into(), list, mode, place) }
            }
            2 => {
                let clear = as_fn!(call, fn(u64, u32, *const u32));
                // SAFETY: all places are ours, or null.
                unsafe { clear(id, n.into(), list) }
            }
            _ => {
                let clear = as_fn!(call, fn(u64));
                // SAFETY: no pointers.
                unsafe { clear(id) }
            }
        };
        self.note(&name, status);
    }
}
