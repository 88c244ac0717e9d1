//! What read-only attributes answer.
//!
//! Invariant: an attribute that means nothing in a simulator has no answer here, and its get says
//! ATTR_NOT_IMPLEMENTED; a made-up number would be believed.

use sai_sys::{
    sai_bridge_attr_t as Bridge, sai_bridge_port_attr_t as BridgePort,
    sai_isolation_group_attr_t as IsolationGroup, sai_isolation_group_member_attr_t as IsolationGroupMember,
    sai_lag_attr_t as Lag, sai_lag_member_attr_t as LagMember, sai_next_hop_group_attr_t as NextHopGroup,
    sai_next_hop_group_member_attr_t as NextHopGroupMember, sai_object_type_t as T, sai_port_attr_t as Port,
    sai_port_host_tx_ready_status_t as HostTx, sai_port_oper_status_t as PortOper,
    sai_port_type_t as PortType, sai_switch_attr_t as A, sai_switch_oper_status_t as SwitchOper,
    sai_switch_restart_type_t as Restart, sai_vlan_attr_t as Vlan, sai_vlan_member_attr_t as VlanMember,
};

use super::Switch;
use super::queue::QUEUES;
use crate::facts::{Attr, READ};
use crate::object::Object;
use crate::value::Value;

/// Objects of the simulator that nothing limits are bounded by this in capacity attributes.
const PLENTY: u64 = 1 << 20;

