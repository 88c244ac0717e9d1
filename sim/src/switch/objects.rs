//! Create, remove, set and get of objects that have an id.
//!
//! Invariant: nothing here asks which type it is beyond `check_special`; the rows decide.

use sai_sys::{
    Status, sai_bridge_port_attr_t as BridgePort, sai_lag_member_attr_t as LagMember, sai_object_type_t as T,
    sai_router_interface_attr_t as RouterInterface, sai_vlan_attr_t as Vlan,
    sai_vlan_member_attr_t as VlanMember,
};

use super::links::linked;
use super::{Rif, Switch, Tamper};
use crate::facts::{Attr, Facts, Init, KEY, Kind, READ, SET};
use crate::faults::{Deed, Target};
use crate::object::{Given, Object, applies, check_complete, find, is_valid};
use crate::oid::{LAST_SERIAL, Oid};
use crate::refusal::{Result, bad_value, misplaced, not_kept};
use crate::value::Value;

impl Switch {
    /// Creates an object; answers its id.
    pub(crate) fn create(&mut self, object: T, given: Vec<Given>) -> Result<u64> {
        let tamper = self.tamper(Deed::Create, object, || Target::Other)?;
        let facts = Self::facts(object)?;
        self.check_create(facts, &given)?;
        if tamper == Tamper::Discard {
            return self.next_id(object).map(Oid::id);
        }
        let id = self.put_new(object, given)?;
        tamper.verdict(self).map(|()| id)
    }

    /// Could this object be created now?
    pub(crate) fn check_create(&self, facts: &Facts, given: &[Given]) -> Result<()> {
        for (index, (id, value)) in given.iter().enumerate() {
            let row = facts.attr(*id).ok_or(Status::FAILURE)?;
            self.check_references(row, value, index)?;
        }
        check_complete(facts, given)?;
        self.check_valid(facts, given)?;
        self.check_keys(facts, given)?;
        self.check_special(facts.object, given)
    }

    /// Stores an object that has been checked.
    pub(crate) fn put_new(&mut self, object: T, given: Vec<Given>) -> Result<u64> {
        let oid = self.next_id(object)?;
        let id = oid.id();
        self.seat(oid, &given)?;
        self.touch_object(id);
        self.refer_all(object, &given, true);
        self.insert(id, Object { attrs: given, users: 0 });
        if object == T::SAI_OBJECT_TYPE_PORT {
            self.add_queues(id)?;
        }
        Ok(id)
    }

    /// Gives a router interface its place in the dense list.
    pub(crate) fn seat(&mut self, oid: Oid, attrs: &[Given]) -> Result<()> {
        if oid.object == T::SAI_OBJECT_TYPE_ROUTER_INTERFACE {
            let index = usize::try_from(oid.serial).map_err(|_| Status::NO_MEMORY)?;
            if self.rifs.len() <= index {
                self.rifs.resize(index + 1, Rif::default());
            }
            let is_virtual = find(attrs, RouterInterface::SAI_ROUTER_INTERFACE_ATTR_IS_VIRTUAL.0);
            let is_virtual = is_virtual.and_then(Value::num) == Some(1);
            let router = find(attrs, RouterInterface::SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID.0);
            let router = router.and_then(Value::num).unwrap_or_default();
            self.rifs[index] = Rif { live: true, is_virtual, router, neighbors: 0 };
        }
        Ok(())
    }

    /// The id that the next object of this type gets; spent even if nothing is stored under it.
    pub(super) fn next_id(&mut self, object: T) -> Result<Oid> {
        let serial = self.serials.get_mut(object.0 as usize).ok_or(Status::NOT_IMPLEMENTED)?;
        // Router interfaces are indexed densely, and 31 bits of their number go into neighbour keys.
        let last = if object == T::SAI_OBJECT_TYPE_ROUTER_INTERFACE { (1 << 31) - 1 } else { LAST_SERIAL };
        if *serial >= last {
            return Err(Status::INSUFFICIENT_RESOURCES);
        }
        *serial += 1;
        Ok(Oid { switch: self.id.switch, object, serial: *serial })
    }

    /// Removes an object that nobody names.
    pub(crate) fn remove(&mut self, object: T, id: u64) -> Result<()> {
        let tamper = self.tamper(Deed::Remove, object, || Target::Other)?;
        let oid = self.check_remove(object, id)?;
        if tamper == Tamper::Discard {
            return Ok(());
        }
        if object == T::SAI_OBJECT_TYPE_ROUTER_INTERFACE
            && let Some(rif) = self.rifs.get_mut(oid.serial as usize)
        {
            *rif = Rif::default();
        }
        if object == T::SAI_OBJECT_TYPE_PORT {
            self.drop_queues(id);
        }
        self.touch_object(id);
        if let Some(gone) = self.take_out(id) {
            self.refer_all(object, &gone.attrs, false);
        }
        tamper.verdict(self)
    }

