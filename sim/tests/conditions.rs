//! Every attribute that SAI calls valid only under a condition, tested by its row: taken while the condition holds,
//! refused where it does not unless it is the default, and kept all the same where the profile is as lenient as some
//! libraries are.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "one sentence covers a match of object types, and one of kinds"
)]

mod support;

use std::sync::atomic::{AtomicU32, Ordering};

use sai::facts::{self, Attr, Facts, Init, KEY, Kind, MANDATORY, SET};
use sai_sys::*;
use support::*;

type T = sai_object_type_t;

const MISPLACED: sai_status_t = SAI_STATUS_INVALID_ATTRIBUTE_0;

/// Rows of which nobody can make a value that is not the default: they name objects that are not simulated.
const WITHOUT_VALUE: &[&str] = &[
    "vlan UNKNOWN_UNICAST_FLOOD_GROUP",
    "vlan UNKNOWN_MULTICAST_FLOOD_GROUP",
    "vlan BROADCAST_FLOOD_GROUP",
    "bridge UNKNOWN_UNICAST_FLOOD_GROUP",
    "bridge UNKNOWN_MULTICAST_FLOOD_GROUP",
    "bridge BROADCAST_FLOOD_GROUP",
    "next_hop QOS_TC_AND_COLOR_TO_MPLS_EXP_MAP",
    "next_hop_group SELECTION_MAP",
    "next_hop_group NEXT_HOP_MEMBER_COUNTER_LIST",
];

/// Rows of which the condition cannot hold: a VOQ switch needs a list of system ports, which is not kept.
const NEVER_VALID: &[&str] = &["switch CREDIT_WD", "switch CREDIT_WD_TIMER"];

type Create = unsafe extern "C" fn(*mut u64, u64, u32, *const sai_attribute_t) -> sai_status_t;
type Remove = unsafe extern "C" fn(u64) -> sai_status_t;
type Set = unsafe extern "C" fn(u64, *const sai_attribute_t) -> sai_status_t;
type Get = unsafe extern "C" fn(u64, u32, *mut sai_attribute_t) -> sai_status_t;

/// The functions of a type of object with an id.
fn functions(object: T) -> (Create, Remove, Set, Get) {
    macro_rules! of {
        ($table:ty, $api:ident, $create:ident, $remove:ident, $set:ident, $get:ident) => {{
            let api: &'static $table = table(sai_api_t::$api);
            (api.$create.unwrap(), api.$remove.unwrap(), api.$set.unwrap(), api.$get.unwrap())
        }};
    }
    match object {
        T::SAI_OBJECT_TYPE_PORT => {
            of!(
                sai_port_api_t,
                SAI_API_PORT,
                create_port,
                remove_port,
                set_port_attribute,
                get_port_attribute
            )
        }
        T::SAI_OBJECT_TYPE_BRIDGE_PORT => of!(
            sai_bridge_api_t,
            SAI_API_BRIDGE,
            create_bridge_port,
            remove_bridge_port,
            set_bridge_port_attribute,
            get_bridge_port_attribute
        ),
        T::SAI_OBJECT_TYPE_NEXT_HOP => of!(
            sai_next_hop_api_t,
            SAI_API_NEXT_HOP,
            create_next_hop,
            remove_next_hop,
            set_next_hop_attribute,
            get_next_hop_attribute
        ),
        T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP => of!(
            sai_next_hop_group_api_t,
            SAI_API_NEXT_HOP_GROUP,
            create_next_hop_group,
            remove_next_hop_group,
            set_next_hop_group_attribute,
            get_next_hop_group_attribute
        ),
        T::SAI_OBJECT_TYPE_HOSTIF => of!(
            sai_hostif_api_t,
            SAI_API_HOSTIF,
            create_hostif,
            remove_hostif,
            set_hostif_attribute,
            get_hostif_attribute
        ),
        T::SAI_OBJECT_TYPE_TUNNEL => of!(
            sai_tunnel_api_t,
            SAI_API_TUNNEL,
            create_tunnel,
            remove_tunnel,
            set_tunnel_attribute,
            get_tunnel_attribute
        ),
        other => panic!("a row of {other:?} has a condition, and no functions here"),
    }
}

