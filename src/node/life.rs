//! How long the peer's claims outlive the session that brought them.
//!
//! ```text
//!            the session is lost            the stale timer ends            the ghost ceiling
//!  fresh ─────────────────────────► stale ───────────────────────► probing ──────────────────► nothing is left
//!    ▲                                │   orphans go, others are      │     unanswered probes
//!    └──────── END, whole ────────────┴──── offered to be probed ─────┘     end theirs before
//! ```
//!
//! | trap | and what is done |
//! |---|---|
//! | sessions that break again and again, none of which comes to END | the timer runs from the *first* loss |
//! | a peer that comes back with an empty table | a sweep of most of the copy waits |
//! | a copy that is not what the owner says it told | is not swept by, but asked for anew, at most so often |
//!
//! Invariant: while a session is up and has come to END, nothing here ends a claim: only the owner does. A claim that is
//! ended here makes the copy other than what the owner told, and the owner is asked to name everything anew.

use super::Node;
use super::io::Event;
use crate::limits;
use crate::neighbor::{Attachment, Key};
use crate::table::row::RowId;
use crate::time::Time;
use crate::wire::resume::reason;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long claims live on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifetimes {
    /// From the loss of the session until the peer's single-homed hosts are given up.
    pub stale: Duration,
    /// After which a neighbour that is not heard ages out; twice that after the loss the peer's last claims end.
    pub ageing: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Lifetimes { stale: limits::STALE_TIMER, ageing: limits::AGEING }
    }
}

/// What is known of the copy's age.
#[derive(Debug)]
pub(super) struct Life {
    times: Lifetimes,
    /// The session stands.
    up: bool,
    /// The peer said, in leaving, after which time it means to be back.
    announced: Option<Duration>,
    lost: Option<Loss>,
    /// Claims that a sync did not name, and that are too many to go at once, go then.
    sweep_at: Option<Time>,
    work: Option<Work>,
    /// A full sync is to be asked for then.
    ask: Option<(Time, u16)>,
    /// It was asked for, and has not begun.
    pub(super) asked: bool,
    /// ENDs in a row that differed from the copy.
    differed: u32,
    room_pause: Duration,
}

/// The session was lost, and nothing has come to END since.
#[derive(Clone, Copy, Debug)]
struct Loss {
    first: Time,
    /// When the stale timer ends; `None` when it has.
    stale_at: Option<Time>,
    /// The latest instant that the peer announced.
    back_at: Option<Time>,
}

/// A walk over the table, some rows at a time.
#[derive(Clone, Copy, Debug)]
struct Work {
    what: Ending,
    next: RowId,
    gone: u64,
    probed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The stale timer has ended.
    Stale,
    /// The ghost ceiling is reached.
    Ghosts,
}

impl Life {
    pub(super) fn new(times: Lifetimes) -> Self {
        Life {
            times,
            up: false,
            announced: None,
            lost: None,
            sweep_at: None,
            work: None,
            ask: None,
            asked: false,
            differed: 0,
            room_pause: limits::ROOM_PAUSE,
        }
    }

    pub(super) fn set_times(&mut self, times: Lifetimes) {
        self.times = times;
        if let Some(loss) = &mut self.lost
            && loss.stale_at.is_some()
        {
            loss.stale_at = Some(loss.back_at.unwrap_or(loss.first + times.stale));
        }
    }

    /// The peer leaves, and says after which time it means to be back; zero when it does not say.
    pub(super) fn announce(&mut self, after: Duration) {
        self.announced = (!after.is_zero()).then_some(after);
    }

    pub(super) fn session_up(&mut self) {
        self.up = true;
        self.asked = false;
    }

