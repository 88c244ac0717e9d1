//! Return codes as a type.
//!
//! Invariant: names and numbers only; what a code means to a caller is decided elsewhere.

use core::fmt;

use crate::bindings::*;

/// A return code, any number that a library may give. Laid out as [`sai_status_t`], so that a list
/// of them is a list of codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
#[must_use]
pub struct Status(pub sai_status_t);

/// States each code once; the constant and its name follow from it.
macro_rules! codes {
    ($( #[$doc:meta] $name:ident = $value:ident, )*) => {
        impl Status {
            $(
                #[$doc]
                pub const $name: Self = Self($value);
            )*

            /// Every named code with its name.
            pub const NAMED: &[(Self, &str)] = &[$((Self::$name, stringify!($name))),*];
        }
    };
}

codes! {
    /// Done.
    SUCCESS = SAI_STATUS_SUCCESS,
    /// Failed, or, from a bulk call: look at the status list.
    FAILURE = SAI_STATUS_FAILURE,
    /// This device cannot.
    NOT_SUPPORTED = SAI_STATUS_NOT_SUPPORTED,
    /// Out of memory.
    NO_MEMORY = SAI_STATUS_NO_MEMORY,
    /// The device is out of a resource that the object needs.
    INSUFFICIENT_RESOURCES = SAI_STATUS_INSUFFICIENT_RESOURCES,
    /// An argument is not acceptable.
    INVALID_PARAMETER = SAI_STATUS_INVALID_PARAMETER,
    /// The key is taken.
    ITEM_ALREADY_EXISTS = SAI_STATUS_ITEM_ALREADY_EXISTS,
    /// There is no such object or entry.
    ITEM_NOT_FOUND = SAI_STATUS_ITEM_NOT_FOUND,
    /// The caller's list is too short; its count now says what is needed.
    BUFFER_OVERFLOW = SAI_STATUS_BUFFER_OVERFLOW,
    /// There is no such port.
    INVALID_PORT_NUMBER = SAI_STATUS_INVALID_PORT_NUMBER,
    /// The port is not a member.
    INVALID_PORT_MEMBER = SAI_STATUS_INVALID_PORT_MEMBER,
    /// There is no such VLAN.
    INVALID_VLAN_ID = SAI_STATUS_INVALID_VLAN_ID,
    /// The API was not initialised.
    UNINITIALIZED = SAI_STATUS_UNINITIALIZED,
    /// The hardware table refused the entry.
    TABLE_FULL = SAI_STATUS_TABLE_FULL,
    /// A create lacks an attribute that it must carry.
    MANDATORY_ATTRIBUTE_MISSING = SAI_STATUS_MANDATORY_ATTRIBUTE_MISSING,
    /// The library does not have this.
    NOT_IMPLEMENTED = SAI_STATUS_NOT_IMPLEMENTED,
    /// An address is not known.
    ADDR_NOT_FOUND = SAI_STATUS_ADDR_NOT_FOUND,
    /// Other objects refer to it.
    OBJECT_IN_USE = SAI_STATUS_OBJECT_IN_USE,
    /// The object id is of another type.
    INVALID_OBJECT_TYPE = SAI_STATUS_INVALID_OBJECT_TYPE,
    /// The object id means nothing.
    INVALID_OBJECT_ID = SAI_STATUS_INVALID_OBJECT_ID,
    /// The non-volatile storage is not usable.
    INVALID_NV_STORAGE = SAI_STATUS_INVALID_NV_STORAGE,
    /// The non-volatile storage is full.
    NV_STORAGE_FULL = SAI_STATUS_NV_STORAGE_FULL,
    /// The stored state belongs to another software release.
    SW_UPGRADE_VERSION_MISMATCH = SAI_STATUS_SW_UPGRADE_VERSION_MISMATCH,
    /// A bulk call stopped before this entry; it is untouched.
    NOT_EXECUTED = SAI_STATUS_NOT_EXECUTED,
    /// The object belongs to another pipeline stage.
    STAGE_MISMATCH = SAI_STATUS_STAGE_MISMATCH,
    /// First of a range: the attribute is not valid here; minus the index of the attribute.
    INVALID_ATTRIBUTE_0 = SAI_STATUS_INVALID_ATTRIBUTE_0,
    /// Last of the range that starts at [`Status::INVALID_ATTRIBUTE_0`].
    INVALID_ATTRIBUTE_MAX = SAI_STATUS_INVALID_ATTRIBUTE_MAX,
    /// First of a range: the value of the attribute is not valid; minus the index of the attribute.
    INVALID_ATTR_VALUE_0 = SAI_STATUS_INVALID_ATTR_VALUE_0,
    /// Last of the range that starts at [`Status::INVALID_ATTR_VALUE_0`].
    INVALID_ATTR_VALUE_MAX = SAI_STATUS_INVALID_ATTR_VALUE_MAX,
    /// First of a range: the library does not implement the attribute; minus the index of the attribute.
    ATTR_NOT_IMPLEMENTED_0 = SAI_STATUS_ATTR_NOT_IMPLEMENTED_0,
    /// Last of the range that starts at [`Status::ATTR_NOT_IMPLEMENTED_0`].
    ATTR_NOT_IMPLEMENTED_MAX = SAI_STATUS_ATTR_NOT_IMPLEMENTED_MAX,
    /// First of a range: the attribute is not known; minus the index of the attribute.
    UNKNOWN_ATTRIBUTE_0 = SAI_STATUS_UNKNOWN_ATTRIBUTE_0,
    /// Last of the range that starts at [`Status::UNKNOWN_ATTRIBUTE_0`].
    UNKNOWN_ATTRIBUTE_MAX = SAI_STATUS_UNKNOWN_ATTRIBUTE_MAX,
    /// First of a range: the device does not support the attribute; minus the index of the attribute.
    ATTR_NOT_SUPPORTED_0 = SAI_STATUS_ATTR_NOT_SUPPORTED_0,
    /// Last of the range that starts at [`Status::ATTR_NOT_SUPPORTED_0`].
    ATTR_NOT_SUPPORTED_MAX = SAI_STATUS_ATTR_NOT_SUPPORTED_MAX,
}

impl Status {
    /// Is this [`Status::SUCCESS`]?
    #[must_use]
    pub const fn is_success(self) -> bool {
        self.0 == SAI_STATUS_SUCCESS
    }

    /// The range this code lies in, as its first code, and the index it carries: which attribute of
    /// the call's list is at fault.
    #[must_use]
    pub const fn attribute(self) -> Option<(Self, u32)> {
        let (code, one) = (self.0.unsigned_abs(), Self::INVALID_ATTRIBUTE_0.0.unsigned_abs());
        let (range, index) = (code / one, code % one);
        let last = Self::ATTR_NOT_SUPPORTED_0.0.unsigned_abs() / one;
        if self.0 < 0 && range >= 1 && range <= last {
            Some((Self(-((range * one) as sai_status_t)), index))
        } else {
            None
        }
    }

    /// The name without its prefix: of the code, or of the range it lies in.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let named = |code| Self::NAMED.iter().find(|(s, _)| *s == code).map(|(_, name)| *name);
        match self.attribute() {
            Some((range, _)) => named(range).and_then(|name| name.strip_suffix("_0")),
            None => named(self),
        }
    }
}

