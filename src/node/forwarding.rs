//! Members and the peer-link: what follows for the hosts behind them when one goes down or comes back.
//!
//! ```text
//!   a member goes down ─┬─ its port can be protected ──► one write, and nothing is pointed elsewhere
//!                       └─ it cannot ──► walk over the MACs ──► FDB entries to the peer-link
//!                                   └──► walk over the rows ──► host routes to the peer; no way at all: refused
//! ```
//!
//! Both walks take a piece of the budget of the input that began them, and go on with the next one; what they find is of
//! the most urgent class. A member that comes up changes nothing until it forwards. A peer-link that goes down changes
//! nothing until it has been down for as long as a lost peer is waited for.
//!
//! A port that does not leave its protection when its member forwards again is asked again, after longer and longer pauses:
//! its hosts are reached meanwhile, but by the peer-link.
//!
//! Invariant: a walk only has the two decisions taken again, so that one that begins anew does no harm.

use super::Node;
use super::io::{Event, Output};
use crate::addr::MlagId;
use crate::limits::{REPOINT_AT_ONCE, RETRY_WAITS};
use crate::neighbor::Attachment;
use crate::sai::id::{self, Oid};
use crate::table::macs::MacId;
use crate::table::ports::{LinkState, Member, PeerLink, Protection};
use crate::table::row::RowId;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be looked at again, and what is being measured.
#[derive(Debug, Default)]
pub(super) struct Repointing {
    /// Hosts behind these …
    changed: BTreeSet<MlagId>,
    /// … or all of them.
    everything: bool,
    next_mac: Option<MacId>,
    next_row: Option<RowId>,
    measured: BTreeMap<MlagId, Measure>,
    /// The walk is over, and these tables have not done with what it found.
    fdb_waits: bool,
    routes_wait: bool,
    /// Since when the peer-link has been down.
    link_down: Option<Time>,
    /// Ports that are to leave their protection and have not.
    leaving: BTreeMap<Oid<id::BridgePort>, Leaving>,
}

/// A port that is to leave its protection.
#[derive(Clone, Copy, Debug, Default)]
struct Leaving {
    /// When it is asked again; `None` while an answer is waited for.
    due: Option<Time>,
    /// How often it has not.
    tries: usize,
}

#[derive(Clone, Copy, Debug)]
struct Measure {
    since: Time,
    entries: u64,
    /// The answer to a request to protect, or to end it, is waited for.
    asked: bool,
    protected: bool,
}

impl Repointing {
    fn concerns(&self, attachment: Attachment) -> bool {
        self.everything || matches!(attachment, Attachment::Mlag(mlag) if self.changed.contains(&mlag))
    }

    /// An entry of a host that hangs so was pointed elsewhere.
    pub(super) fn count(&mut self, attachment: Attachment) {
        if let Attachment::Mlag(mlag) = attachment
            && let Some(measure) = self.measured.get_mut(&mlag)
        {
            measure.entries += 1;
        }
    }

    /// True while rows or MACs wait to be looked at.
    pub(super) fn is_walking(&self) -> bool {
        self.next_mac.is_some() || self.next_row.is_some()
    }
}

impl Node {
    /// An M-LAG's members are as told.
    pub(super) fn set_member(&mut self, member: Member) {
        let before = self.table.ports.set_member(member);
        if before == Some(member) {
            return;
        }
        let forwarded = before.is_some_and(|before| before.local.forwards());
        let forwards = member.local.forwards();
        if forwarded != forwards {
            let measure = Measure { since: self.now, entries: 0, asked: false, protected: false };
            self.repointing.measured.insert(member.mlag, measure);
            self.protect(&member, !forwards);
        }
        self.look_behind(Some(member.mlag));
    }

    /// There is no such M-LAG any more.
    pub(super) fn remove_member(&mut self, mlag: MlagId) {
        if self.table.ports.remove_member(mlag).is_some() {
            self.repointing.measured.remove(&mlag);
            self.look_behind(Some(mlag));
        }
    }

