//! Attribute values in and out of the C union, and what can be judged about a list of attributes by their rows alone.
//!
//! Invariant: the only place that names members of `sai_attribute_value_t`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sai_sys::{
    Status, sai_attribute_t, sai_attribute_value_t, sai_ip_addr_family_t as Family, sai_ip_addr_t,
    sai_ip_address_t, sai_map_t, sai_object_type_t, sai_timespec_t, sai_u16_range_t, sai_u32_range_t,
};

use crate::facts::{Attr, Facts, Kind, READ, SET};
use crate::object::Given;
use crate::refusal::{Result, bad_value, misplaced, not_kept, unknown};
use crate::value::{Value, is_station};

/// A list longer than this is taken for a mistake.
const LONGEST: u32 = 1 << 20;

/// What a list of attributes is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Create,
    Set,
}

/// Copies attributes that a caller gives, each judged by its row.
///
/// # Safety
/// Pointers in the attributes are null or point to as many values as their counts say.
pub(crate) unsafe fn read_all(
    facts: &Facts,
    attrs: &[sai_attribute_t],
    purpose: Purpose,
) -> Result<Vec<Given>> {
    // Which MACs a neighbour may have is a matter of the profile, so its own shell judges them.
    let any_mac = facts.object == sai_object_type_t::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY;
    let mut given: Vec<Given> = Vec::with_capacity(attrs.len().min(facts.attrs.len()));
    for (index, attr) in attrs.iter().enumerate() {
        let row = facts.attr(attr.id).ok_or_else(|| unknown(index))?;
        let twice = given.iter().any(|(id, _)| *id == attr.id);
        if row.is(READ) || twice || purpose == Purpose::Set && !row.is(SET) {
            return Err(misplaced(index));
        }
        // SAFETY: by this function's contract.
        given.push((attr.id, unsafe { read(row, &attr.value, index, any_mac) }?));
    }
    Ok(given)
}

/// Copies one value and judges it by its row.
///
/// # Safety
/// As for [`read_all`].
unsafe fn read(row: &Attr, value: &sai_attribute_value_t, index: usize, any_mac: bool) -> Result<Value> {
    // SAFETY: by this function's contract.
    let copy = unsafe { copy(row, value, index) }?;
    let good = match (&copy, row.kind) {
        (Value::Num(n), Kind::Enum) => row.values.contains(&(*n as i32)),
        (Value::List(list), Kind::S32s) if !row.values.is_empty() => {
            list.iter().all(|n| row.values.contains(&(*n as i32)))
        }
        (Value::Mac(mac), _) => any_mac || is_station(mac),
        _ => true,
    };
    if good { Ok(copy) } else { Err(bad_value(index)) }
}

/// How many items a caller's list has room for, if the attribute is a list.
pub(super) fn room(row: &Attr, value: &sai_attribute_value_t) -> Option<u32> {
    let list = matches!(row.kind, Kind::Oids | Kind::U8s | Kind::S8s | Kind::U32s | Kind::S32s | Kind::Maps);
    // SAFETY: the row says that this member is in use, or another list, which begin alike; any bits are a value of it.
    list.then_some(unsafe { value.objlist }.count)
}

/// Lends a list's attribute room for its items: `list` must outlive the use of the attribute.
pub(super) fn lend(value: &mut sai_attribute_value_t, list: *mut u64, count: u32) {
    // All lists of the union begin with a count, and then a pointer.
    value.objlist = sai_sys::sai_object_list_t { count, list };
}

/// Copies one value.
///
/// # Safety
/// As for [`read_all`].
pub(super) unsafe fn copy(row: &Attr, value: &sai_attribute_value_t, index: usize) -> Result<Value> {
    macro_rules! scalar {
        ($member:ident) => {
            // SAFETY: the row says that this member is in use; any bits are a value of it.
            unsafe { value.$member }
        };
    }
    macro_rules! list {
        ($member:ident, $convert:expr) => {{
            let list = scalar!($member);
            if list.count > LONGEST {
                return Err(bad_value(index));
            }
            // SAFETY: by this function's contract.
            let items = unsafe { super::slice(list.list, list.count) }.map_err(|_| bad_value(index))?;
            Value::List(items.iter().map($convert).collect())
        }};
    }
    let copy = match row.kind {
        Kind::Bool => Value::flag(scalar!(u8_) != 0),
        Kind::U8 => Value::Num(u64::from(scalar!(u8_))),
        Kind::U16 => Value::Num(u64::from(scalar!(u16_))),
        Kind::U32 => Value::Num(u64::from(scalar!(u32_))),
        Kind::S32 | Kind::Enum => Value::Num(scalar!(s32) as i64 as u64),
        Kind::U64 | Kind::Oid => Value::Num(scalar!(u64_)),
        Kind::Ptr => Value::Num(scalar!(ptr) as usize as u64),
        Kind::Mac => Value::Mac(scalar!(mac)),
        Kind::Ip => {
            let address = scalar!(ipaddr);
            Value::Ip(ip(&address).ok_or_else(|| bad_value(index))?)
        }
        Kind::Chars => {
            let mut chars = [0; 32];
            for (to, from) in chars.iter_mut().zip(scalar!(chardata)) {
                if from == 0 {
                    break;
                }
                *to = from as u8;
            }
            Value::Chars(chars)
        }
        Kind::Oids => list!(objlist, |id| *id),
        Kind::U8s => list!(u8list, |n| u64::from(*n)),
        Kind::S8s => list!(s8list, |n| i64::from(*n) as u64),
        Kind::U32s => list!(u32list, |n| u64::from(*n)),
        Kind::S32s => list!(s32list, |n| i64::from(*n) as u64),
        Kind::Maps => {
            let list = scalar!(maplist);
            if list.count > LONGEST {
                return Err(bad_value(index));
            }
            // SAFETY: by this function's contract.
            let items = unsafe { super::slice(list.list, list.count) }.map_err(|_| bad_value(index))?;
            Value::Pairs(items.iter().map(|map| (map.key, map.value)).collect())
        }
        Kind::U32Range => {
            let range = scalar!(u32range);
            Value::Range(range.min, range.max)
        }
        Kind::U16Range => {
            let range = scalar!(u16range);
            Value::Range(range.min.into(), range.max.into())
        }
        Kind::Timespec => {
            let time = scalar!(timespec);
            Value::Timespec(time.tv_sec, time.tv_nsec)
        }
        Kind::Opaque => return Err(not_kept(index)),
    };
    Ok(copy)
}

