//! Interfaces that come and go, are bound otherwise, or are named otherwise by the peer: what follows for their rows.
//!
//! Invariant: whatever an interface's facts decide about a row is decided again when they change.

use crate::addr::{InterfaceId, VpnInstance};
use crate::limits::{MAX_LOCAL_RIVALS, MAX_RIVALS};
use crate::table::Table;
use crate::table::evidence::Binding;
use crate::table::interfaces::alone;
use crate::table::list::{List, NIL};
use crate::table::row::{ByInterface, RowId};

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
        self.for_members(at, |table, row| {
            if is_new {
                table.announce(row);
            }
            table.touch(row);
        });
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
        // The rivals on other interfaces must hear of it while they can still be found.
        self.for_members(at, |table, row| {
            table.touch(row);
            table.withdraw(row);
        });
        self.set_domain(at, alone(at));
        self.interfaces.release(at);
    }

    /// The peer says in which VRF an interface lies there. Answers whether the two devices disagree now and did not
    /// before. A peer may say so as often as it likes: what follows for the rows waits for [`Table::spread`].
    pub(crate) fn name_remote(&mut self, id: InterfaceId, vrf: Option<VpnInstance>) -> bool {
        if !self.interfaces.admits(id) {
            return false;
        }
        let at = self.interfaces.intern(id);
        let interface = self.interfaces.at_mut(at);
        let differed = interface.vrf_differs();
        interface.theirs = vrf;
        let differs = interface.vrf_differs();
        if differs != differed
            && !interface.members.is_empty()
            && !std::mem::replace(&mut interface.renamed, true)
        {
            self.renamed.push(at);
        }
        self.interfaces.release(at);
        differs && !differed
    }

    /// Marks the rows of the interfaces that the peer named otherwise.
    pub(crate) fn spread(&mut self) {
        for at in std::mem::take(&mut self.renamed) {
            if self.interfaces.take_renamed(at) {
                self.for_members(at, Table::touch);
            }
        }
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

    pub(super) fn for_members(&mut self, interface: u32, mut each: impl FnMut(&mut Table, RowId)) {
        let mut at = self.interfaces.at(interface).members.head();
        while at != NIL {
            each(self, at);
            at = List::<ByInterface>::next(&self.rows, at);
        }
    }
}
