//! Every attribute row of every simulated object, tested through the method tables: what is mandatory, what may be
//! created, set and only read, defaults, values out of range, references to nothing and to the wrong thing.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the calls that the macros write are documented in the macros; one sentence covers a match of kinds"
)]

mod support;

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use sai::facts::{self, Attr, CREATE, Facts, Init, Kind, MANDATORY, READ, SET};
use sai_sys::*;
use support::*;

type T = sai_object_type_t;

const MISPLACED: sai_status_t = SAI_STATUS_INVALID_ATTRIBUTE_0;
const BAD_VALUE: sai_status_t = SAI_STATUS_INVALID_ATTR_VALUE_0;
const NOT_KEPT: sai_status_t = SAI_STATUS_ATTR_NOT_IMPLEMENTED_0;

type Create<'a> = Box<dyn Fn(&[sai_attribute_t]) -> Result<u64, sai_status_t> + 'a>;
type Change<'a> = Box<dyn Fn(u64, &mut sai_attribute_t) -> sai_status_t + 'a>;
type Remove<'a> = Box<dyn Fn(u64) -> sai_status_t + 'a>;

/// An object type with its functions and the attributes of a create that succeeds.
struct Subject<'a> {
    facts: &'static Facts,
    /// A function, because some attributes must differ between two objects.
    good: Box<dyn Fn() -> Vec<sai_attribute_t> + 'a>,
    create: Create<'a>,
    remove: Remove<'a>,
    set: Change<'a>,
    get: Change<'a>,
}

/// One live object of each type that attributes name.
struct World {
    client: Client,
    port: u64,
    bridge_port: u64,
    bridge: u64,
    vlan: u64,
    lag: u64,
    hop: u64,
    group: u64,
    trap: u64,
    hostif: u64,
    isolation: u64,
    user_trap: u64,
    next: Cell<u32>,
}

macro_rules! functions {
    ($world:expr, $table:ty, $api:ident, $create:ident, $remove:ident, $set:ident, $get:ident) => {{
        let api: &'static $table = table(sai_api_t::$api);
        let switch = $world.client.switch.id();
        let create: Create = Box::new(move |attrs| {
            let mut id = 0;
            // SAFETY: all places are ours.
            let status =
                unsafe { api.$create.unwrap()(&raw mut id, switch, attrs.len() as u32, attrs.as_ptr()) };
            if status == SUCCESS { Ok(id) } else { Err(status) }
        });
        // SAFETY: no pointers.
        let remove: Remove = Box::new(move |id| unsafe { api.$remove.unwrap()(id) });
        // SAFETY: all places are ours.
        let set: Change = Box::new(move |id, attr| unsafe { api.$set.unwrap()(id, attr) });
        // SAFETY: all places are ours.
        let get: Change = Box::new(move |id, attr| unsafe { api.$get.unwrap()(id, 1, attr) });
        (create, remove, set, get)
    }};
}

