//! What the ASIC should hold, does hold, and is being told.
//!
//! ```text
//!            want()                    next_batch()               settle()
//!  desired ─────────► slot ─► queues ───────────────► in flight ───────────► held
//!                      ▲   by class and kind                        │
//!                      └──── waiting · room · failed ◄── refusal ───┘
//! ```
//!
//! One slot per row of the table, under the row's number. A slot knows what is wanted and what is held; the next
//! operation follows from these two (`Slot::step`), so every path out of every failure is the same one.
//!
//! There is one for each table of the ASIC (`entry`): neighbours, FDB entries, host routes. They share the way to the
//! ASIC ([`line`]). Tickets, adoption and the timing of syncs are the neighbours' alone, and idle in the others.
//!
//! Invariant: at most one operation per entry is in flight; a wanted entry is never removed and created again in its
//! place; an entry that is the NOS's is never written; nothing is retried without a bound.

mod adopt;
pub mod batch;
mod diagnosis;
pub(crate) mod early;
pub(crate) mod entry;
pub(crate) mod line;
mod pace;
mod places;
mod queues;
mod restart;
pub(crate) mod scrub;
mod settle;
pub(crate) mod slot;
mod stand;
#[cfg(test)]
mod tests;
pub(crate) mod tickets;

use crate::addr::InterfaceId;
use crate::limits::{RETRY_TRIES, RETRY_WAITS};
use crate::sai::id::{self, Oid};
use crate::sai::status::Status;
use crate::table::row::RowId;
use crate::table::trail::What;
use crate::time::Time;
use adopt::Adoption;
use batch::{Batch, BatchId, OpKind};
use entry::{Entry, HwTable, Neighbor, Rif, Value};
use line::Turn;
use places::Places;
use queues::Queues;
use scrub::{Finding, Glance};
use slot::{Facts, Held, Place, RETRIED, RifId, Slot};
use std::collections::BTreeMap;
use std::time::Duration;
use tickets::{Ticket, Tickets};

/// Counts of what the mirror wants, holds and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) wanted: u64,
    pub(crate) programmed: u64,
    pub(crate) parked: u64,
    pub(crate) batches: u64,
    pub(crate) calls: u64,
    pub(crate) creates: u64,
    pub(crate) sets: u64,
    pub(crate) removes: u64,
    pub(crate) reads: u64,
    pub(crate) refusals: u64,
    /// Refusals for want of room of entries that were not tried only to find out.
    pub(crate) full: u64,
    pub(crate) unknowns: u64,
    pub(crate) asic_ns: u64,
    /// Entries that are not final.
    pub(crate) unsettled: u64,
    /// Entries that the library said it wrote, or removed, and that were not seen.
    pub(crate) unconfirmed: u64,
    /// Entries that somebody else writes.
    pub(crate) contested: u64,
    /// Entries that were read back although they were believed to be as they should be …
    pub(crate) scrubbed: u64,
    /// … and those that were not.
    pub(crate) repaired: u64,
}

/// A full sync on its way into the ASIC.
#[derive(Debug)]
struct Sync {
    began: Time,
    ended: bool,
    outstanding: usize,
}

/// A batch that is not answered.
#[derive(Debug)]
struct Flight<V> {
    id: BatchId,
    kind: OpKind,
    ops: Vec<(RowId, Option<V>)>,
    /// It only looks: its rows are not in flight, and beside each of them stands what is expected there.
    glance: Option<Glance>,
}

/// The ASIC's side of a table.
#[derive(Debug)]
pub(crate) struct Mirror<E: Entry = Neighbor> {
    slots: Vec<Slot<E::Value>>,
    queues: Queues,
    places: Places<E::Place>,
    flights: Vec<Flight<E::Value>>,
    spare: Vec<Vec<(RowId, Option<E::Value>)>>,
    sync: Option<Sync>,
    vacated: Vec<RowId>,
    /// Up to which of the peer's positions everything is final.
    pub(crate) tickets: Tickets,
    /// Rows that may have become exceptions, or ceased to be.
    noted: Vec<RowId>,
    /// Watched rows that came to be as wanted, or ceased to be; routes only if not because another one is wanted.
    turned: Vec<RowId>,
    /// What the ASIC did not do, of the last batch that was answered.
    failures: Vec<(RowId, What)>,
    /// Keys of the NOS's whose entry an operation of ours took away.
    taken_away: Vec<RowId>,
    /// Rows whose entry from before a restart was adopted, claimed or let go of.
    kept_news: Vec<RowId>,
    adoption: Adoption<E::Place, E::Value>,
    /// Places that have got another id since the ASIC is away, and what they were.
    renamed: BTreeMap<RifId, E::Place>,
    /// Rows whose writes the library answers with SUCCESS and never does.
    denied: Vec<RowId>,
    /// Rows where something that the hardware keeps by itself was found.
    heard: Vec<(RowId, E::Value)>,
    /// What was found otherwise than it should be.
    findings: Vec<Finding<E::Value>>,
    tally: Tally,
}

