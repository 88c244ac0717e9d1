//! Host routes of a switch: a route whose prefix is one address, by a next hop.
//!
//! Invariant: whoever asks names next hops that are there; nothing here makes one.

use super::attr::route as at;
use super::bulk::{Answer, Report};
use super::entry::{self, Act, Entries};
use super::error::Error;
use super::id::{self, Oid};
use super::ip::{read_host, write_host};
use super::status::Status;
use super::switch::Switch;
use super::table::{Method, method};
use sai_sys::{sai_object_type_t, sai_route_api_t, sai_route_entry_t};
use std::net::IpAddr;

struct Routes;

impl entry::Kind for Routes {
    type Key = sai_route_entry_t;
    type Api = sai_route_api_t;
    const CREATE: Method<Self::Api, entry::Create<Self::Key>> = method!(sai_route_api_t, create_route_entry);
    const REMOVE: Method<Self::Api, entry::Remove<Self::Key>> = method!(sai_route_api_t, remove_route_entry);
    const SET: Method<Self::Api, entry::Set<Self::Key>> = method!(sai_route_api_t, set_route_entry_attribute);
    const GET: Method<Self::Api, entry::Get<Self::Key>> = method!(sai_route_api_t, get_route_entry_attribute);
    const BULK_CREATE: Method<Self::Api, entry::BulkCreate<Self::Key>> =
        method!(sai_route_api_t, create_route_entries);
    const BULK_REMOVE: Method<Self::Api, entry::BulkRemove<Self::Key>> =
        method!(sai_route_api_t, remove_route_entries);
    const BULK_SET: Method<Self::Api, entry::BulkSet<Self::Key>> =
        method!(sai_route_api_t, set_route_entries_attribute);
    const BULK_GET: Method<Self::Api, entry::BulkGet<Self::Key>> =
        method!(sai_route_api_t, get_route_entries_attribute);
    const ATTRIBUTES: usize = 1;
}

/// What a host route is keyed by, beside its switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteKey {
    /// The virtual router.
    pub virtual_router: Oid<id::VirtualRouter>,
    /// The host's address; the whole of it is the prefix.
    pub ip: IpAddr,
}

/// The host routes of a switch, with the memory of one batch.
pub struct RouteTable {
    switch: Switch,
    entries: Entries<Routes>,
}

impl RouteTable {
    /// The routes of this switch.
    pub fn new(switch: &Switch) -> Self {
        RouteTable { switch: switch.clone(), entries: Entries::new(switch.library().clone()) }
    }

    /// Creates routes; what became of each is in [`Self::answers`], in their order.
    pub fn create(&mut self, batch: impl ExactSizeIterator<Item = (RouteKey, Oid<id::NextHop>)>) -> Report {
        self.entries.begin(batch.len(), Act::Create);
        for (n, (key, hop)) in batch.enumerate() {
            self.put_key(n, key);
            at::NEXT_HOP_ID.put(&mut self.entries.attributes[n], hop);
            self.entries.counts[n] = 1;
        }
        self.entries.execute(Act::Create)
    }

    /// Points routes at other next hops.
    pub fn set_next_hop(
        &mut self,
        batch: impl ExactSizeIterator<Item = (RouteKey, Oid<id::NextHop>)>,
    ) -> Report {
        self.entries.begin(batch.len(), Act::Set);
        for (n, (key, hop)) in batch.enumerate() {
            self.put_key(n, key);
            at::NEXT_HOP_ID.put(&mut self.entries.changes[n], hop);
        }
        self.entries.execute(Act::Set)
    }

    /// Removes routes.
    pub fn remove(&mut self, batch: impl ExactSizeIterator<Item = RouteKey>) -> Report {
        self.entries.begin(batch.len(), Act::Remove);
        for (n, key) in batch.enumerate() {
            self.put_key(n, key);
        }
        self.entries.execute(Act::Remove)
    }

    /// Reads routes back: the answers say which of them are there, [`Self::next_hop`] by which next hop.
    pub fn read(&mut self, batch: impl ExactSizeIterator<Item = RouteKey>) -> Report {
        self.entries.begin(batch.len(), Act::Get);
        for (n, key) in batch.enumerate() {
            self.put_key(n, key);
            at::NEXT_HOP_ID.ask(&mut self.entries.got[n]);
            self.entries.counts[n] = 1;
        }
        self.entries.execute(Act::Get)
    }

    /// What became of each route of the last batch.
    pub fn answers(&self) -> &[Answer] {
        &self.entries.answers
    }

    /// After [`Self::read`]: by which next hop the route at this place of the batch leads, if it is there.
    pub fn next_hop(&self, n: usize) -> Option<Oid<id::NextHop>> {
        let done = self.entries.answers.get(n) == Some(&Answer::Done);
        done.then(|| at::NEXT_HOP_ID.take(&self.entries.got[n]))
    }

    /// The keys of all host routes of this switch, whoever wrote them, where the library can list them.
    pub fn list(&self) -> Result<Vec<RouteKey>, Error> {
        let object_type = sai_object_type_t::SAI_OBJECT_TYPE_ROUTE_ENTRY;
        let (keys, count) = self.switch.library().keys(self.switch.id(), object_type)?;
        let mut found = Vec::with_capacity(count);
        for n in 0..count {
            // SAFETY: keys are zeroed as a whole before the library writes them, and any bytes are an entry's key.
            let key = unsafe { keys[n].key.route_entry };
            if key.switch_id == self.switch.id().raw()
                && let Some(ip) = read_host(&key.destination)?
            {
                found.push(RouteKey { virtual_router: Oid::from_raw(key.vr_id), ip });
            }
        }
        Ok(found)
    }

    /// The attribute that a create's or a set's status blames.
    pub fn blamed_attribute(status: Status) -> Option<&'static str> {
        (status.attribute_index() == Some(0)).then_some(at::NEXT_HOP_ID.name)
    }

    fn put_key(&mut self, n: usize, key: RouteKey) {
        let slot = &mut self.entries.keys[n];
        slot.switch_id = self.switch.id().raw();
        slot.vr_id = key.virtual_router.raw();
        write_host(&mut slot.destination, key.ip);
    }
}
