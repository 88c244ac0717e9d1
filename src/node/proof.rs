//! Proof in both directions: digests of the copy, reports of the hardware, readiness, confirmations.
//!
//! | part | holds |
//! |---|---|
//! | `audit` | digests that differ, and what is done about it |
//! | `hardware` | exceptions of our hardware, and what the peer said of its own |
//! | `ready` | whether the ports may be opened |
//!
//! Invariant: what is reported is true when it is: exceptions are noted before the position is looked up that covers them.

use super::Node;
use super::asic::AsicState;
use super::audit::{Audit, Step};
use super::hardware::{Exceptions, PeerHardware, exception, parked};
use super::io::Event;
use super::mac_rows::Footed;
use super::ready::{Gate, Missing, Patience};
use crate::limits::VIEW_SCAN;
use crate::mirror::slot::Place;
use crate::mirror::tickets::Ticket;
use crate::session::io::Received;
use crate::table::change::{Digest, Incarnation};
use crate::table::desired::{Verdict, desired_hop};
use crate::table::row::RowId;
use crate::time::Time;
use crate::wire::hello::capability;
use crate::wire::proof::Hardware;
use crate::wire::resume::{Held, reason};

/// Everything that is kept for it.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) audit: Audit,
    /// The copy's buckets, from the moment when the peer told the first of its own.
    buckets: Option<Vec<Digest>>,
    pub(super) exceptions: Exceptions,
    pub(super) peer: PeerHardware,
    pub(super) ready: Gate,
    pub(super) peer_ready: Gate,
    patience: Patience,
    /// The peer's process.
    owner: Option<Incarnation>,
    /// The END that was taken in last: everything marked by then, and the latest window then.
    ended: Option<(Ticket, u64)>,
    /// A SAI call does not come back.
    pub(super) hangs: bool,
    /// What was reported last.
    reported: Option<Stamp>,
    /// Where the next look for unlisted exceptions begins.
    scan: RowId,
    noted: Vec<RowId>,
    pub(super) confirmed: u64,
}

/// All that makes a report another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    held: Held,
    synced: bool,
    ready: bool,
    hangs: bool,
    acked: u64,
    truncated: bool,
    exceptions: u64,
}

impl Proof {
    pub(super) fn new() -> Self {
        Proof {
            audit: Audit::default(),
            buckets: None,
            exceptions: Exceptions::default(),
            peer: PeerHardware::default(),
            ready: Gate::new(true),
            peer_ready: Gate::new(false),
            patience: Patience::default(),
            owner: None,
            ended: None,
            hangs: false,
            reported: None,
            scan: 0,
            noted: Vec::new(),
            confirmed: 0,
        }
    }

    pub(super) fn next_wake(&self, now: Time) -> Option<Time> {
        let waits = !self.ready.state().is_ready() || !self.peer_ready.state().is_ready();
        self.patience.ends(now).filter(|_| waits)
    }
}

impl Node {
    /// The peer names everything anew, before the table hears of it.
    pub(super) fn proof_begins(&mut self) {
        self.table.set_owner(self.proof.owner.map(|owner| owner.0));
        self.mirror.tickets.begin();
        self.proof.ended = None;
    }

    /// The peer named everything, and what it did not name is marked.
    pub(super) fn proof_ends(&mut self) {
        self.proof.ended = Some((self.mirror.tickets.latest(), self.table.marks()));
    }

    /// The session is gone.
    pub(super) fn proof_down(&mut self) {
        self.table.forget_scope();
        self.proof.audit.restart();
    }

    /// A SAI call does not come back, or has: people and the peer are told.
    pub(super) fn hanging(&mut self, for_ms: u64) {
        let before = std::mem::replace(&mut self.proof.hangs, for_ms > 0);
        if for_ms > 0 {
            self.doubt_hanging();
            self.say(Event::AsicHangs { for_ms });
        } else if before {
            self.say(Event::AsicBack);
        }
    }

