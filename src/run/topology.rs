//! What a platform's interfaces stand on in the ASIC: VLANs, bridges, virtual routers and router interfaces, found
//! where the ASIC has them and created where it has not.
//!
//! ```text
//!   Vlanif10 ─► VLAN 10 ─► router interface (VLAN)  ┐
//!   Vbdif5010 ► bridge ──► router interface (BRIDGE)├─► virtual router of the VPN instance
//!   Eth-Trunk7.100 ─► port or LAG ─► (PORT, SUB_PORT)┘
//!   m-lag 7, peer-link ─► port or LAG ─► bridge port ─► in every VLAN, and in every bridge whose tag is known
//! ```
//!
//! What cannot be told apart there, a bridge domain's bridge and an empty virtual router, is known by the journal, which
//! names it before it is made: after a kill in between it is looked for among those that nothing stands on.
//!
//! A VPN instance has no name in SAI: the virtual router of one that is there already is known by the router
//! interfaces that were found in it. The public one is the switch's default virtual router.
//!
//! Invariant: nothing is removed, and nothing that was found is changed.

mod ports;
mod recall;

pub use ports::{Layout, PlacedPort, PortSpec, SubPorts};

use crate::addr::{InterfaceId, Mac, VlanId, VpnInstance};
use crate::run::journal::Journal;
use crate::sai::{BridgePort, Error, Kind, Oid, Rif, RifFound, RifKind, Switch, Underlay, id};
use std::collections::BTreeMap;
use thiserror::Error;

/// An interface as the platform has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceSpec {
    /// Its name.
    pub interface: InterfaceId,
    /// The VPN instance that it lies in.
    pub vrf: VpnInstance,
    /// Its router MAC; `None`: the switch's.
    pub mac: Option<Mac>,
    /// For a routed interface, what it stands on; `None`: where the M-LAG's port is, and if that has no place, the front port
    /// with the number of the M-LAG, counted from 1.
    pub underlay: Option<Underlay>,
    /// For a bridge domain, the tag that its frames have on ports; `None`: its number, where that is a VLAN's.
    pub tag: Option<VlanId>,
}

/// Why an interface has no router interface.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TopologyError {
    /// SAI would not.
    #[error("{what}: {source}")]
    Sai {
        /// For what.
        what: String,
        /// Which call, and what it answered.
        source: Error,
    },
    /// SAI says that the VLAN is there, and does not show it.
    #[error("VLAN {vlan} is in the ASIC already, and the library does not list its VLANs: {source}")]
    HiddenVlan {
        /// Which.
        vlan: VlanId,
        /// What listing them gave.
        source: Error,
    },
    /// The same, with a list in which it is not.
    #[error("VLAN {vlan} is in the ASIC already, and is not among the VLANs that the library lists")]
    MissingVlan {
        /// Which.
        vlan: VlanId,
    },
    /// There is no such port.
    #[error("{what} stands on front port {number}, and the switch has {ports}")]
    NoPort {
        /// Which interface, or which port of the pair.
        what: String,
        /// The port.
        number: u16,
        /// How many there are.
        ports: usize,
    },
    /// The router interface that is there lies elsewhere.
    #[error(
        "{interface} is in the ASIC already, in another virtual router than the rest of VPN instance {vrf}"
    )]
    OtherVirtualRouter {
        /// Which interface.
        interface: InterfaceId,
        /// Where it should lie.
        vrf: VpnInstance,
    },
}

/// A switch with its interfaces.
pub struct Topology {
    switch: Switch,
    virtual_routers: BTreeMap<VpnInstance, Oid<id::VirtualRouter>>,
    vlans: BTreeMap<VlanId, Oid<id::Vlan>>,
    bridges: BTreeMap<InterfaceId, Oid<id::Bridge>>,
    rifs: BTreeMap<InterfaceId, Oid<id::RouterInterface>>,
    /// Where the interfaces lie.
    vrf_of: BTreeMap<InterfaceId, VpnInstance>,
    router_of: BTreeMap<InterfaceId, Oid<id::VirtualRouter>>,
    /// What was there when we came; empty where the library cannot list it.
    found: Vec<RifFound>,
    /// The front ports, once somebody asked for them.
    front: Option<Vec<Oid<id::Port>>>,
    /// The platform's ports.
    ports: Vec<PlacedPort>,
    sub_ports: SubPorts,
    next_hops: BTreeMap<VpnInstance, Oid<id::NextHop>>,
}

