//! What a refusal means for the entry.
//!
//! Invariant: every status has one meaning per operation; none is left to the caller's taste.

use crate::mirror::batch::OpKind;
use crate::sai::Status;
use sai_sys::Status as Code;

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
    let code = Code(status.0);
    if code.attribute().is_some() {
        return if kind == OpKind::Read { Diagnosis::Unsupported } else { Diagnosis::Invalid };
    }
    match (kind, code) {
        (OpKind::Create, Code::ITEM_ALREADY_EXISTS) => Diagnosis::Exists,
        // A create that is told "not found" lacks its MAC in the FDB or its router interface: both may yet come.
        (OpKind::Create, Code::ADDR_NOT_FOUND | Code::ITEM_NOT_FOUND | Code::INVALID_OBJECT_ID) => {
            Diagnosis::Later
        }
        // Which of the three says that the entry is not there differs from library to library.
        (_, Code::ITEM_NOT_FOUND | Code::ADDR_NOT_FOUND | Code::INVALID_OBJECT_ID) => Diagnosis::Absent,
        (OpKind::Create | OpKind::SetMac, Code::TABLE_FULL | Code::INSUFFICIENT_RESOURCES) => Diagnosis::Room,
        (_, Code::NOT_IMPLEMENTED | Code::NOT_SUPPORTED) => Diagnosis::Unsupported,
        (_, Code::INVALID_PARAMETER | Code::INVALID_OBJECT_TYPE | Code::MANDATORY_ATTRIBUTE_MISSING) => {
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
        let value_of_second = Code(Code::INVALID_ATTR_VALUE_0.0 - 1);
        let cases = [
            (Create, Code::ITEM_ALREADY_EXISTS, Diagnosis::Exists),
            (Create, Code::TABLE_FULL, Diagnosis::Room),
            (Create, Code::INSUFFICIENT_RESOURCES, Diagnosis::Room),
            (Create, Code::ADDR_NOT_FOUND, Diagnosis::Later),
            (Create, value_of_second, Diagnosis::Invalid),
            (Create, Code::NOT_SUPPORTED, Diagnosis::Unsupported),
            (SetMac, Code::ITEM_NOT_FOUND, Diagnosis::Absent),
            (SetMac, Code::ATTR_NOT_SUPPORTED_0, Diagnosis::Invalid),
            (SetMac, Code::TABLE_FULL, Diagnosis::Room),
            (Remove, Code::ITEM_NOT_FOUND, Diagnosis::Absent),
            (Remove, Code::ADDR_NOT_FOUND, Diagnosis::Absent),
            (Remove, Code::INVALID_OBJECT_ID, Diagnosis::Absent),
            (Remove, Code::OBJECT_IN_USE, Diagnosis::Later),
            (Read, Code::ITEM_NOT_FOUND, Diagnosis::Absent),
            (Read, Code::NOT_IMPLEMENTED, Diagnosis::Unsupported),
            (Read, Code::ATTR_NOT_IMPLEMENTED_0, Diagnosis::Unsupported),
            (Create, Code::NO_MEMORY, Diagnosis::Later),
        ];
        for (kind, code, meaning) in cases {
            assert_eq!(diagnose(kind, Status(code.0)), meaning, "{kind:?} {}", code.0);
        }
    }
}