    /// The session is down, or was already. A second loss before END is not another one.
    pub(super) fn session_down(&mut self, now: Time) {
        if !std::mem::replace(&mut self.up, false) {
            return;
        }
        let stale_at = Some(now + self.times.stale);
        let loss = self.lost.get_or_insert(Loss { first: now, stale_at, back_at: None });
        if let Some(after) = self.announced.take()
            && loss.stale_at.is_some()
        {
            let back_at = (now + after).min(loss.first + limits::RESTART_MAX);
            loss.back_at = Some(back_at);
            loss.stale_at = Some(back_at);
        }
    }

    /// How long the peer is waited for.
    pub(super) fn stale(&self) -> Duration {
        self.times.stale
    }

    /// Since when the copy is stale.
    pub(super) fn stale_since(&self) -> Option<Time> {
        self.lost.map(|loss| loss.first)
    }

    /// When what awaits a sweep is swept.
    pub(super) fn sweep_at(&self) -> Option<Time> {
        self.sweep_at
    }

    pub(super) fn next_wake(&self, now: Time) -> Option<Time> {
        let work = self.work.map(|_| now);
        let stale = self.lost.and_then(|loss| loss.stale_at);
        [work, stale, self.ghosts_at(), self.sweep_at, self.ask.map(|(at, _)| at)].into_iter().flatten().min()
    }

    fn ghosts_at(&self) -> Option<Time> {
        let loss = self.lost.filter(|_| self.work.is_none_or(|work| work.what != Ending::Ghosts))?;
        let ceiling = loss.first + 2 * self.times.ageing;
        Some(loss.back_at.map_or(ceiling, |back_at| back_at.max(ceiling)))
    }

    /// Everything that the peer has is named.
    fn fresh(&mut self) {
        self.lost = None;
        self.work = None;
    }
}

impl Node {
    /// The peer begins to name everything.
    pub(super) fn copy_begins(&mut self) {
        self.life.asked = false;
        self.life.ask = None;
    }

    /// The peer has named everything. Answers how many claims were swept; `None` when the copy is not what the peer says
    /// it told.
    pub(super) fn copy_ends(&mut self, count: Option<u64>, sum: Option<u128>) -> Option<u64> {
        if self.life.asked {
            // Everything is about to be named anew, and what is held now is not it.
            return None;
        }
        let held = self.table.named_count();
        let other_sum = sum.is_some_and(|sum| sum != self.table.copy_digest().sum);
        let differs = |told: &u64| *told != held || other_sum;
        if let Some(told) = count.filter(|told| differs(told) && !self.table.is_truncated()) {
            self.copy_differs(told, held);
            return None;
        }
        self.life.differed = 0;
        self.life.fresh();
        if !self.table.is_truncated() {
            self.life.room_pause = limits::ROOM_PAUSE;
        }
        let unnamed = self.table.unnamed_count();
        let most = unnamed > self.settings.tuning.sweep_guard as u64 && unnamed > held;
        let waits = most && self.life.sweep_at.is_none_or(|at| at > self.now);
        if waits {
            self.table.remote_end_without_sweep();
            if self.life.sweep_at.is_none() {
                self.life.sweep_at = Some(self.now + self.life.times.stale);
                self.say(Event::SweepHeld { claims: unnamed, named: held });
            }
            return Some(0);
        }
        self.life.sweep_at = None;
        Some(self.table.remote_end())
    }

    /// What awaits a sweep is swept now: an operator says so, or it has waited long enough.
    pub(super) fn sweep_held(&mut self) {
        // While the peer names everything anew, it is seen at END what is left.
        if self.life.sweep_at.take().is_none() {
            return;
        }
        if self.table.is_remote_syncing() {
            self.life.sweep_at = Some(self.now);
        } else {
            let swept = self.table.sweep_unnamed();
            self.counts.swept += swept;
            self.say(Event::Swept { claims: swept });
        }
    }

    /// Probes that nobody answered: a stale claim of the peer's ends with them.
    pub(super) fn unanswered(&mut self, keys: &[Key]) {
        if self.life.lost.is_none_or(|loss| loss.stale_at.is_some()) {
            return;
        }
        let mut gave_up = false;
        for key in keys {
            if let Some(at) = self.table.find(key)
                && self.is_stale(at)
            {
                gave_up |= self.table.give_up(at);
            }
        }
        self.gave_up(gave_up);
    }

