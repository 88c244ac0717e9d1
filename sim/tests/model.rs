//! Any sequence of calls on neighbours against a reference model in simple words: a sorted map and a counter.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]

mod support;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use sai_sys::*;
use support::*;

const CAPACITY: u64 = 12;
const V6_SLOTS: u64 = 2;

/// A key by small numbers, so that sequences meet themselves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Key {
    rif: u8,
    v6: bool,
    host: u8,
}

#[derive(Clone, Debug)]
struct Entry {
    key: Key,
    /// 0: the MAC is missing; 1: it is all zeros.
    mac: u8,
    no_host_route: Option<bool>,
}

#[derive(Clone, Debug)]
enum Step {
    Create(Entry),
    Remove(Key),
    SetMac(Key, u8),
    SetNoHostRoute(Key, bool),
    CreateMany(Vec<Entry>, bool),
    SetMany(Vec<(Key, u8)>, bool),
    RemoveMany(Vec<Key>, bool),
    RemoveAll,
    RemoveRif(u8),
}

fn key() -> impl Strategy<Value = Key> {
    (0..3_u8, any::<bool>(), 1..6_u8).prop_map(|(rif, v6, host)| Key { rif, v6, host })
}

fn entry() -> impl Strategy<Value = Entry> {
    (key(), prop_oneof![1 => Just(0_u8), 1 => Just(1), 8 => 2..20_u8], any::<Option<bool>>())
        .prop_map(|(key, mac, no_host_route)| Entry { key, mac, no_host_route })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => entry().prop_map(Step::Create),
        3 => key().prop_map(Step::Remove),
        2 => (key(), 1..20_u8).prop_map(|(k, m)| Step::SetMac(k, m)),
        1 => (key(), any::<bool>()).prop_map(|(k, n)| Step::SetNoHostRoute(k, n)),
        3 => (prop::collection::vec(entry(), 1..8), any::<bool>()).prop_map(|(e, s)| Step::CreateMany(e, s)),
        1 => (prop::collection::vec((key(), 1..20_u8), 1..8), any::<bool>()).prop_map(|(e, s)| Step::SetMany(e, s)),
        2 => (prop::collection::vec(key(), 1..8), any::<bool>()).prop_map(|(k, s)| Step::RemoveMany(k, s)),
        1 => Just(Step::RemoveAll),
        1 => (0..3_u8).prop_map(Step::RemoveRif),
    ]
}

/// What the host table should be.
#[derive(Default)]
struct Model {
    entries: BTreeMap<Key, (u8, bool)>,
    gone: [bool; 3],
}

impl Model {
    fn slots(&self) -> u64 {
        let cost = |(key, (_, no_host_route)): (&Key, &(u8, bool))| match (no_host_route, key.v6) {
            (true, _) => 0,
            (false, true) => V6_SLOTS,
            (false, false) => 1,
        };
        self.entries.iter().map(cost).sum()
    }

    fn create(&mut self, entry: &Entry) -> sai_status_t {
        let no_host_route = entry.no_host_route.unwrap_or(false);
        let cost = if no_host_route {
            0
        } else if entry.key.v6 {
            V6_SLOTS
        } else {
            1
        };
        if entry.mac == 0 {
            SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING
        } else if entry.mac == 1 {
            SAI_STATUS_INVALID_ATTR_VALUE_0
        } else if self.gone[entry.key.rif as usize] {
            SAI_STATUS_ITEM_NOT_FOUND
        } else if self.entries.contains_key(&entry.key) {
            SAI_STATUS_ITEM_ALREADY_EXISTS
        } else if cost > 0 && self.slots() + cost > CAPACITY {
            SAI_STATUS_TABLE_FULL
        } else {
            self.entries.insert(entry.key, (entry.mac, no_host_route));
            SUCCESS
        }
    }

    fn remove(&mut self, key: Key) -> sai_status_t {
        if self.entries.remove(&key).is_some() { SUCCESS } else { SAI_STATUS_ITEM_NOT_FOUND }
    }

    fn set_mac(&mut self, key: Key, mac: u8) -> sai_status_t {
        if mac == 1 {
            return SAI_STATUS_INVALID_ATTR_VALUE_0;
        }
        match self.entries.get_mut(&key) {
            Some(entry) => {
                entry.0 = mac;
                SUCCESS
            }
            None => SAI_STATUS_ITEM_NOT_FOUND,
        }
    }

    fn set_no_host_route(&mut self, key: Key, on: bool) -> sai_status_t {
        let Some((_, before)) = self.entries.get(&key).copied() else { return SAI_STATUS_ITEM_NOT_FOUND };
        let cost = if key.v6 { V6_SLOTS } else { 1 };
        if before && !on && self.slots() + cost > CAPACITY {
            return SAI_STATUS_TABLE_FULL;
        }
        self.entries.get_mut(&key).unwrap().1 = on;
        SUCCESS
    }

    /// Return code and statuses of a bulk call whose entries would fare like this one by one.
    fn many<E>(
        &mut self,
        entries: &[E],
        stop: bool,
        mut each: impl FnMut(&mut Self, &E) -> sai_status_t,
    ) -> (sai_status_t, Vec<sai_status_t>) {
        let mut statuses = vec![SAI_STATUS_NOT_EXECUTED; entries.len()];
        for (status, entry) in statuses.iter_mut().zip(entries) {
            *status = each(self, entry);
            if *status != SUCCESS && stop {
                break;
            }
        }
        let good = statuses.iter().all(|status| *status == SUCCESS);
        (if good { SUCCESS } else { SAI_STATUS_FAILURE }, statuses)
    }
}

