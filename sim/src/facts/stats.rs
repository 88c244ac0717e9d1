//! Which counters there are.
//!
//! Invariant: numbers only, as ranges from the first to the last; range bounds and markers of the header are no counters.

use sai_sys::sai_object_type_t as T;

/// Counters of a type of object with an id; `None`: the release names none.
#[must_use]
pub fn counters(object: T) -> Option<&'static [(u32, u32)]> {
    Some(match object {
        T::SAI_OBJECT_TYPE_SWITCH => &[(0, 1), (4096, 4103), (8192, 8199), (12288, 12292)],
        T::SAI_OBJECT_TYPE_PORT => &[(0, 225), (4096, 4111), (8192, 8201), (12288, 12293), (16384, 16399)],
        T::SAI_OBJECT_TYPE_VLAN => &[(0, 13)],
        T::SAI_OBJECT_TYPE_BRIDGE => &[(0, 3)],
        T::SAI_OBJECT_TYPE_BRIDGE_PORT => &[(0, 3)],
        T::SAI_OBJECT_TYPE_ROUTER_INTERFACE => &[(0, 7)],
        T::SAI_OBJECT_TYPE_TUNNEL => &[(0, 3)],
        _ => return None,
    })
}
