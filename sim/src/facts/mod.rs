//! What SAI 1.18.1 says about every attribute of the objects that are simulated: its value type, when it may be
//! given, what it is if nobody gave it, which objects and enumerators it may name.
//!
//! Invariant: data and look-ups in it. What an operation does with a row is decided in `object`.

#[rustfmt::skip]
mod enums;
#[rustfmt::skip]
mod host;
#[rustfmt::skip]
mod l2;
#[rustfmt::skip]
mod l3;
#[rustfmt::skip]
mod objects;
#[rustfmt::skip]
mod port;
#[rustfmt::skip]
mod stats;
#[rustfmt::skip]
mod switch;
#[rustfmt::skip]
mod tunnel;

pub use stats::counters;

use sai_sys::{sai_object_type_t, sai_object_type_t as T};

/// How an attribute's value is laid out in the C union.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `booldata`, read as a byte.
    Bool,
    /// `chardata`, NUL-terminated within its 32 bytes.
    Chars,
    /// `u8`.
    U8,
    /// `u16`.
    U16,
    /// `u32`.
    U32,
    /// `s32`.
    S32,
    /// `s32`, one of the row's values.
    Enum,
    /// `u64`.
    U64,
    /// `ptr`.
    Ptr,
    /// `mac`.
    Mac,
    /// `ipaddr`.
    Ip,
    /// `oid`.
    Oid,
    /// `objlist`.
    Oids,
    /// `u8list`.
    U8s,
    /// `s8list`.
    S8s,
    /// `u32list`.
    U32s,
    /// `s32list`, each one of the row's values if it names any.
    S32s,
    /// `maplist`.
    Maps,
    /// `u32range`.
    U32Range,
    /// `u16range`.
    U16Range,
    /// `timespec`.
    Timespec,
    /// A structure that the simulator does not keep.
    Opaque,
}

/// What an attribute is when nobody gave it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Init {
    /// There is no default: the attribute is mandatory, or the device answers it.
    None,
    /// The null object id.
    Null,
    /// A boolean.
    Is(bool),
    /// A number or an enumerator.
    Num(i64),
    /// An empty list or text, the unspecified address, a zero time.
    Empty,
    /// The device chooses.
    Vendor,
    /// The value of this attribute of the switch.
    Switch(u32),
    /// The value of this attribute of the object's virtual router.
    VirtualRouter(u32),
}

/// Must be in every create (if its condition holds).
pub const MANDATORY: u8 = 1;
/// May be given in create, never later.
pub const CREATE: u8 = 2;
/// May be given in create and in set.
pub const SET: u8 = 4;
/// The device's own: only get.
pub const READ: u8 = 8;
/// No two objects of the type share a value of it.
pub const KEY: u8 = 16;

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attr {
    /// Number within its object type.
    pub id: u32,
    /// Name without the type's prefix.
    pub name: &'static str,
    /// Value type.
    pub kind: Kind,
    /// [`MANDATORY`], [`CREATE`], [`SET`], [`READ`], [`KEY`].
    pub flags: u8,
    /// Default.
    pub init: Init,
    /// Enumerators; empty: any number.
    pub values: &'static [i32],
    /// Types of the objects that it may name.
    pub objects: &'static [sai_object_type_t],
    /// May it be the null object id?
    pub nullable: bool,
    /// Where not empty, the attribute belongs only to an object in which one of these attributes has this value.
    pub when: &'static [(u32, i64)],
    /// The attribute means something only while in each of these groups one attribute has this value: "valid only".
    pub only: &'static [&'static [(u32, i64)]],
}

impl Attr {
    /// Has the row all of these flags?
    #[must_use]
    pub const fn is(&self, flags: u8) -> bool {
        self.flags & flags == flags
    }
}

/// Starts a row; the builders below add what the attribute has beyond that.
const fn row(id: u32, name: &'static str, kind: Kind, flags: u8) -> Attr {
    Attr {
        id,
        name,
        kind,
        flags,
        init: Init::None,
        values: &[],
        objects: &[],
        nullable: false,
        when: &[],
        only: &[],
    }
}

impl Attr {
    const fn default(self, init: Init) -> Self {
        Self { init, ..self }
    }
    const fn of(self, values: &'static [i32]) -> Self {
        Self { values, ..self }
    }
    const fn refers(self, objects: &'static [sai_object_type_t]) -> Self {
        Self { objects, ..self }
    }
    const fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }
    const fn when(self, when: &'static [(u32, i64)]) -> Self {
        Self { when, ..self }
    }
    const fn only(self, only: &'static [&'static [(u32, i64)]]) -> Self {
        Self { only, ..self }
    }
}

/// One object type.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The type.
    pub object: sai_object_type_t,
    /// Name as in the functions of its method table: `create_<name>`.
    pub name: &'static str,
    /// Name as in its bulk functions.
    pub plural: &'static str,
    /// Rows; the one of attribute `n` is at `n`.
    pub attrs: &'static [Attr],
}

impl Facts {
    /// The row of an attribute.
    #[must_use]
    pub fn attr(&self, id: u32) -> Option<&'static Attr> {
        self.attrs.get(id as usize)
    }
}

