//! The platform's ports in the ASIC: they are brought up, it is asked how they are, and listened to from then on.
//!
//! On the thread that brings the library up: each of these calls may take its time.
//!
//! Invariant: a library that tells less than SAI has words for is used all the same; what it lacks is said once, in the log.

use super::topology::{PlacedPort, SubPorts, Topology};
use crate::addr::VpnInstance;
use crate::sai::{Listening, Notices, Oid, PortState, Switch, id};
use std::collections::BTreeMap;

/// Notices that wait for the core at most in each inbox: FDB events come in bursts of a table's size, and what is lost is
/// noticed.
const NOTICES_WAITING: usize = 4096;

/// What the ports of a platform are in the ASIC.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placed {
    /// Those that have a place there, in the platform's order.
    pub(crate) ports: Vec<PlacedPort>,
    /// By which next hop the peer is reached in each VPN instance.
    pub(crate) next_hops: BTreeMap<VpnInstance, Oid<id::NextHop>>,
    /// Their bridge ports in bridges of their own.
    pub(crate) sub_ports: SubPorts,
}

/// The ports in the ASIC, at start.
pub(crate) struct PortsUp {
    /// What they are.
    pub(crate) placed: Placed,
    /// How they are, as far as the library says.
    pub(crate) states: Vec<(Oid<id::Port>, PortState)>,
    /// What the ASIC tells from now on; none where it cannot be listened to.
    pub(crate) told: Option<(Listening, Notices)>,
}

/// Brings the ports up, and listens.
pub(crate) fn bring_up(switch: &Switch, topology: &Topology) -> PortsUp {
    let placed = Placed {
        ports: topology.ports().to_vec(),
        next_hops: topology.next_hops().clone(),
        sub_ports: topology.sub_ports(),
    };
    // First, so that whatever changes behind the questions below is heard.
    let told = listen(switch);
    let mut states = Vec::new();
    for PlacedPort { role, front, .. } in &placed.ports {
        for port in front {
            if let Err(error) = switch.set_port_enabled(*port, true) {
                tracing::warn!(%role, %error, "the port cannot be brought up here: somebody else has to");
            }
            match switch.port_state(*port) {
                Ok(state) => states.push((*port, state)),
                Err(error) => tracing::warn!(%role, %error, "the library does not tell how the port is"),
            }
        }
    }
    PortsUp { placed, states, told }
}

fn listen(switch: &Switch) -> Option<(Listening, Notices)> {
    match switch.listen(NOTICES_WAITING) {
        Ok((listening, notices, refused)) => {
            for error in refused {
                tracing::info!(%error, "the library does not tell this of its own accord");
            }
            Some((listening, notices))
        }
        Err(error) => {
            tracing::warn!(%error, "the switch is not listened to");
            None
        }
    }
}