impl<E: Entry> Default for Mirror<E> {
    fn default() -> Self {
        Mirror {
            slots: Vec::new(),
            queues: Queues::default(),
            places: Places::default(),
            flights: Vec::new(),
            spare: Vec::new(),
            sync: None,
            vacated: Vec::new(),
            tickets: Tickets::default(),
            noted: Vec::new(),
            turned: Vec::new(),
            failures: Vec::new(),
            taken_away: Vec::new(),
            kept_news: Vec::new(),
            adoption: Adoption::default(),
            renamed: BTreeMap::new(),
            denied: Vec::new(),
            heard: Vec::new(),
            findings: Vec::new(),
            tally: Tally::default(),
        }
    }
}

/// What counts about a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Standing {
    wanted: bool,
    programmed: bool,
    parked: bool,
    unsettled: bool,
    unconfirmed: bool,
    contested: bool,
    kept: bool,
    present_on: Option<RifId>,
    /// Where it is to be put: as long as that, nobody else is given the number.
    wanted_on: Option<RifId>,
}

impl Standing {
    fn of<V: Value>(slot: &Slot<V>) -> Self {
        Standing {
            wanted: slot.want.is_some(),
            programmed: slot.is_programmed(),
            parked: slot.is_parked(),
            unsettled: !slot.is_settled(),
            unconfirmed: slot.held.is_unconfirmed(),
            contested: slot.is_contested(),
            kept: slot.is_kept(),
            present_on: (slot.is_present() || slot.facts.has(Facts::DOUBT)).then_some(slot.held_rif),
            wanted_on: slot.want.is_some().then_some(slot.want_rif),
        }
    }
}

impl Mirror<Neighbor> {
    /// The number of an interface's router interface.
    pub(crate) fn open(&mut self, interface: InterfaceId, oid: Oid<id::RouterInterface>) -> RifId {
        self.open_place(Rif { interface, oid })
    }
}

impl<E: Entry> Mirror<E> {
    /// The number of what entries are put on.
    pub(crate) fn open_place(&mut self, place: E::Place) -> RifId {
        self.places.open(place)
    }

    /// What has this number.
    pub(crate) fn place_at(&self, at: RifId) -> E::Place {
        self.places.at(at)
    }

    /// Something speaks of it by its number, or does so no more: the number stays its own as long as that.
    pub(crate) fn hold_place(&mut self, at: RifId, held: bool) {
        if held { self.places.hold(at) } else { self.places.let_go(at) }
    }

    /// Nothing is to be put there any more.
    pub(crate) fn close(&mut self, place: RifId) {
        self.places.close(place);
    }

    /// What was closed and holds nothing of ours any more.
    pub(crate) fn poll_released(&mut self) -> Option<E::Place> {
        self.places.released()
    }

    /// Says what the ASIC should hold for a row: where and what, or nothing. `moved` when it takes the place of the same
    /// address elsewhere, or when something that is there already stands on it.
    /// Answers whether that is news.
    pub(crate) fn want(
        &mut self,
        now: Time,
        at: RowId,
        want: Option<(RifId, E::Value)>,
        moved: bool,
    ) -> bool {
        if self.slots.len() <= at as usize {
            if want.is_none() {
                return false;
            }
            self.slots.resize_with(at as usize + 1, Slot::default);
        }
        let slot = &self.slots[at as usize];
        let same = match want {
            None => slot.want.is_none() && !slot.foreign,
            Some((rif, host)) => slot.want == Some(host) && slot.want_rif == rif,
        };
        if same {
            return false;
        }
        let told = self.turned.len();
        self.edit(at, |m| {
            let slot = &mut m.slots[at as usize];
            let before = std::mem::replace(&mut slot.want, want.map(|(_, host)| host));
            // A create that was refused may have been done: what it left behind where nothing is wanted now is ours.
            let stays = want.is_some_and(|(rif, _)| rif == slot.held_rif);
            if let (false, Some(tried), Held::Nothing, true) = (stays, before, slot.held, slot.doubted) {
                slot.held = Held::Found(tried);
            }
            (slot.tries, slot.patience) = (0, 0);
            slot.precedence.set_lost(0);
            slot.moved = moved;
            if let Some((rif, _)) = want {
                slot.want_rif = rif;
                if slot.foreign && !slot.handed {
                    // The NOS may have left it there, as it is wanted or otherwise: look before writing.
                    slot.held = Held::Unknown;
                    slot.held_rif = rif;
                }
            }
            slot.foreign = false;
            if slot.want.is_some() {
                slot.facts.set(Facts::KEPT, false);
            }
            m.take_over(at);
            if m.slots[at as usize].place != Place::InFlight {
                m.place(now, at);
            }
        });
        // Whoever wants another route looks at what follows in the same go: that it is not there yet is no news.
        if E::TABLE == HwTable::Route && !self.slots[at as usize].is_programmed() {
            self.turned.truncate(told);
        }
        true
    }

