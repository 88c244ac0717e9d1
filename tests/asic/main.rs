//! Batches, topology and the SAI thread against the simulator: loaded as a library, and linked, to look into it.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "../common/hardware.rs"]
mod hardware;

// The network of the pair world, and its dice.
#[path = "../pair/dice.rs"]
#[allow(dead_code, reason = "not all of it is thrown here")]
mod dice;
#[path = "../pair/net.rs"]
#[allow(dead_code, reason = "nothing breaks here")]
mod net;

mod admission;
mod batches;
mod bed;
mod fdb;
mod fdb_patterns;
mod hands;
mod matrix;
mod matrix_tables;
mod notices;
mod packets;
mod patterns;
mod ports;
mod profiles;
mod rig;
mod room;
mod rules;
mod tables;
mod thread;
mod topology;
mod truth;
mod world;

use mlagsync::addr::{InterfaceId, Mac, VlanId, VpnInstance};
use mlagsync::mirror::batch::{Batch, BatchId, Op, OpKind};
use mlagsync::neighbor::Host;
use mlagsync::run::topology::{InterfaceSpec, Topology};
use mlagsync::sai::{Oid, Switch, id};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The VLAN interface with this number in the public VPN instance.
fn vlanif(vlan: u32) -> InterfaceSpec {
    InterfaceSpec {
        interface: InterfaceId::Vlanif(VlanId::new(vlan).unwrap()),
        vrf: VpnInstance::public(),
        mac: None,
        underlay: None,
        tag: None,
    }
}

/// A router interface on VLAN 10.
fn rif(switch: &Switch) -> Oid<id::RouterInterface> {
    Topology::build(switch, &[vlanif(10)]).unwrap().rif(vlanif(10).interface).unwrap()
}

/// The address of the nth host: every third is IPv6, every seventh of those link-local.
fn ip(n: u32) -> IpAddr {
    match n % 3 {
        0 if n.is_multiple_of(7) => Ipv6Addr::from((0xfe80 << 112) | u128::from(n)).into(),
        0 => Ipv6Addr::from((0x2001_0db8 << 96) | u128::from(n)).into(),
        _ => Ipv4Addr::from(0x0a00_0000 + n).into(),
    }
}

/// The nth host, with a MAC of this generation.
fn op(rif: Oid<id::RouterInterface>, n: u32, generation: u8) -> Op {
    let [_, a, b, c] = n.to_be_bytes();
    let no_host_route = n.is_multiple_of(21);
    Op { row: n, rif, ip: ip(n), host: Host { mac: Mac([2, generation, 0, a, b, c]), no_host_route } }
}

/// A routed interface on the third front port, and its virtual router.
fn routed(switch: &Switch) -> (Oid<id::RouterInterface>, Oid<id::VirtualRouter>) {
    let spec = InterfaceSpec { interface: "Eth-Trunk3".parse().unwrap(), ..vlanif(10) };
    let rif = Topology::build(switch, &[spec]).unwrap().rif("Eth-Trunk3".parse().unwrap()).unwrap();
    (rif, switch.default_virtual_router().unwrap())
}

/// The bridge port of the nth front port, from 0.
fn bridge_port(switch: &Switch, n: usize) -> Oid<id::BridgePort> {
    switch.bridge_port_of(switch.ports().unwrap()[n]).unwrap().unwrap()
}

fn batch<O>(kind: OpKind, ops: impl IntoIterator<Item = O>) -> Batch<O> {
    Batch { id: BatchId(7), kind, ops: ops.into_iter().collect() }
}
