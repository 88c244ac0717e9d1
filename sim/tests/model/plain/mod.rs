//! The reference model: what a SAI library should answer and hold, in plain words.
//!
//! Objects are maps of what was given; whether one is in use is found by looking at all others; room is counted by
//! looking at all entries. Nothing is cached, nothing is indexed.
//!
//! Invariant: no code of the simulator's; ids are whatever the library says.

/// Number of the attribute with this name.
macro_rules! id {
    ($enum:ident, $attr:ident) => {
        sai_sys::$enum::$attr.0
    };
}

mod entries;
mod judge;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use sai_sys::*;

use crate::rows::{Kind, kind};
use crate::value::{Mac, Value};

/// Done, or refused with this status.
pub(crate) type Outcome<T = ()> = Result<T, sai_status_t>;
/// Attributes as a caller lists them.
pub(crate) type Given = Vec<(u32, Value)>;
/// Attributes as they are kept.
pub(crate) type Attrs = BTreeMap<u32, Value>;

macro_rules! types {
    ($($name:ident = $object:ident;)*) => {
        $(pub(crate) const $name: u32 = sai_object_type_t::$object.0;)*
    };
}
types! {
    SWITCH = SAI_OBJECT_TYPE_SWITCH;
    PORT = SAI_OBJECT_TYPE_PORT;
    QUEUE = SAI_OBJECT_TYPE_QUEUE;
    LAG = SAI_OBJECT_TYPE_LAG;
    LAG_MEMBER = SAI_OBJECT_TYPE_LAG_MEMBER;
    VLAN = SAI_OBJECT_TYPE_VLAN;
    VLAN_MEMBER = SAI_OBJECT_TYPE_VLAN_MEMBER;
    BRIDGE = SAI_OBJECT_TYPE_BRIDGE;
    BRIDGE_PORT = SAI_OBJECT_TYPE_BRIDGE_PORT;
    VIRTUAL_ROUTER = SAI_OBJECT_TYPE_VIRTUAL_ROUTER;
    ROUTER_INTERFACE = SAI_OBJECT_TYPE_ROUTER_INTERFACE;
    NEXT_HOP = SAI_OBJECT_TYPE_NEXT_HOP;
    NEXT_HOP_GROUP = SAI_OBJECT_TYPE_NEXT_HOP_GROUP;
    NEXT_HOP_GROUP_MEMBER = SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER;
    ISOLATION_GROUP = SAI_OBJECT_TYPE_ISOLATION_GROUP;
    ISOLATION_GROUP_MEMBER = SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER;
    TUNNEL = SAI_OBJECT_TYPE_TUNNEL;
    HOSTIF = SAI_OBJECT_TYPE_HOSTIF;
    NEIGHBOR_ENTRY = SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
    FDB_ENTRY = SAI_OBJECT_TYPE_FDB_ENTRY;
    ROUTE_ENTRY = SAI_OBJECT_TYPE_ROUTE_ENTRY;
    FDB_FLUSH = SAI_OBJECT_TYPE_FDB_FLUSH;
}

const RIF_ROUTER: u32 = id!(sai_router_interface_attr_t, SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID);

/// What an entry is keyed by, as a caller writes it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Key {
    Neighbor { rif: u64, ip: IpAddr },
    Fdb { bv: u64, mac: Mac },
    Route { vr: u64, ip: IpAddr, mask: IpAddr },
}

impl Key {
    pub(crate) fn object(&self) -> u32 {
        match self {
            Self::Neighbor { .. } => NEIGHBOR_ENTRY,
            Self::Fdb { .. } => FDB_ENTRY,
            Self::Route { .. } => ROUTE_ENTRY,
        }
    }
}

/// An object by its id, or an entry by its key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Name {
    Id(u64),
    Key(Key),
}

/// What a profile says, as far as the model follows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub(crate) host_capacity: u64,
    pub(crate) v6_slots: u64,
    pub(crate) fdb_capacity: u64,
    /// An address stands once in a virtual router, not once on an interface.
    pub(crate) by_router: bool,
    pub(crate) bulk: Bulk,
}

