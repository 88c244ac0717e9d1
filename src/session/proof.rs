//! What proves a copy, over the channel: the owner's digests and scopes, and the receiver's asking and reporting.
//!
//! ```text
//!  owner (here)                                        receiver (the node's audit)
//!  current, 10 s passed: DIGEST ─────────────────────► differs: BUCKETS-ASK
//!  BUCKETS ◄── at most every 5 s ────────────────────┘
//!     └──────────────────────────────────────────────► these differ: REPAIR-ASK
//!  SCOPE-BEGIN · the buckets' claims in the ordinary order · SCOPE-END · DIGEST
//! ```
//!
//! Invariant: nothing here waits for the peer, and nothing here goes before an entry that was ready to go: what is told is
//! told between two windows.

use super::Session;
use crate::limits;
use crate::neighbor::Key;
use crate::table::change::{Buckets, ChangeSource, Digest, Position};
use crate::time::Time;
use crate::wire::hello::capability;
use crate::wire::proof::{self, Exception, Hardware};
use crate::wire::resume::Held;

/// The owner's half.
#[derive(Debug, Default)]
pub(super) struct Proofs {
    /// DIGEST is in force.
    pub(super) in_force: bool,
    max_frame: usize,
    /// What was told last, and when.
    told: Option<(Digest, Time)>,
    /// When the digest is to be told (again).
    due: Option<Time>,
    /// The peer asked for the buckets.
    pub(super) asked: bool,
    answered: Option<Time>,
    /// The peer asked for these to be repaired.
    pub(super) repair: Option<Buckets>,
    /// The running scope ends here.
    scope: Option<Position>,
}

impl Proofs {
    pub(super) fn new(in_force: bool, max_frame: usize) -> Self {
        Proofs { in_force, max_frame, ..Proofs::default() }
    }

    /// Nothing is due until the next step says so.
    pub(super) fn rest(&mut self) {
        self.due = None;
    }

    /// A full sync begins.
    pub(super) fn begin(&mut self) {
        (self.asked, self.repair, self.scope, self.due) = (false, None, None, None);
    }

    /// END said it.
    pub(super) fn told(&mut self, now: Time, digest: Option<Digest>) {
        self.told = digest.map(|digest| (digest, now));
    }

    /// The next thing to tell while nothing else but entries is under way; false when there is none.
    pub(super) fn step<S: ChangeSource + ?Sized>(
        &mut self,
        now: Time,
        source: &mut S,
        bytes: &mut Vec<u8>,
    ) -> bool {
        self.due = None;
        if !self.in_force {
            return false;
        }
        if let Some(mark) = self.scope {
            if source.cursor() >= mark {
                proof::scope_end(bytes);
                self.scope = None;
                // What came of it is told at once.
                self.told = None;
                return true;
            }
            return false;
        }
        let Some(digest) = source.digest() else { return false };
        if let Some(buckets) = self.repair.take() {
            proof::scope_begin(bytes, &buckets);
            self.scope = Some(source.scope(&buckets));
            return true;
        }
        let rested = self.answered.is_none_or(|last| now.since(last) >= limits::BUCKETS_PAUSE);
        if std::mem::take(&mut self.asked) && rested {
            self.answered = Some(now);
            proof::buckets(bytes, &source.buckets(), self.max_frame);
            return true;
        }
        let due = self.told.map_or(now, |(last, at)| {
            at + if last == digest { limits::DIGEST_REPEAT } else { limits::DIGEST_PERIOD }
        });
        if due > now {
            self.due = Some(due);
            return false;
        }
        proof::digest(bytes, digest);
        self.told = Some((digest, now));
        self.due = Some(now + limits::DIGEST_REPEAT);
        true
    }

    pub(super) fn next_wake(&self) -> Option<Time> {
        self.due
    }
}

/// The receiver's half: when what was told last.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// Nothing was reported on this connection.
    begun: bool,
    reported: Option<Time>,
    confirmed: Option<Time>,
    /// News wait for this moment.
    due: [Option<Time>; 2],
}

impl Reports {
    pub(super) fn next_wake(&self) -> Option<Time> {
        self.due.into_iter().flatten().min()
    }
}

/// What is to be asked of the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Its buckets.
    Buckets,
    /// To name these again.
    Repair(Buckets),
}

