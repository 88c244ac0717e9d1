//! What a refusal means for the entry.
//!
//! Invariant: every status has one meaning per operation; none is left to the caller's taste.

use crate::mirror::batch::OpKind;
use crate::sai::status::{Kind, Status};

/// What to do after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Diagnosis {
    /// Something is there already: read it back.
    Exists,
    /// Nothing is there.
    Absent,
    /// The hardware table refused it: wait for room.
    Room,
    /// Something that it depends on, or that depends on it, is in the way: try again after a while.
    Later,
    /// What was asked is wrong: do not repeat it.
    Invalid,
    /// The library cannot do this at all.
    Unsupported,
}

/// Reads a refusal.
pub(crate) fn diagnose(kind: OpKind, status: Status) -> Diagnosis {
    match (kind, status.kind()) {
        (OpKind::Read, Kind::Attribute { .. }) => Diagnosis::Unsupported,
        (_, Kind::Attribute { .. }) => Diagnosis::Invalid,
        (OpKind::Create, Kind::ItemAlreadyExists) => Diagnosis::Exists,
        // A create that is told "not found" lacks its MAC in the FDB or its router interface: both may yet come.
        (OpKind::Create, Kind::AddrNotFound | Kind::ItemNotFound | Kind::InvalidObjectId) => Diagnosis::Later,
        // Which of the three says that the entry is not there differs from library to library.
        (_, Kind::ItemNotFound | Kind::AddrNotFound | Kind::InvalidObjectId) => Diagnosis::Absent,
        (OpKind::Create | OpKind::SetMac, Kind::TableFull | Kind::InsufficientResources) => Diagnosis::Room,
        (_, Kind::NotImplemented | Kind::NotSupported) => Diagnosis::Unsupported,
        (_, Kind::InvalidParameter | Kind::InvalidObjectType | Kind::MandatoryAttributeMissing) => {
            Diagnosis::Invalid
        }
        _ => Diagnosis::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_meaning_per_operation() {
        use OpKind::{Create, Read, Remove, SetMac};
        let value_of_second = Status(sai_sys::Status::INVALID_ATTR_VALUE_0.0 - 1);
        let cases = [
            (Create, Status::ITEM_ALREADY_EXISTS, Diagnosis::Exists),
            (Create, Status::TABLE_FULL, Diagnosis::Room),
            (Create, Status::INSUFFICIENT_RESOURCES, Diagnosis::Room),
            (Create, Status::ADDR_NOT_FOUND, Diagnosis::Later),
            (Create, value_of_second, Diagnosis::Invalid),
            (Create, Status::NOT_SUPPORTED, Diagnosis::Unsupported),
            (SetMac, Status::ITEM_NOT_FOUND, Diagnosis::Absent),
            (SetMac, Status(sai_sys::Status::ATTR_NOT_SUPPORTED_0.0), Diagnosis::Invalid),
            (SetMac, Status::TABLE_FULL, Diagnosis::Room),
            (Remove, Status::ITEM_NOT_FOUND, Diagnosis::Absent),
            (Remove, Status::ADDR_NOT_FOUND, Diagnosis::Absent),
            (Remove, Status::INVALID_OBJECT_ID, Diagnosis::Absent),
            (Remove, Status::OBJECT_IN_USE, Diagnosis::Later),
            (Read, Status::ITEM_NOT_FOUND, Diagnosis::Absent),
            (Read, Status::NOT_IMPLEMENTED, Diagnosis::Unsupported),
            (Read, Status(sai_sys::Status::ATTR_NOT_IMPLEMENTED_0.0), Diagnosis::Unsupported),
            (Create, Status::NO_MEMORY, Diagnosis::Later),
        ];
        for (kind, status, meaning) in cases {
            assert_eq!(diagnose(kind, status), meaning, "{kind:?} {status:?}");
        }
    }
}
