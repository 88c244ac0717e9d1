//! What the mirror knows of one entry, and the one function that says what is to be done about it.
//!
//! Invariant: what is to be done follows from wanted and held alone ([`Slot::step`]); how it came to this is forgotten.

use crate::limits::ROOM_TRIES;
use crate::mirror::batch::OpKind;
use crate::mirror::entry::Value;
use crate::mirror::tickets::Ticket;
use crate::neighbor::Host;
use crate::sai::status::Status;
use crate::table::list::{Link, Linked};
use crate::time::Time;

/// A router interface, a VLAN or a virtual router, by its number in the mirror's list.
pub(crate) type RifId = u16;

/// From so many attempts on that settled nothing an entry is no longer urgent.
pub(crate) const RETRIED: u8 = 2;

/// What the ASIC holds for an entry, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held<V = Host> {
    /// Nothing of ours.
    Nothing,
    /// This.
    Host(V),
    /// It must be read back.
    Unknown,
    /// Something that we did not make, where we tried to create this. It must be read back: it may be ours from an
    /// earlier life, or somebody else's.
    Found(V),
    /// This was written, and the library said SUCCESS; a library that says so before it is done is not believed before it
    /// was read back.
    Written(V),
    /// The same of a removal.
    Erased,
}

impl<V> Held<V> {
    /// True when it must be read back before anything can be said of it.
    pub(crate) fn is_uncertain(&self) -> bool {
        !matches!(self, Held::Nothing | Held::Host(_))
    }

    /// True when the library said that it is done, and that has not been seen.
    pub(crate) fn is_unconfirmed(&self) -> bool {
        matches!(self, Held::Written(_) | Held::Erased)
    }
}

/// Facts about an entry, a bit each: a million slots are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts(u16);

impl Facts {
    /// It was adopted from before a restart, and nobody has claimed it: it stays until it is swept.
    pub(crate) const KEPT: Facts = Facts(1);
    /// It was adopted and has not been read back.
    pub(crate) const UNREAD: Facts = Facts(2);
    /// The ASIC may change it by itself: what was asked for before a restart may land yet.
    pub(crate) const DOUBT: Facts = Facts(4);
    /// The journal may name it.
    pub(crate) const RECORDED: Facts = Facts(8);
    /// It tests whether the hardware table has room again.
    pub(crate) const PROBE: Facts = Facts(16);
    /// Something else stands on it: it is told when it comes to be as wanted, or ceases to be.
    pub(crate) const WATCHED: Facts = Facts(32);
    /// The NOS uses it: it is not removed.
    pub(crate) const PINNED: Facts = Facts(64);
    /// What stands on it is not done with: neither is it.
    pub(crate) const OPEN: Facts = Facts(128);
    /// The present full sync waits for it.
    pub(crate) const IN_SYNC: Facts = Facts(256);
    /// Whether it is an exception is to be looked into.
    pub(crate) const NOTED: Facts = Facts(512);
    /// It was repaired so often that somebody else must be writing it.
    pub(crate) const CONTESTED: Facts = Facts(4096);
    /// How often it was repaired.
    const REPAIRS: u16 = 1024 | 2048;
    /// It is tried because a slot of the hardware table was freed.
    pub(crate) const FREED: Facts = Facts(8192);
    /// It was in the ASIC before it was wanted there, and that it is taken over has not been told.
    pub(crate) const INHERITED: Facts = Facts(16384);
    /// What it stands on waits for it to be elsewhere, or gone.
    pub(crate) const AWAITED: Facts = Facts(32_768);

    pub(crate) fn has(self, fact: Facts) -> bool {
        self.0 & fact.0 != 0
    }

    /// How often it was repaired; three is three or more.
    pub(crate) fn repairs(self) -> u8 {
        ((self.0 & Facts::REPAIRS) >> 10) as u8
    }

    /// Notes how often it was repaired.
    pub(crate) fn set_repairs(&mut self, times: u8) {
        self.0 = self.0 & !Facts::REPAIRS | u16::from(times.min(3)) << 10;
    }

