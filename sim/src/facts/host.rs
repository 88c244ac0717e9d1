//! Host interfaces and traps.
//!
//! Invariant: rows only, one for each attribute of the release, in the order of their ids.

use super::Init::*;
use super::Kind::*;
use super::enums::*;
use super::objects::*;
use super::{Attr, CREATE, KEY, MANDATORY, SET, row};

pub(crate) const HOSTIF_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | CREATE).of(HOSTIF_TYPE),
    row(1, "OBJ_ID", Oid, MANDATORY | CREATE).refers(&[PORT, LAG, VLAN, SYSTEM_PORT]).when(&[(0, 0)]),
    row(2, "NAME", Chars, MANDATORY | CREATE).when(&[(0, 0), (0, 2)]),
    row(3, "OPER_STATUS", Bool, SET).default(Is(false)),
    row(4, "QUEUE", U32, SET).default(Num(0)),
    row(5, "VLAN_TAG", Enum, SET).default(Num(0)).of(HOSTIF_VLAN_TAG).only(&[&[(0, 0)]]),
    row(6, "GENETLINK_MCGRP_NAME", Chars, MANDATORY | CREATE).when(&[(0, 2)]),
];

pub(crate) const HOSTIF_TRAP_GROUP_ATTRS: &[Attr] = &[
    row(0, "ADMIN_STATE", Bool, SET).default(Is(true)),
    row(1, "QUEUE", U32, SET).default(Num(0)),
    row(2, "POLICER", Oid, SET).default(Null).refers(&[POLICER]).nullable(),
    row(3, "OBJECT_STAGE", Enum, CREATE).default(Num(0)).of(OBJECT_STAGE),
];

pub(crate) const HOSTIF_TRAP_ATTRS: &[Attr] = &[
    row(0, "TRAP_TYPE", Enum, MANDATORY | CREATE | KEY).of(HOSTIF_TRAP_TYPE),
    row(1, "PACKET_ACTION", Enum, MANDATORY | SET).of(PACKET_ACTION),
    row(2, "TRAP_PRIORITY", U32, SET).default(Switch(25)),
    row(3, "EXCLUDE_PORT_LIST", Oids, SET).default(Empty).refers(&[PORT]),
    row(4, "TRAP_GROUP", Oid, SET).default(Switch(68)).refers(&[HOSTIF_TRAP_GROUP]),
    row(5, "MIRROR_SESSION", Oids, SET).default(Empty).refers(&[MIRROR_SESSION]),
    row(6, "COUNTER_ID", Oid, SET).default(Null).refers(&[COUNTER]).nullable(),
];

pub(crate) const HOSTIF_USER_DEFINED_TRAP_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | CREATE | KEY).of(HOSTIF_USER_DEFINED_TRAP_TYPE),
    row(1, "TRAP_PRIORITY", U32, SET).default(Switch(25)),
    row(2, "TRAP_GROUP", Oid, SET).default(Switch(68)).refers(&[HOSTIF_TRAP_GROUP]),
];

pub(crate) const HOSTIF_TABLE_ENTRY_ATTRS: &[Attr] = &[
    row(0, "TYPE", Enum, MANDATORY | CREATE).of(HOSTIF_TABLE_ENTRY_TYPE),
    row(1, "OBJ_ID", Oid, MANDATORY | CREATE).refers(&[PORT, LAG, ROUTER_INTERFACE]).when(&[(0, 0), (0, 2), (0, 1)]),
    row(2, "TRAP_ID", Oid, MANDATORY | CREATE).refers(&[HOSTIF_TRAP, HOSTIF_USER_DEFINED_TRAP]).when(&[(0, 0), (0, 2), (0, 1), (0, 3)]),
    row(3, "CHANNEL_TYPE", Enum, MANDATORY | CREATE).of(HOSTIF_TABLE_ENTRY_CHANNEL_TYPE),
    row(4, "HOST_IF", Oid, MANDATORY | CREATE).refers(&[HOSTIF]).when(&[(3, 1), (3, 5)]),
];
