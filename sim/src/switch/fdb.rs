//! The forwarding database: MAC addresses within a VLAN or bridge.
//!
//! Invariant: an entry is there because a client created it or a command made it look learned; nothing ages by
//! itself.

use std::hash::Hasher;

use sai_sys::{
    Status, sai_fdb_entry_attr_t as Attr, sai_fdb_entry_type_t as Type, sai_object_type_t,
    sai_object_type_t as T, sai_packet_action_t as Packet,
};

use super::Switch;
use super::entry::Entry;
use super::warm::Lasting;
use crate::faults::Target;
use crate::journal::Packed;
use crate::oid::Oid;
use crate::refusal::Result;
use crate::table::{Key as TableKey, Table};
use crate::value::{Mac, Value, is_station};

/// A MAC address in a VLAN or bridge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Key {
    /// Serial number of the VLAN or bridge, and in the top bit which of them it is.
    bv: u32,
    pub(crate) mac: Mac,
}

const BRIDGE: u32 = 1 << 31;

impl Key {
    /// `bv` is the id of a VLAN or bridge.
    #[inline]
    pub(crate) fn new(bv: Oid, mac: Mac) -> Option<Self> {
        let serial = u32::try_from(bv.serial).ok().filter(|n| *n < BRIDGE)?;
        match bv.object {
            T::SAI_OBJECT_TYPE_VLAN => Some(Self { bv: serial, mac }),
            T::SAI_OBJECT_TYPE_BRIDGE => Some(Self { bv: serial | BRIDGE, mac }),
            _ => None,
        }
    }

    /// Id of the VLAN or bridge.
    #[inline]
    pub(crate) fn bv(&self, switch: &Switch) -> u64 {
        let object = if self.bv & BRIDGE != 0 { T::SAI_OBJECT_TYPE_BRIDGE } else { T::SAI_OBJECT_TYPE_VLAN };
        Oid { switch: switch.id.switch, object, serial: u64::from(self.bv & !BRIDGE) }.id()
    }
}

impl TableKey for Key {
    #[inline]
    fn feed(&self, hasher: &mut impl Hasher) {
        let [a, b, c, d, e, f] = self.mac;
        hasher.write_u64(u64::from_ne_bytes([a, b, c, d, e, f, 0, 0]));
        hasher.write_u64(u64::from(self.bv));
    }
}

/// Where the MAC is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Body {
    /// Serial number of the bridge port; 0: none.
    port: u32,
    action: u8,
    pub(crate) is_static: bool,
    allow_move: bool,
}

impl Body {
    /// Id of the bridge port, or the null id.
    #[inline]
    pub(crate) fn port(&self, switch: &Switch) -> u64 {
        let object = T::SAI_OBJECT_TYPE_BRIDGE_PORT;
        if self.port == 0 {
            0
        } else {
            Oid { switch: switch.id.switch, object, serial: u64::from(self.port) }.id()
        }
    }

    #[inline]
    pub(crate) fn set_port(&mut self, id: u64) {
        self.port = Oid::parse(id).map_or(0, |oid| oid.serial as u32);
    }

    /// May a dynamic learn move it, although it is static?
    pub(crate) fn allows_move(&self) -> bool {
        self.allow_move
    }

    #[inline]
    pub(crate) fn set_type(&mut self, kind: u64) {
        self.is_static = kind == u64::from(Type::SAI_FDB_ENTRY_TYPE_STATIC.0);
    }

    #[inline]
    pub(crate) fn set_allow_move(&mut self, allow: bool) {
        self.allow_move = allow;
    }
}

/// FDB entries.
pub(crate) struct Fdb;

impl Entry for Fdb {
    type Key = Key;
    type Body = Body;
    const OBJECT: sai_object_type_t = T::SAI_OBJECT_TYPE_FDB_ENTRY;
    const BLANK: Body = Body {
        port: 0,
        action: Packet::SAI_PACKET_ACTION_FORWARD.0 as u8,
        is_static: false,
        allow_move: false,
    };

    #[inline]
    fn table(switch: &Switch) -> &Table<Key, Body> {
        &switch.fdb
    }

    #[inline]
    fn table_mut(switch: &mut Switch) -> &mut Table<Key, Body> {
        &mut switch.fdb
    }

