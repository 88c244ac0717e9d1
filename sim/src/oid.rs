//! Object ids: 16 bits of switch, 8 of type, 40 of serial number.
//!
//! An id says what it is without a look-up, and is never given twice in a process: an id of a removed object, or of
//! a switch that is gone, stays recognisable as dead.
//!
//! Invariant: the form only; whether the object is alive is the switch's knowledge.

use sai_sys::{sai_object_id_t, sai_object_type_t};

use crate::facts::TYPES;

const SERIAL_BITS: u32 = 40;
const TYPE_BITS: u32 = 8;

/// The highest serial number; 2^40 objects of one type in the life of a switch.
pub(crate) const LAST_SERIAL: u64 = (1 << SERIAL_BITS) - 1;

/// A well-formed object id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Oid {
    /// Which switch of the process, from 1.
    pub switch: u16,
    /// Its type.
    pub object: sai_object_type_t,
    /// Which object of that type, from 1.
    pub serial: u64,
}

impl Oid {
    /// Takes an id apart; `None` if it was never one of ours, the null id included.
    #[must_use]
    #[inline]
    pub const fn parse(id: sai_object_id_t) -> Option<Self> {
        let switch = (id >> (SERIAL_BITS + TYPE_BITS)) as u16;
        let object = ((id >> SERIAL_BITS) & 0xff) as u32;
        let serial = id & LAST_SERIAL;
        if switch == 0 || object == 0 || object as usize >= TYPES || serial == 0 {
            return None;
        }
        Some(Self { switch, object: sai_object_type_t(object), serial })
    }

    /// As a number.
    #[must_use]
    #[inline]
    pub const fn id(self) -> sai_object_id_t {
        ((self.switch as u64) << (SERIAL_BITS + TYPE_BITS))
            | ((self.object.0 as u64) << SERIAL_BITS)
            | self.serial
    }

    /// The id of a switch itself.
    #[must_use]
    pub const fn of_switch(switch: u16) -> Self {
        Self { switch, object: sai_object_type_t::SAI_OBJECT_TYPE_SWITCH, serial: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_round_trip() {
        let oid = Oid { switch: 513, object: sai_object_type_t::SAI_OBJECT_TYPE_VLAN, serial: LAST_SERIAL };
        assert_eq!(Oid::parse(oid.id()), Some(oid));
    }

    #[test]
    fn numbers_that_are_no_ids_are_told_apart() {
        let good = Oid::of_switch(1).id();
        for id in [0, 1, 0x1234, u64::MAX, good & !LAST_SERIAL, good & 0xffff_0000_0000_ffff] {
            assert_eq!(Oid::parse(id), None, "{id:#x}");
        }
    }
}
