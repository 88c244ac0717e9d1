//! One bound: what counts towards it, who waits at it, and what is told of it.
//!
//! Invariant: a host that is in counts at three bounds, its interface's, its VRF's and the table's; one that waits, waits
//! at one.

use super::limits::{Footprint, Priority, Scope};
use super::seats::Level;
use crate::limits::{REJECTS_PERIOD, THRESHOLD_FALL, THRESHOLDS};
use crate::neighbor::Key;
use crate::table::row::RowId;
use crate::time::Time;
use std::collections::BTreeSet;

/// Who is next: by priority, then by age.
pub(super) type Turn = (Priority, u64, RowId);

/// Lists of hosts that can make way: by priority, three times: those that the ASIC has taken, those that it has refused, and
/// those that take no slot of it.
pub(super) const LISTS: usize = 3 * Priority::ALL.len();

/// One bound.
#[derive(Debug)]
pub(super) struct Limit {
    pub(super) scope: Scope,
    /// How many there may be; `None`: as many as like.
    pub(super) of: Option<u64>,
    /// What an IPv6 host counts.
    pub(super) v6_weight: u64,
    /// Hosts that are in, by priority and by what they take.
    hosts: [[u64; Footprint::ALL.len()]; Priority::ALL.len()],
    /// What entries from before a restart take that nobody has claimed.
    kept: [u64; Footprint::ALL.len()],
    pub(super) waiting: BTreeSet<Turn>,
    /// The groups of which a list is not empty.
    pub(super) occupied: [BTreeSet<u32>; LISTS],
    /// Groups that count here.
    pub(super) groups: usize,
    /// So many thresholds have been passed.
    level: usize,
    pub(super) rejects: Rejects,
}

impl Limit {
    pub(super) fn new(scope: Scope, of: Option<u64>, v6_weight: u64) -> Limit {
        Limit {
            scope,
            of,
            v6_weight,
            hosts: Default::default(),
            kept: Default::default(),
            waiting: BTreeSet::new(),
            occupied: Default::default(),
            groups: 0,
            level: 0,
            rejects: Rejects::default(),
        }
    }

    pub(super) fn level(&self) -> Level {
        match self.scope {
            Scope::Interface(_) => Level::Interface,
            Scope::Vrf(_) => Level::Vrf,
            Scope::Table | Scope::Fdb => Level::Table,
        }
    }

    /// What counts, of hosts that come no later than this.
    pub(super) fn used_by(&self, last: Priority) -> u64 {
        let hosts = &self.hosts[..=last as usize];
        hosts.iter().chain([&self.kept]).map(|some| self.weigh(some)).sum()
    }

    fn weigh(&self, hosts: &[u64; Footprint::ALL.len()]) -> u64 {
        Footprint::ALL.into_iter().zip(hosts).map(|(footprint, n)| n * self.cost(footprint)).sum()
    }

    /// What counts.
    pub(super) fn used(&self) -> u64 {
        self.used_by(Priority::Orphan)
    }

    /// Hosts of this priority.
    pub(super) fn hosts(&self, priority: Priority) -> u64 {
        self.hosts[priority as usize].iter().sum()
    }

    /// What one more would count.
    pub(super) fn cost(&self, footprint: Footprint) -> u64 {
        match footprint {
            Footprint::V4 => 1,
            Footprint::V6 => self.v6_weight,
            Footprint::LinkLocal => u64::from(self.scope != Scope::Table),
        }
    }

    /// True when one more has room.
    pub(super) fn fits(&self, footprint: Footprint) -> bool {
        let cost = self.cost(footprint);
        cost == 0 || self.of.is_none_or(|of| self.used() + cost <= of)
    }

    /// True when one more has room if all that come later make way.
    pub(super) fn would_fit(&self, priority: Priority, footprint: Footprint) -> bool {
        let cost = self.cost(footprint);
        cost == 0 || self.of.is_none_or(|of| self.used_by(priority) + cost <= of)
    }

    /// True when there are more than there may be.
    pub(super) fn is_over(&self) -> bool {
        self.of.is_some_and(|of| self.used() > of)
    }

    /// One more host, or one fewer. Answers whether a threshold was passed.
    #[inline]
    pub(super) fn count(&mut self, priority: Priority, footprint: Footprint, more: bool) -> bool {
        let hosts = &mut self.hosts[priority as usize][footprint as usize];
        *hosts = if more { *hosts + 1 } else { *hosts - 1 };
        self.of.is_some() && self.next_level().is_some()
    }