/// How bulk calls fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bulk {
    Spec,
    WholeBatchReject,
    EarlyReturn,
}

/// An object with an id.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) object: u32,
    pub(crate) attrs: Attrs,
}

/// What an attribute answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    Is(Value),
    /// Up to the device; that it answers is sure.
    Anything,
    /// Up to the device, which may also say that it does not know.
    Perhaps,
}

/// What a switch holds.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) profile: Profile,
    pub(crate) live: BTreeMap<u64, Object>,
    /// The type of every id that ever was.
    pub(crate) known: BTreeMap<u64, u32>,
    /// Objects that came with the switch and stay.
    pub(crate) pinned: BTreeSet<u64>,
    pub(crate) entries: BTreeMap<Key, Attrs>,
    pub(crate) unplugged: BTreeSet<u64>,
    pub(crate) switch: u64,
    pub(crate) cpu_port: u64,
    pub(crate) default_bridge: u64,
    /// Where entries do not count against any capacity: a batch is judged before room is looked at.
    pub(crate) endless: bool,
}

impl Model {
    /// Live objects of a type.
    pub(crate) fn ids(&self, object: u32) -> Vec<u64> {
        self.live.iter().filter(|(_, o)| o.object == object).map(|(id, _)| *id).collect()
    }

    /// Entries of a type.
    pub(crate) fn keys(&self, object: u32) -> Vec<Key> {
        self.entries.keys().filter(|key| key.object() == object).cloned().collect()
    }

    /// An object that a call is about.
    pub(crate) fn find(&self, object: u32, id: u64) -> Outcome {
        match self.known.get(&id) {
            None => Err(SAI_STATUS_INVALID_PARAMETER),
            Some(known) if *known != object => Err(SAI_STATUS_INVALID_OBJECT_TYPE),
            Some(_) if self.live.contains_key(&id) => Ok(()),
            Some(_) => Err(SAI_STATUS_ITEM_NOT_FOUND),
        }
    }

    /// Does anything name this object?
    pub(crate) fn is_used(&self, id: u64) -> bool {
        let by = |attrs: &Attrs| attrs.values().any(|value| value.names().contains(&id));
        let by_key = |key: &Key| match key {
            Key::Neighbor { rif, .. } => *rif == id,
            Key::Fdb { bv, .. } => *bv == id,
            Key::Route { vr, .. } => *vr == id,
        };
        self.pinned.contains(&id)
            || self.live.values().any(|o| by(&o.attrs))
            || self.entries.iter().any(|(key, attrs)| by_key(key) || by(attrs))
    }

    /// Creates an object, which the library says has this id.
    pub(crate) fn create(&mut self, object: u32, given: &Given, id: u64) -> Outcome {
        let kind = kind(object);
        self.judge_form(kind, given, false)?;
        self.judge_names(kind, given)?;
        self.judge_whole(kind, given)?;
        let attrs: Attrs = given.iter().cloned().collect();
        self.judge_alone(kind, &attrs)?;
        self.judge_numbers(object, given)?;
        self.known.insert(id, object);
        self.live.insert(id, Object { object, attrs });
        Ok(())
    }

    /// No other object has what only one can have.
    fn judge_alone(&self, kind: &Kind, attrs: &Attrs) -> Outcome {
        let others = || self.live.values().filter(|other| other.object == kind.object);
        for row in kind.rows.iter().filter(|row| row.key) {
            if attrs.contains_key(&row.id) && others().any(|o| o.attrs.get(&row.id) == attrs.get(&row.id)) {
                return Err(SAI_STATUS_ITEM_ALREADY_EXISTS);
            }
        }
        let same = |ids: &[u32]| others().any(|o| ids.iter().all(|id| o.attrs.get(id) == attrs.get(id)));
        let twice = match kind.object {
            // A bridge port is in a VLAN once; a port is in one LAG.
            VLAN_MEMBER => same(&[
                id!(sai_vlan_member_attr_t, SAI_VLAN_MEMBER_ATTR_VLAN_ID),
                id!(sai_vlan_member_attr_t, SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID),
            ]),
            LAG_MEMBER => same(&[id!(sai_lag_member_attr_t, SAI_LAG_MEMBER_ATTR_PORT_ID)]),
            _ => false,
        };
        if twice { Err(SAI_STATUS_ITEM_ALREADY_EXISTS) } else { Ok(()) }
    }

