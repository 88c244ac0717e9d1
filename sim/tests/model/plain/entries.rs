//! Entries that are keyed by value, and what hardware does to them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use sai_sys::*;

use super::*;

const MAC: u32 = id!(sai_neighbor_entry_attr_t, SAI_NEIGHBOR_ENTRY_ATTR_DST_MAC_ADDRESS);
const NO_HOST_ROUTE: u32 = id!(sai_neighbor_entry_attr_t, SAI_NEIGHBOR_ENTRY_ATTR_NO_HOST_ROUTE);
const FDB_TYPE: u32 = id!(sai_fdb_entry_attr_t, SAI_FDB_ENTRY_ATTR_TYPE);
const FDB_PORT: u32 = id!(sai_fdb_entry_attr_t, SAI_FDB_ENTRY_ATTR_BRIDGE_PORT_ID);
const ALLOW_MOVE: u32 = id!(sai_fdb_entry_attr_t, SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE);

impl Model {
    /// The key as it is kept: of a route, without the bits behind its length.
    pub(crate) fn judge_key(&self, key: &Key) -> Outcome<Key> {
        let is = |id: u64, objects: &[u32]| match self.known.get(&id) {
            Some(object) if objects.contains(object) => Ok(()),
            _ => Err(SAI_STATUS_INVALID_PARAMETER),
        };
        match key {
            Key::Neighbor { rif, .. } => is(*rif, &[ROUTER_INTERFACE])?,
            Key::Fdb { bv, .. } => is(*bv, &[VLAN, BRIDGE])?,
            Key::Route { vr, ip, mask } => {
                is(*vr, &[VIRTUAL_ROUTER])?;
                let (bits, mask_bits, width) = match (ip, mask) {
                    (IpAddr::V4(ip), IpAddr::V4(mask)) => (ip.to_bits().into(), mask.to_bits().into(), 32),
                    (IpAddr::V6(ip), IpAddr::V6(mask)) => (ip.to_bits(), mask.to_bits(), 128),
                    _ => return Err(SAI_STATUS_INVALID_PARAMETER),
                };
                let mut ended = false;
                for n in (0..width).rev() {
                    let one: bool = (mask_bits >> n) & 1 == 1;
                    if one && ended {
                        return Err(SAI_STATUS_INVALID_PARAMETER);
                    }
                    ended |= !one;
                }
                let masked: u128 = bits & mask_bits;
                let ip = match ip {
                    IpAddr::V4(_) => IpAddr::V4((masked as u32).into()),
                    IpAddr::V6(_) => IpAddr::V6(masked.into()),
                };
                return Ok(Key::Route { vr: *vr, ip, mask: *mask });
            }
        }
        Ok(key.clone())
    }

    /// What the key names is there, and takes such an entry.
    pub(super) fn judge_place(&self, key: &Key) -> Outcome {
        let (id, good) = match key {
            Key::Neighbor { rif, ip } => {
                let is_virtual = id!(sai_router_interface_attr_t, SAI_ROUTER_INTERFACE_ATTR_IS_VIRTUAL);
                let is_virtual =
                    self.live.get(rif).is_some_and(|o| o.attrs.get(&is_virtual) == Some(&Value::Number(1)));
                (rif, !is_virtual && is_host(*ip))
            }
            Key::Fdb { bv, mac } => (bv, is_station(*mac)),
            Key::Route { vr, .. } => (vr, true),
        };
        match (self.live.contains_key(id), good) {
            (false, _) => Err(SAI_STATUS_ITEM_NOT_FOUND),
            (true, false) => Err(SAI_STATUS_INVALID_PARAMETER),
            (true, true) => Ok(()),
        }
    }

    pub(crate) fn create_entry(&mut self, key: &Key, given: &Given) -> Outcome {
        let kind = kind(key.object());
        let key = self.judge_key(key)?;
        self.judge_form(kind, given, false)?;
        self.judge_names(kind, given)?;
        self.judge_whole(kind, given)?;
        self.judge_place(&key)?;
        let attrs: Attrs = given.iter().cloned().collect();
        if self.entries.contains_key(&key) || self.stands_elsewhere(&key, &attrs) {
            return Err(SAI_STATUS_ITEM_ALREADY_EXISTS);
        }
        let mut after = self.entries.clone();
        after.insert(key, attrs);
        self.judge_room(&after)?;
        self.entries = after;
        Ok(())
    }

