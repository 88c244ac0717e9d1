//! Work that costs as much as there are rows, cut into steps.
//!
//! A handler that would have to walk all rows of an interface, or all rows there are, leaves the walk here; the owner
//! does so much of it at a time as its budget allows, and comes back.
//!
//! Invariant: what a step does to a row follows from the row and its interface as they are then ("is it to be told to
//! the peer?"), so a walk that begins again, or meets a row twice, does no harm. A walk passes every row that was there
//! when it began.

use crate::neighbor::Flags;
use crate::table::Table;
use crate::table::list::{List, NIL};
use crate::table::row::{ByInterface, Facts, RowId};
use std::collections::VecDeque;

/// Walks under way.
#[derive(Debug, Default)]
pub(super) struct Walks {
    /// Interfaces whose rows are all to be looked at again; how many of them, the interface knows.
    interfaces: VecDeque<u32>,
    /// The next row of the walk that ends a dump.
    dump: Option<RowId>,
    /// The next row of the walk that a change of who wins ties began.
    ties: Option<RowId>,
}

impl Walks {
    fn are_done(&self) -> bool {
        self.interfaces.is_empty() && self.dump.is_none() && self.ties.is_none()
    }
}

impl Table {
    /// True while rows wait to be looked at, or to be evaluated.
    pub(crate) fn has_work(&self) -> bool {
        !self.walks.are_done() || !self.dirty.is_empty()
    }

    /// True while rows wait to be looked at.
    pub(crate) fn is_walking(&self) -> bool {
        !self.walks.are_done()
    }

    /// Walks on, over at most so many rows.
    pub(crate) fn walk(&mut self, budget: &mut usize) {
        while *budget > 0
            && let Some(interface) = self.walks.interfaces.front().copied()
        {
            self.walk_interface(interface, budget);
        }
        while *budget > 0
            && let Some(at) = self.walks.dump
        {
            *budget -= 1;
            self.walks.dump = Some(at + 1).filter(|next| *next < self.rows());
            self.end_dump_of(at);
        }
        while *budget > 0
            && let Some(at) = self.walks.ties
        {
            *budget -= 1;
            self.walks.ties = Some(at + 1).filter(|next| *next < self.rows());
            let row = &self.rows[at as usize];
            if row.local.is_some() && row.remote.is_some() {
                self.touch(at);
            }
        }
    }

    /// All rows of the interface are to be looked at again.
    pub(super) fn look_again(&mut self, interface: u32) {
        let held = self.interfaces.at_mut(interface);
        if std::mem::replace(&mut held.to_look_at, held.members.len()) == 0 && held.to_look_at > 0 {
            self.walks.interfaces.push_back(interface);
        }
        held.is_news &= held.to_look_at > 0;
    }

    /// What the dump that ended did not name is to be taken back.
    pub(super) fn look_for_unnamed(&mut self) {
        self.walks.dump = (self.rows() > 0).then_some(0);
    }

    /// A dump begins: what the one before did not name is the new one's to name.
    pub(super) fn leave_unnamed(&mut self) {
        self.walks.dump = None;
    }

    /// Rows that both devices claim are to be looked at again.
    pub(super) fn look_at_ties(&mut self) {
        self.walks.ties = (self.rows() > 0).then_some(0);
    }

    /// Passes the rows by putting each behind the others: new ones come behind those that are to be passed.
    fn walk_interface(&mut self, interface: u32, budget: &mut usize) {
        while let Some(held) = self.interfaces.held_mut(interface) {
            let at = held.members.head();
            if at == NIL || held.to_look_at == 0 {
                held.to_look_at = 0;
                held.is_news = false;
                break;
            }
            if *budget == 0 {
                return;
            }
            *budget -= 1;
            held.to_look_at -= 1;
            held.members.remove(&mut self.rows, at);
            held.members.push_back(&mut self.rows, at);
            let is_news = held.is_news;
            self.announce_or_withdraw(at, is_news);
            self.touch(at);
        }
        self.walks.interfaces.pop_front();
    }

    /// The device's own addresses are never aged: they are taken back one by one.
    fn end_dump_of(&mut self, at: RowId) {
        let row = &self.rows[at as usize];
        let unnamed = row.facts.has(Facts::LIVE) && row.local_mark != self.local_mark;
        if unnamed && row.local.is_some_and(|claim| !claim.flags.contains(Flags::INTERFACE)) {
            self.set_local(at, &self.key(at), None, false);
        }
    }

    /// Passes every row of the interface at once, where that must not be seen half done.
    pub(super) fn for_members(&mut self, interface: u32, mut each: impl FnMut(&mut Table, RowId)) {
        let mut at = self.interfaces.at(interface).members.head();
        while at != NIL {
            each(self, at);
            at = List::<ByInterface>::next(&self.rows, at);
        }
    }
}