    /// The key is the NOS's from now on: whatever the ASIC holds stays as it is.
    pub(crate) fn release(&mut self, at: RowId) {
        if self.slots.len() <= at as usize {
            self.slots.resize_with(at as usize + 1, Slot::default);
        }
        if self.slots[at as usize].foreign {
            return;
        }
        self.edit(at, |m| {
            let slot = &mut m.slots[at as usize];
            slot.want = None;
            slot.foreign = true;
            let handed = slot.place == Place::InFlight;
            slot.handed = handed;
            slot.facts.set(Facts::KEPT, false);
            slot.facts.set(Facts::INHERITED, false);
            slot.facts.set(Facts::DOUBT, false);
            if !handed {
                slot.held = Held::Nothing;
                m.settle_record(at);
                m.queues.lift(&mut m.slots, at);
            }
        });
    }

    /// Where the entries wait.
    pub(crate) fn queues(&self) -> &Queues {
        &self.queues
    }

    /// The batch that it is this mirror's turn to hand over; `op` makes an operation of a row, of where it is, of what is
    /// wanted there, and of what is there as far as that is known.
    pub(crate) fn take_batch<O>(
        &mut self,
        now: Time,
        turn: Turn,
        op: impl Fn(RowId, E::Place, Option<E::Value>, Option<E::Value>) -> O,
    ) -> Batch<O> {
        let Turn { id, lane, class, count } = turn;
        let mut flight = self.spare.pop().unwrap_or_default();
        let mut ops = Vec::with_capacity(count);
        while ops.len() < count
            && let Some(at) = self.queues.head(class, lane.kind)
        {
            let was = match self.slots[at as usize].held {
                Held::Host(value) => Some(value),
                _ => None,
            };
            let (place, value) = self.take_off(now, at, lane.kind);
            flight.push((at, value));
            ops.push(op(at, self.places.at(place), value, was));
        }
        self.flights.push(Flight { id, kind: lane.kind, ops: flight, glance: None });
        Batch { id, kind: lane.kind, ops }
    }

    /// The batch that was handed over first of those that are not answered.
    pub(crate) fn first_in_flight(&self) -> Option<BatchId> {
        self.flights.iter().map(|flight| flight.id).min()
    }

    /// Time passed: what waited for it is tried again.
    pub(crate) fn wake(&mut self, now: Time) {
        self.check_late(now);
        while let Some(at) = self.queues.due(&self.slots, now) {
            self.edit(at, |m| {
                let slot = &mut m.slots[at as usize];
                if matches!(slot.place, Place::Confirming(_)) {
                    let place = Place::Queued(slot.class(OpKind::Read), OpKind::Read);
                    return m.queues.put(&mut m.slots, at, place, now);
                }
                slot.tries = RETRIED;
                m.place(now, at);
            });
        }
        for _ in 0..self.queues.take_probes(now) {
            self.retry_one_for_room(now, true);
        }
    }

    /// When [`Mirror::wake`] is due.
    pub(crate) fn next_wake(&self) -> Option<Time> {
        self.queues.next_wake(&self.slots).into_iter().chain(self.next_check()).min()
    }

    /// The peer's full sync begins: what is queued from now on is part of it.
    pub(crate) fn sync_begin(&mut self, now: Time) {
        let outstanding = self.sync.take().map_or(0, |sync| sync.outstanding);
        self.sync = Some(Sync { began: now, ended: false, outstanding });
    }

    /// The peer's full sync has been taken into the table.
    pub(crate) fn sync_end(&mut self) {
        if let Some(sync) = &mut self.sync {
            sync.ended = true;
        }
    }

    /// The time from the beginning of a full sync to the last of its outcomes, once all are there.
    pub(crate) fn poll_synced(&mut self, now: Time) -> Option<Duration> {
        let began = self.sync.as_ref().filter(|sync| sync.ended && sync.outstanding == 0)?.began;
        self.sync = None;
        Some(now.since(began))
    }

