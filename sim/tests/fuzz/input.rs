//! Bytes read as arguments: mostly such as a client would pass, often enough such as nobody should.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use sai::facts::{self, Attr, Facts, Kind, MANDATORY, READ, SET};
use sai_sys::*;

use crate::support::{Client, address, attr};

pub(crate) type A = sai_attribute_t;
type T = sai_object_type_t;

/// Attributes, and the memory that their lists point to.
#[derive(Default)]
pub(crate) struct Given {
    pub(crate) list: Vec<A>,
    _rooms: Vec<Box<[u64]>>,
}

/// Bytes, and the objects that calls may be about.
pub(crate) struct Input<'a> {
    bytes: std::slice::Iter<'a, u8>,
    pub(crate) client: &'a Client,
    /// Live objects by type.
    pub(crate) live: BTreeMap<u32, Vec<u64>>,
    /// Objects that were removed.
    pub(crate) dead: Vec<u64>,
    /// Keys of entries that were made, by type.
    pub(crate) keys: BTreeMap<u32, Vec<[u64; 8]>>,
    /// What succeeded.
    pub(crate) done: BTreeSet<String>,
}

impl<'a> Input<'a> {
    pub(crate) fn new(bytes: &'a [u8], client: &'a Client) -> Self {
        let mut live = BTreeMap::new();
        for facts in facts::ALL {
            live.insert(facts.object.0, client.switch.objects(facts.object));
        }
        Self {
            bytes: bytes.iter(),
            client,
            live,
            dead: Vec::new(),
            keys: BTreeMap::new(),
            done: BTreeSet::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.len() == 0
    }

    /// The next byte; zero behind the end.
    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    pub(crate) fn word(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    pub(crate) fn pick<I: Copy>(&mut self, from: &[I]) -> Option<I> {
        let n = self.byte();
        (!from.is_empty()).then(|| from[n as usize % from.len()])
    }

    /// An id: mostly of a live object of one of these types.
    pub(crate) fn id(&mut self, objects: &[T]) -> u64 {
        match self.byte() {
            0..4 => 0,
            4..8 => self.word(),
            8..16 => {
                let dead = self.dead.clone();
                self.pick(&dead).unwrap_or(1)
            }
            16..32 => {
                let all: Vec<u64> = self.live.values().flatten().copied().collect();
                self.pick(&all).unwrap_or(2)
            }
            _ => {
                let fit: Vec<u64> =
                    objects.iter().filter_map(|o| self.live.get(&o.0)).flatten().copied().collect();
                self.pick(&fit).unwrap_or(0)
            }
        }
    }

    /// The switch, nearly always.
    pub(crate) fn switch(&mut self) -> u64 {
        if self.byte() < 8 { self.id(&[T::SAI_OBJECT_TYPE_SWITCH]) } else { self.client.switch.id() }
    }

    /// A pointer that is null now and then. One that is not points to as much as the call's counts say.
    pub(crate) fn or_null<P>(&mut self, pointer: *const P) -> *const P {
        if self.byte() == 1 { std::ptr::null() } else { pointer }
    }

    pub(crate) fn or_null_mut<P>(&mut self, pointer: *mut P) -> *mut P {
        self.or_null(pointer.cast_const()).cast_mut()
    }

    /// A bulk mode; every third is none.
    pub(crate) fn mode(&mut self) -> u32 {
        match self.byte() {
            n @ 0..250 => u32::from(n % 2),
            n => n.into(),
        }
    }

    pub(crate) fn address(&mut self) -> sai_ip_address_t {
        let host = self.byte();
        let mut address = address(IpAddr::from([10, 0, host % 3, host]));
        if host > 240 {
            address.addr_family = sai_ip_addr_family_t(host.into());
        } else if host > 128 {
            address.addr_family = sai_ip_addr_family_t::SAI_IP_ADDR_FAMILY_IPV6;
        }
        address
    }

    /// An attribute with a value of its row's kind, within what the row allows if it is to be good.
    fn value(&mut self, given: &mut Given, id: u32, row: Option<&Attr>, good: bool) {
        let (count, word) = (self.byte() % 9, self.word());
        let named = match row {
            Some(row) if good && row.nullable && count == 0 => 0,
            Some(row) => self.id(row.objects),
            None => self.id(&[]),
        };
        let one = row.and_then(|row| row.values.get(word as usize % row.values.len().max(1)).copied());
        let one = one.filter(|_| good).map_or(word, |one| one as u64);
        let ip = self.address();
        let mut room: Box<[u64]> = vec![word; 16].into();
        given.list.push(attr(id, |value| match row.map(|row| row.kind) {
            None | Some(Kind::Ptr | Kind::Opaque) => {}
            Some(Kind::Oid) => value.oid = named,
            Some(kind @ (Kind::Oids | Kind::U8s | Kind::S8s | Kind::U32s | Kind::S32s | Kind::Maps)) => {
                match kind {
                    Kind::Oids => room.fill(named),
                    Kind::S32s => room.fill(one << 32 | one & u64::from(u32::MAX)),
                    _ => {}
                }
                let list = if count == 8 && !good { std::ptr::null_mut() } else { room.as_mut_ptr() };
                value.objlist = sai_object_list_t { count: (count % if good { 3 } else { 9 }).into(), list };
            }
            Some(Kind::Ip) => value.ipaddr = ip,
            Some(Kind::Mac) => value.mac = [if good { 2 } else { count }, 0, 0, 0, 0, word as u8 % 32],
            Some(Kind::Chars) => value.chardata = [count as core::ffi::c_char; 32],
            Some(Kind::Enum) => value.s32 = one as i32,
            Some(Kind::U16) if good => value.u16_ = 1 + word as u16 % 64,
            Some(_) => value.u64_ = word,
        }));
        given._rooms.push(room);
    }

    /// Attributes of a create: mostly what it needs and a few more.
    pub(crate) fn given(&mut self, facts: &Facts) -> Given {
        if self.byte() >= 200 {
            return self.noise(facts);
        }
        let mut given = Given::default();
        let holds = |given: &Given, row: &Attr| {
            // SAFETY: conditions look at enumerations and booleans, whose bytes are zero-filled.
            let number = |attr: &A| i64::from(unsafe { attr.value.u32_ });
            let is = |id: u32, n: i64| given.list.iter().any(|attr| attr.id == id && number(attr) == n);
            row.when.is_empty() || row.when.iter().any(|(id, n)| is(*id, *n))
        };
        // Conditions look at what is needed always.
        for conditional in [false, true] {
            for row in facts.attrs.iter().filter(|r| r.is(MANDATORY) && r.when.is_empty() != conditional) {
                if holds(&given, row) {
                    self.value(&mut given, row.id, Some(row), true);
                }
            }
        }
        for _ in 0..self.byte() % 3 {
            let row = facts.attrs[self.byte() as usize % facts.attrs.len()];
            let fits = !row.is(READ) && holds(&given, &row) && row.only.is_empty();
            if fits && !given.list.iter().any(|attr| attr.id == row.id) {
                self.value(&mut given, row.id, Some(&row), true);
            }
        }
        given
    }

    /// Any attributes.
    pub(crate) fn noise(&mut self, facts: &Facts) -> Given {
        let mut given = Given::default();
        for _ in 0..self.byte() % 5 {
            let id = u32::from(self.byte()) % (facts.attrs.len() as u32 + 2);
            self.value(&mut given, id, facts.attr(id), false);
        }
        given
    }

    /// One attribute to set.
    pub(crate) fn change(&mut self, facts: &Facts) -> Given {
        let rows: Vec<Attr> = facts.attrs.iter().filter(|row| row.is(SET)).copied().collect();
        let mut given = Given::default();
        let id = u32::from(self.byte()) % (facts.attrs.len() as u32 + 2);
        match self.pick(&rows) {
            Some(row) if !id.is_multiple_of(4) => self.value(&mut given, row.id, Some(&row), true),
            _ => self.value(&mut given, id, facts.attr(id), false),
        }
        given
    }
}
