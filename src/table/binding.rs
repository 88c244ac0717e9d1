//! Interfaces that come and go, are bound otherwise, or are named otherwise by the peer: what follows for their rows.
//!
//! Invariant: whatever an interface's facts decide about a row is decided again when they change.

use crate::addr::{InterfaceId, VpnInstance};
use crate::limits::{MAX_LOCAL_RIVALS, MAX_RIVALS};
use crate::table::Table;
use crate::table::evidence::Binding;
use crate::table::interfaces::alone;

impl Table {
    /// Binds an interface, or binds it anew with other facts. Answers the interface's number.
    pub(crate) fn bind(&mut self, binding: Binding) -> u32 {
        let at = self.interfaces.intern(binding.interface);
        let before = &self.interfaces.at(at).binding;
        if before.as_ref() == Some(&binding) {
            return at;
        }
        // A peer that goes on where it stands learns of another VRF by the entries that come again.
        let is_new = before.as_ref().is_none_or(|before| before.vrf != binding.vrf);
        self.bindings += 1;
        let domain = self.interfaces.vrf_domain(&binding.vrf);
        self.interfaces.at_mut(at).binding = Some(binding);
        self.set_domain(at, domain);
        self.interfaces.at_mut(at).is_news |= is_new;
        self.look_again(at);
        at
    }

    /// Takes an interface's binding away.
    pub(crate) fn unbind(&mut self, id: InterfaceId) {
        let Some(at) = self.interfaces.find(id) else {
            return;
        };
        if self.interfaces.at_mut(at).binding.take().is_none() {
            return;
        }
        self.bindings += 1;
        self.set_domain(at, alone(at));
        self.look_again(at);
        self.interfaces.release(at);
    }

    /// The peer says in which VRF an interface lies there. Answers whether the two devices disagree now and did not
    /// before. A peer may say so as often as it likes: what follows for the rows waits for [`Table::walk`].
    pub(crate) fn name_remote(&mut self, id: InterfaceId, vrf: Option<VpnInstance>) -> bool {
        if !self.interfaces.admits(id) {
            return false;
        }
        let at = self.interfaces.intern(id);
        let interface = self.interfaces.at_mut(at);
        let differed = interface.vrf_differs();
        interface.theirs = vrf;
        let differs = interface.vrf_differs();
        if differs != differed {
            self.look_again(at);
        }
        self.interfaces.release(at);
        differs && !differed
    }

    /// The peer's VRF and ours of an interface, where they differ.
    pub(crate) fn vrf_conflict(&self, id: InterfaceId) -> Option<(VpnInstance, VpnInstance)> {
        let interface = self.interfaces.get(id).filter(|interface| interface.vrf_differs())?;
        Some((interface.theirs.clone()?, interface.binding.as_ref()?.vrf.clone()))
    }

    /// Moves an interface's rows to another domain.
    pub(super) fn set_domain(&mut self, interface: u32, domain: u64) {
        if self.interfaces.at(interface).domain == domain {
            return;
        }
        self.for_members(interface, |table, at| {
            if table.is_shared(at) {
                table.touch(at);
            }
            table.unindex(at);
        });
        self.interfaces.at_mut(interface).domain = domain;
        self.for_members(interface, |table, at| {
            let tag = table.tag(at);
            table.index.insert(tag, at);
            let rivals = table.share(at);
            if rivals > MAX_RIVALS {
                table.turn_away(at);
            }
            if rivals > MAX_LOCAL_RIVALS {
                table.turn_local_away(at);
            }
        });
    }
}
