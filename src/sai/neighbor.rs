//! The neighbour table of a switch.
//!
//! Invariant: a MAC change is one SET; NO_HOST_ROUTE is written only where it is wanted, for some libraries refuse it
//! and its default is false.

use super::attr::neighbor as at;
use super::bulk::{Answer, Report};
use super::entry::{self, Act, Entries};
use super::error::Error;
use super::id::{self, Oid};
use super::ip::{read_ip, write_ip};
use super::status::Status;
use super::switch::Switch;
use super::table::{Method, method};
use crate::addr::Mac;
use crate::neighbor::Host;
use sai_sys::{sai_neighbor_api_t, sai_neighbor_entry_t, sai_object_type_t};
use std::net::IpAddr;

struct Neighbors;

impl entry::Kind for Neighbors {
    type Key = sai_neighbor_entry_t;
    type Api = sai_neighbor_api_t;
    const CREATE: Method<Self::Api, entry::Create<Self::Key>> =
        method!(sai_neighbor_api_t, create_neighbor_entry);
    const REMOVE: Method<Self::Api, entry::Remove<Self::Key>> =
        method!(sai_neighbor_api_t, remove_neighbor_entry);
    const SET: Method<Self::Api, entry::Set<Self::Key>> =
        method!(sai_neighbor_api_t, set_neighbor_entry_attribute);
    const GET: Method<Self::Api, entry::Get<Self::Key>> =
        method!(sai_neighbor_api_t, get_neighbor_entry_attribute);
    const BULK_CREATE: Method<Self::Api, entry::BulkCreate<Self::Key>> =
        method!(sai_neighbor_api_t, create_neighbor_entries);
    const BULK_REMOVE: Method<Self::Api, entry::BulkRemove<Self::Key>> =
        method!(sai_neighbor_api_t, remove_neighbor_entries);
    const BULK_SET: Method<Self::Api, entry::BulkSet<Self::Key>> =
        method!(sai_neighbor_api_t, set_neighbor_entries_attribute);
    const BULK_GET: Method<Self::Api, entry::BulkGet<Self::Key>> =
        method!(sai_neighbor_api_t, get_neighbor_entries_attribute);
    const ATTRIBUTES: usize = 2;
}

/// What a neighbour entry is keyed by, beside its switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NeighborKey {
    /// The router interface.
    pub rif: Oid<id::RouterInterface>,
    /// The address.
    pub ip: IpAddr,
}

/// What reading an entry gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The ASIC holds it.
    Held(Host),
    /// The ASIC holds no such entry.
    Missing,
    /// The library would not say.
    Refused(Status),
    /// The library could not say.
    Unknown(Status),
    /// It was not asked.
    NotExecuted,
}

/// The neighbour table of a switch, with the memory of one batch.
pub struct NeighborTable {
    switch: Switch,
    entries: Entries<Neighbors>,
    readings: Vec<Reading>,
}

impl NeighborTable {
    /// The table of this switch.
    pub fn new(switch: &Switch) -> Self {
        let entries = Entries::new(switch.library().clone());
        NeighborTable { switch: switch.clone(), entries, readings: Vec::new() }
    }

    /// Its switch.
    pub fn switch(&self) -> &Switch {
        &self.switch
    }

    /// Creates entries; what became of each is in [`Self::answers`], in their order.
    pub fn create(&mut self, batch: impl ExactSizeIterator<Item = (NeighborKey, Host)>) -> Report {
        self.entries.begin(batch.len(), Act::Create);
        for (n, (key, host)) in batch.enumerate() {
            self.put_key(n, key);
            at::DST_MAC_ADDRESS.put(&mut self.entries.attributes[2 * n], host.mac);
            self.entries.counts[n] = 1;
            if host.no_host_route {
                at::NO_HOST_ROUTE.put(&mut self.entries.attributes[2 * n + 1], true);
                self.entries.counts[n] = 2;
            }
        }
        self.entries.execute(Act::Create)
    }

    /// Sets the MAC of entries.
    pub fn set_mac(&mut self, batch: impl ExactSizeIterator<Item = (NeighborKey, Mac)>) -> Report {
        self.entries.begin(batch.len(), Act::Set);
        for (n, (key, mac)) in batch.enumerate() {
            self.put_key(n, key);
            at::DST_MAC_ADDRESS.put(&mut self.entries.changes[n], mac);
        }
        self.entries.execute(Act::Set)
    }

