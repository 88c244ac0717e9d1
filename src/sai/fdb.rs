//! The forwarding database of a switch: which bridge port a MAC lies behind.

use super::attr::fdb as at;
use super::bulk::{Answer, Report};
use super::entry::{self, Act, Entries};
use super::error::Error;
use super::id::{self, Oid};
use super::status::Status;
use super::switch::Switch;
use super::table::{Method, method};
use crate::addr::Mac;
use sai_sys::{sai_fdb_api_t, sai_fdb_entry_t, sai_fdb_entry_type_t, sai_object_type_t};

struct Fdb;

impl entry::Kind for Fdb {
    type Key = sai_fdb_entry_t;
    type Api = sai_fdb_api_t;
    const CREATE: Method<Self::Api, entry::Create<Self::Key>> = method!(sai_fdb_api_t, create_fdb_entry);
    const REMOVE: Method<Self::Api, entry::Remove<Self::Key>> = method!(sai_fdb_api_t, remove_fdb_entry);
    const SET: Method<Self::Api, entry::Set<Self::Key>> = method!(sai_fdb_api_t, set_fdb_entry_attribute);
    const GET: Method<Self::Api, entry::Get<Self::Key>> = method!(sai_fdb_api_t, get_fdb_entry_attribute);
    const BULK_CREATE: Method<Self::Api, entry::BulkCreate<Self::Key>> =
        method!(sai_fdb_api_t, create_fdb_entries);
    const BULK_REMOVE: Method<Self::Api, entry::BulkRemove<Self::Key>> =
        method!(sai_fdb_api_t, remove_fdb_entries);
    const BULK_SET: Method<Self::Api, entry::BulkSet<Self::Key>> =
        method!(sai_fdb_api_t, set_fdb_entries_attribute);
    const BULK_GET: Method<Self::Api, entry::BulkGet<Self::Key>> =
        method!(sai_fdb_api_t, get_fdb_entries_attribute);
    const ATTRIBUTES: usize = 4;
}

pub use super::id::Domain;

/// What an FDB entry is keyed by, beside its switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FdbKey {
    /// Where the MAC lies.
    pub domain: Domain,
    /// The MAC.
    pub mac: Mac,
}

/// Does the entry age?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The hardware ages it and moves it as it hears the MAC.
    Dynamic,
    /// It stays, and moves when the MAC is heard elsewhere.
    Static,
}

impl Hold {
    fn kind(self) -> i32 {
        let kind = match self {
            Hold::Dynamic => sai_fdb_entry_type_t::SAI_FDB_ENTRY_TYPE_DYNAMIC,
            Hold::Static => sai_fdb_entry_type_t::SAI_FDB_ENTRY_TYPE_STATIC,
        };
        kind.0 as i32
    }
}

/// A change of an entry that is there: SAI takes one attribute at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FdbChange {
    /// It lies behind this port.
    Port(Oid<id::BridgePort>),
    /// It ages, or does not.
    Hold(Hold),
    /// Static, and yet it moves when the MAC is heard elsewhere.
    AllowMove,
}

/// An FDB entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FdbEntry {
    /// The bridge port that the MAC lies behind.
    pub port: Oid<id::BridgePort>,
    /// Does it age?
    pub hold: Hold,
}

/// The FDB of a switch, with the memory of one batch.
pub struct FdbTable {
    switch: Switch,
    entries: Entries<Fdb>,
}

impl FdbTable {
    /// The FDB of this switch.
    pub fn new(switch: &Switch) -> Self {
        FdbTable { switch: switch.clone(), entries: Entries::new(switch.library().clone()) }
    }

    /// Creates entries; what became of each is in [`Self::answers`], in their order.
    pub fn create(&mut self, batch: impl ExactSizeIterator<Item = (FdbKey, FdbEntry)>) -> Report {
        self.entries.begin(batch.len(), Act::Create);
        for (n, (key, entry)) in batch.enumerate() {
            self.put_key(n, key);
            let first = 4 * n;
            at::TYPE.put(&mut self.entries.attributes[first], entry.hold.kind());
            at::BRIDGE_PORT_ID.put(&mut self.entries.attributes[first + 1], entry.port);
            self.entries.counts[n] = 2;
            if entry.hold == Hold::Static {
                at::ALLOW_MAC_MOVE.put(&mut self.entries.attributes[first + 2], true);
                self.entries.counts[n] = 3;
            }
        }
        self.entries.execute(Act::Create)
    }