    /// Is a neighbour with a host route on another interface of the same virtual router?
    pub(super) fn stands_elsewhere(&self, key: &Key, attrs: &Attrs) -> bool {
        let Key::Neighbor { rif, ip } = key else { return false };
        let router = |rif: &u64| self.live.get(rif).and_then(|o| o.attrs.get(&RIF_ROUTER));
        let there = |(other, other_attrs): (&Key, &Attrs)| match other {
            Key::Neighbor { rif: at, ip: same } => {
                at != rif && same == ip && router(at) == router(rif) && has_host_route(other_attrs)
            }
            _ => false,
        };
        self.profile.by_router && has_host_route(attrs) && self.entries.iter().any(there)
    }

    /// Slots of the host table that are taken.
    pub(crate) fn slots(&self, entries: &BTreeMap<Key, Attrs>) -> u64 {
        let cost = |(key, attrs): (&Key, &Attrs)| match key {
            Key::Neighbor { ip, .. } if has_host_route(attrs) => {
                if ip.is_ipv6() {
                    self.profile.v6_slots
                } else {
                    1
                }
            }
            _ => 0,
        };
        entries.iter().map(cost).sum()
    }

    /// Would the tables still hold all this? What does not grow always fits.
    pub(super) fn judge_room(&self, after: &BTreeMap<Key, Attrs>) -> Outcome {
        let (now, then) = (self.slots(&self.entries), self.slots(after));
        let count = |entries: &BTreeMap<Key, Attrs>| {
            entries.keys().filter(|key| key.object() == FDB_ENTRY).count() as u64
        };
        let full = then > now && then > self.profile.host_capacity
            || count(after) > count(&self.entries) && count(after) > self.profile.fdb_capacity;
        match self.profile.bulk {
            _ if !full || self.endless => Ok(()),
            Bulk::WholeBatchReject => Err(SAI_STATUS_INSUFFICIENT_RESOURCES),
            _ => Err(SAI_STATUS_TABLE_FULL),
        }
    }

    pub(super) fn remove_entry(&mut self, key: &Key) -> Outcome {
        let key = self.judge_key(key)?;
        self.entries.remove(&key).map(|_| ()).ok_or(SAI_STATUS_ITEM_NOT_FOUND)
    }

    pub(super) fn set_entry(&mut self, key: &Key, id: u32, value: &Value) -> Outcome {
        let kind = kind(key.object());
        let key = self.judge_key(key)?;
        let given = vec![(id, value.clone())];
        self.judge_form(kind, &given, true)?;
        let attrs = self.entries.get(&key).ok_or(SAI_STATUS_ITEM_NOT_FOUND)?;
        self.judge_names(kind, &given)?;
        self.judge_meaning(kind, attrs, id, value, 0)?;
        let mut attrs = attrs.clone();
        attrs.insert(id, value.clone());
        if self.stands_elsewhere(&key, &attrs) {
            return Err(SAI_STATUS_ITEM_ALREADY_EXISTS);
        }
        let mut after = self.entries.clone();
        after.insert(key, attrs);
        self.judge_room(&after)?;
        self.entries = after;
        Ok(())
    }

    // Many at once, and what hardware does.

    /// Removes every neighbour.
    pub(crate) fn remove_all_neighbors(&mut self) {
        self.entries.retain(|key, _| key.object() != NEIGHBOR_ENTRY);
    }

