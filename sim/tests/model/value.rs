//! Attribute values as the model has them, and their way into C and out of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sai_sys::*;

use crate::rows::{Form, Row};
use crate::support::{address, attr};

pub(crate) type Mac = [u8; 6];

/// An attribute's value; some that no attribute can have are among them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Value {
    Number(i64),
    Id(u64),
    Mac(Mac),
    Ip(IpAddr),
    /// An address of no family.
    BadIp,
    /// One letter.
    Text(u8),
    Numbers(Vec<i64>),
    Ids(Vec<u64>),
    /// A list that has items and is nowhere.
    Nowhere(u32),
    Pairs(Vec<(u32, i32)>),
    Range(u32, u32),
    Time(u64, u32),
}

impl Value {
    /// Every object that it names.
    pub(crate) fn names(&self) -> &[u64] {
        match self {
            Self::Id(id) => std::slice::from_ref(id),
            Self::Ids(ids) => ids,
            _ => &[],
        }
    }
}

/// What a value of this form is if there is nothing in it.
pub(crate) fn empty(form: Form) -> Value {
    match form {
        Form::Id => Value::Id(0),
        Form::Mac => Value::Mac([0; 6]),
        Form::Ip => Value::Ip(Ipv4Addr::UNSPECIFIED.into()),
        Form::Text => Value::Text(0),
        Form::Ids => Value::Ids(Vec::new()),
        Form::U8s | Form::S8s | Form::U32s | Form::S32s => Value::Numbers(Vec::new()),
        Form::Pairs => Value::Pairs(Vec::new()),
        Form::U32Range | Form::U16Range => Value::Range(0, 0),
        Form::Time => Value::Time(0, 0),
        _ => Value::Number(0),
    }
}

/// Memory that lists of attributes point to.
pub(crate) type Room = Vec<Box<[u64]>>;

/// Takes room for a list of as many items, whatever their size.
fn lend(room: &mut Room, items: usize) -> *mut u64 {
    room.push(vec![0; items.max(1)].into());
    room.last_mut().unwrap().as_mut_ptr()
}

/// An attribute in C. Unknown ones have no row.
pub(crate) fn to_c(id: u32, row: Option<&Row>, value: &Value, room: &mut Room) -> sai_attribute_t {
    let form = row.map(|row| row.form);
    attr(id, |v| match value {
        // Any byte but zero is true.
        Value::Number(n) if form == Some(Form::Bool) => v.u8_ = if *n == 0 { 0 } else { 0x80 | id as u8 },
        Value::Number(n) => v.u64_ = *n as u64,
        Value::Id(id) => v.oid = *id,
        Value::Mac(mac) => v.mac = *mac,
        Value::Ip(ip) => v.ipaddr = address(*ip),
        Value::BadIp => v.ipaddr.addr_family = sai_ip_addr_family_t(2),
        Value::Text(letter) => {
            // What stands behind the end is noise.
            let mut chars = [0x7f; 32];
            (chars[0], chars[usize::from(*letter != 0)]) = (*letter as std::ffi::c_char, 0);
            v.chardata = chars;
        }
        Value::Nowhere(count) => {
            v.objlist = sai_object_list_t { count: *count, list: std::ptr::null_mut() };
        }
        Value::Ids(ids) => {
            let list = lend(room, ids.len());
            // SAFETY: the room is as long as the list.
            unsafe { std::ptr::copy_nonoverlapping(ids.as_ptr(), list, ids.len()) };
            v.objlist = sai_object_list_t { count: ids.len() as u32, list };
        }
        Value::Numbers(items) => {
            let list = lend(room, items.len());
            for (n, item) in items.iter().enumerate() {
                match form {
                    // SAFETY: the room is longer than the list.
                    Some(Form::U8s | Form::S8s) => unsafe { list.cast::<u8>().add(n).write(*item as u8) },
                    // SAFETY: the room is longer than the list.
                    _ => unsafe { list.cast::<u32>().add(n).write(*item as u32) },
                }
            }
            v.objlist = sai_object_list_t { count: items.len() as u32, list };
        }
        Value::Pairs(items) => {
            let list = lend(room, items.len());
            for (n, (key, value)) in items.iter().enumerate() {
                let map = sai_map_t { key: *key, value: *value };
                // SAFETY: the room is as long as the list.
                unsafe { list.cast::<sai_map_t>().add(n).write(map) };
            }
            v.objlist = sai_object_list_t { count: items.len() as u32, list };
        }
        Value::Range(min, max) if form == Some(Form::U16Range) => {
            v.u16range = sai_u16_range_t { min: *min as u16, max: *max as u16 };
        }
        Value::Range(min, max) => v.u32range = sai_u32_range_t { min: *min, max: *max },
        Value::Time(s, ns) => v.timespec = sai_timespec_t { tv_sec: *s, tv_nsec: *ns },
    })
}