    /// What the peer said to prove something.
    pub(super) fn receive_proof(&mut self, received: Received) {
        match received {
            Received::Owner(owner) => {
                self.proof_down();
                self.proof.buckets = None;
                self.proof.owner = Some(owner);
            }
            Received::Digest(told) if !self.table.is_truncated() && !self.life.asked => {
                let step = self.proof.audit.compare(self.now, told, self.table.copy_digest());
                self.take_step(told, step);
            }
            Received::Buckets { first, digests } if self.proof.audit.is_asking() => {
                // They come one behind the other, so what the copy is at the first it is at the last.
                let ours = match self.proof.buckets.take().filter(|_| first > 0) {
                    Some(ours) => ours,
                    None => self.table.copy_buckets().unwrap_or_default(),
                };
                let step = self.proof.audit.buckets(first, &digests, &ours);
                self.proof.buckets = Some(ours);
                if !self.proof.audit.is_asking() {
                    self.proof.buckets = None;
                }
                self.take_step(Digest::default(), step);
            }
            Received::ScopeBegin(buckets) => self.table.scope_begin(&buckets),
            Received::ScopeEnd => self.counts.swept += self.table.scope_end(),
            Received::Confirms(keys) => {
                for key in keys {
                    if self.table.claims(&key) {
                        self.proof.confirmed += 1;
                        self.say(Event::Confirmed { key });
                    }
                }
            }
            Received::Hardware(hardware) if hardware.incarnation == self.session.incarnation().0 => {
                let hangs = hardware.hangs;
                let before = self.proof.peer.report.as_ref().is_some_and(|report| report.hangs);
                self.proof.peer.reported(hardware);
                if hangs != before {
                    self.say(Event::PeerAsic { hangs });
                }
            }
            Received::Exceptions(exceptions) => self.proof.peer.listed(&exceptions),
            _ => {}
        }
    }

    fn take_step(&mut self, told: Digest, step: Option<Step>) {
        match step {
            None => {}
            Some(Step::Ask(ask)) => self.session.ask(self.now, &ask),
            Some(Step::Resync) => self.ask_resync(reason::DIFFERS),
            Some(Step::Alarm) => {
                let held = self.table.copy_digest().count;
                self.say(Event::CopyUnrepaired { told: told.count, held });
            }
            Some(Step::Repaired(buckets)) => self.say(Event::CopyRepaired { buckets: buckets as u64 }),
        }
    }

    /// Works out what of our hardware the peer is to be told, and tells it; looks at who is ready. The last thing of an
    /// input.
    pub(super) fn prove(&mut self) {
        self.list_exceptions();
        self.look_at_readiness();
        self.report();
        let some = self.table.has_heard_of_theirs();
        if self.session.wants_confirms(self.now, some) {
            let keys = self.table.take_heard_of_theirs();
            self.session.confirm(self.now, &keys, &self.table);
        }
    }

    fn list_exceptions(&mut self) {
        let mut rows = std::mem::take(&mut self.proof.noted);
        self.mirror.take_noted(&mut rows);
        for row in rows.drain(..) {
            self.note_waiting(row);
            let Some((key, _)) = self.table.peek(row) else { continue };
            self.look_at_room(row, key);
            let Some((key, view)) = self.table.peek(row) else { continue };
            let slot = self.mirror.slot(row);
            let hop = desired_hop(&view, &key);
            let verdict = self.verdict(row, &view, &key);
            let Some(now) = exception(&view, verdict, hop, slot) else {
                if matches!(self.footed(row), Footed::Lacks(..)) {
                    // It is looked at again when it is there, for then it is one.
                    self.mirror.watch_row(row);
                }
                continue;
            };
            let theirs = view.remote.is_some() && matches!(verdict, Verdict::Ours(_));
            // A host whose route or FDB entry is not there is not in the hardware.
            let (now, status_of) = match self.routes.slot(row).filter(|route| now == 0 && !route.foreign) {
                Some(route) => (parked(route.place), Some(route.status)),
                None if now == 0 && theirs => match self.footed(row) {
                    Footed::Well => (0, None),
                    Footed::Unsettled => continue,
                    Footed::Lacks(reason, status) => (reason.code(), Some(status)),
                },
                None => (now, slot.map(|slot| slot.status)),
            };
            let kept = slot.is_some_and(|slot| slot.place == Place::InUse);
            let status = status_of.filter(|_| (64..67).contains(&now)).map_or(0, |status| status.0);
            let before = self.mirror.set_exception(row, now);
            self.proof.exceptions.note(key, before, now, status);
            if before != now && now != 0 {
                self.tell_fdb_refusal(row, key);
            }
            if kept && before != now {
                self.say(Event::KeptInUse { key });
            }
            self.release_vacant(row);
        }
        self.proof.noted = rows;
    }

