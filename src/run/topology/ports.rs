//! The platform's ports in the ASIC: LAGs, bridge ports, what they are members of, and the way to the peer.
//!
//! A port that hosts are switched on has a bridge port, which is in every VLAN that has an interface: which VLANs a port
//! carries is the NOS's business, and a member that it made is left as it is. In a bridge domain's own bridge the same port
//! is another bridge port, which stands on the port and the tag by which the domain's frames are known. Nobody but the
//! executor needs to know that: to everybody else a port has one bridge port.
//!
//! A port that an interface is routed on has none.
//!
//! Invariant: as in the whole of the topology, nothing is removed, and nothing that was found is changed.

use super::{InterfaceSpec, Topology, TopologyError, is_taken, or_lacking, sai};
use crate::addr::{InterfaceId, MlagId, VlanId, VpnInstance};
use crate::neighbor::Attachment;
use crate::run::journal::{Journal, Standing, Thing};
use crate::run::platform::{PortRole, SaiPlace};
use crate::sai::id::Domain;
use crate::sai::{BridgePort, BridgePortFound, NeighborKey, NextHopTable, Oid, Tagging, Underlay, id};
use crate::table::ports::Footing;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Everything that a platform has in the ASIC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Its interfaces.
    pub interfaces: Vec<InterfaceSpec>,
    /// Its ports.
    pub ports: Vec<PortSpec>,
    /// The peer's addresses by which it is reached over the peer-link, one for each VPN instance.
    pub next_hops: Vec<(InterfaceId, IpAddr)>,
}

/// A port as the platform has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSpec {
    /// What it is in the pair.
    pub role: PortRole,
    /// Where it is in the ASIC.
    pub place: SaiPlace,
}

/// A port in the ASIC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedPort {
    /// What it is in the pair.
    pub role: PortRole,
    /// The port or the LAG.
    pub on: Underlay,
    /// The front ports that it consists of.
    pub front: Vec<Oid<id::Port>>,
    /// Its bridge port; none where an interface is routed on it.
    pub bridge_port: Option<Oid<id::BridgePort>>,
}

/// Which bridge port a port has in a bridge of its own: by the bridge, and by the bridge port that it is known by.
pub type SubPorts = BTreeMap<(Oid<id::Bridge>, Oid<id::BridgePort>), Oid<id::BridgePort>>;

impl Topology {
    /// The ports.
    pub fn ports(&self) -> &[PlacedPort] {
        &self.ports
    }

    /// The bridge port of this device's member of an M-LAG.
    pub fn member_port(&self, mlag: MlagId) -> Option<Oid<id::BridgePort>> {
        self.bridge_port(PortRole::Hosts(Attachment::Mlag(mlag)))
    }

    /// The bridge port of the peer-link.
    pub fn peer_port(&self) -> Option<Oid<id::BridgePort>> {
        self.bridge_port(PortRole::PeerLink)
    }

    /// The next hops to the peer, by VPN instance.
    pub fn next_hops(&self) -> &BTreeMap<VpnInstance, Oid<id::NextHop>> {
        &self.next_hops
    }

    /// Which bridge ports the ports have in bridges of their own.
    pub fn sub_ports(&self) -> SubPorts {
        self.sub_ports.clone()
    }

    /// The bridge port that a port is known by, of one that it has in some bridge.
    pub fn known_as(&self, port: Oid<id::BridgePort>) -> Oid<id::BridgePort> {
        let of = |((_, known), sub): (&(Oid<id::Bridge>, Oid<id::BridgePort>), &Oid<id::BridgePort>)| {
            (*sub == port).then_some(*known)
        };
        self.sub_ports.iter().find_map(of).unwrap_or(port)
    }

    /// What an interface stands on.
    pub fn footing(&self, interface: InterfaceId) -> Footing {
        let vlan = |vlan| self.vlans.get(&vlan).map(|vlan| Footing::Bridged(Domain::Vlan(*vlan)));
        let footing = match interface {
            InterfaceId::Vlanif(number) => vlan(number),
            InterfaceId::Vbdif(_) => {
                self.bridges.get(&interface).map(|bridge| Footing::Bridged(Domain::Bridge(*bridge)))
            }
            InterfaceId::Routed { .. } => self.router_of.get(&interface).copied().map(Footing::Routed),
        };
        footing.filter(|_| self.rif(interface).is_some()).unwrap_or_default()
    }

    fn bridge_port(&self, role: PortRole) -> Option<Oid<id::BridgePort>> {
        self.ports.iter().find(|port| port.role == role)?.bridge_port
    }

