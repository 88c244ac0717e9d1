//! The table as the peer mirror reads it: this device's claims, in the order of their last change.

use super::Table;
use super::change::{Buckets, Change, ChangeSource, Digest, Position};
use super::row::Facts;
use crate::addr::{InterfaceId, VpnInstance};
use crate::neighbor::Key;

impl ChangeSource for Table {
    fn complete(&self) -> bool {
        self.complete
    }

    fn rewind(&mut self) {
        let mut left = Vec::new();
        self.order.rewind(&mut self.rows, &mut left);
        self.told.begin(self.order.tail());
        self.touch_all(left);
    }

    fn resume(&mut self, position: Position) -> bool {
        // What was told behind it may have arrived or not, until it is told again.
        self.told.broken();
        self.order.resume(&self.rows, position.0)
    }

    fn tail(&self) -> Position {
        Position(self.order.tail())
    }

    fn cursor(&self) -> Position {
        Position(self.order.cursor())
    }

    fn take(&mut self, max: usize, out: &mut Vec<Change>) -> Position {
        for _ in 0..max {
            let Some(at) = self.order.step(&self.rows) else {
                break;
            };
            let row = &mut self.rows[at as usize];
            let claim = row.local.filter(|_| !row.facts.has(Facts::TOMBSTONE));
            let key = Key { interface: self.interfaces.at(row.interface).id, ip: row.ip };
            self.told.tell(row, &key, claim.as_ref());
            out.push(Change { key, claim });
        }
        self.cursor()
    }

    fn take_early(&mut self, beyond: Position, max: usize, out: &mut Vec<Change>) {
        for _ in 0..max {
            let Some(at) = self.order.step_early(&mut self.rows, beyond.0) else {
                break;
            };
            let key = self.key(at);
            let row = &mut self.rows[at as usize];
            let claim = row.local.filter(|_| !row.facts.has(Facts::TOMBSTONE));
            self.told.tell_early(row, &key, claim.as_ref());
            self.order.told_early(&mut self.rows, at);
            out.push(Change { key, claim });
        }
    }

    fn vrf(&self, interface: InterfaceId) -> Option<&VpnInstance> {
        self.interfaces.binding(interface).map(|binding| &binding.vrf)
    }

    fn bindings(&self) -> u64 {
        self.bindings
    }

    fn digest(&self) -> Option<Digest> {
        // The receiver holds what a deletion that was never told was about; the sync that is due puts it right.
        self.told.digest(self.order.cursor()).filter(|_| !self.order.is_resync_due())
    }

    fn buckets(&self) -> Vec<Digest> {
        self.told_buckets()
    }

    fn scope(&mut self, buckets: &Buckets) -> Position {
        self.tell_again(buckets)
    }

    fn take_resync_due(&mut self) -> bool {
        self.order.take_resync_due()
    }
}