    /// The window waits for the row unless it is final. A row that waits already goes on to do so for its own window,
    /// or for this one if what is `wanted` is news: then the older change is superseded.
    #[inline]
    pub(crate) fn hold(&mut self, at: RowId, ticket: Ticket, news: bool) {
        let Some(slot) = self.slots.get_mut(at as usize) else { return };
        if slot.is_settled() || slot.ticket == ticket || slot.ticket != 0 && !news {
            return;
        }
        let before = std::mem::replace(&mut slot.ticket, ticket);
        if before != 0 {
            self.tickets.give_back(before);
        }
        self.tickets.take(ticket);
    }

    /// Notes that a row may have become an exception, or ceased to be one.
    pub(crate) fn note(&mut self, at: RowId) {
        if self.slots.len() <= at as usize {
            self.slots.resize_with(at as usize + 1, Slot::default);
        }
        if !self.slots[at as usize].facts.set(Facts::NOTED, true) {
            self.noted.push(at);
        }
    }

    /// The rows that were noted.
    pub(crate) fn take_noted(&mut self, into: &mut Vec<RowId>) {
        let others = into.len();
        into.append(&mut self.noted);
        for at in &into[others..] {
            self.slots[*at as usize].facts.set(Facts::NOTED, false);
        }
    }

    /// Notes why a noted row is an exception, or that it is none. Answers what it was.
    pub(crate) fn set_exception(&mut self, at: RowId, exception: u8) -> u8 {
        std::mem::replace(&mut self.slots[at as usize].exception, exception)
    }

    /// True when a row is an exception, or may be one because it waits for something other than its turn.
    #[inline]
    pub(crate) fn may_be_exception(&self, at: RowId) -> bool {
        self.slots.get(at as usize).is_some_and(|slot| slot.exception != 0 || slot.is_parked())
    }

    /// Rows of which the ASIC holds nothing any more.
    pub(crate) fn take_vacated(&mut self, into: &mut Vec<RowId>) {
        into.append(&mut self.vacated);
    }

    /// A key that was given to the NOS while a removal of its entry was in flight: what the NOS may have written
    /// meanwhile is gone.
    pub(crate) fn poll_taken_away(&mut self) -> Option<RowId> {
        self.taken_away.pop()
    }

    /// Rows where something was found that the hardware keeps by itself, and that is wanted otherwise.
    pub(crate) fn take_heard(&mut self) -> Vec<(RowId, E::Value)> {
        std::mem::take(&mut self.heard)
    }

    /// What the ASIC did not do, of the last batch that was answered.
    pub(crate) fn take_failures(&mut self) -> Vec<(RowId, What)> {
        std::mem::take(&mut self.failures)
    }

    /// True when the mirror need not remember the row.
    pub(crate) fn is_vacant(&self, at: RowId) -> bool {
        self.slots.get(at as usize).is_none_or(Slot::is_vacant)
    }

    /// True when the ASIC holds, or may hold, an entry of ours for the row.
    pub(crate) fn is_present(&self, at: RowId) -> bool {
        self.slots.get(at as usize).is_some_and(Slot::is_present)
    }

    /// The row's slot, to be shown.
    pub(crate) fn slot(&self, at: RowId) -> Option<&Slot<E::Value>> {
        self.slots.get(at as usize)
    }

    /// Who comes first where there is not room for all: the smaller number. To be told when the row is wanted.
    pub(crate) fn prioritize(&mut self, now: Time, at: RowId, priority: u8) {
        let Some(slot) =
            self.slots.get_mut(at as usize).filter(|slot| slot.precedence.priority() != priority)
        else {
            return;
        };
        let place = slot.place;
        if place == Place::Room {
            self.queues.lift(&mut self.slots, at);
        }
        self.slots[at as usize].precedence.set_priority(priority);
        if place == Place::Room {
            self.queues.put(&mut self.slots, at, place, now);
        }
    }

    /// How many wait for room in the hardware table.
    pub(crate) fn without_room(&self) -> usize {
        self.queues.without_room()
    }

    /// How many of this priority wait for it, for whom a slot that is freed may be of use.
    pub(crate) fn waiting_for_room(&self, priority: u8) -> usize {
        self.queues.waiting_for_room(priority)
    }

    /// How often an entry was refused for want of room, tests of whether there is some left out.
    pub(crate) fn refused_for_room(&self) -> u64 {
        self.tally.full
    }