/// Puts a value where the caller asked for it. A list that is too short is not touched, but its count says what is
/// needed.
///
/// # Safety
/// The list pointer in `place` is null or points to as many values as its count says, which we may write.
pub(crate) unsafe fn write(row: &Attr, value: &Value, place: &mut sai_attribute_value_t) -> Result<()> {
    macro_rules! list {
        ($member:ident, $items:expr, $convert:expr) => {{
            // SAFETY: the row says that this member is in use; any bits are a value of it.
            let list = unsafe { &mut place.$member };
            let (room, items) = (list.count, $items);
            list.count = items.len() as u32;
            if (room as usize) < items.len() {
                return Err(Status::BUFFER_OVERFLOW);
            }
            if !items.is_empty() {
                super::writable(list.list)?;
            }
            for (n, item) in items.iter().enumerate() {
                // SAFETY: the caller's list is at least as long as ours.
                let at = unsafe { list.list.add(n) };
                // SAFETY: within the caller's list, which is neither null nor misaligned.
                unsafe { at.write($convert(item)) };
            }
        }};
    }
    match (row.kind, value) {
        (Kind::Bool, Value::Num(n)) => place.booldata = *n != 0,
        (Kind::U8, Value::Num(n)) => place.u8_ = *n as u8,
        (Kind::U16, Value::Num(n)) => place.u16_ = *n as u16,
        (Kind::U32, Value::Num(n)) => place.u32_ = *n as u32,
        (Kind::S32 | Kind::Enum, Value::Num(n)) => place.s32 = *n as i32,
        (Kind::U64 | Kind::Oid, Value::Num(n)) => place.u64_ = *n,
        (Kind::Ptr, Value::Num(n)) => place.ptr = std::ptr::without_provenance_mut(*n as usize),
        (Kind::Mac, Value::Mac(mac)) => place.mac = *mac,
        (Kind::Ip, Value::Ip(ip)) => place.ipaddr = address(*ip),
        (Kind::Chars, Value::Chars(chars)) => place.chardata = chars.map(|c| c as core::ffi::c_char),
        (Kind::Oids, Value::List(items)) => list!(objlist, items, |n: &u64| *n),
        (Kind::U8s, Value::List(items)) => list!(u8list, items, |n: &u64| *n as u8),
        (Kind::S8s, Value::List(items)) => list!(s8list, items, |n: &u64| *n as i8),
        (Kind::U32s, Value::List(items)) => list!(u32list, items, |n: &u64| *n as u32),
        (Kind::S32s, Value::List(items)) => list!(s32list, items, |n: &u64| *n as i32),
        (Kind::Maps, Value::Pairs(items)) => {
            list!(maplist, items, |(key, value): &(u32, i32)| sai_map_t { key: *key, value: *value });
        }
        (Kind::U32Range, Value::Range(min, max)) => place.u32range = sai_u32_range_t { min: *min, max: *max },
        (Kind::U16Range, Value::Range(min, max)) => {
            place.u16range = sai_u16_range_t { min: *min as u16, max: *max as u16 };
        }
        (Kind::Timespec, Value::Timespec(s, ns)) => {
            place.timespec = sai_timespec_t { tv_sec: *s, tv_nsec: *ns }
        }
        _ => return Err(Status::FAILURE),
    }
    Ok(())
}

/// The address, if its family is one.
pub(crate) fn ip(address: &sai_ip_address_t) -> Option<IpAddr> {
    match address.addr_family {
        Family::SAI_IP_ADDR_FAMILY_IPV4 => {
            // SAFETY: the family says which member is in use; any bits are a value of it.
            let bytes = unsafe { address.addr.ip4 }.to_ne_bytes();
            Some(Ipv4Addr::from(bytes).into())
        }
        Family::SAI_IP_ADDR_FAMILY_IPV6 => {
            // SAFETY: as above.
            let bytes = unsafe { address.addr.ip6 };
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

/// The address in C, unused bytes zero.
pub(crate) fn address(ip: IpAddr) -> sai_ip_address_t {
    let mut addr = sai_ip_addr_t { ip6: [0; 16] };
    let addr_family = match ip {
        IpAddr::V4(ip) => {
            addr.ip4 = u32::from_ne_bytes(ip.octets());
            Family::SAI_IP_ADDR_FAMILY_IPV4
        }
        IpAddr::V6(ip) => {
            addr.ip6 = ip.octets();
            Family::SAI_IP_ADDR_FAMILY_IPV6
        }
    };
    sai_ip_address_t { addr_family, addr }
}
