//! Where slots wait: for their turn, for a time, for room.
//!
//! Invariant: a slot is in the one list that its place names, or in none.

use crate::limits::{CONFIRM_WAITS, RETRY_WAITS, ROOM_PROBE, ROOM_TRIES};
use crate::mirror::batch::OpKind;
use crate::mirror::pace::{CLASSES, KINDS};
use crate::mirror::slot::{ByPlace, Place, Slot};
use crate::table::list::{List, NIL};
use crate::table::row::RowId;
use crate::time::Time;

/// Lists of those that wait for room: by priority, and one of those for whom a freed slot is of no use.
const ROOMS: usize = 4;

/// The lists.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    lanes: [[List<ByPlace>; KINDS]; CLASSES],
    /// By level of patience; each list is in the order of its due times.
    waiting: [List<ByPlace>; RETRY_WAITS.len()],
    /// By how often they were read back; each list is in the order of its due times.
    confirming: [List<ByPlace>; CONFIRM_WAITS.len()],
    room: [List<ByPlace>; ROOMS],
    /// The list of which a slot tested last whether there is room.
    probed: usize,
    /// When the hardware table is next asked for room, and by how many entries.
    probe_at: Time,
    probes: usize,
}

impl Queues {
    /// Puts a slot where `place` says.
    pub(crate) fn put<V>(&mut self, slots: &mut [Slot<V>], at: RowId, place: Place, now: Time) {
        self.lift(slots, at);
        slots[at as usize].place = place;
        if place == Place::Room && self.without_room() == 0 {
            self.probe_at = now + ROOM_PROBE;
            self.probes = 1;
        }
        let room = room_of(&slots[at as usize]);
        if let Some(list) = self.list(place, room) {
            list.push_back(slots, at);
        }
    }

    /// Takes a slot out of the list that it waits in.
    pub(crate) fn lift<V>(&mut self, slots: &mut [Slot<V>], at: RowId) {
        let place = std::mem::replace(&mut slots[at as usize].place, Place::Idle);
        let room = room_of(&slots[at as usize]);
        if let Some(list) = self.list(place, room) {
            list.remove(slots, at);
        }
    }

    /// The first slot of a lane.
    pub(crate) fn head(&self, class: usize, kind: OpKind) -> Option<RowId> {
        let head = self.lanes[class][kind as usize].head();
        (head != NIL).then_some(head)
    }

    /// How many wait in a lane.
    pub(crate) fn len(&self, class: usize, kind: OpKind) -> usize {
        self.lanes[class][kind as usize].len()
    }

    /// A slot whose time has come.
    pub(crate) fn due<V>(&self, slots: &[Slot<V>], now: Time) -> Option<RowId> {
        self.timed().find(|head| slots[*head as usize].due <= now)
    }

    /// The slot that has waited longest for room of those that come first.
    pub(crate) fn room_head(&self) -> Option<RowId> {
        self.room.iter().find(|room| !room.is_empty()).map(List::head)
    }

    /// The slot that is next to test whether there is room. In a table of hash buckets one finds room where another does
    /// not, so they take turns, whoever comes first.
    pub(crate) fn room_tester(&mut self) -> Option<RowId> {
        let turns = (1..=ROOMS).map(|ahead| (self.probed + ahead) % ROOMS);
        self.probed = turns.into_iter().find(|room| !self.room[*room].is_empty())?;
        Some(self.room[self.probed].head())
    }

    /// How many wait for room.
    pub(crate) fn without_room(&self) -> usize {
        self.room.iter().map(List::len).sum()
    }

    /// How many of this priority wait for it, for whom a freed slot may be of use.
    pub(crate) fn waiting_for_room(&self, priority: u8) -> usize {
        self.room[usize::from(priority).min(ROOMS - 1)].len()
    }

    /// How many slots are to test now whether there is room; asked again a while later.
    pub(crate) fn take_probes(&mut self, now: Time) -> usize {
        let waiting = self.without_room();
        if waiting == 0 || now < self.probe_at {
            return 0;
        }
        self.probe_at = now + ROOM_PROBE;
        self.probes.min(waiting)
    }

    /// A test found room, or none.
    pub(crate) fn probed(&mut self, found: bool) {
        self.probes = if found { (self.probes * 2).min(crate::limits::BATCH_MAX) } else { 1 };
    }

    /// When something here is due.
    pub(crate) fn next_wake<V>(&self, slots: &[Slot<V>]) -> Option<Time> {
        let first = self.timed().map(|head| slots[head as usize].due).min();
        let probe = (self.without_room() > 0).then_some(self.probe_at);
        first.into_iter().chain(probe).min()
    }

    /// The first of each list that waits for a time.
    fn timed(&self) -> impl Iterator<Item = RowId> {
        self.waiting.iter().chain(&self.confirming).map(List::head).filter(|head| *head != NIL)
    }

    fn list(&mut self, place: Place, room: usize) -> Option<&mut List<ByPlace>> {
        match place {
            Place::Queued(class, kind) => Some(&mut self.lanes[class as usize][kind as usize]),
            Place::Waiting(level) => Some(&mut self.waiting[usize::from(level)]),
            Place::Confirming(level) => Some(&mut self.confirming[usize::from(level)]),
            Place::Room => Some(&mut self.room[room]),
            Place::Idle | Place::InFlight | Place::Failed | Place::InUse => None,
        }
    }
}

/// The list that a slot waits for room in.
fn room_of<V>(slot: &Slot<V>) -> usize {
    if slot.precedence.squeezed() < ROOM_TRIES {
        usize::from(slot.precedence.priority()).min(ROOMS - 2)
    } else {
        ROOMS - 1
    }
}