    /// Removes entries.
    pub fn remove(&mut self, batch: impl ExactSizeIterator<Item = NeighborKey>) -> Report {
        self.entries.begin(batch.len(), Act::Remove);
        for (n, key) in batch.enumerate() {
            self.put_key(n, key);
        }
        self.entries.execute(Act::Remove)
    }

    /// Reads entries back; what each gave is in [`Self::readings`], in their order.
    pub fn read(&mut self, batch: &[NeighborKey]) -> Report {
        let mut report = self.ask(batch, true);
        self.readings = (0..batch.len()).map(|n| self.reading(n, true)).collect();
        // A library that keeps no defaults refuses to say what was never set: then the MAC alone is asked for. Enough
        // such refusals look like a switch that lacks the call, so those that were not asked any more count too.
        let gave_up = report.trouble.is_some_and(Status::is_lacking);
        let unsaid = |reading: &Reading| match reading {
            Reading::Refused(status) => status.is_lacking() || status.attribute_index().is_some(),
            Reading::NotExecuted => gave_up,
            _ => false,
        };
        let again: Vec<usize> = (0..batch.len()).filter(|n| unsaid(&self.readings[*n])).collect();
        if !again.is_empty() && (gave_up || report.trouble.is_none()) {
            let keys: Vec<NeighborKey> = again.iter().map(|n| batch[*n]).collect();
            let second = self.ask(&keys, false);
            report.calls += second.calls;
            report.ns += second.ns;
            report.trouble = second.trouble;
            for (n, at) in again.into_iter().enumerate() {
                self.readings[at] = self.reading(n, false);
            }
        }
        report
    }

    /// What became of each entry of the last batch.
    pub fn answers(&self) -> &[Answer] {
        &self.entries.answers
    }

    /// What each entry of the last [`Self::read`] gave.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// The keys of all neighbour entries of this switch, whoever wrote them, where the library can list them.
    pub fn list(&self) -> Result<Vec<NeighborKey>, Error> {
        let object_type = sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
        let (keys, count) = self.switch.library().keys(self.switch.id(), object_type)?;
        let mut found = Vec::with_capacity(count);
        for n in 0..count {
            // SAFETY: keys are zeroed as a whole before the library writes them, and any bytes are an entry's key.
            let key = unsafe { keys[n].key.neighbor_entry };
            if key.switch_id == self.switch.id().raw() {
                let ip = read_ip(&key.ip_address)?;
                found.push(NeighborKey { rif: Oid::from_raw(key.rif_id), ip });
            }
        }
        Ok(found)
    }

    /// Has the library told that it creates neighbours one by one only?
    pub fn creates_singly(&self) -> bool {
        self.entries.goes_by_singles(Act::Create)
    }

    /// The attribute that a create's or a set's status blames.
    pub fn blamed_attribute(status: Status) -> Option<&'static str> {
        let names = [at::DST_MAC_ADDRESS.name, at::NO_HOST_ROUTE.name];
        status.attribute_index().and_then(|n| names.get(usize::from(n)).copied())
    }

    fn put_key(&mut self, n: usize, key: NeighborKey) {
        let slot = &mut self.entries.keys[n];
        slot.switch_id = self.switch.id().raw();
        slot.rif_id = key.rif.raw();
        write_ip(&mut slot.ip_address, key.ip);
    }

    fn ask(&mut self, batch: &[NeighborKey], both: bool) -> Report {
        self.entries.begin(batch.len(), Act::Get);
        for (n, key) in batch.iter().enumerate() {
            self.put_key(n, *key);
            at::DST_MAC_ADDRESS.ask(&mut self.entries.got[2 * n]);
            at::NO_HOST_ROUTE.ask(&mut self.entries.got[2 * n + 1]);
            self.entries.counts[n] = if both { 2 } else { 1 };
        }
        self.entries.execute(Act::Get)
    }

    fn reading(&self, n: usize, both: bool) -> Reading {
        match self.entries.answers[n] {
            Answer::Done => Reading::Held(Host {
                mac: at::DST_MAC_ADDRESS.take(&self.entries.got[2 * n]),
                no_host_route: both && at::NO_HOST_ROUTE.take(&self.entries.got[2 * n + 1]),
            }),
            Answer::Refused(status) if status.is_not_found() => Reading::Missing,
            Answer::Refused(status) => Reading::Refused(status),
            Answer::Unknown(status) => Reading::Unknown(status),
            Answer::NotExecuted => Reading::NotExecuted,
        }
    }
}