    /// Where the port of an M-LAG is.
    pub(super) fn place_of(&self, mlag: MlagId) -> Option<Underlay> {
        let role = PortRole::Hosts(Attachment::Mlag(mlag));
        self.ports.iter().find(|port| port.role == role).map(|port| port.on)
    }

    pub(super) fn front_port(
        &mut self,
        what: impl FnOnce() -> String,
        number: u16,
    ) -> Result<Oid<id::Port>, TopologyError> {
        let ports = match &mut self.front {
            Some(ports) => ports,
            unknown => {
                let listed =
                    or_lacking(self.switch.ports()).map_err(sai(|| "the switch's ports".to_owned()))?;
                unknown.insert(listed.unwrap_or_default())
            }
        };
        let found = usize::from(number).checked_sub(1).and_then(|at| ports.get(at)).copied();
        let ports = ports.len();
        found.ok_or_else(|| TopologyError::NoPort { what: what(), number, ports })
    }

    /// Finds the ports, and finds or creates the LAGs.
    pub(super) fn place(
        &mut self,
        specs: &[PortSpec],
        mut journal: Option<&mut Journal>,
    ) -> Result<(), TopologyError> {
        for PortSpec { role, place } in specs {
            let mut front = Vec::new();
            for number in place.front_ports() {
                front.push(self.front_port(|| role.to_string(), number.get())?);
            }
            let on = match place {
                SaiPlace::Port(_) => Underlay::Port(front[0]),
                SaiPlace::Lag(numbers) => {
                    Underlay::Lag(self.lag(*role, numbers[0].get(), &front, journal.as_deref_mut())?)
                }
            };
            self.ports.push(PlacedPort { role: *role, on, front, bridge_port: None });
        }
        Ok(())
    }

    /// The LAG that has one of these ports; made where there is none. Which of them are in a LAG that was found is its
    /// owner's business.
    fn lag(
        &mut self,
        role: PortRole,
        number: u16,
        front: &[Oid<id::Port>],
        journal: Option<&mut Journal>,
    ) -> Result<Oid<id::Lag>, TopologyError> {
        let what = || format!("the LAG of {role}");
        let mut empty = Vec::new();
        for lag in or_lacking(self.switch.lags()).map_err(sai(what))?.unwrap_or_default() {
            let members = self.switch.lag_ports(lag).map_err(sai(what))?;
            if members.iter().any(|member| front.contains(member)) {
                // A member of ours may be missing: the process that made the LAG was ended before it was through.
                let ours = journal.as_ref().is_some_and(|journal| {
                    journal.standing(&Thing::Lag(number, lag)) == Some(Standing::Doubt)
                });
                if ours {
                    self.fill(role, lag, front, &members)?;
                    done(journal, number, lag);
                }
                return Ok(lag);
            }
            if members.is_empty() {
                empty.push(lag);
            }
        }
        let named = |lag: &Oid<id::Lag>| {
            journal.as_ref().is_some_and(|journal| journal.standing(&Thing::Lag(number, *lag)).is_some())
        };
        let being_made = Thing::Lag(number, Oid::from_raw(0));
        let left = match &journal {
            // Made, and ended before it had a member; or before its id could be named: then it is one that has none.
            Some(journal) => {
                let nameless = journal.standing(&being_made).is_some();
                empty.iter().copied().find(named).or(empty.first().copied().filter(|_| nameless))
            }
            None => None,
        };
        let mut journal = journal;
        let lag = match left {
            Some(lag) => lag,
            None => {
                if let Some(journal) = &mut journal {
                    journal.note(&being_made, Standing::Doubt);
                }
                self.switch.create_lag().map_err(sai(what))?
            }
        };
        if let Some(journal) = &mut journal {
            journal.note(&Thing::Lag(number, lag), Standing::Doubt);
            journal.erase(&being_made);
        }
        self.fill(role, lag, front, &[])?;
        done(journal, number, lag);
        Ok(lag)
    }

    fn fill(
        &self,
        role: PortRole,
        lag: Oid<id::Lag>,
        front: &[Oid<id::Port>],
        there: &[Oid<id::Port>],
    ) -> Result<(), TopologyError> {
        for port in front.iter().filter(|port| !there.contains(port)) {
            self.switch.create_lag_member(lag, *port).map_err(sai(|| format!("a member of {role}")))?;
        }
        Ok(())
    }