struct World {
    client: Client,
    tunnel: u64,
    hop: u64,
    group: u64,
}

impl World {
    fn new(profile: &[(&str, &str)]) -> Self {
        let client = Client::new(&[&[("SAI_SIM_PORTS", "2")][..], profile].concat());
        let mut world = Self { client, tunnel: 0, hop: 0, group: 0 };
        let ip = attr(1, |v| v.ipaddr = address("10.0.0.1".parse().unwrap()));
        let make = |object, attrs: &[_]| world.create(object, attrs).unwrap();
        let hop = make(T::SAI_OBJECT_TYPE_NEXT_HOP, &[num(0, 0), ip, oid(2, world.client.rif)]);
        let group = make(T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP, &[num(2, 0)]);
        let vxlan = num(0, sai_tunnel_type_t::SAI_TUNNEL_TYPE_VXLAN.0);
        let tunnel = make(T::SAI_OBJECT_TYPE_TUNNEL, &[vxlan, oid(1, world.client.rif)]);
        (world.hop, world.group, world.tunnel) = (hop, group, tunnel);
        world
    }

    fn fdb_key(&self) -> sai_fdb_entry_t {
        let bv_id = self.client.switch.default_vlan();
        sai_fdb_entry_t { switch_id: self.client.switch.id(), mac_address: [2, 0, 0, 0, 0, 9], bv_id }
    }

    fn create(&self, object: T, attrs: &[sai_attribute_t]) -> Result<u64, sai_status_t> {
        let (count, list, mut id) = (attrs.len() as u32, attrs.as_ptr(), 0);
        // SAFETY: all places are ours.
        let status = unsafe {
            match object {
                T::SAI_OBJECT_TYPE_SWITCH => {
                    let api: &sai_switch_api_t = table(sai_api_t::SAI_API_SWITCH);
                    api.create_switch.unwrap()(&raw mut id, count, list)
                }
                T::SAI_OBJECT_TYPE_FDB_ENTRY => {
                    self.client.fdb.create_fdb_entry.unwrap()(&self.fdb_key(), count, list)
                }
                _ => functions(object).0(&raw mut id, self.client.switch.id(), count, list),
            }
        };
        if status == SUCCESS { Ok(id) } else { Err(status) }
    }

    fn remove(&self, object: T, id: u64) {
        // SAFETY: no pointers but to our own key.
        let status = unsafe {
            match object {
                T::SAI_OBJECT_TYPE_SWITCH => {
                    let api: &sai_switch_api_t = table(sai_api_t::SAI_API_SWITCH);
                    api.remove_switch.unwrap()(id)
                }
                T::SAI_OBJECT_TYPE_FDB_ENTRY => self.client.fdb.remove_fdb_entry.unwrap()(&self.fdb_key()),
                _ => functions(object).1(id),
            }
        };
        assert_eq!(status, SUCCESS);
    }

    fn set(&self, object: T, id: u64, attr: &sai_attribute_t) -> sai_status_t {
        // SAFETY: all places are ours.
        unsafe {
            match object {
                T::SAI_OBJECT_TYPE_SWITCH => {
                    let api: &sai_switch_api_t = table(sai_api_t::SAI_API_SWITCH);
                    api.set_switch_attribute.unwrap()(id, attr)
                }
                T::SAI_OBJECT_TYPE_FDB_ENTRY => {
                    self.client.fdb.set_fdb_entry_attribute.unwrap()(&self.fdb_key(), attr)
                }
                _ => functions(object).2(id, attr),
            }
        }
    }

    /// What a get answers, as text; of a list, its length.
    fn get(&self, object: T, id: u64, row: &Attr) -> Result<String, sai_status_t> {
        let mut room = [0_u64; 8];
        let mut got = attr(row.id, |v| {
            if is_list(row) {
                v.objlist = sai_object_list_t { count: 8, list: room.as_mut_ptr() };
            }
        });
        // SAFETY: all places are ours.
        let status = unsafe {
            match object {
                T::SAI_OBJECT_TYPE_SWITCH => {
                    let api: &sai_switch_api_t = table(sai_api_t::SAI_API_SWITCH);
                    api.get_switch_attribute.unwrap()(id, 1, &raw mut got)
                }
                T::SAI_OBJECT_TYPE_FDB_ENTRY => {
                    self.client.fdb.get_fdb_entry_attribute.unwrap()(&self.fdb_key(), 1, &raw mut got)
                }
                _ => functions(object).3(id, 1, &raw mut got),
            }
        };
        if status == SUCCESS { Ok(shown(row, &got)) } else { Err(status) }
    }