    /// What is due by now.
    pub(super) fn age(&mut self) {
        let now = self.now;
        let due = |at: Option<Time>| at.is_some_and(|at| at <= now);
        if let Some(loss) = &mut self.life.lost
            && due(loss.stale_at)
        {
            loss.stale_at = None;
            self.life.work = Some(Work::new(Ending::Stale));
        }
        if due(self.life.ghosts_at()) {
            self.life.work = Some(Work::new(Ending::Ghosts));
        }
        if due(self.life.sweep_at) && !self.table.is_remote_syncing() {
            self.sweep_held();
        }
        if let Some(work) = self.life.work.take() {
            self.end_some(work);
        }
        if let Some((_, reason)) = self.life.ask.take_if(|(at, _)| *at <= now) {
            self.ask_resync(reason);
        }
        self.look_for_room();
    }

    /// A full sync is asked for now.
    pub(super) fn ask_resync(&mut self, reason: u16) {
        self.life.ask = None;
        self.life.asked = self.session.ask_resync(self.now, reason);
    }

    fn copy_differs(&mut self, told: u64, held: u64) {
        self.life.differed += 1;
        self.say(Event::CopyDiffers { told, held, times: self.life.differed });
        if self.life.differed <= limits::RESYNC_TRIES {
            self.ask_resync(reason::DIFFERS);
        } else {
            self.life.ask = Some((self.now + limits::RESYNC_PAUSE, reason::DIFFERS));
        }
    }

    /// A copy that is not whole is asked for anew once there is room again, ever more rarely where that does not help.
    fn look_for_room(&mut self) {
        let idle = self.life.up && !self.life.asked && self.life.ask.is_none();
        if idle && self.table.is_truncated() && !self.table.is_remote_syncing() && self.table.has_room() {
            let pause = self.life.room_pause;
            self.life.room_pause = (2 * pause).min(limits::ROOM_PAUSE_MAX);
            self.life.ask = Some((self.now + pause, reason::ROOM));
        }
    }

    /// Ends claims on so many rows, and comes back for the rest.
    fn end_some(&mut self, mut work: Work) {
        let end = self.table.rows().min(work.next.saturating_add(limits::VIEW_SCAN as RowId));
        let mut gave_up = false;
        for at in work.next..end {
            if !self.is_stale(at) {
                continue;
            }
            let Some((key, claim)) = self.table.remote_claim(at) else { continue };
            if work.what == Ending::Stale && claim.attachment != Attachment::Orphan {
                work.probed += 1;
                self.say(Event::Probe { key });
            } else {
                work.gone += 1;
                gave_up |= self.table.give_up(at);
            }
        }
        self.gave_up(gave_up);
        work.next = end;
        if end < self.table.rows() {
            self.life.work = Some(work);
            return;
        }
        let Work { what, gone, probed, .. } = work;
        self.counts.given_up += gone;
        match what {
            Ending::Stale => self.say(Event::StaleEnded { gone, probed }),
            Ending::Ghosts => {
                self.life.lost = None;
                self.say(Event::GhostsEnded { gone });
            }
        }
    }

    /// True for claims that nothing vouches for: all of them, but those that a running sync has named.
    fn is_stale(&self, at: RowId) -> bool {
        let naming = self.life.up && self.table.is_remote_syncing();
        self.table.remote_claim(at).is_some() && !(naming && self.table.was_named(at))
    }

    /// The copy lacks claims that the owner believes it has.
    fn gave_up(&mut self, any: bool) {
        if any && !self.life.asked {
            self.ask_resync(reason::GIVEN_UP);
        }
    }
}

impl Work {
    fn new(what: Ending) -> Self {
        Work { what, next: 0, gone: 0, probed: 0 }
    }
}
