//! The FDB entries of claimed MACs, and what the hardware says of them.
//!
//! | mode | and what is done |
//! |---|---|
//! | managed | entries are static and may be moved by the hardware; what it heard on a live port of this device it keeps, as a dynamic entry; what it lost is added again |
//! | external | nothing is written; a neighbour that was refused because its MAC is not known waits for that MAC |
//!
//! Invariant: what [`desired_fdb`] says is all that is wanted; an entry that the hardware keeps is never written, but once
//! to hand it over.

use super::Node;
use super::io::{FdbChange, FdbMode, FdbNews, Footing};
use crate::addr::Mac;
use crate::limits::FDB_NEWS;
use crate::mirror::batch::FdbHost;
use crate::mirror::slot::{Held, Place, RifId, Slot};
use crate::sai::id::Domain;
use crate::sai::status::{Kind, Status};
use crate::table::desired::{View, lies};
use crate::table::fdb::{FdbVerdict, FdbView, desired_fdb};
use crate::table::macs::{MacId, Says};
use crate::table::row::RowId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What is kept beside the entries.
#[derive(Debug, Default)]
pub(super) struct Fdb {
    /// The place in the FDB of each interface's hosts, by the table's number for the interface.
    pub(super) domain_of: Vec<Option<RifId>>,
    /// The numbers of these places.
    pub(super) domains: BTreeMap<Domain, RifId>,
    /// Neighbours that wait for their MAC …
    waiting: BTreeSet<(Mac, RowId)>,
    /// … and by row.
    waits_for: BTreeMap<RowId, Mac>,
    /// Many entries were lost at once: which, and how far that was looked into.
    flushes: VecDeque<(FdbNews, MacId)>,
    turned: Vec<RowId>,
    vacated: Vec<RowId>,
    noted: Vec<RowId>,
}

impl Fdb {
    /// True while it is not known of all entries whether they were lost.
    pub(super) fn has_work(&self) -> bool {
        !self.flushes.is_empty()
    }
}

impl Node {
    /// What a row says of where its MAC lies. `stands` while the ASIC holds its neighbour.
    pub(super) fn hang(&mut self, row: RowId, lies: Option<(Mac, Says)>, stands: bool) {
        if self.settings.fdb != FdbMode::Managed {
            return;
        }
        let domain = self.fdb_state.domain_of.get(self.table.interface(row) as usize).copied().flatten();
        let kept = self.macs.of(row).filter(|_| stands).map(|at| {
            let (domain, mac) = self.macs.mac(at);
            (domain, mac, Says::Leaves)
        });
        let says = domain.zip(lies).map(|(domain, (mac, says))| (domain, mac, says)).or(kept);
        if !stands || self.mirror.slot(row).is_some_and(Slot::is_programmed) {
            for at in self.macs.step_off(row) {
                self.evaluate_mac(at, false);
            }
        }
        let (left, now) = self.macs.set(row, says);
        while let Some(domain) = self.macs.take_born() {
            self.fdb.hold_place(domain, true);
        }
        if let Some(at) = now {
            self.evaluate_mac(at, stands);
        } else if stands && let Some(at) = self.macs.of(row) {
            self.fdb.hurry(self.now, at);
        }
        if let Some(at) = left {
            if stands && self.may_be_on(row, at) {
                // Until the ASIC's neighbour has another MAC for certain.
                self.macs.stand(row, at);
                self.mirror.watch_row(row);
            }
            self.evaluate_mac(at, false);
        }
    }

    /// What a row is to say of its MAC.
    pub(super) fn says(view: &View<'_>) -> Option<(Mac, Says)> {
        lies(view).map(|(mac, whose, attachment)| (mac, Says::Claims(whose, attachment)))
    }

    /// The one place where it is decided where the FDB should have a MAC. `urgent` when something stands on it.
    pub(super) fn evaluate_mac(&mut self, at: MacId, urgent: bool) {
        let (domain, _) = self.macs.mac(at);
        let claim = self.macs.claim(at);
        let was_settled = self.is_mac_settled(at);
        let view = FdbView { claim, learned: self.macs.learned(at), ports: &self.table.ports };
        let stood_on = claim.is_none() && self.macs.is_stood_on(at);
        let news = match desired_fdb(&view) {
            FdbVerdict::Ours(port) => {
                self.fdb.watch_row(at);
                let host = FdbHost { port, dynamic: false };
                self.fdb.want(self.now, at, Some((domain, host)), urgent)
            }
            FdbVerdict::Hardware(port) => self.hand_over(at, port),
            // Its neighbours are removed before it.
            FdbVerdict::Nothing if stood_on => false,
            FdbVerdict::Nothing => {
                self.let_go_of_mac(at);
                self.fdb.want(self.now, at, None, false)
            }
        };
        if news && let Some((_, attachment)) = claim {
            self.repointing.count(attachment);
        }
        if news || was_settled != self.is_mac_settled(at) {
            self.tell_rows(at, false);
        }
        self.release_mac(at);
    }