macro_rules! create_one {
    ($world:expr, $table:ty, $api:ident, $create:ident, $attrs:expr) => {{
        let (api, attrs, mut id): (&'static $table, Vec<sai_attribute_t>, u64) =
            (table(sai_api_t::$api), $attrs, 0);
        // SAFETY: all places are ours.
        let status = unsafe {
            api.$create.unwrap()(&raw mut id, $world.switch.id(), attrs.len() as u32, attrs.as_ptr())
        };
        assert_eq!(status, SUCCESS, stringify!($create));
        id
    }};
}

fn ip(id: u32, text: &str) -> sai_attribute_t {
    attr(id, |v| v.ipaddr = address(text.parse().unwrap()))
}

fn text(id: u32, letter: u8) -> sai_attribute_t {
    let mut chars = [0; 32];
    chars[0] = letter as std::ffi::c_char;
    attr(id, |v| v.chardata = chars)
}

fn world() -> World {
    let client = Client::new(&[("SAI_SIM_PORTS", "2")]);
    let switch = &client.switch;
    let (vlan, bridge) = (switch.default_vlan(), switch.default_bridge());
    let port = switch.objects(T::SAI_OBJECT_TYPE_PORT)[1];
    let bridge_port = switch.objects(T::SAI_OBJECT_TYPE_BRIDGE_PORT)[0];
    let lag = create_one!(client, sai_lag_api_t, SAI_API_LAG, create_lag, vec![]);
    let hop_attrs = vec![num(0, 0), ip(1, "10.0.0.1"), oid(2, client.rif)];
    let hop = create_one!(client, sai_next_hop_api_t, SAI_API_NEXT_HOP, create_next_hop, hop_attrs);
    let group = create_one!(
        client,
        sai_next_hop_group_api_t,
        SAI_API_NEXT_HOP_GROUP,
        create_next_hop_group,
        vec![num(2, 0)]
    );
    let trap =
        create_one!(client, sai_hostif_api_t, SAI_API_HOSTIF, create_hostif_trap, vec![num(0, 1), num(1, 4)]);
    let user_trap = create_one!(
        client,
        sai_hostif_api_t,
        SAI_API_HOSTIF,
        create_hostif_user_defined_trap,
        vec![num(0, 1)]
    );
    let hostif = create_one!(
        client,
        sai_hostif_api_t,
        SAI_API_HOSTIF,
        create_hostif,
        vec![num(0, sai_hostif_type_t::SAI_HOSTIF_TYPE_FD.0)]
    );
    let isolation = create_one!(
        client,
        sai_isolation_group_api_t,
        SAI_API_ISOLATION_GROUP,
        create_isolation_group,
        vec![num(0, 0)]
    );
    World {
        client,
        port,
        bridge_port,
        bridge,
        vlan,
        lag,
        hop,
        group,
        trap,
        hostif,
        isolation,
        user_trap,
        next: Cell::new(10),
    }
}

impl World {
    fn number(&self) -> u32 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }

    /// An object that an attribute of these types may name.
    fn reference(&self, objects: &[T]) -> Option<u64> {
        objects.iter().find_map(|object| match *object {
            T::SAI_OBJECT_TYPE_PORT => Some(self.port),
            T::SAI_OBJECT_TYPE_LAG => Some(self.lag),
            T::SAI_OBJECT_TYPE_VLAN => Some(self.vlan),
            T::SAI_OBJECT_TYPE_BRIDGE => Some(self.bridge),
            T::SAI_OBJECT_TYPE_BRIDGE_PORT => Some(self.bridge_port),
            T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER => Some(self.client.switch.default_virtual_router()),
            T::SAI_OBJECT_TYPE_ROUTER_INTERFACE => Some(self.client.rif),
            T::SAI_OBJECT_TYPE_NEXT_HOP => Some(self.hop),
            T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP => Some(self.group),
            T::SAI_OBJECT_TYPE_HOSTIF => Some(self.hostif),
            T::SAI_OBJECT_TYPE_HOSTIF_TRAP => Some(self.trap),
            T::SAI_OBJECT_TYPE_HOSTIF_USER_DEFINED_TRAP => Some(self.user_trap),
            T::SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP => {
                self.client.switch.objects(T::SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP).first().copied()
            }
            T::SAI_OBJECT_TYPE_ISOLATION_GROUP => Some(self.isolation),
            T::SAI_OBJECT_TYPE_STP => self.client.switch.objects(T::SAI_OBJECT_TYPE_STP).first().copied(),
            T::SAI_OBJECT_TYPE_HASH => self.client.switch.objects(T::SAI_OBJECT_TYPE_HASH).first().copied(),
            _ => None,
        })
    }

    /// A live object of a type that is not among these.
    fn wrong_reference(&self, objects: &[T]) -> u64 {
        if objects.contains(&T::SAI_OBJECT_TYPE_VLAN) { self.isolation } else { self.vlan }
    }

    fn subjects<'a>(&'a self) -> Vec<Subject<'a>> {
        let mut subjects = Vec::new();
        let mut add =
            |object: T, good: Box<dyn Fn() -> Vec<sai_attribute_t> + 'a>, functions: Functions<'a>| {
                let (create, remove, set, get) = functions;
                subjects.push(Subject { facts: facts::of(object).unwrap(), good, create, remove, set, get });
            };
        let vr = self.client.switch.default_virtual_router();
        macro_rules! add {
            ($object:ident, $table:ty, $api:ident, $c:ident, $r:ident, $s:ident, $g:ident, $good:expr) => {
                add(T::$object, Box::new(move || $good), functions!(self, $table, $api, $c, $r, $s, $g))
            };
        }
        add!(
            SAI_OBJECT_TYPE_PORT,
            sai_port_api_t,
            SAI_API_PORT,
            create_port,
            remove_port,
            set_port_attribute,
            get_port_attribute,
            {
                let lane = Box::leak(Box::new(1000 + self.number()));
                vec![
                    attr(30, |v| v.u32list = sai_u32_list_t { count: 1, list: &raw mut *lane }),
                    num(31, 100_000),
                ]
            }
        );
        add!(
            SAI_OBJECT_TYPE_VLAN,
            sai_vlan_api_t,
            SAI_API_VLAN,
            create_vlan,
            remove_vlan,
            set_vlan_attribute,
            get_vlan_attribute,
            vec![num(0, self.number())]
        );
        add!(
            SAI_OBJECT_TYPE_VLAN_MEMBER,
            sai_vlan_api_t,
            SAI_API_VLAN,
            create_vlan_member,
            remove_vlan_member,
            set_vlan_member_attribute,
            get_vlan_member_attribute,
            {
                let vlan = create_one!(
                    self.client,
                    sai_vlan_api_t,
                    SAI_API_VLAN,
                    create_vlan,
                    vec![num(0, self.number())]
                );
                vec![oid(0, vlan), oid(1, self.bridge_port)]
            }
        );
        add!(
            SAI_OBJECT_TYPE_BRIDGE,
            sai_bridge_api_t,
            SAI_API_BRIDGE,
            create_bridge,
            remove_bridge,
            set_bridge_attribute,
            get_bridge_attribute,
            vec![num(0, 1)]
        );
        add!(
            SAI_OBJECT_TYPE_BRIDGE_PORT,
            sai_bridge_api_t,
            SAI_API_BRIDGE,
            create_bridge_port,
            remove_bridge_port,
            set_bridge_port_attribute,
            get_bridge_port_attribute,
            vec![num(0, 1), oid(1, self.port), num(3, 7), oid(6, self.bridge)]
        );
        add!(
            SAI_OBJECT_TYPE_LAG,
            sai_lag_api_t,
            SAI_API_LAG,
            create_lag,
            remove_lag,
            set_lag_attribute,
            get_lag_attribute,
            vec![]
        );
        add!(
            SAI_OBJECT_TYPE_LAG_MEMBER,
            sai_lag_api_t,
            SAI_API_LAG,
            create_lag_member,
            remove_lag_member,
            set_lag_member_attribute,
            get_lag_member_attribute,
            vec![oid(0, self.lag), oid(1, self.port)]
        );
        add!(
            SAI_OBJECT_TYPE_ISOLATION_GROUP,
            sai_isolation_group_api_t,
            SAI_API_ISOLATION_GROUP,
            create_isolation_group,
            remove_isolation_group,
            set_isolation_group_attribute,
            get_isolation_group_attribute,
            vec![num(0, 0)]
        );
        add!(
            SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER,
            sai_isolation_group_api_t,
            SAI_API_ISOLATION_GROUP,
            create_isolation_group_member,
            remove_isolation_group_member,
            set_isolation_group_member_attribute,
            get_isolation_group_member_attribute,
            vec![oid(0, self.isolation), oid(1, self.port)]
        );
        add!(
            SAI_OBJECT_TYPE_VIRTUAL_ROUTER,
            sai_virtual_router_api_t,
            SAI_API_VIRTUAL_ROUTER,
            create_virtual_router,
            remove_virtual_router,
            set_virtual_router_attribute,
            get_virtual_router_attribute,
            vec![]
        );
        // Each type of router interface has its own mandatory attributes.
        for more in [
            vec![num(1, 0), oid(2, self.port)],
            vec![num(1, 1), oid(3, self.vlan)],
            vec![num(1, 2)],
            vec![num(1, 3)],
            vec![num(1, 4), oid(2, self.lag), num(4, 7)],
            vec![num(1, 5), oid(6, self.bridge)],
            vec![num(1, 6), num(4, 7), num(5, 8)],
        ] {
            add!(
                SAI_OBJECT_TYPE_ROUTER_INTERFACE,
                sai_router_interface_api_t,
                SAI_API_ROUTER_INTERFACE,
                create_router_interface,
                remove_router_interface,
                set_router_interface_attribute,
                get_router_interface_attribute,
                [&[oid(0, vr)][..], &more].concat()
            );
        }
        add!(
            SAI_OBJECT_TYPE_NEXT_HOP,
            sai_next_hop_api_t,
            SAI_API_NEXT_HOP,
            create_next_hop,
            remove_next_hop,
            set_next_hop_attribute,
            get_next_hop_attribute,
            vec![num(0, 0), ip(1, "10.0.0.9"), oid(2, self.client.rif)]
        );
        add!(
            SAI_OBJECT_TYPE_NEXT_HOP_GROUP,
            sai_next_hop_group_api_t,
            SAI_API_NEXT_HOP_GROUP,
            create_next_hop_group,
            remove_next_hop_group,
            set_next_hop_group_attribute,
            get_next_hop_group_attribute,
            vec![num(2, 0)]
        );
        add!(
            SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER,
            sai_next_hop_group_api_t,
            SAI_API_NEXT_HOP_GROUP,
            create_next_hop_group_member,
            remove_next_hop_group_member,
            set_next_hop_group_member_attribute,
            get_next_hop_group_member_attribute,
            vec![oid(0, self.group), oid(1, self.hop)]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif,
            remove_hostif,
            set_hostif_attribute,
            get_hostif_attribute,
            vec![num(0, 0), oid(1, self.port), text(2, 0x61)]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif_trap_group,
            remove_hostif_trap_group,
            set_hostif_trap_group_attribute,
            get_hostif_trap_group_attribute,
            vec![]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF_TRAP,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif_trap,
            remove_hostif_trap,
            set_hostif_trap_attribute,
            get_hostif_trap_attribute,
            vec![num(0, 2), num(1, 4)]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF_USER_DEFINED_TRAP,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif_user_defined_trap,
            remove_hostif_user_defined_trap,
            set_hostif_user_defined_trap_attribute,
            get_hostif_user_defined_trap_attribute,
            vec![num(0, 2)]
        );
        add!(
            SAI_OBJECT_TYPE_HOSTIF_TABLE_ENTRY,
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif_table_entry,
            remove_hostif_table_entry,
            set_hostif_table_entry_attribute,
            get_hostif_table_entry_attribute,
            vec![num(0, 0), oid(1, self.port), oid(2, self.trap), num(3, 1), oid(4, self.hostif)]
        );
        add!(
            SAI_OBJECT_TYPE_TUNNEL,
            sai_tunnel_api_t,
            SAI_API_TUNNEL,
            create_tunnel,
            remove_tunnel,
            set_tunnel_attribute,
            get_tunnel_attribute,
            vec![num(0, sai_tunnel_type_t::SAI_TUNNEL_TYPE_VXLAN.0), oid(1, self.client.rif)]
        );
        self.add_entries(&mut add);
        self.add_switch(&mut add);
        subjects
    }

    fn add_entries<'a>(
        &'a self,
        add: &mut impl FnMut(T, Box<dyn Fn() -> Vec<sai_attribute_t> + 'a>, Functions<'a>),
    ) {
        macro_rules! entry {
            ($object:ident, $table:ty, $api:ident, $c:ident, $r:ident, $s:ident, $g:ident, $key:expr, $good:expr) => {{
                let (api, key): (&'static $table, _) = (table(sai_api_t::$api), $key);
                let create: Create = Box::new(move |attrs| {
                    // SAFETY: all places are ours.
                    match unsafe { api.$c.unwrap()(&raw const key, attrs.len() as u32, attrs.as_ptr()) } {
                        SUCCESS => Ok(1),
                        status => Err(status),
                    }
                });
                // SAFETY: all places are ours.
                let remove: Remove = Box::new(move |_| unsafe { api.$r.unwrap()(&raw const key) });
                // SAFETY: all places are ours.
                let set: Change = Box::new(move |_, attr| unsafe { api.$s.unwrap()(&raw const key, attr) });
                // SAFETY: all places are ours.
                let get: Change =
                    Box::new(move |_, attr| unsafe { api.$g.unwrap()(&raw const key, 1, attr) });
                add(T::$object, Box::new(move || $good), (create, remove, set, get));
            }};
        }
        entry!(
            SAI_OBJECT_TYPE_NEIGHBOR_ENTRY,
            sai_neighbor_api_t,
            SAI_API_NEIGHBOR,
            create_neighbor_entry,
            remove_neighbor_entry,
            set_neighbor_entry_attribute,
            get_neighbor_entry_attribute,
            self.client.entry("10.0.0.77"),
            vec![mac(1)]
        );
        let fdb = sai_fdb_entry_t {
            switch_id: self.client.switch.id(),
            mac_address: [2, 0, 0, 0, 0, 77],
            bv_id: self.vlan,
        };
        entry!(
            SAI_OBJECT_TYPE_FDB_ENTRY,
            sai_fdb_api_t,
            SAI_API_FDB,
            create_fdb_entry,
            remove_fdb_entry,
            set_fdb_entry_attribute,
            get_fdb_entry_attribute,
            fdb,
            vec![num(0, 1)]
        );
        let all = address("0.0.0.0".parse().unwrap());
        let route = sai_route_entry_t {
            switch_id: self.client.switch.id(),
            vr_id: self.client.switch.default_virtual_router(),
            destination: sai_ip_prefix_t { addr_family: all.addr_family, addr: all.addr, mask: all.addr },
        };
        entry!(
            SAI_OBJECT_TYPE_ROUTE_ENTRY,
            sai_route_api_t,
            SAI_API_ROUTE,
            create_route_entry,
            remove_route_entry,
            set_route_entry_attribute,
            get_route_entry_attribute,
            route,
            vec![]
        );
    }

    fn add_switch<'a>(
        &'a self,
        add: &mut impl FnMut(T, Box<dyn Fn() -> Vec<sai_attribute_t> + 'a>, Functions<'a>),
    ) {
        let api: &'static sai_switch_api_t = table(sai_api_t::SAI_API_SWITCH);
        let create: Create = Box::new(move |attrs| {
            let mut id = 0;
            // SAFETY: all places are ours.
            match unsafe { api.create_switch.unwrap()(&raw mut id, attrs.len() as u32, attrs.as_ptr()) } {
                SUCCESS => Ok(id),
                status => Err(status),
            }
        });
        // SAFETY: no pointers.
        let remove: Remove = Box::new(move |id| unsafe { api.remove_switch.unwrap()(id) });
        // SAFETY: all places are ours.
        let set: Change = Box::new(move |id, attr| unsafe { api.set_switch_attribute.unwrap()(id, attr) });
        // SAFETY: all places are ours.
        let get: Change = Box::new(move |id, attr| unsafe { api.get_switch_attribute.unwrap()(id, 1, attr) });
        let good = || {
            // Unlike all else, switches of tests that run at the same time meet.
            static NEXT: AtomicU32 = AtomicU32::new(1);
            let info = Box::leak(Box::new(
                (NEXT.fetch_add(2, Ordering::Relaxed) | 1).to_be_bytes().map(|b| b as i8),
            ));
            let list = sai_s8_list_t { count: 4, list: info.as_mut_ptr() };
            vec![flag(116, true), attr(114, |v| v.s8list = list)]
        };
        add(T::SAI_OBJECT_TYPE_SWITCH, Box::new(good), (create, remove, set, get));
    }
}