    /// Removes what a flush call takes.
    pub(crate) fn flush(&mut self, given: &Given) -> Outcome {
        let kind = kind(FDB_FLUSH);
        self.judge_form(kind, given, false)?;
        self.judge_names(kind, given)?;
        let of = |id: u32| given.iter().find(|(i, _)| *i == id).map(|(_, value)| value.clone());
        let named = |id: u32| of(id).map_or(0, |value| value.names()[0]);
        let port = named(id!(sai_fdb_flush_attr_t, SAI_FDB_FLUSH_ATTR_BRIDGE_PORT_ID));
        let bv = named(id!(sai_fdb_flush_attr_t, SAI_FDB_FLUSH_ATTR_BV_ID));
        // 0: dynamic, 1: static, 2: all.
        let which = match of(id!(sai_fdb_flush_attr_t, SAI_FDB_FLUSH_ATTR_ENTRY_TYPE)) {
            Some(Value::Number(n)) => n,
            _ => 0,
        };
        self.flush_where(port, bv, which);
        Ok(())
    }

    /// The same for hardware, whose flush takes what was learned.
    pub(crate) fn flush_where(&mut self, port: u64, bv: u64, which: i64) {
        self.entries.retain(|key, attrs| match key {
            Key::Fdb { bv: at, .. } => {
                let takes = (port == 0 || attrs.get(&FDB_PORT) == Some(&Value::Id(port)))
                    && (bv == 0 || *at == bv)
                    && (which == 2 || which == i64::from(is_static(attrs)));
                !takes
            }
            _ => true,
        });
    }

    /// A frame with this source came in.
    pub(crate) fn hear(&mut self, bv: u64, mac: Mac, port: u64) -> Outcome {
        let key = self.judge_key(&Key::Fdb { bv, mac })?;
        self.judge_place(&key)?;
        self.find(BRIDGE_PORT, port)?;
        let here = Value::Id(port);
        let stations = self.keys(FDB_ENTRY).len() as u64;
        match self.entries.get_mut(&key) {
            Some(attrs) => {
                let stays = is_static(attrs) && attrs.get(&ALLOW_MOVE) != Some(&Value::Number(1));
                if !stays {
                    attrs.insert(FDB_PORT, here);
                }
            }
            None if stations < self.profile.fdb_capacity => {
                let attrs = BTreeMap::from([(FDB_TYPE, Value::Number(0)), (FDB_PORT, here)]);
                self.entries.insert(key, attrs);
            }
            None => {}
        }
        Ok(())
    }

    /// A learned address was not heard of for too long.
    pub(crate) fn age(&mut self, bv: u64, mac: Mac) -> Outcome {
        let key = self.judge_key(&Key::Fdb { bv, mac })?;
        self.judge_place(&key)?;
        let attrs = self.entries.get(&key).ok_or(SAI_STATUS_ITEM_NOT_FOUND)?;
        if is_static(attrs) {
            return Err(SAI_STATUS_INVALID_PARAMETER);
        }
        self.entries.remove(&key);
        Ok(())
    }

    /// A cable is pulled, or plugged in.
    pub(crate) fn link(&mut self, port: u64, up: bool) -> Outcome {
        self.find(PORT, port)?;
        if up {
            self.unplugged.remove(&port);
        } else {
            self.unplugged.insert(port);
        }
        Ok(())
    }

    /// The MAC that a neighbour has, and whether it takes no slot.
    pub(crate) fn neighbor(attrs: &Attrs) -> (Mac, bool) {
        let Some(Value::Mac(mac)) = attrs.get(&MAC) else { unreachable!("mandatory") };
        (*mac, !has_host_route(attrs))
    }

    /// The bridge port of an FDB entry, and whether it is static.
    pub(crate) fn station(attrs: &Attrs) -> (u64, bool) {
        (attrs.get(&FDB_PORT).map_or(0, |port| port.names()[0]), is_static(attrs))
    }
}

pub(super) fn has_host_route(attrs: &Attrs) -> bool {
    attrs.get(&NO_HOST_ROUTE) != Some(&Value::Number(1))
}

pub(super) fn is_static(attrs: &Attrs) -> bool {
    attrs.get(&FDB_TYPE) == Some(&Value::Number(1))
}

/// Neither zero nor a group.
pub(super) fn is_station(mac: Mac) -> bool {
    mac != [0; 6] && mac[0] & 1 == 0
}

/// Can a neighbour have this address?
pub(super) fn is_host(ip: IpAddr) -> bool {
    let limited = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    !(ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || limited)
}