    /// The hardware keeps the entry: one of ours is made dynamic, on the port where it was heard, and let go.
    fn hand_over(&mut self, at: MacId, port: Option<crate::sai::Oid<crate::sai::id::BridgePort>>) -> bool {
        if self.fdb.is_unread(at) {
            // Ours from before a restart: what it is handed over from will be known when it was read.
            return false;
        }
        let Some(slot) = self.fdb.slot(at).filter(|slot| slot.is_present()) else {
            self.fdb.release(at);
            return false;
        };
        let ours = match slot.held {
            Held::Host(host) | Held::Found(host) | Held::Written(host) => Some(host),
            Held::Nothing | Held::Unknown | Held::Erased => slot.want,
        };
        let (Some(ours), false) = (ours, slot.foreign) else {
            self.fdb.release(at);
            return false;
        };
        let host = FdbHost { port: port.unwrap_or(ours.port), dynamic: true };
        let place = slot.held_rif;
        let is_done = slot.held == Held::Host(host) && slot.is_programmed();
        if is_done {
            self.fdb.release(at);
            return false;
        }
        self.fdb.watch_row(at);
        self.fdb.want(self.now, at, Some((place, host)), true)
    }

    /// What happened in the FDB.
    pub(super) fn fdb_news(&mut self, news: &[FdbNews]) {
        for news in news {
            match (news.change, news.domain, news.mac) {
                (FdbChange::Learned | FdbChange::Moved, Some(domain), Some(mac)) => {
                    self.mac_heard(domain, mac, *news);
                }
                (FdbChange::Aged | FdbChange::Flushed, Some(domain), Some(mac)) => {
                    let place = self.fdb_state.domains.get(&domain).copied();
                    let at = place.and_then(|place| self.macs.find(place, mac));
                    if let Some(at) = at {
                        self.mac_lost(at, news);
                    }
                }
                (FdbChange::Aged | FdbChange::Flushed, _, _) => {
                    // Looking through all of them once more costs less than keeping more of these.
                    if self.fdb_state.flushes.len() >= FDB_NEWS {
                        self.fdb_state.flushes.clear();
                        let all = FdbNews { domain: None, mac: None, port: None, ..*news };
                        self.fdb_state.flushes.push_back((all, 0));
                    } else {
                        self.fdb_state.flushes.push_back((*news, 0));
                    }
                }
                (FdbChange::Learned | FdbChange::Moved, _, _) => {}
            }
        }
    }

    /// The ASIC was away: what it had heard by itself it may have forgotten.
    pub(super) fn forget_heard(&mut self) {
        for at in 0..self.macs.len() {
            if self.macs.is_live(at) && self.macs.learned(at).is_some() {
                self.macs.set_learned(at, None);
                self.evaluate_mac(at, false);
            }
        }
    }

    fn mac_heard(&mut self, domain: Domain, mac: Mac, news: FdbNews) {
        let place = self.fdb_state.domains.get(&domain).copied();
        if let Some(at) = place.and_then(|place| self.macs.find(place, mac)) {
            self.macs.set_learned(at, news.port);
            if let Some(port) = news.port {
                // An entry that is being written may be so before or after it moved.
                let moved = self.fdb.slot(at).and_then(|slot| match slot.held {
                    Held::Host(host) if host.port != port => Some(FdbHost { port, ..host }),
                    _ if slot.place == Place::InFlight => Some(FdbHost { port, dynamic: false }),
                    _ => None,
                });
                if let Some(moved) = moved {
                    self.fdb.changed(self.now, at, moved);
                }
            }
            self.evaluate_mac(at, true);
        }
        self.mac_is_there(domain, mac);
    }

    fn mac_lost(&mut self, at: MacId, news: &FdbNews) {
        let learned = self.macs.learned(at);
        if news.port.is_none() || learned == news.port {
            self.macs.set_learned(at, None);
        }
        let elsewhere = |host: &FdbHost| news.port.is_some_and(|port| port != host.port);
        let held = self.fdb.slot(at).map(|slot| slot.held);
        if !matches!(held, Some(Held::Host(host)) if elsewhere(&host)) {
            self.fdb.lost(self.now, at);
        }
        self.evaluate_mac(at, true);
    }