impl Topology {
    /// Finds out what the switch has.
    pub fn new(switch: &Switch) -> Result<Topology, TopologyError> {
        let failed = |what: &'static str| sai(move || what.to_owned());
        let default = switch.default_virtual_router().map_err(failed("the default virtual router"))?;
        let found = or_lacking(switch.router_interfaces()).map_err(failed("the router interfaces"))?;
        Ok(Topology {
            switch: switch.clone(),
            virtual_routers: BTreeMap::from([(VpnInstance::public(), default)]),
            vlans: or_lacking(known_vlans(switch)).map_err(failed("the VLANs"))?.unwrap_or_default(),
            bridges: BTreeMap::new(),
            rifs: BTreeMap::new(),
            vrf_of: BTreeMap::new(),
            router_of: BTreeMap::new(),
            found: found.unwrap_or_default(),
            front: None,
            ports: Vec::new(),
            sub_ports: SubPorts::new(),
            next_hops: BTreeMap::new(),
        })
    }

    /// Finds or creates what all of these interfaces stand on.
    pub fn build(switch: &Switch, interfaces: &[InterfaceSpec]) -> Result<Topology, TopologyError> {
        Topology::lay(switch, &Layout { interfaces: interfaces.to_vec(), ..Layout::default() }, None)
    }

    /// Finds or creates all of it. Interfaces that are there already come first, for they tell which virtual routers the
    /// VPN instances are. With a journal, what it names is found again, and what is made is named in it.
    pub fn lay(
        switch: &Switch,
        layout: &Layout,
        mut journal: Option<&mut Journal>,
    ) -> Result<Topology, TopologyError> {
        let mut topology = Topology::new(switch)?;
        if let Some(journal) = &journal {
            topology.recall(journal);
        }
        topology.place(&layout.ports, journal.as_deref_mut())?;
        for spec in &layout.interfaces {
            topology.adopt(spec)?;
        }
        for spec in &layout.interfaces {
            if let Some(journal) = &mut journal {
                topology.name(spec, journal)?;
            }
            topology.add(spec)?;
            if let Some(journal) = &mut journal {
                topology.note(spec, journal);
            }
        }
        topology.join(&layout.interfaces)?;
        topology.reach_peer(&layout.next_hops)?;
        Ok(topology)
    }

    /// Finds or creates what an interface stands on, and answers its router interface.
    pub fn add(&mut self, spec: &InterfaceSpec) -> Result<Oid<id::RouterInterface>, TopologyError> {
        if let Some(rif) = self.adopt(spec)? {
            self.connect(spec, rif)?;
            return Ok(rif);
        }
        let what = || format!("{} in VPN instance {}", spec.interface, spec.vrf);
        let kind = self.underlay(spec)?;
        let virtual_router = self.virtual_router(&spec.vrf)?;
        let rif = Rif { virtual_router, kind, src_mac: spec.mac };
        let rif = self.switch.create_router_interface(&rif).map_err(sai(what))?;
        self.connect(spec, rif)?;
        self.insert(spec, rif, virtual_router);
        Ok(rif)
    }

    /// Sees to it that a bridge has its port for the router interface.
    fn connect(&self, spec: &InterfaceSpec, rif: Oid<id::RouterInterface>) -> Result<(), TopologyError> {
        let Some(bridge) = self.bridges.get(&spec.interface).copied() else { return Ok(()) };
        let what = || format!("{} in VPN instance {}", spec.interface, spec.vrf);
        if or_lacking(self.switch.has_router_port(bridge, rif)).map_err(sai(what))? != Some(true) {
            self.switch.create_bridge_port(BridgePort::Router { rif, bridge }).map_err(sai(what))?;
        }
        Ok(())
    }

    /// The switch.
    pub fn switch(&self) -> &Switch {
        &self.switch
    }

    /// The router MAC that interfaces without one of their own have. Asked of the library only where it is needed:
    /// some end the process rather than tell what they were not given.
    pub fn mac(&self) -> Result<Mac, TopologyError> {
        self.switch.src_mac().map_err(sai(|| "the switch's MAC".to_owned()))
    }

    /// The router interface of an interface.
    pub fn rif(&self, interface: InterfaceId) -> Option<Oid<id::RouterInterface>> {
        self.rifs.get(&interface).copied()
    }

    /// Every interface with its router interface.
    pub fn rifs(&self) -> impl Iterator<Item = (InterfaceId, Oid<id::RouterInterface>)> {
        self.rifs.iter().map(|(interface, rif)| (*interface, *rif))
    }

    /// The interface of a router interface.
    pub fn interface(&self, rif: Oid<id::RouterInterface>) -> Option<InterfaceId> {
        self.rifs.iter().find(|(_, known)| **known == rif).map(|(interface, _)| *interface)
    }

