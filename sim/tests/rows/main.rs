//! Every attribute row of every simulated object, tested through the method tables: what is mandatory, what may be
//! created, set and only read, defaults, values out of range, references to nothing and to the wrong thing.
#![allow(clippy::unwrap_used, reason = "a step that fails fails the test")]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "the calls that the macros write are documented in the macros; one sentence covers a match of kinds"
)]

mod subjects;
#[path = "../support/mod.rs"]
mod support;
mod values;
mod world;

use sai::facts::{self, Attr, CREATE, Init, Kind, MANDATORY, READ, SET};
use sai_sys::*;
use subjects::Subject;
use support::*;
use values::{applies, bad_values, good_value, put, same};
use world::{World, create_one, world};

type T = sai_object_type_t;

const MISPLACED: sai_status_t = SAI_STATUS_INVALID_ATTRIBUTE_0;
const BAD_VALUE: sai_status_t = SAI_STATUS_INVALID_ATTR_VALUE_0;
const NOT_KEPT: sai_status_t = SAI_STATUS_ATTR_NOT_IMPLEMENTED_0;

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
