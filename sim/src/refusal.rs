//! The statuses with which the simulator refuses, built in one place.
//!
//! Invariant: what SAI documents and nothing of our own.

use sai_sys::{Status, sai_status_t};

/// Done, or refused with this status.
pub(crate) type Result<T> = std::result::Result<T, Status>;

/// The attribute at this place of the caller's list is at fault.
fn at(range: Status, index: usize) -> Status {
    Status(range.0 - index.min(0xffff) as sai_status_t)
}

/// The object type has no such attribute.
pub(crate) fn unknown(index: usize) -> Status {
    at(Status::UNKNOWN_ATTRIBUTE_0, index)
}

/// The attribute may not be given here: read-only, create-only, twice, or of another kind of object.
pub(crate) fn misplaced(index: usize) -> Status {
    at(Status::INVALID_ATTRIBUTE_0, index)
}

/// The value is not one that the attribute can have.
pub(crate) fn bad_value(index: usize) -> Status {
    at(Status::INVALID_ATTR_VALUE_0, index)
}

/// The simulator does not keep this attribute.
pub(crate) fn not_kept(index: usize) -> Status {
    at(Status::ATTR_NOT_IMPLEMENTED_0, index)
}
