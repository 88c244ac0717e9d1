//! Two sessions and a pipe between them, in virtual time: no socket, no clock, no thread.

mod auth;
mod chaos;
mod configuration;
mod connecting;
mod faults;
mod handshake;
mod log;
mod renewal;
mod resume;
mod resume_cuts;
mod syncing;
mod world;

use crate::addr::{InterfaceId, Mac, MlagId, NodeId, VlanId, VpnInstance};
use crate::neighbor::{Attachment, Claim, Flags, Key};
use crate::peering::{ConnectMode, GroupFacts, Security};
use crate::session::io::Settings;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// Side 0 has the smaller address and waits, side 1 dials.
const ADDRESSES: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(10, 1, 0, 3)), IpAddr::V4(Ipv4Addr::new(10, 1, 0, 4))];

fn settings(side: usize) -> Settings {
    Settings {
        node_id: NodeId(0xa0 + side as u64),
        group: 1,
        source: ADDRESSES[side],
        peer: ADDRESSES[1 - side],
        vpn: VpnInstance::public(),
        port: 2048,
        hold: Duration::from_secs(5),
        keepalive: Duration::from_secs(1),
        connect: ConnectMode::default(),
        security: Security::default(),
        facts: GroupFacts::default(),
    }
}

fn vlanif(n: u32) -> InterfaceId {
    InterfaceId::Vlanif(VlanId::new(n).unwrap())
}

fn key(n: u32) -> Key {
    let ip = if n.is_multiple_of(2) {
        IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n))
    } else {
        IpAddr::V6(Ipv6Addr::from(0x2001_0db8_u128 << 96 | u128::from(n)))
    };
    Key { interface: vlanif(10 + n % 7), ip }
}

fn claim(n: u32) -> Claim {
    let [_, a, b, c] = n.to_be_bytes();
    let attachment = match n % 3 {
        0 => Attachment::Orphan,
        1 => Attachment::Fabric,
        _ => Attachment::Mlag(MlagId::new(1 + n % 4096).unwrap()),
    };
    Claim { mac: Mac([2, 0, 0, a, b, c]), attachment, flags: Flags((n % 4) as u16), counter: n }
}

/// What a side does that states no capability.
fn plain() -> super::io::Tuning {
    super::io::Tuning { capabilities: 0, ..super::io::Tuning::default() }
}
