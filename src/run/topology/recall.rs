//! What the journal knows of the topology, and is told of it.
//!
//! Invariant: an object is taken for ours because a record names it and the library shows it, or because a record says
//! that one like it was being made and there is one that nothing stands on.

use super::{InterfaceSpec, Topology, TopologyError, or_lacking, sai};
use crate::addr::{InterfaceId, VlanId, VpnInstance};
use crate::run::journal::{Journal, Standing, Thing, VpnDigest};
use crate::sai::{Oid, RifFound, RifKind, id};

impl Topology {
    /// Takes over what the journal names and the library still shows.
    pub(super) fn recall(&mut self, journal: &Journal) {
        for (thing, _) in journal.things() {
            match thing {
                Thing::Bridge(interface, bridge) if !bridge.is_null() && self.switch.is_bridge(bridge) => {
                    self.bridges.insert(interface, bridge);
                }
                // A library that cannot list shows what it is asked for.
                Thing::Interface(_, rif) if self.found.iter().all(|found| found.id != rif) => {
                    let found = self.switch.router_interface(rif);
                    if let Ok(RifFound { kind: Some(RifKind::Vlan(vlan)), .. }) = found
                        && let Some(number) =
                            self.switch.vlan_number(vlan).ok().and_then(|n| VlanId::new(n.into()))
                    {
                        self.vlans.entry(number).or_insert(vlan);
                    }
                    self.found.extend(found);
                }
                _ => {}
            }
        }
    }

    /// Names what is about to be made for an interface, and finds what was being made when a process ended.
    pub(super) fn name(&mut self, spec: &InterfaceSpec, journal: &mut Journal) -> Result<(), TopologyError> {
        if self.rif(spec.interface).is_some() {
            return Ok(());
        }
        if !self.virtual_routers.contains_key(&spec.vrf) {
            self.name_router(&spec.vrf, journal)?;
        }
        if matches!(spec.interface, InterfaceId::Vbdif(_)) && !self.bridges.contains_key(&spec.interface) {
            self.name_bridge(spec.interface, journal)?;
        }
        Ok(())
    }

    fn name_router(&mut self, vrf: &VpnInstance, journal: &mut Journal) -> Result<(), TopologyError> {
        let digest = VpnDigest::of(vrf);
        let known = journal.things().find_map(|(thing, _)| match thing {
            Thing::Router(of, router) if of == digest && !router.is_null() => Some(router),
            _ => None,
        });
        let being_made = Thing::Router(digest, Oid::from_raw(0));
        let router = match known {
            Some(router) if self.switch.virtual_router_mac(router).is_ok() => Some(router),
            _ if journal.standing(&being_made).is_some() => self.empty_router(journal)?,
            _ => None,
        };
        match router {
            Some(router) => _ = self.virtual_routers.insert(vrf.clone(), router),
            None => _ = journal.note(&being_made, Standing::Doubt),
        }
        let router = self.virtual_router(vrf)?;
        journal.note(&Thing::Router(digest, router), Standing::Sure);
        journal.erase(&being_made);
        Ok(())
    }

    /// A virtual router that no interface lies in and that no record names.
    fn empty_router(&self, journal: &Journal) -> Result<Option<Oid<id::VirtualRouter>>, TopologyError> {
        let all =
            or_lacking(self.switch.virtual_routers()).map_err(sai(|| "the virtual routers".to_owned()))?;
        let named = |router: &Oid<id::VirtualRouter>| {
            journal.mark().is_some_and(|mark| mark.router == *router)
                || self.virtual_routers.values().any(|known| known == router)
                || self.found.iter().any(|found| found.virtual_router == *router)
                || journal.things().any(|(thing, _)| matches!(thing, Thing::Router(_, of) if of == *router))
        };
        Ok(all.unwrap_or_default().into_iter().find(|router| !named(router)))
    }

    fn name_bridge(&mut self, interface: InterfaceId, journal: &mut Journal) -> Result<(), TopologyError> {
        let being_made = Thing::Bridge(interface, Oid::from_raw(0));
        let found = match journal.standing(&being_made) {
            Some(_) => self.empty_bridge()?,
            None => None,
        };
        let bridge = match found {
            Some(bridge) => bridge,
            None => {
                journal.note(&being_made, Standing::Doubt);
                let bridge = self.switch.create_bridge();
                bridge.map_err(sai(|| format!("the bridge of {interface}")))?
            }
        };
        self.bridges.insert(interface, bridge);
        journal.note(&Thing::Bridge(interface, bridge), Standing::Sure);
        journal.erase(&being_made);
        Ok(())
    }

    /// A bridge of its own that has no port, no router interface and no record.
    fn empty_bridge(&self) -> Result<Option<Oid<id::Bridge>>, TopologyError> {
        let what = || "the bridges".to_owned();
        let all = or_lacking(self.switch.bridges()).map_err(sai(what))?;
        let stands = |bridge: Oid<id::Bridge>| {
            let wanted = RifKind::Bridge(bridge);
            self.found.iter().any(|found| found.kind.is_some_and(|kind| kind.is_same(wanted)))
                || self.bridges.values().any(|known| *known == bridge)
        };
        for bridge in all.unwrap_or_default() {
            let empty = or_lacking(self.switch.is_empty_bridge(bridge)).map_err(sai(what))?;
            if empty == Some(true) && !stands(bridge) {
                return Ok(Some(bridge));
            }
        }
        Ok(None)
    }

    /// Names the router interface of an interface.
    pub(super) fn note(&self, spec: &InterfaceSpec, journal: &mut Journal) {
        if let Some(rif) = self.rif(spec.interface) {
            journal.note(&Thing::Interface(spec.interface, rif), Standing::Sure);
        }
    }
}