type Functions<'a> = (Create<'a>, Remove<'a>, Change<'a>, Change<'a>);

/// Does the row apply to an object created with these attributes?
fn applies(subject: &Subject, row: &Attr, good: &[sai_attribute_t]) -> bool {
    let one_holds = |any: &[(u32, i64)]| {
        any.iter().any(|(id, value)| {
            let given = good.iter().find(|attr| attr.id == *id);
            // SAFETY: conditions look at enumerations and booleans, whose bytes are zero-filled.
            let given = given.map(|attr| i64::from(unsafe { attr.value.u32_ }));
            let default = match subject.facts.attr(*id).unwrap().init {
                Init::Num(n) => Some(n),
                Init::Is(on) => Some(i64::from(on)),
                _ => None,
            };
            given.or(default) == Some(*value)
        })
    };
    (row.when.is_empty() || one_holds(row.when)) && row.only.iter().all(|any| one_holds(any))
}

/// A value that the attribute takes, if there can be one here.
fn good_value(world: &World, row: &Attr) -> Option<sai_attribute_t> {
    let id = row.id;
    Some(match row.kind {
        Kind::Bool => flag(id, true),
        Kind::U8 | Kind::U16 | Kind::U32 | Kind::S32 => num(id, 3),
        Kind::Enum => num(id, *row.values.last()? as u32),
        Kind::U64 | Kind::Ptr => attr(id, |v| v.u64_ = 5),
        Kind::Mac => attr(id, |v| v.mac = [2, 1, 1, 1, 1, 1]),
        Kind::Ip => ip(id, "10.7.7.7"),
        Kind::Chars => text(id, 0x62),
        Kind::Oid => oid(id, world.reference(row.objects)?),
        Kind::U32Range => attr(id, |v| v.u32range = sai_u32_range_t { min: 1, max: 2 }),
        Kind::U16Range => attr(id, |v| v.u16range = sai_u16_range_t { min: 1, max: 2 }),
        Kind::Timespec => attr(id, |v| v.timespec = sai_timespec_t { tv_sec: 1, tv_nsec: 2 }),
        // Empty lists.
        Kind::Oids | Kind::U8s | Kind::S8s | Kind::U32s | Kind::S32s | Kind::Maps => attr(id, |_| ()),
        Kind::Opaque => return None,
    })
}