impl Switch {
    /// The value of a read-only attribute.
    pub(crate) fn answer(&self, object: T, id: u64, stored: &Object, row: &Attr) -> Option<Value> {
        match object {
            T::SAI_OBJECT_TYPE_SWITCH => self.answer_switch(A(row.id)),
            T::SAI_OBJECT_TYPE_PORT => self.answer_port(Port(row.id), id, stored),
            T::SAI_OBJECT_TYPE_VLAN if Vlan(row.id) == Vlan::SAI_VLAN_ATTR_MEMBER_LIST => Some(self.members(
                T::SAI_OBJECT_TYPE_VLAN_MEMBER,
                VlanMember::SAI_VLAN_MEMBER_ATTR_VLAN_ID.0,
                id,
            )),
            T::SAI_OBJECT_TYPE_LAG if Lag(row.id) == Lag::SAI_LAG_ATTR_PORT_LIST => {
                Some(self.members(T::SAI_OBJECT_TYPE_LAG_MEMBER, LagMember::SAI_LAG_MEMBER_ATTR_LAG_ID.0, id))
            }
            T::SAI_OBJECT_TYPE_BRIDGE if Bridge(row.id) == Bridge::SAI_BRIDGE_ATTR_PORT_LIST => {
                Some(Value::List(self.bridge_ports(id)))
            }
            T::SAI_OBJECT_TYPE_ISOLATION_GROUP
                if IsolationGroup(row.id)
                    == IsolationGroup::SAI_ISOLATION_GROUP_ATTR_ISOLATION_MEMBER_LIST =>
            {
                Some(self.members(
                    T::SAI_OBJECT_TYPE_ISOLATION_GROUP_MEMBER,
                    IsolationGroupMember::SAI_ISOLATION_GROUP_MEMBER_ATTR_ISOLATION_GROUP_ID.0,
                    id,
                ))
            }
            T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP => {
                let members = self.members(
                    T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER,
                    NextHopGroupMember::SAI_NEXT_HOP_GROUP_MEMBER_ATTR_NEXT_HOP_GROUP_ID.0,
                    id,
                );
                match NextHopGroup(row.id) {
                    NextHopGroup::SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_MEMBER_LIST => Some(members),
                    NextHopGroup::SAI_NEXT_HOP_GROUP_ATTR_NEXT_HOP_COUNT
                    | NextHopGroup::SAI_NEXT_HOP_GROUP_ATTR_REAL_SIZE => {
                        Some(Value::Num(members.nums().len() as u64))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Is there an answer to a get of this attribute?
    pub(crate) fn can_read(&self, object: T, row: &Attr) -> bool {
        if !row.is(READ) {
            return true;
        }
        match object {
            // Their only read-only attribute is the family of the key.
            T::SAI_OBJECT_TYPE_NEIGHBOR_ENTRY | T::SAI_OBJECT_TYPE_ROUTE_ENTRY => true,
            _ => self
                .ids(object)
                .next()
                .is_some_and(|(id, stored)| self.answer(object, id, stored, row).is_some()),
        }
    }

    /// Objects of a type whose attribute names this one.
    fn members(&self, object: T, attr: u32, id: u64) -> Value {
        Value::List(self.with(object, attr, id).map(|(id, _)| id).collect())
    }

    /// Bridge ports that say which bridge they are on, and for the default bridge those that cannot say.
    fn bridge_ports(&self, bridge: u64) -> Box<[u64]> {
        let on = |o: &Object| match o.get(BridgePort::SAI_BRIDGE_PORT_ATTR_BRIDGE_ID.0).and_then(Value::num) {
            Some(id) => id == bridge,
            None => bridge == self.defaults.bridge,
        };
        self.ids(T::SAI_OBJECT_TYPE_BRIDGE_PORT).filter(|(_, o)| on(o)).map(|(id, _)| id).collect()
    }

    /// Is the port enabled, and its link up?
    pub(crate) fn is_up(&self, port: u64) -> bool {
        let admin = self.objects.get(&port).and_then(|o| o.get(Port::SAI_PORT_ATTR_ADMIN_STATE.0));
        port == self.defaults.cpu_port
            || admin.and_then(Value::num) == Some(1) && !self.unplugged.contains(&port)
    }

    fn answer_port(&self, attr: Port, id: u64, stored: &Object) -> Option<Value> {
        let cpu = id == self.defaults.cpu_port;
        let number = |n: u32| Some(Value::Num(u64::from(n)));
        match attr {
            Port::SAI_PORT_ATTR_TYPE => {
                number(if cpu { PortType::SAI_PORT_TYPE_CPU.0 } else { PortType::SAI_PORT_TYPE_LOGICAL.0 })
            }
            Port::SAI_PORT_ATTR_OPER_STATUS => {
                let up = self.is_up(id);
                number(if up {
                    PortOper::SAI_PORT_OPER_STATUS_UP.0
                } else {
                    PortOper::SAI_PORT_OPER_STATUS_DOWN.0
                })
            }
            Port::SAI_PORT_ATTR_OPER_SPEED => stored.get(Port::SAI_PORT_ATTR_SPEED.0).cloned(),
            Port::SAI_PORT_ATTR_SUPPORTED_SPEED => {
                Some(Value::List(Box::new([10_000, 25_000, 40_000, 50_000, 100_000, 200_000, 400_000])))
            }
            Port::SAI_PORT_ATTR_QOS_NUMBER_OF_QUEUES => Some(Value::Num(QUEUES)),
            Port::SAI_PORT_ATTR_QOS_QUEUE_LIST => Some(Value::List(self.queues(id))),
            Port::SAI_PORT_ATTR_HOST_TX_READY_STATUS => {
                let signal = stored.get(Port::SAI_PORT_ATTR_HOST_TX_SIGNAL_ENABLE.0).and_then(Value::num);
                number(if signal == Some(0) {
                    HostTx::SAI_PORT_HOST_TX_READY_STATUS_NOT_READY.0
                } else {
                    HostTx::SAI_PORT_HOST_TX_READY_STATUS_READY.0
                })
            }
            Port::SAI_PORT_ATTR_QOS_NUMBER_OF_SCHEDULER_GROUPS
            | Port::SAI_PORT_ATTR_NUMBER_OF_INGRESS_PRIORITY_GROUPS => number(0),
            Port::SAI_PORT_ATTR_QOS_SCHEDULER_GROUP_LIST
            | Port::SAI_PORT_ATTR_INGRESS_PRIORITY_GROUP_LIST
            | Port::SAI_PORT_ATTR_SUPPORTED_FEC_MODE => Some(Value::List(Box::default())),
            Port::SAI_PORT_ATTR_SUPPORTED_AUTO_NEG_MODE => Some(Value::flag(false)),
            _ => None,
        }
    }

    fn answer_switch(&self, attr: A) -> Option<Value> {
        let defaults = &self.defaults;
        let clip = |n: u64| n.min(u64::from(u32::MAX));
        let left = |object: T| self.left(object);
        let number = match attr {
            A::SAI_SWITCH_ATTR_NUMBER_OF_ACTIVE_PORTS | A::SAI_SWITCH_ATTR_MAX_NUMBER_OF_SUPPORTED_PORTS => {
                self.front_ports().len() as u64
            }
            A::SAI_SWITCH_ATTR_PORT_LIST => return Some(Value::List(self.front_ports())),
            A::SAI_SWITCH_ATTR_PORT_MAX_MTU => 9216,
            A::SAI_SWITCH_ATTR_CPU_PORT => defaults.cpu_port,
            A::SAI_SWITCH_ATTR_MAX_VIRTUAL_ROUTERS
            | A::SAI_SWITCH_ATTR_L3_ROUTE_TABLE_SIZE
            | A::SAI_SWITCH_ATTR_NUMBER_OF_LAGS
            | A::SAI_SWITCH_ATTR_NUMBER_OF_ECMP_GROUPS => PLENTY,
            A::SAI_SWITCH_ATTR_LAG_MEMBERS => self.front_ports().len() as u64,
            A::SAI_SWITCH_ATTR_ECMP_MEMBERS => 64,
            A::SAI_SWITCH_ATTR_FDB_TABLE_SIZE => clip(self.settings.fdb_capacity),
            A::SAI_SWITCH_ATTR_L3_NEIGHBOR_TABLE_SIZE => clip(self.settings.host_capacity),
            A::SAI_SWITCH_ATTR_NUMBER_OF_UNICAST_QUEUES
            | A::SAI_SWITCH_ATTR_NUMBER_OF_QUEUES
            | A::SAI_SWITCH_ATTR_NUMBER_OF_CPU_QUEUES => QUEUES,
            A::SAI_SWITCH_ATTR_NUMBER_OF_MULTICAST_QUEUES | A::SAI_SWITCH_ATTR_MAX_NUMBER_OF_TEMP_SENSORS => {
                0
            }
            A::SAI_SWITCH_ATTR_ON_LINK_ROUTE_SUPPORTED => 1,
            A::SAI_SWITCH_ATTR_OPER_STATUS => u64::from(SwitchOper::SAI_SWITCH_OPER_STATUS_UP.0),
            A::SAI_SWITCH_ATTR_ACL_TABLE_MINIMUM_PRIORITY
            | A::SAI_SWITCH_ATTR_ACL_ENTRY_MINIMUM_PRIORITY
            | A::SAI_SWITCH_ATTR_ACL_TABLE_GROUP_MINIMUM_PRIORITY => 0,
            A::SAI_SWITCH_ATTR_ACL_TABLE_MAXIMUM_PRIORITY
            | A::SAI_SWITCH_ATTR_ACL_ENTRY_MAXIMUM_PRIORITY
            | A::SAI_SWITCH_ATTR_ACL_TABLE_GROUP_MAXIMUM_PRIORITY => 65_535,
            A::SAI_SWITCH_ATTR_FDB_DST_USER_META_DATA_RANGE
            | A::SAI_SWITCH_ATTR_ROUTE_DST_USER_META_DATA_RANGE
            | A::SAI_SWITCH_ATTR_NEIGHBOR_DST_USER_META_DATA_RANGE => return Some(Value::Range(0, u32::MAX)),
            A::SAI_SWITCH_ATTR_DEFAULT_VLAN_ID => defaults.vlan,
            A::SAI_SWITCH_ATTR_DEFAULT_STP_INST_ID => defaults.stp,
            A::SAI_SWITCH_ATTR_MAX_STP_INSTANCE => 1,
            A::SAI_SWITCH_ATTR_DEFAULT_VIRTUAL_ROUTER_ID => defaults.virtual_router,
            A::SAI_SWITCH_ATTR_DEFAULT_1Q_BRIDGE_ID => defaults.bridge,
            A::SAI_SWITCH_ATTR_QOS_MAX_NUMBER_OF_TRAFFIC_CLASSES => 8,
            A::SAI_SWITCH_ATTR_AVAILABLE_IPV4_ROUTE_ENTRY | A::SAI_SWITCH_ATTR_AVAILABLE_IPV6_ROUTE_ENTRY => {
                left(T::SAI_OBJECT_TYPE_ROUTE_ENTRY)
            }
            A::SAI_SWITCH_ATTR_AVAILABLE_IPV4_NEXTHOP_ENTRY
            | A::SAI_SWITCH_ATTR_AVAILABLE_IPV6_NEXTHOP_ENTRY => left(T::SAI_OBJECT_TYPE_NEXT_HOP),
            A::SAI_SWITCH_ATTR_AVAILABLE_IPV4_NEIGHBOR_ENTRY => clip(self.free_hosts(false)),
            A::SAI_SWITCH_ATTR_AVAILABLE_IPV6_NEIGHBOR_ENTRY => clip(self.free_hosts(true)),
            A::SAI_SWITCH_ATTR_AVAILABLE_NEXT_HOP_GROUP_ENTRY => left(T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP),
            A::SAI_SWITCH_ATTR_AVAILABLE_NEXT_HOP_GROUP_MEMBER_ENTRY => {
                left(T::SAI_OBJECT_TYPE_NEXT_HOP_GROUP_MEMBER)
            }
            A::SAI_SWITCH_ATTR_AVAILABLE_FDB_ENTRY => clip(self.free_fdb()),
            A::SAI_SWITCH_ATTR_DEFAULT_TRAP_GROUP => defaults.trap_group,
            A::SAI_SWITCH_ATTR_ECMP_HASH => defaults.ecmp_hash,
            A::SAI_SWITCH_ATTR_LAG_HASH => defaults.lag_hash,
            A::SAI_SWITCH_ATTR_RESTART_TYPE => u64::from(Restart::SAI_SWITCH_RESTART_TYPE_NONE.0),
            A::SAI_SWITCH_ATTR_SYSTEM_PORT_LIST | A::SAI_SWITCH_ATTR_FABRIC_PORT_LIST => {
                return Some(Value::List(Box::default()));
            }
            _ => return None,
        };
        Some(Value::Num(number))
    }

    /// Ports, the CPU's aside.
    fn front_ports(&self) -> Box<[u64]> {
        let front = |id: &u64| *id != self.defaults.cpu_port;
        self.ids(T::SAI_OBJECT_TYPE_PORT).map(|(id, _)| id).filter(front).collect()
    }

    /// How many more objects fit of a type that nothing limits, as capacity attributes have it.
    pub(crate) fn left(&self, object: T) -> u64 {
        PLENTY.saturating_sub(self.count(object) as u64)
    }

    /// How many more hosts of a family fit.
    pub(crate) fn free_hosts(&self, v6: bool) -> u64 {
        let cost = if v6 { self.settings.v6_slots } else { 1 };
        self.settings.host_capacity.saturating_sub(self.host_slots) / cost
    }

    /// How many more FDB entries fit.
    pub(crate) fn free_fdb(&self) -> u64 {
        self.settings.fdb_capacity.saturating_sub(self.fdb.len() as u64)
    }
}

/// What a client that asks for the room that is left is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Availability {
    /// The truth, as far as counting slots is the truth.
    Exact,
    /// Off by up to this many percent, up or down, each time anew: tables that are shared answer so.
    Moving(u64),
    /// Always this.
    Says(u64),
}

impl Availability {
    /// Reads `exact`, `moving 10` or `says 1000`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match *text.split_whitespace().collect::<Vec<_>>() {
            ["exact"] => Some(Self::Exact),
            ["moving", percent] => percent.parse().ok().filter(|p| *p <= 100).map(Self::Moving),
            ["says", count] => count.parse().ok().map(Self::Says),
            _ => None,
        }
    }
}

/// The chance in moving answers.
pub(crate) struct Estimate {
    dice: u64,
}

impl Estimate {
    /// Dice of its own, so that asking changes nothing else.
    pub(crate) fn new(seed: u64) -> Self {
        Self { dice: seed ^ 0xbb67_ae85_84ca_a73b }
    }
}

impl Switch {
    /// What is said of the room that is left, when this much is.
    pub(crate) fn estimate(&mut self, left: u64) -> u64 {
        match self.settings.availability {
            Availability::Exact => left,
            Availability::Says(count) => count,
            Availability::Moving(percent) => {
                let swing = u128::from(left) * u128::from(percent) / 100;
                let more = (2 * swing * u128::from(crate::faults::roll(&mut self.estimate.dice))) >> 32;
                u64::try_from(u128::from(left) - swing + more).unwrap_or(u64::MAX)
            }
        }
    }
}