/// An attribute to be read, with room for this many items if it is a list.
pub(crate) fn to_read(id: u32, row: Option<&Row>, items: u32, room: &mut Room) -> sai_attribute_t {
    attr(id, |v| {
        if row.is_some_and(|row| row.form.is_list()) {
            v.objlist = sai_object_list_t { count: items, list: lend(room, items as usize) };
        } else {
            // What was there before does not shine through.
            v.u64_ = u64::MAX;
        }
    })
}

/// How many items a list that was read has.
pub(crate) fn count_of(attr: &sai_attribute_t) -> u32 {
    // SAFETY: a list was read; all of them begin alike.
    unsafe { attr.value.objlist }.count
}

/// A value that was read.
pub(crate) fn from_c(row: &Row, attr: &sai_attribute_t) -> Value {
    let value = &attr.value;
    // SAFETY: each member is the one of the form, filled by a get; lists point to our room.
    unsafe {
        let list = value.objlist;
        let items = |read: &dyn Fn(usize) -> i64| {
            assert!(list.count < 1 << 16, "{}: {} items", row.name, list.count);
            Value::Numbers((0..list.count as usize).map(read).collect())
        };
        match row.form {
            // Not as a bool, which may be 0 or 1 only.
            Form::Bool => Value::Number(value.u8_.into()),
            Form::U8 => Value::Number(value.u8_.into()),
            Form::U16 => Value::Number(value.u16_.into()),
            Form::U32 => Value::Number(value.u32_.into()),
            Form::S32 | Form::Enum => Value::Number(value.s32.into()),
            Form::U64 | Form::Pointer | Form::Other => Value::Number(value.u64_ as i64),
            Form::Mac => Value::Mac(value.mac),
            Form::Ip => match value.ipaddr.addr_family {
                sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV4 => {
                    Value::Ip(Ipv4Addr::from(value.ipaddr.addr.ip4.to_ne_bytes()).into())
                }
                _ => Value::Ip(Ipv6Addr::from(value.ipaddr.addr.ip6).into()),
            },
            // No letter stands for more than one.
            Form::Text if value.chardata[1] != 0 => Value::Text(u8::MAX),
            Form::Text => Value::Text(value.chardata[0] as u8),
            Form::Id => Value::Id(value.oid),
            Form::Ids => Value::Ids((0..list.count as usize).map(|n| list.list.add(n).read()).collect()),
            Form::U8s => items(&|n| list.list.cast::<u8>().add(n).read().into()),
            Form::S8s => items(&|n| list.list.cast::<i8>().add(n).read().into()),
            Form::U32s => items(&|n| list.list.cast::<u32>().add(n).read().into()),
            Form::S32s => items(&|n| list.list.cast::<i32>().add(n).read().into()),
            Form::Pairs => {
                let pair = |n: usize| list.list.cast::<sai_map_t>().add(n).read();
                Value::Pairs((0..list.count as usize).map(|n| (pair(n).key, pair(n).value)).collect())
            }
            Form::U32Range => Value::Range(value.u32range.min, value.u32range.max),
            Form::U16Range => Value::Range(value.u16range.min.into(), value.u16range.max.into()),
            Form::Time => Value::Time(value.timespec.tv_sec, value.timespec.tv_nsec),
        }
    }
}