/// Values that the attribute does not take.
fn bad_values(world: &World, row: &Attr) -> Vec<sai_attribute_t> {
    let id = row.id;
    let list = |count, list| attr(id, |v| v.objlist = sai_object_list_t { count, list });
    match row.kind {
        Kind::Enum => {
            vec![num(id, row.values.iter().max().unwrap().wrapping_add(1) as u32), num(id, u32::MAX)]
        }
        Kind::Mac => vec![attr(id, |v| v.mac = [0; 6]), attr(id, |v| v.mac = [0xff; 6])],
        Kind::Ip => vec![attr(id, |v| v.ipaddr.addr_family = sai_ip_addr_family_t(9))],
        Kind::Oid => {
            let wrong = world.wrong_reference(row.objects);
            let mut bad = vec![oid(id, wrong), oid(id, 0x1234), oid(id, wrong | 0xff_ffff)];
            // Well-formed, of a type that the attribute takes, and never created.
            if let Some(good) = world.reference(row.objects) {
                bad.push(oid(id, good | 0xff_ffff));
            }
            if !row.nullable {
                bad.push(oid(id, 0));
            }
            bad
        }
        Kind::Oids => {
            let wrong = Box::leak(Box::new(world.wrong_reference(row.objects)));
            let null = Box::leak(Box::new(0));
            vec![
                list(1, &raw mut *wrong),
                list(1, &raw mut *null),
                list(1, std::ptr::null_mut()),
                list(u32::MAX, &raw mut *wrong),
            ]
        }
        Kind::U8s | Kind::S8s | Kind::U32s | Kind::S32s | Kind::Maps => vec![list(1, std::ptr::null_mut())],
        _ => vec![],
    }
}