    /// Looks on for exceptions that were not listed for want of room.
    fn list_more(&mut self) {
        let end = self.proof.scan.saturating_add(VIEW_SCAN as RowId).min(self.table.rows());
        for row in self.proof.scan..end {
            let Some(slot) = self.mirror.slot(row).filter(|slot| slot.exception != 0) else { continue };
            let (code, status) = (slot.exception, slot.status.0);
            if let Some((key, _)) = self.table.peek(row) {
                self.proof.exceptions.list(key, code, if (64..67).contains(&code) { status } else { 0 });
            }
        }
        self.proof.scan = if end < self.table.rows() { end } else { 0 };
    }

    /// What was proved does not hold any more: the ASIC lost it.
    pub(super) fn withdraw_readiness(&mut self) {
        if self.proof.ready.withdraw(Missing::Asic) {
            self.proof.patience = Patience::default();
            let state = self.proof.ready.state();
            self.say(Event::SelfReady { state });
        }
    }

    fn look_at_readiness(&mut self) {
        let fallen = self.proof.patience.is_over(self.now);
        let acked = self.mirror.tickets.acked();
        let up = self.session.status().up;
        let missing = match self.proof.ended {
            _ if self.asic != AsicState::Up => Some(Missing::Asic),
            None if !up => Some(Missing::Session),
            None => Some(Missing::End),
            Some(_) if self.table.is_truncated() => Some(Missing::WholeCopy),
            Some((latest, marks)) if self.mirror.tickets.is_done(latest, marks) => None,
            Some(_) => Some(Missing::Outcomes { acked }),
        };
        if let Some(state) = self.proof.ready.look(missing, fallen) {
            self.say(Event::SelfReady { state });
        }
        let missing = match &self.proof.peer.report {
            _ if !up => Some(Missing::Session),
            _ if !self.session.in_force(capability::HARDWARE) => Some(Missing::Report),
            None => Some(Missing::Report),
            Some(report) => (!report.ready).then_some(Missing::PeerReady),
        };
        if let Some(state) = self.proof.peer_ready.look(missing, fallen) {
            self.say(Event::PeerReady { state });
        }
    }

    fn report(&mut self) {
        let Some(held) = self.session.held() else { return self.session.wants_no_report() };
        let proof = &mut self.proof;
        let stamp = Stamp {
            held: Held { position: crate::table::change::Position(0), ..held },
            synced: proof.ended.is_some(),
            ready: proof.ready.state() == super::ready::Ready::Proved,
            hangs: proof.hangs || self.asic.is_away(),
            acked: self.mirror.tickets.acked().0,
            truncated: self.table.is_truncated(),
            exceptions: proof.exceptions.version,
        };
        let room = proof.exceptions.has_room();
        let news = room || proof.reported != Some(stamp) || proof.exceptions.has_news();
        let Some(first) = self.session.wants_report(self.now, news) else { return };
        if room {
            self.list_more();
        }
        let proof = &mut self.proof;
        let hardware = Hardware {
            incarnation: held.incarnation.0,
            position: self.mirror.tickets.acked(),
            sync: held.sync.0,
            first,
            overflow: proof.exceptions.overflow() || stamp.truncated,
            synced: stamp.synced,
            ready: stamp.ready,
            hangs: stamp.hangs,
            exceptions: u32::try_from(proof.exceptions.total()).unwrap_or(u32::MAX),
            reasons: proof.exceptions.counts().collect(),
        };
        proof.reported = Some(stamp);
        let exceptions = proof.exceptions.take_news(first);
        self.session.report(self.now, &hardware, &exceptions, &self.table);
    }
}