    /// VLAN numbers go from 1 to 4094.
    fn judge_numbers(&self, object: u32, given: &Given) -> Outcome {
        let wrong = |id: u32| {
            let outside = |value: &Value| matches!(value, Value::Number(n) if !(1..=4094).contains(n));
            given.iter().position(|(i, value)| *i == id && outside(value))
        };
        let ids: &[u32] = match object {
            VLAN => match wrong(id!(sai_vlan_attr_t, SAI_VLAN_ATTR_VLAN_ID)) {
                Some(_) => return Err(SAI_STATUS_INVALID_VLAN_ID),
                None => &[],
            },
            BRIDGE_PORT => &[id!(sai_bridge_port_attr_t, SAI_BRIDGE_PORT_ATTR_VLAN_ID)],
            ROUTER_INTERFACE => &[
                id!(sai_router_interface_attr_t, SAI_ROUTER_INTERFACE_ATTR_OUTER_VLAN_ID),
                id!(sai_router_interface_attr_t, SAI_ROUTER_INTERFACE_ATTR_INNER_VLAN_ID),
            ],
            _ => &[],
        };
        match ids.iter().find_map(|id| wrong(*id)) {
            Some(n) => Err(SAI_STATUS_INVALID_ATTR_VALUE_0 - n as sai_status_t),
            None => Ok(()),
        }
    }

    pub(crate) fn remove(&mut self, object: u32, name: &Name) -> Outcome {
        let id = match name {
            Name::Id(id) => *id,
            Name::Key(key) => return self.remove_entry(key),
        };
        self.find(object, id)?;
        if self.is_used(id) {
            return Err(SAI_STATUS_OBJECT_IN_USE);
        }
        self.live.remove(&id);
        Ok(())
    }

    pub(crate) fn set(&mut self, object: u32, name: &Name, (id, value): &(u32, Value)) -> Outcome {
        let of = match name {
            Name::Id(of) => *of,
            Name::Key(key) => return self.set_entry(key, *id, value),
        };
        let kind = kind(object);
        self.find(object, of)?;
        let given = vec![(*id, value.clone())];
        self.judge_form(kind, &given, true)?;
        let attrs = &self.live[&of].attrs;
        if !self.belongs(kind, attrs, &kind.rows[*id as usize]) {
            return Err(SAI_STATUS_INVALID_ATTRIBUTE_0);
        }
        self.judge_names(kind, &given)?;
        self.judge_meaning(kind, attrs, *id, value, 0)?;
        self.live.get_mut(&of).unwrap().attrs.insert(*id, value.clone());
        Ok(())
    }

    /// Is there such an object or entry?
    pub(crate) fn exists(&self, object: u32, name: &Name) -> Outcome {
        match name {
            Name::Id(id) => self.find(object, *id),
            Name::Key(key) => {
                let key = self.judge_key(key)?;
                self.entries.get(&key).map(|_| ()).ok_or(SAI_STATUS_ITEM_NOT_FOUND)
            }
        }
    }

    /// Reads one attribute of what exists.
    pub(crate) fn get(&self, object: u32, name: &Name, id: u32) -> Outcome<Answer> {
        let kind = kind(object);
        let row = kind.row(id).ok_or(SAI_STATUS_UNKNOWN_ATTRIBUTE_0)?;
        match name {
            Name::Id(of) if row.read => self.own(object, *of, id),
            Name::Id(of) => self.read(kind, &self.live[of].attrs, id),
            Name::Key(key) => {
                let key = self.judge_key(key)?;
                let v6 = match key {
                    Key::Neighbor { ip, .. } | Key::Route { ip, .. } => ip.is_ipv6(),
                    Key::Fdb { .. } => false,
                };
                // The only one that is read-only is the family of the key.
                if row.read {
                    return Ok(Answer::Is(Value::Number(v6.into())));
                }
                self.read(kind, &self.entries[&key], id)
            }
        }
    }