/// The same value, as far as the kind says what counts?
fn same(row: &Attr, a: &sai_attribute_t, b: &sai_attribute_t) -> bool {
    let (a, b) = (&a.value, &b.value);
    // SAFETY: each member is the one of the kind, filled by us or by a get.
    unsafe {
        match row.kind {
            Kind::Bool | Kind::U8 => a.u8_ == b.u8_,
            Kind::U16 => a.u16_ == b.u16_,
            Kind::U32 | Kind::S32 | Kind::Enum => a.u32_ == b.u32_,
            Kind::U64 | Kind::Ptr | Kind::Oid => a.u64_ == b.u64_,
            Kind::Mac => a.mac == b.mac,
            Kind::Ip => {
                a.ipaddr.addr_family == b.ipaddr.addr_family && a.ipaddr.addr.ip4 == b.ipaddr.addr.ip4
            }
            Kind::Chars => a.chardata == b.chardata,
            Kind::U32Range => a.u32range.min == b.u32range.min && a.u32range.max == b.u32range.max,
            Kind::U16Range => a.u16range.min == b.u16range.min && a.u16range.max == b.u16range.max,
            Kind::Timespec => {
                a.timespec.tv_sec == b.timespec.tv_sec && a.timespec.tv_nsec == b.timespec.tv_nsec
            }
            _ => a.u32list.count == b.u32list.count,
        }
    }
}