    /// Could this object be removed now?
    pub(crate) fn check_remove(&self, object: T, id: u64) -> Result<Oid> {
        let oid = self.resolve(id, object)?;
        let users = self.objects.get(&id).map_or(0, |o| o.users);
        let rif = object == T::SAI_OBJECT_TYPE_ROUTER_INTERFACE;
        let neighbors =
            if rif { self.rifs.get(oid.serial as usize).map_or(0, |rif| rif.neighbors) } else { 0 };
        if users > 0 || neighbors > 0 { Err(Status::OBJECT_IN_USE) } else { Ok(oid) }
    }

    /// Changes one attribute.
    pub(crate) fn set(&mut self, object: T, id: u64, attr: Given) -> Result<()> {
        let tamper = self.tamper(Deed::Set, object, || Target::Other)?;
        self.check_set(object, id, &attr)?;
        if tamper == Tamper::Discard {
            return Ok(());
        }
        let facts = Self::facts(object)?;
        let row = facts.attr(attr.0).ok_or(Status::FAILURE)?;
        let (attr_id, value) = attr;
        self.touch_object(id);
        self.refer_value(row, &value, true);
        let oid = Oid::parse(id).ok_or(Status::FAILURE)?;
        let number = value.num();
        let old = self.objects.get_mut(&id).and_then(|o| o.set(attr_id, value));
        self.relink(oid, attr_id, old.as_ref().and_then(Value::num), false);
        self.relink(oid, attr_id, number, true);
        if let Some(old) = old {
            self.refer_value(row, &old, false);
        }
        tamper.verdict(self)
    }

    /// Could this attribute be changed now?
    pub(crate) fn check_set(&self, object: T, id: u64, (attr_id, value): &Given) -> Result<()> {
        self.resolve(id, object)?;
        let facts = Self::facts(object)?;
        let row = facts.attr(*attr_id).ok_or(Status::FAILURE)?;
        debug_assert!(row.is(SET), "the shell refuses what cannot be set");
        let attrs = self.objects.get(&id).map_or(&[][..], |o| &o.attrs);
        if !applies(facts, row, attrs) {
            return Err(misplaced(0));
        }
        self.check_references(row, value, 0)?;
        self.check_meaning(facts, row, value, attrs, 0)
    }

    /// Does every attribute that is given mean something beside the others?
    pub(crate) fn check_valid(&self, facts: &Facts, given: &[Given]) -> Result<()> {
        for (index, (id, value)) in given.iter().enumerate() {
            let row = facts.attr(*id).ok_or(Status::FAILURE)?;
            self.check_meaning(facts, row, value, given, index)?;
        }
        Ok(())
    }

    /// Does an attribute mean something in an object with these attributes? Its default is taken anywhere, because
    /// it says nothing: clients that change the kind of an object reset what the new kind has no use for.
    pub(crate) fn check_meaning(
        &self,
        facts: &Facts,
        row: &Attr,
        value: &Value,
        attrs: &[Given],
        index: usize,
    ) -> Result<()> {
        let fits = row.only.is_empty()
            || self.settings.takes_idle
            || is_valid(facts, row, attrs)
            || self.default_of(row, attrs).as_ref() == Some(value);
        if fits { Ok(()) } else { Err(misplaced(index)) }
    }

    /// Reads one attribute.
    pub(crate) fn get(&self, facts: &Facts, id: u64, row: &Attr, index: usize) -> Result<Value> {
        let object = self.objects.get(&id).ok_or(Status::ITEM_NOT_FOUND)?;
        if row.is(READ) {
            return self.answer(facts.object, id, object, row).ok_or_else(|| not_kept(index));
        }
        if let Some(value) = object.get(row.id) {
            return Ok(value.clone());
        }
        if !applies(facts, row, &object.attrs) && row.init == Init::None {
            return Err(misplaced(index));
        }
        self.default_of(row, &object.attrs).ok_or_else(|| not_kept(index))
    }

    /// What an attribute is that nobody gave.
    pub(crate) fn default_of(&self, row: &Attr, attrs: &[Given]) -> Option<Value> {
        match row.init {
            Init::None => None,
            Init::Null => Some(Value::Num(0)),
            Init::Is(on) => Some(Value::flag(on)),
            Init::Num(n) => Some(Value::Num(n as u64)),
            Init::Empty => empty(row.kind),
            Init::Vendor => match row.kind {
                Kind::Mac => Some(Value::Mac(self.mac())),
                kind => empty(kind),
            },
            Init::Switch(id) => self.attribute_of(self.id.id(), T::SAI_OBJECT_TYPE_SWITCH, id),
            Init::VirtualRouter(id) => {
                let vr =
                    find(attrs, RouterInterface::SAI_ROUTER_INTERFACE_ATTR_VIRTUAL_ROUTER_ID.0)?.num()?;
                self.attribute_of(vr, T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER, id)
            }
        }
    }

    fn attribute_of(&self, id: u64, object: T, attr: u32) -> Option<Value> {
        let facts = Self::facts(object).ok()?;
        self.get(facts, id, facts.attr(attr)?, 0).ok()
    }