impl Session {
    /// True when a capability is in force.
    pub fn in_force(&self, capability: u64) -> bool {
        self.link.as_ref().is_some_and(|link| link.in_force & capability == capability)
    }

    /// Where the copy of the peer's claims stands.
    pub fn held(&self) -> Option<Held> {
        self.copy.held()
    }

    /// Asks the owner of the copy for something; nothing when there is no session that can.
    pub fn ask(&mut self, now: Time, ask: &Ask) {
        let Some(link) = self.link.as_mut().filter(|link| link.in_force & capability::DIGEST != 0) else {
            return;
        };
        let mut bytes = Vec::new();
        match ask {
            Ask::Buckets => proof::buckets_ask(&mut bytes),
            Ask::Repair(buckets) => proof::repair_ask(&mut bytes, buckets),
        }
        link.conn.send(now, bytes, &mut self.out);
    }

    /// Whether the hardware is to be reported now. Any room will do: claims, which go first, leave less than they need.
    /// `Some(true)` when it is the first time on this connection: then everything is to be listed. What is news and comes
    /// too soon is asked for again by `next_wake`.
    pub fn wants_report(&mut self, now: Time, news: bool) -> Option<bool> {
        let link = self.link.as_mut().filter(|link| link.in_force & capability::HARDWARE != 0)?;
        let reports = &mut link.reports;
        reports.due[0] = None;
        if !link.naming.is_known() || link.conn.room() == 0 || reports.begun && !news {
            return None;
        }
        let due = reports.reported.map_or(now, |last| last + limits::REPORT_PERIOD);
        if due > now {
            reports.due[0] = Some(due);
            return None;
        }
        reports.reported = Some(now);
        Some(!std::mem::replace(&mut reports.begun, true))
    }

    /// There is nothing to be reported: no copy of the peer's claims stands anywhere.
    pub fn wants_no_report(&mut self) {
        if let Some(link) = &mut self.link {
            link.reports.due[0] = None;
        }
    }

    /// Reports the hardware; [`Session::wants_report`] said that it may. Exceptions before the position that covers them,
    /// but behind the word that voids the earlier ones.
    pub fn report<S: ChangeSource + ?Sized>(
        &mut self,
        now: Time,
        hardware: &Hardware,
        exceptions: &[Exception],
        source: &S,
    ) {
        let Some(link) = &mut self.link else { return };
        let mut bytes = Vec::new();
        if hardware.first {
            Hardware { position: Position(0), ready: false, ..hardware.clone() }.encode(&mut bytes);
        }
        for exceptions in exceptions.chunks(limits::WINDOW_CHANGES) {
            link.sender.encoder.exceptions(exceptions, |interface| source.vrf(interface), &mut bytes);
        }
        if !hardware.first || hardware.position != Position(0) || hardware.ready {
            Hardware { first: false, ..hardware.clone() }.encode(&mut bytes);
        }
        link.conn.send(now, bytes, &mut self.out);
    }

    /// Whether confirmations may be sent now, when there are some.
    pub fn wants_confirms(&mut self, now: Time, some: bool) -> bool {
        let Some(link) = self.link.as_mut().filter(|link| link.in_force & capability::CONFIRM != 0) else {
            return false;
        };
        link.reports.due[1] = None;
        if !some || !link.naming.is_known() || link.conn.room() == 0 {
            return false;
        }
        let due = link.reports.confirmed.map_or(now, |last| last + limits::CONFIRM_PERIOD);
        if due > now {
            link.reports.due[1] = Some(due);
            return false;
        }
        link.reports.confirmed = Some(now);
        true
    }

    /// Confirms neighbours of the peer's; [`Session::wants_confirms`] said that it may.
    pub fn confirm<S: ChangeSource + ?Sized>(&mut self, now: Time, keys: &[Key], source: &S) {
        let Some(link) = &mut self.link else { return };
        let mut bytes = Vec::new();
        for keys in keys.chunks(limits::WINDOW_CHANGES) {
            link.sender.encoder.confirms(keys, |interface| source.vrf(interface), &mut bytes);
        }
        link.conn.send(now, bytes, &mut self.out);
        self.counters.sent_confirms += keys.len() as u64;
    }
}