/// Where an attribute is in a list, or where it would be added.
fn put(attrs: &mut Vec<sai_attribute_t>, new: sai_attribute_t) -> sai_status_t {
    match attrs.iter().position(|attr| attr.id == new.id) {
        Some(index) => {
            attrs[index] = new;
            index as sai_status_t
        }
        None => {
            attrs.push(new);
            attrs.len() as sai_status_t - 1
        }
    }
}

/// Runs a check on each row of each subject, and says how often it had something to check.
fn each_row(check: impl Fn(&World, &Subject, &Attr, &str) -> bool) -> usize {
    let world = world();
    let mut checked = 0;
    for subject in world.subjects() {
        for row in subject.facts.attrs {
            let name = format!("{} {}", subject.facts.name, row.name);
            checked += usize::from(check(&world, &subject, row, &name));
        }
    }
    checked
}

#[test]
fn every_simulated_object_is_a_subject() {
    let world = world();
    let subjects = world.subjects();
    for facts in facts::ALL {
        assert!(subjects.iter().any(|s| s.facts.object == facts.object), "{}", facts.name);
    }
    for subject in &subjects {
        let id =
            (subject.create)(&(subject.good)()).unwrap_or_else(|s| panic!("{}: {s}", subject.facts.name));
        assert_eq!((subject.remove)(id), SUCCESS, "{}", subject.facts.name);
    }
}

#[test]
fn a_mandatory_attribute_is_missed() {
    let checked = each_row(|_, subject, row, name| {
        let good = (subject.good)();
        let needed = row.is(MANDATORY) && applies(subject, row, &good);
        if needed {
            let without: Vec<_> = good.into_iter().filter(|attr| attr.id != row.id).collect();
            let missing = Err(SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING);
            // Without the attribute that conditions look at, those that depend on it are out of place instead.
            let result = (subject.create)(&without);
            let decides = subject.facts.attrs.iter().any(|r| r.when.iter().any(|(id, _)| *id == row.id));
            assert!(result == missing || decides && result.is_err(), "{name}: {result:?}");
        }
        needed
    });
    assert!(checked > 40, "{checked}");
}

#[test]
fn an_attribute_of_another_kind_of_object_is_out_of_place() {
    let checked = each_row(|world, subject, row, name| {
        let mut attrs = (subject.good)();
        // What is valid only under a condition has a test of its own, `conditions`.
        let other = row.only.is_empty() && !applies(subject, row, &attrs);
        let Some(value) = good_value(world, row).filter(|_| other) else {
            return false;
        };
        let index = put(&mut attrs, value);
        assert_eq!((subject.create)(&attrs), Err(MISPLACED - index), "{name}");
        true
    });
    assert!(checked > 20, "{checked}");
}

#[test]
fn read_only_attributes_are_neither_created_nor_set() {
    let checked = each_row(|_, subject, row, name| {
        if row.is(READ) {
            let mut attrs = (subject.good)();
            let index = put(&mut attrs, attr(row.id, |_| ()));
            assert_eq!((subject.create)(&attrs), Err(MISPLACED - index), "{name}");
            let id = (subject.create)(&(subject.good)()).unwrap();
            assert_eq!((subject.set)(id, &mut attr(row.id, |_| ())), MISPLACED, "{name}");
            assert_eq!((subject.remove)(id), SUCCESS, "{name}");
        }
        row.is(READ)
    });
    assert!(checked > 200, "{checked}");
}

#[test]
fn create_only_attributes_are_not_set() {
    let checked = each_row(|world, subject, row, name| {
        let Some(mut value) = good_value(world, row).filter(|_| row.is(CREATE)) else { return false };
        let id = (subject.create)(&(subject.good)()).unwrap();
        assert_eq!((subject.set)(id, &mut value), MISPLACED, "{name}");
        assert_eq!((subject.remove)(id), SUCCESS, "{name}");
        true
    });
    assert!(checked > 60, "{checked}");
}