    /// The router interface that is there already, if it can be told apart.
    fn adopt(&mut self, spec: &InterfaceSpec) -> Result<Option<Oid<id::RouterInterface>>, TopologyError> {
        if let Some(rif) = self.rif(spec.interface) {
            return Ok(Some(rif));
        }
        let wanted = match spec.interface {
            InterfaceId::Vlanif(vlan) => self.vlans.get(&vlan).map(|vlan| RifKind::Vlan(*vlan)),
            InterfaceId::Routed { .. } if !self.found.is_empty() => Some(self.underlay(spec)?),
            // A bridge has no number in SAI, so there is nothing but the journal to know it by.
            InterfaceId::Vbdif(_) => self.bridges.get(&spec.interface).map(|bridge| RifKind::Bridge(*bridge)),
            InterfaceId::Routed { .. } => None,
        };
        let is_it = |found: &&RifFound| found.kind.zip(wanted).is_some_and(|(a, b)| a.is_same(b));
        let Some(found) = self.found.iter().find(is_it).copied() else { return Ok(None) };
        let router = *self.virtual_routers.entry(spec.vrf.clone()).or_insert(found.virtual_router);
        if router != found.virtual_router {
            let (interface, vrf) = (spec.interface, spec.vrf.clone());
            return Err(TopologyError::OtherVirtualRouter { interface, vrf });
        }
        self.insert(spec, found.id, router);
        Ok(Some(found.id))
    }

    fn insert(
        &mut self,
        spec: &InterfaceSpec,
        rif: Oid<id::RouterInterface>,
        router: Oid<id::VirtualRouter>,
    ) {
        self.rifs.insert(spec.interface, rif);
        self.vrf_of.insert(spec.interface, spec.vrf.clone());
        self.router_of.insert(spec.interface, router);
    }

    fn underlay(&mut self, spec: &InterfaceSpec) -> Result<RifKind, TopologyError> {
        match spec.interface {
            InterfaceId::Vlanif(vlan) => Ok(RifKind::Vlan(self.vlan(vlan)?)),
            InterfaceId::Vbdif(_) => {
                if let Some(bridge) = self.bridges.get(&spec.interface) {
                    return Ok(RifKind::Bridge(*bridge));
                }
                let bridge = self.switch.create_bridge();
                let bridge = bridge.map_err(sai(|| format!("the bridge of {}", spec.interface)))?;
                self.bridges.insert(spec.interface, bridge);
                Ok(RifKind::Bridge(bridge))
            }
            InterfaceId::Routed { mlag, dot1q } => {
                let parent = match spec.underlay.or_else(|| self.place_of(mlag)) {
                    Some(parent) => parent,
                    None => Underlay::Port(self.front_port(|| spec.interface.to_string(), mlag.number())?),
                };
                Ok(dot1q.map_or(RifKind::Routed(parent), |tag| RifKind::SubPort { parent, tag }))
            }
        }
    }

    fn vlan(&mut self, number: VlanId) -> Result<Oid<id::Vlan>, TopologyError> {
        if let Some(vlan) = self.vlans.get(&number) {
            return Ok(*vlan);
        }
        let vlan = match self.switch.create_vlan(number) {
            Ok(vlan) => vlan,
            Err(error) if is_taken(&error) => self.hidden_vlan(number)?,
            Err(error) => return Err(sai(|| format!("VLAN {number}"))(error)),
        };
        self.vlans.insert(number, vlan);
        Ok(vlan)
    }

    /// A VLAN that is there and was not when we came, or whose list the library did not give then.
    fn hidden_vlan(&mut self, number: VlanId) -> Result<Oid<id::Vlan>, TopologyError> {
        let default = self.switch.default_vlan().and_then(|vlan| Ok((vlan, self.switch.vlan_number(vlan)?)));
        if let Ok((vlan, known)) = default
            && known == number.number()
        {
            return Ok(vlan);
        }
        let known = known_vlans(&self.switch);
        let known = known.map_err(|source| TopologyError::HiddenVlan { vlan: number, source })?;
        known.get(&number).copied().ok_or(TopologyError::MissingVlan { vlan: number })
    }

    fn virtual_router(&mut self, vrf: &VpnInstance) -> Result<Oid<id::VirtualRouter>, TopologyError> {
        if let Some(router) = self.virtual_routers.get(vrf) {
            return Ok(*router);
        }
        let router = self.switch.create_virtual_router(None);
        let router = router.map_err(sai(|| format!("the virtual router of VPN instance {vrf}")))?;
        self.virtual_routers.insert(vrf.clone(), router);
        Ok(router)
    }
}

/// Every VLAN by its number.
fn known_vlans(switch: &Switch) -> Result<BTreeMap<VlanId, Oid<id::Vlan>>, Error> {
    let mut known = BTreeMap::new();
    for vlan in switch.vlans()? {
        if let Some(number) = VlanId::new(switch.vlan_number(vlan)?.into()) {
            known.insert(number, vlan);
        }
    }
    Ok(known)
}

/// A library that cannot list what it holds is one of the usual ones: then nothing is known.
fn or_lacking<T>(listed: Result<T, Error>) -> Result<Option<T>, Error> {
    match listed {
        Ok(listed) => Ok(Some(listed)),
        Err(error) if error.is_lacking() => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_taken(error: &Error) -> bool {
    error.status().is_some_and(|status| status.kind() == Kind::ItemAlreadyExists)
}

fn sai(what: impl FnOnce() -> String) -> impl FnOnce(Error) -> TopologyError {
    move |source| TopologyError::Sai { what: what(), source }
}