    /// An object that an attribute of these types may name.
    fn reference(&self, objects: &[T]) -> Option<u64> {
        let switch = &self.client.switch;
        objects.iter().find_map(|object| match *object {
            T::SAI_OBJECT_TYPE_ROUTER_INTERFACE => Some(self.client.rif),
            T::SAI_OBJECT_TYPE_TUNNEL => Some(self.tunnel),
            T::SAI_OBJECT_TYPE_NEXT_HOP => Some(self.hop),
            T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP => Some(self.group),
            T::SAI_OBJECT_TYPE_BRIDGE => Some(switch.default_bridge()),
            T::SAI_OBJECT_TYPE_PORT => switch.objects(T::SAI_OBJECT_TYPE_PORT).get(1).copied(),
            _ => None,
        })
    }

    /// A value that is not the default.
    fn value(&self, row: &Attr) -> Option<sai_attribute_t> {
        let id = row.id;
        let list = |n: u64| {
            let item = Box::leak(Box::new(n));
            attr(id, |v| v.objlist = sai_object_list_t { count: 1, list: &raw mut *item })
        };
        Some(match row.kind {
            Kind::Bool => flag(id, row.init != Init::Is(true)),
            Kind::U8 | Kind::U16 | Kind::U32 => num(id, 3),
            Kind::Enum => {
                let other = row.values.iter().find(|v| row.init != Init::Num(i64::from(**v)));
                num(id, *other.unwrap() as u32)
            }
            Kind::Mac => attr(id, |v| v.mac = [2, 1, 1, 1, 1, 1]),
            Kind::Ip => attr(id, |v| v.ipaddr = address("10.7.7.7".parse().unwrap())),
            Kind::Chars => attr(id, |v| v.chardata = [0x61, 0].repeat(16).try_into().unwrap()),
            Kind::Oid => oid(id, self.reference(row.objects)?),
            Kind::Oids => list(self.reference(row.objects)?),
            // No lane of a port that is there.
            Kind::U8s | Kind::U32s | Kind::S32s => list(if row.is(KEY) { 1000 } else { 1 }),
            Kind::U64 | Kind::Ptr => attr(id, |v| v.u64_ = 5),
            other => panic!("{} is of another kind: {other:?}", row.name),
        })
    }

    /// The attributes of a create: these, and what is mandatory beside them.
    fn complete(&self, facts: &Facts, wanted: &[(u32, i64)]) -> Option<Vec<sai_attribute_t>> {
        let mut attrs: Vec<_> = wanted.iter().map(|(id, value)| num(*id, *value as u32)).collect();
        if facts.object == T::SAI_OBJECT_TYPE_SWITCH {
            // Unlike all else, switches of tests that run at the same time meet.
            static NEXT: AtomicU32 = AtomicU32::new(1);
            let info =
                Box::leak(Box::new(NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes().map(|b| b as i8)));
            attrs.push(flag(116, true));
            attrs.push(attr(114, |v| v.s8list = sai_s8_list_t { count: 4, list: info.as_mut_ptr() }));
        }
        for row in facts.attrs.iter().filter(|row| row.is(MANDATORY)) {
            let there = attrs.iter().any(|attr| attr.id == row.id);
            if !there && (row.when.is_empty() || row.when.iter().any(|term| holds(facts, &attrs, *term))) {
                let value = match row.kind {
                    Kind::Opaque => return None,
                    Kind::U16 | Kind::Enum => num(row.id, 1),
                    _ => self.value(row)?,
                };
                attrs.push(value);
            }
        }
        // What is given so that a condition holds, or does not, may have a condition of its own.
        let fits = |(id, value): &(u32, i64)| {
            let row = facts.attr(*id).unwrap();
            let holds = row.only.iter().all(|any| any.iter().any(|term| holds(facts, &attrs, *term)));
            holds || row.init == Init::Num(*value)
        };
        wanted.iter().all(fits).then_some(attrs)
    }
}

