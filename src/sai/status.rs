//! What a SAI call answered, raw code kept.
//!
//! Invariant: no status is ever recognised by its text, and none is dropped: what the header does not name stays a
//! number that can be shown.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A `sai_status_t` as the library returned it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Status(pub i32);

macro_rules! codes {
    ($( #[$doc:meta] $name:ident => $kind:ident; )*) => {
        impl Status {
            $( #[$doc] pub const $name: Status = Status(sai_sys::Status::$name.0); )*

            /// What the code says.
            pub fn kind(self) -> Kind {
                match self {
                    $( Status::$name => Kind::$kind, )*
                    _ => self.attribute_fault().unwrap_or(Kind::Unrecognised),
                }
            }
        }

        /// What a status says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind {
            $( #[$doc] $kind, )*
            /// An attribute of the call's list is at fault.
            Attribute {
                /// In which way.
                fault: AttributeFault,
                /// Which: its place in the call's list, from 0.
                index: u16,
            },
            /// No code that the header names.
            Unrecognised,
        }
    };
}

codes! {
    /// The call did what it was asked.
    SUCCESS => Success;
    /// It failed, and does not say how; from a bulk call: the truth is in the status list.
    FAILURE => Failure;
    /// The device cannot.
    NOT_SUPPORTED => NotSupported;
    /// Out of memory.
    NO_MEMORY => NoMemory;
    /// The device is out of a resource.
    INSUFFICIENT_RESOURCES => InsufficientResources;
    /// An argument is not acceptable.
    INVALID_PARAMETER => InvalidParameter;
    /// The key is taken.
    ITEM_ALREADY_EXISTS => ItemAlreadyExists;
    /// There is no such object or entry.
    ITEM_NOT_FOUND => ItemNotFound;
    /// The caller's list is too short.
    BUFFER_OVERFLOW => BufferOverflow;
    /// There is no such port.
    INVALID_PORT_NUMBER => InvalidPortNumber;
    /// The port is not a member.
    INVALID_PORT_MEMBER => InvalidPortMember;
    /// There is no such VLAN.
    INVALID_VLAN_ID => InvalidVlanId;
    /// The API was not initialised.
    UNINITIALIZED => Uninitialized;
    /// The hardware table has no room for the entry.
    TABLE_FULL => TableFull;
    /// A create lacks an attribute that it must carry.
    MANDATORY_ATTRIBUTE_MISSING => MandatoryAttributeMissing;
    /// The library does not have this.
    NOT_IMPLEMENTED => NotImplemented;
    /// An address is not known.
    ADDR_NOT_FOUND => AddrNotFound;
    /// Other objects refer to it.
    OBJECT_IN_USE => ObjectInUse;
    /// The object id is of another type.
    INVALID_OBJECT_TYPE => InvalidObjectType;
    /// The object id means nothing.
    INVALID_OBJECT_ID => InvalidObjectId;
    /// The non-volatile storage is not usable.
    INVALID_NV_STORAGE => InvalidNvStorage;
    /// The non-volatile storage is full.
    NV_STORAGE_FULL => NvStorageFull;
    /// The stored state belongs to another software release.
    SW_UPGRADE_VERSION_MISMATCH => SwUpgradeVersionMismatch;
    /// A bulk call did not come to this entry; it is untouched.
    NOT_EXECUTED => NotExecuted;
    /// The object belongs to another pipeline stage.
    STAGE_MISMATCH => StageMismatch;
}

/// What is wrong with an attribute of a call's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttributeFault {
    /// It is not valid in this call.
    InvalidAttribute,
    /// Its value is not acceptable.
    InvalidValue,
    /// The library does not implement it.
    NotImplemented,
    /// The library does not know it.
    Unknown,
    /// The device does not support it.
    NotSupported,
}

/// What a status means for whoever waits for the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It took place.
    Done,
    /// It did not, and the reason lies in the entry, its references or the room for it.
    Refused,
    /// It did not: the library or the device lacks the function.
    Lacking,
    /// Whether it took place is not known.
    Unknown,
    /// The switch as a whole cannot: no entry is to blame.
    Switch,
}

