//! A switch as it comes up: ports, the default virtual router, VLAN 1 on the default bridge with every port in it.
//!
//! Invariant: what is made here goes through the same rows as what a client makes, ids without rows (spanning tree,
//! hashes) aside: nobody can look into those.

use std::sync::Arc;

use sai_sys::{
    sai_bridge_attr_t as Bridge, sai_bridge_port_attr_t as BridgePort,
    sai_bridge_port_type_t as BridgePortType, sai_bridge_type_t as BridgeType,
    sai_hostif_trap_group_attr_t as TrapGroup, sai_object_type_t as T, sai_port_attr_t as Port,
    sai_vlan_attr_t as Vlan, sai_vlan_member_attr_t as VlanMember,
};

use super::answers::Estimate;
use super::banks::Banks;
use super::clock::Clock;
use super::late::Late;
use super::{Defaults, Switch};
use crate::calls::Calls;
use crate::facts::TYPES;
use crate::hang::Gate;
use crate::journal::{Journal, Saved};
use crate::misuse::Counts;
use crate::object::{Given, Object};
use crate::oid::Oid;
use crate::profile::Settings;
use crate::refusal::Result;
use crate::table::Table;
use crate::value::{Mac, Value};

/// Speed of every port, in Mb/s.
const PORT_SPEED: u64 = 100_000;

impl Switch {
    /// Brings a switch up; `given` are the attributes of its create, `saved` what it held before,
    /// `journal` where it keeps what it holds.
    pub(crate) fn boot(
        index: u16,
        settings: Settings,
        given: Vec<Given>,
        saved: Option<Saved>,
        journal: Option<Journal>,
    ) -> Result<Self> {
        let banks = settings
            .banks
            .map(|layout| Banks::new(layout, settings.relocation, settings.host_capacity, settings.seed));
        let estimate = Estimate::new(settings.seed);
        let clock = Clock::new(settings.clock, settings.seed);
        let mut switch = Self {
            owners: settings.by_router.then(hashbrown::HashMap::new),
            banks,
            clock,
            pace: None,
            estimate,
            late: Late::default(),
            id: Oid::of_switch(index),
            settings,
            objects: std::collections::BTreeMap::new(),
            links: std::collections::BTreeSet::new(),
            serials: vec![0; TYPES],
            defaults: Defaults::default(),
            rifs: Vec::new(),
            neighbors: Table::new(),
            fdb: Table::new(),
            routes: Table::new(),
            lengths: super::route::Lengths::default(),
            hosts: None,
            host_slots: 0,
            unplugged: std::collections::BTreeSet::new(),
            journal: None,
            changed: Vec::new(),
            calls: Calls::new(),
            gate: Arc::new(Gate::default()),
            misuse: Arc::new(Counts::default()),
            abort: None,
        };
        if let Some(saved) = saved {
            switch.restore(saved, &given)?;
        } else {
            switch.start(given)?;
        }
        if let Some(journal) = journal {
            switch.keep(journal)?;
        }
        Ok(switch)
    }

    /// Comes up with nothing but what every switch has.
    fn start(&mut self, given: Vec<Given>) -> Result<()> {
        // The switch stands among its objects before its attributes are judged: some of them default to its own.
        let id = self.id.id();
        self.objects.insert(id, Object { attrs: Vec::new(), users: 1 });
        self.check_create(Self::facts(T::SAI_OBJECT_TYPE_SWITCH)?, &given)?;
        self.refer_all(T::SAI_OBJECT_TYPE_SWITCH, &given, true);
        self.objects.insert(id, Object { attrs: given, users: 1 });
        self.create_defaults()
    }

    fn create_defaults(&mut self) -> Result<()> {
        let num = |id: u32, n: u64| (id, Value::Num(n));
        let lane = |n: u64| (Port::SAI_PORT_ATTR_HW_LANE_LIST.0, Value::List(Box::new([n])));
        let speed = num(Port::SAI_PORT_ATTR_SPEED.0, PORT_SPEED);

        let cpu_port = self.pin(T::SAI_OBJECT_TYPE_PORT, vec![lane(0), speed.clone()])?;
        let virtual_router = self.pin(T::SAI_OBJECT_TYPE_VIRTUAL_ROUTER, Vec::new())?;
        let stp = self.pin(T::SAI_OBJECT_TYPE_STP, Vec::new())?;
        let ecmp_hash = self.pin(T::SAI_OBJECT_TYPE_HASH, Vec::new())?;
        let lag_hash = self.pin(T::SAI_OBJECT_TYPE_HASH, Vec::new())?;
        let trap_group = self.pin(
            T::SAI_OBJECT_TYPE_HOSTIF_TRAP_GROUP,
            vec![num(TrapGroup::SAI_HOSTIF_TRAP_GROUP_ATTR_QUEUE.0, 0)],
        )?;
        let dot1q = u64::from(BridgeType::SAI_BRIDGE_TYPE_1Q.0);
        let bridge = self.pin(T::SAI_OBJECT_TYPE_BRIDGE, vec![num(Bridge::SAI_BRIDGE_ATTR_TYPE.0, dot1q)])?;
        let vlan = self.pin(T::SAI_OBJECT_TYPE_VLAN, vec![num(Vlan::SAI_VLAN_ATTR_VLAN_ID.0, 1)])?;
        self.defaults =
            Defaults { cpu_port, virtual_router, vlan, bridge, stp, trap_group, ecmp_hash, lag_hash };

        for n in 1..=u64::from(self.settings.ports) {
            let port = self.put_new(T::SAI_OBJECT_TYPE_PORT, vec![lane(n), speed.clone()])?;
            let bridge_port = self.put_new(
                T::SAI_OBJECT_TYPE_BRIDGE_PORT,
                vec![
                    num(
                        BridgePort::SAI_BRIDGE_PORT_ATTR_TYPE.0,
                        u64::from(BridgePortType::SAI_BRIDGE_PORT_TYPE_PORT.0),
                    ),
                    num(BridgePort::SAI_BRIDGE_PORT_ATTR_PORT_ID.0, port),
                    num(BridgePort::SAI_BRIDGE_PORT_ATTR_ADMIN_STATE.0, 1),
                ],
            )?;
            self.put_new(
                T::SAI_OBJECT_TYPE_VLAN_MEMBER,
                vec![
                    num(VlanMember::SAI_VLAN_MEMBER_ATTR_VLAN_ID.0, vlan),
                    num(VlanMember::SAI_VLAN_MEMBER_ATTR_BRIDGE_PORT_ID.0, bridge_port),
                ],
            )?;
        }
        Ok(())
    }

    /// Makes an object that cannot be removed.
    fn pin(&mut self, object: T, given: Vec<Given>) -> Result<u64> {
        let id = self.put_new(object, given)?;
        self.refer(id, true);
        Ok(id)
    }

    /// The switch's own MAC: locally administered, different for each switch of the process.
    pub(crate) fn mac(&self) -> Mac {
        let [high, low] = self.id.switch.to_be_bytes();
        [0x02, 0x51, 0x4d, high, low, 0x01]
    }
}
