//! Values that an attribute takes, and such as it does not.

use sai::facts::{Attr, Init, Kind};
use sai_sys::*;

use crate::subjects::Subject;
use crate::support::*;
use crate::world::{World, ip, text};

/// Does the row apply to an object created with these attributes?
pub(crate) fn applies(subject: &Subject, row: &Attr, good: &[sai_attribute_t]) -> bool {
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
pub(crate) fn good_value(world: &World, row: &Attr) -> Option<sai_attribute_t> {
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
pub(crate) fn bad_values(world: &World, row: &Attr) -> Vec<sai_attribute_t> {
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
pub(crate) fn same(row: &Attr, a: &sai_attribute_t, b: &sai_attribute_t) -> bool {
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
pub(crate) fn put(attrs: &mut Vec<sai_attribute_t>, new: sai_attribute_t) -> sai_status_t {
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