    /// Notes a fact, or that it is none. Answers what it was.
    pub(crate) fn set(&mut self, fact: Facts, holds: bool) -> bool {
        let before = self.has(fact);
        self.0 = if holds { self.0 | fact.0 } else { self.0 & !fact.0 };
        before
    }
}

/// Where an entry waits for room: who comes first where there is not room for all, the smaller number, and how often it was
/// refused although a slot had been freed. And, in the bits that are left, how often what was written was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Precedence(u8);

impl Precedence {
    pub(crate) fn priority(self) -> u8 {
        self.0 & 3
    }

    pub(crate) fn set_priority(&mut self, priority: u8) {
        self.0 = self.0 & !3 | priority.min(3);
    }

    /// A slot was freed, and it was refused.
    pub(crate) fn squeeze(&mut self) {
        self.set_squeezed((self.squeezed() + 1).min(ROOM_TRIES));
    }

    /// It is in, or not wanted any more.
    pub(crate) fn relax(&mut self) {
        self.set_squeezed(0);
    }

    pub(crate) fn squeezed(self) -> u8 {
        self.0 >> 2 & 7
    }

    fn set_squeezed(&mut self, times: u8) {
        self.0 = self.0 & !(7 << 2) | (times & 7) << 2;
    }

    /// Writes in a row of which the library said SUCCESS and that were never seen; [`LOST_MOST`] is that or more.
    pub(crate) fn lost(self) -> u8 {
        self.0 >> 5
    }

    pub(crate) fn set_lost(&mut self, times: u8) {
        self.0 = self.0 & 31 | times.min(LOST_MOST) << 5;
    }
}

/// So many lost writes are told apart.
pub(crate) const LOST_MOST: u8 = 7;
const _: () = assert!(ROOM_TRIES <= 7, "three bits hold it");

/// How urgent an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The entry forwards wrongly now, or may.
    Wrong,
    /// The entry must go.
    Delete,
    /// The entry is new.
    New,
    /// Tried before.
    Bulk,
}

/// Where a slot waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere: it is as wanted, or nothing can be done.
    Idle,
    /// In a queue for the ASIC.
    Queued(Class, OpKind),
    /// In a batch that the ASIC has not answered.
    InFlight,
    /// For a time, at this level of patience.
    Waiting(u8),
    /// To be read back, because a library that says SUCCESS before it is done said so; so often it was already.
    Confirming(u8),
    /// For room in the hardware table.
    Room,
    /// For another want: what was wanted is wrong.
    Failed,
    /// For the NOS to use it no more: it is to be removed.
    InUse,
}

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Slot<V = Host> {
    /// What the ASIC should hold.
    pub(crate) want: Option<V>,
    /// What it holds.
    pub(crate) held: Held<V>,
    /// Where the slot waits.
    pub(crate) place: Place,
    /// How long it waits the next time it has to.
    pub(crate) patience: u8,
    /// Attempts in a row that settled nothing.
    pub(crate) tries: u8,
    /// The key is the NOS's: what the ASIC holds is its business.
    pub(crate) foreign: bool,
    /// The key was given to the NOS while an operation was in flight: the answer is not about an entry of ours.
    pub(crate) handed: bool,
    /// It takes the place of the same address on another interface: nothing forwards in between.
    pub(crate) moved: bool,
    /// A write was refused, and a library that refuses may yet have done it: what is held is looked at again before it
    /// is relied on.
    pub(crate) doubted: bool,
    /// The library cannot read entries back: find out by writing.
    pub(crate) blind: bool,
    /// Where it would wait for room.
    pub(crate) precedence: Precedence,
    /// What else is known of it.
    pub(crate) facts: Facts,
    /// Why it is not in the ASIC although the peer claims it: a number of `node::hardware`'s; zero when it is.
    pub(crate) exception: u8,
    /// The window of the peer's changes that waits for it.
    pub(crate) ticket: Ticket,
    /// Where it should be held.
    pub(crate) want_rif: RifId,
    /// Where it is held.
    pub(crate) held_rif: RifId,
    /// The last refusal.
    pub(crate) status: Status,
    /// When a waiting slot is due.
    pub(crate) due: Time,
    /// Its neighbours in the list that it waits in.
    pub(crate) link: Link,
}