    /// Looks on for entries that were lost with others.
    pub(super) fn flush_some(&mut self) {
        while self.budget > 0
            && let Some((news, at)) = self.fdb_state.flushes.front().copied()
        {
            if at >= self.macs.len() {
                self.fdb_state.flushes.pop_front();
                continue;
            }
            self.budget -= 1;
            if let Some((_, next)) = self.fdb_state.flushes.front_mut() {
                *next += 1;
            }
            if !self.macs.is_live(at) {
                continue;
            }
            let (place, mac) = self.macs.mac(at);
            let in_domain = news.domain.is_none_or(|domain| self.fdb.place_at(place) == domain);
            if in_domain && news.mac.is_none_or(|other| other == mac) {
                self.mac_lost(at, &news);
            }
        }
    }

    /// What was read back and is the hardware's: a live port of this device on which it hears a MAC counts as if it had said
    /// so; what nobody claims and it has come to keep is not ours any more.
    fn settle_found(&mut self) {
        for (at, host) in self.fdb.take_heard() {
            if self.macs.is_live(at) && self.table.ports.is_live(host.port) {
                self.macs.set_learned(at, Some(host.port));
                self.evaluate_mac(at, false);
            }
        }
        for at in self.fdb.take_read() {
            if !self.macs.is_live(at) {
                continue;
            }
            let held = self.fdb.slot(at).map(|slot| (slot.held, slot.want));
            if let Some((Held::Host(FdbHost { dynamic: true, .. }), None)) = held
                && self.macs.is_vacant(at)
            {
                self.fdb.release(at);
            }
            self.evaluate_mac(at, false);
        }
    }

    /// What the answers of the ASIC changed.
    pub(super) fn settle_fdb(&mut self) {
        self.settle_found();
        let mut rows = std::mem::take(&mut self.fdb_state.turned);
        self.fdb.take_turned(&mut rows);
        for at in rows.drain(..) {
            let slot = self.fdb.slot(at).filter(|slot| slot.is_programmed());
            if slot.is_some_and(|slot| slot.want.is_some_and(|host| host.dynamic)) {
                // The hand-over is done, if it is still what is wanted.
                self.evaluate_mac(at, false);
            } else if slot.is_some() {
                let (place, mac) = self.macs.mac(at);
                self.mac_is_there(self.fdb.place_at(place), mac);
            }
            self.tell_rows(at, false);
        }
        self.fdb_state.turned = rows;
        let mut rows = std::mem::take(&mut self.fdb_state.vacated);
        self.fdb.take_vacated(&mut rows);
        for at in rows.drain(..) {
            self.release_mac(at);
        }
        self.fdb_state.vacated = rows;
        let mut rows = std::mem::take(&mut self.fdb_state.noted);
        self.fdb.take_noted(&mut rows);
        for at in rows.drain(..) {
            self.tell_rows(at, true);
        }
        self.fdb_state.noted = rows;
        self.fdb.take_failures();
    }

    /// A MAC is in the FDB: neighbours that were refused for want of it are tried again at once. As many as an input may
    /// cost; the others' own time comes.
    fn mac_is_there(&mut self, domain: Domain, mac: Mac) {
        let rows: Vec<RowId> = self
            .fdb_state
            .waiting
            .range((mac, 0)..=(mac, RowId::MAX))
            .map(|(_, row)| *row)
            .filter(|row| self.table.footing(*row) == Some(Footing::Bridged(domain)))
            .take(self.budget)
            .collect();
        self.budget -= rows.len();
        for row in rows {
            self.mirror.retry(self.now, row);
        }
    }

    /// Notes whether a row waits for its MAC.
    pub(super) fn note_waiting(&mut self, row: RowId) {
        let waits = self.mirror.slot(row).and_then(|slot| {
            let waits = matches!(slot.place, Place::Waiting(_)) && lacks_mac(slot.status);
            slot.want.filter(|_| waits).map(|host| host.mac)
        });
        let before = match waits {
            Some(mac) => self.fdb_state.waits_for.insert(row, mac),
            None if self.fdb_state.waits_for.is_empty() => None,
            None => self.fdb_state.waits_for.remove(&row),
        };
        if before != waits {
            if let Some(mac) = before {
                self.fdb_state.waiting.remove(&(mac, row));
            }
            if let Some(mac) = waits {
                self.fdb_state.waiting.insert((mac, row));
            }
        }
    }

    fn release_mac(&mut self, at: MacId) {
        if self.macs.is_live(at) && self.macs.is_vacant(at) && self.fdb.is_vacant(at) {
            let (domain, _) = self.macs.mac(at);
            self.tell_disowned();
            self.macs.release(at);
            self.fdb.hold_place(domain, false);
        }
    }
}

/// The library says that the MAC is not in the FDB.
fn lacks_mac(status: Status) -> bool {
    status.kind() == Kind::AddrNotFound
}
