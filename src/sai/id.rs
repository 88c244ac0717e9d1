//! Object ids with their type: two bare numbers never stand side by side.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// A SAI object id of an object of type `T`, as the library gave it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Oid<T> {
    raw: u64,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

macro_rules! objects {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $($(#[$doc])* #[derive(Clone, Copy, Debug, PartialEq, Eq)] pub enum $name {})*
    };
}

objects! {
    /// SAI_OBJECT_TYPE_SWITCH.
    Switch,
    /// SAI_OBJECT_TYPE_VIRTUAL_ROUTER.
    VirtualRouter,
    /// SAI_OBJECT_TYPE_PORT.
    Port,
    /// SAI_OBJECT_TYPE_LAG.
    Lag,
    /// SAI_OBJECT_TYPE_LAG_MEMBER.
    LagMember,
    /// SAI_OBJECT_TYPE_VLAN.
    Vlan,
    /// SAI_OBJECT_TYPE_VLAN_MEMBER.
    VlanMember,
    /// SAI_OBJECT_TYPE_BRIDGE.
    Bridge,
    /// SAI_OBJECT_TYPE_BRIDGE_PORT.
    BridgePort,
    /// SAI_OBJECT_TYPE_ROUTER_INTERFACE.
    RouterInterface,
    /// SAI_OBJECT_TYPE_NEXT_HOP.
    NextHop,
    /// SAI_OBJECT_TYPE_NEXT_HOP_GROUP.
    NextHopGroup,
}

impl<T> Oid<T> {
    /// The id with this raw value.
    pub const fn from_raw(raw: u64) -> Self {
        Oid { raw, of: PhantomData }
    }

    /// The raw value.
    pub const fn raw(self) -> u64 {
        self.raw
    }

    /// True for SAI_NULL_OBJECT_ID.
    pub const fn is_null(self) -> bool {
        self.raw == 0
    }
}

impl<T> Clone for Oid<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Oid<T> {}
impl<T> PartialEq for Oid<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}
impl<T> Eq for Oid<T> {}
impl<T> PartialOrd for Oid<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Oid<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.raw.cmp(&other.raw)
    }
}
impl<T> Hash for Oid<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}
impl<T> fmt::Debug for Oid<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oid:{:#x}", self.raw)
    }
}
impl<T> fmt::Display for Oid<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oid:{:#x}", self.raw)
    }
}

/// A VLAN or a bridge of its own: what MACs are learned in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Domain {
    /// A VLAN of the default bridge.
    Vlan(Oid<Vlan>),
    /// A bridge of its own.
    Bridge(Oid<Bridge>),
}
