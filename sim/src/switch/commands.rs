//! What happens to hardware without a client asking: links go down and up, MACs are learned, age and move.
//!
//! Invariant: a command leaves the tables in a state that a real switch could be in; what it cannot do it refuses.

use sai_sys::{Status, sai_fdb_event_t, sai_object_type_t as T, sai_port_oper_status_t as PortOper};

use super::Switch;
use super::entry::Entry;
use super::fdb::{Body, Fdb, Flush, Key};
use crate::abi::notify::{Event, FdbEvent};
use crate::oid::Oid;
use crate::refusal::Result;
use crate::value::Mac;

impl Switch {
    /// A cable is pulled or plugged in.
    pub(crate) fn link(&mut self, port: u64, up: bool) -> Result<Event> {
        self.resolve(port, T::SAI_OBJECT_TYPE_PORT)?;
        self.touch_link(port);
        if up {
            self.unplugged.remove(&port);
        } else {
            self.unplugged.insert(port);
        }
        Ok(self.link_event(port))
    }

    /// The state of a port's link, as a client hears of it.
    pub(crate) fn link_event(&self, port: u64) -> Event {
        let state = if self.is_up(port) {
            PortOper::SAI_PORT_OPER_STATUS_UP
        } else {
            PortOper::SAI_PORT_OPER_STATUS_DOWN
        };
        Event::Port(port, state)
    }

    fn fdb_key(&self, bv: u64, mac: Mac) -> Result<Key> {
        let oid = Oid::parse(bv).filter(|oid| oid.switch == self.id.switch);
        let key = oid.and_then(|oid| Key::new(oid, mac)).ok_or(Status::INVALID_PARAMETER)?;
        Fdb::check_key(self, &key)?;
        Ok(key)
    }

    fn event(&self, event: sai_fdb_event_t, key: &Key, body: &Body) -> FdbEvent {
        FdbEvent {
            event,
            switch: self.id.id(),
            bv: key.bv(self),
            mac: key.mac,
            port: body.port(self),
            is_static: body.is_static,
        }
    }

    /// A frame with this source came in on a bridge port: the MAC is learned, or moves. A static entry stays where
    /// it is unless it allows moves, and nothing is learned into a full table.
    pub(crate) fn hear(&mut self, bv: u64, mac: Mac, port: u64) -> Result<Option<Event>> {
        let key = self.fdb_key(bv, mac)?;
        self.resolve(port, T::SAI_OBJECT_TYPE_BRIDGE_PORT)?;
        let old = self.fdb.get(&key).copied();
        let mut body = old.unwrap_or(Fdb::BLANK);
        body.set_port(port);
        let event = match old {
            None if self.free_fdb() == 0 => return Ok(None),
            None => {
                self.fdb.try_insert(key, body, Vec::new(), Ok(()))?;
                sai_fdb_event_t::SAI_FDB_EVENT_LEARNED
            }
            Some(old) if old.port(self) == port || old.is_static && !old.allows_move() => return Ok(None),
            Some(old) => {
                Fdb::account(self, &key, &old, false);
                if let Some(slot) = self.fdb.get_mut(&key) {
                    *slot = body;
                }
                sai_fdb_event_t::SAI_FDB_EVENT_MOVE
            }
        };
        Fdb::account(self, &key, &body, true);
        self.touch_entry::<Fdb>(&key);
        Ok(Some(Event::Fdb(vec![self.event(event, &key, &body)])))
    }

    /// A dynamic entry has not been heard of for too long.
    pub(crate) fn age(&mut self, bv: u64, mac: Mac) -> Result<Event> {
        let key = self.fdb_key(bv, mac)?;
        let body = *self.fdb.get(&key).ok_or(Status::ITEM_NOT_FOUND)?;
        if body.is_static {
            return Err(Status::INVALID_PARAMETER);
        }
        if let Some((_, extras)) = self.fdb.remove(&key) {
            self.refer_all(Fdb::OBJECT, &extras, false);
        }
        Fdb::account(self, &key, &body, false);
        self.touch_entry::<Fdb>(&key);
        Ok(Event::Fdb(vec![self.event(sai_fdb_event_t::SAI_FDB_EVENT_AGED, &key, &body)]))
    }

    /// Flushes, and says which entries went.
    pub(crate) fn flush(&mut self, flush: Flush) -> Option<Event> {
        let gone = self.flush_fdb(flush);
        let event = |(key, body): &(Key, Body)| self.event(sai_fdb_event_t::SAI_FDB_EVENT_FLUSHED, key, body);
        let events: Vec<_> = gone.iter().map(event).collect();
        (!events.is_empty()).then_some(Event::Fdb(events))
    }
}