fn is_list(row: &Attr) -> bool {
    matches!(row.kind, Kind::Oids | Kind::U8s | Kind::S8s | Kind::U32s | Kind::S32s)
}

fn shown(row: &Attr, attr: &sai_attribute_t) -> String {
    let value = &attr.value;
    // SAFETY: the member is the one of the kind, filled by us or by a get.
    unsafe {
        match row.kind {
            Kind::Bool | Kind::U8 => value.u8_.to_string(),
            Kind::U16 => value.u16_.to_string(),
            Kind::Mac => format!("{:x?}", value.mac),
            Kind::Ip => format!("{:x}", value.ipaddr.addr.ip4),
            Kind::Oid => value.u64_.to_string(),
            _ if is_list(row) => value.objlist.count.to_string(),
            _ => value.u32_.to_string(),
        }
    }
}

fn holds(facts: &Facts, attrs: &[sai_attribute_t], (id, value): (u32, i64)) -> bool {
    let given = attrs.iter().find(|attr| attr.id == id);
    // SAFETY: conditions look at numbers and booleans, whose other bytes are zero.
    let given = given.map(|attr| i64::from(unsafe { attr.value.u32_ }));
    let default = match facts.attr(id).unwrap().init {
        Init::Num(n) => Some(n),
        Init::Is(on) => Some(i64::from(on)),
        _ => None,
    };
    given.or(default) == Some(value)
}

/// The attribute with its default value, where a row states one that can be written down.
fn default_of(row: &Attr) -> Option<sai_attribute_t> {
    match row.init {
        Init::Num(n) => Some(num(row.id, n as u32)),
        Init::Is(on) => Some(flag(row.id, on)),
        Init::Null | Init::Empty if row.kind != Kind::Ip => Some(attr(row.id, |_| ())),
        Init::Empty => Some(attr(row.id, |v| v.ipaddr = address("0.0.0.0".parse().unwrap()))),
        _ => None,
    }
}

/// Ways in which the condition of a row holds: one term of each group.
fn met(row: &Attr) -> Vec<Vec<(u32, i64)>> {
    row.only.iter().fold(vec![Vec::new()], |ways, any| {
        let longer =
            |way: &Vec<(u32, i64)>| any.iter().map(|term| [&way[..], &[*term]].concat()).collect::<Vec<_>>();
        ways.iter().flat_map(longer).collect()
    })
}

/// Ways in which it does not: all groups hold but one.
fn unmet(facts: &Facts, row: &Attr) -> Vec<Vec<(u32, i64)>> {
    let mut ways = Vec::new();
    for (broken, any) in row.only.iter().enumerate() {
        let (id, _) = any[0];
        let attr = facts.attr(id).unwrap();
        let values: Vec<i64> = match attr.kind {
            Kind::Bool => vec![0, 1],
            Kind::Enum => attr.values.iter().map(|v| i64::from(*v)).collect(),
            _ => vec![100_000],
        };
        let others = row.only.iter().enumerate().filter(|(n, _)| *n != broken).map(|(_, any)| any[0]);
        for value in values.into_iter().filter(|value| !any.contains(&(id, *value))) {
            ways.push(others.clone().chain([(id, value)]).collect());
        }
    }
    ways
}