/// Filters of an FDB flush call: no object, but checked by the same rules.
pub const FDB_FLUSH: &Facts = &Facts {
    object: T::SAI_OBJECT_TYPE_FDB_FLUSH,
    name: "fdb_flush",
    plural: "fdb_flushes",
    attrs: l2::FDB_FLUSH_ATTRS,
};

macro_rules! all {
    ($($object:ident $name:literal $plural:literal $attrs:expr;)*) => {
        /// Every object type with attributes.
        pub const ALL: &[Facts] = &[$(Facts {
            object: T::$object, name: $name, plural: $plural, attrs: $attrs,
        }),*];
    };
}

all! {
    SAI_OBJECT_TYPE_SWITCH "switch" "switches" switch::SWITCH_ATTRS;
    SAI_OBJECT_TYPE_PORT "port" "ports" port::PORT_ATTRS;
    SAI_OBJECT_TYPE_VLAN "vlan" "vlans" l2::VLAN_ATTRS;
    SAI_OBJECT_TYPE_VLAN_MEMBER "vlan_member" "vlan_members" l2::VLAN_MEMBER_ATTRS;
    SAI_OBJECT_TYPE_BRIDGE "bridge" "bridges" l2::BRIDGE_ATTRS;
    SAI_OBJECT_TYPE_BRIDGE_PORT "bridge_port" "bridge_ports" l2::BRIDGE_PORT_ATTRS;
    SAI_OBJECT_TYPE_LAG "lag" "lags" l2::LAG_ATTRS;
    SAI_OBJECT_TYPE_LAG_MEMBER "lag_member" "lag_members" l2::LAG_MEMBER_ATTRS;
    SAI_OBJECT_TYPE_ISOLATION_GROUP "isolation_group" "isolation_groups" l2::ISOLATION_GROUP_ATTRS;
    SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER "isolation_group_member" "isolation_group_members"
        l2::ISOLATION_GROUP_MEMBER_ATTRS;
    SAI_OBJECT_TYPE_FDB_ENTRY "fdb_entry" "fdb_entries" l2::FDB_ENTRY_ATTRS;
    SAI_OBJECT_TYPE_VIRTUAL_ROUTER "virtual_router" "virtual_routers" l3::VIRTUAL_ROUTER_ATTRS;
    SAI_OBJECT_TYPE_ROUTER_INTERFACE "router_interface" "router_interfaces" l3::ROUTER_INTERFACE_ATTRS;
    SAI_OBJECT_TYPE_NEIGHBOR_ENTRY "neighbor_entry" "neighbor_entries" l3::NEIGHBOR_ENTRY_ATTRS;
    SAI_OBJECT_TYPE_NEXT_HOP "next_hop" "next_hops" l3::NEXT_HOP_ATTRS;
    SAI_OBJECT_TYPE_NEXT_HOP_GROUP "next_hop_group" "next_hop_groups" l3::NEXT_HOP_GROUP_ATTRS;
    SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER "next_hop_group_member" "next_hop_group_members"
        l3::NEXT_HOP_GROUP_MEMBER_ATTRS;
    SAI_OBJECT_TYPE_ROUTE_ENTRY "route_entry" "route_entries" l3::ROUTE_ENTRY_ATTRS;
    SAI_OBJECT_TYPE_HOSTIF "hostif" "hostifs" host::HOSTIF_ATTRS;
    SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP "hostif_trap_group" "hostif_trap_groups" host::HOSTIF_TRAP_GROUP_ATTRS;
    SAI_OBJECT_TYPE_HOSTIF_TRAP "hostif_trap" "hostif_traps" host::HOSTIF_TRAP_ATTRS;
    SAI_OBJECT_TYPE_HOSTIF_USER_DEFINED_TRAP "hostif_user_defined_trap" "hostif_user_defined_traps"
        host::HOSTIF_USER_DEFINED_TRAP_ATTRS;
    SAI_OBJECT_TYPE_HOSTIF_TABLE_ENTRY "hostif_table_entry" "hostif_table_entries"
        host::HOSTIF_TABLE_ENTRY_ATTRS;
    SAI_OBJECT_TYPE_TUNNEL "tunnel" "tunnels" tunnel::TUNNEL_ATTRS;
}

/// Object types have numbers below this; the ranges for extensions are not simulated.
pub const TYPES: usize = T::SAI_OBJECT_TYPE_MAX.0 as usize;

/// Facts by type number, so that a look-up is one read.
static BY_TYPE: [Option<&Facts>; TYPES] = {
    let mut table: [Option<&Facts>; TYPES] = [None; TYPES];
    let mut i = 0;
    while i < ALL.len() {
        table[ALL[i].object.0 as usize] = Some(&ALL[i]);
        i += 1;
    }
    table
};

/// Facts about a type, if it is one that is simulated.
#[must_use]
pub fn of(object: sai_object_type_t) -> Option<&'static Facts> {
    BY_TYPE.get(object.0 as usize).copied().flatten()
}