impl<V> Default for Slot<V> {
    fn default() -> Self {
        Slot {
            want: None,
            held: Held::Nothing,
            place: Place::Idle,
            patience: 0,
            tries: 0,
            foreign: false,
            handed: false,
            moved: false,
            doubted: false,
            blind: false,
            precedence: Precedence::default(),
            facts: Facts::default(),
            exception: 0,
            ticket: 0,
            want_rif: 0,
            held_rif: 0,
            status: Status::SUCCESS,
            due: Time::ZERO,
            link: Link::default(),
        }
    }
}

/// The list that a slot waits in.
#[derive(Debug)]
pub(crate) enum ByPlace {}

impl<V> Linked<ByPlace> for Slot<V> {
    fn link(&self) -> &Link {
        &self.link
    }
    fn link_mut(&mut self) -> &mut Link {
        &mut self.link
    }
}

impl<V: Value> Slot<V> {
    /// The operation that brings what is held nearer to what is wanted; `None` when they agree.
    pub(crate) fn step(&self) -> Option<OpKind> {
        match (self.want, self.held) {
            (None, Held::Nothing) => None,
            (Some(want), Held::Written(sent)) if self.want_rif == self.held_rif && want.must_set(sent) => {
                Some(OpKind::SetMac)
            }
            (_, Held::Written(_) | Held::Erased) => Some(OpKind::Read),
            (_, Held::Found(_)) if !(self.blind && self.is_wanted_there()) => Some(OpKind::Read),
            (_, Held::Found(_)) => Some(OpKind::SetMac),
            (None, Held::Unknown) if self.facts.has(Facts::KEPT) && !self.blind => Some(OpKind::Read),
            (None, Held::Host(_) | Held::Unknown) if self.facts.has(Facts::KEPT) => None,
            (None, Held::Host(_) | Held::Unknown) => Some(OpKind::Remove),
            (Some(_), Held::Nothing) => Some(OpKind::Create),
            (Some(_), Held::Host(_) | Held::Unknown) if self.want_rif != self.held_rif => {
                Some(OpKind::Remove)
            }
            (Some(_), Held::Unknown) if self.blind => Some(OpKind::SetMac),
            (Some(_), Held::Unknown) => Some(OpKind::Read),
            (Some(want), Held::Host(held)) if want.must_set(held) => Some(OpKind::SetMac),
            (Some(_), Held::Host(_)) if self.doubted && self.blind => Some(OpKind::SetMac),
            (Some(_), Held::Host(_)) => self.doubted.then_some(OpKind::Read),
        }
    }

    /// What was read back. An entry that we did not make is adopted where it is wanted; where it is not, it is ours to
    /// remove only if it is what we would have made.
    pub(crate) fn read_back(&mut self, read: Option<V>) {
        self.held = match (self.held, read) {
            (_, None) => Held::Nothing,
            (Held::Found(tried), Some(host))
                if !self.is_wanted_there() && !self.facts.has(Facts::DOUBT) && host != tried =>
            {
                Held::Nothing
            }
            (_, Some(host)) => Held::Host(host),
        };
    }

    /// An entry that we did not make and that cannot be read back is left alone where it is not wanted.
    pub(crate) fn leave_unreadable(&mut self) {
        self.held = match self.held {
            Held::Found(_) if self.blind && !self.is_wanted_there() => Held::Nothing,
            // What cannot be looked at is as the library says.
            Held::Written(value) if self.blind => Held::Host(value),
            Held::Erased if self.blind => Held::Nothing,
            held => held,
        };
    }

    fn is_wanted_there(&self) -> bool {
        self.want.is_some() && self.want_rif == self.held_rif
    }

    /// How urgent that operation is.
    pub(crate) fn class(&self, kind: OpKind) -> Class {
        match kind {
            _ if self.tries >= RETRIED => Class::Bulk,
            OpKind::Read if self.want.is_none() || self.held.is_unconfirmed() => Class::Delete,
            OpKind::SetMac | OpKind::Read => Class::Wrong,
            OpKind::Remove if self.want.is_some() => Class::Wrong,
            OpKind::Remove => Class::Delete,
            OpKind::Create if self.moved => Class::Wrong,
            OpKind::Create => Class::New,
        }
    }