    /// Changes one thing of each entry.
    pub fn change(&mut self, batch: impl ExactSizeIterator<Item = (FdbKey, FdbChange)>) -> Report {
        self.entries.begin(batch.len(), Act::Set);
        for (n, (key, change)) in batch.enumerate() {
            self.put_key(n, key);
            let slot = &mut self.entries.changes;
            // Another batch may have left another attribute's value there, a longer one.
            slot.clear_at(n);
            match change {
                FdbChange::Port(port) => at::BRIDGE_PORT_ID.put(&mut slot[n], port),
                FdbChange::Hold(hold) => at::TYPE.put(&mut slot[n], hold.kind()),
                FdbChange::AllowMove => at::ALLOW_MAC_MOVE.put(&mut slot[n], true),
            }
        }
        self.entries.execute(Act::Set)
    }

    /// Removes entries.
    pub fn remove(&mut self, batch: impl ExactSizeIterator<Item = FdbKey>) -> Report {
        self.entries.begin(batch.len(), Act::Remove);
        for (n, key) in batch.enumerate() {
            self.put_key(n, key);
        }
        self.entries.execute(Act::Remove)
    }

    /// Reads entries back: the answers say which of them are there, [`Self::entry`] what they are.
    pub fn read(&mut self, batch: impl ExactSizeIterator<Item = FdbKey>) -> Report {
        self.entries.begin(batch.len(), Act::Get);
        for (n, key) in batch.enumerate() {
            self.put_key(n, key);
            at::BRIDGE_PORT_ID.ask(&mut self.entries.got[4 * n]);
            at::TYPE.ask(&mut self.entries.got[4 * n + 1]);
            self.entries.counts[n] = 2;
        }
        self.entries.execute(Act::Get)
    }

    /// What became of each entry of the last batch.
    pub fn answers(&self) -> &[Answer] {
        &self.entries.answers
    }

    /// After [`Self::read`]: the entry at this place of the batch, if it is there.
    pub fn entry(&self, n: usize) -> Option<FdbEntry> {
        let done = self.entries.answers.get(n) == Some(&Answer::Done);
        done.then(|| {
            let dynamic = at::TYPE.take(&self.entries.got[4 * n + 1]) == Hold::Dynamic.kind();
            FdbEntry {
                port: at::BRIDGE_PORT_ID.take(&self.entries.got[4 * n]),
                hold: if dynamic { Hold::Dynamic } else { Hold::Static },
            }
        })
    }

    /// The keys of all FDB entries of this switch, whoever wrote them, where the library can list them.
    pub fn list(&self) -> Result<Vec<FdbKey>, Error> {
        let object_type = sai_object_type_t::SAI_OBJECT_TYPE_FDB_ENTRY;
        let (keys, count) = self.switch.library().keys(self.switch.id(), object_type)?;
        let vlans = self.switch.vlans()?;
        let mut found = Vec::with_capacity(count);
        for n in 0..count {
            // SAFETY: keys are zeroed as a whole before the library writes them, and any bytes are an entry's key.
            let key = unsafe { keys[n].key.fdb_entry };
            if key.switch_id == self.switch.id().raw() {
                let is_vlan = vlans.iter().any(|vlan| vlan.raw() == key.bv_id);
                let domain = if is_vlan {
                    Domain::Vlan(Oid::from_raw(key.bv_id))
                } else {
                    Domain::Bridge(Oid::from_raw(key.bv_id))
                };
                found.push(FdbKey { domain, mac: Mac(key.mac_address) });
            }
        }
        Ok(found)
    }

    /// The attribute that a create's status blames.
    pub fn blamed_attribute(status: Status) -> Option<&'static str> {
        let names = [at::TYPE.name, at::BRIDGE_PORT_ID.name, at::ALLOW_MAC_MOVE.name];
        status.attribute_index().and_then(|n| names.get(usize::from(n)).copied())
    }

    fn put_key(&mut self, n: usize, key: FdbKey) {
        let slot = &mut self.entries.keys[n];
        slot.switch_id = self.switch.id().raw();
        slot.mac_address = key.mac.0;
        slot.bv_id = match key.domain {
            Domain::Vlan(vlan) => vlan.raw(),
            Domain::Bridge(bridge) => bridge.raw(),
        };
    }
}
