//! The interfaces that keys lie on, by a small number each, and what this device has bound to them.
//!
//! Holds an interface from the first key or binding that names it to the last. Does not hold the rows on it, only
//! the head of their list.
//! Invariant: numbers are given and given back in an order that depends on the inputs alone.

use crate::addr::{InterfaceId, VpnInstance};
use crate::limits::{HELD_INTERFACES, MAX_INTERFACES};
use crate::table::evidence::Binding;
use crate::table::list::List;
use crate::table::row::ByInterface;
use ahash::RandomState;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// One interface.
#[derive(Debug)]
pub(crate) struct Interface {
    pub(crate) id: InterfaceId,
    pub(crate) binding: Option<Binding>,
    /// The VRF that it lies in at the peer, as far as the peer said.
    pub(crate) theirs: Option<VpnInstance>,
    /// Within a domain an address means one host: the VRF of a bound interface, an unbound one by itself.
    pub(crate) domain: u64,
    pub(crate) members: List<ByInterface>,
    /// So many of its rows, from the first on, wait to be looked at again.
    pub(crate) to_look_at: usize,
    /// It is bound, or lies in another VRF, since they were looked at: the peer is to hear of each of them.
    pub(crate) is_news: bool,
}

impl Interface {
    /// True when both devices have it in a VRF, and not in the same one.
    pub(crate) fn vrf_differs(&self) -> bool {
        let ours = self.binding.as_ref().map(|binding| &binding.vrf);
        self.theirs.as_ref().is_some_and(|theirs| ours.is_some_and(|ours| ours != theirs))
    }

    /// True when nothing here needs it but the peer's word for its VRF.
    fn is_idle(&self) -> bool {
        self.members.is_empty() && self.binding.is_none()
    }
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Interfaces {
    slots: Vec<Option<Interface>>,
    free: Vec<u32>,
    by_id: HashMap<InterfaceId, u32, RandomState>,
    vrfs: BTreeMap<VpnInstance, u64>,
    /// The one named last: evidence and records come in runs of one interface.
    recent: Option<(InterfaceId, u32)>,
    /// So many are held before those are dropped that the peer named once and nothing uses.
    patience: usize,
    /// Interfaces of the peer's for which there was no room.
    turned_away: usize,
}

/// The domain of an interface that is in no VRF, and of every link-local address: the interface alone.
pub(crate) const fn alone(interface: u32) -> u64 {
    1 << 32 | interface as u64
}

impl Interfaces {
    pub(crate) fn new(hasher: RandomState) -> Self {
        Interfaces {
            slots: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::with_hasher(hasher),
            vrfs: BTreeMap::new(),
            recent: None,
            patience: MAX_INTERFACES * 2,
            turned_away: 0,
        }
    }

    /// The number of an interface, if it has one.
    pub(crate) fn find(&mut self, id: InterfaceId) -> Option<u32> {
        match self.recent {
            Some((recent, at)) if recent == id => Some(at),
            _ => {
                let at = *self.by_id.get(&id)?;
                self.recent = Some((id, at));
                Some(at)
            }
        }
    }

    /// The number of an interface.
    pub(crate) fn intern(&mut self, id: InterfaceId) -> u32 {
        if let Some(at) = self.find(id) {
            return at;
        }
        if self.by_id.len() >= self.patience {
            self.forget_idle();
        }
        let at = self.free.pop().unwrap_or(self.slots.len() as u32);
        let fresh = Interface {
            id,
            binding: None,
            theirs: None,
            domain: alone(at),
            members: List::default(),
            to_look_at: 0,
            is_news: false,
        };
        match self.slots.get_mut(at as usize) {
            Some(slot) => *slot = Some(fresh),
            None => self.slots.push(Some(fresh)),
        }
        self.by_id.insert(id, at);
        self.recent = Some((id, at));
        at
    }

    /// True when an interface may be held because the peer speaks of it.
    pub(crate) fn admits(&mut self, id: InterfaceId) -> bool {
        if self.by_id.len() < HELD_INTERFACES || self.find(id).is_some() {
            return true;
        }
        // Looking for those that nothing uses costs as much as there are, so it is not done for each.
        if self.turned_away.is_multiple_of(HELD_INTERFACES) {
            self.forget_idle();
        }
        self.turned_away = self.turned_away.wrapping_add(1);
        self.by_id.len() < HELD_INTERFACES
    }

    /// The interface with this number, if there still is one.
    pub(crate) fn held_mut(&mut self, at: u32) -> Option<&mut Interface> {
        self.slots.get_mut(at as usize)?.as_mut()
    }

    /// Its last row may have gone. Where many are held, the peer's word for its VRF is no reason to keep it.
    pub(crate) fn vacate(&mut self, at: u32) {
        if self.by_id.len() > HELD_INTERFACES / 2
            && let Some(interface) = self.slots[at as usize].as_mut().filter(|interface| interface.is_idle())
        {
            interface.theirs = None;
        }
        self.release(at);
    }

    /// Gives the number back if nothing needs it any more.
    pub(crate) fn release(&mut self, at: u32) {
        let unused = self.slots[at as usize].as_ref().is_some_and(|i| i.is_idle() && i.theirs.is_none());
        if unused && let Some(interface) = self.slots[at as usize].take() {
            self.by_id.remove(&interface.id);
            self.recent = None;
            self.free.push(at);
        }
    }

    /// A peer may name interfaces without end; what nothing uses is not kept for ever.
    fn forget_idle(&mut self) {
        for at in 0..self.slots.len() as u32 {
            if let Some(interface) = self.slots[at as usize].as_mut().filter(|interface| interface.is_idle())
            {
                interface.theirs = None;
                self.release(at);
            }
        }
        self.patience = (self.by_id.len() * 2).max(MAX_INTERFACES * 2);
    }

    pub(crate) fn at(&self, at: u32) -> &Interface {
        self.slots[at as usize].as_ref().expect("a number is used only while its interface is held")
    }

    pub(crate) fn at_mut(&mut self, at: u32) -> &mut Interface {
        self.slots[at as usize].as_mut().expect("a number is used only while its interface is held")
    }

    /// The numbers of all.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.slots).filter(|(_, slot)| slot.is_some()).map(|(at, _)| at)
    }

    /// An interface, by its name.
    pub(crate) fn get(&self, id: InterfaceId) -> Option<&Interface> {
        self.by_id.get(&id).map(|at| self.at(*at))
    }

    /// The binding of an interface, by its name.
    pub(crate) fn binding(&self, id: InterfaceId) -> Option<&Binding> {
        self.get(id)?.binding.as_ref()
    }

    /// The domain of a VRF.
    pub(crate) fn vrf_domain(&mut self, vrf: &VpnInstance) -> u64 {
        if let Some(n) = self.vrfs.get(vrf) {
            return *n;
        }
        let n = self.vrfs.len() as u64;
        self.vrfs.insert(vrf.clone(), n);
        n
    }
}