    /// The peer-link is as told.
    pub(super) fn set_peer_link(&mut self, link: PeerLink) {
        let down = link.state == LinkState::Down;
        let before = self.table.ports.set_peer_link(link);
        self.repointing.link_down = match self.repointing.link_down {
            since @ Some(_) if down => since,
            None if down => Some(self.now),
            _ => None,
        };
        if !down && self.table.ports.give_up(false) {
            self.say(Event::PeerLinkGivenUp { given_up: false });
            return self.look_behind(None);
        }
        let after = self.table.ports.peer_link();
        let way = |link: &PeerLink| (link.port, link.next_hops.clone());
        if before.as_ref().map(way) != after.map(way) {
            self.look_behind(None);
        }
    }

    /// A bridge port can be protected, is, or cannot be.
    pub(super) fn set_protection(&mut self, port: Oid<id::BridgePort>, state: Protection) {
        let (_, mut wanted) = self.table.ports.protection(port);
        let mlag = self.table.ports.mlag_of(port);
        let left = self.repointing.leaving.get(&port).copied();
        let mut stuck = false;
        if state != Protection::On {
            self.repointing.leaving.remove(&port);
        } else if let (false, Some(Leaving { due: None, tries })) = (wanted, left) {
            let due = Some(self.now + RETRY_WAITS[tries.min(RETRY_WAITS.len() - 1)]);
            self.repointing.leaving.insert(port, Leaving { due, tries: tries + 1 });
            stuck = true;
            if tries == 0 {
                self.say(Event::ProtectionStuck { mlag });
            }
        } else if !wanted && left.is_none() {
            // Left so by an earlier life, or by whoever else: kept while the member is down, and ended otherwise.
            let member = mlag.and_then(|mlag| self.table.ports.member(mlag).copied());
            match (member, self.table.ports.peer_port()) {
                (Some(member), _) if !member.local.forwards() => {
                    wanted = true;
                    self.look_behind(mlag);
                }
                (Some(_), Some(_)) => self.leave_protection(port),
                _ => {}
            }
        }
        let failed = state == Protection::Lacking && wanted;
        self.table.ports.set_protection(port, state, wanted && !failed);
        if let Some(measure) = mlag.and_then(|mlag| self.repointing.measured.get_mut(&mlag)) {
            measure.asked = false;
            measure.protected &= !failed && !stuck;
        }
        if failed {
            self.say(Event::ProtectionFailed { mlag });
            self.look_behind(mlag);
        }
        self.tell_repointed();
    }

    /// The ASIC is back, and may protect nothing any more: it is asked again, which changes nothing where it does.
    pub(super) fn protect_again(&mut self) {
        let Some(by) = self.table.ports.peer_port() else { return };
        let again = self.table.ports.protected().map(|port| Output::Protect { port, by, on: true });
        self.out.extend(again);
    }

    /// Flips the protection of a member's port, where it can be.
    fn protect(&mut self, member: &Member, on: bool) {
        let (Some(port), Some(by)) = (member.port, self.table.ports.peer_port()) else { return };
        let (state, wanted) = self.table.ports.protection(port);
        let can = match on {
            true => state != Protection::Lacking && member.peer != LinkState::Down,
            false => wanted || state == Protection::On,
        };
        if !can {
            return;
        }
        self.table.ports.set_protection(port, state, on);
        self.repointing.leaving.remove(&port);
        if let Some(measure) = self.repointing.measured.get_mut(&member.mlag) {
            (measure.asked, measure.protected) = (true, true);
        }
        if on { self.out.push_back(Output::Protect { port, by, on }) } else { self.leave_protection(port) }
    }

    /// Asks that what is sent to a port leave there again.
    fn leave_protection(&mut self, port: Oid<id::BridgePort>) {
        let Some(by) = self.table.ports.peer_port() else { return };
        self.repointing.leaving.entry(port).or_default().due = None;
        self.out.push_back(Output::Protect { port, by, on: false });
    }

    /// Time passed: ports that did not leave their protection are asked again.
    pub(super) fn watch_protection(&mut self) {
        let now = self.now;
        let due = |(_, leaving): &(&_, &Leaving)| leaving.due.is_some_and(|due| due <= now);
        let ports: Vec<_> = self.repointing.leaving.iter().filter(due).map(|(port, _)| *port).collect();
        for port in ports {
            self.leave_protection(port);
        }
    }

    /// When [`Node::watch_protection`] is due.
    pub(super) fn protection_due(&self) -> Option<Time> {
        self.table.ports.peer_port()?;
        self.repointing.leaving.values().filter_map(|leaving| leaving.due).min()
    }