    /// What the device says of an object by itself.
    fn own(&self, object: u32, id: u64, attr: u32) -> Outcome<Answer> {
        let naming = |member: u32, by: u32| {
            let names = |o: &Object| o.object == member && o.attrs.get(&by) == Some(&Value::Id(id));
            let ids = self.live.iter().filter(|(_, o)| names(o)).map(|(id, _)| *id);
            ids.collect::<Vec<_>>()
        };
        let list = |ids| Ok(Answer::Is(Value::Ids(ids)));
        let number = |n: i64| Ok(Answer::Is(Value::Number(n)));
        match object {
            VLAN => list(naming(VLAN_MEMBER, id!(sai_vlan_member_attr_t, SAI_VLAN_MEMBER_ATTR_VLAN_ID))),
            LAG if attr == id!(sai_lag_attr_t, SAI_LAG_ATTR_PORT_LIST) => {
                list(naming(LAG_MEMBER, id!(sai_lag_member_attr_t, SAI_LAG_MEMBER_ATTR_LAG_ID)))
            }
            ISOLATION_GROUP => {
                let by = id!(
                    sai_isolation_group_member_attr_t,
                    SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_GROUP_ID
                );
                list(naming(ISOLATION_GROUP_MEMBER, by))
            }
            BRIDGE => {
                let by = id!(sai_bridge_port_attr_t, SAI_BRIDGE_PORT_ATTR_BRIDGE_ID);
                let on = |port: &u64| match self.live[port].attrs.get(&by) {
                    Some(bridge) => *bridge == Value::Id(id),
                    None => id == self.default_bridge,
                };
                list(self.ids(BRIDGE_PORT).into_iter().filter(on).collect())
            }
            NEXT_HOP_GROUP => {
                let by =
                    id!(sai_next_hop_group_member_attr_t, SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID);
                let members = naming(NEXT_HOP_GROUP_MEMBER, by);
                match sai_next_hop_group_attr_t(attr) {
                    sai_next_hop_group_attr_t::SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_MEMBER_LIST => list(members),
                    sai_next_hop_group_attr_t::SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_COUNT
                    | sai_next_hop_group_attr_t::SAI_NEXT_HOP_GROUP_ATTR_REAL_SIZE => {
                        number(members.len() as i64)
                    }
                    _ => Err(SAI_STATUS_ATTR_NOT_IMPLEMENTED_0),
                }
            }
            PORT => match sai_port_attr_t(attr) {
                sai_port_attr_t::SAI_PORT_ATTR_TYPE => number(i64::from(id == self.cpu_port)),
                sai_port_attr_t::SAI_PORT_ATTR_OPER_STATUS => number(if self.is_up(id) { 1 } else { 2 }),
                sai_port_attr_t::SAI_PORT_ATTR_OPER_SPEED => {
                    let speed = id!(sai_port_attr_t, SAI_PORT_ATTR_SPEED);
                    Ok(Answer::Is(self.live[&id].attrs[&speed].clone()))
                }
                _ => Ok(Answer::Perhaps),
            },
            SWITCH => Ok(Answer::Perhaps),
            _ => Err(SAI_STATUS_ATTR_NOT_IMPLEMENTED_0),
        }
    }

    /// Does the model know what a port answers to this read-only attribute?
    pub(crate) fn is_sure_of_port(&self, attr: u32) -> bool {
        self.own(PORT, self.cpu_port, attr) != Ok(Answer::Perhaps)
    }

    fn is_up(&self, port: u64) -> bool {
        let admin = id!(sai_port_attr_t, SAI_PORT_ATTR_ADMIN_STATE);
        let enabled = self.live[&port].attrs.get(&admin) == Some(&Value::Number(1));
        port == self.cpu_port || enabled && !self.unplugged.contains(&port)
    }
}