    /// True when the ASIC holds, or may hold or be given, an entry of ours.
    pub(crate) fn is_present(&self) -> bool {
        self.held != Held::Nothing || self.place == Place::InFlight
    }

    /// True when the ASIC holds, or may hold, an entry of ours from before a restart that nobody has claimed.
    pub(crate) fn is_kept(&self) -> bool {
        self.facts.has(Facts::KEPT) && self.is_present()
    }

    /// True when the ASIC holds an entry of ours, or may be given one by what was asked for before a restart.
    pub(crate) fn may_be_there(&self) -> bool {
        self.is_present() || self.facts.has(Facts::DOUBT)
    }

    /// True when the ASIC is known to hold what is wanted, where it is wanted.
    pub(crate) fn is_programmed(&self) -> bool {
        self.want.is_some() && self.step().is_none()
    }

    /// True when nothing more happens to it unless something else changes first.
    pub(crate) fn is_final(&self) -> bool {
        !self.facts.has(Facts::OPEN)
            && match self.place {
                Place::Idle | Place::Failed | Place::Room | Place::InUse => true,
                Place::Waiting(_) => !self.held.is_uncertain(),
                Place::Queued(..) | Place::InFlight | Place::Confirming(_) => false,
            }
    }

    /// True when nobody need wait for it: it is final, or the NOS's.
    pub(crate) fn is_settled(&self) -> bool {
        self.foreign || self.is_final()
    }

    /// True when somebody else writes it, and it is left as it is for a while.
    pub(crate) fn is_contested(&self) -> bool {
        self.place == Place::Failed && self.facts.has(Facts::CONTESTED)
    }

    /// True when it waits for something other than its turn.
    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.place, Place::Room | Place::Waiting(_) | Place::Failed | Place::InUse)
    }

    /// True when the mirror has no reason to remember it.
    pub(crate) fn is_vacant(&self) -> bool {
        self.want.is_none()
            && !self.is_present()
            && self.place == Place::Idle
            && !self.foreign
            && !self.facts.has(Facts::DOUBT)
            && !self.facts.has(Facts::PINNED)
            && self.exception == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::Mac;

    #[test]
    fn what_is_to_be_done_follows_from_wanted_and_held() {
        let host = |n| Host { mac: Mac([2, 0, 0, 0, 0, n]), no_host_route: false };
        let unknown = Held::Unknown;
        // (wanted, held, on the same router interface, readable) -> step
        let cases = [
            (None, Held::Nothing, true, true, None),
            (None, Held::Host(host(1)), true, true, Some(OpKind::Remove)),
            (None, unknown, true, true, Some(OpKind::Remove)),
            (Some(host(1)), Held::Nothing, true, true, Some(OpKind::Create)),
            (Some(host(1)), Held::Host(host(1)), true, true, None),
            (Some(host(1)), Held::Host(host(2)), true, true, Some(OpKind::SetMac)),
            (Some(host(1)), Held::Host(host(1)), false, true, Some(OpKind::Remove)),
            (Some(host(1)), unknown, true, true, Some(OpKind::Read)),
            (Some(host(1)), unknown, true, false, Some(OpKind::SetMac)),
            (Some(host(1)), unknown, false, true, Some(OpKind::Remove)),
        ];
        for (want, held, same_rif, readable, step) in cases {
            let slot: Slot =
                Slot { want, held, held_rif: u16::from(!same_rif), blind: !readable, ..Slot::default() };
            assert_eq!(slot.step(), step, "{want:?} {held:?} {same_rif} {readable}");
        }
        // As it is wanted, as far as is known; but a refused write may have changed it.
        for (blind, step) in [(false, OpKind::Read), (true, OpKind::SetMac)] {
            let (want, held) = (Some(host(1)), Held::Host(host(1)));
            let slot = Slot { want, held, blind, doubted: true, ..Slot::default() };
            assert_eq!(slot.step(), Some(step));
        }
    }
}
