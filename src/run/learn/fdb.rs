//! By which port a MAC was heard last: the FDBs of the kernel's bridges.
//!
//! Invariant: only what a bridge itself learned or was told for its ports counts; entries of a device's own filter, and
//! the MACs of the ports themselves, say nothing of hosts.

use super::decode::NeighborMessage;
use crate::addr::Mac;
use std::collections::{HashMap, HashSet};

/// Where a MAC was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    bridge: u32,
    /// 0 where the bridge filters no VLANs.
    vlan: u16,
    port: u32,
    generation: u32,
}

/// The FDBs.
#[derive(Debug, Default)]
pub(crate) struct Fdb {
    places: HashMap<Mac, Vec<Place>>,
    generation: u32,
    /// While a dump runs: what notices spoke of.
    noticed: Option<HashSet<(Mac, u32, u16)>>,
}

impl Fdb {
    /// A dump is about to be asked for.
    pub(crate) fn begin_dump(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.noticed = Some(HashSet::new());
    }

    /// The dump is complete: what it did not name is gone. What was heard there stays heard: see [`super::neighbors`].
    pub(crate) fn end_dump(&mut self) {
        let generation = self.generation;
        self.places.retain(|_, places| {
            places.retain(|place| place.generation == generation);
            !places.is_empty()
        });
        self.noticed = None;
    }

    /// Takes an AF_BRIDGE neighbour in. Answers the MAC that is heard elsewhere from now on, if one is.
    pub(crate) fn handle(&mut self, notice: bool, gone: bool, entry: &NeighborMessage) -> Option<Mac> {
        let (mac, bridge) = (entry.mac?, entry.master?);
        let vlan = entry.vlan.unwrap_or(0);
        let of_the_port_itself = entry.state & libc::NUD_PERMANENT != 0;
        if of_the_port_itself || mac.is_multicast() || mac == Mac::ZERO {
            return None;
        }
        if let Some(noticed) = &mut self.noticed {
            if notice {
                noticed.insert((mac, bridge, vlan));
            } else if noticed.contains(&(mac, bridge, vlan)) {
                return None;
            }
        }
        let places = self.places.entry(mac).or_default();
        let at = places.iter().position(|place| (place.bridge, place.vlan) == (bridge, vlan));
        let place = Place { bridge, vlan, port: entry.ifindex, generation: self.generation };
        let changed = match (at, gone) {
            (Some(at), true) => {
                if places[at].port == entry.ifindex {
                    places.swap_remove(at);
                }
                false
            }
            (Some(at), false) => {
                let elsewhere = places[at].port != place.port;
                places[at] = place;
                elsewhere
            }
            (None, true) => false,
            (None, false) => {
                places.push(place);
                true
            }
        };
        if places.is_empty() {
            self.places.remove(&mac);
        }
        changed.then_some(mac)
    }

    /// The port by which `mac` was heard for an interface.
    pub(crate) fn port(&self, mac: Mac, of: Scope) -> Option<u32> {
        let fits = |place: &&Place| {
            let vlan = match of.vlan {
                Some(vlan) if !of.is_bridge => place.vlan == 0 || place.vlan == vlan,
                _ => true,
            };
            vlan && of.bridge.is_none_or(|bridge| bridge == place.bridge)
        };
        // The interface's own VLAN says most, then an entry of no VLAN; beyond that the order only makes it one answer.
        let rank = |place: &&Place| (of.vlan != Some(place.vlan), place.vlan != 0, place.bridge, place.vlan);
        self.places.get(&mac)?.iter().filter(fits).min_by_key(rank).map(|place| place.port)
    }
}

/// Which entries speak of an interface's hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Those of this bridge; of any, where it is not known.
    pub(crate) bridge: Option<u32>,
    /// Those of this VLAN.
    pub(crate) vlan: Option<u16>,
    /// The interface is the bridge itself: then its hosts are in the VLAN that the bridge gives to untagged frames,
    /// whatever the number of the interface is.
    pub(crate) is_bridge: bool,
}