/// Runs a check on every row that has a condition; answers the names of those of which the check was not possible.
fn each_row(world: &World, check: impl Fn(&World, &'static Facts, &Attr, &str) -> bool) -> Vec<String> {
    let mut skipped = Vec::new();
    let mut rows = 0;
    for facts in facts::ALL {
        for row in facts.attrs.iter().filter(|row| !row.only.is_empty()) {
            let name = format!("{} {}", facts.name, row.name);
            rows += 1;
            let possible = !WITHOUT_VALUE.contains(&&name[..]) && check(world, facts, row, &name);
            if !possible {
                skipped.push(name);
            }
        }
    }
    assert_eq!(rows, 66);
    skipped
}

#[test]
fn it_is_taken_where_its_condition_holds() {
    let skipped = each_row(&World::new(&[]), |world, facts, row, name| {
        let value = world.value(row).unwrap_or_else(|| panic!("{name}"));
        let mut possible = false;
        for way in met(row) {
            let Some(mut attrs) = world.complete(facts, &way) else { continue };
            possible = true;
            attrs.push(value);
            let id = world.create(facts.object, &attrs).unwrap_or_else(|s| panic!("{name} {way:?}: {s}"));
            assert_eq!(world.get(facts.object, id, row).as_ref(), Ok(&shown(row, &value)), "{name}");
            if row.is(SET) {
                assert_eq!(world.set(facts.object, id, &value), SUCCESS, "{name}");
            }
            world.remove(facts.object, id);
        }
        possible
    });
    let expected =
        WITHOUT_VALUE.iter().chain(NEVER_VALID).filter(|name| !skipped.contains(&(**name).to_owned()));
    assert_eq!(expected.collect::<Vec<_>>(), Vec::<&&str>::new(), "was possible after all");
    assert_eq!(skipped.len(), WITHOUT_VALUE.len() + NEVER_VALID.len(), "{skipped:?}");
}

#[test]
fn it_is_refused_where_its_condition_does_not_hold() {
    let skipped = each_row(&World::new(&[]), |world, facts, row, name| {
        let value = world.value(row).unwrap_or_else(|| panic!("{name}"));
        let mut possible = false;
        for way in unmet(facts, row) {
            let Some(attrs) = world.complete(facts, &way) else { continue };
            possible = true;
            let with = [&attrs[..], &[value]].concat();
            let refused = Err(MISPLACED - attrs.len() as sai_status_t);
            assert_eq!(world.create(facts.object, &with), refused, "{name} {way:?}");
            let id = world.create(facts.object, &attrs).unwrap_or_else(|s| panic!("{name} {way:?}: {s}"));
            if row.is(SET) {
                assert_eq!(world.set(facts.object, id, &value), MISPLACED, "{name} {way:?}");
                let before = default_of(row).map(|default| Ok(shown(row, &default)));
                assert!(before.is_none_or(|before| world.get(facts.object, id, row) == before), "{name}");
            }
            world.remove(facts.object, id);
        }
        possible
    });
    assert_eq!(skipped, WITHOUT_VALUE);
}

#[test]
fn its_default_is_taken_anywhere() {
    let defaults = std::cell::Cell::new(0);
    each_row(&World::new(&[]), |world, facts, row, name| {
        let Some(default) = default_of(row) else { return false };
        for way in unmet(facts, row) {
            let Some(mut attrs) = world.complete(facts, &way) else { continue };
            attrs.push(default);
            let id = world.create(facts.object, &attrs).unwrap_or_else(|s| panic!("{name} {way:?}: {s}"));
            if row.is(SET) {
                assert_eq!(world.set(facts.object, id, &default), SUCCESS, "{name} {way:?}");
            }
            world.remove(facts.object, id);
            defaults.set(defaults.get() + 1);
        }
        true
    });
    assert!(defaults.get() > 100, "{}", defaults.get());
}

#[test]
fn it_becomes_possible_when_the_condition_is_set() {
    let skipped = each_row(&World::new(&[]), |world, facts, row, name| {
        let settable = |(id, _): &(u32, i64)| facts.attr(*id).unwrap().is(SET);
        let (true, [way, ..]) = (row.is(SET), &met(row)[..]) else { return false };
        let Some(last) = way.iter().copied().rfind(settable) else { return false };
        // All hold but one that can be set, and is not yet.
        let before: Vec<_> = way.iter().copied().filter(|term| *term != last).collect();
        let Some(attrs) = world.complete(facts, &before).filter(|attrs| !holds(facts, attrs, last)) else {
            return false;
        };
        let value = world.value(row).unwrap();
        let id = world.create(facts.object, &attrs).unwrap_or_else(|s| panic!("{name}: {s}"));
        assert_eq!(world.set(facts.object, id, &value), MISPLACED, "{name}");
        assert_eq!(world.set(facts.object, id, &num(last.0, last.1 as u32)), SUCCESS, "{name}");
        assert_eq!(world.set(facts.object, id, &value), SUCCESS, "{name}");
        assert_eq!(world.get(facts.object, id, row), Ok(shown(row, &value)), "{name}");
        world.remove(facts.object, id);
        true
    });
    assert!(skipped.len() < 45, "{skipped:?}");
}

#[test]
fn a_lenient_profile_keeps_what_means_nothing() {
    let skipped = each_row(&World::new(&[("SAI_SIM_VALID_ONLY", "accept")]), |world, facts, row, name| {
        // A switch that a client creates has the profile of the library.
        if facts.object == T::SAI_OBJECT_TYPE_SWITCH {
            let (id, value) = (world.client.switch.id(), world.value(row).unwrap());
            assert!(!row.is(SET) || world.set(facts.object, id, &value) == SUCCESS, "{name}");
            return true;
        }
        let value = world.value(row).unwrap();
        let ways = unmet(facts, row);
        let mut attrs = ways.iter().find_map(|way| world.complete(facts, way)).unwrap();
        attrs.push(value);
        let id = world.create(facts.object, &attrs).unwrap_or_else(|s| panic!("{name}: {s}"));
        assert_eq!(world.get(facts.object, id, row), Ok(shown(row, &value)), "{name}");
        world.remove(facts.object, id);
        true
    });
    assert_eq!(skipped, WITHOUT_VALUE);
}

#[test]
fn a_bulk_call_judges_each_entry_by_the_same_rows() {
    for (bulk, whole) in [("spec", false), ("whole-batch-reject", true)] {
        let world = World::new(&[("SAI_SIM_BULK", bulk)]);
        let (kind, moves) = (
            sai_fdb_entry_attr_t::SAI_FDB_ENTRY_ATTR_TYPE.0,
            sai_fdb_entry_attr_t::SAI_FDB_ENTRY_ATTR_ALLOW_MAC_MOVE.0,
        );
        let mut other = world.fdb_key();
        other.mac_address[5] += 1;
        let keys = [world.fdb_key(), other];
        let dynamic = sai_fdb_entry_type_t::SAI_FDB_ENTRY_TYPE_DYNAMIC.0;
        let fixed = sai_fdb_entry_type_t::SAI_FDB_ENTRY_TYPE_STATIC.0;
        let lists = [[num(kind, fixed), flag(moves, true)], [num(kind, dynamic), flag(moves, true)]];
        let mut pointers = lists.each_ref().map(|list| list.as_ptr());
        let mut statuses = [UNTOUCHED; 2];
        let create = world.client.fdb.create_fdb_entries.unwrap();
        // SAFETY: all places are ours.
        let status = unsafe {
            create(2, keys.as_ptr(), [2, 2].as_ptr(), pointers.as_mut_ptr(), STOP, statuses.as_mut_ptr())
        };
        assert_ne!(status, SUCCESS);
        assert_eq!(statuses[1], MISPLACED - 1, "{bulk}");
        assert_eq!(world.client.switch.fdb().len(), usize::from(!whole), "{bulk}");

        let plain = [num(kind, dynamic)];
        let mut pointers = [plain.as_ptr(); 2];
        // SAFETY: all places are ours. The first is there already unless the whole batch was refused.
        unsafe {
            create(2, keys.as_ptr(), [1, 1].as_ptr(), pointers.as_mut_ptr(), IGNORE, statuses.as_mut_ptr())
        };
        let changes = [flag(moves, false), flag(moves, true)];
        let set = world.client.fdb.set_fdb_entries_attribute.unwrap();
        // SAFETY: all places are ours.
        let status = unsafe { set(2, keys.as_ptr(), changes.as_ptr(), STOP, statuses.as_mut_ptr()) };
        assert_ne!(status, SUCCESS);
        assert_eq!(statuses[1], MISPLACED, "{bulk}");
        assert_eq!(statuses[0], if whole { SAI_STATUS_NOT_EXECUTED } else { SUCCESS }, "{bulk}");
    }
}
