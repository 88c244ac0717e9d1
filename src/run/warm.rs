//! A start with what the ASIC holds: the journal is tied to it, and read for the node.
//!
//! Invariant: what the journal lacks is reported and never touched.

use super::journal::{Boot, Journal, Standing, Thing};
use super::topology::{Layout, Topology, TopologyError};
use crate::addr::InterfaceId;
use crate::node::io::{Adopted, AdoptedFdb, AdoptedRoute, Ours};
use crate::sai::{FdbKey, NeighborKey, NeighborTable, Oid, RouteKey, Switch, id};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use thiserror::Error;

/// Why the ASIC cannot be taken over.
#[derive(Debug, Error)]
pub enum WarmError {
    /// The interfaces cannot be found or made.
    #[error(transparent)]
    Topology(#[from] TopologyError),
    /// There is no randomness to mark the boot with.
    #[error("cannot draw random numbers: {0}")]
    Random(io::Error),
}

/// An ASIC that was taken over.
pub struct WarmStart {
    /// What became of it since the journal was written.
    pub boot: Boot,
    /// Its interfaces.
    pub topology: Topology,
    /// Entries of ours that it holds, or may hold.
    pub adopted: Ours,
    /// Entries on our interfaces that are not ours; `None` where the library cannot list them.
    pub foreign: Option<usize>,
}

impl WarmStart {
    /// Takes the ASIC over: finds or makes interfaces and ports, and reads from the journal what on them is ours.
    pub fn begin(switch: &Switch, layout: &Layout, journal: &mut Journal) -> Result<Self, WarmError> {
        let boot = journal.attach(switch).map_err(WarmError::Random)?;
        let topology = Topology::lay(switch, layout, Some(journal))?;
        let adopted = ours(journal);
        let foreign = foreign(switch, &topology, journal);
        let path = journal.path().display();
        let ours = adopted.neighbors.len();
        match boot {
            Boot::Kept => tracing::info!(ours, %path, "the ASIC holds what it held"),
            Boot::New | Boot::Unknown => tracing::info!(%path, "nothing in the ASIC is ours yet"),
        }
        if let Some(foreign) = foreign.filter(|foreign| *foreign > 0) {
            tracing::warn!(foreign, ours, %path, "the ASIC holds entries that the journal does not name; they stay");
        }
        if journal.damaged() > 0 {
            tracing::warn!(records = journal.damaged(), %path, "damaged records of the journal are passed over");
        }
        Ok(WarmStart { boot, topology, adopted, foreign })
    }
}

/// The entries that the journal names, on router interfaces that it names too.
pub(crate) fn ours(journal: &Journal) -> Ours {
    let interfaces: BTreeMap<Oid<id::RouterInterface>, InterfaceId> = journal
        .things()
        .filter_map(|(thing, _)| match thing {
            Thing::Interface(interface, rif) => Some((rif, interface)),
            _ => None,
        })
        .collect();
    let mut ours = Ours::default();
    let mut routes = Vec::new();
    for (thing, standing) in journal.things() {
        let doubt = standing == Standing::Doubt;
        match thing {
            Thing::Neighbor(NeighborKey { rif, ip }) => {
                let interface = interfaces.get(&rif).copied();
                ours.neighbors.extend(interface.map(|interface| Adopted { interface, rif, ip, doubt }));
            }
            Thing::Fdb(FdbKey { domain, mac }) => ours.fdb.push(AdoptedFdb { domain, mac, doubt }),
            Thing::Route(key) => routes.push((key, doubt)),
            _ => {}
        }
    }
    // A route does not say by which interface it leads; its neighbour, which goes after it, does.
    let by_ip: BTreeMap<IpAddr, InterfaceId> =
        ours.neighbors.iter().map(|entry| (entry.ip, entry.interface)).collect();
    let any = interfaces.values().next().copied();
    let route = |(RouteKey { virtual_router, ip }, doubt)| {
        let interface = by_ip.get(&ip).copied().or(any)?;
        Some(AdoptedRoute { virtual_router, ip, interface, doubt })
    };
    ours.routes = routes.into_iter().filter_map(route).collect();
    ours
}

/// How many entries on our interfaces the journal does not name.
fn foreign(switch: &Switch, topology: &Topology, journal: &Journal) -> Option<usize> {
    let listed = NeighborTable::new(switch).list().ok()?;
    let strange = listed.into_iter().filter(|key| {
        topology.interface(key.rif).is_some() && journal.standing(&Thing::Neighbor(*key)).is_none()
    });
    Some(strange.count())
}
