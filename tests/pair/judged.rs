//! What the pair world does to ports, and what it never lets a node ask of its ASIC.
//!
//! Invariant: as in the world: one seed decides everything.

use crate::net::Side;
use crate::ways::{ROUTED, Ways};
use crate::world::{World, base, vlanif};
use mlagsync::addr::{InterfaceId, Mac};
use mlagsync::mirror::batch::OpKind;
use mlagsync::node::io::{FdbMode, Input, LinkState};
use mlagsync::node::view::HostFilter;
use mlagsync::node::{Ownership, Tuning};
use std::collections::BTreeSet;
use std::time::Duration;

impl World {
    /// The same, with members, a peer-link, an FDB and a routed interface.
    pub(crate) fn with_ways(seed: u64, ownership: Ownership, tunings: [Tuning; 2], mode: FdbMode) -> Self {
        let mut world = World::tuned(seed, ownership, tunings);
        for side in 0..2 {
            world.switches[side].ways = Some(Ways::new(seed * 2 + side as u64, mode));
            let keep_asic = false;
            world.crash(side, keep_asic, true, Duration::ZERO);
        }
        world
    }

    /// A member of M-LAG `n` (0 or 1) is so from now on, and both switches hear of it.
    pub(crate) fn set_member(&mut self, side: Side, n: usize, state: LinkState) {
        if let Some(ways) = &mut self.switches[side].ways {
            ways.members[n] = state;
            // Whoever has this member knows first.
            self.tell_member(side, n);
            self.tell_member(1 - side, n);
        }
    }

    /// The peer-link is so from now on.
    pub(crate) fn set_peer_link(&mut self, state: LinkState) {
        for side in 0..2 {
            if let Some(ways) = &mut self.switches[side].ways {
                ways.link = state;
                let input = ways.peer_link();
                self.tell(side, input);
            }
        }
    }

    /// Something happens to the FDB of a switch.
    pub(crate) fn disturb_fdb(&mut self, side: Side, mac: Mac, interface: InterfaceId) {
        if let Some(ways) = &mut self.switches[side].ways {
            let news = ways.disturb(mac, interface);
            if !news.is_empty() {
                self.tell(side, Input::Fdb(news));
            }
        }
    }

    pub(crate) fn tell_member(&mut self, side: Side, n: usize) {
        let theirs = self.members(1 - side)[n];
        if let Some(ways) = &self.switches[side].ways {
            let input = ways.member(n, theirs);
            self.tell(side, input);
        }
    }

    pub(crate) fn members(&self, side: Side) -> [LinkState; 2] {
        self.switches[side].ways.as_ref().map_or([LinkState::Forwarding; 2], |ways| ways.members)
    }

    /// Looks at a batch before it is executed: what must never be asked.
    pub(crate) fn judge(&mut self, side: Side, batch: &mlagsync::mirror::batch::Batch) {
        let switch = &mut self.switches[side];
        let keys: BTreeSet<_> = batch.ops.iter().map(|op| (op.rif.raw(), op.ip)).collect();
        assert_eq!(keys.len(), batch.ops.len(), "an entry twice in one batch");
        assert!(!batch.ops.is_empty(), "an empty batch");
        // What waits to be decided about may be on its way as it was wanted before.
        if switch.node.next_wake().is_some_and(|at| at <= self.now) {
            return;
        }
        for op in &batch.ops {
            // One from before a restart is not there: nothing is done to it.
            let Some(interface) = switch.asic.interface_of(op.rif).map(base) else { continue };
            let filter = HostFilter { interface: Some(interface), ip: Some(op.ip), ..HostFilter::default() };
            let page = switch.node.hosts(None, 1, &filter);
            let wanted = page.rows.first().and_then(|row| row.mac);
            let bound = switch.bound.contains_key(&interface).then(|| switch.binding(interface).rif);
            let here = bound == Some(op.rif);
            match batch.kind {
                OpKind::Remove => {
                    assert!(wanted.is_none() || !here, "switch {side}: a wanted entry is removed: {op:?}");
                }
                // A neighbour that goes is as it should be as long as a route stands on it.
                OpKind::SetMac
                    if switch.ways.is_some() && interface == vlanif(ROUTED) && wanted.is_none() => {}
                OpKind::Create | OpKind::SetMac => {
                    assert_eq!(wanted, Some(op.host.mac), "switch {side}: {:?} of {op:?}", batch.kind);
                    assert!(here, "switch {side}: {op:?} on a router interface that is not bound");
                }
                OpKind::Read => {}
            }
        }
    }
}
