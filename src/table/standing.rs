//! How this device's claims stand against the peer's over time: moves, freezes, losers that may claim again, and
//! statics that the peer contradicts.
//!
//! Invariant: nothing here decides who wins; that is [`desired`](super::desired) alone. What is remembered of a row is
//! two facts, each true or false by the row's claims, so that looking again tells nothing twice.

use crate::addr::Mac;
use crate::neighbor::Key;
use crate::table::Table;
use crate::table::desired::{View, Winner, winning};
use crate::table::mobility::Move;
use crate::table::refusal::Refusal;
use crate::table::row::{Facts, RowId};
use crate::table::trail::What;
use crate::time::Time;
use std::time::Duration;

/// What the owner is to hear of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// It moved too often: its counter is not raised for so long.
    Froze(Key, Duration),
    /// Its counter may be raised again.
    Thawed(Key),
    /// Its claim is refused from now on, and not for want of room.
    Refused(Key, Refusal),
    /// Its claim here counts again without having been heard: is the host still there?
    Probe(Key),
    /// The peer claims it with another MAC than the local static's, which counts.
    Disputed {
        /// Which.
        key: Key,
        /// The static's.
        ours: Mac,
        /// The peer's.
        theirs: Mac,
    },
}

/// Who counts, as far as it is remembered of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    suppressed: bool,
    /// The claim counts against or without the peer's: nobody else says the same.
    alone: bool,
    disputed: Option<(Mac, Mac)>,
}

impl Standing {
    /// How a row's claims stand.
    #[inline]
    pub(crate) fn of(view: &View<'_>) -> Standing {
        let at_rest = Standing { suppressed: false, alone: true, disputed: None };
        let (Some(local), Some(remote)) = (view.local, view.remote.filter(|_| !view.vrf_differs)) else {
            return Standing { alone: view.local.is_some() && !view.is_static, ..at_rest };
        };
        if view.is_static {
            let disputed = (local.mac != remote.mac).then_some((local.mac, remote.mac));
            return Standing { alone: false, disputed, ..at_rest };
        }
        match winning(view) {
            Some((Winner::Remote, _)) => Standing { suppressed: true, alone: false, disputed: None },
            Some((Winner::Both, _)) => Standing { alone: false, ..at_rest },
            Some((Winner::Local, _)) | None => at_rest,
        }
    }
}

impl Table {
    /// The time of what is told from here on. What was frozen long enough thaws.
    pub(crate) fn tick(&mut self, now: Time) {
        self.now = now;
        while let Some((at, frozen)) = self.mobility.due(now) {
            self.rows[at as usize].facts.set(Facts::MOVING, false);
            if frozen {
                self.note(at, What::Thawed);
                self.news.push(News::Thawed(self.key(at)));
            }
        }
    }

    /// When [`Table::tick`] is due.
    pub(crate) fn next_wake(&self) -> Option<Time> {
        self.mobility.next_wake()
    }

    /// True when a row's counter may rise above the peer's. It is a move, and is counted.
    pub(super) fn may_move(&mut self, at: RowId) -> bool {
        let (answer, evicted) = self.mobility.moves(self.now, at);
        if let Some(evicted) = evicted {
            self.rows[evicted as usize].facts.set(Facts::MOVING, false);
        }
        let facts = &mut self.rows[at as usize].facts;
        facts.set(Facts::MOVING, true);
        if answer == Move::Counted {
            // It counts because it was heard: nobody need ask for it.
            facts.set(Facts::SUPPRESSED, false);
        }
        if answer == Move::Froze {
            let thaws = self.mobility.thaws(at).unwrap_or(self.now);
            self.note(at, What::Frozen);
            self.news.push(News::Froze(self.key(at), thaws.since(self.now)));
        }
        answer == Move::Counted
    }

    /// Notes how a row's claims stand.
    #[inline]
    pub(crate) fn set_standing(&mut self, at: RowId, standing: Standing) {
        let facts = self.rows[at as usize].facts;
        let was_suppressed = facts.has(Facts::SUPPRESSED);
        if was_suppressed == standing.suppressed && facts.has(Facts::DISPUTED) == standing.disputed.is_some()
        {
            return;
        }
        let facts = &mut self.rows[at as usize].facts;
        facts.set(Facts::SUPPRESSED, standing.suppressed);
        let was_disputed = facts.has(Facts::DISPUTED);
        facts.set(Facts::DISPUTED, standing.disputed.is_some());
        self.disputed = self.disputed + u64::from(standing.disputed.is_some()) - u64::from(was_disputed);
        if was_suppressed && standing.alone {
            self.note(at, What::Probed);
            self.news.push(News::Probe(self.key(at)));
        }
        if let Some((ours, theirs)) = standing.disputed.filter(|_| !was_disputed) {
            self.note(at, What::Disputed { theirs });
            self.news.push(News::Disputed { key: self.key(at), ours, theirs });
        }
    }

    /// What the owner is to hear, oldest first.
    pub(crate) fn take_news(&mut self, into: &mut Vec<News>) {
        into.append(&mut self.news);
    }

    /// How many hosts are frozen now, and how often one moved here, ever.
    pub(crate) fn mobility(&self) -> (u64, u64) {
        (self.mobility.frozen() as u64, self.mobility.count())
    }

    /// For how long a row's counter is not raised yet.
    pub(crate) fn frozen_for(&self, at: RowId) -> Option<Duration> {
        self.mobility.thaws(at).map(|until| until.since(self.now))
    }

    /// How many local statics the peer contradicts now.
    pub(crate) fn disputed(&self) -> u64 {
        self.disputed
    }

    /// How many local claims were not kept, ever.
    pub(crate) fn local_turned_away(&self) -> u64 {
        self.local_turned_away
    }
}