#[test]
fn an_attribute_twice_is_out_of_place() {
    let checked = each_row(|_, subject, row, name| {
        let mut attrs = (subject.good)();
        let Some(given) = attrs.iter().find(|attr| attr.id == row.id).copied() else { return false };
        attrs.push(given);
        let index = attrs.len() as sai_status_t - 1;
        assert_eq!((subject.create)(&attrs), Err(MISPLACED - index), "{name}");
        true
    });
    assert!(checked > 40, "{checked}");
}

#[test]
fn values_that_an_attribute_does_not_take_are_refused_in_create_and_set() {
    let checked = each_row(|world, subject, row, name| {
        if row.is(READ) || !applies(subject, row, &(subject.good)()) {
            return false;
        }
        let bad = bad_values(world, row);
        let id = (subject.create)(&(subject.good)()).unwrap();
        for mut value in bad.iter().copied() {
            if row.is(SET) {
                assert_eq!((subject.set)(id, &mut value), BAD_VALUE, "{name}");
            }
        }
        assert_eq!((subject.remove)(id), SUCCESS, "{name}");
        for value in bad.iter().copied() {
            let mut attrs = (subject.good)();
            let index = put(&mut attrs, value);
            let result = (subject.create)(&attrs);
            // A wrong type of object makes the attributes that depend on it wrong, which may be seen first.
            let decides = subject.facts.attrs.iter().any(|r| r.when.iter().any(|(id, _)| *id == row.id));
            assert!(result == Err(BAD_VALUE - index) || decides && result.is_err(), "{name}: {result:?}");
        }
        !bad.is_empty()
    });
    assert!(checked > 200, "{checked}");
}

#[test]
fn a_default_is_read_back() {
    let checked = each_row(|_, subject, row, name| {
        let good = (subject.good)();
        let given = good.iter().any(|attr| attr.id == row.id);
        if given || row.is(READ) || row.init == Init::None || row.kind == Kind::Opaque {
            return false;
        }
        let id = (subject.create)(&good).unwrap();
        let mut got = attr(row.id, |v| v.u64_ = u64::MAX);
        let status = (subject.get)(id, &mut got);
        // SAFETY: each member is the one of the kind, filled by the get.
        let number = unsafe {
            match row.kind {
                Kind::Bool | Kind::U8 => u64::from(got.value.u8_),
                Kind::U16 => u64::from(got.value.u16_),
                Kind::U32 | Kind::S32 | Kind::Enum => u64::from(got.value.u32_),
                Kind::U64 | Kind::Ptr | Kind::Oid => got.value.u64_,
                Kind::Chars => u64::from(got.value.chardata[0] as u8),
                Kind::U8s | Kind::S8s | Kind::U32s | Kind::S32s | Kind::Oids | Kind::Maps => {
                    u64::from(got.value.u32list.count)
                }
                _ => 0,
            }
        };
        assert_eq!(status, SUCCESS, "{name}");
        match row.init {
            Init::Null | Init::Empty => assert_eq!(number, 0, "{name}"),
            Init::Is(on) => assert_eq!(number, u64::from(on), "{name}"),
            Init::Num(n) => assert_eq!(number, n as u64, "{name}"),
            Init::Switch(_) | Init::VirtualRouter(_) | Init::Vendor if row.kind == Kind::Mac => {
                // SAFETY: a get of a MAC fills the MAC.
                assert_eq!(unsafe { got.value.mac }[0], 2, "{name}");
            }
            _ => {}
        }
        assert_eq!((subject.remove)(id), SUCCESS, "{name}");
        true
    });
    assert!(checked > 400, "{checked}");
}

#[test]
fn what_is_set_is_read_back() {
    let checked = each_row(|world, subject, row, name| {
        let good = (subject.good)();
        if !row.is(SET) || !applies(subject, row, &good) {
            return false;
        }
        // The objects of `world` are on another switch than the one that this creates.
        let foreign = subject.facts.object == T::SAI_OBJECT_TYPE_SWITCH && row.kind == Kind::Oid;
        let Some(mut value) = good_value(world, row).filter(|_| !foreign) else { return false };
        let id = (subject.create)(&good).unwrap();
        assert_eq!((subject.set)(id, &mut value), SUCCESS, "{name}");
        let mut got = attr(row.id, |_| ());
        assert_eq!((subject.get)(id, &mut got), SUCCESS, "{name}");
        assert!(same(row, &value, &got), "{name}");
        assert_eq!((subject.remove)(id), SUCCESS, "{name}");
        true
    });
    assert!(checked > 300, "{checked}");
}