    /// Does every object id in this value name a live object of a type that the attribute takes?
    pub(crate) fn check_references(&self, row: &Attr, value: &Value, index: usize) -> Result<()> {
        if !matches!(row.kind, Kind::Oid | Kind::Oids) {
            return Ok(());
        }
        for &id in value.nums() {
            let good = if id == 0 {
                row.nullable && row.kind == Kind::Oid
            } else {
                Oid::parse(id).is_some_and(|oid| row.objects.contains(&oid.object))
                    && self.objects.contains_key(&id)
            };
            if !good {
                return Err(bad_value(index));
            }
        }
        Ok(())
    }

    /// Counts what the attributes of an object name, as users.
    pub(crate) fn refer_all(&mut self, object: T, attrs: &[Given], more: bool) {
        let Ok(facts) = Self::facts(object) else { return };
        for (id, value) in attrs {
            if let Some(row) = facts.attr(*id) {
                self.refer_value(row, value, more);
            }
        }
    }

    pub(crate) fn refer_value(&mut self, row: &Attr, value: &Value, more: bool) {
        if matches!(row.kind, Kind::Oid | Kind::Oids) {
            for &id in value.nums() {
                self.refer(id, more);
            }
        }
    }

    /// No other object of the type has the same key.
    fn check_keys(&self, facts: &Facts, given: &[Given]) -> Result<()> {
        for row in facts.attrs.iter().filter(|row| row.is(KEY)) {
            let Some(value) = find(given, row.id) else { continue };
            let is_taken = match value.num().filter(|_| linked(facts.object).contains(&row.id)) {
                Some(number) => self.with(facts.object, row.id, number).next().is_some(),
                None => self.ids(facts.object).any(|(_, other)| other.get(row.id) == Some(value)),
            };
            if is_taken {
                return Err(Status::ITEM_ALREADY_EXISTS);
            }
        }
        Ok(())
    }

    /// The few rules that no row states.
    fn check_special(&self, object: T, given: &[Given]) -> Result<()> {
        // Is there one that has the first attribute, by which it is found, and the others too?
        let same = |attrs: &[u32]| {
            let value = find(given, attrs[0]).and_then(Value::num).unwrap_or_default();
            self.with(object, attrs[0], value)
                .any(|(_, other)| attrs.iter().all(|id| other.get(*id) == find(given, *id)))
        };
        let number = |id: u32| find(given, id).and_then(Value::num);
        let place = |id: u32| given.iter().position(|(i, _)| *i == id).unwrap_or_default();
        let is_vlan = |n: u64| (1..=4094).contains(&n);
        match object {
            T::SAI_OBJECT_TYPE_VLAN => match number(Vlan::SAI_VLAN_ATTR_VLAN_ID.0) {
                Some(n) if !is_vlan(n) => Err(Status::INVALID_VLAN_ID),
                _ => Ok(()),
            },
            T::SAI_OBJECT_TYPE_VLAN_MEMBER => {
                let key = [
                    VlanMember::SAI_VLAN_MEMBER_ATTR_VLAN_ID.0,
                    VlanMember::SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID.0,
                ];
                if same(&key) { Err(Status::ITEM_ALREADY_EXISTS) } else { Ok(()) }
            }
            T::SAI_OBJECT_TYPE_LAG_MEMBER => {
                let port = [LagMember::SAI_LAG_MEMBER_ATTR_PORT_ID.0];
                if same(&port) { Err(Status::ITEM_ALREADY_EXISTS) } else { Ok(()) }
            }
            T::SAI_OBJECT_TYPE_BRIDGE_PORT => {
                let id = BridgePort::SAI_BRIDGE_PORT_ATTR_VLAN_ID.0;
                if number(id).is_some_and(|n| !is_vlan(n)) { Err(bad_value(place(id))) } else { Ok(()) }
            }
            T::SAI_OBJECT_TYPE_ROUTER_INTERFACE => {
                for id in [
                    RouterInterface::SAI_ROUTER_INTERFACE_ATTR_OUTER_VLAN_ID.0,
                    RouterInterface::SAI_ROUTER_INTERFACE_ATTR_INNER_VLAN_ID.0,
                ] {
                    if number(id).is_some_and(|n| !is_vlan(n)) {
                        return Err(bad_value(place(id)));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The empty value of a kind.
fn empty(kind: Kind) -> Option<Value> {
    Some(match kind {
        Kind::Chars => Value::Chars([0; 32]),
        Kind::Mac => Value::Mac([0; 6]),
        Kind::Ip => Value::Ip(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)),
        Kind::Oids | Kind::U8s | Kind::S8s | Kind::U32s | Kind::S32s => Value::List(Box::default()),
        Kind::Maps => Value::Pairs(Box::default()),
        Kind::U32Range | Kind::U16Range => Value::Range(0, 0),
        Kind::Timespec => Value::Timespec(0, 0),
        Kind::Opaque => return None,
        _ => Value::Num(0),
    })
}
