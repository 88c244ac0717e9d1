//! Interfaces, and their bounds, that come and go.
//!
//! Invariant: a group is there while its interface is bound or a row of it is left, a bound while a group counts there.

use super::limit::Limit;
use super::limits::Scope;
use super::{Admission, TABLE, seats};
use crate::addr::{InterfaceId, VpnInstance};

impl Admission {
    /// An interface is bound, under this number of the table's.
    pub(in crate::node) fn bind(&mut self, number: u32, interface: InterfaceId, vrf: &VpnInstance) {
        let group = self.group(interface, vrf);
        if let Some(before) = self.bound.insert(interface, group).filter(|before| *before != group) {
            self.seats.groups[before as usize].is_bound = false;
            self.release_group(before);
        }
        self.seats.groups[group as usize].is_bound = true;
        if self.group_of.len() <= number as usize {
            self.group_of.resize(number as usize + 1, 0);
        }
        self.group_of[number as usize] = group;
    }

    /// It is not bound any more; its rows leave one by one.
    pub(in crate::node) fn unbind(&mut self, interface: InterfaceId) {
        if let Some(group) = self.bound.remove(&interface) {
            self.seats.groups[group as usize].is_bound = false;
            self.release_group(group);
        }
    }

    pub(super) fn group(&mut self, interface: InterfaceId, vrf: &VpnInstance) -> u32 {
        if let Some(group) = self.by_pair.get(&(interface, vrf.clone())) {
            return *group;
        }
        let limits = [self.limit(Scope::Interface(interface)), self.limit(Scope::Vrf(vrf.clone())), TABLE];
        for limit in limits {
            self.limits[limit as usize].groups += 1;
        }
        let at = self.free_groups.pop().unwrap_or(self.seats.groups.len() as u32);
        if self.seats.groups.len() <= at as usize {
            self.seats.groups.push(seats::Group::default());
        }
        self.seats.groups[at as usize].limits = limits;
        self.by_pair.insert((interface, vrf.clone()), at);
        at
    }

    pub(super) fn limit(&mut self, scope: Scope) -> u32 {
        if let Some(at) = self.by_scope.get(&scope) {
            return *at;
        }
        let limit = Limit::new(scope.clone(), self.settings.of(&scope), 1);
        let at = self.free_limits.pop().unwrap_or(self.limits.len() as u32);
        match self.limits.get_mut(at as usize) {
            Some(free) => *free = limit,
            None => self.limits.push(limit),
        }
        self.by_scope.insert(scope, at);
        at
    }

    /// Forgets a group that is not bound any more and has no row left, and the bounds that were its alone.
    pub(super) fn release_group(&mut self, at: u32) {
        let group = &self.seats.groups[at as usize];
        if group.is_bound || group.rows > 0 {
            return;
        }
        let limits = group.limits;
        let scopes = limits.map(|limit| self.limits[limit as usize].scope.clone());
        if let [Scope::Interface(interface), Scope::Vrf(vrf), _] = scopes
            && self.by_pair.remove(&(interface, vrf)).is_some()
        {
            self.free_groups.push(at);
            for limit in limits {
                self.limits[limit as usize].groups -= 1;
                self.release_limit(limit);
            }
        }
    }

    pub(super) fn release_limit(&mut self, at: u32) {
        let limit = &self.limits[at as usize];
        if at == TABLE || limit.groups > 0 {
            return;
        }
        if let Some(due) = limit.rejects.next_wake() {
            self.rejecting.remove(&(due, at));
        }
        self.by_scope.remove(&limit.scope);
        self.stale.remove(&(limit.level(), at));
        self.starved.remove(&at);
        self.crossed.remove(&at);
        self.free_limits.push(at);
    }
}