#[test]
fn what_is_created_is_read_back() {
    let checked = each_row(|world, subject, row, name| {
        let mut attrs = (subject.good)();
        if row.is(READ) || row.is(facts::KEY) || !applies(subject, row, &attrs) {
            return false;
        }
        // What is given already is part of what makes the create succeed.
        if attrs.iter().any(|attr| attr.id == row.id) {
            return false;
        }
        let switch = subject.facts.object == T::SAI_OBJECT_TYPE_SWITCH;
        // The profile id names a profile of the host; another type of switch needs other attributes.
        if switch && ["SWITCH_PROFILE_ID", "TYPE"].contains(&row.name) {
            return false;
        }
        // A switch is created before any object that it could name.
        let Some(value) = good_value(world, row).filter(|_| !(switch && row.kind == Kind::Oid)) else {
            return false;
        };
        put(&mut attrs, value);
        let id = (subject.create)(&attrs).unwrap_or_else(|status| panic!("{name}: {status}"));
        let mut got = attr(row.id, |_| ());
        assert_eq!((subject.get)(id, &mut got), SUCCESS, "{name}");
        assert!(same(row, &value, &got), "{name}");
        assert_eq!((subject.remove)(id), SUCCESS, "{name}");
        true
    });
    assert!(checked > 300, "{checked}");
}

#[test]
fn what_an_attribute_names_is_in_use_until_it_is_let_go() {
    let checked = each_row(|world, subject, row, name| {
        let good = (subject.good)();
        let named = [T::SAI_OBJECT_TYPE_ISOLATION_GROUP];
        if !row.is(SET) || row.kind != Kind::Oid || row.objects != named || !applies(subject, row, &good) {
            return false;
        }
        let api: &'static sai_isolation_group_api_t = table(sai_api_t::SAI_API_ISOLATION_GROUP);
        // SAFETY: no pointers.
        let remove = |id| unsafe { api.remove_isolation_group.unwrap()(id) };
        let group = create_one!(
            world.client,
            sai_isolation_group_api_t,
            SAI_API_ISOLATION_GROUP,
            create_isolation_group,
            vec![num(0, 0)]
        );
        let id = (subject.create)(&good).unwrap();
        assert_eq!((subject.set)(id, &mut oid(row.id, group)), SUCCESS, "{name}");
        assert_eq!(remove(group), SAI_STATUS_OBJECT_IN_USE, "{name}");
        assert_eq!((subject.set)(id, &mut oid(row.id, 0)), SUCCESS, "{name}");
        assert_eq!(remove(group), SUCCESS, "{name}");
        assert_eq!((subject.remove)(id), SUCCESS, "{name}");
        true
    });
    assert!(checked >= 2, "{checked}");
}

#[test]
fn an_unknown_attribute_is_named() {
    each_row(|_, subject, row, name| {
        if row.id != 0 {
            return false;
        }
        let beyond = subject.facts.attrs.len() as u32;
        let mut attrs = (subject.good)();
        attrs.push(num(beyond, 0));
        let index = attrs.len() as sai_status_t - 1;
        assert_eq!((subject.create)(&attrs), Err(SAI_STATUS_UNKNOWN_ATTRIBUTE_0 - index), "{name}");
        let id = (subject.create)(&(subject.good)()).unwrap();
        for unknown in [beyond, 0x1000_0000, u32::MAX] {
            assert_eq!((subject.set)(id, &mut num(unknown, 0)), SAI_STATUS_UNKNOWN_ATTRIBUTE_0, "{name}");
            assert_eq!((subject.get)(id, &mut num(unknown, 0)), SAI_STATUS_UNKNOWN_ATTRIBUTE_0, "{name}");
        }
        assert_eq!((subject.remove)(id), SUCCESS, "{name}");
        true
    });
}

#[test]
fn every_read_only_attribute_answers_or_says_that_it_does_not() {
    let world = world();
    for subject in world.subjects() {
        let id = (subject.create)(&(subject.good)()).unwrap();
        for row in subject.facts.attrs.iter().filter(|row| row.is(READ)) {
            let mut room = [0_u64; 64];
            let list = sai_object_list_t { count: 64, list: room.as_mut_ptr() };
            let is_list = matches!(row.kind, Kind::Oids | Kind::U32s | Kind::S32s | Kind::U8s | Kind::S8s);
            let mut got = attr(row.id, |v| {
                if is_list {
                    v.objlist = list
                }
            });
            let status = (subject.get)(id, &mut got);
            assert!(status == SUCCESS || status == NOT_KEPT, "{} {}: {status}", subject.facts.name, row.name);
            if subject.facts.object == T::SAI_OBJECT_TYPE_SWITCH {
                let mut can = sai_attr_capability_t::default();
                // SAFETY: all places are ours.
                let asked = unsafe {
                    sai::sai_query_attribute_capability(id, subject.facts.object, row.id, &raw mut can)
                };
                assert_eq!(asked, SUCCESS);
                assert_eq!(can.get_implemented, status == SUCCESS, "{} {}", subject.facts.name, row.name);
                assert!(!can.create_implemented && !can.set_implemented);
            }
        }
        assert_eq!((subject.remove)(id), SUCCESS);
    }
}