    /// One more entry from before a restart that nobody has claimed, or one fewer. Answers whether a threshold was passed.
    pub(super) fn keep(&mut self, footprint: Footprint, more: bool) -> bool {
        let kept = &mut self.kept[footprint as usize];
        *kept = if more { *kept + 1 } else { *kept - 1 };
        self.of.is_some() && self.next_level().is_some()
    }

    /// A threshold that was passed since the last call, if any, and whether upwards.
    pub(super) fn poll_threshold(&mut self) -> Option<(u8, bool)> {
        let Some(next) = self.next_level() else {
            if self.of.is_none() {
                self.level = 0;
            }
            return None;
        };
        let before = std::mem::replace(&mut self.level, next);
        Some((THRESHOLDS[before.min(next)], next > before))
    }

    /// The highest threshold that is passed, in percent.
    pub(super) fn passed(&self) -> Option<u8> {
        self.level.checked_sub(1).map(|last| THRESHOLDS[last])
    }

    fn next_level(&self) -> Option<usize> {
        let of = self.of.filter(|of| *of > 0)?;
        let used = u128::from(self.used()) * 100;
        let part = |percent: u8| u128::from(of) * u128::from(percent);
        if THRESHOLDS.get(self.level).is_some_and(|percent| used >= part(*percent)) {
            return Some(self.level + 1);
        }
        let below = self.level.checked_sub(1)?;
        (used < part(THRESHOLDS[below] - THRESHOLD_FALL)).then_some(below)
    }
}

/// Hosts that were turned away and of whom nobody has been told yet.
#[derive(Debug, Default)]
pub(super) struct Rejects {
    untold: u64,
    example: Option<Key>,
    /// Nobody is told before.
    next: Time,
}

impl Rejects {
    pub(super) fn note(&mut self, key: Key) {
        self.untold += 1;
        self.example = Some(key);
    }

    /// How many there were since the last time, and the last of them: the first at once, then once in a while.
    pub(super) fn poll(&mut self, now: Time) -> Option<(u64, Key)> {
        let key = self.example.filter(|_| self.next <= now)?;
        self.next = now + REJECTS_PERIOD;
        self.example = None;
        Some((std::mem::take(&mut self.untold), key))
    }

    pub(super) fn next_wake(&self) -> Option<Time> {
        self.example.map(|_| self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_11_thresholds_are_told_once_each_way_and_not_again_at_every_host() {
        let mut limit = Limit::new(Scope::Table, Some(1000), 2);
        let mut told = Vec::new();
        let mut wander = |limit: &mut Limit, to: u64| {
            while limit.used() != to {
                let more = limit.used() < to;
                let passed = limit.count(Priority::Orphan, Footprint::V6, more);
                let threshold = limit.poll_threshold();
                assert_eq!(passed, threshold.is_some());
                told.extend(threshold.map(|threshold| (threshold, limit.used())));
            }
        };
        // To and fro across each of them: told again only when it was well below in between.
        for to in [720, 680, 720, 900, 830, 860, 640, 720, 0] {
            wander(&mut limit, to);
        }
        let expected = [
            ((70, true), 700),
            ((85, true), 850),
            ((85, false), 798),
            ((70, false), 648),
            ((70, true), 700),
            ((70, false), 648),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn the_first_reject_is_told_at_once_and_the_others_together() {
        let interface = crate::addr::InterfaceId::Vlanif(crate::addr::VlanId::new(10).unwrap());
        let key = |n: u8| Key { interface, ip: std::net::Ipv4Addr::new(10, 0, 0, n).into() };
        let mut rejects = Rejects::default();
        assert_eq!((rejects.poll(Time(5)), rejects.next_wake()), (None, None));
        rejects.note(key(1));
        assert_eq!(rejects.poll(Time(5)), Some((1, key(1))));
        for n in 2..=9 {
            rejects.note(key(n));
            assert_eq!(rejects.poll(Time(6)), None);
        }
        let due = rejects.next_wake().expect("eight are to be told of");
        assert_eq!(due, Time(5) + REJECTS_PERIOD);
        assert_eq!(rejects.poll(due), Some((8, key(9))));
        assert_eq!(rejects.next_wake(), None);
    }
}