struct World {
    client: Client,
    rifs: [sai_object_id_t; 3],
    model: Model,
}

impl World {
    fn new() -> Self {
        let slots = (CAPACITY.to_string(), V6_SLOTS.to_string());
        let client = Client::new(&[
            ("SAI_SIM_HOST_CAPACITY", &slots.0),
            ("SAI_SIM_V6_SLOTS", &slots.1),
            ("SAI_SIM_PORTS", "1"),
        ]);
        let rifs = [client.rif, client.vlan_rif(&[]).unwrap(), client.vlan_rif(&[]).unwrap()];
        Self { client, rifs, model: Model::default() }
    }

    fn ip(key: Key) -> IpAddr {
        if key.v6 {
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, key.host.into()).into()
        } else {
            Ipv4Addr::new(10, 0, 0, key.host).into()
        }
    }

    fn entry(&self, key: Key) -> sai_neighbor_entry_t {
        self.client.entry_at(self.rifs[key.rif as usize], Self::ip(key))
    }

    fn attrs(entry: &Entry) -> Vec<sai_attribute_t> {
        let mut attrs = Vec::new();
        if entry.mac > 0 {
            attrs.push(mac_of(entry.mac));
        }
        attrs.extend(entry.no_host_route.map(|on| flag(NO_HOST_ROUTE, on)));
        attrs
    }

    /// Does the step on both and compares what it answers.
    fn step(&mut self, step: &Step) {
        let stop_mode = |stop: bool| if stop { STOP } else { IGNORE };
        let client = &self.client;
        let model = &mut self.model;
        let entry_of = |key: &Key| client.entry_at(self.rifs[key.rif as usize], Self::ip(*key));
        match step {
            Step::Create(e) => assert_eq!(client.create(&entry_of(&e.key), &Self::attrs(e)), model.create(e)),
            Step::Remove(key) => assert_eq!(client.remove(&entry_of(key)), model.remove(*key)),
            Step::SetMac(key, mac) => {
                assert_eq!(client.set(&entry_of(key), &mac_of(*mac)), model.set_mac(*key, *mac));
            }
            Step::SetNoHostRoute(key, on) => {
                let attr = flag(NO_HOST_ROUTE, *on);
                assert_eq!(client.set(&entry_of(key), &attr), model.set_no_host_route(*key, *on));
            }
            Step::CreateMany(list, stop) => {
                let entries: Vec<_> = list.iter().map(|e| entry_of(&e.key)).collect();
                let attrs: Vec<_> = list.iter().map(Self::attrs).collect();
                let expected = model.many(list, *stop, Model::create);
                assert_eq!(client.create_many(&entries, &attrs, stop_mode(*stop)), expected);
            }
            Step::SetMany(list, stop) => {
                let entries: Vec<_> = list.iter().map(|(key, _)| entry_of(key)).collect();
                let attrs: Vec<_> = list.iter().map(|(_, mac)| mac_of(*mac)).collect();
                let expected = model.many(list, *stop, |model, (key, mac)| model.set_mac(*key, *mac));
                assert_eq!(client.set_many(&entries, &attrs, stop_mode(*stop)), expected);
            }
            Step::RemoveMany(list, stop) => {
                let entries: Vec<_> = list.iter().map(entry_of).collect();
                let expected = model.many(list, *stop, |model, key| model.remove(*key));
                assert_eq!(client.remove_many(&entries, stop_mode(*stop)), expected);
            }
            Step::RemoveAll => {
                // SAFETY: no pointers.
                let status =
                    unsafe { client.neighbor.remove_all_neighbor_entries.unwrap()(client.switch.id()) };
                assert_eq!(status, SUCCESS);
                model.entries.clear();
            }
            Step::RemoveRif(rif) => {
                let index = *rif as usize;
                let expected = if model.gone[index] {
                    SAI_STATUS_ITEM_NOT_FOUND
                } else if model.entries.keys().any(|key| key.rif == *rif) {
                    SAI_STATUS_OBJECT_IN_USE
                } else {
                    model.gone[index] = true;
                    SUCCESS
                };
                assert_eq!(client.remove_rif(self.rifs[index]), expected);
            }
        }
    }

    /// Compares all that both hold, seen from inside and through SAI.
    fn compare(&self) {
        let mut expected: Vec<_> = self
            .model
            .entries
            .iter()
            .map(|(key, (mac, no_host_route))| sai::inspect::Neighbor {
                rif: self.rifs[key.rif as usize],
                ip: Self::ip(*key),
                mac: [2, 0, 0, 0, 0, *mac],
                no_host_route: *no_host_route,
            })
            .collect();
        expected.sort_unstable();
        assert_eq!(self.client.switch.neighbors(), expected);
        assert_eq!(self.client.switch.host_slots(), (self.model.slots(), CAPACITY));
        for (key, (mac, _)) in &self.model.entries {
            assert_eq!(self.client.mac_of(&self.entry(*key)), Ok([2, 0, 0, 0, 0, *mac]));
        }
        let mut count = 0;
        let object = sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
        // SAFETY: the place is ours.
        let status = unsafe { sai::sai_get_object_count(self.client.switch.id(), object, &raw mut count) };
        assert_eq!((status, count as usize), (SUCCESS, expected.len()));
    }
}

/// 1: all zeros, which no station has.
fn mac_of(mac: u8) -> sai_attribute_t {
    attr(MAC_ATTR, |v| v.mac = if mac == 1 { [0; 6] } else { [2, 0, 0, 0, 0, mac] })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_calls_equals_the_model(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
            world.compare();
        }
    }
}