    /// Looks again at the hosts behind an M-LAG, or at all of them.
    fn look_behind(&mut self, mlag: Option<MlagId>) {
        match mlag {
            Some(mlag) => {
                self.repointing.changed.insert(mlag);
            }
            None => self.repointing.everything = true,
        }
        self.repointing.next_mac = (self.macs.len() > 0).then_some(0);
        self.repointing.next_row = (self.table.rows() > 0).then_some(0);
        self.fdb.sync_begin(self.now);
        self.routes.sync_begin(self.now);
        (self.repointing.fdb_waits, self.repointing.routes_wait) = (true, true);
    }

    /// Time passed: a peer-link that is down for too long is given up.
    pub(super) fn watch_peer_link(&mut self) {
        if self.link_given_up_at().is_some_and(|at| at <= self.now) {
            self.repointing.link_down = None;
            if self.table.ports.give_up(true) {
                self.say(Event::PeerLinkGivenUp { given_up: true });
                self.look_behind(None);
            }
        }
    }

    /// When [`Node::watch_peer_link`] is due.
    pub(super) fn link_given_up_at(&self) -> Option<Time> {
        self.repointing.link_down.map(|since| since + self.life.stale())
    }

    /// Walks on over MACs, then over rows, a piece at a time: the ASIC gets what was found before there is more.
    pub(super) fn repoint_some(&mut self) {
        let mut left = self.budget.min(REPOINT_AT_ONCE);
        self.budget -= left;
        while left > 0
            && let Some(at) = self.repointing.next_mac
        {
            left -= 1;
            self.repointing.next_mac = Some(at + 1).filter(|next| *next < self.macs.len());
            if !self.macs.is_live(at) {
                continue;
            }
            let claim = self.macs.claim(at);
            // Where the hardware heard it may be a dead port now, or a live one, whatever M-LAG is claimed.
            let heard = self.macs.learned(at).is_some();
            if heard || claim.is_some_and(|(_, attachment)| self.repointing.concerns(attachment)) {
                // What is not there yet, and has nobody standing on it, is as new as it was.
                let stands = |node: &Node| node.macs.rows(at).any(|row| node.mirror.is_present(row));
                let urgent = self.fdb.is_present(at) || stands(self);
                self.evaluate_mac(at, urgent);
            }
        }
        while left > 0
            && let Some(at) = self.repointing.next_row
        {
            left -= 1;
            self.repointing.next_row = Some(at + 1).filter(|next| *next < self.table.rows());
            let (local, remote) = self.table.attachments(at);
            let concerned = |attachment: Option<Attachment>| {
                attachment.is_some_and(|attachment| self.repointing.concerns(attachment))
            };
            if concerned(local) || concerned(remote) {
                self.table.touch(at);
            }
        }
        self.budget += left;
        if !self.repointing.is_walking() {
            self.repointing.changed.clear();
            self.repointing.everything = false;
        }
    }

    /// Says what was pointed elsewhere once the last status of it is there.
    pub(super) fn tell_repointed(&mut self) {
        let waits = self.repointing.fdb_waits || self.repointing.routes_wait;
        if !waits && self.repointing.measured.is_empty() {
            return;
        }
        if waits && !self.repointing.is_walking() && !self.table.has_work() {
            self.fdb.sync_end();
            self.routes.sync_end();
            self.repointing.fdb_waits &= self.fdb.poll_synced(self.now).is_none();
            self.repointing.routes_wait &= self.routes.poll_synced(self.now).is_none();
        }
        if self.repointing.fdb_waits || self.repointing.routes_wait {
            return;
        }
        let done = |measure: &Measure| !measure.asked;
        let finished: Vec<_> = self
            .repointing
            .measured
            .iter()
            .filter(|(_, measure)| done(measure))
            .map(|(mlag, measure)| (*mlag, *measure))
            .collect();
        for (mlag, Measure { since, entries, protected, .. }) in finished {
            self.repointing.measured.remove(&mlag);
            if entries > 0 || protected {
                let elapsed_ns = u64::try_from(self.now.since(since).as_nanos()).unwrap_or(u64::MAX);
                self.counts.repointed += entries;
                self.say(Event::Repointed { mlag, entries, protected, elapsed_ns });
            }
        }
    }
}