    /// Gives the ports that are switched their bridge ports, in the VLANs and bridges of all interfaces.
    pub(super) fn join(&mut self, interfaces: &[InterfaceSpec]) -> Result<(), TopologyError> {
        let is_routed = |role: PortRole| {
            interfaces.iter().any(|spec| match spec.interface {
                InterfaceId::Routed { mlag, .. } => role == PortRole::Hosts(Attachment::Mlag(mlag)),
                _ => false,
            })
        };
        let switched: Vec<usize> =
            (0..self.ports.len()).filter(|n| !is_routed(self.ports[*n].role)).collect();
        if switched.is_empty() {
            return Ok(());
        }
        let what = || "the ports of the default bridge".to_owned();
        let default = self.switch.default_bridge().map_err(sai(what))?;
        let found = or_lacking(self.switch.bridge_ports(default)).map_err(sai(what))?.unwrap_or_default();
        for n in switched {
            let PlacedPort { role, on, .. } = self.ports[n];
            let port = match of(&found, on, None) {
                Some(port) => port,
                None => {
                    let made = self.switch.create_bridge_port(BridgePort::Port(on));
                    made.map_err(sai(|| format!("the bridge port of {role}")))?
                }
            };
            self.ports[n].bridge_port = Some(port);
        }
        for spec in interfaces {
            match self.footing(spec.interface) {
                Footing::Bridged(Domain::Vlan(vlan)) => self.join_vlan(spec.interface, vlan)?,
                Footing::Bridged(Domain::Bridge(bridge)) => self.join_bridge(spec, bridge)?,
                Footing::Routed(_) | Footing::Untold => {}
            }
        }
        Ok(())
    }

    fn join_vlan(&self, interface: InterfaceId, vlan: Oid<id::Vlan>) -> Result<(), TopologyError> {
        let what = || format!("the ports in the VLAN of {interface}");
        let there = or_lacking(self.switch.vlan_ports(vlan)).map_err(sai(what))?.unwrap_or_default();
        for port in self.ports.iter().filter_map(|port| port.bridge_port) {
            if there.contains(&port) {
                continue;
            }
            match self.switch.create_vlan_member(vlan, port, Tagging::Tagged) {
                Err(error) if !is_taken(&error) => return Err(sai(what)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    fn join_bridge(&mut self, spec: &InterfaceSpec, bridge: Oid<id::Bridge>) -> Result<(), TopologyError> {
        let InterfaceId::Vbdif(domain) = spec.interface else { return Ok(()) };
        // Without a tag its frames are known on no port: its hosts are in the overlay.
        let Some(tag) = spec.tag.or_else(|| VlanId::new(domain.number())) else { return Ok(()) };
        let what = || format!("the ports in the bridge of {}", spec.interface);
        let found = or_lacking(self.switch.bridge_ports(bridge)).map_err(sai(what))?.unwrap_or_default();
        for PlacedPort { on, bridge_port, .. } in &self.ports {
            let Some(known) = *bridge_port else { continue };
            let port = match of(&found, *on, Some(tag)) {
                Some(port) => port,
                None => {
                    let port = BridgePort::SubPort { on: *on, tag, bridge };
                    self.switch.create_bridge_port(port).map_err(sai(what))?
                }
            };
            self.sub_ports.insert((bridge, known), port);
        }
        Ok(())
    }

    /// Finds or creates the next hops to the peer.
    pub(super) fn reach_peer(&mut self, next_hops: &[(InterfaceId, IpAddr)]) -> Result<(), TopologyError> {
        let mut table = NextHopTable::new(&self.switch);
        let mut found: Option<BTreeMap<NeighborKey, Oid<id::NextHop>>> = None;
        for (interface, ip) in next_hops {
            let what = || format!("the next hop to the peer over {interface}");
            let (Some(rif), Some(vrf)) = (self.rif(*interface), self.vrf_of.get(interface).cloned()) else {
                continue;
            };
            let key = NeighborKey { rif, ip: *ip };
            let known = match &found {
                Some(known) => known,
                None => {
                    let all = or_lacking(table.list()).map_err(sai(what))?.unwrap_or_default();
                    table.read(all.iter().copied());
                    let seen = |(n, hop)| Some((table.seen(n)?, hop));
                    found.insert(all.into_iter().enumerate().filter_map(seen).collect())
                }
            };
            let hop = match known.get(&key) {
                Some(hop) => *hop,
                None => table.make(key).map_err(sai(what))?,
            };
            self.next_hops.insert(vrf, hop);
        }
        Ok(())
    }
}

/// The bridge port that stands on this.
fn of(found: &[BridgePortFound], on: Underlay, tag: Option<VlanId>) -> Option<Oid<id::BridgePort>> {
    found.iter().find(|found| found.tag == tag && found.on.is_same(on)).map(|found| found.id)
}

/// A LAG has its members.
fn done(journal: Option<&mut Journal>, number: u16, lag: Oid<id::Lag>) {
    if let Some(journal) = journal {
        journal.note(&Thing::Lag(number, lag), Standing::Sure);
    }
}
