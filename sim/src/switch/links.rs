//! Which objects name another one by an attribute: the members of a VLAN, LAG or group, the queues of a port.
//!
//! Invariant: only attributes that questions are asked by are here, each of them a number; what an object is stands in
//! the object itself.

use std::collections::BTreeSet;

use sai_sys::{
    sai_isolation_group_member_attr_t as IsolationGroupMember, sai_lag_member_attr_t as LagMember,
    sai_next_hop_group_member_attr_t as GroupMember, sai_object_type_t as T, sai_vlan_attr_t as Vlan,
    sai_vlan_member_attr_t as VlanMember,
};

use super::Switch;
use crate::object::{Object, find};
use crate::oid::Oid;
use crate::steps::step;
use crate::value::Value;

/// Type of object, attribute, its value, and an object that has it: those of one value are in the order of their
/// creation.
pub(super) type Links = BTreeSet<(u32, u32, u64, u64)>;

/// Attributes by whose value objects of a type are found.
pub(super) fn linked(object: T) -> &'static [u32] {
    match object {
        T::SAI_OBJECT_TYPE_VLAN => &[Vlan::SAI_VLAN_ATTR_VLAN_ID.0],
        T::SAI_OBJECT_TYPE_VLAN_MEMBER => &[VlanMember::SAI_VLAN_MEMBER_ATTR_VLAN_ID.0],
        T::SAI_OBJECT_TYPE_LAG_MEMBER => {
            &[LagMember::SAI_LAG_MEMBER_ATTR_LAG_ID.0, LagMember::SAI_LAG_MEMBER_ATTR_PORT_ID.0]
        }
        T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER => {
            &[GroupMember::SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID.0]
        }
        T::SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER => {
            &[IsolationGroupMember::SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_GROUP_ID.0]
        }
        T::SAI_OBJECT_TYPE_QUEUE => &[super::queue::PORT],
        _ => &[],
    }
}

impl Switch {
    /// Stores an object under a new id.
    pub(super) fn insert(&mut self, id: u64, object: Object) {
        self.link_all(id, &object, true);
        self.objects.insert(id, object);
    }

    /// Takes an object out.
    pub(super) fn take_out(&mut self, id: u64) -> Option<Object> {
        let object = self.objects.remove(&id)?;
        self.link_all(id, &object, false);
        Some(object)
    }

    fn link_all(&mut self, id: u64, object: &Object, is_there: bool) {
        let Some(oid) = Oid::parse(id) else { return };
        for attr in linked(oid.object) {
            self.relink(oid, *attr, find(&object.attrs, *attr).and_then(Value::num), is_there);
        }
    }

    /// An object has an attribute with this value, or no longer has it.
    pub(super) fn relink(&mut self, oid: Oid, attr: u32, value: Option<u64>, is_there: bool) {
        let Some(value) = value.filter(|_| linked(oid.object).contains(&attr)) else { return };
        let link = (oid.object.0, attr, value, oid.id());
        if is_there {
            self.links.insert(link);
        } else {
            self.links.remove(&link);
        }
    }

    /// Objects of a type whose attribute, one of those in [`linked`], has this value; in the order of their creation.
    pub(crate) fn with(&self, object: T, attr: u32, value: u64) -> impl Iterator<Item = (u64, &Object)> {
        debug_assert!(linked(object).contains(&attr), "nothing is found by this attribute");
        let range = (object.0, attr, value, 0)..=(object.0, attr, value, u64::MAX);
        self.links.range(range).filter_map(|(.., id)| {
            step();
            Some((*id, self.objects.get(id)?))
        })
    }
}
