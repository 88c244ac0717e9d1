//! What a NOS tells, and what its journal says.
//!
//! What the journal names on an interface is taken over when the NOS binds that; the rest when it has told everything.
//!
//! Invariant: nothing is taken from the NOS before the SAI thread has said whether the journal speaks of this boot.

use super::Core;
use crate::addr::InterfaceId;
use crate::limits;
use crate::node::io::{Adopted, Binding, Input, Ours};
use crate::run::asic::Order;
use crate::run::ctl::protocol::InterfaceView;
use crossbeam_channel::{Receiver, TryRecvError};
use std::collections::BTreeMap;

impl Core {
    /// What a NOS tells. It binds interfaces as it goes, so they are shown as they come.
    pub(super) fn feed(&mut self, input: Input) {
        match input {
            Input::Bind(binding) => {
                let shown = &mut self.known.config.interfaces;
                if shown.iter().all(|shown| shown.name != binding.interface) {
                    shown.push(InterfaceView::of(&binding));
                }
                let Binding { interface, rif, .. } = binding;
                self.bind(binding);
                if let Some(unbound) = &mut self.unbound {
                    let entries = unbound.remove(&interface).unwrap_or_default();
                    self.leaving.remove(&interface);
                    self.held_orders.push_back(Order::Bound { interface, rif, gone: false });
                    self.take_over(&entries);
                }
            }
            Input::Unbind(interface) => {
                self.known.config.interfaces.retain(|shown| shown.name != interface);
                self.known.rifs.set(interface, None);
                if let Some(binding) = self.bindings.remove(&interface)
                    && self.unbound.is_some()
                {
                    self.leaving.insert(interface, binding.rif);
                }
                self.tell(Input::Unbind(interface));
            }
            Input::LocalComplete => {
                // Interfaces that are not bound by now are gone.
                let left = self.unbound.as_mut().map(std::mem::take).unwrap_or_default();
                left.values().for_each(|entries| self.take_over(entries));
                self.tell(Input::LocalComplete);
            }
            input => self.tell(input),
        }
    }

    /// What the journal of a NOS's instance says, once the SAI thread has tied it to the ASIC.
    pub(super) fn take_warm(&mut self) {
        let adopted = match self.links.warm.as_ref().map(Receiver::try_recv) {
            None | Some(Err(TryRecvError::Empty)) => return,
            Some(Ok(adopted)) => adopted,
            // The SAI thread is gone: it has been told why.
            Some(Err(TryRecvError::Disconnected)) => Ours::default(),
        };
        self.links.warm = None;
        let mut unbound: BTreeMap<InterfaceId, Vec<Adopted>> = BTreeMap::new();
        self.take_over_rest(&adopted);
        for entry in adopted.neighbors {
            unbound.entry(entry.interface).or_default().push(entry);
        }
        self.unbound = Some(unbound);
    }

    /// FDB entries and host routes: these are known by what they are on, whichever interface that is bound to.
    pub(super) fn take_over_rest(&mut self, ours: &Ours) {
        for entries in ours.fdb.chunks(limits::ADOPT_AT_ONCE) {
            self.tell(Input::AdoptFdb(entries.to_vec()));
        }
        for entries in ours.routes.chunks(limits::ADOPT_AT_ONCE) {
            self.tell(Input::AdoptRoutes(entries.to_vec()));
        }
    }

    pub(super) fn take_over(&mut self, entries: &[Adopted]) {
        for entries in entries.chunks(limits::ADOPT_AT_ONCE) {
            self.tell(Input::Adopt(entries.to_vec()));
        }
    }
}
