//! Why a neighbour is as it is: both claims, the decision and its reason, the hardware, and what happened of late.
//!
//! Invariant: looking changes nothing, and costs a bounded time: a look-up for each interface, and the ring of events.

use crate::mirror::entry::Value;
use crate::mirror::slot::{Held, Place, Slot};
use crate::neighbor::Key;
use crate::node::Node;
use crate::node::show::neighbor;
use crate::node::view::{Decision, FdbState, HostState, Origin, RouteState, WhyEvent, WhyView};
use crate::table::desired::Winner;
use crate::table::desired::{Hop, Verdict, because, desired_hop, winning};
use crate::table::fdb::{FdbView, desired_fdb};
use crate::table::row::RowId;
use std::net::IpAddr;

impl Node {
    /// Everything that is known of an address, interface by interface.
    pub fn why(&self, ip: IpAddr) -> Vec<WhyView> {
        let rows = self.table.rows_of(ip);
        rows.into_iter()
            .filter_map(|row| {
                let (key, view) = self.table.peek(row)?;
                let winner = winning(&view).map(|(winner, _)| winner);
                let own = if view.is_static { Origin::Static } else { Origin::Local };
                let ours = view.local.map(|claim| {
                    neighbor(&key, &view, own, claim, matches!(winner, Some(Winner::Local | Winner::Both)))
                });
                let theirs = view.remote.map(|claim| {
                    let wins = matches!(winner, Some(Winner::Remote | Winner::Both));
                    neighbor(&key, &view, Origin::Remote, claim, wins)
                });
                let decision = match self.verdict(row, &view, &key) {
                    Verdict::Nothing => Decision::Nothing,
                    Verdict::Refused(refusal) => Decision::Refused { refusal },
                    Verdict::Nos(host) => Decision::Nos { mac: host.mac },
                    Verdict::Ours(host) => Decision::Ours { mac: host.mac },
                };
                let rivals = if self.table.is_shared(row) { self.table.rivals(row) } else { Vec::new() };
                let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                Some(WhyView {
                    vrf: view.binding.map(|binding| binding.vrf.clone()),
                    interface: key.interface,
                    ip,
                    claims: ours.into_iter().chain(theirs).collect(),
                    because: because(&view),
                    decision,
                    elsewhere: rivals.into_iter().map(|rival| self.table.key(rival).interface).collect(),
                    frozen_ms: self.table.frozen_for(row).map(ms),
                    host: self.host(&key, &view, row),
                    fdb: self.fdb_state_of(row),
                    route: self.route_state_of(row, desired_hop(&view, &key)),
                    events: self.events_of(key),
                })
            })
            .collect()
    }

    fn fdb_state_of(&self, row: RowId) -> Option<FdbState> {
        let at = self.macs.of(row)?;
        let heard_on = self.macs.learned(at);
        let view = FdbView { claim: self.macs.claim(at), learned: heard_on, ports: &self.table.ports };
        let slot = self.fdb.slot(at).filter(|slot| !slot.foreign);
        let (held, state) = slot.map(how_far).unzip();
        Some(FdbState {
            decision: desired_fdb(&view),
            heard_on,
            held: held.flatten(),
            state: state.flatten(),
        })
    }

    fn route_state_of(&self, row: RowId, hop: Option<Hop>) -> Option<RouteState> {
        let slot = self.routes.slot(row).filter(|slot| !slot.is_vacant() && !slot.foreign);
        let (held, state) = slot.map(how_far).unzip();
        (hop.is_some() || slot.is_some()).then_some(RouteState {
            hop,
            held: held.flatten(),
            state: state.flatten(),
        })
    }

    fn events_of(&self, key: Key) -> Vec<WhyEvent> {
        let ago = |at| u64::try_from(self.now.since(at).as_millis()).unwrap_or(u64::MAX);
        self.table.trail().of(key).map(|(at, what)| WhyEvent { ago_ms: ago(at), what }).collect()
    }
}

/// What an entry is known to hold, and how far it is from what is wanted.
fn how_far<V: Value>(slot: &Slot<V>) -> (Option<V>, Option<HostState>) {
    let held = match slot.held {
        Held::Host(value) => Some(value),
        Held::Nothing | Held::Unknown | Held::Found(_) | Held::Written(_) | Held::Erased => None,
    };
    let state = match slot.place {
        _ if slot.is_programmed() => Some(HostState::Programmed),
        Place::Failed => Some(HostState::Failed { status: slot.status }),
        Place::Room | Place::Waiting(_) => Some(HostState::Parked { status: slot.status }),
        _ if !matches!(slot.held, Held::Host(_) | Held::Nothing) => Some(HostState::Unknown),
        _ if slot.want.is_none() => slot.is_present().then_some(HostState::Removing),
        _ => Some(HostState::Pending),
    };
    (held, state)
}