impl Status {
    /// The code's name and number as the header has them; `None` for what the header does not name.
    pub fn name(self) -> Option<&'static str> {
        sai_sys::Status(self.0).name()
    }

    /// True for [`Status::SUCCESS`].
    pub fn is_success(self) -> bool {
        self == Status::SUCCESS
    }

    /// Says that the entry or object is not there. Which of the three codes comes depends on library and object.
    pub fn is_not_found(self) -> bool {
        matches!(self.kind(), Kind::ItemNotFound | Kind::AddrNotFound | Kind::InvalidObjectId)
    }

    /// The library or the device does not have what was called; nothing took place.
    pub fn is_lacking(self) -> bool {
        matches!(self.kind(), Kind::NotImplemented | Kind::NotSupported)
    }

    /// What it means for the operation.
    pub fn verdict(self) -> Verdict {
        match self.kind() {
            Kind::Success => Verdict::Done,
            Kind::NotImplemented | Kind::NotSupported => Verdict::Lacking,
            Kind::Uninitialized | Kind::NoMemory => Verdict::Switch,
            // NOT_EXECUTED is an answer of bulk lists only; where it stands for anything else it explains nothing.
            Kind::Failure
            | Kind::Unrecognised
            | Kind::NotExecuted
            | Kind::InvalidNvStorage
            | Kind::NvStorageFull
            | Kind::SwUpgradeVersionMismatch => Verdict::Unknown,
            _ => Verdict::Refused,
        }
    }

    /// The place in the call's attribute list that the code blames.
    pub fn attribute_index(self) -> Option<u16> {
        match self.kind() {
            Kind::Attribute { index, .. } => Some(index),
            _ => None,
        }
    }

    fn attribute_fault(self) -> Option<Kind> {
        let (range, index) = sai_sys::Status(self.0).attribute()?;
        let fault = match range {
            sai_sys::Status::INVALID_ATTRIBUTE_0 => AttributeFault::InvalidAttribute,
            sai_sys::Status::INVALID_ATTR_VALUE_0 => AttributeFault::InvalidValue,
            sai_sys::Status::ATTR_NOT_IMPLEMENTED_0 => AttributeFault::NotImplemented,
            sai_sys::Status::UNKNOWN_ATTRIBUTE_0 => AttributeFault::Unknown,
            sai_sys::Status::ATTR_NOT_SUPPORTED_0 => AttributeFault::NotSupported,
            _ => return None,
        };
        Some(Kind::Attribute { fault, index: index.try_into().ok()? })
    }
}

impl fmt::Display for Status {
    /// `SAI_STATUS_TABLE_FULL (-19)`, `SAI_STATUS_INVALID_ATTR_VALUE_0+2 (-131074)`, `SAI status -77`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self.attribute_index()) {
            (Some(name), Some(index)) => write!(f, "SAI_STATUS_{name}_0+{index} ({})", self.0),
            (Some(name), None) => write!(f, "SAI_STATUS_{name} ({})", self.0),
            (None, _) => write!(f, "SAI status {}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<i32> for Status {
    fn from(raw: i32) -> Self {
        Status(raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_faults_keep_their_index() {
        let status = Status(sai_sys::SAI_STATUS_INVALID_ATTR_VALUE_0 - 2);
        assert_eq!(status.kind(), Kind::Attribute { fault: AttributeFault::InvalidValue, index: 2 });
        assert_eq!(status.to_string(), "SAI_STATUS_INVALID_ATTR_VALUE_0+2 (-131074)");
        let last = Status(sai_sys::SAI_STATUS_ATTR_NOT_SUPPORTED_MAX);
        assert_eq!(last.kind(), Kind::Attribute { fault: AttributeFault::NotSupported, index: 0xffff });
        assert_eq!(Status(sai_sys::SAI_STATUS_ATTR_NOT_SUPPORTED_MAX - 1).kind(), Kind::Unrecognised);
    }

    #[test]
    fn every_named_code_has_a_kind_and_its_name() {
        for (code, name) in sai_sys::Status::NAMED {
            let status = Status(code.0);
            assert_ne!(status.kind(), Kind::Unrecognised, "{name}");
            assert!(status.to_string().starts_with("SAI_STATUS_"), "{name} shows as {status}");
        }
    }

    #[test]
    fn what_the_header_does_not_name_stays_a_number() {
        for raw in [1, 77, i32::MAX, i32::MIN, -0x7777] {
            assert_eq!(Status(raw).kind(), Kind::Unrecognised, "{raw}");
            assert_eq!(Status(raw).verdict(), Verdict::Unknown);
            assert_eq!(Status(raw).to_string(), format!("SAI status {raw}"));
        }
    }
}
