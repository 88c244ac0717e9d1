//! Why a neighbour is as it is: both claims, the decision and its reason, the hardware, and what happened of late.
//!
//! Invariant: looking changes nothing, and costs a bounded time: a look-up for each interface, and the ring of events.

use crate::neighbor::Key;
use crate::node::Node;
use crate::node::show::neighbor;
use crate::node::view::{Decision, Origin, WhyEvent, WhyView};
use crate::table::desired::Winner;
use crate::table::desired::{Verdict, because, desired, winning};
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
                let decision = match desired(&view, &key) {
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
                    events: self.events_of(key),
                })
            })
            .collect()
    }

    fn events_of(&self, key: Key) -> Vec<WhyEvent> {
        let ago = |at| u64::try_from(self.now.since(at).as_millis()).unwrap_or(u64::MAX);
        self.table.trail().of(key).map(|(at, what)| WhyEvent { ago_ms: ago(at), what }).collect()
    }
}