impl fmt::Display for Status {
    /// The name, with the attribute's index if the code has one, and the number: numbers are what
    /// vendors' logs show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self.attribute()) {
            (Some(name), Some((_, index))) => write!(f, "{name}[{index}] ({})", self.0),
            (Some(name), None) => write!(f, "{name} ({})", self.0),
            (None, _) => write!(f, "unknown status ({})", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<sai_status_t> for Status {
    fn from(code: sai_status_t) -> Self {
        Self(code)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    /// The ranges run downwards, so the index is subtracted and the ends are easily off by one.
    #[test]
    fn a_range_code_gives_its_range_and_index() {
        assert_eq!(Status(-0x10000).attribute(), Some((Status::INVALID_ATTRIBUTE_0, 0)));
        assert_eq!(Status(-0x1ffff).attribute(), Some((Status::INVALID_ATTRIBUTE_0, 0xffff)));
        assert_eq!(Status(-0x20000).attribute(), Some((Status::INVALID_ATTR_VALUE_0, 0)));
        assert_eq!(Status(-0x30007).attribute(), Some((Status::ATTR_NOT_IMPLEMENTED_0, 7)));
        assert_eq!(Status(-0x40001).attribute(), Some((Status::UNKNOWN_ATTRIBUTE_0, 1)));
        assert_eq!(Status(-0x5ffff).attribute(), Some((Status::ATTR_NOT_SUPPORTED_0, 0xffff)));
    }

    #[test]
    fn other_numbers_carry_no_index() {
        for code in [0, 1, 0x20000, i32::MAX, -1, -24, -0xffff, -0x60000, i32::MIN] {
            assert_eq!(Status(code).attribute(), None, "{code}");
        }
    }

    #[test]
    fn a_status_prints_its_name_and_number() {
        assert_eq!(Status(0).to_string(), "SUCCESS (0)");
        assert_eq!(Status(-7).to_string(), "ITEM_NOT_FOUND (-7)");
        assert_eq!(Status(-0x10003).to_string(), "INVALID_ATTRIBUTE[3] (-65539)");
        assert_eq!(Status(-0x1ffff).to_string(), "INVALID_ATTRIBUTE[65535] (-131071)");
        assert_eq!(Status(-99).to_string(), "unknown status (-99)");
    }
}