    fn store(body: &mut Body, id: u32, value: &Value) -> bool {
        match (Attr(id), value) {
            (Attr::SAI_FDB_ENTRY_ATTR_TYPE, Value::Num(n)) => body.set_type(*n),
            (Attr::SAI_FDB_ENTRY_ATTR_PACKET_ACTION, Value::Num(n)) => body.action = *n as u8,
            (Attr::SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID, Value::Num(id)) => body.set_port(*id),
            (Attr::SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE, Value::Num(n)) => body.allow_move = *n != 0,
            _ => return false,
        }
        true
    }

    fn load(switch: &Switch, _: &Key, body: &Body, id: u32) -> Option<Value> {
        Some(match Attr(id) {
            Attr::SAI_FDB_ENTRY_ATTR_TYPE => Value::Num(u64::from(if body.is_static {
                Type::SAI_FDB_ENTRY_TYPE_STATIC.0
            } else {
                Type::SAI_FDB_ENTRY_TYPE_DYNAMIC.0
            })),
            Attr::SAI_FDB_ENTRY_ATTR_PACKET_ACTION => Value::Num(u64::from(body.action)),
            Attr::SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID => Value::Num(body.port(switch)),
            Attr::SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE => Value::flag(body.allow_move),
            _ => return None,
        })
    }

    #[inline]
    fn check_key(switch: &Switch, key: &Key) -> Result<()> {
        if !switch.objects.contains_key(&key.bv(switch)) {
            Err(Status::ITEM_NOT_FOUND)
        } else if is_station(&key.mac) {
            Ok(())
        } else {
            Err(Status::INVALID_PARAMETER)
        }
    }

    #[inline]
    fn has_room(switch: &Switch, _: &Key, _: &Body, old: Option<&Body>) -> bool {
        old.is_some() || switch.free_fdb() > 0
    }

    #[inline]
    fn account(switch: &mut Switch, key: &Key, body: &Body, more: bool) {
        let (bv, port) = (key.bv(switch), body.port(switch));
        switch.refer(bv, more);
        switch.refer(port, more);
    }

    fn target(key: &Key) -> Target {
        Target::Mac(key.mac)
    }

    fn corrupt(body: &mut Body) {
        body.is_static = !body.is_static;
    }
}

impl Lasting for Fdb {
    const TABLE: u8 = 1;

    #[inline]
    fn key_bytes(key: &Key) -> Packed {
        Packed::of(&[&key.bv.to_le_bytes(), &key.mac])
    }

    fn key_from(bytes: &[u8]) -> Option<Key> {
        let (bv, mac) = bytes.split_at_checked(4)?;
        Some(Key { bv: u32::from_le_bytes(bv.try_into().ok()?), mac: mac.try_into().ok()? })
    }

    fn body_bytes(body: &Body) -> Packed {
        let flags = [body.action, u8::from(body.is_static), u8::from(body.allow_move)];
        Packed::of(&[&body.port.to_le_bytes(), &flags])
    }

    fn body_from(bytes: &[u8]) -> Option<Body> {
        let [a, b, c, d, action, is_static, allow_move] = *bytes else { return None };
        let port = u32::from_le_bytes([a, b, c, d]);
        Some(Body { port, action, is_static: is_static != 0, allow_move: allow_move != 0 })
    }
}

/// What a flush takes.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Flush {
    pub(crate) port: Option<u64>,
    pub(crate) bv: Option<u64>,
    /// `None`: both kinds.
    pub(crate) is_static: Option<bool>,
}

impl Switch {
    /// Removes what the filter takes; answers it, sorted.
    pub(crate) fn flush_fdb(&mut self, flush: Flush) -> Vec<(Key, Body)> {
        let takes = |key: &Key, body: &Body| {
            flush.port.is_none_or(|port| body.port(self) == port)
                && flush.bv.is_none_or(|bv| key.bv(self) == bv)
                && flush.is_static.is_none_or(|is_static| body.is_static == is_static)
        };
        let gone = self.fdb.entries_where(takes);
        for (key, body) in &gone {
            self.touch_entry::<Fdb>(key);
            if let Some((_, extras)) = self.fdb.remove(key) {
                Fdb::account(self, key, body, false);
                self.refer_all(Fdb::OBJECT, &extras, false);
            }
            self.save_some();
        }
        gone
    }
}