    /// The counts.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Moves a slot from its queue into flight, and answers where it is and what is wanted there.
    fn take_off(&mut self, now: Time, at: RowId, kind: OpKind) -> (RifId, Option<E::Value>) {
        self.edit(at, |m| {
            let slot = &mut m.slots[at as usize];
            if kind == OpKind::Create {
                slot.held_rif = slot.want_rif;
            }
            if kind != OpKind::Read || slot.want.is_some() {
                slot.facts.set(Facts::RECORDED, true);
            }
            m.queues.put(&mut m.slots, at, Place::InFlight, now);
        });
        let slot = &self.slots[at as usize];
        (slot.held_rif, slot.want)
    }

    /// Puts a slot that is not in flight where it belongs.
    fn place(&mut self, now: Time, at: RowId) {
        let slot = &mut self.slots[at as usize];
        slot.leave_unreadable();
        let place = match slot.step() {
            None => {
                slot.tries = 0;
                if !slot.facts.has(Facts::CONTESTED) {
                    slot.patience = 0;
                }
                slot.moved = false;
                if slot.precedence.squeezed() > 0 {
                    self.queues.lift(&mut self.slots, at);
                    self.slots[at as usize].precedence.relax();
                }
                Place::Idle
            }
            Some(OpKind::Remove) if slot.facts.has(Facts::PINNED) => Place::InUse,
            Some(OpKind::Read) if slot.held.is_unconfirmed() => return self.confirm_later(now, at),
            Some(_) if slot.tries >= RETRY_TRIES => return self.wait(now, at),
            Some(kind) => Place::Queued(slot.class(kind), kind),
        };
        self.queues.put(&mut self.slots, at, place, now);
        self.settle_record(at);
    }

    /// Lets a slot wait, longer each time.
    fn wait(&mut self, now: Time, at: RowId) {
        let slot = &mut self.slots[at as usize];
        let level = slot.patience;
        slot.due = now + RETRY_WAITS[usize::from(level)];
        slot.patience = (level + 1).min(RETRY_WAITS.len() as u8 - 1);
        self.queues.put(&mut self.slots, at, Place::Waiting(level), now);
    }

    fn retry_one_for_room(&mut self, now: Time, probe: bool) {
        let next = if probe { self.queues.room_tester() } else { self.queues.room_head() };
        if let Some(at) = next {
            self.edit(at, |m| {
                let slot = &mut m.slots[at as usize];
                slot.facts.set(Facts::PROBE, probe);
                slot.facts.set(Facts::FREED, !probe);
                slot.tries = RETRIED;
                m.place(now, at);
            });
        }
    }

    /// Changes a slot and keeps the counts true.
    fn edit(&mut self, at: RowId, change: impl FnOnce(&mut Self)) {
        let before = Standing::of(&self.slots[at as usize]);
        change(self);
        let slot = &mut self.slots[at as usize];
        let after = Standing::of(slot);
        if let Some(sync) = &mut self.sync {
            let waits = !slot.is_final();
            let waited = slot.facts.has(Facts::IN_SYNC);
            if waited && !waits {
                sync.outstanding -= 1;
                slot.facts.set(Facts::IN_SYNC, false);
            } else if !waited && waits && !sync.ended {
                sync.outstanding += 1;
                slot.facts.set(Facts::IN_SYNC, true);
            }
        }
        if slot.ticket != 0 && slot.is_settled() {
            self.tickets.give_back(std::mem::take(&mut slot.ticket));
        }
        if (slot.exception != 0 || before.parked || after.parked) && !slot.facts.set(Facts::NOTED, true) {
            self.noted.push(at);
        }
        if before == after {
            return;
        }
        let count = |n: &mut u64, before: bool, after: bool| *n = *n + u64::from(after) - u64::from(before);
        count(&mut self.tally.wanted, before.wanted, after.wanted);
        count(&mut self.tally.programmed, before.programmed, after.programmed);
        count(&mut self.tally.parked, before.parked, after.parked);
        count(&mut self.tally.unsettled, before.unsettled, after.unsettled);
        count(&mut self.tally.unconfirmed, before.unconfirmed, after.unconfirmed);
        count(&mut self.tally.contested, before.contested, after.contested);
        if before.kept != after.kept {
            self.kept_news.push(at);
        }
        for (before, after) in [(before.present_on, after.present_on), (before.wanted_on, after.wanted_on)] {
            if before != after {
                after.into_iter().for_each(|rif| self.places.hold(rif));
                before.into_iter().for_each(|rif| self.places.let_go(rif));
            }
        }
        if before.programmed != after.programmed && self.slots[at as usize].facts.has(Facts::WATCHED) {
            self.turned.push(at);
        }
        if before.present_on.is_some() && after.present_on.is_none() {
            self.vacated.push(at);
        }
    }
}

/// The status that stands for an answer that should have been there and was not.
const UNANSWERED: Status = Status::FAILURE;
